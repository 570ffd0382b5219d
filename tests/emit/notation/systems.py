"""Systems written by hand, in the form in which the reader makes them."""

from __future__ import annotations

import sympy

from derive import functions as f
from derive.expressions import Axis, AxisKind, Index, Range, Ref, Sum, size_symbol
from derive.system import Equation, Nested, Reduction, Role, Start, System, Variable

T = Axis(size_symbol("T"), AxisKind.SEQUENCE)
n_x, n_h, n_y = (Axis(size_symbol(name)) for name in ("n_x", "n_h", "n_y"))
t = Index("t", T)
i, j, p = Index("i", n_h), Index("j", n_h), Index("p", n_h)
k, o = Index("k", n_x), Index("i", n_y)
STEPS = Range.whole(t)
AXES = {"T": T, "n_x": n_x, "n_h": n_h, "n_y": n_y}


def var(name: str, role: Role, axes: str = "", **more: object) -> Variable:
    return Variable(name, role, tuple(AXES[axis] for axis in axes.split()), **more)  # type: ignore[arg-type]


def over(*indices: Index) -> tuple[Range, ...]:
    return tuple(map(Range.whole, indices))


def total(body: sympy.Expr, index: Index) -> Sum:
    return Sum(body, index, index.axis.first, index.axis.last)


def start(of: str, axes: str, default: Nested = 0, step: int = 0) -> Variable:
    return var(f"{of}.{step}", Role.START, axes, default=default, start=Start(of, sympy.Integer(step)))


def affine(bias: str, *pairs: tuple[str, Ref, Index], row: Index = i) -> sympy.Expr:
    """`bias[i] + sum(W[i, j] * v[j], j) + ...`."""
    terms = [total(Ref(name, row, index) * vector, index) for name, vector, index in pairs]
    return sympy.Add(Ref(bias, row), *terms)


def output(state: Ref, column: Index) -> tuple[Equation, ...]:
    """Logits, their softmax and the loss, of a state."""
    score = Ref("o", t, o)
    label = -f.log(Ref("yhat", t, Ref("y", t)))
    return (
        Equation("o", (t, o), affine("c", ("V", state, column), row=o), over(t, o), text="o[t] = c + V @ h[t]"),
        Equation("yhat.lse", (t,), score, over(t, o), Reduction.LOGSUMEXP, text="yhat[t] = softmax(o[t])"),
        Equation("yhat", (t, o), f.exp(score - Ref("yhat.lse", t)), over(t, o), text="yhat[t] = softmax(o[t])"),
        Equation("loss", (), total(label, t), (), text="loss = sum(-log(yhat[t, y[t]]), t)"),
    )


OUTPUTS = (
    var("V", Role.PARAM, "n_y n_h"),
    var("c", Role.PARAM, "n_y"),
    var("o", Role.VAR, "T n_y"),
    var("yhat.lse", Role.VAR, "T"),
    var("yhat", Role.VAR, "T n_y"),
    var("loss", Role.VAR),
)
DATA = (var("x", Role.INPUT, "T n_x"), var("y", Role.LABEL, "T", classes=n_y.size))


def vanilla() -> System:
    variables = (
        *DATA,
        var("U", Role.PARAM, "n_h n_x"),
        var("W", Role.PARAM, "n_h n_h"),
        var("b", Role.PARAM, "n_h"),
        start("h", "n_h"),
        var("a", Role.VAR, "T n_h"),
        var("h", Role.VAR, "T n_h"),
        *OUTPUTS,
    )
    inner = affine("b", ("W", Ref("h", t - 1, j), j), ("U", Ref("x", t, k), k))
    equations = (
        Equation("h", (sympy.Integer(0), i), Ref("h.0", i), over(i), text="h[0] = 0"),
        Equation("a", (t, i), inner, over(t, i), text="a[t] = b + W @ h[t-1] + U @ x[t]"),
        Equation("h", (t, i), f.tanh(Ref("a", t, i)), over(t, i), text="h[t] = tanh(a[t])"),
        *output(Ref("h", t, j), j),
    )
    return System("vanilla", variables, equations)


def lstm() -> System:
    gates = ("f", "q", "g", "r")
    variables = [*DATA]
    for gate in gates:
        variables += [var(f"W{gate}", Role.PARAM, "n_h n_x"), var(f"U{gate}", Role.PARAM, "n_h n_h")]
        variables.append(var(f"b{gate}", Role.PARAM, "n_h"))
    variables += [start("h", "n_h"), start("s", "n_h")]
    variables += [var(name, Role.VAR, "T n_h") for name in (*gates, "s", "h")]
    zero = sympy.Integer(0)
    equations = [Equation(name, (zero, i), Ref(f"{name}.0", i), over(i), text=f"{name}[0] = 0") for name in "hs"]
    for gate in gates:
        inner = affine(f"b{gate}", (f"W{gate}", Ref("x", t, k), k), (f"U{gate}", Ref("h", t - 1, j), j))
        name = "tanh" if gate == "g" else "sigmoid"
        text = f"{gate}[t] = {name}(b{gate} + W{gate} @ x[t] + U{gate} @ h[t-1])"
        equations.append(Equation(gate, (t, i), f.TABLE[name](inner), over(t, i), text=text))
    cell = Ref("f", t, i) * Ref("s", t - 1, i) + Ref("q", t, i) * Ref("g", t, i)
    equations.append(Equation("s", (t, i), cell, over(t, i), text="s[t] = f[t] * s[t-1] + q[t] * g[t]"))
    squashed = Ref("r", t, i) * f.tanh(Ref("s", t, i))
    equations.append(Equation("h", (t, i), squashed, over(t, i), text="h[t] = r[t] * tanh(s[t])"))
    return System("lstm", (*variables, *OUTPUTS), (*equations, *output(Ref("h", t, j), j)))


def fast_weights() -> System:
    """A matrix as state: it decays, is written by an outer product, and read by a matrix product."""
    variables = (
        *DATA,
        var("K", Role.PARAM, "n_h n_x"),
        var("lam", Role.PARAM),
        start("A", "n_h n_h"),
        var("v", Role.VAR, "T n_h"),
        var("A", Role.VAR, "T n_h n_h"),
        var("h", Role.VAR, "T n_h"),
        *OUTPUTS,
    )
    grown = Ref("lam") * Ref("A", t - 1, i, j) + sympy.Rational(1, 2) * Ref("v", t, i) * Ref("v", t, j)
    equations = (
        Equation("A", (sympy.Integer(0), i, j), Ref("A.0", i, j), over(i, j), text="A[0] = 0"),
        Equation("v", (t, i), total(Ref("K", i, k) * Ref("x", t, k), k), over(t, i)),
        Equation("A", (t, i, j), grown, over(t, i, j)),
        Equation("h", (t, i), f.tanh(total(Ref("A", t, i, j) * Ref("v", t, j), j)), over(t, i)),
        *output(Ref("h", t, j), j),
    )
    return System("fast_weights", variables, equations)


def small(*equations: Equation, **roles: tuple[Role, str]) -> System:
    return System("m", tuple(var(name, *role) for name, role in roles.items()), equations)
