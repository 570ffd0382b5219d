"""Arrays for matrix products that nobody reads: contiguous, as many as the program has, in the fastest layout."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from derive.bench.runs import Shape
from derive.interpret import Array

Call = tuple[Array, Array, Array]  # left, right, result
Operand = tuple[object, int, int]  # what tells it, how many there are of it, which of them
# How long one layout is tried, in seconds, and how often at most.
_PATIENCE, _TRIES = 0.003, 5


class Layout(NamedTuple):
    """How a product lies in memory: an operand by its rows or by its columns; `turned`, the result by its columns."""

    left_by_columns: bool
    right_by_columns: bool
    turned: bool


def run(calls: Iterable[Call]) -> None:
    """Compute the products, one after the other."""
    matmul = np.matmul
    for left, right, out in calls:
        matmul(left, right, out=out)


@dataclass
class Operands:
    """Makes arrays, and remembers them: one of the same name and shape is the same, as in a program.

    Attributes:
        dtype: of all of them.
        rng: what draws their numbers.
    """

    dtype: np.dtype[Any]
    rng: np.random.Generator
    _arrays: dict[object, Array] = field(default_factory=dict)
    _layouts: dict[Shape, Layout] = field(default_factory=dict)

    def call(self, shape: Shape, left: Operand, right: Operand) -> Call:
        """A product of that shape, in its fastest layout."""
        return self._call(shape, left, right, self._layout(shape))

    def _call(self, shape: Shape, left: Operand, right: Operand, layout: Layout) -> Call:
        batch, m, k, n = shape
        a = self._array(left, (batch, m, k), layout.left_by_columns)
        b = self._array(right, (batch, k, n), layout.right_by_columns)
        if layout.turned:
            a, b, m, n = b.swapaxes(1, 2), a.swapaxes(1, 2), n, m
        # Each result is read once and soon in a program, too: one array for all keeps it in the cache.
        out = self._array(("<result>", 1, 0), (batch, m, n), False)
        return (a[0], b[0], out[0]) if batch == 1 else (a, b, out)

    def _array(self, operand: Operand, shape: tuple[int, int, int], by_columns: bool) -> Array:
        """One stack of matrices."""
        name, count, which = operand
        batch, rows, columns = shape
        stored = (count, batch, columns, rows) if by_columns else (count, batch, rows, columns)
        array = self._arrays.get((name, stored))
        if array is None:
            array = self._arrays[name, stored] = np.empty(stored, self.dtype)
            # Neither do sums of these overflow, nor do their products vanish below the least normal number.
            array[...] = self.rng.uniform(0.5, 1.0, stored[-1])
        one: Array = array[which]
        return one.swapaxes(1, 2) if by_columns else one

    def _layout(self, shape: Shape) -> Layout:
        """The layout in which this machine is fastest at a product of that shape; all are tried."""
        if shape not in self._layouts:
            layouts = [Layout(*choice) for choice in itertools.product((False, True), repeat=3)]
            apart = Operands(self.dtype, self.rng)
            self._layouts[shape] = min(layouts, key=lambda layout: apart._seconds(shape, layout))
        return self._layouts[shape]

    def _seconds(self, shape: Shape, layout: Layout) -> float:
        """How long a product takes in a layout: the least of a few tries."""
        call = self._call(shape, ("left", 1, 0), ("right", 1, 0), layout)
        calls = (call,) * max(1, min(20, 2_000_000 // (1 + call[0].size * call[1].shape[-1])))
        run(calls)
        tries: list[float] = []
        while len(tries) < _TRIES and sum(tries) < _PATIENCE:
            begin = time.perf_counter()
            run(calls)
            tries.append(time.perf_counter() - begin)
        return min(tries)
