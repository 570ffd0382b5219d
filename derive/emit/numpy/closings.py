"""How the generated functions end: arrays lose the batch axis where there is one example, and are put into tuples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from derive.emit.numpy.interface import Argument, Body, dependent, fields
from derive.emit.numpy.names import Names
from derive.emit.numpy.text import folded
from derive.expressions import Axis, AxisKind
from derive.system import Role, System

Axes = tuple[Axis, ...]


def one_example(axes: Axes, local: str) -> str:
    """An array without its batch axis."""
    before = next(n for n, axis in enumerate(axes) if axis.kind is AxisKind.BATCH)
    return f"{local}[{':, ' * before}0]"


def stripped(names: Names, found: Iterable[tuple[Axes, str]], missing: frozenset[str] = frozenset()) -> list[str]:
    """Lines that take the batch axis from arrays, where there is one example.

    Args:
        names: the module's identifiers.
        found: axes and identifier of each array.
        missing: the identifiers that may be None.
    """
    lines = []
    for local, axes in {local: axes for axes, local in found}.items():
        if any(axis.kind is AxisKind.BATCH for axis in axes):
            value = one_example(axes, local)
            lines.append(f"    {local} = {f'None if {local} is None else {value}' if local in missing else value}")
    return [f"if {names.local['single']}:", *lines] if lines else []


def forward_closing(system: System, names: Names, body: Body) -> tuple[str, ...]:
    """`return Forward(...)`."""
    found = [v.name for v in fields(system)]
    missing = dependent(system, body.optional)
    absent = frozenset(names.variable[name] for name in found if name in missing)
    lines = stripped(names, ((system.by_name[name].axes, names.variable[name]) for name in found), absent)
    values = []
    for name in found:
        local = names.variable[name]
        value = local
        if name == "loss":
            value = f"None if {local} is None else float({local})" if name in missing else f"float({local})"
        values.append(f"{name}={value}")
    return (*lines, *folded("return Forward(", values, ")", 4))


def loss_closing(names: Names) -> tuple[str, ...]:
    """`return float(loss)`."""
    return (f"return float({names.variable['loss']})",)


def gradient_closing(system: System, names: Names, body: Body, before: str) -> tuple[str, ...]:
    """`Params(U=dU, ...)`; a parameter that the loss does not depend on has a gradient of zeros."""
    values = []
    for v in system.with_role(Role.PARAM):
        gradient = names.variable.get(f"grad({v.name})")
        made = gradient if f"grad({v.name})" in body.results else f"np.zeros_like({names.variable[v.name]})"
        values.append(f"{v.name}={made}")
    return tuple(folded(f"{before}Params(", values, ")", 4))


def asked_for(given: Sequence[Argument]) -> tuple[Argument, ...]:
    """What `wrt` may name: inputs and starts."""
    return tuple(a for a in given if a.variable.role in (Role.INPUT, Role.START))


def wrt_closing(names: Names, body: Body, given: Sequence[Argument]) -> tuple[str, ...]:
    """The dictionary of the gradients that were asked for."""
    single, result = names.local["single"], names.local["result"]
    lines = [f"{result} = {{}}"]
    for argument in asked_for(given):
        parts, lone = [], []
        for v in argument.variables:
            name = f"grad({v.name})"
            local = names.variable[name] if name in body.results else f"np.zeros_like({names.variable[v.name]})"
            parts.append(local)
            lone.append(one_example(v.axes, local) if v.is_batched else local)
        several = len(parts) > 1
        value = f"np.stack([{', '.join(parts)}])" if several else parts[0]
        alone = f"np.stack([{', '.join(lone)}])" if several else lone[0]
        value = value if value == alone else f"{alone} if {single} else {value}"
        lines += [f'if "{argument.keyword}" in wrt:', f'    {result}["{argument.keyword}"] = {value}']
    return tuple(lines)
