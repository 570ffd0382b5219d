"""Right to left, several sequences, a second index, grids and nodes as text."""

from __future__ import annotations

import textwrap

import pytest

from derive import pipeline
from derive.emit.notation import Notation, nearest, render
from derive.system import Role
from tests.emit.notation.again import from_cases, read_again, same, unequal

MODELS = {
    "right to left": """
        x: Input[T, n_x]
        W: Param[n_h, n_h]
        U: Param[n_h, n_x]
        g[T+1] = 0
        g[t] = tanh(W @ g[t+1] + U @ x[t])
        loss = sum(sum(g[t]**2), t)
    """,
    "learned end": """
        x: Input[T]
        w, c = Param
        g[T] = c
        g[T-1] = c * x[T]
        g[t] = tanh(w * g[t+1] + g[t+2] + x[t])
        loss = g[1]**2
    """,
    "attention": """
        x: Input[T, n]
        z: Input[S, n]
        W: Param[n, n]
        e[t, s] = dot(x[t], W @ z[s])
        a[t, s] = softmax(e[t, s], s)
        c[t] = sum(a[t, s] * z[s], s)
        m[t] = max(e[t, s], s)
        loss = sum(sum(c[t]**2) + m[t], t)
    """,
    "causal": """
        x: Input[T, n]
        Q, R = Param[n, n]
        q[t] = Q @ x[t]
        r[t] = R @ x[t]
        e[t, t1] = where(t1 <= t, dot(q[t], r[t1]) / sqrt(n), -inf)
        a[t, t1] = softmax(e[t, t1], t1)
        c[t] = sum(a[t, t1] * x[t1], t1)
        loss = sum(sum(c[t]**2), t)
    """,
    "own past": """
        x: Input[T, n]
        u: Param[n]
        h[t] = tanh(x[t] + sum(u * h[t1], (t1, 1, t-1)))
        loss = sum(sum(h[t]**2), t)
    """,
    "tree": """
        x: Input[K, n]
        left: Index[K, K]
        right: Index[K, K]
        L, R = Param[n, n]
        h[0] = 0
        h[k] = tanh(x[k] + L @ h[left[k]] + R @ h[right[k]])
        loss = sum(h[K]**2)
    """,
    "grid": """
        x: Input[T, S]
        a, b = Param
        d[0, 0] = 0
        d[0, s] = a
        d[t, 0] = b
        d[t, s] = tanh(x[t, s] + a * d[t-1, s] + b * d[t, s-1] + d[t-1, s-1])
        loss = d[T, S]
    """,
    "both directions": """
        x: Input[T, n]
        A: Param[n, 2*n]
        f[0] = 0
        g[T+1] = 0
        f[t] = tanh(x[t] + f[t-1])
        g[t] = tanh(x[t] + g[t+1])
        h[t] = concat(f[t], g[t])
        loss = sum(sum((A @ h[t])**2), t)
    """,
    "own past softly": """
        x: Input[T, n]
        e[t, t1] = dot(x[t], x[t1])
        a[t, t1] = softmax(e[t, t1], (t1, 1, t))
        c[t] = sum(a[t, t1] * x[t1], (t1, 1, t))
        m[t] = max(e[t, t1], (t1, t, T))
        loss = sum(sum(c[t]**2) + m[t], t)
    """,
    "two starts": """
        x: Input[T, S]
        a = Param
        d[1, 0] = a
        d[t, 0] = d[t-1, 0] + x[t, 1]
        d[1, s] = d[1, s-1] + x[1, s]
        d[t, s] = logsumexp(concat(d[t-1, s] + x[t, s], a * d[t, s-1]))
        loss = d[T, S]
    """,
    "shifted data": """
        x: Input[T, S]
        y: Label[T, n]
        A: Param[m, n]
        a, b = Param
        d[t, s] = x[t, s] + a * x[t-1, s] + b * x[t, s+1]
        v[t] = tanh(A[:, y[t-1]] + a)
        loss = sum(sum(d[t, s]**2, s), t) + sum(sum(v[t]), t)
    """,
}


def model(name: str) -> pipeline.Model:
    return pipeline.parse(textwrap.dedent(MODELS[name]).strip() + "\n", name.replace(" ", "_"))


def gradient(name: str, notation: Notation = "array", unicode: bool = False) -> list[str]:
    found = model(name).gradient()
    return render(found.system, found.equations, notation, unicode)


@pytest.mark.parametrize("notation", ["array", "index"])
@pytest.mark.parametrize("name", MODELS)
def test_what_is_printed_is_read_as_the_same_system(name: str, notation: Notation) -> None:
    made = model(name)
    assert same(*read_again(made.source, made.name, notation))


@pytest.mark.parametrize("name", MODELS)
def test_the_printed_gradient_is_the_gradient(name: str) -> None:
    system = model(name).gradient().system
    assert unequal(system, from_cases(system), [v.name for v in system.with_role(Role.GRAD)]) == []


def test_what_runs_from_right_to_left_is_told_from_the_first_step() -> None:
    printed = gradient("right to left")
    assert [line for line in printed if line.startswith("grad(g[")] == [
        "grad(g[1]) = 2 * g[1]",
        "grad(g[t]) = W.T @ grad(g.arg[t-1]) + 2 * g[t], 2 <= t <= T",
        "grad(g[T+1]) = W.T @ grad(g.arg[T])",
    ]
    assert "grad(W) = sum(outer(grad(g.arg[t]), g[t+1]), t)" in printed


