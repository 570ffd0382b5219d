"""A statement as an array statement: references become views, sums matrix products, what is left is pointwise."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import sympy

from derive.affine import at_least, length, plain, split
from derive.calculus.indices import ends, indices, is_fixed, solve
from derive.calculus.ranges import greatest, greatest_of, holds, least_of
from derive.calculus.terms import factors
from derive.expressions import Domain, Index, Range, Ref, refs
from derive.functions import Elementwise, exp, less_equal, log, power, sqrt, where
from derive.program import Apply, Assign, Contract, Count, Gather, Point, Reduce, Scalar, Span, Value, View
from derive.schedule.storage import Layout
from derive.system import Equation, Reduction

ZERO = sympy.Integer(0)


@dataclass(frozen=True)
class Place:
    """Where a statement stands: the loops' indices that its own indices are, each with its value."""

    fixed: Mapping[Index, sympy.Expr]


@dataclass(frozen=True)
class Lowering:
    """Lowers statements whose arrays are laid out as `layouts` says.

    Attributes:
        layouts: the cells of every array, given ones included.
        defining: the equations of generated variables: one that all stand in triangles is 0 outside of them.
    """

    layouts: dict[str, Layout]
    defining: Mapping[str, tuple[Equation, ...]] = field(default_factory=dict)

    def assign(self, statement: Equation, place: Place) -> Assign:
        """The array statement of one statement; how it writes is settled once the order is known."""
        box = self._without_needless(statement, rectangle(statement, place.fixed))
        ranges = {r.index: r for r in box.domain}
        target = self.view(statement.left, ranges, place)
        out = target.dims
        over = tuple(r for r in box.domain if r.index not in out)
        conditions = tuple(c.xreplace(dict(place.fixed)) for c in box.conditions)
        value = self._term(statement, out, over, ranges, place, conditions)
        scatters = self._scatters(statement, place)
        return Assign(target, value, False, scatters, False, statement)

    def _without_needless(self, statement: Equation, box: Box) -> Box:
        """Without the conditions that a factor of a sum's terms keeps by being 0 where all are finite."""
        delicate = any(_harmless(statement.right, c) != statement.right for c in box.conditions)
        if delicate or not box.conditions or statement.reduction is not Reduction.SUM:
            return box
        known = [
            condition
            for factor in sympy.Mul.make_args(statement.right)
            if isinstance(factor, Ref)
            for condition in vanishing(factor, self.defining.get(factor.name, ()))
        ]
        kept = tuple(c for c in box.conditions if not any(_follows(c, other) for other in known))
        return replace(box, conditions=kept)

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
        conditions: tuple[sympy.Expr, ...],
    ) -> Value:
        right = statement.right
        order = (*out, *(r.index for r in over))
        if statement.reduction is not Reduction.SUM:
            argument = self.value(_under(conditions, right, -sympy.oo), ranges, place, order)
            summed = tuple(r.index for r in over if r.index in argument.dims)
            dims = _without(argument.dims, summed)
            found = Reduce(statement.reduction, argument, summed, dims) if summed else argument
            idle = [length(r.first, r.last) for r in over if r.index not in argument.dims]
            if idle and statement.reduction is not Reduction.MAX:
                # A value that is repeated n times weighs exp(value) n times.
                times = sympy.Mul(*(greatest([n, sympy.S.One]) for n in idle))
                found = Apply("add", (found, Apply("log", (Scalar(times),), ())), dims)
            nothing = ZERO if statement.reduction is Reduction.NORMALISER else -sympy.oo
            for n in idle:
                if not at_least(n, sympy.S.One):
                    some = Apply("less_equal", (Scalar(sympy.S.One), Scalar(n)), ())
                    found = Apply("where", (some, found, Scalar(nothing)), dims)
            return found
        used = {i for e in (right, *conditions) for i in indices(e)} - set(place.fixed)
        idle = [r for r in over if r.index not in used]
        over = tuple(r for r in over if r.index in used)
        within = {r.index for r in over}
        inner = tuple(c for c in conditions if within & set(indices(c)))
        outer = tuple(c for c in conditions if c not in inner)
        scale, rest = factors(right)
        scale = sympy.Mul(scale, *(length(r.first, r.last) for r in idle))
        if not over:
            return self.value(_under(outer, sympy.Mul(scale, *rest) if idle else right, ZERO), ranges, place, order)
        # What is one number at a step scales the result, which is smaller than what is summed.
        numbers = [f for f in rest if not set(indices(f)) - set(place.fixed) and not f.has(Ref)]
        rest = tuple(f for f in rest if f not in numbers)
        product = self._product(list(rest), tuple(r.index for r in over), ranges, place, order, inner)
        scales = [*([Scalar(scale)] if scale != 1 else []), *(self.value(f, ranges, place, order) for f in numbers)]
        if scales:
            product = Apply("mul", (*scales, product), product.dims)
        if not outer:
            return product
        condition = self.value(_all(outer), ranges, place, order)
        dims = tuple(i for i in order if i in product.dims or i in condition.dims)
        return Apply("where", (condition, product, Scalar(ZERO)), dims)

    def _product(
        self,
        parts: list[sympy.Expr],
        over: tuple[Index, ...],
        ranges: Mapping[Index, Range],
        place: Place,
        order: tuple[Index, ...],
        conditions: tuple[sympy.Expr, ...] = (),
    ) -> Value:
        """The sum of a product over some of its indices, where the conditions hold."""
        parts, waiting = _masked(parts, conditions)
        groups = _groups(parts, place)
        if len(groups) == 1 and len(parts) > 1:
            groups = [parts[0], sympy.Mul(*parts[1:])]
        values = [self.value(g, ranges, place, order) for g in groups or [sympy.Integer(1)]]
        if waiting:
            # What is summed by itself is summed under its condition first: `tri @ x`, never an array of all indices.
            mask = self.value(_under(waiting, sympy.Integer(1), ZERO), ranges, place, order)
            first = max(range(len(values)), key=lambda n: len(set(values[n].dims) & set(mask.dims)))
            elsewhere = {i for n, v in enumerate(values) if n != first for i in v.dims}
            values[first] = self._contracted(
                mask, values[first], tuple(i for i in over if i not in elsewhere), order, elsewhere
            )
        if len(values) == 2:
            return self._contracted(values[0], values[1], over, order)
        (value,) = values
        left = tuple(i for i in over if i in value.dims)
        return Reduce(Reduction.SUM, value, left, _without(value.dims, left)) if left else value

    def _contracted(
        self,
        left: Value,
        right: Value,
        over: tuple[Index, ...],
        order: tuple[Index, ...],
        keep: Collection[Index] = (),
    ) -> Value:
        """The sum over `over` of the product of two arrays."""
        left, right = self._reduced(left, right, over), self._reduced(right, left, over)
        summed = tuple(i for i in over if i in left.dims and i in right.dims and i not in keep)
        dims = tuple(i for i in order if (i in left.dims or i in right.dims) and i not in summed)
        return Contract(left, right, summed, dims) if summed else Apply("mul", (left, right), dims)

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
            return Count(expression, range_.first, length(range_.first, range_.last))
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
                subscripts.append(Gather(entries, plain(subscript - looked - first)))
                dims.extend(i for i in entries.dims if i not in dims)
            elif index is None or index in place.fixed:
                subscripts.append(Point(plain(subscript.xreplace(dict(place.fixed)) - first)))
            else:
                range_ = ranges[index]
                start = plain(range_.first + offset - first)
                subscripts.append(Span(index, start, length(range_.first, range_.last), extent))
                if index not in dims:
                    dims.append(index)
        return View(ref.name, tuple(subscripts), tuple(dims))


