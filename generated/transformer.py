# Written by derive from transformer.eq; do not edit.
# Change transformer.eq instead, and run: derive generate transformer
# source 9417981182d2b016, derive e116e7411edaf54b, body 4757d5990f444ed4
"""Transformer block, decoder only: causal attention of several heads and a feed-forward layer, each added to its input.

Vaswani et al. (2017), Attention Is All You Need, eqs. 1-2 and section 3.2.2; layer normalisation before each part, as
in Xiong et al. (2020), On Layer Normalization in the Transformer Architecture.

The equations::

    y: Label[T, n_w]                # the words; y[t-1] is read when y[t] is predicted
    E: Param[n_w, n_x]              # word embedding, at the input and at the output
    W_Q, W_K = Param[n_a, n_k, n_x] # input to queries and keys, head by head
    W_V: Param[n_a, n_k, n_x]       # input to values
    W_O: Param[n_x, n_a, n_k]       # heads to the width of the input
    W_1: Param[n_f, n_x]            # feed-forward layer
    b_1: Param[n_f]
    W_2: Param[n_x, n_f]
    b_2: Param[n_x]
    g_1: Param[n_x] = 1             # gains of the two normalisations
    g_2: Param[n_x] = 1
    eps: Const = 1e-5               # keeps the variance from 0

    def deviation(u, mu): return sqrt(mean((u - mu)**2) + eps)

    x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))                        # word before, and where it stands
    m[t] = mean(x[t])
    n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])                      # normalised
    q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)                             # query
    k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)                             # key
    v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)                             # value
    alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))             # heads (eq. 1)
    u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
    p[t] = mean(u[t])
    r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])                      # normalised
    z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2                        # feed-forward layer (eq. 2)
    o[t] = E @ z[t]                                                         # logits
    yhat[t] = softmax(o[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    E: np.ndarray  # (n_w, n_x)  word embedding, at the input and at the output
    W_Q: np.ndarray  # (n_a, n_k, n_x)  input to queries and keys, head by head
    W_K: np.ndarray  # (n_a, n_k, n_x)  input to queries and keys, head by head
    W_V: np.ndarray  # (n_a, n_k, n_x)  input to values
    W_O: np.ndarray  # (n_x, n_a, n_k)  heads to the width of the input
    W_1: np.ndarray  # (n_f, n_x)  feed-forward layer
    b_1: np.ndarray  # (n_f)
    W_2: np.ndarray  # (n_x, n_f)
    b_2: np.ndarray  # (n_x)
    g_1: np.ndarray  # (n_x)  gains of the two normalisations
    g_2: np.ndarray  # (n_x)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    x: np.ndarray  # (T, B, n_x)  word before, and where it stands
    m: np.ndarray  # (T, B)
    n: np.ndarray  # (T, B, n_x)  normalised
    q: np.ndarray  # (T, B, n_a, n_k)  query
    k: np.ndarray  # (T, B, n_a, n_k)  key
    v: np.ndarray  # (T, B, n_a, n_k)  value
    alpha: np.ndarray  # (T, T, B, n_a)
    h: np.ndarray  # (T, B, n_a, n_k)  heads (eq. 1)
    u: np.ndarray  # (T, B, n_x)
    p: np.ndarray  # (T, B)
    r: np.ndarray  # (T, B, n_x)  normalised
    z: np.ndarray  # (T, B, n_x)  feed-forward layer (eq. 2)
    o: np.ndarray  # (T, B, n_w)  logits
    yhat: np.ndarray  # (T, B, n_w)
    loss: float | None  # a number


class FreeRun(NamedTuple):
    """What `free_run` returns, with what it read back; one example has no axis B."""

    x: np.ndarray  # (T, B, n_x)  word before, and where it stands
    m: np.ndarray  # (T, B)
    n: np.ndarray  # (T, B, n_x)  normalised
    q: np.ndarray  # (T, B, n_a, n_k)  query
    k: np.ndarray  # (T, B, n_a, n_k)  key
    v: np.ndarray  # (T, B, n_a, n_k)  value
    alpha: np.ndarray  # (T, T, B, n_a)
    h: np.ndarray  # (T, B, n_a, n_k)  heads (eq. 1)
    u: np.ndarray  # (T, B, n_x)
    p: np.ndarray  # (T, B)
    r: np.ndarray  # (T, B, n_x)  normalised
    z: np.ndarray  # (T, B, n_x)  feed-forward layer (eq. 2)
    o: np.ndarray  # (T, B, n_w)  logits
    yhat: np.ndarray  # (T, B, n_w)
    y: np.ndarray  # (T, B)  the words; y[t-1] is read when y[t] is predicted


def init_params(
    rng: np.random.Generator, *, n_w: int, n_x: int, n_a: int, n_k: int, n_f: int, dtype: type = np.float64
) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_w = _size("n_w", n_w)
    n_x = _size("n_x", n_x)
    n_a = _size("n_a", n_a)
    n_k = _size("n_k", n_k)
    n_f = _size("n_f", n_f)
    return Params(
        E=(rng.standard_normal((n_w, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_Q=(rng.standard_normal((n_a, n_k, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_K=(rng.standard_normal((n_a, n_k, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_V=(rng.standard_normal((n_a, n_k, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_O=(rng.standard_normal((n_x, n_a, n_k)) / np.sqrt(n_k)).astype(dtype),
        W_1=(rng.standard_normal((n_f, n_x)) / np.sqrt(n_x)).astype(dtype),
        b_1=np.zeros((n_f,), dtype),
        W_2=(rng.standard_normal((n_x, n_f)) / np.sqrt(n_f)).astype(dtype),
        b_2=np.zeros((n_x,), dtype),
        g_1=np.full((n_x,), 1.0, dtype),
        g_2=np.full((n_x,), 1.0, dtype),
    )


def forward(
    params: Params,
    *,
    y: np.ndarray,
    eps: float = 1e-05,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
) -> Forward:
    """Every variable of the model.

    y        (T, B)  0..n_w - 1  the words; y[t-1] is read when y[t] is predicted
    eps      number  real        keeps the variance from 0
    lengths  (B,)    1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, y, eps, lengths)
    params, y, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B = _arguments(params, y, eps)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params

    W_QKV = np.concatenate((W_Q, W_K, W_V))
    # x.power[j] = 100**(j / n_x)
    x_power = 100 ** (np.arange(n_x, dtype=dtype) / n_x)
    # x.arg[t] = t / x.power
    x_arg = np.arange(1, T + 1, dtype=dtype)[:, None] / x_power
    x = np.empty((T, B, n_x), dtype)
    # x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))
    x[...] = np.sin(x_arg)[:, None]
    x[1:] += E[y[:T - 1]]
    # m[t] = mean(x[t])
    m = x.sum(axis=2) / n_x
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    n_arg = ((x - m[:, :, None])**2).sum(axis=2) / n_x
    n_arg += eps
    # n.sqrt[t] = sqrt(n.arg[t])
    n_sqrt = np.sqrt(n_arg)
    # n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])
    n = (1 / n_sqrt)[:, :, None] * g_1 * (x - m[:, :, None])
    # q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)
    # k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)
    # v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)
    qkv = (n.reshape(-1, n_x) @ W_QKV.reshape(-1, n_x).T).reshape(T, B, 3 * n_a, n_k)
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    alpha_sum = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (qkv[:, :, :n_a].transpose(1, 2, 0, 3) @ qkv[:, :, n_a:2 * n_a].transpose(1, 2, 3, 0)).transpose(2, 3, 0, 1), 0)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    alpha_arg = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (1 / np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1))[:, :, None, None] * alpha_sum, 0)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    alpha_lse = _logsumexp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf), 3)
    alpha_softmax = np.empty((T, T, B, n_a), dtype)
    alpha_softmax[...] = 0
    alpha_softmax += np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], alpha_arg - alpha_lse[:, None], -np.inf))
    alpha = alpha_softmax.copy()
    # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
    h = (qkv[:, :, 2 * n_a:].transpose(1, 2, 3, 0) @ np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha.transpose(0, 2, 3, 1), 0).transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    # u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
    u = (h.reshape(T * B, -1) @ W_O.reshape(n_x, -1).T).reshape(T, B, n_x)
    u += x
    # p[t] = mean(u[t])
    p = u.sum(axis=2) / n_x
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    r_arg = ((u - p[:, :, None])**2).sum(axis=2) / n_x
    r_arg += eps
    # r.sqrt[t] = sqrt(r.arg[t])
    r_sqrt = np.sqrt(r_arg)
    # r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])
    r = (1 / r_sqrt)[:, :, None] * g_2 * (u - p[:, :, None])
    # z.arg[t] = W_1 @ r[t] + b_1
    z_arg = (r.reshape(-1, n_x) @ W_1.T).reshape(T, B, n_f)
    z_arg += b_1
    # z.relu[t] = relu(z.arg[t])
    z_relu = np.maximum(z_arg, 0)
    # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
    z = (z_relu.reshape(-1, n_f) @ W_2.T).reshape(T, B, n_x)
    z += b_2
    z += u
    # o[t] = E @ z[t]
    o = (z.reshape(-1, n_x) @ E.T).reshape(T, B, n_w)
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -o[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    q = qkv[:, :, :n_a]
    k = qkv[:, :, n_a:2 * n_a]
    v = qkv[:, :, 2 * n_a:3 * n_a]

    if single:
        x = x[:, 0]
        m = m[:, 0]
        n = n[:, 0]
        q = q[:, 0]
        k = k[:, 0]
        v = v[:, 0]
        alpha = alpha[:, :, 0]
        h = h[:, 0]
        u = u[:, 0]
        p = p[:, 0]
        r = r[:, 0]
        z = z[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(x=x, m=m, n=n, q=q, k=k, v=v, alpha=alpha, h=h, u=u, p=p, r=r, z=z, o=o, yhat=yhat, loss=float(loss))


def loss(
    params: Params,
    *,
    y: np.ndarray,
    eps: float = 1e-05,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
) -> float:
    """The loss, summed over the batch.

    y        (T, B)  0..n_w - 1  the words; y[t-1] is read when y[t] is predicted
    eps      number  real        keeps the variance from 0
    lengths  (B,)    1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, y, eps, lengths)
    params, y, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B = _arguments(params, y, eps)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params

    W_QKV = np.concatenate((W_Q, W_K, W_V))
    # x.power[j] = 100**(j / n_x)
    x_power = 100 ** (np.arange(n_x, dtype=dtype) / n_x)
    # x.arg[t] = t / x.power
    x_arg = np.arange(1, T + 1, dtype=dtype)[:, None] / x_power
    x = np.empty((T, B, n_x), dtype)
    # x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))
    x[...] = np.sin(x_arg)[:, None]
    x[1:] += E[y[:T - 1]]
    # m[t] = mean(x[t])
    m = x.sum(axis=2) / n_x
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    n_arg = ((x - m[:, :, None])**2).sum(axis=2) / n_x
    n_arg += eps
    # n.sqrt[t] = sqrt(n.arg[t])
    n_sqrt = np.sqrt(n_arg)
    # n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])
    n = (1 / n_sqrt)[:, :, None] * g_1 * (x - m[:, :, None])
    # q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)
    # k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)
    # v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)
    qkv = (n.reshape(-1, n_x) @ W_QKV.reshape(-1, n_x).T).reshape(T, B, 3 * n_a, n_k)
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    alpha_sum = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (qkv[:, :, :n_a].transpose(1, 2, 0, 3) @ qkv[:, :, n_a:2 * n_a].transpose(1, 2, 3, 0)).transpose(2, 3, 0, 1), 0)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    alpha_arg = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (1 / np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1))[:, :, None, None] * alpha_sum, 0)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    alpha_lse = _logsumexp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf), 3)
    alpha_softmax = np.empty((T, T, B, n_a), dtype)
    alpha_softmax[...] = 0
    alpha_softmax += np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], alpha_arg - alpha_lse[:, None], -np.inf))
    alpha = alpha_softmax.copy()
    # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
    h = (qkv[:, :, 2 * n_a:].transpose(1, 2, 3, 0) @ np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha.transpose(0, 2, 3, 1), 0).transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    # u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
    u = (h.reshape(T * B, -1) @ W_O.reshape(n_x, -1).T).reshape(T, B, n_x)
    u += x
    # p[t] = mean(u[t])
    p = u.sum(axis=2) / n_x
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    r_arg = ((u - p[:, :, None])**2).sum(axis=2) / n_x
    r_arg += eps
    # r.sqrt[t] = sqrt(r.arg[t])
    r_sqrt = np.sqrt(r_arg)
    # r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])
    r = (1 / r_sqrt)[:, :, None] * g_2 * (u - p[:, :, None])
    # z.arg[t] = W_1 @ r[t] + b_1
    z_arg = (r.reshape(-1, n_x) @ W_1.T).reshape(T, B, n_f)
    z_arg += b_1
    # z.relu[t] = relu(z.arg[t])
    z_relu = np.maximum(z_arg, 0)
    # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
    z = (z_relu.reshape(-1, n_f) @ W_2.T).reshape(T, B, n_x)
    z += b_2
    z += u
    # o[t] = E @ z[t]
    o = (z.reshape(-1, n_x) @ E.T).reshape(T, B, n_w)
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -o[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    y: np.ndarray,
    eps: float = 1e-05,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    y        (T, B)  0..n_w - 1         the words; y[t-1] is read when y[t] is predicted
    eps      number  real               keeps the variance from 0
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, y, eps, lengths, wrt, window)
    params, y, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B = _arguments(params, y, eps)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params
    wrt = _asked(wrt, ())

    W_QKV = np.concatenate((W_Q, W_K, W_V))
    # x.power[j] = 100**(j / n_x)
    x_power = 100 ** (np.arange(n_x, dtype=dtype) / n_x)
    # x.arg[t] = t / x.power
    x_arg = np.arange(1, T + 1, dtype=dtype)[:, None] / x_power
    x = np.empty((T, B, n_x), dtype)
    # x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))
    x[...] = np.sin(x_arg)[:, None]
    x[1:] += E[y[:T - 1]]
    # m[t] = mean(x[t])
    m = x.sum(axis=2) / n_x
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    n_arg = ((x - m[:, :, None])**2).sum(axis=2) / n_x
    n_arg += eps
    # n.sqrt[t] = sqrt(n.arg[t])
    n_sqrt = np.sqrt(n_arg)
    # n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])
    n = (1 / n_sqrt)[:, :, None] * g_1 * (x - m[:, :, None])
    # q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)
    # k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)
    # v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)
    qkv = (n.reshape(-1, n_x) @ W_QKV.reshape(-1, n_x).T).reshape(T, B, 3 * n_a, n_k)
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    alpha_sum = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (qkv[:, :, :n_a].transpose(1, 2, 0, 3) @ qkv[:, :, n_a:2 * n_a].transpose(1, 2, 3, 0)).transpose(2, 3, 0, 1), 0)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    alpha_arg = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (1 / np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1))[:, :, None, None] * alpha_sum, 0)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    alpha_lse = _logsumexp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf), 3)
    alpha_softmax = np.empty((T, T, B, n_a), dtype)
    alpha_softmax[...] = 0
    alpha_softmax += np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], alpha_arg - alpha_lse[:, None], -np.inf))
    alpha = alpha_softmax.copy()
    # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
    h = (qkv[:, :, 2 * n_a:].transpose(1, 2, 3, 0) @ np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha.transpose(0, 2, 3, 1), 0).transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    # u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
    u = (h.reshape(T * B, -1) @ W_O.reshape(n_x, -1).T).reshape(T, B, n_x)
    u += x
    # p[t] = mean(u[t])
    p = u.sum(axis=2) / n_x
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    r_arg = ((u - p[:, :, None])**2).sum(axis=2) / n_x
    r_arg += eps
    # r.sqrt[t] = sqrt(r.arg[t])
    r_sqrt = np.sqrt(r_arg)
    # r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])
    r = (1 / r_sqrt)[:, :, None] * g_2 * (u - p[:, :, None])
    # z.arg[t] = W_1 @ r[t] + b_1
    z_arg = (r.reshape(-1, n_x) @ W_1.T).reshape(T, B, n_f)
    z_arg += b_1
    # z.relu[t] = relu(z.arg[t])
    z_relu = np.maximum(z_arg, 0)
    # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
    z = (z_relu.reshape(-1, n_f) @ W_2.T).reshape(T, B, n_x)
    z += b_2
    z += u
    # o[t] = E @ z[t]
    o = (z.reshape(-1, n_x) @ E.T).reshape(T, B, n_w)
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -o[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    q = qkv[:, :, :n_a]
    k = qkv[:, :, n_a:2 * n_a]
    v = qkv[:, :, 2 * n_a:3 * n_a]
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do = yhat.copy()
    do[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    dE = do.reshape(-1, n_w).T @ z.reshape(-1, n_x)
    # grad(z[t]) = E.T @ grad(o[t])
    dz = (do.reshape(-1, n_w) @ E).reshape(T, B, n_x)
    # grad(b_2) = sum(grad(z[t]), t)
    db_2 = dz.sum(axis=(0, 1))
    # grad(z.relu[t]) = W_2.T @ grad(z[t])
    dz_relu = (dz.reshape(-1, n_x) @ W_2).reshape(T, B, n_f)
    # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z.relu[t])
    dz_arg = dz_relu * (0 < z_arg)
    # grad(r[t]) = W_1.T @ grad(z.arg[t])
    dr = (dz_arg.reshape(-1, n_f) @ W_1).reshape(T, B, n_x)
    # grad(r.sqrt[t]) = -sum(g_2 * (u[t] - p[t]) * grad(r[t])) / r.sqrt[t]**2
    dr_sqrt = -(dr * g_2 * (u - p[:, :, None])).sum(axis=2) / r_sqrt**2
    # grad(r.arg[t]) = grad(r.sqrt[t]) / (2 * r.sqrt[t])
    dr_arg = 0.5 * dr_sqrt / r_sqrt
    # grad(p[t]) = sum(2 * p[t] - 2 * u[t]) * grad(r.arg[t]) / n_x - (g_2 @ grad(r[t])) / r.sqrt[t]
    dp = (-2 * u + 2 * p[:, :, None]).sum(axis=2) * dr_arg / n_x
    dp -= (dr * g_2).sum(axis=2) / r_sqrt
    du = np.empty((T, B, n_x), dtype)
    # grad(u[t]) = g_2 * grad(r[t]) / r.sqrt[t] + grad(r.arg[t]) * (2 * u[t] - 2 * p[t]) / n_x +
    #     grad(p[t]) / n_x + grad(z[t])
    du[...] = (dp / n_x)[:, :, None]
    du += dr_arg[:, :, None] * (-2 * p[:, :, None] + 2 * u) / n_x
    du += (1 / r_sqrt)[:, :, None] * dr * g_2
    du += dz
    # grad(W_2) = sum(outer(grad(z[t]), z.relu[t]), t)
    dW_2 = dz.reshape(-1, n_x).T @ z_relu.reshape(-1, n_f)
    # grad(b_1) = sum(grad(z.arg[t]), t)
    db_1 = dz_arg.sum(axis=(0, 1))
    # grad(W_1) = sum(outer(grad(z.arg[t]), r[t]), t)
    dW_1 = dz_arg.reshape(-1, n_f).T @ r.reshape(-1, n_x)
    # grad(g_2) = sum((u[t] - p[t]) * grad(r[t]) / r.sqrt[t], t)
    dg_2 = (dr.transpose(2, 0, 1) * (u.transpose(2, 0, 1) - p)).reshape(n_x, -1) @ (1 / r_sqrt).reshape(-1)
    # grad(h[t, i, j]) = sum(W_O[l, i, j] * grad(u[t, l]), l)
    dh = (du.reshape(-1, n_x) @ W_O.reshape(n_x, -1)).reshape(T, B, n_a, n_k)
    # grad(alpha[t, t1, i]) = sum(v[t1, i, j] * grad(h[t, i, j]), j), t1 <= t
    dalpha = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (dh.transpose(1, 2, 0, 3) @ v.transpose(1, 2, 3, 0)).transpose(2, 3, 0, 1), 0)
    # grad(alpha.lse[t]) = sum(-exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha[t, t1]), (t1, 1, t))
    dalpha_lse = -np.einsum("tbia,tbia->tbi", np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], dalpha.transpose(0, 2, 3, 1), 0), np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1) - alpha_lse[:, :, :, None], -np.inf)))
    # grad(alpha.arg[t, t1]) = exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha.lse[t]) + exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t3], (t3, 1, t))) *
    #     grad(alpha[t, t1]), t1 <= t
    dalpha_arg = dalpha_lse[:, None] * np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], alpha_arg - alpha_lse[:, None], -np.inf))
    dalpha_arg += dalpha * np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], alpha_arg - alpha_lse[:, None], -np.inf))
    # grad(alpha.sum[t, t1]) = grad(alpha.arg[t, t1]) / alpha.sqrt, t1 <= t
    dalpha_sum = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (1 / np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1))[:, :, None, None] * dalpha_arg, 0)
    dqkv = np.empty((T, B, 3 * n_a, n_k), dtype)
    # grad(v[t]) = sum(diag(alpha[t1, t]) @ grad(h[t1]), (t1, t, T))
    dqkv[:, :, 2 * n_a:] = (dh.transpose(1, 2, 3, 0) @ np.where((np.arange(1, T + 1)[:, None] <= np.arange(1, T + 1))[:, None, None], alpha.transpose(1, 2, 3, 0), 0).transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    # grad(k[t]) = sum(diag(grad(alpha.sum[t1, t])) @ q[t1], (t1, t, T))
    dqkv[:, :, n_a:2 * n_a] = (dalpha_sum.transpose(2, 3, 1, 0) @ q.transpose(1, 2, 0, 3)).transpose(2, 0, 1, 3)
    # grad(q[t]) = sum(diag(grad(alpha.sum[t, t1])) @ k[t1], (t1, 1, t))
    dqkv[:, :, :n_a] = (dalpha_sum.transpose(2, 3, 0, 1) @ k.transpose(1, 2, 0, 3)).transpose(2, 0, 1, 3)
    # grad(n[t, i]) = sum(sum(W_Q[j, l, i] * grad(q[t, j, l]), l), j) + sum(sum(W_K[j, l, i] * grad(k[t,
    #     j, l]), l), j) + sum(sum(W_V[j, l, i] * grad(v[t, j, l]), l), j)
    dn = (dqkv.reshape(T * B, -1) @ W_QKV.reshape(-1, n_x)).reshape(T, B, n_x)
    # grad(n.sqrt[t]) = -sum(g_1 * (x[t] - m[t]) * grad(n[t])) / n.sqrt[t]**2
    dn_sqrt = -(dn[1:] * g_1 * (x[1:] - m[1:][:, :, None])).sum(axis=2) / n_sqrt[1:]**2
    # grad(n.arg[t]) = grad(n.sqrt[t]) / (2 * n.sqrt[t])
    dn_arg = 0.5 * dn_sqrt / n_sqrt[1:]
    # grad(m[t]) = sum(2 * m[t] - 2 * x[t]) * grad(n.arg[t]) / n_x - (g_1 @ grad(n[t])) / n.sqrt[t]
    dm = (-2 * x[1:] + 2 * m[1:][:, :, None]).sum(axis=2) * dn_arg / n_x
    dm -= (dn[1:] * g_1).sum(axis=2) / n_sqrt[1:]
    dx = np.empty((T - 1, B, n_x), dtype)
    # grad(x[t]) = g_1 * grad(n[t]) / n.sqrt[t] + grad(n.arg[t]) * (2 * x[t] - 2 * m[t]) / n_x +
    #     grad(m[t]) / n_x + grad(u[t])
    dx[...] = (dm / n_x)[:, :, None]
    dx += dn_arg[:, :, None] * (-2 * m[1:][:, :, None] + 2 * x[1:]) / n_x
    dx += (1 / n_sqrt[1:])[:, :, None] * dn[1:] * g_1
    dx += du[1:]
    # grad(W_O[i, j, l]) = sum(grad(u[t, i]) * h[t, j, l], t)
    dW_O = (du.reshape(-1, n_x).T @ h.reshape(T * B, -1)).reshape(n_x, n_a, n_k)
    # grad(W_Q[i, j, l]) = sum(grad(q[t, i, j]) * n[t, l], t)
    # grad(W_K[i, j, l]) = sum(grad(k[t, i, j]) * n[t, l], t)
    # grad(W_V[i, j, l]) = sum(grad(v[t, i, j]) * n[t, l], t)
    dW_QKV = (dqkv.reshape(T * B, -1).T @ n.reshape(-1, n_x)).reshape(3 * n_a, n_k, n_x)
    # grad(g_1) = sum((x[t] - m[t]) * grad(n[t]) / n.sqrt[t], t)
    dg_1 = (dn.transpose(2, 0, 1) * (x.transpose(2, 0, 1) - m)).reshape(n_x, -1) @ (1 / n_sqrt).reshape(-1)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    _scatter_add(dE, (y[:T - 1],), dx)
    dW_Q = dW_QKV[:n_a]
    dW_K = dW_QKV[n_a:2 * n_a]
    dW_V = dW_QKV[2 * n_a:3 * n_a]

    gradient = Params(
        E=dE, W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_O=dW_O, W_1=dW_1, b_1=db_1, W_2=dW_2, b_2=db_2, g_1=dg_1, g_2=dg_2
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    y: np.ndarray,
    eps: float = 1e-05,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    y        (T, B)  0..n_w - 1         the words; y[t-1] is read when y[t] is predicted
    eps      number  real               keeps the variance from 0
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, y, eps, lengths, window)
    (
        params, y, eps, x, m, n, q, k, v, alpha, h, u, p, r, z, yhat, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B,
    ) = _backward_arguments(params, forward, y, eps)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params

    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    n_arg = ((x - m[:, :, None])**2).sum(axis=2) / n_x
    n_arg += eps
    # n.sqrt[t] = sqrt(n.arg[t])
    n_sqrt = np.sqrt(n_arg)
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    alpha_sum = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (k.transpose(1, 2, 0, 3) @ q.transpose(1, 2, 3, 0)).transpose(3, 2, 0, 1), 0)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    alpha_arg = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (1 / np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1))[:, :, None, None] * alpha_sum, 0)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    alpha_lse = _logsumexp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf), 3)
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    r_arg = ((u - p[:, :, None])**2).sum(axis=2) / n_x
    r_arg += eps
    # r.sqrt[t] = sqrt(r.arg[t])
    r_sqrt = np.sqrt(r_arg)
    # z.arg[t] = W_1 @ r[t] + b_1
    z_arg = (r.reshape(-1, n_x) @ W_1.T).reshape(T, B, n_f)
    z_arg += b_1
    # z.relu[t] = relu(z.arg[t])
    z_relu = np.maximum(z_arg, 0)
    W_QKV = np.concatenate((W_Q, W_K, W_V))
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do = yhat.copy()
    do[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    dE = do.reshape(-1, n_w).T @ z.reshape(-1, n_x)
    # grad(z[t]) = E.T @ grad(o[t])
    dz = (do.reshape(-1, n_w) @ E).reshape(T, B, n_x)
    # grad(b_2) = sum(grad(z[t]), t)
    db_2 = dz.sum(axis=(0, 1))
    # grad(z.relu[t]) = W_2.T @ grad(z[t])
    dz_relu = (dz.reshape(-1, n_x) @ W_2).reshape(T, B, n_f)
    # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z.relu[t])
    dz_arg = dz_relu * (0 < z_arg)
    # grad(r[t]) = W_1.T @ grad(z.arg[t])
    dr = (dz_arg.reshape(-1, n_f) @ W_1).reshape(T, B, n_x)
    # grad(r.sqrt[t]) = -sum(g_2 * (u[t] - p[t]) * grad(r[t])) / r.sqrt[t]**2
    dr_sqrt = -(dr * g_2 * (u - p[:, :, None])).sum(axis=2) / r_sqrt**2
    # grad(r.arg[t]) = grad(r.sqrt[t]) / (2 * r.sqrt[t])
    dr_arg = 0.5 * dr_sqrt / r_sqrt
    # grad(p[t]) = sum(2 * p[t] - 2 * u[t]) * grad(r.arg[t]) / n_x - (g_2 @ grad(r[t])) / r.sqrt[t]
    dp = (-2 * u + 2 * p[:, :, None]).sum(axis=2) * dr_arg / n_x
    dp -= (dr * g_2).sum(axis=2) / r_sqrt
    du = np.empty((T, B, n_x), dtype)
    # grad(u[t]) = g_2 * grad(r[t]) / r.sqrt[t] + grad(r.arg[t]) * (2 * u[t] - 2 * p[t]) / n_x +
    #     grad(p[t]) / n_x + grad(z[t])
    du[...] = (dp / n_x)[:, :, None]
    du += dr_arg[:, :, None] * (-2 * p[:, :, None] + 2 * u) / n_x
    du += (1 / r_sqrt)[:, :, None] * dr * g_2
    du += dz
    # grad(W_2) = sum(outer(grad(z[t]), z.relu[t]), t)
    dW_2 = dz.reshape(-1, n_x).T @ z_relu.reshape(-1, n_f)
    # grad(b_1) = sum(grad(z.arg[t]), t)
    db_1 = dz_arg.sum(axis=(0, 1))
    # grad(W_1) = sum(outer(grad(z.arg[t]), r[t]), t)
    dW_1 = dz_arg.reshape(-1, n_f).T @ r.reshape(-1, n_x)
    # grad(g_2) = sum((u[t] - p[t]) * grad(r[t]) / r.sqrt[t], t)
    dg_2 = (dr.transpose(2, 0, 1) * (u.transpose(2, 0, 1) - p)).reshape(n_x, -1) @ (1 / r_sqrt).reshape(-1)
    # grad(h[t, i, j]) = sum(W_O[l, i, j] * grad(u[t, l]), l)
    dh = (du.reshape(-1, n_x) @ W_O.reshape(n_x, -1)).reshape(T, B, n_a, n_k)
    # grad(alpha[t, t1, i]) = sum(v[t1, i, j] * grad(h[t, i, j]), j), t1 <= t
    dalpha = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (dh.transpose(1, 2, 0, 3) @ v.transpose(1, 2, 3, 0)).transpose(2, 3, 0, 1), 0)
    # grad(alpha.lse[t]) = sum(-exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha[t, t1]), (t1, 1, t))
    dalpha_lse = -np.einsum("tbia,tbia->tbi", np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], dalpha.transpose(0, 2, 3, 1), 0), np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1) - alpha_lse[:, :, :, None], -np.inf)))
    # grad(alpha.arg[t, t1]) = exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha.lse[t]) + exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t3], (t3, 1, t))) *
    #     grad(alpha[t, t1]), t1 <= t
    dalpha_arg = dalpha_lse[:, None] * np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], alpha_arg - alpha_lse[:, None], -np.inf))
    dalpha_arg += dalpha * np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], alpha_arg - alpha_lse[:, None], -np.inf))
    # grad(alpha.sum[t, t1]) = grad(alpha.arg[t, t1]) / alpha.sqrt, t1 <= t
    dalpha_sum = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (1 / np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1))[:, :, None, None] * dalpha_arg, 0)
    dqkv = np.empty((T, B, 3 * n_a, n_k), dtype)
    # grad(v[t]) = sum(diag(alpha[t1, t]) @ grad(h[t1]), (t1, t, T))
    dqkv[:, :, 2 * n_a:] = (dh.transpose(1, 2, 3, 0) @ np.where((np.arange(1, T + 1)[:, None] <= np.arange(1, T + 1))[:, None, None], alpha.transpose(1, 2, 3, 0), 0).transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    # grad(k[t]) = sum(diag(grad(alpha.sum[t1, t])) @ q[t1], (t1, t, T))
    dqkv[:, :, n_a:2 * n_a] = (dalpha_sum.transpose(2, 3, 1, 0) @ q.transpose(1, 2, 0, 3)).transpose(2, 0, 1, 3)
    # grad(q[t]) = sum(diag(grad(alpha.sum[t, t1])) @ k[t1], (t1, 1, t))
    dqkv[:, :, :n_a] = (dalpha_sum.transpose(2, 3, 0, 1) @ k.transpose(1, 2, 0, 3)).transpose(2, 0, 1, 3)
    # grad(n[t, i]) = sum(sum(W_Q[j, l, i] * grad(q[t, j, l]), l), j) + sum(sum(W_K[j, l, i] * grad(k[t,
    #     j, l]), l), j) + sum(sum(W_V[j, l, i] * grad(v[t, j, l]), l), j)
    dn = (dqkv.reshape(T * B, -1) @ W_QKV.reshape(-1, n_x)).reshape(T, B, n_x)
    # grad(n.sqrt[t]) = -sum(g_1 * (x[t] - m[t]) * grad(n[t])) / n.sqrt[t]**2
    dn_sqrt = -(dn[1:] * g_1 * (x[1:] - m[1:][:, :, None])).sum(axis=2) / n_sqrt[1:]**2
    # grad(n.arg[t]) = grad(n.sqrt[t]) / (2 * n.sqrt[t])
    dn_arg = 0.5 * dn_sqrt / n_sqrt[1:]
    # grad(m[t]) = sum(2 * m[t] - 2 * x[t]) * grad(n.arg[t]) / n_x - (g_1 @ grad(n[t])) / n.sqrt[t]
    dm = (-2 * x[1:] + 2 * m[1:][:, :, None]).sum(axis=2) * dn_arg / n_x
    dm -= (dn[1:] * g_1).sum(axis=2) / n_sqrt[1:]
    dx = np.empty((T - 1, B, n_x), dtype)
    # grad(x[t]) = g_1 * grad(n[t]) / n.sqrt[t] + grad(n.arg[t]) * (2 * x[t] - 2 * m[t]) / n_x +
    #     grad(m[t]) / n_x + grad(u[t])
    dx[...] = (dm / n_x)[:, :, None]
    dx += dn_arg[:, :, None] * (-2 * m[1:][:, :, None] + 2 * x[1:]) / n_x
    dx += (1 / n_sqrt[1:])[:, :, None] * dn[1:] * g_1
    dx += du[1:]
    # grad(W_O[i, j, l]) = sum(grad(u[t, i]) * h[t, j, l], t)
    dW_O = (du.reshape(-1, n_x).T @ h.reshape(T * B, -1)).reshape(n_x, n_a, n_k)
    # grad(W_Q[i, j, l]) = sum(grad(q[t, i, j]) * n[t, l], t)
    # grad(W_K[i, j, l]) = sum(grad(k[t, i, j]) * n[t, l], t)
    # grad(W_V[i, j, l]) = sum(grad(v[t, i, j]) * n[t, l], t)
    dW_QKV = (dqkv.reshape(T * B, -1).T @ n.reshape(-1, n_x)).reshape(3 * n_a, n_k, n_x)
    # grad(g_1) = sum((x[t] - m[t]) * grad(n[t]) / n.sqrt[t], t)
    dg_1 = (dn.transpose(2, 0, 1) * (x.transpose(2, 0, 1) - m)).reshape(n_x, -1) @ (1 / n_sqrt).reshape(-1)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    _scatter_add(dE, (y[:T - 1],), dx)
    dW_Q = dW_QKV[:n_a]
    dW_K = dW_QKV[n_a:2 * n_a]
    dW_V = dW_QKV[2 * n_a:3 * n_a]

    return Params(
        E=dE, W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_O=dW_O, W_1=dW_1, b_1=db_1, W_2=dW_2, b_2=db_2, g_1=dg_1, g_2=dg_2
    )


def free_run(
    params: Params,
    *,
    steps: int,
    eps: float = 1e-05,
    y: np.ndarray | None = None,
    rng: np.random.Generator | None = None,
    truth: np.ndarray | None = None,
    batch: int | None = None,
) -> FreeRun:
    """The model on its own: what it predicts is read where training reads the true values.

    eps    number  real               keeps the variance from 0
    y      (T, B)  0..n_w - 1         the words; y[t-1] is read when y[t] is predicted
    steps          whole number >= 1
    rng            generator          draws the classes; the most probable ones where it is not given
    truth  (T, B)  bool               the steps that read y
    batch          whole number >= 1  examples; one without the axis B where None

    Data without the axis B are one example.
    """
    params, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, steps, B = _free_run_arguments(params, eps, steps, batch)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params
    _generator(rng)
    truth = _truth(truth, (("y", y),), steps, B, single)
    y_given = _true_classes("y", y, truth, (steps, B), ("T", "B"), single, n_w, "n_w - 1")

    W_QKV = np.concatenate((W_Q, W_K, W_V))
    # x.power[j] = 100**(j / n_x)
    x_power = 100 ** (np.arange(n_x, dtype=dtype) / n_x)
    # x.arg[t] = t / x.power
    x_arg = np.arange(1, steps + 1, dtype=dtype)[:, None] / x_power
    x = np.empty((steps, B, n_x), dtype)
    # x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))
    x[...] = np.sin(x_arg)[:, None]
    n_arg = np.empty((steps, B), dtype)
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    n_arg[...] = eps
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    alpha_softmax = np.empty((steps, steps, B, n_a), dtype)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    alpha_softmax[...] = 0
    r_arg = np.empty((steps, B), dtype)
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    r_arg[...] = eps
    z_arg = np.empty((steps, B, n_f), dtype)
    # z.arg[t] = W_1 @ r[t] + b_1
    z_arg[...] = b_1
    z = np.empty((steps, B, n_x), dtype)
    # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
    z[...] = b_2
    m = np.empty((steps, B), dtype)
    n_sqrt = np.empty((B,), dtype)
    n = np.empty((steps, B, n_x), dtype)
    qkv = np.empty((steps, B, 3 * n_a, n_k), dtype)
    alpha_sum = np.zeros((steps, steps, B, n_a), dtype)
    alpha_arg = np.zeros((steps, steps, B, n_a), dtype)
    alpha_lse = np.empty((steps, B, n_a), dtype)
    alpha = np.empty((steps, steps, B, n_a), dtype)
    h = np.empty((steps, B, n_a, n_k), dtype)
    u = np.empty((steps, B, n_x), dtype)
    p = np.empty((steps, B), dtype)
    r_sqrt = np.empty((B,), dtype)
    r = np.empty((steps, B, n_x), dtype)
    z_relu = np.empty((B, n_f), dtype)
    o = np.empty((steps, B, n_w), dtype)
    yhat_lse = np.empty((B,), dtype)
    yhat = np.empty((steps, B, n_w), dtype)
    y_fed = np.empty((B,), np.intp)
    y = np.empty((steps, B), np.intp)
    # m[t] = mean(x[t])
    m[0] = x[0].sum(axis=1) / n_x
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    n_arg[0] += ((x[0] - m[0][:, None])**2).sum(axis=1) / n_x
    # n.sqrt[t] = sqrt(n.arg[t])
    np.sqrt(n_arg[0], out=n_sqrt)
    # n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])
    n[0] = (1 / n_sqrt)[:, None] * g_1 * (x[0] - m[0][:, None])
    # q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)
    # k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)
    # v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)
    qkv[0] = (n[0] @ W_QKV.reshape(-1, n_x).T).reshape(B, 3 * n_a, n_k)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    alpha_sum[0, :1] = (qkv[:1, :, n_a:2 * n_a].transpose(1, 2, 0, 3) @ qkv[0, :, :n_a][..., None])[..., 0].transpose(2, 0, 1)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    alpha_arg[0, :1] = alpha_sum[0, :1] / alpha_sqrt
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    alpha_lse[0] = _logsumexp(alpha_arg[0, :1], 0)
    alpha_softmax[0, :1] += np.exp(alpha_arg[0, :1] - alpha_lse[0])
    alpha[0] = alpha_softmax[0]
    # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
    h[0] = (qkv[:1, :, 2 * n_a:].transpose(1, 2, 3, 0) @ alpha[0, :1].transpose(1, 2, 0)[..., None])[..., 0]
    # u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
    u[0] = h[0].reshape(B, -1) @ W_O.reshape(n_x, -1).T
    u[0] += x[0]
    # p[t] = mean(u[t])
    p[0] = u[0].sum(axis=1) / n_x
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    r_arg[0] += ((u[0] - p[0][:, None])**2).sum(axis=1) / n_x
    # r.sqrt[t] = sqrt(r.arg[t])
    np.sqrt(r_arg[0], out=r_sqrt)
    # r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])
    r[0] = (1 / r_sqrt)[:, None] * g_2 * (u[0] - p[0][:, None])
    # z.arg[t] = W_1 @ r[t] + b_1
    z_arg[0] += r[0] @ W_1.T
    # z.relu[t] = relu(z.arg[t])
    np.maximum(z_arg[0], 0, out=z_relu)
    # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
    z[0] += z_relu @ W_2.T
    z[0] += u[0]
    # o[t] = E @ z[t]
    o[0] = z[0] @ E.T
    # yhat[t] = softmax(o[t])
    yhat_lse[...] = _logsumexp(o[0], 1)
    np.exp(o[0] - yhat_lse[:, None], out=yhat[0])
    # y.fed[t] = the most probable class of yhat[t], or one that is drawn
    y_fed[...] = _choice(yhat[0], 1, rng)
    # y[t] = y.fed[t], or the true one where truth[t]
    y[0] = np.where(truth[0] != 0, y_given[0], y_fed)
    for t in range(2, steps + 1):
        # x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))
        x[t - 1] += E[y[t - 2]]
        # m[t] = mean(x[t])
        m[t - 1] = x[t - 1].sum(axis=1) / n_x
        # n.arg[t] = mean((x[t] - m[t])**2) + eps
        n_arg[t - 1] += ((x[t - 1] - m[t - 1][:, None])**2).sum(axis=1) / n_x
        # n.sqrt[t] = sqrt(n.arg[t])
        np.sqrt(n_arg[t - 1], out=n_sqrt)
        # n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])
        n[t - 1] = (1 / n_sqrt)[:, None] * g_1 * (x[t - 1] - m[t - 1][:, None])
        # q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)
        # k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)
        # v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)
        qkv[t - 1] = (n[t - 1] @ W_QKV.reshape(-1, n_x).T).reshape(B, 3 * n_a, n_k)
        # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
        alpha_sum[t - 1, :t] = (qkv[:t, :, n_a:2 * n_a].transpose(1, 2, 0, 3) @ qkv[t - 1, :, :n_a][..., None])[..., 0].transpose(2, 0, 1)
        # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
        alpha_arg[t - 1, :t] = alpha_sum[t - 1, :t] / alpha_sqrt
        # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
        alpha_lse[t - 1] = _logsumexp(alpha_arg[t - 1, :t], 0)
        alpha_softmax[t - 1, :t] += np.exp(alpha_arg[t - 1, :t] - alpha_lse[t - 1])
        alpha[t - 1] = alpha_softmax[t - 1]
        # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
        h[t - 1] = (qkv[:t, :, 2 * n_a:].transpose(1, 2, 3, 0) @ alpha[t - 1, :t].transpose(1, 2, 0)[..., None])[..., 0]
        # u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
        u[t - 1] = h[t - 1].reshape(B, -1) @ W_O.reshape(n_x, -1).T
        u[t - 1] += x[t - 1]
        # p[t] = mean(u[t])
        p[t - 1] = u[t - 1].sum(axis=1) / n_x
        # r.arg[t] = mean((u[t] - p[t])**2) + eps
        r_arg[t - 1] += ((u[t - 1] - p[t - 1][:, None])**2).sum(axis=1) / n_x
        # r.sqrt[t] = sqrt(r.arg[t])
        np.sqrt(r_arg[t - 1], out=r_sqrt)
        # r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])
        r[t - 1] = (1 / r_sqrt)[:, None] * g_2 * (u[t - 1] - p[t - 1][:, None])
        # z.arg[t] = W_1 @ r[t] + b_1
        z_arg[t - 1] += r[t - 1] @ W_1.T
        # z.relu[t] = relu(z.arg[t])
        np.maximum(z_arg[t - 1], 0, out=z_relu)
        # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
        z[t - 1] += z_relu @ W_2.T
        z[t - 1] += u[t - 1]
        # o[t] = E @ z[t]
        o[t - 1] = z[t - 1] @ E.T
        # yhat[t] = softmax(o[t])
        yhat_lse[...] = _logsumexp(o[t - 1], 1)
        np.exp(o[t - 1] - yhat_lse[:, None], out=yhat[t - 1])
        # y.fed[t] = the most probable class of yhat[t], or one that is drawn
        y_fed[...] = _choice(yhat[t - 1], 1, rng)
        # y[t] = y.fed[t], or the true one where truth[t]
        y[t - 1] = np.where(truth[t - 1] != 0, y_given[t - 1], y_fed)
    q = qkv[:, :, :n_a]
    k = qkv[:, :, n_a:2 * n_a]
    v = qkv[:, :, 2 * n_a:3 * n_a]

    if single:
        x = x[:, 0]
        m = m[:, 0]
        n = n[:, 0]
        q = q[:, 0]
        k = k[:, 0]
        v = v[:, 0]
        alpha = alpha[:, :, 0]
        h = h[:, 0]
        u = u[:, 0]
        p = p[:, 0]
        r = r[:, 0]
        z = z[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
        y = y[:, 0]
    return FreeRun(x=x, m=m, n=n, q=q, k=k, v=v, alpha=alpha, h=h, u=u, p=p, r=r, z=z, o=o, yhat=yhat, y=y)


def _forward_padded(params, y, eps, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, y, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B, len_T, T_own,
    ) = _padded_arguments(params, y, eps, lengths)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params

    W_QKV = np.concatenate((W_Q, W_K, W_V))
    # x.power[j] = 100**(j / n_x)
    x_power = 100 ** (np.arange(n_x, dtype=dtype) / n_x)
    # x.arg[t] = t / x.power
    x_arg = np.arange(1, T + 1, dtype=dtype)[:, None] / x_power
    x = np.empty((T, B, n_x), dtype)
    # x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))
    x[...] = np.sin(x_arg)[:, None]
    x[1:] += E[y[:T - 1]]
    # m[t] = mean(x[t])
    m = x.sum(axis=2) / n_x
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    n_arg = ((x - m[:, :, None])**2).sum(axis=2) / n_x
    n_arg += eps
    # n.sqrt[t] = sqrt(n.arg[t])
    n_sqrt = np.sqrt(n_arg)
    # n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])
    n = (1 / n_sqrt)[:, :, None] * g_1 * (x - m[:, :, None])
    # q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)
    # k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)
    # v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)
    qkv = (n.reshape(-1, n_x) @ W_QKV.reshape(-1, n_x).T).reshape(T, B, 3 * n_a, n_k)
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    alpha_sum = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (qkv[:, :, :n_a].transpose(1, 2, 0, 3) @ qkv[:, :, n_a:2 * n_a].transpose(1, 2, 3, 0)).transpose(2, 3, 0, 1), 0)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    alpha_arg = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (1 / np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1))[:, :, None, None] * alpha_sum, 0)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    alpha_lse = _logsumexp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf), 3)
    alpha_softmax = np.empty((T, T, B, n_a), dtype)
    alpha_softmax[...] = 0
    alpha_softmax += np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], alpha_arg - alpha_lse[:, None], -np.inf))
    alpha = alpha_softmax.copy()
    # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
    h = (qkv[:, :, 2 * n_a:].transpose(1, 2, 3, 0) @ np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha.transpose(0, 2, 3, 1), 0).transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    # u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
    u = (h.reshape(T * B, -1) @ W_O.reshape(n_x, -1).T).reshape(T, B, n_x)
    u += x
    # p[t] = mean(u[t])
    p = u.sum(axis=2) / n_x
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    r_arg = ((u - p[:, :, None])**2).sum(axis=2) / n_x
    r_arg += eps
    # r.sqrt[t] = sqrt(r.arg[t])
    r_sqrt = np.sqrt(r_arg)
    # r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])
    r = (1 / r_sqrt)[:, :, None] * g_2 * (u - p[:, :, None])
    # z.arg[t] = W_1 @ r[t] + b_1
    z_arg = (r.reshape(-1, n_x) @ W_1.T).reshape(T, B, n_f)
    z_arg += b_1
    # z.relu[t] = relu(z.arg[t])
    z_relu = np.maximum(z_arg, 0)
    # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
    z = (z_relu.reshape(-1, n_f) @ W_2.T).reshape(T, B, n_x)
    z += b_2
    z += u
    # o[t] = E @ z[t]
    o = (z.reshape(-1, n_x) @ E.T).reshape(T, B, n_w)
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    q = qkv[:, :, :n_a]
    k = qkv[:, :, n_a:2 * n_a]
    v = qkv[:, :, 2 * n_a:3 * n_a]

    if single:
        x = x[:, 0]
        m = m[:, 0]
        n = n[:, 0]
        q = q[:, 0]
        k = k[:, 0]
        v = v[:, 0]
        alpha = alpha[:, :, 0]
        h = h[:, 0]
        u = u[:, 0]
        p = p[:, 0]
        r = r[:, 0]
        z = z[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(x=x, m=m, n=n, q=q, k=k, v=v, alpha=alpha, h=h, u=u, p=p, r=r, z=z, o=o, yhat=yhat, loss=float(loss))


def _loss_padded(params, y, eps, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, y, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B, len_T, T_own,
    ) = _padded_arguments(params, y, eps, lengths)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params

    W_QKV = np.concatenate((W_Q, W_K, W_V))
    # x.power[j] = 100**(j / n_x)
    x_power = 100 ** (np.arange(n_x, dtype=dtype) / n_x)
    # x.arg[t] = t / x.power
    x_arg = np.arange(1, T + 1, dtype=dtype)[:, None] / x_power
    x = np.empty((T, B, n_x), dtype)
    # x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))
    x[...] = np.sin(x_arg)[:, None]
    x[1:] += E[y[:T - 1]]
    # m[t] = mean(x[t])
    m = x.sum(axis=2) / n_x
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    n_arg = ((x - m[:, :, None])**2).sum(axis=2) / n_x
    n_arg += eps
    # n.sqrt[t] = sqrt(n.arg[t])
    n_sqrt = np.sqrt(n_arg)
    # n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])
    n = (1 / n_sqrt)[:, :, None] * g_1 * (x - m[:, :, None])
    # q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)
    # k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)
    # v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)
    qkv = (n.reshape(-1, n_x) @ W_QKV.reshape(-1, n_x).T).reshape(T, B, 3 * n_a, n_k)
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    alpha_sum = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (qkv[:, :, :n_a].transpose(1, 2, 0, 3) @ qkv[:, :, n_a:2 * n_a].transpose(1, 2, 3, 0)).transpose(2, 3, 0, 1), 0)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    alpha_arg = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (1 / np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1))[:, :, None, None] * alpha_sum, 0)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    alpha_lse = _logsumexp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf), 3)
    alpha_softmax = np.empty((T, T, B, n_a), dtype)
    alpha_softmax[...] = 0
    alpha_softmax += np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], alpha_arg - alpha_lse[:, None], -np.inf))
    alpha = alpha_softmax.copy()
    # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
    h = (qkv[:, :, 2 * n_a:].transpose(1, 2, 3, 0) @ np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha.transpose(0, 2, 3, 1), 0).transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    # u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
    u = (h.reshape(T * B, -1) @ W_O.reshape(n_x, -1).T).reshape(T, B, n_x)
    u += x
    # p[t] = mean(u[t])
    p = u.sum(axis=2) / n_x
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    r_arg = ((u - p[:, :, None])**2).sum(axis=2) / n_x
    r_arg += eps
    # r.sqrt[t] = sqrt(r.arg[t])
    r_sqrt = np.sqrt(r_arg)
    # r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])
    r = (1 / r_sqrt)[:, :, None] * g_2 * (u - p[:, :, None])
    # z.arg[t] = W_1 @ r[t] + b_1
    z_arg = (r.reshape(-1, n_x) @ W_1.T).reshape(T, B, n_f)
    z_arg += b_1
    # z.relu[t] = relu(z.arg[t])
    z_relu = np.maximum(z_arg, 0)
    # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
    z = (z_relu.reshape(-1, n_f) @ W_2.T).reshape(T, B, n_x)
    z += b_2
    z += u
    # o[t] = E @ z[t]
    o = (z.reshape(-1, n_x) @ E.T).reshape(T, B, n_w)
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, y, eps, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, y, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B, len_T, T_own,
    ) = _padded_arguments(params, y, eps, lengths)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params
    wrt = _asked(wrt, ())
    window_T = _window(window, "T", ("T",), T)

    W_QKV = np.concatenate((W_Q, W_K, W_V))
    # x.power[j] = 100**(j / n_x)
    x_power = 100 ** (np.arange(n_x, dtype=dtype) / n_x)
    # x.arg[t] = t / x.power
    x_arg = np.arange(1, T + 1, dtype=dtype)[:, None] / x_power
    x = np.empty((T, B, n_x), dtype)
    # x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))
    x[...] = np.sin(x_arg)[:, None]
    x[1:] += E[y[:T - 1]]
    # m[t] = mean(x[t])
    m = x.sum(axis=2) / n_x
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    n_arg = ((x - m[:, :, None])**2).sum(axis=2) / n_x
    n_arg += eps
    # n.sqrt[t] = sqrt(n.arg[t])
    n_sqrt = np.sqrt(n_arg)
    # n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])
    n = (1 / n_sqrt)[:, :, None] * g_1 * (x - m[:, :, None])
    # q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)
    # k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)
    # v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)
    qkv = (n.reshape(-1, n_x) @ W_QKV.reshape(-1, n_x).T).reshape(T, B, 3 * n_a, n_k)
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    alpha_sum = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (qkv[:, :, :n_a].transpose(1, 2, 0, 3) @ qkv[:, :, n_a:2 * n_a].transpose(1, 2, 3, 0)).transpose(2, 3, 0, 1), 0)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    alpha_arg = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (1 / np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1))[:, :, None, None] * alpha_sum, 0)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    alpha_lse = _logsumexp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf), 3)
    alpha_softmax = np.empty((T, T, B, n_a), dtype)
    alpha_softmax[...] = 0
    alpha_softmax += np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], alpha_arg - alpha_lse[:, None], -np.inf))
    alpha = alpha_softmax.copy()
    # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
    h = (qkv[:, :, 2 * n_a:].transpose(1, 2, 3, 0) @ np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha.transpose(0, 2, 3, 1), 0).transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    # u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
    u = (h.reshape(T * B, -1) @ W_O.reshape(n_x, -1).T).reshape(T, B, n_x)
    u += x
    # p[t] = mean(u[t])
    p = u.sum(axis=2) / n_x
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    r_arg = ((u - p[:, :, None])**2).sum(axis=2) / n_x
    r_arg += eps
    # r.sqrt[t] = sqrt(r.arg[t])
    r_sqrt = np.sqrt(r_arg)
    # r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])
    r = (1 / r_sqrt)[:, :, None] * g_2 * (u - p[:, :, None])
    # z.arg[t] = W_1 @ r[t] + b_1
    z_arg = (r.reshape(-1, n_x) @ W_1.T).reshape(T, B, n_f)
    z_arg += b_1
    # z.relu[t] = relu(z.arg[t])
    z_relu = np.maximum(z_arg, 0)
    # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
    z = (z_relu.reshape(-1, n_f) @ W_2.T).reshape(T, B, n_x)
    z += b_2
    z += u
    # o[t] = E @ z[t]
    o = (z.reshape(-1, n_x) @ E.T).reshape(T, B, n_w)
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    q = qkv[:, :, :n_a]
    k = qkv[:, :, n_a:2 * n_a]
    v = qkv[:, :, 2 * n_a:3 * n_a]
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    do = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    do[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    dE = do.reshape(-1, n_w).T @ z.reshape(-1, n_x)
    # grad(z[t]) = E.T @ grad(o[t])
    dz = (do.reshape(-1, n_w) @ E).reshape(T, B, n_x)
    # grad(b_2) = sum(grad(z[t]), t)
    db_2 = dz.sum(axis=(0, 1))
    # grad(z.relu[t]) = W_2.T @ grad(z[t])
    dz_relu = (dz.reshape(-1, n_x) @ W_2).reshape(T, B, n_f)
    # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z.relu[t])
    dz_arg = dz_relu * (0 < z_arg)
    # grad(r[t]) = W_1.T @ grad(z.arg[t])
    dr = (dz_arg.reshape(-1, n_f) @ W_1).reshape(T, B, n_x)
    # grad(r.sqrt[t]) = -sum(g_2 * (u[t] - p[t]) * grad(r[t])) / r.sqrt[t]**2
    dr_sqrt = -(dr * g_2 * (u - p[:, :, None])).sum(axis=2) / r_sqrt**2
    # grad(r.arg[t]) = grad(r.sqrt[t]) / (2 * r.sqrt[t])
    dr_arg = 0.5 * dr_sqrt / r_sqrt
    # grad(p[t]) = sum(2 * p[t] - 2 * u[t]) * grad(r.arg[t]) / n_x - (g_2 @ grad(r[t])) / r.sqrt[t]
    dp = (-2 * u + 2 * p[:, :, None]).sum(axis=2) * dr_arg / n_x
    dp -= (dr * g_2).sum(axis=2) / r_sqrt
    du = np.empty((T, B, n_x), dtype)
    # grad(u[t]) = g_2 * grad(r[t]) / r.sqrt[t] + grad(r.arg[t]) * (2 * u[t] - 2 * p[t]) / n_x +
    #     grad(p[t]) / n_x + grad(z[t])
    du[...] = (dp / n_x)[:, :, None]
    du += dr_arg[:, :, None] * (-2 * p[:, :, None] + 2 * u) / n_x
    du += (1 / r_sqrt)[:, :, None] * dr * g_2
    du += dz
    # grad(W_2) = sum(outer(grad(z[t]), z.relu[t]), t)
    dW_2 = dz.reshape(-1, n_x).T @ z_relu.reshape(-1, n_f)
    # grad(b_1) = sum(grad(z.arg[t]), t)
    db_1 = dz_arg.sum(axis=(0, 1))
    # grad(W_1) = sum(outer(grad(z.arg[t]), r[t]), t)
    dW_1 = dz_arg.reshape(-1, n_f).T @ r.reshape(-1, n_x)
    # grad(g_2) = sum((u[t] - p[t]) * grad(r[t]) / r.sqrt[t], t)
    dg_2 = (dr.transpose(2, 0, 1) * (u.transpose(2, 0, 1) - p)).reshape(n_x, -1) @ (1 / r_sqrt).reshape(-1)
    # grad(h[t, i, j]) = sum(W_O[l, i, j] * grad(u[t, l]), l)
    dh = (du.reshape(-1, n_x) @ W_O.reshape(n_x, -1)).reshape(T, B, n_a, n_k)
    # grad(alpha[t, t1, i]) = sum(v[t1, i, j] * grad(h[t, i, j]), j), t1 <= t
    dalpha = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (dh.transpose(1, 2, 0, 3) @ v.transpose(1, 2, 3, 0)).transpose(2, 3, 0, 1), 0)
    # grad(alpha.lse[t]) = sum(-exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha[t, t1]), (t1, 1, t))
    dalpha_lse = -np.einsum("tbia,tbia->tbi", np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], dalpha.transpose(0, 2, 3, 1), 0), np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1) - alpha_lse[:, :, :, None], -np.inf)))
    # grad(alpha.arg[t, t1]) = exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha.lse[t]) + exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t3], (t3, 1, t))) *
    #     grad(alpha[t, t1]), t1 <= t
    dalpha_arg = dalpha_lse[:, None] * np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], alpha_arg - alpha_lse[:, None], -np.inf))
    dalpha_arg += dalpha * np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], alpha_arg - alpha_lse[:, None], -np.inf))
    # grad(alpha.sum[t, t1]) = grad(alpha.arg[t, t1]) / alpha.sqrt, t1 <= t
    dalpha_sum = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (1 / np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1))[:, :, None, None] * dalpha_arg, 0)
    dqkv = np.empty((T, B, 3 * n_a, n_k), dtype)
    # grad(v[t]) = sum(same_window(t1 - 1, t - 1, window.T) * (diag(alpha[t1, t]) @ grad(h[t1])), (t1, t,
    #     T))
    dqkv[:, :, 2 * n_a:] = (dh.transpose(1, 2, 3, 0) @ (alpha.transpose(1, 2, 3, 0) * np.where(np.arange(1, T + 1)[:, None] <= np.arange(1, T + 1), ((np.arange(1, T + 1, dtype=dtype) - 1) // window_T == (np.arange(1, T + 1, dtype=dtype) - 1)[:, None] // window_T).astype(dtype), 0)[:, None, None]).transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    # grad(k[t]) = sum(same_window(t1 - 1, t - 1, window.T) * (diag(grad(alpha.sum[t1, t])) @ q[t1]), (t1,
    #     t, T))
    dqkv[:, :, n_a:2 * n_a] = (q.transpose(1, 2, 3, 0) @ (dalpha_sum.transpose(1, 2, 3, 0) * ((np.arange(1, T + 1, dtype=dtype) - 1) // window_T == (np.arange(1, T + 1, dtype=dtype) - 1)[:, None] // window_T)[:, None, None]).transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    # grad(q[t]) = sum(diag(grad(alpha.sum[t, t1])) @ k[t1], (t1, 1, t))
    dqkv[:, :, :n_a] = (dalpha_sum.transpose(2, 3, 0, 1) @ k.transpose(1, 2, 0, 3)).transpose(2, 0, 1, 3)
    # grad(n[t, i]) = sum(sum(W_Q[j, l, i] * grad(q[t, j, l]), l), j) + sum(sum(W_K[j, l, i] * grad(k[t,
    #     j, l]), l), j) + sum(sum(W_V[j, l, i] * grad(v[t, j, l]), l), j)
    dn = (dqkv.reshape(T * B, -1) @ W_QKV.reshape(-1, n_x)).reshape(T, B, n_x)
    # grad(n.sqrt[t]) = -sum(g_1 * (x[t] - m[t]) * grad(n[t])) / n.sqrt[t]**2
    dn_sqrt = -(dn[1:] * g_1 * (x[1:] - m[1:][:, :, None])).sum(axis=2) / n_sqrt[1:]**2
    # grad(n.arg[t]) = grad(n.sqrt[t]) / (2 * n.sqrt[t])
    dn_arg = 0.5 * dn_sqrt / n_sqrt[1:]
    # grad(m[t]) = sum(2 * m[t] - 2 * x[t]) * grad(n.arg[t]) / n_x - (g_1 @ grad(n[t])) / n.sqrt[t]
    dm = (-2 * x[1:] + 2 * m[1:][:, :, None]).sum(axis=2) * dn_arg / n_x
    dm -= (dn[1:] * g_1).sum(axis=2) / n_sqrt[1:]
    dx = np.empty((T - 1, B, n_x), dtype)
    # grad(x[t]) = g_1 * grad(n[t]) / n.sqrt[t] + grad(n.arg[t]) * (2 * x[t] - 2 * m[t]) / n_x +
    #     grad(m[t]) / n_x + grad(u[t])
    dx[...] = (dm / n_x)[:, :, None]
    dx += dn_arg[:, :, None] * (-2 * m[1:][:, :, None] + 2 * x[1:]) / n_x
    dx += (1 / n_sqrt[1:])[:, :, None] * dn[1:] * g_1
    dx += du[1:]
    # grad(W_O[i, j, l]) = sum(grad(u[t, i]) * h[t, j, l], t)
    dW_O = (du.reshape(-1, n_x).T @ h.reshape(T * B, -1)).reshape(n_x, n_a, n_k)
    # grad(W_Q[i, j, l]) = sum(grad(q[t, i, j]) * n[t, l], t)
    # grad(W_K[i, j, l]) = sum(grad(k[t, i, j]) * n[t, l], t)
    # grad(W_V[i, j, l]) = sum(grad(v[t, i, j]) * n[t, l], t)
    dW_QKV = (dqkv.reshape(T * B, -1).T @ n.reshape(-1, n_x)).reshape(3 * n_a, n_k, n_x)
    # grad(g_1) = sum((x[t] - m[t]) * grad(n[t]) / n.sqrt[t], t)
    dg_1 = (dn.transpose(2, 0, 1) * (x.transpose(2, 0, 1) - m)).reshape(n_x, -1) @ (1 / n_sqrt).reshape(-1)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    _scatter_add(dE, (y[:T - 1],), dx)
    dW_Q = dW_QKV[:n_a]
    dW_K = dW_QKV[n_a:2 * n_a]
    dW_V = dW_QKV[2 * n_a:3 * n_a]

    gradient = Params(
        E=dE, W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_O=dW_O, W_1=dW_1, b_1=db_1, W_2=dW_2, b_2=db_2, g_1=dg_1, g_2=dg_2
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    return float(loss), gradient, result


def _backward_padded(params, forward, y, eps, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, y, eps, x, m, n, q, k, v, alpha, h, u, p, r, z, yhat, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B,
        len_T, T_own,
    ) = _padded_backward_arguments(params, forward, y, eps, lengths)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params
    window_T = _window(window, "T", ("T",), T)

    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    n_arg = ((x - m[:, :, None])**2).sum(axis=2) / n_x
    n_arg += eps
    # n.sqrt[t] = sqrt(n.arg[t])
    n_sqrt = np.sqrt(n_arg)
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    alpha_sum = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (k.transpose(1, 2, 0, 3) @ q.transpose(1, 2, 3, 0)).transpose(3, 2, 0, 1), 0)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    alpha_arg = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (1 / np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1))[:, :, None, None] * alpha_sum, 0)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    alpha_lse = _logsumexp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf), 3)
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    r_arg = ((u - p[:, :, None])**2).sum(axis=2) / n_x
    r_arg += eps
    # r.sqrt[t] = sqrt(r.arg[t])
    r_sqrt = np.sqrt(r_arg)
    # z.arg[t] = W_1 @ r[t] + b_1
    z_arg = (r.reshape(-1, n_x) @ W_1.T).reshape(T, B, n_f)
    z_arg += b_1
    # z.relu[t] = relu(z.arg[t])
    z_relu = np.maximum(z_arg, 0)
    W_QKV = np.concatenate((W_Q, W_K, W_V))
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    do = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    do[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    dE = do.reshape(-1, n_w).T @ z.reshape(-1, n_x)
    # grad(z[t]) = E.T @ grad(o[t])
    dz = (do.reshape(-1, n_w) @ E).reshape(T, B, n_x)
    # grad(b_2) = sum(grad(z[t]), t)
    db_2 = dz.sum(axis=(0, 1))
    # grad(z.relu[t]) = W_2.T @ grad(z[t])
    dz_relu = (dz.reshape(-1, n_x) @ W_2).reshape(T, B, n_f)
    # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z.relu[t])
    dz_arg = dz_relu * (0 < z_arg)
    # grad(r[t]) = W_1.T @ grad(z.arg[t])
    dr = (dz_arg.reshape(-1, n_f) @ W_1).reshape(T, B, n_x)
    # grad(r.sqrt[t]) = -sum(g_2 * (u[t] - p[t]) * grad(r[t])) / r.sqrt[t]**2
    dr_sqrt = -(dr * g_2 * (u - p[:, :, None])).sum(axis=2) / r_sqrt**2
    # grad(r.arg[t]) = grad(r.sqrt[t]) / (2 * r.sqrt[t])
    dr_arg = 0.5 * dr_sqrt / r_sqrt
    # grad(p[t]) = sum(2 * p[t] - 2 * u[t]) * grad(r.arg[t]) / n_x - (g_2 @ grad(r[t])) / r.sqrt[t]
    dp = (-2 * u + 2 * p[:, :, None]).sum(axis=2) * dr_arg / n_x
    dp -= (dr * g_2).sum(axis=2) / r_sqrt
    du = np.empty((T, B, n_x), dtype)
    # grad(u[t]) = g_2 * grad(r[t]) / r.sqrt[t] + grad(r.arg[t]) * (2 * u[t] - 2 * p[t]) / n_x +
    #     grad(p[t]) / n_x + grad(z[t])
    du[...] = (dp / n_x)[:, :, None]
    du += dr_arg[:, :, None] * (-2 * p[:, :, None] + 2 * u) / n_x
    du += (1 / r_sqrt)[:, :, None] * dr * g_2
    du += dz
    # grad(W_2) = sum(outer(grad(z[t]), z.relu[t]), t)
    dW_2 = dz.reshape(-1, n_x).T @ z_relu.reshape(-1, n_f)
    # grad(b_1) = sum(grad(z.arg[t]), t)
    db_1 = dz_arg.sum(axis=(0, 1))
    # grad(W_1) = sum(outer(grad(z.arg[t]), r[t]), t)
    dW_1 = dz_arg.reshape(-1, n_f).T @ r.reshape(-1, n_x)
    # grad(g_2) = sum((u[t] - p[t]) * grad(r[t]) / r.sqrt[t], t)
    dg_2 = (dr.transpose(2, 0, 1) * (u.transpose(2, 0, 1) - p)).reshape(n_x, -1) @ (1 / r_sqrt).reshape(-1)
    # grad(h[t, i, j]) = sum(W_O[l, i, j] * grad(u[t, l]), l)
    dh = (du.reshape(-1, n_x) @ W_O.reshape(n_x, -1)).reshape(T, B, n_a, n_k)
    # grad(alpha[t, t1, i]) = sum(v[t1, i, j] * grad(h[t, i, j]), j), t1 <= t
    dalpha = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (dh.transpose(1, 2, 0, 3) @ v.transpose(1, 2, 3, 0)).transpose(2, 3, 0, 1), 0)
    # grad(alpha.lse[t]) = sum(-exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha[t, t1]), (t1, 1, t))
    dalpha_lse = -np.einsum("tbia,tbia->tbi", np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], dalpha.transpose(0, 2, 3, 1), 0), np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1) - alpha_lse[:, :, :, None], -np.inf)))
    # grad(alpha.arg[t, t1]) = exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha.lse[t]) + exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t3], (t3, 1, t))) *
    #     grad(alpha[t, t1]), t1 <= t
    dalpha_arg = dalpha_lse[:, None] * np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], alpha_arg - alpha_lse[:, None], -np.inf))
    dalpha_arg += dalpha * np.exp(np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], alpha_arg - alpha_lse[:, None], -np.inf))
    # grad(alpha.sum[t, t1]) = grad(alpha.arg[t, t1]) / alpha.sqrt, t1 <= t
    dalpha_sum = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], (1 / np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1))[:, :, None, None] * dalpha_arg, 0)
    dqkv = np.empty((T, B, 3 * n_a, n_k), dtype)
    # grad(v[t]) = sum(same_window(t1 - 1, t - 1, window.T) * (diag(alpha[t1, t]) @ grad(h[t1])), (t1, t,
    #     T))
    dqkv[:, :, 2 * n_a:] = (dh.transpose(1, 2, 3, 0) @ (alpha.transpose(1, 2, 3, 0) * np.where(np.arange(1, T + 1)[:, None] <= np.arange(1, T + 1), ((np.arange(1, T + 1, dtype=dtype) - 1) // window_T == (np.arange(1, T + 1, dtype=dtype) - 1)[:, None] // window_T).astype(dtype), 0)[:, None, None]).transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    # grad(k[t]) = sum(same_window(t1 - 1, t - 1, window.T) * (diag(grad(alpha.sum[t1, t])) @ q[t1]), (t1,
    #     t, T))
    dqkv[:, :, n_a:2 * n_a] = (q.transpose(1, 2, 3, 0) @ (dalpha_sum.transpose(1, 2, 3, 0) * ((np.arange(1, T + 1, dtype=dtype) - 1) // window_T == (np.arange(1, T + 1, dtype=dtype) - 1)[:, None] // window_T)[:, None, None]).transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    # grad(q[t]) = sum(diag(grad(alpha.sum[t, t1])) @ k[t1], (t1, 1, t))
    dqkv[:, :, :n_a] = (dalpha_sum.transpose(2, 3, 0, 1) @ k.transpose(1, 2, 0, 3)).transpose(2, 0, 1, 3)
    # grad(n[t, i]) = sum(sum(W_Q[j, l, i] * grad(q[t, j, l]), l), j) + sum(sum(W_K[j, l, i] * grad(k[t,
    #     j, l]), l), j) + sum(sum(W_V[j, l, i] * grad(v[t, j, l]), l), j)
    dn = (dqkv.reshape(T * B, -1) @ W_QKV.reshape(-1, n_x)).reshape(T, B, n_x)
    # grad(n.sqrt[t]) = -sum(g_1 * (x[t] - m[t]) * grad(n[t])) / n.sqrt[t]**2
    dn_sqrt = -(dn[1:] * g_1 * (x[1:] - m[1:][:, :, None])).sum(axis=2) / n_sqrt[1:]**2
    # grad(n.arg[t]) = grad(n.sqrt[t]) / (2 * n.sqrt[t])
    dn_arg = 0.5 * dn_sqrt / n_sqrt[1:]
    # grad(m[t]) = sum(2 * m[t] - 2 * x[t]) * grad(n.arg[t]) / n_x - (g_1 @ grad(n[t])) / n.sqrt[t]
    dm = (-2 * x[1:] + 2 * m[1:][:, :, None]).sum(axis=2) * dn_arg / n_x
    dm -= (dn[1:] * g_1).sum(axis=2) / n_sqrt[1:]
    dx = np.empty((T - 1, B, n_x), dtype)
    # grad(x[t]) = g_1 * grad(n[t]) / n.sqrt[t] + grad(n.arg[t]) * (2 * x[t] - 2 * m[t]) / n_x +
    #     grad(m[t]) / n_x + grad(u[t])
    dx[...] = (dm / n_x)[:, :, None]
    dx += dn_arg[:, :, None] * (-2 * m[1:][:, :, None] + 2 * x[1:]) / n_x
    dx += (1 / n_sqrt[1:])[:, :, None] * dn[1:] * g_1
    dx += du[1:]
    # grad(W_O[i, j, l]) = sum(grad(u[t, i]) * h[t, j, l], t)
    dW_O = (du.reshape(-1, n_x).T @ h.reshape(T * B, -1)).reshape(n_x, n_a, n_k)
    # grad(W_Q[i, j, l]) = sum(grad(q[t, i, j]) * n[t, l], t)
    # grad(W_K[i, j, l]) = sum(grad(k[t, i, j]) * n[t, l], t)
    # grad(W_V[i, j, l]) = sum(grad(v[t, i, j]) * n[t, l], t)
    dW_QKV = (dqkv.reshape(T * B, -1).T @ n.reshape(-1, n_x)).reshape(3 * n_a, n_k, n_x)
    # grad(g_1) = sum((x[t] - m[t]) * grad(n[t]) / n.sqrt[t], t)
    dg_1 = (dn.transpose(2, 0, 1) * (x.transpose(2, 0, 1) - m)).reshape(n_x, -1) @ (1 / n_sqrt).reshape(-1)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    _scatter_add(dE, (y[:T - 1],), dx)
    dW_Q = dW_QKV[:n_a]
    dW_K = dW_QKV[n_a:2 * n_a]
    dW_V = dW_QKV[2 * n_a:3 * n_a]

    return Params(
        E=dE, W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_O=dW_O, W_1=dW_1, b_1=db_1, W_2=dW_2, b_2=db_2, g_1=dg_1, g_2=dg_2
    )


def _arguments(params, y, eps):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_a, n_k, n_f = _parameters(params)
    y = _integers("y", y)
    single = y.ndim == 1
    _rank("y", y, ("T", "B"), single)
    B = 1 if single else y.shape[1]
    batch_axis = () if single else (B,)
    T = y.shape[0]
    _classes("y", y, n_w, "n_w - 1")
    if single:
        y = y[:, None]
    eps = _real("eps", eps, dtype)
    _expect("eps", eps, (), ())
    return params, y, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B


def _backward_arguments(params, forward, y, eps):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_a, n_k, n_f = _parameters(params)
    forward = _as_forward(forward)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    m = _real("forward.m", forward.m, dtype)
    n = _real("forward.n", forward.n, dtype)
    q = _real("forward.q", forward.q, dtype)
    k = _real("forward.k", forward.k, dtype)
    v = _real("forward.v", forward.v, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    h = _real("forward.h", forward.h, dtype)
    u = _real("forward.u", forward.u, dtype)
    p = _real("forward.p", forward.p, dtype)
    r = _real("forward.r", forward.r, dtype)
    z = _real("forward.z", forward.z, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = y.ndim == 1
    _rank("y", y, ("T", "B"), single)
    B = 1 if single else y.shape[1]
    batch_axis = () if single else (B,)
    T = y.shape[0]
    _expect("forward.x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from y, n_x from E")
    _expect("forward.m", m, (T, *batch_axis), ("T", "B"), "T and B from y")
    _expect("forward.n", n, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from y, n_x from E")
    _expect(
        "forward.q", q, (T, *batch_axis, n_a, n_k), ("T", "B", "n_a", "n_k"), "T and B from y, n_a and n_k from W_Q"
    )
    _expect(
        "forward.k", k, (T, *batch_axis, n_a, n_k), ("T", "B", "n_a", "n_k"), "T and B from y, n_a and n_k from W_Q"
    )
    _expect(
        "forward.v", v, (T, *batch_axis, n_a, n_k), ("T", "B", "n_a", "n_k"), "T and B from y, n_a and n_k from W_Q"
    )
    _expect(
        "forward.alpha", alpha, (T, T, *batch_axis, n_a), ("T", "T", "B", "n_a"), "T and B from y, n_a from W_Q"
    )
    _expect(
        "forward.h", h, (T, *batch_axis, n_a, n_k), ("T", "B", "n_a", "n_k"), "T and B from y, n_a and n_k from W_Q"
    )
    _expect("forward.u", u, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from y, n_x from E")
    _expect("forward.p", p, (T, *batch_axis), ("T", "B"), "T and B from y")
    _expect("forward.r", r, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from y, n_x from E")
    _expect("forward.z", z, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from y, n_x from E")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_w), ("T", "B", "n_w"), "T and B from y, n_w from E")
    _classes("y", y, n_w, "n_w - 1")
    if single:
        y = y[:, None]
        x = x[:, None]
        m = m[:, None]
        n = n[:, None]
        q = q[:, None]
        k = k[:, None]
        v = v[:, None]
        alpha = alpha[:, :, None]
        h = h[:, None]
        u = u[:, None]
        p = p[:, None]
        r = r[:, None]
        z = z[:, None]
        yhat = yhat[:, None]
    eps = _real("eps", eps, dtype)
    _expect("eps", eps, (), ())
    return params, y, eps, x, m, n, q, k, v, alpha, h, u, p, r, z, yhat, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B


def _free_run_arguments(params, eps, steps, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_a, n_k, n_f = _parameters(params)
    steps = _size("steps", steps)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    eps = _real("eps", eps, dtype)
    _expect("eps", eps, (), ())
    return params, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, steps, B


def _padded_arguments(params, y, eps, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_a, n_k, n_f = _parameters(params)
    y = _integers("y", y)
    single = y.ndim == 1
    _rank("y", y, ("T", "B"), single)
    B = 1 if single else y.shape[1]
    batch_axis = () if single else (B,)
    T = y.shape[0]
    if single:
        y = y[:, None]
    eps = _real("eps", eps, dtype)
    _expect("eps", eps, (), ())
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_w, "n_w - 1")
    return params, y, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, y, eps, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_a, n_k, n_f = _parameters(params)
    forward = _as_forward(forward)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    m = _real("forward.m", forward.m, dtype)
    n = _real("forward.n", forward.n, dtype)
    q = _real("forward.q", forward.q, dtype)
    k = _real("forward.k", forward.k, dtype)
    v = _real("forward.v", forward.v, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    h = _real("forward.h", forward.h, dtype)
    u = _real("forward.u", forward.u, dtype)
    p = _real("forward.p", forward.p, dtype)
    r = _real("forward.r", forward.r, dtype)
    z = _real("forward.z", forward.z, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = y.ndim == 1
    _rank("y", y, ("T", "B"), single)
    B = 1 if single else y.shape[1]
    batch_axis = () if single else (B,)
    T = y.shape[0]
    _expect("forward.x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from y, n_x from E")
    _expect("forward.m", m, (T, *batch_axis), ("T", "B"), "T and B from y")
    _expect("forward.n", n, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from y, n_x from E")
    _expect(
        "forward.q", q, (T, *batch_axis, n_a, n_k), ("T", "B", "n_a", "n_k"), "T and B from y, n_a and n_k from W_Q"
    )
    _expect(
        "forward.k", k, (T, *batch_axis, n_a, n_k), ("T", "B", "n_a", "n_k"), "T and B from y, n_a and n_k from W_Q"
    )
    _expect(
        "forward.v", v, (T, *batch_axis, n_a, n_k), ("T", "B", "n_a", "n_k"), "T and B from y, n_a and n_k from W_Q"
    )
    _expect(
        "forward.alpha", alpha, (T, T, *batch_axis, n_a), ("T", "T", "B", "n_a"), "T and B from y, n_a from W_Q"
    )
    _expect(
        "forward.h", h, (T, *batch_axis, n_a, n_k), ("T", "B", "n_a", "n_k"), "T and B from y, n_a and n_k from W_Q"
    )
    _expect("forward.u", u, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from y, n_x from E")
    _expect("forward.p", p, (T, *batch_axis), ("T", "B"), "T and B from y")
    _expect("forward.r", r, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from y, n_x from E")
    _expect("forward.z", z, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from y, n_x from E")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_w), ("T", "B", "n_w"), "T and B from y, n_w from E")
    if single:
        y = y[:, None]
        x = x[:, None]
        m = m[:, None]
        n = n[:, None]
        q = q[:, None]
        k = k[:, None]
        v = v[:, None]
        alpha = alpha[:, :, None]
        h = h[:, None]
        u = u[:, None]
        p = p[:, None]
        r = r[:, None]
        z = z[:, None]
        yhat = yhat[:, None]
    eps = _real("eps", eps, dtype)
    _expect("eps", eps, (), ())
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_w, "n_w - 1")
    return params, y, eps, x, m, n, q, k, v, alpha, h, u, p, r, z, yhat, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params
    _rank("E", E, ("n_w", "n_x"))
    n_w, n_x = E.shape
    _rank("W_Q", W_Q, ("n_a", "n_k", "n_x"))
    n_a = W_Q.shape[0]
    n_k = W_Q.shape[1]
    _rank("W_1", W_1, ("n_f", "n_x"))
    n_f = W_1.shape[0]
    _expect("W_Q", W_Q, (n_a, n_k, n_x), ("n_a", "n_k", "n_x"), "n_x from E")
    _expect("W_K", W_K, (n_a, n_k, n_x), ("n_a", "n_k", "n_x"), "n_a and n_k from W_Q, n_x from E")
    _expect("W_V", W_V, (n_a, n_k, n_x), ("n_a", "n_k", "n_x"), "n_a and n_k from W_Q, n_x from E")
    _expect("W_O", W_O, (n_x, n_a, n_k), ("n_x", "n_a", "n_k"), "n_x from E, n_a and n_k from W_Q")
    _expect("W_1", W_1, (n_f, n_x), ("n_f", "n_x"), "n_x from E")
    _expect("b_1", b_1, (n_f,), ("n_f",), "n_f from W_1")
    _expect("W_2", W_2, (n_x, n_f), ("n_x", "n_f"), "n_x from E, n_f from W_1")
    _expect("b_2", b_2, (n_x,), ("n_x",), "n_x from E")
    _expect("g_1", g_1, (n_x,), ("n_x",), "n_x from E")
    _expect("g_2", g_2, (n_x,), ("n_x",), "n_x from E")
    return params, dtype, n_w, n_x, n_a, n_k, n_f


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


def _size(name, given):
    """A size, a whole number from 1."""
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < 1:
        raise ValueError(f"{name}: {given!r}, expected a whole number >= 1")
    return int(given)


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
