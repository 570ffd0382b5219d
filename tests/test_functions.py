"""The table of functions: on both sides of every kink and on it, what derive differentiates is what it computes."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import sympy

from derive import functions as f
from derive import pipeline
from derive.interpret import complex_step, evaluate
from derive.interpret.values import VALUES

POINTS = (-3.4, -1.6, -0.7, -0.02, 0.03, 0.8, 1.3, 3.7)
OF_NUMBERS = ("less", "less_equal", "equal", "same_window", "where")  # constant or linear, whatever the point
SMOOTH = sorted(name for name in f.TABLE if name not in OF_NUMBERS)


def slope(name: str, position: int, values: tuple[float, ...]) -> float:
    """A partial derivative by the table, evaluated by the interpreter's functions."""
    symbols = sympy.symbols(f"u:{len(values)}", real=True)
    return float(_value(f.TABLE[name](*symbols).fdiff(position + 1), dict(zip(symbols, values, strict=True))))


def _value(expression: Any, at: dict[Any, float]) -> Any:
    if expression in at:
        return np.float64(at[expression])
    if not expression.args:
        return np.float64(float(expression))
    inside = [_value(argument, at) for argument in expression.args]
    if isinstance(expression, f.Elementwise):
        return VALUES[expression.row.name](*inside)
    if isinstance(expression, sympy.Pow):
        return inside[0] ** inside[1]
    return sum(inside[1:], inside[0]) if isinstance(expression, sympy.Add) else math.prod(inside)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_derivative_is_that_of_the_value_on_both_sides(name: str) -> None:
    row = f.TABLE[name].row
    points = [p for p in POINTS if row.domain[0] <= p <= row.domain[1] or row.domain == (-2.0, 2.0)]
    for values in itertools.product(points, repeat=row.arity):
        if row.decides is not None and row.decides(*values) in row.kinks:
            continue
        for position in range(row.arity):
            moved = [np.complex128(v) for v in values]
            moved[position] += 1e-30j
            with np.errstate(all="ignore"):
                exact = float(np.imag(VALUES[name](*moved)) / 1e-30)
            assert slope(name, position, values) == pytest.approx(exact, rel=1e-12, abs=1e-14), (values, position)


VALUE = {
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "abs": abs, "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "tanh": math.tanh, "erf": math.erf,
    "sign": lambda x: math.copysign(1, x),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "softplus": lambda x: math.log(1 + math.exp(x)),
    "relu": lambda x: max(x, 0),
    "leaky_relu": lambda x, a: x if x > 0 else a * x,
    "elu": lambda x: x if x > 0 else math.exp(x) - 1,
    "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    "silu": lambda x: x / (1 + math.exp(-x)),
    "hardtanh": lambda x: min(max(x, -1), 1),
    "hardsigmoid": lambda x: min(max(x + 3, 0), 6) / 6,
    "maximum": max, "minimum": min, "power": pow,
}  # fmt: skip


@pytest.mark.parametrize("name", SMOOTH)
def test_the_interpreters_value_is_the_definition(name: str) -> None:
    row = f.TABLE[name].row
    points = [p for p in POINTS if p > 0 or row.domain[0] < 0]
    for values in itertools.product(points, repeat=row.arity):
        assert float(VALUES[name](*values)) == pytest.approx(VALUE[name](*values), rel=1e-13), values


@pytest.mark.parametrize(
    ("name", "at", "slopes"),
    [
        ("relu", (0.0,), (0.0,)),
        ("leaky_relu", (0.0, 0.3), (0.3, 0.0)),
        ("elu", (0.0,), (1.0,)),
        ("abs", (0.0,), (0.0,)),
        ("sign", (0.0,), (0.0,)),
        ("hardtanh", (-1.0,), (0.0,)),
        ("hardtanh", (1.0,), (0.0,)),
        ("hardsigmoid", (-3.0,), (0.0,)),
        ("hardsigmoid", (3.0,), (0.0,)),
        ("maximum", (0.4, 0.4), (0.5, 0.5)),
        ("minimum", (0.4, 0.4), (0.5, 0.5)),
    ],
)
def test_the_derivative_at_a_kink_is_pytorchs(name: str, at: tuple[float, ...], slopes: tuple[float, ...]) -> None:
    assert tuple(slope(name, position, at) for position in range(len(at))) == slopes


def test_every_jump_of_a_derivative_is_listed_as_a_kink() -> None:
    """A sample keeps away from what is listed: there finite differences are no derivative."""
    grid = [k / 4 for k in range(-16, 17)]
    for name in SMOOTH:
        row = f.TABLE[name].row
        if row.arity > 1 or row.domain != (-2.0, 2.0) or name in ("exp", "erf"):
            continue
        jumps = {p for p in grid if abs(slope(name, 0, (p - 1e-6,)) - slope(name, 0, (p + 1e-6,))) > 1e-3}
        jumps |= {p for p in grid if abs(VALUES[name](p - 1e-9) - VALUES[name](p + 1e-9)) > 1e-3}
        assert jumps == set(row.kinks), name


def test_comparisons_are_the_same_in_numpy_and_in_the_interpreter_where_both_are_equal() -> None:
    text = "a, b = Param[n]\np: Const[n] = 2\n"
    text += "u = where(a < b, 1, 0) * a\nv = where(a <= b, 1, 0) * a\nw = where(a == b, 1, 0) * a\n"
    text += "m = maximum(a, b) + minimum(a, b) * 3\nloss = sum((u + 2 * v + 4 * w + 8 * m) * p)\n"
    model = pipeline.parse(text)
    given = {"a": np.array([1.0, 2.0, 3.0]), "b": np.array([2.0, 2.0, 2.0])}
    values = evaluate(model.system, {"n": 3}, given)
    # Twice: of a 1 + 2 + 8*3 below b, 2 + 4 + 8*2 at b (half of a maximum and of a minimum), 8 above.
    gradient = {"a": np.array([54.0, 44.0, 16.0]), "b": np.array([16.0, 32.0, 48.0])}
    for style in pipeline.STYLES:
        module = model.compile(style)
        loss, found = module.loss_and_grad(module.Params(**given))
        assert loss == values["loss"].array
        for name, wanted in gradient.items():
            np.testing.assert_array_equal(getattr(found, name), wanted, err_msg=f"{style} {name}")
    one_side = {name: array + (0.5 if name == "a" else 0.0) for name, array in given.items()}
    exact = complex_step(model.system, {"n": 3}, one_side, inputs=["a", "b"])
    for name, array in zip("ab", module.loss_and_grad(module.Params(**one_side))[1], strict=True):
        np.testing.assert_allclose(array, exact[name], rtol=1e-14)
