"""The table of symbols: what each name is, its shape, and the comment behind its declaration or its equation."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from derive.emit.latex.printer import Latex
from derive.emit.latex.text import escape
from derive.emit.notation import forms
from derive.expressions import Axis, AxisKind
from derive.system import Role, System, Variable

_ROLES = {
    Role.INPUT: "input",
    Role.INDEX: "index",
    Role.TARGET: "target",
    Role.LABEL: "label",
    Role.PARAM: "parameter",
    Role.CONST: "constant",
    Role.VAR: "defined",
}


@dataclass(frozen=True)
class Symbol:
    """A row of the table; all but the name in LaTeX.

    Attributes:
        letter: how it is printed, in mathematics.
        name: how the file spells it, as text.
        shape: what its values are, in mathematics.
        meaning: its role and its comment, as text.
    """

    letter: str
    name: str
    shape: str
    meaning: str


def symbols(system: System, printer: Latex) -> list[Symbol]:
    """A row for each name that the file declares or defines, then one for each size."""
    rows = []
    for variable in system.variables:
        if variable.role in _ROLES and not variable.is_generated:
            rows.append(_row(system, variable, printer))
    return rows + _sizes(system, printer)


def _row(system: System, variable: Variable, printer: Latex) -> Symbol:
    comments = [variable.comment, *(equation.comment for equation in system.defining.get(variable.name, ()))]
    comment = next((comment.strip() for comment in comments if comment.strip()), "")
    steps = [axis for axis in variable.axes if axis.kind is AxisKind.SEQUENCE]
    indices = tuple(forms.Symbol(name) for name in _indices(steps))
    letter = printer.variable(forms.Variable(variable.name, indices))
    meaning = _ROLES[variable.role] + (f": {comment}" if comment else "")
    return Symbol(letter, escape(variable.name), _shape(variable, printer), escape(meaning))


def _indices(axes: list[Axis]) -> list[str]:
    """The index of each sequence; the second of one sequence is numbered."""
    names = [str(axis.size).lower() for axis in axes]
    before = (names[:place].count(name) for place, name in enumerate(names))
    return [f"{name}{count}" if count else name for name, count in zip(names, before, strict=True)]


def _shape(variable: Variable, printer: Latex) -> str:
    features = [_size(axis.size, printer) for axis in variable.axes if axis.kind is AxisKind.FEATURE]
    values = r"\mathbb{R}"
    if variable.classes is not None:
        # A node of a sequence counts from 1, and 0 is none.
        last = _size(variable.classes, printer)
        is_node = variable.classes in {axis.size for axis in variable.axes if axis.kind is AxisKind.SEQUENCE}
        values = rf"\{{0,\dots,{last}\}}" if is_node else rf"\{{0,\dots,{last}-1\}}"
    product = r" \times ".join(features)
    return f"{values}^{{{product}}}" if features else values


def _size(size: sympy.Expr, printer: Latex) -> str:
    return str(sympy.latex(size, symbol_names={symbol: printer.symbol(symbol.name) for symbol in size.free_symbols}))


def _sizes(system: System, printer: Latex) -> list[Symbol]:
    found: dict[str, AxisKind] = {}
    for variable in system.variables:
        for axis in variable.axes:
            for name in sorted(symbol.name for symbol in axis.size.free_symbols):
                if found.get(name) is not AxisKind.SEQUENCE:
                    found[name] = axis.kind
    rows = []
    for name, kind in found.items():
        what = f"length of a sequence; its index is {name.lower()}" if kind is AxisKind.SEQUENCE else "size"
        rows.append(Symbol(printer.symbol(name), escape(name), r"\mathbb{N}", escape(what)))
    return rows
