# Written by derive from word_lm.eq; do not edit.
# Change word_lm.eq instead, and run: derive generate word_lm
# source b2c3f5e597306675, derive 07e8f9d843407be1, body 220fd2693c9c957e
"""Word-embedding language model with tied output: one table has each word's vector where it is read and predicted.

Press & Wolf (2017), Using the Output Embedding to Improve Language Models; Inan, Khosravi & Socher (2017), Tying Word
Vectors and Word Classifiers.

The equations::

    y: Label[T, n_w]                    # the words; y[t-1] is read when y[t] is predicted
    E: Param[n_w, n_h]                  # a vector for each word, at the input and at the output
    W_i, W_f, W_o, W_g = Param[n_h, n_h]        # word to gates and candidate
    U_i, U_f, U_o, U_g = Param[n_h, n_h]        # hidden to gates and candidate
    b_i, b_o, b_g = Param[n_h]          # biases
    b_f: Param[n_h] = 1                 # the forget gate starts open
    d: Param[n_w]                       # output bias

    h[0] = 0
    c[0] = 0
    x[t] = E[y[t-1]]                                    # vector of the word before
    i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1])     # input gate
    f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])     # forget gate
    o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1])     # output gate
    g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])        # candidate
    c[t] = f[t] * c[t-1] + i[t] * g[t]                  # cell
    h[t] = o[t] * tanh(c[t])                            # hidden state
    s[t] = d + E @ h[t]                                 # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    E: np.ndarray  # (n_w, n_h)  a vector for each word, at the input and at the output
    W_i: np.ndarray  # (n_h, n_h)  word to gates and candidate
    W_f: np.ndarray  # (n_h, n_h)  word to gates and candidate
    W_o: np.ndarray  # (n_h, n_h)  word to gates and candidate
    W_g: np.ndarray  # (n_h, n_h)  word to gates and candidate
    U_i: np.ndarray  # (n_h, n_h)  hidden to gates and candidate
    U_f: np.ndarray  # (n_h, n_h)  hidden to gates and candidate
    U_o: np.ndarray  # (n_h, n_h)  hidden to gates and candidate
    U_g: np.ndarray  # (n_h, n_h)  hidden to gates and candidate
    b_i: np.ndarray  # (n_h)  biases
    b_o: np.ndarray  # (n_h)  biases
    b_g: np.ndarray  # (n_h)  biases
    b_f: np.ndarray  # (n_h)  the forget gate starts open
    d: np.ndarray  # (n_w)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    x: np.ndarray  # (T, B, n_h)  vector of the word before
    i: np.ndarray  # (T, B, n_h)  input gate
    f: np.ndarray  # (T, B, n_h)  forget gate
    o: np.ndarray  # (T, B, n_h)  output gate
    g: np.ndarray  # (T, B, n_h)  candidate
    c: np.ndarray  # (T + 1, B, n_h)  cell
    h: np.ndarray  # (T + 1, B, n_h)  hidden state
    s: np.ndarray  # (T, B, n_w)  logits
    yhat: np.ndarray  # (T, B, n_w)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    y: np.ndarray  # (B)  the words; y[t-1] is read when y[t] is predicted
    c: np.ndarray  # (B, n_h)  cell
    h: np.ndarray  # (B, n_h)  hidden state
    t: int  # steps so far


class Outputs(NamedTuple):
    """The variables at one step."""

    x: np.ndarray  # (B, n_h)  vector of the word before
    i: np.ndarray  # (B, n_h)  input gate
    f: np.ndarray  # (B, n_h)  forget gate
    o: np.ndarray  # (B, n_h)  output gate
    g: np.ndarray  # (B, n_h)  candidate
    c: np.ndarray  # (B, n_h)  cell
    h: np.ndarray  # (B, n_h)  hidden state
    s: np.ndarray  # (B, n_w)  logits
    yhat: np.ndarray  # (B, n_w)


class FreeRun(NamedTuple):
    """What `free_run` returns, with what it read back; one example has no axis B."""

    x: np.ndarray  # (T, B, n_h)  vector of the word before
    i: np.ndarray  # (T, B, n_h)  input gate
    f: np.ndarray  # (T, B, n_h)  forget gate
    o: np.ndarray  # (T, B, n_h)  output gate
    g: np.ndarray  # (T, B, n_h)  candidate
    c: np.ndarray  # (T + 1, B, n_h)  cell
    h: np.ndarray  # (T + 1, B, n_h)  hidden state
    s: np.ndarray  # (T, B, n_w)  logits
    yhat: np.ndarray  # (T, B, n_w)
    y: np.ndarray  # (T, B)  the words; y[t-1] is read when y[t] is predicted


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


def init_params(rng: np.random.Generator, *, n_w: int, n_h: int, dtype: type = np.float64) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_w = _size("n_w", n_w)
    n_h = _size("n_h", n_h)
    return Params(
        E=(rng.standard_normal((n_w, n_h)) / np.sqrt(n_h)).astype(dtype),
        W_i=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        W_f=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        W_o=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        W_g=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_i=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_f=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_o=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_g=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b_i=np.zeros((n_h,), dtype),
        b_o=np.zeros((n_h,), dtype),
        b_g=np.zeros((n_h,), dtype),
        b_f=np.full((n_h,), 1.0, dtype),
        d=np.zeros((n_w,), dtype),
    )


def forward(
    params: Params,
    *,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    y        (T, B)    0..n_w - 1  the words; y[t-1] is read when y[t] is predicted
    h0       (B, n_h)  real        h[0]; 0 where not given
    c0       (B, n_h)  real        c[0]; 0 where not given
    state              State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not
                                   given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if lengths is not None or state is not None:
        return _forward_padded(params, y, h0, c0, lengths, state)
    params, y, h0, c0, dtype, single, n_w, n_h, T, B = _arguments(params, y, h0, c0)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params

    tmp0 = np.empty((T - 1, B, n_h), dtype)
    tmp1 = np.empty((4, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_w), dtype)
    tmp4 = np.empty((T, B), dtype)
    U_oifg = np.stack((U_o, U_i, U_f, U_g))
    W_oifg = np.stack((W_o, W_i, W_f, W_g))
    b_oifg = np.stack((b_o, b_i, b_f, b_g))
    x = np.empty((T, B, n_h), dtype)
    # x[t] = E[y[t-1]]
    x[...] = 0
    np.take(E, y[:T - 1], axis=0, out=tmp0, mode="clip")
    x[1:] += tmp0
    oifg_arg = np.empty((4, T, B, n_h), dtype)
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_h), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
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
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp1)
        oifg_arg_at[t - 1] += tmp1
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif_at[t - 1], half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp2)
        c_at[t] += tmp2
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh, o_at[t - 1], out=h_at[t])
    s = np.empty((T, B, n_w), dtype)
    # s[t] = d + E @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), E.T, out=s.reshape(-1, n_w))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    yhat = np.empty((T, B, n_w), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()
    o = oif[0]
    i = oif[1]
    f = oif[2]

    if single:
        x = x[:, 0]
        i = i[:, 0]
        f = f[:, 0]
        o = o[:, 0]
        g = g[:, 0]
        c = c[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(x=x, i=i, f=f, o=o, g=g, c=c, h=h, s=s, yhat=yhat, loss=float(loss))


def loss(
    params: Params,
    *,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    y          (T, B)    0..n_w - 1  the words; y[t-1] is read when y[t] is predicted
    h0         (B, n_h)  real        h[0]; 0 where not given
    c0         (B, n_h)  real        c[0]; 0 where not given
    workspace            Workspace   its arrays are used, and hold the results until its next call
    state                State       what an earlier piece left, from last_state or step: the sequence goes on from
                                     there
    lengths    (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not
                                     given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if lengths is not None or state is not None:
        return _loss_padded(params, y, h0, c0, lengths, workspace, state)
    params, y, h0, c0, dtype, single, n_w, n_h, T, B = _arguments(params, y, h0, c0)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, U_oifg, W_oifg, b_oifg, x, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T, h_at,
        oifg_arg_at, oifg_arg_at2, half, g_arg_at, c_at, s, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_w, n_h, B, dtype)
    np.stack((U_o, U_i, U_f, U_g), out=U_oifg)
    np.stack((W_o, W_i, W_f, W_g), out=W_oifg)
    np.stack((b_o, b_i, b_f, b_g), out=b_oifg)
    # x[t] = E[y[t-1]]
    x[...] = 0
    np.take(E, y[:T - 1], axis=0, out=tmp0, mode="clip")
    x[1:] += tmp0
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_h), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
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
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp1)
        oifg_arg_at[t - 1] += tmp1
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif, half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g)
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], oif[2], out=c_at[t])
        np.multiply(g, oif[1], out=tmp2)
        c_at[t] += tmp2
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh, oif[0], out=h_at[t])
    # s[t] = d + E @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), E.T, out=s.reshape(-1, n_w))
    s += d
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

    y           (T, B)    0..n_w - 1                 the words; y[t-1] is read when y[t] is predicted
    h0          (B, n_h)  real                       h[0]; 0 where not given
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
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, y, h0, c0, wrt, workspace, state, checkpoint)
    if lengths is not None or window is not None or state is not None:
        return _loss_and_grad_padded(params, y, h0, c0, lengths, wrt, workspace, window, state)
    params, y, h0, c0, dtype, single, n_w, n_h, T, B = _arguments(params, y, h0, c0)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params
    wrt = _asked(wrt, ("h0", "c0"))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, U_oifg, W_oifg, b_oifg, x, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T, h_at,
        oifg_arg_at, oif_at, oifg_arg_at2, half, g_at, g_arg_at, c_at, f_at, i_at, h_tanh_at, o_at, s, yhat_lse,
        largest, yhat, rows, flat, ds, entries, dd, dE, c_factor, doifg_arg, o_arg_factor, dh, ifg_arg_factor, dc,
        doifg_arg_at, product, dh_at, dc_at, c_factor_at, do_arg_at, o_arg_factor_at, doifg_arg_at2, ifg_arg_factor_at,
        db_oifg, dU_oifg, dW_oifg, dx, product2,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_w, n_h, B, dtype)
    np.stack((U_o, U_i, U_f, U_g), out=U_oifg)
    np.stack((W_o, W_i, W_f, W_g), out=W_oifg)
    np.stack((b_o, b_i, b_f, b_g), out=b_oifg)
    # x[t] = E[y[t-1]]
    x[...] = 0
    np.take(E, y[:T - 1], axis=0, out=tmp0, mode="clip")
    x[1:] += tmp0
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_h), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
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
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp1)
        oifg_arg_at[t - 1] += tmp1
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif_at[t - 1], half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp2)
        c_at[t] += tmp2
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh_at[t - 1])
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh_at[t - 1], o_at[t - 1], out=h_at[t])
    # s[t] = d + E @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), E.T, out=s.reshape(-1, n_w))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()
    o = oif[0]
    i = oif[1]
    f = oif[2]
    # grad(s[t]) = yhat[t] - onehot(y[t])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_w).T, h[1:].reshape(-1, n_h), out=dE)
    # c.factor[t] = o[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    # o.arg.factor[t] = h.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= h_tanh
    o_arg_factor *= o
    # grad(h[t]) = U_i.T @ grad(i.arg[t+1]) + U_f.T @ grad(f.arg[t+1]) + U_o.T @ grad(o.arg[t+1]) + U_g.T
    #     @ grad(g.arg[t+1]) + E.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_w), E, out=dh[1:].reshape(-1, n_h))
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
        #     @ grad(g.arg[t+1]) + E.T @ grad(s[t]), t < T
        np.matmul(doifg_arg_at[t], U_oifg, out=product)
        np.add.reduce(product, axis=0, out=tmp2)
        dh_at[t] += tmp2
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(c_factor_at[t - 1], dh_at[t], out=dc_at[t])
        np.multiply(f_at[t], dc_at[t + 1], out=tmp2)
        dc_at[t] += tmp2
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
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_h), out=dW_oifg)
    # grad(x[t]) = W_i.T @ grad(i.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) + W_g.T @
    #     grad(g.arg[t])
    np.matmul(doifg_arg[:, 1:].reshape(4, -1, n_h), W_oifg, out=product2)
    np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_h))
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(s[t]), h[t]), t)
    _scatter_add(dE, (y[:T - 1],), dx)
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
        E=dE,
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        W_g=dW_g,
        U_i=dU_i,
        U_f=dU_f,
        U_o=dU_o,
        U_g=dU_g,
        b_i=db_i,
        b_o=db_o,
        b_g=db_g,
        b_f=db_f,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    y        (T, B)  0..n_w - 1         the words; y[t-1] is read when y[t] is predicted
    state            State              what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where
                                        not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _backward_padded(params, forward, y, lengths, window, state)
    params, y, x, i, f, o, g, c, h, yhat, dtype, single, n_w, n_h, T, B = _backward_arguments(params, forward, y)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params

    h_tanh = np.empty((T, B, n_h), dtype)
    # h.tanh[t] = tanh(c[t])
    np.tanh(c[1:], out=h_tanh)
    tmp0 = np.empty((B, n_h), dtype)
    U_oifg = np.stack((U_o, U_i, U_f, U_g))
    W_oifg = np.stack((W_o, W_i, W_f, W_g))
    ds = np.empty((T, B, n_w), dtype)
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds[...] = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(ds, y, rows, flat, entries, -1)
    dd = np.empty((n_w,), dtype)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    dE = np.empty((n_w, n_h), dtype)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_w).T, h[1:].reshape(-1, n_h), out=dE)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = U_i.T @ grad(i.arg[t+1]) + U_f.T @ grad(f.arg[t+1]) + U_o.T @ grad(o.arg[t+1]) + U_g.T
    #     @ grad(g.arg[t+1]) + E.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_w), E, out=dh.reshape(-1, n_h))
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
        #     @ grad(g.arg[t+1]) + E.T @ grad(s[t]), t < T
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
    dW_oifg = np.empty((4, n_h, n_h), dtype)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_h), out=dW_oifg)
    dx = np.empty((T - 1, B, n_h), dtype)
    product2 = np.empty((4, (T - 1) * B, n_h), dtype)
    # grad(x[t]) = W_i.T @ grad(i.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) + W_g.T @
    #     grad(g.arg[t])
    np.matmul(doifg_arg[:, 1:].reshape(4, -1, n_h), W_oifg, out=product2)
    np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_h))
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(s[t]), h[t]), t)
    _scatter_add(dE, (y[:T - 1],), dx)
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
        E=dE,
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        W_g=dW_g,
        U_i=dU_i,
        U_f=dU_f,
        U_o=dU_o,
        U_g=dU_g,
        b_i=db_i,
        b_o=db_o,
        b_g=db_g,
        b_f=db_f,
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
    params, h0, c0, dtype, single, n_w, n_h, B = _initial_arguments(params, h0, c0, batch)

    y_prev = np.empty((B,), np.intp)
    # y@1 = 0
    y_prev[...] = 0
    # c[0] = 0
    c_prev = c0.copy()
    # h[0] = 0
    h_prev = h0.copy()

    if single:
        y_prev = y_prev[0]
        c_prev = c_prev[0]
        h_prev = h_prev[0]
    return State(y=y_prev, c=c_prev, h=h_prev, t=0)


def step(params: Params, state: State, *, y: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    y  (B)  0..n_w - 1  the words; y[t-1] is read when y[t] is predicted

    Data without the axis B are one example.
    """
    params, y, y_prev, c_prev, h_prev, dtype, single, n_w, n_h, B = _step_arguments(params, state, y)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params
    t_now = _count("state.t", state[-1]) + 1

    U_ifog = np.stack((U_i, U_f, U_o, U_g))
    W_ifog = np.stack((W_i, W_f, W_o, W_g))
    b_ifog = np.stack((b_i, b_f, b_o, b_g))
    x = np.empty((B, n_h), dtype)
    # x[t] = E[y[t-1]]
    x[...] = 0
    x += np.where(2 <= t_now, E[y_prev], 0)
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
    # s[t] = d + E @ h[t]
    s = h @ E.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])

    if single:
        y = y[0]
        c = c[0]
        h = h[0]
        x = x[0]
        i = i[0]
        f = f[0]
        o = o[0]
        g = g[0]
        s = s[0]
        yhat = yhat[0]
    result = State(y=y, c=c, h=h, t=t_now)
    return result, Outputs(x=x, i=i, f=f, o=o, g=g, c=c, h=h, s=s, yhat=yhat)


