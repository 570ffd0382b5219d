# Written by derive from encoder_decoder.eq; do not edit.
# Change encoder_decoder.eq instead, and run: derive generate encoder_decoder
# source 506102e17dc23045, derive 07e8f9d843407be1, body ee8811e9173cf99a
"""Encoder-decoder: one network reads a sequence into a vector, another writes a sequence of another length from it.

Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder, section 2.2; Goodfellow, Bengio &
Courville (2016), Deep Learning, section 10.4 and fig. 10.12. The context is an extra input of the decoder at every
step.

The equations::

    x: Input[S, n_x]          # the sequence to read
    y: Label[T, n_y]          # the sequence to write; y[t-1] is read when y[t] is predicted
    U: Param[n_h, n_x]        # encoder: input to hidden
    W: Param[n_h, n_h]        # encoder: hidden to hidden
    b: Param[n_h]
    C: Param[n_c, n_h]        # encoder's last state to context
    R: Param[n_d, n_c]        # decoder: context to hidden
    E: Param[n_d, n_y]        # decoder: element before to hidden
    Q: Param[n_d, n_d]        # decoder: hidden to hidden
    r: Param[n_d]
    V: Param[n_y, n_d]        # decoder: hidden to output
    v: Param[n_y]

    h[0] = 0
    d[0] = 0
    h[s] = tanh(b + W @ h[s-1] + U @ x[s])                          # encoder
    c = tanh(C @ h[S])                                              # context
    d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)              # decoder
    o[t] = v + V @ d[t]
    yhat[t] = softmax(o[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    U: np.ndarray  # (n_h, n_x)  encoder: input to hidden
    W: np.ndarray  # (n_h, n_h)  encoder: hidden to hidden
    b: np.ndarray  # (n_h)
    C: np.ndarray  # (n_c, n_h)  encoder's last state to context
    R: np.ndarray  # (n_d, n_c)  decoder: context to hidden
    E: np.ndarray  # (n_d, n_y)  decoder: element before to hidden
    Q: np.ndarray  # (n_d, n_d)  decoder: hidden to hidden
    r: np.ndarray  # (n_d)
    V: np.ndarray  # (n_y, n_d)  decoder: hidden to output
    v: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    h: np.ndarray  # (S + 1, B, n_h)  encoder
    c: np.ndarray  # (B, n_c)  context
    d: np.ndarray  # (T + 1, B, n_d)  decoder
    o: np.ndarray  # (T, B, n_y)
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    y: np.ndarray  # (B)  the sequence to write; y[t-1] is read when y[t] is predicted
    d: np.ndarray  # (B, n_d)  decoder
    t: int  # steps so far


class Outputs(NamedTuple):
    """The variables at one step."""

    d: np.ndarray  # (B, n_d)  decoder
    o: np.ndarray  # (B, n_y)
    yhat: np.ndarray  # (B, n_y)


class FreeRun(NamedTuple):
    """What `free_run` returns, with what it read back; one example has no axis B."""

    h: np.ndarray  # (S + 1, B, n_h)  encoder
    c: np.ndarray  # (B, n_c)  context
    d: np.ndarray  # (T + 1, B, n_d)  decoder
    o: np.ndarray  # (T, B, n_y)
    yhat: np.ndarray  # (T, B, n_y)
    y: np.ndarray  # (T, B)  the sequence to write; y[t-1] is read when y[t] is predicted


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


def init_params(
    rng: np.random.Generator, *, n_h: int, n_x: int, n_c: int, n_d: int, n_y: int, dtype: type = np.float64
) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_h = _size("n_h", n_h)
    n_x = _size("n_x", n_x)
    n_c = _size("n_c", n_c)
    n_d = _size("n_d", n_d)
    n_y = _size("n_y", n_y)
    return Params(
        U=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b=np.zeros((n_h,), dtype),
        C=(rng.standard_normal((n_c, n_h)) / np.sqrt(n_h)).astype(dtype),
        R=(rng.standard_normal((n_d, n_c)) / np.sqrt(n_c)).astype(dtype),
        E=(rng.standard_normal((n_d, n_y)) / np.sqrt(n_y)).astype(dtype),
        Q=(rng.standard_normal((n_d, n_d)) / np.sqrt(n_d)).astype(dtype),
        r=np.zeros((n_d,), dtype),
        V=(rng.standard_normal((n_y, n_d)) / np.sqrt(n_d)).astype(dtype),
        v=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    d0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (S, B, n_x)  real         the sequence to read
    y        (T, B)       0..n_y - 1   the sequence to write; y[t-1] is read when y[t] is predicted
    h0       (B, n_h)     real         h[0]; 0 where not given
    d0       (B, n_d)     real         d[0]; 0 where not given
    state                 State        what an earlier piece left, from last_state or step: the sequence goes on from
                                       there
    lengths               by sequence  each example's own number of steps, what is given beyond is not read; all where
                                       not given

    Data without the axis B are one example.
    """
    if state is not None:
        (d0,) = _resumed(state, ("d",), (("d0", d0),))
    if lengths is not None or state is not None:
        return _forward_padded(params, x, y, h0, d0, lengths, state)
    params, x, y, h0, d0, dtype, single, n_h, n_x, n_c, n_d, n_y, S, T, B = _arguments(params, x, y, h0, d0)
    U, W, b, C, R, E, Q, r, V, v = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_d), dtype)
    tmp2 = np.empty((T - 1, B, n_d), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((T, B), dtype)
    h_arg = np.empty((S, B, n_h), dtype)
    # h.arg[s] = b + W @ h[s-1] + U @ x[s]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    h = np.empty((S + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    W_T = np.empty((n_h, n_h), dtype)
    W_T[...] = W.T
    h_at = list(h)
    h_arg_at = list(h_arg)
    for s in range(1, S + 1):
        # h.arg[s] = b + W @ h[s-1] + U @ x[s]
        h_at[s - 1].dot(W_T, out=tmp0)
        h_arg_at[s - 1] += tmp0
        # h[s] = tanh(b + W @ h[s-1] + U @ x[s])
        np.tanh(h_arg_at[s - 1], out=h_at[s])
    c_arg = np.empty((B, n_c), dtype)
    # c.arg = C @ h[S]
    np.matmul(h[S], C.T, out=c_arg)
    c = np.empty((B, n_c), dtype)
    # c = tanh(C @ h[S])
    np.tanh(c_arg, out=c)
    d_look = np.empty((T, B, n_d), dtype)
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    d_look[...] = 0
    d_arg = np.empty((T, B, n_d), dtype)
    # d.arg[t] = r + Q @ d[t-1] + E[:, y[t-1]] + R @ c
    np.matmul(c, R.T, out=tmp1)
    d_arg[...] = tmp1
    d_arg += r
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    tmp2[...] = E[:, y[:T - 1]].transpose(1, 2, 0)
    d_look[1:] += tmp2
    # d.arg[t] = r + Q @ d[t-1] + E[:, y[t-1]] + R @ c
    d_arg += d_look
    d = np.empty((T + 1, B, n_d), dtype)
    # d[0] = 0
    d[0] = d0
    Q_T = np.empty((n_d, n_d), dtype)
    Q_T[...] = Q.T
    d_at = list(d)
    d_arg_at = list(d_arg)
    for t in range(1, T + 1):
        # d.arg[t] = r + Q @ d[t-1] + E[:, y[t-1]] + R @ c
        d_at[t - 1].dot(Q_T, out=tmp1)
        d_arg_at[t - 1] += tmp1
        # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
        np.tanh(d_arg_at[t - 1], out=d_at[t])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = v + V @ d[t]
    np.matmul(d[1:].reshape(-1, n_d), V.T, out=o.reshape(-1, n_y))
    o += v
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp3, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()

    if single:
        h = h[:, 0]
        c = c[0]
        d = d[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(h=h, c=c, d=d, o=o, yhat=yhat, loss=float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    d0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (S, B, n_x)  real         the sequence to read
    y          (T, B)       0..n_y - 1   the sequence to write; y[t-1] is read when y[t] is predicted
    h0         (B, n_h)     real         h[0]; 0 where not given
    d0         (B, n_d)     real         d[0]; 0 where not given
    workspace               Workspace    its arrays are used, and hold the results until its next call
    state                   State        what an earlier piece left, from last_state or step: the sequence goes on from
                                         there
    lengths                 by sequence  each example's own number of steps, what is given beyond is not read; all where
                                         not given

    Data without the axis B are one example.
    """
    if state is not None:
        (d0,) = _resumed(state, ("d",), (("d0", d0),))
    if lengths is not None or state is not None:
        return _loss_padded(params, x, y, h0, d0, lengths, workspace, state)
    params, x, y, h0, d0, dtype, single, n_h, n_x, n_c, n_d, n_y, S, T, B = _arguments(params, x, y, h0, d0)
    U, W, b, C, R, E, Q, r, V, v = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, h_arg, h, W_T, h_at, h_arg_at, c_arg, c, d_look, d_arg, d, Q_T, d_at, d_arg_at, o,
        yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, S, T, n_y, n_h, n_c, n_d, B, dtype)
    # h.arg[s] = b + W @ h[s-1] + U @ x[s]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for s in range(1, S + 1):
        # h.arg[s] = b + W @ h[s-1] + U @ x[s]
        h_at[s - 1].dot(W_T, out=tmp0)
        h_arg_at[s - 1] += tmp0
        # h[s] = tanh(b + W @ h[s-1] + U @ x[s])
        np.tanh(h_arg_at[s - 1], out=h_at[s])
    # c.arg = C @ h[S]
    np.matmul(h[S], C.T, out=c_arg)
    # c = tanh(C @ h[S])
    np.tanh(c_arg, out=c)
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    d_look[...] = 0
    # d.arg[t] = r + Q @ d[t-1] + E[:, y[t-1]] + R @ c
    np.matmul(c, R.T, out=tmp1)
    d_arg[...] = tmp1
    d_arg += r
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    tmp2[...] = E[:, y[:T - 1]].transpose(1, 2, 0)
    d_look[1:] += tmp2
    # d.arg[t] = r + Q @ d[t-1] + E[:, y[t-1]] + R @ c
    d_arg += d_look
    # d[0] = 0
    d[0] = d0
    Q_T[...] = Q.T
    for t in range(1, T + 1):
        # d.arg[t] = r + Q @ d[t-1] + E[:, y[t-1]] + R @ c
        d_at[t - 1].dot(Q_T, out=tmp1)
        d_arg_at[t - 1] += tmp1
        # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
        np.tanh(d_arg_at[t - 1], out=d_at[t])
    # o[t] = v + V @ d[t]
    np.matmul(d[1:].reshape(-1, n_d), V.T, out=o.reshape(-1, n_y))
    o += v
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    d0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x          (S, B, n_x)  real               the sequence to read
    y          (T, B)       0..n_y - 1         the sequence to write; y[t-1] is read when y[t] is predicted
    h0         (B, n_h)     real               h[0]; 0 where not given
    d0         (B, n_d)     real               d[0]; 0 where not given
    workspace               Workspace          its arrays are used, and hold the results until its next call
    state                   State              what an earlier piece left, from last_state or step: the sequence goes on
                                               from there
    lengths                 by sequence        each example's own number of steps, what is given beyond is not read; all
                                               where not given
    window                  whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it,
                                               values go on to the next

    Data without the axis B are one example.
    """
    if state is not None:
        (d0,) = _resumed(state, ("d",), (("d0", d0),))
    if lengths is not None or window is not None or state is not None:
        return _loss_and_grad_padded(params, x, y, h0, d0, lengths, wrt, workspace, window, state)
    params, x, y, h0, d0, dtype, single, n_h, n_x, n_c, n_d, n_y, S, T, B = _arguments(params, x, y, h0, d0)
    U, W, b, C, R, E, Q, r, V, v = params
    wrt = _asked(wrt, ("x", "h0", "d0"))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, h_arg, h, W_T, h_at, h_arg_at, c_arg, c, d_look, d_arg, d, Q_T, d_at, d_arg_at, o,
        yhat_lse, largest, yhat, rows, flat, tmp5, do, entries, dv, dV, d_arg_factor, dd, dd_arg, dd_arg_at, dd_at,
        d_arg_factor_at, dr, dQ, dR, dc, dc_arg, dC, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at, db,
        dU, dW, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, S, n_x, T, n_y, n_h, n_c, n_d, B, dtype)
    # h.arg[s] = b + W @ h[s-1] + U @ x[s]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for s in range(1, S + 1):
        # h.arg[s] = b + W @ h[s-1] + U @ x[s]
        h_at[s - 1].dot(W_T, out=tmp0)
        h_arg_at[s - 1] += tmp0
        # h[s] = tanh(b + W @ h[s-1] + U @ x[s])
        np.tanh(h_arg_at[s - 1], out=h_at[s])
    # c.arg = C @ h[S]
    np.matmul(h[S], C.T, out=c_arg)
    # c = tanh(C @ h[S])
    np.tanh(c_arg, out=c)
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    d_look[...] = 0
    # d.arg[t] = r + Q @ d[t-1] + E[:, y[t-1]] + R @ c
    np.matmul(c, R.T, out=tmp1)
    d_arg[...] = tmp1
    d_arg += r
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    tmp2[...] = E[:, y[:T - 1]].transpose(1, 2, 0)
    d_look[1:] += tmp2
    # d.arg[t] = r + Q @ d[t-1] + E[:, y[t-1]] + R @ c
    d_arg += d_look
    # d[0] = 0
    d[0] = d0
    Q_T[...] = Q.T
    for t in range(1, T + 1):
        # d.arg[t] = r + Q @ d[t-1] + E[:, y[t-1]] + R @ c
        d_at[t - 1].dot(Q_T, out=tmp1)
        d_arg_at[t - 1] += tmp1
        # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
        np.tanh(d_arg_at[t - 1], out=d_at[t])
    # o[t] = v + V @ d[t]
    np.matmul(d[1:].reshape(-1, n_d), V.T, out=o.reshape(-1, n_y))
    o += v
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp3, largest=largest)
    np.subtract(o, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()
    # grad(o[t]) = yhat[t] - onehot(y[t])
    _add_to(do, y, rows, flat, entries, -1)
    # grad(v) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dv)
    # grad(V) = sum(outer(grad(o[t]), d[t]), t)
    np.matmul(do.reshape(-1, n_y).T, d[1:].reshape(-1, n_d), out=dV)
    # d.arg.factor[t] = 1 - d[t]**2
    np.square(d[1:], out=d_arg_factor)
    np.subtract(1, d_arg_factor, out=d_arg_factor)
    # grad(d[t]) = Q.T @ grad(d.arg[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dd[1:].reshape(-1, n_d))
    # grad(d.arg[t]) = (1 - d[t]**2) * grad(d[t])
    np.multiply(d_arg_factor[T - 1], dd[T], out=dd_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(d[t]) = Q.T @ grad(d.arg[t+1]) + V.T @ grad(o[t]), t < T
        dd_arg_at[t].dot(Q, out=tmp1)
        dd_at[t] += tmp1
        # grad(d.arg[t]) = (1 - d[t]**2) * grad(d[t])
        np.multiply(d_arg_factor_at[t - 1], dd_at[t], out=dd_arg_at[t - 1])
    # grad(r) = sum(grad(d.arg[t]), t)
    np.add.reduce(dd_arg, axis=(0, 1), out=dr)
    # grad(Q) = sum(outer(grad(d.arg[t]), d[t-1]), t)
    np.matmul(dd_arg.reshape(-1, n_d).T, d[:T].reshape(-1, n_d), out=dQ)
    # grad(R) = sum(outer(grad(d.arg[t]), c), t)
    tmp5[...] = dd_arg.sum(axis=0).T
    np.matmul(tmp5, c, out=dR)
    # grad(c) = sum(R.T @ grad(d.arg[t]), t)
    np.add.reduce(dd_arg, axis=0, out=tmp1)
    np.matmul(tmp1, R, out=dc)
    # grad(c.arg) = (1 - c**2) * grad(c)
    np.square(c, out=dc_arg)
    np.subtract(1, dc_arg, out=dc_arg)
    dc_arg *= dc
    # grad(C) = outer(grad(c.arg), h[S])
    np.matmul(dc_arg.T, h[S], out=dC)
    # h.arg.factor[s] = 1 - h[s]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    # grad(h[S]) = C.T @ grad(c.arg)
    np.matmul(dc_arg, C, out=dh[S])
    # grad(h.arg[s]) = (1 - h[s]**2) * grad(h[s])
    np.multiply(dh[S], h_arg_factor[S - 1], out=dh_arg[S - 1])
    for s in range(S - 1, 0, -1):
        # grad(h[s]) = W.T @ grad(h.arg[s+1]), 0 <= s < S
        dh_arg_at[s].dot(W, out=dh_at[s])
        # grad(h.arg[s]) = (1 - h[s]**2) * grad(h[s])
        np.multiply(dh_at[s], h_arg_factor_at[s - 1], out=dh_arg_at[s - 1])
    # grad(b) = sum(grad(h.arg[s]), s)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[s]), x[s]), s)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[s]), h[s-1]), s)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:S].reshape(-1, n_h), out=dW)
    dE.fill(0)
    # grad(E) = sum(outer(grad(d.arg[t]), onehot(y[t-1])), (t, 2, T))
    _scatter_add(dE, (np.arange(n_d)[:, None, None], y[:T - 1]), dd_arg[1:].transpose(2, 0, 1))
    if "d0" in wrt:
        # grad(d[0]) = Q.T @ grad(d.arg[1])
        np.matmul(dd_arg[0], Q, out=dd[0])
        dd0 = np.empty((B, n_d), dtype)
        # grad(d.0) = grad(d[0])
        dd0[...] = dd[0]
    if "x" in wrt:
        dx = np.empty((S, B, n_x), dtype)
        # grad(x[s]) = U.T @ grad(h.arg[s])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))
    if "h0" in wrt:
        # grad(h[S]) = C.T @ grad(c.arg)
        np.matmul(dh_arg[0], W, out=dh[0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(U=dU, W=dW, b=db, C=dC, R=dR, E=dE, Q=dQ, r=dr, V=dV, v=dv)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "d0" in wrt:
        result["d0"] = dd0[0] if single else dd0
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

    x        (S, B, n_x)  real               the sequence to read
    y        (T, B)       0..n_y - 1         the sequence to write; y[t-1] is read when y[t] is predicted
    state                 State              what an earlier piece left, from last_state or step: the sequence goes on
                                             from there
    lengths               by sequence        each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it,
                                             values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _backward_padded(params, forward, x, y, lengths, window, state)
    (
        params, x, y, h, c, d, yhat, dtype, single, n_h, n_x, n_c, n_d, n_y, S, T, B,
    ) = _backward_arguments(params, forward, x, y)
    U, W, b, C, R, E, Q, r, V, v = params

    tmp0 = np.empty((B, n_d), dtype)
    tmp1 = np.empty((n_d, B), dtype)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do[...] = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, -1)
    dv = np.empty((n_y,), dtype)
    # grad(v) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dv)
    dV = np.empty((n_y, n_d), dtype)
    # grad(V) = sum(outer(grad(o[t]), d[t]), t)
    np.matmul(do.reshape(-1, n_y).T, d[1:].reshape(-1, n_d), out=dV)
    dd = np.empty((T, B, n_d), dtype)
    # grad(d[t]) = Q.T @ grad(d.arg[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dd.reshape(-1, n_d))
    d_arg_factor = np.empty((T, B, n_d), dtype)
    # d.arg.factor[t] = 1 - d[t]**2
    np.square(d[1:], out=d_arg_factor)
    np.subtract(1, d_arg_factor, out=d_arg_factor)
    dd_arg = np.empty((T, B, n_d), dtype)
    # grad(d.arg[t]) = (1 - d[t]**2) * grad(d[t])
    np.multiply(d_arg_factor[T - 1], dd[T - 1], out=dd_arg[T - 1])
    dd_arg_at = list(dd_arg)
    dd_at = list(dd)
    d_arg_factor_at = list(d_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(d[t]) = Q.T @ grad(d.arg[t+1]) + V.T @ grad(o[t]), t < T
        dd_arg_at[t].dot(Q, out=tmp0)
        dd_at[t - 1] += tmp0
        # grad(d.arg[t]) = (1 - d[t]**2) * grad(d[t])
        np.multiply(d_arg_factor_at[t - 1], dd_at[t - 1], out=dd_arg_at[t - 1])
    dr = np.empty((n_d,), dtype)
    # grad(r) = sum(grad(d.arg[t]), t)
    np.add.reduce(dd_arg, axis=(0, 1), out=dr)
    dQ = np.empty((n_d, n_d), dtype)
    # grad(Q) = sum(outer(grad(d.arg[t]), d[t-1]), t)
    np.matmul(dd_arg.reshape(-1, n_d).T, d[:T].reshape(-1, n_d), out=dQ)
    dR = np.empty((n_d, n_c), dtype)
    # grad(R) = sum(outer(grad(d.arg[t]), c), t)
    tmp1[...] = dd_arg.sum(axis=0).T
    np.matmul(tmp1, c, out=dR)
    dc = np.empty((B, n_c), dtype)
    # grad(c) = sum(R.T @ grad(d.arg[t]), t)
    np.add.reduce(dd_arg, axis=0, out=tmp0)
    np.matmul(tmp0, R, out=dc)
    dc_arg = np.empty((B, n_c), dtype)
    # grad(c.arg) = (1 - c**2) * grad(c)
    np.square(c, out=dc_arg)
    np.subtract(1, dc_arg, out=dc_arg)
    dc_arg *= dc
    dC = np.empty((n_c, n_h), dtype)
    # grad(C) = outer(grad(c.arg), h[S])
    np.matmul(dc_arg.T, h[S], out=dC)
    h_arg_factor = np.empty((S, B, n_h), dtype)
    # h.arg.factor[s] = 1 - h[s]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    dh = np.empty((S, B, n_h), dtype)
    # grad(h[S]) = C.T @ grad(c.arg)
    np.matmul(dc_arg, C, out=dh[S - 1])
    dh_arg = np.empty((S, B, n_h), dtype)
    # grad(h.arg[s]) = (1 - h[s]**2) * grad(h[s])
    np.multiply(dh[S - 1], h_arg_factor[S - 1], out=dh_arg[S - 1])
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    for s in range(S - 1, 0, -1):
        # grad(h[s]) = W.T @ grad(h.arg[s+1]), 0 <= s < S
        dh_arg_at[s].dot(W, out=dh_at[s - 1])
        # grad(h.arg[s]) = (1 - h[s]**2) * grad(h[s])
        np.multiply(dh_at[s - 1], h_arg_factor_at[s - 1], out=dh_arg_at[s - 1])
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(h.arg[s]), s)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    dU = np.empty((n_h, n_x), dtype)
    # grad(U) = sum(outer(grad(h.arg[s]), x[s]), s)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    dW = np.empty((n_h, n_h), dtype)
    # grad(W) = sum(outer(grad(h.arg[s]), h[s-1]), s)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:S].reshape(-1, n_h), out=dW)
    dE = np.zeros((n_d, n_y), dtype)
    # grad(E) = sum(outer(grad(d.arg[t]), onehot(y[t-1])), (t, 2, T))
    _scatter_add(dE, (np.arange(n_d)[:, None, None], y[:T - 1]), dd_arg[1:].transpose(2, 0, 1))

    return Params(U=dU, W=dW, b=db, C=dC, R=dR, E=dE, Q=dQ, r=dr, V=dV, v=dv)


def init_state(params: Params, *, d0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    d0  (B, n_d)  real  d[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, d0, dtype, single, n_h, n_x, n_c, n_d, n_y, B = _initial_arguments(params, d0, batch)

    y_prev = np.empty((B,), np.intp)
    # y@1 = 0
    y_prev[...] = 0
    # d[0] = 0
    d_prev = d0.copy()

    if single:
        y_prev = y_prev[0]
        d_prev = d_prev[0]
    return State(y=y_prev, d=d_prev, t=0)


def step(
    params: Params, state: State, *, x: np.ndarray, y: np.ndarray, h0: np.ndarray | None = None
) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x   (S, B, n_x)  real        the sequence to read
    y   (B)          0..n_y - 1  the sequence to write; y[t-1] is read when y[t] is predicted
    h0  (B, n_h)     real        h[0]; 0 where not given

    Data without the axis B are one example.
    """
    (
        params, x, y, h0, y_prev, d_prev, dtype, single, n_h, n_x, n_c, n_d, n_y, S, B,
    ) = _step_arguments(params, state, x, y, h0)
    U, W, b, C, R, E, Q, r, V, v = params
    t_now = _count("state.t", state[-1]) + 1

    # h.arg[s] = b + W @ h[s-1] + U @ x[s]
    h_arg = (x.reshape(-1, n_x) @ U.T).reshape(S, B, n_h)
    h_arg += b
    h = np.empty((S + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    W_T = W.T.copy()
    for s in range(1, S + 1):
        # h.arg[s] = b + W @ h[s-1] + U @ x[s]
        h_arg[s - 1] += h[s - 1] @ W_T
        # h[s] = tanh(b + W @ h[s-1] + U @ x[s])
        np.tanh(h_arg[s - 1], out=h[s])
    # c.arg = C @ h[S]
    c_arg = h[S] @ C.T
    # c = tanh(C @ h[S])
    c = np.tanh(c_arg)
    d_look = np.empty((B, n_d), dtype)
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    d_look[...] = 0
    d_look += np.where(2 <= t_now, E[:, y_prev].T, 0)
    # d.arg[t] = r + Q @ d[t-1] + E[:, y[t-1]] + R @ c
    d_arg = d_prev @ Q.T
    d_arg += c @ R.T
    d_arg += r
    d_arg += d_look
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    d = np.tanh(d_arg)
    # o[t] = v + V @ d[t]
    o = d @ V.T
    o += v
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])

    if single:
        y = y[0]
        d = d[0]
        o = o[0]
        yhat = yhat[0]
    result = State(y=y, d=d, t=t_now)
    return result, Outputs(d=d, o=o, yhat=yhat)


def free_run(
    params: Params,
    *,
    x: np.ndarray,
    steps: int,
    h0: np.ndarray | None = None,
    d0: np.ndarray | None = None,
    y: np.ndarray | None = None,
    rng: np.random.Generator | None = None,
    truth: np.ndarray | None = None,
) -> FreeRun:
    """The model on its own: what it predicts is read where training reads the true values.

    x      (S, B, n_x)  real               the sequence to read
    h0     (B, n_h)     real               h[0]; 0 where not given
    d0     (B, n_d)     real               d[0]; 0 where not given
    y      (T, B)       0..n_y - 1         the sequence to write; y[t-1] is read when y[t] is predicted
    steps               whole number >= 1
    rng                 generator          draws the classes; the most probable ones where it is not given
    truth  (T, B)       bool               the steps that read y

    Data without the axis B are one example.
    """
    (
        params, x, h0, d0, dtype, single, n_h, n_x, n_c, n_d, n_y, S, steps, B,
    ) = _free_run_arguments(params, x, h0, d0, steps)
    U, W, b, C, R, E, Q, r, V, v = params
    _generator(rng)
    truth = _truth(truth, (("y", y),), steps, B, single)
    y_given = _true_classes("y", y, truth, (steps, B), ("T", "B"), single, n_y, "n_y - 1")

    # h.arg[s] = b + W @ h[s-1] + U @ x[s]
    h_arg = (x.reshape(-1, n_x) @ U.T).reshape(S, B, n_h)
    h_arg += b
    h = np.empty((S + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    W_T = W.T.copy()
    for s in range(1, S + 1):
        # h.arg[s] = b + W @ h[s-1] + U @ x[s]
        h_arg[s - 1] += h[s - 1] @ W_T
        # h[s] = tanh(b + W @ h[s-1] + U @ x[s])
        np.tanh(h_arg[s - 1], out=h[s])
    # c.arg = C @ h[S]
    c_arg = h[S] @ C.T
    # c = tanh(C @ h[S])
    c = np.tanh(c_arg)
    d_look = np.empty((steps, B, n_d), dtype)
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    d_look[...] = 0
    d_arg = np.empty((steps, B, n_d), dtype)
    # d.arg[t] = r + Q @ d[t-1] + E[:, y[t-1]] + R @ c
    d_arg[...] = c @ R.T
    d_arg += r
    o = np.empty((steps, B, n_y), dtype)
    # o[t] = v + V @ d[t]
    o[...] = v
    d = np.empty((steps + 1, B, n_d), dtype)
    # d[0] = 0
    d[0] = d0
    yhat_lse = np.empty((B,), dtype)
    yhat = np.empty((steps, B, n_y), dtype)
    y_fed = np.empty((B,), np.intp)
    y = np.empty((steps, B), np.intp)
    # d.arg[t] = r + Q @ d[t-1] + E[:, y[t-1]] + R @ c
    d_arg[0] += d[0] @ Q.T
    d_arg[0] += d_look[0]
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    np.tanh(d_arg[0], out=d[1])
    # o[t] = v + V @ d[t]
    o[0] += d[1] @ V.T
    # yhat[t] = softmax(o[t])
    yhat_lse[...] = _logsumexp(o[0], 1)
    np.exp(o[0] - yhat_lse[:, None], out=yhat[0])
    # y.fed[t] = the most probable class of yhat[t], or one that is drawn
    y_fed[...] = _choice(yhat[0], 1, rng)
    # y[t] = y.fed[t], or the true one where truth[t]
    y[0] = np.where(truth[0] != 0, y_given[0], y_fed)
    Q_T = Q.T.copy()
    V_T = V.T.copy()
    for t in range(2, steps + 1):
        # d.arg[t] = r + Q @ d[t-1] + E[:, y[t-1]] + R @ c
        d_arg[t - 1] += d[t - 1] @ Q_T
        # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
        d_look[t - 1] += E[:, y[t - 2]].T
        # d.arg[t] = r + Q @ d[t-1] + E[:, y[t-1]] + R @ c
        d_arg[t - 1] += d_look[t - 1]
        # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
        np.tanh(d_arg[t - 1], out=d[t])
        # o[t] = v + V @ d[t]
        o[t - 1] += d[t] @ V_T
        # yhat[t] = softmax(o[t])
        yhat_lse[...] = _logsumexp(o[t - 1], 1)
        np.exp(o[t - 1] - yhat_lse[:, None], out=yhat[t - 1])
        # y.fed[t] = the most probable class of yhat[t], or one that is drawn
        y_fed[...] = _choice(yhat[t - 1], 1, rng)
        # y[t] = y.fed[t], or the true one where truth[t]
        y[t - 1] = np.where(truth[t - 1] != 0, y_given[t - 1], y_fed)

    if single:
        h = h[:, 0]
        c = c[0]
        d = d[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
        y = y[:, 0]
    return FreeRun(h=h, c=c, d=d, o=o, yhat=yhat, y=y)


def last_state(
    forward: Forward,
    *,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> State:
    """The state after the last step, from what `forward` returned.

    y        as `forward` was given it
    lengths  as `forward` was given it
    state    as `forward` was given it
    """
    forward = _as_forward(forward)
    state = None if state is None else _as_state(state)
    y = _array("y", y)
    steps = y.shape[0]
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("S", "T"), steps, 1 if y.ndim < 2 else y.shape[1], y.ndim < 2, 1
    )
    return State(
        y=_last_given("y", y, 0, 1, lengths, None if state is None else state.y),
        d=_last(forward.d, 0, 1, 1, lengths),
        t=_steps_so_far(state, steps, lengths),
    )


def _forward_padded(params, x, y, h0, d0, lengths, state):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, h0, d0, dtype, single, n_h, n_x, n_c, n_d, n_y, S, T, B, len_S, S_own, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, d0, lengths)
    U, W, b, C, R, E, Q, r, V, v = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_d), dtype)
    tmp2 = np.empty((T, B, n_d), dtype)
    tmp3 = np.empty((B, n_d), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    tmp7 = np.empty((B, T), dtype)
    h_arg = np.empty((S, B, n_h), dtype)
    # h.arg[s] = b + W @ h[s-1] + U @ x[s]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    h = np.empty((S + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    W_T = np.empty((n_h, n_h), dtype)
    W_T[...] = W.T
    h_at = list(h)
    h_arg_at = list(h_arg)
    for s in range(1, S + 1):
        # h.arg[s] = b + W @ h[s-1] + U @ x[s]
        h_at[s - 1].dot(W_T, out=tmp0)
        h_arg_at[s - 1] += tmp0
        # h[s] = tanh(b + W @ h[s-1] + U @ x[s])
        np.tanh(h_arg_at[s - 1], out=tmp0)
        h[s] = np.where((s <= S_own)[:, None], tmp0, h[s - 1])
    c_arg = np.empty((B, n_c), dtype)
    # c.arg = C @ h[len.S]
    tmp0[...] = h[len_S, np.arange(B)]
    np.matmul(tmp0, C.T, out=c_arg)
    c = np.empty((B, n_c), dtype)
    # c = tanh(C @ h[S])
    np.tanh(c_arg, out=c)
    d_look = np.empty((T, B, n_d), dtype)
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    d_look[...] = 0
    y_held = np.empty((T, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    tmp2[...] = E[:, y_held].transpose(1, 2, 0)
    tmp1[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp2, 0)
    d_look += tmp1
    d_arg = np.empty((T, B, n_d), dtype)
    # d.arg[t] = r + Q @ d[t-1] + where(2 <= t + T.done, E[:, y.held[t-1]], 0) + R @ c
    np.matmul(c, R.T, out=tmp3)
    d_arg[...] = tmp3
    d_arg += r
    d_arg += d_look
    d = np.empty((T + 1, B, n_d), dtype)
    # d[0] = 0
    d[0] = d0
    Q_T = np.empty((n_d, n_d), dtype)
    Q_T[...] = Q.T
    d_at = list(d)
    d_arg_at = list(d_arg)
    for t in range(1, T + 1):
        # d.arg[t] = r + Q @ d[t-1] + where(2 <= t + T.done, E[:, y.held[t-1]], 0) + R @ c
        d_at[t - 1].dot(Q_T, out=tmp3)
        d_arg_at[t - 1] += tmp3
        # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
        np.tanh(d_arg_at[t - 1], out=tmp3)
        d[t] = np.where((t <= T_own)[:, None], tmp3, d[t - 1])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = v + V @ d[t]
    np.matmul(d[1:].reshape(-1, n_d), V.T, out=o.reshape(-1, n_y))
    o += v
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp4, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp4)
    np.exp(tmp4, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp6[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp7[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp7, 0)
    np.subtract(tmp6, tmp5, out=tmp5)
    loss = tmp5.sum()

    if single:
        h = h[:, 0]
        c = c[0]
        d = d[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(h=h, c=c, d=d, o=o, yhat=yhat, loss=float(loss))


def _loss_padded(params, x, y, h0, d0, lengths, workspace, state):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, h0, d0, dtype, single, n_h, n_x, n_c, n_d, n_y, S, T, B, len_S, S_own, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, d0, lengths)
    U, W, b, C, R, E, Q, r, V, v = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, h_arg, h, W_T, h_at, h_arg_at, c_arg, c, d_look, y_held, d_arg,
        d, Q_T, d_at, d_arg_at, o, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, S, T, n_y, n_h, n_c, n_d, B, dtype)
    # h.arg[s] = b + W @ h[s-1] + U @ x[s]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for s in range(1, S + 1):
        # h.arg[s] = b + W @ h[s-1] + U @ x[s]
        h_at[s - 1].dot(W_T, out=tmp0)
        h_arg_at[s - 1] += tmp0
        # h[s] = tanh(b + W @ h[s-1] + U @ x[s])
        np.tanh(h_arg_at[s - 1], out=tmp0)
        h[s] = np.where((s <= S_own)[:, None], tmp0, h[s - 1])
    # c.arg = C @ h[len.S]
    tmp0[...] = h[len_S, np.arange(B)]
    np.matmul(tmp0, C.T, out=c_arg)
    # c = tanh(C @ h[S])
    np.tanh(c_arg, out=c)
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    d_look[...] = 0
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    tmp2[...] = E[:, y_held].transpose(1, 2, 0)
    tmp1[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp2, 0)
    d_look += tmp1
    # d.arg[t] = r + Q @ d[t-1] + where(2 <= t + T.done, E[:, y.held[t-1]], 0) + R @ c
    np.matmul(c, R.T, out=tmp3)
    d_arg[...] = tmp3
    d_arg += r
    d_arg += d_look
    # d[0] = 0
    d[0] = d0
    Q_T[...] = Q.T
    for t in range(1, T + 1):
        # d.arg[t] = r + Q @ d[t-1] + where(2 <= t + T.done, E[:, y.held[t-1]], 0) + R @ c
        d_at[t - 1].dot(Q_T, out=tmp3)
        d_arg_at[t - 1] += tmp3
        # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
        np.tanh(d_arg_at[t - 1], out=tmp3)
        d[t] = np.where((t <= T_own)[:, None], tmp3, d[t - 1])
    # o[t] = v + V @ d[t]
    np.matmul(d[1:].reshape(-1, n_d), V.T, out=o.reshape(-1, n_y))
    o += v
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp4, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp6[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp7[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp7, 0)
    np.subtract(tmp6, tmp5, out=tmp5)
    loss = tmp5.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, h0, d0, lengths, wrt, workspace, window, state):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h0, d0, dtype, single, n_h, n_x, n_c, n_d, n_y, S, T, B, len_S, S_own, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, d0, lengths)
    U, W, b, C, R, E, Q, r, V, v = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    wrt = _asked(wrt, ("x", "h0", "d0"))
    window_S = _window(window, "S", ("S", "T"), S)
    window_T = _window(window, "T", ("S", "T"), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, h_arg, h, W_T, h_at, h_arg_at, c_arg, c, d_look, y_held, d_arg,
        d, Q_T, d_at, d_arg_at, o, yhat_lse, largest, yhat, tmp8, tmp9, tmp10, tmp11, tmp12, do, rows, flat, entries,
        dv, dV, d_arg_factor, dd, dd_arg, dd_arg_at, dd_at, d_arg_factor_at, dr, dQ, dR, dc, dc_arg, dC, h_arg_factor,
        dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at, db, dU, dW, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, S, n_x, T, n_y, n_h, n_c, n_d, B, dtype)
    # h.arg[s] = b + W @ h[s-1] + U @ x[s]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for s in range(1, S + 1):
        # h.arg[s] = b + W @ h[s-1] + U @ x[s]
        h_at[s - 1].dot(W_T, out=tmp0)
        h_arg_at[s - 1] += tmp0
        # h[s] = tanh(b + W @ h[s-1] + U @ x[s])
        np.tanh(h_arg_at[s - 1], out=tmp0)
        h[s] = np.where((s <= S_own)[:, None], tmp0, h[s - 1])
    # c.arg = C @ h[len.S]
    tmp0[...] = h[len_S, np.arange(B)]
    np.matmul(tmp0, C.T, out=c_arg)
    # c = tanh(C @ h[S])
    np.tanh(c_arg, out=c)
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    d_look[...] = 0
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
    tmp2[...] = E[:, y_held[:T]].transpose(1, 2, 0)
    tmp1[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp2, 0)
    d_look += tmp1
    # d.arg[t] = r + Q @ d[t-1] + where(2 <= t + T.done, E[:, y.held[t-1]], 0) + R @ c
    np.matmul(c, R.T, out=tmp3)
    d_arg[...] = tmp3
    d_arg += r
    d_arg += d_look
    # d[0] = 0
    d[0] = d0
    Q_T[...] = Q.T
    for t in range(1, T + 1):
        # d.arg[t] = r + Q @ d[t-1] + where(2 <= t + T.done, E[:, y.held[t-1]], 0) + R @ c
        d_at[t - 1].dot(Q_T, out=tmp3)
        d_arg_at[t - 1] += tmp3
        # d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)
        np.tanh(d_arg_at[t - 1], out=tmp3)
        d[t] = np.where((t <= T_own)[:, None], tmp3, d[t - 1])
    # o[t] = v + V @ d[t]
    np.matmul(d[1:].reshape(-1, n_d), V.T, out=o.reshape(-1, n_y))
    o += v
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp4, largest=largest)
    np.subtract(o, yhat_lse[:, :, None], out=tmp4)
    np.exp(tmp4, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp6[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp7[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp7, 0)
    np.subtract(tmp6, tmp5, out=tmp5)
    loss = tmp5.sum()
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp8[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp8[:, :, None], yhat, out=do)
    tmp8[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp8, out=tmp8)
    _add_to(do, y, rows, flat, entries, tmp8)
    # grad(v) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dv)
    # grad(V) = sum(outer(grad(o[t]), d[t]), t)
    np.matmul(do.reshape(-1, n_y).T, d[1:].reshape(-1, n_d), out=dV)
    # d.arg.factor[t] = 1 - d[t]**2
    np.square(d[1:], out=d_arg_factor)
    np.subtract(1, d_arg_factor, out=d_arg_factor)
    # grad(d[t]) = same_window(t, maximum(t - 1, 0), window.T) * (Q.T @ grad(d.arg[t+1])) + V.T @
    #     grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dd[1:].reshape(-1, n_d))
    # grad(d.arg[t]) = (1 - d[t]**2) * grad(d[t])
    np.multiply(d_arg_factor[T - 1], dd[T], out=dd_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(d[t]) = same_window(t, maximum(t - 1, 0), window.T) * (Q.T @ grad(d.arg[t+1])) + V.T @
        #     grad(o[t]), t < T
        dd_arg_at[t].dot(Q, out=tmp3)
        tmp3 *= t // window_T == max(t - 1, 0) // window_T
        dd_at[t] += tmp3
        # grad(d.arg[t]) = (1 - d[t]**2) * grad(d[t])
        np.multiply(d_arg_factor_at[t - 1], dd_at[t], out=dd_arg_at[t - 1])
    # grad(r) = sum(grad(d.arg[t]), t)
    np.add.reduce(dd_arg, axis=(0, 1), out=dr)
    # grad(Q) = sum(outer(grad(d.arg[t]), d[t-1]), t)
    np.matmul(dd_arg.reshape(-1, n_d).T, d[:T].reshape(-1, n_d), out=dQ)
    # grad(R) = sum(outer(grad(d.arg[t]), c), t)
    tmp9[...] = dd_arg.sum(axis=0).T
    np.matmul(tmp9, c, out=dR)
    # grad(c) = sum(R.T @ grad(d.arg[t]), t)
    np.add.reduce(dd_arg, axis=0, out=tmp3)
    np.matmul(tmp3, R, out=dc)
    # grad(c.arg) = (1 - c**2) * grad(c)
    np.square(c, out=dc_arg)
    np.subtract(1, dc_arg, out=dc_arg)
    dc_arg *= dc
    # grad(C) = outer(grad(c.arg), h[len.S])
    tmp10[...] = h[len_S, np.arange(B)].T
    np.matmul(dc_arg.T, tmp10.T, out=dC)
    # h.arg.factor[s] = 1 - h[s]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    dh.fill(0)
    # grad(h[s]) = same_window(s, maximum(s - 1, 0), window.S) * (W.T @ grad(h.arg[s+1])) + where(len.S ==
    #     s, 1, 0) * (C.T @ grad(c.arg)), s < S
    np.matmul(dc_arg, C, out=tmp0)
    dh[len_S, np.arange(B)] += tmp0
    # grad(h.arg[s]) = (1 - h[s]**2) * grad(h[s])
    np.multiply(dh[S], h_arg_factor[S - 1], out=dh_arg[S - 1])
    for s in range(S - 1, 0, -1):
        # grad(h[s]) = same_window(s, maximum(s - 1, 0), window.S) * (W.T @ grad(h.arg[s+1])) + where(len.S ==
        #     s, 1, 0) * (C.T @ grad(c.arg)), s < S
        dh_arg_at[s].dot(W, out=tmp0)
        tmp0 *= s // window_S == max(s - 1, 0) // window_S
        dh_at[s] += tmp0
        # grad(h.arg[s]) = (1 - h[s]**2) * grad(h[s])
        np.multiply(dh_at[s], h_arg_factor_at[s - 1], out=dh_arg_at[s - 1])
    # grad(b) = sum(grad(h.arg[s]), s)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[s]), x[s]), s)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[s]), h[s-1]), s)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:S].reshape(-1, n_h), out=dW)
    dE.fill(0)
    # grad(E) = sum(where(2 <= t + T.done, 1, 0) * outer(grad(d.arg[t]), onehot(y.held[t-1])), t)
    tmp12[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    np.multiply(tmp12[:, None], dd_arg.transpose(2, 0, 1), out=tmp11)
    _scatter_add(dE, (np.arange(n_d)[:, None, None], y_held[:T]), tmp11)
    if "d0" in wrt:
        # grad(d[0]) = Q.T @ grad(d.arg[1])
        np.matmul(dd_arg[0], Q, out=dd[0])
        dd0 = np.empty((B, n_d), dtype)
        # grad(d.0) = grad(d[0])
        dd0[...] = dd[0]
    if "x" in wrt:
        dx = np.empty((S, B, n_x), dtype)
        # grad(x[s]) = U.T @ grad(h.arg[s])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))
    if "h0" in wrt:
        tmp_13_0 = np.empty((B, n_h), dtype)
        # grad(h[0]) = W.T @ grad(h.arg[1])
        np.matmul(dh_arg[0], W, out=tmp_13_0)
        dh[0] += tmp_13_0
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(U=dU, W=dW, b=db, C=dC, R=dR, E=dE, Q=dQ, r=dr, V=dV, v=dv)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "d0" in wrt:
        result["d0"] = dd0[0] if single else dd0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window, state):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h, c, d, yhat, dtype, single, n_h, n_x, n_c, n_d, n_y, S, T, B, len_S, S_own, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    U, W, b, C, R, E, Q, r, V, v = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    window_S = _window(window, "S", ("S", "T"), S)
    window_T = _window(window, "T", ("S", "T"), T)

    y_held = np.empty((T + 1, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_d), dtype)
    tmp2 = np.empty((n_d, B), dtype)
    tmp3 = np.empty((n_h, B), dtype)
    tmp4 = np.empty((B, n_h), dtype)
    tmp5 = np.empty((n_d, T, B), dtype)
    tmp6 = np.empty((T,), dtype)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp0[:, :, None], yhat, out=do)
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp0, out=tmp0)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, tmp0)
    dv = np.empty((n_y,), dtype)
    # grad(v) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dv)
    dV = np.empty((n_y, n_d), dtype)
    # grad(V) = sum(outer(grad(o[t]), d[t]), t)
    np.matmul(do.reshape(-1, n_y).T, d[1:].reshape(-1, n_d), out=dV)
    dd = np.empty((T, B, n_d), dtype)
    # grad(d[t]) = same_window(t, maximum(t - 1, 0), window.T) * (Q.T @ grad(d.arg[t+1])) + V.T @
    #     grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dd.reshape(-1, n_d))
    d_arg_factor = np.empty((T, B, n_d), dtype)
    # d.arg.factor[t] = 1 - d[t]**2
    np.square(d[1:], out=d_arg_factor)
    np.subtract(1, d_arg_factor, out=d_arg_factor)
    dd_arg = np.empty((T, B, n_d), dtype)
    # grad(d.arg[t]) = (1 - d[t]**2) * grad(d[t])
    np.multiply(d_arg_factor[T - 1], dd[T - 1], out=dd_arg[T - 1])
    dd_arg_at = list(dd_arg)
    dd_at = list(dd)
    d_arg_factor_at = list(d_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(d[t]) = same_window(t, maximum(t - 1, 0), window.T) * (Q.T @ grad(d.arg[t+1])) + V.T @
        #     grad(o[t]), t < T
        dd_arg_at[t].dot(Q, out=tmp1)
        tmp1 *= t // window_T == max(t - 1, 0) // window_T
        dd_at[t - 1] += tmp1
        # grad(d.arg[t]) = (1 - d[t]**2) * grad(d[t])
        np.multiply(d_arg_factor_at[t - 1], dd_at[t - 1], out=dd_arg_at[t - 1])
    dr = np.empty((n_d,), dtype)
    # grad(r) = sum(grad(d.arg[t]), t)
    np.add.reduce(dd_arg, axis=(0, 1), out=dr)
    dQ = np.empty((n_d, n_d), dtype)
    # grad(Q) = sum(outer(grad(d.arg[t]), d[t-1]), t)
    np.matmul(dd_arg.reshape(-1, n_d).T, d[:T].reshape(-1, n_d), out=dQ)
    dR = np.empty((n_d, n_c), dtype)
    # grad(R) = sum(outer(grad(d.arg[t]), c), t)
    tmp2[...] = dd_arg.sum(axis=0).T
    np.matmul(tmp2, c, out=dR)
    dc = np.empty((B, n_c), dtype)
    # grad(c) = sum(R.T @ grad(d.arg[t]), t)
    np.add.reduce(dd_arg, axis=0, out=tmp1)
    np.matmul(tmp1, R, out=dc)
    dc_arg = np.empty((B, n_c), dtype)
    # grad(c.arg) = (1 - c**2) * grad(c)
    np.square(c, out=dc_arg)
    np.subtract(1, dc_arg, out=dc_arg)
    dc_arg *= dc
    dC = np.empty((n_c, n_h), dtype)
    # grad(C) = outer(grad(c.arg), h[len.S])
    tmp3[...] = h[len_S, np.arange(B)].T
    np.matmul(dc_arg.T, tmp3.T, out=dC)
    h_arg_factor = np.empty((S, B, n_h), dtype)
    # h.arg.factor[s] = 1 - h[s]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    dh = np.zeros((S + 1, B, n_h), dtype)
    # grad(h[s]) = same_window(s, maximum(s - 1, 0), window.S) * (W.T @ grad(h.arg[s+1])) + where(len.S ==
    #     s, 1, 0) * (C.T @ grad(c.arg)), s < S
    np.matmul(dc_arg, C, out=tmp4)
    dh[len_S, np.arange(B)] += tmp4
    dh_arg = np.empty((S, B, n_h), dtype)
    # grad(h.arg[s]) = (1 - h[s]**2) * grad(h[s])
    np.multiply(dh[S], h_arg_factor[S - 1], out=dh_arg[S - 1])
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    for s in range(S - 1, 0, -1):
        # grad(h[s]) = same_window(s, maximum(s - 1, 0), window.S) * (W.T @ grad(h.arg[s+1])) + where(len.S ==
        #     s, 1, 0) * (C.T @ grad(c.arg)), s < S
        dh_arg_at[s].dot(W, out=tmp4)
        tmp4 *= s // window_S == max(s - 1, 0) // window_S
        dh_at[s] += tmp4
        # grad(h.arg[s]) = (1 - h[s]**2) * grad(h[s])
        np.multiply(dh_at[s], h_arg_factor_at[s - 1], out=dh_arg_at[s - 1])
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(h.arg[s]), s)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    dU = np.empty((n_h, n_x), dtype)
    # grad(U) = sum(outer(grad(h.arg[s]), x[s]), s)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    dW = np.empty((n_h, n_h), dtype)
    # grad(W) = sum(outer(grad(h.arg[s]), h[s-1]), s)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:S].reshape(-1, n_h), out=dW)
    dE = np.zeros((n_d, n_y), dtype)
    # grad(E) = sum(where(2 <= t + T.done, 1, 0) * outer(grad(d.arg[t]), onehot(y.held[t-1])), t)
    tmp6[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    np.multiply(tmp6[:, None], dd_arg.transpose(2, 0, 1), out=tmp5)
    _scatter_add(dE, (np.arange(n_d)[:, None, None], y_held[:T]), tmp5)

    return Params(U=dU, W=dW, b=db, C=dC, R=dR, E=dE, Q=dQ, r=dr, V=dV, v=dv)


def _loss_arrays(S, T, n_y, n_h, n_c, n_d, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_d), dtype)
    tmp2 = np.empty((T - 1, B, n_d), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((T, B), dtype)
    h_arg = np.empty((S, B, n_h), dtype)
    h = np.empty((S + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    c_arg = np.empty((B, n_c), dtype)
    c = c_arg
    d_look = np.empty((T, B, n_d), dtype)
    d_arg = np.empty((T, B, n_d), dtype)
    d = np.empty((T + 1, B, n_d), dtype)
    Q_T = np.empty((n_d, n_d), dtype)
    d_at = list(d)
    d_arg_at = list(d_arg)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, h_arg, h, W_T, h_at, h_arg_at, c_arg, c, d_look, d_arg, d, Q_T, d_at, d_arg_at, o,
        yhat_lse, largest, rows, flat,
    )


def _loss_and_grad_arrays(S, n_x, T, n_y, n_h, n_c, n_d, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_d), dtype)
    tmp2 = np.empty((T - 1, B, n_d), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((T, B), dtype)
    h_arg = np.empty((S, B, n_h), dtype)
    h = np.empty((S + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    c_arg = np.empty((B, n_c), dtype)
    c = c_arg
    d_look = np.empty((T, B, n_d), dtype)
    d_arg = np.empty((T, B, n_d), dtype)
    d = np.empty((T + 1, B, n_d), dtype)
    Q_T = np.empty((n_d, n_d), dtype)
    d_at = list(d)
    d_arg_at = list(d_arg)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp5 = np.empty((n_d, B), dtype)
    do = yhat
    entries = np.empty((T, B), dtype)
    dv = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_d), dtype)
    d_arg_factor = d_arg
    dd = np.empty((T + 1, B, n_d), dtype)
    dd_arg = d_arg_factor
    dd_arg_at = list(dd_arg)
    dd_at = list(dd)
    d_arg_factor_at = list(d_arg_factor)
    dr = np.empty((n_d,), dtype)
    dQ = Q_T
    dR = np.empty((n_d, n_c), dtype)
    dc = np.empty((B, n_c), dtype)
    dc_arg = np.empty((B, n_c), dtype)
    dC = np.empty((n_c, n_h), dtype)
    h_arg_factor = h_arg
    dh = np.empty((S + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = W_T
    dE = np.empty((n_d, n_y), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, h_arg, h, W_T, h_at, h_arg_at, c_arg, c, d_look, d_arg, d, Q_T, d_at, d_arg_at, o,
        yhat_lse, largest, yhat, rows, flat, tmp5, do, entries, dv, dV, d_arg_factor, dd, dd_arg, dd_arg_at, dd_at,
        d_arg_factor_at, dr, dQ, dR, dc, dc_arg, dC, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at, db,
        dU, dW, dE,
    )


def _loss_padded_arrays(S, T, n_y, n_h, n_c, n_d, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_d), dtype)
    tmp2 = np.empty((T, B, n_d), dtype)
    tmp3 = np.empty((B, n_d), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    tmp7 = np.empty((B, T), dtype)
    h_arg = np.empty((S, B, n_h), dtype)
    h = np.empty((S + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    c_arg = np.empty((B, n_c), dtype)
    c = c_arg
    d_look = np.empty((T, B, n_d), dtype)
    y_held = np.empty((T, B), np.intp)
    d_arg = tmp1
    d = np.empty((T + 1, B, n_d), dtype)
    Q_T = np.empty((n_d, n_d), dtype)
    d_at = list(d)
    d_arg_at = list(d_arg)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, h_arg, h, W_T, h_at, h_arg_at, c_arg, c, d_look, y_held, d_arg,
        d, Q_T, d_at, d_arg_at, o, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(S, n_x, T, n_y, n_h, n_c, n_d, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_d), dtype)
    tmp2 = np.empty((T, B, n_d), dtype)
    tmp3 = np.empty((B, n_d), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    tmp7 = np.empty((B, T), dtype)
    h_arg = np.empty((S, B, n_h), dtype)
    h = np.empty((S + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    c_arg = np.empty((B, n_c), dtype)
    c = c_arg
    d_look = np.empty((T, B, n_d), dtype)
    y_held = np.empty((T + 1, B), np.intp)
    d_arg = tmp1
    d = np.empty((T + 1, B, n_d), dtype)
    Q_T = np.empty((n_d, n_d), dtype)
    d_at = list(d)
    d_arg_at = list(d_arg)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp8 = yhat_lse
    tmp9 = np.empty((n_d, B), dtype)
    tmp10 = np.empty((n_h, B), dtype)
    tmp11 = np.empty((n_d, T, B), dtype)
    tmp12 = np.empty((T,), dtype)
    do = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dv = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_d), dtype)
    d_arg_factor = tmp1
    dd = np.empty((T + 1, B, n_d), dtype)
    dd_arg = d_arg_factor
    dd_arg_at = list(dd_arg)
    dd_at = list(dd)
    d_arg_factor_at = list(d_arg_factor)
    dr = np.empty((n_d,), dtype)
    dQ = Q_T
    dR = np.empty((n_d, n_c), dtype)
    dc = np.empty((B, n_c), dtype)
    dc_arg = np.empty((B, n_c), dtype)
    dC = np.empty((n_c, n_h), dtype)
    h_arg_factor = h_arg
    dh = np.empty((S + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = W_T
    dE = np.empty((n_d, n_y), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, h_arg, h, W_T, h_at, h_arg_at, c_arg, c, d_look, y_held, d_arg,
        d, Q_T, d_at, d_arg_at, o, yhat_lse, largest, yhat, tmp8, tmp9, tmp10, tmp11, tmp12, do, rows, flat, entries,
        dv, dV, d_arg_factor, dd, dd_arg, dd_arg_at, dd_at, d_arg_factor_at, dr, dQ, dR, dc, dc_arg, dC, h_arg_factor,
        dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at, db, dU, dW, dE,
    )


def _arguments(params, x, y, h0, d0):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_c, n_d, n_y = _parameters(params)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    single = x.ndim == 2
    _rank("x", x, ("S", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    S = x.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("x", x, (S, *batch_axis, n_x), ("S", "B", "n_x"), "n_x from U")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from x")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
        if single:
            h0 = h0[None]
    if d0 is None:
        d0 = np.zeros((B, n_d), dtype)
    else:
        d0 = _real("d0", d0, dtype)
        _expect("d0", d0, (*batch_axis, n_d), ("B", "n_d"), "B from x, n_d from R")
        if single:
            d0 = d0[None]
    return params, x, y, h0, d0, dtype, single, n_h, n_x, n_c, n_d, n_y, S, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_c, n_d, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    c = _real("forward.c", forward.c, dtype)
    d = _real("forward.d", forward.d, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("S", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    S = x.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("x", x, (S, *batch_axis, n_x), ("S", "B", "n_x"), "n_x from U")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from x")
    _expect("forward.h", h, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from x, n_h from U")
    _expect("forward.c", c, (*batch_axis, n_c), ("B", "n_c"), "B from x, n_c from C")
    _expect("forward.d", d, (T + 1, *batch_axis, n_d), ("T + 1", "B", "n_d"), "T from y, B from x, n_d from R")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T from y, B from x, n_y from E")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        h = h[:, None]
        c = c[None]
        d = d[:, None]
        yhat = yhat[:, None]
    return params, x, y, h, c, d, yhat, dtype, single, n_h, n_x, n_c, n_d, n_y, S, T, B


def _initial_arguments(params, d0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_c, n_d, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if d0 is None:
        d0 = np.zeros((B, n_d), dtype)
    else:
        d0 = _real("d0", d0, dtype)
        _expect("d0", d0, (*batch_axis, n_d), ("B", "n_d"), "B from batch, n_d from R")
        if single:
            d0 = d0[None]
    return params, d0, dtype, single, n_h, n_x, n_c, n_d, n_y, B


def _step_arguments(params, state, x, y, h0):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_c, n_d, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    y_prev = _integers("state.y", state.y)
    d_prev = _real("state.d", state.d, dtype)
    single = x.ndim == 2
    _rank("x", x, ("S", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    S = x.shape[0]
    _expect("x", x, (S, *batch_axis, n_x), ("S", "B", "n_x"), "n_x from U")
    _expect("y", y, (*batch_axis,), ("B",), "B from x")
    _expect("state.y", y_prev, (*batch_axis,), ("B",), "B from x")
    _expect("state.d", d_prev, (*batch_axis, n_d), ("B", "n_d"), "B from x, n_d from R")
    _classes("y", y, n_y, "n_y - 1")
    _classes("state.y", y_prev, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[None]
        y_prev = y_prev[None]
        d_prev = d_prev[None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
        if single:
            h0 = h0[None]
    return params, x, y, h0, y_prev, d_prev, dtype, single, n_h, n_x, n_c, n_d, n_y, S, B


def _free_run_arguments(params, x, h0, d0, steps):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_c, n_d, n_y = _parameters(params)
    x = _real("x", x, dtype)
    steps = _size("steps", steps)
    single = x.ndim == 2
    _rank("x", x, ("S", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    S = x.shape[0]
    _expect("x", x, (S, *batch_axis, n_x), ("S", "B", "n_x"), "n_x from U")
    if single:
        x = x[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
        if single:
            h0 = h0[None]
    if d0 is None:
        d0 = np.zeros((B, n_d), dtype)
    else:
        d0 = _real("d0", d0, dtype)
        _expect("d0", d0, (*batch_axis, n_d), ("B", "n_d"), "B from x, n_d from R")
        if single:
            d0 = d0[None]
    return params, x, h0, d0, dtype, single, n_h, n_x, n_c, n_d, n_y, S, steps, B


def _padded_arguments(params, x, y, h0, d0, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_c, n_d, n_y = _parameters(params)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    single = x.ndim == 2
    _rank("x", x, ("S", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    S = x.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("x", x, (S, *batch_axis, n_x), ("S", "B", "n_x"), "n_x from U")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from x")
    if single:
        x = x[:, None]
        y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
        if single:
            h0 = h0[None]
    if d0 is None:
        d0 = np.zeros((B, n_d), dtype)
    else:
        d0 = _real("d0", d0, dtype)
        _expect("d0", d0, (*batch_axis, n_d), ("B", "n_d"), "B from x, n_d from R")
        if single:
            d0 = d0[None]
    len_S = _lengths(lengths, "S", ("S", "T"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    len_T = _lengths(lengths, "T", ("S", "T"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_S)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h0, d0, dtype, single, n_h, n_x, n_c, n_d, n_y, S, T, B, len_S, S_own, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_c, n_d, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    c = _real("forward.c", forward.c, dtype)
    d = _real("forward.d", forward.d, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("S", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    S = x.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("x", x, (S, *batch_axis, n_x), ("S", "B", "n_x"), "n_x from U")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from x")
    _expect("forward.h", h, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from x, n_h from U")
    _expect("forward.c", c, (*batch_axis, n_c), ("B", "n_c"), "B from x, n_c from C")
    _expect("forward.d", d, (T + 1, *batch_axis, n_d), ("T + 1", "B", "n_d"), "T from y, B from x, n_d from R")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T from y, B from x, n_y from E")
    if single:
        x = x[:, None]
        y = y[:, None]
        h = h[:, None]
        c = c[None]
        d = d[:, None]
        yhat = yhat[:, None]
    len_S = _lengths(lengths, "S", ("S", "T"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    len_T = _lengths(lengths, "T", ("S", "T"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_S)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h, c, d, yhat, dtype, single, n_h, n_x, n_c, n_d, n_y, S, T, B, len_S, S_own, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    U, W, b, C, R, E, Q, r, V, v = params
    _rank("U", U, ("n_h", "n_x"))
    n_h, n_x = U.shape
    _rank("C", C, ("n_c", "n_h"))
    n_c = C.shape[0]
    _rank("R", R, ("n_d", "n_c"))
    n_d = R.shape[0]
    _rank("E", E, ("n_d", "n_y"))
    n_y = E.shape[1]
    _expect("W", W, (n_h, n_h), ("n_h", "n_h"), "n_h from U")
    _expect("b", b, (n_h,), ("n_h",), "n_h from U")
    _expect("C", C, (n_c, n_h), ("n_c", "n_h"), "n_h from U")
    _expect("R", R, (n_d, n_c), ("n_d", "n_c"), "n_c from C")
    _expect("E", E, (n_d, n_y), ("n_d", "n_y"), "n_d from R")
    _expect("Q", Q, (n_d, n_d), ("n_d", "n_d"), "n_d from R")
    _expect("r", r, (n_d,), ("n_d",), "n_d from R")
    _expect("V", V, (n_y, n_d), ("n_y", "n_d"), "n_y from E, n_d from R")
    _expect("v", v, (n_y,), ("n_y",), "n_y from E")
    return params, dtype, n_h, n_x, n_c, n_d, n_y


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


def _choice(chances, axis, rng):
    """The place of the greatest chance along an axis, or one drawn with these chances."""
    chances = np.moveaxis(chances, axis, -1)
    total = np.cumsum(chances, axis=-1, dtype=np.float64)
    if not ((chances >= 0).all() and (total[..., -1] > 0).all() and np.isfinite(total).all()):
        raise ValueError("free_run: what is predicted is no distribution: some of its entries are negative or not finite")
    if rng is None:
        return chances.argmax(axis=-1)
    drawn = rng.random((*total.shape[:-1], 1)) * total[..., -1:]
    # A product that is rounded up to the whole would be beyond the last class.
    return np.minimum((total <= drawn).sum(axis=-1), total.shape[-1] - 1)


def _classes(name, array, count, what):
    """Refuses integers outside 0..count-1."""
    # Read as unsigned, a negative number is larger than any class.
    if array.view(np.uintp).max() >= count:
        at = tuple(np.argwhere((array < 0) | (array >= count))[0].tolist())
        where = f" at {at}" if at else ""
        raise ValueError(f"{name}: {array[at]}{where}, expected integers 0..{what} = 0..{count - 1}")


def _count(name, given):
    """A number of steps, from 0."""
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < 0:
        raise ValueError(f"{name}: {given!r}, expected a whole number >= 0")
    return int(given)


def _expect(name, array, shape, axes, why=""):
    """Refuses an array of another shape."""
    if array.shape != shape:
        if len(axes) > len(shape):
            axes = [axis for axis in axes if axis != "B"]
        expected = f"({', '.join(axes)}) = {shape}{why and ', ' + why}" if axes else "a number"
        raise ValueError(f"{name}: shape {array.shape}, expected {expected}")


def _generator(rng):
    """Refuses what is no random generator."""
    if rng is not None and not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: a {type(rng).__name__}, expected numpy.random.default_rng(...)")


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


def _scatter_add(array, places, values):
    """Adds values to the entries of an array at `places`, to an entry as often as it is named; axes left over whole."""
    row, axes = 1, array.shape[len(places) :]
    for length in axes:
        row *= length
    places = np.broadcast_arrays(*places) if len(places) > 1 else places
    values = np.broadcast_to(values, (*places[0].shape, *axes)).astype(array.dtype, copy=False)
    if not array.flags.c_contiguous:
        np.add.at(array, tuple(places), values)
        return
    # Numbers into an array of one axis are what np.add.at is fast at: whole rows take three to six times as long. So
    # many at once that their numbers need little memory.
    into, values, places = array.reshape(-1), values.reshape(-1, row), [place.reshape(-1) for place in places]
    count = max(1, 32768 // max(row, 1))
    for first in range(0, len(values), count):
        flat = 0
        for place, length in zip(places, array.shape, strict=False):
            flat = flat * length + place[first : first + count]
        flat = flat.reshape(-1, 1) * row + np.arange(row)
        np.add.at(into, flat.reshape(-1), values[first : first + count].reshape(-1))


def _size(name, given):
    """A size, a whole number from 1."""
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < 1:
        raise ValueError(f"{name}: {given!r}, expected a whole number >= 1")
    return int(given)


def _steps_so_far(state, steps, lengths):
    """How many steps there were, which must be one number for all examples."""
    if lengths is not None:
        if lengths.min() != lengths.max():
            raise ValueError("lengths: a state counts its steps, and the examples have different numbers of them")
        steps = int(lengths[0])
    return steps if state is None else steps + _count("state", state[-1])


def _true_classes(name, given, truth, shape, axes, single, count, what):
    """True classes at the steps where they are read, 0 elsewhere."""
    if given is None:
        return np.zeros(shape, np.intp)
    array = _integers(name, given)
    _expect(name, array, tuple(n for n, axis in zip(shape, axes, strict=True) if axis != "B" or not single), axes)
    array = np.where(truth, array.reshape(shape), 0)
    _classes(name, array, count, what)
    return array


def _truth(truth, answers, steps, batch, single):
    """The steps at which each example reads the true values."""
    for name, given in answers:
        if given is None and truth is not None:
            raise ValueError(f"{name}: None, and truth says at which steps it is read")
        if given is not None and truth is None:
            raise ValueError(f"truth: None, and {name} is given; truth says at which steps it is read")
    if truth is None:
        return np.zeros((steps, batch), bool)
    array = _array("truth", truth)
    if array.dtype != bool:
        raise ValueError(f"truth: dtype {array.dtype}, expected bool")
    if array.shape not in ((steps,), (steps, batch)[: 2 - single]):
        raise ValueError(f"truth: shape {array.shape}, expected {(steps,)}{'' if single else f' or {(steps, batch)}'}")
    return np.broadcast_to(array if array.ndim == 2 else array[:, None], (steps, batch))


def _window(given, sequence, known, steps):
    """How many steps a window has; all of them where nothing is given."""
    if isinstance(given, dict):
        given = _of_sequence("window", given, sequence, known)
    return steps if given is None else _size("window", given)
