"""The passes after differentiation: each does what it says, nothing twice, whatever the order and the names."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import sympy

from derive import pipeline
from derive.calculus.adjoint import adjoint
from derive.calculus.derivation import differentiate, prepare
from derive.calculus.normalise import canonical_names, move_domains
from derive.calculus.simplify import collect_terms, count_repeats, drop_empty, inline_constants, reuse_values
from derive.calculus.trace import Traced
from derive.expressions import Axis, AxisKind, Index, Range, Ref, size_symbol
from derive.functions import tanh
from derive.language import read
from derive.system import Equation, Role, System, Variable
from tests import bank

T = size_symbol("T")
STEPS = Axis(T, AxisKind.SEQUENCE)
t, s = Index("t", STEPS), Index("s", STEPS)
PASSES = (move_domains, inline_constants, reuse_values, count_repeats, drop_empty, canonical_names, collect_terms)


def gradient(text: str) -> System:
    return differentiate(prepare(read(text))).system


def texts(system: System, name: str) -> list[str]:
    return [str(e) for e in system.defining.get(f"grad({name})", ())]


@bank.zoo
def test_every_pass_is_idempotent(name: str) -> None:
    system = differentiate(prepare(pipeline.load(name).system)).system
    for run in PASSES:
        assert set(run(system).equations) == set(system.equations), run.__name__


@pytest.mark.parametrize("name", ["vanilla", "lstm", "gru"])
def test_the_result_does_not_depend_on_the_order_of_the_equations(name: str) -> None:
    prepared = prepare(pipeline.load(name).system).system
    wanted = {str(e) for e in differentiate(Traced(prepared)).system.equations}
    for seed in range(3):
        shuffled = list(prepared.equations)
        random.Random(seed).shuffle(shuffled)
        found = differentiate(Traced(replace(prepared, equations=tuple(shuffled)))).system
        assert {str(e) for e in found.equations} == wanted


def test_the_result_does_not_depend_on_the_names_of_indices() -> None:
    text = "x: Input[T, n]\nW: Param[n, n]\na[t, {0}] = sum(W[{0}, {1}] * x[t, {1}], {1})\n"
    text += "h[t, {0}] = tanh(a[t, {0}])\nloss = sum(h[t, {0}]**2, {0}, t)\n"
    one, other = (gradient(text.format(*names)) for names in (("i", "j"), ("q", "p")))
    assert texts(one, "W") == texts(other, "W") and texts(one, "a") == texts(other, "a")


def test_a_forward_value_is_read_again() -> None:
    text = "x: Input[T, n]\nW: Param[n, n]\nh[t] = sigmoid(W @ x[t])\nloss = sum(sum(h[t]), t)\n"
    assert "sigmoid" not in " ".join(str(e) for e in gradient(text).equations if e.target.startswith("grad"))


def test_an_entry_of_a_softmax_less_one() -> None:
    text = "x: Input[T, n]\ny: Label[T, n]\nW: Param[n, n]\no[t] = W @ x[t]\np[t] = softmax(o[t])\n"
    text += "loss = sum(-log(p[t, y[t]]), t)\n"
    assert texts(gradient(text), "o") == [
        "grad(o)[t, y[t]] += -1   [t = 1..T]",
        "grad(o)[t, i] += p[t, i]   [t = 1..T; i = 0..n - 1]",
    ]


def test_what_is_constant_is_put_in() -> None:
    text = "x: Input[T]\nw: Param\na[t] = w * x[t]\nb[t] = 3 * a[t]\nloss = sum(b[t]**2, t)\n"
    system = gradient(text)
    assert "grad(loss)" not in " ".join(str(e.right) for e in system.equations)
    assert texts(system, "b") == ["grad(b)[t] += 2*b[t]   [t = 1..T]"]


def test_what_is_constant_in_a_part_of_its_range_is_put_in_there_alone() -> None:
    early, o = Range(t, sympy.Integer(1), T - 1), Variable("grad(o)", Role.GRAD, (STEPS,))
    said = Equation("grad(o)", (t,), sympy.Integer(2), (early,))
    for steps, wanted in ((early, 2 * Ref("x", t)), (Range.whole(t), Ref("grad(o)", t) * Ref("x", t))):
        system = hand(said, Equation("grad(w)", (), Ref("grad(o)", t) * Ref("x", t), (steps,)))
        system = replace(system, variables=(o, *system.variables))
        assert inline_constants(system).defining["grad(w)"][0].right == wanted


def hand(*equations: Equation) -> System:
    return System("m", (Variable("x", Role.INPUT, (STEPS,)), Variable("grad(w)", Role.GRAD)), equations)


def test_a_term_without_a_summed_index_is_counted() -> None:
    (found,) = count_repeats(hand(Equation("grad(w)", (), Ref("x", t), (Range.whole(t), Range.whole(s))))).equations
    assert str(found) == "grad(w) += T*x[t]   [t = 1..T]"


def test_a_range_that_may_be_empty_is_not_counted() -> None:
    """Were it, a sequence shorter than the range begins would count a negative number of times."""
    late = Range(s, sympy.Integer(3), T)
    system = hand(Equation("grad(w)", (), Ref("x", t), (Range.whole(t), late)))
    assert count_repeats(system) is system


def test_a_range_that_is_always_empty_is_dropped() -> None:
    empty = Range(t, sympy.Integer(1), sympy.Integer(0))
    assert drop_empty(hand(Equation("grad(w)", (), Ref("x", t), (empty,)))).equations == ()


@pytest.mark.parametrize("at", [sympy.Integer(1), T])
def test_a_range_of_one_step_is_kept(at: sympy.Expr) -> None:
    """The last step of a recursion stands for itself."""
    system = hand(Equation("grad(w)", (), Ref("x", t), (Range(t, at, at),)))
    assert drop_empty(system) is system


def test_a_forward_value_is_not_read_where_another_equation_defines_it() -> None:
    """`h[1]` is no tanh: at step 1 the function is computed."""
    h, later = Variable("h", Role.VAR, (STEPS,)), Range(t, sympy.Integer(2), T)
    said = Equation("h", (t,), tanh(Ref("x", t)), (later,))
    for steps, wanted in ((later, Ref("h", t)), (Range.whole(t), tanh(Ref("x", t)))):
        system = hand(said, Equation("grad(w)", (), tanh(Ref("x", t)), (steps,)))
        system = replace(system, variables=(h, *system.variables))
        assert reuse_values(system).defining["grad(w)"][0].right == wanted


def test_like_terms_are_added_and_zeros_dropped() -> None:
    one = Equation("grad(w)", (), Ref("x", t), (Range.whole(t),))
    (found,) = collect_terms(hand(one, one)).equations
    assert found.right == 2 * Ref("x", t)
    assert collect_terms(hand(one, replace(one, right=-one.right))).equations == ()


def test_the_chain_rule_alone_means_the_same_as_what_is_made_of_it() -> None:
    prepared = prepare(pipeline.load("gru").system).system
    assert len(adjoint(prepared).equations) >= len(differentiate(Traced(prepared)).system.equations)
