"""What is true of a line, from finite differences: no part of the checker has a share in it.

A line's text is executed with small objects in the place of the model's names (it is the study's own text), step by
step.
Gradients are central differences of the interpreter's loss, every cell of a variable moved by itself.
"""

# ruff: noqa: D105

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from derive.check.sample import prime_sizes, sample
from derive.expressions import AxisKind
from derive.interpret import Array, Interpreter
from derive.system import Role, System, Variable

from .cells import Cell, Misfit, cell, diag, outer

STEP = 1e-5
CLOSE = 1e-5  # of the largest entry; differences of numbers that are right to rounding are a thousand times less
LENGTHS = ((5, 4), (1, 1), (2, 3), (4, 6))
LANES = 256


@dataclass
class Series:
    """A variable: a value for each of its steps; what is outside has numbers of no meaning, or 0."""

    point: Point
    name: str
    array: Array
    first: tuple[int, ...]
    sizes: tuple[str, ...]
    steps: int
    outside: float | None

    def __getitem__(self, given: object) -> Cell:
        keys = tuple(
            int(k.array) if isinstance(k, Cell) else int(k) for k in (given if isinstance(given, tuple) else (given,))
        )  # type: ignore[call-overload]
        if not self.steps <= len(keys) <= self.array.ndim:
            raise Misfit(f"{self.name} has {self.steps} steps")
        kept = self.sizes[len(keys) :]
        place = tuple(k - f for k, f in zip(keys, self.first, strict=False))
        if any(p < 0 or p >= n for p, n in zip(place, self.array.shape, strict=False)):
            fill = self.point.fill if self.outside is None else self.outside
            return Cell(np.full(self.array.shape[len(keys) :], fill), kept, self.name, keys)
        found = self.array[place]
        if np.any(np.isnan(found)):
            found = np.full_like(found, self.point.fill)
        return Cell(np.asarray(found), kept, self.name, keys)


