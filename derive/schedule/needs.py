"""Only what is read is computed: statements shrink to the cells that the results rest on.

What rests only on results that a caller may ask for (`wrt=`) becomes statements of their own behind a condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import sympy

from derive.affine import at_least, split, when_long
from derive.calculus.indices import ends, substitute, substitute_range
from derive.schedule.dependence import reads
from derive.system import Domain, Equation, Range

Hull = dict[int, tuple[sympy.Expr, sympy.Expr] | None]  # axis -> least and greatest cell; None for all


def shrink(statements: Sequence[Equation], results: Iterable[str]) -> tuple[Equation, ...]:
    """The statements that the results need, over the steps at which they are needed."""
    current = _shrunk(statements, results)
    return tuple(current[number] for number in sorted(current))


def _shrunk(statements: Sequence[Equation], results: Iterable[str]) -> dict[int, Equation]:
    """The same, by the number of the statement."""
    hulls: dict[str, Hull] = {name: {} for name in results}
    whole = frozenset(hulls)
    current: dict[int, Equation] = {}
    for _ in range(len(statements) + 2):
        before = (dict(current), {name: dict(hull) for name, hull in hulls.items()})
        for number in reversed(range(len(statements))):
            statement = statements[number]
            if statement.target not in hulls:
                continue
            kept = statement if statement.target in whole else _restricted(statement, hulls[statement.target])
            if kept is None or current.get(number) == kept:
                continue
            current[number] = kept
            for ref in reads(kept):
                _widen(hulls, ref.name, [ends(s, kept.domain) for s in ref.subscripts])
        if before == (current, hulls):
            break
    return current


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
    return statement if domain == statement.domain else replace(statement, domain=domain)


def _cut(range_: Range, low: sympy.Expr, high: sympy.Expr) -> Range:
    first = low if at_least(low, range_.first) else range_.first
    last = high if at_least(range_.last, high) else range_.last
    return Range(range_.index, first, last)


def _widen(hulls: dict[str, Hull], name: str, found: list[tuple[sympy.Expr, sympy.Expr] | None]) -> None:
    known = name in hulls
    hull = hulls.setdefault(name, {})
    for axis, interval in enumerate(found):
        if not known:
            hull[axis] = interval
            continue
        old = hull.get(axis)
        if axis in hull and old is not None:
            hull[axis] = None if interval is None else _join(old, interval)


def _join(a: tuple[sympy.Expr, sympy.Expr], b: tuple[sympy.Expr, sympy.Expr]) -> tuple[sympy.Expr, sympy.Expr] | None:
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
    results = tuple(results)
    users: dict[int, dict[str, Equation]] = {}
    for name in ("", *optional):
        for number, statement in _shrunk(statements, (*results, name) if name else results).items():
            users.setdefault(number, {})[name] = statement
    groups: dict[tuple[str, ...], tuple[Equation, ...]] = {}
    for number in sorted(users):
        for piece, names in _pieces(users[number]):
            names = () if "" in names else names
            groups[names] = (*groups.get(names, ()), piece)
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
    cuts = {sympy.expand(end) for r in ranges.values() for end in (r.first, r.last + 1)}
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
        # A short sequence may end before a piece does.
        last = _least([sympy.expand(end - 1), *(ranges[n].last for n in inside)])
        piece = Range(ranges[inside[0]].index, start, last)
        inner = {n: _with_range(wanted[n], place, piece) for n in inside}
        found.extend((_at_point(statement, piece), names) for statement, names in _pieces(inner))
    return found


def _with_range(statement: Equation, place: int, range_: Range) -> Equation:
    return replace(statement, domain=(*statement.domain[:place], range_, *statement.domain[place + 1 :]))


def _least(ends: Sequence[sympy.Expr]) -> sympy.Expr:
    """The least of some ends, as a `min` where that depends on the length of the sequence."""
    kept: list[sympy.Expr] = []
    for end in dict.fromkeys(ends):
        if not any(at_least(end, other) for other in kept):
            kept = [other for other in kept if not at_least(other, end)] + [end]
    return sympy.Min(*kept) if len(kept) > 1 else kept[0]


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
