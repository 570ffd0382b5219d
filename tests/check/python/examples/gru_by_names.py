"""The gradient of the GRU by hand: gates by their names, a step counted from the end."""

# model: gru
import numpy as np


def dsig(s):
    return s * (1.0 - s)


def backward(params, data, forward):
    p = params
    T, B = data["y"].shape
    g = {k: np.zeros(v.shape) for k, v in p.items()}
    dhn = np.zeros((B, p["U_r"].shape[0]))
    onehot = np.eye(p["V"].shape[0])
    for k in range(T):
        t = T - 1 - k
        hp, hc = forward["h"][t], forward["h"][t + 1]
        r, z, n = forward["r"][t], forward["z"][t], forward["n"][t]
        do = forward["yhat"][t] - onehot[data["y"][t]]
        g["V"] += np.einsum("bi,bj->ij", do, hc)
        g["d"] += np.sum(do, axis=0)
        dh = np.dot(do, p["V"]) + dhn
        an = (dh * (1.0 - z)) * (1.0 - np.square(n))
        az = dh * (hp - n) * dsig(z)
        rh = np.dot(an, p["U_n"])
        ar = rh * hp * dsig(r)
        for name, a, s in (("r", ar, hp), ("z", az, hp), ("n", an, r * hp)):
            g["W_" + name] += np.dot(a.T, data["x"][t])
            g["U_" + name] += np.dot(a.T, s)
            g["b_" + name] += np.sum(a, axis=0)
        dhn = dh * z
        dhn += rh * r
        dhn += np.dot(ar, p["U_r"]) + np.dot(az, p["U_z"])
    return g
