"""Triangles: the same points in another order, and what follows of the distances between their indices."""

from __future__ import annotations

import itertools

import pytest
import sympy

from derive.calculus.ranges import covers, gaps, holds, is_nested, nested, tight
from derive.expressions import Axis, AxisKind, Domain, Index, Range, size_symbol

T = size_symbol("T")
STEPS = Axis(T, AxisKind.SEQUENCE)
t, t1, t2 = (Index(name, STEPS) for name in ("t", "t1", "t2"))
ONE = sympy.Integer(1)

PAST: Domain = (Range(t, ONE, T), Range(t1, ONE, t - 1))
CHAIN: Domain = (*PAST, Range(t2, t1 + 1, t))
BAND: Domain = (Range(t, ONE, T), Range(t1, sympy.Max(ONE, t - 2), sympy.Min(T, t + 1)))

BELOW: Domain = (Range(t, ONE, T), Range(t1, t - 2, t - 1))  # steps before the first


def points(domain: Domain, steps: int) -> set[tuple[tuple[str, int], ...]]:
    """Every point of a domain, as (name, value) sorted."""
    found: list[dict[Index, int]] = [{}]
    for range_ in domain:
        found = [
            {**at, range_.index: value}
            for at in found
            for value in range(
                int(range_.first.xreplace({T: sympy.Integer(steps), **at})),
                int(range_.last.xreplace({T: sympy.Integer(steps), **at})) + 1,
            )
        ]
    return {tuple(sorted((i.name, value) for i, value in at.items())) for at in found}


@pytest.mark.parametrize("domain", [PAST, CHAIN, BAND, BELOW], ids=["past", "chain", "band", "below"])
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_any_order_has_the_same_points(domain: Domain, steps: int) -> None:
    for order in itertools.permutations(domain):
        found = nested(order)
        assert is_nested(found) and [r.index for r in found] == [r.index for r in order]
        assert points(found, steps) == points(domain, steps)
        assert points(tight(order), steps) == points(domain, steps)


def test_a_triangle_is_turned_as_a_person_would() -> None:
    assert nested((PAST[1], PAST[0])) == (Range(t1, ONE, T - 1), Range(t, t1 + 1, T))


def test_a_tight_domain_has_no_empty_rows() -> None:
    assert tight(PAST) == (Range(t, sympy.Integer(2), T), Range(t1, ONE, t - 1))


def test_distances_add_up() -> None:
    found = gaps(CHAIN)
    assert found[t1, t] == 1 and found[t1, t2] == 1 and found[t2, t] == 0
    assert (t, t1) not in found and gaps((Range.whole(t), Range.whole(t1))) == {}


def test_lengths_that_are_sure() -> None:
    assert holds(PAST[1], PAST, 0) and not holds(PAST[1], PAST, 1)
    assert holds(CHAIN[2], CHAIN, 0) and holds(BAND[1], BAND, 1)


def test_an_equation_over_a_triangle_covers_its_triangle_only() -> None:
    same = {t: t, t1: t1}
    assert covers(PAST, same, PAST)
    assert not covers(PAST, same, (Range.whole(t), Range.whole(t1)))
    assert not covers(PAST, {t: t1, t1: t}, PAST)
    assert covers(PAST, {t: t, t1: t1 - 1}, (Range(t, ONE, T), Range(t1, sympy.Integer(2), t)))
