"""Equations of one target that add, as a list of cases."""

from __future__ import annotations

import sympy

from derive.emit.notation import Notation, render
from derive.expressions import Axis, AxisKind, Index, Range, Ref, size_symbol
from derive.system import Equation, Role, System
from tests.emit.notation import systems
from tests.emit.notation.systems import STEPS, T, i, j, k, n_h, over, small, t, total, var


def forward(system: System, notation: Notation = "array", unicode: bool = False) -> list[str]:
    return render(system, system.equations, notation, unicode)


def test_a_region_for_each_set_of_terms() -> None:
    twice = Range(t, sympy.Integer(-1), T.size - 2)
    once = Range(t, sympy.Integer(0), T.size - 1)
    feature = Range.whole(i)
    system = small(
        Equation("grad(h)", (t, i), Ref("g", t, i), (STEPS, feature)),
        Equation("grad(h)", (t, i), Ref("g", t + 1, i), (once, feature)),
        Equation("grad(h)", (t, i), Ref("g", t + 2, i), (twice, feature)),
        **{"g": (Role.VAR, "T n_h"), "grad(h)": (Role.GRAD, "T n_h")},
    )
    assert forward(system) == [
        "grad(h[T]) = g[T]",
        "grad(h[T-1]) = g[T] + g[T-1]",
        "grad(h[t]) = g[t+1] + g[t+2] + g[t], t <= T-2",
        "grad(h[0]) = g[1] + g[2]",
        "grad(h[-1]) = g[1]",
    ]


def test_a_shifted_left_side_moves_its_range() -> None:
    system = small(
        Equation("grad(h)", (t - 1, j), Ref("g", t, j), (STEPS, Range.whole(j))),
        Equation("grad(h)", (T.size, i), Ref("g", T.size, i), over(i)),
        **{"g": (Role.VAR, "T n_h"), "grad(h)": (Role.GRAD, "T n_h")},
    )
    assert forward(system, "index") == [
        "grad(h[T, j]) = g[T, j]",
        "grad(h[t, j]) = g[t+1, j], 0 <= t < T",
    ]


def test_a_scatter_through_data_is_a_one_hot_vector() -> None:
    word, entry = Ref("w", t), Ref("g", t, i)
    system = small(
        Equation("grad(E)", (word, i), entry, (STEPS, Range.whole(i))),
        **{"w": (Role.INDEX, "T"), "g": (Role.VAR, "T n_h"), "grad(E)": (Role.GRAD, "n_x n_h")},
    )
    assert forward(system) == ["grad(E) = sum(outer(onehot(w[t]), g[t]), t)"]
    assert forward(system, unicode=True) == ["∇E = ∑ₜ onehot(w[t]) g[t]ᵀ"]
    assert forward(system, "index", unicode=True) == ["∇E[j,i] = ∑ₜ [j = w[t]] g[t,i]"]


def test_a_look_up_among_the_steps_is_a_condition() -> None:
    system = small(
        Equation("grad(h)", (Ref("left", t), i), Ref("g", t, i), (STEPS, Range.whole(i))),
        Equation("grad(h)", (t, i), Ref("g", t, i), (STEPS, Range.whole(i))),
        **{"left": (Role.INDEX, "T"), "g": (Role.VAR, "T n_h"), "grad(h)": (Role.GRAD, "T n_h")},
    )
    assert forward(system) == ["grad(h[t]) = sum(where(left[t1] == t, 1, 0) * g[t1], t1) + g[t]"]


def test_parts_of_one_axis_are_cases_of_their_own() -> None:
    both = Axis(2 * n_h.size)
    system = System(
        "m",
        (var("g", Role.VAR, "T n_h"), systems.Variable("grad(z)", Role.GRAD, (T, both))),
        (
            Equation("grad(z)", (t, i), Ref("g", t, i), (STEPS, Range.whole(i))),
            Equation("grad(z)", (t, i + n_h.size), -Ref("g", t, i), (STEPS, Range.whole(i))),
        ),
    )
    assert forward(system) == ["grad(z[t, :n_h]) = g[t]", "grad(z[t, n_h:]) = -g[t]"]


def test_data_that_are_zero_outside_need_no_case() -> None:
    late = Range(t, sympy.Integer(2), T.size)
    system = small(
        Equation("a", (t, i), Ref("b", i), over(t, i)),
        Equation("a", (t, i), total(Ref("U", i, k) * Ref("x", t - 1, k), k), (late, Range.whole(i))),
        x=(Role.INPUT, "T n_x"), U=(Role.PARAM, "n_h n_x"), b=(Role.PARAM, "n_h"), a=(Role.VAR, "T n_h"),
    )  # fmt: skip
    assert forward(system) == ["a[t] = b + U @ x[t-1]"]


def test_names_of_other_equations_are_not_captured() -> None:
    """The second equation's summed index has the first one's name for the left side."""
    system = small(
        Equation("grad(h)", (t, i), Ref("g", t, i), over(t, i)),
        Equation("grad(h)", (t, j), Ref("W", i, j) * Ref("g", t, i), over(t, j, i)),
        **{"W": (Role.PARAM, "n_h n_h"), "g": (Role.VAR, "T n_h"), "grad(h)": (Role.GRAD, "T n_h")},
    )
    assert forward(system) == ["grad(h[t]) = W.T @ g[t] + g[t]"]
    (printed,) = forward(system, "index")
    assert printed == "grad(h[t, i]) = sum(W[k, i] * g[t, k], k) + g[t, i]"


def test_a_gradient_at_some_features_says_which() -> None:
    some = Range(i, sympy.Integer(1), sympy.Integer(2))
    system = small(
        Equation("grad(h)", (t, i), Ref("g", t, i), (STEPS, some)),
        **{"g": (Role.VAR, "T n_h"), "grad(h)": (Role.GRAD, "T n_h")},
    )
    assert forward(system) == ["grad(h[t, 1:3]) = g[t, 1:3]"]
    assert forward(system, "index") == ["grad(h[t, i]) = g[t, i], 1 <= i <= 2"]


def test_two_sequences_are_cut_into_boxes() -> None:
    S = Axis(size_symbol("S"), AxisKind.SEQUENCE)
    s = Index("s", S)
    down = (Range(t, sympy.Integer(0), T.size - 1), Range.whole(s))
    grid = (systems.Variable("g", Role.VAR, (T, S)), systems.Variable("grad(e)", Role.GRAD, (T, S)))
    system = System(
        "m",
        grid,
        (
            Equation("grad(e)", (t, s), Ref("g", t, s), over(t, s)),
            Equation("grad(e)", (t, s), Ref("grad(e)", t + 1, s), down),
        ),
    )
    assert forward(system) == [
        "grad(e[T, s]) = g[T, s]",
        "grad(e[t, s]) = grad(e[t+1, s]) + g[t, s], t < T",
        "grad(e[0, s]) = grad(e[1, s])",
    ]


def test_ends_that_depend_on_other_steps_are_conditions() -> None:
    before = Index("t1", T)
    pairs = systems.Variable("e", Role.VAR, (T, T))
    domain = (STEPS, Range(before, sympy.Integer(1), t - 1))
    system = System("m", (pairs, var("g", Role.VAR, "T")), (Equation("e", (t, before), Ref("g", before), domain),))
    assert forward(system, unicode=True) == ["e[t,t1] = g[t1],   t1 < t"]
