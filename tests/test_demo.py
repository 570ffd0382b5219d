"""`derive demo`: what is a model of characters, that training learns, and that every model gets as far as it can."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import derive
from derive.demo.characters import Roles, character_roles
from derive.demo.corpus import read_manual
from derive.demo.training import STEPS, STREAMS, Adam, Writer, sample, train, why_silent

Run = Callable[..., Any]

HEAD = "U, W = Param[n, n]\n"
TAIL = "h[0] = 0\nh[t] = tanh(W @ h[t-1] + U @ x[t])\np[t] = softmax(h[t])\n"
LOSS = "loss = sum(-log(p[t, y[t]]), t)\n"


def roles_of(text: str) -> Roles | str:
    return character_roles(derive.parse(text).system)


@pytest.mark.parametrize("name", ["vanilla", "lstm", "gru", "gru_v2", "lstm_peephole"])
def test_the_zoo_reads_and_predicts_characters(name: str) -> None:
    roles = character_roles(derive.load(name).system)
    assert isinstance(roles, Roles)
    assert (roles.read, roles.label, roles.predicted, roles.alphabet) == ("x", "y", "yhat", None)
    assert roles.sizes == {"n_x", "n_y"}
    assert roles.lags == ({"h": 1, "c": 1} if "lstm" in name else {"h": 1})


def test_names_and_fixed_sizes_are_found() -> None:
    text = "letter: Input[T, 30]\nnext: Label[T, 30]\nW: Param[30, 30]\n" + (
        "q[t] = logsoftmax(W @ letter[t])\nloss = -sum(q[t, next[t]], t)\n"
    )
    roles = roles_of(text)
    assert isinstance(roles, Roles)
    assert (roles.read, roles.label, roles.alphabet, roles.sizes, roles.lags) == ("letter", "next", 30, frozenset(), {})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x: Input[T, n]\ny: Target[T, n]\n" + HEAD + TAIL + "loss = sum((p[t, 0] - y[t, 0])**2, t)\n", "y: Target"),
        ("x: Input[T, n]\ny: Label[n]\n" + HEAD + TAIL + "loss = -log(p[T, y])\n", "at every step of one sequence"),
        ("x: Input[T, 4]\ny: Label[T, 3]\nV: Param[3, 4]\np[t] = softmax(V @ x[t])\n" + LOSS, "not the same alphabet"),
        (
            "x: Input[T, n]\ny: Label[T, n]\nk: Const\n" + HEAD + TAIL + "loss = k*sum(-log(p[t, y[t]]), t)\n",
            "a value for k",
        ),
        ("x: Input[T, n]\ny: Label[T, n]\n" + HEAD + TAIL + "loss = sum(p[t, 0], t)\n", "looks up no prediction"),
        (
            "x: Input[T, n]\ny: Label[T, n]\nA: Param[n, n]\n"
            + HEAD
            + TAIL
            + "loss = sum(-log(p[t, y[t]]), t) - sum(A[y[t-1], y[t]], (t, 2, T))\n",
            "its loss reads y also at other steps than t",
        ),
    ],
)
def test_other_models_are_told_why_not(text: str, reason: str) -> None:
    roles = roles_of(text)
    assert isinstance(roles, str) and reason in roles


def test_the_corpus_is_the_manual() -> None:
    corpus = read_manual()
    assert len(corpus.train) > 200_000 and len(corpus.held_out) > 4 * STEPS * STREAMS
    assert "statement" in corpus.write(corpus.train)
    assert corpus.train.max() < len(corpus.alphabet) == len(set(corpus.alphabet))
    assert len(read_manual(3000).alphabet) == 3000


def test_adam_goes_downhill() -> None:
    from typing import NamedTuple

    class Params(NamedTuple):
        a: Any

    params, adam = Params(np.array([3.0, -2.0])), Adam(rate=0.1)
    for _ in range(200):
        params = adam.update(params, params)
    assert np.abs(params.a).max() < 0.05


def writer_of(name: str) -> Writer:
    model = derive.load(name)
    roles = character_roles(model.system)
    assert isinstance(roles, Roles)
    module = derive.compile(model)
    assert why_silent(module, roles) == ""
    return Writer(module, roles, read_manual())


@pytest.mark.parametrize("name", ["vanilla", "gru", pytest.param("lstm", marks=pytest.mark.slow)])
def test_training_learns_and_the_model_writes(name: str) -> None:
    writer = writer_of(name)
    rng = np.random.default_rng(0)
    params, curve = train(writer, writer.init_params(rng), seconds=60, updates=60)
    # A text of independent characters with the manual's frequencies takes 4.7 bits.
    assert curve[0].held_out > 5 and curve[-1].held_out < 4.6
    text = sample(writer, params, 60, rng)
    assert len(text) == 60 and set(text) <= set(writer.corpus.alphabet)


def test_the_state_is_carried_from_chunk_to_chunk() -> None:
    writer = writer_of("lstm")
    params = writer.init_params(np.random.default_rng(0))
    codes = writer.corpus.train[: 21 * STREAMS].reshape(21, STREAMS)
    whole, _ = writer.forward(params, codes, {})
    half, _ = writer.forward(params, codes[:11], {})
    rest, _ = writer.forward(params, codes[10:], writer.state_after(half))
    np.testing.assert_allclose(rest.yhat, whole.yhat[10:], rtol=1e-4, atol=1e-6)


def test_the_demo_runs_without_a_terminal(derive_in: Run) -> None:
    answer = derive_in("demo", "--seconds", "0.5")
    assert answer.code == 0, answer.err
    stages = ["read", "derived", "generated", "verified", "Training", "trained", "It writes:"]
    positions = [answer.out.index(stage) for stage in stages]
    assert positions == sorted(positions)
    assert "bits per character" in answer.out


def test_the_demo_stops_after_verifying_and_says_why(derive_in: Run) -> None:
    text = "x: Input[T, n]\ny: Target[T, n]\n" + HEAD + "p[t] = W @ U @ x[t]\nloss = sum((p[t, 0] - y[t, 0])**2, t)\n"
    Path("regression.eq").write_text(text)
    answer = derive_in("demo", "regression.eq")
    assert answer.code == 0, answer.err
    assert "verified" in answer.out and "Training" not in answer.out
    assert "regression is no model that reads and predicts characters; characters need one Input" in answer.out


def test_the_loss_curve_is_drawn(derive_in: Run) -> None:
    pytest.importorskip("matplotlib")
    assert derive_in("demo", "--seconds", "0.3", "--plot", "curve.svg").code == 0
    assert "<svg" in Path("curve.svg").read_text()


@pytest.mark.parametrize(
    ("plot", "code", "message"),
    [("curve.xyz", 2, "which kind of picture?"), ("nowhere/curve.svg", 3, "nowhere: No such file or directory")],
)
def test_a_plot_that_cannot_be_is_refused_before_the_training(
    derive_in: Run, plot: str, code: int, message: str
) -> None:
    pytest.importorskip("matplotlib")
    answer = derive_in("demo", "--plot", plot)
    assert answer.code == code and message in answer.err and answer.out == ""


def test_without_matplotlib_the_command_to_get_it(derive_in: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    answer = derive_in("demo", "--plot", "curve.svg")
    assert answer.code == 2 and "pip install matplotlib" in answer.err
