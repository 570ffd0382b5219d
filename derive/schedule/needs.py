"""Only what is read is computed: statements shrink to the cells that the results rest on.

What rests only on results that a caller may ask for (`wrt=`) becomes statements of their own behind a condition.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from itertools import pairwise

import sympy

from derive.affine import at_least, plain, split, when_long
from derive.calculus.indices import ends, substitute, substitute_range
from derive.calculus.ranges import greatest, holds, least
from derive.expressions import Domain, Range
from derive.schedule.dependence import reads
from derive.system import Equation, Reduction

Interval = tuple[sympy.Expr, sympy.Expr]
Hull = dict[int, Interval | None]  # axis -> least and greatest cell; None for all, as for an axis that it lacks


def shrink(statements: Sequence[Equation], results: Iterable[str]) -> tuple[Equation, ...]:
    """The statements that the results need, over the steps at which they are needed."""
    kept = _Needs(statements).and_of(tuple(results)).kept
    return tuple(kept[number] for number in sorted(kept))


class _Needs:
    """What some results need: of each variable the cells, of each statement the part that makes them."""

    def __init__(self, statements: Sequence[Equation]) -> None:
        self.statements = statements
        self.writers: dict[str, list[int]] = {}
        for number, statement in enumerate(statements):
            self.writers.setdefault(statement.target, []).append(number)
        self.hulls: dict[str, Hull] = {}
        self.kept: dict[int, Equation] = {}

    def and_of(self, results: Sequence[str]) -> _Needs:
        """What these need besides, all of their cells."""
        found = copy(self)
        found.hulls = self.hulls | {name: {} for name in results}
        found.kept = dict(self.kept)
        found._spread(results)
        return found

    def _spread(self, names: Iterable[str]) -> None:
        """Follow what the writers of these variables read; last statements first, since they are read by none after."""
        waiting = [-number for name in names for number in self.writers.get(name, ())]
        heapq.heapify(waiting)
        queued = set(waiting)
        while waiting:
            number = -heapq.heappop(waiting)
            queued.discard(-number)
            statement = self.statements[number]
            kept = _restricted(statement, self.hulls[statement.target])
            if kept is None or self.kept.get(number) == kept:
                continue
            self.kept[number] = kept
            for ref in reads(kept):
                if self._widen(ref.name, [ends(s, kept.domain) for s in ref.subscripts]):
                    for writer in self.writers.get(ref.name, ()):
                        if -writer not in queued:
                            queued.add(-writer)
                            heapq.heappush(waiting, -writer)

    def _widen(self, name: str, found: Sequence[Interval | None]) -> bool:
        """Make a variable's hull hold these cells too; whether that changed it."""
        old = self.hulls.get(name)
        if old is None:
            self.hulls[name] = dict(enumerate(found))
            return True
        new = {axis: _join(interval, found[axis]) for axis, interval in old.items()}
        self.hulls[name] = new
        return new != old


def _restricted(statement: Equation, hull: Hull) -> Equation | None:
    domain: Domain = statement.domain
    for axis, interval in hull.items():
        index, offset = split(statement.subscripts[axis])
        if interval is None:
            continue
        low, high = interval
        if index is None:
            if at_least(low, offset + 1) or at_least(offset, high + 1):
                return None
            continue
        domain = tuple(_cut(r, low - offset, high - offset) if r.index == index else r for r in domain)
    if domain == statement.domain:
        return statement
    # A range may end up empty for all sizes: what is needed lies elsewhere.
    if any(at_least(r.first, r.last + 1) for r in domain):
        return None
    nothing = {r.index for r in domain if holds(Range(r.index, r.last + 1, r.first), domain, 1)}
    if not nothing:
        return replace(statement, domain=domain)
    # An end that an outer index gives may leave nothing, at the steps that are needed, to reduce.
    if any(nothing & s.free_symbols for s in statement.subscripts):
        return None
    if statement.reduction in (Reduction.SUM, Reduction.NORMALISER):
        return replace(statement, domain=domain, right=sympy.S.Zero, reduction=Reduction.SUM)
    return replace(statement, domain=domain, right=-sympy.oo, reduction=Reduction.MAX)


def _cut(range_: Range, low: sympy.Expr, high: sympy.Expr) -> Range:
    first = low if at_least(low, range_.first) else range_.first
    last = high if at_least(range_.last, high) else range_.last
    return Range(range_.index, first, last)


