"""Arrays as they come: views, orders, dtypes, memory that may not be written to, objects that become arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive.check import call
from derive.interpret import Array
from tests.bank import module, some_of_the_zoo
from tests.numerics.calls import Results, data, refused, results

LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "Fortran-ordered": np.asfortranarray,
    "every second entry": lambda a: _part(a, 2),
    "backwards": lambda a: _part(a, -1),
    "a transposed view": lambda a: a.T.copy().T,
    "read-only": lambda a: _locked(a.copy()),
}


def _part(array: Array, step: int) -> Array:
    """The array as a part of a larger one, or from its end."""
    whole = np.empty(tuple(abs(step) * n for n in array.shape), array.dtype)
    part = whole[tuple(slice(None, None, step) for _ in array.shape)]
    part[...] = array
    return part


def _locked(array: Array) -> Array:
    array.flags.writeable = False
    return array


def every(module: Any, at: call.Arguments) -> Results:
    """What each function returns."""
    forward = call.forward(module, at)._asdict()
    values = {f"forward {n}": np.asarray(a) for n, a in forward.items() if a is not None}
    return results(module, at) | values | {f"backward {n}": a for n, a in call.backward(module, at).items()}


@some_of_the_zoo
def test_the_layout_means_nothing_and_nothing_given_is_written_to(name: str) -> None:
    made, at = module(name, "fast"), data(name)
    wanted = every(made, at)
    for kind, laid in LAYOUTS.items():
        given = replace(
            at,
            params={key: laid(array) if array.ndim else array for key, array in at.params.items()},
            data={key: laid(array) if array.ndim else array for key, array in at.data.items()},
        )
        found = every(made, given)
        for key in wanted:
            np.testing.assert_allclose(found[key], wanted[key], rtol=1e-10, atol=1e-12, err_msg=f"{kind}: {key}")
        for key, array in {**given.params, **given.data}.items():
            np.testing.assert_array_equal(array, {**at.params, **at.data}[key], err_msg=f"{kind}: {key}")


@some_of_the_zoo
def test_results_are_arrays_of_their_own(name: str) -> None:
    """Neither a part of what was given nor of each other: scaling one gradient in place leaves the others."""
    made, at = module(name, "fast"), data(name)
    forward = call.forward(made, at)._asdict()
    given = {**at.params, **at.data}
    for found in (results(made, at), {n: a for n, a in forward.items() if isinstance(a, np.ndarray)}):
        for key, array in found.items():
            assert array.flags.writeable
            assert not any(np.shares_memory(array, other) for other in given.values()), key
        for one, other in combinations(found, 2):
            assert not np.shares_memory(found[one], found[other]), f"{one} and {other}"


def test_inputs_may_be_parts_of_each_other() -> None:
    """The start is a part of the input, the labels of one array for two models, and results go into a workspace."""
    made, rng = module("vanilla", "fast"), np.random.default_rng(0)
    params = made.init_params(rng, n_h=2, n_x=2, n_y=3)
    square = params._replace(W=params.U)  # two parameters are one array
    x, y = rng.standard_normal((5, 3, 2)), rng.integers(0, 3, (5, 3))
    workspace = made.Workspace()
    found = made.loss_and_grad(square, x=x, y=y, h0=x[2], wrt=("x", "h0"), workspace=workspace)
    wanted = made.loss_and_grad(square._replace(W=params.U.copy()), x=x, y=y, h0=x[2].copy(), wrt=("x", "h0"))
    assert found[0] == wanted[0]
    for one, other in zip((*found[1], *found[2].values()), (*wanted[1], *wanted[2].values()), strict=True):
        np.testing.assert_array_equal(one, other)
    # A gradient that lies in the workspace is a parameter of the next call with it.
    again = made.loss(made.Params(*[np.array(g) for g in found[1]]), x=x, y=y)
    assert made.loss(found[1], x=x, y=y, workspace=workspace) == pytest.approx(again, rel=1e-14)


@pytest.fixture(scope="module")
def vanilla() -> tuple[Any, Any, Array, Array]:
    """Module, parameters, input and labels."""
    made, rng = module("vanilla", "fast"), np.random.default_rng(0)
    params = made.init_params(rng, n_h=2, n_x=3, n_y=4)
    return made, params, rng.integers(-3, 4, (5, 2, 3)).astype(float), rng.integers(0, 4, (5, 2))


@pytest.mark.parametrize("dtype", ["i1", "u8", ">i4", "f2", "f4", "g", ">f8", ">f4"])
def test_real_numbers_of_any_dtype(dtype: str, vanilla: tuple[Any, Any, Array, Array]) -> None:
    made, params, x, y = vanilla
    x = abs(x)
    found = made.loss_and_grad(params, x=x.astype(dtype), y=y, wrt="x")
    assert found[0] == made.loss(params, x=x, y=y) and found[2]["x"].dtype == np.float64
    single = made.Params(*[a.astype(np.float32) for a in params])
    assert made.forward(single, x=x.astype(dtype), y=y).h.dtype == np.float32


@pytest.mark.parametrize("dtype", ["i1", "u1", "u8", ">i4", "i8"])
def test_whole_numbers_of_any_dtype(dtype: str, vanilla: tuple[Any, Any, Array, Array]) -> None:
    made, params, x, y = vanilla
    assert made.loss(params, x=x, y=y.astype(dtype)) == made.loss(params, x=x, y=y)
    lengths = np.array([5, 2]).astype(dtype)
    assert made.loss(params, x=x, y=y, lengths=lengths) == made.loss(params, x=x, y=y, lengths=[5, 2])


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_whatever_is_an_array(vanilla: tuple[Any, Any, Array, Array], tmp_path: Path) -> None:
    made, params, x, y = vanilla

    class Tensor:
        def __init__(self, array: Array) -> None:
            self.array = array

        def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
            return self.array

    mapped = np.memmap(tmp_path / "x", np.float64, "w+", shape=x.shape)
    mapped[...] = x
    wanted = made.loss_and_grad(params, x=x, y=y, wrt="x")
    kinds: list[Callable[[Array], Any]] = [np.ndarray.tolist, Tensor, np.ma.masked_array, list, tuple]
    for kind in [*kinds, lambda a: mapped if a is x else a]:
        found = made.loss_and_grad(made.Params(*map(kind, params)), x=kind(x), y=kind(y), wrt="x")
        assert found[0] == wanted[0] and type(found[2]["x"]) is np.ndarray
        assert all(type(g) is np.ndarray for g in found[1])
    alone = made.loss_and_grad(params, x=np.asmatrix(x[:, 0]), y=y[:, 0], wrt="x")
    assert alone[0] == made.loss(params, x=x[:, 0], y=y[:, 0]) and type(alone[2]["x"]) is np.ndarray


def test_what_is_no_array_says_why(vanilla: tuple[Any, Any, Array, Array]) -> None:
    made, params, x, y = vanilla

    class Elsewhere:
        def __init__(self, error: Exception) -> None:
            self.error = error

        def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
            raise self.error

    masked = np.ma.masked_array(x, x > 2)
    text = "x: a masked array, expected a value for every entry, as from x.filled(...)"
    assert refused(made.loss, params, x=masked, y=y) == text
    text = "y: a masked array, expected a value for every entry, as from y.filled(...)"
    assert refused(made.loss, params, x=x, y=np.ma.masked_array(y, y > 2)) == text
    text = "b: a masked array, expected a value for every entry, as from b.filled(...)"
    assert refused(made.loss, params._replace(b=np.ma.masked_array(params.b, [True, False])), x=x, y=y) == text
    for error in (TypeError("it is on another device"), RuntimeError("it wants a gradient"), ValueError("it is gone")):
        assert refused(made.loss, params, x=Elsewhere(error), y=y) == f"x: not an array: {error}"
    for wrong in (object(), "text", {1: 2}, (n for n in range(3)), x.astype(complex), x.astype(object), x.astype("S3")):
        assert refused(made.loss, params, x=wrong, y=y).startswith("x: dtype ")
    assert refused(made.loss, params, x=x.astype("M8[s]"), y=y) == "x: dtype datetime64[s], expected real numbers"


def test_a_workspace_is_that_of_its_module(vanilla: tuple[Any, Any, Array, Array]) -> None:
    made, params, x, y = vanilla
    text = "workspace: a Workspace of another module, expected a Workspace() of this one"
    assert refused(made.loss, params, x=x, y=y, workspace=module("lstm", "fast").Workspace()) == text
    assert refused(made.loss, params, x=x, y=y, workspace=made.Workspace) == "workspace: a type, expected a Workspace()"
    # Of other sizes and another precision it makes new arrays.
    workspace, single = made.Workspace(), made.Params(*[a.astype(np.float32) for a in params])
    for given, steps in ((params, 5), (single, 5), (params, 2), (single, 2), (params, 5)):
        found = made.loss_and_grad(given, x=x[:steps], y=y[:steps], workspace=workspace)
        wanted = made.loss_and_grad(given, x=x[:steps], y=y[:steps])
        assert found[0] == wanted[0]
        assert all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(found[1], wanted[1], strict=True))
