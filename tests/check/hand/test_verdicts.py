"""Verdicts on lines that are right in any form, on lines that are wrong, and on lines that say nothing clear.

The lines were labelled by hand, from the mathematics; each is a claim of its own, so that one file holds them all.
"""

from __future__ import annotations

import importlib
from itertools import pairwise

import numpy as np
import pytest

import derive
from derive.check.hand import check_hand
from derive.check.hand.derivation import Derivation
from derive.check.hand.lines import HandLine
from derive.check.hand.proof import proves
from derive.check.hand.reader import read_hand
from derive.check.hand.result import REASON, HandReport, LineVerdict

RIGHT = {
    "vanilla": """
        grad(W) = sum(outer(grad(a[t]), h[t-1]), t)
        grad(W) = sum(grad(a[t]) @ h[t-1].T, t)
        grad(W) = sum((h[t-1] @ grad(a[t]).T).T, t)
        grad(W).T = sum(outer(h[t-1], grad(a[t])), t)
        grad(W[i, j]) = sum(grad(a[t, i]) * h[t-1, j], t)
        grad(W[i, j]) = sum(h[t-1, j] * (1 - h[t, i]**2) * grad(h[t, i]), t)
        grad(W) = sum(outer(1 - h[t]**2, h[t-1]) * outer(grad(h[t]), h[t-1]**0), t)
        grad(a[t]) = (1 - h[t]) * (1 + h[t]) * grad(h[t])
        grad(a[t]) = grad(h[t]) - h[t]**2 * grad(h[t])
        grad(a[t]) = (1 - tanh(a[t])**2) * grad(h[t])
        grad(a[t]) = (1 - tanh(b + W @ h[t-1] + U @ x[t])**2) * grad(h[t])
        grad(a[t]) = (eye(n_h) - diag(h[t]**2)) @ grad(h[t])
        grad(a[t]) = 4 * grad(h[t]) / (exp(a[t]) + exp(-a[t]))**2
        grad(a[t, 0]) = (1 - h[t, 0]**2) * grad(h[t, 0])
        grad(a[t])[i] = (1 - h[t, i]**2) * grad(h[t, i])
        grad(a[t])[0] = (1 - h[t][0]**2) * grad(h[t])[0]
        grad(h[t]) = W.T @ grad(a[t+1]) + V.T @ grad(o[t])
        grad(h[t]) = V.T @ grad(o[t]) + W.T @ grad(a[t+1]), t != T
        grad(h[t]) = V.T @ grad(o[t]), t >= T
        grad(h[t]) = grad(a[t+1]) @ W + grad(o[t]) @ V, t < T
        grad(h[t]).T = grad(h[t+1]).T @ diag(1 - h[t+1]**2) @ W + grad(o[t]).T @ V, t < T
        grad(h[t, i]) = sum(W[j, i] * grad(a[t+1, j]), j) + sum(V[k, i] * grad(o[t, k]), k), t < T
        grad(h)[t] = W.T @ grad(a)[t+1] + V.T @ grad(o)[t]
        grad(h[t-1]) = W.T @ grad(a[t]) + V.T @ grad(o[t-1]), t > 1
        grad(h[s]) = sum(jac(o[t], h[s]).T @ grad(o[t]), (t, s, T))
        grad(h[t]) = sum(prod(W.T @ diag(1 - h[s]**2), (s, t+1, k)) @ V.T @ grad(o[k]), (k, t, T))
        grad(a[T+1]) = 0
        grad(o[t]) = softmax(o[t]) - onehot(y[t])
        grad(o[t]) = exp(o[t] - logsumexp(o[t])) - onehot(y[t])
        grad(o[t, i]) = yhat[t, i] - where(y[t] == i, 1, 0)
        grad(yhat[t]) = -onehot(y[t]) / yhat[t]
        grad(o[t]) = (diag(yhat[t]) - outer(yhat[t], yhat[t])) @ grad(yhat[t])
        grad(c) = sum(yhat[t], t) - sum(onehot(y[t]), t)
        grad(b) = sum(grad(b, at=t), t)
        grad(W, at=T) = outer(grad(a[T]), h[T-1])
        grad(b) = sum(sum(jac(o[t], a[s]).T @ grad(o[t]), t), s)
        jac(h[t+1], h[t]) = diag(1 - h[t+1]**2) @ W
        jac(h[t+1, i], h[t, j]) = (1 - h[t+1, i]**2) * W[i, j]
        jac(h[T], h[t]) = prod(diag(1 - h[s]**2) @ W, (s, T, t+1))
        jac(a[t], x[t]) = U
        jac(h[t], h[s]) = 0, s > t
        h[t] = tanh(a[t])
        loss = sum(-log(yhat[t, y[t]]), t)
        """,
    "lstm": """
        grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * (1 - tanh(c[t])**2) * grad(h[t]), t < T
        grad(c[t]) = o[t] * (1 - tanh(c[t])**2) * grad(h[t]) + grad(c[t+1]) * f[t+1]
        grad(c[0]) = f[1] * grad(c[1])
        grad(f[t]) = grad(c[t]) * c[t-1]
        grad(o[t]) = tanh(c[t]) * grad(h[t])
        grad(o[t]) = h[t] / o[t] * grad(h[t])
        di[t] = grad(i[t]) * i[t] * (1 - i[t])
        df[t] = grad(f[t]) * f[t] * (1 - f[t])
        do[t] = grad(o[t]) * o[t] * (1 - o[t])
        dg[t] = grad(g[t]) * (1 - g[t]**2)
        grad(b_f) = sum(df[t], t)
        grad(U_i) = sum(di[t] @ h[t-1].T, t)
        grad(h[t]) = V.T @ grad(s[t]) + U_i.T @ di[t+1] + U_f.T @ df[t+1] + U_o.T @ do[t+1] + U_g.T @ dg[t+1]
        """,
}
WRONG = {
    "vanilla": """
        grad(W) = sum(outer(h[t-1], grad(a[t])), t)
        grad(W[i, j]) = sum(h[t-1, i] * grad(a[t, j]), t)
        grad(W) = sum(outer(grad(a[t]), h[t-1]), (t, 2, T))
        grad(W) = sum(outer((1 - h[t]**2) * grad(h[t]), h[t]), t)
        grad(W) = outer(grad(a[t]), h[t-1])
        grad(W) = 0
        grad(W, at=t) = grad(W)
        grad(U) = sum(outer(x[t], grad(a[t])), t)
        grad(U[i, k]) = sum(x[t, i] * grad(a[t, k]), t)
        grad(U) = sum(grad(a[t]) * x[t], t)
        grad(a[t]) = (1 - h[t])**2 * grad(h[t])
        grad(a[t]) = grad(h[t])
        grad(a[t]) = (1 - h[t-1]**2) * grad(h[t])
        grad(h[t]) = V.T @ grad(o[t])
        grad(h[t]) = V @ grad(o[t])
        grad(h[t]) = W.T @ grad(a[t+1]), t < T
        grad(h[t]) = W @ grad(a[t+1]) + V.T @ grad(o[t]), t < T
        grad(h[t]) = W.T @ grad(a[t]) + V.T @ grad(o[t]), t < T
        grad(h[t]) = W.T @ grad(h[t+1]) + V.T @ grad(o[t]), t < T
        grad(h[t]) = W.T @ grad(h[t+1]) @ diag(1 - h[t+1]**2) + V.T @ grad(o[t]), t < T
        grad(h[t]) = W.T * (diag(1 - h[t+1]**2) @ grad(h[t+1])) + V.T @ grad(o[t]), t < T
        grad(h[t]) = grad(a[t+1]) @ W.T + grad(o[t]) @ V, t < T
        grad(h[t, i]) = sum(W[i, j] * grad(a[t+1, j]), j) + sum(V[k, i] * grad(o[t, k]), k), t < T
        grad(h[t, i]) = W[j, i] * grad(a[t+1, j]) + sum(V[k, i] * grad(o[t, k]), k), t < T
        grad(h[t]) = prod(W.T @ diag(1 - h[s]**2), (s, t+1, T)) @ grad(h[T])
        grad(o[t]) = (yhat[t] - onehot(y[t])) / T
        grad(o[t]) = onehot(y[t]) - yhat[t]
        grad(o[t]) = yhat[t] - onehot(y[t-1])
        grad(o[t]) = yhat[t] - y[t]
        grad(c) = grad(o[T])
        grad(c) = mean(grad(o[t]), t)
        grad(c) = 2 * sum(grad(o[t]), t)
        jac(h[t+1], h[t]) = W.T @ diag(1 - h[t+1]**2)
        h[t] = a[t]
        """,
    "lstm": """
        grad(c[t]) = f[t] * grad(c[t+1]) + o[t] * (1 - tanh(c[t])**2) * grad(h[t])
        grad(c[t]) = o[t] * (1 - tanh(c[t])**2) * grad(h[t])
        grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * (1 - c[t]**2) * grad(h[t])
        grad(f[t]) = grad(c[t]) * c[t]
        grad(g[t]) = grad(c[t]) * g[t]
        jac(c[t+1], c[t]) = diag(f[t+1])
        """,
}
UNCLEAR = """
        grad(q) = 0
        grad(y[t]) = 0
        grad(h) = V.T @ grad(o[T])
        grad(W) = foo
        foo(W) = 3
        3 = 3
        grad(W) = __import__('os')
        grad(W) = [1, 2]
        grad(W) = W / 0
        grad(h[t]) = 3, t < Q
        grad(h[t]) = V.T @ grad(o[t]), t > T
        grad() = 1
        grad(W, of=h[t]) = 1
        jac(h[t]) = 1
        grad(h[t]) = grad(h[t+600])
        n_h = 5
        T = 5
        t = 5
        sum = 3
        sum = 3
        h[t+1], h[t] = W
        grad(W).T[i, j] = W[i, j]
        grad(W) = a := 3
        grad(W) = W for t in T
        grad(W), b = ()
        """


