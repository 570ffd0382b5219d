# Written by derive from sequence_to_sequence.eq; do not edit.
# Change sequence_to_sequence.eq instead, and run: derive generate sequence_to_sequence
# source cb3f3cd91f72f7b5, derive 07e8f9d843407be1, body 23cbec32ea600069
"""Sequence to sequence: an LSTM reads the source, and its last state is where the LSTM that writes the target starts.

Sutskever, Vinyals & Le (2014), Sequence to Sequence Learning with Neural Networks, section 2. The paper reads the
source backwards, which is a matter of the data; here it is an equation: the encoder runs from right to left.

The equations::

    w: Index[S, n_w]                # the words to read
    y: Label[T, n_y]                # the words to write; y[t-1] is read when y[t] is predicted
    E: Param[n_w, n_x]              # embedding of the words that are read
    F: Param[n_y, n_x]              # embedding of the words that are written
    W, P = Param[4*n_h, n_x]        # word to i, f, o and candidate, in the encoder and in the decoder
    U, Q = Param[4*n_h, n_h]        # hidden to i, f, o and candidate
    a, b = Param[4*n_h]             # biases
    V: Param[n_y, n_h]              # hidden to output
    d: Param[n_y]                   # output bias

    def cell(z, c): return sigmoid(z[n_h:2*n_h]) * c + sigmoid(z[:n_h]) * tanh(z[3*n_h:])
    def out(z, c): return sigmoid(z[2*n_h:3*n_h]) * tanh(c)

    h[S+1] = 0
    m[S+1] = 0
    p[s] = a + W @ E[w[s]] + U @ h[s+1]                 # encoder: gates,
    m[s] = cell(p[s], m[s+1])                           # cell
    h[s] = out(p[s], m[s])                              # and hidden state
    g[0] = h[1]
    c[0] = m[1]
    q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]               # decoder: gates,
    c[t] = cell(q[t], c[t-1])                           # cell
    g[t] = out(q[t], c[t])                              # and hidden state
    o[t] = d + V @ g[t]                                 # logits
    yhat[t] = softmax(o[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    E: np.ndarray  # (n_w, n_x)  embedding of the words that are read
    F: np.ndarray  # (n_y, n_x)  embedding of the words that are written
    W: np.ndarray  # (4*n_h, n_x)  word to i, f, o and candidate, in the encoder and in the decoder
    P: np.ndarray  # (4*n_h, n_x)  word to i, f, o and candidate, in the encoder and in the decoder
    U: np.ndarray  # (4*n_h, n_h)  hidden to i, f, o and candidate
    Q: np.ndarray  # (4*n_h, n_h)  hidden to i, f, o and candidate
    a: np.ndarray  # (4*n_h)  biases
    b: np.ndarray  # (4*n_h)  biases
    V: np.ndarray  # (n_y, n_h)  hidden to output
    d: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    p: np.ndarray  # (S, B, 4*n_h)  encoder: gates,
    m: np.ndarray  # (S + 1, B, n_h)  cell
    h: np.ndarray  # (S + 1, B, n_h)  and hidden state
    q: np.ndarray  # (T, B, 4*n_h)  decoder: gates,
    c: np.ndarray  # (T + 1, B, n_h)  cell
    g: np.ndarray  # (T + 1, B, n_h)  and hidden state
    o: np.ndarray  # (T, B, n_y)  logits
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    y: np.ndarray  # (B)  the words to write; y[t-1] is read when y[t] is predicted
    c: np.ndarray  # (B, n_h)  cell
    g: np.ndarray  # (B, n_h)  and hidden state
    t: int  # steps so far


class Outputs(NamedTuple):
    """The variables at one step."""

    q: np.ndarray  # (B, 4*n_h)  decoder: gates,
    c: np.ndarray  # (B, n_h)  cell
    g: np.ndarray  # (B, n_h)  and hidden state
    o: np.ndarray  # (B, n_y)  logits
    yhat: np.ndarray  # (B, n_y)


class FreeRun(NamedTuple):
    """What `free_run` returns, with what it read back; one example has no axis B."""

    p: np.ndarray  # (S, B, 4*n_h)  encoder: gates,
    m: np.ndarray  # (S + 1, B, n_h)  cell
    h: np.ndarray  # (S + 1, B, n_h)  and hidden state
    q: np.ndarray  # (T, B, 4*n_h)  decoder: gates,
    c: np.ndarray  # (T + 1, B, n_h)  cell
    g: np.ndarray  # (T + 1, B, n_h)  and hidden state
    o: np.ndarray  # (T, B, n_y)  logits
    yhat: np.ndarray  # (T, B, n_y)
    y: np.ndarray  # (T, B)  the words to write; y[t-1] is read when y[t] is predicted


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
    rng: np.random.Generator, *, n_w: int, n_x: int, n_y: int, n_h: int, dtype: type = np.float64
) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_w = _size("n_w", n_w)
    n_x = _size("n_x", n_x)
    n_y = _size("n_y", n_y)
    n_h = _size("n_h", n_h)
    return Params(
        E=(rng.standard_normal((n_w, n_x)) / np.sqrt(n_x)).astype(dtype),
        F=(rng.standard_normal((n_y, n_x)) / np.sqrt(n_x)).astype(dtype),
        W=(rng.standard_normal((4 * n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        P=(rng.standard_normal((4 * n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        U=(rng.standard_normal((4 * n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        Q=(rng.standard_normal((4 * n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        a=np.zeros((4 * n_h,), dtype),
        b=np.zeros((4 * n_h,), dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        d=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    h_end: np.ndarray | None = None,
    m_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    w        (S, B)    0..n_w - 1   the words to read
    y        (T, B)    0..n_y - 1   the words to write; y[t-1] is read when y[t] is predicted
    h_end    (B, n_h)  real         h[S + 1]; 0 where not given
    m_end    (B, n_h)  real         m[S + 1]; 0 where not given
    state              State        what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths            by sequence  each example's own number of steps, what is given beyond is not read; all where not
                                    given

    Data without the axis B are one example.
    """
    if lengths is not None or state is not None:
        return _forward_padded(params, w, y, h_end, m_end, lengths, state)
    params, w, y, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, T, B = _arguments(params, w, y, h_end, m_end)
    E, F, W, P, U, Q, a, b, V, d = params

    tmp0 = np.empty((S, B, n_x), dtype)
    tmp1 = np.empty((B, 4 * n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T - 1, B, 4 * n_h), dtype)
    tmp4 = np.empty((T - 1, B, n_x), dtype)
    tmp5 = np.empty((T, B, n_y), dtype)
    tmp6 = np.empty((T, B), dtype)
    p = np.empty((S, B, 4 * n_h), dtype)
    # p[s] = a + W @ E[w[s]] + U @ h[s+1]
    np.take(E, w, axis=0, out=tmp0, mode="clip")
    np.matmul(tmp0.reshape(-1, n_x), W.T, out=p.reshape(-1, 4 * n_h))
    p += a
    q = np.empty((T, B, 4 * n_h), dtype)
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[...] = b
    mh = np.empty((2, S + 1, B, n_h), dtype)
    # h[S+1] = 0
    mh[1, S] = h_end
    # m[S+1] = 0
    mh[0, S] = m_end
    m_sigmoid = np.empty((B, n_h), dtype)
    m_sigmoid2 = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    U_T = np.empty((n_h, 4 * n_h), dtype)
    U_T[...] = U.T
    h_at = list(mh[1])
    p_at = list(p)
    p_at2 = list(p[:, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    p_at3 = list(p[:, :, :n_h])
    p_at4 = list(p[:, :, 3 * n_h:])
    p_at5 = list(p[:, :, 2 * n_h:3 * n_h])
    m_at = list(mh[0])
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        h_at[s].dot(U_T, out=tmp1)
        p_at[s - 1] += tmp1
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        _sigmoid(p_at2[s - 1], out=m_sigmoid, half=half)
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        _sigmoid(p_at3[s - 1], out=m_sigmoid2, half=half)
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p_at4[s - 1], out=m_tanh)
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        _sigmoid(p_at5[s - 1], out=h_sigmoid, half=half)
        # m[S+1] = 0
        np.multiply(m_sigmoid, m_at[s], out=m_at[s - 1])
        np.multiply(m_sigmoid2, m_tanh, out=tmp2)
        m_at[s - 1] += tmp2
        # h.tanh[s] = tanh(m[s])
        np.tanh(m_at[s - 1], out=h_tanh)
        # h[S+1] = 0
        np.multiply(h_sigmoid, h_tanh, out=h_at[s - 1])
    cg = np.empty((2, T + 1, B, n_h), dtype)
    # c[0] = m[1]
    # g[0] = h[1]
    cg[:, 0] = mh[:, 0]
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    np.take(F, y[:T - 1], axis=0, out=tmp4, mode="clip")
    np.matmul(tmp4.reshape(-1, n_x), P.T, out=tmp3.reshape(-1, 4 * n_h))
    q[1:] += tmp3
    c_sigmoid = np.empty((B, n_h), dtype)
    c_sigmoid2 = np.empty((B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    g_sigmoid = np.empty((B, n_h), dtype)
    g_tanh = np.empty((B, n_h), dtype)
    Q_T = np.empty((n_h, 4 * n_h), dtype)
    Q_T[...] = Q.T
    g_at = list(cg[1])
    q_at = list(q)
    q_at2 = list(q[:, :, n_h:2 * n_h])
    q_at3 = list(q[:, :, :n_h])
    q_at4 = list(q[:, :, 3 * n_h:])
    q_at5 = list(q[:, :, 2 * n_h:3 * n_h])
    c_at = list(cg[0])
    for t in range(1, T + 1):
        # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
        g_at[t - 1].dot(Q_T, out=tmp1)
        q_at[t - 1] += tmp1
        # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        _sigmoid(q_at2[t - 1], out=c_sigmoid, half=half)
        # c.sigmoid2[t] = sigmoid(q[t, :n_h])
        _sigmoid(q_at3[t - 1], out=c_sigmoid2, half=half)
        # c.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q_at4[t - 1], out=c_tanh)
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        _sigmoid(q_at5[t - 1], out=g_sigmoid, half=half)
        # c[0] = m[1]
        np.multiply(c_sigmoid, c_at[t - 1], out=c_at[t])
        np.multiply(c_sigmoid2, c_tanh, out=tmp2)
        c_at[t] += tmp2
        # g.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=g_tanh)
        # g[0] = h[1]
        np.multiply(g_sigmoid, g_tanh, out=g_at[t])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = d + V @ g[t]
    np.matmul(cg[1, 1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp5, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp5)
    np.exp(tmp5, out=yhat)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp6)
    np.subtract(yhat_lse, tmp6, out=tmp6)
    loss = tmp6.sum()
    c = cg[0]
    g = cg[1]
    m = mh[0]
    h = mh[1]

    if single:
        p = p[:, 0]
        m = m[:, 0]
        h = h[:, 0]
        q = q[:, 0]
        c = c[:, 0]
        g = g[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(p=p, m=m, h=h, q=q, c=c, g=g, o=o, yhat=yhat, loss=float(loss))


def loss(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    h_end: np.ndarray | None = None,
    m_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    w          (S, B)    0..n_w - 1   the words to read
    y          (T, B)    0..n_y - 1   the words to write; y[t-1] is read when y[t] is predicted
    h_end      (B, n_h)  real         h[S + 1]; 0 where not given
    m_end      (B, n_h)  real         m[S + 1]; 0 where not given
    workspace            Workspace    its arrays are used, and hold the results until its next call
    state                State        what an earlier piece left, from last_state or step: the sequence goes on from
                                      there
    lengths              by sequence  each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if lengths is not None or state is not None:
        return _loss_padded(params, w, y, h_end, m_end, lengths, workspace, state)
    params, w, y, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, T, B = _arguments(params, w, y, h_end, m_end)
    E, F, W, P, U, Q, a, b, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, p, q, mh, m_sigmoid, m_sigmoid2, m_tanh, h_sigmoid, h_tanh, U_T, h_at,
        p_at, p_at2, half, p_at3, p_at4, p_at5, m_at, cg, c_sigmoid, c_sigmoid2, c_tanh, g_sigmoid, g_tanh, Q_T, g_at,
        q_at, q_at2, q_at3, q_at4, q_at5, c_at, o, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, S, T, n_y, n_x, n_h, B, dtype)
    # p[s] = a + W @ E[w[s]] + U @ h[s+1]
    np.take(E, w, axis=0, out=tmp0, mode="clip")
    np.matmul(tmp0.reshape(-1, n_x), W.T, out=p.reshape(-1, 4 * n_h))
    p += a
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[...] = b
    # h[S+1] = 0
    mh[1, S] = h_end
    # m[S+1] = 0
    mh[0, S] = m_end
    U_T[...] = U.T
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        h_at[s].dot(U_T, out=tmp1)
        p_at[s - 1] += tmp1
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        _sigmoid(p_at2[s - 1], out=m_sigmoid, half=half)
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        _sigmoid(p_at3[s - 1], out=m_sigmoid2, half=half)
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p_at4[s - 1], out=m_tanh)
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        _sigmoid(p_at5[s - 1], out=h_sigmoid, half=half)
        # m[S+1] = 0
        np.multiply(m_sigmoid, m_at[s], out=m_at[s - 1])
        np.multiply(m_sigmoid2, m_tanh, out=tmp2)
        m_at[s - 1] += tmp2
        # h.tanh[s] = tanh(m[s])
        np.tanh(m_at[s - 1], out=h_tanh)
        # h[S+1] = 0
        np.multiply(h_sigmoid, h_tanh, out=h_at[s - 1])
    # c[0] = m[1]
    # g[0] = h[1]
    cg[:, 0] = mh[:, 0]
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    np.take(F, y[:T - 1], axis=0, out=tmp4, mode="clip")
    np.matmul(tmp4.reshape(-1, n_x), P.T, out=tmp3.reshape(-1, 4 * n_h))
    q[1:] += tmp3
    Q_T[...] = Q.T
    for t in range(1, T + 1):
        # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
        g_at[t - 1].dot(Q_T, out=tmp1)
        q_at[t - 1] += tmp1
        # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        _sigmoid(q_at2[t - 1], out=c_sigmoid, half=half)
        # c.sigmoid2[t] = sigmoid(q[t, :n_h])
        _sigmoid(q_at3[t - 1], out=c_sigmoid2, half=half)
        # c.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q_at4[t - 1], out=c_tanh)
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        _sigmoid(q_at5[t - 1], out=g_sigmoid, half=half)
        # c[0] = m[1]
        np.multiply(c_sigmoid, c_at[t - 1], out=c_at[t])
        np.multiply(c_sigmoid2, c_tanh, out=tmp2)
        c_at[t] += tmp2
        # g.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=g_tanh)
        # g[0] = h[1]
        np.multiply(g_sigmoid, g_tanh, out=g_at[t])
    # o[t] = d + V @ g[t]
    np.matmul(cg[1, 1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += d
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp5, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp6)
    np.subtract(yhat_lse, tmp6, out=tmp6)
    loss = tmp6.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    h_end: np.ndarray | None = None,
    m_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w          (S, B)    0..n_w - 1         the words to read
    y          (T, B)    0..n_y - 1         the words to write; y[t-1] is read when y[t] is predicted
    h_end      (B, n_h)  real               h[S + 1]; 0 where not given
    m_end      (B, n_h)  real               m[S + 1]; 0 where not given
    workspace            Workspace          its arrays are used, and hold the results until its next call
    state                State              what an earlier piece left, from last_state or step: the sequence goes on
                                            from there
    lengths              by sequence        each example's own number of steps, what is given beyond is not read; all
                                            where not given
    window               whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it,
                                            values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _loss_and_grad_padded(params, w, y, h_end, m_end, lengths, wrt, workspace, window, state)
    params, w, y, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, T, B = _arguments(params, w, y, h_end, m_end)
    E, F, W, P, U, Q, a, b, V, d = params
    wrt = _asked(wrt, ("h_end", "m_end"))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, p, q, mh, m_sigmoid, m_sigmoid2, m_tanh, h_sigmoid, h_tanh, U_T, h_at,
        p_at, m_sigmoid_at, p_at2, half, m_sigmoid2_at, p_at3, m_tanh_at, p_at4, h_sigmoid_at, p_at5, m_at, h_tanh_at,
        cg, c_sigmoid, c_sigmoid2, c_tanh, g_sigmoid, g_tanh, Q_T, g_at, q_at, c_sigmoid_at, q_at2, c_sigmoid2_at,
        q_at3, c_tanh_at, q_at4, g_sigmoid_at, q_at5, c_at, g_tanh_at, o, yhat_lse, largest, yhat, rows, flat, tmp7,
        tmp8, do, entries, dd, dV, c_factor, q_factor, q_factor2, q_factor3, q_factor4, dcg, dq, dq_at, dg_at, dc_at,
        c_factor_at, dq_at2, q_factor_at, dq_at3, q_factor2_at, dq_at4, q_factor3_at, dq_at5, q_factor4_at, dP, db, dQ,
        m_factor, p_factor, p_factor2, p_factor3, p_factor4, dmh, dp, dp_at, dh_at, dm_at, m_factor_at, dp_at2,
        p_factor_at, dp_at3, p_factor2_at, dp_at4, p_factor3_at, dp_at5, p_factor4_at, da, dW, dU, dF, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, S, n_w, T, n_y, n_x, n_h, B, dtype)
    # p[s] = a + W @ E[w[s]] + U @ h[s+1]
    np.take(E, w, axis=0, out=tmp0, mode="clip")
    np.matmul(tmp0.reshape(-1, n_x), W.T, out=p.reshape(-1, 4 * n_h))
    p += a
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[...] = b
    # h[S+1] = 0
    mh[1, S] = h_end
    # m[S+1] = 0
    mh[0, S] = m_end
    U_T[...] = U.T
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        h_at[s].dot(U_T, out=tmp1)
        p_at[s - 1] += tmp1
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        _sigmoid(p_at2[s - 1], out=m_sigmoid_at[s - 1], half=half)
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        _sigmoid(p_at3[s - 1], out=m_sigmoid2_at[s - 1], half=half)
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p_at4[s - 1], out=m_tanh_at[s - 1])
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        _sigmoid(p_at5[s - 1], out=h_sigmoid_at[s - 1], half=half)
        # m[S+1] = 0
        np.multiply(m_sigmoid_at[s - 1], m_at[s], out=m_at[s - 1])
        np.multiply(m_sigmoid2_at[s - 1], m_tanh_at[s - 1], out=tmp2)
        m_at[s - 1] += tmp2
        # h.tanh[s] = tanh(m[s])
        np.tanh(m_at[s - 1], out=h_tanh_at[s - 1])
        # h[S+1] = 0
        np.multiply(h_sigmoid_at[s - 1], h_tanh_at[s - 1], out=h_at[s - 1])
    # c[0] = m[1]
    # g[0] = h[1]
    cg[:, 0] = mh[:, 0]
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    np.take(F, y[:T - 1], axis=0, out=tmp4, mode="clip")
    np.matmul(tmp4.reshape(-1, n_x), P.T, out=tmp3.reshape(-1, 4 * n_h))
    q[1:] += tmp3
    Q_T[...] = Q.T
    for t in range(1, T + 1):
        # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
        g_at[t - 1].dot(Q_T, out=tmp1)
        q_at[t - 1] += tmp1
        # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        _sigmoid(q_at2[t - 1], out=c_sigmoid_at[t - 1], half=half)
        # c.sigmoid2[t] = sigmoid(q[t, :n_h])
        _sigmoid(q_at3[t - 1], out=c_sigmoid2_at[t - 1], half=half)
        # c.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q_at4[t - 1], out=c_tanh_at[t - 1])
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        _sigmoid(q_at5[t - 1], out=g_sigmoid_at[t - 1], half=half)
        # c[0] = m[1]
        np.multiply(c_sigmoid_at[t - 1], c_at[t - 1], out=c_at[t])
        np.multiply(c_sigmoid2_at[t - 1], c_tanh_at[t - 1], out=tmp2)
        c_at[t] += tmp2
        # g.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=g_tanh_at[t - 1])
        # g[0] = h[1]
        np.multiply(g_sigmoid_at[t - 1], g_tanh_at[t - 1], out=g_at[t])
    # o[t] = d + V @ g[t]
    np.matmul(cg[1, 1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += d
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp5, largest=largest)
    np.subtract(o, yhat_lse[:, :, None], out=tmp5)
    np.exp(tmp5, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp6)
    np.subtract(yhat_lse, tmp6, out=tmp6)
    loss = tmp6.sum()
    c = cg[0]
    g = cg[1]
    m = mh[0]
    h = mh[1]
    # grad(o[t]) = yhat[t] - onehot(y[t])
    _add_to(do, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    np.matmul(do.reshape(-1, n_y).T, g[1:].reshape(-1, n_h), out=dV)
    # c.factor[t] = g.sigmoid[t] * (1 - g.tanh[t]**2)
    np.square(g_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= g_sigmoid
    # q.factor[t] = g.sigmoid[t] * g.tanh[t] * (1 - g.sigmoid[t])
    np.subtract(1, g_sigmoid, out=q_factor)
    q_factor *= g_sigmoid
    q_factor *= g_tanh
    # q.factor2[t] = c.sigmoid2[t] * (1 - c.tanh[t]**2)
    np.square(c_tanh, out=q_factor2)
    np.subtract(1, q_factor2, out=q_factor2)
    q_factor2 *= c_sigmoid2
    # q.factor3[t] = c.sigmoid2[t] * c.tanh[t] * (1 - c.sigmoid2[t])
    np.subtract(1, c_sigmoid2, out=q_factor3)
    q_factor3 *= c_sigmoid2
    q_factor3 *= c_tanh
    # q.factor4[t] = c[t-1] * c.sigmoid[t] * (1 - c.sigmoid[t])
    np.subtract(1, c_sigmoid, out=q_factor4)
    q_factor4 *= c[:T]
    q_factor4 *= c_sigmoid
    # grad(g[T]) = V.T @ grad(o[T])
    np.matmul(do.reshape(-1, n_y), V, out=dcg[1, 1:].reshape(-1, n_h))
    # grad(c[0]) = c.sigmoid[1] * grad(c[1])
    np.multiply(c_factor[T - 1], dcg[1, T], out=dcg[0, T])
    # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
    np.multiply(q_factor[T - 1], dcg[1, T], out=dq[T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(q_factor2[T - 1], dcg[0, T], out=dq[T - 1, :, 3 * n_h:])
    np.multiply(q_factor3[T - 1], dcg[0, T], out=dq[T - 1, :, :n_h])
    np.multiply(q_factor4[T - 1], dcg[0, T], out=dq[T - 1, :, n_h:2 * n_h])
    for t in range(T - 1, 0, -1):
        # grad(g[T]) = V.T @ grad(o[T])
        dq_at[t].dot(Q, out=tmp2)
        dg_at[t] += tmp2
        # grad(c[0]) = c.sigmoid[1] * grad(c[1])
        np.multiply(c_factor_at[t - 1], dg_at[t], out=dc_at[t])
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        np.multiply(q_factor_at[t - 1], dg_at[t], out=dq_at2[t - 1])
        # grad(c[0]) = c.sigmoid[1] * grad(c[1])
        np.multiply(c_sigmoid_at[t], dc_at[t + 1], out=tmp2)
        dc_at[t] += tmp2
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        np.multiply(q_factor2_at[t - 1], dc_at[t], out=dq_at3[t - 1])
        np.multiply(q_factor3_at[t - 1], dc_at[t], out=dq_at4[t - 1])
        np.multiply(q_factor4_at[t - 1], dc_at[t], out=dq_at5[t - 1])
    # grad(g[T]) = V.T @ grad(o[T])
    np.matmul(dq[0], Q, out=dcg[1, 0])
    # grad(c[0]) = c.sigmoid[1] * grad(c[1])
    np.multiply(c_sigmoid[0], dcg[0, 1], out=dcg[0, 0])
    # grad(P) = sum(outer(grad(q[t]), F[y[t-1]]), (t, 2, T))
    tmp7[...] = F[y[:T - 1]].transpose(2, 0, 1)
    np.matmul(dq[1:].reshape(-1, 4 * n_h).T, tmp7.reshape(n_x, -1).T, out=dP)
    # grad(b) = sum(grad(q[t]), t)
    np.add.reduce(dq, axis=(0, 1), out=db)
    # grad(Q) = sum(outer(grad(q[t]), g[t-1]), t)
    np.matmul(dq.reshape(-1, 4 * n_h).T, g[:T].reshape(-1, n_h), out=dQ)
    # m.factor[s] = h.sigmoid[s] * (1 - h.tanh[s]**2)
    np.square(h_tanh, out=m_factor)
    np.subtract(1, m_factor, out=m_factor)
    m_factor *= h_sigmoid
    # p.factor[s] = h.sigmoid[s] * h.tanh[s] * (1 - h.sigmoid[s])
    np.subtract(1, h_sigmoid, out=p_factor)
    p_factor *= h_sigmoid
    p_factor *= h_tanh
    # p.factor2[s] = m.sigmoid2[s] * (1 - m.tanh[s]**2)
    np.square(m_tanh, out=p_factor2)
    np.subtract(1, p_factor2, out=p_factor2)
    p_factor2 *= m_sigmoid2
    # p.factor3[s] = m.sigmoid2[s] * m.tanh[s] * (1 - m.sigmoid2[s])
    np.subtract(1, m_sigmoid2, out=p_factor3)
    p_factor3 *= m_sigmoid2
    p_factor3 *= m_tanh
    # p.factor4[s] = m[s+1] * m.sigmoid[s] * (1 - m.sigmoid[s])
    np.subtract(1, m_sigmoid, out=p_factor4)
    p_factor4 *= m[1:]
    p_factor4 *= m_sigmoid
    # grad(m[1]) = grad(c[0]) + (1 - h.tanh[1]**2) * grad(h.tanh[1])
    # grad(h[1]) = grad(g[0])
    dmh[:, 0] = dcg[:, 0]
    # grad(m[1]) = grad(c[0]) + (1 - h.tanh[1]**2) * grad(h.tanh[1])
    np.multiply(m_factor[0], dmh[1, 0], out=tmp2)
    dmh[0, 0] += tmp2
    # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
    np.multiply(p_factor[0], dmh[1, 0], out=dp[0, :, 2 * n_h:3 * n_h])
    np.multiply(p_factor2[0], dmh[0, 0], out=dp[0, :, 3 * n_h:])
    np.multiply(p_factor3[0], dmh[0, 0], out=dp[0, :, :n_h])
    np.multiply(p_factor4[0], dmh[0, 0], out=dp[0, :, n_h:2 * n_h])
    for s in range(2, S + 1):
        # grad(h[1]) = grad(g[0])
        np.matmul(dp_at[s - 2], U, out=dh_at[s - 1])
        # grad(m[1]) = grad(c[0]) + (1 - h.tanh[1]**2) * grad(h.tanh[1])
        np.multiply(m_factor_at[s - 1], dh_at[s - 1], out=dm_at[s - 1])
        # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
        np.multiply(p_factor_at[s - 1], dh_at[s - 1], out=dp_at2[s - 1])
        # grad(m[1]) = grad(c[0]) + (1 - h.tanh[1]**2) * grad(h.tanh[1])
        np.multiply(m_sigmoid_at[s - 2], dm_at[s - 2], out=tmp2)
        dm_at[s - 1] += tmp2
        # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
        np.multiply(p_factor2_at[s - 1], dm_at[s - 1], out=dp_at3[s - 1])
        np.multiply(p_factor3_at[s - 1], dm_at[s - 1], out=dp_at4[s - 1])
        np.multiply(p_factor4_at[s - 1], dm_at[s - 1], out=dp_at5[s - 1])
    # grad(a) = sum(grad(p[s]), s)
    np.add.reduce(dp, axis=(0, 1), out=da)
    # grad(W) = sum(outer(grad(p[s]), E[w[s]]), s)
    tmp8[...] = E[w].transpose(2, 0, 1)
    np.matmul(dp.reshape(-1, 4 * n_h).T, tmp8.reshape(n_x, -1).T, out=dW)
    # grad(U) = sum(outer(grad(p[s]), h[s+1]), s)
    np.matmul(dp.reshape(-1, 4 * n_h).T, h[1:].reshape(-1, n_h), out=dU)
    dF.fill(0)
    # grad(F) = sum(outer(onehot(y[t-1]), P.T @ grad(q[t])), (t, 2, T))
    np.matmul(dq[1:].reshape(-1, 4 * n_h), P, out=tmp4.reshape(-1, n_x))
    _scatter_add(dF, (y[:T - 1],), tmp4)
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[s]), W.T @ grad(p[s])), s)
    np.matmul(dp.reshape(-1, 4 * n_h), W, out=tmp0.reshape(-1, n_x))
    _scatter_add(dE, (w,), tmp0)
    if "m_end" in wrt:
        # grad(m[1]) = grad(c[0]) + (1 - h.tanh[1]**2) * grad(h.tanh[1])
        np.multiply(m_sigmoid[S - 1:], dmh[0, S - 1:S], out=dmh[0, S:])
        dm_end = np.empty((B, n_h), dtype)
        # grad(m.S + 1) = grad(m[S+1])
        dm_end[...] = dmh[0, S]
    if "h_end" in wrt:
        # grad(h[1]) = grad(g[0])
        np.matmul(dp[S - 1], U, out=dmh[1, S])
        dh_end = np.empty((B, n_h), dtype)
        # grad(h.S + 1) = grad(h[S+1])
        dh_end[...] = dmh[1, S]

    gradient = Params(E=dE, F=dF, W=dW, P=dP, U=dU, Q=dQ, a=da, b=db, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "h_end" in wrt:
        result["h_end"] = dh_end[0] if single else dh_end
    if "m_end" in wrt:
        result["m_end"] = dm_end[0] if single else dm_end
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    w: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    w        (S, B)  0..n_w - 1         the words to read
    y        (T, B)  0..n_y - 1         the words to write; y[t-1] is read when y[t] is predicted
    state            State              what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths          by sequence        each example's own number of steps, what is given beyond is not read; all where
                                        not given
    window           whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it, values
                                        go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _backward_padded(params, forward, w, y, lengths, window, state)
    (
        params, w, y, p, m, h, q, c, g, yhat, dtype, single, n_w, n_x, n_y, n_h, S, T, B,
    ) = _backward_arguments(params, forward, w, y)
    E, F, W, P, U, Q, a, b, V, d = params

    m_sigmoid = np.empty((S, B, n_h), dtype)
    # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
    _sigmoid(p[:, :, n_h:2 * n_h], out=m_sigmoid)
    m_sigmoid2 = np.empty((S, B, n_h), dtype)
    # m.sigmoid2[s] = sigmoid(p[s, :n_h])
    _sigmoid(p[:, :, :n_h], out=m_sigmoid2)
    m_tanh = np.empty((S, B, n_h), dtype)
    # m.tanh[s] = tanh(p[s, 3*n_h:])
    np.tanh(p[:, :, 3 * n_h:], out=m_tanh)
    h_sigmoid = np.empty((S, B, n_h), dtype)
    # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
    _sigmoid(p[:, :, 2 * n_h:3 * n_h], out=h_sigmoid)
    h_tanh = np.empty((S, B, n_h), dtype)
    # h.tanh[s] = tanh(m[s])
    np.tanh(m[:S], out=h_tanh)
    c_sigmoid = np.empty((T, B, n_h), dtype)
    # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
    _sigmoid(q[:, :, n_h:2 * n_h], out=c_sigmoid)
    c_sigmoid2 = np.empty((T, B, n_h), dtype)
    # c.sigmoid2[t] = sigmoid(q[t, :n_h])
    _sigmoid(q[:, :, :n_h], out=c_sigmoid2)
    c_tanh = np.empty((T, B, n_h), dtype)
    # c.tanh[t] = tanh(q[t, 3*n_h:])
    np.tanh(q[:, :, 3 * n_h:], out=c_tanh)
    g_sigmoid = np.empty((T, B, n_h), dtype)
    # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
    _sigmoid(q[:, :, 2 * n_h:3 * n_h], out=g_sigmoid)
    g_tanh = np.empty((T, B, n_h), dtype)
    # g.tanh[t] = tanh(c[t])
    np.tanh(c[1:], out=g_tanh)
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((n_x, T - 1, B), dtype)
    tmp2 = np.empty((n_x, S, B), dtype)
    tmp3 = np.empty((T - 1, B, n_x), dtype)
    tmp4 = np.empty((S, B, n_x), dtype)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do[...] = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, -1)
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dd)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    np.matmul(do.reshape(-1, n_y).T, g[1:].reshape(-1, n_h), out=dV)
    c_factor = np.empty((T, B, n_h), dtype)
    # c.factor[t] = g.sigmoid[t] * (1 - g.tanh[t]**2)
    np.square(g_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= g_sigmoid
    q_factor = np.empty((T, B, n_h), dtype)
    # q.factor[t] = g.sigmoid[t] * g.tanh[t] * (1 - g.sigmoid[t])
    np.subtract(1, g_sigmoid, out=q_factor)
    q_factor *= g_sigmoid
    q_factor *= g_tanh
    q_factor2 = np.empty((T, B, n_h), dtype)
    # q.factor2[t] = c.sigmoid2[t] * (1 - c.tanh[t]**2)
    np.square(c_tanh, out=q_factor2)
    np.subtract(1, q_factor2, out=q_factor2)
    q_factor2 *= c_sigmoid2
    q_factor3 = np.empty((T, B, n_h), dtype)
    # q.factor3[t] = c.sigmoid2[t] * c.tanh[t] * (1 - c.sigmoid2[t])
    np.subtract(1, c_sigmoid2, out=q_factor3)
    q_factor3 *= c_sigmoid2
    q_factor3 *= c_tanh
    q_factor4 = np.empty((T, B, n_h), dtype)
    # q.factor4[t] = c[t-1] * c.sigmoid[t] * (1 - c.sigmoid[t])
    np.subtract(1, c_sigmoid, out=q_factor4)
    q_factor4 *= c[:T]
    q_factor4 *= c_sigmoid
    dcg = np.empty((2, T + 1, B, n_h), dtype)
    # grad(g[T]) = V.T @ grad(o[T])
    np.matmul(do.reshape(-1, n_y), V, out=dcg[1, 1:].reshape(-1, n_h))
    dq = np.empty((T, B, 4 * n_h), dtype)
    # grad(c[0]) = c.sigmoid[1] * grad(c[1])
    np.multiply(c_factor[T - 1], dcg[1, T], out=dcg[0, T])
    # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
    np.multiply(q_factor[T - 1], dcg[1, T], out=dq[T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(q_factor2[T - 1], dcg[0, T], out=dq[T - 1, :, 3 * n_h:])
    np.multiply(q_factor3[T - 1], dcg[0, T], out=dq[T - 1, :, :n_h])
    np.multiply(q_factor4[T - 1], dcg[0, T], out=dq[T - 1, :, n_h:2 * n_h])
    dq_at = list(dq)
    dg_at = list(dcg[1])
    dc_at = list(dcg[0])
    c_factor_at = list(c_factor)
    dq_at2 = list(dq[:, :, 2 * n_h:3 * n_h])
    q_factor_at = list(q_factor)
    c_sigmoid_at = list(c_sigmoid)
    dq_at3 = list(dq[:, :, 3 * n_h:])
    q_factor2_at = list(q_factor2)
    dq_at4 = list(dq[:, :, :n_h])
    q_factor3_at = list(q_factor3)
    dq_at5 = list(dq[:, :, n_h:2 * n_h])
    q_factor4_at = list(q_factor4)
    for t in range(T - 1, 0, -1):
        # grad(g[T]) = V.T @ grad(o[T])
        dq_at[t].dot(Q, out=tmp0)
        dg_at[t] += tmp0
        # grad(c[0]) = c.sigmoid[1] * grad(c[1])
        np.multiply(c_factor_at[t - 1], dg_at[t], out=dc_at[t])
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        np.multiply(q_factor_at[t - 1], dg_at[t], out=dq_at2[t - 1])
        # grad(c[0]) = c.sigmoid[1] * grad(c[1])
        np.multiply(c_sigmoid_at[t], dc_at[t + 1], out=tmp0)
        dc_at[t] += tmp0
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        np.multiply(q_factor2_at[t - 1], dc_at[t], out=dq_at3[t - 1])
        np.multiply(q_factor3_at[t - 1], dc_at[t], out=dq_at4[t - 1])
        np.multiply(q_factor4_at[t - 1], dc_at[t], out=dq_at5[t - 1])
    # grad(g[T]) = V.T @ grad(o[T])
    np.matmul(dq[0], Q, out=dcg[1, 0])
    # grad(c[0]) = c.sigmoid[1] * grad(c[1])
    np.multiply(c_sigmoid[0], dcg[0, 1], out=dcg[0, 0])
    dP = np.empty((4 * n_h, n_x), dtype)
    # grad(P) = sum(outer(grad(q[t]), F[y[t-1]]), (t, 2, T))
    tmp1[...] = F[y[:T - 1]].transpose(2, 0, 1)
    np.matmul(dq[1:].reshape(-1, 4 * n_h).T, tmp1.reshape(n_x, -1).T, out=dP)
    db = np.empty((4 * n_h,), dtype)
    # grad(b) = sum(grad(q[t]), t)
    np.add.reduce(dq, axis=(0, 1), out=db)
    dQ = np.empty((4 * n_h, n_h), dtype)
    # grad(Q) = sum(outer(grad(q[t]), g[t-1]), t)
    np.matmul(dq.reshape(-1, 4 * n_h).T, g[:T].reshape(-1, n_h), out=dQ)
    m_factor = np.empty((S, B, n_h), dtype)
    # m.factor[s] = h.sigmoid[s] * (1 - h.tanh[s]**2)
    np.square(h_tanh, out=m_factor)
    np.subtract(1, m_factor, out=m_factor)
    m_factor *= h_sigmoid
    p_factor = np.empty((S, B, n_h), dtype)
    # p.factor[s] = h.sigmoid[s] * h.tanh[s] * (1 - h.sigmoid[s])
    np.subtract(1, h_sigmoid, out=p_factor)
    p_factor *= h_sigmoid
    p_factor *= h_tanh
    p_factor2 = np.empty((S, B, n_h), dtype)
    # p.factor2[s] = m.sigmoid2[s] * (1 - m.tanh[s]**2)
    np.square(m_tanh, out=p_factor2)
    np.subtract(1, p_factor2, out=p_factor2)
    p_factor2 *= m_sigmoid2
    p_factor3 = np.empty((S, B, n_h), dtype)
    # p.factor3[s] = m.sigmoid2[s] * m.tanh[s] * (1 - m.sigmoid2[s])
    np.subtract(1, m_sigmoid2, out=p_factor3)
    p_factor3 *= m_sigmoid2
    p_factor3 *= m_tanh
    p_factor4 = np.empty((S, B, n_h), dtype)
    # p.factor4[s] = m[s+1] * m.sigmoid[s] * (1 - m.sigmoid[s])
    np.subtract(1, m_sigmoid, out=p_factor4)
    p_factor4 *= m[1:]
    p_factor4 *= m_sigmoid
    dmh = np.empty((2, S, B, n_h), dtype)
    # grad(m[1]) = grad(c[0]) + (1 - h.tanh[1]**2) * grad(h.tanh[1])
    # grad(h[1]) = grad(g[0])
    dmh[:, 0] = dcg[:, 0]
    dp = np.empty((S, B, 4 * n_h), dtype)
    # grad(m[1]) = grad(c[0]) + (1 - h.tanh[1]**2) * grad(h.tanh[1])
    np.multiply(m_factor[0], dmh[1, 0], out=tmp0)
    dmh[0, 0] += tmp0
    # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
    np.multiply(p_factor[0], dmh[1, 0], out=dp[0, :, 2 * n_h:3 * n_h])
    np.multiply(p_factor2[0], dmh[0, 0], out=dp[0, :, 3 * n_h:])
    np.multiply(p_factor3[0], dmh[0, 0], out=dp[0, :, :n_h])
    np.multiply(p_factor4[0], dmh[0, 0], out=dp[0, :, n_h:2 * n_h])
    dp_at = list(dp)
    dh_at = list(dmh[1])
    dm_at = list(dmh[0])
    m_factor_at = list(m_factor)
    dp_at2 = list(dp[:, :, 2 * n_h:3 * n_h])
    p_factor_at = list(p_factor)
    m_sigmoid_at = list(m_sigmoid)
    dp_at3 = list(dp[:, :, 3 * n_h:])
    p_factor2_at = list(p_factor2)
    dp_at4 = list(dp[:, :, :n_h])
    p_factor3_at = list(p_factor3)
    dp_at5 = list(dp[:, :, n_h:2 * n_h])
    p_factor4_at = list(p_factor4)
    for s in range(2, S + 1):
        # grad(h[1]) = grad(g[0])
        dp_at[s - 2].dot(U, out=dh_at[s - 1])
        # grad(m[1]) = grad(c[0]) + (1 - h.tanh[1]**2) * grad(h.tanh[1])
        np.multiply(m_factor_at[s - 1], dh_at[s - 1], out=dm_at[s - 1])
        # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
        np.multiply(p_factor_at[s - 1], dh_at[s - 1], out=dp_at2[s - 1])
        # grad(m[1]) = grad(c[0]) + (1 - h.tanh[1]**2) * grad(h.tanh[1])
        np.multiply(m_sigmoid_at[s - 2], dm_at[s - 2], out=tmp0)
        dm_at[s - 1] += tmp0
        # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
        np.multiply(p_factor2_at[s - 1], dm_at[s - 1], out=dp_at3[s - 1])
        np.multiply(p_factor3_at[s - 1], dm_at[s - 1], out=dp_at4[s - 1])
        np.multiply(p_factor4_at[s - 1], dm_at[s - 1], out=dp_at5[s - 1])
    da = np.empty((4 * n_h,), dtype)
    # grad(a) = sum(grad(p[s]), s)
    np.add.reduce(dp, axis=(0, 1), out=da)
    dW = np.empty((4 * n_h, n_x), dtype)
    # grad(W) = sum(outer(grad(p[s]), E[w[s]]), s)
    tmp2[...] = E[w].transpose(2, 0, 1)
    np.matmul(dp.reshape(-1, 4 * n_h).T, tmp2.reshape(n_x, -1).T, out=dW)
    dU = np.empty((4 * n_h, n_h), dtype)
    # grad(U) = sum(outer(grad(p[s]), h[s+1]), s)
    np.matmul(dp.reshape(-1, 4 * n_h).T, h[1:].reshape(-1, n_h), out=dU)
    dF = np.zeros((n_y, n_x), dtype)
    # grad(F) = sum(outer(onehot(y[t-1]), P.T @ grad(q[t])), (t, 2, T))
    np.matmul(dq[1:].reshape(-1, 4 * n_h), P, out=tmp3.reshape(-1, n_x))
    _scatter_add(dF, (y[:T - 1],), tmp3)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[s]), W.T @ grad(p[s])), s)
    np.matmul(dp.reshape(-1, 4 * n_h), W, out=tmp4.reshape(-1, n_x))
    _scatter_add(dE, (w,), tmp4)

    return Params(E=dE, F=dF, W=dW, P=dP, U=dU, Q=dQ, a=da, b=db, V=dV, d=dd)


def init_state(
    params: Params, *, w: np.ndarray, h_end: np.ndarray | None = None, m_end: np.ndarray | None = None
) -> State:
    """The first state.

    w      (S, B)    0..n_w - 1  the words to read
    h_end  (B, n_h)  real        h[S + 1]; 0 where not given
    m_end  (B, n_h)  real        m[S + 1]; 0 where not given

    Data without the axis B are one example.
    """
    params, w, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, B = _initial_arguments(params, w, h_end, m_end)
    E, F, W, P, U, Q, a, b, V, d = params

    # p[s] = a + W @ E[w[s]] + U @ h[s+1]
    p = (E[w].reshape(-1, n_x) @ W.T).reshape(S, B, 4 * n_h)
    p += a
    y_prev = np.empty((B,), np.intp)
    # y@1 = 0
    y_prev[...] = 0
    mh = np.empty((2, S + 1, B, n_h), dtype)
    # h[S+1] = 0
    mh[1, S] = h_end
    # m[S+1] = 0
    mh[0, S] = m_end
    m_sigmoid = np.empty((B, n_h), dtype)
    m_sigmoid2 = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    U_T = U.T.copy()
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        p[s - 1] += mh[1, s] @ U_T
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        m_sigmoid[...] = _sigmoid(p[s - 1, :, n_h:2 * n_h])
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        m_sigmoid2[...] = _sigmoid(p[s - 1, :, :n_h])
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p[s - 1, :, 3 * n_h:], out=m_tanh)
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        h_sigmoid[...] = _sigmoid(p[s - 1, :, 2 * n_h:3 * n_h])
        # m[S+1] = 0
        mh[0, s - 1] = m_sigmoid * mh[0, s]
        mh[0, s - 1] += m_sigmoid2 * m_tanh
        # h.tanh[s] = tanh(m[s])
        np.tanh(mh[0, s - 1], out=h_tanh)
        # h[S+1] = 0
        mh[1, s - 1] = h_sigmoid * h_tanh
    cg_1 = mh[:, 0].copy()
    c_prev = cg_1[0]
    g_prev = cg_1[1]

    if single:
        y_prev = y_prev[0]
        c_prev = c_prev[0]
        g_prev = g_prev[0]
    return State(y=y_prev, c=c_prev, g=g_prev, t=0)


def step(params: Params, state: State, *, y: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    y  (B)  0..n_y - 1  the words to write; y[t-1] is read when y[t] is predicted

    Data without the axis B are one example.
    """
    params, y, y_prev, c_prev, g_prev, dtype, single, n_w, n_x, n_y, n_h, B = _step_arguments(params, state, y)
    E, F, W, P, U, Q, a, b, V, d = params
    t_now = _count("state.t", state[-1]) + 1

    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q = g_prev @ Q.T
    q += b
    q += (F[y_prev] * (2 <= t_now)) @ P.T
    # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
    c_sigmoid = _sigmoid(q[:, n_h:2 * n_h])
    # c.sigmoid2[t] = sigmoid(q[t, :n_h])
    c_sigmoid2 = _sigmoid(q[:, :n_h])
    # c.tanh[t] = tanh(q[t, 3*n_h:])
    c_tanh = np.tanh(q[:, 3 * n_h:])
    # c[t] = cell(q[t], c[t-1])
    c = c_prev * c_sigmoid
    c += c_sigmoid2 * c_tanh
    # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
    g_sigmoid = _sigmoid(q[:, 2 * n_h:3 * n_h])
    # g.tanh[t] = tanh(c[t])
    g_tanh = np.tanh(c)
    # g[t] = out(q[t], c[t])
    g = g_sigmoid * g_tanh
    # o[t] = d + V @ g[t]
    o = g @ V.T
    o += d
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])

    if single:
        y = y[0]
        c = c[0]
        g = g[0]
        q = q[0]
        o = o[0]
        yhat = yhat[0]
    result = State(y=y, c=c, g=g, t=t_now)
    return result, Outputs(q=q, c=c, g=g, o=o, yhat=yhat)


def free_run(
    params: Params,
    *,
    w: np.ndarray,
    steps: int,
    h_end: np.ndarray | None = None,
    m_end: np.ndarray | None = None,
    y: np.ndarray | None = None,
    rng: np.random.Generator | None = None,
    truth: np.ndarray | None = None,
) -> FreeRun:
    """The model on its own: what it predicts is read where training reads the true values.

    w      (S, B)    0..n_w - 1         the words to read
    h_end  (B, n_h)  real               h[S + 1]; 0 where not given
    m_end  (B, n_h)  real               m[S + 1]; 0 where not given
    y      (T, B)    0..n_y - 1         the words to write; y[t-1] is read when y[t] is predicted
    steps            whole number >= 1
    rng              generator          draws the classes; the most probable ones where it is not given
    truth  (T, B)    bool               the steps that read y

    Data without the axis B are one example.
    """
    (
        params, w, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, steps, B,
    ) = _free_run_arguments(params, w, h_end, m_end, steps)
    E, F, W, P, U, Q, a, b, V, d = params
    _generator(rng)
    truth = _truth(truth, (("y", y),), steps, B, single)
    y_given = _true_classes("y", y, truth, (steps, B), ("T", "B"), single, n_y, "n_y - 1")

    # p[s] = a + W @ E[w[s]] + U @ h[s+1]
    p = (E[w].reshape(-1, n_x) @ W.T).reshape(S, B, 4 * n_h)
    p += a
    q = np.empty((steps, B, 4 * n_h), dtype)
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[...] = b
    o = np.empty((steps, B, n_y), dtype)
    # o[t] = d + V @ g[t]
    o[...] = d
    mh = np.empty((2, S + 1, B, n_h), dtype)
    # h[S+1] = 0
    mh[1, S] = h_end
    # m[S+1] = 0
    mh[0, S] = m_end
    m_sigmoid = np.empty((B, n_h), dtype)
    m_sigmoid2 = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    U_T = U.T.copy()
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        p[s - 1] += mh[1, s] @ U_T
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        m_sigmoid[...] = _sigmoid(p[s - 1, :, n_h:2 * n_h])
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        m_sigmoid2[...] = _sigmoid(p[s - 1, :, :n_h])
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p[s - 1, :, 3 * n_h:], out=m_tanh)
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        h_sigmoid[...] = _sigmoid(p[s - 1, :, 2 * n_h:3 * n_h])
        # m[S+1] = 0
        mh[0, s - 1] = m_sigmoid * mh[0, s]
        mh[0, s - 1] += m_sigmoid2 * m_tanh
        # h.tanh[s] = tanh(m[s])
        np.tanh(mh[0, s - 1], out=h_tanh)
        # h[S+1] = 0
        mh[1, s - 1] = h_sigmoid * h_tanh
    cg = np.empty((2, steps + 1, B, n_h), dtype)
    # c[0] = m[1]
    # g[0] = h[1]
    cg[:, 0] = mh[:, 0]
    c_sigmoid = np.empty((B, n_h), dtype)
    c_sigmoid2 = np.empty((B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    g_sigmoid = np.empty((B, n_h), dtype)
    g_tanh = np.empty((B, n_h), dtype)
    yhat_lse = np.empty((B,), dtype)
    yhat = np.empty((steps, B, n_y), dtype)
    y_fed = np.empty((B,), np.intp)
    y = np.empty((steps, B), np.intp)
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[0] += cg[1, 0] @ Q.T
    # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
    c_sigmoid[...] = _sigmoid(q[0, :, n_h:2 * n_h])
    # c.sigmoid2[t] = sigmoid(q[t, :n_h])
    c_sigmoid2[...] = _sigmoid(q[0, :, :n_h])
    # c.tanh[t] = tanh(q[t, 3*n_h:])
    np.tanh(q[0, :, 3 * n_h:], out=c_tanh)
    # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
    g_sigmoid[...] = _sigmoid(q[0, :, 2 * n_h:3 * n_h])
    # c[0] = m[1]
    cg[0, 1] = c_sigmoid * cg[0, 0]
    cg[0, 1] += c_sigmoid2 * c_tanh
    # g.tanh[t] = tanh(c[t])
    np.tanh(cg[0, 1], out=g_tanh)
    # g[0] = h[1]
    cg[1, 1] = g_sigmoid * g_tanh
    # o[t] = d + V @ g[t]
    o[0] += cg[1, 1] @ V.T
    # yhat[t] = softmax(o[t])
    yhat_lse[...] = _logsumexp(o[0], 1)
    np.exp(o[0] - yhat_lse[:, None], out=yhat[0])
    # y.fed[t] = the most probable class of yhat[t], or one that is drawn
    y_fed[...] = _choice(yhat[0], 1, rng)
    # y[t] = y.fed[t], or the true one where truth[t]
    y[0] = np.where(truth[0] != 0, y_given[0], y_fed)
    Q_T = Q.T.copy()
    P_T = P.T.copy()
    V_T = V.T.copy()
    for t in range(2, steps + 1):
        # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
        q[t - 1] += cg[1, t - 1] @ Q_T
        q[t - 1] += F[y[t - 2]] @ P_T
        # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        c_sigmoid[...] = _sigmoid(q[t - 1, :, n_h:2 * n_h])
        # c.sigmoid2[t] = sigmoid(q[t, :n_h])
        c_sigmoid2[...] = _sigmoid(q[t - 1, :, :n_h])
        # c.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q[t - 1, :, 3 * n_h:], out=c_tanh)
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        g_sigmoid[...] = _sigmoid(q[t - 1, :, 2 * n_h:3 * n_h])
        # c[0] = m[1]
        cg[0, t] = c_sigmoid * cg[0, t - 1]
        cg[0, t] += c_sigmoid2 * c_tanh
        # g.tanh[t] = tanh(c[t])
        np.tanh(cg[0, t], out=g_tanh)
        # g[0] = h[1]
        cg[1, t] = g_sigmoid * g_tanh
        # o[t] = d + V @ g[t]
        o[t - 1] += cg[1, t] @ V_T
        # yhat[t] = softmax(o[t])
        yhat_lse[...] = _logsumexp(o[t - 1], 1)
        np.exp(o[t - 1] - yhat_lse[:, None], out=yhat[t - 1])
        # y.fed[t] = the most probable class of yhat[t], or one that is drawn
        y_fed[...] = _choice(yhat[t - 1], 1, rng)
        # y[t] = y.fed[t], or the true one where truth[t]
        y[t - 1] = np.where(truth[t - 1] != 0, y_given[t - 1], y_fed)
    c = cg[0]
    g = cg[1]
    m = mh[0]
    h = mh[1]

    if single:
        p = p[:, 0]
        m = m[:, 0]
        h = h[:, 0]
        q = q[:, 0]
        c = c[:, 0]
        g = g[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
        y = y[:, 0]
    return FreeRun(p=p, m=m, h=h, q=q, c=c, g=g, o=o, yhat=yhat, y=y)


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
        c=_last(forward.c, 0, 1, 1, lengths),
        g=_last(forward.g, 0, 1, 1, lengths),
        t=_steps_so_far(state, steps, lengths),
    )


def _forward_padded(params, w, y, h_end, m_end, lengths, state):
    """`forward` where examples have their own lengths."""
    (
        params, w, y, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, T, B, len_S, S_own, len_T, T_own,
    ) = _padded_arguments(params, w, y, h_end, m_end, lengths)
    E, F, W, P, U, Q, a, b, V, d = params
    state = None if state is None else _as_state(state)
    T_fresh = float(state is None)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    (c_before1,) = _before(state, "c", 1, (B, n_h), ("B", "n_h"), single, dtype)
    (g_before1,) = _before(state, "g", 1, (B, n_h), ("B", "n_h"), single, dtype)

    tmp0 = np.empty((S, B, n_x), dtype)
    tmp1 = np.empty((T, B, n_x), dtype)
    tmp2 = np.empty((T, B, 4 * n_h), dtype)
    tmp3 = np.empty((T,), dtype)
    tmp4 = np.empty((T,), dtype)
    tmp5 = np.empty((S, B, n_h), dtype)
    tmp6 = np.empty((B, 4 * n_h), dtype)
    tmp7 = np.empty((B, n_h), dtype)
    tmp8 = np.empty((B, n_h), dtype)
    tmp9 = np.empty((T, B, n_y), dtype)
    tmp10 = np.empty((B, T), dtype)
    tmp11 = np.empty((B, T), dtype)
    tmp12 = np.empty((B, T), dtype)
    p = np.empty((S, B, 4 * n_h), dtype)
    # p[s] = a + W @ E[w[s]] + U @ h[s+1]
    np.take(E, w, axis=0, out=tmp0, mode="clip")
    np.matmul(tmp0.reshape(-1, n_x), W.T, out=p.reshape(-1, 4 * n_h))
    p += a
    q = np.empty((T, B, 4 * n_h), dtype)
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[...] = b
    y_held = np.empty((T, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    q_sum = np.empty((T, B, 4 * n_h), dtype)
    # q.sum[t] = P @ F[y.held[t-1]]
    np.take(F, y_held, axis=0, out=tmp1, mode="clip")
    np.matmul(tmp1.reshape(-1, n_x), P.T, out=q_sum.reshape(-1, 4 * n_h))
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    np.add(np.arange(1, T + 1, dtype=dtype), T_done, out=tmp4)
    np.less_equal(2, tmp4, out=tmp3)
    np.multiply(tmp3[:, None, None], q_sum, out=tmp2)
    q += tmp2
    h = np.zeros((S + 1, B, n_h), dtype)
    # h[S+1] = 0
    tmp5[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], h_end, 0)
    h[1:] += tmp5
    m = np.zeros((S + 1, B, n_h), dtype)
    # m[S+1] = 0
    tmp5[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], m_end, 0)
    m[1:] += tmp5
    m_sigmoid = np.empty((B, n_h), dtype)
    m_sigmoid2 = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    m_inside = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    h_inside = np.empty((B, n_h), dtype)
    U_T = np.empty((n_h, 4 * n_h), dtype)
    U_T[...] = U.T
    h_at = list(h)
    p_at = list(p)
    p_at2 = list(p[:, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    p_at3 = list(p[:, :, :n_h])
    p_at4 = list(p[:, :, 3 * n_h:])
    m_at = list(m)
    p_at5 = list(p[:, :, 2 * n_h:3 * n_h])
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        h_at[s].dot(U_T, out=tmp6)
        p_at[s - 1] += tmp6
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        _sigmoid(p_at2[s - 1], out=m_sigmoid, half=half)
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        _sigmoid(p_at3[s - 1], out=m_sigmoid2, half=half)
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p_at4[s - 1], out=m_tanh)
        # m.inside[s] = m[s+1] * m.sigmoid[s] + m.sigmoid2[s] * m.tanh[s]
        np.multiply(m_sigmoid, m_at[s], out=m_inside)
        np.multiply(m_sigmoid2, m_tanh, out=tmp7)
        m_inside += tmp7
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        _sigmoid(p_at5[s - 1], out=h_sigmoid, half=half)
        # m[s] = cell(p[s], m[s+1])
        tmp7[...] = np.where((s <= S_own)[:, None], m_inside, 0)
        m_at[s - 1] += tmp7
        # h.tanh[s] = tanh(m[s])
        np.tanh(m_at[s - 1], out=h_tanh)
        # h.inside[s] = h.sigmoid[s] * h.tanh[s]
        np.multiply(h_sigmoid, h_tanh, out=h_inside)
        # h[s] = out(p[s], m[s])
        tmp7[...] = np.where((s <= S_own)[:, None], h_inside, 0)
        h_at[s - 1] += tmp7
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = m[1]
    c[0] = np.where(T_fresh != 0, m[0], c_before1)
    g = np.empty((T + 1, B, n_h), dtype)
    # g[0] = h[1]
    g[0] = np.where(T_fresh != 0, h[0], g_before1)
    c_sigmoid = np.empty((B, n_h), dtype)
    c_sigmoid2 = np.empty((B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    g_sigmoid = np.empty((B, n_h), dtype)
    g_tanh = np.empty((B, n_h), dtype)
    Q_T = np.empty((n_h, 4 * n_h), dtype)
    Q_T[...] = Q.T
    g_at = list(g)
    q_at = list(q)
    q_at2 = list(q[:, :, n_h:2 * n_h])
    q_at3 = list(q[:, :, :n_h])
    q_at4 = list(q[:, :, 3 * n_h:])
    q_at5 = list(q[:, :, 2 * n_h:3 * n_h])
    c_at = list(c)
    for t in range(1, T + 1):
        # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
        g_at[t - 1].dot(Q_T, out=tmp6)
        q_at[t - 1] += tmp6
        # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        _sigmoid(q_at2[t - 1], out=c_sigmoid, half=half)
        # c.sigmoid2[t] = sigmoid(q[t, :n_h])
        _sigmoid(q_at3[t - 1], out=c_sigmoid2, half=half)
        # c.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q_at4[t - 1], out=c_tanh)
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        _sigmoid(q_at5[t - 1], out=g_sigmoid, half=half)
        # c[t] = cell(q[t], c[t-1])
        np.multiply(c_sigmoid2, c_tanh, out=tmp8)
        np.multiply(c_sigmoid, c_at[t - 1], out=tmp7)
        tmp7 += tmp8
        c[t] = np.where((t <= T_own)[:, None], tmp7, c[t - 1])
        # g.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=g_tanh)
        # g[t] = out(q[t], c[t])
        np.multiply(g_sigmoid, g_tanh, out=tmp7)
        g[t] = np.where((t <= T_own)[:, None], tmp7, g[t - 1])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = d + V @ g[t]
    np.matmul(g[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp9, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp9)
    np.exp(tmp9, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp11[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp12[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp10[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp12, 0)
    np.subtract(tmp11, tmp10, out=tmp10)
    loss = tmp10.sum()

    if single:
        p = p[:, 0]
        m = m[:, 0]
        h = h[:, 0]
        q = q[:, 0]
        c = c[:, 0]
        g = g[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(p=p, m=m, h=h, q=q, c=c, g=g, o=o, yhat=yhat, loss=float(loss))


def _loss_padded(params, w, y, h_end, m_end, lengths, workspace, state):
    """`loss` where examples have their own lengths."""
    (
        params, w, y, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, T, B, len_S, S_own, len_T, T_own,
    ) = _padded_arguments(params, w, y, h_end, m_end, lengths)
    E, F, W, P, U, Q, a, b, V, d = params
    state = None if state is None else _as_state(state)
    T_fresh = float(state is None)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    (c_before1,) = _before(state, "c", 1, (B, n_h), ("B", "n_h"), single, dtype)
    (g_before1,) = _before(state, "g", 1, (B, n_h), ("B", "n_h"), single, dtype)

    (
        tmp0, tmp1, q_sum, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, m_sigmoid, tmp8, tmp9, tmp10, tmp11, tmp12, p, q, y_held,
        h, m, m_sigmoid2, m_tanh, m_inside, h_sigmoid, h_tanh, h_inside, U_T, h_at, p_at, p_at2, half, p_at3, p_at4,
        m_at, p_at5, c, g, c_sigmoid, c_sigmoid2, c_tanh, g_sigmoid, g_tanh, Q_T, g_at, q_at, q_at2, q_at3, q_at4,
        q_at5, c_at, o, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, S, T, n_y, n_x, n_h, B, dtype)
    # p[s] = a + W @ E[w[s]] + U @ h[s+1]
    np.take(E, w, axis=0, out=tmp0, mode="clip")
    np.matmul(tmp0.reshape(-1, n_x), W.T, out=p.reshape(-1, 4 * n_h))
    p += a
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[...] = b
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # q.sum[t] = P @ F[y.held[t-1]]
    np.take(F, y_held, axis=0, out=tmp1, mode="clip")
    np.matmul(tmp1.reshape(-1, n_x), P.T, out=q_sum.reshape(-1, 4 * n_h))
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    np.add(np.arange(1, T + 1, dtype=dtype), T_done, out=tmp4)
    np.less_equal(2, tmp4, out=tmp3)
    np.multiply(tmp3[:, None, None], q_sum, out=tmp2)
    q += tmp2
    h.fill(0)
    # h[S+1] = 0
    tmp5[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], h_end, 0)
    h[1:] += tmp5
    m.fill(0)
    # m[S+1] = 0
    tmp5[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], m_end, 0)
    m[1:] += tmp5
    U_T[...] = U.T
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        h_at[s].dot(U_T, out=tmp6)
        p_at[s - 1] += tmp6
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        _sigmoid(p_at2[s - 1], out=m_sigmoid, half=half)
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        _sigmoid(p_at3[s - 1], out=m_sigmoid2, half=half)
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p_at4[s - 1], out=m_tanh)
        # m.inside[s] = m[s+1] * m.sigmoid[s] + m.sigmoid2[s] * m.tanh[s]
        np.multiply(m_sigmoid, m_at[s], out=m_inside)
        np.multiply(m_sigmoid2, m_tanh, out=tmp7)
        m_inside += tmp7
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        _sigmoid(p_at5[s - 1], out=h_sigmoid, half=half)
        # m[s] = cell(p[s], m[s+1])
        tmp7[...] = np.where((s <= S_own)[:, None], m_inside, 0)
        m_at[s - 1] += tmp7
        # h.tanh[s] = tanh(m[s])
        np.tanh(m_at[s - 1], out=h_tanh)
        # h.inside[s] = h.sigmoid[s] * h.tanh[s]
        np.multiply(h_sigmoid, h_tanh, out=h_inside)
        # h[s] = out(p[s], m[s])
        tmp7[...] = np.where((s <= S_own)[:, None], h_inside, 0)
        h_at[s - 1] += tmp7
    # c[0] = m[1]
    c[0] = np.where(T_fresh != 0, m[0], c_before1)
    # g[0] = h[1]
    g[0] = np.where(T_fresh != 0, h[0], g_before1)
    Q_T[...] = Q.T
    for t in range(1, T + 1):
        # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
        g_at[t - 1].dot(Q_T, out=tmp6)
        q_at[t - 1] += tmp6
        # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        _sigmoid(q_at2[t - 1], out=c_sigmoid, half=half)
        # c.sigmoid2[t] = sigmoid(q[t, :n_h])
        _sigmoid(q_at3[t - 1], out=c_sigmoid2, half=half)
        # c.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q_at4[t - 1], out=c_tanh)
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        _sigmoid(q_at5[t - 1], out=g_sigmoid, half=half)
        # c[t] = cell(q[t], c[t-1])
        np.multiply(c_sigmoid2, c_tanh, out=tmp8)
        np.multiply(c_sigmoid, c_at[t - 1], out=tmp7)
        tmp7 += tmp8
        c[t] = np.where((t <= T_own)[:, None], tmp7, c[t - 1])
        # g.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=g_tanh)
        # g[t] = out(q[t], c[t])
        np.multiply(g_sigmoid, g_tanh, out=tmp7)
        g[t] = np.where((t <= T_own)[:, None], tmp7, g[t - 1])
    # o[t] = d + V @ g[t]
    np.matmul(g[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += d
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp9, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp11[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp12[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp10[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp12, 0)
    np.subtract(tmp11, tmp10, out=tmp10)
    loss = tmp10.sum()

    return float(loss)


def _loss_and_grad_padded(params, w, y, h_end, m_end, lengths, wrt, workspace, window, state):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, T, B, len_S, S_own, len_T, T_own,
    ) = _padded_arguments(params, w, y, h_end, m_end, lengths)
    E, F, W, P, U, Q, a, b, V, d = params
    state = None if state is None else _as_state(state)
    T_fresh = float(state is None)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    (c_before1,) = _before(state, "c", 1, (B, n_h), ("B", "n_h"), single, dtype)
    (g_before1,) = _before(state, "g", 1, (B, n_h), ("B", "n_h"), single, dtype)
    wrt = _asked(wrt, ("h_end", "m_end"))
    window_S = _window(window, "S", ("S", "T"), S)
    window_T = _window(window, "T", ("S", "T"), T)

    (
        tmp0, tmp1, q_sum, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, m_inside, tmp8, tmp9, tmp10, tmp11, tmp12, p, q, y_held,
        h, m, m_sigmoid, m_sigmoid2, m_tanh, h_sigmoid, h_tanh, h_inside, U_T, h_at, p_at, m_sigmoid_at, p_at2, half,
        m_sigmoid2_at, p_at3, m_tanh_at, p_at4, m_at, h_sigmoid_at, p_at5, h_tanh_at, c, g, c_sigmoid, c_sigmoid2,
        c_tanh, g_sigmoid, g_tanh, Q_T, g_at, q_at, c_sigmoid_at, q_at2, c_sigmoid2_at, q_at3, c_tanh_at, q_at4,
        g_sigmoid_at, q_at5, c_at, g_tanh_at, o, yhat_lse, largest, yhat, tmp13, tmp14, tmp15, tmp16, tmp17, tmp18,
        tmp19, tmp20, tmp21, do, rows, flat, entries, dd, dV, c_factor, q_factor, q_factor2, q_factor3, q_factor4, dcg,
        dq, dq_at, dg_at, dc_at, c_factor_at, dq_at2, q_factor_at, dq_at3, q_factor2_at, dq_at4, q_factor3_at, dq_at5,
        q_factor4_at, dq_sum, dP, db, dQ, h_inside_factor, m_factor, p_factor, m_factor2, p_factor2, p_factor3,
        p_factor4, dmh, dh_inside, dm_inside, dp, number, dp_at, dh_at, h_inside_factor_at, dm_at, m_factor_at,
        dm_inside_at, m_factor2_at, dp_at2, p_factor_at, dp_at3, p_factor2_at, dp_at4, p_factor3_at, dp_at5,
        p_factor4_at, da, dW, dU, dF, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, S, n_w, T, n_y, n_x, n_h, B, dtype)
    # p[s] = a + W @ E[w[s]] + U @ h[s+1]
    np.take(E, w, axis=0, out=tmp0, mode="clip")
    np.matmul(tmp0.reshape(-1, n_x), W.T, out=p.reshape(-1, 4 * n_h))
    p += a
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[...] = b
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    # q.sum[t] = P @ F[y.held[t-1]]
    np.take(F, y_held[:T], axis=0, out=tmp1, mode="clip")
    np.matmul(tmp1.reshape(-1, n_x), P.T, out=q_sum.reshape(-1, 4 * n_h))
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    np.add(np.arange(1, T + 1, dtype=dtype), T_done, out=tmp4)
    np.less_equal(2, tmp4, out=tmp3)
    np.multiply(tmp3[:, None, None], q_sum, out=tmp2)
    q += tmp2
    h.fill(0)
    # h[S+1] = 0
    tmp5[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], h_end, 0)
    h[1:] += tmp5
    m.fill(0)
    # m[S+1] = 0
    tmp5[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], m_end, 0)
    m[1:] += tmp5
    U_T[...] = U.T
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        h_at[s].dot(U_T, out=tmp6)
        p_at[s - 1] += tmp6
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        _sigmoid(p_at2[s - 1], out=m_sigmoid_at[s - 1], half=half)
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        _sigmoid(p_at3[s - 1], out=m_sigmoid2_at[s - 1], half=half)
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p_at4[s - 1], out=m_tanh_at[s - 1])
        # m.inside[s] = m[s+1] * m.sigmoid[s] + m.sigmoid2[s] * m.tanh[s]
        np.multiply(m_at[s], m_sigmoid_at[s - 1], out=m_inside)
        np.multiply(m_sigmoid2_at[s - 1], m_tanh_at[s - 1], out=tmp7)
        m_inside += tmp7
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        _sigmoid(p_at5[s - 1], out=h_sigmoid_at[s - 1], half=half)
        # m[s] = cell(p[s], m[s+1])
        tmp7[...] = np.where((s <= S_own)[:, None], m_inside, 0)
        m_at[s - 1] += tmp7
        # h.tanh[s] = tanh(m[s])
        np.tanh(m_at[s - 1], out=h_tanh_at[s - 1])
        # h.inside[s] = h.sigmoid[s] * h.tanh[s]
        np.multiply(h_sigmoid_at[s - 1], h_tanh_at[s - 1], out=h_inside)
        # h[s] = out(p[s], m[s])
        tmp7[...] = np.where((s <= S_own)[:, None], h_inside, 0)
        h_at[s - 1] += tmp7
    # c[0] = m[1]
    c[0] = np.where(T_fresh != 0, m[0], c_before1)
    # g[0] = h[1]
    g[0] = np.where(T_fresh != 0, h[0], g_before1)
    Q_T[...] = Q.T
    for t in range(1, T + 1):
        # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
        g_at[t - 1].dot(Q_T, out=tmp6)
        q_at[t - 1] += tmp6
        # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        _sigmoid(q_at2[t - 1], out=c_sigmoid_at[t - 1], half=half)
        # c.sigmoid2[t] = sigmoid(q[t, :n_h])
        _sigmoid(q_at3[t - 1], out=c_sigmoid2_at[t - 1], half=half)
        # c.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q_at4[t - 1], out=c_tanh_at[t - 1])
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        _sigmoid(q_at5[t - 1], out=g_sigmoid_at[t - 1], half=half)
        # c[t] = cell(q[t], c[t-1])
        np.multiply(c_sigmoid2_at[t - 1], c_tanh_at[t - 1], out=tmp8)
        np.multiply(c_at[t - 1], c_sigmoid_at[t - 1], out=tmp7)
        tmp7 += tmp8
        c[t] = np.where((t <= T_own)[:, None], tmp7, c[t - 1])
        # g.tanh[t] = tanh(c[t])
        np.tanh(c_at[t], out=g_tanh_at[t - 1])
        # g[t] = out(q[t], c[t])
        np.multiply(g_sigmoid_at[t - 1], g_tanh_at[t - 1], out=tmp7)
        g[t] = np.where((t <= T_own)[:, None], tmp7, g[t - 1])
    # o[t] = d + V @ g[t]
    np.matmul(g[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += d
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp9, largest=largest)
    np.subtract(o, yhat_lse[:, :, None], out=tmp9)
    np.exp(tmp9, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp11[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp12[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp10[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp12, 0)
    np.subtract(tmp11, tmp10, out=tmp10)
    loss = tmp10.sum()
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp13[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp13[:, :, None], yhat, out=do)
    tmp13[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp13, out=tmp13)
    _add_to(do, y, rows, flat, entries, tmp13)
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    np.matmul(do.reshape(-1, n_y).T, g[1:].reshape(-1, n_h), out=dV)
    # c.factor[t] = g.sigmoid[t] * (1 - g.tanh[t]**2)
    np.square(g_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= g_sigmoid
    # q.factor[t] = g.sigmoid[t] * g.tanh[t] * (1 - g.sigmoid[t])
    np.subtract(1, g_sigmoid, out=q_factor)
    q_factor *= g_sigmoid
    q_factor *= g_tanh
    # q.factor2[t] = c.sigmoid2[t] * (1 - c.tanh[t]**2)
    np.square(c_tanh, out=q_factor2)
    np.subtract(1, q_factor2, out=q_factor2)
    q_factor2 *= c_sigmoid2
    # q.factor3[t] = c.sigmoid2[t] * c.tanh[t] * (1 - c.sigmoid2[t])
    np.subtract(1, c_sigmoid2, out=q_factor3)
    q_factor3 *= c_sigmoid2
    q_factor3 *= c_tanh
    # q.factor4[t] = c[t-1] * c.sigmoid[t] * (1 - c.sigmoid[t])
    np.subtract(1, c_sigmoid, out=q_factor4)
    q_factor4 *= c[:T]
    q_factor4 *= c_sigmoid
    # grad(g[T]) = V.T @ grad(o[T])
    np.matmul(do.reshape(-1, n_y), V, out=dcg[1, 1:].reshape(-1, n_h))
    # grad(c[0]) = c.sigmoid[1] * grad(c[1])
    np.multiply(c_factor[T - 1], dcg[1, T], out=dcg[0, T])
    # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
    np.multiply(q_factor[T - 1], dcg[1, T], out=dq[T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(q_factor2[T - 1], dcg[0, T], out=dq[T - 1, :, 3 * n_h:])
    np.multiply(q_factor3[T - 1], dcg[0, T], out=dq[T - 1, :, :n_h])
    np.multiply(q_factor4[T - 1], dcg[0, T], out=dq[T - 1, :, n_h:2 * n_h])
    for t in range(T - 1, 0, -1):
        # grad(g[T]) = V.T @ grad(o[T])
        dq_at[t].dot(Q, out=tmp7)
        tmp7 *= t // window_T == max(t - 1, 0) // window_T
        dg_at[t] += tmp7
        # grad(c[0]) = c.sigmoid[1] * grad(c[1])
        np.multiply(c_factor_at[t - 1], dg_at[t], out=dc_at[t])
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        np.multiply(q_factor_at[t - 1], dg_at[t], out=dq_at2[t - 1])
        # grad(c[0]) = c.sigmoid[1] * grad(c[1])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, c_sigmoid_at[t], out=tmp7)
        tmp7 *= dc_at[t + 1]
        dc_at[t] += tmp7
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        np.multiply(q_factor2_at[t - 1], dc_at[t], out=dq_at3[t - 1])
        np.multiply(q_factor3_at[t - 1], dc_at[t], out=dq_at4[t - 1])
        np.multiply(q_factor4_at[t - 1], dc_at[t], out=dq_at5[t - 1])
    # grad(g[T]) = V.T @ grad(o[T])
    np.matmul(dq[0], Q, out=dcg[1, 0])
    dcg[1, 0] *= 0 // window_T == max(-1, 0) // window_T
    # grad(c[0]) = c.sigmoid[1] * grad(c[1])
    np.multiply(0 // window_T == max(-1, 0) // window_T, c_sigmoid[0], out=dcg[0, 0])
    dcg[0, 0] *= dcg[0, 1]
    # grad(q.sum[t]) = where(2 <= t + T.done, 1, 0) * grad(q[t])
    np.add(np.arange(1, T + 1, dtype=dtype), T_done, out=tmp4)
    np.less_equal(2, tmp4, out=tmp3)
    np.multiply(tmp3[:, None, None], dq, out=dq_sum)
    # grad(P) = sum(outer(grad(q.sum[t]), F[y.held[t-1]]), t)
    tmp14[...] = F[y_held[:T]].transpose(2, 0, 1)
    np.matmul(dq_sum.reshape(-1, 4 * n_h).T, tmp14.reshape(n_x, -1).T, out=dP)
    # grad(b) = sum(grad(q[t]), t)
    np.add.reduce(dq, axis=(0, 1), out=db)
    # grad(Q) = sum(outer(grad(q[t]), g[t-1]), t)
    np.matmul(dq.reshape(-1, 4 * n_h).T, g[:T].reshape(-1, n_h), out=dQ)
    # h.inside.factor[s] = where(s <= S.own, 1, 0)
    h_inside_factor[...] = np.arange(1, S + 1)[:, None] <= S_own
    # m.factor[s] = h.sigmoid[s] * (1 - h.tanh[s]**2)
    np.square(h_tanh, out=m_factor)
    np.subtract(1, m_factor, out=m_factor)
    m_factor *= h_sigmoid
    # p.factor[s] = h.sigmoid[s] * h.tanh[s] * (1 - h.sigmoid[s])
    np.subtract(1, h_sigmoid, out=p_factor)
    p_factor *= h_sigmoid
    p_factor *= h_tanh
    # m.factor2[s] = same_window(s - 1, minimum(s, S.own - 1), window.S) * m.sigmoid[s]
    np.add(np.arange(1, S, dtype=dtype), -1, out=tmp16)
    np.add(S_own, -1, out=tmp18)
    np.minimum(np.arange(1, S, dtype=dtype)[:, None], tmp18, out=tmp17)
    tmp15[...] = tmp16[:, None] // window_S == tmp17 // window_S
    np.multiply(tmp15[:, :, None], m_sigmoid[:S - 1], out=m_factor2)
    # p.factor2[s] = m.sigmoid2[s] * (1 - m.tanh[s]**2)
    np.square(m_tanh, out=p_factor2)
    np.subtract(1, p_factor2, out=p_factor2)
    p_factor2 *= m_sigmoid2
    # p.factor3[s] = m.sigmoid2[s] * m.tanh[s] * (1 - m.sigmoid2[s])
    np.subtract(1, m_sigmoid2, out=p_factor3)
    p_factor3 *= m_sigmoid2
    p_factor3 *= m_tanh
    # p.factor4[s] = m[s+1] * m.sigmoid[s] * (1 - m.sigmoid[s])
    np.subtract(1, m_sigmoid, out=p_factor4)
    p_factor4 *= m[1:]
    p_factor4 *= m_sigmoid
    # grad(m[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * m.sigmoid[S] *
    #     grad(m.inside[S])
    # grad(h[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * (U.T @ grad(p[s-1])), 2 <= s
    #     <= S+1
    np.multiply(np.where(T_fresh != 0, 1, 0).astype(dtype), dcg[:, 0], out=dmh[:, 0])
    # grad(h.inside[s]) = where(s <= S.own, 1, 0) * grad(h[s])
    np.multiply(dmh[1, 0], h_inside_factor[0][:, None], out=dh_inside)
    # grad(m[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * m.sigmoid[S] *
    #     grad(m.inside[S])
    np.multiply(dh_inside, m_factor[0], out=tmp7)
    dmh[0, 0] += tmp7
    # grad(m.inside[s]) = where(s <= S.own, 1, 0) * grad(m[s])
    np.multiply(dmh[0, 0], h_inside_factor[0][:, None], out=dm_inside[0])
    # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
    np.multiply(dh_inside, p_factor[0], out=dp[0, :, 2 * n_h:3 * n_h])
    np.multiply(dm_inside[0], p_factor2[0], out=dp[0, :, 3 * n_h:])
    np.multiply(dm_inside[0], p_factor3[0], out=dp[0, :, :n_h])
    np.multiply(dm_inside[0], p_factor4[0], out=dp[0, :, n_h:2 * n_h])
    for s in range(2, S + 1):
        # grad(h[1]) = where(T.fresh, 1, 0) * grad(g[0])
        np.add(S_own, number, out=tmp20)
        np.minimum(s - 1, tmp20, out=tmp19)
        tmp18[...] = (s - 2) // window_S == tmp19 // window_S
        np.multiply(tmp18[:, None], dp_at[s - 2], out=tmp6)
        np.matmul(tmp6, U, out=dh_at[s - 1])
        # grad(h.inside[s]) = where(s <= S.own, 1, 0) * grad(h[s])
        np.multiply(dh_at[s - 1], h_inside_factor_at[s - 1][:, None], out=dh_inside)
        # grad(m[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * m.sigmoid[S] *
        #     grad(m.inside[S])
        np.multiply(dh_inside, m_factor_at[s - 1], out=dm_at[s - 1])
        np.multiply(dm_inside_at[s - 2], m_factor2_at[s - 2], out=tmp7)
        dm_at[s - 1] += tmp7
        # grad(m.inside[s]) = where(s <= S.own, 1, 0) * grad(m[s])
        np.multiply(dm_at[s - 1], h_inside_factor_at[s - 1][:, None], out=dm_inside_at[s - 1])
        # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
        np.multiply(dh_inside, p_factor_at[s - 1], out=dp_at2[s - 1])
        np.multiply(dm_inside_at[s - 1], p_factor2_at[s - 1], out=dp_at3[s - 1])
        np.multiply(dm_inside_at[s - 1], p_factor3_at[s - 1], out=dp_at4[s - 1])
        np.multiply(dm_inside_at[s - 1], p_factor4_at[s - 1], out=dp_at5[s - 1])
    # grad(a) = sum(grad(p[s]), s)
    np.add.reduce(dp, axis=(0, 1), out=da)
    # grad(W) = sum(outer(grad(p[s]), E[w[s]]), s)
    tmp21[...] = E[w].transpose(2, 0, 1)
    np.matmul(dp.reshape(-1, 4 * n_h).T, tmp21.reshape(n_x, -1).T, out=dW)
    # grad(U) = sum(outer(grad(p[s]), h[s+1]), s)
    np.matmul(dp.reshape(-1, 4 * n_h).T, h[1:].reshape(-1, n_h), out=dU)
    dF.fill(0)
    # grad(F) = sum(outer(onehot(y.held[t-1]), P.T @ grad(q.sum[t])), t)
    np.matmul(dq_sum.reshape(-1, 4 * n_h), P, out=tmp1.reshape(-1, n_x))
    _scatter_add(dF, (y_held[:T],), tmp1)
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[s]), W.T @ grad(p[s])), s)
    np.matmul(dp.reshape(-1, 4 * n_h), W, out=tmp0.reshape(-1, n_x))
    _scatter_add(dE, (w,), tmp0)
    if "m_end" in wrt:
        tmp_22_0 = np.empty((B,), dtype)
        tmp_22_1 = np.empty((B,), dtype)
        tmp_22_2 = np.empty((B,), dtype)
        tmp_22_3 = np.empty((B, S), dtype)
        # grad(m[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * m.sigmoid[S] *
        #     grad(m.inside[S])
        np.add(S_own, -1, out=tmp_22_2)
        np.minimum(S, tmp_22_2, out=tmp_22_1)
        tmp_22_0[...] = (S - 1) // window_S == tmp_22_1 // window_S
        np.multiply(tmp_22_0[:, None], dm_inside[S - 1], out=dmh[0, S])
        dmh[0, S] *= m_sigmoid[S - 1]
        dm_end = np.empty((B, n_h), dtype)
        # grad(m.S + 1) = sum(where(1 + S.own <= s, 1, 0) * grad(m[s]), (s, 2, S+1))
        tmp_22_3[...] = (1 + S_own)[:, None] <= np.arange(2, S + 2)
        np.matmul(dmh[0, 1:].transpose(1, 2, 0), tmp_22_3[..., None], out=dm_end[..., None])
    if "h_end" in wrt:
        tmp_22_0 = np.empty((B, 4 * n_h), dtype)
        tmp_22_1 = np.empty((B,), dtype)
        tmp_22_2 = np.empty((B,), dtype)
        tmp_22_3 = np.empty((B,), dtype)
        tmp_22_4 = np.empty((B, S), dtype)
        # grad(h[1]) = where(T.fresh, 1, 0) * grad(g[0])
        np.add(S_own, -1, out=tmp_22_3)
        np.minimum(S, tmp_22_3, out=tmp_22_2)
        tmp_22_1[...] = (S - 1) // window_S == tmp_22_2 // window_S
        np.multiply(tmp_22_1[:, None], dp[S - 1], out=tmp_22_0)
        np.matmul(tmp_22_0, U, out=dmh[1, S])
        dh_end = np.empty((B, n_h), dtype)
        # grad(h.S + 1) = sum(where(1 + S.own <= s, 1, 0) * grad(h[s]), (s, 2, S+1))
        tmp_22_4[...] = (1 + S_own)[:, None] <= np.arange(2, S + 2)
        np.matmul(dmh[1, 1:].transpose(1, 2, 0), tmp_22_4[..., None], out=dh_end[..., None])

    gradient = Params(E=dE, F=dF, W=dW, P=dP, U=dU, Q=dQ, a=da, b=db, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "h_end" in wrt:
        result["h_end"] = dh_end[0] if single else dh_end
    if "m_end" in wrt:
        result["m_end"] = dm_end[0] if single else dm_end
    return float(loss), gradient, result


def _backward_padded(params, forward, w, y, lengths, window, state):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, p, m, h, q, c, g, yhat, dtype, single, n_w, n_x, n_y, n_h, S, T, B, len_S, S_own, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, w, y, lengths)
    E, F, W, P, U, Q, a, b, V, d = params
    state = None if state is None else _as_state(state)
    T_fresh = float(state is None)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    window_S = _window(window, "S", ("S", "T"), S)
    window_T = _window(window, "T", ("S", "T"), T)

    m_sigmoid = np.empty((S, B, n_h), dtype)
    # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
    _sigmoid(p[:, :, n_h:2 * n_h], out=m_sigmoid)
    m_sigmoid2 = np.empty((S, B, n_h), dtype)
    # m.sigmoid2[s] = sigmoid(p[s, :n_h])
    _sigmoid(p[:, :, :n_h], out=m_sigmoid2)
    m_tanh = np.empty((S, B, n_h), dtype)
    # m.tanh[s] = tanh(p[s, 3*n_h:])
    np.tanh(p[:, :, 3 * n_h:], out=m_tanh)
    h_sigmoid = np.empty((S, B, n_h), dtype)
    # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
    _sigmoid(p[:, :, 2 * n_h:3 * n_h], out=h_sigmoid)
    h_tanh = np.empty((S, B, n_h), dtype)
    # h.tanh[s] = tanh(m[s])
    np.tanh(m[:S], out=h_tanh)
    c_sigmoid = np.empty((T, B, n_h), dtype)
    # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
    _sigmoid(q[:, :, n_h:2 * n_h], out=c_sigmoid)
    c_sigmoid2 = np.empty((T, B, n_h), dtype)
    # c.sigmoid2[t] = sigmoid(q[t, :n_h])
    _sigmoid(q[:, :, :n_h], out=c_sigmoid2)
    c_tanh = np.empty((T, B, n_h), dtype)
    # c.tanh[t] = tanh(q[t, 3*n_h:])
    np.tanh(q[:, :, 3 * n_h:], out=c_tanh)
    g_sigmoid = np.empty((T, B, n_h), dtype)
    # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
    _sigmoid(q[:, :, 2 * n_h:3 * n_h], out=g_sigmoid)
    g_tanh = np.empty((T, B, n_h), dtype)
    # g.tanh[t] = tanh(c[t])
    np.tanh(c[1:], out=g_tanh)
    y_held = np.empty((T + 1, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T,), dtype)
    tmp3 = np.empty((T,), dtype)
    tmp4 = np.empty((n_x, T, B), dtype)
    tmp5 = np.empty((S - 1, B), dtype)
    tmp6 = np.empty((S - 1,), dtype)
    tmp7 = np.empty((S - 1, B), dtype)
    tmp8 = np.empty((B,), dtype)
    tmp9 = np.empty((B, 4 * n_h), dtype)
    tmp10 = np.empty((B,), dtype)
    tmp11 = np.empty((B,), dtype)
    tmp12 = np.empty((n_x, S, B), dtype)
    tmp13 = np.empty((T, B, n_x), dtype)
    tmp14 = np.empty((S, B, n_x), dtype)
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
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dd)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    np.matmul(do.reshape(-1, n_y).T, g[1:].reshape(-1, n_h), out=dV)
    c_factor = np.empty((T, B, n_h), dtype)
    # c.factor[t] = g.sigmoid[t] * (1 - g.tanh[t]**2)
    np.square(g_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= g_sigmoid
    q_factor = np.empty((T, B, n_h), dtype)
    # q.factor[t] = g.sigmoid[t] * g.tanh[t] * (1 - g.sigmoid[t])
    np.subtract(1, g_sigmoid, out=q_factor)
    q_factor *= g_sigmoid
    q_factor *= g_tanh
    q_factor2 = np.empty((T, B, n_h), dtype)
    # q.factor2[t] = c.sigmoid2[t] * (1 - c.tanh[t]**2)
    np.square(c_tanh, out=q_factor2)
    np.subtract(1, q_factor2, out=q_factor2)
    q_factor2 *= c_sigmoid2
    q_factor3 = np.empty((T, B, n_h), dtype)
    # q.factor3[t] = c.sigmoid2[t] * c.tanh[t] * (1 - c.sigmoid2[t])
    np.subtract(1, c_sigmoid2, out=q_factor3)
    q_factor3 *= c_sigmoid2
    q_factor3 *= c_tanh
    q_factor4 = np.empty((T, B, n_h), dtype)
    # q.factor4[t] = c[t-1] * c.sigmoid[t] * (1 - c.sigmoid[t])
    np.subtract(1, c_sigmoid, out=q_factor4)
    q_factor4 *= c[:T]
    q_factor4 *= c_sigmoid
    dcg = np.empty((2, T + 1, B, n_h), dtype)
    # grad(g[T]) = V.T @ grad(o[T])
    np.matmul(do.reshape(-1, n_y), V, out=dcg[1, 1:].reshape(-1, n_h))
    dq = np.empty((T, B, 4 * n_h), dtype)
    # grad(c[0]) = c.sigmoid[1] * grad(c[1])
    np.multiply(c_factor[T - 1], dcg[1, T], out=dcg[0, T])
    # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
    np.multiply(q_factor[T - 1], dcg[1, T], out=dq[T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(q_factor2[T - 1], dcg[0, T], out=dq[T - 1, :, 3 * n_h:])
    np.multiply(q_factor3[T - 1], dcg[0, T], out=dq[T - 1, :, :n_h])
    np.multiply(q_factor4[T - 1], dcg[0, T], out=dq[T - 1, :, n_h:2 * n_h])
    dq_at = list(dq)
    dg_at = list(dcg[1])
    dc_at = list(dcg[0])
    c_factor_at = list(c_factor)
    dq_at2 = list(dq[:, :, 2 * n_h:3 * n_h])
    q_factor_at = list(q_factor)
    c_sigmoid_at = list(c_sigmoid)
    dq_at3 = list(dq[:, :, 3 * n_h:])
    q_factor2_at = list(q_factor2)
    dq_at4 = list(dq[:, :, :n_h])
    q_factor3_at = list(q_factor3)
    dq_at5 = list(dq[:, :, n_h:2 * n_h])
    q_factor4_at = list(q_factor4)
    for t in range(T - 1, 0, -1):
        # grad(g[T]) = V.T @ grad(o[T])
        dq_at[t].dot(Q, out=tmp1)
        tmp1 *= t // window_T == max(t - 1, 0) // window_T
        dg_at[t] += tmp1
        # grad(c[0]) = c.sigmoid[1] * grad(c[1])
        np.multiply(c_factor_at[t - 1], dg_at[t], out=dc_at[t])
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        np.multiply(q_factor_at[t - 1], dg_at[t], out=dq_at2[t - 1])
        # grad(c[0]) = c.sigmoid[1] * grad(c[1])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, c_sigmoid_at[t], out=tmp1)
        tmp1 *= dc_at[t + 1]
        dc_at[t] += tmp1
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        np.multiply(q_factor2_at[t - 1], dc_at[t], out=dq_at3[t - 1])
        np.multiply(q_factor3_at[t - 1], dc_at[t], out=dq_at4[t - 1])
        np.multiply(q_factor4_at[t - 1], dc_at[t], out=dq_at5[t - 1])
    # grad(g[T]) = V.T @ grad(o[T])
    np.matmul(dq[0], Q, out=dcg[1, 0])
    dcg[1, 0] *= 0 // window_T == max(-1, 0) // window_T
    # grad(c[0]) = c.sigmoid[1] * grad(c[1])
    np.multiply(0 // window_T == max(-1, 0) // window_T, c_sigmoid[0], out=dcg[0, 0])
    dcg[0, 0] *= dcg[0, 1]
    dq_sum = np.empty((T, B, 4 * n_h), dtype)
    # grad(q.sum[t]) = where(2 <= t + T.done, 1, 0) * grad(q[t])
    np.add(np.arange(1, T + 1, dtype=dtype), T_done, out=tmp3)
    np.less_equal(2, tmp3, out=tmp2)
    np.multiply(tmp2[:, None, None], dq, out=dq_sum)
    dP = np.empty((4 * n_h, n_x), dtype)
    # grad(P) = sum(outer(grad(q.sum[t]), F[y.held[t-1]]), t)
    tmp4[...] = F[y_held[:T]].transpose(2, 0, 1)
    np.matmul(dq_sum.reshape(-1, 4 * n_h).T, tmp4.reshape(n_x, -1).T, out=dP)
    db = np.empty((4 * n_h,), dtype)
    # grad(b) = sum(grad(q[t]), t)
    np.add.reduce(dq, axis=(0, 1), out=db)
    dQ = np.empty((4 * n_h, n_h), dtype)
    # grad(Q) = sum(outer(grad(q[t]), g[t-1]), t)
    np.matmul(dq.reshape(-1, 4 * n_h).T, g[:T].reshape(-1, n_h), out=dQ)
    h_inside_factor = np.empty((S, B), dtype)
    # h.inside.factor[s] = where(s <= S.own, 1, 0)
    h_inside_factor[...] = np.arange(1, S + 1)[:, None] <= S_own
    m_factor = np.empty((S, B, n_h), dtype)
    # m.factor[s] = h.sigmoid[s] * (1 - h.tanh[s]**2)
    np.square(h_tanh, out=m_factor)
    np.subtract(1, m_factor, out=m_factor)
    m_factor *= h_sigmoid
    p_factor = np.empty((S, B, n_h), dtype)
    # p.factor[s] = h.sigmoid[s] * h.tanh[s] * (1 - h.sigmoid[s])
    np.subtract(1, h_sigmoid, out=p_factor)
    p_factor *= h_sigmoid
    p_factor *= h_tanh
    m_factor2 = np.empty((S - 1, B, n_h), dtype)
    # m.factor2[s] = same_window(s - 1, minimum(s, S.own - 1), window.S) * m.sigmoid[s]
    np.add(np.arange(1, S, dtype=dtype), -1, out=tmp6)
    np.add(S_own, -1, out=tmp8)
    np.minimum(np.arange(1, S, dtype=dtype)[:, None], tmp8, out=tmp7)
    tmp5[...] = tmp6[:, None] // window_S == tmp7 // window_S
    np.multiply(tmp5[:, :, None], m_sigmoid[:S - 1], out=m_factor2)
    p_factor2 = np.empty((S, B, n_h), dtype)
    # p.factor2[s] = m.sigmoid2[s] * (1 - m.tanh[s]**2)
    np.square(m_tanh, out=p_factor2)
    np.subtract(1, p_factor2, out=p_factor2)
    p_factor2 *= m_sigmoid2
    p_factor3 = np.empty((S, B, n_h), dtype)
    # p.factor3[s] = m.sigmoid2[s] * m.tanh[s] * (1 - m.sigmoid2[s])
    np.subtract(1, m_sigmoid2, out=p_factor3)
    p_factor3 *= m_sigmoid2
    p_factor3 *= m_tanh
    p_factor4 = np.empty((S, B, n_h), dtype)
    # p.factor4[s] = m[s+1] * m.sigmoid[s] * (1 - m.sigmoid[s])
    np.subtract(1, m_sigmoid, out=p_factor4)
    p_factor4 *= m[1:]
    p_factor4 *= m_sigmoid
    dmh = np.empty((2, S, B, n_h), dtype)
    # grad(m[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * m.sigmoid[S] *
    #     grad(m.inside[S])
    # grad(h[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * (U.T @ grad(p[s-1])), 2 <= s
    #     <= S+1
    np.multiply(np.where(T_fresh != 0, 1, 0).astype(dtype), dcg[:, 0], out=dmh[:, 0])
    dh_inside = np.empty((B, n_h), dtype)
    dm_inside = np.empty((S, B, n_h), dtype)
    dp = np.empty((S, B, 4 * n_h), dtype)
    # grad(h.inside[s]) = where(s <= S.own, 1, 0) * grad(h[s])
    np.multiply(dmh[1, 0], h_inside_factor[0][:, None], out=dh_inside)
    # grad(m[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * m.sigmoid[S] *
    #     grad(m.inside[S])
    np.multiply(dh_inside, m_factor[0], out=tmp1)
    dmh[0, 0] += tmp1
    # grad(m.inside[s]) = where(s <= S.own, 1, 0) * grad(m[s])
    np.multiply(dmh[0, 0], h_inside_factor[0][:, None], out=dm_inside[0])
    # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
    np.multiply(dh_inside, p_factor[0], out=dp[0, :, 2 * n_h:3 * n_h])
    np.multiply(dm_inside[0], p_factor2[0], out=dp[0, :, 3 * n_h:])
    np.multiply(dm_inside[0], p_factor3[0], out=dp[0, :, :n_h])
    np.multiply(dm_inside[0], p_factor4[0], out=dp[0, :, n_h:2 * n_h])
    number = np.array(-1, dtype)
    dp_at = list(dp)
    dh_at = list(dmh[1])
    h_inside_factor_at = list(h_inside_factor)
    dm_at = list(dmh[0])
    m_factor_at = list(m_factor)
    dm_inside_at = list(dm_inside)
    m_factor2_at = list(m_factor2)
    dp_at2 = list(dp[:, :, 2 * n_h:3 * n_h])
    p_factor_at = list(p_factor)
    dp_at3 = list(dp[:, :, 3 * n_h:])
    p_factor2_at = list(p_factor2)
    dp_at4 = list(dp[:, :, :n_h])
    p_factor3_at = list(p_factor3)
    dp_at5 = list(dp[:, :, n_h:2 * n_h])
    p_factor4_at = list(p_factor4)
    for s in range(2, S + 1):
        # grad(h[1]) = where(T.fresh, 1, 0) * grad(g[0])
        np.add(S_own, number, out=tmp11)
        np.minimum(s - 1, tmp11, out=tmp10)
        tmp8[...] = (s - 2) // window_S == tmp10 // window_S
        np.multiply(tmp8[:, None], dp_at[s - 2], out=tmp9)
        tmp9.dot(U, out=dh_at[s - 1])
        # grad(h.inside[s]) = where(s <= S.own, 1, 0) * grad(h[s])
        np.multiply(dh_at[s - 1], h_inside_factor_at[s - 1][:, None], out=dh_inside)
        # grad(m[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * m.sigmoid[S] *
        #     grad(m.inside[S])
        np.multiply(dh_inside, m_factor_at[s - 1], out=dm_at[s - 1])
        np.multiply(dm_inside_at[s - 2], m_factor2_at[s - 2], out=tmp1)
        dm_at[s - 1] += tmp1
        # grad(m.inside[s]) = where(s <= S.own, 1, 0) * grad(m[s])
        np.multiply(dm_at[s - 1], h_inside_factor_at[s - 1][:, None], out=dm_inside_at[s - 1])
        # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
        np.multiply(dh_inside, p_factor_at[s - 1], out=dp_at2[s - 1])
        np.multiply(dm_inside_at[s - 1], p_factor2_at[s - 1], out=dp_at3[s - 1])
        np.multiply(dm_inside_at[s - 1], p_factor3_at[s - 1], out=dp_at4[s - 1])
        np.multiply(dm_inside_at[s - 1], p_factor4_at[s - 1], out=dp_at5[s - 1])
    da = np.empty((4 * n_h,), dtype)
    # grad(a) = sum(grad(p[s]), s)
    np.add.reduce(dp, axis=(0, 1), out=da)
    dW = np.empty((4 * n_h, n_x), dtype)
    # grad(W) = sum(outer(grad(p[s]), E[w[s]]), s)
    tmp12[...] = E[w].transpose(2, 0, 1)
    np.matmul(dp.reshape(-1, 4 * n_h).T, tmp12.reshape(n_x, -1).T, out=dW)
    dU = np.empty((4 * n_h, n_h), dtype)
    # grad(U) = sum(outer(grad(p[s]), h[s+1]), s)
    np.matmul(dp.reshape(-1, 4 * n_h).T, h[1:].reshape(-1, n_h), out=dU)
    dF = np.zeros((n_y, n_x), dtype)
    # grad(F) = sum(outer(onehot(y.held[t-1]), P.T @ grad(q.sum[t])), t)
    np.matmul(dq_sum.reshape(-1, 4 * n_h), P, out=tmp13.reshape(-1, n_x))
    _scatter_add(dF, (y_held[:T],), tmp13)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[s]), W.T @ grad(p[s])), s)
    np.matmul(dp.reshape(-1, 4 * n_h), W, out=tmp14.reshape(-1, n_x))
    _scatter_add(dE, (w,), tmp14)

    return Params(E=dE, F=dF, W=dW, P=dP, U=dU, Q=dQ, a=da, b=db, V=dV, d=dd)


def _loss_arrays(S, T, n_y, n_x, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_x), dtype)
    tmp1 = np.empty((B, 4 * n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T - 1, B, 4 * n_h), dtype)
    tmp4 = np.empty((T - 1, B, n_x), dtype)
    tmp5 = np.empty((T, B, n_y), dtype)
    tmp6 = np.empty((T, B), dtype)
    p = np.empty((S, B, 4 * n_h), dtype)
    q = np.empty((T, B, 4 * n_h), dtype)
    mh = _by_step((2, S + 1, B, n_h), dtype)
    m_sigmoid = np.empty((B, n_h), dtype)
    m_sigmoid2 = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    U_T = np.empty((n_h, 4 * n_h), dtype)
    h_at = list(mh[1])
    p_at = list(p)
    p_at2 = list(p[:, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    p_at3 = list(p[:, :, :n_h])
    p_at4 = list(p[:, :, 3 * n_h:])
    p_at5 = list(p[:, :, 2 * n_h:3 * n_h])
    m_at = list(mh[0])
    cg = _by_step((2, T + 1, B, n_h), dtype)
    c_sigmoid = m_sigmoid
    c_sigmoid2 = m_sigmoid2
    c_tanh = m_tanh
    g_sigmoid = h_sigmoid
    g_tanh = h_tanh
    Q_T = U_T
    g_at = list(cg[1])
    q_at = list(q)
    q_at2 = list(q[:, :, n_h:2 * n_h])
    q_at3 = list(q[:, :, :n_h])
    q_at4 = list(q[:, :, 3 * n_h:])
    q_at5 = list(q[:, :, 2 * n_h:3 * n_h])
    c_at = list(cg[0])
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, p, q, mh, m_sigmoid, m_sigmoid2, m_tanh, h_sigmoid, h_tanh, U_T, h_at,
        p_at, p_at2, half, p_at3, p_at4, p_at5, m_at, cg, c_sigmoid, c_sigmoid2, c_tanh, g_sigmoid, g_tanh, Q_T, g_at,
        q_at, q_at2, q_at3, q_at4, q_at5, c_at, o, yhat_lse, largest, rows, flat,
    )


def _loss_and_grad_arrays(S, n_w, T, n_y, n_x, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_x), dtype)
    tmp1 = np.empty((B, 4 * n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T - 1, B, 4 * n_h), dtype)
    tmp4 = np.empty((T - 1, B, n_x), dtype)
    tmp5 = np.empty((T, B, n_y), dtype)
    tmp6 = np.empty((T, B), dtype)
    p = np.empty((S, B, 4 * n_h), dtype)
    q = np.empty((T, B, 4 * n_h), dtype)
    mh = _by_step((2, S + 1, B, n_h), dtype)
    m_sigmoid = np.empty((S, B, n_h), dtype)
    m_sigmoid2 = np.empty((S, B, n_h), dtype)
    m_tanh = np.empty((S, B, n_h), dtype)
    h_sigmoid = np.empty((S, B, n_h), dtype)
    h_tanh = np.empty((S, B, n_h), dtype)
    U_T = np.empty((n_h, 4 * n_h), dtype)
    h_at = list(mh[1])
    p_at = list(p)
    m_sigmoid_at = list(m_sigmoid)
    p_at2 = list(p[:, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    m_sigmoid2_at = list(m_sigmoid2)
    p_at3 = list(p[:, :, :n_h])
    m_tanh_at = list(m_tanh)
    p_at4 = list(p[:, :, 3 * n_h:])
    h_sigmoid_at = list(h_sigmoid)
    p_at5 = list(p[:, :, 2 * n_h:3 * n_h])
    m_at = list(mh[0])
    h_tanh_at = list(h_tanh)
    cg = _by_step((2, T + 1, B, n_h), dtype)
    c_sigmoid = np.empty((T, B, n_h), dtype)
    c_sigmoid2 = np.empty((T, B, n_h), dtype)
    c_tanh = np.empty((T, B, n_h), dtype)
    g_sigmoid = np.empty((T, B, n_h), dtype)
    g_tanh = np.empty((T, B, n_h), dtype)
    Q_T = U_T
    g_at = list(cg[1])
    q_at = list(q)
    c_sigmoid_at = list(c_sigmoid)
    q_at2 = list(q[:, :, n_h:2 * n_h])
    c_sigmoid2_at = list(c_sigmoid2)
    q_at3 = list(q[:, :, :n_h])
    c_tanh_at = list(c_tanh)
    q_at4 = list(q[:, :, 3 * n_h:])
    g_sigmoid_at = list(g_sigmoid)
    q_at5 = list(q[:, :, 2 * n_h:3 * n_h])
    c_at = list(cg[0])
    g_tanh_at = list(g_tanh)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp7 = np.empty((n_x, T - 1, B), dtype)
    tmp8 = np.empty((n_x, S, B), dtype)
    do = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    c_factor = np.empty((T, B, n_h), dtype)
    q_factor = np.empty((T, B, n_h), dtype)
    q_factor2 = g_tanh
    q_factor3 = g_sigmoid
    q_factor4 = c_tanh
    dcg = _by_step((2, T + 1, B, n_h), dtype)
    dq = q
    dq_at = list(dq)
    dg_at = list(dcg[1])
    dc_at = list(dcg[0])
    c_factor_at = list(c_factor)
    dq_at2 = list(dq[:, :, 2 * n_h:3 * n_h])
    q_factor_at = list(q_factor)
    dq_at3 = list(dq[:, :, 3 * n_h:])
    q_factor2_at = list(q_factor2)
    dq_at4 = list(dq[:, :, :n_h])
    q_factor3_at = list(q_factor3)
    dq_at5 = list(dq[:, :, n_h:2 * n_h])
    q_factor4_at = list(q_factor4)
    dP = np.empty((4 * n_h, n_x), dtype)
    db = np.empty((4 * n_h,), dtype)
    dQ = np.empty((4 * n_h, n_h), dtype)
    m_factor = np.empty((S, B, n_h), dtype)
    p_factor = np.empty((S, B, n_h), dtype)
    p_factor2 = h_tanh
    p_factor3 = h_sigmoid
    p_factor4 = m_tanh
    dmh = _by_step((2, S + 1, B, n_h), dtype)
    dp = p
    dp_at = list(dp)
    dh_at = list(dmh[1])
    dm_at = list(dmh[0])
    m_factor_at = list(m_factor)
    dp_at2 = list(dp[:, :, 2 * n_h:3 * n_h])
    p_factor_at = list(p_factor)
    dp_at3 = list(dp[:, :, 3 * n_h:])
    p_factor2_at = list(p_factor2)
    dp_at4 = list(dp[:, :, :n_h])
    p_factor3_at = list(p_factor3)
    dp_at5 = list(dp[:, :, n_h:2 * n_h])
    p_factor4_at = list(p_factor4)
    da = np.empty((4 * n_h,), dtype)
    dW = np.empty((4 * n_h, n_x), dtype)
    dU = np.empty((4 * n_h, n_h), dtype)
    dF = np.empty((n_y, n_x), dtype)
    dE = np.empty((n_w, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, p, q, mh, m_sigmoid, m_sigmoid2, m_tanh, h_sigmoid, h_tanh, U_T, h_at,
        p_at, m_sigmoid_at, p_at2, half, m_sigmoid2_at, p_at3, m_tanh_at, p_at4, h_sigmoid_at, p_at5, m_at, h_tanh_at,
        cg, c_sigmoid, c_sigmoid2, c_tanh, g_sigmoid, g_tanh, Q_T, g_at, q_at, c_sigmoid_at, q_at2, c_sigmoid2_at,
        q_at3, c_tanh_at, q_at4, g_sigmoid_at, q_at5, c_at, g_tanh_at, o, yhat_lse, largest, yhat, rows, flat, tmp7,
        tmp8, do, entries, dd, dV, c_factor, q_factor, q_factor2, q_factor3, q_factor4, dcg, dq, dq_at, dg_at, dc_at,
        c_factor_at, dq_at2, q_factor_at, dq_at3, q_factor2_at, dq_at4, q_factor3_at, dq_at5, q_factor4_at, dP, db, dQ,
        m_factor, p_factor, p_factor2, p_factor3, p_factor4, dmh, dp, dp_at, dh_at, dm_at, m_factor_at, dp_at2,
        p_factor_at, dp_at3, p_factor2_at, dp_at4, p_factor3_at, dp_at5, p_factor4_at, da, dW, dU, dF, dE,
    )


def _loss_padded_arrays(S, T, n_y, n_x, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_x), dtype)
    tmp1 = np.empty((T, B, n_x), dtype)
    q_sum = np.empty((T, B, 4 * n_h), dtype)
    tmp2 = q_sum
    tmp3 = np.empty((T,), dtype)
    tmp4 = np.empty((T,), dtype)
    tmp5 = np.empty((S, B, n_h), dtype)
    tmp6 = np.empty((B, 4 * n_h), dtype)
    tmp7 = np.empty((B, n_h), dtype)
    m_sigmoid = np.empty((B, n_h), dtype)
    tmp8 = m_sigmoid
    tmp9 = np.empty((T, B, n_y), dtype)
    tmp10 = np.empty((B, T), dtype)
    tmp11 = np.empty((B, T), dtype)
    tmp12 = np.empty((B, T), dtype)
    p = np.empty((S, B, 4 * n_h), dtype)
    q = np.empty((T, B, 4 * n_h), dtype)
    y_held = np.empty((T, B), np.intp)
    h = np.empty((S + 1, B, n_h), dtype)
    m = np.empty((S + 1, B, n_h), dtype)
    m_sigmoid2 = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    m_inside = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    h_inside = np.empty((B, n_h), dtype)
    U_T = np.empty((n_h, 4 * n_h), dtype)
    h_at = list(h)
    p_at = list(p)
    p_at2 = list(p[:, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    p_at3 = list(p[:, :, :n_h])
    p_at4 = list(p[:, :, 3 * n_h:])
    m_at = list(m)
    p_at5 = list(p[:, :, 2 * n_h:3 * n_h])
    c = np.empty((T + 1, B, n_h), dtype)
    g = np.empty((T + 1, B, n_h), dtype)
    c_sigmoid = m_sigmoid2
    c_sigmoid2 = m_tanh
    c_tanh = m_inside
    g_sigmoid = h_sigmoid
    g_tanh = h_tanh
    Q_T = U_T
    g_at = list(g)
    q_at = list(q)
    q_at2 = list(q[:, :, n_h:2 * n_h])
    q_at3 = list(q[:, :, :n_h])
    q_at4 = list(q[:, :, 3 * n_h:])
    q_at5 = list(q[:, :, 2 * n_h:3 * n_h])
    c_at = list(c)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, q_sum, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, m_sigmoid, tmp8, tmp9, tmp10, tmp11, tmp12, p, q, y_held,
        h, m, m_sigmoid2, m_tanh, m_inside, h_sigmoid, h_tanh, h_inside, U_T, h_at, p_at, p_at2, half, p_at3, p_at4,
        m_at, p_at5, c, g, c_sigmoid, c_sigmoid2, c_tanh, g_sigmoid, g_tanh, Q_T, g_at, q_at, q_at2, q_at3, q_at4,
        q_at5, c_at, o, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(S, n_w, T, n_y, n_x, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_x), dtype)
    tmp1 = np.empty((T, B, n_x), dtype)
    q_sum = np.empty((T, B, 4 * n_h), dtype)
    tmp2 = q_sum
    tmp3 = np.empty((T,), dtype)
    tmp4 = np.empty((T,), dtype)
    tmp5 = np.empty((S, B, n_h), dtype)
    tmp6 = np.empty((B, 4 * n_h), dtype)
    tmp7 = np.empty((B, n_h), dtype)
    m_inside = np.empty((B, n_h), dtype)
    tmp8 = m_inside
    tmp9 = np.empty((T, B, n_y), dtype)
    tmp10 = np.empty((B, T), dtype)
    tmp11 = np.empty((B, T), dtype)
    tmp12 = np.empty((B, T), dtype)
    p = np.empty((S, B, 4 * n_h), dtype)
    q = np.empty((T, B, 4 * n_h), dtype)
    y_held = np.empty((T + 1, B), np.intp)
    h = np.empty((S + 1, B, n_h), dtype)
    m = np.empty((S + 1, B, n_h), dtype)
    m_sigmoid = tmp5
    m_sigmoid2 = np.empty((S, B, n_h), dtype)
    m_tanh = np.empty((S, B, n_h), dtype)
    h_sigmoid = np.empty((S, B, n_h), dtype)
    h_tanh = np.empty((S, B, n_h), dtype)
    h_inside = np.empty((B, n_h), dtype)
    U_T = np.empty((n_h, 4 * n_h), dtype)
    h_at = list(h)
    p_at = list(p)
    m_sigmoid_at = list(m_sigmoid)
    p_at2 = list(p[:, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    m_sigmoid2_at = list(m_sigmoid2)
    p_at3 = list(p[:, :, :n_h])
    m_tanh_at = list(m_tanh)
    p_at4 = list(p[:, :, 3 * n_h:])
    m_at = list(m)
    h_sigmoid_at = list(h_sigmoid)
    p_at5 = list(p[:, :, 2 * n_h:3 * n_h])
    h_tanh_at = list(h_tanh)
    c = np.empty((T + 1, B, n_h), dtype)
    g = np.empty((T + 1, B, n_h), dtype)
    c_sigmoid = np.empty((T, B, n_h), dtype)
    c_sigmoid2 = np.empty((T, B, n_h), dtype)
    c_tanh = np.empty((T, B, n_h), dtype)
    g_sigmoid = np.empty((T, B, n_h), dtype)
    g_tanh = np.empty((T, B, n_h), dtype)
    Q_T = U_T
    g_at = list(g)
    q_at = list(q)
    c_sigmoid_at = list(c_sigmoid)
    q_at2 = list(q[:, :, n_h:2 * n_h])
    c_sigmoid2_at = list(c_sigmoid2)
    q_at3 = list(q[:, :, :n_h])
    c_tanh_at = list(c_tanh)
    q_at4 = list(q[:, :, 3 * n_h:])
    g_sigmoid_at = list(g_sigmoid)
    q_at5 = list(q[:, :, 2 * n_h:3 * n_h])
    c_at = list(c)
    g_tanh_at = list(g_tanh)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp13 = yhat_lse
    tmp14 = np.empty((n_x, T, B), dtype)
    tmp15 = np.empty((S - 1, B), dtype)
    tmp16 = np.empty((S - 1,), dtype)
    tmp17 = np.empty((S - 1, B), dtype)
    tmp18 = np.empty((B,), dtype)
    tmp19 = np.empty((B,), dtype)
    tmp20 = np.empty((B,), dtype)
    tmp21 = np.empty((n_x, S, B), dtype)
    do = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    c_factor = np.empty((T, B, n_h), dtype)
    q_factor = np.empty((T, B, n_h), dtype)
    q_factor2 = g_tanh
    q_factor3 = g_sigmoid
    q_factor4 = c_tanh
    dcg = _by_step((2, T + 1, B, n_h), dtype)
    dq = q
    dq_at = list(dq)
    dg_at = list(dcg[1])
    dc_at = list(dcg[0])
    c_factor_at = list(c_factor)
    dq_at2 = list(dq[:, :, 2 * n_h:3 * n_h])
    q_factor_at = list(q_factor)
    dq_at3 = list(dq[:, :, 3 * n_h:])
    q_factor2_at = list(q_factor2)
    dq_at4 = list(dq[:, :, :n_h])
    q_factor3_at = list(q_factor3)
    dq_at5 = list(dq[:, :, n_h:2 * n_h])
    q_factor4_at = list(q_factor4)
    dq_sum = q_sum
    dP = np.empty((4 * n_h, n_x), dtype)
    db = np.empty((4 * n_h,), dtype)
    dQ = np.empty((4 * n_h, n_h), dtype)
    h_inside_factor = np.empty((S, B), dtype)
    m_factor = np.empty((S, B, n_h), dtype)
    p_factor = np.empty((S, B, n_h), dtype)
    m_factor2 = np.empty((S - 1, B, n_h), dtype)
    p_factor2 = h_tanh
    p_factor3 = h_sigmoid
    p_factor4 = m_tanh
    dmh = _by_step((2, S + 1, B, n_h), dtype)
    dh_inside = m_inside
    dm_inside = m_sigmoid2
    dp = p
    number = np.array(-1, dtype)
    dp_at = list(dp)
    dh_at = list(dmh[1])
    h_inside_factor_at = list(h_inside_factor)
    dm_at = list(dmh[0])
    m_factor_at = list(m_factor)
    dm_inside_at = list(dm_inside)
    m_factor2_at = list(m_factor2)
    dp_at2 = list(dp[:, :, 2 * n_h:3 * n_h])
    p_factor_at = list(p_factor)
    dp_at3 = list(dp[:, :, 3 * n_h:])
    p_factor2_at = list(p_factor2)
    dp_at4 = list(dp[:, :, :n_h])
    p_factor3_at = list(p_factor3)
    dp_at5 = list(dp[:, :, n_h:2 * n_h])
    p_factor4_at = list(p_factor4)
    da = np.empty((4 * n_h,), dtype)
    dW = np.empty((4 * n_h, n_x), dtype)
    dU = np.empty((4 * n_h, n_h), dtype)
    dF = np.empty((n_y, n_x), dtype)
    dE = np.empty((n_w, n_x), dtype)
    return (
        tmp0, tmp1, q_sum, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, m_inside, tmp8, tmp9, tmp10, tmp11, tmp12, p, q, y_held,
        h, m, m_sigmoid, m_sigmoid2, m_tanh, h_sigmoid, h_tanh, h_inside, U_T, h_at, p_at, m_sigmoid_at, p_at2, half,
        m_sigmoid2_at, p_at3, m_tanh_at, p_at4, m_at, h_sigmoid_at, p_at5, h_tanh_at, c, g, c_sigmoid, c_sigmoid2,
        c_tanh, g_sigmoid, g_tanh, Q_T, g_at, q_at, c_sigmoid_at, q_at2, c_sigmoid2_at, q_at3, c_tanh_at, q_at4,
        g_sigmoid_at, q_at5, c_at, g_tanh_at, o, yhat_lse, largest, yhat, tmp13, tmp14, tmp15, tmp16, tmp17, tmp18,
        tmp19, tmp20, tmp21, do, rows, flat, entries, dd, dV, c_factor, q_factor, q_factor2, q_factor3, q_factor4, dcg,
        dq, dq_at, dg_at, dc_at, c_factor_at, dq_at2, q_factor_at, dq_at3, q_factor2_at, dq_at4, q_factor3_at, dq_at5,
        q_factor4_at, dq_sum, dP, db, dQ, h_inside_factor, m_factor, p_factor, m_factor2, p_factor2, p_factor3,
        p_factor4, dmh, dh_inside, dm_inside, dp, number, dp_at, dh_at, h_inside_factor_at, dm_at, m_factor_at,
        dm_inside_at, m_factor2_at, dp_at2, p_factor_at, dp_at3, p_factor2_at, dp_at4, p_factor3_at, dp_at5,
        p_factor4_at, da, dW, dU, dF, dE,
    )


def _arguments(params, w, y, h_end, m_end):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_y, n_h = _parameters(params)
    w = _integers("w", w)
    y = _integers("y", y)
    single = w.ndim == 1
    _rank("w", w, ("S", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    S = w.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from w")
    _classes("w", w, n_w, "n_w - 1")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        w = w[:, None]
        y = y[:, None]
    if h_end is None:
        h_end = np.zeros((B, n_h), dtype)
    else:
        h_end = _real("h_end", h_end, dtype)
        _expect("h_end", h_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U")
        if single:
            h_end = h_end[None]
    if m_end is None:
        m_end = np.zeros((B, n_h), dtype)
    else:
        m_end = _real("m_end", m_end, dtype)
        _expect("m_end", m_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U")
        if single:
            m_end = m_end[None]
    return params, w, y, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, T, B


def _backward_arguments(params, forward, w, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_y, n_h = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    p = _real("forward.p", forward.p, dtype)
    m = _real("forward.m", forward.m, dtype)
    h = _real("forward.h", forward.h, dtype)
    q = _real("forward.q", forward.q, dtype)
    c = _real("forward.c", forward.c, dtype)
    g = _real("forward.g", forward.g, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("S", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    S = w.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from w")
    _expect("forward.p", p, (S, *batch_axis, 4 * n_h), ("S", "B", "4*n_h"), "S and B from w, n_h from U")
    _expect("forward.m", m, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from U")
    _expect("forward.h", h, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from U")
    _expect("forward.q", q, (T, *batch_axis, 4 * n_h), ("T", "B", "4*n_h"), "T from y, B from w, n_h from U")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T from y, B from w, n_h from U")
    _expect("forward.g", g, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T from y, B from w, n_h from U")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T from y, B from w, n_y from F")
    _classes("w", w, n_w, "n_w - 1")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        w = w[:, None]
        y = y[:, None]
        p = p[:, None]
        m = m[:, None]
        h = h[:, None]
        q = q[:, None]
        c = c[:, None]
        g = g[:, None]
        yhat = yhat[:, None]
    return params, w, y, p, m, h, q, c, g, yhat, dtype, single, n_w, n_x, n_y, n_h, S, T, B


def _initial_arguments(params, w, h_end, m_end):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_y, n_h = _parameters(params)
    w = _integers("w", w)
    single = w.ndim == 1
    _rank("w", w, ("S", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    S = w.shape[0]
    _classes("w", w, n_w, "n_w - 1")
    if single:
        w = w[:, None]
    if h_end is None:
        h_end = np.zeros((B, n_h), dtype)
    else:
        h_end = _real("h_end", h_end, dtype)
        _expect("h_end", h_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U")
        if single:
            h_end = h_end[None]
    if m_end is None:
        m_end = np.zeros((B, n_h), dtype)
    else:
        m_end = _real("m_end", m_end, dtype)
        _expect("m_end", m_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U")
        if single:
            m_end = m_end[None]
    return params, w, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, B


def _step_arguments(params, state, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_y, n_h = _parameters(params)
    state = _as_state(state)
    y = _integers("y", y)
    y_prev = _integers("state.y", state.y)
    c_prev = _real("state.c", state.c, dtype)
    g_prev = _real("state.g", state.g, dtype)
    single = y.ndim == 0
    _rank("y", y, ("B",), single)
    B = 1 if single else y.shape[0]
    batch_axis = () if single else (B,)
    _expect("state.y", y_prev, (*batch_axis,), ("B",), "B from y")
    _expect("state.c", c_prev, (*batch_axis, n_h), ("B", "n_h"), "B from y, n_h from U")
    _expect("state.g", g_prev, (*batch_axis, n_h), ("B", "n_h"), "B from y, n_h from U")
    _classes("y", y, n_y, "n_y - 1")
    _classes("state.y", y_prev, n_y, "n_y - 1")
    if single:
        y = y[None]
        y_prev = y_prev[None]
        c_prev = c_prev[None]
        g_prev = g_prev[None]
    return params, y, y_prev, c_prev, g_prev, dtype, single, n_w, n_x, n_y, n_h, B


def _free_run_arguments(params, w, h_end, m_end, steps):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_y, n_h = _parameters(params)
    w = _integers("w", w)
    steps = _size("steps", steps)
    single = w.ndim == 1
    _rank("w", w, ("S", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    S = w.shape[0]
    _classes("w", w, n_w, "n_w - 1")
    if single:
        w = w[:, None]
    if h_end is None:
        h_end = np.zeros((B, n_h), dtype)
    else:
        h_end = _real("h_end", h_end, dtype)
        _expect("h_end", h_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U")
        if single:
            h_end = h_end[None]
    if m_end is None:
        m_end = np.zeros((B, n_h), dtype)
    else:
        m_end = _real("m_end", m_end, dtype)
        _expect("m_end", m_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U")
        if single:
            m_end = m_end[None]
    return params, w, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, steps, B


def _padded_arguments(params, w, y, h_end, m_end, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_y, n_h = _parameters(params)
    w = _integers("w", w)
    y = _integers("y", y)
    single = w.ndim == 1
    _rank("w", w, ("S", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    S = w.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from w")
    if single:
        w = w[:, None]
        y = y[:, None]
    if h_end is None:
        h_end = np.zeros((B, n_h), dtype)
    else:
        h_end = _real("h_end", h_end, dtype)
        _expect("h_end", h_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U")
        if single:
            h_end = h_end[None]
    if m_end is None:
        m_end = np.zeros((B, n_h), dtype)
    else:
        m_end = _real("m_end", m_end, dtype)
        _expect("m_end", m_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from U")
        if single:
            m_end = m_end[None]
    len_S = _lengths(lengths, "S", ("S", "T"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    len_T = _lengths(lengths, "T", ("S", "T"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_S)
    _classes("w", w, n_w, "n_w - 1")
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, w, y, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, T, B, len_S, S_own, len_T, T_own


def _padded_backward_arguments(params, forward, w, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_y, n_h = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    p = _real("forward.p", forward.p, dtype)
    m = _real("forward.m", forward.m, dtype)
    h = _real("forward.h", forward.h, dtype)
    q = _real("forward.q", forward.q, dtype)
    c = _real("forward.c", forward.c, dtype)
    g = _real("forward.g", forward.g, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("S", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    S = w.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from w")
    _expect("forward.p", p, (S, *batch_axis, 4 * n_h), ("S", "B", "4*n_h"), "S and B from w, n_h from U")
    _expect("forward.m", m, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from U")
    _expect("forward.h", h, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from U")
    _expect("forward.q", q, (T, *batch_axis, 4 * n_h), ("T", "B", "4*n_h"), "T from y, B from w, n_h from U")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T from y, B from w, n_h from U")
    _expect("forward.g", g, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T from y, B from w, n_h from U")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T from y, B from w, n_y from F")
    if single:
        w = w[:, None]
        y = y[:, None]
        p = p[:, None]
        m = m[:, None]
        h = h[:, None]
        q = q[:, None]
        c = c[:, None]
        g = g[:, None]
        yhat = yhat[:, None]
    len_S = _lengths(lengths, "S", ("S", "T"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    len_T = _lengths(lengths, "T", ("S", "T"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_S)
    _classes("w", w, n_w, "n_w - 1")
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, w, y, p, m, h, q, c, g, yhat, dtype, single, n_w, n_x, n_y, n_h, S, T, B, len_S, S_own, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    E, F, W, P, U, Q, a, b, V, d = params
    _rank("E", E, ("n_w", "n_x"))
    n_w, n_x = E.shape
    _rank("F", F, ("n_y", "n_x"))
    n_y = F.shape[0]
    _rank("U", U, ("4*n_h", "n_h"))
    n_h = U.shape[1]
    _expect("F", F, (n_y, n_x), ("n_y", "n_x"), "n_x from E")
    _expect("W", W, (4 * n_h, n_x), ("4*n_h", "n_x"), "n_h from U, n_x from E")
    _expect("P", P, (4 * n_h, n_x), ("4*n_h", "n_x"), "n_h from U, n_x from E")
    _expect("U", U, (4 * n_h, n_h), ("4*n_h", "n_h"))
    _expect("Q", Q, (4 * n_h, n_h), ("4*n_h", "n_h"), "n_h from U")
    _expect("a", a, (4 * n_h,), ("4*n_h",), "n_h from U")
    _expect("b", b, (4 * n_h,), ("4*n_h",), "n_h from U")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_y from F, n_h from U")
    _expect("d", d, (n_y,), ("n_y",), "n_y from F")
    return params, dtype, n_w, n_x, n_y, n_h


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
