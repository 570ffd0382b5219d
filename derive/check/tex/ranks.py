"""How many axes an expression of the language has, as far as its printing asks: which factors are scalars."""

from __future__ import annotations

import ast
from collections.abc import Callable

_RANKS = {"diag": 2, "outer": 2, "eye": 2, "onehot": 1, "dot": 0, "norm2": 0, "concat": 1}


def rank(node: ast.expr, axes: Callable[[ast.expr], int | None]) -> int:
    """How many axes an expression has.

    Args:
        node: the expression.
        axes: how many a variable has; None for what is no variable.
    """
    known = axes(node)
    if known is not None:
        return known
    match node:
        case ast.Attribute(value=of) | ast.UnaryOp(operand=of):
            return rank(of, axes)
        case ast.Subscript(value=of, slice=at):
            return max(0, rank(of, axes) - len(listed(at)))
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            one, two = rank(left, axes), rank(right, axes)
            if one == two == 1:
                return 2 if is_turned(right) and not is_turned(left) else 0
            return max(0, one + two - 2)
        case ast.BinOp(left=left, right=right):
            return max(rank(left, axes), rank(right, axes))
        case ast.Compare(left=left, comparators=others):
            return max(rank(of, axes) for of in (left, *others))
        case ast.Call(func=ast.Name(id="jac"), args=[of, by]):
            return rank(of, axes) + rank(by, axes)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            if name in ("sum", "mean", "max", "logsumexp") and len(arguments) == 1:
                return 0
            return _RANKS[name] if name in _RANKS else max((rank(of, axes) for of in arguments), default=0)
    return 0


def is_turned(node: ast.expr) -> bool:
    """Whether an expression is a transpose."""
    return isinstance(node, ast.Attribute) and node.attr == "T"


def listed(node: ast.expr) -> list[ast.expr]:
    """The subscripts between brackets."""
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]
