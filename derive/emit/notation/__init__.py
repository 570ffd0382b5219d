"""Equations as people write them, in array and index notation."""

from derive.emit.notation.lines import Notation, expression, lines, nearest, one_by_one, render, spoken

__all__ = ["Notation", "expression", "lines", "nearest", "one_by_one", "render", "spoken"]
