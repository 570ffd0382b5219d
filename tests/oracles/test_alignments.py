"""Losses that sum over all taggings or alignments, against all of them, one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from derive.check.call import Arguments
from derive.interpret import Array
from tests.oracles import running


def log_softmax(logits: Array) -> Array:
    total: Array = np.exp(logits).sum(-1, keepdims=True)
    return logits - np.log(total)


def hidden(inputs: Array, recurrent: Array, h: Array) -> list[Array]:
    """A tanh recurrence from a first state, over what each step adds."""
    states = []
    for added in inputs:
        h = np.tanh(added + recurrent @ h)
        states.append(h)
    return states


@pytest.mark.parametrize("T", [1, 4])
def test_a_conditional_random_field_counts_tags_and_transitions(T: int) -> None:
    at = running.drawn("crf", T=T, B=2, n_y=3, n_x=2)
    p, loss = at.params, 0.0
    dc, da, dA = np.zeros(3), np.zeros(3), np.zeros((3, 3))
    for b in range(2):
        e = at.data["x"][:, b] @ p["V"].T + p["c"]
        taggings = list(itertools.product(range(3), repeat=T))
        scores = np.array(
            [p["a"][y[0]] + sum(e[range(T), y]) + sum(p["A"][i, j] for i, j in itertools.pairwise(y)) for y in taggings]
        )
        true = tuple(at.data["y"][:, b])
        loss += np.log(np.exp(scores).sum()) - scores[taggings.index(true)]
        for y, weight in zip([*taggings, true], [*(np.exp(scores) / np.exp(scores).sum()), -1.0], strict=True):
            da[y[0]] += weight
            np.add.at(dc, list(y), weight)
            for i, j in itertools.pairwise(y):
                dA[i, j] += weight
    running.agrees("crf", at, loss, {"a": da, "c": dc, "A": dA}, 1e-12)


def collapsed(path: tuple[int, ...]) -> tuple[int, ...]:
    """What an alignment says: repetitions are one label, then blanks are dropped; 0 is the blank."""
    return tuple(label for label, _ in itertools.groupby(path) if label)


@pytest.mark.parametrize("labels", [(1,), (1, 2), (1, 1)])
def test_connectionist_temporal_classification_sums_over_all_alignments(labels: tuple[int, ...]) -> None:
    at = running.drawn("ctc", T=4, B=1, n_y=3, n_h=2, n_x=2, S=2 * len(labels) + 1)
    with_blanks = [0, *itertools.chain.from_iterable((label, 0) for label in labels)]
    at = at.with_array("none", np.array(-1e30)).with_array("l", np.array(with_blanks)[:, None])
    p, start = at.params, at.data["h0"][0]
    states = hidden(at.data["x"][:, 0] @ p["U"].T + p["b"], p["W"], start)
    log_p = log_softmax(np.array(states) @ p["V"].T + p["c"])
    paths = (path for path in itertools.product(range(3), repeat=4) if collapsed(path) == labels)
    total = sum(np.exp(log_p[range(4), path].sum()) for path in paths)
    running.agrees("ctc", at, -np.log(total), {}, 1e-12)


def interleavings(T: int, S: int) -> Iterator[tuple[bool, ...]]:
    """All orders of reading T steps and writing S labels that end with a step read."""
    for writes in itertools.combinations(range(T + S - 1), S):
        yield tuple(n in writes for n in range(T + S))


@pytest.mark.parametrize(("T", "S"), [(1, 1), (1, 2), (3, 2)])
def test_a_transducer_sums_over_all_interleavings(T: int, S: int) -> None:
    at = running.drawn("transducer", T=T, S=S, B=1, n_y=3, n_h=2, n_g=2, n_x=2)
    p, y, start = at.params, at.data["y"][:, 0], at.data["h0"][0]
    h = hidden(at.data["x"][:, 0] @ p["U"].T + p["b"], p["W"], start)
    first = np.tanh(p["r"])
    g = [first, *hidden(p["F"].T[y] + p["r"], p["R"], first)]
    total = 0.0
    for writes in interleavings(T, S):
        t, s, score = 0, 0, 0.0
        for write in writes:
            score += log_softmax(p["c"] + p["P"] @ h[t] + p["Q"] @ g[s])[y[s] if write else 0]
            t, s = (t, s + 1) if write else (t + 1, s)
        total += np.exp(score)
    running.agrees("transducer", at, -np.log(total), {}, 1e-12)


def test_soft_dynamic_time_warping_of_the_zoo() -> None:
    at: Arguments = running.drawn("soft_dtw", T=3, S=4, B=1, n_x=2, n_h=3)
    u, v = at.data["x"][:, 0] @ at.params["W"].T, at.data["y"][:, 0] @ at.params["W"].T
    gamma = float(at.data["gamma"])
    r = np.full((4, 5), np.inf)
    r[0, 0] = 0
    for t, s in itertools.product(range(1, 4), range(1, 5)):
        before = np.exp(-np.array([r[t - 1, s - 1], r[t - 1, s], r[t, s - 1]]) / gamma)
        r[t, s] = ((u[t - 1] - v[s - 1]) ** 2).sum() - gamma * np.log(before.sum())
    running.agrees("soft_dtw", at, r[3, 4], {}, 1e-12)
