"""Formulas in the sizes: as numbers, and as text."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from derive.emit.derivation.formulas import formula
from derive.emit.notation.plain import Plain
from derive.expressions import Index, size_symbol

NOWHERE: Mapping[Index, int] = {}


class Numbers:
    """What formulas come to at some sizes."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        """Formulas at these sizes, by name."""
        self._sizes = {size_symbol(name): sympy.Integer(size) for name, size in sizes.items()}
        self._known: dict[sympy.Expr, int] = {}

    def __call__(self, formula: sympy.Expr, at: Mapping[Index, int] = NOWHERE) -> int:
        """The formula at these sizes, where the loops' indices have the values `at`.

        >>> Numbers({"T": 5})(2 * size_symbol("T") - 1)
        9
        """
        known = self._known.get(formula)
        if known is None:
            here = formula.xreplace(self._sizes)
            if not here.is_Integer:
                return int(here.xreplace({index: sympy.Integer(value) for index, value in at.items()}))
            known = self._known[formula] = int(here)
        return known


def spell(expression: sympy.Expr) -> str:
    """A formula as text, common factors in front.

    >>> T, n = size_symbol("T"), size_symbol("n")
    >>> spell(T * n**2 + T * n)
    'T * n * (n + 1)'
    """
    return Plain().text(formula(expression))
