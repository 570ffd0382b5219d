"""Large logits, saturated gates, the tails of functions, masked scores, tiny numbers, ten thousand steps."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from derive.calculus.batch import add_batch
from derive.check import call
from derive.check.sample import draw, prime_sizes
from derive.interpret import Array, Interpreter, complex_step
from tests.bank import model, module
from tests.numerics.calls import data, off, results, strict

SINGLE = float(np.finfo(np.float32).eps)


def as_single(at: call.Arguments, scale: float = 1.0) -> call.Arguments:
    """The same with parameters so much larger, all numbers of single precision, in double."""
    larger = replace(at, params={name: array * scale for name, array in at.params.items()})
    return larger.cast(np.float32).cast(np.float64)


def exact(name: str, at: call.Arguments) -> dict[str, Array]:
    """The loss and the parameters' gradients by the interpreter in double precision, from the stable equations."""
    system = model(name).batched
    starts = {k: names[0] for k, names in call.start_keywords(system).items()}
    given = at.params | {starts.get(keyword, keyword): array for keyword, array in at.data.items()}
    loss = Interpreter(system, at.sizes).evaluate(given, ["loss"])["loss"].array
    return {"loss": loss, **complex_step(system, at.sizes, given, inputs=list(at.params))}


@pytest.mark.parametrize("style", ["fast", "plain"])
def test_logits_of_ten_thousand(style: str) -> None:
    """The loss is within the rounding of the logits, and right answers that are certain cost nothing."""
    made, rng = module("vanilla", style), np.random.default_rng(0)
    params = made.init_params(rng, n_h=3, n_x=2, n_y=4)._replace(c=np.array([1e4, -1e4, 1e4 - 1, 9e3]))
    at = as_single(call.Arguments(params._asdict(), {"x": rng.standard_normal((5, 2, 2))}, (), {}, {}))
    at = replace(at, sizes={"T": 5, "B": 2, "n_h": 3, "n_x": 2, "n_y": 4})
    for classes in (np.arange(10).reshape(5, 2) % 4, np.zeros((5, 2), int)):
        at = replace(at, data=at.data | {"y": classes})
        wanted = exact("vanilla", replace(at, data=at.data | {"h0": np.zeros((2, 3))}))
        with strict():
            found = {dtype: results(made, at.cast(dtype)) for dtype in (np.float32, np.float64)}
        assert abs(found[np.float64]["loss"] - wanted["loss"]) <= 1e-10
        assert abs(found[np.float32]["loss"] - wanted["loss"]) <= 10 * SINGLE * 1e4
        assert off(found[np.float64], wanted) <= 1e-11
        assert off(found[np.float32], wanted) <= 2 * SINGLE * 1e4


@pytest.mark.parametrize("style", ["fast", "plain"])
def test_a_small_loss_of_large_logits_keeps_its_digits(style: str) -> None:
    """Logits and their logsumexp are subtracted step by step: the sums of each over all steps would round it away."""
    made, rng = module("vanilla", style), np.random.default_rng(0)
    params = made.init_params(rng, n_h=4, n_x=3, n_y=5, dtype=np.float32)
    params = params._replace(V=np.float32(100) * params.V)
    x = rng.standard_normal((500, 16, 3)).astype(np.float32)
    y = made.forward(params, x=x).yhat.argmax(-1)
    wide = made.Params(*[array.astype(np.float64) for array in params])
    for lengths in (None, np.arange(16) + 485):
        found, wanted = (made.loss(p, x=x, y=y, lengths=lengths) for p in (params, wide))
        assert wanted < 0.1 * x.shape[0] * x.shape[1]
        assert found == pytest.approx(wanted, rel=2e-5)


SATURATED = ("vanilla", "lstm", "attention", "tree", "crf")
MORE = ("gru", "bidirectional", "ctc", "sequence_to_one", "highway", "mgu", "encoder_decoder", "teacher_forcing")


@pytest.mark.parametrize("name", [*SATURATED, *(pytest.param(name, marks=pytest.mark.slow) for name in MORE)])
def test_saturated_gates(name: str) -> None:
    """With weights ten thousand times as large gates are open or shut: no NaN, no warning, and the right gradients."""
    at, made = as_single(data(name), 1e4), module(name, "fast")
    with strict():
        single, double = results(made, at.cast(np.float32)), results(made, at)
    wanted = exact(name, at)
    assert double["loss"] == pytest.approx(float(wanted["loss"]), rel=1e-12)
    assert off({key: double[key] for key in wanted}, wanted) <= 1e-9
    assert single["loss"] == pytest.approx(float(double["loss"]), rel=1e-6)
    assert off(single, double) <= 1e-3


