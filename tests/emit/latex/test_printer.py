"""LaTeX leaves nothing out of what a line says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from derive.emit.latex.names import Name, Names
from derive.emit.latex.printer import Derivative, Latex, Time
from derive.emit.notation import forms
from tests.bank import bank, derivation

WAYS: tuple[tuple[Derivative, Time], ...] = (("nabla", "superscript"), ("delta", "subscript"), ("partial", "subscript"))


def spoken(line: forms.Line) -> Iterator[str]:
    """The names of all variables, indices and sizes, those below sums and behind the line too."""
    for side in (line.left, line.right, *(end for first, _, last in line.conditions for end in (first, last) if end)):
        yield from _names(side)


def _names(form: forms.Form) -> Iterator[str]:
    match form:
        case forms.Variable() | forms.Symbol():
            yield form.name
        case forms.Reduce():
            yield from (span.index for span in form.spans)
        case forms.Entry(forms.Variable() as of, parts):
            form = forms.Entry(forms.Variable(of.name, of.steps), parts)  # an entry of a part is one of the whole
        case forms.Entry(forms.Eye(), parts):
            form = forms.Add(parts)  # it says 1 where two indices are equal
    for value in vars(form).values():
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, forms.Form):
                yield from _names(inner)


def letter(name: Name) -> str:
    """What is printed of a name in any typeface."""
    return name.letter.removeprefix(r"\mathit{").removesuffix("}") if r"\mathit" in name.letter else name.letter


@bank
def test_every_name_of_a_line_is_in_its_latex(name: str) -> None:
    told = derivation(name)
    names = Names(told.traced.system)
    for printer in (Latex(names, *way) for way in WAYS[: 3 if name == "attention" else 1]):
        for part in (*told.given, *told.gradient):
            for line in (line for lines in part.lines for line in lines):
                written = printer.equation(line)
                text = f"{written.left} {written.sign} {written.right} {written.condition}"
                assert all(letter(names[name]) in text for name in spoken(line)), text


@pytest.mark.parametrize(("derivative", "time"), WAYS)
def test_the_steps_of_a_gradient(derivative: Derivative, time: Time) -> None:
    told = derivation("attention")
    printer = Latex(Names(told.traced.system), derivative, time)
    lines = [line for part in told.gradient for line in part.lines[0]]
    assert all(f"{index}" in printer.text(line.left) for line in lines for index in _indices(line.left))


def _indices(form: forms.Form) -> list[str]:
    return [inner.name for inner in forms.walk(form) if isinstance(inner, forms.Symbol) and inner.name.islower()]
