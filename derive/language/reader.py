"""Text -> System, stage by stage."""

from __future__ import annotations

from pathlib import PurePath

from derive.errors import DeriveError
from derive.language import (
    bounds,
    build,
    coverage,
    directives,
    names,
    rules_sequences,
    rules_shapes,
    rules_text,
    shapes,
)
from derive.language.context import Work
from derive.language.cycles import check_cycles
from derive.language.data_starts import data_starts
from derive.language.declare import declare
from derive.language.define import define
from derive.language.elaborate import evaluate
from derive.language.finish import finish
from derive.language.given import settle
from derive.language.numbers import in_range
from derive.language.padding import Padding
from derive.language.source import Sink, Source
from derive.language.symbols import Symbols, is_sequence
from derive.language.syntax import File, parse
from derive.system import Equation, Role, System, Variable


def read(text: str, filename: str = "<text>", name: str | None = None) -> System:
    """The system of equations that a text says.

    Args:
        text: the text of a model file.
        filename: its name, for messages.
        name: the model's name; the file's stem where None.

    Raises:
        DeriveError: with every independent fault of the text.
    """
    source = Source(text, filename)
    sink = Sink(source)
    stem = PurePath(filename).stem if name is None else name
    try:
        return _read(source, sink, stem)
    except RecursionError:
        sink.report(source.at(1, 1), rules_text.nested_too_deeply(bounds.DEPTH))
        raise DeriveError(sink.faults) from None


def _read(source: Source, sink: Sink, name: str) -> System:
    if not bounds.check(source, sink):
        raise DeriveError(sink.faults)
    file = parse(source, sink)
    symbols = Symbols(file, most=bounds.parts(source.text))
    _names_of_the_file(symbols, sink)
    checked = _check(symbols, sink)
    _raise(sink)
    variables, equations = _make(checked, symbols, sink)
    _raise(sink)
    return System(name, variables, equations, file.doc, source.text)


def _raise(sink: Sink) -> None:
    """End with all faults so far, in the order of the text."""
    if sink.faults:
        order = {id(f): (f.place.line, f.place.column) if f.place else (0, 0) for f in sink.faults}
        raise DeriveError(sorted(sink.faults, key=lambda fault: order[id(fault)]))


def _names_of_the_file(symbols: Symbols, sink: Sink) -> None:
    """Sizes, variables, helpers and what the equations define."""
    file = symbols.file
    count = len(file.declarations) + len(file.statements)
    if count > bounds.EQUATIONS:
        sink.report(sink.source.at(1, 1), rules_text.too_many_equations(count, bounds.EQUATIONS))
        _raise(sink)
    declare(symbols, sink)
    for name, helper in file.helpers.items():
        names.check(name, helper.node, sink)
    define(symbols, sink)
    steps = {size.lower() for size in symbols.sizes if is_sequence(size)}
    directives.check({*symbols.variables, *symbols.defined, *symbols.sizes, *steps, *file.faulty}, sink)
    if "loss" not in symbols.defined and not _is_faulty(file, sink):
        last = len(sink.source.text.rstrip().split("\n"))
        sink.report(sink.source.at(last, 1), rules_sequences.loss_missing())


def _is_faulty(file: File, sink: Sink) -> bool:
    """Whether statements were left out, so that the loss may be among them."""
    return bool(sink.faults) and not any(statement.name == "loss" for statement in file.statements)


def _check(symbols: Symbols, sink: Sink) -> list[build.Checked]:
    """All equations with their shapes checked, in the order of the file."""
    shapes.infer(symbols, evaluate, sink)
    taken: set[str] = set()
    checked: list[build.Checked] = []
    for statement in symbols.file.statements:
        defined = symbols.defined.get(statement.name)
        if defined is None or not any(statement is known for known in defined.statements):
            continue
        one = build.check(statement, symbols, evaluate, taken, sink)
        if one is not None:
            checked.append(one)
    shapes.report_open(symbols, sink)
    coverage.check_reads(checked, symbols, check_cycles(checked, symbols) | symbols.file.faulty)
    return checked


def _make(
    checked: list[build.Checked], symbols: Symbols, sink: Sink
) -> tuple[tuple[Variable, ...], tuple[Equation, ...]]:
    """The variables (given ones first) and the equations of the system."""
    taken = frozenset([*symbols.variables, *symbols.defined, *symbols.sizes, *symbols.helpers])
    steps = frozenset(size.lower() for size in symbols.sizes if is_sequence(size))
    equations: list[Equation] = []
    padding = Padding(symbols, data_starts(symbols, evaluate, sink))
    made: dict[str, list[Variable]] = {}
    for one in checked:
        variables, own = build.make(one, symbols)
        settled = [piece for equation in own for piece in settle(equation, one.statement, one.work, padding)]
        if not all(in_range(equation.right) for equation in settled):
            right = one.statement.right
            sink.report(right, rules_shapes.number_out_of_range(sink.source.short(right), bounds.EXPONENT))
        equations += [finish(equation, taken, steps) for equation in settled]
        known = {variable.name for variable in variables}
        looked = [variable for variable in one.work.variables if variable.name not in known]
        made.setdefault(one.statement.name, []).extend([*variables, *looked])
    given = [variable for variable in symbols.variables.values() if variable.role is not Role.VAR]
    starts = [variable for group in made.values() for variable in group if variable.role is Role.START]
    defined: list[Variable] = []
    for name in symbols.defined:
        defined += [variable for variable in made.get(name, []) if variable.role is not Role.START]
        defined.append(_variable(name, symbols, sink))
    padded, continued = padding.equations(Work(symbols, sink, evaluate, ""))
    first = (finish(equation, taken, steps) for equation in continued)
    return (*given, *starts, *padded, *defined), (*first, *equations)


def _variable(name: str, symbols: Symbols, sink: Sink) -> Variable:
    """A variable that equations define."""
    defined = symbols.defined[name]
    general = defined.general
    assert general is not None
    axes = (*defined.sequences, *(symbols.features(name) or ()))
    declared = symbols.variables.get(name)
    comment = declared.comment if declared is not None and declared.comment else general.comment
    return Variable(name, Role.VAR, axes, comment=comment, place=sink.source.place(general.left))
