"""Cycles among the equations: each must be broken by a shift along some sequence.

An order of the equations' cells is looked for as a schedule finds one (Allen & Kennedy): along one sequence, in one
direction, no reading goes against the order; those that go with it are settled, and the rest is ordered within a step.
What has no such order is refused here, where its place is known; a schedule is exact where this is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

import sympy

from derive.affine import at_least, split
from derive.components import components
from derive.expressions import Index
from derive.language import rules_sequences
from derive.language.affines import extremes, floor
from derive.language.build import Checked
from derive.language.context import Read
from derive.language.symbols import Defined, Symbols

MOST_TRIED = 256  # ways to choose an index for each equation


@dataclass(frozen=True)
class Edge:
    """One equation reads what another defines.

    Attributes:
        source: the number of the equation that reads.
        target: the number of the equation that defines what is read.
        read: the reading.
        one: the equation that reads.
        other: the equation that is read.
    """

    source: int
    target: int
    read: Read
    one: Checked
    other: Checked

    def lag(self, here: int, there: int, sign: int) -> int | None:
        """How many steps earlier (to the right: later) it reads at least, between a sequence of each equation."""
        known: list[int] = []
        written = self.other.left.steps[there]
        for step in {self.read.steps[there], *([] if written in self.other.left.indices else [written])}:
            low, _ = extremes(sympy.expand(sign * (self.one.left.steps[here] - step)), self.one.work.ranges)
            least = floor(low)
            known += [least] if least is not None else []
        return max(known, default=None)


Choice = Mapping[int, int]  # for each equation, which of its sequences


def check_cycles(checked: list[Checked], symbols: Symbols) -> set[str]:
    """Report the cycles that no shift breaks; the variables on them."""
    defining: dict[str, list[int]] = {}
    for number, one in enumerate(checked):
        defining.setdefault(one.statement.name, []).append(number)
    edges: list[Edge] = []
    for number, one in enumerate(checked):
        for read in one.work.reads:
            targets = [n for n in defining.get(read.name, []) if _reaches(one, read, checked[n], symbols)]
            edges += [Edge(number, n, read, one, checked[n]) for n in targets]
    faulty: set[str] = set()
    for inner in _circular(range(len(checked)), edges):
        names = {edge.one.statement.name for edge in inner}
        stuck = [] if names & symbols.file.faulty else _stuck(inner)
        if stuck:
            faulty |= names
            _report(stuck)
    return faulty


def _reaches(one: Checked, read: Read, other: Checked, symbols: Symbols) -> bool:
    """Whether a reading may be of a cell that an equation defines."""
    defined: Defined = symbols.defined[read.name]
    for position, step in enumerate(read.steps):
        low, high = extremes(step, one.work.ranges)
        written = other.left.steps[position]
        first, last = defined.reach(position) if written in other.left.indices else (written, written)
        if at_least(first - 1, high) or at_least(low, last + 1):
            return False
    return True


def _circular(numbers: Iterable[int], edges: list[Edge]) -> Iterator[list[Edge]]:
    """The edges of each strongly connected component that has some."""
    leaving: dict[int, list[Edge]] = {number: [] for number in numbers}
    for edge in edges:
        leaving[edge.source].append(edge)
    for component in components({number: [edge.target for edge in out] for number, out in leaving.items()}):
        members = set(component)
        inner = [edge for number in component for edge in leaving[number] if edge.target in members]
        if inner:
            yield inner


def _stuck(edges: list[Edge]) -> list[Edge]:
    """The edges of a component for which no order is found; none where there is one."""
    worst = edges
    for tried, (choice, sign) in enumerate(_choices(edges)):
        if tried == MOST_TRIED:
            return []  # it may have an order: whoever schedules it says so
        lags = [edge.lag(choice[edge.source], choice[edge.target], sign) for edge in edges]
        known = [lag for lag in lags if lag is not None]
        potential = _potential(edges, known) if len(known) == len(edges) else None
        if potential is None:
            continue
        tight = [
            edge
            for edge, lag in zip(edges, known, strict=True)
            if potential[edge.target] == potential[edge.source] + lag
        ]
        rest = list(_circular(choice, tight))
        if sum(map(len, rest)) == len(edges):
            continue
        stuck = next((left for left in map(_stuck, rest) if left), [])
        if not stuck:
            return []
        worst = min(worst, stuck, key=len)
    return worst


def _choices(edges: list[Edge]) -> Iterator[tuple[Choice, int]]:
    """The ways to choose a sequence that all equations have, one of its indices in each, and a direction."""
    equations = {edge.source: edge.one for edge in edges}
    axes = {n: [axis.size for axis in one.sequences] for n, one in equations.items()}
    for size in dict.fromkeys(size for found in axes.values() for size in found):
        for sign in (1, -1):
            positions = {n: [p for p, axis in enumerate(found) if axis == size] for n, found in axes.items()}
            _without_unknown(positions, edges, sign)
            for chosen in product(*positions.values()):
                yield dict(zip(positions, chosen, strict=True)), sign


def _without_unknown(positions: dict[int, list[int]], edges: list[Edge], sign: int) -> None:
    """Leave out the indices from which some reading is an unknown number of steps away, whatever the other index is."""
    changed = any(len(found) > 1 for found in positions.values())
    while changed:
        changed = False
        for edge in edges:
            here, there = positions[edge.source], positions[edge.target]
            pairs = [(p, q) for p in here for q in there if edge.lag(p, q, sign) is not None]
            if edge.source == edge.target:
                pairs = [(p, q) for p, q in pairs if p == q]
            positions[edge.source] = [p for p in here if p in {one for one, _ in pairs}]
            positions[edge.target] = [q for q in there if q in {other for _, other in pairs}]
            changed = changed or len(positions[edge.source]) < len(here) or len(positions[edge.target]) < len(there)


def _potential(edges: list[Edge], lags: Sequence[int]) -> dict[int, int] | None:
    """A number for each equation, from which no lag takes away; None where a cycle goes back (Bellman & Ford)."""
    potential = {edge.source: 0 for edge in edges}
    for _ in range(len(potential) + 1):
        changed = False
        for edge, lag in zip(edges, lags, strict=True):
            reached = potential[edge.source] + lag
            if reached < potential[edge.target]:
                potential[edge.target], changed = reached, True
        if not changed:
            return potential
    return None


def _worst_cycle(edges: list[Edge], choice: Choice | None, sign: int) -> tuple[list[Edge], int | None]:
    """A cycle whose lags do not add up to at least 1, with their sum (None where one is not known)."""
    lags = {id(e): e.lag(choice[e.source], choice[e.target], sign) if choice else None for e in edges}
    unknown = sorted((edge for edge in edges if lags[id(edge)] is None), key=_share)
    if unknown:
        return [unknown[0], *_path(unknown[0].target, unknown[0].source, edges)], None
    size = len({edge.source for edge in edges}) + 1
    distance = {edge.source: 0 for edge in edges}
    previous: dict[int, Edge] = {}
    changed = edges[0].source
    for _ in range(size):
        for edge in edges:
            reached = distance[edge.source] + (lags[id(edge)] or 0) * size - 1  # negative where the lags are <= 0
            if reached < distance[edge.target]:
                distance[edge.target], previous[edge.target], changed = reached, edge, edge.target
    for _ in range(size):
        changed = previous[changed].source
    cycle = [previous[changed]]
    while cycle[-1].source != changed:
        cycle.append(previous[cycle[-1].source])
    return cycle[::-1], sum(lags[id(edge)] or 0 for edge in cycle)


def _share(edge: Edge) -> bool:
    """Whether two equations run over a common sequence."""
    return bool({axis.size for axis in edge.one.sequences} & {axis.size for axis in edge.other.sequences})


def _path(start: int, end: int, edges: list[Edge]) -> list[Edge]:
    """The shortest way from an equation to another within a component."""
    arrived: dict[int, Edge] = {}
    ring = [start]
    while ring and end not in arrived and start != end:
        reached = [e for number in ring for e in edges if e.source == number and e.target not in (start, *arrived)]
        ring = []
        for edge in reached:
            if edge.target not in arrived:
                arrived[edge.target] = edge
                ring.append(edge.target)
    path: list[Edge] = []
    while end != start:
        path.append(arrived[end])
        end = arrived[end].source
    return path[::-1]


def _report(edges: list[Edge]) -> None:
    """Report a cycle that no shift breaks, or two that are broken in opposite directions."""
    ways = list(islice(_choices(edges), MOST_TRIED))
    choices = [choice for choice, sign in ways if sign == 1]
    for choice in choices:
        one, total = _worst_cycle(edges, choice, 1)
        other, back = _worst_cycle(edges, choice, -1)
        if (total and (back or _runs(other, choice, 1))) or (back and _runs(one, choice, -1)):
            at = _first(one)[0]
            at.one.work.sink.report(at.read.node, rules_sequences.cycle_both_ways(_text(other), _text(one)))
            return
    cycle, total = _worst_cycle(edges, next(iter(choices), None), 1)
    other, back = _worst_cycle(edges, next((choice for choice, sign in ways if sign == -1), None), -1)
    _report_unbroken(other if total and not back else cycle)


def _runs(cycle: list[Edge], choice: Choice, sign: int) -> bool:
    """Whether every step of a cycle is known, and they lead on in a direction."""
    lags = [edge.lag(choice[edge.source], choice[edge.target], sign) for edge in cycle]
    return None not in lags and sum(lag or 0 for lag in lags) > 0


def _report_unbroken(cycle: list[Edge]) -> None:
    """Report a cycle that no shift breaks."""
    sink, at = cycle[0].one.work.sink, _first(cycle)[0].read.node
    for edge in cycle:
        sizes = [axis.size for axis in edge.one.sequences]
        last = edge.one.statement.subscripts[len(sizes) - 1 : len(sizes)]
        if len(cycle) > 1 and len(set(sizes)) < len(sizes):
            index = sink.source.short(last[0])
            mend = f"a helper, def {edge.one.statement.name}(): return ..., is needed only where {index} has a range, "
            sink.report(at, rules_sequences.unbroken_cycle(_text(cycle), f"{mend}not at every {index}"))
            return
    edge, mend = _mend(_first(cycle))
    sink.report(edge.read.node, rules_sequences.unbroken_cycle(_text(cycle), mend))


def _mend(cycle: list[Edge]) -> tuple[Edge, str]:
    """Which reading of a cycle to change, and into what: a range that ends before, or a step before."""
    steps = [(edge, *split(step)) for edge in cycle for step in edge.read.steps]
    known = [(edge, index, offset) for edge, index, offset in steps if index is not None]
    shifted = {index.axis for edge, index, offset in known if index in edge.one.left.indices and offset}
    for edge, index, _ in known:
        here = [_name(i) for i in edge.one.left.indices if i.axis == index.axis]
        if index in edge.one.left.indices or not here:
            continue
        if _name(index) not in here:
            return edge, f"read earlier steps only: ({_name(index)}, 1, {here[0]}-1)"
        if index.axis in shifted:
            return edge, f"it is read at every {_name(index)} there, at later ones too"
    for edge, index, offset in known:
        if index in edge.one.left.indices and not offset:
            return edge, f"read an earlier step: [{_name(index)}-1]"
    return cycle[0], ""


def _name(index: Index) -> str:
    """An index as the file has it."""
    return str(index.name).partition("'")[0]


def _first(cycle: list[Edge]) -> list[Edge]:
    """A cycle, beginning with the equation that comes first in the file."""
    first = min(range(len(cycle)), key=lambda n: cycle[n].one.statement.node.lineno)
    return cycle[first:] + cycle[:first]


def _text(cycle: list[Edge]) -> str:
    """A cycle as a chain of readings."""
    cycle = _first(cycle)
    short = cycle[0].one.work.sink.source.short
    return " -> ".join([short(cycle[0].one.statement.left), *(short(edge.read.node) for edge in cycle)])