@dataclass
class Point:
    """Random numbers for everything, and gradients by finite differences."""

    system: System
    lengths: tuple[int, ...]
    seed: int
    fill: float = 0.0
    definitions: dict[str, tuple[ast.expr, ast.expr]] = field(default_factory=dict)
    _gradients: dict[str, Series] = field(default_factory=dict)
    _own: dict[tuple[str, tuple[int, ...], float], Cell] = field(default_factory=dict)
    _sizes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _waiting: list[tuple[str, tuple[int, ...], float]] = field(default_factory=list)
    _jacobians: dict[tuple[str, str], Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Draw the numbers."""
        usual = prime_sizes(self.system)
        sequences = dict.fromkeys(
            a.name for v in self.system.variables for a in v.axes if a.kind is AxisKind.SEQUENCE and a.name in usual
        )
        self.sizes = usual | dict(zip(sequences, self.lengths, strict=False))
        self.given = sample(self.system, self.sizes, 100 + self.seed)
        self.interpreter = Interpreter(self.system, self.sizes)
        self.values = self.interpreter.evaluate(self.given)
        self.names = {v.name: self._series(v) for v in self.system.variables}

    def _series(self, variable: Variable) -> Series:
        values = self.values[variable.name]
        array, outside = np.asarray(values.array.real), None
        if variable.role.is_integer:
            outside = -1.0
        elif variable.role.is_data or variable.role is Role.GRAD:
            outside = 0.0
        return Series(self, variable.name, array, values.first, *_axes(variable), outside)

    def gradient(self, inner: object) -> Cell:
        """The derivative of the loss by a cell, or by all of a variable."""
        if not isinstance(inner, Cell) or not inner.name:
            raise Misfit("a step is missing")
        name = inner.name
        if name not in self._gradients:
            array = self._slopes("loss", name)[()]
            variable = self.system.by_name[name]
            self._gradients[name] = Series(self, name, array, self.values[name].first, *_axes(variable), 0.0)
        found = self._gradients[name]
        return found[inner.key] if inner.key else Cell(found.array, found.sizes)

    def jacobian(self, one: Cell, other: Cell) -> Cell:
        """The derivative of a cell by another; both have a step."""
        key = (one.name, other.name)
        if key not in self._jacobians:
            self._jacobians[key] = self._slopes(*key)
        rows = one.key[0] - self.values[one.name].first[0]
        columns = other.key[0] - self.values[other.name].first[0]
        array = self._jacobians[key]
        if not (0 <= rows < array.shape[0] and 0 <= columns < array.shape[2]):
            raise Misfit("outside")
        return Cell(array[rows, :, columns, :], (*one.sizes, *other.sizes))

    def _slopes(self, of: str, by: str) -> Array:
        """Every cell of a variable by every cell of another: central differences."""
        values = self.values[by]
        keys = [
            tuple(e + f for e, f in zip(entry, values.first, strict=True)) for entry in np.ndindex(values.array.shape)
        ]
        slopes: list[Array] = []
        for begin in range(0, len(keys), LANES):
            chunk = keys[begin : begin + LANES]
            found = []
            for sign in (1, -1):
                nudges = {(by, key): sign * STEP * np.eye(len(chunk))[lane] for lane, key in enumerate(chunk)}
                found.append(np.asarray(self.interpreter.evaluate(self.given, [of], nudges)[of].array.real))
            slopes.append((found[0] - found[1]) / (2 * STEP))
        joined = np.nan_to_num(np.concatenate(slopes, axis=-1))
        return joined.reshape((*joined.shape[:-1], *values.array.shape))

    def define(self, definitions: Mapping[str, tuple[ast.expr, ast.expr]]) -> None:
        """Let names of the person's own have these definitions and no others."""
        self.definitions = dict(definitions)
        self._own, self._sizes = {}, {}

    def own(self, name: str, steps: tuple[int, ...]) -> Cell:
        """A name of the person's own at a step, by its definition; outside of its steps it is 0."""
        left, right = self.definitions[name]
        indices = _left_names(left)
        runs = [i for i in indices if i.upper() in self.sizes]
        if not all(1 <= k <= self.sizes[i.upper()] for i, k in zip(runs, steps, strict=False)):
            sizes = self._sizes_of(name)
            return Cell(np.zeros([self.sizes[size] for size in sizes]), sizes)
        key = (name, steps, self.fill)
        if key in self._waiting:
            raise Misfit(f"{name} waits for itself")
        if key not in self._own:
            self._waiting.append(key)
            try:
                self._own[key] = Line(right, self).value(dict(zip(indices, steps, strict=True)))
            finally:
                self._waiting.remove(key)
        return self._own[key]

    def _sizes_of(self, name: str) -> tuple[str, ...]:
        """The sizes of a name: those that it has if what it reads outside of its own steps has them."""
        if name not in self._sizes:
            ones = tuple(1 for _ in _left_names(self.definitions[name][0]))
            kept, waiting, self._waiting = dict(self._own), self._waiting, []
            for sizes in dict.fromkeys(series.sizes[series.steps :] for series in self.names.values()):
                self._sizes[name] = sizes
                try:
                    found = self.own(name, ones).sizes
                except Misfit:
                    found = None
                self._own = dict(kept)
                if found == sizes:
                    self._waiting = waiting
                    return sizes
            self._waiting = waiting
            del self._sizes[name]
            raise Misfit(f"{name} has no shape")
        return self._sizes[name]


def _axes(variable: Variable) -> tuple[tuple[str, ...], int]:
    return tuple(str(a.size) for a in variable.axes), sum(a.kind is AxisKind.SEQUENCE for a in variable.axes)


def _left_names(left: ast.expr) -> list[str]:
    """The indices of a left side."""
    inner = left
    while isinstance(inner, ast.Call):
        inner = inner.args[0]
    if not isinstance(inner, ast.Subscript):
        return []
    given = inner.slice.elts if isinstance(inner.slice, ast.Tuple) else [inner.slice]
    return list(
        dict.fromkeys(n.id for g in given for n in ast.walk(g) if isinstance(n, ast.Name) and not n.id.isupper())
    )


class _Delayed(ast.NodeTransformer):
    """`sum(body, i)` is a function of i, evaluated later."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in ("sum", "mean") and len(node.args) == 2:
            body, over = node.args
            bounds = over.elts if isinstance(over, ast.Tuple) else [over]
            index = bounds[0]
            if not isinstance(index, ast.Name):
                raise Misfit("a sum over no index")
            arguments = ast.arguments([], [ast.arg(index.id)], None, [], [], None, [])
            text = ast.Constant(index.id)
            return ast.Call(
                node.func,
                [
                    ast.Lambda(arguments, body),
                    text,
                    *bounds[1:],
                ],
                [],
            )
        return node


@dataclass
class Own:
    """A name of the person's own."""

    point: Point
    name: str

    def __getitem__(self, given: object) -> Cell:
        keys = given if isinstance(given, tuple) else (given,)
        left, _ = self.point.definitions[self.name]
        steps = len(_left_names(left))
        found = self.point.own(self.name, tuple(int(k) for k in keys[:steps]))  # type: ignore[call-overload]
        return found[tuple(keys[steps:])] if keys[steps:] else found


class Line:
    """An expression at a point."""

    def __init__(self, tree: ast.expr, point: Point) -> None:
        """Ready to be executed."""
        self.point, self.tree = point, tree
        text = ast.unparse(_Delayed().visit(ast.parse(ast.unparse(tree), mode="eval").body))
        self.code = compile(text, "<line>", "eval")

    def value(self, indices: Mapping[str, int]) -> Cell:
        """The value at these indices."""
        scope = {**self._names(), **indices, "__builtins__": {}}
        try:
            with np.errstate(all="ignore"):
                return cell(eval(self.code, scope))
        except (NameError, TypeError, AttributeError, ValueError, IndexError) as error:
            raise Misfit(str(error)) from None

    def _names(self) -> Mapping[str, object]:
        point = self.point
        known: dict[str, object] = {n: size for n, size in point.sizes.items()}
        for name, series in point.names.items():
            known[name] = series if series.steps else Cell(series.array, series.sizes, name)
        known |= {
            name: Own(point, name) if _left_names(left) else point.own(name, ())
            for name, (left, _) in point.definitions.items()
        }
        return known | _FUNCTIONS | {
            "grad": point.gradient, "jac": point.jacobian, "eye": self._eye, "onehot": self._onehot, "sum": self._sum,
        }  # fmt: skip

    def _eye(self, size: int) -> Cell:
        name = next(n for n, value in self.point.sizes.items() if value == size and not n[:1].isupper())
        return Cell(np.eye(size), (name, name))

    def _onehot(self, inner: Cell) -> Cell:
        classes = self.point.system.by_name[inner.name].classes
        size = self.point.sizes[str(classes)]
        return Cell((np.arange(size) == int(inner.array)).astype(float), (str(classes),))

    def _sum(self, body: Callable[[int], Cell], index: str = "", first: object = None, last: object = None) -> Cell:
        if not callable(body):
            raise Misfit("sum")
        if first is None:
            low, high = self.range_of(index)
        else:
            low, high = int(first), int(last)  # type: ignore[call-overload]
        parts = [cell(body(n)) for n in range(low, high + 1)]
        if not parts:
            probe = cell(body(1))
            return Cell(np.zeros_like(probe.array), probe.sizes)
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def range_of(self, index: str) -> tuple[int, int]:
        """The first and the last value of an index."""
        name = index.rstrip("0123456789").upper()
        if name in self.point.sizes:
            return 1, self.point.sizes[name]
        return self._features(index)

    def _features(self, index: str) -> tuple[int, int]:
        """The range of a feature index: read off where it stands."""
        for node in ast.walk(self.tree):
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.value, ast.Name)
                and node.value.id in self.point.names
            ):
                given = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
                for position, entry in enumerate(given):
                    if isinstance(entry, ast.Name) and entry.id == index:
                        sizes = self.point.names[node.value.id].sizes
                        if position < len(sizes):
                            return 0, self.point.sizes[sizes[position]] - 1
        raise Misfit(f"{index} stands nowhere")


