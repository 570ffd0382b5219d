"""The gradient of the bidirectional RNN by hand: a loop in each direction."""

# model: bidirectional
import numpy as np


def backward(params, data, forward):
    x, y, yhat = data["x"], data["y"], forward["yhat"]
    h, g = forward["h"], forward["g"]
    T, B = y.shape
    Uh, Ug, Wh, Wg, Vh, Vg = [params[k] for k in ("U_h", "U_g", "W_h", "W_g", "V_h", "V_g")]
    dUh, dUg, dWh, dWg, dVh, dVg = [np.zeros_like(m) for m in (Uh, Ug, Wh, Wg, Vh, Vg)]
    dbh, dbg = np.zeros(len(Wh)), np.zeros(len(Wg))
    err = yhat.copy()
    for t in range(T):
        for b in range(B):
            err[t, b, y[t, b]] -= 1
    dc = err.sum(axis=0).sum(axis=0)
    dh_next = 0
    for t in reversed(range(T)):
        dVh += err[t].T @ h[t + 1]
        dh = err[t] @ Vh + dh_next
        da = dh * (1 - h[t + 1] ** 2)
        dUh += da.T @ x[t]
        dWh += da.T @ h[t]
        dbh += da.sum(0)
        dh_next = da @ Wh
    dg_prev = 0
    for t in range(T):
        dVg += err[t].T @ g[t]
        dg = err[t] @ Vg + dg_prev
        da = dg * (1 - g[t] ** 2)
        dUg += da.T @ x[t]
        dWg += da.T @ g[t + 1]
        dbg += da.sum(0)
        dg_prev = da @ Wg
    return {"U_h": dUh, "U_g": dUg, "W_h": dWh, "W_g": dWg, "V_h": dVh, "V_g": dVg, "b_h": dbh, "b_g": dbg, "c": dc}
