"""The gradient of the LSTM by hand: one loop from the last step to the first, a batch at once.

Check it: derive check docs/hand/lstm_loop.py
"""

# model: lstm

import numpy as np


def backward(params, data, forward):
    """Gradients by parameter name, summed over the batch."""
    x, y = data["x"], data["y"]
    h, c = forward["h"], forward["c"]
    i, f, o, g = forward["i"], forward["f"], forward["o"], forward["g"]
    T, B = y.shape
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    dh_next = np.zeros_like(h[0])
    dc_next = np.zeros_like(c[0])
    for t in range(T - 1, -1, -1):
        ds = forward["yhat"][t].copy()
        ds[np.arange(B), y[t]] -= 1
        grads["V"] += ds.T @ h[t + 1]
        grads["d"] += ds.sum(axis=0)

        dh = ds @ params["V"] + dh_next
        tanh_c = np.tanh(c[t + 1])
        do = dh * tanh_c
        dc = dh * o[t] * (1 - tanh_c**2) + dc_next
        di = dc * g[t]
        dg = dc * i[t]
        df = dc * c[t]
        dc_next = dc * f[t]

        da_i = di * i[t] * (1 - i[t])
        da_f = df * f[t] * (1 - f[t])
        da_o = do * o[t] * (1 - o[t])
        da_g = dg * (1 - g[t] ** 2)
        dh_next = np.zeros_like(dh)
        for gate, da in (("i", da_i), ("f", da_f), ("o", da_o), ("g", da_g)):
            grads["W_" + gate] += da.T @ x[t]
            grads["U_" + gate] += da.T @ h[t]
            grads["b_" + gate] += da.sum(axis=0)
            dh_next += da @ params["U_" + gate]
    return grads
