"""The networks as someone writes them for a library that differentiates by itself: the forward pass alone.

Written as well as its user would: gates lie side by side in one matrix, products of inputs alone stand before the loop.
Matrices are applied from the right, `x @ W`, as Flax and Keras keep them. `ops` is a library (see `Ops`): each brings
its own loop, its own fused calls and its own cross entropy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Array = Any
Step = Callable[["Ops", tuple[Array, ...], Any, Any], tuple[Any, Array]]


class Ops(Protocol):
    """What a network needs of a library.

    `linear(x, W, b)` is `x @ W + b`, of all steps; `plus(a, x, W)` is `a + x @ W`, and `dot` is `x @ W`, of one.
    `split` cuts the last axis into pieces of these widths. `scan(step, weights, carry, now)` is a loop over the first
    axis of the arrays in `now`, whose outputs are stacked; `zeros(like, width)` is a state before the first step of
    `like`, (T, B, ...). `embed` reads the row of the class before. `softmax` is along the first axis; `attend(alpha,
    h)` sums `h`, (S, B, n), with weights `alpha`, (S, B). `nll` is the summed cross entropy of logits (T, B, n_y) and
    classes (T, B).
    """

    tanh: Callable[[Array], Array]
    sigmoid: Callable[[Array], Array]
    linear: Callable[..., Array]
    plus: Callable[[Array, Array, Array], Array]
    dot: Callable[[Array, Array], Array]
    split: Callable[[Array, tuple[int, ...]], tuple[Array, ...]]
    concatenate: Callable[[list[Array]], Array]
    scan: Callable[..., tuple[Any, Array]]
    zeros: Callable[[Array, int], Array]
    embed: Callable[[Array, Array], Array]
    softmax: Callable[[Array], Array]
    attend: Callable[[Array, Array], Array]
    nll: Callable[[Array, Array], Array]


@dataclass(frozen=True)
class Cell:
    """A network.

    Attributes:
        loss: its forward pass, of `(ops, parameters, x, y)`.
        sides: its parameters, each of which is made of these of the model's, one beside the other.
        tables: those that are looked into, not multiplied by, and so not transposed.
    """

    loss: Callable[..., Array]
    sides: dict[str, tuple[str, ...]]
    tables: tuple[str, ...] = ()

    def gathered(self, params: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The model's parameters as this network has them."""
        whole = {name: np.concatenate([params[part] for part in parts]) for name, parts in self.sides.items()}
        return {name: np.ascontiguousarray(self._turned(name, array)) for name, array in whole.items()}

    def parted(self, gradients: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Gradients of this network's parameters as those of the model's."""
        found = {}
        for name, parts in self.sides.items():
            pieces = np.split(self._turned(name, np.asarray(gradients[name])), len(parts))
            found.update(zip(parts, pieces, strict=True))
        return found

    def _turned(self, name: str, array: np.ndarray) -> np.ndarray:
        return array if name in self.tables else array.T


def _one(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: (name,) for name in names}


def _gates(prefixes: str, gates: str) -> dict[str, tuple[str, ...]]:
    return {prefix: tuple(f"{prefix}_{gate}" for gate in gates) for prefix in prefixes}


def rnn_step(ops: Ops, weights: tuple[Array, ...], h: Array, now: tuple[Array]) -> tuple[Array, Array]:
    """`h = tanh(a + h @ W)`."""
    h = ops.tanh(ops.plus(now[0], h, weights[0]))
    return h, h


def vanilla(ops: Ops, p: dict[str, Array], x: Array, y: Array) -> Array:
    """A vanilla RNN."""
    _, h = ops.scan(rnn_step, (p["W"],), ops.zeros(x, p["W"].shape[0]), (ops.linear(x, p["U"], p["b"]),))
    return ops.nll(ops.linear(h, p["V"], p["c"]), y)


def lstm_step(ops: Ops, weights: tuple[Array, ...], carry: tuple[Array, Array], now: tuple[Array]) -> Any:
    """An LSTM: three gates and a candidate."""
    h, c = carry
    n = h.shape[-1]
    gates, g = ops.split(ops.plus(now[0], h, weights[0]), (3 * n, n))
    i, f, o = ops.split(ops.sigmoid(gates), (n, n, n))
    c = f * c + i * ops.tanh(g)
    h = o * ops.tanh(c)
    return (h, c), h


def lstm(ops: Ops, p: dict[str, Array], x: Array, y: Array) -> Array:
    """An LSTM."""
    start = ops.zeros(x, p["U"].shape[0])
    _, h = ops.scan(lstm_step, (p["U"],), (start, start), (ops.linear(x, p["W"], p["b"]),))
    return ops.nll(ops.linear(h, p["V"], p["d"]), y)


def peephole_step(ops: Ops, weights: tuple[Array, ...], carry: tuple[Array, Array], now: tuple[Array]) -> Any:
    """An LSTM whose gates see the cell."""
    h, c = carry
    U, p_i, p_f, p_o = weights
    n = h.shape[-1]
    i, f, o, g = ops.split(ops.plus(now[0], h, U), (n, n, n, n))
    c, before = ops.sigmoid(f + p_f * c) * c, ops.sigmoid(i + p_i * c)
    c = c + before * ops.tanh(g)
    h = ops.sigmoid(o + p_o * c) * ops.tanh(c)
    return (h, c), h


def peephole(ops: Ops, p: dict[str, Array], x: Array, y: Array) -> Array:
    """An LSTM with peepholes."""
    start = ops.zeros(x, p["U"].shape[0])
    weights = (p["U"], p["p_i"], p["p_f"], p["p_o"])
    _, h = ops.scan(peephole_step, weights, (start, start), (ops.linear(x, p["W"], p["b"]),))
    return ops.nll(ops.linear(h, p["V"], p["d"]), y)


def gru_step(ops: Ops, weights: tuple[Array, ...], h: Array, now: tuple[Array, Array]) -> tuple[Array, Array]:
    """A GRU whose reset gate acts after the recurrent product."""
    U, c = weights
    n = h.shape[-1]
    gates, candidate = ops.split(ops.dot(h, U), (2 * n, n))
    r, z = ops.split(ops.sigmoid(now[0] + gates), (n, n))
    candidate = ops.tanh(now[1] + r * (candidate + c))
    h = candidate + z * (h - candidate)
    return h, h


def gru(ops: Ops, p: dict[str, Array], x: Array, y: Array) -> Array:
    """A GRU as PyTorch has it."""
    n = p["U"].shape[0]
    inputs = ops.split(ops.linear(x, p["W"], p["b"]), (2 * n, n))
    _, h = ops.scan(gru_step, (p["U"], p["c_n"]), ops.zeros(x, n), inputs)
    return ops.nll(ops.linear(h, p["V"], p["d"]), y)


def mingru_step(ops: Ops, weights: tuple[Array, ...], h: Array, now: tuple[Array, Array]) -> tuple[Array, Array]:
    """A recurrence that is linear in its state."""
    h = now[0] * h + now[1]
    return h, h


def mingru(ops: Ops, p: dict[str, Array], x: Array, y: Array) -> Array:
    """A minGRU: all but one multiplication and one addition stands before the loop."""
    n = p["V"].shape[0]
    gate, candidate = ops.split(ops.linear(x, p["W"], p["b"]), (n, n))
    z = ops.sigmoid(gate)
    _, h = ops.scan(mingru_step, (), ops.zeros(x, n), (1 - z, z * candidate))
    return ops.nll(ops.linear(h, p["V"], p["d"]), y)


def attention_step(ops: Ops, weights: tuple[Array, ...], d: Array, now: tuple[Array]) -> tuple[Array, Array]:
    """A decoder's step: scores of what was read, their mean, a GRU."""
    h, keys, W_a, v_a, C, U_rz, U_n = weights
    n = d.shape[-1]
    alpha = ops.softmax(ops.dot(ops.tanh(keys + ops.dot(d, W_a)), v_a))
    gates, candidate = ops.split(ops.plus(now[0], ops.attend(alpha, h), C), (2 * n, n))
    r, z = ops.split(ops.sigmoid(ops.plus(gates, d, U_rz)), (n, n))
    candidate = ops.tanh(ops.plus(candidate, r * d, U_n))
    d = d + z * (candidate - d)
    return d, d


def attention(ops: Ops, p: dict[str, Array], x: Array, y: Array) -> Array:
    """An attention decoder behind a bidirectional encoder."""
    n = p["W_h"].shape[0]
    inputs, backwards = ops.split(ops.linear(x, p["U_hg"], p["b_hg"]), (n, n))
    _, f = ops.scan(rnn_step, (p["W_h"],), ops.zeros(x, n), (inputs,))
    first, g = ops.scan(rnn_step, (p["W_g"],), ops.zeros(x, n), (backwards,), reverse=True)
    h = ops.concatenate([f, g])
    d = ops.tanh(ops.dot(first, p["W_s"]))
    words = ops.linear(ops.embed(p["E"], y), p["W"])
    weights = (h, ops.linear(h, p["U_a"]), p["W_a"], p["v_a"], p["C"], p["U_rz"], p["U_n"])
    _, d = ops.scan(attention_step, weights, d, (words,))
    return ops.nll(ops.linear(d, p["V"], p["b"]), y)


CELLS = {
    "vanilla": Cell(vanilla, _one("U", "W", "b", "V", "c")),
    "lstm": Cell(lstm, _gates("WUb", "ifog") | _one("V", "d")),
    "gru_v2": Cell(gru, _gates("WUb", "rzn") | _one("c_n", "V", "d")),
    "lstm_peephole": Cell(peephole, _gates("WUb", "ifog") | _one("p_i", "p_f", "p_o", "V", "d")),
    "mingru": Cell(mingru, _gates("Wb", "zh") | _one("V", "d")),
    "attention": Cell(
        attention,
        {"U_hg": ("U_h", "U_g"), "b_hg": ("b_h", "b_g"), "U_rz": ("U_r", "U_z")}
        | _gates("WC", "rzn")
        | _one("W_h", "W_g", "E", "W_a", "U_a", "v_a", "U_n", "W_s", "V", "b"),
        tables=("E",),
    ),
}
