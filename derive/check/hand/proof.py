"""Whether both sides of a claim are equal as normalised expressions, given the derived equations.

The person's own names are put in. On the left, gradients are replaced by what the derived equations say, again and
again, until only those are left that the right side speaks of. Forward values are unfolded to the functions that they
are. Nothing is ever refuted here: a claim that is not proved has been compared as numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import sympy

from derive.calculus.naming import nonlinear
from derive.check.hand.claims import Claim, Side
from derive.check.hand.derivation import Derivation
from derive.check.hand.equations import Undecided, meaning
from derive.check.hand.normal import Normaliser, TooLarge, difference
from derive.check.hand.special import Special
from derive.expressions import AxisKind, Domain, Index, Range, Ref, Sum, refs
from derive.system import Equation, Reduction, Role, System

ROUNDS = 6
PARTS = 3  # how often a domain is parted at an end
_LARGEST = 4000  # references in an expression


def proves(derivation: Derivation, claim: Claim) -> bool:
    """Whether the claim follows from the derived equations by rewriting alone."""
    assert claim.left is not None and claim.right is not None
    if any(special.of != "loss" for special in _specials(derivation, claim)):
        return _is_same(derivation, claim)
    domain = _narrowed(claim)
    if domain is None or not _speaks_of_the_derived(derivation, claim):
        return False
    try:
        shallow = _Proof(derivation, claim, False)
        return shallow.holds(domain, PARTS) or _Proof(derivation, claim, True, shallow.normal.work).holds(domain, PARTS)
    except (TooLarge, RecursionError):
        return False


def _is_same(derivation: Derivation, claim: Claim) -> bool:
    """Whether both sides are equal without any equation but the person's definitions."""
    domain = _narrowed(claim)
    if domain is None:
        return False
    try:
        return _Proof(derivation, claim, False).same(domain)
    except (TooLarge, RecursionError, Undecided):
        return False


def _specials(derivation: Derivation, claim: Claim) -> Iterator[Special]:
    named = derivation.understanding.specials
    assert claim.left is not None and claim.right is not None
    for name in dict.fromkeys(ref.name for side in (claim.left, claim.right.value) for ref in refs(side)):
        if name in named:
            yield named[name]


def _narrowed(claim: Claim) -> Domain | None:
    """The domain without the steps that other lines are about; None where that is no range."""
    domain = list(claim.domain)
    if claim.condition is not None and not claim.bounded:
        return None
    for key in claim.without:
        literal = [(subscript, end) for subscript, end in zip(claim.subscripts, key, strict=False) if end is not None]
        if len(literal) != 1:
            return None
        subscript, end = literal[0]
        n = next((n for n, reach in enumerate(domain) if reach.index == subscript), None)
        if n is None:
            return None
        reach = domain[n]
        if end == reach.last:
            domain[n] = Range(reach.index, reach.first, reach.last - 1)
        elif end == reach.first:
            domain[n] = Range(reach.index, reach.first + 1, reach.last)
        elif not (end.is_Integer and reach.first.is_Integer and end < reach.first) and not (
            (end - reach.last).is_Integer and end - reach.last > 0
        ):
            return None
    return tuple(domain)


def _speaks_of_the_derived(derivation: Derivation, claim: Claim) -> bool:
    """Whether the derived equations mean the same gradients as the claim.

    They are those of a rewritten model, in which the loss may be computed past a variable (`yhat`).
    """
    for special in _specials(derivation, claim):
        if not derivation.derived_is_true(special):
            return False
    return True


