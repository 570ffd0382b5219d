"""A model through its stages, each made when it is first asked for: prepared, differentiated, scheduled, generated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from derive.calculus.batch import add_batch
from derive.calculus.continuing import before_name, continued, done_name
from derive.calculus.derivation import differentiate, lengthened, prepare
from derive.calculus.feedback import Feedback, feedback
from derive.calculus.lengths import sequences
from derive.calculus.rest import rest
from derive.calculus.trace import Traced
from derive.errors import DeriveError, Fault
from derive.gradient import Gradient
from derive.schedule.partial import name_partial_work
from derive.system import Role, System

if TYPE_CHECKING:
    from derive.calculus.segment import Segment
    from derive.emit.numpy.names import Names
    from derive.emit.numpy.resuming import Resuming
    from derive.emit.numpy.segments import Segments
    from derive.schedule.programs import Programs
    from derive.schedule.stepping import Stepping

STYLES = ("fast", "plain")


@dataclass(frozen=True, repr=False)
class Stages:
    """What a model becomes, each made when it is first asked for.

    Attributes:
        system: its equations.
        file: where they were read from; a name in angle brackets for a text.
    """

    system: System
    file: str = "<text>"

    @property
    def name(self) -> str:
        """The model's name."""
        return self.system.name

    @property
    def source(self) -> str:
        """The text that it was read from."""
        return self.system.source

    @cached_property
    def prepared(self) -> Traced:
        """The forward system as it is differentiated."""
        return prepare(self.system)

    @cached_property
    def batched(self) -> System:
        """The prepared system of a whole batch."""
        return add_batch(self.prepared.system, parted=True)

    @cached_property
    def _differentiated(self) -> System:
        return name_partial_work(differentiate(Traced(self.batched)).system)

    @cached_property
    def padded(self) -> Traced | str:
        """The prepared system in which every example has its own lengths.

        Where there is none, the reason, as a sentence; an empty one for a model of which no data have a sequence.
        """
        if not sequences(self.system) or not any(v.role.is_data for v in self.system.variables):
            return ""
        try:
            return lengthened(self.prepared)
        except DeriveError as error:
            return error.faults[0].message

    @cached_property
    def _padded(self) -> System | None:
        """The whole batch's system for `lengths=` and `window=`, with its gradient; None for one without a sequence."""
        if not sequences(self.system):
            return None
        prepared = self.prepared if isinstance(self.padded, str) else self.padded
        if isinstance(self._piece, System) and self._piece.by_name.keys() - self.prepared.system.by_name.keys():
            prepared = Traced(self._piece)
            prepared = prepared if isinstance(self.padded, str) else lengthened(prepared)
        whole = differentiate(Traced(add_batch(prepared.system, parted=True)), windows=True).system
        return rest(name_partial_work(whole))

    @cached_property
    def _step(self) -> Stepping | str:
        from derive.schedule.stepping import step_or_reason

        return step_or_reason(self.batched)

    @cached_property
    def stepping(self) -> Stepping | str:
        """The model's single step, along one of its sequences; where there is none, the reason, as a sentence."""
        step, piece = self._step, self._piece
        if isinstance(step, str) or isinstance(piece, str):
            return step
        return replace(step, counts=step.counts or done_name(step.axis) in piece.by_name)

    @cached_property
    def _piece(self) -> System | str:
        """The system of a piece that goes on from a state, of one example; where there is none, the reason."""
        step = self._step
        return step if isinstance(step, str) else continued(self.prepared.system, step.axis, dict(step.state))

    @cached_property
    def segment(self) -> Segment | str:
        """The system of a segment of the sequence, for `checkpoint=`; where there is none, the reason."""
        from derive.calculus.segment import segmented

        step, piece = self._step, self._piece
        if isinstance(step, str) or isinstance(piece, str):
            return step if isinstance(step, str) else str(piece)
        return segmented(piece, step.axis, dict(step.state))

    @cached_property
    def _gradient(self) -> Gradient:
        return Gradient(differentiate(self.prepared))

    def gradient(self) -> Gradient:
        r"""The gradient of the loss with respect to every variable, of one example.

        >>> import derive
        >>> gradient = derive.parse("w: Param[n]\nx: Input[n]\nloss = dot(w, x)").gradient()
        >>> [str(equation) for equation in gradient.equations if equation.target == "grad(w)"]
        ['grad(w)[i] += x[i]   [i = 0..n - 1]']

        Raises:
            DeriveError: the loss depends on nothing that has a gradient.
        """
        return self._gradient

    @cached_property
    def running(self) -> Feedback | str:
        """The open loop, in which the model reads its own predictions.

        Where there is none, the reason, as a sentence; an empty one for a model that nothing is fed back to.
        """
        from derive.schedule.programs import has_order

        found = feedback(self.prepared.system)
        if isinstance(found, Feedback) and not has_order(found.system, found.results):
            return f"{' and '.join(found.answers)} cannot be fed back: a prediction rests on steps after its own"
        return found

    def warnings(self) -> tuple[str, ...]:
        """What a person should know: parameters whose gradient is zero identically, and what functions cannot do."""
        reached = self._differentiated.defining  # what a module is made from, so that it costs nothing more
        idle = [v.name for v in self.system.with_role(Role.PARAM) if f"grad({v.name})" not in reached]
        zero = tuple(f"{name}: the loss does not depend on it; its gradient is zero everywhere" for name in idle)
        lacking = {"no free_run": self.running, "no lengths=": self.padded}
        return (*zero, *(f"{what}: {why}" for what, why in lacking.items() if isinstance(why, str) and why))

    def programs(self, style: str = "fast") -> Programs:
        """What the module's functions do for a whole batch, as programs.

        Args:
            style: `fast` or `plain`.
        """
        from derive.schedule.programs import Programs

        return Programs(self._differentiated, style)

    def generate(self, style: str = "fast") -> str:
        """The text of the NumPy module.

        Args:
            style: `fast`, or `plain` for reading and teaching.

        Raises:
            DeriveError: the style is unknown, or the system has a cycle that no sequence breaks.
        """
        if style not in STYLES:
            raise DeriveError(Fault(f"there is no style {style!r}", hint=f"choose one of {', '.join(STYLES)}"))
        if style not in self._texts:
            self._texts[style] = self._text(style)
        return self._texts[style]

    @cached_property
    def _texts(self) -> dict[str, str]:
        """The modules made so far, by style: one that is written is verified and shown, too."""
        return {}

    def _text(self, style: str) -> str:
        """The text of the NumPy module in a style that there is."""
        from derive.emit.notation.comments import comments
        from derive.emit.numpy.bodies import bodies
        from derive.emit.numpy.module import render_module
        from derive.emit.numpy.names import Names
        from derive.emit.numpy.padded import padded_bodies
        from derive.emit.numpy.running import free_running
        from derive.emit.numpy.sizes import sizes
        from derive.schedule.programs import Programs

        system = self._differentiated
        names = Names(system, sizes(system))
        step = None if isinstance(self.stepping, str) else self.stepping
        made = bodies(Programs(system, style), names, comments(system), step)
        free = self.running
        running = None if isinstance(free, str) else free_running(free, style, sizes(free.system), comments)
        general = self._padded
        resume = self._resuming(general)
        inside = resume if resume is not None and resume.is_general else None
        padded = None if general is None else padded_bodies(general, style, sizes(general), comments, inside)
        source_name = Path(self.file).name if not self.file.startswith("<") else f"{self.name}.eq"
        return render_module(
            self.system,
            system,
            made,
            names,
            style=style,
            source_name=source_name,
            running=running,
            padded=padded,
            resuming=resume,
            segments=self._segments(style, names, resume),
        )

    def _segments(self, style: str, names: Names, resuming: Resuming | None) -> Segments | None:
        """What the module does for `checkpoint=`; None where its sequence cannot be cut."""
        from derive.calculus.segment import TOTAL
        from derive.emit.notation.comments import comments
        from derive.emit.numpy.segments import segments

        segment = self.segment
        if resuming is None or isinstance(segment, str):
            return None
        system = name_partial_work(differentiate(Traced(segment.system), TOTAL).system)
        return segments(segment, system, style, names, comments, resuming)

    def _resuming(self, general: System | None) -> Resuming | None:
        """How the module's functions go on from a state; None where they cannot."""
        from derive.emit.numpy.resuming import Resuming

        step, piece = self.stepping, self._piece
        if isinstance(step, str) or isinstance(piece, str) or general is None:
            return None
        held = [(name, lags) for name, lags in step.state if before_name(name, 1) in general.by_name]
        return Resuming(step, tuple(held))