def report(model: str, text: str) -> HandReport:
    return check_hand(derive.load(model), "\n".join(line.strip() for line in text.strip().splitlines()))


def verdicts(model: str, text: str) -> dict[str, str]:
    return {line.text: line.verdict for line in report(model, text).lines if line.verdict != "definition"}


@pytest.fixture
def undiagnosed(monkeypatch: pytest.MonkeyPatch) -> None:
    """For who asks for verdicts alone: no mistake is looked for."""
    monkeypatch.setattr(importlib.import_module("derive.check.hand.judge"), "diagnose", lambda *_: None)


@pytest.mark.parametrize("model", RIGHT)
def test_right_lines_of_any_form_are_right(model: str) -> None:
    found = report(model, RIGHT[model])
    assert [line.text for line in found.lines if line.verdict not in ("right", "definition")] == []
    assert found.exit_code == 0


@pytest.mark.parametrize("model", WRONG)
def test_wrong_lines_are_wrong_and_nothing_proves_them(model: str) -> None:
    text = "\n".join(line.strip() for line in WRONG[model].strip().splitlines())
    lines = [line for line in read_hand(text).lines if isinstance(line, HandLine)]
    derivation = Derivation(derive.load(model), lines)
    judged = [(claim, claim.right) for claim in derivation.claims if claim.right is not None]
    assert [c.line.text for c in derivation.claims if not c.is_wrong and c.right is None] == []
    assert len(judged) > 3
    assert [claim.line.text for claim, side in judged if derivation.is_right(claim, side)] == []
    assert [claim.line.text for claim, _ in judged if proves(derivation, claim)] == []


