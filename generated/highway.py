# Written by derive from highway.eq; do not edit.
# Change highway.eq instead, and run: derive generate highway
# source 30f6167ff4f46901, derive e116e7411edaf54b, body f8de3269ee38783d
"""Recurrent highway network of depth two: between two steps the state passes two highway layers with coupled gates.

Zilly, Srivastava, Koutnik & Schmidhuber (2017), Recurrent Highway Networks, section 4; the carry gate is 1 - g.

The equations::

    w: Index[T, n_w]                # the word that is read at each step
    y: Label[T, n_w]                # the word to predict at each step
    E: Param[n_w, n_x]              # word embedding
    W_h, W_g = Param[n_h, n_x]      # input to candidate and transform gate, in the first layer alone
    R_h, R_g = Param[n_h, n_h]      # state to candidate and transform gate, first layer
    Q_h, Q_g = Param[n_h, n_h]      # the same, second layer
    b_h, c_h = Param[n_h]           # biases of the candidates
    b_g: Param[n_h] = -2            # biases of the transform gates: carry at first
    c_g: Param[n_h] = -2
    V: Param[n_w, n_h]              # state to output
    d: Param[n_w]                   # output bias

    z[0] = 0
    x[t] = E[w[t]]
    h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)            # first layer: candidate
    g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)         # and transform gate
    u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])                # and state
    k[t] = tanh(Q_h @ u[t] + c_h)                           # second layer
    q[t] = sigmoid(Q_g @ u[t] + c_g)
    z[t] = k[t] * q[t] + u[t] * (1 - q[t])
    s[t] = d + V @ z[t]                                     # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    E: np.ndarray  # (n_w, n_x)  word embedding
    W_h: np.ndarray  # (n_h, n_x)  input to candidate and transform gate, in the first layer alone
    W_g: np.ndarray  # (n_h, n_x)  input to candidate and transform gate, in the first layer alone
    R_h: np.ndarray  # (n_h, n_h)  state to candidate and transform gate, first layer
    R_g: np.ndarray  # (n_h, n_h)  state to candidate and transform gate, first layer
    Q_h: np.ndarray  # (n_h, n_h)  the same, second layer
    Q_g: np.ndarray  # (n_h, n_h)  the same, second layer
    b_h: np.ndarray  # (n_h)  biases of the candidates
    c_h: np.ndarray  # (n_h)  biases of the candidates
    b_g: np.ndarray  # (n_h)  biases of the transform gates: carry at first
    c_g: np.ndarray  # (n_h)
    V: np.ndarray  # (n_w, n_h)  state to output
    d: np.ndarray  # (n_w)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    x: np.ndarray  # (T, B, n_x)
    h: np.ndarray  # (T, B, n_h)  first layer: candidate
    g: np.ndarray  # (T, B, n_h)  and transform gate
    u: np.ndarray  # (T, B, n_h)  and state
    k: np.ndarray  # (T, B, n_h)  second layer
    q: np.ndarray  # (T, B, n_h)
    z: np.ndarray  # (T + 1, B, n_h)
    s: np.ndarray  # (T, B, n_w)  logits
    yhat: np.ndarray  # (T, B, n_w)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    z: np.ndarray  # (B, n_h)


class Outputs(NamedTuple):
    """The variables at one step."""

    x: np.ndarray  # (B, n_x)
    h: np.ndarray  # (B, n_h)  first layer: candidate
    g: np.ndarray  # (B, n_h)  and transform gate
    u: np.ndarray  # (B, n_h)  and state
    k: np.ndarray  # (B, n_h)  second layer
    q: np.ndarray  # (B, n_h)
    z: np.ndarray  # (B, n_h)
    s: np.ndarray  # (B, n_w)  logits
    yhat: np.ndarray  # (B, n_w)


def init_params(rng: np.random.Generator, *, n_w: int, n_x: int, n_h: int, dtype: type = np.float64) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_w = _size("n_w", n_w)
    n_x = _size("n_x", n_x)
    n_h = _size("n_h", n_h)
    return Params(
        E=(rng.standard_normal((n_w, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_h=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_g=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        R_h=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        R_g=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        Q_h=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        Q_g=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b_h=np.zeros((n_h,), dtype),
        c_h=np.zeros((n_h,), dtype),
        b_g=np.full((n_h,), -2.0, dtype),
        c_g=np.full((n_h,), -2.0, dtype),
        V=(rng.standard_normal((n_w, n_h)) / np.sqrt(n_h)).astype(dtype),
        d=np.zeros((n_w,), dtype),
    )


def forward(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray | None = None,
    z0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    w        (T, B)    0..n_w - 1  the word that is read at each step
    y        (T, B)    0..n_w - 1  the word to predict at each step
    z0       (B, n_h)  real        z[0]; 0 where not given
    state              State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (z0,) = _resumed(state, ("z",), (("z0", z0),))
    if lengths is not None:
        return _forward_padded(params, w, y, z0, lengths)
    params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B = _arguments(params, w, y, z0)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params

    b_g_b_h_c_g_c_h = np.concatenate((b_g, b_h, c_g, c_h))
    R_gh = np.concatenate((R_g, R_h))
    W_gh = np.concatenate((W_g, W_h))
    Q_gh = np.concatenate((Q_g, Q_h))
    # x[t] = E[w[t]]
    x = E[w]
    ghqk_arg = np.empty((T, B, 4 * n_h), dtype)
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h
    z = np.empty((T + 1, B, n_h), dtype)
    # z[0] = 0
    z[0] = z0
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    ghqk_arg[:, :, :2 * n_h] += (x.reshape(-1, n_x) @ W_gh.T).reshape(T, B, 2 * n_h)
    h = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    u = np.empty((T, B, n_h), dtype)
    k = np.empty((T, B, n_h), dtype)
    q = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
        # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
        ghqk_arg[t - 1, :, :2 * n_h] += z[t - 1] @ R_gh.T
        # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
        np.tanh(ghqk_arg[t - 1, :, n_h:2 * n_h], out=h[t - 1])
        # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
        g[t - 1] = _sigmoid(ghqk_arg[t - 1, :, :n_h])
        # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
        u[t - 1] = z[t - 1] * (1 - g[t - 1])
        u[t - 1] += g[t - 1] * h[t - 1]
        # q.arg[t] = Q_g @ u[t] + c_g
        # k.arg[t] = Q_h @ u[t] + c_h
        ghqk_arg[t - 1, :, 2 * n_h:] += u[t - 1] @ Q_gh.T
        # k[t] = tanh(Q_h @ u[t] + c_h)
        np.tanh(ghqk_arg[t - 1, :, 3 * n_h:], out=k[t - 1])
        # q[t] = sigmoid(Q_g @ u[t] + c_g)
        q[t - 1] = _sigmoid(ghqk_arg[t - 1, :, 2 * n_h:3 * n_h])
        # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
        z[t] = u[t - 1] * (1 - q[t - 1])
        z[t] += k[t - 1] * q[t - 1]
    # s[t] = d + V @ z[t]
    s = (z[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_w)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    if y is not None:
        # loss = sum(-log(yhat[t, y[t]]), t)
        loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
        loss += yhat_lse.sum()
    else:
        loss = None

    if single:
        x = x[:, 0]
        h = h[:, 0]
        g = g[:, 0]
        u = u[:, 0]
        k = k[:, 0]
        q = q[:, 0]
        z = z[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(x=x, h=h, g=g, u=u, k=k, q=q, z=z, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    z0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    w        (T, B)    0..n_w - 1  the word that is read at each step
    y        (T, B)    0..n_w - 1  the word to predict at each step
    z0       (B, n_h)  real        z[0]; 0 where not given
    state              State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (z0,) = _resumed(state, ("z",), (("z0", z0),))
    if lengths is not None:
        return _loss_padded(params, w, y, z0, lengths)
    params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B = _arguments(params, w, y, z0, whole=True)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params

    b_g_b_h_c_g_c_h = np.concatenate((b_g, b_h, c_g, c_h))
    R_gh = np.concatenate((R_g, R_h))
    W_gh = np.concatenate((W_g, W_h))
    Q_gh = np.concatenate((Q_g, Q_h))
    # x[t] = E[w[t]]
    x = E[w]
    ghqk_arg = np.empty((T, B, 4 * n_h), dtype)
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h
    z = np.empty((T + 1, B, n_h), dtype)
    # z[0] = 0
    z[0] = z0
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    ghqk_arg[:, :, :2 * n_h] += (x.reshape(-1, n_x) @ W_gh.T).reshape(T, B, 2 * n_h)
    h = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    u = np.empty((B, n_h), dtype)
    k = np.empty((B, n_h), dtype)
    q = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
        # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
        ghqk_arg[t - 1, :, :2 * n_h] += z[t - 1] @ R_gh.T
        # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
        np.tanh(ghqk_arg[t - 1, :, n_h:2 * n_h], out=h)
        # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
        g[...] = _sigmoid(ghqk_arg[t - 1, :, :n_h])
        # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
        u[...] = z[t - 1] * (1 - g)
        u += g * h
        # q.arg[t] = Q_g @ u[t] + c_g
        # k.arg[t] = Q_h @ u[t] + c_h
        ghqk_arg[t - 1, :, 2 * n_h:] += u @ Q_gh.T
        # k[t] = tanh(Q_h @ u[t] + c_h)
        np.tanh(ghqk_arg[t - 1, :, 3 * n_h:], out=k)
        # q[t] = sigmoid(Q_g @ u[t] + c_g)
        q[...] = _sigmoid(ghqk_arg[t - 1, :, 2 * n_h:3 * n_h])
        # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
        z[t] = u * (1 - q)
        z[t] += k * q
    # s[t] = d + V @ z[t]
    s = (z[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_w)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    z0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w        (T, B)    0..n_w - 1         the word that is read at each step
    y        (T, B)    0..n_w - 1         the word to predict at each step
    z0       (B, n_h)  real               z[0]; 0 where not given
    state              State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)      1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window             whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if state is not None:
        (z0,) = _resumed(state, ("z",), (("z0", z0),))
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, w, y, z0, lengths, wrt, window)
    params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B = _arguments(params, w, y, z0, whole=True)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params
    wrt = _asked(wrt, ("z0",))

    b_g_b_h_c_g_c_h = np.concatenate((b_g, b_h, c_g, c_h))
    R_gh = np.concatenate((R_g, R_h))
    W_gh = np.concatenate((W_g, W_h))
    Q_gh = np.concatenate((Q_g, Q_h))
    # x[t] = E[w[t]]
    x = E[w]
    ghqk_arg = np.empty((T, B, 4 * n_h), dtype)
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h
    z = np.empty((T + 1, B, n_h), dtype)
    # z[0] = 0
    z[0] = z0
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    ghqk_arg[:, :, :2 * n_h] += (x.reshape(-1, n_x) @ W_gh.T).reshape(T, B, 2 * n_h)
    h = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    u = np.empty((T, B, n_h), dtype)
    k = np.empty((T, B, n_h), dtype)
    q = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
        # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
        ghqk_arg[t - 1, :, :2 * n_h] += z[t - 1] @ R_gh.T
        # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
        np.tanh(ghqk_arg[t - 1, :, n_h:2 * n_h], out=h[t - 1])
        # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
        g[t - 1] = _sigmoid(ghqk_arg[t - 1, :, :n_h])
        # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
        u[t - 1] = z[t - 1] * (1 - g[t - 1])
        u[t - 1] += g[t - 1] * h[t - 1]
        # q.arg[t] = Q_g @ u[t] + c_g
        # k.arg[t] = Q_h @ u[t] + c_h
        ghqk_arg[t - 1, :, 2 * n_h:] += u[t - 1] @ Q_gh.T
        # k[t] = tanh(Q_h @ u[t] + c_h)
        np.tanh(ghqk_arg[t - 1, :, 3 * n_h:], out=k[t - 1])
        # q[t] = sigmoid(Q_g @ u[t] + c_g)
        q[t - 1] = _sigmoid(ghqk_arg[t - 1, :, 2 * n_h:3 * n_h])
        # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
        z[t] = u[t - 1] * (1 - q[t - 1])
        z[t] += k[t - 1] * q[t - 1]
    # s[t] = d + V @ z[t]
    s = (z[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_w)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), z[t]), t)
    dV = ds.reshape(-1, n_w).T @ z[1:].reshape(-1, n_h)
    dz = np.empty((T + 1, B, n_h), dtype)
    # grad(z[t]) = R_h.T @ grad(h.arg[t+1]) + R_g.T @ grad(g.arg[t+1]) + (1 - g[t+1]) * grad(u[t+1]) + V.T
    #     @ grad(s[t]), t < T
    dz[1:] = (ds.reshape(-1, n_w) @ V).reshape(T, B, n_h)
    dq = np.empty((B, n_h), dtype)
    du = np.empty((T, B, n_h), dtype)
    dghqk_arg = np.empty((T, B, 4 * n_h), dtype)
    dg = np.empty((B, n_h), dtype)
    # grad(q[t]) = k[t] * grad(z[t]) - u[t] * grad(z[t])
    dq[...] = dz[T] * k[T - 1]
    dq -= dz[T] * u[T - 1]
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    du[T - 1] = dz[T] * (1 - q[T - 1])
    # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
    dghqk_arg[T - 1, :, 2 * n_h:3 * n_h] = dq * q[T - 1] * (1 - q[T - 1])
    # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
    dghqk_arg[T - 1, :, 3 * n_h:] = dz[T] * q[T - 1] * (1 - k[T - 1]**2)
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    du[T - 1] += dghqk_arg[T - 1, :, 2 * n_h:] @ Q_gh
    # grad(g[t]) = h[t] * grad(u[t]) - z[t-1] * grad(u[t])
    dg[...] = du[T - 1] * h[T - 1]
    dg -= du[T - 1] * z[T - 1]
    # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
    dghqk_arg[T - 1, :, :n_h] = dg * g[T - 1] * (1 - g[T - 1])
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    dghqk_arg[T - 1, :, n_h:2 * n_h] = du[T - 1] * g[T - 1] * (1 - h[T - 1]**2)
    for t in range(T - 1, 0, -1):
        # grad(z[t]) = R_h.T @ grad(h.arg[t+1]) + R_g.T @ grad(g.arg[t+1]) + (1 - g[t+1]) * grad(u[t+1]) + V.T
        #     @ grad(s[t]), t < T
        dz[t] += du[t] * (1 - g[t])
        dz[t] += dghqk_arg[t, :, :2 * n_h] @ R_gh
        # grad(q[t]) = k[t] * grad(z[t]) - u[t] * grad(z[t])
        dq[...] = dz[t] * k[t - 1]
        dq -= dz[t] * u[t - 1]
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        du[t - 1] = dz[t] * (1 - q[t - 1])
        # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
        dghqk_arg[t - 1, :, 2 * n_h:3 * n_h] = dq * q[t - 1] * (1 - q[t - 1])
        # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
        dghqk_arg[t - 1, :, 3 * n_h:] = dz[t] * q[t - 1] * (1 - k[t - 1]**2)
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        du[t - 1] += dghqk_arg[t - 1, :, 2 * n_h:] @ Q_gh
        # grad(g[t]) = h[t] * grad(u[t]) - z[t-1] * grad(u[t])
        dg[...] = du[t - 1] * h[t - 1]
        dg -= du[t - 1] * z[t - 1]
        # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
        dghqk_arg[t - 1, :, :n_h] = dg * g[t - 1] * (1 - g[t - 1])
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        dghqk_arg[t - 1, :, n_h:2 * n_h] = du[t - 1] * g[t - 1] * (1 - h[t - 1]**2)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(c_g) = sum(grad(q.arg[t]), t)
    # grad(c_h) = sum(grad(k.arg[t]), t)
    db_g_b_h_c_g_c_h = dghqk_arg.sum(axis=(0, 1))
    # grad(Q_g) = sum(outer(grad(q.arg[t]), u[t]), t)
    # grad(Q_h) = sum(outer(grad(k.arg[t]), u[t]), t)
    dQ_gh = dghqk_arg[:, :, 2 * n_h:].reshape(-1, 2 * n_h).T @ u.reshape(-1, n_h)
    # grad(R_g) = sum(outer(grad(g.arg[t]), z[t-1]), t)
    # grad(R_h) = sum(outer(grad(h.arg[t]), z[t-1]), t)
    dR_gh = dghqk_arg[:, :, :2 * n_h].reshape(-1, 2 * n_h).T @ z[:T].reshape(-1, n_h)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    # grad(W_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    dW_gh = dghqk_arg[:, :, :2 * n_h].reshape(-1, 2 * n_h).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_h.T @ grad(h.arg[t]) + W_g.T @ grad(g.arg[t])
    dx = (dghqk_arg[:, :, :2 * n_h].reshape(-1, 2 * n_h) @ W_gh).reshape(T, B, n_x)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "z0" in wrt:
        # grad(z[0]) = R_h.T @ grad(h.arg[1]) + R_g.T @ grad(g.arg[1]) + (1 - g[1]) * grad(u[1])
        dz[0] = du[0] * (1 - g[0])
        dz[0] += dghqk_arg[0, :, :2 * n_h] @ R_gh
        # grad(z.0) = grad(z[0])
        dz0 = dz[0].copy()
    db_g = db_g_b_h_c_g_c_h[:n_h]
    db_h = db_g_b_h_c_g_c_h[n_h:2 * n_h]
    dc_g = db_g_b_h_c_g_c_h[2 * n_h:3 * n_h]
    dc_h = db_g_b_h_c_g_c_h[3 * n_h:4 * n_h]
    dQ_g = dQ_gh[:n_h]
    dQ_h = dQ_gh[n_h:2 * n_h]
    dR_g = dR_gh[:n_h]
    dR_h = dR_gh[n_h:2 * n_h]
    dW_g = dW_gh[:n_h]
    dW_h = dW_gh[n_h:2 * n_h]

    gradient = Params(
        E=dE,
        W_h=dW_h,
        W_g=dW_g,
        R_h=dR_h,
        R_g=dR_g,
        Q_h=dQ_h,
        Q_g=dQ_g,
        b_h=db_h,
        c_h=dc_h,
        b_g=db_g,
        c_g=dc_g,
        V=dV,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "z0" in wrt:
        result["z0"] = dz0[0] if single else dz0
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    w: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    w        (T, B)  0..n_w - 1         the word that is read at each step
    y        (T, B)  0..n_w - 1         the word to predict at each step
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, w, y, lengths, window)
    (
        params, w, y, x, h, g, u, k, q, z, yhat, dtype, single, n_w, n_x, n_h, T, B,
    ) = _backward_arguments(params, forward, w, y)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params

    Q_gh = np.concatenate((Q_g, Q_h))
    R_gh = np.concatenate((R_g, R_h))
    W_gh = np.concatenate((W_g, W_h))
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), z[t]), t)
    dV = ds.reshape(-1, n_w).T @ z[1:].reshape(-1, n_h)
    # grad(z[t]) = R_h.T @ grad(h.arg[t+1]) + R_g.T @ grad(g.arg[t+1]) + (1 - g[t+1]) * grad(u[t+1]) + V.T
    #     @ grad(s[t]), t < T
    dz = (ds.reshape(-1, n_w) @ V).reshape(T, B, n_h)
    dq = np.empty((B, n_h), dtype)
    du = np.empty((T, B, n_h), dtype)
    dghqk_arg = np.empty((T, B, 4 * n_h), dtype)
    dg = np.empty((B, n_h), dtype)
    # grad(q[t]) = k[t] * grad(z[t]) - u[t] * grad(z[t])
    dq[...] = dz[T - 1] * k[T - 1]
    dq -= dz[T - 1] * u[T - 1]
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    du[T - 1] = dz[T - 1] * (1 - q[T - 1])
    # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
    dghqk_arg[T - 1, :, 2 * n_h:3 * n_h] = dq * q[T - 1] * (1 - q[T - 1])
    # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
    dghqk_arg[T - 1, :, 3 * n_h:] = dz[T - 1] * q[T - 1] * (1 - k[T - 1]**2)
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    du[T - 1] += dghqk_arg[T - 1, :, 2 * n_h:] @ Q_gh
    # grad(g[t]) = h[t] * grad(u[t]) - z[t-1] * grad(u[t])
    dg[...] = du[T - 1] * h[T - 1]
    dg -= du[T - 1] * z[T - 1]
    # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
    dghqk_arg[T - 1, :, :n_h] = dg * g[T - 1] * (1 - g[T - 1])
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    dghqk_arg[T - 1, :, n_h:2 * n_h] = du[T - 1] * g[T - 1] * (1 - h[T - 1]**2)
    for t in range(T - 1, 0, -1):
        # grad(z[t]) = R_h.T @ grad(h.arg[t+1]) + R_g.T @ grad(g.arg[t+1]) + (1 - g[t+1]) * grad(u[t+1]) + V.T
        #     @ grad(s[t]), t < T
        dz[t - 1] += du[t] * (1 - g[t])
        dz[t - 1] += dghqk_arg[t, :, :2 * n_h] @ R_gh
        # grad(q[t]) = k[t] * grad(z[t]) - u[t] * grad(z[t])
        dq[...] = dz[t - 1] * k[t - 1]
        dq -= dz[t - 1] * u[t - 1]
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        du[t - 1] = dz[t - 1] * (1 - q[t - 1])
        # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
        dghqk_arg[t - 1, :, 2 * n_h:3 * n_h] = dq * q[t - 1] * (1 - q[t - 1])
        # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
        dghqk_arg[t - 1, :, 3 * n_h:] = dz[t - 1] * q[t - 1] * (1 - k[t - 1]**2)
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        du[t - 1] += dghqk_arg[t - 1, :, 2 * n_h:] @ Q_gh
        # grad(g[t]) = h[t] * grad(u[t]) - z[t-1] * grad(u[t])
        dg[...] = du[t - 1] * h[t - 1]
        dg -= du[t - 1] * z[t - 1]
        # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
        dghqk_arg[t - 1, :, :n_h] = dg * g[t - 1] * (1 - g[t - 1])
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        dghqk_arg[t - 1, :, n_h:2 * n_h] = du[t - 1] * g[t - 1] * (1 - h[t - 1]**2)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(c_g) = sum(grad(q.arg[t]), t)
    # grad(c_h) = sum(grad(k.arg[t]), t)
    db_g_b_h_c_g_c_h = dghqk_arg.sum(axis=(0, 1))
    # grad(Q_g) = sum(outer(grad(q.arg[t]), u[t]), t)
    # grad(Q_h) = sum(outer(grad(k.arg[t]), u[t]), t)
    dQ_gh = dghqk_arg[:, :, 2 * n_h:].reshape(-1, 2 * n_h).T @ u.reshape(-1, n_h)
    # grad(R_g) = sum(outer(grad(g.arg[t]), z[t-1]), t)
    # grad(R_h) = sum(outer(grad(h.arg[t]), z[t-1]), t)
    dR_gh = dghqk_arg[:, :, :2 * n_h].reshape(-1, 2 * n_h).T @ z[:T].reshape(-1, n_h)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    # grad(W_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    dW_gh = dghqk_arg[:, :, :2 * n_h].reshape(-1, 2 * n_h).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_h.T @ grad(h.arg[t]) + W_g.T @ grad(g.arg[t])
    dx = (dghqk_arg[:, :, :2 * n_h].reshape(-1, 2 * n_h) @ W_gh).reshape(T, B, n_x)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    db_g = db_g_b_h_c_g_c_h[:n_h]
    db_h = db_g_b_h_c_g_c_h[n_h:2 * n_h]
    dc_g = db_g_b_h_c_g_c_h[2 * n_h:3 * n_h]
    dc_h = db_g_b_h_c_g_c_h[3 * n_h:4 * n_h]
    dQ_g = dQ_gh[:n_h]
    dQ_h = dQ_gh[n_h:2 * n_h]
    dR_g = dR_gh[:n_h]
    dR_h = dR_gh[n_h:2 * n_h]
    dW_g = dW_gh[:n_h]
    dW_h = dW_gh[n_h:2 * n_h]

    return Params(
        E=dE,
        W_h=dW_h,
        W_g=dW_g,
        R_h=dR_h,
        R_g=dR_g,
        Q_h=dQ_h,
        Q_g=dQ_g,
        b_h=db_h,
        c_h=dc_h,
        b_g=db_g,
        c_g=dc_g,
        V=dV,
        d=dd,
    )


def init_state(params: Params, *, z0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    z0  (B, n_h)  real  z[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, z0, dtype, single, n_w, n_x, n_h, B = _initial_arguments(params, z0, batch)

    # z[0] = 0
    z_prev = z0.copy()

    if single:
        z_prev = z_prev[0]
    return State(z=z_prev)


def step(params: Params, state: State, *, w: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    w  (B)  0..n_w - 1  the word that is read at each step

    Data without the axis B are one example.
    """
    params, w, z_prev, dtype, single, n_w, n_x, n_h, B = _step_arguments(params, state, w)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params

    b_g_b_h_c_g_c_h = np.concatenate((b_g, b_h, c_g, c_h))
    R_gh = np.concatenate((R_g, R_h))
    W_gh = np.concatenate((W_g, W_h))
    Q_gh = np.concatenate((Q_g, Q_h))
    # x[t] = E[w[t]]
    x = E[w]
    ghqk_arg_ = np.empty((B, 4 * n_h), dtype)
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg_[...] = b_g_b_h_c_g_c_h
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    ghqk_arg_[:, :2 * n_h] += z_prev @ R_gh.T
    ghqk_arg_[:, :2 * n_h] += x @ W_gh.T
    # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
    h = np.tanh(ghqk_arg_[:, n_h:2 * n_h])
    # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
    g = _sigmoid(ghqk_arg_[:, :n_h])
    # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
    u = z_prev * (1 - g)
    u += g * h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg_[:, 2 * n_h:] += u @ Q_gh.T
    # k[t] = tanh(Q_h @ u[t] + c_h)
    k = np.tanh(ghqk_arg_[:, 3 * n_h:])
    # q[t] = sigmoid(Q_g @ u[t] + c_g)
    q = _sigmoid(ghqk_arg_[:, 2 * n_h:3 * n_h])
    # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
    z = u * (1 - q)
    z += k * q
    # s[t] = d + V @ z[t]
    s = z @ V.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])

    if single:
        z = z[0]
        x = x[0]
        h = h[0]
        g = g[0]
        u = u[0]
        k = k[0]
        q = q[0]
        s = s[0]
        yhat = yhat[0]
    result = State(z=z)
    return result, Outputs(x=x, h=h, g=g, u=u, k=k, q=q, z=z, s=s, yhat=yhat)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.z.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.z.ndim < 3 else forward.z.shape[1], forward.z.ndim < 3, 1
    )
    return State(z=_last(forward.z, 0, 1, 1, lengths))


