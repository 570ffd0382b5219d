"""What is true at random points: against the derived gradient, against differences, and against itself."""

from __future__ import annotations

import numpy as np
import pytest

import derive
from derive.check.hand.broadcast import Cells, everywhere
from derive.check.hand.points import Point, points
from derive.check.hand.special import Special
from derive.check.sample import prime_sizes
from derive.expressions import Axis, AxisKind, size_symbol
from derive.interpret import Interpreter

T = Axis(size_symbol("T"), AxisKind.SEQUENCE)


def point(name: str, length: int = 4) -> Point:
    model = derive.load(name)
    sizes = prime_sizes(model.system) | {"T": length}
    return Point((model.system, model.gradient().system), sizes, 3)


@pytest.mark.parametrize(
    "name", ["lstm", "tree", *(pytest.param(n, marks=pytest.mark.slow) for n in ("vanilla", "gru", "crf"))]
)
def test_the_truth_is_the_derived_gradient(name: str) -> None:
    model = derive.load(name)
    here = points(model.system, model.gradient().system)[0]
    system = model.gradient().system
    names = [v.name for v in model.system.variables if f"grad({v.name})" in system.by_name and v.name != "yhat"]
    here.learn([Special("loss", name) for name in names])
    derived = Interpreter(system, here.sizes).evaluate(here.given, [f"grad({name})" for name in names])
    for gradient, values in derived.items():
        true = here.cells[gradient]
        np.testing.assert_allclose(everywhere(Cells(values.array, values.first), true), true.array, atol=1e-12)


def test_a_jacobian_is_the_difference_that_a_step_makes() -> None:
    here = point("vanilla")
    here.learn([Special("h", "h"), Special("h", "a")])
    value = here.cells["h"]
    jacobian, local = here.cells["jac(h, h)"], here.cells["jac(h, a)"]
    assert jacobian.first == (0, 0, 0, 0) and jacobian.array.shape == (5, 5, 3, 3)
    h = value.array[2]
    np.testing.assert_allclose(jacobian.array[2, 1], np.diag(1 - h**2) @ here.given["W"], atol=1e-12)
    np.testing.assert_allclose(local.array[2, 1], np.diag(1 - h**2), atol=1e-12)
    assert not jacobian.array[1, 2].any(), "what comes later moves nothing before"


def test_copies_of_a_parameter_sum_to_the_whole_gradient() -> None:
    here = point("lstm")
    here.learn([Special("loss", "U_f"), Special("loss", "U_f", T)])
    copies, whole = here.cells["grad(U_f, at=T)"], here.cells["grad(U_f)"]
    assert copies.first == (1, 0, 0)
    np.testing.assert_allclose(copies.array.sum(axis=0), whole.array, atol=1e-12)
    assert np.abs(copies.array).max(axis=(1, 2)).min() > 0


def test_points_have_unequal_sizes_lengths_from_one_and_starts_that_are_not_zero() -> None:
    model = derive.load("vanilla")
    found = points(model.system, model.gradient().system)
    assert len(found) >= 3 and {1, 2, 3} <= {here.sizes["T"] for here in found}
    assert len({here.sizes["n_h"] for here in found}) > 1
    for here in found:
        features = [size for name, size in here.sizes.items() if name != "T"]
        assert len(set(features)) == len(features)
        assert np.abs(here.cells["h"].array[0]).max() > 1e-3
        assert not np.allclose(here.given["W"], here.given["W"].T)


def test_gradients_with_respect_to_several_sequences_have_their_steps_first() -> None:
    model = derive.load("attention")
    here = points(model.system, model.gradient().system)[0]
    here.learn([Special("c", "h")])
    jacobian = here.cells["jac(c, h)"]
    assert jacobian.array.shape[:2] == (here.sizes["T"], here.sizes["S"])


def test_the_truth_has_no_derived_gradient_in_it() -> None:
    """The derived system, which has names for parts of the model, gives their values alone."""
    here = point("lstm")
    here.name_parts()
    assert "i.arg" in here.cells and not [name for name in here.cells if name.startswith("grad(")]
