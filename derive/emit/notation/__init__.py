"""Equations as people write them, in array and index notation."""

from derive.emit.notation.lines import Notation, expression, lines, render

__all__ = ["Notation", "expression", "lines", "render"]
