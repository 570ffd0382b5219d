"""Right to left, several sequences, a second index, grids and trees: what is read, against loops written by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from derive.errors import DeriveError
from derive.interpret import evaluate
from derive.language import read
from derive.system import Role, Start, System

SIZES = {"T": 5, "S": 3, "K": 7, "n_x": 2, "n_h": 4, "n_y": 6}
LENGTHS = [{"T": 5, "S": 3}, {"T": 2, "S": 5}, {"T": 1, "S": 2}, {"T": 3, "S": 1}, {"T": 1, "S": 1}]
Array = Any


def size(expression: Any, sizes: dict[str, int]) -> int:
    return int(expression.subs({symbol: sizes[symbol.name] for symbol in expression.free_symbols}))


def draw(system: System, sizes: dict[str, int], seed: int = 0) -> dict[str, Array]:
    """An array for everything that is given; nodes point at earlier ones."""
    rng = np.random.default_rng(seed)
    given: dict[str, Array] = {}
    for variable in system.variables:
        if not variable.role.is_given or variable.default is not None:
            continue
        shape = tuple(size(axis.size, sizes) for axis in variable.axes)
        if variable.classes is None:
            given[variable.name] = rng.normal(size=shape)
        elif str(variable.classes) == "K":
            rows = np.arange(shape[0]).reshape(-1, *[1] * (len(shape) - 1)) + np.zeros(shape, int)
            given[variable.name] = (rng.random(shape) * (rows + 1)).astype(int)
        else:
            given[variable.name] = rng.integers(0, size(variable.classes, sizes), shape)
    return given


def run(text: str, **lengths: int) -> tuple[dict[str, Array], dict[str, Any]]:
    """What was drawn, and the values of all variables."""
    system, sizes = read(text, "m.eq"), {**SIZES, **lengths}
    given = draw(system, sizes)
    return given, evaluate(system, sizes, given)


def steps(text: str, name: str) -> list[str]:
    """The equations of a variable, each with its left side and its ranges."""
    return [
        f"{e.left} [{'; '.join(str(reach) for reach in e.domain)}]" for e in read(text, "m.eq").defining.get(name, ())
    ]


def softmax(z: Array) -> Array:
    return np.exp(z) / np.exp(z).sum()


RIGHT_TO_LEFT = """\
x: Input[T, n_x]
U: Param[n_h, n_x]
W: Param[n_h, n_h]
g[T+1] = 0.5
g[t] = tanh(U @ x[t] + W @ g[t+1])
loss = sum(sum(g[t]**2), t) + sum(g[1])
"""


@pytest.mark.parametrize("T", [1, 2, 5])
def test_from_right_to_left(T: int) -> None:
    given, values = run(RIGHT_TO_LEFT, T=T)
    g, expected = np.full(4, 0.5), 0.0
    for t in reversed(range(T)):
        g = np.tanh(given["U"] @ given["x"][t] + given["W"] @ g)
        expected += (g**2).sum()
    assert values["loss"].at() == pytest.approx(expected + g.sum(), rel=1e-12)


def test_a_start_behind_the_last_step_is_a_variable() -> None:
    system = read(RIGHT_TO_LEFT)
    (start,) = system.with_role(Role.START)
    T = system.by_name["x"].axes[0].size
    assert (start.name, start.start, start.default) == ("g.T + 1", Start("g", T + 1), 0.5)
    assert steps(RIGHT_TO_LEFT, "g") == ["g[T + 1, i] [i = 0..n_h - 1]", "g[t, i] [t = 1..T; i = 0..n_h - 1]"]


def test_a_start_at_the_last_step_is_a_piece() -> None:
    text = "x: Input[T]\nv: Param\ng[T] = x[T]\ng[t] = tanh(v*g[t+1] + x[t])\nloss = g[1]"
    assert steps(text, "g") == ["g[T] []", "g[t] [t = 1..T - 1]"]
    assert not read(text).with_role(Role.START)
    for T in (1, 2, 5):
        given, values = run(text, T=T)
        g = given["x"][T - 1]
        for t in reversed(range(T - 1)):
            g = np.tanh(given["v"] * g + given["x"][t])
        assert values["loss"].at() == pytest.approx(float(g), rel=1e-12)


@pytest.mark.parametrize("T", [1, 2, 5])
def test_two_lags_from_the_right(T: int) -> None:
    given, values = run("x: Input[T]\ng[T+1] = 1\ng[T+2] = 2\ng[t] = x[t] + g[t+1] - g[t+2]/2\nloss = g[1]", T=T)
    g = [1.0, 2.0]
    for t in reversed(range(T)):
        g = [given["x"][t] + g[0] - g[1] / 2, g[0]]
    assert values["loss"].at() == pytest.approx(float(g[0]), rel=1e-12)


@pytest.mark.parametrize("T", [1, 2, 5])
def test_both_directions_meet(T: int) -> None:
    text = """\
