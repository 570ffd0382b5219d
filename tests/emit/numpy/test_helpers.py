"""The helper functions of generated modules, on whole ranges and at the ends of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from derive.emit.numpy.helpers import helpers

NAMES = (
    "_sigmoid",
    "_softplus",
    "_erf",
    "_gelu",
    "_silu",
    "_elu",
    "_leaky_relu",
    "_logsumexp",
    "_normaliser",
    "_scatter_add",
    "_look_up",
    "_add_to",
    "_by_step",
)
HELPERS: dict[str, Any] = {"np": np}
exec("\n\n".join(helpers([], NAMES)), HELPERS)

GRID = np.concatenate([np.linspace(-8, 8, 20011), np.logspace(-300, 2.5, 701), -np.logspace(-300, 2.5, 701)])
EXACT = {
    "_sigmoid": lambda z: 1 / (1 + math.exp(-z)) if z > -700 else 0.0,
    "_softplus": lambda z: max(z, 0) + math.log1p(math.exp(-abs(z))),
    "_gelu": lambda z: z * (1 + math.erf(z / math.sqrt(2))) / 2,
    "_silu": lambda z: z / (1 + math.exp(-z)) if z > -700 else 0.0,
    "_elu": lambda z: z if z > 0 else math.expm1(z),
}


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_element_wise_functions(name: str, dtype: type) -> None:
    z = GRID.astype(dtype)
    exact = np.array([EXACT[name](float(v)) for v in z])
    found = HELPERS[name](z)
    assert found.dtype == dtype
    # sigmoid's small values are differences of numbers near 1/2, so their error is that of 1.
    assert np.all(
        np.abs(found - exact) <= 4 * np.finfo(dtype).eps * np.maximum(np.maximum(np.abs(exact), np.abs(z)), 1)
    )


def test_softplus_keeps_small_values() -> None:
    assert HELPERS["_softplus"](np.array(-40.0)) == pytest.approx(math.exp(-40), rel=1e-14)


@pytest.mark.parametrize(("dtype", "least"), [(np.float32, 1e-45), (np.float64, 5e-324)])
def test_erf_is_within_4_ulp(dtype: type, least: float) -> None:
    edges = [0.84375, 1.25, 1 / 0.35, 6.0]
    z = np.concatenate([GRID, *(np.nextafter(e, [0, e, 9]) for e in edges)]).astype(dtype)
    exact = np.array([math.erf(float(v)) for v in z])
    ulp = np.spacing(np.maximum(np.abs(exact.astype(dtype)), dtype(least)))
    assert np.all(np.abs(HELPERS["_erf"](z) - exact) <= 4 * ulp)


def test_erf_at_the_ends_and_on_any_shape() -> None:
    erf = HELPERS["_erf"]
    assert np.array_equal(erf(np.array([[np.inf, -np.inf], [0.0, 6.5]])), [[1, -1], [0, 1]])
    assert np.isnan(erf(np.array(np.nan)))
    assert np.signbit(erf(np.array(-0.0)))
    assert erf(np.zeros((0, 3))).shape == (0, 3)
    assert erf(0.5) == math.erf(0.5)


def test_leaky_relu() -> None:
    assert np.array_equal(HELPERS["_leaky_relu"](np.array([-2.0, 0.0, 3.0]), 0.5), [-1, 0, 3])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logsumexp(dtype: type) -> None:
    z = np.array([[1.0, 2.0, 3.0], [200, -200, 0], [-np.inf, 0, -np.inf], [-np.inf] * 3, [np.inf, 0, 1]], dtype)
    expected = [math.log(math.exp(1) + math.exp(2) + math.exp(3)), 200, 0, -np.inf, np.inf]
    found = HELPERS["_logsumexp"](z, 1)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(HELPERS["_logsumexp"](z.T, 0), found)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_of_nothing_a_logsumexp_is_minus_infinity_and_a_normaliser_is_0(dtype: type) -> None:
    z = np.array([[1.0, 2.0], [-np.inf, -np.inf]], dtype)
    for name, nothing in (("_logsumexp", -np.inf), ("_normaliser", 0.0)):
        found = HELPERS[name](z, 1)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, [math.log(math.exp(1) + math.exp(2)), nothing], rtol=4 * np.finfo(dtype).eps)
        np.testing.assert_array_equal(HELPERS[name](np.empty((3, 0), dtype), 1), [nothing] * 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("contiguous", [True, False], ids=["contiguous", "a part"])
def test_what_is_scattered_adds_up(dtype: type, contiguous: bool) -> None:
    rng = np.random.default_rng(0)
    rows, columns, entries = rng.integers(0, 3, (3, 40, 2))
    cases: list[tuple[tuple[int, ...], Any, tuple[int, ...]]] = [
        ((3, 4), (rows,), (40, 2, 4)),  # rows of an embedding
        ((4, 3), (np.arange(4)[:, None, None], columns), (4, 40, 2)),  # its columns
        ((3, 3), (rows, columns), (40, 2)),  # entries
        ((3, 3, 3), (rows, 1, entries), (40, 2)),  # at a step
        ((3, 5, 2), (rows,), (5, 2)),  # the same for all
        ((3,), (rows,), ()),  # a number
    ]
    for shape, places, given in cases:
        array = (
            np.zeros((2, *shape), dtype)[0] if contiguous else np.zeros((*shape[:-1], 2 * shape[-1]), dtype)[..., ::2]
        )
        values = rng.standard_normal(given).astype(dtype) if given else 1
        expected = np.zeros(shape)
        whole = np.broadcast_arrays(*places)
        spread = np.broadcast_to(values, (*whole[0].shape, *shape[len(places) :]))
        for at in np.ndindex(whole[0].shape):
            expected[tuple(place[at] for place in whole)] += spread[at]
        HELPERS["_scatter_add"](array, places, values)
        np.testing.assert_allclose(array, expected, rtol=200 * np.finfo(dtype).eps, atol=40 * np.finfo(dtype).eps)


@pytest.mark.parametrize("name", ["_sigmoid", "_softplus"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_functions_into_an_array_give_the_same(name: str, dtype: type) -> None:
    z = np.linspace(-800, 800, 41).astype(dtype).reshape(1, 41)
    wanted, out = HELPERS[name](z), np.full_like(z, np.nan)
    HELPERS[name](z, out=out)
    np.testing.assert_allclose(out, wanted, rtol=4 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps)
    HELPERS[name](z, out=z)  # over what it reads
    np.testing.assert_array_equal(z, out)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["_logsumexp", "_normaliser"])
def test_a_logsumexp_into_arrays_gives_the_same(name: str) -> None:
    z = np.array(
        [[1.0, 2.0, 3.0], [200, -200, 0], [-np.inf, 0, -np.inf], [-np.inf] * 3, [np.inf, 0, 1], [np.nan, 0, 0]]
    )
    for rows in (slice(0, 2), slice(None)):
        wanted, before = HELPERS[name](z[rows], 1), z.copy()
        out, work, largest = (
            np.full(len(wanted), np.nan),
            np.full_like(z[rows], np.nan),
            np.full((len(wanted), 1), np.nan),
        )
        HELPERS[name](z[rows], 1, out=out, work=work, largest=largest)
        np.testing.assert_array_equal(out, wanted)
        np.testing.assert_array_equal(z, before)


def test_one_entry_of_each_row_is_looked_up_and_added_to() -> None:
    whole = np.arange(24.0).reshape(2, 3, 4)
    places = np.array([[0, 3, 1], [2, 2, 0]])
    rows, flat = np.arange(6).reshape(2, 3), np.full((2, 3), 10**9)
    out, work = np.full((2, 3), np.nan), np.full((2, 3), np.nan)
    at = np.ix_(range(2), range(3))
    wanted = whole[(*at, places)]
    HELPERS["_look_up"](whole, places, rows, flat, out)
    np.testing.assert_array_equal(out, wanted)
    before, change = whole.copy(), np.array([[1.0, 2, 3], [4, 5, 6]])
    before[(*at, places)] += change
    HELPERS["_add_to"](whole, places, rows, flat, work, change)
    np.testing.assert_array_equal(whole, before)


def test_steps_of_a_single_example_lie_together() -> None:
    one, many = (HELPERS["_by_step"]((4, 5, examples, 3), np.float32) for examples in (1, 2))
    assert one.shape == (4, 5, 1, 3) and one[:, 2].flags.c_contiguous and one.dtype == np.float32
    assert many.shape == (4, 5, 2, 3) and many[2].flags.c_contiguous


def test_only_what_is_called_is_there() -> None:
    assert [text.partition("(")[0] for text in helpers([], ["_silu"])] == ["def _sigmoid", "def _silu"]
    assert helpers(["x = np.tanh(y)  # _silu(y)"], []) == []
