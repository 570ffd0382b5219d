"""The checks at a module's border, as Python lines: shapes, dtypes, classes, and the sizes that the shapes give.

In comes what the functions of a group take; out comes one helper for the group, which returns everything in one dtype,
with a batch axis, and all sizes. The parameters have a helper of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from derive.emit.numpy.defaults import filled
from derive.emit.numpy.interface import Argument, is_sequence, least_lengths, node_axis, shaped
from derive.emit.numpy.names import Names
from derive.emit.numpy.shapes import Shapes, group
from derive.emit.numpy.sizes import BATCH, Shaped, spell, symbols
from derive.emit.numpy.text import unpacked
from derive.expressions import AxisKind
from derive.system import Role, System


class Parameters:
    """The checks of the parameters, `_parameters`.

    Attributes:
        system: the system with the batch.
        names: the module's identifiers.
        arrays: the parameters.
        shapes: of those whose sizes are all known from parameters.
        open: those in which a size is left that only data give.
    """

    def __init__(self, system: System, names: Names) -> None:
        """The checks for the parameters of a system."""
        self.system, self.names = system, names
        self.arrays = tuple(Shaped(v.name, names.variable[v.name], v.axes) for v in system.with_role(Role.PARAM))
        known = Shapes(names, self.arrays).source
        settled = [a for a in self.arrays if all(s in known for s in symbols(axis.size for axis in a.axes))]
        self.shapes = Shapes(names, settled)
        self.open = tuple(a for a in self.arrays if a not in settled)

    @property
    def returns(self) -> tuple[str, ...]:
        """What it returns, in order."""
        return ("params", self.names.local["dtype"], *(self.names.size[s] for s in self.shapes.source))

    def lines(self) -> list[str]:
        """Its statements."""
        dtype = self.names.local["dtype"]
        own = unpacked([a.local for a in self.arrays], "params", 4) if self.arrays else []
        return [f"params, {dtype} = _reals(params)", *own, *self.shapes.lines()]


@dataclass(frozen=True)
class Border:
    """What is checked together.

    Attributes:
        name: the helper's name.
        given: what it takes.
        partial: keywords of what some functions need and others may lack.
        held: those arrays of a NamedTuple (`forward`, `state`) that are read.
        holder: the NamedTuple's name, or an empty string.
        by_number: whether the batch's size is given as a number, `batch`.
        sizes: the names of all sizes that the functions read.
        classes: of those held arrays that are whole numbers, the label and how many values there are.
    """

    name: str
    given: tuple[Argument, ...]
    partial: tuple[str, ...] = ()
    held: tuple[Shaped, ...] = ()
    holder: str = ""
    by_number: bool = False
    sizes: tuple[str, ...] = ()
    classes: tuple[tuple[str, sympy.Expr], ...] = ()


class Checks:
    """The checks of the other arguments of some functions.

    Attributes:
        border: what is checked.
        parameters: the checks of the parameters, which come first.
        cast: the arrays that are there in every call.
        later: those that may be missing.
        shapes: the comparison of shapes.
        asked: the sizes that no array gives, which are asked for.
        extra: what they take besides.
    """

    extra: tuple[str, ...] = ()

    def __init__(self, parameters: Parameters, border: Border) -> None:
        """The checks at a border."""
        names = parameters.names
        self.system, self.names, self.border, self.parameters = parameters.system, names, border, parameters
        self.dtype, self.single, self.whole = names.local["dtype"], names.local["single"], names.local["whole"]
        self.arguments = {a.keyword: a for a in border.given}
        given = tuple(shaped(a, names) for a in border.given)
        always = [s for s in given if s.always and s.label not in border.partial]
        data = [s for s in always if self.arguments[s.label].variable.role.is_data]
        self.cast = (*data, *border.held, *(s for s in always if s not in data))
        self.later = tuple(s for s in given if s not in always)
        self.shapes = Shapes(
            names, (*parameters.open, *self.cast), parameters.shapes.source, by_number=border.by_number
        )
        compared = (*parameters.open, *self.cast, *self.later)
        needed = symbols(a.size for s in compared for a in s.axes if a.kind is not AxisKind.BATCH)
        needed += symbols(c for a in border.given if (c := a.variable.classes) is not None)
        self.asked = tuple(s for s in dict.fromkeys((*needed, *border.sizes)) if s not in self.shapes.source)
        self.has_batch = any(s.batch is not None for s in (*self.cast, *self.later)) or border.by_number

    @property
    def takes(self) -> tuple[str, ...]:
        """Its parameters."""
        border = self.border
        holder = (border.holder,) if border.holder else ()
        given = (a.local(self.names) for a in border.given)
        sizes = (self.names.size[s] for s in self.asked)
        batch = (self.names.local["batch"],) if border.by_number else ()
        whole = (f"{self.whole}=False",) if border.partial else ()
        return ("params", *holder, *given, *sizes, *batch, *self.extra, *whole)

    @property
    def returns(self) -> tuple[str, ...]:
        """What it returns, in order."""
        given = (self.names.variable[v.name] for a in self.border.given for v in a.variables)
        held = (s.local for s in self.border.held)
        sizes = (self.names.size[s] for s in (*self.shapes.source, *self.asked))
        if not self.has_batch:
            return ("params", *given, *held, self.dtype, *sizes)
        return ("params", *given, *held, self.dtype, self.single, *sizes, self.names.size[BATCH])

    def lines(self) -> list[str]:
        """Its statements."""
        lines = unpacked(self.parameters.returns, "_parameters(params)", 4)
        lines += [f"{a.local} = params.{a.label}" for a in self.parameters.open]
        if self.border.holder:
            lines.append(f"{self.border.holder} = _as_{self.border.holder}({self.border.holder})")
        lines += [f"{array.local} = {self._cast(array)}" for array in self.cast]
        lines += [f'{self.names.size[s]} = _size("{self.names.size[s]}", {self.names.size[s]})' for s in self.asked]
        lines += [*self._batch(), *self.shapes.lines(), *self._lengths()]
        lines += [line for array in self.cast for line in self._classes(array)]
        lines += self._one_example()
        return [*lines, *(line for array in self.later for line in self._later(array))]

    def _cast(self, array: Shaped) -> str:
        """An array in its dtype."""
        argument = self.arguments.get(array.label)
        value = array.local if argument else array.label
        integers = dict(self.border.classes)
        if array.label in integers or (argument is not None and argument.variable.role.is_integer):
            return f'_integers("{array.label}", {value})'
        return f'_real("{array.label}", {value}, {self.dtype})'

    def _batch(self) -> list[str]:
        """The batch's size where no array always gives it."""
        size, batch = self.names.size[BATCH], self.names.local["batch"]
        if self.border.by_number:
            opening = [f"{self.single} = {batch} is None", f'{size} = 1 if {self.single} else _size("batch", {batch})']
            return [*opening, self.shapes.batch_axis()]
        if self.has_batch and self.shapes.leader is None:
            return [f"{self.single}, {size}, {self.names.local['batch_axis']} = False, 1, (1,)"]
        return []

    def _lengths(self) -> list[str]:
        """The least lengths of the sequences."""
        known = {*self.shapes.source, *self.asked}
        return [
            f'_long_enough("{size}", {self.names.size[size]}, {least}, "{cell}")'
            for size, (least, cell) in least_lengths(self.system).items()
            if size in known
        ]

    def _classes(self, array: Shaped) -> list[str]:
        """The range of integers."""
        argument = self.arguments.get(array.label)
        if array.label in (held := dict(self.border.classes)):
            count = held[array.label]
            return [f'_classes("{array.label}", {array.local}, {spell(count, self.names.size)}, "{spell(count - 1)}")']
        if argument is None or argument.variable.classes is None:
            return []
        count = argument.variable.classes
        axis = node_axis(argument.variable)
        if axis is not None:
            return [f'_nodes("{array.label}", {array.local}, {axis})']
        if is_sequence(self.system, count):  # a step: from 1, and 0 for none
            count = count + 1
        spelled = spell(count, self.names.size)
        return [f'_classes("{array.label}", {array.local}, {spelled}, "{spell(count - 1)}")']

    def _one_example(self) -> list[str]:
        """The batch of one that one example is, for all arrays that are always there."""
        lines = [self.shapes.one_example(array) for array in self.cast if array.batch is not None]
        return [lines[0][0], *(line for _, line in lines)] if lines else []

    def _later(self, array: Shaped) -> list[str]:
        """What may be missing."""
        argument = self.arguments[array.label]
        lines = [f"{array.local} = {self._cast(array)}"]
        role = argument.variable.role
        if role is Role.CONST:
            lines += [*self._spread(array, argument), *self.shapes.expect(array)]
            opening = f"if {self.whole} or {array.local} is not None:"
            return _block(opening, lines) if array.label in self.border.partial else lines
        if array.batch is not None and not self.border.by_number:
            lines += self._leading(array)
        lines += [*self.shapes.expect(array), *self._classes(array), *self.shapes.one_example(array)]
        if role is not Role.START:
            condition = f"{self.whole} or " if array.label in self.border.partial else ""
            return _block(f"if {condition}{array.local} is not None:", lines)
        own = [self.names.variable[v.name] for v in argument.variables]
        if len(own) > 1:
            lines.append(f"{', '.join(own)} = {array.local}")
        missing = []
        for v, local in zip(argument.variables, own, strict=True):
            shape = group([spell(axis.size, self.names.size) for axis in v.axes])
            missing.append(f"{local} = {filled(v.default or 0, shape, self.dtype)}")
        return [*_block(f"if {array.local} is None:", missing), *_block("else:", lines)]

    def _leading(self, array: Shaped) -> list[str]:
        """Of those that may be missing the first that is there says whether there is a batch."""
        if self.shapes.leader is not None and self.shapes.leader not in self.later:
            return []
        before = self.later[: self.later.index(array)]
        local = [a.local for a in before if a.batch is not None and self.arguments[a.label].variable.role.is_data]
        self.shapes.leader = self.shapes.leader or array
        lead = self.shapes.leading(array)
        return _block(f"if {' and '.join(f'{name} is None' for name in local)}:", lead) if local else lead

    def _spread(self, array: Shaped, argument: Argument) -> list[str]:
        """A number for an array of constants fills it."""
        if not array.axes or isinstance(argument.variable.default, tuple):
            return []
        shape = group([spell(axis.size, self.names.size) for axis in array.axes])
        return [f"if {array.local}.ndim == 0:", f"    {array.local} = np.full({shape}, {array.local})"]


def _block(opening: str, lines: Sequence[str]) -> list[str]:
    return [opening, *(f"    {line}" for line in lines)]
