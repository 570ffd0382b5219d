"""Truncation in time: windows are the steps 1..k, k+1..2k, ...; values cross from one to the next, no adjoint does.

What one step contributes to the gradient at another of the same sequence gets a factor, which is 1 where both are in
one window; a term that is summed over steps stands at each of them. A start before the first step is in the first
window, one after the last step in the last.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from derive.affine import at_least
from derive.calculus.adjoint import Border
from derive.calculus.indices import ends
from derive.calculus.lengths import own_name, step_name
from derive.expressions import Axis, AxisKind, Domain, Ref, refs, size_symbol
from derive.functions import maximum, minimum, same_window
from derive.system import Equation, System


def window_size(sequence: sympy.Expr) -> sympy.Symbol:
    """The size that is the length of a sequence's windows."""
    return size_symbol(f"window.{sequence}")


def borders(system: System) -> Border:
    """The factor with which a reading in an equation passes its gradient on, over a domain."""
    axes = {v.name: _sequences(v.axes) for v in system.variables}

    def factor(equation: Equation, ref: Ref, domain: Domain) -> sympy.Expr:
        found: sympy.Expr = sympy.Integer(1)
        for axis, position in axes[ref.name].items():
            here, there = _home(axis, equation, axes[equation.target], domain), ref.subscripts[position]
            if here is not None and here != there:
                last = _last(system, axis, ref, equation)
                steps = (_within(step, axis, last, domain) for step in (here, there))
                found = found * same_window(*steps, window_size(axis.size))
        return found

    return factor


def _home(axis: Axis, equation: Equation, axes: Mapping[Axis, int], domain: Domain) -> sympy.Expr | None:
    """The step at which a term stands: that of the left side, else that over which it is summed."""
    if axis in axes:
        return equation.subscripts[axes[axis]]
    return next((range_.index for range_ in domain if range_.axis == axis), None)


def _sequences(axes: tuple[Axis, ...]) -> Mapping[Axis, int]:
    """The first position of each sequence."""
    found: dict[Axis, int] = {}
    for position, axis in enumerate(axes):
        if axis.kind is AxisKind.SEQUENCE:
            found.setdefault(axis, position)
    return found


def _last(system: System, axis: Axis, *read: Ref | Equation) -> sympy.Expr:
    """The last step of a sequence: the example's own, where examples have their own and it is known which one it is."""
    own = system.by_name.get(own_name(axis.name))
    if own is None:
        return axis.size
    if not own.is_batched:
        return Ref(own.name)
    for one in read:
        variable = system.by_name[one.target if isinstance(one, Equation) else one.name]
        for subscript, a in zip(one.subscripts, variable.axes, strict=True):
            if a.kind is AxisKind.BATCH:
                return Ref(own.name, subscript)
    return axis.size


def _within(step: sympy.Expr, axis: Axis, last: sympy.Expr, domain: Domain) -> sympy.Expr:
    """A step as a number, counted from 0; a start is as the step next to it."""
    looked = {ref: Ref(own_name(axis.name), *ref.subscripts) for ref in refs(step) if ref.name == step_name(axis.name)}
    found = ends(step, domain)
    step = step.xreplace(looked) - 1
    if found is None or not at_least(found[0], axis.first):
        step = maximum(step, sympy.Integer(0))
    if found is None or not at_least(axis.last, found[1]):
        step = minimum(step, last - 1)
    return step
