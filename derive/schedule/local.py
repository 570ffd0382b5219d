"""What is made and read within one step of a loop needs no array over all steps.

Where such a value runs over a second sequence besides, statements outside of the loop that only copy into it or only
sum it over the steps move into the loop: the same work, and an array of all steps less.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy

from derive.affine import at_least, plain, split
from derive.calculus.indices import ends, is_fixed
from derive.calculus.terms import factors
from derive.expressions import AxisKind, Ref
from derive.schedule.dependence import Edge, reads
from derive.schedule.loops import LoopNest, Member, Node
from derive.schedule.storage import Layout, scattered
from derive.system import Equation, Reduction


@dataclass(frozen=True)
class Local:
    """A variable of one loop that is held for one step.

    Attributes:
        name: the variable.
        axis: the axis along which the loop runs, which it is stored without.
    """

    name: str
    axis: int


@dataclass(frozen=True)
class Moved:
    """A statement that moves into a loop.

    Attributes:
        member: the statement as the loop has it.
        begins: whether it stands at the beginning of each step, else at its end.
    """

    member: Member
    begins: bool


def localised(
    statements: Sequence[Equation],
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    layouts: Mapping[str, Layout],
    kept: Collection[str],
) -> tuple[tuple[Node, ...], tuple[Local, ...]]:
    """The nodes, with what moves into loops moved, and what is held for one step.

    Args:
        statements: what runs.
        nodes: the order.
        edges: who must run before whom.
        layouts: the cells of every array.
        kept: the variables that something else reads.
    """
    uses = _Uses(statements, nodes, edges)
    found: list[Local] = []
    order: list[Node] = []
    gone: set[int] = set()
    for node in nodes:
        if isinstance(node, LoopNest):
            moved: list[Moved] = []
            for name in uses.made_in(node):
                case = None if name in kept else _case(uses, node, name, layouts[name])
                if case is not None and not gone & {m.member.number for m in case[1]}:
                    found.append(case[0])
                    moved += case[1]
                    gone |= {m.member.number for m in case[1]}
            node = _joined(node, moved)
        order.append(node)
    return tuple(n for n in order if n not in gone), tuple(found)


def without_axis(equation: Equation, local: Mapping[str, int]) -> Equation:
    """The equation with values of one step written and read without the axis of the steps."""

    def at(ref: Ref) -> Ref:
        axis = local.get(ref.name)
        return ref if axis is None else Ref(ref.name, *(s for n, s in enumerate(ref.subscripts) if n != axis))

    left = at(equation.left)
    right = equation.right.replace(lambda e: isinstance(e, Ref), at)
    return replace(equation, subscripts=left.subscripts, right=right)


class _Uses:
    """Who writes and who reads each variable, and where they stand."""

    def __init__(self, statements: Sequence[Equation], nodes: Sequence[Node], edges: Sequence[Edge]) -> None:
        self.statements, self.edges = statements, edges
        self.writers: dict[str, list[int]] = {}
        self.readers: dict[str, list[int]] = {}
        for number, statement in enumerate(statements):
            self.writers.setdefault(statement.target, []).append(number)
            for name in dict.fromkeys(ref.name for ref in reads(statement)):
                self.readers.setdefault(name, []).append(number)
        self.place = {node: place for place, node in enumerate(nodes)}

    def made_in(self, loop: LoopNest) -> list[str]:
        """The variables that are written at each step of a loop, and read."""
        names = dict.fromkeys(self.statements[n].target for n in loop.body if isinstance(n, int))
        return [name for name in names if name in self.readers]


def _may_fall_short(writer: Equation, axis: int) -> bool:
    """Whether a short sequence may leave a writer out, along another axis than that of the steps."""
    step = split(writer.subscripts[axis])[0]
    return any(
        is_fixed(r.first) and is_fixed(r.last) and not at_least(r.last + 1, r.first)
        for r in writer.domain
        if r.index is not step
    )


def _joined(loop: LoopNest, moved: Sequence[Moved]) -> LoopNest:
    before = tuple(m.member.number for m in moved if m.begins)
    after = tuple(m.member.number for m in moved if not m.begins)
    members = (*loop.members, *(m.member for m in moved))
    return replace(loop, members=members, body=(*before, *loop.body, *after)) if moved else loop


def _case(uses: _Uses, loop: LoopNest, name: str, found: Layout) -> tuple[Local, list[Moved]] | None:
    """How a variable is held for one step of a loop, and what moves for that; None where it can't be."""
    writers = uses.writers[name]
    inside = [n for n in loop.body if isinstance(n, int)]
    first = next(n for n in inside if n in writers)
    place = _place(uses.statements[first].left, loop.by_number[first])
    if place is None:
        return None
    axis, cell = place
    if any(_may_fall_short(uses.statements[n], axis) for n in writers):
        return None
    taking_part: list[tuple[int, Member]] = []
    moved: list[Moved] = []
    for number, ref in _references(uses, name):
        member = loop.by_number.get(number)
        if member is not None and number not in inside:
            return None  # in a loop of its own inside
        if member is None:
            begins = number in writers
            member = _outside(uses.statements[number], ref, axis, cell, number, begins)
            if member is None or not _may_move(uses, loop, number, begins) or not _is_wide(ref, uses, name):
                return None
            moved.append(Moved(member, begins))
        if _place(ref, member) != (axis, cell):
            return None
        taking_part.append((number, member))
    spans = {_steps(uses.statements[number], member) for number, member in taking_part}
    starting = next((m.member.number for m in moved if m.begins), first)
    if len(spans) != 1 or None in spans or not _fills(uses.statements[starting], axis, found):
        return None
    return Local(name, axis), moved


