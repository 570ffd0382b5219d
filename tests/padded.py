"""Models with ends of every kind, for the tests of lengths and windows."""

from __future__ import annotations

import re

HEAD = {
    "x": "x: Input[T, n_x]",
    "z": "z: Target[n_h]",
    "U": "U: Param[n_h, n_x]",
    "W": "W: Param[n_h, n_h]",
    "P": "P: Param[n_h, n_h]",
    "v": "v: Param[n_x]",
}
ATTEND = "Q, K, V = Param[n_h, n_x]\nq[t] = Q @ x[t]\nk[t] = K @ x[t]\nu[t] = V @ x[t]\n"

TEXTS = {
    "left to right": "h[0] = 0\nh[t] = tanh(W @ h[t-1] + U @ x[t])\nloss = sum((h[T] - z)**2) / T",
    "two lags": "h[0] = 0\nh[-1] = 1\nh[t] = tanh(W @ h[t-1] + P @ h[t-2] + U @ x[t])\nloss = sum((h[T] - z)**2)",
    "right to left": "g[T+1] = 0\ng[t] = tanh(W @ g[t+1] + U @ x[t])\nloss = sum(sum(g[t]**2), t) - dot(g[1], z)",
    "right to left, two lags": (
        "g[T+1] = 0\ng[T+2] = 1\ng[t] = tanh(W @ g[t+1] + P @ g[t+2] + U @ x[t])\n"
        "loss = sum(sum(g[t]**2), t) + mean(sum(x[t]) * g[t, 0], t)"
    ),
    "a computed end": "g[T] = U @ x[T]\ng[t] = tanh(W @ g[t+1] + U @ x[t])\n"
    "loss = sum((g[1] - z)**2) + sum(sum(g[t]), t)",
    "both directions": (
        "h[0] = 0\ng[T+1] = 0\nh[t] = tanh(W @ h[t-1] + U @ x[t])\ng[t] = tanh(P @ g[t+1] + U @ x[t])\n"
        "loss = sum(dot(h[t], g[t]), t) / T"
    ),
    "parts of ranges": (
        "h[0] = 0\nh[t] = tanh(0.5 * h[t-1] + dot(v, x[t]))\nq[t] = h[t] * x[t+1, 0] + h[t-1]\n"
        "loss = sum(h[t] * h[t+1], (t, 1, T-1)) + sum(q[t]**2, t) + h[T] * h[T-1] + sum(x[t+2, 1] * h[t], t)"
    ),
    "softmax over steps by hand": (
        "e[t] = dot(v, x[t])\na[t] = exp(e[t]) / sum(exp(e[t1]), t1)\nb[t] = softmax(2 * dot(v, x[t]) + 0.1, t)\n"
        "loss = -sum(a[t] * log(a[t]), t) - sum(b[t] * log(b[t]), t) - log(sum(exp(e[t]), t)) + sum(t * b[t], t) / T"
    ),
    "greatest of all steps": "e[t] = dot(v, x[t])\n"
    "loss = max(e[t], t) * sum(z) + logsumexp(e[t], t) - max(mean(x[t]), t)",
    "attention to the past": (
        ATTEND + "e[t, t1] = where(t1 <= t, dot(q[t], k[t1]), -inf)\na[t, t1] = softmax(e[t, t1], t1)\n"
        "c[t] = sum(a[t, t1] * u[t1], t1)\nloss = sum(sum((c[t] - z)**2), t)"
    ),
    "attention to what follows": (
        ATTEND + "e[t, t1] = where(t1 >= t, dot(q[t], k[t1]), -inf)\na[t, t1] = softmax(e[t, t1], t1)\n"
        "c[t] = sum(a[t, t1] * u[t1], t1)\nloss = sum(sum((c[t] - z)**2), t)"
    ),
    "bounds over an outer index": (
        ATTEND + "e[t, t1] = dot(q[t], k[t1])\nc[t] = sum(e[t, t1] * u[t1], (t1, t, T))\n"
        "m[t] = logsumexp(e[t, t1], (t1, t, T))\np[t] = sum(e[t, t1], (t1, 1, t-1))\n"
        "loss = sum(sum((c[t] - z)**2) + m[t] / sum(exp(e[t, t1]), (t1, t, T)) + p[t], t)"
    ),
    "its own past": (
        "m: Input[T, T]\nh[t] = tanh(U @ x[t] + sum(m[t, t1] * h[t1], (t1, 1, t-1)))\n"
        "loss = sum(sum(h[t]**2), t) + sum(h[T])"
    ),
    "two sequences": (
        "y: Input[S, n_x]\nb: Param\nc[t, s] = sum((x[t] - y[s])**2)\nd[0, 0] = 0\nd[0, s] = 1\nd[t, 0] = 1\n"
        "d[t, s] = 0.1 * c[t, s] + b * tanh(d[t-1, s] + d[t, s-1] * d[t-1, s-1])\n"
        "loss = d[T, S] * sum(z) + sum(d[t, s], t, s) / (T * S) + sum(max(c[t, s], s), t)"
        " - logsumexp(mean(c[t, s], s), t)"
    ),
    "weights over what comes": (
        "e[t] = dot(v, x[t])\nq[t] = sum(softmax(e[t1], (t1, t+1, T)) * x[t1, 0], (t1, t+1, T))\n"
        "c[t] = sum(softmax(e[t], (t1, 1, t-1)) * x[t1, 0], (t1, 1, t-1))\n"
        "loss = sum(q[t] * x[t, 1], t) * sum(z) + sum(c[t]**2, t)"
    ),
    "a step that is not there": "loss = exp(x[2, 0]) * sum(z) + sum(exp(dot(v, x[t]) * x[T-1, 1]), t)",
    "a gradient that rests on no data": "loss = sum(v**2) * exp(max(v[0], (t, 1, T))) + dot(v, x[1])",
    "a tree": (
        "left: Index[T, T]\nh[0] = 0\nh[t] = tanh(W @ h[left[t]] + U @ x[t])\n"
        "loss = sum((h[T] - z)**2) + 0.1 * sum(W**2)"
    ),
    "no state": "loss = sum(sum((U @ x[t] - z)**2), t) + sum(P**2)",
}


def text(name: str) -> str:
    """A model; what it does not read is not declared."""
    used = set(re.findall(r"[A-Za-z]+", TEXTS[name]))
    return "\n".join((*(line for declared, line in HEAD.items() if declared in used), TEXTS[name]))
