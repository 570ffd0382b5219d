"""Nothing to work on, and the least that there may be: no steps, no examples, sizes of one, lags beyond the start."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from derive.calculus.batch import add_batch
from derive.check import call
from derive.check.sample import prime_sizes, sample
from derive.emit.numpy.interface import least_lengths
from derive.interpret import Array, Interpreter, complex_step
from tests.bank import model, module
from tests.numerics.calls import refused, results


@pytest.fixture(scope="module")
def vanilla() -> tuple[Any, Any, Array, Array]:
    """Module, parameters, input and labels."""
    made, rng = module("vanilla", "fast"), np.random.default_rng(0)
    return made, made.init_params(rng, n_h=2, n_x=7, n_y=4), rng.standard_normal((5, 3, 7)), rng.integers(0, 4, (5, 3))


@pytest.mark.parametrize("function", ["forward", "loss", "loss_and_grad"])
def test_an_empty_sequence_says_so(function: str, vanilla: tuple[Any, Any, Array, Array]) -> None:
    made, params, x, y = vanilla
    run = getattr(made, function)
    text = "x: shape (0, 3, 7), expected (T, B, n_x), none of them 0: T is 0, an empty sequence"
    assert refused(run, params, x=x[:0], y=y[:0]) == text
    assert refused(run, params, x=x[:0], y=y[:0], lengths=[0, 0, 0]) == text
    text = "x: shape (0, 7), expected (T, n_x), none of them 0: T is 0, an empty sequence"
    assert refused(run, params, x=x[:0, 0], y=y[:0, 0]) == text
    assert refused(run, params, x=[], y=[]) == "x: shape (0,), expected (T, B, n_x), or (T, n_x) for one example"
    text = "x: shape (5, 0, 7), expected (T, B, n_x), none of them 0: B is 0, no examples"
    assert refused(run, params, x=x[:, :0], y=y[:, :0]) == text
    text = "x: shape (5, 3, 0), expected (T, B, n_x), none of them 0: n_x is 0, no entries"
    assert refused(run, params, x=x[..., :0], y=y) == text
    assert refused(run, params, x=x, y=y[:0]) == "y: shape (0, 3), expected (T, B) = (5, 3), T and B from x"


def test_other_functions_say_the_same(vanilla: tuple[Any, Any, Array, Array]) -> None:
    made, params, x, y = vanilla
    none = "x: shape (0, 3, 7), expected (T, B, n_x), none of them 0: T is 0, an empty sequence"
    assert refused(made.backward, params, made.forward(params, x=x, y=y), x=x[:0], y=y[:0]) == none
    assert refused(made.loss_and_grad, params, x=x[:0], y=y[:0], window=2) == none
    assert refused(made.loss_and_grad, params, x=x[:0], y=y[:0], checkpoint=True) == none
    assert refused(made.loss, params, x=x[:0], y=y[:0], state=made.init_state(params, batch=3)) == none
    text = "x: shape (0, 7), expected (B, n_x), none of them 0: B is 0, no examples"
    assert refused(made.step, params, made.init_state(params, batch=1), x=x[0, :0]) == text
    assert refused(made.init_state, params, batch=0) == "batch: 0, expected a whole number >= 1"


def test_of_two_sequences_it_names_the_one() -> None:
    made, rng = module("attention", "fast"), np.random.default_rng(0)
    params = made.init_params(rng, n_h=2, n_x=3, n_y=4, n_d=2)
    x, y = rng.standard_normal((4, 2, 3)), rng.integers(0, 4, (3, 2))
    text = "x: shape (0, 2, 3), expected (S, B, n_x), none of them 0: S is 0, an empty sequence"
    assert refused(made.loss, params, x=x[:0], y=y) == text
    text = "y: shape (0, 2), expected (T, B), none of them 0: T is 0, an empty sequence"
    assert refused(made.loss, params, x=x, y=y[:0]) == text
    assert refused(made.loss, params, x=x, y=np.zeros((0, 2), int)) == text
    assert refused(made.free_run, params, x=x, steps=0) == "steps: 0, expected a whole number >= 1"
    tree = module("tree", "fast")
    text = "x: shape (0, 3), expected (K, n_x), none of them 0: K is 0, an empty sequence"
    wrong = {"x": np.zeros((0, 3)), "left": [], "right": [], "y": 0}
    assert refused(tree.loss, tree.init_params(rng, n_h=2, n_x=3, n_y=4), **wrong) == text


@pytest.mark.parametrize(
    "name",
    [
        "vanilla", "lstm", "attention",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("gru", "crf", "ctc", "tree", "bidirectional", "gaussian", "transformer")
        ),
    ],
)  # fmt: skip
def test_every_size_may_be_one(name: str) -> None:
    """One step, one example, one of every feature: the gradients are still those of the equations."""
    system = model(name).batched
    least = {size: steps for size, (steps, _) in least_lengths(system).items()}
    sizes = {size: least.get(size, 1) for size in prime_sizes(system)}
    given = sample(add_batch(model(name).system), sizes, seed=3)
    at = call.arguments(system, given, sizes)
    params = list(at.params)
    wanted = complex_step(system, sizes, given, inputs=params)
    loss = float(Interpreter(system, sizes).evaluate(given, ["loss"])["loss"].array)
    for style in ("fast", "plain"):
        made = module(name, style)
        for found in (results(made, at), results(made, at.example(0, keep_axis=False))):
            assert found["loss"] == pytest.approx(loss, rel=1e-12, abs=1e-14)
            for key in params:
                np.testing.assert_allclose(found[key], wanted[key], rtol=1e-11, atol=1e-13)


LAGS = """
x: Input[T, n]
w: Param[n]
h[0] = 0.5
h[-1] = 2
h[-2] = -1
h[-3] = 0.25
h[t] = tanh(w * h[t-1] - 0.3 * h[t-4] + x[t] + x[t-2])
loss = sum(sum(h[t]**2), t) + sum(sum(x[t-3] * h[t]), t)
"""


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_lags_may_reach_beyond_the_beginning(steps: int) -> None:
    read = model(LAGS)
    sizes = {"T": steps, "B": 2, "n": 3}
    given = sample(add_batch(read.system), sizes, seed=1)
    wanted = complex_step(read.batched, sizes, given, inputs=["w", "x"])
    for style in ("fast", "plain"):
        found = results(module(LAGS, style), call.arguments(read.batched, given, sizes))
        for key in ("w", "x"):
            np.testing.assert_allclose(found[key], wanted[key], rtol=1e-11, atol=1e-13)
