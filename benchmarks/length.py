"""How time and memory grow with the length of a sequence, whole and by segments.

    python benchmarks/length.py [--runs 7]

Times are of `loss_and_grad` in float32 with a workspace, warm: medians, in microseconds a step; the lengths take turns,
so that all meet the same noise. Memory is the most that a first call holds beyond its arguments, measured.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import derive

MODELS = ("vanilla", "lstm", "gru")
STEPS = (100, 300, 1_000, 3_000, 10_000)
BATCH, WIDTH = 8, 64
WAYS: dict[str, dict[str, Any]] = {"whole": {}, "by segments": {"checkpoint": True}}

Call = Callable[[], Any]


def prepared(name: str, steps: int, lasting: bool, **more: Any) -> Call:
    """A call of the model's `loss_and_grad` on random data; a lasting one keeps its arrays for the next time."""
    module = derive.compile(name)
    rng = np.random.default_rng(0)
    params = module.init_params(rng, n_x=WIDTH, n_h=WIDTH, n_y=WIDTH, dtype=np.float32)
    x = rng.standard_normal((steps, BATCH, WIDTH), dtype=np.float32)
    y = rng.integers(0, WIDTH, (steps, BATCH))
    kept = {"workspace": module.Workspace()} if lasting else {}
    return lambda: module.loss_and_grad(params, x=x, y=y, **more, **kept)


def peak(call: Call) -> int:
    """The most bytes that a call holds."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def medians(calls: dict[Any, Call], runs: int) -> dict[Any, float]:
    """The median of each call's times; they take turns in an order drawn anew."""
    times: dict[Any, list[float]] = {key: [] for key in calls}
    rng = random.Random(0)
    for turn in range(runs + 1):
        for key in rng.sample(list(calls), len(calls)):
            begin = time.perf_counter()
            calls[key]()
            if turn:  # the first one warms
                times[key].append(time.perf_counter() - begin)
    return {key: statistics.median(found) for key, found in times.items()}


def table(name: str, runs: int) -> None:
    """Print a model's rows."""
    kinds = [(steps, way) for steps in STEPS for way in WAYS]
    held = {(steps, way): peak(prepared(name, steps, False, **WAYS[way])) for steps, way in kinds}
    seconds = medians({(steps, way): prepared(name, steps, True, **WAYS[way]) for steps, way in kinds}, runs)
    for steps in STEPS:
        whole, parts = (seconds[steps, way] for way in WAYS)
        large, small = (held[steps, way] / 1e6 for way in WAYS)
        print(
            f"{name:<9}{steps:>7}{1e6 * whole / steps:>12.1f}{1e6 * parts / steps:>14.1f}{parts / whole:>8.2f}"
            f"{large:>12.2f}{small:>14.2f}{1e3 * small / steps**0.5:>16.1f}"
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time and memory by length.")
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    print(f"batch {BATCH}, {WIDTH} units, inputs and classes, float32, one thread, medians of {runs}\n")
    print(
        f"{'':<9}{'T':>7}{'whole us':>12}{'segments us':>14}{'ratio':>8}{'whole MB':>12}{'segments MB':>14}"
        f"{'kB / root of T':>16}"
    )
    for name in MODELS:
        table(name, runs)


if __name__ == "__main__":
    main()
