"""The zoo's models are what their papers say: their files, their schedules, and what they compute."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from derive import pipeline
from derive.check import call
from derive.interpret import Array
from tests.oracles import running
from tests.test_structure import forward, in_loops, programs

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "derive" / "models").glob("*.eq"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_says_what_it_is_and_whose(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    title, _, rest = (ast.get_docstring(ast.parse(text)) or "").partition("\n")
    assert title.endswith(".") and re.search(r"\((18|19|20)\d\d\)", rest), (
        "a title of a line, and a paper with its year"
    )
    assert text.isascii() and text.endswith("\n") and max(map(len, text.splitlines())) <= 120


def test_the_overview_lists_every_model_once() -> None:
    table = (ROOT / "docs" / "zoo.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.M)) == sorted(pipeline.zoo())


@pytest.mark.parametrize("name", ["teacher_forcing", "narx", "self_attention", "transformer"])
def test_without_a_recurrence_there_is_no_loop(name: str) -> None:
    assert in_loops(forward(name)) == in_loops(programs(name).gradient) == []


@pytest.mark.parametrize(
    "name",
    [
        "sru", "qrnn", "mingru", "minlstm", "indrnn", "lru", "state_space", "selective_state_space", "linear_attention",
        "gated_linear_attention",
    ],
)  # fmt: skip
def test_where_no_matrix_meets_the_state_no_product_waits_for_the_step_before(name: str) -> None:
    assert set(in_loops(forward(name))) == set(in_loops(programs(name).gradient)) == {0}


def variables(name: str, at: call.Arguments) -> dict[str, Array]:
    """Every variable of the forward pass, without the start that it carries."""
    found = call.forward(pipeline.load(name).compile(), at)
    values = {field: np.asarray(getattr(found, field)) for field in found._fields}
    steps = at.sizes["T"]
    return {n: a[1:] if a.shape and a.shape[0] == steps + 1 else a for n, a in values.items()}


def test_the_real_recurrence_of_an_lru_is_one_of_complex_numbers() -> None:
    at = running.drawn("lru")
    p, x = at.params, at.data["x"]
    eigenvalues = np.exp(-np.exp(p["nu"]) + 1j * np.exp(p["theta"]))
    state = at.data["p0"] + 1j * at.data["q0"]
    found = variables("lru", at)
    for t in range(len(x)):
        driven = np.sqrt(1 - abs(eigenvalues) ** 2) * (x[t] @ (p["B_re"] + 1j * p["B_im"]).T)
        state = eigenvalues * state + driven
        np.testing.assert_allclose(found["p"][t] + 1j * found["q"][t], state, rtol=1e-12, atol=1e-14)


def test_linear_attention_is_a_weighted_mean_of_the_values_so_far() -> None:
    at = running.drawn("linear_attention")
    starts = {name: np.zeros_like(at.data[name]) for name in ("S0", "z0")}
    for name, zeros in starts.items():
        at = at.with_array(name, zeros)
    found = variables("linear_attention", at)
    q, k, v = found["q"], found["k"], found["v"]
    for t in range(len(q)):
        weights = np.einsum("bi,sbi->sb", q[t], k[: t + 1])
        mean = np.einsum("sb,sbj->bj", weights / weights.sum(0), v[: t + 1])
        np.testing.assert_allclose(found["a"][t], mean, rtol=1e-11, atol=1e-13)


def test_the_gates_of_a_qrnn_are_a_convolution_over_the_input() -> None:
    at = running.drawn("qrnn")
    p, x = at.params, at.data["x"]
    padded = np.concatenate([np.zeros_like(x[:1]), x])
    windows = np.concatenate([padded[:-1], padded[1:]], axis=-1)
    gate = 1 / (1 + np.exp(-windows @ np.concatenate([p["P_f"], p["W_f"]], axis=1).T))
    np.testing.assert_allclose(variables("qrnn", at)["f"], gate, rtol=1e-12)


@pytest.mark.parametrize(("name", "words", "shift"), [("self_attention", "w", 0), ("transformer", "y", 1)])
def test_causal_attention_does_not_see_what_is_to_come(name: str, words: str, shift: int) -> None:
    at = running.drawn(name, T=5)
    changed = at.data[words].copy()
    changed[3] = (changed[3] + 1) % at.sizes["n_w"]
    before = variables(name, at)["yhat"]
    after = variables(name, at.with_array(words, changed))["yhat"]
    first = 3 + shift  # the word at step t is read there, or one step later
    np.testing.assert_array_equal(before[:first], after[:first])
    assert not np.allclose(before[first], after[first])


def test_no_unit_of_a_clockwork_bank_reads_a_faster_one() -> None:
    at = running.drawn("clockwork")
    periods = 2.0 ** np.arange(at.sizes["n_h"])
    at = at.with_array("period", periods)
    for _, gradients in running.both_styles("clockwork", at):
        faster = periods[None, :] < periods[:, None]
        assert not gradients["W"][faster].any()
        assert gradients["W"][~faster].all()


def test_the_reservoir_of_an_echo_state_network_is_not_learned() -> None:
    module = pipeline.load("echo_state").compile()
    assert module.Params._fields == ("V", "c")


def test_one_table_of_a_language_model_learns_from_both_ends() -> None:
    at = running.drawn("word_lm", T=1)
    for _, gradients in running.both_styles("word_lm", at):
        assert gradients["E"].any(axis=1).all(), (
            "every word takes part in the softmax, though none is read before step 1"
        )
