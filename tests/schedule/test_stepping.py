"""A single step is made only of what a single step has."""

from __future__ import annotations

import pytest

from derive.calculus.derivation import prepare
from derive.language import read
from derive.schedule.beginning import lagged
from derive.schedule.stepping import Stepping, step_or_reason, stepping

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


@pytest.mark.parametrize(
    ("text", "state", "counts"),
    [
        ("h[0] = 0\nh[t] = tanh(h[t-1] + sigmoid(x[t-1]))\nloss = sum(h[T])\n", {"h": 1, "x": 1}, False),
        ("h[0] = 0\nh[t] = tanh(h[t-1] + x[t-2])\nloss = sum(h[T])\n", {"h": 1, "x": 2}, False),
        ("h[0] = 0\nh[t] = tanh(h[t-1] + W @ onehot(y[t-1]))\nloss = sum(h[T])\n", {"h": 1, "y": 1}, True),
        ("y[0] = 1\nh[0] = 0\nh[t] = tanh(h[t-1] + W[y[t-1]])\nloss = sum(h[T])\n", {"h": 1, "y": 1}, False),
        ("h[1] = x[1]\nh[t] = tanh(h[t-1] + x[t])\nloss = sum(h[T])\n", {"h": 1}, True),
        ("h[0] = 0\nh[t] = tanh(h[t-1] + where(t < 3, x[t], 0))\nloss = sum(h[T])\n", {"h": 1}, True),
        ("h[t] = tanh(x[t] + x[t-1])\nloss = sum(h[T])\n", {"x": 1}, False),
    ],
    ids=["data", "data within a sum", "answers", "answers with a start", "a first step of its own", "the step's number",
         "data alone"],
)  # fmt: skip
def test_what_later_steps_read_is_a_state(text: str, state: dict[str, int], counts: bool) -> None:
    found = made(text)
    assert found is not None and dict(found.state) == state and found.counts == counts


def test_answers_that_only_the_loss_reads_are_no_state() -> None:
    found = made("s[1] = x[1]\ns[t] = s[t-1] + x[t]\nloss = sum(s[T]) - sum(W[y[t-1], y[t]], (t, 2, T))\n")
    assert found is not None and dict(found.state) == {"s": 1}


def test_a_decoder_steps_along_its_own_sequence() -> None:
    text = "z: Input[S, n]\ng[0] = 0\ng[s] = tanh(g[s-1] + z[s])\nh[0] = g[S]\nh[t] = tanh(W @ h[t-1] + x[t])\n"
    found = made(text + "loss = sum(h[T])\n")
    assert found is not None and found.axis.name == "T" and dict(found.state) == {"h": 1}


def test_a_grid_steps_row_by_row() -> None:
    text = "d[0, s] = 0\nd[t, 0] = 0\nd[t, s] = tanh(d[t-1, s] + d[t, s-1] + z[s] @ x[t])\nloss = d[T, S]\n"
    found = made("z: Input[S, n]\n" + text)
    assert found is not None and dict(found.state) == {"d": 1}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("h[t] = tanh(x[t])\nloss = sum(h[T])\n", "nothing is carried from one step along T to the next"),
        ("h[0] = 0\nh[t] = tanh(h[t-1] + x[t+1])\nloss = sum(h[T])\n", "x is read 1 step ahead"),
        ("h[0] = 0\nh[t] = tanh(h[t-1] + x[t] / T)\nloss = sum(h[T])\n", "the length T is read as a number"),
        ("m[i] = sum(x[t, i], t)\nh[0] = 0\nh[t] = tanh(h[t-1] + m)\nloss = sum(h[T])\n", "m rests on all steps"),
        ("m[i] = sum(x[t, i], t)\nh[0] = W @ m\nh[t] = tanh(h[t-1] + x[t])\nloss = sum(h[T])\n", "the first state"),
        ("g[T+1] = 0\ng[t] = tanh(g[t+1] + x[t])\nloss = sum(g[1])\n", "g has an equation of its own at T + 1"),
        ("e[t, t1] = x[t] @ x[t1]\nh[t, i] = sum(e[t, t1] * x[t1, i], t1)\nloss = sum(h[T])\n", "e has two indices"),
    ],
    ids=["no state", "data after", "the length", "a mean of all steps", "a start of all steps", "right to left",
         "attention"],
)  # fmt: skip
def test_a_step_that_needs_more_is_none(text: str, why: str) -> None:
    assert made(text) is None
    reason = step_or_reason(prepare(read(HEAD + text)).system)
    assert isinstance(reason, str) and why in reason
