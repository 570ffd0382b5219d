"""Calls that take turns, and what is said of their times."""

from __future__ import annotations

import time

import pytest

from derive.bench.timing import LEAST, Spread, Times, measure


def test_calls_take_turns_and_begin_in_turn() -> None:
    order: list[str] = []
    found = measure({name: (lambda n=name: order.append(n)) for name in "abc"}, seconds=60, most=3)  # type: ignore[misc]
    assert "".join(order) == "abc" + "abc" + "bca" + "cab"
    assert len(found) == 3 and all(len(times) == 3 for times in found.rounds.values())


def test_it_ends_in_time_but_not_before_two_rounds() -> None:
    began = time.perf_counter()
    assert len(measure({"slow": lambda: time.sleep(0.02)}, seconds=0)) == LEAST
    assert time.perf_counter() - began < 1


def test_a_ratio_is_of_the_same_round() -> None:
    times = Times({"a": (2.0, 40.0, 6.0), "b": (1.0, 10.0, 3.0)})
    assert times.ratio("a", "b") == Spread(2.0, 2.0, 3.0)
    assert times.seconds("b") == Spread(2.0, 3.0, 6.5)
    assert Spread.of((4.0,)) == Spread(4.0, 4.0, 4.0)


def test_what_is_timed_is_the_call() -> None:
    found = measure({"sleep": lambda: time.sleep(0.01)}, seconds=0.05)
    assert found.seconds("sleep").low == pytest.approx(0.0105, abs=0.01)
