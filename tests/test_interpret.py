"""The interpreter against NumPy written by hand, and against itself where only a rule is at stake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy

from derive import functions as f
from derive.errors import DeriveError
from derive.expressions import Axis, AxisKind, Index, Range, Ref, Sum, size_symbol
from derive.interpret import complex_step, evaluate
from derive.system import Equation, Reduction, Role, System, Variable
from tests.check.systems import T, n_h, n_x, ranges, t, total, vanilla

SIZES = {"T": 5, "B": 3, "n_h": 7, "n_x": 2, "n_y": 11}
i, j, k = Index("i", n_h), Index("j", n_h), Index("k", n_x)


def data(system: System, sizes: Mapping[str, int] = SIZES) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    shapes = {v.name: tuple(sizes[a.name] for a in v.axes) for v in system.variables}
    given = {v.name: rng.normal(size=shapes[v.name]) / 2 for v in system.with_role(Role.INPUT, Role.PARAM)}
    return given | {v.name: rng.integers(0, sizes["n_y"], shapes[v.name]) for v in system.with_role(Role.LABEL)}


def small(variables: dict[str, tuple[Role, tuple[Axis, ...]]], *equations: Equation) -> System:
    return System("small", tuple(Variable(name, *rest) for name, rest in variables.items()), equations)


def by_hand(g: dict[str, Any], h: Any) -> tuple[Any, float]:
    states, loss = [h], 0.0
    for x, y in zip(g["x"], g["y"], strict=True):
        h = np.tanh(g["b"] + h @ g["W"].T + x @ g["U"].T)
        o = g["c"] + h @ g["V"].T
        loss += (np.log(np.exp(o).sum(-1)) - np.take_along_axis(o, y[:, None], 1)[:, 0]).sum()
        states.append(h)
    return np.array(states), loss


def test_vanilla_is_what_a_person_would_write() -> None:
    system = vanilla()
    given = data(system)
    values = evaluate(system, SIZES, given)
    states, loss = by_hand(given, np.zeros((3, 7)))
    assert values["h"].array.shape == (6, 3, 7) and values["h"].first == (0, 0, 0)
    np.testing.assert_allclose(values["h"].array, states, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(values["loss"].array, loss, rtol=1e-14)
    assert values["h"].at(1, 2, 3) == values["h"].array[1, 2, 3]
    assert values["o"].at(1, 0, 0) == values["o"].array[0, 0, 0]
    with pytest.raises(IndexError, match="nothing at"):
        values["o"].at(0, 0, 0)


def test_a_start_that_is_given_replaces_its_default() -> None:
    system, start = vanilla(), np.full((3, 7), 0.3)
    given = data(system)
    values = evaluate(system, SIZES, given | {"h.0": start}, ["loss"])
    np.testing.assert_allclose(values["loss"].array, by_hand(given, start)[1], rtol=1e-14)


def test_a_batch_is_the_sum_of_its_examples() -> None:
    whole, single = vanilla(), vanilla(batched=False)
    given = data(whole)
    params = {v.name: given[v.name] for v in whole.with_role(Role.PARAM)}
    losses = [
        evaluate(single, SIZES, params | {"x": given["x"][:, b], "y": given["y"][:, b]}, ["loss"])["loss"].array
        for b in range(3)
    ]
    np.testing.assert_allclose(sum(losses), evaluate(whole, SIZES, given, ["loss"])["loss"].array, rtol=1e-14)


def test_the_order_of_equations_means_nothing() -> None:
    system = vanilla()
    turned = replace(system, equations=system.equations[::-1])
    given = data(system)
    assert evaluate(system, SIZES, given)["loss"].array == evaluate(turned, SIZES, given)["loss"].array


def test_lanes_are_copies_of_the_system() -> None:
    system = vanilla()
    given = data(system)
    weights = np.stack([given["W"], 2 * given["W"]], axis=-1)
    both = evaluate(system, SIZES, given | {"W": weights}, ["loss", "h", "W", "x"])
    for lane in range(2):
        alone = evaluate(system, SIZES, given | {"W": weights[..., lane]}, ["loss", "h"])
        assert both["loss"].array[lane] == alone["loss"].array
        assert np.array_equal(both["h"].array[..., lane], alone["h"].array)
    assert both["W"].array.shape == (7, 7, 2) and both["x"].array.shape == (5, 3, 2, 2)
    with pytest.raises(ValueError, match=r"unequal numbers of lanes are given: \[2, 3\]"):
        evaluate(system, SIZES, given | {"W": weights, "b": np.zeros((7, 3))})


def test_complex_steps_are_the_gradient() -> None:
    system = vanilla()
    given = data(system)
    names = ["W", "c", "x", "h.0"]
    gradient = complex_step(system, SIZES, given, inputs=names, lanes=40)
    assert {name: array.shape for name, array in gradient.items()} == {
        "W": (7, 7), "c": (11,), "x": (5, 3, 2), "h.0": (3, 7)
    }  # fmt: skip
    for name in names:
        at = given.get(name, np.zeros((3, 7)))
        step = np.zeros_like(at)
        step.flat[3] = 1e-6
        up, down = (evaluate(system, SIZES, given | {name: at + s}, ["loss"])["loss"].array for s in (step, -step))
        np.testing.assert_allclose(gradient[name].flat[3], (up - down) / 2e-6, rtol=1e-7)


@pytest.mark.parametrize("name", sorted(f.TABLE))
def test_complex_steps_agree_with_the_table(name: str) -> None:
    function = f.TABLE[name]
    row = function.row
    names = ("p", "q", "r")[: row.arity]
    at = {n: np.array(value) for n, value in zip(names, (0.7, 0.3, 1.9), strict=False)}
    scalars = {n: (Role.PARAM, ()) for n in names} | {"loss": (Role.VAR, ())}
    system = small(scalars, Equation("loss", (), function(*map(Ref, names)), ()))
    exact = complex_step(system, {}, at, inputs=names)
    symbols = sympy.symbols(f"u:{row.arity}")
    for position, n in enumerate(names):
        partial = function(*symbols).diff(symbols[position]).xreplace(dict(zip(symbols, map(Ref, names), strict=True)))
        derivative = evaluate(small(scalars, Equation("loss", (), sympy.sympify(partial), ())), {}, at, ["loss"])
        np.testing.assert_allclose(exact[n], derivative["loss"].array, rtol=1e-13, atol=1e-15)


def test_a_sum_inside_a_sum_is_added_up_anew_for_every_cell() -> None:
    """It is remembered for the indices of the sum around it, which it lacks, and for no others."""
    inner = Sum(Ref("w", i, k), i, i.axis.first, i.axis.last)
    system = small(
        {"w": (Role.PARAM, (n_h, n_x)), "s": (Role.VAR, (n_x,))},
        Equation("s", (k,), Sum(inner * inner, j, j.axis.first, j.axis.last), ranges(k)),
    )
    w = np.random.default_rng(0).normal(size=(7, 2))
    found = evaluate(system, {"n_h": 7, "n_x": 2}, {"w": w}, ["s"])["s"].array
    np.testing.assert_allclose(found, 7 * w.sum(axis=0) ** 2)


def test_an_index_that_the_left_lacks_is_summed() -> None:
    system = small(
        {"v": (Role.PARAM, (n_h,)), "w": (Role.PARAM, (n_h, n_x)), "s": (Role.VAR, (n_x,))},
        Equation("s", (k,), Ref("v", i) * Ref("w", i, k), ranges(i, k)),
        Equation("s", (k,), k, ranges(k)),
    )
    rng = np.random.default_rng(0)
    given = {"v": rng.normal(size=7), "w": rng.normal(size=(7, 2))}
    expected = given["v"] @ given["w"] + np.arange(2)
    np.testing.assert_allclose(evaluate(system, SIZES, given)["s"].array, expected, rtol=1e-14)


def test_a_scatter_adds_and_the_rest_of_a_gradient_is_zero() -> None:
    system = small(
        {"y": (Role.LABEL, (T,)), "g": (Role.GRAD, (n_h,)), "e": (Role.GRAD, (T, n_h)), "n": (Role.GRAD, (T,))},
        Equation("g", (Ref("y", t),), t, ranges(t)),
        Equation("e", (t - 1, Ref("y", t)), sympy.Integer(-1), (Range(t, sympy.Integer(2), T.size),)),
    )
    values = evaluate(system, SIZES, {"y": np.array([1, 4, 1, 0, 1])})
    assert values["g"].array.tolist() == [4, 1 + 3 + 5, 0, 0, 2, 0, 0]
    assert values["e"].array.shape == (5, 7) and values["e"].array.sum() == -4 and values["e"].at(4, 1) == -1
    assert values["n"].array.tolist() == [0] * 5


def test_looked_up_data_may_be_computed() -> None:
    system = small(
        {"y": (Role.LABEL, (T,)), "z": (Role.VAR, (T,)), "p": (Role.PARAM, (n_h,)), "u": (Role.VAR, (T,)),
         "g": (Role.GRAD, (n_h,))},
        Equation("z", (t,), Ref("y", t - 1), (Range(t, sympy.Integer(2), T.size),)),
        Equation("z", (sympy.Integer(1),), sympy.Integer(6), ()),
        Equation("u", (t,), Ref("p", Ref("z", t)), ranges(t)),
        Equation("g", (Ref("z", t),), sympy.Integer(1), ranges(t)),
    )  # fmt: skip
    values = evaluate(system, SIZES, {"y": np.array([1, 4, 1, 0, 1]), "p": np.arange(7.0)}, ["u", "g"])
    assert values["u"].array.tolist() == [6, 1, 4, 1, 0]
    assert values["g"].array.tolist() == [1, 2, 0, 0, 1, 0, 1]


def test_ends_may_depend_on_outer_indices_and_ranges_be_empty() -> None:
    s = Index("s", T)
    past = Sum(Ref("v", s), s, sympy.Integer(1), t - 1)
    system = small({"v": (Role.INPUT, (T,)), "c": (Role.VAR, (T,))}, Equation("c", (t,), past, ranges(t)))
    values = evaluate(system, SIZES, {"v": np.arange(1.0, 6.0)})
    assert values["c"].array.tolist() == [0, 1, 3, 6, 10]
    inner = Equation("c", (t,), Ref("v", s), (Range.whole(t), Range(s, t, T.size)))
    assert evaluate(replace(system, equations=(inner,)), SIZES, {"v": np.ones(5)})["c"].array.tolist() == [
        5,
        4,
        3,
        2,
        1,
    ]


def test_reductions_bear_infinities_and_large_numbers() -> None:
    v = Variable("v", Role.INPUT, (n_x, n_h))
    for reduction, expected in ((Reduction.MAX, [1000, -np.inf]), (Reduction.LOGSUMEXP, [1000 + np.log(2), -np.inf])):
        system = System(
            "small",
            (v, Variable("m", Role.VAR, (n_x,))),
            (Equation("m", (k,), Ref("v", k, i), ranges(k, i), reduction),),
        )
        given = np.full((2, 7), -np.inf)
        given[0, 2:4] = 1000
        np.testing.assert_allclose(evaluate(system, SIZES, {"v": given})["m"].array, expected)


def test_an_infinite_branch_that_is_not_taken_leaves_no_trace() -> None:
    right = f.exp(f.where(f.less(0, Ref("v", i)), Ref("v", i), -sympy.oo))
    system = small({"v": (Role.PARAM, (n_h,)), "loss": (Role.VAR, ())}, Equation("loss", (), total(right, i), ()))
    at = {"v": np.array([1.0, -1, 2, -1, -1, -1, -1])}
    np.testing.assert_allclose(evaluate(system, SIZES, at)["loss"].array, np.exp(1) + np.exp(2))
    np.testing.assert_allclose(complex_step(system, SIZES, at, inputs=["v"])["v"], np.exp(at["v"]) * (at["v"] > 0))


def test_numbers_are_exact_and_sizes_are_numbers() -> None:
    right = (
        sympy.Rational(1, 3) + sympy.pi * Ref("s") ** 2 + Ref("s") ** -1 + sympy.sqrt(n_h.size) + f.power(Ref("s"), 3)
    )
    system = small({"s": (Role.PARAM, ()), "r": (Role.VAR, ())}, Equation("r", (), right, ()))
    value = evaluate(system, SIZES, {"s": np.array(2.0)})["r"].array
    np.testing.assert_allclose(value, 1 / 3 + 4 * np.pi + 0.5 + np.sqrt(7) + 8, rtol=1e-15)
    assert value.shape == ()


def test_constants_have_defaults_that_a_call_may_override() -> None:
    m = Variable("m", Role.CONST, (n_x,), default=(1, 2.5))
    system = System("small", (m, Variable("r", Role.VAR, (n_x,))), (Equation("r", (k,), 2 * Ref("m", k), ranges(k)),))
    assert evaluate(system, SIZES, {})["r"].array.tolist() == [2, 5]
    assert evaluate(system, SIZES, {"m": np.ones(2)})["r"].array.tolist() == [2, 2]


def test_a_long_recurrence_needs_no_stack() -> None:
    system = vanilla(batched=False)
    sizes = SIZES | {"T": 3000, "n_h": 1, "n_x": 1, "n_y": 2}
    assert np.isfinite(evaluate(system, sizes, data(system, sizes), ["loss"])["loss"].array)


def test_cells_before_the_general_equation_are_counted() -> None:
    system = small(
        {"f": (Role.VAR, (T,)), "g": (Role.VAR, (T,))},
        Equation("f", (sympy.Integer(-1),), sympy.Integer(0), ()),
        Equation("f", (sympy.Integer(0),), sympy.Integer(1), ()),
        Equation("f", (t,), Ref("f", t - 1) + Ref("f", t - 2), ranges(t)),
        Equation("g", (T.size,), sympy.Integer(1), ()),
    )
    values = evaluate(system, SIZES, {})
    assert values["f"].array.tolist() == [0, 1, 1, 2, 3, 5, 8] and values["f"].first == (-1,)
    assert values["g"].array.tolist() == [1] and values["g"].first == (5,)


def test_a_cell_that_nothing_defines_is_named_with_its_reader() -> None:
    system = small({"v": (Role.VAR, (T,))}, Equation("v", (t,), Ref("v", t - 1), ranges(t)))
    with pytest.raises(DeriveError, match=r"^v\[0\] is read by v\[1\], and nothing defines it$"):
        evaluate(system, SIZES, {})


def test_a_cycle_is_named() -> None:
    system = small(
        {"a": (Role.VAR, (T,)), "b": (Role.VAR, (T,))},
        Equation("a", (t,), Ref("b", t), ranges(t)),
        Equation("b", (t,), 1 + Ref("a", t), ranges(t)),
    )
    with pytest.raises(DeriveError, match=r"^cells wait for each other: a\[1\] -> b\[1\] -> a\[1\]$"):
        evaluate(system, SIZES, {})


def test_what_is_given_is_checked() -> None:
    system = vanilla()
    given = data(system)
    with pytest.raises(ValueError, match=r"W has shape \(2, 2\), expected \(7, 7\)"):
        evaluate(system, SIZES, given | {"W": np.ones((2, 2))})
    with pytest.raises(ValueError, match="nothing is given for b"):
        evaluate(system, SIZES, {name: array for name, array in given.items() if name != "b"})
    with pytest.raises(ValueError, match="h is given, and is nothing that vanilla can be given"):
        evaluate(system, SIZES, given | {"h": np.ones(1)})
    with pytest.raises(ValueError, match="size n_h is not given"):
        evaluate(system, {"T": 5, "B": 3, "n_x": 2, "n_y": 11}, given)


def test_only_what_is_wanted_needs_its_data() -> None:
    system = vanilla()
    given = {name: array for name, array in data(system).items() if name not in ("y", "c", "V")}
    assert list(evaluate(system, SIZES, given, ["h"])) == ["h"]


def test_sizes_of_axes_may_be_arithmetic() -> None:
    pair = Axis(2 * size_symbol("n_x") + 1, AxisKind.FEATURE)
    m = Index("m", pair)
    system = small({"v": (Role.VAR, (pair,))}, Equation("v", (m,), m / n_x.size, ranges(m)))
    assert evaluate(system, SIZES, {})["v"].array.tolist() == [0, 0.5, 1, 1.5, 2]
