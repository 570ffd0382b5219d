"""Both sides of a claim as numbers: arrays over its indices at every point, and where it is meant to hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import sympy

from derive.check.hand.broadcast import LARGEST, Cells, Grid, TooLarge
from derive.check.hand.claims import Claim, Side
from derive.check.hand.points import Point
from derive.errors import Fault
from derive.expressions import AxisKind, Index, Range, refs
from derive.interpret import Array
from derive.system import Equation, Reduction, Variable

PRECISION = 1e-9  # of the largest entry: what two ways to compute one gradient differ by is less than 1e-12

SMALLEST = 1e-6  # what is left of terms that cancel is rounding
BESIDE = 1.37  # a number for what the person defined where it is not defined: any but 0


@dataclass(frozen=True)
class Definition:
    """`target[subscripts] = right` over a domain, where a condition holds; 0 elsewhere.

    Attributes:
        equation: the target, its subscripts, the right side and the domain.
        claim: the line that it comes from; None for what the reader named on its way.
    """

    equation: Equation
    claim: Claim | None = None


def mask(claim: Claim, grid: Grid) -> Array:
    """Where a claim is meant to hold: 1 at the points of its domain that its condition and other lines leave it."""
    holds = np.ones((), dtype=bool)
    if claim.condition is not None:
        holds = holds & (grid.value(claim.condition) != 0)
    steps = [grid.whole(subscript) for subscript in claim.subscripts]
    for key in claim.without:
        there = [step == grid.whole(end) for step, end in zip(steps, key, strict=False) if end is not None]
        holds = holds & ~np.logical_and.reduce(np.broadcast_arrays(*there)) if there else holds
    cells = grid.cells.get(claim.head)
    if cells is not None and not claim.defines:
        for n, (step, subscript) in enumerate(zip(steps, claim.subscripts, strict=True)):
            if subscript.has(Index) or _may_lie_inside(subscript):
                holds = holds & (step >= cells.first[n]) & (step < cells.first[n] + cells.array.shape[n])
    return np.asarray(holds)


def _may_lie_inside(step: sympy.Expr) -> bool:
    """Whether a literal step is one of a long sequence: `h[T-2]` is meant where the sequence has it."""
    if step.is_Integer:
        return bool(step >= 1)
    behind = step.as_coeff_Add()[0]
    return bool(behind <= 0)


def domain_grid(domain: Sequence[Range], point: Point, cells: Mapping[str, Cells]) -> tuple[Grid, Array]:
    """The points of a domain, and which of them lie inside of every range."""
    return Grid(point.sizes, cells).over(domain)


def tabulated(variable: Variable, definitions: Sequence[Definition], point: Point, cells: Mapping[str, Cells]) -> Cells:
    """A variable from the equations that define it; 0 in every cell that none defines."""
    rank = len(variable.axes)
    parts: list[tuple[tuple[Array, ...], Array, Array]] = []
    reduction = definitions[0].equation.reduction
    for definition in definitions:
        equation = definition.equation
        kept = [reach for reach in equation.domain if any(s.has(reach.index) for s in equation.subscripts)]
        over = [reach for reach in equation.domain if reach not in kept]
        outer, inside = domain_grid(kept, point, cells)
        if 0 in outer.shape:
            continue
        grid, within = outer.over(over)
        value = grid.full(grid.value(equation.right)).astype(float)
        if over:
            value = _reduced(equation.reduction, value, np.broadcast_to(within, value.shape), len(over))
        if definition.claim is not None:
            inside = inside & mask(definition.claim, outer)
        places = tuple(outer.full(outer.whole(subscript)) for subscript in equation.subscripts)
        parts.append((places, outer.full(value), outer.full(inside)))
    first, shape = _extent(variable, parts, point.sizes)
    array = np.full(shape, 0.0 if reduction in (Reduction.SUM, Reduction.NORMALISER) else -np.inf)
    for places, value, inside in parts:
        at = tuple((place - low)[inside] for place, low in zip(places, first, strict=True))
        if rank:
            array[at] = array[at] + value[inside] if reduction is Reduction.SUM else value[inside]
        elif inside.all():
            array = np.asarray(array + value if reduction is Reduction.SUM else value)
    return Cells(array, first, 0.0)


def _extent(
    variable: Variable, parts: Iterable[tuple[tuple[Array, ...], Array, Array]], sizes: Mapping[str, int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The least subscripts of all cells, and how many there are."""
    first, shape = [], []
    found = list(parts)
    for n, axis in enumerate(variable.axes):
        low = 1 if axis.kind is AxisKind.SEQUENCE else 0
        high = low + _size(axis.size, sizes) - 1
        for places, _, _ in found:
            low, high = min(low, int(places[n].min())), max(high, int(places[n].max()))
        first.append(low)
        shape.append(high - low + 1)
    return tuple(first), tuple(shape)


