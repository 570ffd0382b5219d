"""`checkpoint=`: gradients by segments are those of the whole sequence, in the memory of a few of its steps."""

from __future__ import annotations

import tracemalloc
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive.bench.calls import Calls, calls
from derive.calculus.batch import add_batch
from derive.check import call
from derive.check.call import Arguments
from derive.check.gradients import CHECKPOINT, verify_modules
from derive.check.sample import prime_sizes
from derive.pipeline import parse
from tests.bank import HERE, model, some, some_of_the_bank

MODELS = ("vanilla", "lstm", "gru", "deep_stacked", "time_skip", "qrnn", "word_lm", "sequence_to_one", "narx")
LAGS = [str(HERE / "models" / f"{name}.eq") for name in ("lags", "two_lags")]
HEAD = """
x: Input[T, n_x]
z: Target[n_h]
U: Param[n_h, n_x]
W: Param[n_h, n_h]
v: Param[n_h]
lam: Const = 0.3
"""
RNN = "h[0] = 0\nh[t] = tanh(W @ h[t-1] + U @ x[t])\n"
ODD = {
    "the end": RNN + "loss = sum((h[T] - z)**2) / T",
    "steps, the end, and no data": RNN + "loss = sum(sum(h[t]**2), t) / T + sum((h[T] - z)**2) + lam * sum(W**2)",
    "the number of the step": RNN + "loss = mean(sum(h[t]**2), t) + sum(t * h[t, 0], t) + T",
    "the last step by its number": RNN + "loss = sum(where(t == T, sum(h[t]), 0), t)",
    "from the second step on": RNN + "q[t] = h[t] * h[t-1]\nloss = sum(sum(q[t]), (t, 2, T))",
    "a learned start": "h[0] = tanh(v * z)\nh[t] = tanh(W @ h[t-1] + U @ x[t])\nloss = sum(sum((h[t] - z)**2), t)",
    "a learned start of two": (
        "h[0] = tanh(v)\nh[-1] = 0.5\nh[t] = tanh(W @ h[t-1] + h[t-2] + U @ x[t])\nloss = sum(sum((h[t] - z)**2), t)"
    ),
    "a sum with a name": RNN + "nll = sum(sum((h[t] - z)**2), t)\nloss = nll / T + lam * nll + dot(v, v)",
    "names of the function's own": (
        "ends[0] = 0\nends[t] = tanh(W @ ends[t-1] + U @ x[t])\ncount[t] = ends[t] * v\n"
        "loss = sum(sum(count[t]), t) + sum(ends[T] * z)"
    ),
}


def ready(made: Any, module: Any, steps: int, dtype: Any = np.float64, **more: int) -> Calls:
    """A module with random data of some length."""
    sizes = {**prime_sizes(add_batch(made.system)), "T": steps, **more}
    return calls(made.system, module, sizes, dtype)


def results(module: Any, at: Arguments, **more: Any) -> dict[str, Any]:
    """The loss and every gradient."""
    loss, gradients = call.loss_and_grad(module, at, **more)
    return {"loss": np.array(loss), **{name: np.array(array) for name, array in gradients.items()}}


def assert_same(found: dict[str, Any], expected: dict[str, Any], rtol: float = 1e-12) -> None:
    assert found.keys() == expected.keys()
    largest = max(np.max(np.abs(array), initial=1) for array in expected.values())
    for name, array in expected.items():
        assert (found[name].shape, found[name].dtype) == (array.shape, array.dtype), name
        np.testing.assert_allclose(found[name], array, rtol=rtol, atol=rtol * largest, err_msg=name)


