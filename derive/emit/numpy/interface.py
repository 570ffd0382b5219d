"""The interface of a generated module: what each function takes and leaves behind.

In come the bodies that a printer made, with what they read; out come each function's arguments in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sympy

from derive.emit.numpy.names import Names
from derive.emit.numpy.sizes import Shaped
from derive.expressions import Axis, AxisKind, refs
from derive.schedule.storage import layout
from derive.system import Equation, Role, System, Variable


@dataclass(frozen=True)
class Body:
    """The statements of one function, and what they rest on.

    Attributes:
        lines: Python lines, indented from 0.
        reads: the given variables that it reads, and in `backward` those of `Forward`; sizes are always there.
        results: the variables whose local it leaves bound.
        helpers: the helper functions that it calls (`_sigmoid`).
        optional: given variables that may be None.
        state: in `step` and `init_state`, each lagged variable and its number of lags.
        along: there the sequence of the steps.
        counts: there whether the state holds the number of steps.
        arrays: what a workspace keeps for later calls: names, each with the expression that makes it.
    """

    lines: tuple[str, ...]
    reads: tuple[str, ...]
    results: tuple[str, ...]
    helpers: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    state: tuple[tuple[str, int], ...] = ()
    along: Axis | None = None
    counts: bool = False
    arrays: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> tuple[str, ...]:
        """Every line, of what makes the arrays too."""
        return (*(f"{name} = {value}" for name, value in self.arrays), *self.lines)


@dataclass(frozen=True)
class Argument:
    """What a caller gives by keyword.

    Attributes:
        keyword: the keyword.
        variables: the variable that it is; for the starts of a variable with several lags, each of them, oldest first.
        required: whether every call gives it.
    """

    keyword: str
    variables: tuple[Variable, ...]
    required: bool

    @property
    def variable(self) -> Variable:
        """The variable, or the first one."""
        return self.variables[0]

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes of what is given: several starts are stacked."""
        lags = len(self.variables)
        return (*((Axis(sympy.Integer(lags)),) if lags > 1 else ()), *self.variable.axes)

    def local(self, names: Names) -> str:
        """Its identifier where it is checked."""
        return self.keyword if len(self.variables) > 1 else names.variable[self.variable.name]


def arguments(system: System, names: Names, body: Body) -> tuple[Argument, ...]:
    """The arguments of a function besides the parameters: data, constants, starts; what is required first.

    Args:
        system: the system with the batch.
        names: gives the keywords.
        body: the function's body.
    """
    read = {*body.reads, *body.optional}
    found = [
        Argument(names.keyword[v.name], (v,), v.name not in body.optional and (v.role.is_data or v.default is None))
        for role in (True, False)
        for v in system.variables
        if v.name in read and (v.role.is_data if role else v.role is Role.CONST)
    ]
    found += [starts for starts in start_arguments(system, names) if any(v.name in read for v in starts.variables)]
    return tuple(sorted(found, key=lambda argument: not argument.required))


def start_arguments(system: System, names: Names) -> tuple[Argument, ...]:
    """The keywords of the starts that a call may give."""
    groups: dict[str, list[Variable]] = {}
    for variable in system.with_role(Role.START):
        groups.setdefault(names.keyword[variable.name], []).append(variable)
    return tuple(Argument(keyword, tuple(sorted(starts, key=_lag)), False) for keyword, starts in groups.items())


def _lag(variable: Variable) -> int:
    assert variable.start is not None
    return int(variable.start.step.as_coeff_Add()[0])


def least_lengths(system: System) -> dict[str, tuple[int, str]]:
    """Sequences that must have more than one step: their sizes, the least length, and the cell that asks for it.

    A cell that the file spells out (`s[2] = ...`, `g[T-1] = ...`) has to be there: other equations hold around it.
    """
    found: dict[str, tuple[int, str]] = {}
    for equation in system.equations:
        variable = system.by_name[equation.target]
        if variable.role is not Role.VAR:
            continue
        for subscript, axis in zip(equation.subscripts, variable.axes, strict=True):
            if axis.kind is not AxisKind.SEQUENCE or not subscript.free_symbols <= {axis.size} or refs(subscript):
                continue
            behind = subscript - axis.size
            least = int(subscript) if subscript.is_Integer else 1 - int(behind) if behind.is_Integer else 1
            if least > found.get(axis.name, (1, ""))[0]:
                found[axis.name] = least, _cell(equation, variable)
    return found


def _cell(equation: Equation, variable: Variable) -> str:
    """A left side as a person writes it, without the batch and its features."""
    steps = [
        "".join(str(s).split())
        for s, a in zip(equation.subscripts, variable.axes, strict=True)
        if a.kind is AxisKind.SEQUENCE
    ]
    return f"{variable.name.partition('.')[0]}[{', '.join(steps)}]"


def is_sequence(system: System, size: sympy.Expr) -> bool:
    """Whether a size is the length of a sequence."""
    axes = (axis for variable in system.variables for axis in variable.axes)
    return any(axis.kind is AxisKind.SEQUENCE and axis.size == size for axis in axes)


def node_axis(variable: Variable) -> int | None:
    """The axis of the nodes that point to others: the sequence whose steps are the values too."""
    places = (n for n, a in enumerate(variable.axes) if a.kind is AxisKind.SEQUENCE and a.size == variable.classes)
    return next(places, None)


def kept_axes(system: System, name: str) -> tuple[Axis, ...]:
    """The axes of a variable as it is stored: a sequence with starts has their steps too."""
    variable = system.by_name[name]
    extent = layout(variable, system.defining.get(name, ())).extent
    return tuple(Axis(size, axis.kind) for size, axis in zip(extent, variable.axes, strict=True))


def fields(system: System) -> tuple[Variable, ...]:
    """The variables that `forward` gives: all that the file defines."""
    return tuple(v for v in system.variables if v.role is Role.VAR and not v.is_generated)


def dependent(system: System, sources: Iterable[str]) -> frozenset[str]:
    """The variables that cannot be computed without the sources, the sources included."""
    reached = set(sources)
    before = -1
    while before != len(reached):
        before = len(reached)
        for equation in system.equations:
            read = {ref.name for side in (equation.left, equation.right) for ref in refs(side)}
            if not read.isdisjoint(reached):
                reached.add(equation.target)
    return frozenset(reached)


def shaped(argument: Argument, names: Names) -> Shaped:
    """What an argument must look like."""
    return Shaped(argument.keyword, argument.local(names), argument.axes, argument.required)
