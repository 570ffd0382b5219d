"""What has ended rests: beyond an example's end its states stay as they were at its last step.

Nothing reads them there, so no value and no gradient depends on it, and the equations of the gradient stand as they
are. But a state that ran on could grow until it is infinite, and infinity times a gradient of zero is no number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy

from derive.affine import at_least, split
from derive.calculus.indices import ends, sole
from derive.calculus.lengths import own_name
from derive.calculus.reach import dependents, precedents
from derive.calculus.stable import fresh_name
from derive.expressions import Axis, AxisKind, Ref, Sum, refs
from derive.functions import less_equal, where
from derive.system import Equation, Reduction, Role, System, Variable


def rest(system: System) -> System:
    """The system whose states rest beyond each example's end.

    Args:
        system: the whole batch with its own lengths, prepared; its gradient may be there already.
    """
    states = {v.name: axes for v in system.with_role(Role.VAR) if (axes := _carried(system, v))}
    variables = list(system.variables)
    taken = {v.name for v in variables}
    equations: list[Equation] = []
    for equation in system.equations:
        read = equation
        for axis in states.get(equation.target, ()):
            if not _is_general(system, read, axis):
                continue
            if equation.right.has(Sum):
                name = fresh_name(f"{equation.target.partition('.')[0]}.inside", taken)
                taken.add(name)
                variables.append(replace(system.by_name[equation.target], name=name, comment="", place=None))
                equations.append(replace(equation, target=name))
                equation = replace(equation, right=Ref(name, *equation.subscripts))
            equation = replace(equation, right=_resting(system, equation, axis))
        equations.append(equation)
    return replace(system, variables=tuple(variables), equations=tuple(equations)) if states else system


def _carried(system: System, variable: Variable) -> tuple[Axis, ...]:
    """The sequences along which a variable is carried from step to step by what depends on it, and by nothing back."""
    own = [axis for axis in variable.axes if own_name(axis.name) in system.by_name]
    if not own or not variable.is_batched or not _lags(system, variable, own):
        return ()
    circle = dependents(system, {variable.name}) & precedents(system, {variable.name})
    lags = _lags(system, variable, own, circle)
    return tuple(axis for axis, found in lags.items() if min(found) < 0 and max(found) <= 0)


def _lags(
    system: System, variable: Variable, axes: list[Axis], readers: frozenset[str] | None = None
) -> dict[Axis, set[int]]:
    """Along each sequence, how many steps ahead of its own a reader reads a variable."""
    found: dict[Axis, set[int]] = {}
    for equation in system.equations:
        if readers is not None and equation.target not in readers:
            continue
        if system.by_name[equation.target].role is Role.VAR:
            for ref in refs(equation.right):
                if ref.name == variable.name:
                    for axis, lag in _lag(system, equation, ref):
                        if axis in axes:
                            found.setdefault(axis, set()).add(lag)
    return {axis: lags for axis, lags in found.items() if any(lags)}


def _lag(system: System, equation: Equation, ref: Ref) -> Iterator[tuple[Axis, int]]:
    here = zip(equation.subscripts, system.by_name[equation.target].axes, strict=True)
    steps = {axis: split(s) for s, axis in reversed(list(here)) if axis.kind is AxisKind.SEQUENCE}
    for subscript, axis in zip(ref.subscripts, system.by_name[ref.name].axes, strict=True):
        if axis in steps:
            (mine, shift), (theirs, offset) = steps[axis], split(subscript)
            lag = offset - shift
            if mine is not None and mine is theirs and lag.is_Integer:
                yield axis, int(lag)


def _place(system: System, equation: Equation, axis: Axis) -> int:
    return system.by_name[equation.target].axes.index(axis)


def _is_general(system: System, equation: Equation, axis: Axis) -> bool:
    """Whether an equation alone holds at many steps, and another at the step before the first of them."""
    others = system.defining[equation.target]
    place = _place(system, equation, axis)
    index, offset = split(equation.subscripts[place])
    own = ends(equation.subscripts[place], equation.domain)
    if index is None or offset != 0 or own is None or equation.reduction is not Reduction.SUM:
        return False
    before = (ends(e.subscripts[place], e.domain) for e in others if e is not equation)
    return sole(equation, others) and any(b and at_least(own[0] - 1, b[0]) for b in before)


def _resting(system: System, equation: Equation, axis: Axis) -> sympy.Expr:
    """The right side up to the example's end, the value of the step before beyond it."""
    place = _place(system, equation, axis)
    axes = system.by_name[equation.target].axes
    example = next(s for s, a in zip(equation.subscripts, axes, strict=True) if a.kind is AxisKind.BATCH)
    index = equation.subscripts[place]
    before = (*equation.subscripts[:place], index - 1, *equation.subscripts[place + 1 :])
    within = less_equal(index, Ref(own_name(axis.name), example))
    return where(within, equation.right, Ref(equation.target, *before))
