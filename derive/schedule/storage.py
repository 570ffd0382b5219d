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
from derive.calculus.ranges import greatest, least
from derive.expressions import AxisKind, Domain, Ref
from derive.schedule.dependence import reads
from derive.system import Equation, Role, Variable

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
    values: Layout | None = None,
) -> Layout:
    """The whole axis for features and the batch; for a sequence, from the least to the greatest step that is used.

    Args:
        variable: what is stored.
        writers: the statements that write it.
        readers: for a gradient, whose cells may be read where none is written, its references and their domains.
        whole: the variables that are stored whole, whatever is written (gradients of data).
        values: for a gradient, the cells of its variable: a look-up may write any of them.
    """
    cells = [(axis.first, axis.last) for axis in variable.axes]
    if variable.name in whole:
        return Layout(tuple(cells))
    used = [[ends(s, w.domain) for s in w.subscripts] for w in writers]
    used += [[ends(s, domain) for s in ref.subscripts] for ref, domain in readers]
    for position, axis in enumerate(variable.axes):
        if axis.kind is not AxisKind.SEQUENCE:
            continue
        found = [intervals[position] for intervals in used]
        if not found:
            continue
        if any(interval is None for interval in found):
            found.append(values.cells[position] if values is not None else cells[position])
        intervals = [interval for interval in found if interval is not None]
        own = (axis.first, axis.last)
        if variable.role is Role.GRAD:
            # A short sequence lacks some of the steps that data are read at, such as step 2.
            low, high = zip(*intervals, strict=True)
            inside = values.cells[position] if values is not None else own
            own = least([inside[0], *map(_floor, low)]), greatest([inside[1], *high])
        cells[position] = (
            _extreme([i[0] for i in intervals], own[0], low=True),
            _extreme([i[1] for i in intervals], own[1], low=False),
        )
    return Layout(tuple(cells))


def _extreme(values: Sequence[sympy.Expr], own: sympy.Expr, low: bool) -> sympy.Expr:
    """The least or greatest of ends; where none provably is, the array's own end."""

    def beyond(value: sympy.Expr, other: sympy.Expr) -> bool:
        return at_least(other, value) if low else at_least(value, other)

    found = values[0]  # the only one that may pass all others is the last that passes all before it
    for value in values:
        found = found if beyond(found, value) else value
    return found if all(beyond(found, other) for other in values) else own


def _floor(end: sympy.Expr) -> sympy.Expr:
    """What an end is at least, as a number where it grows with the sizes."""
    shortest = end.xreplace({size: sympy.S.One for size in end.free_symbols})
    return shortest if at_least(end, shortest) else end


def unwritten(
    stages: Sequence[tuple[tuple[str, ...], Sequence[Equation]]], variables: Mapping[str, Variable]
) -> list[str]:
    """The gradients of which a stage reads cells that are 0, since nothing writes them, while others may be written.

    Args:
        stages: for each, the results that it runs for, none where it always does, and its statements.
        variables: all variables by name.
    """
    found: dict[str, None] = {}
    for names, statements in stages:
        sure = [e for others, e in stages if not others or (names and set(names) <= set(others))]
        written = {statement.target for group in sure for statement in group}
        read = dict.fromkeys(ref.name for statement in statements for ref in reads(statement))
        found |= {name: None for name in read if name not in written and variables[name].role is Role.GRAD}
    return list(found)


@dataclass(frozen=True)
class Stay:
    """A loop that a writer stands in.

    Attributes:
        loop: its number.
        place: which axis of the target its index runs along, and which cell it writes at step 0; None where the cell is
            looked up or the same at all steps.
    """

    loop: int
    place: tuple[int, sympy.Expr] | None


