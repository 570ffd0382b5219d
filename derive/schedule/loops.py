"""Which statements loop, and over what (Allen & Kennedy, 1987).

An acyclic component of the dependence graph is an array statement over all steps. For a cyclic one a sequence is chosen
and a potential per statement, so that all distances have one sign and not all are zero: a loop. The edges that it
carries are dropped and what is left is scheduled inside in the same way.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from derive.affine import split
from derive.calculus.indices import indices
from derive.components import components
from derive.errors import DeriveError, Fault
from derive.expressions import AxisKind, Index
from derive.schedule.dependence import Edge
from derive.system import Equation, Reduction


@dataclass(frozen=True)
class Member:
    """A statement inside a loop: at loop step tau its own `index` is `tau - potential`."""

    number: int
    index: Index
    potential: int


@dataclass(frozen=True)
class LoopNest:
    """Statements that run step by step, in the order of `body` within each step."""

    members: tuple[Member, ...]
    forward: bool
    body: tuple[Node, ...]

    @cached_property
    def by_number(self) -> Mapping[int, Member]:
        """The members by the numbers of their statements."""
        return {member.number: member for member in self.members}

    @property
    def depth(self) -> int:
        """How many loops stand in one another."""
        return 1 + max((node.depth for node in self.body if isinstance(node, LoopNest)), default=0)


Node = int | LoopNest
Chosen = dict[int, Index]  # the index of each statement that the loop runs over

_ENOUGH = 64  # ways of pairing indices that are tried for one loop: there are as many only in contrived systems


def nest(statements: Sequence[Equation], edges: Iterable[Edge]) -> tuple[Node, ...]:
    """The statements by number, in an order in which every value is made before it is read, in loops where they must.

    Raises:
        DeriveError: a cycle that no sequence breaks.
    """
    return _nest(statements, tuple(range(len(statements))), tuple(edges), frozenset())


def carried(edge: Edge, loop: LoopNest) -> bool:
    """Whether a loop has made the value of an edge at an earlier step than it is read."""
    writer, reader = loop.by_number.get(edge.writer), loop.by_number.get(edge.reader)
    if writer is None or reader is None:
        return False
    distance = _distance(edge, {edge.writer: writer.index, edge.reader: reader.index}, loop.forward)
    shift = reader.potential - writer.potential
    return distance is not None and distance + (shift if loop.forward else -shift) > 0


def _nest(
    statements: Sequence[Equation],
    numbers: tuple[int, ...],
    edges: tuple[Edge, ...],
    fixed: frozenset[tuple[int, Index]],
) -> tuple[Node, ...]:
    nodes: list[Node] = []
    components = _ordered_components(numbers, edges)
    home = {n: place for place, component in enumerate(components) for n in component}
    within: list[list[Edge]] = [[] for _ in components]
    for edge in edges:
        if home[edge.writer] == home[edge.reader]:
            within[home[edge.writer]].append(edge)
    for component, inside in zip(components, within, strict=True):
        if inside:
            nodes.append(_loop(statements, tuple(sorted(component)), tuple(inside), fixed))
        else:
            nodes.extend(sorted(component))
    return tuple(nodes)


def _loop(
    statements: Sequence[Equation],
    numbers: tuple[int, ...],
    edges: tuple[Edge, ...],
    fixed: frozenset[tuple[int, Index]],
) -> LoopNest:
    """The loop with the fewest loops inside it, of equals the one over the first sequence of the first statement."""
    best: LoopNest | None = None
    for found in _loops(statements, numbers, edges, fixed):
        if best is None or found.depth < best.depth:
            best = found
        if best.depth == 1:
            break
    if best is not None:
        return best
    names = list(dict.fromkeys(statements[n].target for n in numbers))
    raise DeriveError(
        Fault(f"the cycle {' -> '.join([*names, names[0]])} has no order: no shift along a sequence breaks it")
    )


def _loops(
    statements: Sequence[Equation],
    numbers: tuple[int, ...],
    edges: tuple[Edge, ...],
    fixed: frozenset[tuple[int, Index]],
) -> Iterator[LoopNest]:
    candidates = {n: [i for i in _loopable(statements[n]) if (n, i) not in fixed] for n in numbers}
    for chosen in islice(_choices(numbers, edges, candidates), _ENOUGH):
        for forward in (True, False):
            distances = [_distance(edge, chosen, forward) for edge in edges]
            potentials = _potentials(numbers, edges, distances)
            if potentials is None:
                continue
            slack = [_slack(e, d, potentials) for e, d in zip(edges, distances, strict=True)]
            if not any(slack):
                continue
            rest = tuple(e for e, s in zip(edges, slack, strict=True) if s == 0)
            try:
                body = _nest(statements, numbers, rest, fixed | set(chosen.items()))
            except DeriveError:
                continue
            sign = 1 if forward else -1
            yield LoopNest(tuple(Member(n, chosen[n], sign * potentials[n]) for n in numbers), forward, body)


def _loopable(statement: Equation) -> list[Index]:
    """The indices that a loop may run over, those of the left side first; a maximum is never taken step by step."""
    left = [split(s)[0] for s in statement.subscripts]
    running = [r.index for r in statement.domain if r.axis.kind is AxisKind.SEQUENCE]
    looked_up = {index for s in statement.subscripts for index in indices(s)}
    if statement.reduction is not Reduction.SUM:
        running = [index for index in running if index in looked_up]
    return sorted(running, key=lambda index: (index not in left, index not in looked_up))


def _choices(
    numbers: tuple[int, ...], edges: tuple[Edge, ...], candidates: Mapping[int, Sequence[Index]]
) -> Iterator[Chosen]:
    """The ways to choose an index of each statement so that each edge relates the two of its statements."""
    touching: dict[int, list[Edge]] = {n: [] for n in numbers}
    for edge in edges:
        touching[edge.writer].append(edge)
        if edge.reader != edge.writer:
            touching[edge.reader].append(edge)
    order, seen = [numbers[0]], {numbers[0]}
    for number in order:  # grows as it is walked: neighbours follow
        around = dict.fromkeys(n for e in touching[number] for n in (e.writer, e.reader) if n not in seen)
        seen.update(around)
        order.extend(around)
    chosen: Chosen = {}

    def fits(number: int) -> bool:
        both = (e for e in touching[number] if e.writer in chosen and e.reader in chosen)
        return all(
            any(r.writer is chosen[e.writer] and r.reader is chosen[e.reader] for r in e.relations) for e in both
        )

    waiting = [iter(candidates[order[0]])]
    while waiting:
        number = order[len(waiting) - 1]
        chosen.pop(number, None)
        for index in waiting[-1]:
            chosen[number] = index
            if fits(number):
                break
            del chosen[number]
        else:
            waiting.pop()
            continue
        if len(waiting) == len(order):
            yield dict(chosen)
        else:
            waiting.append(iter(candidates[order[len(waiting)]]))


def _distance(edge: Edge, chosen: Mapping[int, Index], forward: bool) -> int | None:
    """How many steps, in the direction of the loop, a reader is at least behind its writer; None where none is sure."""
    for relation in edge.relations:
        if relation.writer is chosen[edge.writer] and relation.reader is chosen[edge.reader]:
            return relation.least if forward else None if relation.most is None else -relation.most
    return None


def _slack(edge: Edge, distance: int | None, potentials: Mapping[int, int]) -> int:
    assert distance is not None
    return distance + potentials[edge.reader] - potentials[edge.writer]


def _potentials(
    numbers: tuple[int, ...], edges: tuple[Edge, ...], distances: Sequence[int | None]
) -> dict[int, int] | None:
    """Bellman-Ford: numbers with `distance + p[reader] - p[writer] >= 0` on every edge, zero where zero will do."""
    potential = dict.fromkeys(numbers, 0)
    for _ in range(len(numbers) + 1):
        changed = False
        for edge, distance in zip(edges, distances, strict=True):
            if distance is None:
                return None
            least = potential[edge.writer] - distance
            if potential[edge.reader] < least:
                potential[edge.reader] = least
                changed = True
        if not changed:
            return potential
    return None


def _ordered_components(numbers: tuple[int, ...], edges: tuple[Edge, ...]) -> list[tuple[int, ...]]:
    """Strongly connected components in topological order, as late as may be, then in the order of the text."""
    after: dict[int, list[int]] = {n: [] for n in numbers}
    for edge in edges:
        after[edge.writer].append(edge.reader)
    members = dict(enumerate(components(after)))
    component = {n: c for c, own in members.items() for n in own}
    waiting = dict.fromkeys(members, 0)
    before: dict[int, set[int]] = {c: set() for c in members}
    for edge in edges:
        a, b = component[edge.writer], component[edge.reader]
        if a != b and a not in before[b]:
            before[b].add(a)
            waiting[a] += 1
    # From the last to the first, so that each statement stands close to where it is read.
    ready = [(-max(members[c]), c) for c, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        _, c = heapq.heappop(ready)
        order.append(tuple(members[c]))
        for a in sorted(before[c]):
            waiting[a] -= 1
            if waiting[a] == 0:
                heapq.heappush(ready, (-max(members[a]), a))
    return order[::-1]
