# Written by derive from minlstm.eq; do not edit.
# Change minlstm.eq instead, and run: derive generate minlstm
# source 25e16780d5fa0b91, derive 07e8f9d843407be1, body 9ef777fc7cbf5ff8
"""minLSTM: forget and input gate read the input alone and are normalised to add up to one.

Feng, Tung, Ahmed, Bengio & Hajimirsadeghi (2024), Were RNNs All We Needed?, section 3.2.

The equations::

    x: Input[T, n_x]                    # what is read at each step
    y: Label[T, n_y]                    # the class to predict at each step
    W_f, W_i, W_h = Param[n_h, n_x]     # input to gates and candidate
    b_f, b_i, b_h = Param[n_h]          # biases
    V: Param[n_y, n_h]                  # hidden to output
    d: Param[n_y]                       # output bias

    h[0] = 0
    f[t] = sigmoid(b_f + W_f @ x[t])                            # forget gate
    i[t] = sigmoid(b_i + W_i @ x[t])                            # input gate
    htilde[t] = b_h + W_h @ x[t]                                # candidate
    h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])   # hidden state
    s[t] = d + V @ h[t]                                         # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    W_f: np.ndarray  # (n_h, n_x)  input to gates and candidate
    W_i: np.ndarray  # (n_h, n_x)  input to gates and candidate
    W_h: np.ndarray  # (n_h, n_x)  input to gates and candidate
    b_f: np.ndarray  # (n_h)  biases
    b_i: np.ndarray  # (n_h)  biases
    b_h: np.ndarray  # (n_h)  biases
    V: np.ndarray  # (n_y, n_h)  hidden to output
    d: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    f: np.ndarray  # (T, B, n_h)  forget gate
    i: np.ndarray  # (T, B, n_h)  input gate
    htilde: np.ndarray  # (T, B, n_h)  candidate
    h: np.ndarray  # (T + 1, B, n_h)  hidden state
    s: np.ndarray  # (T, B, n_y)  logits
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    h: np.ndarray  # (B, n_h)  hidden state


class Outputs(NamedTuple):
    """The variables at one step."""

    f: np.ndarray  # (B, n_h)  forget gate
    i: np.ndarray  # (B, n_h)  input gate
    htilde: np.ndarray  # (B, n_h)  candidate
    h: np.ndarray  # (B, n_h)  hidden state
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
        W_f=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_i=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_h=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        b_f=np.zeros((n_h,), dtype),
        b_i=np.zeros((n_h,), dtype),
        b_h=np.zeros((n_h,), dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        d=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  the class to predict at each step
    h0       (B, n_h)     real        h[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from
                                      there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _forward_padded(params, x, y, h0, lengths)
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0)
    W_f, W_i, W_h, b_f, b_i, b_h, V, d = params

    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    W_hfi = np.stack((W_h, W_f, W_i))
    b_hfi = np.stack((b_h, b_f, b_i))
    htilde_f_arg_i_arg = np.empty((3, T, B, n_h), dtype)
    # htilde[t] = b_h + W_h @ x[t]
    # f.arg[t] = b_f + W_f @ x[t]
    # i.arg[t] = b_i + W_i @ x[t]
    np.matmul(x.reshape(-1, n_x), W_hfi.transpose(0, 2, 1), out=htilde_f_arg_i_arg.reshape(3, -1, n_h))
    htilde_f_arg_i_arg += b_hfi[:, None, None]
    f = np.empty((T, B, n_h), dtype)
    # f[t] = sigmoid(b_f + W_f @ x[t])
    _sigmoid(htilde_f_arg_i_arg[1], out=f)
    i = np.empty((T, B, n_h), dtype)
    # i[t] = sigmoid(b_i + W_i @ x[t])
    _sigmoid(htilde_f_arg_i_arg[2], out=i)
    h_ahead = np.empty((T, B, n_h), dtype)
    # h.ahead[t] = f[t] / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.divide(f, tmp0, out=h_ahead)
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    # h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.multiply(i, htilde_f_arg_i_arg[0], out=h[1:])
    h[1:] /= tmp0
    h_at = list(h)
    h_ahead_at = list(h_ahead)
    for t in range(1, T + 1):
        # h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])
        np.multiply(h_at[t - 1], h_ahead_at[t - 1], out=tmp1)
        h_at[t] += tmp1
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
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
    htilde = htilde_f_arg_i_arg[0]

    if single:
        f = f[:, 0]
        i = i[:, 0]
        htilde = htilde[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(f=f, i=i, htilde=htilde, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real        what is read at each step
    y          (T, B)       0..n_y - 1  the class to predict at each step
    h0         (B, n_h)     real        h[0]; 0 where not given
    workspace               Workspace   its arrays are used, and hold the results until its next call
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths    (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _loss_padded(params, x, y, h0, lengths, workspace)
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, whole=True)
    W_f, W_i, W_h, b_f, b_i, b_h, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, W_hfi, b_hfi, htilde_f_arg_i_arg, f, i, h_ahead, h, h_at, h_ahead_at, s, yhat_lse,
        largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((W_h, W_f, W_i), out=W_hfi)
    np.stack((b_h, b_f, b_i), out=b_hfi)
    # htilde[t] = b_h + W_h @ x[t]
    # f.arg[t] = b_f + W_f @ x[t]
    # i.arg[t] = b_i + W_i @ x[t]
    np.matmul(x.reshape(-1, n_x), W_hfi.transpose(0, 2, 1), out=htilde_f_arg_i_arg.reshape(3, -1, n_h))
    htilde_f_arg_i_arg += b_hfi[:, None, None]
    # f[t] = sigmoid(b_f + W_f @ x[t])
    _sigmoid(htilde_f_arg_i_arg[1], out=f)
    # i[t] = sigmoid(b_i + W_i @ x[t])
    _sigmoid(htilde_f_arg_i_arg[2], out=i)
    # h.ahead[t] = f[t] / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.divide(f, tmp0, out=h_ahead)
    # h[0] = 0
    h[0] = h0
    # h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.multiply(i, htilde_f_arg_i_arg[0], out=h[1:])
    h[1:] /= tmp0
    for t in range(1, T + 1):
        # h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])
        np.multiply(h_at[t - 1], h_ahead_at[t - 1], out=tmp1)
        h_at[t] += tmp1
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
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
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x           (T, B, n_x)  real                       what is read at each step
    y           (T, B)       0..n_y - 1                 the class to predict at each step
    h0          (B, n_h)     real                       h[0]; 0 where not given
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
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, h0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, h0, lengths, wrt, workspace, window)
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, whole=True)
    W_f, W_i, W_h, b_f, b_i, b_h, V, d = params
    wrt = _asked(wrt, ("x", "h0"))

    (
        tmp0, tmp1, tmp2, tmp3, W_hfi, b_hfi, htilde_f_arg_i_arg, f, i, h_ahead, h, h_at, h_ahead_at, s, yhat_lse,
        largest, yhat, rows, flat, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, ds, entries, dd, dV, h_factor, dh, dh_at,
        h_factor_at, dhtilde_f_arg_i_arg, db_hfi, dW_hfi,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((W_h, W_f, W_i), out=W_hfi)
    np.stack((b_h, b_f, b_i), out=b_hfi)
    # htilde[t] = b_h + W_h @ x[t]
    # f.arg[t] = b_f + W_f @ x[t]
    # i.arg[t] = b_i + W_i @ x[t]
    np.matmul(x.reshape(-1, n_x), W_hfi.transpose(0, 2, 1), out=htilde_f_arg_i_arg.reshape(3, -1, n_h))
    htilde_f_arg_i_arg += b_hfi[:, None, None]
    # f[t] = sigmoid(b_f + W_f @ x[t])
    _sigmoid(htilde_f_arg_i_arg[1], out=f)
    # i[t] = sigmoid(b_i + W_i @ x[t])
    _sigmoid(htilde_f_arg_i_arg[2], out=i)
    # h.ahead[t] = f[t] / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.divide(f, tmp0, out=h_ahead)
    # h[0] = 0
    h[0] = h0
    # h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.multiply(i, htilde_f_arg_i_arg[0], out=h[1:])
    h[1:] /= tmp0
    for t in range(1, T + 1):
        # h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])
        np.multiply(h_at[t - 1], h_ahead_at[t - 1], out=tmp1)
        h_at[t] += tmp1
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    htilde = htilde_f_arg_i_arg[0]
    # grad(s[t]) = yhat[t] - onehot(y[t])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # h.factor[t] = f[t] / (f[t] + i[t])
    np.add(f[1:], i[1:], out=tmp4)
    np.divide(f[1:], tmp4, out=h_factor)
    # grad(h[t]) = f[t+1] * grad(h[t+1]) / (f[t+1] + i[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = f[t+1] * grad(h[t+1]) / (f[t+1] + i[t+1]) + V.T @ grad(s[t]), t < T
        np.multiply(dh_at[t + 1], h_factor_at[t - 1], out=tmp1)
        dh_at[t] += tmp1
    # grad(htilde[t]) = i[t] * grad(h[t]) / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.multiply(dh[1:], i, out=dhtilde_f_arg_i_arg[0])
    dhtilde_f_arg_i_arg[0] /= tmp0
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    np.add(f, i, out=tmp7)
    np.square(tmp7, out=tmp6)
    np.multiply(htilde, i, out=tmp8)
    np.multiply(f, h[:T], out=tmp5)
    tmp5 += tmp8
    tmp5 /= tmp6
    np.add(f, i, out=tmp9)
    np.divide(htilde, tmp9, out=tmp0)
    tmp0 -= tmp5
    np.subtract(1, i, out=dhtilde_f_arg_i_arg[2])
    dhtilde_f_arg_i_arg[2] *= tmp0
    dhtilde_f_arg_i_arg[2] *= dh[1:]
    dhtilde_f_arg_i_arg[2] *= i
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.add(f, i, out=tmp7)
    np.square(tmp7, out=tmp6)
    np.multiply(htilde, i, out=tmp8)
    np.multiply(f, h[:T], out=tmp5)
    tmp5 += tmp8
    tmp5 /= tmp6
    np.add(f, i, out=tmp9)
    np.divide(h[:T], tmp9, out=tmp0)
    tmp0 -= tmp5
    np.subtract(1, f, out=dhtilde_f_arg_i_arg[1])
    dhtilde_f_arg_i_arg[1] *= tmp0
    dhtilde_f_arg_i_arg[1] *= f
    dhtilde_f_arg_i_arg[1] *= dh[1:]
    # grad(b_h) = sum(grad(htilde[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_i) = sum(grad(i.arg[t]), t)
    np.add.reduce(dhtilde_f_arg_i_arg, axis=(1, 2), out=db_hfi)
    # grad(W_h) = sum(outer(grad(htilde[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    np.matmul(dhtilde_f_arg_i_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_hfi)
    if "h0" in wrt:
        tmp_10_0 = np.empty((1, B, n_h), dtype)
        # grad(h[t]) = f[t+1] * grad(h[t+1]) / (f[t+1] + i[t+1]) + V.T @ grad(s[t]), t < T
        np.add(f[:1], i[:1], out=tmp_10_0)
        np.multiply(f[:1], dh[1:2], out=dh[:1])
        dh[:1] /= tmp_10_0
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product = np.empty((3, T * B, n_x), dtype)
        # grad(x[t]) = W_f.T @ grad(f.arg[t]) + W_i.T @ grad(i.arg[t]) + W_h.T @ grad(htilde[t])
        np.matmul(dhtilde_f_arg_i_arg.reshape(3, -1, n_h), W_hfi, out=product)
        np.add.reduce(product, axis=0, out=dx.reshape(-1, n_x))
    db_h = db_hfi[0]
    db_f = db_hfi[1]
    db_i = db_hfi[2]
    dW_h = dW_hfi[0]
    dW_f = dW_hfi[1]
    dW_i = dW_hfi[2]

    gradient = Params(W_f=dW_f, W_i=dW_i, W_h=dW_h, b_f=db_f, b_i=db_i, b_h=db_h, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
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
    params, x, y, f, i, htilde, h, yhat, dtype, single, n_h, n_x, n_y, T, B = _backward_arguments(params, forward, x, y)
    W_f, W_i, W_h, b_f, b_i, b_h, V, d = params

    tmp0 = np.empty((T - 1, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_h), dtype)
    tmp3 = np.empty((T, B, n_h), dtype)
    tmp4 = np.empty((T, B, n_h), dtype)
    tmp5 = np.empty((T, B, n_h), dtype)
    tmp6 = np.empty((T, B, n_h), dtype)
    tmp7 = np.empty((T, B, n_h), dtype)
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
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = f[t+1] * grad(h[t+1]) / (f[t+1] + i[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    h_factor = np.empty((T - 1, B, n_h), dtype)
    # h.factor[t] = f[t] / (f[t] + i[t])
    np.add(f[1:], i[1:], out=tmp0)
    np.divide(f[1:], tmp0, out=h_factor)
    dh_at = list(dh)
    h_factor_at = list(h_factor)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = f[t+1] * grad(h[t+1]) / (f[t+1] + i[t+1]) + V.T @ grad(s[t]), t < T
        np.multiply(dh_at[t], h_factor_at[t - 1], out=tmp1)
        dh_at[t - 1] += tmp1
    dhtilde_f_arg_i_arg = np.empty((3, T, B, n_h), dtype)
    # grad(htilde[t]) = i[t] * grad(h[t]) / (f[t] + i[t])
    np.add(f, i, out=tmp2)
    np.multiply(dh, i, out=dhtilde_f_arg_i_arg[0])
    dhtilde_f_arg_i_arg[0] /= tmp2
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    np.add(f, i, out=tmp5)
    np.square(tmp5, out=tmp4)
    np.multiply(htilde, i, out=tmp6)
    np.multiply(f, h[:T], out=tmp3)
    tmp3 += tmp6
    tmp3 /= tmp4
    np.add(f, i, out=tmp7)
    np.divide(htilde, tmp7, out=tmp2)
    tmp2 -= tmp3
    np.subtract(1, i, out=dhtilde_f_arg_i_arg[2])
    dhtilde_f_arg_i_arg[2] *= tmp2
    dhtilde_f_arg_i_arg[2] *= dh
    dhtilde_f_arg_i_arg[2] *= i
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.add(f, i, out=tmp5)
    np.square(tmp5, out=tmp4)
    np.multiply(htilde, i, out=tmp6)
    np.multiply(f, h[:T], out=tmp3)
    tmp3 += tmp6
    tmp3 /= tmp4
    np.add(f, i, out=tmp7)
    np.divide(h[:T], tmp7, out=tmp2)
    tmp2 -= tmp3
    np.subtract(1, f, out=dhtilde_f_arg_i_arg[1])
    dhtilde_f_arg_i_arg[1] *= tmp2
    dhtilde_f_arg_i_arg[1] *= f
    dhtilde_f_arg_i_arg[1] *= dh
    db_hfi = np.empty((3, n_h), dtype)
    # grad(b_h) = sum(grad(htilde[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_i) = sum(grad(i.arg[t]), t)
    np.add.reduce(dhtilde_f_arg_i_arg, axis=(1, 2), out=db_hfi)
    dW_hfi = np.empty((3, n_h, n_x), dtype)
    # grad(W_h) = sum(outer(grad(htilde[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    np.matmul(dhtilde_f_arg_i_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_hfi)
    db_h = db_hfi[0]
    db_f = db_hfi[1]
    db_i = db_hfi[2]
    dW_h = dW_hfi[0]
    dW_f = dW_hfi[1]
    dW_i = dW_hfi[2]

    return Params(W_f=dW_f, W_i=dW_i, W_h=dW_h, b_f=db_f, b_i=db_i, b_h=db_h, V=dV, d=dd)


def init_state(params: Params, *, h0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    h0  (B, n_h)  real  h[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, h0, dtype, single, n_h, n_x, n_y, B = _initial_arguments(params, h0, batch)

    # h[0] = 0
    h_prev = h0.copy()

    if single:
        h_prev = h_prev[0]
    return State(h=h_prev)


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real  what is read at each step

    Data without the axis B are one example.
    """
    params, x, h_prev, dtype, single, n_h, n_x, n_y, B = _step_arguments(params, state, x)
    W_f, W_i, W_h, b_f, b_i, b_h, V, d = params

    W_hfi = np.stack((W_h, W_f, W_i))
    b_hfi = np.stack((b_h, b_f, b_i))
    # htilde[t] = b_h + W_h @ x[t]
    # f.arg[t] = b_f + W_f @ x[t]
    # i.arg[t] = b_i + W_i @ x[t]
    htilde_f_arg_i_arg = x @ W_hfi.transpose(0, 2, 1)
    htilde_f_arg_i_arg += b_hfi[:, None]
    # f[t] = sigmoid(b_f + W_f @ x[t])
    f = _sigmoid(htilde_f_arg_i_arg[1])
    # i[t] = sigmoid(b_i + W_i @ x[t])
    i = _sigmoid(htilde_f_arg_i_arg[2])
    # h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])
    h = (f * h_prev + htilde_f_arg_i_arg[0] * i) / (f + i)
    # s[t] = d + V @ h[t]
    s = h @ V.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])
    htilde = htilde_f_arg_i_arg[0]

    if single:
        h = h[0]
        f = f[0]
        i = i[0]
        htilde = htilde[0]
        s = s[0]
        yhat = yhat[0]
    result = State(h=h)
    return result, Outputs(f=f, i=i, htilde=htilde, h=h, s=s, yhat=yhat)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.h.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.h.ndim < 3 else forward.h.shape[1], forward.h.ndim < 3, 1
    )
    return State(h=_last(forward.h, 0, 1, 1, lengths))


