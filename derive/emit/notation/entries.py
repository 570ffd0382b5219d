"""Expressions in index notation: always possible, since it is what a System is made of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import sympy

from derive.calculus.indices import indices, substitute
from derive.emit.notation import forms
from derive.emit.notation.folding import Folding, Reduced
from derive.emit.notation.forms import Form
from derive.emit.notation.order import ONE, ZERO, Order, number
from derive.emit.notation.pieces import halves
from derive.expressions import AxisKind, Domain, Index, Range, Ref, Sum, refs
from derive.functions import Comparison, Elementwise, equal, power, where
from derive.system import Role, System

SIGNS = {"less": "<", "less_equal": "<=", "equal": "=="}


class Entries:
    """Turns expressions of one system into forms, entry by entry.

    Args:
        system: whose variables the expressions read.
        folding: what its generated variables stand for.
        order: the order of terms and factors.
        taken: names that no bound index may have.
    """

    def __init__(self, system: System, folding: Folding, order: Order, taken: set[str]) -> None:
        """A reader of one line's expressions."""
        self.system = system
        self.folding = folding
        self.order = order
        self.taken = taken
        self.ranges: dict[Index, Range] = {}

    def limit(self, domain: Domain) -> None:
        """Note which indices do not run over the whole of their axis."""
        self.ranges = {range_.index: range_ for range_ in domain if range_ != Range.whole(range_.index)}

    def entry(self, expression: sympy.Expr) -> Form:
        """One entry: every index stands for itself."""
        match expression:
            case Ref():
                return self._ref(expression)
            case Sum() if is_single(expression):
                return self.entry(substitute(expression.body, {expression.range.index: expression.range.first}))
            case Sum() if _counts(expression):
                return self.entry((expression.range.last - expression.range.first + 1) * expression.body)
            case Sum():
                body = self.entry(expression.body)
                return body if is_batch(expression) else forms.Reduce("sum", body, (self.span(expression.range),))
            case sympy.Add():
                return self._add(expression)
            case sympy.Mul():
                mean, rest = mean_of(expression)
                factors = [self.entry(factor) for factor in rest]
                if mean is not None:
                    factors.append(forms.Reduce("mean", self.entry(mean.body), (self.span(mean.range),)))
                return self.order.multiply(factors)
            case sympy.Pow():
                return powered(self.entry(expression.base), expression.exp)
            case Elementwise():
                return self._function(expression)
        return atom(expression)

    def _add(self, expression: sympy.Add) -> Form:
        found = self.folding.logsoftmax(expression)
        if found is None:
            return self.order.add(map(self.entry, expression.args))
        body, index, rest = found
        folded = forms.Reduce("logsoftmax", self.entry(body), (forms.Span(index.name),))
        return self.order.add([folded, *([self.entry(rest)] if rest != 0 else [])])

    def _ref(self, ref: Ref) -> Form:
        looked = self.folding.look(ref)
        if looked is not None:
            return self.entry(looked)
        part = self.folding.part_softmax(ref)
        if part is not None:
            return forms.Reduce("softmax", self.entry(part[0]), (self.span(part[1]),))
        reduced = self.folding.reduction(ref, self.taken)
        if reduced is not None:
            with self.inside(reduced):
                return forms.Reduce(reduced.name, self.entry(reduced.body), tuple(map(self.span, reduced.ranges)))
        return self.start(ref) or self.part(ref)

    @contextmanager
    def inside(self, reduced: Reduced) -> Iterator[None]:
        """While a definition is put in whose own indices are no names for what is put in within it."""
        before = set(self.taken)
        self.taken |= {symbol.name for symbol in reduced.body.atoms(sympy.Symbol)}
        self.taken |= {range_.index.name for range_ in reduced.ranges}
        yield
        self.taken = before

    def _function(self, expression: Elementwise) -> Form:
        softmax = self.folding.softmax(expression)
        if softmax is not None:
            return forms.Reduce("softmax", self.entry(softmax[0]), (forms.Span(softmax[1].name),))
        if isinstance(expression, Comparison):
            return self._indicator(expression)
        if isinstance(expression, where):
            condition = expression.args[0]
            first = self.comparison(condition) if isinstance(condition, Comparison) else self.entry(condition)
            return forms.Apply("where", (first, *map(self.entry, expression.args[1:])))
        if isinstance(expression, power):
            return forms.Power(*map(self.entry, expression.args))
        return forms.Apply(expression.row.name, tuple(map(self.entry, expression.args)))

    def _indicator(self, expression: Comparison) -> Form:
        """A condition as a number: an entry of a one-hot vector or of the identity where it is one."""
        pair = delta(expression)
        if pair is None:
            return forms.Apply("where", (self.comparison(expression), ONE, ZERO))
        index, other = pair
        if isinstance(other, Index):
            return forms.Entry(forms.Eye(self.subscript(index.axis.size)), (atom(index), atom(other)))
        return forms.Entry(forms.OneHot(self.subscript(other)), (atom(index),))

    def comparison(self, expression: Comparison) -> Form:
        """A condition, entry by entry."""
        return forms.Compare(SIGNS[expression.row.name], *map(self.entry, expression.args))

    def start(self, ref: Ref) -> Form | None:
        """The value of a start that a file gives as a number."""
        variable = self.system.by_name.get(ref.name)
        if variable is None or variable.role is not Role.START or not isinstance(variable.default, int | float):
            return None
        infinite = {float("inf"): sympy.oo, float("-inf"): -sympy.oo}.get(variable.default)
        return atom(infinite or sympy.Rational(str(variable.default)))

    def kinds(self, ref: Ref) -> tuple[AxisKind, ...]:
        """What each subscript counts; for a name that the system lacks as its indices say."""
        variable = self.system.by_name.get(ref.name)
        if variable is not None and len(variable.axes) == len(ref.subscripts):
            return tuple(axis.kind for axis in variable.axes)
        return tuple(s.axis.kind if isinstance(s, Index) else AxisKind.SEQUENCE for s in ref.subscripts)

    def part(self, ref: Ref) -> Form:
        """An entry of a variable, or of a part of it where an index runs over less than the axis: `z[t, n_h:][i]`."""
        variable = self.system.by_name.get(ref.name)
        if variable is None or len(variable.axes) != len(ref.subscripts):
            return self.variable(ref)
        parts: list[Form] = []
        inner: list[Form] = []
        for subscript, axis in zip(ref.subscripts, variable.axes, strict=True):
            if axis.kind is AxisKind.FEATURE:
                index, offset = halves(subscript)
                short = index is not None and index.axis.size != axis.size and index not in self.ranges
                looked = self.looked_up(subscript, axis.size)
                if looked is not None:
                    first = None if subscript == looked else self.subscript(subscript - looked)
                    parts.append(forms.Slice(first, self._end(subscript - looked, looked, axis.size)))
                    inner.append(self.subscript(looked))
                elif index is None:
                    parts.append(self.subscript(subscript))
                else:
                    parts.append(self.slice(index, offset, axis.size) if short else forms.WHOLE)
                    inner.append(self.subscript(index if short else subscript))
        whole = self.variable(ref)
        if all(part == forms.WHOLE or not isinstance(part, forms.Slice) for part in parts):
            return whole
        return forms.Entry(replace(whole, parts=tuple(parts)), tuple(inner))

    def looked_up(self, subscript: sympy.Expr, size: sympy.Expr) -> Ref | None:
        """The data that looks up in a part of an axis of that size; None where they do so in all of it."""
        looked = next(iter(refs(subscript)), None)
        if looked is None or subscript != looked:
            return looked
        data = self.system.by_name.get(looked.name)
        return looked if data is not None and data.classes not in (None, size) else None

    def _end(self, first: sympy.Expr, looked: Ref, size: sympy.Expr) -> Form | None:
        """Where a part of an axis of that size ends, in which data looks up from an entry on; None at its end."""
        classes = self.system.by_name[looked.name].classes
        end = size if classes is None else sympy.expand(first + classes)
        return None if end == size else self.subscript(end)

    def slice(self, index: Index, offset: sympy.Expr, size: sympy.Expr) -> Form:
        """Which part of an axis of that size an index, moved, runs over."""
        range_ = self.ranges.get(index) or Range.whole(index)
        first, end = range_.first + offset, range_.last + offset + 1
        if first == 0 and end == size:
            return forms.WHOLE
        return forms.Slice(self.subscript(first) if first != 0 else None, self.subscript(end) if end != size else None)

    def variable(self, ref: Ref) -> forms.Variable:
        """A variable at its steps and entries; the batch is never printed."""
        name, gradients = self.name(ref)
        # What is read of data with zeros outside their range are the data; their gradient is another.
        name = name if gradients else self.folding.plain_name(name)
        steps: list[Form] = []
        parts: list[Form] = []
        for subscript, kind in zip(ref.subscripts, self.kinds(ref), strict=True):
            if kind is not AxisKind.BATCH:
                (steps if kind is AxisKind.SEQUENCE else parts).append(self.subscript(subscript))
        return forms.Variable(name, tuple(steps), tuple(parts), gradients)

    def name(self, ref: Ref) -> tuple[str, int]:
        """The name without its `grad(...)`, and how many there were."""
        name, gradients = ref.name, 0
        while name.startswith("grad(") and name.endswith(")"):
            name, gradients = name[5:-1], gradients + 1
        return name, gradients

    def subscript(self, subscript: sympy.Expr) -> Form:
        """A subscript, indices before sizes before numbers: `t - 1`, `T - 1`, `y[t]`."""
        if isinstance(subscript, Ref):
            return self.variable(subscript)
        if isinstance(subscript, sympy.Mul):
            return self.order.multiply(map(self.subscript, subscript.args))
        if isinstance(subscript, sympy.Pow):
            return powered(self.subscript(subscript.base), subscript.exp)
        if isinstance(subscript, sympy.Max | sympy.Min):
            name = "max" if isinstance(subscript, sympy.Max) else "min"
            return forms.Apply(name, tuple(self.subscript(a) for a in sorted(subscript.args, key=_affine_key)))
        if not isinstance(subscript, sympy.Add):
            return atom(subscript)
        return forms.Add(tuple(self.subscript(term) for term in sorted(subscript.args, key=_affine_key)))

    def span(self, range_: Range) -> forms.Span:
        """A bound index, with its ends where they are not its axis's."""
        if range_ == Range.whole(range_.index):
            return forms.Span(range_.index.name)
        return forms.Span(range_.index.name, self.subscript(range_.first), self.subscript(range_.last))


