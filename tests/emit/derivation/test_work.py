"""What is sequential, how many multiply-adds and operations it takes, and what is kept."""

from __future__ import annotations

from functools import cache

import pytest
import sympy

from derive.emit.derivation import Work, work
from derive.emit.derivation.formulas import formula
from derive.emit.derivation.work import total
from derive.emit.notation.plain import Plain
from tests.bank import model, zoo


@cache
def of(name: str) -> Work:
    return work(model(name).gradient().system)


def said(expression: sympy.Expr) -> str:
    return Plain().text(formula(expression))


def names(forms: tuple[object, ...]) -> list[str]:
    return [Plain().variable(form) for form in forms]  # type: ignore[arg-type]


def test_vanilla() -> None:
    found = of("vanilla")
    once, stepped = found.forward
    assert (once.loops, names(once.names)) == ((), ["o", "yhat", "loss"])
    assert (said(once.products), said(once.operations)) == (
        "T * n_h * (n_x + n_y)",
        "T * (4 * n_y + n_h + 4)",
    )
    assert (stepped.loops, names(stepped.names), said(stepped.steps)) == ((("t", True),), ["a", "h"], "T")
    assert (said(stepped.products), said(stepped.operations)) == ("n_h**2", "n_h")
    once, edge, stepped = found.backward
    assert {"grad(W)", "grad(h[0])"} <= set(names(once.names))
    assert edge.edge and names(edge.names) == ["grad(a)", "grad(h)"] and said(edge.products) == "n_h**2"
    assert (stepped.loops, said(stepped.products), said(stepped.steps)) == ((("t", False),), "n_h**2", "T - 1")
    assert said(total(found.backward)[0]) == "2 * T * n_h * (n_h + n_x + n_y)"
    (kept,) = found.kept
    assert (kept.steps, names(kept.names), said(kept.each)) == (("t",), ["yhat", "h"], "n_h + n_y")
    assert said(found.memory) == "T * (n_h + n_y)"


def test_operations_entry_by_entry_of_a_small_model() -> None:
    # A product and a sum with an array, a tanh, a square, and a sum of all.
    text = "v: Param[n]\nx: Input[n]\nh = tanh(2 * v + x)\nloss = sum(h**2)"
    (row,) = of(text).forward
    assert (row.products, said(row.operations)) == (0, "5 * n")


def test_nothing_is_sequential_with_the_truth_as_the_past() -> None:
    found = of("teacher_forcing")
    assert not any(row.loops for row in (*found.forward, *found.backward))


@pytest.mark.parametrize(
    ("name", "ahead", "back"),
    [
        ("soft_dtw", (("t", True), ("s", True)), (("t", False), ("s", False))),
        ("tree", (("k", True),), (("k", False),)),
        ("transducer", (("t", True), ("s", True)), (("s", False),)),
    ],
)
def test_loops(name: str, ahead: object, back: object) -> None:
    assert [row.loops for row in of(name).forward if row.loops][-1] == ahead
    assert [row.loops for row in of(name).backward if row.loops][-1] == back


def test_what_is_kept_for_each_pair_of_steps_and_once() -> None:
    assert [kept.steps for kept in of("attention").kept] == [("t", "s"), ("t",), ("s",)]


@zoo
def test_every_model_has_an_order(name: str) -> None:
    found = of(name)
    assert found.forward and found.backward
    assert any("loss" in names(row.names) for row in found.forward)
    assert any(count != 0 for count in total(found.backward))


def test_counts_are_those_of_long_sequences() -> None:
    found = of("time_skip")
    assert not any(row.products.has(sympy.Min) for row in (*found.forward, *found.backward))
