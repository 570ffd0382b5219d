"""The checks at a module's border, as Python lines: shapes, dtypes, classes, and the sizes that the shapes give.

In comes what the functions of a group take, out comes one helper for the group: it returns everything in one dtype, with a
batch axis, and all sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sympy

from derive.emit.interface import Argument, shaped
from derive.emit.names import Names
from derive.emit.sizes import BATCH, Fix, Shaped, solve, spell, symbols
from derive.system import Axis, AxisKind, Nested, Role, System


@dataclass(frozen=True)
class Border:
    """What is checked together.

    Attributes:
        name: the helper's name.
        given: what it takes.
        partial: keywords of what some functions need and others may lack.
        held: those arrays of a NamedTuple (`forward`, `state`) that are read.
        holder: the NamedTuple's name, or an empty string.
        batch: whether the batch's size may be given as a number, `batch`.
        sizes: the names of all sizes that the functions read.
    """

    name: str
    given: tuple[Argument, ...]
    partial: tuple[str, ...] = ()
    held: tuple[Shaped, ...] = ()
    holder: str = ""
    batch: bool = False
    sizes: tuple[str, ...] = ()


@dataclass
class Checks:
    """The lines of one helper, in the making.

    Attributes:
        system: the system with the batch.
        names: the module's identifiers.
        border: what is checked.
        lines: the lines so far.
    """

    system: System
    names: Names
    border: Border
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Find which array gives which size."""
        names, border = self.names, self.border
        self.dtype, self.single, self.whole = names.local["dtype"], names.local["single"], names.local["whole"]
        self.params = tuple(Shaped(v.name, names.variable[v.name], v.axes) for v in self.system.with_role(Role.PARAM))
        self.arguments = {a.keyword: a for a in border.given}
        given = tuple(shaped(a, names) for a in border.given)
        always = [s for s in given if s.always and s.label not in border.partial]
        data = [s for s in always if self.arguments[s.label].variable.role.is_data]
        constants = [s for s in always if s not in data]
        self.always = (*self.params, *data, *border.held, *constants)
        self.later = tuple(s for s in given if s not in always)
        self.fixes = solve(self.always, names.size)
        self.source = {fix.size: fix.array for fix in self.fixes}
        needed = symbols([a.size for s in (*self.always, *self.later) for a in s.axes if a.kind is not AxisKind.BATCH])
        needed += symbols(c for a in border.given if (c := a.variable.classes) is not None)
        self.asked = tuple(s for s in dict.fromkeys((*needed, *border.sizes)) if s not in self.source and s != BATCH)
        self.has_batch = any(s.batch is not None for s in (*self.always, *self.later)) or border.batch
        self.leader = next((s for s in self.always if s.batch is not None), None)

    @property
    def sizes(self) -> tuple[str, ...]:
        """The identifiers of the sizes that it returns, the batch's last."""
        found = [self.names.size[s] for s in (*self.source, *self.asked)]
        return (*found, self.names.size[BATCH]) if self.has_batch else tuple(found)

    @property
    def takes(self) -> tuple[str, ...]:
        """The parameters of the helper."""
        border = self.border
        given = (a.local(self.names) for a in border.given)
        sizes = (self.names.size[s] for s in self.asked)
        extra = (border.holder,) if border.holder else ()
        batch = (self.names.local["batch"],) if border.batch else ()
        return ("params", *extra, *given, *sizes, *batch, *((f"{self.whole}=False",) if border.partial else ()))

    @property
    def returns(self) -> tuple[str, ...]:
        """What it returns, in order."""
        locals_ = (self.names.variable[v.name] for a in self.border.given for v in a.variables)
        held = (s.local for s in self.border.held)
        flags = (self.dtype, self.single) if self.has_batch else (self.dtype,)
        return ("params", *locals_, *held, *flags, *self.sizes)

    def written(self) -> tuple[str, ...]:
        """All lines."""
        self.lines = [f"params, {self.dtype} = _parameters(params)"]
        if self.params:
            self.lines.append(f"{', '.join(s.local for s in self.params)}{',' * (len(self.params) == 1)} = params")
        self._casts()
        self.lines += [f'{self.names.size[s]} = _size("{s}", {self.names.size[s]})' for s in self.asked]
        self._sizes()
        for array in self.always:
            self._shape(array)
        self._axes(self.always)
        for array in self.later:
            self._later(array)
        return tuple(self.lines)

    def _casts(self) -> None:
        """Arrays in their dtypes."""
        if self.border.holder == "forward":
            self.lines.append("forward = _kept(forward)")
        elif self.border.holder:
            self.lines.append(f"{self.border.holder} = _before({self.border.holder})")
        for array in self.always[len(self.params) :]:
            self.lines.append(f"{array.local} = {self._cast(array)}")

    def _cast(self, array: Shaped) -> str:
        argument = self.arguments.get(array.label)
        value = array.local if argument else array.label
        if argument is not None and argument.variable.role.is_integer:
            return f'_integers("{array.label}", {value})'
        return f'_real("{array.label}", {value}, {self.dtype})'

    def _sizes(self) -> None:
        """What the shapes give, each array's rank before its first size."""
        ranked: set[str] = set()
        if self.border.batch:
            local, size = self.names.local["batch"], self.names.size[BATCH]
            self.lines += [
                f"{self.single} = {local} is None",
                f'{size} = 1 if {self.single} else _size("batch", {local})',
                self._batch(),
            ]
        for fix in self.fixes:
            self._rank(fix.array, ranked)
            self._fix(fix)
        if self.leader is not None:
            self._rank(self.leader, ranked)
        elif self.has_batch and not self.border.batch:
            self.lines += [f"{self.single}, {self.names.size[BATCH]} = False, 1", self._batch()]

    def _rank(self, array: Shaped, ranked: set[str]) -> None:
        if array.label in ranked:
            return
        ranked.add(array.label)
        letters = _strings(array.letters)
        if array.batch is None or self.border.batch:
            self.lines.append(f'_rank("{array.label}", {array.local}, {letters})')
        elif array is not self.leader and self.leader is not None:
            self._rank(self.leader, ranked)
            self.lines.append(f'_rank("{array.label}", {array.local}, {letters}, {self.single})')
        else:
            self.lines += self._leading(array)

    def _leading(self, array: Shaped) -> list[str]:
        """The array that says whether there is a batch."""
        return [
            f"{self.single} = {array.local}.ndim == {len(array.axes) - 1}",
            f'_rank("{array.label}", {array.local}, {_strings(array.letters)}, {self.single})',
            f"{self.names.size[BATCH]} = 1 if {self.single} else {array.local}.shape[{array.batch}]",
            self._batch(),
        ]

    def _batch(self) -> str:
        return f"{self.names.local['batch_axis']} = () if {self.single} else ({self.names.size[BATCH]},)"

    def _fix(self, fix: Fix) -> None:
        size = self.names.size[fix.size]
        self.lines.append(f"{size} = {fix.code}")
        if not fix.plain:
            expected = f"expected ({', '.join(fix.array.letters)}) with {fix.size} >= 1"
            self.lines += [
                f"if {size} < 1:",
                f'    raise ValueError(f"{fix.array.label}: shape {{{fix.array.local}.shape}}, {expected}")',
            ]

    def _shape(self, array: Shaped) -> None:
        own = {fix.axis for fix in self.fixes if fix.array is array and fix.plain}
        checked = [n for n in range(len(array.axes)) if n not in own and not (n == array.batch and array is self.leader)]
        if checked or not array.axes:
            self.lines.append(self._expect(array))
        self._classes(array)

    def _expect(self, array: Shaped) -> str:
        entries = [
            f"*{self.names.local['batch_axis']}" if n == array.batch else spell(axis.size, self.names.size)
            for n, axis in enumerate(array.axes)
        ]
        why = self._why(array)
        return f'_expect("{array.label}", {array.local}, {_tuple(entries)}, {_strings(array.letters)}, "{why}")'

    def _why(self, array: Shaped) -> str:
        """Which other arrays gave the sizes that are expected."""
        found: dict[str, list[str]] = {}
        for axis in array.axes:
            if axis.kind is AxisKind.BATCH:
                if self.leader is not None and self.leader is not array:
                    found.setdefault(self.leader.label, []).append(BATCH)
                continue
            for size in symbols([axis.size]):
                if size in self.source and self.source[size] is not array:
                    found.setdefault(self.source[size].label, []).append(size)
        return ", ".join(f"{_and(dict.fromkeys(sizes))} from {label}" for label, sizes in found.items())

    def _classes(self, array: Shaped) -> None:
        argument = self.arguments.get(array.label)
        if argument is None or argument.variable.classes is None:
            return
        count = argument.variable.classes
        if _is_sequence(self.system, count):  # a node: from 1, and 0 for none
            count = count + 1
        self.lines.append(
            f'_classes("{array.label}", {array.local}, {spell(count, self.names.size)}, "{spell(count - 1)}")'
        )

    def _axes(self, arrays: Iterable[Shaped]) -> None:
        """One example becomes a batch of one."""
        lone = [array for array in arrays if array.batch is not None]
        if lone:
            self.lines.append(f"if {self.single}:")
            self.lines += [f"    {array.local} = {array.local}[{':, ' * (array.batch or 0)}None]" for array in lone]

    def _later(self, array: Shaped) -> None:
        """What may be missing."""
        argument = self.arguments[array.label]
        outer, self.lines = self.lines, []
        if array.label in self.border.partial or argument.variable.role.is_data:
            leads = array.batch is not None and self.leader is None and not self.border.batch
            self.lines.append(f"{array.local} = {self._cast(array)}")
            if leads:
                self.lines += self._leading(array)
                self.leader = array
            self.lines.append(self._expect(array))
            self._classes(array)
            self._axes([array])
            condition = f"{self.whole} or " if array.label in self.border.partial else ""
            outer += _block(f"if {condition}{array.local} is not None:", self.lines)
        elif argument.variable.role is Role.CONST:
            self.lines = [f"{array.local} = {self._cast(array)}"]
            if array.axes and not isinstance(argument.variable.default, tuple):
                self.lines.append(f"if {array.local}.ndim == 0:")
                shape = _tuple([spell(axis.size, self.names.size) for axis in array.axes])
                self.lines.append(f"    {array.local} = np.full({shape}, {array.local})")
            outer += [*self.lines, self._expect(array)]
        else:
            outer += self._starts(array, argument)
        self.lines = outer

    def _starts(self, array: Shaped, argument: Argument) -> list[str]:
        """Starts that are given, or their defaults."""
        given = [f"{array.local} = {self._cast(array)}", self._expect(array)]
        self.lines = given
        self._axes([array])
        missing = []
        for v in argument.variables:
            shape = _tuple([spell(axis.size, self.names.size) for axis in v.axes])
            missing.append(f"{self.names.variable[v.name]} = {filled(v.default or 0, shape, self.dtype)}")
        if len(argument.variables) > 1:
            self.lines.append(f"{', '.join(self.names.variable[v.name] for v in argument.variables)} = {array.local}")
        return [*_block(f"if {array.local} is None:", missing), *_block("else:", self.lines)]


def filled(number: Nested, shape: str, dtype: str) -> str:
    """An array of one number."""
    if number == 0:
        return f"np.zeros({shape}, {dtype})"
    return f"np.full({shape}, {literal(number)}, {dtype})"


def literal(value: Nested) -> str:
    """A default as Python spells it."""
    if isinstance(value, tuple):
        return _tuple([literal(part) for part in value])
    number = float(value)
    if number in (float("inf"), float("-inf")):
        return "np.inf" if number > 0 else "-np.inf"
    return repr(number)


def _is_sequence(system: System, size: sympy.Expr) -> bool:
    axes: list[Axis] = [axis for variable in system.variables for axis in variable.axes]
    return any(axis.kind is AxisKind.SEQUENCE and axis.size == size for axis in axes)


def _block(opening: str, lines: Sequence[str]) -> list[str]:
    return [opening, *(f"    {line}" for line in lines)]


def _strings(words: Sequence[str]) -> str:
    return _tuple([f'"{word}"' for word in words])


def _tuple(entries: Sequence[str]) -> str:
    return f"({', '.join(entries)}{',' * (len(entries) == 1)})"


def _and(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
