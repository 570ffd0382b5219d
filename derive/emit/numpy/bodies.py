"""The bodies of a generated module's functions: which results each leaves, from which statements."""

from __future__ import annotations

from collections.abc import Iterable

from derive.emit.numpy.functions import identifiers
from derive.emit.numpy.interface import Body
from derive.emit.numpy.names import Names
from derive.emit.numpy.statements import Comment, body
from derive.program import Concatenate, Program
from derive.schedule.build import Stage
from derive.schedule.programs import Programs, forward_only
from derive.schedule.stepping import lagged, stepping


def bodies(programs: Programs, names: Names, comment: Comment) -> dict[str, Body]:
    """The body of each function, by its name."""
    system = programs.system

    def made(parts: Iterable[Program], results: Iterable[str], forward: bool = False, **more: object) -> Body:
        lines: list[str] = []
        stacked: set[str] = set()
        reads: dict[str, None] = {}
        helpers: set[str] = set()
        for program in parts:
            text, called = body(program, names, comment, stacked, programs.style == "plain")
            stacked |= {s.name for s in program.body if isinstance(s, Concatenate)}
            lines += text
            helpers |= set(called)
            reads |= dict.fromkeys(program.reads)
        counts = "B" in names.size and names.size["B"] in identifiers(tuple(lines))
        untold = (forward or counts) and "state" not in more
        if untold and not any(system.by_name[name].is_batched for name in reads):
            # Nothing else tells how many examples there are, or how many steps.
            telling = programs.own if forward else tuple(v.name for v in system.variables if v.role.is_data)
            reads |= dict.fromkeys([n for n in telling if system.by_name[n].is_batched][:1])
        given = tuple(v.name for v in system.variables if v.name in reads and (v.role.is_given or forward))
        return Body(tuple(lines), given, tuple(results), tuple(sorted(helpers)), **more)  # type: ignore[arg-type]

    forward_stage = Stage(programs.restored)
    restored = programs.build([forward_stage], [e.target for e in programs.restored]) if programs.restored else None
    back = [p for p in (restored, programs.parameters_only) if p is not None]
    asked = (*programs.gradients, *programs.askable)
    found = {
        "forward": made([programs.forward], programs.own, optional=programs.optional),
        "loss": made([programs.value(["loss"])], ["loss"]),
        "loss_and_grad": made([programs.value(["loss", *programs.kept]), programs.gradient], ["loss", *asked]),
        "backward": made(back, programs.gradients, forward=True),
    }
    step = stepping(forward_only(system))
    if step is not None:
        for own, lags in step.state:
            for k in range(1, lags + 1):
                names.variable[lagged(own, k)] = names.free(f"{own}_prev" if lags == 1 else f"{own}_prev{k}")
        single = Programs(step.system, programs.style)
        before = [lagged(own, k) for own, lags in step.state for k in range(1, lags + 1)]
        left = tuple(dict.fromkeys((*step.outputs, *(own for own, _ in step.state))))
        found["step"] = made([single.value(left, before)], step.outputs, state=step.state)
        found["init_state"] = made([single.value(before)], before, state=step.state)
    return found
