"""The equations of one target as a list of cases: which terms are added at which steps.

`grad(h)[t] += V' grad(o)[t] over 1..T` and `grad(h)[t] += W' grad(a)[t+1] over 0..T-1` are three cases: the last step,
the steps between, and the start. Steps are cut at the ends of every equation's range. The ends are put in order as if
there were steps enough; where there are fewer, a case reads gradients outside their range, which are 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise, product

import sympy

from derive.calculus.indices import indices, is_fixed, substitute
from derive.calculus.ranges import nested
from derive.emit.notation.pieces import Interval, Piece, halves, pieces, size, summed
from derive.expressions import AxisKind, Domain, Index, Ref, refs
from derive.system import Equation, Reduction, Role, System, Variable

Box = tuple[Interval, ...]


@dataclass(frozen=True)
class Case:
    """What a variable is at some of its steps.

    Attributes:
        steps: the left side's steps: indices and points.
        parts: its features.
        terms: what is added up there.
        domain: the ranges of its feature indices.
        bounds: (first, index, last) of each index among the steps.
        usual: per bound, whether a reader assumes these ends without being told.
        adds: whether another case may add to the same cells.
        source: the first of the equations that it is made of.
    """

    steps: tuple[sympy.Expr, ...]
    parts: tuple[sympy.Expr, ...]
    terms: tuple[sympy.Expr, ...]
    domain: Domain
    source: Equation
    bounds: tuple[tuple[sympy.Expr, Index, sympy.Expr], ...] = ()
    usual: bool = True
    adds: bool = False

    @property
    def reduction(self) -> Reduction:
        """How the values of one cell are put together."""
        return self.source.reduction


def cases(system: System, variable: Variable, equations: Iterable[Equation]) -> list[Case]:
    """The cases of a variable, in the order in which its recurrence runs: that of a gradient runs the other way."""
    made = pieces(system, variable, equations)
    signs = _signs(system, variable)
    places = list(dict.fromkeys(piece.place for piece in made if piece.splits))
    found: list[Case] = []
    for place in places:
        group = [piece for piece in made if piece.splits and piece.place == place]
        found.extend(_of_place(variable, group, signs))
    odd = [piece for piece in made if not piece.splits]
    found.extend(_uncut(piece, adds=len(made) > 1) for piece in odd)
    if odd or (len(places) > 1 and not _apart(places)):
        found = [replace(case, adds=len(found) > 1) for case in found]
    return found


def alone(equation: Equation, variable: Variable, adds: bool) -> Case:
    """One equation as it stands, its left side not made plain: `grad(h)[t-1] += W' grad(a)[t]`."""
    subscripts = list(zip(equation.subscripts, variable.axes, strict=True))
    steps = tuple(s for s, axis in subscripts if axis.kind is AxisKind.SEQUENCE)
    parts = tuple(s for s, axis in subscripts if axis.kind is AxisKind.FEATURE)
    plain = {symbol for subscript in equation.subscripts for symbol in indices(subscript)}
    outer = tuple(r for r in equation.domain if r.index in plain)
    inner = tuple(r for r in equation.domain if r.index not in plain)
    if not all(is_fixed(end) for r in equation.domain for end in (r.first, r.last)):
        both = nested((*outer, *inner))  # what the left side lacks is summed, within the steps that it has
        outer, inner = both[: len(outer)], both[len(outer) :]
    right = summed(equation.right, inner)
    bounds = tuple((r.first, r.index, r.last) for r in outer if r.axis.kind is AxisKind.SEQUENCE)
    domain = tuple(r for r in outer if r.axis.kind is AxisKind.FEATURE)
    return Case(steps, parts, (right,), domain, equation, bounds, usual=False, adds=adds)


def _signs(system: System, variable: Variable) -> tuple[int, ...]:
    """For each sequence of a variable 1 where its cases are told from the first step up, -1 from the last step down."""
    places = [place for place, axis in enumerate(variable.axes) if axis.kind is AxisKind.SEQUENCE]
    if variable.role is not Role.GRAD:
        return (1,) * len(places)
    steps = [e.subscripts for e in system.defining.get(variable.name[5:-1], ())]
    return tuple(1 if _ends_last([s[place] for s in steps if len(s) > place]) else -1 for place in places)


def _ends_last(steps: list[sympy.Expr]) -> bool:
    """Whether a variable is given at its last steps, as one that runs from right to left is, and at no first one."""
    points = [size(step) for step in steps if halves(step)[0] is None and not any(refs(step))]
    return bool(points) and len(points) < len(steps) and min(points) > size(sympy.Integer(10**5))


def _of_place(variable: Variable, group: list[Piece], signs: tuple[int, ...]) -> list[Case]:
    boxes = _merged([(box, active) for box in _boxes(group) if (active := _active(box, group))])

    def place(item: tuple[Box, tuple[Piece, ...]]) -> tuple[sympy.Expr, ...]:
        return tuple(sign * size(end) for sign, pair in zip(signs, item[0], strict=True) for end in pair)

    ordered = sorted(boxes, key=place)
    # A file needs no condition for the one equation that holds at all steps behind the starts, nor for starts that run
    # along with it.
    general = [box for box, _ in ordered if all(first != last for first, last in box)]
    implied = general[0] if variable.role is not Role.GRAD and len(general) == 1 else None
    return [_case(box, active, implied) for box, active in ordered]


def _boxes(group: list[Piece]) -> list[Box]:
    """The steps, cut at every end of a range."""
    axes = range(len(group[0].intervals))
    return list(product(*(_cut([piece.intervals[axis] for piece in group]) for axis in axes)))


def _cut(intervals: list[Interval]) -> list[Interval]:
    firsts = dict.fromkeys(end for first, last in intervals for end in (first, last + 1))
    ordered = sorted(firsts, key=size)
    return [(first, following - 1) for first, following in pairwise(ordered)]


def _active(box: Box, group: list[Piece]) -> tuple[Piece, ...]:
    return tuple(piece for piece in group if all(map(_inside, box, piece.intervals)))


def _inside(inner: Interval, outer: Interval) -> bool:
    return bool(size(outer[0]) <= size(inner[0]) and size(inner[1]) <= size(outer[1]))


def _merged(boxes: list[tuple[Box, tuple[Piece, ...]]]) -> list[tuple[Box, tuple[Piece, ...]]]:
    """Neighbouring boxes with the same terms as one."""
    for axis in range(len(boxes[0][0]) if boxes else 0):
        kept: list[tuple[Box, tuple[Piece, ...]]] = []
        for box, active in boxes:
            for position, (other, terms) in enumerate(kept):
                rest = other[:axis] + other[axis + 1 :] == box[:axis] + box[axis + 1 :]
                if terms == active and rest and other[axis][1] + 1 == box[axis][0]:
                    joined = (*box[:axis], (other[axis][0], box[axis][1]), *box[axis + 1 :])
                    kept[position] = (joined, active)
                    break
            else:
                kept.append((box, active))
        boxes = kept
    return boxes


def _case(box: Box, active: tuple[Piece, ...], implied: Box | None) -> Case:
    # A piece that holds at one step alone has that step on its left; one that holds at more has the index.
    general = max(active, key=lambda piece: sum(isinstance(step, Index) for step in piece.steps))
    each = [
        dict.fromkeys(step for step in steps if isinstance(step, Index))
        for steps in zip(*(p.steps for p in active), strict=True)
    ]
    points = {step: first for (first, last), found in zip(box, each, strict=True) for step in found if first == last}
    bounds = tuple(
        (first, step, last) for (first, last), found in zip(box, each, strict=True) for step in found if first != last
    )
    terms = [substitute(piece.right, points) if points else piece.right for piece in active]
    return Case(
        steps=tuple(
            first if first == last else next(iter(found)) for (first, last), found in zip(box, each, strict=True)
        ),
        parts=general.parts,
        terms=tuple(term for term in terms if term != 0) or (sympy.Integer(0),),
        domain=tuple(r for r in general.domain if r.index not in points),
        source=active[0].equation,
        bounds=bounds,
        usual=implied is not None and all(a == b or a[0] == a[1] for a, b in zip(box, implied, strict=True)),
    )


def _uncut(piece: Piece, adds: bool) -> Case:
    """An equation that cannot be cut: the ends of its steps depend on other steps."""
    ranges = {range_.index: range_ for range_ in piece.domain}
    sequences = [symbol for step in piece.steps for symbol in sorted(step.free_symbols, key=str) if symbol in ranges]
    bounds = tuple((ranges[index].first, index, ranges[index].last) for index in dict.fromkeys(sequences))
    return Case(piece.steps, piece.parts, (piece.right,), piece.domain, piece.equation, bounds, False, adds)


def _apart(places: list[tuple[object, ...]]) -> bool:
    """Whether no two places of features have a cell in common: parts of one axis, one behind the other."""
    for one, other in ((a, b) for n, a in enumerate(places) for b in places[n + 1 :]):
        if not any(_disjoint(mine, theirs) for mine, theirs in zip(one, other, strict=True)):
            return False
    return True


def _disjoint(mine: object, theirs: object) -> bool:
    (first, last), (low, high) = (_extent(*place) for place in (mine, theirs))  # type: ignore[misc]
    if any(end.has(Ref) for end in (first, last, low, high)):
        return False  # a look-up may be anywhere
    return bool(size(last) < size(low) or size(high) < size(first))


def _extent(part: sympy.Expr, ends: Interval | None) -> Interval:
    if ends is None:
        return part, part
    index = next(symbol for symbol in part.free_symbols if isinstance(symbol, Index))
    return part.xreplace({index: ends[0]}), part.xreplace({index: ends[1]})
