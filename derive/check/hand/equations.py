"""What a reference stands for by the equations that define it, where that can be proved for a whole domain."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import sympy

from derive.affine import at_least, plain, split
from derive.calculus.indices import ends, substitute
from derive.expressions import AxisKind, Domain, Index, Range, Ref, Sum
from derive.functions import equal
from derive.system import Equation, Reduction

_fresh = itertools.count()


class Undecided(Exception):
    """Whether an equation holds at a step cannot be said for the whole domain."""


def meaning(ref: Ref, equations: Sequence[Equation], domain: Domain) -> sympy.Expr:
    """The sum of what the equations of a variable add to one of its cells.

    Args:
        ref: the cell.
        equations: all equations of the variable; where none adds anything, the cell is 0.
        domain: the range of every index in the cell's subscripts.

    Raises:
        Undecided: an equation adds to some of the cells that the domain has, and not provably to all or to none.
    """
    return sympy.Add(*(_added(ref, equation, domain) for equation in equations))


def _added(ref: Ref, equation: Equation, domain: Domain) -> sympy.Expr:
    if equation.reduction is not Reduction.SUM:
        raise Undecided
    values: dict[Index, sympy.Expr] = {}
    tests: list[sympy.Expr] = []
    for mine, theirs in zip(equation.subscripts, ref.subscripts, strict=True):
        index, offset = split(mine)
        if mine.has(Ref):
            tests.append(equal(mine, theirs))
        elif index is None:
            if mine == theirs:
                continue
            if _apart(mine, theirs, domain):
                return sympy.Integer(0)
            raise Undecided
        elif index in values:
            tests.append(equal(values[index] + offset, theirs))
        else:
            values[index] = plain(theirs - offset) if not theirs.has(Ref) else theirs - offset
    if not all(
        _inside(values[reach.index], reach, values, domain) for reach in equation.domain if reach.index in values
    ):
        return sympy.Integer(0)
    over = [reach for reach in equation.domain if reach.index not in values]
    names = {reach.index: Index(f"%{next(_fresh)}", reach.axis) for reach in over}
    body = substitute(sympy.Mul(*tests, equation.right), {**values, **names})
    for reach in reversed(over):
        first, last = (end.xreplace({**values, **names}) for end in (reach.first, reach.last))
        body = Sum(body, names[reach.index], first, last)
    return body


def _apart(one: sympy.Expr, other: sympy.Expr, domain: Domain) -> bool:
    """Whether two subscripts are provably never equal."""
    reach = ends(other, domain)
    return reach is not None and (at_least(one - 1, reach[1]) or at_least(reach[0], one + 1))


def _inside(value: sympy.Expr, reach: Range, values: Mapping[Index, sympy.Expr], domain: Domain) -> bool:
    """Whether a value lies in a range at every point of the domain; False where it does at none.

    Raises:
        Undecided: at some it may, at others not.
    """
    if value.has(Ref):
        if reach == Range.whole(reach.index):
            return True
        raise Undecided
    first, last = (end.xreplace(dict(values)) for end in (reach.first, reach.last))
    if value.is_Integer and reach.axis.kind is not AxisKind.SEQUENCE and first.is_Integer:
        index_ends: tuple[sympy.Expr, sympy.Expr] | None = (value, value)
    else:
        index_ends = ends(value, domain)
    if index_ends is None:
        raise Undecided
    if value.is_Symbol and value.axis == reach.axis if isinstance(value, Index) else False:
        own = next((r for r in domain if r.index == value), None)
        if own is not None and (own.first, own.last) == (first, last):
            return True
    low, high = index_ends
    least, most = _outer(first, domain, 1), _outer(last, domain, 0)
    if least is not None and most is not None and at_least(low, least) and at_least(most, high):
        return True
    least, most = _outer(first, domain, 0), _outer(last, domain, 1)
    if least is not None and at_least(least, high + 1):
        return False
    if most is not None and at_least(low, most + 1):
        return False
    raise Undecided


def _outer(end: sympy.Expr, domain: Domain, side: int) -> sympy.Expr | None:
    """The least (0) or the greatest (1) value of an end over a domain."""
    found = ends(end, domain) if end.has(Index) else (end, end)
    return None if found is None else found[side]
