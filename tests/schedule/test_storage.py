"""The first writer of a cell assigns, the others add; where that is not sure the array starts as zeros."""

from __future__ import annotations

import sympy

from derive.expressions import Axis, AxisKind, Index, Range, Ref, size_symbol
from derive.schedule.storage import Layout, Stay, Writer, layout, modes
from derive.system import Equation, Role, Variable

ZERO, ONE = sympy.Integer(0), sympy.Integer(1)
T, N = size_symbol("T"), size_symbol("n")
STEPS, ENTRIES = Axis(T, AxisKind.SEQUENCE), Axis(N)
t, i = Index("t", STEPS), Index("i", ENTRIES)
H = Variable("h", Role.VAR, (STEPS, ENTRIES))
WHOLE = (Range.whole(t), Range.whole(i))


def general(first: object = 1, last: object = T) -> Equation:
    return Equation("h", (t, i), Ref("x", t, i), (Range(t, sympy.sympify(first), sympy.sympify(last)), Range.whole(i)))


def at(step: object) -> Equation:
    return Equation("h", (sympy.sympify(step), i), Ref("s", i), (Range.whole(i),))


def ways(*statements: Equation) -> tuple[list[str], bool]:
    """How each of some statements writes, and whether their array starts as zeros."""
    found, zeros = modes([Writer(e) for e in statements], {"h": layout(H, statements)})
    return ["makes" if m.makes else "adds" if m.adds else "assigns" for m in found], zeros["h"]


def test_an_array_begins_with_its_start() -> None:
    assert layout(H, [at(0), general()]) == Layout(((sympy.Integer(0), T), (sympy.Integer(0), N - 1)))
    assert layout(H, [at(0), general()]).extent == (T + 1, N)


def test_the_whole_is_made_then_added_to() -> None:
    assert ways(general(), general(2)) == (["makes", "adds"], False)


def test_pieces_are_assigned() -> None:
    assert ways(at(0), general()) == (["assigns", "assigns"], False)


def test_a_part_first_would_leave_cells_unsure() -> None:
    assert ways(general(2), general()) == (["adds", "adds"], True)


def test_cells_that_nothing_writes_are_zeros() -> None:
    _, zeros = ways(at(0), general(2))
    assert zeros


def test_what_two_have_begun_is_added_to_at_once() -> None:
    """The parts of a stack are begun one by one; all that is there may be added to by one statement."""
    assert ways(at(0), general(1), general(0)) == (["assigns", "assigns", "adds"], False)
    assert ways(at(0), general(2), general(0)) == (["adds", "adds", "adds"], True)


def test_an_addition_at_looked_up_entries_needs_something_below() -> None:
    entry = Equation("h", (t, Ref("y", t)), sympy.Integer(-1), (Range.whole(t),))
    assert ways(entry) == (["adds"], True)
    assert ways(general(), entry) == (["makes", "adds"], False)


def test_a_diagonal_is_not_the_whole() -> None:
    square = Variable("h", Role.VAR, (ENTRIES, ENTRIES))
    diagonal = Equation("h", (i, i), Ref("x", i), (Range.whole(i),))
    found, zeros = modes([Writer(diagonal)], {"h": layout(square, [diagonal])})
    assert zeros["h"] and found[0].adds and not found[0].makes


def test_steps_of_one_loop_that_overtake_each_other_add() -> None:
    found, zeros = modes(
        [Writer(general(), (Stay(1, (0, ZERO)),)), Writer(general(), (Stay(1, (0, -ONE)),))],
        {"h": layout(H, [general()])},
    )
    assert zeros["h"] and all(mode.adds for mode in found)


def test_what_a_condition_may_leave_out_has_begun_nothing() -> None:
    unsure = [Writer(general(), sure=False), Writer(general())]
    found, zeros = modes(unsure, {"h": layout(H, [general()])})
    assert zeros["h"] and all(mode.adds and not mode.makes for mode in found)
    sure, zeros = modes(unsure[::-1], {"h": layout(H, [general()])})
    assert not zeros["h"] and [mode.adds for mode in sure] == [False, True]
