"""What generated functions take, refuse and give back."""

from __future__ import annotations

import inspect
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import derive.pipeline
from tests.emit.numpy.hand import module

T, B, N_X, N_H, N_Y = 5, 3, 7, 2, 11
RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((T, B, N_X)), RNG.integers(0, N_Y, (T, B))


@pytest.fixture(scope="module")
def m() -> Any:
    return module()


@pytest.fixture(scope="module")
def p(m: Any) -> Any:
    return m.init_params(np.random.default_rng(1), n_x=N_X, n_h=N_H, n_y=N_Y)


def compiled(text: str) -> Any:
    return derive.pipeline.parse(text).compile()


def test_the_signatures(m: Any) -> None:
    def keywords(name: str) -> dict[str, bool]:
        parameters = inspect.signature(getattr(m, name)).parameters.values()
        return {a.name: a.default is a.empty for a in parameters if a.kind is a.KEYWORD_ONLY}

    assert keywords("forward") == {"x": True, "y": False, "h0": False}
    assert keywords("loss") == {"x": True, "y": True, "h0": False}
    assert keywords("loss_and_grad") == {"x": True, "y": True, "h0": False, "wrt": False}
    assert keywords("backward") == {"x": True, "y": True}
    assert keywords("step") == {"x": True}
    assert keywords("init_state") == {"h0": False, "batch": False}
    assert keywords("init_params") == {"n_h": True, "n_x": True, "n_y": True, "dtype": False}


def test_a_batch_is_its_examples(m: Any, p: Any) -> None:
    h0 = RNG.standard_normal((B, N_H))
    value, gradient, asked = m.loss_and_grad(p, x=X, y=Y, h0=h0, wrt=("x", "h0"))
    assert isinstance(value, float) and isinstance(gradient, m.Params)
    single = [m.loss_and_grad(p, x=X[:, b], y=Y[:, b], h0=h0[b], wrt=("x", "h0")) for b in range(B)]
    assert sum(s[0] for s in single) == pytest.approx(value, rel=1e-14)
    for name in m.Params._fields:
        np.testing.assert_allclose(sum(getattr(s[1], name) for s in single), getattr(gradient, name), rtol=1e-12)
    np.testing.assert_allclose(np.stack([s[2]["x"] for s in single], 1), asked["x"], rtol=1e-12)
    np.testing.assert_allclose(np.stack([s[2]["h0"] for s in single]), asked["h0"], rtol=1e-12)
    whole = m.forward(p, x=X, y=Y, h0=h0)
    one = m.forward(p, x=X[:, 1], y=Y[:, 1], h0=h0[1])
    assert (whole.h.shape, one.h.shape, one.yhat.shape) == ((T + 1, B, N_H), (T + 1, N_H), (T, N_Y))
    np.testing.assert_allclose(one.h, whole.h[:, 1], rtol=1e-13)
    for run, at in ((whole, slice(None)), (one, 1)):
        made = m.backward(p, run, x=X[:, at], y=Y[:, at])
        expected = m.loss_and_grad(p, x=X[:, at], y=Y[:, at], h0=h0[at])[1]
        for left, right in zip(made, expected, strict=True):
            np.testing.assert_allclose(left, right, rtol=1e-12)


