"""Times of calls that take turns, so that all of them meet the same noise."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

# However long a call takes, it is timed so often behind a first call that is not counted.
LEAST = 2
Name = TypeVar("Name")


@dataclass(frozen=True)
class Spread:
    """A median with the quartiles around it."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: tuple[float, ...]) -> Spread:
        """The spread of some values, of which there is one at least."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0])
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(low, median, high)

    def as_dict(self) -> dict[str, float]:
        """For a program."""
        return {"low": self.low, "median": self.median, "high": self.high}


@dataclass(frozen=True)
class Times(Generic[Name]):
    """How long calls took.

    Attributes:
        rounds: the seconds of each call, by its name; entry `k` of all is of the same round.
    """

    rounds: Mapping[Name, tuple[float, ...]]

    def __len__(self) -> int:
        """How many rounds there are."""
        return len(next(iter(self.rounds.values()), ()))

    def seconds(self, name: Name) -> Spread:
        """How long a call took."""
        return Spread.of(self.rounds[name])

    def ratio(self, name: Name, other: Name) -> Spread:
        """How many times as long as another, round by round."""
        return Spread.of(tuple(a / b for a, b in zip(self.rounds[name], self.rounds[other], strict=True)))


def measure(calls: Mapping[Name, Callable[[], object]], seconds: float, most: int = 300) -> Times[Name]:
    """Time calls in turn, each round beginning with another one.

    Args:
        calls: what is timed, by name; each is run once before.
        seconds: how long to go on; what has begun is ended, and two rounds are run in any case.
        most: the number of rounds behind which it ends anyway.
    """
    for call in calls.values():
        call()
    names = list(calls)
    rounds: dict[Name, list[float]] = {name: [] for name in names}
    began, number = time.perf_counter(), 0
    while number < most and (number < LEAST or time.perf_counter() - began < seconds):
        for place in range(len(names)):
            name = names[(place + number) % len(names)]
            begin = time.perf_counter()
            calls[name]()
            rounds[name].append(time.perf_counter() - begin)
        number += 1
    return Times({name: tuple(found) for name, found in rounds.items()})
