"""Syntax trees of a person's expressions: their nodes, their terms, and the same tree with another node in a place."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

ATOMS = ("grad", "jac", "onehot")
_OVER = ("sum", "mean", "prod", "max", "logsumexp", "softmax", "logsoftmax")


@dataclass(frozen=True)
class Term:
    """One of the terms that are added.

    Attributes:
        node: the term without its sign.
        minus: whether it is subtracted.
    """

    node: ast.expr
    minus: bool = False


def terms(node: ast.expr, minus: bool = False) -> Iterator[Term]:
    """The terms of a sum, in order."""
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=right):
            yield from terms(left, minus)
            yield from terms(right, minus != isinstance(sign, ast.Sub))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield from terms(operand, not minus)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            yield from terms(operand, minus)
        case _:
            yield Term(node, minus)


def joined(parts: list[Term]) -> ast.expr:
    """The sum of some terms; of none it is 0."""
    if not parts:
        return ast.Constant(0)
    parts = sorted(parts, key=lambda term: term.minus) if parts[0].minus else parts
    first, *rest = parts
    made = ast.UnaryOp(ast.USub(), first.node) if first.minus else first.node
    for term in rest:
        made = ast.BinOp(made, ast.Sub() if term.minus else ast.Add(), term.node)
    return made


def is_atom(node: ast.AST) -> bool:
    """Whether a node is a variable, a gradient or a one-hot vector, with its subscripts."""
    match node:
        case ast.Name() | ast.Subscript():
            return True
        case ast.Attribute(value=ast.Name(), attr=attribute) if attribute != "T":
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in ATOMS
    return False


def nodes(tree: ast.expr) -> Iterator[ast.expr]:
    """Every expression in a tree that has a value of its own: no subscripts, no ranges, nothing inside of atoms."""
    yield tree
    for child in children(tree):
        yield from nodes(child)


def wholes(tree: ast.expr) -> Iterator[ast.expr]:
    """The expressions in a tree but for what is only a part of a longer product: in `a * b * c` not `a * b`."""
    parts: set[int] = set()
    for node in nodes(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            inner = [child for child in (node.left, node.right) if isinstance(child, ast.BinOp)]
            parts |= {id(child) for child in inner if isinstance(child.op, ast.Mult)}
        if id(node) not in parts:
            yield node


def children(tree: ast.expr) -> list[ast.expr]:
    """The expressions directly inside of another that have a value of their own."""
    match tree:
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case _ if is_atom(tree):
            return []
        case ast.Call(func=ast.Name(id=name), args=[body, *_]) if name in _OVER:
            return [body]
        case ast.Call(args=arguments):
            return list(arguments)
    return [child for child in ast.iter_child_nodes(tree) if isinstance(child, ast.expr)]


def changed(tree: ast.expr, made: ast.expr) -> tuple[ast.expr, ast.expr]:
    """The least part of a tree in which another one differs from it, and what stands there instead.

    Args:
        tree: the tree.
        made: made by `replaced`: what is the same in both is shared.
    """
    while True:
        if type(tree) is not type(made):
            return tree, made
        differing: list[tuple[object, object]] = []
        for name in tree._fields:
            one, other = getattr(tree, name), getattr(made, name)
            if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
                differing += [pair for pair in zip(one, other, strict=True) if pair[0] is not pair[1]]
            elif one is not other and not (isinstance(one, ast.operator | ast.unaryop) and type(one) is type(other)):
                differing.append((one, other))
        inner = {id(child) for child in children(tree)}
        if len(differing) != 1 or id(differing[0][0]) not in inner or not isinstance(differing[0][1], ast.expr):
            return tree, made
        tree, made = differing[0]  # type: ignore[assignment]


def replaced(tree: ast.expr, old: ast.AST, new: ast.expr) -> ast.expr:
    """The tree with another node in the place of one of its own; everything else is shared."""
    return _replaced(tree, old, new)  # type: ignore[return-value]


def _replaced(tree: ast.AST, old: ast.AST, new: ast.expr) -> ast.AST:
    if tree is old:
        return new
    for name in tree._fields:
        value = getattr(tree, name)
        changed: object = value
        if isinstance(value, ast.expr):
            changed = _replaced(value, old, new)
        elif isinstance(value, list):
            inner = [_replaced(v, old, new) if isinstance(v, ast.AST) else v for v in value]
            changed = inner if any(one is not other for one, other in zip(inner, value, strict=True)) else value
        elif isinstance(value, ast.keyword):
            changed = _replaced(value, old, new)
        if changed is not value:
            fields = {field: getattr(tree, field) for field in tree._fields}
            return ast.copy_location(type(tree)(**(fields | {name: changed})), tree)
    return tree


def placed(tree: ast.expr, like: ast.AST) -> ast.expr:
    """The tree with a place for each of its nodes: that of another where it has none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and not hasattr(node, "lineno"):
            ast.copy_location(node, like)
            if not hasattr(node, "lineno"):
                node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = 1, 0, 1, 0
    return tree


