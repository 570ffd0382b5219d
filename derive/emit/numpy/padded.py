"""`lengths=` and `window=`: private functions beside the public ones, which these call where either is given.

In come the bodies of the system in which every example has its own lengths and no gradient leaves its window; out come
their functions, and the public functions with a first line that turns to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from derive.calculus.lengths import own_name, sequences, step_name
from derive.calculus.reach import dependents
from derive.calculus.windows import window_size
from derive.emit.numpy.bodies import bodies
from derive.emit.numpy.calls import WORKSPACE, WORKSPACE_ROW, functions
from derive.emit.numpy.checks import Checks, Parameters
from derive.emit.numpy.functions import Function, identifiers
from derive.emit.numpy.interface import Body, least_lengths, shaped
from derive.emit.numpy.names import Names
from derive.emit.numpy.resuming import Resuming
from derive.emit.numpy.shapes import strings
from derive.emit.numpy.sizes import BATCH, Shaped
from derive.emit.numpy.statements import Comment
from derive.expressions import Axis, AxisKind
from derive.schedule.programs import Programs
from derive.system import Role, System

_LENGTHS = ("lengths", "np.ndarray | dict[str, np.ndarray] | int | None = None")
_WINDOW = ("window", "int | dict[str, int] | None = None")
_WINDOWED = ("loss_and_grad", "backward")


@dataclass(frozen=True)
class Padded:
    """The system of padded examples and what its functions do.

    Attributes:
        system: the system, with the batch and its gradient.
        names: its identifiers.
        bodies: the statements of each function, by the name of the public one.
        resuming: how the functions go on from a state, where that is done here too.
    """

    system: System
    names: Names
    bodies: Mapping[str, Body]
    resuming: Resuming | None = None

    @property
    def helpers(self) -> tuple[str, ...]:
        """The helper functions that the bodies call."""
        return tuple(name for body in self.bodies.values() for name in body.helpers)

    @property
    def has_lengths(self) -> bool:
        """Whether examples may have lengths of their own."""
        return any(own_name(axis.name) in self.system.by_name for axis in sequences(self.system))

    def functions(self, public: Sequence[Function]) -> list[Function]:
        """The private functions of public ones."""
        names, plain = self.names, public[0].checks.system
        for local in ("batch", "batch_axis", "whole"):
            names.local.setdefault(local, names.free(local))
        found = functions(Parameters(self.system, names), self._bodies(public))
        if self.has_lengths:
            least = {size: steps for size, (steps, _) in least_lengths(plain).items()}
            if self.resuming is not None:  # a piece may be shorter than what its sequence begins with
                least.pop(self.resuming.step.axis.name, None)
            checks = {id(f.checks): _Checks(f.checks, least) for f in found}
            found = [replace(f, checks=checks[id(f.checks)]) for f in found]
        private = [self._private(f) for f in found if self.has_lengths or self.resuming or f.name in _WINDOWED]
        return private if self.resuming is None else [self.resuming.private(f) for f in private]

    def _bodies(self, public: Sequence[Function]) -> dict[str, Body]:
        """The bodies; whose gradient the public function may be asked for is there, be it 0."""
        found = dict(self.bodies)
        if "loss_and_grad" in found:
            body = found["loss_and_grad"]
            own = {v.name for v in self.system.with_role(Role.INPUT, Role.START)} - set(body.reads)
            more = (name for f in public if f.name == "loss_and_grad" for name in f.body.reads if name in own)
            found["loss_and_grad"] = replace(body, reads=(*body.reads, *more))
        return found

    def turning(self, public: Sequence[Function]) -> list[Function]:
        """The public functions, each with its turning to a private one."""
        private = {f.instead_of: f for f in self.functions(public)}
        return [self._turning(f, private[f.name]) if f.name in private else f for f in public] + list(private.values())

    def _private(self, function: Function) -> Function:
        """A function as the private one that it is."""
        name, windowed = function.name, function.name in _WINDOWED
        after = [_LENGTHS] * self.has_lengths + list(function.after) + [_WINDOW] * windowed
        why = ["examples have their own lengths"] * self.has_lengths + ["gradients stay in their windows"] * windowed
        return replace(
            function,
            name=f"_{name}_padded",
            instead_of=name,
            title=f"`{name}` where {', and '.join(why)}.",
            after=tuple(after),
            opening=(*function.opening, *(self._windows(function) if windowed else ())),
        )

    def _windows(self, function: Function) -> list[str]:
        """The lengths of the windows that a body reads."""
        used = identifiers(function.body.lines)
        known = strings([axis.name for axis in sequences(self.system)])
        found = []
        for axis in sequences(self.system):
            local = self.names.size[str(window_size(axis.size))]
            if local in used:
                found.append(f'{local} = _window(window, "{axis.name}", {known}, {self.names.size[axis.name]})')
        return found or [f"_window(window, None, {known}, None)"]

    def _turning(self, function: Function, private: Function) -> Function:
        windowed = function.name in _WINDOWED
        # A function that makes no arrays turns to one that does.
        lacks = any(item in private.after and item not in function.after for item in WORKSPACE)
        own_after = (*function.after, *(WORKSPACE if lacks else ()))
        # A size that lengths make matter: the mean over steps of what is the same at all of them.
        known = (*function.checks.shapes.source, *function.checks.asked)
        sizes = [self.names.size[size] for size in private.checks.asked if size not in known]
        own_after += tuple((size, "int") for size in sizes)
        after = [_LENGTHS] * self.has_lengths + list(own_after) + [_WINDOW] * windowed
        several = len(sequences(self.system)) > 1
        lengths = ("lengths", *(("", "by sequence") if several else ("(B,)", f"1..{sequences(self.system)[0].name}")))
        own = (*lengths, "each example's own number of steps, what is given beyond is not read; all where not given")
        steps = "steps in a window" + ", of all sequences or by sequence" * several
        window = ("window", "", "whole number >= 1", f"{steps}: gradients stay in it, values go on to the next")
        more = [(size, "", "whole number >= 1", "") for size in sizes]
        more += [own] * self.has_lengths + [window] * windowed
        turns_for = ("lengths",) * self.has_lengths + ("window",) * windowed
        turns_for += ("state",) * (self.resuming is not None)
        rows = (*function.rows, *(WORKSPACE_ROW if lacks else ()), *more)
        # What only the private function reads: a masked recurrence may have to be gone through once more.
        own_keywords = {argument.keyword for argument in function.given}
        extra = tuple(replace(a, required=False) for a in private.given if a.keyword not in own_keywords)
        given = (*function.given, *extra)
        return replace(function, given=given, after=tuple(after), rows=rows, instead=private, turns_for=turns_for)


def padded_bodies(
    system: System,
    style: str,
    sizes: Iterable[str],
    comment: Callable[[System], Comment],
    resuming: Resuming | None = None,
) -> Padded:
    """What is done for `lengths=` and `window=`.

    Args:
        system: the system of padded examples, with the batch and its gradient.
        style: `fast` or `plain`.
        sizes: the names of all sizes.
        comment: from a system, what prints the text of its equations.
        resuming: how the functions go on from a state, where the system is that of a piece.
    """
    names = Names(system, sizes)
    for axis in sequences(system):
        window = str(window_size(axis.size))
        names.size[window] = names.free(window)
    programs = Programs(system, style, _by_length_alone(system))
    return Padded(system, names, bodies(programs, names, comment(system)), resuming)


def _by_length_alone(system: System) -> frozenset[str]:
    """The variables that differ from example to example by its length alone: without lengths they have no batch."""
    made = {name(axis.name) for axis in sequences(system) for name in (own_name, step_name)}
    data = {v.name for v in system.variables if v.is_batched and v.role.is_given and v.name not in made}
    return frozenset(v.name for v in system.with_role(Role.VAR) if v.is_batched) - dependents(system, data)


class _Checks(Checks):
    """The checks of padded data: beyond an example's end its last step is repeated, before any value is looked at."""

    extra = ("lengths",)

    def __init__(self, checks: Checks, least: Mapping[str, int]) -> None:
        """What `checks` checks, and the lengths; `least` are those that a model asks for."""
        self._least = least
        border = replace(checks.border, name=f"_padded{checks.border.name}")
        super().__init__(checks.parameters, border)
        known = {*self.shapes.source, *self.asked}
        # Where nothing differs from example to example, neither does anything with its length.
        self._sequences = [axis for axis in sequences(self.system) if axis.name in known and self.has_batch]

    @property
    def returns(self) -> tuple[str, ...]:
        """What it returns, in order."""
        made = [name(axis.name) for axis in self._sequences for name in (step_name, own_name)]
        return (*super().returns, *(self.names.variable[name] for name in made))

    def lines(self) -> list[str]:
        """Its statements."""
        names, lines = self.names, super().lines()
        known, batch = strings([axis.name for axis in sequences(self.system)]), names.size[BATCH]
        for axis in self._sequences:
            last, own = names.variable[step_name(axis.name)], names.variable[own_name(axis.name)]
            least = str(self._least.get(axis.name, 1))
            passed = [f'"{axis.name}"', known, names.size[axis.name], batch, self.single, least]
            lines += [
                f"{last} = _lengths(lengths, {', '.join(passed)})",
                f"{own} = {last}.astype({self.dtype})",
            ]
        for argument in self.border.given:
            array = shaped(argument, names)
            if argument.variable.role.is_data:
                held = [*self._held(array.local, argument.variable.axes), *super()._classes(array)]
                missing = array not in self.cast and held
                lines += [f"if {array.local} is not None:", *(f"    {line}" for line in held)] if missing else held
        return lines

    def _classes(self, array: Shaped) -> list[str]:
        """Nothing yet: beyond the end there may be anything."""
        return []

    def _held(self, local: str, axes: Sequence[Axis]) -> list[str]:
        lengths = {axis: self.names.variable[step_name(axis.name)] for axis in self._sequences}
        batch = next((n for n, axis in enumerate(axes) if axis.kind is AxisKind.BATCH), None)
        return [
            f"{local} = _hold({local}, {n}, {batch}, {lengths[axis]})"
            for n, axis in enumerate(axes)
            if axis in lengths and batch is not None
        ]
