"""Ranges whose ends use outer indices: a domain is a set of inequalities, which can be read in any order.

`t = 1..T, t1 = 1..t-1` has the same points as `t1 = 1..T-1, t = t1+1..T`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import sympy

from derive.affine import at_least, plain, split
from derive.calculus.indices import Ends, ends, is_fixed, looks_up, within
from derive.expressions import Domain, Index, Range

Gaps = Mapping[tuple[Index, Index], int]


@lru_cache(maxsize=65536)
def gaps(domain: Domain) -> Gaps:
    """What follows of the distances between indices: `(a, b) -> g` says `b - a >= g`, and no greater g is known."""
    found: dict[tuple[Index, Index], int] = {}

    def note(low: sympy.Expr, high: sympy.Expr) -> None:
        (a, c), (b, d) = split(low), split(high)
        distance = plain(c - d)
        if a is not None and b is not None and a is not b and distance.is_Integer:
            found[a, b] = max(int(distance), found.get((a, b), int(distance)))

    for range_ in domain:
        if not (is_fixed(range_.first) and is_fixed(range_.last)):
            for low in greatest_of(range_.first):
                note(low, range_.index)
            for high in least_of(range_.last):
                note(range_.index, high)
    if len(found) > 1:
        between = dict.fromkeys(index for pair in found for index in pair)
        for middle in between:
            for a in between:
                for b in between:
                    if a is not b and (a, middle) in found and (middle, b) in found:
                        further = found[a, middle] + found[middle, b]
                        found[a, b] = max(further, found.get((a, b), further))
    return found


def greatest_of(end: sympy.Expr) -> tuple[sympy.Expr, ...]:
    """What an end is the greatest of: a `Max`'s arguments, or itself."""
    return tuple(end.args) if isinstance(end, sympy.Max) else (end,)


def least_of(end: sympy.Expr) -> tuple[sympy.Expr, ...]:
    """What an end is the least of: a `Min`'s arguments, or itself."""
    return tuple(end.args) if isinstance(end, sympy.Min) else (end,)


def holds(range_: Range, domain: Domain, count: int) -> bool:
    """Whether a range provably holds at least so many numbers all over its domain."""
    return all(
        _at_least_zero(plain(high - low + 1 - count), domain)
        for low in greatest_of(range_.first)
        for high in least_of(range_.last)
    )


def covers(domain: Domain, values: Mapping[Index, sympy.Expr], at: Domain) -> bool:
    """Whether an equation's indices, with these values, provably stay inside its domain at every point of another's."""
    for range_ in domain:
        value = values[range_.index]
        if is_fixed(range_.first) and is_fixed(range_.last):
            if not within(value, range_, at):
                return False
        elif looks_up(value) or not all(
            _at_least_zero(plain(difference), at)
            for difference in (
                *(value - low.xreplace(dict(values)) for low in greatest_of(range_.first)),
                *(high.xreplace(dict(values)) - value for high in least_of(range_.last)),
            )
        ):
            return False
    return True


def _at_least_zero(length: sympy.Expr, domain: Domain) -> bool:
    zero = sympy.Integer(0)
    inside = [symbol for symbol in length.free_symbols if isinstance(symbol, Index)]
    if not inside:
        return at_least(length, zero)
    if len(inside) == 1 and length.coeff(inside[0]) in (1, -1):
        found = ends(inside[0], domain)
        side = 0 if length.coeff(inside[0]) == 1 else 1
        return found is not None and at_least(plain(length.xreplace({inside[0]: found[side]})), zero)
    if len(inside) == 2:
        a, b = inside
        for low, high in ((a, b), (b, a)):
            rest = plain(length - high + low)
            if rest.is_Integer:
                return (low, high) in gaps(domain) and gaps(domain)[low, high] + int(rest) >= 0
    return False


def is_nested(domain: Domain, outer: Iterable[Index] = ()) -> bool:
    """Whether each end uses only indices that stand before it, or are among `outer`."""
    seen = set(outer)
    for range_ in domain:
        used = range_.first.free_symbols | range_.last.free_symbols
        if any(isinstance(symbol, Index) and symbol not in seen for symbol in used):
            return False
        seen.add(range_.index)
    return True


