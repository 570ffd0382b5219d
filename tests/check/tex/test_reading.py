"""Rows of LaTeX become lines of the language; what cannot be read is told with its place."""

import ast

import pytest

import derive
from derive.check.hand.lines import HandLine, Unread
from derive.check.tex import check_tex, read_tex

pytest.importorskip("lark")

LOSS = r"\nabla_{o^{(t)}} L"


def read(text: str, model: str = "vanilla") -> list[HandLine | Unread]:
    return list(read_tex(text, derive.load(model)).lines)


def lines(rows: str, model: str = "vanilla") -> list[str]:
    """The lines of some rows, in the language; faults as `? message`."""
    found = []
    for line in read(rf"\begin{{align}}{rows}\end{{align}}", model):
        if isinstance(line, Unread):
            found.append(f"? {line.fault.message}")
        else:
            behind = "".join(f", {ast.unparse(c)}" for c in line.conditions)
            found.append(f"{ast.unparse(line.left)} = {ast.unparse(line.right)}{behind}")
    return found


def right(formula: str, model: str = "vanilla") -> str:
    """A right side in the language."""
    (line,) = lines(rf"L = {formula}", model)
    return line.removeprefix("loss = ")


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"\nabla_{h^{(t)}} L", "grad(h[t])"),
        (r"\nabla_{\boldsymbol{h}^{(t)}} \mathcal{L}", "grad(h[t])"),
        (r"\frac{\partial E}{\partial \mathbf{W}}", "grad(W)"),
        (r"\partial J / \partial b", "grad(b)"),
        (r"\partial L/\partial o_t x_t^\top", "grad(o[t]) @ x[t].T"),
        (r"\frac{\partial}{\partial b} \ell", "grad(b)"),
        (r"(\nabla_{o^{(t)}} L)_i", "grad(o[t, i])"),
        (r"\frac{\partial L}{\partial W_{ij}}", "grad(W[i, j])"),
        (r"\frac{\partial L}{\partial W_{i,j}}", "grad(W[i, j])"),
        (r"\frac{\partial L}{\partial a^{(t)}_i}", "grad(a[t, i])"),
        (r"\nabla_{W^{(t)}} L", "grad(W, at=t)"),
        (r"\nabla_{W^{(t)}} h_i^{(t)}", "grad(W, of=h[t, i], at=t)"),
        (r"\left(\frac{\partial h^{(t+1)}}{\partial h^{(t)}}\right)^\top", "jac(h[t + 1], h[t]).T"),
        (r"\frac{\partial h_i^{(t+1)}}{\partial h_j^{(t)}}", "grad(h[t, j], of=h[t + 1, i])"),
        (r"\nabla_{h_\tau} L", "grad(h[T])"),
        (r"\nabla_{h_T} L", "grad(h[T])"),
    ],
)
def test_gradients(tex: str, plain: str) -> None:
    assert right(tex) == plain


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"h^{(t-1)}", "h[t - 1]"),
        (r"h_{t-1}", "h[t - 1]"),
        (r"h^{t-1}", "h[t - 1]"),
        (r"h_{t,i}", "h[t, i]"),
        (r"h_{ti}", "h[t, i]"),
        (r"h_t^2", "h[t] ** 2"),
        (r"h_t^{\top}", "h[t].T"),
        (r"h_t^T", "h[t].T"),
        (r"{h^{(t)}}^\intercal", "h[t].T"),
        (r"h^{(t)\top}", "h[t].T"),
        (r"(h^{(t)})^{2}", "h[t] ** 2"),
        (r"W^{\odot 2}", "W ** 2"),
        (r"W^{(t)\top} x_t", "? W is a parameter, the same at every step"),
        (r"\hat{\boldsymbol y}_t - \mathbf{y}_t", "yhat[t] - onehot(y[t])"),
        (r"\hat y_{t,i} - 1_{i=y_t}", "yhat[t, i] - onehot(y[t])[i]"),
        (r"\hat y_i^{(t)} - \mathbb{1}_{i, y^{(t)}}", "yhat[t, i] - onehot(y[t])[i]"),
        (r"\mathbf{1}\{i = y_t\}", "onehot(y[t])[i]"),
        (r"[i = y_t]", "onehot(y[t])[i]"),
        (r"\mathbf{e}_{y_t}", "onehot(y[t])"),
        (r"-\log \hat y_{y^{(t)}}^{(t)}", "-log(yhat[t, y[t]])"),
        (r"a_{\tau}", "a[T]"),
    ],
)
def test_scripts(tex: str, plain: str) -> None:
    assert right(tex) == plain


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"W h_t", "W @ h[t]"),
        (r"2 W h_t", "2 * W @ h[t]"),
        (r"W^\top a_t \odot h_t", "W.T @ a[t] * h[t]"),
        (r"h_t \odot W^\top a_t", "h[t] * (W.T @ a[t])"),
        (r"a_t \odot (1 - h_t^2) h_{t-1}^\top", "a[t] * (1 - h[t] ** 2) @ h[t - 1].T"),
        (r"h_t \cdot a_t", "dot(h[t], a[t])"),
        (r"a_t \otimes h_t", "outer(a[t], h[t])"),
        (r"W \cdot h_t", "W @ h[t]"),
        (r"\frac{1}{2} h_t", "1 / 2 * h[t]"),
        (r"\operatorname{diag}(1 - h_t \circ h_t)", "diag(1 - h[t] * h[t])"),
        (r"\mathrm{diag}\left[1 - (h^{(t)})^2\right] W", "diag(1 - h[t] ** 2) @ W"),
        (r"(\mathbf{I} - \operatorname{diag}(h_t^2)) W", "(eye(n_h) - diag(h[t] ** 2)) @ W"),
        (r"\tanh'(a_t)", "1 - tanh(a[t]) ** 2"),
        (r"f'(a_t)", "1 - tanh(a[t]) ** 2"),
        (r"\sigma'(a_t)", r"? is \sigma' the derivative of the sigmoid, which the model does not have?"),
        (r"1 - \tanh^2 a_t", "1 - tanh(a[t]) ** 2"),
        (r"\text{softmax}(o_t)", "softmax(o[t])"),
        (r"\sum_{t=1}^{\tau} a_t", "sum(a[t], t)"),
        (r"\sum_t a_t h_t^\top + c", "sum(a[t] @ h[t].T, t) + c"),
        (r"\sum_{t=2}^{T} a_t", "sum(a[t], (t, 2, T))"),
        (r"\sum_{j=1}^{n_h} W_{ij} h_{t,j}", "sum(W[i, j] * h[t, j], j)"),
        (r"\sum_{i,j} W_{ij}", "sum(W[i, j], i, j)"),
        (r"\prod_{k=t+1}^{\tau} W^\top \mathrm{diag}(1 - h_k^2)", "prod(W.T @ diag(1 - h[k] ** 2), (k, t + 1, T))"),
        (r"\lVert h_t \rVert_2^2 + \|h_t\|", "norm2(h[t]) ** 2 + norm2(h[t])"),
        (r"\begin{cases} a_t & \text{if } t < \tau \\ 0 & \text{otherwise} \end{cases}", "where(t < T, a[t], 0)"),
        (r"e^{-x_t}", "exp(-x[t])"),
        (r"\underbrace{W^\top a_t}_{\text{carried}} + c", "W.T @ a[t] + c"),
        (r"\hat y_{t,k} - \delta_{k,y_t}", "yhat[t, k] - onehot(y[t])[k]"),
        (r"a_1 + \cdots + a_T", "? what the dots stand for is not read"),
    ],
)
def test_formulas(tex: str, plain: str) -> None:
    assert right(tex) == plain


