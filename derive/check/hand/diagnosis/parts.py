"""Arrays with the names of their indices: the algebra of `quick`.

Two arrays meet by the names of their indices; the axes of features come behind those of indices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from derive.expressions import Axis
from derive.interpret import Array


class Misfit(Exception):
    """An expression whose shapes do not fit."""


@dataclass(frozen=True)
class Part:
    """The value of an expression.

    Attributes:
        over: the names of its indices, in order.
        array: an axis for each index, then those of features.
        axes: the features' axes.
        row: whether it is a vector written as a row.
    """

    over: tuple[str, ...]
    array: Array
    axes: tuple[Axis, ...] = ()
    row: bool = False

    @property
    def rank(self) -> int:
        """How many axes of features it has."""
        return len(self.axes)


def spread(part: Part, over: tuple[str, ...]) -> Array:
    """The array with an axis for each of some indices, in their order."""
    order = [part.over.index(name) for name in over if name in part.over]
    rest = range(len(part.over), part.array.ndim)
    array = part.array.transpose(*order, *rest)
    shape = iter(array.shape)
    return array.reshape((*(next(shape) if name in part.over else 1 for name in over), *shape))


def _together(one: Part, other: Part) -> tuple[tuple[str, ...], Array, Array]:
    over = tuple(dict.fromkeys((*one.over, *other.over)))
    return over, spread(one, over), spread(other, over)


def joined(function: Callable[[Array, Array], Array], one: Part, other: Part) -> Part:
    """A function of two arrays, entry by entry; one of them may be a scalar."""
    if one.axes and other.axes and one.axes != other.axes:
        raise Misfit
    over, first, second = _together(one, other)
    if one.rank < other.rank:
        first = first.reshape((*first.shape, *(1,) * other.rank))
    elif other.rank < one.rank:
        second = second.reshape((*second.shape, *(1,) * one.rank))
    with np.errstate(all="ignore"):
        return Part(over, np.asarray(function(first, second)), one.axes or other.axes, one.row or other.row)


def contracted(one: Part, other: Part) -> Part:
    """`one @ other`; with a row to its right a vector makes an outer product."""
    if one.rank == 1 and other.rank == 1 and other.row and not one.row:
        return outer(one, other)
    if not one.rank or not other.rank or one.axes[-1] != other.axes[0]:
        raise Misfit
    over, first, second = _together(one, other)
    left = "ab"[: one.rank - 1] + "k"
    right = "k" + "cd"[: other.rank - 1]
    found = np.einsum(f"...{left},...{right}->...{left[:-1]}{right[1:]}", first, second)
    return Part(over, found, (*one.axes[:-1], *other.axes[1:]), one.row and other.rank == 2)


def outer(one: Part, other: Part) -> Part:
    """The outer product of two vectors."""
    if one.rank != 1 or other.rank != 1:
        raise Misfit
    over, first, second = _together(one, other)
    return Part(over, first[..., :, np.newaxis] * second[..., np.newaxis, :], (*one.axes, *other.axes))


def transposed(part: Part) -> Part:
    """A matrix with its axes exchanged, or a vector as a row."""
    if part.rank == 1:
        return Part(part.over, part.array, part.axes, not part.row)
    if part.rank != 2:
        raise Misfit
    return Part(part.over, part.array.swapaxes(-1, -2), part.axes[::-1])
