"""The functions of the language: of entries, of arrays, and over named indices."""

from __future__ import annotations

import ast
from collections.abc import Callable

import sympy

from derive import functions
from derive.expressions import Axis, Index
from derive.language import checks, reductions, rules_names, rules_shapes
from derive.language.affines import NotAffine, Reported, affine
from derive.language.context import Scope, Work
from derive.language.values import OPEN, Value, contraction, elementwise, outer

SLOPE = sympy.Rational(1, 100)  # of leaky_relu, as PyTorch has it


def elementwise_call(node: ast.Call, name: str, scope: Scope, work: Work) -> Value:
    """A function of the table."""
    function = functions.TABLE[name]
    nodes = _arguments(node, name, work)
    if nodes is None:
        return OPEN
    if name == "where" and len(nodes) == 3:
        return _where(node, nodes, scope, work)
    values = [work.value(argument, scope) for argument in nodes]
    if name == "leaky_relu" and len(values) == 1:
        values.append(Value((), lambda _: SLOPE, number=True))
    if len(values) != function.row.arity:
        work.sink.report(node, rules_names.argument_count(name, len(node.args), _plural(function.row.arity)))
        return OPEN
    if not checks.same_shape(node, nodes, values[: len(nodes)], work):
        return OPEN
    return elementwise(function, values)


def _arguments(node: ast.Call, name: str, work: Work) -> list[ast.expr] | None:
    """The arguments in order; the one keyword is `slope`."""
    nodes = list(node.args)
    for keyword in node.keywords:
        if name == "leaky_relu" and keyword.arg == "slope" and len(nodes) == 1:
            nodes.append(keyword.value)
        else:
            work.sink.report(keyword.value, rules_names.keyword_argument(name, keyword.arg or "**"))
            return None
    return nodes


def _plural(count: int) -> str:
    return f"{count} argument{'' if count == 1 else 's'}"


def _where(node: ast.Call, nodes: list[ast.expr], scope: Scope, work: Work) -> Value:
    condition = work.any_value(nodes[0], scope)
    values = [condition, work.value(nodes[1], scope), work.value(nodes[2], scope)]
    if condition.axes is not None and not condition.condition:
        work.sink.report(nodes[0], rules_shapes.condition_needed(work.sink.source.short(nodes[0])))
        return OPEN
    if not checks.same_shape(node, nodes, values, work):
        return OPEN
    return elementwise(functions.where, values)


def array_call(node: ast.Call, name: str, scope: Scope, work: Work) -> Value:
    """A function of arrays, or one over named indices."""
    if _arguments(node, name, work) is None:
        return OPEN
    if name == "concat":
        return reductions.concat(node, scope, work) if node.args else _count(node, name, "at least 2 arguments", work)
    if name in reductions.OVER_INDICES and len(node.args) > 1:
        return reductions.over_indices(node, name, scope, work)
    expected = 2 if name in ("dot", "outer") else 1
    if len(node.args) != expected:
        return _count(node, name, _plural(expected), work)
    if name == "eye":
        return _eye(node.args[0], scope, work)
    values = [work.value(argument, scope) for argument in node.args]
    if any(value.axes is None for value in values):
        return Value((), lambda _: sympy.nan) if name in reductions.TO_SCALAR and work.quiet else OPEN
    if name in reductions.OF_ONE:
        return reductions.of_array(node, name, values[0], work)
    return _MAKERS[name](node, values, work)


def _count(node: ast.Call, name: str, expected: str, work: Work) -> Value:
    work.sink.report(node, rules_names.argument_count(name, len(node.args), expected))
    return OPEN


def _vectors(node: ast.Call, values: list[Value], work: Work) -> bool:
    assert isinstance(node.func, ast.Name)
    for argument, value in zip(node.args, values, strict=True):
        if value.rank != 1:
            problem = rules_shapes.vector_needed(node.func.id, work.sink.source.short(argument), value)
            work.sink.report(node, problem)
            return False
    return True


def _dot(node: ast.Call, values: list[Value], work: Work) -> Value:
    if not _vectors(node, values, work):
        return OPEN
    if values[0].axes != values[1].axes:
        short = work.sink.source.short
        one, other = node.args
        problem = rules_shapes.unequal_shapes(short(node), short(one), values[0], short(other), values[1])
        work.sink.report(node, problem)
        return OPEN
    return contraction(values[0], values[1], work.fresh)


def _outer(node: ast.Call, values: list[Value], work: Work) -> Value:
    return outer(values[0], values[1]) if _vectors(node, values, work) else OPEN


def _diag(node: ast.Call, values: list[Value], work: Work) -> Value:
    if not _vectors(node, values, work):
        return OPEN
    (axis,) = values[0].axes or ()
    return Value((axis, axis), lambda at: functions.equal(at[0], at[1]) * values[0].entry((at[0],)))


def _onehot(node: ast.Call, values: list[Value], work: Work) -> Value:
    value, argument = values[0], node.args[0]
    if value.classes is None or value.axes != () or work.symbols.is_length(value.classes):
        work.sink.report(node, rules_shapes.onehot_argument(work.sink.source.short(argument)))
        return OPEN
    return Value((Axis(value.classes),), lambda at: functions.equal(at[0], value.entry(())))


def _eye(node: ast.expr, scope: Scope, work: Work) -> Value:
    try:
        size = affine(node, scope, work)
    except Reported:
        return OPEN
    except NotAffine:
        size = None
    if size is None or any(isinstance(symbol, Index) for symbol in size.free_symbols):
        work.sink.report(node, rules_shapes.eye_argument(work.sink.source.short(node)))
        return OPEN
    axis = Axis(size)
    return Value((axis, axis), lambda at: functions.equal(at[0], at[1]))


_MAKERS: dict[str, Callable[[ast.Call, list[Value], Work], Value]] = {
    "dot": _dot, "outer": _outer, "diag": _diag, "onehot": _onehot,
}  # fmt: skip