def test_unclear_lines_are_not_understood_and_say_why() -> None:
    found = report("vanilla", UNCLEAR)
    assert {line.text for line in found.lines if line.verdict != "not understood"} == set()
    assert all(line.fault for line in found.lines)
    assert len(found.lines) == len(UNCLEAR.strip().splitlines())
    assert found.exit_code == 2


@pytest.mark.usefixtures("undiagnosed")
def test_one_step_of_time_makes_no_wrong_line_right() -> None:
    """With T = 1 a sum over time is its one term, and the gradient that is carried is 0."""
    found = verdicts("vanilla", "grad(c) = grad(o[1])\ngrad(h[t]) = V.T @ grad(o[t])\ngrad(b) = grad(a[T])")
    assert set(found.values()) == {"wrong"}


def test_the_diagonal_on_the_wrong_side_is_a_matter_of_shapes_with_its_mend() -> None:
    line = "grad(h[t]) = W.T @ grad(h[t+1]) @ diag(1 - h[t+1]**2) + V.T @ grad(o[t]), t < T"
    (found,) = report("vanilla", line).lines
    assert found.verdict == "wrong"
    assert found.fault is not None and "column (n_h x 1)" in found.fault and "n_h x n_h" in found.fault
    assert found.correct == "grad(h[t]) = W.T @ diag(1 - h[t+1]**2) @ grad(h[t+1]) + V.T @ grad(o[t]), t < T"


