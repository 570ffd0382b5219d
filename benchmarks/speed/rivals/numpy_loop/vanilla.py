"""A vanilla RNN, after Karpathy's min-char-rnn, with a batch."""

from __future__ import annotations

import numpy as np

from benchmarks.speed.problems import Arrays
from benchmarks.speed.rivals.numpy_loop import output


def loss_and_grad(p: Arrays, x: np.ndarray, y: np.ndarray) -> tuple[float, Arrays]:
    """Forwards, then back."""
    U, W, b, V, c = (p[name] for name in ("U", "W", "b", "V", "c"))
    T, B, _ = x.shape
    h = {-1: np.zeros((B, len(b)), x.dtype)}
    loss, do = 0.0, {}
    for t in range(T):
        h[t] = np.tanh(x[t] @ U.T + h[t - 1] @ W.T + b)
        here, do[t] = output.forward(h[t], V, c, y[t])
        loss += here
    g = {name: np.zeros_like(array) for name, array in p.items()}
    carried = np.zeros_like(h[0])
    for t in reversed(range(T)):
        g["V"] += do[t].T @ h[t]
        g["c"] += do[t].sum(axis=0)
        dh = do[t] @ V + carried
        da = (1 - h[t] ** 2) * dh
        g["U"] += da.T @ x[t]
        g["W"] += da.T @ h[t - 1]
        g["b"] += da.sum(axis=0)
        carried = da @ W
    return loss, g