@pytest.mark.parametrize("style", ["fast", pytest.param("plain", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", some(MODELS, 2))
def test_results_are_those_of_the_whole_sequence(name: str, style: str) -> None:
    made, module = model(name), model(name).compile(style)
    run = ready(made, module, 7)
    expected = results(module, run.at)
    for checkpoint in (1, 2, 3, 6, 7, 20, True):
        assert_same(results(module, run.at, checkpoint=checkpoint), expected)


@pytest.mark.parametrize("name", [*MODELS, *LAGS], ids=lambda name: Path(name).stem)
def test_sequences_that_are_shorter_than_a_state(name: str) -> None:
    made, module = model(name), model(name).compile()
    for steps in (1, 2, 3, 4):
        run = ready(made, module, steps)
        for checkpoint in (1, True):
            assert_same(results(module, run.at, checkpoint=checkpoint), results(module, run.at))


@pytest.mark.parametrize("name", ODD)
def test_losses_that_are_more_than_a_sum_over_steps(name: str) -> None:
    made = parse(HEAD + ODD[name])
    for style in ("fast", "plain"):
        module = made.compile(style)
        for steps in (2, 5):
            run = ready(made, module, steps)
            expected = results(module, run.at)
            for checkpoint in (1, 2, 4, True):
                assert_same(results(module, run.at, checkpoint=checkpoint), expected)


@some_of_the_bank
def test_every_model_that_can_be_cut(name: str) -> None:
    made = model(name)
    if isinstance(made.segment, str):
        return
    module = made.compile()
    run = ready(made, module, 5)
    expected = results(module, run.at)
    assert_same(results(module, run.at, checkpoint=2), expected)
    single = run.at.example(0, keep_axis=False)
    assert_same(results(module, single, checkpoint=3), results(module, single))


@pytest.mark.parametrize("name", ["vanilla", "time_skip", "qrnn", "word_lm"])
def test_it_goes_on_from_a_state(name: str) -> None:
    made, module = model(name), model(name).compile()
    run = ready(made, module, 7)
    starts = set(call.start_keywords(add_batch(made.system)))
    data = {n: a for n, a in call.accepted(module.loss_and_grad, run.at).items() if n not in starts}
    params = module.Params(**run.at.params)
    told = call.accepted(module.last_state, run.at)
    state = module.last_state(module.forward(params, **data), **told)
    loss, gradient = module.loss_and_grad(params, **data, state=state)
    for checkpoint in (2, 5, 9):
        again, parts = module.loss_and_grad(params, **data, state=state, checkpoint=checkpoint)
        assert again == pytest.approx(loss, rel=1e-12)
        for a, b in zip(parts, gradient, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


def test_single_precision_stays() -> None:
    made, module = model("lstm"), model("lstm").compile()
    run = ready(made, module, 9, np.float32)
    assert_same(results(module, run.at, checkpoint=True), results(module, run.at), 1e-5)


@pytest.mark.parametrize("name", ["vanilla", "time_skip"])
def test_a_workspace_is_used_again(name: str) -> None:
    """A second call makes no array that grows with the sizes, be the last segment shorter or not."""
    made, module = model(name), model(name).compile()
    for steps, checkpoint in ((900, 30), (910, 30)):
        run = ready(made, module, steps, np.float32, B=8, n_h=64)
        params, data = module.Params(**run.at.params), call.accepted(module.loss_and_grad, run.at)
        workspace = module.Workspace()
        first = module.loss_and_grad(params, **data, workspace=workspace, checkpoint=checkpoint)
        kept = [np.array(a) for a in first[1]]
        tracemalloc.start()
        try:
            again = module.loss_and_grad(params, **data, workspace=workspace, checkpoint=checkpoint)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert all(a is b for a, b in zip(first[1], again[1], strict=True)), "results lie in the workspace"
        assert all(np.array_equal(a, b) for a, b in zip(kept, again[1], strict=True))
        # Less than a state for each step of a segment.
        assert peak < 30 * 8 * 64 * 4, peak


@pytest.mark.parametrize("name", ["vanilla", "lstm"])
def test_memory_grows_with_the_root_of_the_length(name: str) -> None:
    made, module = model(name), model(name).compile()
    peaks = {}
    for steps in (144, 2304):
        run = ready(made, module, steps, np.float32, B=4, n_h=16, n_x=8, n_y=8)
        params, data = module.Params(**run.at.params), call.accepted(module.loss_and_grad, run.at)
        for checkpoint in (None, True):
            tracemalloc.start()
            try:
                module.loss_and_grad(params, **data, checkpoint=checkpoint)
                peaks[steps, checkpoint] = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
    # Sixteen times as long: four times the memory, and some that does not grow.
    assert 2.5 < peaks[2304, True] / peaks[144, True] < 4.5
    assert 14 < peaks[2304, None] / peaks[144, None] < 17
    assert peaks[2304, True] < peaks[2304, None] / 10


def test_segments_cover_the_sequence() -> None:
    ends = model("time_skip").compile()._segment_ends  # two lags: a state lies inside of its segment
    assert ends(3, 9, 1) == [0, 3, 6, 9] and ends(4, 9, 1) == [0, 4, 8, 9] and ends(20, 9, 1) == [0, 9]
    assert ends(4, 9, 2) == [0, 4, 9] and ends(1, 5, 2) == [0, 2, 5] and ends(2, 1, 2) == [0, 1]
    assert ends(True, 100, 1) == list(range(0, 101, 10)) and ends(True, 101, 1)[1] == 11 and ends(True, 1, 1) == [0, 1]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"checkpoint": 0}, "checkpoint: 0, expected a whole number >= 1"),
        ({"checkpoint": False}, "checkpoint: False, expected a whole number >= 1"),
        ({"checkpoint": 2.0}, "checkpoint: 2.0, expected a whole number >= 1"),
        (
            {"checkpoint": 2, "lengths": [2, 1]},
            "checkpoint: given, and so is lengths or window; they do not go together",
        ),
        ({"checkpoint": 2, "window": 2}, "checkpoint: given, and so is lengths or window; they do not go together"),
        (
            {"checkpoint": 2, "x": np.zeros((4, 2, 9))},
            "x: shape (4, 2, 9), expected (T, B, n_x) = (4, 2, 3), n_x from U",
        ),
        ({"checkpoint": 2, "y": np.zeros((3, 2), int)}, "y: shape (3, 2), expected (T, B) = (4, 2), T and B from x"),
    ],
)
def test_what_is_wrong_is_refused(given: dict[str, Any], message: str) -> None:
    module = model("vanilla").compile()
    params = module.init_params(np.random.default_rng(0), n_h=2, n_x=3, n_y=2)
    data = {"x": np.zeros((4, 2, 3)), "y": np.zeros((4, 2), int), **given}
    with pytest.raises(ValueError) as caught:
        module.loss_and_grad(params, **data)
    assert str(caught.value) == message