def _join(a: Interval | None, b: Interval | None) -> Interval | None:
    """An interval that holds both; None, which is all, where that cannot be told."""
    if a is None or b is None:
        return None
    low = a[0] if at_least(b[0], a[0]) else b[0] if at_least(a[0], b[0]) else None
    high = a[1] if at_least(a[1], b[1]) else b[1] if at_least(b[1], a[1]) else None
    return None if low is None or high is None else (low, high)


def extra(
    statements: Sequence[Equation], results: Iterable[str], optional: Sequence[str]
) -> tuple[tuple[Equation, ...], Mapping[tuple[str, ...], tuple[Equation, ...]]]:
    """What the results need, and what the optional results need beyond it, by who needs it.

    Returns:
        The base statements; for each group of optional results, the statements that just these need.
    """
    always = _Needs(statements).and_of(tuple(results))
    users: dict[int, dict[str, Equation]] = {number: {"": statement} for number, statement in always.kept.items()}
    for name in optional:
        for number, statement in always.and_of((name,)).kept.items():
            if statement is not always.kept.get(number):
                users.setdefault(number, {})[name] = statement
    groups: dict[tuple[str, ...], tuple[Equation, ...]] = {}
    for number in sorted(users):
        for piece, names in _pieces(users[number]):
            names = () if "" in names else names
            groups[names] = (*groups.get(names, ()), piece)
    groups = {names: _at_points(group, statements) for names, group in groups.items()}
    base = groups.pop((), ())
    return base, dict(sorted(groups.items(), key=lambda item: -len(item[0])))


def _pieces(wanted: Mapping[str, Equation]) -> list[tuple[Equation, tuple[str, ...]]]:
    """One statement that is needed over several ranges, cut into ranges that the same results need."""
    some = next(iter(wanted.values()))
    differing = [n for n, r in enumerate(some.domain) if any(s.domain[n] != r for s in wanted.values())]
    if not differing:
        return [(some, tuple(wanted))]
    place = differing[0]
    ranges = {name: statement.domain[place] for name, statement in wanted.items()}
    cuts = {plain(end) for r in ranges.values() for end in (r.first, r.last + 1)}
    points = sorted(cuts, key=when_long)
    found: list[tuple[Equation, tuple[str, ...]]] = []
    for start, end in pairwise(points):
        inside = [
            n
            for n, r in ranges.items()
            if when_long(r.first) <= when_long(start) and when_long(end) <= when_long(r.last + 1)
        ]
        if not inside:
            continue
        # A short sequence may end before a piece does, or a piece begin there before the whole does.
        first = greatest([start, *(ranges[n].first for n in inside)])
        last = least([plain(end - 1), *(ranges[n].last for n in inside)])
        piece = Range(ranges[inside[0]].index, first, last)
        inner = {n: _with_range(wanted[n], place, piece) for n in inside}
        found.extend(_pieces(inner))
    return found


def _at_points(group: tuple[Equation, ...], whole: Sequence[Equation]) -> tuple[Equation, ...]:
    """The statements with an index that was cut to one value only put in; in a recurrence it may be a loop's."""
    known = {range_ for statement in whole for range_ in statement.domain}
    read: dict[str, set[str]] = {}
    for statement in group:
        read.setdefault(statement.target, set()).update(ref.name for ref in reads(statement))
    recurrent = {name for name in read if name in _reached(name, read)}
    found = []
    for statement in group:
        for range_ in statement.domain if statement.target not in recurrent else ():
            if range_ not in known:
                statement = _at_point(statement, range_)
        found.append(statement)
    return tuple(found)


def _reached(name: str, read: Mapping[str, set[str]]) -> set[str]:
    """What a variable rests on."""
    found, waiting = set[str](), [name]
    while waiting:
        for other in read.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def _with_range(statement: Equation, place: int, range_: Range) -> Equation:
    return replace(statement, domain=(*statement.domain[:place], range_, *statement.domain[place + 1 :]))


def _at_point(statement: Equation, range_: Range) -> Equation:
    """The statement with an index that takes one value only put in."""
    if range_.first != range_.last:
        return statement
    value = {range_.index: range_.first}
    return replace(
        statement,
        subscripts=tuple(s.xreplace(value) for s in statement.subscripts),
        right=substitute(statement.right, value),
        domain=tuple(substitute_range(r, value) for r in statement.domain if r != range_),
    )
