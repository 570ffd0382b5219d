"""A wrong line: the mistake is named, and the line is mended in the words of the person."""

from __future__ import annotations

import pytest

import derive
from derive.check.hand.derivation import Derivation
from derive.check.hand.diagnosis.diagnose import diagnose
from derive.check.hand.lines import HandLine
from derive.check.hand.reader import read_hand

# A line with a mistake; the mistake in words; the line as it should be.
VANILLA = [
    (
        "grad(h[t]) = V.T @ grad(o[t])",
        "the gradient carried from step t+1 is missing: W.T @ grad(a[t+1])",
        "grad(h[t]) = V.T @ grad(o[t]) + W.T @ grad(a[t+1])",
    ),
    (
        "grad(h[t]) = W @ diag(1 - h[t+1]**2) @ grad(h[t+1]) + V.T @ grad(o[t]), t < T",
        "a transpose is missing: W.T, not W",
        "grad(h[t]) = W.T @ diag(1 - h[t+1]**2) @ grad(h[t+1]) + V.T @ grad(o[t]), t < T",
    ),
    (
        "grad(h[t]) = W.T @ grad(h[t+1]) + V.T @ grad(o[t]), t < T",
        "the derivative of the activation is missing: 1 - h[t+1]**2 before grad(h[t+1])",
        "grad(h[t]) = W.T @ ((1 - h[t+1]**2) * grad(h[t+1])) + V.T @ grad(o[t]), t < T",
    ),
    (
        "grad(h[t]) = W.T @ diag(1 - h[t]**2) @ grad(h[t+1]) + V.T @ grad(o[t]), t < T",
        "at the wrong step: h[t+1], not h[t]",
        "grad(h[t]) = W.T @ diag(1 - h[t+1]**2) @ grad(h[t+1]) + V.T @ grad(o[t]), t < T",
    ),
    (
        "grad(h[t]) = W.T @ grad(a[t+1]) + grad(o[t]) @ V.T, t < T",
        "a transpose too many: V, not V.T",
        "grad(h[t]) = W.T @ grad(a[t+1]) + grad(o[t]) @ V, t < T",
    ),
    (
        "grad(o[t]) = yhat[t]",
        "the one-hot vector is missing: -onehot(y[t])",
        "grad(o[t]) = yhat[t] - onehot(y[t])",
    ),
    (
        "grad(o[t]) = onehot(y[t]) - yhat[t]",
        "the sign is wrong: it is the negative",
        "grad(o[t]) = yhat[t] - onehot(y[t])",
    ),
    (
        "grad(c) = sum(yhat[t], t)",
        "a term is missing in the brackets: -onehot(y[t])",
        "grad(c) = sum(yhat[t] - onehot(y[t]), t)",
    ),
    ("grad(c) = yhat[t] - onehot(y[t])", "the sum over t is missing", "grad(c) = sum(yhat[t] - onehot(y[t]), t)"),
    (
        "grad(W) = sum(outer(grad(a[t]), h[t-1]), (t, 2, T))",
        "the sum has the wrong range: t = 1..T, not t = 2..T",
        "grad(W) = sum(outer(grad(a[t]), h[t-1]), t)",
    ),
    (
        "grad(W) = sum(grad(a[t]) * h[t-1], t)",
        "an element-wise product where a matrix product belongs: outer(grad(a[t]), h[t-1]), not grad(a[t]) * h[t-1]",
        "grad(W) = sum(outer(grad(a[t]), h[t-1]), t)",
    ),
    (
        "grad(W) = sum(outer(grad(a[t]), h[t-1]), t) / T",
        "it is divided by T, which does not belong",
        "grad(W) = sum(outer(grad(a[t]), h[t-1]), t)",
    ),
    (
        "grad(W) = sum(outer(grad(h[t]), h[t]), t)",
        "at the wrong step: h[t-1], not h[t]; "
        "the derivative of the activation is missing: 1 - h[t]**2 before grad(h[t])",
        "grad(W) = sum(outer((1 - h[t]**2) * grad(h[t]), h[t-1]), t)",
    ),
    (
        "grad(W[i, j]) = sum(grad(a[t, j]) * h[t-1, i], t)",
        "the indices j and i are the wrong way round",
        "grad(W[i, j]) = sum(grad(a[t, i]) * h[t-1, j], t)",
    ),
    (
        "grad(a[t, i]) = (1 - h[t, i]**2) * (V[k, i] * grad(o[t, k]) + sum(W[j, i] * grad(a[t+1, j]), j))",
        "the sum over k is missing: sum(V[k, i] * grad(o[t, k]), k)",
        "grad(a[t, i]) = (1 - h[t, i]**2) * (sum(V[k, i] * grad(o[t, k]), k) + sum(W[j, i] * grad(a[t+1, j]), j))",
    ),
    (
        "grad(U) = sum(outer(1 - h[t]**2, x[t]), t)",
        "the gradient is missing: grad(h[t]) times 1 - h[t]**2",
        "grad(U) = sum(outer((1 - h[t]**2) * grad(h[t]), x[t]), t)",
    ),
    (
        "jac(h[t+1], h[t]) = W @ diag(1 - h[t+1]**2)",
        "diag(1 - h[t+1]**2) is on the wrong side: diag(1 - h[t+1]**2) @ W, not W @ diag(1 - h[t+1]**2)",
        "jac(h[t+1], h[t]) = diag(1 - h[t+1]**2) @ W",
    ),
    (
        "grad(W, at=t) = outer(grad(a[t]), h[t])",
        "at the wrong step: h[t-1], not h[t]",
        "grad(W, at=t) = outer(grad(a[t]), h[t-1])",
    ),
]
LSTM = [
    (
        "grad(c[t]) = o[t] * (1 - c[t]**2) * grad(h[t]) + f[t+1] * grad(c[t+1])",
        "the wrong factor: 1 - tanh(c[t])**2, not 1 - c[t]**2",
        "grad(c[t]) = o[t] * (1 - tanh(c[t])**2) * grad(h[t]) + f[t+1] * grad(c[t+1])",
    ),
    ("grad(i[t]) = grad(c[t]) * f[t]", "the wrong variable: g[t], not f[t]", "grad(i[t]) = grad(c[t]) * g[t]"),
]
GAUSSIAN = [
    (
        "grad(s[t]) = 1/2 - (y[t] - m[t])**2 * exp(-s[t])",
        "a constant factor is wrong: 1 / 2 times (y[t] - m[t])**2 * exp(-s[t])",
        "grad(s[t]) = 1 / 2 - 1 / 2 * ((y[t] - m[t])**2 * exp(-s[t]))",
    ),
    (
        "grad(s[t]) = 1/2 - (y[t] - m[t]) * exp(-s[t]) / 2",
        "(y[t] - m[t])**2 belongs where y[t] - m[t] stands",
        "grad(s[t]) = 1 / 2 - (y[t] - m[t])**2 * exp(-s[t]) / 2",
    ),
    (
        "loss = sum(nll[t-1, i], t, i)",
        "at the wrong step: nll[t, i], not nll[t-1, i]",
        "loss = sum(nll[t, i], t, i)",
    ),
    ("grad(c_m) = mean(grad(m[t]), t)", "a mean where a sum belongs", "grad(c_m) = sum(grad(m[t]), t)"),
]
MINLSTM = [
    (
        "grad(htilde[t]) = grad(h[t]) * i[t]",
        "grad(h[t]) * i[t] is not divided by f[t] + i[t]",
        "grad(htilde[t]) = grad(h[t]) * i[t] / (f[t] + i[t])",
    ),
]
JORDAN = [
    (
        "grad(d) = sum(2 * (o[t] - y[t]), t)",
        "a term is missing in the brackets: grad(c[t+1])",
        "grad(d) = sum(2 * (o[t] - y[t]) + grad(c[t+1]), t)",
    ),
]
CASES = {"vanilla": VANILLA, "lstm": LSTM, "gaussian": GAUSSIAN, "minlstm": MINLSTM, "jordan": JORDAN}


