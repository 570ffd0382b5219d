"""The gradient of the vanilla RNN by hand, in the manner of min-char-rnn: column vectors, one example after another.

Check it: derive check docs/hand/vanilla_min_char.py
"""

# model: vanilla

import numpy as np


def backward(params, data, forward):
    """Gradients by parameter name, summed over the batch."""
    U, W, V = params["U"], params["W"], params["V"]
    x, y = data["x"], data["y"]
    T, B, _ = x.shape
    dU, dW, dV = np.zeros_like(U), np.zeros_like(W), np.zeros_like(V)
    db, dc = np.zeros((len(W), 1)), np.zeros((len(V), 1))
    for k in range(B):
        xs = [x[t, k].reshape(-1, 1) for t in range(T)]
        hs = [h.reshape(-1, 1) for h in forward["h"][:, k]]  # hs[0] is the start
        ps = [p.reshape(-1, 1) for p in forward["yhat"][:, k]]
        dhnext = np.zeros_like(hs[0])
        for t in reversed(range(T)):
            dy = np.copy(ps[t])
            dy[y[t, k]] -= 1  # the gradient of softmax and cross-entropy
            dV += np.dot(dy, hs[t + 1].T)
            dc += dy
            dh = np.dot(V.T, dy) + dhnext
            dhraw = (1 - hs[t + 1] * hs[t + 1]) * dh  # through tanh
            db += dhraw
            dU += np.dot(dhraw, xs[t].T)
            dW += np.dot(dhraw, hs[t].T)
            dhnext = np.dot(W.T, dhraw)
    return {"U": dU, "W": dW, "V": dV, "b": db.ravel(), "c": dc.ravel()}
