"""Reductions over named indices: of steps, of entries, over a part of a range; attention."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz.models.scope import Builder, Scope, Step
from tests.fuzz.models.text import Expr, Shape, add, call, times

Array = Callable[[Builder, Scope, Shape, int], Expr]


def over_steps(b: Builder, scope: Scope, shape: Shape, depth: int, array: Array) -> Expr:
    """Something for each entry of a shape, of all steps of a sequence or of some."""
    if not b.sequences or not scope.data:
        return array(b, scope, shape, 0)
    sequence = b.pick(b.sequences)
    name = b.step_name(sequence, scope)
    own = [step for step in scope.steps if step.sequence == sequence]
    step, text, may_be_empty = _range(b, name, sequence, own)
    inside = scope.with_step(step)
    function = b.pick(("sum", "mean", "softmax", "max", "logsumexp"))
    if may_be_empty:
        function = "sum"
    inner = array(b, inside, shape, depth)
    large = inner.large * (3 if function == "sum" else 1)
    if function == "softmax":
        score = array(b, inside, (), depth - 1)
        if own and (own[-1].low, own[-1].high, step.bounded) == (1, 0, False) and b.chance(3):
            masked = call("where", f"{name} <= {own[-1].name}", score.text, "-inf")
            return call("sum", times(call("softmax", masked.text, text), inner).text, text, large=inner.large)
        attended = times(call(b.pick(("softmax", "softmax", "logsoftmax")), score.text, text), inner)
        return call("sum", attended.text, text, large=inner.large * (1 if "log" not in attended.text else 6))
    if function == "max":
        inner = add(inner, _data_at(b, inside, step, shape))
    return call(function, inner.text, text, large=large)


def _range(b: Builder, name: str, sequence: str, own: list[Step]) -> tuple[Step, str, bool]:
    """An index over a sequence: what is known of it, its text, and whether its range may be empty."""
    kind = b.whole(0, 7)
    if own and own[-1].low == 1 and own[-1].high == 0:
        here = own[-1].name
        if kind == 4:
            return Step(name, sequence, bounded=True), f"({name}, 1, {here})", False
        if kind == 5:
            return Step(name, sequence, bounded=True), f"({name}, {here}, {sequence})", False
        if kind == 6:
            return Step(name, sequence, 1, -1, True), f"({name}, 1, {here}-1)", True
        if kind == 7:
            return Step(name, sequence, 2, 0, True), f"({name}, {here}+1, {sequence})", True
    if kind == 5:
        return Step(name, sequence, 2, 0), f"({name}, 2, {sequence})", True
    if kind == 6:
        return Step(name, sequence, 1, -1), f"({name}, 1, {sequence}-1)", True
    return Step(name, sequence), name, False


def _data_at(b: Builder, scope: Scope, step: Step, shape: Shape) -> Expr:
    """Data at the very step, so that no two steps are equal."""
    known = b.data((step.sequence,), shape)
    if scope.features and not shape:
        known = b.data((step.sequence,), (b.pick(scope.features)[1],))
        name = next(name for name, size in scope.features if size == known.shape[0])
        return Expr(f"{known.name}[{step.name}, {name}]", known.large)
    return Expr(f"{known.name}[{step.name}]", known.large)


def over_entries(b: Builder, scope: Scope, shape: Shape, depth: int, array: Array) -> Expr:
    """A scalar: a reduction over a named feature index."""
    size = b.size()
    name = b.index(scope)
    inside = scope.with_feature(name, size)
    weight = Expr(f"{b.param((size,)).name}[{name}]", varies=True)
    if scope.features and b.chance(2):
        other, other_size = b.pick(scope.features)
        matrix = b.param((other_size, size))
        weight = Expr(f"{matrix.name}[{other}, {name}]")
    inner = array(b, inside, (), depth)
    function = b.pick(("sum", "sum", "mean", "logsumexp", "max", "part"))
    if function == "part":
        if size.is_number or len(size.terms) > 1 or size.number or size.terms[0][1] > 1:
            function = "sum"
        else:
            ahead = Expr(weight.text.replace(f"{name}]", f"{name}+1]"))
            return call("sum", times(times(weight, ahead), Expr("0.5")).text, f"({name}, 0, {size.text}-2)", large=2.0)
    body = times(weight, inner) if function in ("sum", "mean") else add(weight, inner)
    return call(function, body.text, name, large=body.large * (2 if function == "sum" else 1))
