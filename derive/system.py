"""The first representation: a model, or its gradient, as a system of recurrence equations over indices.

`Equation(target, subscripts, right, domain)` means `target[subscripts] += right` for every index of the domain; an
index of the domain that the subscripts lack is summed. Equations of one target add. Right sides are SymPy expressions
over `Ref` (a variable at subscripts), `Sum`, index and size symbols, numbers, and the functions of `functions.py`.
Everything is frozen, and there are no algorithms here.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from functools import cached_property

import sympy

from derive.errors import Place
from derive.expressions import Axis, AxisKind, Domain, Ref


class Role(enum.Enum):
    """What a variable is to the model."""

    INPUT = "Input"
    INDEX = "Index"
    TARGET = "Target"
    LABEL = "Label"
    PARAM = "Param"
    CONST = "Const"
    START = "start"  # the value of a state before its first step; a call may give it
    VAR = "Var"  # defined by equations
    GRAD = "grad"  # defined by derived equations; cells that no equation covers are 0

    @property
    def is_data(self) -> bool:
        """Whether each example has its own."""
        return self in _DATA

    @property
    def is_integer(self) -> bool:
        """Whether it holds whole numbers and has no gradient."""
        return self in (Role.INDEX, Role.LABEL)

    @property
    def is_given(self) -> bool:
        """Whether a caller gives it, rather than an equation."""
        return self not in (Role.VAR, Role.GRAD)


_DATA = frozenset({Role.INPUT, Role.INDEX, Role.TARGET, Role.LABEL})

Nested = float | int | tuple["Nested", ...]


@dataclass(frozen=True)
class Start:
    """Which cell a `START` variable is: variable `of` at `step` (0, -1, ... before the first step)."""

    of: str
    step: sympy.Expr


@dataclass(frozen=True)
class Variable:
    """A named array.

    Attributes:
        name: as the file spells it; generated names hold a "." or a "(", which no file can spell.
        role: what it is to the model.
        axes: sequences first (in the order of the left side), then the batch, then features.
        classes: for integer data the number of values; they count from 0 (from 1 with 0 for none over a sequence).
        default: a number or nested tuples of numbers: a `Const`'s value, a `Param`'s first value, a start's value.
        start: for a `START` variable, the cell that it is.
        comment: the comment behind the declaration.
        place: where it is declared, or first defined.
    """

    name: str
    role: Role
    axes: tuple[Axis, ...] = ()
    classes: sympy.Expr | None = None
    default: Nested | None = None
    start: Start | None = None
    comment: str = ""
    place: Place | None = field(default=None, compare=False)

    @property
    def is_generated(self) -> bool:
        """Whether derive made the name, so that no file can spell it."""
        return not self.name.isidentifier()

    @property
    def is_batched(self) -> bool:
        """Whether it has a batch axis."""
        return any(axis.kind is AxisKind.BATCH for axis in self.axes)


class Reduction(enum.Enum):
    """How the values that fall on one cell are put together."""

    SUM = "sum"
    MAX = "max"
    LOGSUMEXP = "logsumexp"
    NORMALISER = "normaliser"  # a logsumexp, but 0 of nothing: a softmax over an empty range has no weights, and no NaN
    CHOICE = "choice"  # the place of one of them: of the greatest, or drawn with the values as chances


@dataclass(frozen=True)
class Equation:
    """`target[subscripts] += right` for every index of the domain (or max, or log of the sum of exponentials).

    Attributes:
        target: name of the variable.
        subscripts: one per axis of the target.
        right: SymPy expression over Ref, Sum, indices, sizes, numbers and the table's functions.
        domain: the ranges of every free index of the subscripts and of the right side, outer first. An index that the
            subscripts lack is reduced by `reduction`.
        reduction: how equal cells are put together. Only one equation may define a target that is not a sum.
        text: the line of the file that it comes from, or an empty string.
        comment: the comment behind that line.
        place: where that line is.
    """

    target: str
    subscripts: tuple[sympy.Expr, ...]
    right: sympy.Expr
    domain: Domain
    reduction: Reduction = Reduction.SUM
    text: str = ""
    comment: str = ""
    place: Place | None = field(default=None, compare=False)

    @property
    def left(self) -> Ref:
        """The target at its subscripts."""
        return Ref(self.target, *self.subscripts)

    def __str__(self) -> str:
        """The equation with its sign and its ranges, for people."""
        sign = "+=" if self.reduction is Reduction.SUM else f"{self.reduction.value}="
        ranges = "; ".join(map(str, self.domain))
        return f"{self.left} {sign} {self.right}" + (f"   [{ranges}]" if ranges else "")


@dataclass(frozen=True)
class System:
    """A model, or a model with its gradient.

    Attributes:
        name: the model's name (the file's stem).
        doc: the file's docstring.
        variables: every variable, given ones in the file's order, then defined ones in the order of the file.
        equations: every equation, in the order of the file.
        source: the text it was read from.
    """

    name: str
    variables: tuple[Variable, ...]
    equations: tuple[Equation, ...]
    doc: str = ""
    source: str = ""

    @cached_property
    def by_name(self) -> dict[str, Variable]:
        """The variables by name."""
        return {variable.name: variable for variable in self.variables}

    @cached_property
    def position(self) -> dict[str, int]:
        """Where each variable stands among them."""
        return {variable.name: n for n, variable in enumerate(self.variables)}

    @cached_property
    def defining(self) -> dict[str, tuple[Equation, ...]]:
        """The equations by target, in order."""
        table: dict[str, list[Equation]] = {}
        for equation in self.equations:
            table.setdefault(equation.target, []).append(equation)
        return {name: tuple(equations) for name, equations in table.items()}

    def with_role(self, *roles: Role) -> tuple[Variable, ...]:
        """The variables of these roles, in order."""
        return tuple(variable for variable in self.variables if variable.role in roles)