@dataclass(frozen=True)
class Writer:
    """A statement as it stands in a program: its domain cut to the piece of the loop that it stands in.

    Attributes:
        statement: what it writes.
        loops: the loops that it stands in.
        sure: whether it runs at all; it does not where a condition on the length of the sequence may leave it out.
        ragged: whether it writes more or less at each step of a loop.
        epoch: for a value that is held for one step only, the piece of the loop in which it is; None for others.
    """

    statement: Equation
    loops: tuple[Stay, ...] = ()
    sure: bool = True
    ragged: bool = False
    epoch: int | None = None


@dataclass(frozen=True)
class Mode:
    """How a statement writes: `adds` to what is there or assigns; `makes` the whole array."""

    adds: bool
    makes: bool


def modes(writers: Sequence[Writer], layouts: Mapping[str, Layout]) -> tuple[list[Mode], dict[str, bool]]:
    """The mode of each writer, in the order of the program, and for each array whether it must start as zeros."""
    by_target: dict[tuple[str, int | None], list[int]] = {}
    for number, writer in enumerate(writers):
        by_target.setdefault((writer.statement.target, writer.epoch), []).append(number)
    found: dict[int, Mode] = {}
    zeros: dict[str, bool] = {}
    for (target, epoch), numbers in by_target.items():
        statements = [writers[n].statement for n in numbers]
        mine = [writers[n] for n in numbers]
        plan = _plan(mine)
        filling = [w for w in mine if w.sure and not w.ragged and not _repeats(w)]
        unsure = plan is None or not _filled([w.statement for w in filling], layouts[target])
        assert epoch is None or not unsure, f"{target} is held for one step, and nothing makes all of it there"
        zeros[target] = zeros.get(target, False) or unsure
        for position, number in enumerate(numbers):
            adds = plan is None or plan[position]
            whole = (
                not adds
                and epoch is None
                and not writers[number].loops
                and writers[number].sure
                and _whole(statements[position], layouts[target])
            )
            found[number] = Mode(adds, whole and position == 0)
    return [found[n] for n in range(len(writers))], zeros


def _overtaken(writers: Sequence[Writer]) -> frozenset[int]:
    """The loops in which two of them write a cell at different steps, so that the text is not their order."""
    places: dict[int, set[tuple[int, sympy.Expr] | None]] = {}
    for writer in writers:
        for stay in writer.loops:
            places.setdefault(stay.loop, set()).add(stay.place)
    return frozenset(loop for loop, found in places.items() if len(found) > 1)


def _repeats(writer: Writer) -> bool:
    """Whether it may write a cell more than once, or only some of those of a range."""
    return scattered(writer.statement) or any(stay.place is None for stay in writer.loops)


def _region(statement: Equation) -> list[Interval | None]:
    return [ends(s, statement.domain) for s in statement.subscripts]


def _plan(writers: Sequence[Writer]) -> list[bool] | None:
    """For each writer in order whether it adds; None where it would differ from cell to cell."""
    adds: list[bool] = []
    overtaken = _overtaken(writers)
    for position, writer in enumerate(writers):
        region = _region(writer.statement)
        astray = overtaken & {stay.loop for stay in writer.loops}
        earlier = [(w, _region(w.statement)) for w in writers[:position]]
        meeting = [(w, r) for w, r in earlier if not any(disjoint(a, b) for a, b in zip(region, r, strict=True))]
        before = [r for w, r in meeting if w.sure and not _repeats(w) and not astray & {stay.loop for stay in w.loops}]
        if any(_contains(r, region) for r in before) or _cover(before, region):
            adds.append(True)
        elif not meeting and not astray and not _repeats(writer):
            adds.append(False)
        else:
            return None
    return adds


def _cover(regions: Sequence[list[Interval | None]], region: list[Interval | None]) -> bool:
    """Whether regions together provably hold all of another, where one statement adds to what several have begun."""
    known = [[interval for interval in r if interval is not None] for r in (region, *regions)]
    own, *others = known
    return len(own) == len(region) and _tiles([r for r in others if len(r) == len(region)], own)


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
