"""Mistakes in products: transposes, order, element-wise for matrix product, the side of a diagonal matrix."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from itertools import combinations

from derive.check.hand.diagnosis.mistakes import Mend, mistake
from derive.check.hand.diagnosis.setting import Setting
from derive.check.hand.diagnosis.trees import chain, factors, is_atom, nodes, product, replaced


@mistake("transpose", 10)
def transpose(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """A transpose missing, or one too many."""
    under = {id(node.value) for node in nodes(tree) if isinstance(node, ast.Attribute)}
    for node in nodes(tree):
        if isinstance(node, ast.Attribute) and node.attr == "T":
            parts = (node.value, node)
            yield Mend(replaced(tree, node, node.value), "a transpose too many: {}, not {}", node, parts)
        elif is_atom(node) and id(node) not in under and setting.rank(node) == 2:
            made = ast.Attribute(node, "T", ast.Load())
            yield Mend(replaced(tree, node, made), "a transpose is missing: {}, not {}", node, (made, node))


@mistake("index", 11)
def index(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """Entries the wrong way round: two indices of one variable exchanged, or two in the whole term."""
    named: dict[str, None] = {}
    for node in nodes(tree):
        entries = setting.entries(node) if is_atom(node) else []
        names = [entry for entry in entries if isinstance(entry, ast.Name)]
        named |= dict.fromkeys(name.id for name in names)
        if len(names) == 2 and names[0].id != names[1].id:
            made = _exchanged(node, names[0].id, names[1].id)
            form = "the indices are the wrong way round: {}, not {}"
            yield Mend(replaced(tree, node, made), form, node, (made, node))
    for node in nodes(tree):
        for entry in setting.entries(node) if is_atom(node) else []:
            for other in named:
                if isinstance(entry, ast.Name) and entry.id != other:
                    made = replaced(node, entry, ast.Name(other, ast.Load()))
                    yield Mend(replaced(tree, node, made), "the wrong index: {}, not {}", node, (made, node))
    for one, other in combinations(named, 2):
        made = _exchanged(tree, one, other)
        yield Mend(made, f"the indices {one} and {other} are the wrong way round", tree)


def _exchanged(tree: ast.expr, one: str, other: str) -> ast.expr:
    """The expression with two indices in the places of each other."""
    table = {one: other, other: one}
    made = copy.deepcopy(tree)
    for node in ast.walk(made):
        if isinstance(node, ast.Name):
            node.id = table.get(node.id, node.id)
    return made


@mistake("order of factors", 20)
def order(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """An outer product the other way round, or a matrix on the wrong side."""
    for node in nodes(tree):
        match node:
            case ast.Call(func=ast.Name(id="outer"), args=[one, other]):
                made: ast.expr = ast.Call(node.func, [other, one], [])
                form = "the outer product is the other way round: {}, not {}"
                yield Mend(replaced(tree, node, made), form, node, (made, node))
            case ast.BinOp(left=one, op=ast.MatMult(), right=ast.Attribute(value=other, attr="T")) if not _is_matrix(
                other, setting
            ):
                made = ast.BinOp(other, ast.MatMult(), ast.Attribute(one, "T", ast.Load()))
                form = "the outer product is the other way round: {}, not {}"
                yield Mend(replaced(tree, node, made), form, node, (made, node))
        for made in _carried_across(node):
            yield Mend(replaced(tree, node, made), "a factor in the wrong place: {}, not {}", node, (made, node))
    for node in _chains(tree):
        parts = chain(node)
        for n in range(len(parts) - 1):
            moved = [*parts[:n], parts[n + 1], parts[n], *parts[n + 2 :]]
            made = product(moved, ast.MatMult)
            diagonal = next((p for p in parts[n : n + 2] if _is_diagonal(p)), None)
            form = "the factors are in the wrong order: {}, not {}"
            if diagonal is not None:
                form = "{2} is on the wrong side: {0}, not {1}"
            yield Mend(replaced(tree, node, made), form, node, (made, node, diagonal or node))


def _carried_across(node: ast.expr) -> Iterator[ast.expr]:
    """An element-wise factor on the other side of a matrix, or of an outer product."""
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=ast.BinOp(left=matrix, op=ast.MatMult(), right=right)):
            yield ast.BinOp(matrix, ast.MatMult(), ast.BinOp(left, ast.Mult(), right))
        case ast.BinOp(left=ast.BinOp(left=matrix, op=ast.MatMult(), right=right), op=ast.Mult(), right=left):
            yield ast.BinOp(matrix, ast.MatMult(), ast.BinOp(left, ast.Mult(), right))
        case ast.BinOp(left=matrix, op=ast.MatMult(), right=ast.BinOp(left=left, op=ast.Mult(), right=right)):
            yield ast.BinOp(left, ast.Mult(), ast.BinOp(matrix, ast.MatMult(), right))
            yield ast.BinOp(right, ast.Mult(), ast.BinOp(matrix, ast.MatMult(), left))
        case ast.Call(func=ast.Name(id="outer"), args=[one, other]):
            for moved, kept in _parted(one):
                yield _outer(kept, ast.BinOp(moved, ast.Mult(), other))
            for moved, kept in _parted(other):
                yield _outer(ast.BinOp(moved, ast.Mult(), one), kept)


def _parted(node: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each factor of an element-wise product, and the rest."""
    parts = list(factors(node))
    for n, part in enumerate(parts if len(parts) > 1 else []):
        yield part, product([*parts[:n], *parts[n + 1 :]])


