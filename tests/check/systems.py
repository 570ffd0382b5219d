"""Systems written by hand, as the reader and the passes make them, for tests that need neither."""

from __future__ import annotations

import sympy

from derive import functions as f
from derive.expressions import Axis, AxisKind, Index, Range, Ref, Sum, size_symbol
from derive.system import Equation, Reduction, Role, Start, System, Variable

T = Axis(size_symbol("T"), AxisKind.SEQUENCE)
B = Axis(size_symbol("B"), AxisKind.BATCH)
n_x, n_h, n_y = (Axis(size_symbol(name)) for name in ("n_x", "n_h", "n_y"))
t, e = Index("t", T), Index("b.index", B)


def ranges(*indices: Index) -> tuple[Range, ...]:
    return tuple(map(Range.whole, indices))


def total(body: sympy.Expr, index: Index) -> Sum:
    return Sum(body, index, index.axis.first, index.axis.last)


def vanilla(batched: bool = True) -> System:
    """Goodfellow et al., eqs. 10.8-10.14, with or without the batch."""
    batch = (B,) if batched else ()
    at = (e,) if batched else ()
    i, j, k, o = Index("i", n_h), Index("j", n_h), Index("k", n_x), Index("i", n_y)
    shapes = {
        "x": (Role.INPUT, (T, *batch, n_x)), "U": (Role.PARAM, (n_h, n_x)), "W": (Role.PARAM, (n_h, n_h)),
        "V": (Role.PARAM, (n_y, n_h)), "b": (Role.PARAM, (n_h,)), "c": (Role.PARAM, (n_y,)),
        "a": (Role.VAR, (T, *batch, n_h)), "h": (Role.VAR, (T, *batch, n_h)), "o": (Role.VAR, (T, *batch, n_y)),
        "yhat.lse": (Role.VAR, (T, *batch)), "yhat": (Role.VAR, (T, *batch, n_y)), "loss": (Role.VAR, ()),
    }  # fmt: skip
    variables = [Variable(name, role, axes) for name, (role, axes) in shapes.items()]
    variables.insert(1, Variable("y", Role.LABEL, (T, *batch), classes=n_y.size))
    start = Variable("h.0", Role.START, (*batch, n_h), default=0, start=Start("h", sympy.Integer(0)))
    h_before = Ref("h", t - 1, *at, j)
    inner = Ref("b", i) + total(Ref("W", i, j) * h_before, j) + total(Ref("U", i, k) * Ref("x", t, *at, k), k)
    outer = Ref("c", o) + total(Ref("V", o, j) * Ref("h", t, *at, j), j)
    logits = Ref("o", t, *at, o)
    label = -f.log(Ref("yhat", t, *at, Ref("y", t, *at)))
    equations = (
        Equation("h", (sympy.Integer(0), *at, i), Ref("h.0", *at, i), ranges(*at, i), text="h[0] = 0"),
        Equation("a", (t, *at, i), inner, ranges(t, *at, i)),
        Equation("h", (t, *at, i), f.tanh(Ref("a", t, *at, i)), ranges(t, *at, i)),
        Equation("o", (t, *at, o), outer, ranges(t, *at, o)),
        Equation("yhat.lse", (t, *at), logits, ranges(t, *at, o), Reduction.LOGSUMEXP),
        Equation("yhat", (t, *at, o), f.exp(logits - Ref("yhat.lse", t, *at)), ranges(t, *at, o)),
        Equation("loss", (), total(label, t), ranges(*at)),
    )
    return System("vanilla", (*variables, start), equations)