@dataclass(frozen=True)
class Box:
    """The ranges over which an array statement runs, and where in them it holds.

    Attributes:
        domain: the ranges of the indices that no loop fixes; their ends use no other of them.
        conditions: what must hold besides, in the statement's own indices.
    """

    domain: Domain
    conditions: tuple[sympy.Expr, ...]


def rectangle(statement: Equation, fixed: Mapping[Index, sympy.Expr]) -> Box:
    """What an array statement runs over: a triangle is a rectangle with a condition.

    An end that uses a loop's index is a number at each step. A reduction over nothing has no value in NumPy: where a
    range may be empty, a maximum runs over the hull too.
    """
    free = tuple(r for r in statement.domain if r.index not in fixed)
    if all(is_fixed(r.first) and is_fixed(r.last) for r in free):
        return Box(free, ())
    running = {r.index for r in free}
    domain: list[Range] = []
    conditions: list[sympy.Expr] = []
    for range_ in free:
        used = {i for end in (range_.first, range_.last) for i in indices(end)}
        summed = statement.reduction is Reduction.SUM
        if used & running or (used and not summed and not holds(range_, statement.domain, 1)):
            conditions += [less_equal(end, range_.index) for end in greatest_of(range_.first) if indices(end)]
            conditions += [less_equal(range_.index, end) for end in least_of(range_.last) if indices(end)]
            hull = ends(range_.index, statement.domain)
            assert hull is not None, f"no hull of {range_}"
            domain.append(Range(range_.index, *hull))
        else:
            low, high = (plain(end.xreplace(dict(fixed))) for end in (range_.first, range_.last))
            domain.append(Range(range_.index, low, high))
    return Box(tuple(domain), tuple(conditions))


