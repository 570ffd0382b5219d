"""Indices never capture one another, and what is said of a subscript over a domain is true for all sizes."""

from __future__ import annotations

import sympy

from derive.calculus.indices import bound, definition, disjoint, ends, fresh, indices, sole, solve, substitute, within
from derive.expressions import Axis, AxisKind, Index, Range, Ref, Sum, size_symbol
from derive.system import Equation

T, N = size_symbol("T"), size_symbol("n")
STEPS, ENTRIES = Axis(T, AxisKind.SEQUENCE), Axis(N)
t, s = Index("t", STEPS), Index("t1", STEPS)
i, j, k = (Index(name, ENTRIES) for name in "ijk")
ONE = sympy.Integer(1)


def total(body: sympy.Expr, index: Index) -> Sum:
    return Sum(body, index, index.axis.first, index.axis.last)


def test_a_value_is_not_captured_by_a_sum() -> None:
    inner = total(Ref("W", i, j), j)
    found = substitute(inner, {i: j})
    assert indices(found) == (j,)
    assert found == Sum(Ref("W", j, bound(found)[0]), bound(found)[0], sympy.Integer(0), N - 1)
    assert bound(found) != (j,)


def test_indices_are_exchanged_at_once() -> None:
    assert substitute(Ref("W", i, j), {i: j, j: i}) == Ref("W", j, i)


def test_a_bound_index_is_no_free_one() -> None:
    assert indices(total(Ref("W", i, j), j)) == (i,)
    assert indices(substitute(total(Ref("W", i, j), j), {j: k})) == (i,)


def test_fresh_names_avoid_what_is_taken_and_are_taken_then() -> None:
    taken = {"i", "k"}
    assert [fresh(ENTRIES, taken).name for _ in range(3)] == ["j", "l", "m"]
    assert [fresh(STEPS, {"t"}).name, fresh(STEPS, set()).name] == ["t1", "t"]


def test_the_ends_of_a_subscript_follow_outer_indices() -> None:
    triangle = (Range.whole(t), Range(s, ONE, t - 1))
    assert ends(s + 1, triangle) == (2, T)
    assert ends(T - 1, triangle) == (T - 1, T - 1)
    assert ends(Ref("y", t), triangle) is None


def test_within_holds_for_every_size_or_is_not_said() -> None:
    later = (Range(t, sympy.Integer(2), T),)
    assert within(t - 1, Range.whole(t), later)
    assert not within(t + 1, Range.whole(t), later)
    assert not within(t - 2, Range.whole(t), later)
    assert not within(sympy.Integer(2), Range.whole(t), ())  # T may be 1
    assert within(Ref("y", t), Range.whole(i), later)
    assert not within(Ref("y", t), Range(i, ONE, N - 1), later)


def test_disjoint_is_only_said_where_it_is_sure() -> None:
    assert disjoint((ONE * 0, ONE * 0), (ONE, T))
    assert not disjoint((ONE, ONE), (T, T))
    assert not disjoint(None, (T, T))


def test_the_one_equation_that_defines_a_cell_is_found() -> None:
    start = Equation("h", (sympy.Integer(0), i), Ref("s", i), (Range.whole(i),))
    general = Equation("h", (t, i), Ref("h", t - 1, i) + total(Ref("W", i, j), j), (Range.whole(t), Range.whole(i)))
    both = (start, general)
    assert sole(start, both) and sole(general, both)
    assert definition(Ref("h", sympy.Integer(0), k), both, (Range.whole(k),)) == Ref("s", k)
    found = definition(Ref("h", t, j), both, (Range.whole(t), Range.whole(j)))
    assert found is not None and indices(found) == (j, t)
    assert definition(Ref("h", t - 1, j), both, (Range.whole(t), Range.whole(j))) is None


def test_cells_that_two_equations_add_to_have_no_definition() -> None:
    first = Equation("a", (t,), Ref("x", t), (Range.whole(t),))
    second = Equation("a", (t,), Ref("z", t), (Range(t, sympy.Integer(2), T),))
    assert definition(Ref("a", t), (first, second), (Range.whole(t),)) is None


def test_a_subscript_is_solved_for_by_shifting() -> None:
    equation = Equation("a", (t - 1, i), Ref("x", t), (Range.whole(t), Range.whole(i)))
    assert solve(equation, Ref("a", s, k)) == {t: s + 1, i: k}
    diagonal = Equation("a", (i, i), Ref("x", i), (Range.whole(i),))
    assert solve(diagonal, Ref("a", j, k)) is None
