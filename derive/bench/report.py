"""`derive bench`: a model's products, memory and times at some sizes, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from derive.bench.calls import calls
from derive.bench.cost import Cost
from derive.bench.floor import Scheduled, floor
from derive.bench.memory import Memory, memory
from derive.bench.numbers import Numbers, spell
from derive.bench.products import Product
from derive.bench.runs import runs
from derive.bench.timing import Spread, Times, measure
from derive.calculus.segment import Segment
from derive.system import System

LOSS, GRADIENT = "loss", "loss_and_grad"
FLOORS = {LOSS: "the products of loss", GRADIENT: "the products of loss_and_grad"}


class Benchable(Protocol):
    """What is measured of a model."""

    @property
    def name(self) -> str:
        """The model's name."""

    @property
    def system(self) -> System:
        """The equations as read, without a batch."""

    @property
    def segment(self) -> Segment | str:
        """The system of a segment of its sequence; or why there is none."""

    def compile(self, style: str = "fast") -> Any:
        """The generated module, in memory."""

    def programs(self, style: str = "fast") -> Scheduled:
        """What the module's functions do."""


@dataclass(frozen=True)
class Bench:
    """What a model took at some sizes.

    Attributes:
        model: its name.
        style: that of the module.
        dtype: that of all numbers.
        sizes: every size by name.
        chosen: the sizes that nobody named.
        cost: formulas.
        memory: what is kept for the backward pass.
        peaks: the most bytes of arrays that a first call made, and those that a second one made on top of its buffers.
        reuses: whether the module's functions reuse their buffers from call to call.
        times: of the functions and of their products.
        work: the multiply-adds of each function, counted at these sizes.
        products: how many of them matrix products are.
    """

    model: str
    style: str
    dtype: str
    sizes: Mapping[str, int]
    chosen: tuple[str, ...]
    cost: Cost
    memory: Memory
    peaks: tuple[int, int]
    reuses: bool
    times: Times[str]
    work: Mapping[str, int]
    products: Mapping[str, int]

    @cached_property
    def numbers(self) -> Numbers:
        """Formulas at these sizes."""
        return Numbers(self.sizes)

    def seconds(self, function: str) -> Spread:
        """How long a function took."""
        return self.times.seconds(function)

    def floor(self, function: str) -> Spread | None:
        """How long its products took alone; None where it has none."""
        return self.times.seconds(FLOORS[function]) if self.products[function] else None

    def ratio(self, function: str) -> Spread | None:
        """How many times as long as its products a function took; None where it has none."""
        return self.times.ratio(function, FLOORS[function]) if self.products[function] else None

    def rate(self, function: str, seconds: Spread) -> float:
        """The operations of a function's matrix products a second, in 1e9; a multiply-add is two."""
        return 2e-9 * self.products[function] / seconds.median

    def as_dict(self) -> dict[str, Any]:
        """For a program: seconds, bytes, and formulas as text."""
        return {
            "model": self.model,
            "style": self.style,
            "dtype": self.dtype,
            "sizes": dict(self.sizes),
            "chosen": list(self.chosen),
            "multiply_adds": {
                name: {"formula": spell(formula), "number": self.work[name], "in_matrix_products": self.products[name]}
                for name, formula in ((LOSS, self.cost.loss), (GRADIENT, self.cost.loss_and_grad))
            },
            "products": [self.product(one, place) for place, found in self.cost.products.items() for one in found],
            "memory": {**self.memory.as_dict(), "peak": self.peaks[0], "peak_again": self.peaks[1]},
            "reuses_buffers": self.reuses,
            "rounds": len(self.times),
            "times": {name: self._timed(name) for name in (LOSS, GRADIENT)},
        }

    def product(self, product: Product, place: str) -> dict[str, Any]:
        """A product for a program; sizes that change from step to step are null."""
        lengths = dict(zip(("batch", "m", "k", "n"), product.shape, strict=True))
        return {
            "in": place,
            "text": product.text,
            "loops": [loop.index.name for loop in product.loops],
            "matrix": product.is_matrix,
            "shape": {name: spell(length) for name, length in lengths.items()},
            "sizes": {
                name: None if any(loop.index in length.free_symbols for loop in product.loops) else self.numbers(length)
                for name, length in lengths.items()
            },
            "times": {"formula": spell(product.times), "number": self.numbers(product.times)},
            "multiply_adds": {"formula": spell(product.multiply_adds), "number": self.numbers(product.multiply_adds)},
        }

    def _timed(self, function: str) -> dict[str, Any]:
        seconds, alone, ratio = self.seconds(function), self.floor(function), self.ratio(function)
        return {
            "seconds": seconds.as_dict(),
            "gflops": self.rate(function, seconds),
            "floor": alone.as_dict() if alone else None,
            "floor_gflops": self.rate(function, alone) if alone else None,
            "ratio": ratio.as_dict() if ratio else None,
        }


def bench(
    model: Benchable,
    sizes: Mapping[str, int],
    *,
    chosen: tuple[str, ...] = (),
    dtype: str = "float32",
    style: str = "fast",
    seconds: float = 5.0,
    cost: Cost | None = None,
) -> Bench:
    """Measure a model.

    Args:
        model: the model.
        sizes: every size by name.
        chosen: the sizes that nobody named, for the report.
        dtype: `float32` or `float64`.
        style: `fast` or `plain`.
        seconds: how long calls are timed, once they have run three times.
        cost: what the model takes, where it is known already.

    Raises:
        DeriveError: no data were found on which the model is defined.
    """
    cost = Cost(model.programs(style)) if cost is None else cost
    numbers = Numbers(sizes)
    passes = {LOSS: (cost.alone,), GRADIENT: (cost.ahead, cost.back)}
    ran = {name: [run for program in programs for run in runs(program, numbers)] for name, programs in passes.items()}
    ready = calls(model.system, model.compile(style), sizes, np.dtype(dtype))
    alone = floor(cost.programs, sizes, dtype)
    products = {name: sum(r.multiply_adds for r in found if r.product.is_matrix) for name, found in ran.items()}
    timed = {LOSS: ready.loss(), GRADIENT: ready.loss_and_grad()}
    floors = {FLOORS[LOSS]: alone.loss, FLOORS[GRADIENT]: alone.loss_and_grad}
    return Bench(
        model.name,
        style,
        dtype,
        dict(sizes),
        chosen,
        cost,
        memory(cost.programs, sizes, dtype, model.segment),
        ready.peaks(),
        ready.reuses,
        measure({**timed, **floors}, seconds),
        {name: sum(r.multiply_adds for r in found) for name, found in ran.items()},
        products,
    )
