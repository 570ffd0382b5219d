"""Declarations -> sizes and variables."""

from __future__ import annotations

import ast
from fractions import Fraction

import sympy

from derive.affine import at_least
from derive.expressions import Axis, AxisKind
from derive.language import names, rules_names, rules_sequences
from derive.language.source import Sink
from derive.language.symbols import Symbols, is_sequence
from derive.language.syntax import Declaration
from derive.system import Nested, Role, Variable


def declare(symbols: Symbols, sink: Sink) -> None:
    """Enter all declarations into the symbols."""
    for declaration in symbols.file.declarations:
        name = declaration.name.id
        if name in symbols.variables:
            first = symbols.variables[name].place
            sink.report(declaration.name, rules_names.declared_twice(name, first.line if first else 0))
        elif names.check(name, declaration.name, sink):
            _declare(declaration, symbols, sink)
        else:
            symbols.file.faulty.add(name)
    for declaration in symbols.file.declarations:
        name = declaration.name.id
        if name in symbols.sizes:
            sink.report(declaration.name, rules_names.size_and_variable(name))
        for node in (declaration.name, *declaration.sizes):
            size = symbols.sequence_of(node.id) if isinstance(node, ast.Name) else None
            if isinstance(node, ast.Name) and size is not None and node.id == str(size.size).lower():
                sink.report(node, rules_names.index_and_variable(node.id, str(size.size)))


def _declare(declaration: Declaration, symbols: Symbols, sink: Sink) -> None:
    name, role = declaration.name.id, Role(declaration.role)
    place = sink.source.place(declaration.name)
    found = [(node, _axis(node, declaration, symbols, sink)) for node in declaration.sizes]
    classes: sympy.Expr | None = None
    if role.is_integer:
        if not found:
            sink.report(declaration.name, rules_sequences.classes_missing(name, role.value))
        else:
            node, last = found.pop()
            if last is not None and last.kind is AxisKind.SEQUENCE:
                _check_nodes(node, name, role, last, [axis for _, axis in found], sink)
            classes = last.size if last is not None else None
    axes = [axis for _, axis in found if axis is not None]
    if len(axes) < len(found):
        symbols.file.faulty.add(name)
        return
    _check_order(name, [(n, a) for n, a in found if a is not None], sink)
    symbols.shapes[name] = tuple(axis for axis in axes if axis.kind is AxisKind.FEATURE)
    default = _default(declaration, axes, role, sink)
    symbols.variables[name] = Variable(name, role, tuple(axes), classes, default, None, declaration.comment, place)


def _check_order(name: str, found: list[tuple[ast.expr, Axis]], sink: Sink) -> None:
    """Sequences first."""
    features = 0
    for node, axis in found:
        size = str(axis.size)
        if axis.kind is AxisKind.FEATURE:
            features += 1
            continue
        if features:
            sink.report(node, rules_sequences.sequence_not_first(name, size))


def _check_nodes(node: ast.expr, name: str, role: Role, nodes: Axis, axes: list[Axis | None], sink: Sink) -> None:
    """What points at nodes of a sequence is an index over that same sequence, and over no other."""
    sequences = [axis for axis in axes if axis is not None and axis.kind is AxisKind.SEQUENCE]
    if role is not Role.INDEX or sequences != [nodes]:
        sink.report(node, rules_sequences.index_over_nodes(name, role.value, str(nodes.size)))


def _axis(node: ast.expr, declaration: Declaration, symbols: Symbols, sink: Sink) -> Axis | None:
    """The axis that a size in a declaration makes."""
    if isinstance(node, ast.Name) and is_sequence(node.id):
        if not names.check(node.id, node, sink):
            return None
        if declaration.role == "Param":
            sink.report(node, rules_sequences.param_over_sequence(declaration.name.id, node.id, f"n_{node.id.lower()}"))
            return None
        return Axis(symbols.size(node.id), AxisKind.SEQUENCE)
    size = _size(node, symbols, sink)
    if size is None:
        return None
    size = sympy.expand(size)
    if at_least(sympy.Integer(0), size):
        sink.report(node, rules_sequences.bad_size(sink.source.short(node)))
        return None
    return Axis(size)


def _size(node: ast.expr, symbols: Symbols, sink: Sink) -> sympy.Expr | None:
    """A feature size; None after a fault."""
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return sympy.Integer(value)
        case ast.Name(id=name):
            if is_sequence(name):
                sink.report(node, rules_sequences.sequence_in_arithmetic(name))
                return None
            return symbols.size(name) if name in symbols.sizes or names.check(name, node, sink) else None
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() as op, right=right):
            one, other = _size(left, symbols, sink), _size(right, symbols, sink)
            if one is None or other is None:
                return None
            if isinstance(op, ast.Mult):
                return one * other
            return one + other if isinstance(op, ast.Add) else one - other
    sink.report(node, rules_sequences.bad_size(sink.source.short(node)))
    return None


def _default(declaration: Declaration, axes: list[Axis], role: Role, sink: Sink) -> Nested | None:
    """The default, a number or nested tuples of numbers."""
    node, name = declaration.default, declaration.name.id
    if node is None:
        return None
    if role not in (Role.CONST, Role.PARAM):
        sink.report(node, rules_sequences.no_default(name, role.value))
        return None
    value = _nested(node, sink)
    if value is None or not _fits(value, axes):
        sink.report(node, rules_sequences.bad_default(name))
        return None
    return value


def _nested(node: ast.expr, sink: Sink) -> Nested | None:
    match node:
        case ast.List(elts=elements) if elements:
            inner = [_nested(element, sink) for element in elements]
            whole = tuple(value for value in inner if value is not None)
            return whole if len(whole) == len(inner) else None
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=ast.Constant() as operand):
            value = _nested(operand, sink)
            assert not isinstance(value, tuple)
            return -value if value is not None and isinstance(sign, ast.USub) else value
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return value
        case ast.Constant(value=float() as value) if abs(value) != float("inf"):
            return value
        case ast.BinOp(left=left, op=ast.Div(), right=ast.Constant(value=int() as below)):
            top = _nested(left, sink) if isinstance(left, (ast.Constant, ast.UnaryOp)) else None
            return float(Fraction(top, below)) if below and isinstance(top, int) else None
    return None


def _fits(value: Nested, axes: list[Axis]) -> bool:
    """Whether a nested list is as long as the sizes say, and equally deep everywhere; a number fits any shape."""
    if not isinstance(value, tuple):
        return True
    level: list[Nested] = [value]
    for axis in axes:
        lengths = {len(entry) for entry in level if isinstance(entry, tuple)}
        if len(lengths) != 1 or not all(isinstance(entry, tuple) for entry in level):
            return False
        if axis.size.is_Integer and lengths != {int(axis.size)}:
            return False
        level = [inner for entry in level if isinstance(entry, tuple) for inner in entry]
    return not any(isinstance(entry, tuple) for entry in level)
