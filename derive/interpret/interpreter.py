"""The cells of a system at given sizes: every index point under its cell, and values found on demand."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from derive.errors import DeriveError, Fault
from derive.expressions import AxisKind, refs
from derive.interpret.closures import Cell, Compiled, Compiler, Env, Key, Node
from derive.system import Reduction, Role, System, Variable

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Values:
    """The values of one variable.

    Attributes:
        array: every cell, from the least to the greatest value of each subscript; the lanes, if any, come last.
            A cell that nothing defines is NaN, or 0 in a gradient.
        first: the least value of each subscript: `h` with a start at 0 has `(0, 0)`.
    """

    array: Array
    first: Key

    def at(self, *subscripts: int) -> Any:
        """The value at these subscripts, counted as the equations count: `h.at(0, i)` is the start."""
        position = tuple(s - f for s, f in zip(subscripts, self.first, strict=True))
        if any(p < 0 or p >= n for p, n in zip(position, self.array.shape, strict=False)):
            raise IndexError(f"nothing at {subscripts}: subscripts start at {self.first}, shape {self.array.shape}")
        return self.array[position]


class Interpreter:
    """A system at given sizes, compiled once for several evaluations. See `evaluate`."""

    def __init__(self, system: System, sizes: Mapping[str, int]) -> None:
        """Compile the equations of `system`; `sizes` has every size by name."""
        self.system, self.sizes = system, sizes
        self._cells: dict[str, dict[Key, Any]] = {variable.name: {} for variable in system.variables}
        self._points: dict[str, dict[Key, list[tuple[Node, Env]]]] = {}
        self._missing: list[Cell] = []
        self._found: list[Cell] = []
        self._sums: list[dict[Key, Any]] = []
        self._compiled: dict[str, list[Compiled]] = {}
        self._nudges: Mapping[Cell, Array] = {}

    def shape(self, variable: Variable) -> tuple[int, ...]:
        """How many entries each axis has; starts before the first step are not counted."""
        compiler = self._compiler()
        return tuple(compiler.whole(axis.size)([]) for axis in variable.axes)

    def evaluate(
        self,
        given: Mapping[str, Array],
        wanted: Iterable[str] | None = None,
        nudges: Mapping[Cell, Array] | None = None,
    ) -> dict[str, Values]:
        """The values of the `wanted` variables. See `evaluate`.

        Args:
            given: an array for everything that is given.
            wanted: names of the variables to compute; all of them where it is None.
            nudges: lanes that are added to single cells, given or computed: what reads such a cell reads the sum.
        """
        self._nudges = nudges or {}
        names = [variable.name for variable in self.system.variables] if wanted is None else list(wanted)
        reached = self._reached(names)
        with np.errstate(all="ignore"):
            lanes = self._load(given, reached)
            self._found.clear()
            for remembered in self._sums:
                remembered.clear()
            self._list_points(reached)
            return {name: self._collect(self.system.by_name[name], lanes) for name in names}

    def found(self) -> Iterator[tuple[Cell, Any]]:
        """The cells of the last evaluation with their values, each after those that it needs."""
        for name, key in self._found:
            yield (name, key), self._cells[name][key]

    def given_array(self, variable: Variable, given: Mapping[str, Array]) -> Array:
        """What is given for a variable, or its default, in the variable's shape and perhaps with lanes."""
        shape = self.shape(variable)
        if variable.name in given:
            array = np.asarray(given[variable.name])
            if array.shape[: len(shape)] != shape or array.ndim > len(shape) + 1:
                raise ValueError(f"{variable.name} has shape {array.shape}, expected {shape}")
            return array
        if variable.default is None:
            raise ValueError(f"nothing is given for {variable.name}")
        return np.broadcast_to(np.asarray(variable.default, dtype=float), shape)

    def _compiler(self) -> Compiler:
        return Compiler(self.sizes, self._cells, self._missing, self._sums)

    def _reached(self, names: Iterable[str]) -> dict[str, None]:
        """The variables that the named ones depend on, themselves included."""
        reached: dict[str, None] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached[name] = None
                for equation in self.system.defining.get(name, ()):
                    parts = (equation.right, *equation.subscripts)
                    ends = (end for bounds in equation.domain for end in (bounds.first, bounds.last))
                    waiting.extend(ref.name for part in (*parts, *ends) for ref in refs(part))
        return reached

    def _load(self, given: Mapping[str, Array], reached: Mapping[str, None]) -> int | None:
        """Fill the cells of what is given. Returns the number of lanes, None where nothing has lanes."""
        for name in given:
            if name not in self.system.by_name or not self.system.by_name[name].role.is_given:
                raise ValueError(f"{name} is given, and is nothing that {self.system.name} can be given")
        lanes: set[int] = set()
        for variable in self.system.variables:
            cells = self._cells[variable.name]
            cells.clear()
            if not variable.role.is_given or variable.name not in reached:
                continue
            array = self.given_array(variable, given)
            rank = len(variable.axes)
            lanes.update(array.shape[rank:])
            array = array if array.dtype.kind == "c" else array.astype(float)
            array = array if array.ndim > rank else array[..., np.newaxis]
            first = _firsts(variable)
            for entry in np.ndindex(array.shape[:-1]):
                cells[tuple(e + f for e, f in zip(entry, first, strict=True))] = array[entry]
        for (name, key), nudge in self._nudges.items():
            lanes.update(nudge.shape)
            if key in self._cells[name]:
                self._cells[name][key] = self._cells[name][key] + nudge
        if len(lanes) > 1:
            raise ValueError(f"unequal numbers of lanes are given: {sorted(lanes)}")
        return lanes.pop() if lanes else None

    def _list_points(self, reached: Mapping[str, None]) -> None:
        """List every index point of the reached equations under its cell."""
        self._points = {name: {} for name in reached}
        compiled: list[Compiled] = []
        for name in reached:
            if name not in self._compiled:
                self._compiled[name] = [self._compiler().equation(e) for e in self.system.defining.get(name, ())]
            compiled += self._compiled[name]
        # A scatter's cells are known when the data that it looks up are, and these may be defined by equations.
        for equation in sorted(compiled, key=lambda equation: equation.scatters):
            points = self._points[equation.target]
            if self.system.defining[equation.target][0].reduction in _OF_NOTHING:
                for env in equation.cells():
                    points.setdefault(self._key(equation, env), [])
            for env in equation.points():
                points.setdefault(self._key(equation, env), []).append((equation.right, env))

    def _key(self, equation: Compiled, env: Env) -> Key:
        while True:
            self._missing.clear()
            key = tuple([subscript(env) for subscript in equation.subscripts])
            if not self._missing:
                return key
            for cell in list(self._missing):
                self._find(cell)

    def _find(self, wanted: Cell) -> Any:
        """The value of a cell; all that it needs is found first."""
        stack, open_cells = [wanted], dict[Cell, None]()
        while stack:
            cell = stack[-1]
            name, key = cell
            if key in self._cells[name]:
                stack.pop()
                open_cells.pop(cell, None)
                continue
            reader = next(reversed(open_cells), None)
            open_cells[cell] = None
            self._missing.clear()
            value = self._reduce(cell, reader)
            if not self._missing:
                self._cells[name][key] = value + self._nudges[cell] if cell in self._nudges else value
                self._found.append(cell)
                continue
            for needed in self._missing:
                if needed in open_cells:
                    raise _cycle(list(open_cells), needed)
            stack.extend(dict.fromkeys(reversed(self._missing)))
        return self._cells[wanted[0]][wanted[1]]

    def _reduce(self, cell: Cell, reader: Cell | None) -> Any:
        """The reduction of a cell over its points."""
        name, key = cell
        variable = self.system.by_name[name]
        points = self._points.get(name, {}).get(key)
        if points is None:
            if variable.role is Role.GRAD:
                return np.float64(0.0)
            by = f" by {_spell(reader)}" if reader else ""
            raise DeriveError(Fault(f"{_spell(cell)} is read{by}, and nothing defines it"))
        reduction = self.system.defining[name][0].reduction
        if not points:
            return _OF_NOTHING[reduction]
        return _REDUCE[reduction]([right(env) for right, env in points])

    def _collect(self, variable: Variable, lanes: int | None) -> Values:
        """All cells of a variable in one array."""
        first, shape = self._extent(variable)
        tail = () if lanes is None else (lanes,)
        defined = self._cells[variable.name] if variable.role.is_given else self._points[variable.name]
        values = {key: self._find((variable.name, key)) for key in defined}
        kind = complex if any(np.iscomplexobj(value) for value in values.values()) else float
        nothing = 0.0 if variable.role is Role.GRAD else np.nan
        array = np.full(shape + tail, nothing, dtype=kind)
        for key, value in values.items():
            position = tuple(k - f for k, f in zip(key, first, strict=True))
            array[position] = value if tail else np.reshape(value, ())
        return Values(array, first)

    def _extent(self, variable: Variable) -> tuple[Key, tuple[int, ...]]:
        """The least subscripts and the number of entries of an axis, starts included."""
        first, shape = list(_firsts(variable)), list(self.shape(variable))
        keys = () if variable.role.is_given else tuple(self._points[variable.name])
        for position, axis in enumerate(variable.axes):
            found = [key[position] for key in keys]
            if variable.role is Role.GRAD or axis.kind is not AxisKind.SEQUENCE:
                found += [first[position], first[position] + shape[position] - 1] if shape[position] else []
            if found:
                first[position], shape[position] = min(found), max(found) - min(found) + 1
        return tuple(first), tuple(shape)