def vanishing(ref: Ref, equations: tuple[Equation, ...]) -> list[sympy.Expr]:
    """What holds wherever a reference is not 0, as it does in the triangle that its one equation covers."""
    if len(equations) != 1 or equations[0].reduction is not Reduction.SUM:
        return []
    values = solve(equations[0], ref)
    if values is None:
        return []
    found = []
    for range_ in equations[0].domain:
        if not (is_fixed(range_.first) and is_fixed(range_.last)):
            found += [less_equal(end, range_.index) for end in greatest_of(range_.first)]
            found += [less_equal(range_.index, end) for end in least_of(range_.last)]
    return [condition.xreplace(dict(values)) for condition in found]


def _follows(condition: sympy.Expr, other: sympy.Expr) -> bool:
    """Whether a condition `a <= b` holds where another does."""
    if not (isinstance(condition, less_equal) and isinstance(other, less_equal)):
        return False
    room = plain((condition.args[1] - condition.args[0]) - (other.args[1] - other.args[0]))
    return bool(room.is_Integer and room >= 0)


def _all(conditions: Iterable[sympy.Expr]) -> sympy.Expr:
    return sympy.Mul(*conditions)


def _under(conditions: tuple[sympy.Expr, ...], expression: sympy.Expr, otherwise: sympy.Expr) -> sympy.Expr:
    """The expression where the conditions hold; what it is elsewhere, which may be undefined, is not looked at."""
    if not conditions:
        return expression
    condition = _all(conditions)
    inside = _harmless(expression, condition)
    # An exponential is 0 already where the condition fails.
    vanishes = otherwise == 0 and any(isinstance(factor, exp) for factor in sympy.Mul.make_args(inside))
    return inside if vanishes else where(condition, inside, otherwise)


def _harmless(expression: sympy.Expr, condition: sympy.Expr) -> sympy.Expr:
    """The expression with what may overflow or be undefined taken of a harmless number where a condition fails."""
    if isinstance(expression, Ref) or not expression.args:
        return expression
    arguments = [_harmless(a, condition) for a in expression.args]
    if isinstance(expression, exp):
        arguments = [where(condition, arguments[0], -sympy.oo)]
    elif isinstance(expression, log | sqrt | power) or (
        isinstance(expression, sympy.Pow) and not (expression.exp.is_Integer and expression.exp > 0)
    ):
        arguments[0] = where(condition, arguments[0], sympy.Integer(1))
    return expression.func(*arguments)


def _masked(
    parts: list[sympy.Expr], conditions: tuple[sympy.Expr, ...]
) -> tuple[list[sympy.Expr], tuple[sympy.Expr, ...]]:
    """The factors, those that have all indices of a condition under it; and the conditions that fit no factor."""
    parts, waiting = list(parts), []
    for condition in conditions:
        asked = set(indices(condition))
        fitting = [n for n, part in enumerate(parts) if asked <= set(indices(part))]
        if fitting:
            place = min(fitting, key=lambda n: len(indices(parts[n])))
            for n in fitting:  # a factor that overflows is no number even times 0
                parts[n] = _under((condition,), parts[n], ZERO) if n == place else _harmless(parts[n], condition)
        else:
            waiting.append(condition)
    return parts, tuple(waiting)


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
