"""Names as letters: hats, Greek letters, subscripts, typefaces; no two alike."""

from __future__ import annotations

import pytest
import sympy

import derive
from derive.emit.latex.names import Names
from derive.emit.latex.printer import Latex
from derive.emit.latex.text import escape
from derive.emit.notation import forms
from derive.expressions import Axis, AxisKind
from derive.system import Role, System, Variable
from tests.bank import some_of_the_zoo


def spelled(name: str, rank: int = 0, *others: str) -> str:
    """A name as the only one, or beside others, of a system."""
    axes = (Axis(sympy.Symbol("n"), AxisKind.FEATURE),) * rank
    names = [Variable(other, Role.PARAM) for other in others]
    return printed(System("test", (*names, Variable(name, Role.VAR, axes)), ()), name)


def printed(system: System, name: str) -> str:
    return Latex(Names(system)).variable(forms.Variable(name))


@pytest.mark.parametrize(
    ("name", "rank", "expected"),
    [
        ("w", 0, "w"),
        ("h", 1, r"\boldsymbol{h}"),
        ("W", 2, r"\mathbf{W}"),
        ("W", 3, r"\boldsymbol{\mathsf{W}}"),
        ("yhat", 0, r"\hat{y}"),
        ("yhat", 1, r"\hat{\boldsymbol{y}}"),
        ("h_tilde", 1, r"\tilde{\boldsymbol{h}}"),
        ("Abar", 2, r"\bar{\mathbf{A}}"),
        ("alpha", 0, r"\alpha"),
        ("alpha_1", 1, r"\boldsymbol{\alpha}_{1}"),
        ("lam", 0, r"\lambda"),
        ("eps", 0, r"\epsilon"),
        ("Gamma", 2, r"\mathbf{\Gamma}"),
        ("W_hh", 2, r"\mathbf{W}_{hh}"),
        ("Wz", 2, r"\mathbf{W}_{z}"),
        ("w_beta", 1, r"\boldsymbol{w}_{\beta}"),
        ("W_in_x", 2, r"\mathbf{W}_{in,x}"),
        ("W_out", 2, r"\mathbf{W}_{\mathrm{out}}"),
        ("h1", 1, r"\boldsymbol{h}_{1}"),
        ("score", 0, r"\mathit{score}"),
        ("score", 1, r"\boldsymbol{\mathit{score}}"),
        ("logA", 2, r"\mathbf{logA}"),
        ("loss", 0, "L"),
        ("h.arg", 1, r"\boldsymbol{a}_{h}"),
        ("h.arg2", 1, r"\boldsymbol{a}_{h,2}"),
        ("hbar.arg", 1, r"\boldsymbol{a}_{\bar{h}}"),
        ("score.arg", 0, r"a_{\mathit{score}}"),
        ("yhat.lse", 0, r"\hat{y}_{\mathrm{lse}}"),
        ("e.sigmoid2", 0, r"e_{\mathrm{sigmoid}\,2}"),
        ("W_x.arg", 1, r"\boldsymbol{a}_{W_{x}}"),
        ("_", 0, r"\mathit{\_}"),
    ],
)
def test_a_name_is_a_letter(name: str, rank: int, expected: str) -> None:
    assert spelled(name, rank) == expected


@pytest.mark.parametrize(("others", "letter"), [((), "a"), (("a",), "z"), (("a_1", "z"), "u"), (("a", "z", "u"), "")])
def test_a_preactivation_has_a_letter_that_nothing_else_has(others: tuple[str, ...], letter: str) -> None:
    expected = rf"\boldsymbol{{{letter}}}_{{i}}" if letter else r"\boldsymbol{i}_{\mathrm{arg}}"
    assert spelled("i.arg", 1, *others) == expected


@pytest.mark.parametrize(
    ("name", "other"),
    [("h_1", "h1"), ("lamda", "lam"), ("tau", "T"), ("loss", "L"), ("y_hat", "yhat"), ("Wz_", "Wz"), ("a__b", "a_b")],
)
def test_no_two_names_look_the_same(name: str, other: str) -> None:
    assert spelled(name, 0, other) != spelled(other, 0, name)
    system = System("test", (Variable(other, Role.PARAM), Variable(name, Role.PARAM)), ())
    assert printed(system, name) != printed(system, other)


@some_of_the_zoo
def test_no_two_names_of_a_model_look_the_same(name: str) -> None:
    system = derive.load(name).gradient().system
    shown = [printed(system, v.name) for v in system.variables if v.role not in (Role.GRAD, Role.START)]
    assert len(set(shown)) == len(shown)


def test_a_file_says_how_a_name_is_printed() -> None:
    model = derive.parse("# latex: u = \\vec{u}\nu: Param[n]\nx: Input[n]\nloss = dot(u, x)")
    assert printed(model.system, "u") == r"{\vec{u}}"


def test_words_are_escaped() -> None:
    assert escape(r"50% of $W_{hh}$ & #1 \ ~ ^") == (
        r"50\% of \$W\_\{hh\}\$ \& \#1 \textbackslash{} \textasciitilde{} \textasciicircum{}"
    )
    assert escape("Schrödinger's β ∑ 字") == r"Schrödinger's $\beta$ $\sum$ [U+5B57]"