def test_the_loss_may_be_left_out_of_forward(m: Any, p: Any) -> None:
    run = m.forward(p, x=X)
    assert run.loss is None and run.yhat.shape == (T, B, N_Y)
    assert m.forward(p, x=X, y=Y).loss == m.loss(p, x=X, y=Y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_everything_is_in_the_parameters_dtype(m: Any, dtype: type) -> None:
    p = m.init_params(np.random.default_rng(1), n_x=N_X, n_h=N_H, n_y=N_Y, dtype=dtype)
    run = m.forward(p, x=X.astype(np.int8), y=Y.astype(np.uint8), h0=np.zeros((B, N_H), np.float16))
    assert {array.dtype for array in run[:-1]} == {np.dtype(dtype)}
    _, gradient, asked = m.loss_and_grad(p, x=X.tolist(), y=Y.tolist(), wrt="x")
    assert {array.dtype for array in (*gradient, *asked.values())} == {np.dtype(dtype)}


def test_steps_are_the_sequence(m: Any, p: Any) -> None:
    for x, state in ((X, m.init_state(p, batch=B)), (X[:, 0], m.init_state(p))):
        run = m.forward(p, x=x)
        for t in range(T):
            state, outputs = m.step(p, state, x=x[t])
            np.testing.assert_allclose(outputs.yhat, run.yhat[t], rtol=1e-12)
        np.testing.assert_allclose(state.h, run.h[-1], rtol=1e-12)
    given = RNG.standard_normal((B, N_H))
    assert np.array_equal(m.init_state(p, batch=B, h0=given).h, given)


def refused(function: Any, *args: Any, **keywords: Any) -> str:
    with pytest.raises(ValueError) as caught:
        function(*args, **keywords)
    return str(caught.value)


def test_shapes_are_refused(m: Any, p: Any) -> None:
    assert refused(m.loss, p, x=X[..., :4], y=Y) == "x: shape (5, 3, 4), expected (T, B, n_x) = (5, 3, 7), n_x from U"
    assert refused(m.loss, p, x=X[0, 0], y=Y) == "x: shape (7,), expected (T, B, n_x), or (T, n_x) for one example"
    assert refused(m.loss, p, x=X, y=Y[:4]) == "y: shape (4, 3), expected (T, B) = (5, 3), T and B from x"
    assert refused(m.loss, p, x=X, y=Y[:, 0]) == "y: shape (5,), expected (T, B) = (5, 3), T and B from x"
    assert refused(m.loss, p, x=X[:, 0], y=Y) == "y: shape (5, 3), expected (T) = (5,), T and B from x"
    text = "h0: shape (2,), expected (B, n_h) = (3, 2), B from x, n_h from U"
    assert refused(m.forward, p, x=X, h0=np.zeros(2)) == text
    text = "x: shape (0, 3, 7), expected (T, B, n_x), none of them 0: T is 0, an empty sequence"
    assert refused(m.loss, p, x=X[:0], y=Y[:0]) == text
    assert refused(m.loss, p._replace(b=np.zeros(3)), x=X, y=Y) == "b: shape (3,), expected (n_h) = (2,), n_h from U"
    assert refused(m.loss, p._replace(U=np.zeros(3)), x=X, y=Y) == "U: shape (3,), expected (n_h, n_x)"
    text = "U: shape (0, 7), expected (n_h, n_x), none of them 0: n_h is 0, no entries"
    assert refused(m.loss, p._replace(U=np.zeros((0, 7))), x=X, y=Y) == text
    assert refused(m.loss, p, x=[[1.0], [1.0, 2.0]], y=Y).startswith("x: not an array")


def test_dtypes_are_refused(m: Any, p: Any) -> None:
    single = p._replace(V=p.V.astype(np.float32))
    assert refused(m.loss, single, x=X, y=Y) == "V: dtype float32, expected float64, as U has"
    for dtype in (np.complex128, np.int64, np.float16, bool):
        text = f"U: dtype {np.dtype(dtype)}, expected float32 or float64"
        assert refused(m.loss, p._replace(U=p.U.astype(dtype)), x=X, y=Y) == text
    assert refused(m.loss, p, x=X + 0j, y=Y) == "x: dtype complex128, expected real numbers"
    assert refused(m.loss, p, x=None, y=Y) == "x: None, expected real numbers"
    mend = "expected integers, as y.astype(int) gives them"
    assert refused(m.loss, p, x=X, y=Y.astype(float)) == f"y: dtype float64, {mend}"
    assert refused(m.loss, p, x=X, y=Y > 3) == f"y: dtype bool, {mend}"
    assert refused(m.loss, p, x=X, y=None) == "y: None, expected integers"


@pytest.mark.parametrize("wrong", [11, -1, 2**62])
def test_classes_are_refused(m: Any, p: Any, wrong: int) -> None:
    y = Y.copy()
    y[2, 1] = wrong
    assert refused(m.loss, p, x=X, y=y) == f"y: {wrong} at (2, 1), expected integers 0..n_y - 1 = 0..10"
    assert refused(m.loss, p, x=X[:, 1], y=y[:, 1]).startswith(f"y: {wrong} at (2,)")
    assert refused(m.forward, p, x=X, y=y).startswith("y: ")


def test_other_arguments_are_refused(m: Any, p: Any) -> None:
    assert refused(m.loss, p._asdict(), x=X, y=Y) == "params: a dict, expected Params(U, W, V, b, c)"
    assert refused(m.loss, tuple(p)[:4], x=X, y=Y) == "params: 4 arrays, expected Params(U, W, V, b, c)"
    assert m.loss(tuple(p), x=X, y=Y) == m.loss(p, x=X, y=Y)
    assert refused(m.loss_and_grad, p, x=X, y=Y, wrt=("x", "z")) == "wrt: 'z', expected some of 'x', 'h0'"
    assert refused(m.backward, p, None, x=X, y=Y) == "forward: a NoneType, expected what forward(...) returns"
    run = m.forward(p, x=X[:4])
    text = "forward.h: shape (5, 3, 2), expected (T + 1, B, n_h) = (6, 3, 2), T and B from x, n_h from U"
    assert refused(m.backward, p, run, x=X, y=Y) == text
    assert refused(m.step, p, X, x=X[0]) == "state: a ndarray, expected State(h)"
    other = namedtuple("State", ["c"])(0)
    assert refused(m.step, p, other, x=X[0]) == "state: State(c), expected State(h)"
    text = "forward: a State of other variables, expected what forward(...) returns"
    assert refused(m.backward, p, other, x=X, y=Y) == text
    text = "state.h: shape (2,), expected (B, n_h) = (3, 2), B from x, n_h from U"
    assert refused(m.step, p, m.init_state(p), x=X[0]) == text
    assert refused(m.init_state, p, batch=0) == "batch: 0, expected a whole number >= 1"
    with pytest.raises(TypeError, match="y"):
        m.loss(p, x=X)


def test_first_parameters(m: Any, p: Any) -> None:
    again = m.init_params(np.random.default_rng(1), n_x=N_X, n_h=N_H, n_y=N_Y)
    assert all(np.array_equal(a, b) for a, b in zip(p, again, strict=True))
    wide = m.init_params(np.random.default_rng(2), n_x=400, n_h=300, n_y=3, dtype="float32")
    assert wide.U.dtype == np.float32 and wide.U.std() == pytest.approx(1 / 20, rel=0.02)
    assert not wide.b.any()
    sizes = {"n_x": N_X, "n_h": N_H, "n_y": N_Y}
    assert refused(m.init_params, 3, **sizes) == "rng: a int, expected numpy.random.default_rng(...)"
    rng = np.random.default_rng(0)
    assert refused(m.init_params, rng, **{**sizes, "n_h": True}) == "n_h: True, expected a whole number >= 1"
    assert refused(m.init_params, rng, **sizes, dtype=int).startswith("dtype: <class 'int'>")


def test_several_lags() -> None:
    m = compiled("""
x: Input[T, n]
w: Param[n]
h[0] = 0.5
h[-1] = 2
h[t] = tanh(w * h[t-1] - 0.3 * h[t-2] + x[t])
loss = sum(sum(h[t]**2), t)
""")
    p = m.Params(np.array([0.3, 0.7]))
    x = RNG.standard_normal((T, B, 2))
    assert np.array_equal(m.forward(p, x=x).h[:2, 0], [[2, 2], [0.5, 0.5]])
    h0 = RNG.standard_normal((2, B, 2))
    run = m.forward(p, x=x, h0=h0)
    assert np.array_equal(run.h[:2], h0)
    gradient = m.loss_and_grad(p, x=x, h0=h0, wrt=("h0",))[2]["h0"]
    one = m.loss_and_grad(p, x=x[:, 1], h0=h0[:, 1], wrt=("h0",))[2]["h0"]
    np.testing.assert_allclose(one, gradient[:, 1], rtol=1e-13)
    for data, state in ((x, m.init_state(p, h0=h0, batch=B)), (x[:, 1], m.init_state(p, h0=h0[:, 1]))):
        for t in range(T):
            state, outputs = m.step(p, state, x=data[t])
        expected = m.forward(p, x=data, h0=h0 if data.ndim == 3 else h0[:, 1]).h
        np.testing.assert_allclose(outputs.h, expected[-1], rtol=1e-13)
        np.testing.assert_allclose(state.h, expected[-2:], rtol=1e-13)
    assert refused(m.loss, p, x=x, h0=h0[0]).startswith("h0: shape (3, 2), expected (2, B, n) = (2, 3, 2), B from x")


def test_constants_and_defaults() -> None:
    m = compiled("""
x: Input[T, n]
dt: Const = 0.5
k: Const[n] = [1, 2]
q: Const[n] = 3
r: Const[n]
g: Param[n] = [4, 5]
s: Param = 0.25
loss = sum(sum(dt * k * q * r * g * s * x[t]), t)
""")
    p = m.init_params(np.random.default_rng(0), n=2)
    assert (p.g.tolist(), p.s.shape, float(p.s)) == ([4, 5], (), 0.25)
    x, r = np.ones((2, 2)), np.array([1.0, 10.0])
    assert m.loss(p, x=x, r=r) == 2 * 0.5 * 3 * 0.25 * (4 + 100)
    assert m.loss(p, x=x, r=r, dt=1, k=[1, 0], q=1) == 2 * 0.25 * 4
    assert refused(m.loss, p, x=x, r=r, dt=[1, 2]) == "dt: shape (2,), expected a number"
    assert refused(m.loss, p, x=x, r=r, k=1) == "k: shape (), expected (n) = (2,), n from g"
    text = "g: its default has shape (2,), expected (n) = (3,)"
    assert refused(m.init_params, np.random.default_rng(0), n=3) == text
    with pytest.raises(TypeError, match="r"):
        m.loss(p, x=x)


def test_data_once_per_example() -> None:
    m = compiled("""
w: Index[T, n_w]
s: Input
y: Label[n_y]
E: Param[n_y, n_w]
v: Param[n_y]
h[0] = v
h[t] = tanh(h[t-1] + s * E[:, w[t]])
loss = -logsoftmax(h[T])[y]
""")
    p = m.init_params(np.random.default_rng(0), n_y=3, n_w=5)
    w, s, y = RNG.integers(0, 5, (T, B)), RNG.standard_normal(B), np.array([2, 0, 1])
    value, _, asked = m.loss_and_grad(p, w=w, s=s, y=y, wrt="s")
    single = [m.loss_and_grad(p, w=w[:, b], s=s[b], y=y[b], wrt="s") for b in range(B)]
    assert sum(one[0] for one in single) == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose([one[2]["s"] for one in single], asked["s"], rtol=1e-12)
    assert refused(m.loss, p, w=w[:, 0], s=s[0], y=3) == "y: 3, expected integers 0..n_y - 1 = 0..2"
    assert refused(m.loss, p, w=w[:, 0], s=s, y=3) == "s: shape (3,), expected a number"
    assert refused(m.loss, p, w=w + 1, s=s, y=y).startswith("w: 5 at (")


def test_size_arithmetic() -> None:
    m = compiled("""
x: Input[T, n_x]
A: Param[2*n_h, n_h + n_x]
h[0] = 0
z[t] = A @ concat(h[t-1], x[t])
h[t] = tanh(z[t, :n_h]) * sigmoid(z[t, n_h:])
loss = sum(sum(h[t]), t)
""")
    p = m.init_params(np.random.default_rng(0), n_h=3, n_x=2)
    assert p.A.shape == (6, 5)
    assert m.forward(p, x=np.ones((4, 2))).h.shape == (5, 3)
    text = "A: shape (7, 5), expected (2*n_h, n_h + n_x) = (6, 5)"
    assert refused(m.loss, m.Params(np.zeros((7, 5))), x=np.ones((4, 2))) == text
    text = "A: shape (6, 3), expected (2*n_h, n_h + n_x) with n_x >= 1"
    assert refused(m.loss, m.Params(np.zeros((6, 3))), x=np.ones((4, 2))) == text
    text = "x: shape (4, 3), expected (T, n_x) = (4, 2), n_x from A"
    assert refused(m.loss, p, x=np.ones((4, 3))) == text


def test_a_size_that_nothing_gives_is_asked_for() -> None:
    m = compiled("""
W: Param[n, n]
h: Var[T, n]
h[0] = 0.5
h[t] = tanh(W @ h[t-1])
loss = sum(sum(h[t]**2), t)
""")
    p = m.init_params(np.random.default_rng(0), n=3)
    assert m.forward(p, T=4).h.shape == (5, 3)
    assert m.forward(p, T=4).loss == m.loss(p, T=4)
    assert refused(m.forward, p, T=0) == "T: 0, expected a whole number >= 1"
    with pytest.raises(TypeError, match="T"):
        m.forward(p)


def test_labels_that_alone_tell_the_length_are_required() -> None:
    m = compiled("""
y: Label[T, n_y]
W: Param[n_y, n_y]
h[0] = 0.5
h[t] = tanh(W @ h[t-1])
loss = sum(-log(softmax(h[t])[y[t]]), t)
""")
    p = m.init_params(np.random.default_rng(0), n_y=3)
    assert m.forward(p, y=[0, 1, 2, 0]).loss == m.loss(p, y=[0, 1, 2, 0])
    with pytest.raises(TypeError, match="y"):
        m.forward(p)


def test_models_without_data_or_parameters() -> None:
    m = compiled("w: Param[n] = 2\nloss = sum(w**2)\n")
    p = m.init_params(np.random.default_rng(0), n=3)
    assert m.loss_and_grad(p)[0] == 12.0 and m.forward(p).loss == 12.0
    assert refused(m.loss_and_grad, p, wrt="w") == "wrt: 'w', expected some of nothing"
    m = compiled("x: Input[T, n]\nloss = sum(sum(x[t]**2), t)\n")
    p = m.init_params(np.random.default_rng(0))
    value, gradient, asked = m.loss_and_grad(p, x=np.ones((2, 3)), wrt="x")
    assert (value, gradient) == (6.0, m.Params()) and np.array_equal(asked["x"], np.full((2, 3), 2.0))


def test_names_that_would_hide_something() -> None:
    m = compiled("""
np: Input[T, n]
len: Target[T, n]
dtype: Const = 0.5
whole: Const = 1
single: Param[n]
batch: Param[n]
h[0] = 0
h[t] = gelu(dtype * whole * h[t-1] + single + batch * np[t])
loss = sum(sum((h[t] - len[t])**2), t)
""")
    p = m.init_params(np.random.default_rng(0), n=3)
    data = {"np": np.ones((4, 2, 3)), "len": np.zeros((4, 2, 3))}
    run = m.forward(p, **data)
    value, gradient, asked = m.loss_and_grad(p, **data, wrt=("np", "h0"))
    assert value == run.loss == m.loss(p, **data)
    assert list(asked) == ["np", "h0"]
    for left, right in zip(m.backward(p, run, **data), gradient, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-12)
    state, _ = m.step(p, m.init_state(p, batch_=2), np=data["np"][0])
    np.testing.assert_allclose(state.h, run.h[1], rtol=1e-13)
