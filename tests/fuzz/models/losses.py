"""Losses of every kind: likelihoods, squares, at every step or at the last, penalties that depend on no data."""

from __future__ import annotations

from dataclasses import replace

from tests.fuzz.models.expressions import array, strict
from tests.fuzz.models.leaves import steps
from tests.fuzz.models.reductions import over_steps
from tests.fuzz.models.scope import Builder, Known, Scope, Step, bracketed, leaf
from tests.fuzz.models.text import Expr, add, call, number, over, times


def loss(b: Builder) -> str:
    """One to three terms."""
    b.busy = max(0, b.busy - 12)
    terms = [b.pick((squares, likelihood, squares, anything, latest))(b)]
    for _ in range(b.pick((0, 1, 2))):
        terms.append(b.pick((squares, likelihood, penalty, anything, gaussian))(b))
    whole = terms[0]
    for term in terms[1:]:
        term = times(number(b.number()), term) if b.chance(2) else term
        whole = add(whole, term, b.pick("+-"))
    return f"loss = {whole.text}"


def _here(b: Builder, known: Known) -> Scope:
    """A scope with an index for each sequence of a variable."""
    scope = Scope()
    for sequence in known.sequences:
        scope = scope.with_step(Step(b.step_name(sequence, scope), sequence))
    return scope


def _over(b: Builder, scope: Scope, inner: Expr) -> Expr:
    """The sum, or the mean, over all indices of a scope."""
    if not scope.steps:
        return inner
    names = [step.name for step in scope.steps]
    function = b.pick(("sum", "sum", "mean"))
    if len(names) == 1 and b.chance(4):
        names = [f"({names[0]}, {b.pick(('1', '2'))}, {scope.steps[0].sequence})"]
        function = "sum"
    if len(names) == 2 and b.chance(2):
        inner = call(function, inner.text, names.pop())
    return call(function, inner.text, *names)


def _latest(b: Builder, scalars: bool = True) -> Known | None:
    found = [k for k in reversed(b.known) if k.role == "Var" and (scalars or len(k.shape) == 1)]
    return b.pick(found[:3]) if found else None


def _whole(b: Builder, scope: Scope, known: Known) -> Expr:
    return leaf(bracketed(known.name, [step.name for step in scope.steps]), known.large)


def squares(b: Builder) -> Expr:
    """Squared distances from what is to be predicted."""
    known = _latest(b)
    if known is None:
        return anything(b)
    scope = _here(b, known)
    here = _whole(b, scope, known)
    if len(known.shape) < 2 and b.chance(2):
        target = b.data(known.sequences, known.shape, "Target")
        here = Expr(f"({_whole(b, scope, target).text} - {here.text})")
    square = Expr(f"{here.text}**2")
    inner = call(b.pick(("sum", "mean")), square.text) if known.shape else square
    return _over(b, scope, inner)


def gaussian(b: Builder) -> Expr:
    """Minus the log-likelihood of a target under a normal distribution, but for a constant."""
    known = _latest(b)
    if known is None or len(known.shape) > 1:
        return squares(b)
    scope = _here(b, known)
    target = _whole(b, scope, b.data(known.sequences, known.shape, "Target"))
    spread = array(b, strict(scope), known.shape, 1)
    here = _whole(b, scope, known)
    inner = Expr(
        f"({target.text} - {here.text})**2 / (2 * exp(2 * tanh({spread.text}))) + tanh({spread.text})", binds=0
    )
    return _over(b, scope, call("sum", inner.text) if known.shape else Expr(f"({inner.text})"))


def likelihood(b: Builder) -> Expr:
    """Minus the log-probability of a label."""
    known = _latest(b, scalars=False)
    if known is None or known.shape[0].least < 2:
        return squares(b)
    scope = _here(b, known)
    here = _whole(b, scope, known).text
    label = b.integers(known.sequences, known.shape[0])
    chosen = bracketed(label.name, [step.name for step in scope.steps])
    way = b.whole(0, 3)
    if way == 0:
        inner = Expr(f"-log(softmax({here})[{chosen}])", binds=2)
    elif way == 1:
        inner = Expr(f"-logsoftmax({here})[{chosen}]", binds=2)
    elif way == 2:
        name = b.fresh("Var")
        entry = bracketed(name, [step.name for step in scope.steps])
        zeros = (0,) * len(known.sequences)
        b.define(Known(name, "Var", known.sequences, known.shape, zeros, zeros), f"{entry} = softmax({here})")
        inner = Expr(f"-log({bracketed(name, [*(step.name for step in scope.steps), chosen])})", binds=2)
    else:
        inner = Expr(
            f"logsumexp({here}) - {bracketed(known.name, [*(step.name for step in scope.steps), chosen])}", binds=0
        )
    return _over(b, scope, inner)


def latest(b: Builder) -> Expr:
    """Something of the last steps alone."""
    known = _latest(b)
    if known is None:
        return anything(b)
    ends = [b.pick(steps(b, Scope(), known, axis)) for axis in range(len(known.sequences))]
    here = leaf(bracketed(known.name, ends), known.large)
    if not known.shape:
        return here
    return call(b.pick(("sum", "mean")), Expr(f"{here.text}**2").text)


def anything(b: Builder) -> Expr:
    """Any scalar."""
    if b.sequences and not b.chance(3):
        return over_steps(b, Scope(), (), 2, array)
    return array(b, Scope(), (), 3)


def penalty(b: Builder) -> Expr:
    """A term that depends on no data."""
    params = [k for k in b.known if k.role == "Param"]
    if not params:
        return anything(b)
    known = b.pick(params[-4:])
    inner = array(b, replace(Scope(), data=False), known.shape, 1) if b.chance(3) else leaf(known.name)
    square = Expr(f"{inner.at(4)}**2")
    return over(times(number(0.1), call("sum", square.text) if known.shape else square), number(2))
