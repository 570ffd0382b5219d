"""How time grows with the length of sequences and with the width of a layer, next to the products alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.bench.calls import calls
from derive.bench.cost import Cost
from derive.bench.floor import floor
from derive.bench.report import FLOORS, GRADIENT, LOSS, Benchable
from derive.bench.timing import Spread, Times, measure

# What a size is multiplied by; steps of two, so that the largest three tell the exponent.
FACTORS = (0.125, 0.25, 0.5, 1, 2)
_FITTED = 3


@dataclass(frozen=True)
class Growth:
    """Times at several sizes.

    Attributes:
        names: the sizes that grow together.
        values: what the first of them is at each point.
        times: of the functions and their products at each point.
    """

    names: tuple[str, ...]
    values: tuple[int, ...]
    times: tuple[Times[str], ...]

    @property
    def label(self) -> str:
        """What grows."""
        return ", ".join(self.names)

    def seconds(self, name: str) -> tuple[Spread, ...]:
        """The times of one call at each point."""
        return tuple(times.seconds(name) for times in self.times)

    def exponent(self, name: str) -> float:
        """The power of the size that the time of a call grows with, fitted at the greatest sizes; nan of one point."""
        medians = [spread.median for spread in self.seconds(name)]
        x = [math.log(value) for value in self.values][-_FITTED:]
        y = [math.log(median) for median in medians][-_FITTED:]
        return float(np.polyfit(x, y, 1)[0]) if len(x) > 1 else math.nan

    def as_dict(self) -> dict[str, Any]:
        """For a program: seconds."""
        points = [
            {"size": value, **{name: times.seconds(name).as_dict() for name in times.rounds}}
            for value, times in zip(self.values, self.times, strict=True)
        ]
        calls = (LOSS, GRADIENT, FLOORS[GRADIENT])
        return {"sizes": list(self.names), "points": points, "exponents": {name: self.exponent(name) for name in calls}}


def grow(
    model: Benchable,
    sizes: Mapping[str, int],
    names: Sequence[str],
    cost: Cost,
    *,
    least: int = 1,
    dtype: str = "float32",
    style: str = "fast",
    seconds: float = 5.0,
) -> Growth:
    """Measure a model at several lengths or widths.

    Args:
        model: the model.
        sizes: the sizes in the middle.
        names: the sizes that grow, all by the same factor.
        cost: what the model takes.
        least: what none of them may be below.
        dtype: `float32` or `float64`.
        style: `fast` or `plain`.
        seconds: how long calls are timed, all points together.
    """
    grown = [{name: int(sizes[name] * factor) for name in names} for factor in FACTORS]
    points = [found for found in grown if min(found.values()) >= least]
    module = model.compile(style)
    timed: dict[tuple[int, str], Callable[[], object]] = {}
    for number, point in enumerate(points):
        here = {**sizes, **point}
        ready, alone = calls(model.system, module, here, np.dtype(dtype)), floor(cost.programs, here, dtype)
        timed[number, LOSS], timed[number, GRADIENT] = ready.loss(), ready.loss_and_grad()
        timed[number, FLOORS[GRADIENT]] = alone.loss_and_grad
    # All points take turns: whatever else the machine does then slows small and great ones alike.
    rounds = measure(timed, seconds).rounds
    times = [
        Times({name: found for (at, name), found in rounds.items() if at == number}) for number in range(len(points))
    ]
    return Growth(tuple(names), tuple(point[names[0]] for point in points), tuple(times))
