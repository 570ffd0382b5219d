# Written by derive from lstm_projection.eq; do not edit.
# Change lstm_projection.eq instead, and run: derive generate lstm_projection
# source f047983cce62f096, derive e116e7411edaf54b, body 4fadfa3eb0bcc257
"""LSTM with a projection: gates and output read a short vector, which saves most of the recurrent weights.

Sak, Senior & Beaufays (2014), Long Short-Term Memory Based Recurrent Neural Network Architectures for Large Vocabulary
Speech Recognition, the LSTMP architecture with peepholes, without the non-recurrent projection.

The equations::

    x: Input[T, n_x]                        # what is read at each step
    y: Label[T, n_y]                        # the class to predict at each step
    W_ix, W_fx, W_cx, W_ox = Param[n_h, n_x]    # input to gates and candidate
    W_ir, W_fr, W_cr, W_or = Param[n_h, n_r]    # projection to gates and candidate
    w_ic, w_fc, w_oc = Param[n_h]           # peepholes, diagonal
    b_i, b_f, b_c, b_o = Param[n_h]         # biases
    W_rm: Param[n_r, n_h]                   # cell output to projection
    W_yr: Param[n_y, n_r]                   # projection to output
    b_y: Param[n_y]                         # output bias

    r[0] = 0
    c[0] = 0
    i[t] = sigmoid(W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i)           # input gate
    f[t] = sigmoid(W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f)           # forget gate
    c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)       # cell
    o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)             # output gate
    m[t] = o[t] * tanh(c[t])                                                    # cell output
    r[t] = W_rm @ m[t]                                                          # projection
    s[t] = W_yr @ r[t] + b_y                                                    # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    W_ix: np.ndarray  # (n_h, n_x)  input to gates and candidate
    W_fx: np.ndarray  # (n_h, n_x)  input to gates and candidate
    W_cx: np.ndarray  # (n_h, n_x)  input to gates and candidate
    W_ox: np.ndarray  # (n_h, n_x)  input to gates and candidate
    W_ir: np.ndarray  # (n_h, n_r)  projection to gates and candidate
    W_fr: np.ndarray  # (n_h, n_r)  projection to gates and candidate
    W_cr: np.ndarray  # (n_h, n_r)  projection to gates and candidate
    W_or: np.ndarray  # (n_h, n_r)  projection to gates and candidate
    w_ic: np.ndarray  # (n_h)  peepholes, diagonal
    w_fc: np.ndarray  # (n_h)  peepholes, diagonal
    w_oc: np.ndarray  # (n_h)  peepholes, diagonal
    b_i: np.ndarray  # (n_h)  biases
    b_f: np.ndarray  # (n_h)  biases
    b_c: np.ndarray  # (n_h)  biases
    b_o: np.ndarray  # (n_h)  biases
    W_rm: np.ndarray  # (n_r, n_h)  cell output to projection
    W_yr: np.ndarray  # (n_y, n_r)  projection to output
    b_y: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    i: np.ndarray  # (T, B, n_h)  input gate
    f: np.ndarray  # (T, B, n_h)  forget gate
    c: np.ndarray  # (T + 1, B, n_h)  cell
    o: np.ndarray  # (T, B, n_h)  output gate
    m: np.ndarray  # (T, B, n_h)  cell output
    r: np.ndarray  # (T + 1, B, n_r)  projection
    s: np.ndarray  # (T, B, n_y)  logits
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    c: np.ndarray  # (B, n_h)  cell
    r: np.ndarray  # (B, n_r)  projection


class Outputs(NamedTuple):
    """The variables at one step."""

    i: np.ndarray  # (B, n_h)  input gate
    f: np.ndarray  # (B, n_h)  forget gate
    c: np.ndarray  # (B, n_h)  cell
    o: np.ndarray  # (B, n_h)  output gate
    m: np.ndarray  # (B, n_h)  cell output
    r: np.ndarray  # (B, n_r)  projection
    s: np.ndarray  # (B, n_y)  logits
    yhat: np.ndarray  # (B, n_y)


def init_params(
    rng: np.random.Generator, *, n_h: int, n_x: int, n_r: int, n_y: int, dtype: type = np.float64
) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_h = _size("n_h", n_h)
    n_x = _size("n_x", n_x)
    n_r = _size("n_r", n_r)
    n_y = _size("n_y", n_y)
    return Params(
        W_ix=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_fx=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_cx=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_ox=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_ir=(rng.standard_normal((n_h, n_r)) / np.sqrt(n_r)).astype(dtype),
        W_fr=(rng.standard_normal((n_h, n_r)) / np.sqrt(n_r)).astype(dtype),
        W_cr=(rng.standard_normal((n_h, n_r)) / np.sqrt(n_r)).astype(dtype),
        W_or=(rng.standard_normal((n_h, n_r)) / np.sqrt(n_r)).astype(dtype),
        w_ic=np.zeros((n_h,), dtype),
        w_fc=np.zeros((n_h,), dtype),
        w_oc=np.zeros((n_h,), dtype),
        b_i=np.zeros((n_h,), dtype),
        b_f=np.zeros((n_h,), dtype),
        b_c=np.zeros((n_h,), dtype),
        b_o=np.zeros((n_h,), dtype),
        W_rm=(rng.standard_normal((n_r, n_h)) / np.sqrt(n_h)).astype(dtype),
        W_yr=(rng.standard_normal((n_y, n_r)) / np.sqrt(n_r)).astype(dtype),
        b_y=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    r0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  the class to predict at each step
    r0       (B, n_r)     real        r[0]; 0 where not given
    c0       (B, n_h)     real        c[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        r0, c0 = _resumed(state, ("r", "c"), (("r0", r0), ("c0", c0)))
    if lengths is not None:
        return _forward_padded(params, x, y, r0, c0, lengths)
    params, x, y, r0, c0, dtype, single, n_h, n_x, n_r, n_y, T, B = _arguments(params, x, y, r0, c0)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params

    W_ifocr = np.concatenate((W_ir, W_fr, W_or, W_cr))
    W_ifocx = np.concatenate((W_ix, W_fx, W_ox, W_cx))
    b_ifoc = np.concatenate((b_i, b_f, b_o, b_c))
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    ifoc_arg = (x.reshape(-1, n_x) @ W_ifocx.T).reshape(T, B, 4 * n_h)
    ifoc_arg += b_ifoc
    r = np.empty((T + 1, B, n_r), dtype)
    # r[0] = 0
    r[0] = r0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    i = np.empty((T, B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    o = np.empty((T, B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    m = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
        ifoc_arg[t - 1] += r[t - 1] @ W_ifocr.T
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        ifoc_arg[t - 1, :, :n_h] += c[t - 1] * w_ic
        # i[t] = sigmoid(W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i)
        i[t - 1] = _sigmoid(ifoc_arg[t - 1, :, :n_h])
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        ifoc_arg[t - 1, :, n_h:2 * n_h] += c[t - 1] * w_fc
        # f[t] = sigmoid(W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f)
        f[t - 1] = _sigmoid(ifoc_arg[t - 1, :, n_h:2 * n_h])
        # c.tanh[t] = tanh(c.arg[t])
        np.tanh(ifoc_arg[t - 1, :, 3 * n_h:], out=c_tanh)
        # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
        c[t] = c[t - 1] * f[t - 1]
        c[t] += c_tanh * i[t - 1]
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        ifoc_arg[t - 1, :, 2 * n_h:3 * n_h] += c[t] * w_oc
        # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
        o[t - 1] = _sigmoid(ifoc_arg[t - 1, :, 2 * n_h:3 * n_h])
        # m.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=m_tanh)
        # m[t] = o[t] * tanh(c[t])
        m[t - 1] = m_tanh * o[t - 1]
        # r[t] = W_rm @ m[t]
        r[t] = m[t - 1] @ W_rm.T
    # s[t] = W_yr @ r[t] + b_y
    s = (r[1:].reshape(-1, n_r) @ W_yr.T).reshape(T, B, n_y)
    s += b_y
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
        i = i[:, 0]
        f = f[:, 0]
        c = c[:, 0]
        o = o[:, 0]
        m = m[:, 0]
        r = r[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(i=i, f=f, c=c, o=o, m=m, r=r, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    r0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  the class to predict at each step
    r0       (B, n_r)     real        r[0]; 0 where not given
    c0       (B, n_h)     real        c[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        r0, c0 = _resumed(state, ("r", "c"), (("r0", r0), ("c0", c0)))
    if lengths is not None:
        return _loss_padded(params, x, y, r0, c0, lengths)
    params, x, y, r0, c0, dtype, single, n_h, n_x, n_r, n_y, T, B = _arguments(params, x, y, r0, c0, whole=True)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params

    W_ifocr = np.concatenate((W_ir, W_fr, W_or, W_cr))
    W_ifocx = np.concatenate((W_ix, W_fx, W_ox, W_cx))
    b_ifoc = np.concatenate((b_i, b_f, b_o, b_c))
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    ifoc_arg = (x.reshape(-1, n_x) @ W_ifocx.T).reshape(T, B, 4 * n_h)
    ifoc_arg += b_ifoc
    r = np.empty((T + 1, B, n_r), dtype)
    # r[0] = 0
    r[0] = r0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    i = np.empty((B, n_h), dtype)
    f = np.empty((B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    o = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    m = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
        ifoc_arg[t - 1] += r[t - 1] @ W_ifocr.T
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        ifoc_arg[t - 1, :, :n_h] += c[t - 1] * w_ic
        # i[t] = sigmoid(W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i)
        i[...] = _sigmoid(ifoc_arg[t - 1, :, :n_h])
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        ifoc_arg[t - 1, :, n_h:2 * n_h] += c[t - 1] * w_fc
        # f[t] = sigmoid(W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f)
        f[...] = _sigmoid(ifoc_arg[t - 1, :, n_h:2 * n_h])
        # c.tanh[t] = tanh(c.arg[t])
        np.tanh(ifoc_arg[t - 1, :, 3 * n_h:], out=c_tanh)
        # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
        c[t] = c[t - 1] * f
        c[t] += c_tanh * i
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        ifoc_arg[t - 1, :, 2 * n_h:3 * n_h] += c[t] * w_oc
        # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
        o[...] = _sigmoid(ifoc_arg[t - 1, :, 2 * n_h:3 * n_h])
        # m.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=m_tanh)
        # m[t] = o[t] * tanh(c[t])
        m[...] = m_tanh * o
        # r[t] = W_rm @ m[t]
        r[t] = m @ W_rm.T
    # s[t] = W_yr @ r[t] + b_y
    s = (r[1:].reshape(-1, n_r) @ W_yr.T).reshape(T, B, n_y)
    s += b_y
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
    r0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x        (T, B, n_x)  real               what is read at each step
    y        (T, B)       0..n_y - 1         the class to predict at each step
    r0       (B, n_r)     real               r[0]; 0 where not given
    c0       (B, n_h)     real               c[0]; 0 where not given
    state                 State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if state is not None:
        r0, c0 = _resumed(state, ("r", "c"), (("r0", r0), ("c0", c0)))
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, r0, c0, lengths, wrt, window)
    params, x, y, r0, c0, dtype, single, n_h, n_x, n_r, n_y, T, B = _arguments(params, x, y, r0, c0, whole=True)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params
    wrt = _asked(wrt, ("x", "r0", "c0"))

    W_ifocr = np.concatenate((W_ir, W_fr, W_or, W_cr))
    W_ifocx = np.concatenate((W_ix, W_fx, W_ox, W_cx))
    b_ifoc = np.concatenate((b_i, b_f, b_o, b_c))
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    ifoc_arg = (x.reshape(-1, n_x) @ W_ifocx.T).reshape(T, B, 4 * n_h)
    ifoc_arg += b_ifoc
    r = np.empty((T + 1, B, n_r), dtype)
    # r[0] = 0
    r[0] = r0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    i = np.empty((T, B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    c_tanh = np.empty((T, B, n_h), dtype)
    o = np.empty((T, B, n_h), dtype)
    m_tanh = np.empty((T, B, n_h), dtype)
    m = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
        ifoc_arg[t - 1] += r[t - 1] @ W_ifocr.T
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        ifoc_arg[t - 1, :, :n_h] += c[t - 1] * w_ic
        # i[t] = sigmoid(W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i)
        i[t - 1] = _sigmoid(ifoc_arg[t - 1, :, :n_h])
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        ifoc_arg[t - 1, :, n_h:2 * n_h] += c[t - 1] * w_fc
        # f[t] = sigmoid(W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f)
        f[t - 1] = _sigmoid(ifoc_arg[t - 1, :, n_h:2 * n_h])
        # c.tanh[t] = tanh(c.arg[t])
        np.tanh(ifoc_arg[t - 1, :, 3 * n_h:], out=c_tanh[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
        c[t] = c[t - 1] * f[t - 1]
        c[t] += c_tanh[t - 1] * i[t - 1]
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        ifoc_arg[t - 1, :, 2 * n_h:3 * n_h] += c[t] * w_oc
        # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
        o[t - 1] = _sigmoid(ifoc_arg[t - 1, :, 2 * n_h:3 * n_h])
        # m.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=m_tanh[t - 1])
        # m[t] = o[t] * tanh(c[t])
        m[t - 1] = m_tanh[t - 1] * o[t - 1]
        # r[t] = W_rm @ m[t]
        r[t] = m[t - 1] @ W_rm.T
    # s[t] = W_yr @ r[t] + b_y
    s = (r[1:].reshape(-1, n_r) @ W_yr.T).reshape(T, B, n_y)
    s += b_y
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(b_y) = sum(grad(s[t]), t)
    db_y = ds.sum(axis=(0, 1))
    # grad(W_yr) = sum(outer(grad(s[t]), r[t]), t)
    dW_yr = ds.reshape(-1, n_y).T @ r[1:].reshape(-1, n_r)
    dr = np.empty((T + 1, B, n_r), dtype)
    # grad(r[t]) = W_ir.T @ grad(i.arg[t+1]) + W_fr.T @ grad(f.arg[t+1]) + W_cr.T @ grad(c.arg[t+1]) +
    #     W_or.T @ grad(o.arg[t+1]) + W_yr.T @ grad(s[t]), t < T
    dr[1:] = (ds.reshape(-1, n_y) @ W_yr).reshape(T, B, n_r)
    dm = np.empty((B, n_h), dtype)
    dc = np.empty((T + 1, B, n_h), dtype)
    difoc_arg = np.empty((T, B, 4 * n_h), dtype)
    # grad(m[t]) = W_rm.T @ grad(r[t])
    dm[...] = dr[T] @ W_rm
    # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
    #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
    dc[T] = dm * o[T - 1] * (1 - m_tanh[T - 1]**2)
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    difoc_arg[T - 1, :, 2 * n_h:3 * n_h] = dm * m_tanh[T - 1] * o[T - 1] * (1 - o[T - 1])
    # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
    #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
    dc[T] += difoc_arg[T - 1, :, 2 * n_h:3 * n_h] * w_oc
    # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
    difoc_arg[T - 1, :, 3 * n_h:] = dc[T] * i[T - 1] * (1 - c_tanh[T - 1]**2)
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    difoc_arg[T - 1, :, n_h:2 * n_h] = c[T - 1] * dc[T] * f[T - 1] * (1 - f[T - 1])
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    difoc_arg[T - 1, :, :n_h] = c_tanh[T - 1] * dc[T] * i[T - 1] * (1 - i[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(r[t]) = W_ir.T @ grad(i.arg[t+1]) + W_fr.T @ grad(f.arg[t+1]) + W_cr.T @ grad(c.arg[t+1]) +
        #     W_or.T @ grad(o.arg[t+1]) + W_yr.T @ grad(s[t]), t < T
        dr[t] += difoc_arg[t] @ W_ifocr
        # grad(m[t]) = W_rm.T @ grad(r[t])
        dm[...] = dr[t] @ W_rm
        # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
        #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
        dc[t] = dm * o[t - 1] * (1 - m_tanh[t - 1]**2)
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        difoc_arg[t - 1, :, 2 * n_h:3 * n_h] = dm * m_tanh[t - 1] * o[t - 1] * (1 - o[t - 1])
        # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
        #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
        dc[t] += difoc_arg[t - 1, :, 2 * n_h:3 * n_h] * w_oc
        dc[t] += difoc_arg[t, :, n_h:2 * n_h] * w_fc
        dc[t] += difoc_arg[t, :, :n_h] * w_ic
        dc[t] += dc[t + 1] * f[t]
        # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
        difoc_arg[t - 1, :, 3 * n_h:] = dc[t] * i[t - 1] * (1 - c_tanh[t - 1]**2)
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        difoc_arg[t - 1, :, n_h:2 * n_h] = c[t - 1] * dc[t] * f[t - 1] * (1 - f[t - 1])
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        difoc_arg[t - 1, :, :n_h] = c_tanh[t - 1] * dc[t] * i[t - 1] * (1 - i[t - 1])
    # grad(W_rm) = sum(outer(grad(r[t]), m[t]), t)
    dW_rm = dr[1:].reshape(-1, n_r).T @ m.reshape(-1, n_h)
    # grad(w_oc) = sum(c[t] * grad(o.arg[t]), t)
    dw_oc = np.einsum("tbj,tbj->j", c[1:], difoc_arg[:, :, 2 * n_h:3 * n_h])
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_c) = sum(grad(c.arg[t]), t)
    db_ifoc = difoc_arg.sum(axis=(0, 1))
    # grad(W_ir) = sum(outer(grad(i.arg[t]), r[t-1]), t)
    # grad(W_fr) = sum(outer(grad(f.arg[t]), r[t-1]), t)
    # grad(W_or) = sum(outer(grad(o.arg[t]), r[t-1]), t)
    # grad(W_cr) = sum(outer(grad(c.arg[t]), r[t-1]), t)
    dW_ifocr = difoc_arg.reshape(-1, 4 * n_h).T @ r[:T].reshape(-1, n_r)
    # grad(W_ix) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_fx) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_ox) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_cx) = sum(outer(grad(c.arg[t]), x[t]), t)
    dW_ifocx = difoc_arg.reshape(-1, 4 * n_h).T @ x.reshape(-1, n_x)
    # grad(w_fc) = sum(c[t-1] * grad(f.arg[t]), t)
    dw_fc = np.einsum("tbj,tbj->j", c[:T], difoc_arg[:, :, n_h:2 * n_h])
    # grad(w_ic) = sum(c[t-1] * grad(i.arg[t]), t)
    dw_ic = np.einsum("tbj,tbj->j", c[:T], difoc_arg[:, :, :n_h])
    if "r0" in wrt:
        # grad(r[0]) = W_ir.T @ grad(i.arg[1]) + W_fr.T @ grad(f.arg[1]) + W_cr.T @ grad(c.arg[1]) + W_or.T @
        #     grad(o.arg[1])
        dr[0] = difoc_arg[0] @ W_ifocr
        # grad(r.0) = grad(r[0])
        dr0 = dr[0].copy()
    if "x" in wrt:
        # grad(x[t]) = W_ix.T @ grad(i.arg[t]) + W_fx.T @ grad(f.arg[t]) + W_cx.T @ grad(c.arg[t]) + W_ox.T @
        #     grad(o.arg[t])
        dx = (difoc_arg.reshape(-1, 4 * n_h) @ W_ifocx).reshape(T, B, n_x)
    if "c0" in wrt:
        # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
        #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
        dc[:1] = difoc_arg[:1, :, n_h:2 * n_h] * w_fc
        dc[:1] += difoc_arg[:1, :, :n_h] * w_ic
        dc[:1] += dc[1:2] * f[:1]
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    db_i = db_ifoc[:n_h]
    db_f = db_ifoc[n_h:2 * n_h]
    db_o = db_ifoc[2 * n_h:3 * n_h]
    db_c = db_ifoc[3 * n_h:4 * n_h]
    dW_ir = dW_ifocr[:n_h]
    dW_fr = dW_ifocr[n_h:2 * n_h]
    dW_or = dW_ifocr[2 * n_h:3 * n_h]
    dW_cr = dW_ifocr[3 * n_h:4 * n_h]
    dW_ix = dW_ifocx[:n_h]
    dW_fx = dW_ifocx[n_h:2 * n_h]
    dW_ox = dW_ifocx[2 * n_h:3 * n_h]
    dW_cx = dW_ifocx[3 * n_h:4 * n_h]

    gradient = Params(
        W_ix=dW_ix,
        W_fx=dW_fx,
        W_cx=dW_cx,
        W_ox=dW_ox,
        W_ir=dW_ir,
        W_fr=dW_fr,
        W_cr=dW_cr,
        W_or=dW_or,
        w_ic=dw_ic,
        w_fc=dw_fc,
        w_oc=dw_oc,
        b_i=db_i,
        b_f=db_f,
        b_c=db_c,
        b_o=db_o,
        W_rm=dW_rm,
        W_yr=dW_yr,
        b_y=db_y,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "r0" in wrt:
        result["r0"] = dr0[0] if single else dr0
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
    (
        params, x, y, i, f, c, o, m, r, yhat, dtype, single, n_h, n_x, n_r, n_y, T, B,
    ) = _backward_arguments(params, forward, x, y)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params

    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    c_arg = (r[:T].reshape(-1, n_r) @ W_cr.T).reshape(T, B, n_h)
    c_arg += (x.reshape(-1, n_x) @ W_cx.T).reshape(T, B, n_h)
    c_arg += b_c
    # c.tanh[t] = tanh(c.arg[t])
    c_tanh = np.tanh(c_arg)
    # m.tanh[t] = tanh(c[t])
    m_tanh = np.tanh(c[1:])
    W_ifocr = np.concatenate((W_ir, W_fr, W_or, W_cr))
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(b_y) = sum(grad(s[t]), t)
    db_y = ds.sum(axis=(0, 1))
    # grad(W_yr) = sum(outer(grad(s[t]), r[t]), t)
    dW_yr = ds.reshape(-1, n_y).T @ r[1:].reshape(-1, n_r)
    # grad(r[t]) = W_ir.T @ grad(i.arg[t+1]) + W_fr.T @ grad(f.arg[t+1]) + W_cr.T @ grad(c.arg[t+1]) +
    #     W_or.T @ grad(o.arg[t+1]) + W_yr.T @ grad(s[t]), t < T
    dr = (ds.reshape(-1, n_y) @ W_yr).reshape(T, B, n_r)
    dm = np.empty((B, n_h), dtype)
    dc = np.empty((T, B, n_h), dtype)
    difoc_arg = np.empty((T, B, 4 * n_h), dtype)
    # grad(m[t]) = W_rm.T @ grad(r[t])
    dm[...] = dr[T - 1] @ W_rm
    # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
    #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
    dc[T - 1] = dm * o[T - 1] * (1 - m_tanh[T - 1]**2)
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    difoc_arg[T - 1, :, 2 * n_h:3 * n_h] = dm * m_tanh[T - 1] * o[T - 1] * (1 - o[T - 1])
    # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
    #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
    dc[T - 1] += difoc_arg[T - 1, :, 2 * n_h:3 * n_h] * w_oc
    # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
    difoc_arg[T - 1, :, 3 * n_h:] = dc[T - 1] * i[T - 1] * (1 - c_tanh[T - 1]**2)
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    difoc_arg[T - 1, :, n_h:2 * n_h] = c[T - 1] * dc[T - 1] * f[T - 1] * (1 - f[T - 1])
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    difoc_arg[T - 1, :, :n_h] = c_tanh[T - 1] * dc[T - 1] * i[T - 1] * (1 - i[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(r[t]) = W_ir.T @ grad(i.arg[t+1]) + W_fr.T @ grad(f.arg[t+1]) + W_cr.T @ grad(c.arg[t+1]) +
        #     W_or.T @ grad(o.arg[t+1]) + W_yr.T @ grad(s[t]), t < T
        dr[t - 1] += difoc_arg[t] @ W_ifocr
        # grad(m[t]) = W_rm.T @ grad(r[t])
        dm[...] = dr[t - 1] @ W_rm
        # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
        #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
        dc[t - 1] = dm * o[t - 1] * (1 - m_tanh[t - 1]**2)
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        difoc_arg[t - 1, :, 2 * n_h:3 * n_h] = dm * m_tanh[t - 1] * o[t - 1] * (1 - o[t - 1])
        # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
        #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
        dc[t - 1] += difoc_arg[t - 1, :, 2 * n_h:3 * n_h] * w_oc
        dc[t - 1] += difoc_arg[t, :, n_h:2 * n_h] * w_fc
        dc[t - 1] += difoc_arg[t, :, :n_h] * w_ic
        dc[t - 1] += dc[t] * f[t]
        # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
        difoc_arg[t - 1, :, 3 * n_h:] = dc[t - 1] * i[t - 1] * (1 - c_tanh[t - 1]**2)
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        difoc_arg[t - 1, :, n_h:2 * n_h] = c[t - 1] * dc[t - 1] * f[t - 1] * (1 - f[t - 1])
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        difoc_arg[t - 1, :, :n_h] = c_tanh[t - 1] * dc[t - 1] * i[t - 1] * (1 - i[t - 1])
    # grad(W_rm) = sum(outer(grad(r[t]), m[t]), t)
    dW_rm = dr.reshape(-1, n_r).T @ m.reshape(-1, n_h)
    # grad(w_oc) = sum(c[t] * grad(o.arg[t]), t)
    dw_oc = np.einsum("tbj,tbj->j", c[1:], difoc_arg[:, :, 2 * n_h:3 * n_h])
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_c) = sum(grad(c.arg[t]), t)
    db_ifoc = difoc_arg.sum(axis=(0, 1))
    # grad(W_ir) = sum(outer(grad(i.arg[t]), r[t-1]), t)
    # grad(W_fr) = sum(outer(grad(f.arg[t]), r[t-1]), t)
    # grad(W_or) = sum(outer(grad(o.arg[t]), r[t-1]), t)
    # grad(W_cr) = sum(outer(grad(c.arg[t]), r[t-1]), t)
    dW_ifocr = difoc_arg.reshape(-1, 4 * n_h).T @ r[:T].reshape(-1, n_r)
    # grad(W_ix) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_fx) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_ox) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_cx) = sum(outer(grad(c.arg[t]), x[t]), t)
    dW_ifocx = difoc_arg.reshape(-1, 4 * n_h).T @ x.reshape(-1, n_x)
    # grad(w_fc) = sum(c[t-1] * grad(f.arg[t]), t)
    dw_fc = np.einsum("tbj,tbj->j", c[:T], difoc_arg[:, :, n_h:2 * n_h])
    # grad(w_ic) = sum(c[t-1] * grad(i.arg[t]), t)
    dw_ic = np.einsum("tbj,tbj->j", c[:T], difoc_arg[:, :, :n_h])
    db_i = db_ifoc[:n_h]
    db_f = db_ifoc[n_h:2 * n_h]
    db_o = db_ifoc[2 * n_h:3 * n_h]
    db_c = db_ifoc[3 * n_h:4 * n_h]
    dW_ir = dW_ifocr[:n_h]
    dW_fr = dW_ifocr[n_h:2 * n_h]
    dW_or = dW_ifocr[2 * n_h:3 * n_h]
    dW_cr = dW_ifocr[3 * n_h:4 * n_h]
    dW_ix = dW_ifocx[:n_h]
    dW_fx = dW_ifocx[n_h:2 * n_h]
    dW_ox = dW_ifocx[2 * n_h:3 * n_h]
    dW_cx = dW_ifocx[3 * n_h:4 * n_h]

    return Params(
        W_ix=dW_ix,
        W_fx=dW_fx,
        W_cx=dW_cx,
        W_ox=dW_ox,
        W_ir=dW_ir,
        W_fr=dW_fr,
        W_cr=dW_cr,
        W_or=dW_or,
        w_ic=dw_ic,
        w_fc=dw_fc,
        w_oc=dw_oc,
        b_i=db_i,
        b_f=db_f,
        b_c=db_c,
        b_o=db_o,
        W_rm=dW_rm,
        W_yr=dW_yr,
        b_y=db_y,
    )


def init_state(
    params: Params, *, r0: np.ndarray | None = None, c0: np.ndarray | None = None, batch: int | None = None
) -> State:
    """The state before the first step; of one example where `batch` is None.

    r0  (B, n_r)  real  r[0]; 0 where not given
    c0  (B, n_h)  real  c[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, r0, c0, dtype, single, n_h, n_x, n_r, n_y, B = _initial_arguments(params, r0, c0, batch)

    # c[0] = 0
    c_prev = c0.copy()
    # r[0] = 0
    r_prev = r0.copy()

    if single:
        c_prev = c_prev[0]
        r_prev = r_prev[0]
    return State(c=c_prev, r=r_prev)


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real  what is read at each step

    Data without the axis B are one example.
    """
    params, x, c_prev, r_prev, dtype, single, n_h, n_x, n_r, n_y, B = _step_arguments(params, state, x)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params

    W_ifocr = np.concatenate((W_ir, W_fr, W_or, W_cr))
    W_ifocx = np.concatenate((W_ix, W_fx, W_ox, W_cx))
    b_ifoc = np.concatenate((b_i, b_f, b_o, b_c))
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    ifoc_arg_ = r_prev @ W_ifocr.T
    ifoc_arg_ += x @ W_ifocx.T
    ifoc_arg_ += b_ifoc
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    ifoc_arg_[:, :n_h] += c_prev * w_ic
    # i[t] = sigmoid(W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i)
    i = _sigmoid(ifoc_arg_[:, :n_h])
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    ifoc_arg_[:, n_h:2 * n_h] += c_prev * w_fc
    # f[t] = sigmoid(W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f)
    f = _sigmoid(ifoc_arg_[:, n_h:2 * n_h])
    # c.tanh[t] = tanh(c.arg[t])
    c_tanh = np.tanh(ifoc_arg_[:, 3 * n_h:])
    # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
    c = c_tanh * i
    c += c_prev * f
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    ifoc_arg_[:, 2 * n_h:3 * n_h] += c * w_oc
    # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
    o = _sigmoid(ifoc_arg_[:, 2 * n_h:3 * n_h])
    # m.tanh[t] = tanh(c[t])
    m_tanh = np.tanh(c)
    # m[t] = o[t] * tanh(c[t])
    m = m_tanh * o
    # r[t] = W_rm @ m[t]
    r = m @ W_rm.T
    # s[t] = W_yr @ r[t] + b_y
    s = r @ W_yr.T
    s += b_y
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])

    if single:
        c = c[0]
        r = r[0]
        i = i[0]
        f = f[0]
        o = o[0]
        m = m[0]
        s = s[0]
        yhat = yhat[0]
    result = State(c=c, r=r)
    return result, Outputs(i=i, f=f, c=c, o=o, m=m, r=r, s=s, yhat=yhat)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.c.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.c.ndim < 3 else forward.c.shape[1], forward.c.ndim < 3, 1
    )
    return State(c=_last(forward.c, 0, 1, 1, lengths), r=_last(forward.r, 0, 1, 1, lengths))


def _forward_padded(params, x, y, r0, c0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, r0, c0, dtype, single, n_h, n_x, n_r, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, r0, c0, lengths)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params

    W_ifocr = np.concatenate((W_ir, W_fr, W_or, W_cr))
    W_ifocx = np.concatenate((W_ix, W_fx, W_ox, W_cx))
    b_ifoc = np.concatenate((b_i, b_f, b_o, b_c))
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    ifoc_arg = (x.reshape(-1, n_x) @ W_ifocx.T).reshape(T, B, 4 * n_h)
    ifoc_arg += b_ifoc
    r = np.empty((T + 1, B, n_r), dtype)
    # r[0] = 0
    r[0] = r0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    i = np.empty((T, B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    o = np.empty((T, B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    m = np.empty((T, B, n_h), dtype)
    r_inside = np.empty((B, n_r), dtype)
    for t in range(1, T + 1):
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
        ifoc_arg[t - 1] += r[t - 1] @ W_ifocr.T
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        ifoc_arg[t - 1, :, :n_h] += c[t - 1] * w_ic
        # i[t] = sigmoid(W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i)
        i[t - 1] = _sigmoid(ifoc_arg[t - 1, :, :n_h])
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        ifoc_arg[t - 1, :, n_h:2 * n_h] += c[t - 1] * w_fc
        # f[t] = sigmoid(W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f)
        f[t - 1] = _sigmoid(ifoc_arg[t - 1, :, n_h:2 * n_h])
        # c.tanh[t] = tanh(c.arg[t])
        np.tanh(ifoc_arg[t - 1, :, 3 * n_h:], out=c_tanh)
        # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f[t - 1] + c_tanh * i[t - 1], c[t - 1])
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        ifoc_arg[t - 1, :, 2 * n_h:3 * n_h] += c[t] * w_oc
        # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
        o[t - 1] = _sigmoid(ifoc_arg[t - 1, :, 2 * n_h:3 * n_h])
        # m.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=m_tanh)
        # m[t] = o[t] * tanh(c[t])
        m[t - 1] = m_tanh * o[t - 1]
        # r[t] = W_rm @ m[t]
        r_inside[...] = m[t - 1] @ W_rm.T
        r[t] = np.where((t <= T_own)[:, None], r_inside, r[t - 1])
    # s[t] = W_yr @ r[t] + b_y
    s = (r[1:].reshape(-1, n_r) @ W_yr.T).reshape(T, B, n_y)
    s += b_y
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
        i = i[:, 0]
        f = f[:, 0]
        c = c[:, 0]
        o = o[:, 0]
        m = m[:, 0]
        r = r[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(i=i, f=f, c=c, o=o, m=m, r=r, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, r0, c0, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, r0, c0, dtype, single, n_h, n_x, n_r, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, r0, c0, lengths, whole=True)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params

    W_ifocr = np.concatenate((W_ir, W_fr, W_or, W_cr))
    W_ifocx = np.concatenate((W_ix, W_fx, W_ox, W_cx))
    b_ifoc = np.concatenate((b_i, b_f, b_o, b_c))
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    ifoc_arg = (x.reshape(-1, n_x) @ W_ifocx.T).reshape(T, B, 4 * n_h)
    ifoc_arg += b_ifoc
    r = np.empty((T + 1, B, n_r), dtype)
    # r[0] = 0
    r[0] = r0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    i = np.empty((B, n_h), dtype)
    f = np.empty((B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    o = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    m = np.empty((B, n_h), dtype)
    r_inside = np.empty((B, n_r), dtype)
    for t in range(1, T + 1):
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
        ifoc_arg[t - 1] += r[t - 1] @ W_ifocr.T
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        ifoc_arg[t - 1, :, :n_h] += c[t - 1] * w_ic
        # i[t] = sigmoid(W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i)
        i[...] = _sigmoid(ifoc_arg[t - 1, :, :n_h])
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        ifoc_arg[t - 1, :, n_h:2 * n_h] += c[t - 1] * w_fc
        # f[t] = sigmoid(W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f)
        f[...] = _sigmoid(ifoc_arg[t - 1, :, n_h:2 * n_h])
        # c.tanh[t] = tanh(c.arg[t])
        np.tanh(ifoc_arg[t - 1, :, 3 * n_h:], out=c_tanh)
        # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f + c_tanh * i, c[t - 1])
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        ifoc_arg[t - 1, :, 2 * n_h:3 * n_h] += c[t] * w_oc
        # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
        o[...] = _sigmoid(ifoc_arg[t - 1, :, 2 * n_h:3 * n_h])
        # m.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=m_tanh)
        # m[t] = o[t] * tanh(c[t])
        m[...] = m_tanh * o
        # r[t] = W_rm @ m[t]
        r_inside[...] = m @ W_rm.T
        r[t] = np.where((t <= T_own)[:, None], r_inside, r[t - 1])
    # s[t] = W_yr @ r[t] + b_y
    s = (r[1:].reshape(-1, n_r) @ W_yr.T).reshape(T, B, n_y)
    s += b_y
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, r0, c0, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, r0, c0, dtype, single, n_h, n_x, n_r, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, r0, c0, lengths, whole=True)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params
    wrt = _asked(wrt, ("x", "r0", "c0"))
    window_T = _window(window, "T", ("T",), T)

    W_ifocr = np.concatenate((W_ir, W_fr, W_or, W_cr))
    W_ifocx = np.concatenate((W_ix, W_fx, W_ox, W_cx))
    b_ifoc = np.concatenate((b_i, b_f, b_o, b_c))
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    ifoc_arg = (x.reshape(-1, n_x) @ W_ifocx.T).reshape(T, B, 4 * n_h)
    ifoc_arg += b_ifoc
    r = np.empty((T + 1, B, n_r), dtype)
    # r[0] = 0
    r[0] = r0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    i = np.empty((T, B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    c_tanh = np.empty((T, B, n_h), dtype)
    o = np.empty((T, B, n_h), dtype)
    m_tanh = np.empty((T, B, n_h), dtype)
    m = np.empty((T, B, n_h), dtype)
    r_inside = np.empty((B, n_r), dtype)
    for t in range(1, T + 1):
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
        ifoc_arg[t - 1] += r[t - 1] @ W_ifocr.T
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        ifoc_arg[t - 1, :, :n_h] += c[t - 1] * w_ic
        # i[t] = sigmoid(W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i)
        i[t - 1] = _sigmoid(ifoc_arg[t - 1, :, :n_h])
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        ifoc_arg[t - 1, :, n_h:2 * n_h] += c[t - 1] * w_fc
        # f[t] = sigmoid(W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f)
        f[t - 1] = _sigmoid(ifoc_arg[t - 1, :, n_h:2 * n_h])
        # c.tanh[t] = tanh(c.arg[t])
        np.tanh(ifoc_arg[t - 1, :, 3 * n_h:], out=c_tanh[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f[t - 1] + c_tanh[t - 1] * i[t - 1], c[t - 1])
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        ifoc_arg[t - 1, :, 2 * n_h:3 * n_h] += c[t] * w_oc
        # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
        o[t - 1] = _sigmoid(ifoc_arg[t - 1, :, 2 * n_h:3 * n_h])
        # m.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=m_tanh[t - 1])
        # m[t] = o[t] * tanh(c[t])
        m[t - 1] = m_tanh[t - 1] * o[t - 1]
        # r[t] = W_rm @ m[t]
        r_inside[...] = m[t - 1] @ W_rm.T
        r[t] = np.where((t <= T_own)[:, None], r_inside, r[t - 1])
    # s[t] = W_yr @ r[t] + b_y
    s = (r[1:].reshape(-1, n_r) @ W_yr.T).reshape(T, B, n_y)
    s += b_y
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(b_y) = sum(grad(s[t]), t)
    db_y = ds.sum(axis=(0, 1))
    # grad(W_yr) = sum(outer(grad(s[t]), r[t]), t)
    dW_yr = ds.reshape(-1, n_y).T @ r[1:].reshape(-1, n_r)
    dr = np.empty((T + 1, B, n_r), dtype)
    # grad(r[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_ir.T @ grad(i.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (W_fr.T @ grad(f.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (W_cr.T @ grad(c.arg[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * (W_or.T @ grad(o.arg[t+1])) + W_yr.T @ grad(s[t]), t < T
    dr[1:] = (ds.reshape(-1, n_y) @ W_yr).reshape(T, B, n_r)
    dm = np.empty((B, n_h), dtype)
    dc = np.empty((T + 1, B, n_h), dtype)
    difoc_arg = np.empty((T, B, 4 * n_h), dtype)
    # grad(m[t]) = W_rm.T @ grad(r[t])
    dm[...] = dr[T] @ W_rm
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
    #     grad(m.tanh[t]), t < T
    dc[T] = dm * o[T - 1] * (1 - m_tanh[T - 1]**2)
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    difoc_arg[T - 1, :, 2 * n_h:3 * n_h] = dm * m_tanh[T - 1] * o[T - 1] * (1 - o[T - 1])
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
    #     grad(m.tanh[t]), t < T
    dc[T] += difoc_arg[T - 1, :, 2 * n_h:3 * n_h] * w_oc
    # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
    difoc_arg[T - 1, :, 3 * n_h:] = dc[T] * i[T - 1] * (1 - c_tanh[T - 1]**2)
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    difoc_arg[T - 1, :, n_h:2 * n_h] = c[T - 1] * dc[T] * f[T - 1] * (1 - f[T - 1])
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    difoc_arg[T - 1, :, :n_h] = c_tanh[T - 1] * dc[T] * i[T - 1] * (1 - i[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(r[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_ir.T @ grad(i.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (W_fr.T @ grad(f.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (W_cr.T @ grad(c.arg[t+1])) + same_window(t, maximum(t - 1, 0),
        #     window.T) * (W_or.T @ grad(o.arg[t+1])) + W_yr.T @ grad(s[t]), t < T
        dr[t] += difoc_arg[t, :, 3 * n_h:] @ W_cr * (t // window_T == max(t - 1, 0) // window_T)
        dr[t] += difoc_arg[t, :, n_h:2 * n_h] @ W_fr * (t // window_T == max(t - 1, 0) // window_T)
        dr[t] += difoc_arg[t, :, :n_h] @ W_ir * (t // window_T == max(t - 1, 0) // window_T)
        dr[t] += difoc_arg[t, :, 2 * n_h:3 * n_h] @ W_or * (t // window_T == max(t - 1, 0) // window_T)
        # grad(m[t]) = W_rm.T @ grad(r[t])
        dm[...] = dr[t] @ W_rm
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
        #     grad(m.tanh[t]), t < T
        dc[t] = dm * o[t - 1] * (1 - m_tanh[t - 1]**2)
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        difoc_arg[t - 1, :, 2 * n_h:3 * n_h] = dm * m_tanh[t - 1] * o[t - 1] * (1 - o[t - 1])
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
        #     grad(m.tanh[t]), t < T
        dc[t] += difoc_arg[t - 1, :, 2 * n_h:3 * n_h] * w_oc
        dc[t] += difoc_arg[t, :, n_h:2 * n_h] * w_fc * (t // window_T == max(t - 1, 0) // window_T)
        dc[t] += difoc_arg[t, :, :n_h] * w_ic * (t // window_T == max(t - 1, 0) // window_T)
        dc[t] += dc[t + 1] * f[t] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
        difoc_arg[t - 1, :, 3 * n_h:] = dc[t] * i[t - 1] * (1 - c_tanh[t - 1]**2)
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        difoc_arg[t - 1, :, n_h:2 * n_h] = c[t - 1] * dc[t] * f[t - 1] * (1 - f[t - 1])
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        difoc_arg[t - 1, :, :n_h] = c_tanh[t - 1] * dc[t] * i[t - 1] * (1 - i[t - 1])
    # grad(W_rm) = sum(outer(grad(r[t]), m[t]), t)
    dW_rm = dr[1:].reshape(-1, n_r).T @ m.reshape(-1, n_h)
    # grad(w_oc) = sum(c[t] * grad(o.arg[t]), t)
    dw_oc = np.einsum("tbj,tbj->j", c[1:], difoc_arg[:, :, 2 * n_h:3 * n_h])
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_c) = sum(grad(c.arg[t]), t)
    db_ifoc = difoc_arg.sum(axis=(0, 1))
    # grad(W_ir) = sum(outer(grad(i.arg[t]), r[t-1]), t)
    # grad(W_fr) = sum(outer(grad(f.arg[t]), r[t-1]), t)
    # grad(W_or) = sum(outer(grad(o.arg[t]), r[t-1]), t)
    # grad(W_cr) = sum(outer(grad(c.arg[t]), r[t-1]), t)
    dW_ifocr = difoc_arg.reshape(-1, 4 * n_h).T @ r[:T].reshape(-1, n_r)
    # grad(W_ix) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_fx) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_ox) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_cx) = sum(outer(grad(c.arg[t]), x[t]), t)
    dW_ifocx = difoc_arg.reshape(-1, 4 * n_h).T @ x.reshape(-1, n_x)
    # grad(w_fc) = sum(c[t-1] * grad(f.arg[t]), t)
    dw_fc = np.einsum("tbj,tbj->j", c[:T], difoc_arg[:, :, n_h:2 * n_h])
    # grad(w_ic) = sum(c[t-1] * grad(i.arg[t]), t)
    dw_ic = np.einsum("tbj,tbj->j", c[:T], difoc_arg[:, :, :n_h])
    if "r0" in wrt:
        # grad(r[0]) = W_ir.T @ grad(i.arg[1]) + W_fr.T @ grad(f.arg[1]) + W_cr.T @ grad(c.arg[1]) + W_or.T @
        #     grad(o.arg[1])
        dr[0] = difoc_arg[0] @ W_ifocr
        # grad(r.0) = grad(r[0])
        dr0 = dr[0].copy()
    if "x" in wrt:
        # grad(x[t]) = W_ix.T @ grad(i.arg[t]) + W_fx.T @ grad(f.arg[t]) + W_cx.T @ grad(c.arg[t]) + W_ox.T @
        #     grad(o.arg[t])
        dx = (difoc_arg.reshape(-1, 4 * n_h) @ W_ifocx).reshape(T, B, n_x)
    if "c0" in wrt:
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
        #     grad(m.tanh[t]), t < T
        dc[:1] = difoc_arg[:1, :, n_h:2 * n_h] * w_fc * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        dc[:1] += difoc_arg[:1, :, :n_h] * w_ic * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        dc[:1] += dc[1:2] * f[:1] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    db_i = db_ifoc[:n_h]
    db_f = db_ifoc[n_h:2 * n_h]
    db_o = db_ifoc[2 * n_h:3 * n_h]
    db_c = db_ifoc[3 * n_h:4 * n_h]
    dW_ir = dW_ifocr[:n_h]
    dW_fr = dW_ifocr[n_h:2 * n_h]
    dW_or = dW_ifocr[2 * n_h:3 * n_h]
    dW_cr = dW_ifocr[3 * n_h:4 * n_h]
    dW_ix = dW_ifocx[:n_h]
    dW_fx = dW_ifocx[n_h:2 * n_h]
    dW_ox = dW_ifocx[2 * n_h:3 * n_h]
    dW_cx = dW_ifocx[3 * n_h:4 * n_h]

    gradient = Params(
        W_ix=dW_ix,
        W_fx=dW_fx,
        W_cx=dW_cx,
        W_ox=dW_ox,
        W_ir=dW_ir,
        W_fr=dW_fr,
        W_cr=dW_cr,
        W_or=dW_or,
        w_ic=dw_ic,
        w_fc=dw_fc,
        w_oc=dw_oc,
        b_i=db_i,
        b_f=db_f,
        b_c=db_c,
        b_o=db_o,
        W_rm=dW_rm,
        W_yr=dW_yr,
        b_y=db_y,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "r0" in wrt:
        result["r0"] = dr0[0] if single else dr0
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, i, f, c, o, m, r, yhat, dtype, single, n_h, n_x, n_r, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params
    window_T = _window(window, "T", ("T",), T)

    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    c_arg = (r[:T].reshape(-1, n_r) @ W_cr.T).reshape(T, B, n_h)
    c_arg += (x.reshape(-1, n_x) @ W_cx.T).reshape(T, B, n_h)
    c_arg += b_c
    # c.tanh[t] = tanh(c.arg[t])
    c_tanh = np.tanh(c_arg)
    # m.tanh[t] = tanh(c[t])
    m_tanh = np.tanh(c[1:])
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(b_y) = sum(grad(s[t]), t)
    db_y = ds.sum(axis=(0, 1))
    # grad(W_yr) = sum(outer(grad(s[t]), r[t]), t)
    dW_yr = ds.reshape(-1, n_y).T @ r[1:].reshape(-1, n_r)
    # grad(r[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_ir.T @ grad(i.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (W_fr.T @ grad(f.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (W_cr.T @ grad(c.arg[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * (W_or.T @ grad(o.arg[t+1])) + W_yr.T @ grad(s[t]), t < T
    dr = (ds.reshape(-1, n_y) @ W_yr).reshape(T, B, n_r)
    dm = np.empty((B, n_h), dtype)
    dc = np.empty((T, B, n_h), dtype)
    difoc_arg = np.empty((T, B, 4 * n_h), dtype)
    # grad(m[t]) = W_rm.T @ grad(r[t])
    dm[...] = dr[T - 1] @ W_rm
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
    #     grad(m.tanh[t]), t < T
    dc[T - 1] = dm * o[T - 1] * (1 - m_tanh[T - 1]**2)
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    difoc_arg[T - 1, :, 2 * n_h:3 * n_h] = dm * m_tanh[T - 1] * o[T - 1] * (1 - o[T - 1])
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
    #     grad(m.tanh[t]), t < T
    dc[T - 1] += difoc_arg[T - 1, :, 2 * n_h:3 * n_h] * w_oc
    # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
    difoc_arg[T - 1, :, 3 * n_h:] = dc[T - 1] * i[T - 1] * (1 - c_tanh[T - 1]**2)
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    difoc_arg[T - 1, :, n_h:2 * n_h] = c[T - 1] * dc[T - 1] * f[T - 1] * (1 - f[T - 1])
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    difoc_arg[T - 1, :, :n_h] = c_tanh[T - 1] * dc[T - 1] * i[T - 1] * (1 - i[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(r[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_ir.T @ grad(i.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (W_fr.T @ grad(f.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (W_cr.T @ grad(c.arg[t+1])) + same_window(t, maximum(t - 1, 0),
        #     window.T) * (W_or.T @ grad(o.arg[t+1])) + W_yr.T @ grad(s[t]), t < T
        dr[t - 1] += difoc_arg[t, :, 3 * n_h:] @ W_cr * (t // window_T == max(t - 1, 0) // window_T)
        dr[t - 1] += difoc_arg[t, :, n_h:2 * n_h] @ W_fr * (t // window_T == max(t - 1, 0) // window_T)
        dr[t - 1] += difoc_arg[t, :, :n_h] @ W_ir * (t // window_T == max(t - 1, 0) // window_T)
        dr[t - 1] += difoc_arg[t, :, 2 * n_h:3 * n_h] @ W_or * (t // window_T == max(t - 1, 0) // window_T)
        # grad(m[t]) = W_rm.T @ grad(r[t])
        dm[...] = dr[t - 1] @ W_rm
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
        #     grad(m.tanh[t]), t < T
        dc[t - 1] = dm * o[t - 1] * (1 - m_tanh[t - 1]**2)
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        difoc_arg[t - 1, :, 2 * n_h:3 * n_h] = dm * m_tanh[t - 1] * o[t - 1] * (1 - o[t - 1])
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
        #     grad(m.tanh[t]), t < T
        dc[t - 1] += difoc_arg[t - 1, :, 2 * n_h:3 * n_h] * w_oc
        dc[t - 1] += difoc_arg[t, :, n_h:2 * n_h] * w_fc * (t // window_T == max(t - 1, 0) // window_T)
        dc[t - 1] += difoc_arg[t, :, :n_h] * w_ic * (t // window_T == max(t - 1, 0) // window_T)
        dc[t - 1] += dc[t] * f[t] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
        difoc_arg[t - 1, :, 3 * n_h:] = dc[t - 1] * i[t - 1] * (1 - c_tanh[t - 1]**2)
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        difoc_arg[t - 1, :, n_h:2 * n_h] = c[t - 1] * dc[t - 1] * f[t - 1] * (1 - f[t - 1])
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        difoc_arg[t - 1, :, :n_h] = c_tanh[t - 1] * dc[t - 1] * i[t - 1] * (1 - i[t - 1])
    # grad(W_rm) = sum(outer(grad(r[t]), m[t]), t)
    dW_rm = dr.reshape(-1, n_r).T @ m.reshape(-1, n_h)
    # grad(w_oc) = sum(c[t] * grad(o.arg[t]), t)
    dw_oc = np.einsum("tbj,tbj->j", c[1:], difoc_arg[:, :, 2 * n_h:3 * n_h])
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_c) = sum(grad(c.arg[t]), t)
    db_ifoc = difoc_arg.sum(axis=(0, 1))
    # grad(W_ir) = sum(outer(grad(i.arg[t]), r[t-1]), t)
    # grad(W_fr) = sum(outer(grad(f.arg[t]), r[t-1]), t)
    # grad(W_or) = sum(outer(grad(o.arg[t]), r[t-1]), t)
    # grad(W_cr) = sum(outer(grad(c.arg[t]), r[t-1]), t)
    dW_ifocr = difoc_arg.reshape(-1, 4 * n_h).T @ r[:T].reshape(-1, n_r)
    # grad(W_ix) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_fx) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_ox) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_cx) = sum(outer(grad(c.arg[t]), x[t]), t)
    dW_ifocx = difoc_arg.reshape(-1, 4 * n_h).T @ x.reshape(-1, n_x)
    # grad(w_fc) = sum(c[t-1] * grad(f.arg[t]), t)
    dw_fc = np.einsum("tbj,tbj->j", c[:T], difoc_arg[:, :, n_h:2 * n_h])
    # grad(w_ic) = sum(c[t-1] * grad(i.arg[t]), t)
    dw_ic = np.einsum("tbj,tbj->j", c[:T], difoc_arg[:, :, :n_h])
    db_i = db_ifoc[:n_h]
    db_f = db_ifoc[n_h:2 * n_h]
    db_o = db_ifoc[2 * n_h:3 * n_h]
    db_c = db_ifoc[3 * n_h:4 * n_h]
    dW_ir = dW_ifocr[:n_h]
    dW_fr = dW_ifocr[n_h:2 * n_h]
    dW_or = dW_ifocr[2 * n_h:3 * n_h]
    dW_cr = dW_ifocr[3 * n_h:4 * n_h]
    dW_ix = dW_ifocx[:n_h]
    dW_fx = dW_ifocx[n_h:2 * n_h]
    dW_ox = dW_ifocx[2 * n_h:3 * n_h]
    dW_cx = dW_ifocx[3 * n_h:4 * n_h]

    return Params(
        W_ix=dW_ix,
        W_fx=dW_fx,
        W_cx=dW_cx,
        W_ox=dW_ox,
        W_ir=dW_ir,
        W_fr=dW_fr,
        W_cr=dW_cr,
        W_or=dW_or,
        w_ic=dw_ic,
        w_fc=dw_fc,
        w_oc=dw_oc,
        b_i=db_i,
        b_f=db_f,
        b_c=db_c,
        b_o=db_o,
        W_rm=dW_rm,
        W_yr=dW_yr,
        b_y=db_y,
    )


def _arguments(params, x, y, r0, c0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_r, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_ix")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[:, None]
    if r0 is None:
        r0 = np.zeros((B, n_r), dtype)
    else:
        r0 = _real("r0", r0, dtype)
        _expect("r0", r0, (*batch_axis, n_r), ("B", "n_r"), "B from x, n_r from W_ir")
        if single:
            r0 = r0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_ix")
        if single:
            c0 = c0[None]
    return params, x, y, r0, c0, dtype, single, n_h, n_x, n_r, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_r, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    i = _real("forward.i", forward.i, dtype)
    f = _real("forward.f", forward.f, dtype)
    c = _real("forward.c", forward.c, dtype)
    o = _real("forward.o", forward.o, dtype)
    m = _real("forward.m", forward.m, dtype)
    r = _real("forward.r", forward.r, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_ix")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.i", i, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_ix")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_ix")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_ix")
    _expect("forward.o", o, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_ix")
    _expect("forward.m", m, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_ix")
    _expect("forward.r", r, (T + 1, *batch_axis, n_r), ("T + 1", "B", "n_r"), "T and B from x, n_r from W_ir")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from W_yr")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        i = i[:, None]
        f = f[:, None]
        c = c[:, None]
        o = o[:, None]
        m = m[:, None]
        r = r[:, None]
        yhat = yhat[:, None]
    return params, x, y, i, f, c, o, m, r, yhat, dtype, single, n_h, n_x, n_r, n_y, T, B


def _initial_arguments(params, r0, c0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_r, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if r0 is None:
        r0 = np.zeros((B, n_r), dtype)
    else:
        r0 = _real("r0", r0, dtype)
        _expect("r0", r0, (*batch_axis, n_r), ("B", "n_r"), "B from batch, n_r from W_ir")
        if single:
            r0 = r0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_ix")
        if single:
            c0 = c0[None]
    return params, r0, c0, dtype, single, n_h, n_x, n_r, n_y, B


def _step_arguments(params, state, x):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_r, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    c_prev = _real("state.c", state.c, dtype)
    r_prev = _real("state.r", state.r, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from W_ix")
    _expect("state.c", c_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_ix")
    _expect("state.r", r_prev, (*batch_axis, n_r), ("B", "n_r"), "B from x, n_r from W_ir")
    if single:
        x = x[None]
        c_prev = c_prev[None]
        r_prev = r_prev[None]
    return params, x, c_prev, r_prev, dtype, single, n_h, n_x, n_r, n_y, B


def _padded_arguments(params, x, y, r0, c0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_r, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_ix")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        if single:
            y = y[:, None]
    if r0 is None:
        r0 = np.zeros((B, n_r), dtype)
    else:
        r0 = _real("r0", r0, dtype)
        _expect("r0", r0, (*batch_axis, n_r), ("B", "n_r"), "B from x, n_r from W_ir")
        if single:
            r0 = r0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_ix")
        if single:
            c0 = c0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, r0, c0, dtype, single, n_h, n_x, n_r, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_r, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    i = _real("forward.i", forward.i, dtype)
    f = _real("forward.f", forward.f, dtype)
    c = _real("forward.c", forward.c, dtype)
    o = _real("forward.o", forward.o, dtype)
    m = _real("forward.m", forward.m, dtype)
    r = _real("forward.r", forward.r, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_ix")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.i", i, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_ix")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_ix")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_ix")
    _expect("forward.o", o, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_ix")
    _expect("forward.m", m, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_ix")
    _expect("forward.r", r, (T + 1, *batch_axis, n_r), ("T + 1", "B", "n_r"), "T and B from x, n_r from W_ir")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from W_yr")
    if single:
        x = x[:, None]
        y = y[:, None]
        i = i[:, None]
        f = f[:, None]
        c = c[:, None]
        o = o[:, None]
        m = m[:, None]
        r = r[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, i, f, c, o, m, r, yhat, dtype, single, n_h, n_x, n_r, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params
    _rank("W_ix", W_ix, ("n_h", "n_x"))
    n_h, n_x = W_ix.shape
    _rank("W_ir", W_ir, ("n_h", "n_r"))
    n_r = W_ir.shape[1]
    _rank("W_yr", W_yr, ("n_y", "n_r"))
    n_y = W_yr.shape[0]
    _expect("W_fx", W_fx, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from W_ix")
    _expect("W_cx", W_cx, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from W_ix")
    _expect("W_ox", W_ox, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from W_ix")
    _expect("W_ir", W_ir, (n_h, n_r), ("n_h", "n_r"), "n_h from W_ix")
    _expect("W_fr", W_fr, (n_h, n_r), ("n_h", "n_r"), "n_h from W_ix, n_r from W_ir")
    _expect("W_cr", W_cr, (n_h, n_r), ("n_h", "n_r"), "n_h from W_ix, n_r from W_ir")
    _expect("W_or", W_or, (n_h, n_r), ("n_h", "n_r"), "n_h from W_ix, n_r from W_ir")
    _expect("w_ic", w_ic, (n_h,), ("n_h",), "n_h from W_ix")
    _expect("w_fc", w_fc, (n_h,), ("n_h",), "n_h from W_ix")
    _expect("w_oc", w_oc, (n_h,), ("n_h",), "n_h from W_ix")
    _expect("b_i", b_i, (n_h,), ("n_h",), "n_h from W_ix")
    _expect("b_f", b_f, (n_h,), ("n_h",), "n_h from W_ix")
    _expect("b_c", b_c, (n_h,), ("n_h",), "n_h from W_ix")
    _expect("b_o", b_o, (n_h,), ("n_h",), "n_h from W_ix")
    _expect("W_rm", W_rm, (n_r, n_h), ("n_r", "n_h"), "n_r from W_ir, n_h from W_ix")
    _expect("W_yr", W_yr, (n_y, n_r), ("n_y", "n_r"), "n_r from W_ir")
    _expect("b_y", b_y, (n_y,), ("n_y",), "n_y from W_yr")
    return params, dtype, n_h, n_x, n_r, n_y


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
