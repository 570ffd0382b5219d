"""A line that is wrong through a definition: which definition is blamed, and what is said of it."""

from __future__ import annotations

import pytest

import derive
from derive.check.hand.result import LineVerdict
from tests.bank import some

# A derivation; the numbers of the definitions at fault; each as it should be.
CASES = {
    "one with one line that rests on it": (
        "vanilla",
        "delta[t] = (1 - h[t]) * grad(h[t])\ngrad(W) = sum(outer(delta[t], h[t-1]), t)",
        {1: "delta[t] = (1 - h[t]**2) * grad(h[t])"},
    ),
    "one that stands for another gradient": (
        "vanilla",
        "delta[t] = grad(h[t])\ngrad(W) = sum(outer(delta[t], h[t-1]), t)\ngrad(b) = sum(delta[t], t)",
        {1: "delta[t] = (1 - h[t]**2) * grad(h[t])"},
    ),
    "one that is only a variable": (
        "vanilla",
        "e[t] = yhat[t]\ngrad(c) = sum(e[t], t)",
        {1: "e[t] = yhat[t] - onehot(y[t])"},
    ),
    "a recursion": (
        "vanilla",
        "delta[t] = (1 - h[t]**2) * (V.T @ grad(o[t]) + W @ delta[t+1])\ngrad(b) = sum(delta[t], t)",
        {1: "delta[t] = (1 - h[t]**2) * (V.T @ grad(o[t]) + W.T @ delta[t+1])"},
    ),
    "the general step, where the last one is right": (
        "vanilla",
        "delta[T] = (1 - h[T]**2) * (V.T @ grad(o[T]))\n"
        "delta[t] = (1 - h[t]**2) * (V.T @ grad(o[t]) - W.T @ delta[t+1])\n"
        "grad(b) = sum(delta[t], t)",
        {2: "delta[t] = (1 - h[t]**2) * (V.T @ grad(o[t]) + W.T @ delta[t+1])"},
    ),
    "by entries": (
        "vanilla",
        "delta[t, i] = (1 - h[t, i]) * grad(h[t, i])\ngrad(b) = sum(delta[t], t)",
        {1: "delta[t, i] = (1 - h[t, i]**2) * grad(h[t, i])"},
    ),
    "a factor": (
        "vanilla",
        "s[t] = 1 - h[t]\ngrad(b) = sum(s[t] * grad(h[t]), t)",
        {1: "s[t] = 1 - h[t]**2"},
    ),
    "a Jacobian": (
        "vanilla",
        "J[t] = W @ diag(1 - h[t]**2)\ngrad(h[t]) = J[t+1].T @ grad(h[t+1]) + V.T @ grad(o[t]), t < T",
        {1: "J[t] = diag(1 - h[t]**2) @ W"},
    ),
    "the first of two that rest on each other": (
        "vanilla",
        "e[t] = yhat[t] + onehot(y[t])\n"
        "delta[t] = (1 - h[t]**2) * (V.T @ e[t] + W.T @ delta[t+1])\n"
        "grad(b) = sum(delta[t], t)\ngrad(W) = sum(outer(delta[t], h[t-1]), t)",
        {1: "e[t] = yhat[t] - onehot(y[t])"},
    ),
    "two apart, each with a line of its own": (
        "bidirectional",
        "p[t] = (1 - h[t]) * grad(h[t])\nq[t] = (1 + g[t]**2) * grad(g[t])\n"
        "grad(b_h) = sum(p[t], t)\ngrad(b_g) = sum(q[t], t)",
        {1: "p[t] = (1 - h[t]**2) * grad(h[t])", 2: "q[t] = (1 - g[t]**2) * grad(g[t])"},
    ),
    "the definition, and not the line that is wrong besides": (
        "vanilla",
        "delta[t] = (1 - h[t]) * grad(h[t])\ngrad(W) = sum(outer(delta[t], h[t]), t)\ngrad(b) = sum(delta[t], t)",
        {1: "delta[t] = (1 - h[t]**2) * grad(h[t])"},
    ),
}  # fmt: skip


def verdicts(model: str, text: str) -> list[LineVerdict]:
    return list(derive.load(model).check(text).lines)


@pytest.mark.parametrize("case", some(list(CASES), 3))
def test_the_definition_at_fault_is_blamed_and_mended(case: str) -> None:
    model, text, faulty = CASES[case]
    lines = verdicts(model, text)
    assert {line.line: line.correct for line in lines if line.verdict == "definition" and line.fault} == faulty
    claims = [line for line in lines if line.verdict != "definition"]
    assert {line.verdict for line in claims} == {"wrong"}
    assert all(line.fault is not None and "line" in line.fault for line in claims)