def derivation(model: str, *texts: str) -> Derivation:
    lines = read_hand("\n".join(texts)).lines
    return Derivation(derive.load(model), [line for line in lines if isinstance(line, HandLine)])


@pytest.mark.parametrize("model", CASES)
def test_a_mistake_is_named_and_mended(model: str) -> None:
    cases = CASES[model]
    found = derivation(model, *(text for text, _, _ in cases))
    for claim, (_, words, mended) in zip(found.claims, cases, strict=True):
        said = diagnose(found, claim)
        assert said is not None
        assert (said.text, said.correct) == (words, mended)


def test_what_no_mistake_explains_is_compared_term_by_term() -> None:
    found = derivation("vanilla", "grad(h[t]) = sin(W @ h[t])")
    said = diagnose(found, found.claims[0])
    assert said is not None and said.names == ()
    assert "this one has sin(W @ h[t]), which the true line has not" in said.text
    assert said.correct == "grad(h[t]) = W.T @ grad(a[t+1]) + V.T @ grad(o[t])"


def test_a_line_that_is_wrong_only_through_a_definition_points_there() -> None:
    found = derivation(
        "vanilla",
        "delta[t] = (1 - h[t]) * grad(h[t])",
        "grad(W) = sum(outer(delta[t], h[t-1]), t)",
        "grad(b) = sum(delta[t], t)",
        "grad(V) = sum(outer(grad(o[t]), h[t]), t)",
    )
    for claim in found.claims[1:3]:
        said = diagnose(found, claim)
        assert said is not None and said.line == 1
        assert said.correct == "delta[t] = (1 - h[t]**2) * grad(h[t])"


def test_labels_that_happen_to_differ_do_not_hide_a_term() -> None:
    found = derivation("vanilla", "grad(o[t]) = yhat[t] - onehot(y[t]) + onehot(y[t]) * onehot(y[t-1])")
    claim = found.claims[0]
    assert claim.right is not None
    assert not found.is_right(claim, claim.right)
    said = diagnose(found, claim)
    assert said is not None and said.correct == "grad(o[t]) = yhat[t] - onehot(y[t])"


@pytest.mark.parametrize(
    "line",
    [
        "grad(W) = sum(outer(grad(a[t]), h[t-1]), (t, 2, T))",  # right where h[0] is 0
        "grad(W) = sum(outer(h[t-1], grad(a[t])), t)",  # right where both are one vector
        "grad(h[t]) = W @ grad(a[t+1]) + V.T @ grad(o[t])",  # right where W is symmetric
        "grad(h[t]) = V.T @ grad(o[t])",  # right where T is 1
        "grad(h[t]) = W.T @ grad(a[t+1]) + V @ grad(o[t])",  # fits where n_y is n_h
        "grad(c) = grad(o[T])",  # right where T is 1
    ],
)
def test_coincidences_hide_no_mistake(line: str) -> None:
    found = derivation("vanilla", line)
    claim = found.claims[0]
    assert claim.is_wrong or (claim.right is not None and not found.is_right(claim, claim.right))
    said = diagnose(found, claim)
    assert said is not None and len(said.names) == 1 and said.correct is not None
