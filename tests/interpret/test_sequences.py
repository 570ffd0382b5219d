"""The interpreter on recurrences from right to left, several sequences, a second index, grids and nodes.

Values against loops written by hand, derived gradients against complex steps.
"""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pytest
import sympy

from derive import functions as f
from derive import pipeline
from derive.calculus.adjoint import grad_name
from derive.check.sample import prime_sizes, sample
from derive.expressions import Axis, AxisKind, Index, Range, Ref, Sum, size_symbol
from derive.interpret import Interpreter, complex_step, evaluate
from derive.interpret.values import VALUES
from derive.system import Equation, Role, System, Variable

MODELS = {
    "right_to_left": """
        x: Input[T, n]
        W: Param[n, n]
        g[T+1] = 0
        g[t] = tanh(W @ g[t+1] + x[t])
        loss = sum(sum(g[t]**2), t)
    """,
    "attention": """
        x: Input[T, n]
        z: Input[S, n]
        W: Param[n, n]
        e[t, s] = dot(x[t], W @ z[s])
        a[t, s] = softmax(e[t, s], s)
        c[t] = sum(a[t, s] * z[s], s)
        loss = sum(sum(c[t]**2), t)
    """,
    "past": """
        x: Input[T]
        w: Param
        h[t] = tanh(x[t] + w * sum(h[t1], (t1, 1, t-1)))
        loss = sum(h[t]**2, t)
    """,
    "tree": """
        x: Input[K, n]
        left: Index[K, K]
        right: Index[K, K]
        L, R = Param[n, n]
        h[0] = 0
        h[k] = tanh(x[k] + L @ h[left[k]] + R @ h[right[k]])
        loss = sum(h[K]**2)
    """,
    "grid": """
        x: Input[T, S]
        a, b = Param
        d[0, 0] = 0
        d[0, s] = a
        d[t, 0] = b
        d[t, s] = tanh(x[t, s] + a * d[t-1, s] + b * d[t, s-1] + d[t-1, s-1])
        loss = d[T, S]
    """,
}


def model(name: str) -> pipeline.Model:
    return pipeline.parse(textwrap.dedent(MODELS[name]).strip() + "\n", name)


def case(name: str) -> tuple[System, dict[str, int], dict[str, Any]]:
    system = model(name).system
    sizes = prime_sizes(system)
    return system, sizes, sample(system, sizes)


def test_right_to_left() -> None:
    system, sizes, given = case("right_to_left")
    g = [given["g.T + 1"]]
    for x in given["x"][::-1]:
        g.insert(0, np.tanh(given["W"] @ g[0] + x))
    found = evaluate(system, sizes, given)["g"]
    assert found.first == (1, 0)
    np.testing.assert_allclose(found.array, g, rtol=1e-13)


def test_two_sequences() -> None:
    system, sizes, given = case("attention")
    e = given["x"] @ given["W"] @ given["z"].T
    a = np.exp(e) / np.exp(e).sum(1, keepdims=True)
    values = evaluate(system, sizes, given)
    np.testing.assert_allclose(values["a"].array, a, rtol=1e-13)
    np.testing.assert_allclose(values["c"].array, a @ given["z"], rtol=1e-12, atol=1e-14)


def test_a_bound_over_an_outer_index() -> None:
    system, sizes, given = case("past")
    h: list[float] = []
    for x in given["x"]:
        h.append(np.tanh(x + given["w"] * sum(h)))
    np.testing.assert_allclose(evaluate(system, sizes, given)["h"].array, h, rtol=1e-13)


def test_a_reduction_of_nothing() -> None:
    text = """
        x: Input[T]
        w: Param
        p[t] = max(w * x[t1], (t1, 1, t-1))
        q[t] = logsumexp(w * x[t1], (t1, t+1, T))
        r[t] = sum(softmax(w * x[t], (t1, 1, t-1)) * x[t1], (t1, 1, t-1))
        loss = sum(exp(p[t]) + exp(q[t]) + r[t], t)
    """
    x, w = np.array([1.0, -2.0, 3.0]), 0.5
    values = evaluate(pipeline.parse(textwrap.dedent(text)).system, {"T": 3}, {"x": x, "w": w})
    np.testing.assert_allclose(values["p"].array, [-np.inf, 0.5, 0.5])
    np.testing.assert_allclose(values["q"].array, [np.log(np.exp(-1) + np.exp(1.5)), 1.5, -np.inf])
    np.testing.assert_allclose(values["r"].array, [0.0, 1.0, -0.5])


