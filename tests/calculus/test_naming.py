"""Nested work gets a name once, in a number of equations that grows with the model and no faster."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import sympy

from derive.calculus.derivation import differentiate, prepare
from derive.calculus.naming import name_arguments, name_nested, nonlinear
from derive.expressions import Ref, Sum, refs
from derive.interpret import evaluate
from derive.language import read
from derive.system import Reduction, System

MODEL = """
x: Input[T, n]
W, U: Param[n, n]
b: Param[n]
h[0] = 0
h[t] = sigmoid(tanh(W @ h[t-1] + b) * (U @ x[t])) + tanh(W @ h[t-1] + b)
loss = sum(sum(exp(-h[t]**2) * (U @ h[t])), t)
""".replace("W, U: Param", "W, U = Param")


def named(text: str) -> System:
    return name_nested(read(text))


def test_naming_twice_changes_nothing() -> None:
    once = named(MODEL)
    assert name_nested(once) is once


def test_a_right_side_is_one_function_or_a_sum_of_products() -> None:
    for equation in named(MODEL).equations:
        inner = equation.right.args if nonlinear(equation.right) else [equation.right]
        assert not [n for part in inner for n in sympy.preorder_traversal(part) if nonlinear(n)], str(equation)


def test_a_sum_contracts_at_most_two_variables() -> None:
    text = "x: Input[T, n]\nu: Input[T, m]\nW: Param[k, n, m]\n"
    text += "a[t, i] = sum(W[i, j, l] * x[t, j] * u[t, l], j, l)\nloss = sum(sum(a[t]), t)\n"
    for equation in named(text).equations:
        for node in sympy.preorder_traversal(equation.right):
            if isinstance(node, Sum):
                assert len(set(refs(node.body))) <= 2, str(equation)


def test_what_is_the_same_is_named_once() -> None:
    repeated = [e for e in named(MODEL).equations if str(e.right).startswith("tanh(h.arg")]
    assert len(repeated) == 1


def test_the_same_over_another_range_has_another_name() -> None:
    text = "x: Input[T]\nw: Param\n"
    text += "u = sum(exp(x[t]) * w, (t, 1, T-1))\nv = sum(exp(x[t]) * w, t)\nloss = u * v\n"
    given = {"x": np.array([0.1, 0.2, 0.3]), "w": np.array(2.0)}
    found = evaluate(named(text), {"T": 3}, given, ["u", "v"])
    assert found["u"].array == pytest.approx(2 * np.exp([0.1, 0.2]).sum())
    assert found["v"].array == pytest.approx(2 * np.exp([0.1, 0.2, 0.3]).sum())


def deep(layers: int) -> str:
    inner = "x[t]"
    for _ in range(layers):
        inner = f"tanh(W @ {inner})"
    return f"x: Input[T, n]\nW: Param[n, n]\nh[t] = {inner}\nloss = sum(sum(h[t]), t)\n"


def test_the_gradient_grows_linearly_with_depth() -> None:
    sizes = [len(differentiate(prepare(read(deep(layers)))).system.equations) for layers in (5, 10, 20, 40)]
    growth = [b - a for a, b in pairwise(sizes)]
    assert growth[1] == 2 * growth[0] and growth[2] == 4 * growth[0]


def test_a_branch_that_is_not_taken_is_not_computed_by_itself() -> None:
    text = "x: Input[n]\na[i] = where(x[i] > 0, log(x[i]), 0)\nloss = sum(a)\n"
    assert len(named(text).equations) == len(read(text).equations)


def test_reductions_keep_a_plain_argument() -> None:
    system = prepare(read("x: Input[n]\nW: Param[n, n]\nloss = max(W @ x) + logsumexp(x * 2)\n")).system
    for equation in system.equations:
        if equation.reduction is not Reduction.SUM:
            assert isinstance(equation.right, Ref)


@pytest.mark.parametrize("loss", ["sum(p)", "-sum(log(p))"])
def test_arguments_are_named_early_where_a_logarithm_is_taken(loss: str) -> None:
    system = read(f"x: Input[n]\nW: Param[n, n]\np = sigmoid(W @ x)\nloss = {loss}\n")
    after = name_arguments(system)
    assert (after is system) == ("log" not in loss)
    assert ("p.arg" in after.by_name) == ("log" in loss)