x: Input[T, n_x]
U, V = Param[n_h, n_x]
W, R = Param[n_h, n_h]
h[0] = 0
g[T+1] = 0
h[t] = tanh(U @ x[t] + W @ h[t-1])
g[t] = tanh(V @ x[t] + R @ g[t+1])
o[t] = concat(h[t], g[t])
loss = sum(sum(o[t]**2), t) + o[T] @ o[1]
"""
    given, values = run(text, T=T)
    h, g = np.zeros((T + 1, 4)), np.zeros((T + 1, 4))
    for t in range(T):
        h[t + 1] = np.tanh(given["U"] @ given["x"][t] + given["W"] @ h[t])
    for t in reversed(range(T)):
        g[t] = np.tanh(given["V"] @ given["x"][t] + given["R"] @ g[t + 1])
    o = np.concatenate([h[1:], g[:-1]], 1)
    assert values["loss"].at() == pytest.approx((o**2).sum() + o[-1] @ o[0], rel=1e-12)


@pytest.mark.parametrize("lengths", LENGTHS)
def test_an_encoder_and_a_decoder_with_attention(lengths: dict[str, int]) -> None:
    text = """\
x: Input[S, n_x]
y: Label[T, n_y]
U: Param[n_h, n_x]
W, D, A = Param[n_h, n_h]
E: Param[n_h, n_y]
V: Param[n_y, n_h]
v: Param[n_h]
h[0] = 0
h[s] = tanh(U @ x[s] + W @ h[s-1])
d[0] = h[S]
e[t, s] = v @ tanh(h[s] + D @ d[t-1])
alpha[t, s] = softmax(e[t, s], s)
c[t] = sum(alpha[t, s] * h[s], s)
d[t] = tanh(A @ c[t] + E @ onehot(y[t-1]) + D @ d[t-1])
loss = sum(-log(softmax(V @ d[t])[y[t]]), t)
"""
    given, values = run(text, **lengths)
    h = [np.zeros(4)]
    for x in given["x"]:
        h.append(np.tanh(given["U"] @ x + given["W"] @ h[-1]))
    states, d, expected = np.array(h[1:]), h[-1], 0.0
    for t, y in enumerate(given["y"]):
        e = np.array([given["v"] @ np.tanh(state + given["D"] @ d) for state in states])
        previous = given["E"][:, given["y"][t - 1]] if t else 0
        d = np.tanh(given["A"] @ (softmax(e) @ states) + previous + given["D"] @ d)
        expected -= np.log(softmax(given["V"] @ d)[y])
    assert values["loss"].at() == pytest.approx(expected, rel=1e-12)
    assert [str(axis.size) for axis in read(text).by_name["e"].axes] == ["T", "S"]


@pytest.mark.parametrize("T", [1, 2, 5])
def test_a_second_index_over_the_same_sequence(T: int) -> None:
    text = """\
