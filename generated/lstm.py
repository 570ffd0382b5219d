# Written by derive from lstm.eq; do not edit.
# Change lstm.eq instead, and run: derive generate lstm
# source acf00e80b22e3492, derive 07e8f9d843407be1, body 9eb3a416079fe839
"""LSTM with forget gate and softmax output.

Hochreiter & Schmidhuber (1997), Long Short-Term Memory; forget gate of Gers, Schmidhuber & Cummins (2000), Learning to
Forget. In the form of Goodfellow, Bengio & Courville (2016), Deep Learning, eqs. 10.40-10.44, with tanh at the cell's
input.

The equations::

    x: Input[T, n_x]                            # what is read at each step
    y: Label[T, n_y]                            # the class to predict at each step
    W_i, W_f, W_o, W_g = Param[n_h, n_x]        # input to gates and candidate
    U_i, U_f, U_o, U_g = Param[n_h, n_h]        # hidden to gates and candidate
    b_i, b_f, b_o, b_g = Param[n_h]             # biases
    V: Param[n_y, n_h]                          # hidden to output
    d: Param[n_y]                               # output bias

    h[0] = 0
    c[0] = 0
    i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1])     # input gate
    f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])     # forget gate
    o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1])     # output gate
    g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])        # candidate
    c[t] = f[t] * c[t-1] + i[t] * g[t]                  # cell
    h[t] = o[t] * tanh(c[t])                            # hidden state
    s[t] = d + V @ h[t]                                 # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    W_i: np.ndarray  # (n_h, n_x)  input to gates and candidate
    W_f: np.ndarray  # (n_h, n_x)  input to gates and candidate
    W_o: np.ndarray  # (n_h, n_x)  input to gates and candidate
    W_g: np.ndarray  # (n_h, n_x)  input to gates and candidate
    U_i: np.ndarray  # (n_h, n_h)  hidden to gates and candidate
    U_f: np.ndarray  # (n_h, n_h)  hidden to gates and candidate
    U_o: np.ndarray  # (n_h, n_h)  hidden to gates and candidate
    U_g: np.ndarray  # (n_h, n_h)  hidden to gates and candidate
    b_i: np.ndarray  # (n_h)  biases
    b_f: np.ndarray  # (n_h)  biases
    b_o: np.ndarray  # (n_h)  biases
    b_g: np.ndarray  # (n_h)  biases
    V: np.ndarray  # (n_y, n_h)  hidden to output
    d: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    i: np.ndarray  # (T, B, n_h)  input gate
    f: np.ndarray  # (T, B, n_h)  forget gate
    o: np.ndarray  # (T, B, n_h)  output gate
    g: np.ndarray  # (T, B, n_h)  candidate
    c: np.ndarray  # (T + 1, B, n_h)  cell
    h: np.ndarray  # (T + 1, B, n_h)  hidden state
    s: np.ndarray  # (T, B, n_y)  logits
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    c: np.ndarray  # (B, n_h)  cell
    h: np.ndarray  # (B, n_h)  hidden state


class Outputs(NamedTuple):
    """The variables at one step."""

    i: np.ndarray  # (B, n_h)  input gate
    f: np.ndarray  # (B, n_h)  forget gate
    o: np.ndarray  # (B, n_h)  output gate
    g: np.ndarray  # (B, n_h)  candidate
    c: np.ndarray  # (B, n_h)  cell
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
        W_i=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_f=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_o=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_g=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        U_i=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_f=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_o=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_g=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b_i=np.zeros((n_h,), dtype),
        b_f=np.zeros((n_h,), dtype),
        b_o=np.zeros((n_h,), dtype),
        b_g=np.zeros((n_h,), dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        d=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  the class to predict at each step
    h0       (B, n_h)     real        h[0]; 0 where not given
    c0       (B, n_h)     real        c[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from
                                      there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if lengths is not None:
        return _forward_padded(params, x, y, h0, c0, lengths)
    params, x, y, h0, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, c0)
    W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_f, b_o, b_g, V, d = params

    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    U_oifg = np.stack((U_o, U_i, U_f, U_g))
    W_oifg = np.stack((W_o, W_i, W_f, W_g))
    b_oifg = np.stack((b_o, b_i, b_f, b_g))
    oifg_arg = np.empty((4, T, B, n_h), dtype)
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
    oifg_arg += b_oifg[:, None, None]
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    oif = np.empty((3, T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    U_oifg_T = np.empty((4, n_h, n_h), dtype)
    U_oifg_T[...] = U_oifg.transpose(0, 2, 1)
    h_at = list(h)
    oifg_arg_at = list(oifg_arg.swapaxes(0, 1))
    oif_at = list(oif.swapaxes(0, 1))
    oifg_arg_at2 = list(oifg_arg[:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    g_at = list(g)
    g_arg_at = list(oifg_arg[3])
    c_at = list(c)
    f_at = list(oif[2])
    i_at = list(oif[1])
    o_at = list(oif[0])
    for t in range(1, T + 1):
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp0)
        oifg_arg_at[t - 1] += tmp0
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif_at[t - 1], half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp1)
        c_at[t] += tmp1
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh, o_at[t - 1], out=h_at[t])
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
    o = oif[0]
    i = oif[1]
    f = oif[2]

    if single:
        i = i[:, 0]
        f = f[:, 0]
        o = o[:, 0]
        g = g[:, 0]
        c = c[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(i=i, f=f, o=o, g=g, c=c, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real        what is read at each step
    y          (T, B)       0..n_y - 1  the class to predict at each step
    h0         (B, n_h)     real        h[0]; 0 where not given
    c0         (B, n_h)     real        c[0]; 0 where not given
    workspace               Workspace   its arrays are used, and hold the results until its next call
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths    (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if lengths is not None:
        return _loss_padded(params, x, y, h0, c0, lengths, workspace)
    params, x, y, h0, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, c0, whole=True)
    W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_f, b_o, b_g, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, U_oifg, W_oifg, b_oifg, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T, h_at, oifg_arg_at,
        oifg_arg_at2, half, g_arg_at, c_at, s, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((U_o, U_i, U_f, U_g), out=U_oifg)
    np.stack((W_o, W_i, W_f, W_g), out=W_oifg)
    np.stack((b_o, b_i, b_f, b_g), out=b_oifg)
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
    oifg_arg += b_oifg[:, None, None]
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    U_oifg_T[...] = U_oifg.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp0)
        oifg_arg_at[t - 1] += tmp0
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif, half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g)
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], oif[2], out=c_at[t])
        np.multiply(g, oif[1], out=tmp1)
        c_at[t] += tmp1
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh, oif[0], out=h_at[t])
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
    h0          (B, n_h)     real                       h[0]; 0 where not given
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
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, h0, c0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, h0, c0, lengths, wrt, workspace, window)
    params, x, y, h0, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, c0, whole=True)
    W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_f, b_o, b_g, V, d = params
    wrt = _asked(wrt, ("x", "h0", "c0"))

    (
        tmp0, tmp1, tmp2, tmp3, U_oifg, W_oifg, b_oifg, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T, h_at, oifg_arg_at,
        oif_at, oifg_arg_at2, half, g_at, g_arg_at, c_at, f_at, i_at, h_tanh_at, o_at, s, yhat_lse, largest, yhat, rows,
        flat, ds, entries, dd, dV, c_factor, doifg_arg, o_arg_factor, dh, ifg_arg_factor, dc, doifg_arg_at, product,
        dh_at, dc_at, c_factor_at, do_arg_at, o_arg_factor_at, doifg_arg_at2, ifg_arg_factor_at, db_oifg, dU_oifg,
        dW_oifg,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((U_o, U_i, U_f, U_g), out=U_oifg)
    np.stack((W_o, W_i, W_f, W_g), out=W_oifg)
    np.stack((b_o, b_i, b_f, b_g), out=b_oifg)
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
    oifg_arg += b_oifg[:, None, None]
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    U_oifg_T[...] = U_oifg.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp0)
        oifg_arg_at[t - 1] += tmp0
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif_at[t - 1], half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp1)
        c_at[t] += tmp1
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh_at[t - 1])
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh_at[t - 1], o_at[t - 1], out=h_at[t])
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
    o = oif[0]
    i = oif[1]
    f = oif[2]
    # grad(s[t]) = yhat[t] - onehot(y[t])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # c.factor[t] = o[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    # o.arg.factor[t] = h.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= h_tanh
    o_arg_factor *= o
    # grad(h[t]) = U_i.T @ grad(i.arg[t+1]) + U_f.T @ grad(f.arg[t+1]) + U_o.T @ grad(o.arg[t+1]) + U_g.T
    #     @ grad(g.arg[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # g.arg.factor[t] = i[t] * (1 - g[t]**2)
    np.square(g, out=ifg_arg_factor[2])
    np.subtract(1, ifg_arg_factor[2], out=ifg_arg_factor[2])
    ifg_arg_factor[2] *= i
    # f.arg.factor[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=ifg_arg_factor[1])
    ifg_arg_factor[1] *= c[:T]
    ifg_arg_factor[1] *= f
    # i.arg.factor[t] = g[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=ifg_arg_factor[0])
    ifg_arg_factor[0] *= g
    ifg_arg_factor[0] *= i
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
    np.multiply(c_factor[T - 1], dh[T], out=dc[T])
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.multiply(dh[T], o_arg_factor[T - 1], out=doifg_arg[0, T - 1])
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
    np.multiply(ifg_arg_factor[:, T - 1], dc[T], out=doifg_arg[1:, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = U_i.T @ grad(i.arg[t+1]) + U_f.T @ grad(f.arg[t+1]) + U_o.T @ grad(o.arg[t+1]) + U_g.T
        #     @ grad(g.arg[t+1]) + V.T @ grad(s[t]), t < T
        np.matmul(doifg_arg_at[t], U_oifg, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        dh_at[t] += tmp1
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(c_factor_at[t - 1], dh_at[t], out=dc_at[t])
        np.multiply(f_at[t], dc_at[t + 1], out=tmp1)
        dc_at[t] += tmp1
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        np.multiply(dh_at[t], o_arg_factor_at[t - 1], out=do_arg_at[t - 1])
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
        np.multiply(ifg_arg_factor_at[t - 1], dc_at[t], out=doifg_arg_at2[t - 1])
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    np.add.reduce(doifg_arg, axis=(1, 2), out=db_oifg)
    # grad(U_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(U_i) = sum(outer(grad(i.arg[t]), h[t-1]), t)
    # grad(U_f) = sum(outer(grad(f.arg[t]), h[t-1]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), h[t-1]), t)
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_oifg)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_oifg)
    if "c0" in wrt:
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(f[:1], dc[1:2], out=dc[:1])
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    if "h0" in wrt:
        # grad(h[0]) = U_i.T @ grad(i.arg[1]) + U_f.T @ grad(f.arg[1]) + U_o.T @ grad(o.arg[1]) + U_g.T @
        #     grad(g.arg[1])
        np.matmul(doifg_arg[:, 0], U_oifg, out=product)
        np.add.reduce(product, axis=0, out=dh[0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product2 = np.empty((4, T * B, n_x), dtype)
        # grad(x[t]) = W_i.T @ grad(i.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) + W_g.T @
        #     grad(g.arg[t])
        np.matmul(doifg_arg.reshape(4, -1, n_h), W_oifg, out=product2)
        np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    db_o = db_oifg[0]
    db_i = db_oifg[1]
    db_f = db_oifg[2]
    db_g = db_oifg[3]
    dU_o = dU_oifg[0]
    dU_i = dU_oifg[1]
    dU_f = dU_oifg[2]
    dU_g = dU_oifg[3]
    dW_o = dW_oifg[0]
    dW_i = dW_oifg[1]
    dW_f = dW_oifg[2]
    dW_g = dW_oifg[3]

    gradient = Params(
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        W_g=dW_g,
        U_i=dU_i,
        U_f=dU_f,
        U_o=dU_o,
        U_g=dU_g,
        b_i=db_i,
        b_f=db_f,
        b_o=db_o,
        b_g=db_g,
        V=dV,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
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
        params, x, y, i, f, o, g, c, h, yhat, dtype, single, n_h, n_x, n_y, T, B,
    ) = _backward_arguments(params, forward, x, y)
    W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_f, b_o, b_g, V, d = params

    h_tanh = np.empty((T, B, n_h), dtype)
    # h.tanh[t] = tanh(c[t])
    np.tanh(c[1:], out=h_tanh)
    tmp0 = np.empty((B, n_h), dtype)
    U_oifg = np.stack((U_o, U_i, U_f, U_g))
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
    # grad(h[t]) = U_i.T @ grad(i.arg[t+1]) + U_f.T @ grad(f.arg[t+1]) + U_o.T @ grad(o.arg[t+1]) + U_g.T
    #     @ grad(g.arg[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    c_factor = np.empty((T, B, n_h), dtype)
    # c.factor[t] = o[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    o_arg_factor = np.empty((T, B, n_h), dtype)
    # o.arg.factor[t] = h.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= h_tanh
    o_arg_factor *= o
    ifg_arg_factor = np.empty((3, T, B, n_h), dtype)
    # g.arg.factor[t] = i[t] * (1 - g[t]**2)
    np.square(g, out=ifg_arg_factor[2])
    np.subtract(1, ifg_arg_factor[2], out=ifg_arg_factor[2])
    ifg_arg_factor[2] *= i
    # f.arg.factor[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=ifg_arg_factor[1])
    ifg_arg_factor[1] *= c[:T]
    ifg_arg_factor[1] *= f
    # i.arg.factor[t] = g[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=ifg_arg_factor[0])
    ifg_arg_factor[0] *= g
    ifg_arg_factor[0] *= i
    dc = np.empty((T, B, n_h), dtype)
    doifg_arg = np.empty((4, T, B, n_h), dtype)
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
    np.multiply(c_factor[T - 1], dh[T - 1], out=dc[T - 1])
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.multiply(dh[T - 1], o_arg_factor[T - 1], out=doifg_arg[0, T - 1])
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
    np.multiply(ifg_arg_factor[:, T - 1], dc[T - 1], out=doifg_arg[1:, T - 1])
    doifg_arg_at = list(doifg_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_h), dtype)
    dh_at = list(dh)
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    do_arg_at = list(doifg_arg[0])
    o_arg_factor_at = list(o_arg_factor)
    doifg_arg_at2 = list(doifg_arg[1:].swapaxes(0, 1))
    ifg_arg_factor_at = list(ifg_arg_factor.swapaxes(0, 1))
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = U_i.T @ grad(i.arg[t+1]) + U_f.T @ grad(f.arg[t+1]) + U_o.T @ grad(o.arg[t+1]) + U_g.T
        #     @ grad(g.arg[t+1]) + V.T @ grad(s[t]), t < T
        np.matmul(doifg_arg_at[t], U_oifg, out=product)
        np.add.reduce(product, axis=0, out=tmp0)
        dh_at[t - 1] += tmp0
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(c_factor_at[t - 1], dh_at[t - 1], out=dc_at[t - 1])
        np.multiply(f[t], dc_at[t], out=tmp0)
        dc_at[t - 1] += tmp0
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        np.multiply(dh_at[t - 1], o_arg_factor_at[t - 1], out=do_arg_at[t - 1])
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
        np.multiply(ifg_arg_factor_at[t - 1], dc_at[t - 1], out=doifg_arg_at2[t - 1])
    db_oifg = np.empty((4, n_h), dtype)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    np.add.reduce(doifg_arg, axis=(1, 2), out=db_oifg)
    dU_oifg = np.empty((4, n_h, n_h), dtype)
    # grad(U_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(U_i) = sum(outer(grad(i.arg[t]), h[t-1]), t)
    # grad(U_f) = sum(outer(grad(f.arg[t]), h[t-1]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), h[t-1]), t)
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_oifg)
    dW_oifg = np.empty((4, n_h, n_x), dtype)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_oifg)
    db_o = db_oifg[0]
    db_i = db_oifg[1]
    db_f = db_oifg[2]
    db_g = db_oifg[3]
    dU_o = dU_oifg[0]
    dU_i = dU_oifg[1]
    dU_f = dU_oifg[2]
    dU_g = dU_oifg[3]
    dW_o = dW_oifg[0]
    dW_i = dW_oifg[1]
    dW_f = dW_oifg[2]
    dW_g = dW_oifg[3]

    return Params(
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        W_g=dW_g,
        U_i=dU_i,
        U_f=dU_f,
        U_o=dU_o,
        U_g=dU_g,
        b_i=db_i,
        b_f=db_f,
        b_o=db_o,
        b_g=db_g,
        V=dV,
        d=dd,
    )


def init_state(
    params: Params, *, h0: np.ndarray | None = None, c0: np.ndarray | None = None, batch: int | None = None
) -> State:
    """The state before the first step; of one example where `batch` is None.

    h0  (B, n_h)  real  h[0]; 0 where not given
    c0  (B, n_h)  real  c[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, h0, c0, dtype, single, n_h, n_x, n_y, B = _initial_arguments(params, h0, c0, batch)

    # c[0] = 0
    c_prev = c0.copy()
    # h[0] = 0
    h_prev = h0.copy()

    if single:
        c_prev = c_prev[0]
        h_prev = h_prev[0]
    return State(c=c_prev, h=h_prev)


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real  what is read at each step

    Data without the axis B are one example.
    """
    params, x, c_prev, h_prev, dtype, single, n_h, n_x, n_y, B = _step_arguments(params, state, x)
    W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_f, b_o, b_g, V, d = params

    U_ifog = np.stack((U_i, U_f, U_o, U_g))
    W_ifog = np.stack((W_i, W_f, W_o, W_g))
    b_ifog = np.stack((b_i, b_f, b_o, b_g))
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    ifog_arg = h_prev @ U_ifog.transpose(0, 2, 1)
    ifog_arg += x @ W_ifog.transpose(0, 2, 1)
    ifog_arg += b_ifog[:, None]
    # i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1])
    i = _sigmoid(ifog_arg[0])
    # f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])
    f = _sigmoid(ifog_arg[1])
    # o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1])
    o = _sigmoid(ifog_arg[2])
    # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
    g = np.tanh(ifog_arg[3])
    # c[t] = f[t] * c[t-1] + i[t] * g[t]
    c = c_prev * f
    c += g * i
    # h.tanh[t] = tanh(c[t])
    h_tanh = np.tanh(c)
    # h[t] = o[t] * tanh(c[t])
    h = h_tanh * o
    # s[t] = d + V @ h[t]
    s = h @ V.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])

    if single:
        c = c[0]
        h = h[0]
        i = i[0]
        f = f[0]
        o = o[0]
        g = g[0]
        s = s[0]
        yhat = yhat[0]
    result = State(c=c, h=h)
    return result, Outputs(i=i, f=f, o=o, g=g, c=c, h=h, s=s, yhat=yhat)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.c.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.c.ndim < 3 else forward.c.shape[1], forward.c.ndim < 3, 1
    )
    return State(c=_last(forward.c, 0, 1, 1, lengths), h=_last(forward.h, 0, 1, 1, lengths))


def _forward_padded(params, x, y, h0, c0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, h0, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, c0, lengths)
    W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_f, b_o, b_g, V, d = params

    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    U_oifg = np.stack((U_o, U_i, U_f, U_g))
    W_oifg = np.stack((W_o, W_i, W_f, W_g))
    b_oifg = np.stack((b_o, b_i, b_f, b_g))
    oifg_arg = np.empty((4, T, B, n_h), dtype)
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
    oifg_arg += b_oifg[:, None, None]
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    oif = np.empty((3, T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    U_oifg_T = np.empty((4, n_h, n_h), dtype)
    U_oifg_T[...] = U_oifg.transpose(0, 2, 1)
    h_at = list(h)
    oifg_arg_at = list(oifg_arg.swapaxes(0, 1))
    oif_at = list(oif.swapaxes(0, 1))
    oifg_arg_at2 = list(oifg_arg[:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    g_at = list(g)
    g_arg_at = list(oifg_arg[3])
    i_at = list(oif[1])
    c_at = list(c)
    f_at = list(oif[2])
    o_at = list(oif[0])
    for t in range(1, T + 1):
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp0)
        oifg_arg_at[t - 1] += tmp0
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif_at[t - 1], half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp2)
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp1)
        tmp1 += tmp2
        c[t] = np.where((t <= T_own)[:, None], tmp1, c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh, o_at[t - 1], out=tmp1)
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
    o = oif[0]
    i = oif[1]
    f = oif[2]

    if single:
        i = i[:, 0]
        f = f[:, 0]
        o = o[:, 0]
        g = g[:, 0]
        c = c[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(i=i, f=f, o=o, g=g, c=c, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, h0, c0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, h0, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, c0, lengths, whole=True)
    W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_f, b_o, b_g, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, U_oifg, W_oifg, b_oifg, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T,
        h_at, oifg_arg_at, oifg_arg_at2, half, g_arg_at, c_at, s, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((U_o, U_i, U_f, U_g), out=U_oifg)
    np.stack((W_o, W_i, W_f, W_g), out=W_oifg)
    np.stack((b_o, b_i, b_f, b_g), out=b_oifg)
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
    oifg_arg += b_oifg[:, None, None]
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    U_oifg_T[...] = U_oifg.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp0)
        oifg_arg_at[t - 1] += tmp0
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif, half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g)
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], oif[2], out=tmp2)
        np.multiply(g, oif[1], out=tmp1)
        tmp1 += tmp2
        c[t] = np.where((t <= T_own)[:, None], tmp1, c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh, oif[0], out=tmp1)
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


def _loss_and_grad_padded(params, x, y, h0, c0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h0, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, c0, lengths, whole=True)
    W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_f, b_o, b_g, V, d = params
    wrt = _asked(wrt, ("x", "h0", "c0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, U_oifg, W_oifg, b_oifg, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T,
        h_at, oifg_arg_at, oif_at, oifg_arg_at2, half, g_at, g_arg_at, i_at, c_at, f_at, h_tanh_at, o_at, s, yhat_lse,
        largest, yhat, tmp7, ds, rows, flat, entries, dd, dV, c_factor, doifg_arg, o_arg_factor, dh, ifg_arg_factor, dc,
        doifg_arg_at, product, dh_at, dc_at, c_factor_at, do_arg_at, o_arg_factor_at, doifg_arg_at2, ifg_arg_factor_at,
        db_oifg, dU_oifg, dW_oifg,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((U_o, U_i, U_f, U_g), out=U_oifg)
    np.stack((W_o, W_i, W_f, W_g), out=W_oifg)
    np.stack((b_o, b_i, b_f, b_g), out=b_oifg)
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
    oifg_arg += b_oifg[:, None, None]
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    U_oifg_T[...] = U_oifg.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp0)
        oifg_arg_at[t - 1] += tmp0
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif_at[t - 1], half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp2)
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp1)
        tmp1 += tmp2
        c[t] = np.where((t <= T_own)[:, None], tmp1, c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh_at[t - 1])
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh_at[t - 1], o_at[t - 1], out=tmp1)
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
    o = oif[0]
    i = oif[1]
    f = oif[2]
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
    # c.factor[t] = o[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    # o.arg.factor[t] = h.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= h_tanh
    o_arg_factor *= o
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_i.T @ grad(i.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (U_f.T @ grad(f.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (U_o.T @ grad(o.arg[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * (U_g.T @ grad(g.arg[t+1])) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # g.arg.factor[t] = i[t] * (1 - g[t]**2)
    np.square(g, out=ifg_arg_factor[2])
    np.subtract(1, ifg_arg_factor[2], out=ifg_arg_factor[2])
    ifg_arg_factor[2] *= i
    # f.arg.factor[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=ifg_arg_factor[1])
    ifg_arg_factor[1] *= c[:T]
    ifg_arg_factor[1] *= f
    # i.arg.factor[t] = g[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=ifg_arg_factor[0])
    ifg_arg_factor[0] *= g
    ifg_arg_factor[0] *= i
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + (1 -
    #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
    np.multiply(c_factor[T - 1], dh[T], out=dc[T])
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.multiply(dh[T], o_arg_factor[T - 1], out=doifg_arg[0, T - 1])
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
    np.multiply(ifg_arg_factor[:, T - 1], dc[T], out=doifg_arg[1:, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_i.T @ grad(i.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (U_f.T @ grad(f.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (U_o.T @ grad(o.arg[t+1])) + same_window(t, maximum(t - 1, 0),
        #     window.T) * (U_g.T @ grad(g.arg[t+1])) + V.T @ grad(s[t]), t < T
        np.matmul(doifg_arg_at[t], U_oifg, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        tmp1 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp1
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(c_factor_at[t - 1], dh_at[t], out=dc_at[t])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f_at[t], out=tmp1)
        tmp1 *= dc_at[t + 1]
        dc_at[t] += tmp1
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        np.multiply(dh_at[t], o_arg_factor_at[t - 1], out=do_arg_at[t - 1])
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
        np.multiply(ifg_arg_factor_at[t - 1], dc_at[t], out=doifg_arg_at2[t - 1])
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    np.add.reduce(doifg_arg, axis=(1, 2), out=db_oifg)
    # grad(U_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(U_i) = sum(outer(grad(i.arg[t]), h[t-1]), t)
    # grad(U_f) = sum(outer(grad(f.arg[t]), h[t-1]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), h[t-1]), t)
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_oifg)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_oifg)
    if "c0" in wrt:
        tmp_8_0 = np.empty((1,), dtype)
        tmp_8_1 = np.empty((1,), dtype)
        tmp_8_2 = np.empty((1,), dtype)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_8_2)
        np.maximum(tmp_8_2, 0, out=tmp_8_1)
        tmp_8_0[...] = np.arange(1) // window_T == tmp_8_1 // window_T
        np.multiply(tmp_8_0[:, None, None], f[:1], out=dc[:1])
        dc[:1] *= dc[1:2]
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    if "h0" in wrt:
        # grad(h[0]) = U_i.T @ grad(i.arg[1]) + U_f.T @ grad(f.arg[1]) + U_o.T @ grad(o.arg[1]) + U_g.T @
        #     grad(g.arg[1])
        np.matmul(doifg_arg[:, 0], U_oifg, out=product)
        np.add.reduce(product, axis=0, out=dh[0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product2 = np.empty((4, T * B, n_x), dtype)
        # grad(x[t]) = W_i.T @ grad(i.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) + W_g.T @
        #     grad(g.arg[t])
        np.matmul(doifg_arg.reshape(4, -1, n_h), W_oifg, out=product2)
        np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    db_o = db_oifg[0]
    db_i = db_oifg[1]
    db_f = db_oifg[2]
    db_g = db_oifg[3]
    dU_o = dU_oifg[0]
    dU_i = dU_oifg[1]
    dU_f = dU_oifg[2]
    dU_g = dU_oifg[3]
    dW_o = dW_oifg[0]
    dW_i = dW_oifg[1]
    dW_f = dW_oifg[2]
    dW_g = dW_oifg[3]

    gradient = Params(
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        W_g=dW_g,
        U_i=dU_i,
        U_f=dU_f,
        U_o=dU_o,
        U_g=dU_g,
        b_i=db_i,
        b_f=db_f,
        b_o=db_o,
        b_g=db_g,
        V=dV,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, i, f, o, g, c, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_f, b_o, b_g, V, d = params
    window_T = _window(window, "T", ("T",), T)

    h_tanh = np.empty((T, B, n_h), dtype)
    # h.tanh[t] = tanh(c[t])
    np.tanh(c[1:], out=h_tanh)
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    U_oifg = np.stack((U_o, U_i, U_f, U_g))
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
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_i.T @ grad(i.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (U_f.T @ grad(f.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (U_o.T @ grad(o.arg[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * (U_g.T @ grad(g.arg[t+1])) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    c_factor = np.empty((T, B, n_h), dtype)
    # c.factor[t] = o[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    o_arg_factor = np.empty((T, B, n_h), dtype)
    # o.arg.factor[t] = h.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= h_tanh
    o_arg_factor *= o
    ifg_arg_factor = np.empty((3, T, B, n_h), dtype)
    # g.arg.factor[t] = i[t] * (1 - g[t]**2)
    np.square(g, out=ifg_arg_factor[2])
    np.subtract(1, ifg_arg_factor[2], out=ifg_arg_factor[2])
    ifg_arg_factor[2] *= i
    # f.arg.factor[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=ifg_arg_factor[1])
    ifg_arg_factor[1] *= c[:T]
    ifg_arg_factor[1] *= f
    # i.arg.factor[t] = g[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=ifg_arg_factor[0])
    ifg_arg_factor[0] *= g
    ifg_arg_factor[0] *= i
    dc = np.empty((T, B, n_h), dtype)
    doifg_arg = np.empty((4, T, B, n_h), dtype)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + (1 -
    #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
    np.multiply(c_factor[T - 1], dh[T - 1], out=dc[T - 1])
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.multiply(dh[T - 1], o_arg_factor[T - 1], out=doifg_arg[0, T - 1])
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
    np.multiply(ifg_arg_factor[:, T - 1], dc[T - 1], out=doifg_arg[1:, T - 1])
    doifg_arg_at = list(doifg_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_h), dtype)
    dh_at = list(dh)
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    do_arg_at = list(doifg_arg[0])
    o_arg_factor_at = list(o_arg_factor)
    doifg_arg_at2 = list(doifg_arg[1:].swapaxes(0, 1))
    ifg_arg_factor_at = list(ifg_arg_factor.swapaxes(0, 1))
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_i.T @ grad(i.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (U_f.T @ grad(f.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (U_o.T @ grad(o.arg[t+1])) + same_window(t, maximum(t - 1, 0),
        #     window.T) * (U_g.T @ grad(g.arg[t+1])) + V.T @ grad(s[t]), t < T
        np.matmul(doifg_arg_at[t], U_oifg, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        tmp1 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t - 1] += tmp1
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(c_factor_at[t - 1], dh_at[t - 1], out=dc_at[t - 1])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f[t], out=tmp1)
        tmp1 *= dc_at[t]
        dc_at[t - 1] += tmp1
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        np.multiply(dh_at[t - 1], o_arg_factor_at[t - 1], out=do_arg_at[t - 1])
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
        np.multiply(ifg_arg_factor_at[t - 1], dc_at[t - 1], out=doifg_arg_at2[t - 1])
    db_oifg = np.empty((4, n_h), dtype)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    np.add.reduce(doifg_arg, axis=(1, 2), out=db_oifg)
    dU_oifg = np.empty((4, n_h, n_h), dtype)
    # grad(U_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(U_i) = sum(outer(grad(i.arg[t]), h[t-1]), t)
    # grad(U_f) = sum(outer(grad(f.arg[t]), h[t-1]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), h[t-1]), t)
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_oifg)
    dW_oifg = np.empty((4, n_h, n_x), dtype)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_oifg)
    db_o = db_oifg[0]
    db_i = db_oifg[1]
    db_f = db_oifg[2]
    db_g = db_oifg[3]
    dU_o = dU_oifg[0]
    dU_i = dU_oifg[1]
    dU_f = dU_oifg[2]
    dU_g = dU_oifg[3]
    dW_o = dW_oifg[0]
    dW_i = dW_oifg[1]
    dW_f = dW_oifg[2]
    dW_g = dW_oifg[3]

    return Params(
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        W_g=dW_g,
        U_i=dU_i,
        U_f=dU_f,
        U_o=dU_o,
        U_g=dU_g,
        b_i=db_i,
        b_f=db_f,
        b_o=db_o,
        b_g=db_g,
        V=dV,
        d=dd,
    )


def _loss_and_grad_checkpointed(params, x, y, h0, c0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, h0, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, c0, whole=True)
    W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_f, b_o, b_g, V, d = params
    wrt = _asked(wrt, ("x", "h0", "c0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        c0_kept, c_left1, h0_kept, h_left1, dW_i, dW_f, dW_o, dW_g, dU_i, dU_f, dU_o, dU_g, db_i, db_f, db_o, db_g, dV,
        dd,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_h, B, dtype)
    c0_kept[0] = c0
    h0_kept[0] = h0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x[first:last],
            h0_kept[n],
            c0_kept[n],
            last - first,
            n_x,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        c0_kept[n + 1], h0_kept[n + 1] = found
    loss = 0.0
    for total in (c_left1, h_left1, dW_i, dW_f, dW_o, dW_g, dU_i, dU_f, dU_o, dU_g, db_i, db_f, db_o, db_g, dV, dd):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            c_left1,
            h_left1,
            x[first:last],
            y[first:last],
            h0_kept[n],
            c0_kept[n],
            last - first,
            n_x,
            n_y,
            n_h,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dc0, dh0, dx_part = found
        loss += float(loss_part)
        _add_each((dW_i, dW_f, dW_o, dW_g, dU_i, dU_f, dU_o, dU_g, db_i, db_f, db_o, db_g, dV, dd), parts)
        c_left1[...] = dc0
        h_left1[...] = dh0
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        W_g=dW_g,
        U_i=dU_i,
        U_f=dU_f,
        U_o=dU_o,
        U_g=dU_g,
        b_i=db_i,
        b_f=db_f,
        b_o=db_o,
        b_g=db_g,
        V=dV,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def _segment(params, c_left1, h_left1, x, y, h0, c0, T, n_x, n_y, n_h, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_f, b_o, b_g, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, U_oifg, W_oifg, b_oifg, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T, h_at, oifg_arg_at,
        oif_at, oifg_arg_at2, half, g_at, g_arg_at, c_at, f_at, i_at, h_tanh_at, o_at, s, yhat_lse, largest, rows, flat,
        ds, entries, dd, dV, c_factor, doifg_arg, o_arg_factor, dch, ifg_arg_factor, doifg_arg_at, product, dh_at2,
        dc_at2, c_factor_at, do_arg_at, o_arg_factor_at, doifg_arg_at2, ifg_arg_factor_at, db_oifg, dU_oifg, dW_oifg,
        dch0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((U_o, U_i, U_f, U_g), out=U_oifg)
    np.stack((W_o, W_i, W_f, W_g), out=W_oifg)
    np.stack((b_o, b_i, b_f, b_g), out=b_oifg)
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
    oifg_arg += b_oifg[:, None, None]
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    U_oifg_T[...] = U_oifg.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp0)
        oifg_arg_at[t - 1] += tmp0
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif_at[t - 1], half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp1)
        c_at[t] += tmp1
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh_at[t - 1])
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh_at[t - 1], o_at[t - 1], out=h_at[t])
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    o = oif[0]
    i = oif[1]
    f = oif[2]
    # grad(s[t]) = softmax(s[t]) - onehot(y[t])
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=ds)
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # c.factor[t] = o[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    # o.arg.factor[t] = h.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= h_tanh
    o_arg_factor *= o
    # grad(h[T]) = h.left1 + V.T @ grad(s[T])
    np.matmul(ds.reshape(-1, n_y), V, out=dch[1, 1:].reshape(-1, n_h))
    # g.arg.factor[t] = i[t] * (1 - g[t]**2)
    np.square(g, out=ifg_arg_factor[2])
    np.subtract(1, ifg_arg_factor[2], out=ifg_arg_factor[2])
    ifg_arg_factor[2] *= i
    # f.arg.factor[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=ifg_arg_factor[1])
    ifg_arg_factor[1] *= c[:T]
    ifg_arg_factor[1] *= f
    # i.arg.factor[t] = g[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=ifg_arg_factor[0])
    ifg_arg_factor[0] *= g
    ifg_arg_factor[0] *= i
    # grad(h[T]) = h.left1 + V.T @ grad(s[T])
    dch[1, T] += h_left1
    # grad(c[0]) = f[1] * grad(c[1])
    dch[0, T] = c_left1
    np.multiply(c_factor[T - 1], dch[1, T], out=tmp1)
    dch[0, T] += tmp1
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.multiply(o_arg_factor[T - 1], dch[1, T], out=doifg_arg[0, T - 1])
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
    np.multiply(ifg_arg_factor[:, T - 1], dch[0, T], out=doifg_arg[1:, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[T]) = h.left1 + V.T @ grad(s[T])
        np.matmul(doifg_arg_at[t], U_oifg, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        dh_at2[t] += tmp1
        # grad(c[0]) = f[1] * grad(c[1])
        np.multiply(c_factor_at[t - 1], dh_at2[t], out=dc_at2[t])
        np.multiply(f_at[t], dc_at2[t + 1], out=tmp1)
        dc_at2[t] += tmp1
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        np.multiply(o_arg_factor_at[t - 1], dh_at2[t], out=do_arg_at[t - 1])
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
        np.multiply(ifg_arg_factor_at[t - 1], dc_at2[t], out=doifg_arg_at2[t - 1])
    # grad(h[T]) = h.left1 + V.T @ grad(s[T])
    np.matmul(doifg_arg[:, 0], U_oifg, out=product)
    np.add.reduce(product, axis=0, out=dch[1, 0])
    # grad(c[0]) = f[1] * grad(c[1])
    np.multiply(f[0], dch[0, 1], out=dch[0, 0])
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    np.add.reduce(doifg_arg, axis=(1, 2), out=db_oifg)
    # grad(U_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(U_i) = sum(outer(grad(i.arg[t]), h[t-1]), t)
    # grad(U_f) = sum(outer(grad(f.arg[t]), h[t-1]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), h[t-1]), t)
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_oifg)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_oifg)
    # grad(c.0) = grad(c[0])
    # grad(h.0) = grad(h[0])
    dch0[...] = dch[:, 0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product2 = np.empty((4, T * B, n_x), dtype)
        # grad(x[t]) = W_i.T @ grad(i.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) + W_g.T @
        #     grad(g.arg[t])
        np.matmul(doifg_arg.reshape(4, -1, n_h), W_oifg, out=product2)
        np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    db_o = db_oifg[0]
    db_i = db_oifg[1]
    db_f = db_oifg[2]
    db_g = db_oifg[3]
    dU_o = dU_oifg[0]
    dU_i = dU_oifg[1]
    dU_f = dU_oifg[2]
    dU_g = dU_oifg[3]
    dW_o = dW_oifg[0]
    dW_i = dW_oifg[1]
    dW_f = dW_oifg[2]
    dW_g = dW_oifg[3]
    dc0 = dch0[0]
    dh0 = dch0[1]

    return (
        loss,
        (dW_i, dW_f, dW_o, dW_g, dU_i, dU_f, dU_o, dU_g, db_i, db_f, db_o, db_g, dV, dd),
        dc0,
        dh0,
        dx if "x" in wrt else None,
    )


def _advance(params, x, h0, c0, T, n_x, n_h, B, dtype, workspace):
    """The state after a segment."""
    W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_f, b_o, b_g, V, d = params

    (
        tmp0, tmp1, U_oifg, W_oifg, b_oifg, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T, h_at, oifg_arg_at, oifg_arg_at2,
        half, g_arg_at, c_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_x, n_h, B, dtype)
    np.stack((U_o, U_i, U_f, U_g), out=U_oifg)
    np.stack((W_o, W_i, W_f, W_g), out=W_oifg)
    np.stack((b_o, b_i, b_f, b_g), out=b_oifg)
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
    oifg_arg += b_oifg[:, None, None]
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    U_oifg_T[...] = U_oifg.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp0)
        oifg_arg_at[t - 1] += tmp0
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif, half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g)
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], oif[2], out=c_at[t])
        np.multiply(g, oif[1], out=tmp1)
        c_at[t] += tmp1
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh, oif[0], out=h_at[t])

    return c[-1], h[-1]


def _loss_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    U_oifg = np.empty((4, n_h, n_h), dtype)
    W_oifg = np.empty((4, n_h, n_x), dtype)
    b_oifg = np.empty((4, n_h), dtype)
    oifg_arg = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    oif = np.empty((3, B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    U_oifg_T = np.empty((4, n_h, n_h), dtype)
    h_at = list(h)
    oifg_arg_at = list(oifg_arg.swapaxes(0, 1))
    oifg_arg_at2 = list(oifg_arg[:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    g_arg_at = list(oifg_arg[3])
    c_at = list(c)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, U_oifg, W_oifg, b_oifg, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T, h_at, oifg_arg_at,
        oifg_arg_at2, half, g_arg_at, c_at, s, yhat_lse, largest, rows, flat,
    )


def _loss_and_grad_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    U_oifg = np.empty((4, n_h, n_h), dtype)
    W_oifg = np.empty((4, n_h, n_x), dtype)
    b_oifg = np.empty((4, n_h), dtype)
    oifg_arg = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    oif = oifg_arg[0:3]
    g = oifg_arg[3]
    h_tanh = np.empty((T, B, n_h), dtype)
    U_oifg_T = np.empty((4, n_h, n_h), dtype)
    h_at = list(h)
    oifg_arg_at = list(oifg_arg.swapaxes(0, 1))
    oif_at = list(oif.swapaxes(0, 1))
    oifg_arg_at2 = list(oifg_arg[:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    g_at = list(g)
    g_arg_at = list(oifg_arg[3])
    c_at = list(c)
    f_at = list(oif[2])
    i_at = list(oif[1])
    h_tanh_at = list(h_tanh)
    o_at = list(oif[0])
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    ds = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    c_factor = np.empty((T, B, n_h), dtype)
    doifg_arg = _by_step((4, T, B, n_h), dtype)
    o_arg_factor = doifg_arg[0]
    dh = np.empty((T + 1, B, n_h), dtype)
    ifg_arg_factor = doifg_arg[1:4]
    dc = c
    doifg_arg_at = list(doifg_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_h), dtype)
    dh_at = list(dh)
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    do_arg_at = list(doifg_arg[0])
    o_arg_factor_at = list(o_arg_factor)
    doifg_arg_at2 = list(doifg_arg[1:].swapaxes(0, 1))
    ifg_arg_factor_at = list(ifg_arg_factor.swapaxes(0, 1))
    db_oifg = np.empty((4, n_h), dtype)
    dU_oifg = U_oifg_T
    dW_oifg = np.empty((4, n_h, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, U_oifg, W_oifg, b_oifg, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T, h_at, oifg_arg_at,
        oif_at, oifg_arg_at2, half, g_at, g_arg_at, c_at, f_at, i_at, h_tanh_at, o_at, s, yhat_lse, largest, yhat, rows,
        flat, ds, entries, dd, dV, c_factor, doifg_arg, o_arg_factor, dh, ifg_arg_factor, dc, doifg_arg_at, product,
        dh_at, dc_at, c_factor_at, do_arg_at, o_arg_factor_at, doifg_arg_at2, ifg_arg_factor_at, db_oifg, dU_oifg,
        dW_oifg,
    )


def _loss_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    U_oifg = np.empty((4, n_h, n_h), dtype)
    W_oifg = np.empty((4, n_h, n_x), dtype)
    b_oifg = np.empty((4, n_h), dtype)
    oifg_arg = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    oif = np.empty((3, B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    U_oifg_T = np.empty((4, n_h, n_h), dtype)
    h_at = list(h)
    oifg_arg_at = list(oifg_arg.swapaxes(0, 1))
    oifg_arg_at2 = list(oifg_arg[:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    g_arg_at = list(oifg_arg[3])
    c_at = list(c)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, U_oifg, W_oifg, b_oifg, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T,
        h_at, oifg_arg_at, oifg_arg_at2, half, g_arg_at, c_at, s, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    U_oifg = np.empty((4, n_h, n_h), dtype)
    W_oifg = np.empty((4, n_h, n_x), dtype)
    b_oifg = np.empty((4, n_h), dtype)
    oifg_arg = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    oif = oifg_arg[0:3]
    g = oifg_arg[3]
    h_tanh = np.empty((T, B, n_h), dtype)
    U_oifg_T = np.empty((4, n_h, n_h), dtype)
    h_at = list(h)
    oifg_arg_at = list(oifg_arg.swapaxes(0, 1))
    oif_at = list(oif.swapaxes(0, 1))
    oifg_arg_at2 = list(oifg_arg[:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    g_at = list(g)
    g_arg_at = list(oifg_arg[3])
    i_at = list(oif[1])
    c_at = list(c)
    f_at = list(oif[2])
    h_tanh_at = list(h_tanh)
    o_at = list(oif[0])
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp7 = yhat_lse
    ds = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    c_factor = np.empty((T, B, n_h), dtype)
    doifg_arg = _by_step((4, T, B, n_h), dtype)
    o_arg_factor = doifg_arg[0]
    dh = np.empty((T + 1, B, n_h), dtype)
    ifg_arg_factor = doifg_arg[1:4]
    dc = c
    doifg_arg_at = list(doifg_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_h), dtype)
    dh_at = list(dh)
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    do_arg_at = list(doifg_arg[0])
    o_arg_factor_at = list(o_arg_factor)
    doifg_arg_at2 = list(doifg_arg[1:].swapaxes(0, 1))
    ifg_arg_factor_at = list(ifg_arg_factor.swapaxes(0, 1))
    db_oifg = np.empty((4, n_h), dtype)
    dU_oifg = U_oifg_T
    dW_oifg = np.empty((4, n_h, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, U_oifg, W_oifg, b_oifg, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T,
        h_at, oifg_arg_at, oif_at, oifg_arg_at2, half, g_at, g_arg_at, i_at, c_at, f_at, h_tanh_at, o_at, s, yhat_lse,
        largest, yhat, tmp7, ds, rows, flat, entries, dd, dV, c_factor, doifg_arg, o_arg_factor, dh, ifg_arg_factor, dc,
        doifg_arg_at, product, dh_at, dc_at, c_factor_at, do_arg_at, o_arg_factor_at, doifg_arg_at2, ifg_arg_factor_at,
        db_oifg, dU_oifg, dW_oifg,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    c0_kept = np.empty((count, B, n_h), dtype)
    c_left1 = np.empty((B, n_h), dtype)
    h0_kept = np.empty((count, B, n_h), dtype)
    h_left1 = np.empty((B, n_h), dtype)
    dW_i = np.empty((n_h, n_x), dtype)
    dW_f = np.empty((n_h, n_x), dtype)
    dW_o = np.empty((n_h, n_x), dtype)
    dW_g = np.empty((n_h, n_x), dtype)
    dU_i = np.empty((n_h, n_h), dtype)
    dU_f = np.empty((n_h, n_h), dtype)
    dU_o = np.empty((n_h, n_h), dtype)
    dU_g = np.empty((n_h, n_h), dtype)
    db_i = np.empty((n_h,), dtype)
    db_f = np.empty((n_h,), dtype)
    db_o = np.empty((n_h,), dtype)
    db_g = np.empty((n_h,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dd = np.empty((n_y,), dtype)
    return (
        c0_kept, c_left1, h0_kept, h_left1, dW_i, dW_f, dW_o, dW_g, dU_i, dU_f, dU_o, dU_g, db_i, db_f, db_o, db_g, dV,
        dd,
    )


def _segment_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    U_oifg = np.empty((4, n_h, n_h), dtype)
    W_oifg = np.empty((4, n_h, n_x), dtype)
    b_oifg = np.empty((4, n_h), dtype)
    oifg_arg = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    oif = oifg_arg[0:3]
    g = oifg_arg[3]
    h_tanh = np.empty((T, B, n_h), dtype)
    U_oifg_T = np.empty((4, n_h, n_h), dtype)
    h_at = list(h)
    oifg_arg_at = list(oifg_arg.swapaxes(0, 1))
    oif_at = list(oif.swapaxes(0, 1))
    oifg_arg_at2 = list(oifg_arg[:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    g_at = list(g)
    g_arg_at = list(oifg_arg[3])
    c_at = list(c)
    f_at = list(oif[2])
    i_at = list(oif[1])
    h_tanh_at = list(h_tanh)
    o_at = list(oif[0])
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    ds = s
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    c_factor = np.empty((T, B, n_h), dtype)
    doifg_arg = _by_step((4, T, B, n_h), dtype)
    o_arg_factor = doifg_arg[0]
    dch = _by_step((2, T + 1, B, n_h), dtype)
    ifg_arg_factor = doifg_arg[1:4]
    doifg_arg_at = list(doifg_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_h), dtype)
    dh_at2 = list(dch[1])
    dc_at2 = list(dch[0])
    c_factor_at = list(c_factor)
    do_arg_at = list(doifg_arg[0])
    o_arg_factor_at = list(o_arg_factor)
    doifg_arg_at2 = list(doifg_arg[1:].swapaxes(0, 1))
    ifg_arg_factor_at = list(ifg_arg_factor.swapaxes(0, 1))
    db_oifg = np.empty((4, n_h), dtype)
    dU_oifg = U_oifg_T
    dW_oifg = np.empty((4, n_h, n_x), dtype)
    dch0 = np.empty((2, B, n_h), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, U_oifg, W_oifg, b_oifg, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T, h_at, oifg_arg_at,
        oif_at, oifg_arg_at2, half, g_at, g_arg_at, c_at, f_at, i_at, h_tanh_at, o_at, s, yhat_lse, largest, rows, flat,
        ds, entries, dd, dV, c_factor, doifg_arg, o_arg_factor, dch, ifg_arg_factor, doifg_arg_at, product, dh_at2,
        dc_at2, c_factor_at, do_arg_at, o_arg_factor_at, doifg_arg_at2, ifg_arg_factor_at, db_oifg, dU_oifg, dW_oifg,
        dch0,
    )


def _advance_arrays(T, n_x, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    U_oifg = np.empty((4, n_h, n_h), dtype)
    W_oifg = np.empty((4, n_h, n_x), dtype)
    b_oifg = np.empty((4, n_h), dtype)
    oifg_arg = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    oif = np.empty((3, B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    U_oifg_T = np.empty((4, n_h, n_h), dtype)
    h_at = list(h)
    oifg_arg_at = list(oifg_arg.swapaxes(0, 1))
    oifg_arg_at2 = list(oifg_arg[:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    g_arg_at = list(oifg_arg[3])
    c_at = list(c)
    return (
        tmp0, tmp1, U_oifg, W_oifg, b_oifg, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T, h_at, oifg_arg_at, oifg_arg_at2,
        half, g_arg_at, c_at,
    )


def _arguments(params, x, y, h0, c0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_i")
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
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_i")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_i")
        if single:
            c0 = c0[None]
    return params, x, y, h0, c0, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    i = _real("forward.i", forward.i, dtype)
    f = _real("forward.f", forward.f, dtype)
    o = _real("forward.o", forward.o, dtype)
    g = _real("forward.g", forward.g, dtype)
    c = _real("forward.c", forward.c, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_i")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.i", i, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_i")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_i")
    _expect("forward.o", o, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_i")
    _expect("forward.g", g, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_i")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_i")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_i")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        i = i[:, None]
        f = f[:, None]
        o = o[:, None]
        g = g[:, None]
        c = c[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    return params, x, y, i, f, o, g, c, h, yhat, dtype, single, n_h, n_x, n_y, T, B


def _initial_arguments(params, h0, c0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_i")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_i")
        if single:
            c0 = c0[None]
    return params, h0, c0, dtype, single, n_h, n_x, n_y, B


def _step_arguments(params, state, x):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    c_prev = _real("state.c", state.c, dtype)
    h_prev = _real("state.h", state.h, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from W_i")
    _expect("state.c", c_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_i")
    _expect("state.h", h_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_i")
    if single:
        x = x[None]
        c_prev = c_prev[None]
        h_prev = h_prev[None]
    return params, x, c_prev, h_prev, dtype, single, n_h, n_x, n_y, B


def _padded_arguments(params, x, y, h0, c0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_i")
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
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_i")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_i")
        if single:
            c0 = c0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h0, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    i = _real("forward.i", forward.i, dtype)
    f = _real("forward.f", forward.f, dtype)
    o = _real("forward.o", forward.o, dtype)
    g = _real("forward.g", forward.g, dtype)
    c = _real("forward.c", forward.c, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_i")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.i", i, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_i")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_i")
    _expect("forward.o", o, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_i")
    _expect("forward.g", g, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_i")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_i")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_i")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[:, None]
        i = i[:, None]
        f = f[:, None]
        o = o[:, None]
        g = g[:, None]
        c = c[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, i, f, o, g, c, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_f, b_o, b_g, V, d = params
    _rank("W_i", W_i, ("n_h", "n_x"))
    n_h, n_x = W_i.shape
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("W_f", W_f, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from W_i")
    _expect("W_o", W_o, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from W_i")
    _expect("W_g", W_g, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from W_i")
    _expect("U_i", U_i, (n_h, n_h), ("n_h", "n_h"), "n_h from W_i")
    _expect("U_f", U_f, (n_h, n_h), ("n_h", "n_h"), "n_h from W_i")
    _expect("U_o", U_o, (n_h, n_h), ("n_h", "n_h"), "n_h from W_i")
    _expect("U_g", U_g, (n_h, n_h), ("n_h", "n_h"), "n_h from W_i")
    _expect("b_i", b_i, (n_h,), ("n_h",), "n_h from W_i")
    _expect("b_f", b_f, (n_h,), ("n_h",), "n_h from W_i")
    _expect("b_o", b_o, (n_h,), ("n_h",), "n_h from W_i")
    _expect("b_g", b_g, (n_h,), ("n_h",), "n_h from W_i")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from W_i")
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
