"""`checkpoint=` of a module: the states between segments of steps are kept, what lies between is computed anew.

In come the functions of a segment and the public ones; out come these with `loss_and_grad` turning to a private one. It
goes through the segments forwards, from state to state, and then backwards, from gradient to gradient.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from derive.calculus.adjoint import grad_name
from derive.calculus.continuing import before_name, done_name, fresh_name
from derive.calculus.segment import last_name, whole_name
from derive.emit.numpy.calls import WORKSPACE, WORKSPACE_ROW
from derive.emit.numpy.functions import GLOBAL, Function, identifiers
from derive.emit.numpy.interface import Body
from derive.emit.numpy.resuming import STATE
from derive.emit.numpy.segments import Inner, Segments
from derive.emit.numpy.shapes import group
from derive.emit.numpy.sizes import BATCH, spell
from derive.emit.numpy.text import folded, unpacked
from derive.expressions import Axis, AxisKind
from derive.system import Role, Variable

KEYWORD = ("checkpoint", "int | None = None")
_ROW = (
    "checkpoint",
    "",
    "True or whole number >= 1",
    "steps in a segment, True for about the root of all: states between them are kept, the rest is computed anew; the "
    "same gradient up to rounding",
)
_NAME = "_loss_and_grad_checkpointed"


def turning(made: Segments, found: Sequence[Function]) -> list[Function]:
    """The functions, `loss_and_grad` turning to a private one for `checkpoint=`."""
    public = next(f for f in found if f.name == "loss_and_grad")
    if made.bodies[0].arrays and not any(item in public.after for item in WORKSPACE):
        after, rows = (*public.after, *WORKSPACE), (*public.rows, *WORKSPACE_ROW)
        found = [replace(f, after=after, rows=rows) if f is public else f for f in found]
        return turning(made, found)
    driver = _Driver(made, public)
    turned = replace(
        public,
        after=(*public.after, KEYWORD),
        rows=(*public.rows, _ROW),
        beginning=(*public.beginning, *_turn(public, driver.function)),
    )
    return [*(turned if f is public else f for f in found), driver.function, *driver.inner]


def _turn(public: Function, driver: Function) -> list[str]:
    """The lines of the public function that turn to the private one."""
    names = public.checks.names
    hidden = not GLOBAL.isdisjoint(a.keyword for a in public.given)
    local = {a.keyword: a.local(names) if hidden else a.keyword for a in public.given}
    given = [local[a.keyword] for a in public.given if a.required]
    given += [names.size[size] for size in public.checks.asked]
    given += [local[a.keyword] for a in public.given if not a.required]
    call = folded(f"return {_NAME}(", ["params", *given, *(name for name, _ in driver.after)], ")", 8)
    others = [name for name, _ in public.after if name in ("lengths", "window")]
    refusal = []
    if others:
        refusal = [
            f"if {' or '.join(f'{name} is not None' for name in others)}:",
            f'    raise ValueError("checkpoint: given, and so is {" or ".join(others)}; they do not go together")',
        ]
    return ["if checkpoint is not None:", *(f"    {line}" for line in (*refusal, *call))]


@dataclass(frozen=True)
class _Outer(Function):
    """The function that goes through the segments.

    Attributes:
        count: the identifier of the number of segments, by which arrays are made.
    """

    count: str = ""

    @property
    def maker_takes(self) -> tuple[str, ...]:
        """Sizes, the dtype, and the number of segments."""
        used = identifiers(tuple(value for _, value in self.body.arrays))
        return (*((self.count,) if self.count in used else ()), *super().maker_takes)


class _Driver:
    """What makes it."""

    def __init__(self, made: Segments, public: Function) -> None:
        self.made, self.public, self.names, self.segment = made, public, made.names, made.segment
        self.axis, self.table = made.segment.axis, made.system.by_name
        self.ends, self.count, self.first, self.last, self.at, self.found = map(
            self.names.free, ("ends", "count", "first", "last", "n", "found")
        )
        self.total, self.shorter = map(self.names.free, ("total", "shorter"))
        self.keeps = bool(made.bodies[0].arrays)
        self._local, self.params = made.local, made.params
        self.inputs, self.reached, self.inner = made.inputs(public), made.reached(public), made.inner(public)

    def _kept(self, start: str) -> str:
        """The array that keeps a part of the states."""
        return self.names.made(f"{self._local(start)}.kept")

    def _shape(self, axes: Iterable[Axis], *lead: str) -> str:
        sizes = self.names.size
        return group([*lead, *(sizes[BATCH] if a.kind is AxisKind.BATCH else spell(a.size, sizes) for a in axes)])

    @cached_property
    def function(self) -> Function:
        """The function that goes through the segments."""
        names, public, cells = self.names, self.public, self.segment.cells
        made = self._arrays()
        lines = [] if self.keeps else [f"{name} = {value}" for name, value in made]
        lines += [f"{self._kept(cell.start)}[0] = {self._local(cell.start)}" for cell in cells]
        body = Body(
            (*lines, *self._forwards(), *self._backwards()),
            public.body.reads,
            public.body.results,
            arrays=tuple(made) if self.keeps else (),
        )
        after = [item for item in public.after if item[0] in ("wrt", "workspace")]
        after += [STATE] * self.made.resuming.is_general
        ends = f"{self.ends} = _segment_ends(checkpoint, {names.size[self.axis.name]}, {self.segment.least})"
        opening = [*public.opening, *self._before(), ends, f"{self.count} = len({self.ends}) - 1"]
        if self.keeps:
            opening.append("workspace = _as_workspace(workspace)")
            opening.append(f"{self.shorter} = workspace.arrays(Workspace)")
        return _Outer(
            _NAME,
            "`loss_and_grad` by segments of steps: only the states between them are kept.",
            "",
            body,
            public.given,
            public.checks,
            after=(*after, KEYWORD),
            opening=tuple(opening),
            closing=public.closing,
            instead_of=_NAME,
            count=self.count,
        )

    def _before(self) -> list[str]:
        """What a state holds besides starts."""
        if not self.made.resuming.is_general:
            return []
        used = frozenset(self._local(v.name) for v in self.made.system.variables if v.role.is_given)
        return self.made.resuming.read(self.made.system, self.names, used, self.public.checks.has_batch)

    def _arrays(self) -> list[tuple[str, str]]:
        """The arrays that outlive a segment: states, a cotangent, the sums of gradients."""
        dtype = self.names.local["dtype"]
        found = []
        for cell in self.segment.cells:
            axes = self.table[cell.start].axes
            found.append((self._kept(cell.start), f"np.empty({self._shape(axes, self.count)}, {dtype})"))
            found.append((self._local(cell.left), f"np.empty({self._shape(axes)}, {dtype})"))
        params = self.made.system.with_role(Role.PARAM)
        shapes = [self._shape(v.axes) for v in params]
        return [*found, *((name, f"np.empty({s}, {dtype})") for name, s in zip(self.params, shapes, strict=True))]

    def _forwards(self) -> list[str]:
        """From each segment's first state to the next one's."""
        if len(self.inner) == 1:
            return []
        kept = [f"{self._kept(cell.start)}[{self.at} + 1]" for cell in self.segment.cells]
        lines = [*self._ends(), *self._call(self.inner[1], kept)]
        return [f"for {self.at} in range({self.count} - 1):", *(f"    {line}" for line in lines)]

    def _backwards(self) -> list[str]:
        """The gradient, from the last segment to the first."""
        names, cells = self.names, self.segment.cells
        loss, part, parts = self._local("loss"), names.free("loss_part"), names.free("parts")
        asked = {v.name: names.free(f"{self._local(grad_name(v.name))}_part") for v in self.reached}
        starts = [self._local(grad_name(name)) for name in self.segment.starts]
        lines = [*self._ends(), *self._call(self.inner[0], [part, parts, *starts, *asked.values()])]
        lines.append(f"{loss} += float({part})")
        if self.params:
            lines += folded("_add_each(", [group(self.params), parts], ")", 8)
        lines += [f"{self._local(cell.left)}[...] = {self._local(grad_name(cell.start))}" for cell in cells]
        lines += [line for v in self.reached for line in self._add(v, asked[v.name])]
        loop = [f"for {self.at} in range({self.count} - 1, -1, -1):", *(f"    {line}" for line in lines)]
        return [f"{loss} = 0.0", *self._zeros(), *loop]

    def _zeros(self) -> list[str]:
        """What is summed over the segments, before the first one."""
        found = [*(self._local(cell.left) for cell in self.segment.cells), *self.params]
        lines = [*folded(f"for {self.total} in (", found, ",):" if len(found) == 1 else "):", 4)] if found else []
        lines += [f"    {self.total}.fill(0)"] * bool(found)
        for v in self.inputs:
            made = f"{self._local(grad_name(v.name))} = np.zeros({self._shape(v.axes)}, {self.names.local['dtype']})"
            lines += [f'if "{self.names.keyword[v.name]}" in wrt:', f"    {made}"]
        return lines

    def _add(self, v: Variable, part: str) -> list[str]:
        """The gradient of data, where it is asked for; what a segment reads before its first step is another's."""
        whole = self._local(grad_name(v.name))
        at = f"[{self.first}:{self.last}]" if self.axis in v.axes else ""
        lines = [f"    {whole}{at} += {part}"]
        for k in range(dict(self.segment.data).get(v.name, 0), 0, -1):
            before = self._local(grad_name(before_name(v.name, k)))
            lines += [f"    if {self.at}:", f"        {whole}[{self.first} - {k}] += {before}"]
        return [f'if "{self.names.keyword[v.name]}" in wrt:', *lines]

    def _ends(self) -> list[str]:
        return [f"{self.first}, {self.last} = {self.ends}[{self.at}], {self.ends}[{self.at} + 1]"]

    def _call(self, function: Inner, targets: Sequence[str]) -> list[str]:
        """The call of a function for one segment; what it returns goes to the targets."""
        values = {self._local(v.name): self._value(v) for v in self.made.system.variables if v.role.is_given}
        values[self.names.size[self.axis.name]] = f"{self.last} - {self.first}"
        # One call after the other has the same sizes, so that its arrays are there: the last one has its own.
        values["workspace"] = f"workspace if {self.last} - {self.first} == {self.ends}[1] else {self.shorter}"
        passed = [values.get(local, local) for local in function.takes]
        return [*folded(f"{self.found} = {function.name}(", passed, ")", 8), *unpacked(targets, self.found, 8)]

    def _value(self, v: Variable) -> str:
        """What a segment is given for a variable."""
        axis, local, starts = self.axis, self._local(v.name), {cell.start for cell in self.segment.cells}
        before = {before_name(name, k): (name, k) for name, lags in self.segment.data for k in range(1, lags + 1)}
        if v.name in starts:
            return f"{self._kept(v.name)}[{self.at}]"
        if v.name in before:
            name, k = before[v.name]
            return f"{self._local(name)}[{self.first} - {k}] if {self.at} else {local}"
        numbers = {
            fresh_name(axis): f"{local} * ({self.at} == 0)",
            done_name(axis): f"{local} + {self.first}",
            last_name(axis): f"float({self.at} == {self.count} - 1)",
            whole_name(axis): self.names.size[axis.name],
        }
        sliced = f"{local}[{self.first}:{self.last}]" if axis in v.axes else local
        return numbers.get(v.name, sliced)
