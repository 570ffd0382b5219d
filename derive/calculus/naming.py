"""Nested work gets a name: afterwards every right side is a sum of terms, one level deep.

After this pass a `Sum` stands only as an additive term, it contracts at most two variables, and a nonlinear function is
the whole right side of an equation. Without it the cost of a derivative grows with the square of the nesting, and a
contraction inside a product would be done once per factor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sympy

from derive.calculus.indices import bound, indices
from derive.calculus.stable import fresh_name
from derive.calculus.terms import factors
from derive.expressions import AxisKind, Domain, Index, Range, Ref, Sum, refs
from derive.functions import Comparison, Elementwise, exp, log, sigmoid, sign, where
from derive.system import Equation, Reduction, Role, System, Variable


def name_nested(system: System) -> System:
    """The system with generated variables for what is nested."""
    namer = _Namer(system)
    for equation in system.equations:
        namer.equation(equation)
    if len(namer.equations) == len(system.equations) and tuple(namer.equations) == system.equations:
        return system
    return replace(system, variables=tuple(namer.variables), equations=tuple(namer.equations))


def name_arguments(system: System) -> System:
    """Sums below a sigmoid or an exponential get a name where a logarithm is taken, which can then be seen through."""
    if not any(equation.right.has(log) for equation in system.equations):
        return system
    namer = _Namer(system)
    for equation in system.equations:
        namer.target = equation.target
        right = namer.arguments(equation.right, equation.domain)
        namer.equations.append(equation if right == equation.right else replace(equation, right=right))
    if len(namer.equations) == len(system.equations):
        return system
    return replace(system, variables=tuple(namer.variables), equations=tuple(namer.equations))


def nonlinear(expression: sympy.Basic) -> bool:
    """Whether it is a function application that deserves its own name when nested."""
    return isinstance(expression, Elementwise) and not isinstance(expression, Comparison | sign | where)


def _has_nonlinear(expression: sympy.Basic) -> bool:
    return any(nonlinear(node) for node in sympy.preorder_traversal(expression))


class _Namer:
    """One run over a system; `scope` holds the ranges that an expression may refer to."""

    def __init__(self, system: System) -> None:
        self.variables = list(system.variables)
        self.taken = {variable.name for variable in system.variables}
        self.equations: list[Equation] = []
        self.target = ""
        self.known: dict[tuple[sympy.Expr, Domain], Ref] = {}

    def equation(self, equation: Equation) -> None:
        self.target = equation.target
        scope = equation.domain
        if equation.reduction is not Reduction.SUM:
            right = equation.right
            if not isinstance(right, Ref):
                right = self.name(right, scope, "arg")
        elif nonlinear(equation.right):
            right = self.application(equation.right, scope)
        else:
            right = self.linear(equation.right, scope)
        self.equations.append(equation if right == equation.right else replace(equation, right=right))

    def linear(self, expression: sympy.Expr, scope: Domain) -> sympy.Expr:
        """An expression whose sums may stand as additive terms."""
        if isinstance(expression, sympy.Add):
            return sympy.Add(*(self.linear(argument, scope) for argument in expression.args))
        if isinstance(expression, Sum):
            return self.contraction(expression, scope)
        if isinstance(expression, sympy.Mul):
            scale, rest = factors(expression)
            if len(rest) == 1 and isinstance(rest[0], sympy.Add | Sum) and rest[0].has(Sum):
                return sympy.Mul(scale, self.linear(rest[0], scope))
        return self.pointwise(expression, scope)

    def pointwise(self, expression: sympy.Expr, scope: Domain) -> sympy.Expr:
        """An expression without sums; nested applications and sums become references."""
        if isinstance(expression, Ref) or not expression.args:
            return expression
        if isinstance(expression, Sum):
            return self.name(expression, scope, "sum")
        if nonlinear(expression):
            return self.name(expression, scope, expression.func.__name__)
        if isinstance(expression, where):
            condition, then, otherwise = expression.args
            # What a branch computes stays under its condition, so that it may be undefined elsewhere.
            return where(self.pointwise(condition, scope), *(self.branch(x, scope) for x in (then, otherwise)))
        if isinstance(expression, sympy.Add) and expression.has(Sum):
            return self.name(expression, scope, "sum")
        return expression.func(*(self.pointwise(argument, scope) for argument in expression.args))

    def branch(self, expression: sympy.Expr, scope: Domain) -> sympy.Expr:
        """An expression in which only sums are named."""
        if isinstance(expression, Ref) or not expression.args:
            return expression
        if isinstance(expression, Sum):
            return self.name(expression, scope, "sum")
        return expression.func(*(self.branch(argument, scope) for argument in expression.args))

    def application(self, expression: sympy.Expr, scope: Domain) -> sympy.Expr:
        """A nonlinear function with its arguments simple enough to be differentiated in one step."""
        return expression.func(*(self.argument(argument, scope) for argument in expression.args))

    def argument(self, expression: sympy.Expr, scope: Domain) -> sympy.Expr:
        read = set(refs(expression))
        if expression.has(Sum) or _has_nonlinear(expression) or len(read) > 2:
            return self.name(expression, scope, "arg")
        return expression

    def arguments(self, expression: sympy.Expr, scope: Domain) -> sympy.Expr:
        """An expression whose sigmoids and exponentials are of something without a sum."""
        if isinstance(expression, Ref) or not expression.has(Sum):
            return expression
        if isinstance(expression, Sum):
            inner = (*scope, expression.range)
            return Sum(self.arguments(expression.body, inner), *expression.args[1:])
        if isinstance(expression, sigmoid | exp):
            return expression.func(self.name(expression.args[0], scope, "arg"))
        return expression.func(*(self.arguments(argument, scope) for argument in expression.args))

    def contraction(self, expression: Sum, scope: Domain) -> sympy.Expr:
        """A sum: of each additive part by itself, of products of at most two groups of factors."""
        ranges = [expression.range]
        body = expression.body
        while isinstance(body, Sum):
            ranges.append(body.range)
            body = body.body
        inner = (*scope, *ranges)
        scale, rest = factors(body)
        if len(rest) == 1 and isinstance(rest[0], sympy.Add):
            parts = rest[0].args
            if rest[0].has(Sum) or any(isinstance(p, sympy.Mul) and len(factors(p)[1]) > 1 for p in parts):
                return sympy.Add(*(self._summed(scale * part, ranges, scope) for part in parts))
        groups = self._grouped([self.pointwise(f, inner) for f in rest])
        while len(groups) > 2:
            groups = self._contract_pair(groups, ranges, inner)
        if len(groups) == 2:
            groups = [g if isinstance(g, Ref) else self.name(g, inner, "product") for g in groups]
        return _sum(sympy.Mul(scale, *groups), ranges)

    def _summed(self, body: sympy.Expr, ranges: list[Range], scope: Domain) -> sympy.Expr:
        """One additive part under its sums; each keeps its own bound indices, which never leave it."""
        return self.contraction(_sum(body, ranges), scope)

    def _grouped(self, parts: list[sympy.Expr]) -> list[sympy.Expr]:
        """Factors multiplied together where one's indices contain the other's and the larger is no parameter alone."""
        groups: dict[frozenset[Index], sympy.Expr] = {}
        for part in parts:
            key = frozenset(indices(part))
            groups[key] = groups.get(key, sympy.Integer(1)) * part
        while len(groups) > 1:
            found = next(
                (
                    (small, large)
                    for small in groups
                    for large in groups
                    if small < large and self._mergeable(groups, small, large)
                ),
                None,
            )
            if found is None:
                break
            small, large = found
            groups[large] = groups[large] * groups.pop(small)
        return sorted(groups.values(), key=str)

    @staticmethod
    def _mergeable(
        groups: dict[frozenset[Index], sympy.Expr], small: frozenset[Index], large: frozenset[Index]
    ) -> bool:
        if len(groups) > 2:
            return True
        # Two groups are a matrix-vector product unless they reduce element by element.
        return not (isinstance(groups[small], Ref) and isinstance(groups[large], Ref))

    def _contract_pair(self, groups: list[sympy.Expr], ranges: list[Range], scope: Domain) -> list[sympy.Expr]:
        """Contract two of three or more groups over an index that only they have, or multiply the two smallest."""
        for range_ in ranges:
            having = [g for g in groups if range_.index in indices(g)]
            if len(having) == 2 and len(ranges) > 1:
                ranges.remove(range_)
                pair = Sum(sympy.Mul(*having), *_limits(range_))
                outer = tuple(r for r in scope if r is not range_)
                return [*(g for g in groups if g not in having), self.name(pair, outer, "sum")]
        pair_, rest = groups[:2], groups[2:]
        return [self.name(sympy.Mul(*pair_), scope, "product"), *rest]

    def name(self, expression: sympy.Expr, scope: Domain, what: str) -> Ref:
        """A generated variable that is the expression at every point of the ranges it depends on."""
        domain = _needed(expression, scope)
        key = (_without_bound_names(expression), domain)
        found = self.known.get(key)
        if found is not None:
            return found
        name = fresh_name(f"{self.target.partition('.')[0]}.{what}", self.taken)
        self.taken.add(name)
        ordered = sorted(domain, key=lambda r: r.axis.kind is AxisKind.FEATURE)
        subscripts = tuple(range_.index for range_ in ordered)
        ref = Ref(name, *subscripts)
        self.known[key] = ref
        self.variables.append(Variable(name, Role.VAR, tuple(r.axis for r in ordered)))
        if nonlinear(expression):
            right = self.application(expression, domain)
        else:
            right = self.linear(expression, domain)
        self.equations.append(Equation(name, subscripts, right, tuple(ordered)))
        return ref


def _without_bound_names(expression: sympy.Expr) -> sympy.Expr:
    """The expression with its bound indices numbered, so that the same work under other names is the same."""
    return expression.xreplace({index: Index(str(n), index.axis) for n, index in enumerate(bound(expression))})


def _needed(expression: sympy.Expr, scope: Iterable[Range]) -> Domain:
    """The ranges of the scope that the expression reads, with those that their ends read."""
    wanted = set(indices(expression))
    chosen = []
    for range_ in reversed(tuple(scope)):
        if range_.index in wanted:
            wanted |= set(indices(range_.first)) | set(indices(range_.last))
            chosen.append(range_)
    return tuple(reversed(chosen))


def _limits(range_: Range) -> tuple[Index, sympy.Expr, sympy.Expr]:
    return range_.index, range_.first, range_.last


def _sum(body: sympy.Expr, ranges: list[Range]) -> sympy.Expr:
    for range_ in reversed(ranges):
        body = Sum(body, *_limits(range_))
    return body