def atom(expression: sympy.Expr) -> Form:
    """A number, an index or a size."""
    if expression.is_Rational:
        return number(expression)
    if expression == sympy.oo:
        return forms.Symbol("inf")
    if expression == -sympy.oo:
        return forms.Negative(forms.Symbol("inf"))
    # SymPy prints a symbol slowly.
    return forms.Symbol(
        expression.name if expression.is_Symbol else "pi" if expression == sympy.pi else str(expression)
    )


def powered(base: Form, exponent: sympy.Expr) -> Form:
    """`base ** exponent`, one over it where the exponent is below 0; the square root of a number by its name."""
    if exponent.is_Rational and exponent < 0:
        return forms.Multiply((), (), (powered(base, -exponent),))
    if exponent == 1:
        return base
    if exponent == sympy.Rational(1, 2) and not isinstance(base, forms.Variable):
        return forms.Apply("sqrt", (base,))
    return forms.Power(base, forms.Number(exponent) if exponent.is_Rational else atom(exponent))


def mean_of(product: sympy.Mul) -> tuple[Sum | None, list[sympy.Expr]]:
    """The sum of a product that is a mean, since its length divides it, and the other factors."""
    factors = list(product.args)
    for factor in factors:
        if isinstance(factor, Sum) and not is_batch(factor):
            length = 1 / factor.range.axis.size
            if length in factors and factor.range == Range.whole(factor.range.index):
                rest = [other for other in factors if other is not factor]
                rest.remove(length)
                return factor, rest
    return None, factors


