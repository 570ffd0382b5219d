"""Each gradient step by step: what every rule of the trace made of its equations, with the rule's name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from derive.calculus.adjoint import grad_name
from derive.calculus.trace import Step, Traced
from derive.emit.notation import forms, lines
from derive.expressions import refs
from derive.system import Equation, Role, System, Variable


@dataclass(frozen=True)
class Stage:
    """The equations of a gradient behind one rule or several that together changed what is printed.

    Attributes:
        rules: the names of the rules.
        lines: the equations that they made, in index notation.
    """

    rules: tuple[str, ...]
    lines: tuple[forms.Line, ...]


def derivation(traced: Traced) -> dict[str, tuple[Stage, ...]]:
    """For each gradient of the system, in its order, the stages that led to it; at least one.

    The gradient by a start is that of the state before its first step, and has no stages of its own.
    """
    system = traced.system
    steps: dict[str, list[Step]] = {}
    for step in traced.steps:
        steps.setdefault(step.target, []).append(step)
    names = dict.fromkeys(e.target for e in system.equations if system.by_name[e.target].role is Role.GRAD)
    starts = {grad_name(variable.name) for variable in system.with_role(Role.START)}
    return {name: tuple(_stages(system, name, steps.get(name, []))) for name in names if name not in starts}


def _stages(system: System, name: str, steps: list[Step]) -> Iterator[Stage]:
    shown: tuple[forms.Line, ...] = ()
    rules: tuple[str, ...] = ()
    for step in steps:
        if not step.after:
            continue
        found = tuple(lines(_with(system, name, step.after), step.after, "index"))
        rules = (*rules, step.rule)
        if found != shown:
            yield Stage(rules, found)
            shown, rules = found, ()


def _with(system: System, name: str, equations: tuple[Equation, ...]) -> System:
    """The system with other equations of one gradient; they may read gradients that later rules put in elsewhere."""
    read = {ref.name for equation in equations for ref in refs(equation.right)}
    missing = []
    for other in sorted(read - system.by_name.keys()):
        of = system.by_name.get(other.removeprefix("grad(").removesuffix(")"))
        if other.startswith("grad(") and of is not None:
            missing.append(Variable(other, Role.GRAD, of.axes))
    kept = tuple(equation for equation in system.equations if equation.target != name)
    return replace(system, variables=(*system.variables, *missing), equations=(*kept, *equations))
