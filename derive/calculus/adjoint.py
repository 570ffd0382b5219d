"""The one rule of differentiation.

For each equation `v[s] += F over D` and each occurrence `w[e]` in `F` (below a `Sum` its index joins `D`):

    grad(w)[e] += grad(v)[s] * dF/dw[e]   over D

Nothing is solved, no delta is made, an index that `e` lacks is summed. The gradient of a system is a system again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import sympy

from derive.affine import at_least
from derive.calculus.reach import dependents, precedents, values
from derive.calculus.stable import fresh_name
from derive.calculus.terms import terms
from derive.errors import DeriveError, Fault
from derive.expressions import Domain, Ref
from derive.functions import equal, exp, where
from derive.language.affines import extremes
from derive.system import Equation, Reduction, Role, System, Variable

Border = Callable[[Equation, Ref, Domain], sympy.Expr]

_CONSTANT = (Role.INDEX, Role.LABEL, Role.TARGET, Role.CONST)


def grad_name(name: str) -> str:
    """The name of the gradient with respect to a variable."""
    return f"grad({name})"


def adjoint(system: System, loss: str = "loss", border: Border | None = None) -> System:
    """The system with the gradient of `loss` with respect to every variable that it depends on.

    Args:
        system: forward equations, prepared by `stabilise` and `name_nested`.
        loss: the scalar that is differentiated.
        border: the factor with which a reading passes its gradient on, from its equation and the domain; None for 1.

    Returns:
        The same equations, then those of the gradients, whose cells no equation covers are 0.

    Raises:
        DeriveError: the loss depends on nothing that has a gradient.
    """
    sources = frozenset(v.name for v in system.variables if v.role.is_given and v.role not in _CONSTANT)
    live = dependents(system, sources, by_value=True) & precedents(system, {loss})
    if loss not in live:
        raise DeriveError(Fault(f"{loss} depends on no parameter and no input: its gradient is zero everywhere"))
    counts: list[Equation] = []
    masked = frozenset(e.target for e in system.equations if e.right.has(-sympy.oo))
    made = [Equation(grad_name(loss), (), sympy.Integer(1), ())]
    variables = list(system.variables)
    for equation in reversed(system.equations):
        if equation.target in live:
            if equation.reduction is Reduction.MAX:
                variables.append(_count(equation, variables, counts))
            made.extend(_contributions(equation, live, counts, border, masked))
    # What the loss does not depend on has a gradient all the same, of zeros: no equation covers a cell.
    order = [v for v in reversed(system.variables) if v.name in live or v.name in sources]
    gradients = tuple(Variable(grad_name(v.name), Role.GRAD, v.axes) for v in order)
    return replace(system, variables=(*variables, *gradients), equations=(*system.equations, *counts, *made))


def _contributions(
    equation: Equation, live: frozenset[str], counts: list[Equation], border: Border | None, masked: frozenset[str]
) -> Iterator[Equation]:
    """The rule, for one equation; `masked` are the variables of which an equation may make -inf."""
    left = Ref(grad_name(equation.target), *equation.subscripts)
    for term in terms(equation.right):
        outer = left * _share(equation, counts, masked)
        occurrences = dict.fromkeys(ref for ref in values(term.body) if ref.name in live)
        symbols = {ref: sympy.Dummy() for ref in dict.fromkeys(values(term.body))}
        body = term.body.xreplace(symbols)
        back = {symbol: ref for ref, symbol in symbols.items()}
        for ref in occurrences:
            # What `diff` does, without its checks of a user's input.
            local = body._eval_derivative(symbols[ref]).xreplace(back)
            if local != 0:
                domain = (*equation.domain, *term.ranges)
                passed = outer * local if border is None else outer * local * border(equation, ref, domain)
                yield Equation(grad_name(ref.name), ref.subscripts, passed, domain)


def _share(equation: Equation, counts: list[Equation], masked: frozenset[str]) -> sympy.Expr:
    """How much of a reduction's gradient each of its values gets."""
    if equation.reduction is Reduction.LOGSUMEXP and _may_be_emptied(equation, masked):
        # What is left of nothing is -inf, and of that no value has a share.
        return exp(equation.right - where(equal(equation.left, -sympy.oo), 0, equation.left))
    if equation.reduction in (Reduction.LOGSUMEXP, Reduction.NORMALISER):
        return exp(equation.right - equation.left)
    if equation.reduction is Reduction.MAX:
        return equal(equation.right, equation.left) / counts[-1].left
    return sympy.Integer(1)


def _may_be_emptied(equation: Equation, masked: frozenset[str]) -> bool:
    """Whether masks may leave none of the values: where some are masked, of a range that need not have any at all."""
    if not isinstance(equation.right, Ref) or equation.right.name not in masked:
        return False
    kept = {symbol for s in equation.subscripts for symbol in s.free_symbols}
    ranges = {r.index: r for r in equation.domain}
    over = (r for r in equation.domain if r.index not in kept)
    return not all(at_least(extremes(sympy.expand(r.last - r.first), ranges)[0], sympy.S.Zero) for r in over)


def _count(equation: Equation, variables: list[Variable], counts: list[Equation]) -> Variable:
    """How many values share a maximum: each of them gets an equal part of its gradient."""
    name = fresh_name(f"{equation.target}.count", {variable.name for variable in variables})
    axes = next(v.axes for v in variables if v.name == equation.target)
    counts.append(Equation(name, equation.subscripts, equal(equation.right, equation.left), equation.domain))
    return Variable(name, Role.VAR, axes)
