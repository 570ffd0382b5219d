"""Index expressions over arrays by broadcasting: an index is an axis, a sum a reduction, a reference fancy indexing.

The index that is bound first is the last axis of the result, so that what is bound later stands in front, and what
does not depend on it needs no axis of it: values of fewer axes fit by NumPy's own rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy

from derive.check.hand.products import Prod
from derive.errors import DeriveError, Fault
from derive.expressions import Index, Range, Ref, Sum
from derive.functions import Elementwise
from derive.interpret import Array
from derive.interpret.values import VALUES
from derive.language.looked import Looked

NONE = -(10**9)  # a look-up of nothing
LARGEST = 2**23  # entries of an array: what a line's indices span together


class TooLarge(DeriveError):
    """A line whose indices span more than can be compared."""

    def __init__(self) -> None:
        """It says what to do."""
        hint = "give a part of it a name of its own: delta[t] = ..."
        super().__init__(Fault("too many indices at once to be compared", hint=hint))


@dataclass(frozen=True)
class Cells:
    """A variable's values.

    Attributes:
        array: every cell.
        first: the least subscript of each axis.
        outside: what is read elsewhere.
    """

    array: Array
    first: tuple[int, ...]
    outside: float = 0.0


def everywhere(cells: Cells, others: Cells) -> Array:
    """The values of a variable at the cells that another array of it has."""
    if not others.first:
        return cells.array
    array = np.pad(cells.array, [(1, 1)] * cells.array.ndim, constant_values=cells.outside)
    places = [
        np.clip(np.arange(n) + start - first + 1, 0, length + 1)
        for n, start, first, length in zip(
            others.array.shape, others.first, cells.first, cells.array.shape, strict=True
        )
    ]
    return np.asarray(array[np.ix_(*places)])


@dataclass
class Grid:
    """Where expressions are evaluated.

    Attributes:
        sizes: every size by name.
        cells: every variable by name.
        values: of each index its values, along its axis.
    """

    sizes: Mapping[str, int]
    cells: Mapping[str, Cells]
    values: dict[Index, Array] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """How many indices are bound."""
        return len(self.values)

    def over(self, domain: Sequence[Range]) -> tuple[Grid, Array]:
        """The grid with more indices, and a mask of the points inside of all their ranges."""
        grid = Grid(self.sizes, self.cells, dict(self.values))
        mask = np.ones((), dtype=bool)
        for reach in domain:
            low, high = grid.whole(reach.first), grid.whole(reach.last)
            least, most = (int(np.min(low)), int(np.max(high))) if low.size and high.size else (0, -1)
            if max(1, most - least + 1) * math.prod(grid.shape) > LARGEST:
                raise TooLarge
            steps = np.arange(least, most + 1).reshape(-1, *(1,) * grid.depth)
            grid.values[reach.index] = steps
            if low.size > 1 or high.size > 1:
                mask = mask & (steps >= low) & (steps <= high)
        return grid, mask

    def full(self, value: Array) -> Array:
        """A value spread over every axis."""
        if math.prod(self.shape) > LARGEST:
            raise TooLarge
        return np.broadcast_to(value, self.shape)

    @property
    def shape(self) -> tuple[int, ...]:
        """How many values each index has, the last bound first."""
        return tuple(steps.shape[0] for steps in reversed(self.values.values()))

    def whole(self, expression: sympy.Expr) -> Array:
        """A subscript or an end: whole numbers."""
        if expression.is_Integer:
            return np.asarray(int(expression))
        if isinstance(expression, Index):
            return self.values[expression]
        if isinstance(expression, Ref):
            return np.rint(self.value(expression)).astype(int)
        if expression.is_Symbol:
            return np.asarray(self.sizes[expression.name])
        if expression.is_Add:
            return _folded(np.add, [self.whole(part) for part in expression.args])
        if expression.is_Mul:
            return _folded(np.multiply, [self.whole(part) for part in expression.args])
        ends = [self.whole(part) for part in expression.args]
        return _folded(np.maximum if isinstance(expression, sympy.Max) else np.minimum, ends)

    def value(self, expression: sympy.Expr) -> Array:
        """The value of an expression at every point; axes that it does not depend on may be missing or of length 1."""
        if isinstance(expression, Ref):
            return self._read(expression)
        if isinstance(expression, Elementwise):
            return np.asarray(VALUES[expression.row.name](*map(self.value, expression.args)))
        if isinstance(expression, Sum):
            return self._sum(expression)
        if isinstance(expression, Prod):
            return self._product(expression)
        if isinstance(expression, Index):
            return self.values[expression].astype(float)
        if expression.is_Add:
            return _folded(np.add, [self.value(part) for part in expression.args])
        if expression.is_Mul:
            return _folded(np.multiply, [self.value(part) for part in expression.args])
        if expression.is_Pow:
            base, exponent = expression.args
            if exponent.is_Integer:
                return np.asarray(self.value(base) ** float(exponent))
            return np.asarray(np.power(self.value(base), self.value(exponent)))
        if expression.is_Symbol:
            return np.asarray(float(self.sizes[expression.name]))
        if isinstance(expression, Looked):
            return self._looked(expression)
        return np.asarray(float(expression))

    def _looked(self, expression: sympy.Expr) -> Array:
        body, *data = expression.args
        found = self.value(body)
        for ref in data:
            found = np.where(self.whole(ref) <= NONE // 2, 0.0, found)
        return found

    def _read(self, ref: Ref) -> Array:
        cells = self.cells[ref.name]
        if not ref.subscripts:
            return np.asarray(cells.array)
        places: list[Array] = []
        outside, nothing = None, None
        for subscript, first, length in zip(ref.subscripts, cells.first, cells.array.shape, strict=True):
            where = self.whole(subscript)
            if isinstance(subscript, Ref):
                none = where <= NONE // 2
                nothing = none if nothing is None else nothing | none
            where = where - first
            if where.size and (where.min() < 0 or where.max() >= length):
                beyond = (where < 0) | (where >= length)
                outside = beyond if outside is None else outside | beyond
                where = np.clip(where, 0, max(length - 1, 0))
            places.append(where)
        _check_size(*places)
        if 0 in cells.array.shape:
            shape = np.broadcast_shapes(*(place.shape for place in places))
            found = np.full(shape, cells.outside)
        else:
            found = cells.array[tuple(places)]
            if outside is not None:
                found = np.where(outside, cells.outside, found)
        return found if nothing is None or not nothing.any() else np.where(nothing, 0.0, found)

    def _sum(self, expression: Sum) -> Array:
        grid, mask = self.over([expression.range])
        count = grid.shape[0]
        if count == 0:
            return np.zeros(())
        body = grid.value(expression.body)
        if mask.ndim:
            body = np.where(mask, body, 0.0)
        if body.ndim < grid.depth or body.shape[0] == 1:
            return body.reshape(body.shape[1:] if body.ndim == grid.depth else body.shape) * float(count)
        return np.asarray(body.sum(axis=0))

    def _product(self, expression: Prod) -> Array:
        body, row, column, index, first, last, i, j = expression.args
        ends = (last, first) if expression.descends else (first, last)
        inner, mask = self.over([Range(index, *ends)])
        inner, _ = inner.over([Range.whole(row), Range.whole(column)])
        size, steps = inner.shape[0], inner.shape[2]
        if math.prod(inner.shape) > LARGEST:
            raise TooLarge
        depth = self.depth
        factors = np.broadcast_to(inner.value(body), inner.shape)
        factors = np.moveaxis(factors, (1, 0), (-2, -1))  # steps, outer axes, row, column
        found = np.broadcast_to(np.eye(size), (*factors.shape[1:-2], size, size))
        for step in reversed(range(steps)) if expression.descends else range(steps):
            more = found @ factors[step]
            inside = np.broadcast_to(mask, (steps, *self.shape))[step]
            found = np.where(inside[..., None, None], more, found)
        outer = [np.arange(n).reshape(-1, *(1,) * (depth - 1 - k)) for k, n in enumerate(self.shape)]
        return np.asarray(found[(*outer, self.whole(i), self.whole(j))])


def _check_size(*arrays: Array) -> None:
    if math.prod(np.broadcast_shapes(*(array.shape for array in arrays))) > LARGEST:
        raise TooLarge


def _folded(combine: Callable[[Any, Any], Any], values: list[Array]) -> Array:
    result = values[0]
    for value in values[1:]:
        _check_size(result, value)
        result = combine(result, value)
    return np.asarray(result)