def test_shapes_are_said_before_numbers() -> None:
    found = report("vanilla", "grad(h[T]) = V @ grad(o[T])\ngrad(U) = sum(grad(a[t]) @ x[t], t)\ngrad(W) = grad(b)")
    for line, words in zip(found.lines, ("n_h columns", "n_x entries", "n_h x n_h"), strict=True):
        assert line.verdict == "wrong" and line.fault is not None and words in line.fault


def test_each_line_is_judged_by_the_true_gradients() -> None:
    """A right line that rests on a wrong one is right."""
    found = report("vanilla", "grad(o[t]) = yhat[t]\ngrad(h[T]) = V.T @ grad(o[T])")
    assert [line.verdict for line in found.lines] == ["wrong", "right"]


@pytest.mark.usefixtures("undiagnosed")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("delta[t] = grad(a[t])\ngrad(b) = sum(delta[t], t)", ["definition", "right"]),
        ("delta[t] = grad(a[t])\ndelta[t] = (1 - h[t]**2) * grad(h[t])", ["definition", "right"]),
        ("delta[t] = grad(h[t])\ndelta[t] = (1 - h[t]**2) * grad(h[t])", ["definition", "wrong"]),
        ("delta[t, i] = (1 - h[t, i]**2) * grad(h[t, i])\ngrad(b) = sum(delta[t], t)", ["definition", "right"]),
        ("J[t] = diag(1 - h[t]**2) @ W\ngrad(h[t]) = J[t+1].T @ grad(h[t+1]) + V.T @ grad(o[t])",
         ["definition", "right"]),
        ("k = 2\ngrad(b) = k * sum(grad(a[t]) / 2, t)", ["definition", "right"]),
        (
            "d[T] = (1 - h[T]**2) * (V.T @ grad(o[T]))\nd[t] = (1 - h[t]**2) * (V.T @ grad(o[t]) + W.T @ d[t+1])\n"
            "d[t] = grad(a[t])\ngrad(b) = sum(d[t], t)\ngrad(b) = sum(d[t], (t, 2, T))",
            ["definition", "definition", "right", "right", "wrong"],
        ),
        ("e[T+1] = 0\ne[t] = V.T @ grad(o[t]) + W.T @ ((1 - h[t+1]**2) * e[t+1]), t < T\ne[T] = V.T @ grad(o[T])\n"
         "grad(h[t]) = e[t]", ["definition", "definition", "definition", "right"]),
        ("d[t] = d[t]\ngrad(b) = sum(d[t], t)", ["not understood", "not understood"]),
        ("d[t] = d[t] + grad(a[t])\ngrad(b) = sum(d[t], t)", ["not understood", "not understood"]),
        ("d[t] = d[t+1] + d[t-1] + grad(a[t])\ngrad(b) = d[1]", ["not understood", "not understood"]),
        ("d[t] = grad(foo[t])\ngrad(b) = sum(d[t], t)", ["not understood", "not understood"]),
        ("d[t] = grad(a[t])\ngrad(d[t]) = h[t]", ["definition", "not understood"]),
    ],
)  # fmt: skip
def test_names_of_ones_own(text: str, expected: list[str]) -> None:
    assert [line.verdict for line in report("vanilla", text).lines] == expected


