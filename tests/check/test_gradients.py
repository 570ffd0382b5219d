"""Verification finds what is wrong, names it, and finds nothing where all is right."""

from __future__ import annotations

import functools
import json
from typing import Any

import numpy as np
import pytest

from derive import pipeline
from derive.check.gradients import BOUNDS, verify, verify_modules
from derive.check.nonfinite import first_nonfinite
from derive.check.report import compare
from tests.check import modules
from tests.check.systems import vanilla

WRONG = {
    "sign of b": {"b"},
    "lag in W": {"W"},
    "carried term": {"x", "U", "W", "b", "h0"},
    "tanh of a": {"x", "U", "W", "b", "h0"},
    "transposed W": {"x", "U", "W", "b", "h0"},
    "one step of c": {"c"},
    "overwritten one-hot": {"c"},
    "start": {"h0"},
    "input": {"x"},
    "entry of V": {"V"},
}


@pytest.mark.parametrize("seed", range(3))
def test_a_right_module_passes(seed: int) -> None:
    report = verify_modules(vanilla(), modules.vanilla(), modules.vanilla(), seed, single=vanilla(batched=False))
    assert report.ok, list(map(str, report.failures))
    assert [row.array for row in report.rows] == ["x", "U", "W", "V", "b", "c", "h0"]
    assert all(row.differences < 1e-9 and row.complex_steps < 1e-13 for row in report.rows)
    assert {c.kind for c in report.others} == {
        "interpreter", "complex steps of one step", "plain style", "float32", "single example",
        "complex steps of one example",
    }  # fmt: skip
    assert {c.name for c in report.comparisons if c.kind == "interpreter"} == {"loss", "a", "h", "o", "yhat"}


def test_every_mistake_has_its_arrays() -> None:
    assert set(WRONG) == set(modules.MISTAKES)


@pytest.mark.parametrize("mistake", sorted(WRONG))
def test_a_wrong_gradient_is_found_where_it_is(mistake: str) -> None:
    report = verify_modules(vanilla(), modules.vanilla(mistake))
    assert not report.ok
    assert {row.array for row in report.rows if not row.ok} == WRONG[mistake]


def test_the_worst_entry_is_named_with_both_values() -> None:
    report = verify_modules(vanilla(), modules.vanilla("entry of V"))
    (row,) = [row for row in report.rows if not row.ok]
    assert row.worst == "V[1, 2]"
    np.testing.assert_allclose(row.value, 1.001 * row.reference, rtol=1e-7)


def test_styles_that_differ_are_found() -> None:
    report = verify_modules(vanilla(), modules.vanilla(), modules.vanilla("entry of V"))
    assert [(c.kind, c.entry) for c in report.failures] == [("plain style", "V[1, 2]")]


def test_a_module_that_raises_is_a_finding() -> None:
    def broken(*args: object, **data: object) -> None:
        raise KeyError("h")

    module = modules.vanilla()
    module.loss_and_grad = broken
    report = verify_modules(vanilla(), module)
    assert not report.ok and "raises KeyError: 'h'" in str(report.failures[0])


def test_a_nan_is_said_instead_of_what_follows_from_it() -> None:
    report = verify_modules(vanilla(), modules.vanilla(forward_mistake="nan in o"))
    assert not report.ok and not report.comparisons
    assert report.nonfinite.startswith("the generated o[3, 1, 0] (t = 3, example 1) is nan, should be ")


def test_the_first_nan_of_a_model_is_found() -> None:
    system = vanilla()
    sizes = {"T": 2, "B": 1, "n_h": 2, "n_x": 1, "n_y": 2}
    given = {"x": np.ones((2, 1, 1)), "y": np.zeros((2, 1), int), "U": np.ones((2, 1)), "W": np.ones((2, 2)),
             "V": np.ones((2, 2)), "b": np.zeros(2), "c": np.zeros(2)}  # fmt: skip
    assert first_nonfinite(system, sizes, given) == ""
    given["x"][1] = np.nan
    assert first_nonfinite(system, sizes, given) == "x[2, 0, 0] (t = 2, example 0) is nan, and is given"


def test_a_report_is_json() -> None:
    report = verify_modules(vanilla(), modules.vanilla("start"), seed=4)
    told = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert not told["ok"] and told["seed"] == 4 and told["sizes"]["T"] == 5
    assert [row["array"] for row in told["rows"] if not row["ok"]] == ["h0"]


