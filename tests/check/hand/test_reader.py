"""Hand derivations as text: statements, continuations, conditions, and what is no statement."""

from __future__ import annotations

import ast

import pytest

from derive.check.hand.lines import HandLine, Unread
from derive.check.hand.reader import read_hand
from derive.check.hand.size import bounded


def lines(text: str) -> list[HandLine]:
    found = read_hand(text).lines
    assert all(isinstance(line, HandLine) for line in found), found
    return [line for line in found if isinstance(line, HandLine)]


def said(line: HandLine) -> tuple[int, str, str, list[str]]:
    return line.number, ast.unparse(line.left), ast.unparse(line.right), [ast.unparse(c) for c in line.conditions]


def test_a_statement_is_two_sides_and_conditions() -> None:
    (line,) = lines("grad(h[t]) = W.T @ grad(a[t+1]), 2 <= t < T, t != 3  # why")
    assert said(line) == (1, "grad(h[t])", "W.T @ grad(a[t + 1])", ["2 <= t < T", "t != 3"])


def test_docstrings_comments_and_blank_lines_say_nothing() -> None:
    text = '"""A = B\n\nC = D"""\n# model: lstm\n\ngrad(b) = c  # = d\n'
    assert [said(line)[:3] for line in lines(text)] == [(6, "grad(b)", "c")]
    assert read_hand(text).model == "lstm"


def test_keyword_arguments_and_comparisons_hold_no_equals_sign_of_the_statement() -> None:
    (line,) = lines("grad(v[s], of=l[t]) = where(i == j, 1, 0), t == T")
    assert said(line) == (1, "grad(v[s], of=l[t])", "where(i == j, 1, 0)", ["t == T"])


def test_brackets_operators_and_equals_signs_go_on_with_a_statement() -> None:
    text = "grad(b) = (c +  # one\n  d)\ngrad(c) = e\n  + f\n  = g\nd = 1"
    found = [(n, left, right) for n, left, right, _ in map(said, lines(text))]
    assert found == [(1, "grad(b)", "c + d"), (3, "grad(c)", "e + f"), (5, "grad(c)", "g"), (6, "d", "1")]


def test_nodes_are_at_their_places_in_the_file() -> None:
    (line,) = lines("\n\ngrad(b) = (c +\n   delta)")
    names = {node.id: line.source.place(node) for node in ast.walk(line.right) if isinstance(node, ast.Name)}
    assert (names["c"].line, names["c"].column) == (3, 12)
    assert (names["delta"].line, names["delta"].column, names["delta"].width) == (4, 4, 5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("grad(W) = (3", "never closed"),
        ("grad(W) = 3)", "never opened"),
        ("grad(W)", "claims nothing"),
        ("grad(W) == 3", "claims nothing"),
        ("grad(W) =", "claims nothing"),
        ("grad(W) = a b", "cannot be read"),
        ("grad(W) = import os", "cannot be read"),
        ("grad(W) = a, t", "no condition"),
        ("grad(W) = ...", "filled in"),
        ("\0", "null character"),
        ("grad(W) = " + "(" * 200 + "1" + ")" * 200, "nested"),
        ("grad(W) = " + "+".join("1" * 5000), "too many parts"),
        ("grad(W) += 1", "what is added"),
        ("a = 1\n" * 1000, "500"),
        ("def f(z): return 1 - tanh(z)**2", "helper functions"),
        ("def f(z, s=1):\n    u = tanh(z)\n    return 1 - u**2\n", "helper functions"),
        ("x: Input[T, n_x]", "declarations"),
        ("grad(c) = 1; grad(b) = 2", "two statements"),
    ],
)
def test_what_is_no_statement_says_why(text: str, message: str) -> None:
    (line,) = [line for line in read_hand(text).lines if isinstance(line, Unread)]
    assert message in line.fault.message
    assert line.number == 1


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("grad(W) = W^T grad(a[t+1])", "the transpose is W.T"),
        ("grad(W') = 1", "the transpose is W.T"),
        ("grad(a[t]) = 1 - h[t]²", "a power is h[t]**2"),
        ("grad(c) = Σ grad(o[t])", "write sum(..., t)"),
        ("grad(h[t]) = W if t < T", "behind a comma"),
        ("grad(o[t]) = yhat[t] - 1{y[t]}", "onehot(y[t])"),
        ("grad(c) == sum(grad(o[t]), t)", "the sign is ="),
        ("grad(h[t]) = W, for t < T", "behind a comma"),
    ],
)
def test_slips_of_the_pen_are_mended(text: str, hint: str) -> None:
    (line,) = read_hand(text).lines
    assert isinstance(line, Unread) and hint in line.fault.hint


def test_an_open_bracket_costs_its_own_line_alone() -> None:
    first, second = read_hand("grad(W) = outer(a, b\ngrad(b) = c").lines
    assert isinstance(first, Unread)
    assert isinstance(second, HandLine) and said(second)[:3] == (2, "grad(b)", "c")


@pytest.mark.parametrize("right", ["+".join("1" * 500), "tanh(" * 60 + "W" + ")" * 60])
def test_a_line_is_of_a_size_that_people_write(right: str) -> None:
    (line,) = map(bounded, read_hand(f"grad(W) = {right}").lines)
    assert isinstance(line, Unread) and "deep, or a chain of more than" in line.fault.message
