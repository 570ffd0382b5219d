# Written by derive from qrnn.eq; do not edit.
# Change qrnn.eq instead, and run: derive generate qrnn
# source 7b6f3a26c59a15a3, derive e116e7411edaf54b, body 9ef0b65d7e292752
"""QRNN, the quasi-recurrent network: gates are a convolution over the input, only the pooling is a recurrence.

Bradbury, Merity, Xiong & Socher (2017), Quasi-Recurrent Neural Networks, eqs. 1-4, with fo-pooling (eq. 4).

The equations::

    x: Input[T, n_x]                    # what is read at each step; zero before the first
    y: Label[T, n_y]                    # the class to predict at each step
    P_z, P_f, P_o = Param[n_h, n_x]     # the convolution's filters: input of the step before
    W_z, W_f, W_o = Param[n_h, n_x]     # the convolution's filters: input of the step
    V: Param[n_y, n_h]                  # hidden to output
    d: Param[n_y]                       # output bias

    c[0] = 0
    z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])              # candidate
    f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])           # forget gate
    o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])           # output gate
    c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]            # fo-pooling
    h[t] = o[t] * c[t]
    s[t] = d + V @ h[t]                                 # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    P_z: np.ndarray  # (n_h, n_x)  the convolution's filters: input of the step before
    P_f: np.ndarray  # (n_h, n_x)  the convolution's filters: input of the step before
    P_o: np.ndarray  # (n_h, n_x)  the convolution's filters: input of the step before
    W_z: np.ndarray  # (n_h, n_x)  the convolution's filters: input of the step
    W_f: np.ndarray  # (n_h, n_x)  the convolution's filters: input of the step
    W_o: np.ndarray  # (n_h, n_x)  the convolution's filters: input of the step
    V: np.ndarray  # (n_y, n_h)  hidden to output
    d: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    z: np.ndarray  # (T, B, n_h)  candidate
    f: np.ndarray  # (T, B, n_h)  forget gate
    o: np.ndarray  # (T, B, n_h)  output gate
    c: np.ndarray  # (T + 1, B, n_h)  fo-pooling
    h: np.ndarray  # (T, B, n_h)
    s: np.ndarray  # (T, B, n_y)  logits
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    x: np.ndarray  # (B, n_x)  what is read at each step; zero before the first
    c: np.ndarray  # (B, n_h)  fo-pooling


class Outputs(NamedTuple):
    """The variables at one step."""

    z: np.ndarray  # (B, n_h)  candidate
    f: np.ndarray  # (B, n_h)  forget gate
    o: np.ndarray  # (B, n_h)  output gate
    c: np.ndarray  # (B, n_h)  fo-pooling
    h: np.ndarray  # (B, n_h)
    s: np.ndarray  # (B, n_y)  logits
    yhat: np.ndarray  # (B, n_y)


def init_params(rng: np.random.Generator, *, n_h: int, n_x: int, n_y: int, dtype: type = np.float64) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_h = _size("n_h", n_h)
    n_x = _size("n_x", n_x)
    n_y = _size("n_y", n_y)
    return Params(
        P_z=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        P_f=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        P_o=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_z=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_f=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_o=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        d=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real        what is read at each step; zero before the first
    y        (T, B)       0..n_y - 1  the class to predict at each step
    c0       (B, n_h)     real        c[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (c0,) = _resumed(state, ("c",), (("c0", c0),))
    if lengths is not None or state is not None:
        return _forward_padded(params, x, y, c0, lengths, state)
    params, x, y, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, c0)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params

    P_foz = np.concatenate((P_f, P_o, P_z))
    W_foz = np.concatenate((W_f, W_o, W_z))
    x_padded = np.empty((T, B, n_x), dtype)
    # x.padded[0, i] = 0
    x_padded[0] = 0
    # x.padded[t] = x[t]
    x_padded[1:] = x[:T - 1]
    # f.arg[t] = P_f @ x[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x[t-1] + W_z @ x[t]
    foz_arg = (x_padded.reshape(-1, n_x) @ P_foz.T).reshape(T, B, 3 * n_h)
    foz_arg += (x.reshape(-1, n_x) @ W_foz.T).reshape(T, B, 3 * n_h)
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    z = np.tanh(foz_arg[:, :, 2 * n_h:])
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    f = _sigmoid(foz_arg[:, :, :n_h])
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    o = _sigmoid(foz_arg[:, :, n_h:2 * n_h])
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
    c[1:] = z * (1 - f)
    for t in range(1, T + 1):
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
        c[t] += c[t - 1] * f[t - 1]
    # h[t] = o[t] * c[t]
    h = c[1:] * o
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
        z = z[:, 0]
        f = f[:, 0]
        o = o[:, 0]
        c = c[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(z=z, f=f, o=o, c=c, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x        (T, B, n_x)  real        what is read at each step; zero before the first
    y        (T, B)       0..n_y - 1  the class to predict at each step
    c0       (B, n_h)     real        c[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (c0,) = _resumed(state, ("c",), (("c0", c0),))
    if lengths is not None or state is not None:
        return _loss_padded(params, x, y, c0, lengths, state)
    params, x, y, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, c0, whole=True)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params

    P_foz = np.concatenate((P_f, P_o, P_z))
    W_foz = np.concatenate((W_f, W_o, W_z))
    x_padded = np.empty((T, B, n_x), dtype)
    # x.padded[0, i] = 0
    x_padded[0] = 0
    # x.padded[t] = x[t]
    x_padded[1:] = x[:T - 1]
    # f.arg[t] = P_f @ x[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x[t-1] + W_z @ x[t]
    foz_arg = (x_padded.reshape(-1, n_x) @ P_foz.T).reshape(T, B, 3 * n_h)
    foz_arg += (x.reshape(-1, n_x) @ W_foz.T).reshape(T, B, 3 * n_h)
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    z = np.tanh(foz_arg[:, :, 2 * n_h:])
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    f = _sigmoid(foz_arg[:, :, :n_h])
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    o = _sigmoid(foz_arg[:, :, n_h:2 * n_h])
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
    c[1:] = z * (1 - f)
    for t in range(1, T + 1):
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
        c[t] += c[t - 1] * f[t - 1]
    # h[t] = o[t] * c[t]
    h = c[1:] * o
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
    x: np.ndarray,
    y: np.ndarray,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x        (T, B, n_x)  real               what is read at each step; zero before the first
    y        (T, B)       0..n_y - 1         the class to predict at each step
    c0       (B, n_h)     real               c[0]; 0 where not given
    state                 State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if state is not None:
        (c0,) = _resumed(state, ("c",), (("c0", c0),))
    if lengths is not None or window is not None or state is not None:
        return _loss_and_grad_padded(params, x, y, c0, lengths, wrt, window, state)
    params, x, y, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, c0, whole=True)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params
    wrt = _asked(wrt, ("x", "c0"))

    P_foz = np.concatenate((P_f, P_o, P_z))
    W_foz = np.concatenate((W_f, W_o, W_z))
    x_padded = np.empty((T + 1, B, n_x), dtype)
    # x.padded[0, i] = 0
    x_padded[0] = 0
    # x.padded[t] = x[t]
    x_padded[1:] = x
    # f.arg[t] = P_f @ x[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x[t-1] + W_z @ x[t]
    foz_arg = (x_padded[:T].reshape(-1, n_x) @ P_foz.T).reshape(T, B, 3 * n_h)
    foz_arg += (x.reshape(-1, n_x) @ W_foz.T).reshape(T, B, 3 * n_h)
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    z = np.tanh(foz_arg[:, :, 2 * n_h:])
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    f = _sigmoid(foz_arg[:, :, :n_h])
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    o = _sigmoid(foz_arg[:, :, n_h:2 * n_h])
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
    c[1:] = z * (1 - f)
    for t in range(1, T + 1):
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
        c[t] += c[t - 1] * f[t - 1]
    # h[t] = o[t] * c[t]
    h = c[1:] * o
    # s[t] = d + V @ h[t]
    s = (h.reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
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
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h.reshape(-1, n_h)
    # grad(h[t]) = V.T @ grad(s[t])
    dh = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    dc = np.empty((T + 1, B, n_h), dtype)
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]), t < T
    dc[1:] = dh * o
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]), t < T
        dc[t] += dc[t + 1] * f[t]
    # grad(f[t]) = c[t-1] * grad(c[t]) - z[t] * grad(c[t])
    df = c[:T] * dc[1:]
    df -= dc[1:] * z
    dfoz_arg = np.empty((T, B, 3 * n_h), dtype)
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    dfoz_arg[:, :, n_h:2 * n_h] = c[1:] * dh * o * (1 - o)
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    dfoz_arg[:, :, :n_h] = df * f * (1 - f)
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    dfoz_arg[:, :, 2 * n_h:] = dc[1:] * (1 - f) * (1 - z**2)
    # grad(P_f) = sum(outer(grad(f.arg[t]), x[t-1]), t)
    # grad(P_o) = sum(outer(grad(o.arg[t]), x[t-1]), t)
    # grad(P_z) = sum(outer(grad(z.arg[t]), x[t-1]), t)
    dP_foz = dfoz_arg.reshape(-1, 3 * n_h).T @ x_padded[:T].reshape(-1, n_x)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    dW_foz = dfoz_arg.reshape(-1, 3 * n_h).T @ x.reshape(-1, n_x)
    if "c0" in wrt:
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]), t < T
        dc[:1] = dc[1:2] * f[:1]
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    if "x" in wrt:
        # grad(x[t]) = W_z.T @ grad(z.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) +
        #     grad(x.padded[t])
        dx = (dfoz_arg.reshape(-1, 3 * n_h) @ W_foz).reshape(T, B, n_x)
        dx_padded = np.zeros((T, B, n_x), dtype)
        # grad(x.padded[t]) = P_z.T @ grad(z.arg[t+1]) + P_f.T @ grad(f.arg[t+1]) + P_o.T @ grad(o.arg[t+1]),
        #     0 <= t < T
        dx_padded[:T - 1] = (dfoz_arg[1:].reshape(-1, 3 * n_h) @ P_foz).reshape(T - 1, B, n_x)
        # grad(x[t]) = W_z.T @ grad(z.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) +
        #     grad(x.padded[t])
        dx += dx_padded
    dP_f = dP_foz[:n_h]
    dP_o = dP_foz[n_h:2 * n_h]
    dP_z = dP_foz[2 * n_h:3 * n_h]
    dW_f = dW_foz[:n_h]
    dW_o = dW_foz[n_h:2 * n_h]
    dW_z = dW_foz[2 * n_h:3 * n_h]

    gradient = Params(P_z=dP_z, P_f=dP_f, P_o=dP_o, W_z=dW_z, W_f=dW_f, W_o=dW_o, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    x: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    x        (T, B, n_x)  real               what is read at each step; zero before the first
    y        (T, B)       0..n_y - 1         the class to predict at each step
    state                 State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _backward_padded(params, forward, x, y, lengths, window, state)
    params, x, y, z, f, o, c, h, yhat, dtype, single, n_h, n_x, n_y, T, B = _backward_arguments(params, forward, x, y)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params

    x_padded = np.empty((T + 1, B, n_x), dtype)
    # x.padded[0, i] = 0
    x_padded[0] = 0
    # x.padded[t] = x[t]
    x_padded[1:] = x
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h.reshape(-1, n_h)
    # grad(h[t]) = V.T @ grad(s[t])
    dh = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]), t < T
    dc = dh * o
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]), t < T
        dc[t - 1] += dc[t] * f[t]
    # grad(f[t]) = c[t-1] * grad(c[t]) - z[t] * grad(c[t])
    df = c[:T] * dc
    df -= dc * z
    dfoz_arg = np.empty((T, B, 3 * n_h), dtype)
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    dfoz_arg[:, :, n_h:2 * n_h] = c[1:] * dh * o * (1 - o)
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    dfoz_arg[:, :, :n_h] = df * f * (1 - f)
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    dfoz_arg[:, :, 2 * n_h:] = dc * (1 - f) * (1 - z**2)
    # grad(P_f) = sum(outer(grad(f.arg[t]), x[t-1]), t)
    # grad(P_o) = sum(outer(grad(o.arg[t]), x[t-1]), t)
    # grad(P_z) = sum(outer(grad(z.arg[t]), x[t-1]), t)
    dP_foz = dfoz_arg.reshape(-1, 3 * n_h).T @ x_padded[:T].reshape(-1, n_x)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    dW_foz = dfoz_arg.reshape(-1, 3 * n_h).T @ x.reshape(-1, n_x)
    dP_f = dP_foz[:n_h]
    dP_o = dP_foz[n_h:2 * n_h]
    dP_z = dP_foz[2 * n_h:3 * n_h]
    dW_f = dW_foz[:n_h]
    dW_o = dW_foz[n_h:2 * n_h]
    dW_z = dW_foz[2 * n_h:3 * n_h]

    return Params(P_z=dP_z, P_f=dP_f, P_o=dP_o, W_z=dW_z, W_f=dW_f, W_o=dW_o, V=dV, d=dd)


def init_state(params: Params, *, c0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    c0  (B, n_h)  real  c[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, c0, dtype, single, n_h, n_x, n_y, B = _initial_arguments(params, c0, batch)

    x_prev = np.empty((B, n_x), dtype)
    x_prev[...] = 0
    # c[0] = 0
    c_prev = c0.copy()

    if single:
        x_prev = x_prev[0]
        c_prev = c_prev[0]
    return State(x=x_prev, c=c_prev)


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real  what is read at each step; zero before the first

    Data without the axis B are one example.
    """
    params, x, x_prev, c_prev, dtype, single, n_h, n_x, n_y, B = _step_arguments(params, state, x)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params

    P_foz = np.concatenate((P_f, P_o, P_z))
    W_foz = np.concatenate((W_f, W_o, W_z))
    # f.arg[t] = P_f @ x[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x[t-1] + W_z @ x[t]
    foz_arg_ = x_prev @ P_foz.T
    foz_arg_ += x @ W_foz.T
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    z = np.tanh(foz_arg_[:, 2 * n_h:])
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    f = _sigmoid(foz_arg_[:, :n_h])
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    o = _sigmoid(foz_arg_[:, n_h:2 * n_h])
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
    c = z * (1 - f)
    c += c_prev * f
    # h[t] = o[t] * c[t]
    h = c * o
    # s[t] = d + V @ h[t]
    s = h @ V.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])

    if single:
        x = x[0]
        c = c[0]
        z = z[0]
        f = f[0]
        o = o[0]
        h = h[0]
        s = s[0]
        yhat = yhat[0]
    result = State(x=x, c=c)
    return result, Outputs(z=z, f=f, o=o, c=c, h=h, s=s, yhat=yhat)


