"""A loop cut into pieces in each of which the same statements run at every step.

The long piece in the middle has no condition. Where a short sequence could make the ends overlap, the short pieces are
guarded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import sympy

from derive.affine import at_least, plain, when_long

Steps = tuple[sympy.Expr, sympy.Expr]


@dataclass(frozen=True)
class Segment:
    """Steps `first..last` of a loop.

    Attributes:
        active: the statements that run in it.
        guarded: those of them that must ask whether the step is in their own range, which a short sequence may end
            before.
        beyond: low and high of which low <= high must hold, where in a short sequence the segment might repeat a step
            of one that ran before; None where it cannot.
    """

    first: sympy.Expr
    last: sympy.Expr
    active: frozenset[int]
    guarded: frozenset[int] = frozenset()
    beyond: Steps | None = None

    @property
    def single(self) -> bool:
        """Whether it is exactly one step."""
        return bool(self.first == self.last)


def segments(spans: Mapping[int, Steps], forward: bool) -> list[Segment]:
    """The segments of a loop whose statements run over these steps, in the order in which they run."""
    if len(set(spans.values())) == 1:
        first, last = next(iter(spans.values()))
        return [Segment(first, last, frozenset(spans))]
    cuts = {plain(end) for first, last in spans.values() for end in (first, last + 1)}
    points = sorted(cuts, key=when_long)
    pieces = [(start, plain(end - 1)) for start, end in pairwise(points)]
    found: list[Segment] = []
    for piece in pieces if forward else reversed(pieces):
        for start, last in _parts(found, piece, forward):
            segment = _segment(found, spans, start, last, forward)
            if segment.active:
                found.append(segment)
    return found


def _parts(earlier: list[Segment], piece: Steps, forward: bool) -> list[Steps]:
    """A piece by itself; step by step where a short sequence may have run some of its steps and not all."""
    first, last = piece
    more = plain(last - first)
    if _is_middle(first, last) or not more.is_Integer or _beyond(earlier, first, last, forward) is None:
        return [piece]
    steps = [plain(first + n) for n in range(int(more) + 1)]
    return [(step, step) for step in (steps if forward else reversed(steps))]


def _segment(
    earlier: list[Segment], spans: Mapping[int, Steps], first: sympy.Expr, last: sympy.Expr, forward: bool
) -> Segment:
    beyond = _beyond(earlier, first, last, forward)
    if _is_middle(first, last):
        return Segment(
            first, last, frozenset(n for n, span in spans.items() if _runs(span, first, last)), beyond=beyond
        )
    known = {} if beyond is None else _assumed(*beyond)
    active = frozenset(n for n, span in spans.items() if not _apart(span, first, last, known))
    unsure = frozenset(n for n in active if not _inside(span=spans[n], first=first, last=last, known=known))
    return Segment(first, last, active, unsure, beyond)


def _beyond(earlier: list[Segment], first: sympy.Expr, last: sympy.Expr, forward: bool) -> Steps | None:
    """What must hold, low <= high, for a segment not to repeat a step of an earlier one; None where it is sure.

    Of the earlier ones the nearest asks for most.
    """
    for segment in reversed(earlier):
        low, high = (segment.last + 1, first) if forward else (last, segment.first - 1)
        if not at_least(high, low) and not _is_middle(segment.first, segment.last):
            return plain(low), plain(high)
    return None


def _assumed(low: sympy.Expr, high: sympy.Expr) -> dict[sympy.Symbol, sympy.Expr]:
    """A size replaced by one that is larger, so that `low <= high` is known of it."""
    need = plain(low - high)
    for size in sorted(need.free_symbols, key=str):
        if need.coeff(size) == -1 and not (need + size).free_symbols:
            return {size: size + max(0, int(need + size) - 1)}
    return {}


def _runs(span: Steps, first: sympy.Expr, last: sympy.Expr) -> bool:
    """Whether a statement runs at all steps of a segment, in a long sequence."""
    return when_long(span[0]) <= when_long(first) and when_long(last) <= when_long(span[1])


def _apart(span: Steps, first: sympy.Expr, last: sympy.Expr, known: dict[sympy.Symbol, sympy.Expr]) -> bool:
    """Whether a statement provably runs at no step of a segment."""
    low, high, first, last = (end.xreplace(known) for end in (*span, first, last))
    return at_least(low, last + 1) or at_least(first, high + 1)


def _inside(span: Steps, first: sympy.Expr, last: sympy.Expr, known: dict[sympy.Symbol, sympy.Expr]) -> bool:
    """Whether a statement provably runs at every step of a segment."""
    low, high, first, last = (end.xreplace(known) for end in (*span, first, last))
    return at_least(first, low) and at_least(high, last)


def _is_middle(first: sympy.Expr, last: sympy.Expr) -> bool:
    """Whether the segment grows with the sequence: where it is not empty, the sequence is long enough for its order."""
    return not first.free_symbols and bool(last.free_symbols) and not isinstance(last, sympy.Min)
