"""A loop cut where its statements begin and end: at every length each step is run once, by those that have it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import sympy

from derive.expressions import size_symbol
from derive.schedule.segments import Steps, segments

T = size_symbol("T")


def steps(first: object, last: object) -> Steps:
    return sympy.sympify(first), sympy.sympify(last)


def executed(spans: Mapping[int, Steps], length: int, forward: bool) -> list[tuple[int, int]]:
    """(step, statement) in the order in which the segments run them."""
    at = {T: sympy.Integer(length)}
    found = []
    for segment in segments(spans, forward):
        if segment.beyond is not None and not segment.beyond[0].xreplace(at) <= segment.beyond[1].xreplace(at):
            continue
        steps_ = range(int(segment.first.xreplace(at)), int(segment.last.xreplace(at)) + 1)
        for step in steps_ if forward else reversed(steps_):
            for statement in sorted(segment.active):
                first, last = (int(end.xreplace(at)) for end in spans[statement])
                if statement not in segment.guarded or first <= step <= last:
                    found.append((step, statement))
    return found


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize(
    "spans",
    [
        {0: steps(1, T)},
        {0: steps(1, T), 1: steps(0, T - 1)},
        {0: steps(1, T), 1: steps(0, T - 1), 2: steps(-1, T - 2)},
        {0: steps(1, T), 1: steps(2, T), 2: steps(3, T)},
        {0: steps(1, T), 1: steps(1, T - 3)},
        {0: steps(1, T), 1: steps(T, T)},
        {0: steps(1, T), 1: steps(3, T - 2), 2: steps(2, T - 1)},
        {0: steps(-2, T - 3), 1: steps(0, T + 1)},
        {0: steps(1, 1), 1: steps(2, T)},
        {0: steps(1, 2), 1: steps(1, T)},
    ],
    ids=str,
)
def test_each_step_is_run_once_in_order(spans: Mapping[int, Steps], forward: bool) -> None:
    for length in range(1, 9):
        at = {T: sympy.Integer(length)}
        wanted = [
            (step, statement)
            for statement, ends in spans.items()
            for step in range(int(ends[0].xreplace(at)), int(ends[1].xreplace(at)) + 1)
        ]
        wanted.sort(key=lambda run: (run[0] if forward else -run[0], run[1]))
        assert executed(spans, length, forward) == wanted, f"T = {length}"


def test_the_long_piece_asks_nothing() -> None:
    found = segments({0: steps(1, T), 1: steps(0, T - 1)}, forward=True)
    (middle,) = [s for s in found if not s.single]
    assert (middle.first, middle.last, middle.guarded) == (1, T - 1, frozenset())
