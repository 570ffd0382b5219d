"""Each example its own length: the system in which `T` is the example's own, whatever lies beyond its last step.

In comes a model of one example, out comes one that reads two more data for every sequence: `T.own`, how many steps the
example has, as a number, and `len.T`, the same as a step that can be looked up.

- A sum, a maximum or a logsumexp that ends at `T` leaves out what is beyond the example's own end.
- `h[T]` is `h[len.T]`, and `T` as a number is `T.own`.
- A variable that is something else at its end (`g[T+1] = 0`) is that from the example's own end on.

Nothing else is masked: what is computed beyond the end is as finite as the model is, and nothing reads it. Data there
must be finite, so a caller repeats each example's last step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import sympy

from derive.affine import split
from derive.calculus.batch import batched_names
from derive.calculus.batch import own_name as own_name
from derive.calculus.batch import step_name as step_name
from derive.calculus.indices import fresh
from derive.calculus.masks import ONE, ZERO, Piece, earliest, is_plain, limits, masked, relative, with_inside
from derive.calculus.reach import dependents, precedents
from derive.calculus.stable import fresh_name
from derive.errors import DeriveError, Fault
from derive.expressions import Axis, AxisKind, Domain, Range, Ref, Sum, refs
from derive.functions import exp, less_equal, where
from derive.system import Equation, Reduction, Role, System, Variable


def sequences(system: System) -> tuple[Axis, ...]:
    """The sequences of a system, in order of appearance."""
    found = (axis for v in system.variables for axis in v.axes if axis.kind is AxisKind.SEQUENCE)
    return tuple(dict.fromkeys(found))


def own_lengths(system: System, loss: str = "loss") -> System:
    """The system in which every example has its own lengths.

    Args:
        system: a model of one example; what is reduced has a name, and the loss is parted by what depends on data.
        loss: what is differentiated. Its terms that depend on no data count once, at the greatest length.

    Raises:
        DeriveError: a term that counts once and one that does not read the same part of the model, which says `T`.
    """
    with_data = batched_names(system, loss)
    free = [e for e in system.equations if e.target == loss and not _reads(e, with_data)]
    kept = {id(e) for e in free}
    rest = replace(system, equations=tuple(e for e in system.equations if id(e) not in kept))
    concerned = precedents(rest, {*(e.target for e in rest.equations if _reads(e, with_data)), *with_data})
    lengths = _Lengths(system, frozenset(e.target for e in rest.equations) & concerned, kept)
    after = lengths.run()
    own = dependents(after, {name for a in sequences(system) for name in (own_name(a.name), step_name(a.name))})
    for equation in free:
        for ref in refs(equation.right):
            if ref.name in own:
                problem = f"{ref.name} depends on a length, and stands in a term of the {loss} that counts once"
                raise DeriveError(Fault(f"{problem}: with lengths it would differ from example to example"))
    return after


def _reads(equation: Equation, names: Iterable[str]) -> bool:
    read = {ref.name for ref in refs(equation.right)}
    return not read.isdisjoint(names)


class _Lengths:
    """One run over a system."""

    def __init__(self, system: System, concerned: frozenset[str], kept: set[int]) -> None:
        self.system, self.concerned, self.kept = system, concerned, kept
        self.axes = {axis.size: axis for axis in sequences(system)}
        self.own = {size: Ref(own_name(axis.name)) for size, axis in self.axes.items()}
        self.last = {size: Ref(step_name(axis.name)) for size, axis in self.axes.items()}
        self.variables = list(system.variables)
        self.taken = {v.name for v in system.variables}
        self.equations: list[Equation] = []

    def run(self) -> System:
        self._given()
        insides: dict[str, tuple[Ref, Equation]] = {}
        for equation in self.system.equations:
            if equation.target not in self.concerned or id(equation) in self.kept:
                self.equations.append(equation)
            elif equation.reduction is Reduction.SUM:
                self._piece(equation)
            else:
                self._reduced(equation, insides)
        found = tuple(self._inside(e, insides) if insides else e for e in self.equations)
        return replace(self.system, variables=tuple(self.variables), equations=found)

    def _given(self) -> None:
        """The variables of the lengths, behind all that is given."""
        at = max((n for n, v in enumerate(self.variables) if v.role.is_given), default=-1) + 1
        for size, axis in reversed(self.axes.items()):
            self.variables.insert(at, Variable(own_name(axis.name), Role.TARGET))
            self.variables.insert(at, Variable(step_name(axis.name), Role.INDEX, classes=size + 1))

    # What an expression reads.

    def value(self, expression: sympy.Expr, scope: Domain) -> sympy.Expr:
        """An expression with the example's own lengths; `scope` has the ranges around it."""
        if isinstance(expression, Ref):
            return Ref(expression.name, *(self.subscript(s) for s in expression.subscripts))
        if isinstance(expression, Sum):
            return self._sum(expression, scope)
        if not expression.has(Ref, Sum):
            return self._counted(expression, scope)
        counts: list[sympy.Expr] = []
        if isinstance(expression, sympy.Add | sympy.Mul):
            counts = [argument for argument in expression.args if not argument.has(Ref, Sum)]
        rest = (a for a in expression.args if a not in counts)
        others = [self.value(a, scope) if isinstance(a, sympy.Expr) else a for a in rest]
        return expression.func(*([self._counted(expression.func(*counts), scope)] if counts else []), *others)

    def _counted(self, expression: sympy.Expr, scope: Domain) -> sympy.Expr:
        """An expression of sizes and indices, in rows beyond the end as the whole sequence has it.

        `T - t` is above 0 before the end and below 0 behind it, where a root or a division by it would be undefined.
        """
        values = {}
        for size, own in self.own.items():
            rows = [r.index for r in scope if r.axis == self.axes[size] and r.index in expression.free_symbols]
            within = sympy.Mul(*(less_equal(row, own) for row in rows))
            values[size] = where(within, own, size) if rows else own
        return expression.xreplace(values)

    def subscript(self, subscript: sympy.Expr) -> sympy.Expr:
        """An end as the example's own."""
        looked = {ref: self.value(ref, ()) for ref in refs(subscript)}
        return subscript.xreplace({**looked, **self.last})

    def number(self, end: sympy.Expr) -> sympy.Expr:
        """An end of a range as the example's own, to compare with."""
        return end.xreplace(self.own)

    def _sum(self, expression: Sum, scope: Domain) -> sympy.Expr:
        inner = (*scope, expression.range)
        body = self.value(expression.body, inner)
        narrow, condition, range_ = self._inside_of(expression.range, body, scope)
        if condition is None or narrow is None:
            return Sum(body, *expression.args[1:])
        return Sum(masked(body, expression.range.index, narrow, condition, scope), *limits(range_))

    def _inside_of(
        self, range_: Range, body: sympy.Expr, scope: Domain
    ) -> tuple[sympy.Expr | None, sympy.Expr | None, Range]:
        """When an index is in the example's own range, the same but for rows beyond the end, and the range to run over.

        A row beyond the end is as the whole sequence has it: nothing reads it, but it must not be empty.
        """
        size = range_.axis.size
        ends_here = [size in end.free_symbols for end in (range_.first, range_.last)]
        if range_.axis.kind is not AxisKind.SEQUENCE or not any(ends_here):
            return None, None, range_
        index, first, last = range_.index, range_.first, range_.last
        own: sympy.Expr = ONE
        whole: sympy.Expr = ONE
        if ends_here[1]:
            own = own * less_equal(index, self.number(last))
        if ends_here[0]:
            own, whole = own * less_equal(self.number(first), index), less_equal(first, index)
            range_ = replace(range_, first=earliest(first, size))
        used = body.free_symbols | first.free_symbols | last.free_symbols
        rows = [r.index for r in scope if r.axis == range_.axis and r.index in used]
        condition = own
        for row in rows:
            condition = where(less_equal(row, self.own[size]), condition, whole)
        return own, condition, range_

    # What an equation writes.

    def _reduced(self, equation: Equation, insides: dict[str, tuple[Ref, Equation]]) -> None:
        """A maximum or a logsumexp: what is beyond the end is -inf in it."""
        right = self.value(equation.right, equation.domain)
        kept = {symbol for s in equation.subscripts for symbol in s.free_symbols}
        scope = tuple(r for r in equation.domain if r.index in kept)
        domain, inside = list(equation.domain), right
        for place, range_ in enumerate(equation.domain):
            if range_.index not in kept:
                _, condition, domain[place] = self._inside_of(range_, right, scope)
                inside = inside if condition is None else where(condition, inside, -sympy.oo)
        equation = replace(equation, right=right, domain=tuple(domain))
        if inside != right:
            ref = self._named(equation.target, inside, equation.domain)
            insides[equation.target] = ref, equation
            equation = replace(equation, right=ref)
        self.equations.append(equation)

    def _inside(self, equation: Equation, insides: dict[str, tuple[Ref, Equation]]) -> Equation:
        """An equation in which `exp(e - lse)` reads what is inside: beyond the end it is 0, and never too large."""

        def put(expression: sympy.Expr) -> sympy.Expr:
            if not expression.args or isinstance(expression, Ref):
                return expression
            expression = expression.func(*(put(a) if isinstance(a, sympy.Expr) else a for a in expression.args))
            if isinstance(expression, exp) and isinstance(expression.args[0], sympy.Add):
                return exp(with_inside(expression.args[0], insides))
            return expression

        if not equation.right.has(exp):
            return equation
        return replace(equation, right=put(equation.right))

    def _piece(self, equation: Equation) -> None:
        """A sum's equation, at the cells where it holds for the example's own length."""
        right = self.value(equation.right, equation.domain)
        kept = {symbol for s in equation.subscripts for symbol in s.free_symbols}
        scope = tuple(r for r in equation.domain if r.index in kept)
        domain = list(equation.domain)
        for place, range_ in enumerate(equation.domain):
            if range_.index not in kept:
                narrow, condition, domain[place] = self._inside_of(range_, right, scope)
                if condition is not None and narrow is not None:
                    right = masked(right, range_.index, narrow, condition, scope)
        equation = replace(equation, right=right, domain=tuple(domain))
        condition = ONE
        for position, axis in enumerate(self.system.by_name[equation.target].axes):
            if axis.kind is AxisKind.SEQUENCE:
                equation, held = self._along(equation, position, axis)
                condition = condition * held
        if condition == ONE:
            self.equations.append(equation)
            return
        value = equation.right
        if value.args and not isinstance(value, Ref) and is_plain(equation):
            value = self._named(equation.target, value, equation.domain, equation.subscripts)
        self.equations.append(replace(equation, right=where(condition, value, ZERO)))

    def _along(self, equation: Equation, position: int, axis: Axis) -> tuple[Equation, sympy.Expr]:
        """One axis of what is written: the equation over all cells that may be its own, and when one is."""
        pieces = self._pieces(equation.target, position, axis)
        highest = max((p.high for p in pieces if p.high is not None), default=ZERO)
        mine = relative(equation, position, axis)
        if mine is None or mine.high is None:
            return equation, ONE
        moves = mine.low is not None
        if not moves and mine.high == highest:
            return equation, ONE
        size, condition = axis.size, ONE
        subscript = equation.subscripts[position]
        index, offset = split(subscript)
        if index is None:
            names = {str(symbol) for symbol in equation.right.atoms(sympy.Symbol)}
            index, offset = fresh(axis, {*self.taken, *names, *(r.index.name for r in equation.domain)}), ZERO
            subscripts = (*equation.subscripts[:position], index, *equation.subscripts[position + 1 :])
            range_ = Range(index, subscript.xreplace({size: ONE}), subscript)
            equation = replace(equation, subscripts=subscripts, domain=(range_, *equation.domain))
        elif moves:
            widened = tuple(
                replace(r, first=earliest(r.first, size)) if r.index == index else r for r in equation.domain
            )
            equation = replace(equation, domain=widened)
        if mine.low is not None:
            condition = condition * less_equal(self.own[size] + mine.low - offset, index)
        if mine.high != highest:
            condition = condition * less_equal(index, self.own[size] + mine.high - offset)
        return equation, condition

    def _pieces(self, target: str, position: int, axis: Axis) -> list[Piece]:
        found = (relative(e, position, axis) for e in self.system.defining[target])
        return [piece for piece in found if piece is not None]

    def _named(
        self, target: str, right: sympy.Expr, domain: Domain, subscripts: Sequence[sympy.Expr] | None = None
    ) -> Ref:
        """A generated variable that is the expression over a domain."""
        name = fresh_name(f"{target.partition('.')[0]}.inside", self.taken)
        self.taken.add(name)
        if subscripts is None:
            subscripts = [r.index for r in sorted(domain, key=lambda r: r.axis.kind is AxisKind.FEATURE)]
        indices = [index for s in subscripts for index in [split(s)[0]] if index is not None]
        ref = Ref(name, *indices)
        self.variables.append(Variable(name, Role.VAR, tuple(index.axis for index in indices)))
        self.equations.append(Equation(name, tuple(indices), right, domain))
        return ref
