"""What the other equations say of a variable: the ranges of the indices by which they read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from derive.expressions import Axis, Index
from derive.language.context import UNKNOWN, Scope, Work
from derive.language.indices import BINDERS, axis_of
from derive.language.syntax import Statement

Bound = Mapping[str, ast.expr]  # for each index, the expression that it runs over


def used_axes(name: str, steps: int, count: int, statements: list[Statement], work: Work) -> list[Axis | None]:
    """The axes of a variable's features, as far as the equations that read it by named indices say them.

    Args:
        name: the variable.
        steps: how many sequences it has.
        count: how many feature indices its own equation names.
        statements: the equations to look at.
        work: a quiet place.
    """
    axes: list[Axis | None] = [None] * count
    for statement in statements:
        for elements, bound in _reads(statement.right, name):
            for position, element in enumerate(elements[steps : steps + count]):
                if axes[position] is None and isinstance(element, ast.Name):
                    axes[position] = _range(element.id, statement, bound, work)
    return axes


def _range(index: str, statement: Statement, bound: Bound, work: Work) -> Axis | None:
    """The range of an index where it is used: that of the left side's variable, or what else it subscripts there."""
    left = [node.id if isinstance(node, ast.Name) else "" for node in statement.subscripts]
    if index not in bound and index not in left:
        return None
    shape = work.symbols.features(statement.name)
    if index not in bound and shape is not None:
        position = left.index(index) - len(work.symbols.sequences(statement.name))
        return shape[position] if 0 <= position < len(shape) else None
    scope = Scope()
    for other in (*left, *bound):
        if other:
            sequence = work.symbols.sequence_of(other)
            scope = scope.bind(other, Index(other, sequence or UNKNOWN))
    axis = axis_of(index, [bound.get(index, statement.right)], scope, work)
    return None if axis is UNKNOWN else axis


def _reads(right: ast.expr, name: str) -> Iterator[tuple[list[ast.expr], Bound]]:
    """The subscripts at each reading of a variable, with the indices that are bound there."""
    todo: list[tuple[ast.AST, Bound]] = [(right, {})]
    while todo:
        node, bound = todo.pop()
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == name:
            yield list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice], bound
        inside = bound
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BINDERS and node.args:
            heads = [a.elts[0] if isinstance(a, ast.Tuple) and a.elts else a for a in node.args[1:]]
            inside = {**bound, **{head.id: node.args[0] for head in heads if isinstance(head, ast.Name)}}
        todo += reversed([(child, inside) for child in ast.iter_child_nodes(node)])
