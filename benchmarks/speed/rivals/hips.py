"""HIPS autograd: NumPy that remembers what it did."""

from __future__ import annotations

import functools
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import value_and_grad
from autograd.tracer import getval

from benchmarks.speed.cells import CELLS, Step
from benchmarks.speed.problems import Problem
from benchmarks.speed.rivals import Runner

Array = Any


class Hips:
    """Autograd's NumPy as a network sees it."""

    tanh = staticmethod(anp.tanh)
    dot = staticmethod(anp.dot)

    def sigmoid(self, x: Array) -> Array:
        """By way of tanh: one transcendental function, and no overflow."""
        return 0.5 * anp.tanh(0.5 * x) + 0.5

    def linear(self, x: Array, W: Array, b: Array | float = 0) -> Array:
        """A product of all steps at once, as one of matrices: a stack of them has a costly gradient."""
        return anp.reshape(anp.dot(anp.reshape(x, (-1, x.shape[-1])), W) + b, (*x.shape[:-1], W.shape[-1]))

    def plus(self, a: Array, x: Array, W: Array) -> Array:
        """Two operations on the tape."""
        return a + anp.dot(x, W)

    def split(self, x: Array, widths: tuple[int, ...]) -> tuple[Array, ...]:
        """Slices of the last axis."""
        ends = np.cumsum(widths)
        return tuple(x[..., end - width : end] for end, width in zip(ends, widths, strict=True))

    def concatenate(self, arrays: list[Array]) -> Array:
        """Side by side."""
        return anp.concatenate(arrays, -1)

    def zeros(self, like: Array, width: int) -> Array:
        """A state before the first step."""
        return np.zeros((like.shape[1], width), like.dtype)

    def embed(self, table: Array, y: Array) -> Array:
        """The row of the class before; zero at the first step."""
        return anp.concatenate([np.zeros((1, y.shape[1], table.shape[1]), table.dtype), table[y[:-1]]])

    def softmax(self, e: Array) -> Array:
        """Along the first axis; the largest has no part in the gradient."""
        z = anp.exp(e - getval(e).max(0))
        return z / anp.sum(z, 0)

    def attend(self, alpha: Array, h: Array) -> Array:
        """A product for each example."""
        return anp.einsum("sb,sbn->bn", alpha, h)

    def nll(self, logits: Array, y: Array) -> Array:
        """Summed."""
        logits = logits - getval(logits).max(-1, keepdims=True)
        T, B = y.shape
        return anp.sum(anp.log(anp.sum(anp.exp(logits), -1))) - anp.sum(logits[np.arange(T)[:, None], np.arange(B), y])

    def scan(self, step: Step, weights: Any, carry: Any, now: Any, reverse: bool = False) -> tuple[Any, Array]:
        """A loop in Python; autograd adds the gradients of `now[t]` in place."""
        outputs = []
        order = range(now[0].shape[0])
        for t in reversed(order) if reverse else order:
            carry, output = step(self, weights, carry, tuple(array[t] for array in now))
            outputs.append(output)
        outputs = outputs[::-1] if reverse else outputs
        return carry, anp.stack(outputs)


def make(problem: Problem) -> Runner:
    """The function with its gradient."""
    cell = CELLS[problem.model]
    p = cell.gathered(problem.params)
    x, y = problem.data["x"], problem.data["y"]
    run = value_and_grad(functools.partial(cell.loss, Hips()))
    return Runner(lambda: run(p, x, y), lambda found: (float(found[0]), cell.parted(found[1])))
