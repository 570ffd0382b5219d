"""`free_run` of a generated module: the model reads its own predictions where training reads the true answers.

In comes the system of the open loop, out come the function and the NamedTuple that it returns. Its names are its own:
what the other functions are given, it defines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from derive.calculus.batch import add_batch
from derive.calculus.feedback import Feedback, given_name, mask_name
from derive.emit.numpy.checks import Border, Checks, Parameters
from derive.emit.numpy.closings import stripped
from derive.emit.numpy.functions import GLOBAL, Function, identifiers
from derive.emit.numpy.interface import Argument, Body, arguments, kept_axes
from derive.emit.numpy.names import Names
from derive.emit.numpy.shapes import group, strings
from derive.emit.numpy.sizes import BATCH, spell
from derive.emit.numpy.statements import Comment, body
from derive.emit.numpy.text import folded
from derive.expressions import Axis, AxisKind
from derive.program import Stack
from derive.schedule.programs import Programs
from derive.system import System, Variable


@dataclass(frozen=True)
class Running:
    """What a module has for the open loop.

    Attributes:
        function: `free_run`.
        helpers: the helper functions that its body calls.
        fields: of the NamedTuple `FreeRun` the names, with axes and comments.
    """

    function: Function
    helpers: tuple[str, ...]
    fields: tuple[tuple[str, tuple[Axis, ...], str], ...]


def free_running(feedback: Feedback, style: str, sizes: Iterable[str], comment: Callable[[System], Comment]) -> Running:
    """The function `free_run`.

    Args:
        feedback: the open loop, of one example.
        style: `fast` or `plain`.
        sizes: the names of all sizes.
        comment: from a system, what prints the text of its equations.

    Raises:
        DeriveError: a prediction waits for itself.
    """
    system = add_batch(feedback.system, parted=True)
    names = Names(system, sizes)
    for local in ("batch", "batch_axis", "whole"):
        names.local[local] = names.free(local)
    program = Programs(system, style).value(feedback.results)
    mask = mask_name(feedback.sequence)
    answers = [system.by_name[given_name(name)] for name in feedback.answers]
    fed = {mask, *(v.name for v in answers)}
    reads = tuple(v.name for v in system.variables if v.name in program.reads and v.role.is_given and v.name not in fed)
    tells = any(
        axis.size == feedback.sequence
        for v in (system.by_name[name] for name in reads)
        if v.role.is_data
        for axis in v.axes
    )
    length = str(feedback.sequence)
    if not tells:
        names.size[length] = names.free("steps")
    names.variable[mask] = "truth"
    for own, variable in zip(feedback.answers, answers, strict=True):
        names.keyword[variable.name] = own
    lines, helpers = body(program, names, comment(system), set(), style == "plain")
    assert not any(isinstance(s, Stack) and s.name in fed for s in program.body)
    made = Body(tuple(lines), reads, feedback.results, tuple(sorted(helpers)))
    return _Free(feedback, system, names, made, answers, tells).running()


@dataclass(frozen=True)
class _Free:
    """`free_run` on its way.

    Attributes:
        feedback: the open loop.
        system: its system, with the batch.
        names: its identifiers.
        body: its statements.
        answers: the variables that hold the true values.
        tells: whether data tell the number of steps.
    """

    feedback: Feedback
    system: System
    names: Names
    body: Body
    answers: list[Variable]
    tells: bool

    def running(self) -> Running:
        names = self.names
        given = arguments(self.system, names, self.body)
        known = tuple(Argument(names.keyword[v.name], (v,), False) for v in self.answers)
        opening = self._opening(self._locals([a.keyword for a in (*given, *known)]))
        used = identifiers((*self.body.lines, *opening))
        sizes = tuple(size for size, local in names.size.items() if local in used and size != BATCH)
        by_number = not any(a.required and a.variable.is_batched for a in given)
        border = Border("_free_run_arguments", given, by_number=by_number, sizes=sizes)
        after = [("rng", "np.random.Generator | None = None"), ("truth", "np.ndarray | None = None")]
        after += [("steps", "int | None = None")] if self.tells else []
        after += [(names.local["batch"], "int | None = None")] if by_number else []
        function = Function(
            "free_run",
            "The model on its own: what it predicts is read where training reads the true values.",
            "FreeRun",
            self.body,
            (*given, *known),
            Checks(Parameters(self.system, names), border),
            after=tuple(after),
            opening=opening,
            closing=self._closing(),
            rows=self._rows(by_number),
        )
        fields = tuple(
            (name, kept_axes(self.system, name), self.system.by_name[name].comment) for name in self.feedback.results
        )
        return Running(function, self.body.helpers, fields)

    def _locals(self, keywords: list[str]) -> dict[str, str]:
        """What the answers' keywords are called where the function checks them."""
        hidden = not GLOBAL.isdisjoint(keywords)
        return {v.name: self.names.variable[v.name] if hidden else self.names.keyword[v.name] for v in self.answers}

    def _opening(self, local: dict[str, str]) -> tuple[str, ...]:
        """The lines that settle which steps read the truth."""
        names = self.names
        steps, batch = names.size[str(self.feedback.sequence)], names.size[BATCH]
        single, dtype = names.local["single"], names.local["dtype"]
        lines = ["_generator(rng)"]
        if self.tells:
            length = str(self.feedback.sequence)
            lines += [
                f"if steps is not None and steps != {steps}:",
                f'    raise ValueError(f"steps: {{steps}}, expected {length} = {{{steps}}}, as the data have")',
            ]
        pairs = [f'("{names.keyword[v.name]}", {local[v.name]})' for v in self.answers]
        lines.append(f"truth = _truth(truth, {group(pairs)}, {steps}, {batch}, {single})")
        for v in self.answers:
            letters = strings([BATCH if a.kind is AxisKind.BATCH else spell(a.size) for a in v.axes])
            shape = group([batch if a.kind is AxisKind.BATCH else spell(a.size, names.size) for a in v.axes])
            check = "_true_values" if v.classes is None else "_true_classes"
            passed = [f'"{names.keyword[v.name]}"', local[v.name], "truth", shape, letters, single]
            passed += [dtype] if v.classes is None else [spell(v.classes, names.size), f'"{spell(v.classes - 1)}"']
            lines += folded(f"{names.variable[v.name]} = {check}(", passed, ")", 4)
        return tuple(lines)

    def _closing(self) -> tuple[str, ...]:
        """`return FreeRun(...)`."""
        names = self.names
        found = [(self.system.by_name[name].axes, names.variable[name]) for name in self.feedback.results]
        values = [f"{name}={names.variable[name]}" for name in self.feedback.results]
        return (*stripped(names, found), *folded("return FreeRun(", values, ")", 4))

    def _rows(self, by_number: bool) -> tuple[tuple[str, ...], ...]:
        """What is said of the keywords that are no arrays of the model."""
        said = " and ".join(self.feedback.answers)
        length = str(self.feedback.sequence)
        labels = any(v.classes is not None for v in self.answers)
        drawn = "draws the classes; the most probable ones where it is not given" if labels else "is not used"
        rows = [("rng", "", "generator", drawn), ("truth", f"({length}, B)", "bool", f"the steps that read {said}")]
        rows += [("steps", "", "whole number >= 1", f"{length}, which the data tell too")] if self.tells else []
        counted = (self.names.local["batch"], "", "whole number >= 1", "examples; one without the axis B where None")
        rows += [counted] if by_number else []
        return tuple(rows)