def free_run(
    params: Params,
    *,
    steps: int,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    y: np.ndarray | None = None,
    rng: np.random.Generator | None = None,
    truth: np.ndarray | None = None,
    batch: int | None = None,
) -> FreeRun:
    """The model on its own: what it predicts is read where training reads the true values.

    h0     (B, n_h)  real               h[0]; 0 where not given
    c0     (B, n_h)  real               c[0]; 0 where not given
    y      (T, B)    0..n_w - 1         the words; y[t-1] is read when y[t] is predicted
    steps            whole number >= 1
    rng              generator          draws the classes; the most probable ones where it is not given
    truth  (T, B)    bool               the steps that read y
    batch            whole number >= 1  examples; one without the axis B where None

    Data without the axis B are one example.
    """
    params, h0, c0, dtype, single, n_w, n_h, steps, B = _free_run_arguments(params, h0, c0, steps, batch)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params
    _generator(rng)
    truth = _truth(truth, (("y", y),), steps, B, single)
    y_given = _true_classes("y", y, truth, (steps, B), ("T", "B"), single, n_w, "n_w - 1")

    U_ifog = np.stack((U_i, U_f, U_o, U_g))
    W_ifog = np.stack((W_i, W_f, W_o, W_g))
    b_ifog = np.stack((b_i, b_f, b_o, b_g))
    x = np.empty((steps, B, n_h), dtype)
    # x[t] = E[y[t-1]]
    x[...] = 0
    ifog_arg = np.empty((4, steps, B, n_h), dtype)
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    ifog_arg[...] = b_ifog[:, None, None]
    s = np.empty((steps, B, n_w), dtype)
    # s[t] = d + E @ h[t]
    s[...] = d
    h = np.empty((steps + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((steps + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    ifo = np.empty((3, steps, B, n_h), dtype)
    g = np.empty((steps, B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    yhat_lse = np.empty((B,), dtype)
    yhat = np.empty((steps, B, n_w), dtype)
    y_fed = np.empty((B,), np.intp)
    y = np.empty((steps, B), np.intp)
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    ifog_arg[:, 0] += h[0] @ U_ifog.transpose(0, 2, 1)
    ifog_arg[:, 0] += x[0] @ W_ifog.transpose(0, 2, 1)
    # i[t] = sigmoid(i.arg[t])
    # f[t] = sigmoid(f.arg[t])
    # o[t] = sigmoid(o.arg[t])
    ifo[:, 0] = _sigmoid(ifog_arg[:3, 0])
    # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
    np.tanh(ifog_arg[3, 0], out=g[0])
    # c[t] = f[t] * c[t-1] + i[t] * g[t]
    c[1] = c[0] * ifo[1, 0]
    c[1] += g[0] * ifo[0, 0]
    # h.tanh[t] = tanh(c[t])
    np.tanh(c[1], out=h_tanh)
    # h[t] = o[t] * tanh(c[t])
    h[1] = h_tanh * ifo[2, 0]
    # s[t] = d + E @ h[t]
    s[0] += h[1] @ E.T
    # yhat[t] = softmax(s[t])
    yhat_lse[...] = _logsumexp(s[0], 1)
    np.exp(s[0] - yhat_lse[:, None], out=yhat[0])
    # y.fed[t] = the most probable class of yhat[t], or one that is drawn
    y_fed[...] = _choice(yhat[0], 1, rng)
    # y[t] = y.fed[t], or the true one where truth[t]
    y[0] = np.where(truth[0] != 0, y_given[0], y_fed)
    U_ifog_T = U_ifog.transpose(0, 2, 1).copy()
    W_ifog_T = W_ifog.transpose(0, 2, 1).copy()
    E_T = E.T.copy()
    for t in range(2, steps + 1):
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        ifog_arg[:, t - 1] += h[t - 1] @ U_ifog_T
        # x[t] = E[y[t-1]]
        x[t - 1] += E[y[t - 2]]
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        ifog_arg[:, t - 1] += x[t - 1] @ W_ifog_T
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        # o[t] = sigmoid(o.arg[t])
        ifo[:, t - 1] = _sigmoid(ifog_arg[:3, t - 1])
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(ifog_arg[3, t - 1], out=g[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        c[t] = c[t - 1] * ifo[1, t - 1]
        c[t] += g[t - 1] * ifo[0, t - 1]
        # h.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        h[t] = h_tanh * ifo[2, t - 1]
        # s[t] = d + E @ h[t]
        s[t - 1] += h[t] @ E_T
        # yhat[t] = softmax(s[t])
        yhat_lse[...] = _logsumexp(s[t - 1], 1)
        np.exp(s[t - 1] - yhat_lse[:, None], out=yhat[t - 1])
        # y.fed[t] = the most probable class of yhat[t], or one that is drawn
        y_fed[...] = _choice(yhat[t - 1], 1, rng)
        # y[t] = y.fed[t], or the true one where truth[t]
        y[t - 1] = np.where(truth[t - 1] != 0, y_given[t - 1], y_fed)
    i = ifo[0]
    f = ifo[1]
    o = ifo[2]

    if single:
        x = x[:, 0]
        i = i[:, 0]
        f = f[:, 0]
        o = o[:, 0]
        g = g[:, 0]
        c = c[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
        y = y[:, 0]
    return FreeRun(x=x, i=i, f=f, o=o, g=g, c=c, h=h, s=s, yhat=yhat, y=y)


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
        lengths, "T", ("T",), steps, 1 if y.ndim < 2 else y.shape[1], y.ndim < 2, 1
    )
    return State(
        y=_last_given("y", y, 0, 1, lengths, None if state is None else state.y),
        c=_last(forward.c, 0, 1, 1, lengths),
        h=_last(forward.h, 0, 1, 1, lengths),
        t=_steps_so_far(state, steps, lengths),
    )


def _forward_padded(params, y, h0, c0, lengths, state):
    """`forward` where examples have their own lengths."""
    params, y, h0, c0, dtype, single, n_w, n_h, T, B, len_T, T_own = _padded_arguments(params, y, h0, c0, lengths)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_w, "n_w - 1")

    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((4, B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((B, n_h), dtype)
    tmp5 = np.empty((T, B, n_w), dtype)
    tmp6 = np.empty((B, T), dtype)
    tmp7 = np.empty((B, T), dtype)
    tmp8 = np.empty((B, T), dtype)
    U_oifg = np.stack((U_o, U_i, U_f, U_g))
    W_oifg = np.stack((W_o, W_i, W_f, W_g))
    b_oifg = np.stack((b_o, b_i, b_f, b_g))
    x = np.empty((T, B, n_h), dtype)
    # x[t] = E[y[t-1]]
    x[...] = 0
    y_held = np.empty((T, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # x[t] = E[y[t-1]]
    np.take(E, y_held, axis=0, out=tmp1, mode="clip")
    tmp0[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp1, 0)
    x += tmp0
    oifg_arg = np.empty((4, T, B, n_h), dtype)
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_h), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
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
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp2)
        oifg_arg_at[t - 1] += tmp2
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif_at[t - 1], half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp4)
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp3)
        tmp3 += tmp4
        c[t] = np.where((t <= T_own)[:, None], tmp3, c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh, o_at[t - 1], out=tmp3)
        h[t] = np.where((t <= T_own)[:, None], tmp3, h[t - 1])
    s = np.empty((T, B, n_w), dtype)
    # s[t] = d + E @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), E.T, out=s.reshape(-1, n_w))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp5, largest=largest)
    yhat = np.empty((T, B, n_w), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp5)
    np.exp(tmp5, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp7[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp8[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp6[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp8, 0)
    np.subtract(tmp7, tmp6, out=tmp6)
    loss = tmp6.sum()
    o = oif[0]
    i = oif[1]
    f = oif[2]

    if single:
        x = x[:, 0]
        i = i[:, 0]
        f = f[:, 0]
        o = o[:, 0]
        g = g[:, 0]
        c = c[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(x=x, i=i, f=f, o=o, g=g, c=c, h=h, s=s, yhat=yhat, loss=float(loss))


def _loss_padded(params, y, h0, c0, lengths, workspace, state):
    """`loss` where examples have their own lengths."""
    params, y, h0, c0, dtype, single, n_w, n_h, T, B, len_T, T_own = _padded_arguments(params, y, h0, c0, lengths)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_w, "n_w - 1")

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, U_oifg, W_oifg, b_oifg, x, y_held, oifg_arg, h, c, oif, g,
        h_tanh, U_oifg_T, h_at, oifg_arg_at, oifg_arg_at2, half, g_arg_at, c_at, s, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_w, n_h, B, dtype)
    np.stack((U_o, U_i, U_f, U_g), out=U_oifg)
    np.stack((W_o, W_i, W_f, W_g), out=W_oifg)
    np.stack((b_o, b_i, b_f, b_g), out=b_oifg)
    # x[t] = E[y[t-1]]
    x[...] = 0
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # x[t] = E[y[t-1]]
    np.take(E, y_held, axis=0, out=tmp1, mode="clip")
    tmp0[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp1, 0)
    x += tmp0
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_h), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
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
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp2)
        oifg_arg_at[t - 1] += tmp2
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif, half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g)
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], oif[2], out=tmp4)
        np.multiply(g, oif[1], out=tmp3)
        tmp3 += tmp4
        c[t] = np.where((t <= T_own)[:, None], tmp3, c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh, oif[0], out=tmp3)
        h[t] = np.where((t <= T_own)[:, None], tmp3, h[t - 1])
    # s[t] = d + E @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), E.T, out=s.reshape(-1, n_w))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp5, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp7[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp8[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp6[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp8, 0)
    np.subtract(tmp7, tmp6, out=tmp6)
    loss = tmp6.sum()

    return float(loss)


def _loss_and_grad_padded(params, y, h0, c0, lengths, wrt, workspace, window, state):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    params, y, h0, c0, dtype, single, n_w, n_h, T, B, len_T, T_own = _padded_arguments(params, y, h0, c0, lengths)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_w, "n_w - 1")
    wrt = _asked(wrt, ("h0", "c0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, U_oifg, W_oifg, b_oifg, x, y_held, oifg_arg, h, c, oif, g,
        h_tanh, U_oifg_T, h_at, oifg_arg_at, oif_at, oifg_arg_at2, half, g_at, g_arg_at, i_at, c_at, f_at, h_tanh_at,
        o_at, s, yhat_lse, largest, yhat, tmp9, tmp10, ds, rows, flat, entries, dd, dE, c_factor, doifg_arg,
        o_arg_factor, dh, ifg_arg_factor, dc, doifg_arg_at, product, dh_at, dc_at, c_factor_at, do_arg_at,
        o_arg_factor_at, doifg_arg_at2, ifg_arg_factor_at, db_oifg, dU_oifg, dW_oifg, dx, product2,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_w, n_h, B, dtype)
    np.stack((U_o, U_i, U_f, U_g), out=U_oifg)
    np.stack((W_o, W_i, W_f, W_g), out=W_oifg)
    np.stack((b_o, b_i, b_f, b_g), out=b_oifg)
    # x[t] = E[y[t-1]]
    x[...] = 0
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    # x[t] = E[y[t-1]]
    np.take(E, y_held[:T], axis=0, out=tmp1, mode="clip")
    tmp0[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp1, 0)
    x += tmp0
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_h), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
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
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp2)
        oifg_arg_at[t - 1] += tmp2
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif_at[t - 1], half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp4)
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp3)
        tmp3 += tmp4
        c[t] = np.where((t <= T_own)[:, None], tmp3, c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh_at[t - 1])
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh_at[t - 1], o_at[t - 1], out=tmp3)
        h[t] = np.where((t <= T_own)[:, None], tmp3, h[t - 1])
    # s[t] = d + E @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), E.T, out=s.reshape(-1, n_w))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp5, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp5)
    np.exp(tmp5, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp7[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp8[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp6[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp8, 0)
    np.subtract(tmp7, tmp6, out=tmp6)
    loss = tmp6.sum()
    o = oif[0]
    i = oif[1]
    f = oif[2]
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp9[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp9[:, :, None], yhat, out=ds)
    tmp9[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp9, out=tmp9)
    _add_to(ds, y, rows, flat, entries, tmp9)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(E) = sum(where(2 <= t + T.done, 1, 0) * outer(onehot(y.held[t-1]), grad(x[t])), t) +
    #     sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_w).T, h[1:].reshape(-1, n_h), out=dE)
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
    #     window.T) * (U_g.T @ grad(g.arg[t+1])) + E.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_w), E, out=dh[1:].reshape(-1, n_h))
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
        #     window.T) * (U_g.T @ grad(g.arg[t+1])) + E.T @ grad(s[t]), t < T
        np.matmul(doifg_arg_at[t], U_oifg, out=product)
        np.add.reduce(product, axis=0, out=tmp3)
        tmp3 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp3
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(c_factor_at[t - 1], dh_at[t], out=dc_at[t])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f_at[t], out=tmp3)
        tmp3 *= dc_at[t + 1]
        dc_at[t] += tmp3
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
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_h), out=dW_oifg)
    # grad(x[t]) = W_i.T @ grad(i.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) + W_g.T @
    #     grad(g.arg[t])
    np.matmul(doifg_arg.reshape(4, -1, n_h), W_oifg, out=product2)
    np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_h))
    # grad(E) = sum(where(2 <= t + T.done, 1, 0) * outer(onehot(y.held[t-1]), grad(x[t])), t) +
    #     sum(outer(grad(s[t]), h[t]), t)
    tmp10[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    np.multiply(tmp10[:, None, None], dx, out=tmp0)
    _scatter_add(dE, (y_held[:T],), tmp0)
    if "c0" in wrt:
        tmp_11_0 = np.empty((1,), dtype)
        tmp_11_1 = np.empty((1,), dtype)
        tmp_11_2 = np.empty((1,), dtype)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_11_2)
        np.maximum(tmp_11_2, 0, out=tmp_11_1)
        tmp_11_0[...] = np.arange(1) // window_T == tmp_11_1 // window_T
        np.multiply(tmp_11_0[:, None, None], f[:1], out=dc[:1])
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
        E=dE,
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        W_g=dW_g,
        U_i=dU_i,
        U_f=dU_f,
        U_o=dU_o,
        U_g=dU_g,
        b_i=db_i,
        b_o=db_o,
        b_g=db_g,
        b_f=db_f,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def _backward_padded(params, forward, y, lengths, window, state):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, y, x, i, f, o, g, c, h, yhat, dtype, single, n_w, n_h, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, y, lengths)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_w, "n_w - 1")
    window_T = _window(window, "T", ("T",), T)

    h_tanh = np.empty((T, B, n_h), dtype)
    # h.tanh[t] = tanh(c[t])
    np.tanh(c[1:], out=h_tanh)
    y_held = np.empty((T + 1, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_h), dtype)
    tmp3 = np.empty((T,), dtype)
    U_oifg = np.stack((U_o, U_i, U_f, U_g))
    W_oifg = np.stack((W_o, W_i, W_f, W_g))
    ds = np.empty((T, B, n_w), dtype)
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp0[:, :, None], yhat, out=ds)
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp0, out=tmp0)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(ds, y, rows, flat, entries, tmp0)
    dd = np.empty((n_w,), dtype)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    dE = np.empty((n_w, n_h), dtype)
    # grad(E) = sum(where(2 <= t + T.done, 1, 0) * outer(onehot(y.held[t-1]), grad(x[t])), t) +
    #     sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_w).T, h[1:].reshape(-1, n_h), out=dE)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_i.T @ grad(i.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (U_f.T @ grad(f.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (U_o.T @ grad(o.arg[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * (U_g.T @ grad(g.arg[t+1])) + E.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_w), E, out=dh.reshape(-1, n_h))
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
        #     window.T) * (U_g.T @ grad(g.arg[t+1])) + E.T @ grad(s[t]), t < T
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
    dW_oifg = np.empty((4, n_h, n_h), dtype)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_h), out=dW_oifg)
    dx = np.empty((T, B, n_h), dtype)
    product2 = np.empty((4, T * B, n_h), dtype)
    # grad(x[t]) = W_i.T @ grad(i.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) + W_g.T @
    #     grad(g.arg[t])
    np.matmul(doifg_arg.reshape(4, -1, n_h), W_oifg, out=product2)
    np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_h))
    # grad(E) = sum(where(2 <= t + T.done, 1, 0) * outer(onehot(y.held[t-1]), grad(x[t])), t) +
    #     sum(outer(grad(s[t]), h[t]), t)
    tmp3[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    np.multiply(tmp3[:, None, None], dx, out=tmp2)
    _scatter_add(dE, (y_held[:T],), tmp2)
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
        E=dE,
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        W_g=dW_g,
        U_i=dU_i,
        U_f=dU_f,
        U_o=dU_o,
        U_g=dU_g,
        b_i=db_i,
        b_o=db_o,
        b_g=db_g,
        b_f=db_f,
        d=dd,
    )