def _forward_padded(params, w, y, z0, lengths):
    """`forward` where examples have their own lengths."""
    params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B, len_T, T_own = _padded_arguments(params, w, y, z0, lengths)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params

    b_g_b_h_c_g_c_h = np.concatenate((b_g, b_h, c_g, c_h))
    R_gh = np.concatenate((R_g, R_h))
    W_gh = np.concatenate((W_g, W_h))
    Q_gh = np.concatenate((Q_g, Q_h))
    # x[t] = E[w[t]]
    x = E[w]
    ghqk_arg = np.empty((T, B, 4 * n_h), dtype)
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h
    z = np.empty((T + 1, B, n_h), dtype)
    # z[0] = 0
    z[0] = z0
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    ghqk_arg[:, :, :2 * n_h] += (x.reshape(-1, n_x) @ W_gh.T).reshape(T, B, 2 * n_h)
    h = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    u = np.empty((T, B, n_h), dtype)
    k = np.empty((T, B, n_h), dtype)
    q = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
        # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
        ghqk_arg[t - 1, :, :2 * n_h] += z[t - 1] @ R_gh.T
        # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
        np.tanh(ghqk_arg[t - 1, :, n_h:2 * n_h], out=h[t - 1])
        # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
        g[t - 1] = _sigmoid(ghqk_arg[t - 1, :, :n_h])
        # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
        u[t - 1] = z[t - 1] * (1 - g[t - 1])
        u[t - 1] += g[t - 1] * h[t - 1]
        # q.arg[t] = Q_g @ u[t] + c_g
        # k.arg[t] = Q_h @ u[t] + c_h
        ghqk_arg[t - 1, :, 2 * n_h:] += u[t - 1] @ Q_gh.T
        # k[t] = tanh(Q_h @ u[t] + c_h)
        np.tanh(ghqk_arg[t - 1, :, 3 * n_h:], out=k[t - 1])
        # q[t] = sigmoid(Q_g @ u[t] + c_g)
        q[t - 1] = _sigmoid(ghqk_arg[t - 1, :, 2 * n_h:3 * n_h])
        # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
        z[t] = np.where((t <= T_own)[:, None], k[t - 1] * q[t - 1] + u[t - 1] * (1 - q[t - 1]), z[t - 1])
    # s[t] = d + V @ z[t]
    s = (z[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_w)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    if y is not None:
        # loss = sum(-log(yhat[t, y[t]]), t)
        loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
        loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    else:
        loss = None

    if single:
        x = x[:, 0]
        h = h[:, 0]
        g = g[:, 0]
        u = u[:, 0]
        k = k[:, 0]
        q = q[:, 0]
        z = z[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(x=x, h=h, g=g, u=u, k=k, q=q, z=z, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, w, y, z0, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, z0, lengths, whole=True)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params

    b_g_b_h_c_g_c_h = np.concatenate((b_g, b_h, c_g, c_h))
    R_gh = np.concatenate((R_g, R_h))
    W_gh = np.concatenate((W_g, W_h))
    Q_gh = np.concatenate((Q_g, Q_h))
    # x[t] = E[w[t]]
    x = E[w]
    ghqk_arg = np.empty((T, B, 4 * n_h), dtype)
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h
    z = np.empty((T + 1, B, n_h), dtype)
    # z[0] = 0
    z[0] = z0
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    ghqk_arg[:, :, :2 * n_h] += (x.reshape(-1, n_x) @ W_gh.T).reshape(T, B, 2 * n_h)
    h = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    u = np.empty((B, n_h), dtype)
    k = np.empty((B, n_h), dtype)
    q = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
        # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
        ghqk_arg[t - 1, :, :2 * n_h] += z[t - 1] @ R_gh.T
        # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
        np.tanh(ghqk_arg[t - 1, :, n_h:2 * n_h], out=h)
        # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
        g[...] = _sigmoid(ghqk_arg[t - 1, :, :n_h])
        # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
        u[...] = z[t - 1] * (1 - g)
        u += g * h
        # q.arg[t] = Q_g @ u[t] + c_g
        # k.arg[t] = Q_h @ u[t] + c_h
        ghqk_arg[t - 1, :, 2 * n_h:] += u @ Q_gh.T
        # k[t] = tanh(Q_h @ u[t] + c_h)
        np.tanh(ghqk_arg[t - 1, :, 3 * n_h:], out=k)
        # q[t] = sigmoid(Q_g @ u[t] + c_g)
        q[...] = _sigmoid(ghqk_arg[t - 1, :, 2 * n_h:3 * n_h])
        # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
        z[t] = np.where((t <= T_own)[:, None], k * q + u * (1 - q), z[t - 1])
    # s[t] = d + V @ z[t]
    s = (z[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_w)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, w, y, z0, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, z0, lengths, whole=True)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params
    wrt = _asked(wrt, ("z0",))
    window_T = _window(window, "T", ("T",), T)

    b_g_b_h_c_g_c_h = np.concatenate((b_g, b_h, c_g, c_h))
    R_gh = np.concatenate((R_g, R_h))
    W_gh = np.concatenate((W_g, W_h))
    Q_gh = np.concatenate((Q_g, Q_h))
    # x[t] = E[w[t]]
    x = E[w]
    ghqk_arg = np.empty((T, B, 4 * n_h), dtype)
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h
    z = np.empty((T + 1, B, n_h), dtype)
    # z[0] = 0
    z[0] = z0
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    ghqk_arg[:, :, :2 * n_h] += (x.reshape(-1, n_x) @ W_gh.T).reshape(T, B, 2 * n_h)
    h = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    u = np.empty((T, B, n_h), dtype)
    k = np.empty((T, B, n_h), dtype)
    q = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
        # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
        ghqk_arg[t - 1, :, :2 * n_h] += z[t - 1] @ R_gh.T
        # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
        np.tanh(ghqk_arg[t - 1, :, n_h:2 * n_h], out=h[t - 1])
        # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
        g[t - 1] = _sigmoid(ghqk_arg[t - 1, :, :n_h])
        # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
        u[t - 1] = z[t - 1] * (1 - g[t - 1])
        u[t - 1] += g[t - 1] * h[t - 1]
        # q.arg[t] = Q_g @ u[t] + c_g
        # k.arg[t] = Q_h @ u[t] + c_h
        ghqk_arg[t - 1, :, 2 * n_h:] += u[t - 1] @ Q_gh.T
        # k[t] = tanh(Q_h @ u[t] + c_h)
        np.tanh(ghqk_arg[t - 1, :, 3 * n_h:], out=k[t - 1])
        # q[t] = sigmoid(Q_g @ u[t] + c_g)
        q[t - 1] = _sigmoid(ghqk_arg[t - 1, :, 2 * n_h:3 * n_h])
        # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
        z[t] = np.where((t <= T_own)[:, None], k[t - 1] * q[t - 1] + u[t - 1] * (1 - q[t - 1]), z[t - 1])
    # s[t] = d + V @ z[t]
    s = (z[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_w)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), z[t]), t)
    dV = ds.reshape(-1, n_w).T @ z[1:].reshape(-1, n_h)
    dz = np.empty((T + 1, B, n_h), dtype)
    # grad(z[t]) = same_window(t, maximum(t - 1, 0), window.T) * (R_h.T @ grad(h.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (R_g.T @ grad(g.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (1 - g[t+1]) * grad(u[t+1]) + V.T @ grad(s[t]), t < T
    dz[1:] = (ds.reshape(-1, n_w) @ V).reshape(T, B, n_h)
    dq = np.empty((B, n_h), dtype)
    du = np.empty((T, B, n_h), dtype)
    dghqk_arg = np.empty((T, B, 4 * n_h), dtype)
    dg = np.empty((B, n_h), dtype)
    # grad(q[t]) = k[t] * grad(z[t]) - u[t] * grad(z[t])
    dq[...] = dz[T] * k[T - 1]
    dq -= dz[T] * u[T - 1]
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    du[T - 1] = dz[T] * (1 - q[T - 1])
    # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
    dghqk_arg[T - 1, :, 2 * n_h:3 * n_h] = dq * q[T - 1] * (1 - q[T - 1])
    # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
    dghqk_arg[T - 1, :, 3 * n_h:] = dz[T] * q[T - 1] * (1 - k[T - 1]**2)
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    du[T - 1] += dghqk_arg[T - 1, :, 2 * n_h:] @ Q_gh
    # grad(g[t]) = h[t] * grad(u[t]) - z[t-1] * grad(u[t])
    dg[...] = du[T - 1] * h[T - 1]
    dg -= du[T - 1] * z[T - 1]
    # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
    dghqk_arg[T - 1, :, :n_h] = dg * g[T - 1] * (1 - g[T - 1])
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    dghqk_arg[T - 1, :, n_h:2 * n_h] = du[T - 1] * g[T - 1] * (1 - h[T - 1]**2)
    for t in range(T - 1, 0, -1):
        # grad(z[t]) = same_window(t, maximum(t - 1, 0), window.T) * (R_h.T @ grad(h.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (R_g.T @ grad(g.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (1 - g[t+1]) * grad(u[t+1]) + V.T @ grad(s[t]), t < T
        dz[t] += du[t] * (1 - g[t]) * (t // window_T == max(t - 1, 0) // window_T)
        dz[t] += dghqk_arg[t, :, :n_h] @ R_g * (t // window_T == max(t - 1, 0) // window_T)
        dz[t] += dghqk_arg[t, :, n_h:2 * n_h] @ R_h * (t // window_T == max(t - 1, 0) // window_T)
        # grad(q[t]) = k[t] * grad(z[t]) - u[t] * grad(z[t])
        dq[...] = dz[t] * k[t - 1]
        dq -= dz[t] * u[t - 1]
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        du[t - 1] = dz[t] * (1 - q[t - 1])
        # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
        dghqk_arg[t - 1, :, 2 * n_h:3 * n_h] = dq * q[t - 1] * (1 - q[t - 1])
        # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
        dghqk_arg[t - 1, :, 3 * n_h:] = dz[t] * q[t - 1] * (1 - k[t - 1]**2)
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        du[t - 1] += dghqk_arg[t - 1, :, 2 * n_h:] @ Q_gh
        # grad(g[t]) = h[t] * grad(u[t]) - z[t-1] * grad(u[t])
        dg[...] = du[t - 1] * h[t - 1]
        dg -= du[t - 1] * z[t - 1]
        # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
        dghqk_arg[t - 1, :, :n_h] = dg * g[t - 1] * (1 - g[t - 1])
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        dghqk_arg[t - 1, :, n_h:2 * n_h] = du[t - 1] * g[t - 1] * (1 - h[t - 1]**2)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(c_g) = sum(grad(q.arg[t]), t)
    # grad(c_h) = sum(grad(k.arg[t]), t)
    db_g_b_h_c_g_c_h = dghqk_arg.sum(axis=(0, 1))
    # grad(Q_g) = sum(outer(grad(q.arg[t]), u[t]), t)
    # grad(Q_h) = sum(outer(grad(k.arg[t]), u[t]), t)
    dQ_gh = dghqk_arg[:, :, 2 * n_h:].reshape(-1, 2 * n_h).T @ u.reshape(-1, n_h)
    # grad(R_g) = sum(outer(grad(g.arg[t]), z[t-1]), t)
    # grad(R_h) = sum(outer(grad(h.arg[t]), z[t-1]), t)
    dR_gh = dghqk_arg[:, :, :2 * n_h].reshape(-1, 2 * n_h).T @ z[:T].reshape(-1, n_h)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    # grad(W_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    dW_gh = dghqk_arg[:, :, :2 * n_h].reshape(-1, 2 * n_h).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_h.T @ grad(h.arg[t]) + W_g.T @ grad(g.arg[t])
    dx = (dghqk_arg[:, :, :2 * n_h].reshape(-1, 2 * n_h) @ W_gh).reshape(T, B, n_x)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "z0" in wrt:
        # grad(z[0]) = R_h.T @ grad(h.arg[1]) + R_g.T @ grad(g.arg[1]) + (1 - g[1]) * grad(u[1])
        dz[0] = du[0] * (1 - g[0])
        dz[0] += dghqk_arg[0, :, :2 * n_h] @ R_gh
        # grad(z.0) = grad(z[0])
        dz0 = dz[0].copy()
    db_g = db_g_b_h_c_g_c_h[:n_h]
    db_h = db_g_b_h_c_g_c_h[n_h:2 * n_h]
    dc_g = db_g_b_h_c_g_c_h[2 * n_h:3 * n_h]
    dc_h = db_g_b_h_c_g_c_h[3 * n_h:4 * n_h]
    dQ_g = dQ_gh[:n_h]
    dQ_h = dQ_gh[n_h:2 * n_h]
    dR_g = dR_gh[:n_h]
    dR_h = dR_gh[n_h:2 * n_h]
    dW_g = dW_gh[:n_h]
    dW_h = dW_gh[n_h:2 * n_h]

    gradient = Params(
        E=dE,
        W_h=dW_h,
        W_g=dW_g,
        R_h=dR_h,
        R_g=dR_g,
        Q_h=dQ_h,
        Q_g=dQ_g,
        b_h=db_h,
        c_h=dc_h,
        b_g=db_g,
        c_g=dc_g,
        V=dV,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "z0" in wrt:
        result["z0"] = dz0[0] if single else dz0
    return float(loss), gradient, result


def _backward_padded(params, forward, w, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, x, h, g, u, k, q, z, yhat, dtype, single, n_w, n_x, n_h, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, w, y, lengths)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params
    window_T = _window(window, "T", ("T",), T)

    Q_gh = np.concatenate((Q_g, Q_h))
    W_gh = np.concatenate((W_g, W_h))
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), z[t]), t)
    dV = ds.reshape(-1, n_w).T @ z[1:].reshape(-1, n_h)
    # grad(z[t]) = same_window(t, maximum(t - 1, 0), window.T) * (R_h.T @ grad(h.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (R_g.T @ grad(g.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (1 - g[t+1]) * grad(u[t+1]) + V.T @ grad(s[t]), t < T
    dz = (ds.reshape(-1, n_w) @ V).reshape(T, B, n_h)
    dq = np.empty((B, n_h), dtype)
    du = np.empty((T, B, n_h), dtype)
    dghqk_arg = np.empty((T, B, 4 * n_h), dtype)
    dg = np.empty((B, n_h), dtype)
    # grad(q[t]) = k[t] * grad(z[t]) - u[t] * grad(z[t])
    dq[...] = dz[T - 1] * k[T - 1]
    dq -= dz[T - 1] * u[T - 1]
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    du[T - 1] = dz[T - 1] * (1 - q[T - 1])
    # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
    dghqk_arg[T - 1, :, 2 * n_h:3 * n_h] = dq * q[T - 1] * (1 - q[T - 1])
    # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
    dghqk_arg[T - 1, :, 3 * n_h:] = dz[T - 1] * q[T - 1] * (1 - k[T - 1]**2)
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    du[T - 1] += dghqk_arg[T - 1, :, 2 * n_h:] @ Q_gh
    # grad(g[t]) = h[t] * grad(u[t]) - z[t-1] * grad(u[t])
    dg[...] = du[T - 1] * h[T - 1]
    dg -= du[T - 1] * z[T - 1]
    # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
    dghqk_arg[T - 1, :, :n_h] = dg * g[T - 1] * (1 - g[T - 1])
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    dghqk_arg[T - 1, :, n_h:2 * n_h] = du[T - 1] * g[T - 1] * (1 - h[T - 1]**2)
    for t in range(T - 1, 0, -1):
        # grad(z[t]) = same_window(t, maximum(t - 1, 0), window.T) * (R_h.T @ grad(h.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (R_g.T @ grad(g.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (1 - g[t+1]) * grad(u[t+1]) + V.T @ grad(s[t]), t < T
        dz[t - 1] += du[t] * (1 - g[t]) * (t // window_T == max(t - 1, 0) // window_T)
        dz[t - 1] += dghqk_arg[t, :, :n_h] @ R_g * (t // window_T == max(t - 1, 0) // window_T)
        dz[t - 1] += dghqk_arg[t, :, n_h:2 * n_h] @ R_h * (t // window_T == max(t - 1, 0) // window_T)
        # grad(q[t]) = k[t] * grad(z[t]) - u[t] * grad(z[t])
        dq[...] = dz[t - 1] * k[t - 1]
        dq -= dz[t - 1] * u[t - 1]
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        du[t - 1] = dz[t - 1] * (1 - q[t - 1])
        # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
        dghqk_arg[t - 1, :, 2 * n_h:3 * n_h] = dq * q[t - 1] * (1 - q[t - 1])
        # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
        dghqk_arg[t - 1, :, 3 * n_h:] = dz[t - 1] * q[t - 1] * (1 - k[t - 1]**2)
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        du[t - 1] += dghqk_arg[t - 1, :, 2 * n_h:] @ Q_gh
        # grad(g[t]) = h[t] * grad(u[t]) - z[t-1] * grad(u[t])
        dg[...] = du[t - 1] * h[t - 1]
        dg -= du[t - 1] * z[t - 1]
        # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
        dghqk_arg[t - 1, :, :n_h] = dg * g[t - 1] * (1 - g[t - 1])
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        dghqk_arg[t - 1, :, n_h:2 * n_h] = du[t - 1] * g[t - 1] * (1 - h[t - 1]**2)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(c_g) = sum(grad(q.arg[t]), t)
    # grad(c_h) = sum(grad(k.arg[t]), t)
    db_g_b_h_c_g_c_h = dghqk_arg.sum(axis=(0, 1))
    # grad(Q_g) = sum(outer(grad(q.arg[t]), u[t]), t)
    # grad(Q_h) = sum(outer(grad(k.arg[t]), u[t]), t)
    dQ_gh = dghqk_arg[:, :, 2 * n_h:].reshape(-1, 2 * n_h).T @ u.reshape(-1, n_h)
    # grad(R_g) = sum(outer(grad(g.arg[t]), z[t-1]), t)
    # grad(R_h) = sum(outer(grad(h.arg[t]), z[t-1]), t)
    dR_gh = dghqk_arg[:, :, :2 * n_h].reshape(-1, 2 * n_h).T @ z[:T].reshape(-1, n_h)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    # grad(W_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    dW_gh = dghqk_arg[:, :, :2 * n_h].reshape(-1, 2 * n_h).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_h.T @ grad(h.arg[t]) + W_g.T @ grad(g.arg[t])
    dx = (dghqk_arg[:, :, :2 * n_h].reshape(-1, 2 * n_h) @ W_gh).reshape(T, B, n_x)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    db_g = db_g_b_h_c_g_c_h[:n_h]
    db_h = db_g_b_h_c_g_c_h[n_h:2 * n_h]
    dc_g = db_g_b_h_c_g_c_h[2 * n_h:3 * n_h]
    dc_h = db_g_b_h_c_g_c_h[3 * n_h:4 * n_h]
    dQ_g = dQ_gh[:n_h]
    dQ_h = dQ_gh[n_h:2 * n_h]
    dR_g = dR_gh[:n_h]
    dR_h = dR_gh[n_h:2 * n_h]
    dW_g = dW_gh[:n_h]
    dW_h = dW_gh[n_h:2 * n_h]

    return Params(
        E=dE,
        W_h=dW_h,
        W_g=dW_g,
        R_h=dR_h,
        R_g=dR_g,
        Q_h=dQ_h,
        Q_g=dQ_g,
        b_h=db_h,
        c_h=dc_h,
        b_g=db_g,
        c_g=dc_g,
        V=dV,
        d=dd,
    )


def _arguments(params, w, y, z0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h = _parameters(params)
    w = _integers("w", w)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    T = w.shape[0]
    _classes("w", w, n_w, "n_w - 1")
    if single:
        w = w[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
        _classes("y", y, n_w, "n_w - 1")
        if single:
            y = y[:, None]
    if z0 is None:
        z0 = np.zeros((B, n_h), dtype)
    else:
        z0 = _real("z0", z0, dtype)
        _expect("z0", z0, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from W_h")
        if single:
            z0 = z0[None]
    return params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B


def _backward_arguments(params, forward, w, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    h = _real("forward.h", forward.h, dtype)
    g = _real("forward.g", forward.g, dtype)
    u = _real("forward.u", forward.u, dtype)
    k = _real("forward.k", forward.k, dtype)
    q = _real("forward.q", forward.q, dtype)
    z = _real("forward.z", forward.z, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    T = w.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
    _expect("forward.x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from w, n_x from E")
    _expect("forward.h", h, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.g", g, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.u", u, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.k", k, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.q", q, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.z", z, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_w), ("T", "B", "n_w"), "T and B from w, n_w from E")
    _classes("w", w, n_w, "n_w - 1")
    _classes("y", y, n_w, "n_w - 1")
    if single:
        w = w[:, None]
        y = y[:, None]
        x = x[:, None]
        h = h[:, None]
        g = g[:, None]
        u = u[:, None]
        k = k[:, None]
        q = q[:, None]
        z = z[:, None]
        yhat = yhat[:, None]
    return params, w, y, x, h, g, u, k, q, z, yhat, dtype, single, n_w, n_x, n_h, T, B


def _initial_arguments(params, z0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if z0 is None:
        z0 = np.zeros((B, n_h), dtype)
    else:
        z0 = _real("z0", z0, dtype)
        _expect("z0", z0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_h")
        if single:
            z0 = z0[None]
    return params, z0, dtype, single, n_w, n_x, n_h, B


def _step_arguments(params, state, w):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h = _parameters(params)
    state = _as_state(state)
    w = _integers("w", w)
    z_prev = _real("state.z", state.z, dtype)
    single = w.ndim == 0
    _rank("w", w, ("B",), single)
    B = 1 if single else w.shape[0]
    batch_axis = () if single else (B,)
    _expect("state.z", z_prev, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from W_h")
    _classes("w", w, n_w, "n_w - 1")
    if single:
        w = w[None]
        z_prev = z_prev[None]
    return params, w, z_prev, dtype, single, n_w, n_x, n_h, B


def _padded_arguments(params, w, y, z0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h = _parameters(params)
    w = _integers("w", w)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    T = w.shape[0]
    if single:
        w = w[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
        if single:
            y = y[:, None]
    if z0 is None:
        z0 = np.zeros((B, n_h), dtype)
    else:
        z0 = _real("z0", z0, dtype)
        _expect("z0", z0, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from W_h")
        if single:
            z0 = z0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_T)
    _classes("w", w, n_w, "n_w - 1")
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_w, "n_w - 1")
    return params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, w, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    h = _real("forward.h", forward.h, dtype)
    g = _real("forward.g", forward.g, dtype)
    u = _real("forward.u", forward.u, dtype)
    k = _real("forward.k", forward.k, dtype)
    q = _real("forward.q", forward.q, dtype)
    z = _real("forward.z", forward.z, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    T = w.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
    _expect("forward.x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from w, n_x from E")
    _expect("forward.h", h, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.g", g, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.u", u, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.k", k, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.q", q, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.z", z, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_w), ("T", "B", "n_w"), "T and B from w, n_w from E")
    if single:
        w = w[:, None]
        y = y[:, None]
        x = x[:, None]
        h = h[:, None]
        g = g[:, None]
        u = u[:, None]
        k = k[:, None]
        q = q[:, None]
        z = z[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_T)
    _classes("w", w, n_w, "n_w - 1")
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_w, "n_w - 1")
    return params, w, y, x, h, g, u, k, q, z, yhat, dtype, single, n_w, n_x, n_h, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params
    _rank("E", E, ("n_w", "n_x"))
    n_w, n_x = E.shape
    _rank("W_h", W_h, ("n_h", "n_x"))
    n_h = W_h.shape[0]
    _expect("W_h", W_h, (n_h, n_x), ("n_h", "n_x"), "n_x from E")
    _expect("W_g", W_g, (n_h, n_x), ("n_h", "n_x"), "n_h from W_h, n_x from E")
    _expect("R_h", R_h, (n_h, n_h), ("n_h", "n_h"), "n_h from W_h")
    _expect("R_g", R_g, (n_h, n_h), ("n_h", "n_h"), "n_h from W_h")
    _expect("Q_h", Q_h, (n_h, n_h), ("n_h", "n_h"), "n_h from W_h")
    _expect("Q_g", Q_g, (n_h, n_h), ("n_h", "n_h"), "n_h from W_h")
    _expect("b_h", b_h, (n_h,), ("n_h",), "n_h from W_h")
    _expect("c_h", c_h, (n_h,), ("n_h",), "n_h from W_h")
    _expect("b_g", b_g, (n_h,), ("n_h",), "n_h from W_h")
    _expect("c_g", c_g, (n_h,), ("n_h",), "n_h from W_h")
    _expect("V", V, (n_w, n_h), ("n_w", "n_h"), "n_w from E, n_h from W_h")
    _expect("d", d, (n_w,), ("n_w",), "n_w from E")
    return params, dtype, n_w, n_x, n_h


def _array(name, given):
    """What a caller gave, as an array."""
    try:
        return np.asarray(given)
    except ValueError as error:
        raise ValueError(f"{name}: not an array: {error}") from None


def _as_forward(forward):
    """What `forward` returned."""
    fields = getattr(forward, "_fields", Forward._fields)
    if not isinstance(forward, tuple) or len(forward) != len(Forward._fields) or fields != Forward._fields:
        given = f"a {type(forward).__name__}{' of other variables' if fields != Forward._fields else ''}"
        raise ValueError(f"forward: {given}, expected what forward(...) returns")
    return Forward(*forward)


def _as_state(state):
    """What `init_state` or `step` returned."""
    fields = getattr(state, "_fields", State._fields)
    if not isinstance(state, tuple) or len(state) != len(State._fields) or fields != State._fields:
        given = f"State({', '.join(fields)})" if fields != State._fields else f"a {type(state).__name__}"
        raise ValueError(f"state: {given}, expected State({', '.join(State._fields)})")
    return State(*state)


def _asked(wrt, known):
    """The names in `wrt`."""
    names = frozenset((wrt,) if isinstance(wrt, str) else wrt)
    for name in sorted(map(str, names.difference(known))):
        raise ValueError(f"wrt: {name!r}, expected some of {', '.join(map(repr, known)) or 'nothing'}")
    return names


def _classes(name, array, count, what):
    """Refuses integers outside 0..count-1."""
    # Read as unsigned, a negative number is larger than any class.
    if array.view(np.uintp).max() >= count:
        at = tuple(np.argwhere((array < 0) | (array >= count))[0].tolist())
        where = f" at {at}" if at else ""
        raise ValueError(f"{name}: {array[at]}{where}, expected integers 0..{what} = 0..{count - 1}")


def _expect(name, array, shape, axes, why=""):
    """Refuses an array of another shape."""
    if array.shape != shape:
        if len(axes) > len(shape):
            axes = [axis for axis in axes if axis != "B"]
        expected = f"({', '.join(axes)}) = {shape}{why and ', ' + why}" if axes else "a number"
        raise ValueError(f"{name}: shape {array.shape}, expected {expected}")


def _hold(array, axis, batch, lengths):
    """An array whose steps beyond an example's length repeat its last one, whatever they were."""
    if lengths.min() == array.shape[axis]:
        return array
    steps = np.minimum(np.arange(array.shape[axis])[:, None], lengths - 1)
    held = np.moveaxis(array, (axis, batch), (0, 1))[steps, np.arange(lengths.size)]
    return np.ascontiguousarray(np.moveaxis(held, (0, 1), (axis, batch)))


def _initial(rng, dtype):
    """Refuses what is no random generator, and what is no dtype of parameters."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: a {type(rng).__name__}, expected numpy.random.default_rng(...)")
    if dtype not in (np.float32, np.float64, "float32", "float64"):
        raise ValueError(f"dtype: {dtype!r}, expected float32 or float64")
    return np.dtype(dtype)


def _integers(name, given):
    """An array of whole numbers."""
    array = _array(name, given)
    if array.dtype.kind not in "iu":
        what = "None" if given is None else f"dtype {array.dtype}"
        raise ValueError(f"{name}: {what}, expected integers")
    return array.astype(np.intp, copy=False)


def _last(array, axis, lags, before, lengths):
    """The last steps of an array that has `before` steps before the first one; of each example its own last ones."""
    array = np.moveaxis(array, axis, 0)
    if lengths is None:
        last = array[len(array) - lags :]
    elif array.ndim == 1 or lengths.size == 1:
        last = array[before + lengths[0] - lags : before + lengths[0]]
    else:
        last = array[before + lengths - lags + np.arange(lags)[:, None], np.arange(len(lengths))]
    return np.array(last[0] if lags == 1 else last)


def _lengths(given, sequence, known, steps, batch, single, least):
    """Each example's number of steps along a sequence; all of them where nothing is given."""
    name = "lengths"
    if isinstance(given, dict):
        given, name = _of_sequence("lengths", given, sequence, known), f"lengths[{sequence!r}]"
    elif given is not None and len(known) > 1:
        raise ValueError(f"lengths: expected a dictionary, with one or more of {', '.join(map(repr, known))}")
    if given is None:
        return np.full(batch, steps, np.intp)
    lengths = _integers(name, given)
    _expect(name, lengths, () if single else (batch,), () if single else ("B",), "" if single else "a length for each")
    lengths = lengths.reshape(batch)
    for example in np.flatnonzero((lengths < least) | (lengths > steps))[:1]:
        where = "" if single else f" at {example}"
        raise ValueError(f"{name}: {lengths[example]}{where}, expected {least}..{sequence} = {least}..{steps}")
    return lengths


def _logsumexp(z, axis):
    """The logarithm of the sum of exp(z) along an axis; -inf where every z is, or there is none."""
    largest = np.max(z, axis=axis, keepdims=True, initial=-np.inf)
    # Where all are -inf, or one is inf, the difference would be nan.
    finite = np.where(np.isfinite(largest), largest, 0)
    total = np.sum(np.exp(z - finite), axis=axis)
    with np.errstate(divide="ignore"):
        return np.log(total) + np.squeeze(finite, axis=axis)


def _of_sequence(name, given, sequence, known):
    """What a dictionary has for a sequence; None where it has nothing."""
    for other in given:
        if other not in known:
            raise ValueError(f"{name}: {other!r} is no sequence, expected some of {', '.join(map(repr, known))}")
    return given.get(sequence)


def _rank(name, array, axes, single=False):
    """Refuses an array with too few or too many axes, or an empty one; one example has no axis B."""
    if array.ndim != len(axes) - single or 0 in array.shape:
        batched, one = (f"({', '.join(some)})" for some in (axes, [axis for axis in axes if axis != "B"]))
        expected = f"{batched}, or {one} for one example" if "B" in axes else batched
        if single and array.ndim == len(axes):
            expected = f"{one}, one example as the data before it"
        elif "B" in axes and not single and array.ndim == len(axes) - 1:
            expected = f"{batched}, a batch as the data before it"
        raise ValueError(f"{name}: shape {array.shape}, expected {expected}{', none of them 0' * (0 in array.shape)}")


def _real(name, given, dtype):
    """An array of real numbers, in the parameters' dtype."""
    array = _array(name, given)
    if array.dtype == dtype:
        return array
    if array.dtype.kind not in "fiub":
        what = "None" if given is None else f"dtype {array.dtype}"
        raise ValueError(f"{name}: {what}, expected real numbers")
    return array.astype(dtype)


def _reals(params):
    """The parameters as arrays, and the dtype that they share."""
    if not isinstance(params, tuple) or len(params) != len(Params._fields):
        what = f"{len(params)} arrays" if isinstance(params, tuple) else f"a {type(params).__name__}"
        raise ValueError(f"params: {what}, expected Params({', '.join(Params._fields)})")
    arrays = Params(*[_array(name, given) for name, given in zip(Params._fields, params, strict=True)])
    dtype = arrays[0].dtype if arrays else np.dtype(np.float64)
    for name, array in zip(Params._fields, arrays, strict=True):
        if array.dtype != np.float64 and array.dtype != np.float32:
            raise ValueError(f"{name}: dtype {array.dtype}, expected float32 or float64")
        if array.dtype != dtype:
            raise ValueError(f"{name}: dtype {array.dtype}, expected {dtype}, as {Params._fields[0]} has")
    return arrays, dtype


def _resumed(state, fields, starts):
    """The starts that a state holds."""
    state = _as_state(state)
    for keyword, given in starts:
        if given is not None:
            raise ValueError(f"{keyword}: given, and so is state; only one can say how the sequence begins")
    return [getattr(state, field) for field in fields]


def _scatter_add(array, places, values):
    """Adds values to the entries of an array at `places`, to an entry as often as it is named; axes left over whole."""
    flat, row = 0, 1
    for place, length in zip(places, array.shape, strict=False):
        flat = flat * length + place
    for length in array.shape[len(places) :]:
        row *= length
    shape = (*flat.shape, *array.shape[len(places) :])
    values = np.broadcast_to(values, shape).astype(array.dtype, copy=False)
    if not array.flags.c_contiguous:
        np.add.at(array, places, values)
        return
    # Numbers into an array of one axis are what np.add.at is fast at: whole rows take three to six times as long.
    flat = flat.reshape(-1, 1) * row + np.arange(row)
    np.add.at(array.reshape(-1), flat.reshape(-1), values.reshape(-1))


def _sigmoid(z):
    """The logistic function 1 / (1 + exp(-z)), which never overflows."""
    return 0.5 * np.tanh(0.5 * z) + 0.5


def _size(name, given):
    """A size, a whole number from 1."""
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < 1:
        raise ValueError(f"{name}: {given!r}, expected a whole number >= 1")
    return int(given)


def _window(given, sequence, known, steps):
    """How many steps a window has; all of them where nothing is given."""
    if isinstance(given, dict):
        given = _of_sequence("window", given, sequence, known)
    return steps if given is None else _size("window", given)