def test_letters_are_those_of_the_model() -> None:
    assert right(r"U_g^\top i_t \odot (1 - i_t)", "lstm") == "U_g.T @ i[t] * (1 - i[t])"
    assert right(r"\sum_i W_{g,ij}", "lstm") == "sum(W_g[i1, j], i1)"
    assert right(r"\sigma'(c_t)", "lstm") == "(1 - sigmoid(c[t])) * sigmoid(c[t])"
    assert right("W_{hh}") == "? which is W_{hh}? the model has W, x, y, U, V, b, c, a, h, o, yhat"
    assert right("h") == "? h has a value at every step: say at which"
    assert right("q_t").startswith("? which is q_t?")


def test_names_with_subscripts() -> None:
    model = derive.parse(
        "x: Input[T, n_x]\nW_hh: Param[n_h, n_h]\nW_xh: Param[n_h, n_x]\nlam: Const\n"
        "a_z[t] = W_hh @ g[t-1] + W_xh @ x[t]\ng[0] = 0\ng[t] = tanh(a_z[t])\nloss = lam * sum(sum(g[t]), t)"
    )
    rows = r"""
    \frac{\partial L}{\partial a_{z,t}} &= \bigl( 1 - \tanh^2(a_{z,t}) \bigr) \odot \frac{\partial L}{\partial g_t} \\
    \frac{\partial L}{\partial W_{hh}} &= \sum_t \frac{\partial L}{\partial a_{z,t}} g_{t-1}^\top \\
    \frac{\partial L}{\partial [W_{xh}]_{ij}} &= \sum_t \frac{\partial L}{\partial a_{z,t,i}} x_{t,j} \\
    \frac{\partial L}{\partial W_{hx}} &= \lambda
    """
    found = read_tex(rf"\begin{{align}}{rows}\end{{align}}", model).lines
    assert [ast.unparse(line.right) for line in found[:3] if isinstance(line, HandLine)] == [
        "(1 - tanh(a_z[t]) ** 2) * grad(g[t])",
        "sum(grad(a_z[t]) @ g[t - 1].T, t)",
        "sum(grad(a_z[t, i]) * x[t, j], t)",
    ]
    assert isinstance(found[3], Unread) and found[3].fault.message.startswith(
        "which is W_{hx}? the model has W_hh, W_xh,"
    )
    report = check_tex(model, rf"\begin{{align}}{rows}\end{{align}}")
    assert [line.verdict for line in report.lines] == ["right", "right", "right", "not understood"]