class _Proof:
    """One attempt: forward values inside of functions are unfolded where it is a deep one."""

    def __init__(self, derivation: Derivation, claim: Claim, deep: bool, spent: int = 0) -> None:
        self.derivation, self.claim, self.deep = derivation, claim, deep
        self.system: System = derivation.model.gradient().system
        self.generated: dict[str, list[Equation]] = {}
        assert claim.right is not None
        self._generated_of(claim.right)
        self.domain: Domain = ()
        self.normal = Normaliser(self._unfold, spent)

    def _generated_of(self, side: Side) -> None:
        for equation in side.equations:
            known = self.generated.setdefault(equation.target, [])
            if equation not in known:
                known.append(equation)

    def same(self, domain: Domain) -> bool:
        """Whether both sides are equal once the person's own names are put in."""
        assert self.claim.left is not None and self.claim.right is not None
        self.domain = domain
        left, right = (self._own(side, domain) for side in (self.claim.left, self.claim.right.value))
        return not difference(self.normal.form(left), self.normal.form(right))

    def holds(self, domain: Domain, parts: int) -> bool:
        """Whether the sides are equal on a domain, which is parted at its ends where that decides more."""
        try:
            return self._holds(domain)
        except Undecided:
            if not parts:
                return False
        for n, reach in enumerate(domain):
            if reach.axis.kind is not AxisKind.SEQUENCE or reach.first == reach.last:
                continue
            for end, rest in (
                (reach.last, Range(reach.index, reach.first, reach.last - 1)),
                (reach.first, Range(reach.index, reach.first + 1, reach.last)),
            ):
                inner = (*domain[:n], rest, *domain[n + 1 :])
                point = (*domain[:n], Range(reach.index, end, end), *domain[n + 1 :])
                if self.holds(point, parts - 1) and self.holds(inner, parts - 1):
                    return True
        return False

    def _holds(self, domain: Domain) -> bool:
        assert self.claim.left is not None and self.claim.right is not None
        at = {reach.index: reach.first for reach in domain if reach.first == reach.last}
        left, right = (side.xreplace(at) for side in (self.claim.left, self.claim.right.value))
        domain = tuple(reach for reach in domain if reach.index not in at)
        self.domain = domain
        left, right = self._own(left, domain), self._own(right, domain)
        right = self._rewritten(right, domain, self._nothing)
        return self._meets(left, right, domain) or self._meets(right, left, domain)

    def _meets(self, left: sympy.Expr, right: sympy.Expr, domain: Domain) -> bool:
        """Whether one side becomes the other when its gradients are replaced by what the derived equations say."""
        spoken = frozenset(ref.name for ref in refs(right) if self._is_gradient(ref.name))
        target = self.normal.form(right)
        if not difference(self.normal.form(left), target):
            return True
        for number in range(ROUNDS):
            before = left
            left = self._rewritten(left, domain, partial(self._derived, spoken=spoken if number else frozenset()))
            if left == before or len(refs(left)) > _LARGEST:
                return False
            if not difference(self.normal.form(left), target):
                return True
        return False

    # -- putting in ------------------------------------------------------------------------------------------------

    def _own(self, expression: sympy.Expr, domain: Domain) -> sympy.Expr:
        """The expression with the person's definitions put in."""
        for _ in range(ROUNDS):
            before, expression = expression, self._rewritten(expression, domain, self._definition)
            if before == expression:
                break
        return expression

    def _definition(self, ref: Ref, domain: Domain) -> sympy.Expr | None:
        derivation = self.derivation
        if ref.name not in derivation.vocabulary.own:
            return None
        equations: list[Equation] = []
        for claim in derivation.claims:
            if claim.head == ref.name and claim.defines and claim.right is not None and claim.left is not None:
                there = _narrowed(claim)
                if there is None or any(r.name == ref.name for r in refs(claim.right.value)):
                    return None
                self._generated_of(claim.right)
                equations.append(Equation(ref.name, claim.left.subscripts, claim.right.value, there))
        return meaning(ref, equations, domain)

    def _is_gradient(self, name: str) -> bool:
        variable = self.system.by_name.get(name)
        return name in self.derivation.understanding.specials or (variable is not None and variable.role is Role.GRAD)

    def _nothing(self, ref: Ref, domain: Domain) -> sympy.Expr | None:
        """0 for a gradient outside of its range; what is at one step, as the derived equation says it."""
        special = self.derivation.understanding.specials.get(ref.name)
        if special is not None and special.at is not None:
            return self._at_one_step(ref, domain)
        if not self._is_gradient(ref.name):
            return None
        try:
            found = meaning(ref, self.system.defining.get(ref.name, ()), domain)
        except Undecided:
            return None
        return found if found == 0 else None

    def _at_one_step(self, ref: Ref, domain: Domain) -> sympy.Expr | None:
        """`grad(W, at=t)`: the terms of the derived sum over steps at the one step."""
        special = self.derivation.understanding.specials[ref.name]
        equations = []
        for equation in self.system.defining.get(f"grad({special.by})", ()):
            steps = [reach for reach in equation.domain if reach.axis == special.at]
            if len(steps) != 1:
                return None
            equations.append(replace(equation, subscripts=(steps[0].index, *equation.subscripts)))
        return meaning(ref, equations, domain)

    def _derived(self, ref: Ref, domain: Domain, spoken: frozenset[str]) -> sympy.Expr | None:
        """What the derived equations say of a gradient; None for one that stays."""
        special = self.derivation.understanding.specials.get(ref.name)
        if special is not None and special.at is not None:
            return self._at_one_step(ref, domain)
        if not self._is_gradient(ref.name) or ref.name in spoken:
            return None
        return meaning(ref, self.system.defining.get(ref.name, ()), domain)

    def _rewritten(
        self, expression: sympy.Expr, domain: Domain, rule: Callable[[Ref, Domain], sympy.Expr | None]
    ) -> sympy.Expr:
        """The expression with references replaced by what a rule says of them, each with the ranges around it."""
        if isinstance(expression, Ref):
            found = rule(expression, domain)
            return expression if found is None else found
        if isinstance(expression, Sum):
            reach = expression.range
            body = self._rewritten(expression.body, (*domain, reach), rule)
            return expression if body == expression.body else Sum(body, reach.index, reach.first, reach.last)
        if not expression.args or isinstance(expression, Index):
            return expression
        arguments = [self._rewritten(argument, domain, rule) for argument in expression.args]
        return expression if tuple(arguments) == expression.args else expression.func(*arguments)

    # -- forward values --------------------------------------------------------------------------------------------

    def _unfold(self, ref: Ref, inside: bool) -> sympy.Expr | None:
        """What a forward value is: the function of its equation; what derive or the reader named, always."""
        equations = self.generated.get(ref.name) or list(self.system.defining.get(ref.name, ()))
        variable = self.system.by_name.get(ref.name)
        if not equations or (variable is not None and variable.role is not Role.VAR):
            return None
        if equations[0].reduction is not Reduction.SUM:
            return self._reduction(ref, equations)
        generated = ref.name in self.generated or (variable is not None and variable.is_generated)
        plain_function = len(equations) == 1 and nonlinear(equations[0].right)
        reads_itself = any(other.name == ref.name for other in refs(equations[0].right))
        wanted = self.deep and not plain_function and not reads_itself if inside else plain_function
        if not generated and not wanted:
            return None
        try:
            return meaning(ref, equations, _around(ref, self.domain))
        except Undecided:
            return None

    def _reduction(self, ref: Ref, equations: list[Equation]) -> sympy.Expr | None:
        """A maximum or a logarithm of a sum, by what it is of: the same for everyone who names it."""
        if len(equations) != 1:
            return None
        (equation,) = equations
        try:
            body = meaning(ref, [replace(equation, reduction=Reduction.SUM)], _around(ref, self.domain))
        except Undecided:
            return None
        return sympy.Function(f"{equation.reduction.value}_of")(body)


def _around(ref: Ref, domain: Domain) -> Domain:
    """A domain in which every index of a reference has a range; those of sums inside run over their axes."""
    known = {reach.index for reach in domain}
    more = [s for subscript in ref.subscripts for s in sorted(subscript.free_symbols, key=str) if isinstance(s, Index)]
    return (*domain, *(Range.whole(index) for index in dict.fromkeys(more) if index not in known))