x: Input[T, n_x]
Q, R = Param[n_h, n_x]
q[t] = Q @ x[t]
r[t] = R @ x[t]
e[t, t1] = q[t] @ r[t1] / sqrt(n_h)
alpha[t, t1] = softmax(e[t, t1], t1)
o[t] = sum(alpha[t, t1] * x[t1], t1)
loss = sum(sum(o[t]**2), t) + sum(mean(e[t, t1], t1), t) + sum(max(e[t, t1], t1), t) + logsumexp(e[t, t1], t, t1)
"""
    given, values = run(text, T=T)
    e = (given["x"] @ given["Q"].T) @ (given["x"] @ given["R"].T).T / 2
    o = np.array([softmax(row) for row in e]) @ given["x"]
    expected = (o**2).sum() + e.mean(1).sum() + e.max(1).sum() + np.log(np.exp(e).sum())
    assert values["loss"].at() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("T", [1, 2, 5])
@pytest.mark.parametrize("named", [False, True])
def test_causal_attention(named: bool, T: int) -> None:
    weights = "alpha[t, t1] = softmax(e[t, t1], (t1, 1, t))\n" if named else ""
    summed = "sum(alpha[t, t1] * x[t1], t1)" if named else "sum(softmax(e[t, t1], (t1, 1, t)) * x[t1], (t1, 1, t))"
    text = f"""\
x: Input[T, n_x]
Q: Param[n_x, n_x]
e[t, t1] = x[t] @ (Q @ x[t1])
{weights}o[t] = {summed}
loss = sum(sum(o[t]**2), t)
"""
    given, values = run(text, T=T)
    x, expected = given["x"], 0.0
    for t in range(T):
        alpha = softmax(np.array([x[t] @ given["Q"] @ x[u] for u in range(t + 1)]))
        expected += ((alpha @ x[: t + 1]) ** 2).sum()
    assert values["loss"].at() == pytest.approx(expected, rel=1e-12)
    if named:
        assert steps(text, "alpha.softmax") == [
            "alpha.softmax[t, t1] [t = 1..T; t1 = 1..T]",
            "alpha.softmax[t, t1] [t = 1..T; t1 = 1..t]",
        ]


@pytest.mark.parametrize("T", [1, 2, 5])
def test_a_recurrence_reads_all_of_its_past(T: int) -> None:
    text = """\
x: Input[T]
w: Input[T, T]
h[t] = x[t] + sum(w[t, t1] * tanh(h[t1]), (t1, 1, t-1))
g[t] = h[t] + sum(w[t1, t] * g[t1], (t1, t+1, T))
loss = sum(g[t]**2, t)
"""
    given, values = run(text, T=T)
    h, g = np.zeros(T), np.zeros(T)
    for t in range(T):
        h[t] = given["x"][t] + sum(given["w"][t, u] * np.tanh(h[u]) for u in range(t))
    for t in reversed(range(T)):
        g[t] = h[t] + sum(given["w"][u, t] * g[u] for u in range(t + 1, T))
    assert values["loss"].at() == pytest.approx((g**2).sum(), rel=1e-12)


@pytest.mark.parametrize("T", [1, 2, 5])
def test_attention_over_ones_own_past(T: int) -> None:
    text = """\