def _size(size: sympy.Expr, sizes: Mapping[str, int]) -> int:
    return int(size.xreplace({s: sympy.Integer(sizes[s.name]) for s in size.free_symbols}))


def _reduced(reduction: Reduction, value: Array, within: Array, count: int) -> Array:
    axes = tuple(range(count))
    if reduction is Reduction.SUM:
        return np.asarray(np.where(within, value, 0.0).sum(axis=axes))
    value = np.where(within, value, -np.inf)
    top = value.max(axis=axes, initial=-np.inf)
    if reduction is Reduction.MAX:
        return np.asarray(top)
    finite = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        found = finite + np.log(np.exp(value - finite).sum(axis=axes))
    return np.asarray(np.where(np.isneginf(found), 0.0, found) if reduction is Reduction.NORMALISER else found)


def with_definitions(side: Side, point: Point, cells: Mapping[str, Cells]) -> Mapping[str, Cells]:
    """The cells with those of what the reader named on its way."""
    if not side.equations:
        return cells
    known = dict(cells)
    for variable in side.variables:
        own = [Definition(equation) for equation in side.equations if equation.target == variable.name]
        known[variable.name] = tabulated(variable, own, point, known)
    return known


class NoValue(Exception):
    """What the person defined has no value.

    Attributes:
        names: the names.
        fault: why; None where they wait for each other.
    """

    def __init__(self, names: Sequence[str], fault: Fault | None = None) -> None:
        """These names have no value."""
        self.names, self.fault = tuple(names), fault
        super().__init__(", ".join(names))


def own_cells(claims: Sequence[Claim], own: Mapping[str, Variable], point: Point) -> dict[str, Cells]:
    """The values of the person's own names, by the lines that define them.

    A recursion is computed over and over until nothing changes: each round settles one step more.

    Raises:
        NoValue: something changes for ever, or spans too much.
    """
    defining = {name: [c for c in claims if c.defines and c.head == name and c.right is not None] for name in own}
    cells = dict(point.cells)
    for name, variable in own.items():
        shape = [_size(axis.size, point.sizes) for axis in variable.axes]
        if math.prod(shape) > LARGEST:
            if defining[name]:
                raise NoValue([name], TooLarge().faults[0])
            shape = [1 for _ in shape]  # its line is refused, and what reads it with it
        cells[name] = Cells(np.zeros(shape), tuple(int(a.kind is AxisKind.SEQUENCE) for a in variable.axes))
    names = _sources_first([name for name in own if defining[name]], defining)
    rounds = 3 + len(names) * (2 + max(point.sizes.values(), default=1))
    for _ in range(rounds):
        changed = False
        for name in names:
            try:
                found = _own(name, own[name], defining[name], point, cells)
            except TooLarge as error:
                raise NoValue([name], error.faults[0]) from None
            same = found.array.shape == cells[name].array.shape and np.array_equal(found.array, cells[name].array)
            changed |= not same
            cells[name] = found
        if not changed:
            return cells
    raise NoValue(names)


