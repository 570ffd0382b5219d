# Written by derive from bidirectional_lstm.eq; do not edit.
# Change bidirectional_lstm.eq instead, and run: derive generate bidirectional_lstm
# source deedfdfc5f398a0c, derive 07e8f9d843407be1, body 14565e751ad56112
"""Bidirectional LSTM: two LSTM layers that read the sequence in opposite directions, as a tagger of words.

Graves & Schmidhuber (2005), Framewise Phoneme Classification with Bidirectional LSTM and Other Neural Network
Architectures. Each direction has its four gates as one stacked product.

The equations::

    w: Index[T, n_w]                # the word that is read at each step
    y: Label[T, n_y]                # its tag
    E: Param[n_w, n_x]              # word embedding
    W_h, W_g = Param[4*n_h, n_x]    # input to i, f, o and candidate, forwards and backwards
    U_h, U_g = Param[4*n_h, n_h]    # hidden to i, f, o and candidate
    b_h, b_g = Param[4*n_h]         # biases
    V_h, V_g = Param[n_y, n_h]      # hidden to output
    d: Param[n_y]                   # output bias

    def cell(z, c): return sigmoid(z[n_h:2*n_h]) * c + sigmoid(z[:n_h]) * tanh(z[3*n_h:])
    def out(z, c): return sigmoid(z[2*n_h:3*n_h]) * tanh(c)

    h[0] = 0
    c[0] = 0
    g[T+1] = 0
    e[T+1] = 0
    x[t] = E[w[t]]
    p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]              # from left to right: gates,
    c[t] = cell(p[t], c[t-1])                           # cell
    h[t] = out(p[t], c[t])                              # and hidden state
    q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]              # from right to left
    e[t] = cell(q[t], e[t+1])
    g[t] = out(q[t], e[t])
    s[t] = d + V_h @ h[t] + V_g @ g[t]                  # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    E: np.ndarray  # (n_w, n_x)  word embedding
    W_h: np.ndarray  # (4*n_h, n_x)  input to i, f, o and candidate, forwards and backwards
    W_g: np.ndarray  # (4*n_h, n_x)  input to i, f, o and candidate, forwards and backwards
    U_h: np.ndarray  # (4*n_h, n_h)  hidden to i, f, o and candidate
    U_g: np.ndarray  # (4*n_h, n_h)  hidden to i, f, o and candidate
    b_h: np.ndarray  # (4*n_h)  biases
    b_g: np.ndarray  # (4*n_h)  biases
    V_h: np.ndarray  # (n_y, n_h)  hidden to output
    V_g: np.ndarray  # (n_y, n_h)  hidden to output
    d: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    x: np.ndarray  # (T, B, n_x)
    p: np.ndarray  # (T, B, 4*n_h)  from left to right: gates,
    c: np.ndarray  # (T + 1, B, n_h)  cell
    h: np.ndarray  # (T + 1, B, n_h)  and hidden state
    q: np.ndarray  # (T, B, 4*n_h)  from right to left
    e: np.ndarray  # (T + 1, B, n_h)
    g: np.ndarray  # (T + 1, B, n_h)
    s: np.ndarray  # (T, B, n_y)  logits
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


def init_params(
    rng: np.random.Generator, *, n_w: int, n_x: int, n_h: int, n_y: int, dtype: type = np.float64
) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_w = _size("n_w", n_w)
    n_x = _size("n_x", n_x)
    n_h = _size("n_h", n_h)
    n_y = _size("n_y", n_y)
    return Params(
        E=(rng.standard_normal((n_w, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_h=(rng.standard_normal((4 * n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_g=(rng.standard_normal((4 * n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        U_h=(rng.standard_normal((4 * n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_g=(rng.standard_normal((4 * n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b_h=np.zeros((4 * n_h,), dtype),
        b_g=np.zeros((4 * n_h,), dtype),
        V_h=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        V_g=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        d=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray | None = None,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    g_end: np.ndarray | None = None,
    e_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
) -> Forward:
    """Every variable of the model.

    w        (T, B)    0..n_w - 1  the word that is read at each step
    y        (T, B)    0..n_y - 1  its tag
    h0       (B, n_h)  real        h[0]; 0 where not given
    c0       (B, n_h)  real        c[0]; 0 where not given
    g_end    (B, n_h)  real        g[T + 1]; 0 where not given
    e_end    (B, n_h)  real        e[T + 1]; 0 where not given
    lengths  (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not
                                   given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, w, y, h0, c0, g_end, e_end, lengths)
    (
        params, w, y, h0, c0, g_end, e_end, dtype, single, n_w, n_x, n_h, n_y, T, B,
    ) = _arguments(params, w, y, h0, c0, g_end, e_end)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params

    tmp0 = np.empty((B, 4 * n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    W_hg = np.stack((W_h, W_g))
    b_hg = np.stack((b_h, b_g))
    x = np.empty((T, B, n_x), dtype)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    pq = np.empty((2, T, B, 4 * n_h), dtype)
    # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
    # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
    np.matmul(x.reshape(-1, n_x), W_hg.transpose(0, 2, 1), out=pq.reshape(2, -1, 4 * n_h))
    pq += b_hg[:, None, None]
    g = np.empty((T + 1, B, n_h), dtype)
    # g[T+1] = 0
    g[T] = g_end
    e = np.empty((T + 1, B, n_h), dtype)
    # e[T+1] = 0
    e[T] = e_end
    e_sigmoid = np.empty((B, n_h), dtype)
    e_sigmoid2 = np.empty((B, n_h), dtype)
    e_tanh = np.empty((B, n_h), dtype)
    g_sigmoid = np.empty((B, n_h), dtype)
    g_tanh = np.empty((B, n_h), dtype)
    U_g_T = np.empty((n_h, 4 * n_h), dtype)
    U_g_T[...] = U_g.T
    g_at = list(g)
    q_at = list(pq[1])
    q_at2 = list(pq[1, :, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    q_at3 = list(pq[1, :, :, :n_h])
    q_at4 = list(pq[1, :, :, 3 * n_h:])
    q_at5 = list(pq[1, :, :, 2 * n_h:3 * n_h])
    e_at = list(e)
    for t in range(T, 0, -1):
        # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
        g_at[t].dot(U_g_T, out=tmp0)
        q_at[t - 1] += tmp0
        # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        _sigmoid(q_at2[t - 1], out=e_sigmoid, half=half)
        # e.sigmoid2[t] = sigmoid(q[t, :n_h])
        _sigmoid(q_at3[t - 1], out=e_sigmoid2, half=half)
        # e.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q_at4[t - 1], out=e_tanh)
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        _sigmoid(q_at5[t - 1], out=g_sigmoid, half=half)
        # e[t] = cell(q[t], e[t+1])
        np.multiply(e_sigmoid, e_at[t], out=e_at[t - 1])
        np.multiply(e_sigmoid2, e_tanh, out=tmp1)
        e_at[t - 1] += tmp1
        # g.tanh[t] = tanh(e[t])
        np.tanh(e_at[t - 1], out=g_tanh)
        # g[t] = out(q[t], e[t])
        np.multiply(g_sigmoid, g_tanh, out=g_at[t - 1])
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    np.matmul(g[:T].reshape(-1, n_h), V_g.T, out=s.reshape(-1, n_y))
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    c_sigmoid = np.empty((B, n_h), dtype)
    c_sigmoid2 = np.empty((B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    U_h_T = np.empty((n_h, 4 * n_h), dtype)
    U_h_T[...] = U_h.T
    h_at = list(h)
    p_at = list(pq[0])
    p_at2 = list(pq[0, :, :, n_h:2 * n_h])
    p_at3 = list(pq[0, :, :, :n_h])
    p_at4 = list(pq[0, :, :, 3 * n_h:])
    p_at5 = list(pq[0, :, :, 2 * n_h:3 * n_h])
    c_at = list(c)
    for t in range(1, T + 1):
        # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
        h_at[t - 1].dot(U_h_T, out=tmp0)
        p_at[t - 1] += tmp0
        # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
        _sigmoid(p_at2[t - 1], out=c_sigmoid, half=half)
        # c.sigmoid2[t] = sigmoid(p[t, :n_h])
        _sigmoid(p_at3[t - 1], out=c_sigmoid2, half=half)
        # c.tanh[t] = tanh(p[t, 3*n_h:])
        np.tanh(p_at4[t - 1], out=c_tanh)
        # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
        _sigmoid(p_at5[t - 1], out=h_sigmoid, half=half)
        # c[t] = cell(p[t], c[t-1])
        np.multiply(c_sigmoid, c_at[t - 1], out=c_at[t])
        np.multiply(c_sigmoid2, c_tanh, out=tmp1)
        c_at[t] += tmp1
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh)
        # h[t] = out(p[t], c[t])
        np.multiply(h_sigmoid, h_tanh, out=h_at[t])
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    np.matmul(h[1:].reshape(-1, n_h), V_h.T, out=tmp2.reshape(-1, n_y))
    s += tmp2
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
    p = pq[0]
    q = pq[1]

    if single:
        x = x[:, 0]
        p = p[:, 0]
        c = c[:, 0]
        h = h[:, 0]
        q = q[:, 0]
        e = e[:, 0]
        g = g[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(x=x, p=p, c=c, h=h, q=q, e=e, g=g, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    g_end: np.ndarray | None = None,
    e_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
) -> float:
    """The loss, summed over the batch.

    w          (T, B)    0..n_w - 1  the word that is read at each step
    y          (T, B)    0..n_y - 1  its tag
    h0         (B, n_h)  real        h[0]; 0 where not given
    c0         (B, n_h)  real        c[0]; 0 where not given
    g_end      (B, n_h)  real        g[T + 1]; 0 where not given
    e_end      (B, n_h)  real        e[T + 1]; 0 where not given
    workspace            Workspace   its arrays are used, and hold the results until its next call
    lengths    (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not
                                     given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, w, y, h0, c0, g_end, e_end, lengths, workspace)
    (
        params, w, y, h0, c0, g_end, e_end, dtype, single, n_w, n_x, n_h, n_y, T, B,
    ) = _arguments(params, w, y, h0, c0, g_end, e_end, whole=True)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params

    (
        tmp0, tmp1, tmp2, tmp3, W_hg, b_hg, x, pq, g, e, e_sigmoid, e_sigmoid2, e_tanh, g_sigmoid, g_tanh, U_g_T, g_at,
        q_at, q_at2, half, q_at3, q_at4, q_at5, e_at, s, h, c, c_sigmoid, c_sigmoid2, c_tanh, h_sigmoid, h_tanh, U_h_T,
        h_at, p_at, p_at2, p_at3, p_at4, p_at5, c_at, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_y, n_x, n_h, B, dtype)
    np.stack((W_h, W_g), out=W_hg)
    np.stack((b_h, b_g), out=b_hg)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
    # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
    np.matmul(x.reshape(-1, n_x), W_hg.transpose(0, 2, 1), out=pq.reshape(2, -1, 4 * n_h))
    pq += b_hg[:, None, None]
    # g[T+1] = 0
    g[T] = g_end
    # e[T+1] = 0
    e[T] = e_end
    U_g_T[...] = U_g.T
    for t in range(T, 0, -1):
        # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
        g_at[t].dot(U_g_T, out=tmp0)
        q_at[t - 1] += tmp0
        # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        _sigmoid(q_at2[t - 1], out=e_sigmoid, half=half)
        # e.sigmoid2[t] = sigmoid(q[t, :n_h])
        _sigmoid(q_at3[t - 1], out=e_sigmoid2, half=half)
        # e.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q_at4[t - 1], out=e_tanh)
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        _sigmoid(q_at5[t - 1], out=g_sigmoid, half=half)
        # e[t] = cell(q[t], e[t+1])
        np.multiply(e_sigmoid, e_at[t], out=e_at[t - 1])
        np.multiply(e_sigmoid2, e_tanh, out=tmp1)
        e_at[t - 1] += tmp1
        # g.tanh[t] = tanh(e[t])
        np.tanh(e_at[t - 1], out=g_tanh)
        # g[t] = out(q[t], e[t])
        np.multiply(g_sigmoid, g_tanh, out=g_at[t - 1])
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    np.matmul(g[:T].reshape(-1, n_h), V_g.T, out=s.reshape(-1, n_y))
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    U_h_T[...] = U_h.T
    for t in range(1, T + 1):
        # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
        h_at[t - 1].dot(U_h_T, out=tmp0)
        p_at[t - 1] += tmp0
        # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
        _sigmoid(p_at2[t - 1], out=c_sigmoid, half=half)
        # c.sigmoid2[t] = sigmoid(p[t, :n_h])
        _sigmoid(p_at3[t - 1], out=c_sigmoid2, half=half)
        # c.tanh[t] = tanh(p[t, 3*n_h:])
        np.tanh(p_at4[t - 1], out=c_tanh)
        # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
        _sigmoid(p_at5[t - 1], out=h_sigmoid, half=half)
        # c[t] = cell(p[t], c[t-1])
        np.multiply(c_sigmoid, c_at[t - 1], out=c_at[t])
        np.multiply(c_sigmoid2, c_tanh, out=tmp1)
        c_at[t] += tmp1
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh)
        # h[t] = out(p[t], c[t])
        np.multiply(h_sigmoid, h_tanh, out=h_at[t])
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    np.matmul(h[1:].reshape(-1, n_h), V_h.T, out=tmp2.reshape(-1, n_y))
    s += tmp2
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
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    g_end: np.ndarray | None = None,
    e_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w          (T, B)    0..n_w - 1         the word that is read at each step
    y          (T, B)    0..n_y - 1         its tag
    h0         (B, n_h)  real               h[0]; 0 where not given
    c0         (B, n_h)  real               c[0]; 0 where not given
    g_end      (B, n_h)  real               g[T + 1]; 0 where not given
    e_end      (B, n_h)  real               e[T + 1]; 0 where not given
    workspace            Workspace          its arrays are used, and hold the results until its next call
    lengths    (B,)      1..T               each example's own number of steps, what is given beyond is not read; all
                                            where not given
    window               whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, w, y, h0, c0, g_end, e_end, lengths, wrt, workspace, window)
    (
        params, w, y, h0, c0, g_end, e_end, dtype, single, n_w, n_x, n_h, n_y, T, B,
    ) = _arguments(params, w, y, h0, c0, g_end, e_end, whole=True)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params
    wrt = _asked(wrt, ("h0", "c0", "g_end", "e_end"))

    (
        tmp0, tmp1, tmp2, tmp3, W_hg, b_hg, x, pq, g, e, e_sigmoid, e_sigmoid2, e_tanh, g_sigmoid, g_tanh, U_g_T, g_at,
        q_at, e_sigmoid_at, q_at2, half, e_sigmoid2_at, q_at3, e_tanh_at, q_at4, g_sigmoid_at, q_at5, e_at, g_tanh_at,
        s, h, c, c_sigmoid, c_sigmoid2, c_tanh, h_sigmoid, h_tanh, U_h_T, h_at, p_at, c_sigmoid_at, p_at2,
        c_sigmoid2_at, p_at3, c_tanh_at, p_at4, h_sigmoid_at, p_at5, c_at, h_tanh_at, yhat_lse, largest, yhat, rows,
        flat, V_hg, ds, entries, dd, dV_g, dV_h, e_factor, q_factor, q_factor2, q_factor3, q_factor4, c_factor,
        p_factor, p_factor2, p_factor3, p_factor4, dhg, de, dpq, dq_at, dg_at, de_at, e_factor_at, dq_at2, q_factor_at,
        dq_at3, q_factor2_at, dq_at4, q_factor3_at, dq_at5, q_factor4_at, dc, dp_at, dh_at, dc_at, c_factor_at, dp_at2,
        p_factor_at, dp_at3, p_factor2_at, dp_at4, p_factor3_at, dp_at5, p_factor4_at, db_hg, dU_g, dW_hg, dx, product,
        dU_h, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_w, n_y, n_x, n_h, B, dtype)
    np.stack((W_h, W_g), out=W_hg)
    np.stack((b_h, b_g), out=b_hg)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
    # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
    np.matmul(x.reshape(-1, n_x), W_hg.transpose(0, 2, 1), out=pq.reshape(2, -1, 4 * n_h))
    pq += b_hg[:, None, None]
    # g[T+1] = 0
    g[T] = g_end
    # e[T+1] = 0
    e[T] = e_end
    U_g_T[...] = U_g.T
    for t in range(T, 0, -1):
        # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
        g_at[t].dot(U_g_T, out=tmp0)
        q_at[t - 1] += tmp0
        # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        _sigmoid(q_at2[t - 1], out=e_sigmoid_at[t - 1], half=half)
        # e.sigmoid2[t] = sigmoid(q[t, :n_h])
        _sigmoid(q_at3[t - 1], out=e_sigmoid2_at[t - 1], half=half)
        # e.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q_at4[t - 1], out=e_tanh_at[t - 1])
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        _sigmoid(q_at5[t - 1], out=g_sigmoid_at[t - 1], half=half)
        # e[t] = cell(q[t], e[t+1])
        np.multiply(e_at[t], e_sigmoid_at[t - 1], out=e_at[t - 1])
        np.multiply(e_sigmoid2_at[t - 1], e_tanh_at[t - 1], out=tmp1)
        e_at[t - 1] += tmp1
        # g.tanh[t] = tanh(e[t])
        np.tanh(e_at[t - 1], out=g_tanh_at[t - 1])
        # g[t] = out(q[t], e[t])
        np.multiply(g_sigmoid_at[t - 1], g_tanh_at[t - 1], out=g_at[t - 1])
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    np.matmul(g[:T].reshape(-1, n_h), V_g.T, out=s.reshape(-1, n_y))
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    U_h_T[...] = U_h.T
    for t in range(1, T + 1):
        # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
        h_at[t - 1].dot(U_h_T, out=tmp0)
        p_at[t - 1] += tmp0
        # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
        _sigmoid(p_at2[t - 1], out=c_sigmoid_at[t - 1], half=half)
        # c.sigmoid2[t] = sigmoid(p[t, :n_h])
        _sigmoid(p_at3[t - 1], out=c_sigmoid2_at[t - 1], half=half)
        # c.tanh[t] = tanh(p[t, 3*n_h:])
        np.tanh(p_at4[t - 1], out=c_tanh_at[t - 1])
        # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
        _sigmoid(p_at5[t - 1], out=h_sigmoid_at[t - 1], half=half)
        # c[t] = cell(p[t], c[t-1])
        np.multiply(c_at[t - 1], c_sigmoid_at[t - 1], out=c_at[t])
        np.multiply(c_sigmoid2_at[t - 1], c_tanh_at[t - 1], out=tmp1)
        c_at[t] += tmp1
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh_at[t - 1])
        # h[t] = out(p[t], c[t])
        np.multiply(h_sigmoid_at[t - 1], h_tanh_at[t - 1], out=h_at[t])
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    np.matmul(h[1:].reshape(-1, n_h), V_h.T, out=tmp2.reshape(-1, n_y))
    s += tmp2
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    np.stack((V_h, V_g), out=V_hg)
    # grad(s[t]) = yhat[t] - onehot(y[t])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V_g) = sum(outer(grad(s[t]), g[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, g[:T].reshape(-1, n_h), out=dV_g)
    # grad(V_h) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV_h)
    # e.factor[t] = g.sigmoid[t] * (1 - g.tanh[t]**2)
    np.square(g_tanh, out=e_factor)
    np.subtract(1, e_factor, out=e_factor)
    e_factor *= g_sigmoid
    # q.factor[t] = g.sigmoid[t] * g.tanh[t] * (1 - g.sigmoid[t])
    np.subtract(1, g_sigmoid, out=q_factor)
    q_factor *= g_sigmoid
    q_factor *= g_tanh
    # q.factor2[t] = e.sigmoid2[t] * (1 - e.tanh[t]**2)
    np.square(e_tanh, out=q_factor2)
    np.subtract(1, q_factor2, out=q_factor2)
    q_factor2 *= e_sigmoid2
    # q.factor3[t] = e.sigmoid2[t] * e.tanh[t] * (1 - e.sigmoid2[t])
    np.subtract(1, e_sigmoid2, out=q_factor3)
    q_factor3 *= e_sigmoid2
    q_factor3 *= e_tanh
    # q.factor4[t] = e[t+1] * e.sigmoid[t] * (1 - e.sigmoid[t])
    np.subtract(1, e_sigmoid, out=q_factor4)
    q_factor4 *= e[1:]
    q_factor4 *= e_sigmoid
    # c.factor[t] = h.sigmoid[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= h_sigmoid
    # p.factor[t] = h.sigmoid[t] * h.tanh[t] * (1 - h.sigmoid[t])
    np.subtract(1, h_sigmoid, out=p_factor)
    p_factor *= h_sigmoid
    p_factor *= h_tanh
    # p.factor2[t] = c.sigmoid2[t] * (1 - c.tanh[t]**2)
    np.square(c_tanh, out=p_factor2)
    np.subtract(1, p_factor2, out=p_factor2)
    p_factor2 *= c_sigmoid2
    # p.factor3[t] = c.sigmoid2[t] * c.tanh[t] * (1 - c.sigmoid2[t])
    np.subtract(1, c_sigmoid2, out=p_factor3)
    p_factor3 *= c_sigmoid2
    p_factor3 *= c_tanh
    # p.factor4[t] = c[t-1] * c.sigmoid[t] * (1 - c.sigmoid[t])
    np.subtract(1, c_sigmoid, out=p_factor4)
    p_factor4 *= c[:T]
    p_factor4 *= c_sigmoid
    dhg.fill(0)
    # grad(h[T]) = V_h.T @ grad(s[T])
    # grad(g[1]) = V_g.T @ grad(s[1])
    np.matmul(ds.reshape(-1, n_y), V_hg, out=dhg[:, 1:T + 1].reshape(2, -1, n_h))
    # grad(e[t]) = e.sigmoid[t-1] * grad(e[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
    np.multiply(e_factor[0], dhg[1, 1], out=de[0])
    # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
    np.multiply(q_factor[0], dhg[1, 1], out=dpq[1, 0, :, 2 * n_h:3 * n_h])
    np.multiply(de[0], q_factor2[0], out=dpq[1, 0, :, 3 * n_h:])
    np.multiply(de[0], q_factor3[0], out=dpq[1, 0, :, :n_h])
    np.multiply(de[0], q_factor4[0], out=dpq[1, 0, :, n_h:2 * n_h])
    for t in range(2, T + 1):
        # grad(g[1]) = V_g.T @ grad(s[1])
        dq_at[t - 2].dot(U_g, out=tmp1)
        dg_at[t] += tmp1
        # grad(e[t]) = e.sigmoid[t-1] * grad(e[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
        np.multiply(e_factor_at[t - 1], dg_at[t], out=de_at[t - 1])
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        np.multiply(q_factor_at[t - 1], dg_at[t], out=dq_at2[t - 1])
        # grad(e[t]) = e.sigmoid[t-1] * grad(e[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
        np.multiply(e_sigmoid_at[t - 2], de_at[t - 2], out=tmp1)
        de_at[t - 1] += tmp1
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        np.multiply(de_at[t - 1], q_factor2_at[t - 1], out=dq_at3[t - 1])
        np.multiply(de_at[t - 1], q_factor3_at[t - 1], out=dq_at4[t - 1])
        np.multiply(de_at[t - 1], q_factor4_at[t - 1], out=dq_at5[t - 1])
    # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
    np.multiply(c_factor[T - 1], dhg[0, T], out=dc[T])
    # grad(p[t, 2*n_h:3*n_h]) = h.sigmoid[t] * (1 - h.sigmoid[t]) * grad(h.sigmoid[t])
    np.multiply(p_factor[T - 1], dhg[0, T], out=dpq[0, T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc[T], p_factor2[T - 1], out=dpq[0, T - 1, :, 3 * n_h:])
    np.multiply(dc[T], p_factor3[T - 1], out=dpq[0, T - 1, :, :n_h])
    np.multiply(dc[T], p_factor4[T - 1], out=dpq[0, T - 1, :, n_h:2 * n_h])
    for t in range(T - 1, 0, -1):
        # grad(h[0]) = U_h.T @ grad(p[1])
        dp_at[t].dot(U_h, out=tmp1)
        dh_at[t] += tmp1
        # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(c_factor_at[t - 1], dh_at[t], out=dc_at[t])
        # grad(p[t, 2*n_h:3*n_h]) = h.sigmoid[t] * (1 - h.sigmoid[t]) * grad(h.sigmoid[t])
        np.multiply(p_factor_at[t - 1], dh_at[t], out=dp_at2[t - 1])
        # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(c_sigmoid_at[t], dc_at[t + 1], out=tmp1)
        dc_at[t] += tmp1
        # grad(p[t, 2*n_h:3*n_h]) = h.sigmoid[t] * (1 - h.sigmoid[t]) * grad(h.sigmoid[t])
        np.multiply(dc_at[t], p_factor2_at[t - 1], out=dp_at3[t - 1])
        np.multiply(dc_at[t], p_factor3_at[t - 1], out=dp_at4[t - 1])
        np.multiply(dc_at[t], p_factor4_at[t - 1], out=dp_at5[t - 1])
    # grad(b_h) = sum(grad(p[t]), t)
    # grad(b_g) = sum(grad(q[t]), t)
    np.add.reduce(dpq, axis=(1, 2), out=db_hg)
    # grad(U_g) = sum(outer(grad(q[t]), g[t+1]), t)
    np.matmul(dpq[1].reshape(-1, 4 * n_h).T, g[1:].reshape(-1, n_h), out=dU_g)
    # grad(W_h) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(q[t]), x[t]), t)
    np.matmul(dpq.reshape(2, -1, 4 * n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_hg)
    # grad(x[t]) = W_h.T @ grad(p[t]) + W_g.T @ grad(q[t])
    np.matmul(dpq.reshape(2, -1, 4 * n_h), W_hg, out=product)
    np.add.reduce(product, axis=0, out=dx.reshape(-1, n_x))
    # grad(U_h) = sum(outer(grad(p[t]), h[t-1]), t)
    np.matmul(dpq[0].reshape(-1, 4 * n_h).T, h[:T].reshape(-1, n_h), out=dU_h)
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "e_end" in wrt:
        # grad(e[t]) = e.sigmoid[t-1] * grad(e[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
        np.multiply(e_sigmoid[T - 1:], de[T - 1:T], out=de[T:])
        de_end = np.empty((B, n_h), dtype)
        # grad(e.T + 1) = grad(e[T+1])
        de_end[...] = de[T]
    if "g_end" in wrt:
        # grad(g[1]) = V_g.T @ grad(s[1])
        np.matmul(dpq[1, T - 1], U_g, out=dhg[1, T + 1])
        dg_end = np.empty((B, n_h), dtype)
        # grad(g.T + 1) = grad(g[T+1])
        dg_end[...] = dhg[1, T + 1]
    if "c0" in wrt:
        # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(c_sigmoid[:1], dc[1:2], out=dc[:1])
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    if "h0" in wrt:
        # grad(h[0]) = U_h.T @ grad(p[1])
        np.matmul(dpq[0, 0], U_h, out=dhg[0, 0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dhg[0, 0]
    db_h = db_hg[0]
    db_g = db_hg[1]
    dW_h = dW_hg[0]
    dW_g = dW_hg[1]

    gradient = Params(E=dE, W_h=dW_h, W_g=dW_g, U_h=dU_h, U_g=dU_g, b_h=db_h, b_g=db_g, V_h=dV_h, V_g=dV_g, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    if "g_end" in wrt:
        result["g_end"] = dg_end[0] if single else dg_end
    if "e_end" in wrt:
        result["e_end"] = de_end[0] if single else de_end
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
    y        (T, B)  0..n_y - 1         its tag
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where
                                        not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, w, y, lengths, window)
    (
        params, w, y, x, p, c, h, q, e, g, yhat, dtype, single, n_w, n_x, n_h, n_y, T, B,
    ) = _backward_arguments(params, forward, w, y)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params

    c_sigmoid = np.empty((T, B, n_h), dtype)
    # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
    _sigmoid(p[:, :, n_h:2 * n_h], out=c_sigmoid)
    c_sigmoid2 = np.empty((T, B, n_h), dtype)
    # c.sigmoid2[t] = sigmoid(p[t, :n_h])
    _sigmoid(p[:, :, :n_h], out=c_sigmoid2)
    c_tanh = np.empty((T, B, n_h), dtype)
    # c.tanh[t] = tanh(p[t, 3*n_h:])
    np.tanh(p[:, :, 3 * n_h:], out=c_tanh)
    h_sigmoid = np.empty((T, B, n_h), dtype)
    # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
    _sigmoid(p[:, :, 2 * n_h:3 * n_h], out=h_sigmoid)
    h_tanh = np.empty((T, B, n_h), dtype)
    # h.tanh[t] = tanh(c[t])
    np.tanh(c[1:], out=h_tanh)
    e_sigmoid = np.empty((T, B, n_h), dtype)
    # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
    _sigmoid(q[:, :, n_h:2 * n_h], out=e_sigmoid)
    e_sigmoid2 = np.empty((T, B, n_h), dtype)
    # e.sigmoid2[t] = sigmoid(q[t, :n_h])
    _sigmoid(q[:, :, :n_h], out=e_sigmoid2)
    e_tanh = np.empty((T, B, n_h), dtype)
    # e.tanh[t] = tanh(q[t, 3*n_h:])
    np.tanh(q[:, :, 3 * n_h:], out=e_tanh)
    g_sigmoid = np.empty((T, B, n_h), dtype)
    # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
    _sigmoid(q[:, :, 2 * n_h:3 * n_h], out=g_sigmoid)
    g_tanh = np.empty((T, B, n_h), dtype)
    # g.tanh[t] = tanh(e[t])
    np.tanh(e[:T], out=g_tanh)
    tmp0 = np.empty((B, n_h), dtype)
    V_hg = np.stack((V_h, V_g))
    W_hg = np.stack((W_h, W_g))
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
    dV_g = np.empty((n_y, n_h), dtype)
    # grad(V_g) = sum(outer(grad(s[t]), g[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, g[:T].reshape(-1, n_h), out=dV_g)
    dhg = np.empty((2, T, B, n_h), dtype)
    # grad(h[T]) = V_h.T @ grad(s[T])
    # grad(g[1]) = V_g.T @ grad(s[1])
    np.matmul(ds.reshape(-1, n_y), V_hg, out=dhg.reshape(2, -1, n_h))
    dV_h = np.empty((n_y, n_h), dtype)
    # grad(V_h) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV_h)
    e_factor = np.empty((T, B, n_h), dtype)
    # e.factor[t] = g.sigmoid[t] * (1 - g.tanh[t]**2)
    np.square(g_tanh, out=e_factor)
    np.subtract(1, e_factor, out=e_factor)
    e_factor *= g_sigmoid
    q_factor = np.empty((T, B, n_h), dtype)
    # q.factor[t] = g.sigmoid[t] * g.tanh[t] * (1 - g.sigmoid[t])
    np.subtract(1, g_sigmoid, out=q_factor)
    q_factor *= g_sigmoid
    q_factor *= g_tanh
    q_factor2 = np.empty((T, B, n_h), dtype)
    # q.factor2[t] = e.sigmoid2[t] * (1 - e.tanh[t]**2)
    np.square(e_tanh, out=q_factor2)
    np.subtract(1, q_factor2, out=q_factor2)
    q_factor2 *= e_sigmoid2
    q_factor3 = np.empty((T, B, n_h), dtype)
    # q.factor3[t] = e.sigmoid2[t] * e.tanh[t] * (1 - e.sigmoid2[t])
    np.subtract(1, e_sigmoid2, out=q_factor3)
    q_factor3 *= e_sigmoid2
    q_factor3 *= e_tanh
    q_factor4 = np.empty((T, B, n_h), dtype)
    # q.factor4[t] = e[t+1] * e.sigmoid[t] * (1 - e.sigmoid[t])
    np.subtract(1, e_sigmoid, out=q_factor4)
    q_factor4 *= e[1:]
    q_factor4 *= e_sigmoid
    c_factor = np.empty((T, B, n_h), dtype)
    # c.factor[t] = h.sigmoid[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= h_sigmoid
    p_factor = np.empty((T, B, n_h), dtype)
    # p.factor[t] = h.sigmoid[t] * h.tanh[t] * (1 - h.sigmoid[t])
    np.subtract(1, h_sigmoid, out=p_factor)
    p_factor *= h_sigmoid
    p_factor *= h_tanh
    p_factor2 = np.empty((T, B, n_h), dtype)
    # p.factor2[t] = c.sigmoid2[t] * (1 - c.tanh[t]**2)
    np.square(c_tanh, out=p_factor2)
    np.subtract(1, p_factor2, out=p_factor2)
    p_factor2 *= c_sigmoid2
    p_factor3 = np.empty((T, B, n_h), dtype)
    # p.factor3[t] = c.sigmoid2[t] * c.tanh[t] * (1 - c.sigmoid2[t])
    np.subtract(1, c_sigmoid2, out=p_factor3)
    p_factor3 *= c_sigmoid2
    p_factor3 *= c_tanh
    p_factor4 = np.empty((T, B, n_h), dtype)
    # p.factor4[t] = c[t-1] * c.sigmoid[t] * (1 - c.sigmoid[t])
    np.subtract(1, c_sigmoid, out=p_factor4)
    p_factor4 *= c[:T]
    p_factor4 *= c_sigmoid
    de = np.empty((T, B, n_h), dtype)
    dpq = np.empty((2, T, B, 4 * n_h), dtype)
    # grad(e[t]) = e.sigmoid[t-1] * grad(e[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
    np.multiply(e_factor[0], dhg[1, 0], out=de[0])
    # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
    np.multiply(q_factor[0], dhg[1, 0], out=dpq[1, 0, :, 2 * n_h:3 * n_h])
    np.multiply(de[0], q_factor2[0], out=dpq[1, 0, :, 3 * n_h:])
    np.multiply(de[0], q_factor3[0], out=dpq[1, 0, :, :n_h])
    np.multiply(de[0], q_factor4[0], out=dpq[1, 0, :, n_h:2 * n_h])
    dq_at = list(dpq[1])
    dg_at = list(dhg[1])
    de_at = list(de)
    e_factor_at = list(e_factor)
    dq_at2 = list(dpq[1, :, :, 2 * n_h:3 * n_h])
    q_factor_at = list(q_factor)
    e_sigmoid_at = list(e_sigmoid)
    dq_at3 = list(dpq[1, :, :, 3 * n_h:])
    q_factor2_at = list(q_factor2)
    dq_at4 = list(dpq[1, :, :, :n_h])
    q_factor3_at = list(q_factor3)
    dq_at5 = list(dpq[1, :, :, n_h:2 * n_h])
    q_factor4_at = list(q_factor4)
    for t in range(2, T + 1):
        # grad(g[1]) = V_g.T @ grad(s[1])
        dq_at[t - 2].dot(U_g, out=tmp0)
        dg_at[t - 1] += tmp0
        # grad(e[t]) = e.sigmoid[t-1] * grad(e[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
        np.multiply(e_factor_at[t - 1], dg_at[t - 1], out=de_at[t - 1])
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        np.multiply(q_factor_at[t - 1], dg_at[t - 1], out=dq_at2[t - 1])
        # grad(e[t]) = e.sigmoid[t-1] * grad(e[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
        np.multiply(e_sigmoid_at[t - 2], de_at[t - 2], out=tmp0)
        de_at[t - 1] += tmp0
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        np.multiply(de_at[t - 1], q_factor2_at[t - 1], out=dq_at3[t - 1])
        np.multiply(de_at[t - 1], q_factor3_at[t - 1], out=dq_at4[t - 1])
        np.multiply(de_at[t - 1], q_factor4_at[t - 1], out=dq_at5[t - 1])
    dc = np.empty((T, B, n_h), dtype)
    # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
    np.multiply(c_factor[T - 1], dhg[0, T - 1], out=dc[T - 1])
    # grad(p[t, 2*n_h:3*n_h]) = h.sigmoid[t] * (1 - h.sigmoid[t]) * grad(h.sigmoid[t])
    np.multiply(p_factor[T - 1], dhg[0, T - 1], out=dpq[0, T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc[T - 1], p_factor2[T - 1], out=dpq[0, T - 1, :, 3 * n_h:])
    np.multiply(dc[T - 1], p_factor3[T - 1], out=dpq[0, T - 1, :, :n_h])
    np.multiply(dc[T - 1], p_factor4[T - 1], out=dpq[0, T - 1, :, n_h:2 * n_h])
    dp_at = list(dpq[0])
    dh_at = list(dhg[0])
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    dp_at2 = list(dpq[0, :, :, 2 * n_h:3 * n_h])
    p_factor_at = list(p_factor)
    c_sigmoid_at = list(c_sigmoid)
    dp_at3 = list(dpq[0, :, :, 3 * n_h:])
    p_factor2_at = list(p_factor2)
    dp_at4 = list(dpq[0, :, :, :n_h])
    p_factor3_at = list(p_factor3)
    dp_at5 = list(dpq[0, :, :, n_h:2 * n_h])
    p_factor4_at = list(p_factor4)
    for t in range(T - 1, 0, -1):
        # grad(h[0]) = U_h.T @ grad(p[1])
        dp_at[t].dot(U_h, out=tmp0)
        dh_at[t - 1] += tmp0
        # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(c_factor_at[t - 1], dh_at[t - 1], out=dc_at[t - 1])
        # grad(p[t, 2*n_h:3*n_h]) = h.sigmoid[t] * (1 - h.sigmoid[t]) * grad(h.sigmoid[t])
        np.multiply(p_factor_at[t - 1], dh_at[t - 1], out=dp_at2[t - 1])
        # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(c_sigmoid_at[t], dc_at[t], out=tmp0)
        dc_at[t - 1] += tmp0
        # grad(p[t, 2*n_h:3*n_h]) = h.sigmoid[t] * (1 - h.sigmoid[t]) * grad(h.sigmoid[t])
        np.multiply(dc_at[t - 1], p_factor2_at[t - 1], out=dp_at3[t - 1])
        np.multiply(dc_at[t - 1], p_factor3_at[t - 1], out=dp_at4[t - 1])
        np.multiply(dc_at[t - 1], p_factor4_at[t - 1], out=dp_at5[t - 1])
    db_hg = np.empty((2, 4 * n_h), dtype)
    # grad(b_h) = sum(grad(p[t]), t)
    # grad(b_g) = sum(grad(q[t]), t)
    np.add.reduce(dpq, axis=(1, 2), out=db_hg)
    dU_g = np.empty((4 * n_h, n_h), dtype)
    # grad(U_g) = sum(outer(grad(q[t]), g[t+1]), t)
    np.matmul(dpq[1].reshape(-1, 4 * n_h).T, g[1:].reshape(-1, n_h), out=dU_g)
    dW_hg = np.empty((2, 4 * n_h, n_x), dtype)
    # grad(W_h) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(q[t]), x[t]), t)
    np.matmul(dpq.reshape(2, -1, 4 * n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_hg)
    dx = np.empty((T, B, n_x), dtype)
    product = np.empty((2, T * B, n_x), dtype)
    # grad(x[t]) = W_h.T @ grad(p[t]) + W_g.T @ grad(q[t])
    np.matmul(dpq.reshape(2, -1, 4 * n_h), W_hg, out=product)
    np.add.reduce(product, axis=0, out=dx.reshape(-1, n_x))
    dU_h = np.empty((4 * n_h, n_h), dtype)
    # grad(U_h) = sum(outer(grad(p[t]), h[t-1]), t)
    np.matmul(dpq[0].reshape(-1, 4 * n_h).T, h[:T].reshape(-1, n_h), out=dU_h)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    db_h = db_hg[0]
    db_g = db_hg[1]
    dW_h = dW_hg[0]
    dW_g = dW_hg[1]

    return Params(E=dE, W_h=dW_h, W_g=dW_g, U_h=dU_h, U_g=dU_g, b_h=db_h, b_g=db_g, V_h=dV_h, V_g=dV_g, d=dd)


def _forward_padded(params, w, y, h0, c0, g_end, e_end, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, w, y, h0, c0, g_end, e_end, dtype, single, n_w, n_x, n_h, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, h0, c0, g_end, e_end, lengths)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params

    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, 4 * n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    W_hg = np.stack((W_h, W_g))
    b_hg = np.stack((b_h, b_g))
    x = np.empty((T, B, n_x), dtype)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    pq = np.empty((2, T, B, 4 * n_h), dtype)
    # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
    # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
    np.matmul(x.reshape(-1, n_x), W_hg.transpose(0, 2, 1), out=pq.reshape(2, -1, 4 * n_h))
    pq += b_hg[:, None, None]
    g = np.zeros((T + 1, B, n_h), dtype)
    # g[T+1] = 0
    tmp0[...] = np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], g_end, 0)
    g[1:] += tmp0
    e = np.zeros((T + 1, B, n_h), dtype)
    # e[T+1] = 0
    tmp0[...] = np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], e_end, 0)
    e[1:] += tmp0
    e_sigmoid = np.empty((B, n_h), dtype)
    e_sigmoid2 = np.empty((B, n_h), dtype)
    e_tanh = np.empty((B, n_h), dtype)
    e_inside = np.empty((B, n_h), dtype)
    g_sigmoid = np.empty((B, n_h), dtype)
    g_tanh = np.empty((B, n_h), dtype)
    g_inside = np.empty((B, n_h), dtype)
    U_g_T = np.empty((n_h, 4 * n_h), dtype)
    U_g_T[...] = U_g.T
    g_at = list(g)
    q_at = list(pq[1])
    q_at2 = list(pq[1, :, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    q_at3 = list(pq[1, :, :, :n_h])
    q_at4 = list(pq[1, :, :, 3 * n_h:])
    e_at = list(e)
    q_at5 = list(pq[1, :, :, 2 * n_h:3 * n_h])
    for t in range(T, 0, -1):
        # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
        g_at[t].dot(U_g_T, out=tmp1)
        q_at[t - 1] += tmp1
        # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        _sigmoid(q_at2[t - 1], out=e_sigmoid, half=half)
        # e.sigmoid2[t] = sigmoid(q[t, :n_h])
        _sigmoid(q_at3[t - 1], out=e_sigmoid2, half=half)
        # e.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q_at4[t - 1], out=e_tanh)
        # e.inside[t] = e[t+1] * e.sigmoid[t] + e.sigmoid2[t] * e.tanh[t]
        np.multiply(e_sigmoid, e_at[t], out=e_inside)
        np.multiply(e_sigmoid2, e_tanh, out=tmp2)
        e_inside += tmp2
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        _sigmoid(q_at5[t - 1], out=g_sigmoid, half=half)
        # e[t] = cell(q[t], e[t+1])
        tmp2[...] = np.where((t <= T_own)[:, None], e_inside, 0)
        e_at[t - 1] += tmp2
        # g.tanh[t] = tanh(e[t])
        np.tanh(e_at[t - 1], out=g_tanh)
        # g.inside[t] = g.sigmoid[t] * g.tanh[t]
        np.multiply(g_sigmoid, g_tanh, out=g_inside)
        # g[t] = out(q[t], e[t])
        tmp2[...] = np.where((t <= T_own)[:, None], g_inside, 0)
        g_at[t - 1] += tmp2
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    np.matmul(g[:T].reshape(-1, n_h), V_g.T, out=s.reshape(-1, n_y))
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    c_sigmoid = np.empty((B, n_h), dtype)
    c_sigmoid2 = np.empty((B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    U_h_T = np.empty((n_h, 4 * n_h), dtype)
    U_h_T[...] = U_h.T
    h_at = list(h)
    p_at = list(pq[0])
    p_at2 = list(pq[0, :, :, n_h:2 * n_h])
    p_at3 = list(pq[0, :, :, :n_h])
    p_at4 = list(pq[0, :, :, 3 * n_h:])
    p_at5 = list(pq[0, :, :, 2 * n_h:3 * n_h])
    c_at = list(c)
    for t in range(1, T + 1):
        # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
        h_at[t - 1].dot(U_h_T, out=tmp1)
        p_at[t - 1] += tmp1
        # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
        _sigmoid(p_at2[t - 1], out=c_sigmoid, half=half)
        # c.sigmoid2[t] = sigmoid(p[t, :n_h])
        _sigmoid(p_at3[t - 1], out=c_sigmoid2, half=half)
        # c.tanh[t] = tanh(p[t, 3*n_h:])
        np.tanh(p_at4[t - 1], out=c_tanh)
        # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
        _sigmoid(p_at5[t - 1], out=h_sigmoid, half=half)
        # c[t] = cell(p[t], c[t-1])
        np.multiply(c_sigmoid2, c_tanh, out=tmp3)
        np.multiply(c_sigmoid, c_at[t - 1], out=tmp2)
        tmp2 += tmp3
        c[t] = np.where((t <= T_own)[:, None], tmp2, c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh)
        # h[t] = out(p[t], c[t])
        np.multiply(h_sigmoid, h_tanh, out=tmp2)
        h[t] = np.where((t <= T_own)[:, None], tmp2, h[t - 1])
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    np.matmul(h[1:].reshape(-1, n_h), V_h.T, out=tmp4.reshape(-1, n_y))
    s += tmp4
    s += d
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
    p = pq[0]
    q = pq[1]

    if single:
        x = x[:, 0]
        p = p[:, 0]
        c = c[:, 0]
        h = h[:, 0]
        q = q[:, 0]
        e = e[:, 0]
        g = g[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(x=x, p=p, c=c, h=h, q=q, e=e, g=g, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, w, y, h0, c0, g_end, e_end, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, w, y, h0, c0, g_end, e_end, dtype, single, n_w, n_x, n_h, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, h0, c0, g_end, e_end, lengths, whole=True)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params

    (
        tmp0, tmp1, tmp2, e_sigmoid, tmp3, tmp4, tmp5, tmp6, tmp7, W_hg, b_hg, x, pq, g, e, e_sigmoid2, e_tanh,
        e_inside, g_sigmoid, g_tanh, g_inside, U_g_T, g_at, q_at, q_at2, half, q_at3, q_at4, e_at, q_at5, s, h, c,
        c_sigmoid, c_sigmoid2, c_tanh, h_sigmoid, h_tanh, U_h_T, h_at, p_at, p_at2, p_at3, p_at4, p_at5, c_at, yhat_lse,
        largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_y, n_x, n_h, B, dtype)
    np.stack((W_h, W_g), out=W_hg)
    np.stack((b_h, b_g), out=b_hg)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
    # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
    np.matmul(x.reshape(-1, n_x), W_hg.transpose(0, 2, 1), out=pq.reshape(2, -1, 4 * n_h))
    pq += b_hg[:, None, None]
    g.fill(0)
    # g[T+1] = 0
    tmp0[...] = np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], g_end, 0)
    g[1:] += tmp0
    e.fill(0)
    # e[T+1] = 0
    tmp0[...] = np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], e_end, 0)
    e[1:] += tmp0
    U_g_T[...] = U_g.T
    for t in range(T, 0, -1):
        # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
        g_at[t].dot(U_g_T, out=tmp1)
        q_at[t - 1] += tmp1
        # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        _sigmoid(q_at2[t - 1], out=e_sigmoid, half=half)
        # e.sigmoid2[t] = sigmoid(q[t, :n_h])
        _sigmoid(q_at3[t - 1], out=e_sigmoid2, half=half)
        # e.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q_at4[t - 1], out=e_tanh)
        # e.inside[t] = e[t+1] * e.sigmoid[t] + e.sigmoid2[t] * e.tanh[t]
        np.multiply(e_sigmoid, e_at[t], out=e_inside)
        np.multiply(e_sigmoid2, e_tanh, out=tmp2)
        e_inside += tmp2
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        _sigmoid(q_at5[t - 1], out=g_sigmoid, half=half)
        # e[t] = cell(q[t], e[t+1])
        tmp2[...] = np.where((t <= T_own)[:, None], e_inside, 0)
        e_at[t - 1] += tmp2
        # g.tanh[t] = tanh(e[t])
        np.tanh(e_at[t - 1], out=g_tanh)
        # g.inside[t] = g.sigmoid[t] * g.tanh[t]
        np.multiply(g_sigmoid, g_tanh, out=g_inside)
        # g[t] = out(q[t], e[t])
        tmp2[...] = np.where((t <= T_own)[:, None], g_inside, 0)
        g_at[t - 1] += tmp2
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    np.matmul(g[:T].reshape(-1, n_h), V_g.T, out=s.reshape(-1, n_y))
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    U_h_T[...] = U_h.T
    for t in range(1, T + 1):
        # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
        h_at[t - 1].dot(U_h_T, out=tmp1)
        p_at[t - 1] += tmp1
        # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
        _sigmoid(p_at2[t - 1], out=c_sigmoid, half=half)
        # c.sigmoid2[t] = sigmoid(p[t, :n_h])
        _sigmoid(p_at3[t - 1], out=c_sigmoid2, half=half)
        # c.tanh[t] = tanh(p[t, 3*n_h:])
        np.tanh(p_at4[t - 1], out=c_tanh)
        # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
        _sigmoid(p_at5[t - 1], out=h_sigmoid, half=half)
        # c[t] = cell(p[t], c[t-1])
        np.multiply(c_sigmoid2, c_tanh, out=tmp3)
        np.multiply(c_sigmoid, c_at[t - 1], out=tmp2)
        tmp2 += tmp3
        c[t] = np.where((t <= T_own)[:, None], tmp2, c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh)
        # h[t] = out(p[t], c[t])
        np.multiply(h_sigmoid, h_tanh, out=tmp2)
        h[t] = np.where((t <= T_own)[:, None], tmp2, h[t - 1])
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    np.matmul(h[1:].reshape(-1, n_h), V_h.T, out=tmp4.reshape(-1, n_y))
    s += tmp4
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp4, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp6[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp7[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp7, 0)
    np.subtract(tmp6, tmp5, out=tmp5)
    loss = tmp5.sum()

    return float(loss)


def _loss_and_grad_padded(params, w, y, h0, c0, g_end, e_end, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, h0, c0, g_end, e_end, dtype, single, n_w, n_x, n_h, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, h0, c0, g_end, e_end, lengths, whole=True)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params
    wrt = _asked(wrt, ("h0", "c0", "g_end", "e_end"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, e_inside, tmp3, tmp4, tmp5, tmp6, tmp7, W_hg, b_hg, x, pq, g, e, e_sigmoid, e_sigmoid2,
        e_tanh, g_sigmoid, g_tanh, g_inside, U_g_T, g_at, q_at, e_sigmoid_at, q_at2, half, e_sigmoid2_at, q_at3,
        e_tanh_at, q_at4, e_at, g_sigmoid_at, q_at5, g_tanh_at, s, h, c, c_sigmoid, c_sigmoid2, c_tanh, h_sigmoid,
        h_tanh, U_h_T, h_at, p_at, c_sigmoid_at, p_at2, c_sigmoid2_at, p_at3, c_tanh_at, p_at4, h_sigmoid_at, p_at5,
        c_at, h_tanh_at, yhat_lse, largest, yhat, tmp8, tmp9, tmp10, tmp11, tmp12, tmp13, tmp14, V_hg, ds, rows, flat,
        entries, dd, dV_g, dV_h, g_inside_factor, e_factor, q_factor, e_factor2, q_factor2, q_factor3, q_factor4,
        c_factor, p_factor, p_factor2, p_factor3, p_factor4, dhg, dg_inside, de, de_inside, dpq, number, dq_at, dg_at,
        g_inside_factor_at, de_at, e_factor_at, e_factor2_at, de_inside_at, dq_at2, q_factor_at, dq_at3, q_factor2_at,
        dq_at4, q_factor3_at, dq_at5, q_factor4_at, dc, dp_at, dh_at, dc_at, c_factor_at, dp_at2, p_factor_at, dp_at3,
        p_factor2_at, dp_at4, p_factor3_at, dp_at5, p_factor4_at, db_hg, dU_g, dW_hg, dx, product, dU_h, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_w, n_y, n_x, n_h, B, dtype)
    np.stack((W_h, W_g), out=W_hg)
    np.stack((b_h, b_g), out=b_hg)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
    # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
    np.matmul(x.reshape(-1, n_x), W_hg.transpose(0, 2, 1), out=pq.reshape(2, -1, 4 * n_h))
    pq += b_hg[:, None, None]
    g.fill(0)
    # g[T+1] = 0
    tmp0[...] = np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], g_end, 0)
    g[1:] += tmp0
    e.fill(0)
    # e[T+1] = 0
    tmp0[...] = np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], e_end, 0)
    e[1:] += tmp0
    U_g_T[...] = U_g.T
    for t in range(T, 0, -1):
        # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
        g_at[t].dot(U_g_T, out=tmp1)
        q_at[t - 1] += tmp1
        # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        _sigmoid(q_at2[t - 1], out=e_sigmoid_at[t - 1], half=half)
        # e.sigmoid2[t] = sigmoid(q[t, :n_h])
        _sigmoid(q_at3[t - 1], out=e_sigmoid2_at[t - 1], half=half)
        # e.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q_at4[t - 1], out=e_tanh_at[t - 1])
        # e.inside[t] = e[t+1] * e.sigmoid[t] + e.sigmoid2[t] * e.tanh[t]
        np.multiply(e_at[t], e_sigmoid_at[t - 1], out=e_inside)
        np.multiply(e_sigmoid2_at[t - 1], e_tanh_at[t - 1], out=tmp2)
        e_inside += tmp2
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        _sigmoid(q_at5[t - 1], out=g_sigmoid_at[t - 1], half=half)
        # e[t] = cell(q[t], e[t+1])
        tmp2[...] = np.where((t <= T_own)[:, None], e_inside, 0)
        e_at[t - 1] += tmp2
        # g.tanh[t] = tanh(e[t])
        np.tanh(e_at[t - 1], out=g_tanh_at[t - 1])
        # g.inside[t] = g.sigmoid[t] * g.tanh[t]
        np.multiply(g_sigmoid_at[t - 1], g_tanh_at[t - 1], out=g_inside)
        # g[t] = out(q[t], e[t])
        tmp2[...] = np.where((t <= T_own)[:, None], g_inside, 0)
        g_at[t - 1] += tmp2
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    np.matmul(g[:T].reshape(-1, n_h), V_g.T, out=s.reshape(-1, n_y))
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    U_h_T[...] = U_h.T
    for t in range(1, T + 1):
        # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
        h_at[t - 1].dot(U_h_T, out=tmp1)
        p_at[t - 1] += tmp1
        # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
        _sigmoid(p_at2[t - 1], out=c_sigmoid_at[t - 1], half=half)
        # c.sigmoid2[t] = sigmoid(p[t, :n_h])
        _sigmoid(p_at3[t - 1], out=c_sigmoid2_at[t - 1], half=half)
        # c.tanh[t] = tanh(p[t, 3*n_h:])
        np.tanh(p_at4[t - 1], out=c_tanh_at[t - 1])
        # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
        _sigmoid(p_at5[t - 1], out=h_sigmoid_at[t - 1], half=half)
        # c[t] = cell(p[t], c[t-1])
        np.multiply(c_sigmoid2_at[t - 1], c_tanh_at[t - 1], out=tmp3)
        np.multiply(c_at[t - 1], c_sigmoid_at[t - 1], out=tmp2)
        tmp2 += tmp3
        c[t] = np.where((t <= T_own)[:, None], tmp2, c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=h_tanh_at[t - 1])
        # h[t] = out(p[t], c[t])
        np.multiply(h_sigmoid_at[t - 1], h_tanh_at[t - 1], out=tmp2)
        h[t] = np.where((t <= T_own)[:, None], tmp2, h[t - 1])
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    np.matmul(h[1:].reshape(-1, n_h), V_h.T, out=tmp4.reshape(-1, n_y))
    s += tmp4
    s += d
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
    np.stack((V_h, V_g), out=V_hg)
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp8[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp8[:, :, None], yhat, out=ds)
    tmp8[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp8, out=tmp8)
    _add_to(ds, y, rows, flat, entries, tmp8)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V_g) = sum(outer(grad(s[t]), g[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, g[:T].reshape(-1, n_h), out=dV_g)
    # grad(V_h) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV_h)
    # g.inside.factor[t] = where(t <= T.own, 1, 0)
    g_inside_factor[...] = np.arange(1, T + 1)[:, None] <= T_own
    # e.factor[t] = g.sigmoid[t] * (1 - g.tanh[t]**2)
    np.square(g_tanh, out=e_factor)
    np.subtract(1, e_factor, out=e_factor)
    e_factor *= g_sigmoid
    # q.factor[t] = g.sigmoid[t] * g.tanh[t] * (1 - g.sigmoid[t])
    np.subtract(1, g_sigmoid, out=q_factor)
    q_factor *= g_sigmoid
    q_factor *= g_tanh
    # e.factor2[t] = same_window(t - 1, minimum(t, T.own - 1), window.T) * e.sigmoid[t]
    np.add(np.arange(1, T, dtype=dtype), -1, out=tmp10)
    np.add(T_own, -1, out=tmp12)
    np.minimum(np.arange(1, T, dtype=dtype)[:, None], tmp12, out=tmp11)
    tmp9[...] = tmp10[:, None] // window_T == tmp11 // window_T
    np.multiply(tmp9[:, :, None], e_sigmoid[:T - 1], out=e_factor2)
    # q.factor2[t] = e.sigmoid2[t] * (1 - e.tanh[t]**2)
    np.square(e_tanh, out=q_factor2)
    np.subtract(1, q_factor2, out=q_factor2)
    q_factor2 *= e_sigmoid2
    # q.factor3[t] = e.sigmoid2[t] * e.tanh[t] * (1 - e.sigmoid2[t])
    np.subtract(1, e_sigmoid2, out=q_factor3)
    q_factor3 *= e_sigmoid2
    q_factor3 *= e_tanh
    # q.factor4[t] = e[t+1] * e.sigmoid[t] * (1 - e.sigmoid[t])
    np.subtract(1, e_sigmoid, out=q_factor4)
    q_factor4 *= e[1:]
    q_factor4 *= e_sigmoid
    # c.factor[t] = h.sigmoid[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= h_sigmoid
    # p.factor[t] = h.sigmoid[t] * h.tanh[t] * (1 - h.sigmoid[t])
    np.subtract(1, h_sigmoid, out=p_factor)
    p_factor *= h_sigmoid
    p_factor *= h_tanh
    # p.factor2[t] = c.sigmoid2[t] * (1 - c.tanh[t]**2)
    np.square(c_tanh, out=p_factor2)
    np.subtract(1, p_factor2, out=p_factor2)
    p_factor2 *= c_sigmoid2
    # p.factor3[t] = c.sigmoid2[t] * c.tanh[t] * (1 - c.sigmoid2[t])
    np.subtract(1, c_sigmoid2, out=p_factor3)
    p_factor3 *= c_sigmoid2
    p_factor3 *= c_tanh
    # p.factor4[t] = c[t-1] * c.sigmoid[t] * (1 - c.sigmoid[t])
    np.subtract(1, c_sigmoid, out=p_factor4)
    p_factor4 *= c[:T]
    p_factor4 *= c_sigmoid
    dhg.fill(0)
    # grad(h[T]) = V_h.T @ grad(s[T])
    # grad(g[T+1]) = same_window(T - 1, minimum(T, T.own - 1), window.T) * (U_g.T @ grad(q[T]))
    np.matmul(ds.reshape(-1, n_y), V_hg, out=dhg[:, 1:T + 1].reshape(2, -1, n_h))
    # grad(g.inside[t]) = where(t <= T.own, 1, 0) * grad(g[t])
    np.multiply(dhg[1, 1], g_inside_factor[0][:, None], out=dg_inside)
    # grad(e[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * e.sigmoid[t-1] *
    #     grad(e.inside[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
    np.multiply(dg_inside, e_factor[0], out=de[0])
    # grad(e.inside[t]) = where(t <= T.own, 1, 0) * grad(e[t])
    np.multiply(de[0], g_inside_factor[0][:, None], out=de_inside[0])
    # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
    np.multiply(dg_inside, q_factor[0], out=dpq[1, 0, :, 2 * n_h:3 * n_h])
    np.multiply(de_inside[0], q_factor2[0], out=dpq[1, 0, :, 3 * n_h:])
    np.multiply(de_inside[0], q_factor3[0], out=dpq[1, 0, :, :n_h])
    np.multiply(de_inside[0], q_factor4[0], out=dpq[1, 0, :, n_h:2 * n_h])
    for t in range(2, T + 1):
        # grad(g[1]) = V_g.T @ grad(s[1])
        np.add(T_own, number, out=tmp14)
        np.minimum(t - 1, tmp14, out=tmp13)
        tmp12[...] = (t - 2) // window_T == tmp13 // window_T
        np.multiply(tmp12[:, None], dq_at[t - 2], out=tmp1)
        tmp1.dot(U_g, out=tmp2)
        dg_at[t] += tmp2
        # grad(g.inside[t]) = where(t <= T.own, 1, 0) * grad(g[t])
        np.multiply(dg_at[t], g_inside_factor_at[t - 1][:, None], out=dg_inside)
        # grad(e[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * e.sigmoid[t-1] *
        #     grad(e.inside[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
        np.multiply(dg_inside, e_factor_at[t - 1], out=de_at[t - 1])
        np.multiply(e_factor2_at[t - 2], de_inside_at[t - 2], out=tmp2)
        de_at[t - 1] += tmp2
        # grad(e.inside[t]) = where(t <= T.own, 1, 0) * grad(e[t])
        np.multiply(de_at[t - 1], g_inside_factor_at[t - 1][:, None], out=de_inside_at[t - 1])
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        np.multiply(dg_inside, q_factor_at[t - 1], out=dq_at2[t - 1])
        np.multiply(de_inside_at[t - 1], q_factor2_at[t - 1], out=dq_at3[t - 1])
        np.multiply(de_inside_at[t - 1], q_factor3_at[t - 1], out=dq_at4[t - 1])
        np.multiply(de_inside_at[t - 1], q_factor4_at[t - 1], out=dq_at5[t - 1])
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
    #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
    np.multiply(c_factor[T - 1], dhg[0, T], out=dc[T])
    # grad(p[t, 2*n_h:3*n_h]) = h.sigmoid[t] * (1 - h.sigmoid[t]) * grad(h.sigmoid[t])
    np.multiply(p_factor[T - 1], dhg[0, T], out=dpq[0, T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc[T], p_factor2[T - 1], out=dpq[0, T - 1, :, 3 * n_h:])
    np.multiply(dc[T], p_factor3[T - 1], out=dpq[0, T - 1, :, :n_h])
    np.multiply(dc[T], p_factor4[T - 1], out=dpq[0, T - 1, :, n_h:2 * n_h])
    for t in range(T - 1, 0, -1):
        # grad(h[0]) = U_h.T @ grad(p[1])
        dp_at[t].dot(U_h, out=tmp2)
        tmp2 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp2
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(c_factor_at[t - 1], dh_at[t], out=dc_at[t])
        # grad(p[t, 2*n_h:3*n_h]) = h.sigmoid[t] * (1 - h.sigmoid[t]) * grad(h.sigmoid[t])
        np.multiply(p_factor_at[t - 1], dh_at[t], out=dp_at2[t - 1])
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, c_sigmoid_at[t], out=tmp2)
        tmp2 *= dc_at[t + 1]
        dc_at[t] += tmp2
        # grad(p[t, 2*n_h:3*n_h]) = h.sigmoid[t] * (1 - h.sigmoid[t]) * grad(h.sigmoid[t])
        np.multiply(dc_at[t], p_factor2_at[t - 1], out=dp_at3[t - 1])
        np.multiply(dc_at[t], p_factor3_at[t - 1], out=dp_at4[t - 1])
        np.multiply(dc_at[t], p_factor4_at[t - 1], out=dp_at5[t - 1])
    # grad(b_h) = sum(grad(p[t]), t)
    # grad(b_g) = sum(grad(q[t]), t)
    np.add.reduce(dpq, axis=(1, 2), out=db_hg)
    # grad(U_g) = sum(outer(grad(q[t]), g[t+1]), t)
    np.matmul(dpq[1].reshape(-1, 4 * n_h).T, g[1:].reshape(-1, n_h), out=dU_g)
    # grad(W_h) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(q[t]), x[t]), t)
    np.matmul(dpq.reshape(2, -1, 4 * n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_hg)
    # grad(x[t]) = W_h.T @ grad(p[t]) + W_g.T @ grad(q[t])
    np.matmul(dpq.reshape(2, -1, 4 * n_h), W_hg, out=product)
    np.add.reduce(product, axis=0, out=dx.reshape(-1, n_x))
    # grad(U_h) = sum(outer(grad(p[t]), h[t-1]), t)
    np.matmul(dpq[0].reshape(-1, 4 * n_h).T, h[:T].reshape(-1, n_h), out=dU_h)
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "e_end" in wrt:
        tmp_15_0 = np.empty((B,), dtype)
        tmp_15_1 = np.empty((B,), dtype)
        tmp_15_2 = np.empty((B,), dtype)
        tmp_15_3 = np.empty((B, T), dtype)
        # grad(e[T+1]) = same_window(T - 1, minimum(T, T.own - 1), window.T) * e.sigmoid[T] *
        #     grad(e.inside[T])
        np.add(T_own, -1, out=tmp_15_2)
        np.minimum(T, tmp_15_2, out=tmp_15_1)
        tmp_15_0[...] = (T - 1) // window_T == tmp_15_1 // window_T
        np.multiply(tmp_15_0[:, None], e_sigmoid[T - 1], out=de[T])
        de[T] *= de_inside[T - 1]
        de_end = np.empty((B, n_h), dtype)
        # grad(e.T + 1) = sum(where(1 + T.own <= t, 1, 0) * grad(e[t]), (t, 2, T+1))
        tmp_15_3[...] = (1 + T_own)[:, None] <= np.arange(2, T + 2)
        np.matmul(de[1:].transpose(1, 2, 0), tmp_15_3[..., None], out=de_end[..., None])
    if "g_end" in wrt:
        tmp_15_0 = np.empty((B, 4 * n_h), dtype)
        tmp_15_1 = np.empty((B,), dtype)
        tmp_15_2 = np.empty((B,), dtype)
        tmp_15_3 = np.empty((B,), dtype)
        tmp_15_4 = np.empty((B, T), dtype)
        # grad(g[1]) = V_g.T @ grad(s[1])
        np.add(T_own, -1, out=tmp_15_3)
        np.minimum(T, tmp_15_3, out=tmp_15_2)
        tmp_15_1[...] = (T - 1) // window_T == tmp_15_2 // window_T
        np.multiply(tmp_15_1[:, None], dpq[1, T - 1], out=tmp_15_0)
        np.matmul(tmp_15_0, U_g, out=dhg[1, T + 1])
        dg_end = np.empty((B, n_h), dtype)
        # grad(g.T + 1) = sum(where(1 + T.own <= t, 1, 0) * grad(g[t]), (t, 2, T+1))
        tmp_15_4[...] = (1 + T_own)[:, None] <= np.arange(2, T + 2)
        np.matmul(dhg[1, 2:].transpose(1, 2, 0), tmp_15_4[..., None], out=dg_end[..., None])
    if "c0" in wrt:
        tmp_15_0 = np.empty((1,), dtype)
        tmp_15_1 = np.empty((1,), dtype)
        tmp_15_2 = np.empty((1,), dtype)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_15_2)
        np.maximum(tmp_15_2, 0, out=tmp_15_1)
        tmp_15_0[...] = np.arange(1) // window_T == tmp_15_1 // window_T
        np.multiply(tmp_15_0[:, None, None], c_sigmoid[:1], out=dc[:1])
        dc[:1] *= dc[1:2]
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    if "h0" in wrt:
        # grad(h[0]) = U_h.T @ grad(p[1])
        np.matmul(dpq[0, 0], U_h, out=dhg[0, 0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dhg[0, 0]
    db_h = db_hg[0]
    db_g = db_hg[1]
    dW_h = dW_hg[0]
    dW_g = dW_hg[1]

    gradient = Params(E=dE, W_h=dW_h, W_g=dW_g, U_h=dU_h, U_g=dU_g, b_h=db_h, b_g=db_g, V_h=dV_h, V_g=dV_g, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    if "g_end" in wrt:
        result["g_end"] = dg_end[0] if single else dg_end
    if "e_end" in wrt:
        result["e_end"] = de_end[0] if single else de_end
    return float(loss), gradient, result


def _backward_padded(params, forward, w, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, x, p, c, h, q, e, g, yhat, dtype, single, n_w, n_x, n_h, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, w, y, lengths)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params
    window_T = _window(window, "T", ("T",), T)

    c_sigmoid = np.empty((T, B, n_h), dtype)
    # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
    _sigmoid(p[:, :, n_h:2 * n_h], out=c_sigmoid)
    c_sigmoid2 = np.empty((T, B, n_h), dtype)
    # c.sigmoid2[t] = sigmoid(p[t, :n_h])
    _sigmoid(p[:, :, :n_h], out=c_sigmoid2)
    c_tanh = np.empty((T, B, n_h), dtype)
    # c.tanh[t] = tanh(p[t, 3*n_h:])
    np.tanh(p[:, :, 3 * n_h:], out=c_tanh)
    h_sigmoid = np.empty((T, B, n_h), dtype)
    # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
    _sigmoid(p[:, :, 2 * n_h:3 * n_h], out=h_sigmoid)
    h_tanh = np.empty((T, B, n_h), dtype)
    # h.tanh[t] = tanh(c[t])
    np.tanh(c[1:], out=h_tanh)
    e_sigmoid = np.empty((T, B, n_h), dtype)
    # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
    _sigmoid(q[:, :, n_h:2 * n_h], out=e_sigmoid)
    e_sigmoid2 = np.empty((T, B, n_h), dtype)
    # e.sigmoid2[t] = sigmoid(q[t, :n_h])
    _sigmoid(q[:, :, :n_h], out=e_sigmoid2)
    e_tanh = np.empty((T, B, n_h), dtype)
    # e.tanh[t] = tanh(q[t, 3*n_h:])
    np.tanh(q[:, :, 3 * n_h:], out=e_tanh)
    g_sigmoid = np.empty((T, B, n_h), dtype)
    # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
    _sigmoid(q[:, :, 2 * n_h:3 * n_h], out=g_sigmoid)
    g_tanh = np.empty((T, B, n_h), dtype)
    # g.tanh[t] = tanh(e[t])
    np.tanh(e[:T], out=g_tanh)
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((T - 1, B), dtype)
    tmp2 = np.empty((T - 1,), dtype)
    tmp3 = np.empty((T - 1, B), dtype)
    tmp4 = np.empty((B,), dtype)
    tmp5 = np.empty((B, n_h), dtype)
    tmp6 = np.empty((B, 4 * n_h), dtype)
    tmp7 = np.empty((B,), dtype)
    tmp8 = np.empty((B,), dtype)
    V_hg = np.stack((V_h, V_g))
    W_hg = np.stack((W_h, W_g))
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
    dV_g = np.empty((n_y, n_h), dtype)
    # grad(V_g) = sum(outer(grad(s[t]), g[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, g[:T].reshape(-1, n_h), out=dV_g)
    dhg = np.empty((2, T, B, n_h), dtype)
    # grad(h[T]) = V_h.T @ grad(s[T])
    # grad(g[T+1]) = same_window(T - 1, minimum(T, T.own - 1), window.T) * (U_g.T @ grad(q[T]))
    np.matmul(ds.reshape(-1, n_y), V_hg, out=dhg.reshape(2, -1, n_h))
    dV_h = np.empty((n_y, n_h), dtype)
    # grad(V_h) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV_h)
    g_inside_factor = np.empty((T, B), dtype)
    # g.inside.factor[t] = where(t <= T.own, 1, 0)
    g_inside_factor[...] = np.arange(1, T + 1)[:, None] <= T_own
    e_factor = np.empty((T, B, n_h), dtype)
    # e.factor[t] = g.sigmoid[t] * (1 - g.tanh[t]**2)
    np.square(g_tanh, out=e_factor)
    np.subtract(1, e_factor, out=e_factor)
    e_factor *= g_sigmoid
    q_factor = np.empty((T, B, n_h), dtype)
    # q.factor[t] = g.sigmoid[t] * g.tanh[t] * (1 - g.sigmoid[t])
    np.subtract(1, g_sigmoid, out=q_factor)
    q_factor *= g_sigmoid
    q_factor *= g_tanh
    e_factor2 = np.empty((T - 1, B, n_h), dtype)
    # e.factor2[t] = same_window(t - 1, minimum(t, T.own - 1), window.T) * e.sigmoid[t]
    np.add(np.arange(1, T, dtype=dtype), -1, out=tmp2)
    np.add(T_own, -1, out=tmp4)
    np.minimum(np.arange(1, T, dtype=dtype)[:, None], tmp4, out=tmp3)
    tmp1[...] = tmp2[:, None] // window_T == tmp3 // window_T
    np.multiply(tmp1[:, :, None], e_sigmoid[:T - 1], out=e_factor2)
    q_factor2 = np.empty((T, B, n_h), dtype)
    # q.factor2[t] = e.sigmoid2[t] * (1 - e.tanh[t]**2)
    np.square(e_tanh, out=q_factor2)
    np.subtract(1, q_factor2, out=q_factor2)
    q_factor2 *= e_sigmoid2
    q_factor3 = np.empty((T, B, n_h), dtype)
    # q.factor3[t] = e.sigmoid2[t] * e.tanh[t] * (1 - e.sigmoid2[t])
    np.subtract(1, e_sigmoid2, out=q_factor3)
    q_factor3 *= e_sigmoid2
    q_factor3 *= e_tanh
    q_factor4 = np.empty((T, B, n_h), dtype)
    # q.factor4[t] = e[t+1] * e.sigmoid[t] * (1 - e.sigmoid[t])
    np.subtract(1, e_sigmoid, out=q_factor4)
    q_factor4 *= e[1:]
    q_factor4 *= e_sigmoid
    c_factor = np.empty((T, B, n_h), dtype)
    # c.factor[t] = h.sigmoid[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= h_sigmoid
    p_factor = np.empty((T, B, n_h), dtype)
    # p.factor[t] = h.sigmoid[t] * h.tanh[t] * (1 - h.sigmoid[t])
    np.subtract(1, h_sigmoid, out=p_factor)
    p_factor *= h_sigmoid
    p_factor *= h_tanh
    p_factor2 = np.empty((T, B, n_h), dtype)
    # p.factor2[t] = c.sigmoid2[t] * (1 - c.tanh[t]**2)
    np.square(c_tanh, out=p_factor2)
    np.subtract(1, p_factor2, out=p_factor2)
    p_factor2 *= c_sigmoid2
    p_factor3 = np.empty((T, B, n_h), dtype)
    # p.factor3[t] = c.sigmoid2[t] * c.tanh[t] * (1 - c.sigmoid2[t])
    np.subtract(1, c_sigmoid2, out=p_factor3)
    p_factor3 *= c_sigmoid2
    p_factor3 *= c_tanh
    p_factor4 = np.empty((T, B, n_h), dtype)
    # p.factor4[t] = c[t-1] * c.sigmoid[t] * (1 - c.sigmoid[t])
    np.subtract(1, c_sigmoid, out=p_factor4)
    p_factor4 *= c[:T]
    p_factor4 *= c_sigmoid
    dg_inside = np.empty((B, n_h), dtype)
    de = np.empty((T, B, n_h), dtype)
    de_inside = np.empty((T, B, n_h), dtype)
    dpq = np.empty((2, T, B, 4 * n_h), dtype)
    # grad(g.inside[t]) = where(t <= T.own, 1, 0) * grad(g[t])
    np.multiply(dhg[1, 0], g_inside_factor[0][:, None], out=dg_inside)
    # grad(e[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * e.sigmoid[t-1] *
    #     grad(e.inside[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
    np.multiply(dg_inside, e_factor[0], out=de[0])
    # grad(e.inside[t]) = where(t <= T.own, 1, 0) * grad(e[t])
    np.multiply(de[0], g_inside_factor[0][:, None], out=de_inside[0])
    # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
    np.multiply(dg_inside, q_factor[0], out=dpq[1, 0, :, 2 * n_h:3 * n_h])
    np.multiply(de_inside[0], q_factor2[0], out=dpq[1, 0, :, 3 * n_h:])
    np.multiply(de_inside[0], q_factor3[0], out=dpq[1, 0, :, :n_h])
    np.multiply(de_inside[0], q_factor4[0], out=dpq[1, 0, :, n_h:2 * n_h])
    number = np.array(-1, dtype)
    dq_at = list(dpq[1])
    dg_at = list(dhg[1])
    g_inside_factor_at = list(g_inside_factor)
    de_at = list(de)
    e_factor_at = list(e_factor)
    e_factor2_at = list(e_factor2)
    de_inside_at = list(de_inside)
    dq_at2 = list(dpq[1, :, :, 2 * n_h:3 * n_h])
    q_factor_at = list(q_factor)
    dq_at3 = list(dpq[1, :, :, 3 * n_h:])
    q_factor2_at = list(q_factor2)
    dq_at4 = list(dpq[1, :, :, :n_h])
    q_factor3_at = list(q_factor3)
    dq_at5 = list(dpq[1, :, :, n_h:2 * n_h])
    q_factor4_at = list(q_factor4)
    for t in range(2, T + 1):
        # grad(g[1]) = V_g.T @ grad(s[1])
        np.add(T_own, number, out=tmp8)
        np.minimum(t - 1, tmp8, out=tmp7)
        tmp4[...] = (t - 2) // window_T == tmp7 // window_T
        np.multiply(tmp4[:, None], dq_at[t - 2], out=tmp6)
        tmp6.dot(U_g, out=tmp5)
        dg_at[t - 1] += tmp5
        # grad(g.inside[t]) = where(t <= T.own, 1, 0) * grad(g[t])
        np.multiply(dg_at[t - 1], g_inside_factor_at[t - 1][:, None], out=dg_inside)
        # grad(e[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * e.sigmoid[t-1] *
        #     grad(e.inside[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
        np.multiply(dg_inside, e_factor_at[t - 1], out=de_at[t - 1])
        np.multiply(e_factor2_at[t - 2], de_inside_at[t - 2], out=tmp5)
        de_at[t - 1] += tmp5
        # grad(e.inside[t]) = where(t <= T.own, 1, 0) * grad(e[t])
        np.multiply(de_at[t - 1], g_inside_factor_at[t - 1][:, None], out=de_inside_at[t - 1])
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        np.multiply(dg_inside, q_factor_at[t - 1], out=dq_at2[t - 1])
        np.multiply(de_inside_at[t - 1], q_factor2_at[t - 1], out=dq_at3[t - 1])
        np.multiply(de_inside_at[t - 1], q_factor3_at[t - 1], out=dq_at4[t - 1])
        np.multiply(de_inside_at[t - 1], q_factor4_at[t - 1], out=dq_at5[t - 1])
    dc = np.empty((T, B, n_h), dtype)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
    #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
    np.multiply(c_factor[T - 1], dhg[0, T - 1], out=dc[T - 1])
    # grad(p[t, 2*n_h:3*n_h]) = h.sigmoid[t] * (1 - h.sigmoid[t]) * grad(h.sigmoid[t])
    np.multiply(p_factor[T - 1], dhg[0, T - 1], out=dpq[0, T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc[T - 1], p_factor2[T - 1], out=dpq[0, T - 1, :, 3 * n_h:])
    np.multiply(dc[T - 1], p_factor3[T - 1], out=dpq[0, T - 1, :, :n_h])
    np.multiply(dc[T - 1], p_factor4[T - 1], out=dpq[0, T - 1, :, n_h:2 * n_h])
    dp_at = list(dpq[0])
    dh_at = list(dhg[0])
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    dp_at2 = list(dpq[0, :, :, 2 * n_h:3 * n_h])
    p_factor_at = list(p_factor)
    c_sigmoid_at = list(c_sigmoid)
    dp_at3 = list(dpq[0, :, :, 3 * n_h:])
    p_factor2_at = list(p_factor2)
    dp_at4 = list(dpq[0, :, :, :n_h])
    p_factor3_at = list(p_factor3)
    dp_at5 = list(dpq[0, :, :, n_h:2 * n_h])
    p_factor4_at = list(p_factor4)
    for t in range(T - 1, 0, -1):
        # grad(h[0]) = U_h.T @ grad(p[1])
        dp_at[t].dot(U_h, out=tmp5)
        tmp5 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t - 1] += tmp5
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(c_factor_at[t - 1], dh_at[t - 1], out=dc_at[t - 1])
        # grad(p[t, 2*n_h:3*n_h]) = h.sigmoid[t] * (1 - h.sigmoid[t]) * grad(h.sigmoid[t])
        np.multiply(p_factor_at[t - 1], dh_at[t - 1], out=dp_at2[t - 1])
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, c_sigmoid_at[t], out=tmp5)
        tmp5 *= dc_at[t]
        dc_at[t - 1] += tmp5
        # grad(p[t, 2*n_h:3*n_h]) = h.sigmoid[t] * (1 - h.sigmoid[t]) * grad(h.sigmoid[t])
        np.multiply(dc_at[t - 1], p_factor2_at[t - 1], out=dp_at3[t - 1])
        np.multiply(dc_at[t - 1], p_factor3_at[t - 1], out=dp_at4[t - 1])
        np.multiply(dc_at[t - 1], p_factor4_at[t - 1], out=dp_at5[t - 1])
    db_hg = np.empty((2, 4 * n_h), dtype)
    # grad(b_h) = sum(grad(p[t]), t)
    # grad(b_g) = sum(grad(q[t]), t)
    np.add.reduce(dpq, axis=(1, 2), out=db_hg)
    dU_g = np.empty((4 * n_h, n_h), dtype)
    # grad(U_g) = sum(outer(grad(q[t]), g[t+1]), t)
    np.matmul(dpq[1].reshape(-1, 4 * n_h).T, g[1:].reshape(-1, n_h), out=dU_g)
    dW_hg = np.empty((2, 4 * n_h, n_x), dtype)
    # grad(W_h) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(q[t]), x[t]), t)
    np.matmul(dpq.reshape(2, -1, 4 * n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_hg)
    dx = np.empty((T, B, n_x), dtype)
    product = np.empty((2, T * B, n_x), dtype)
    # grad(x[t]) = W_h.T @ grad(p[t]) + W_g.T @ grad(q[t])
    np.matmul(dpq.reshape(2, -1, 4 * n_h), W_hg, out=product)
    np.add.reduce(product, axis=0, out=dx.reshape(-1, n_x))
    dU_h = np.empty((4 * n_h, n_h), dtype)
    # grad(U_h) = sum(outer(grad(p[t]), h[t-1]), t)
    np.matmul(dpq[0].reshape(-1, 4 * n_h).T, h[:T].reshape(-1, n_h), out=dU_h)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    db_h = db_hg[0]
    db_g = db_hg[1]
    dW_h = dW_hg[0]
    dW_g = dW_hg[1]

    return Params(E=dE, W_h=dW_h, W_g=dW_g, U_h=dU_h, U_g=dU_g, b_h=db_h, b_g=db_g, V_h=dV_h, V_g=dV_g, d=dd)


def _loss_arrays(T, n_y, n_x, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, 4 * n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    W_hg = np.empty((2, 4 * n_h, n_x), dtype)
    b_hg = np.empty((2, 4 * n_h), dtype)
    x = np.empty((T, B, n_x), dtype)
    pq = _by_step((2, T, B, 4 * n_h), dtype)
    g = np.empty((T + 1, B, n_h), dtype)
    e = np.empty((T + 1, B, n_h), dtype)
    e_sigmoid = np.empty((B, n_h), dtype)
    e_sigmoid2 = np.empty((B, n_h), dtype)
    e_tanh = np.empty((B, n_h), dtype)
    g_sigmoid = np.empty((B, n_h), dtype)
    g_tanh = np.empty((B, n_h), dtype)
    U_g_T = np.empty((n_h, 4 * n_h), dtype)
    g_at = list(g)
    q_at = list(pq[1])
    q_at2 = list(pq[1, :, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    q_at3 = list(pq[1, :, :, :n_h])
    q_at4 = list(pq[1, :, :, 3 * n_h:])
    q_at5 = list(pq[1, :, :, 2 * n_h:3 * n_h])
    e_at = list(e)
    s = np.empty((T, B, n_y), dtype)
    h = g
    c = e
    c_sigmoid = e_sigmoid
    c_sigmoid2 = e_sigmoid2
    c_tanh = e_tanh
    h_sigmoid = g_sigmoid
    h_tanh = g_tanh
    U_h_T = U_g_T
    h_at = list(h)
    p_at = list(pq[0])
    p_at2 = list(pq[0, :, :, n_h:2 * n_h])
    p_at3 = list(pq[0, :, :, :n_h])
    p_at4 = list(pq[0, :, :, 3 * n_h:])
    p_at5 = list(pq[0, :, :, 2 * n_h:3 * n_h])
    c_at = list(c)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, W_hg, b_hg, x, pq, g, e, e_sigmoid, e_sigmoid2, e_tanh, g_sigmoid, g_tanh, U_g_T, g_at,
        q_at, q_at2, half, q_at3, q_at4, q_at5, e_at, s, h, c, c_sigmoid, c_sigmoid2, c_tanh, h_sigmoid, h_tanh, U_h_T,
        h_at, p_at, p_at2, p_at3, p_at4, p_at5, c_at, yhat_lse, largest, rows, flat,
    )


def _loss_and_grad_arrays(T, n_w, n_y, n_x, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, 4 * n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    W_hg = np.empty((2, 4 * n_h, n_x), dtype)
    b_hg = np.empty((2, 4 * n_h), dtype)
    x = np.empty((T, B, n_x), dtype)
    pq = _by_step((2, T, B, 4 * n_h), dtype)
    g = np.empty((T + 1, B, n_h), dtype)
    e = np.empty((T + 1, B, n_h), dtype)
    e_sigmoid = np.empty((T, B, n_h), dtype)
    e_sigmoid2 = np.empty((T, B, n_h), dtype)
    e_tanh = np.empty((T, B, n_h), dtype)
    g_sigmoid = np.empty((T, B, n_h), dtype)
    g_tanh = np.empty((T, B, n_h), dtype)
    U_g_T = np.empty((n_h, 4 * n_h), dtype)
    g_at = list(g)
    q_at = list(pq[1])
    e_sigmoid_at = list(e_sigmoid)
    q_at2 = list(pq[1, :, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    e_sigmoid2_at = list(e_sigmoid2)
    q_at3 = list(pq[1, :, :, :n_h])
    e_tanh_at = list(e_tanh)
    q_at4 = list(pq[1, :, :, 3 * n_h:])
    g_sigmoid_at = list(g_sigmoid)
    q_at5 = list(pq[1, :, :, 2 * n_h:3 * n_h])
    e_at = list(e)
    g_tanh_at = list(g_tanh)
    s = np.empty((T, B, n_y), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    c_sigmoid = np.empty((T, B, n_h), dtype)
    c_sigmoid2 = np.empty((T, B, n_h), dtype)
    c_tanh = np.empty((T, B, n_h), dtype)
    h_sigmoid = np.empty((T, B, n_h), dtype)
    h_tanh = np.empty((T, B, n_h), dtype)
    U_h_T = U_g_T
    h_at = list(h)
    p_at = list(pq[0])
    c_sigmoid_at = list(c_sigmoid)
    p_at2 = list(pq[0, :, :, n_h:2 * n_h])
    c_sigmoid2_at = list(c_sigmoid2)
    p_at3 = list(pq[0, :, :, :n_h])
    c_tanh_at = list(c_tanh)
    p_at4 = list(pq[0, :, :, 3 * n_h:])
    h_sigmoid_at = list(h_sigmoid)
    p_at5 = list(pq[0, :, :, 2 * n_h:3 * n_h])
    c_at = list(c)
    h_tanh_at = list(h_tanh)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    V_hg = np.empty((2, n_y, n_h), dtype)
    ds = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV_g = np.empty((n_y, n_h), dtype)
    dV_h = np.empty((n_y, n_h), dtype)
    e_factor = np.empty((T, B, n_h), dtype)
    q_factor = np.empty((T, B, n_h), dtype)
    q_factor2 = g_tanh
    q_factor3 = g_sigmoid
    q_factor4 = e_tanh
    c_factor = e_sigmoid2
    p_factor = np.empty((T, B, n_h), dtype)
    p_factor2 = h_tanh
    p_factor3 = h_sigmoid
    p_factor4 = c_tanh
    dhg = _by_step((2, T + 2, B, n_h), dtype)
    de = c
    dpq = pq
    dq_at = list(dpq[1])
    dg_at = list(dhg[1])
    de_at = list(de)
    e_factor_at = list(e_factor)
    dq_at2 = list(dpq[1, :, :, 2 * n_h:3 * n_h])
    q_factor_at = list(q_factor)
    dq_at3 = list(dpq[1, :, :, 3 * n_h:])
    q_factor2_at = list(q_factor2)
    dq_at4 = list(dpq[1, :, :, :n_h])
    q_factor3_at = list(q_factor3)
    dq_at5 = list(dpq[1, :, :, n_h:2 * n_h])
    q_factor4_at = list(q_factor4)
    dc = e
    dp_at = list(dpq[0])
    dh_at = list(dhg[0])
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    dp_at2 = list(dpq[0, :, :, 2 * n_h:3 * n_h])
    p_factor_at = list(p_factor)
    dp_at3 = list(dpq[0, :, :, 3 * n_h:])
    p_factor2_at = list(p_factor2)
    dp_at4 = list(dpq[0, :, :, :n_h])
    p_factor3_at = list(p_factor3)
    dp_at5 = list(dpq[0, :, :, n_h:2 * n_h])
    p_factor4_at = list(p_factor4)
    db_hg = np.empty((2, 4 * n_h), dtype)
    dU_g = np.empty((4 * n_h, n_h), dtype)
    dW_hg = np.empty((2, 4 * n_h, n_x), dtype)
    dx = x
    product = np.empty((2, T * B, n_x), dtype)
    dU_h = np.empty((4 * n_h, n_h), dtype)
    dE = np.empty((n_w, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, W_hg, b_hg, x, pq, g, e, e_sigmoid, e_sigmoid2, e_tanh, g_sigmoid, g_tanh, U_g_T, g_at,
        q_at, e_sigmoid_at, q_at2, half, e_sigmoid2_at, q_at3, e_tanh_at, q_at4, g_sigmoid_at, q_at5, e_at, g_tanh_at,
        s, h, c, c_sigmoid, c_sigmoid2, c_tanh, h_sigmoid, h_tanh, U_h_T, h_at, p_at, c_sigmoid_at, p_at2,
        c_sigmoid2_at, p_at3, c_tanh_at, p_at4, h_sigmoid_at, p_at5, c_at, h_tanh_at, yhat_lse, largest, yhat, rows,
        flat, V_hg, ds, entries, dd, dV_g, dV_h, e_factor, q_factor, q_factor2, q_factor3, q_factor4, c_factor,
        p_factor, p_factor2, p_factor3, p_factor4, dhg, de, dpq, dq_at, dg_at, de_at, e_factor_at, dq_at2, q_factor_at,
        dq_at3, q_factor2_at, dq_at4, q_factor3_at, dq_at5, q_factor4_at, dc, dp_at, dh_at, dc_at, c_factor_at, dp_at2,
        p_factor_at, dp_at3, p_factor2_at, dp_at4, p_factor3_at, dp_at5, p_factor4_at, db_hg, dU_g, dW_hg, dx, product,
        dU_h, dE,
    )


def _loss_padded_arrays(T, n_y, n_x, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, 4 * n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    e_sigmoid = np.empty((B, n_h), dtype)
    tmp3 = e_sigmoid
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    tmp7 = np.empty((B, T), dtype)
    W_hg = np.empty((2, 4 * n_h, n_x), dtype)
    b_hg = np.empty((2, 4 * n_h), dtype)
    x = np.empty((T, B, n_x), dtype)
    pq = _by_step((2, T, B, 4 * n_h), dtype)
    g = np.empty((T + 1, B, n_h), dtype)
    e = np.empty((T + 1, B, n_h), dtype)
    e_sigmoid2 = np.empty((B, n_h), dtype)
    e_tanh = np.empty((B, n_h), dtype)
    e_inside = np.empty((B, n_h), dtype)
    g_sigmoid = np.empty((B, n_h), dtype)
    g_tanh = np.empty((B, n_h), dtype)
    g_inside = np.empty((B, n_h), dtype)
    U_g_T = np.empty((n_h, 4 * n_h), dtype)
    g_at = list(g)
    q_at = list(pq[1])
    q_at2 = list(pq[1, :, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    q_at3 = list(pq[1, :, :, :n_h])
    q_at4 = list(pq[1, :, :, 3 * n_h:])
    e_at = list(e)
    q_at5 = list(pq[1, :, :, 2 * n_h:3 * n_h])
    s = np.empty((T, B, n_y), dtype)
    h = g
    c = e
    c_sigmoid = e_sigmoid2
    c_sigmoid2 = e_tanh
    c_tanh = e_inside
    h_sigmoid = g_sigmoid
    h_tanh = g_tanh
    U_h_T = U_g_T
    h_at = list(h)
    p_at = list(pq[0])
    p_at2 = list(pq[0, :, :, n_h:2 * n_h])
    p_at3 = list(pq[0, :, :, :n_h])
    p_at4 = list(pq[0, :, :, 3 * n_h:])
    p_at5 = list(pq[0, :, :, 2 * n_h:3 * n_h])
    c_at = list(c)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, e_sigmoid, tmp3, tmp4, tmp5, tmp6, tmp7, W_hg, b_hg, x, pq, g, e, e_sigmoid2, e_tanh,
        e_inside, g_sigmoid, g_tanh, g_inside, U_g_T, g_at, q_at, q_at2, half, q_at3, q_at4, e_at, q_at5, s, h, c,
        c_sigmoid, c_sigmoid2, c_tanh, h_sigmoid, h_tanh, U_h_T, h_at, p_at, p_at2, p_at3, p_at4, p_at5, c_at, yhat_lse,
        largest,
    )


def _loss_and_grad_padded_arrays(T, n_w, n_y, n_x, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, 4 * n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    e_inside = np.empty((B, n_h), dtype)
    tmp3 = e_inside
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    tmp7 = np.empty((B, T), dtype)
    W_hg = np.empty((2, 4 * n_h, n_x), dtype)
    b_hg = np.empty((2, 4 * n_h), dtype)
    x = np.empty((T, B, n_x), dtype)
    pq = _by_step((2, T, B, 4 * n_h), dtype)
    g = np.empty((T + 1, B, n_h), dtype)
    e = np.empty((T + 1, B, n_h), dtype)
    e_sigmoid = tmp0
    e_sigmoid2 = np.empty((T, B, n_h), dtype)
    e_tanh = np.empty((T, B, n_h), dtype)
    g_sigmoid = np.empty((T, B, n_h), dtype)
    g_tanh = np.empty((T, B, n_h), dtype)
    g_inside = np.empty((B, n_h), dtype)
    U_g_T = np.empty((n_h, 4 * n_h), dtype)
    g_at = list(g)
    q_at = list(pq[1])
    e_sigmoid_at = list(e_sigmoid)
    q_at2 = list(pq[1, :, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    e_sigmoid2_at = list(e_sigmoid2)
    q_at3 = list(pq[1, :, :, :n_h])
    e_tanh_at = list(e_tanh)
    q_at4 = list(pq[1, :, :, 3 * n_h:])
    e_at = list(e)
    g_sigmoid_at = list(g_sigmoid)
    q_at5 = list(pq[1, :, :, 2 * n_h:3 * n_h])
    g_tanh_at = list(g_tanh)
    s = np.empty((T, B, n_y), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    c_sigmoid = np.empty((T, B, n_h), dtype)
    c_sigmoid2 = np.empty((T, B, n_h), dtype)
    c_tanh = np.empty((T, B, n_h), dtype)
    h_sigmoid = np.empty((T, B, n_h), dtype)
    h_tanh = np.empty((T, B, n_h), dtype)
    U_h_T = U_g_T
    h_at = list(h)
    p_at = list(pq[0])
    c_sigmoid_at = list(c_sigmoid)
    p_at2 = list(pq[0, :, :, n_h:2 * n_h])
    c_sigmoid2_at = list(c_sigmoid2)
    p_at3 = list(pq[0, :, :, :n_h])
    c_tanh_at = list(c_tanh)
    p_at4 = list(pq[0, :, :, 3 * n_h:])
    h_sigmoid_at = list(h_sigmoid)
    p_at5 = list(pq[0, :, :, 2 * n_h:3 * n_h])
    c_at = list(c)
    h_tanh_at = list(h_tanh)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp8 = yhat_lse
    tmp9 = np.empty((T - 1, B), dtype)
    tmp10 = np.empty((T - 1,), dtype)
    tmp11 = np.empty((T - 1, B), dtype)
    tmp12 = np.empty((B,), dtype)
    tmp13 = np.empty((B,), dtype)
    tmp14 = np.empty((B,), dtype)
    V_hg = np.empty((2, n_y, n_h), dtype)
    ds = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV_g = np.empty((n_y, n_h), dtype)
    dV_h = np.empty((n_y, n_h), dtype)
    g_inside_factor = yhat_lse
    e_factor = np.empty((T, B, n_h), dtype)
    q_factor = np.empty((T, B, n_h), dtype)
    e_factor2 = np.empty((T - 1, B, n_h), dtype)
    q_factor2 = g_tanh
    q_factor3 = g_sigmoid
    q_factor4 = e_tanh
    c_factor = e_sigmoid2
    p_factor = np.empty((T, B, n_h), dtype)
    p_factor2 = h_tanh
    p_factor3 = h_sigmoid
    p_factor4 = c_tanh
    dhg = _by_step((2, T + 2, B, n_h), dtype)
    dg_inside = e_inside
    de = c
    de_inside = c_sigmoid2
    dpq = pq
    number = np.array(-1, dtype)
    dq_at = list(dpq[1])
    dg_at = list(dhg[1])
    g_inside_factor_at = list(g_inside_factor)
    de_at = list(de)
    e_factor_at = list(e_factor)
    e_factor2_at = list(e_factor2)
    de_inside_at = list(de_inside)
    dq_at2 = list(dpq[1, :, :, 2 * n_h:3 * n_h])
    q_factor_at = list(q_factor)
    dq_at3 = list(dpq[1, :, :, 3 * n_h:])
    q_factor2_at = list(q_factor2)
    dq_at4 = list(dpq[1, :, :, :n_h])
    q_factor3_at = list(q_factor3)
    dq_at5 = list(dpq[1, :, :, n_h:2 * n_h])
    q_factor4_at = list(q_factor4)
    dc = e
    dp_at = list(dpq[0])
    dh_at = list(dhg[0])
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    dp_at2 = list(dpq[0, :, :, 2 * n_h:3 * n_h])
    p_factor_at = list(p_factor)
    dp_at3 = list(dpq[0, :, :, 3 * n_h:])
    p_factor2_at = list(p_factor2)
    dp_at4 = list(dpq[0, :, :, :n_h])
    p_factor3_at = list(p_factor3)
    dp_at5 = list(dpq[0, :, :, n_h:2 * n_h])
    p_factor4_at = list(p_factor4)
    db_hg = np.empty((2, 4 * n_h), dtype)
    dU_g = np.empty((4 * n_h, n_h), dtype)
    dW_hg = np.empty((2, 4 * n_h, n_x), dtype)
    dx = x
    product = np.empty((2, T * B, n_x), dtype)
    dU_h = np.empty((4 * n_h, n_h), dtype)
    dE = np.empty((n_w, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, e_inside, tmp3, tmp4, tmp5, tmp6, tmp7, W_hg, b_hg, x, pq, g, e, e_sigmoid, e_sigmoid2,
        e_tanh, g_sigmoid, g_tanh, g_inside, U_g_T, g_at, q_at, e_sigmoid_at, q_at2, half, e_sigmoid2_at, q_at3,
        e_tanh_at, q_at4, e_at, g_sigmoid_at, q_at5, g_tanh_at, s, h, c, c_sigmoid, c_sigmoid2, c_tanh, h_sigmoid,
        h_tanh, U_h_T, h_at, p_at, c_sigmoid_at, p_at2, c_sigmoid2_at, p_at3, c_tanh_at, p_at4, h_sigmoid_at, p_at5,
        c_at, h_tanh_at, yhat_lse, largest, yhat, tmp8, tmp9, tmp10, tmp11, tmp12, tmp13, tmp14, V_hg, ds, rows, flat,
        entries, dd, dV_g, dV_h, g_inside_factor, e_factor, q_factor, e_factor2, q_factor2, q_factor3, q_factor4,
        c_factor, p_factor, p_factor2, p_factor3, p_factor4, dhg, dg_inside, de, de_inside, dpq, number, dq_at, dg_at,
        g_inside_factor_at, de_at, e_factor_at, e_factor2_at, de_inside_at, dq_at2, q_factor_at, dq_at3, q_factor2_at,
        dq_at4, q_factor3_at, dq_at5, q_factor4_at, dc, dp_at, dh_at, dc_at, c_factor_at, dp_at2, p_factor_at, dp_at3,
        p_factor2_at, dp_at4, p_factor3_at, dp_at5, p_factor4_at, db_hg, dU_g, dW_hg, dx, product, dU_h, dE,
    )


def _arguments(params, w, y, h0, c0, g_end, e_end, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h, n_y = _parameters(params)
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
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U_h")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U_h")
        if single:
            c0 = c0[None]
    if g_end is None:
        g_end = np.zeros((B, n_h), dtype)
    else:
        g_end = _real("g_end", g_end, dtype)
        _expect("g_end", g_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U_h")
        if single:
            g_end = g_end[None]
    if e_end is None:
        e_end = np.zeros((B, n_h), dtype)
    else:
        e_end = _real("e_end", e_end, dtype)
        _expect("e_end", e_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U_h")
        if single:
            e_end = e_end[None]
    return params, w, y, h0, c0, g_end, e_end, dtype, single, n_w, n_x, n_h, n_y, T, B


def _backward_arguments(params, forward, w, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h, n_y = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    p = _real("forward.p", forward.p, dtype)
    c = _real("forward.c", forward.c, dtype)
    h = _real("forward.h", forward.h, dtype)
    q = _real("forward.q", forward.q, dtype)
    e = _real("forward.e", forward.e, dtype)
    g = _real("forward.g", forward.g, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    T = w.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
    _expect("forward.x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from w, n_x from E")
    _expect("forward.p", p, (T, *batch_axis, 4 * n_h), ("T", "B", "4*n_h"), "T and B from w, n_h from U_h")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from w, n_h from U_h")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from w, n_h from U_h")
    _expect("forward.q", q, (T, *batch_axis, 4 * n_h), ("T", "B", "4*n_h"), "T and B from w, n_h from U_h")
    _expect("forward.e", e, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from w, n_h from U_h")
    _expect("forward.g", g, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from w, n_h from U_h")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from w, n_y from V_h")
    _classes("w", w, n_w, "n_w - 1")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        w = w[:, None]
        y = y[:, None]
        x = x[:, None]
        p = p[:, None]
        c = c[:, None]
        h = h[:, None]
        q = q[:, None]
        e = e[:, None]
        g = g[:, None]
        yhat = yhat[:, None]
    return params, w, y, x, p, c, h, q, e, g, yhat, dtype, single, n_w, n_x, n_h, n_y, T, B


def _padded_arguments(params, w, y, h0, c0, g_end, e_end, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h, n_y = _parameters(params)
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
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U_h")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U_h")
        if single:
            c0 = c0[None]
    if g_end is None:
        g_end = np.zeros((B, n_h), dtype)
    else:
        g_end = _real("g_end", g_end, dtype)
        _expect("g_end", g_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U_h")
        if single:
            g_end = g_end[None]
    if e_end is None:
        e_end = np.zeros((B, n_h), dtype)
    else:
        e_end = _real("e_end", e_end, dtype)
        _expect("e_end", e_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U_h")
        if single:
            e_end = e_end[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_T)
    _classes("w", w, n_w, "n_w - 1")
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_y, "n_y - 1")
    return params, w, y, h0, c0, g_end, e_end, dtype, single, n_w, n_x, n_h, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, w, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h, n_y = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    p = _real("forward.p", forward.p, dtype)
    c = _real("forward.c", forward.c, dtype)
    h = _real("forward.h", forward.h, dtype)
    q = _real("forward.q", forward.q, dtype)
    e = _real("forward.e", forward.e, dtype)
    g = _real("forward.g", forward.g, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    T = w.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
    _expect("forward.x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from w, n_x from E")
    _expect("forward.p", p, (T, *batch_axis, 4 * n_h), ("T", "B", "4*n_h"), "T and B from w, n_h from U_h")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from w, n_h from U_h")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from w, n_h from U_h")
    _expect("forward.q", q, (T, *batch_axis, 4 * n_h), ("T", "B", "4*n_h"), "T and B from w, n_h from U_h")
    _expect("forward.e", e, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from w, n_h from U_h")
    _expect("forward.g", g, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from w, n_h from U_h")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from w, n_y from V_h")
    if single:
        w = w[:, None]
        y = y[:, None]
        x = x[:, None]
        p = p[:, None]
        c = c[:, None]
        h = h[:, None]
        q = q[:, None]
        e = e[:, None]
        g = g[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_T)
    _classes("w", w, n_w, "n_w - 1")
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, w, y, x, p, c, h, q, e, g, yhat, dtype, single, n_w, n_x, n_h, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params
    _rank("E", E, ("n_w", "n_x"))
    n_w, n_x = E.shape
    _rank("U_h", U_h, ("4*n_h", "n_h"))
    n_h = U_h.shape[1]
    _rank("V_h", V_h, ("n_y", "n_h"))
    n_y = V_h.shape[0]
    _expect("W_h", W_h, (4 * n_h, n_x), ("4*n_h", "n_x"), "n_h from U_h, n_x from E")
    _expect("W_g", W_g, (4 * n_h, n_x), ("4*n_h", "n_x"), "n_h from U_h, n_x from E")
    _expect("U_h", U_h, (4 * n_h, n_h), ("4*n_h", "n_h"))
    _expect("U_g", U_g, (4 * n_h, n_h), ("4*n_h", "n_h"), "n_h from U_h")
    _expect("b_h", b_h, (4 * n_h,), ("4*n_h",), "n_h from U_h")
    _expect("b_g", b_g, (4 * n_h,), ("4*n_h",), "n_h from U_h")
    _expect("V_h", V_h, (n_y, n_h), ("n_y", "n_h"), "n_h from U_h")
    _expect("V_g", V_g, (n_y, n_h), ("n_y", "n_h"), "n_y from V_h, n_h from U_h")
    _expect("d", d, (n_y,), ("n_y",), "n_y from V_h")
    return params, dtype, n_w, n_x, n_h, n_y


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
