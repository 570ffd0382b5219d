"""The first state: what a step reads of the steps before it when there were none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy

from derive.affine import at_least
from derive.calculus.indices import ends
from derive.expressions import Axis, AxisKind, Domain, Index, Range
from derive.system import Equation, Variable

Box = tuple[tuple[sympy.Expr, sympy.Expr], ...]


def lagged(name: str, lag: int) -> str:
    """The name of a variable `lag` steps ago."""
    return f"{name}@{lag}"


def beginning(
    state: Iterable[tuple[str, int]],
    starts: Iterable[Equation],
    step: Iterable[Equation],
    table: Mapping[str, Variable],
) -> list[Equation]:
    """The equations of the first state; what no equation says is 0, and no step reads it.

    Args:
        state: each lagged variable and its number of lags.
        starts: the equations of the cells before the first step.
        step: the equations at a step.
        table: the variables at a step.
    """
    found: list[Equation] = []
    for name, lags in state:
        whole = tuple(_hull(table[name], position, step) for position in range(len(table[name].axes)))
        for k in range(1, lags + 1):
            mine = [e for e in starts if e.target == lagged(name, k)]
            found += [*mine, *_filling(lagged(name, k), table[name].axes, whole, mine)]
    return found


def _filling(name: str, axes: tuple[Axis, ...], whole: Box, mine: list[Equation]) -> list[Equation]:
    """Zeros for the cells that a variable has at a step, and not before the first one."""
    if not mine:
        return [_zero(name, axes, whole)]
    made: list[Equation] = []
    for position, axis in enumerate(axes):
        for cell in whole[position] if axis.kind is AxisKind.SEQUENCE else ():
            reached = [ends(e.subscripts[position], e.domain) for e in (*mine, *made)]
            if not any(r is not None and at_least(cell, r[0]) and at_least(r[1], cell) for r in reached):
                edge = tuple((cell, cell) if n == position else w for n, w in enumerate(whole))
                made.append(_zero(name, axes, edge))
    return made


def _hull(variable: Variable, position: int, step: Iterable[Equation]) -> tuple[sympy.Expr, sympy.Expr]:
    """The least and the greatest cell that a variable has at a step."""
    axis = variable.axes[position]
    low, high = axis.first, axis.last
    for equation in step:
        found = ends(equation.subscripts[position], equation.domain) if equation.target == variable.name else None
        if found is not None:
            low = found[0] if at_least(low, found[0]) else low
            high = found[1] if at_least(found[1], high) else high
    return low, high


def _zero(name: str, axes: tuple[Axis, ...], cells: Box) -> Equation:
    """Zeros in a box of cells."""
    at = [Index(f"{axis.name.lower()}.{n}", axis) for n, axis in enumerate(axes)]
    domain: Domain = tuple(Range(index, *cell) for index, cell in zip(at, cells, strict=True))
    return Equation(name, tuple(r.index for r in domain), sympy.Integer(0), domain)
