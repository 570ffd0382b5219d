"""The border of modules with several sequences, right to left, with nodes, and with steps that a file spells out."""

from __future__ import annotations

import textwrap
from functools import cache
from typing import Any

import numpy as np
import pytest

import derive.pipeline
from derive.emit.numpy.interface import least_lengths

RNG = np.random.default_rng(0)
MODELS = {
    "attention": """
        x: Input[T, n]
        z: Input[S, m]
        keep: Input[T, S]
        W: Param[n, m]
        e[t, s] = keep[t, s] * dot(x[t], W @ z[s])
        c[t] = sum(softmax(e[t, s], s) * z[s], s)
        loss = sum(sum(c[t]**2), t)
    """,
    "ends": """
        x: Input[T, n]
        W: Param[n, n]
        g[T+1] = 0
        g[T+2] = 1
        g[t] = tanh(W @ g[t+1] + g[t+2] / 2 + x[t])
        loss = sum(g[1]**2)
    """,
    "tree": """
        x: Input[K, n]
        left: Index[K, K]
        L: Param[n, n]
        h[0] = 0
        h[k] = tanh(x[k] + L @ h[left[k]])
        loss = sum(h[K]**2)
    """,
    "late": """
        x: Input[T]
        w: Param
        s[1] = x[1]
        s[2] = w * x[1]
        s[t] = w * s[t-1] + s[t-2] + x[t]
        loss = sum(s[t]**2, t)
    """,
    "unfolded": """
        x: Input[S, n]
        W: Param[n, n]
        h[0] = 0
        h[s] = tanh(x[s] + W @ h[s-1])
        d: Var[T, n]
        d[0] = h[S]
        d[t] = tanh(W @ d[t-1])
        loss = sum(sum(d[t]**2), t)
    """,
}


@cache
def module(name: str, style: str = "fast") -> Any:
    return derive.pipeline.parse(textwrap.dedent(MODELS[name]).strip() + "\n", name).compile(style)


def params(name: str, **sizes: int) -> Any:
    return module(name).init_params(np.random.default_rng(1), **sizes)


def refused(function: Any, *args: Any, **data: Any) -> str:
    with pytest.raises(ValueError) as caught:
        function(*args, **data)
    return str(caught.value)


def attention_data(**changes: Any) -> dict[str, Any]:
    shapes = {"x": (5, 3, 7), "z": (4, 3, 2), "keep": (5, 4, 3)}
    return {name: RNG.standard_normal(shape) for name, shape in shapes.items()} | changes


def test_sequences_come_in_the_order_of_the_left_side_then_the_batch() -> None:
    m, p = module("attention"), params("attention", n=7, m=2)
    data = attention_data()
    run = m.forward(p, **data)
    assert (run.e.shape, run.c.shape) == ((5, 4, 3), (5, 3, 2))
    _, _, asked = m.loss_and_grad(p, **data, wrt=("keep", "z"))
    assert (asked["keep"].shape, asked["z"].shape) == ((5, 4, 3), (4, 3, 2))
    single = m.forward(p, **{name: array[..., 1] if name == "keep" else array[:, 1] for name, array in data.items()})
    assert single.e.shape == (5, 4)
    np.testing.assert_allclose(single.c, run.c[:, 1], rtol=1e-13)
    assert "    e: np.ndarray  # (T, S, B)" in derive.pipeline.parse(textwrap.dedent(MODELS["attention"])).generate()


def test_each_length_is_told_by_its_array() -> None:
    m, p = module("attention"), params("attention", n=7, m=2)
    data = attention_data()
    text = "keep: shape (4, 5, 3), expected (T, S, B) = (5, 4, 3), T and B from x, S from z"
    assert refused(m.loss, p, **data | {"keep": data["keep"].swapaxes(0, 1)}) == text
    assert refused(m.loss, p, **data | {"z": data["z"][:, :2]}).endswith("B from x, m from W")


