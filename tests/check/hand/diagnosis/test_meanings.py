"""What a definition may stand for."""

from __future__ import annotations

import ast

import pytest

import derive
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.meanings import Meant, gradients
from derive.check.hand.lines import HandLine
from derive.check.hand.reader import read_hand


def defined(model: str, text: str) -> Derivation:
    lines = read_hand(text).lines
    return Derivation(derive.load(model), [line for line in lines if isinstance(line, HandLine)])


def test_gradients_over_the_same_axes_at_the_steps_of_the_line() -> None:
    found = defined("vanilla", "d[t] = grad(h[t])")
    assert [ast.unparse(m.tree) for m in gradients(found, found.claims[0])] == ["grad(a[t])", "grad(h[t])"]
    found = defined("vanilla", "d[t, i] = grad(h[t, i])")
    assert [ast.unparse(m.tree) for m in gradients(found, found.claims[0])] == ["grad(a[t, i])", "grad(h[t, i])"]


def test_of_a_part_without_a_name_the_part_is_said() -> None:
    found = defined("lstm", "q[t] = grad(c[t])")
    said = [m.text(ast.unparse) for m in gradients(found, found.claims[0])]
    assert "the gradient by b_g + W_g @ x[t] + U_g @ h[t - 1]" in said


@pytest.mark.parametrize(
    ("text", "natural"),
    [
        ("d[t] = (1 - h[t]**2) * grad(h[t])", True),
        ("d[t] = onehot(y[t]) - yhat[t]", True),
        ("d[t] = 1 - tanh(a[t])**2", True),
        ("d[t] = W.T @ grad(a[t+1])", True),
        ("d[t] = diag(1 - h[t]**2) @ W", True),
        ("d[t] = outer(grad(a[t]), h[t-1])", True),
        ("d[t] = (1 - h[t]) * grad(h[t])", False),
        ("d[t] = yhat[t]", False),
        ("d[t] = W @ diag(1 - h[t]**2)", False),
    ],
)
def test_a_name_is_natural_that_stands_for_something_of_the_model(text: str, natural: bool) -> None:
    found = defined("vanilla", text)
    assert Meant(found, found.claims[0], {}).is_natural is natural


@pytest.mark.parametrize(
    "text", ["d[t] = (1 - h[t]) * grad(h[t])", "d[t] = (1 - h[t]**2) * (V.T @ grad(o[t]) + W @ d[t+1])"]
)
def test_one_mistake_undone_makes_it_stand_for_something(text: str) -> None:
    found = defined("vanilla", text)
    (first, *_) = Meant(found, found.claims[0], {}).reached
    assert ast.unparse(first[0].tree) == "grad(a[t])"
