"""What is proved by rewriting alone, over the zoo and in a person's forms."""

from __future__ import annotations

import pytest

import derive
from derive.check.hand import check_hand
from derive.emit.notation import render
from derive.expressions import AxisKind
from derive.pipeline import zoo

# What the printed gradient says only of longer sequences.
EXCEPT = {"transducer": "grad(alpha[T, s])"}
FEW = ("vanilla", "bidirectional", "mgu", "tree_rnn")


@pytest.mark.parametrize("name", [n if n in FEW else pytest.param(n, marks=pytest.mark.slow) for n in zoo()])
def test_the_derived_gradient_printed_and_read_again_is_right_line_by_line(name: str) -> None:
    model = derive.load(name)
    gradient = model.gradient()
    printed = render(gradient.system, gradient.equations, unicode=False)
    whole = [line for line in printed if " += " not in line and not line.startswith(EXCEPT.get(name, "-"))]
    report = check_hand(model, "\n".join(whole))
    assert [line.text for line in report.lines if line.verdict != "right"] == []
    # On a grid the border has lines of its own, which rewriting does not yet reach.
    on_a_grid = any(sum(a.kind is AxisKind.SEQUENCE for a in v.axes) > 1 for v in model.system.variables)
    assert sum(line.proved for line in report.lines) >= (0.5 if on_a_grid else 0.8) * len(report.lines)


def test_what_a_person_writes_is_proved() -> None:
    text = """
        delta[t] = (1 - h[t]**2) * grad(h[t])
        delta[t] = grad(a[t])
        grad(a[t]) = (1 - h[t]) * (1 + h[t]) * grad(h[t])
        grad(a[t]) = (1 - tanh(b + W @ h[t-1] + U @ x[t])**2) * grad(h[t])
        grad(a[t]) = (eye(n_h) - diag(h[t]**2)) @ grad(h[t])
        grad(h[t]) = W.T @ diag(1 - h[t+1]**2) @ grad(h[t+1]) + V.T @ (yhat[t] - onehot(y[t])), t < T
        grad(h[t]) = W.T @ delta[t+1] + V.T @ grad(o[t])
        grad(h[t, i]) = sum(W[j, i] * delta[t+1, j], j) + sum(V[k, i] * grad(o[t, k]), k), t < T
        grad(o[t]) = softmax(o[t]) - onehot(y[t])
        grad(o[t, i]) = yhat[t, i] - where(i == y[t], 1, 0)
        grad(W) = sum(delta[t] @ h[t-1].T, t)
        grad(W, at=t) = outer(delta[t], h[t-1])
        grad(W) = sum(grad(W, at=t), t)
        grad(W) = sum(outer(delta[t+1], h[t]), (t, 0, T-1))
        grad(c) = sum(yhat[t], t) - sum(onehot(y[t]), t)
        grad(h[T+1]) = 0
        """
    report = check_hand(derive.load("vanilla"), "\n".join(line.strip() for line in text.strip().splitlines()))
    assert [line.text for line in report.lines if line.word not in ("proved", "definition")] == []


def test_a_gradient_that_the_loss_is_computed_past_is_not_proved_from_the_derived_equations() -> None:
    """The loss is stabilised: the derived system has no gradient of `yhat`, the model as it is written has one."""
    report = check_hand(derive.load("vanilla"), "grad(yhat[t]) = -onehot(y[t]) / yhat[t]\ngrad(yhat[t]) = 0")
    assert [line.word for line in report.lines] == ["holds", "wrong"]