FUNCTIONS = (
    "sigmoid", "softplus", "tanh", "gelu", "silu", "elu", "erf", "relu", "leaky_relu", "hardtanh", "hardsigmoid", "abs",
    "sin", "log_sigmoid", "log_one_less_sigmoid",
)  # fmt: skip
POINTS = np.array([1e-40, 1e-30, -1e-30, 0.5, -2.5, 5.0, 20, -20, 88, -88, 110, -110, 1e4, -1e4, 3e37, -3e37])


@cache
def tails() -> Any:
    """A model in which each function has a vector of its own."""
    spelled = {"log_sigmoid": "log(sigmoid({}))", "log_one_less_sigmoid": "log(1 - sigmoid({}))"}
    lines = [f"w_{f}: Param[n]" for f in FUNCTIONS]
    lines += [f"s_{f} = {spelled.get(f, f + '({})').format(f'w_{f}')}" for f in FUNCTIONS]
    return model("\n".join([*lines, "loss = " + " + ".join(f"sum(s_{f})" for f in FUNCTIONS)]))


def _slope_of_gelu(z: float) -> float:
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return math.erfc(-z / math.sqrt(2)) / 2 + z * density


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_tails_of_functions(dtype: Any) -> None:
    """Values and slopes are those of the interpreter to a few units of the last place of 1, or of the argument."""
    made, points = tails().compile(), POINTS.astype(dtype)
    # A density takes the square of its argument, which must not overflow; a sine of what is huge means nothing.
    nearer = np.resize(points[:-2], points.shape)
    params = made.Params(*[nearer if name[2:] in ("erf", "gelu", "sin") else points for name in made.Params._fields])
    given = {name: np.asarray(array, float) for name, array in params._asdict().items()}
    system, sizes = tails().batched, {"n": len(points)}
    with np.errstate(all="ignore"):
        values = Interpreter(system, sizes).evaluate(given)
        slopes = complex_step(system, sizes, given, inputs=list(given))
    # The interpreter sums a series for erf, which is right up to 6.
    slopes["w_gelu"] = np.array([_slope_of_gelu(float(z)) for z in nearer])
    with strict():
        forward = made.forward(params)
        loss, gradients = made.loss_and_grad(params)
    assert np.isfinite(loss)
    eps = 8 * float(np.finfo(dtype).eps)
    for name in FUNCTIONS:
        value, slope = getattr(forward, f"s_{name}"), getattr(gradients, f"w_{name}")
        assert value.dtype == slope.dtype == dtype
        size = np.maximum(np.abs(given[f"w_{name}"]), 1)
        assert np.all(np.abs(value - values[f"s_{name}"].array) <= eps * size), name
        assert np.all(np.abs(slope - slopes[f"w_{name}"]) <= eps * np.minimum(size, 100)), name


def test_what_is_small_keeps_its_digits() -> None:
    """Where a tail is a number of its own, and no difference, it is right in all digits: softplus, erf, elu, exp."""
    made = tails().compile()
    points = -np.linspace(1, 700, len(POINTS))
    forward = made.forward(made.Params(*[points for _ in made.Params._fields]))
    np.testing.assert_allclose(forward.s_softplus, np.log1p(np.exp(points)), rtol=1e-14)
    np.testing.assert_allclose(forward.s_log_sigmoid, points - np.log1p(np.exp(points)), rtol=1e-14)
    gradients = made.loss_and_grad(made.Params(*[points for _ in made.Params._fields]))[1]
    np.testing.assert_allclose(gradients.w_elu, np.exp(points), rtol=1e-14)
    tiny = np.full(len(POINTS), 1e-300)
    forward = made.forward(made.Params(*[tiny for _ in made.Params._fields]))
    for name in ("tanh", "erf", "silu", "gelu", "sin", "elu"):
        slope = {"erf": 2 / np.sqrt(np.pi), "silu": 0.5, "gelu": 0.5}.get(name, 1.0)
        np.testing.assert_allclose(getattr(forward, f"s_{name}"), slope * tiny, rtol=1e-14)


MASKED = """
x: Input[T, n]
w: Param[n]
e[t, t1] = where(t1 <= t, dot(w, x[t] * x[t1]), {})
a[t, t1] = softmax(e[t, t1], t1)
c[t] = sum(a[t, t1] * x[t1], t1)
loss = sum(sum(c[t]**2) + logsumexp(e[t, t1], t1), t)
"""


