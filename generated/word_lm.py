# Written by derive from word_lm.eq; do not edit.
# Change word_lm.eq instead, and run: derive generate word_lm
# source b2c3f5e597306675, derive e116e7411edaf54b, body 329d30f0cd50efa3
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
    lengths  (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if lengths is not None or state is not None:
        return _forward_padded(params, y, h0, c0, lengths, state)
    params, y, h0, c0, dtype, single, n_w, n_h, T, B = _arguments(params, y, h0, c0)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params

    U_ifog = np.concatenate((U_i, U_f, U_o, U_g))
    W_ifog = np.concatenate((W_i, W_f, W_o, W_g))
    b_ifog = np.concatenate((b_i, b_f, b_o, b_g))
    x = np.empty((T, B, n_h), dtype)
    # x[t] = E[y[t-1]]
    x[...] = 0
    x[1:] += E[y[:T - 1]]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    ifog_arg = (x.reshape(-1, n_h) @ W_ifog.T).reshape(T, B, 4 * n_h)
    ifog_arg += b_ifog
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    i = np.empty((T, B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    o = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        ifog_arg[t - 1] += h[t - 1] @ U_ifog.T
        # i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1])
        i[t - 1] = _sigmoid(ifog_arg[t - 1, :, :n_h])
        # f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])
        f[t - 1] = _sigmoid(ifog_arg[t - 1, :, n_h:2 * n_h])
        # o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1])
        o[t - 1] = _sigmoid(ifog_arg[t - 1, :, 2 * n_h:3 * n_h])
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(ifog_arg[t - 1, :, 3 * n_h:], out=g[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        c[t] = c[t - 1] * f[t - 1]
        c[t] += g[t - 1] * i[t - 1]
        # h.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        h[t] = h_tanh * o[t - 1]
    # s[t] = d + E @ h[t]
    s = (h[1:].reshape(-1, n_h) @ E.T).reshape(T, B, n_w)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()

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
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    y        (T, B)    0..n_w - 1  the words; y[t-1] is read when y[t] is predicted
    h0       (B, n_h)  real        h[0]; 0 where not given
    c0       (B, n_h)  real        c[0]; 0 where not given
    state              State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if lengths is not None or state is not None:
        return _loss_padded(params, y, h0, c0, lengths, state)
    params, y, h0, c0, dtype, single, n_w, n_h, T, B = _arguments(params, y, h0, c0)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params

    U_ifog = np.concatenate((U_i, U_f, U_o, U_g))
    W_ifog = np.concatenate((W_i, W_f, W_o, W_g))
    b_ifog = np.concatenate((b_i, b_f, b_o, b_g))
    x = np.empty((T, B, n_h), dtype)
    # x[t] = E[y[t-1]]
    x[...] = 0
    x[1:] += E[y[:T - 1]]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    ifog_arg = (x.reshape(-1, n_h) @ W_ifog.T).reshape(T, B, 4 * n_h)
    ifog_arg += b_ifog
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    i = np.empty((B, n_h), dtype)
    f = np.empty((B, n_h), dtype)
    o = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        ifog_arg[t - 1] += h[t - 1] @ U_ifog.T
        # i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1])
        i[...] = _sigmoid(ifog_arg[t - 1, :, :n_h])
        # f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])
        f[...] = _sigmoid(ifog_arg[t - 1, :, n_h:2 * n_h])
        # o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1])
        o[...] = _sigmoid(ifog_arg[t - 1, :, 2 * n_h:3 * n_h])
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(ifog_arg[t - 1, :, 3 * n_h:], out=g)
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        c[t] = c[t - 1] * f
        c[t] += g * i
        # h.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        h[t] = h_tanh * o
    # s[t] = d + E @ h[t]
    s = (h[1:].reshape(-1, n_h) @ E.T).reshape(T, B, n_w)
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
    y: np.ndarray,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    y        (T, B)    0..n_w - 1         the words; y[t-1] is read when y[t] is predicted
    h0       (B, n_h)  real               h[0]; 0 where not given
    c0       (B, n_h)  real               c[0]; 0 where not given
    state              State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)      1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window             whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if lengths is not None or window is not None or state is not None:
        return _loss_and_grad_padded(params, y, h0, c0, lengths, wrt, window, state)
    params, y, h0, c0, dtype, single, n_w, n_h, T, B = _arguments(params, y, h0, c0)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params
    wrt = _asked(wrt, ("h0", "c0"))

    U_ifog = np.concatenate((U_i, U_f, U_o, U_g))
    W_ifog = np.concatenate((W_i, W_f, W_o, W_g))
    b_ifog = np.concatenate((b_i, b_f, b_o, b_g))
    x = np.empty((T, B, n_h), dtype)
    # x[t] = E[y[t-1]]
    x[...] = 0
    x[1:] += E[y[:T - 1]]
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    ifog_arg = (x.reshape(-1, n_h) @ W_ifog.T).reshape(T, B, 4 * n_h)
    ifog_arg += b_ifog
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    i = np.empty((T, B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    o = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    h_tanh = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        ifog_arg[t - 1] += h[t - 1] @ U_ifog.T
        # i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1])
        i[t - 1] = _sigmoid(ifog_arg[t - 1, :, :n_h])
        # f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])
        f[t - 1] = _sigmoid(ifog_arg[t - 1, :, n_h:2 * n_h])
        # o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1])
        o[t - 1] = _sigmoid(ifog_arg[t - 1, :, 2 * n_h:3 * n_h])
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(ifog_arg[t - 1, :, 3 * n_h:], out=g[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        c[t] = c[t - 1] * f[t - 1]
        c[t] += g[t - 1] * i[t - 1]
        # h.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=h_tanh[t - 1])
        # h[t] = o[t] * tanh(c[t])
        h[t] = h_tanh[t - 1] * o[t - 1]
    # s[t] = d + E @ h[t]
    s = (h[1:].reshape(-1, n_h) @ E.T).reshape(T, B, n_w)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(s[t]), h[t]), t)
    dE = ds.reshape(-1, n_w).T @ h[1:].reshape(-1, n_h)
    dh = np.empty((T + 1, B, n_h), dtype)
    # grad(h[t]) = U_i.T @ grad(i.arg[t+1]) + U_f.T @ grad(f.arg[t+1]) + U_o.T @ grad(o.arg[t+1]) + U_g.T
    #     @ grad(g.arg[t+1]) + E.T @ grad(s[t]), t < T
    dh[1:] = (ds.reshape(-1, n_w) @ E).reshape(T, B, n_h)
    dc = np.empty((T + 1, B, n_h), dtype)
    difog_arg = np.empty((T, B, 4 * n_h), dtype)
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
    dc[T] = dh[T] * o[T - 1] * (1 - h_tanh[T - 1]**2)
    # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
    difog_arg[T - 1, :, 3 * n_h:] = dc[T] * i[T - 1] * (1 - g[T - 1]**2)
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    difog_arg[T - 1, :, 2 * n_h:3 * n_h] = dh[T] * h_tanh[T - 1] * o[T - 1] * (1 - o[T - 1])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    difog_arg[T - 1, :, n_h:2 * n_h] = c[T - 1] * dc[T] * f[T - 1] * (1 - f[T - 1])
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    difog_arg[T - 1, :, :n_h] = dc[T] * g[T - 1] * i[T - 1] * (1 - i[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = U_i.T @ grad(i.arg[t+1]) + U_f.T @ grad(f.arg[t+1]) + U_o.T @ grad(o.arg[t+1]) + U_g.T
        #     @ grad(g.arg[t+1]) + E.T @ grad(s[t]), t < T
        dh[t] += difog_arg[t] @ U_ifog
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        dc[t] = dh[t] * o[t - 1] * (1 - h_tanh[t - 1]**2)
        dc[t] += dc[t + 1] * f[t]
        # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
        difog_arg[t - 1, :, 3 * n_h:] = dc[t] * i[t - 1] * (1 - g[t - 1]**2)
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        difog_arg[t - 1, :, 2 * n_h:3 * n_h] = dh[t] * h_tanh[t - 1] * o[t - 1] * (1 - o[t - 1])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        difog_arg[t - 1, :, n_h:2 * n_h] = c[t - 1] * dc[t] * f[t - 1] * (1 - f[t - 1])
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        difog_arg[t - 1, :, :n_h] = dc[t] * g[t - 1] * i[t - 1] * (1 - i[t - 1])
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    db_ifog = difog_arg.sum(axis=(0, 1))
    # grad(U_i) = sum(outer(grad(i.arg[t]), h[t-1]), t)
    # grad(U_f) = sum(outer(grad(f.arg[t]), h[t-1]), t)
    # grad(U_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), h[t-1]), t)
    dU_ifog = difog_arg.reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    dW_ifog = difog_arg.reshape(-1, 4 * n_h).T @ x.reshape(-1, n_h)
    # grad(x[t]) = W_i.T @ grad(i.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) + W_g.T @
    #     grad(g.arg[t])
    dx = (difog_arg[1:].reshape(-1, 4 * n_h) @ W_ifog).reshape(T - 1, B, n_h)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(s[t]), h[t]), t)
    _scatter_add(dE, (y[:T - 1],), dx)
    if "c0" in wrt:
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        dc[:1] = dc[1:2] * f[:1]
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    if "h0" in wrt:
        # grad(h[0]) = U_i.T @ grad(i.arg[1]) + U_f.T @ grad(f.arg[1]) + U_o.T @ grad(o.arg[1]) + U_g.T @
        #     grad(g.arg[1])
        dh[0] = difog_arg[0] @ U_ifog
        # grad(h.0) = grad(h[0])
        dh0 = dh[0].copy()
    db_i = db_ifog[:n_h]
    db_f = db_ifog[n_h:2 * n_h]
    db_o = db_ifog[2 * n_h:3 * n_h]
    db_g = db_ifog[3 * n_h:4 * n_h]
    dU_i = dU_ifog[:n_h]
    dU_f = dU_ifog[n_h:2 * n_h]
    dU_o = dU_ifog[2 * n_h:3 * n_h]
    dU_g = dU_ifog[3 * n_h:4 * n_h]
    dW_i = dW_ifog[:n_h]
    dW_f = dW_ifog[n_h:2 * n_h]
    dW_o = dW_ifog[2 * n_h:3 * n_h]
    dW_g = dW_ifog[3 * n_h:4 * n_h]

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
    state            State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _backward_padded(params, forward, y, lengths, window, state)
    params, y, x, i, f, o, g, c, h, yhat, dtype, single, n_w, n_h, T, B = _backward_arguments(params, forward, y)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params

    # h.tanh[t] = tanh(c[t])
    h_tanh = np.tanh(c[1:])
    U_ifog = np.concatenate((U_i, U_f, U_o, U_g))
    W_ifog = np.concatenate((W_i, W_f, W_o, W_g))
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(s[t]), h[t]), t)
    dE = ds.reshape(-1, n_w).T @ h[1:].reshape(-1, n_h)
    # grad(h[t]) = U_i.T @ grad(i.arg[t+1]) + U_f.T @ grad(f.arg[t+1]) + U_o.T @ grad(o.arg[t+1]) + U_g.T
    #     @ grad(g.arg[t+1]) + E.T @ grad(s[t]), t < T
    dh = (ds.reshape(-1, n_w) @ E).reshape(T, B, n_h)
    dc = np.empty((T, B, n_h), dtype)
    difog_arg = np.empty((T, B, 4 * n_h), dtype)
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
    dc[T - 1] = dh[T - 1] * o[T - 1] * (1 - h_tanh[T - 1]**2)
    # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
    difog_arg[T - 1, :, 3 * n_h:] = dc[T - 1] * i[T - 1] * (1 - g[T - 1]**2)
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    difog_arg[T - 1, :, 2 * n_h:3 * n_h] = dh[T - 1] * h_tanh[T - 1] * o[T - 1] * (1 - o[T - 1])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    difog_arg[T - 1, :, n_h:2 * n_h] = c[T - 1] * dc[T - 1] * f[T - 1] * (1 - f[T - 1])
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    difog_arg[T - 1, :, :n_h] = dc[T - 1] * g[T - 1] * i[T - 1] * (1 - i[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = U_i.T @ grad(i.arg[t+1]) + U_f.T @ grad(f.arg[t+1]) + U_o.T @ grad(o.arg[t+1]) + U_g.T
        #     @ grad(g.arg[t+1]) + E.T @ grad(s[t]), t < T
        dh[t - 1] += difog_arg[t] @ U_ifog
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T
        dc[t - 1] = dh[t - 1] * o[t - 1] * (1 - h_tanh[t - 1]**2)
        dc[t - 1] += dc[t] * f[t]
        # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
        difog_arg[t - 1, :, 3 * n_h:] = dc[t - 1] * i[t - 1] * (1 - g[t - 1]**2)
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        difog_arg[t - 1, :, 2 * n_h:3 * n_h] = dh[t - 1] * h_tanh[t - 1] * o[t - 1] * (1 - o[t - 1])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        difog_arg[t - 1, :, n_h:2 * n_h] = c[t - 1] * dc[t - 1] * f[t - 1] * (1 - f[t - 1])
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        difog_arg[t - 1, :, :n_h] = dc[t - 1] * g[t - 1] * i[t - 1] * (1 - i[t - 1])
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    db_ifog = difog_arg.sum(axis=(0, 1))
    # grad(U_i) = sum(outer(grad(i.arg[t]), h[t-1]), t)
    # grad(U_f) = sum(outer(grad(f.arg[t]), h[t-1]), t)
    # grad(U_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), h[t-1]), t)
    dU_ifog = difog_arg.reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    dW_ifog = difog_arg.reshape(-1, 4 * n_h).T @ x.reshape(-1, n_h)
    # grad(x[t]) = W_i.T @ grad(i.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) + W_g.T @
    #     grad(g.arg[t])
    dx = (difog_arg[1:].reshape(-1, 4 * n_h) @ W_ifog).reshape(T - 1, B, n_h)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(s[t]), h[t]), t)
    _scatter_add(dE, (y[:T - 1],), dx)
    db_i = db_ifog[:n_h]
    db_f = db_ifog[n_h:2 * n_h]
    db_o = db_ifog[2 * n_h:3 * n_h]
    db_g = db_ifog[3 * n_h:4 * n_h]
    dU_i = dU_ifog[:n_h]
    dU_f = dU_ifog[n_h:2 * n_h]
    dU_o = dU_ifog[2 * n_h:3 * n_h]
    dU_g = dU_ifog[3 * n_h:4 * n_h]
    dW_i = dW_ifog[:n_h]
    dW_f = dW_ifog[n_h:2 * n_h]
    dW_o = dW_ifog[2 * n_h:3 * n_h]
    dW_g = dW_ifog[3 * n_h:4 * n_h]

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

    U_ifog = np.concatenate((U_i, U_f, U_o, U_g))
    W_ifog = np.concatenate((W_i, W_f, W_o, W_g))
    b_ifog = np.concatenate((b_i, b_f, b_o, b_g))
    x = np.empty((B, n_h), dtype)
    # x[t] = E[y[t-1]]
    x[...] = 0
    x += np.where(2 <= t_now, E[y_prev], 0)
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    ifog_arg_ = h_prev @ U_ifog.T
    ifog_arg_ += x @ W_ifog.T
    ifog_arg_ += b_ifog
    # i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1])
    i = _sigmoid(ifog_arg_[:, :n_h])
    # f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])
    f = _sigmoid(ifog_arg_[:, n_h:2 * n_h])
    # o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1])
    o = _sigmoid(ifog_arg_[:, 2 * n_h:3 * n_h])
    # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
    g = np.tanh(ifog_arg_[:, 3 * n_h:])
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

    U_ifog = np.concatenate((U_i, U_f, U_o, U_g))
    W_ifog = np.concatenate((W_i, W_f, W_o, W_g))
    b_ifog = np.concatenate((b_i, b_f, b_o, b_g))
    x = np.empty((steps, B, n_h), dtype)
    # x[t] = E[y[t-1]]
    x[...] = 0
    ifog_arg = np.empty((steps, B, 4 * n_h), dtype)
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    ifog_arg[...] = b_ifog
    s = np.empty((steps, B, n_w), dtype)
    # s[t] = d + E @ h[t]
    s[...] = d
    h = np.empty((steps + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((steps + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    i = np.empty((steps, B, n_h), dtype)
    f = np.empty((steps, B, n_h), dtype)
    o = np.empty((steps, B, n_h), dtype)
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
    ifog_arg[0] += h[0] @ U_ifog.T
    ifog_arg[0] += x[0] @ W_ifog.T
    # i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1])
    i[0] = _sigmoid(ifog_arg[0, :, :n_h])
    # f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])
    f[0] = _sigmoid(ifog_arg[0, :, n_h:2 * n_h])
    # o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1])
    o[0] = _sigmoid(ifog_arg[0, :, 2 * n_h:3 * n_h])
    # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
    np.tanh(ifog_arg[0, :, 3 * n_h:], out=g[0])
    # c[t] = f[t] * c[t-1] + i[t] * g[t]
    c[1] = c[0] * f[0]
    c[1] += g[0] * i[0]
    # h.tanh[t] = tanh(c[t])
    np.tanh(c[1], out=h_tanh)
    # h[t] = o[t] * tanh(c[t])
    h[1] = h_tanh * o[0]
    # s[t] = d + E @ h[t]
    s[0] += h[1] @ E.T
    # yhat[t] = softmax(s[t])
    yhat_lse[...] = _logsumexp(s[0], 1)
    np.exp(s[0] - yhat_lse[:, None], out=yhat[0])
    # y.fed[t] = the most probable class of yhat[t], or one that is drawn
    y_fed[...] = _choice(yhat[0], 1, rng)
    # y[t] = y.fed[t], or the true one where truth[t]
    y[0] = np.where(truth[0] != 0, y_given[0], y_fed)
    for t in range(2, steps + 1):
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        ifog_arg[t - 1] += h[t - 1] @ U_ifog.T
        # x[t] = E[y[t-1]]
        x[t - 1] += E[y[t - 2]]
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        ifog_arg[t - 1] += x[t - 1] @ W_ifog.T
        # i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1])
        i[t - 1] = _sigmoid(ifog_arg[t - 1, :, :n_h])
        # f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])
        f[t - 1] = _sigmoid(ifog_arg[t - 1, :, n_h:2 * n_h])
        # o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1])
        o[t - 1] = _sigmoid(ifog_arg[t - 1, :, 2 * n_h:3 * n_h])
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(ifog_arg[t - 1, :, 3 * n_h:], out=g[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        c[t] = c[t - 1] * f[t - 1]
        c[t] += g[t - 1] * i[t - 1]
        # h.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        h[t] = h_tanh * o[t - 1]
        # s[t] = d + E @ h[t]
        s[t - 1] += h[t] @ E.T
        # yhat[t] = softmax(s[t])
        yhat_lse[...] = _logsumexp(s[t - 1], 1)
        np.exp(s[t - 1] - yhat_lse[:, None], out=yhat[t - 1])
        # y.fed[t] = the most probable class of yhat[t], or one that is drawn
        y_fed[...] = _choice(yhat[t - 1], 1, rng)
        # y[t] = y.fed[t], or the true one where truth[t]
        y[t - 1] = np.where(truth[t - 1] != 0, y_given[t - 1], y_fed)

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

    U_ifog = np.concatenate((U_i, U_f, U_o, U_g))
    W_ifog = np.concatenate((W_i, W_f, W_o, W_g))
    b_ifog = np.concatenate((b_i, b_f, b_o, b_g))
    x = np.empty((T, B, n_h), dtype)
    # x[t] = E[y[t-1]]
    x[...] = 0
    y_held = np.empty((T, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # x[t] = E[y[t-1]]
    x += np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], E[y_held], 0)
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    ifog_arg = (x.reshape(-1, n_h) @ W_ifog.T).reshape(T, B, 4 * n_h)
    ifog_arg += b_ifog
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    i = np.empty((T, B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    o = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        ifog_arg[t - 1] += h[t - 1] @ U_ifog.T
        # i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1])
        i[t - 1] = _sigmoid(ifog_arg[t - 1, :, :n_h])
        # f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])
        f[t - 1] = _sigmoid(ifog_arg[t - 1, :, n_h:2 * n_h])
        # o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1])
        o[t - 1] = _sigmoid(ifog_arg[t - 1, :, 2 * n_h:3 * n_h])
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(ifog_arg[t - 1, :, 3 * n_h:], out=g[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f[t - 1] + g[t - 1] * i[t - 1], c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        h[t] = np.where((t <= T_own)[:, None], h_tanh * o[t - 1], h[t - 1])
    # s[t] = d + E @ h[t]
    s = (h[1:].reshape(-1, n_h) @ E.T).reshape(T, B, n_w)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

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


def _loss_padded(params, y, h0, c0, lengths, state):
    """`loss` where examples have their own lengths."""
    params, y, h0, c0, dtype, single, n_w, n_h, T, B, len_T, T_own = _padded_arguments(params, y, h0, c0, lengths)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_w, "n_w - 1")

    U_ifog = np.concatenate((U_i, U_f, U_o, U_g))
    W_ifog = np.concatenate((W_i, W_f, W_o, W_g))
    b_ifog = np.concatenate((b_i, b_f, b_o, b_g))
    x = np.empty((T, B, n_h), dtype)
    # x[t] = E[y[t-1]]
    x[...] = 0
    y_held = np.empty((T, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # x[t] = E[y[t-1]]
    x += np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], E[y_held], 0)
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    ifog_arg = (x.reshape(-1, n_h) @ W_ifog.T).reshape(T, B, 4 * n_h)
    ifog_arg += b_ifog
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    i = np.empty((B, n_h), dtype)
    f = np.empty((B, n_h), dtype)
    o = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        ifog_arg[t - 1] += h[t - 1] @ U_ifog.T
        # i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1])
        i[...] = _sigmoid(ifog_arg[t - 1, :, :n_h])
        # f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])
        f[...] = _sigmoid(ifog_arg[t - 1, :, n_h:2 * n_h])
        # o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1])
        o[...] = _sigmoid(ifog_arg[t - 1, :, 2 * n_h:3 * n_h])
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(ifog_arg[t - 1, :, 3 * n_h:], out=g)
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f + g * i, c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=h_tanh)
        # h[t] = o[t] * tanh(c[t])
        h[t] = np.where((t <= T_own)[:, None], h_tanh * o, h[t - 1])
    # s[t] = d + E @ h[t]
    s = (h[1:].reshape(-1, n_h) @ E.T).reshape(T, B, n_w)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, y, h0, c0, lengths, wrt, window, state):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    params, y, h0, c0, dtype, single, n_w, n_h, T, B, len_T, T_own = _padded_arguments(params, y, h0, c0, lengths)
    E, W_i, W_f, W_o, W_g, U_i, U_f, U_o, U_g, b_i, b_o, b_g, b_f, d = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_w, "n_w - 1")
    wrt = _asked(wrt, ("h0", "c0"))
    window_T = _window(window, "T", ("T",), T)

    U_ifog = np.concatenate((U_i, U_f, U_o, U_g))
    W_ifog = np.concatenate((W_i, W_f, W_o, W_g))
    b_ifog = np.concatenate((b_i, b_f, b_o, b_g))
    x = np.empty((T, B, n_h), dtype)
    # x[t] = E[y[t-1]]
    x[...] = 0
    y_held = np.empty((T + 1, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    # x[t] = E[y[t-1]]
    x += np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], E[y_held[:T]], 0)
    # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
    # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
    # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
    ifog_arg = (x.reshape(-1, n_h) @ W_ifog.T).reshape(T, B, 4 * n_h)
    ifog_arg += b_ifog
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    i = np.empty((T, B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    o = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    h_tanh = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # i.arg[t] = b_i + W_i @ x[t] + U_i @ h[t-1]
        # f.arg[t] = b_f + W_f @ x[t] + U_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + U_o @ h[t-1]
        # g.arg[t] = b_g + W_g @ x[t] + U_g @ h[t-1]
        ifog_arg[t - 1] += h[t - 1] @ U_ifog.T
        # i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1])
        i[t - 1] = _sigmoid(ifog_arg[t - 1, :, :n_h])
        # f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])
        f[t - 1] = _sigmoid(ifog_arg[t - 1, :, n_h:2 * n_h])
        # o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1])
        o[t - 1] = _sigmoid(ifog_arg[t - 1, :, 2 * n_h:3 * n_h])
        # g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])
        np.tanh(ifog_arg[t - 1, :, 3 * n_h:], out=g[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f[t - 1] + g[t - 1] * i[t - 1], c[t - 1])
        # h.tanh[t] = tanh(c[t])
        np.tanh(c[t], out=h_tanh[t - 1])
        # h[t] = o[t] * tanh(c[t])
        h[t] = np.where((t <= T_own)[:, None], h_tanh[t - 1] * o[t - 1], h[t - 1])
    # s[t] = d + E @ h[t]
    s = (h[1:].reshape(-1, n_h) @ E.T).reshape(T, B, n_w)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(E) = sum(where(2 <= t + T.done, 1, 0) * outer(onehot(y.held[t-1]), grad(x[t])), t) +
    #     sum(outer(grad(s[t]), h[t]), t)
    dE = ds.reshape(-1, n_w).T @ h[1:].reshape(-1, n_h)
    dh = np.empty((T + 1, B, n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_i.T @ grad(i.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (U_f.T @ grad(f.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (U_o.T @ grad(o.arg[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * (U_g.T @ grad(g.arg[t+1])) + E.T @ grad(s[t]), t < T
    dh[1:] = (ds.reshape(-1, n_w) @ E).reshape(T, B, n_h)
    dc = np.empty((T + 1, B, n_h), dtype)
    difog_arg = np.empty((T, B, 4 * n_h), dtype)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + (1 -
    #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
    dc[T] = dh[T] * o[T - 1] * (1 - h_tanh[T - 1]**2)
    # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
    difog_arg[T - 1, :, 3 * n_h:] = dc[T] * i[T - 1] * (1 - g[T - 1]**2)
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    difog_arg[T - 1, :, 2 * n_h:3 * n_h] = dh[T] * h_tanh[T - 1] * o[T - 1] * (1 - o[T - 1])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    difog_arg[T - 1, :, n_h:2 * n_h] = c[T - 1] * dc[T] * f[T - 1] * (1 - f[T - 1])
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    difog_arg[T - 1, :, :n_h] = dc[T] * g[T - 1] * i[T - 1] * (1 - i[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_i.T @ grad(i.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (U_f.T @ grad(f.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (U_o.T @ grad(o.arg[t+1])) + same_window(t, maximum(t - 1, 0),
        #     window.T) * (U_g.T @ grad(g.arg[t+1])) + E.T @ grad(s[t]), t < T
        dh[t] += difog_arg[t, :, n_h:2 * n_h] @ U_f * (t // window_T == max(t - 1, 0) // window_T)
        dh[t] += difog_arg[t, :, 3 * n_h:] @ U_g * (t // window_T == max(t - 1, 0) // window_T)
        dh[t] += difog_arg[t, :, :n_h] @ U_i * (t // window_T == max(t - 1, 0) // window_T)
        dh[t] += difog_arg[t, :, 2 * n_h:3 * n_h] @ U_o * (t // window_T == max(t - 1, 0) // window_T)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        dc[t] = dh[t] * o[t - 1] * (1 - h_tanh[t - 1]**2)
        dc[t] += dc[t + 1] * f[t] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
        difog_arg[t - 1, :, 3 * n_h:] = dc[t] * i[t - 1] * (1 - g[t - 1]**2)
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        difog_arg[t - 1, :, 2 * n_h:3 * n_h] = dh[t] * h_tanh[t - 1] * o[t - 1] * (1 - o[t - 1])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        difog_arg[t - 1, :, n_h:2 * n_h] = c[t - 1] * dc[t] * f[t - 1] * (1 - f[t - 1])
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        difog_arg[t - 1, :, :n_h] = dc[t] * g[t - 1] * i[t - 1] * (1 - i[t - 1])
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    db_ifog = difog_arg.sum(axis=(0, 1))
    # grad(U_i) = sum(outer(grad(i.arg[t]), h[t-1]), t)
    # grad(U_f) = sum(outer(grad(f.arg[t]), h[t-1]), t)
    # grad(U_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), h[t-1]), t)
    dU_ifog = difog_arg.reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    dW_ifog = difog_arg.reshape(-1, 4 * n_h).T @ x.reshape(-1, n_h)
    # grad(x[t]) = W_i.T @ grad(i.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) + W_g.T @
    #     grad(g.arg[t])
    dx = (difog_arg.reshape(-1, 4 * n_h) @ W_ifog).reshape(T, B, n_h)
    # grad(E) = sum(where(2 <= t + T.done, 1, 0) * outer(onehot(y.held[t-1]), grad(x[t])), t) +
    #     sum(outer(grad(s[t]), h[t]), t)
    _scatter_add(dE, (y_held[:T],), dx * (2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None])
    if "c0" in wrt:
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        dc[:1] = dc[1:2] * f[:1] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    if "h0" in wrt:
        # grad(h[0]) = U_i.T @ grad(i.arg[1]) + U_f.T @ grad(f.arg[1]) + U_o.T @ grad(o.arg[1]) + U_g.T @
        #     grad(g.arg[1])
        dh[0] = difog_arg[0] @ U_ifog
        # grad(h.0) = grad(h[0])
        dh0 = dh[0].copy()
    db_i = db_ifog[:n_h]
    db_f = db_ifog[n_h:2 * n_h]
    db_o = db_ifog[2 * n_h:3 * n_h]
    db_g = db_ifog[3 * n_h:4 * n_h]
    dU_i = dU_ifog[:n_h]
    dU_f = dU_ifog[n_h:2 * n_h]
    dU_o = dU_ifog[2 * n_h:3 * n_h]
    dU_g = dU_ifog[3 * n_h:4 * n_h]
    dW_i = dW_ifog[:n_h]
    dW_f = dW_ifog[n_h:2 * n_h]
    dW_o = dW_ifog[2 * n_h:3 * n_h]
    dW_g = dW_ifog[3 * n_h:4 * n_h]

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

    # h.tanh[t] = tanh(c[t])
    h_tanh = np.tanh(c[1:])
    y_held = np.empty((T + 1, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    W_ifog = np.concatenate((W_i, W_f, W_o, W_g))
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(E) = sum(where(2 <= t + T.done, 1, 0) * outer(onehot(y.held[t-1]), grad(x[t])), t) +
    #     sum(outer(grad(s[t]), h[t]), t)
    dE = ds.reshape(-1, n_w).T @ h[1:].reshape(-1, n_h)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_i.T @ grad(i.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (U_f.T @ grad(f.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (U_o.T @ grad(o.arg[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * (U_g.T @ grad(g.arg[t+1])) + E.T @ grad(s[t]), t < T
    dh = (ds.reshape(-1, n_w) @ E).reshape(T, B, n_h)
    dc = np.empty((T, B, n_h), dtype)
    difog_arg = np.empty((T, B, 4 * n_h), dtype)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + (1 -
    #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
    dc[T - 1] = dh[T - 1] * o[T - 1] * (1 - h_tanh[T - 1]**2)
    # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
    difog_arg[T - 1, :, 3 * n_h:] = dc[T - 1] * i[T - 1] * (1 - g[T - 1]**2)
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    difog_arg[T - 1, :, 2 * n_h:3 * n_h] = dh[T - 1] * h_tanh[T - 1] * o[T - 1] * (1 - o[T - 1])
    # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
    difog_arg[T - 1, :, n_h:2 * n_h] = c[T - 1] * dc[T - 1] * f[T - 1] * (1 - f[T - 1])
    # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
    difog_arg[T - 1, :, :n_h] = dc[T - 1] * g[T - 1] * i[T - 1] * (1 - i[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_i.T @ grad(i.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (U_f.T @ grad(f.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (U_o.T @ grad(o.arg[t+1])) + same_window(t, maximum(t - 1, 0),
        #     window.T) * (U_g.T @ grad(g.arg[t+1])) + E.T @ grad(s[t]), t < T
        dh[t - 1] += difog_arg[t, :, n_h:2 * n_h] @ U_f * (t // window_T == max(t - 1, 0) // window_T)
        dh[t - 1] += difog_arg[t, :, 3 * n_h:] @ U_g * (t // window_T == max(t - 1, 0) // window_T)
        dh[t - 1] += difog_arg[t, :, :n_h] @ U_i * (t // window_T == max(t - 1, 0) // window_T)
        dh[t - 1] += difog_arg[t, :, 2 * n_h:3 * n_h] @ U_o * (t // window_T == max(t - 1, 0) // window_T)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + (1 -
        #     h.tanh[t]**2) * grad(h.tanh[t]), t < T
        dc[t - 1] = dh[t - 1] * o[t - 1] * (1 - h_tanh[t - 1]**2)
        dc[t - 1] += dc[t] * f[t] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(g.arg[t]) = (1 - g[t]**2) * grad(g[t])
        difog_arg[t - 1, :, 3 * n_h:] = dc[t - 1] * i[t - 1] * (1 - g[t - 1]**2)
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        difog_arg[t - 1, :, 2 * n_h:3 * n_h] = dh[t - 1] * h_tanh[t - 1] * o[t - 1] * (1 - o[t - 1])
        # grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])
        difog_arg[t - 1, :, n_h:2 * n_h] = c[t - 1] * dc[t - 1] * f[t - 1] * (1 - f[t - 1])
        # grad(i.arg[t]) = i[t] * (1 - i[t]) * grad(i[t])
        difog_arg[t - 1, :, :n_h] = dc[t - 1] * g[t - 1] * i[t - 1] * (1 - i[t - 1])
    # grad(b_i) = sum(grad(i.arg[t]), t)
    # grad(b_f) = sum(grad(f.arg[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    db_ifog = difog_arg.sum(axis=(0, 1))
    # grad(U_i) = sum(outer(grad(i.arg[t]), h[t-1]), t)
    # grad(U_f) = sum(outer(grad(f.arg[t]), h[t-1]), t)
    # grad(U_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(U_g) = sum(outer(grad(g.arg[t]), h[t-1]), t)
    dU_ifog = difog_arg.reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)
    # grad(W_i) = sum(outer(grad(i.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(f.arg[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    dW_ifog = difog_arg.reshape(-1, 4 * n_h).T @ x.reshape(-1, n_h)
    # grad(x[t]) = W_i.T @ grad(i.arg[t]) + W_f.T @ grad(f.arg[t]) + W_o.T @ grad(o.arg[t]) + W_g.T @
    #     grad(g.arg[t])
    dx = (difog_arg.reshape(-1, 4 * n_h) @ W_ifog).reshape(T, B, n_h)
    # grad(E) = sum(where(2 <= t + T.done, 1, 0) * outer(onehot(y.held[t-1]), grad(x[t])), t) +
    #     sum(outer(grad(s[t]), h[t]), t)
    _scatter_add(dE, (y_held[:T],), dx * (2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None])
    db_i = db_ifog[:n_h]
    db_f = db_ifog[n_h:2 * n_h]
    db_o = db_ifog[2 * n_h:3 * n_h]
    db_g = db_ifog[3 * n_h:4 * n_h]
    dU_i = dU_ifog[:n_h]
    dU_f = dU_ifog[n_h:2 * n_h]
    dU_o = dU_ifog[2 * n_h:3 * n_h]
    dU_g = dU_ifog[3 * n_h:4 * n_h]
    dW_i = dW_ifog[:n_h]
    dW_f = dW_ifog[n_h:2 * n_h]
    dW_o = dW_ifog[2 * n_h:3 * n_h]
    dW_g = dW_ifog[3 * n_h:4 * n_h]

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


def _resumed(state, fields, starts):
    """The starts that a state holds."""
    state = _as_state(state)
    for keyword, given in starts:
        if given is not None:
            raise ValueError(f"{keyword}: given, and so is state; only one can say how the sequence begins")
    return [getattr(state, field) for field in fields]


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
