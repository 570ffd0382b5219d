"""Shapes checked before values are put together."""

from __future__ import annotations

import ast

from derive.language import rules_shapes
from derive.language.context import Work
from derive.language.values import OPEN, Value, contraction, open_or, outer


def same_shape(node: ast.expr, nodes: list[ast.expr], values: list[Value], work: Work) -> bool:
    """Whether operands have one shape, or are scalars."""
    shaped = [n for n, value in enumerate(values) if value.axes]
    for n in shaped[1:]:
        if values[n].axes != values[shaped[0]].axes:
            short = work.sink.source.short
            first = shaped[0]
            problem = rules_shapes.unequal_shapes(
                short(node), short(nodes[first]), values[first], short(nodes[n]), values[n]
            )
            work.sink.report(node, problem)
            return False
    return True


def product(node: ast.expr, one: ast.expr, left: Value, other: ast.expr, right: Value, work: Work) -> Value:
    """`left @ right`."""
    short = work.sink.source.short
    for operand, value in ((one, left), (other, right)):
        if value.axes == ():
            work.sink.report(node, rules_shapes.contraction_of_scalar(short(node), short(operand)))
            return OPEN
    if left.axes is None or right.axes is None:
        if work.vectors_assumed and left.axes:
            return open_or(left.axes[:-1])
        if work.vectors_assumed and right.axes:
            return open_or(right.axes[1:])
        return OPEN
    if right.row and left.rank == 1 and not left.row:
        return outer(left, right)
    if right.row or (left.row and left.rank == 1 and right.rank is None):
        work.sink.report(node, rules_shapes.row_vector(short(node), short(other)))
        return OPEN
    if left.axes[-1].size != right.axes[0].size:
        work.sink.report(node, rules_shapes.contraction_sizes(short(node), short(one), left, short(other), right))
        return OPEN
    return contraction(left, right, work.fresh)
