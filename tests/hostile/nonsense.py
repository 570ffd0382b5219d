"""Sentences by the grammar, with no regard to what they mean: models, lines of derivations, formulas in LaTeX."""

# ruff: noqa: E501 (texts stand on one line)
from __future__ import annotations

from random import Random

_SIZES = ("n", "m", "T", "S", "2", "2*n", "n+m", "n-1", "1")
_ROLES = ("Input", "Index", "Target", "Label", "Param", "Const", "Var")
_NAMES = ("x", "y", "A", "W", "b", "c", "w", "h", "g", "a", "q")
_STEPS = (
    "t",
    "t",
    "t",
    "t-1",
    "t-1",
    "t+1",
    "t-2",
    "s",
    "t1",
    "i",
    "j",
    "0",
    "1",
    "T",
    "T+1",
    "y[t]",
    ":",
    ":n",
    "n:2*n",
    "q[t]",
)
_ONE = (
    "tanh",
    "sigmoid",
    "exp",
    "log",
    "sqrt",
    "relu",
    "softmax",
    "logsoftmax",
    "logsumexp",
    "sum",
    "mean",
    "max",
    "norm2",
    "diag",
    "abs",
    "onehot",
    "erf",
    "eye",
)
_TWO = ("maximum", "minimum", "dot", "outer", "concat", "sum", "softmax", "mean", "max", "logsumexp")


def expression(rng: Random, depth: int = 4, hand: bool = False) -> str:
    """An expression of the language."""
    if depth <= 0 or rng.random() < 0.15:
        return _leaf(rng)
    a, b = (lambda: expression(rng, depth - 1, hand)), (lambda: expression(rng, depth - 2, hand))
    if hand and rng.random() < 0.3:
        of = _leaf(rng)
        return rng.choice([f"grad({of})", f"grad({of})", f"jac({_leaf(rng)}, {of})", f"grad({of}, at=t)", f"grad({of}, of={_leaf(rng)})",
                           f"prod({a()}, (s, t+1, T))", f"{a()}.T", f"outer({a()}, {b()})"])  # fmt: skip
    match rng.randrange(9):
        case 0 | 1 | 2:
            return f"{a()} {rng.choice(['+', '-', '*', '*', '@', '/', '**'])} {b()}"
        case 3:
            return f"({a()})"
        case 4 | 5:
            return f"{rng.choice(_ONE)}({a()})"
        case 6:
            over = rng.choice(["t", "i", "j", "(t, 1, T)", "(t, 2, T-1)", "(i, 0, n-1)", "(t1, 1, t-1)", "s", "i, j"])
            return f"{rng.choice(_TWO)}({a()}, {rng.choice([over, over, b()])})"
        case 7:
            return f"where({b()} {rng.choice(['<', '<=', '==', '>'])} {b()}, {a()}, {b()})"
        case _:
            return rng.choice([f"-{a()}", f"({a()})[{rng.choice(_STEPS)}]", f"({a()}).T", f"f({b()})"])


def _leaf(rng: Random) -> str:
    name = rng.choice(_NAMES)
    return rng.choice(
        [
            name,
            f"{name}[t]",
            f"{name}[{rng.choice(_STEPS)}]",
            f"{name}[t, {rng.choice(_STEPS)}]",
            f"{name}[t-1]",
            rng.choice(["0", "1", "2", "0.5", "n", "T", "t", "pi"]),
        ]
    )


