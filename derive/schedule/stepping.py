"""One step of a model: the equations at a step, with what earlier steps left read from a state.

`v[t]` becomes `v`, and `v[t-k]` becomes `v@k`, a variable of its own; the sequence's axis is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy

from derive.affine import split
from derive.calculus.indices import indices
from derive.calculus.reach import dependents
from derive.expressions import AxisKind, Index, Ref, Sum, refs
from derive.system import Equation, Role, System, Variable


@dataclass(frozen=True)
class Stepping:
    """A model's single step.

    Attributes:
        system: the step's equations and those of the first state.
        state: each lagged variable and its number of lags.
        outputs: the file's variables that a step computes.
    """

    system: System
    state: tuple[tuple[str, int], ...]
    outputs: tuple[str, ...]


def lagged(name: str, lag: int) -> str:
    """The name of a variable `lag` steps ago."""
    return f"{name}@{lag}"


def stepping(system: System) -> Stepping | None:
    """The single step of a system of one sequence.

    Returns:
        The step; None where nothing is carried from step to step, or a step needs what a single step does not have.
    """
    running = {v.name for v in system.variables if any(a.kind is AxisKind.SEQUENCE for a in v.axes)}
    table = {v.name: _without_sequence(v) for v in system.variables}
    made: list[Equation] = []
    starts: list[Equation] = []
    refused: set[str] = set()
    for equation in system.equations:
        start = _start(equation, running)
        if start is not None:
            starts.append(replace(equation, target=lagged(equation.target, start), subscripts=equation.subscripts[1:]))
            continue
        found = _at_a_step(equation, running)
        if found is None:
            # One piece that needs more than a step has spoils all of its variable.
            refused.add(equation.target)
        else:
            made.append(found)
    absent = _absent(system, running)
    made = _computable([e for e in made if e.target not in refused], absent)
    computed = {e.target for e in made}
    reads = {ref.name for e in made for ref in refs(e.right)}
    lags: dict[str, int] = {}
    for name in sorted(reads):
        if "@" in name:
            own, _, lag = name.partition("@")
            lags[own] = max(lags.get(own, 0), int(lag))
    begun = {e.target for e in starts}
    if any(own not in computed or lagged(own, k) not in begun for own, n in lags.items() for k in range(1, n + 1)):
        return None
    state = tuple((v.name, lags[v.name]) for v in system.variables if v.name in lags)
    before = tuple(replace(table[own], name=lagged(own, k)) for own, n in state for k in range(1, n + 1))
    outputs = tuple(v.name for v in system.with_role(Role.VAR) if v.name in computed & running and not v.is_generated)
    answers = dependents(system, {v.name for v in system.with_role(Role.LABEL, Role.TARGET)})
    left_out = {v.name for v in system.with_role(Role.VAR) if v.name in running} - computed - answers
    if not state or left_out:
        return None
    wanted = {lagged(own, k) for own, n in state for k in range(1, n + 1)}
    starts = [e for e in starts if e.target in wanted]
    if not outputs or any(ref.name in running | (absent - computed) for e in starts for ref in refs(e.right)):
        return None
    whole = replace(system, variables=(*table.values(), *before), equations=(*made, *starts))
    return Stepping(whole, state, outputs)


def _absent(system: System, running: set[str]) -> set[str]:
    """What a step has only where an equation of it says so: everything defined, and the true answers."""
    answers = {v.name for v in system.with_role(Role.LABEL, Role.TARGET)} & running
    return answers | {v.name for v in system.with_role(Role.VAR)}


def _without_sequence(variable: Variable) -> Variable:
    return replace(variable, axes=tuple(a for a in variable.axes if a.kind is not AxisKind.SEQUENCE))


def _start(equation: Equation, running: set[str]) -> int | None:
    """The lag at which the first step reads what this equation defines; None for another equation."""
    if equation.target not in running:
        return None
    step = equation.subscripts[0]
    return 1 - int(step) if step.is_Integer and step <= 0 else None


def _at_a_step(equation: Equation, running: set[str]) -> Equation | None:
    """The equation at one step; None where it needs other steps than this one and earlier ones."""
    if equation.target not in running:
        return None if any(ref.name in running for ref in refs(equation.right)) else equation
    index, offset = split(equation.subscripts[0])
    own = next((r for r in equation.domain if r.index == index), None)
    if index is None or offset != 0 or own is None or (own.first, own.last) != (index.axis.first, index.axis.last):
        return None
    right = _shifted(equation.right, index, running)
    if right is None or index in indices(right) or index.axis.size in right.free_symbols:
        return None
    return replace(
        equation,
        subscripts=equation.subscripts[1:],
        right=right,
        domain=tuple(r for r in equation.domain if r is not own),
    )


def _shifted(expression: sympy.Expr, index: Index, running: set[str]) -> sympy.Expr | None:
    if isinstance(expression, Ref):
        subscripts = list(expression.subscripts)
        name = expression.name
        if name in running:
            own, offset = split(subscripts.pop(0))
            if own != index or not offset.is_Integer or offset > 0:
                return None
            name = lagged(name, -int(offset)) if offset != 0 else name
        moved = [_shifted(s, index, running) for s in subscripts]
        return None if None in moved else Ref(name, *moved)
    if not expression.args:
        return expression
    if isinstance(expression, Sum) and expression.range.axis.kind is AxisKind.SEQUENCE:
        return None
    inner = [_shifted(a, index, running) if isinstance(a, sympy.Expr) else a for a in expression.args]
    return None if None in inner else expression.func(*inner)


def _computable(equations: list[Equation], absent: set[str]) -> list[Equation]:
    """The equations that rest only on what a step has: not on what is absent and has no equation at a step."""
    while True:
        have = {e.target for e in equations}
        kept = [e for e in equations if all(ref.name not in absent or ref.name in have for ref in refs(e.right))]
        if len(kept) == len(equations):
            return kept
        equations = kept
