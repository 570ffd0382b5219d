"""Where a NaN or an infinity first appears: said instead of a finding, for all that follows from it is noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy

from derive.expressions import AxisKind
from derive.interpret import Array, Interpreter, Values
from derive.system import System


def first_nonfinite(system: System, sizes: Mapping[str, int], given: Mapping[str, Array]) -> str:
    """In the model itself, if it reaches the loss: the cell, as the equations count, and its value; else nothing.

    An infinity that an equation spells out (`where(i <= t, score, -inf)`) is meant, and does not count.
    """
    interpreter = Interpreter(system, sizes)
    if np.all(np.isfinite(interpreter.evaluate(given, ["loss"])["loss"].array)):
        return ""
    meant = {e.target for e in system.equations if e.right.has(sympy.oo) or e.right.has(-sympy.oo)}
    for (name, key), value in interpreter.found():
        if not np.all(np.isfinite(value)) and name not in meant:
            return f"{_entry(name, key)} is {np.ravel(value)[0]}"
    return "the loss is not finite"


def first_in_forward(system: System, forward: Any, values: Mapping[str, Values]) -> str:
    """In a generated forward pass, where the interpreter is finite: at the earliest step, then in the file's order."""
    found: list[tuple[int, str]] = []
    for name, expected in values.items():
        array = np.asarray(getattr(forward, name, 0.0))
        if array.shape != expected.array.shape:
            continue
        axes = system.by_name[name].axes
        # Entries come in the order of the first axis, so the first is the earliest step.
        for index in np.argwhere(~np.isfinite(array) & np.isfinite(expected.array))[:1]:
            key = tuple(int(i) + f for i, f in zip(index, expected.first, strict=True))
            step = key[0] if axes and axes[0].kind is AxisKind.SEQUENCE else np.iinfo(int).max
            value, should = array[tuple(index)], expected.array[tuple(index)]
            found.append((step, f"the generated {_entry(name, key)} is {value}, should be {should}"))
    return min(found, key=lambda entry: entry[0])[1] if found else ""


def _entry(name: str, key: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, key))}]" if key else name
