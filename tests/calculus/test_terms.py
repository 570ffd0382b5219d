"""A right side is the sum of its terms, and no product is distributed that need not be."""

from __future__ import annotations

import sympy

from derive import functions as f
from derive.calculus.terms import Term, factors, is_scale, terms
from derive.expressions import Axis, Index, Range, Ref, Sum, size_symbol

N = size_symbol("n")
i, j = Index("i", Axis(N)), Index("j", Axis(N))
a, b, c, lam = Ref("a", i), Ref("b", i), Ref("c", j), Ref("lam")


def total(body: sympy.Expr, index: Index) -> Sum:
    return Sum(body, index, sympy.Integer(0), N - 1)


def test_sums_are_opened_into_ranges() -> None:
    assert terms(a + total(c, j)) == [Term(a), Term(c, (Range.whole(j),))] or terms(a + total(c, j)) == [
        Term(c, (Range.whole(j),)),
        Term(a),
    ]


def test_a_number_goes_into_a_sum() -> None:
    assert terms(3 * total(c, j)) == [Term(3 * c, (Range.whole(j),))]
    assert sorted(str(t.body) for t in terms((a + b) / N)) == ["a[i]/n", "b[i]/n"]


def test_other_factors_go_under_a_sum_and_stay_whole() -> None:
    assert terms(a * total(c, j)) == [Term(a * c, (Range.whole(j),))]
    assert terms(a * (1 - b**2)) == [Term(a * (1 - b**2))]


def test_two_sums_multiply() -> None:
    k = Index("k", Axis(N))
    (term,) = terms(total(Ref("c", j), j) * total(Ref("d", k), k))
    assert term.body == Ref("c", j) * Ref("d", k)
    assert {r.index for r in term.ranges} == {j, k}


def test_zero_has_no_terms() -> None:
    assert terms(sympy.Integer(0)) == []


def test_a_scalar_variable_is_no_plain_number() -> None:
    assert not is_scale(lam)
    assert factors(2 * lam * N) == (2 * N, (lam,))


def test_an_index_used_as_a_number_is_no_plain_number() -> None:
    assert factors(2 * i * a)[0] == 2
    assert set(factors(2 * i * a)[1]) == {i, a}


def test_a_function_is_no_plain_number() -> None:
    assert not is_scale(f.exp(sympy.Integer(2)))


def test_a_sum_of_numbers_is_no_plain_number() -> None:
    n = total(sympy.Integer(500), j)
    assert not is_scale(n)
    assert terms(lam * n) == [Term(500 * lam, (Range.whole(j),))]
    assert terms(total(3 * n, i)) == [Term(sympy.Integer(1500), (Range.whole(i), Range.whole(j)))]


def test_a_factor_spreads_over_what_is_added_to_a_sum() -> None:
    c = Ref("c", j)
    assert terms(b * (a + total(c, j))) == [Term(a * b), Term(b * c, (Range.whole(j),))]
