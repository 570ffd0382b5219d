"""Where columns make a product meaningless: `W.T @ g @ D` has a matrix to the right of a column."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

from derive.check.hand import rules
from derive.check.hand.claims import Claim
from derive.errors import Fault
from derive.language.context import Scope, Work
from derive.language.values import Value, describe

Place = tuple[int, int, int | None, int | None]


def misfit(claim: Claim) -> ast.BinOp | None:
    """The first product of a column with a matrix to its right."""
    return next(misfits(claim), None)


def misfits(claim: Claim) -> Iterator[ast.BinOp]:
    """Every product of a column with a matrix to its right.

    In array notation vectors have no orientation, so that only a product (`W.T @ g`) is surely meant as a column; in
    LaTeX every vector is one.
    """
    assert claim.right_tree is not None
    work = claim.work.quietly()
    for node, scope in _products(claim.right_tree, claim.scope, work):
        left, right = work.value(node.left, scope), work.value(node.right, scope)
        made = isinstance(node.left, ast.BinOp) or claim.line.notation == "latex"
        if made and left.rank == 1 and not left.row and right.rank == 2:
            yield node
        elif claim.line.notation == "latex" and right.rank == 1 and _turned(left, right):
            yield node


def _turned(left: Value, right: Value) -> bool:
    """Whether a vector on the right stands the wrong way: beside one of its own kind, or as a row behind a matrix."""
    return left.row == right.row if left.rank == 1 else left.rank == 2 and right.row


def _products(tree: ast.expr, scope: Scope, work: Work) -> Iterator[tuple[ast.BinOp, Scope]]:
    """Every product of arrays, with what is in scope there; what sums bind is in scope below them."""
    from derive.language.indices import bind

    todo: list[tuple[ast.AST, Scope]] = [(tree, scope)]
    while todo:
        node, here = todo.pop(0)
        inner = here
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) > 1:
            if node.func.id in ("sum", "mean", "prod"):
                for argument in node.args[1:]:
                    bound = bind(argument, node.args[0], node.func.id, inner, work)
                    inner = inner.bind(*bound) if bound is not None else inner
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            yield node, here
        todo += [(child, inner) for child in ast.iter_child_nodes(node)]


def mends(claim: Claim, node: ast.BinOp) -> Iterator[ast.expr]:
    """The right side in the person's words with every such matrix where it may have been meant.

    Of two vectors side by side none is tried here: what was meant is left to the table of mistakes.
    """
    if _is_vector(claim, node):
        return
    places = {_place(other) for other in misfits(claim) if not _is_vector(claim, other)}
    for way in (_moved_inwards, _put_first, _turned_and_put_first):
        mender = _Mender(places, way)
        tree = mender.visit(copy.deepcopy(claim.line.right))
        if mender.mended:
            yield ast.fix_missing_locations(tree)


class _Mender(ast.NodeTransformer):
    """Puts the matrices of products at certain places elsewhere, inner ones first."""

    def __init__(self, places: set[Place], way: Callable[[ast.expr, ast.expr], ast.expr | None]) -> None:
        self.places, self.way, self.mended = places, way, False

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        place = _place(node)
        self.generic_visit(node)
        made = self.way(node.left, node.right) if place in self.places and isinstance(node.op, ast.MatMult) else None
        self.mended = self.mended or made is not None
        return ast.copy_location(made, node) if made is not None else node


def _moved_inwards(column: ast.expr, matrix: ast.expr) -> ast.expr | None:
    """`W.T @ D @ g` for `W.T @ g @ D`."""
    if not (isinstance(column, ast.BinOp) and isinstance(column.op, ast.MatMult)):
        return None
    return ast.BinOp(ast.BinOp(column.left, ast.MatMult(), matrix), ast.MatMult(), column.right)


def _put_first(column: ast.expr, matrix: ast.expr) -> ast.expr:
    return ast.BinOp(matrix, ast.MatMult(), column)


def _turned_and_put_first(column: ast.expr, matrix: ast.expr) -> ast.expr:
    return ast.BinOp(ast.Attribute(matrix, "T", ast.Load()), ast.MatMult(), column)


def _is_vector(claim: Claim, node: ast.BinOp) -> bool:
    return _sides(claim, node)[1].rank == 1


def _sides(claim: Claim, node: ast.BinOp) -> tuple[Value, Value]:
    """The values of a product's two sides."""
    assert claim.right_tree is not None
    work = claim.work.quietly()
    for product, scope in _products(claim.right_tree, claim.scope, work):
        if product is node:
            return work.value(node.left, scope), work.value(node.right, scope)
    raise AssertionError("a product that is not in its line")


def _as_matrix(value: Value) -> str:
    """A shape as LaTeX has it: a vector is a column, and a row once it is transposed."""
    assert value.axes is not None
    sizes = [str(axis.size) for axis in value.axes]
    if len(sizes) == 1:
        sizes = ["1", *sizes] if value.row else [*sizes, "1"]
    return " x ".join(sizes)


def _place(node: ast.BinOp) -> Place:
    """Where a product stands: in the person's words and as it was elaborated it is the same place."""
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def fault_of(claim: Claim, node: ast.BinOp) -> Fault:
    """What does not fit, in shapes."""
    short = claim.line.source.short
    left, right = _sides(claim, node)
    if right.rank == 1:
        shapes = _as_matrix(left), _as_matrix(right)
        problem = rules.does_not_fit(short(node), short(node.left), shapes[0], short(node.right), shapes[1])
        claim.work.sink.report(node, problem)
        return claim.work.sink.faults[-1]
    assert left.axes is not None
    at = "" if claim.line.notation == "latex" else "@ "
    mend = f"a matrix stands left of a column: ... {at}{short(node.right)} {at}..."
    problem = rules.column_left_of_matrix(
        short(node),
        short(node.left),
        str(left.axes[0].size),
        short(node.right),
        describe(right).removeprefix("is "),
        mend,
    )
    claim.work.sink.report(node, problem)
    return claim.work.sink.faults[-1]
