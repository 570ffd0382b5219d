"""Left sides -> which variables the equations define, over which sequences, with which starts."""

from __future__ import annotations

import ast

import sympy

from derive.affine import from_an_end
from derive.expressions import Axis
from derive.language import bounds, names, rules_names, rules_sequences
from derive.language.affines import NotAffine, Reported, affine
from derive.language.context import Scope, Work
from derive.language.problem import Problem
from derive.language.source import Sink
from derive.language.symbols import Defined, Shape, Symbols, is_sequence, step_names
from derive.language.syntax import Statement
from derive.language.values import OPEN
from derive.system import Role


def define(symbols: Symbols, sink: Sink) -> None:
    """Enter what the statements define into the symbols."""
    refused = symbols.file.faulty
    written: dict[str, list[Statement]] = {}
    for statement in symbols.file.statements:
        if not _may_define(statement, symbols, sink):
            refused |= {statement.name} - symbols.variables.keys()
        elif statement.name in symbols.variables and symbols.variables[statement.name].role is not Role.VAR:
            _data_start(statement, symbols, sink)
        else:
            written.setdefault(statement.name, []).append(statement)
    for name, statements in written.items():
        symbols.defined[name] = _defined(name, statements, symbols, sink)
    for variable in symbols.variables.values():
        if variable.role is Role.VAR and variable.name not in symbols.defined and variable.name not in refused:
            assert variable.place is not None
            sink.report(variable.place, rules_sequences.var_undefined(variable.name))
            refused.add(variable.name)
    for defined in symbols.defined.values():
        for statement in defined.statements:
            _check_left(statement, defined, symbols, sink)
    refused |= {name for name, defined in symbols.defined.items() if not defined.statements}
    symbols.defined = {name: defined for name, defined in symbols.defined.items() if defined.statements}
    order = {id(statement): n for n, statement in enumerate(symbols.file.statements)}
    ranked = sorted(symbols.defined.items(), key=lambda item: order[id(item[1].statements[-1])])
    symbols.defined = dict(ranked)


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


def _defined(name: str, statements: list[Statement], symbols: Symbols, sink: Sink) -> Defined:
    """What the statements about a variable define: its general equation, its sequences and its starts."""
    defined = Defined(name)
    literal = {id(s): any(literal_step(node, symbols, sink) is not None for node in s.subscripts) for s in statements}
    for statement in statements:
        if literal[id(statement)]:
            continue
        if defined.general is not None:
            sink.report(statement.left, rules_sequences.defined_twice(name, defined.general.node.lineno))
            continue
        defined.general = statement
        if name == "loss" and statement.subscripts:
            sink.report(statement.left, rules_sequences.loss_not_scalar(sink.source.short(statement.left)))
    starts = [statement for statement in statements if literal[id(statement)]]
    if starts and not any(is_sequence(size) for size in symbols.sizes):
        sink.report(starts[0].left, rules_sequences.left_needs_sequence(sink.source.short(starts[0].left)))
        symbols.file.faulty.add(name)
    elif defined.general is None:
        sink.report(starts[0].left, rules_sequences.start_alone(name))
        symbols.file.faulty.add(name)
    else:
        defined.sequences = _sequences(defined, defined.general, bool(starts), symbols)
        for statement in starts:
            _start(statement, defined, symbols, sink)
    return defined


def _sequences(defined: Defined, general: Statement, started: bool, symbols: Symbols) -> Shape:
    """The sequences over which a variable runs: declared, or those of the steps with which its left side begins."""
    if defined.name in symbols.variables:
        return symbols.sequences_declared(defined.name)
    axes: list[Axis] = []
    for node in general.subscripts:
        axis = symbols.sequence_of(node.id) if isinstance(node, ast.Name) else None
        if axis is None:
            break
        axes.append(axis)
    if not general.subscripts and started:  # what this equation lacks is said where it is read
        first = next((symbols.sequence_of(size.lower()) for size in symbols.sizes if is_sequence(size)), None)
        axes += [first] if first is not None else []
    return tuple(axes)


