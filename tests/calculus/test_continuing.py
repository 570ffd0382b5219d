"""The system of a piece: what was left is read before its first step, and steps are counted in the whole sequence."""

from __future__ import annotations

import numpy as np
import pytest

from derive.calculus.continuing import before_name, continued, done_name, fresh_name
from derive.calculus.derivation import prepare
from derive.expressions import Axis, AxisKind, size_symbol
from derive.interpret import evaluate
from derive.language import read
from derive.system import System

STEPS = Axis(size_symbol("T"), AxisKind.SEQUENCE)
HEAD = "x: Input[T, n]\ny: Label[T, n]\nW: Param[n, n]\n"


def piece(text: str, **lags: int) -> System:
    found = continued(prepare(read(HEAD + text)).system, STEPS, lags)
    assert isinstance(found, System), found
    return found


def test_what_needs_nothing_of_an_earlier_piece_stays() -> None:
    system = prepare(read(HEAD + "h[0] = 0\nh[t] = tanh(W @ h[t-1] + x[t])\nloss = sum(sum(h[t]), t)\n")).system
    assert continued(system, STEPS, {"h": 1}) == system


def test_data_is_held() -> None:
    system = piece("h[0] = 0\nh[t] = tanh(W @ h[t-1] + W[y[t-1]])\nloss = sum(sum(h[t]), t)\n", h=1, y=1)
    assert [str(e.right) for e in system.defining["y.held"]] == ["y.before1", "y[t]"]
    assert {before_name("y", 1), done_name(STEPS)} <= system.by_name.keys()
    assert system.by_name["y.held"].classes == size_symbol("n")


def test_two_pieces_are_one_sequence() -> None:
    text = "s = tanh(W[0])\nh[0] = s\nh[t] = tanh(W @ h[t-1] + sigmoid(x[t-2]) * t + W[y[t-1]])\n"
    text += "loss = sum(sum(h[t]), t)\n"
    whole, system = prepare(read(HEAD + text)).system, piece(text, h=1, x=2, y=1)
    rng, n = np.random.default_rng(0), 2
    data = {"x": rng.standard_normal((5, n)), "y": rng.integers(0, n, 5), "W": rng.standard_normal((n, n))}
    wanted = evaluate(whole, {"T": 5, "n": n}, data, ["h", "loss"])
    nothing = {before_name("h", 1): np.zeros(n), before_name("x", 1): np.zeros(n), before_name("x", 2): np.zeros(n)}
    numbers = {fresh_name(STEPS): np.array(1.0), done_name(STEPS): np.array(0.0), before_name("y", 1): np.array(0)}
    total = 0.0
    for first, last in ((0, 2), (2, 5)):
        given = {"W": data["W"], "x": data["x"][first:last], "y": data["y"][first:last]} | nothing | numbers
        found = evaluate(system, {"T": last - first, "n": n}, given, ["h", "loss"])
        total += float(found["loss"].array)
        np.testing.assert_allclose(found["h"].array[1:], wanted["h"].array[first + 1 : last + 1])
        nothing = {before_name("h", 1): found["h"].array[-1]}
        nothing |= {before_name("x", k): data["x"][last - k] for k in (1, 2)}
        numbers = {fresh_name(STEPS): np.array(0.0), done_name(STEPS): np.array(float(last))}
        numbers |= {before_name("y", 1): data["y"][last - 1]}
    np.testing.assert_allclose(total, wanted["loss"].array)


@pytest.mark.parametrize(
    ("text", "lags", "why"),
    [
        ("h[0] = 0\nh[t] = h[t-1] + x[t]\nloss = sum(sum(h[t] * x[t+1]), (t, 1, T-1))\n", {"h": 1}, "x is read ahead"),
        ("h[0] = 0\nh[t] = h[t-1] + x[t]\nloss = sum(sum(h[t] * x[t-1]), t)\n", {"h": 1}, "x is read 1 back"),
        ("h[0] = 0\nh[t] = h[t-1] + x[t]\nloss = sum(h[1])\n", {"h": 1}, "h is read at step 1"),
        ("h[0] = 0\nh[t] = h[t-1] + x[t]\nloss = sum(h[T])\n", {"h": 3}, "starts for fewer"),
        ("e[t, t1] = x[t] @ x[t1]\nloss = sum(e[t, t1], t, t1)\n", {"x": 1}, "two indices"),
    ],
    ids=["ahead", "a lag of the loss alone", "a literal step", "few starts", "two indices"],
)
def test_what_a_piece_does_not_have_is_refused(text: str, lags: dict[str, int], why: str) -> None:
    found = continued(prepare(read(HEAD + text)).system, STEPS, lags)
    assert isinstance(found, str) and why in found
