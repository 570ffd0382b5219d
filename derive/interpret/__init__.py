"""The meaning of a System, as naively as it can be said: loops over scalars. The oracle of the tests and of `verify`.

In comes a System with a number for every size and an array for everything that is given; out comes an array for every
variable. Every index point of every equation is listed under the cell that it adds to; the value of a cell is the
reduction over its points, computed when something asks for it. The order of equations means nothing here.

Each scalar is a row of *lanes*: arrays may carry one more axis, the last, and then one pass evaluates as many copies of
the system, each with data of its own. Values may be complex; branches are decided on real parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from derive.interpret.interpreter import Array, Interpreter, Values
from derive.system import System

__all__ = ["Array", "Interpreter", "Values", "complex_step", "evaluate"]

STEP = 1e-30


def evaluate(
    system: System,
    sizes: Mapping[str, int],
    given: Mapping[str, Array],
    wanted: Iterable[str] | None = None,
) -> dict[str, Values]:
    """The values of a system's variables.

    Args:
        system: a model or a gradient, with or without a batch axis.
        sizes: every size by name, `B` too where there is a batch.
        given: an array for every variable that no equation defines, by name; starts and constants with a default may be
            left out. Arrays may have one axis more than the variable, the lanes.
        wanted: names of the variables to compute; all of them where it is None.

    Raises:
        DeriveError: a cell that nothing defines is read, or cells wait for each other; both are named.
        ValueError: something given is missing, unknown or of the wrong shape.
    """
    return Interpreter(system, sizes).evaluate(given, wanted)


def complex_step(
    system: System,
    sizes: Mapping[str, int],
    given: Mapping[str, Array],
    output: str = "loss",
    inputs: Iterable[str] = (),
    lanes: int = 512,
) -> dict[str, Array]:
    """The gradient of a scalar, exact to rounding: `Im f(x + ih) / h` with h = 1e-30, an entry of the inputs a lane.

    Args:
        system: a model.
        sizes: as for `evaluate`.
        given: as for `evaluate`, without lanes.
        output: the scalar variable that is differentiated.
        inputs: names of the given variables; the result has an array for each, of its shape.
        lanes: how many entries one pass perturbs.
    """
    interpreter = Interpreter(system, sizes)
    point = {name: interpreter.given_array(system.by_name[name], given) for name in inputs}
    entries = [(name, entry) for name, array in point.items() for entry in np.ndindex(array.shape)]
    result = {name: np.zeros(array.shape) for name, array in point.items()}
    for begin in range(0, len(entries), lanes):
        chunk = entries[begin : begin + lanes]
        perturbed = dict(given)
        for lane, (name, entry) in enumerate(chunk):
            if name not in perturbed or perturbed[name].ndim == point[name].ndim:
                perturbed[name] = np.repeat(point[name].astype(complex)[..., np.newaxis], len(chunk), axis=-1)
            perturbed[name][(*entry, lane)] += 1j * STEP
        values = interpreter.evaluate(perturbed, [output])[output].array
        # A scalar that rests on none of the inputs has no lanes.
        slopes = np.broadcast_to(np.imag(values) / STEP, (len(chunk),))
        for (name, entry), slope in zip(chunk, slopes, strict=True):
            result[name][entry] = slope
    return result
