"""`lengths=` and `window=` at the border of a generated module: what is refused, and what is left alone."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from derive import pipeline
from tests.padded import text

RNN = text("both directions")
DTW = text("two sequences")


def data(seed: int = 0, batch: int | None = 3, dtype: Any = np.float64) -> tuple[Any, Any, dict[str, Any]]:
    """A module, its parameters and five steps of its data."""
    module = pipeline.parse(RNN).compile()
    rng = np.random.default_rng(seed)
    params = module.init_params(rng, n_h=3, n_x=2, dtype=dtype)
    shape = (5, 2) if batch is None else (5, batch, 2)
    return module, params, {"x": rng.standard_normal(shape)}


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([5, 1, 6], "lengths: 6 at 2, expected 1..T = 1..5"),
        ([5, 0, 1], "lengths: 0 at 1, expected 1..T = 1..5"),
        ([5, -1, 1], "lengths: -1 at 1, expected 1..T = 1..5"),
        ([5, 1], r"lengths: shape \(2,\), expected \(B\) = \(3,\), a length for each"),
        (3, r"lengths: shape \(\), expected \(B\) = \(3,\)"),
        ([1.0, 2.0, 3.0], "lengths: dtype float64, expected integers"),
        ({"S": [1, 2, 3]}, "lengths: 'S' is no sequence, expected some of 'T'"),
        ({"T": [1, 2, 9]}, r"lengths\['T'\]: 9 at 2, expected 1..T = 1..5"),
    ],
)
@pytest.mark.parametrize("function", ["forward", "loss", "loss_and_grad"])
def test_lengths_that_are_none_are_refused(function: str, lengths: Any, message: str) -> None:
    module, params, given = data()
    with pytest.raises(ValueError, match=message):
        getattr(module, function)(params, **given, lengths=lengths)


@pytest.mark.parametrize(
    ("window", "message"),
    [
        (0, "window: 0, expected a whole number >= 1"),
        (1.5, "window: 1.5, expected a whole number >= 1"),
        (True, "window: True, expected a whole number >= 1"),
        ({"S": 1}, "window: 'S' is no sequence, expected some of 'T'"),
        ({"T": 0}, "window: 0, expected a whole number >= 1"),
    ],
)
def test_a_window_that_is_none_is_refused(window: Any, message: str) -> None:
    module, params, given = data()
    with pytest.raises(ValueError, match=message):
        module.loss_and_grad(params, **given, window=window)


def test_the_length_of_one_example_is_a_number() -> None:
    module, params, given = data(batch=None)
    short = {"x": given["x"][:2]}
    assert module.loss(params, **given, lengths=2) == pytest.approx(module.loss(params, **short), rel=1e-14)
    assert module.loss(params, **given, lengths={"T": 2}) == module.loss(params, **given, lengths=2)
    with pytest.raises(ValueError, match=r"lengths: 6, expected 1\.\.T = 1\.\.5"):
        module.loss(params, **given, lengths=6)
    with pytest.raises(ValueError, match=r"lengths: shape \(1,\), expected a number"):
        module.loss(params, **given, lengths=[2])


def test_several_sequences_want_a_dictionary() -> None:
    module = pipeline.parse(DTW).compile()
    rng = np.random.default_rng(0)
    x, y, z = rng.standard_normal((4, 2, 3)), rng.standard_normal((3, 2, 3)), np.ones((2, 2))
    params = module.Params(b=np.array(0.5))
    with pytest.raises(ValueError, match="lengths: expected a dictionary, with one or more of 'T', 'S'"):
        module.loss(params, x=x, y=y, z=z, lengths=[4, 2])
    whole = module.loss(params, x=x, y=y, z=z)
    assert module.loss(params, x=x, y=y, z=z, lengths={}) == pytest.approx(whole, rel=1e-14)
    alone = [
        module.loss(params, x=x[:4, :1], y=y[:3, :1], z=z[:1]), module.loss(params, x=x[:4, 1:], y=y[:1, 1:], z=z[1:])
    ]  # fmt: skip
    assert module.loss(params, x=x, y=y, z=z, lengths={"S": [3, 1]}) == pytest.approx(sum(alone), rel=1e-13)
    assert module.loss_and_grad(params, x=x, y=y, z=z, window=9)[0] == pytest.approx(whole, rel=1e-14)


def test_full_lengths_are_none() -> None:
    module, params, given = data()
    full = module.loss_and_grad(params, **given, lengths=[5, 5, 5], wrt=("x", "g_end"))
    whole = module.loss_and_grad(params, **given, wrt=("x", "g_end"))
    assert full[0] == pytest.approx(whole[0], rel=1e-14)
    for one, other in zip((*full[1], *full[2].values()), (*whole[1], *whole[2].values()), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def test_the_padding_is_not_read_and_not_written() -> None:
    module, params, given = data()
    lengths = np.array([5, 2, 1])
    beyond = np.arange(5)[:, None] >= lengths
    results = []
    for junk in (0.0, np.nan, np.inf, -1e300):
        given["x"][beyond] = junk
        before = given["x"].copy()
        loss, gradient, more = module.loss_and_grad(params, **given, lengths=lengths, wrt="x")
        np.testing.assert_array_equal(given["x"], before)
        assert not more["x"][beyond].any()
        assert lengths.tolist() == [5, 2, 1]
        results.append((loss, *(array.tobytes() for array in gradient)))
    assert len(set(results)) == 1


def test_a_given_end_is_that_of_each_example() -> None:
    module, params, given = data()
    end = np.random.default_rng(1).standard_normal((3, 3))
    lengths = [5, 2, 1]
    _, _, more = module.loss_and_grad(params, **given, g_end=end, lengths=lengths, wrt="g_end")
    for b, n in enumerate(lengths):
        alone = {"x": given["x"][:n, b], "g_end": end[b]}
        _, _, wanted = module.loss_and_grad(params, **alone, wrt="g_end")
        np.testing.assert_allclose(more["g_end"][b], wanted["g_end"], rtol=1e-12)


def test_classes_and_nodes_are_looked_at_only_where_they_count() -> None:
    given = "l: Label[T, n]\nleft: Index[T, T]\nb: Param[n]\n"
    lines = given + "h[0] = 0\nh[t] = 0.5 * h[left[t]] + b[l[t]]\nloss = sum(h[t], t)"
    module = pipeline.parse(lines).compile()
    params = module.Params(b=np.arange(3.0))
    labels, left = np.array([0, 2, 99]), np.array([0, 1, -5])
    wanted = module.loss(params, l=labels[:2], left=left[:2])
    assert module.loss(params, l=labels, left=left, lengths=2) == wanted
    with pytest.raises(ValueError, match="expected integers"):
        module.loss(params, l=labels, left=left % 2, lengths=3)
    with pytest.raises(ValueError, match="left"):
        module.loss(params, l=labels % 3, left=left, lengths=3)


def test_a_state_rests_after_the_end() -> None:
    lines = "x: Input[T]\nw: Param\nh[0] = 1\nh[t] = w * h[t-1] * x[t]\nloss = sum(h[t], t)"
    module = pipeline.parse(lines).compile()
    params = module.Params(w=np.float32(30.0))
    x = np.ones((100, 2), np.float32)
    loss, gradient = module.loss_and_grad(params, x=x, lengths=[2, 3])
    assert loss == pytest.approx(2 * (30 + 900) + 27000)
    assert gradient.w == pytest.approx(2 * (1 + 60) + 2700)
    assert np.all(module.forward(params, x=x, lengths=[2, 3]).h[4:, 0] == 900)


def test_a_model_too_short_says_its_least_length() -> None:
    lines = "x: Input[T]\nw: Param\ng[T] = x[T]\ng[T-1] = w\ng[t] = w * g[t+2] + x[t]\nloss = sum(g[t], t)"
    module = pipeline.parse(lines).compile()
    with pytest.raises(ValueError, match=r"lengths: 1 at 1, expected 2\.\.T = 2\.\.3"):
        module.loss(module.Params(w=np.array(1.0)), x=np.ones((3, 2)), lengths=[3, 1])


def test_keywords_are_where_they_mean_something() -> None:
    def keywords(lines: str, function: str) -> set[str]:
        module = pipeline.parse(lines).compile()
        return {"lengths", "window"} & set(inspect.signature(getattr(module, function)).parameters)

    assert keywords(RNN, "loss_and_grad") == keywords(RNN, "backward") == {"lengths", "window"}
    assert keywords(RNN, "forward") == keywords(RNN, "loss") == {"lengths"}
    assert keywords("w: Param[n]\nx: Input[n]\nloss = dot(w, x)", "loss_and_grad") == set()
    no_data = "w: Param\nh: Var[T]\nh[0] = 1\nh[t] = w * h[t-1]\nloss = sum(h[t], t)"
    assert keywords(no_data, "loss_and_grad") == {"window"}


def test_single_precision_stays() -> None:
    module, params, given = data(dtype=np.float32)
    _, gradient, more = module.loss_and_grad(params, **given, lengths=[5, 2, 1], window=2, wrt="x")
    assert {array.dtype for array in (*gradient, more["x"])} == {np.dtype(np.float32)}
    kept = module.forward(params, **given, lengths=[5, 2, 1])
    assert {np.asarray(array).dtype for array in kept[:-1]} == {np.dtype(np.float32)}


def test_the_public_functions_stay_as_they_are() -> None:
    source = pipeline.parse(RNN).generate()
    public = source[source.index("def loss_and_grad") : source.index("def backward")]
    assert public.count("_loss_and_grad_padded(") == 1
    assert "T_own" not in public


def test_what_only_lengths_tell_apart_is_made_anew() -> None:
    lines = "x: Input[T]\nw: Param\np[t] = sin(t / T)\nloss = sum(tanh(w * x[t]) * p[t], t)**2"
    module = pipeline.parse(lines).compile()
    params, x = module.Params(w=np.array(0.7)), np.random.default_rng(0).standard_normal((4, 2))
    for more in ({}, {"lengths": [4, 2]}):
        kept = module.forward(params, x=x, **more)
        wanted = module.loss_and_grad(params, x=x, window=9, **more)[1].w
        assert module.backward(params, kept, x=x, window=9, **more).w == pytest.approx(wanted, rel=1e-13)
