"""Conditions that are decided by steps alone."""

from __future__ import annotations

import sympy

from derive.expressions import AxisKind, Index, refs
from derive.functions import Comparison


def is_of_steps(condition: sympy.Expr) -> bool:
    """Whether a condition is decided by steps alone."""
    if not isinstance(condition, Comparison):
        return False
    found = [symbol for symbol in condition.free_symbols if isinstance(symbol, Index)]
    return bool(found) and all(i.axis.kind is AxisKind.SEQUENCE for i in found) and not any(refs(condition))
