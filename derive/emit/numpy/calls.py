"""The functions of a module from their bodies: what each takes, which check their arguments together, how each ends.

In comes a body for each function, out comes a `Function` for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derive.emit.numpy.checks import Border, Checks, Parameters
from derive.emit.numpy.closings import (
    asked_for,
    forward_closing,
    gradient_closing,
    loss_closing,
    wrt_closing,
)
from derive.emit.numpy.functions import Function, identifiers
from derive.emit.numpy.interface import Argument, Body, arguments, fields, kept_axes
from derive.emit.numpy.names import Names
from derive.emit.numpy.sizes import BATCH, Shaped
from derive.emit.numpy.stepping import step_functions
from derive.system import System

WORKSPACE = (("workspace", "Workspace | None = None"),)
WORKSPACE_ROW = (("workspace", "", "Workspace", "its arrays are used, and hold the results until its next call"),)
_RUNNING = ("forward", "loss", "loss_and_grad")


def functions(parameters: Parameters, bodies: Mapping[str, Body]) -> list[Function]:
    """The public functions.

    Args:
        parameters: the parameters' checks, with the system and the module's identifiers.
        bodies: the statements of each function.
    """
    system, names = parameters.system, parameters.names
    given = {name: arguments(system, names, bodies[name]) for name in _RUNNING if name in bodies}
    checks = _shared(parameters, given, bodies)
    makers = {"forward": _forward, "loss": _loss, "loss_and_grad": _loss_and_grad}
    found = [makers[name](system, names, bodies[name], given[name], checks[name]) for name in given]
    if "backward" in bodies:
        found.append(_backward(parameters, bodies["backward"]))
    return [*found, *step_functions(parameters, bodies)]


def _forward(system: System, names: Names, body: Body, given: tuple[Argument, ...], checks: Checks) -> Function:
    title = "Every variable of the model."
    return Function("forward", title, "Forward", body, given, checks, closing=forward_closing(system, names, body))


def _loss(system: System, names: Names, body: Body, given: tuple[Argument, ...], checks: Checks) -> Function:
    return Function(
        "loss",
        "The loss, summed over the batch.",
        "float",
        body,
        given,
        checks,
        after=WORKSPACE if body.arrays else (),
        closing=loss_closing(names),
        rows=WORKSPACE_ROW if body.arrays else (),
    )


def _loss_and_grad(system: System, names: Names, body: Body, given: tuple[Argument, ...], checks: Checks) -> Function:
    known = [f'"{argument.keyword}"' for argument in asked_for(given)]
    allowed = f"({', '.join(known)}{',' * (len(known) == 1)})"
    gradient, result = names.local["gradient"], names.local["result"]
    value = f"float({names.variable['loss']})"
    closing = (
        *gradient_closing(system, names, body, f"{gradient} = "),
        "if not wrt:",
        f"    return {value}, {gradient}",
        *wrt_closing(names, body, given),
        f"return {value}, {gradient}, {result}",
    )
    return Function(
        "loss_and_grad",
        "The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.",
        "tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]",
        body,
        given,
        checks,
        after=(("wrt", "tuple[str, ...] = ()"), *(WORKSPACE if body.arrays else ())),
        opening=(f"wrt = _asked(wrt, {allowed})",),
        closing=closing,
        rows=WORKSPACE_ROW if body.arrays else (),
    )


def _backward(parameters: Parameters, body: Body) -> Function:
    system, names = parameters.system, parameters.names
    kept = tuple(
        Shaped(f"forward.{v.name}", names.variable[v.name], kept_axes(system, v.name))
        for v in fields(system)
        if v.name in body.reads
    )
    given = arguments(system, names, body)
    border = Border("_backward_arguments", given, held=kept, holder="forward", sizes=sizes_in(names, body))
    return Function(
        "backward",
        "The parameters' gradients, from what `forward` returned.",
        "Params",
        body,
        given,
        Checks(parameters, border),
        before=(("forward", "Forward"),),
        closing=gradient_closing(system, names, body, "return "),
    )


def sizes_in(names: Names, body: Body) -> tuple[str, ...]:
    """The sizes that a body's lines mention; a window's length is no size of an array."""
    used = identifiers(body.text)
    return tuple(s for s, local in names.size.items() if local in used and s.isidentifier() and s != BATCH)


def _shared(
    parameters: Parameters, given: Mapping[str, tuple[Argument, ...]], bodies: Mapping[str, Body]
) -> dict[str, Checks]:
    """The checks of each function: one helper for all that it fits."""
    groups: list[list[str]] = []
    for name in given:
        fitting = next((g for g in groups if _merged(parameters, [*g, name], given, bodies)), None)
        if fitting is None:
            groups.append([name])
        else:
            fitting.append(name)
    found: dict[str, Checks] = {}
    for group in groups:
        label = "_arguments" if group is groups[0] else f"_{group[0]}_arguments"
        checks = _merged(parameters, group, given, bodies, label)
        assert checks is not None, group
        found |= dict.fromkeys(group, checks)
    return found


def _merged(
    parameters: Parameters,
    group: Sequence[str],
    given: Mapping[str, tuple[Argument, ...]],
    bodies: Mapping[str, Body],
    label: str = "_arguments",
) -> Checks | None:
    """The checks of several functions together; None where they ask for different things."""
    required = [{a.keyword for a in given[name] if a.required} for name in group]
    union: dict[str, Argument] = {}
    for name in group:
        for argument in given[name]:
            if argument.keyword not in union or argument.required:
                union[argument.keyword] = argument
    partial = tuple(k for k in union if any(k in r for r in required) and not all(k in r for r in required))
    if any(set(partial) & r not in (set(), set(partial)) for r in required):
        return None
    sizes = {name: sizes_in(parameters.names, bodies[name]) for name in group}
    every = tuple(dict.fromkeys(size for name in group for size in sizes[name]))
    checks = Checks(parameters, Border(label, tuple(union.values()), partial, sizes=every))
    for name in group:
        alone = Checks(parameters, Border(label, given[name], sizes=sizes[name]))
        if set(alone.asked) != set(checks.asked) or alone.has_batch != checks.has_batch:
            return None
    return checks
