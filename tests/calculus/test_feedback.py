"""What a model says of an answer is found in its loss, whatever the variables are called."""

from __future__ import annotations

import numpy as np
import pytest

from derive.calculus.derivation import prepare
from derive.calculus.feedback import Feedback, feedback, given_name, mask_name
from derive.interpret import evaluate
from derive.language import read
from derive.pipeline import parse
from derive.system import Reduction, Role

LABEL = "x: Input[T, n]\ny: Label[T, m]\nW: Param[m, n]\nV: Param[n, n]\nR: Param[n, m]\nh[0] = 0\n"
STATE = "h[t] = tanh(V @ h[t-1] + x[t] + R[:, y[t-1]])\n"
TARGET = LABEL.replace("y: Label[T, m]", "y: Target[T, m]") + "h[t] = tanh(V @ h[t-1] + x[t] + R @ y[t-1])\n"


def found(text: str) -> Feedback | str:
    return feedback(prepare(read(text)).system)


def chosen_from(text: str) -> str:
    """The right side of what chooses the label."""
    open_loop = found(text)
    assert isinstance(open_loop, Feedback) and open_loop.answers == ("y",)
    (choice,) = (e for e in open_loop.system.equations if e.reduction is Reduction.CHOICE)
    return str(choice.right)


@pytest.mark.parametrize(
    ("text", "chances"),
    [
        ("q[t] = softmax(W @ h[t])\nloss = sum(-log(q[t, y[t]]), t)\n", "q[t, i]"),
        ("loss = -sum(logsoftmax(W @ h[t])[y[t]], t)\n", "y.fed.chance[t, i]"),
        ("o[t] = W @ h[t]\nloss = sum(logsumexp(o[t]) - o[t, y[t]], t)\n", "y.fed.chance[t, i]"),
        ("b: Param[m]\nloss = sum(-logsoftmax(b + W @ h[t])[y[t]], t)\n", "y.fed.chance[t, i]"),
        ("loss = sum(-logsoftmax(W @ h[t])[y[t]], t) / T\n", "y.fed.chance[t, i]"),
        ("q[t] = softmax(W @ h[t])\nloss = -sum(onehot(y[t]) @ log(q[t]), t)\n", "q[t, i]"),
        ("q[t] = hardsigmoid(W @ h[t])\nl[t] = -log(q[t, y[t]] / sum(q[t]))\nloss = sum(l[t], t) / T\n", "q[t, i]"),
        ("o[t] = W @ h[t]\ny.predicted[t] = softmax(2 * o[t])\nloss = sum(o[t, y[t]]**2, t)\n", "y.predicted[t, i]"),
    ],
    ids=[
        "a softmax",
        "a log-softmax",
        "scores",
        "an entry written out",
        "a mean",
        "a one-hot",
        "other chances",
        "said by the file",
    ],
)
def test_a_label_is_chosen_by_what_the_loss_looks_up(text: str, chances: str) -> None:
    assert chosen_from(LABEL + STATE + text) == chances


