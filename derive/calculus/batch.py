"""The batch is one more axis: every array that depends on data gets it, and the loss sums over it.

A term of the loss that depends on no data (`lam * sum(W**2)`) has no batch index, so it counts once.
"""

from __future__ import annotations

from dataclasses import replace

import sympy

from derive.calculus.indices import fresh
from derive.calculus.reach import dependents
from derive.calculus.terms import factors
from derive.expressions import Axis, AxisKind, Range, Ref, Sum, refs, size_symbol
from derive.system import Equation, System, Variable

BATCH = Axis(size_symbol("B"), AxisKind.BATCH)


def own_name(size: str) -> str:
    """The variable that is an example's own length, as a number."""
    return f"{size}.own"


def step_name(size: str) -> str:
    """The variable that is an example's last step, to look up with."""
    return f"len.{size}"


def batched_names(system: System, loss: str = "loss") -> frozenset[str]:
    """The variables that every example has its own of: those that depend on data, without the loss."""
    data = {v.name for v in system.variables if v.role.is_data}
    own = dependents(system, data) - {loss}
    # A start is each example's own where its variable rests on what an example is given, not on its length alone.
    sizes = {axis.name for v in system.variables for axis in v.axes}
    lengths = {name(size) for size in sizes for name in (own_name, step_name)}
    given = dependents(system, data - lengths)
    starts = {v.name for v in system.variables if v.start is not None and v.start.of in own & given}
    return dependents(system, own | starts) - {loss}


def add_batch(system: System, loss: str = "loss", parted: bool = False) -> System:
    """The forward system of a whole batch; its index is outermost in a domain and follows the sequences in an array.

    Args:
        system: the system of one example.
        loss: what is summed over the batch.
        parted: whether the loss has been parted before, on its terms as they were written.
    """
    own = batched_names(system, loss)
    if not own:
        return system
    system = system if parted else part_loss(system, loss)
    b = fresh(BATCH, {v.name for v in system.variables})

    def variable(v: Variable) -> Variable:
        if v.name not in own:
            return v
        return replace(v, axes=(*_sequences(v), BATCH, *v.axes[len(_sequences(v)) :]))

    places = {v.name: len(_sequences(v)) for v in system.variables if v.name in own}

    def lift(expression: sympy.Expr) -> sympy.Expr:
        if not expression.args:
            return expression
        arguments = [lift(a) if isinstance(a, sympy.Expr) else a for a in expression.args]
        if isinstance(expression, Ref) and expression.name in own:
            arguments.insert(1 + places[expression.name], b)
        return expression.func(*arguments)

    def equation(e: Equation) -> Equation:
        reads = any(ref.name in own for ref in refs(e.right))
        if e.target not in own and not reads:
            return e
        subscripts = tuple(map(lift, e.subscripts))
        if e.target in own:
            at = places[e.target]
            subscripts = (*subscripts[:at], b, *subscripts[at:])
        return replace(e, subscripts=subscripts, right=lift(e.right), domain=(Range.whole(b), *e.domain))

    return replace(
        system,
        variables=tuple(map(variable, system.variables)),
        equations=tuple(map(equation, system.equations)),
    )


def part_loss(system: System, loss: str = "loss") -> System:
    """The loss as two equations that add, where some of its terms depend on data and some do not.

    Before anything is rewritten or named: a name that both kinds share would be counted once per example, and a part of
    a term that depends on data would count once although the term, as it was written, does not.
    """
    own = batched_names(system, loss)
    parts = [part for e in system.equations for part in (_apart(e, own) if e.target == loss else (e,))]
    return system if len(parts) == len(system.equations) else replace(system, equations=tuple(parts))


def _sequences(variable: Variable) -> tuple[Axis, ...]:
    return tuple(axis for axis in variable.axes if axis.kind is AxisKind.SEQUENCE)


def _apart(equation: Equation, own: frozenset[str]) -> tuple[Equation, ...]:
    """The loss with its terms that depend on data apart from those that do not."""
    with_data, without = sympy.Integer(0), sympy.Integer(0)
    for part in _linear(equation.right):
        if any(ref.name in own for ref in refs(part)):
            with_data += part
        else:
            without += part
    if with_data == 0 or without == 0:
        return (equation,)
    return replace(equation, right=with_data), replace(equation, right=without)


def _linear(expression: sympy.Expr) -> list[sympy.Expr]:
    """The additive terms, with factors distributed and sums split."""
    if isinstance(expression, sympy.Add):
        return [part for argument in expression.args for part in _linear(argument)]
    if isinstance(expression, Sum):
        return [Sum(part, *expression.args[1:]) for part in _linear(expression.body)]
    if isinstance(expression, sympy.Mul):
        _, rest = factors(expression)
        spread = next((f for f in rest if isinstance(f, sympy.Add | Sum)), None)
        if spread is not None:
            others = sympy.Mul(*(f for f in sympy.Mul.make_args(expression) if f is not spread))
            return [others * part for part in _linear(spread)]
    return [expression]