def _sources_first(names: list[str], defining: Mapping[str, Sequence[Claim]]) -> list[str]:
    """The names in an order in which each stands behind those that it is defined by, where nothing goes round."""
    ordered: dict[str, None] = {}
    for first in names:
        waiting, begun = [first], set[str]()
        while waiting:
            name = waiting[-1]
            if name in begun or name in ordered:
                ordered[waiting.pop()] = None
                continue
            begun.add(name)
            sides = [claim.right for claim in defining[name] if claim.right is not None]
            values = [v for s in sides for v in (s.value, *(equation.right for equation in s.equations))]
            read = sorted({ref.name for value in values for ref in refs(value)} & set(names))
            waiting += [other for other in read if other not in begun and other not in ordered]
    return list(ordered)


def _own(name: str, variable: Variable, claims: list[Claim], point: Point, cells: Mapping[str, Cells]) -> Cells:
    found = _defined(name, variable, claims, point, cells)
    if np.all(np.isfinite(found.array)):
        return found
    other = _defined(name, variable, claims, point, _beside(cells, point))
    return replace(found, array=np.where(np.isfinite(found.array), found.array, other.array))


def _beside(cells: Mapping[str, Cells], point: Point) -> dict[str, Cells]:
    """Cells where a name of the person's own is not 0 beside its range: what a gradient of 0 is divided by there."""
    return {name: found if name in point.cells else replace(found, outside=BESIDE) for name, found in cells.items()}


def _defined(name: str, variable: Variable, claims: list[Claim], point: Point, cells: Mapping[str, Cells]) -> Cells:
    definitions: list[Definition] = []
    known = cells
    for claim in claims:
        assert claim.right is not None and claim.left is not None
        known = with_definitions(claim.right, point, known)
        equation = Equation(name, claim.left.subscripts, claim.right.value, claim.domain)
        definitions.append(Definition(equation, claim))
    return tabulated(variable, definitions, point, known)


@dataclass(frozen=True)
class Numbers:
    """A side of a claim at one point.

    Attributes:
        value: its entries, over the claim's domain, the first index last.
        holds: where the claim is meant to hold.
    """

    value: Array
    holds: Array

    @property
    def kept(self) -> Array:
        """The entries where the claim is meant to hold."""
        return np.asarray(self.value[self.holds])


def numbers(claim: Claim, side: Side, point: Point, cells: Mapping[str, Cells]) -> Numbers:
    """A side of a claim at a point."""
    found = _numbers(claim, side, point, cells)
    if np.all(np.isfinite(found.kept)):
        return found
    other = _numbers(claim, side, point, _beside(cells, point))
    return replace(found, value=np.where(np.isfinite(found.value), found.value, other.value))


def _numbers(claim: Claim, side: Side, point: Point, cells: Mapping[str, Cells]) -> Numbers:
    known = with_definitions(side, point, cells)
    grid, inside = domain_grid(claim.domain, point, known)
    if 0 in grid.shape:
        return Numbers(np.zeros(grid.shape), np.zeros(grid.shape, dtype=bool))
    with np.errstate(all="ignore"):
        value = grid.full(grid.value(side.value))
        return Numbers(value, grid.full(inside & mask(claim, grid)))


def left_numbers(claim: Claim, point: Point, cells: Mapping[str, Cells]) -> Numbers:
    """The left side of a claim at a point: what is true."""
    assert claim.left is not None
    return numbers(claim, Side(claim.left), point, cells)


def agree(true: Array, said: Array) -> bool:
    """Whether two arrays are equal to the precision stated, measured by the largest entry."""
    return gap(true, said) <= PRECISION


def gap(true: Array, said: Array) -> float:
    """The largest difference of two arrays, by the largest entry of both; infinite where one is no number."""
    if not true.size:
        return 0.0
    if not (np.all(np.isfinite(said)) and np.all(np.isfinite(true))):
        return float("inf")
    scale = max(float(np.abs(true).max()), float(np.abs(said).max()), SMALLEST)
    return float(np.abs(true - said).max() / scale)


def moved_fill(cells: Mapping[str, Cells], point: Point) -> dict[str, Cells]:
    """Cells with other numbers where the model has none: what changes with them reads what is not there."""
    other = point.other_fill(0.7310)
    return {name: other.get(name, found) if name in point.cells else found for name, found in cells.items()}
