"""Padded examples against the same ones by themselves.

In come a generated module and its data; in the padding stands what would spoil everything that it touched. The loss and
every gradient must be the sum of runs of one example each, on its own steps, without `lengths`.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from derive.calculus.lengths import sequences
from derive.check import call
from derive.check.call import Arguments
from derive.emit.numpy.interface import least_lengths
from derive.expressions import Axis, AxisKind, refs
from derive.interpret import Array, Interpreter, complex_step
from derive.system import Role, System

Results = dict[str, Array]


def takes_lengths(module: Any) -> bool:
    """Whether examples of a module may have their own lengths."""
    return "lengths" in inspect.signature(module.loss_and_grad).parameters


def some_lengths(system: System, sizes: Mapping[str, int]) -> dict[str, Array]:
    """Lengths of a batch for every sequence: all steps, the fewest, and between; not in step with each other."""
    least = {size: steps for size, (steps, _) in least_lengths(system).items()}
    found = {}
    for turn, axis in enumerate(sequences(system)):
        steps, few = sizes[axis.name], least.get(axis.name, 1)
        between = np.linspace(few, steps, max(sizes["B"], 2)).astype(np.intp)[: sizes["B"]]
        found[axis.name] = np.roll(between, turn)
    return found


def spoiled(system: System, at: Arguments, lengths: Mapping[str, Array]) -> Arguments:
    """The data with what no model could live with beyond each example's end."""
    data = dict(at.data)
    for variable in system.variables:
        if variable.role.is_data and variable.is_batched:
            data[variable.name] = _spoiled(data[variable.name], variable.axes, lengths)
    return replace(at, data=data)


def padded(at: Arguments, lengths: Mapping[str, Array], module: Any) -> Results:
    """The loss and the gradients of a padded batch."""
    loss, gradients = call.loss_and_grad(module, at, lengths=_given(lengths))
    return {"loss": np.array(loss), **gradients}


def in_two_calls(at: Arguments, lengths: Mapping[str, Array], module: Any) -> Results:
    """The parameters' gradients by `forward` and `backward`."""
    return call.backward(module, at, lengths=_given(lengths))


def _given(lengths: Mapping[str, Array]) -> Any:
    return dict(lengths) if len(lengths) > 1 else next(iter(lengths.values()))


def one_by_one(system: System, at: Arguments, lengths: Mapping[str, Array], module: Any) -> Results:
    """The sum over the examples, each run by itself on its own steps; terms without data count once."""
    total: Results = {}
    for number in range(at.sizes["B"]):
        sizes = {**at.sizes, **{size: int(steps[number]) for size, steps in lengths.items()}}
        alone = replace(at.example(number, keep_axis=False), sizes=sizes)
        cut = {
            v.name: alone.data[v.name][_steps(v.axes, sizes, lengths)]
            for v in system.variables
            if v.name in alone.data and v.axes
        }
        loss, gradients = call.loss_and_grad(module, replace(alone, data=alone.data | cut))
        found = {"loss": np.array(loss), **gradients}
        for name, array in _once(system, at, sizes).items():
            if name in found:  # the function takes no start that it does not read
                found[name] = found[name] - array
        for name, array in found.items():
            whole = _put(array, at, name, number)
            total[name] = total[name] + whole if name in total else whole
    for name, array in _once(system, at, at.sizes).items():
        if name in total:
            total[name] = total[name] + array
    return total


def _spoiled(array: Array, axes: tuple[Axis, ...], lengths: Mapping[str, Array]) -> Array:
    """An array with NaN, infinity, huge numbers, or classes that are none, beyond each example's end."""
    array = np.array(array)
    kinds = [axis.kind for axis in axes]
    examples = np.moveaxis(array, kinds.index(AxisKind.BATCH), 0)
    junk = np.array([10**9, -7]) if array.dtype.kind in "iu" else np.array([np.nan, np.inf, 1e30])
    for number in range(len(examples)):
        example = examples[number, ...]
        sequential = [axis for axis in axes if axis.kind is not AxisKind.BATCH]
        own = np.zeros(example.shape, bool)
        own[_steps(tuple(sequential), {size: int(n[number]) for size, n in lengths.items()}, lengths)] = True
        example[...] = np.where(own, example, np.resize(junk, example.shape))
    return array


def _steps(axes: tuple[Axis, ...], sizes: Mapping[str, int], lengths: Collection[str]) -> tuple[slice, ...]:
    """One example's own steps in an array of it."""
    single = [axis for axis in axes if axis.kind is not AxisKind.BATCH]
    return tuple(
        slice(sizes[axis.name]) if axis.kind is AxisKind.SEQUENCE and axis.name in lengths else slice(None)
        for axis in single
    )


def _put(array: Array, at: Arguments, name: str, number: int) -> Array:
    """One example's result as a part of the whole batch's."""
    if name not in at.batch_axes:
        return array
    whole = np.zeros_like(at.data[name], dtype=float)
    own: tuple[int | slice, ...] = (number, *(slice(n) for n in array.shape))
    np.moveaxis(whole, at.batch_axes[name], 0)[own] = array
    return whole


def _once(system: System, at: Arguments, sizes: Mapping[str, int]) -> Results:
    """The loss's terms that depend on no data, and their gradients."""
    free = [e for e in system.equations if e.target == "loss" and not _is_batched(system, e.right)]
    if not free:
        return {}
    kept = (*(e for e in system.equations if e.target != "loss"), *free)
    alone = replace(system, equations=tuple(kept))
    given = {v.name: at.params[v.name] for v in system.with_role(Role.PARAM)}
    given |= {v.name: at.data[v.name][_steps(v.axes, sizes, sizes)] for v in system.with_role(Role.CONST)}
    starts = {k: names for k, names in call.start_keywords(system).items() if k not in at.batch_axes}
    for keyword, names in starts.items():
        given |= dict(zip(names, at.data[keyword] if len(names) > 1 else [at.data[keyword]], strict=True))
    asked = [name for name in given if system.by_name[name].role is not Role.CONST]
    loss = Interpreter(alone, sizes).evaluate(given, ["loss"])["loss"].array
    found = complex_step(alone, sizes, given, inputs=asked)
    slopes = {name: slope for name, slope in found.items() if system.by_name[name].role is not Role.START}
    return {"loss": loss} | slopes | {k: call.by_keyword(names, found) for k, names in starts.items()}


def _is_batched(system: System, expression: Any) -> bool:
    return any(system.by_name[ref.name].is_batched for ref in refs(expression))
