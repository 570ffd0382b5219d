"""Where results lie: the cells that each array holds, and which statement makes, assigns or adds.

In the order of the program the first writer of a cell assigns and the others add; where that is not the same for all
cells of a statement, or a cell is read that nothing writes, the array starts as zeros and all add.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy

from derive.affine import at_least, length, plain, split
from derive.calculus.indices import disjoint, ends
from derive.expressions import Axis, AxisKind, Domain, Ref
from derive.system import Equation, Variable

Interval = tuple[sympy.Expr, sympy.Expr]


@dataclass(frozen=True)
class Layout:
    """The cells of an array, axis by axis, both ends included."""

    cells: tuple[Interval, ...]

    @property
    def first(self) -> tuple[sympy.Expr, ...]:
        """The least cell of each axis."""
        return tuple(low for low, _ in self.cells)

    @property
    def extent(self) -> tuple[sympy.Expr, ...]:
        """The number of cells of each axis."""
        return tuple(length(low, high) for low, high in self.cells)


def layout(
    variable: Variable,
    writers: Iterable[Equation],
    readers: Iterable[tuple[Ref, Domain]] = (),
    whole: Collection[str] = (),
) -> Layout:
    """The whole axis for features and the batch; for a sequence, from the least to the greatest step that is used.

    Args:
        variable: what is stored.
        writers: the statements that write it.
        readers: for a gradient, whose cells may be read where none is written, its references and their domains.
        whole: the variables that are stored whole, whatever is written (gradients of data).
    """
    cells = [(axis.first, axis.last) for axis in variable.axes]
    if variable.name in whole:
        return Layout(tuple(cells))
    used = [[ends(s, w.domain) for s in w.subscripts] for w in writers]
    if used:
        used += [[ends(s, domain) for s in ref.subscripts] for ref, domain in readers]
    for position, axis in enumerate(variable.axes):
        if axis.kind is not AxisKind.SEQUENCE:
            continue
        found = [intervals[position] for intervals in used]
        if not found or any(interval is None for interval in found):
            continue
        intervals = [interval for interval in found if interval is not None]
        cells[position] = (
            _extreme([i[0] for i in intervals], axis, low=True),
            _extreme([i[1] for i in intervals], axis, low=False),
        )
    return Layout(tuple(cells))


def _extreme(values: Sequence[sympy.Expr], axis: Axis, low: bool) -> sympy.Expr:
    """The least or greatest of ends; where none provably is, the axis's own end."""
    for value in values:
        if all(at_least(other, value) if low else at_least(value, other) for other in values):
            return value
    return axis.first if low else axis.last


@dataclass(frozen=True)
class Writer:
    """A statement as it stands in a program: its domain cut to the piece of the loop that it stands in.

    Attributes:
        statement: what it writes.
        loop: number of the loop that it stands in; None outside.
        potential: at which step of the loop it writes step 0, counted in the loop's direction.
        sure: whether it runs at all; it does not where a condition on the length of the sequence may leave it out.
    """

    statement: Equation
    loop: int | None = None
    potential: int = 0
    sure: bool = True


@dataclass(frozen=True)
class Mode:
    """How a statement writes: `adds` to what is there or assigns; `makes` the whole array."""

    adds: bool
    makes: bool


def modes(writers: Sequence[Writer], layouts: Mapping[str, Layout]) -> tuple[list[Mode], dict[str, bool]]:
    """The mode of each writer, in the order of the program, and for each array whether it must start as zeros."""
    by_target: dict[str, list[int]] = {}
    for number, writer in enumerate(writers):
        by_target.setdefault(writer.statement.target, []).append(number)
    found: dict[int, Mode] = {}
    zeros: dict[str, bool] = {}
    for target, numbers in by_target.items():
        statements = [writers[n].statement for n in numbers]
        mine = [writers[n] for n in numbers]
        plan = None if _overtaken(mine) else _plan(mine)
        zeros[target] = plan is None or not _filled([w.statement for w in mine if w.sure], layouts[target])
        for position, number in enumerate(numbers):
            adds = plan is None or plan[position]
            whole = (
                not adds
                and writers[number].loop is None
                and writers[number].sure
                and _whole(statements[position], layouts[target])
            )
            found[number] = Mode(adds, whole and position == 0)
    return [found[n] for n in range(len(writers))], zeros


def _overtaken(writers: Sequence[Writer]) -> bool:
    """Whether in one loop two of them write a cell at different steps, so that the text is not their order."""
    steps: dict[int, set[int]] = {}
    for writer in writers:
        if writer.loop is not None:
            steps.setdefault(writer.loop, set()).add(writer.potential)
    return any(len(potentials) > 1 for potentials in steps.values())


def _region(statement: Equation) -> list[Interval | None]:
    return [ends(s, statement.domain) for s in statement.subscripts]


def _plan(writers: Sequence[Writer]) -> list[bool] | None:
    """For each writer in order whether it adds; None where it would differ from cell to cell."""
    adds: list[bool] = []
    for position, writer in enumerate(writers):
        mine = writer.statement
        earlier = [w.statement for w in writers[:position]]
        sure = [w.statement for w in writers[:position] if w.sure]
        region = _region(mine)
        meeting = [e for e in earlier if not any(disjoint(a, b) for a, b in zip(region, _region(e), strict=True))]
        if not meeting:
            if scattered(mine):
                return None
            adds.append(False)
        elif any(_contains(_region(e), region) and not scattered(e) for e in meeting if e in sure):
            adds.append(True)
        else:
            return None
    return adds


def scattered(statement: Equation) -> bool:
    """Whether cells may be written more than once, or not all of a range."""
    indices = [split(s)[0] for s in statement.subscripts]
    plain = [i for i in indices if i is not None]
    return any(isinstance(s, Ref) or s.has(Ref) for s in statement.subscripts) or len(set(plain)) != len(plain)


def _contains(outer: list[Interval | None], inner: list[Interval | None]) -> bool:
    for a, b in zip(outer, inner, strict=True):
        if a is None:
            return False
        if b is not None and not (at_least(b[0], a[0]) and at_least(a[1], b[1])):
            return False
        if b is None and a is None:
            return False
    return True


def _whole(statement: Equation, found: Layout) -> bool:
    return not scattered(statement) and all(a == b for a, b in zip(_region(statement), found.cells, strict=True))


def _filled(statements: Sequence[Equation], found: Layout) -> bool:
    """Whether the writers together provably write every cell."""
    regions = [_region(statement) for statement in statements if not scattered(statement)]
    return _tiles([r for r in regions if None not in r], found.cells)  # type: ignore[misc]


def _tiles(regions: Sequence[Sequence[Interval]], cells: Sequence[Interval]) -> bool:
    """Whether boxes cover a box: along the first axis piece by piece, each piece on the other axes."""
    if not cells or not regions:
        return bool(regions)
    reached, last = cells[0]
    for _ in range(len(regions) + 1):
        if at_least(reached, last + 1):
            return True
        here = [r for r in regions if at_least(reached, r[0][0]) and at_least(r[0][1], reached - 1)]
        here = [r for r in here if plain(r[0][1] + 1 - reached) != 0]
        end = next((r[0][1] for r in here if all(at_least(other[0][1], r[0][1]) for other in here)), None)
        if end is None or not _tiles([r[1:] for r in here], cells[1:]):
            return False
        reached = plain(end + 1)
    return False


def urgency(statement: Equation, found: Layout) -> int:
    """Which of the writers of one array should come first: who writes all of it, then parts, then single entries."""
    return 2 if scattered(statement) else 0 if _whole(statement, found) else 1
