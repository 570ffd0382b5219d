"""What is masked by a length, and what of an equation lies where: the parts of `lengths` that know no system."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from derive.affine import at_least, plain, split
from derive.calculus.indices import ends, is_fixed
from derive.expressions import Axis, Domain, Index, Range, Ref
from derive.functions import where
from derive.system import Equation

ZERO, ONE = sympy.Integer(0), sympy.Integer(1)


@dataclass(frozen=True)
class Piece:
    """Along one axis, the cells that an equation writes, relative to the length: from `low` (None: not) to `high`."""

    low: sympy.Expr | None
    high: sympy.Expr | None


def masked(body: sympy.Expr, index: Index, narrow: sympy.Expr, condition: sympy.Expr, scope: Domain) -> sympy.Expr:
    """What is summed, 0 where the condition does not hold. A product of references stays one, so that it is a GEMM."""
    if isinstance(body, sympy.Add):
        return sympy.Add(*(masked(part, index, narrow, condition, scope) for part in body.args))
    having = [f for f in sympy.Mul.make_args(body) if index in f.free_symbols]
    others = sympy.Mul(*(f for f in sympy.Mul.make_args(body) if index not in f.free_symbols))
    if len(having) < 2 or not all(isinstance(f, Ref) for f in having):
        return others * where(condition, sympy.Mul(*having), ZERO)
    rows = {r.index for r in scope} & condition.free_symbols
    # A factor that knows nothing of the rows keeps its size.
    wide = [f for f in having if rows <= f.free_symbols]
    return sympy.Mul(others, *(where(condition if f in wide else narrow, f, ZERO) for f in having))


def relative(equation: Equation, position: int, axis: Axis) -> Piece | None:
    """The cells of an equation along an axis, relative to its length; None where they are not known."""
    found = ends(equation.subscripts[position], equation.domain)
    if found is None:
        return None
    counted = [plain(end - axis.size) if axis.size in end.free_symbols else None for end in found]
    if any(end is not None and not end.is_Integer for end in counted):
        return None
    return Piece(*counted)


def earliest(end: sympy.Expr, size: sympy.Expr) -> sympy.Expr:
    """Where an end may lie at the soonest, when the sequence is as short as can be."""
    least = end.xreplace({size: ONE})
    return least if not is_fixed(least) or at_least(least, ONE) else ONE


def with_inside(expression: sympy.Add, insides: dict[str, tuple[Ref, Equation]]) -> sympy.Expr:
    """`e[t, s] - lse[t]` with what is inside for `e`."""
    for term in expression.args:
        lse = -term
        if not isinstance(lse, Ref) or lse.name not in insides:
            continue
        inside, equation = insides[lse.name]
        values: dict[sympy.Expr, sympy.Expr] = dict(zip(equation.subscripts, lse.subscripts, strict=True))
        for other in expression.args:
            if not isinstance(other, Ref) or not isinstance(equation.right, Ref) or other.name != equation.right.name:
                continue
            pairs = list(zip(equation.right.subscripts, other.subscripts, strict=True))
            chosen = {mine: theirs for mine, theirs in pairs if isinstance(mine, Index)}
            if all(chosen.get(mine, theirs) == theirs for mine, theirs in values.items()):
                put = {**values, **chosen}
                if all(s in put for s in inside.subscripts):
                    return expression - other + Ref(inside.name, *(put[s] for s in inside.subscripts))
    return expression


def is_plain(equation: Equation) -> bool:
    """Whether every index of the domain stands by itself on the left, so that the right side can have a name there."""
    indices = [split(s)[0] for s in equation.subscripts]
    found = [index for index in indices if index is not None]
    return len(set(found)) == len(found) and {r.index for r in equation.domain} == set(found)


def limits(range_: Range) -> tuple[Index, sympy.Expr, sympy.Expr]:
    """A range as a sum has it."""
    return range_.index, range_.first, range_.last
