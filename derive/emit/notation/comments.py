"""The equation behind a statement of generated code, as the comment above it."""

from __future__ import annotations

from collections.abc import Callable

from derive.emit.notation.folding import Folding
from derive.emit.notation.lines import nearest, render
from derive.system import Equation, System


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
            own = system.defining.get(name, ())
            derived[name] = render(system, own, "array", unicode=False, folding=folding) if own else []
        variable = system.by_name.get(name)
        return nearest(derived[name], equation.subscripts, variable.axes if variable is not None else ())

    return text
