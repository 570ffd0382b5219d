# Written by derive from bidirectional.eq; do not edit.
# Change bidirectional.eq instead, and run: derive generate bidirectional
# source 50a0a3b749aa3840, derive 07e8f9d843407be1, body 40e37e4e64ff6533
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


class Workspace:
    """Arrays to use again: a call of the same sizes writes into those of the call before, its results too."""

    def __init__(self) -> None:
        """One that holds nothing yet."""
        self._made: dict = {}

    def arrays(self, maker, *sizes):
        """What `maker` makes for these sizes, made once for calls that follow each other."""
        made = self._made.get(maker)
        if made is None or made[0] != sizes:
            made = self._made[maker] = sizes, maker(*sizes)
        return made[1]


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
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, x, y, h0, g_end, lengths)
    params, x, y, h0, g_end, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, g_end)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    U_hg = np.stack((U_h, U_g))
    b_hg = np.stack((b_h, b_g))
    hg_arg = np.empty((2, T, B, n_h), dtype)
    # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
    # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
    np.matmul(x.reshape(-1, n_x), U_hg.transpose(0, 2, 1), out=hg_arg.reshape(2, -1, n_h))
    hg_arg += b_hg[:, None, None]
    g = np.empty((T + 1, B, n_h), dtype)
    # g[T+1] = 0
    g[T] = g_end
    W_g_T = np.empty((n_h, n_h), dtype)
    W_g_T[...] = W_g.T
    g_at = list(g)
    g_arg_at = list(hg_arg[1])
    for t in range(T, 0, -1):
        # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
        g_at[t].dot(W_g_T, out=tmp0)
        g_arg_at[t - 1] += tmp0
        # g[t] = tanh(b_g + W_g @ g[t+1] + U_g @ x[t])
        np.tanh(g_arg_at[t - 1], out=g_at[t - 1])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    np.matmul(g[:T].reshape(-1, n_h), V_g.T, out=o.reshape(-1, n_y))
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    W_h_T = np.empty((n_h, n_h), dtype)
    W_h_T[...] = W_h.T
    h_at = list(h)
    h_arg_at = list(hg_arg[0])
    for t in range(1, T + 1):
        # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
        h_at[t - 1].dot(W_h_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b_h + W_h @ h[t-1] + U_h @ x[t])
        np.tanh(h_arg_at[t - 1], out=h_at[t])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    np.matmul(h[1:].reshape(-1, n_h), V_h.T, out=tmp1.reshape(-1, n_y))
    o += tmp1
    o += c
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp1, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp1)
    np.exp(tmp1, out=yhat)
    if y is not None:
        tmp_2_0 = np.empty((T, B), dtype)
        rows = np.arange(T * B).reshape(T, B)
        flat = np.empty((T, B), np.intp)
        # loss = sum(-log(yhat[t, y[t]]), t)
        _look_up(o, y, rows, flat, out=tmp_2_0)
        np.subtract(yhat_lse, tmp_2_0, out=tmp_2_0)
        loss = tmp_2_0.sum()
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
    workspace: Workspace | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real        what is read at each step
    y          (T, B)       0..n_y - 1  the class to predict at each step
    h0         (B, n_h)     real        h[0]; 0 where not given
    g_end      (B, n_h)     real        g[T + 1]; 0 where not given
    workspace               Workspace   its arrays are used, and hold the results until its next call
    lengths    (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, x, y, h0, g_end, lengths, workspace)
    params, x, y, h0, g_end, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, g_end, whole=True)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params

    (
        tmp0, tmp1, tmp2, U_hg, b_hg, hg_arg, g, W_g_T, g_at, g_arg_at, o, h, W_h_T, h_at, h_arg_at, yhat_lse, largest,
        rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((U_h, U_g), out=U_hg)
    np.stack((b_h, b_g), out=b_hg)
    # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
    # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
    np.matmul(x.reshape(-1, n_x), U_hg.transpose(0, 2, 1), out=hg_arg.reshape(2, -1, n_h))
    hg_arg += b_hg[:, None, None]
    # g[T+1] = 0
    g[T] = g_end
    W_g_T[...] = W_g.T
    for t in range(T, 0, -1):
        # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
        g_at[t].dot(W_g_T, out=tmp0)
        g_arg_at[t - 1] += tmp0
        # g[t] = tanh(b_g + W_g @ g[t+1] + U_g @ x[t])
        np.tanh(g_arg_at[t - 1], out=g_at[t - 1])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    np.matmul(g[:T].reshape(-1, n_h), V_g.T, out=o.reshape(-1, n_y))
    # h[0] = 0
    h[0] = h0
    W_h_T[...] = W_h.T
    for t in range(1, T + 1):
        # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
        h_at[t - 1].dot(W_h_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b_h + W_h @ h[t-1] + U_h @ x[t])
        np.tanh(h_arg_at[t - 1], out=h_at[t])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    np.matmul(h[1:].reshape(-1, n_h), V_h.T, out=tmp1.reshape(-1, n_y))
    o += tmp1
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp1, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp2)
    np.subtract(yhat_lse, tmp2, out=tmp2)
    loss = tmp2.sum()

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
    workspace: Workspace | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x          (T, B, n_x)  real               what is read at each step
    y          (T, B)       0..n_y - 1         the class to predict at each step
    h0         (B, n_h)     real               h[0]; 0 where not given
    g_end      (B, n_h)     real               g[T + 1]; 0 where not given
    workspace               Workspace          its arrays are used, and hold the results until its next call
    lengths    (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                               where not given
    window                  whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, h0, g_end, lengths, wrt, workspace, window)
    params, x, y, h0, g_end, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, g_end, whole=True)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params
    wrt = _asked(wrt, ("x", "h0", "g_end"))

    (
        tmp0, tmp1, tmp2, U_hg, b_hg, hg_arg, g, W_g_T, g_at, g_arg_at, o, h, W_h_T, h_at, h_arg_at, yhat_lse, largest,
        yhat, rows, flat, V_hg, do, entries, dc, dV_g, dV_h, dhg_arg, g_arg_factor, h_arg_factor, dhg, dg_arg_at, dg_at,
        g_arg_factor_at, dh_arg_at, dh_at, h_arg_factor_at, db_hg, dU_hg, dW_g, dW_h,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((U_h, U_g), out=U_hg)
    np.stack((b_h, b_g), out=b_hg)
    # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
    # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
    np.matmul(x.reshape(-1, n_x), U_hg.transpose(0, 2, 1), out=hg_arg.reshape(2, -1, n_h))
    hg_arg += b_hg[:, None, None]
    # g[T+1] = 0
    g[T] = g_end
    W_g_T[...] = W_g.T
    for t in range(T, 0, -1):
        # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
        g_at[t].dot(W_g_T, out=tmp0)
        g_arg_at[t - 1] += tmp0
        # g[t] = tanh(b_g + W_g @ g[t+1] + U_g @ x[t])
        np.tanh(g_arg_at[t - 1], out=g_at[t - 1])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    np.matmul(g[:T].reshape(-1, n_h), V_g.T, out=o.reshape(-1, n_y))
    # h[0] = 0
    h[0] = h0
    W_h_T[...] = W_h.T
    for t in range(1, T + 1):
        # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
        h_at[t - 1].dot(W_h_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b_h + W_h @ h[t-1] + U_h @ x[t])
        np.tanh(h_arg_at[t - 1], out=h_at[t])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    np.matmul(h[1:].reshape(-1, n_h), V_h.T, out=tmp1.reshape(-1, n_y))
    o += tmp1
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp1, largest=largest)
    np.subtract(o, yhat_lse[:, :, None], out=tmp1)
    np.exp(tmp1, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp2)
    np.subtract(yhat_lse, tmp2, out=tmp2)
    loss = tmp2.sum()
    np.stack((V_h, V_g), out=V_hg)
    # grad(o[t]) = yhat[t] - onehot(y[t])
    _add_to(do, y, rows, flat, entries, -1)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    # grad(V_g) = sum(outer(grad(o[t]), g[t]), t)
    np.matmul(do.reshape(-1, n_y).T, g[:T].reshape(-1, n_h), out=dV_g)
    # grad(V_h) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV_h)
    # g.arg.factor[t] = 1 - g[t]**2
    np.square(g[:T], out=g_arg_factor)
    np.subtract(1, g_arg_factor, out=g_arg_factor)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    dhg.fill(0)
    # grad(h[T]) = V_h.T @ grad(o[T])
    # grad(g[1]) = V_g.T @ grad(o[1])
    np.matmul(do.reshape(-1, n_y), V_hg, out=dhg[:, 1:T + 1].reshape(2, -1, n_h))
    # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
    np.multiply(g_arg_factor[0], dhg[1, 1], out=dhg_arg[1, 0])
    for t in range(2, T + 1):
        # grad(g[1]) = V_g.T @ grad(o[1])
        dg_arg_at[t - 2].dot(W_g, out=tmp0)
        dg_at[t] += tmp0
        # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
        np.multiply(g_arg_factor_at[t - 1], dg_at[t], out=dg_arg_at[t - 1])
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(h_arg_factor[T - 1], dhg[0, T], out=dhg_arg[0, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[0]) = W_h.T @ grad(h.arg[1])
        dh_arg_at[t].dot(W_h, out=tmp0)
        dh_at[t] += tmp0
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(h_arg_factor_at[t - 1], dh_at[t], out=dh_arg_at[t - 1])
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    np.add.reduce(dhg_arg, axis=(1, 2), out=db_hg)
    # grad(U_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    np.matmul(dhg_arg.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dU_hg)
    # grad(W_g) = sum(outer(grad(g.arg[t]), g[t+1]), t)
    np.matmul(dhg_arg[1].reshape(-1, n_h).T, g[1:].reshape(-1, n_h), out=dW_g)
    # grad(W_h) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dhg_arg[0].reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW_h)
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product = np.empty((2, T * B, n_x), dtype)
        # grad(x[t]) = U_h.T @ grad(h.arg[t]) + U_g.T @ grad(g.arg[t])
        np.matmul(dhg_arg.reshape(2, -1, n_h), U_hg, out=product)
        np.add.reduce(product, axis=0, out=dx.reshape(-1, n_x))
    if "g_end" in wrt:
        # grad(g[1]) = V_g.T @ grad(o[1])
        np.matmul(dhg_arg[1, T - 1], W_g, out=dhg[1, T + 1])
        dg_end = np.empty((B, n_h), dtype)
        # grad(g.T + 1) = grad(g[T+1])
        dg_end[...] = dhg[1, T + 1]
    if "h0" in wrt:
        # grad(h[0]) = W_h.T @ grad(h.arg[1])
        np.matmul(dhg_arg[0, 0], W_h, out=dhg[0, 0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dhg[0, 0]
    db_h = db_hg[0]
    db_g = db_hg[1]
    dU_h = dU_hg[0]
    dU_g = dU_hg[1]

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
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    params, x, y, h, g, yhat, dtype, single, n_h, n_x, n_y, T, B = _backward_arguments(params, forward, x, y)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params

    tmp0 = np.empty((B, n_h), dtype)
    V_hg = np.stack((V_h, V_g))
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do[...] = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, -1)
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    dV_g = np.empty((n_y, n_h), dtype)
    # grad(V_g) = sum(outer(grad(o[t]), g[t]), t)
    np.matmul(do.reshape(-1, n_y).T, g[:T].reshape(-1, n_h), out=dV_g)
    dhg = np.empty((2, T, B, n_h), dtype)
    # grad(h[T]) = V_h.T @ grad(o[T])
    # grad(g[1]) = V_g.T @ grad(o[1])
    np.matmul(do.reshape(-1, n_y), V_hg, out=dhg.reshape(2, -1, n_h))
    dV_h = np.empty((n_y, n_h), dtype)
    # grad(V_h) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV_h)
    g_arg_factor = np.empty((T, B, n_h), dtype)
    # g.arg.factor[t] = 1 - g[t]**2
    np.square(g[:T], out=g_arg_factor)
    np.subtract(1, g_arg_factor, out=g_arg_factor)
    h_arg_factor = np.empty((T, B, n_h), dtype)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    dhg_arg = np.empty((2, T, B, n_h), dtype)
    # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
    np.multiply(g_arg_factor[0], dhg[1, 0], out=dhg_arg[1, 0])
    dg_arg_at = list(dhg_arg[1])
    dg_at = list(dhg[1])
    g_arg_factor_at = list(g_arg_factor)
    for t in range(2, T + 1):
        # grad(g[1]) = V_g.T @ grad(o[1])
        dg_arg_at[t - 2].dot(W_g, out=tmp0)
        dg_at[t - 1] += tmp0
        # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
        np.multiply(g_arg_factor_at[t - 1], dg_at[t - 1], out=dg_arg_at[t - 1])
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(h_arg_factor[T - 1], dhg[0, T - 1], out=dhg_arg[0, T - 1])
    dh_arg_at = list(dhg_arg[0])
    dh_at = list(dhg[0])
    h_arg_factor_at = list(h_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(h[0]) = W_h.T @ grad(h.arg[1])
        dh_arg_at[t].dot(W_h, out=tmp0)
        dh_at[t - 1] += tmp0
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(h_arg_factor_at[t - 1], dh_at[t - 1], out=dh_arg_at[t - 1])
    db_hg = np.empty((2, n_h), dtype)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    np.add.reduce(dhg_arg, axis=(1, 2), out=db_hg)
    dU_hg = np.empty((2, n_h, n_x), dtype)
    # grad(U_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    np.matmul(dhg_arg.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dU_hg)
    dW_g = np.empty((n_h, n_h), dtype)
    # grad(W_g) = sum(outer(grad(g.arg[t]), g[t+1]), t)
    np.matmul(dhg_arg[1].reshape(-1, n_h).T, g[1:].reshape(-1, n_h), out=dW_g)
    dW_h = np.empty((n_h, n_h), dtype)
    # grad(W_h) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dhg_arg[0].reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW_h)
    db_h = db_hg[0]
    db_g = db_hg[1]
    dU_h = dU_hg[0]
    dU_g = dU_hg[1]

    return Params(U_h=dU_h, U_g=dU_g, W_h=dW_h, W_g=dW_g, V_h=dV_h, V_g=dV_g, b_h=db_h, b_g=db_g, c=dc)


def _forward_padded(params, x, y, h0, g_end, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, h0, g_end, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, g_end, lengths)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params

    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    U_hg = np.stack((U_h, U_g))
    b_hg = np.stack((b_h, b_g))
    hg_arg = np.empty((2, T, B, n_h), dtype)
    # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
    # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
    np.matmul(x.reshape(-1, n_x), U_hg.transpose(0, 2, 1), out=hg_arg.reshape(2, -1, n_h))
    hg_arg += b_hg[:, None, None]
    g = np.zeros((T + 1, B, n_h), dtype)
    # g[T+1] = 0
    tmp0[...] = np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], g_end, 0)
    g[1:] += tmp0
    g_inside = np.empty((B, n_h), dtype)
    W_g_T = np.empty((n_h, n_h), dtype)
    W_g_T[...] = W_g.T
    g_at = list(g)
    g_arg_at = list(hg_arg[1])
    for t in range(T, 0, -1):
        # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
        g_at[t].dot(W_g_T, out=tmp1)
        g_arg_at[t - 1] += tmp1
        # g.inside[t] = tanh(g.arg[t])
        np.tanh(g_arg_at[t - 1], out=g_inside)
        # g[t] = tanh(b_g + W_g @ g[t+1] + U_g @ x[t])
        tmp1[...] = np.where((t <= T_own)[:, None], g_inside, 0)
        g_at[t - 1] += tmp1
    o = np.empty((T, B, n_y), dtype)
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    np.matmul(g[:T].reshape(-1, n_h), V_g.T, out=o.reshape(-1, n_y))
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    W_h_T = np.empty((n_h, n_h), dtype)
    W_h_T[...] = W_h.T
    h_at = list(h)
    h_arg_at = list(hg_arg[0])
    for t in range(1, T + 1):
        # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
        h_at[t - 1].dot(W_h_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = tanh(b_h + W_h @ h[t-1] + U_h @ x[t])
        np.tanh(h_arg_at[t - 1], out=tmp1)
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    np.matmul(h[1:].reshape(-1, n_h), V_h.T, out=tmp2.reshape(-1, n_y))
    o += tmp2
    o += c
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((B, T), dtype)
        tmp_3_1 = np.empty((B, T), dtype)
        tmp_3_2 = np.empty((B, T), dtype)
        # loss = sum(-log(yhat[t, y[t]]), t)
        tmp_3_1[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
        tmp_3_2[...] = o[np.arange(T)[:, None], np.arange(B), y].T
        tmp_3_0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp_3_2, 0)
        np.subtract(tmp_3_1, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
    else:
        loss = None

    if single:
        h = h[:, 0]
        g = g[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(h=h, g=g, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, h0, g_end, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, h0, g_end, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, g_end, lengths, whole=True)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, U_hg, b_hg, hg_arg, g, g_inside, W_g_T, g_at, g_arg_at, o, h, W_h_T, h_at,
        h_arg_at, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((U_h, U_g), out=U_hg)
    np.stack((b_h, b_g), out=b_hg)
    # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
    # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
    np.matmul(x.reshape(-1, n_x), U_hg.transpose(0, 2, 1), out=hg_arg.reshape(2, -1, n_h))
    hg_arg += b_hg[:, None, None]
    g.fill(0)
    # g[T+1] = 0
    tmp0[...] = np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], g_end, 0)
    g[1:] += tmp0
    W_g_T[...] = W_g.T
    for t in range(T, 0, -1):
        # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
        g_at[t].dot(W_g_T, out=tmp1)
        g_arg_at[t - 1] += tmp1
        # g.inside[t] = tanh(g.arg[t])
        np.tanh(g_arg_at[t - 1], out=g_inside)
        # g[t] = tanh(b_g + W_g @ g[t+1] + U_g @ x[t])
        tmp1[...] = np.where((t <= T_own)[:, None], g_inside, 0)
        g_at[t - 1] += tmp1
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    np.matmul(g[:T].reshape(-1, n_h), V_g.T, out=o.reshape(-1, n_y))
    # h[0] = 0
    h[0] = h0
    W_h_T[...] = W_h.T
    for t in range(1, T + 1):
        # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
        h_at[t - 1].dot(W_h_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = tanh(b_h + W_h @ h[t-1] + U_h @ x[t])
        np.tanh(h_arg_at[t - 1], out=tmp1)
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    np.matmul(h[1:].reshape(-1, n_h), V_h.T, out=tmp2.reshape(-1, n_y))
    o += tmp2
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp5[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp3[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp5, 0)
    np.subtract(tmp4, tmp3, out=tmp3)
    loss = tmp3.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, h0, g_end, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h0, g_end, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, g_end, lengths, whole=True)
    U_h, U_g, W_h, W_g, V_h, V_g, b_h, b_g, c = params
    wrt = _asked(wrt, ("x", "h0", "g_end"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, U_hg, b_hg, hg_arg, g, g_inside, W_g_T, g_at, g_arg_at, g_inside_at, o, h,
        W_h_T, h_at, h_arg_at, yhat_lse, largest, yhat, tmp6, tmp7, tmp8, tmp9, tmp10, V_hg, do, rows, flat, entries,
        dc, dV_g, dV_h, dhg_arg, g_arg_factor, h_arg_factor, dhg, number, dg_arg_at, dg_at, g_arg_factor_at, dh_arg_at,
        dh_at, h_arg_factor_at, db_hg, dU_hg, dW_g, dW_h,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((U_h, U_g), out=U_hg)
    np.stack((b_h, b_g), out=b_hg)
    # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
    # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
    np.matmul(x.reshape(-1, n_x), U_hg.transpose(0, 2, 1), out=hg_arg.reshape(2, -1, n_h))
    hg_arg += b_hg[:, None, None]
    g.fill(0)
    # g[T+1] = 0
    tmp0[...] = np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], g_end, 0)
    g[1:] += tmp0
    W_g_T[...] = W_g.T
    for t in range(T, 0, -1):
        # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
        g_at[t].dot(W_g_T, out=tmp1)
        g_arg_at[t - 1] += tmp1
        # g.inside[t] = tanh(g.arg[t])
        np.tanh(g_arg_at[t - 1], out=g_inside_at[t - 1])
        # g[t] = tanh(b_g + W_g @ g[t+1] + U_g @ x[t])
        tmp1[...] = np.where((t <= T_own)[:, None], g_inside[t - 1], 0)
        g_at[t - 1] += tmp1
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    np.matmul(g[:T].reshape(-1, n_h), V_g.T, out=o.reshape(-1, n_y))
    # h[0] = 0
    h[0] = h0
    W_h_T[...] = W_h.T
    for t in range(1, T + 1):
        # h.arg[t] = b_h + W_h @ h[t-1] + U_h @ x[t]
        h_at[t - 1].dot(W_h_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = tanh(b_h + W_h @ h[t-1] + U_h @ x[t])
        np.tanh(h_arg_at[t - 1], out=tmp1)
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    # o[t] = c + V_h @ h[t] + V_g @ g[t]
    np.matmul(h[1:].reshape(-1, n_h), V_h.T, out=tmp2.reshape(-1, n_y))
    o += tmp2
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(o, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp5[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp3[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp5, 0)
    np.subtract(tmp4, tmp3, out=tmp3)
    loss = tmp3.sum()
    np.stack((V_h, V_g), out=V_hg)
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp6[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp6[:, :, None], yhat, out=do)
    tmp6[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp6, out=tmp6)
    _add_to(do, y, rows, flat, entries, tmp6)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    # grad(V_g) = sum(outer(grad(o[t]), g[t]), t)
    np.matmul(do.reshape(-1, n_y).T, g[:T].reshape(-1, n_h), out=dV_g)
    # grad(V_h) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV_h)
    # g.arg.factor[t] = where(t <= T.own, 1, 0) * (1 - g.inside[t]**2)
    tmp6[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.square(g_inside, out=g_arg_factor)
    np.subtract(1, g_arg_factor, out=g_arg_factor)
    g_arg_factor *= tmp6[:, :, None]
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    dhg.fill(0)
    # grad(h[T]) = V_h.T @ grad(o[T])
    # grad(g[T+1]) = same_window(T - 1, minimum(T, T.own - 1), window.T) * (W_g.T @ grad(g.arg[T]))
    np.matmul(do.reshape(-1, n_y), V_hg, out=dhg[:, 1:T + 1].reshape(2, -1, n_h))
    # grad(g.arg[t]) = (1 - g.inside[t]**2) * grad(g.inside[t])
    np.multiply(g_arg_factor[0], dhg[1, 1], out=dhg_arg[1, 0])
    for t in range(2, T + 1):
        # grad(g[1]) = V_g.T @ grad(o[1])
        np.add(T_own, number, out=tmp10)
        np.minimum(t - 1, tmp10, out=tmp9)
        tmp8[...] = (t - 2) // window_T == tmp9 // window_T
        np.multiply(tmp8[:, None], dg_arg_at[t - 2], out=tmp7)
        tmp7.dot(W_g, out=tmp1)
        dg_at[t] += tmp1
        # grad(g.arg[t]) = (1 - g.inside[t]**2) * grad(g.inside[t])
        np.multiply(g_arg_factor_at[t - 1], dg_at[t], out=dg_arg_at[t - 1])
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(h_arg_factor[T - 1], dhg[0, T], out=dhg_arg[0, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[0]) = W_h.T @ grad(h.arg[1])
        dh_arg_at[t].dot(W_h, out=tmp1)
        tmp1 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp1
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(h_arg_factor_at[t - 1], dh_at[t], out=dh_arg_at[t - 1])
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    np.add.reduce(dhg_arg, axis=(1, 2), out=db_hg)
    # grad(U_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    np.matmul(dhg_arg.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dU_hg)
    # grad(W_g) = sum(outer(grad(g.arg[t]), g[t+1]), t)
    np.matmul(dhg_arg[1].reshape(-1, n_h).T, g[1:].reshape(-1, n_h), out=dW_g)
    # grad(W_h) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dhg_arg[0].reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW_h)
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product = np.empty((2, T * B, n_x), dtype)
        # grad(x[t]) = U_h.T @ grad(h.arg[t]) + U_g.T @ grad(g.arg[t])
        np.matmul(dhg_arg.reshape(2, -1, n_h), U_hg, out=product)
        np.add.reduce(product, axis=0, out=dx.reshape(-1, n_x))
    if "g_end" in wrt:
        tmp_11_0 = np.empty((B, n_h), dtype)
        tmp_11_1 = np.empty((B,), dtype)
        tmp_11_2 = np.empty((B,), dtype)
        tmp_11_3 = np.empty((B,), dtype)
        tmp_11_4 = np.empty((B, T), dtype)
        # grad(g[1]) = V_g.T @ grad(o[1])
        np.add(T_own, -1, out=tmp_11_3)
        np.minimum(T, tmp_11_3, out=tmp_11_2)
        tmp_11_1[...] = (T - 1) // window_T == tmp_11_2 // window_T
        np.multiply(tmp_11_1[:, None], dhg_arg[1, T - 1], out=tmp_11_0)
        np.matmul(tmp_11_0, W_g, out=dhg[1, T + 1])
        dg_end = np.empty((B, n_h), dtype)
        # grad(g.T + 1) = sum(where(1 + T.own <= t, 1, 0) * grad(g[t]), (t, 2, T+1))
        tmp_11_4[...] = (1 + T_own)[:, None] <= np.arange(2, T + 2)
        np.matmul(dhg[1, 2:].transpose(1, 2, 0), tmp_11_4[..., None], out=dg_end[..., None])
    if "h0" in wrt:
        # grad(h[0]) = W_h.T @ grad(h.arg[1])
        np.matmul(dhg_arg[0, 0], W_h, out=dhg[0, 0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dhg[0, 0]
    db_h = db_hg[0]
    db_g = db_hg[1]
    dU_h = dU_hg[0]
    dU_g = dU_hg[1]

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

    tmp0 = np.empty((T, B, n_h), dtype)
    g_arg = np.empty((T, B, n_h), dtype)
    # g.arg[t] = b_g + W_g @ g[t+1] + U_g @ x[t]
    np.matmul(x.reshape(-1, n_x), U_g.T, out=g_arg.reshape(-1, n_h))
    np.matmul(g[1:].reshape(-1, n_h), W_g.T, out=tmp0.reshape(-1, n_h))
    g_arg += tmp0
    g_arg += b_g
    g_inside = np.empty((T, B, n_h), dtype)
    # g.inside[t] = tanh(g.arg[t])
    np.tanh(g_arg, out=g_inside)
    tmp1 = np.empty((T, B), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((B,), dtype)
    tmp5 = np.empty((B,), dtype)
    tmp6 = np.empty((B,), dtype)
    V_hg = np.stack((V_h, V_g))
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp1[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp1[:, :, None], yhat, out=do)
    tmp1[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp1, out=tmp1)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, tmp1)
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    dV_g = np.empty((n_y, n_h), dtype)
    # grad(V_g) = sum(outer(grad(o[t]), g[t]), t)
    np.matmul(do.reshape(-1, n_y).T, g[:T].reshape(-1, n_h), out=dV_g)
    dhg = np.empty((2, T, B, n_h), dtype)
    # grad(h[T]) = V_h.T @ grad(o[T])
    # grad(g[T+1]) = same_window(T - 1, minimum(T, T.own - 1), window.T) * (W_g.T @ grad(g.arg[T]))
    np.matmul(do.reshape(-1, n_y), V_hg, out=dhg.reshape(2, -1, n_h))
    dV_h = np.empty((n_y, n_h), dtype)
    # grad(V_h) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV_h)
    g_arg_factor = np.empty((T, B, n_h), dtype)
    # g.arg.factor[t] = where(t <= T.own, 1, 0) * (1 - g.inside[t]**2)
    tmp1[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.square(g_inside, out=g_arg_factor)
    np.subtract(1, g_arg_factor, out=g_arg_factor)
    g_arg_factor *= tmp1[:, :, None]
    h_arg_factor = np.empty((T, B, n_h), dtype)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    dhg_arg = np.empty((2, T, B, n_h), dtype)
    # grad(g.arg[t]) = (1 - g.inside[t]**2) * grad(g.inside[t])
    np.multiply(g_arg_factor[0], dhg[1, 0], out=dhg_arg[1, 0])
    number = np.array(-1, dtype)
    dg_arg_at = list(dhg_arg[1])
    dg_at = list(dhg[1])
    g_arg_factor_at = list(g_arg_factor)
    for t in range(2, T + 1):
        # grad(g[1]) = V_g.T @ grad(o[1])
        np.add(T_own, number, out=tmp6)
        np.minimum(t - 1, tmp6, out=tmp5)
        tmp4[...] = (t - 2) // window_T == tmp5 // window_T
        np.multiply(tmp4[:, None], dg_arg_at[t - 2], out=tmp3)
        tmp3.dot(W_g, out=tmp2)
        dg_at[t - 1] += tmp2
        # grad(g.arg[t]) = (1 - g.inside[t]**2) * grad(g.inside[t])
        np.multiply(g_arg_factor_at[t - 1], dg_at[t - 1], out=dg_arg_at[t - 1])
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(h_arg_factor[T - 1], dhg[0, T - 1], out=dhg_arg[0, T - 1])
    dh_arg_at = list(dhg_arg[0])
    dh_at = list(dhg[0])
    h_arg_factor_at = list(h_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(h[0]) = W_h.T @ grad(h.arg[1])
        dh_arg_at[t].dot(W_h, out=tmp2)
        tmp2 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t - 1] += tmp2
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(h_arg_factor_at[t - 1], dh_at[t - 1], out=dh_arg_at[t - 1])
    db_hg = np.empty((2, n_h), dtype)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    np.add.reduce(dhg_arg, axis=(1, 2), out=db_hg)
    dU_hg = np.empty((2, n_h, n_x), dtype)
    # grad(U_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    np.matmul(dhg_arg.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dU_hg)
    dW_g = np.empty((n_h, n_h), dtype)
    # grad(W_g) = sum(outer(grad(g.arg[t]), g[t+1]), t)
    np.matmul(dhg_arg[1].reshape(-1, n_h).T, g[1:].reshape(-1, n_h), out=dW_g)
    dW_h = np.empty((n_h, n_h), dtype)
    # grad(W_h) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dhg_arg[0].reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW_h)
    db_h = db_hg[0]
    db_g = db_hg[1]
    dU_h = dU_hg[0]
    dU_g = dU_hg[1]

    return Params(U_h=dU_h, U_g=dU_g, W_h=dW_h, W_g=dW_g, V_h=dV_h, V_g=dV_g, b_h=db_h, b_g=db_g, c=dc)


def _loss_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((T, B), dtype)
    U_hg = np.empty((2, n_h, n_x), dtype)
    b_hg = np.empty((2, n_h), dtype)
    hg_arg = _by_step((2, T, B, n_h), dtype)
    g = np.empty((T + 1, B, n_h), dtype)
    W_g_T = np.empty((n_h, n_h), dtype)
    g_at = list(g)
    g_arg_at = list(hg_arg[1])
    o = np.empty((T, B, n_y), dtype)
    h = g
    W_h_T = W_g_T
    h_at = list(h)
    h_arg_at = list(hg_arg[0])
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, U_hg, b_hg, hg_arg, g, W_g_T, g_at, g_arg_at, o, h, W_h_T, h_at, h_arg_at, yhat_lse, largest,
        rows, flat,
    )


def _loss_and_grad_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((T, B), dtype)
    U_hg = np.empty((2, n_h, n_x), dtype)
    b_hg = np.empty((2, n_h), dtype)
    hg_arg = _by_step((2, T, B, n_h), dtype)
    g = np.empty((T + 1, B, n_h), dtype)
    W_g_T = np.empty((n_h, n_h), dtype)
    g_at = list(g)
    g_arg_at = list(hg_arg[1])
    o = np.empty((T, B, n_y), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_h_T = W_g_T
    h_at = list(h)
    h_arg_at = list(hg_arg[0])
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    V_hg = np.empty((2, n_y, n_h), dtype)
    do = yhat
    entries = np.empty((T, B), dtype)
    dc = np.empty((n_y,), dtype)
    dV_g = np.empty((n_y, n_h), dtype)
    dV_h = np.empty((n_y, n_h), dtype)
    dhg_arg = hg_arg
    g_arg_factor = dhg_arg[1]
    h_arg_factor = dhg_arg[0]
    dhg = _by_step((2, T + 2, B, n_h), dtype)
    dg_arg_at = list(dhg_arg[1])
    dg_at = list(dhg[1])
    g_arg_factor_at = list(g_arg_factor)
    dh_arg_at = list(dhg_arg[0])
    dh_at = list(dhg[0])
    h_arg_factor_at = list(h_arg_factor)
    db_hg = np.empty((2, n_h), dtype)
    dU_hg = np.empty((2, n_h, n_x), dtype)
    dW_g = W_g_T
    dW_h = np.empty((n_h, n_h), dtype)
    return (
        tmp0, tmp1, tmp2, U_hg, b_hg, hg_arg, g, W_g_T, g_at, g_arg_at, o, h, W_h_T, h_at, h_arg_at, yhat_lse, largest,
        yhat, rows, flat, V_hg, do, entries, dc, dV_g, dV_h, dhg_arg, g_arg_factor, h_arg_factor, dhg, dg_arg_at, dg_at,
        g_arg_factor_at, dh_arg_at, dh_at, h_arg_factor_at, db_hg, dU_hg, dW_g, dW_h,
    )


def _loss_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((B, T), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    U_hg = np.empty((2, n_h, n_x), dtype)
    b_hg = np.empty((2, n_h), dtype)
    hg_arg = _by_step((2, T, B, n_h), dtype)
    g = np.empty((T + 1, B, n_h), dtype)
    g_inside = np.empty((B, n_h), dtype)
    W_g_T = np.empty((n_h, n_h), dtype)
    g_at = list(g)
    g_arg_at = list(hg_arg[1])
    o = np.empty((T, B, n_y), dtype)
    h = g
    W_h_T = W_g_T
    h_at = list(h)
    h_arg_at = list(hg_arg[0])
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, U_hg, b_hg, hg_arg, g, g_inside, W_g_T, g_at, g_arg_at, o, h, W_h_T, h_at,
        h_arg_at, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((B, T), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    U_hg = np.empty((2, n_h, n_x), dtype)
    b_hg = np.empty((2, n_h), dtype)
    hg_arg = _by_step((2, T, B, n_h), dtype)
    g = np.empty((T + 1, B, n_h), dtype)
    g_inside = hg_arg[1]
    W_g_T = np.empty((n_h, n_h), dtype)
    g_at = list(g)
    g_arg_at = list(hg_arg[1])
    g_inside_at = list(g_inside)
    o = np.empty((T, B, n_y), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_h_T = W_g_T
    h_at = list(h)
    h_arg_at = list(hg_arg[0])
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp6 = yhat_lse
    tmp7 = np.empty((B, n_h), dtype)
    tmp8 = np.empty((B,), dtype)
    tmp9 = np.empty((B,), dtype)
    tmp10 = np.empty((B,), dtype)
    V_hg = np.empty((2, n_y, n_h), dtype)
    do = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dc = np.empty((n_y,), dtype)
    dV_g = np.empty((n_y, n_h), dtype)
    dV_h = np.empty((n_y, n_h), dtype)
    dhg_arg = _by_step((2, T, B, n_h), dtype)
    g_arg_factor = dhg_arg[1]
    h_arg_factor = dhg_arg[0]
    dhg = _by_step((2, T + 2, B, n_h), dtype)
    number = np.array(-1, dtype)
    dg_arg_at = list(dhg_arg[1])
    dg_at = list(dhg[1])
    g_arg_factor_at = list(g_arg_factor)
    dh_arg_at = list(dhg_arg[0])
    dh_at = list(dhg[0])
    h_arg_factor_at = list(h_arg_factor)
    db_hg = np.empty((2, n_h), dtype)
    dU_hg = np.empty((2, n_h, n_x), dtype)
    dW_g = W_g_T
    dW_h = np.empty((n_h, n_h), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, U_hg, b_hg, hg_arg, g, g_inside, W_g_T, g_at, g_arg_at, g_inside_at, o, h,
        W_h_T, h_at, h_arg_at, yhat_lse, largest, yhat, tmp6, tmp7, tmp8, tmp9, tmp10, V_hg, do, rows, flat, entries,
        dc, dV_g, dV_h, dhg_arg, g_arg_factor, h_arg_factor, dhg, number, dg_arg_at, dg_at, g_arg_factor_at, dh_arg_at,
        dh_at, h_arg_factor_at, db_hg, dU_hg, dW_g, dW_h,
    )


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


def _add_to(array, places, rows, flat, work, value):
    """Adds a value to the entry of each row that `places` names."""
    _look_up(array, places, rows, flat, work)
    work += value
    np.put(array, flat, work, mode="clip")


def _array(name, given):
    """What a caller gave, as an array."""
    try:
        array = np.asarray(given)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ValueError(f"{name}: not an array: {error}") from None
    if array is not given and isinstance(given, np.ma.MaskedArray) and np.ma.is_masked(given):
        raise ValueError(f"{name}: a masked array, expected a value for every entry, as from {name}.filled(...)")
    return array


def _as_forward(forward):
    """What `forward` returned."""
    fields = getattr(forward, "_fields", Forward._fields)
    if not isinstance(forward, tuple) or len(forward) != len(Forward._fields) or fields != Forward._fields:
        given = f"a {type(forward).__name__}{' of other variables' if fields != Forward._fields else ''}"
        raise ValueError(f"forward: {given}, expected what forward(...) returns")
    return Forward(*forward)


def _as_workspace(given):
    """A workspace; one for this call alone where none is given."""
    if given is None:
        return Workspace()
    if not isinstance(given, Workspace):
        if type(given).__name__ == "Workspace":
            raise ValueError("workspace: a Workspace of another module, expected a Workspace() of this one")
        raise ValueError(f"workspace: a {type(given).__name__}, expected a Workspace()")
    return given


def _asked(wrt, known):
    """The names in `wrt`."""
    try:
        names = frozenset((wrt,) if isinstance(wrt, str) else wrt)
    except TypeError:
        raise ValueError(f"wrt: {wrt!r}, expected names, some of {', '.join(map(repr, known)) or 'nothing'}") from None
    for name in sorted(names.difference(known), key=repr):
        raise ValueError(f"wrt: {name!r}, expected some of {', '.join(map(repr, known)) or 'nothing'}")
    return names


def _by_step(shape, dtype):
    """An array of several values at each step of each example; those of a single example lie together step by step."""
    entries, steps, examples, *features = shape
    if examples > 1:
        return np.empty(shape, dtype)
    return np.empty((steps, entries, examples, *features), dtype).swapaxes(0, 1)


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
    try:
        found = np.dtype(dtype)
    except (TypeError, ValueError):
        found = None
    if found is None or found not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise ValueError(f"dtype: {dtype!r}, expected float32 or float64")
    return found


def _integers(name, given):
    """An array of whole numbers."""
    array = _array(name, given)
    if array.dtype.kind not in "iu" and (array.size or array.dtype.kind != "f"):
        what = "None" if given is None else f"dtype {array.dtype}"
        mend = f", as {name}.astype(int) gives them" if array.dtype.kind in "fb" else ""
        raise ValueError(f"{name}: {what}, expected integers{mend}")
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


def _logsumexp(z, axis, out=None, work=None, largest=None):
    """The logarithm of the sum of exp(z) along an axis; -inf where every z is, or there is none."""
    largest = np.maximum.reduce(z, axis=axis, keepdims=True, initial=-np.inf, out=largest)
    if not largest.size or not -np.inf < largest.min() <= largest.max() < np.inf:
        # Where all are -inf, or one is inf, the difference would be nan.
        largest[~np.isfinite(largest)] = 0
    work = np.subtract(z, largest, out=work)
    out = np.add.reduce(np.exp(work, out=work), axis=axis, out=out)
    into = out if out.ndim else None
    with np.errstate(divide="ignore"):
        return np.add(np.log(out, out=into), largest.reshape(out.shape), out=into)


def _look_up(array, places, rows, flat, out):
    """Of each row of an array the entry that `places` names; `rows` counts the rows."""
    np.multiply(rows, array.shape[-1], out=flat)
    np.add(flat, places, out=flat)
    # Every place is one of a row: told to clip, NumPy writes into `out` itself.
    np.take(array.reshape(-1), flat, out=out, mode="clip")


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
        elif array.ndim == len(axes) - single:
            own = [axis for axis in axes if axis != "B" or not single]
            empty = own[array.shape.index(0)]
            what = "no examples" if empty == "B" else "an empty sequence" if empty[0].isupper() else "no entries"
            expected = f"({', '.join(own)}), none of them 0: {empty} is 0, {what}"
        raise ValueError(f"{name}: shape {array.shape}, expected {expected}")


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
    fields = getattr(params, "_fields", Params._fields)
    if not isinstance(params, tuple) or len(params) != len(Params._fields) or fields != Params._fields:
        what = f"{len(params)} arrays" if isinstance(params, tuple) else f"a {type(params).__name__}"
        if fields != Params._fields:
            what = f"{type(params).__name__}({', '.join(fields)})"
        raise ValueError(f"params: {what}, expected Params({', '.join(Params._fields)})")
    arrays = Params(*[_array(name, given) for name, given in zip(Params._fields, params, strict=True)])
    dtype = arrays[0].dtype if arrays else np.dtype(np.float64)
    for name, array, given in zip(Params._fields, arrays, params, strict=True):
        if array.dtype != np.float64 and array.dtype != np.float32:
            what = "None" if given is None else f"dtype {array.dtype}"
            native = "" if array.dtype.isnative else " in the byte order of this machine"
            raise ValueError(f"{name}: {what}, expected float32 or float64{native}")
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