def _references(uses: _Uses, name: str) -> list[tuple[int, Ref]]:
    """Every writing and reading of a variable, by the number of the statement."""
    written = [(n, uses.statements[n].left) for n in uses.writers[name]]
    read = [
        (n, ref) for n in uses.readers[name] for ref in dict.fromkeys(reads(uses.statements[n])) if ref.name == name
    ]
    return written + read


def _place(ref: Ref, member: Member) -> tuple[int, sympy.Expr] | None:
    """The axis along which a loop runs, and the cell that is meant at its step 0."""
    for axis, subscript in enumerate(ref.subscripts):
        index, offset = split(subscript)
        if index is member.index:
            return axis, plain(offset - member.potential)
    return None


def _outside(statement: Equation, ref: Ref, axis: int, cell: sympy.Expr, number: int, begins: bool) -> Member | None:
    """A statement outside of a loop as a member of it; None where it does more than copy into or sum a value."""
    index, offset = split(ref.subscripts[axis])
    potential = plain(offset - cell)
    if index is None or not potential.is_Integer or statement.reduction is not Reduction.SUM or scattered(statement):
        return None
    own = {split(s)[0] for s in statement.subscripts}
    if begins:
        fits = {r.index for r in statement.domain} == own
    else:
        fits = factors(statement.right)[1] == (ref,) and index not in own
    return Member(number, index, int(potential)) if fits else None


def _may_move(uses: _Uses, loop: LoopNest, number: int, begins: bool) -> bool:
    """Whether a statement stands by itself on the right side of a loop, and what it reads or makes is no part of it."""
    if number not in uses.place or (uses.place[number] < uses.place[loop]) != begins:
        return False
    if begins:
        return not any(e.reader == number and e.writer in loop.by_number for e in uses.edges)
    return True


def _is_wide(ref: Ref, uses: _Uses, name: str) -> bool:
    """Whether a value runs over a second sequence besides the loop's: over one, a sum is one product after the loop."""
    indices = (split(s)[0] for s in uses.statements[uses.writers[name][0]].subscripts)
    return sum(i is not None and i.axis.kind is AxisKind.SEQUENCE for i in indices) > 1


def _steps(statement: Equation, member: Member) -> tuple[sympy.Expr, sympy.Expr] | None:
    range_ = next(r for r in statement.domain if r.index is member.index)
    if not all(is_fixed(end) for r in statement.domain for end in (r.first, r.last)):
        return None
    return plain(range_.first + member.potential), plain(range_.last + member.potential)


def _fills(statement: Equation, axis: int, found: Layout) -> bool:
    """Whether the first writer of a step writes all that is held."""
    cells = [
        (ends(s, statement.domain), c)
        for n, (s, c) in enumerate(zip(statement.subscripts, found.cells, strict=True))
        if n != axis
    ]
    return not scattered(statement) and all(mine == own for mine, own in cells)