def _forward_padded(params, x, y, h0, lengths):
    """`forward` where examples have their own lengths."""
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own = _padded_arguments(params, x, y, h0, lengths)
    W_f, W_i, W_h, b_f, b_i, b_h, V, d = params

    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    W_hfi = np.stack((W_h, W_f, W_i))
    b_hfi = np.stack((b_h, b_f, b_i))
    htilde_f_arg_i_arg = np.empty((3, T, B, n_h), dtype)
    # htilde[t] = b_h + W_h @ x[t]
    # f.arg[t] = b_f + W_f @ x[t]
    # i.arg[t] = b_i + W_i @ x[t]
    np.matmul(x.reshape(-1, n_x), W_hfi.transpose(0, 2, 1), out=htilde_f_arg_i_arg.reshape(3, -1, n_h))
    htilde_f_arg_i_arg += b_hfi[:, None, None]
    f = np.empty((T, B, n_h), dtype)
    # f[t] = sigmoid(b_f + W_f @ x[t])
    _sigmoid(htilde_f_arg_i_arg[1], out=f)
    i = np.empty((T, B, n_h), dtype)
    # i[t] = sigmoid(b_i + W_i @ x[t])
    _sigmoid(htilde_f_arg_i_arg[2], out=i)
    h_ahead = np.empty((T, B, n_h), dtype)
    # h.ahead[t] = 1 / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.divide(1, tmp0, out=h_ahead)
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    i_at = list(i)
    htilde_at = list(htilde_f_arg_i_arg[0])
    f_at = list(f)
    h_at = list(h)
    h_ahead_at = list(h_ahead)
    for t in range(1, T + 1):
        # h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])
        np.multiply(i_at[t - 1], htilde_at[t - 1], out=tmp2)
        np.multiply(f_at[t - 1], h_at[t - 1], out=tmp1)
        tmp1 += tmp2
        tmp1 *= h_ahead_at[t - 1]
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
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
    htilde = htilde_f_arg_i_arg[0]

    if single:
        f = f[:, 0]
        i = i[:, 0]
        htilde = htilde[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(f=f, i=i, htilde=htilde, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, h0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, lengths, whole=True)
    W_f, W_i, W_h, b_f, b_i, b_h, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_hfi, b_hfi, htilde_f_arg_i_arg, f, i, h_ahead, h, i_at, htilde_at,
        f_at, h_at, h_ahead_at, s, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((W_h, W_f, W_i), out=W_hfi)
    np.stack((b_h, b_f, b_i), out=b_hfi)
    # htilde[t] = b_h + W_h @ x[t]
    # f.arg[t] = b_f + W_f @ x[t]
    # i.arg[t] = b_i + W_i @ x[t]
    np.matmul(x.reshape(-1, n_x), W_hfi.transpose(0, 2, 1), out=htilde_f_arg_i_arg.reshape(3, -1, n_h))
    htilde_f_arg_i_arg += b_hfi[:, None, None]
    # f[t] = sigmoid(b_f + W_f @ x[t])
    _sigmoid(htilde_f_arg_i_arg[1], out=f)
    # i[t] = sigmoid(b_i + W_i @ x[t])
    _sigmoid(htilde_f_arg_i_arg[2], out=i)
    # h.ahead[t] = 1 / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.divide(1, tmp0, out=h_ahead)
    # h[0] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])
        np.multiply(i_at[t - 1], htilde_at[t - 1], out=tmp2)
        np.multiply(f_at[t - 1], h_at[t - 1], out=tmp1)
        tmp1 += tmp2
        tmp1 *= h_ahead_at[t - 1]
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
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


def _loss_and_grad_padded(params, x, y, h0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, lengths, whole=True)
    W_f, W_i, W_h, b_f, b_i, b_h, V, d = params
    wrt = _asked(wrt, ("x", "h0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_hfi, b_hfi, htilde_f_arg_i_arg, f, i, h_ahead, h, i_at, htilde_at,
        f_at, h_at, h_ahead_at, s, yhat_lse, largest, yhat, tmp7, tmp11, tmp8, tmp9, tmp10, tmp12, tmp13, tmp14, tmp15,
        tmp16, tmp17, ds, rows, flat, entries, dd, dV, h_factor, dh, dh_at, h_factor_at, dhtilde_f_arg_i_arg, db_hfi,
        dW_hfi,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((W_h, W_f, W_i), out=W_hfi)
    np.stack((b_h, b_f, b_i), out=b_hfi)
    # htilde[t] = b_h + W_h @ x[t]
    # f.arg[t] = b_f + W_f @ x[t]
    # i.arg[t] = b_i + W_i @ x[t]
    np.matmul(x.reshape(-1, n_x), W_hfi.transpose(0, 2, 1), out=htilde_f_arg_i_arg.reshape(3, -1, n_h))
    htilde_f_arg_i_arg += b_hfi[:, None, None]
    # f[t] = sigmoid(b_f + W_f @ x[t])
    _sigmoid(htilde_f_arg_i_arg[1], out=f)
    # i[t] = sigmoid(b_i + W_i @ x[t])
    _sigmoid(htilde_f_arg_i_arg[2], out=i)
    # h.ahead[t] = 1 / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.divide(1, tmp0, out=h_ahead)
    # h[0] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])
        np.multiply(i_at[t - 1], htilde_at[t - 1], out=tmp2)
        np.multiply(f_at[t - 1], h_at[t - 1], out=tmp1)
        tmp1 += tmp2
        tmp1 *= h_ahead_at[t - 1]
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
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
    htilde = htilde_f_arg_i_arg[0]
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp7[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp7[:, :, None], yhat, out=ds)
    tmp7[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp7, out=tmp7)
    _add_to(ds, y, rows, flat, entries, tmp7)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # h.factor[t] = same_window(t - 1, maximum(t - 2, 0), window.T) * f[t] / (f[t] + i[t])
    np.add(np.arange(2, T + 1, dtype=dtype), -1, out=tmp9)
    np.add(np.arange(2, T + 1, dtype=dtype), -2, out=tmp11)
    np.maximum(tmp11, 0, out=tmp10)
    tmp8[...] = tmp9 // window_T == tmp10 // window_T
    np.add(f[1:], i[1:], out=tmp12)
    np.multiply(tmp8[:, None, None], f[1:], out=h_factor)
    h_factor /= tmp12
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(h[t+1]) / (f[t+1] + i[t+1])
    #     + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(h[t+1]) / (f[t+1] + i[t+1])
        #     + V.T @ grad(s[t]), t < T
        np.multiply(dh_at[t + 1], h_factor_at[t - 1], out=tmp1)
        dh_at[t] += tmp1
    # grad(htilde[t]) = i[t] * grad(h[t]) / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.multiply(dh[1:], i, out=dhtilde_f_arg_i_arg[0])
    dhtilde_f_arg_i_arg[0] /= tmp0
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    np.add(f, i, out=tmp15)
    np.square(tmp15, out=tmp14)
    np.multiply(htilde, i, out=tmp16)
    np.multiply(f, h[:T], out=tmp13)
    tmp13 += tmp16
    tmp13 /= tmp14
    np.add(f, i, out=tmp17)
    np.divide(htilde, tmp17, out=tmp0)
    tmp0 -= tmp13
    np.subtract(1, i, out=dhtilde_f_arg_i_arg[2])
    dhtilde_f_arg_i_arg[2] *= tmp0
    dhtilde_f_arg_i_arg[2] *= dh[1:]
    dhtilde_f_arg_i_arg[2] *= i
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.add(f, i, out=tmp15)
    np.square(tmp15, out=tmp14)
    np.multiply(htilde, i, out=tmp16)
    np.multiply(f, h[:T], out=tmp13)
    tmp13 += tmp16
    tmp13 /= tmp14
    np.add(f, i, out=tmp17)
    np.divide(h[:T], tmp17, out=tmp0)
    tmp0 -= tmp13
    np.subtract(1, f, out=dhtilde_f_arg_i_arg[1])
    dhtilde_f_arg_i_arg[1] *= tmp0
    dhtilde_f_arg_i_arg[1] *= f
    dhtilde_f_arg_i_arg[1] *= dh[1:]
    # grad(b_h) = sum(grad(htilde[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_i) = sum(grad(i.arg[t]), t)
    np.add.reduce(dhtilde_f_arg_i_arg, axis=(1, 2), out=db_hfi)
    # grad(W_h) = sum(outer(grad(htilde[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    np.matmul(dhtilde_f_arg_i_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_hfi)
    if "h0" in wrt:
        tmp_18_0 = np.empty((1,), dtype)
        tmp_18_1 = np.empty((1,), dtype)
        tmp_18_2 = np.empty((1,), dtype)
        tmp_18_3 = np.empty((1, B, n_h), dtype)
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(h[t+1]) / (f[t+1] + i[t+1])
        #     + V.T @ grad(s[t]), t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_18_2)
        np.maximum(tmp_18_2, 0, out=tmp_18_1)
        tmp_18_0[...] = np.arange(1) // window_T == tmp_18_1 // window_T
        np.add(f[:1], i[:1], out=tmp_18_3)
        np.multiply(tmp_18_0[:, None, None], f[:1], out=dh[:1])
        dh[:1] *= dh[1:2]
        dh[:1] /= tmp_18_3
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product = np.empty((3, T * B, n_x), dtype)
        # grad(x[t]) = W_f.T @ grad(f.arg[t]) + W_i.T @ grad(i.arg[t]) + W_h.T @ grad(htilde[t])
        np.matmul(dhtilde_f_arg_i_arg.reshape(3, -1, n_h), W_hfi, out=product)
        np.add.reduce(product, axis=0, out=dx.reshape(-1, n_x))
    db_h = db_hfi[0]
    db_f = db_hfi[1]
    db_i = db_hfi[2]
    dW_h = dW_hfi[0]
    dW_f = dW_hfi[1]
    dW_i = dW_hfi[2]

    gradient = Params(W_f=dW_f, W_i=dW_i, W_h=dW_h, b_f=db_f, b_i=db_i, b_h=db_h, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, f, i, htilde, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    W_f, W_i, W_h, b_f, b_i, b_h, V, d = params
    window_T = _window(window, "T", ("T",), T)

    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((T - 1,), dtype)
    tmp2 = np.empty((T - 1,), dtype)
    tmp3 = np.empty((T - 1,), dtype)
    tmp4 = np.empty((T - 1,), dtype)
    tmp5 = np.empty((T - 1, B, n_h), dtype)
    tmp6 = np.empty((B, n_h), dtype)
    tmp7 = np.empty((T, B, n_h), dtype)
    tmp8 = np.empty((T, B, n_h), dtype)
    tmp9 = np.empty((T, B, n_h), dtype)
    tmp10 = np.empty((T, B, n_h), dtype)
    tmp11 = np.empty((T, B, n_h), dtype)
    tmp12 = np.empty((T, B, n_h), dtype)
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
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(h[t+1]) / (f[t+1] + i[t+1])
    #     + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    h_factor = np.empty((T - 1, B, n_h), dtype)
    # h.factor[t] = same_window(t - 1, maximum(t - 2, 0), window.T) * f[t] / (f[t] + i[t])
    np.add(np.arange(2, T + 1, dtype=dtype), -1, out=tmp2)
    np.add(np.arange(2, T + 1, dtype=dtype), -2, out=tmp4)
    np.maximum(tmp4, 0, out=tmp3)
    tmp1[...] = tmp2 // window_T == tmp3 // window_T
    np.add(f[1:], i[1:], out=tmp5)
    np.multiply(tmp1[:, None, None], f[1:], out=h_factor)
    h_factor /= tmp5
    dh_at = list(dh)
    h_factor_at = list(h_factor)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(h[t+1]) / (f[t+1] + i[t+1])
        #     + V.T @ grad(s[t]), t < T
        np.multiply(dh_at[t], h_factor_at[t - 1], out=tmp6)
        dh_at[t - 1] += tmp6
    dhtilde_f_arg_i_arg = np.empty((3, T, B, n_h), dtype)
    # grad(htilde[t]) = i[t] * grad(h[t]) / (f[t] + i[t])
    np.add(f, i, out=tmp7)
    np.multiply(dh, i, out=dhtilde_f_arg_i_arg[0])
    dhtilde_f_arg_i_arg[0] /= tmp7
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    np.add(f, i, out=tmp10)
    np.square(tmp10, out=tmp9)
    np.multiply(htilde, i, out=tmp11)
    np.multiply(f, h[:T], out=tmp8)
    tmp8 += tmp11
    tmp8 /= tmp9
    np.add(f, i, out=tmp12)
    np.divide(htilde, tmp12, out=tmp7)
    tmp7 -= tmp8
    np.subtract(1, i, out=dhtilde_f_arg_i_arg[2])
    dhtilde_f_arg_i_arg[2] *= tmp7
    dhtilde_f_arg_i_arg[2] *= dh
    dhtilde_f_arg_i_arg[2] *= i
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.add(f, i, out=tmp10)
    np.square(tmp10, out=tmp9)
    np.multiply(htilde, i, out=tmp11)
    np.multiply(f, h[:T], out=tmp8)
    tmp8 += tmp11
    tmp8 /= tmp9
    np.add(f, i, out=tmp12)
    np.divide(h[:T], tmp12, out=tmp7)
    tmp7 -= tmp8
    np.subtract(1, f, out=dhtilde_f_arg_i_arg[1])
    dhtilde_f_arg_i_arg[1] *= tmp7
    dhtilde_f_arg_i_arg[1] *= f
    dhtilde_f_arg_i_arg[1] *= dh
    db_hfi = np.empty((3, n_h), dtype)
    # grad(b_h) = sum(grad(htilde[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_i) = sum(grad(i.arg[t]), t)
    np.add.reduce(dhtilde_f_arg_i_arg, axis=(1, 2), out=db_hfi)
    dW_hfi = np.empty((3, n_h, n_x), dtype)
    # grad(W_h) = sum(outer(grad(htilde[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    np.matmul(dhtilde_f_arg_i_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_hfi)
    db_h = db_hfi[0]
    db_f = db_hfi[1]
    db_i = db_hfi[2]
    dW_h = dW_hfi[0]
    dW_f = dW_hfi[1]
    dW_i = dW_hfi[2]

    return Params(W_f=dW_f, W_i=dW_i, W_h=dW_h, b_f=db_f, b_i=db_i, b_h=db_h, V=dV, d=dd)


def _loss_and_grad_checkpointed(params, x, y, h0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, whole=True)
    W_f, W_i, W_h, b_f, b_i, b_h, V, d = params
    wrt = _asked(wrt, ("x", "h0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        h0_kept, h_left1, dW_f, dW_i, dW_h, db_f, db_i, db_h, dV, dd,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_h, B, dtype)
    h0_kept[0] = h0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x[first:last],
            h0_kept[n],
            last - first,
            n_x,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        (h0_kept[n + 1],) = found
    loss = 0.0
    for total in (h_left1, dW_f, dW_i, dW_h, db_f, db_i, db_h, dV, dd):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            h_left1,
            x[first:last],
            y[first:last],
            h0_kept[n],
            last - first,
            n_x,
            n_y,
            n_h,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dh0, dx_part = found
        loss += float(loss_part)
        _add_each((dW_f, dW_i, dW_h, db_f, db_i, db_h, dV, dd), parts)
        h_left1[...] = dh0
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(W_f=dW_f, W_i=dW_i, W_h=dW_h, b_f=db_f, b_i=db_i, b_h=db_h, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _segment(params, h_left1, x, y, h0, T, n_x, n_y, n_h, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    W_f, W_i, W_h, b_f, b_i, b_h, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, W_hfi, b_hfi, htilde_f_arg_i_arg, f, i, h_ahead, h, h_at, h_ahead_at, s, yhat_lse,
        largest, rows, flat, tmp4, tmp5, tmp6, tmp7, tmp8, ds, entries, dd, dV, h_factor, dh, dh_at, h_factor_at,
        dhtilde_f_arg_i_arg, db_hfi, dW_hfi, dh0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((W_h, W_f, W_i), out=W_hfi)
    np.stack((b_h, b_f, b_i), out=b_hfi)
    # htilde[t] = b_h + W_h @ x[t]
    # f.arg[t] = b_f + W_f @ x[t]
    # i.arg[t] = b_i + W_i @ x[t]
    np.matmul(x.reshape(-1, n_x), W_hfi.transpose(0, 2, 1), out=htilde_f_arg_i_arg.reshape(3, -1, n_h))
    htilde_f_arg_i_arg += b_hfi[:, None, None]
    # f[t] = sigmoid(b_f + W_f @ x[t])
    _sigmoid(htilde_f_arg_i_arg[1], out=f)
    # i[t] = sigmoid(b_i + W_i @ x[t])
    _sigmoid(htilde_f_arg_i_arg[2], out=i)
    # h.ahead[t] = f[t] / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.divide(f, tmp0, out=h_ahead)
    # h[0] = 0
    h[0] = h0
    # h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.multiply(i, htilde_f_arg_i_arg[0], out=h[1:])
    h[1:] /= tmp0
    for t in range(1, T + 1):
        # h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])
        np.multiply(h_at[t - 1], h_ahead_at[t - 1], out=tmp1)
        h_at[t] += tmp1
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    htilde = htilde_f_arg_i_arg[0]
    # grad(s[t]) = softmax(s[t]) - onehot(y[t])
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=ds)
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # h.factor[t] = f[t] / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.divide(f, tmp0, out=h_factor)
    dh.fill(0)
    # grad(h[t]) = f[t+1] * grad(h[t+1]) / (f[t+1] + i[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=tmp0.reshape(-1, n_h))
    dh[1:] += tmp0
    # grad(h[T]) = h.left1 + V.T @ grad(s[T])
    dh[T] += h_left1
    for t in range(T - 1, -1, -1):
        # grad(h[t]) = f[t+1] * grad(h[t+1]) / (f[t+1] + i[t+1]) + V.T @ grad(s[t]), t < T
        np.multiply(dh_at[t + 1], h_factor_at[t], out=tmp1)
        dh_at[t] += tmp1
    # grad(htilde[t]) = i[t] * grad(h[t]) / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.multiply(dh[1:], i, out=dhtilde_f_arg_i_arg[0])
    dhtilde_f_arg_i_arg[0] /= tmp0
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    np.add(f, i, out=tmp6)
    np.square(tmp6, out=tmp5)
    np.multiply(htilde, i, out=tmp7)
    np.multiply(f, h[:T], out=tmp4)
    tmp4 += tmp7
    tmp4 /= tmp5
    np.add(f, i, out=tmp8)
    np.divide(htilde, tmp8, out=tmp0)
    tmp0 -= tmp4
    np.subtract(1, i, out=dhtilde_f_arg_i_arg[2])
    dhtilde_f_arg_i_arg[2] *= tmp0
    dhtilde_f_arg_i_arg[2] *= dh[1:]
    dhtilde_f_arg_i_arg[2] *= i
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    np.add(f, i, out=tmp6)
    np.square(tmp6, out=tmp5)
    np.multiply(htilde, i, out=tmp7)
    np.multiply(f, h[:T], out=tmp4)
    tmp4 += tmp7
    tmp4 /= tmp5
    np.add(f, i, out=tmp8)
    np.divide(h[:T], tmp8, out=tmp0)
    tmp0 -= tmp4
    np.subtract(1, f, out=dhtilde_f_arg_i_arg[1])
    dhtilde_f_arg_i_arg[1] *= tmp0
    dhtilde_f_arg_i_arg[1] *= f
    dhtilde_f_arg_i_arg[1] *= dh[1:]
    # grad(b_h) = sum(grad(htilde[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_i) = sum(grad(i.arg[t]), t)
    np.add.reduce(dhtilde_f_arg_i_arg, axis=(1, 2), out=db_hfi)
    # grad(W_h) = sum(outer(grad(htilde[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    np.matmul(dhtilde_f_arg_i_arg.reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_hfi)
    # grad(h.0) = grad(h[0])
    dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product = np.empty((3, T * B, n_x), dtype)
        # grad(x[t]) = W_f.T @ grad(f.arg[t]) + W_i.T @ grad(i.arg[t]) + W_h.T @ grad(htilde[t])
        np.matmul(dhtilde_f_arg_i_arg.reshape(3, -1, n_h), W_hfi, out=product)
        np.add.reduce(product, axis=0, out=dx.reshape(-1, n_x))
    db_h = db_hfi[0]
    db_f = db_hfi[1]
    db_i = db_hfi[2]
    dW_h = dW_hfi[0]
    dW_f = dW_hfi[1]
    dW_i = dW_hfi[2]

    return loss, (dW_f, dW_i, dW_h, db_f, db_i, db_h, dV, dd), dh0, dx if "x" in wrt else None


def _advance(params, x, h0, T, n_x, n_h, B, dtype, workspace):
    """The state after a segment."""
    W_f, W_i, W_h, b_f, b_i, b_h, V, d = params

    (
        tmp0, tmp1, W_hfi, b_hfi, htilde_f_arg_i_arg, f, i, h_ahead, h, h_at, h_ahead_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_x, n_h, B, dtype)
    np.stack((W_h, W_f, W_i), out=W_hfi)
    np.stack((b_h, b_f, b_i), out=b_hfi)
    # htilde[t] = b_h + W_h @ x[t]
    # f.arg[t] = b_f + W_f @ x[t]
    # i.arg[t] = b_i + W_i @ x[t]
    np.matmul(x.reshape(-1, n_x), W_hfi.transpose(0, 2, 1), out=htilde_f_arg_i_arg.reshape(3, -1, n_h))
    htilde_f_arg_i_arg += b_hfi[:, None, None]
    # f[t] = sigmoid(b_f + W_f @ x[t])
    _sigmoid(htilde_f_arg_i_arg[1], out=f)
    # i[t] = sigmoid(b_i + W_i @ x[t])
    _sigmoid(htilde_f_arg_i_arg[2], out=i)
    # h.ahead[t] = f[t] / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.divide(f, tmp0, out=h_ahead)
    # h[0] = 0
    h[0] = h0
    # h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])
    np.add(f, i, out=tmp0)
    np.multiply(i, htilde_f_arg_i_arg[0], out=h[1:])
    h[1:] /= tmp0
    for t in range(1, T + 1):
        # h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])
        np.multiply(h_at[t - 1], h_ahead_at[t - 1], out=tmp1)
        h_at[t] += tmp1

    return (h[-1],)


def _loss_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    W_hfi = np.empty((3, n_h, n_x), dtype)
    b_hfi = np.empty((3, n_h), dtype)
    htilde_f_arg_i_arg = _by_step((3, T, B, n_h), dtype)
    f = htilde_f_arg_i_arg[1]
    i = htilde_f_arg_i_arg[2]
    h_ahead = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    h_at = list(h)
    h_ahead_at = list(h_ahead)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, W_hfi, b_hfi, htilde_f_arg_i_arg, f, i, h_ahead, h, h_at, h_ahead_at, s, yhat_lse,
        largest, rows, flat,
    )


def _loss_and_grad_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    W_hfi = np.empty((3, n_h, n_x), dtype)
    b_hfi = np.empty((3, n_h), dtype)
    htilde_f_arg_i_arg = _by_step((3, T, B, n_h), dtype)
    f = htilde_f_arg_i_arg[1]
    i = htilde_f_arg_i_arg[2]
    h_ahead = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    h_at = list(h)
    h_ahead_at = list(h_ahead)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp4 = np.empty((T - 1, B, n_h), dtype)
    tmp5 = np.empty((T, B, n_h), dtype)
    tmp6 = np.empty((T, B, n_h), dtype)
    tmp7 = h_ahead
    tmp8 = np.empty((T, B, n_h), dtype)
    tmp9 = np.empty((T, B, n_h), dtype)
    ds = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    h_factor = np.empty((T - 1, B, n_h), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_at = list(dh)
    h_factor_at = list(h_factor)
    dhtilde_f_arg_i_arg = _by_step((3, T, B, n_h), dtype)
    db_hfi = np.empty((3, n_h), dtype)
    dW_hfi = np.empty((3, n_h, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, W_hfi, b_hfi, htilde_f_arg_i_arg, f, i, h_ahead, h, h_at, h_ahead_at, s, yhat_lse,
        largest, yhat, rows, flat, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, ds, entries, dd, dV, h_factor, dh, dh_at,
        h_factor_at, dhtilde_f_arg_i_arg, db_hfi, dW_hfi,
    )


def _loss_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    W_hfi = np.empty((3, n_h, n_x), dtype)
    b_hfi = np.empty((3, n_h), dtype)
    htilde_f_arg_i_arg = _by_step((3, T, B, n_h), dtype)
    f = htilde_f_arg_i_arg[1]
    i = htilde_f_arg_i_arg[2]
    h_ahead = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    i_at = list(i)
    htilde_at = list(htilde_f_arg_i_arg[0])
    f_at = list(f)
    h_at = list(h)
    h_ahead_at = list(h_ahead)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_hfi, b_hfi, htilde_f_arg_i_arg, f, i, h_ahead, h, i_at, htilde_at,
        f_at, h_at, h_ahead_at, s, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    W_hfi = np.empty((3, n_h, n_x), dtype)
    b_hfi = np.empty((3, n_h), dtype)
    htilde_f_arg_i_arg = _by_step((3, T, B, n_h), dtype)
    f = htilde_f_arg_i_arg[1]
    i = htilde_f_arg_i_arg[2]
    h_ahead = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    i_at = list(i)
    htilde_at = list(htilde_f_arg_i_arg[0])
    f_at = list(f)
    h_at = list(h)
    h_ahead_at = list(h_ahead)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp7 = yhat_lse
    tmp11 = np.empty((T - 1,), dtype)
    tmp8 = tmp11
    tmp9 = np.empty((T - 1,), dtype)
    tmp10 = np.empty((T - 1,), dtype)
    tmp12 = np.empty((T - 1, B, n_h), dtype)
    tmp13 = np.empty((T, B, n_h), dtype)
    tmp14 = np.empty((T, B, n_h), dtype)
    tmp15 = h_ahead
    tmp16 = np.empty((T, B, n_h), dtype)
    tmp17 = np.empty((T, B, n_h), dtype)
    ds = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    h_factor = np.empty((T - 1, B, n_h), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_at = list(dh)
    h_factor_at = list(h_factor)
    dhtilde_f_arg_i_arg = _by_step((3, T, B, n_h), dtype)
    db_hfi = np.empty((3, n_h), dtype)
    dW_hfi = np.empty((3, n_h, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_hfi, b_hfi, htilde_f_arg_i_arg, f, i, h_ahead, h, i_at, htilde_at,
        f_at, h_at, h_ahead_at, s, yhat_lse, largest, yhat, tmp7, tmp11, tmp8, tmp9, tmp10, tmp12, tmp13, tmp14, tmp15,
        tmp16, tmp17, ds, rows, flat, entries, dd, dV, h_factor, dh, dh_at, h_factor_at, dhtilde_f_arg_i_arg, db_hfi,
        dW_hfi,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    h0_kept = np.empty((count, B, n_h), dtype)
    h_left1 = np.empty((B, n_h), dtype)
    dW_f = np.empty((n_h, n_x), dtype)
    dW_i = np.empty((n_h, n_x), dtype)
    dW_h = np.empty((n_h, n_x), dtype)
    db_f = np.empty((n_h,), dtype)
    db_i = np.empty((n_h,), dtype)
    db_h = np.empty((n_h,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dd = np.empty((n_y,), dtype)
    return h0_kept, h_left1, dW_f, dW_i, dW_h, db_f, db_i, db_h, dV, dd


def _segment_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    W_hfi = np.empty((3, n_h, n_x), dtype)
    b_hfi = np.empty((3, n_h), dtype)
    htilde_f_arg_i_arg = _by_step((3, T, B, n_h), dtype)
    f = htilde_f_arg_i_arg[1]
    i = htilde_f_arg_i_arg[2]
    h_ahead = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    h_at = list(h)
    h_ahead_at = list(h_ahead)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp4 = np.empty((T, B, n_h), dtype)
    tmp5 = np.empty((T, B, n_h), dtype)
    tmp6 = h_ahead
    tmp7 = np.empty((T, B, n_h), dtype)
    tmp8 = np.empty((T, B, n_h), dtype)
    ds = s
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    h_factor = h_ahead
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_at = list(dh)
    h_factor_at = list(h_factor)
    dhtilde_f_arg_i_arg = _by_step((3, T, B, n_h), dtype)
    db_hfi = np.empty((3, n_h), dtype)
    dW_hfi = np.empty((3, n_h, n_x), dtype)
    dh0 = tmp1
    return (
        tmp0, tmp1, tmp2, tmp3, W_hfi, b_hfi, htilde_f_arg_i_arg, f, i, h_ahead, h, h_at, h_ahead_at, s, yhat_lse,
        largest, rows, flat, tmp4, tmp5, tmp6, tmp7, tmp8, ds, entries, dd, dV, h_factor, dh, dh_at, h_factor_at,
        dhtilde_f_arg_i_arg, db_hfi, dW_hfi, dh0,
    )


def _advance_arrays(T, n_x, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    W_hfi = np.empty((3, n_h, n_x), dtype)
    b_hfi = np.empty((3, n_h), dtype)
    htilde_f_arg_i_arg = _by_step((3, T, B, n_h), dtype)
    f = htilde_f_arg_i_arg[1]
    i = htilde_f_arg_i_arg[2]
    h_ahead = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    h_at = list(h)
    h_ahead_at = list(h_ahead)
    return tmp0, tmp1, W_hfi, b_hfi, htilde_f_arg_i_arg, f, i, h_ahead, h, h_at, h_ahead_at


def _arguments(params, x, y, h0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_f")
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
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_f")
        if single:
            h0 = h0[None]
    return params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    f = _real("forward.f", forward.f, dtype)
    i = _real("forward.i", forward.i, dtype)
    htilde = _real("forward.htilde", forward.htilde, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_f")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_f")
    _expect("forward.i", i, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_f")
    _expect("forward.htilde", htilde, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_f")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_f")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        f = f[:, None]
        i = i[:, None]
        htilde = htilde[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    return params, x, y, f, i, htilde, h, yhat, dtype, single, n_h, n_x, n_y, T, B


def _initial_arguments(params, h0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_f")
        if single:
            h0 = h0[None]
    return params, h0, dtype, single, n_h, n_x, n_y, B


def _step_arguments(params, state, x):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    h_prev = _real("state.h", state.h, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from W_f")
    _expect("state.h", h_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_f")
    if single:
        x = x[None]
        h_prev = h_prev[None]
    return params, x, h_prev, dtype, single, n_h, n_x, n_y, B


def _padded_arguments(params, x, y, h0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_f")
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
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_f")
        if single:
            h0 = h0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    f = _real("forward.f", forward.f, dtype)
    i = _real("forward.i", forward.i, dtype)
    htilde = _real("forward.htilde", forward.htilde, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_f")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_f")
    _expect("forward.i", i, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_f")
    _expect("forward.htilde", htilde, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_f")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_f")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[:, None]
        f = f[:, None]
        i = i[:, None]
        htilde = htilde[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, f, i, htilde, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    W_f, W_i, W_h, b_f, b_i, b_h, V, d = params
    _rank("W_f", W_f, ("n_h", "n_x"))
    n_h, n_x = W_f.shape
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("W_i", W_i, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from W_f")
    _expect("W_h", W_h, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from W_f")
    _expect("b_f", b_f, (n_h,), ("n_h",), "n_h from W_f")
    _expect("b_i", b_i, (n_h,), ("n_h",), "n_h from W_f")
    _expect("b_h", b_h, (n_h,), ("n_h",), "n_h from W_f")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from W_f")
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
