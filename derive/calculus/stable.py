"""Rewriting before differentiation so that no logarithm is taken of a number that may underflow.

The logarithm of a softmax is `o - lse`, of a sigmoid `-softplus(-z)`, of a sum of exponentials a `logsumexp`: each is a
rule on the expression, seen through the equations that define what the logarithm reads. Nothing else changes.
"""

from __future__ import annotations

from dataclasses import replace

import sympy

from derive.affine import split
from derive.calculus.indices import definition, indices, substitute
from derive.expressions import Domain, Range, Ref, Sum
from derive.functions import equal, exp, log, sigmoid, softplus, where
from derive.system import Equation, Reduction, Role, System, Variable


def sift(system: System) -> System:
    """`sum(onehot(y)[i] * F[i], i)` is `F[y]`: a sum over a delta is an entry."""
    return replace(system, equations=tuple(replace(e, right=_sift(e.right)) for e in system.equations))


def _sift(expression: sympy.Expr) -> sympy.Expr:
    if not expression.args or not expression.has(equal):
        return expression
    expression = expression.func(*(_sift(a) if isinstance(a, sympy.Expr) else a for a in expression.args))
    if not isinstance(expression, Sum):
        return expression
    range_ = expression.range
    if range_ != Range.whole(range_.index):
        return expression
    parts = sympy.Mul.make_args(expression.body)
    for part in parts:
        if isinstance(part, equal) and range_.index in part.args:
            value = part.args[1] if part.args[0] == range_.index else part.args[0]
            index, offset = split(value)
            whole = index is not None and offset == 0 and index.axis == range_.axis
            if whole or isinstance(value, Ref):
                return substitute(sympy.Mul(*(p for p in parts if p is not part)), {range_.index: value})
    return expression


def stabilise(system: System) -> System:
    """The system with every logarithm of an exponential, a sigmoid or a sum of exponentials rewritten."""
    # Twice, since a logarithm may stand before the softmax, written by hand, that it is of.
    return _Stabiliser(_Stabiliser(system).run()).run()


class _Stabiliser:
    """One run over a system: collects the variables and equations that the rules name."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.variables: list[Variable] = list(system.variables)
        self.made: list[Equation] = []
        self.domain: Domain = ()
        self.target = ""

    def run(self) -> System:
        equations: list[Equation] = []
        for equation in self.system.equations:
            if not equation.right.has(log) and not equation.right.has(sympy.Pow):
                equations.append(equation)
                continue
            self.domain, self.target, before = equation.domain, equation.target, len(self.made)
            right = self.rewrite(equation.right)
            equations.extend(self.made[before:])
            equations.append(equation if right == equation.right else replace(equation, right=right))
        if equations == list(self.system.equations):
            return self.system
        return replace(self.system, variables=tuple(self.variables), equations=tuple(equations))

    def rewrite(self, expression: sympy.Expr) -> sympy.Expr:
        if not expression.args or isinstance(expression, Ref):
            return expression
        outer = self.domain
        if isinstance(expression, Sum):
            self.domain = (*outer, expression.range)
            body = self.rewrite(expression.body)
            self.domain = outer
            return Sum(body, *expression.args[1:])
        expression = expression.func(*(self.rewrite(argument) for argument in expression.args))
        if isinstance(expression, log):
            found = self.log_of(expression.args[0])
            return expression if found is None else found
        if isinstance(expression, sympy.Mul):
            return self.quotient(expression)
        return expression

    def log_of(self, x: sympy.Expr) -> sympy.Expr | None:
        """log(x) by a rule that is safe for extreme values, or None."""
        if isinstance(x, exp):
            return x.args[0]
        if isinstance(x, sigmoid):
            return -softplus(-x.args[0])
        if isinstance(x, sympy.Add):
            return self._log_complement(x)
        if isinstance(x, Sum):
            return self._log_sum(x)
        if isinstance(x, sympy.Pow) and x.exp.is_Rational:
            inner = self.log_of(x.base)
            return None if inner is None else x.exp * inner
        if isinstance(x, sympy.Mul):
            known = [self.log_of(factor) for factor in x.args]
            if all(found is None for found in known):
                return None
            pairs = zip(x.args, known, strict=True)
            return sympy.Add(*(log(factor) if found is None else found for factor, found in pairs))
        if isinstance(x, where):
            condition, then, otherwise = x.args
            a, b = self.log_of(then), self.log_of(otherwise)
            return None if a is None or b is None else where(condition, a, b)
        if isinstance(x, Ref):
            inside = self._definition(x)
            return None if inside is None else self.log_of(inside)
        return None

    def _definition(self, ref: Ref) -> sympy.Expr | None:
        equations = self.system.defining.get(ref.name, ())
        if any(equation.reduction is not Reduction.SUM for equation in equations):
            return None
        inside = definition(ref, equations, self.domain)
        body = inside
        while isinstance(body, Sum):
            body = body.body
        # A sum is not copied into its reader: it stays computed once, under its own name.
        return None if body is None or body.has(Sum) else inside

    def _log_complement(self, x: sympy.Add) -> sympy.Expr | None:
        """log(1 - sigmoid(z)) is -softplus(z)."""
        rest = 1 - x
        if isinstance(rest, Ref):
            rest = self._definition(rest) or rest
        return -softplus(rest.args[0]) if isinstance(rest, sigmoid) else None

    def _log_sum(self, x: Sum) -> sympy.Expr | None:
        """log(sum(exp(u), i)) is logsumexp(u, i), a variable of its own."""
        ranges, body = [x.range], x.body
        while isinstance(body, Sum):
            ranges.append(body.range)
            body = body.body
        outer = self.domain
        self.domain = (*outer, *ranges)
        inside = self.log_of(body)
        self.domain = outer
        if inside is None:
            return None
        return self._name_logsumexp(inside, tuple(ranges))

    def _name_logsumexp(self, inside: sympy.Expr, ranges: Domain) -> Ref:
        free = [r for r in self.domain if r.index in indices(inside) and r not in ranges]
        name = fresh_name(f"{self.target}.lse", {v.name for v in self.variables})
        self.variables.append(Variable(name, Role.VAR, tuple(r.axis for r in free)))
        subscripts = tuple(r.index for r in free)
        self.made.append(Equation(name, subscripts, inside, (*free, *ranges), Reduction.LOGSUMEXP))
        return Ref(name, *subscripts)

    def quotient(self, x: sympy.Mul) -> sympy.Expr:
        """exp(u) / sum(exp(v), j) is exp(u - logsumexp(v, j)): a softmax written by hand."""
        tops = [f for f in x.args if isinstance(f, exp)]
        below = [f.base for f in x.args if isinstance(f, sympy.Pow) and f.exp == -1 and isinstance(f.base, Sum)]
        if len(tops) != 1 or len(below) != 1 or not isinstance(below[0].body, exp):
            return x
        lse = self._name_logsumexp(below[0].body.args[0], (below[0].range,))
        rest = sympy.Mul(*(f for f in x.args if f not in (tops[0], 1 / below[0])))
        return rest * exp(tops[0].args[0] - lse)


def fresh_name(wanted: str, taken: set[str]) -> str:
    """A generated name that is not taken: the wanted one, else with 2, 3, ... behind it."""
    names = (wanted, *(f"{wanted}{n}" for n in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