def test_a_model_that_cannot_be_cut_has_no_such_keyword() -> None:
    module = model("bidirectional").compile()
    with pytest.raises(TypeError, match="checkpoint"):
        module.loss_and_grad(None, x=None, y=None, checkpoint=True)


def test_only_the_recurrence_is_run_twice() -> None:
    """What no later step reads is not computed on the way forward."""
    text = model("vanilla").generate()
    advance = text.split("\ndef _advance(")[1].split("\ndef ")[0]
    assert advance.count("matmul") + advance.count(".dot(") == 2 and "logsumexp" not in advance and "V" in advance
    assert "# o[t]" not in advance


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("h_left1[...] = dh0", "h_left1[...] = 0 * dh0"),
        ("return h[-2], h[-1]", "return h[-1], h[-2]"),
        ("dh[T + 1] += h_left1", "dh[T + 1] -= h_left1"),
        ("dx[first:last] += dx_part", "dx[first:last] -= dx_part"),
        ("h0_kept[0] = h0", "h0_kept[0] = 0 * h0"),
    ],
)
def test_a_mistake_between_segments_is_found(old: str, new: str) -> None:
    made = model("time_skip")
    text = made.generate()
    assert text.count(old) == 1
    wrong = types.ModuleType("wrong")
    exec(text.replace(old, new), wrong.__dict__)
    report = verify_modules(add_batch(made.system), wrong, single=made.system)
    assert {comparison.kind for comparison in report.failures} == {CHECKPOINT}