x: Input[T, n_h]
W: Param[n_h, n_h]
h[0] = 0
e[t, t1] = x[t] @ (W @ h[t1])
c[t] = sum(softmax(e[t, t1], (t1, 1, t-1)) * h[t1], (t1, 1, t-1))
h[t] = tanh(W @ h[t-1] + c[t] + x[t])
loss = sum(sum(h[t]**2), t)
"""
    given, values = run(text, T=T)
    h = [np.zeros(4)]
    for t in range(T):
        past = np.array(h[1:]).reshape(t, 4)
        c = softmax(past @ given["W"].T @ given["x"][t]) @ past if t else np.zeros(4)
        h.append(np.tanh(given["W"] @ h[-1] + c + given["x"][t]))
    assert values["loss"].at() == pytest.approx((np.array(h) ** 2).sum(), rel=1e-12)


GRID = """\
x: Input[T, S]
a, b, c: Param
d[0, 0] = 1
d[0, s] = 0.5
d[t, 0] = 0.25
d[t, s] = tanh(a*d[t-1, s] + b*d[t, s-1] + c*d[t-1, s-1] + x[t-1, s+1])
u[t, S+1] = 0
u[t, s] = u[t, s+1]/2 + d[t, s]
loss = sum(d[t, s]*u[t, s], t, s) + mean(d[T, s], s) + max(d[t, s], t, s) + d[1, S]
""".replace("a, b, c: Param", "a, b, c = Param")


@pytest.mark.parametrize("lengths", LENGTHS)
def test_a_grid(lengths: dict[str, int]) -> None:
    given, values = run(GRID, **lengths)
    T, S = lengths["T"], lengths["S"]
    d, u = np.zeros((T + 1, S + 1)), np.zeros((T + 1, S + 2))
    d[0], d[:, 0], d[0, 0] = 0.5, 0.25, 1
    x = np.zeros((T + 1, S + 2))
    x[1:, 1:-1] = given["x"]
    for t in range(1, T + 1):
        for s in range(1, S + 1):
            inside = given["a"] * d[t - 1, s] + given["b"] * d[t, s - 1] + given["c"] * d[t - 1, s - 1]
            d[t, s] = np.tanh(inside + x[t - 1, s + 1])
        for s in reversed(range(1, S + 1)):
            u[t, s] = u[t, s + 1] / 2 + d[t, s]
    inner = d[1:, 1:]
    expected = (inner * u[1:, 1:-1]).sum() + inner[-1].mean() + inner.max() + inner[0, -1]
    assert values["loss"].at() == pytest.approx(expected, rel=1e-12)


def test_an_open_index_of_a_start_runs_over_the_general_range() -> None:
    assert steps(GRID, "d") == [
        "d[0, 0] []", "d[0, s] [s = 1..S]", "d[t, 0] [t = 1..T]", "d[t, s] [t = 1..T; s = 1..S]",
    ]  # fmt: skip
    assert steps(WARPING, "d") == [
        "d[1, 1] []", "d[1, s] [s = 2..S]", "d[t, 1] [t = 2..T]", "d[t, s] [t = 2..T; s = 2..S]",
    ]  # fmt: skip
    assert not read(GRID).with_role(Role.START)


WARPING = """\
x: Input[T]
z: Input[S]
c[t, s] = (x[t] - z[s])**2
d[1, 1] = c[1, 1]
d[1, s] = c[1, s] + d[1, s-1]
d[t, 1] = c[t, 1] + d[t-1, 1]
d[t, s] = c[t, s] + minimum(d[t-1, s], minimum(d[t, s-1], d[t-1, s-1]))
loss = d[T, S]
"""


@pytest.mark.parametrize("lengths", LENGTHS)
def test_dynamic_time_warping(lengths: dict[str, int]) -> None:
    given, values = run(WARPING, **lengths)
    d = np.full((lengths["T"] + 1, lengths["S"] + 1), np.inf)
    d[0, 0] = 0
    for t in range(1, lengths["T"] + 1):
        for s in range(1, lengths["S"] + 1):
            cost = (given["x"][t - 1] - given["z"][s - 1]) ** 2
            d[t, s] = cost + min(d[t - 1, s], d[t, s - 1], d[t - 1, s - 1])
    assert values["loss"].at() == pytest.approx(d[-1, -1], rel=1e-12)


@pytest.mark.parametrize("T", [1, 2, 5])
def test_a_start_at_the_first_step(T: int) -> None:
    text = """\
x: Input[T, n_y]
y: Label[T, n_y]
A: Param[n_y, n_y]
score[1] = x[1]
score[t, i] = x[t, i] + logsumexp(score[t-1, j] + A[j, i], j)
gold = x[1, y[1]] + sum(x[t, y[t]] + A[y[t-1], y[t]], (t, 2, T))
loss = logsumexp(score[T]) - gold
"""
    given, values = run(text, T=T)
    x, y, A = given["x"], given["y"], given["A"]
    score, gold = x[0], x[0, y[0]]
    for t in range(1, T):
        score = x[t] + np.log(np.exp(score[:, np.newaxis] + A).sum(0))
        gold += x[t, y[t]] + A[y[t - 1], y[t]]
    assert values["loss"].at() == pytest.approx(np.log(np.exp(score).sum()) - gold, rel=1e-12)


@pytest.mark.parametrize("K", [1, 2, 7])
def test_a_tree(K: int) -> None:
    text = """\
