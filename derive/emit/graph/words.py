"""The labels and titles of nodes: a variable at a step, and its equations."""

from __future__ import annotations

import sympy

from derive.emit.graph.units import Unit
from derive.emit.notation import forms
from derive.emit.notation.forms import Form
from derive.system import System


def step(symbol: str, offset: int) -> Form:
    """A step as an index or a size, plus a whole number."""
    if not offset:
        return forms.Symbol(symbol)
    size = forms.Number(sympy.Integer(abs(offset)))
    return forms.Add((forms.Symbol(symbol), size if offset > 0 else forms.Negative(size)))


def number(value: int) -> Form:
    """A step as a number."""
    return forms.Number(sympy.Integer(value)) if value >= 0 else forms.Negative(forms.Number(sympy.Integer(-value)))


def moved(form: Form, by: int) -> Form:
    """A step so many steps later."""
    match form:
        case forms.Number(value):
            return number(int(value) + by)
        case forms.Negative(forms.Number(value)):
            return number(by - int(value))
        case forms.Symbol(name):
            return step(name, by)
        case forms.Add((forms.Symbol(name), forms.Negative(forms.Number(value)))):
            return step(name, by - int(value))
        case forms.Add((forms.Symbol(name), forms.Number(value))):
            return step(name, by + int(value))
    return form


def label(unit: Unit, steps: tuple[Form, ...]) -> Form:
    """A unit at steps; the sequences that it is not unrolled over keep their index."""
    full: list[Form] = []
    for place, name in enumerate(unit.sequences):
        if place in unit.kept:
            full.append(moved(steps[unit.kept.index(place)], -unit.shift))
        else:
            taken = sum(other == name for other in unit.sequences[:place])
            full.append(forms.Symbol(f"{name.lower()}{taken or ''}"))
    return forms.Variable(unit.variable, tuple(full))


def title(system: System, unit: Unit) -> str:
    """The equations of a unit as the file has them, or what the file says of data."""
    lines = []
    for member in unit.members:
        lines += [equation.text or str(equation) for equation in system.defining.get(member, ())]
        if not system.defining.get(member):
            comment = system.by_name[member].comment
            lines.append(f"{member}: {system.by_name[member].role.value}" + (f", {comment}" if comment else ""))
    return "; ".join(dict.fromkeys(lines))