def test_nodes_read_nodes_before_them() -> None:
    system, sizes, given = case("tree")
    h = [given["h.0"]]
    for x, left, right in zip(given["x"], given["left"], given["right"], strict=True):
        h.append(np.tanh(x + given["L"] @ h[left] + given["R"] @ h[right]))
    np.testing.assert_allclose(evaluate(system, sizes, given)["h"].array, h, rtol=1e-13)


def test_a_grid() -> None:
    system, sizes, given = case("grid")
    d = np.zeros((sizes["T"] + 1, sizes["S"] + 1))
    a, b = given["a"], given["b"]
    d[0, 1:], d[1:, 0] = a, b
    for t in range(1, sizes["T"] + 1):
        for s in range(1, sizes["S"] + 1):
            d[t, s] = np.tanh(given["x"][t - 1, s - 1] + a * d[t - 1, s] + b * d[t, s - 1] + d[t - 1, s - 1])
    np.testing.assert_allclose(evaluate(system, sizes, given)["d"].array, d, rtol=1e-13)


@pytest.mark.parametrize("name", MODELS)
def test_complex_steps_are_the_derived_gradient(name: str) -> None:
    system, sizes, given = case(name)
    inputs = [v.name for v in system.with_role(Role.PARAM, Role.INPUT, Role.START)]
    steps = complex_step(system, sizes, given, inputs=inputs)
    derived = evaluate(model(name).gradient().system, sizes, given, [grad_name(n) for n in inputs])
    for n in inputs:
        np.testing.assert_allclose(derived[grad_name(n)].array, steps[n], rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize(("name", "sizes"), [
    ("right_to_left", {"T": 300, "n": 1}), ("past", {"T": 300}), ("tree", {"K": 300, "n": 1}),
    ("grid", {"T": 300, "S": 3}),
])  # fmt: skip
def test_a_long_chain_needs_no_stack(name: str, sizes: dict[str, int]) -> None:
    system = model(name).system
    given = sample(system, sizes)
    if name == "tree":
        given["left"] = np.arange(300)
    assert np.isfinite(evaluate(system, sizes, given, ["loss"])["loss"].array)


def test_an_end_knows_no_index_inside_it() -> None:
    """It would be read before it has a value."""
    T = Axis(size_symbol("T"), AxisKind.SEQUENCE)
    t, t1 = Index("t", T), Index("t1", T)
    domain = (Range(t, sympy.Integer(1), t1 - 1), Range.whole(t1))
    inner = Sum(Ref("x", t), t1, sympy.Integer(1), t)
    for right, ranges in ((Ref("x", t), domain), (inner + t1, (Range.whole(t),))):
        equation = Equation("h", (t,), right, ranges)
        system = System("s", (Variable("x", Role.INPUT, (T,)), Variable("h", Role.VAR, (T,))), (equation,))
        with pytest.raises(AssertionError, match="t1 has no value here"):
            evaluate(system, {"T": 3}, {"x": np.ones(3)})


def test_a_sum_inside_another_is_added_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """`sum((x[i] - mean(x))**2)` would else cost the square of what it need."""
    calls = []
    monkeypatch.setitem(VALUES, "exp", lambda z: calls.append(1) or np.exp(z))
    n = Axis(size_symbol("n"))
    i, j = Index("i", n), Index("j", n)
    inner = Sum(f.exp(Ref("x", j)), j, n.first, n.last)
    total = Sum(Ref("x", i) * inner, i, n.first, n.last)
    variables = (Variable("x", Role.INPUT, (n,)), Variable("loss", Role.VAR))
    system = System("s", variables, (Equation("loss", (), total, ()),))
    interpreter = Interpreter(system, {"n": 5})
    for x in (np.arange(5.0), np.ones(5)):
        calls.clear()
        np.testing.assert_allclose(interpreter.evaluate({"x": x})["loss"].array, x.sum() * np.exp(x).sum())
        assert len(calls) == 5
