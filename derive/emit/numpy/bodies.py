"""The bodies of a generated module's functions: which results each leaves, from which statements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from derive.emit.numpy.functions import identifiers
from derive.emit.numpy.interface import Body
from derive.emit.numpy.names import Names
from derive.emit.numpy.statements import Comment, body
from derive.program import Concatenate, Program
from derive.schedule.beginning import lagged
from derive.schedule.build import Stage
from derive.schedule.programs import Programs
from derive.schedule.stepping import Stepping, now
from derive.system import Role


def bodies(programs: Programs, names: Names, comment: Comment, step: Stepping | None = None) -> dict[str, Body]:
    """The body of each function, by its name.

    Args:
        programs: the programs of a system.
        names: its identifiers.
        comment: the text of the equation that a statement carries out.
        step: the model's single step, where it has one.
    """
    system = programs.system

    def made(
        parts: Iterable[Program],
        results: Iterable[str],
        forward: bool = False,
        also: Iterable[str] = (),
        **more: Any,
    ) -> Body:
        lines: list[str] = []
        stacked: set[str] = set()
        done: set[str] = set()
        reads = dict.fromkeys(also)
        helpers: set[str] = set()
        for program in parts:
            text, called = body(program, names, comment, stacked, programs.style == "plain")
            stacked |= {s.name for s in program.body if isinstance(s, Concatenate)}
            lines += text
            helpers |= set(called)
            reads |= dict.fromkeys(name for name in program.reads if name not in done)
            done |= set(program.results)
        counts = "B" in names.size and names.size["B"] in identifiers(tuple(lines))
        # A generated name that is no start is made at the border, of what is given.
        known = [v for v in system.variables if v.name in names.keyword or v.role is Role.VAR]
        unasked = (v for v in system.variables if v.name in reads and v.name not in names.keyword)
        counts = counts or any(v.role.is_data for v in unasked)
        untold = (forward or counts) and "state" not in more
        if untold and not any(v.is_batched for v in known if v.name in reads):
            # Nothing else tells how many examples there are, or how many steps.
            telling = programs.own if forward else tuple(v.name for v in known if v.role.is_data)
            reads |= dict.fromkeys([n for n in telling if system.by_name[n].is_batched][:1])
        given = tuple(v.name for v in known if v.name in reads and (v.role.is_given or forward))
        return Body(tuple(lines), given, tuple(results), tuple(sorted(helpers)), **more)

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
    if step is not None:
        for own, lags in step.state:
            for k in range(1, lags + 1):
                names.variable[lagged(own, k)] = names.free(f"{own}_prev" if lags == 1 else f"{own}_prev{k}")
        single = Programs(step.system, programs.style)
        before = [lagged(own, k) for own, lags in step.state for k in range(1, lags + 1)]
        given = [own for own, _ in step.state if system.by_name[own].role.is_given]
        left = tuple(dict.fromkeys((*step.outputs, *(own for own, _ in step.state if own not in given))))
        more: dict[str, Any] = {"state": step.state, "along": step.axis, "counts": step.counts}
        if step.counts:
            names.variable[now(step.axis)] = names.free(f"{step.axis.name.lower()}_now")
        found["step"] = made([single.value(left, before)], step.outputs, also=given, **more)
        found["init_state"] = made([single.value(before)], before, **more)
    return found
