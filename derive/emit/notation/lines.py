"""Equations of a System as text, in array or index notation, in plain text or Unicode.

Array notation is tried first where it is asked for; a line that has no array form is printed in index notation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Literal

import sympy

from derive.calculus.indices import indices
from derive.emit.notation import forms
from derive.emit.notation.arrays import Arrays, features
from derive.emit.notation.cases import Case, alone, cases
from derive.emit.notation.contraction import NoForm
from derive.emit.notation.entries import Entries
from derive.emit.notation.folding import Folding
from derive.emit.notation.forms import Form
from derive.emit.notation.order import Order
from derive.emit.notation.pieces import halves
from derive.emit.notation.plain import Plain
from derive.emit.notation.unicode import Unicode
from derive.expressions import Axis, AxisKind, Index, Ref, refs
from derive.system import Equation, Reduction, Role, System

Notation = Literal["array", "index"]


def render(
    system: System,
    equations: Iterable[Equation],
    notation: Notation = "array",
    unicode: bool = True,
    folding: Folding | None = None,
) -> list[str]:
    """The equations as lines of text: those of one target together, in the order in which targets come.

    Definitions that the reader made are put in where they are read (`softmax(o[t])`) and have no line of their own.
    Several equations that add to one variable become one line for each set of steps at which the same terms are added.

    Args:
        system: what the equations are of.
        equations: which of them to print; where a gradient's are not all there, its lines say `+=`.
        notation: `array` (`W @ h[t-1]`) or `index` (`sum(W[i, j] * h[t-1, j], j)`).
        unicode: mathematical signs for people; otherwise the language's own syntax.
        folding: what the system's generated variables stand for, where it is asked for many times.
    """
    printer = Unicode() if unicode else Plain()
    return [printer.line(line) for line in lines(system, equations, notation, folding)]


def lines(
    system: System,
    equations: Iterable[Equation],
    notation: Notation = "array",
    folding: Folding | None = None,
) -> list[forms.Line]:
    """The equations as forms, for any printer; see `render`."""
    folding = folding or Folding(system)
    shown = tuple(equations)
    groups: dict[str, list[Equation]] = {}
    for equation in shown:
        groups.setdefault(equation.target, []).append(equation)
    hidden = folding.hidden(groups)
    positions = {id(equation): position for position, equation in enumerate(shown)}
    found: list[tuple[int, forms.Line]] = []
    for name, group in groups.items():
        if name not in hidden:
            found += _lines_of(system, folding, name, group, notation, positions)
        elif own := folding.own_starts(name, group):
            for position, line in _lines_of(system, folding, name, own, notation, positions):
                found.append((position, _of_data(folding, line)))
    # What could not be put in everywhere is printed after all.
    while hidden and (left := hidden & {name for _, line in found for name in spoken(line)}):
        hidden -= left
        for name in groups:
            if name in left:
                found += _lines_of(system, folding, name, groups[name], notation, positions)
    return [line for _, line in sorted(found, key=lambda item: item[0])]


def one_by_one(
    system: System, equations: Iterable[Equation], folding: Folding | None = None, adds: bool = True
) -> list[forms.Line]:
    """Each equation as it stands, in index notation, with the steps at which it holds.

    Args:
        system: what the equations are of.
        equations: which of them to print.
        folding: what the system's generated variables stand for.
        adds: whether others may add to the same cells, so that it prints with `+=`.
    """
    folding = folding or Folding(system)
    found = [_line(system, folding, e.target, alone(e, system.by_name[e.target], adds), "index") for e in equations]
    return [_of_data(folding, line) for line in found]


def spoken(line: forms.Line) -> set[str]:
    """The names of the variables in a line, `grad(h)` for a gradient."""
    return {
        "grad(" * form.gradients + form.name + ")" * form.gradients
        for side in (line.left, line.right)
        for form in forms.walk(side)
        if isinstance(form, forms.Variable)
    }


def _lines_of(
    system: System,
    folding: Folding,
    name: str,
    group: list[Equation],
    notation: Notation,
    positions: dict[int, int],
) -> Iterator[tuple[int, forms.Line]]:
    """The lines of one variable, each with its position among all."""
    variable = system.by_name[name]
    if variable.role is not Role.GRAD and (joined := folding.joined(name)):
        with suppress(NoForm):
            yield positions[id(group[0])], _joined_line(system, folding, name, joined)
            return
    for case in cases(system, variable, group):
        # A gradient's cases stand together; a start stays where the file has it.
        gradient = variable.role is Role.GRAD
        source = group[0] if gradient else case.source
        if gradient and len(group) < len(system.defining[name]):
            case = replace(case, adds=True)
        yield positions[id(source)], _line(system, folding, name, case, notation)


def nearest(printed: Sequence[str], steps: Iterable[sympy.Expr], axes: Iterable[Axis]) -> str:
    """Of the printed lines of one variable the one whose left side stands at these steps; the first where several may.

    Args:
        printed: lines in the language's own syntax.
        steps: a subscript per axis; one that is looked up is printed as the sequence's own index.
        axes: the variable's axes, sequences first.
    """
    wanted = [
        axis.name.lower() if any(refs(step)) else "".join(str(step).split())
        for step, axis in zip(steps, axes, strict=False)
        if axis.kind is AxisKind.SEQUENCE
    ]

    def agreement(line: str) -> int:
        inside = line.partition(" =")[0].partition("[")[2].rstrip(")+ ").removesuffix("]").split(", ")
        return sum(here == there for here, there in zip(inside, wanted, strict=False))

    return max(printed, key=agreement, default="")


def expression(
    right: sympy.Expr,
    system: System,
    notation: Notation = "array",
    unicode: bool = False,
    free: tuple[Index, ...] | None = None,
) -> str:
    """An expression as text.

    Args:
        right: the expression.
        system: whose variables it reads.
        notation: `array`, with `index` where it has no array form, or `index`.
        unicode: mathematical signs, or the language's own syntax.
        free: in array notation the order of its free feature indices; by name where it is not given.
    """
    printer = Unicode() if unicode else Plain()
    if free is None:
        free = tuple(sorted(features(right), key=lambda index: index.name))
    reader = Arrays(system, Folding(system), Order(system), _names((right,)))
    if notation == "array":
        with suppress(NoForm):
            return printer.text(reader.array(right, free))
    reader.order.indices = tuple(index.name for index in free)
    return printer.text(reader.entry(right))


def _line(system: System, folding: Folding, name: str, case: Case, notation: Notation) -> forms.Line:
    order = Order(system, case.source.text or _text_of(system, name))
    reader = Arrays(system, folding, order, _names((*case.terms, *case.steps, *case.parts)))
    order.step = tuple(map(reader.subscript, case.steps))
    if notation == "array":
        with suppress(NoForm):
            return _array_line(reader, name, case)
    return _index_line(reader, name, case)


def _of_data(folding: Folding, line: forms.Line) -> forms.Line:
    """`x[0] = p` of data that have a start; any other line as it is."""
    if not isinstance(line.left, forms.Variable) or line.left.gradients:
        return line
    return replace(line, left=replace(line.left, name=folding.plain_name(line.left.name)))


def _text_of(system: System, name: str) -> str:
    """The line of the file that a generated variable is a part of: its terms stand in the same order."""
    owner, dot, _ = name.partition(".")
    texts = [equation.text for equation in system.defining.get(owner, ()) if equation.text] if dot else []
    return texts[-1] if texts else ""


def _joined_line(system: System, folding: Folding, name: str, pieces: tuple[Equation, ...]) -> forms.Line:
    """`h[t] = concat(f[t], g[t])`, whose parts are equations of their own."""
    steps = pieces[0].subscripts[:-1]
    reader = Arrays(system, folding, Order(system, pieces[0].text), _names((*steps, *(e.right for e in pieces))))
    plain, gradients = reader.name(Ref(name))
    left = forms.Variable(plain, tuple(map(reader.subscript, steps)), (), gradients)
    return forms.Line(left, reader.joined(pieces, steps))


def _array_line(reader: Arrays, name: str, case: Case) -> forms.Line:
    free = tuple(index for part in case.parts if (index := halves(part)[0]) is not None)
    if len(free) != len(set(free)):
        raise NoForm
    if case.reduction is not Reduction.SUM:
        return _reduction_line(reader, name, case, free)
    shape = frozenset().union(*map(features, case.terms))
    # A number may fill an array, as a start does; any other scalar would be read as a scalar variable.
    if shape != frozenset(free) and not all(term.is_Number for term in case.terms):
        raise NoForm
    right = reader.order.add([reader.array(term, free, case.domain) for term in case.terms])
    left = reader.target(name, case.steps, case.parts)
    return forms.Line(left, right, _conditions(reader, case), case.adds)


def _reduction_line(reader: Arrays, name: str, case: Case, free: tuple[Index, ...]) -> forms.Line:
    """`yhat.lse[t] = logsumexp(o[t])`: a reduction of all the features that the right side has."""
    used = indices(Ref(name, *case.steps))
    reduced = tuple(r.index for r in case.domain if r.index not in used and r.axis.kind is not AxisKind.BATCH)
    (term,) = case.terms
    reader.limit(case.domain)
    if free or features(term) != frozenset(reduced) or reader.ranges:
        raise NoForm
    if case.reduction is not Reduction.MAX and len(reduced) > 1:
        raise NoForm  # a logsumexp is one of a vector
    right = forms.Apply(case.reduction.value, (reader.array(term, reduced, case.domain),))
    left = reader.target(name, case.steps, case.parts)
    return forms.Line(left, right, _conditions(reader, case), case.adds)


def _index_line(reader: Entries, name: str, case: Case) -> forms.Line:
    reader.limit(case.domain)
    used = {symbol for subscript in (*case.steps, *case.parts) for symbol in subscript.free_symbols}
    reader.order.indices = tuple(index.name for part in case.parts if (index := halves(part)[0]) is not None)
    right = reader.order.add(map(reader.entry, case.terms))
    if case.reduction is not Reduction.SUM:
        reduced = (r for r in case.domain if r.index not in used and r.axis.kind is not AxisKind.BATCH)
        right = forms.Reduce(case.reduction.value, right, tuple(map(reader.span, reduced)))
    plain, gradients = reader.name(Ref(name))
    steps, parts = (tuple(map(reader.subscript, subscripts)) for subscripts in (case.steps, case.parts))
    left = forms.Variable(plain, steps, parts, gradients)
    # A part of the features is in the left side's slice in array notation, and behind the line in index notation.
    short = [reader.ranges[index] for index in indices(Ref(name, *case.parts)) if index in reader.ranges]
    some = tuple(_condition(reader, r.first, r.index, r.last) for r in short)
    return forms.Line(left, right, _conditions(reader, case) + some, case.adds)


def _conditions(reader: Entries, case: Case) -> tuple[tuple[Form | None, str, Form], ...]:
    """The ranges of steps that need saying: other than all steps from 1 to the last."""
    if case.usual:
        return ()
    told = ((f, i, last) for f, i, last in case.bounds if (f, last) != (i.axis.first, i.axis.last))
    return tuple(_condition(reader, *bound) for bound in told)


def _condition(reader: Entries, first: sympy.Expr, index: Index, last: sympy.Expr) -> tuple[Form | None, str, Form]:
    low = None if first == index.axis.first else reader.subscript(first)
    return low, index.name, reader.subscript(last)


def _names(expressions: Iterable[sympy.Expr]) -> set[str]:
    """Every name of an index or a size in the expressions, bound ones included."""
    return {symbol.name for expression in expressions for symbol in expression.atoms(sympy.Symbol)}
