r"""Values: a syntax tree of the equation language with its shape, so that side by side means what it does for columns.

`W h` is `W @ h`, `2 h` is `2 * h`, `u v^\top` is `u @ v.T` and `u^\top v` is `u.T @ v`.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from derive.check.tex.places import Places
from derive.check.tex.tokens import Unreadable

Shape = tuple[str, ...] | None


@dataclass(frozen=True)
class Value:
    """A part of a formula in the language.

    Attributes:
        node: its syntax tree, at its place in the person's file.
        shape: the sizes of its axes; None where they follow from what is not known yet.
        start: where it begins.
        end: where it ends.
        row: whether it is a vector that was transposed.
    """

    node: ast.expr
    shape: Shape
    start: int
    end: int
    row: bool = False

    @property
    def rank(self) -> int | None:
        """How many axes it has, None where that is open."""
        return None if self.shape is None else len(self.shape)


class Composer:
    """Puts values together, each result at the place of its parts.

    Args:
        places: of the person's file.
    """

    def __init__(self, places: Places) -> None:
        """A composer for one file."""
        self.places = places

    def made(self, node: ast.expr, shape: Shape, start: int, end: int, row: bool = False) -> Value:
        """A value at a place."""
        return Value(self.places.mark(node, start, end), shape, start, end, row)

    def call(self, name: str, arguments: Sequence[ast.expr], shape: Shape, start: int, end: int) -> Value:
        """A function of the language at its arguments."""
        return self.made(ast.Call(ast.Name(name, ast.Load()), list(arguments), []), shape, start, end)

    def binary(self, left: Value, sign: ast.operator, right: Value, shape: Shape, row: bool = False) -> Value:
        """Two values with a sign between them."""
        start, end = min(left.start, right.start), max(left.end, right.end)
        return self.made(ast.BinOp(left.node, sign, right.node), shape, start, end, row)

    def transposed(self, value: Value, end: int) -> Value:
        """A matrix transposed, a column as a row; a scalar is its own transpose."""
        if value.rank == 0:
            return value
        shape = value.shape[::-1] if value.shape is not None else None
        row = value.rank == 1 and not value.row
        if value.rank == 1 and value.row and isinstance(value.node, ast.Attribute) and value.node.attr == "T":
            return Value(value.node.value, shape, value.start, end)
        return self.made(ast.Attribute(value.node, "T", ast.Load()), shape, value.start, end, row)

    def beside(self, left: Value, right: Value) -> Value:
        """Two values side by side: a scalar multiplies, arrays are contracted."""
        if left.rank == 0 or right.rank == 0:
            other = right if left.rank == 0 else left
            return self.binary(left, ast.Mult(), right, other.shape, other.row)
        return self.binary(left, ast.MatMult(), right, *_contracted(left, right))

    def elementwise(self, left: Value, right: Value) -> Value:
        """Two values multiplied element by element."""
        known = left if left.shape else right
        return self.binary(left, ast.Mult(), right, known.shape, known.row)

    def times(self, left: Value, right: Value, sign: str) -> Value:
        r"""Two values with `\cdot`, `\times` or `*` between them: of two vectors the first is the inner product."""
        if 0 in (left.rank, right.rank):
            return self.beside(left, right)
        if sign == r"\cdot" and left.rank == right.rank == 1 and left.row == right.row:
            return self.call("dot", [left.node, right.node], (), left.start, right.end)
        if sign == r"\cdot":
            return self.beside(left, right)
        raise Unreadable(
            f"{sign} between arrays may be a matrix product or one element by element",
            left.start,
            right.end,
            r"write nothing between them, or \odot",
        )

    def outer(self, left: Value, right: Value) -> Value:
        """The outer product."""
        shape = None
        if left.shape is not None and right.shape is not None:
            shape = (*left.shape, *right.shape)
        return self.call("outer", [left.node, right.node], shape, left.start, right.end)

    def added(self, terms: Sequence[tuple[str, Value]]) -> Value:
        """Terms with their signs."""
        known = next((v for _, v in terms if v.shape), next((v for _, v in terms if v.shape is not None), terms[0][1]))
        total: Value | None = None
        for sign, term in terms:
            if total is not None:
                total = self.binary(total, ast.Add() if sign == "+" else ast.Sub(), term, known.shape, known.row)
            elif sign == "-":
                total = self.made(ast.UnaryOp(ast.USub(), term.node), term.shape, term.start, term.end, term.row)
            else:
                total = term
        assert total is not None
        return total


def _contracted(left: Value, right: Value) -> tuple[Shape, bool]:
    """The shape of a matrix product, and whether it is a row; where the parts do not fit, what they might be."""
    if left.shape is None or right.shape is None:
        return None, False
    if left.rank == 1 and right.rank == 1:
        return ((*left.shape, *right.shape), False) if right.row and not left.row else ((), False)
    if left.rank == 1:
        return right.shape[1:], True
    return (*left.shape[:-1], *right.shape[1:]), False