def _firsts(variable: Variable) -> Key:
    return tuple(1 if axis.kind is AxisKind.SEQUENCE else 0 for axis in variable.axes)


def _add_up(values: list[Any]) -> Any:
    return functools.reduce(operator.add, values)


def _greatest(values: list[Any]) -> Any:
    def greater(a: Any, b: Any) -> Any:
        return np.where((np.real(b) > np.real(a)) | np.isnan(b), b, a)

    return functools.reduce(greater, values)


def _logsumexp(values: list[Any]) -> Any:
    top = np.real(_greatest(values))
    top = np.where(np.isfinite(top), top, 0.0)
    return top + np.log(_add_up([np.exp(value - top) for value in values]))


def _normaliser(values: list[Any]) -> Any:
    found = _logsumexp(values)
    return np.where(np.isneginf(np.real(found)), 0.0, found)


def _most_probable(values: list[Any]) -> Any:
    return np.argmax(np.real(np.broadcast_arrays(*values)), axis=0).astype(float)


_REDUCE = {
    Reduction.SUM: _add_up,
    Reduction.MAX: _greatest,
    Reduction.LOGSUMEXP: _logsumexp,
    Reduction.NORMALISER: _normaliser,
    Reduction.CHOICE: _most_probable,
}

# What a reduction over an empty range is; a sum is an expression, and 0 by itself.
_OF_NOTHING = {
    Reduction.MAX: np.float64(-np.inf),
    Reduction.LOGSUMEXP: np.float64(-np.inf),
    Reduction.NORMALISER: np.float64(0.0),
}


def _spell(cell: Cell) -> str:
    name, key = cell
    return f"{name}[{', '.join(map(str, key))}]" if key else name


def _cycle(path: list[Cell], again: Cell) -> DeriveError:
    circle = [*path[path.index(again) :], again]
    shown = circle if len(circle) <= 8 else [*circle[:6], circle[-1]]
    arrows = " -> ".join(map(_spell, shown[:-1])) + (" -> ... -> " if len(shown) < len(circle) else " -> ")
    return DeriveError(Fault(f"cells wait for each other: {arrows}{_spell(again)}"))