def test_rows() -> None:
    rows = r"""
    \delta_t &:= \frac{\partial L}{\partial a_t} \label{eq:d} \\
             &= (1 - h_t^2) \odot \frac{\partial L}{\partial h_t} \tag{3} \\[2pt]
    \nabla_{h_t} L &= W^\top \delta_{t+1} \notag \\
                   &\qquad {} + V^\top \nabla_{o_t} L, \quad t < \tau \\
    \nabla_{b} L &= \sum_t \delta_t, \qquad \nabla_{c} L = \sum_t \nabla_{o_t} L .
    """
    assert lines(rows) == [
        "delta[t] = grad(a[t])",
        "delta[t] = (1 - h[t] ** 2) * grad(h[t])",
        "grad(h[t]) = W.T @ delta[t + 1] + V.T @ grad(o[t]), t < T",
        "grad(b) = sum(delta[t], t)",
        "grad(c) = sum(grad(o[t]), t)",
    ]


@pytest.mark.parametrize(
    "behind",
    [r", \quad 1 \le t < \tau", r"\qquad \text{for } 1 \le t < \tau", r",\ (1 \leq t < T)"],
)
def test_conditions(behind: str) -> None:
    assert lines(rf"\nabla_{{a_t}} L = x_t {behind}") == ["grad(a[t]) = x[t], 1 <= t < T"]


@pytest.mark.parametrize(
    "behind",
    [r", \quad t = 1, \dots, \tau - 1", r"\text{ for all } t = \tau-1, \ldots, 1", r", t \in \{1, \dots, T-1\}"],
)
def test_lists_of_steps(behind: str) -> None:
    assert lines(rf"\nabla_{{a_t}} L = x_t {behind}") == ["grad(a[t]) = x[t], 1 <= t <= T - 1"]


def test_deltas() -> None:
    """Beside another sign for gradients a delta is the person's own name; alone it is the gradient."""
    own = r"\delta_i^{(t)} &= \nabla_{i^{(t)}} L \odot i^{(t)} \\ \nabla_{b_i} L &= \sum_t \delta_i^{(t)}"
    assert lines(own, "lstm") == ["delta_i[t] = grad(i[t]) * i[t]", "grad(b_i) = sum(delta_i[t], t)"]
    alone = r"\delta_i^{(t)} &= g^{(t)} \odot \delta_c^{(t)} \\ \delta_t^{W_g} &= 0 \\ \delta^{U_{g}} &= 0"
    assert lines(alone, "lstm")[0] == "grad(i[t]) = g[t] * grad(c[t])"
    assert lines(alone, "lstm")[2] == "grad(U_g) = 0"
    entries = r"\delta_t &= \nabla_{a_t} L \\ \nabla_{U_{ij}} L &= \sum_t \delta_{t,i} x_{t,j}"
    assert lines(entries)[1] == "grad(U[i, j]) = sum(delta[t, i] * x[t, j], t)"


