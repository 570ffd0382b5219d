"""The equations of one target brought to the same indices, so that what they add can be seen side by side.

A `Piece` is an equation whose left side is plain: its steps are indices or points, a scatter `grad(o)[t, y[t]] += -1`
has become `grad(o)[t, i] += -[i == y[t]]`, and what the left side lacks is summed on the right. Among nodes,
`grad(h)[left[k]] += ...` has become a sum over those behind: `grad(h)[k] += sum([left[k1] == k] * ..., (k1, k+1, K))`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import sympy

from derive.affine import split
from derive.calculus.indices import fresh, is_fixed, moved
from derive.calculus.ranges import nested
from derive.expressions import Axis, AxisKind, Domain, Index, Range, Ref, Sum, refs
from derive.functions import equal
from derive.system import Equation, Reduction, Role, System, Variable

Interval = tuple[sympy.Expr, sympy.Expr]


@lru_cache(maxsize=65536)
def halves(subscript: sympy.Expr) -> tuple[Index | None, sympy.Expr]:
    """A subscript as its index and what is added to it, remembered: every line asks for the same few."""
    return (subscript, sympy.S.Zero) if isinstance(subscript, Index) else split(subscript)


def new_index(axis: Axis, taken: set[str], system: System) -> Index:
    """A new index with a name that is not taken, and is no variable's; a feature's is no name of a step either."""
    spoken = {v.name for v in system.variables}
    if axis.kind is AxisKind.FEATURE:
        spoken |= {a.name.lower() for v in system.variables for a in v.axes if a.kind is AxisKind.SEQUENCE}
    index = fresh(axis, taken | spoken)
    taken.add(index.name)
    return index


@dataclass(frozen=True)
class Piece:
    """One equation, with its left side made plain.

    Attributes:
        steps: per sequence axis its index or a point.
        intervals: per sequence axis the least and the greatest step.
        parts: per feature axis its subscript.
        right: what is added there.
        domain: the ranges of the left side's feature indices, and of those of its steps that cannot be split.
        equation: what it was made from.
        splits: whether its steps are intervals with ends in sizes alone.
    """

    steps: tuple[sympy.Expr, ...]
    intervals: tuple[Interval, ...]
    parts: tuple[sympy.Expr, ...]
    right: sympy.Expr
    domain: Domain
    equation: Equation
    splits: bool = True

    @property
    def place(self) -> tuple[object, ...]:
        """Where its features stand: pieces of one place are added up."""
        ranges: dict[Index | None, Interval] = {r.index: (r.first, r.last) for r in self.domain}
        return tuple((part, ranges.get(halves(part)[0])) for part in self.parts)


def pieces(system: System, variable: Variable, equations: Iterable[Equation]) -> list[Piece]:
    """The pieces of a variable, all with the same names for the same axes."""
    group = tuple(equations)
    names = _Names(system, variable, group)
    made = [names.piece(equation) for equation in group]
    if variable.role is not Role.GRAD:
        made = [_widened(system, piece, made) for piece in made]
    return made


class _Names:
    """The indices of a variable's left side, as its first equations have them."""

    def __init__(self, system: System, variable: Variable, group: tuple[Equation, ...]) -> None:
        self.system, self.variable = system, variable
        self.taken = {v.name for v in system.variables}
        left: list[Index | None] = []
        for position, axis in enumerate(variable.axes):
            subscripts = (equation.subscripts[position] for equation in group)
            spoken = {index.name for index in left if index is not None}
            named = (index for s in subscripts if (index := halves(s)[0]) is not None and index.name not in spoken)
            found = next(named, None)
            left.append(None if found is None else Index(found.name, axis))
        used = self.taken | {index.name for index in left if index is not None}
        inner = used | {r.index.name for e in group for r in e.domain}
        # Steps take the best names, and the equations' own give way; among features it is the other way round.
        self.left = tuple(
            index or new_index(axis, used if axis.kind is AxisKind.SEQUENCE else inner, system)
            for index, axis in zip(left, variable.axes, strict=True)
        )

    def piece(self, equation: Equation) -> Piece:
        """One equation at these indices."""
        source = equation
        equation = self._apart(equation)
        factors: list[sympy.Expr] = []
        looked: list[Range] = []
        steps, parts = [], []
        used: set[Index] = set()
        for index, axis in zip(self.left, self.variable.axes, strict=True):
            subscript = equation.subscripts[self.left.index(index)]
            own, _ = halves(subscript)
            if own is not None and own not in used and (axis.kind is not AxisKind.FEATURE or own.axis == axis):
                equation = _moved(equation, subscript, index)
                subscript = index
                own = index
            if own is not None:
                used.add(own)
            if axis.kind is AxisKind.BATCH:
                continue
            if axis.kind is AxisKind.SEQUENCE and not any(refs(subscript)):
                steps.append(subscript)
            elif axis.kind is AxisKind.SEQUENCE:
                factors.append(equal(subscript, index))
                equation, range_ = self._among_nodes(equation, subscript, index)
                looked.append(range_)
                steps.append(index)
            elif isinstance(subscript, Ref):
                factors.append(equal(index, subscript))
                looked.append(Range.whole(index))
                parts.append(index)
            else:
                parts.append(subscript)
        right = equation.right * sympy.Mul(*factors) if factors else equation.right
        plain = {s for s in (*steps, *parts) for s in s.free_symbols} if equation.reduction is Reduction.SUM else None
        everything = (*looked, *equation.domain)
        outer = tuple(r for r in everything if plain is None or r.index in plain)
        inner = tuple(r for r in everything if r not in outer)
        if not all(is_fixed(end) for r in everything for end in (r.first, r.last)):
            both = nested((*outer, *inner))  # what the left side lacks is summed, within the steps that it has
            outer, inner = both[: len(outer)], both[len(outer) :]
        intervals = tuple(_interval(step, outer) for step in steps)
        splits = all(is_fixed(end) for pair in intervals for end in pair)
        domain = (*(r for r in outer if r not in looked), *(r for r in outer if r in looked))
        if plain is not None:
            right = summed(right, inner)
        return Piece(tuple(steps), intervals, tuple(parts), right, domain, source, splits)

    def _among_nodes(self, equation: Equation, subscript: sympy.Expr, index: Index) -> tuple[Equation, Range]:
        """A step that is looked up: where it may be, and the equation with its own index behind it among nodes."""
        (looked, *_) = refs(subscript)
        variable, offset = self.system.by_name.get(looked.name), subscript - looked
        first = index.axis.first if variable is None or variable.classes != index.axis.size else sympy.Integer(0)
        whole = Range(index, first + offset, index.axis.last + offset)
        own = next((i for s in looked.subscripts if (i := halves(s)[0]) in looked.subscripts and i is not None), None)
        range_ = next((r for r in equation.domain if r.index == own), None)
        if first != 0 or own is None or own.axis != index.axis or range_ is None or range_.first != own.axis.first:
            return equation, whole
        behind = Range(own, index - offset + 1, range_.last)
        domain = tuple(behind if r is range_ else r for r in equation.domain)
        return replace(equation, domain=domain), Range(index, whole.first, whole.last - 1)

    def _apart(self, equation: Equation) -> Equation:
        """The equation with other names for those of its own indices that are the left side's of another axis."""
        mine = {index.name for index in self.left}
        kept = {halves(s)[0] for s, i in zip(equation.subscripts, self.left, strict=True)
                if (own := halves(s)[0]) is not None and own.name == i.name}  # fmt: skip
        symbols = {s.name for s in equation.right.free_symbols} | {r.index.name for r in equation.domain}
        clashing = [r.index for r in equation.domain if r.index.name in mine and r.index not in kept]
        inner = [node.args[1] for node in sympy.preorder_traversal(equation.right) if isinstance(node, Sum)]
        clashing += [index for index in inner if index.name in mine]
        if not clashing:
            return equation
        taken = self.taken | mine | symbols | {index.name for index in inner}
        return _replaced(equation, {index: new_index(index.axis, taken, self.system) for index in clashing})


