"""The table of symbols: what each name is, what its values are, and the comment behind its declaration or equation."""

from __future__ import annotations

from dataclasses import dataclass

from derive.emit.derivation.formulas import formula
from derive.emit.notation import forms
from derive.emit.notation.forms import Form
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
class Shape:
    """What the values of a name are.

    Attributes:
        sizes: of each feature axis; none for a scalar.
        last: of whole numbers from 0 the greatest; None for real numbers.
        counts: whether it is a number of things itself, 1, 2, ...
    """

    sizes: tuple[Form, ...] = ()
    last: Form | None = None
    counts: bool = False


@dataclass(frozen=True)
class Symbol:
    """A row of the table.

    Attributes:
        form: the name at its steps, or a size.
        name: as the file spells it.
        shape: what its values are.
        role: what it is to the model, in a word.
        comment: what the file says of it, or nothing.
    """

    form: Form
    name: str
    shape: Shape
    role: str
    comment: str


def symbols(system: System) -> tuple[Symbol, ...]:
    """A row for each name that the file declares or defines, then one for each size."""
    named = (v for v in system.variables if v.role in _ROLES and not v.is_generated)
    return (*(_row(system, variable) for variable in named), *_sizes(system))


def _row(system: System, variable: Variable) -> Symbol:
    comments = [variable.comment, *(equation.comment for equation in system.defining.get(variable.name, ()))]
    comment = next((comment.strip() for comment in comments if comment.strip()), "")
    steps = [axis for axis in variable.axes if axis.kind is AxisKind.SEQUENCE]
    form = forms.Variable(variable.name, tuple(forms.Symbol(name) for name in _indices(steps)))
    return Symbol(form, variable.name, _shape(variable), _ROLES[variable.role], comment)


def _indices(axes: list[Axis]) -> list[str]:
    """The index of each sequence; the second of one sequence is numbered."""
    names = [str(axis.size).lower() for axis in axes]
    before = (names[:place].count(name) for place, name in enumerate(names))
    return [f"{name}{count}" if count else name for name, count in zip(names, before, strict=True)]


def _shape(variable: Variable) -> Shape:
    sizes = tuple(formula(axis.size) for axis in variable.axes if axis.kind is AxisKind.FEATURE)
    if variable.classes is None:
        return Shape(sizes)
    # A node of a sequence counts from 1, and 0 is none.
    is_node = variable.classes in {axis.size for axis in variable.axes if axis.kind is AxisKind.SEQUENCE}
    return Shape(sizes, formula(variable.classes if is_node else variable.classes - 1))


def _sizes(system: System) -> list[Symbol]:
    found: dict[str, AxisKind] = {}
    for variable in system.variables:
        for axis in variable.axes:
            for name in sorted(symbol.name for symbol in axis.size.free_symbols):
                if found.get(name) is not AxisKind.SEQUENCE:
                    found[name] = axis.kind
    rows = []
    for name, kind in found.items():
        is_length = kind is AxisKind.SEQUENCE
        comment = f"its index is {name.lower()}" if is_length else ""
        rows.append(
            Symbol(
                forms.Symbol(name), name, Shape(counts=True), "length of a sequence" if is_length else "size", comment
            )
        )
    return rows
