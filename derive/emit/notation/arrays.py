"""Index notation recognised as array notation: `Sum(W[i,j]*h[t-1,j], j)` is `W @ h[t-1]`.

The additive terms of a right side are products; the feature indices of a product are the nodes of a graph, its
vectors stand at nodes, its matrices are edges. Where the graph is a tree, walking it from the indices of the left side
writes the product down: at each node the vectors times the matrix products of its branches. All else has no array form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

import sympy

from derive.calculus.indices import substitute
from derive.emit.notation import forms
from derive.emit.notation.contraction import Contraction, NoForm
from derive.emit.notation.entries import SIGNS, Entries, atom, delta, is_batch, is_single, mean_of, powered
from derive.emit.notation.folding import Reduced
from derive.emit.notation.forms import Form
from derive.emit.notation.pieces import halves, new_index
from derive.expressions import Axis, AxisKind, Domain, Index, Range, Ref, Sum, refs
from derive.functions import Comparison, Elementwise, power, where
from derive.system import Equation, Reduction

Free = tuple[Index, ...]


class Arrays(Entries):
    """Turns expressions of one system into array notation. Every method raises `NoForm` where there is none."""

    def array(self, expression: sympy.Expr, free: Free, domain: Domain = ()) -> Form:
        """The array over the free indices, whose ranges are in the domain where they are not whole axes.

        Raises:
            NoForm: array notation cannot say it.
        """
        self.limit(domain)
        return self._array(expression, free)

    def _array(self, expression: sympy.Expr, free: Free) -> Form:
        if isinstance(expression, sympy.Add):
            return self._terms(expression, free)
        found = features(expression)
        if found and found != frozenset(free):
            raise NoForm
        # A scalar beside arrays is added to, or compared with, each of their entries.
        return self._single(expression, free if found else ())

    def _single(self, expression: sympy.Expr, free: Free) -> Form:
        match expression:
            case Ref():
                return self._reference(expression, free)
            case Sum() if is_single(expression):
                return self.array(substitute(expression.body, {expression.range.index: expression.range.first}), free)
            case Sum() if isinstance(expression.body, sympy.Add) and free:
                return self._opened(expression, free)
            case Sum() | sympy.Mul():
                return self._product(expression, free)
            case sympy.Pow():
                return powered(self._array(expression.base, free), expression.exp)
            case Elementwise():
                return self._applied(expression, free)
            case Index() if expression.axis.kind is AxisKind.FEATURE:
                raise NoForm
        return atom(expression)

    def _opened(self, expression: Sum, free: Free) -> Form:
        """A sum of several terms: as it stands, or else of each term by itself."""
        with suppress(NoForm):
            return self._product(expression, free)
        if expression.range.axis.kind is not AxisKind.FEATURE:
            raise NoForm
        terms = (expression.func(term, *expression.args[1:]) for term in expression.body.args)
        return self.order.add(self._array(term, free) for term in terms)

    def _terms(self, expression: sympy.Add, free: Free) -> Form:
        found = self.folding.logsoftmax(expression)
        if found is None:
            return self.order.add(self._array(term, free) for term in expression.args)
        body, index, rest = found
        folded = self._over("logsoftmax", body, index, free)
        return self.order.add([folded, *([self._array(rest, free)] if rest != 0 else [])])

    def _over(self, name: str, body: sympy.Expr, index: Index, free: Free) -> Form:
        """A softmax or its logarithm: of a vector, or over a named sequence."""
        if index.axis.kind is AxisKind.SEQUENCE:
            return forms.Reduce(name, self._array(body, free), (forms.Span(index.name),))
        if features(body) != {index} or index in self.ranges:
            raise NoForm
        return forms.Apply(name, (self._array(body, (index,)),))

    def _reference(self, ref: Ref, free: Free) -> Form:
        looked = self.folding.look(ref)
        if looked is not None:
            return self._array(looked, free)
        part = self.folding.part_softmax(ref)
        if part is not None:
            return forms.Reduce("softmax", self._array(part[0], free), (self.span(part[1]),))
        reduced = self.folding.reduction(ref, self.taken)
        if reduced is not None:
            with self.inside(reduced):
                return self._reduced(reduced.name, reduced.body, reduced.ranges, free)
        if ref.name in self.folding.concats:
            return self._concat(ref, free)
        form, axes = self.oriented(ref)
        if axes == free:
            return self.start(ref) or form
        if len(axes) == 2 and axes == free[::-1]:
            return forms.Transpose(form)
        raise NoForm

    def _reduced(self, name: str, body: sympy.Expr, ranges: Domain, free: Free) -> Form:
        kinds = {range_.axis.kind for range_ in ranges}
        if name == Reduction.LOGSUMEXP.value and len(ranges) > 1 and kinds == {AxisKind.FEATURE}:
            raise NoForm  # it is one of a vector
        if kinds == {AxisKind.FEATURE} and all(r == Range.whole(r.index) for r in ranges) and not free:
            return forms.Apply(name, (self._array(body, tuple(r.index for r in ranges)),))
        if kinds == {AxisKind.SEQUENCE}:
            return forms.Reduce(name, self._array(body, free), tuple(map(self.span, ranges)))
        raise NoForm

    def _concat(self, ref: Ref, free: Free) -> Form:
        index, offset = halves(ref.subscripts[-1])
        if free != (() if index is None else (index,)):
            raise NoForm
        whole = self.joined(self.folding.concats[ref.name], ref.subscripts[:-1])
        if index is None:
            return self._chosen(whole, ref)
        part = self.slice(index, offset, self._last_axis(ref).size)
        return whole if part == forms.WHOLE else forms.Entry(whole, (part,))

    def _chosen(self, whole: Form, ref: Ref) -> Form:
        """One entry of a concatenation: a number, or chosen by data."""
        if any(refs(ref.subscripts[-1])) and not isinstance(ref.subscripts[-1], Ref):
            raise NoForm
        return forms.Entry(whole, (self.subscript(ref.subscripts[-1]),))

    def joined(self, pieces: Sequence[Equation], steps: tuple[sympy.Expr, ...]) -> Form:
        """The parts of a vector, one behind the other, at some steps."""
        try:
            return forms.Apply("concat", tuple(self._part_of(piece, steps) for piece in pieces))
        except NoForm:
            return self._joined_over_an_index(pieces, steps)

    def _part_of(self, piece: Equation, steps: tuple[sympy.Expr, ...]) -> Form:
        at = dict(zip(piece.subscripts[:-1], steps, strict=True))
        index, _ = halves(piece.subscripts[-1])
        found = features(piece.right)
        if index is None or (found != {index} and (found or index.axis.size != 1)):
            raise NoForm
        return self._array(substitute(piece.right, at), (index,) if found else ())

    def _joined_over_an_index(self, pieces: Sequence[Equation], steps: tuple[sympy.Expr, ...]) -> Form:
        """`concat(i * a[i], b[i], i)`: the parts entry by entry, by one name for all their indices."""
        own = [halves(piece.subscripts[-1])[0] for piece in pieces]
        used = self.taken | {s.name for e in (*steps, *(p.right for p in pieces)) for s in e.atoms(sympy.Symbol)}
        parts, index = [], None
        for piece, old in zip(pieces, own, strict=True):
            if old is None or old not in piece.right.free_symbols:
                raise NoForm
            index = Index(index.name, old.axis) if index is not None else new_index(old.axis, used, self.system)
            at = {**dict(zip(piece.subscripts[:-1], steps, strict=True)), old: index}
            body = substitute(piece.right, at)
            with self.inside(Reduced("concat", body, ())):
                parts.append(self.entry(body))
        return forms.Apply("concat", (*parts, atom(index)))

    def _ref(self, ref: Ref) -> Form:
        """In index notation too a concatenation is one of arrays, and subscripted."""
        if ref.name in self.folding.concats:
            with suppress(NoForm):
                whole = self.joined(self.folding.concats[ref.name], ref.subscripts[:-1])
                index, offset = halves(ref.subscripts[-1])
                if index is None:
                    return self._chosen(whole, ref)
                if index in self.ranges and offset.is_Integer:
                    return forms.Entry(whole, (self.subscript(ref.subscripts[-1]),))
                part = self.slice(index, offset, self._last_axis(ref).size)
                whole = whole if part == forms.WHOLE else forms.Entry(whole, (part,))
                return forms.Entry(whole, (self.subscript(index),))
        return super()._ref(ref)

    def _last_axis(self, ref: Ref) -> Axis:
        return self.system.by_name[ref.name].axes[-1]

    def oriented(self, ref: Ref) -> tuple[forms.Variable, Free]:
        """A variable with the feature indices that it extends over, in the order of its axes."""
        name, gradients = self.name(ref)
        name = name if gradients else self.folding.plain_name(name)
        steps, parts, axes = [], [], []
        variable = self.system.by_name.get(ref.name)
        for position, (subscript, kind) in enumerate(zip(ref.subscripts, self.kinds(ref), strict=True)):
            if kind is AxisKind.SEQUENCE:
                steps.append(self.subscript(subscript))
            elif kind is AxisKind.FEATURE:
                index, offset = halves(subscript)
                whole = variable.axes[position].size if variable is not None else None
                if index is None or index.axis.kind is not AxisKind.FEATURE:
                    if whole is not None and self.looked_up(subscript, whole) is not None:
                        raise NoForm  # a look-up in a part of the axis
                    parts.append(self.subscript(subscript))
                    continue
                size = index.axis.size if whole is None else whole
                parts.append(self.slice(index, offset, size))
                axes.append(index)
        if len(set(axes)) != len(axes):
            raise NoForm
        return forms.Variable(name, tuple(steps), tuple(parts), gradients), tuple(axes)

    def target(self, name: str, steps: tuple[sympy.Expr, ...], parts: tuple[sympy.Expr, ...]) -> forms.Variable:
        """A left side; its parts are those of the domain that `array` was given last."""
        plain, gradients = self.name(Ref(name))
        axes = [axis for axis in self.system.by_name[name].axes if axis.kind is AxisKind.FEATURE]
        slices = []
        for part, axis in zip(parts, axes, strict=True):
            index, offset = halves(part)
            slices.append(self.subscript(part) if index is None else self.slice(index, offset, axis.size))
        return forms.Variable(plain, tuple(map(self.subscript, steps)), tuple(slices), gradients)

    def slice(self, index: Index, offset: sympy.Expr, size: sympy.Expr) -> Form:
        """Which part of an axis of that size an index, moved, runs over: the same whatever other features are."""
        range_ = self.ranges.get(index)
        if range_ is not None and features(range_.first) | features(range_.last):
            raise NoForm
        return super().slice(index, offset, size)

    def _applied(self, expression: Elementwise, free: Free) -> Form:
        softmax = self.folding.softmax(expression)
        if softmax is not None:
            return self._over("softmax", *softmax, free)
        if isinstance(expression, Comparison):
            return self._condition(expression, free)
        arguments = tuple(self._array(argument, free) for argument in expression.args[1:])
        if isinstance(expression, where) and isinstance(expression.args[0], Comparison):
            return forms.Apply("where", (self._compare(expression.args[0], free), *arguments))
        first = self._array(expression.args[0], free)
        if isinstance(expression, power):
            return forms.Power(first, *arguments)
        name = expression.row.name
        match name, first:
            case "sqrt", forms.Reduce("sum", forms.Power(base, forms.Number(value)), ()) if value == 2:
                return forms.Apply("norm2", (base,))
        return forms.Apply(name, (first, *arguments))

    def _condition(self, expression: Comparison, free: Free) -> Form:
        pair = delta(expression)
        if pair is None:
            one, zero = forms.Number(sympy.Integer(1)), forms.Number(sympy.Integer(0))
            return forms.Apply("where", (self._compare(expression, free), one, zero))
        if isinstance(pair[1], Index):
            return forms.Eye(self.subscript(pair[0].axis.size))
        if features(pair[1]):
            raise NoForm
        return forms.OneHot(self.subscript(pair[1]))

    def _compare(self, expression: Comparison, free: Free) -> Form:
        left, right = (self._array(argument, free) for argument in expression.args)
        return forms.Compare(SIGNS[expression.row.name], left, right)

    def _product(self, expression: sympy.Expr, free: Free) -> Form:
        graph = Contraction(self.order)
        for factor in self._factors(expression):
            if isinstance(factor, Form):
                graph.scalars.append(factor)
                continue
            found = features(factor)
            if not found:
                graph.scalars.append(self._factor(factor, ()))
            elif len(found) == 1:
                (index,) = found
                graph.vectors.setdefault(index, []).append(self._factor(factor, (index,)))
            elif len(found) == 2:
                first, second = self._orientation(factor, found, free)
                graph.edge(first, second, self._factor(factor, (first, second)))
            else:
                raise NoForm
        return graph.result(free)

    def _factor(self, factor: sympy.Expr, free: Free) -> Form:
        if not isinstance(factor, Sum):
            return self._array(factor, free)
        return forms.Reduce("sum", self._array(factor.body, free), (self.span(factor.range),))

    def _factors(self, expression: sympy.Expr) -> Iterable[sympy.Expr | Form]:
        """The factors of a product; sums over features are opened, since the graph sums what the left side lacks."""
        if isinstance(expression, sympy.Mul):
            mean, rest = mean_of(expression)
            for factor in rest:
                yield from self._factors(factor)
            if mean is not None:
                yield self._mean(mean)
        elif isinstance(expression, Sum) and (is_batch(expression) or self._opens(expression)):
            yield from self._factors(expression.body)
        else:
            yield expression

    def _opens(self, expression: Sum) -> bool:
        range_ = expression.range
        if range_.axis.kind is not AxisKind.FEATURE:
            return False
        if range_.index not in features(expression.body):
            raise NoForm
        if range_ != Range.whole(range_.index):
            self.ranges[range_.index] = range_
        return True

    def _mean(self, mean: Sum) -> Form:
        index = mean.range.index
        if index.axis.kind is AxisKind.SEQUENCE:
            return forms.Reduce("mean", self._array(mean.body, ()), (self.span(mean.range),))
        return forms.Reduce("mean", self._array(mean.body, (index,)))

    def _orientation(self, factor: sympy.Expr, found: frozenset[Index], free: Free) -> tuple[Index, Index]:
        """The order of a matrix's indices: the left side's, or as its first variable has them."""
        if found == frozenset(free):
            return free[0], free[1]
        for ref in refs(factor):
            stands = [index for s in ref.subscripts if (index := halves(s)[0]) is not None and index in found]
            if len(stands) == 2:
                return stands[0], stands[1]
        first, second = sorted(found, key=lambda index: index.name)
        return first, second


def features(expression: sympy.Basic) -> frozenset[Index]:
    """The free feature indices of an expression."""
    return frozenset(
        symbol
        for symbol in expression.free_symbols
        if isinstance(symbol, Index) and symbol.axis.kind is AxisKind.FEATURE
    )
