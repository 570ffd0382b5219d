"""Random data keep a model inside its domain and away from its kinks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy

from derive import functions as f
from derive.check.sample import MARGIN, draw, prime_sizes, sample
from derive.errors import DeriveError
from derive.expressions import Axis, AxisKind, Index, Range, Ref, size_symbol
from derive.interpret import evaluate
from derive.system import Equation, Reduction, Role, Start, System, Variable
from tests.check.systems import B, T, e, n_h, n_x, ranges, t, total, vanilla

i, k = Index("i", n_h), Index("k", n_x)


def scalar_loss(right: sympy.Expr, *variables: Variable) -> System:
    return System("small", (*variables, Variable("loss", Role.VAR)), (Equation("loss", (), right, ()),))


def test_sizes_are_unequal_and_small() -> None:
    sizes = prime_sizes(vanilla())
    assert sizes["T"] == 5 and sizes["B"] == 2 and sizes["n_h"] == 3
    assert sorted(sizes.values()) == [2, 3, 5, 7, 11]


def test_sizes_that_the_file_spells_out_are_avoided() -> None:
    axes = (Axis(sympy.Integer(7)), n_h, Axis(sympy.Integer(5)), T)
    sizes = prime_sizes(System("s", (Variable("v", Role.PARAM, axes),), ()))
    assert sizes == {"n_h": 3, "T": 4}


def test_sizes_that_arithmetic_makes_exist() -> None:
    difference = Axis(n_x.size - n_h.size)
    sizes = prime_sizes(System("s", (Variable("v", Role.PARAM, (n_h, n_h, n_x, difference)),), ()))
    assert sizes["n_x"] > sizes["n_h"]


def test_a_seed_is_a_sample() -> None:
    system, sizes = vanilla(), prime_sizes(vanilla())
    one, again, other = (sample(system, sizes, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert not np.array_equal(one["W"], other["W"])
    assert set(one) == {"x", "y", "U", "W", "V", "b", "c", "h.0"}
    assert np.all(one["b"] != 0) and np.all(one["h.0"] != 0)
    assert one["y"].dtype.kind == "i" and set(np.unique(one["y"])) <= set(range(sizes["n_y"]))


@pytest.mark.parametrize(
    "argument",
    [
        pytest.param(lambda v: f.log(v), id="log"),
        pytest.param(lambda v: f.log(f.sqrt(v)), id="log of sqrt"),
        pytest.param(lambda v: f.power(v, sympy.Rational(1, 2) + v), id="power"),
        pytest.param(lambda v: v ** sympy.Rational(3, 2), id="fractional exponent"),
        pytest.param(lambda v: 1 / v, id="denominator"),
        pytest.param(lambda v: f.tan(3 * v), id="tan"),
    ],
)
def test_the_model_is_defined_there(argument: Any) -> None:
    system = scalar_loss(total(argument(Ref("v", i)), i), Variable("v", Role.PARAM, (n_h,)))
    given = sample(system, {"n_h": 40})
    assert np.all(np.isfinite(evaluate(system, {"n_h": 40}, given)["loss"].array))


def test_nothing_is_near_a_kink() -> None:
    system = scalar_loss(total(f.TABLE["relu"](Ref("v", i) - 1), i), Variable("v", Role.PARAM, (n_h,)))
    for seed in range(5):
        assert np.abs(sample(system, {"n_h": 40}, seed)["v"] - 1).min() >= MARGIN


def test_the_two_greatest_differ() -> None:
    variables = (Variable("v", Role.INPUT, (T, n_h)), Variable("m", Role.VAR, (T,)))
    system = System("s", variables, (Equation("m", (t,), Ref("v", t, i), ranges(t, i), Reduction.MAX),))
    for seed in range(5):
        top = np.sort(sample(system, {"T": 5, "n_h": 7}, seed)["v"], axis=-1)
        assert np.min(top[:, -1] - top[:, -2]) >= MARGIN


def test_a_kink_of_indices_alone_is_none() -> None:
    right = total(f.where(f.less(i, 2), Ref("v", i), 0), i)
    sample(scalar_loss(right, Variable("v", Role.PARAM, (n_h,))), {"n_h": 5})


def test_what_sits_on_a_kink_by_construction_stays() -> None:
    relu = f.TABLE["relu"]
    sample(scalar_loss(total(relu(relu(Ref("v", i))), i), Variable("v", Role.PARAM, (n_h,))), {"n_h": 20})


def test_a_model_that_is_defined_nowhere_is_named() -> None:
    system = scalar_loss(f.log(-(Ref("v") ** 2)), Variable("v", Role.PARAM))
    with pytest.raises(DeriveError, match=r"^no data found on which small is defined: log\(-v\*\*2\) in loss$"):
        sample(system, {})


def test_defaults_are_kept_or_varied() -> None:
    start = Variable("h.0", Role.START, (B, n_h), default=(0, 100), start=Start("h", sympy.Integer(0)))
    dt = Variable("dt", Role.CONST, (), default=0.1)
    bias = Variable("b", Role.PARAM, (n_h,), default=50)
    system = scalar_loss(Ref("dt") * total(total(Ref("h.0", e, i), i), e) + total(Ref("b", i), i), start, dt, bias)
    given = sample(system, {"B": 3, "n_h": 2})
    assert given["dt"] == 0.1
    assert np.all(np.abs(given["h.0"] - [0, 100]) < 5) and np.all(given["h.0"] != [0, 100])
    assert np.all(np.abs(given["b"] - 50) < 5)


def test_nodes_point_to_nodes_before_them() -> None:
    sequence = Axis(size_symbol("K"), AxisKind.SEQUENCE)
    left = Variable("left", Role.INDEX, (sequence, B), classes=sequence.size)
    given = sample(System("tree", (left,), ()), {"K": 50, "B": 3})["left"]
    assert np.all(given < np.arange(1, 51)[:, None]) and given.min() == 0 and given.max() > 20


def test_examples_have_graphs_of_their_own() -> None:
    sequence = Axis(size_symbol("K"), AxisKind.SEQUENCE)
    sides = tuple(Variable(name, Role.INDEX, (sequence, B), classes=sequence.size) for name in ("left", "right"))
    given = sample(System("tree", sides, ()), {"K": 7, "B": 3})
    assert not np.array_equal(given["left"][:, 0], given["left"][:, 1])
    assert not np.array_equal(given["left"], given["right"])
    assert any(np.bincount(given["left"][:, b])[1:].max() > 1 for b in range(3))  # some node is pointed to twice


def test_steps_of_another_sequence_count_from_one() -> None:
    sequence, steps = Axis(size_symbol("K"), AxisKind.SEQUENCE), Axis(size_symbol("S"), AxisKind.SEQUENCE)
    child = Variable("child", Role.INDEX, (T, sequence, n_x), classes=sequence.size)
    place = Variable("place", Role.INDEX, (T,), classes=steps.size)
    states = Variable("x", Role.INPUT, (steps,))
    given = sample(System("s", (child, place, states), ()), {"T": 60, "K": 6, "S": 4, "n_x": 2})
    assert np.all(given["child"] < np.arange(1, 7)[:, None])
    assert set(np.unique(given["place"])) == {0, 1, 2, 3, 4}


def test_sequences_are_unequal() -> None:
    axes = tuple(Axis(size_symbol(name), AxisKind.SEQUENCE) for name in "KST")
    sizes = prime_sizes(System("s", (Variable("e", Role.INPUT, (*axes, B, n_h)),), ()))
    assert len(set(sizes.values())) == 5 and all(sizes[name] > 3 for name in "KST")


def test_the_two_greatest_of_a_part_of_a_range_differ() -> None:
    """Cells outside the range are no candidates."""
    t1 = Index("t1", T)
    past = (*ranges(t), Range(t1, sympy.Integer(1), t))
    variables = (Variable("v", Role.INPUT, (T, T)), Variable("m", Role.VAR, (T,)))
    system = System("s", variables, (Equation("m", (t,), Ref("v", t, t1), past, Reduction.MAX),))
    for seed in range(30):
        v = sample(system, {"T": 5}, seed)["v"]
        tops = [np.sort(v[n, : n + 1])[-2:] for n in range(1, 5)]
        assert min(top[1] - top[0] for top in tops) >= MARGIN


def test_large_data_are_drawn_in_the_manner_that_keeps_small_ones_in_the_domain() -> None:
    v = Variable("v", Role.INPUT, (T, n_h))
    system = scalar_loss(total(total(f.log(Ref("v", t, i)), i), t), v)
    sizes = {"T": 2000, "n_h": 50}
    given = draw(system, sizes, seed=3)
    assert given["v"].shape == (2000, 50) and np.all(given["v"] > 0)
    assert np.array_equal(given["v"], draw(system, sizes, seed=3)["v"])
    assert not np.array_equal(given["v"], draw(system, sizes, seed=4)["v"])
