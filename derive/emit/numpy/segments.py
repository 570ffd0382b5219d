"""The functions of one segment of a sequence: `_segment`, its loss and gradient, and `_advance`, its last state.

In come the system of a segment and its statements; out come private functions that take what is checked already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from derive.calculus.adjoint import grad_name
from derive.calculus.segment import Segment
from derive.emit.numpy.bodies import body_of
from derive.emit.numpy.closings import asked_for
from derive.emit.numpy.functions import Function, function_text, identifiers
from derive.emit.numpy.interface import Body
from derive.emit.numpy.names import Names
from derive.emit.numpy.resuming import Resuming
from derive.emit.numpy.shapes import group
from derive.emit.numpy.statements import Comment
from derive.emit.numpy.text import folded, unpacked
from derive.schedule.programs import Programs
from derive.system import Role, System, Variable


@dataclass(frozen=True)
class Inner(Function):
    """A private function that takes what is checked already.

    Attributes:
        takes: its parameters.
    """

    takes: tuple[str, ...] = ()

    def text(self) -> str:
        """The function as Python."""
        used = identifiers((*self.body.text, *self.closing))
        params = [self.checks.names.variable[v.name] for v in self.checks.system.with_role(Role.PARAM)]
        unpacking = unpacked(params, "params", 4) if used.intersection(params) else []
        lines = [*unpacking, "", *self._arrays(), *self.body.lines, "", *self.closing]
        return function_text(self.name, self.takes, "", self.title, [], lines)


@dataclass(frozen=True)
class Segments:
    """What is done for the segments of a sequence.

    Attributes:
        segment: the system of a segment.
        system: the same with its gradient.
        names: the module's identifiers, those of the segment's system among them.
        bodies: the statements of `_segment`, and of `_advance` where there is a state.
        resuming: how the module's functions go on from a state.
    """

    segment: Segment
    system: System
    names: Names
    bodies: tuple[Body, ...]
    resuming: Resuming

    @property
    def helpers(self) -> tuple[str, ...]:
        """The helper functions that the bodies call."""
        return tuple(name for body in self.bodies for name in body.helpers)

    def local(self, name: str) -> str:
        """The identifier of a variable."""
        return self.names.variable[name]

    @property
    def params(self) -> tuple[str, ...]:
        """The parameters' gradients."""
        return tuple(self.local(grad_name(v.name)) for v in self.system.with_role(Role.PARAM))

    def inputs(self, public: Function) -> tuple[Variable, ...]:
        """The data whose gradient may be asked for, and starts that the first segment alone reads."""
        asked = (v for a in asked_for(public.given) for v in a.variables)
        return tuple(v for v in asked if v.name not in self.segment.starts)

    def reached(self, public: Function) -> tuple[Variable, ...]:
        """Those of them that a segment's loss rests on."""
        return tuple(v for v in self.inputs(public) if grad_name(v.name) in self.bodies[0].results)

    def inner(self, public: Function) -> tuple[Inner, ...]:
        """`_segment` and `_advance`, beside the public function."""
        gradients = {v.name: self.local(grad_name(v.name)) for v in self.reached(public)}
        asked = [f'{local} if "{self.names.keyword[name]}" in wrt else None' for name, local in gradients.items()]
        starts = [self.local(grad_name(name)) for name in self.segment.starts]
        closing = _returned([self.local("loss"), group(self.params), *starts, *asked])
        title = "A segment's loss; gradients of it and of all that follows, which is told by that of the last state."
        found = [self._inner(public, "_segment", title, self.bodies[0], closing)]
        if len(self.bodies) > 1:
            last = [f"{self.local(cell.name)}[-{cell.lag}]" for cell in self.segment.cells]
            found.append(self._inner(public, "_advance", "The state after a segment.", self.bodies[1], _returned(last)))
        return tuple(found)

    def _inner(self, public: Function, name: str, title: str, body: Body, closing: Sequence[str]) -> Inner:
        used = identifiers((*body.text, *closing))
        system, names = self.system, self.names
        takes = [names.variable[v.name] for v in system.variables if v.role.is_given and v.role is not Role.PARAM]
        takes = [local for local in takes if local in used]
        takes += [local for local in (*names.size.values(), names.local["dtype"]) if local in used]
        takes += ["wrt"] * ("wrt" in used) + ["workspace"] * bool(body.arrays)
        checks = public.checks
        return Inner(
            name, title, "", body, (), checks, closing=tuple(closing), instead_of=name, takes=("params", *takes)
        )


def segments(
    segment: Segment,
    system: System,
    style: str,
    names: Names,
    comment: Callable[[System], Comment],
    resuming: Resuming,
) -> Segments:
    """What is done for the segments of a sequence.

    Args:
        segment: the system of a segment.
        system: the same with its gradient.
        style: `fast` or `plain`.
        names: the module's identifiers; those of the segment's system are added.
        comment: from a system, what prints the text of its equations.
        resuming: how the module's functions go on from a state.
    """
    for variable in system.variables:
        names.made(variable.name)
    programs = Programs(system, style, always=segment.starts)
    told = comment(system)
    asked = (*programs.gradients, *programs.askable)
    parts = [programs.value(["loss", *programs.kept]), programs.gradient]
    found = [body_of(programs, names, told, parts, ["loss", *asked], workspace=True)]
    state = tuple(dict.fromkeys(cell.name for cell in segment.cells))
    if state:
        found.append(body_of(programs, names, told, [programs.value(state)], state, workspace=True, lasting=state))
    return Segments(segment, system, names, tuple(found), resuming)


def _returned(values: Sequence[str]) -> list[str]:
    """`return a, b`."""
    lines = folded("return (", values, ",)" if len(values) == 1 else ")", 4)
    return lines if len(lines) > 1 or len(values) == 1 else [f"return {', '.join(values)}"]
