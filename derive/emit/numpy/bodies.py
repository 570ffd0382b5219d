"""The bodies of a generated module's functions: which results each leaves, from which statements."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from derive.emit.numpy.arrays import Arrays
from derive.emit.numpy.functions import identifiers
from derive.emit.numpy.interface import Body
from derive.emit.numpy.names import Names
from derive.emit.numpy.statements import Comment, body
from derive.program import Program, Stack
from derive.schedule.beginning import lagged
from derive.schedule.build import Stage
from derive.schedule.inplace import in_place
from derive.schedule.programs import Programs
from derive.schedule.sharing import shared
from derive.schedule.stepping import Stepping, now
from derive.schedule.temporaries import Pool
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

    made = partial(body_of, programs, names, comment)
    forward_stage = Stage(programs.restored)
    restored = programs.build([forward_stage], [e.target for e in programs.restored]) if programs.restored else None
    back = [p for p in (restored, programs.parameters_only) if p is not None]
    asked = (*programs.gradients, *programs.askable)
    found = {
        "forward": made([programs.forward], programs.own, optional=programs.optional),
        "loss": made([programs.value(["loss"])], ["loss"], workspace=True),
        "loss_and_grad": made(
            [programs.value(["loss", *programs.kept]), programs.gradient], ["loss", *asked], workspace=True
        ),
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


def body_of(
    programs: Programs,
    names: Names,
    comment: Comment,
    parts: Iterable[Program],
    results: Iterable[str],
    forward: bool = False,
    also: Iterable[str] = (),
    workspace: bool = False,
    lasting: Iterable[str] = (),
    **more: Any,
) -> Body:
    """The body of one function.

    Args:
        programs: the programs of a system.
        names: its identifiers.
        comment: the text of the equation that a statement carries out.
        parts: what it runs, one after the other.
        results: the variables that it leaves.
        forward: whether what it takes is what `forward` returned.
        also: given variables that it takes although no statement reads them.
        workspace: whether its arrays are kept for later calls.
        lasting: variables besides gradients that are read when its statements are done.
        more: further fields of the body.
    """
    system = programs.system
    lines: list[str] = []
    stacked: set[str] = set()
    done: set[str] = set()
    reads = dict.fromkeys(also)
    helpers: set[str] = set()
    pool, arrays = Pool(), None
    if programs.style == "fast" and "state" not in more:
        arrays = Arrays(workspace)
    if arrays is not None:
        parts = [in_place(program, pool) for program in parts]
        if workspace:
            arrays.memory = shared(parts, {name for program in parts for name in _outliving(program, lasting)})
    for program in parts:
        text, called = body(program, names, comment, stacked, programs.style == "plain", arrays)
        stacked |= {s.name for s in program.body if isinstance(s, Stack)}
        lines += text
        helpers |= set(called)
        reads |= dict.fromkeys(name for name in program.reads if name not in done)
        done |= set(program.results)
    kept = tuple(arrays.lines.items()) if arrays is not None else ()
    written = (*lines, *(f"{name} = {value}" for name, value in kept))
    counts = "B" in names.size and names.size["B"] in identifiers(written)
    # A generated name that is no start is made at the border, of what is given.
    known = [v for v in system.variables if v.name in names.keyword or v.role is Role.VAR]
    unasked = (v for v in system.variables if v.name in reads and v.name not in names.keyword)
    counts = counts or any(v.role.is_data for v in unasked)
    untold = (forward or counts) and "state" not in more
    if untold and not any(v.is_batched for v in known if v.name in reads):
        # Nothing else tells how many examples there are, or how many steps.
        telling = [*(programs.own if forward else ()), *(v.name for v in known if v.role.is_data and counts)]
        reads |= dict.fromkeys([n for n in telling if system.by_name[n].is_batched][:1])
    given = tuple(v.name for v in known if v.name in reads and (v.role.is_given or forward))
    # A gradient that no statement makes is zero, and is said to be where it is returned.
    used = identifiers(written)
    made = tuple(name for name in results if not name.startswith("grad(") or names.variable.get(name) in used)
    return Body(tuple(lines), given, made, tuple(sorted(helpers)), arrays=kept, **more)


def _outliving(program: Program, lasting: Iterable[str]) -> set[str]:
    """What a program leaves behind: gradients and what else is read later, and the arrays that they are parts of."""
    wholes = {part.name: part.whole for part in program.parts}
    left = [name for name in program.results if name.startswith("grad(") or name in lasting]
    return {n for name in left for n in (name, wholes.get(name, name))}