def last_state(
    forward: Forward,
    *,
    x: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> State:
    """The state after the last step, from what `forward` returned.

    x        as `forward` was given it
    lengths  as `forward` was given it
    state    as `forward` was given it
    """
    forward = _as_forward(forward)
    state = None if state is None else _as_state(state)
    x = _array("x", x)
    steps = x.shape[0]
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if x.ndim < 3 else x.shape[1], x.ndim < 3, 1
    )
    return State(
        x=_last_given("x", x, 0, 1, lengths, None if state is None else state.x), c=_last(forward.c, 0, 1, 1, lengths)
    )


def _forward_padded(params, x, y, c0, lengths, state):
    """`forward` where examples have their own lengths."""
    params, x, y, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own = _padded_arguments(params, x, y, c0, lengths)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params
    state = None if state is None else _as_state(state)
    (x_before1,) = _before(state, "x", 1, (B, n_x), ("B", "n_x"), single, dtype)

    P_foz = np.concatenate((P_f, P_o, P_z))
    W_foz = np.concatenate((W_f, W_o, W_z))
    x_held = np.empty((T, B, n_x), dtype)
    # x.held[0] = x.before1
    x_held[0] = x_before1
    # x.held[t] = x[t]
    x_held[1:] = x[:T - 1]
    # f.arg[t] = P_f @ x.held[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x.held[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x.held[t-1] + W_z @ x[t]
    foz_arg = (x_held.reshape(-1, n_x) @ P_foz.T).reshape(T, B, 3 * n_h)
    foz_arg += (x.reshape(-1, n_x) @ W_foz.T).reshape(T, B, 3 * n_h)
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    z = np.tanh(foz_arg[:, :, 2 * n_h:])
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    f = _sigmoid(foz_arg[:, :, :n_h])
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    o = _sigmoid(foz_arg[:, :, n_h:2 * n_h])
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    for t in range(1, T + 1):
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f[t - 1] + z[t - 1] * (1 - f[t - 1]), c[t - 1])
    # h[t] = o[t] * c[t]
    h = c[1:] * o
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
        z = z[:, 0]
        f = f[:, 0]
        o = o[:, 0]
        c = c[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(z=z, f=f, o=o, c=c, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, c0, lengths, state):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, c0, lengths, whole=True)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params
    state = None if state is None else _as_state(state)
    (x_before1,) = _before(state, "x", 1, (B, n_x), ("B", "n_x"), single, dtype)

    P_foz = np.concatenate((P_f, P_o, P_z))
    W_foz = np.concatenate((W_f, W_o, W_z))
    x_held = np.empty((T, B, n_x), dtype)
    # x.held[0] = x.before1
    x_held[0] = x_before1
    # x.held[t] = x[t]
    x_held[1:] = x[:T - 1]
    # f.arg[t] = P_f @ x.held[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x.held[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x.held[t-1] + W_z @ x[t]
    foz_arg = (x_held.reshape(-1, n_x) @ P_foz.T).reshape(T, B, 3 * n_h)
    foz_arg += (x.reshape(-1, n_x) @ W_foz.T).reshape(T, B, 3 * n_h)
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    z = np.tanh(foz_arg[:, :, 2 * n_h:])
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    f = _sigmoid(foz_arg[:, :, :n_h])
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    o = _sigmoid(foz_arg[:, :, n_h:2 * n_h])
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    for t in range(1, T + 1):
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f[t - 1] + z[t - 1] * (1 - f[t - 1]), c[t - 1])
    # h[t] = o[t] * c[t]
    h = c[1:] * o
    # s[t] = d + V @ h[t]
    s = (h.reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, c0, lengths, wrt, window, state):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, c0, lengths, whole=True)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params
    state = None if state is None else _as_state(state)
    (x_before1,) = _before(state, "x", 1, (B, n_x), ("B", "n_x"), single, dtype)
    wrt = _asked(wrt, ("x", "c0"))
    window_T = _window(window, "T", ("T",), T)

    P_foz = np.concatenate((P_f, P_o, P_z))
    W_foz = np.concatenate((W_f, W_o, W_z))
    x_held = np.empty((T + 1, B, n_x), dtype)
    # x.held[0] = x.before1
    x_held[0] = x_before1
    # x.held[t] = x[t]
    x_held[1:] = x
    # f.arg[t] = P_f @ x.held[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x.held[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x.held[t-1] + W_z @ x[t]
    foz_arg = (x_held[:T].reshape(-1, n_x) @ P_foz.T).reshape(T, B, 3 * n_h)
    foz_arg += (x.reshape(-1, n_x) @ W_foz.T).reshape(T, B, 3 * n_h)
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    z = np.tanh(foz_arg[:, :, 2 * n_h:])
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    f = _sigmoid(foz_arg[:, :, :n_h])
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    o = _sigmoid(foz_arg[:, :, n_h:2 * n_h])
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    for t in range(1, T + 1):
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f[t - 1] + z[t - 1] * (1 - f[t - 1]), c[t - 1])
    # h[t] = o[t] * c[t]
    h = c[1:] * o
    # s[t] = d + V @ h[t]
    s = (h.reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
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
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h.reshape(-1, n_h)
    # grad(h[t]) = V.T @ grad(s[t])
    dh = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    dc = np.empty((T + 1, B, n_h), dtype)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] *
    #     grad(h[t]), t < T
    dc[1:] = dh * o
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] *
        #     grad(h[t]), t < T
        dc[t] += dc[t + 1] * f[t] * (t // window_T == max(t - 1, 0) // window_T)
    # grad(f[t]) = c[t-1] * grad(c[t]) - z[t] * grad(c[t])
    df = c[:T] * dc[1:]
    df -= dc[1:] * z
    dfoz_arg = np.empty((T, B, 3 * n_h), dtype)
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    dfoz_arg[:, :, n_h:2 * n_h] = c[1:] * dh * o * (1 - o)
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    dfoz_arg[:, :, :n_h] = df * f * (1 - f)
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    dfoz_arg[:, :, 2 * n_h:] = dc[1:] * (1 - f) * (1 - z**2)
    # grad(P_f) = sum(outer(grad(f.arg[t]), x.held[t-1]), t)
    # grad(P_o) = sum(outer(grad(o.arg[t]), x.held[t-1]), t)
    # grad(P_z) = sum(outer(grad(z.arg[t]), x.held[t-1]), t)
    dP_foz = dfoz_arg.reshape(-1, 3 * n_h).T @ x_held[:T].reshape(-1, n_x)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    dW_foz = dfoz_arg.reshape(-1, 3 * n_h).T @ x.reshape(-1, n_x)
    if "x" in wrt:
        dx_held = np.zeros((T, B, n_x), dtype)
        # grad(x.held[t]) = same_window(t, maximum(t - 1, 0), window.T) * (P_z.T @ grad(z.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (P_f.T @ grad(f.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (P_o.T @ grad(o.arg[t+1])), 0 <= t < T
        dx_held[:T - 1] = ((dfoz_arg[1:, :, :n_h] * (np.arange(1, T) // window_T == np.maximum(np.arange(1, T, dtype=dtype) - 1, 0) // window_T)[:, None, None]).reshape(-1, n_h) @ P_f).reshape(T - 1, B, n_x)
        dx_held[:T - 1] += ((dfoz_arg[1:, :, n_h:2 * n_h] * (np.arange(1, T) // window_T == np.maximum(np.arange(1, T, dtype=dtype) - 1, 0) // window_T)[:, None, None]).reshape(-1, n_h) @ P_o).reshape(T - 1, B, n_x)
        dx_held[:T - 1] += ((dfoz_arg[1:, :, 2 * n_h:] * (np.arange(1, T) // window_T == np.maximum(np.arange(1, T, dtype=dtype) - 1, 0) // window_T)[:, None, None]).reshape(-1, n_h) @ P_z).reshape(T - 1, B, n_x)
        # grad(x[t]) = W_z.T @ grad(z.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) +
        #     grad(x.held[t])
        dx = dx_held.copy()
        dx += (dfoz_arg.reshape(-1, 3 * n_h) @ W_foz).reshape(T, B, n_x)
    if "c0" in wrt:
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] *
        #     grad(h[t]), t < T
        dc[:1] = dc[1:2] * f[:1] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    dP_f = dP_foz[:n_h]
    dP_o = dP_foz[n_h:2 * n_h]
    dP_z = dP_foz[2 * n_h:3 * n_h]
    dW_f = dW_foz[:n_h]
    dW_o = dW_foz[n_h:2 * n_h]
    dW_z = dW_foz[2 * n_h:3 * n_h]

    gradient = Params(P_z=dP_z, P_f=dP_f, P_o=dP_o, W_z=dW_z, W_f=dW_f, W_o=dW_o, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window, state):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, z, f, o, c, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params
    state = None if state is None else _as_state(state)
    (x_before1,) = _before(state, "x", 1, (B, n_x), ("B", "n_x"), single, dtype)
    window_T = _window(window, "T", ("T",), T)

    x_held = np.empty((T + 1, B, n_x), dtype)
    # x.held[0] = x.before1
    x_held[0] = x_before1
    # x.held[t] = x[t]
    x_held[1:] = x
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h.reshape(-1, n_h)
    # grad(h[t]) = V.T @ grad(s[t])
    dh = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] *
    #     grad(h[t]), t < T
    dc = dh * o
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] *
        #     grad(h[t]), t < T
        dc[t - 1] += dc[t] * f[t] * (t // window_T == max(t - 1, 0) // window_T)
    # grad(f[t]) = c[t-1] * grad(c[t]) - z[t] * grad(c[t])
    df = c[:T] * dc
    df -= dc * z
    dfoz_arg = np.empty((T, B, 3 * n_h), dtype)
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    dfoz_arg[:, :, n_h:2 * n_h] = c[1:] * dh * o * (1 - o)
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    dfoz_arg[:, :, :n_h] = df * f * (1 - f)
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    dfoz_arg[:, :, 2 * n_h:] = dc * (1 - f) * (1 - z**2)
    # grad(P_f) = sum(outer(grad(f.arg[t]), x.held[t-1]), t)
    # grad(P_o) = sum(outer(grad(o.arg[t]), x.held[t-1]), t)
    # grad(P_z) = sum(outer(grad(z.arg[t]), x.held[t-1]), t)
    dP_foz = dfoz_arg.reshape(-1, 3 * n_h).T @ x_held[:T].reshape(-1, n_x)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    dW_foz = dfoz_arg.reshape(-1, 3 * n_h).T @ x.reshape(-1, n_x)
    dP_f = dP_foz[:n_h]
    dP_o = dP_foz[n_h:2 * n_h]
    dP_z = dP_foz[2 * n_h:3 * n_h]
    dW_f = dW_foz[:n_h]
    dW_o = dW_foz[n_h:2 * n_h]
    dW_z = dW_foz[2 * n_h:3 * n_h]

    return Params(P_z=dP_z, P_f=dP_f, P_o=dP_o, W_z=dW_z, W_f=dW_f, W_o=dW_o, V=dV, d=dd)


def _arguments(params, x, y, c0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from P_z")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[:, None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from P_z")
        if single:
            c0 = c0[None]
    return params, x, y, c0, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    z = _real("forward.z", forward.z, dtype)
    f = _real("forward.f", forward.f, dtype)
    o = _real("forward.o", forward.o, dtype)
    c = _real("forward.c", forward.c, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from P_z")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.z", z, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from P_z")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from P_z")
    _expect("forward.o", o, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from P_z")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from P_z")
    _expect("forward.h", h, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from P_z")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        z = z[:, None]
        f = f[:, None]
        o = o[:, None]
        c = c[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    return params, x, y, z, f, o, c, h, yhat, dtype, single, n_h, n_x, n_y, T, B


def _initial_arguments(params, c0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from P_z")
        if single:
            c0 = c0[None]
    return params, c0, dtype, single, n_h, n_x, n_y, B


def _step_arguments(params, state, x):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    x_prev = _real("state.x", state.x, dtype)
    c_prev = _real("state.c", state.c, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from P_z")
    _expect("state.x", x_prev, (*batch_axis, n_x), ("B", "n_x"), "B from x, n_x from P_z")
    _expect("state.c", c_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from P_z")
    if single:
        x = x[None]
        x_prev = x_prev[None]
        c_prev = c_prev[None]
    return params, x, x_prev, c_prev, dtype, single, n_h, n_x, n_y, B


def _padded_arguments(params, x, y, c0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from P_z")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        if single:
            y = y[:, None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from P_z")
        if single:
            c0 = c0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    z = _real("forward.z", forward.z, dtype)
    f = _real("forward.f", forward.f, dtype)
    o = _real("forward.o", forward.o, dtype)
    c = _real("forward.c", forward.c, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from P_z")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.z", z, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from P_z")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from P_z")
    _expect("forward.o", o, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from P_z")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from P_z")
    _expect("forward.h", h, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from P_z")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[:, None]
        z = z[:, None]
        f = f[:, None]
        o = o[:, None]
        c = c[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, z, f, o, c, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params
    _rank("P_z", P_z, ("n_h", "n_x"))
    n_h, n_x = P_z.shape
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("P_f", P_f, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from P_z")
    _expect("P_o", P_o, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from P_z")
    _expect("W_z", W_z, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from P_z")
    _expect("W_f", W_f, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from P_z")
    _expect("W_o", W_o, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from P_z")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from P_z")
    _expect("d", d, (n_y,), ("n_y",), "n_y from V")
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


def _before(state, field, lags, shape, axes, single, dtype, count=None, what=""):
    """What a state holds of a variable, step by step, the oldest first; zeros where nothing came before."""
    if state is None:
        return [np.zeros(shape, dtype) for _ in range(lags)]
    name, given = f"state.{field}", getattr(state, field)
    array = _integers(name, given) if count is not None else _real(name, given, dtype)
    lead, axes = ((), axes) if lags == 1 else ((lags,), (str(lags), *axes))
    inner = tuple(n for n, axis in zip(shape, axes[len(lead) :], strict=True) if axis != "B" or not single)
    _expect(name, array, (*lead, *inner), axes)
    if count is not None:
        _classes(name, np.ascontiguousarray(array), count, what)
    return list(array.reshape(lags, *shape))


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


def _last_given(name, array, axis, lags, lengths, earlier):
    """The last steps of data, and of what an earlier piece left where there are too few."""
    if earlier is not None:
        earlier = np.moveaxis(np.asarray(earlier)[None] if lags == 1 else np.asarray(earlier), 0, axis)
        return _last(np.concatenate((earlier, array), axis), axis, lags, lags, lengths)
    least = array.shape[axis] if lengths is None else lengths.min()
    if least < lags:
        raise ValueError(f"state: None, and {name} has {least} steps of {lags}; begin with state=init_state(...)")
    return _last(array, axis, lags, 0, lengths)


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
