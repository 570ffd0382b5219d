"""Expressions are printed as they bind: random ones, in both styles, against the interpreter."""

from __future__ import annotations

import random

import numpy as np
import pytest
import sympy

from derive import pipeline
from derive.emit.numpy.spelling import ATOM, PRODUCT, SUM, Spelled, number
from derive.interpret import evaluate

NAMES = ("x[t]", "z[t]", "u", "lam", "0.5", "3", "t", "n")


def expression(rng: random.Random, depth: int) -> str:
    """A random expression that is defined for all values."""
    if depth == 0:
        return rng.choice(NAMES)
    a, b, c = (expression(rng, depth - 1) for _ in range(3))
    return rng.choice(
        [
            f"({a} + {b})", f"({a} - {b})", f"(-{a})", f"{a} * {b}", f"({a} - ({b} - {c}))", f"{a} / (1 + ({b})**2)",
            f"-({a})**2", f"(1 + ({a})**2)**0.5", f"(1 + ({a})**2)**(-1.5)", f"tanh({a})", f"{a} * (-{b})",
            f"where({a} < {b}, {a}, {c})", f"maximum({a}, -{b})", f"exp(-({a})**2)", f"sigmoid({a} * {b})",
            f"where({a} <= {b}, 1, 0) * {c}", f"relu({a} - {b})", f"2**-1 * {a}", f"softplus({a}) - {b}",
        ]
    )  # fmt: skip


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2, 3))])
def test_random_expressions(seed: int) -> None:
    rng = random.Random(seed)
    rows = [f"v{k}[t] = x[t] * 0 + {expression(rng, 3)}" for k in range(12)]
    names = " + ".join(f"sum(v{k}[t])" for k in range(12))
    text = "x, z = Input[T, n]\nu: Param[n]\nlam: Const = 0.3\n" + "\n".join(rows) + f"\nloss = sum({names}, t)\n"
    model = pipeline.parse(text)
    draw = np.random.default_rng(seed)
    given = {"x": draw.standard_normal((3, 2)), "z": draw.standard_normal((3, 2)), "u": draw.standard_normal(2)}
    values = evaluate(model.system, {"T": 3, "n": 2}, given)
    data = {name: given[name] for name in ("x", "z")}
    for style in pipeline.STYLES:
        module = model.compile(style)
        params = module.Params(**{name: given[name] for name in module.Params._fields})
        forward = module.forward(params, **{n: a for n, a in data.items() if n in _keywords(module.forward)})
        for k in range(12):
            found, wanted = getattr(forward, f"v{k}"), values[f"v{k}"].array
            np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-13, err_msg=f"{style}: {rows[k]}")


def _keywords(function: object) -> set[str]:
    import inspect

    return set(inspect.signature(function).parameters)  # type: ignore[arg-type]


def test_numbers_are_exact() -> None:
    values = [sympy.Rational(1, 3), sympy.Rational(1, 10), sympy.pi, sympy.Integer(10) ** 20, -sympy.oo]
    texts = [number(value).text for value in values]
    assert [eval(text, {"np": np}) for text in texts] == [1 / 3, 0.1, np.pi, 1e20, -np.inf]


def test_parentheses_stand_where_they_must() -> None:
    total, atom = Spelled("a + b", SUM), Spelled("a", ATOM)
    assert (total.within(PRODUCT), atom.within(PRODUCT), total.within(SUM)) == ("(a + b)", "a", "a + b")


def test_float32_stays_float32() -> None:
    """No literal, size or condition widens an array."""
    text = "x: Input[T, n]\nw: Param[n]\na[t] = where(x[t] < 0.5, 1, 0) * w / 3 + t / T * sqrt(n) * 0.1 + x[t] * pi\n"
    text += "p[t] = where(x[t] > 0, exp(n * 0.1) * x[t], x[t])\n"
    text += "q = exp(n * 0.1) * w / sqrt(n) * n**0.5 * where(n < 4, 2, 3)\nr = sqrt(n) + 1 / T\n"
    text += "loss = sum(sum(where(x[t] > 0, a[t], 0)) + sum(p[t]), t) + sum(where(w < 0, 1, 2) * q) * r / sqrt(T)\n"
    model = pipeline.parse(text)
    for style in pipeline.STYLES:
        module = model.compile(style)
        params = module.Params(w=np.ones(3, np.float32))
        x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)
        forward = module.forward(params, x=x)
        assert {forward.a.dtype, forward.p.dtype, forward.q.dtype, forward.r.dtype} == {np.dtype(np.float32)}
        _, gradient, more = module.loss_and_grad(params, x=x, wrt=("x",))
        assert gradient.w.dtype == more["x"].dtype == np.float32


@pytest.mark.parametrize("style", pipeline.STYLES)
def test_conditions_count_as_numbers(style: str) -> None:
    text = """x: Input[T, n]
v: Param[n]
z[t, i] = -where(x[t, i] > 0.1, 1, 0) * (x[t, i] + v[i])
u[t, i] = -where(x[t, i] > 0.1, 1, 0) / (4 + v[i]**2)
q[t, i] = where(x[t, i] > 0.1, 1, 0) * where(x[t, i] < 2, 1, 0) * where(t > 2, 1, 0)
loss = sum(sum(z[t]**2 + u[t] + q[t] * v), t)
"""
    x, v = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32), np.ones(3, np.float32)
    module = pipeline.parse(text).compile(style)
    run = module.forward(module.Params(v=v), x=x)
    late = np.arange(1, 6)[:, None] > 2
    np.testing.assert_allclose(run.z, np.where(x > 0.1, -x - 1, 0), rtol=1e-6)
    np.testing.assert_allclose(run.u, np.where(x > 0.1, -0.2, 0), rtol=1e-6)
    np.testing.assert_array_equal(run.q, (x > 0.1) & (x < 2) & late)
    assert {run.z.dtype, run.u.dtype, run.q.dtype} == {np.dtype(np.float32)}
