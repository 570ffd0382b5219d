"""The gradient of self-attention by hand: no loop at all, examples first."""

# model: self_attention
import numpy as np


def backward(params, data, forward):
    E, WQ, WK, WV, WO = (params[n] for n in ("E", "W_Q", "W_K", "W_V", "W_O"))
    w, y = data["w"].T, data["y"].T  # (B, T)
    B, T = w.shape
    x, q, k, v = (np.swapaxes(forward[n], 0, 1) for n in ("x", "q", "k", "v"))
    att = np.swapaxes(forward["a"], 0, 1)
    A = np.moveaxis(forward["alpha"], 2, 0)  # (B, T, S)
    probs = np.swapaxes(forward["yhat"], 0, 1)
    scale = np.sqrt(WQ.shape[0])

    dlogits = probs.copy()
    dlogits[np.arange(B)[:, None], np.arange(T)[None, :], y] -= 1.0
    dd = dlogits.sum(axis=(0, 1))
    res = x + att @ WO.T
    dE = np.einsum("btv,btx->vx", dlogits, res)
    dres = dlogits @ E
    dWO = np.einsum("btx,btv->xv", dres, att)
    datt = dres @ WO
    dA = datt @ np.swapaxes(v, 1, 2)
    dv = np.swapaxes(A, 1, 2) @ datt
    dscore = A * (dA - np.sum(A * dA, axis=-1, keepdims=True))
    dscore = dscore / scale
    dq = dscore @ k
    dk = np.swapaxes(dscore, 1, 2) @ q
    dWQ = np.einsum("btk,btx->kx", dq, x)
    dWK = np.einsum("btk,btx->kx", dk, x)
    dWV = np.einsum("btv,btx->vx", dv, x)
    dx = dres + dq @ WQ + dk @ WK + dv @ WV
    np.add.at(dE, w, dx)
    return {"E": dE, "W_Q": dWQ, "W_K": dWK, "W_V": dWV, "W_O": dWO, "d": dd}
