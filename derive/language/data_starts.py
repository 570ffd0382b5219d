"""What a file says of given data before its first step: `y[0] = 2`."""

from __future__ import annotations

import ast

from derive.expressions import Index
from derive.language import rules_sequences, rules_shapes
from derive.language.context import Scope, Work
from derive.language.shapes import Evaluate
from derive.language.source import Sink
from derive.language.symbols import Symbols
from derive.language.syntax import Statement
from derive.language.values import Value


def data_starts(symbols: Symbols, evaluate: Evaluate, sink: Sink) -> dict[tuple[str, int], Value]:
    """The values of data before its first step, by name and step."""
    values: dict[tuple[str, int], Value] = {}
    for name, starts in symbols.data_starts.items():
        for step, statement in starts.items():
            value = _value(name, statement, symbols, evaluate, sink)
            if value is not None:
                values[name, step] = value
    return values


def _value(name: str, statement: Statement, symbols: Symbols, evaluate: Evaluate, sink: Sink) -> Value | None:
    short = sink.source.short
    work = Work(symbols, sink, evaluate, name, short(statement.left))
    shape = symbols.features(name) or ()
    nodes = [node for node in statement.subscripts[1:] if isinstance(node, ast.Name) and _is_index(node.id, symbols)]
    indices = tuple(work.index(node.id, axis) for node, axis in zip(nodes, shape, strict=False))
    if len(indices) < len(statement.subscripts) - 1 or len(set(indices)) < len(indices):
        sink.report(statement.left, rules_sequences.bad_left_subscript(short(statement.subscripts[1]), name))
        return None
    scope = Scope()
    for node, index in zip(nodes, indices, strict=True):
        scope = scope.bind(node.id, index)
    value = work.value(statement.right, scope)
    if value.axes is None:
        return None
    value = value if value.number else _along(indices, value)
    if symbols.is_integer(name):
        number = value.entry(()) if value.number and value.axes == () else None
        classes = symbols.variables[name].classes
        assert classes is not None
        if number is None or not number.is_Integer or number < 0 or (classes.is_Integer and number >= classes):
            sink.report(statement.right, rules_sequences.data_start_value(short(statement.right)))
            return None
    elif value.axes != shape and not value.number:
        left = Value(shape, value.entry)
        problem = rules_shapes.unequal_sides(short(statement.left), left, short(statement.right), value)
        sink.report(statement.left, problem)
        return None
    return value


def _is_index(name: str, symbols: Symbols) -> bool:
    """Whether a subscript may be the index of a feature."""
    return not symbols.is_variable(name) and name not in symbols.sizes and symbols.sequence_of(name) is None


def _along(indices: tuple[Index, ...], value: Value) -> Value:
    """What a right side with named indices says of each entry."""
    if not indices or value.axes is None:
        return value
    axes, count = (*(index.axis for index in indices), *value.axes), len(indices)
    return Value(axes, lambda at: value.entry(at[count:]).xreplace(dict(zip(indices, at[:count], strict=True))))