def test_a_model_is_verified_by_its_own_modules() -> None:
    class Model:
        name = "vanilla"
        system = vanilla(batched=False)

        def compile(self, style: str = "fast") -> object:
            return modules.vanilla("entry of V" if style == "plain" else "")

    assert [c.kind for c in verify(Model()).failures] == ["plain style"]
    assert verify(Model(), module_plain=modules.vanilla()).ok


def test_the_error_is_relative_to_the_array_and_absolute_for_zeros() -> None:
    assert compare("kind", "v", np.array([10.0, 1]), np.array([10.0, 2]), 1e-3).error == 0.1
    assert compare("kind", "v", np.zeros(2), np.array([0, 1e-4]), 1e-3).error == 1e-4
    assert compare("kind", "v", np.array([1e-17]), np.array([0.0]), 1e-12, largest=2.0).ok
    assert not compare("kind", "v", np.array([1e-7]), np.array([0.0]), 1e-12, largest=2.0).ok


def test_an_array_that_others_cancel_in_is_allowed_their_rounding() -> None:
    """What is left of terms of the order of 1 carries an error of the order of 1e-16."""
    left = np.array([1e-7, 2e-7])
    assert compare("kind", "v", left + 3e-16, left, 1e-12, largest=1.0).ok
    assert not compare("kind", "v", left + 3e-16, left, 1e-12, largest=0.0).ok


@pytest.mark.parametrize("scale", [1.0, 1e-2, 1e-4, 1e-6])
def test_an_error_of_a_millionth_is_found_in_small_arrays_too(scale: float) -> None:
    reference = scale * np.array([1.0, -0.5, 0.25])
    wrong = reference * [1.0, 1 + 2e-6, 1.0]
    assert not compare("complex steps", "v", wrong, reference, BOUNDS["complex steps"], largest=1.0).ok
    assert compare("complex steps", "v", reference * (1 + 3e-16), reference, BOUNDS["complex steps"], largest=1.0).ok


def test_a_zero_gradient_is_zero_in_single_precision_too() -> None:
    """The first bias before a softmax over all of its entries, say: in float32 it is rounding alone."""
    right = modules.vanilla()
    exact = right.loss_and_grad

    @functools.wraps(exact)
    def rounded(params: modules.Params, **data: Any) -> Any:
        loss, gradients, *more = exact(params, **data)
        tiny = 1e-7 if params.b.dtype == np.float32 else 0.0
        return loss, gradients._replace(c=np.full_like(gradients.c, tiny)), *more

    right.loss_and_grad = rounded
    report = verify_modules(vanilla(), right)
    assert [str(c) for c in report.failures if c.kind == "float32"] == []
    assert {c.name for c in report.failures} == {"c"}


def test_the_shortest_sequence_has_the_steps_that_the_file_spells_out() -> None:
    text = "x: Input[T]\nw: Param\ns[1] = x[1]\ns[2] = w * x[1]\ns[t] = w * s[t-1] + s[t-2] + x[t]\n"
    report = verify(pipeline.parse(text + "loss = sum(s[t]**2, t)\n"))
    assert report.ok and any(c.kind == "complex steps of one step" for c in report.comparisons)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_never_right(value: float) -> None:
    found = compare("kind", "v", np.array([1.0, value]), np.array([1.0, 1.0]), 1e300)
    assert not found.ok and found.index == (1,)
    assert not compare("kind", "v", np.array([np.nan]), np.array([np.nan]), 1e-3).ok


def test_a_wrong_shape_is_said() -> None:
    found = compare("complex steps", "W", np.ones((2, 3)), np.ones((3, 2)), 1e-3)
    assert not found.ok and str(found) == "W against complex steps: shape (2, 3), should be (3, 2)"


def test_a_gradient_that_is_not_given_is_said() -> None:
    module = modules.vanilla()
    right = module.loss_and_grad

    def without_x(params: object, *, x: object, y: object, h0: object = None, wrt: tuple[str, ...] = ()) -> object:
        loss, grads, more = right(params, x=x, y=y, h0=h0, wrt=wrt or ("x",))
        return loss, grads, {name: array for name, array in more.items() if name != "x"}

    module.loss_and_grad = without_x
    assert "x against complex steps: there is none" in list(map(str, verify_modules(vanilla(), module).failures))
