"""Array values: the axes of an array and what stands in each entry. Array notation ends here.

An operation takes values and makes a value; its entries are index expressions. `axes` is None where they are not known
yet, while shapes are being found, or where a fault was reported: then nothing more is said about it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy

from derive import functions
from derive.affine import at_least
from derive.expressions import Axis, Index, Ref, Sum

Entry = Callable[[tuple[sympy.Expr, ...]], sympy.Expr]
Fresh = Callable[[Axis], Index]


@dataclass(frozen=True)
class Value:
    """An array.

    Attributes:
        axes: its feature axes, none for a scalar; None where they are open.
        entry: from an index for each axis to the expression there.
        row: whether it is a transposed vector.
        parts: of a concatenation, its parts.
        classes: of integer data, which can look up, the number of its values.
        condition: whether it is a comparison.
        number: whether it is written as a number alone, so that it fits any shape as a start.
    """

    axes: tuple[Axis, ...] | None
    entry: Entry
    row: bool = False
    parts: tuple[Value, ...] = ()
    classes: sympy.Expr | None = None
    condition: bool = False
    number: bool = False

    @property
    def rank(self) -> int | None:
        """How many axes, where that is known."""
        return None if self.axes is None else len(self.axes)


def _no_entry(_: tuple[sympy.Expr, ...]) -> sympy.Expr:
    raise AssertionError("an entry of a value whose shape is open")


OPEN = Value(None, _no_entry)


def scalar(expression: sympy.Expr, *, number: bool = False) -> Value:
    """A scalar."""
    return Value((), lambda _: expression, number=number)


def open_or(axes: tuple[Axis, ...] | None) -> Value:
    """A value of which the shape is all that is known."""
    return Value(axes, _no_entry)


def describe(value: Value) -> str:
    """A shape in words: `is a scalar`, `has n_h entries`, `is n_y x n_h`."""
    axes = value.axes or ()
    if not axes:
        return "is a scalar"
    if len(axes) == 1:
        return f"has {axes[0].size} entries"
    return "is " + " x ".join(str(axis.size) for axis in axes)


def elementwise(function: Callable[..., sympy.Expr], values: Sequence[Value]) -> Value:
    """A function applied entry by entry; the shapes are equal or scalar (checked before)."""
    shaped = [value for value in values if value.axes]
    if not shaped and any(value.axes is None for value in values):
        return OPEN
    axes = shaped[0].axes if shaped else ()

    def entry(at: tuple[sympy.Expr, ...]) -> sympy.Expr:
        return function(*(value.entry(at if value.axes else ()) for value in values))

    result = Value(
        axes,
        entry,
        row=bool(shaped) and all(value.row for value in shaped),
        number=all(value.number for value in values),
    )
    concatenated = [value for value in shaped if value.parts]
    if len(concatenated) == 1 and len(shaped) == 1:
        position = next(n for n, value in enumerate(values) if value is concatenated[0])
        parts = tuple(
            elementwise(function, [*values[:position], part, *values[position + 1 :]]) for part in concatenated[0].parts
        )
        result = Value(axes, entry, parts=parts)
    return result


def total(value: Value, fresh: Fresh) -> sympy.Expr:
    """The sum of all entries."""
    if value.parts:
        return sympy.Add(*(total(part, fresh) for part in value.parts))
    indices = [fresh(axis) for axis in value.axes or ()]
    body = value.entry(tuple(indices))
    for index in reversed(indices):
        body = summed(body, index, index.axis.first, index.axis.last)
    return body


def summed(body: sympy.Expr, index: Index, first: sympy.Expr, last: sympy.Expr) -> sympy.Expr:
    """The sum over an index; of nothing it is 0, with a one-hot or a diagonal it is the one entry."""
    if body == 0 or at_least(first - 1, last):
        return sympy.S.Zero
    if (first, last) == (index.axis.first, index.axis.last):
        for factor in body.args if isinstance(body, sympy.Mul) else ():
            picked = _picked(factor, index) if isinstance(factor, functions.equal) else None
            rest = sympy.Mul(*(other for other in body.args if other is not factor))
            if picked is not None and _stands_in_subscripts(rest, index):
                return rest.xreplace({index: picked})
    return Sum(body, index, first, last)


def _picked(condition: sympy.Expr, index: Index) -> sympy.Expr | None:
    """What an index must equal, where that surely lies on its axis."""
    one, other = condition.args
    value = other if one == index else one
    if index not in (one, other) or value == index:
        return None
    along = isinstance(value, Index) and value.axis == index.axis
    return value if along or isinstance(value, Ref) else None


def _stands_in_subscripts(expression: sympy.Expr, index: Index) -> bool:
    """Whether a product has a factor at the index, and the index is nowhere a number."""
    factors = sympy.Mul.make_args(expression)
    direct = any(isinstance(factor, Ref) and index in factor.subscripts for factor in factors)
    return direct and all(_in_subscripts_only(factor, index) for factor in factors)


def _in_subscripts_only(expression: sympy.Expr, index: Index) -> bool:
    if isinstance(expression, Ref):
        return all(s == index or index not in s.free_symbols for s in expression.subscripts)
    if expression == index:
        return False
    return all(_in_subscripts_only(argument, index) for argument in expression.args)


def contraction(left: Value, right: Value, fresh: Fresh) -> Value:
    """`left @ right`: the last axis of the left with the first of the right, which are equal (checked before)."""
    assert left.axes and right.axes
    keep = len(left.axes) - 1

    def entry(at: tuple[sympy.Expr, ...]) -> sympy.Expr:
        before, after = at[:keep], at[keep:]
        if right.parts or left.parts:
            return _split(left, right, before, after, fresh)
        index = fresh(right.axes[0])  # type: ignore[index]
        body = left.entry((*before, index)) * right.entry((index, *after))
        return summed(body, index, index.axis.first, index.axis.last)

    return Value((*left.axes[:-1], *right.axes[1:]), entry, row=left.row and right.rank == 2)


def _split(
    left: Value, right: Value, before: tuple[sympy.Expr, ...], after: tuple[sympy.Expr, ...], fresh: Fresh
) -> sympy.Expr:
    """A contraction with a concatenation is a sum over its parts, each with its own stretch of the other's axis."""
    terms: list[sympy.Expr] = []
    offset: sympy.Expr = sympy.Integer(0)
    for part in right.parts or left.parts:
        index = fresh(part.axes[0])  # type: ignore[index]
        if right.parts:
            body = left.entry((*before, index + offset)) * part.entry((index, *after))
        else:
            body = part.entry((index,)) * right.entry((index + offset, *after))
        terms.append(summed(body, index, index.axis.first, index.axis.last))
        offset = offset + index.axis.size
    return sympy.Add(*terms)


def outer(left: Value, right: Value) -> Value:
    """The outer product of two vectors."""
    assert left.axes and right.axes
    return Value((left.axes[0], right.axes[0]), lambda at: left.entry((at[0],)) * right.entry((at[1],)))


def transposed(value: Value) -> Value:
    """A matrix with its axes exchanged, or a vector written as a row."""
    if value.rank == 1:
        return Value(value.axes, value.entry, row=not value.row, parts=value.parts, number=value.number)
    assert value.axes is not None
    return Value((value.axes[1], value.axes[0]), lambda at: value.entry((at[1], at[0])))