def model(rng: Random) -> str:
    """Declarations and equations; the first half of what they say is sound."""
    lines = ["x: Input[T, n]", "A: Param[n, n]", "b: Param[n]", "w: Param", "y: Label[T, n]", "q: Index[T, n]"]
    rng.shuffle(lines)
    lines = lines[: rng.randrange(2, 7)]
    for _ in range(rng.randrange(3)):
        sizes = ", ".join(rng.choice(_SIZES) for _ in range(rng.randrange(4)))
        lines.append(
            f"{rng.choice(_NAMES)}: {rng.choice(_ROLES)}{f'[{sizes}]' if sizes else ''}{rng.choice(['', '', ' = 1', ' = [1, 2]'])}"
        )
    if rng.random() < 0.2:
        lines.append(f"def f(v): return {expression(rng, 2)}")
    for name in rng.sample(["h", "g", "a"], rng.randrange(1, 3)):
        if rng.random() < 0.6:
            lines.append(
                f"{name}[{rng.choice(['0', '0', '-1', 'T+1', '1'])}] = {rng.choice(['0', '1', 'b', expression(rng, 1)])}"
            )
        left = rng.choice([f"{name}[t]", f"{name}[t]", name, f"{name}[t, i]", f"{name}[i]", f"{name}[t, s]"])
        lines.append(f"{left} = {expression(rng, rng.randrange(1, 5))}")
    loss = rng.choice(["sum({})", "{}", "sum(sum({}), t)", "sum(({})**2)", "sum(({})**2, t)"])
    lines.append(f"loss = {loss.format(expression(rng, 3))}")
    return "\n".join(lines) + "\n"


def sound(rng: Random) -> str:
    """A small model in which nearly everything fits, made of vectors of one size over one sequence."""
    vectors = ["x[t]", "h[t-1]", "b"]
    scalars = ["w", "0.5", "dot(b, x[t])", "mean(h[t-1])"]

    def vector(depth: int) -> str:
        if depth == 0 or rng.random() < 0.2:
            return rng.choice(vectors)
        a, b = vector(depth - 1), vector(depth - 1)
        return rng.choice(
            [f"A @ ({a})", f"{rng.choice(['tanh', 'sigmoid', 'sin', 'softplus', 'softmax', 'relu'])}({a})", f"({a} + {b})", f"({a}) * ({b})",
             f"({scalar(depth - 1)}) * ({a})", f"maximum({a}, {b})", f"where({a} < {b}, {a}, {b})", f"({a} - {b})", f"concat({a}, {b})[:n]"]
        )  # fmt: skip

    def scalar(depth: int) -> str:
        if depth == 0:
            return rng.choice(scalars)
        return rng.choice([f"dot({vector(depth - 1)}, b)", f"sum({vector(depth - 1)})", f"{scalar(depth - 1)} * w", f"norm2({vector(depth - 1)})", "logsumexp(b)"])  # fmt: skip

    loss = rng.choice(
        [
            "sum(h[T])",
            "sum(norm2(h[t]), t)",
            "sum(dot(h[t], x[t])**2, t)",
            "sum(-logsoftmax(h[t])[y[t]], t)",
            "mean(h[T]) + w**2",
        ]
    )
    label = "y: Label[T, n]\n" if "y[t]" in loss else ""
    return f"x: Input[T, n]\n{label}A: Param[n, n]\nb: Param[n]\nw: Param\nh[0] = {rng.choice(['0', 'b', '1'])}\nh[t] = {vector(rng.randrange(1, 3))}\nloss = {loss}\n"


def line(rng: Random) -> str:
    """A line of a derivation."""
    left = rng.choice(
        ["grad({})", "grad({})", "delta[t]", "{}", "grad({}, at=t)", "grad({}, of=loss)", "jac({}, h[t])"]
    ).format(_leaf(rng))
    behind = rng.choice(
        ["", "", "", ", t < T", ", 2 <= t < T", ", t > 1, t < T", f", {expression(rng, 1)}", ", if t < T"]
    )
    return f"{left} = {expression(rng, rng.randrange(1, 5), hand=True)}{behind}"


