"""A line in array notation as one in index notation, entry by entry."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .corruptions import World, called, is_gradient, read, variable

_NAMES = ("p", "q", "m1", "m2", "m3", "m4", "m5", "m6")
_ENTRYWISE = ("tanh", "sigmoid", "relu", "exp")


class NotIndexed(Exception):
    """There is no such form here."""


def indexed(left: ast.expr, right: ast.expr, world: World) -> tuple[ast.expr, ast.expr] | None:
    """Both sides for one entry; None where it is a scalar already or has a form unknown here."""
    if not (is_gradient(left) and isinstance(left, ast.Call)):
        return None
    inner = left.args[0]
    given = (
        0
        if not isinstance(inner, ast.Subscript)
        else len(inner.slice.elts)
        if isinstance(inner.slice, ast.Tuple)
        else 1
    )
    rank = len(world.shapes[variable(inner)]) + world.steps[variable(inner)] - given
    if not rank:
        return None
    names = iter(_NAMES)
    entry = [next(names) for _ in range(rank)]
    try:
        return _entry(left, entry, world, names), _entry(right, entry, world, names)
    except NotIndexed:
        return None


def _rank(node: ast.expr, world: World) -> int:
    match node:
        case ast.Constant():
            return 0
        case ast.Call(func=ast.Name(id="onehot")):
            return 1
        case ast.Call(func=ast.Name(id="outer" | "diag")):
            return 2
        case ast.Call(func=ast.Name(id="jac")):
            return 2
        case ast.Call(args=[inner, *_]):
            return _rank(inner, world)
        case ast.Attribute(value=inner):
            return _rank(inner, world)
        case ast.UnaryOp(operand=inner):
            return _rank(inner, world)
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            if isinstance(right, ast.Attribute) and _rank(left, world) == _rank(right.value, world) == 1:
                return 2
            return _rank(left, world) + _rank(right, world) - 2
        case ast.BinOp(left=left, right=right):
            return max(_rank(left, world), _rank(right, world))
    name = variable(node)
    if name not in world.shapes:
        return 0
    given = 0
    if isinstance(node, ast.Subscript):
        given = len(node.slice.elts) if isinstance(node.slice, ast.Tuple) else 1
    return len(world.shapes[name]) + world.steps[name] - given


def _entry(node: ast.expr, entry: list[str], world: World, names: Iterator[str]) -> ast.expr:
    match node:
        case ast.Constant():
            return node
        case ast.Call(func=ast.Name(id="grad"), args=[inner]):
            return called("grad", _entry(inner, entry, world, names))
        case ast.Call(func=ast.Name(id="onehot"), args=[inner]):
            return read(f"where({entry[0]} == {ast.unparse(inner)}, 1, 0)")
        case ast.Call(func=ast.Name(id="outer"), args=[one, other]):
            return ast.BinOp(_entry(one, entry[:1], world, names), ast.Mult(), _entry(other, entry[1:], world, names))
        case ast.Call(func=ast.Name(id="diag"), args=[inner]):
            value = ast.unparse(_entry(inner, entry[:1], world, names))
            return read(f"where({entry[0]} == {entry[1]}, {value}, 0)")
        case ast.Call(func=ast.Name(id="sum"), args=[body, over]):
            return called("sum", _entry(body, entry, world, names), over)
        case ast.Call(func=ast.Name(id=name), args=[inner]) if name in _ENTRYWISE:
            return called(name, _entry(inner, entry, world, names))
        case ast.Attribute(value=inner) if _rank(inner, world) == 2:
            return _entry(inner, entry[::-1], world, names)
        case ast.UnaryOp(op=op, operand=inner):
            return ast.UnaryOp(op, _entry(inner, entry, world, names))
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            if isinstance(right, ast.Attribute) and _rank(right.value, world) == 1:
                return _entry(called("outer", left, right.value), entry, world, names)
            bound = next(names)
            kept = _rank(left, world) - 1
            one = _entry(left, [*entry[:kept], bound], world, names)
            other = _entry(right, [bound, *entry[kept:]], world, names)
            return called("sum", ast.BinOp(one, ast.Mult(), other), ast.Name(bound, ast.Load()))
        case ast.BinOp(left=left, op=op, right=right):
            sides = [_entry(s, entry if _rank(s, world) else [], world, names) for s in (left, right)]
            return ast.BinOp(sides[0], op, sides[1])
        case ast.Name() | ast.Subscript():
            if not _rank(node, world):
                return node
            given = [ast.unparse(node.slice).strip("()")] if isinstance(node, ast.Subscript) else []
            base = ast.unparse(node.value if isinstance(node, ast.Subscript) else node)
            return read(f"{base}[{', '.join([*given, *entry])}]")
    raise NotIndexed
