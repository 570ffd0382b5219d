"""Equations as people write them, in array and index notation."""

from derive.emit.notation.lines import Notation, expression, lines, nearest, render

__all__ = ["Notation", "expression", "lines", "nearest", "render"]