def _loss_and_grad_checkpointed(params, y, h0, c0, wrt, workspace, state, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, y, h0, c0, dtype, single, n_w, n_h, T, B = _arguments(params, y, h0, c0)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params
    wrt = _asked(wrt, ("h0", "c0"))
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_w, "n_w - 1")
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        c0_kept, c_left1, h0_kept, h_left1, dE, dW_i, dW_f, dW_o, dW_g, dU_i, dU_f, dU_o, dU_g, db_i, db_o, db_g, db_f,
        dd,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_w, n_h, B, dtype)
    c0_kept[0] = c0
    h0_kept[0] = h0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            y[first:last],
            h0_kept[n],
            c0_kept[n],
            T_done + first,
            y[first - 1] if n else y_before1,
            last - first,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        c0_kept[n + 1], h0_kept[n + 1] = found
    loss = 0.0
    for total in (c_left1, h_left1, dE, dW_i, dW_f, dW_o, dW_g, dU_i, dU_f, dU_o, dU_g, db_i, db_o, db_g, db_f, dd):
        total.fill(0)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            c_left1,
            h_left1,
            y[first:last],
            h0_kept[n],
            c0_kept[n],
            T_done + first,
            y[first - 1] if n else y_before1,
            last - first,
            n_w,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dc0, dh0 = found
        loss += float(loss_part)
        _add_each((dE, dW_i, dW_f, dW_o, dW_g, dU_i, dU_f, dU_o, dU_g, db_i, db_o, db_g, db_f, dd), parts)
        c_left1[...] = dc0
        h_left1[...] = dh0

    gradient = Params(
        E=dE,
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        W_g=dW_g,
        U_i=dU_i,
        U_f=dU_f,
        U_o=dU_o,
        U_g=dU_g,
        b_i=db_i,
        b_o=db_o,
        b_g=db_g,
        b_f=db_f,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def _segment(params, c_left1, h_left1, y, h0, c0, T_done, y_before1, T, n_w, n_h, B, dtype, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, U_oifg, W_oifg, b_oifg, x, y_held, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T,
        h_at, oifg_arg_at, oif_at, oifg_arg_at2, half, g_at, g_arg_at, c_at, f_at, i_at, h_tanh_at, o_at, s, yhat_lse,
        largest, rows, flat, tmp6, ds, entries, dd, dE, c_factor, doifg_arg, o_arg_factor, dch, ifg_arg_factor,
        doifg_arg_at, product, dh_at2, dc_at2, c_factor_at, do_arg_at, o_arg_factor_at, doifg_arg_at2,
        ifg_arg_factor_at, db_oifg, dU_oifg, dW_oifg, dx, product3, dch0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_w, n_h, B, dtype)
    np.stack((U_o, U_i, U_f, U_g), out=U_oifg)
    np.stack((W_o, W_i, W_f, W_g), out=W_oifg)
    np.stack((b_o, b_i, b_f, b_g), out=b_oifg)
    # x[t] = E[y[t-1]]
    x[...] = 0
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    # x[t] = E[y[t-1]]
    np.take(E, y_held[:T], axis=0, out=tmp1, mode="clip")
    tmp0[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp1, 0)
    x += tmp0
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_h), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
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
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp2)
        oifg_arg_at[t - 1] += tmp2
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif_at[t - 1], half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp3)
        c_at[t] += tmp3
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh_at[t - 1])
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh_at[t - 1], o_at[t - 1], out=h_at[t])
    # s[t] = d + E @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), E.T, out=s.reshape(-1, n_w))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp4, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp5)
    np.subtract(yhat_lse, tmp5, out=tmp5)
    loss = tmp5.sum()
    o = oif[0]
    i = oif[1]
    f = oif[2]
    # grad(s[t]) = softmax(s[t]) - onehot(y[t])
    np.subtract(s, yhat_lse[:, :, None], out=tmp4)
    np.exp(tmp4, out=ds)
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(E) = sum(where(2 <= t + T.done, 1, 0) * outer(onehot(y.held[t-1]), grad(x[t])), t) +
    #     sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_w).T, h[1:].reshape(-1, n_h), out=dE)
    # c.factor[t] = o[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    # o.arg.factor[t] = h.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= h_tanh
    o_arg_factor *= o
    # grad(h[T]) = h.left1 + E.T @ grad(s[T])
    np.matmul(ds.reshape(-1, n_w), E, out=dch[1, 1:].reshape(-1, n_h))
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
    # grad(h[T]) = h.left1 + E.T @ grad(s[T])
    dch[1, T] += h_left1
    # grad(c[0]) = f[1] * grad(c[1])
    dch[0, T] = c_left1
    np.multiply(c_factor[T - 1], dch[1, T], out=tmp3)
    dch[0, T] += tmp3
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.multiply(o_arg_factor[T - 1], dch[1, T], out=doifg_arg[0, T - 1])
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
    np.multiply(ifg_arg_factor[:, T - 1], dch[0, T], out=doifg_arg[1:, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[T]) = h.left1 + E.T @ grad(s[T])
        np.matmul(doifg_arg_at[t], U_oifg, out=product)
        np.add.reduce(product, axis=0, out=tmp3)
        dh_at2[t] += tmp3
        # grad(c[0]) = f[1] * grad(c[1])
        np.multiply(c_factor_at[t - 1], dh_at2[t], out=dc_at2[t])
        np.multiply(f_at[t], dc_at2[t + 1], out=tmp3)
        dc_at2[t] += tmp3
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        np.multiply(o_arg_factor_at[t - 1], dh_at2[t], out=do_arg_at[t - 1])
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
        np.multiply(ifg_arg_factor_at[t - 1], dc_at2[t], out=doifg_arg_at2[t - 1])
    # grad(h[T]) = h.left1 + E.T @ grad(s[T])
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
    np.matmul(doifg_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_h), out=dW_oifg)
    # grad(x[t]) = W_i.T @ grad(i.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) + W_g.T @
    #     grad(g.arg[t])
    np.matmul(doifg_arg.reshape(4, -1, n_h), W_oifg, out=product3)
    np.add.reduce(product3, axis=0, out=dx.reshape(-1, n_h))
    # grad(c.0) = grad(c[0])
    # grad(h.0) = grad(h[0])
    dch0[...] = dch[:, 0]
    # grad(E) = sum(where(2 <= t + T.done, 1, 0) * outer(onehot(y.held[t-1]), grad(x[t])), t) +
    #     sum(outer(grad(s[t]), h[t]), t)
    tmp6[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    np.multiply(tmp6[:, None, None], dx, out=tmp0)
    _scatter_add(dE, (y_held[:T],), tmp0)
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

    return loss, (dE, dW_i, dW_f, dW_o, dW_g, dU_i, dU_f, dU_o, dU_g, db_i, db_o, db_g, db_f, dd), dc0, dh0


def _advance(params, y, h0, c0, T_done, y_before1, T, n_h, B, dtype, workspace):
    """The state after a segment."""
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params

    (
        tmp0, tmp1, tmp2, tmp3, U_oifg, W_oifg, b_oifg, x, y_held, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T, h_at,
        oifg_arg_at, oifg_arg_at2, half, g_arg_at, c_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_h, B, dtype)
    np.stack((U_o, U_i, U_f, U_g), out=U_oifg)
    np.stack((W_o, W_i, W_f, W_g), out=W_oifg)
    np.stack((b_o, b_i, b_f, b_g), out=b_oifg)
    # x[t] = E[y[t-1]]
    x[...] = 0
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # x[t] = E[y[t-1]]
    np.take(E, y_held, axis=0, out=tmp1, mode="clip")
    tmp0[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp1, 0)
    x += tmp0
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    np.matmul(x.reshape(-1, n_h), W_oifg.transpose(0, 2, 1), out=oifg_arg.reshape(4, -1, n_h))
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
        np.matmul(h_at[t - 1], U_oifg_T, out=tmp2)
        oifg_arg_at[t - 1] += tmp2
        # o[t] = sigmoid(o.arg[t])
        # i[t] = sigmoid(i.arg[t])
        # f[t] = sigmoid(f.arg[t])
        _sigmoid(oifg_arg_at2[t - 1], out=oif, half=half)
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(g_arg_at[t - 1], out=g)
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], oif[2], out=c_at[t])
        np.multiply(g, oif[1], out=tmp3)
        c_at[t] += tmp3
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        np.multiply(h_tanh, oif[0], out=h_at[t])

    return c[-1], h[-1]


