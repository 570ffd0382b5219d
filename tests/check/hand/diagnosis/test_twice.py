"""Two mistakes in one term: both are named, in places apart, one around the other, and one in what the other brings."""

from __future__ import annotations

import pytest

import derive
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.diagnose import diagnose
from derive.check.hand.lines import HandLine
from derive.check.hand.reader import read_hand

# A line with two mistakes in one term, their names, and the line as it should be.
CASES = [
    (
        "vanilla",
        "grad(a[t, i]) = (1 - h[t, i]) * (sum(V[i, k] * grad(o[t, k]), k) + sum(W[j, i] * grad(a[t+1, j]), j))",
        {"index", "factor for another"},
        "(1 - h[t, i]**2) * (sum(V[k, i] * grad(o[t, k]), k) + sum(W[j, i] * grad(a[t+1, j]), j))",
    ),
    (
        "vanilla",
        "grad(a[t, i]) = (1 - h[t, i]**2) * (V[k, i] * grad(o[t, k]) + sum(W[j, i] * grad(a[t+2, j]), j))",
        {"step", "sum over steps"},
        "(1 - h[t, i]**2) * (sum(V[k, i] * grad(o[t, k]), k) + sum(W[j, i] * grad(a[t+1, j]), j))",
    ),
    (
        "lstm",
        "grad(U_i[k, j]) = sum(grad(o[t, k]) * g[t, k] * i[t, k] * (1 - i[t+1, k]) * h[t-1, j], t)",
        {"step", "gradient of another variable"},
        "sum(grad(c[t, k]) * g[t, k] * i[t, k] * (1 - i[t, k]) * h[t-1, j], t)",
    ),
    (
        "lstm",
        "grad(W_o) = sum(outer(grad(o[t]) * o[t] * (1 - i[t]), x[t]), (t, 1, T-1))",
        {"name", "sum over steps"},
        "sum(outer(grad(o[t]) * o[t] * (1 - o[t]), x[t]), t)",
    ),
    (
        "gru",
        "grad(W_z) = sum(outer(x[t], z[t] * (1 - z[t]) * grad(z[t])), t) / T",
        {"order of factors", "factor too many"},
        "sum(outer(z[t] * (1 - z[t]) * grad(z[t]), x[t]), t)",
    ),
    (
        "lstm",
        "grad(o[t]) = tanh(c[t]) @ ((1 - h[t]**2) * grad(h[t]))",
        {"element-wise for matrix product", "factor too many"},
        "tanh(c[t]) * grad(h[t])",
    ),
]


@pytest.mark.parametrize(
    ("model", "text", "names", "right"),
    [case if n < 2 else pytest.param(*case, marks=pytest.mark.slow) for n, case in enumerate(CASES)],
)
def test_two_mistakes_in_one_term_are_both_named(model: str, text: str, names: set[str], right: str) -> None:
    lines = [line for line in read_hand(text).lines if isinstance(line, HandLine)]
    found = Derivation(derive.load(model), lines)
    said = diagnose(found, found.claims[0])
    assert said is not None
    assert (set(said.names), said.correct) == (names, f"{text.partition(' = ')[0]} = {right}")
