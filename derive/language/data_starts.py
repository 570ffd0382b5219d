"""What a file says of given data before its first step: `y[0] = 2`."""

from __future__ import annotations

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
    value = work.value(statement.right, Scope())
    shape = symbols.features(name) or ()
    if value.axes is None or len(statement.subscripts) > 1:
        if value.axes is not None:
            sink.report(statement.left, rules_sequences.bad_left_subscript(short(statement.subscripts[1]), name))
        return None
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
