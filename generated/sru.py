# Written by derive from sru.eq; do not edit.
# Change sru.eq instead, and run: derive generate sru
# source 10bf250fa0e27def, derive e116e7411edaf54b, body 46e817484a91cace
"""SRU, the simple recurrent unit: gates see the cell entry by entry, so that all matrix products leave the loop.

Lei, Zhang, Wang, Dai & Artzi (2018), Simple Recurrent Units for Highly Parallelizable Recurrence, eqs. 1-4.

The equations::

    w: Index[T, n_w]                    # the word that is read at each step
    y: Label[T, n_y]                    # the class to predict at each step
    E: Param[n_w, n_h]                  # word embedding
    W, W_f, W_r = Param[n_h, n_h]       # input to candidate, forget gate and reset gate
    v_f, v_r = Param[n_h]               # cell to forget gate and reset gate
    b_f, b_r = Param[n_h]               # biases
    V: Param[n_y, n_h]                  # hidden to output
    d: Param[n_y]                       # output bias

    c[0] = 0
    x[t] = E[w[t]]
    f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)     # forget gate (eq. 1)
    c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])      # cell (eq. 2)
    r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)     # reset gate (eq. 3)
    h[t] = r[t] * c[t] + (1 - r[t]) * x[t]              # highway to the output (eq. 4)
    s[t] = d + V @ h[t]                                 # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    E: np.ndarray  # (n_w, n_h)  word embedding
    W: np.ndarray  # (n_h, n_h)  input to candidate, forget gate and reset gate
    W_f: np.ndarray  # (n_h, n_h)  input to candidate, forget gate and reset gate
    W_r: np.ndarray  # (n_h, n_h)  input to candidate, forget gate and reset gate
    v_f: np.ndarray  # (n_h)  cell to forget gate and reset gate
    v_r: np.ndarray  # (n_h)  cell to forget gate and reset gate
    b_f: np.ndarray  # (n_h)  biases
    b_r: np.ndarray  # (n_h)  biases
    V: np.ndarray  # (n_y, n_h)  hidden to output
    d: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    x: np.ndarray  # (T, B, n_h)
    f: np.ndarray  # (T, B, n_h)  forget gate (eq. 1)
    c: np.ndarray  # (T + 1, B, n_h)  cell (eq. 2)
    r: np.ndarray  # (T, B, n_h)  reset gate (eq. 3)
    h: np.ndarray  # (T, B, n_h)  highway to the output (eq. 4)
    s: np.ndarray  # (T, B, n_y)  logits
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    c: np.ndarray  # (B, n_h)  cell (eq. 2)


class Outputs(NamedTuple):
    """The variables at one step."""

    x: np.ndarray  # (B, n_h)
    f: np.ndarray  # (B, n_h)  forget gate (eq. 1)
    c: np.ndarray  # (B, n_h)  cell (eq. 2)
    r: np.ndarray  # (B, n_h)  reset gate (eq. 3)
    h: np.ndarray  # (B, n_h)  highway to the output (eq. 4)
    s: np.ndarray  # (B, n_y)  logits
    yhat: np.ndarray  # (B, n_y)


def init_params(rng: np.random.Generator, *, n_w: int, n_h: int, n_y: int, dtype: type = np.float64) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_w = _size("n_w", n_w)
    n_h = _size("n_h", n_h)
    n_y = _size("n_y", n_y)
    return Params(
        E=(rng.standard_normal((n_w, n_h)) / np.sqrt(n_h)).astype(dtype),
        W=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        W_f=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        W_r=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        v_f=np.zeros((n_h,), dtype),
        v_r=np.zeros((n_h,), dtype),
        b_f=np.zeros((n_h,), dtype),
        b_r=np.zeros((n_h,), dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        d=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    w        (T, B)    0..n_w - 1  the word that is read at each step
    y        (T, B)    0..n_y - 1  the class to predict at each step
    c0       (B, n_h)  real        c[0]; 0 where not given
    state              State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (c0,) = _resumed(state, ("c",), (("c0", c0),))
    if lengths is not None:
        return _forward_padded(params, w, y, c0, lengths)
    params, w, y, c0, dtype, single, n_w, n_h, n_y, T, B = _arguments(params, w, y, c0)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params

    W_f_W_r_W = np.concatenate((W_f, W_r, W))
    b_fr = np.concatenate((b_f, b_r))
    # x[t] = E[w[t]]
    x = E[w]
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    frc_parts = (x.reshape(-1, n_h) @ W_f_W_r_W.T).reshape(T, B, 3 * n_h)
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:, :, :2 * n_h] += b_fr
    f = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
        frc_parts[t - 1, :, :n_h] += c[t - 1] * v_f
        # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
        f[t - 1] = _sigmoid(frc_parts[t - 1, :, :n_h])
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
        c[t] = frc_parts[t - 1, :, 2 * n_h:] * (1 - f[t - 1])
        c[t] += c[t - 1] * f[t - 1]
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:, :, n_h:2 * n_h] += c[:T] * v_r
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    r = _sigmoid(frc_parts[:, :, n_h:2 * n_h])
    # h[t] = r[t] * c[t] + (1 - r[t]) * x[t]
    h = x * (1 - r)
    h += c[1:] * r
    # s[t] = d + V @ h[t]
    s = (h.reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
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
        f = f[:, 0]
        c = c[:, 0]
        r = r[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(x=x, f=f, c=c, r=r, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    w        (T, B)    0..n_w - 1  the word that is read at each step
    y        (T, B)    0..n_y - 1  the class to predict at each step
    c0       (B, n_h)  real        c[0]; 0 where not given
    state              State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (c0,) = _resumed(state, ("c",), (("c0", c0),))
    if lengths is not None:
        return _loss_padded(params, w, y, c0, lengths)
    params, w, y, c0, dtype, single, n_w, n_h, n_y, T, B = _arguments(params, w, y, c0, whole=True)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params

    W_f_W_r_W = np.concatenate((W_f, W_r, W))
    b_fr = np.concatenate((b_f, b_r))
    # x[t] = E[w[t]]
    x = E[w]
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    frc_parts = (x.reshape(-1, n_h) @ W_f_W_r_W.T).reshape(T, B, 3 * n_h)
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:, :, :2 * n_h] += b_fr
    f = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
        frc_parts[t - 1, :, :n_h] += c[t - 1] * v_f
        # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
        f[...] = _sigmoid(frc_parts[t - 1, :, :n_h])
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
        c[t] = frc_parts[t - 1, :, 2 * n_h:] * (1 - f)
        c[t] += c[t - 1] * f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:, :, n_h:2 * n_h] += c[:T] * v_r
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    r = _sigmoid(frc_parts[:, :, n_h:2 * n_h])
    # h[t] = r[t] * c[t] + (1 - r[t]) * x[t]
    h = x * (1 - r)
    h += c[1:] * r
    # s[t] = d + V @ h[t]
    s = (h.reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
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
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w        (T, B)    0..n_w - 1         the word that is read at each step
    y        (T, B)    0..n_y - 1         the class to predict at each step
    c0       (B, n_h)  real               c[0]; 0 where not given
    state              State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)      1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window             whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if state is not None:
        (c0,) = _resumed(state, ("c",), (("c0", c0),))
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, w, y, c0, lengths, wrt, window)
    params, w, y, c0, dtype, single, n_w, n_h, n_y, T, B = _arguments(params, w, y, c0, whole=True)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params
    wrt = _asked(wrt, ("c0",))

    W_f_W_r_W = np.concatenate((W_f, W_r, W))
    b_fr = np.concatenate((b_f, b_r))
    # x[t] = E[w[t]]
    x = E[w]
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    frc_parts = (x.reshape(-1, n_h) @ W_f_W_r_W.T).reshape(T, B, 3 * n_h)
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:, :, :2 * n_h] += b_fr
    f = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
        frc_parts[t - 1, :, :n_h] += c[t - 1] * v_f
        # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
        f[t - 1] = _sigmoid(frc_parts[t - 1, :, :n_h])
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
        c[t] = frc_parts[t - 1, :, 2 * n_h:] * (1 - f[t - 1])
        c[t] += c[t - 1] * f[t - 1]
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:, :, n_h:2 * n_h] += c[:T] * v_r
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    r = _sigmoid(frc_parts[:, :, n_h:2 * n_h])
    # h[t] = r[t] * c[t] + (1 - r[t]) * x[t]
    h = x * (1 - r)
    h += c[1:] * r
    # s[t] = d + V @ h[t]
    s = (h.reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    c_sum = frc_parts[..., 2 * n_h:3 * n_h]
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h.reshape(-1, n_h)
    # grad(h[t]) = V.T @ grad(s[t])
    dh = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    # grad(r[t]) = c[t] * grad(h[t]) - x[t] * grad(h[t])
    dr = c[1:] * dh
    dr -= dh * x
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    dx = dh * (1 - r)
    dfrc_parts = np.empty((T, B, 3 * n_h), dtype)
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    dfrc_parts[:, :, n_h:2 * n_h] = dr * r * (1 - r)
    # grad(v_r) = sum(c[t-1] * grad(r.arg[t]), t)
    dv_r = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[:, :, n_h:2 * n_h])
    dc = np.empty((T + 1, B, n_h), dtype)
    # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
    #     grad(h[t]), t < T
    dc[1:] = dh * r
    dc[1:T] += dfrc_parts[1:, :, n_h:2 * n_h] * v_r
    df = np.empty((B, n_h), dtype)
    # grad(f[t]) = c[t-1] * grad(c[t]) - c.sum[t] * grad(c[t])
    df[...] = c[T - 1] * dc[T]
    df -= c_sum[T - 1] * dc[T]
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    dfrc_parts[T - 1, :, :n_h] = df * f[T - 1] * (1 - f[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
        #     grad(h[t]), t < T
        dc[t] += dfrc_parts[t, :, :n_h] * v_f
        dc[t] += dc[t + 1] * f[t]
        # grad(f[t]) = c[t-1] * grad(c[t]) - c.sum[t] * grad(c[t])
        df[...] = c[t - 1] * dc[t]
        df -= c_sum[t - 1] * dc[t]
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        dfrc_parts[t - 1, :, :n_h] = df * f[t - 1] * (1 - f[t - 1])
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_r) = sum(grad(r.arg[t]), t)
    db_fr = dfrc_parts[:, :, :2 * n_h].sum(axis=(0, 1))
    # grad(c.sum[t]) = (1 - f[t]) * grad(c[t])
    dfrc_parts[:, :, 2 * n_h:] = dc[1:] * (1 - f)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), x[t]), t)
    # grad(W) = sum(outer(grad(c.sum[t]), x[t]), t)
    dW_f_dW_r_dW = dfrc_parts.reshape(-1, 3 * n_h).T @ x.reshape(-1, n_h)
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    dx += (dfrc_parts.reshape(-1, 3 * n_h) @ W_f_W_r_W).reshape(T, B, n_h)
    # grad(v_f) = sum(c[t-1] * grad(f.arg[t]), t)
    dv_f = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[:, :, :n_h])
    dE = np.zeros((n_w, n_h), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "c0" in wrt:
        # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
        #     grad(h[t]), t < T
        dc[:1] = dfrc_parts[:1, :, :n_h] * v_f
        dc[:1] += dfrc_parts[:1, :, n_h:2 * n_h] * v_r
        dc[:1] += dc[1:2] * f[:1]
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    dW_f = dW_f_dW_r_dW[:n_h]
    dW_r = dW_f_dW_r_dW[n_h:2 * n_h]
    dW = dW_f_dW_r_dW[2 * n_h:3 * n_h]
    db_f = db_fr[:n_h]
    db_r = db_fr[n_h:2 * n_h]

    gradient = Params(E=dE, W=dW, W_f=dW_f, W_r=dW_r, v_f=dv_f, v_r=dv_r, b_f=db_f, b_r=db_r, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
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
    y        (T, B)  0..n_y - 1         the class to predict at each step
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, w, y, lengths, window)
    params, w, y, x, f, c, r, h, yhat, dtype, single, n_w, n_h, n_y, T, B = _backward_arguments(params, forward, w, y)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params

    # c.sum[t] = W @ x[t]
    c_sum = (x.reshape(-1, n_h) @ W.T).reshape(T, B, n_h)
    W_f_W_r_W = np.concatenate((W_f, W_r, W))
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h.reshape(-1, n_h)
    # grad(h[t]) = V.T @ grad(s[t])
    dh = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    # grad(r[t]) = c[t] * grad(h[t]) - x[t] * grad(h[t])
    dr = c[1:] * dh
    dr -= dh * x
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    dx = dh * (1 - r)
    # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
    #     grad(h[t]), t < T
    dc = dh * r
    dfrc_parts = np.empty((T, B, 3 * n_h), dtype)
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    dfrc_parts[:, :, n_h:2 * n_h] = dr * r * (1 - r)
    # grad(v_r) = sum(c[t-1] * grad(r.arg[t]), t)
    dv_r = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[:, :, n_h:2 * n_h])
    # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
    #     grad(h[t]), t < T
    dc[:T - 1] += dfrc_parts[1:, :, n_h:2 * n_h] * v_r
    df = np.empty((B, n_h), dtype)
    # grad(f[t]) = c[t-1] * grad(c[t]) - c.sum[t] * grad(c[t])
    df[...] = c[T - 1] * dc[T - 1]
    df -= c_sum[T - 1] * dc[T - 1]
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    dfrc_parts[T - 1, :, :n_h] = df * f[T - 1] * (1 - f[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
        #     grad(h[t]), t < T
        dc[t - 1] += dfrc_parts[t, :, :n_h] * v_f
        dc[t - 1] += dc[t] * f[t]
        # grad(f[t]) = c[t-1] * grad(c[t]) - c.sum[t] * grad(c[t])
        df[...] = c[t - 1] * dc[t - 1]
        df -= c_sum[t - 1] * dc[t - 1]
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        dfrc_parts[t - 1, :, :n_h] = df * f[t - 1] * (1 - f[t - 1])
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_r) = sum(grad(r.arg[t]), t)
    db_fr = dfrc_parts[:, :, :2 * n_h].sum(axis=(0, 1))
    # grad(c.sum[t]) = (1 - f[t]) * grad(c[t])
    dfrc_parts[:, :, 2 * n_h:] = dc * (1 - f)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), x[t]), t)
    # grad(W) = sum(outer(grad(c.sum[t]), x[t]), t)
    dW_f_dW_r_dW = dfrc_parts.reshape(-1, 3 * n_h).T @ x.reshape(-1, n_h)
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    dx += (dfrc_parts.reshape(-1, 3 * n_h) @ W_f_W_r_W).reshape(T, B, n_h)
    # grad(v_f) = sum(c[t-1] * grad(f.arg[t]), t)
    dv_f = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[:, :, :n_h])
    dE = np.zeros((n_w, n_h), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    dW_f = dW_f_dW_r_dW[:n_h]
    dW_r = dW_f_dW_r_dW[n_h:2 * n_h]
    dW = dW_f_dW_r_dW[2 * n_h:3 * n_h]
    db_f = db_fr[:n_h]
    db_r = db_fr[n_h:2 * n_h]

    return Params(E=dE, W=dW, W_f=dW_f, W_r=dW_r, v_f=dv_f, v_r=dv_r, b_f=db_f, b_r=db_r, V=dV, d=dd)


def init_state(params: Params, *, c0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    c0  (B, n_h)  real  c[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, c0, dtype, single, n_w, n_h, n_y, B = _initial_arguments(params, c0, batch)

    # c[0] = 0
    c_prev = c0.copy()

    if single:
        c_prev = c_prev[0]
    return State(c=c_prev)


def step(params: Params, state: State, *, w: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    w  (B)  0..n_w - 1  the word that is read at each step

    Data without the axis B are one example.
    """
    params, w, c_prev, dtype, single, n_w, n_h, n_y, B = _step_arguments(params, state, w)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params

    W_f_W_r_W = np.concatenate((W_f, W_r, W))
    b_fr = np.concatenate((b_f, b_r))
    # x[t] = E[w[t]]
    x = E[w]
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    frc_parts_ = x @ W_f_W_r_W.T
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    frc_parts_[:, :n_h] += c_prev * v_f
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts_[:, :2 * n_h] += b_fr
    # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
    f = _sigmoid(frc_parts_[:, :n_h])
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
    c = frc_parts_[:, 2 * n_h:] * (1 - f)
    c += c_prev * f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts_[:, n_h:2 * n_h] += c_prev * v_r
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    r = _sigmoid(frc_parts_[:, n_h:2 * n_h])
    # h[t] = r[t] * c[t] + (1 - r[t]) * x[t]
    h = x * (1 - r)
    h += c * r
    # s[t] = d + V @ h[t]
    s = h @ V.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])

    if single:
        c = c[0]
        x = x[0]
        f = f[0]
        r = r[0]
        h = h[0]
        s = s[0]
        yhat = yhat[0]
    result = State(c=c)
    return result, Outputs(x=x, f=f, c=c, r=r, h=h, s=s, yhat=yhat)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.c.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.c.ndim < 3 else forward.c.shape[1], forward.c.ndim < 3, 1
    )
    return State(c=_last(forward.c, 0, 1, 1, lengths))


