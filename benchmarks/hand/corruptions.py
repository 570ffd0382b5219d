"""Mistakes made in lines that are right, and lines rewritten so that they stay right; on syntax trees, place by place.

Nothing here knows the checker: each kind is a small function from a line to other lines.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class World:
    """What may stand where in a line.

    Attributes:
        shapes: the sizes of every variable of the model and of the person's own names, steps apart.
        steps: how many steps each has.
        alike: the variables of the model that are of one shape and role, by name.
    """

    shapes: dict[str, tuple[str, ...]]
    steps: dict[str, int]
    alike: dict[str, tuple[str, ...]]


Change = Callable[[ast.expr, World], Iterator[ast.expr]]


def at_every_place(tree: ast.expr, change: Change, world: World) -> Iterator[ast.expr]:
    """The tree with the change made at one place, for every place and every way."""
    for number, place in enumerate(_places(tree)):
        for made in change(place, world):
            twin = copy.deepcopy(tree)
            old = _places(twin)[number]
            yield ast.fix_missing_locations(_Put(old, copy.deepcopy(made)).visit(twin))


def _places(tree: ast.expr) -> list[ast.expr]:
    """Every expression of a tree but subscripts and ranges of sums."""
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop(0)
        found.append(node)
        match node:
            case ast.Subscript():
                pass
            case ast.Call(func=ast.Name(id="sum"), args=[body, *_]):
                waiting.append(body)
            case ast.Call(args=arguments):
                waiting += arguments
            case _:
                waiting += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return found


class _Put(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.expr) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().visit(node)


def read(text: str) -> ast.expr:
    """A tree from a text."""
    return ast.parse(text, mode="eval").body


def variable(node: ast.expr) -> str:
    """The variable that a node is, with its step or without."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return node.value.id
    return node.id if isinstance(node, ast.Name) else ""


def is_gradient(node: ast.AST) -> bool:
    """Whether a node is `grad(...)`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "grad"


def called(name: str, *arguments: ast.expr) -> ast.expr:
    """A call."""
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


# -- mistakes ---------------------------------------------------------------------------------------------------------


def drop_term(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """One of two terms is gone."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield node.left
        yield node.right if isinstance(node.op, ast.Add) else ast.UnaryOp(ast.USub(), node.right)


def turn_sign(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """A plus for a minus, or the other way."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield ast.BinOp(node.left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), node.right)


def shift_step(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """A value one step later or earlier."""
    if isinstance(node, ast.Subscript) and world.steps.get(variable(node), 0):
        first, *rest = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        base, number = first, 0
        if isinstance(first, ast.BinOp) and isinstance(first.right, ast.Constant):
            base, number = first.left, int(first.right.value) * (1 if isinstance(first.op, ast.Add) else -1)  # type: ignore[call-overload, arg-type]
        for by in (1, -1) if isinstance(base, ast.Name) else ():  # what a look-up names has no next one
            total = number + by
            text = ast.unparse(base) + (f"+{total}" if total > 0 else str(total) if total else "")
            moved = [read(text), *rest]
            yield ast.Subscript(node.value, moved[0] if not rest else ast.Tuple(moved, ast.Load()), ast.Load())


def transpose(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """A transpose is gone."""
    if isinstance(node, ast.Attribute) and node.attr == "T" and len(world.shapes.get(variable(node.value), ())) == 2:
        yield node.value


def sign_of_product(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """One product for another."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield ast.BinOp(node.left, ast.MatMult(), node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield ast.BinOp(node.left, ast.Mult(), node.right)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "outer":
        yield ast.BinOp(node.args[0], ast.Mult(), node.args[1])


def swap_order(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """Two factors exchanged."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "outer":
        yield called("outer", node.args[1], node.args[0])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult) and isinstance(node.left, ast.BinOp):
        if isinstance(node.left.op, ast.MatMult):
            one, two, three = node.left.left, node.left.right, node.right
            yield ast.BinOp(ast.BinOp(two, ast.MatMult(), one), ast.MatMult(), three)
            yield ast.BinOp(ast.BinOp(one, ast.MatMult(), three), ast.MatMult(), two)


def no_diagonal(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """`diag` is gone."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "diag":
        yield node.args[0]


def no_power(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """A square is gone."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        yield node.left


def no_complement(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """`x` for `1 - x`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and ast.unparse(node.left) == "1":
        yield node.right


def drop_factor(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """A factor is gone."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield node.left
        yield node.right
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.MatMult):
            yield ast.BinOp(node.left.left, ast.MatMult(), node.right)


def constant_factor(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """A factor of 2, of -1 or of 1/T; of 1/2 where no steps are added."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield ast.BinOp(node.left, node.op, ast.BinOp(ast.Constant(2), ast.Mult(), node.right))
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "sum":
        index = ast.unparse(node.args[1]) if len(node.args) > 1 else ""
        yield ast.BinOp(node, ast.Div(), read(index.upper() if index in ("t", "s", "k") else "2"))
        yield ast.BinOp(ast.UnaryOp(ast.USub(), ast.Constant(1)), ast.Mult(), node)


def range_of_sum(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """A sum that lacks its first or its last step."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "sum" and isinstance(node.args[1], ast.Name):
        index = node.args[1].id
        if index in ("t", "s", "k"):
            yield called("sum", node.args[0], read(f"({index}, 2, {index.upper()})"))
            yield called("sum", node.args[0], read(f"({index}, 1, {index.upper()}-1)"))


def no_sum(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """A sum is gone."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "sum":
        yield node.args[0]


def other_variable(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """A variable for another of its shape."""
    name = variable(node)
    for other in world.alike.get(name, ()):
        if isinstance(node, ast.Subscript):
            yield ast.Subscript(ast.Name(other, ast.Load()), node.slice, ast.Load())
        elif world.shapes[name] and not world.steps[name]:
            yield ast.Name(other, ast.Load())


def no_function(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """A function is gone."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("tanh", "softmax", "sigmoid"):
        yield node.args[0]


def activation_twice(node: ast.expr, world: World) -> Iterator[ast.expr]:
    """The derivative of tanh once too often."""
    if is_gradient(node):
        inner = node.args[0]  # type: ignore[attr-defined]
        if len(world.shapes.get(variable(inner), ())) == 1:
            square = ast.BinOp(inner, ast.Pow(), ast.Constant(2))
            yield ast.BinOp(ast.BinOp(ast.Constant(1), ast.Sub(), square), ast.Mult(), node)


MISTAKES: dict[str, Change] = {
    "term dropped": drop_term,
    "sign turned": turn_sign,
    "step shifted": shift_step,
    "transpose lost": transpose,
    "* for @ or @ for *": sign_of_product,
    "factors exchanged": swap_order,
    "diag lost": no_diagonal,
    "square lost": no_power,
    "x for 1 - x": no_complement,
    "factor dropped": drop_factor,
    "constant factor": constant_factor,
    "sum too short": range_of_sum,
    "sum lost": no_sum,
    "another variable": other_variable,
    "function lost": no_function,
    "activation once more": activation_twice,
}