def _loss_arrays(T, n_w, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((T - 1, B, n_h), dtype)
    tmp1 = np.empty((4, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_w), dtype)
    tmp4 = np.empty((T, B), dtype)
    U_oifg = np.empty((4, n_h, n_h), dtype)
    W_oifg = np.empty((4, n_h, n_h), dtype)
    b_oifg = np.empty((4, n_h), dtype)
    x = np.empty((T, B, n_h), dtype)
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
    s = np.empty((T, B, n_w), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, U_oifg, W_oifg, b_oifg, x, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T, h_at,
        oifg_arg_at, oifg_arg_at2, half, g_arg_at, c_at, s, yhat_lse, largest, rows, flat,
    )


def _loss_and_grad_arrays(T, n_w, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((T - 1, B, n_h), dtype)
    tmp1 = np.empty((4, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_w), dtype)
    tmp4 = np.empty((T, B), dtype)
    U_oifg = np.empty((4, n_h, n_h), dtype)
    W_oifg = np.empty((4, n_h, n_h), dtype)
    b_oifg = np.empty((4, n_h), dtype)
    x = np.empty((T, B, n_h), dtype)
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
    s = np.empty((T, B, n_w), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_w), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    ds = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_w,), dtype)
    dE = np.empty((n_w, n_h), dtype)
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
    dW_oifg = np.empty((4, n_h, n_h), dtype)
    dx = tmp0
    product2 = np.empty((4, (T - 1) * B, n_h), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, U_oifg, W_oifg, b_oifg, x, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T, h_at,
        oifg_arg_at, oif_at, oifg_arg_at2, half, g_at, g_arg_at, c_at, f_at, i_at, h_tanh_at, o_at, s, yhat_lse,
        largest, yhat, rows, flat, ds, entries, dd, dE, c_factor, doifg_arg, o_arg_factor, dh, ifg_arg_factor, dc,
        doifg_arg_at, product, dh_at, dc_at, c_factor_at, do_arg_at, o_arg_factor_at, doifg_arg_at2, ifg_arg_factor_at,
        db_oifg, dU_oifg, dW_oifg, dx, product2,
    )


