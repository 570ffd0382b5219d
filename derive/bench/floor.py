"""A program's matrix products alone: how long it would take if all else took no time.

Operands are contiguous, results go into arrays that are there, and each product is laid out in memory in the way that
this machine likes best. What each step of a loop has of its own, its state, has memory of its own here too, so that the
caches are as full as they are in the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from derive.bench.numbers import Numbers
from derive.bench.operands import Call, Operands, run
from derive.bench.products import Product
from derive.bench.runs import Shape, runs
from derive.program import Program, Value
from derive.system import System


class Scheduled(Protocol):
    """What is measured of a model: its programs."""

    @property
    def system(self) -> System:
        """The model with its gradient and its batch."""

    @property
    def kept(self) -> tuple[str, ...]:
        """The forward values that the backward pass reads."""

    @property
    def gradient(self) -> Program:
        """The backward pass."""

    def value(self, results: Iterable[str]) -> Program:
        """The forward pass to some results."""


@dataclass(frozen=True)
class Floor:
    """The products of a model's functions, ready to run.

    Attributes:
        of_loss: those of `loss`, in order.
        of_loss_and_grad: those of `loss_and_grad`.
    """

    of_loss: tuple[Call, ...]
    of_loss_and_grad: tuple[Call, ...]

    def loss(self) -> None:
        """Run the products of `loss` once."""
        run(self.of_loss)

    def loss_and_grad(self) -> None:
        """Run the products of `loss_and_grad` once."""
        run(self.of_loss_and_grad)


def floor(programs: Scheduled, sizes: Mapping[str, int], dtype: Any = np.float32, seed: int = 0) -> Floor:
    """The matrix products of a model's `loss` and `loss_and_grad`, and nothing else of them.

    `floor(model.programs(), {"T": 100, "B": 32, "n_x": 64, "n_h": 128, "n_y": 64})` has two methods, `loss()` and
    `loss_and_grad()`: each runs the products once, for whoever wants to time them. Left out are sums of products of
    entries, which need no matrix product, and gradients that are computed on request only.

    Args:
        programs: a model's programs, `model.programs()`.
        sizes: every size by its name, `B` among them.
        dtype: of all arrays.
        seed: of the numbers in them.
    """
    numbers, operands = Numbers(sizes), Operands(np.dtype(dtype), np.random.default_rng(seed))
    ahead = _calls(programs.value(["loss", *programs.kept]), numbers, operands)
    back = _calls(programs.gradient, numbers, operands)
    return Floor(_calls(programs.value(["loss"]), numbers, operands), (*ahead, *back))


def _calls(program: Program, numbers: Numbers, operands: Operands) -> tuple[Call, ...]:
    """The calls in the order in which the program makes them."""
    found = [r for r in runs(program, numbers) if r.product.is_matrix]
    shapes: dict[Product, set[Shape]] = {}
    steps: dict[tuple[Product, int], dict[tuple[int, ...], int]] = {}
    for one in found:
        shapes.setdefault(one.product, set()).add(one.shape)
        for side, step in enumerate(one.steps):
            known = steps.setdefault((one.product, side), {})
            known.setdefault(step, len(known))
    calls = []
    for one in found:
        node, pair = one.product.node, []
        # Arrays that grow from step to step are parts of one array.
        grows = len(shapes[one.product]) > 1
        for side, (value, step) in enumerate(zip((node.left, node.right), one.steps, strict=True)):
            known = steps[one.product, side]
            pair.append((_name(value), 1, 0) if grows else (_name(value), len(known), known[step]))
        calls.append(operands.call(one.shape, *pair))
    return tuple(calls)


def _name(value: Value) -> object:
    """What tells an operand: an array's name, or what it is made of."""
    return getattr(value, "name", value)
