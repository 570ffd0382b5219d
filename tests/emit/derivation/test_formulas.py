"""Formulas in the sizes."""

from __future__ import annotations

import pytest
import sympy

from derive.emit.derivation.formulas import formula
from derive.emit.notation.plain import Plain
from derive.expressions import size_symbol

T, n, m = map(size_symbol, ("T", "n_h", "n_x"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (sympy.S.Zero, "0"),
        (n, "n_h"),
        (T * n * m + T * n**2, "T * n_h * (n_h + n_x)"),
        (2 * T * m - T, "T * (2 * n_x - 1)"),
        (T * (T - 1) / 2, "T * (T - 1) / 2"),
        (3 - T, "-T + 3"),
    ],
)
def test_common_factors_stand_in_front(expression: sympy.Expr, expected: str) -> None:
    assert Plain().text(formula(expression)) == expected
