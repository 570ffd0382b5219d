"""Normal forms: equal expressions have one form, whatever their bound indices are called."""

from __future__ import annotations

import pytest
import sympy

from derive.check.hand.normal import MOST_TERMS, Normaliser, TooLarge, difference
from derive.expressions import Axis, AxisKind, Index, Ref, Sum, size_symbol
from derive.functions import equal, tanh, where

n, T = size_symbol("n"), size_symbol("T")
FEATURES, STEPS = Axis(n), Axis(T, AxisKind.SEQUENCE)
i, j, k = (Index(name, FEATURES) for name in "ijk")
t, s = (Index(name, STEPS) for name in "ts")


def v(index: sympy.Expr) -> sympy.Expr:
    return Ref("v", index)


def w(one: sympy.Expr, other: sympy.Expr) -> sympy.Expr:
    return Ref("W", one, other)


def over(body: sympy.Expr, index: Index) -> sympy.Expr:
    return Sum(body, index, index.axis.first, index.axis.last)


def same(one: sympy.Expr, other: sympy.Expr) -> bool:
    normal = Normaliser(lambda ref, inside: None)
    return not difference(normal.form(one), normal.form(other))


EQUAL = [
    ((v(i) + 1) ** 2, v(i) ** 2 + 2 * v(i) + 1),
    (over(w(i, j) * v(j), j), over(w(i, k) * v(k), k)),
    (over(over(w(j, k) * v(j) * v(k), j), k), over(over(w(k, j) * v(j) * v(k), j), k)),
    (over(v(j), j) ** 2, over(over(v(j) * v(k), j), k)),
    (over(v(j) * (1 + v(i)), j), over(v(j), j) + v(i) * over(v(k), k)),
    (over(equal(j, i) * v(j), j), v(i)),
    (equal(i, j) * v(i), equal(i, j) * v(j)),
    (over(sympy.Integer(2), j), 2 * n),
    (Sum(v(s), s, sympy.Integer(1), T), Sum(v(t + 1), t, sympy.Integer(0), T - 1)),
    (tanh(over(w(i, j) * v(j), j)), tanh(over(v(k) * w(i, k), k))),
    (where(equal(i, j), v(i), 0), equal(i, j) * v(i)),
    (v(i) / v(j) * v(j), v(i)),
]
UNEQUAL = [
    (over(w(i, j) * v(j), j), over(w(j, i) * v(j), j)),
    (over(over(w(j, k) * w(j, k), j), k), over(over(w(j, k) * w(k, j), j), k)),
    (Sum(v(s), s, sympy.Integer(1), T), Sum(v(s), s, sympy.Integer(2), T)),
    (Sum(v(s), s, sympy.Integer(1), T), Sum(v(s + 1), s, sympy.Integer(1), T)),
    (v(i) ** 2, v(i) * v(j)),
    (tanh(v(i)), v(i)),
    (over(v(j) ** 2, j), over(v(j), j) ** 2),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_expressions_have_one_form(one: sympy.Expr, other: sympy.Expr) -> None:
    assert same(one, other)


@pytest.mark.parametrize(("one", "other"), UNEQUAL)
def test_unequal_expressions_have_two(one: sympy.Expr, other: sympy.Expr) -> None:
    assert not same(one, other)


def test_a_form_that_grows_beyond_its_bound_is_given_up() -> None:
    many = sympy.Mul(*(v(i) + Ref("u", sympy.Integer(number)) for number in range(MOST_TERMS.bit_length() + 1)))
    with pytest.raises(TooLarge):
        Normaliser(lambda ref, inside: None).form(many)