@pytest.mark.usefixtures("undiagnosed")
def test_a_name_of_ones_own_may_read_itself_in_a_reduction() -> None:
    """The backward recursion of a random field, and its marginals: shapes follow as they do in a model."""
    text = """
        beta[T, i] = 0
        beta[t, i] = logsumexp(A[i, j] + e[t+1, j] + beta[t+1, j], j)
        grad(e[t, i]) = exp(alpha[t, i] + beta[t, i] - logsumexp(alpha[T])) - where(i == y[t], 1, 0)
    """
    assert [line.verdict for line in report("crf", text).lines] == ["definition", "definition", "right"]
    said = [line.fault for line in report("vanilla", "d[t] = d[t+1]\ne[t] = d[t] + e[t+1]").lines]
    assert said == [
        "the shape of d does not follow from its definition",
        "d is not defined as it should be, see line 1",
    ]


@pytest.mark.usefixtures("undiagnosed")
def test_a_gradient_of_0_may_be_divided_by_what_is_not_defined_there() -> None:
    text = """
        S[t] = f[t] + i[t]
        carried[t] = grad(h[t+1]) * f[t+1] / S[t+1]
        grad(h[t]) = V.T @ grad(s[t]) + grad(h[t+1]) * f[t+1] / S[t+1]
        grad(h[t]) = V.T @ grad(s[t]) + carried[t]
        grad(f[t]) = grad(h[t]) * (h[t-1] - h[t]) / S[t]
        grad(h[t]) = V.T @ grad(s[t]) + carried[t] + 1 / S[t+1]
    """
    expected = ["definition", "definition", "right", "right", "right", "wrong"]
    with np.errstate(all="raise"):
        assert [line.verdict for line in report("minlstm", text).lines] == expected


def test_a_line_for_every_step_leaves_out_the_end_that_another_line_is_about() -> None:
    text = "grad(h[T]) = V.T @ grad(o[T])\ngrad(h[t]) = W.T @ grad(a[t+1]) + V.T @ grad(o[t])"
    assert {line.word for line in report("vanilla", text).lines} == {"proved"}


def test_reading_a_step_that_is_not_there_is_wrong_where_it_matters() -> None:
    (found,) = report("vanilla", "grad(W) = sum(outer(grad(a[t]), h[t+1]), t)").lines
    assert found.verdict == "wrong"


def test_an_empty_file_claims_nothing() -> None:
    found = report("vanilla", "# model: vanilla")
    assert (found.verdict, found.exit_code, found.lines) == ("not understood", 2, ())
    assert str(found) == "vanilla: nothing is claimed here"


def test_the_report_for_a_program_and_for_a_notebook() -> None:
    found = report("vanilla", "d[t] = grad(a[t])\ngrad(b) = sum(d[t], t)\ngrad(b) = d[T]\ngrad(q) = 1")
    assert found.json()["verdict"] == "wrong" and found.json()["model"] == "vanilla"
    first, second, third = found.json()["lines"]
    assert first == {"line": 2, "of": "grad(b)", "verdict": "right", "proved": True, "fault": None, "correct": None}
    assert (second["line"], second["verdict"], second["proved"]) == (3, "wrong", False)
    assert third["verdict"] == "not understood" and "no variable q" in third["fault"]
    assert "<table>" in found._repr_html_() and "2" in found._repr_html_()
    assert "1 of 3 right" in str(found)


def test_hints_say_only_where() -> None:
    found = check_hand(derive.load("vanilla"), "grad(c) = grad(o[T])", hints=True)
    assert found.json()["lines"][0]["fault"] is None and found.json()["lines"][0]["correct"] is None
    assert "sum" not in str(found)


@pytest.mark.usefixtures("undiagnosed")
def test_no_number_passes_for_a_size() -> None:
    found = verdicts("vanilla", "grad(c) = sum(grad(o[t]), t) * n_h / 3\ngrad(c) = sum(grad(o[t]), t) / B")
    assert set(found.values()) == {"wrong"}


