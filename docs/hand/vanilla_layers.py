"""The gradient of the vanilla RNN by hand, in the manner of CS231n's exercises: a function for each layer.

Check it: derive check docs/hand/vanilla_layers.py
"""

# model: vanilla

import numpy as np


def softmax_backward(probs, y):
    """The gradient of the summed loss with respect to the scores, (N, T, V)."""
    N, T, _ = probs.shape
    dscores = probs.copy()
    dscores[np.arange(N)[:, None], np.arange(T), y] -= 1
    return dscores


def affine_backward(dout, x, w):
    """Of scores = x @ w.T + b at every step."""
    dx = dout @ w
    dw = np.einsum("nti,ntj->ij", dout, x)
    db = dout.sum(axis=(0, 1))
    return dx, dw, db


def rnn_step_backward(dnext_h, cache):
    """Of next_h = tanh(x @ Wx.T + prev_h @ Wh.T + b)."""
    x, prev_h, _, Wh, next_h = cache
    da = (1 - next_h**2) * dnext_h
    dprev_h = da @ Wh
    dWx = da.T @ x
    dWh = da.T @ prev_h
    db = da.sum(axis=0)
    return dprev_h, dWx, dWh, db


def rnn_backward(dh, caches):
    """Of the whole sequence; dh (N, T, H) is what comes from the scores."""
    N, T, H = dh.shape
    _, _, Wx, Wh, _ = caches[0]
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(H)
    dprev_h = np.zeros((N, H))
    for t in reversed(range(T)):
        dnext_h = dh[:, t, :] + dprev_h
        dprev_h, dWx_t, dWh_t, db_t = rnn_step_backward(dnext_h, caches[t])
        dWx += dWx_t
        dWh += dWh_t
        db += db_t
    return dWx, dWh, db


def backward(params, data, forward):
    """Gradients by parameter name, summed over the batch."""
    x = data["x"].transpose(1, 0, 2)  # examples first, as the exercises have them
    h = forward["h"].transpose(1, 0, 2)
    y = data["y"].T
    T = x.shape[1]
    dscores = softmax_backward(forward["yhat"].transpose(1, 0, 2), y)
    dh, dV, dc = affine_backward(dscores, h[:, 1:], params["V"])
    caches = [(x[:, t], h[:, t], params["U"], params["W"], h[:, t + 1]) for t in range(T)]
    dU, dW, db = rnn_backward(dh, caches)
    return {"U": dU, "W": dW, "V": dV, "b": db, "c": dc}
