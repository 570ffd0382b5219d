"""A statement as an array statement: references become views, sums matrix products, what is left is pointwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy

from derive.affine import length, plain, split
from derive.calculus.indices import indices, is_fixed
from derive.calculus.terms import factors
from derive.expressions import Index, Range, Ref, refs
from derive.functions import Elementwise
from derive.program import Apply, Assign, Contract, Count, Gather, Point, Reduce, Scalar, Span, Value, View
from derive.schedule.storage import Layout
from derive.system import Equation, Reduction


@dataclass(frozen=True)
class Place:
    """Where a statement stands: the loops' indices that its own indices are, each with its value."""

    fixed: Mapping[Index, sympy.Expr]


@dataclass(frozen=True)
class Lowering:
    """Lowers statements whose arrays are laid out as `layouts` says.

    Attributes:
        layouts: the cells of every array, given ones included.
    """

    layouts: Mapping[str, Layout]

    def assign(self, statement: Equation, place: Place) -> Assign:
        """The array statement of one statement; how it writes is settled once the order is known."""
        ranges = {r.index: r for r in statement.domain}
        target = self.view(statement.left, ranges, place)
        out = target.dims
        free = [r for r in statement.domain if r.index not in place.fixed]
        over = tuple(r for r in free if r.index not in out)
        value = self._term(statement, out, over, ranges, place)
        scatters = self._scatters(statement, place)
        return Assign(target, value, False, scatters, False, statement)

    def _scatters(self, statement: Equation, place: Place) -> bool:
        """Whether one entry of the target may be written for two values of the indices."""
        looked_up = {i for s in statement.subscripts if s.has(Ref) for i in indices(s)}
        plain = {split(s)[0] for s in statement.subscripts}
        return any(i not in plain and i not in place.fixed for i in looked_up)

    def _term(
        self,
        statement: Equation,
        out: tuple[Index, ...],
        over: tuple[Range, ...],
        ranges: Mapping[Index, Range],
        place: Place,
    ) -> Value:
        right = statement.right
        order = (*out, *(r.index for r in over))
        if statement.reduction is not Reduction.SUM:
            argument = self.value(right, ranges, place, order)
            summed = tuple(r.index for r in over if r.index in argument.dims)
            dims = _without(argument.dims, summed)
            found = Reduce(statement.reduction, argument, summed, dims) if summed else argument
            idle = [_length(r, place.fixed) for r in over if r.index not in argument.dims]
            if not idle or statement.reduction is Reduction.MAX:
                return found
            # A value that is repeated n times weighs exp(value) n times.
            return Apply("add", (found, Apply("log", (Scalar(sympy.Mul(*idle)),), ())), dims)
        used = set(indices(right)) - set(place.fixed)
        idle = [r for r in over if r.index not in used]
        over = tuple(r for r in over if r.index in used)
        scale, rest = factors(right)
        scale = sympy.Mul(scale, *(r.last - r.first + 1 for r in idle))
        if not over:
            return self.value(sympy.Mul(scale, *rest) if idle else right, ranges, place, order)
        product = self._product(list(rest), tuple(r.index for r in over), ranges, place, order)
        if scale == 1:
            return product
        return Apply("mul", (Scalar(scale), product), product.dims)

    def _product(
        self,
        parts: list[sympy.Expr],
        over: tuple[Index, ...],
        ranges: Mapping[Index, Range],
        place: Place,
        order: tuple[Index, ...],
    ) -> Value:
        """The sum of a product over some of its indices."""
        groups = _groups(parts, place)
        if len(groups) == 1 and len(parts) > 1:
            groups = [parts[0], sympy.Mul(*parts[1:])]
        if len(groups) == 2:
            left, right = (self.value(g, ranges, place, order) for g in groups)
            left, right = self._reduced(left, right, over), self._reduced(right, left, over)
            summed = tuple(i for i in over if i in left.dims and i in right.dims)
            dims = tuple(i for i in order if (i in left.dims or i in right.dims) and i not in summed)
            if summed:
                return Contract(left, right, summed, dims)
            return Apply("mul", (left, right), dims)
        value = self.value(sympy.Mul(*parts), ranges, place, order)
        return Reduce(Reduction.SUM, value, over, _without(value.dims, over))

    @staticmethod
    def _reduced(value: Value, other: Value, over: tuple[Index, ...]) -> Value:
        """A factor summed over what only it has."""
        alone = tuple(i for i in value.dims if i in over and i not in other.dims)
        return Reduce(Reduction.SUM, value, alone, _without(value.dims, alone)) if alone else value

    def value(
        self, expression: sympy.Expr, ranges: Mapping[Index, Range], place: Place, order: tuple[Index, ...]
    ) -> Value:
        """An expression element by element."""
        if isinstance(expression, Ref):
            return self.view(expression, ranges, place)
        if isinstance(expression, Index) and expression not in place.fixed:
            range_ = ranges[expression]
            return Count(expression, range_.first, _length(range_))
        if (
            not (set(indices(expression)) - set(place.fixed))
            and not expression.has(Ref)
            and not expression.has(Elementwise)
        ):
            return Scalar(expression.xreplace(dict(place.fixed)))
        names = {sympy.Add: "add", sympy.Mul: "mul", sympy.Pow: "pow"}
        name = next((n for kind, n in names.items() if isinstance(expression, kind)), None)
        if name is None:
            assert isinstance(expression, Elementwise), f"no rule to lower {expression!r}"
            name = expression.row.name
        arguments = tuple(self.value(a, ranges, place, order) for a in expression.args)
        found = {i for a in arguments for i in a.dims}
        return Apply(name, arguments, tuple(i for i in order if i in found))

    def view(self, ref: Ref, ranges: Mapping[Index, Range], place: Place) -> View:
        """A reference as a part of its array; loops' indices are numbers there."""
        found = self.layouts[ref.name]
        subscripts: list[Point | Span | Gather] = []
        dims: list[Index] = []
        for subscript, first, extent in zip(ref.subscripts, found.first, found.extent, strict=True):
            index, offset = split(subscript)
            looked = next(iter(refs(subscript)), None)
            if looked is not None:
                entries = self.view(looked, ranges, place)
                subscripts.append(Gather(entries, plain(subscript - looked)))
                dims.extend(i for i in entries.dims if i not in dims)
            elif index is None or index in place.fixed:
                subscripts.append(Point(plain(subscript.xreplace(dict(place.fixed)) - first)))
            else:
                range_ = ranges[index]
                start = plain(range_.first.xreplace(dict(place.fixed)) + offset - first)
                subscripts.append(Span(index, start, _length(range_, place.fixed), extent))
                if index not in dims:
                    dims.append(index)
        return View(ref.name, tuple(subscripts), tuple(dims))


def _length(range_: Range, fixed: Mapping[Index, sympy.Expr] | None = None) -> sympy.Expr:
    found = length(range_.first, range_.last)
    return plain(found.xreplace(dict(fixed))) if fixed and not is_fixed(found) else found


def _without(dims: Iterable[Index], some: Iterable[Index]) -> tuple[Index, ...]:
    left_out = set(some)
    return tuple(i for i in dims if i not in left_out)


def _groups(parts: list[sympy.Expr], place: Place) -> list[sympy.Expr]:
    """Factors of equal indices multiplied together, and those whose indices another's contain put with it."""
    groups: dict[frozenset[Index], sympy.Expr] = {}
    for part in parts:
        key = frozenset(indices(part)) - frozenset(place.fixed)
        groups[key] = groups.get(key, sympy.Integer(1)) * part
    while len(groups) > 2:
        small = min(groups, key=lambda key: (len(key), sorted(i.name for i in key)))
        rest = [key for key in groups if key is not small]
        large = next(
            (key for key in rest if small <= key),
            min(rest, key=lambda key: (len(key | small), sorted(i.name for i in key))),
        )
        groups[large | small] = groups.pop(large) * groups.pop(small)
    return sorted(groups.values(), key=str)