def delta(comparison: Comparison) -> tuple[Index, sympy.Expr] | None:
    """`i == y[t]` as (i, y[t]), `i == j` as (i, j); None for any other condition."""
    if isinstance(comparison, equal):
        for one, other in (comparison.args, comparison.args[::-1]):
            if isinstance(one, Index) and one.axis.kind is AxisKind.FEATURE and isinstance(other, Ref | Index):
                if isinstance(other, Ref) or other.axis == one.axis:
                    return one, other
    return None


def is_single(expression: Sum) -> bool:
    """Whether it sums over one value of its index, as over a scalar's place in a concatenation."""
    return bool(expression.range.first == expression.range.last) and not is_batch(expression)


def _counts(expression: Sum) -> bool:
    """Whether it sums a term that lacks its index, which nothing would then say the range of."""
    return expression.range.index not in indices(expression.body) and not is_batch(expression)


def is_batch(expression: Sum) -> bool:
    """Whether it is the sum over the examples of a batch, which is never printed."""
    return bool(expression.range.axis.kind is AxisKind.BATCH)


def _affine_key(term: sympy.Expr) -> tuple[int, str]:
    symbols = term.free_symbols
    if not symbols:
        return (2, "")
    return (0 if any(isinstance(symbol, Index) for symbol in symbols) else 1, str(term))
