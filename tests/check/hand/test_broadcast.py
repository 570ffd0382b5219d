"""Expressions over arrays by broadcasting, against the interpreter that goes through every cell."""

from __future__ import annotations

import numpy as np
import pytest

import derive
from derive.check.hand.broadcast import Cells
from derive.check.hand.numbers import Definition, tabulated
from derive.check.hand.points import Point
from derive.check.sample import prime_sizes

SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("attention", "word_lm", "transformer", "ctc")]


@pytest.mark.parametrize("name", ["vanilla", "gru", "crf", "tree", *SLOW])
@pytest.mark.parametrize("length", [1, 3])
def test_every_equation_of_a_model_has_its_value(name: str, length: int) -> None:
    """Each right side, evaluated over the model's own values, gives the values of what it defines."""
    model = derive.load(name)
    sizes = prime_sizes(model.system)
    sizes |= {size: length for size in ("T", "S", "K") if size in sizes}
    point = Point((model.system, model.gradient().system), sizes, 1)
    for target, equations in model.system.defining.items():
        found = tabulated(model.system.by_name[target], [Definition(e) for e in equations], point, point.cells)
        true = point.cells[target]
        window = tuple(
            slice(t - f, t - f + n) for t, f, n in zip(true.first, found.first, true.array.shape, strict=True)
        )
        values = np.asarray(found.array)[window]
        some = np.isfinite(values)  # a maximum or a logarithm of nothing: the model has no value there
        np.testing.assert_allclose(values[some], true.array[some], rtol=1e-10, atol=1e-10, err_msg=target)


def test_what_lies_outside_is_said_by_the_array() -> None:
    model = derive.load("vanilla")
    point = Point((model.system, model.gradient().system), prime_sizes(model.system), 1)
    assert point.cells["x"].outside == 0.0
    assert point.cells["h"].outside != 0.0
    assert Cells(np.zeros(2), (1,)).outside == 0.0
