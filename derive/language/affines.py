"""Subscripts and bounds as affine expressions in indices and sizes."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import sympy

from derive.affine import coefficients
from derive.expressions import Index, Range, Ref
from derive.language import rules_names
from derive.language.context import Scope, Work


class NotAffine(Exception):
    """A subscript is something else: a look-up, or a fault."""


class Reported(Exception):
    """A fault in a subscript has been reported."""


def affine(node: ast.expr, scope: Scope, work: Work) -> sympy.Expr:
    """A subscript in indices, sizes and whole numbers.

    Raises:
        NotAffine: where it is none.
        Reported: where a name in it is unknown, which has been reported.
    """
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return sympy.Integer(value)
        case ast.Name(id=name):
            return _name(node, name, scope, work)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -affine(operand, scope, work)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() as op, right=right):
            one, other = affine(left, scope, work), affine(right, scope, work)
            if isinstance(op, ast.Add):
                return one + other
            if isinstance(op, ast.Sub):
                return one - other
            if not (one.is_Integer or other.is_Integer):
                raise NotAffine
            return sympy.expand(one * other)
    raise NotAffine


def _name(node: ast.Name, name: str, scope: Scope, work: Work) -> sympy.Expr:
    if name in scope.locals:
        closure = scope.locals[name]
        return affine(closure.node, closure.scope, work)
    if name in scope.indices:
        return scope.indices[name]
    if work.symbols.is_variable(name):
        raise NotAffine
    if name in work.symbols.sizes:
        return work.symbols.sizes[name]
    work.sink.report(node, rules_names.index_not_bound(name, work.left))
    raise Reported


def extremes(expression: sympy.Expr, ranges: Mapping[Index, Range]) -> tuple[sympy.Expr, sympy.Expr]:
    """The least and the greatest value of an affine expression, with every index at an end of its range.

    An index whose range depends on another comes after that one in `ranges`. A node `left[k]` is one of `0..k-1`.
    """
    low, high = _without_nodes(expression, False), _without_nodes(expression, True)
    for index in reversed(list(ranges)):
        low, high = _at_end(low, index, ranges[index], False), _at_end(high, index, ranges[index], True)
    return low, high


def floor(expression: sympy.Expr) -> int | None:
    """The greatest whole number that an expression in sizes is surely not below: `T - 2` is -1 or more."""
    parts = coefficients(expression)
    if parts is None or any(factor < 0 or isinstance(symbol, Index) for symbol, factor in parts[0]):
        return None
    return int(parts[1] + sum(factor for _, factor in parts[0]))


def ceiling(expression: sympy.Expr) -> int | None:
    """The least whole number that an expression in sizes is surely not above."""
    below = floor(-expression)
    return None if below is None else -below


def _without_nodes(expression: sympy.Expr, greatest: bool) -> sympy.Expr:
    """An affine expression with every look-up of a node at an end of what it can be."""
    if not expression.has(Ref):
        return expression
    terms: list[sympy.Expr] = []
    for term in sympy.Add.make_args(expression.expand()):
        factor, rest = term.as_coeff_Mul()
        if isinstance(rest, Ref):
            rest = _without_nodes(rest.subscripts[0], greatest) - 1 if (factor > 0) == greatest else sympy.Integer(0)
        terms.append(factor * rest)
    return sympy.expand(sympy.Add(*terms))


def _at_end(expression: sympy.Expr, index: Index, reach: Range, greatest: bool) -> sympy.Expr:
    if index not in expression.free_symbols:
        return expression
    parts = coefficients(expression)
    factor = dict(parts[0]).get(index, sympy.Integer(0)) if parts else sympy.Integer(0)
    return expression.xreplace({index: reach.last if (factor > 0) == greatest else reach.first}).expand()
