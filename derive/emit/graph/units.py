"""What is drawn as one node: a variable, or a chain of variables in which each is a function of the one before alone.

`a -> h = tanh(a)` is one node with the letter of the last. `o -> yhat = softmax(o) -> loss` is one node with the letter
of the first, as textbooks draw an output: the loss compares a function of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from derive.affine import split
from derive.components import components
from derive.emit.graph.network import LOSS, Read, Subscripts, reads, sequences_of, step_losses
from derive.emit.graph.picture import NodeKind
from derive.system import Role, System

_NEAR = 4  # how many rows an arrow from above may run downwards


@dataclass(frozen=True)
class Unit:
    """What is drawn as one node at every step.

    Attributes:
        name: the variable whose letter it has; what is drawn once more, `y[t-1]`, has its shift behind it.
        members: the variables that it stands for, in the order of the chain.
        group: the sequences whose steps it is drawn at.
        kept: the places of these among its sequences.
        sequences: all its sequences.
        kind: what it is to the network.
        recurs: whether it is in a cycle that a delay breaks.
        shift: how many steps before the step that it is drawn at it is.
    """

    name: str
    members: tuple[str, ...]
    group: tuple[str, ...]
    kept: tuple[int, ...]
    sequences: tuple[str, ...]
    kind: NodeKind
    recurs: bool
    shift: int = 0

    @property
    def variable(self) -> str:
        """The variable whose letter it has."""
        return self.name.partition("[")[0]


@dataclass(frozen=True)
class Network:
    """The units of a system and who reads whom.

    Attributes:
        system: what it is of.
        units: by name, in the order of the file.
        reads: between units; sources and targets are names of units, steps those that are drawn.
    """

    system: System
    units: dict[str, Unit]
    reads: tuple[Read, ...]

    @cached_property
    def unit_of(self) -> dict[str, Unit]:
        """The unit that each variable is part of."""
        return {member: unit for unit in self.units.values() for member in unit.members if not unit.shift}


def network(system: System, again: bool = True) -> Network:
    """The units of a system.

    Args:
        system: a model, as its file says it.
        again: whether what is read far below its place is drawn once more there.
    """
    found = reads(system)
    names = sorted({r.source for r in found} | {r.target for r in found} | {LOSS}, key=system.position.__getitem__)
    every = {name: sequences_of(system.by_name[name]) for name in names}
    every[LOSS] = tuple(index.axis.name for index in step_losses(system))
    cycle = _cycles(names, found)
    kept = _kept(every, found, cycle)
    drawn = tuple(dict.fromkeys(_drawn(read, kept) for read in found))
    chains = _chains(system, names, kept, drawn)
    home = {member: chain[0] for chain in chains for member in chain[1]}
    units = {}
    outputs = {r.source for r in drawn if r.target == LOSS}
    for name, members in chains:
        sequences = every[name]
        recurs = any(cycle[m] == cycle[r.source] for m in members for r in drawn if r.target == m)
        kind = _kind(system, name, members, outputs, recurs, drawn)
        group = tuple(sequences[place] for place in kept[name])
        units[name] = Unit(name, members, group, kept[name], sequences, kind, recurs)
    between = (Read(home[r.source], r.at, home[r.target], r.to, r.domain, r.within, r.when, r.labels) for r in drawn)
    inside = tuple(r for r in between if r.source != r.target or r.at != r.to)
    whole = Network(system, {name: units[name] for name in names if name in units}, inside)
    return _repeated(whole) if again else whole


def _repeated(network: Network) -> Network:
    """What is compared above and read again far below is drawn once more there: `y[t-1]`, a label that is fed in."""
    above = _above(network)
    units, found = dict(network.units), []
    for read in network.reads:
        unit, shift = network.units[read.source], lag(read)
        if unit.kind == "label" and shift and len(unit.group) == 1 and above.get(read.target, 0) > _NEAR:
            again = Unit(
                f"{unit.name}[{-shift:+d}]", unit.members, unit.group, unit.kept, unit.sequences, "label", False, shift
            )
            units.setdefault(again.name, again)
            read = replace(read, source=again.name, at=read.to)
        found.append(read)
    return Network(network.system, units, tuple(found))


def _above(network: Network) -> dict[str, int]:
    """How many arrows of one step are between each unit and the loss that compares with a label; 0 without one."""
    above: dict[str, int] = {LOSS: 1} if any(r.target == LOSS for r in network.reads) else {}
    same = [r for r in network.reads if r.at == r.to and r.source != r.target]
    for _ in range(len(network.units)):
        changed = False
        for read in same:
            if read.target in above and above.get(read.source, 0) < above[read.target] + 1 <= len(network.units):
                above[read.source], changed = above[read.target] + 1, True
        if not changed:
            break
    return above


def lag(read: Read, place: int = 0) -> int | None:
    """How many steps before its reader a value is read; None where both count other steps."""
    if place >= len(read.at) or place >= len(read.to):
        return None
    if read.to[place] == read.at[place]:
        return 0
    (here, plus), (there, more) = split(read.to[place]), split(read.at[place])
    difference = plus - more
    return int(difference) if here is there and here is not None and difference.is_Integer else None


def _cycles(names: Iterable[str], found: Iterable[Read]) -> dict[str, int]:
    """The strongly connected component that each variable is in."""
    numbers = {name: n for n, name in enumerate(names)}
    graph: dict[int, list[int]] = {n: [] for n in numbers.values()}
    for read in found:
        graph[numbers[read.source]].append(numbers[read.target])
    inverse = list(numbers)
    return {inverse[n]: which for which, part in enumerate(components(graph)) for n in part}


def _kept(
    every: dict[str, tuple[str, ...]], found: tuple[Read, ...], cycle: dict[str, int]
) -> dict[str, tuple[int, ...]]:
    """Which of its sequences each variable is unrolled over: those that it recurs along, and at least the first.

    Where anything recurs along two, all that has these two is drawn on the same grid.
    """
    along: dict[str, set[int]] = {name: set() for name in every}
    for read in found:
        if cycle[read.source] == cycle[read.target] and every[read.source] == every[read.target]:
            places = {place for place in range(len(read.to)) if lag(read, place)}
            along[read.target] |= places
            along[read.source] |= places
    grids = {every[name] for name, places in along.items() if len(places) > 1}
    kept = {}
    for name, sequences in every.items():
        some = tuple(sorted(along[name])[:2]) or (0,)[: len(sequences)]
        kept[name] = tuple(range(len(sequences)))[:2] if sequences in grids else some
    return kept


def _drawn(read: Read, kept: dict[str, tuple[int, ...]]) -> Read:
    """The read at the steps that are drawn."""

    def some(subscripts: Subscripts, name: str) -> Subscripts:
        return tuple(subscripts[place] for place in kept[name] if place < len(subscripts))

    at, to = some(read.at, read.source), some(read.to, read.target)
    return Read(read.source, at, read.target, to, read.domain, read.within, read.when, read.labels)


def _chains(
    system: System, names: list[str], kept: dict[str, tuple[int, ...]], drawn: tuple[Read, ...]
) -> list[tuple[str, tuple[str, ...]]]:
    """The variables in chains, each with the name of the one whose letter it has."""
    into: dict[str, set[str]] = {name: set() for name in names}
    out: dict[str, set[str]] = {name: set() for name in names}
    plain: dict[str, bool] = dict.fromkeys(names, True)
    for read in drawn:
        into[read.target].add(read.source)
        out[read.source].add(read.target)
        if read.at != read.to or read.labels:
            plain[read.target] = False

    follows: dict[str, str] = {}
    for name in names:
        one = next(iter(into[name])) if len(into[name]) == 1 else ""
        if not one or name == LOSS or not plain[name] or system.by_name[one].role is not Role.VAR:
            continue
        if len(kept[name]) == len(kept[one]) and (out[name] == {LOSS} or out[one] == {name}):
            follows[name] = one
    chains: dict[str, list[str]] = {}
    for name in names:
        first = name
        while first in follows:
            first = follows[first]
        chains.setdefault(first, []).append(name)
    return [_named(members, follows, out) for members in chains.values()]


def _named(members: list[str], follows: dict[str, str], out: dict[str, set[str]]) -> tuple[str, tuple[str, ...]]:
    """The members in order, under the last one that more than the loss's view of it reads."""
    ordered = sorted(members, key=lambda name: _depth(name, follows))
    letter = ordered[-1]
    while letter in follows and out[letter] == {LOSS}:
        letter = follows[letter]
    return letter, tuple(ordered)


def _depth(name: str, follows: dict[str, str]) -> int:
    depth = 0
    while name in follows:
        name, depth = follows[name], depth + 1
    return depth


def _kind(
    system: System, name: str, members: tuple[str, ...], outputs: set[str], recurs: bool, drawn: tuple[Read, ...]
) -> NodeKind:
    if name == LOSS:
        return "loss"
    role = system.by_name[name].role
    if role in (Role.TARGET, Role.LABEL):
        return "label"
    if role is not Role.VAR:
        return "input"
    if outputs & set(members[1:]) or (outputs & set(members) and not recurs):
        return "output"
    return "hidden"
