"""At which steps a factor is not zero, so that what it is multiplied with counts: the weights of what is to come.

`e[t, t1] = where(t1 <= t, ..., -inf)` and `alpha[t, t1] = softmax(e[t, t1], t1)`: where the condition fails, `alpha` is
0, and `alpha[t, t1] * v[t1]` reads nothing.
"""

from __future__ import annotations

import sympy

from derive.emit.graph.deciding import is_of_steps
from derive.expressions import Index, Ref
from derive.functions import exp, where
from derive.system import Reduction, System

Conditions = tuple[tuple[sympy.Expr, bool], ...]


def counts(ref: Ref, system: System, depth: int = 0) -> Conditions:
    """What must hold of the steps for a variable not to be zero there; nothing where that is not known.

    Args:
        ref: the variable, at its steps.
        system: what defines it.
        depth: how many definitions were looked through.
    """
    right = _right(ref, system)
    if right is None or depth > 4:
        return ()
    if isinstance(right, exp):
        parts = sympy.Add.make_args(right.args[0])
        return tuple(pair for part in parts for pair in _finite(part, system, depth))
    if isinstance(right, Ref):
        return counts(right, system, depth + 1)
    return _branch(right, sympy.Integer(0))


def _finite(part: sympy.Expr, system: System, depth: int) -> Conditions:
    """What must hold for a term not to be minus infinity."""
    if isinstance(part, Ref):
        right = _right(part, system)
        return _finite(right, system, depth + 1) if right is not None and depth < 4 else ()
    return _branch(part, -sympy.oo)


def _branch(right: sympy.Expr, value: sympy.Expr) -> Conditions:
    """What must hold for a choice by steps not to be a value."""
    if not isinstance(right, where) or not is_of_steps(right.args[0]):
        return ()
    condition, then, otherwise = right.args
    if otherwise == value:
        return ((condition, True),)
    return ((condition, False),) if then == value else ()


def _right(ref: Ref, system: System) -> sympy.Expr | None:
    """What a variable is at steps, where one equation says so at all steps."""
    equations = system.defining.get(ref.name, ())
    if len(equations) != 1 or equations[0].reduction is not Reduction.SUM:
        return None
    subscripts = equations[0].subscripts
    if not all(isinstance(subscript, Index) for subscript in subscripts):
        return None
    return equations[0].right.xreplace(dict(zip(subscripts, ref.subscripts, strict=True)))
