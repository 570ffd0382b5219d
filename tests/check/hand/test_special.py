"""Gradients and Jacobians as variables: their names, their axes and where each subscript goes."""

from __future__ import annotations

import ast

import pytest

import derive
from derive.check.hand.special import Rewriter, special_variable
from derive.check.hand.vocabulary import Vocabulary
from derive.language.source import Sink, Source


def rewritten(text: str, model: str = "vanilla") -> tuple[str, Rewriter]:
    rewriter = Rewriter(Vocabulary(derive.load(model)), Sink(Source(text, "<text>")))
    return ast.unparse(rewriter.visit(ast.parse(text, mode="eval").body)), rewriter


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("grad(h[t+1])", "grad(h)[t + 1]"),
        ("grad(h)[t+1]", "grad(h)[t + 1]"),
        ("grad(a[t, i])", "grad(a)[t, i]"),
        ("grad(W)", "grad(W)"),
        ("grad(W[i, j])", "grad(W)[i, j]"),
        ("grad(W, at=t)", "grad(W, at=T)[t]"),
        ("grad(W[i, j], at=T)", "grad(W, at=T)[T, i, j]"),
        ("grad(W, at=1)", "grad(W, at=T)[1]"),
        ("grad(h[s], of=o[t, 0])", "jac(o, h)[t, s, 0]"),
        ("grad(V, of=o[t, i], at=t)", "jac(o, V, at=T)[t, t, i]"),
        ("grad(h[s], of=loss)", "grad(h)[s]"),
        ("jac(h[t+1], h[t])", "jac(h, h)[t + 1, t]"),
        ("jac(h[t+1, i], h[t, j])", "jac(h, h)[t + 1, t, i, j]"),
        ("jac(h[t], a[t, 0])", "jac(h, a)[t, t, :, 0]"),
        ("jac(h[t], b, at=t)", "jac(h, b, at=T)[t, t]"),
        ("jac(h[T], x[1]).T", "jac(h, x)[T, 1].T"),
        ("1 + tanh(grad(h[t]))", "1 + tanh(grad(h)[t])"),
    ],
)
def test_a_gradient_is_a_variable_at_subscripts(text: str, expected: str) -> None:
    found, rewriter = rewritten(text)
    assert not rewriter.sink.faults, rewriter.sink.faults
    assert found == expected


def test_parts_of_a_model_have_the_names_that_its_printed_gradient_uses() -> None:
    assert rewritten("grad(i.arg[t]) + h.tanh[t]", "lstm")[0] == "grad(i.arg)[t] + h.tanh[t]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("grad(h)", "at every step"),
        ("grad(W @ h[t])", "no variable"),
        ("grad(Q)", "no variable Q"),
        ("grad(y[t])", "whole numbers"),
        ("grad()", "is written"),
        ("grad(W, b)", "is written"),
        ("grad(W, by=t)", "is written"),
        ("jac(W)", "is written"),
        ("grad(W, of=h[t])", "no scalar"),
    ],
)
def test_what_has_no_gradient_says_why(text: str, message: str) -> None:
    faults = rewritten(text)[1].sink.faults
    assert faults and message in faults[0].message


def test_axes_are_steps_first_then_entries() -> None:
    _, rewriter = rewritten("jac(h[t], W, at=t)")
    (special,) = rewriter.found.values()
    axes = special_variable(special, rewriter.vocabulary).axes
    assert [axis.name for axis in axes] == ["T", "T", "n_h", "n_h", "n_h"]
