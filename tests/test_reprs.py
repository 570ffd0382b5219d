"""Models, gradients, their equations and reports show themselves in a notebook and in a terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from IPython.core.formatters import DisplayFormatter

import derive
from derive.check.report import TITLES
from derive.emit.notation import render
from derive.errors import DeriveError
from tests import bank

HERE = Path(__file__).parent
UNUSED = str(HERE / "calculus" / "models" / "unused.eq")
GATED = """
x: Input[T, n]
W, U = Param[n, n]
h[0] = 0
h[t] = sigmoid(W @ h[t-1]) * tanh(U @ x[t])
loss = sum(h[T])
"""


def shown(value: object) -> dict[str, str]:
    """What a notebook would be given, by type."""
    bundle, _ = DisplayFormatter().format(value)
    return dict(bundle)


def refused(name: str, of: object) -> str:
    with pytest.raises(DeriveError) as error:
        of[name]  # type: ignore[index]
    return str(error.value)


def test_a_model_is_typeset() -> None:
    model = bank.model("vanilla")
    latex, plain = shown(model)["text/latex"], shown(model)["text/plain"]
    assert latex.startswith("$$\\begin{aligned}\n  \\boldsymbol{h}^{(0)} & = 0 \\\\\n")
    assert latex.endswith("\n\\end{aligned}$$")
    assert plain.splitlines() == render(model.system, model.system.equations)
    assert plain == repr(model) == str(model)


def test_a_model_has_its_equations_by_name() -> None:
    model = bank.model("vanilla")
    assert list(model) == ["h", "a", "o", "yhat", "loss"]
    assert str(model["h"]) == "h[0] = 0\nh[t] = tanh(a[t])"
    assert str(model["h"].written("index")) == "h[0,i] = 0\nh[t,i] = tanh(a[t,i])"
    assert refused("yhta", model) == "there are no equations of 'yhta'\n    did you mean 'yhat'?"
    assert refused("x", model).startswith("there are no equations of 'x': it is Input\n    choose one of h, a, o")


def test_a_gradient_is_typeset_whole_and_by_name() -> None:
    gradient = bank.model("vanilla").gradient()
    assert list(gradient) == ["loss", "o", "yhat.lse", "c", "V", "h", "a", "b", "U", "x", "W"]
    assert len(shown(gradient)["text/latex"].splitlines()) == len(str(gradient).splitlines()) + 2
    assert str(gradient["h"]).splitlines() == [line for line in str(gradient).splitlines() if line[:2] == "∇h"]
    assert shown(gradient["h"])["text/latex"].count(r"& =") == 3
    assert shown(gradient["h"])["text/plain"] == str(gradient["h"])


def test_a_gradient_that_is_not_there_is_refused_with_the_reason() -> None:
    gradient = bank.model("vanilla").gradient()
    assert refused("hh", gradient) == "there is no gradient by 'hh'\n    did you mean 'h'?"
    assert refused("y", gradient).startswith("there is no gradient by 'y': it is Label\n    choose one of loss, o, c")
    assert "'yhat': nothing that the loss is computed from reads it" in refused("yhat", gradient)


def test_what_the_loss_does_not_depend_on_has_the_gradient_zero() -> None:
    gradient = bank.model(UNUSED).gradient()
    assert str(gradient["q"]) == "∇q = 0"
    assert (
        r"\frac{\partial L}{\partial q} & = 0" in gradient["q"].latex()
        and str(gradient["q"].steps) == "1. drop what is zero\n    ∇q = 0"
    )


def test_latex_is_for_a_document_and_in_its_notation() -> None:
    equation = bank.model("vanilla").gradient()["h"]
    assert equation.latex().startswith("\\begin{align*}\n  \\nabla_{\\boldsymbol{h}^{(\\tau)}} L & = ")
    assert r"\boldsymbol{\delta}_{t}^{h} & = " in equation.latex(gradient="delta", time="subscript")
    with pytest.raises(DeriveError, match="there is no time='above'"):
        equation.latex(time="above")  # type: ignore[arg-type]
    with pytest.raises(DeriveError, match=r"there is no notation 'matrix'\n.*array, index"):
        equation.written("matrix")  # type: ignore[arg-type]


def test_no_display_is_longer_than_a_notebook_typesets() -> None:
    gradient = bank.model("attention").gradient()
    displays = shown(gradient)["text/latex"].split("\n\n")
    assert len(displays) > 1 and max(map(len, displays)) < 5 * 1024
    assert all(display.startswith("$$\\begin{aligned}") and display.endswith("{aligned}$$") for display in displays)
    assert sum(display.count(r"\nabla_{\mathbf") for display in displays) == gradient.latex().count(r"\nabla_{\mathbf")


def test_names_that_no_file_has_are_told_below() -> None:
    equations = derive.parse(GATED).gradient()["h"]
    made, told = str(equations).split("\n\nwhere\n")
    read = set(re.findall(r"\w+\.\w+", made))
    assert read and read <= {line.partition("[")[0] for line in told.splitlines()}
    assert r"\text{where}" in equations.latex()


def test_a_gradient_tells_its_steps() -> None:
    steps = bank.model("vanilla").gradient()["o"].steps
    assert [len(steps), steps[0].rules[0].name] == [len(list(steps)), "chain rule"]
    assert steps[-1].lines == bank.model("vanilla").gradient()["o"].lines
    markdown = shown(steps)["text/markdown"]
    assert markdown.count("$$") == 2 * len(steps)
    assert all(rule.why.split(",")[0][:20] in markdown for step in steps for rule in step.rules)
    assert r"\mathbf{1}_{i = y^{(t)}}" in markdown
    assert str(steps).startswith("1. chain rule through loss, ŷ.lse\n    ∇o[t,")
    assert str(steps).endswith("\n    ∇o[t] = ŷ[t] - onehot(y[t])")


def test_a_variable_tells_how_it_was_rewritten_before_it_was_differentiated() -> None:
    model = bank.model("vanilla")
    first, second = model["loss"].steps
    assert str(first) == "as given\n    loss = ∑ₜ -log(ŷ[t,y[t]])"
    assert str(second).startswith("keep logarithms finite\n    loss = ∑ₜ (ŷ.lse[t] - o[t,y[t]])\n")
    assert str(second).endswith("where\n    ŷ.lse[t] = logsumexp(o[t,i], i)")
    assert str(model["h"].steps) == "1. as given\n    h[0,i] = 0\n    h[t,i] = tanh(a[t,i])"


@pytest.mark.parametrize("name", ["tree", "lstm", "image_rnn", str(HERE / "models" / "batch_by_the_start.eq"), UNUSED])
def test_every_equation_of_other_models_shows_itself(name: str) -> None:
    model = bank.model(name)
    for owner in (model, model.gradient()):
        for of in owner:
            bundle = shown(owner[of])
            assert bundle["text/plain"] and "&" in bundle["text/latex"]


def test_a_report_is_a_table() -> None:
    report = derive.parse(GATED).verify(seed=1)
    assert report and report.ok and report.seed == 1
    html, text = shown(report)["text/html"], shown(report)["text/plain"]
    table = ElementTree.fromstring(f"<div>{html.replace('<br>', '<br/>')}</div>").find("table")
    assert table is not None
    assert [cell.text or "" for cell in table.iter("th")] == list(TITLES)
    assert [cell.text for row in table.iter("tr") for cell in row.findall("td")[:1]] == ["x", "W", "U", "h0"]
    assert text.splitlines()[0] == report.heading and text.splitlines()[-1] == report.remarks[-1]
    assert re.search(r"^x +\d+ \d+ \d+ .* ok$", text, flags=re.M)


def test_a_report_that_fails_says_so_and_escapes_what_it_says() -> None:
    report = derive.parse(GATED).verify()
    bad = replace(report.comparisons[0], kind="<i>", error=1.0, name="<script>", note="")
    failing = replace(report, comparisons=(bad, *report.comparisons), model="<b>")
    assert not failing and "FAILS: &lt;script&gt; against &lt;i&gt;: error" in failing._repr_html_()
    assert "<b>" not in failing._repr_html_() and "<script" not in failing._repr_html_()
    broken = replace(report, comparisons=(), nonfinite="h[1] is NaN")
    assert not broken and "<table>" not in broken._repr_html_() and str(broken).endswith("\nFAILS: h[1] is NaN")