def test_a_literal_step_is_meant_where_the_sequence_has_it() -> None:
    text = """
        grad(h[T-2]) = W.T @ diag(1 - h[T-1]**2) @ grad(h[T-1]) + V.T @ grad(o[T-2])
        grad(h[2]) = W.T @ diag(1 - h[3]**2) @ grad(h[3]) + V.T @ grad(o[2])
        """
    assert {line.verdict for line in report("vanilla", text).lines} == {"right"}


def test_data_that_have_a_start_are_read_there() -> None:
    model = derive.parse(
        "x: Input[T, n_x]\ny: Label[T, n_y]\nE: Param[n_h, n_y]\nX: Param[n_h, n_x]\nV: Param[n_y, n_h]\n"
        "y[0] = 2\nx[0] = 0.5\nh[t] = tanh(E[:, y[t-1]] + X @ x[t-1])\no[t] = V @ h[t]\n"
        "loss = sum(-log(softmax(o[t])[y[t]]), t)"
    )
    lines = [
        "grad(E) = sum(outer((1 - h[t]**2) * grad(h[t]), onehot(y[t-1])), t)",
        "grad(X) = sum(outer((1 - h[t]**2) * grad(h[t]), x[t-1]), t)",
        "grad(E) = sum(outer((1 - h[t]**2) * grad(h[t]), onehot(y[t-1])), (t, 2, T))",
    ]
    assert [line.verdict for line in check_hand(model, "\n".join(lines)).lines] == ["right", "right", "wrong"]


def test_a_start_is_what_the_models_file_says_though_points_have_others() -> None:
    without = "grad(W) = sum(outer(grad(a[t]), h[t-1]), (t, 2, T))"
    found = report("vanilla", f"h[0] = 0\nh[0] = 0 * b\nh[0] = h[0]\nh[0] = 1\n{without}")
    assert [line.verdict for line in found.lines] == ["right", "right", "right", "wrong", "wrong"]
    assert found.lines[3].fault == "the model has h[0] = 0"


def test_what_rests_on_a_definition_that_is_not_understood_is_not_called_wrong() -> None:
    found = report("vanilla", "d[t] = dtanh(a[t]) * grad(h[t])\ngrad(W) = sum(d[t] * h[t-1].T, t)\ngrad(c) = d[t]")
    assert {line.verdict for line in found.lines} == {"not understood"}
    assert "see line 1" in str(found.lines[2].fault)


def test_the_table_is_short_and_what_stands_below_it_is_whole() -> None:
    fault = "this one has " + " and ".join(["2 * sum(grad(a[t]), t)"] * 9)
    found = HandReport("vanilla", (LineVerdict(1, "grad(b)", "wrong", fault=fault, text="grad(b) = 0"),))
    assert len(fault) > REASON
    table, _, details = str(found).partition("\n\n")
    assert fault not in table and fault in details and fault in found._repr_html_()


def test_names_and_functions_as_on_paper_are_mended() -> None:
    found = report("vanilla", "grad(h_T) = 0\ngrad(h[T]) = transpose(V) @ grad(o[T])")
    assert found.lines[0].hint == "write h[T]" and "W.T" in found.lines[1].hint
    starts = report("vanilla", "grad(h0) = W.T @ grad(a[1])\ngrad(W.T) = 0")
    assert [line.hint for line in starts.lines] == ["the start is h[0]", "write grad(W).T"]


@pytest.mark.usefixtures("undiagnosed")
def test_a_jacobian_is_along_the_whole_graph() -> None:
    (found,) = report("lstm", "jac(c[t+1], c[t]) = diag(f[t+1])").lines
    assert found.verdict == "wrong" and "every way" in found.hint


def test_what_spans_too_much_is_not_understood() -> None:
    names = [f"{chr(97 + n)}q" for n in range(20)]
    product = "*".join(f"W[{one}, {other}]" for one, other in pairwise(names))
    (found,) = check_hand(derive.load("vanilla"), f"grad(b[0]) = sum({product}, {', '.join(names)})").lines
    assert found.verdict == "not understood" and found.fault is not None and "too many indices" in found.fault
