"""What array notation means, entry by entry: each expression against NumPy, on numbers that tell every part apart."""

from __future__ import annotations

import numpy as np
import pytest

from derive.errors import DeriveError
from derive.interpret import evaluate
from derive.language import read

A = np.array([[1.0, 2.0, -4.0], [0.5, -3.0, 8.0], [7.0, 0.25, -1.5]])
U, V = np.array([1.0, -2.0, 0.5]), np.array([3.0, -2.0, 4.0])
X = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, -0.75]])
W = np.arange(27.0).reshape(3, 9) ** 1.5
GIVEN = {"A": A, "u": U, "v": V, "x": X, "W": W}
HEAD = "x: Input[T, 3]\nA: Param[3, 3]\nW: Param[3, 9]\nu, v = Param[3]\n"


def softmax(z: np.ndarray) -> np.ndarray:
    return np.exp(z) / np.exp(z).sum()


VECTORS = {
    "where(u > v, 1, 2) + where(u < v, 10, 20)": np.where(U > V, 1, 2) + np.where(U < V, 10, 20),
    "where(u >= v, 1, 2) + where(u <= v, 10, 20)": np.where(U >= V, 1, 2) + np.where(U <= V, 10, 20),
    "where(u == v, 1, 0)": np.where(U == V, 1.0, 0.0),
    "u - v - 2*u - 1": -U - V - 1,
    "u - (v - u) + -v": 2 * U - 2 * V,
    "u * v / 4 / v * u": U * U / 4,
    "-u**2 + 2 * v": -(U**2) + 2 * V,
    "A.T @ u": A.T @ U,
    "u.T @ A": U @ A,
    "outer(u, v) @ u": np.outer(U, V) @ U,
    "(u @ v.T) @ v": np.outer(U, V) @ V,
    "diag(u) @ A @ v": np.diag(U) @ A @ V,
    "eye(3) @ u - A @ v": U - A @ V,
    "W @ concat(u, v, u)": W @ np.concatenate([U, V, U]),
    "logsoftmax(u)": np.log(softmax(U)),
    "softmax(v) * 2": 2 * softmax(V),
    "leaky_relu(u) + leaky_relu(v, slope=0.5)": np.where(U > 0, U, 0.01 * U) + np.where(V > 0, V, 0.5 * V),
    "maximum(u, v) - minimum(u, 0)": np.maximum(U, V) - np.minimum(U, 0),
}
NUMBERS = {
    "sum(A) + mean(A)": A.sum() + A.mean(),
    "mean(u) - max(v)": U.mean() - V.max(),
    "norm2(A) * norm2(u)": np.sqrt((A**2).sum() * (U**2).sum()),
    "logsumexp(u) + u @ v": np.log(np.exp(U).sum()) + U @ V,
    "mean(x[t] @ u, t)": (X @ U).mean(),
    "mean(x[t] @ u, (t, 2, T))": X[1] @ U,
    "sum(x[t-1] @ u * t, (t, 2, T))": 2 * X[0] @ U,
    "sum(concat(u, v, 2*u) * W[0])": np.concatenate([U, V, 2 * U]) @ W[0],
    "sum(A[i, j] * u[i] * v[j], i, j)": U @ A @ V,
    "dot(u, v) ** 2 - 2 ** -1": (U @ V) ** 2 - 0.5,
}


@pytest.mark.parametrize("expression", [*VECTORS, *NUMBERS])
def test_an_expression_is_what_numpy_says(expression: str) -> None:
    value = "p" if expression in VECTORS else "q"
    system = read(f"{HEAD}{value} = {expression}\nloss = sum({value} + u)\n".replace("sum(q + u)", "q"))
    found = evaluate(system, {"T": 2}, {v.name: GIVEN[v.name] for v in system.variables if v.role.is_given}, [value])
    wanted = VECTORS[expression] if expression in VECTORS else NUMBERS[expression]
    np.testing.assert_allclose(found[value].array, wanted, rtol=1e-13)


def test_sizes_and_defaults_are_what_they_say() -> None:
    system = read("c: Const[n-1] = -2\nd: Const[2] = [-1, 2.5]\nw: Param[n]\nloss = sum(c) * sum(w) + d[0] * d[1]\n")
    found = evaluate(system, {"n": 4}, {"w": np.ones(4)}, ["loss"])
    assert found["loss"].array == -2 * 3 * 4 - 2.5


def test_data_before_their_first_step_are_what_the_file_says_or_0() -> None:
    text = "x, z = Input[T]\ny: Label[T, 4]\nE: Param[4]\nx[0] = 5\nx[-1] = 7\ny[0] = 3\n"
    text += "p = sum(x[t-2] * t, t)\nq = sum(z[t-1] * t, t)\nr = sum(E[y[t-1]] * t, t)\ns = sum(E[y[t-2]] * t, t)\n"
    system = read(text + "loss = p + q + r + s\n")
    e = np.array([10.0, 20.0, 30.0, 40.0])
    given = {"x": np.array([1.0, 2.0, 3.0]), "z": np.array([0.1, 0.2, 0.3]), "y": np.array([1, 0, 2]), "E": e}
    found = evaluate(system, {"T": 3}, given, ["p", "q", "r", "s"])
    assert [float(found[name].array) for name in "pqrs"] == pytest.approx(
        [7 + 5 * 2 + 1 * 3, 0.1 * 2 + 0.2 * 3, 40 + 20 * 2 + 10 * 3, 0 + 40 * 2 + 20 * 3]
    )


@pytest.mark.parametrize("value", ["4", "7", "-1", "0.5"])
def test_a_start_that_is_no_class_is_refused(value: str) -> None:
    text = f"y: Label[T, 4]\nE: Param[4]\ny[0] = {value}\nloss = sum(E[y[t-1]], t)\n"
    with pytest.raises(DeriveError) as error:
        read(text)
    assert error.value.faults[0].rule == "data_start_value"
