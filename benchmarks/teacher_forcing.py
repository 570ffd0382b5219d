"""What a recurrence costs as sequences grow: a network that feeds itself next to one with teacher forcing.

    python benchmarks/teacher_forcing.py [--runs 20]

`vanilla` hands its hidden state from step to step; `teacher_forcing` reads the true output of the step before instead,
so that all of its steps are computed at once. Times are of `loss_and_grad` in float32: the median of all runs in
milliseconds and, behind it, half of what the middle half of the runs spreads, in percent. The two models take turns, so
that both meet the same noise.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import derive

MODELS = ("vanilla", "teacher_forcing")
STEPS = (10, 30, 100, 300, 1000)
SHAPES = ((1, 128), (32, 32), (32, 128))  # batch and width: where calls cost, and where the products do


def prepared(name: str, steps: int, batch: int, width: int) -> Callable[[], Any]:
    """A call of the model's `loss_and_grad` on random data, with as many inputs and classes as hidden units."""
    module = derive.compile(name)
    rng = np.random.default_rng(0)
    params = module.init_params(rng, n_x=width, n_h=width, n_y=width, dtype=np.float32)
    x = rng.standard_normal((steps, batch, width), dtype=np.float32)
    y = rng.integers(0, width, (steps, batch))
    return lambda: module.loss_and_grad(params, x=x, y=y)


def seconds(call: Callable[[], Any]) -> float:
    """How long one call takes."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def measured(steps: int, runs: int, batch: int, width: int) -> list[list[float]]:
    """The times of each model, warm, taking turns."""
    calls = [prepared(name, steps, batch, width) for name in MODELS]
    for call in calls:
        call()
    turns = [[seconds(call) for call in calls] for _ in range(runs)]
    return [list(times) for times in zip(*turns, strict=True)]


def spelled(times: list[float]) -> str:
    """The median in milliseconds, and the spread of the middle half."""
    low, middle, high = statistics.quantiles(times, n=4)
    return f"{1e3 * middle:>16.2f} ±{50 * (high - low) / middle:>3.0f}%"


def main() -> None:
    """Print a table for each batch and width."""
    parser = argparse.ArgumentParser(description="A recurrent network against a teacher-forced one, by length.")
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    print(f"loss_and_grad, float32, one thread, median of {runs}; us: microseconds a step")
    for batch, width in SHAPES:
        print(f"\nbatch {batch}, {width} units, {width} inputs, {width} classes")
        print(f"{'T':>6}" + "".join(f"{f'{name} ms':>22}{'us':>7}" for name in MODELS) + f"{'ratio':>8}")
        for steps in STEPS:
            both = measured(steps, runs, batch, width)
            middles = [statistics.median(times) for times in both]
            told = "".join(f"{spelled(t)}{1e6 * m / steps:>7.1f}" for t, m in zip(both, middles, strict=True))
            print(f"{steps:>6}{told}{middles[0] / middles[1]:>8.2f}")


if __name__ == "__main__":
    main()
