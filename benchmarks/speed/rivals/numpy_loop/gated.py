"""A GRU as PyTorch has it, gates in the order r, z, n, and a minGRU, in the order z, h."""

from __future__ import annotations

import numpy as np

from benchmarks.speed.problems import Arrays
from benchmarks.speed.rivals.numpy_loop import output
from benchmarks.speed.rivals.numpy_loop.output import sigmoid


def gru_loss_and_grad(p: Arrays, x: np.ndarray, y: np.ndarray) -> tuple[float, Arrays]:
    """A GRU, forwards, then back."""
    W, U, b, c_n, V, d = (p[name] for name in ("W", "U", "b", "c_n", "V", "d"))
    T, B, _ = x.shape
    n_h = U.shape[1]
    h = {-1: np.zeros((B, n_h), x.dtype)}
    loss, do, kept = 0.0, {}, {}
    for t in range(T):
        a = x[t] @ W.T + b
        q = h[t - 1] @ U.T
        r = sigmoid(a[:, :n_h] + q[:, :n_h])
        z = sigmoid(a[:, n_h : 2 * n_h] + q[:, n_h : 2 * n_h])
        inner = q[:, 2 * n_h :] + c_n
        n = np.tanh(a[:, 2 * n_h :] + r * inner)
        h[t] = z * h[t - 1] + (1 - z) * n
        kept[t] = r, z, n, inner
        here, do[t] = output.forward(h[t], V, d, y[t])
        loss += here
    g = {name: np.zeros_like(array) for name, array in p.items()}
    dh_next = np.zeros_like(h[0])
    for t in reversed(range(T)):
        r, z, n, inner = kept[t]
        g["V"] += do[t].T @ h[t]
        g["d"] += do[t].sum(axis=0)
        dh = do[t] @ V + dh_next
        dz = dh * (h[t - 1] - n) * z * (1 - z)
        dn = dh * (1 - z) * (1 - n**2)
        dr = dn * inner * r * (1 - r)
        da = np.hstack([dr, dz, dn])
        dq = np.hstack([dr, dz, dn * r])
        g["W"] += da.T @ x[t]
        g["b"] += da.sum(axis=0)
        g["U"] += dq.T @ h[t - 1]
        g["c_n"] += (dn * r).sum(axis=0)
        dh_next = dh * z + dq @ U
    return loss, g


def mingru_loss_and_grad(p: Arrays, x: np.ndarray, y: np.ndarray) -> tuple[float, Arrays]:
    """A minGRU, forwards, then back."""
    W, b, V, d = (p[name] for name in ("W", "b", "V", "d"))
    T, B, _ = x.shape
    n = V.shape[1]
    h = {-1: np.zeros((B, n), x.dtype)}
    loss, do, kept = 0.0, {}, {}
    for t in range(T):
        a = x[t] @ W.T + b
        z, candidate = sigmoid(a[:, :n]), a[:, n:]
        h[t] = (1 - z) * h[t - 1] + z * candidate
        kept[t] = z, candidate
        here, do[t] = output.forward(h[t], V, d, y[t])
        loss += here
    g = {name: np.zeros_like(array) for name, array in p.items()}
    dh_next = np.zeros_like(h[0])
    for t in reversed(range(T)):
        z, candidate = kept[t]
        g["V"] += do[t].T @ h[t]
        g["d"] += do[t].sum(axis=0)
        dh = do[t] @ V + dh_next
        da = np.hstack([dh * (candidate - h[t - 1]) * z * (1 - z), dh * z])
        g["W"] += da.T @ x[t]
        g["b"] += da.sum(axis=0)
        dh_next = dh * (1 - z)
    return loss, g
