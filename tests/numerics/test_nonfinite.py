"""NaN and infinity: they go on to the loss, stay out of it where they are beyond an example's end, and are found."""

from __future__ import annotations

import functools
import types
from typing import Any

import numpy as np
import pytest

import derive
from derive.calculus.batch import add_batch
from derive.check import call
from derive.check.gradients import verify_modules
from derive.check.nonfinite import first_at_own_starts, first_nonfinite
from derive.check.sample import sample
from derive.errors import DeriveError
from tests.bank import model, module
from tests.numerics.calls import data, results

MODELS = ["vanilla", "lstm", "attention", "gaussian"]
SLOW = ["crf", "gru", "bidirectional", "ctc", "sequence_to_one", "lru", "slstm", "minlstm"]


@pytest.mark.parametrize("name", [*MODELS, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_it_goes_on_to_the_loss(name: str, bad: float) -> None:
    """In any array that is given, and into the gradients; an infinity may leave a finite loss, as in a shut gate."""
    made, at = module(name, "fast"), data(name)
    for key, array in {**at.params, **at.data}.items():
        if array.dtype.kind != "f" or not array.ndim:
            continue
        wrong = np.array(array)
        wrong[(-1,) * wrong.ndim] = bad
        if key == "E":  # a row that nothing looks up is not read
            wrong[...] = bad
        with np.errstate(all="ignore"):
            found = results(made, at.with_array(key, wrong))
        if np.isnan(bad):
            assert np.isnan(found["loss"]), key
            assert any(np.isnan(g).any() for n, g in found.items() if n != "loss"), key


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_beyond_an_examples_end_it_is_not_read(bad: float) -> None:
    made, rng = module("lstm", "fast"), np.random.default_rng(0)
    params = made.init_params(rng, n_h=3, n_x=2, n_y=4)
    x, y = rng.standard_normal((5, 3, 2)), rng.integers(0, 4, (5, 3))
    lengths = np.array([5, 2, 1])
    wanted = made.loss_and_grad(params, x=x, y=y, lengths=lengths, wrt="x")
    beyond = np.arange(5)[:, None] >= lengths
    x, y = np.where(beyond[..., None], bad, x), np.where(beyond, -(10**9), y)
    with np.errstate(all="raise", under="ignore"):
        found = made.loss_and_grad(params, x=x, y=y, lengths=lengths, wrt="x")
        assert made.forward(params, x=x, y=y, lengths=lengths).loss == wanted[0]
    assert found[0] == wanted[0] and not found[2]["x"][beyond].any()
    for one, other in zip((*found[1], found[2]["x"]), (*wanted[1], wanted[2]["x"]), strict=True):
        np.testing.assert_array_equal(one, other)


EMPTIED = """
x: Input[T, n]
w: Param[n]
e[t] = dot(w, x[t])
q[t] = sum(softmax(e[t1], (t1, t+1, T)) * x[t1, 0], (t1, t+1, T))
m[t] = exp(logsumexp(e[t1], (t1, t+1, T)))
r[t] = norm2(x[t])
loss = sum(q[t] + m[t] + r[t], t)
"""


@pytest.mark.parametrize("style", ["fast", "plain"])
def test_a_range_that_lengths_empty_gives_no_nan(style: str) -> None:
    """Of what follows the last step there is nothing: no weights, a logsumexp of -inf; a row of zeros has a norm."""
    made, rng = module(EMPTIED, style), np.random.default_rng(0)
    x, params = rng.standard_normal((4, 3, 2)), made.Params(np.array([0.5, -1.0]))
    x[2:, 1] = 0
    lengths = np.array([4, 2, 1])
    with np.errstate(all="raise", under="ignore"):
        loss, gradient = made.loss_and_grad(params, x=x, lengths=lengths)
        alone = [made.loss_and_grad(params, x=x[:n, b]) for b, n in enumerate(lengths)]
    assert loss == pytest.approx(sum(one[0] for one in alone), rel=1e-13)
    np.testing.assert_allclose(gradient.w, sum(one[1].w for one in alone), rtol=1e-12)


def test_the_place_is_said_as_the_equations_count() -> None:
    """What is given first, then the earliest of what rests on each other."""
    system = add_batch(model("vanilla").system)
    sizes = {"T": 4, "B": 3, "n_h": 2, "n_x": 2, "n_y": 3}
    given = sample(system, sizes)
    assert first_nonfinite(system, sizes, given) == ""
    given["x"][2, 1, 0] = np.nan
    assert first_nonfinite(system, sizes, given) == "x[3, 1, 0] (t = 3, example 1) is nan, and is given"
    given["x"][2, 1, 0] = 0
    given["W"][1, 0] = np.nan
    assert first_nonfinite(system, sizes, given) == "W[1, 0] is nan, and is given"
    still = {"x": np.zeros((4, 3, 2)), "W": np.zeros((2, 2)), "U": np.ones((2, 2)), "b": np.zeros(2)}
    still |= {"V": np.full((3, 2), 1e308), "c": np.zeros(3), "y": given["y"]}
    assert first_nonfinite(system, sizes, still) == ""
    still["x"][2, 1] = 100
    assert first_nonfinite(system, sizes, still) == "o[3, 1, 0] (t = 3, example 1) is inf"


NOWHERE = """
x: Input[T, n]
U: Param[n, n]
h[0] = 0
h[t] = exp(exp(U @ x[t] + 10 + h[t-1]))
loss = sum(sum(h[t]), t)
"""
FIRST = """
x: Input[T, n]
U: Param[n, n]
W: Param[n, n]
h[0] = 0
h[t] = tanh(W @ h[t-1] + U @ x[t])
s[t] = {}
loss = sum(s[t], t)
"""


def test_a_model_without_a_finite_loss_says_where_it_begins() -> None:
    with pytest.raises(DeriveError, match=r"is defined: h\[1, 0, 0\] \(t = 1, example 0\) is inf$"):
        derive.parse(NOWHERE).verify()


@pytest.mark.parametrize(
    ("equation", "said"),
    [
        (
            "norm2(W @ h[t-1])",
            "W against the file's own starts: the gradient of W[0, 0] is nan where a call gives no h0",
        ),
        ("log(sum((W @ h[t-1])**2))", "loss against the file's own starts: it is -inf where a call gives no h0"),
        ("norm2(W @ h[t-1] + 0.001)", ""),
    ],
)
def test_starts_of_the_file_at_which_there_is_no_gradient_are_found(equation: str, said: str) -> None:
    """Random starts would hide what the first step of every training run shows."""
    report = derive.parse(FIRST.format(equation)).verify()
    assert [str(failure)[: len(said)] for failure in report.failures] == ([said] if said else [])


def test_a_free_run_refuses_to_choose_by_what_is_no_number() -> None:
    made: Any = module("attention", "fast")
    params = made.init_params(np.random.default_rng(0), n_h=2, n_x=3, n_y=4, n_d=2)
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="what is predicted is no distribution"):
        made.free_run(params, x=np.full((3, 2, 3), np.nan), steps=2)


def test_a_generated_module_that_makes_a_nan_is_named_with_the_place() -> None:
    right = module("vanilla", "fast")
    made = types.ModuleType("mutant")
    made.__dict__.update(right.__dict__)

    @functools.wraps(right.forward)
    def forward(params: Any, **given: Any) -> Any:
        found = right.forward(params, **given)
        found.o[2, 1, 0] = np.nan
        return found

    made.forward = forward  # type: ignore[attr-defined]
    report = verify_modules(add_batch(model("vanilla").system), made, sizes=data("vanilla").sizes)
    assert report.nonfinite.startswith("the generated o[3, 1, 0] (t = 3, example 1) is nan, should be ")
    assert str(report).endswith(report.nonfinite)


def test_a_model_without_starts_has_none_of_its_own() -> None:
    at = data("crf")
    assert not call.start_keywords(add_batch(model("crf").system))
    assert first_at_own_starts(add_batch(model("crf").system), None, at) is None
