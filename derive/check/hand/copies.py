"""A model in which every step uses a copy of its own of what all steps share: the textbook's `W^{(t)}`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sympy

from derive.affine import split
from derive.expressions import Axis, Index, Ref, Sum
from derive.system import Equation, Role, System, Variable


def copy_name(name: str) -> str:
    """The name of what is added to a variable at each step."""
    return f"{name}.copy"


def with_copies(system: System, names: Iterable[str], at: Axis) -> System:
    """The system with `W + W.copy[t]` for `W`, t the step of `at` at which it is used.

    That is the step of the left side; where it has none, that of the innermost sum over steps. A use at no step, or at
    one outside of the sequence, stays as it is.
    """
    shared = frozenset(names)
    variables = [Variable(copy_name(v.name), Role.INPUT, (at, *v.axes)) for v in system.variables if v.name in shared]
    equations = tuple(
        replace(equation, right=_copied(equation.right, shared, at, _step(equation, system, at)))
        for equation in system.equations
    )
    return replace(system, variables=(*system.variables, *variables), equations=equations)


def _step(equation: Equation, system: System, at: Axis) -> sympy.Expr | None:
    """The step of a sequence that an equation is about; None where it is about none."""
    axes = system.by_name[equation.target].axes
    for subscript, axis in zip(equation.subscripts, axes, strict=True):
        if axis == at:
            index, offset = split(subscript)
            if index is not None and offset == 0:
                return index
            return subscript if subscript == 1 or subscript == at.size else None
    own = [reach.index for reach in equation.domain if reach.axis == at]
    return own[-1] if own else None


def _copied(expression: sympy.Expr, shared: frozenset[str], at: Axis, step: sympy.Expr | None) -> sympy.Expr:
    if isinstance(expression, Ref):
        subscripts = [_copied(s, shared, at, step) for s in expression.subscripts]
        ref = Ref(expression.name, *subscripts)
        if expression.name not in shared or step is None:
            return ref
        return ref + Ref(copy_name(expression.name), step, *subscripts)
    if isinstance(expression, Sum):
        reach = expression.range
        inner = reach.index if reach.axis == at and step is None else step
        return Sum(_copied(expression.body, shared, at, inner), reach.index, reach.first, reach.last)
    if not expression.args or isinstance(expression, Index):
        return expression
    return expression.func(*(_copied(argument, shared, at, step) for argument in expression.args))
