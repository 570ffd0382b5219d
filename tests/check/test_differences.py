"""Finite differences are good to nine digits, at any scale of the point."""

from __future__ import annotations

import numpy as np
import pytest

from derive.check.differences import differences


@pytest.mark.parametrize("scale", [0.2, 1.0, 40.0])
def test_of_a_smooth_function(scale: float) -> None:
    at = scale * np.array([[1.0, -0.7], [0.2, 0.9]])
    found = differences(lambda v: float(np.sum(np.sin(v / scale))), at)
    np.testing.assert_allclose(found, np.cos(at / scale) / scale, rtol=1e-9)


def test_the_point_is_left_as_it_was() -> None:
    at = np.array([0.1, 3.0])
    differences(lambda v: float(v.sum()), at)
    assert at.tolist() == [0.1, 3.0]
