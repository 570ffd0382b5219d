"""A gradient that is read once, entry by entry, is put where it is read; everything else stays where it is."""

from __future__ import annotations

import sympy

from derive.expressions import Axis, AxisKind, Index, Range, Ref, size_symbol
from derive.language import read
from derive.schedule.fuse import fuse, gathered, is_pointwise
from derive.schedule.statements import split_terms
from derive.system import Equation, Role, Variable
from tests.schedule.running import gradient_of

ONCE = (
    "x: Input[T, n]\nW: Param[n, n]\na[t] = W @ x[t]\nb[t] = tanh(a[t])\nc[t] = sin(b[t])\nloss = sum(sum(c[t]), t)\n"
)
KINDS = dict.fromkeys(("x", "u", "v"), Role.VAR) | dict.fromkeys(("grad(h)", "grad(z)"), Role.GRAD)


def fused(text: str, kept: tuple[str, ...], outside: tuple[str, ...] = ()) -> dict[str, list[Equation]]:
    """The statements of the backward pass after fusing, by what they write."""
    system = gradient_of(read(text))
    own = [e for e in system.equations if e.target.startswith("grad")]
    found: dict[str, list[Equation]] = {}
    for statement in fuse(split_terms(own, system.variables), system.by_name, kept, outside):
        found.setdefault(statement.target, []).append(statement)
    return found


def test_a_value_read_once_goes_into_its_reader() -> None:
    found = fused(ONCE, ("grad(W)",))
    assert "grad(b)" not in found
    assert "cos(b" in str(found["grad(a)"][0].right)


def test_results_and_what_others_read_stay() -> None:
    assert "grad(b)" in fused(ONCE, ("grad(W)", "grad(b)"))
    assert "grad(b)" in fused(ONCE, ("grad(W)",), ("grad(b)",))


def test_what_a_product_reads_stays_an_array() -> None:
    assert "grad(a)" in fused(ONCE, ("grad(W)",))


def test_what_two_read_stays() -> None:
    text = "x: Input[T, n]\nu, v = Param[n]\na[t] = u * x[t] + v * x[t]\nb[t] = tanh(a[t])\nloss = sum(sum(b[t]), t)\n"
    assert "grad(a)" in fused(text, ("grad(u)", "grad(v)"))


def test_a_recurrence_is_not_put_into_itself() -> None:
    text = "x: Input[T]\nw: Param\nh[0] = 0\nh[t] = tanh(w * h[t-1] + x[t])\nloss = sum(h[t], t)\n"
    assert "grad(h)" in fused(text, ("grad(w)",))


def test_sums_and_diagonals_are_not_pointwise() -> None:
    system = read("x: Input[n]\nW: Param[n, n]\na = W @ x\nb = 2 * x\nloss = sum(a * b)\n")
    statements = {e.target: e for e in split_terms(system.equations, system.variables)}
    assert is_pointwise(statements["b"]) and not is_pointwise(statements["a"])


def test_what_scales_one_gradient_is_added_up() -> None:
    """`grad(z)` of a gate between `g` and `x` is read once then, and goes into its reader."""
    text = "x: Input[T, n]\nA, C = Param[n, n]\nz[t] = sigmoid(A @ x[t])\ng[t] = tanh(C @ x[t])\n"
    system = gradient_of(read(text + "h[t] = z[t] * g[t] + (1 - z[t]) * x[t]\nloss = sum(sum(tanh(h[t])), t)\n"))
    own = split_terms([e for e in system.equations if e.target == "grad(z)"], system.variables)
    (both,) = gathered(own, system.by_name)
    assert len(own) == 2 and both.domain == own[0].domain
    assert {str(f) for f in both.right.args} == {"grad(h)[t, i]", "g[t, i] - x[t, i]"}


def test_other_steps_and_other_gradients_are_not_added_up() -> None:
    text = "x: Input[T, n]\nu, v = Param[n]\nh[0] = 0\nh[t] = u * h[t-1] + v * x[t]\ng[t] = h[t] * u\n"
    system = gradient_of(read(text + "loss = sum(sum(tanh(h[t]) + tanh(g[t])), t)\n"))
    own = split_terms([e for e in system.equations if e.target == "grad(h)"], system.variables)
    assert gathered(own, system.by_name) == own and len(own) > 2


def test_the_same_gradient_over_other_steps_is_not_added_up() -> None:
    steps = Axis(size_symbol("T"), AxisKind.SEQUENCE)
    t = Index("t", steps)
    variables = {name: Variable(name, role, (steps,)) for name, role in KINDS.items()}
    whole, later = Range.whole(t), Range(t, sympy.Integer(2), steps.last)
    made = [
        Equation("grad(z)", (t,), Ref("grad(h)", t) * Ref(name, t), (reach,))
        for name, reach in (("x", whole), ("u", later), ("v", whole))
    ]
    both, other = gathered(made, variables)
    assert both.domain == (whole,) and both.right == Ref("grad(h)", t) * (Ref("x", t) + Ref("v", t))
    assert other == made[1]


def test_a_value_is_not_put_where_it_has_none() -> None:
    steps = Axis(size_symbol("T"), AxisKind.SEQUENCE)
    t = Index("t", steps)
    variables = {name: Variable(name, role, (steps,)) for name, role in KINDS.items()}
    later = Range(t, sympy.Integer(2), steps.last)
    made = Equation("grad(h)", (t,), 2 * Ref("x", t), (later,))
    for reach, stays in ((Range.whole(t), True), (later, False)):
        reader = Equation("grad(z)", (t,), Ref("grad(h)", t) * Ref("u", t), (reach,))
        found = fuse([made, reader], variables, ("grad(z)",), ())
        assert (made in found) is stays and len(found) == (2 if stays else 1), reach
