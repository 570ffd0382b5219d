"""`state=` and `last_state` of a module: a long sequence in pieces, each going on from what the last one left.

Where all that later steps read are variables whose starts a call can give, a state is just these starts. For other
models the private functions of the padded system read it, which must then be the system of a piece.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from derive.calculus.continuing import before_name, done_name, fresh_name
from derive.calculus.lengths import sequences
from derive.emit.numpy.functions import GLOBAL, Function, function_text, identifiers
from derive.emit.numpy.interface import Body, kept_axes
from derive.emit.numpy.names import Names
from derive.emit.numpy.shapes import group, strings
from derive.emit.numpy.sizes import BATCH, spell
from derive.emit.numpy.stepping import Held, count_field, held
from derive.emit.numpy.text import folded, table, unpacked
from derive.expressions import AxisKind
from derive.schedule.stepping import Stepping
from derive.system import System

STATE = ("state", "State | None = None")
_RESUMED = ("forward", "loss", "loss_and_grad")
_MEANING = "what an earlier piece left, from last_state or step: the sequence goes on from there"


@dataclass(frozen=True)
class Resuming:
    """How a module's functions go on from a state.

    Attributes:
        step: the model's single step, which says what a state holds.
        held: of these the variables and data that the padded system reads of a state, each with its lags; the others
            are starts.
    """

    step: Stepping
    held: tuple[tuple[str, int], ...] = ()

    @property
    def is_general(self) -> bool:
        """Whether the functions turn to private ones for a state."""
        return bool(self.held) or self.step.counts

    def public(self, function: Function) -> Function:
        """A public function that takes a state."""
        if function.name not in (*_RESUMED, *(("backward",) if self.is_general else ())):
            return function
        names = function.checks.names
        hidden = not GLOBAL.isdisjoint(a.keyword for a in function.given)
        kept = dict(self.step.state).keys() - dict(self.held).keys()
        starts = {
            a.variable.start.of: (a.keyword, a.local(names) if hidden else a.keyword)
            for a in function.given
            if a.variable.start is not None and a.variable.start.of in kept
        }
        lines: list[str] = []
        if starts:
            given = group([f'("{keyword}", {local})' for keyword, local in starts.values()])
            call = f"_resumed(state, {strings(list(starts))}, {given})"
            lines = ["if state is not None:", *(f"    {s}" for s in unpacked([x for _, x in starts.values()], call, 8))]
        rows = (*function.rows, ("state", "", "State", _MEANING))
        return replace(function, after=(*function.after, STATE), rows=rows, beginning=(*lines, *function.beginning))

    def private(self, function: Function) -> Function:
        """A private function that reads what a state holds."""
        checks = function.checks
        lines = self.read(checks.system, checks.names, identifiers(tuple(function.body.lines)), checks.has_batch)
        return replace(function, after=(*function.after, STATE), opening=(*lines, *function.opening))

    def read(self, system: System, names: Names, used: frozenset[str], has_batch: bool) -> list[str]:
        """The lines that read of a state what no start is.

        Args:
            system: the system of a piece.
            names: its identifiers.
            used: the identifiers that are read later.
            has_batch: whether it is known that there is one example.
        """
        axis = self.step.axis
        dtype, single = names.local["dtype"], names.local["single"] if has_batch else "True"
        lines = ["state = None if state is None else _as_state(state)"]
        fresh, done = names.variable.get(fresh_name(axis)), names.variable.get(done_name(axis))
        if fresh in used:
            lines.append(f"{fresh} = float(state is None)")
        if done in used:
            field = axis.name.lower()
            lines.append(f'{done} = 0 if state is None else _count("state.{field}", state.{field})')
        for name, lags in self.held:
            found = [system.by_name[before_name(name, k)] for k in range(lags, 0, -1)]
            own = [names.variable[v.name] for v in found]
            if used.isdisjoint(own):
                continue
            axes, classes = found[0].axes, found[0].classes
            size = [names.size[BATCH] if a.kind is AxisKind.BATCH else spell(a.size, names.size) for a in axes]
            letters = strings([BATCH if a.kind is AxisKind.BATCH else spell(a.size) for a in axes])
            passed = ["state", f'"{name}"', str(lags), group(size), letters, single]
            passed += [dtype] if classes is None else ["np.intp", spell(classes, names.size), f'"{spell(classes - 1)}"']
            lines += unpacked(own, f"_before({', '.join(passed)})", 4)
        return lines


def last_state_text(system: System, names: Names, body: Body, lengths: bool) -> str:
    """The function `last_state`.

    Args:
        system: the system with the batch.
        names: the module's identifiers.
        body: the body of `step`.
        lengths: whether the examples may have lengths of their own.
    """
    state = held(system, names, body)
    data = [s for s in state if s.variable.role.is_data]
    leader = next((s for s in state if s.variable.is_batched), state[0])
    lengths = lengths and leader.variable.is_batched
    goes_on = bool(data) or body.counts
    given = [names.keyword[s.variable.name] for s in data]
    keywords = [f"{keyword}: np.ndarray" for keyword in given]
    keywords += ["lengths: np.ndarray | dict[str, np.ndarray] | int | None = None"] if lengths else []
    keywords += [": ".join(STATE)] if goes_on else []
    lines = ["forward = _as_forward(forward)"]
    lines += ["state = None if state is None else _as_state(state)"] if goes_on else []
    lines += [f'{keyword} = _array("{keyword}", {keyword})' for keyword in given]
    lines += _lengths(system, names, body, leader) if lengths else []
    values = [f"{s.field}={_last(system, names, body, s, lengths)}" for s in state]
    if body.counts:
        steps = f"{_array(names, leader)}.shape[{_axis(system, body, leader)}]{_minus(_before(system, body, leader))}"
        field = count_field(body)
        values.append(
            f"{field}=_steps_so_far(state, {'steps' if lengths else steps}, {'lengths' if lengths else None})"
        )
    lines += folded("return State(", values, ")", 4)
    rows = [(name, "as `forward` was given it") for name in (*given, *(["lengths"] * lengths), *(["state"] * goes_on))]
    signature = ["forward: Forward", *(["*"] if keywords else []), *keywords]
    title = "The state after the last step, from what `forward` returned."
    return function_text("last_state", signature, "State", title, table(rows, 4) if rows else [], lines)


def _axis(system: System, body: Body, state: Held) -> int:
    """The axis of the steps."""
    axes = system.by_name[state.variable.name].axes
    return next(n for n, axis in enumerate(axes) if axis == body.along)


def _before(system: System, body: Body, state: Held) -> int:
    """How many steps before the first one an array has."""
    axis = kept_axes(system, state.variable.name)[_axis(system, body, state)]
    assert body.along is not None
    return int(axis.size - body.along.size)


def _minus(number: int) -> str:
    return f" - {number}" if number else ""


def _array(names: Names, state: Held) -> str:
    """All of its steps."""
    name = state.variable.name
    return names.keyword[name] if state.variable.role.is_data else f"forward.{name}"


def _lengths(system: System, names: Names, body: Body, leader: Held) -> list[str]:
    """The lines that read the examples' own lengths."""
    assert body.along is not None
    array, rank = _array(names, leader), len(system.by_name[leader.variable.name].axes)
    batch = next(n for n, a in enumerate(system.by_name[leader.variable.name].axes) if a.kind is AxisKind.BATCH)
    known = strings([axis.name for axis in sequences(system)])
    single = f"{array}.ndim < {rank}"
    passed = f'"{body.along.name}", {known}, steps, 1 if {single} else {array}.shape[{batch}], {single}, 1'
    return [
        f"steps = {array}.shape[{_axis(system, body, leader)}]{_minus(_before(system, body, leader))}",
        *folded("lengths = None if lengths is None else _lengths(", ["lengths", *passed.split(", ")], ")", 4),
    ]


def _last(system: System, names: Names, body: Body, state: Held, lengths: bool) -> str:
    """The last steps of a variable or of data."""
    variable = system.by_name[state.variable.name]
    own = "lengths" if lengths and variable.is_batched else "None"
    axis = _axis(system, body, state)
    if not variable.role.is_data:
        return f"_last(forward.{variable.name}, {axis}, {state.lags}, {_before(system, body, state)}, {own})"
    keyword = names.keyword[variable.name]
    earlier = f"None if state is None else state.{state.field}"
    return f'_last_given("{keyword}", {keyword}, {axis}, {state.lags}, {own}, {earlier})'