def test_only_mathematics_is_read() -> None:
    text = r"""% model: vanilla
    \documentclass{article} \newcommand{\vh}{\mathbf{h}} \newcommand{\dd}[2]{\frac{\partial #1}{\partial #2}}
    \begin{document} 50\% of $x^2$ % \begin{align} no \end{align}
    \begin{equation*} \dd{L}{\vh_\tau} = V^\top \dd{L}{o_\tau} \end{equation*}
    \[ \dd{L}{b} = \sum_t \dd{L}{a_t} \]
    \end{document}"""
    found = read(text)
    assert [line.number for line in found] == [4, 5]
    assert not any(isinstance(line, Unread) for line in found)


def test_a_marked_region_is_read_alone() -> None:
    text = "\\begin{align} z = q \\end{align}\n% derive: begin\n\\nabla_b L = \\sum_t \\nabla_{a_t} L\n% derive: end\n"
    (line,) = read(text)
    assert line.number == 3 and isinstance(line, HandLine)


def test_places() -> None:
    text = (
        "é\n\\begin{align}\n  \\nabla_b L &= \\sum_t é \\nabla_{q_t} L \\\\\n  \\nabla_c L &= \\frac{1}{2\n\\end{align}"
    )
    first, second = read(text)
    assert isinstance(first, Unread) and isinstance(second, Unread)
    assert first.fault.place is not None and second.fault.place is not None
    assert (first.fault.place.line, first.fault.place.column) == (3, 24)
    assert second.fault.place.line == 4


HOSTILE = {
    "empty": "",
    "braces": r"\begin{align}x=" + "{" * 5000 + "}" * 5000 + r"\end{align}",
    "long": r"\begin{align}\nabla_b L=" + "+".join(["b"] * 6000) + r"\end{align}",
    "rows": r"\begin{align}" + r"\\" * 100_000 + r"\end{align}",
    "begins": r"\begin{align}" * 20_000,
    "macro": r"\newcommand{\a}{\a\a}\[\a=\a\]",
    "growing": "".join(
        rf"\newcommand{{\{a}}}{{{rf'{chr(92)}{b}' * 4}}}" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + r"\[\a=1\]",
    "exponent": r"\[\nabla_b L = b^{99999999999}\]",
    "number": r"\[\nabla_b L = " + "9" * 10_000 + r" b\]",
    "dunder": r"\[\mathit{\_\_class\_\_} = b\]",
    "null": "\\[\0=1\\]",
    "end": "\\[a=\\",
    "environment": r"\[a=\begin{pmatrix}1\end{pmatrix}\]",
    "brackets": r"\[a=(b]\]",
    "comma": r"\[ , \quad \]",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_a_fault_with_a_place(name: str) -> None:
    first, *_ = read(HOSTILE[name])
    assert isinstance(first, Unread)
    assert first.fault.place is not None


@pytest.mark.parametrize("row", [r"0 &< t = \tau", r"0 & = t"])
def test_a_condition_has_something_before_its_sign(row: str) -> None:
    (line,) = read(rf"\[\nabla_b L = \begin{{cases}} {row} \\ 1 & \text{{otherwise}} \end{{cases}}\]")
    assert isinstance(line, Unread) and line.fault.place is not None
    assert line.fault.message == "a condition with nothing before its sign"


@pytest.mark.parametrize("letter", ["i", "f", "o"])
def test_a_gate_above_a_delta_is_a_part_of_its_name(letter: str) -> None:
    rows = rf"\delta^{letter}_t &= \nabla_{{c_t}} L \odot g_t \\ \nabla_{{b_{letter}}} L &= \sum_t \delta_t^{letter}"
    own = f"delta_{letter}"
    assert lines(rows, "lstm") == [f"{own}[t] = grad(c[t]) * g[t]", f"grad(b_{letter}) = sum({own}[t], t)"]


@pytest.mark.parametrize("written", [r"\mathbf{1}_{y_t}", r"\mathbb{1}_{y^{(t)}}", r"e_{y_t}"])
def test_a_one_hot_vector_by_its_label_alone(written: str) -> None:
    assert right(rf"\hat{{y}}_t - {written}") == "yhat[t] - onehot(y[t])"
