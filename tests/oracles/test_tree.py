"""A recursive network against the recursion that walks each tree from its root, differentiated by complex steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from derive.check import call
from derive.interpret import Array
from tests.oracles import running

HEAD = """
x: Input[K, n_x]
left, right = Index[K, K]
y: Label[n_y]
V: Param[n_y, n_h]
b: Param[n_h]
"""

NETWORK = (
    HEAD
    + """
U: Param[n_h, n_x]
L, R = Param[n_h, n_h]
h[0] = 0
h[k] = tanh(b + U @ x[k] + L @ h[left[k]] + R @ h[right[k]])
loss = -logsoftmax(V @ h[K])[y]
"""
)

# Every node has an output of its own, so that gradients meet the recursion everywhere.
LSTM = (
    HEAD.replace("Label[n_y]", "Label[K, n_y]")
    + """
I, F, O, G = Param[n_h, n_x]
LI, RI, LF, RF, LO, RO, LG, RG, LX, RX = Param[n_h, n_h]
h[0] = 0
c[0] = 0
i[k] = sigmoid(I @ x[k] + LI @ h[left[k]] + RI @ h[right[k]])
f[k] = sigmoid(F @ x[k] + LF @ h[left[k]] + RF @ h[right[k]] + b)
q[k] = sigmoid(F @ x[k] + LX @ h[left[k]] + RX @ h[right[k]] + b)
o[k] = sigmoid(O @ x[k] + LO @ h[left[k]] + RO @ h[right[k]])
g[k] = tanh(G @ x[k] + LG @ h[left[k]] + RG @ h[right[k]])
c[k] = i[k] * g[k] + f[k] * c[left[k]] + q[k] * c[right[k]]
h[k] = o[k] * tanh(c[k])
loss = -sum(logsoftmax(V @ h[k])[y[k]], k)
"""
)

Node = Callable[[Mapping[str, Array], Mapping[str, Array], int], Array]


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def log_likelihood(w: Mapping[str, Array], h: Array, y: int) -> Array:
    logits = w["V"] @ h
    return logits[y] - np.log(np.exp(logits).sum())


def network(w: Mapping[str, Array], tree: Mapping[str, Array]) -> Array:
    """The loss of one tree."""

    def h(k: int) -> Array:
        if k == 0:
            return tree["h0"]
        below = w["L"] @ h(tree["left"][k - 1]) + w["R"] @ h(tree["right"][k - 1])
        return np.tanh(w["b"] + w["U"] @ tree["x"][k - 1] + below)

    return -log_likelihood(w, h(len(tree["x"])), tree["y"])


def lstm(w: Mapping[str, Array], tree: Mapping[str, Array]) -> Array:
    """The loss of one tree's nodes, each with all that is below it walked anew."""

    def node(k: int) -> tuple[Array, Array]:
        if k == 0:
            return tree["h0"], tree["c0"]
        x, (hl, cl), (hr, cr) = tree["x"][k - 1], node(tree["left"][k - 1]), node(tree["right"][k - 1])
        i, o = (sigmoid(w[g] @ x + w["L" + g] @ hl + w["R" + g] @ hr) for g in "IO")
        f, q = (sigmoid(w["F"] @ x + w["L" + g] @ hl + w["R" + g] @ hr + w["b"]) for g in "FX")
        c = i * np.tanh(w["G"] @ x + w["LG"] @ hl + w["RG"] @ hr) + f * cl + q * cr
        return o * np.tanh(c), c

    return -sum(log_likelihood(w, node(k)[0], tree["y"][k - 1]) for k in range(1, len(tree["x"]) + 1))


def slopes(at: call.Arguments, loss: Callable[[Mapping[str, Array], Mapping[str, Array]], Array]) -> dict[str, Array]:
    """The gradient of the batch's loss by every array that has one, an entry at a time."""
    found = {}
    for name, array in at.differentiable.items():
        found[name] = np.zeros(array.shape)
        for entry in np.ndindex(array.shape):
            moved = array.astype(complex)
            moved[entry] += 1e-30j
            found[name][entry] = total(at.with_array(name, moved), loss).imag / 1e-30
    return found


def total(at: call.Arguments, loss: Callable[[Mapping[str, Array], Mapping[str, Array]], Array]) -> complex:
    return sum(complex(loss(at.params, at.example(b, keep_axis=False).data)) for b in range(at.sizes["B"]))


# Children of each node, counted from 1, for the two examples of a batch: a balanced tree, and a graph whose nodes share
# a child, where one child is the same node twice.
LEFT = np.array([[0, 0, 1, 0, 3], [0, 1, 1, 3, 4]]).T
RIGHT = np.array([[0, 0, 2, 0, 4], [0, 0, 2, 3, 2]]).T


@pytest.mark.parametrize(("text", "loss"), [(NETWORK, network), (LSTM, lstm)], ids=["network", "lstm"])
def test_a_recursive_network_is_the_recursion(text: str, loss: Callable[..., Array]) -> None:
    at = running.drawn(text, K=5, B=2, n_h=3, n_x=2, n_y=4)
    at = at.with_array("left", LEFT).with_array("right", RIGHT)
    running.agrees(text, at, total(at, loss).real, slopes(at, loss), 1e-12)


@pytest.mark.parametrize("child", [3, 4, -1])
def test_a_node_points_to_one_before_it(child: int) -> None:
    at = running.drawn(NETWORK, K=5, B=2, n_h=3, n_x=2, n_y=4)
    left = LEFT.copy()
    left[2, 1] = child
    with pytest.raises(ValueError, match="left"):
        next(running.both_styles(NETWORK, at.with_array("left", left)))


def test_a_chain_of_nodes_is_a_recurrent_network() -> None:
    text = NETWORK.replace("left, right = Index[K, K]\n", "").replace("L, R =", "L:")
    recurrent = text.replace("L @ h[left[k]] + R @ h[right[k]]", "L @ h[k-1]")
    at = running.drawn(recurrent, K=5, B=2, n_h=3, n_x=2, n_y=4).with_array("h0", np.zeros((2, 3)))
    (loss, gradients), *_ = running.both_styles(recurrent, at)
    gradients.pop("h0")  # the tree's leaves read it, too
    chain = np.repeat(np.arange(5)[:, None], 2, axis=1)
    tree = replace(at, params=at.params | {"R": np.ones((3, 3))})
    tree = replace(tree, data=at.data | {"left": chain, "right": np.zeros_like(chain)})
    running.agrees(NETWORK, tree, loss, gradients, 1e-12)
