"""A statement in a loop: its index at a step, the piece that it is cut to, and the name of the loop's index."""

from __future__ import annotations

import sympy

from derive.expressions import Axis, AxisKind, Index, Range, Ref, size_symbol
from derive.schedule.loops import LoopNest, Member
from derive.schedule.segments import Segment
from derive.schedule.standing import Standing, index_of, steps
from derive.system import Equation

T = size_symbol("T")
AXIS = Axis(T, AxisKind.SEQUENCE)
t, s = Index("t", AXIS), Index("s", AXIS)
# h[t+1] += a[t] over t = 1..T-1: at the loop's step 5, t is 4.
STATEMENT = Equation("h", (t + 1,), Ref("a", t), (Range(t, sympy.Integer(1), T - 1),))
MEMBER = Member(0, t, 1)


def test_a_statement_runs_at_the_steps_of_its_range_moved_along() -> None:
    assert steps(Standing(STATEMENT), MEMBER) == (2, T)


def test_in_a_segment_it_is_cut_and_its_index_is_a_number_of_the_step() -> None:
    piece = Segment(sympy.Integer(3), T, frozenset({0}))
    found = Standing(STATEMENT).at(MEMBER, s, piece, 7)
    assert found.statement.domain == (Range(t, sympy.Integer(2), T - 1),)
    assert found.values == {t: s - 1} and found.piece == 7
    assert [(stay.loop, stay.place) for stay in found.loops] == [(7, (0, sympy.Integer(0)))]


def test_a_single_step_is_no_loop() -> None:
    piece = Segment(T, T, frozenset({0}))
    found = Standing(STATEMENT).at(MEMBER, T, piece, 7)
    assert found.loops == () and found.values == {t: T - 1}


def test_the_index_of_a_loop_is_not_that_of_another_inside() -> None:
    nest = LoopNest((MEMBER,), True, (0,))
    assert index_of(nest, {0: Standing(STATEMENT)}) is t
    # a[t, s] over both, where a loop around it goes by the name `t` already.
    both = Equation("a", (s, t), Ref("x", s), (Range.whole(s), Range.whole(t)))
    assert index_of(nest, {0: Standing(both, {s: t})}).name != "t"
