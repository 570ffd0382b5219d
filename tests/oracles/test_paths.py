"""Recursions over paths against all paths, one by one: each sum or minimum written out, each slope counted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from derive.interpret import Array, evaluate
from tests.oracles import running

HIDDEN_MARKOV = """
e: Input[T, n]      # log-likelihood of what is observed
p: Param[n]
A: Param[n, n]
logp = logsoftmax(p)
logA[i, j] = logsoftmax(A[i, j], j)
alpha[1] = logp + e[1]
alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
loss = -logsumexp(alpha[T])
"""


def softmax(logits: Array) -> Array:
    weights = np.exp(logits)
    return weights / weights.sum(-1, keepdims=True)


def posteriors(p: Array, A: Array, e: Array) -> tuple[float, Array, Array]:
    """From all paths: the likelihood, and how often it is in each state at each step and takes each transition."""
    total, visits, moves = 0.0, np.zeros_like(e), np.zeros_like(A)
    first, transition, emission = softmax(p), softmax(A), np.exp(e)
    for path in itertools.product(range(len(p)), repeat=len(e)):
        weight = first[path[0]] * np.prod([transition[i, j] for i, j in itertools.pairwise(path)])
        weight *= np.prod([emission[t, j] for t, j in enumerate(path)])
        total += weight
        for t, j in enumerate(path):
            visits[t, j] += weight
        for i, j in itertools.pairwise(path):
            moves[i, j] += weight
    return total, visits / total, moves / total


def beyond_chance(counts: Array, logits: Array) -> Array:
    """The slope of the log-likelihood by the logits: what is counted, less what the probabilities expect."""
    return counts - counts.sum(-1, keepdims=True) * softmax(logits)


@pytest.mark.parametrize("steps", [1, 4])
def test_the_gradient_of_a_hidden_markov_model_is_the_posterior(steps: int) -> None:
    at = running.drawn(HIDDEN_MARKOV, T=steps, n=3, B=2)
    p, A, e = at.params["p"], at.params["A"], at.data["e"]
    found = [posteriors(p, A, e[:, b]) for b in range(2)]
    gradients = {
        "e": -np.stack([visits for _, visits, _ in found], axis=1),
        "p": -sum(beyond_chance(visits[0], p) for _, visits, _ in found),
        "A": -sum(beyond_chance(moves, A) for _, _, moves in found),
    }
    running.agrees(HIDDEN_MARKOV, at, -sum(np.log(total) for total, _, _ in found), gradients, 1e-12)


def test_the_hidden_markov_model_of_the_zoo() -> None:
    at = running.drawn("hidden_markov", T=4, n_s=3, n_w=5, B=2)
    p, A, B, w = at.params["pi0"], at.params["A"], at.params["B"], at.data["w"]
    emission = np.log(softmax(B))
    found = [posteriors(p, A, emission[:, w[:, b]].T) for b in range(2)]
    seen = np.zeros_like(B)
    for b, (_, visits, _) in enumerate(found):
        np.add.at(seen.T, w[:, b], visits)
    gradients = {
        "pi0": -sum(beyond_chance(visits[0], p) for _, visits, _ in found),
        "A": -sum(beyond_chance(moves, A) for _, _, moves in found),
        "B": -beyond_chance(seen, B),
    }
    running.agrees("hidden_markov", at, -sum(np.log(total) for total, _, _ in found), gradients, 1e-12)


def test_the_posterior_is_a_variable_of_the_gradient() -> None:
    model = running.model_of("hidden_markov")
    sizes = {"T": 4, "n_s": 3, "n_w": 5}
    rng = np.random.default_rng(0)
    given = {"w": rng.integers(0, 5, 4), "pi0": rng.normal(size=3), "A": rng.normal(size=(3, 3))}
    given["B"] = rng.normal(size=(3, 5))
    found = evaluate(model.gradient().system, sizes, given, ["grad(e)"])["grad(e)"].array
    _, visits, _ = posteriors(given["pi0"], given["A"], np.log(softmax(given["B"]))[:, given["w"]].T)
    np.testing.assert_allclose(found, -visits, atol=1e-13)


# A path from one corner of a grid to the other, its cells counted from 1: down, right, or both at once.
MOVES = ((1, 0), (0, 1), (1, 1))


def paths(rows: int, columns: int, start: tuple[int, int] = (0, 0)) -> Iterator[list[tuple[int, int]]]:
    """All paths, each as its cells without the first."""
    if start == (rows, columns):
        yield []
    for down, right in MOVES:
        cell = start[0] + down, start[1] + right
        if cell[0] <= rows and cell[1] <= columns:
            for rest in paths(rows, columns, cell):
                yield [cell, *rest]


SOFT_DTW = """
x: Input[T, n]
y: Input[S, n]
g: Const = 0.5
c[t, s] = sum((x[t] - y[s])**2)
d[0, 0] = 0
d[t, 0] = inf
d[0, s] = inf
d[t, s] = c[t, s] - g * log(exp(-d[t-1, s]/g) + exp(-d[t, s-1]/g) + exp(-d[t-1, s-1]/g))
loss = d[T, S]
"""


@pytest.mark.parametrize(("T", "S"), [(1, 1), (1, 3), (4, 3)])
def test_soft_dynamic_time_warping_is_a_soft_minimum_over_all_alignments(T: int, S: int) -> None:
    at = running.drawn(SOFT_DTW, T=T, S=S, B=2, n=2)
    x, y = at.data["x"], at.data["y"]
    loss, dx, dy = 0.0, np.zeros_like(x), np.zeros_like(y)
    # An edge cell away from the corner costs infinitely much: every alignment begins in cell (1, 1).
    aligned = [path for path in paths(T, S) if path[0] == (1, 1)]
    for b in range(2):
        apart = x[:, None, b] - y[None, :, b]
        costs = np.array([sum((apart[t - 1, s - 1] ** 2).sum() for t, s in path) for path in aligned])
        weights = np.exp(-(costs - costs.min()) / 0.5)
        loss += costs.min() - 0.5 * np.log(weights.sum())
        for path, weight in zip(aligned, weights / weights.sum(), strict=True):
            for t, s in path:
                dx[t - 1, b] += 2 * weight * apart[t - 1, s - 1]
                dy[s - 1, b] -= 2 * weight * apart[t - 1, s - 1]
    running.agrees(SOFT_DTW, at, loss, {"x": dx, "y": dy}, 1e-12)


EDITS = """
m: Input[T, S]      # what it costs to write s for t
gap: Param
d[0, 0] = 0
d[t, 0] = t * gap
d[0, s] = s * gap
d[t, s] = minimum(minimum(d[t-1, s] + gap, d[t, s-1] + gap), d[t-1, s-1] + m[t, s])
loss = d[T, S]
"""


@pytest.mark.parametrize(("T", "S"), [(1, 1), (4, 3)])
def test_an_edit_distance_is_the_least_of_all_edits(T: int, S: int) -> None:
    at = running.drawn(EDITS, T=T, S=S, B=2)
    at = at.with_array("gap", np.array(0.7)).with_array("m", np.abs(at.data["m"]))
    m, loss, dm, dgap = at.data["m"], 0.0, np.zeros_like(at.data["m"]), 0.0
    for b in range(2):
        best: tuple[float, list[tuple[int, int]], int] = (np.inf, [], 0)
        for path in paths(T, S):
            replaced = [c for a, c in itertools.pairwise([(0, 0), *path]) if c[0] > a[0] and c[1] > a[1]]
            gaps = len(path) - len(replaced)
            best = min(best, (gaps * 0.7 + sum(m[t - 1, s - 1, b] for t, s in replaced), replaced, gaps))
        loss, dgap = loss + best[0], dgap + best[2]
        for t, s in best[1]:
            dm[t - 1, s - 1, b] += 1
    running.agrees(EDITS, at, loss, {"m": dm, "gap": np.array(dgap)}, 1e-12)
