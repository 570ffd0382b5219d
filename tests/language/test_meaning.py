"""What a text means, in numbers: read and interpreted, against the same mathematics written in NumPy."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive.expressions import AxisKind
from derive.interpret import evaluate
from derive.language import read
from derive.system import Role, System

MODELS = Path(__file__).parents[1] / "models"
SIZES = {"n_x": 3, "n_h": 5, "n_y": 4, "n_w": 7, "n_k": 2, "n_e": 3, "n_p": 2}
Array = Any


def draw(system: System, sizes: dict[str, int], seed: int = 0) -> dict[str, Array]:
    """An array for everything that is given and has no default."""
    rng = np.random.default_rng(seed)
    given = {}
    for variable in system.variables:
        if not variable.role.is_given or variable.role is Role.START or variable.default is not None:
            continue
        shape = tuple(int(axis.size.subs(sizes_by_symbol(axis.size, sizes))) for axis in variable.axes)
        if variable.role.is_integer:
            assert variable.classes is not None
            top = int(variable.classes.subs(sizes_by_symbol(variable.classes, sizes)))
            nodes = variable.classes in [axis.size for axis in variable.axes]  # children stand before their parent
            tops = np.indices(shape)[0] + 1 if nodes else np.full(shape, top)
            given[variable.name] = rng.integers(0, tops)
        else:
            given[variable.name] = rng.normal(size=shape)
    return given


def sizes_by_symbol(expression: Any, sizes: dict[str, int]) -> dict[Any, int]:
    return {symbol: sizes[symbol.name] for symbol in expression.free_symbols}


def run(text: str, T: int, seed: int = 0) -> tuple[dict[str, Array], dict[str, Any]]:
    """What was drawn, and the values of all variables."""
    system = read(text)
    sizes = {**SIZES, "T": T, "S": 3, "K": T}
    used = {s.name for v in system.variables for a in v.axes for s in a.size.free_symbols}
    used |= {s.name for v in system.variables if v.classes is not None for s in v.classes.free_symbols}
    used |= {s.name for e in system.equations for s in e.right.free_symbols if s.name in sizes}
    sizes = {name: size for name, size in sizes.items() if name in used}
    given = draw(system, sizes, seed)
    return given, evaluate(system, sizes, given)


def loss(text: str, T: int, seed: int = 0) -> float:
    return float(run(text, T, seed)[1]["loss"].at())


def model(name: str) -> str:
    return (MODELS / f"{name}.eq").read_text()


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def softmax(z: Array) -> Array:
    return np.exp(z) / np.exp(z).sum()


@pytest.mark.parametrize("T", [1, 2, 3, 5])
@pytest.mark.parametrize("name", sorted(path.stem for path in MODELS.glob("*.eq")))
def test_every_model_has_a_finite_loss_at_every_length(name: str, T: int) -> None:
    assert np.isfinite(loss(model(name), T))


@pytest.mark.parametrize("T", [1, 2, 3, 5])
def test_windows(T: int) -> None:
    g, values = run(model("windows"), T)
    zero_x = np.zeros(3)
    x = lambda t: g["x"][t - 1] if 1 <= t <= T else zero_x  # noqa: E731
    E = lambda t: g["E"][g["w"][t - 1]] if 1 <= t <= T else np.zeros(5)  # noqa: E731
    total = 0.0
    outputs = {}
    for t in range(1, T + 1):
        a = g["A"] @ x(t) + g["A"] @ x(t - 2) + E(t) + E(t + 1)
        z = E(t - 1) + 1
        outputs[t] = g["V"] @ (np.tanh(a) + z * sigmoid(z))
        total += (sigmoid(x(t - 1)) * x(t + 1)).mean() + 0.5 * x(t) @ x(t - 1)
    for t in range(1, T):
        total -= np.log(softmax(outputs[t]))[g["y"][t]]
    total += outputs[1][g["y"][0]]
    np.testing.assert_allclose(values["loss"].at(), total, rtol=1e-12)


@pytest.mark.parametrize("T", [1, 2, 4])
def test_starts_of_data(T: int) -> None:
    g, values = run(model("given_starts"), T)
    h, total = np.zeros(5), 0.0
    for t in range(1, T + 1):
        label = g["y"][t - 2] if t > 1 else 2
        x = g["x"][t - 2] if t > 1 else g["x_first"]
        h = np.tanh(g["E"][label] + g["W"] @ h + g["U"] @ x)
        total -= np.log(softmax(g["V"] @ h)[g["y"][t - 1]])
    np.testing.assert_allclose(values["loss"].at(), total, rtol=1e-12)


@pytest.mark.parametrize("T", [1, 2, 3])
def test_score_is_a_sum_over_all_paths(T: int) -> None:
    g, values = run(model("score"), T)
    e = g["x"] @ g["U"].T

    def path(labels: Any) -> float:
        steps = sum(e[t, k] for t, k in enumerate(labels))
        return float(steps + sum(g["P"][a, b] for a, b in itertools.pairwise(labels)))

    every = [path(labels) for labels in itertools.product(range(4), repeat=T)]
    expected = np.log(np.exp(every).sum()) - path(g["y"])
    np.testing.assert_allclose(values["loss"].at(), expected, rtol=1e-12)


@pytest.mark.parametrize("T", [1, 3])
def test_index_lstm(T: int) -> None:
    g, values = run(model("index_lstm"), T)
    h, c, total = np.zeros(5), np.zeros(5), 0.0
    for t in range(T):
        i, f, o, n = np.split(g["W"] @ g["x"][t] + g["U"] @ h + g["b"], 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(n)
        h = sigmoid(o) * np.tanh(c)
        total -= np.log(softmax(g["V"] @ h)[g["y"][t]])
    np.testing.assert_allclose(values["loss"].at(), total, rtol=1e-12)


def test_concatenated() -> None:
    g, values = run(model("concatenated"), 3)
    h, total = np.zeros(5), 0.0
    for t in range(3):
        h = np.tanh(g["W"] @ np.concatenate([h, g["x"][t]]))
        o = g["V"] @ np.concatenate([h, sigmoid(g["x"][t])])
        s = h.sum() + g["x"][t].sum()
        total += np.log(np.exp(o).sum()) - o[g["y"][t]] + 0.1 * s**2 + h[0]
    np.testing.assert_allclose(values["loss"].at(), total, rtol=1e-12)


def test_feed_forward() -> None:
    g, values = run(model("feed_forward"), 1)
    h = np.maximum(g["D"] * (g["W"] @ ((g["W"].T @ g["W"] + np.eye(3)) @ g["x"])), 0)
    o = g["V"] @ h
    expected = np.log(np.exp(o).sum()) - o[g["y"]]
    expected += 0.01 * np.linalg.norm(g["D"]) + 0.01 * np.outer(g["D"], g["x"]).sum()
    np.testing.assert_allclose(values["loss"].at(), expected, rtol=1e-12)


def test_fast_weights() -> None:
    g, values = run(model("fast_weights"), 3)
    S, total = np.zeros((3, 2)), 0.0
    for t in range(3):
        S = 0.9 * S + np.outer(g["x"][t], np.tanh(g["K"] @ g["x"][t]))
        total += ((g["y"][t] - S @ (g["Q"] @ g["x"][t])) ** 2).sum() / 3
    np.testing.assert_allclose(values["loss"].at(), total, rtol=1e-12)


VANILLA_BY_INDICES = """
x: Input[T, n_x]
y: Label[T, n_y]
U: Param[n_h, n_x]
W: Param[n_h, n_h]
V: Param[n_y, n_h]
b: Param[n_h]
c: Param[n_y]
h[0, i] = 0
a[t, i] = b[i] + sum(W[i, j] * h[t-1, j], j) + sum(U[i, k] * x[t, k], k)
h[t, i] = tanh(a[t, i])
o[t, k] = c[k] + sum(V[k, i] * h[t, i], i)
yhat[t, k] = softmax(o[t, k], k)
loss = sum(-log(yhat[t, y[t]]), t)
"""


def test_both_notations_mean_the_same() -> None:
    by_arrays = Path(__file__).parents[2] / "derive" / "models" / "vanilla.eq"
    assert loss(VANILLA_BY_INDICES, 4) == pytest.approx(loss(by_arrays.read_text(), 4), rel=1e-14)


DECLARED = (
    "x: Input[T, n_x]\ny: Label[T, n_y]\nw: Index[T, n_w]\nA: Param[n_h, n_h]\nB: Param[n_y, n_h]\nu, v = Param[n_h]\n"
)

EQUAL = {
    "a one-hot picks a row": ("loss = sum(B.T @ onehot(y[t]) @ v, t)", "loss = sum(B[y[t]] @ v, t)"),
    "a diagonal scales": ("loss = sum(diag(u) @ A @ v)", "loss = sum(u * (A @ v))"),
    "an identity is neutral": ("loss = sum(eye(n_h) @ A @ v)", "loss = sum(A @ v)"),
    "outer and row": ("loss = sum(outer(u, v) * A)", "loss = sum((u @ v.T) * A)"),
    "inner": ("loss = dot(u, v)", "loss = u.T @ v"),
    "a vector on the left": ("loss = sum(u @ A)", "loss = sum(A.T @ u)"),
    "a column": ("loss = sum(A[:, 0])", "loss = sum(A.T[0])"),
    "mean of a matrix": ("loss = mean(A)", "loss = sum(A) / n_h / n_h"),
    "norm": ("loss = norm2(A)", "loss = sqrt(sum(A[i, j]**2, i, j))"),
    "max by an index": ("loss = max(A @ u)", "loss = max(sum(A[i, j]*u[j], j), i)"),
    "logsumexp by an index": ("loss = logsumexp(u)", "loss = log(sum(exp(u[i]), i))"),
    "softmax of a matrix by rows": (
        "S[i, j] = softmax(A[i, j], j)\nloss = sum(S @ u)",
        "loss = sum(softmax(A[i]) @ u, i)",
    ),
    "a scalar is an entry of a concatenation": (
        "loss = logsumexp(concat(u[0], u, x[1, 0]))",
        "loss = log(exp(u[0]) + sum(exp(u)) + exp(x[1, 0]))",
    ),
    "concat by an index": ("z = concat(u[i], 2*v[i], i)\nloss = sum(z**2)", "loss = sum(u**2) + 4*sum(v**2)"),
    "a helper hides names": ("def f(u): return u * v\nloss = sum(f(A @ u))", "loss = sum(A @ u * v)"),
    "a helper's index is its own": (
        "def f(a): return sum(a * u[j], j)\nloss = sum(f(v[j]), j)",
        "loss = sum(u) * sum(v)",
    ),
    "a helper of a sequence": (
        "def before(s): return s[t-1]\nloss = sum(x[t] @ before(x), t)",
        "loss = sum(x[t] @ x[t-1], t)",
    ),
    "data outside is 0": ("loss = sum(exp(sum(x[t-1])), t)", "loss = 1 + sum(exp(sum(x[t])), (t, 1, T-1))"),
    "a literal step outside": ("loss = sum(x[0]) + sum(x[T+1]) + sum(B[y[0]])", "loss = 0"),
    "labels compare": (
        "loss = sum(where(y[t] == y[t-1], 1, 0), t)",
        "loss = sum(where(y[t] == y[t-1], 1, 0), (t, 2, T))",
    ),
    "a step as a number": ("loss = sum(t / T * sum(x[t]), t)", "loss = sum(sum(x[t]) * t, t) / T"),
    "a slice by an index": ("loss = sum(u[1:n_h][k] * v[:n_h-1][k], k)", "loss = sum(u[k+1] * v[k], (k, 0, n_h-2))"),
    "a looked-up expression outside is 0": (
        "loss = sum(logsoftmax(B @ v)[y[t+1]], t)",
        "loss = sum(logsoftmax(B @ v)[y[t+1]], (t, 1, T-1))",
    ),
    "a sum of vectors": ("loss = sum(u * sum(x[t, 0] * v, t))", "loss = sum(x[t, 0], t) * dot(u, v)"),
    "rows summed": ("loss = sum(A[i], i) @ u", "loss = sum(A[i, j] * u[j], i, j)"),
    "mean of matrices": ("loss = sum(mean(t * A, t) @ u)", "loss = (T + 1) / 2 * sum(A @ u)"),
    "the largest row by entries": ("loss = sum(max(A[i], i) * u)", "loss = sum(max(A[i, j], i) * u[j], j)"),
    "logsumexp of rows": (
        "c = logsumexp(A[i] * v, i)\nloss = c @ u + c[0] * c[1]",
        "c[j] = logsumexp(A[i, j] * v[j], i)\nloss = sum(c[j] * u[j], j) + c[0] * c[1]",
    ),
    "softmax of rows over an index": (
        "P[i] = softmax(A[i], i)\nloss = sum(P @ u)",
        "P[i, j] = softmax(A[i, j], i)\nloss = sum(P @ u)",
    ),
    "logsoftmax over steps": (
        "o[t] = A[:, 0] * sum(x[t])\nl[t] = logsoftmax(o[t], t)\nloss = sum(l[t] @ l[t], t)",
        "o[t] = A[:, 0] * sum(x[t])\nl[t, k] = logsoftmax(o[t, k], t)\nloss = sum(l[t, k]**2, t, k)",
    ),
    "a sum of concatenations": (
        "loss = concat(u, v) @ sum(concat(u, x[t, 0] * v), t)",
        "loss = T * u @ u + sum(x[t, 0], t) * (v @ v)",
    ),
    "an entry of a sum": ("loss = sum(t * v, t)[1]", "loss = v[1] * T * (T + 1) / 2"),
    "entries by data of a sum": (
        "loss = logsoftmax(sum(x[t, 0] * (B @ u), t))[y[T]]",
        "o = B @ u * sum(x[t, 0], t)\nl = logsoftmax(o)\nloss = l[y[T]]",
    ),
    "a sum over data before its first step": ("loss = sum(sum(x[t-1], t))", "loss = sum(sum(x[t]), (t, 1, T-1))"),
    "a product of sums": (
        "c = sum(x[t, 0] * v, t)\nloss = (c @ A) @ (c * c)",
        "s = sum(x[t, 0], t)\nloss = s**3 * ((v @ A) @ (v * v))",
    ),
    "an index named before the sequence": (
        "loss = sum(concat(u, x[t])[:n_h][k] * x[t][0], k, t)",
        "loss = sum(u) * sum(x[t, 0], t)",
    ),
    "an index named before what it is read off": (
        "loss = sum(A[i][j] * B[:, :n_h][i0][j], i0, j, i)",
        "loss = sum(A[i, j] * B[k, j], i, j, k)",
    ),
    "a caller's index in a helper": (
        "def line(M, r): return sum(M[i, k] * r[k], k)\na[i] = line(A, u)\nloss = a @ v",
        "loss = (A @ u) @ v",
    ),
    "an index as a helper's argument": (
        "def line(M, row): return sum(M[row, k] * u[k], k)\na[q] = line(A, q)\nloss = a @ v",
        "loss = (A @ u) @ v",
    ),
    "a fraction as a default": ("k: Const = -1/3\nloss = k * sum(u)", "loss = -sum(u) / 3"),
    "a chain of conditions": ("loss = sum(where(1 < i < 4, u[i], 0), i)", "loss = sum(u[i], (i, 2, 3))"),
}


@pytest.mark.parametrize("T", [1, 4])
@pytest.mark.parametrize("what", EQUAL)
def test_two_spellings(what: str, T: int) -> None:
    one, other = EQUAL[what]
    assert loss(DECLARED + one, T) == pytest.approx(loss(DECLARED + other, T), rel=1e-12, abs=1e-13)


def test_axes_are_sequences_then_features() -> None:
    system = read(model("fast_weights"))
    kinds = [axis.kind for axis in system.by_name["S"].axes]
    assert kinds == [AxisKind.SEQUENCE, AxisKind.FEATURE, AxisKind.FEATURE]
