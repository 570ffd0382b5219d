"""LSTMs, after `lstm_step_forward` and `lstm_step_backward` of CS231n; gates in the order i, f, o, g."""

from __future__ import annotations

import numpy as np

from benchmarks.speed.problems import Arrays
from benchmarks.speed.rivals.numpy_loop import output
from benchmarks.speed.rivals.numpy_loop.output import sigmoid


def loss_and_grad(p: Arrays, x: np.ndarray, y: np.ndarray) -> tuple[float, Arrays]:
    """An LSTM, forwards, then back."""
    W, U, b, V, d = (p[name] for name in ("W", "U", "b", "V", "d"))
    T, B, _ = x.shape
    n = U.shape[1]
    h = {-1: np.zeros((B, n), x.dtype)}
    c = {-1: np.zeros((B, n), x.dtype)}
    loss, do, kept = 0.0, {}, {}
    for t in range(T):
        z = x[t] @ W.T + h[t - 1] @ U.T + b
        i, f, o = (sigmoid(z[:, k * n : (k + 1) * n]) for k in range(3))
        g = np.tanh(z[:, 3 * n :])
        c[t] = f * c[t - 1] + i * g
        squashed = np.tanh(c[t])
        h[t] = o * squashed
        kept[t] = i, f, o, g, squashed
        here, do[t] = output.forward(h[t], V, d, y[t])
        loss += here
    grad = {name: np.zeros_like(array) for name, array in p.items()}
    dh_next = np.zeros_like(h[0])
    dc_next = np.zeros_like(h[0])
    for t in reversed(range(T)):
        i, f, o, g, squashed = kept[t]
        grad["V"] += do[t].T @ h[t]
        grad["d"] += do[t].sum(axis=0)
        dh = do[t] @ V + dh_next
        dc = dh * o * (1 - squashed**2) + dc_next
        dz = np.hstack(
            [dc * g * i * (1 - i), dc * c[t - 1] * f * (1 - f), dh * squashed * o * (1 - o), dc * i * (1 - g**2)]
        )
        grad["W"] += dz.T @ x[t]
        grad["U"] += dz.T @ h[t - 1]
        grad["b"] += dz.sum(axis=0)
        dh_next = dz @ U
        dc_next = dc * f
    return loss, grad


def peephole_loss_and_grad(p: Arrays, x: np.ndarray, y: np.ndarray) -> tuple[float, Arrays]:
    """An LSTM with peepholes, forwards, then back."""
    W, U, b, p_i, p_f, p_o, V, d = (p[name] for name in ("W", "U", "b", "p_i", "p_f", "p_o", "V", "d"))
    T, B, _ = x.shape
    n = U.shape[1]
    h = {-1: np.zeros((B, n), x.dtype)}
    c = {-1: np.zeros((B, n), x.dtype)}
    loss, do, kept = 0.0, {}, {}
    for t in range(T):
        z = x[t] @ W.T + h[t - 1] @ U.T + b
        i = sigmoid(z[:, :n] + p_i * c[t - 1])
        f = sigmoid(z[:, n : 2 * n] + p_f * c[t - 1])
        g = np.tanh(z[:, 3 * n :])
        c[t] = f * c[t - 1] + i * g
        o = sigmoid(z[:, 2 * n : 3 * n] + p_o * c[t])
        squashed = np.tanh(c[t])
        h[t] = o * squashed
        kept[t] = i, f, o, g, squashed
        here, do[t] = output.forward(h[t], V, d, y[t])
        loss += here
    grad = {name: np.zeros_like(array) for name, array in p.items()}
    dh_next = np.zeros_like(h[0])
    dc_next = np.zeros_like(h[0])
    for t in reversed(range(T)):
        i, f, o, g, squashed = kept[t]
        grad["V"] += do[t].T @ h[t]
        grad["d"] += do[t].sum(axis=0)
        dh = do[t] @ V + dh_next
        do_arg = dh * squashed * o * (1 - o)
        dc = dh * o * (1 - squashed**2) + do_arg * p_o + dc_next
        di_arg = dc * g * i * (1 - i)
        df_arg = dc * c[t - 1] * f * (1 - f)
        dz = np.hstack([di_arg, df_arg, do_arg, dc * i * (1 - g**2)])
        grad["p_i"] += (di_arg * c[t - 1]).sum(axis=0)
        grad["p_f"] += (df_arg * c[t - 1]).sum(axis=0)
        grad["p_o"] += (do_arg * c[t]).sum(axis=0)
        grad["W"] += dz.T @ x[t]
        grad["U"] += dz.T @ h[t - 1]
        grad["b"] += dz.sum(axis=0)
        dh_next = dz @ U
        dc_next = dc * f + di_arg * p_i + df_arg * p_f
    return loss, grad
