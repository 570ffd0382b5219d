"""Every gradient stands at a plain index, its domain moved along, its indices named in one way."""

from __future__ import annotations

import sympy

from derive.calculus.normalise import canonical, canonical_names, move_domains
from derive.expressions import Axis, AxisKind, Index, Range, Ref, size_symbol
from derive.system import Equation, Role, System, Variable

T, N = size_symbol("T"), size_symbol("n")
STEPS, ENTRIES = Axis(T, AxisKind.SEQUENCE), Axis(N)
t = Index("t", STEPS)
i, j, p, q = (Index(name, ENTRIES) for name in "ijpq")
GRADIENT = Variable("grad(h)", Role.GRAD, (STEPS, ENTRIES))


def system(*equations: Equation) -> System:
    return System("m", (GRADIENT,), equations)


def moved(equation: Equation) -> Equation:
    return move_domains(system(equation)).equations[0]


def test_the_domain_moves_with_the_subscript() -> None:
    domain = (Range.whole(t), Range.whole(i))
    found = moved(Equation("grad(h)", (t - 1, i), Ref("g", t, i), domain))
    assert str(found) == "grad(h)[t, i] += g[t + 1, i]   [t = 0..T - 1; i = 0..n - 1]"


def test_inner_ranges_follow() -> None:
    s = Index("s", STEPS)
    domain = (Range.whole(t), Range(s, sympy.Integer(1), t - 1), Range.whole(i))
    found = moved(Equation("grad(h)", (t - 1, i), Ref("g", s, i), domain))
    assert [str(r) for r in found.domain] == ["t = 0..T - 1", "s = 1..t", "i = 0..n - 1"]


def test_a_look_up_and_an_end_stay() -> None:
    equation = Equation("grad(h)", (T, Ref("y", T)), Ref("g"), ())
    assert moved(equation) == equation


def test_a_part_of_a_concatenation_moves_onto_its_own_axis() -> None:
    whole = Variable("grad(z)", Role.GRAD, (Axis(2 * N),))
    equation = Equation("grad(z)", (i + N,), Ref("g", i), (Range.whole(i),))
    (found,) = move_domains(System("m", (whole,), (equation,))).equations
    (index,) = found.subscripts
    assert isinstance(index, Index) and index.axis == Axis(2 * N)
    assert (found.domain[0].first, found.domain[0].last) == (N, 2 * N - 1)
    assert found.right == Ref("g", index - N)


def test_names_do_not_depend_on_the_names_before() -> None:
    domain = (Range.whole(t), Range.whole(q), Range.whole(p))
    one = Equation("grad(h)", (t, p), Ref("W", q, p) * Ref("g", t, q), domain)
    other = Equation(
        "grad(h)", (t, j), Ref("W", i, j) * Ref("g", t, i), (Range.whole(i), Range.whole(j), Range.whole(t))
    )
    assert canonical(one, ()) == canonical(other, ())
    assert str(canonical(one, ())) == "grad(h)[t, i] += W[j, i]*g[t, j]   [t = 1..T; i = 0..n - 1; j = 0..n - 1]"


def test_names_that_a_model_uses_are_left_to_it() -> None:
    equation = Equation("grad(h)", (t, p), Ref("g", t, p), (Range.whole(t), Range.whole(p)))
    assert str(canonical(equation, {"i", "t"}).left) == "grad(h)[t1, j]"


def test_naming_twice_changes_nothing() -> None:
    equation = Equation("grad(h)", (t, p), Ref("W", q, p) * Ref("g", t, q), tuple(map(Range.whole, (t, p, q))))
    once = canonical_names(system(equation))
    assert canonical_names(once).equations == once.equations