x: Input[K, n_x]
w: Index[K, n_y]
left, right = Index[K, K]
W, R = Param[n_h, n_h]
U: Param[n_h, n_x]
E: Param[n_h, n_y]
h[0] = 0.5
h[k] = tanh(W @ h[left[k]] + R @ h[right[k]] + U @ (x[k] + x[left[k]]) + E[:, w[k]])
loss = sum(h[K]**2) + sum(sum(h[left[k]]), k)
"""
    given, values = run(text, K=K)
    h, x = np.full((K + 1, 4), 0.5), np.concatenate([np.zeros((1, 2)), given["x"]])
    total = 0.0
    for k in range(1, K + 1):
        left, right = given["left"][k - 1], given["right"][k - 1]
        inside = given["W"] @ h[left] + given["R"] @ h[right] + given["U"] @ (x[k] + x[left])
        h[k] = np.tanh(inside + given["E"][:, given["w"][k - 1]])
        total += h[left].sum()
    assert values["loss"].at() == pytest.approx((h[K] ** 2).sum() + total, rel=1e-12)


def test_a_tree_reads_by_a_look_up() -> None:
    system = read("left: Index[K, K]\nh[0] = 1\nh[k] = 2*h[left[k]]\nloss = h[K]")
    assert [str(equation) for equation in system.equations] == [
        "h[0] += h.0", "h[k] += 2*h[left[k]]   [k = 1..K]", "loss += h[K]",
    ]  # fmt: skip


@pytest.mark.parametrize("K", [1, 2, 7])
def test_any_number_of_children(K: int) -> None:
    text = """\
x: Input[K, n_h]
child: Index[K, 3, K]
W: Param[n_h, n_h]
h[0] = 0
h[k] = tanh(W @ sum(h[child[k, j]], j) + x[k])
loss = sum(h[K]**2) + sum(h[child[K, 0]])
"""
    given, values = run(text, K=K)
    h = np.zeros((K + 1, 4))
    for k in range(1, K + 1):
        h[k] = np.tanh(given["W"] @ h[given["child"][k - 1]].sum(0) + given["x"][k - 1])
    expected = (h[K] ** 2).sum() + h[given["child"][K - 1, 0]].sum()
    assert values["loss"].at() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("T", [1, 2, 5])
def test_matrix_states_and_equations_without_a_sequence(T: int) -> None:
    text = """\
x: Input[T, n_x]
L: Param[n_x, n_h]
B: Param[n_h, n_x]
A[d, n] = -exp(L[d, n])
M[0] = 0
M[t] = M[t-1] * 0.5 + outer(B @ x[t], x[t])
h[0] = 0
h[t, d, n] = exp(A[d, n]) * h[t-1, d, n] + M[t, n, d] * x[t, d]
loss = sum(sum(h[t]**2), t) + x[T] @ x[1]
"""
    given, values = run(text, T=T)
    A, M, h, expected = -np.exp(given["L"]), np.zeros((4, 2)), np.zeros((2, 4)), 0.0
    for x in given["x"]:
        M = M * 0.5 + np.outer(given["B"] @ x, x)
        h = np.exp(A) * h + M.T * x[:, np.newaxis]
        expected += (h**2).sum()
    assert values["loss"].at() == pytest.approx(expected + given["x"][-1] @ given["x"][0], rel=1e-12)


@pytest.mark.parametrize("lengths", LENGTHS)
def test_one_sequence_reads_the_end_of_another(lengths: dict[str, int]) -> None:
    text = """\