@pytest.mark.parametrize(
    ("text", "mean"),
    [
        ("o[t] = W @ h[t]\nloss = sum(sum((y[t] - o[t])**2), t)\n", "o[t, i]"),
        ("o[t] = W @ h[t]\ne[t] = y[t] - o[t]\nloss = sum(dot(e[t], e[t]), t)\n", "o[t, i]"),
        ("o[t] = W @ h[t]\nloss = sum(norm2(y[t] - o[t])**2, t) / T\n", "o[t, i]"),
        ("o[t] = W @ h[t]\nloss = sum(sum((3 * y[t] - 6 * o[t] + 3)**2), t)\n", "2*o[t, i] - 1"),
        (
            "o[t] = W @ h[t]\ns[t] = exp(o[t])\nloss = sum(sum(log(s[t]) + ((y[t] - o[t]) / s[t])**2 / 2), t)\n",
            "o[t, i]",
        ),
    ],
    ids=["squared error", "an error with a name", "a norm", "an affine multiple", "a Gaussian"],
)
def test_a_target_is_the_mean_of_its_square(text: str, mean: str) -> None:
    open_loop = found(TARGET + text)
    assert isinstance(open_loop, Feedback)
    (fed,) = open_loop.system.defining["y.fed"]
    assert str(fed.right) == mean


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (LABEL + STATE + "loss = sum(where(y[t] == 0, 1, 2) * sum(h[t]), t)\n", "nothing in the loss tells"),
        (TARGET + "loss = sum(sum(abs(y[t] - W @ h[t])), t)\n", "nothing in the loss tells"),
        (TARGET + "loss = sum(sum((y[t] - W @ h[t])**2 + (y[t] - 2 * (W @ h[t]))**2), t)\n", "with 2 predictions"),
    ],
    ids=["another loss of a label", "another loss of a target", "two predictions"],
)
def test_why_there_is_none(text: str, why: str) -> None:
    assert why in str(found(text)) and "y.predicted[t] = ..." in str(found(text))
    assert any(why in warning for warning in parse(text).warnings())


def test_a_prediction_that_waits_for_a_later_one_has_no_order() -> None:
    text = TARGET + "g[T+1] = 0\ng[t] = tanh(V @ g[t+1] + h[t])\nloss = sum(sum((y[t] - W @ g[t])**2), t)\n"
    model = parse(text)
    assert "rests on steps after its own" in str(model.running)
    assert "def free_run" not in model.generate()


@pytest.mark.parametrize(
    "text",
    [
        LABEL + "h[t] = tanh(V @ h[t-1] + x[t])\nloss = sum(-logsoftmax(W @ h[t])[y[t]], t)\n",
        LABEL + "h[t] = V @ h[t-1] + x[t]\ne[t] = W @ h[t]\nP: Param[m, m]\n"
        "loss = sum(logsumexp(e[t]) - e[t, y[t]] - P[y[t-1], y[t]], t)\n",
    ],
    ids=["no teacher", "a score of the loss alone"],
)
def test_what_only_the_loss_reads_is_no_feedback(text: str) -> None:
    assert found(text) == ""


def test_the_open_loop_means_a_loop_by_hand() -> None:
    text = LABEL + STATE + "q[t] = softmax(W @ h[t])\nloss = sum(-log(q[t, y[t]]), t)\n"
    open_loop = found(text)
    assert isinstance(open_loop, Feedback)
    rng, T, n, m = np.random.default_rng(3), 6, 3, 4
    shapes = {"x": (T, n), "W": (m, n), "V": (n, n), "R": (n, m), "h.0": (n,)}
    given = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    truth, y = np.array([0, 1, 0, 0, 1, 0.0]), rng.integers(0, m, T)
    read_values = {given_name("y"): y, mask_name(open_loop.sequence): truth}
    values = evaluate(open_loop.system, {"T": T, "n": n, "m": m}, given | read_values, ["y", "q"])
    h, before = given["h.0"], np.zeros(n)
    for t in range(T):
        h = np.tanh(given["V"] @ h + given["x"][t] + before)
        scores = given["W"] @ h
        fed = y[t] if truth[t] else int(np.argmax(scores))
        assert values["y"].at(t + 1) == fed
        np.testing.assert_allclose(values["q"].array[t], np.exp(scores) / np.exp(scores).sum())
        before = given["R"][:, fed]


def test_the_answers_of_training_are_no_data_of_the_open_loop() -> None:
    open_loop = found(
        TARGET + "z: Target[T]\no[t] = W @ h[t]\nloss = sum(sum((y[t] - o[t])**2) + (z[t] - o[t, 0])**2, t)\n"
    )
    assert isinstance(open_loop, Feedback) and open_loop.results == ("h", "o", "y")
    assert {v.name for v in open_loop.system.with_role(Role.TARGET)} == {"y.given"}
    assert "loss" not in open_loop.system.by_name and "z" not in open_loop.system.by_name