@pytest.mark.parametrize("none", ["-inf", "-1000000000"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_masked_scores_weigh_nothing(none: str, dtype: Any) -> None:
    made, free = model(MASKED.format(none)).compile(), np.random.default_rng(1)
    x = free.standard_normal((4, 2, 3)).astype(dtype)
    params = made.Params(np.array([1, 2, -1], dtype))
    with strict():
        forward = made.forward(params, x=x)
        loss, gradient, asked = made.loss_and_grad(params, x=x, wrt="x")
        shorter = made.loss_and_grad(params, x=x, lengths=[4, 2], wrt="x")
    np.testing.assert_allclose(forward.a.sum(axis=1), 1, rtol=1e-5)
    assert all(forward.a[t, s, b] == 0 for t in range(4) for s in range(t + 1, 4) for b in range(2))
    assert forward.a[0, 0, 0] == 1 and np.isfinite(loss)
    first = made.loss_and_grad(params, x=x[:, 0], wrt="x")
    second = made.loss_and_grad(params, x=x[:2, 1], wrt="x")
    np.testing.assert_allclose(shorter[0], first[0] + second[0], rtol=1e-5)
    np.testing.assert_allclose(shorter[1].w, first[1].w + second[1].w, rtol=1e-4, atol=1e-5)
    assert not shorter[2]["x"][2:, 1].any() and np.all(np.isfinite(asked["x"])) and np.all(np.isfinite(gradient.w))


def test_powers_and_roots_at_zero() -> None:
    made = model(
        "w: Param[n]\nloss = sum(w**2) + sum(w**3) + sum(sqrt(w**2 + 1)) + sum(abs(w)) + sum(relu(w))"
    ).compile()
    for dtype in (np.float32, np.float64):
        with strict():
            loss, gradient = made.loss_and_grad(made.Params(np.zeros(2, dtype)))
        assert loss == 2 and not gradient.w.any()
    root = model("w: Param[n]\nloss = sum(sqrt(w))").compile()
    with np.errstate(divide="ignore"):
        loss, gradient = root.loss_and_grad(root.Params(np.zeros(2)))
    assert loss == 0 and np.all(np.isposinf(gradient.w))  # as PyTorch has it


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_denormal_numbers_are_numbers(dtype: Any) -> None:
    made, rng = module("lstm", "fast"), np.random.default_rng(0)
    params = made.init_params(rng, n_h=3, n_x=2, n_y=4, dtype=dtype)
    y = rng.integers(0, 4, (6, 2))
    least = np.full((6, 2, 2), np.nextafter(dtype(0), dtype(1)), dtype)
    with strict():
        tiny, nothing = (made.loss_and_grad(params, x=x, y=y, wrt="x") for x in (least, np.zeros_like(least)))
    assert tiny[0] == pytest.approx(nothing[0], rel=1e-6) and np.all(np.isfinite(tiny[2]["x"]))
    np.testing.assert_allclose(tiny[2]["x"], nothing[2]["x"], rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("vanilla", 2e-5),
        *(
            pytest.param(name, bound, marks=pytest.mark.slow)
            for name, bound in (
                ("lstm", 2e-5), ("gru", 2e-5), ("bidirectional", 2e-5), ("selective_state_space", 2e-5), ("tree", 2e-5),
                ("minlstm", 2e-5), ("slstm", 1e-4), ("lru", 2e-4), ("crf", 3e-2), ("hidden_markov", 5e-2),
            )
        ),
    ],
)  # fmt: skip
def test_ten_thousand_steps(name: str, bound: float) -> None:
    """No recursion and no overflow, and what rounding adds up to stays small.

    A logarithm that grows from step to step (a forward recursion) has the rounding of its size: there single precision
    leaves two digits of a gradient.
    """
    system = add_batch(model(name).system)
    sequences = {axis.name for v in system.variables for axis in v.axes if axis.kind.name == "SEQUENCE"}
    sizes = prime_sizes(system) | dict.fromkeys(sequences, 10_000)
    at = as_single(call.arguments(system, draw(system, sizes), sizes))
    made = module(name, "fast")
    began = time.perf_counter()
    with strict():
        double, single = results(made, at), results(made, at.cast(np.float32))
    assert time.perf_counter() - began < 60
    assert single["loss"] == pytest.approx(float(double["loss"]), rel=1e-4 if bound > 1e-2 else 1e-6)
    assert off(single, double) <= bound