x: Input[T]
z: Input[S]
m: Const[T, S]
h[0] = 0
h[t] = tanh(h[t-1] + x[t])
def blend(a, b): return a[t]*b[s] + a[T] - b[S]
u[s] = z[s]*h[T] + x[1]
e[t, s] = blend(h, z) + m[t, s]
loss = sum(u[s], s) + sum(e[t, s], s, t) + sum(e[t, S]*x[t-1], t) + sum(e[1, s]*z[s+1], s)
"""
    given, values = run(text, **lengths)
    x, z = given["x"], given["z"]
    h: list[Any] = []
    for step in x:
        h.append(np.tanh((h[-1] if h else 0) + step))
    e = np.outer(h, z) + h[-1] - z[-1] + given["m"]
    expected = (z * h[-1] + x[0]).sum() + e.sum() + (e[1:, -1] * x[:-1]).sum() + (e[0, :-1] * z[1:]).sum()
    assert values["loss"].at() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("lengths", LENGTHS)
def test_data_over_two_sequences_is_0_outside(lengths: dict[str, int]) -> None:
    text = """\
x: Input[T, S, n_x]
w: Index[T, S, n_y]
E: Param[n_y]
a[t, s] = exp(sum(x[t-1, s+1])) + exp(E[w[t-2, s-1]]) + E[w[t+1, s]]
loss = sum(a[t, s], t, s)
"""
    given, values = run(text, **lengths)
    T, S = lengths["T"], lengths["S"]
    expected = 0.0
    for t in range(T):
        for s in range(S):
            expected += np.exp(given["x"][t - 1, s + 1].sum()) if t >= 1 and s + 1 < S else 1
            expected += np.exp(given["E"][given["w"][t - 2, s - 1]]) if t >= 2 and s >= 1 else 1
            expected += given["E"][given["w"][t + 1, s]] if t + 1 < T else 0
    assert values["loss"].at() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("start", ["", "y[0] = 2\n"])
@pytest.mark.parametrize("T", [1, 2, 5])
def test_a_look_up_in_data_that_may_lie_outside_too(T: int, start: str) -> None:
    text = f"""\
