"""Every printed equation is true: what a line says, in either notation and at every step of the derivation, holds.

Values come from the interpreter, on random data of unequal sizes; the lines are read by `truth.py` as mathematics.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache

import pytest
import sympy

from derive.affine import split
from derive.check.sample import sample
from derive.emit.notation import forms
from derive.emit.notation.forms import Form, Line
from derive.emit.notation.plain import Plain
from derive.expressions import AxisKind, refs
from derive.interpret import Interpreter
from derive.system import Role, System
from tests.bank import bank, derivation, small, some_of_the_bank
from tests.bank import model as load
from tests.emit.truth import Reader


@cache
def reader(name: str) -> Reader:
    """The model's values and gradients, at so many steps that its first and its last ones do not meet."""
    system = load(name).gradient().system
    sizes = small(system, 2 * _shift(system) + 1)
    given = sample(load(name).system, sizes, seed=3)
    return Reader(system, sizes, Interpreter(system, sizes).evaluate(given))


def _shift(system: System) -> int:
    """How many steps away an equation reads, at least 1."""
    forward = (e for e in system.equations if system.by_name[e.target].role is not Role.GRAD)
    read = (split(s) for e in forward for ref in refs(e.right) for s in ref.subscripts)
    steps = (offset for index, offset in read if index is not None and index.axis.kind is AxisKind.SEQUENCE)
    return max([1, *(abs(int(offset)) for offset in steps if offset.is_Integer)])


@bank
def test_the_printed_equations(name: str) -> None:
    told, read = derivation(name), reader(name)
    for notation in (0, 1):
        model = [line for part in told.given for line in part.lines[notation]]
        gradient = [line for part in told.gradient for line in part.lines[notation]]
        assert read.wrong(model) == [] and read.wrong(gradient) == []


@some_of_the_bank
def test_every_stage_of_every_derivation(name: str) -> None:
    told, read = derivation(name), reader(name)
    for story in (*told.rewritten, *told.stories):
        for stage in story.stages:
            assert read.wrong(stage.lines) == [], (story.of, stage.rules)
            assert read.wrong(stage.defines) == [] and read.wrong(stage.uses, some=True) == []


@pytest.mark.parametrize("name", ["vanilla", "gru"])
@pytest.mark.parametrize("notation", [0, 1])
def test_a_wrong_line_is_found(name: str, notation: int) -> None:
    told, read = derivation(name), reader(name)
    lines = [line for part in (*told.given, *told.gradient) for line in part.lines[notation]]
    tried = 0
    for number, line in enumerate(lines):
        for changed in _mutants(line):
            tried += 1
            with suppress(ValueError):  # a product whose sizes do not fit
                assert read.wrong([*lines[:number], changed, *lines[number + 1 :]]), Plain().line(changed)
    assert tried > 20


def _mutants(line: Line) -> Iterator[Line]:
    """The line with a term or a factor less, a step moved, a transpose left out, a sign turned."""
    for right in _changed(line.right):
        yield replace(line, right=right)


def _changed(form: Form) -> Iterator[Form]:
    match form:
        case forms.Add(terms):
            for n in range(len(terms)):
                rest = (*terms[:n], *terms[n + 1 :])
                yield rest[0] if len(rest) == 1 else forms.Add(rest)
                for inner in _changed(terms[n]):
                    yield forms.Add((*terms[:n], inner, *terms[n + 1 :]))
        case forms.Negative(of):
            yield of
            yield from (forms.Negative(inner) for inner in _changed(of))
        case forms.Multiply(scalars, arrays, divisors) if len(arrays) > 1:
            yield forms.Multiply(scalars, arrays[1:], divisors)
        case forms.Product((forms.Transpose(of), *rest)) if isinstance(of, forms.Variable) and of.name in ("W", "W_n"):
            yield forms.Product((of, *rest))
        case forms.Reduce("sum", body, spans) if spans:
            yield from (forms.Reduce("sum", inner, spans) for inner in _changed(body))
            yield forms.Negative(form)
        case forms.Variable(_, (forms.Symbol() as step, *rest)):
            yield replace(form, steps=(forms.Add((step, forms.Negative(forms.Number(sympy.Integer(1))))), *rest))
