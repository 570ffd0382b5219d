# Written by derive from transformer.eq; do not edit.
# Change transformer.eq instead, and run: derive generate transformer
# source 9417981182d2b016, derive 07e8f9d843407be1, body f8c4ab22e29d1f03
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
    lengths  (B,)    1..T        each example's own number of steps, what is given beyond is not read; all where not
                                 given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, y, eps, lengths)
    params, y, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B = _arguments(params, y, eps)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params

    tmp0 = np.empty((n_x,), dtype)
    tmp1 = np.empty((T, n_x), dtype)
    tmp2 = np.empty((T - 1, B, n_x), dtype)
    tmp3 = np.empty((T, B, n_x), dtype)
    tmp4 = np.empty((T, B, n_x), dtype)
    tmp5 = np.empty((T, T, B, n_a), dtype)
    tmp6 = np.empty((T, T), dtype)
    tmp7 = np.empty((T, B, n_a, T), dtype)
    tmp8 = np.empty((T, B, n_a, T), dtype)
    tmp9 = np.empty((T, T, B, n_a), dtype)
    tmp10 = np.empty((T, T, B, n_a), dtype)
    tmp11 = np.empty((T, B, n_w), dtype)
    tmp12 = np.empty((T, B), dtype)
    W_QKV = np.stack((W_Q, W_K, W_V))
    x_power = np.empty((n_x,), dtype)
    # x.power[j] = 100**(j / n_x)
    np.multiply(np.arange(n_x, dtype=dtype), 1 / n_x, out=tmp0)
    x_power[...] = 100 ** tmp0
    x_arg = np.empty((T, n_x), dtype)
    # x.arg[t] = t / x.power
    np.divide(np.arange(1, T + 1, dtype=dtype)[:, None], x_power, out=x_arg)
    x = np.empty((T, B, n_x), dtype)
    # x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))
    np.sin(x_arg, out=tmp1)
    x[...] = tmp1[:, None]
    np.take(E, y[:T - 1], axis=0, out=tmp2, mode="clip")
    x[1:] += tmp2
    m = np.empty((T, B), dtype)
    # m[t] = mean(x[t])
    np.add.reduce(x, axis=2, out=m)
    m *= 1 / n_x
    n_arg = np.empty((T, B), dtype)
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    np.subtract(x, m[:, :, None], out=tmp4)
    np.square(tmp4, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=n_arg)
    n_arg *= 1 / n_x
    n_arg += eps
    n_sqrt = np.empty((T, B), dtype)
    # n.sqrt[t] = sqrt(n.arg[t])
    np.sqrt(n_arg, out=n_sqrt)
    n = np.empty((T, B, n_x), dtype)
    # n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])
    np.subtract(x, m[:, :, None], out=n)
    n *= g_1
    n /= n_sqrt[:, :, None]
    qkv = np.empty((3, T, B, n_a, n_k), dtype)
    # q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)
    # k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)
    # v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)
    np.matmul(n.reshape(-1, n_x), W_QKV.reshape(3, -1, n_x).transpose(0, 2, 1), out=qkv.reshape(3, -1, n_a * n_k))
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    alpha_sum = np.empty((T, T, B, n_a), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    np.matmul(qkv[0].transpose(1, 2, 0, 3), qkv[1].transpose(1, 2, 3, 0), out=tmp5.transpose(2, 3, 0, 1))
    alpha_sum[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    alpha_arg = np.empty((T, T, B, n_a), dtype)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    tmp6[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1)
    np.divide(alpha_sum, tmp6[:, :, None, None], out=tmp5)
    alpha_arg[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    alpha_lse = np.empty((T, B, n_a), dtype)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    tmp7[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf)
    largest = np.empty((T, B, n_a, 1), dtype)
    _logsumexp(tmp7, 3, out=alpha_lse, work=tmp8, largest=largest)
    alpha_softmax = np.empty((T, T, B, n_a), dtype)
    alpha_softmax[...] = 0
    np.subtract(alpha_arg, alpha_lse[:, None], out=tmp10)
    tmp9[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp10, -np.inf)
    np.exp(tmp9, out=tmp5)
    alpha_softmax += tmp5
    alpha = np.empty((T, T, B, n_a), dtype)
    alpha[...] = alpha_softmax
    h = np.empty((T, B, n_a, n_k), dtype)
    # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
    tmp7[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha.transpose(0, 2, 3, 1), 0)
    np.matmul(tmp7.transpose(1, 2, 0, 3), qkv[2].transpose(1, 2, 0, 3), out=h.transpose(1, 2, 0, 3))
    u = np.empty((T, B, n_x), dtype)
    # u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
    np.matmul(h.reshape(-1, n_a * n_k), W_O.reshape(n_x, -1).T, out=u.reshape(-1, n_x))
    u += x
    p = np.empty((T, B), dtype)
    # p[t] = mean(u[t])
    np.add.reduce(u, axis=2, out=p)
    p *= 1 / n_x
    r_arg = np.empty((T, B), dtype)
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    np.subtract(u, p[:, :, None], out=tmp4)
    np.square(tmp4, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=r_arg)
    r_arg *= 1 / n_x
    r_arg += eps
    r_sqrt = np.empty((T, B), dtype)
    # r.sqrt[t] = sqrt(r.arg[t])
    np.sqrt(r_arg, out=r_sqrt)
    r = np.empty((T, B, n_x), dtype)
    # r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])
    np.subtract(u, p[:, :, None], out=r)
    r *= g_2
    r /= r_sqrt[:, :, None]
    z_arg = np.empty((T, B, n_f), dtype)
    # z.arg[t] = W_1 @ r[t] + b_1
    np.matmul(r.reshape(-1, n_x), W_1.T, out=z_arg.reshape(-1, n_f))
    z_arg += b_1
    z_relu = np.empty((T, B, n_f), dtype)
    # z.relu[t] = relu(z.arg[t])
    np.maximum(z_arg, 0, out=z_relu)
    z = np.empty((T, B, n_x), dtype)
    # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
    np.matmul(z_relu.reshape(-1, n_f), W_2.T, out=z.reshape(-1, n_x))
    z += b_2
    z += u
    o = np.empty((T, B, n_w), dtype)
    # o[t] = E @ z[t]
    np.matmul(z.reshape(-1, n_x), E.T, out=o.reshape(-1, n_w))
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp11, largest=largest2)
    yhat = np.empty((T, B, n_w), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp11)
    np.exp(tmp11, out=yhat)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp12)
    np.subtract(yhat_lse, tmp12, out=tmp12)
    loss = tmp12.sum()
    q = qkv[0]
    k = qkv[1]
    v = qkv[2]

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
    workspace: Workspace | None = None,
) -> float:
    """The loss, summed over the batch.

    y          (T, B)  0..n_w - 1  the words; y[t-1] is read when y[t] is predicted
    eps        number  real        keeps the variance from 0
    workspace          Workspace   its arrays are used, and hold the results until its next call
    lengths    (B,)    1..T        each example's own number of steps, what is given beyond is not read; all where not
                                   given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, y, eps, lengths, workspace)
    params, y, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B = _arguments(params, y, eps)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params

    (
        tmp0, x_arg, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, alpha_sum, tmp9, tmp10, tmp11, n_arg, tmp12, W_QKV,
        x_power, x, m, n_sqrt, n, qkv, alpha_arg, alpha_lse, largest, alpha_softmax, alpha, h, u, p, r_arg, r_sqrt, r,
        z_arg, z_relu, z, o, yhat_lse, largest2, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_w, n_x, n_a, n_k, n_f, B, dtype)
    np.stack((W_Q, W_K, W_V), out=W_QKV)
    # x.power[j] = 100**(j / n_x)
    np.multiply(np.arange(n_x, dtype=dtype), 1 / n_x, out=tmp0)
    x_power[...] = 100 ** tmp0
    # x.arg[t] = t / x.power
    np.divide(np.arange(1, T + 1, dtype=dtype)[:, None], x_power, out=x_arg)
    # x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))
    np.sin(x_arg, out=tmp1)
    x[...] = tmp1[:, None]
    np.take(E, y[:T - 1], axis=0, out=tmp2, mode="clip")
    x[1:] += tmp2
    # m[t] = mean(x[t])
    np.add.reduce(x, axis=2, out=m)
    m *= 1 / n_x
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    np.subtract(x, m[:, :, None], out=tmp4)
    np.square(tmp4, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=n_arg)
    n_arg *= 1 / n_x
    n_arg += eps
    # n.sqrt[t] = sqrt(n.arg[t])
    np.sqrt(n_arg, out=n_sqrt)
    # n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])
    np.subtract(x, m[:, :, None], out=n)
    n *= g_1
    n /= n_sqrt[:, :, None]
    # q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)
    # k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)
    # v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)
    np.matmul(n.reshape(-1, n_x), W_QKV.reshape(3, -1, n_x).transpose(0, 2, 1), out=qkv.reshape(3, -1, n_a * n_k))
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    np.matmul(qkv[0].transpose(1, 2, 0, 3), qkv[1].transpose(1, 2, 3, 0), out=tmp5.transpose(2, 3, 0, 1))
    alpha_sum[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    tmp6[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1)
    np.divide(alpha_sum, tmp6[:, :, None, None], out=tmp5)
    alpha_arg[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    tmp7[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf)
    _logsumexp(tmp7, 3, out=alpha_lse, work=tmp8, largest=largest)
    alpha_softmax[...] = 0
    np.subtract(alpha_arg, alpha_lse[:, None], out=tmp10)
    tmp9[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp10, -np.inf)
    np.exp(tmp9, out=tmp5)
    alpha_softmax += tmp5
    # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
    tmp7[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha.transpose(0, 2, 3, 1), 0)
    np.matmul(tmp7.transpose(1, 2, 0, 3), qkv[2].transpose(1, 2, 0, 3), out=h.transpose(1, 2, 0, 3))
    # u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
    np.matmul(h.reshape(-1, n_a * n_k), W_O.reshape(n_x, -1).T, out=u.reshape(-1, n_x))
    u += x
    # p[t] = mean(u[t])
    np.add.reduce(u, axis=2, out=p)
    p *= 1 / n_x
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    np.subtract(u, p[:, :, None], out=tmp4)
    np.square(tmp4, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=r_arg)
    r_arg *= 1 / n_x
    r_arg += eps
    # r.sqrt[t] = sqrt(r.arg[t])
    np.sqrt(r_arg, out=r_sqrt)
    # r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])
    np.subtract(u, p[:, :, None], out=r)
    r *= g_2
    r /= r_sqrt[:, :, None]
    # z.arg[t] = W_1 @ r[t] + b_1
    np.matmul(r.reshape(-1, n_x), W_1.T, out=z_arg.reshape(-1, n_f))
    z_arg += b_1
    # z.relu[t] = relu(z.arg[t])
    np.maximum(z_arg, 0, out=z_relu)
    # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
    np.matmul(z_relu.reshape(-1, n_f), W_2.T, out=z.reshape(-1, n_x))
    z += b_2
    z += u
    # o[t] = E @ z[t]
    np.matmul(z.reshape(-1, n_x), E.T, out=o.reshape(-1, n_w))
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp11, largest=largest2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp12)
    np.subtract(yhat_lse, tmp12, out=tmp12)
    loss = tmp12.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    y: np.ndarray,
    eps: float = 1e-05,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    y          (T, B)  0..n_w - 1         the words; y[t-1] is read when y[t] is predicted
    eps        number  real               keeps the variance from 0
    workspace          Workspace          its arrays are used, and hold the results until its next call
    lengths    (B,)    1..T               each example's own number of steps, what is given beyond is not read; all
                                          where not given
    window             whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, y, eps, lengths, wrt, workspace, window)
    params, y, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B = _arguments(params, y, eps)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params
    wrt = _asked(wrt, ())

    (
        tmp0, x_arg, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, W_QKV, x_power, x, m,
        n_arg, n_sqrt, n, qkv, alpha_sum, alpha_arg, alpha_lse, largest, alpha_softmax, alpha, h, u, p, r_arg, r_sqrt,
        r, z_arg, z_relu, z, o, yhat_lse, largest2, yhat, rows, flat, tmp13, tmp14, tmp15, tmp16, do, entries, dE, dz,
        db_2, dz_relu, dz_arg, dr, dr_sqrt, dr_arg, dp, du, dW_2, db_1, dW_1, dg_2, dh, dalpha, dalpha_lse, dalpha_arg,
        dalpha_sum, dqkv, dn, product, dn_sqrt, dn_arg, dm, dx, dW_O, dW_QKV, dg_1,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_w, n_x, n_a, n_k, n_f, B, dtype)
    np.stack((W_Q, W_K, W_V), out=W_QKV)
    # x.power[j] = 100**(j / n_x)
    np.multiply(np.arange(n_x, dtype=dtype), 1 / n_x, out=tmp0)
    x_power[...] = 100 ** tmp0
    # x.arg[t] = t / x.power
    np.divide(np.arange(1, T + 1, dtype=dtype)[:, None], x_power, out=x_arg)
    # x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))
    np.sin(x_arg, out=tmp1)
    x[...] = tmp1[:, None]
    np.take(E, y[:T - 1], axis=0, out=tmp2, mode="clip")
    x[1:] += tmp2
    # m[t] = mean(x[t])
    np.add.reduce(x, axis=2, out=m)
    m *= 1 / n_x
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    np.subtract(x, m[:, :, None], out=tmp4)
    np.square(tmp4, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=n_arg)
    n_arg *= 1 / n_x
    n_arg += eps
    # n.sqrt[t] = sqrt(n.arg[t])
    np.sqrt(n_arg, out=n_sqrt)
    # n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])
    np.subtract(x, m[:, :, None], out=n)
    n *= g_1
    n /= n_sqrt[:, :, None]
    # q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)
    # k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)
    # v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)
    np.matmul(n.reshape(-1, n_x), W_QKV.reshape(3, -1, n_x).transpose(0, 2, 1), out=qkv.reshape(3, -1, n_a * n_k))
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    np.matmul(qkv[0].transpose(1, 2, 0, 3), qkv[1].transpose(1, 2, 3, 0), out=tmp5.transpose(2, 3, 0, 1))
    alpha_sum[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    tmp6[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1)
    np.divide(alpha_sum, tmp6[:, :, None, None], out=tmp5)
    alpha_arg[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    tmp7[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf)
    _logsumexp(tmp7, 3, out=alpha_lse, work=tmp8, largest=largest)
    alpha_softmax[...] = 0
    np.subtract(alpha_arg, alpha_lse[:, None], out=tmp10)
    tmp9[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp10, -np.inf)
    np.exp(tmp9, out=tmp5)
    alpha_softmax += tmp5
    # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
    tmp7[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha.transpose(0, 2, 3, 1), 0)
    np.matmul(tmp7.transpose(1, 2, 0, 3), qkv[2].transpose(1, 2, 0, 3), out=h.transpose(1, 2, 0, 3))
    # u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
    np.matmul(h.reshape(-1, n_a * n_k), W_O.reshape(n_x, -1).T, out=u.reshape(-1, n_x))
    u += x
    # p[t] = mean(u[t])
    np.add.reduce(u, axis=2, out=p)
    p *= 1 / n_x
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    np.subtract(u, p[:, :, None], out=tmp4)
    np.square(tmp4, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=r_arg)
    r_arg *= 1 / n_x
    r_arg += eps
    # r.sqrt[t] = sqrt(r.arg[t])
    np.sqrt(r_arg, out=r_sqrt)
    # r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])
    np.subtract(u, p[:, :, None], out=r)
    r *= g_2
    r /= r_sqrt[:, :, None]
    # z.arg[t] = W_1 @ r[t] + b_1
    np.matmul(r.reshape(-1, n_x), W_1.T, out=z_arg.reshape(-1, n_f))
    z_arg += b_1
    # z.relu[t] = relu(z.arg[t])
    np.maximum(z_arg, 0, out=z_relu)
    # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
    np.matmul(z_relu.reshape(-1, n_f), W_2.T, out=z.reshape(-1, n_x))
    z += b_2
    z += u
    # o[t] = E @ z[t]
    np.matmul(z.reshape(-1, n_x), E.T, out=o.reshape(-1, n_w))
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp11, largest=largest2)
    np.subtract(o, yhat_lse[:, :, None], out=tmp11)
    np.exp(tmp11, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp12)
    np.subtract(yhat_lse, tmp12, out=tmp12)
    loss = tmp12.sum()
    q = qkv[0]
    k = qkv[1]
    v = qkv[2]
    # grad(o[t]) = yhat[t] - onehot(y[t])
    _add_to(do, y, rows, flat, entries, -1)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    np.matmul(do.reshape(-1, n_w).T, z.reshape(-1, n_x), out=dE)
    # grad(z[t]) = E.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_w), E, out=dz.reshape(-1, n_x))
    # grad(b_2) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=db_2)
    # grad(z.relu[t]) = W_2.T @ grad(z[t])
    np.matmul(dz.reshape(-1, n_x), W_2, out=dz_relu.reshape(-1, n_f))
    # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z.relu[t])
    np.less(0, z_arg, out=dz_arg)
    dz_arg *= dz_relu
    # grad(r[t]) = W_1.T @ grad(z.arg[t])
    np.matmul(dz_arg.reshape(-1, n_f), W_1, out=dr.reshape(-1, n_x))
    # grad(r.sqrt[t]) = -sum(g_2 * (u[t] - p[t]) * grad(r[t])) / r.sqrt[t]**2
    np.square(r_sqrt, out=tmp12)
    np.subtract(u, p[:, :, None], out=tmp3)
    tmp3 *= dr
    tmp3 *= g_2
    np.add.reduce(tmp3, axis=2, out=dr_sqrt)
    dr_sqrt /= tmp12
    np.negative(dr_sqrt, out=dr_sqrt)
    # grad(r.arg[t]) = grad(r.sqrt[t]) / (2 * r.sqrt[t])
    np.multiply(dr_sqrt, 0.5, out=dr_arg)
    dr_arg /= r_sqrt
    # grad(p[t]) = sum(2 * p[t] - 2 * u[t]) * grad(r.arg[t]) / n_x - (g_2 @ grad(r[t])) / r.sqrt[t]
    np.multiply(p, 2, out=tmp12)
    np.multiply(u, 2, out=tmp3)
    np.subtract(tmp12[:, :, None], tmp3, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=dp)
    dp *= dr_arg
    dp *= 1 / n_x
    np.multiply(dr, g_2, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=tmp12)
    tmp12 /= r_sqrt
    dp -= tmp12
    # grad(u[t]) = g_2 * grad(r[t]) / r.sqrt[t] + grad(r.arg[t]) * (2 * u[t] - 2 * p[t]) / n_x +
    #     grad(p[t]) / n_x + grad(z[t])
    np.multiply(dp, 1 / n_x, out=tmp12)
    du[...] = tmp12[:, :, None]
    np.multiply(p, 2, out=tmp12)
    np.multiply(u, 2, out=tmp3)
    tmp3 -= tmp12[:, :, None]
    tmp3 *= dr_arg[:, :, None]
    tmp3 *= 1 / n_x
    du += tmp3
    np.multiply(dr, g_2, out=tmp3)
    tmp3 /= r_sqrt[:, :, None]
    du += tmp3
    du += dz
    # grad(W_2) = sum(outer(grad(z[t]), z.relu[t]), t)
    np.matmul(dz.reshape(-1, n_x).T, z_relu.reshape(-1, n_f), out=dW_2)
    # grad(b_1) = sum(grad(z.arg[t]), t)
    np.add.reduce(dz_arg, axis=(0, 1), out=db_1)
    # grad(W_1) = sum(outer(grad(z.arg[t]), r[t]), t)
    np.matmul(dz_arg.reshape(-1, n_f).T, r.reshape(-1, n_x), out=dW_1)
    # grad(g_2) = sum((u[t] - p[t]) * grad(r[t]) / r.sqrt[t], t)
    np.subtract(u.transpose(2, 0, 1), p, out=tmp13)
    tmp13 *= dr.transpose(2, 0, 1)
    np.divide(1, r_sqrt, out=tmp12)
    np.matmul(tmp13.reshape(n_x, -1), tmp12.reshape(-1), out=dg_2)
    # grad(h[t, i, j]) = sum(W_O[l, i, j] * grad(u[t, l]), l)
    np.matmul(du.reshape(-1, n_x), W_O.reshape(n_x, -1), out=dh.reshape(-1, n_a * n_k))
    # grad(alpha[t, t1, i]) = sum(v[t1, i, j] * grad(h[t, i, j]), j), t1 <= t
    np.matmul(dh.transpose(1, 2, 0, 3), v.transpose(1, 2, 3, 0), out=tmp5.transpose(2, 3, 0, 1))
    dalpha[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    # grad(alpha.lse[t]) = sum(-exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha[t, t1]), (t1, 1, t))
    tmp7[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], dalpha.transpose(0, 2, 3, 1), 0)
    np.subtract(alpha_arg.transpose(0, 2, 3, 1), alpha_lse[:, :, :, None], out=tmp15)
    tmp14[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], tmp15, -np.inf)
    np.exp(tmp14, out=tmp8)
    dalpha_lse[...] = np.einsum("tbia,tbia->tbi", tmp7, tmp8)
    np.negative(dalpha_lse, out=dalpha_lse)
    # grad(alpha.arg[t, t1]) = exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha.lse[t]) + exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha[t, t1]), t1 <= t
    np.subtract(alpha_arg, alpha_lse[:, None], out=tmp9)
    tmp5[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp9, -np.inf)
    np.exp(tmp5, out=dalpha_arg)
    dalpha_arg *= dalpha_lse[:, None]
    np.subtract(alpha_arg, alpha_lse[:, None], out=tmp10)
    tmp9[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp10, -np.inf)
    np.exp(tmp9, out=tmp5)
    tmp5 *= dalpha
    dalpha_arg += tmp5
    # grad(alpha.sum[t, t1]) = grad(alpha.arg[t, t1]) / alpha.sqrt, t1 <= t
    tmp6[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1)
    np.divide(dalpha_arg, tmp6[:, :, None, None], out=tmp5)
    dalpha_sum[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    # grad(v[t]) = sum(diag(alpha[t1, t]) @ grad(h[t1]), (t1, t, T))
    tmp7[...] = np.where((np.arange(1, T + 1)[:, None] <= np.arange(1, T + 1))[:, None, None], alpha.transpose(1, 2, 3, 0), 0)
    np.matmul(tmp7.transpose(1, 2, 0, 3), dh.transpose(1, 2, 0, 3), out=dqkv[2].transpose(1, 2, 0, 3))
    # grad(k[t]) = sum(diag(grad(alpha.sum[t1, t])) @ q[t1], (t1, t, T))
    np.matmul(dalpha_sum.transpose(2, 3, 1, 0), q.transpose(1, 2, 0, 3), out=dqkv[1].transpose(1, 2, 0, 3))
    # grad(q[t]) = sum(diag(grad(alpha.sum[t, t1])) @ k[t1], (t1, 1, t))
    np.matmul(dalpha_sum.transpose(2, 3, 0, 1), k.transpose(1, 2, 0, 3), out=dqkv[0].transpose(1, 2, 0, 3))
    # grad(n[t, i]) = sum(sum(W_Q[j, l, i] * grad(q[t, j, l]), l), j) + sum(sum(W_K[j, l, i] * grad(k[t,
    #     j, l]), l), j) + sum(sum(W_V[j, l, i] * grad(v[t, j, l]), l), j)
    np.matmul(dqkv.reshape(3, -1, n_a * n_k), W_QKV.reshape(3, -1, n_x), out=product)
    np.add.reduce(product, axis=0, out=dn.reshape(-1, n_x))
    # grad(n.sqrt[t]) = -sum(g_1 * (x[t] - m[t]) * grad(n[t])) / n.sqrt[t]**2
    np.square(n_sqrt[1:], out=tmp16)
    np.subtract(x[1:], m[1:][:, :, None], out=tmp2)
    tmp2 *= dn[1:]
    tmp2 *= g_1
    np.add.reduce(tmp2, axis=2, out=dn_sqrt)
    dn_sqrt /= tmp16
    np.negative(dn_sqrt, out=dn_sqrt)
    # grad(n.arg[t]) = grad(n.sqrt[t]) / (2 * n.sqrt[t])
    np.multiply(dn_sqrt, 0.5, out=dn_arg)
    dn_arg /= n_sqrt[1:]
    # grad(m[t]) = sum(2 * m[t] - 2 * x[t]) * grad(n.arg[t]) / n_x - (g_1 @ grad(n[t])) / n.sqrt[t]
    np.multiply(m[1:], 2, out=tmp16)
    np.multiply(x[1:], 2, out=tmp2)
    np.subtract(tmp16[:, :, None], tmp2, out=tmp2)
    np.add.reduce(tmp2, axis=2, out=dm)
    dm *= dn_arg
    dm *= 1 / n_x
    np.multiply(dn[1:], g_1, out=tmp2)
    np.add.reduce(tmp2, axis=2, out=tmp16)
    tmp16 /= n_sqrt[1:]
    dm -= tmp16
    # grad(x[t]) = g_1 * grad(n[t]) / n.sqrt[t] + grad(n.arg[t]) * (2 * x[t] - 2 * m[t]) / n_x +
    #     grad(m[t]) / n_x + grad(u[t])
    np.multiply(dm, 1 / n_x, out=tmp16)
    dx[...] = tmp16[:, :, None]
    np.multiply(m[1:], 2, out=tmp16)
    np.multiply(x[1:], 2, out=tmp2)
    tmp2 -= tmp16[:, :, None]
    tmp2 *= dn_arg[:, :, None]
    tmp2 *= 1 / n_x
    dx += tmp2
    np.multiply(dn[1:], g_1, out=tmp2)
    tmp2 /= n_sqrt[1:][:, :, None]
    dx += tmp2
    dx += du[1:]
    # grad(W_O[i, j, l]) = sum(grad(u[t, i]) * h[t, j, l], t)
    np.matmul(du.reshape(-1, n_x).T, h.reshape(-1, n_a * n_k), out=dW_O.reshape(n_x, -1))
    # grad(W_Q[i, j, l]) = sum(grad(q[t, i, j]) * n[t, l], t)
    # grad(W_K[i, j, l]) = sum(grad(k[t, i, j]) * n[t, l], t)
    # grad(W_V[i, j, l]) = sum(grad(v[t, i, j]) * n[t, l], t)
    np.matmul(dqkv.reshape(3, -1, n_a * n_k).transpose(0, 2, 1), n.reshape(-1, n_x), out=dW_QKV.reshape(3, -1, n_x))
    # grad(g_1) = sum((x[t] - m[t]) * grad(n[t]) / n.sqrt[t], t)
    np.subtract(x.transpose(2, 0, 1), m, out=tmp13)
    tmp13 *= dn.transpose(2, 0, 1)
    np.divide(1, n_sqrt, out=tmp12)
    np.matmul(tmp13.reshape(n_x, -1), tmp12.reshape(-1), out=dg_1)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    _scatter_add(dE, (y[:T - 1],), dx)
    dW_Q = dW_QKV[0]
    dW_K = dW_QKV[1]
    dW_V = dW_QKV[2]

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
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where
                                        not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, y, eps, lengths, window)
    (
        params, y, eps, x, m, n, q, k, v, alpha, h, u, p, r, z, yhat, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B,
    ) = _backward_arguments(params, forward, y, eps)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params

    tmp0 = np.empty((T, B, n_x), dtype)
    tmp1 = np.empty((T, B, n_x), dtype)
    tmp2 = np.empty((T, T, B, n_a), dtype)
    tmp3 = np.empty((T, T), dtype)
    tmp4 = np.empty((T, B, n_a, T), dtype)
    tmp5 = np.empty((T, B, n_a, T), dtype)
    n_arg = np.empty((T, B), dtype)
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    np.subtract(x, m[:, :, None], out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=n_arg)
    n_arg *= 1 / n_x
    n_arg += eps
    n_sqrt = np.empty((T, B), dtype)
    # n.sqrt[t] = sqrt(n.arg[t])
    np.sqrt(n_arg, out=n_sqrt)
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    alpha_sum = np.empty((T, T, B, n_a), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    np.matmul(q.transpose(1, 2, 0, 3), k.transpose(1, 2, 3, 0), out=tmp2.transpose(2, 3, 0, 1))
    alpha_sum[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp2, 0)
    alpha_arg = np.empty((T, T, B, n_a), dtype)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    tmp3[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1)
    np.divide(alpha_sum, tmp3[:, :, None, None], out=tmp2)
    alpha_arg[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp2, 0)
    alpha_lse = np.empty((T, B, n_a), dtype)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    tmp4[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf)
    largest = np.empty((T, B, n_a, 1), dtype)
    _logsumexp(tmp4, 3, out=alpha_lse, work=tmp5, largest=largest)
    r_arg = np.empty((T, B), dtype)
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    np.subtract(u, p[:, :, None], out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=r_arg)
    r_arg *= 1 / n_x
    r_arg += eps
    r_sqrt = np.empty((T, B), dtype)
    # r.sqrt[t] = sqrt(r.arg[t])
    np.sqrt(r_arg, out=r_sqrt)
    z_arg = np.empty((T, B, n_f), dtype)
    # z.arg[t] = W_1 @ r[t] + b_1
    np.matmul(r.reshape(-1, n_x), W_1.T, out=z_arg.reshape(-1, n_f))
    z_arg += b_1
    z_relu = np.empty((T, B, n_f), dtype)
    # z.relu[t] = relu(z.arg[t])
    np.maximum(z_arg, 0, out=z_relu)
    tmp6 = np.empty((T, B), dtype)
    tmp7 = np.empty((n_x, T, B), dtype)
    tmp8 = np.empty((T, B, n_a, T), dtype)
    tmp9 = np.empty((T, B, n_a, T), dtype)
    tmp10 = np.empty((T, T, B, n_a), dtype)
    tmp11 = np.empty((T, T, B, n_a), dtype)
    tmp12 = np.empty((T - 1, B), dtype)
    tmp13 = np.empty((T - 1, B, n_x), dtype)
    W_QKV = np.stack((W_Q, W_K, W_V))
    do = np.empty((T, B, n_w), dtype)
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do[...] = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, -1)
    dE = np.empty((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    np.matmul(do.reshape(-1, n_w).T, z.reshape(-1, n_x), out=dE)
    dz = np.empty((T, B, n_x), dtype)
    # grad(z[t]) = E.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_w), E, out=dz.reshape(-1, n_x))
    db_2 = np.empty((n_x,), dtype)
    # grad(b_2) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=db_2)
    dz_relu = np.empty((T, B, n_f), dtype)
    # grad(z.relu[t]) = W_2.T @ grad(z[t])
    np.matmul(dz.reshape(-1, n_x), W_2, out=dz_relu.reshape(-1, n_f))
    dz_arg = np.empty((T, B, n_f), dtype)
    # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z.relu[t])
    np.less(0, z_arg, out=dz_arg)
    dz_arg *= dz_relu
    dr = np.empty((T, B, n_x), dtype)
    # grad(r[t]) = W_1.T @ grad(z.arg[t])
    np.matmul(dz_arg.reshape(-1, n_f), W_1, out=dr.reshape(-1, n_x))
    dr_sqrt = np.empty((T, B), dtype)
    # grad(r.sqrt[t]) = -sum(g_2 * (u[t] - p[t]) * grad(r[t])) / r.sqrt[t]**2
    np.square(r_sqrt, out=tmp6)
    np.subtract(u, p[:, :, None], out=tmp0)
    tmp0 *= dr
    tmp0 *= g_2
    np.add.reduce(tmp0, axis=2, out=dr_sqrt)
    dr_sqrt /= tmp6
    np.negative(dr_sqrt, out=dr_sqrt)
    dr_arg = np.empty((T, B), dtype)
    # grad(r.arg[t]) = grad(r.sqrt[t]) / (2 * r.sqrt[t])
    np.multiply(dr_sqrt, 0.5, out=dr_arg)
    dr_arg /= r_sqrt
    dp = np.empty((T, B), dtype)
    # grad(p[t]) = sum(2 * p[t] - 2 * u[t]) * grad(r.arg[t]) / n_x - (g_2 @ grad(r[t])) / r.sqrt[t]
    np.multiply(p, 2, out=tmp6)
    np.multiply(u, 2, out=tmp0)
    np.subtract(tmp6[:, :, None], tmp0, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=dp)
    dp *= dr_arg
    dp *= 1 / n_x
    np.multiply(dr, g_2, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=tmp6)
    tmp6 /= r_sqrt
    dp -= tmp6
    du = np.empty((T, B, n_x), dtype)
    # grad(u[t]) = g_2 * grad(r[t]) / r.sqrt[t] + grad(r.arg[t]) * (2 * u[t] - 2 * p[t]) / n_x +
    #     grad(p[t]) / n_x + grad(z[t])
    np.multiply(dp, 1 / n_x, out=tmp6)
    du[...] = tmp6[:, :, None]
    np.multiply(p, 2, out=tmp6)
    np.multiply(u, 2, out=tmp0)
    tmp0 -= tmp6[:, :, None]
    tmp0 *= dr_arg[:, :, None]
    tmp0 *= 1 / n_x
    du += tmp0
    np.multiply(dr, g_2, out=tmp0)
    tmp0 /= r_sqrt[:, :, None]
    du += tmp0
    du += dz
    dW_2 = np.empty((n_x, n_f), dtype)
    # grad(W_2) = sum(outer(grad(z[t]), z.relu[t]), t)
    np.matmul(dz.reshape(-1, n_x).T, z_relu.reshape(-1, n_f), out=dW_2)
    db_1 = np.empty((n_f,), dtype)
    # grad(b_1) = sum(grad(z.arg[t]), t)
    np.add.reduce(dz_arg, axis=(0, 1), out=db_1)
    dW_1 = np.empty((n_f, n_x), dtype)
    # grad(W_1) = sum(outer(grad(z.arg[t]), r[t]), t)
    np.matmul(dz_arg.reshape(-1, n_f).T, r.reshape(-1, n_x), out=dW_1)
    dg_2 = np.empty((n_x,), dtype)
    # grad(g_2) = sum((u[t] - p[t]) * grad(r[t]) / r.sqrt[t], t)
    np.subtract(u.transpose(2, 0, 1), p, out=tmp7)
    tmp7 *= dr.transpose(2, 0, 1)
    np.divide(1, r_sqrt, out=tmp6)
    np.matmul(tmp7.reshape(n_x, -1), tmp6.reshape(-1), out=dg_2)
    dh = np.empty((T, B, n_a, n_k), dtype)
    # grad(h[t, i, j]) = sum(W_O[l, i, j] * grad(u[t, l]), l)
    np.matmul(du.reshape(-1, n_x), W_O.reshape(n_x, -1), out=dh.reshape(-1, n_a * n_k))
    dalpha = np.empty((T, T, B, n_a), dtype)
    # grad(alpha[t, t1, i]) = sum(v[t1, i, j] * grad(h[t, i, j]), j), t1 <= t
    np.matmul(dh.transpose(1, 2, 0, 3), v.transpose(1, 2, 3, 0), out=tmp2.transpose(2, 3, 0, 1))
    dalpha[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp2, 0)
    dalpha_lse = np.empty((T, B, n_a), dtype)
    # grad(alpha.lse[t]) = sum(-exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha[t, t1]), (t1, 1, t))
    tmp4[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], dalpha.transpose(0, 2, 3, 1), 0)
    np.subtract(alpha_arg.transpose(0, 2, 3, 1), alpha_lse[:, :, :, None], out=tmp9)
    tmp8[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], tmp9, -np.inf)
    np.exp(tmp8, out=tmp5)
    dalpha_lse[...] = np.einsum("tbia,tbia->tbi", tmp4, tmp5)
    np.negative(dalpha_lse, out=dalpha_lse)
    dalpha_arg = np.empty((T, T, B, n_a), dtype)
    # grad(alpha.arg[t, t1]) = exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha.lse[t]) + exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha[t, t1]), t1 <= t
    np.subtract(alpha_arg, alpha_lse[:, None], out=tmp10)
    tmp2[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp10, -np.inf)
    np.exp(tmp2, out=dalpha_arg)
    dalpha_arg *= dalpha_lse[:, None]
    np.subtract(alpha_arg, alpha_lse[:, None], out=tmp11)
    tmp10[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp11, -np.inf)
    np.exp(tmp10, out=tmp2)
    tmp2 *= dalpha
    dalpha_arg += tmp2
    dalpha_sum = np.empty((T, T, B, n_a), dtype)
    # grad(alpha.sum[t, t1]) = grad(alpha.arg[t, t1]) / alpha.sqrt, t1 <= t
    tmp3[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1)
    np.divide(dalpha_arg, tmp3[:, :, None, None], out=tmp2)
    dalpha_sum[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp2, 0)
    dqkv = np.empty((3, T, B, n_a, n_k), dtype)
    # grad(v[t]) = sum(diag(alpha[t1, t]) @ grad(h[t1]), (t1, t, T))
    tmp4[...] = np.where((np.arange(1, T + 1)[:, None] <= np.arange(1, T + 1))[:, None, None], alpha.transpose(1, 2, 3, 0), 0)
    np.matmul(tmp4.transpose(1, 2, 0, 3), dh.transpose(1, 2, 0, 3), out=dqkv[2].transpose(1, 2, 0, 3))
    # grad(k[t]) = sum(diag(grad(alpha.sum[t1, t])) @ q[t1], (t1, t, T))
    np.matmul(dalpha_sum.transpose(2, 3, 1, 0), q.transpose(1, 2, 0, 3), out=dqkv[1].transpose(1, 2, 0, 3))
    # grad(q[t]) = sum(diag(grad(alpha.sum[t, t1])) @ k[t1], (t1, 1, t))
    np.matmul(dalpha_sum.transpose(2, 3, 0, 1), k.transpose(1, 2, 0, 3), out=dqkv[0].transpose(1, 2, 0, 3))
    dn = np.empty((T, B, n_x), dtype)
    product = np.empty((3, T * B, n_x), dtype)
    # grad(n[t, i]) = sum(sum(W_Q[j, l, i] * grad(q[t, j, l]), l), j) + sum(sum(W_K[j, l, i] * grad(k[t,
    #     j, l]), l), j) + sum(sum(W_V[j, l, i] * grad(v[t, j, l]), l), j)
    np.matmul(dqkv.reshape(3, -1, n_a * n_k), W_QKV.reshape(3, -1, n_x), out=product)
    np.add.reduce(product, axis=0, out=dn.reshape(-1, n_x))
    dn_sqrt = np.empty((T - 1, B), dtype)
    # grad(n.sqrt[t]) = -sum(g_1 * (x[t] - m[t]) * grad(n[t])) / n.sqrt[t]**2
    np.square(n_sqrt[1:], out=tmp12)
    np.subtract(x[1:], m[1:][:, :, None], out=tmp13)
    tmp13 *= dn[1:]
    tmp13 *= g_1
    np.add.reduce(tmp13, axis=2, out=dn_sqrt)
    dn_sqrt /= tmp12
    np.negative(dn_sqrt, out=dn_sqrt)
    dn_arg = np.empty((T - 1, B), dtype)
    # grad(n.arg[t]) = grad(n.sqrt[t]) / (2 * n.sqrt[t])
    np.multiply(dn_sqrt, 0.5, out=dn_arg)
    dn_arg /= n_sqrt[1:]
    dm = np.empty((T - 1, B), dtype)
    # grad(m[t]) = sum(2 * m[t] - 2 * x[t]) * grad(n.arg[t]) / n_x - (g_1 @ grad(n[t])) / n.sqrt[t]
    np.multiply(m[1:], 2, out=tmp12)
    np.multiply(x[1:], 2, out=tmp13)
    np.subtract(tmp12[:, :, None], tmp13, out=tmp13)
    np.add.reduce(tmp13, axis=2, out=dm)
    dm *= dn_arg
    dm *= 1 / n_x
    np.multiply(dn[1:], g_1, out=tmp13)
    np.add.reduce(tmp13, axis=2, out=tmp12)
    tmp12 /= n_sqrt[1:]
    dm -= tmp12
    dx = np.empty((T - 1, B, n_x), dtype)
    # grad(x[t]) = g_1 * grad(n[t]) / n.sqrt[t] + grad(n.arg[t]) * (2 * x[t] - 2 * m[t]) / n_x +
    #     grad(m[t]) / n_x + grad(u[t])
    np.multiply(dm, 1 / n_x, out=tmp12)
    dx[...] = tmp12[:, :, None]
    np.multiply(m[1:], 2, out=tmp12)
    np.multiply(x[1:], 2, out=tmp13)
    tmp13 -= tmp12[:, :, None]
    tmp13 *= dn_arg[:, :, None]
    tmp13 *= 1 / n_x
    dx += tmp13
    np.multiply(dn[1:], g_1, out=tmp13)
    tmp13 /= n_sqrt[1:][:, :, None]
    dx += tmp13
    dx += du[1:]
    dW_O = np.empty((n_x, n_a, n_k), dtype)
    # grad(W_O[i, j, l]) = sum(grad(u[t, i]) * h[t, j, l], t)
    np.matmul(du.reshape(-1, n_x).T, h.reshape(-1, n_a * n_k), out=dW_O.reshape(n_x, -1))
    dW_QKV = np.empty((3, n_a, n_k, n_x), dtype)
    # grad(W_Q[i, j, l]) = sum(grad(q[t, i, j]) * n[t, l], t)
    # grad(W_K[i, j, l]) = sum(grad(k[t, i, j]) * n[t, l], t)
    # grad(W_V[i, j, l]) = sum(grad(v[t, i, j]) * n[t, l], t)
    np.matmul(dqkv.reshape(3, -1, n_a * n_k).transpose(0, 2, 1), n.reshape(-1, n_x), out=dW_QKV.reshape(3, -1, n_x))
    dg_1 = np.empty((n_x,), dtype)
    # grad(g_1) = sum((x[t] - m[t]) * grad(n[t]) / n.sqrt[t], t)
    np.subtract(x.transpose(2, 0, 1), m, out=tmp7)
    tmp7 *= dn.transpose(2, 0, 1)
    np.divide(1, n_sqrt, out=tmp6)
    np.matmul(tmp7.reshape(n_x, -1), tmp6.reshape(-1), out=dg_1)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    _scatter_add(dE, (y[:T - 1],), dx)
    dW_Q = dW_QKV[0]
    dW_K = dW_QKV[1]
    dW_V = dW_QKV[2]

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

    W_QKV = np.stack((W_Q, W_K, W_V))
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
    # alpha.arg.ahead = 1 / alpha.sqrt
    alpha_arg_ahead = 1 / alpha_sqrt
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
    qkv = np.empty((3, steps, B, n_a, n_k), dtype)
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
    qkv[:, 0] = (n[0] @ W_QKV.reshape(3, -1, n_x).transpose(0, 2, 1)).reshape(3, B, n_a, n_k)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    alpha_sum[0, :1] = (qkv[1, :1].transpose(1, 2, 0, 3) @ qkv[0, 0][..., None])[..., 0].transpose(2, 0, 1)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    alpha_arg[0, :1] = alpha_arg_ahead * alpha_sum[0, :1]
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    alpha_lse[0] = _logsumexp(alpha_arg[0, :1], 0)
    alpha_softmax[0, :1] += np.exp(alpha_arg[0, :1] - alpha_lse[0])
    alpha[0] = alpha_softmax[0]
    # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
    h[0] = (qkv[2, :1].transpose(1, 2, 3, 0) @ alpha[0, :1].transpose(1, 2, 0)[..., None])[..., 0]
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
    W_QKV_T = W_QKV.transpose(0, 1, 3, 2).copy()
    W_1_T = W_1.T.copy()
    W_2_T = W_2.T.copy()
    E_T = E.T.copy()
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
        qkv[:, t - 1] = (n[t - 1] @ W_QKV_T).transpose(0, 2, 1, 3)
        # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
        alpha_sum[t - 1, :t] = (qkv[1, :t].transpose(1, 2, 0, 3) @ qkv[0, t - 1][..., None])[..., 0].transpose(2, 0, 1)
        # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
        alpha_arg[t - 1, :t] = alpha_arg_ahead * alpha_sum[t - 1, :t]
        # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
        alpha_lse[t - 1] = _logsumexp(alpha_arg[t - 1, :t], 0)
        alpha_softmax[t - 1, :t] += np.exp(alpha_arg[t - 1, :t] - alpha_lse[t - 1])
        alpha[t - 1] = alpha_softmax[t - 1]
        # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
        h[t - 1] = (qkv[2, :t].transpose(1, 2, 3, 0) @ alpha[t - 1, :t].transpose(1, 2, 0)[..., None])[..., 0]
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
        z_arg[t - 1] += r[t - 1] @ W_1_T
        # z.relu[t] = relu(z.arg[t])
        np.maximum(z_arg[t - 1], 0, out=z_relu)
        # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
        z[t - 1] += z_relu @ W_2_T
        z[t - 1] += u[t - 1]
        # o[t] = E @ z[t]
        o[t - 1] = z[t - 1] @ E_T
        # yhat[t] = softmax(o[t])
        yhat_lse[...] = _logsumexp(o[t - 1], 1)
        np.exp(o[t - 1] - yhat_lse[:, None], out=yhat[t - 1])
        # y.fed[t] = the most probable class of yhat[t], or one that is drawn
        y_fed[...] = _choice(yhat[t - 1], 1, rng)
        # y[t] = y.fed[t], or the true one where truth[t]
        y[t - 1] = np.where(truth[t - 1] != 0, y_given[t - 1], y_fed)
    q = qkv[0]
    k = qkv[1]
    v = qkv[2]

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

    tmp0 = np.empty((n_x,), dtype)
    tmp1 = np.empty((T, n_x), dtype)
    tmp2 = np.empty((T - 1, B, n_x), dtype)
    tmp3 = np.empty((T, B, n_x), dtype)
    tmp4 = np.empty((T, B, n_x), dtype)
    tmp5 = np.empty((T, T, B, n_a), dtype)
    tmp6 = np.empty((T, T), dtype)
    tmp7 = np.empty((T, B, n_a, T), dtype)
    tmp8 = np.empty((T, B, n_a, T), dtype)
    tmp9 = np.empty((T, T, B, n_a), dtype)
    tmp10 = np.empty((T, T, B, n_a), dtype)
    tmp11 = np.empty((T, B, n_w), dtype)
    tmp12 = np.empty((B, T), dtype)
    tmp13 = np.empty((B, T), dtype)
    tmp14 = np.empty((B, T), dtype)
    W_QKV = np.stack((W_Q, W_K, W_V))
    x_power = np.empty((n_x,), dtype)
    # x.power[j] = 100**(j / n_x)
    np.multiply(np.arange(n_x, dtype=dtype), 1 / n_x, out=tmp0)
    x_power[...] = 100 ** tmp0
    x_arg = np.empty((T, n_x), dtype)
    # x.arg[t] = t / x.power
    np.divide(np.arange(1, T + 1, dtype=dtype)[:, None], x_power, out=x_arg)
    x = np.empty((T, B, n_x), dtype)
    # x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))
    np.sin(x_arg, out=tmp1)
    x[...] = tmp1[:, None]
    np.take(E, y[:T - 1], axis=0, out=tmp2, mode="clip")
    x[1:] += tmp2
    m = np.empty((T, B), dtype)
    # m[t] = mean(x[t])
    np.add.reduce(x, axis=2, out=m)
    m *= 1 / n_x
    n_arg = np.empty((T, B), dtype)
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    np.subtract(x, m[:, :, None], out=tmp4)
    np.square(tmp4, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=n_arg)
    n_arg *= 1 / n_x
    n_arg += eps
    n_sqrt = np.empty((T, B), dtype)
    # n.sqrt[t] = sqrt(n.arg[t])
    np.sqrt(n_arg, out=n_sqrt)
    n = np.empty((T, B, n_x), dtype)
    # n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])
    np.subtract(x, m[:, :, None], out=n)
    n *= g_1
    n /= n_sqrt[:, :, None]
    qkv = np.empty((3, T, B, n_a, n_k), dtype)
    # q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)
    # k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)
    # v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)
    np.matmul(n.reshape(-1, n_x), W_QKV.reshape(3, -1, n_x).transpose(0, 2, 1), out=qkv.reshape(3, -1, n_a * n_k))
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    alpha_sum = np.empty((T, T, B, n_a), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    np.matmul(qkv[0].transpose(1, 2, 0, 3), qkv[1].transpose(1, 2, 3, 0), out=tmp5.transpose(2, 3, 0, 1))
    alpha_sum[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    alpha_arg = np.empty((T, T, B, n_a), dtype)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    tmp6[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1)
    np.divide(alpha_sum, tmp6[:, :, None, None], out=tmp5)
    alpha_arg[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    alpha_lse = np.empty((T, B, n_a), dtype)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    tmp7[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf)
    largest = np.empty((T, B, n_a, 1), dtype)
    _logsumexp(tmp7, 3, out=alpha_lse, work=tmp8, largest=largest)
    alpha_softmax = np.empty((T, T, B, n_a), dtype)
    alpha_softmax[...] = 0
    np.subtract(alpha_arg, alpha_lse[:, None], out=tmp10)
    tmp9[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp10, -np.inf)
    np.exp(tmp9, out=tmp5)
    alpha_softmax += tmp5
    alpha = np.empty((T, T, B, n_a), dtype)
    alpha[...] = alpha_softmax
    h = np.empty((T, B, n_a, n_k), dtype)
    # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
    tmp7[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha.transpose(0, 2, 3, 1), 0)
    np.matmul(tmp7.transpose(1, 2, 0, 3), qkv[2].transpose(1, 2, 0, 3), out=h.transpose(1, 2, 0, 3))
    u = np.empty((T, B, n_x), dtype)
    # u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
    np.matmul(h.reshape(-1, n_a * n_k), W_O.reshape(n_x, -1).T, out=u.reshape(-1, n_x))
    u += x
    p = np.empty((T, B), dtype)
    # p[t] = mean(u[t])
    np.add.reduce(u, axis=2, out=p)
    p *= 1 / n_x
    r_arg = np.empty((T, B), dtype)
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    np.subtract(u, p[:, :, None], out=tmp4)
    np.square(tmp4, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=r_arg)
    r_arg *= 1 / n_x
    r_arg += eps
    r_sqrt = np.empty((T, B), dtype)
    # r.sqrt[t] = sqrt(r.arg[t])
    np.sqrt(r_arg, out=r_sqrt)
    r = np.empty((T, B, n_x), dtype)
    # r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])
    np.subtract(u, p[:, :, None], out=r)
    r *= g_2
    r /= r_sqrt[:, :, None]
    z_arg = np.empty((T, B, n_f), dtype)
    # z.arg[t] = W_1 @ r[t] + b_1
    np.matmul(r.reshape(-1, n_x), W_1.T, out=z_arg.reshape(-1, n_f))
    z_arg += b_1
    z_relu = np.empty((T, B, n_f), dtype)
    # z.relu[t] = relu(z.arg[t])
    np.maximum(z_arg, 0, out=z_relu)
    z = np.empty((T, B, n_x), dtype)
    # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
    np.matmul(z_relu.reshape(-1, n_f), W_2.T, out=z.reshape(-1, n_x))
    z += b_2
    z += u
    o = np.empty((T, B, n_w), dtype)
    # o[t] = E @ z[t]
    np.matmul(z.reshape(-1, n_x), E.T, out=o.reshape(-1, n_w))
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp11, largest=largest2)
    yhat = np.empty((T, B, n_w), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp11)
    np.exp(tmp11, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp13[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp14[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp12[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp14, 0)
    np.subtract(tmp13, tmp12, out=tmp12)
    loss = tmp12.sum()
    q = qkv[0]
    k = qkv[1]
    v = qkv[2]

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


def _loss_padded(params, y, eps, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, y, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B, len_T, T_own,
    ) = _padded_arguments(params, y, eps, lengths)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params

    (
        tmp0, x_arg, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, alpha_sum, tmp9, tmp10, tmp11, tmp12, tmp13, tmp14,
        W_QKV, x_power, x, m, n_arg, n_sqrt, n, qkv, alpha_arg, alpha_lse, largest, alpha_softmax, alpha, h, u, p,
        r_arg, r_sqrt, r, z_arg, z_relu, z, o, yhat_lse, largest2,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_w, n_x, n_a, n_k, n_f, B, dtype)
    np.stack((W_Q, W_K, W_V), out=W_QKV)
    # x.power[j] = 100**(j / n_x)
    np.multiply(np.arange(n_x, dtype=dtype), 1 / n_x, out=tmp0)
    x_power[...] = 100 ** tmp0
    # x.arg[t] = t / x.power
    np.divide(np.arange(1, T + 1, dtype=dtype)[:, None], x_power, out=x_arg)
    # x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))
    np.sin(x_arg, out=tmp1)
    x[...] = tmp1[:, None]
    np.take(E, y[:T - 1], axis=0, out=tmp2, mode="clip")
    x[1:] += tmp2
    # m[t] = mean(x[t])
    np.add.reduce(x, axis=2, out=m)
    m *= 1 / n_x
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    np.subtract(x, m[:, :, None], out=tmp4)
    np.square(tmp4, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=n_arg)
    n_arg *= 1 / n_x
    n_arg += eps
    # n.sqrt[t] = sqrt(n.arg[t])
    np.sqrt(n_arg, out=n_sqrt)
    # n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])
    np.subtract(x, m[:, :, None], out=n)
    n *= g_1
    n /= n_sqrt[:, :, None]
    # q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)
    # k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)
    # v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)
    np.matmul(n.reshape(-1, n_x), W_QKV.reshape(3, -1, n_x).transpose(0, 2, 1), out=qkv.reshape(3, -1, n_a * n_k))
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    np.matmul(qkv[0].transpose(1, 2, 0, 3), qkv[1].transpose(1, 2, 3, 0), out=tmp5.transpose(2, 3, 0, 1))
    alpha_sum[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    tmp6[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1)
    np.divide(alpha_sum, tmp6[:, :, None, None], out=tmp5)
    alpha_arg[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    tmp7[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf)
    _logsumexp(tmp7, 3, out=alpha_lse, work=tmp8, largest=largest)
    alpha_softmax[...] = 0
    np.subtract(alpha_arg, alpha_lse[:, None], out=tmp10)
    tmp9[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp10, -np.inf)
    np.exp(tmp9, out=tmp5)
    alpha_softmax += tmp5
    # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
    tmp7[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha.transpose(0, 2, 3, 1), 0)
    np.matmul(tmp7.transpose(1, 2, 0, 3), qkv[2].transpose(1, 2, 0, 3), out=h.transpose(1, 2, 0, 3))
    # u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
    np.matmul(h.reshape(-1, n_a * n_k), W_O.reshape(n_x, -1).T, out=u.reshape(-1, n_x))
    u += x
    # p[t] = mean(u[t])
    np.add.reduce(u, axis=2, out=p)
    p *= 1 / n_x
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    np.subtract(u, p[:, :, None], out=tmp4)
    np.square(tmp4, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=r_arg)
    r_arg *= 1 / n_x
    r_arg += eps
    # r.sqrt[t] = sqrt(r.arg[t])
    np.sqrt(r_arg, out=r_sqrt)
    # r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])
    np.subtract(u, p[:, :, None], out=r)
    r *= g_2
    r /= r_sqrt[:, :, None]
    # z.arg[t] = W_1 @ r[t] + b_1
    np.matmul(r.reshape(-1, n_x), W_1.T, out=z_arg.reshape(-1, n_f))
    z_arg += b_1
    # z.relu[t] = relu(z.arg[t])
    np.maximum(z_arg, 0, out=z_relu)
    # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
    np.matmul(z_relu.reshape(-1, n_f), W_2.T, out=z.reshape(-1, n_x))
    z += b_2
    z += u
    # o[t] = E @ z[t]
    np.matmul(z.reshape(-1, n_x), E.T, out=o.reshape(-1, n_w))
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp11, largest=largest2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp13[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp14[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp12[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp14, 0)
    np.subtract(tmp13, tmp12, out=tmp12)
    loss = tmp12.sum()

    return float(loss)


def _loss_and_grad_padded(params, y, eps, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, y, eps, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B, len_T, T_own,
    ) = _padded_arguments(params, y, eps, lengths)
    E, W_Q, W_K, W_V, W_O, W_1, b_1, W_2, b_2, g_1, g_2 = params
    wrt = _asked(wrt, ())
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, x_arg, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, tmp13, tmp14, W_QKV,
        x_power, x, m, n_arg, n_sqrt, n, qkv, alpha_sum, alpha_arg, alpha_lse, largest, alpha_softmax, alpha, h, u, p,
        r_arg, r_sqrt, r, z_arg, z_relu, z, o, yhat_lse, largest2, yhat, tmp15, tmp16, tmp17, tmp18, tmp19, tmp20,
        tmp21, tmp22, do, rows, flat, entries, dE, dz, db_2, dz_relu, dz_arg, dr, dr_sqrt, dr_arg, dp, du, dW_2, db_1,
        dW_1, dg_2, dh, dalpha, dalpha_lse, dalpha_arg, dalpha_sum, dqkv, dn, product, dn_sqrt, dn_arg, dm, dx, dW_O,
        dW_QKV, dg_1,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_w, n_x, n_a, n_k, n_f, B, dtype)
    np.stack((W_Q, W_K, W_V), out=W_QKV)
    # x.power[j] = 100**(j / n_x)
    np.multiply(np.arange(n_x, dtype=dtype), 1 / n_x, out=tmp0)
    x_power[...] = 100 ** tmp0
    # x.arg[t] = t / x.power
    np.divide(np.arange(1, T + 1, dtype=dtype)[:, None], x_power, out=x_arg)
    # x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))
    np.sin(x_arg, out=tmp1)
    x[...] = tmp1[:, None]
    np.take(E, y[:T - 1], axis=0, out=tmp2, mode="clip")
    x[1:] += tmp2
    # m[t] = mean(x[t])
    np.add.reduce(x, axis=2, out=m)
    m *= 1 / n_x
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    np.subtract(x, m[:, :, None], out=tmp4)
    np.square(tmp4, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=n_arg)
    n_arg *= 1 / n_x
    n_arg += eps
    # n.sqrt[t] = sqrt(n.arg[t])
    np.sqrt(n_arg, out=n_sqrt)
    # n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])
    np.subtract(x, m[:, :, None], out=n)
    n *= g_1
    n /= n_sqrt[:, :, None]
    # q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)
    # k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)
    # v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)
    np.matmul(n.reshape(-1, n_x), W_QKV.reshape(3, -1, n_x).transpose(0, 2, 1), out=qkv.reshape(3, -1, n_a * n_k))
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    np.matmul(qkv[0].transpose(1, 2, 0, 3), qkv[1].transpose(1, 2, 3, 0), out=tmp5.transpose(2, 3, 0, 1))
    alpha_sum[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    tmp6[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1)
    np.divide(alpha_sum, tmp6[:, :, None, None], out=tmp5)
    alpha_arg[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    tmp7[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf)
    _logsumexp(tmp7, 3, out=alpha_lse, work=tmp8, largest=largest)
    alpha_softmax[...] = 0
    np.subtract(alpha_arg, alpha_lse[:, None], out=tmp10)
    tmp9[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp10, -np.inf)
    np.exp(tmp9, out=tmp5)
    alpha_softmax += tmp5
    # h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))
    tmp7[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha.transpose(0, 2, 3, 1), 0)
    np.matmul(tmp7.transpose(1, 2, 0, 3), qkv[2].transpose(1, 2, 0, 3), out=h.transpose(1, 2, 0, 3))
    # u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
    np.matmul(h.reshape(-1, n_a * n_k), W_O.reshape(n_x, -1).T, out=u.reshape(-1, n_x))
    u += x
    # p[t] = mean(u[t])
    np.add.reduce(u, axis=2, out=p)
    p *= 1 / n_x
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    np.subtract(u, p[:, :, None], out=tmp4)
    np.square(tmp4, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=r_arg)
    r_arg *= 1 / n_x
    r_arg += eps
    # r.sqrt[t] = sqrt(r.arg[t])
    np.sqrt(r_arg, out=r_sqrt)
    # r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])
    np.subtract(u, p[:, :, None], out=r)
    r *= g_2
    r /= r_sqrt[:, :, None]
    # z.arg[t] = W_1 @ r[t] + b_1
    np.matmul(r.reshape(-1, n_x), W_1.T, out=z_arg.reshape(-1, n_f))
    z_arg += b_1
    # z.relu[t] = relu(z.arg[t])
    np.maximum(z_arg, 0, out=z_relu)
    # z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2
    np.matmul(z_relu.reshape(-1, n_f), W_2.T, out=z.reshape(-1, n_x))
    z += b_2
    z += u
    # o[t] = E @ z[t]
    np.matmul(z.reshape(-1, n_x), E.T, out=o.reshape(-1, n_w))
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp11, largest=largest2)
    np.subtract(o, yhat_lse[:, :, None], out=tmp11)
    np.exp(tmp11, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp13[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp14[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp12[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp14, 0)
    np.subtract(tmp13, tmp12, out=tmp12)
    loss = tmp12.sum()
    q = qkv[0]
    k = qkv[1]
    v = qkv[2]
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp15[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp15[:, :, None], yhat, out=do)
    tmp15[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp15, out=tmp15)
    _add_to(do, y, rows, flat, entries, tmp15)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    np.matmul(do.reshape(-1, n_w).T, z.reshape(-1, n_x), out=dE)
    # grad(z[t]) = E.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_w), E, out=dz.reshape(-1, n_x))
    # grad(b_2) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=db_2)
    # grad(z.relu[t]) = W_2.T @ grad(z[t])
    np.matmul(dz.reshape(-1, n_x), W_2, out=dz_relu.reshape(-1, n_f))
    # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z.relu[t])
    np.less(0, z_arg, out=dz_arg)
    dz_arg *= dz_relu
    # grad(r[t]) = W_1.T @ grad(z.arg[t])
    np.matmul(dz_arg.reshape(-1, n_f), W_1, out=dr.reshape(-1, n_x))
    # grad(r.sqrt[t]) = -sum(g_2 * (u[t] - p[t]) * grad(r[t])) / r.sqrt[t]**2
    np.square(r_sqrt, out=tmp15)
    np.subtract(u, p[:, :, None], out=tmp3)
    tmp3 *= dr
    tmp3 *= g_2
    np.add.reduce(tmp3, axis=2, out=dr_sqrt)
    dr_sqrt /= tmp15
    np.negative(dr_sqrt, out=dr_sqrt)
    # grad(r.arg[t]) = grad(r.sqrt[t]) / (2 * r.sqrt[t])
    np.multiply(dr_sqrt, 0.5, out=dr_arg)
    dr_arg /= r_sqrt
    # grad(p[t]) = sum(2 * p[t] - 2 * u[t]) * grad(r.arg[t]) / n_x - (g_2 @ grad(r[t])) / r.sqrt[t]
    np.multiply(p, 2, out=tmp15)
    np.multiply(u, 2, out=tmp3)
    np.subtract(tmp15[:, :, None], tmp3, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=dp)
    dp *= dr_arg
    dp *= 1 / n_x
    np.multiply(dr, g_2, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=tmp15)
    tmp15 /= r_sqrt
    dp -= tmp15
    # grad(u[t]) = g_2 * grad(r[t]) / r.sqrt[t] + grad(r.arg[t]) * (2 * u[t] - 2 * p[t]) / n_x +
    #     grad(p[t]) / n_x + grad(z[t])
    np.multiply(dp, 1 / n_x, out=tmp15)
    du[...] = tmp15[:, :, None]
    np.multiply(p, 2, out=tmp15)
    np.multiply(u, 2, out=tmp3)
    tmp3 -= tmp15[:, :, None]
    tmp3 *= dr_arg[:, :, None]
    tmp3 *= 1 / n_x
    du += tmp3
    np.multiply(dr, g_2, out=tmp3)
    tmp3 /= r_sqrt[:, :, None]
    du += tmp3
    du += dz
    # grad(W_2) = sum(outer(grad(z[t]), z.relu[t]), t)
    np.matmul(dz.reshape(-1, n_x).T, z_relu.reshape(-1, n_f), out=dW_2)
    # grad(b_1) = sum(grad(z.arg[t]), t)
    np.add.reduce(dz_arg, axis=(0, 1), out=db_1)
    # grad(W_1) = sum(outer(grad(z.arg[t]), r[t]), t)
    np.matmul(dz_arg.reshape(-1, n_f).T, r.reshape(-1, n_x), out=dW_1)
    # grad(g_2) = sum((u[t] - p[t]) * grad(r[t]) / r.sqrt[t], t)
    np.subtract(u.transpose(2, 0, 1), p, out=tmp16)
    tmp16 *= dr.transpose(2, 0, 1)
    np.divide(1, r_sqrt, out=tmp15)
    np.matmul(tmp16.reshape(n_x, -1), tmp15.reshape(-1), out=dg_2)
    # grad(h[t, i, j]) = sum(W_O[l, i, j] * grad(u[t, l]), l)
    np.matmul(du.reshape(-1, n_x), W_O.reshape(n_x, -1), out=dh.reshape(-1, n_a * n_k))
    # grad(alpha[t, t1, i]) = sum(v[t1, i, j] * grad(h[t, i, j]), j), t1 <= t
    np.matmul(dh.transpose(1, 2, 0, 3), v.transpose(1, 2, 3, 0), out=tmp5.transpose(2, 3, 0, 1))
    dalpha[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    # grad(alpha.lse[t]) = sum(-exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha[t, t1]), (t1, 1, t))
    tmp7[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], dalpha.transpose(0, 2, 3, 1), 0)
    np.subtract(alpha_arg.transpose(0, 2, 3, 1), alpha_lse[:, :, :, None], out=tmp18)
    tmp17[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], tmp18, -np.inf)
    np.exp(tmp17, out=tmp8)
    dalpha_lse[...] = np.einsum("tbia,tbia->tbi", tmp7, tmp8)
    np.negative(dalpha_lse, out=dalpha_lse)
    # grad(alpha.arg[t, t1]) = exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha.lse[t]) + exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha[t, t1]), t1 <= t
    np.subtract(alpha_arg, alpha_lse[:, None], out=tmp9)
    tmp5[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp9, -np.inf)
    np.exp(tmp5, out=dalpha_arg)
    dalpha_arg *= dalpha_lse[:, None]
    np.subtract(alpha_arg, alpha_lse[:, None], out=tmp10)
    tmp9[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp10, -np.inf)
    np.exp(tmp9, out=tmp5)
    tmp5 *= dalpha
    dalpha_arg += tmp5
    # grad(alpha.sum[t, t1]) = grad(alpha.arg[t, t1]) / alpha.sqrt, t1 <= t
    tmp6[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1)
    np.divide(dalpha_arg, tmp6[:, :, None, None], out=tmp5)
    dalpha_sum[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp5, 0)
    # grad(v[t]) = sum(same_window(t1 - 1, t - 1, window.T) * (diag(alpha[t1, t]) @ grad(h[t1])), (t1, t,
    #     T))
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp20)
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp21)
    tmp19[...] = tmp20 // window_T == tmp21[:, None] // window_T
    tmp6[...] = np.where(np.arange(1, T + 1)[:, None] <= np.arange(1, T + 1), tmp19, 0)
    np.multiply(tmp6[:, None, None], alpha.transpose(1, 2, 3, 0), out=tmp7)
    np.matmul(tmp7.transpose(1, 2, 0, 3), dh.transpose(1, 2, 0, 3), out=dqkv[2].transpose(1, 2, 0, 3))
    # grad(k[t]) = sum(same_window(t1 - 1, t - 1, window.T) * (diag(grad(alpha.sum[t1, t])) @ q[t1]), (t1,
    #     t, T))
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp20)
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp21)
    tmp6[...] = tmp20 // window_T == tmp21[:, None] // window_T
    np.multiply(tmp6[:, None, None], dalpha_sum.transpose(1, 2, 3, 0), out=tmp7)
    np.matmul(tmp7.transpose(1, 2, 0, 3), q.transpose(1, 2, 0, 3), out=dqkv[1].transpose(1, 2, 0, 3))
    # grad(q[t]) = sum(diag(grad(alpha.sum[t, t1])) @ k[t1], (t1, 1, t))
    np.matmul(dalpha_sum.transpose(2, 3, 0, 1), k.transpose(1, 2, 0, 3), out=dqkv[0].transpose(1, 2, 0, 3))
    # grad(n[t, i]) = sum(sum(W_Q[j, l, i] * grad(q[t, j, l]), l), j) + sum(sum(W_K[j, l, i] * grad(k[t,
    #     j, l]), l), j) + sum(sum(W_V[j, l, i] * grad(v[t, j, l]), l), j)
    np.matmul(dqkv.reshape(3, -1, n_a * n_k), W_QKV.reshape(3, -1, n_x), out=product)
    np.add.reduce(product, axis=0, out=dn.reshape(-1, n_x))
    # grad(n.sqrt[t]) = -sum(g_1 * (x[t] - m[t]) * grad(n[t])) / n.sqrt[t]**2
    np.square(n_sqrt[1:], out=tmp22)
    np.subtract(x[1:], m[1:][:, :, None], out=tmp2)
    tmp2 *= dn[1:]
    tmp2 *= g_1
    np.add.reduce(tmp2, axis=2, out=dn_sqrt)
    dn_sqrt /= tmp22
    np.negative(dn_sqrt, out=dn_sqrt)
    # grad(n.arg[t]) = grad(n.sqrt[t]) / (2 * n.sqrt[t])
    np.multiply(dn_sqrt, 0.5, out=dn_arg)
    dn_arg /= n_sqrt[1:]
    # grad(m[t]) = sum(2 * m[t] - 2 * x[t]) * grad(n.arg[t]) / n_x - (g_1 @ grad(n[t])) / n.sqrt[t]
    np.multiply(m[1:], 2, out=tmp22)
    np.multiply(x[1:], 2, out=tmp2)
    np.subtract(tmp22[:, :, None], tmp2, out=tmp2)
    np.add.reduce(tmp2, axis=2, out=dm)
    dm *= dn_arg
    dm *= 1 / n_x
    np.multiply(dn[1:], g_1, out=tmp2)
    np.add.reduce(tmp2, axis=2, out=tmp22)
    tmp22 /= n_sqrt[1:]
    dm -= tmp22
    # grad(x[t]) = g_1 * grad(n[t]) / n.sqrt[t] + grad(n.arg[t]) * (2 * x[t] - 2 * m[t]) / n_x +
    #     grad(m[t]) / n_x + grad(u[t])
    np.multiply(dm, 1 / n_x, out=tmp22)
    dx[...] = tmp22[:, :, None]
    np.multiply(m[1:], 2, out=tmp22)
    np.multiply(x[1:], 2, out=tmp2)
    tmp2 -= tmp22[:, :, None]
    tmp2 *= dn_arg[:, :, None]
    tmp2 *= 1 / n_x
    dx += tmp2
    np.multiply(dn[1:], g_1, out=tmp2)
    tmp2 /= n_sqrt[1:][:, :, None]
    dx += tmp2
    dx += du[1:]
    # grad(W_O[i, j, l]) = sum(grad(u[t, i]) * h[t, j, l], t)
    np.matmul(du.reshape(-1, n_x).T, h.reshape(-1, n_a * n_k), out=dW_O.reshape(n_x, -1))
    # grad(W_Q[i, j, l]) = sum(grad(q[t, i, j]) * n[t, l], t)
    # grad(W_K[i, j, l]) = sum(grad(k[t, i, j]) * n[t, l], t)
    # grad(W_V[i, j, l]) = sum(grad(v[t, i, j]) * n[t, l], t)
    np.matmul(dqkv.reshape(3, -1, n_a * n_k).transpose(0, 2, 1), n.reshape(-1, n_x), out=dW_QKV.reshape(3, -1, n_x))
    # grad(g_1) = sum((x[t] - m[t]) * grad(n[t]) / n.sqrt[t], t)
    np.subtract(x.transpose(2, 0, 1), m, out=tmp16)
    tmp16 *= dn.transpose(2, 0, 1)
    np.divide(1, n_sqrt, out=tmp15)
    np.matmul(tmp16.reshape(n_x, -1), tmp15.reshape(-1), out=dg_1)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    _scatter_add(dE, (y[:T - 1],), dx)
    dW_Q = dW_QKV[0]
    dW_K = dW_QKV[1]
    dW_V = dW_QKV[2]

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

    tmp0 = np.empty((T, B, n_x), dtype)
    tmp1 = np.empty((T, B, n_x), dtype)
    tmp2 = np.empty((T, T, B, n_a), dtype)
    tmp3 = np.empty((T, T), dtype)
    tmp4 = np.empty((T, B, n_a, T), dtype)
    tmp5 = np.empty((T, B, n_a, T), dtype)
    n_arg = np.empty((T, B), dtype)
    # n.arg[t] = mean((x[t] - m[t])**2) + eps
    np.subtract(x, m[:, :, None], out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=n_arg)
    n_arg *= 1 / n_x
    n_arg += eps
    n_sqrt = np.empty((T, B), dtype)
    # n.sqrt[t] = sqrt(n.arg[t])
    np.sqrt(n_arg, out=n_sqrt)
    # alpha.sqrt = sqrt(n_k)
    alpha_sqrt = np.array(float(np.sqrt(n_k)), dtype)
    alpha_sum = np.empty((T, T, B, n_a), dtype)
    # alpha.sum[t, t1, a] = sum(q[t, a, i] * k[t1, a, i], i), t1 <= t
    np.matmul(q.transpose(1, 2, 0, 3), k.transpose(1, 2, 3, 0), out=tmp2.transpose(2, 3, 0, 1))
    alpha_sum[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp2, 0)
    alpha_arg = np.empty((T, T, B, n_a), dtype)
    # alpha.arg[t, t1] = alpha.sum[t, t1] / alpha.sqrt, t1 <= t
    tmp3[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1)
    np.divide(alpha_sum, tmp3[:, :, None, None], out=tmp2)
    alpha_arg[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp2, 0)
    alpha_lse = np.empty((T, B, n_a), dtype)
    # alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
    tmp4[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], alpha_arg.transpose(0, 2, 3, 1), -np.inf)
    largest = np.empty((T, B, n_a, 1), dtype)
    _logsumexp(tmp4, 3, out=alpha_lse, work=tmp5, largest=largest)
    r_arg = np.empty((T, B), dtype)
    # r.arg[t] = mean((u[t] - p[t])**2) + eps
    np.subtract(u, p[:, :, None], out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=r_arg)
    r_arg *= 1 / n_x
    r_arg += eps
    r_sqrt = np.empty((T, B), dtype)
    # r.sqrt[t] = sqrt(r.arg[t])
    np.sqrt(r_arg, out=r_sqrt)
    z_arg = np.empty((T, B, n_f), dtype)
    # z.arg[t] = W_1 @ r[t] + b_1
    np.matmul(r.reshape(-1, n_x), W_1.T, out=z_arg.reshape(-1, n_f))
    z_arg += b_1
    z_relu = np.empty((T, B, n_f), dtype)
    # z.relu[t] = relu(z.arg[t])
    np.maximum(z_arg, 0, out=z_relu)
    tmp6 = np.empty((T, B), dtype)
    tmp7 = np.empty((n_x, T, B), dtype)
    tmp8 = np.empty((T, B, n_a, T), dtype)
    tmp9 = np.empty((T, B, n_a, T), dtype)
    tmp10 = np.empty((T, T, B, n_a), dtype)
    tmp11 = np.empty((T, T, B, n_a), dtype)
    tmp12 = np.empty((T, T), dtype)
    tmp13 = np.empty((T,), dtype)
    tmp14 = np.empty((T,), dtype)
    tmp15 = np.empty((T - 1, B), dtype)
    tmp16 = np.empty((T - 1, B, n_x), dtype)
    W_QKV = np.stack((W_Q, W_K, W_V))
    do = np.empty((T, B, n_w), dtype)
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp6[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp6[:, :, None], yhat, out=do)
    tmp6[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp6, out=tmp6)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, tmp6)
    dE = np.empty((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    np.matmul(do.reshape(-1, n_w).T, z.reshape(-1, n_x), out=dE)
    dz = np.empty((T, B, n_x), dtype)
    # grad(z[t]) = E.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_w), E, out=dz.reshape(-1, n_x))
    db_2 = np.empty((n_x,), dtype)
    # grad(b_2) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=db_2)
    dz_relu = np.empty((T, B, n_f), dtype)
    # grad(z.relu[t]) = W_2.T @ grad(z[t])
    np.matmul(dz.reshape(-1, n_x), W_2, out=dz_relu.reshape(-1, n_f))
    dz_arg = np.empty((T, B, n_f), dtype)
    # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z.relu[t])
    np.less(0, z_arg, out=dz_arg)
    dz_arg *= dz_relu
    dr = np.empty((T, B, n_x), dtype)
    # grad(r[t]) = W_1.T @ grad(z.arg[t])
    np.matmul(dz_arg.reshape(-1, n_f), W_1, out=dr.reshape(-1, n_x))
    dr_sqrt = np.empty((T, B), dtype)
    # grad(r.sqrt[t]) = -sum(g_2 * (u[t] - p[t]) * grad(r[t])) / r.sqrt[t]**2
    np.square(r_sqrt, out=tmp6)
    np.subtract(u, p[:, :, None], out=tmp0)
    tmp0 *= dr
    tmp0 *= g_2
    np.add.reduce(tmp0, axis=2, out=dr_sqrt)
    dr_sqrt /= tmp6
    np.negative(dr_sqrt, out=dr_sqrt)
    dr_arg = np.empty((T, B), dtype)
    # grad(r.arg[t]) = grad(r.sqrt[t]) / (2 * r.sqrt[t])
    np.multiply(dr_sqrt, 0.5, out=dr_arg)
    dr_arg /= r_sqrt
    dp = np.empty((T, B), dtype)
    # grad(p[t]) = sum(2 * p[t] - 2 * u[t]) * grad(r.arg[t]) / n_x - (g_2 @ grad(r[t])) / r.sqrt[t]
    np.multiply(p, 2, out=tmp6)
    np.multiply(u, 2, out=tmp0)
    np.subtract(tmp6[:, :, None], tmp0, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=dp)
    dp *= dr_arg
    dp *= 1 / n_x
    np.multiply(dr, g_2, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=tmp6)
    tmp6 /= r_sqrt
    dp -= tmp6
    du = np.empty((T, B, n_x), dtype)
    # grad(u[t]) = g_2 * grad(r[t]) / r.sqrt[t] + grad(r.arg[t]) * (2 * u[t] - 2 * p[t]) / n_x +
    #     grad(p[t]) / n_x + grad(z[t])
    np.multiply(dp, 1 / n_x, out=tmp6)
    du[...] = tmp6[:, :, None]
    np.multiply(p, 2, out=tmp6)
    np.multiply(u, 2, out=tmp0)
    tmp0 -= tmp6[:, :, None]
    tmp0 *= dr_arg[:, :, None]
    tmp0 *= 1 / n_x
    du += tmp0
    np.multiply(dr, g_2, out=tmp0)
    tmp0 /= r_sqrt[:, :, None]
    du += tmp0
    du += dz
    dW_2 = np.empty((n_x, n_f), dtype)
    # grad(W_2) = sum(outer(grad(z[t]), z.relu[t]), t)
    np.matmul(dz.reshape(-1, n_x).T, z_relu.reshape(-1, n_f), out=dW_2)
    db_1 = np.empty((n_f,), dtype)
    # grad(b_1) = sum(grad(z.arg[t]), t)
    np.add.reduce(dz_arg, axis=(0, 1), out=db_1)
    dW_1 = np.empty((n_f, n_x), dtype)
    # grad(W_1) = sum(outer(grad(z.arg[t]), r[t]), t)
    np.matmul(dz_arg.reshape(-1, n_f).T, r.reshape(-1, n_x), out=dW_1)
    dg_2 = np.empty((n_x,), dtype)
    # grad(g_2) = sum((u[t] - p[t]) * grad(r[t]) / r.sqrt[t], t)
    np.subtract(u.transpose(2, 0, 1), p, out=tmp7)
    tmp7 *= dr.transpose(2, 0, 1)
    np.divide(1, r_sqrt, out=tmp6)
    np.matmul(tmp7.reshape(n_x, -1), tmp6.reshape(-1), out=dg_2)
    dh = np.empty((T, B, n_a, n_k), dtype)
    # grad(h[t, i, j]) = sum(W_O[l, i, j] * grad(u[t, l]), l)
    np.matmul(du.reshape(-1, n_x), W_O.reshape(n_x, -1), out=dh.reshape(-1, n_a * n_k))
    dalpha = np.empty((T, T, B, n_a), dtype)
    # grad(alpha[t, t1, i]) = sum(v[t1, i, j] * grad(h[t, i, j]), j), t1 <= t
    np.matmul(dh.transpose(1, 2, 0, 3), v.transpose(1, 2, 3, 0), out=tmp2.transpose(2, 3, 0, 1))
    dalpha[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp2, 0)
    dalpha_lse = np.empty((T, B, n_a), dtype)
    # grad(alpha.lse[t]) = sum(-exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha[t, t1]), (t1, 1, t))
    tmp4[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], dalpha.transpose(0, 2, 3, 1), 0)
    np.subtract(alpha_arg.transpose(0, 2, 3, 1), alpha_lse[:, :, :, None], out=tmp9)
    tmp8[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, None, None], tmp9, -np.inf)
    np.exp(tmp8, out=tmp5)
    dalpha_lse[...] = np.einsum("tbia,tbia->tbi", tmp4, tmp5)
    np.negative(dalpha_lse, out=dalpha_lse)
    dalpha_arg = np.empty((T, T, B, n_a), dtype)
    # grad(alpha.arg[t, t1]) = exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha.lse[t]) + exp(alpha.arg[t, t1] - logsumexp(alpha.arg[t, t2], (t2, 1, t))) *
    #     grad(alpha[t, t1]), t1 <= t
    np.subtract(alpha_arg, alpha_lse[:, None], out=tmp10)
    tmp2[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp10, -np.inf)
    np.exp(tmp2, out=dalpha_arg)
    dalpha_arg *= dalpha_lse[:, None]
    np.subtract(alpha_arg, alpha_lse[:, None], out=tmp11)
    tmp10[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp11, -np.inf)
    np.exp(tmp10, out=tmp2)
    tmp2 *= dalpha
    dalpha_arg += tmp2
    dalpha_sum = np.empty((T, T, B, n_a), dtype)
    # grad(alpha.sum[t, t1]) = grad(alpha.arg[t, t1]) / alpha.sqrt, t1 <= t
    tmp3[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], alpha_sqrt, 1)
    np.divide(dalpha_arg, tmp3[:, :, None, None], out=tmp2)
    dalpha_sum[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None, None], tmp2, 0)
    dqkv = np.empty((3, T, B, n_a, n_k), dtype)
    # grad(v[t]) = sum(same_window(t1 - 1, t - 1, window.T) * (diag(alpha[t1, t]) @ grad(h[t1])), (t1, t,
    #     T))
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp13)
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp14)
    tmp12[...] = tmp13 // window_T == tmp14[:, None] // window_T
    tmp3[...] = np.where(np.arange(1, T + 1)[:, None] <= np.arange(1, T + 1), tmp12, 0)
    np.multiply(tmp3[:, None, None], alpha.transpose(1, 2, 3, 0), out=tmp4)
    np.matmul(tmp4.transpose(1, 2, 0, 3), dh.transpose(1, 2, 0, 3), out=dqkv[2].transpose(1, 2, 0, 3))
    # grad(k[t]) = sum(same_window(t1 - 1, t - 1, window.T) * (diag(grad(alpha.sum[t1, t])) @ q[t1]), (t1,
    #     t, T))
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp13)
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp14)
    tmp3[...] = tmp13 // window_T == tmp14[:, None] // window_T
    np.multiply(tmp3[:, None, None], dalpha_sum.transpose(1, 2, 3, 0), out=tmp4)
    np.matmul(tmp4.transpose(1, 2, 0, 3), q.transpose(1, 2, 0, 3), out=dqkv[1].transpose(1, 2, 0, 3))
    # grad(q[t]) = sum(diag(grad(alpha.sum[t, t1])) @ k[t1], (t1, 1, t))
    np.matmul(dalpha_sum.transpose(2, 3, 0, 1), k.transpose(1, 2, 0, 3), out=dqkv[0].transpose(1, 2, 0, 3))
    dn = np.empty((T, B, n_x), dtype)
    product = np.empty((3, T * B, n_x), dtype)
    # grad(n[t, i]) = sum(sum(W_Q[j, l, i] * grad(q[t, j, l]), l), j) + sum(sum(W_K[j, l, i] * grad(k[t,
    #     j, l]), l), j) + sum(sum(W_V[j, l, i] * grad(v[t, j, l]), l), j)
    np.matmul(dqkv.reshape(3, -1, n_a * n_k), W_QKV.reshape(3, -1, n_x), out=product)
    np.add.reduce(product, axis=0, out=dn.reshape(-1, n_x))
    dn_sqrt = np.empty((T - 1, B), dtype)
    # grad(n.sqrt[t]) = -sum(g_1 * (x[t] - m[t]) * grad(n[t])) / n.sqrt[t]**2
    np.square(n_sqrt[1:], out=tmp15)
    np.subtract(x[1:], m[1:][:, :, None], out=tmp16)
    tmp16 *= dn[1:]
    tmp16 *= g_1
    np.add.reduce(tmp16, axis=2, out=dn_sqrt)
    dn_sqrt /= tmp15
    np.negative(dn_sqrt, out=dn_sqrt)
    dn_arg = np.empty((T - 1, B), dtype)
    # grad(n.arg[t]) = grad(n.sqrt[t]) / (2 * n.sqrt[t])
    np.multiply(dn_sqrt, 0.5, out=dn_arg)
    dn_arg /= n_sqrt[1:]
    dm = np.empty((T - 1, B), dtype)
    # grad(m[t]) = sum(2 * m[t] - 2 * x[t]) * grad(n.arg[t]) / n_x - (g_1 @ grad(n[t])) / n.sqrt[t]
    np.multiply(m[1:], 2, out=tmp15)
    np.multiply(x[1:], 2, out=tmp16)
    np.subtract(tmp15[:, :, None], tmp16, out=tmp16)
    np.add.reduce(tmp16, axis=2, out=dm)
    dm *= dn_arg
    dm *= 1 / n_x
    np.multiply(dn[1:], g_1, out=tmp16)
    np.add.reduce(tmp16, axis=2, out=tmp15)
    tmp15 /= n_sqrt[1:]
    dm -= tmp15
    dx = np.empty((T - 1, B, n_x), dtype)
    # grad(x[t]) = g_1 * grad(n[t]) / n.sqrt[t] + grad(n.arg[t]) * (2 * x[t] - 2 * m[t]) / n_x +
    #     grad(m[t]) / n_x + grad(u[t])
    np.multiply(dm, 1 / n_x, out=tmp15)
    dx[...] = tmp15[:, :, None]
    np.multiply(m[1:], 2, out=tmp15)
    np.multiply(x[1:], 2, out=tmp16)
    tmp16 -= tmp15[:, :, None]
    tmp16 *= dn_arg[:, :, None]
    tmp16 *= 1 / n_x
    dx += tmp16
    np.multiply(dn[1:], g_1, out=tmp16)
    tmp16 /= n_sqrt[1:][:, :, None]
    dx += tmp16
    dx += du[1:]
    dW_O = np.empty((n_x, n_a, n_k), dtype)
    # grad(W_O[i, j, l]) = sum(grad(u[t, i]) * h[t, j, l], t)
    np.matmul(du.reshape(-1, n_x).T, h.reshape(-1, n_a * n_k), out=dW_O.reshape(n_x, -1))
    dW_QKV = np.empty((3, n_a, n_k, n_x), dtype)
    # grad(W_Q[i, j, l]) = sum(grad(q[t, i, j]) * n[t, l], t)
    # grad(W_K[i, j, l]) = sum(grad(k[t, i, j]) * n[t, l], t)
    # grad(W_V[i, j, l]) = sum(grad(v[t, i, j]) * n[t, l], t)
    np.matmul(dqkv.reshape(3, -1, n_a * n_k).transpose(0, 2, 1), n.reshape(-1, n_x), out=dW_QKV.reshape(3, -1, n_x))
    dg_1 = np.empty((n_x,), dtype)
    # grad(g_1) = sum((x[t] - m[t]) * grad(n[t]) / n.sqrt[t], t)
    np.subtract(x.transpose(2, 0, 1), m, out=tmp7)
    tmp7 *= dn.transpose(2, 0, 1)
    np.divide(1, n_sqrt, out=tmp6)
    np.matmul(tmp7.reshape(n_x, -1), tmp6.reshape(-1), out=dg_1)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(x[t])), (t, 2, T)) + sum(outer(grad(o[t]), z[t]), t)
    _scatter_add(dE, (y[:T - 1],), dx)
    dW_Q = dW_QKV[0]
    dW_K = dW_QKV[1]
    dW_V = dW_QKV[2]

    return Params(
        E=dE, W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_O=dW_O, W_1=dW_1, b_1=db_1, W_2=dW_2, b_2=db_2, g_1=dg_1, g_2=dg_2
    )


def _loss_arrays(T, n_w, n_x, n_a, n_k, n_f, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((n_x,), dtype)
    x_arg = np.empty((T, n_x), dtype)
    tmp1 = x_arg
    tmp2 = np.empty((T - 1, B, n_x), dtype)
    tmp3 = np.empty((T, B, n_x), dtype)
    tmp4 = np.empty((T, B, n_x), dtype)
    tmp5 = np.empty((T, T, B, n_a), dtype)
    tmp6 = np.empty((T, T), dtype)
    tmp7 = np.empty((T, B, n_a, T), dtype)
    tmp8 = np.empty((T, B, n_a, T), dtype)
    alpha_sum = np.empty((T, T, B, n_a), dtype)
    tmp9 = alpha_sum
    tmp10 = np.empty((T, T, B, n_a), dtype)
    tmp11 = np.empty((T, B, n_w), dtype)
    n_arg = np.empty((T, B), dtype)
    tmp12 = n_arg
    W_QKV = np.empty((3, n_a, n_k, n_x), dtype)
    x_power = np.empty((n_x,), dtype)
    x = np.empty((T, B, n_x), dtype)
    m = np.empty((T, B), dtype)
    n_sqrt = n_arg
    n = np.empty((T, B, n_x), dtype)
    qkv = _by_step((3, T, B, n_a, n_k), dtype)
    alpha_arg = alpha_sum
    alpha_lse = np.empty((T, B, n_a), dtype)
    largest = np.empty((T, B, n_a, 1), dtype)
    alpha_softmax = np.empty((T, T, B, n_a), dtype)
    alpha = alpha_softmax
    h = np.empty((T, B, n_a, n_k), dtype)
    u = n
    p = n_arg
    r_arg = m
    r_sqrt = r_arg
    r = tmp3
    z_arg = np.empty((T, B, n_f), dtype)
    z_relu = z_arg
    z = tmp3
    o = np.empty((T, B, n_w), dtype)
    yhat_lse = m
    largest2 = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, x_arg, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, alpha_sum, tmp9, tmp10, tmp11, n_arg, tmp12, W_QKV,
        x_power, x, m, n_sqrt, n, qkv, alpha_arg, alpha_lse, largest, alpha_softmax, alpha, h, u, p, r_arg, r_sqrt, r,
        z_arg, z_relu, z, o, yhat_lse, largest2, rows, flat,
    )


def _loss_and_grad_arrays(T, n_w, n_x, n_a, n_k, n_f, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((n_x,), dtype)
    x_arg = np.empty((T, n_x), dtype)
    tmp1 = x_arg
    tmp2 = np.empty((T - 1, B, n_x), dtype)
    tmp3 = np.empty((T, B, n_x), dtype)
    tmp4 = np.empty((T, B, n_x), dtype)
    tmp5 = np.empty((T, T, B, n_a), dtype)
    tmp6 = np.empty((T, T), dtype)
    tmp7 = np.empty((T, B, n_a, T), dtype)
    tmp8 = np.empty((T, B, n_a, T), dtype)
    tmp9 = np.empty((T, T, B, n_a), dtype)
    tmp10 = np.empty((T, T, B, n_a), dtype)
    tmp11 = np.empty((T, B, n_w), dtype)
    tmp12 = np.empty((T, B), dtype)
    W_QKV = np.empty((3, n_a, n_k, n_x), dtype)
    x_power = np.empty((n_x,), dtype)
    x = np.empty((T, B, n_x), dtype)
    m = np.empty((T, B), dtype)
    n_arg = np.empty((T, B), dtype)
    n_sqrt = n_arg
    n = np.empty((T, B, n_x), dtype)
    qkv = _by_step((3, T, B, n_a, n_k), dtype)
    alpha_sum = np.empty((T, T, B, n_a), dtype)
    alpha_arg = alpha_sum
    alpha_lse = np.empty((T, B, n_a), dtype)
    largest = np.empty((T, B, n_a, 1), dtype)
    alpha_softmax = np.empty((T, T, B, n_a), dtype)
    alpha = alpha_softmax
    h = np.empty((T, B, n_a, n_k), dtype)
    u = np.empty((T, B, n_x), dtype)
    p = np.empty((T, B), dtype)
    r_arg = np.empty((T, B), dtype)
    r_sqrt = r_arg
    r = tmp4
    z_arg = np.empty((T, B, n_f), dtype)
    z_relu = np.empty((T, B, n_f), dtype)
    z = np.empty((T, B, n_x), dtype)
    o = np.empty((T, B, n_w), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_w), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp13 = np.empty((n_x, T, B), dtype)
    tmp14 = np.empty((T, B, n_a, T), dtype)
    tmp15 = np.empty((T, B, n_a, T), dtype)
    tmp16 = np.empty((T - 1, B), dtype)
    do = yhat
    entries = np.empty((T, B), dtype)
    dE = np.empty((n_w, n_x), dtype)
    dz = z
    db_2 = x_power
    dz_relu = np.empty((T, B, n_f), dtype)
    dz_arg = np.empty((T, B, n_f), dtype)
    dr = np.empty((T, B, n_x), dtype)
    dr_sqrt = yhat_lse
    dr_arg = dr_sqrt
    dp = np.empty((T, B), dtype)
    du = np.empty((T, B, n_x), dtype)
    dW_2 = np.empty((n_x, n_f), dtype)
    db_1 = np.empty((n_f,), dtype)
    dW_1 = np.empty((n_f, n_x), dtype)
    dg_2 = tmp0
    dh = np.empty((T, B, n_a, n_k), dtype)
    dalpha = np.empty((T, T, B, n_a), dtype)
    dalpha_lse = np.empty((T, B, n_a), dtype)
    dalpha_arg = np.empty((T, T, B, n_a), dtype)
    dalpha_sum = dalpha_arg
    dqkv = _by_step((3, T, B, n_a, n_k), dtype)
    dn = dr
    product = np.empty((3, T * B, n_x), dtype)
    dn_sqrt = np.empty((T - 1, B), dtype)
    dn_arg = dn_sqrt
    dm = np.empty((T - 1, B), dtype)
    dx = np.empty((T - 1, B, n_x), dtype)
    dW_O = np.empty((n_x, n_a, n_k), dtype)
    dW_QKV = np.empty((3, n_a, n_k, n_x), dtype)
    dg_1 = np.empty((n_x,), dtype)
    return (
        tmp0, x_arg, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, W_QKV, x_power, x, m,
        n_arg, n_sqrt, n, qkv, alpha_sum, alpha_arg, alpha_lse, largest, alpha_softmax, alpha, h, u, p, r_arg, r_sqrt,
        r, z_arg, z_relu, z, o, yhat_lse, largest2, yhat, rows, flat, tmp13, tmp14, tmp15, tmp16, do, entries, dE, dz,
        db_2, dz_relu, dz_arg, dr, dr_sqrt, dr_arg, dp, du, dW_2, db_1, dW_1, dg_2, dh, dalpha, dalpha_lse, dalpha_arg,
        dalpha_sum, dqkv, dn, product, dn_sqrt, dn_arg, dm, dx, dW_O, dW_QKV, dg_1,
    )


def _loss_padded_arrays(T, n_w, n_x, n_a, n_k, n_f, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((n_x,), dtype)
    x_arg = np.empty((T, n_x), dtype)
    tmp1 = x_arg
    tmp2 = np.empty((T - 1, B, n_x), dtype)
    tmp3 = np.empty((T, B, n_x), dtype)
    tmp4 = np.empty((T, B, n_x), dtype)
    tmp5 = np.empty((T, T, B, n_a), dtype)
    tmp6 = np.empty((T, T), dtype)
    tmp7 = np.empty((T, B, n_a, T), dtype)
    tmp8 = np.empty((T, B, n_a, T), dtype)
    alpha_sum = np.empty((T, T, B, n_a), dtype)
    tmp9 = alpha_sum
    tmp10 = np.empty((T, T, B, n_a), dtype)
    tmp11 = np.empty((T, B, n_w), dtype)
    tmp12 = np.empty((B, T), dtype)
    tmp13 = np.empty((B, T), dtype)
    tmp14 = np.empty((B, T), dtype)
    W_QKV = np.empty((3, n_a, n_k, n_x), dtype)
    x_power = np.empty((n_x,), dtype)
    x = np.empty((T, B, n_x), dtype)
    m = np.empty((T, B), dtype)
    n_arg = np.empty((T, B), dtype)
    n_sqrt = n_arg
    n = np.empty((T, B, n_x), dtype)
    qkv = _by_step((3, T, B, n_a, n_k), dtype)
    alpha_arg = alpha_sum
    alpha_lse = np.empty((T, B, n_a), dtype)
    largest = np.empty((T, B, n_a, 1), dtype)
    alpha_softmax = np.empty((T, T, B, n_a), dtype)
    alpha = alpha_softmax
    h = np.empty((T, B, n_a, n_k), dtype)
    u = n
    p = n_arg
    r_arg = m
    r_sqrt = r_arg
    r = tmp3
    z_arg = np.empty((T, B, n_f), dtype)
    z_relu = z_arg
    z = tmp3
    o = np.empty((T, B, n_w), dtype)
    yhat_lse = m
    largest2 = np.empty((T, B, 1), dtype)
    return (
        tmp0, x_arg, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, alpha_sum, tmp9, tmp10, tmp11, tmp12, tmp13, tmp14,
        W_QKV, x_power, x, m, n_arg, n_sqrt, n, qkv, alpha_arg, alpha_lse, largest, alpha_softmax, alpha, h, u, p,
        r_arg, r_sqrt, r, z_arg, z_relu, z, o, yhat_lse, largest2,
    )


def _loss_and_grad_padded_arrays(T, n_w, n_x, n_a, n_k, n_f, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((n_x,), dtype)
    x_arg = np.empty((T, n_x), dtype)
    tmp1 = x_arg
    tmp2 = np.empty((T - 1, B, n_x), dtype)
    tmp3 = np.empty((T, B, n_x), dtype)
    tmp4 = np.empty((T, B, n_x), dtype)
    tmp5 = np.empty((T, T, B, n_a), dtype)
    tmp6 = np.empty((T, T), dtype)
    tmp7 = np.empty((T, B, n_a, T), dtype)
    tmp8 = np.empty((T, B, n_a, T), dtype)
    tmp9 = np.empty((T, T, B, n_a), dtype)
    tmp10 = np.empty((T, T, B, n_a), dtype)
    tmp11 = np.empty((T, B, n_w), dtype)
    tmp12 = np.empty((B, T), dtype)
    tmp13 = np.empty((B, T), dtype)
    tmp14 = np.empty((B, T), dtype)
    W_QKV = np.empty((3, n_a, n_k, n_x), dtype)
    x_power = np.empty((n_x,), dtype)
    x = np.empty((T, B, n_x), dtype)
    m = np.empty((T, B), dtype)
    n_arg = np.empty((T, B), dtype)
    n_sqrt = n_arg
    n = np.empty((T, B, n_x), dtype)
    qkv = _by_step((3, T, B, n_a, n_k), dtype)
    alpha_sum = np.empty((T, T, B, n_a), dtype)
    alpha_arg = alpha_sum
    alpha_lse = np.empty((T, B, n_a), dtype)
    largest = np.empty((T, B, n_a, 1), dtype)
    alpha_softmax = np.empty((T, T, B, n_a), dtype)
    alpha = alpha_softmax
    h = np.empty((T, B, n_a, n_k), dtype)
    u = np.empty((T, B, n_x), dtype)
    p = np.empty((T, B), dtype)
    r_arg = np.empty((T, B), dtype)
    r_sqrt = r_arg
    r = tmp4
    z_arg = np.empty((T, B, n_f), dtype)
    z_relu = np.empty((T, B, n_f), dtype)
    z = np.empty((T, B, n_x), dtype)
    o = np.empty((T, B, n_w), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_w), dtype)
    tmp15 = yhat_lse
    tmp16 = np.empty((n_x, T, B), dtype)
    tmp17 = np.empty((T, B, n_a, T), dtype)
    tmp18 = np.empty((T, B, n_a, T), dtype)
    tmp19 = np.empty((T, T), dtype)
    tmp20 = np.empty((T,), dtype)
    tmp21 = np.empty((T,), dtype)
    tmp22 = np.empty((T - 1, B), dtype)
    do = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dE = np.empty((n_w, n_x), dtype)
    dz = z
    db_2 = x_power
    dz_relu = np.empty((T, B, n_f), dtype)
    dz_arg = np.empty((T, B, n_f), dtype)
    dr = np.empty((T, B, n_x), dtype)
    dr_sqrt = np.empty((T, B), dtype)
    dr_arg = dr_sqrt
    dp = np.empty((T, B), dtype)
    du = np.empty((T, B, n_x), dtype)
    dW_2 = np.empty((n_x, n_f), dtype)
    db_1 = np.empty((n_f,), dtype)
    dW_1 = np.empty((n_f, n_x), dtype)
    dg_2 = tmp0
    dh = np.empty((T, B, n_a, n_k), dtype)
    dalpha = np.empty((T, T, B, n_a), dtype)
    dalpha_lse = np.empty((T, B, n_a), dtype)
    dalpha_arg = np.empty((T, T, B, n_a), dtype)
    dalpha_sum = dalpha_arg
    dqkv = _by_step((3, T, B, n_a, n_k), dtype)
    dn = dr
    product = np.empty((3, T * B, n_x), dtype)
    dn_sqrt = np.empty((T - 1, B), dtype)
    dn_arg = dn_sqrt
    dm = np.empty((T - 1, B), dtype)
    dx = np.empty((T - 1, B, n_x), dtype)
    dW_O = np.empty((n_x, n_a, n_k), dtype)
    dW_QKV = np.empty((3, n_a, n_k, n_x), dtype)
    dg_1 = np.empty((n_x,), dtype)
    return (
        tmp0, x_arg, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, tmp13, tmp14, W_QKV,
        x_power, x, m, n_arg, n_sqrt, n, qkv, alpha_sum, alpha_arg, alpha_lse, largest, alpha_softmax, alpha, h, u, p,
        r_arg, r_sqrt, r, z_arg, z_relu, z, o, yhat_lse, largest2, yhat, tmp15, tmp16, tmp17, tmp18, tmp19, tmp20,
        tmp21, tmp22, do, rows, flat, entries, dE, dz, db_2, dz_relu, dz_arg, dr, dr_sqrt, dr_arg, dp, du, dW_2, db_1,
        dW_1, dg_2, dh, dalpha, dalpha_lse, dalpha_arg, dalpha_sum, dqkv, dn, product, dn_sqrt, dn_arg, dm, dx, dW_O,
        dW_QKV, dg_1,
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
    return (
        params, y, eps, x, m, n, q, k, v, alpha, h, u, p, r, z, yhat, dtype, single, n_w, n_x, n_a, n_k, n_f, T, B,
        len_T, T_own,
    )


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