@pytest.mark.slow
def test_two_definitions_that_rest_on_each_other_are_both_blamed() -> None:
    lines = verdicts(
        "vanilla",
        "e[t] = yhat[t]\ndelta[t] = (1 - h[t]) * (V.T @ e[t] + W.T @ delta[t+1])\n"
        "grad(W) = sum(outer(delta[t], h[t-1]), t)",
    )
    assert [line.correct for line in lines[:2]] == [
        "e[t] = yhat[t] - onehot(y[t])",
        "delta[t] = (1 - h[t]**2) * (V.T @ e[t] + W.T @ delta[t+1])",
    ]


@pytest.mark.slow
def test_two_definitions_that_one_line_rests_on_are_both_blamed() -> None:
    lines = verdicts(
        "lstm",
        "da_f[t] = grad(c[t]) * c[t-1] * f[t] * (1 + f[t])\n"
        "da_i[t] = grad(c[t]) * g[t] * i[t] * i[t]\n"
        "da_g[t] = grad(c[t]) * i[t] * (1 - g[t]**2)\n"
        "da_o[t] = grad(h[t]) * tanh(c[t]) * o[t] * (1 - o[t])\n"
        "grad(h[t]) = U_i.T @ da_i[t+1] + U_f.T @ da_f[t+1] + U_o.T @ da_o[t+1] + U_g.T @ da_g[t+1] + V.T @ grad(s[t])",
    )
    assert [line.line for line in lines if line.fault] == [1, 2, 5]
    assert lines[0].correct == "da_f[t] = grad(c[t]) * c[t-1] * f[t] * (1 - f[t])"
    assert lines[0].fault is not None and "the gradient by b_f + W_f @ x[t] + U_f @ h[t-1]" in lines[0].fault
    assert lines[4].fault is not None and "line 1" in lines[4].fault and "line 2" in lines[4].fault


LSTM = """dh[t] = V.T @ e[t] + U_i.T @ di[t+1] + U_f.T @ df[t+1] + U_o.T @ do[t+1] + U_g.T @ dg[t+1]
dc[t] = dh[t] * o[t] * (1 - tanh(c[t])**2) + dc[t+1] * f[t+1]
di[t] = dc[t] * g[t] * i[t] * (1 - i[t])
df[t] = dc[t] * c[t-1] * f[t] * (1 - f[t])
do[t] = dh[t] * tanh(c[t]) * o[t] * (1 - o[t])
dg[t] = dc[t] * i[t] * (1 - g[t]**2)
e[t] = yhat[t] - onehot(y[t])
"""
TOLD_BY_LINES = (
    "grad(W_f) = sum(outer(df[t], x[t]), t)\ngrad(W_i) = sum(outer(di[t], x[t]), t)\n"
    "grad(U_o) = sum(outer(do[t], h[t-1]), t)"
)
TOLD_BY_DEFINITIONS = "grad(W_i) = sum(outer(di[t], x[t]), t)\ngrad(U_o) = sum(outer(do[t], h[t-1]), t)"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mistakes", "lines"),
    [
        ({"dc[t] * c[t-1]": "dc[t] * c[t]", "dh[t] * tanh(c[t])": "dh[t] * c[t]"}, TOLD_BY_LINES),
        ({"dc[t] * c[t-1]": "dc[t] * c[t]", "(1 - g[t]**2)": "(1 - g[t])"}, TOLD_BY_DEFINITIONS),
    ],
)
def test_definitions_that_all_rest_on_each_other_are_told_apart(mistakes: dict[str, str], lines: str) -> None:
    text = LSTM
    for right, wrong in mistakes.items():
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    right_lines = LSTM.splitlines()
    faulty = {n for n, row in enumerate(text.splitlines()) if row != right_lines[n]}
    found = verdicts("lstm", text + lines)
    blamed = {line.line - 1: line.correct for line in found if line.verdict == "definition" and line.fault}
    assert blamed == {n: right_lines[n] for n in faulty}
    assert {line.verdict for line in found if line.verdict != "definition"} == {"wrong"}


@pytest.mark.slow
def test_a_definition_with_many_mistakes_is_not_mended_by_itself() -> None:
    text = (
        "dh[t] = V.T @ grad(s[t]) + U_i.T @ di[t+1]\ndc[t] = dh[t] * (1 - c[t]**2) + dc[t+1]\n"
        "di[t] = dc[t] * g[t] * (1 - i[t])\ngrad(W_i) = sum(outer(di[t], x[t]), t)\ngrad(c[t]) = dc[t]"
    )
    found = verdicts("lstm", text)
    assert [line.line for line in found if line.fault] == [2, 3, 4, 5]
    assert not any((line.correct or "").endswith("= dc[t]") for line in found)