_LETTERS = (
    *"hxyoLWUVbatijkTs01",
    r"\hat{y}",
    r"\delta",
    r"\tau",
    r"\bm{h}",
    r"\mathbf{W}",
    r"\mathcal{L}",
    r"\theta",
    r"\ell",
    r"\mathbf{1}",
    r"\text{if}",
    r"\top",
    "softmax",
    r"\tanh",
)
_CONTROL = (
    r"\input{/etc/passwd}", r"\include{a}", r"\write18{touch /tmp/pwned}", r"\immediate\write18{ls}", r"\openout1=/tmp/pwned", r"\catcode`\@=11", r"\csname a\endcsname",
    r"\def\a{\a}", r"\def\a#1{#1#1#1}", r"\newcommand{\a}{\a\a}", r"\newcommand{\b}[9]{#1#2#3#4#5#6#7#8#9}", r"\let\a=\b", r"\expandafter", r"\loop\iftrue\repeat",
    r"\DeclareMathOperator{\a}{\a}", r"\usepackage{shellesc}", r"\ref{a}", r"\verb|a|", r"\begin{align}", r"\end{align}", r"\begin{equation*}", r"\end{cases}", r"\begin{cases}", r"\begin{matrix} a & b \\ c & d \end{matrix}",
    "$$", "$", r"\[", r"\]", r"\(", "%", "% derive: begin", "% derive: end", "&&&", r"\\", r"\\[99999pt]", r"\left(", r"\right)", r"\left.", r"\bigl[", "^^41", "_", "^", "'", "''''", "{", "}", "{}", "~", "#1", r"\#", r"\%", r"\_",
    r"\underbrace{a}_{b}", r"\stackrel{a}{=}", r"\overset{!}{=}", r"\substack{a\\b}", r"\mathrm{d}", r"\operatorname{a b}", r"\text{otherwise}", r"\phantom{a}", r"\tag{1}", r"\label{", r"\frac12", r"\frac{1}", r"\sqrt[3]{x}", r"\sqrt",
    r"\sum_{t=1}^{T}", r"\sum_{t}^{}", r"\sum_{i,j}", r"\sum_{s=t}^\infty", r"\prod_{k=t+1}^{T}", r"\int_0^1", r"\lim_{t \to 0}", r"\in", r"\neq", r"\le", r"\forall t", r"\ldots", r"\cdots", r"x^{x^{x^x}}", r"x_{y_{z_0}}", r"\partial", r"\nabla",
)  # fmt: skip


def formula(rng: Random, depth: int = 4) -> str:
    """A formula in LaTeX."""
    if depth <= 0 or rng.random() < 0.15:
        return rng.choice(_LETTERS)
    a, b, letter = formula(rng, depth - 1), formula(rng, depth - 2), rng.choice(_LETTERS)
    return rng.choice(
        [f"{a} + {b}", f"{a} - {b}", f"{a} {b}", rf"{a} \odot {b}", rf"\frac{{{a}}}{{{b}}}", f"({a})", rf"\left({a}\right)", f"{a}^{{{b}}}",
         f"{a}_{{{b}}}", rf"\sum_{{t}} {a}", rf"\frac{{\partial {a}}}{{\partial {b}}}", rf"\nabla_{{{b}}} L", f"{letter}^{{(t)}}", rf"{a}^\top",
         rf"\operatorname{{diag}}({a})", f"{letter}_{{t-1}}", rf"\sqrt{{{a}}}", rf"\tanh({a})", f"1 - {a}", f"{a}, \\quad {b}", rng.choice(_CONTROL),
         rf"\begin{{cases}} {a} & t < T \\ {b} & \text{{otherwise}} \end{{cases}}"]
    )  # fmt: skip


def row(rng: Random) -> str:
    """A row of an environment."""
    left = rng.choice(
        [r"\nabla_{h_t} L", r"\nabla_{W} L", r"\delta_t", r"\frac{\partial L}{\partial o_t}", formula(rng, 2)]
    )
    sign = rng.choice(["&=", "&=", "=", "&", "+=", r"&\approx", "&:="])
    return f"{left} {sign} {formula(rng, rng.randrange(1, 6))}"