def _replaced(equation: Equation, values: dict[Index, sympy.Expr]) -> Equation:
    """The equation with indices renamed wherever they stand."""
    return replace(
        equation,
        subscripts=tuple(s.xreplace(values) for s in equation.subscripts),
        right=equation.right.xreplace(values),
        domain=tuple(
            Range(values.get(r.index, r.index), r.first.xreplace(values), r.last.xreplace(values))
            for r in equation.domain
        ),
    )


def _moved(equation: Equation, subscript: sympy.Expr, new: Index) -> Equation:
    """The equation with the index of a subscript so chosen that the subscript is `new`."""
    index, offset = halves(subscript)
    if index is None or (index == new and offset == 0):
        return equation
    return moved(equation, index, offset, new)


def _interval(step: sympy.Expr, domain: Domain) -> Interval:
    for range_ in domain:
        if range_.index == step:
            return range_.first, range_.last
    return step, step


def summed(right: sympy.Expr, ranges: Sequence[Range]) -> sympy.Expr:
    """The right side summed over what its left side lacks: sequences outermost, features of each term by itself."""
    kinds = list(AxisKind)
    for range_ in sorted(reversed(ranges), key=lambda r: -kinds.index(r.axis.kind)):
        apart = isinstance(right, sympy.Add) and range_.axis.kind is AxisKind.FEATURE
        terms = right.args if apart else (right,)
        right = sympy.Add(*(Sum(term, range_.index, range_.first, range_.last) for term in terms))
    return right


def _widened(system: System, piece: Piece, others: list[Piece]) -> Piece:
    """A forward piece over all steps of its neighbours, where data that are 0 outside their range make it shorter."""
    if not piece.splits:
        return piece
    data = [ref for ref in refs(piece.right) if ref.name in system.by_name and system.by_name[ref.name].role.is_data]
    read = {halves(subscript) for ref in data for subscript in ref.subscripts}
    intervals = list(piece.intervals)
    for place, index in enumerate(piece.steps):
        if not isinstance(index, Index):
            continue
        low, high = intervals[place]
        spread = [pair for o in others if o.splits and (pair := o.intervals[place])[0] != pair[1]]
        for own, offset in read:
            if own == index and offset < 0 and low == index.axis.first - offset:
                low = min((first for first, _ in spread), key=size, default=low)
            if own == index and offset > 0 and high == index.axis.last - offset:
                high = max((last for _, last in spread), key=size, default=high)
        intervals[place] = (low, high)
    return replace(piece, intervals=tuple(intervals))


def size(step: sympy.Expr) -> sympy.Expr:
    """A step as a number, with every size taken as large: an order of ends that holds where there are steps enough."""
    return step.xreplace({symbol: sympy.Integer(10**6) for symbol in step.free_symbols})
