# Written by derive from bidirectional.eq; do not edit.
# Change bidirectional.eq instead, and run: derive generate bidirectional
# source 50a0a3b749aa3840, derive e116e7411edaf54b, body 5f9ec4744dea2bd0
"""Bidirectional RNN: one recurrence from left to right, one from right to left, and an output that reads both.

Schuster & Paliwal (1997), Bidirectional Recurrent Neural Networks; Goodfellow, Bengio & Courville (2016), Deep
Learning, section 10.3 and fig. 10.11.

The equations::

    x: Input[T, n_x]            # what is read at each step
    y: Label[T, n_y]            # the class to predict at each step
    U_h, U_g = Param[n_h, n_x]  # input to hidden, forwards and backwards
    W_h, W_g = Param[n_h, n_h]  # hidden to hidden
    V_h, V_g = Param[n_y, n_h]  # hidden to output
    b_h, b_g = Param[n_h]       # biases
    c: Param[n_y]

    h[0] = 0
    g[T+1] = 0
    h[t] = tanh(b_h + W_h @ h[t-1] + U_h @ x[t])        # what is past
    g[t] = tanh(b_g + W_g @ g[t+1] + U_g @ x[t])        # what is to come
    o[t] = c + V_h @ h[t] + V_g @ g[t]
    yhat[t] = softmax(o[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    U_h: np.ndarray  # (n_h, n_x)  input to hidden, forwards and backwards
    U_g: np.ndarray  # (n_h, n_x)  input to hidden, forwards and backwards
    W_h: np.ndarray  # (n_h, n_h)  hidden to hidden
    W_g: np.ndarray  # (n_h, n_h)  hidden to hidden
    V_h: np.ndarray  # (n_y, n_h)  hidden to output
    V_g: np.ndarray  # (n_y, n_h)  hidden to output
    b_h: np.ndarray  # (n_h)  biases
    b_g: np.ndarray  # (n_h)  biases
    c: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    h: np.ndarray  # (T + 1, B, n_h)  what is past
    g: np.ndarray  # (T + 1, B, n_h)  what is to come
    o: np.ndarray  # (T, B, n_y)
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


def init_params(rng: np.random.Generator, *, n_h: int, n_x: int, n_y: int, dtype: type = np.float64) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_h = _size("n_h", n_h)
    n_x = _size("n_x", n_x)
    n_y = _size("n_y", n_y)
    return Params(
        U_h=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        U_g=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_h=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        W_g=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        V_h=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        V_g=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        b_h=np.zeros((n_h,), dtype),
        b_g=np.zeros((n_h,), dtype),
        c=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    h0: np.ndarray | None = None,
    g_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  the class to predict at each step
    h0       (B, n_h)     real        h[0]; 0 where not given
    g_end    (B, n_h)     real        g[T + 1]; 0 where not given
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, x, y, h0, g_end, lengths)
    params, x, y, h0, g_end, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, g_end)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params

    U_hg = np.concatenate((U_h, U_g))
    b_hg = np.concatenate((b_h, b_g))
    # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
    # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
    hg_arg = (x.reshape(-1, n_x) @ U_hg.T).reshape(T, B, 2 * n_h)
    hg_arg += b_hg
    g = np.empty((T + 1, B, n_h), dtype)
    # g[T+1] = 0
    g[T] = g_end
    for t in range(T, 0, -1):
        # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
        hg_arg[t - 1, :, n_h:] += g[t] @ W_g.T
        # g[t] = tanh(b_g + W_g @ g[t+1] + U_g @ x[t])
        np.tanh(hg_arg[t - 1, :, n_h:], out=g[t - 1])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    o = (g[:T].reshape(-1, n_h) @ V_g.T).reshape(T, B, n_y)
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
        hg_arg[t - 1, :, :n_h] += h[t - 1] @ W_h.T
        # h[t] = tanh(b_h + W_h @ h[t-1] + U_h @ x[t])
        np.tanh(hg_arg[t - 1, :, :n_h], out=h[t])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    o += (h[1:].reshape(-1, n_h) @ V_h.T).reshape(T, B, n_y)
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    if y is not None:
        # loss = sum(-log(yhat[t, y[t]]), t)
        loss = -o[np.arange(T)[:, None], np.arange(B), y].sum()
        loss += yhat_lse.sum()
    else:
        loss = None

    if single:
        h = h[:, 0]
        g = g[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(h=h, g=g, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    g_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
) -> float:
    """The loss, summed over the batch.

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  the class to predict at each step
    h0       (B, n_h)     real        h[0]; 0 where not given
    g_end    (B, n_h)     real        g[T + 1]; 0 where not given
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, x, y, h0, g_end, lengths)
    params, x, y, h0, g_end, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, g_end, whole=True)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params

    U_hg = np.concatenate((U_h, U_g))
    b_hg = np.concatenate((b_h, b_g))
    # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
    # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
    hg_arg = (x.reshape(-1, n_x) @ U_hg.T).reshape(T, B, 2 * n_h)
    hg_arg += b_hg
    g = np.empty((T + 1, B, n_h), dtype)
    # g[T+1] = 0
    g[T] = g_end
    for t in range(T, 0, -1):
        # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
        hg_arg[t - 1, :, n_h:] += g[t] @ W_g.T
        # g[t] = tanh(b_g + W_g @ g[t+1] + U_g @ x[t])
        np.tanh(hg_arg[t - 1, :, n_h:], out=g[t - 1])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    o = (g[:T].reshape(-1, n_h) @ V_g.T).reshape(T, B, n_y)
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
        hg_arg[t - 1, :, :n_h] += h[t - 1] @ W_h.T
        # h[t] = tanh(b_h + W_h @ h[t-1] + U_h @ x[t])
        np.tanh(hg_arg[t - 1, :, :n_h], out=h[t])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    o += (h[1:].reshape(-1, n_h) @ V_h.T).reshape(T, B, n_y)
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -o[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    g_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x        (T, B, n_x)  real               what is read at each step
    y        (T, B)       0..n_y - 1         the class to predict at each step
    h0       (B, n_h)     real               h[0]; 0 where not given
    g_end    (B, n_h)     real               g[T + 1]; 0 where not given
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, h0, g_end, lengths, wrt, window)
    params, x, y, h0, g_end, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, g_end, whole=True)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params
    wrt = _asked(wrt, ("x", "h0", "g_end"))

    U_hg = np.concatenate((U_h, U_g))
    b_hg = np.concatenate((b_h, b_g))
    # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
    # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
    hg_arg = (x.reshape(-1, n_x) @ U_hg.T).reshape(T, B, 2 * n_h)
    hg_arg += b_hg
    g = np.empty((T + 1, B, n_h), dtype)
    # g[T+1] = 0
    g[T] = g_end
    for t in range(T, 0, -1):
        # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
        hg_arg[t - 1, :, n_h:] += g[t] @ W_g.T
        # g[t] = tanh(b_g + W_g @ g[t+1] + U_g @ x[t])
        np.tanh(hg_arg[t - 1, :, n_h:], out=g[t - 1])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    o = (g[:T].reshape(-1, n_h) @ V_g.T).reshape(T, B, n_y)
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
        hg_arg[t - 1, :, :n_h] += h[t - 1] @ W_h.T
        # h[t] = tanh(b_h + W_h @ h[t-1] + U_h @ x[t])
        np.tanh(hg_arg[t - 1, :, :n_h], out=h[t])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    o += (h[1:].reshape(-1, n_h) @ V_h.T).reshape(T, B, n_y)
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -o[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    V_hg = np.concatenate((V_h, V_g), axis=1)
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do = yhat.copy()
    do[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(c) = sum(grad(o[t]), t)
    dc = do.sum(axis=(0, 1))
    # grad(V_g) = sum(outer(grad(o[t]), g[t]), t)
    dV_g = do.reshape(-1, n_y).T @ g[:T].reshape(-1, n_h)
    # grad(V_h) = sum(outer(grad(o[t]), h[t]), t)
    dV_h = do.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dhg = np.zeros((T + 2, B, 2 * n_h), dtype)
    # grad(h[t]) = W_h.T @ grad(h.arg[t+1]) + V_h.T @ grad(o[t]), t < T
    # grad(g[t]) = W_g.T @ grad(g.arg[t-1]) + V_g.T @ grad(o[t]), 2 <= t <= T
    dhg[1:T + 1] = (do.reshape(-1, n_y) @ V_hg).reshape(T, B, 2 * n_h)
    dhg_arg = np.zeros((T, B, 2 * n_h), dtype)
    # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
    dhg_arg[0, :, n_h:] = dhg[1, :, n_h:] * (1 - g[0]**2)
    for t in range(2, T + 1):
        # grad(g[t]) = W_g.T @ grad(g.arg[t-1]) + V_g.T @ grad(o[t]), 2 <= t <= T
        dhg[t, :, n_h:] += dhg_arg[t - 2, :, n_h:] @ W_g
        # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
        dhg_arg[t - 1, :, n_h:] = dhg[t, :, n_h:] * (1 - g[t - 1]**2)
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    dhg_arg[T - 1, :, :n_h] = dhg[T, :, :n_h] * (1 - h[T]**2)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = W_h.T @ grad(h.arg[t+1]) + V_h.T @ grad(o[t]), t < T
        dhg[t, :, :n_h] += dhg_arg[t, :, :n_h] @ W_h
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        dhg_arg[t - 1, :, :n_h] = dhg[t, :, :n_h] * (1 - h[t]**2)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    db_hg = dhg_arg.sum(axis=(0, 1))
    # grad(U_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    dU_hg = dhg_arg.reshape(-1, 2 * n_h).T @ x.reshape(-1, n_x)
    # grad(W_g) = sum(outer(grad(g.arg[t]), g[t+1]), t)
    dW_g = dhg_arg[:, :, n_h:].reshape(-1, n_h).T @ g[1:].reshape(-1, n_h)
    # grad(W_h) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    dW_h = dhg_arg[:, :, :n_h].reshape(-1, n_h).T @ h[:T].reshape(-1, n_h)
    if "x" in wrt:
        # grad(x[t]) = U_h.T @ grad(h.arg[t]) + U_g.T @ grad(g.arg[t])
        dx = (dhg_arg.reshape(-1, 2 * n_h) @ U_hg).reshape(T, B, n_x)
    if "g_end" in wrt:
        # grad(g[T+1]) = W_g.T @ grad(g.arg[T])
        dhg[T + 1, :, n_h:] = dhg_arg[T - 1, :, n_h:] @ W_g
        # grad(g.T + 1) = grad(g[T+1])
        dg_end = dhg[T + 1, :, n_h:].copy()
    if "h0" in wrt:
        # grad(h[0]) = W_h.T @ grad(h.arg[1])
        dhg[0, :, :n_h] = dhg_arg[0, :, :n_h] @ W_h
        # grad(h.0) = grad(h[0])
        dh0 = dhg[0, :, :n_h].copy()
    db_h = db_hg[:n_h]
    db_g = db_hg[n_h:2 * n_h]
    dU_h = dU_hg[:n_h]
    dU_g = dU_hg[n_h:2 * n_h]

    gradient = Params(U_h=dU_h, U_g=dU_g, W_h=dW_h, W_g=dW_g, V_h=dV_h, V_g=dV_g, b_h=db_h, b_g=db_g, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "g_end" in wrt:
        result["g_end"] = dg_end[0] if single else dg_end
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    x: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    x        (T, B, n_x)  real               what is read at each step
    y        (T, B)       0..n_y - 1         the class to predict at each step
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    params, x, y, h, g, yhat, dtype, single, n_h, n_x, n_y, T, B = _backward_arguments(params, forward, x, y)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params

    V_hg = np.concatenate((V_h, V_g), axis=1)
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do = yhat.copy()
    do[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(c) = sum(grad(o[t]), t)
    dc = do.sum(axis=(0, 1))
    # grad(V_g) = sum(outer(grad(o[t]), g[t]), t)
    dV_g = do.reshape(-1, n_y).T @ g[:T].reshape(-1, n_h)
    # grad(h[t]) = W_h.T @ grad(h.arg[t+1]) + V_h.T @ grad(o[t]), t < T
    # grad(g[t]) = W_g.T @ grad(g.arg[t-1]) + V_g.T @ grad(o[t]), 2 <= t <= T
    dhg = (do.reshape(-1, n_y) @ V_hg).reshape(T, B, 2 * n_h)
    # grad(V_h) = sum(outer(grad(o[t]), h[t]), t)
    dV_h = do.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dhg_arg = np.zeros((T, B, 2 * n_h), dtype)
    # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
    dhg_arg[0, :, n_h:] = dhg[0, :, n_h:] * (1 - g[0]**2)
    for t in range(2, T + 1):
        # grad(g[t]) = W_g.T @ grad(g.arg[t-1]) + V_g.T @ grad(o[t]), 2 <= t <= T
        dhg[t - 1, :, n_h:] += dhg_arg[t - 2, :, n_h:] @ W_g
        # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
        dhg_arg[t - 1, :, n_h:] = dhg[t - 1, :, n_h:] * (1 - g[t - 1]**2)
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    dhg_arg[T - 1, :, :n_h] = dhg[T - 1, :, :n_h] * (1 - h[T]**2)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = W_h.T @ grad(h.arg[t+1]) + V_h.T @ grad(o[t]), t < T
        dhg[t - 1, :, :n_h] += dhg_arg[t, :, :n_h] @ W_h
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        dhg_arg[t - 1, :, :n_h] = dhg[t - 1, :, :n_h] * (1 - h[t]**2)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    db_hg = dhg_arg.sum(axis=(0, 1))
    # grad(U_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    dU_hg = dhg_arg.reshape(-1, 2 * n_h).T @ x.reshape(-1, n_x)
    # grad(W_g) = sum(outer(grad(g.arg[t]), g[t+1]), t)
    dW_g = dhg_arg[:, :, n_h:].reshape(-1, n_h).T @ g[1:].reshape(-1, n_h)
    # grad(W_h) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    dW_h = dhg_arg[:, :, :n_h].reshape(-1, n_h).T @ h[:T].reshape(-1, n_h)
    db_h = db_hg[:n_h]
    db_g = db_hg[n_h:2 * n_h]
    dU_h = dU_hg[:n_h]
    dU_g = dU_hg[n_h:2 * n_h]

    return Params(U_h=dU_h, U_g=dU_g, W_h=dW_h, W_g=dW_g, V_h=dV_h, V_g=dV_g, b_h=db_h, b_g=db_g, c=dc)


def _forward_padded(params, x, y, h0, g_end, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, h0, g_end, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, g_end, lengths)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params

    U_hg = np.concatenate((U_h, U_g))
    b_hg = np.concatenate((b_h, b_g))
    # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
    # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
    hg_arg = (x.reshape(-1, n_x) @ U_hg.T).reshape(T, B, 2 * n_h)
    hg_arg += b_hg
    g = np.zeros((T + 1, B, n_h), dtype)
    # g[T+1] = 0
    g[1:] += np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], g_end, 0)
    g_inside = np.empty((B, n_h), dtype)
    for t in range(T, 0, -1):
        # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
        hg_arg[t - 1, :, n_h:] += g[t] @ W_g.T
        # g.inside[t] = tanh(g.arg[t])
        np.tanh(hg_arg[t - 1, :, n_h:], out=g_inside)
        # g[t] = tanh(b_g + W_g @ g[t+1] + U_g @ x[t])
        g[t - 1] += np.where((t <= T_own)[:, None], g_inside, 0)
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    o = (g[:T].reshape(-1, n_h) @ V_g.T).reshape(T, B, n_y)
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
        hg_arg[t - 1, :, :n_h] += h[t - 1] @ W_h.T
        # h[t] = tanh(b_h + W_h @ h[t-1] + U_h @ x[t])
        h[t] = np.where((t <= T_own)[:, None], np.tanh(hg_arg[t - 1, :, :n_h]), h[t - 1])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    o += (h[1:].reshape(-1, n_h) @ V_h.T).reshape(T, B, n_y)
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    if y is not None:
        # loss = sum(-log(yhat[t, y[t]]), t)
        loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B), y], 0).sum()
        loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    else:
        loss = None

    if single:
        h = h[:, 0]
        g = g[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(h=h, g=g, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, h0, g_end, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, h0, g_end, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, g_end, lengths, whole=True)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params

    U_hg = np.concatenate((U_h, U_g))
    b_hg = np.concatenate((b_h, b_g))
    # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
    # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
    hg_arg = (x.reshape(-1, n_x) @ U_hg.T).reshape(T, B, 2 * n_h)
    hg_arg += b_hg
    g = np.zeros((T + 1, B, n_h), dtype)
    # g[T+1] = 0
    g[1:] += np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], g_end, 0)
    g_inside = np.empty((B, n_h), dtype)
    for t in range(T, 0, -1):
        # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
        hg_arg[t - 1, :, n_h:] += g[t] @ W_g.T
        # g.inside[t] = tanh(g.arg[t])
        np.tanh(hg_arg[t - 1, :, n_h:], out=g_inside)
        # g[t] = tanh(b_g + W_g @ g[t+1] + U_g @ x[t])
        g[t - 1] += np.where((t <= T_own)[:, None], g_inside, 0)
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    o = (g[:T].reshape(-1, n_h) @ V_g.T).reshape(T, B, n_y)
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
        hg_arg[t - 1, :, :n_h] += h[t - 1] @ W_h.T
        # h[t] = tanh(b_h + W_h @ h[t-1] + U_h @ x[t])
        h[t] = np.where((t <= T_own)[:, None], np.tanh(hg_arg[t - 1, :, :n_h]), h[t - 1])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    o += (h[1:].reshape(-1, n_h) @ V_h.T).reshape(T, B, n_y)
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, h0, g_end, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h0, g_end, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, g_end, lengths, whole=True)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params
    wrt = _asked(wrt, ("x", "h0", "g_end"))
    window_T = _window(window, "T", ("T",), T)

    U_hg = np.concatenate((U_h, U_g))
    b_hg = np.concatenate((b_h, b_g))
    # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
    # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
    hg_arg = (x.reshape(-1, n_x) @ U_hg.T).reshape(T, B, 2 * n_h)
    hg_arg += b_hg
    g = np.zeros((T + 1, B, n_h), dtype)
    # g[T+1] = 0
    g[1:] += np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], g_end, 0)
    g_inside = np.empty((T, B, n_h), dtype)
    for t in range(T, 0, -1):
        # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
        hg_arg[t - 1, :, n_h:] += g[t] @ W_g.T
        # g.inside[t] = tanh(g.arg[t])
        np.tanh(hg_arg[t - 1, :, n_h:], out=g_inside[t - 1])
        # g[t] = tanh(b_g + W_g @ g[t+1] + U_g @ x[t])
        g[t - 1] += np.where((t <= T_own)[:, None], g_inside[t - 1], 0)
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    o = (g[:T].reshape(-1, n_h) @ V_g.T).reshape(T, B, n_y)
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
        hg_arg[t - 1, :, :n_h] += h[t - 1] @ W_h.T
        # h[t] = tanh(b_h + W_h @ h[t-1] + U_h @ x[t])
        h[t] = np.where((t <= T_own)[:, None], np.tanh(hg_arg[t - 1, :, :n_h]), h[t - 1])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    o += (h[1:].reshape(-1, n_h) @ V_h.T).reshape(T, B, n_y)
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    V_hg = np.concatenate((V_h, V_g), axis=1)
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    do = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    do[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(c) = sum(grad(o[t]), t)
    dc = do.sum(axis=(0, 1))
    # grad(V_g) = sum(outer(grad(o[t]), g[t]), t)
    dV_g = do.reshape(-1, n_y).T @ g[:T].reshape(-1, n_h)
    # grad(V_h) = sum(outer(grad(o[t]), h[t]), t)
    dV_h = do.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dhg = np.zeros((T + 2, B, 2 * n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_h.T @ grad(h.arg[t+1])) + V_h.T @
    #     grad(o[t]), t < T
    # grad(g[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * (W_g.T @ grad(g.arg[t-1])) +
    #     V_g.T @ grad(o[t]), 2 <= t <= T
    dhg[1:T + 1] = (do.reshape(-1, n_y) @ V_hg).reshape(T, B, 2 * n_h)
    dhg_arg = np.zeros((T, B, 2 * n_h), dtype)
    # grad(g.arg[t]) = (1 - g.inside[t]**2) * grad(g.inside[t])
    dhg_arg[0, :, n_h:] = dhg[1, :, n_h:] * (1 - g_inside[0]**2) * (1 <= T_own)[:, None]
    for t in range(2, T + 1):
        # grad(g[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * (W_g.T @ grad(g.arg[t-1])) +
        #     V_g.T @ grad(o[t]), 2 <= t <= T
        dhg[t, :, n_h:] += (dhg_arg[t - 2, :, n_h:] * ((t - 2) // window_T == np.minimum(t - 1, T_own - 1) // window_T)[:, None]) @ W_g
        # grad(g.arg[t]) = (1 - g.inside[t]**2) * grad(g.inside[t])
        dhg_arg[t - 1, :, n_h:] = dhg[t, :, n_h:] * (1 - g_inside[t - 1]**2) * (t <= T_own)[:, None]
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    dhg_arg[T - 1, :, :n_h] = dhg[T, :, :n_h] * (1 - h[T]**2)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_h.T @ grad(h.arg[t+1])) + V_h.T @
        #     grad(o[t]), t < T
        dhg[t, :, :n_h] += dhg_arg[t, :, :n_h] @ W_h * (t // window_T == max(t - 1, 0) // window_T)
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        dhg_arg[t - 1, :, :n_h] = dhg[t, :, :n_h] * (1 - h[t]**2)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    db_hg = dhg_arg.sum(axis=(0, 1))
    # grad(U_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    dU_hg = dhg_arg.reshape(-1, 2 * n_h).T @ x.reshape(-1, n_x)
    # grad(W_g) = sum(outer(grad(g.arg[t]), g[t+1]), t)
    dW_g = dhg_arg[:, :, n_h:].reshape(-1, n_h).T @ g[1:].reshape(-1, n_h)
    # grad(W_h) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    dW_h = dhg_arg[:, :, :n_h].reshape(-1, n_h).T @ h[:T].reshape(-1, n_h)
    if "x" in wrt:
        # grad(x[t]) = U_h.T @ grad(h.arg[t]) + U_g.T @ grad(g.arg[t])
        dx = (dhg_arg.reshape(-1, 2 * n_h) @ U_hg).reshape(T, B, n_x)
    if "g_end" in wrt:
        # grad(g[T+1]) = same_window(T - 1, minimum(T, T.own - 1), window.T) * (W_g.T @ grad(g.arg[T]))
        dhg[T + 1, :, n_h:] = (dhg_arg[T - 1, :, n_h:] * ((T - 1) // window_T == np.minimum(T, T_own - 1) // window_T)[:, None]) @ W_g
        # grad(g.T + 1) = sum(where(1 + T.own <= t, 1, 0) * grad(g[t]), (t, 2, T+1))
        dg_end = (dhg[2:, :, n_h:].transpose(1, 2, 0) @ ((1 + T_own)[:, None] <= np.arange(2, T + 2)).astype(dtype)[..., None])[..., 0]
    if "h0" in wrt:
        # grad(h[0]) = W_h.T @ grad(h.arg[1])
        dhg[0, :, :n_h] = dhg_arg[0, :, :n_h] @ W_h
        # grad(h.0) = grad(h[0])
        dh0 = dhg[0, :, :n_h].copy()
    db_h = db_hg[:n_h]
    db_g = db_hg[n_h:2 * n_h]
    dU_h = dU_hg[:n_h]
    dU_g = dU_hg[n_h:2 * n_h]

    gradient = Params(U_h=dU_h, U_g=dU_g, W_h=dW_h, W_g=dW_g, V_h=dV_h, V_g=dV_g, b_h=db_h, b_g=db_g, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "g_end" in wrt:
        result["g_end"] = dg_end[0] if single else dg_end
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h, g, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params
    window_T = _window(window, "T", ("T",), T)

    # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
    g_arg = (x.reshape(-1, n_x) @ U_g.T).reshape(T, B, n_h)
    g_arg += (g[1:].reshape(-1, n_h) @ W_g.T).reshape(T, B, n_h)
    g_arg += b_g
    # g.inside[t] = tanh(g.arg[t])
    g_inside = np.tanh(g_arg)
    V_hg = np.concatenate((V_h, V_g), axis=1)
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    do = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    do[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(c) = sum(grad(o[t]), t)
    dc = do.sum(axis=(0, 1))
    # grad(V_g) = sum(outer(grad(o[t]), g[t]), t)
    dV_g = do.reshape(-1, n_y).T @ g[:T].reshape(-1, n_h)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_h.T @ grad(h.arg[t+1])) + V_h.T @
    #     grad(o[t]), t < T
    # grad(g[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * (W_g.T @ grad(g.arg[t-1])) +
    #     V_g.T @ grad(o[t]), 2 <= t <= T
    dhg = (do.reshape(-1, n_y) @ V_hg).reshape(T, B, 2 * n_h)
    # grad(V_h) = sum(outer(grad(o[t]), h[t]), t)
    dV_h = do.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dhg_arg = np.zeros((T, B, 2 * n_h), dtype)
    # grad(g.arg[t]) = (1 - g.inside[t]**2) * grad(g.inside[t])
    dhg_arg[0, :, n_h:] = dhg[0, :, n_h:] * (1 - g_inside[0]**2) * (1 <= T_own)[:, None]
    for t in range(2, T + 1):
        # grad(g[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * (W_g.T @ grad(g.arg[t-1])) +
        #     V_g.T @ grad(o[t]), 2 <= t <= T
        dhg[t - 1, :, n_h:] += (dhg_arg[t - 2, :, n_h:] * ((t - 2) // window_T == np.minimum(t - 1, T_own - 1) // window_T)[:, None]) @ W_g
        # grad(g.arg[t]) = (1 - g.inside[t]**2) * grad(g.inside[t])
        dhg_arg[t - 1, :, n_h:] = dhg[t - 1, :, n_h:] * (1 - g_inside[t - 1]**2) * (t <= T_own)[:, None]
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    dhg_arg[T - 1, :, :n_h] = dhg[T - 1, :, :n_h] * (1 - h[T]**2)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_h.T @ grad(h.arg[t+1])) + V_h.T @
        #     grad(o[t]), t < T
        dhg[t - 1, :, :n_h] += dhg_arg[t, :, :n_h] @ W_h * (t // window_T == max(t - 1, 0) // window_T)
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        dhg_arg[t - 1, :, :n_h] = dhg[t - 1, :, :n_h] * (1 - h[t]**2)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    db_hg = dhg_arg.sum(axis=(0, 1))
    # grad(U_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    dU_hg = dhg_arg.reshape(-1, 2 * n_h).T @ x.reshape(-1, n_x)
    # grad(W_g) = sum(outer(grad(g.arg[t]), g[t+1]), t)
    dW_g = dhg_arg[:, :, n_h:].reshape(-1, n_h).T @ g[1:].reshape(-1, n_h)
    # grad(W_h) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    dW_h = dhg_arg[:, :, :n_h].reshape(-1, n_h).T @ h[:T].reshape(-1, n_h)
    db_h = db_hg[:n_h]
    db_g = db_hg[n_h:2 * n_h]
    dU_h = dU_hg[:n_h]
    dU_g = dU_hg[n_h:2 * n_h]

    return Params(U_h=dU_h, U_g=dU_g, W_h=dW_h, W_g=dW_g, V_h=dV_h, V_g=dV_g, b_h=db_h, b_g=db_g, c=dc)


def _arguments(params, x, y, h0, g_end, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U_h")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U_h")
        if single:
            h0 = h0[None]
    if g_end is None:
        g_end = np.zeros((B, n_h), dtype)
    else:
        g_end = _real("g_end", g_end, dtype)
        _expect("g_end", g_end, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U_h")
        if single:
            g_end = g_end[None]
    return params, x, y, h0, g_end, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    g = _real("forward.g", forward.g, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U_h")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from U_h")
    _expect("forward.g", g, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from U_h")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V_h")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        h = h[:, None]
        g = g[:, None]
        yhat = yhat[:, None]
    return params, x, y, h, g, yhat, dtype, single, n_h, n_x, n_y, T, B


def _padded_arguments(params, x, y, h0, g_end, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U_h")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        if single:
            y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U_h")
        if single:
            h0 = h0[None]
    if g_end is None:
        g_end = np.zeros((B, n_h), dtype)
    else:
        g_end = _real("g_end", g_end, dtype)
        _expect("g_end", g_end, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U_h")
        if single:
            g_end = g_end[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h0, g_end, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    g = _real("forward.g", forward.g, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U_h")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from U_h")
    _expect("forward.g", g, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from U_h")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V_h")
    if single:
        x = x[:, None]
        y = y[:, None]
        h = h[:, None]
        g = g[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h, g, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params
    _rank("U_h", U_h, ("n_h", "n_x"))
    n_h, n_x = U_h.shape
    _rank("V_h", V_h, ("n_y", "n_h"))
    n_y = V_h.shape[0]
    _expect("U_g", U_g, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from U_h")
    _expect("W_h", W_h, (n_h, n_h), ("n_h", "n_h"), "n_h from U_h")
    _expect("W_g", W_g, (n_h, n_h), ("n_h", "n_h"), "n_h from U_h")
    _expect("V_h", V_h, (n_y, n_h), ("n_y", "n_h"), "n_h from U_h")
    _expect("V_g", V_g, (n_y, n_h), ("n_y", "n_h"), "n_y from V_h, n_h from U_h")
    _expect("b_h", b_h, (n_h,), ("n_h",), "n_h from U_h")
    _expect("b_g", b_g, (n_h,), ("n_h",), "n_h from U_h")
    _expect("c", c, (n_y,), ("n_y",), "n_y from V_h")
    return params, dtype, n_h, n_x, n_y


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
