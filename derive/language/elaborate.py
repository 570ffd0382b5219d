"""Expressions -> values: syntax trees become arrays of index expressions, with shapes checked on the way.

`evaluate` takes a node and the scope it stands in. While shapes are being found it is quiet, and values may be open;
afterwards every fault is reported once and an open value only stands for a fault.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from fractions import Fraction

import sympy

from derive import functions
from derive.language import arrays, bounds, checks, numbers, rules_names, rules_shapes, rules_text, subscripts
from derive.language.context import Scope, Work
from derive.language.symbols import CONSTANTS, ELEMENTWISE, FUNCTIONS, OF_ARRAYS
from derive.language.values import OPEN, Value, elementwise, scalar, transposed

MOST_DEPTH = bounds.DEPTH + 10  # helpers expanded


def evaluate(node: ast.expr, scope: Scope, work: Work) -> Value:
    """The value of an expression, conditions included."""
    work.symbols.work += 1
    if work.sink.is_full:
        return OPEN
    if work.symbols.work > work.symbols.most:
        if not any(fault.rule == rules_text.too_large.__name__ for fault in work.sink.faults):
            work.sink.report(node, rules_text.too_large(work.symbols.most))
        return OPEN
    handler = _HANDLERS.get(type(node))
    if handler is None:
        loops = isinstance(node, ast.GeneratorExp | ast.ListComp)
        mend = "a sum over steps names their index: sum(h[t1], (t1, 1, t))" if loops else ""
        work.sink.report(node, rules_shapes.expression_unknown(work.sink.source.short(node), mend))
        return OPEN
    if work.depth > MOST_DEPTH:
        work.sink.report(node, rules_text.nested_too_deeply(bounds.DEPTH))
        return OPEN
    work.depth += 1
    value = handler(node, scope, work)
    work.depth -= 1
    return value


def _constant(node: ast.Constant, scope: Scope, work: Work) -> Value:
    text = work.sink.source.segment(node)
    if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
        work.sink.report(node, rules_shapes.not_a_number(work.sink.source.short(node)))
        return OPEN
    if isinstance(node.value, int):
        return scalar(sympy.Integer(node.value), number=True)
    _, _, exponent = text.lower().partition("e")
    if exponent and abs(int(exponent)) > bounds.EXPONENT:
        work.sink.report(node, rules_shapes.exponent_too_large(text, bounds.EXPONENT))
        return OPEN
    exact = Fraction(text.replace("_", ""))
    return scalar(sympy.Rational(exact.numerator, exact.denominator), number=True)


def _name(node: ast.Name, scope: Scope, work: Work) -> Value:
    name, symbols = node.id, work.symbols
    if name in scope.locals:
        closure = scope.locals[name]
        return evaluate(closure.node, closure.scope, work)
    if name in scope.indices:
        return scalar(scope.indices[name])
    if symbols.is_variable(name):
        return subscripts.variable(node, name, (), scope, work)
    if name in symbols.sizes:
        return scalar(symbols.sizes[name])
    if name in CONSTANTS:
        return scalar(CONSTANTS[name], number=True)
    if symbols.sequence_of(name) is not None:
        work.sink.report(node, rules_names.index_not_bound(name, work.left))
    elif name in symbols.file.faulty:
        pass
    elif name in FUNCTIONS or name in symbols.helpers:
        work.sink.report(node, rules_names.function_not_called(name))
    elif not work.quiet:  # a name that is near is not looked for in vain
        work.sink.report(node, rules_names.unknown_name(name, [*symbols.known_names(), *scope.locals]))
    return OPEN


def _unary(node: ast.UnaryOp, scope: Scope, work: Work) -> Value:
    value = work.value(node.operand, scope)
    if isinstance(node.op, ast.USub):
        return elementwise(operator.neg, [value])
    if isinstance(node.op, ast.UAdd):
        return value
    work.sink.report(node, rules_shapes.operator_unknown(work.sink.source.short(node)))
    return OPEN


def _binary(node: ast.BinOp, scope: Scope, work: Work) -> Value:
    match node.op:
        case ast.Add() | ast.Sub():
            return _chain(node, ast.Add, operator.neg, sympy.Add, scope, work)
        case ast.Mult() | ast.Div():
            return _chain(node, ast.Mult, numbers.reciprocal, sympy.Mul, scope, work)
        case ast.MatMult():
            return _product(node, scope, work)
        case ast.Pow():
            base, exponent = work.value(node.left, scope), work.value(node.right, scope)
            if not checks.same_shape(node, [node.left, node.right], [base, exponent], work):
                return OPEN
            return _guarded(node, elementwise(numbers.raised, [base, exponent]), work)
    work.sink.report(node, rules_shapes.operator_unknown(work.sink.source.short(node)))
    return OPEN


def _chain(
    node: ast.BinOp,
    plain: type[ast.operator],
    inverse: Callable[[sympy.Expr], sympy.Expr],
    combine: Callable[..., sympy.Expr],
    scope: Scope,
    work: Work,
) -> Value:
    """A whole chain `a + b - c` (or `a * b / c`) at once, so that long ones do not nest."""
    nodes: list[tuple[ast.expr, bool]] = []
    here: ast.expr = node
    while isinstance(here, ast.BinOp) and (here is node or bounds.same_chain(node, here)):
        nodes.append((here.right, isinstance(here.op, plain)))
        here = here.left
    nodes.append((here, True))
    nodes.reverse()
    values = [work.value(part, scope) for part, _ in nodes]
    if not checks.same_shape(node, [part for part, _ in nodes], values, work):
        return OPEN
    signs = [sign for _, sign in nodes]

    def combined(*parts: sympy.Expr) -> sympy.Expr:
        return combine(*(part if sign else inverse(part) for part, sign in zip(parts, signs, strict=True)))

    return _guarded(node, elementwise(combined, values), work)


def _guarded(node: ast.expr, value: Value, work: Work) -> Value:
    """Arithmetic of numbers, checked to have a value."""
    if value.number and value.axes == () and not work.quiet:
        try:
            result = value.entry(())
        except numbers.TooLarge:
            work.sink.report(node, rules_shapes.exponent_too_large(work.sink.source.short(node), bounds.EXPONENT))
            return OPEN
        if result.has(sympy.nan, sympy.zoo):
            work.sink.report(node, rules_shapes.undefined_number(work.sink.source.short(node)))
            return OPEN
        if result.is_real is False:
            work.sink.report(node, rules_shapes.number_not_real(work.sink.source.short(node)))
            return OPEN
        return scalar(result, number=True)
    return value


def _product(node: ast.BinOp, scope: Scope, work: Work) -> Value:
    left, right = work.value(node.left, scope), work.value(node.right, scope)
    return checks.product(node, node.left, left, node.right, right, work)


def _attribute(node: ast.Attribute, scope: Scope, work: Work) -> Value:
    short = work.sink.source.short
    if isinstance(node.value, ast.Name) and node.attr == "predicted":
        name = f"{node.value.id}.predicted"
        if work.symbols.is_variable(name):
            return subscripts.variable(node, name, (), scope, work)
    if node.attr != "T":
        work.sink.report(node, rules_shapes.attribute_unknown(short(node)))
        return OPEN
    value = work.value(node.value, scope)
    if value.axes is None:
        return OPEN
    if value.rank not in (1, 2):
        work.sink.report(node, rules_shapes.transpose_of(short(node.value), value))
        return OPEN
    return transposed(value)


_COMPARISONS: dict[type[ast.cmpop], Callable[[sympy.Expr, sympy.Expr], sympy.Expr]] = {
    ast.Lt: functions.less,
    ast.LtE: functions.less_equal,
    ast.Gt: lambda a, b: functions.less(b, a),
    ast.GtE: lambda a, b: functions.less_equal(b, a),
    ast.Eq: functions.equal,
}


def _comparison(node: ast.Compare, scope: Scope, work: Work) -> Value:
    nodes = [node.left, *node.comparators]
    values = [work.value(part, scope) for part in nodes]
    if not all(type(op) in _COMPARISONS for op in node.ops):
        work.sink.report(node, rules_shapes.operator_unknown(work.sink.source.short(node)))
        return OPEN
    if not checks.same_shape(node, nodes, values, work):
        return OPEN
    tests = [_COMPARISONS[type(op)] for op in node.ops]

    def holds(*parts: sympy.Expr) -> sympy.Expr:
        return sympy.Mul(*(test(parts[n], parts[n + 1]) for n, test in enumerate(tests)))

    value = elementwise(holds, values)
    return Value(value.axes, value.entry, condition=True)


def _call(node: ast.Call, scope: Scope, work: Work) -> Value:
    symbols = work.symbols
    if not isinstance(node.func, ast.Name):
        work.sink.report(node, rules_shapes.expression_unknown(work.sink.source.short(node)))
        return OPEN
    name = node.func.id
    if any(isinstance(argument, ast.Starred) for argument in node.args):
        work.sink.report(node, rules_shapes.expression_unknown(work.sink.source.short(node)))
    elif name in symbols.helpers and name not in scope.locals:
        return _expand(node, name, scope, work)
    elif name in ELEMENTWISE:
        return arrays.elementwise_call(node, name, scope, work)
    elif name in OF_ARRAYS:
        return arrays.array_call(node, name, scope, work)
    elif name in symbols.file.faulty:
        pass
    elif symbols.is_variable(name) or name in scope.locals:
        work.sink.report(node.func, rules_names.variable_called(name))
    elif not work.quiet:
        work.sink.report(node.func, rules_names.unknown_function(name, [*sorted(FUNCTIONS), *symbols.helpers]))
    return OPEN


def _expand(node: ast.Call, name: str, scope: Scope, work: Work) -> Value:
    """A helper's call: its body, with parameters and locals hiding the model's names."""
    helper = work.symbols.helpers[name]
    if name in scope.calls:
        work.sink.report(node, rules_names.helper_recursion((*scope.calls, name)))
        return OPEN
    if len(node.args) != len(helper.parameters) or node.keywords:
        count = len(helper.parameters)
        expected = f"{count} argument{'' if count == 1 else 's'} ({', '.join(helper.parameters)})"
        work.sink.report(node, rules_names.argument_count(name, len(node.args) + len(node.keywords), expected))
        return OPEN
    return work.value(helper.result, scope.inside(helper, node.args))


_HANDLERS: dict[type[ast.expr], Callable[..., Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Attribute: _attribute,
    ast.Compare: _comparison,
    ast.Call: _call,
    ast.Subscript: subscripts.subscripted,
}