def nested(domain: Domain) -> Domain:
    """The same points, in the order of the ranges as they stand: each end uses only indices before it."""
    return domain if is_nested(domain) else tight(domain)


def tight(domain: Domain) -> Domain:
    """The same points, in the order of the ranges as they stand, without outer values at which an inner range is empty.

    From the last range to the first, an index is bounded by the ends that are left, and what these ask of each other is
    left to the indices before it (Fourier and Motzkin's elimination, where each end is an index plus a constant).
    """
    if all(is_fixed(r.first) and is_fixed(r.last) for r in domain):
        return domain
    place = {range_.index: n for n, range_ in enumerate(domain)}
    lows: list[list[sympy.Expr]] = [[] for _ in domain]
    highs: list[list[sympy.Expr]] = [[] for _ in domain]

    def note(low: sympy.Expr, high: sympy.Expr) -> None:
        """`low <= high` bounds the later of the indices in it."""
        (a, c), (b, d) = split(low), split(high)
        first, last = (place.get(i, -1) if i is not None else -1 for i in (a, b))
        if a is not None and first > last:
            highs[first].append(plain(high - c))
        elif b is not None and last > first:
            lows[last].append(plain(low - d))

    for range_ in domain:
        for low in greatest_of(range_.first):
            note(low, range_.index)
        for high in least_of(range_.last):
            note(range_.index, high)
    found: list[Range] = []
    for n in reversed(range(len(domain))):
        low, high = greatest(lows[n]), least(highs[n])
        found.append(Range(domain[n].index, low, high))
        for a in greatest_of(low):
            for b in least_of(high):
                if not (is_fixed(a) and is_fixed(b)):
                    note(a, b)
    return _plainly(tuple(reversed(found)))


def _plainly(domain: Domain) -> Domain:
    """Without the fixed ends that an outer index's range makes needless: `max(1, t+1)` is `t+1` where `1 <= t`."""
    found: list[Range] = []
    for range_ in domain:
        lows, highs = greatest_of(range_.first), least_of(range_.last)
        for sides, side in ((lows, 0), (highs, 1)):
            if len(sides) == 1:
                continue
            known = {end: ends(end, found) for end in sides}
            kept = [
                end
                for end in sides
                if not is_fixed(end) or not any(_beyond(known[other], end, side) for other in sides if other is not end)
            ]
            lows, highs = (tuple(kept), highs) if side == 0 else (lows, tuple(kept))
        found.append(Range(range_.index, greatest(lows), least(highs)))
    return tuple(found)


def _beyond(found: Ends | None, end: sympy.Expr, side: int) -> bool:
    """Whether the least of an end's values is at or above another, or the greatest at or below it."""
    return found is not None and (at_least(found[0], end) if side == 0 else at_least(end, found[1]))


def greatest(ends: Iterable[sympy.Expr]) -> sympy.Expr:
    """The greatest of some ends, as a `Max` where that depends on the length of a sequence."""
    kept: list[sympy.Expr] = []
    for end in ends:
        if not any(_sure(other, end) for other in kept):
            kept = [other for other in kept if not _sure(end, other)] + [end]
    return kept[0] if len(kept) == 1 else sympy.Max(*kept)


def least(ends: Iterable[sympy.Expr]) -> sympy.Expr:
    """The least of some ends, as a `Min` where that depends on the length of a sequence."""
    kept: list[sympy.Expr] = []
    for end in ends:
        if not any(_sure(end, other) for other in kept):
            kept = [other for other in kept if not _sure(other, end)] + [end]
    return kept[0] if len(kept) == 1 else sympy.Min(*kept)


def _sure(a: sympy.Expr, b: sympy.Expr) -> bool:
    """Whether `a >= b` whatever the indices are: before the first step they may be below 0."""
    return is_fixed(plain(a - b)) and at_least(a, b)
