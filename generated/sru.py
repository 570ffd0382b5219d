# Written by derive from sru.eq; do not edit.
# Change sru.eq instead, and run: derive generate sru
# source 10bf250fa0e27def, derive 07e8f9d843407be1, body 30bdc05bad8f2540
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
    lengths  (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not
                                   given

    Data without the axis B are one example.
    """
    if state is not None:
        (c0,) = _resumed(state, ("c",), (("c0", c0),))
    if lengths is not None:
        return _forward_padded(params, w, y, c0, lengths)
    params, w, y, c0, dtype, single, n_w, n_h, n_y, T, B = _arguments(params, w, y, c0)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    W_f_W_r_W = np.stack((W_f, W_r, W))
    b_fr = np.stack((b_f, b_r))
    x = np.empty((T, B, n_h), dtype)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    frc_parts = np.empty((3, T, B, n_h), dtype)
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_h), W_f_W_r_W.transpose(0, 2, 1), out=frc_parts.reshape(3, -1, n_h))
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:2] += b_fr[:, None, None]
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
    c[1:] = frc_parts[2]
    f = np.empty((T, B, n_h), dtype)
    c_at = list(c)
    f_arg_at = list(frc_parts[0])
    f_at = list(f)
    half = np.array(0.5, dtype)
    c_sum_at = list(frc_parts[2])
    for t in range(1, T + 1):
        # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
        np.multiply(c_at[t - 1], v_f, out=tmp0)
        f_arg_at[t - 1] += tmp0
        # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
        _sigmoid(f_arg_at[t - 1], out=f_at[t - 1], half=half)
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
        np.multiply(f_at[t - 1], c_sum_at[t - 1], out=tmp0)
        c_at[t] -= tmp0
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp0)
        c_at[t] += tmp0
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    np.multiply(c[:T], v_r, out=tmp1)
    frc_parts[1] += tmp1
    r = np.empty((T, B, n_h), dtype)
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    _sigmoid(frc_parts[1], out=r)
    h = np.empty((T, B, n_h), dtype)
    # h[t] = r[t] * c[t] + (1 - r[t]) * x[t]
    np.subtract(1, r, out=h)
    h *= x
    np.multiply(c[1:], r, out=tmp1)
    h += tmp1
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
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    w          (T, B)    0..n_w - 1  the word that is read at each step
    y          (T, B)    0..n_y - 1  the class to predict at each step
    c0         (B, n_h)  real        c[0]; 0 where not given
    workspace            Workspace   its arrays are used, and hold the results until its next call
    state                State       what an earlier piece left, from last_state or step: the sequence goes on from
                                     there
    lengths    (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not
                                     given

    Data without the axis B are one example.
    """
    if state is not None:
        (c0,) = _resumed(state, ("c",), (("c0", c0),))
    if lengths is not None:
        return _loss_padded(params, w, y, c0, lengths, workspace)
    params, w, y, c0, dtype, single, n_w, n_h, n_y, T, B = _arguments(params, w, y, c0, whole=True)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, W_f_W_r_W, b_fr, x, frc_parts, c, f, c_at, f_arg_at, half, c_sum_at, r, h, s, yhat_lse,
        largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_y, n_h, B, dtype)
    np.stack((W_f, W_r, W), out=W_f_W_r_W)
    np.stack((b_f, b_r), out=b_fr)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_h), W_f_W_r_W.transpose(0, 2, 1), out=frc_parts.reshape(3, -1, n_h))
    # c[0] = 0
    c[0] = c0
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:2] += b_fr[:, None, None]
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
    c[1:] = frc_parts[2]
    for t in range(1, T + 1):
        # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
        np.multiply(c_at[t - 1], v_f, out=tmp0)
        f_arg_at[t - 1] += tmp0
        # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
        _sigmoid(f_arg_at[t - 1], out=f, half=half)
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
        np.multiply(f, c_sum_at[t - 1], out=tmp0)
        c_at[t] -= tmp0
        np.multiply(f, c_at[t - 1], out=tmp0)
        c_at[t] += tmp0
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    np.multiply(c[:T], v_r, out=tmp1)
    frc_parts[1] += tmp1
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    _sigmoid(frc_parts[1], out=r)
    # h[t] = r[t] * c[t] + (1 - r[t]) * x[t]
    np.subtract(1, r, out=h)
    h *= x
    np.multiply(c[1:], r, out=tmp1)
    h += tmp1
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
    w: np.ndarray,
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

    w           (T, B)    0..n_w - 1                 the word that is read at each step
    y           (T, B)    0..n_y - 1                 the class to predict at each step
    c0          (B, n_h)  real                       c[0]; 0 where not given
    workspace             Workspace                  its arrays are used, and hold the results until its next call
    state                 State                      what an earlier piece left, from last_state or step: the sequence
                                                     goes on from there
    lengths     (B,)      1..T                       each example's own number of steps, what is given beyond is not
                                                     read; all where not given
    window                whole number >= 1          steps in a window: gradients stay in it, values go on to the next
    checkpoint            True or whole number >= 1  steps in a segment, True for about the root of all: states between
                                                     them are kept, the rest is computed anew; the same gradient up to
                                                     rounding

    Data without the axis B are one example.
    """
    if state is not None:
        (c0,) = _resumed(state, ("c",), (("c0", c0),))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, w, y, c0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, w, y, c0, lengths, wrt, workspace, window)
    params, w, y, c0, dtype, single, n_w, n_h, n_y, T, B = _arguments(params, w, y, c0, whole=True)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params
    wrt = _asked(wrt, ("c0",))

    (
        tmp0, tmp1, tmp2, tmp3, W_f_W_r_W, b_fr, x, frc_parts, c, f, c_at, f_arg_at, f_at, half, c_sum_at, r, h, s,
        yhat_lse, largest, yhat, rows, flat, tmp4, ds, entries, dd, dV, dh, dx, dfrc_parts, dv_r, f_arg_factor, dc,
        df_arg_at, dc_at, f_arg_factor_at, db_fr, dW_f_dW_r_dW, product, dv_f, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_w, n_y, n_h, B, dtype)
    np.stack((W_f, W_r, W), out=W_f_W_r_W)
    np.stack((b_f, b_r), out=b_fr)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_h), W_f_W_r_W.transpose(0, 2, 1), out=frc_parts.reshape(3, -1, n_h))
    # c[0] = 0
    c[0] = c0
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:2] += b_fr[:, None, None]
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
    c[1:] = frc_parts[2]
    for t in range(1, T + 1):
        # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
        np.multiply(c_at[t - 1], v_f, out=tmp0)
        f_arg_at[t - 1] += tmp0
        # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
        _sigmoid(f_arg_at[t - 1], out=f_at[t - 1], half=half)
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
        np.multiply(f_at[t - 1], c_sum_at[t - 1], out=tmp0)
        c_at[t] -= tmp0
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp0)
        c_at[t] += tmp0
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    np.multiply(c[:T], v_r, out=tmp1)
    frc_parts[1] += tmp1
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    _sigmoid(frc_parts[1], out=r)
    # h[t] = r[t] * c[t] + (1 - r[t]) * x[t]
    np.subtract(1, r, out=h)
    h *= x
    np.multiply(c[1:], r, out=tmp1)
    h += tmp1
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
    c_sum = frc_parts[2]
    # grad(s[t]) = yhat[t] - onehot(y[t])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(h[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    np.subtract(1, r, out=dx)
    dx *= dh
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    np.subtract(c[1:], x, out=tmp1)
    np.subtract(1, r, out=dfrc_parts[1])
    dfrc_parts[1] *= tmp1
    dfrc_parts[1] *= dh
    dfrc_parts[1] *= r
    # grad(v_r) = sum(c[t-1] * grad(r.arg[t]), t)
    dv_r[...] = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[1])
    # f.arg.factor[t] = (c[t-1] - c.sum[t]) * f[t] * (1 - f[t])
    np.subtract(c[:T], c_sum, out=tmp1)
    np.subtract(1, f, out=f_arg_factor)
    f_arg_factor *= tmp1
    f_arg_factor *= f
    # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
    #     grad(h[t]), t < T
    np.multiply(dh, r, out=dc[1:])
    np.multiply(dfrc_parts[1, 1:], v_r, out=tmp4)
    dc[1:T] += tmp4
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.multiply(f_arg_factor[T - 1], dc[T], out=dfrc_parts[0, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
        #     grad(h[t]), t < T
        np.multiply(df_arg_at[t], v_f, out=tmp0)
        dc_at[t] += tmp0
        np.multiply(f_at[t], dc_at[t + 1], out=tmp0)
        dc_at[t] += tmp0
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        np.multiply(f_arg_factor_at[t - 1], dc_at[t], out=df_arg_at[t - 1])
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_r) = sum(grad(r.arg[t]), t)
    np.add.reduce(dfrc_parts[:2], axis=(1, 2), out=db_fr)
    # grad(c.sum[t]) = (1 - f[t]) * grad(c[t])
    np.subtract(1, f, out=dfrc_parts[2])
    dfrc_parts[2] *= dc[1:]
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), x[t]), t)
    # grad(W) = sum(outer(grad(c.sum[t]), x[t]), t)
    np.matmul(dfrc_parts.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_h), out=dW_f_dW_r_dW)
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    np.matmul(dfrc_parts.reshape(3, -1, n_h), W_f_W_r_W, out=product)
    np.add.reduce(product, axis=0, out=tmp1.reshape(-1, n_h))
    dx += tmp1
    # grad(v_f) = sum(c[t-1] * grad(f.arg[t]), t)
    dv_f[...] = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[0])
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "c0" in wrt:
        tmp_5_0 = np.empty((1, B, n_h), dtype)
        # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
        #     grad(h[t]), t < T
        np.multiply(dfrc_parts[0, :1], v_f, out=dc[:1])
        np.multiply(dfrc_parts[1, :1], v_r, out=tmp_5_0)
        dc[:1] += tmp_5_0
        np.multiply(f[:1], dc[1:2], out=tmp_5_0)
        dc[:1] += tmp_5_0
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    dW_f = dW_f_dW_r_dW[0]
    dW_r = dW_f_dW_r_dW[1]
    dW = dW_f_dW_r_dW[2]
    db_f = db_fr[0]
    db_r = db_fr[1]

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
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where
                                        not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, w, y, lengths, window)
    params, w, y, x, f, c, r, h, yhat, dtype, single, n_w, n_h, n_y, T, B = _backward_arguments(params, forward, w, y)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params

    c_sum = np.empty((T, B, n_h), dtype)
    # c.sum[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_h), W.T, out=c_sum.reshape(-1, n_h))
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T - 1, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    W_f_W_r_W = np.stack((W_f, W_r, W))
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
    dx = np.empty((T, B, n_h), dtype)
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    np.subtract(1, r, out=dx)
    dx *= dh
    dc = np.empty((T, B, n_h), dtype)
    # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
    #     grad(h[t]), t < T
    np.multiply(dh, r, out=dc)
    dfrc_parts = np.empty((3, T, B, n_h), dtype)
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    np.subtract(c[1:], x, out=tmp0)
    np.subtract(1, r, out=dfrc_parts[1])
    dfrc_parts[1] *= tmp0
    dfrc_parts[1] *= dh
    dfrc_parts[1] *= r
    dv_r = np.empty((n_h,), dtype)
    # grad(v_r) = sum(c[t-1] * grad(r.arg[t]), t)
    dv_r[...] = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[1])
    f_arg_factor = np.empty((T, B, n_h), dtype)
    # f.arg.factor[t] = (c[t-1] - c.sum[t]) * f[t] * (1 - f[t])
    np.subtract(c[:T], c_sum, out=tmp0)
    np.subtract(1, f, out=f_arg_factor)
    f_arg_factor *= tmp0
    f_arg_factor *= f
    # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
    #     grad(h[t]), t < T
    np.multiply(dfrc_parts[1, 1:], v_r, out=tmp1)
    dc[:T - 1] += tmp1
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.multiply(f_arg_factor[T - 1], dc[T - 1], out=dfrc_parts[0, T - 1])
    df_arg_at = list(dfrc_parts[0])
    dc_at = list(dc)
    f_arg_factor_at = list(f_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
        #     grad(h[t]), t < T
        np.multiply(df_arg_at[t], v_f, out=tmp2)
        dc_at[t - 1] += tmp2
        np.multiply(f[t], dc_at[t], out=tmp2)
        dc_at[t - 1] += tmp2
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        np.multiply(f_arg_factor_at[t - 1], dc_at[t - 1], out=df_arg_at[t - 1])
    db_fr = np.empty((2, n_h), dtype)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_r) = sum(grad(r.arg[t]), t)
    np.add.reduce(dfrc_parts[:2], axis=(1, 2), out=db_fr)
    # grad(c.sum[t]) = (1 - f[t]) * grad(c[t])
    np.subtract(1, f, out=dfrc_parts[2])
    dfrc_parts[2] *= dc
    dW_f_dW_r_dW = np.empty((3, n_h, n_h), dtype)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), x[t]), t)
    # grad(W) = sum(outer(grad(c.sum[t]), x[t]), t)
    np.matmul(dfrc_parts.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_h), out=dW_f_dW_r_dW)
    product = np.empty((3, T * B, n_h), dtype)
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    np.matmul(dfrc_parts.reshape(3, -1, n_h), W_f_W_r_W, out=product)
    np.add.reduce(product, axis=0, out=tmp0.reshape(-1, n_h))
    dx += tmp0
    dv_f = np.empty((n_h,), dtype)
    # grad(v_f) = sum(c[t-1] * grad(f.arg[t]), t)
    dv_f[...] = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[0])
    dE = np.zeros((n_w, n_h), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    dW_f = dW_f_dW_r_dW[0]
    dW_r = dW_f_dW_r_dW[1]
    dW = dW_f_dW_r_dW[2]
    db_f = db_fr[0]
    db_r = db_fr[1]

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

    W_f_W_r_W = np.stack((W_f, W_r, W))
    b_fr = np.stack((b_f, b_r))
    # x[t] = E[w[t]]
    x = E[w]
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    frc_parts = x @ W_f_W_r_W.transpose(0, 2, 1)
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    frc_parts[0] += c_prev * v_f
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:2] += b_fr[:, None]
    # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
    f = _sigmoid(frc_parts[0])
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
    c = frc_parts[2] * (1 - f)
    c += c_prev * f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[1] += c_prev * v_r
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    r = _sigmoid(frc_parts[1])
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

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    W_f_W_r_W = np.stack((W_f, W_r, W))
    b_fr = np.stack((b_f, b_r))
    x = np.empty((T, B, n_h), dtype)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    frc_parts = np.empty((3, T, B, n_h), dtype)
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_h), W_f_W_r_W.transpose(0, 2, 1), out=frc_parts.reshape(3, -1, n_h))
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:2] += b_fr[:, None, None]
    f = np.empty((T, B, n_h), dtype)
    c_at = list(c)
    f_arg_at = list(frc_parts[0])
    f_at = list(f)
    half = np.array(0.5, dtype)
    one = np.array(1, dtype)
    c_sum_at = list(frc_parts[2])
    for t in range(1, T + 1):
        # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
        np.multiply(c_at[t - 1], v_f, out=tmp0)
        f_arg_at[t - 1] += tmp0
        # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
        _sigmoid(f_arg_at[t - 1], out=f_at[t - 1], half=half)
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp1)
        np.subtract(one, f_at[t - 1], out=tmp0)
        tmp0 *= c_sum_at[t - 1]
        tmp0 += tmp1
        c[t] = np.where((t <= T_own)[:, None], tmp0, c[t - 1])
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    np.multiply(c[:T], v_r, out=tmp2)
    frc_parts[1] += tmp2
    r = np.empty((T, B, n_h), dtype)
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    _sigmoid(frc_parts[1], out=r)
    h = np.empty((T, B, n_h), dtype)
    # h[t] = r[t] * c[t] + (1 - r[t]) * x[t]
    np.subtract(1, r, out=h)
    h *= x
    np.multiply(c[1:], r, out=tmp2)
    h += tmp2
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    if y is not None:
        tmp_4_0 = np.empty((B, T), dtype)
        tmp_4_1 = np.empty((B, T), dtype)
        tmp_4_2 = np.empty((B, T), dtype)
        # loss = sum(-log(yhat[t, y[t]]), t)
        tmp_4_1[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
        tmp_4_2[...] = s[np.arange(T)[:, None], np.arange(B), y].T
        tmp_4_0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp_4_2, 0)
        np.subtract(tmp_4_1, tmp_4_0, out=tmp_4_0)
        loss = tmp_4_0.sum()
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


def _loss_padded(params, w, y, c0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, w, y, c0, dtype, single, n_w, n_h, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, c0, lengths, whole=True)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_f_W_r_W, b_fr, x, frc_parts, c, f, c_at, f_arg_at, half, one,
        c_sum_at, r, h, s, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_y, n_h, B, dtype)
    np.stack((W_f, W_r, W), out=W_f_W_r_W)
    np.stack((b_f, b_r), out=b_fr)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_h), W_f_W_r_W.transpose(0, 2, 1), out=frc_parts.reshape(3, -1, n_h))
    # c[0] = 0
    c[0] = c0
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:2] += b_fr[:, None, None]
    for t in range(1, T + 1):
        # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
        np.multiply(c_at[t - 1], v_f, out=tmp0)
        f_arg_at[t - 1] += tmp0
        # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
        _sigmoid(f_arg_at[t - 1], out=f, half=half)
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
        np.multiply(f, c_at[t - 1], out=tmp1)
        np.subtract(one, f, out=tmp0)
        tmp0 *= c_sum_at[t - 1]
        tmp0 += tmp1
        c[t] = np.where((t <= T_own)[:, None], tmp0, c[t - 1])
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    np.multiply(c[:T], v_r, out=tmp2)
    frc_parts[1] += tmp2
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    _sigmoid(frc_parts[1], out=r)
    # h[t] = r[t] * c[t] + (1 - r[t]) * x[t]
    np.subtract(1, r, out=h)
    h *= x
    np.multiply(c[1:], r, out=tmp2)
    h += tmp2
    # s[t] = d + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp6[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp6, 0)
    np.subtract(tmp5, tmp4, out=tmp4)
    loss = tmp4.sum()

    return float(loss)


def _loss_and_grad_padded(params, w, y, c0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, c0, dtype, single, n_w, n_h, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, c0, lengths, whole=True)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params
    wrt = _asked(wrt, ("c0",))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_f_W_r_W, b_fr, x, frc_parts, c, f, c_at, f_arg_at, f_at, half, one,
        c_sum_at, r, h, s, yhat_lse, largest, yhat, tmp7, tmp8, tmp11, tmp9, tmp10, ds, rows, flat, entries, dd, dV, dh,
        dx, dfrc_parts, dv_r, f_arg_factor, dc, df_arg_at, dc_at, f_arg_factor_at, db_fr, dW_f_dW_r_dW, product, dv_f,
        dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_w, n_y, n_h, B, dtype)
    np.stack((W_f, W_r, W), out=W_f_W_r_W)
    np.stack((b_f, b_r), out=b_fr)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_h), W_f_W_r_W.transpose(0, 2, 1), out=frc_parts.reshape(3, -1, n_h))
    # c[0] = 0
    c[0] = c0
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:2] += b_fr[:, None, None]
    for t in range(1, T + 1):
        # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
        np.multiply(c_at[t - 1], v_f, out=tmp0)
        f_arg_at[t - 1] += tmp0
        # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
        _sigmoid(f_arg_at[t - 1], out=f_at[t - 1], half=half)
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp1)
        np.subtract(one, f_at[t - 1], out=tmp0)
        tmp0 *= c_sum_at[t - 1]
        tmp0 += tmp1
        c[t] = np.where((t <= T_own)[:, None], tmp0, c[t - 1])
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    np.multiply(c[:T], v_r, out=tmp2)
    frc_parts[1] += tmp2
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    _sigmoid(frc_parts[1], out=r)
    # h[t] = r[t] * c[t] + (1 - r[t]) * x[t]
    np.subtract(1, r, out=h)
    h *= x
    np.multiply(c[1:], r, out=tmp2)
    h += tmp2
    # s[t] = d + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp6[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp6, 0)
    np.subtract(tmp5, tmp4, out=tmp4)
    loss = tmp4.sum()
    c_sum = frc_parts[2]
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp7[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp7[:, :, None], yhat, out=ds)
    tmp7[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp7, out=tmp7)
    _add_to(ds, y, rows, flat, entries, tmp7)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(h[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    np.subtract(1, r, out=dx)
    dx *= dh
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    np.subtract(c[1:], x, out=tmp2)
    np.subtract(1, r, out=dfrc_parts[1])
    dfrc_parts[1] *= tmp2
    dfrc_parts[1] *= dh
    dfrc_parts[1] *= r
    # grad(v_r) = sum(c[t-1] * grad(r.arg[t]), t)
    dv_r[...] = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[1])
    # f.arg.factor[t] = (c[t-1] - c.sum[t]) * f[t] * (1 - f[t])
    np.subtract(c[:T], c_sum, out=tmp2)
    np.subtract(1, f, out=f_arg_factor)
    f_arg_factor *= tmp2
    f_arg_factor *= f
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * v_f * grad(f.arg[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * v_r * grad(r.arg[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * f[t+1] * grad(c[t+1]) + r[t] * grad(h[t]), t < T
    np.multiply(dh, r, out=dc[1:])
    np.add(np.arange(1, T, dtype=dtype), -1, out=tmp11)
    np.maximum(tmp11, 0, out=tmp10)
    tmp9[...] = np.arange(1, T) // window_T == tmp10 // window_T
    np.multiply(tmp9[:, None, None], dfrc_parts[1, 1:], out=tmp8)
    tmp8 *= v_r
    dc[1:T] += tmp8
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.multiply(f_arg_factor[T - 1], dc[T], out=dfrc_parts[0, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * v_f * grad(f.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * v_r * grad(r.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + r[t] * grad(h[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, df_arg_at[t], out=tmp0)
        tmp0 *= v_f
        dc_at[t] += tmp0
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f_at[t], out=tmp0)
        tmp0 *= dc_at[t + 1]
        dc_at[t] += tmp0
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        np.multiply(f_arg_factor_at[t - 1], dc_at[t], out=df_arg_at[t - 1])
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_r) = sum(grad(r.arg[t]), t)
    np.add.reduce(dfrc_parts[:2], axis=(1, 2), out=db_fr)
    # grad(c.sum[t]) = (1 - f[t]) * grad(c[t])
    np.subtract(1, f, out=dfrc_parts[2])
    dfrc_parts[2] *= dc[1:]
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), x[t]), t)
    # grad(W) = sum(outer(grad(c.sum[t]), x[t]), t)
    np.matmul(dfrc_parts.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_h), out=dW_f_dW_r_dW)
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    np.matmul(dfrc_parts.reshape(3, -1, n_h), W_f_W_r_W, out=product)
    np.add.reduce(product, axis=0, out=tmp2.reshape(-1, n_h))
    dx += tmp2
    # grad(v_f) = sum(c[t-1] * grad(f.arg[t]), t)
    dv_f[...] = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[0])
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "c0" in wrt:
        tmp_12_0 = np.empty((1,), dtype)
        tmp_12_1 = np.empty((1,), dtype)
        tmp_12_2 = np.empty((1,), dtype)
        tmp_12_3 = np.empty((1, B, n_h), dtype)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * v_f * grad(f.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * v_r * grad(r.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + r[t] * grad(h[t]), t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_12_2)
        np.maximum(tmp_12_2, 0, out=tmp_12_1)
        tmp_12_0[...] = np.arange(1) // window_T == tmp_12_1 // window_T
        np.multiply(tmp_12_0[:, None, None], dfrc_parts[0, :1], out=dc[:1])
        dc[:1] *= v_f
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_12_2)
        np.maximum(tmp_12_2, 0, out=tmp_12_1)
        tmp_12_0[...] = np.arange(1) // window_T == tmp_12_1 // window_T
        np.multiply(tmp_12_0[:, None, None], dfrc_parts[1, :1], out=tmp_12_3)
        tmp_12_3 *= v_r
        dc[:1] += tmp_12_3
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_12_2)
        np.maximum(tmp_12_2, 0, out=tmp_12_1)
        tmp_12_0[...] = np.arange(1) // window_T == tmp_12_1 // window_T
        np.multiply(tmp_12_0[:, None, None], f[:1], out=tmp_12_3)
        tmp_12_3 *= dc[1:2]
        dc[:1] += tmp_12_3
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    dW_f = dW_f_dW_r_dW[0]
    dW_r = dW_f_dW_r_dW[1]
    dW = dW_f_dW_r_dW[2]
    db_f = db_fr[0]
    db_r = db_fr[1]

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

    c_sum = np.empty((T, B, n_h), dtype)
    # c.sum[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_h), W.T, out=c_sum.reshape(-1, n_h))
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((T - 1, B, n_h), dtype)
    tmp3 = np.empty((T - 1,), dtype)
    tmp4 = np.empty((T - 1,), dtype)
    tmp5 = np.empty((T - 1,), dtype)
    tmp6 = np.empty((B, n_h), dtype)
    W_f_W_r_W = np.stack((W_f, W_r, W))
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
    dx = np.empty((T, B, n_h), dtype)
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    np.subtract(1, r, out=dx)
    dx *= dh
    dc = np.empty((T, B, n_h), dtype)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * v_f * grad(f.arg[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * v_r * grad(r.arg[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * f[t+1] * grad(c[t+1]) + r[t] * grad(h[t]), t < T
    np.multiply(dh, r, out=dc)
    dfrc_parts = np.empty((3, T, B, n_h), dtype)
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    np.subtract(c[1:], x, out=tmp1)
    np.subtract(1, r, out=dfrc_parts[1])
    dfrc_parts[1] *= tmp1
    dfrc_parts[1] *= dh
    dfrc_parts[1] *= r
    dv_r = np.empty((n_h,), dtype)
    # grad(v_r) = sum(c[t-1] * grad(r.arg[t]), t)
    dv_r[...] = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[1])
    f_arg_factor = np.empty((T, B, n_h), dtype)
    # f.arg.factor[t] = (c[t-1] - c.sum[t]) * f[t] * (1 - f[t])
    np.subtract(c[:T], c_sum, out=tmp1)
    np.subtract(1, f, out=f_arg_factor)
    f_arg_factor *= tmp1
    f_arg_factor *= f
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * v_f * grad(f.arg[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * v_r * grad(r.arg[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * f[t+1] * grad(c[t+1]) + r[t] * grad(h[t]), t < T
    np.add(np.arange(1, T, dtype=dtype), -1, out=tmp5)
    np.maximum(tmp5, 0, out=tmp4)
    tmp3[...] = np.arange(1, T) // window_T == tmp4 // window_T
    np.multiply(tmp3[:, None, None], dfrc_parts[1, 1:], out=tmp2)
    tmp2 *= v_r
    dc[:T - 1] += tmp2
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.multiply(f_arg_factor[T - 1], dc[T - 1], out=dfrc_parts[0, T - 1])
    df_arg_at = list(dfrc_parts[0])
    dc_at = list(dc)
    f_arg_factor_at = list(f_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * v_f * grad(f.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * v_r * grad(r.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + r[t] * grad(h[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, df_arg_at[t], out=tmp6)
        tmp6 *= v_f
        dc_at[t - 1] += tmp6
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f[t], out=tmp6)
        tmp6 *= dc_at[t]
        dc_at[t - 1] += tmp6
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        np.multiply(f_arg_factor_at[t - 1], dc_at[t - 1], out=df_arg_at[t - 1])
    db_fr = np.empty((2, n_h), dtype)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_r) = sum(grad(r.arg[t]), t)
    np.add.reduce(dfrc_parts[:2], axis=(1, 2), out=db_fr)
    # grad(c.sum[t]) = (1 - f[t]) * grad(c[t])
    np.subtract(1, f, out=dfrc_parts[2])
    dfrc_parts[2] *= dc
    dW_f_dW_r_dW = np.empty((3, n_h, n_h), dtype)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), x[t]), t)
    # grad(W) = sum(outer(grad(c.sum[t]), x[t]), t)
    np.matmul(dfrc_parts.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_h), out=dW_f_dW_r_dW)
    product = np.empty((3, T * B, n_h), dtype)
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    np.matmul(dfrc_parts.reshape(3, -1, n_h), W_f_W_r_W, out=product)
    np.add.reduce(product, axis=0, out=tmp1.reshape(-1, n_h))
    dx += tmp1
    dv_f = np.empty((n_h,), dtype)
    # grad(v_f) = sum(c[t-1] * grad(f.arg[t]), t)
    dv_f[...] = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[0])
    dE = np.zeros((n_w, n_h), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    dW_f = dW_f_dW_r_dW[0]
    dW_r = dW_f_dW_r_dW[1]
    dW = dW_f_dW_r_dW[2]
    db_f = db_fr[0]
    db_r = db_fr[1]

    return Params(E=dE, W=dW, W_f=dW_f, W_r=dW_r, v_f=dv_f, v_r=dv_r, b_f=db_f, b_r=db_r, V=dV, d=dd)


def _loss_and_grad_checkpointed(params, w, y, c0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, w, y, c0, dtype, single, n_w, n_h, n_y, T, B = _arguments(params, w, y, c0, whole=True)
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params
    wrt = _asked(wrt, ("c0",))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        c0_kept, c_left1, dE, dW, dW_f, dW_r, dv_f, dv_r, db_f, db_r, dV, dd,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_w, n_y, n_h, B, dtype)
    c0_kept[0] = c0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            w[first:last],
            c0_kept[n],
            last - first,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        (c0_kept[n + 1],) = found
    loss = 0.0
    for total in (c_left1, dE, dW, dW_f, dW_r, dv_f, dv_r, db_f, db_r, dV, dd):
        total.fill(0)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            c_left1,
            w[first:last],
            y[first:last],
            c0_kept[n],
            last - first,
            n_w,
            n_y,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dc0 = found
        loss += float(loss_part)
        _add_each((dE, dW, dW_f, dW_r, dv_f, dv_r, db_f, db_r, dV, dd), parts)
        c_left1[...] = dc0

    gradient = Params(E=dE, W=dW, W_f=dW_f, W_r=dW_r, v_f=dv_f, v_r=dv_r, b_f=db_f, b_r=db_r, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def _segment(params, c_left1, w, y, c0, T, n_w, n_y, n_h, B, dtype, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, W_f_W_r_W, b_fr, x, frc_parts, c, f, c_at, f_arg_at, f_at, half, c_sum_at, r, h, s,
        yhat_lse, largest, rows, flat, ds, entries, dd, dV, dh, dx, dfrc_parts, dv_r, f_arg_factor, dc, df_arg_at,
        dc_at, f_arg_factor_at, db_fr, dW_f_dW_r_dW, product, dv_f, dc0, dE,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_w, n_y, n_h, B, dtype)
    np.stack((W_f, W_r, W), out=W_f_W_r_W)
    np.stack((b_f, b_r), out=b_fr)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    # c.sum[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_h), W_f_W_r_W.transpose(0, 2, 1), out=frc_parts.reshape(3, -1, n_h))
    # c[0] = 0
    c[0] = c0
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    frc_parts[:2] += b_fr[:, None, None]
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
    c[1:] = frc_parts[2]
    for t in range(1, T + 1):
        # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
        np.multiply(c_at[t - 1], v_f, out=tmp0)
        f_arg_at[t - 1] += tmp0
        # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
        _sigmoid(f_arg_at[t - 1], out=f_at[t - 1], half=half)
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
        np.multiply(f_at[t - 1], c_sum_at[t - 1], out=tmp0)
        c_at[t] -= tmp0
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp0)
        c_at[t] += tmp0
    # r.arg[t] = W_r @ x[t] + v_r * c[t-1] + b_r
    np.multiply(c[:T], v_r, out=tmp1)
    frc_parts[1] += tmp1
    # r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)
    _sigmoid(frc_parts[1], out=r)
    # h[t] = r[t] * c[t] + (1 - r[t]) * x[t]
    np.subtract(1, r, out=h)
    h *= x
    np.multiply(c[1:], r, out=tmp1)
    h += tmp1
    # s[t] = d + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    c_sum = frc_parts[2]
    # grad(s[t]) = softmax(s[t]) - onehot(y[t])
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=ds)
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(h[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    np.subtract(1, r, out=dx)
    dx *= dh
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    np.subtract(c[1:], x, out=tmp1)
    np.subtract(1, r, out=dfrc_parts[1])
    dfrc_parts[1] *= tmp1
    dfrc_parts[1] *= dh
    dfrc_parts[1] *= r
    # grad(v_r) = sum(c[t-1] * grad(r.arg[t]), t)
    dv_r[...] = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[1])
    # f.arg.factor[t] = (c[t-1] - c.sum[t]) * f[t] * (1 - f[t])
    np.subtract(c[:T], c_sum, out=tmp1)
    np.subtract(1, f, out=f_arg_factor)
    f_arg_factor *= tmp1
    f_arg_factor *= f
    dc.fill(0)
    # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
    #     grad(h[t]), t < T
    np.multiply(dh, r, out=tmp1)
    dc[1:] += tmp1
    np.multiply(dfrc_parts[1], v_r, out=tmp1)
    dc[:T] += tmp1
    # grad(c[T]) = c.left1 + r[T] * grad(h[T])
    dc[T] += c_left1
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.multiply(f_arg_factor[T - 1], dc[T], out=dfrc_parts[0, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
        #     grad(h[t]), t < T
        np.multiply(df_arg_at[t], v_f, out=tmp0)
        dc_at[t] += tmp0
        np.multiply(f_at[t], dc_at[t + 1], out=tmp0)
        dc_at[t] += tmp0
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        np.multiply(f_arg_factor_at[t - 1], dc_at[t], out=df_arg_at[t - 1])
    # grad(c[t]) = v_f * grad(f.arg[t+1]) + v_r * grad(r.arg[t+1]) + f[t+1] * grad(c[t+1]) + r[t] *
    #     grad(h[t]), t < T
    np.multiply(dfrc_parts[0, 0], v_f, out=tmp0)
    dc[0] += tmp0
    np.multiply(f[0], dc[1], out=tmp0)
    dc[0] += tmp0
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_r) = sum(grad(r.arg[t]), t)
    np.add.reduce(dfrc_parts[:2], axis=(1, 2), out=db_fr)
    # grad(c.sum[t]) = (1 - f[t]) * grad(c[t])
    np.subtract(1, f, out=dfrc_parts[2])
    dfrc_parts[2] *= dc[1:]
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), x[t]), t)
    # grad(W) = sum(outer(grad(c.sum[t]), x[t]), t)
    np.matmul(dfrc_parts.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_h), out=dW_f_dW_r_dW)
    # grad(x[t]) = W.T @ grad(c.sum[t]) + W_f.T @ grad(f.arg[t]) + W_r.T @ grad(r.arg[t]) + (1 - r[t]) *
    #     grad(h[t])
    np.matmul(dfrc_parts.reshape(3, -1, n_h), W_f_W_r_W, out=product)
    np.add.reduce(product, axis=0, out=tmp1.reshape(-1, n_h))
    dx += tmp1
    # grad(v_f) = sum(c[t-1] * grad(f.arg[t]), t)
    dv_f[...] = np.einsum("tbi,tbi->i", c[:T], dfrc_parts[0])
    # grad(c.0) = grad(c[0])
    dc0[...] = dc[0]
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    dW_f = dW_f_dW_r_dW[0]
    dW_r = dW_f_dW_r_dW[1]
    dW = dW_f_dW_r_dW[2]
    db_f = db_fr[0]
    db_r = db_fr[1]

    return loss, (dE, dW, dW_f, dW_r, dv_f, dv_r, db_f, db_r, dV, dd), dc0


def _advance(params, w, c0, T, n_h, B, dtype, workspace):
    """The state after a segment."""
    E, W, W_f, W_r, v_f, v_r, b_f, b_r, V, d = params

    (
        tmp0, W_f_W, x, fc_parts, c, f, c_at, f_arg_at2, half, c_sum_at2,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_h, B, dtype)
    np.stack((W_f, W), out=W_f_W)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    # c.sum[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_h), W_f_W.transpose(0, 2, 1), out=fc_parts.reshape(2, -1, n_h))
    # c[0] = 0
    c[0] = c0
    # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
    fc_parts[0] += b_f
    # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
    c[1:] = fc_parts[1]
    for t in range(1, T + 1):
        # f.arg[t] = W_f @ x[t] + v_f * c[t-1] + b_f
        np.multiply(c_at[t - 1], v_f, out=tmp0)
        f_arg_at2[t - 1] += tmp0
        # f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)
        _sigmoid(f_arg_at2[t - 1], out=f, half=half)
        # c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])
        np.multiply(f, c_sum_at2[t - 1], out=tmp0)
        c_at[t] -= tmp0
        np.multiply(f, c_at[t - 1], out=tmp0)
        c_at[t] += tmp0

    return (c[-1],)


def _loss_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    W_f_W_r_W = np.empty((3, n_h, n_h), dtype)
    b_fr = np.empty((2, n_h), dtype)
    x = np.empty((T, B, n_h), dtype)
    frc_parts = _by_step((3, T, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    f = np.empty((B, n_h), dtype)
    c_at = list(c)
    f_arg_at = list(frc_parts[0])
    half = np.array(0.5, dtype)
    c_sum_at = list(frc_parts[2])
    r = frc_parts[1]
    h = np.empty((T, B, n_h), dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, W_f_W_r_W, b_fr, x, frc_parts, c, f, c_at, f_arg_at, half, c_sum_at, r, h, s, yhat_lse,
        largest, rows, flat,
    )


def _loss_and_grad_arrays(T, n_w, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    W_f_W_r_W = np.empty((3, n_h, n_h), dtype)
    b_fr = np.empty((2, n_h), dtype)
    x = np.empty((T, B, n_h), dtype)
    frc_parts = _by_step((3, T, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    f = frc_parts[0]
    c_at = list(c)
    f_arg_at = list(frc_parts[0])
    f_at = list(f)
    half = np.array(0.5, dtype)
    c_sum_at = list(frc_parts[2])
    r = frc_parts[1]
    h = np.empty((T, B, n_h), dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp4 = np.empty((T - 1, B, n_h), dtype)
    ds = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = h
    dx = np.empty((T, B, n_h), dtype)
    dfrc_parts = _by_step((3, T, B, n_h), dtype)
    dv_r = np.empty((n_h,), dtype)
    f_arg_factor = dfrc_parts[0]
    dc = np.empty((T + 1, B, n_h), dtype)
    df_arg_at = list(dfrc_parts[0])
    dc_at = list(dc)
    f_arg_factor_at = list(f_arg_factor)
    db_fr = np.empty((2, n_h), dtype)
    dW_f_dW_r_dW = np.empty((3, n_h, n_h), dtype)
    product = np.empty((3, T * B, n_h), dtype)
    dv_f = np.empty((n_h,), dtype)
    dE = np.empty((n_w, n_h), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, W_f_W_r_W, b_fr, x, frc_parts, c, f, c_at, f_arg_at, f_at, half, c_sum_at, r, h, s,
        yhat_lse, largest, yhat, rows, flat, tmp4, ds, entries, dd, dV, dh, dx, dfrc_parts, dv_r, f_arg_factor, dc,
        df_arg_at, dc_at, f_arg_factor_at, db_fr, dW_f_dW_r_dW, product, dv_f, dE,
    )


def _loss_padded_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    W_f_W_r_W = np.empty((3, n_h, n_h), dtype)
    b_fr = np.empty((2, n_h), dtype)
    x = np.empty((T, B, n_h), dtype)
    frc_parts = _by_step((3, T, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    f = np.empty((B, n_h), dtype)
    c_at = list(c)
    f_arg_at = list(frc_parts[0])
    half = np.array(0.5, dtype)
    one = np.array(1, dtype)
    c_sum_at = list(frc_parts[2])
    r = frc_parts[1]
    h = np.empty((T, B, n_h), dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_f_W_r_W, b_fr, x, frc_parts, c, f, c_at, f_arg_at, half, one,
        c_sum_at, r, h, s, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(T, n_w, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    W_f_W_r_W = np.empty((3, n_h, n_h), dtype)
    b_fr = np.empty((2, n_h), dtype)
    x = np.empty((T, B, n_h), dtype)
    frc_parts = _by_step((3, T, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    f = frc_parts[0]
    c_at = list(c)
    f_arg_at = list(frc_parts[0])
    f_at = list(f)
    half = np.array(0.5, dtype)
    one = np.array(1, dtype)
    c_sum_at = list(frc_parts[2])
    r = frc_parts[1]
    h = np.empty((T, B, n_h), dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp7 = yhat_lse
    tmp8 = np.empty((T - 1, B, n_h), dtype)
    tmp11 = np.empty((T - 1,), dtype)
    tmp9 = tmp11
    tmp10 = np.empty((T - 1,), dtype)
    ds = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = h
    dx = np.empty((T, B, n_h), dtype)
    dfrc_parts = _by_step((3, T, B, n_h), dtype)
    dv_r = np.empty((n_h,), dtype)
    f_arg_factor = dfrc_parts[0]
    dc = np.empty((T + 1, B, n_h), dtype)
    df_arg_at = list(dfrc_parts[0])
    dc_at = list(dc)
    f_arg_factor_at = list(f_arg_factor)
    db_fr = np.empty((2, n_h), dtype)
    dW_f_dW_r_dW = np.empty((3, n_h, n_h), dtype)
    product = np.empty((3, T * B, n_h), dtype)
    dv_f = np.empty((n_h,), dtype)
    dE = np.empty((n_w, n_h), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_f_W_r_W, b_fr, x, frc_parts, c, f, c_at, f_arg_at, f_at, half, one,
        c_sum_at, r, h, s, yhat_lse, largest, yhat, tmp7, tmp8, tmp11, tmp9, tmp10, ds, rows, flat, entries, dd, dV, dh,
        dx, dfrc_parts, dv_r, f_arg_factor, dc, df_arg_at, dc_at, f_arg_factor_at, db_fr, dW_f_dW_r_dW, product, dv_f,
        dE,
    )


def _loss_and_grad_checkpointed_arrays(count, n_w, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    c0_kept = np.empty((count, B, n_h), dtype)
    c_left1 = np.empty((B, n_h), dtype)
    dE = np.empty((n_w, n_h), dtype)
    dW = np.empty((n_h, n_h), dtype)
    dW_f = np.empty((n_h, n_h), dtype)
    dW_r = np.empty((n_h, n_h), dtype)
    dv_f = np.empty((n_h,), dtype)
    dv_r = np.empty((n_h,), dtype)
    db_f = np.empty((n_h,), dtype)
    db_r = np.empty((n_h,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dd = np.empty((n_y,), dtype)
    return c0_kept, c_left1, dE, dW, dW_f, dW_r, dv_f, dv_r, db_f, db_r, dV, dd


def _segment_arrays(T, n_w, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    W_f_W_r_W = np.empty((3, n_h, n_h), dtype)
    b_fr = np.empty((2, n_h), dtype)
    x = np.empty((T, B, n_h), dtype)
    frc_parts = _by_step((3, T, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    f = frc_parts[0]
    c_at = list(c)
    f_arg_at = list(frc_parts[0])
    f_at = list(f)
    half = np.array(0.5, dtype)
    c_sum_at = list(frc_parts[2])
    r = frc_parts[1]
    h = np.empty((T, B, n_h), dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    ds = s
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = h
    dx = np.empty((T, B, n_h), dtype)
    dfrc_parts = _by_step((3, T, B, n_h), dtype)
    dv_r = np.empty((n_h,), dtype)
    f_arg_factor = dfrc_parts[0]
    dc = np.empty((T + 1, B, n_h), dtype)
    df_arg_at = list(dfrc_parts[0])
    dc_at = list(dc)
    f_arg_factor_at = list(f_arg_factor)
    db_fr = np.empty((2, n_h), dtype)
    dW_f_dW_r_dW = np.empty((3, n_h, n_h), dtype)
    product = np.empty((3, T * B, n_h), dtype)
    dv_f = np.empty((n_h,), dtype)
    dc0 = tmp0
    dE = np.empty((n_w, n_h), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, W_f_W_r_W, b_fr, x, frc_parts, c, f, c_at, f_arg_at, f_at, half, c_sum_at, r, h, s,
        yhat_lse, largest, rows, flat, ds, entries, dd, dV, dh, dx, dfrc_parts, dv_r, f_arg_factor, dc, df_arg_at,
        dc_at, f_arg_factor_at, db_fr, dW_f_dW_r_dW, product, dv_f, dc0, dE,
    )


def _advance_arrays(T, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    W_f_W = np.empty((2, n_h, n_h), dtype)
    x = np.empty((T, B, n_h), dtype)
    fc_parts = _by_step((2, T, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    f = np.empty((B, n_h), dtype)
    c_at = list(c)
    f_arg_at2 = list(fc_parts[0])
    half = np.array(0.5, dtype)
    c_sum_at2 = list(fc_parts[1])
    return tmp0, W_f_W, x, fc_parts, c, f, c_at, f_arg_at2, half, c_sum_at2


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
