# Written by derive from sequence_to_sequence.eq; do not edit.
# Change sequence_to_sequence.eq instead, and run: derive generate sequence_to_sequence
# source cb3f3cd91f72f7b5, derive e116e7411edaf54b, body d9a680cf363fcb7f
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
    lengths            by sequence  each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if lengths is not None or state is not None:
        return _forward_padded(params, w, y, h_end, m_end, lengths, state)
    params, w, y, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, T, B = _arguments(params, w, y, h_end, m_end)
    E, F, W, P, U, Q, a, b, V, d = params

    # p[s] = a + W @ E[w[s]] + U @ h[s+1]
    p = (E[w].reshape(-1, n_x) @ W.T).reshape(S, B, 4 * n_h)
    p += a
    q = np.empty((T, B, 4 * n_h), dtype)
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[...] = b
    mh = np.empty((S + 1, B, 2 * n_h), dtype)
    # h[S+1] = 0
    mh[S, :, n_h:] = h_end
    # m[S+1] = 0
    mh[S, :, :n_h] = m_end
    m_sigmoid = np.empty((B, n_h), dtype)
    m_sigmoid2 = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        p[s - 1] += mh[s, :, n_h:] @ U.T
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        m_sigmoid[...] = _sigmoid(p[s - 1, :, n_h:2 * n_h])
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        m_sigmoid2[...] = _sigmoid(p[s - 1, :, :n_h])
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p[s - 1, :, 3 * n_h:], out=m_tanh)
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        h_sigmoid[...] = _sigmoid(p[s - 1, :, 2 * n_h:3 * n_h])
        # m[s] = m[s+1] * m.sigmoid[s] + m.sigmoid2[s] * m.tanh[s]
        mh[s - 1, :, :n_h] = m_sigmoid * mh[s, :, :n_h]
        mh[s - 1, :, :n_h] += m_sigmoid2 * m_tanh
        # h.tanh[s] = tanh(m[s])
        np.tanh(mh[s - 1, :, :n_h], out=h_tanh)
        # h[s] = h.sigmoid[s] * h.tanh[s]
        mh[s - 1, :, n_h:] = h_sigmoid * h_tanh
    cg = np.empty((T + 1, B, 2 * n_h), dtype)
    # c[0] = m[1]
    # g[0] = h[1]
    cg[0] = mh[0]
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[1:] += (F[y[:T - 1]].reshape(-1, n_x) @ P.T).reshape(T - 1, B, 4 * n_h)
    c_sigmoid = np.empty((B, n_h), dtype)
    c_sigmoid2 = np.empty((B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    g_sigmoid = np.empty((B, n_h), dtype)
    g_tanh = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
        q[t - 1] += cg[t - 1, :, n_h:] @ Q.T
        # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        c_sigmoid[...] = _sigmoid(q[t - 1, :, n_h:2 * n_h])
        # c.sigmoid2[t] = sigmoid(q[t, :n_h])
        c_sigmoid2[...] = _sigmoid(q[t - 1, :, :n_h])
        # c.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q[t - 1, :, 3 * n_h:], out=c_tanh)
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        g_sigmoid[...] = _sigmoid(q[t - 1, :, 2 * n_h:3 * n_h])
        # c[t] = c[t-1] * c.sigmoid[t] + c.sigmoid2[t] * c.tanh[t]
        cg[t, :, :n_h] = c_sigmoid * cg[t - 1, :, :n_h]
        cg[t, :, :n_h] += c_sigmoid2 * c_tanh
        # g.tanh[t] = tanh(c[t])
        np.tanh(cg[t, :, :n_h], out=g_tanh)
        # g[t] = g.sigmoid[t] * g.tanh[t]
        cg[t, :, n_h:] = g_sigmoid * g_tanh
    # o[t] = d + V @ g[t]
    o = (cg[1:, :, n_h:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    o += d
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -o[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    c = cg[..., :n_h]
    g = cg[..., n_h:2 * n_h]
    m = mh[..., :n_h]
    h = mh[..., n_h:2 * n_h]

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
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    w        (S, B)    0..n_w - 1   the words to read
    y        (T, B)    0..n_y - 1   the words to write; y[t-1] is read when y[t] is predicted
    h_end    (B, n_h)  real         h[S + 1]; 0 where not given
    m_end    (B, n_h)  real         m[S + 1]; 0 where not given
    state              State        what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths            by sequence  each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if lengths is not None or state is not None:
        return _loss_padded(params, w, y, h_end, m_end, lengths, state)
    params, w, y, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, T, B = _arguments(params, w, y, h_end, m_end)
    E, F, W, P, U, Q, a, b, V, d = params

    # p[s] = a + W @ E[w[s]] + U @ h[s+1]
    p = (E[w].reshape(-1, n_x) @ W.T).reshape(S, B, 4 * n_h)
    p += a
    q = np.empty((T, B, 4 * n_h), dtype)
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[...] = b
    mh = np.empty((S + 1, B, 2 * n_h), dtype)
    # h[S+1] = 0
    mh[S, :, n_h:] = h_end
    # m[S+1] = 0
    mh[S, :, :n_h] = m_end
    m_sigmoid = np.empty((B, n_h), dtype)
    m_sigmoid2 = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        p[s - 1] += mh[s, :, n_h:] @ U.T
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        m_sigmoid[...] = _sigmoid(p[s - 1, :, n_h:2 * n_h])
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        m_sigmoid2[...] = _sigmoid(p[s - 1, :, :n_h])
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p[s - 1, :, 3 * n_h:], out=m_tanh)
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        h_sigmoid[...] = _sigmoid(p[s - 1, :, 2 * n_h:3 * n_h])
        # m[s] = m[s+1] * m.sigmoid[s] + m.sigmoid2[s] * m.tanh[s]
        mh[s - 1, :, :n_h] = m_sigmoid * mh[s, :, :n_h]
        mh[s - 1, :, :n_h] += m_sigmoid2 * m_tanh
        # h.tanh[s] = tanh(m[s])
        np.tanh(mh[s - 1, :, :n_h], out=h_tanh)
        # h[s] = h.sigmoid[s] * h.tanh[s]
        mh[s - 1, :, n_h:] = h_sigmoid * h_tanh
    cg = np.empty((T + 1, B, 2 * n_h), dtype)
    # c[0] = m[1]
    # g[0] = h[1]
    cg[0] = mh[0]
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[1:] += (F[y[:T - 1]].reshape(-1, n_x) @ P.T).reshape(T - 1, B, 4 * n_h)
    c_sigmoid = np.empty((B, n_h), dtype)
    c_sigmoid2 = np.empty((B, n_h), dtype)
    c_tanh = np.empty((B, n_h), dtype)
    g_sigmoid = np.empty((B, n_h), dtype)
    g_tanh = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
        q[t - 1] += cg[t - 1, :, n_h:] @ Q.T
        # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        c_sigmoid[...] = _sigmoid(q[t - 1, :, n_h:2 * n_h])
        # c.sigmoid2[t] = sigmoid(q[t, :n_h])
        c_sigmoid2[...] = _sigmoid(q[t - 1, :, :n_h])
        # c.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q[t - 1, :, 3 * n_h:], out=c_tanh)
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        g_sigmoid[...] = _sigmoid(q[t - 1, :, 2 * n_h:3 * n_h])
        # c[t] = c[t-1] * c.sigmoid[t] + c.sigmoid2[t] * c.tanh[t]
        cg[t, :, :n_h] = c_sigmoid * cg[t - 1, :, :n_h]
        cg[t, :, :n_h] += c_sigmoid2 * c_tanh
        # g.tanh[t] = tanh(c[t])
        np.tanh(cg[t, :, :n_h], out=g_tanh)
        # g[t] = g.sigmoid[t] * g.tanh[t]
        cg[t, :, n_h:] = g_sigmoid * g_tanh
    # o[t] = d + V @ g[t]
    o = (cg[1:, :, n_h:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    o += d
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -o[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()

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
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w        (S, B)    0..n_w - 1         the words to read
    y        (T, B)    0..n_y - 1         the words to write; y[t-1] is read when y[t] is predicted
    h_end    (B, n_h)  real               h[S + 1]; 0 where not given
    m_end    (B, n_h)  real               m[S + 1]; 0 where not given
    state              State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths            by sequence        each example's own number of steps, what is given beyond is not read; all where not given
    window             whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _loss_and_grad_padded(params, w, y, h_end, m_end, lengths, wrt, window, state)
    params, w, y, h_end, m_end, dtype, single, n_w, n_x, n_y, n_h, S, T, B = _arguments(params, w, y, h_end, m_end)
    E, F, W, P, U, Q, a, b, V, d = params
    wrt = _asked(wrt, ("h_end", "m_end"))

    # p[s] = a + W @ E[w[s]] + U @ h[s+1]
    p = (E[w].reshape(-1, n_x) @ W.T).reshape(S, B, 4 * n_h)
    p += a
    q = np.empty((T, B, 4 * n_h), dtype)
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[...] = b
    mh = np.empty((S + 1, B, 2 * n_h), dtype)
    # h[S+1] = 0
    mh[S, :, n_h:] = h_end
    # m[S+1] = 0
    mh[S, :, :n_h] = m_end
    m_sigmoid = np.empty((S, B, n_h), dtype)
    m_sigmoid2 = np.empty((S, B, n_h), dtype)
    m_tanh = np.empty((S, B, n_h), dtype)
    h_sigmoid = np.empty((S, B, n_h), dtype)
    h_tanh = np.empty((S, B, n_h), dtype)
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        p[s - 1] += mh[s, :, n_h:] @ U.T
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        m_sigmoid[s - 1] = _sigmoid(p[s - 1, :, n_h:2 * n_h])
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        m_sigmoid2[s - 1] = _sigmoid(p[s - 1, :, :n_h])
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p[s - 1, :, 3 * n_h:], out=m_tanh[s - 1])
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        h_sigmoid[s - 1] = _sigmoid(p[s - 1, :, 2 * n_h:3 * n_h])
        # m[s] = m[s+1] * m.sigmoid[s] + m.sigmoid2[s] * m.tanh[s]
        mh[s - 1, :, :n_h] = m_sigmoid[s - 1] * mh[s, :, :n_h]
        mh[s - 1, :, :n_h] += m_sigmoid2[s - 1] * m_tanh[s - 1]
        # h.tanh[s] = tanh(m[s])
        np.tanh(mh[s - 1, :, :n_h], out=h_tanh[s - 1])
        # h[s] = h.sigmoid[s] * h.tanh[s]
        mh[s - 1, :, n_h:] = h_sigmoid[s - 1] * h_tanh[s - 1]
    cg = np.empty((T + 1, B, 2 * n_h), dtype)
    # c[0] = m[1]
    # g[0] = h[1]
    cg[0] = mh[0]
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[1:] += (F[y[:T - 1]].reshape(-1, n_x) @ P.T).reshape(T - 1, B, 4 * n_h)
    c_sigmoid = np.empty((T, B, n_h), dtype)
    c_sigmoid2 = np.empty((T, B, n_h), dtype)
    c_tanh = np.empty((T, B, n_h), dtype)
    g_sigmoid = np.empty((T, B, n_h), dtype)
    g_tanh = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
        q[t - 1] += cg[t - 1, :, n_h:] @ Q.T
        # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        c_sigmoid[t - 1] = _sigmoid(q[t - 1, :, n_h:2 * n_h])
        # c.sigmoid2[t] = sigmoid(q[t, :n_h])
        c_sigmoid2[t - 1] = _sigmoid(q[t - 1, :, :n_h])
        # c.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q[t - 1, :, 3 * n_h:], out=c_tanh[t - 1])
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        g_sigmoid[t - 1] = _sigmoid(q[t - 1, :, 2 * n_h:3 * n_h])
        # c[t] = c[t-1] * c.sigmoid[t] + c.sigmoid2[t] * c.tanh[t]
        cg[t, :, :n_h] = c_sigmoid[t - 1] * cg[t - 1, :, :n_h]
        cg[t, :, :n_h] += c_sigmoid2[t - 1] * c_tanh[t - 1]
        # g.tanh[t] = tanh(c[t])
        np.tanh(cg[t, :, :n_h], out=g_tanh[t - 1])
        # g[t] = g.sigmoid[t] * g.tanh[t]
        cg[t, :, n_h:] = g_sigmoid[t - 1] * g_tanh[t - 1]
    # o[t] = d + V @ g[t]
    o = (cg[1:, :, n_h:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    o += d
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -o[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    c = cg[..., :n_h]
    g = cg[..., n_h:2 * n_h]
    m = mh[..., :n_h]
    h = mh[..., n_h:2 * n_h]
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do = yhat.copy()
    do[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(o[t]), t)
    dd = do.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    dV = do.reshape(-1, n_y).T @ g[1:].reshape(-1, n_h)
    dcg = np.empty((T + 1, B, 2 * n_h), dtype)
    # grad(g[t]) = Q.T @ grad(q[t+1]) + V.T @ grad(o[t]), t < T
    dcg[1:, :, n_h:] = (do.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    dq = np.empty((T, B, 4 * n_h), dtype)
    # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), t < T
    dcg[T, :, :n_h] = dcg[T, :, n_h:] * g_sigmoid[T - 1] * (1 - g_tanh[T - 1]**2)
    # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
    dq[T - 1, :, 2 * n_h:3 * n_h] = dcg[T, :, n_h:] * g_sigmoid[T - 1] * g_tanh[T - 1] * (1 - g_sigmoid[T - 1])
    dq[T - 1, :, 3 * n_h:] = c_sigmoid2[T - 1] * dcg[T, :, :n_h] * (1 - c_tanh[T - 1]**2)
    dq[T - 1, :, :n_h] = c_sigmoid2[T - 1] * c_tanh[T - 1] * dcg[T, :, :n_h] * (1 - c_sigmoid2[T - 1])
    dq[T - 1, :, n_h:2 * n_h] = c[T - 1] * c_sigmoid[T - 1] * dcg[T, :, :n_h] * (1 - c_sigmoid[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(g[t]) = Q.T @ grad(q[t+1]) + V.T @ grad(o[t]), t < T
        dcg[t, :, n_h:] += dq[t] @ Q
        # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), t < T
        dcg[t, :, :n_h] = dcg[t, :, n_h:] * g_sigmoid[t - 1] * (1 - g_tanh[t - 1]**2)
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        dq[t - 1, :, 2 * n_h:3 * n_h] = dcg[t, :, n_h:] * g_sigmoid[t - 1] * g_tanh[t - 1] * (1 - g_sigmoid[t - 1])
        # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), t < T
        dcg[t, :, :n_h] += c_sigmoid[t] * dcg[t + 1, :, :n_h]
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        dq[t - 1, :, 3 * n_h:] = c_sigmoid2[t - 1] * dcg[t, :, :n_h] * (1 - c_tanh[t - 1]**2)
        dq[t - 1, :, :n_h] = c_sigmoid2[t - 1] * c_tanh[t - 1] * dcg[t, :, :n_h] * (1 - c_sigmoid2[t - 1])
        dq[t - 1, :, n_h:2 * n_h] = c[t - 1] * c_sigmoid[t - 1] * dcg[t, :, :n_h] * (1 - c_sigmoid[t - 1])
    # grad(g[t]) = Q.T @ grad(q[t+1]) + V.T @ grad(o[t]), t < T
    dcg[0, :, n_h:] = dq[0] @ Q
    # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), t < T
    dcg[0, :, :n_h] = c_sigmoid[0] * dcg[1, :, :n_h]
    # grad(P) = sum(outer(grad(q[t]), F[y[t-1]]), (t, 2, T))
    dP = dq[1:].reshape(-1, 4 * n_h).T @ F[y[:T - 1]].reshape(-1, n_x)
    # grad(b) = sum(grad(q[t]), t)
    db = dq.sum(axis=(0, 1))
    # grad(Q) = sum(outer(grad(q[t]), g[t-1]), t)
    dQ = dq.reshape(-1, 4 * n_h).T @ g[:T].reshape(-1, n_h)
    dmh = np.empty((S + 1, B, 2 * n_h), dtype)
    # grad(m[1]) = grad(c[0]) + (1 - h.tanh[1]**2) * grad(h.tanh[1])
    # grad(h[1]) = grad(g[0])
    dmh[0] = dcg[0]
    dp = np.empty((S, B, 4 * n_h), dtype)
    # grad(m[s]) = m.sigmoid[s-1] * grad(m[s-1]) + (1 - h.tanh[s]**2) * grad(h.tanh[s]), 2 <= s <= S
    dmh[0, :, :n_h] += dmh[0, :, n_h:] * h_sigmoid[0] * (1 - h_tanh[0]**2)
    # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
    dp[0, :, 2 * n_h:3 * n_h] = dmh[0, :, n_h:] * h_sigmoid[0] * h_tanh[0] * (1 - h_sigmoid[0])
    dp[0, :, 3 * n_h:] = dmh[0, :, :n_h] * m_sigmoid2[0] * (1 - m_tanh[0]**2)
    dp[0, :, :n_h] = dmh[0, :, :n_h] * m_sigmoid2[0] * m_tanh[0] * (1 - m_sigmoid2[0])
    dp[0, :, n_h:2 * n_h] = dmh[0, :, :n_h] * m[1] * m_sigmoid[0] * (1 - m_sigmoid[0])
    for s in range(2, S + 1):
        # grad(h[s]) = U.T @ grad(p[s-1]), 2 <= s <= S+1
        dmh[s - 1, :, n_h:] = dp[s - 2] @ U
        # grad(m[s]) = m.sigmoid[s-1] * grad(m[s-1]) + (1 - h.tanh[s]**2) * grad(h.tanh[s]), 2 <= s <= S
        dmh[s - 1, :, :n_h] = dmh[s - 1, :, n_h:] * h_sigmoid[s - 1] * (1 - h_tanh[s - 1]**2)
        # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
        dp[s - 1, :, 2 * n_h:3 * n_h] = dmh[s - 1, :, n_h:] * h_sigmoid[s - 1] * h_tanh[s - 1] * (1 - h_sigmoid[s - 1])
        # grad(m[s]) = m.sigmoid[s-1] * grad(m[s-1]) + (1 - h.tanh[s]**2) * grad(h.tanh[s]), 2 <= s <= S
        dmh[s - 1, :, :n_h] += dmh[s - 2, :, :n_h] * m_sigmoid[s - 2]
        # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
        dp[s - 1, :, 3 * n_h:] = dmh[s - 1, :, :n_h] * m_sigmoid2[s - 1] * (1 - m_tanh[s - 1]**2)
        dp[s - 1, :, :n_h] = dmh[s - 1, :, :n_h] * m_sigmoid2[s - 1] * m_tanh[s - 1] * (1 - m_sigmoid2[s - 1])
        dp[s - 1, :, n_h:2 * n_h] = dmh[s - 1, :, :n_h] * m[s] * m_sigmoid[s - 1] * (1 - m_sigmoid[s - 1])
    # grad(a) = sum(grad(p[s]), s)
    da = dp.sum(axis=(0, 1))
    # grad(W) = sum(outer(grad(p[s]), E[w[s]]), s)
    dW = dp.reshape(-1, 4 * n_h).T @ E[w].reshape(-1, n_x)
    # grad(U) = sum(outer(grad(p[s]), h[s+1]), s)
    dU = dp.reshape(-1, 4 * n_h).T @ h[1:].reshape(-1, n_h)
    dF = np.zeros((n_y, n_x), dtype)
    # grad(F) = sum(outer(onehot(y[t-1]), P.T @ grad(q[t])), (t, 2, T))
    _scatter_add(dF, (y[:T - 1],), (dq[1:].reshape(-1, 4 * n_h) @ P).reshape(T - 1, B, n_x))
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[s]), W.T @ grad(p[s])), s)
    _scatter_add(dE, (w,), (dp.reshape(-1, 4 * n_h) @ W).reshape(S, B, n_x))
    if "m_end" in wrt:
        # grad(m[s]) = m.sigmoid[s-1] * grad(m[s-1]) + (1 - h.tanh[s]**2) * grad(h.tanh[s]), 2 <= s <= S
        dmh[S:, :, :n_h] = dmh[S - 1:S, :, :n_h] * m_sigmoid[S - 1:]
        # grad(m.S + 1) = grad(m[S+1])
        dm_end = dmh[S, :, :n_h].copy()
    if "h_end" in wrt:
        # grad(h[1]) = grad(g[0])
        dmh[S, :, n_h:] = dp[S - 1] @ U
        # grad(h.S + 1) = grad(h[S+1])
        dh_end = dmh[S, :, n_h:].copy()

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
    state            State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths          by sequence        each example's own number of steps, what is given beyond is not read; all where not given
    window           whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _backward_padded(params, forward, w, y, lengths, window, state)
    (
        params, w, y, p, m, h, q, c, g, yhat, dtype, single, n_w, n_x, n_y, n_h, S, T, B,
    ) = _backward_arguments(params, forward, w, y)
    E, F, W, P, U, Q, a, b, V, d = params

    # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
    m_sigmoid = _sigmoid(p[:, :, n_h:2 * n_h])
    # m.sigmoid2[s] = sigmoid(p[s, :n_h])
    m_sigmoid2 = _sigmoid(p[:, :, :n_h])
    # m.tanh[s] = tanh(p[s, 3*n_h:])
    m_tanh = np.tanh(p[:, :, 3 * n_h:])
    # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
    h_sigmoid = _sigmoid(p[:, :, 2 * n_h:3 * n_h])
    # h.tanh[s] = tanh(m[s])
    h_tanh = np.tanh(m[:S])
    # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
    c_sigmoid = _sigmoid(q[:, :, n_h:2 * n_h])
    # c.sigmoid2[t] = sigmoid(q[t, :n_h])
    c_sigmoid2 = _sigmoid(q[:, :, :n_h])
    # c.tanh[t] = tanh(q[t, 3*n_h:])
    c_tanh = np.tanh(q[:, :, 3 * n_h:])
    # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
    g_sigmoid = _sigmoid(q[:, :, 2 * n_h:3 * n_h])
    # g.tanh[t] = tanh(c[t])
    g_tanh = np.tanh(c[1:])
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do = yhat.copy()
    do[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(o[t]), t)
    dd = do.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    dV = do.reshape(-1, n_y).T @ g[1:].reshape(-1, n_h)
    dcg = np.empty((T + 1, B, 2 * n_h), dtype)
    # grad(g[t]) = Q.T @ grad(q[t+1]) + V.T @ grad(o[t]), t < T
    dcg[1:, :, n_h:] = (do.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    dq = np.empty((T, B, 4 * n_h), dtype)
    # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), t < T
    dcg[T, :, :n_h] = dcg[T, :, n_h:] * g_sigmoid[T - 1] * (1 - g_tanh[T - 1]**2)
    # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
    dq[T - 1, :, 2 * n_h:3 * n_h] = dcg[T, :, n_h:] * g_sigmoid[T - 1] * g_tanh[T - 1] * (1 - g_sigmoid[T - 1])
    dq[T - 1, :, 3 * n_h:] = c_sigmoid2[T - 1] * dcg[T, :, :n_h] * (1 - c_tanh[T - 1]**2)
    dq[T - 1, :, :n_h] = c_sigmoid2[T - 1] * c_tanh[T - 1] * dcg[T, :, :n_h] * (1 - c_sigmoid2[T - 1])
    dq[T - 1, :, n_h:2 * n_h] = c[T - 1] * c_sigmoid[T - 1] * dcg[T, :, :n_h] * (1 - c_sigmoid[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(g[t]) = Q.T @ grad(q[t+1]) + V.T @ grad(o[t]), t < T
        dcg[t, :, n_h:] += dq[t] @ Q
        # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), t < T
        dcg[t, :, :n_h] = dcg[t, :, n_h:] * g_sigmoid[t - 1] * (1 - g_tanh[t - 1]**2)
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        dq[t - 1, :, 2 * n_h:3 * n_h] = dcg[t, :, n_h:] * g_sigmoid[t - 1] * g_tanh[t - 1] * (1 - g_sigmoid[t - 1])
        # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), t < T
        dcg[t, :, :n_h] += c_sigmoid[t] * dcg[t + 1, :, :n_h]
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        dq[t - 1, :, 3 * n_h:] = c_sigmoid2[t - 1] * dcg[t, :, :n_h] * (1 - c_tanh[t - 1]**2)
        dq[t - 1, :, :n_h] = c_sigmoid2[t - 1] * c_tanh[t - 1] * dcg[t, :, :n_h] * (1 - c_sigmoid2[t - 1])
        dq[t - 1, :, n_h:2 * n_h] = c[t - 1] * c_sigmoid[t - 1] * dcg[t, :, :n_h] * (1 - c_sigmoid[t - 1])
    # grad(g[t]) = Q.T @ grad(q[t+1]) + V.T @ grad(o[t]), t < T
    dcg[0, :, n_h:] = dq[0] @ Q
    # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), t < T
    dcg[0, :, :n_h] = c_sigmoid[0] * dcg[1, :, :n_h]
    # grad(P) = sum(outer(grad(q[t]), F[y[t-1]]), (t, 2, T))
    dP = dq[1:].reshape(-1, 4 * n_h).T @ F[y[:T - 1]].reshape(-1, n_x)
    # grad(b) = sum(grad(q[t]), t)
    db = dq.sum(axis=(0, 1))
    # grad(Q) = sum(outer(grad(q[t]), g[t-1]), t)
    dQ = dq.reshape(-1, 4 * n_h).T @ g[:T].reshape(-1, n_h)
    dmh = np.empty((S, B, 2 * n_h), dtype)
    # grad(m[1]) = grad(c[0]) + (1 - h.tanh[1]**2) * grad(h.tanh[1])
    # grad(h[1]) = grad(g[0])
    dmh[0] = dcg[0]
    dp = np.empty((S, B, 4 * n_h), dtype)
    # grad(m[s]) = m.sigmoid[s-1] * grad(m[s-1]) + (1 - h.tanh[s]**2) * grad(h.tanh[s]), 2 <= s <= S
    dmh[0, :, :n_h] += dmh[0, :, n_h:] * h_sigmoid[0] * (1 - h_tanh[0]**2)
    # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
    dp[0, :, 2 * n_h:3 * n_h] = dmh[0, :, n_h:] * h_sigmoid[0] * h_tanh[0] * (1 - h_sigmoid[0])
    dp[0, :, 3 * n_h:] = dmh[0, :, :n_h] * m_sigmoid2[0] * (1 - m_tanh[0]**2)
    dp[0, :, :n_h] = dmh[0, :, :n_h] * m_sigmoid2[0] * m_tanh[0] * (1 - m_sigmoid2[0])
    dp[0, :, n_h:2 * n_h] = dmh[0, :, :n_h] * m[1] * m_sigmoid[0] * (1 - m_sigmoid[0])
    for s in range(2, S + 1):
        # grad(h[s]) = U.T @ grad(p[s-1]), 2 <= s <= S+1
        dmh[s - 1, :, n_h:] = dp[s - 2] @ U
        # grad(m[s]) = m.sigmoid[s-1] * grad(m[s-1]) + (1 - h.tanh[s]**2) * grad(h.tanh[s]), 2 <= s <= S
        dmh[s - 1, :, :n_h] = dmh[s - 1, :, n_h:] * h_sigmoid[s - 1] * (1 - h_tanh[s - 1]**2)
        # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
        dp[s - 1, :, 2 * n_h:3 * n_h] = dmh[s - 1, :, n_h:] * h_sigmoid[s - 1] * h_tanh[s - 1] * (1 - h_sigmoid[s - 1])
        # grad(m[s]) = m.sigmoid[s-1] * grad(m[s-1]) + (1 - h.tanh[s]**2) * grad(h.tanh[s]), 2 <= s <= S
        dmh[s - 1, :, :n_h] += dmh[s - 2, :, :n_h] * m_sigmoid[s - 2]
        # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
        dp[s - 1, :, 3 * n_h:] = dmh[s - 1, :, :n_h] * m_sigmoid2[s - 1] * (1 - m_tanh[s - 1]**2)
        dp[s - 1, :, :n_h] = dmh[s - 1, :, :n_h] * m_sigmoid2[s - 1] * m_tanh[s - 1] * (1 - m_sigmoid2[s - 1])
        dp[s - 1, :, n_h:2 * n_h] = dmh[s - 1, :, :n_h] * m[s] * m_sigmoid[s - 1] * (1 - m_sigmoid[s - 1])
    # grad(a) = sum(grad(p[s]), s)
    da = dp.sum(axis=(0, 1))
    # grad(W) = sum(outer(grad(p[s]), E[w[s]]), s)
    dW = dp.reshape(-1, 4 * n_h).T @ E[w].reshape(-1, n_x)
    # grad(U) = sum(outer(grad(p[s]), h[s+1]), s)
    dU = dp.reshape(-1, 4 * n_h).T @ h[1:].reshape(-1, n_h)
    dF = np.zeros((n_y, n_x), dtype)
    # grad(F) = sum(outer(onehot(y[t-1]), P.T @ grad(q[t])), (t, 2, T))
    _scatter_add(dF, (y[:T - 1],), (dq[1:].reshape(-1, 4 * n_h) @ P).reshape(T - 1, B, n_x))
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[s]), W.T @ grad(p[s])), s)
    _scatter_add(dE, (w,), (dp.reshape(-1, 4 * n_h) @ W).reshape(S, B, n_x))

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
    y_prev[...] = 0
    mh = np.empty((S + 1, B, 2 * n_h), dtype)
    # h[S+1] = 0
    mh[S, :, n_h:] = h_end
    # m[S+1] = 0
    mh[S, :, :n_h] = m_end
    m_sigmoid = np.empty((B, n_h), dtype)
    m_sigmoid2 = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        p[s - 1] += mh[s, :, n_h:] @ U.T
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        m_sigmoid[...] = _sigmoid(p[s - 1, :, n_h:2 * n_h])
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        m_sigmoid2[...] = _sigmoid(p[s - 1, :, :n_h])
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p[s - 1, :, 3 * n_h:], out=m_tanh)
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        h_sigmoid[...] = _sigmoid(p[s - 1, :, 2 * n_h:3 * n_h])
        # m[s] = m[s+1] * m.sigmoid[s] + m.sigmoid2[s] * m.tanh[s]
        mh[s - 1, :, :n_h] = m_sigmoid * mh[s, :, :n_h]
        mh[s - 1, :, :n_h] += m_sigmoid2 * m_tanh
        # h.tanh[s] = tanh(m[s])
        np.tanh(mh[s - 1, :, :n_h], out=h_tanh)
        # h[s] = h.sigmoid[s] * h.tanh[s]
        mh[s - 1, :, n_h:] = h_sigmoid * h_tanh
    cg_1 = mh[0].copy()
    c_prev = cg_1[:, :n_h]
    g_prev = cg_1[:, n_h:2 * n_h]

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
    mh = np.empty((S + 1, B, 2 * n_h), dtype)
    # h[S+1] = 0
    mh[S, :, n_h:] = h_end
    # m[S+1] = 0
    mh[S, :, :n_h] = m_end
    m_sigmoid = np.empty((B, n_h), dtype)
    m_sigmoid2 = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        p[s - 1] += mh[s, :, n_h:] @ U.T
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        m_sigmoid[...] = _sigmoid(p[s - 1, :, n_h:2 * n_h])
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        m_sigmoid2[...] = _sigmoid(p[s - 1, :, :n_h])
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p[s - 1, :, 3 * n_h:], out=m_tanh)
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        h_sigmoid[...] = _sigmoid(p[s - 1, :, 2 * n_h:3 * n_h])
        # m[s] = m[s+1] * m.sigmoid[s] + m.sigmoid2[s] * m.tanh[s]
        mh[s - 1, :, :n_h] = m_sigmoid * mh[s, :, :n_h]
        mh[s - 1, :, :n_h] += m_sigmoid2 * m_tanh
        # h.tanh[s] = tanh(m[s])
        np.tanh(mh[s - 1, :, :n_h], out=h_tanh)
        # h[s] = h.sigmoid[s] * h.tanh[s]
        mh[s - 1, :, n_h:] = h_sigmoid * h_tanh
    cg = np.empty((steps + 1, B, 2 * n_h), dtype)
    # c[0] = m[1]
    # g[0] = h[1]
    cg[0] = mh[0]
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
    q[0] += cg[0, :, n_h:] @ Q.T
    # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
    c_sigmoid[...] = _sigmoid(q[0, :, n_h:2 * n_h])
    # c.sigmoid2[t] = sigmoid(q[t, :n_h])
    c_sigmoid2[...] = _sigmoid(q[0, :, :n_h])
    # c.tanh[t] = tanh(q[t, 3*n_h:])
    np.tanh(q[0, :, 3 * n_h:], out=c_tanh)
    # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
    g_sigmoid[...] = _sigmoid(q[0, :, 2 * n_h:3 * n_h])
    # c[t] = c[t-1] * c.sigmoid[t] + c.sigmoid2[t] * c.tanh[t]
    cg[1, :, :n_h] = c_sigmoid * cg[0, :, :n_h]
    cg[1, :, :n_h] += c_sigmoid2 * c_tanh
    # g.tanh[t] = tanh(c[t])
    np.tanh(cg[1, :, :n_h], out=g_tanh)
    # g[t] = g.sigmoid[t] * g.tanh[t]
    cg[1, :, n_h:] = g_sigmoid * g_tanh
    # o[t] = d + V @ g[t]
    o[0] += cg[1, :, n_h:] @ V.T
    # yhat[t] = softmax(o[t])
    yhat_lse[...] = _logsumexp(o[0], 1)
    np.exp(o[0] - yhat_lse[:, None], out=yhat[0])
    # y.fed[t] = the most probable class of yhat[t], or one that is drawn
    y_fed[...] = _choice(yhat[0], 1, rng)
    # y[t] = y.fed[t], or the true one where truth[t]
    y[0] = np.where(truth[0] != 0, y_given[0], y_fed)
    for t in range(2, steps + 1):
        # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
        q[t - 1] += cg[t - 1, :, n_h:] @ Q.T
        q[t - 1] += F[y[t - 2]] @ P.T
        # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        c_sigmoid[...] = _sigmoid(q[t - 1, :, n_h:2 * n_h])
        # c.sigmoid2[t] = sigmoid(q[t, :n_h])
        c_sigmoid2[...] = _sigmoid(q[t - 1, :, :n_h])
        # c.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q[t - 1, :, 3 * n_h:], out=c_tanh)
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        g_sigmoid[...] = _sigmoid(q[t - 1, :, 2 * n_h:3 * n_h])
        # c[t] = c[t-1] * c.sigmoid[t] + c.sigmoid2[t] * c.tanh[t]
        cg[t, :, :n_h] = c_sigmoid * cg[t - 1, :, :n_h]
        cg[t, :, :n_h] += c_sigmoid2 * c_tanh
        # g.tanh[t] = tanh(c[t])
        np.tanh(cg[t, :, :n_h], out=g_tanh)
        # g[t] = g.sigmoid[t] * g.tanh[t]
        cg[t, :, n_h:] = g_sigmoid * g_tanh
        # o[t] = d + V @ g[t]
        o[t - 1] += cg[t, :, n_h:] @ V.T
        # yhat[t] = softmax(o[t])
        yhat_lse[...] = _logsumexp(o[t - 1], 1)
        np.exp(o[t - 1] - yhat_lse[:, None], out=yhat[t - 1])
        # y.fed[t] = the most probable class of yhat[t], or one that is drawn
        y_fed[...] = _choice(yhat[t - 1], 1, rng)
        # y[t] = y.fed[t], or the true one where truth[t]
        y[t - 1] = np.where(truth[t - 1] != 0, y_given[t - 1], y_fed)
    c = cg[..., :n_h]
    g = cg[..., n_h:2 * n_h]
    m = mh[..., :n_h]
    h = mh[..., n_h:2 * n_h]

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

    # p[s] = a + W @ E[w[s]] + U @ h[s+1]
    p = (E[w].reshape(-1, n_x) @ W.T).reshape(S, B, 4 * n_h)
    p += a
    q = np.empty((T, B, 4 * n_h), dtype)
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[...] = b
    y_held = np.empty((T, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # q.sum[t] = P @ F[y.held[t-1]]
    q_sum = (F[y_held].reshape(-1, n_x) @ P.T).reshape(T, B, 4 * n_h)
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q += q_sum * (2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None]
    h = np.zeros((S + 1, B, n_h), dtype)
    # h[S+1] = 0
    h[1:] += np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], h_end, 0)
    m = np.zeros((S + 1, B, n_h), dtype)
    # m[S+1] = 0
    m[1:] += np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], m_end, 0)
    m_sigmoid = np.empty((B, n_h), dtype)
    m_sigmoid2 = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    m_inside = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    h_inside = np.empty((B, n_h), dtype)
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        p[s - 1] += h[s] @ U.T
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        m_sigmoid[...] = _sigmoid(p[s - 1, :, n_h:2 * n_h])
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        m_sigmoid2[...] = _sigmoid(p[s - 1, :, :n_h])
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p[s - 1, :, 3 * n_h:], out=m_tanh)
        # m.inside[s] = m[s+1] * m.sigmoid[s] + m.sigmoid2[s] * m.tanh[s]
        m_inside[...] = m[s] * m_sigmoid
        m_inside += m_sigmoid2 * m_tanh
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        h_sigmoid[...] = _sigmoid(p[s - 1, :, 2 * n_h:3 * n_h])
        # m[s] = cell(p[s], m[s+1])
        m[s - 1] += np.where((s <= S_own)[:, None], m_inside, 0)
        # h.tanh[s] = tanh(m[s])
        np.tanh(m[s - 1], out=h_tanh)
        # h.inside[s] = h.sigmoid[s] * h.tanh[s]
        h_inside[...] = h_sigmoid * h_tanh
        # h[s] = out(p[s], m[s])
        h[s - 1] += np.where((s <= S_own)[:, None], h_inside, 0)
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
    for t in range(1, T + 1):
        # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
        q[t - 1] += g[t - 1] @ Q.T
        # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        c_sigmoid[...] = _sigmoid(q[t - 1, :, n_h:2 * n_h])
        # c.sigmoid2[t] = sigmoid(q[t, :n_h])
        c_sigmoid2[...] = _sigmoid(q[t - 1, :, :n_h])
        # c.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q[t - 1, :, 3 * n_h:], out=c_tanh)
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        g_sigmoid[...] = _sigmoid(q[t - 1, :, 2 * n_h:3 * n_h])
        # c[t] = cell(q[t], c[t-1])
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * c_sigmoid + c_sigmoid2 * c_tanh, c[t - 1])
        # g.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=g_tanh)
        # g[t] = out(q[t], c[t])
        g[t] = np.where((t <= T_own)[:, None], g_sigmoid * g_tanh, g[t - 1])
    # o[t] = d + V @ g[t]
    o = (g[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    o += d
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

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


def _loss_padded(params, w, y, h_end, m_end, lengths, state):
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

    # p[s] = a + W @ E[w[s]] + U @ h[s+1]
    p = (E[w].reshape(-1, n_x) @ W.T).reshape(S, B, 4 * n_h)
    p += a
    q = np.empty((T, B, 4 * n_h), dtype)
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[...] = b
    y_held = np.empty((T, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # q.sum[t] = P @ F[y.held[t-1]]
    q_sum = (F[y_held].reshape(-1, n_x) @ P.T).reshape(T, B, 4 * n_h)
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q += q_sum * (2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None]
    h = np.zeros((S + 1, B, n_h), dtype)
    # h[S+1] = 0
    h[1:] += np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], h_end, 0)
    m = np.zeros((S + 1, B, n_h), dtype)
    # m[S+1] = 0
    m[1:] += np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], m_end, 0)
    m_sigmoid = np.empty((B, n_h), dtype)
    m_sigmoid2 = np.empty((B, n_h), dtype)
    m_tanh = np.empty((B, n_h), dtype)
    m_inside = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    h_inside = np.empty((B, n_h), dtype)
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        p[s - 1] += h[s] @ U.T
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        m_sigmoid[...] = _sigmoid(p[s - 1, :, n_h:2 * n_h])
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        m_sigmoid2[...] = _sigmoid(p[s - 1, :, :n_h])
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p[s - 1, :, 3 * n_h:], out=m_tanh)
        # m.inside[s] = m[s+1] * m.sigmoid[s] + m.sigmoid2[s] * m.tanh[s]
        m_inside[...] = m[s] * m_sigmoid
        m_inside += m_sigmoid2 * m_tanh
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        h_sigmoid[...] = _sigmoid(p[s - 1, :, 2 * n_h:3 * n_h])
        # m[s] = cell(p[s], m[s+1])
        m[s - 1] += np.where((s <= S_own)[:, None], m_inside, 0)
        # h.tanh[s] = tanh(m[s])
        np.tanh(m[s - 1], out=h_tanh)
        # h.inside[s] = h.sigmoid[s] * h.tanh[s]
        h_inside[...] = h_sigmoid * h_tanh
        # h[s] = out(p[s], m[s])
        h[s - 1] += np.where((s <= S_own)[:, None], h_inside, 0)
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
    for t in range(1, T + 1):
        # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
        q[t - 1] += g[t - 1] @ Q.T
        # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        c_sigmoid[...] = _sigmoid(q[t - 1, :, n_h:2 * n_h])
        # c.sigmoid2[t] = sigmoid(q[t, :n_h])
        c_sigmoid2[...] = _sigmoid(q[t - 1, :, :n_h])
        # c.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q[t - 1, :, 3 * n_h:], out=c_tanh)
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        g_sigmoid[...] = _sigmoid(q[t - 1, :, 2 * n_h:3 * n_h])
        # c[t] = cell(q[t], c[t-1])
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * c_sigmoid + c_sigmoid2 * c_tanh, c[t - 1])
        # g.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=g_tanh)
        # g[t] = out(q[t], c[t])
        g[t] = np.where((t <= T_own)[:, None], g_sigmoid * g_tanh, g[t - 1])
    # o[t] = d + V @ g[t]
    o = (g[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    o += d
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, w, y, h_end, m_end, lengths, wrt, window, state):
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

    # p[s] = a + W @ E[w[s]] + U @ h[s+1]
    p = (E[w].reshape(-1, n_x) @ W.T).reshape(S, B, 4 * n_h)
    p += a
    q = np.empty((T, B, 4 * n_h), dtype)
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q[...] = b
    y_held = np.empty((T + 1, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    # q.sum[t] = P @ F[y.held[t-1]]
    q_sum = (F[y_held[:T]].reshape(-1, n_x) @ P.T).reshape(T, B, 4 * n_h)
    # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
    q += q_sum * (2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None]
    h = np.zeros((S + 1, B, n_h), dtype)
    # h[S+1] = 0
    h[1:] += np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], h_end, 0)
    m = np.zeros((S + 1, B, n_h), dtype)
    # m[S+1] = 0
    m[1:] += np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], m_end, 0)
    m_sigmoid = np.empty((S, B, n_h), dtype)
    m_sigmoid2 = np.empty((S, B, n_h), dtype)
    m_tanh = np.empty((S, B, n_h), dtype)
    m_inside = np.empty((B, n_h), dtype)
    h_sigmoid = np.empty((S, B, n_h), dtype)
    h_tanh = np.empty((S, B, n_h), dtype)
    h_inside = np.empty((B, n_h), dtype)
    for s in range(S, 0, -1):
        # p[s] = a + W @ E[w[s]] + U @ h[s+1]
        p[s - 1] += h[s] @ U.T
        # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
        m_sigmoid[s - 1] = _sigmoid(p[s - 1, :, n_h:2 * n_h])
        # m.sigmoid2[s] = sigmoid(p[s, :n_h])
        m_sigmoid2[s - 1] = _sigmoid(p[s - 1, :, :n_h])
        # m.tanh[s] = tanh(p[s, 3*n_h:])
        np.tanh(p[s - 1, :, 3 * n_h:], out=m_tanh[s - 1])
        # m.inside[s] = m[s+1] * m.sigmoid[s] + m.sigmoid2[s] * m.tanh[s]
        m_inside[...] = m[s] * m_sigmoid[s - 1]
        m_inside += m_sigmoid2[s - 1] * m_tanh[s - 1]
        # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
        h_sigmoid[s - 1] = _sigmoid(p[s - 1, :, 2 * n_h:3 * n_h])
        # m[s] = cell(p[s], m[s+1])
        m[s - 1] += np.where((s <= S_own)[:, None], m_inside, 0)
        # h.tanh[s] = tanh(m[s])
        np.tanh(m[s - 1], out=h_tanh[s - 1])
        # h.inside[s] = h.sigmoid[s] * h.tanh[s]
        h_inside[...] = h_sigmoid[s - 1] * h_tanh[s - 1]
        # h[s] = out(p[s], m[s])
        h[s - 1] += np.where((s <= S_own)[:, None], h_inside, 0)
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = m[1]
    c[0] = np.where(T_fresh != 0, m[0], c_before1)
    g = np.empty((T + 1, B, n_h), dtype)
    # g[0] = h[1]
    g[0] = np.where(T_fresh != 0, h[0], g_before1)
    c_sigmoid = np.empty((T, B, n_h), dtype)
    c_sigmoid2 = np.empty((T, B, n_h), dtype)
    c_tanh = np.empty((T, B, n_h), dtype)
    g_sigmoid = np.empty((T, B, n_h), dtype)
    g_tanh = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]
        q[t - 1] += g[t - 1] @ Q.T
        # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        c_sigmoid[t - 1] = _sigmoid(q[t - 1, :, n_h:2 * n_h])
        # c.sigmoid2[t] = sigmoid(q[t, :n_h])
        c_sigmoid2[t - 1] = _sigmoid(q[t - 1, :, :n_h])
        # c.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(q[t - 1, :, 3 * n_h:], out=c_tanh[t - 1])
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        g_sigmoid[t - 1] = _sigmoid(q[t - 1, :, 2 * n_h:3 * n_h])
        # c[t] = cell(q[t], c[t-1])
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * c_sigmoid[t - 1] + c_sigmoid2[t - 1] * c_tanh[t - 1], c[t - 1])
        # g.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=g_tanh[t - 1])
        # g[t] = out(q[t], c[t])
        g[t] = np.where((t <= T_own)[:, None], g_sigmoid[t - 1] * g_tanh[t - 1], g[t - 1])
    # o[t] = d + V @ g[t]
    o = (g[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    o += d
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    do = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    do[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(o[t]), t)
    dd = do.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    dV = do.reshape(-1, n_y).T @ g[1:].reshape(-1, n_h)
    dg = np.empty((T + 1, B, n_h), dtype)
    # grad(g[t]) = same_window(t, maximum(t - 1, 0), window.T) * (Q.T @ grad(q[t+1])) + V.T @ grad(o[t]),
    #     t < T
    dg[1:] = (do.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    dc = np.empty((T + 1, B, n_h), dtype)
    dq = np.empty((T, B, 4 * n_h), dtype)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
    #     g.tanh[t]**2) * grad(g.tanh[t]), t < T
    dc[T] = dg[T] * g_sigmoid[T - 1] * (1 - g_tanh[T - 1]**2)
    # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
    dq[T - 1, :, 2 * n_h:3 * n_h] = dg[T] * g_sigmoid[T - 1] * g_tanh[T - 1] * (1 - g_sigmoid[T - 1])
    dq[T - 1, :, 3 * n_h:] = c_sigmoid2[T - 1] * dc[T] * (1 - c_tanh[T - 1]**2)
    dq[T - 1, :, :n_h] = c_sigmoid2[T - 1] * c_tanh[T - 1] * dc[T] * (1 - c_sigmoid2[T - 1])
    dq[T - 1, :, n_h:2 * n_h] = c[T - 1] * c_sigmoid[T - 1] * dc[T] * (1 - c_sigmoid[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(g[t]) = same_window(t, maximum(t - 1, 0), window.T) * (Q.T @ grad(q[t+1])) + V.T @ grad(o[t]),
        #     t < T
        dg[t] += dq[t] @ Q * (t // window_T == max(t - 1, 0) // window_T)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
        #     g.tanh[t]**2) * grad(g.tanh[t]), t < T
        dc[t] = dg[t] * g_sigmoid[t - 1] * (1 - g_tanh[t - 1]**2)
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        dq[t - 1, :, 2 * n_h:3 * n_h] = dg[t] * g_sigmoid[t - 1] * g_tanh[t - 1] * (1 - g_sigmoid[t - 1])
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
        #     g.tanh[t]**2) * grad(g.tanh[t]), t < T
        dc[t] += c_sigmoid[t] * dc[t + 1] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        dq[t - 1, :, 3 * n_h:] = c_sigmoid2[t - 1] * dc[t] * (1 - c_tanh[t - 1]**2)
        dq[t - 1, :, :n_h] = c_sigmoid2[t - 1] * c_tanh[t - 1] * dc[t] * (1 - c_sigmoid2[t - 1])
        dq[t - 1, :, n_h:2 * n_h] = c[t - 1] * c_sigmoid[t - 1] * dc[t] * (1 - c_sigmoid[t - 1])
    # grad(g[t]) = same_window(t, maximum(t - 1, 0), window.T) * (Q.T @ grad(q[t+1])) + V.T @ grad(o[t]),
    #     t < T
    dg[0] = dq[0] @ Q * (0 // window_T == max(-1, 0) // window_T)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
    #     g.tanh[t]**2) * grad(g.tanh[t]), t < T
    dc[0] = c_sigmoid[0] * dc[1] * (0 // window_T == max(-1, 0) // window_T)
    # grad(q.sum[t]) = where(2 <= t + T.done, 1, 0) * grad(q[t])
    dq_sum = dq * (2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None]
    # grad(P) = sum(outer(grad(q.sum[t]), F[y.held[t-1]]), t)
    dP = dq_sum.reshape(-1, 4 * n_h).T @ F[y_held[:T]].reshape(-1, n_x)
    # grad(b) = sum(grad(q[t]), t)
    db = dq.sum(axis=(0, 1))
    # grad(Q) = sum(outer(grad(q[t]), g[t-1]), t)
    dQ = dq.reshape(-1, 4 * n_h).T @ g[:T].reshape(-1, n_h)
    dh = np.empty((S + 1, B, n_h), dtype)
    # grad(h[1]) = where(T.fresh, 1, 0) * grad(g[0])
    dh[0] = dg[0] * np.where(T_fresh != 0, 1, 0).astype(dtype)
    dm = np.empty((S + 1, B, n_h), dtype)
    # grad(m[1]) = where(T.fresh, 1, 0) * grad(c[0]) + (1 - h.tanh[1]**2) * grad(h.tanh[1])
    dm[0] = dc[0] * np.where(T_fresh != 0, 1, 0).astype(dtype)
    dh_inside = np.empty((B, n_h), dtype)
    dm_inside = np.empty((S, B, n_h), dtype)
    dp = np.empty((S, B, 4 * n_h), dtype)
    # grad(h.inside[s]) = where(s <= S.own, 1, 0) * grad(h[s])
    dh_inside[...] = dh[0] * (1 <= S_own)[:, None]
    # grad(m[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * m.sigmoid[s-1] *
    #     grad(m.inside[s-1]) + (1 - h.tanh[s]**2) * grad(h.tanh[s]), 2 <= s <= S
    dm[0] += dh_inside * h_sigmoid[0] * (1 - h_tanh[0]**2)
    # grad(m.inside[s]) = where(s <= S.own, 1, 0) * grad(m[s])
    dm_inside[0] = dm[0] * (1 <= S_own)[:, None]
    # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
    dp[0, :, 2 * n_h:3 * n_h] = dh_inside * h_sigmoid[0] * h_tanh[0] * (1 - h_sigmoid[0])
    dp[0, :, 3 * n_h:] = dm_inside[0] * m_sigmoid2[0] * (1 - m_tanh[0]**2)
    dp[0, :, :n_h] = dm_inside[0] * m_sigmoid2[0] * m_tanh[0] * (1 - m_sigmoid2[0])
    dp[0, :, n_h:2 * n_h] = dm_inside[0] * m[1] * m_sigmoid[0] * (1 - m_sigmoid[0])
    for s in range(2, S + 1):
        # grad(h[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * (U.T @ grad(p[s-1])), 2 <= s
        #     <= S+1
        dh[s - 1] = (dp[s - 2] * ((s - 2) // window_S == np.minimum(s - 1, S_own - 1) // window_S)[:, None]) @ U
        # grad(h.inside[s]) = where(s <= S.own, 1, 0) * grad(h[s])
        dh_inside[...] = dh[s - 1] * (s <= S_own)[:, None]
        # grad(m[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * m.sigmoid[s-1] *
        #     grad(m.inside[s-1]) + (1 - h.tanh[s]**2) * grad(h.tanh[s]), 2 <= s <= S
        dm[s - 1] = dh_inside * h_sigmoid[s - 1] * (1 - h_tanh[s - 1]**2)
        dm[s - 1] += dm_inside[s - 2] * m_sigmoid[s - 2] * ((s - 2) // window_S == np.minimum(s - 1, S_own - 1) // window_S)[:, None]
        # grad(m.inside[s]) = where(s <= S.own, 1, 0) * grad(m[s])
        dm_inside[s - 1] = dm[s - 1] * (s <= S_own)[:, None]
        # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
        dp[s - 1, :, 2 * n_h:3 * n_h] = dh_inside * h_sigmoid[s - 1] * h_tanh[s - 1] * (1 - h_sigmoid[s - 1])
        dp[s - 1, :, 3 * n_h:] = dm_inside[s - 1] * m_sigmoid2[s - 1] * (1 - m_tanh[s - 1]**2)
        dp[s - 1, :, :n_h] = dm_inside[s - 1] * m_sigmoid2[s - 1] * m_tanh[s - 1] * (1 - m_sigmoid2[s - 1])
        dp[s - 1, :, n_h:2 * n_h] = dm_inside[s - 1] * m[s] * m_sigmoid[s - 1] * (1 - m_sigmoid[s - 1])
    # grad(a) = sum(grad(p[s]), s)
    da = dp.sum(axis=(0, 1))
    # grad(W) = sum(outer(grad(p[s]), E[w[s]]), s)
    dW = dp.reshape(-1, 4 * n_h).T @ E[w].reshape(-1, n_x)
    # grad(U) = sum(outer(grad(p[s]), h[s+1]), s)
    dU = dp.reshape(-1, 4 * n_h).T @ h[1:].reshape(-1, n_h)
    dF = np.zeros((n_y, n_x), dtype)
    # grad(F) = sum(outer(onehot(y.held[t-1]), P.T @ grad(q.sum[t])), t)
    _scatter_add(dF, (y_held[:T],), (dq_sum.reshape(-1, 4 * n_h) @ P).reshape(T, B, n_x))
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[s]), W.T @ grad(p[s])), s)
    _scatter_add(dE, (w,), (dp.reshape(-1, 4 * n_h) @ W).reshape(S, B, n_x))
    if "m_end" in wrt:
        # grad(m[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * m.sigmoid[S] *
        #     grad(m.inside[S])
        dm[S] = dm_inside[S - 1] * m_sigmoid[S - 1] * ((S - 1) // window_S == np.minimum(S, S_own - 1) // window_S)[:, None]
        # grad(m.S + 1) = sum(where(1 + S.own <= s, 1, 0) * grad(m[s]), (s, 2, S+1))
        dm_end = (dm[1:].transpose(1, 2, 0) @ ((1 + S_own)[:, None] <= np.arange(2, S + 2)).astype(dtype)[..., None])[..., 0]
    if "h_end" in wrt:
        # grad(h[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * (U.T @ grad(p[s-1])), 2 <= s
        #     <= S+1
        dh[S] = (dp[S - 1] * ((S - 1) // window_S == np.minimum(S, S_own - 1) // window_S)[:, None]) @ U
        # grad(h.S + 1) = sum(where(1 + S.own <= s, 1, 0) * grad(h[s]), (s, 2, S+1))
        dh_end = (dh[1:].transpose(1, 2, 0) @ ((1 + S_own)[:, None] <= np.arange(2, S + 2)).astype(dtype)[..., None])[..., 0]

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

    # m.sigmoid[s] = sigmoid(p[s, n_h:2*n_h])
    m_sigmoid = _sigmoid(p[:, :, n_h:2 * n_h])
    # m.sigmoid2[s] = sigmoid(p[s, :n_h])
    m_sigmoid2 = _sigmoid(p[:, :, :n_h])
    # m.tanh[s] = tanh(p[s, 3*n_h:])
    m_tanh = np.tanh(p[:, :, 3 * n_h:])
    # h.sigmoid[s] = sigmoid(p[s, 2*n_h:3*n_h])
    h_sigmoid = _sigmoid(p[:, :, 2 * n_h:3 * n_h])
    # h.tanh[s] = tanh(m[s])
    h_tanh = np.tanh(m[:S])
    # c.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
    c_sigmoid = _sigmoid(q[:, :, n_h:2 * n_h])
    # c.sigmoid2[t] = sigmoid(q[t, :n_h])
    c_sigmoid2 = _sigmoid(q[:, :, :n_h])
    # c.tanh[t] = tanh(q[t, 3*n_h:])
    c_tanh = np.tanh(q[:, :, 3 * n_h:])
    # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
    g_sigmoid = _sigmoid(q[:, :, 2 * n_h:3 * n_h])
    # g.tanh[t] = tanh(c[t])
    g_tanh = np.tanh(c[1:])
    y_held = np.empty((T + 1, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    do = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    do[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(o[t]), t)
    dd = do.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    dV = do.reshape(-1, n_y).T @ g[1:].reshape(-1, n_h)
    dg = np.empty((T + 1, B, n_h), dtype)
    # grad(g[t]) = same_window(t, maximum(t - 1, 0), window.T) * (Q.T @ grad(q[t+1])) + V.T @ grad(o[t]),
    #     t < T
    dg[1:] = (do.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    dc = np.empty((T + 1, B, n_h), dtype)
    dq = np.empty((T, B, 4 * n_h), dtype)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
    #     g.tanh[t]**2) * grad(g.tanh[t]), t < T
    dc[T] = dg[T] * g_sigmoid[T - 1] * (1 - g_tanh[T - 1]**2)
    # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
    dq[T - 1, :, 2 * n_h:3 * n_h] = dg[T] * g_sigmoid[T - 1] * g_tanh[T - 1] * (1 - g_sigmoid[T - 1])
    dq[T - 1, :, 3 * n_h:] = c_sigmoid2[T - 1] * dc[T] * (1 - c_tanh[T - 1]**2)
    dq[T - 1, :, :n_h] = c_sigmoid2[T - 1] * c_tanh[T - 1] * dc[T] * (1 - c_sigmoid2[T - 1])
    dq[T - 1, :, n_h:2 * n_h] = c[T - 1] * c_sigmoid[T - 1] * dc[T] * (1 - c_sigmoid[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(g[t]) = same_window(t, maximum(t - 1, 0), window.T) * (Q.T @ grad(q[t+1])) + V.T @ grad(o[t]),
        #     t < T
        dg[t] += dq[t] @ Q * (t // window_T == max(t - 1, 0) // window_T)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
        #     g.tanh[t]**2) * grad(g.tanh[t]), t < T
        dc[t] = dg[t] * g_sigmoid[t - 1] * (1 - g_tanh[t - 1]**2)
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        dq[t - 1, :, 2 * n_h:3 * n_h] = dg[t] * g_sigmoid[t - 1] * g_tanh[t - 1] * (1 - g_sigmoid[t - 1])
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
        #     g.tanh[t]**2) * grad(g.tanh[t]), t < T
        dc[t] += c_sigmoid[t] * dc[t + 1] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(q[t, 2*n_h:3*n_h]) = g.sigmoid[t] * (1 - g.sigmoid[t]) * grad(g.sigmoid[t])
        dq[t - 1, :, 3 * n_h:] = c_sigmoid2[t - 1] * dc[t] * (1 - c_tanh[t - 1]**2)
        dq[t - 1, :, :n_h] = c_sigmoid2[t - 1] * c_tanh[t - 1] * dc[t] * (1 - c_sigmoid2[t - 1])
        dq[t - 1, :, n_h:2 * n_h] = c[t - 1] * c_sigmoid[t - 1] * dc[t] * (1 - c_sigmoid[t - 1])
    # grad(g[t]) = same_window(t, maximum(t - 1, 0), window.T) * (Q.T @ grad(q[t+1])) + V.T @ grad(o[t]),
    #     t < T
    dg[0] = dq[0] @ Q * (0 // window_T == max(-1, 0) // window_T)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
    #     g.tanh[t]**2) * grad(g.tanh[t]), t < T
    dc[0] = c_sigmoid[0] * dc[1] * (0 // window_T == max(-1, 0) // window_T)
    # grad(q.sum[t]) = where(2 <= t + T.done, 1, 0) * grad(q[t])
    dq_sum = dq * (2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None]
    # grad(P) = sum(outer(grad(q.sum[t]), F[y.held[t-1]]), t)
    dP = dq_sum.reshape(-1, 4 * n_h).T @ F[y_held[:T]].reshape(-1, n_x)
    # grad(b) = sum(grad(q[t]), t)
    db = dq.sum(axis=(0, 1))
    # grad(Q) = sum(outer(grad(q[t]), g[t-1]), t)
    dQ = dq.reshape(-1, 4 * n_h).T @ g[:T].reshape(-1, n_h)
    dh = np.empty((S, B, n_h), dtype)
    # grad(h[1]) = where(T.fresh, 1, 0) * grad(g[0])
    dh[0] = dg[0] * np.where(T_fresh != 0, 1, 0).astype(dtype)
    dm = np.empty((S, B, n_h), dtype)
    # grad(m[1]) = where(T.fresh, 1, 0) * grad(c[0]) + (1 - h.tanh[1]**2) * grad(h.tanh[1])
    dm[0] = dc[0] * np.where(T_fresh != 0, 1, 0).astype(dtype)
    dh_inside = np.empty((B, n_h), dtype)
    dm_inside = np.empty((S, B, n_h), dtype)
    dp = np.empty((S, B, 4 * n_h), dtype)
    # grad(h.inside[s]) = where(s <= S.own, 1, 0) * grad(h[s])
    dh_inside[...] = dh[0] * (1 <= S_own)[:, None]
    # grad(m[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * m.sigmoid[s-1] *
    #     grad(m.inside[s-1]) + (1 - h.tanh[s]**2) * grad(h.tanh[s]), 2 <= s <= S
    dm[0] += dh_inside * h_sigmoid[0] * (1 - h_tanh[0]**2)
    # grad(m.inside[s]) = where(s <= S.own, 1, 0) * grad(m[s])
    dm_inside[0] = dm[0] * (1 <= S_own)[:, None]
    # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
    dp[0, :, 2 * n_h:3 * n_h] = dh_inside * h_sigmoid[0] * h_tanh[0] * (1 - h_sigmoid[0])
    dp[0, :, 3 * n_h:] = dm_inside[0] * m_sigmoid2[0] * (1 - m_tanh[0]**2)
    dp[0, :, :n_h] = dm_inside[0] * m_sigmoid2[0] * m_tanh[0] * (1 - m_sigmoid2[0])
    dp[0, :, n_h:2 * n_h] = dm_inside[0] * m[1] * m_sigmoid[0] * (1 - m_sigmoid[0])
    for s in range(2, S + 1):
        # grad(h[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * (U.T @ grad(p[s-1])), 2 <= s
        #     <= S+1
        dh[s - 1] = (dp[s - 2] * ((s - 2) // window_S == np.minimum(s - 1, S_own - 1) // window_S)[:, None]) @ U
        # grad(h.inside[s]) = where(s <= S.own, 1, 0) * grad(h[s])
        dh_inside[...] = dh[s - 1] * (s <= S_own)[:, None]
        # grad(m[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * m.sigmoid[s-1] *
        #     grad(m.inside[s-1]) + (1 - h.tanh[s]**2) * grad(h.tanh[s]), 2 <= s <= S
        dm[s - 1] = dh_inside * h_sigmoid[s - 1] * (1 - h_tanh[s - 1]**2)
        dm[s - 1] += dm_inside[s - 2] * m_sigmoid[s - 2] * ((s - 2) // window_S == np.minimum(s - 1, S_own - 1) // window_S)[:, None]
        # grad(m.inside[s]) = where(s <= S.own, 1, 0) * grad(m[s])
        dm_inside[s - 1] = dm[s - 1] * (s <= S_own)[:, None]
        # grad(p[s, 2*n_h:3*n_h]) = h.sigmoid[s] * (1 - h.sigmoid[s]) * grad(h.sigmoid[s])
        dp[s - 1, :, 2 * n_h:3 * n_h] = dh_inside * h_sigmoid[s - 1] * h_tanh[s - 1] * (1 - h_sigmoid[s - 1])
        dp[s - 1, :, 3 * n_h:] = dm_inside[s - 1] * m_sigmoid2[s - 1] * (1 - m_tanh[s - 1]**2)
        dp[s - 1, :, :n_h] = dm_inside[s - 1] * m_sigmoid2[s - 1] * m_tanh[s - 1] * (1 - m_sigmoid2[s - 1])
        dp[s - 1, :, n_h:2 * n_h] = dm_inside[s - 1] * m[s] * m_sigmoid[s - 1] * (1 - m_sigmoid[s - 1])
    # grad(a) = sum(grad(p[s]), s)
    da = dp.sum(axis=(0, 1))
    # grad(W) = sum(outer(grad(p[s]), E[w[s]]), s)
    dW = dp.reshape(-1, 4 * n_h).T @ E[w].reshape(-1, n_x)
    # grad(U) = sum(outer(grad(p[s]), h[s+1]), s)
    dU = dp.reshape(-1, 4 * n_h).T @ h[1:].reshape(-1, n_h)
    dF = np.zeros((n_y, n_x), dtype)
    # grad(F) = sum(outer(onehot(y.held[t-1]), P.T @ grad(q.sum[t])), t)
    _scatter_add(dF, (y_held[:T],), (dq_sum.reshape(-1, 4 * n_h) @ P).reshape(T, B, n_x))
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[s]), W.T @ grad(p[s])), s)
    _scatter_add(dE, (w,), (dp.reshape(-1, 4 * n_h) @ W).reshape(S, B, n_x))

    return Params(E=dE, F=dF, W=dW, P=dP, U=dU, Q=dQ, a=da, b=db, V=dV, d=dd)


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


def _scatter_add(array, places, values):
    """Adds values to the entries of an array at `places`, to an entry as often as it is named; axes left over whole."""
    flat, row = 0, 1
    for place, length in zip(places, array.shape, strict=False):
        flat = flat * length + place
    for length in array.shape[len(places) :]:
        row *= length
    shape = (*flat.shape, *array.shape[len(places) :])
    values = np.broadcast_to(values, shape).astype(array.dtype, copy=False)
    if not array.flags.c_contiguous:
        np.add.at(array, places, values)
        return
    # Numbers into an array of one axis are what np.add.at is fast at: whole rows take three to six times as long.
    flat = flat.reshape(-1, 1) * row + np.arange(row)
    np.add.at(array.reshape(-1), flat.reshape(-1), values.reshape(-1))


def _sigmoid(z):
    """The logistic function 1 / (1 + exp(-z)), which never overflows."""
    return 0.5 * np.tanh(0.5 * z) + 0.5


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