def _entrywise(function: Callable[[Array], Array]) -> Callable[[object], Cell]:
    def apply(inner: object) -> Cell:
        value = cell(inner)
        return Cell(np.asarray(function(value.array)), value.sizes, row=value.row)

    return apply


def _where(condition: object, one: object, other: object) -> Cell:
    held = cell(condition)
    a, b = cell(one), cell(other)
    return Cell(np.where(held.array, a.array, b.array).astype(float), held.sizes or a.sizes or b.sizes)


_FUNCTIONS: dict[str, object] = {
    "outer": outer,
    "diag": diag,
    "where": _where,
    "tanh": _entrywise(np.tanh),
    "exp": _entrywise(np.exp),
    "log": _entrywise(np.log),
    "sin": _entrywise(np.sin),
    "sigmoid": _entrywise(lambda a: 1 / (1 + np.exp(-a))),
    "relu": _entrywise(lambda a: np.maximum(a, 0)),
    "softmax": _entrywise(lambda a: np.exp(a) / np.exp(a).sum()),
    "pi": math.pi,
    "dot": lambda one, other: one @ other,
}


FILLS = (1.37, -0.81)  # what is read where nothing is: a line that depends on it is wrong


def parted(text: str) -> tuple[ast.expr, ast.expr, ast.expr | None]:
    """`left = right, condition` as trees."""
    left, _, right = text.partition(" = ")
    tree = ast.parse(right.strip(), mode="eval").body
    if isinstance(tree, ast.Tuple):
        return ast.parse(left.strip(), mode="eval").body, tree.elts[0], tree.elts[1]
    return ast.parse(left.strip(), mode="eval").body, tree, None


def is_true(text: str, points: list[Point]) -> bool:
    """Whether a line is right at every point, by finite differences alone."""
    left, right, condition = parted(text)
    return all(_holds(left, right, condition, point) for point in points)


def _holds(left: ast.expr, right: ast.expr, condition: ast.expr | None, point: Point) -> bool:
    names = _left_names(left)
    one, other = Line(left, point), Line(right, point)
    gaps, scale = [0.0], 1e-4
    for indices in _steps(left, names, point):
        if condition is not None and not Line(condition, point).value(indices).array:
            continue
        try:
            true = one.value(indices)
        except Misfit:
            continue
        for point.fill in FILLS:
            try:
                said = other.value(indices)
            except Misfit:
                return False
            if said.sizes != true.sizes or not np.all(np.isfinite(said.array)):
                return False
            gaps.append(float(np.abs(said.array - true.array).max(initial=0.0)))
            scale = max(scale, float(np.abs(true.array).max(initial=0.0)))
    return max(gaps) <= CLOSE * scale


def _steps(left: ast.expr, names: list[str], point: Point) -> Iterator[dict[str, int]]:
    line = Line(left, point)
    ranges = [line.range_of(name) for name in names]
    for given in itertools.product(*(range(low, high + 1) for low, high in ranges)):
        yield dict(zip(names, given, strict=True))
