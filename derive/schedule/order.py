"""Which statements may become one: those of which none waits for another, once others have been put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from derive.schedule.dependence import Edge, dependences
from derive.schedule.loops import LoopNest, Node, carried, nest
from derive.system import Equation


class Order:
    """The order of statements, some of which have been put together.

    Attributes:
        edges: who must run before whom.
        places: the innermost loop of each statement, 0 outside of loops.
        around: the loops around each statement, outer first.
    """

    def __init__(self, edges: Sequence[Edge], nodes: Sequence[Node]) -> None:
        """The order of statements that all stand for themselves yet."""
        self.edges, self.places, self.around = edges, places_of(nodes), _around(nodes)
        self._joined: dict[int, tuple[int, ...]] = {}  # what each statement has been put together with
        self._following: dict[int, dict[int, set[int]]] = {}

    def join(self, numbers: Sequence[int]) -> None:
        """Puts statements together."""
        self._joined |= dict.fromkeys(numbers, tuple(numbers))

    def independent(self, numbers: Iterable[int]) -> list[int]:
        """Those of the statements of one place that can be put together, in their order; none has been joined yet."""
        kept: list[int] = []
        for number in numbers:
            after = self._after(self.places[number])
            if not any(self._leads(after, a, b) for other in kept for a, b in ((number, other), (other, number))):
                kept.append(number)
        return kept

    def _after(self, place: int) -> dict[int, set[int]]:
        """Who follows whom directly at a place, where other loops are one node each."""
        if place in self._following:
            return self._following[place]
        found = self._following[place] = {}
        for edge in self.edges:
            if any(carried(edge, loop) for loop in self.around[edge.reader] if place):
                continue  # the value is of an earlier step
            found.setdefault(self._node(edge.writer, place), set()).add(self._node(edge.reader, place))
        return found

    def _node(self, number: int, place: int) -> int:
        there = self.places[number]
        return number if there in (0, place) else -there

    def _leads(self, after: Mapping[int, set[int]], start: int, end: int) -> bool:
        """Whether a path leads from one statement to another, where what is joined is one."""
        seen, waiting = {start}, [start]
        while waiting:
            node = waiting.pop()
            for member in self._joined.get(node, (node,)):
                following = after.get(member, ())
                if end in following:
                    return True
                fresh = [n for n in following if n not in seen]
                seen.update(fresh)
                waiting.extend(fresh)
        return False


def order_of(statements: Sequence[Equation]) -> Order:
    """The order of the statements of one stage."""
    edges = dependences(statements)
    return Order(edges, nest(statements, edges))


def places_of(nodes: Sequence[Node]) -> dict[int, int]:
    """The innermost loop of each statement, 0 outside of loops."""
    places: dict[int, int] = {}
    count = [0]

    def walk(inner: Sequence[Node], place: int) -> None:
        for node in inner:
            if isinstance(node, LoopNest):
                count[0] += 1
                walk(node.body, count[0])
            else:
                places[node] = place

    walk(nodes, 0)
    return places


def _around(nodes: Sequence[Node], outer: tuple[LoopNest, ...] = ()) -> dict[int, tuple[LoopNest, ...]]:
    """The loops around each statement, outer first."""
    found: dict[int, tuple[LoopNest, ...]] = {}
    for node in nodes:
        found |= _around(node.body, (*outer, node)) if isinstance(node, LoopNest) else {node: outer}
    return found
