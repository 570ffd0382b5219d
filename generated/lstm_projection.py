# Written by derive from lstm_projection.eq; do not edit.
# Change lstm_projection.eq instead, and run: derive generate lstm_projection
# source f047983cce62f096, derive 07e8f9d843407be1, body f5b887c3b0d38c83
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
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from
                                      there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if state is not None:
        r0, c0 = _resumed(state, ("r", "c"), (("r0", r0), ("c0", c0)))
    if lengths is not None:
        return _forward_padded(params, x, y, r0, c0, lengths)
    params, x, y, r0, c0, dtype, single, n_h, n_x, n_r, n_y, T, B = _arguments(params, x, y, r0, c0)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params

    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    W_ifcor = np.stack((W_ir, W_fr, W_cr, W_or))
    W_ifcox = np.stack((W_ix, W_fx, W_cx, W_ox))
    b_ifco = np.stack((b_i, b_f, b_c, b_o))
    w_ifc = np.stack((w_ic, w_fc))
    ifco_arg = np.empty((4, T, B, n_h), dtype)
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    np.matmul(x.reshape(-1, n_x), W_ifcox.transpose(0, 2, 1), out=ifco_arg.reshape(4, -1, n_h))
    ifco_arg += b_ifco[:, None, None]
    r = np.empty((T + 1, B, n_r), dtype)
    # r[0] = 0
    r[0] = r0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    if_ = np.empty((2, T, B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    o = np.empty((T, B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    m = np.empty((T, B, n_h), dtype)
    W_ifcor_T = np.empty((4, n_r, n_h), dtype)
    W_ifcor_T[...] = W_ifcor.transpose(0, 2, 1)
    W_rm_T = np.empty((n_h, n_r), dtype)
    W_rm_T[...] = W_rm.T
    r_at = list(r)
    ifco_arg_at = list(ifco_arg.swapaxes(0, 1))
    c_at = list(c)
    ifco_arg_at2 = list(ifco_arg[:2].swapaxes(0, 1))
    if__at = list(if_.swapaxes(0, 1))
    half = np.array(0.5, dtype)
    c_arg_at = list(ifco_arg[2])
    f_at = list(if_[1])
    i_at = list(if_[0])
    o_arg_at = list(ifco_arg[3])
    o_at = list(o)
    m_at = list(m)
    for t in range(1, T + 1):
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.matmul(r_at[t - 1], W_ifcor_T, out=tmp0)
        ifco_arg_at[t - 1] += tmp0
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        np.multiply(w_ifc[:, None], c_at[t - 1], out=tmp1)
        ifco_arg_at2[t - 1] += tmp1
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(ifco_arg_at2[t - 1], out=if__at[t - 1], half=half)
        # c.tanh[t] = tanh(c.arg[t])
        np.tanh(c_arg_at[t - 1], out=c_tanh)
        # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(c_tanh, i_at[t - 1], out=tmp2)
        c_at[t] += tmp2
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.multiply(c_at[t], w_oc, out=tmp2)
        o_arg_at[t - 1] += tmp2
        # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
        _sigmoid(o_arg_at[t - 1], out=o_at[t - 1], half=half)
        # m.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=m_tanh)
        # m[t] = o[t] * tanh(c[t])
        np.multiply(m_tanh, o_at[t - 1], out=m_at[t - 1])
        # r[t] = W_rm @ m[t]
        m_at[t - 1].dot(W_rm_T, out=r_at[t])
    s = np.empty((T, B, n_y), dtype)
    # s[t] = W_yr @ r[t] + b_y
    np.matmul(r[1:].reshape(-1, n_r), W_yr.T, out=s.reshape(-1, n_y))
    s += b_y
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    if y is not None:
        tmp_4_0 = np.empty((T, B), dtype)
        rows = np.arange(T * B).reshape(T, B)
        flat = np.empty((T, B), np.intp)
        # loss = sum(-log(yhat[t, y[t]]), t)
        _look_up(s, y, rows, flat, out=tmp_4_0)
        np.subtract(yhat_lse, tmp_4_0, out=tmp_4_0)
        loss = tmp_4_0.sum()
    else:
        loss = None
    i = if_[0]
    f = if_[1]

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
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real        what is read at each step
    y          (T, B)       0..n_y - 1  the class to predict at each step
    r0         (B, n_r)     real        r[0]; 0 where not given
    c0         (B, n_h)     real        c[0]; 0 where not given
    workspace               Workspace   its arrays are used, and hold the results until its next call
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths    (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        r0, c0 = _resumed(state, ("r", "c"), (("r0", r0), ("c0", c0)))
    if lengths is not None:
        return _loss_padded(params, x, y, r0, c0, lengths, workspace)
    params, x, y, r0, c0, dtype, single, n_h, n_x, n_r, n_y, T, B = _arguments(params, x, y, r0, c0, whole=True)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_ifcor, W_ifcox, b_ifco, w_ifc, ifco_arg, r, c, if_, c_tanh, o, m_tanh, m,
        W_ifcor_T, W_rm_T, r_at, ifco_arg_at, c_at, ifco_arg_at2, half, c_arg_at, o_arg_at, s, yhat_lse, largest, rows,
        flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_x, n_y, n_h, n_r, B, dtype)
    np.stack((W_ir, W_fr, W_cr, W_or), out=W_ifcor)
    np.stack((W_ix, W_fx, W_cx, W_ox), out=W_ifcox)
    np.stack((b_i, b_f, b_c, b_o), out=b_ifco)
    np.stack((w_ic, w_fc), out=w_ifc)
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    np.matmul(x.reshape(-1, n_x), W_ifcox.transpose(0, 2, 1), out=ifco_arg.reshape(4, -1, n_h))
    ifco_arg += b_ifco[:, None, None]
    # r[0] = 0
    r[0] = r0
    # c[0] = 0
    c[0] = c0
    W_ifcor_T[...] = W_ifcor.transpose(0, 2, 1)
    W_rm_T[...] = W_rm.T
    for t in range(1, T + 1):
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.matmul(r_at[t - 1], W_ifcor_T, out=tmp0)
        ifco_arg_at[t - 1] += tmp0
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        np.multiply(w_ifc[:, None], c_at[t - 1], out=tmp1)
        ifco_arg_at2[t - 1] += tmp1
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(ifco_arg_at2[t - 1], out=if_, half=half)
        # c.tanh[t] = tanh(c.arg[t])
        np.tanh(c_arg_at[t - 1], out=c_tanh)
        # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
        np.multiply(c_at[t - 1], if_[1], out=c_at[t])
        np.multiply(c_tanh, if_[0], out=tmp2)
        c_at[t] += tmp2
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.multiply(c_at[t], w_oc, out=tmp2)
        o_arg_at[t - 1] += tmp2
        # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
        _sigmoid(o_arg_at[t - 1], out=o, half=half)
        # m.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=m_tanh)
        # m[t] = o[t] * tanh(c[t])
        np.multiply(m_tanh, o, out=m)
        # r[t] = W_rm @ m[t]
        m.dot(W_rm_T, out=r_at[t])
    # s[t] = W_yr @ r[t] + b_y
    np.matmul(r[1:].reshape(-1, n_r), W_yr.T, out=s.reshape(-1, n_y))
    s += b_y
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()

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
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x           (T, B, n_x)  real                       what is read at each step
    y           (T, B)       0..n_y - 1                 the class to predict at each step
    r0          (B, n_r)     real                       r[0]; 0 where not given
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
        r0, c0 = _resumed(state, ("r", "c"), (("r0", r0), ("c0", c0)))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, r0, c0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, r0, c0, lengths, wrt, workspace, window)
    params, x, y, r0, c0, dtype, single, n_h, n_x, n_r, n_y, T, B = _arguments(params, x, y, r0, c0, whole=True)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params
    wrt = _asked(wrt, ("x", "r0", "c0"))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_ifcor, W_ifcox, b_ifco, w_ifc, ifco_arg, r, c, if_, c_tanh, o, m_tanh, m,
        W_ifcor_T, W_rm_T, r_at, ifco_arg_at, c_at, ifco_arg_at2, if__at, half, c_tanh_at, c_arg_at, f_at, i_at,
        o_arg_at, o_at, m_tanh_at, m_at, s, yhat_lse, largest, yhat, rows, flat, tmp5, ds, entries, db_y, dW_yr,
        c_factor, difco_arg, o_arg_factor, dr, ifc_arg_factor, dm, dc, difco_arg_at, product, dr_at, dc_at, c_factor_at,
        do_arg_at, o_arg_factor_at, df_arg_at, di_arg_at, difco_arg_at2, ifc_arg_factor_at, dW_rm, dw_oc, db_ifco,
        dW_ifcor, dW_ifcox, dw_fc, dw_ic,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, n_r, B, dtype)
    np.stack((W_ir, W_fr, W_cr, W_or), out=W_ifcor)
    np.stack((W_ix, W_fx, W_cx, W_ox), out=W_ifcox)
    np.stack((b_i, b_f, b_c, b_o), out=b_ifco)
    np.stack((w_ic, w_fc), out=w_ifc)
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    np.matmul(x.reshape(-1, n_x), W_ifcox.transpose(0, 2, 1), out=ifco_arg.reshape(4, -1, n_h))
    ifco_arg += b_ifco[:, None, None]
    # r[0] = 0
    r[0] = r0
    # c[0] = 0
    c[0] = c0
    W_ifcor_T[...] = W_ifcor.transpose(0, 2, 1)
    W_rm_T[...] = W_rm.T
    for t in range(1, T + 1):
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.matmul(r_at[t - 1], W_ifcor_T, out=tmp0)
        ifco_arg_at[t - 1] += tmp0
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        np.multiply(w_ifc[:, None], c_at[t - 1], out=tmp1)
        ifco_arg_at2[t - 1] += tmp1
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(ifco_arg_at2[t - 1], out=if__at[t - 1], half=half)
        # c.tanh[t] = tanh(c.arg[t])
        np.tanh(c_arg_at[t - 1], out=c_tanh_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(c_tanh_at[t - 1], i_at[t - 1], out=tmp2)
        c_at[t] += tmp2
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.multiply(c_at[t], w_oc, out=tmp2)
        o_arg_at[t - 1] += tmp2
        # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
        _sigmoid(o_arg_at[t - 1], out=o_at[t - 1], half=half)
        # m.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=m_tanh_at[t - 1])
        # m[t] = o[t] * tanh(c[t])
        np.multiply(m_tanh_at[t - 1], o_at[t - 1], out=m_at[t - 1])
        # r[t] = W_rm @ m[t]
        m_at[t - 1].dot(W_rm_T, out=r_at[t])
    # s[t] = W_yr @ r[t] + b_y
    np.matmul(r[1:].reshape(-1, n_r), W_yr.T, out=s.reshape(-1, n_y))
    s += b_y
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()
    i = if_[0]
    f = if_[1]
    # grad(s[t]) = yhat[t] - onehot(y[t])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(b_y) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=db_y)
    # grad(W_yr) = sum(outer(grad(s[t]), r[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, r[1:].reshape(-1, n_r), out=dW_yr)
    # c.factor[t] = o[t] * (1 - m.tanh[t]**2)
    np.square(m_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    # o.arg.factor[t] = m.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= m_tanh
    o_arg_factor *= o
    # grad(r[t]) = W_ir.T @ grad(i.arg[t+1]) + W_fr.T @ grad(f.arg[t+1]) + W_cr.T @ grad(c.arg[t+1]) +
    #     W_or.T @ grad(o.arg[t+1]) + W_yr.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), W_yr, out=dr[1:].reshape(-1, n_r))
    # c.arg.factor[t] = i[t] * (1 - c.tanh[t]**2)
    np.square(c_tanh, out=ifc_arg_factor[2])
    np.subtract(1, ifc_arg_factor[2], out=ifc_arg_factor[2])
    ifc_arg_factor[2] *= i
    # f.arg.factor[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=ifc_arg_factor[1])
    ifc_arg_factor[1] *= c[:T]
    ifc_arg_factor[1] *= f
    # i.arg.factor[t] = c.tanh[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=ifc_arg_factor[0])
    ifc_arg_factor[0] *= c_tanh
    ifc_arg_factor[0] *= i
    # grad(m[t]) = W_rm.T @ grad(r[t])
    np.matmul(dr[T], W_rm, out=dm)
    # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
    #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
    np.multiply(dm, c_factor[T - 1], out=dc[T])
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.multiply(dm, o_arg_factor[T - 1], out=difco_arg[3, T - 1])
    # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
    #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
    np.multiply(difco_arg[3, T - 1], w_oc, out=tmp2)
    dc[T] += tmp2
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
    np.multiply(ifc_arg_factor[:, T - 1], dc[T], out=difco_arg[:3, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(r[t]) = W_ir.T @ grad(i.arg[t+1]) + W_fr.T @ grad(f.arg[t+1]) + W_cr.T @ grad(c.arg[t+1]) +
        #     W_or.T @ grad(o.arg[t+1]) + W_yr.T @ grad(s[t]), t < T
        np.matmul(difco_arg_at[t], W_ifcor, out=product)
        np.add.reduce(product, axis=0, out=tmp5)
        dr_at[t] += tmp5
        # grad(m[t]) = W_rm.T @ grad(r[t])
        dr_at[t].dot(W_rm, out=dm)
        # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
        #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
        np.multiply(dm, c_factor_at[t - 1], out=dc_at[t])
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        np.multiply(dm, o_arg_factor_at[t - 1], out=do_arg_at[t - 1])
        # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
        #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
        np.multiply(do_arg_at[t - 1], w_oc, out=tmp2)
        dc_at[t] += tmp2
        np.multiply(df_arg_at[t], w_fc, out=tmp2)
        dc_at[t] += tmp2
        np.multiply(di_arg_at[t], w_ic, out=tmp2)
        dc_at[t] += tmp2
        np.multiply(f_at[t], dc_at[t + 1], out=tmp2)
        dc_at[t] += tmp2
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
        np.multiply(ifc_arg_factor_at[t - 1], dc_at[t], out=difco_arg_at2[t - 1])
    # grad(W_rm) = sum(outer(grad(r[t]), m[t]), t)
    np.matmul(dr[1:].reshape(-1, n_r).T, m.reshape(-1, n_h), out=dW_rm)
    # grad(w_oc) = sum(c[t] * grad(o.arg[t]), t)
    dw_oc[...] = np.einsum("tbj,tbj->j", c[1:], difco_arg[3])
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_c) = sum(grad(c.arg[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    np.add.reduce(difco_arg, axis=(1, 2), out=db_ifco)
    # grad(W_ir) = sum(outer(grad(i.arg[t]), r[t-1]), t)
    # grad(W_fr) = sum(outer(grad(f.arg[t]), r[t-1]), t)
    # grad(W_cr) = sum(outer(grad(c.arg[t]), r[t-1]), t)
    # grad(W_or) = sum(outer(grad(o.arg[t]), r[t-1]), t)
    np.matmul(difco_arg.reshape(4, -1, n_h).transpose(0, 2, 1), r[:T].reshape(-1, n_r), out=dW_ifcor)
    # grad(W_ix) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_fx) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_cx) = sum(outer(grad(c.arg[t]), x[t]), t)
    # grad(W_ox) = sum(outer(grad(o.arg[t]), x[t]), t)
    np.matmul(difco_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_ifcox)
    # grad(w_fc) = sum(c[t-1] * grad(f.arg[t]), t)
    dw_fc[...] = np.einsum("tbj,tbj->j", c[:T], difco_arg[1])
    # grad(w_ic) = sum(c[t-1] * grad(i.arg[t]), t)
    dw_ic[...] = np.einsum("tbj,tbj->j", c[:T], difco_arg[0])
    if "r0" in wrt:
        # grad(r[0]) = W_ir.T @ grad(i.arg[1]) + W_fr.T @ grad(f.arg[1]) + W_cr.T @ grad(c.arg[1]) + W_or.T @
        #     grad(o.arg[1])
        np.matmul(difco_arg[:, 0], W_ifcor, out=product)
        np.add.reduce(product, axis=0, out=dr[0])
        dr0 = np.empty((B, n_r), dtype)
        # grad(r.0) = grad(r[0])
        dr0[...] = dr[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product2 = np.empty((4, T * B, n_x), dtype)
        # grad(x[t]) = W_ix.T @ grad(i.arg[t]) + W_fx.T @ grad(f.arg[t]) + W_cx.T @ grad(c.arg[t]) + W_ox.T @
        #     grad(o.arg[t])
        np.matmul(difco_arg.reshape(4, -1, n_h), W_ifcox, out=product2)
        np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    if "c0" in wrt:
        tmp_6_0 = np.empty((1, B, n_h), dtype)
        # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
        #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
        np.multiply(difco_arg[1, :1], w_fc, out=dc[:1])
        np.multiply(difco_arg[0, :1], w_ic, out=tmp_6_0)
        dc[:1] += tmp_6_0
        np.multiply(f[:1], dc[1:2], out=tmp_6_0)
        dc[:1] += tmp_6_0
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    db_i = db_ifco[0]
    db_f = db_ifco[1]
    db_c = db_ifco[2]
    db_o = db_ifco[3]
    dW_ir = dW_ifcor[0]
    dW_fr = dW_ifcor[1]
    dW_cr = dW_ifcor[2]
    dW_or = dW_ifcor[3]
    dW_ix = dW_ifcox[0]
    dW_fx = dW_ifcox[1]
    dW_cx = dW_ifcox[2]
    dW_ox = dW_ifcox[3]

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
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    (
        params, x, y, i, f, c, o, m, r, yhat, dtype, single, n_h, n_x, n_r, n_y, T, B,
    ) = _backward_arguments(params, forward, x, y)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params

    tmp0 = np.empty((T, B, n_h), dtype)
    c_arg = np.empty((T, B, n_h), dtype)
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    np.matmul(r[:T].reshape(-1, n_r), W_cr.T, out=c_arg.reshape(-1, n_h))
    np.matmul(x.reshape(-1, n_x), W_cx.T, out=tmp0.reshape(-1, n_h))
    c_arg += tmp0
    c_arg += b_c
    c_tanh = np.empty((T, B, n_h), dtype)
    # c.tanh[t] = tanh(c.arg[t])
    np.tanh(c_arg, out=c_tanh)
    m_tanh = np.empty((T, B, n_h), dtype)
    # m.tanh[t] = tanh(c[t])
    np.tanh(c[1:], out=m_tanh)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_r), dtype)
    W_ifcor = np.stack((W_ir, W_fr, W_cr, W_or))
    ds = np.empty((T, B, n_y), dtype)
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds[...] = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(ds, y, rows, flat, entries, -1)
    db_y = np.empty((n_y,), dtype)
    # grad(b_y) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=db_y)
    dW_yr = np.empty((n_y, n_r), dtype)
    # grad(W_yr) = sum(outer(grad(s[t]), r[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, r[1:].reshape(-1, n_r), out=dW_yr)
    dr = np.empty((T, B, n_r), dtype)
    # grad(r[t]) = W_ir.T @ grad(i.arg[t+1]) + W_fr.T @ grad(f.arg[t+1]) + W_cr.T @ grad(c.arg[t+1]) +
    #     W_or.T @ grad(o.arg[t+1]) + W_yr.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), W_yr, out=dr.reshape(-1, n_r))
    c_factor = np.empty((T, B, n_h), dtype)
    # c.factor[t] = o[t] * (1 - m.tanh[t]**2)
    np.square(m_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    o_arg_factor = np.empty((T, B, n_h), dtype)
    # o.arg.factor[t] = m.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= m_tanh
    o_arg_factor *= o
    ifc_arg_factor = np.empty((3, T, B, n_h), dtype)
    # c.arg.factor[t] = i[t] * (1 - c.tanh[t]**2)
    np.square(c_tanh, out=ifc_arg_factor[2])
    np.subtract(1, ifc_arg_factor[2], out=ifc_arg_factor[2])
    ifc_arg_factor[2] *= i
    # f.arg.factor[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=ifc_arg_factor[1])
    ifc_arg_factor[1] *= c[:T]
    ifc_arg_factor[1] *= f
    # i.arg.factor[t] = c.tanh[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=ifc_arg_factor[0])
    ifc_arg_factor[0] *= c_tanh
    ifc_arg_factor[0] *= i
    dm = np.empty((B, n_h), dtype)
    dc = np.empty((T, B, n_h), dtype)
    difco_arg = np.empty((4, T, B, n_h), dtype)
    # grad(m[t]) = W_rm.T @ grad(r[t])
    np.matmul(dr[T - 1], W_rm, out=dm)
    # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
    #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
    np.multiply(dm, c_factor[T - 1], out=dc[T - 1])
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.multiply(dm, o_arg_factor[T - 1], out=difco_arg[3, T - 1])
    # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
    #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
    np.multiply(difco_arg[3, T - 1], w_oc, out=tmp1)
    dc[T - 1] += tmp1
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
    np.multiply(ifc_arg_factor[:, T - 1], dc[T - 1], out=difco_arg[:3, T - 1])
    difco_arg_at = list(difco_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_r), dtype)
    dr_at = list(dr)
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    do_arg_at = list(difco_arg[3])
    o_arg_factor_at = list(o_arg_factor)
    df_arg_at = list(difco_arg[1])
    di_arg_at = list(difco_arg[0])
    difco_arg_at2 = list(difco_arg[:3].swapaxes(0, 1))
    ifc_arg_factor_at = list(ifc_arg_factor.swapaxes(0, 1))
    for t in range(T - 1, 0, -1):
        # grad(r[t]) = W_ir.T @ grad(i.arg[t+1]) + W_fr.T @ grad(f.arg[t+1]) + W_cr.T @ grad(c.arg[t+1]) +
        #     W_or.T @ grad(o.arg[t+1]) + W_yr.T @ grad(s[t]), t < T
        np.matmul(difco_arg_at[t], W_ifcor, out=product)
        np.add.reduce(product, axis=0, out=tmp2)
        dr_at[t - 1] += tmp2
        # grad(m[t]) = W_rm.T @ grad(r[t])
        dr_at[t - 1].dot(W_rm, out=dm)
        # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
        #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
        np.multiply(dm, c_factor_at[t - 1], out=dc_at[t - 1])
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        np.multiply(dm, o_arg_factor_at[t - 1], out=do_arg_at[t - 1])
        # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
        #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
        np.multiply(do_arg_at[t - 1], w_oc, out=tmp1)
        dc_at[t - 1] += tmp1
        np.multiply(df_arg_at[t], w_fc, out=tmp1)
        dc_at[t - 1] += tmp1
        np.multiply(di_arg_at[t], w_ic, out=tmp1)
        dc_at[t - 1] += tmp1
        np.multiply(f[t], dc_at[t], out=tmp1)
        dc_at[t - 1] += tmp1
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
        np.multiply(ifc_arg_factor_at[t - 1], dc_at[t - 1], out=difco_arg_at2[t - 1])
    dW_rm = np.empty((n_r, n_h), dtype)
    # grad(W_rm) = sum(outer(grad(r[t]), m[t]), t)
    np.matmul(dr.reshape(-1, n_r).T, m.reshape(-1, n_h), out=dW_rm)
    dw_oc = np.empty((n_h,), dtype)
    # grad(w_oc) = sum(c[t] * grad(o.arg[t]), t)
    dw_oc[...] = np.einsum("tbj,tbj->j", c[1:], difco_arg[3])
    db_ifco = np.empty((4, n_h), dtype)
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_c) = sum(grad(c.arg[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    np.add.reduce(difco_arg, axis=(1, 2), out=db_ifco)
    dW_ifcor = np.empty((4, n_h, n_r), dtype)
    # grad(W_ir) = sum(outer(grad(i.arg[t]), r[t-1]), t)
    # grad(W_fr) = sum(outer(grad(f.arg[t]), r[t-1]), t)
    # grad(W_cr) = sum(outer(grad(c.arg[t]), r[t-1]), t)
    # grad(W_or) = sum(outer(grad(o.arg[t]), r[t-1]), t)
    np.matmul(difco_arg.reshape(4, -1, n_h).transpose(0, 2, 1), r[:T].reshape(-1, n_r), out=dW_ifcor)
    dW_ifcox = np.empty((4, n_h, n_x), dtype)
    # grad(W_ix) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_fx) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_cx) = sum(outer(grad(c.arg[t]), x[t]), t)
    # grad(W_ox) = sum(outer(grad(o.arg[t]), x[t]), t)
    np.matmul(difco_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_ifcox)
    dw_fc = np.empty((n_h,), dtype)
    # grad(w_fc) = sum(c[t-1] * grad(f.arg[t]), t)
    dw_fc[...] = np.einsum("tbj,tbj->j", c[:T], difco_arg[1])
    dw_ic = np.empty((n_h,), dtype)
    # grad(w_ic) = sum(c[t-1] * grad(i.arg[t]), t)
    dw_ic[...] = np.einsum("tbj,tbj->j", c[:T], difco_arg[0])
    db_i = db_ifco[0]
    db_f = db_ifco[1]
    db_c = db_ifco[2]
    db_o = db_ifco[3]
    dW_ir = dW_ifcor[0]
    dW_fr = dW_ifcor[1]
    dW_cr = dW_ifcor[2]
    dW_or = dW_ifcor[3]
    dW_ix = dW_ifcox[0]
    dW_fx = dW_ifcox[1]
    dW_cx = dW_ifcox[2]
    dW_ox = dW_ifcox[3]

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

    W_ifocr = np.stack((W_ir, W_fr, W_or, W_cr))
    W_ifocx = np.stack((W_ix, W_fx, W_ox, W_cx))
    b_ifoc = np.stack((b_i, b_f, b_o, b_c))
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    ifoc_arg = r_prev @ W_ifocr.transpose(0, 2, 1)
    ifoc_arg += x @ W_ifocx.transpose(0, 2, 1)
    ifoc_arg += b_ifoc[:, None]
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    ifoc_arg[0] += c_prev * w_ic
    # i[t] = sigmoid(W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i)
    i = _sigmoid(ifoc_arg[0])
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    ifoc_arg[1] += c_prev * w_fc
    # f[t] = sigmoid(W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f)
    f = _sigmoid(ifoc_arg[1])
    # c.tanh[t] = tanh(c.arg[t])
    c_tanh = np.tanh(ifoc_arg[3])
    # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
    c = c_tanh * i
    c += c_prev * f
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    ifoc_arg[2] += c * w_oc
    # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
    o = _sigmoid(ifoc_arg[2])
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

    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    W_ifcor = np.stack((W_ir, W_fr, W_cr, W_or))
    W_ifcox = np.stack((W_ix, W_fx, W_cx, W_ox))
    b_ifco = np.stack((b_i, b_f, b_c, b_o))
    w_ifc = np.stack((w_ic, w_fc))
    ifco_arg = np.empty((4, T, B, n_h), dtype)
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    np.matmul(x.reshape(-1, n_x), W_ifcox.transpose(0, 2, 1), out=ifco_arg.reshape(4, -1, n_h))
    ifco_arg += b_ifco[:, None, None]
    r = np.empty((T + 1, B, n_r), dtype)
    # r[0] = 0
    r[0] = r0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    if_ = np.empty((2, T, B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    o = np.empty((T, B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    m = np.empty((T, B, n_h), dtype)
    r_inside = np.empty((B, n_r), dtype)
    W_ifcor_T = np.empty((4, n_r, n_h), dtype)
    W_ifcor_T[...] = W_ifcor.transpose(0, 2, 1)
    W_rm_T = np.empty((n_h, n_r), dtype)
    W_rm_T[...] = W_rm.T
    r_at = list(r)
    ifco_arg_at = list(ifco_arg.swapaxes(0, 1))
    c_at = list(c)
    ifco_arg_at2 = list(ifco_arg[:2].swapaxes(0, 1))
    if__at = list(if_.swapaxes(0, 1))
    half = np.array(0.5, dtype)
    c_arg_at = list(ifco_arg[2])
    f_at = list(if_[1])
    i_at = list(if_[0])
    o_arg_at = list(ifco_arg[3])
    o_at = list(o)
    m_at = list(m)
    for t in range(1, T + 1):
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.matmul(r_at[t - 1], W_ifcor_T, out=tmp0)
        ifco_arg_at[t - 1] += tmp0
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        np.multiply(w_ifc[:, None], c_at[t - 1], out=tmp1)
        ifco_arg_at2[t - 1] += tmp1
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(ifco_arg_at2[t - 1], out=if__at[t - 1], half=half)
        # c.tanh[t] = tanh(c.arg[t])
        np.tanh(c_arg_at[t - 1], out=c_tanh)
        # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp3)
        np.multiply(c_tanh, i_at[t - 1], out=tmp2)
        tmp2 += tmp3
        c[t] = np.where((t <= T_own)[:, None], tmp2, c[t - 1])
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.multiply(c_at[t], w_oc, out=tmp2)
        o_arg_at[t - 1] += tmp2
        # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
        _sigmoid(o_arg_at[t - 1], out=o_at[t - 1], half=half)
        # m.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=m_tanh)
        # m[t] = o[t] * tanh(c[t])
        np.multiply(m_tanh, o_at[t - 1], out=m_at[t - 1])
        # r[t] = W_rm @ m[t]
        m_at[t - 1].dot(W_rm_T, out=r_inside)
        r[t] = np.where((t <= T_own)[:, None], r_inside, r[t - 1])
    s = np.empty((T, B, n_y), dtype)
    # s[t] = W_yr @ r[t] + b_y
    np.matmul(r[1:].reshape(-1, n_r), W_yr.T, out=s.reshape(-1, n_y))
    s += b_y
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp4, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp4)
    np.exp(tmp4, out=yhat)
    if y is not None:
        tmp_5_0 = np.empty((B, T), dtype)
        tmp_5_1 = np.empty((B, T), dtype)
        tmp_5_2 = np.empty((B, T), dtype)
        # loss = sum(-log(yhat[t, y[t]]), t)
        tmp_5_1[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
        tmp_5_2[...] = s[np.arange(T)[:, None], np.arange(B), y].T
        tmp_5_0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp_5_2, 0)
        np.subtract(tmp_5_1, tmp_5_0, out=tmp_5_0)
        loss = tmp_5_0.sum()
    else:
        loss = None
    i = if_[0]
    f = if_[1]

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


def _loss_padded(params, x, y, r0, c0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, r0, c0, dtype, single, n_h, n_x, n_r, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, r0, c0, lengths, whole=True)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, W_ifcor, W_ifcox, b_ifco, w_ifc, ifco_arg, r, c, if_, c_tanh, o,
        m_tanh, m, r_inside, W_ifcor_T, W_rm_T, r_at, ifco_arg_at, c_at, ifco_arg_at2, half, c_arg_at, o_arg_at, s,
        yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_x, n_y, n_h, n_r, B, dtype)
    np.stack((W_ir, W_fr, W_cr, W_or), out=W_ifcor)
    np.stack((W_ix, W_fx, W_cx, W_ox), out=W_ifcox)
    np.stack((b_i, b_f, b_c, b_o), out=b_ifco)
    np.stack((w_ic, w_fc), out=w_ifc)
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    np.matmul(x.reshape(-1, n_x), W_ifcox.transpose(0, 2, 1), out=ifco_arg.reshape(4, -1, n_h))
    ifco_arg += b_ifco[:, None, None]
    # r[0] = 0
    r[0] = r0
    # c[0] = 0
    c[0] = c0
    W_ifcor_T[...] = W_ifcor.transpose(0, 2, 1)
    W_rm_T[...] = W_rm.T
    for t in range(1, T + 1):
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.matmul(r_at[t - 1], W_ifcor_T, out=tmp0)
        ifco_arg_at[t - 1] += tmp0
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        np.multiply(w_ifc[:, None], c_at[t - 1], out=tmp1)
        ifco_arg_at2[t - 1] += tmp1
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(ifco_arg_at2[t - 1], out=if_, half=half)
        # c.tanh[t] = tanh(c.arg[t])
        np.tanh(c_arg_at[t - 1], out=c_tanh)
        # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
        np.multiply(c_at[t - 1], if_[1], out=tmp3)
        np.multiply(c_tanh, if_[0], out=tmp2)
        tmp2 += tmp3
        c[t] = np.where((t <= T_own)[:, None], tmp2, c[t - 1])
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.multiply(c_at[t], w_oc, out=tmp2)
        o_arg_at[t - 1] += tmp2
        # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
        _sigmoid(o_arg_at[t - 1], out=o, half=half)
        # m.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=m_tanh)
        # m[t] = o[t] * tanh(c[t])
        np.multiply(m_tanh, o, out=m)
        # r[t] = W_rm @ m[t]
        m.dot(W_rm_T, out=r_inside)
        r[t] = np.where((t <= T_own)[:, None], r_inside, r[t - 1])
    # s[t] = W_yr @ r[t] + b_y
    np.matmul(r[1:].reshape(-1, n_r), W_yr.T, out=s.reshape(-1, n_y))
    s += b_y
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp4, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp6[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp7[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp7, 0)
    np.subtract(tmp6, tmp5, out=tmp5)
    loss = tmp5.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, r0, c0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, r0, c0, dtype, single, n_h, n_x, n_r, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, r0, c0, lengths, whole=True)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params
    wrt = _asked(wrt, ("x", "r0", "c0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, W_ifcor, W_ifcox, b_ifco, w_ifc, ifco_arg, r, c, if_, c_tanh, o,
        m_tanh, m, r_inside, W_ifcor_T, W_rm_T, r_at, ifco_arg_at, c_at, ifco_arg_at2, if__at, half, c_tanh_at,
        c_arg_at, i_at, f_at, o_arg_at, o_at, m_tanh_at, m_at, s, yhat_lse, largest, yhat, tmp8, tmp9, ds, rows, flat,
        entries, db_y, dW_yr, c_factor, difco_arg, o_arg_factor, dr, ifc_arg_factor, dm, dc, difco_arg_at, product,
        dr_at, dc_at, c_factor_at, do_arg_at, o_arg_factor_at, df_arg_at, di_arg_at, difco_arg_at2, ifc_arg_factor_at,
        dW_rm, dw_oc, db_ifco, dW_ifcor, dW_ifcox, dw_fc, dw_ic,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, n_r, B, dtype)
    np.stack((W_ir, W_fr, W_cr, W_or), out=W_ifcor)
    np.stack((W_ix, W_fx, W_cx, W_ox), out=W_ifcox)
    np.stack((b_i, b_f, b_c, b_o), out=b_ifco)
    np.stack((w_ic, w_fc), out=w_ifc)
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    np.matmul(x.reshape(-1, n_x), W_ifcox.transpose(0, 2, 1), out=ifco_arg.reshape(4, -1, n_h))
    ifco_arg += b_ifco[:, None, None]
    # r[0] = 0
    r[0] = r0
    # c[0] = 0
    c[0] = c0
    W_ifcor_T[...] = W_ifcor.transpose(0, 2, 1)
    W_rm_T[...] = W_rm.T
    for t in range(1, T + 1):
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.matmul(r_at[t - 1], W_ifcor_T, out=tmp0)
        ifco_arg_at[t - 1] += tmp0
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        np.multiply(w_ifc[:, None], c_at[t - 1], out=tmp1)
        ifco_arg_at2[t - 1] += tmp1
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(ifco_arg_at2[t - 1], out=if__at[t - 1], half=half)
        # c.tanh[t] = tanh(c.arg[t])
        np.tanh(c_arg_at[t - 1], out=c_tanh_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
        np.multiply(c_tanh_at[t - 1], i_at[t - 1], out=tmp3)
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp2)
        tmp2 += tmp3
        c[t] = np.where((t <= T_own)[:, None], tmp2, c[t - 1])
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.multiply(c_at[t], w_oc, out=tmp2)
        o_arg_at[t - 1] += tmp2
        # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
        _sigmoid(o_arg_at[t - 1], out=o_at[t - 1], half=half)
        # m.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=m_tanh_at[t - 1])
        # m[t] = o[t] * tanh(c[t])
        np.multiply(m_tanh_at[t - 1], o_at[t - 1], out=m_at[t - 1])
        # r[t] = W_rm @ m[t]
        m_at[t - 1].dot(W_rm_T, out=r_inside)
        r[t] = np.where((t <= T_own)[:, None], r_inside, r[t - 1])
    # s[t] = W_yr @ r[t] + b_y
    np.matmul(r[1:].reshape(-1, n_r), W_yr.T, out=s.reshape(-1, n_y))
    s += b_y
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp4, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp4)
    np.exp(tmp4, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp6[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp7[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp7, 0)
    np.subtract(tmp6, tmp5, out=tmp5)
    loss = tmp5.sum()
    i = if_[0]
    f = if_[1]
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp8[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp8[:, :, None], yhat, out=ds)
    tmp8[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp8, out=tmp8)
    _add_to(ds, y, rows, flat, entries, tmp8)
    # grad(b_y) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=db_y)
    # grad(W_yr) = sum(outer(grad(s[t]), r[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, r[1:].reshape(-1, n_r), out=dW_yr)
    # c.factor[t] = o[t] * (1 - m.tanh[t]**2)
    np.square(m_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    # o.arg.factor[t] = m.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= m_tanh
    o_arg_factor *= o
    # grad(r[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_ir.T @ grad(i.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (W_fr.T @ grad(f.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (W_cr.T @ grad(c.arg[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * (W_or.T @ grad(o.arg[t+1])) + W_yr.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), W_yr, out=dr[1:].reshape(-1, n_r))
    # c.arg.factor[t] = i[t] * (1 - c.tanh[t]**2)
    np.square(c_tanh, out=ifc_arg_factor[2])
    np.subtract(1, ifc_arg_factor[2], out=ifc_arg_factor[2])
    ifc_arg_factor[2] *= i
    # f.arg.factor[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=ifc_arg_factor[1])
    ifc_arg_factor[1] *= c[:T]
    ifc_arg_factor[1] *= f
    # i.arg.factor[t] = c.tanh[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=ifc_arg_factor[0])
    ifc_arg_factor[0] *= c_tanh
    ifc_arg_factor[0] *= i
    # grad(m[t]) = W_rm.T @ grad(r[t])
    np.matmul(dr[T], W_rm, out=dm)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
    #     grad(m.tanh[t]), t < T
    np.multiply(dm, c_factor[T - 1], out=dc[T])
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.multiply(dm, o_arg_factor[T - 1], out=difco_arg[3, T - 1])
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
    #     grad(m.tanh[t]), t < T
    np.multiply(difco_arg[3, T - 1], w_oc, out=tmp2)
    dc[T] += tmp2
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
    np.multiply(ifc_arg_factor[:, T - 1], dc[T], out=difco_arg[:3, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(r[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_ir.T @ grad(i.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (W_fr.T @ grad(f.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (W_cr.T @ grad(c.arg[t+1])) + same_window(t, maximum(t - 1, 0),
        #     window.T) * (W_or.T @ grad(o.arg[t+1])) + W_yr.T @ grad(s[t]), t < T
        np.matmul(difco_arg_at[t], W_ifcor, out=product)
        np.add.reduce(product, axis=0, out=tmp9)
        tmp9 *= t // window_T == max(t - 1, 0) // window_T
        dr_at[t] += tmp9
        # grad(m[t]) = W_rm.T @ grad(r[t])
        dr_at[t].dot(W_rm, out=dm)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
        #     grad(m.tanh[t]), t < T
        np.multiply(dm, c_factor_at[t - 1], out=dc_at[t])
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        np.multiply(dm, o_arg_factor_at[t - 1], out=do_arg_at[t - 1])
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
        #     grad(m.tanh[t]), t < T
        np.multiply(do_arg_at[t - 1], w_oc, out=tmp2)
        dc_at[t] += tmp2
        np.multiply(t // window_T == max(t - 1, 0) // window_T, df_arg_at[t], out=tmp2)
        tmp2 *= w_fc
        dc_at[t] += tmp2
        np.multiply(t // window_T == max(t - 1, 0) // window_T, di_arg_at[t], out=tmp2)
        tmp2 *= w_ic
        dc_at[t] += tmp2
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f_at[t], out=tmp2)
        tmp2 *= dc_at[t + 1]
        dc_at[t] += tmp2
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
        np.multiply(ifc_arg_factor_at[t - 1], dc_at[t], out=difco_arg_at2[t - 1])
    # grad(W_rm) = sum(outer(grad(r[t]), m[t]), t)
    np.matmul(dr[1:].reshape(-1, n_r).T, m.reshape(-1, n_h), out=dW_rm)
    # grad(w_oc) = sum(c[t] * grad(o.arg[t]), t)
    dw_oc[...] = np.einsum("tbj,tbj->j", c[1:], difco_arg[3])
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_c) = sum(grad(c.arg[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    np.add.reduce(difco_arg, axis=(1, 2), out=db_ifco)
    # grad(W_ir) = sum(outer(grad(i.arg[t]), r[t-1]), t)
    # grad(W_fr) = sum(outer(grad(f.arg[t]), r[t-1]), t)
    # grad(W_cr) = sum(outer(grad(c.arg[t]), r[t-1]), t)
    # grad(W_or) = sum(outer(grad(o.arg[t]), r[t-1]), t)
    np.matmul(difco_arg.reshape(4, -1, n_h).transpose(0, 2, 1), r[:T].reshape(-1, n_r), out=dW_ifcor)
    # grad(W_ix) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_fx) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_cx) = sum(outer(grad(c.arg[t]), x[t]), t)
    # grad(W_ox) = sum(outer(grad(o.arg[t]), x[t]), t)
    np.matmul(difco_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_ifcox)
    # grad(w_fc) = sum(c[t-1] * grad(f.arg[t]), t)
    dw_fc[...] = np.einsum("tbj,tbj->j", c[:T], difco_arg[1])
    # grad(w_ic) = sum(c[t-1] * grad(i.arg[t]), t)
    dw_ic[...] = np.einsum("tbj,tbj->j", c[:T], difco_arg[0])
    if "r0" in wrt:
        # grad(r[0]) = W_ir.T @ grad(i.arg[1]) + W_fr.T @ grad(f.arg[1]) + W_cr.T @ grad(c.arg[1]) + W_or.T @
        #     grad(o.arg[1])
        np.matmul(difco_arg[:, 0], W_ifcor, out=product)
        np.add.reduce(product, axis=0, out=dr[0])
        dr0 = np.empty((B, n_r), dtype)
        # grad(r.0) = grad(r[0])
        dr0[...] = dr[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product2 = np.empty((4, T * B, n_x), dtype)
        # grad(x[t]) = W_ix.T @ grad(i.arg[t]) + W_fx.T @ grad(f.arg[t]) + W_cx.T @ grad(c.arg[t]) + W_ox.T @
        #     grad(o.arg[t])
        np.matmul(difco_arg.reshape(4, -1, n_h), W_ifcox, out=product2)
        np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    if "c0" in wrt:
        tmp_10_0 = np.empty((1,), dtype)
        tmp_10_1 = np.empty((1,), dtype)
        tmp_10_2 = np.empty((1,), dtype)
        tmp_10_3 = np.empty((1, B, n_h), dtype)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
        #     grad(m.tanh[t]), t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_10_2)
        np.maximum(tmp_10_2, 0, out=tmp_10_1)
        tmp_10_0[...] = np.arange(1) // window_T == tmp_10_1 // window_T
        np.multiply(tmp_10_0[:, None, None], difco_arg[1, :1], out=dc[:1])
        dc[:1] *= w_fc
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_10_2)
        np.maximum(tmp_10_2, 0, out=tmp_10_1)
        tmp_10_0[...] = np.arange(1) // window_T == tmp_10_1 // window_T
        np.multiply(tmp_10_0[:, None, None], difco_arg[0, :1], out=tmp_10_3)
        tmp_10_3 *= w_ic
        dc[:1] += tmp_10_3
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_10_2)
        np.maximum(tmp_10_2, 0, out=tmp_10_1)
        tmp_10_0[...] = np.arange(1) // window_T == tmp_10_1 // window_T
        np.multiply(tmp_10_0[:, None, None], f[:1], out=tmp_10_3)
        tmp_10_3 *= dc[1:2]
        dc[:1] += tmp_10_3
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    db_i = db_ifco[0]
    db_f = db_ifco[1]
    db_c = db_ifco[2]
    db_o = db_ifco[3]
    dW_ir = dW_ifcor[0]
    dW_fr = dW_ifcor[1]
    dW_cr = dW_ifcor[2]
    dW_or = dW_ifcor[3]
    dW_ix = dW_ifcox[0]
    dW_fx = dW_ifcox[1]
    dW_cx = dW_ifcox[2]
    dW_ox = dW_ifcox[3]

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

    tmp0 = np.empty((T, B, n_h), dtype)
    c_arg = np.empty((T, B, n_h), dtype)
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    np.matmul(r[:T].reshape(-1, n_r), W_cr.T, out=c_arg.reshape(-1, n_h))
    np.matmul(x.reshape(-1, n_x), W_cx.T, out=tmp0.reshape(-1, n_h))
    c_arg += tmp0
    c_arg += b_c
    c_tanh = np.empty((T, B, n_h), dtype)
    # c.tanh[t] = tanh(c.arg[t])
    np.tanh(c_arg, out=c_tanh)
    m_tanh = np.empty((T, B, n_h), dtype)
    # m.tanh[t] = tanh(c[t])
    np.tanh(c[1:], out=m_tanh)
    tmp1 = np.empty((T, B), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_r), dtype)
    W_ifcor = np.stack((W_ir, W_fr, W_cr, W_or))
    ds = np.empty((T, B, n_y), dtype)
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp1[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp1[:, :, None], yhat, out=ds)
    tmp1[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp1, out=tmp1)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(ds, y, rows, flat, entries, tmp1)
    db_y = np.empty((n_y,), dtype)
    # grad(b_y) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=db_y)
    dW_yr = np.empty((n_y, n_r), dtype)
    # grad(W_yr) = sum(outer(grad(s[t]), r[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, r[1:].reshape(-1, n_r), out=dW_yr)
    dr = np.empty((T, B, n_r), dtype)
    # grad(r[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_ir.T @ grad(i.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (W_fr.T @ grad(f.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (W_cr.T @ grad(c.arg[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * (W_or.T @ grad(o.arg[t+1])) + W_yr.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), W_yr, out=dr.reshape(-1, n_r))
    c_factor = np.empty((T, B, n_h), dtype)
    # c.factor[t] = o[t] * (1 - m.tanh[t]**2)
    np.square(m_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    o_arg_factor = np.empty((T, B, n_h), dtype)
    # o.arg.factor[t] = m.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= m_tanh
    o_arg_factor *= o
    ifc_arg_factor = np.empty((3, T, B, n_h), dtype)
    # c.arg.factor[t] = i[t] * (1 - c.tanh[t]**2)
    np.square(c_tanh, out=ifc_arg_factor[2])
    np.subtract(1, ifc_arg_factor[2], out=ifc_arg_factor[2])
    ifc_arg_factor[2] *= i
    # f.arg.factor[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=ifc_arg_factor[1])
    ifc_arg_factor[1] *= c[:T]
    ifc_arg_factor[1] *= f
    # i.arg.factor[t] = c.tanh[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=ifc_arg_factor[0])
    ifc_arg_factor[0] *= c_tanh
    ifc_arg_factor[0] *= i
    dm = np.empty((B, n_h), dtype)
    dc = np.empty((T, B, n_h), dtype)
    difco_arg = np.empty((4, T, B, n_h), dtype)
    # grad(m[t]) = W_rm.T @ grad(r[t])
    np.matmul(dr[T - 1], W_rm, out=dm)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
    #     grad(m.tanh[t]), t < T
    np.multiply(dm, c_factor[T - 1], out=dc[T - 1])
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.multiply(dm, o_arg_factor[T - 1], out=difco_arg[3, T - 1])
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
    #     grad(m.tanh[t]), t < T
    np.multiply(difco_arg[3, T - 1], w_oc, out=tmp2)
    dc[T - 1] += tmp2
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
    np.multiply(ifc_arg_factor[:, T - 1], dc[T - 1], out=difco_arg[:3, T - 1])
    difco_arg_at = list(difco_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_r), dtype)
    dr_at = list(dr)
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    do_arg_at = list(difco_arg[3])
    o_arg_factor_at = list(o_arg_factor)
    df_arg_at = list(difco_arg[1])
    di_arg_at = list(difco_arg[0])
    difco_arg_at2 = list(difco_arg[:3].swapaxes(0, 1))
    ifc_arg_factor_at = list(ifc_arg_factor.swapaxes(0, 1))
    for t in range(T - 1, 0, -1):
        # grad(r[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_ir.T @ grad(i.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (W_fr.T @ grad(f.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (W_cr.T @ grad(c.arg[t+1])) + same_window(t, maximum(t - 1, 0),
        #     window.T) * (W_or.T @ grad(o.arg[t+1])) + W_yr.T @ grad(s[t]), t < T
        np.matmul(difco_arg_at[t], W_ifcor, out=product)
        np.add.reduce(product, axis=0, out=tmp3)
        tmp3 *= t // window_T == max(t - 1, 0) // window_T
        dr_at[t - 1] += tmp3
        # grad(m[t]) = W_rm.T @ grad(r[t])
        dr_at[t - 1].dot(W_rm, out=dm)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
        #     grad(m.tanh[t]), t < T
        np.multiply(dm, c_factor_at[t - 1], out=dc_at[t - 1])
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        np.multiply(dm, o_arg_factor_at[t - 1], out=do_arg_at[t - 1])
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * w_ic * grad(i.arg[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * w_fc * grad(f.arg[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * f[t+1] * grad(c[t+1]) + w_oc * grad(o.arg[t]) + (1 - m.tanh[t]**2) *
        #     grad(m.tanh[t]), t < T
        np.multiply(do_arg_at[t - 1], w_oc, out=tmp2)
        dc_at[t - 1] += tmp2
        np.multiply(t // window_T == max(t - 1, 0) // window_T, df_arg_at[t], out=tmp2)
        tmp2 *= w_fc
        dc_at[t - 1] += tmp2
        np.multiply(t // window_T == max(t - 1, 0) // window_T, di_arg_at[t], out=tmp2)
        tmp2 *= w_ic
        dc_at[t - 1] += tmp2
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f[t], out=tmp2)
        tmp2 *= dc_at[t]
        dc_at[t - 1] += tmp2
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
        np.multiply(ifc_arg_factor_at[t - 1], dc_at[t - 1], out=difco_arg_at2[t - 1])
    dW_rm = np.empty((n_r, n_h), dtype)
    # grad(W_rm) = sum(outer(grad(r[t]), m[t]), t)
    np.matmul(dr.reshape(-1, n_r).T, m.reshape(-1, n_h), out=dW_rm)
    dw_oc = np.empty((n_h,), dtype)
    # grad(w_oc) = sum(c[t] * grad(o.arg[t]), t)
    dw_oc[...] = np.einsum("tbj,tbj->j", c[1:], difco_arg[3])
    db_ifco = np.empty((4, n_h), dtype)
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_c) = sum(grad(c.arg[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    np.add.reduce(difco_arg, axis=(1, 2), out=db_ifco)
    dW_ifcor = np.empty((4, n_h, n_r), dtype)
    # grad(W_ir) = sum(outer(grad(i.arg[t]), r[t-1]), t)
    # grad(W_fr) = sum(outer(grad(f.arg[t]), r[t-1]), t)
    # grad(W_cr) = sum(outer(grad(c.arg[t]), r[t-1]), t)
    # grad(W_or) = sum(outer(grad(o.arg[t]), r[t-1]), t)
    np.matmul(difco_arg.reshape(4, -1, n_h).transpose(0, 2, 1), r[:T].reshape(-1, n_r), out=dW_ifcor)
    dW_ifcox = np.empty((4, n_h, n_x), dtype)
    # grad(W_ix) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_fx) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_cx) = sum(outer(grad(c.arg[t]), x[t]), t)
    # grad(W_ox) = sum(outer(grad(o.arg[t]), x[t]), t)
    np.matmul(difco_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_ifcox)
    dw_fc = np.empty((n_h,), dtype)
    # grad(w_fc) = sum(c[t-1] * grad(f.arg[t]), t)
    dw_fc[...] = np.einsum("tbj,tbj->j", c[:T], difco_arg[1])
    dw_ic = np.empty((n_h,), dtype)
    # grad(w_ic) = sum(c[t-1] * grad(i.arg[t]), t)
    dw_ic[...] = np.einsum("tbj,tbj->j", c[:T], difco_arg[0])
    db_i = db_ifco[0]
    db_f = db_ifco[1]
    db_c = db_ifco[2]
    db_o = db_ifco[3]
    dW_ir = dW_ifcor[0]
    dW_fr = dW_ifcor[1]
    dW_cr = dW_ifcor[2]
    dW_or = dW_ifcor[3]
    dW_ix = dW_ifcox[0]
    dW_fx = dW_ifcox[1]
    dW_cx = dW_ifcox[2]
    dW_ox = dW_ifcox[3]

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


def _loss_and_grad_checkpointed(params, x, y, r0, c0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, r0, c0, dtype, single, n_h, n_x, n_r, n_y, T, B = _arguments(params, x, y, r0, c0, whole=True)
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params
    wrt = _asked(wrt, ("x", "r0", "c0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        c0_kept, c_left1, r0_kept, r_left1, dW_ix, dW_fx, dW_cx, dW_ox, dW_ir, dW_fr, dW_cr, dW_or, dw_ic, dw_fc, dw_oc,
        db_i, db_f, db_c, db_o, dW_rm, dW_yr, db_y,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_h, n_r, B, dtype)
    c0_kept[0] = c0
    r0_kept[0] = r0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x[first:last],
            r0_kept[n],
            c0_kept[n],
            last - first,
            n_x,
            n_h,
            n_r,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        c0_kept[n + 1], r0_kept[n + 1] = found
    loss = 0.0
    for total in (
        c_left1,
        r_left1,
        dW_ix,
        dW_fx,
        dW_cx,
        dW_ox,
        dW_ir,
        dW_fr,
        dW_cr,
        dW_or,
        dw_ic,
        dw_fc,
        dw_oc,
        db_i,
        db_f,
        db_c,
        db_o,
        dW_rm,
        dW_yr,
        db_y,
    ):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            c_left1,
            r_left1,
            x[first:last],
            y[first:last],
            r0_kept[n],
            c0_kept[n],
            last - first,
            n_x,
            n_y,
            n_h,
            n_r,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dc0, dr0, dx_part = found
        loss += float(loss_part)
        _add_each(
            (dW_ix, dW_fx, dW_cx, dW_ox, dW_ir, dW_fr, dW_cr, dW_or, dw_ic, dw_fc, dw_oc, db_i, db_f, db_c, db_o, dW_rm, dW_yr, db_y),
            parts,
        )
        c_left1[...] = dc0
        r_left1[...] = dr0
        if "x" in wrt:
            dx[first:last] += dx_part

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


def _segment(params, c_left1, r_left1, x, y, r0, c0, T, n_x, n_y, n_h, n_r, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_ifcor, W_ifcox, b_ifco, w_ifc, ifco_arg, r, c, if_, c_tanh, o, m_tanh, m,
        W_ifcor_T, W_rm_T, r_at, ifco_arg_at, c_at, ifco_arg_at2, if__at, half, c_tanh_at, c_arg_at, f_at, i_at,
        o_arg_at, o_at, m_tanh_at, m_at, s, yhat_lse, largest, rows, flat, tmp5, ds, entries, db_y, dW_yr, c_factor,
        difco_arg, o_arg_factor, dr, ifc_arg_factor, dc, dm, difco_arg_at, product, dr_at, dc_at, c_factor_at,
        do_arg_at, o_arg_factor_at, df_arg_at, di_arg_at, difco_arg_at2, ifc_arg_factor_at, dW_rm, dw_oc, db_ifco,
        dW_ifcor, dW_ifcox, dw_fc, dw_ic, dc0, dr0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, n_r, B, dtype)
    np.stack((W_ir, W_fr, W_cr, W_or), out=W_ifcor)
    np.stack((W_ix, W_fx, W_cx, W_ox), out=W_ifcox)
    np.stack((b_i, b_f, b_c, b_o), out=b_ifco)
    np.stack((w_ic, w_fc), out=w_ifc)
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    np.matmul(x.reshape(-1, n_x), W_ifcox.transpose(0, 2, 1), out=ifco_arg.reshape(4, -1, n_h))
    ifco_arg += b_ifco[:, None, None]
    # r[0] = 0
    r[0] = r0
    # c[0] = 0
    c[0] = c0
    W_ifcor_T[...] = W_ifcor.transpose(0, 2, 1)
    W_rm_T[...] = W_rm.T
    for t in range(1, T + 1):
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.matmul(r_at[t - 1], W_ifcor_T, out=tmp0)
        ifco_arg_at[t - 1] += tmp0
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        np.multiply(w_ifc[:, None], c_at[t - 1], out=tmp1)
        ifco_arg_at2[t - 1] += tmp1
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(ifco_arg_at2[t - 1], out=if__at[t - 1], half=half)
        # c.tanh[t] = tanh(c.arg[t])
        np.tanh(c_arg_at[t - 1], out=c_tanh_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(c_tanh_at[t - 1], i_at[t - 1], out=tmp2)
        c_at[t] += tmp2
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.multiply(c_at[t], w_oc, out=tmp2)
        o_arg_at[t - 1] += tmp2
        # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
        _sigmoid(o_arg_at[t - 1], out=o_at[t - 1], half=half)
        # m.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=m_tanh_at[t - 1])
        # m[t] = o[t] * tanh(c[t])
        np.multiply(m_tanh_at[t - 1], o_at[t - 1], out=m_at[t - 1])
        # r[t] = W_rm @ m[t]
        m_at[t - 1].dot(W_rm_T, out=r_at[t])
    # s[t] = W_yr @ r[t] + b_y
    np.matmul(r[1:].reshape(-1, n_r), W_yr.T, out=s.reshape(-1, n_y))
    s += b_y
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()
    i = if_[0]
    f = if_[1]
    # grad(s[t]) = softmax(s[t]) - onehot(y[t])
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=ds)
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(b_y) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=db_y)
    # grad(W_yr) = sum(outer(grad(s[t]), r[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, r[1:].reshape(-1, n_r), out=dW_yr)
    # c.factor[t] = o[t] * (1 - m.tanh[t]**2)
    np.square(m_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    # o.arg.factor[t] = m.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= m_tanh
    o_arg_factor *= o
    # grad(r[t]) = W_ir.T @ grad(i.arg[t+1]) + W_fr.T @ grad(f.arg[t+1]) + W_cr.T @ grad(c.arg[t+1]) +
    #     W_or.T @ grad(o.arg[t+1]) + W_yr.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), W_yr, out=dr[1:].reshape(-1, n_r))
    # c.arg.factor[t] = i[t] * (1 - c.tanh[t]**2)
    np.square(c_tanh, out=ifc_arg_factor[2])
    np.subtract(1, ifc_arg_factor[2], out=ifc_arg_factor[2])
    ifc_arg_factor[2] *= i
    # f.arg.factor[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=ifc_arg_factor[1])
    ifc_arg_factor[1] *= c[:T]
    ifc_arg_factor[1] *= f
    # i.arg.factor[t] = c.tanh[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=ifc_arg_factor[0])
    ifc_arg_factor[0] *= c_tanh
    ifc_arg_factor[0] *= i
    # grad(r[T]) = r.left1 + W_yr.T @ grad(s[T])
    dr[T] += r_left1
    # grad(c[T]) = c.left1 + w_oc * grad(o.arg[T]) + (1 - m.tanh[T]**2) * grad(m.tanh[T])
    dc[T] = c_left1
    # grad(m[t]) = W_rm.T @ grad(r[t])
    np.matmul(dr[T], W_rm, out=dm)
    # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
    #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
    np.multiply(dm, c_factor[T - 1], out=tmp2)
    dc[T] += tmp2
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.multiply(dm, o_arg_factor[T - 1], out=difco_arg[3, T - 1])
    # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
    #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
    np.multiply(difco_arg[3, T - 1], w_oc, out=tmp2)
    dc[T] += tmp2
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
    np.multiply(ifc_arg_factor[:, T - 1], dc[T], out=difco_arg[:3, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(r[t]) = W_ir.T @ grad(i.arg[t+1]) + W_fr.T @ grad(f.arg[t+1]) + W_cr.T @ grad(c.arg[t+1]) +
        #     W_or.T @ grad(o.arg[t+1]) + W_yr.T @ grad(s[t]), t < T
        np.matmul(difco_arg_at[t], W_ifcor, out=product)
        np.add.reduce(product, axis=0, out=tmp5)
        dr_at[t] += tmp5
        # grad(m[t]) = W_rm.T @ grad(r[t])
        dr_at[t].dot(W_rm, out=dm)
        # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
        #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
        np.multiply(dm, c_factor_at[t - 1], out=dc_at[t])
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        np.multiply(dm, o_arg_factor_at[t - 1], out=do_arg_at[t - 1])
        # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
        #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
        np.multiply(do_arg_at[t - 1], w_oc, out=tmp2)
        dc_at[t] += tmp2
        np.multiply(df_arg_at[t], w_fc, out=tmp2)
        dc_at[t] += tmp2
        np.multiply(di_arg_at[t], w_ic, out=tmp2)
        dc_at[t] += tmp2
        np.multiply(f_at[t], dc_at[t + 1], out=tmp2)
        dc_at[t] += tmp2
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        # grad(c.arg[t]) = (1 - c.tanh[t]**2) * grad(c.tanh[t])
        np.multiply(ifc_arg_factor_at[t - 1], dc_at[t], out=difco_arg_at2[t - 1])
    # grad(r[t]) = W_ir.T @ grad(i.arg[t+1]) + W_fr.T @ grad(f.arg[t+1]) + W_cr.T @ grad(c.arg[t+1]) +
    #     W_or.T @ grad(o.arg[t+1]) + W_yr.T @ grad(s[t]), t < T
    np.matmul(difco_arg[:, 0], W_ifcor, out=product)
    np.add.reduce(product, axis=0, out=dr[0])
    # grad(c[t]) = w_ic * grad(i.arg[t+1]) + w_fc * grad(f.arg[t+1]) + f[t+1] * grad(c[t+1]) + w_oc *
    #     grad(o.arg[t]) + (1 - m.tanh[t]**2) * grad(m.tanh[t]), t < T
    np.multiply(difco_arg[1, 0], w_fc, out=dc[0])
    np.multiply(difco_arg[0, 0], w_ic, out=tmp2)
    dc[0] += tmp2
    np.multiply(f[0], dc[1], out=tmp2)
    dc[0] += tmp2
    # grad(W_rm) = sum(outer(grad(r[t]), m[t]), t)
    np.matmul(dr[1:].reshape(-1, n_r).T, m.reshape(-1, n_h), out=dW_rm)
    # grad(w_oc) = sum(c[t] * grad(o.arg[t]), t)
    dw_oc[...] = np.einsum("tbj,tbj->j", c[1:], difco_arg[3])
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_c) = sum(grad(c.arg[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    np.add.reduce(difco_arg, axis=(1, 2), out=db_ifco)
    # grad(W_ir) = sum(outer(grad(i.arg[t]), r[t-1]), t)
    # grad(W_fr) = sum(outer(grad(f.arg[t]), r[t-1]), t)
    # grad(W_cr) = sum(outer(grad(c.arg[t]), r[t-1]), t)
    # grad(W_or) = sum(outer(grad(o.arg[t]), r[t-1]), t)
    np.matmul(difco_arg.reshape(4, -1, n_h).transpose(0, 2, 1), r[:T].reshape(-1, n_r), out=dW_ifcor)
    # grad(W_ix) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_fx) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_cx) = sum(outer(grad(c.arg[t]), x[t]), t)
    # grad(W_ox) = sum(outer(grad(o.arg[t]), x[t]), t)
    np.matmul(difco_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_ifcox)
    # grad(w_fc) = sum(c[t-1] * grad(f.arg[t]), t)
    dw_fc[...] = np.einsum("tbj,tbj->j", c[:T], difco_arg[1])
    # grad(w_ic) = sum(c[t-1] * grad(i.arg[t]), t)
    dw_ic[...] = np.einsum("tbj,tbj->j", c[:T], difco_arg[0])
    # grad(c.0) = grad(c[0])
    dc0[...] = dc[0]
    # grad(r.0) = grad(r[0])
    dr0[...] = dr[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product2 = np.empty((4, T * B, n_x), dtype)
        # grad(x[t]) = W_ix.T @ grad(i.arg[t]) + W_fx.T @ grad(f.arg[t]) + W_cx.T @ grad(c.arg[t]) + W_ox.T @
        #     grad(o.arg[t])
        np.matmul(difco_arg.reshape(4, -1, n_h), W_ifcox, out=product2)
        np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    db_i = db_ifco[0]
    db_f = db_ifco[1]
    db_c = db_ifco[2]
    db_o = db_ifco[3]
    dW_ir = dW_ifcor[0]
    dW_fr = dW_ifcor[1]
    dW_cr = dW_ifcor[2]
    dW_or = dW_ifcor[3]
    dW_ix = dW_ifcox[0]
    dW_fx = dW_ifcox[1]
    dW_cx = dW_ifcox[2]
    dW_ox = dW_ifcox[3]

    return (
        loss,
        (dW_ix, dW_fx, dW_cx, dW_ox, dW_ir, dW_fr, dW_cr, dW_or, dw_ic, dw_fc, dw_oc, db_i, db_f, db_c, db_o, dW_rm, dW_yr, db_y),
        dc0,
        dr0,
        dx if "x" in wrt else None,
    )


def _advance(params, x, r0, c0, T, n_x, n_h, n_r, B, dtype, workspace):
    """The state after a segment."""
    W_ix, W_fx, W_cx, W_ox, W_ir, W_fr, W_cr, W_or, w_ic, w_fc, w_oc, b_i, b_f, b_c, b_o, W_rm, W_yr, b_y = params

    (
        tmp0, tmp1, tmp2, W_ifcor, W_ifcox, b_ifco, w_ifc, ifco_arg, r, c, if_, c_tanh, o, m_tanh, m, W_ifcor_T, W_rm_T,
        r_at, ifco_arg_at, c_at, ifco_arg_at2, half, c_arg_at, o_arg_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_x, n_h, n_r, B, dtype)
    np.stack((W_ir, W_fr, W_cr, W_or), out=W_ifcor)
    np.stack((W_ix, W_fx, W_cx, W_ox), out=W_ifcox)
    np.stack((b_i, b_f, b_c, b_o), out=b_ifco)
    np.stack((w_ic, w_fc), out=w_ifc)
    # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
    # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
    # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
    # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
    np.matmul(x.reshape(-1, n_x), W_ifcox.transpose(0, 2, 1), out=ifco_arg.reshape(4, -1, n_h))
    ifco_arg += b_ifco[:, None, None]
    # r[0] = 0
    r[0] = r0
    # c[0] = 0
    c[0] = c0
    W_ifcor_T[...] = W_ifcor.transpose(0, 2, 1)
    W_rm_T[...] = W_rm.T
    for t in range(1, T + 1):
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        # c.arg[t] = W_cx @ x[t] + W_cr @ r[t-1] + b_c
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.matmul(r_at[t - 1], W_ifcor_T, out=tmp0)
        ifco_arg_at[t - 1] += tmp0
        # i.arg[t] = W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i
        # f.arg[t] = W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f
        np.multiply(w_ifc[:, None], c_at[t - 1], out=tmp1)
        ifco_arg_at2[t - 1] += tmp1
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(ifco_arg_at2[t - 1], out=if_, half=half)
        # c.tanh[t] = tanh(c.arg[t])
        np.tanh(c_arg_at[t - 1], out=c_tanh)
        # c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)
        np.multiply(c_at[t - 1], if_[1], out=c_at[t])
        np.multiply(c_tanh, if_[0], out=tmp2)
        c_at[t] += tmp2
        # o.arg[t] = W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o
        np.multiply(c_at[t], w_oc, out=tmp2)
        o_arg_at[t - 1] += tmp2
        # o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)
        _sigmoid(o_arg_at[t - 1], out=o, half=half)
        # m.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=m_tanh)
        # m[t] = o[t] * tanh(c[t])
        np.multiply(m_tanh, o, out=m)
        # r[t] = W_rm @ m[t]
        m.dot(W_rm_T, out=r_at[t])

    return c[-1], r[-1]


def _loss_arrays(T, n_x, n_y, n_h, n_r, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((T, B), dtype)
    W_ifcor = np.empty((4, n_h, n_r), dtype)
    W_ifcox = np.empty((4, n_h, n_x), dtype)
    b_ifco = np.empty((4, n_h), dtype)
    w_ifc = np.empty((2, n_h), dtype)
    ifco_arg = _by_step((4, T, B, n_h), dtype)
    r = np.empty((T + 1, B, n_r), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    if_ = np.empty((2, B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    o = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    m = np.empty((B, n_h), dtype)
    W_ifcor_T = np.empty((4, n_r, n_h), dtype)
    W_rm_T = np.empty((n_h, n_r), dtype)
    r_at = list(r)
    ifco_arg_at = list(ifco_arg.swapaxes(0, 1))
    c_at = list(c)
    ifco_arg_at2 = list(ifco_arg[:2].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    c_arg_at = list(ifco_arg[2])
    o_arg_at = list(ifco_arg[3])
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_ifcor, W_ifcox, b_ifco, w_ifc, ifco_arg, r, c, if_, c_tanh, o, m_tanh, m,
        W_ifcor_T, W_rm_T, r_at, ifco_arg_at, c_at, ifco_arg_at2, half, c_arg_at, o_arg_at, s, yhat_lse, largest, rows,
        flat,
    )


def _loss_and_grad_arrays(T, n_x, n_y, n_h, n_r, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((T, B), dtype)
    W_ifcor = np.empty((4, n_h, n_r), dtype)
    W_ifcox = np.empty((4, n_h, n_x), dtype)
    b_ifco = np.empty((4, n_h), dtype)
    w_ifc = np.empty((2, n_h), dtype)
    ifco_arg = _by_step((4, T, B, n_h), dtype)
    r = np.empty((T + 1, B, n_r), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    if_ = ifco_arg[0:2]
    c_tanh = ifco_arg[2]
    o = ifco_arg[3]
    m_tanh = np.empty((T, B, n_h), dtype)
    m = np.empty((T, B, n_h), dtype)
    W_ifcor_T = np.empty((4, n_r, n_h), dtype)
    W_rm_T = np.empty((n_h, n_r), dtype)
    r_at = list(r)
    ifco_arg_at = list(ifco_arg.swapaxes(0, 1))
    c_at = list(c)
    ifco_arg_at2 = list(ifco_arg[:2].swapaxes(0, 1))
    if__at = list(if_.swapaxes(0, 1))
    half = np.array(0.5, dtype)
    c_tanh_at = list(c_tanh)
    c_arg_at = list(ifco_arg[2])
    f_at = list(if_[1])
    i_at = list(if_[0])
    o_arg_at = list(ifco_arg[3])
    o_at = list(o)
    m_tanh_at = list(m_tanh)
    m_at = list(m)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp5 = np.empty((B, n_r), dtype)
    ds = yhat
    entries = np.empty((T, B), dtype)
    db_y = np.empty((n_y,), dtype)
    dW_yr = np.empty((n_y, n_r), dtype)
    c_factor = np.empty((T, B, n_h), dtype)
    difco_arg = _by_step((4, T, B, n_h), dtype)
    o_arg_factor = difco_arg[3]
    dr = np.empty((T + 1, B, n_r), dtype)
    ifc_arg_factor = difco_arg[0:3]
    dm = np.empty((B, n_h), dtype)
    dc = np.empty((T + 1, B, n_h), dtype)
    difco_arg_at = list(difco_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_r), dtype)
    dr_at = list(dr)
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    do_arg_at = list(difco_arg[3])
    o_arg_factor_at = list(o_arg_factor)
    df_arg_at = list(difco_arg[1])
    di_arg_at = list(difco_arg[0])
    difco_arg_at2 = list(difco_arg[:3].swapaxes(0, 1))
    ifc_arg_factor_at = list(ifc_arg_factor.swapaxes(0, 1))
    dW_rm = np.empty((n_r, n_h), dtype)
    dw_oc = np.empty((n_h,), dtype)
    db_ifco = np.empty((4, n_h), dtype)
    dW_ifcor = np.empty((4, n_h, n_r), dtype)
    dW_ifcox = np.empty((4, n_h, n_x), dtype)
    dw_fc = np.empty((n_h,), dtype)
    dw_ic = np.empty((n_h,), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_ifcor, W_ifcox, b_ifco, w_ifc, ifco_arg, r, c, if_, c_tanh, o, m_tanh, m,
        W_ifcor_T, W_rm_T, r_at, ifco_arg_at, c_at, ifco_arg_at2, if__at, half, c_tanh_at, c_arg_at, f_at, i_at,
        o_arg_at, o_at, m_tanh_at, m_at, s, yhat_lse, largest, yhat, rows, flat, tmp5, ds, entries, db_y, dW_yr,
        c_factor, difco_arg, o_arg_factor, dr, ifc_arg_factor, dm, dc, difco_arg_at, product, dr_at, dc_at, c_factor_at,
        do_arg_at, o_arg_factor_at, df_arg_at, di_arg_at, difco_arg_at2, ifc_arg_factor_at, dW_rm, dw_oc, db_ifco,
        dW_ifcor, dW_ifcox, dw_fc, dw_ic,
    )


def _loss_padded_arrays(T, n_x, n_y, n_h, n_r, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    tmp7 = np.empty((B, T), dtype)
    W_ifcor = np.empty((4, n_h, n_r), dtype)
    W_ifcox = np.empty((4, n_h, n_x), dtype)
    b_ifco = np.empty((4, n_h), dtype)
    w_ifc = np.empty((2, n_h), dtype)
    ifco_arg = _by_step((4, T, B, n_h), dtype)
    r = np.empty((T + 1, B, n_r), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    if_ = np.empty((2, B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    o = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    m = np.empty((B, n_h), dtype)
    r_inside = np.empty((B, n_r), dtype)
    W_ifcor_T = np.empty((4, n_r, n_h), dtype)
    W_rm_T = np.empty((n_h, n_r), dtype)
    r_at = list(r)
    ifco_arg_at = list(ifco_arg.swapaxes(0, 1))
    c_at = list(c)
    ifco_arg_at2 = list(ifco_arg[:2].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    c_arg_at = list(ifco_arg[2])
    o_arg_at = list(ifco_arg[3])
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, W_ifcor, W_ifcox, b_ifco, w_ifc, ifco_arg, r, c, if_, c_tanh, o,
        m_tanh, m, r_inside, W_ifcor_T, W_rm_T, r_at, ifco_arg_at, c_at, ifco_arg_at2, half, c_arg_at, o_arg_at, s,
        yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, n_r, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    tmp7 = np.empty((B, T), dtype)
    W_ifcor = np.empty((4, n_h, n_r), dtype)
    W_ifcox = np.empty((4, n_h, n_x), dtype)
    b_ifco = np.empty((4, n_h), dtype)
    w_ifc = np.empty((2, n_h), dtype)
    ifco_arg = _by_step((4, T, B, n_h), dtype)
    r = np.empty((T + 1, B, n_r), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    if_ = ifco_arg[0:2]
    c_tanh = ifco_arg[2]
    o = ifco_arg[3]
    m_tanh = np.empty((T, B, n_h), dtype)
    m = np.empty((T, B, n_h), dtype)
    r_inside = np.empty((B, n_r), dtype)
    W_ifcor_T = np.empty((4, n_r, n_h), dtype)
    W_rm_T = np.empty((n_h, n_r), dtype)
    r_at = list(r)
    ifco_arg_at = list(ifco_arg.swapaxes(0, 1))
    c_at = list(c)
    ifco_arg_at2 = list(ifco_arg[:2].swapaxes(0, 1))
    if__at = list(if_.swapaxes(0, 1))
    half = np.array(0.5, dtype)
    c_tanh_at = list(c_tanh)
    c_arg_at = list(ifco_arg[2])
    i_at = list(if_[0])
    f_at = list(if_[1])
    o_arg_at = list(ifco_arg[3])
    o_at = list(o)
    m_tanh_at = list(m_tanh)
    m_at = list(m)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp8 = yhat_lse
    tmp9 = r_inside
    ds = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    db_y = np.empty((n_y,), dtype)
    dW_yr = np.empty((n_y, n_r), dtype)
    c_factor = np.empty((T, B, n_h), dtype)
    difco_arg = _by_step((4, T, B, n_h), dtype)
    o_arg_factor = difco_arg[3]
    dr = np.empty((T + 1, B, n_r), dtype)
    ifc_arg_factor = difco_arg[0:3]
    dm = tmp3
    dc = np.empty((T + 1, B, n_h), dtype)
    difco_arg_at = list(difco_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_r), dtype)
    dr_at = list(dr)
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    do_arg_at = list(difco_arg[3])
    o_arg_factor_at = list(o_arg_factor)
    df_arg_at = list(difco_arg[1])
    di_arg_at = list(difco_arg[0])
    difco_arg_at2 = list(difco_arg[:3].swapaxes(0, 1))
    ifc_arg_factor_at = list(ifc_arg_factor.swapaxes(0, 1))
    dW_rm = np.empty((n_r, n_h), dtype)
    dw_oc = np.empty((n_h,), dtype)
    db_ifco = np.empty((4, n_h), dtype)
    dW_ifcor = np.empty((4, n_h, n_r), dtype)
    dW_ifcox = np.empty((4, n_h, n_x), dtype)
    dw_fc = np.empty((n_h,), dtype)
    dw_ic = np.empty((n_h,), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, W_ifcor, W_ifcox, b_ifco, w_ifc, ifco_arg, r, c, if_, c_tanh, o,
        m_tanh, m, r_inside, W_ifcor_T, W_rm_T, r_at, ifco_arg_at, c_at, ifco_arg_at2, if__at, half, c_tanh_at,
        c_arg_at, i_at, f_at, o_arg_at, o_at, m_tanh_at, m_at, s, yhat_lse, largest, yhat, tmp8, tmp9, ds, rows, flat,
        entries, db_y, dW_yr, c_factor, difco_arg, o_arg_factor, dr, ifc_arg_factor, dm, dc, difco_arg_at, product,
        dr_at, dc_at, c_factor_at, do_arg_at, o_arg_factor_at, df_arg_at, di_arg_at, difco_arg_at2, ifc_arg_factor_at,
        dW_rm, dw_oc, db_ifco, dW_ifcor, dW_ifcox, dw_fc, dw_ic,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, n_r, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    c0_kept = np.empty((count, B, n_h), dtype)
    c_left1 = np.empty((B, n_h), dtype)
    r0_kept = np.empty((count, B, n_r), dtype)
    r_left1 = np.empty((B, n_r), dtype)
    dW_ix = np.empty((n_h, n_x), dtype)
    dW_fx = np.empty((n_h, n_x), dtype)
    dW_cx = np.empty((n_h, n_x), dtype)
    dW_ox = np.empty((n_h, n_x), dtype)
    dW_ir = np.empty((n_h, n_r), dtype)
    dW_fr = np.empty((n_h, n_r), dtype)
    dW_cr = np.empty((n_h, n_r), dtype)
    dW_or = np.empty((n_h, n_r), dtype)
    dw_ic = np.empty((n_h,), dtype)
    dw_fc = np.empty((n_h,), dtype)
    dw_oc = np.empty((n_h,), dtype)
    db_i = np.empty((n_h,), dtype)
    db_f = np.empty((n_h,), dtype)
    db_c = np.empty((n_h,), dtype)
    db_o = np.empty((n_h,), dtype)
    dW_rm = np.empty((n_r, n_h), dtype)
    dW_yr = np.empty((n_y, n_r), dtype)
    db_y = np.empty((n_y,), dtype)
    return (
        c0_kept, c_left1, r0_kept, r_left1, dW_ix, dW_fx, dW_cx, dW_ox, dW_ir, dW_fr, dW_cr, dW_or, dw_ic, dw_fc, dw_oc,
        db_i, db_f, db_c, db_o, dW_rm, dW_yr, db_y,
    )


def _segment_arrays(T, n_x, n_y, n_h, n_r, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((T, B), dtype)
    W_ifcor = np.empty((4, n_h, n_r), dtype)
    W_ifcox = np.empty((4, n_h, n_x), dtype)
    b_ifco = np.empty((4, n_h), dtype)
    w_ifc = np.empty((2, n_h), dtype)
    ifco_arg = _by_step((4, T, B, n_h), dtype)
    r = np.empty((T + 1, B, n_r), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    if_ = ifco_arg[0:2]
    c_tanh = ifco_arg[2]
    o = ifco_arg[3]
    m_tanh = np.empty((T, B, n_h), dtype)
    m = np.empty((T, B, n_h), dtype)
    W_ifcor_T = np.empty((4, n_r, n_h), dtype)
    W_rm_T = np.empty((n_h, n_r), dtype)
    r_at = list(r)
    ifco_arg_at = list(ifco_arg.swapaxes(0, 1))
    c_at = list(c)
    ifco_arg_at2 = list(ifco_arg[:2].swapaxes(0, 1))
    if__at = list(if_.swapaxes(0, 1))
    half = np.array(0.5, dtype)
    c_tanh_at = list(c_tanh)
    c_arg_at = list(ifco_arg[2])
    f_at = list(if_[1])
    i_at = list(if_[0])
    o_arg_at = list(ifco_arg[3])
    o_at = list(o)
    m_tanh_at = list(m_tanh)
    m_at = list(m)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp5 = np.empty((B, n_r), dtype)
    ds = s
    entries = np.empty((T, B), dtype)
    db_y = np.empty((n_y,), dtype)
    dW_yr = np.empty((n_y, n_r), dtype)
    c_factor = np.empty((T, B, n_h), dtype)
    difco_arg = _by_step((4, T, B, n_h), dtype)
    o_arg_factor = difco_arg[3]
    dr = np.empty((T + 1, B, n_r), dtype)
    ifc_arg_factor = difco_arg[0:3]
    dc = np.empty((T + 1, B, n_h), dtype)
    dm = np.empty((B, n_h), dtype)
    difco_arg_at = list(difco_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_r), dtype)
    dr_at = list(dr)
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    do_arg_at = list(difco_arg[3])
    o_arg_factor_at = list(o_arg_factor)
    df_arg_at = list(difco_arg[1])
    di_arg_at = list(difco_arg[0])
    difco_arg_at2 = list(difco_arg[:3].swapaxes(0, 1))
    ifc_arg_factor_at = list(ifc_arg_factor.swapaxes(0, 1))
    dW_rm = np.empty((n_r, n_h), dtype)
    dw_oc = np.empty((n_h,), dtype)
    db_ifco = np.empty((4, n_h), dtype)
    dW_ifcor = np.empty((4, n_h, n_r), dtype)
    dW_ifcox = np.empty((4, n_h, n_x), dtype)
    dw_fc = np.empty((n_h,), dtype)
    dw_ic = np.empty((n_h,), dtype)
    dc0 = tmp2
    dr0 = tmp5
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_ifcor, W_ifcox, b_ifco, w_ifc, ifco_arg, r, c, if_, c_tanh, o, m_tanh, m,
        W_ifcor_T, W_rm_T, r_at, ifco_arg_at, c_at, ifco_arg_at2, if__at, half, c_tanh_at, c_arg_at, f_at, i_at,
        o_arg_at, o_at, m_tanh_at, m_at, s, yhat_lse, largest, rows, flat, tmp5, ds, entries, db_y, dW_yr, c_factor,
        difco_arg, o_arg_factor, dr, ifc_arg_factor, dc, dm, difco_arg_at, product, dr_at, dc_at, c_factor_at,
        do_arg_at, o_arg_factor_at, df_arg_at, di_arg_at, difco_arg_at2, ifc_arg_factor_at, dW_rm, dw_oc, db_ifco,
        dW_ifcor, dW_ifcox, dw_fc, dw_ic, dc0, dr0,
    )


def _advance_arrays(T, n_x, n_h, n_r, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    W_ifcor = np.empty((4, n_h, n_r), dtype)
    W_ifcox = np.empty((4, n_h, n_x), dtype)
    b_ifco = np.empty((4, n_h), dtype)
    w_ifc = np.empty((2, n_h), dtype)
    ifco_arg = _by_step((4, T, B, n_h), dtype)
    r = np.empty((T + 1, B, n_r), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    if_ = np.empty((2, B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    o = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    m = np.empty((B, n_h), dtype)
    W_ifcor_T = np.empty((4, n_r, n_h), dtype)
    W_rm_T = np.empty((n_h, n_r), dtype)
    r_at = list(r)
    ifco_arg_at = list(ifco_arg.swapaxes(0, 1))
    c_at = list(c)
    ifco_arg_at2 = list(ifco_arg[:2].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    c_arg_at = list(ifco_arg[2])
    o_arg_at = list(ifco_arg[3])
    return (
        tmp0, tmp1, tmp2, W_ifcor, W_ifcox, b_ifco, w_ifc, ifco_arg, r, c, if_, c_tanh, o, m_tanh, m, W_ifcor_T, W_rm_T,
        r_at, ifco_arg_at, c_at, ifco_arg_at2, half, c_arg_at, o_arg_at,
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
