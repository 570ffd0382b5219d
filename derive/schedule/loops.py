"""Which statements loop, and over what (Allen & Kennedy, 1987).

An acyclic component of the dependence graph is an array statement over all steps. For a cyclic one a sequence is chosen
and a potential per statement, so that all distances have one sign and not all are zero: a loop. The edges that it
carries are dropped and what is left is scheduled inside in the same way.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from derive.errors import DeriveError, Fault
from derive.expressions import AxisKind, Index
from derive.schedule.dependence import Edge
from derive.system import Equation


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

    def member(self, number: int) -> Member:
        """The member that is statement `number`."""
        return next(m for m in self.members if m.number == number)


Node = int | LoopNest


def nest(statements: Sequence[Equation], edges: Iterable[Edge]) -> tuple[Node, ...]:
    """The statements by number, in an order in which every value is made before it is read, in loops where they must.

    Raises:
        DeriveError: a cycle that no sequence breaks.
    """
    return _nest(statements, tuple(range(len(statements))), tuple(edges), frozenset())


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
    first = statements[numbers[0]]
    for range_ in first.domain:
        if range_.axis.kind is not AxisKind.SEQUENCE or (numbers[0], range_.index) in fixed:
            continue
        chosen = _choose(numbers[0], range_.index, edges)
        if chosen is None or set(chosen) != set(numbers):
            continue
        distances = [_distance(edge, chosen) for edge in edges]
        if any(d is None for d in distances):
            continue
        exact = [d for d in distances if d is not None]
        for forward in (True, False):
            potentials = _potentials(numbers, edges, [d if forward else -d for d in exact])
            if potentials is None:
                continue
            sign = 1 if forward else -1
            slack = [sign * d + potentials[e.reader] - potentials[e.writer] for e, d in zip(edges, exact, strict=True)]
            if not any(slack):
                continue
            rest = tuple(e for e, s in zip(edges, slack, strict=True) if s == 0)
            body = _nest(statements, numbers, rest, fixed | set(chosen.items()))
            return LoopNest(tuple(Member(n, chosen[n], sign * potentials[n]) for n in numbers), forward, body)
    names = list(dict.fromkeys(statements[n].target for n in numbers))
    raise DeriveError(
        Fault(f"the cycle {' -> '.join([*names, names[0]])} has no order: no shift along a sequence breaks it")
    )


def _choose(start: int, index: Index, edges: tuple[Edge, ...]) -> dict[int, Index] | None:
    """The index of each statement that goes with `index` of the first; None where two readings disagree."""
    chosen, stack = {start: index}, [start]
    while stack:
        number = stack.pop()
        for edge in edges:
            for relation in edge.relations:
                for here, mine, there, other in (
                    (edge.writer, relation.writer, edge.reader, relation.reader),
                    (edge.reader, relation.reader, edge.writer, relation.writer),
                ):
                    if here == number and chosen[number] == mine and there not in chosen:
                        chosen[there] = other
                        stack.append(there)
    return chosen


def _distance(edge: Edge, chosen: dict[int, Index]) -> int | None:
    for relation in edge.relations:
        if relation.writer == chosen[edge.writer] and relation.reader == chosen[edge.reader]:
            return relation.distance
    return None


def _potentials(numbers: tuple[int, ...], edges: tuple[Edge, ...], distances: list[int]) -> dict[int, int] | None:
    """Bellman-Ford: numbers with `distance + p[reader] - p[writer] >= 0` on every edge, zero where zero will do."""
    potential = dict.fromkeys(numbers, 0)
    for _ in range(len(numbers) + 1):
        changed = False
        for edge, distance in zip(edges, distances, strict=True):
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
    component = _components(numbers, after)
    members: dict[int, list[int]] = {}
    for n in numbers:
        members.setdefault(component[n], []).append(n)
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


def _components(numbers: tuple[int, ...], after: dict[int, list[int]]) -> dict[int, int]:
    """Tarjan's algorithm without recursion: statement -> number of its component."""
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    component: dict[int, int] = {}
    stack: list[int] = []
    for root in numbers:
        if root in order:
            continue
        work = [(root, iter(after[root]))]
        order[root] = low[root] = len(order)
        stack.append(root)
        while work:
            node, successors = work[-1]
            for successor in successors:
                if successor not in order:
                    order[successor] = low[successor] = len(order)
                    stack.append(successor)
                    work.append((successor, iter(after[successor])))
                    break
                if successor not in component:
                    low[node] = min(low[node], order[successor])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    while True:
                        member = stack.pop()
                        component[member] = node
                        if member == node:
                            break
    return component
