"""The gradient of the GRU by hand: one loop from the last step to the first, a batch at once.

Check it: derive check docs/hand/gru_loop.py
"""

# model: gru

import numpy as np


def backward(params, data, forward):
    """Gradients by parameter name, summed over the batch."""
    x, y = data["x"], data["y"]
    r, z, n, h = forward["r"], forward["z"], forward["n"], forward["h"]
    U_r, U_z, U_n = params["U_r"], params["U_z"], params["U_n"]
    T, B = y.shape
    dW_r, dW_z, dW_n = (np.zeros_like(params[name]) for name in ("W_r", "W_z", "W_n"))
    dU_r, dU_z, dU_n = (np.zeros_like(params[name]) for name in ("U_r", "U_z", "U_n"))
    db_r, db_z, db_n = (np.zeros_like(params[name]) for name in ("b_r", "b_z", "b_n"))
    dV, dd = np.zeros_like(params["V"]), np.zeros_like(params["d"])
    dh_next = np.zeros_like(h[0])
    for t in reversed(range(T)):
        h_prev = h[t]
        ds = forward["yhat"][t].copy()
        ds[np.arange(B), y[t]] -= 1
        dV += ds.T @ h[t + 1]
        dd += ds.sum(axis=0)
        dh = ds @ params["V"] + dh_next

        dz = dh * (h_prev - n[t])
        dn = dh * (1 - z[t])
        dn_raw = dn * (1 - n[t] ** 2)
        drh = dn_raw @ U_n  # of r * h_prev
        dr = drh * h_prev
        dr_raw = dr * r[t] * (1 - r[t])
        dz_raw = dz * z[t] * (1 - z[t])

        dW_r += dr_raw.T @ x[t]
        dW_z += dz_raw.T @ x[t]
        dW_n += dn_raw.T @ x[t]
        dU_r += dr_raw.T @ h_prev
        dU_z += dz_raw.T @ h_prev
        dU_n += dn_raw.T @ (r[t] * h_prev)
        db_r += dr_raw.sum(axis=0)
        db_z += dz_raw.sum(axis=0)
        db_n += dn_raw.sum(axis=0)

        dh_next = dh * z[t] + drh * r[t] + dr_raw @ U_r + dz_raw @ U_z
    return {
        "W_r": dW_r, "W_z": dW_z, "W_n": dW_n, "U_r": dU_r, "U_z": dU_z, "U_n": dU_n,
        "b_r": db_r, "b_z": db_z, "b_n": db_n, "V": dV, "d": dd,
    }  # fmt: skip
