"""A loop cut into pieces in each of which the same statements run at every step.

The long piece in the middle has no condition. Where a short sequence could make the ends overlap, the short pieces are guarded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from derive.affine import at_least

Steps = tuple[sympy.Expr, sympy.Expr]
_LONG = 10**6


@dataclass(frozen=True)
class Segment:
    """Steps `first..last` of a loop.

    Attributes:
        active: the statements that run in it.
        guarded: whether each must be guarded by its own range, since a short sequence may end inside the segment.
    """

    first: sympy.Expr
    last: sympy.Expr
    active: frozenset[int]
    guarded: bool

    @property
    def single(self) -> bool:
        """Whether it is exactly one step."""
        return bool(self.first == self.last) and not self.guarded


def segments(spans: Mapping[int, Steps]) -> list[Segment]:
    """The segments of a loop whose statements run over these steps, first to last."""
    if len({(first, last) for first, last in spans.values()}) == 1:
        first, last = next(iter(spans.values()))
        return [Segment(first, last, frozenset(spans), False)]
    cuts: dict[sympy.Expr, None] = {}
    for first, last in spans.values():
        cuts[first] = None
        cuts[sympy.expand(last + 1)] = None
    points = sorted(cuts, key=_when_long)
    found: list[Segment] = []
    reached: sympy.Expr | None = None
    for start, end in zip(points, points[1:], strict=False):
        last = sympy.expand(end - 1)
        active = [n for n, (a, b) in spans.items() if _when_long(a) <= _when_long(start) and _when_long(last) <= _when_long(b)]
        if not active:
            continue
        first = start if reached is None or at_least(start, reached + 1) else sympy.Max(start, reached + 1)
        sure = all(_settled(spans[n], start, last, n in active) for n in spans)
        if sure or _is_middle(start, last):
            found.append(Segment(first, last, frozenset(active), first != start and first == last))
        else:
            found.append(Segment(first, last, frozenset(spans), True))
        reached = last
    return found


def _settled(span: Steps, first: sympy.Expr, last: sympy.Expr, active: bool) -> bool:
    if active:
        return at_least(first, span[0]) and at_least(span[1], last)
    return at_least(span[0], last + 1) or at_least(first, span[1] + 1)


def _is_middle(first: sympy.Expr, last: sympy.Expr) -> bool:
    """Whether the segment grows with the sequence: where it is not empty, the sequence is long enough for its order."""
    return not first.free_symbols and bool(last.free_symbols)


def _when_long(end: sympy.Expr) -> int:
    return int(end.xreplace({symbol: sympy.Integer(_LONG) for symbol in end.free_symbols}))