def _forward_padded(params, w, y, c0, lengths):
    """`forward` where examples have their own lengths."""
    params, w, y, c0, dtype, single, n_w, n_h, n_y, T, B, len_T, T_own = _padded_arguments(params, w, y, c0, lengths)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params

    W_f_W_r_W = np.concatenate((W_f, W_r, W))
    b_fr = np.concatenate((b_f, b_r))
    # x[t] = E[w[t]]
    x = E[w]
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    frc_parts = (x.reshape(-1, n_h) @ W_f_W_r_W.T).reshape(T, B, 3 * n_h)
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:, :, :2 * n_h] += b_fr
    f = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
        frc_parts[t - 1, :, :n_h] += c[t - 1] * v_f
        # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
        f[t - 1] = _sigmoid(frc_parts[t - 1, :, :n_h])
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f[t - 1] + frc_parts[t - 1, :, 2 * n_h:] * (1 - f[t - 1]), c[t - 1])
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:, :, n_h:2 * n_h] += c[:T] * v_r
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    r = _sigmoid(frc_parts[:, :, n_h:2 * n_h])
    # h[t] = r[t] * c[t] + (1 - r[t]) * x[t]
    h = x * (1 - r)
    h += c[1:] * r
    # s[t] = d + V @ h[t]
    s = (h.reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
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
        f = f[:, 0]
        c = c[:, 0]
        r = r[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(x=x, f=f, c=c, r=r, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, w, y, c0, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, w, y, c0, dtype, single, n_w, n_h, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, c0, lengths, whole=True)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params

    W_f_W_r_W = np.concatenate((W_f, W_r, W))
    b_fr = np.concatenate((b_f, b_r))
    # x[t] = E[w[t]]
    x = E[w]
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    frc_parts = (x.reshape(-1, n_h) @ W_f_W_r_W.T).reshape(T, B, 3 * n_h)
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:, :, :2 * n_h] += b_fr
    f = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
        frc_parts[t - 1, :, :n_h] += c[t - 1] * v_f
        # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
        f[...] = _sigmoid(frc_parts[t - 1, :, :n_h])
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f + frc_parts[t - 1, :, 2 * n_h:] * (1 - f), c[t - 1])
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:, :, n_h:2 * n_h] += c[:T] * v_r
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    r = _sigmoid(frc_parts[:, :, n_h:2 * n_h])
    # h[t] = r[t] * c[t] + (1 - r[t]) * x[t]
    h = x * (1 - r)
    h += c[1:] * r
    # s[t] = d + V @ h[t]
    s = (h.reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, w, y, c0, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, c0, dtype, single, n_w, n_h, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, c0, lengths, whole=True)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params
    wrt = _asked(wrt, ("c0",))
    window_T = _window(window, "T", ("T",), T)

    W_f_W_r_W = np.concatenate((W_f, W_r, W))
    b_fr = np.concatenate((b_f, b_r))
    # x[t] = E[w[t]]
    x = E[w]
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    frc_parts = (x.reshape(-1, n_h) @ W_f_W_r_W.T).reshape(T, B, 3 * n_h)
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:, :, :2 * n_h] += b_fr
    f = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
        frc_parts[t - 1, :, :n_h] += c[t - 1] * v_f
        # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
        f[t - 1] = _sigmoid(frc_parts[t - 1, :, :n_h])
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f[t - 1] + frc_parts[t - 1, :, 2 * n_h:] * (1 - f[t - 1]), c[t - 1])
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:, :, n_h:2 * n_h] += c[:T] * v_r
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    r = _sigmoid(frc_parts[:, :, n_h:2 * n_h])
    # h[t] = r[t] * c[t] + (1 - r[t]) * x[t]
    h = x * (1 - r)
    h += c[1:] * r
    # s[t] = d + V @ h[t]
    s = (h.reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    c_sum = frc_parts[..., 2 * n_h:3 * n_h]
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h.reshape(-1, n_h)
    # grad(h[t]) = V.T @ grad(s[t])
    dh = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    # grad(r[t]) = c[t] * grad(h[t]) - x[t] * grad(h[t])
    dr = c[1:] * dh
    dr -= dh * x
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    dx = dh * (1 - r)
    dfrc_parts = np.empty((T, B, 3 * n_h), dtype)
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    dfrc_parts[:, :, n_h:2 * n_h] = dr * r * (1 - r)
    # grad(v_r) = sum(c[t-1] * grad(r.arg[t]), t)
    dv_r = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[:, :, n_h:2 * n_h])
    dc = np.empty((T + 1, B, n_h), dtype)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * v_f * grad(f.arg[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * v_r * grad(r.arg[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * f[t+1] * grad(c[t+1]) + r[t] * grad(h[t]), t < T
    dc[1:] = dh * r
    dc[1:T] += dfrc_parts[1:, :, n_h:2 * n_h] * v_r * (np.arange(1, T) // window_T == np.maximum(np.arange(1, T, dtype=dtype) - 1, 0) // window_T)[:, None, None]
    df = np.empty((B, n_h), dtype)
    # grad(f[t]) = c[t-1] * grad(c[t]) - c.sum[t] * grad(c[t])
    df[...] = c[T - 1] * dc[T]
    df -= c_sum[T - 1] * dc[T]
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    dfrc_parts[T - 1, :, :n_h] = df * f[T - 1] * (1 - f[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * v_f * grad(f.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * v_r * grad(r.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + r[t] * grad(h[t]), t < T
        dc[t] += dfrc_parts[t, :, :n_h] * v_f * (t // window_T == max(t - 1, 0) // window_T)
        dc[t] += dc[t + 1] * f[t] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(f[t]) = c[t-1] * grad(c[t]) - c.sum[t] * grad(c[t])
        df[...] = c[t - 1] * dc[t]
        df -= c_sum[t - 1] * dc[t]
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        dfrc_parts[t - 1, :, :n_h] = df * f[t - 1] * (1 - f[t - 1])
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_r) = sum(grad(r.arg[t]), t)
    db_fr = dfrc_parts[:, :, :2 * n_h].sum(axis=(0, 1))
    # grad(c.sum[t]) = (1 - f[t]) * grad(c[t])
    dfrc_parts[:, :, 2 * n_h:] = dc[1:] * (1 - f)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), x[t]), t)
    # grad(W) = sum(outer(grad(c.sum[t]), x[t]), t)
    dW_f_dW_r_dW = dfrc_parts.reshape(-1, 3 * n_h).T @ x.reshape(-1, n_h)
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    dx += (dfrc_parts.reshape(-1, 3 * n_h) @ W_f_W_r_W).reshape(T, B, n_h)
    # grad(v_f) = sum(c[t-1] * grad(f.arg[t]), t)
    dv_f = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[:, :, :n_h])
    dE = np.zeros((n_w, n_h), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "c0" in wrt:
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * v_f * grad(f.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * v_r * grad(r.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + r[t] * grad(h[t]), t < T
        dc[:1] = dfrc_parts[:1, :, :n_h] * v_f * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        dc[:1] += dfrc_parts[:1, :, n_h:2 * n_h] * v_r * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        dc[:1] += dc[1:2] * f[:1] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    dW_f = dW_f_dW_r_dW[:n_h]
    dW_r = dW_f_dW_r_dW[n_h:2 * n_h]
    dW = dW_f_dW_r_dW[2 * n_h:3 * n_h]
    db_f = db_fr[:n_h]
    db_r = db_fr[n_h:2 * n_h]

    gradient = Params(E=dE, W=dW, W_f=dW_f, W_r=dW_r, v_f=dv_f, v_r=dv_r, b_f=db_f, b_r=db_r, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def _backward_padded(params, forward, w, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, x, f, c, r, h, yhat, dtype, single, n_w, n_h, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, w, y, lengths)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params
    window_T = _window(window, "T", ("T",), T)

    # c.sum[t] = W @ x[t]
    c_sum = (x.reshape(-1, n_h) @ W.T).reshape(T, B, n_h)
    W_f_W_r_W = np.concatenate((W_f, W_r, W))
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h.reshape(-1, n_h)
    # grad(h[t]) = V.T @ grad(s[t])
    dh = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    # grad(r[t]) = c[t] * grad(h[t]) - x[t] * grad(h[t])
    dr = c[1:] * dh
    dr -= dh * x
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    dx = dh * (1 - r)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * v_f * grad(f.arg[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * v_r * grad(r.arg[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * f[t+1] * grad(c[t+1]) + r[t] * grad(h[t]), t < T
    dc = dh * r
    dfrc_parts = np.empty((T, B, 3 * n_h), dtype)
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    dfrc_parts[:, :, n_h:2 * n_h] = dr * r * (1 - r)
    # grad(v_r) = sum(c[t-1] * grad(r.arg[t]), t)
    dv_r = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[:, :, n_h:2 * n_h])
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * v_f * grad(f.arg[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * v_r * grad(r.arg[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * f[t+1] * grad(c[t+1]) + r[t] * grad(h[t]), t < T
    dc[:T - 1] += dfrc_parts[1:, :, n_h:2 * n_h] * v_r * (np.arange(1, T) // window_T == np.maximum(np.arange(1, T, dtype=dtype) - 1, 0) // window_T)[:, None, None]
    df = np.empty((B, n_h), dtype)
    # grad(f[t]) = c[t-1] * grad(c[t]) - c.sum[t] * grad(c[t])
    df[...] = c[T - 1] * dc[T - 1]
    df -= c_sum[T - 1] * dc[T - 1]
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    dfrc_parts[T - 1, :, :n_h] = df * f[T - 1] * (1 - f[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * v_f * grad(f.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * v_r * grad(r.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + r[t] * grad(h[t]), t < T
        dc[t - 1] += dfrc_parts[t, :, :n_h] * v_f * (t // window_T == max(t - 1, 0) // window_T)
        dc[t - 1] += dc[t] * f[t] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(f[t]) = c[t-1] * grad(c[t]) - c.sum[t] * grad(c[t])
        df[...] = c[t - 1] * dc[t - 1]
        df -= c_sum[t - 1] * dc[t - 1]
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        dfrc_parts[t - 1, :, :n_h] = df * f[t - 1] * (1 - f[t - 1])
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_r) = sum(grad(r.arg[t]), t)
    db_fr = dfrc_parts[:, :, :2 * n_h].sum(axis=(0, 1))
    # grad(c.sum[t]) = (1 - f[t]) * grad(c[t])
    dfrc_parts[:, :, 2 * n_h:] = dc * (1 - f)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), x[t]), t)
    # grad(W) = sum(outer(grad(c.sum[t]), x[t]), t)
    dW_f_dW_r_dW = dfrc_parts.reshape(-1, 3 * n_h).T @ x.reshape(-1, n_h)
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    dx += (dfrc_parts.reshape(-1, 3 * n_h) @ W_f_W_r_W).reshape(T, B, n_h)
    # grad(v_f) = sum(c[t-1] * grad(f.arg[t]), t)
    dv_f = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[:, :, :n_h])
    dE = np.zeros((n_w, n_h), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    dW_f = dW_f_dW_r_dW[:n_h]
    dW_r = dW_f_dW_r_dW[n_h:2 * n_h]
    dW = dW_f_dW_r_dW[2 * n_h:3 * n_h]
    db_f = db_fr[:n_h]
    db_r = db_fr[n_h:2 * n_h]

    return Params(E=dE, W=dW, W_f=dW_f, W_r=dW_r, v_f=dv_f, v_r=dv_r, b_f=db_f, b_r=db_r, V=dV, d=dd)


def _arguments(params, w, y, c0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h, n_y = _parameters(params)
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
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[:, None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c0 = c0[None]
    return params, w, y, c0, dtype, single, n_w, n_h, n_y, T, B


def _backward_arguments(params, forward, w, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h, n_y = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    f = _real("forward.f", forward.f, dtype)
    c = _real("forward.c", forward.c, dtype)
    r = _real("forward.r", forward.r, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    T = w.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
    _expect("forward.x", x, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from E")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from E")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from w, n_h from E")
    _expect("forward.r", r, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from E")
    _expect("forward.h", h, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from E")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from w, n_y from V")
    _classes("w", w, n_w, "n_w - 1")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        w = w[:, None]
        y = y[:, None]
        x = x[:, None]
        f = f[:, None]
        c = c[:, None]
        r = r[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    return params, w, y, x, f, c, r, h, yhat, dtype, single, n_w, n_h, n_y, T, B


def _initial_arguments(params, c0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from E")
        if single:
            c0 = c0[None]
    return params, c0, dtype, single, n_w, n_h, n_y, B


def _step_arguments(params, state, w):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h, n_y = _parameters(params)
    state = _as_state(state)
    w = _integers("w", w)
    c_prev = _real("state.c", state.c, dtype)
    single = w.ndim == 0
    _rank("w", w, ("B",), single)
    B = 1 if single else w.shape[0]
    batch_axis = () if single else (B,)
    _expect("state.c", c_prev, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
    _classes("w", w, n_w, "n_w - 1")
    if single:
        w = w[None]
        c_prev = c_prev[None]
    return params, w, c_prev, dtype, single, n_w, n_h, n_y, B


def _padded_arguments(params, w, y, c0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h, n_y = _parameters(params)
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
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c0 = c0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_T)
    _classes("w", w, n_w, "n_w - 1")
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_y, "n_y - 1")
    return params, w, y, c0, dtype, single, n_w, n_h, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, w, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h, n_y = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    f = _real("forward.f", forward.f, dtype)
    c = _real("forward.c", forward.c, dtype)
    r = _real("forward.r", forward.r, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    T = w.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
    _expect("forward.x", x, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from E")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from E")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from w, n_h from E")
    _expect("forward.r", r, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from E")
    _expect("forward.h", h, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from E")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from w, n_y from V")
    if single:
        w = w[:, None]
        y = y[:, None]
        x = x[:, None]
        f = f[:, None]
        c = c[:, None]
        r = r[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_T)
    _classes("w", w, n_w, "n_w - 1")
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, w, y, x, f, c, r, h, yhat, dtype, single, n_w, n_h, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params
    _rank("E", E, ("n_w", "n_h"))
    n_w, n_h = E.shape
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("W", W, (n_h, n_h), ("n_h", "n_h"), "n_h from E")
    _expect("W_f", W_f, (n_h, n_h), ("n_h", "n_h"), "n_h from E")
    _expect("W_r", W_r, (n_h, n_h), ("n_h", "n_h"), "n_h from E")
    _expect("v_f", v_f, (n_h,), ("n_h",), "n_h from E")
    _expect("v_r", v_r, (n_h,), ("n_h",), "n_h from E")
    _expect("b_f", b_f, (n_h,), ("n_h",), "n_h from E")
    _expect("b_r", b_r, (n_h,), ("n_h",), "n_h from E")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from E")
    _expect("d", d, (n_y,), ("n_y",), "n_y from V")
    return params, dtype, n_w, n_h, n_y


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
