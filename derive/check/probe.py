"""What a function is given, as equations: every argument of a `log`, `relu`, `/`, ... becomes a variable to look at.

In comes a System, out comes the System with one more variable for each argument that a domain or a kink watches. The
interpreter then shows how far the data keep from where the model is undefined or bends.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import sympy

from derive.expressions import Domain, Ref, Sum, refs
from derive.functions import Elementwise
from derive.interpret import Array, Values
from derive.system import Equation, Reduction, Role, System, Variable

_DIFFERENTIABLE = (Role.INPUT, Role.TARGET, Role.PARAM, Role.START, Role.CONST)
_POSITIVE = ("log", "sqrt", "power")


@dataclass(frozen=True)
class Probe:
    """An argument that is watched.

    Attributes:
        name: the variable that holds it, over the axes of `indices`.
        what: the expression that watches, and the equation's text or target, for a message.
        argument: the argument itself.
        kinks: values that it must keep away from.
        low: what it must be above; minus infinity where anything goes.
        reduced: axes of the variable over which a maximum is taken, so that the two greatest must differ.
    """

    name: str
    what: str
    argument: sympy.Expr
    kinks: tuple[float, ...] = ()
    low: float = -math.inf
    reduced: tuple[int, ...] = ()

    def distance(self, values: Values) -> float:
        """How far the nearest value is from a kink or from the end of the domain; negative outside it.

        A value that sits on a kink to the last bit is there by construction (`relu(relu(v))`), and stays when the data
        move; it counts as far away.
        """
        array = values.array[~np.isnan(values.array)] if not self.reduced else values.array
        if not array.size:
            return math.inf
        if self.reduced:
            return self._gap(values.array)
        gaps = [np.abs(array - kink) for kink in self.kinks]
        gaps = [np.where(gap == 0, np.inf, gap) for gap in gaps]
        if self.low > -math.inf:
            gaps.append(array - self.low)
        return float(min(gap.min() for gap in gaps))

    def _gap(self, array: Array) -> float:
        kept = [axis for axis in range(array.ndim) if axis not in self.reduced]
        array = np.where(np.isnan(array), -np.inf, array)  # a cell outside the range is no candidate
        flat = np.sort(array.transpose(*kept, *self.reduced).reshape(*(array.shape[k] for k in kept), -1), axis=-1)
        if flat.shape[-1] < 2 or not flat.size:
            return math.inf
        with np.errstate(invalid="ignore"):
            gap = flat[..., -1] - flat[..., -2]
        return float(np.min(np.where((gap == 0) | np.isnan(gap), np.inf, gap)))


def with_probes(system: System) -> tuple[System, tuple[Probe, ...]]:
    """The system with a variable for everything that is to be watched, and what to watch for."""
    moving = _moving(system)
    variables: list[Variable] = []
    equations: list[Equation] = []
    probes: list[Probe] = []

    def watch(domain: Domain, argument: sympy.Expr, probe: Probe) -> None:
        name = f"probe.{len(probes)}"
        variables.append(Variable(name, Role.VAR, tuple(bounds.axis for bounds in domain)))
        equations.append(Equation(name, tuple(bounds.index for bounds in domain), argument, domain))
        probes.append(replace(probe, name=name))

    for equation in system.equations:
        where = equation.text or equation.target
        if equation.reduction is Reduction.MAX and _moves(equation.right, moving):
            kept = {symbol for subscript in equation.subscripts for symbol in subscript.free_symbols}
            axes = tuple(n for n, bounds in enumerate(equation.domain) if bounds.index not in kept)
            watch(equation.domain, equation.right, Probe("", f"max in {where}", equation.right, reduced=axes))
        for node, domain in _nodes(equation.right, equation.domain):
            for argument, kinks, low in _watched(node):
                if _moves(argument, moving):
                    watch(domain, argument, Probe("", f"{node} in {where}", argument, kinks, low))
    probed = replace(system, variables=(*system.variables, *variables), equations=(*system.equations, *equations))
    return probed, tuple(probes)


def _watched(node: sympy.Expr) -> Iterator[tuple[sympy.Expr, tuple[float, ...], float]]:
    """The arguments of one node that are watched, each with its kinks and its least value."""
    if isinstance(node, Elementwise):
        row = node.row
        if row.name in _POSITIVE:
            yield node.args[0], (), 0.0
        elif row.name == "tan":
            yield sympy.Integer(2) * node.args[0], (-math.pi, math.pi), -math.inf
        elif row.kinks:
            yield (row.decides(*node.args) if row.decides else node.args[0]), row.kinks, -math.inf
    elif node.is_Pow and not (node.exp.is_Integer and node.exp > 0):
        yield node.base, *(((0.0,), -math.inf) if node.exp.is_Integer else ((), 0.0))


def _nodes(expression: sympy.Expr, domain: Domain) -> Iterator[tuple[sympy.Expr, Domain]]:
    """Every node, with the domain in which it is computed: below a `Sum` its index joins."""
    yield expression, domain
    if isinstance(expression, Sum):
        yield from _nodes(expression.body, (*domain, expression.range))
    elif not isinstance(expression, Ref):
        for argument in expression.args:
            yield from _nodes(argument, domain)


def _moving(system: System) -> frozenset[str]:
    """The variables that change when real data or parameters do."""
    moving = {variable.name for variable in system.with_role(*_DIFFERENTIABLE)}
    grown = -1
    while grown != len(moving):
        grown = len(moving)
        moving.update(e.target for e in system.equations if _moves(e.right, frozenset(moving)))
    return frozenset(moving)


def _moves(expression: sympy.Expr, moving: frozenset[str]) -> bool:
    return any(ref.name in moving for ref in refs(expression))


def read_directly(argument: sympy.Expr) -> tuple[str, ...]:
    """The variables that an argument names, in order."""
    return tuple(dict.fromkeys(ref.name for ref in refs(argument)))
