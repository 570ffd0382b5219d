"""`prod(expr, (s, t+1, T))`: an ordered product of square matrices."""

from __future__ import annotations

import ast
from typing import Any

import sympy

from derive.affine import when_long
from derive.check.hand import rules
from derive.expressions import AxisKind, size_symbol
from derive.language import bounds
from derive.language.context import Scope, Work
from derive.language.elaborate import evaluate
from derive.language.indices import bind
from derive.language.values import OPEN, Value, scalar

BATCH = "B"


class Prod(sympy.Expr):
    """`Prod(body, row, column, index, first, last, i, j)`: entry (i, j) of a product of matrices.

    The factors are `body` at `index = first..last`, from left to right; of none it is the identity. Where `first` is
    an end and `last` lies before it in a long sequence (`(s, T, t+1)`), the index runs downwards.
    """

    is_commutative = True

    @property
    def free_symbols(self) -> set[sympy.Basic]:
        """The symbols without the bound indices."""
        body, row, column, index, *others = self.args
        inside: set[sympy.Basic] = body.free_symbols - {row, column, index}
        return inside.union(*(other.free_symbols for other in others))

    @property
    def descends(self) -> bool:
        """Whether the index runs downwards."""
        return when_long(self.args[4]) > when_long(self.args[5]) + bounds.SHIFT


def read(node: ast.expr, scope: Scope, work: Work) -> Value:
    """The value of an expression of a hand derivation: the language's, and ordered products."""
    if isinstance(node, ast.Name) and node.id == BATCH and not _is_known(node.id, scope, work):
        return scalar(size_symbol(BATCH))  # a gradient is of one example: a person may think of a mean all the same
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "prod":
        return _product(node, scope, work)
    return evaluate(node, scope, work)


def _is_known(name: str, scope: Scope, work: Work) -> bool:
    symbols = work.symbols
    return name in scope.indices or name in scope.locals or symbols.is_variable(name) or name in symbols.sizes


def _product(node: ast.Call, scope: Scope, work: Work) -> Value:
    if len(node.args) != 2 or node.keywords:
        work.sink.report(node, rules.arguments_of("prod", "prod(expr, (s, t+1, T))"))
        return OPEN
    bound = bind(node.args[1], node.args[0], "prod", scope, work)
    if bound is None:
        return OPEN
    name, index = bound
    value = work.value(node.args[0], scope.bind(name, index))
    if value.axes is None:
        return OPEN
    if value.rank != 2 or value.axes[0] != value.axes[1] or index.axis.kind is AxisKind.FEATURE:
        work.sink.report(node, rules.matrix_product(work.sink.source.short(node.args[0])))
        return OPEN
    reach = work.ranges[index]

    def entry(at: tuple[Any, ...]) -> sympy.Expr:
        row, column = (work.fresh(axis) for axis in value.axes or ())
        return Prod(value.entry((row, column)), row, column, index, reach.first, reach.last, *at)

    return Value(value.axes, entry)
