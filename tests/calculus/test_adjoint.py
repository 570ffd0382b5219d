"""The rule of differentiation: its equations, what they mean, and that a wrong one would be caught."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import sympy

from derive.calculus.adjoint import adjoint, grad_name
from derive.calculus.derivation import prepare
from derive.check.sample import sample
from derive.errors import DeriveError
from derive.expressions import Ref, Sum, refs
from derive.interpret import complex_step, evaluate
from derive.language import read
from derive.system import Equation, Role, System

MODEL = """
x: Input[T, n]
y: Label[T, m]
W: Param[n, n]
V: Param[m, n]
s: Param
h[0] = 0
h[t] = tanh(W @ h[t-1] + x[t])
loss = sum(logsumexp(V @ h[t]) - (V @ h[t])[y[t]], t) + max(s * h[T])
"""
SIZES = {"T": 4, "n": 3, "m": 2}


def texts(text: str, name: str) -> list[str]:
    """The equations of a gradient, as the rule makes them."""
    return [str(e) for e in adjoint(prepare(read(text)).system).defining.get(grad_name(name), ())]


def test_the_gradient_is_added_where_it_was_read() -> None:
    text = "x: Input[T]\nw: Param\na[t] = w * x[t]\nloss = sum(a[t] * a[t-1], (t, 2, T))\n"
    assert texts(text, "a") == [
        "grad(a)[t - 1] += grad(loss)*a[t]   [t = 2..T]",
        "grad(a)[t] += grad(loss)*a[t - 1]   [t = 2..T]",
    ]


def test_a_summed_index_joins_the_domain() -> None:
    text = "x: Input[n]\nW: Param[m, n]\na[i] = sum(W[i, j] * x[j], j)\nloss = sum(a)\n"
    assert texts(text, "W") == ["grad(W)[i, j] += grad(a)[i]*x[j]   [i = 0..m - 1; j = 0..n - 1]"]
    assert texts(text, "x") == ["grad(x)[j] += grad(a)[i]*W[i, j]   [i = 0..m - 1; j = 0..n - 1]"]


def test_a_look_up_stays_on_the_left() -> None:
    text = "y: Label[T, n]\nE: Param[n]\nloss = sum(E[y[t]]**2, t)\n"
    assert texts(text, "E") == ["grad(E)[y[t]] += 2*grad(loss)*E[y[t]]   [t = 1..T]"]


def test_one_variable_read_twice_gets_two_terms() -> None:
    text = "w: Param[n]\nx: Input[n]\nloss = sum(w[i] * w[0] * x[i], i)\n"
    assert len(texts(text, "w")) == 2


def test_labels_targets_and_constants_have_no_gradient() -> None:
    text = "x: Input[T]\ny: Target[T]\nk: Const = 2\nloss = sum((x[t] - y[t])**2 * k, t)\n"
    system = adjoint(prepare(read(text)).system)
    assert [v.name for v in system.with_role(Role.GRAD)] == ["grad(loss)", "grad(x)"]


def test_a_parameter_that_nothing_reads_has_a_gradient_without_equations() -> None:
    text = "x: Input[n]\nW, Z = Param[n]\nloss = sum(W * x)\n"
    system = adjoint(prepare(read(text)).system)
    assert "grad(Z)" in system.by_name
    assert texts(text, "Z") == []


def test_a_loss_of_nothing_is_refused() -> None:
    with pytest.raises(DeriveError, match="its gradient is zero everywhere"):
        adjoint(read("y: Target[T]\nloss = sum(y[t]**2, t)\n"))


def test_a_tie_of_a_maximum_is_shared() -> None:
    system = adjoint(prepare(read("x: Input[n]\nloss = max(x)\n")).system)
    given = {"x": np.array([2.0, 5.0, 5.0, 1.0])}
    found = evaluate(system, {"n": 4}, given, ["grad(x)"])["grad(x)"].array
    np.testing.assert_array_equal(found, [0, 0.5, 0.5, 0])


def worst(gradient: System, model: System) -> float:
    """The greatest difference between a gradient and complex steps."""
    given = sample(model, SIZES, seed=1)
    names = [v.name for v in model.with_role(Role.PARAM, Role.INPUT, Role.START)]
    truth = complex_step(model, SIZES, given, inputs=names)
    found = evaluate(gradient, SIZES, given, map(grad_name, names))
    return max(float(np.max(np.abs(found[grad_name(n)].array - truth[n]))) for n in names)


def test_the_gradient_is_exact() -> None:
    model = read(MODEL)
    assert worst(adjoint(prepare(model).system), model) < 1e-13


def _wrong_sign(e: Equation) -> Equation:
    return replace(e, right=-e.right)


def _wrong_factor(e: Equation) -> Equation:
    return replace(e, right=2 * e.right)


def _wrong_lag(e: Equation) -> Equation | None:
    """A state of the step before, where the domain begins late enough to have one."""
    read_ = next((r for r in refs(e.right) if r.name == "h" and str(r.subscripts[0]) == "t"), None)
    if read_ is None:
        return None
    moved = read_.func(read_.name, read_.subscripts[0] - 1, *read_.subscripts[1:])
    return replace(e, right=e.right.xreplace({read_: moved}))


def _dropped(e: Equation) -> Equation:
    return replace(e, right=sympy.Integer(0))


@pytest.mark.parametrize("wrong", [_wrong_sign, _wrong_factor, _wrong_lag, _dropped])
def test_any_wrong_equation_is_caught(wrong: Callable[[Equation], Equation | None]) -> None:
    model = read(MODEL)
    gradient = adjoint(prepare(model).system)
    tried = 0
    for number, equation in enumerate(gradient.equations):
        if gradient.by_name[equation.target].role is Role.GRAD:
            changed = wrong(equation)
            if changed is not None:
                tried += 1
                equations = (*gradient.equations[:number], changed, *gradient.equations[number + 1 :])
                assert worst(replace(gradient, equations=equations), model) > 1e-6, str(equation)
    assert tried > 0


def test_no_gradient_holds_a_sum() -> None:
    system = adjoint(prepare(read(MODEL)).system)
    assert not [e for e in system.equations if e.target.startswith("grad(") and e.right.has(Sum)]


def test_the_rule_applies_twice() -> None:
    """The gradient of one entry of a gradient is a row of the Hessian."""
    text = "x: Input[T]\nw, u: Param\nh[0] = 0\nh[t] = tanh(w * h[t-1] + u * x[t])\nloss = sum(h[t]**2, t)\n"
    first = _renamed(adjoint(prepare(read(text.replace("w, u: Param", "w, u = Param"))).system))
    second = adjoint(first, "first(w)")
    given = {"x": np.array([0.3, -0.4, 0.8]), "w": np.array(0.7), "u": np.array(1.3)}
    row = evaluate(second, {"T": 3}, given, ["grad(w)", "grad(u)"])
    slopes = complex_step(first, {"T": 3}, given, output="first(w)", inputs=["w", "u"])
    assert row["grad(w)"].array == pytest.approx(slopes["w"], abs=1e-14)
    assert row["grad(u)"].array == pytest.approx(slopes["u"], abs=1e-14)


def _renamed(system: System) -> System:
    """The system with `first(v)` for `grad(v)`, so that a second gradient has names of its own."""
    names = {v.name: v.name.replace("grad(", "first(") for v in system.variables}

    def named(expression: sympy.Expr) -> sympy.Expr:
        return expression.replace(lambda e: isinstance(e, Ref), lambda e: Ref(names[e.name], *e.subscripts))

    return replace(
        system,
        variables=tuple(replace(v, name=names[v.name]) for v in system.variables),
        equations=tuple(replace(e, target=names[e.target], right=named(e.right)) for e in system.equations),
    )