x: Input[T, n_y]
y: Label[T, n_y]
{start}a[t] = exp((2*x[t+1])[y[t-1]]) + exp(x[t+1, y[t-1]])
loss = sum(a[t], t)
"""
    given, values = run(text, T=T)
    x = np.concatenate([given["x"], np.zeros((1, 6))])
    y = [2 if start else None, *given["y"]]
    looked = [0 if y[t] is None else x[t + 1, y[t]] for t in range(T)]
    assert values["loss"].at() == pytest.approx(sum(np.exp(2 * e) + np.exp(e) for e in looked), rel=1e-12)


def test_indices_of_features_are_not_called_like_those_of_sequences() -> None:
    text = "left: Index[K, K]\nW: Param[n, n]\nb: Param[n]\nh[0] = b\nh[k] = W @ (W @ h[left[k]])\nloss = sum(h[K])"
    assert str(read(text).equations[1]) == (
        "h[k, i] += sum(W[i, j]*sum(W[j, l]*h[left[k], l], l), j)   [k = 1..K; i = 0..n - 1]"
    )


ACROSS = "x: Input[T, n_x]\nz: Input[S, n_x]\nn: Index[T, T]\n"


def faults(lines: str) -> list[tuple[str, str]]:
    """The rules that some lines break, and what is offered."""
    with pytest.raises(DeriveError) as caught:
        read(ACROSS + lines + "\nloss = sum(sum(x[t]), t)", "m.eq")
    return [(fault.rule or "", fault.hint or "") for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("lines", "mend"),
    [
        ("d[t, s] = sum(x[t]) + d[t-1, s-1]", "write d[0, 0] = ... and d[0, s] = ... and d[t, 0] = ..."),
        ("d[0, s] = 0\nd[t, s] = sum(x[t]) + d[t-1, s-1]", "write d[0, 0] = ... and d[t, 0] = ..."),
        ("d[0, s] = 0\nd[t, 0] = 0\nd[t, s] = sum(x[t]) + d[t-1, s-1]", "write d[0, 0] = ..."),
        ("d[t, s] = sum(x[t]) + d[t-1, s+1]", "write d[0, s] = ... and d[0, S+1] = ... and d[t, S+1] = ..."),
        ("e[t, s] = 1\nu[t] = sum(e[t, s-1], s)", "write e[t, 0] = ..."),
        ("e[0, t1] = 1\ne[t, t1] = 1\nu[t] = e[t-1, t-1]", "write e[0, 0] = ..."),
        ("e[t, t1] = 1\nu[t] = sum(e[t-1, t1-1], t1)", "write e[0, 0] = ... and e[0, t1] = ... and e[t, 0] = ..."),
        ("g[t] = sum(x[t]) + g[t+1]", "write g[T+1] = ..."),
        ("g[T+1] = 0\ng[t] = sum(x[t]) + g[t+2]", "write g[T+2] = ..."),
        ("h[t] = 1 + h[n[t]]", "write h[0] = ..."),
        ("h[t] = 1 + sum(h[t1], (t1, t-1, t-1))", "write h[0] = ..."),
    ],
)
def test_a_missing_start_is_named(lines: str, mend: str) -> None:
    assert faults(lines) == [("missing_start", mend)]


@pytest.mark.parametrize(
    "lines",
    [
        "e[0, 0] = 0\ne[t, t1] = 1\nu[t] = e[t-1, t-1]",  # one index has one value
        "e[t, t1] = 1\nu[t] = sum(e[t-1, t1], (t1, 1, t-1))",  # where t is 1, t1 has none
        "h[t] = 1 + sum(h[t1-1], (t1, 2, t))",
        "g[T] = 1\ng[t] = sum(x[t])*g[t+1]\nu = g[1] + g[T]",
        "g[T] = 1\ng[T-1] = 1\ng[t] = g[t+2] + sum(x[t])\nu = g[1]",
    ],
)
def test_no_start_is_asked_for_where_nothing_reads_it(lines: str) -> None:
    read(ACROSS + lines + "\nloss = sum(sum(x[t]), t)")


@pytest.mark.parametrize(
    "lines",
    [
        "d[t, s] = d[t, s] + sum(x[t])",
        "h[t] = 1 + sum(h[t1], (t1, 1, t))",
        "h[t] = 1 + sum(h[t1], t1)",
        "e[t, t1] = sum(x[t]) + e[t1, t]",
        "h[0] = 0\nh[t] = h[n[t]] + u[t]\nu[t] = h[t]",
        "h[0] = 0\nh[t] = h[t-1]*u\nu = sum(h[t], t)",
        "h[0] = u\nh[t] = h[t-1] + sum(x[t])\nu = h[T]",
        "d[0, s] = 0\nd[t, s] = d[t-1, s] + u[t]\nu[t] = sum(d[t, s], s)",
    ],
)
def test_a_cycle_without_an_order_is_refused(lines: str) -> None:
    assert [rule for rule, _ in faults(lines)] == ["unbroken_cycle"]


@pytest.mark.parametrize(
    "lines",
    [
        "d[0, s] = 0\nd[t, s] = d[t-1, s] + u[t]\nu[1] = 0\nu[t] = sum(d[t-1, s], s)",
        "d[T+1, s] = 0\nd[t, 0] = 0\nd[t, s] = d[t+1, s] + d[t, s-1] + sum(x[t])",
        "d[0, s] = 0\nd[0, S+1] = 0\nd[t, S+1] = 0\nd[t, s] = d[t-1, s+1] + d[t, s+1] + sum(x[t])",
        "h[0] = u\nh[t] = h[t-1] + sum(x[t])\nu = v[0]\nv[0] = 1\nv[t] = h[t]",
        "h[0] = 0\nh[t] = c[t] + h[t-1]\nc[t] = sum(e[t, t1], (t1, 1, t-1))\ne[t, t1] = sum(x[t]) * h[t1]",
    ],
)
def test_a_cycle_with_an_order_is_read(lines: str) -> None:
    read(ACROSS + lines + "\nloss = sum(sum(x[t]), t)")


def test_a_step_is_missing() -> None:
    assert faults("e[t, t1] = 1\nu[t] = e[t]") == [("step_missing", "write e[t, t1]")]
    assert faults("e[0] = 1\ne[t, s] = 1") == [("step_missing", "write e[t, s]")]


def test_steps_in_the_wrong_order() -> None:
    assert faults("e[t, s] = 1\nu[t] = sum(e[s, t], s)") == [("wrong_sequence", "write e[t, s]")] * 2


@pytest.mark.parametrize("lines", ["p: Index[T, S]", "p: Label[T, T]", "p: Index[n_x, T]"])
def test_nodes_are_those_of_the_same_sequence(lines: str) -> None:
    assert [rule for rule, _ in faults(lines)] == ["index_over_nodes"]


@pytest.mark.parametrize("end", ["g_end: Const = 1\ng[T+1] = 0\ng[t] = g[t+1] + 1"])
def test_the_argument_of_an_end_has_a_name_of_its_own(end: str) -> None:
    assert faults(end) == [("start_argument_taken", "rename g_end")]


def test_a_square_that_a_recurrence_fills_as_it_goes_is_a_helper() -> None:
    score = "e[t, t1] = h[t-1] * h[t1]\n"
    rest = "h[0] = 0\nh[t] = sum(x[t]) + sum(e{} * h[t1], (t1, 1, t-1))"
    (found,) = faults(score + rest.format("[t, t1]"))
    mend = "a helper, def e(): return ..., is needed only where t1 has a range, not at every t1"
    assert found == ("unbroken_cycle", mend)
    read(ACROSS + "def e(): return h[t-1] * h[t1]\n" + rest.format("()") + "\nloss = h[T]")


@pytest.mark.parametrize(
    ("lines", "mend"),
    [
        ("h[0] = 0\nh[t] = h[t+1] + sum(x[t])", "write h[T+1] = ... in place of the other start"),
        ("h[t] = sum(x[t1], (t1, 1, t))\nu[t] = sum(h[t1], (t1, 1, t+1))", "let the range of t1 end at T, or at t"),
        ("h[t] = sum(x[t])\nu = sum(h[t+2], t)", "let the range of t end at T-2"),
        ("h[t] = sum(x[t])\nu[t] = h[t+1]", "write the range: sum(..., (t, 1, T-1))"),
        ("h[s] = sum(z[s])\nu[t] = sum(x[t]) * h[T]", "here h runs over S, where S is the last step"),
        ("h[T+1] = 0\nh[t] = h[n[t]] + 1", "a node that is none reads h[0]: start there, h[0] = ..."),
        ("h[t] = sum(x[t]) + sum(h[t1], (t1, 1, t))", "read earlier steps only: (t1, 1, t-1)"),
        (
            "e[t, s] = d[t-1] * 1\na[t, s] = softmax(e[t, s], t)\nd[0] = 0\nd[t] = sum(a[t, s], s)",
            "read at every t there",
        ),
        ("d[t, 0] = 0\nd[t, s] = d[t, s-1] + d[t, s+1] + sum(x[t])", "use two variables, one from left to right"),
        ("h[0] = 0\nh[t] = h[n[t]] + h[t+1]", "use two variables, one from left to right"),
        ("d[0, t] = 0\nd[t, s] = d[t-1, s] + sum(x[t])", "its index there is s"),
        ("u = sum(x[t] for t in n)", "a sum over steps names their index"),
        ("u = sum(x[1:2])", "a part of the steps is the range of an index: sum(x[t1], (t1, 1, t))"),
        ("h[t] = sum(x[t])\nk: Input[T]\nu[t] = h[k[t]]", "what looks up a step is declared so: Index[T, T]"),
        ("e[t, s] = sum(x[t])\na[t, s] = softmax(e[t, s])", "name the index: softmax(e[t, s], s)"),
    ],
)
def test_a_mend_fits_the_mistake(lines: str, mend: str) -> None:
    (found,) = faults(lines)
    assert mend in found[1]


def test_many_squares_have_an_order() -> None:
    squares = "".join(f"e{n}[t, t1] = h[t1] * sum(x[t])\n" for n in range(14))
    past = " + ".join(f"sum(e{n}[t, t1], (t1, 1, t-1))" for n in range(14))
    read(ACROSS + squares + f"h[0] = 0\nh[t] = h[t-1] + {past}\nloss = h[T]")
