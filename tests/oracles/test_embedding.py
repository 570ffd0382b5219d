"""Looked-up rows: what several steps read, they all add to."""

from __future__ import annotations

import numpy as np
import pytest

from tests.oracles import running

ROWS = """
w: Index[T, n]
x: Input[T, m]
E: Param[n, m]
loss = sum(x[t] @ E[w[t]], t)
"""

COLUMNS = ROWS.replace("E: Param[n, m]", "E: Param[m, n]").replace("E[w[t]]", "E[:, w[t]]")

RECURRENT = """
w: Index[T, n]
x: Input[T, m]
E: Param[n, m]
A: Param[m, m]
h[0] = 0
h[t] = A @ h[t-1] + E[w[t]]
loss = sum(x[t] @ h[t], t)
"""

# No token is repeated, all are the same, and some are within one example and between two.
TOKENS = ([[0, 1], [2, 3], [4, 5]], [[2, 2], [2, 2], [2, 2]], [[1, 1], [1, 3], [0, 0]])


@pytest.mark.parametrize("tokens", TOKENS, ids=["different", "the same", "mixed"])
def test_repeated_tokens_add_up(tokens: list[list[int]]) -> None:
    for text in (ROWS, COLUMNS):
        at = running.drawn(text, T=3, B=2, n=6, m=2).with_array("w", np.array(tokens))
        wanted = np.zeros((6, 2))
        for token, x in zip(np.ravel(tokens), at.data["x"].reshape(-1, 2), strict=True):
            wanted[token] += x
        for _, gradients in running.both_styles(text, at):
            found = gradients["E"] if text is ROWS else gradients["E"].T
            np.testing.assert_allclose(found, wanted, atol=1e-15)


@pytest.mark.parametrize("tokens", TOKENS, ids=["different", "the same", "mixed"])
def test_repeated_tokens_add_up_through_a_recurrence(tokens: list[list[int]]) -> None:
    at = running.drawn(RECURRENT, T=3, B=2, n=6, m=2).with_array("w", np.array(tokens))
    x, A, wanted = at.data["x"], at.params["A"], np.zeros((6, 2))
    for b in range(2):
        carried = np.zeros(2)
        for t in (2, 1, 0):
            carried = x[t, b] + A.T @ carried
            wanted[tokens[t][b]] += carried
    for _, gradients in running.both_styles(RECURRENT, at):
        np.testing.assert_allclose(gradients["E"], wanted, atol=1e-14)
