"""Where a NaN or an infinity first appears: said instead of a finding, for all that follows from it is noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from derive.check import call
from derive.check.call import Arguments, start_keywords
from derive.expressions import AxisKind
from derive.interpret import Array, Interpreter, Values
from derive.system import System, Variable


def first_nonfinite(system: System, sizes: Mapping[str, int], given: Mapping[str, Array]) -> str:
    """In the model itself, if it reaches the loss: the cell, as the equations count, and its value; else nothing.

    What is given comes first, then the cells in the order in which they rest on each other. An infinity that an
    equation spells out (`where(i <= t, score, -inf)`) is meant, and does not count.
    """
    interpreter = Interpreter(system, sizes)
    with np.errstate(all="ignore"):  # what overflows is said here
        if np.all(np.isfinite(interpreter.evaluate(given, ["loss"])["loss"].array)):
            return ""
    for variable in system.variables:
        array = np.asarray(given.get(variable.name, 0.0))
        if variable.role.is_given and not np.all(np.isfinite(array)):
            at = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            key = tuple(i + (a.kind is AxisKind.SEQUENCE) for i, a in zip(at, variable.axes, strict=True))
            return f"{entry(variable, key)} is {array[at]}, and is given"
    meant = {e.target for e in system.equations if e.right.has(sympy.oo) or e.right.has(-sympy.oo)}
    for (name, key), value in interpreter.found():
        if not np.all(np.isfinite(value)) and name not in meant:
            return f"{entry(system.by_name[name], key)} is {np.ravel(value)[0]}"
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
            found.append((step, f"the generated {entry(system.by_name[name], key)} is {value}, should be {should}"))
    return min(found, key=lambda place: place[0])[1] if found else ""


def first_at_own_starts(system: System, module: Any, at: Arguments) -> tuple[str, float, str] | None:
    """In the loss or a gradient of a generated module where a call leaves all starts to the file.

    Returns:
        Which of them, its value, and what to say of it; None where all is finite, or nothing has a start.
    """
    starts = start_keywords(system)
    data = {name: array for name, array in at.data.items() if name not in starts}
    if len(data) == len(at.data):
        return None
    wrt = tuple(name for name in at.wrt if name in data)
    with np.errstate(all="ignore"):
        loss, gradients = call.loss_and_grad(module, replace(at, data=data, wrt=wrt))
    if not np.isfinite(loss):
        return "loss", loss, f"it is {loss} where a call gives no {' or '.join(starts)}"
    for name, gradient in gradients.items():
        for index in np.argwhere(~np.isfinite(gradient))[:1]:
            value = float(gradient[tuple(index)])
            place = f"{name}[{', '.join(map(str, index))}]" if len(index) else name
            where = f"where a call gives no {' or '.join(starts)}"
            mend = "a root or a norm has no slope at 0: add a little under it"
            return name, value, f"the gradient of {place} is {value} {where}, though the loss is finite; {mend}"
    return None


def entry(variable: Variable, key: tuple[int, ...]) -> str:
    """A cell with its subscripts, as the equations count, and which of them are steps and which is the example.

    `a[2, 0, 1] (t = 2, example 0)`: steps count from 1, examples and features from 0.
    """
    if not key:
        return variable.name
    spelled = {AxisKind.SEQUENCE: "{step} = {k}", AxisKind.BATCH: "example {k}"}
    places = [
        spelled[axis.kind].format(step=axis.name.lower(), k=k)
        for axis, k in zip(variable.axes, key, strict=True)
        if axis.kind in spelled
    ]
    where = f" ({', '.join(places)})" if places else ""
    return f"{variable.name}[{', '.join(map(str, key))}]{where}"
