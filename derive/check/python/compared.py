"""Returned gradients against the true ones: names, kinds, shapes, then numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from derive.check.hand.result import LineVerdict
from derive.check.python.points import Point
from derive.check.python.process import Answer
from derive.check.python.relations import relation
from derive.check.python.tracing import agrees
from derive.interpret import Array


def sizes_of(point: Point) -> str:
    """The sizes of a point, for people."""
    return "with " + ", ".join(f"{name} = {size}" for name, size in point.sizes.items())


def compared(name: str, at: Sequence[Point], answer: Answer, line: int, last: int) -> LineVerdict:
    """A gradient at every point against the true one.

    Args:
        name: the parameter.
        at: the points.
        answer: what the calls returned.
        line: the function's line.
        last: that of its `return`.
    """
    of = f"grad({name})"
    values: list[Array] = []
    for number, point in enumerate(at):
        names = answer.told["returned"][number].get("names", [])
        place = next((k for k, (key, _) in enumerate(names) if key == name), None)
        if place is None:
            there = ", ".join(f"`{key}`" for key, _ in names if key not in point.truth)
            more = f"; there is {there}, which no parameter is called" if there else ""
            return LineVerdict(last, of, "not understood", fault=f"no gradient of `{name}` is returned{more}")
        if names[place][1]:
            fault = f"what is returned for `{name}` {names[place][1]}"
            return LineVerdict(last, of, "not understood", fault=fault)
        value, true = answer.arrays[f"{number}/{place}"], point.truth[name]
        trouble = _shape_fault(name, value, true, point)
        if trouble:
            return LineVerdict(line, of, "wrong", fault=trouble)
        values.append(value)
    arrays = {f"{n}/truth/{name}": point.truth[name] for n, point in enumerate(at)}
    arrays |= {f"{n}/bound/{name}": np.asarray(point.bounds[name]) for n, point in enumerate(at)}
    if all(agrees(value, arrays, n, name) for n, value in enumerate(values)):
        return LineVerdict(line, of, "right")
    return LineVerdict(line, of, "wrong", fault=relation(name, values, at))


def wrong_at(answer: Answer, at: Sequence[Point]) -> frozenset[int]:
    """The points at which a gradient is wrong or missing."""
    found: set[int] = set()
    for number, point in enumerate(at):
        names = [key for key, _ in answer.told["returned"][number].get("names", [])]
        for name, true in point.truth.items():
            value = answer.arrays[f"{number}/{names.index(name)}"] if name in names else np.zeros(0)
            if value.shape != true.shape or value.dtype.kind not in "fiu":
                found.add(number)
            elif not np.all(np.abs(value - true) <= point.bounds[name]):
                found.add(number)
    return frozenset(found)


def _shape_fault(name: str, value: Array, true: Array, point: Point) -> str:
    """What is wrong with the shape or the kind of a returned array; nothing where it can be compared."""
    if value.dtype.kind not in "fiu":
        return f"the gradient of `{name}` is {value.dtype}, not real numbers"
    if value.shape != true.shape:
        more = ""
        if value.shape == true.shape[::-1]:
            more = ": it is transposed"
        elif value.shape[1:] == true.shape and value.shape[0] == point.sizes["B"]:
            more = ": it is not summed over the batch"
        elif value.size == true.size:
            more = f": reshape it to {true.shape}"
        return f"the gradient of `{name}` has shape {value.shape}, `{name}` has {true.shape}{more}"
    if not np.all(np.isfinite(value)):
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(value))[0])
        place = f"`{name}[{', '.join(map(str, at))}]`" if at else f"`{name}`"
        return f"the gradient of `{name}` is not finite: that of {place} is {value[at]}, {sizes_of(point)}"
    return ""