def _check_left(statement: Statement, defined: Defined, symbols: Symbols, sink: Sink) -> None:
    """Every subscript on the left, but for the literal steps of a start, is an index of its own."""
    seen: set[str] = set()
    key = defined.key(statement)
    for n, node in enumerate(statement.subscripts):
        if n < len(key) and key[n] is not None:
            continue
        if not isinstance(node, ast.Name) or (n >= max(1, len(key)) and is_step(node, symbols)):
            sink.report(node, rules_sequences.bad_left_subscript(sink.source.short(node), statement.name))
        elif symbols.is_variable(node.id) or node.id in symbols.sizes:
            sink.report(node, rules_names.index_is_a_variable(node.id))
        elif node.id in seen:
            other = f"{node.id}1" if is_step(node, symbols) else "j"
            sink.report(node, rules_sequences.repeated_left_index(node.id, sink.source.short(statement.left), other))
        else:
            seen.add(node.id)


def _start(statement: Statement, defined: Defined, symbols: Symbols, sink: Sink) -> None:
    """An equation with a literal step."""
    text, nodes = sink.source.short(statement.left), statement.subscripts[: len(defined.sequences)]
    steps = [literal_step(node, symbols, sink) for node in nodes]
    problem: Problem | None = None
    if len(nodes) < len(defined.sequences):
        problem = rules_names.step_missing(defined.name, ", ".join(step_names(defined.sequences)))
    elif all(step is None for step in steps):
        node = next(node for node in statement.subscripts if literal_step(node, symbols, sink) is not None)
        problem = rules_sequences.bad_left_subscript(sink.source.short(node), defined.name)
    for position, step in enumerate(steps):
        problem = problem or _bad_step(statement, step, position, defined, sink)
    key = tuple(steps)
    if problem is None and key in defined.starts:
        problem = rules_sequences.start_twice(text, defined.starts[key].node.lineno)
    if problem is not None:
        sink.report(statement.left, problem)
        symbols.file.faulty.add(statement.name)
        return
    defined.starts[key] = statement
    _check_argument(text, defined, steps, symbols, statement, sink)


def _bad_step(
    statement: Statement, step: sympy.Expr | None, position: int, defined: Defined, sink: Sink
) -> Problem | None:
    """What is wrong with the literal step of a start in one of its sequences."""
    if step is None:
        return None
    text, size = sink.source.short(statement.left), defined.sequences[position].size
    shift = from_an_end(step, size)
    if not shift.is_Integer:
        return rules_sequences.bad_end(sink.source.short(statement.subscripts[position]), defined.name, str(size))
    if abs(shift) > bounds.SHIFT:
        return rules_sequences.shift_too_large(text, bounds.SHIFT)
    for key, other in defined.starts.items():
        literal = key[position]
        if literal is not None and literal.is_Integer != step.is_Integer:
            return rules_sequences.starts_at_both_ends(defined.name, sink.source.short(other.left), text)
    return None


def _check_argument(
    text: str, defined: Defined, steps: list[sympy.Expr | None], symbols: Symbols, statement: Statement, sink: Sink
) -> None:
    """The argument by which a call gives a start has a name that nothing else has."""
    step = steps[0]
    if len(steps) != 1 or step is None:
        return
    from_the_left = bool(step.is_Integer)
    argument = symbols.variables.get(f"{defined.name}0" if from_the_left else f"{defined.name}_end")
    outside = step < 1 if from_the_left else step - defined.sequences[0].size >= 1
    if argument is not None and (argument.role.is_data or argument.role is Role.CONST) and outside:
        sink.report(statement.left, rules_sequences.start_argument_taken(argument.name, text))


def _data_start(statement: Statement, symbols: Symbols, sink: Sink) -> None:
    """What given data is outside of its steps."""
    step = literal_step(statement.subscripts[0], symbols, sink) if statement.subscripts else None
    text = sink.source.short(statement.left)
    name = statement.name
    if step is None or not symbols.sequences(name):
        sink.report(statement.left, rules_names.declared_and_defined(name, symbols.variables[name].role.value))
    elif not step.is_Integer or len(symbols.sequences(name)) > 1:
        sink.report(statement.left, rules_sequences.data_start_elsewhere(text))
    elif step >= 1:
        sink.report(statement.left, rules_sequences.data_start_inside(text))
    elif int(step) in symbols.data_starts.setdefault(name, {}):
        line = symbols.data_starts[name][int(step)].node.lineno
        sink.report(statement.left, rules_sequences.start_twice(text, line))
    else:
        symbols.data_starts[name][int(step)] = statement
