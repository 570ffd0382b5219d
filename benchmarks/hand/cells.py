"""Small arrays with named sizes: what a line's text is executed with."""

# ruff: noqa: D105

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from derive.interpret import Array


class Misfit(Exception):
    """The line's shapes do not fit, or an index is left over."""


@dataclass(frozen=True, eq=False)
class Cell:
    """A value: an array with a name for the size of each axis, and which cell of which variable it is, if it is one."""

    array: Array
    sizes: tuple[str, ...] = ()
    name: str = ""
    key: tuple[int, ...] = ()
    row: bool = False

    def __getitem__(self, given: object) -> Cell:
        keys = given if isinstance(given, tuple) else (given,)
        if len(keys) > len(self.sizes) or not all(isinstance(k, int) for k in keys):
            raise Misfit("too many subscripts")
        return Cell(self.array[keys], self.sizes[len(keys) :], self.name, (*self.key, *keys))

    @property
    def T(self) -> Cell:
        """The transpose; of a vector the row."""
        if len(self.sizes) == 1:
            return Cell(self.array, self.sizes, row=not self.row)
        if len(self.sizes) != 2:
            raise Misfit("transpose")
        return Cell(self.array.T, self.sizes[::-1])

    def _with(self, other: object, function: Callable[[Array, Array], Array]) -> Cell:
        other = cell(other)
        if self.sizes and other.sizes and self.sizes != other.sizes:
            raise Misfit(f"{self.sizes} and {other.sizes}")
        return Cell(np.asarray(function(self.array, other.array)), self.sizes or other.sizes, row=self.row or other.row)

    def __add__(self, other: object) -> Cell:
        return self._with(other, np.add)

    def __sub__(self, other: object) -> Cell:
        return self._with(other, np.subtract)

    def __mul__(self, other: object) -> Cell:
        return self._with(other, np.multiply)

    def __truediv__(self, other: object) -> Cell:
        return self._with(other, np.divide)

    def __pow__(self, other: object) -> Cell:
        return self._with(other, np.power)

    def __radd__(self, other: object) -> Cell:
        return cell(other) + self

    def __rsub__(self, other: object) -> Cell:
        return cell(other) - self

    def __rmul__(self, other: object) -> Cell:
        return cell(other) * self

    def __rtruediv__(self, other: object) -> Cell:
        return cell(other) / self

    def __neg__(self) -> Cell:
        return Cell(-self.array, self.sizes, row=self.row)

    def __eq__(self, other: object) -> Cell:  # type: ignore[override]
        return self._with(other, np.equal)

    def __gt__(self, other: object) -> Cell:
        return self._with(other, np.greater)

    def __matmul__(self, other: Cell) -> Cell:
        if len(self.sizes) == len(other.sizes) == 1 and other.row and not self.row:
            return outer(self, other)
        if not self.sizes or not other.sizes or self.sizes[-1] != other.sizes[0]:
            raise Misfit(f"{self.sizes} @ {other.sizes}")
        return Cell(self.array @ other.array, (*self.sizes[:-1], *other.sizes[1:]))


def cell(value: object) -> Cell:
    """A number as a value."""
    return value if isinstance(value, Cell) else Cell(np.asarray(float(value)))  # type: ignore[arg-type]


def outer(one: Cell, other: Cell) -> Cell:
    """The outer product of two vectors."""
    if len(one.sizes) != 1 or len(other.sizes) != 1:
        raise Misfit("outer")
    return Cell(np.outer(one.array, other.array), (*one.sizes, *other.sizes))


def diag(vector: Cell) -> Cell:
    """The diagonal matrix of a vector."""
    if len(vector.sizes) != 1:
        raise Misfit("diag")
    return Cell(np.diag(vector.array), vector.sizes * 2)
