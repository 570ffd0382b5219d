"""The true terms of a Jacobian: one for each way along the graph, and right at every point."""

from __future__ import annotations

import ast

import pytest

import derive
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.diagnose import diagnose
from derive.check.hand.diagnosis.jacobians import jacobian_terms
from derive.check.hand.lines import HandLine
from derive.check.hand.reader import read_hand


def derivation(model: str, text: str) -> Derivation:
    return Derivation(derive.load(model), [line for line in read_hand(text).lines if isinstance(line, HandLine)])


@pytest.mark.parametrize(
    ("model", "text", "terms"),
    [
        ("lstm", "jac(c[t+1], c[t]) = diag(f[t+1])", 4),
        ("lstm", "jac(h[t+1], h[t]) = U_i", 4),
        ("gru", "jac(h[t+1], h[t]) = diag(z[t+1])", 5),
        ("vanilla", "jac(h[t+2], h[t]) = W @ W", 1),
        ("vanilla", "jac(o[t], h[t]) = V @ W", 1),
    ],
)
def test_the_line_is_mended_from_the_graph(model: str, text: str, terms: int) -> None:
    found = derivation(model, text)
    said = diagnose(found, found.claims[0])
    assert said is not None and said.correct is not None
    assert said.correct.count("U_") + said.correct.count("diag(f[t+1]") >= terms - 1
    again = derivation(model, said.correct).claims[0]
    assert again.right is not None and found.is_right(again, again.right)


def test_terms_that_are_missing_are_named() -> None:
    found = derivation("lstm", "jac(c[t+1], c[t]) = diag(f[t+1])")
    said = diagnose(found, found.claims[0])
    assert said is not None and said.names == ("missing term",)
    assert said.text.count("a term is missing") == 3
    assert "diag(i[t+1] * (1 - g[t+1]**2)) @ U_g @ diag(o[t] * (1 - tanh(c[t])**2))" in said.text


def test_a_missing_derivative_is_named_with_its_side() -> None:
    found = derivation("vanilla", "jac(h[t+1], h[t]) = W")
    said = diagnose(found, found.claims[0])
    assert said is not None
    assert said.text == "the derivative of the activation is missing: diag(1 - h[t+1]**2) before W"
    assert said.correct == "jac(h[t+1], h[t]) = diag(1 - h[t+1]**2) @ W"


def test_what_has_no_way_in_sight_is_not_guessed() -> None:
    of, by = (ast.parse(text, mode="eval").body for text in ("yhat[t]", "o[t]"))
    assert jacobian_terms(derive.load("vanilla"), of, by) == ()
