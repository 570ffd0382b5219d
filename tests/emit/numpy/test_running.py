"""`free_run` and `state=` at a module's border: what they draw, what they mix, what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from derive.pipeline import parse

LABEL = """
x: Input[T, n]
y: Label[T, m]
W: Param[m, n]
R: Param[n, m]
h[t] = tanh(x[t] + R[:, y[t-1]])
q[t] = softmax(W @ h[t])
loss = sum(-log(q[t, y[t]]), t)
"""
ALONE = """
y: Label[T, m]
W: Param[m, n]
R: Param[n, m]
h[0] = 0
h[t] = tanh(h[t-1] + R[:, y[t-1]])
loss = sum(-logsoftmax(W @ h[t])[y[t]], t)
"""
TARGET = """
y: Target[T]
a: Param
y[0] = 1
m[t] = a * y[t-1]
loss = sum((y[t] - m[t])**2, t)
"""
T, B, N, M = 4, 3, 2, 5
RNG = np.random.default_rng(0)
X = RNG.standard_normal((T, B, N))
Y = RNG.integers(0, M, (T, B))


@pytest.fixture(scope="module")
def m() -> Any:
    return parse(LABEL).compile()


@pytest.fixture(scope="module")
def p(m: Any) -> Any:
    return m.Params(3 * RNG.standard_normal((M, N)), RNG.standard_normal((N, M)))


def refused(function: Any, *given: Any, **keywords: Any) -> str:
    with pytest.raises(ValueError) as caught:
        function(*given, **keywords)
    return str(caught.value)


def test_without_a_generator_the_most_probable_class_is_read(m: Any, p: Any) -> None:
    run = m.free_run(p, x=X)
    np.testing.assert_array_equal(run.y, run.q.argmax(axis=-1))
    assert run.y.shape == (T, B) and run.y.dtype.kind == "i"
    again = m.forward(p, x=X, y=run.y)
    np.testing.assert_array_equal(again.q, run.q)


def test_a_generator_draws_from_the_distribution(m: Any, p: Any) -> None:
    count = 20_000
    same = np.repeat(X[:, :1], count, axis=1)
    run = m.free_run(p, x=same, rng=np.random.default_rng(1))
    first = np.bincount(run.y[0], minlength=M) / count
    np.testing.assert_allclose(first, run.q[0, 0], atol=0.02)
    chosen = run.y[0] == run.y[0, 0]
    second = np.bincount(run.y[1, chosen], minlength=M) / chosen.sum()
    np.testing.assert_allclose(second, run.q[1, 0], atol=0.03)
    np.testing.assert_array_equal(m.free_run(p, x=same, rng=np.random.default_rng(1)).y, run.y)


def test_a_mask_mixes_the_truth_in(m: Any, p: Any) -> None:
    mask = RNG.random((T, B)) < 0.5
    run = m.free_run(p, x=X, y=np.where(mask, Y, -9), truth=mask)
    np.testing.assert_array_equal(run.y[mask], Y[mask])
    np.testing.assert_array_equal(run.y[~mask], run.q.argmax(axis=-1)[~mask])
    np.testing.assert_array_equal(m.forward(p, x=X, y=run.y).q, run.q)
    steps = np.array([True, False, True, False])
    np.testing.assert_array_equal(m.free_run(p, x=X, y=Y, truth=steps).y[steps], Y[steps])


def test_one_example_has_no_batch(m: Any, p: Any) -> None:
    whole, one = m.free_run(p, x=X), m.free_run(p, x=X[:, 1])
    np.testing.assert_array_equal(one.y, whole.y[:, 1])
    np.testing.assert_allclose(one.h, whole.h[:, 1])
    mixed = m.free_run(p, x=X[:, 1], y=Y[:, 1], truth=np.ones(T, bool))
    np.testing.assert_array_equal(mixed.y, Y[:, 1])


def test_without_data_the_steps_and_the_batch_are_said() -> None:
    m = parse(ALONE).compile()
    p = m.init_params(RNG, m=M, n=N)
    assert m.free_run(p, steps=T).y.shape == (T,)
    run = m.free_run(p, steps=T, batch=B, h0=RNG.standard_normal((B, N)), rng=np.random.default_rng(0))
    assert run.y.shape == (T, B) and run.h.shape == (T + 1, B, N)
    assert refused(m.free_run, p, steps=0) == "steps: 0, expected a whole number >= 1"
    assert refused(m.free_run, p, steps=T, batch=-1) == "batch: -1, expected a whole number >= 1"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_target_feeds_its_mean_back(dtype: Any) -> None:
    m = parse(TARGET).compile()
    run = m.free_run(m.Params(np.array(0.5, dtype)), steps=T)
    np.testing.assert_array_equal(run.y, dtype([0.5, 0.25, 0.125, 0.0625]))
    assert run.y.dtype == dtype
    drawn = m.free_run(m.Params(np.array(0.5, dtype)), steps=T, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(drawn.y, run.y)
    mixed = m.free_run(m.Params(np.array(0.5)), steps=2, y=np.array([8.0, np.nan]), truth=np.array([True, False]))
    np.testing.assert_array_equal(mixed.m, [0.5, 4])


def test_what_is_wrong_is_refused(m: Any, p: Any) -> None:
    run, mask = m.free_run, np.ones(T, bool)
    assert refused(run, p, x=X, rng=3) == "rng: a int, expected numpy.random.default_rng(...)"
    assert refused(run, p, x=X, steps=9) == "steps: 9, expected T = 4, as the data have"
    assert refused(run, p, x=X, truth=mask) == "y: None, and truth says at which steps it is read"
    assert refused(run, p, x=X, y=Y).startswith("truth: None, and y is given")
    assert refused(run, p, x=X, y=Y, truth=mask.astype(int)) == "truth: dtype int64, expected bool"
    assert refused(run, p, x=X, y=Y, truth=mask[:2]) == "truth: shape (2,), expected (4,) or (4, 3)"
    assert refused(run, p, x=X[:, 0], y=Y[:, 0], truth=mask[:2]) == "truth: shape (2,), expected (4,)"
    assert refused(run, p, x=X, y=Y[:2], truth=mask) == "y: shape (2, 3), expected (T, B) = (4, 3)"
    assert refused(run, p, x=X, y=Y + M, truth=mask).startswith("y: ")
    text = "y: dtype float64, expected integers, as y.astype(int) gives them"
    assert refused(run, p, x=X, y=Y + 0.5, truth=mask) == text
    assert refused(run, m.Params(p.W * np.nan, p.R), x=X).startswith("free_run: what is predicted is no distribution")


def test_names_that_would_hide_something() -> None:
    text = LABEL.replace("y: Label", "range: Label").replace("y[", "range[").replace("h[", "len[")
    m = parse(text).compile()
    p = m.Params(RNG.standard_normal((M, N)), RNG.standard_normal((N, M)))
    run = m.free_run(p, x=X, range=Y, truth=np.ones((T, B), bool))
    np.testing.assert_array_equal(run.range, Y)
    assert m.free_run(p, x=X).range.shape == (T, B)


def test_a_state_is_checked_like_other_arrays(m: Any, p: Any) -> None:
    state = m.init_state(p, batch=B)
    assert state._fields == ("y", "t") and state.t == 0
    text = "state.y: shape (2,), expected (B) = (3,)"
    assert refused(m.forward, p, x=X, y=Y, state=state._replace(y=Y[0, :2])) == text
    assert refused(m.loss, p, x=X, y=Y, state=state._replace(t=-1)) == "state.t: -1, expected a whole number >= 0"
    assert refused(m.step, p, state._replace(t=0.5), x=X[0], y=Y[0]) == "state.t: 0.5, expected a whole number >= 0"
    assert refused(m.forward, p, x=X, y=Y, state=3) == "state: a int, expected State(y, t)"
    assert refused(m.loss, p, x=X, y=Y, state=state._replace(y=Y[0] + M)).startswith("state.y: ")
    assert refused(m.step, p, state._replace(y=Y[0] + M), x=X[0], y=Y[0]).startswith("state.y: ")


def test_steps_draw_what_the_next_one_reads(m: Any, p: Any) -> None:
    """What a caller chooses by itself is put into the state."""
    run, state = m.free_run(p, x=X), m.init_state(p, batch=B)
    for t in range(T):
        state, outputs = m.step(p, state, x=X[t], y=np.zeros(B, int))
        state = state._replace(y=outputs.q.argmax(axis=-1))
        np.testing.assert_array_equal(state.y, run.y[t])
        assert state.t == t + 1