def _loss_padded_arrays(T, n_w, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((4, B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((B, n_h), dtype)
    tmp5 = np.empty((T, B, n_w), dtype)
    tmp6 = np.empty((B, T), dtype)
    tmp7 = np.empty((B, T), dtype)
    tmp8 = np.empty((B, T), dtype)
    U_oifg = np.empty((4, n_h, n_h), dtype)
    W_oifg = np.empty((4, n_h, n_h), dtype)
    b_oifg = np.empty((4, n_h), dtype)
    x = np.empty((T, B, n_h), dtype)
    y_held = np.empty((T, B), np.intp)
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
    s = np.empty((T, B, n_w), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, U_oifg, W_oifg, b_oifg, x, y_held, oifg_arg, h, c, oif, g,
        h_tanh, U_oifg_T, h_at, oifg_arg_at, oifg_arg_at2, half, g_arg_at, c_at, s, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(T, n_w, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((4, B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((B, n_h), dtype)
    tmp5 = np.empty((T, B, n_w), dtype)
    tmp6 = np.empty((B, T), dtype)
    tmp7 = np.empty((B, T), dtype)
    tmp8 = np.empty((B, T), dtype)
    U_oifg = np.empty((4, n_h, n_h), dtype)
    W_oifg = np.empty((4, n_h, n_h), dtype)
    b_oifg = np.empty((4, n_h), dtype)
    x = np.empty((T, B, n_h), dtype)
    y_held = np.empty((T + 1, B), np.intp)
    oifg_arg = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    oif = oifg_arg[0:3]
    g = oifg_arg[3]
    h_tanh = tmp1
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
    s = np.empty((T, B, n_w), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_w), dtype)
    tmp9 = yhat_lse
    tmp10 = np.empty((T,), dtype)
    ds = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_w,), dtype)
    dE = np.empty((n_w, n_h), dtype)
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
    dW_oifg = np.empty((4, n_h, n_h), dtype)
    dx = x
    product2 = np.empty((4, T * B, n_h), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, U_oifg, W_oifg, b_oifg, x, y_held, oifg_arg, h, c, oif, g,
        h_tanh, U_oifg_T, h_at, oifg_arg_at, oif_at, oifg_arg_at2, half, g_at, g_arg_at, i_at, c_at, f_at, h_tanh_at,
        o_at, s, yhat_lse, largest, yhat, tmp9, tmp10, ds, rows, flat, entries, dd, dE, c_factor, doifg_arg,
        o_arg_factor, dh, ifg_arg_factor, dc, doifg_arg_at, product, dh_at, dc_at, c_factor_at, do_arg_at,
        o_arg_factor_at, doifg_arg_at2, ifg_arg_factor_at, db_oifg, dU_oifg, dW_oifg, dx, product2,
    )


def _loss_and_grad_checkpointed_arrays(count, n_w, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    c0_kept = np.empty((count, B, n_h), dtype)
    c_left1 = np.empty((B, n_h), dtype)
    h0_kept = np.empty((count, B, n_h), dtype)
    h_left1 = np.empty((B, n_h), dtype)
    dE = np.empty((n_w, n_h), dtype)
    dW_i = np.empty((n_h, n_h), dtype)
    dW_f = np.empty((n_h, n_h), dtype)
    dW_o = np.empty((n_h, n_h), dtype)
    dW_g = np.empty((n_h, n_h), dtype)
    dU_i = np.empty((n_h, n_h), dtype)
    dU_f = np.empty((n_h, n_h), dtype)
    dU_o = np.empty((n_h, n_h), dtype)
    dU_g = np.empty((n_h, n_h), dtype)
    db_i = np.empty((n_h,), dtype)
    db_o = np.empty((n_h,), dtype)
    db_g = np.empty((n_h,), dtype)
    db_f = np.empty((n_h,), dtype)
    dd = np.empty((n_w,), dtype)
    return (
        c0_kept, c_left1, h0_kept, h_left1, dE, dW_i, dW_f, dW_o, dW_g, dU_i, dU_f, dU_o, dU_g, db_i, db_o, db_g, db_f,
        dd,
    )


def _segment_arrays(T, n_w, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((4, B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((T, B, n_w), dtype)
    tmp5 = np.empty((T, B), dtype)
    U_oifg = np.empty((4, n_h, n_h), dtype)
    W_oifg = np.empty((4, n_h, n_h), dtype)
    b_oifg = np.empty((4, n_h), dtype)
    x = np.empty((T, B, n_h), dtype)
    y_held = np.empty((T + 1, B), np.intp)
    oifg_arg = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    oif = oifg_arg[0:3]
    g = oifg_arg[3]
    h_tanh = tmp1
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
    s = np.empty((T, B, n_w), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp6 = np.empty((T,), dtype)
    ds = s
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_w,), dtype)
    dE = np.empty((n_w, n_h), dtype)
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
    dW_oifg = np.empty((4, n_h, n_h), dtype)
    dx = x
    product3 = np.empty((4, T * B, n_h), dtype)
    dch0 = np.empty((2, B, n_h), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, U_oifg, W_oifg, b_oifg, x, y_held, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T,
        h_at, oifg_arg_at, oif_at, oifg_arg_at2, half, g_at, g_arg_at, c_at, f_at, i_at, h_tanh_at, o_at, s, yhat_lse,
        largest, rows, flat, tmp6, ds, entries, dd, dE, c_factor, doifg_arg, o_arg_factor, dch, ifg_arg_factor,
        doifg_arg_at, product, dh_at2, dc_at2, c_factor_at, do_arg_at, o_arg_factor_at, doifg_arg_at2,
        ifg_arg_factor_at, db_oifg, dU_oifg, dW_oifg, dx, product3, dch0,
    )


def _advance_arrays(T, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((4, B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    U_oifg = np.empty((4, n_h, n_h), dtype)
    W_oifg = np.empty((4, n_h, n_h), dtype)
    b_oifg = np.empty((4, n_h), dtype)
    x = np.empty((T, B, n_h), dtype)
    y_held = np.empty((T, B), np.intp)
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
        tmp0, tmp1, tmp2, tmp3, U_oifg, W_oifg, b_oifg, x, y_held, oifg_arg, h, c, oif, g, h_tanh, U_oifg_T, h_at,
        oifg_arg_at, oifg_arg_at2, half, g_arg_at, c_at,
    )


def _arguments(params, y, h0, c0):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h = _parameters(params)
    y = _integers("y", y)
    single = y.ndim == 1
    _rank("y", y, ("T", "B"), single)
    B = 1 if single else y.shape[1]
    batch_axis = () if single else (B,)
    T = y.shape[0]
    _classes("y", y, n_w, "n_w - 1")
    if single:
        y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from y, n_h from E")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from y, n_h from E")
        if single:
            c0 = c0[None]
    return params, y, h0, c0, dtype, single, n_w, n_h, T, B


def _backward_arguments(params, forward, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h = _parameters(params)
    forward = _as_forward(forward)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    i = _real("forward.i", forward.i, dtype)
    f = _real("forward.f", forward.f, dtype)
    o = _real("forward.o", forward.o, dtype)
    g = _real("forward.g", forward.g, dtype)
    c = _real("forward.c", forward.c, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = y.ndim == 1
    _rank("y", y, ("T", "B"), single)
    B = 1 if single else y.shape[1]
    batch_axis = () if single else (B,)
    T = y.shape[0]
    _expect("forward.x", x, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from y, n_h from E")
    _expect("forward.i", i, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from y, n_h from E")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from y, n_h from E")
    _expect("forward.o", o, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from y, n_h from E")
    _expect("forward.g", g, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from y, n_h from E")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from y, n_h from E")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from y, n_h from E")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_w), ("T", "B", "n_w"), "T and B from y, n_w from E")
    _classes("y", y, n_w, "n_w - 1")
    if single:
        y = y[:, None]
        x = x[:, None]
        i = i[:, None]
        f = f[:, None]
        o = o[:, None]
        g = g[:, None]
        c = c[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    return params, y, x, i, f, o, g, c, h, yhat, dtype, single, n_w, n_h, T, B


def _initial_arguments(params, h0, c0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from E")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from E")
        if single:
            c0 = c0[None]
    return params, h0, c0, dtype, single, n_w, n_h, B


def _step_arguments(params, state, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h = _parameters(params)
    state = _as_state(state)
    y = _integers("y", y)
    y_prev = _integers("state.y", state.y)
    c_prev = _real("state.c", state.c, dtype)
    h_prev = _real("state.h", state.h, dtype)
    single = y.ndim == 0
    _rank("y", y, ("B",), single)
    B = 1 if single else y.shape[0]
    batch_axis = () if single else (B,)
    _expect("state.y", y_prev, (*batch_axis,), ("B",), "B from y")
    _expect("state.c", c_prev, (*batch_axis, n_h), ("B", "n_h"), "B from y, n_h from E")
    _expect("state.h", h_prev, (*batch_axis, n_h), ("B", "n_h"), "B from y, n_h from E")
    _classes("y", y, n_w, "n_w - 1")
    _classes("state.y", y_prev, n_w, "n_w - 1")
    if single:
        y = y[None]
        y_prev = y_prev[None]
        c_prev = c_prev[None]
        h_prev = h_prev[None]
    return params, y, y_prev, c_prev, h_prev, dtype, single, n_w, n_h, B


def _free_run_arguments(params, h0, c0, steps, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h = _parameters(params)
    steps = _size("steps", steps)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from E")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from E")
        if single:
            c0 = c0[None]
    return params, h0, c0, dtype, single, n_w, n_h, steps, B


def _padded_arguments(params, y, h0, c0, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h = _parameters(params)
    y = _integers("y", y)
    single = y.ndim == 1
    _rank("y", y, ("T", "B"), single)
    B = 1 if single else y.shape[1]
    batch_axis = () if single else (B,)
    T = y.shape[0]
    if single:
        y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from y, n_h from E")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from y, n_h from E")
        if single:
            c0 = c0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_w, "n_w - 1")
    return params, y, h0, c0, dtype, single, n_w, n_h, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h = _parameters(params)
    forward = _as_forward(forward)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    i = _real("forward.i", forward.i, dtype)
    f = _real("forward.f", forward.f, dtype)
    o = _real("forward.o", forward.o, dtype)
    g = _real("forward.g", forward.g, dtype)
    c = _real("forward.c", forward.c, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = y.ndim == 1
    _rank("y", y, ("T", "B"), single)
    B = 1 if single else y.shape[1]
    batch_axis = () if single else (B,)
    T = y.shape[0]
    _expect("forward.x", x, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from y, n_h from E")
    _expect("forward.i", i, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from y, n_h from E")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from y, n_h from E")
    _expect("forward.o", o, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from y, n_h from E")
    _expect("forward.g", g, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from y, n_h from E")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from y, n_h from E")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from y, n_h from E")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_w), ("T", "B", "n_w"), "T and B from y, n_w from E")
    if single:
        y = y[:, None]
        x = x[:, None]
        i = i[:, None]
        f = f[:, None]
        o = o[:, None]
        g = g[:, None]
        c = c[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_w, "n_w - 1")
    return params, y, x, i, f, o, g, c, h, yhat, dtype, single, n_w, n_h, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params
    _rank("E", E, ("n_w", "n_h"))
    n_w, n_h = E.shape
    _expect("W_i", W_i, (n_h, n_h), ("n_h", "n_h"), "n_h from E")
    _expect("W_f", W_f, (n_h, n_h), ("n_h", "n_h"), "n_h from E")
    _expect("W_o", W_o, (n_h, n_h), ("n_h", "n_h"), "n_h from E")
    _expect("W_g", W_g, (n_h, n_h), ("n_h", "n_h"), "n_h from E")
    _expect("U_i", U_i, (n_h, n_h), ("n_h", "n_h"), "n_h from E")
    _expect("U_f", U_f, (n_h, n_h), ("n_h", "n_h"), "n_h from E")
    _expect("U_o", U_o, (n_h, n_h), ("n_h", "n_h"), "n_h from E")
    _expect("U_g", U_g, (n_h, n_h), ("n_h", "n_h"), "n_h from E")
    _expect("b_i", b_i, (n_h,), ("n_h",), "n_h from E")
    _expect("b_o", b_o, (n_h,), ("n_h",), "n_h from E")
    _expect("b_g", b_g, (n_h,), ("n_h",), "n_h from E")
    _expect("b_f", b_f, (n_h,), ("n_h",), "n_h from E")
    _expect("d", d, (n_w,), ("n_w",), "n_w from E")
    return params, dtype, n_w, n_h


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
