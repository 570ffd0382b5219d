"""An attention decoder behind a bidirectional encoder; gates in the order r, z, n."""

from __future__ import annotations

import numpy as np

from benchmarks.speed.problems import Arrays
from benchmarks.speed.rivals.numpy_loop import output
from benchmarks.speed.rivals.numpy_loop.output import sigmoid

Array = np.ndarray


def loss_and_grad(p: Arrays, x: Array, y: Array) -> tuple[float, Arrays]:
    """Encoder, decoder, and both back."""
    U_f, U_g = np.split(p["U_hg"], 2)
    b_f, b_g = np.split(p["b_hg"], 2)
    steps = range(len(x))
    f = _encoder(x, steps, U_f, p["W_h"], b_f)
    g = _encoder(x, reversed(steps), U_g, p["W_g"], b_g)
    h = np.concatenate([f, g], axis=2)
    grad = {name: np.zeros_like(array) for name, array in p.items()}
    loss, dh, dfirst = _decoder(p, h, g[0], y, grad)
    n = f.shape[2]
    dg = dh[:, :, n:]
    dg[0] += dfirst
    pieces = [_encoder_back(x, reversed(steps), f, dh[:, :, :n], p["W_h"]), _encoder_back(x, steps, g, dg, p["W_g"])]
    grad["U_hg"], grad["b_hg"] = (np.concatenate([piece[k] for piece in pieces]) for k in (0, 2))
    grad["W_h"], grad["W_g"] = (piece[1] for piece in pieces)
    return loss, grad


def _encoder(x: Array, steps: object, U: Array, W: Array, b: Array) -> Array:
    states = np.empty((*x.shape[:2], len(b)), x.dtype)
    h = np.zeros(states.shape[1:], x.dtype)
    for s in steps:
        h = np.tanh(x[s] @ U.T + h @ W.T + b)
        states[s] = h
    return states


def _encoder_back(x: Array, steps: object, h: Array, dh: Array, W: Array) -> tuple[Array, Array, Array]:
    """Gradients of U, W and b; `steps` are those of the encoder, from the last to the first."""
    steps = list(steps)
    dU, dW, db = np.zeros((h.shape[2], x.shape[2]), x.dtype), np.zeros_like(W), np.zeros(len(W), x.dtype)
    carried = np.zeros_like(h[0])
    for s, before in zip(steps, [*steps[1:], None], strict=True):
        da = (1 - h[s] ** 2) * (dh[s] + carried)
        dU += da.T @ x[s]
        db += da.sum(axis=0)
        if before is not None:
            dW += da.T @ h[before]
        carried = da @ W
    return dU, dW, db


def _decoder(p: Arrays, h: Array, first: Array, y: Array, grad: Arrays) -> tuple[float, Array, Array]:
    """The loss and its gradients by the encoder's states and the first of those from right to left; fills `grad`."""
    W, C, U_rz, U_n, W_a, v_a, V, b = (p[name] for name in ("W", "C", "U_rz", "U_n", "W_a", "v_a", "V", "b"))
    n = len(v_a)
    keys = h @ p["U_a"].T
    d = {-1: np.tanh(first @ p["W_s"].T)}
    loss, do, kept = 0.0, {}, {}
    for t in range(len(y)):
        w = p["E"][y[t - 1]] if t else np.zeros_like(d[-1])
        squashed = np.tanh(keys + d[t - 1] @ W_a.T)
        e = squashed @ v_a
        alpha = np.exp(e - e.max(axis=0))
        alpha /= alpha.sum(axis=0)
        c = (alpha[:, :, None] * h).sum(axis=0)
        a = w @ W.T + c @ C.T
        q = d[t - 1] @ U_rz.T
        r, z = sigmoid(a[:, :n] + q[:, :n]), sigmoid(a[:, n : 2 * n] + q[:, n:])
        m = np.tanh(a[:, 2 * n :] + (r * d[t - 1]) @ U_n.T)
        d[t] = (1 - z) * d[t - 1] + z * m
        kept[t] = w, squashed, alpha, c, r, z, m
        here, do[t] = output.forward(d[t], V, b, y[t])
        loss += here
    dh, dkeys, dd_next = np.zeros_like(h), np.zeros_like(keys), np.zeros_like(d[0])
    for t in reversed(range(len(y))):
        w, squashed, alpha, c, r, z, m = kept[t]
        grad["V"] += do[t].T @ d[t]
        grad["b"] += do[t].sum(axis=0)
        dd = do[t] @ V + dd_next
        dm = dd * z * (1 - m**2)
        dz = dd * (m - d[t - 1]) * z * (1 - z)
        drd = dm @ U_n
        dr = drd * d[t - 1] * r * (1 - r)
        drz, da = np.hstack([dr, dz]), np.hstack([dr, dz, dm])
        grad["U_n"] += dm.T @ (r * d[t - 1])
        grad["U_rz"] += drz.T @ d[t - 1]
        grad["W"] += da.T @ w
        grad["C"] += da.T @ c
        if t:
            np.add.at(grad["E"], y[t - 1], da @ W)
        dc = da @ C
        dalpha = (h * dc).sum(axis=2)
        dh += alpha[:, :, None] * dc
        de = alpha * (dalpha - (alpha * dalpha).sum(axis=0))
        grad["v_a"] += (squashed * de[:, :, None]).sum(axis=(0, 1))
        dscore = de[:, :, None] * v_a * (1 - squashed**2)
        dkeys += dscore
        dq = dscore.sum(axis=0)
        grad["W_a"] += dq.T @ d[t - 1]
        dd_next = dd * (1 - z) + drd * r + drz @ U_rz + dq @ W_a
    width = h.shape[2]
    grad["U_a"] += dkeys.reshape(-1, n).T @ h.reshape(-1, width)
    dh += dkeys @ p["U_a"]
    dstart = dd_next * (1 - d[-1] ** 2)
    grad["W_s"] += dstart.T @ first
    return loss, dh, dstart @ p["W_s"]
