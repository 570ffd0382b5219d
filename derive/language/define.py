"""Left sides -> which variables the equations define, over which sequence, with which starts."""

from __future__ import annotations

import ast

import sympy

from derive.language import bounds, names, rules_names, rules_sequences
from derive.language.affines import NotAffine, Reported, affine
from derive.language.context import Scope, Work
from derive.language.source import Sink
from derive.language.symbols import Defined, Symbols
from derive.language.syntax import Statement
from derive.language.values import OPEN
from derive.system import Role


def define(symbols: Symbols, sink: Sink) -> None:
    """Enter what the statements define into the symbols."""
    refused = symbols.file.faulty
    for statement in symbols.file.statements:
        if not _may_define(statement, symbols, sink):
            refused |= {statement.name} - symbols.variables.keys()
        elif statement.name in symbols.variables and symbols.variables[statement.name].role is not Role.VAR:
            _data_start(statement, symbols, sink)
        else:
            _enter(statement, symbols, sink)
    for name, defined in list(symbols.defined.items()):
        if defined.general is None and defined.starts and name not in refused:
            first = next(iter(defined.starts.values()))
            sink.report(first.left, rules_sequences.start_alone(name))
    for variable in symbols.variables.values():
        if variable.role is Role.VAR and variable.name not in symbols.defined and variable.name not in refused:
            assert variable.place is not None
            sink.report(variable.place, rules_sequences.var_undefined(variable.name))
            refused.add(variable.name)
    for defined in symbols.defined.values():
        for statement in defined.statements:
            _check_left(statement, statement is defined.general, symbols, sink)
    refused |= {name for name, defined in symbols.defined.items() if not defined.statements}
    symbols.defined = {name: defined for name, defined in symbols.defined.items() if defined.statements}
    order = {id(statement): n for n, statement in enumerate(symbols.file.statements)}
    ranked = sorted(symbols.defined.items(), key=lambda item: order[id(item[1].statements[-1])])
    symbols.defined = dict(ranked)
    for name in symbols.variables:
        if symbols.variables[name].role is Role.VAR and name in symbols.defined:
            symbols.defined[name].sequences = symbols.sequences_declared(name)


def _may_define(statement: Statement, symbols: Symbols, sink: Sink) -> bool:
    name, left = statement.name, statement.left
    stem = name.partition(".")[0]
    declared = symbols.variables.get(name)
    if declared is not None:
        if declared.role is Role.VAR or (statement.subscripts and declared.role.is_data):
            return True
        sink.report(left, rules_names.declared_and_defined(name, declared.role.value))
        return False
    if stem != name and stem not in symbols.variables:
        sink.report(left, rules_names.unknown_name(stem, symbols.variables))
        return False
    if stem == name and not names.check(name, left, sink):
        return False
    if name in symbols.sizes:
        sink.report(left, rules_names.size_and_variable(name))
        return False
    sequence = symbols.sequence_of(name)
    if sequence is not None and name == str(sequence.size).lower():
        sink.report(left, rules_names.index_and_variable(name, str(sequence.size)))
        return False
    if name in symbols.helpers:
        sink.report(left, rules_names.helper_is_variable(name))
        return False
    return True


def is_step(node: ast.expr, symbols: Symbols) -> bool:
    """Whether a subscript on the left says a step: the index of a sequence."""
    return isinstance(node, ast.Name) and symbols.sequence_of(node.id) is not None


def literal_step(node: ast.expr, symbols: Symbols, sink: Sink) -> sympy.Expr | None:
    """A step without an index: a whole number or an end (`T+1`); None where it is something else."""
    work = Work(symbols, Sink(sink.source, quiet=True), lambda *_: OPEN, "")
    try:
        return affine(node, Scope(), work)
    except (NotAffine, Reported):
        return None


def _enter(statement: Statement, symbols: Symbols, sink: Sink) -> None:
    name, subscripts = statement.name, statement.subscripts
    defined = symbols.defined.setdefault(name, Defined(name))
    head = subscripts[0] if subscripts else None
    sequence = symbols.sequence_of(head.id) if isinstance(head, ast.Name) else None
    if sequence is not None:
        defined.sequences = (sequence,)
        if len(subscripts) > 1 and is_step(subscripts[1], symbols):
            sink.report(statement.left, rules_sequences.two_sequence_axes(name))
            return
    step = literal_step(subscripts[0], symbols, sink) if subscripts and sequence is None else None
    if step is not None:
        _start(statement, step, defined, symbols, sink)
        return
    if defined.general is not None:
        sink.report(statement.left, rules_sequences.defined_twice(name, defined.general.node.lineno))
        return
    defined.general = statement
    if name == "loss" and subscripts:
        sink.report(statement.left, rules_sequences.loss_not_scalar(sink.source.short(statement.left)))


def _check_left(statement: Statement, general: bool, symbols: Symbols, sink: Sink) -> None:
    """Every subscript on the left, but for the step of a start, is an index of its own."""
    seen: set[str] = set()
    for n, node in enumerate(statement.subscripts):
        if n == 0 and not general:
            continue
        if not isinstance(node, ast.Name) or (n > 0 and is_step(node, symbols)):
            sink.report(node, rules_sequences.bad_left_subscript(sink.source.short(node), statement.name))
        elif symbols.is_variable(node.id) or node.id in symbols.sizes:
            sink.report(node, rules_names.index_is_a_variable(node.id))
        elif node.id in seen:
            sink.report(node, rules_sequences.repeated_left_index(node.id, sink.source.short(statement.left)))
        else:
            seen.add(node.id)


def _start(statement: Statement, step: sympy.Expr, defined: Defined, symbols: Symbols, sink: Sink) -> None:
    text = sink.source.short(statement.left)
    if not any(name[:1].isupper() for name in symbols.sizes):
        sink.report(statement.left, rules_sequences.left_needs_sequence(text))
    elif not step.is_Integer:
        sink.report(statement.left, rules_sequences.right_to_left(text))
        symbols.file.faulty.add(statement.name)
    elif abs(step) > bounds.SHIFT:
        sink.report(statement.left, rules_sequences.shift_too_large(text, bounds.SHIFT))
        symbols.file.faulty.add(statement.name)
    elif step in defined.starts:
        sink.report(statement.left, rules_sequences.start_twice(text, defined.starts[step].node.lineno))
    else:
        defined.starts[step] = statement
        argument = symbols.variables.get(f"{statement.name}0")
        if argument is not None and (argument.role.is_data or argument.role is Role.CONST) and step < 1:
            sink.report(statement.left, rules_sequences.start_argument_taken(argument.name, text))
        if not defined.sequences:
            size = next(name for name in symbols.sizes if name[:1].isupper())
            axis = symbols.sequence_of(size.lower())
            defined.sequences = (axis,) if axis is not None else ()


def _data_start(statement: Statement, symbols: Symbols, sink: Sink) -> None:
    """What given data is outside of its steps."""
    step = literal_step(statement.subscripts[0], symbols, sink) if statement.subscripts else None
    text = sink.source.short(statement.left)
    name = statement.name
    if step is None or not symbols.sequences(name):
        sink.report(statement.left, rules_names.declared_and_defined(name, symbols.variables[name].role.value))
    elif not step.is_Integer:
        sink.report(statement.left, rules_sequences.right_to_left(text))
    elif step >= 1:
        sink.report(statement.left, rules_sequences.data_start_inside(text))
    elif int(step) in symbols.data_starts.setdefault(name, {}):
        line = symbols.data_starts[name][int(step)].node.lineno
        sink.report(statement.left, rules_sequences.start_twice(text, line))
    else:
        symbols.data_starts[name][int(step)] = statement
