"""Which steps of each sequence are drawn, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass

from derive.emit.graph import words
from derive.emit.graph.instance import is_step
from derive.emit.graph.units import Network, lag
from derive.emit.notation.forms import Form
from derive.expressions import refs


@dataclass(frozen=True)
class Steps:
    """Which steps of a sequence are drawn.

    Attributes:
        length: of the sequence in the instance.
        labels: of each step that is drawn.
        gaps: the ranges of steps that are drawn as dots.
    """

    length: int
    labels: dict[int, Form]
    gaps: tuple[range, ...] = ()

    def column(self, step: int) -> float:
        """The column of a step; steps of one gap share a column between its neighbours."""
        shown = sorted(self.labels)
        if step in self.labels:
            return float(shown.index(step))
        if self.is_hidden(step):
            return sum(other < step for other in shown) - 0.5
        return float(step - shown[0]) if step < shown[0] else float(len(shown) - 1 + step - shown[-1])

    def is_hidden(self, step: int) -> bool:
        """Whether the step is drawn as dots."""
        return any(step in gap for gap in self.gaps)

    def label(self, step: int) -> Form:
        """What a step is called."""
        if step in self.labels:
            return self.labels[step]
        shown = sorted(self.labels)
        near = shown[0] if step < shown[0] else max(other for other in shown if other < step)
        return words.moved(self.labels[near], step - near)


def plan(network: Network, steps: int) -> dict[str, Steps]:
    """Which steps of each sequence are drawn: some in the middle where all are alike, else the first and the last."""
    names = sequences(network)
    longest = max((abs(lag(r) or 0) for r in network.reads), default=1) or 1
    if len(names) == 1 and is_uniform(network):
        first = longest + 1
        before = 0 if steps == 1 else 1
        labels = {first + n: words.step(names[0].lower(), n - before) for n in range(steps)}
        last = first + steps - 1
        gaps = (range(1 - longest, first), range(last + 1, last + longest * 2 + 1))
        return {names[0]: Steps(last + longest, labels, gaps)}
    found = {}
    for name in names:
        length = 1 if steps == 1 else steps + longest
        labels = {n: words.number(n) for n in range(1, steps)} | {length: words.step(name, 0)}
        found[name] = Steps(length, labels, (range(steps, length),) if steps > 1 else ())
    return found


def counted(network: Network, length: int) -> dict[str, Steps]:
    """Every step of sequences that are so long, by its number."""
    labels = {n: words.number(n) for n in range(1, length + 1)}
    return {name: Steps(length, labels) for name in sequences(network)}


def sequences(network: Network) -> list[str]:
    """The sequences of a network, in the order of the file."""
    return list(dict.fromkeys(name for unit in network.units.values() for name in unit.sequences))


def is_uniform(network: Network) -> bool:
    """Whether every step is like every other: only shifts are read, and nothing stands at an end."""
    for read in network.reads:
        source, target = network.units[read.source], network.units[read.target]
        if any(refs(step) for step in read.at):
            return False
        if source.group and not (target.group and lag(read) is not None):
            return False
        if target.group and not is_step(read.to[0]):
            return False
    return True
