"""The interface of a generated module: what each function takes and leaves behind.

In come the bodies that a printer made, with what they read; out come each function's arguments in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import sympy

from derive.emit.numpy.names import Names
from derive.emit.numpy.sizes import Shaped
from derive.expressions import Axis, AxisKind, refs
from derive.schedule.storage import layout
from derive.system import Role, System, Variable


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
    """

    lines: tuple[str, ...]
    reads: tuple[str, ...]
    results: tuple[str, ...]
    helpers: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    state: tuple[tuple[str, int], ...] = ()


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


@dataclass(frozen=True)
class Lagged:
    """A variable as a step meets it.

    Attributes:
        variable: the variable, with its axes at one step.
        lags: how many steps back it is read; 0 for a variable that no later step reads.
        field: its field in `State`.
        local: its identifier at the step itself.
        before: its identifiers at the steps before, the oldest first.
        stack: the identifier of what `State` holds: all of them in one array where there is more than one.
    """

    variable: Variable
    lags: int
    field: str
    local: str
    before: tuple[str, ...]
    stack: str

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes of what `State` holds."""
        return (*((Axis(sympy.Integer(self.lags)),) if self.lags > 1 else ()), *self.variable.axes)


def lagged(system: System, names: Names, body: Body) -> tuple[Lagged, ...]:
    """What `State` holds, from a body's `state`."""
    size = step_size(system, body)
    found = []
    for name, lags in body.state:
        variable = system.by_name[name]
        before = tuple(names.variable[f"{name}@{lag}"] for lag in range(lags, 0, -1))
        local = names.variable[name]
        stack = names.local.setdefault(f"{name}@", names.free(f"{local}_before")) if lags > 1 else before[0]
        field = local if variable.is_generated else name
        found.append(Lagged(replace(variable, axes=at_step(variable.axes, size)), lags, field, local, before, stack))
    return tuple(found)


def step_size(system: System, body: Body) -> sympy.Expr:
    """The length of the sequence along which a body steps."""
    axes = [axis for name, _ in body.state for axis in system.by_name[name].axes]
    return next(axis.size for axis in axes if axis.kind is AxisKind.SEQUENCE)


def at_step(axes: tuple[Axis, ...], size: sympy.Expr) -> tuple[Axis, ...]:
    """The axes without that of a sequence."""
    return tuple(axis for axis in axes if axis.kind is not AxisKind.SEQUENCE or axis.size != size)


def at_one_step(argument: Argument, size: sympy.Expr) -> Argument:
    """An argument as `step` takes it."""
    return replace(argument, variables=tuple(replace(v, axes=at_step(v.axes, size)) for v in argument.variables))


def shaped(argument: Argument, names: Names) -> Shaped:
    """What an argument must look like."""
    return Shaped(argument.keyword, argument.local(names), argument.axes, argument.required)
