# Written by derive from qrnn.eq; do not edit.
# Change qrnn.eq instead, and run: derive generate qrnn
# source 7b6f3a26c59a15a3, derive 07e8f9d843407be1, body e152bb58a28985fe
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
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from
                                      there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if state is not None:
        (c0,) = _resumed(state, ("c",), (("c0", c0),))
    if lengths is not None or state is not None:
        return _forward_padded(params, x, y, c0, lengths, state)
    params, x, y, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, c0)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params

    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    P_foz = np.stack((P_f, P_o, P_z))
    W_foz = np.stack((W_f, W_o, W_z))
    x_padded = np.empty((T, B, n_x), dtype)
    # x.padded[0, i] = 0
    x_padded[0] = 0
    # x.padded[t] = x[t]
    x_padded[1:] = x[:T - 1]
    foz_arg = np.empty((3, T, B, n_h), dtype)
    # f.arg[t] = P_f @ x[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x[t-1] + W_z @ x[t]
    np.matmul(x_padded.reshape(-1, n_x), P_foz.transpose(0, 2, 1), out=foz_arg.reshape(3, -1, n_h))
    np.matmul(x.reshape(-1, n_x), W_foz.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    foz_arg += tmp0
    z = np.empty((T, B, n_h), dtype)
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    np.tanh(foz_arg[2], out=z)
    f = np.empty((T, B, n_h), dtype)
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    _sigmoid(foz_arg[0], out=f)
    o = np.empty((T, B, n_h), dtype)
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    _sigmoid(foz_arg[1], out=o)
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
    np.subtract(1, f, out=c[1:])
    c[1:] *= z
    c_at = list(c)
    f_at = list(f)
    for t in range(1, T + 1):
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp1)
        c_at[t] += tmp1
    h = np.empty((T, B, n_h), dtype)
    # h[t] = o[t] * c[t]
    np.multiply(c[1:], o, out=h)
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((T, B), dtype)
        rows = np.arange(T * B).reshape(T, B)
        flat = np.empty((T, B), np.intp)
        # loss = sum(-log(yhat[t, y[t]]), t)
        _look_up(s, y, rows, flat, out=tmp_3_0)
        np.subtract(yhat_lse, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
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
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real        what is read at each step; zero before the first
    y          (T, B)       0..n_y - 1  the class to predict at each step
    c0         (B, n_h)     real        c[0]; 0 where not given
    workspace               Workspace   its arrays are used, and hold the results until its next call
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths    (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        (c0,) = _resumed(state, ("c",), (("c0", c0),))
    if lengths is not None or state is not None:
        return _loss_padded(params, x, y, c0, lengths, workspace, state)
    params, x, y, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, c0, whole=True)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, P_foz, W_foz, x_padded, foz_arg, z, f, o, c, c_at, f_at, h, s, yhat_lse, largest, rows,
        flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((P_f, P_o, P_z), out=P_foz)
    np.stack((W_f, W_o, W_z), out=W_foz)
    # x.padded[0, i] = 0
    x_padded[0] = 0
    # x.padded[t] = x[t]
    x_padded[1:] = x[:T - 1]
    # f.arg[t] = P_f @ x[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x[t-1] + W_z @ x[t]
    np.matmul(x_padded.reshape(-1, n_x), P_foz.transpose(0, 2, 1), out=foz_arg.reshape(3, -1, n_h))
    np.matmul(x.reshape(-1, n_x), W_foz.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    foz_arg += tmp0
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    np.tanh(foz_arg[2], out=z)
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    _sigmoid(foz_arg[0], out=f)
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    _sigmoid(foz_arg[1], out=o)
    # c[0] = 0
    c[0] = c0
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
    np.subtract(1, f, out=c[1:])
    c[1:] *= z
    for t in range(1, T + 1):
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp1)
        c_at[t] += tmp1
    # h[t] = o[t] * c[t]
    np.multiply(c[1:], o, out=h)
    # s[t] = d + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x           (T, B, n_x)  real                       what is read at each step; zero before the first
    y           (T, B)       0..n_y - 1                 the class to predict at each step
    c0          (B, n_h)     real                       c[0]; 0 where not given
    workspace                Workspace                  its arrays are used, and hold the results until its next call
    state                    State                      what an earlier piece left, from last_state or step: the
                                                        sequence goes on from there
    lengths     (B,)         1..T                       each example's own number of steps, what is given beyond is not
                                                        read; all where not given
    window                   whole number >= 1          steps in a window: gradients stay in it, values go on to the
                                                        next
    checkpoint               True or whole number >= 1  steps in a segment, True for about the root of all: states
                                                        between them are kept, the rest is computed anew; the same
                                                        gradient up to rounding

    Data without the axis B are one example.
    """
    if state is not None:
        (c0,) = _resumed(state, ("c",), (("c0", c0),))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, c0, wrt, workspace, state, checkpoint)
    if lengths is not None or window is not None or state is not None:
        return _loss_and_grad_padded(params, x, y, c0, lengths, wrt, workspace, window, state)
    params, x, y, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, c0, whole=True)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params
    wrt = _asked(wrt, ("x", "c0"))

    (
        tmp0, tmp1, tmp2, tmp3, P_foz, W_foz, x_padded, foz_arg, z, f, o, c, c_at, f_at, h, s, yhat_lse, largest, yhat,
        rows, flat, tmp4, ds, entries, dd, dV, dh, dc, dc_at, dfoz_arg, dP_foz, dW_foz,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((P_f, P_o, P_z), out=P_foz)
    np.stack((W_f, W_o, W_z), out=W_foz)
    # x.padded[0, i] = 0
    x_padded[0] = 0
    # x.padded[t] = x[t]
    x_padded[1:] = x
    # f.arg[t] = P_f @ x[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x[t-1] + W_z @ x[t]
    np.matmul(x_padded[:T].reshape(-1, n_x), P_foz.transpose(0, 2, 1), out=foz_arg.reshape(3, -1, n_h))
    np.matmul(x.reshape(-1, n_x), W_foz.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    foz_arg += tmp0
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    np.tanh(foz_arg[2], out=z)
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    _sigmoid(foz_arg[0], out=f)
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    _sigmoid(foz_arg[1], out=o)
    # c[0] = 0
    c[0] = c0
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
    np.subtract(1, f, out=c[1:])
    c[1:] *= z
    for t in range(1, T + 1):
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp1)
        c_at[t] += tmp1
    # h[t] = o[t] * c[t]
    np.multiply(c[1:], o, out=h)
    # s[t] = d + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    # grad(s[t]) = yhat[t] - onehot(y[t])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(h[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]), t < T
    np.multiply(dh, o, out=dc[1:])
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]), t < T
        np.multiply(f_at[t], dc_at[t + 1], out=tmp1)
        dc_at[t] += tmp1
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.subtract(1, o, out=dfoz_arg[1])
    dfoz_arg[1] *= c[1:]
    dfoz_arg[1] *= dh
    dfoz_arg[1] *= o
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.subtract(c[:T], z, out=tmp4)
    np.subtract(1, f, out=dfoz_arg[0])
    dfoz_arg[0] *= tmp4
    dfoz_arg[0] *= f
    dfoz_arg[0] *= dc[1:]
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    np.subtract(1, f, out=tmp4)
    np.square(z, out=dfoz_arg[2])
    np.subtract(1, dfoz_arg[2], out=dfoz_arg[2])
    dfoz_arg[2] *= tmp4
    dfoz_arg[2] *= dc[1:]
    # grad(P_f) = sum(outer(grad(f.arg[t]), x[t-1]), t)
    # grad(P_o) = sum(outer(grad(o.arg[t]), x[t-1]), t)
    # grad(P_z) = sum(outer(grad(z.arg[t]), x[t-1]), t)
    np.matmul(dfoz_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x_padded[:T].reshape(-1, n_x), out=dP_foz)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    np.matmul(dfoz_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_foz)
    if "c0" in wrt:
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]), t < T
        np.multiply(f[:1], dc[1:2], out=dc[:1])
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product = np.empty((3, T * B, n_x), dtype)
        # grad(x[t]) = W_z.T @ grad(z.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) +
        #     grad(x.padded[t])
        np.matmul(dfoz_arg.reshape(3, -1, n_h), W_foz, out=product)
        np.add.reduce(product, axis=0, out=dx.reshape(-1, n_x))
        dx_padded = np.zeros((T, B, n_x), dtype)
        product2 = np.empty((3, (T - 1) * B, n_x), dtype)
        # grad(x.padded[t]) = P_z.T @ grad(z.arg[t+1]) + P_f.T @ grad(f.arg[t+1]) + P_o.T @ grad(o.arg[t+1]),
        #     0 <= t < T
        np.matmul(dfoz_arg[:, 1:].reshape(3, -1, n_h), P_foz, out=product2)
        np.add.reduce(product2, axis=0, out=dx_padded[:T - 1].reshape(-1, n_x))
        # grad(x[t]) = W_z.T @ grad(z.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) +
        #     grad(x.padded[t])
        dx += dx_padded
    dP_f = dP_foz[0]
    dP_o = dP_foz[1]
    dP_z = dP_foz[2]
    dW_f = dW_foz[0]
    dW_o = dW_foz[1]
    dW_z = dW_foz[2]

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
    state                 State              what an earlier piece left, from last_state or step: the sequence goes on
                                             from there
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
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
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    ds = np.empty((T, B, n_y), dtype)
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds[...] = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(ds, y, rows, flat, entries, -1)
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    dc = np.empty((T, B, n_h), dtype)
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]), t < T
    np.multiply(dh, o, out=dc)
    dc_at = list(dc)
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]), t < T
        np.multiply(f[t], dc_at[t], out=tmp0)
        dc_at[t - 1] += tmp0
    dfoz_arg = np.empty((3, T, B, n_h), dtype)
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.subtract(1, o, out=dfoz_arg[1])
    dfoz_arg[1] *= c[1:]
    dfoz_arg[1] *= dh
    dfoz_arg[1] *= o
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.subtract(c[:T], z, out=tmp1)
    np.subtract(1, f, out=dfoz_arg[0])
    dfoz_arg[0] *= tmp1
    dfoz_arg[0] *= f
    dfoz_arg[0] *= dc
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    np.subtract(1, f, out=tmp1)
    np.square(z, out=dfoz_arg[2])
    np.subtract(1, dfoz_arg[2], out=dfoz_arg[2])
    dfoz_arg[2] *= tmp1
    dfoz_arg[2] *= dc
    dP_foz = np.empty((3, n_h, n_x), dtype)
    # grad(P_f) = sum(outer(grad(f.arg[t]), x[t-1]), t)
    # grad(P_o) = sum(outer(grad(o.arg[t]), x[t-1]), t)
    # grad(P_z) = sum(outer(grad(z.arg[t]), x[t-1]), t)
    np.matmul(dfoz_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x_padded[:T].reshape(-1, n_x), out=dP_foz)
    dW_foz = np.empty((3, n_h, n_x), dtype)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    np.matmul(dfoz_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_foz)
    dP_f = dP_foz[0]
    dP_o = dP_foz[1]
    dP_z = dP_foz[2]
    dW_f = dW_foz[0]
    dW_o = dW_foz[1]
    dW_z = dW_foz[2]

    return Params(P_z=dP_z, P_f=dP_f, P_o=dP_o, W_z=dW_z, W_f=dW_f, W_o=dW_o, V=dV, d=dd)


def init_state(params: Params, *, c0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    c0  (B, n_h)  real  c[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, c0, dtype, single, n_h, n_x, n_y, B = _initial_arguments(params, c0, batch)

    x_prev = np.empty((B, n_x), dtype)
    # x@1[i] = 0
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

    P_foz = np.stack((P_f, P_o, P_z))
    W_foz = np.stack((W_f, W_o, W_z))
    # f.arg[t] = P_f @ x[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x[t-1] + W_z @ x[t]
    foz_arg = x_prev @ P_foz.transpose(0, 2, 1)
    foz_arg += x @ W_foz.transpose(0, 2, 1)
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    z = np.tanh(foz_arg[2])
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    f = _sigmoid(foz_arg[0])
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    o = _sigmoid(foz_arg[1])
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

    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    P_foz = np.stack((P_f, P_o, P_z))
    W_foz = np.stack((W_f, W_o, W_z))
    x_held = np.empty((T, B, n_x), dtype)
    # x.held[0] = x.before1
    x_held[0] = x_before1
    # x.held[t] = x[t]
    x_held[1:] = x[:T - 1]
    foz_arg = np.empty((3, T, B, n_h), dtype)
    # f.arg[t] = P_f @ x.held[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x.held[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x.held[t-1] + W_z @ x[t]
    np.matmul(x_held.reshape(-1, n_x), P_foz.transpose(0, 2, 1), out=foz_arg.reshape(3, -1, n_h))
    np.matmul(x.reshape(-1, n_x), W_foz.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    foz_arg += tmp0
    z = np.empty((T, B, n_h), dtype)
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    np.tanh(foz_arg[2], out=z)
    f = np.empty((T, B, n_h), dtype)
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    _sigmoid(foz_arg[0], out=f)
    o = np.empty((T, B, n_h), dtype)
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    _sigmoid(foz_arg[1], out=o)
    c_ahead = np.empty((T, B, n_h), dtype)
    # c.ahead[t] = (1 - f[t]) * z[t]
    np.subtract(1, f, out=c_ahead)
    c_ahead *= z
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    c_at = list(c)
    f_at = list(f)
    c_ahead_at = list(c_ahead)
    for t in range(1, T + 1):
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp1)
        tmp1 += c_ahead_at[t - 1]
        c[t] = np.where((t <= T_own)[:, None], tmp1, c[t - 1])
    h = np.empty((T, B, n_h), dtype)
    # h[t] = o[t] * c[t]
    np.multiply(c[1:], o, out=h)
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((B, T), dtype)
        tmp_3_1 = np.empty((B, T), dtype)
        tmp_3_2 = np.empty((B, T), dtype)
        # loss = sum(-log(yhat[t, y[t]]), t)
        tmp_3_1[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
        tmp_3_2[...] = s[np.arange(T)[:, None], np.arange(B), y].T
        tmp_3_0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp_3_2, 0)
        np.subtract(tmp_3_1, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
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


def _loss_padded(params, x, y, c0, lengths, workspace, state):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, c0, lengths, whole=True)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params
    state = None if state is None else _as_state(state)
    (x_before1,) = _before(state, "x", 1, (B, n_x), ("B", "n_x"), single, dtype)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, P_foz, W_foz, x_held, foz_arg, z, f, o, c_ahead, c, c_at, f_at, c_ahead_at,
        h, s, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((P_f, P_o, P_z), out=P_foz)
    np.stack((W_f, W_o, W_z), out=W_foz)
    # x.held[0] = x.before1
    x_held[0] = x_before1
    # x.held[t] = x[t]
    x_held[1:] = x[:T - 1]
    # f.arg[t] = P_f @ x.held[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x.held[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x.held[t-1] + W_z @ x[t]
    np.matmul(x_held.reshape(-1, n_x), P_foz.transpose(0, 2, 1), out=foz_arg.reshape(3, -1, n_h))
    np.matmul(x.reshape(-1, n_x), W_foz.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    foz_arg += tmp0
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    np.tanh(foz_arg[2], out=z)
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    _sigmoid(foz_arg[0], out=f)
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    _sigmoid(foz_arg[1], out=o)
    # c.ahead[t] = (1 - f[t]) * z[t]
    np.subtract(1, f, out=c_ahead)
    c_ahead *= z
    # c[0] = 0
    c[0] = c0
    for t in range(1, T + 1):
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp1)
        tmp1 += c_ahead_at[t - 1]
        c[t] = np.where((t <= T_own)[:, None], tmp1, c[t - 1])
    # h[t] = o[t] * c[t]
    np.multiply(c[1:], o, out=h)
    # s[t] = d + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp5[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp3[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp5, 0)
    np.subtract(tmp4, tmp3, out=tmp3)
    loss = tmp3.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, c0, lengths, wrt, workspace, window, state):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, c0, lengths, whole=True)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params
    state = None if state is None else _as_state(state)
    (x_before1,) = _before(state, "x", 1, (B, n_x), ("B", "n_x"), single, dtype)
    wrt = _asked(wrt, ("x", "c0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, P_foz, W_foz, x_held, foz_arg, z, f, o, c_ahead, c, c_at, f_at, c_ahead_at,
        h, s, yhat_lse, largest, yhat, tmp6, tmp7, ds, rows, flat, entries, dd, dV, dh, dc, dc_at, dfoz_arg, dP_foz,
        dW_foz,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((P_f, P_o, P_z), out=P_foz)
    np.stack((W_f, W_o, W_z), out=W_foz)
    # x.held[0] = x.before1
    x_held[0] = x_before1
    # x.held[t] = x[t]
    x_held[1:] = x
    # f.arg[t] = P_f @ x.held[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x.held[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x.held[t-1] + W_z @ x[t]
    np.matmul(x_held[:T].reshape(-1, n_x), P_foz.transpose(0, 2, 1), out=foz_arg.reshape(3, -1, n_h))
    np.matmul(x.reshape(-1, n_x), W_foz.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    foz_arg += tmp0
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    np.tanh(foz_arg[2], out=z)
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    _sigmoid(foz_arg[0], out=f)
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    _sigmoid(foz_arg[1], out=o)
    # c.ahead[t] = (1 - f[t]) * z[t]
    np.subtract(1, f, out=c_ahead)
    c_ahead *= z
    # c[0] = 0
    c[0] = c0
    for t in range(1, T + 1):
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp1)
        tmp1 += c_ahead_at[t - 1]
        c[t] = np.where((t <= T_own)[:, None], tmp1, c[t - 1])
    # h[t] = o[t] * c[t]
    np.multiply(c[1:], o, out=h)
    # s[t] = d + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp5[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp3[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp5, 0)
    np.subtract(tmp4, tmp3, out=tmp3)
    loss = tmp3.sum()
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp6[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp6[:, :, None], yhat, out=ds)
    tmp6[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp6, out=tmp6)
    _add_to(ds, y, rows, flat, entries, tmp6)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(h[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] *
    #     grad(h[t]), t < T
    np.multiply(dh, o, out=dc[1:])
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] *
        #     grad(h[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f_at[t], out=tmp1)
        tmp1 *= dc_at[t + 1]
        dc_at[t] += tmp1
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.subtract(1, o, out=dfoz_arg[1])
    dfoz_arg[1] *= c[1:]
    dfoz_arg[1] *= dh
    dfoz_arg[1] *= o
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.subtract(c[:T], z, out=tmp7)
    np.subtract(1, f, out=dfoz_arg[0])
    dfoz_arg[0] *= tmp7
    dfoz_arg[0] *= f
    dfoz_arg[0] *= dc[1:]
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    np.subtract(1, f, out=tmp7)
    np.square(z, out=dfoz_arg[2])
    np.subtract(1, dfoz_arg[2], out=dfoz_arg[2])
    dfoz_arg[2] *= tmp7
    dfoz_arg[2] *= dc[1:]
    # grad(P_f) = sum(outer(grad(f.arg[t]), x.held[t-1]), t)
    # grad(P_o) = sum(outer(grad(o.arg[t]), x.held[t-1]), t)
    # grad(P_z) = sum(outer(grad(z.arg[t]), x.held[t-1]), t)
    np.matmul(dfoz_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x_held[:T].reshape(-1, n_x), out=dP_foz)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    np.matmul(dfoz_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_foz)
    if "x" in wrt:
        tmp_8_0 = np.empty((T - 1, B, 3, n_h), dtype)
        tmp_8_1 = np.empty((T - 1,), dtype)
        tmp_8_2 = np.empty((T - 1,), dtype)
        tmp_8_3 = np.empty((T - 1,), dtype)
        tmp_8_4 = np.empty((T, B, n_x), dtype)
        dx_held = np.zeros((T, B, n_x), dtype)
        # grad(x.held[t]) = same_window(t, maximum(t - 1, 0), window.T) * (P_z.T @ grad(z.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (P_f.T @ grad(f.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (P_o.T @ grad(o.arg[t+1])), 0 <= t < T
        np.add(np.arange(1, T, dtype=dtype), -1, out=tmp_8_3)
        np.maximum(tmp_8_3, 0, out=tmp_8_2)
        tmp_8_1[...] = np.arange(1, T) // window_T == tmp_8_2 // window_T
        np.multiply(tmp_8_1[:, None, None, None], dfoz_arg[:, 1:].transpose(1, 2, 0, 3), out=tmp_8_0)
        np.matmul(tmp_8_0.reshape(-1, 3 * n_h), P_foz.reshape(-1, n_x), out=dx_held[:T - 1].reshape(-1, n_x))
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = W_z.T @ grad(z.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) +
        #     grad(x.held[t])
        dx[...] = dx_held
        product = np.empty((3, T * B, n_x), dtype)
        np.matmul(dfoz_arg.reshape(3, -1, n_h), W_foz, out=product)
        np.add.reduce(product, axis=0, out=tmp_8_4.reshape(-1, n_x))
        dx += tmp_8_4
    if "c0" in wrt:
        tmp_8_0 = np.empty((1,), dtype)
        tmp_8_1 = np.empty((1,), dtype)
        tmp_8_2 = np.empty((1,), dtype)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] *
        #     grad(h[t]), t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_8_2)
        np.maximum(tmp_8_2, 0, out=tmp_8_1)
        tmp_8_0[...] = np.arange(1) // window_T == tmp_8_1 // window_T
        np.multiply(tmp_8_0[:, None, None], f[:1], out=dc[:1])
        dc[:1] *= dc[1:2]
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    dP_f = dP_foz[0]
    dP_o = dP_foz[1]
    dP_z = dP_foz[2]
    dW_f = dW_foz[0]
    dW_o = dW_foz[1]
    dW_z = dW_foz[2]

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
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_h), dtype)
    ds = np.empty((T, B, n_y), dtype)
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp0[:, :, None], yhat, out=ds)
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp0, out=tmp0)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(ds, y, rows, flat, entries, tmp0)
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    dc = np.empty((T, B, n_h), dtype)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] *
    #     grad(h[t]), t < T
    np.multiply(dh, o, out=dc)
    dc_at = list(dc)
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] *
        #     grad(h[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f[t], out=tmp1)
        tmp1 *= dc_at[t]
        dc_at[t - 1] += tmp1
    dfoz_arg = np.empty((3, T, B, n_h), dtype)
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.subtract(1, o, out=dfoz_arg[1])
    dfoz_arg[1] *= c[1:]
    dfoz_arg[1] *= dh
    dfoz_arg[1] *= o
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.subtract(c[:T], z, out=tmp2)
    np.subtract(1, f, out=dfoz_arg[0])
    dfoz_arg[0] *= tmp2
    dfoz_arg[0] *= f
    dfoz_arg[0] *= dc
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    np.subtract(1, f, out=tmp2)
    np.square(z, out=dfoz_arg[2])
    np.subtract(1, dfoz_arg[2], out=dfoz_arg[2])
    dfoz_arg[2] *= tmp2
    dfoz_arg[2] *= dc
    dP_foz = np.empty((3, n_h, n_x), dtype)
    # grad(P_f) = sum(outer(grad(f.arg[t]), x.held[t-1]), t)
    # grad(P_o) = sum(outer(grad(o.arg[t]), x.held[t-1]), t)
    # grad(P_z) = sum(outer(grad(z.arg[t]), x.held[t-1]), t)
    np.matmul(dfoz_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x_held[:T].reshape(-1, n_x), out=dP_foz)
    dW_foz = np.empty((3, n_h, n_x), dtype)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    np.matmul(dfoz_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_foz)
    dP_f = dP_foz[0]
    dP_o = dP_foz[1]
    dP_z = dP_foz[2]
    dW_f = dW_foz[0]
    dW_o = dW_foz[1]
    dW_z = dW_foz[2]

    return Params(P_z=dP_z, P_f=dP_f, P_o=dP_o, W_z=dW_z, W_f=dW_f, W_o=dW_o, V=dV, d=dd)


def _loss_and_grad_checkpointed(params, x, y, c0, wrt, workspace, state, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, c0, whole=True)
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params
    wrt = _asked(wrt, ("x", "c0"))
    state = None if state is None else _as_state(state)
    (x_before1,) = _before(state, "x", 1, (B, n_x), ("B", "n_x"), single, dtype)
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        c0_kept, c_left1, dP_z, dP_f, dP_o, dW_z, dW_f, dW_o, dV, dd,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_h, B, dtype)
    c0_kept[0] = c0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x[first:last],
            c0_kept[n],
            x[first - 1] if n else x_before1,
            last - first,
            n_x,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        (c0_kept[n + 1],) = found
    loss = 0.0
    for total in (c_left1, dP_z, dP_f, dP_o, dW_z, dW_f, dW_o, dV, dd):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            c_left1,
            x[first:last],
            y[first:last],
            c0_kept[n],
            x[first - 1] if n else x_before1,
            last - first,
            n_x,
            n_y,
            n_h,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dc0, dx_before1, dx_part = found
        loss += float(loss_part)
        _add_each((dP_z, dP_f, dP_o, dW_z, dW_f, dW_o, dV, dd), parts)
        c_left1[...] = dc0
        if "x" in wrt:
            dx[first:last] += dx_part
            if n:
                dx[first - 1] += dx_before1

    gradient = Params(P_z=dP_z, P_f=dP_f, P_o=dP_o, W_z=dW_z, W_f=dW_f, W_o=dW_o, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def _segment(params, c_left1, x, y, c0, x_before1, T, n_x, n_y, n_h, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, P_foz, W_foz, x_held, foz_arg, z, f, o, c, c_at, f_at, h, s, yhat_lse, largest, rows,
        flat, tmp4, ds, entries, dh, dc, dc_at, dfoz_arg, dx_held, product3, dx_before1, dd, dV, dP_foz, dW_foz, dc0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((P_f, P_o, P_z), out=P_foz)
    np.stack((W_f, W_o, W_z), out=W_foz)
    # x.held[0] = x.before1
    x_held[0] = x_before1
    # x.held[t] = x[t]
    x_held[1:] = x
    # f.arg[t] = P_f @ x.held[t-1] + W_f @ x[t]
    # o.arg[t] = P_o @ x.held[t-1] + W_o @ x[t]
    # z.arg[t] = P_z @ x.held[t-1] + W_z @ x[t]
    np.matmul(x_held[:T].reshape(-1, n_x), P_foz.transpose(0, 2, 1), out=foz_arg.reshape(3, -1, n_h))
    np.matmul(x.reshape(-1, n_x), W_foz.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    foz_arg += tmp0
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    np.tanh(foz_arg[2], out=z)
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    _sigmoid(foz_arg[0], out=f)
    # o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])
    _sigmoid(foz_arg[1], out=o)
    # c[0] = 0
    c[0] = c0
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
    np.subtract(1, f, out=c[1:])
    c[1:] *= z
    for t in range(1, T + 1):
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp1)
        c_at[t] += tmp1
    # h[t] = o[t] * c[t]
    np.multiply(c[1:], o, out=h)
    # s[t] = d + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    # grad(s[t]) = softmax(s[t]) - onehot(y[t])
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=ds)
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(h[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    dc.fill(0)
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]), t < T
    np.multiply(dh, o, out=tmp4)
    dc[1:] += tmp4
    # grad(c[T]) = c.left1 + o[T] * grad(h[T])
    dc[T] += c_left1
    for t in range(T - 1, -1, -1):
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]), t < T
        np.multiply(f_at[t], dc_at[t + 1], out=tmp1)
        dc_at[t] += tmp1
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.subtract(1, o, out=dfoz_arg[1])
    dfoz_arg[1] *= c[1:]
    dfoz_arg[1] *= dh
    dfoz_arg[1] *= o
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.subtract(c[:T], z, out=tmp4)
    np.subtract(1, f, out=dfoz_arg[0])
    dfoz_arg[0] *= tmp4
    dfoz_arg[0] *= f
    dfoz_arg[0] *= dc[1:]
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    np.subtract(1, f, out=tmp4)
    np.square(z, out=dfoz_arg[2])
    np.subtract(1, dfoz_arg[2], out=dfoz_arg[2])
    dfoz_arg[2] *= tmp4
    dfoz_arg[2] *= dc[1:]
    dx_held.fill(0)
    # grad(x.held[t]) = P_z.T @ grad(z.arg[t+1]) + P_f.T @ grad(f.arg[t+1]) + P_o.T @ grad(o.arg[t+1]), 0
    #     <= t < T
    np.matmul(dfoz_arg[:, 0], P_foz, out=product3)
    np.add.reduce(product3, axis=0, out=dx_held[0])
    # grad(x.before1) = grad(x.held[0])
    dx_before1[...] = dx_held[0]
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(P_f) = sum(outer(grad(f.arg[t]), x.held[t-1]), t)
    # grad(P_o) = sum(outer(grad(o.arg[t]), x.held[t-1]), t)
    # grad(P_z) = sum(outer(grad(z.arg[t]), x.held[t-1]), t)
    np.matmul(dfoz_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x_held[:T].reshape(-1, n_x), out=dP_foz)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    np.matmul(dfoz_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_foz)
    # grad(c.0) = grad(c[0])
    dc0[...] = dc[0]
    if "x" in wrt:
        tmp_5_0 = np.empty((T, B, n_x), dtype)
        product2 = np.empty((3, (T - 1) * B, n_x), dtype)
        # grad(x.held[t]) = P_z.T @ grad(z.arg[t+1]) + P_f.T @ grad(f.arg[t+1]) + P_o.T @ grad(o.arg[t+1]), 0
        #     <= t < T
        np.matmul(dfoz_arg[:, 1:].reshape(3, -1, n_h), P_foz, out=product2)
        np.add.reduce(product2, axis=0, out=dx_held[1:T].reshape(-1, n_x))
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = W_z.T @ grad(z.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) +
        #     grad(x.held[t])
        dx[...] = dx_held[1:]
        product = np.empty((3, T * B, n_x), dtype)
        np.matmul(dfoz_arg.reshape(3, -1, n_h), W_foz, out=product)
        np.add.reduce(product, axis=0, out=tmp_5_0.reshape(-1, n_x))
        dx += tmp_5_0
    dP_f = dP_foz[0]
    dP_o = dP_foz[1]
    dP_z = dP_foz[2]
    dW_f = dW_foz[0]
    dW_o = dW_foz[1]
    dW_z = dW_foz[2]

    return loss, (dP_z, dP_f, dP_o, dW_z, dW_f, dW_o, dV, dd), dc0, dx_before1, dx if "x" in wrt else None


def _advance(params, x, c0, x_before1, T, n_x, n_h, B, dtype, workspace):
    """The state after a segment."""
    P_z, P_f, P_o, W_z, W_f, W_o, V, d = params

    (
        tmp0, tmp1, P_fz, W_fz, x_held, fz_arg, z, f, c, c_at, f_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_x, n_h, B, dtype)
    np.stack((P_f, P_z), out=P_fz)
    np.stack((W_f, W_z), out=W_fz)
    # x.held[0] = x.before1
    x_held[0] = x_before1
    # x.held[t] = x[t]
    x_held[1:] = x[:T - 1]
    # f.arg[t] = P_f @ x.held[t-1] + W_f @ x[t]
    # z.arg[t] = P_z @ x.held[t-1] + W_z @ x[t]
    np.matmul(x_held.reshape(-1, n_x), P_fz.transpose(0, 2, 1), out=fz_arg.reshape(2, -1, n_h))
    np.matmul(x.reshape(-1, n_x), W_fz.transpose(0, 2, 1), out=tmp0.reshape(2, -1, n_h))
    fz_arg += tmp0
    # z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])
    np.tanh(fz_arg[1], out=z)
    # f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])
    _sigmoid(fz_arg[0], out=f)
    # c[0] = 0
    c[0] = c0
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
    np.subtract(1, f, out=c[1:])
    c[1:] *= z
    for t in range(1, T + 1):
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp1)
        c_at[t] += tmp1

    return (c[-1],)


def _loss_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    P_foz = np.empty((3, n_h, n_x), dtype)
    W_foz = np.empty((3, n_h, n_x), dtype)
    x_padded = np.empty((T, B, n_x), dtype)
    foz_arg = _by_step((3, T, B, n_h), dtype)
    z = foz_arg[2]
    f = foz_arg[0]
    o = foz_arg[1]
    c = np.empty((T + 1, B, n_h), dtype)
    c_at = list(c)
    f_at = list(f)
    h = o
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, P_foz, W_foz, x_padded, foz_arg, z, f, o, c, c_at, f_at, h, s, yhat_lse, largest, rows,
        flat,
    )


def _loss_and_grad_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    P_foz = np.empty((3, n_h, n_x), dtype)
    W_foz = np.empty((3, n_h, n_x), dtype)
    x_padded = np.empty((T + 1, B, n_x), dtype)
    foz_arg = _by_step((3, T, B, n_h), dtype)
    z = foz_arg[2]
    f = foz_arg[0]
    o = foz_arg[1]
    c = np.empty((T + 1, B, n_h), dtype)
    c_at = list(c)
    f_at = list(f)
    h = np.empty((T, B, n_h), dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp4 = h
    ds = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = h
    dc = np.empty((T + 1, B, n_h), dtype)
    dc_at = list(dc)
    dfoz_arg = tmp0
    dP_foz = np.empty((3, n_h, n_x), dtype)
    dW_foz = np.empty((3, n_h, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, P_foz, W_foz, x_padded, foz_arg, z, f, o, c, c_at, f_at, h, s, yhat_lse, largest, yhat,
        rows, flat, tmp4, ds, entries, dd, dV, dh, dc, dc_at, dfoz_arg, dP_foz, dW_foz,
    )


def _loss_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((B, T), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    P_foz = np.empty((3, n_h, n_x), dtype)
    W_foz = np.empty((3, n_h, n_x), dtype)
    x_held = np.empty((T, B, n_x), dtype)
    foz_arg = _by_step((3, T, B, n_h), dtype)
    z = foz_arg[2]
    f = foz_arg[0]
    o = foz_arg[1]
    c_ahead = np.empty((T, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    c_at = list(c)
    f_at = list(f)
    c_ahead_at = list(c_ahead)
    h = o
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, P_foz, W_foz, x_held, foz_arg, z, f, o, c_ahead, c, c_at, f_at, c_ahead_at,
        h, s, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((B, T), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    P_foz = np.empty((3, n_h, n_x), dtype)
    W_foz = np.empty((3, n_h, n_x), dtype)
    x_held = np.empty((T + 1, B, n_x), dtype)
    foz_arg = _by_step((3, T, B, n_h), dtype)
    z = foz_arg[2]
    f = foz_arg[0]
    o = foz_arg[1]
    c_ahead = np.empty((T, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    c_at = list(c)
    f_at = list(f)
    c_ahead_at = list(c_ahead)
    h = c_ahead
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp6 = yhat_lse
    tmp7 = c_ahead
    ds = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = c_ahead
    dc = np.empty((T + 1, B, n_h), dtype)
    dc_at = list(dc)
    dfoz_arg = tmp0
    dP_foz = np.empty((3, n_h, n_x), dtype)
    dW_foz = np.empty((3, n_h, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, P_foz, W_foz, x_held, foz_arg, z, f, o, c_ahead, c, c_at, f_at, c_ahead_at,
        h, s, yhat_lse, largest, yhat, tmp6, tmp7, ds, rows, flat, entries, dd, dV, dh, dc, dc_at, dfoz_arg, dP_foz,
        dW_foz,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    c0_kept = np.empty((count, B, n_h), dtype)
    c_left1 = np.empty((B, n_h), dtype)
    dP_z = np.empty((n_h, n_x), dtype)
    dP_f = np.empty((n_h, n_x), dtype)
    dP_o = np.empty((n_h, n_x), dtype)
    dW_z = np.empty((n_h, n_x), dtype)
    dW_f = np.empty((n_h, n_x), dtype)
    dW_o = np.empty((n_h, n_x), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dd = np.empty((n_y,), dtype)
    return c0_kept, c_left1, dP_z, dP_f, dP_o, dW_z, dW_f, dW_o, dV, dd


def _segment_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    P_foz = np.empty((3, n_h, n_x), dtype)
    W_foz = np.empty((3, n_h, n_x), dtype)
    x_held = np.empty((T + 1, B, n_x), dtype)
    foz_arg = _by_step((3, T, B, n_h), dtype)
    z = foz_arg[2]
    f = foz_arg[0]
    o = foz_arg[1]
    c = np.empty((T + 1, B, n_h), dtype)
    c_at = list(c)
    f_at = list(f)
    h = np.empty((T, B, n_h), dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp4 = np.empty((T, B, n_h), dtype)
    ds = s
    entries = np.empty((T, B), dtype)
    dh = np.empty((T, B, n_h), dtype)
    dc = np.empty((T + 1, B, n_h), dtype)
    dc_at = list(dc)
    dfoz_arg = tmp0
    dx_held = np.empty((T + 1, B, n_x), dtype)
    product3 = np.empty((3, B, n_x), dtype)
    dx_before1 = np.empty((B, n_x), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dP_foz = np.empty((3, n_h, n_x), dtype)
    dW_foz = np.empty((3, n_h, n_x), dtype)
    dc0 = tmp1
    return (
        tmp0, tmp1, tmp2, tmp3, P_foz, W_foz, x_held, foz_arg, z, f, o, c, c_at, f_at, h, s, yhat_lse, largest, rows,
        flat, tmp4, ds, entries, dh, dc, dc_at, dfoz_arg, dx_held, product3, dx_before1, dd, dV, dP_foz, dW_foz, dc0,
    )


def _advance_arrays(T, n_x, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((2, T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    P_fz = np.empty((2, n_h, n_x), dtype)
    W_fz = np.empty((2, n_h, n_x), dtype)
    x_held = np.empty((T, B, n_x), dtype)
    fz_arg = _by_step((2, T, B, n_h), dtype)
    z = fz_arg[1]
    f = fz_arg[0]
    c = np.empty((T + 1, B, n_h), dtype)
    c_at = list(c)
    f_at = list(f)
    return tmp0, tmp1, P_fz, W_fz, x_held, fz_arg, z, f, c, c_at, f_at


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


def _add_each(totals, parts):
    """Adds arrays to others, each to its own."""
    for total, part in zip(totals, parts, strict=True):
        np.add(total, part, out=total)


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


def _as_state(state):
    """What `init_state` or `step` returned."""
    fields = getattr(state, "_fields", State._fields)
    if not isinstance(state, tuple) or len(state) != len(State._fields) or fields != State._fields:
        given = f"State({', '.join(fields)})" if fields != State._fields else f"a {type(state).__name__}"
        raise ValueError(f"state: {given}, expected State({', '.join(State._fields)})")
    return State(*state)


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


def _resumed(state, fields, starts):
    """The starts that a state holds."""
    state = _as_state(state)
    for keyword, given in starts:
        if given is not None:
            raise ValueError(f"{keyword}: given, and so is state; only one can say how the sequence begins")
    return [getattr(state, field) for field in fields]


def _segment_ends(checkpoint, steps, least):
    """Where segments of steps end, 0 before them; True makes about as many segments as each has steps."""
    each = int(np.ceil(np.sqrt(steps))) if checkpoint is True else _size("checkpoint", checkpoint)
    starts = list(range(0, steps, max(each, least)))
    if len(starts) > 1 and steps - starts[-1] < least:
        starts.pop()
    return [*starts, steps]


def _sigmoid(z, out=None, half=0.5):
    """The logistic function 1 / (1 + exp(-z)), which never overflows."""
    if out is None:
        return 0.5 * np.tanh(0.5 * z) + 0.5
    np.multiply(z, half, out=out)
    np.tanh(out, out=out)
    np.multiply(out, half, out=out)
    return np.add(out, half, out=out)


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
