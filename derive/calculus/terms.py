"""A right side as additive terms: `Sum`s opened into ranges, products distributed over what is only scaled."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from derive.expressions import Domain, Index, Ref, Sum


@dataclass(frozen=True)
class Term:
    """`body`, summed over the ranges: a product without a `Sum` at its top."""

    body: sympy.Expr
    ranges: Domain = ()


def is_scale(expression: sympy.Expr) -> bool:
    """Whether a factor is a plain number: literals and sizes only."""
    return not any(isinstance(node, Ref | Sum | sympy.Function) for node in sympy.preorder_traversal(expression))


def factors(expression: sympy.Expr) -> tuple[sympy.Expr, tuple[sympy.Expr, ...]]:
    """A product as its plain number and its other factors."""
    scale: sympy.Expr = sympy.Integer(1)
    rest = []
    for factor in sympy.Mul.make_args(expression):
        if is_scale(factor) and not _has_index(factor):
            scale = scale * factor
        else:
            rest.append(factor)
    return scale, tuple(rest)


def _has_index(expression: sympy.Expr) -> bool:
    return any(isinstance(symbol, Index) for symbol in expression.free_symbols)


def terms(expression: sympy.Expr) -> list[Term]:
    """The additive terms of an expression; their sum over their ranges equals it."""
    if isinstance(expression, sympy.Add):
        return [term for argument in expression.args for term in terms(argument)]
    if isinstance(expression, Sum):
        return [Term(term.body, (expression.range, *term.ranges)) for term in terms(expression.body)]
    if isinstance(expression, sympy.Mul):
        scale, rest = factors(expression)
        if len(rest) == 1 and isinstance(rest[0], sympy.Add | Sum):
            return [Term(scale * term.body, term.ranges) for term in terms(rest[0])]
        sums = [factor for factor in rest if isinstance(factor, Sum)]
        if sums:
            # Bound indices are unique within an equation, so the other factors may move under the sum.
            others = sympy.Mul(scale, *(factor for factor in rest if factor is not sums[0]))
            return [Term(t.body, (sums[0].range, *t.ranges)) for t in terms(sympy.Mul(others, sums[0].body))]
        mixed = next((factor for factor in rest if isinstance(factor, sympy.Add) and factor.has(Sum)), None)
        if mixed is not None:
            others = sympy.Mul(scale, *(factor for factor in rest if factor is not mixed))
            return [term for part in mixed.args for term in terms(sympy.Mul(others, part))]
    return [] if expression == 0 else [Term(expression)]
