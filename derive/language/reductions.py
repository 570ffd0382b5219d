"""`sum mean max norm2 logsumexp softmax logsoftmax concat`: of arrays, and over named indices."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache

import sympy

from derive import functions
from derive.affine import at_least
from derive.expressions import Axis, AxisKind, Index, Range, Ref
from derive.language import rules_names, rules_shapes
from derive.language.affines import extremes
from derive.language.context import Scope, Work
from derive.language.indices import bind
from derive.language.values import OPEN, Value, elementwise, open_or, summed, total
from derive.system import Equation, Reduction, Role, Variable

OVER_INDICES = frozenset({"sum", "mean", "max", "logsumexp", "softmax", "logsoftmax"})
TO_SCALAR = frozenset({"sum", "mean", "max", "norm2", "logsumexp", "dot"})
OF_SOME = frozenset({"mean", "max", "logsumexp"})  # have no value of nothing
OF_ONE = frozenset({"sum", "mean", "max", "norm2", "logsumexp", "softmax", "logsoftmax"})
_GENERATED = {
    "max": ("max", Reduction.MAX),
    "logsumexp": ("lse", Reduction.LOGSUMEXP),
    "normaliser": ("lse", Reduction.NORMALISER),
}


def of_array(node: ast.Call, name: str, value: Value, work: Work) -> Value:
    """A function of one array, over all its feature axes."""
    text = work.sink.source.short(node.args[0])
    if value.axes == ():
        named = [part.id for part in ast.walk(node.args[0]) if isinstance(part, ast.Name)]
        indices = [name for name in named if work.symbols.sequence_of(name) is not None]
        work.sink.report(node, rules_shapes.array_needed(name, text, indices[-1] if indices else "t"))
        return OPEN
    assert value.axes is not None
    if name in OF_SOME and any(at_least(sympy.S.Zero, axis.size) for axis in value.axes):
        work.sink.report(node, rules_shapes.nothing_to_reduce(name, text))
        return OPEN
    if name in ("softmax", "logsoftmax", "logsumexp") and len(value.axes) > 1:
        work.sink.report(node, rules_shapes.vector_needed(name, text, value))
        return OPEN
    match name:
        case "sum":
            return _lazy(lambda: total(value, work.fresh))
        case "mean":
            count = sympy.Mul(*(axis.size for axis in value.axes))
            return _lazy(lambda: total(value, work.fresh) / count)
        case "norm2":
            square = elementwise(lambda entry: entry**2, [value])
            return _lazy(lambda: functions.sqrt(total(square, work.fresh)))
        case "max" | "logsumexp":
            return _lazy(lambda: _reduced(name, value, work))
    largest = cache(lambda: _reduced("logsumexp", value, work))
    return elementwise(_normalised(name), [value, Value((), lambda _: largest())])


def _lazy(make: Callable[[], sympy.Expr]) -> Value:
    """A scalar that is made once, when it is asked for."""
    kept = cache(make)
    return Value((), lambda _: kept())


def _normalised(name: str) -> Callable[[sympy.Expr, sympy.Expr], sympy.Expr]:
    """What a softmax and its log are of an entry and the log of the sum of exponentials."""
    if name == "softmax":
        return lambda entry, lse: functions.exp(entry - lse)
    return lambda entry, lse: entry - lse


def _reduced(name: str, value: Value, work: Work) -> sympy.Expr:
    what, reduction = _GENERATED[name]
    indices = tuple(work.fresh(axis) for axis in value.axes or ())
    return work.reduce(what, value.entry(indices), indices, reduction)


def over_indices(node: ast.Call, name: str, scope: Scope, work: Work) -> Value:
    """A reduction over named indices, which it uses up; a softmax keeps its index."""
    inner, bound = scope, []
    keeps = name in ("softmax", "logsoftmax")
    for n, argument in enumerate(node.args[1:], 2):
        made = bind(argument, node.args[0], name, inner, work, keeps=keeps, others=node.args[n:])
        if made is None:
            return OPEN
        inner = inner.bind(made[0], made[1])
        bound.append(made[1])
    value = work.value(node.args[0], inner)
    if value.axes is None:
        return open_or(()) if work.reductions_assumed else OPEN
    if name in OF_SOME and any(_holds_none(index, work) for index in bound):
        work.sink.report(node, rules_shapes.nothing_to_reduce(name, work.sink.source.short(node.args[0])))
        return OPEN
    if not keeps:
        return _by_entry(name, value, bound, work)
    outside = work.value(node.args[0], scope)
    if outside.axes is None:
        return OPEN
    reduced = "logsumexp" if all(_holds_some(index, work) for index in bound) else "normaliser"
    entries = elementwise(_normalised(name), [outside, _by_entry(reduced, value, bound, work)])
    for argument, index in zip(node.args[1:], bound, strict=True):
        if isinstance(argument, ast.Tuple) and not work.quiet:
            there = scope.indices[argument.elts[0].id]  # type: ignore[attr-defined]
            entries = _within(node, name, entries, there, work.ranges[index], work)
    return entries


def _holds_some(index: Index, work: Work) -> bool:
    """Whether the range of an index is provably not empty."""
    return at_least(_lengths(index, work)[0], sympy.S.One)


def _holds_none(index: Index, work: Work) -> bool:
    """Whether the range of an index is provably empty."""
    return at_least(sympy.S.Zero, _lengths(index, work)[1])


def _lengths(index: Index, work: Work) -> tuple[sympy.Expr, sympy.Expr]:
    """The least and the greatest length of the range of an index."""
    reach = work.ranges[index]
    return extremes(sympy.expand(reach.last - reach.first + 1), work.ranges)


def _within(node: ast.Call, name: str, value: Value, index: Index, reach: Range, work: Work) -> Value:
    """A softmax over a part of the range of its index: outside of that part it is 0."""
    around = work.ranges[index]
    if at_least(around.first, reach.first) and at_least(reach.last, around.last):
        return value
    inner = Range(index, reach.first, reach.last)
    low, high = extremes(reach.first, work.ranges)[0], extremes(reach.last, work.ranges)[1]
    contained = at_least(low, around.first) and at_least(around.last, high)
    outer = {symbol for end in (reach.first, reach.last) for symbol in end.free_symbols if isinstance(symbol, Index)}
    if name != "softmax" or not contained or any(index in work.free(symbol) for symbol in outer):
        problem = rules_shapes.softmax_range if contained else rules_shapes.softmax_outside
        work.sink.report(node, problem(name, index.name.partition("'")[0], str(index.axis.size)))
        return OPEN

    def entry(at: tuple[sympy.Expr, ...]) -> sympy.Expr:
        body = value.entry(at)
        kept = work.free(body, index, *outer)
        generated = work.unused(name)
        work.variables.append(Variable(generated, Role.VAR, tuple(symbol.axis for symbol in kept)))
        domain = tuple(work.ranges[symbol] for symbol in kept)
        part = (*(r for r in domain if r.index != index), inner)
        for right, where in ((sympy.Integer(0), domain), (body, part)):
            work.equations.append(Equation(generated, tuple(kept), right, where))
        return Ref(generated, *kept)

    return Value(value.axes, entry, row=value.row)


def _by_entry(name: str, value: Value, bound: list[Index], work: Work) -> Value:
    """A reduction of each entry of an array, made once, when it is asked for."""

    def make() -> tuple[sympy.Expr, tuple[Index, ...]]:
        at = tuple(work.fresh(axis) for axis in value.axes or ())
        return _collect(name, value.entry(at), bound, work), at

    kept = cache(make)

    def entry(at: tuple[sympy.Expr, ...]) -> sympy.Expr:
        reduced, general = kept()
        return reduced.xreplace(dict(zip(general, at, strict=True)))

    parts = tuple(_by_entry(name, part, bound, work) for part in value.parts)
    return Value(value.axes, entry, row=value.row, parts=parts)


def _collect(name: str, body: sympy.Expr, bound: list[Index], work: Work) -> sympy.Expr:
    if name in _GENERATED:
        what, reduction = _GENERATED[name]
        return work.reduce(what, body, tuple(bound), reduction)
    count: sympy.Expr = sympy.Integer(1)
    for index in reversed(bound):
        reach = work.ranges[index]
        body = summed(body, index, reach.first, reach.last)
        count = count * (reach.last - reach.first + 1)
    return body / count if name == "mean" else body


def concat(node: ast.Call, scope: Scope, work: Work) -> Value:
    """Vectors and scalars one behind the other; over a named index, scalars that it makes vectors."""
    nodes, name = list(node.args), None
    last = nodes[-1]
    if isinstance(last, ast.Name) and _is_index_name(last.id, scope, work):
        name = nodes.pop().id  # type: ignore[attr-defined]
    if name is None:
        parts = [_of_one_entry(work.value(argument, scope)) for argument in nodes]
    else:
        parts = [_along(argument, last, scope, work) for argument in nodes]
    if len(parts) < 2:
        work.sink.report(node, rules_names.argument_count("concat", len(parts), "at least 2 arguments"))
        return OPEN
    for argument, part in zip(nodes, parts, strict=True):
        if part.axes is not None and part.rank != 1:
            problem = rules_shapes.vector_needed("concat", work.sink.source.short(argument), part)
            work.sink.report(node, problem)
            return OPEN
    if any(part.axes is None for part in parts):
        return OPEN
    flat = tuple(leaf for part in parts for leaf in (part.parts or (part,)))
    size = sympy.expand(sympy.Add(*(part.axes[0].size for part in flat if part.axes)))
    joined = cache(lambda: _joined(flat, Axis(size), work))
    return Value((Axis(size),), lambda at: joined()(at[0]), parts=flat)


def _of_one_entry(value: Value) -> Value:
    """A scalar among the parts of a concatenation is a vector of one entry."""
    return Value((Axis(sympy.Integer(1)),), lambda _: value.entry(())) if value.axes == () else value


def _is_index_name(name: str, scope: Scope, work: Work) -> bool:
    symbols = work.symbols
    return not (name in scope.locals or symbols.is_variable(name) or name in symbols.sizes)


def _along(node: ast.expr, index: ast.expr, scope: Scope, work: Work) -> Value:
    """A scalar expression of an index as a vector along it."""
    made = bind(index, node, "concat", scope, work)
    if made is None:
        return OPEN
    name, symbol = made
    value = work.value(node, scope.bind(name, symbol))
    if value.axes != () or symbol.axis.kind is AxisKind.SEQUENCE:
        return OPEN
    return Value((symbol.axis,), lambda at: value.entry(()).xreplace({symbol: at[0]}))


def _joined(parts: tuple[Value, ...], axis: Axis, work: Work) -> Callable[[sympy.Expr], sympy.Expr]:
    """A concatenation as a generated variable, an equation for each part."""
    pieces = []
    for part in parts:
        index = work.fresh(part.axes[0])  # type: ignore[index]
        pieces.append((index, part.entry((index,))))
    kept = work.free(*(body for _, body in pieces), without=tuple(index for index, _ in pieces))
    name = work.unused("concat")
    work.variables.append(Variable(name, Role.VAR, (*(index.axis for index in kept), axis)))
    offset: sympy.Expr = sympy.Integer(0)
    for index, body in pieces:
        domain = tuple(work.ranges[i] for i in (*kept, index))
        work.equations.append(Equation(name, (*kept, index + offset), body, domain))
        offset = offset + index.axis.size
    return lambda at: Ref(name, *kept, at)
