"""A single step is made only of what a single step has."""

from __future__ import annotations

import pytest

from derive.calculus.derivation import prepare
from derive.language import read
from derive.schedule.stepping import Stepping, lagged, stepping

HEAD = "x: Input[T, n]\ny: Label[T, n]\nW, U = Param[n, n]\n"


def made(text: str) -> Stepping | None:
    return stepping(prepare(read(HEAD + text)).system)


def test_states_are_the_lagged_variables() -> None:
    found = made(
        "h[0] = 0\nc[0] = 0\nc[-1] = 0\nc[t] = h[t-1] + c[t-2]\nh[t] = tanh(W @ c[t] + x[t])\nloss = sum(h[T])\n"
    )
    assert found is not None
    assert dict(found.state) == {"h": 1, "c": 2}
    assert set(found.outputs) == {"h", "c"}
    assert {e.target for e in found.system.equations} >= {lagged("h", 1), lagged("c", 1), lagged("c", 2)}
    assert not [v.name for v in found.system.variables if any(axis.name == "T" for axis in v.axes)]


def test_the_answers_are_not_needed() -> None:
    found = made("h[0] = 0\nh[t] = tanh(W @ h[t-1] + x[t])\np[t] = softmax(h[t])\nloss = -sum(log(p[t, y[t]]), t)\n")
    assert found is not None and found.outputs == ("h", "p")


def test_data_of_the_step_before_is_a_state_too() -> None:
    found = made("h[0] = 0\nh[t] = tanh(h[t-1] + x[t-1])\nloss = sum(h[T])\n")
    assert found is not None and dict(found.state) == {"h": 1, "x.padded": 1}


@pytest.mark.parametrize(
    "text",
    [
        "h[t] = tanh(x[t])\nloss = sum(h[T])\n",
        "h[0] = 0\nh[t] = tanh(h[t-1] + x[t+1])\nloss = sum(h[T])\n",
        "h[0] = 0\nh[t] = tanh(h[t-1] + W @ onehot(y[t-1]))\nloss = sum(h[T])\n",
        "h[0] = 0\nh[t] = tanh(h[t-1] + x[t] * t / T)\nloss = sum(h[T])\n",
        "m[i] = sum(x[t, i], t)\nh[0] = 0\nh[t] = tanh(h[t-1] + m)\nloss = sum(h[T])\n",
        "m[i] = sum(x[t, i], t)\nk = W @ m\nh[0] = k\nh[t] = tanh(h[t-1] + x[t])\nloss = sum(h[T])\n",
        "h[1] = x[1]\nh[t] = tanh(h[t-1] + x[t])\nloss = sum(h[T])\n",
        "h[0] = 0\nh[t] = tanh(h[t-1] + where(t < 3, x[t], 0))\nloss = sum(h[T])\n",
    ],
    ids=["no state", "data after", "answers before", "the step's number", "a mean of all steps",
         "a start of all steps", "a first step of its own", "a guarded step"],
)  # fmt: skip
def test_a_step_that_needs_more_is_none(text: str) -> None:
    assert made(text) is None