def same(one: ast.AST, other: ast.AST) -> bool:
    """Whether two trees say the same, place apart."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    for name in one._fields:
        left, right = getattr(one, name, None), getattr(other, name, None)
        if isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right) or not all(_alike(a, b) for a, b in zip(left, right, strict=True)):
                return False
        elif not _alike(left, right):
            return False
    return True


def _alike(one: object, other: object) -> bool:
    if isinstance(one, ast.AST) and isinstance(other, ast.AST):
        return same(one, other)
    return type(one) is type(other) and one == other


def name_of(atom: ast.AST) -> str:
    """The variable that an atom is of; of a gradient the one it is taken by."""
    match atom:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            return f"{name}.{attribute}"
        case ast.Subscript(value=inner):
            return name_of(inner)
        case ast.Call(func=ast.Name(id="grad"), args=[inner, *_]):
            return name_of(inner)
    return ""


def is_gradient(atom: ast.AST) -> bool:
    """Whether an atom is a gradient."""
    return isinstance(atom, ast.Call) and isinstance(atom.func, ast.Name) and atom.func.id == "grad"


def is_jacobian(atom: ast.AST) -> bool:
    """Whether an atom is a Jacobian."""
    return isinstance(atom, ast.Call) and isinstance(atom.func, ast.Name) and atom.func.id == "jac"


def tidied(tree: ast.expr) -> ast.expr:
    """The tree without factors of 1 and doubled signs, as a person would write it."""
    return _Tidy().visit(copy.deepcopy(tree))  # type: ignore[no-any-return]


class _Tidy(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.BinOp(left=ast.Constant(value=1), op=ast.Mult(), right=right):
                return right
            case ast.BinOp(left=left, op=ast.Mult() | ast.Div(), right=ast.Constant(value=1)):
                return left
            case ast.BinOp(left=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)), op=ast.Mult(), right=right):
                return ast.UnaryOp(ast.USub(), right)
            case ast.BinOp(left=left, op=ast.Add(), right=ast.UnaryOp(op=ast.USub(), operand=right)):
                return ast.BinOp(left, ast.Sub(), right)
            case ast.BinOp(left=left, op=ast.Sub(), right=ast.UnaryOp(op=ast.USub(), operand=right)):
                return ast.BinOp(left, ast.Add(), right)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=ast.UnaryOp(op=ast.USub(), operand=inner)):
                return inner
        return node


class Keys:
    """Numbers for trees: two that say the same have one. What trees share is looked at once."""

    def __init__(self) -> None:
        """No tree is known yet."""
        self._known: dict[int, tuple[ast.AST, int]] = {}
        self._numbers: dict[tuple[object, ...], int] = {}

    def of(self, tree: ast.AST) -> int:
        """The number of a tree."""
        found = self._known.get(id(tree))
        if found is not None:
            return found[1]
        said = (type(tree), *(self._part(getattr(tree, name, None)) for name in tree._fields))
        number = self._numbers.setdefault(said, len(self._numbers))
        self._known[id(tree)] = (tree, number)  # the tree is kept, so that no other one has its place in memory
        return number

    def _part(self, value: object) -> object:
        if isinstance(value, ast.expr_context | ast.operator | ast.unaryop | ast.cmpop):
            return type(value)
        if isinstance(value, ast.AST):
            return ("tree", self.of(value))
        if isinstance(value, list):
            return tuple(self._part(inner) for inner in value)
        return (type(value), value)


def factors(node: ast.expr) -> Iterator[ast.expr]:
    """The factors of an element-wise product, in order."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from factors(node.left)
        yield from factors(node.right)
    else:
        yield node


def chain(node: ast.expr) -> list[ast.expr]:
    """The factors of a matrix product, in order."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return [*chain(node.left), *chain(node.right)]
    return [node]


def product(parts: list[ast.expr], sign: type[ast.operator] = ast.Mult) -> ast.expr:
    """A product from left to right."""
    made, *rest = parts
    for part in rest:
        made = ast.BinOp(made, sign(), part)
    return made
