"""`init_state` and `step` of a generated module, with what `State` holds: everything that later steps read.

In come the bodies, out come the functions and the fields of the NamedTuples `State` and `Outputs`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sympy

from derive.emit.numpy.checks import Border, Checks, Parameters
from derive.emit.numpy.closings import stripped
from derive.emit.numpy.functions import Function, identifiers
from derive.emit.numpy.interface import Argument, Body, arguments, fields, kept_axes
from derive.emit.numpy.names import Names
from derive.emit.numpy.sizes import BATCH, Shaped
from derive.emit.numpy.text import folded
from derive.expressions import Axis
from derive.schedule.beginning import lagged as name_of
from derive.schedule.stepping import now
from derive.system import System, Variable

Field = tuple[str, tuple[Axis, ...] | None, str]  # name, axes (None for a whole number), comment


@dataclass(frozen=True)
class Held:
    """A variable as a step meets it.

    Attributes:
        variable: the variable, with its axes at one step.
        lags: how many steps back it is read.
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


def held(system: System, names: Names, body: Body) -> tuple[Held, ...]:
    """The arrays that `State` holds, from a body's `state`."""
    found = []
    for name, lags in body.state:
        variable = system.by_name[name]
        before = tuple(names.variable[name_of(name, lag)] for lag in range(lags, 0, -1))
        local = names.variable[name]
        stack = names.local.setdefault(name_of(name, 0), names.free(f"{local}_before")) if lags > 1 else before[0]
        field = local if variable.is_generated else name
        found.append(Held(_at_step(system, variable, body), lags, field, local, before, stack))
    return tuple(found)


def count_field(body: Body) -> str:
    """The field of `State` that counts the steps: what the index of the sequence is called."""
    assert body.along is not None
    return body.along.name.lower()


def state_fields(system: System, names: Names, body: Body) -> list[Field]:
    """The fields of `State`."""
    found: list[Field] = [(s.field, s.axes, s.variable.comment) for s in held(system, names, body)]
    return [*found, (count_field(body), None, "steps so far")] if body.counts else found


def output_fields(system: System, body: Body) -> list[Field]:
    """The fields of `Outputs`."""
    return [(v.name, v.axes, v.comment) for v in _outputs(system, body)]


def step_functions(parameters: Parameters, bodies: Mapping[str, Body]) -> list[Function]:
    """`init_state` and `step`, where the module has them."""
    if "step" not in bodies:
        return []
    return [_init_state(parameters, bodies["init_state"]), _step(parameters, bodies["step"])]


def _at_step(system: System, variable: Variable, body: Body) -> Variable:
    """A variable without the axis along which the body steps; of other sequences the cells that it has."""
    kept = zip(kept_axes(system, variable.name), variable.axes, strict=True)
    return replace(variable, axes=tuple(cells for cells, axis in kept if axis != body.along))


def _at_one_step(argument: Argument, body: Body) -> Argument:
    """An argument as `step` takes it."""
    variables = (replace(v, axes=tuple(a for a in v.axes if a != body.along)) for v in argument.variables)
    return replace(argument, variables=tuple(variables))


def _outputs(system: System, body: Body) -> list[Variable]:
    """The variables that a step gives, with their axes at one step."""
    return [_at_step(system, v, body) for v in fields(system) if v.name in body.results and body.along in v.axes]


def _step(parameters: Parameters, body: Body) -> Function:
    system, names = parameters.system, parameters.names
    state = held(system, names, body)
    given = tuple(_at_one_step(argument, body) for argument in arguments(system, names, body))
    shaped = tuple(Shaped(f"state.{s.field}", s.stack, s.axes) for s in state)
    classes = tuple((f"state.{s.field}", s.variable.classes) for s in state if s.variable.classes is not None)
    border = Border("_step_arguments", given, held=shaped, holder="state", sizes=_sizes(names, body), classes=classes)
    opening = [f"{', '.join(s.before)} = {s.stack}" for s in state if s.lags > 1]
    if body.counts:
        assert body.along is not None
        opening.append(f'{names.variable[now(body.along)]} = _count("state.{count_field(body)}", state[-1]) + 1')
    return Function(
        "step",
        "One step on: the state after it, and the variables at it.",
        "tuple[State, Outputs]",
        body,
        given,
        Checks(parameters, border),
        before=(("state", "State"),),
        opening=tuple(opening),
        closing=_step_closing(names, body, _outputs(system, body), state),
    )


def _init_state(parameters: Parameters, body: Body) -> Function:
    system, names = parameters.system, parameters.names
    state = held(system, names, body)
    given = arguments(system, names, body)
    has_data = any(a.required and a.variable.is_batched for a in given)
    by_number = not has_data and any(s.variable.is_batched for s in state)
    border = Border("_initial_arguments", given, by_number=by_number, sizes=_sizes(names, body))
    return Function(
        "init_state",
        "The state before the first step; of one example where `batch` is None." if by_number else "The first state.",
        "State",
        body,
        given,
        Checks(parameters, border),
        after=((names.local["batch"], "int | None = None"),) if by_number else (),
        closing=_initial_closing(names, body, state),
    )


def _step_closing(names: Names, body: Body, outputs: Sequence[Variable], state: Sequence[Held]) -> tuple[str, ...]:
    """`return State(...), Outputs(...)`: the lags move on by one."""
    lines = [f"{s.stack} = np.stack(({', '.join((*s.before[1:], s.local))}))" for s in state if s.lags > 1]
    kept = [(s.field, s.axes, s.stack if s.lags > 1 else s.local) for s in state]
    given = [(v.name, v.axes, names.variable[v.name]) for v in outputs]
    lines += stripped(names, ((axes, local) for _, axes, local in (*kept, *given)))
    parts = [f"{field}={local}" for field, _, local in kept]
    if body.counts:
        assert body.along is not None
        parts.append(f"{count_field(body)}={names.variable[now(body.along)]}")
    lines += folded(f"{names.local['result']} = State(", parts, ")", 4)
    values = [f"{name}={local}" for name, _, local in given]
    return (*lines, *folded(f"return {names.local['result']}, Outputs(", values, ")", 4))


def _initial_closing(names: Names, body: Body, state: Sequence[Held]) -> tuple[str, ...]:
    """`return State(...)`."""
    lines = [f"{s.stack} = np.stack(({', '.join(s.before)}))" for s in state if s.lags > 1]
    lines += stripped(names, ((s.axes, s.stack) for s in state))
    parts = [f"{s.field}={s.stack}" for s in state] + ([f"{count_field(body)}=0"] if body.counts else [])
    return (*lines, *folded("return State(", parts, ")", 4))


def _sizes(names: Names, body: Body) -> tuple[str, ...]:
    """The sizes that a body's lines mention."""
    used = identifiers(body.lines)
    return tuple(size for size, local in names.size.items() if local in used and size != BATCH)
