"""Times of several calls that take turns, so that all of them meet the same noise."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Threads of the library before still wait for work a while, busily, when the next one begins (26 ms in OpenBLAS).
SETTLE = 0.04
# A turn of many short calls lasts about so long; a call longer than this warms itself.
TURN = 0.05
LEAST_ROUNDS, MOST_ROUNDS = 3, 100
# What takes more than this share of the time sits out once it had its rounds.
SHARE = 0.1

Rounds = dict[str, list[float | None]]


def seconds(call: Callable[[], Any]) -> float:
    """How long one call takes."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def turn(call: Callable[[], Any]) -> float:
    """The median of a turn's calls, after one that is not counted where calls are short."""
    time.sleep(SETTLE)
    first = seconds(call)
    if first > TURN:
        return first
    times = [seconds(call)]
    while sum(times) < TURN and len(times) < 30:
        times.append(seconds(call))
    return statistics.median(times)


def rounds(calls: Mapping[str, Callable[[], Any]], budget: float) -> Rounds:
    """The time of each call in each round, in an order drawn anew for every round; None where it sat out.

    Args:
        calls: by name, warm already.
        budget: seconds in all; every call has its first three rounds, however long they take.
    """
    rng = random.Random(0)
    found: Rounds = {name: [] for name in calls}
    begin = time.perf_counter()
    for number in range(MOST_ROUNDS):
        left = budget - (time.perf_counter() - begin)
        if number >= LEAST_ROUNDS and left <= 0:
            break
        for name in rng.sample(list(calls), len(calls)):
            times = found[name]
            resting = number >= LEAST_ROUNDS and (times[0] or 0.0) > SHARE * budget
            # The rounds stay beside each other; one that sat out once always does.
            times.append(None if resting or None in times else turn(calls[name]))
    return found


@dataclass(frozen=True)
class Spread:
    """The middle of some numbers, and of either half of them."""

    median: float
    low: float
    high: float


def ratio(times: list[float | None], other: list[float | None]) -> Spread:
    """How many times as long one takes as the other, round by round."""
    both = [a / b for a, b in zip(times, other, strict=True) if a is not None and b is not None]
    low, middle, high = statistics.quantiles(both, n=4, method="inclusive")
    return Spread(middle, low, high)


def median(times: list[float | None]) -> float:
    """The median of the rounds that there were."""
    return statistics.median(t for t in times if t is not None)