@mistake("element-wise for matrix product", 30)
def kind(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """`*` where `@` is meant, and the other way; an element-wise product where an outer one is meant."""
    for node in nodes(tree):
        match node:
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                for made in (
                    ast.BinOp(left, ast.MatMult(), right), ast.BinOp(right, ast.MatMult(), left), _outer(left, right),
                    _outer(right, left),
                ):  # fmt: skip
                    form = "an element-wise product where a matrix product belongs: {}, not {}"
                    yield Mend(replaced(tree, node, made), form, node, (made, node))
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                yield _elementwise(tree, node, ast.BinOp(left, ast.Mult(), right))
                yield _not_inner(tree, node, _outer(left, right))
            case ast.Call(func=ast.Name(id="outer" | "dot"), args=[left, right]):
                yield _elementwise(tree, node, ast.BinOp(left, ast.Mult(), right))
                if node.func.id == "dot":  # type: ignore[attr-defined]
                    yield _not_inner(tree, node, _outer(left, right))
            case ast.Call(func=ast.Name(id="diag"), args=[vector]):
                yield Mend(replaced(tree, node, vector), "a diagonal matrix too many: {}, not {}", node, (vector, node))
    for node in _chains(tree):
        # A product of several: one of the signs alone.
        parts = chain(node)
        for n in range(len(parts)):
            diagonal = ast.Call(ast.Name("diag", ast.Load()), [parts[n]], [])
            made = product([*parts[:n], diagonal, *parts[n + 1 :]], ast.MatMult)
            named = (diagonal, parts[n])
            yield Mend(replaced(tree, node, made), "diag(...) is missing: {}, not {}", parts[n], named)
        for n in range(1, len(parts) - 1):
            left, right = product(parts[:n], ast.MatMult), product(parts[n:], ast.MatMult)
            yield _elementwise(tree, node, ast.BinOp(left, ast.Mult(), right))
            middle = product(parts[n - 1 : n + 1], ast.Mult)
            inner = ast.BinOp(middle, ast.MatMult(), product(parts[n + 1 :], ast.MatMult))
            whole = ast.BinOp(product(parts[: n - 1], ast.MatMult), ast.MatMult(), inner) if n > 1 else inner
            yield _elementwise(tree, node, whole)


@mistake("factor too many", 62)
def dropped(tree: ast.expr, setting: Setting) -> Iterator[Mend]:
    """A factor that does not belong."""
    for node in nodes(tree):
        for sign, parts in ((ast.Mult, list(factors(node))), (ast.MatMult, chain(node))):
            if len(parts) < 2:
                continue
            for n, part in enumerate(parts):
                made = product([*parts[:n], *parts[n + 1 :]], sign)
                yield Mend(replaced(tree, node, made), "a factor too many: {} does not belong", part, (part,))
        several = list(factors(node))
        for n in range(len(several) - 1) if len(several) > 3 else ():
            left = product([*several[:n], *several[n + 2 :]])
            both = product(several[n : n + 2])
            yield Mend(replaced(tree, node, left), "factors too many: {} does not belong", node, (both,))
        for part in several if len(several) > 2 else ():
            if not isinstance(part, ast.Constant):
                yield Mend(replaced(tree, node, part), "factors too many: {} alone is right", node, (part,))
        match node:
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                form = "it is divided by {}, which does not belong"
                yield Mend(replaced(tree, node, left), form, node, (right,))


def _elementwise(tree: ast.expr, node: ast.expr, made: ast.expr) -> Mend:
    form = "a matrix product where an element-wise one belongs: {}, not {}"
    return Mend(replaced(tree, node, made), form, node, (made, node))


def _not_inner(tree: ast.expr, node: ast.expr, made: ast.expr) -> Mend:
    form = "an inner product where an outer one belongs: {}, not {}"
    return Mend(replaced(tree, node, made), form, node, (made, node))


def _outer(left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("outer", ast.Load()), [left, right], [])


def _chains(tree: ast.expr) -> Iterator[ast.BinOp]:
    """The matrix products of a tree, each as a whole."""
    inside: set[int] = set()
    for node in nodes(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            if id(node) not in inside:
                yield node
            inside |= {id(node.left), id(node.right)}


def _is_diagonal(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "diag"


def _is_matrix(node: ast.expr, setting: Setting) -> bool:
    return is_atom(node) and setting.rank(node) == 2
