"""The text of a generated module: header, docstring, classes, functions; the bodies come from a printer.

In come the model as read, the system with its batch and gradient, and the bodies; out comes Python text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from derive.emit.numpy.calls import functions
from derive.emit.numpy.checkpointing import turning
from derive.emit.numpy.checks import Checks, Parameters
from derive.emit.numpy.defaults import first_value
from derive.emit.numpy.functions import function_text
from derive.emit.numpy.header import is_untouched, with_header
from derive.emit.numpy.helpers import helpers, read_as_python
from derive.emit.numpy.interface import Body, fields, kept_axes
from derive.emit.numpy.names import Names
from derive.emit.numpy.padded import Padded
from derive.emit.numpy.resuming import Resuming, last_state_text
from derive.emit.numpy.running import Running
from derive.emit.numpy.segments import Segments
from derive.emit.numpy.sizes import BATCH, spell, symbols
from derive.emit.numpy.stepping import output_fields, state_fields
from derive.emit.numpy.text import for_comment, for_docstring, packed, without_docstring
from derive.emit.render import render
from derive.expressions import Axis, AxisKind
from derive.system import Role, System

__all__ = ["Body", "is_untouched", "render_module"]


def render_module(
    system: System,
    batched: System,
    bodies: Mapping[str, Body],
    names: Names,
    *,
    style: str,
    source_name: str,
    running: Running | None = None,
    padded: Padded | None = None,
    resuming: Resuming | None = None,
    segments: Segments | None = None,
) -> str:
    """The text of a module.

    Args:
        system: the model as read.
        batched: the system with the batch axis and the gradient's variables.
        bodies: the statements of `forward`, `loss`, `loss_and_grad`, `backward`, and maybe `step`, `init_state`.
        names: the identifiers that the bodies use.
        style: the bodies' style, for the command in the header.
        source_name: name of the model's file without its folder; empty for a model in no file.
        running: the open loop, where the model has one.
        padded: what is done for `lengths=` and `window=`, where the model has a sequence.
        resuming: how the functions go on from a state, where they can.
        segments: what is done for `checkpoint=`, where the sequence can be cut.
    """
    for local in ("batch", "batch_axis", "whole"):
        if local not in names.local:
            names.local[local] = names.free(local)
    parameters = Parameters(batched, names)
    found = [*functions(parameters, bodies), *([running.function] if running is not None else [])]
    found = found if resuming is None else [resuming.public(f) for f in found]
    found = found if padded is None else padded.turning(found)
    found = found if segments is None else turning(segments, found)
    checks = list({id(f.checks): f.checks for f in found}.values())
    public = [f.text() for f in found if not f.instead_of]
    if resuming is not None:
        lengths = padded is not None and padded.has_lengths
        public.append(last_state_text(batched, names, bodies["step"], lengths))
    private = [f.text() for f in found if f.instead_of]
    private += [f.maker_text() for f in found if f.body.arrays]
    blocks = [_init_params(batched, names), *public, *private, *(_checks_text(c) for c in checks)]
    blocks.append(_parameters_text(parameters))
    used = [name for body in bodies.values() for name in body.helpers]
    used += [name for made in (padded, segments) if made is not None for name in made.helpers]
    blocks += helpers(blocks, used)
    text = render(
        "numpy/module.j2",
        title=_title(system),
        description=_description(system),
        classes=[*_classes(batched, names, bodies), *(_free_class(running) if running is not None else ())],
        functions=blocks,
        workspace=any(f.body.arrays for f in found),
    )
    read_as_python(text, "numpy/module.j2")
    return with_header(text, source=system.source, source_name=source_name, style=style)


def _title(system: System) -> str:
    name = " ".join(system.name.split())
    return for_docstring(system.doc.strip().split("\n")[0]) or for_docstring(f"The model {name}.")


def _description(system: System) -> str:
    rest = "\n".join(system.doc.strip().split("\n")[1:]).strip("\n")
    equations = without_docstring(system.source).strip("\n")
    indented = "\n".join(f"    {line}" if line else "" for line in for_docstring(equations).split("\n"))
    return "\n\n".join(part for part in (for_docstring(rest), "The equations::", indented) if part.strip())


def _checks_text(checks: Checks) -> str:
    lines = [*checks.lines(), *packed(checks.returns, 4)]
    title = "Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."
    return function_text(checks.border.name, checks.takes, "", title, [], lines)


def _parameters_text(parameters: Parameters) -> str:
    lines = [*parameters.lines(), *packed(parameters.returns, 4)]
    title = "Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."
    return function_text("_parameters", ["params"], "", title, [], lines)


def _init_params(system: System, names: Names) -> str:
    """`init_params`: defaults, else normal or zero."""
    params = system.with_role(Role.PARAM)
    dtype = names.local["dtype"]
    sizes = [names.size[size] for size in symbols(axis.size for v in params for axis in v.axes)]
    lines = [f"{dtype} = _initial(rng, {dtype})"]
    lines += [f'{size} = _size("{size}", {size})' for size in sizes]
    lines.append("return Params(")
    lines += [f"    {v.name}={first_value(v, names)}," for v in params]
    lines = [*lines, ")"] if params else [*lines[:-1], "return Params()"]
    keywords = [*(f"{size}: int" for size in sizes), f"{dtype}: type = np.float64"]
    title = "First parameters: the file's values, else normal with variance 1/(last size), vectors zero."
    return function_text("init_params", ["rng: np.random.Generator", "*", *keywords], "Params", title, [], lines)


def _classes(system: System, names: Names, bodies: Mapping[str, Body]) -> list[dict[str, object]]:
    """The NamedTuples: name, docstring, and a line for each field."""
    params = [_field(v.name, v.axes, v.comment) for v in system.with_role(Role.PARAM)]
    variables = [_field(v.name, kept_axes(system, v.name), v.comment) for v in fields(system)]
    found: list[dict[str, object]] = [
        {"name": "Params", "title": "The learned arrays.", "fields": params},
        {"name": "Forward", "title": "What `forward` returns; one example has no axis B.", "fields": variables},
    ]
    maker = bodies.get("step") or bodies.get("init_state")
    if maker is not None:
        title = "What a step needs of those before it; several lags are stacked, the oldest first."
        rows = [_field(*field) for field in state_fields(system, names, maker)]
        found.append({"name": "State", "title": title, "fields": rows})
    if "step" in bodies:
        rows = [_field(*field) for field in output_fields(system, bodies["step"])]
        found.append({"name": "Outputs", "title": "The variables at one step.", "fields": rows})
    return found


def _free_class(running: Running) -> list[dict[str, object]]:
    """What `free_run` returns."""
    rows = [_field(name, axes, comment) for name, axes, comment in running.fields]
    title = "What `free_run` returns, with what it read back; one example has no axis B."
    return [{"name": "FreeRun", "title": title, "fields": rows}]


def _field(name: str, axes: Iterable[Axis] | None, comment: str) -> str:
    if axes is None:
        return f"{name}: int  # {comment}"
    letters = [BATCH if axis.kind is AxisKind.BATCH else spell(axis.size) for axis in axes]
    shape = f"({', '.join(letters)})" if letters else "a number"
    kind = "float | None" if name == "loss" else "np.ndarray"
    return f"{name}: {kind}  # {shape}{'  ' + for_comment(comment) if comment else ''}"
