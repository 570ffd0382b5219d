"""How two arrays are compared, on which scale, and what no bound admits; each reference finds what it should."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from derive.check.gradients import BOUNDS, verify_modules
from derive.check.report import COMPLEX, DIFFERENCES, compare
from tests.check import modules
from tests.check.systems import vanilla


@pytest.mark.parametrize("scale", [1.0, 0.1, 0.02])
def test_an_array_is_compared_on_its_own_scale(scale: float) -> None:
    reference = scale * np.array([1.0, -0.5, 0.25])
    for wrong, ok in ((5e-12, False), (5e-13, True)):
        found = compare(COMPLEX, "v", reference * [1 + wrong, 1.0, 1.0], reference, 1e-12, largest=1.0)
        assert found.ok is ok and found.error == pytest.approx(wrong, rel=1e-2)


def test_what_is_small_beside_the_others_is_compared_on_a_hundredth_of_their_scale() -> None:
    reference = np.array([1e-5])
    assert compare(COMPLEX, "v", reference * (1 + 1e-10), reference, 1e-12, largest=1.0).ok
    assert not compare(COMPLEX, "v", reference * (1 + 1e-8), reference, 1e-12, largest=1.0).ok


@pytest.mark.parametrize(("factor", "kinds"), [(1 + 1e-9, {COMPLEX}), (1 + 1e-5, {COMPLEX, DIFFERENCES})])
def test_each_reference_finds_what_is_above_its_bound(factor: float, kinds: set[str]) -> None:
    """Differences to their rounding, complex steps to that of the numbers themselves."""
    module: Any = modules.vanilla()
    exact = module.loss_and_grad

    @functools.wraps(exact)
    def wrong(params: modules.Params, **data: Any) -> Any:
        loss, gradients, *more = exact(params, **data)
        return loss, gradients._replace(W=gradients.W * factor), *more

    module.loss_and_grad = wrong
    failures = [c for c in verify_modules(vanilla(), module).failures if c.name == "W"]
    assert {c.kind for c in failures} & {COMPLEX, DIFFERENCES} == kinds
    assert BOUNDS[COMPLEX] < factor - 1
