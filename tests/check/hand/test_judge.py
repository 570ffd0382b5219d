"""Lines at the edge: nearly right, about steps that there are not, about what the model file says itself."""

from __future__ import annotations

import pytest

import derive
from derive.check.hand import check_hand

RIGHT = "(1 - h[t]**2) * grad(h[t])"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (f"grad(a[t]) = {RIGHT}", "right"),
        (f"grad(a[t]) = 1.001 * {RIGHT}", "wrong"),
        (f"grad(a[t]) = 1.000001 * {RIGHT}", "wrong"),
        (f"grad(a[t]) = {RIGHT} + 1e-13 * h[t+1]", "wrong"),
        (f"grad(a[t]) = {RIGHT} + 1e-13 * h[t+1], t < T", "right"),
        (f"grad(a[t]) = {RIGHT}, t > T", "not understood"),
        (f"grad(a[t]) = 2 * {RIGHT}, t > T", "not understood"),
        ("h[0] = 0", "right"),
        ("h[0] = 1", "wrong"),
    ],
)
def test_a_line_at_the_edge(line: str, verdict: str) -> None:
    (found,) = check_hand(derive.load("vanilla"), line).lines
    assert found.verdict == verdict, found.fault


def test_one_wrong_line_makes_a_derivation_wrong_wherever_it_stands() -> None:
    lines = [f"grad(a[t]) = 2 * {RIGHT}", "grad(o[t]) = yhat[t] - onehot(y[t])"]
    for order in (lines, lines[::-1]):
        report = check_hand(derive.load("vanilla"), "\n".join(order))
        assert (report.verdict, report.exit_code) == ("wrong", 1)
