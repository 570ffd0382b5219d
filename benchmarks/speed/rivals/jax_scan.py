"""JAX: `jit` of `value_and_grad` of a `scan`."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.speed.cells import CELLS, Step
from benchmarks.speed.problems import Arrays, Problem
from benchmarks.speed.rivals import Runner

Array = jax.Array


class Jax:
    """JAX as a network sees it."""

    tanh = staticmethod(jnp.tanh)
    sigmoid = staticmethod(jax.nn.sigmoid)
    dot = staticmethod(jnp.matmul)

    def linear(self, x: Array, W: Array, b: Array | float = 0) -> Array:
        """A product of all steps at once."""
        return x @ W + b

    def plus(self, a: Array, x: Array, W: Array) -> Array:
        """XLA sees to the sum."""
        return a + x @ W

    def split(self, x: Array, widths: tuple[int, ...]) -> tuple[Array, ...]:
        """Pieces of the last axis."""
        return tuple(jnp.split(x, np.cumsum(widths)[:-1], -1))

    def concatenate(self, arrays: list[Array]) -> Array:
        """Side by side."""
        return jnp.concatenate(arrays, -1)

    def zeros(self, like: Array, width: int) -> Array:
        """A state before the first step."""
        return jnp.zeros((like.shape[1], width), like.dtype)

    def embed(self, table: Array, y: Array) -> Array:
        """The row of the class before; zero at the first step."""
        return jnp.pad(table[y[:-1]], ((1, 0), (0, 0), (0, 0)))

    def softmax(self, e: Array) -> Array:
        """Along the first axis."""
        return jax.nn.softmax(e, 0)

    def attend(self, alpha: Array, h: Array) -> Array:
        """A product for each example."""
        return jnp.einsum("sb,sbn->bn", alpha, h)

    def nll(self, logits: Array, y: Array) -> Array:
        """Summed."""
        scores = jax.nn.log_softmax(logits)
        return -jnp.take_along_axis(scores, y[..., None], -1).sum()

    def scan(self, step: Step, weights: Any, carry: Any, now: Any, reverse: bool = False) -> tuple[Any, Array]:
        """JAX's own loop."""
        return jax.lax.scan(functools.partial(step, self, weights), carry, now, reverse=reverse)


def make(problem: Problem) -> Runner:
    """The compiled function, with its data where it runs."""
    jax.config.update("jax_enable_x64", problem.dtype == "float64")
    cell = CELLS[problem.model]
    p = {name: jnp.asarray(array) for name, array in cell.gathered(problem.params).items()}
    x, y = jnp.asarray(problem.data["x"]), jnp.asarray(problem.data["y"])
    run = jax.jit(jax.value_and_grad(functools.partial(cell.loss, Jax())))

    def read(found: Any) -> tuple[float, Arrays]:
        return float(found[0]), cell.parted({name: np.asarray(array) for name, array in found[1].items()})

    return Runner(lambda: jax.block_until_ready(run(p, x, y)), read)