@pytest.mark.slow
def test_what_several_definitions_rest_on_is_blamed_and_not_they() -> None:
    text = (
        "dc[t] = o[t] * (1 - tanh(c[t])**2) * grad(h[t])\nda_f[t] = dc[t] * c[t-1] * f[t] * (1 - f[t])\n"
        "da_i[t] = dc[t] * g[t] * i[t] * (1 - i[t])\ngrad(b_f) = sum(da_f[t], t)\ngrad(b_i) = sum(da_i[t], t)"
    )
    found = verdicts("lstm", text)
    assert [line.line for line in found if line.verdict == "definition" and line.fault] == [1]
    assert found[0].correct == "dc[t] = o[t] * (1 - tanh(c[t])**2) * grad(h[t]) + f[t+1] * grad(c[t+1])"


def test_what_a_definition_has_to_answer_for_is_said_once() -> None:
    text = "delta[t] = (1 - h[t]) * grad(h[t])\ngrad(W) = sum(outer(delta[t], h[t-1]), t)\ngrad(b) = sum(delta[t], t)"
    said = str(derive.load("vanilla").check(text))
    assert said.count("it should be: delta[t] = (1 - h[t]**2) * grad(h[t])") == 1
    assert said.count("right but for line 1\n") == 2


@pytest.mark.slow
def test_what_rests_on_a_line_that_does_not_fit_is_not_blamed() -> None:
    text = "dh[t] = V @ grad(s[t]) + U_i.T @ di[t+1]\ndi[t] = dh[t] * g[t]\ngrad(b_i) = sum(di[t], t)"
    first, second, third = verdicts("lstm", text)
    assert (first.verdict, second.fault) == ("wrong", None)
    assert third.fault is not None and "line 1" in third.fault


@pytest.mark.parametrize(
    "text",
    [
        "delta[t] = (1 - h[t]**2) * grad(h[t])\ngrad(W) = sum(outer(delta[t], h[t]), t)",
        "delta[t] = (1 - h[t]**2) * grad(h[t])\n"
        "grad(W) = sum(outer(delta[t], h[t]), t)\ngrad(b) = sum(delta[t], (t, 2, T))",
        "dh[t] = grad(h[t])\ngrad(b) = sum(dh[t], t)\ngrad(h[t]) = dh[t]",
        "e[t] = onehot(y[t]) - yhat[t]\ngrad(c) = sum(e[t], t)",
    ],
)
def test_a_definition_that_stands_for_something_is_not_blamed_for_a_mistake_in_a_line(text: str) -> None:
    lines = verdicts("vanilla", text)
    assert not any(line.fault for line in lines if line.verdict == "definition")
    wrong = [line for line in lines if line.verdict == "wrong"]
    assert wrong and all(line.mistakes for line in wrong)


def test_a_line_with_a_mistake_of_its_own_says_both() -> None:
    text = "delta[t] = (1 - h[t]) * grad(h[t])\ngrad(W) = sum(outer(delta[t], h[t]), t)\ngrad(b) = sum(delta[t], t)"
    line = verdicts("vanilla", text)[1]
    assert line.fault == "at the wrong step: h[t-1], not h[t]; besides, the definition of delta in line 1 is wrong"
    assert line.correct == "grad(W) = sum(outer(delta[t], h[t-1]), t)"


def test_hints_say_where_in_the_definition_and_not_what() -> None:
    model = derive.load("vanilla")
    said = str(model.check("delta[t] = (1 - h[t]) * grad(h[t])\ngrad(b) = sum(delta[t], t)", hints=True))
    assert "1  delta[t]  definition  look again at 1 - h[t]" in said
    assert "h[t]**2" not in said


def test_in_latex_the_definition_is_said_in_latex() -> None:
    pytest.importorskip("lark")
    from derive.check.tex import check_tex

    text = (
        "\\begin{align}\n  \\delta_t &= (1 - h_t) \\odot \\nabla_{h_t} L \\\\\n"
        "  \\nabla_b L &= \\sum_{t=1}^{T} \\delta_t\n\\end{align}\n"
    )
    first, second = check_tex(derive.load("vanilla"), text).lines
    assert first.fault is not None and first.fault.startswith(r"\delta_{t} is meant to be \nabla_{")
    assert first.correct == second.correct == r"\delta_{t} = (1 - h_{t}^{2}) \odot \nabla_{h_{t}} L"
