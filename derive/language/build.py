"""Statements with known shapes -> equations over indices."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy

from derive.affine import at_least
from derive.expressions import Index, Ref
from derive.language import rules_names, rules_shapes
from derive.language.context import UNKNOWN, Work
from derive.language.left import Left, left_side
from derive.language.numbers import TooLarge, in_range
from derive.language.shapes import Evaluate
from derive.language.source import Sink
from derive.language.symbols import Shape, Symbols
from derive.language.syntax import Statement
from derive.language.values import Value
from derive.system import Equation, Nested, Role, Start, Variable


@dataclass(frozen=True)
class Checked:
    """An equation whose shapes are right: its sides, and where it was read."""

    statement: Statement
    left: Left
    value: Value
    work: Work

    @property
    def sequences(self) -> Shape:
        """The sequences of what it defines."""
        return self.work.symbols.sequences(self.statement.name)


def check(statement: Statement, symbols: Symbols, evaluate: Evaluate, taken: set[str], sink: Sink) -> Checked | None:
    """One equation with its shapes checked; None after a fault."""
    defined = symbols.defined[statement.name]
    work = Work(symbols, sink, evaluate, statement.name, sink.source.short(statement.left), taken=taken)
    before = len(sink.faults)
    left = left_side(statement, defined, work)
    if left is None:
        return None
    value = work.value(statement.right, left.scope)
    for index, node in zip(left.features, statement.subscripts[len(left.steps) :], strict=True):
        if index.axis is UNKNOWN and len(sink.faults) == before:
            steps = "".join(f"{axis.size}, " for axis in defined.sequences)
            mend = f"declare it: {statement.name}: Var[{steps}n_{statement.name.lower()}]"
            sink.report(node, rules_names.index_range_open(sink.source.short(node), mend))
    shape = symbols.features(statement.name)
    if value.axes is None or shape is None or left.open:
        return None
    found = tuple(index.axis for index in left.features) + value.axes
    if statement.name == "loss" and found and not statement.subscripts:
        sink.report(statement.right, rules_shapes.scalar_needed("loss", sink.source.short(statement.right), value))
        return None
    fills = value.number and (statement is not defined.general or statement.name in symbols.variables)
    if found != shape and not fills:
        problem = rules_shapes.unequal_sides(
            sink.source.short(statement.left), Value(shape, value.entry), sink.source.short(statement.right),
            Value(found, value.entry),
        )  # fmt: skip
        sink.report(statement.left, problem)
        return None
    if fills and len(left.features) < len(shape):
        filling = value.entry(())
        value = Value(shape[len(left.features) :], lambda _: filling, number=True)
    return Checked(statement, left, value, work)


def make(checked: Checked, symbols: Symbols) -> tuple[list[Variable], list[Equation]]:
    """The equations of one statement, those of generated variables before it, and the variables that it makes."""
    statement, work = checked.statement, checked.work
    place = work.sink.source.place(statement.left)
    text = work.sink.source.segment(statement.node)
    try:
        equations = _equations(checked)
    except TooLarge:
        work.sink.report(
            statement.right, rules_shapes.exponent_too_large(work.sink.source.short(statement.right), 4096)
        )
        return [], []
    variables = list(work.variables)
    start = _start(checked, equations, symbols)
    if start is not None:
        variables.append(start)
        (equation,) = equations
        equations = [replace(equation, right=_start_ref(start, equation))]
    made = [replace(equation, text=text, place=place) for equation in [*work.equations, *equations]]
    for n in range(len(work.equations), len(made)):
        made[n] = replace(made[n], comment=statement.comment)
    for equation in made:
        if equation.right.has(sympy.nan, sympy.zoo):
            work.sink.report(statement.right, rules_shapes.undefined_number(work.sink.source.short(statement.right)))
    return [replace(variable, place=place) for variable in variables], made


def _equations(checked: Checked) -> list[Equation]:
    """One equation, or one for each part of a concatenation."""
    left, value, work = checked.left, checked.value, checked.work
    parts = value.parts if value.parts and not left.features else (value,)
    equations: list[Equation] = []
    offset: sympy.Expr = sympy.Integer(0)
    for part in parts:
        rest = tuple(work.fresh(axis) for axis in part.axes or ())
        domain = tuple(work.ranges[index] for index in (*left.indices, *rest))
        where = tuple(index + offset for index in rest) if len(parts) > 1 else rest
        right = part.entry(rest)
        equations.append(Equation(checked.statement.name, (*left.steps, *left.features, *where), right, domain))
        if len(parts) > 1:
            offset = offset + part.axes[0].size  # type: ignore[index]
    return equations


def _start(checked: Checked, equations: list[Equation], symbols: Symbols) -> Variable | None:
    """The variable that a start outside of the one sequence becomes, where it is a number: a call may give another."""
    steps = checked.left.steps
    if len(steps) != 1 or isinstance(steps[0], Index) or len(equations) != 1:
        return None
    (axis,) = symbols.sequences(checked.statement.name)
    if not (at_least(sympy.Integer(0), steps[0]) or at_least(steps[0], axis.size + 1)):
        return None
    default = _plain(equations[0].right) if in_range(equations[0].right) else None
    if not checked.value.number or default is None:
        return None
    name = f"{checked.statement.name}.{steps[0]}"
    axes = symbols.features(checked.statement.name) or ()
    return Variable(name, Role.START, axes, None, default, Start(checked.statement.name, steps[0]))


def _start_ref(start: Variable, equation: Equation) -> sympy.Expr:
    from_features = equation.subscripts[len(equation.subscripts) - len(start.axes) :]
    return Ref(start.name, *from_features)


def _plain(number: sympy.Expr) -> Nested | None:
    """A number as Python has it."""
    if number.is_Integer:
        return int(number)
    if number.is_Rational or number in (sympy.oo, -sympy.oo):
        return float(number)
    return None