def test_a_batch_and_one_example_are_not_mixed() -> None:
    m, p = module("attention"), params("attention", n=7, m=2)
    data = attention_data()
    text = refused(m.loss, p, **data | {"z": data["z"][:, 0]})
    assert text == "z: shape (4, 2), expected (S, B, m), a batch as the data before it"
    one = {name: array[..., 0] if name == "keep" else array[:, 0] for name, array in data.items()}
    text = refused(m.loss, p, **one | {"z": data["z"]})
    assert text == "z: shape (4, 3, 2), expected (S, m), one example as the data before it"


def test_ends_are_given_in_the_order_of_steps() -> None:
    m, p = module("ends"), params("ends", n=2)
    x, end = RNG.standard_normal((5, 3, 2)), RNG.standard_normal((2, 3, 2))
    run = m.forward(p, x=x, g_end=end)
    assert run.g.shape == (7, 3, 2)
    np.testing.assert_array_equal(run.g[5:], end)
    np.testing.assert_array_equal(m.forward(p, x=x).g[5:], [np.zeros((3, 2)), np.ones((3, 2))])
    _, _, asked = m.loss_and_grad(p, x=x, g_end=end, wrt="g_end")
    assert asked["g_end"].shape == (2, 3, 2)
    one = m.loss_and_grad(p, x=x[:, 1], g_end=end[:, 1], wrt="g_end")[2]["g_end"]
    np.testing.assert_allclose(one, asked["g_end"][:, 1], rtol=1e-12, atol=1e-15)
    text = "g_end: shape (3, 2), expected (2, B, n) = (2, 3, 2), B from x, n from W"
    assert refused(m.forward, p, x=x, g_end=end[0]) == text
    table = m.forward.__doc__
    assert "g[T + 1], g[T + 2], in the order of steps; 0, 1 where not given" in table


def test_a_node_that_points_at_itself_or_ahead_is_refused() -> None:
    m, p = module("tree"), params("tree", n=2)
    x = RNG.standard_normal((4, 3, 2))
    left = np.array([[0, 0, 0], [1, 0, 1], [2, 2, 1], [3, 0, 1]])
    assert np.isfinite(m.loss(p, x=x, left=left))
    for value, why in ((3, "it points at itself or ahead"), (4, "it points at itself or ahead"),
                       (-1, "it points at no node")):  # fmt: skip
        wrong = left.copy()
        wrong[2, 1] = value
        text = f"left: {value} at (2, 1), node 3, expected 0..2, 0 for none: {why}"
        assert refused(m.loss_and_grad, p, x=x, left=wrong) == text
        one = f"left: {value} at (2,), node 3, expected 0..2, 0 for none: {why}"
        assert refused(m.loss, p, x=x[:, 1], left=wrong[:, 1]) == one
    text = "left: dtype float64, expected integers, as left.astype(int) gives them"
    assert refused(m.loss, p, x=x, left=left / 2) == text
    assert "0..k-1 at node k" in m.loss.__doc__


def test_a_sequence_has_the_steps_that_the_file_spells_out() -> None:
    m, p = module("late"), module("late").Params(np.array(0.5))
    assert m.loss(p, x=np.array([1.0, 2.0])) == 1.25
    text = "T: 1, expected at least 2 steps, for the model has s[2]"
    assert refused(m.loss, p, x=np.ones(1)) == refused(m.forward, p, x=np.ones((1, 3))) == text
    system = derive.pipeline.parse("x: Input[T]\ng[T-1] = x[T]\ng[T] = 0\ng[t] = g[t+2] + x[t]\nloss = g[1]\n").system
    assert least_lengths(system) == {"T": (2, "g[T-1]")}


def test_a_length_that_no_array_tells_is_asked_for() -> None:
    m, p = module("unfolded"), params("unfolded", n=2)
    x = RNG.standard_normal((4, 3, 2))
    assert m.forward(p, x=x, T=6).d.shape == (7, 3, 2)
    value, _, asked = m.loss_and_grad(p, x=x, T=6, wrt="x")
    assert value == m.loss(p, x=x, T=6) and asked["x"].shape == x.shape
    assert refused(m.loss, p, x=x, T=0) == "T: 0, expected a whole number >= 1"
