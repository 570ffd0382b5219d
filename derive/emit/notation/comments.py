"""The equation behind a statement of generated code, as the comment above it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from derive.emit.notation.folding import Folding
from derive.emit.notation.lines import nearest, render
from derive.expressions import Index, Ref
from derive.system import Equation, Role, System, Variable


def comments(system: System) -> Callable[[str, Equation], str]:
    """The text for a variable and one of its equations: the file's own line, or the derived equation in array notation.

    Args:
        system: what the equations are of.
    """
    folding = Folding(system)
    derived: dict[str, list[str]] = {}

    def text(name: str, equation: Equation) -> str:
        if equation.text and name == equation.target:
            return equation.text
        if name not in derived:
            of, own = system, system.defining.get(name, ())
            new = name == equation.target and name not in system.by_name
            if new and not isinstance(equation.right, Ref) and all(isinstance(s, Index) for s in equation.subscripts):
                of, own = _with(system, equation), (equation,)
            derived[name] = render(of, own, "array", unicode=False, folding=folding) if own else []
        variable = system.by_name.get(name)
        return nearest(derived[name], equation.subscripts, variable.axes if variable is not None else ())

    return text


def _with(system: System, equation: Equation) -> System:
    """The system with the variable that an equation of the schedule's own defines."""
    axes = tuple(s.axis for s in equation.subscripts)
    variable = Variable(equation.target, Role.VAR, axes)
    return replace(system, variables=(*system.variables, variable), equations=(*system.equations, equation))
