"""Systems over two sequences, and over one sequence twice, written by hand: the representation carries them."""

from __future__ import annotations

import sympy

from derive import functions as f
from derive.expressions import Axis, AxisKind, Domain, Index, Range, Ref, Sum, size_symbol
from derive.system import Equation, Role, System, Variable

ZERO, ONE = sympy.Integer(0), sympy.Integer(1)
T, S = (Axis(size_symbol(name), AxisKind.SEQUENCE) for name in ("T", "S"))
N = Axis(size_symbol("n"))
t, t1, s = Index("t", T), Index("t1", T), Index("s", S)
i, j = Index("i", N), Index("j", N)


def over(*indices: Index) -> Domain:
    return tuple(map(Range.whole, indices))


def total(body: sympy.Expr, index: Index) -> Sum:
    return Sum(body, index, index.axis.first, index.axis.last)


def grid() -> System:
    """`e[t, s]` reads its neighbours above, to the left and at the corner."""
    shape = (T, S, N)
    inner = (
        total(Ref("W", i, j) * Ref("e", t - 1, s, j), j)
        + Ref("u", i) * Ref("e", t, s - 1, i)
        + Ref("u", i) * Ref("e", t - 1, s - 1, i) / 2
        + Ref("x", t, i) * Ref("z", s, i)
    )
    left = Range(s, ZERO, S.size)
    equations = (
        Equation("e", (ZERO, s, i), Ref("u", i) / 3, (left, *over(i))),
        Equation("e", (t, ZERO, i), ZERO, over(t, i)),
        Equation("e", (t, s, i), f.tanh(inner), over(t, s, i)),
        Equation("loss", (), total(total(total(Ref("e", t, s, i) ** 2, i), s), t), ()),
    )
    variables = (
        Variable("x", Role.INPUT, (T, N)), Variable("z", Role.INPUT, (S, N)), Variable("W", Role.PARAM, (N, N)),
        Variable("u", Role.PARAM, (N,)), Variable("e", Role.VAR, shape), Variable("loss", Role.VAR),
    )  # fmt: skip
    return System("grid", variables, equations)


def rightwards() -> System:
    """A recurrence that runs from right to left, and one that reads it from left to right."""
    g = f.tanh(total(Ref("W", i, j) * Ref("g", t + 1, j), j) + Ref("x", t, i))
    h = f.tanh(total(Ref("W", i, j) * Ref("h", t - 1, j), j) + Ref("g", t, i))
    equations = (
        Equation("g", (T.size + 1, i), ZERO, over(i)),
        Equation("g", (t, i), g, over(t, i)),
        Equation("h", (ZERO, i), ZERO, over(i)),
        Equation("h", (t, i), h, over(t, i)),
        Equation("loss", (), total(total(Ref("h", t, i) * Ref("g", t, i), i), t), ()),
    )
    variables = (
        Variable("x", Role.INPUT, (T, N)), Variable("W", Role.PARAM, (N, N)), Variable("g", Role.VAR, (T, N)),
        Variable("h", Role.VAR, (T, N)), Variable("loss", Role.VAR),
    )  # fmt: skip
    return System("rightwards", variables, equations)


def attention() -> System:
    """Every step reads a mean over all steps, with weights that are learned."""
    score = total(Ref("x", t, i) * total(Ref("W", i, j) * Ref("x", t1, j), j), i)
    equations = (
        Equation("a", (t, t1), f.tanh(score), over(t, t1)),
        Equation("c", (t, i), total(Ref("a", t, t1) * Ref("x", t1, i), t1), over(t, i)),
        Equation("loss", (), total(total(Ref("c", t, i) ** 2, i), t), ()),
    )
    variables = (
        Variable("x", Role.INPUT, (T, N)), Variable("W", Role.PARAM, (N, N)), Variable("a", Role.VAR, (T, T)),
        Variable("c", Role.VAR, (T, N)), Variable("loss", Role.VAR),
    )  # fmt: skip
    return System("attention", variables, equations)


def own_past() -> System:
    """A state that reads the sum of all states before it: a triangle of steps."""
    past = Sum(Ref("h", t1, i) * Ref("u", i), t1, ONE, t - 1)
    equations = (
        Equation("h", (t, i), Ref("x", t, i) + past, over(t, i)),
        Equation("loss", (), total(total(Ref("h", t, i) ** 2, i), t), ()),
    )
    variables = (
        Variable("x", Role.INPUT, (T, N)), Variable("u", Role.PARAM, (N,)), Variable("h", Role.VAR, (T, N)),
        Variable("loss", Role.VAR),
    )  # fmt: skip
    return System("own_past", variables, equations)
