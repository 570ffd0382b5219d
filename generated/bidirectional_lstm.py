# Written by derive from bidirectional_lstm.eq; do not edit.
# Change bidirectional_lstm.eq instead, and run: derive generate bidirectional_lstm
# source deedfdfc5f398a0c, derive e116e7411edaf54b, body d21b3127a912ba09
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
    lengths  (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, w, y, h0, c0, g_end, e_end, lengths)
    (
        params, w, y, h0, c0, g_end, e_end, dtype, single, n_w, n_x, n_h, n_y, T, B,
    ) = _arguments(params, w, y, h0, c0, g_end, e_end)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params

    W_hg = np.concatenate((W_h, W_g))
    b_hg = np.concatenate((b_h, b_g))
    # x[t] = E[w[t]]
    x = E[w]
    # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
    # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
    pq = (x.reshape(-1, n_x) @ W_hg.T).reshape(T, B, 8 * n_h)
    pq += b_hg
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
    for t in range(T, 0, -1):
        # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
        pq[t - 1, :, 4 * n_h:] += g[t] @ U_g.T
        # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        e_sigmoid[...] = _sigmoid(pq[t - 1, :, 5 * n_h:6 * n_h])
        # e.sigmoid2[t] = sigmoid(q[t, :n_h])
        e_sigmoid2[...] = _sigmoid(pq[t - 1, :, 4 * n_h:5 * n_h])
        # e.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(pq[t - 1, :, 7 * n_h:], out=e_tanh)
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        g_sigmoid[...] = _sigmoid(pq[t - 1, :, 6 * n_h:7 * n_h])
        # e[t] = cell(q[t], e[t+1])
        e[t - 1] = e[t] * e_sigmoid
        e[t - 1] += e_sigmoid2 * e_tanh
        # g.tanh[t] = tanh(e[t])
        np.tanh(e[t - 1], out=g_tanh)
        # g[t] = out(q[t], e[t])
        g[t - 1] = g_sigmoid * g_tanh
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    s = (g[:T].reshape(-1, n_h) @ V_g.T).reshape(T, B, n_y)
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
    for t in range(1, T + 1):
        # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
        pq[t - 1, :, :4 * n_h] += h[t - 1] @ U_h.T
        # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
        c_sigmoid[...] = _sigmoid(pq[t - 1, :, n_h:2 * n_h])
        # c.sigmoid2[t] = sigmoid(p[t, :n_h])
        c_sigmoid2[...] = _sigmoid(pq[t - 1, :, :n_h])
        # c.tanh[t] = tanh(p[t, 3*n_h:])
        np.tanh(pq[t - 1, :, 3 * n_h:4 * n_h], out=c_tanh)
        # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
        h_sigmoid[...] = _sigmoid(pq[t - 1, :, 2 * n_h:3 * n_h])
        # c[t] = cell(p[t], c[t-1])
        c[t] = c[t - 1] * c_sigmoid
        c[t] += c_sigmoid2 * c_tanh
        # h.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=h_tanh)
        # h[t] = out(p[t], c[t])
        h[t] = h_sigmoid * h_tanh
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    s += (h[1:].reshape(-1, n_h) @ V_h.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    if y is not None:
        # loss = sum(-log(yhat[t, y[t]]), t)
        loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
        loss += yhat_lse.sum()
    else:
        loss = None
    p = pq[..., :4 * n_h]
    q = pq[..., 4 * n_h:8 * n_h]

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
) -> float:
    """The loss, summed over the batch.

    w        (T, B)    0..n_w - 1  the word that is read at each step
    y        (T, B)    0..n_y - 1  its tag
    h0       (B, n_h)  real        h[0]; 0 where not given
    c0       (B, n_h)  real        c[0]; 0 where not given
    g_end    (B, n_h)  real        g[T + 1]; 0 where not given
    e_end    (B, n_h)  real        e[T + 1]; 0 where not given
    lengths  (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, w, y, h0, c0, g_end, e_end, lengths)
    (
        params, w, y, h0, c0, g_end, e_end, dtype, single, n_w, n_x, n_h, n_y, T, B,
    ) = _arguments(params, w, y, h0, c0, g_end, e_end, whole=True)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params

    W_hg = np.concatenate((W_h, W_g))
    b_hg = np.concatenate((b_h, b_g))
    # x[t] = E[w[t]]
    x = E[w]
    # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
    # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
    pq = (x.reshape(-1, n_x) @ W_hg.T).reshape(T, B, 8 * n_h)
    pq += b_hg
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
    for t in range(T, 0, -1):
        # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
        pq[t - 1, :, 4 * n_h:] += g[t] @ U_g.T
        # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        e_sigmoid[...] = _sigmoid(pq[t - 1, :, 5 * n_h:6 * n_h])
        # e.sigmoid2[t] = sigmoid(q[t, :n_h])
        e_sigmoid2[...] = _sigmoid(pq[t - 1, :, 4 * n_h:5 * n_h])
        # e.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(pq[t - 1, :, 7 * n_h:], out=e_tanh)
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        g_sigmoid[...] = _sigmoid(pq[t - 1, :, 6 * n_h:7 * n_h])
        # e[t] = cell(q[t], e[t+1])
        e[t - 1] = e[t] * e_sigmoid
        e[t - 1] += e_sigmoid2 * e_tanh
        # g.tanh[t] = tanh(e[t])
        np.tanh(e[t - 1], out=g_tanh)
        # g[t] = out(q[t], e[t])
        g[t - 1] = g_sigmoid * g_tanh
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    s = (g[:T].reshape(-1, n_h) @ V_g.T).reshape(T, B, n_y)
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
    for t in range(1, T + 1):
        # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
        pq[t - 1, :, :4 * n_h] += h[t - 1] @ U_h.T
        # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
        c_sigmoid[...] = _sigmoid(pq[t - 1, :, n_h:2 * n_h])
        # c.sigmoid2[t] = sigmoid(p[t, :n_h])
        c_sigmoid2[...] = _sigmoid(pq[t - 1, :, :n_h])
        # c.tanh[t] = tanh(p[t, 3*n_h:])
        np.tanh(pq[t - 1, :, 3 * n_h:4 * n_h], out=c_tanh)
        # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
        h_sigmoid[...] = _sigmoid(pq[t - 1, :, 2 * n_h:3 * n_h])
        # c[t] = cell(p[t], c[t-1])
        c[t] = c[t - 1] * c_sigmoid
        c[t] += c_sigmoid2 * c_tanh
        # h.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=h_tanh)
        # h[t] = out(p[t], c[t])
        h[t] = h_sigmoid * h_tanh
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    s += (h[1:].reshape(-1, n_h) @ V_h.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()

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
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w        (T, B)    0..n_w - 1         the word that is read at each step
    y        (T, B)    0..n_y - 1         its tag
    h0       (B, n_h)  real               h[0]; 0 where not given
    c0       (B, n_h)  real               c[0]; 0 where not given
    g_end    (B, n_h)  real               g[T + 1]; 0 where not given
    e_end    (B, n_h)  real               e[T + 1]; 0 where not given
    lengths  (B,)      1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window             whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, w, y, h0, c0, g_end, e_end, lengths, wrt, window)
    (
        params, w, y, h0, c0, g_end, e_end, dtype, single, n_w, n_x, n_h, n_y, T, B,
    ) = _arguments(params, w, y, h0, c0, g_end, e_end, whole=True)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params
    wrt = _asked(wrt, ("h0", "c0", "g_end", "e_end"))

    W_hg = np.concatenate((W_h, W_g))
    b_hg = np.concatenate((b_h, b_g))
    # x[t] = E[w[t]]
    x = E[w]
    # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
    # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
    pq = (x.reshape(-1, n_x) @ W_hg.T).reshape(T, B, 8 * n_h)
    pq += b_hg
    g = np.empty((T + 1, B, n_h), dtype)
    # g[T+1] = 0
    g[T] = g_end
    e = np.empty((T + 1, B, n_h), dtype)
    # e[T+1] = 0
    e[T] = e_end
    e_sigmoid = np.empty((T, B, n_h), dtype)
    e_sigmoid2 = np.empty((T, B, n_h), dtype)
    e_tanh = np.empty((T, B, n_h), dtype)
    g_sigmoid = np.empty((T, B, n_h), dtype)
    g_tanh = np.empty((T, B, n_h), dtype)
    for t in range(T, 0, -1):
        # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
        pq[t - 1, :, 4 * n_h:] += g[t] @ U_g.T
        # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        e_sigmoid[t - 1] = _sigmoid(pq[t - 1, :, 5 * n_h:6 * n_h])
        # e.sigmoid2[t] = sigmoid(q[t, :n_h])
        e_sigmoid2[t - 1] = _sigmoid(pq[t - 1, :, 4 * n_h:5 * n_h])
        # e.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(pq[t - 1, :, 7 * n_h:], out=e_tanh[t - 1])
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        g_sigmoid[t - 1] = _sigmoid(pq[t - 1, :, 6 * n_h:7 * n_h])
        # e[t] = cell(q[t], e[t+1])
        e[t - 1] = e[t] * e_sigmoid[t - 1]
        e[t - 1] += e_sigmoid2[t - 1] * e_tanh[t - 1]
        # g.tanh[t] = tanh(e[t])
        np.tanh(e[t - 1], out=g_tanh[t - 1])
        # g[t] = out(q[t], e[t])
        g[t - 1] = g_sigmoid[t - 1] * g_tanh[t - 1]
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    s = (g[:T].reshape(-1, n_h) @ V_g.T).reshape(T, B, n_y)
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    c_sigmoid = np.empty((T, B, n_h), dtype)
    c_sigmoid2 = np.empty((T, B, n_h), dtype)
    c_tanh = np.empty((T, B, n_h), dtype)
    h_sigmoid = np.empty((T, B, n_h), dtype)
    h_tanh = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
        pq[t - 1, :, :4 * n_h] += h[t - 1] @ U_h.T
        # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
        c_sigmoid[t - 1] = _sigmoid(pq[t - 1, :, n_h:2 * n_h])
        # c.sigmoid2[t] = sigmoid(p[t, :n_h])
        c_sigmoid2[t - 1] = _sigmoid(pq[t - 1, :, :n_h])
        # c.tanh[t] = tanh(p[t, 3*n_h:])
        np.tanh(pq[t - 1, :, 3 * n_h:4 * n_h], out=c_tanh[t - 1])
        # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
        h_sigmoid[t - 1] = _sigmoid(pq[t - 1, :, 2 * n_h:3 * n_h])
        # c[t] = cell(p[t], c[t-1])
        c[t] = c[t - 1] * c_sigmoid[t - 1]
        c[t] += c_sigmoid2[t - 1] * c_tanh[t - 1]
        # h.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=h_tanh[t - 1])
        # h[t] = out(p[t], c[t])
        h[t] = h_sigmoid[t - 1] * h_tanh[t - 1]
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    s += (h[1:].reshape(-1, n_h) @ V_h.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    V_hg = np.concatenate((V_h, V_g), axis=1)
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V_g) = sum(outer(grad(s[t]), g[t]), t)
    dV_g = ds.reshape(-1, n_y).T @ g[:T].reshape(-1, n_h)
    # grad(V_h) = sum(outer(grad(s[t]), h[t]), t)
    dV_h = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dhg = np.zeros((T + 2, B, 2 * n_h), dtype)
    # grad(h[t]) = U_h.T @ grad(p[t+1]) + V_h.T @ grad(s[t]), t < T
    # grad(g[t]) = U_g.T @ grad(q[t-1]) + V_g.T @ grad(s[t]), 2 <= t <= T
    dhg[1:T + 1] = (ds.reshape(-1, n_y) @ V_hg).reshape(T, B, 2 * n_h)
    de = np.empty((T + 1, B, n_h), dtype)
    dpq = np.zeros((T, B, 8 * n_h), dtype)
    # grad(e[t]) = e.sigmoid[t-1] * grad(e[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
    de[0] = dhg[1, :, n_h:] * g_sigmoid[0] * (1 - g_tanh[0]**2)
    dpq[0, :, 6 * n_h:7 * n_h] = dhg[1, :, n_h:] * g_sigmoid[0] * g_tanh[0] * (1 - g_sigmoid[0])
    dpq[0, :, 7 * n_h:] = de[0] * e_sigmoid2[0] * (1 - e_tanh[0]**2)
    dpq[0, :, 4 * n_h:5 * n_h] = de[0] * e_sigmoid2[0] * e_tanh[0] * (1 - e_sigmoid2[0])
    dpq[0, :, 5 * n_h:6 * n_h] = de[0] * e[1] * e_sigmoid[0] * (1 - e_sigmoid[0])
    for t in range(2, T + 1):
        # grad(g[t]) = U_g.T @ grad(q[t-1]) + V_g.T @ grad(s[t]), 2 <= t <= T
        dhg[t, :, n_h:] += dpq[t - 2, :, 4 * n_h:] @ U_g
        # grad(e[t]) = e.sigmoid[t-1] * grad(e[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
        de[t - 1] = dhg[t, :, n_h:] * g_sigmoid[t - 1] * (1 - g_tanh[t - 1]**2)
        dpq[t - 1, :, 6 * n_h:7 * n_h] = dhg[t, :, n_h:] * g_sigmoid[t - 1] * g_tanh[t - 1] * (1 - g_sigmoid[t - 1])
        de[t - 1] += de[t - 2] * e_sigmoid[t - 2]
        dpq[t - 1, :, 7 * n_h:] = de[t - 1] * e_sigmoid2[t - 1] * (1 - e_tanh[t - 1]**2)
        dpq[t - 1, :, 4 * n_h:5 * n_h] = de[t - 1] * e_sigmoid2[t - 1] * e_tanh[t - 1] * (1 - e_sigmoid2[t - 1])
        dpq[t - 1, :, 5 * n_h:6 * n_h] = de[t - 1] * e[t] * e_sigmoid[t - 1] * (1 - e_sigmoid[t - 1])
    dc = np.empty((T + 1, B, n_h), dtype)
    # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
    dc[T] = dhg[T, :, :n_h] * h_sigmoid[T - 1] * (1 - h_tanh[T - 1]**2)
    dpq[T - 1, :, 2 * n_h:3 * n_h] = dhg[T, :, :n_h] * h_sigmoid[T - 1] * h_tanh[T - 1] * (1 - h_sigmoid[T - 1])
    dpq[T - 1, :, 3 * n_h:4 * n_h] = c_sigmoid2[T - 1] * dc[T] * (1 - c_tanh[T - 1]**2)
    dpq[T - 1, :, :n_h] = c_sigmoid2[T - 1] * c_tanh[T - 1] * dc[T] * (1 - c_sigmoid2[T - 1])
    dpq[T - 1, :, n_h:2 * n_h] = c[T - 1] * c_sigmoid[T - 1] * dc[T] * (1 - c_sigmoid[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = U_h.T @ grad(p[t+1]) + V_h.T @ grad(s[t]), t < T
        dhg[t, :, :n_h] += dpq[t, :, :4 * n_h] @ U_h
        # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        dc[t] = dhg[t, :, :n_h] * h_sigmoid[t - 1] * (1 - h_tanh[t - 1]**2)
        dpq[t - 1, :, 2 * n_h:3 * n_h] = dhg[t, :, :n_h] * h_sigmoid[t - 1] * h_tanh[t - 1] * (1 - h_sigmoid[t - 1])
        dc[t] += c_sigmoid[t] * dc[t + 1]
        dpq[t - 1, :, 3 * n_h:4 * n_h] = c_sigmoid2[t - 1] * dc[t] * (1 - c_tanh[t - 1]**2)
        dpq[t - 1, :, :n_h] = c_sigmoid2[t - 1] * c_tanh[t - 1] * dc[t] * (1 - c_sigmoid2[t - 1])
        dpq[t - 1, :, n_h:2 * n_h] = c[t - 1] * c_sigmoid[t - 1] * dc[t] * (1 - c_sigmoid[t - 1])
    # grad(b_h) = sum(grad(p[t]), t)
    # grad(b_g) = sum(grad(q[t]), t)
    db_hg = dpq.sum(axis=(0, 1))
    # grad(U_g) = sum(outer(grad(q[t]), g[t+1]), t)
    dU_g = dpq[:, :, 4 * n_h:].reshape(-1, 4 * n_h).T @ g[1:].reshape(-1, n_h)
    # grad(W_h) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(q[t]), x[t]), t)
    dW_hg = dpq.reshape(-1, 8 * n_h).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_h.T @ grad(p[t]) + W_g.T @ grad(q[t])
    dx = (dpq.reshape(-1, 8 * n_h) @ W_hg).reshape(T, B, n_x)
    # grad(U_h) = sum(outer(grad(p[t]), h[t-1]), t)
    dU_h = dpq[:, :, :4 * n_h].reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "e_end" in wrt:
        # grad(e[t]) = e.sigmoid[t-1] * grad(e[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
        de[T:] = de[T - 1:T] * e_sigmoid[T - 1:]
        # grad(e.T + 1) = grad(e[T+1])
        de_end = de[T].copy()
    if "g_end" in wrt:
        # grad(g[T+1]) = U_g.T @ grad(q[T])
        dhg[T + 1, :, n_h:] = dpq[T - 1, :, 4 * n_h:] @ U_g
        # grad(g.T + 1) = grad(g[T+1])
        dg_end = dhg[T + 1, :, n_h:].copy()
    if "c0" in wrt:
        # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        dc[:1] = c_sigmoid[:1] * dc[1:2]
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    if "h0" in wrt:
        # grad(h[0]) = U_h.T @ grad(p[1])
        dhg[0, :, :n_h] = dpq[0, :, :4 * n_h] @ U_h
        # grad(h.0) = grad(h[0])
        dh0 = dhg[0, :, :n_h].copy()
    db_h = db_hg[:4 * n_h]
    db_g = db_hg[4 * n_h:8 * n_h]
    dW_h = dW_hg[:4 * n_h]
    dW_g = dW_hg[4 * n_h:8 * n_h]

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
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, w, y, lengths, window)
    (
        params, w, y, x, p, c, h, q, e, g, yhat, dtype, single, n_w, n_x, n_h, n_y, T, B,
    ) = _backward_arguments(params, forward, w, y)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params

    # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
    c_sigmoid = _sigmoid(p[:, :, n_h:2 * n_h])
    # c.sigmoid2[t] = sigmoid(p[t, :n_h])
    c_sigmoid2 = _sigmoid(p[:, :, :n_h])
    # c.tanh[t] = tanh(p[t, 3*n_h:])
    c_tanh = np.tanh(p[:, :, 3 * n_h:])
    # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
    h_sigmoid = _sigmoid(p[:, :, 2 * n_h:3 * n_h])
    # h.tanh[t] = tanh(c[t])
    h_tanh = np.tanh(c[1:])
    # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
    e_sigmoid = _sigmoid(q[:, :, n_h:2 * n_h])
    # e.sigmoid2[t] = sigmoid(q[t, :n_h])
    e_sigmoid2 = _sigmoid(q[:, :, :n_h])
    # e.tanh[t] = tanh(q[t, 3*n_h:])
    e_tanh = np.tanh(q[:, :, 3 * n_h:])
    # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
    g_sigmoid = _sigmoid(q[:, :, 2 * n_h:3 * n_h])
    # g.tanh[t] = tanh(e[t])
    g_tanh = np.tanh(e[:T])
    V_hg = np.concatenate((V_h, V_g), axis=1)
    W_hg = np.concatenate((W_h, W_g))
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V_g) = sum(outer(grad(s[t]), g[t]), t)
    dV_g = ds.reshape(-1, n_y).T @ g[:T].reshape(-1, n_h)
    # grad(h[t]) = U_h.T @ grad(p[t+1]) + V_h.T @ grad(s[t]), t < T
    # grad(g[t]) = U_g.T @ grad(q[t-1]) + V_g.T @ grad(s[t]), 2 <= t <= T
    dhg = (ds.reshape(-1, n_y) @ V_hg).reshape(T, B, 2 * n_h)
    # grad(V_h) = sum(outer(grad(s[t]), h[t]), t)
    dV_h = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    de = np.empty((T, B, n_h), dtype)
    dpq = np.zeros((T, B, 8 * n_h), dtype)
    # grad(e[t]) = e.sigmoid[t-1] * grad(e[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
    de[0] = dhg[0, :, n_h:] * g_sigmoid[0] * (1 - g_tanh[0]**2)
    dpq[0, :, 6 * n_h:7 * n_h] = dhg[0, :, n_h:] * g_sigmoid[0] * g_tanh[0] * (1 - g_sigmoid[0])
    dpq[0, :, 7 * n_h:] = de[0] * e_sigmoid2[0] * (1 - e_tanh[0]**2)
    dpq[0, :, 4 * n_h:5 * n_h] = de[0] * e_sigmoid2[0] * e_tanh[0] * (1 - e_sigmoid2[0])
    dpq[0, :, 5 * n_h:6 * n_h] = de[0] * e[1] * e_sigmoid[0] * (1 - e_sigmoid[0])
    for t in range(2, T + 1):
        # grad(g[t]) = U_g.T @ grad(q[t-1]) + V_g.T @ grad(s[t]), 2 <= t <= T
        dhg[t - 1, :, n_h:] += dpq[t - 2, :, 4 * n_h:] @ U_g
        # grad(e[t]) = e.sigmoid[t-1] * grad(e[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
        de[t - 1] = dhg[t - 1, :, n_h:] * g_sigmoid[t - 1] * (1 - g_tanh[t - 1]**2)
        dpq[t - 1, :, 6 * n_h:7 * n_h] = dhg[t - 1, :, n_h:] * g_sigmoid[t - 1] * g_tanh[t - 1] * (1 - g_sigmoid[t - 1])
        de[t - 1] += de[t - 2] * e_sigmoid[t - 2]
        dpq[t - 1, :, 7 * n_h:] = de[t - 1] * e_sigmoid2[t - 1] * (1 - e_tanh[t - 1]**2)
        dpq[t - 1, :, 4 * n_h:5 * n_h] = de[t - 1] * e_sigmoid2[t - 1] * e_tanh[t - 1] * (1 - e_sigmoid2[t - 1])
        dpq[t - 1, :, 5 * n_h:6 * n_h] = de[t - 1] * e[t] * e_sigmoid[t - 1] * (1 - e_sigmoid[t - 1])
    dc = np.empty((T, B, n_h), dtype)
    # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
    dc[T - 1] = dhg[T - 1, :, :n_h] * h_sigmoid[T - 1] * (1 - h_tanh[T - 1]**2)
    dpq[T - 1, :, 2 * n_h:3 * n_h] = dhg[T - 1, :, :n_h] * h_sigmoid[T - 1] * h_tanh[T - 1] * (1 - h_sigmoid[T - 1])
    dpq[T - 1, :, 3 * n_h:4 * n_h] = c_sigmoid2[T - 1] * dc[T - 1] * (1 - c_tanh[T - 1]**2)
    dpq[T - 1, :, :n_h] = c_sigmoid2[T - 1] * c_tanh[T - 1] * dc[T - 1] * (1 - c_sigmoid2[T - 1])
    dpq[T - 1, :, n_h:2 * n_h] = c[T - 1] * c_sigmoid[T - 1] * dc[T - 1] * (1 - c_sigmoid[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = U_h.T @ grad(p[t+1]) + V_h.T @ grad(s[t]), t < T
        dhg[t - 1, :, :n_h] += dpq[t, :, :4 * n_h] @ U_h
        # grad(c[t]) = c.sigmoid[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        dc[t - 1] = dhg[t - 1, :, :n_h] * h_sigmoid[t - 1] * (1 - h_tanh[t - 1]**2)
        dpq[t - 1, :, 2 * n_h:3 * n_h] = dhg[t - 1, :, :n_h] * h_sigmoid[t - 1] * h_tanh[t - 1] * (1 - h_sigmoid[t - 1])
        dc[t - 1] += c_sigmoid[t] * dc[t]
        dpq[t - 1, :, 3 * n_h:4 * n_h] = c_sigmoid2[t - 1] * dc[t - 1] * (1 - c_tanh[t - 1]**2)
        dpq[t - 1, :, :n_h] = c_sigmoid2[t - 1] * c_tanh[t - 1] * dc[t - 1] * (1 - c_sigmoid2[t - 1])
        dpq[t - 1, :, n_h:2 * n_h] = c[t - 1] * c_sigmoid[t - 1] * dc[t - 1] * (1 - c_sigmoid[t - 1])
    # grad(b_h) = sum(grad(p[t]), t)
    # grad(b_g) = sum(grad(q[t]), t)
    db_hg = dpq.sum(axis=(0, 1))
    # grad(U_g) = sum(outer(grad(q[t]), g[t+1]), t)
    dU_g = dpq[:, :, 4 * n_h:].reshape(-1, 4 * n_h).T @ g[1:].reshape(-1, n_h)
    # grad(W_h) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(q[t]), x[t]), t)
    dW_hg = dpq.reshape(-1, 8 * n_h).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_h.T @ grad(p[t]) + W_g.T @ grad(q[t])
    dx = (dpq.reshape(-1, 8 * n_h) @ W_hg).reshape(T, B, n_x)
    # grad(U_h) = sum(outer(grad(p[t]), h[t-1]), t)
    dU_h = dpq[:, :, :4 * n_h].reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    db_h = db_hg[:4 * n_h]
    db_g = db_hg[4 * n_h:8 * n_h]
    dW_h = dW_hg[:4 * n_h]
    dW_g = dW_hg[4 * n_h:8 * n_h]

    return Params(E=dE, W_h=dW_h, W_g=dW_g, U_h=dU_h, U_g=dU_g, b_h=db_h, b_g=db_g, V_h=dV_h, V_g=dV_g, d=dd)


def _forward_padded(params, w, y, h0, c0, g_end, e_end, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, w, y, h0, c0, g_end, e_end, dtype, single, n_w, n_x, n_h, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, h0, c0, g_end, e_end, lengths)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params

    W_hg = np.concatenate((W_h, W_g))
    b_hg = np.concatenate((b_h, b_g))
    # x[t] = E[w[t]]
    x = E[w]
    # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
    # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
    pq = (x.reshape(-1, n_x) @ W_hg.T).reshape(T, B, 8 * n_h)
    pq += b_hg
    g = np.zeros((T + 1, B, n_h), dtype)
    # g[T+1] = 0
    g[1:] += np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], g_end, 0)
    e = np.zeros((T + 1, B, n_h), dtype)
    # e[T+1] = 0
    e[1:] += np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], e_end, 0)
    e_sigmoid = np.empty((B, n_h), dtype)
    e_sigmoid2 = np.empty((B, n_h), dtype)
    e_tanh = np.empty((B, n_h), dtype)
    e_inside = np.empty((B, n_h), dtype)
    g_sigmoid = np.empty((B, n_h), dtype)
    g_tanh = np.empty((B, n_h), dtype)
    g_inside = np.empty((B, n_h), dtype)
    for t in range(T, 0, -1):
        # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
        pq[t - 1, :, 4 * n_h:] += g[t] @ U_g.T
        # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        e_sigmoid[...] = _sigmoid(pq[t - 1, :, 5 * n_h:6 * n_h])
        # e.sigmoid2[t] = sigmoid(q[t, :n_h])
        e_sigmoid2[...] = _sigmoid(pq[t - 1, :, 4 * n_h:5 * n_h])
        # e.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(pq[t - 1, :, 7 * n_h:], out=e_tanh)
        # e.inside[t] = e[t+1] * e.sigmoid[t] + e.sigmoid2[t] * e.tanh[t]
        e_inside[...] = e[t] * e_sigmoid
        e_inside += e_sigmoid2 * e_tanh
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        g_sigmoid[...] = _sigmoid(pq[t - 1, :, 6 * n_h:7 * n_h])
        # e[t] = cell(q[t], e[t+1])
        e[t - 1] += np.where((t <= T_own)[:, None], e_inside, 0)
        # g.tanh[t] = tanh(e[t])
        np.tanh(e[t - 1], out=g_tanh)
        # g.inside[t] = g.sigmoid[t] * g.tanh[t]
        g_inside[...] = g_sigmoid * g_tanh
        # g[t] = out(q[t], e[t])
        g[t - 1] += np.where((t <= T_own)[:, None], g_inside, 0)
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    s = (g[:T].reshape(-1, n_h) @ V_g.T).reshape(T, B, n_y)
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
    for t in range(1, T + 1):
        # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
        pq[t - 1, :, :4 * n_h] += h[t - 1] @ U_h.T
        # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
        c_sigmoid[...] = _sigmoid(pq[t - 1, :, n_h:2 * n_h])
        # c.sigmoid2[t] = sigmoid(p[t, :n_h])
        c_sigmoid2[...] = _sigmoid(pq[t - 1, :, :n_h])
        # c.tanh[t] = tanh(p[t, 3*n_h:])
        np.tanh(pq[t - 1, :, 3 * n_h:4 * n_h], out=c_tanh)
        # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
        h_sigmoid[...] = _sigmoid(pq[t - 1, :, 2 * n_h:3 * n_h])
        # c[t] = cell(p[t], c[t-1])
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * c_sigmoid + c_sigmoid2 * c_tanh, c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=h_tanh)
        # h[t] = out(p[t], c[t])
        h[t] = np.where((t <= T_own)[:, None], h_sigmoid * h_tanh, h[t - 1])
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    s += (h[1:].reshape(-1, n_h) @ V_h.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    if y is not None:
        # loss = sum(-log(yhat[t, y[t]]), t)
        loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
        loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    else:
        loss = None
    p = pq[..., :4 * n_h]
    q = pq[..., 4 * n_h:8 * n_h]

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


def _loss_padded(params, w, y, h0, c0, g_end, e_end, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, w, y, h0, c0, g_end, e_end, dtype, single, n_w, n_x, n_h, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, h0, c0, g_end, e_end, lengths, whole=True)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params

    W_hg = np.concatenate((W_h, W_g))
    b_hg = np.concatenate((b_h, b_g))
    # x[t] = E[w[t]]
    x = E[w]
    # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
    # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
    pq = (x.reshape(-1, n_x) @ W_hg.T).reshape(T, B, 8 * n_h)
    pq += b_hg
    g = np.zeros((T + 1, B, n_h), dtype)
    # g[T+1] = 0
    g[1:] += np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], g_end, 0)
    e = np.zeros((T + 1, B, n_h), dtype)
    # e[T+1] = 0
    e[1:] += np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], e_end, 0)
    e_sigmoid = np.empty((B, n_h), dtype)
    e_sigmoid2 = np.empty((B, n_h), dtype)
    e_tanh = np.empty((B, n_h), dtype)
    e_inside = np.empty((B, n_h), dtype)
    g_sigmoid = np.empty((B, n_h), dtype)
    g_tanh = np.empty((B, n_h), dtype)
    g_inside = np.empty((B, n_h), dtype)
    for t in range(T, 0, -1):
        # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
        pq[t - 1, :, 4 * n_h:] += g[t] @ U_g.T
        # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        e_sigmoid[...] = _sigmoid(pq[t - 1, :, 5 * n_h:6 * n_h])
        # e.sigmoid2[t] = sigmoid(q[t, :n_h])
        e_sigmoid2[...] = _sigmoid(pq[t - 1, :, 4 * n_h:5 * n_h])
        # e.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(pq[t - 1, :, 7 * n_h:], out=e_tanh)
        # e.inside[t] = e[t+1] * e.sigmoid[t] + e.sigmoid2[t] * e.tanh[t]
        e_inside[...] = e[t] * e_sigmoid
        e_inside += e_sigmoid2 * e_tanh
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        g_sigmoid[...] = _sigmoid(pq[t - 1, :, 6 * n_h:7 * n_h])
        # e[t] = cell(q[t], e[t+1])
        e[t - 1] += np.where((t <= T_own)[:, None], e_inside, 0)
        # g.tanh[t] = tanh(e[t])
        np.tanh(e[t - 1], out=g_tanh)
        # g.inside[t] = g.sigmoid[t] * g.tanh[t]
        g_inside[...] = g_sigmoid * g_tanh
        # g[t] = out(q[t], e[t])
        g[t - 1] += np.where((t <= T_own)[:, None], g_inside, 0)
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    s = (g[:T].reshape(-1, n_h) @ V_g.T).reshape(T, B, n_y)
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
    for t in range(1, T + 1):
        # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
        pq[t - 1, :, :4 * n_h] += h[t - 1] @ U_h.T
        # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
        c_sigmoid[...] = _sigmoid(pq[t - 1, :, n_h:2 * n_h])
        # c.sigmoid2[t] = sigmoid(p[t, :n_h])
        c_sigmoid2[...] = _sigmoid(pq[t - 1, :, :n_h])
        # c.tanh[t] = tanh(p[t, 3*n_h:])
        np.tanh(pq[t - 1, :, 3 * n_h:4 * n_h], out=c_tanh)
        # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
        h_sigmoid[...] = _sigmoid(pq[t - 1, :, 2 * n_h:3 * n_h])
        # c[t] = cell(p[t], c[t-1])
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * c_sigmoid + c_sigmoid2 * c_tanh, c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=h_tanh)
        # h[t] = out(p[t], c[t])
        h[t] = np.where((t <= T_own)[:, None], h_sigmoid * h_tanh, h[t - 1])
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    s += (h[1:].reshape(-1, n_h) @ V_h.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, w, y, h0, c0, g_end, e_end, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, h0, c0, g_end, e_end, dtype, single, n_w, n_x, n_h, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, h0, c0, g_end, e_end, lengths, whole=True)
    E, W_h, W_g, U_h, U_g, b_h, b_g, V_h, V_g, d = params
    wrt = _asked(wrt, ("h0", "c0", "g_end", "e_end"))
    window_T = _window(window, "T", ("T",), T)

    W_hg = np.concatenate((W_h, W_g))
    b_hg = np.concatenate((b_h, b_g))
    # x[t] = E[w[t]]
    x = E[w]
    # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
    # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
    pq = (x.reshape(-1, n_x) @ W_hg.T).reshape(T, B, 8 * n_h)
    pq += b_hg
    g = np.zeros((T + 1, B, n_h), dtype)
    # g[T+1] = 0
    g[1:] += np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], g_end, 0)
    e = np.zeros((T + 1, B, n_h), dtype)
    # e[T+1] = 0
    e[1:] += np.where((1 + T_own <= np.arange(2, T + 2)[:, None])[:, :, None], e_end, 0)
    e_sigmoid = np.empty((T, B, n_h), dtype)
    e_sigmoid2 = np.empty((T, B, n_h), dtype)
    e_tanh = np.empty((T, B, n_h), dtype)
    e_inside = np.empty((B, n_h), dtype)
    g_sigmoid = np.empty((T, B, n_h), dtype)
    g_tanh = np.empty((T, B, n_h), dtype)
    g_inside = np.empty((B, n_h), dtype)
    for t in range(T, 0, -1):
        # q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]
        pq[t - 1, :, 4 * n_h:] += g[t] @ U_g.T
        # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
        e_sigmoid[t - 1] = _sigmoid(pq[t - 1, :, 5 * n_h:6 * n_h])
        # e.sigmoid2[t] = sigmoid(q[t, :n_h])
        e_sigmoid2[t - 1] = _sigmoid(pq[t - 1, :, 4 * n_h:5 * n_h])
        # e.tanh[t] = tanh(q[t, 3*n_h:])
        np.tanh(pq[t - 1, :, 7 * n_h:], out=e_tanh[t - 1])
        # e.inside[t] = e[t+1] * e.sigmoid[t] + e.sigmoid2[t] * e.tanh[t]
        e_inside[...] = e[t] * e_sigmoid[t - 1]
        e_inside += e_sigmoid2[t - 1] * e_tanh[t - 1]
        # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
        g_sigmoid[t - 1] = _sigmoid(pq[t - 1, :, 6 * n_h:7 * n_h])
        # e[t] = cell(q[t], e[t+1])
        e[t - 1] += np.where((t <= T_own)[:, None], e_inside, 0)
        # g.tanh[t] = tanh(e[t])
        np.tanh(e[t - 1], out=g_tanh[t - 1])
        # g.inside[t] = g.sigmoid[t] * g.tanh[t]
        g_inside[...] = g_sigmoid[t - 1] * g_tanh[t - 1]
        # g[t] = out(q[t], e[t])
        g[t - 1] += np.where((t <= T_own)[:, None], g_inside, 0)
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    s = (g[:T].reshape(-1, n_h) @ V_g.T).reshape(T, B, n_y)
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    c_sigmoid = np.empty((T, B, n_h), dtype)
    c_sigmoid2 = np.empty((T, B, n_h), dtype)
    c_tanh = np.empty((T, B, n_h), dtype)
    h_sigmoid = np.empty((T, B, n_h), dtype)
    h_tanh = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]
        pq[t - 1, :, :4 * n_h] += h[t - 1] @ U_h.T
        # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
        c_sigmoid[t - 1] = _sigmoid(pq[t - 1, :, n_h:2 * n_h])
        # c.sigmoid2[t] = sigmoid(p[t, :n_h])
        c_sigmoid2[t - 1] = _sigmoid(pq[t - 1, :, :n_h])
        # c.tanh[t] = tanh(p[t, 3*n_h:])
        np.tanh(pq[t - 1, :, 3 * n_h:4 * n_h], out=c_tanh[t - 1])
        # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
        h_sigmoid[t - 1] = _sigmoid(pq[t - 1, :, 2 * n_h:3 * n_h])
        # c[t] = cell(p[t], c[t-1])
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * c_sigmoid[t - 1] + c_sigmoid2[t - 1] * c_tanh[t - 1], c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=h_tanh[t - 1])
        # h[t] = out(p[t], c[t])
        h[t] = np.where((t <= T_own)[:, None], h_sigmoid[t - 1] * h_tanh[t - 1], h[t - 1])
    # s[t] = d + V_h @ h[t] + V_g @ g[t]
    s += (h[1:].reshape(-1, n_h) @ V_h.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    V_hg = np.concatenate((V_h, V_g), axis=1)
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V_g) = sum(outer(grad(s[t]), g[t]), t)
    dV_g = ds.reshape(-1, n_y).T @ g[:T].reshape(-1, n_h)
    # grad(V_h) = sum(outer(grad(s[t]), h[t]), t)
    dV_h = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dhg = np.zeros((T + 2, B, 2 * n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_h.T @ grad(p[t+1])) + V_h.T @
    #     grad(s[t]), t < T
    # grad(g[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * (U_g.T @ grad(q[t-1])) +
    #     V_g.T @ grad(s[t]), 2 <= t <= T
    dhg[1:T + 1] = (ds.reshape(-1, n_y) @ V_hg).reshape(T, B, 2 * n_h)
    dg_inside = np.empty((B, n_h), dtype)
    de = np.empty((T + 1, B, n_h), dtype)
    de_inside = np.empty((T, B, n_h), dtype)
    dpq = np.zeros((T, B, 8 * n_h), dtype)
    # grad(g.inside[t]) = where(t <= T.own, 1, 0) * grad(g[t])
    dg_inside[...] = dhg[1, :, n_h:] * (1 <= T_own)[:, None]
    # grad(e[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * e.sigmoid[t-1] *
    #     grad(e.inside[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
    de[0] = dg_inside * g_sigmoid[0] * (1 - g_tanh[0]**2)
    # grad(e.inside[t]) = where(t <= T.own, 1, 0) * grad(e[t])
    de_inside[0] = de[0] * (1 <= T_own)[:, None]
    dpq[0, :, 6 * n_h:7 * n_h] = dg_inside * g_sigmoid[0] * g_tanh[0] * (1 - g_sigmoid[0])
    dpq[0, :, 7 * n_h:] = de_inside[0] * e_sigmoid2[0] * (1 - e_tanh[0]**2)
    dpq[0, :, 4 * n_h:5 * n_h] = de_inside[0] * e_sigmoid2[0] * e_tanh[0] * (1 - e_sigmoid2[0])
    dpq[0, :, 5 * n_h:6 * n_h] = de_inside[0] * e[1] * e_sigmoid[0] * (1 - e_sigmoid[0])
    for t in range(2, T + 1):
        # grad(g[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * (U_g.T @ grad(q[t-1])) +
        #     V_g.T @ grad(s[t]), 2 <= t <= T
        dhg[t, :, n_h:] += (dpq[t - 2, :, 4 * n_h:] * ((t - 2) // window_T == np.minimum(t - 1, T_own - 1) // window_T)[:, None]) @ U_g
        # grad(g.inside[t]) = where(t <= T.own, 1, 0) * grad(g[t])
        dg_inside[...] = dhg[t, :, n_h:] * (t <= T_own)[:, None]
        # grad(e[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * e.sigmoid[t-1] *
        #     grad(e.inside[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
        de[t - 1] = dg_inside * g_sigmoid[t - 1] * (1 - g_tanh[t - 1]**2)
        de[t - 1] += de_inside[t - 2] * e_sigmoid[t - 2] * ((t - 2) // window_T == np.minimum(t - 1, T_own - 1) // window_T)[:, None]
        # grad(e.inside[t]) = where(t <= T.own, 1, 0) * grad(e[t])
        de_inside[t - 1] = de[t - 1] * (t <= T_own)[:, None]
        dpq[t - 1, :, 6 * n_h:7 * n_h] = dg_inside * g_sigmoid[t - 1] * g_tanh[t - 1] * (1 - g_sigmoid[t - 1])
        dpq[t - 1, :, 7 * n_h:] = de_inside[t - 1] * e_sigmoid2[t - 1] * (1 - e_tanh[t - 1]**2)
        dpq[t - 1, :, 4 * n_h:5 * n_h] = de_inside[t - 1] * e_sigmoid2[t - 1] * e_tanh[t - 1] * (1 - e_sigmoid2[t - 1])
        dpq[t - 1, :, 5 * n_h:6 * n_h] = de_inside[t - 1] * e[t] * e_sigmoid[t - 1] * (1 - e_sigmoid[t - 1])
    dc = np.empty((T + 1, B, n_h), dtype)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
    #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
    dc[T] = dhg[T, :, :n_h] * h_sigmoid[T - 1] * (1 - h_tanh[T - 1]**2)
    dpq[T - 1, :, 2 * n_h:3 * n_h] = dhg[T, :, :n_h] * h_sigmoid[T - 1] * h_tanh[T - 1] * (1 - h_sigmoid[T - 1])
    dpq[T - 1, :, 3 * n_h:4 * n_h] = c_sigmoid2[T - 1] * dc[T] * (1 - c_tanh[T - 1]**2)
    dpq[T - 1, :, :n_h] = c_sigmoid2[T - 1] * c_tanh[T - 1] * dc[T] * (1 - c_sigmoid2[T - 1])
    dpq[T - 1, :, n_h:2 * n_h] = c[T - 1] * c_sigmoid[T - 1] * dc[T] * (1 - c_sigmoid[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_h.T @ grad(p[t+1])) + V_h.T @
        #     grad(s[t]), t < T
        dhg[t, :, :n_h] += dpq[t, :, :4 * n_h] @ U_h * (t // window_T == max(t - 1, 0) // window_T)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        dc[t] = dhg[t, :, :n_h] * h_sigmoid[t - 1] * (1 - h_tanh[t - 1]**2)
        dpq[t - 1, :, 2 * n_h:3 * n_h] = dhg[t, :, :n_h] * h_sigmoid[t - 1] * h_tanh[t - 1] * (1 - h_sigmoid[t - 1])
        dc[t] += c_sigmoid[t] * dc[t + 1] * (t // window_T == max(t - 1, 0) // window_T)
        dpq[t - 1, :, 3 * n_h:4 * n_h] = c_sigmoid2[t - 1] * dc[t] * (1 - c_tanh[t - 1]**2)
        dpq[t - 1, :, :n_h] = c_sigmoid2[t - 1] * c_tanh[t - 1] * dc[t] * (1 - c_sigmoid2[t - 1])
        dpq[t - 1, :, n_h:2 * n_h] = c[t - 1] * c_sigmoid[t - 1] * dc[t] * (1 - c_sigmoid[t - 1])
    # grad(b_h) = sum(grad(p[t]), t)
    # grad(b_g) = sum(grad(q[t]), t)
    db_hg = dpq.sum(axis=(0, 1))
    # grad(U_g) = sum(outer(grad(q[t]), g[t+1]), t)
    dU_g = dpq[:, :, 4 * n_h:].reshape(-1, 4 * n_h).T @ g[1:].reshape(-1, n_h)
    # grad(W_h) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(q[t]), x[t]), t)
    dW_hg = dpq.reshape(-1, 8 * n_h).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_h.T @ grad(p[t]) + W_g.T @ grad(q[t])
    dx = (dpq.reshape(-1, 8 * n_h) @ W_hg).reshape(T, B, n_x)
    # grad(U_h) = sum(outer(grad(p[t]), h[t-1]), t)
    dU_h = dpq[:, :, :4 * n_h].reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "e_end" in wrt:
        # grad(e[T+1]) = same_window(T - 1, minimum(T, T.own - 1), window.T) * e.sigmoid[T] *
        #     grad(e.inside[T])
        de[T] = de_inside[T - 1] * e_sigmoid[T - 1] * ((T - 1) // window_T == np.minimum(T, T_own - 1) // window_T)[:, None]
        # grad(e.T + 1) = sum(where(1 + T.own <= t, 1, 0) * grad(e[t]), (t, 2, T+1))
        de_end = (de[1:].transpose(1, 2, 0) @ ((1 + T_own)[:, None] <= np.arange(2, T + 2)).astype(dtype)[..., None])[..., 0]
    if "g_end" in wrt:
        # grad(g[T+1]) = same_window(T - 1, minimum(T, T.own - 1), window.T) * (U_g.T @ grad(q[T]))
        dhg[T + 1, :, n_h:] = (dpq[T - 1, :, 4 * n_h:] * ((T - 1) // window_T == np.minimum(T, T_own - 1) // window_T)[:, None]) @ U_g
        # grad(g.T + 1) = sum(where(1 + T.own <= t, 1, 0) * grad(g[t]), (t, 2, T+1))
        dg_end = (dhg[2:, :, n_h:].transpose(1, 2, 0) @ ((1 + T_own)[:, None] <= np.arange(2, T + 2)).astype(dtype)[..., None])[..., 0]
    if "c0" in wrt:
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        dc[:1] = c_sigmoid[:1] * dc[1:2] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    if "h0" in wrt:
        # grad(h[0]) = U_h.T @ grad(p[1])
        dhg[0, :, :n_h] = dpq[0, :, :4 * n_h] @ U_h
        # grad(h.0) = grad(h[0])
        dh0 = dhg[0, :, :n_h].copy()
    db_h = db_hg[:4 * n_h]
    db_g = db_hg[4 * n_h:8 * n_h]
    dW_h = dW_hg[:4 * n_h]
    dW_g = dW_hg[4 * n_h:8 * n_h]

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

    # c.sigmoid[t] = sigmoid(p[t, n_h:2*n_h])
    c_sigmoid = _sigmoid(p[:, :, n_h:2 * n_h])
    # c.sigmoid2[t] = sigmoid(p[t, :n_h])
    c_sigmoid2 = _sigmoid(p[:, :, :n_h])
    # c.tanh[t] = tanh(p[t, 3*n_h:])
    c_tanh = np.tanh(p[:, :, 3 * n_h:])
    # h.sigmoid[t] = sigmoid(p[t, 2*n_h:3*n_h])
    h_sigmoid = _sigmoid(p[:, :, 2 * n_h:3 * n_h])
    # h.tanh[t] = tanh(c[t])
    h_tanh = np.tanh(c[1:])
    # e.sigmoid[t] = sigmoid(q[t, n_h:2*n_h])
    e_sigmoid = _sigmoid(q[:, :, n_h:2 * n_h])
    # e.sigmoid2[t] = sigmoid(q[t, :n_h])
    e_sigmoid2 = _sigmoid(q[:, :, :n_h])
    # e.tanh[t] = tanh(q[t, 3*n_h:])
    e_tanh = np.tanh(q[:, :, 3 * n_h:])
    # g.sigmoid[t] = sigmoid(q[t, 2*n_h:3*n_h])
    g_sigmoid = _sigmoid(q[:, :, 2 * n_h:3 * n_h])
    # g.tanh[t] = tanh(e[t])
    g_tanh = np.tanh(e[:T])
    V_hg = np.concatenate((V_h, V_g), axis=1)
    W_hg = np.concatenate((W_h, W_g))
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V_g) = sum(outer(grad(s[t]), g[t]), t)
    dV_g = ds.reshape(-1, n_y).T @ g[:T].reshape(-1, n_h)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_h.T @ grad(p[t+1])) + V_h.T @
    #     grad(s[t]), t < T
    # grad(g[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * (U_g.T @ grad(q[t-1])) +
    #     V_g.T @ grad(s[t]), 2 <= t <= T
    dhg = (ds.reshape(-1, n_y) @ V_hg).reshape(T, B, 2 * n_h)
    # grad(V_h) = sum(outer(grad(s[t]), h[t]), t)
    dV_h = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dg_inside = np.empty((B, n_h), dtype)
    de = np.empty((T, B, n_h), dtype)
    de_inside = np.empty((T, B, n_h), dtype)
    dpq = np.zeros((T, B, 8 * n_h), dtype)
    # grad(g.inside[t]) = where(t <= T.own, 1, 0) * grad(g[t])
    dg_inside[...] = dhg[0, :, n_h:] * (1 <= T_own)[:, None]
    # grad(e[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * e.sigmoid[t-1] *
    #     grad(e.inside[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
    de[0] = dg_inside * g_sigmoid[0] * (1 - g_tanh[0]**2)
    # grad(e.inside[t]) = where(t <= T.own, 1, 0) * grad(e[t])
    de_inside[0] = de[0] * (1 <= T_own)[:, None]
    dpq[0, :, 6 * n_h:7 * n_h] = dg_inside * g_sigmoid[0] * g_tanh[0] * (1 - g_sigmoid[0])
    dpq[0, :, 7 * n_h:] = de_inside[0] * e_sigmoid2[0] * (1 - e_tanh[0]**2)
    dpq[0, :, 4 * n_h:5 * n_h] = de_inside[0] * e_sigmoid2[0] * e_tanh[0] * (1 - e_sigmoid2[0])
    dpq[0, :, 5 * n_h:6 * n_h] = de_inside[0] * e[1] * e_sigmoid[0] * (1 - e_sigmoid[0])
    for t in range(2, T + 1):
        # grad(g[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * (U_g.T @ grad(q[t-1])) +
        #     V_g.T @ grad(s[t]), 2 <= t <= T
        dhg[t - 1, :, n_h:] += (dpq[t - 2, :, 4 * n_h:] * ((t - 2) // window_T == np.minimum(t - 1, T_own - 1) // window_T)[:, None]) @ U_g
        # grad(g.inside[t]) = where(t <= T.own, 1, 0) * grad(g[t])
        dg_inside[...] = dhg[t - 1, :, n_h:] * (t <= T_own)[:, None]
        # grad(e[t]) = same_window(t - 2, minimum(t - 1, T.own - 1), window.T) * e.sigmoid[t-1] *
        #     grad(e.inside[t-1]) + (1 - g.tanh[t]**2) * grad(g.tanh[t]), 2 <= t <= T
        de[t - 1] = dg_inside * g_sigmoid[t - 1] * (1 - g_tanh[t - 1]**2)
        de[t - 1] += de_inside[t - 2] * e_sigmoid[t - 2] * ((t - 2) // window_T == np.minimum(t - 1, T_own - 1) // window_T)[:, None]
        # grad(e.inside[t]) = where(t <= T.own, 1, 0) * grad(e[t])
        de_inside[t - 1] = de[t - 1] * (t <= T_own)[:, None]
        dpq[t - 1, :, 6 * n_h:7 * n_h] = dg_inside * g_sigmoid[t - 1] * g_tanh[t - 1] * (1 - g_sigmoid[t - 1])
        dpq[t - 1, :, 7 * n_h:] = de_inside[t - 1] * e_sigmoid2[t - 1] * (1 - e_tanh[t - 1]**2)
        dpq[t - 1, :, 4 * n_h:5 * n_h] = de_inside[t - 1] * e_sigmoid2[t - 1] * e_tanh[t - 1] * (1 - e_sigmoid2[t - 1])
        dpq[t - 1, :, 5 * n_h:6 * n_h] = de_inside[t - 1] * e[t] * e_sigmoid[t - 1] * (1 - e_sigmoid[t - 1])
    dc = np.empty((T, B, n_h), dtype)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
    #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
    dc[T - 1] = dhg[T - 1, :, :n_h] * h_sigmoid[T - 1] * (1 - h_tanh[T - 1]**2)
    dpq[T - 1, :, 2 * n_h:3 * n_h] = dhg[T - 1, :, :n_h] * h_sigmoid[T - 1] * h_tanh[T - 1] * (1 - h_sigmoid[T - 1])
    dpq[T - 1, :, 3 * n_h:4 * n_h] = c_sigmoid2[T - 1] * dc[T - 1] * (1 - c_tanh[T - 1]**2)
    dpq[T - 1, :, :n_h] = c_sigmoid2[T - 1] * c_tanh[T - 1] * dc[T - 1] * (1 - c_sigmoid2[T - 1])
    dpq[T - 1, :, n_h:2 * n_h] = c[T - 1] * c_sigmoid[T - 1] * dc[T - 1] * (1 - c_sigmoid[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_h.T @ grad(p[t+1])) + V_h.T @
        #     grad(s[t]), t < T
        dhg[t - 1, :, :n_h] += dpq[t, :, :4 * n_h] @ U_h * (t // window_T == max(t - 1, 0) // window_T)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * c.sigmoid[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        dc[t - 1] = dhg[t - 1, :, :n_h] * h_sigmoid[t - 1] * (1 - h_tanh[t - 1]**2)
        dpq[t - 1, :, 2 * n_h:3 * n_h] = dhg[t - 1, :, :n_h] * h_sigmoid[t - 1] * h_tanh[t - 1] * (1 - h_sigmoid[t - 1])
        dc[t - 1] += c_sigmoid[t] * dc[t] * (t // window_T == max(t - 1, 0) // window_T)
        dpq[t - 1, :, 3 * n_h:4 * n_h] = c_sigmoid2[t - 1] * dc[t - 1] * (1 - c_tanh[t - 1]**2)
        dpq[t - 1, :, :n_h] = c_sigmoid2[t - 1] * c_tanh[t - 1] * dc[t - 1] * (1 - c_sigmoid2[t - 1])
        dpq[t - 1, :, n_h:2 * n_h] = c[t - 1] * c_sigmoid[t - 1] * dc[t - 1] * (1 - c_sigmoid[t - 1])
    # grad(b_h) = sum(grad(p[t]), t)
    # grad(b_g) = sum(grad(q[t]), t)
    db_hg = dpq.sum(axis=(0, 1))
    # grad(U_g) = sum(outer(grad(q[t]), g[t+1]), t)
    dU_g = dpq[:, :, 4 * n_h:].reshape(-1, 4 * n_h).T @ g[1:].reshape(-1, n_h)
    # grad(W_h) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(q[t]), x[t]), t)
    dW_hg = dpq.reshape(-1, 8 * n_h).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_h.T @ grad(p[t]) + W_g.T @ grad(q[t])
    dx = (dpq.reshape(-1, 8 * n_h) @ W_hg).reshape(T, B, n_x)
    # grad(U_h) = sum(outer(grad(p[t]), h[t-1]), t)
    dU_h = dpq[:, :, :4 * n_h].reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    db_h = db_hg[:4 * n_h]
    db_g = db_hg[4 * n_h:8 * n_h]
    dW_h = dW_hg[:4 * n_h]
    dW_g = dW_hg[4 * n_h:8 * n_h]

    return Params(E=dE, W_h=dW_h, W_g=dW_g, U_h=dU_h, U_g=dU_g, b_h=db_h, b_g=db_g, V_h=dV_h, V_g=dV_g, d=dd)


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


def _window(given, sequence, known, steps):
    """How many steps a window has; all of them where nothing is given."""
    if isinstance(given, dict):
        given = _of_sequence("window", given, sequence, known)
    return steps if given is None else _size("window", given)
