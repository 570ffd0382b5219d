"""Where a statement stands in loops: the values of its indices there, and the steps over which it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import sympy

from derive.affine import plain, split
from derive.calculus.indices import fresh
from derive.calculus.ranges import nested, tight
from derive.expressions import Index, Range
from derive.schedule.loops import LoopNest, Member
from derive.schedule.segments import Segment
from derive.schedule.storage import Stay
from derive.system import Equation, Reduction


@dataclass(frozen=True)
class Standing:
    """A statement where it stands in loops.

    Attributes:
        statement: over the steps of the segments that it stands in.
        values: the indices that loops fix, each with its value.
        loops: the loops, outer first.
        piece: the number of the outermost loop's segment.
    """

    statement: Equation
    values: Mapping[Index, sympy.Expr] = field(default_factory=dict)
    loops: tuple[Stay, ...] = ()
    piece: int = 0

    def led_by(self, index: Index) -> Standing:
        """With an index next behind those that are fixed, so that its ends use these alone."""
        outer = [*self.values, index]
        place = {i: n for n, i in enumerate(outer)}
        domain = tuple(sorted(self.statement.domain, key=lambda r: place.get(r.index, len(place))))
        # A sum over nothing is left out; a maximum over nothing is a value.
        found = tight(domain) if self.statement.reduction is Reduction.SUM else nested(domain)
        return replace(self, statement=replace(self.statement, domain=found))

    def at(self, member: Member, step: sympy.Expr, piece: Segment, number: int) -> Standing:
        """Inside one segment of a loop, or at a single step."""
        cut = _cut(self.statement, member, piece.first, piece.last)
        values = {**self.values, member.index: step - member.potential}
        loops = self.loops if piece.single else (*self.loops, _stay(cut, member, number))
        return Standing(cut, values, loops, self.piece or number)


Fixed = dict[int, Standing]


def _stay(statement: Equation, member: Member, loop: int) -> Stay:
    found = ((n, split(s)) for n, s in enumerate(statement.subscripts))
    place = next(((n, plain(offset - member.potential)) for n, (i, offset) in found if i is member.index), None)
    return Stay(loop, place)


def index_of(nest_: LoopNest, standing: Fixed) -> Index:
    """The loop's own index: named as that of its first statement, unless another index around or inside is."""
    leader = nest_.members[0].index
    taken = {symbol.name for at in standing.values() for value in at.values.values() for symbol in value.free_symbols}
    for member in nest_.members:
        at = standing[member.number]
        taken |= {r.index.name for r in at.statement.domain if r.index not in at.values and r.index != member.index}
    return leader if leader.name not in taken else fresh(leader.axis, taken)


def _cut(statement: Equation, member: Member, first: sympy.Expr, last: sympy.Expr) -> Equation:
    """The statement over the steps of one segment."""
    ends = (plain(first - member.potential), plain(last - member.potential))
    return replace(
        statement, domain=tuple(Range(r.index, *ends) if r.index == member.index else r for r in statement.domain)
    )


def steps(at: Standing, member: Member) -> tuple[sympy.Expr, sympy.Expr]:
    """The loop steps at which a statement runs."""
    range_ = next(r for r in at.statement.domain if r.index == member.index)
    first, last = (plain(end.xreplace(dict(at.values)) + member.potential) for end in (range_.first, range_.last))
    return first, last