def test_two_sequences_and_a_second_index() -> None:
    printed = gradient("attention", unicode=True)
    assert "∇e.sum[s] = ∑ₜ ∇e[t,s] x[t]" in printed and "∇x[t] = ∑ₛ ∇e[t,s] e.sum[s]" in printed
    printed = gradient("causal")
    assert "grad(e.sum[t, t1]) = where(t1 <= t, 1 / sqrt(n), 0) * grad(e[t, t1])" in printed
    assert "grad(r[t]) = sum(grad(e.sum[t1, t]) * q[t1], t1)" in printed


def test_a_bound_over_an_outer_index_is_turned_round() -> None:
    printed = gradient("own past")
    assert "grad(h[T]) = 2 * h[T]" in printed
    assert "grad(h[t]) = sum(u * grad(h.arg[t1]), (t1, t+1, T)) + 2 * h[t], t < T" in printed
    assert "grad(u) = sum(sum(h[t1] * grad(h.arg[t]), (t1, 1, t-1)), t)" in printed


def test_a_node_has_the_gradients_of_those_that_point_to_it() -> None:
    printed = gradient("tree")
    assert "grad(h[K]) = 2 * h[K]" in printed
    left, right = (f"sum(where({side}[k1] == k, 1, 0) * ({m}.T @ grad(h.arg[k1])), (k1, k+1, K))"
                   for side, m in (("left", "L"), ("right", "R")))  # fmt: skip
    assert f"grad(h[k]) = {left} + {right}, 0 <= k < K" in printed
    assert "grad(L) = sum(outer(grad(h.arg[k]), h[left[k]]), k)" in printed
    index = gradient("tree", "index", unicode=True)
    assert any("∑_{k1=k+1..K} ∑ⱼ L[j,i] [left[k1] = k] ∇h.arg[k1,j]" in line for line in index)


def test_a_grid_has_edges_and_corners() -> None:
    assert [line for line in gradient("grid") if line.startswith("grad(d[")] == [
        "grad(d[T, S]) = 1",
        "grad(d[T, s]) = b * grad(d.arg[T, s+1]), 0 <= s < S",
        "grad(d[t, s]) = a * grad(d.arg[t+1, s]) + b * grad(d.arg[t, s+1]) + grad(d.arg[t+1, s+1]), t < T, s < S",
        "grad(d[t, 0]) = b * grad(d.arg[t, 1]) + grad(d.arg[t+1, 1]), t < T",
        "grad(d[t, S]) = a * grad(d.arg[t+1, S]), 0 <= t < T",
        "grad(d[0, s]) = a * grad(d.arg[1, s]) + grad(d.arg[1, s+1]), s < S",
        "grad(d[0, 0]) = grad(d.arg[1, 1])",
    ]


def test_data_that_are_zero_outside_need_no_case() -> None:
    system = model("shifted data").system
    printed = render(system, system.equations, unicode=False)
    assert printed[:2] == ["d[t, s] = x[t, s] + a * x[t-1, s] + b * x[t, s+1]", "v[t] = tanh(A[:, y[t-1]] + a)"]


def test_a_concatenation_is_one_line() -> None:
    system = model("both directions").system
    printed = render(system, system.equations, unicode=False)
    assert "h[t] = concat(f[t], g[t])" in printed
    assert "h[t] = concat(f[t], g[t])" in render(system, system.equations, "index", unicode=False)
    system = model("two starts").system
    printed = render(system, system.equations, unicode=False)
    assert "d[t, s] = logsumexp(concat(d[t-1, s] + x[t, s], a * d[t, s-1]))" in printed


def test_a_softmax_over_a_part_of_its_range() -> None:
    system = model("own past softly").system
    for notation in ("array", "index"):
        printed = render(system, system.equations, notation, unicode=False)  # type: ignore[arg-type]
        assert "a[t, t1] = softmax(e[t, t1], (t1, 1, t))" in printed
        assert "m[t] = max(e[t, t1], (t1, t, T))" in printed


def test_starts_along_both_edges_need_no_condition() -> None:
    system = model("two starts").system
    printed = render(system, system.equations, unicode=False)
    assert printed[:3] == ["d[1, 0] = a", "d[t, 0] = d[t-1, 0] + x[t, 1]", "d[1, s] = d[1, s-1] + x[1, s]"]


def test_the_line_of_a_statement_is_that_of_its_steps() -> None:
    found = model("grid").gradient().system
    printed = render(found, found.defining["grad(d)"], unicode=False)
    for equation in found.defining["grad(d)"]:
        line = nearest(printed, equation.subscripts, found.by_name["d"].axes)
        steps = ", ".join("".join(str(step).split()) for step in equation.subscripts)
        assert line.startswith(f"grad(d[{steps}])")
    found = model("tree").gradient().system
    printed = render(found, found.defining["grad(h)"], unicode=False)
    lines = [nearest(printed, e.subscripts, found.by_name["h"].axes) for e in found.defining["grad(h)"]]
    assert [line.partition(" =")[0] for line in lines] == ["grad(h[K])", "grad(h[k])", "grad(h[k])"]
