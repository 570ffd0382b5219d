# Written by derive from self_attention.eq; do not edit.
# Change self_attention.eq instead, and run: derive generate self_attention
# source 55f79f7fd5a356dc, derive 07e8f9d843407be1, body 2aa0eccb784ea62a
"""Causal self-attention: each step reads a weighted mean of itself and its own past, in one layer with no recurrence.

Vaswani et al. (2017), Attention Is All You Need, eq. 1 and section 3.2.3, one head, with the residual connection.

The equations::

    w: Index[T, n_w]                # the word that is read at each step
    y: Label[T, n_w]                # the word to predict at each step
    E: Param[n_w, n_x]              # word embedding
    W_Q, W_K = Param[n_k, n_x]      # input to queries and keys
    W_V: Param[n_v, n_x]            # input to values
    W_O: Param[n_x, n_v]            # values back to the width of the input
    d: Param[n_w]                   # output bias

    x[t] = E[w[t]]
    q[t] = W_Q @ x[t]                                                       # query
    k[t] = W_K @ x[t]                                                       # key
    v[t] = W_V @ x[t]                                                       # value
    e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n_k), -inf)           # score, none for what is to come
    alpha[t, t1] = softmax(e[t, t1], t1)                                    # weight
    a[t] = sum(alpha[t, t1] * v[t1], t1)                                    # attention (eq. 1)
    o[t] = d + E @ (x[t] + W_O @ a[t])                                      # logits
    yhat[t] = softmax(o[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    E: np.ndarray  # (n_w, n_x)  word embedding
    W_Q: np.ndarray  # (n_k, n_x)  input to queries and keys
    W_K: np.ndarray  # (n_k, n_x)  input to queries and keys
    W_V: np.ndarray  # (n_v, n_x)  input to values
    W_O: np.ndarray  # (n_x, n_v)  values back to the width of the input
    d: np.ndarray  # (n_w)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    x: np.ndarray  # (T, B, n_x)
    q: np.ndarray  # (T, B, n_k)  query
    k: np.ndarray  # (T, B, n_k)  key
    v: np.ndarray  # (T, B, n_v)  value
    e: np.ndarray  # (T, T, B)  score, none for what is to come
    alpha: np.ndarray  # (T, T, B)  weight
    a: np.ndarray  # (T, B, n_v)  attention (eq. 1)
    o: np.ndarray  # (T, B, n_w)  logits
    yhat: np.ndarray  # (T, B, n_w)
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
    rng: np.random.Generator, *, n_w: int, n_x: int, n_k: int, n_v: int, dtype: type = np.float64
) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_w = _size("n_w", n_w)
    n_x = _size("n_x", n_x)
    n_k = _size("n_k", n_k)
    n_v = _size("n_v", n_v)
    return Params(
        E=(rng.standard_normal((n_w, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_Q=(rng.standard_normal((n_k, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_K=(rng.standard_normal((n_k, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_V=(rng.standard_normal((n_v, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_O=(rng.standard_normal((n_x, n_v)) / np.sqrt(n_v)).astype(dtype),
        d=np.zeros((n_w,), dtype),
    )


def forward(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
) -> Forward:
    """Every variable of the model.

    w        (T, B)  0..n_w - 1  the word that is read at each step
    y        (T, B)  0..n_w - 1  the word to predict at each step
    lengths  (B,)    1..T        each example's own number of steps, what is given beyond is not read; all where not
                                 given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, w, y, lengths)
    params, w, y, dtype, single, n_w, n_x, n_k, n_v, T, B = _arguments(params, w, y)
    E, W_Q, W_K, W_V, W_O, d = params

    tmp0 = np.empty((T, T, B), dtype)
    tmp1 = np.empty((T, B, n_w), dtype)
    W_QK = np.stack((W_Q, W_K))
    x = np.empty((T, B, n_x), dtype)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    qk = np.empty((2, T, B, n_k), dtype)
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    np.matmul(x.reshape(-1, n_x), W_QK.transpose(0, 2, 1), out=qk.reshape(2, -1, n_k))
    v = np.empty((T, B, n_v), dtype)
    # v[t] = W_V @ x[t]
    np.matmul(x.reshape(-1, n_x), W_V.T, out=v.reshape(-1, n_v))
    e_sum = np.empty((T, T, B), dtype)
    # e.sum[t, t1] = q[t] @ k[t1]
    np.matmul(qk[0].transpose(1, 0, 2), qk[1].transpose(1, 2, 0), out=e_sum.transpose(2, 0, 1))
    e = np.empty((T, T, B), dtype)
    # e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n_k), -inf)
    np.divide(e_sum, float(np.sqrt(n_k)), out=tmp0)
    e[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None], tmp0, -np.inf)
    alpha_lse = np.empty((T, B), dtype)
    largest = np.empty((T, 1, B), dtype)
    # alpha[t, t1] = softmax(e[t, t1], t1)
    _logsumexp(e, 1, out=alpha_lse, work=tmp0, largest=largest)
    alpha = np.empty((T, T, B), dtype)
    np.subtract(e, alpha_lse[:, None], out=tmp0)
    np.exp(tmp0, out=alpha)
    a = np.empty((T, B, n_v), dtype)
    # a[t] = sum(alpha[t, t1] * v[t1], t1)
    np.matmul(alpha.transpose(2, 0, 1), v.transpose(1, 0, 2), out=a.transpose(1, 0, 2))
    o_sum = np.empty((T, B, n_x), dtype)
    # o.sum[t] = x[t] + W_O @ a[t]
    np.matmul(a.reshape(-1, n_v), W_O.T, out=o_sum.reshape(-1, n_x))
    o_sum += x
    o = np.empty((T, B, n_w), dtype)
    # o[t] = d + E @ (x[t] + W_O @ a[t])
    np.matmul(o_sum.reshape(-1, n_x), E.T, out=o.reshape(-1, n_w))
    o += d
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp1, largest=largest2)
    yhat = np.empty((T, B, n_w), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp1)
    np.exp(tmp1, out=yhat)
    if y is not None:
        tmp_2_0 = np.empty((T, B), dtype)
        rows = np.arange(T * B).reshape(T, B)
        flat = np.empty((T, B), np.intp)
        # loss = sum(-log(yhat[t, y[t]]), t)
        _look_up(o, y, rows, flat, out=tmp_2_0)
        np.subtract(yhat_lse, tmp_2_0, out=tmp_2_0)
        loss = tmp_2_0.sum()
    else:
        loss = None
    q = qk[0]
    k = qk[1]

    if single:
        x = x[:, 0]
        q = q[:, 0]
        k = k[:, 0]
        v = v[:, 0]
        e = e[:, :, 0]
        alpha = alpha[:, :, 0]
        a = a[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(
        x=x, q=q, k=k, v=v, e=e, alpha=alpha, a=a, o=o, yhat=yhat, loss=None if loss is None else float(loss)
    )


def loss(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
) -> float:
    """The loss, summed over the batch.

    w          (T, B)  0..n_w - 1  the word that is read at each step
    y          (T, B)  0..n_w - 1  the word to predict at each step
    workspace          Workspace   its arrays are used, and hold the results until its next call
    lengths    (B,)    1..T        each example's own number of steps, what is given beyond is not read; all where not
                                   given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, w, y, lengths, workspace)
    params, w, y, dtype, single, n_w, n_x, n_k, n_v, T, B = _arguments(params, w, y, whole=True)
    E, W_Q, W_K, W_V, W_O, d = params

    (
        tmp0, tmp1, tmp2, W_QK, x, qk, v, e_sum, e, alpha_lse, largest, alpha, a, o_sum, o, yhat_lse, largest2, rows,
        flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_w, n_x, n_k, n_v, B, dtype)
    np.stack((W_Q, W_K), out=W_QK)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    np.matmul(x.reshape(-1, n_x), W_QK.transpose(0, 2, 1), out=qk.reshape(2, -1, n_k))
    # v[t] = W_V @ x[t]
    np.matmul(x.reshape(-1, n_x), W_V.T, out=v.reshape(-1, n_v))
    # e.sum[t, t1] = q[t] @ k[t1]
    np.matmul(qk[0].transpose(1, 0, 2), qk[1].transpose(1, 2, 0), out=e_sum.transpose(2, 0, 1))
    # e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n_k), -inf)
    np.divide(e_sum, float(np.sqrt(n_k)), out=tmp0)
    e[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None], tmp0, -np.inf)
    # alpha[t, t1] = softmax(e[t, t1], t1)
    _logsumexp(e, 1, out=alpha_lse, work=tmp0, largest=largest)
    np.subtract(e, alpha_lse[:, None], out=tmp0)
    np.exp(tmp0, out=alpha)
    # a[t] = sum(alpha[t, t1] * v[t1], t1)
    np.matmul(alpha.transpose(2, 0, 1), v.transpose(1, 0, 2), out=a.transpose(1, 0, 2))
    # o.sum[t] = x[t] + W_O @ a[t]
    np.matmul(a.reshape(-1, n_v), W_O.T, out=o_sum.reshape(-1, n_x))
    o_sum += x
    # o[t] = d + E @ (x[t] + W_O @ a[t])
    np.matmul(o_sum.reshape(-1, n_x), E.T, out=o.reshape(-1, n_w))
    o += d
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp1, largest=largest2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp2)
    np.subtract(yhat_lse, tmp2, out=tmp2)
    loss = tmp2.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w          (T, B)  0..n_w - 1         the word that is read at each step
    y          (T, B)  0..n_w - 1         the word to predict at each step
    workspace          Workspace          its arrays are used, and hold the results until its next call
    lengths    (B,)    1..T               each example's own number of steps, what is given beyond is not read; all
                                          where not given
    window             whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, w, y, lengths, wrt, workspace, window)
    params, w, y, dtype, single, n_w, n_x, n_k, n_v, T, B = _arguments(params, w, y, whole=True)
    E, W_Q, W_K, W_V, W_O, d = params
    wrt = _asked(wrt, ())

    (
        tmp0, tmp1, tmp2, W_QK, x, qk, v, e_sum, e, alpha_lse, largest, alpha, a, o_sum, o, yhat_lse, largest2, yhat,
        rows, flat, tmp3, tmp4, do, entries, dd, dE, do_sum, dx, dW_O, da, dalpha, dv, dalpha_lse, de, de_sum, dW_V,
        dqk, dW_QK, product,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_w, n_x, n_k, n_v, B, dtype)
    np.stack((W_Q, W_K), out=W_QK)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    np.matmul(x.reshape(-1, n_x), W_QK.transpose(0, 2, 1), out=qk.reshape(2, -1, n_k))
    # v[t] = W_V @ x[t]
    np.matmul(x.reshape(-1, n_x), W_V.T, out=v.reshape(-1, n_v))
    # e.sum[t, t1] = q[t] @ k[t1]
    np.matmul(qk[0].transpose(1, 0, 2), qk[1].transpose(1, 2, 0), out=e_sum.transpose(2, 0, 1))
    # e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n_k), -inf)
    np.divide(e_sum, float(np.sqrt(n_k)), out=tmp0)
    e[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None], tmp0, -np.inf)
    # alpha[t, t1] = softmax(e[t, t1], t1)
    _logsumexp(e, 1, out=alpha_lse, work=tmp0, largest=largest)
    np.subtract(e, alpha_lse[:, None], out=tmp0)
    np.exp(tmp0, out=alpha)
    # a[t] = sum(alpha[t, t1] * v[t1], t1)
    np.matmul(alpha.transpose(2, 0, 1), v.transpose(1, 0, 2), out=a.transpose(1, 0, 2))
    # o.sum[t] = x[t] + W_O @ a[t]
    np.matmul(a.reshape(-1, n_v), W_O.T, out=o_sum.reshape(-1, n_x))
    o_sum += x
    # o[t] = d + E @ (x[t] + W_O @ a[t])
    np.matmul(o_sum.reshape(-1, n_x), E.T, out=o.reshape(-1, n_w))
    o += d
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp1, largest=largest2)
    np.subtract(o, yhat_lse[:, :, None], out=tmp1)
    np.exp(tmp1, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp2)
    np.subtract(yhat_lse, tmp2, out=tmp2)
    loss = tmp2.sum()
    q = qk[0]
    k = qk[1]
    # grad(o[t]) = yhat[t] - onehot(y[t])
    _add_to(do, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dd)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    np.matmul(do.reshape(-1, n_w).T, o_sum.reshape(-1, n_x), out=dE)
    # grad(o.sum[t]) = E.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_w), E, out=do_sum.reshape(-1, n_x))
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx[...] = do_sum
    # grad(W_O) = sum(outer(grad(o.sum[t]), a[t]), t)
    np.matmul(do_sum.reshape(-1, n_x).T, a.reshape(-1, n_v), out=dW_O)
    # grad(a[t]) = W_O.T @ grad(o.sum[t])
    np.matmul(do_sum.reshape(-1, n_x), W_O, out=da.reshape(-1, n_v))
    # grad(alpha[t, t1]) = v[t1] @ grad(a[t])
    np.matmul(da.transpose(1, 0, 2), v.transpose(1, 2, 0), out=dalpha.transpose(2, 0, 1))
    # grad(v[t]) = sum(alpha[t1, t] * grad(a[t1]), t1)
    np.matmul(alpha.transpose(2, 1, 0), da.transpose(1, 0, 2), out=dv.transpose(1, 0, 2))
    # grad(alpha.lse[t]) = sum(-alpha[t, t1] * grad(alpha[t, t1]), t1)
    dalpha_lse[...] = np.einsum("tab,tab->tb", alpha, dalpha)
    np.negative(dalpha_lse, out=dalpha_lse)
    # grad(e[t, t1]) = alpha[t, t1] * grad(alpha.lse[t]) + alpha[t, t1] * grad(alpha[t, t1])
    np.multiply(alpha, dalpha_lse[:, None], out=de)
    np.multiply(alpha, dalpha, out=tmp0)
    de += tmp0
    # grad(e.sum[t, t1]) = where(t1 <= t, 1 / sqrt(n_k), 0) * grad(e[t, t1])
    tmp3[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], 1 / float(np.sqrt(n_k)), 0).astype(dtype)
    np.multiply(tmp3[:, :, None], de, out=de_sum)
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    np.matmul(dv.reshape(-1, n_v).T, x.reshape(-1, n_x), out=dW_V)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    np.matmul(dv.reshape(-1, n_v), W_V, out=tmp4.reshape(-1, n_x))
    dx += tmp4
    # grad(k[t]) = sum(grad(e.sum[t1, t]) * q[t1], t1)
    np.matmul(de_sum.transpose(2, 1, 0), q.transpose(1, 0, 2), out=dqk[1].transpose(1, 0, 2))
    # grad(q[t]) = sum(grad(e.sum[t, t1]) * k[t1], t1)
    np.matmul(de_sum.transpose(2, 0, 1), k.transpose(1, 0, 2), out=dqk[0].transpose(1, 0, 2))
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    np.matmul(dqk.reshape(2, -1, n_k).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_QK)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    np.matmul(dqk.reshape(2, -1, n_k), W_QK, out=product)
    np.add.reduce(product, axis=0, out=tmp4.reshape(-1, n_x))
    dx += tmp4
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    _scatter_add(dE, (w,), dx)
    dW_Q = dW_QK[0]
    dW_K = dW_QK[1]

    gradient = Params(E=dE, W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_O=dW_O, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
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
    y        (T, B)  0..n_w - 1         the word to predict at each step
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where
                                        not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, w, y, lengths, window)
    (
        params, w, y, x, q, k, v, alpha, a, yhat, dtype, single, n_w, n_x, n_k, n_v, T, B,
    ) = _backward_arguments(params, forward, w, y)
    E, W_Q, W_K, W_V, W_O, d = params

    o_sum = np.empty((T, B, n_x), dtype)
    # o.sum[t] = x[t] + W_O @ a[t]
    np.matmul(a.reshape(-1, n_v), W_O.T, out=o_sum.reshape(-1, n_x))
    o_sum += x
    tmp0 = np.empty((T, T, B), dtype)
    tmp1 = np.empty((T, T), dtype)
    tmp2 = np.empty((T, B, n_x), dtype)
    W_QK = np.stack((W_Q, W_K))
    do = np.empty((T, B, n_w), dtype)
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do[...] = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, -1)
    dd = np.empty((n_w,), dtype)
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dd)
    dE = np.empty((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    np.matmul(do.reshape(-1, n_w).T, o_sum.reshape(-1, n_x), out=dE)
    do_sum = np.empty((T, B, n_x), dtype)
    # grad(o.sum[t]) = E.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_w), E, out=do_sum.reshape(-1, n_x))
    dx = np.empty((T, B, n_x), dtype)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx[...] = do_sum
    dW_O = np.empty((n_x, n_v), dtype)
    # grad(W_O) = sum(outer(grad(o.sum[t]), a[t]), t)
    np.matmul(do_sum.reshape(-1, n_x).T, a.reshape(-1, n_v), out=dW_O)
    da = np.empty((T, B, n_v), dtype)
    # grad(a[t]) = W_O.T @ grad(o.sum[t])
    np.matmul(do_sum.reshape(-1, n_x), W_O, out=da.reshape(-1, n_v))
    dalpha = np.empty((T, T, B), dtype)
    # grad(alpha[t, t1]) = v[t1] @ grad(a[t])
    np.matmul(da.transpose(1, 0, 2), v.transpose(1, 2, 0), out=dalpha.transpose(2, 0, 1))
    dv = np.empty((T, B, n_v), dtype)
    # grad(v[t]) = sum(alpha[t1, t] * grad(a[t1]), t1)
    np.matmul(alpha.transpose(2, 1, 0), da.transpose(1, 0, 2), out=dv.transpose(1, 0, 2))
    dalpha_lse = np.empty((T, B), dtype)
    # grad(alpha.lse[t]) = sum(-alpha[t, t1] * grad(alpha[t, t1]), t1)
    dalpha_lse[...] = np.einsum("tab,tab->tb", alpha, dalpha)
    np.negative(dalpha_lse, out=dalpha_lse)
    de = np.empty((T, T, B), dtype)
    # grad(e[t, t1]) = alpha[t, t1] * grad(alpha.lse[t]) + alpha[t, t1] * grad(alpha[t, t1])
    np.multiply(alpha, dalpha_lse[:, None], out=de)
    np.multiply(alpha, dalpha, out=tmp0)
    de += tmp0
    de_sum = np.empty((T, T, B), dtype)
    # grad(e.sum[t, t1]) = where(t1 <= t, 1 / sqrt(n_k), 0) * grad(e[t, t1])
    tmp1[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], 1 / float(np.sqrt(n_k)), 0).astype(dtype)
    np.multiply(tmp1[:, :, None], de, out=de_sum)
    dW_V = np.empty((n_v, n_x), dtype)
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    np.matmul(dv.reshape(-1, n_v).T, x.reshape(-1, n_x), out=dW_V)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    np.matmul(dv.reshape(-1, n_v), W_V, out=tmp2.reshape(-1, n_x))
    dx += tmp2
    dqk = np.empty((2, T, B, n_k), dtype)
    # grad(k[t]) = sum(grad(e.sum[t1, t]) * q[t1], t1)
    np.matmul(de_sum.transpose(2, 1, 0), q.transpose(1, 0, 2), out=dqk[1].transpose(1, 0, 2))
    # grad(q[t]) = sum(grad(e.sum[t, t1]) * k[t1], t1)
    np.matmul(de_sum.transpose(2, 0, 1), k.transpose(1, 0, 2), out=dqk[0].transpose(1, 0, 2))
    dW_QK = np.empty((2, n_k, n_x), dtype)
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    np.matmul(dqk.reshape(2, -1, n_k).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_QK)
    product = np.empty((2, T * B, n_x), dtype)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    np.matmul(dqk.reshape(2, -1, n_k), W_QK, out=product)
    np.add.reduce(product, axis=0, out=tmp2.reshape(-1, n_x))
    dx += tmp2
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    _scatter_add(dE, (w,), dx)
    dW_Q = dW_QK[0]
    dW_K = dW_QK[1]

    return Params(E=dE, W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_O=dW_O, d=dd)


def _forward_padded(params, w, y, lengths):
    """`forward` where examples have their own lengths."""
    params, w, y, dtype, single, n_w, n_x, n_k, n_v, T, B, len_T, T_own = _padded_arguments(params, w, y, lengths)
    E, W_Q, W_K, W_V, W_O, d = params

    tmp0 = np.empty((T, T, B), dtype)
    tmp1 = np.empty((T, B, n_w), dtype)
    W_QK = np.stack((W_Q, W_K))
    x = np.empty((T, B, n_x), dtype)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    qk = np.empty((2, T, B, n_k), dtype)
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    np.matmul(x.reshape(-1, n_x), W_QK.transpose(0, 2, 1), out=qk.reshape(2, -1, n_k))
    v = np.empty((T, B, n_v), dtype)
    # v[t] = W_V @ x[t]
    np.matmul(x.reshape(-1, n_x), W_V.T, out=v.reshape(-1, n_v))
    e_sum = np.empty((T, T, B), dtype)
    # e.sum[t, t1] = q[t] @ k[t1]
    np.matmul(qk[0].transpose(1, 0, 2), qk[1].transpose(1, 2, 0), out=e_sum.transpose(2, 0, 1))
    e = np.empty((T, T, B), dtype)
    # e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n_k), -inf)
    np.divide(e_sum, float(np.sqrt(n_k)), out=tmp0)
    e[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None], tmp0, -np.inf)
    alpha_inside = np.empty((T, T, B), dtype)
    # alpha.inside[t, t1] = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), e[t, t1], -inf)
    alpha_inside[...] = np.where(np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0, e, -np.inf)
    alpha_lse = np.empty((T, B), dtype)
    largest = np.empty((T, 1, B), dtype)
    # alpha[t, t1] = softmax(e[t, t1], t1)
    _logsumexp(alpha_inside, 1, out=alpha_lse, work=tmp0, largest=largest)
    alpha = np.empty((T, T, B), dtype)
    np.subtract(alpha_inside, alpha_lse[:, None], out=tmp0)
    np.exp(tmp0, out=alpha)
    a_product = np.empty((T, B, n_v), dtype)
    # a.product[t1] = where(t1 <= T.own, v[t1], 0)
    a_product[...] = np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, :, None], v, 0)
    a_product2 = np.empty((T, T, B), dtype)
    # a.product2[t, t1] = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), alpha[t, t1], 0)
    a_product2[...] = np.where(np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0, alpha, 0)
    a = np.empty((T, B, n_v), dtype)
    # a[t] = sum(alpha[t, t1] * v[t1], t1)
    np.matmul(a_product2.transpose(2, 0, 1), a_product.transpose(1, 0, 2), out=a.transpose(1, 0, 2))
    o_sum = np.empty((T, B, n_x), dtype)
    # o.sum[t] = x[t] + W_O @ a[t]
    np.matmul(a.reshape(-1, n_v), W_O.T, out=o_sum.reshape(-1, n_x))
    o_sum += x
    o = np.empty((T, B, n_w), dtype)
    # o[t] = d + E @ (x[t] + W_O @ a[t])
    np.matmul(o_sum.reshape(-1, n_x), E.T, out=o.reshape(-1, n_w))
    o += d
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp1, largest=largest2)
    yhat = np.empty((T, B, n_w), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp1)
    np.exp(tmp1, out=yhat)
    if y is not None:
        tmp_2_0 = np.empty((B, T), dtype)
        tmp_2_1 = np.empty((B, T), dtype)
        tmp_2_2 = np.empty((B, T), dtype)
        # loss = sum(-log(yhat[t, y[t]]), t)
        tmp_2_1[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
        tmp_2_2[...] = o[np.arange(T)[:, None], np.arange(B), y].T
        tmp_2_0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp_2_2, 0)
        np.subtract(tmp_2_1, tmp_2_0, out=tmp_2_0)
        loss = tmp_2_0.sum()
    else:
        loss = None
    q = qk[0]
    k = qk[1]

    if single:
        x = x[:, 0]
        q = q[:, 0]
        k = k[:, 0]
        v = v[:, 0]
        e = e[:, :, 0]
        alpha = alpha[:, :, 0]
        a = a[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(
        x=x, q=q, k=k, v=v, e=e, alpha=alpha, a=a, o=o, yhat=yhat, loss=None if loss is None else float(loss)
    )


def _loss_padded(params, w, y, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, w, y, dtype, single, n_w, n_x, n_k, n_v, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, lengths, whole=True)
    E, W_Q, W_K, W_V, W_O, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_QK, x, qk, v, e_sum, e, alpha_inside, alpha_lse, largest, alpha, a_product,
        a_product2, a, o_sum, o, yhat_lse, largest2,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_w, n_x, n_k, n_v, B, dtype)
    np.stack((W_Q, W_K), out=W_QK)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    np.matmul(x.reshape(-1, n_x), W_QK.transpose(0, 2, 1), out=qk.reshape(2, -1, n_k))
    # v[t] = W_V @ x[t]
    np.matmul(x.reshape(-1, n_x), W_V.T, out=v.reshape(-1, n_v))
    # e.sum[t, t1] = q[t] @ k[t1]
    np.matmul(qk[0].transpose(1, 0, 2), qk[1].transpose(1, 2, 0), out=e_sum.transpose(2, 0, 1))
    # e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n_k), -inf)
    np.divide(e_sum, float(np.sqrt(n_k)), out=tmp0)
    e[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None], tmp0, -np.inf)
    # alpha.inside[t, t1] = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), e[t, t1], -inf)
    alpha_inside[...] = np.where(np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0, e, -np.inf)
    # alpha[t, t1] = softmax(e[t, t1], t1)
    _logsumexp(alpha_inside, 1, out=alpha_lse, work=tmp0, largest=largest)
    np.subtract(alpha_inside, alpha_lse[:, None], out=tmp0)
    np.exp(tmp0, out=alpha)
    # a.product[t1] = where(t1 <= T.own, v[t1], 0)
    a_product[...] = np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, :, None], v, 0)
    # a.product2[t, t1] = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), alpha[t, t1], 0)
    a_product2[...] = np.where(np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0, alpha, 0)
    # a[t] = sum(alpha[t, t1] * v[t1], t1)
    np.matmul(a_product2.transpose(2, 0, 1), a_product.transpose(1, 0, 2), out=a.transpose(1, 0, 2))
    # o.sum[t] = x[t] + W_O @ a[t]
    np.matmul(a.reshape(-1, n_v), W_O.T, out=o_sum.reshape(-1, n_x))
    o_sum += x
    # o[t] = d + E @ (x[t] + W_O @ a[t])
    np.matmul(o_sum.reshape(-1, n_x), E.T, out=o.reshape(-1, n_w))
    o += d
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp1, largest=largest2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp3[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp4[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp2[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp4, 0)
    np.subtract(tmp3, tmp2, out=tmp2)
    loss = tmp2.sum()

    return float(loss)


def _loss_and_grad_padded(params, w, y, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, dtype, single, n_w, n_x, n_k, n_v, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, lengths, whole=True)
    E, W_Q, W_K, W_V, W_O, d = params
    wrt = _asked(wrt, ())
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_QK, x, qk, v, e_sum, e, alpha_inside, alpha_lse, largest, alpha, a_product,
        a_product2, a, o_sum, o, yhat_lse, largest2, yhat, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, do, rows, flat, entries,
        dd, dE, do_sum, dx, dW_O, da, da_product, da_product2, dalpha, dv, dalpha_lse, dalpha_inside, de_sum, dW_V, dqk,
        dW_QK, product,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_w, n_x, n_k, n_v, B, dtype)
    np.stack((W_Q, W_K), out=W_QK)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    np.matmul(x.reshape(-1, n_x), W_QK.transpose(0, 2, 1), out=qk.reshape(2, -1, n_k))
    # v[t] = W_V @ x[t]
    np.matmul(x.reshape(-1, n_x), W_V.T, out=v.reshape(-1, n_v))
    # e.sum[t, t1] = q[t] @ k[t1]
    np.matmul(qk[0].transpose(1, 0, 2), qk[1].transpose(1, 2, 0), out=e_sum.transpose(2, 0, 1))
    # e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n_k), -inf)
    np.divide(e_sum, float(np.sqrt(n_k)), out=tmp0)
    e[...] = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None], tmp0, -np.inf)
    # alpha.inside[t, t1] = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), e[t, t1], -inf)
    alpha_inside[...] = np.where(np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0, e, -np.inf)
    # alpha[t, t1] = softmax(e[t, t1], t1)
    _logsumexp(alpha_inside, 1, out=alpha_lse, work=tmp0, largest=largest)
    np.subtract(alpha_inside, alpha_lse[:, None], out=tmp0)
    np.exp(tmp0, out=alpha)
    # a.product[t1] = where(t1 <= T.own, v[t1], 0)
    a_product[...] = np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, :, None], v, 0)
    # a.product2[t, t1] = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), alpha[t, t1], 0)
    a_product2[...] = np.where(np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0, alpha, 0)
    # a[t] = sum(alpha[t, t1] * v[t1], t1)
    np.matmul(a_product2.transpose(2, 0, 1), a_product.transpose(1, 0, 2), out=a.transpose(1, 0, 2))
    # o.sum[t] = x[t] + W_O @ a[t]
    np.matmul(a.reshape(-1, n_v), W_O.T, out=o_sum.reshape(-1, n_x))
    o_sum += x
    # o[t] = d + E @ (x[t] + W_O @ a[t])
    np.matmul(o_sum.reshape(-1, n_x), E.T, out=o.reshape(-1, n_w))
    o += d
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp1, largest=largest2)
    np.subtract(o, yhat_lse[:, :, None], out=tmp1)
    np.exp(tmp1, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp3[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp4[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp2[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp4, 0)
    np.subtract(tmp3, tmp2, out=tmp2)
    loss = tmp2.sum()
    q = qk[0]
    k = qk[1]
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp5[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp5[:, :, None], yhat, out=do)
    tmp5[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp5, out=tmp5)
    _add_to(do, y, rows, flat, entries, tmp5)
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dd)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    np.matmul(do.reshape(-1, n_w).T, o_sum.reshape(-1, n_x), out=dE)
    # grad(o.sum[t]) = E.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_w), E, out=do_sum.reshape(-1, n_x))
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx[...] = do_sum
    # grad(W_O) = sum(outer(grad(o.sum[t]), a[t]), t)
    np.matmul(do_sum.reshape(-1, n_x).T, a.reshape(-1, n_v), out=dW_O)
    # grad(a[t]) = W_O.T @ grad(o.sum[t])
    np.matmul(do_sum.reshape(-1, n_x), W_O, out=da.reshape(-1, n_v))
    # grad(a.product[t]) = sum(same_window(t1 - 1, t - 1, window.T) * a.product2[t1, t] * grad(a[t1]), t1)
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp8)
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp9)
    tmp7[...] = tmp8 // window_T == tmp9[:, None] // window_T
    np.multiply(tmp7[:, None], a_product2.transpose(1, 2, 0), out=tmp6)
    np.matmul(tmp6.transpose(1, 0, 2), da.transpose(1, 0, 2), out=da_product.transpose(1, 0, 2))
    # grad(a.product2[t, t1]) = a.product[t1] @ grad(a[t])
    np.matmul(da.transpose(1, 0, 2), a_product.transpose(1, 2, 0), out=da_product2.transpose(2, 0, 1))
    # grad(alpha[t, t1]) = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), 1, 0) *
    #     grad(a.product2[t, t1])
    dalpha[...] = np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0
    dalpha *= da_product2
    # grad(v[t]) = where(t <= T.own, 1, 0) * grad(a.product[t])
    tmp5[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp5[:, :, None], da_product, out=dv)
    # grad(alpha.lse[t]) = sum(-alpha[t, t1] * grad(alpha[t, t1]), t1)
    dalpha_lse[...] = np.einsum("tab,tab->tb", alpha, dalpha)
    np.negative(dalpha_lse, out=dalpha_lse)
    # grad(alpha.inside[t, t1]) = alpha[t, t1] * grad(alpha.lse[t]) + alpha[t, t1] * grad(alpha[t, t1])
    np.multiply(alpha, dalpha_lse[:, None], out=dalpha_inside)
    np.multiply(alpha, dalpha, out=tmp0)
    dalpha_inside += tmp0
    # grad(e.sum[t, t1]) = where(t1 <= t, 1 / sqrt(n_k), 0) * grad(e[t, t1])
    tmp7[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], 1 / float(np.sqrt(n_k)), 0).astype(dtype)
    de_sum[...] = np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0
    de_sum *= tmp7[:, :, None]
    de_sum *= dalpha_inside
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    np.matmul(dv.reshape(-1, n_v).T, x.reshape(-1, n_x), out=dW_V)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    np.matmul(dv.reshape(-1, n_v), W_V, out=tmp10.reshape(-1, n_x))
    dx += tmp10
    # grad(k[t]) = sum(same_window(t1 - 1, t - 1, window.T) * grad(e.sum[t1, t]) * q[t1], t1)
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp8)
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp9)
    tmp7[...] = tmp8 // window_T == tmp9[:, None] // window_T
    np.multiply(tmp7[:, None], de_sum.transpose(1, 2, 0), out=tmp6)
    np.matmul(tmp6.transpose(1, 0, 2), q.transpose(1, 0, 2), out=dqk[1].transpose(1, 0, 2))
    # grad(q[t]) = sum(grad(e.sum[t, t1]) * k[t1], t1)
    np.matmul(de_sum.transpose(2, 0, 1), k.transpose(1, 0, 2), out=dqk[0].transpose(1, 0, 2))
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    np.matmul(dqk.reshape(2, -1, n_k).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_QK)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    np.matmul(dqk.reshape(2, -1, n_k), W_QK, out=product)
    np.add.reduce(product, axis=0, out=tmp10.reshape(-1, n_x))
    dx += tmp10
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    _scatter_add(dE, (w,), dx)
    dW_Q = dW_QK[0]
    dW_K = dW_QK[1]

    gradient = Params(E=dE, W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_O=dW_O, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    return float(loss), gradient, result


def _backward_padded(params, forward, w, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, x, q, k, v, alpha, a, yhat, dtype, single, n_w, n_x, n_k, n_v, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, w, y, lengths)
    E, W_Q, W_K, W_V, W_O, d = params
    window_T = _window(window, "T", ("T",), T)

    a_product = np.empty((T, B, n_v), dtype)
    # a.product[t1] = where(t1 <= T.own, v[t1], 0)
    a_product[...] = np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, :, None], v, 0)
    a_product2 = np.empty((T, T, B), dtype)
    # a.product2[t, t1] = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), alpha[t, t1], 0)
    a_product2[...] = np.where(np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0, alpha, 0)
    o_sum = np.empty((T, B, n_x), dtype)
    # o.sum[t] = x[t] + W_O @ a[t]
    np.matmul(a.reshape(-1, n_v), W_O.T, out=o_sum.reshape(-1, n_x))
    o_sum += x
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((T, B, T), dtype)
    tmp2 = np.empty((T, T), dtype)
    tmp3 = np.empty((T,), dtype)
    tmp4 = np.empty((T,), dtype)
    tmp5 = np.empty((T, T, B), dtype)
    tmp6 = np.empty((T, B, n_x), dtype)
    W_QK = np.stack((W_Q, W_K))
    do = np.empty((T, B, n_w), dtype)
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp0[:, :, None], yhat, out=do)
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp0, out=tmp0)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, tmp0)
    dd = np.empty((n_w,), dtype)
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dd)
    dE = np.empty((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    np.matmul(do.reshape(-1, n_w).T, o_sum.reshape(-1, n_x), out=dE)
    do_sum = np.empty((T, B, n_x), dtype)
    # grad(o.sum[t]) = E.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_w), E, out=do_sum.reshape(-1, n_x))
    dx = np.empty((T, B, n_x), dtype)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx[...] = do_sum
    dW_O = np.empty((n_x, n_v), dtype)
    # grad(W_O) = sum(outer(grad(o.sum[t]), a[t]), t)
    np.matmul(do_sum.reshape(-1, n_x).T, a.reshape(-1, n_v), out=dW_O)
    da = np.empty((T, B, n_v), dtype)
    # grad(a[t]) = W_O.T @ grad(o.sum[t])
    np.matmul(do_sum.reshape(-1, n_x), W_O, out=da.reshape(-1, n_v))
    da_product = np.empty((T, B, n_v), dtype)
    # grad(a.product[t]) = sum(same_window(t1 - 1, t - 1, window.T) * a.product2[t1, t] * grad(a[t1]), t1)
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp3)
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp4)
    tmp2[...] = tmp3 // window_T == tmp4[:, None] // window_T
    np.multiply(tmp2[:, None], a_product2.transpose(1, 2, 0), out=tmp1)
    np.matmul(tmp1.transpose(1, 0, 2), da.transpose(1, 0, 2), out=da_product.transpose(1, 0, 2))
    da_product2 = np.empty((T, T, B), dtype)
    # grad(a.product2[t, t1]) = a.product[t1] @ grad(a[t])
    np.matmul(da.transpose(1, 0, 2), a_product.transpose(1, 2, 0), out=da_product2.transpose(2, 0, 1))
    dalpha = np.empty((T, T, B), dtype)
    # grad(alpha[t, t1]) = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), 1, 0) *
    #     grad(a.product2[t, t1])
    dalpha[...] = np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0
    dalpha *= da_product2
    dv = np.empty((T, B, n_v), dtype)
    # grad(v[t]) = where(t <= T.own, 1, 0) * grad(a.product[t])
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp0[:, :, None], da_product, out=dv)
    dalpha_lse = np.empty((T, B), dtype)
    # grad(alpha.lse[t]) = sum(-alpha[t, t1] * grad(alpha[t, t1]), t1)
    dalpha_lse[...] = np.einsum("tab,tab->tb", alpha, dalpha)
    np.negative(dalpha_lse, out=dalpha_lse)
    dalpha_inside = np.empty((T, T, B), dtype)
    # grad(alpha.inside[t, t1]) = alpha[t, t1] * grad(alpha.lse[t]) + alpha[t, t1] * grad(alpha[t, t1])
    np.multiply(alpha, dalpha_lse[:, None], out=dalpha_inside)
    np.multiply(alpha, dalpha, out=tmp5)
    dalpha_inside += tmp5
    de_sum = np.empty((T, T, B), dtype)
    # grad(e.sum[t, t1]) = where(t1 <= t, 1 / sqrt(n_k), 0) * grad(e[t, t1])
    tmp2[...] = np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], 1 / float(np.sqrt(n_k)), 0).astype(dtype)
    de_sum[...] = np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0
    de_sum *= tmp2[:, :, None]
    de_sum *= dalpha_inside
    dW_V = np.empty((n_v, n_x), dtype)
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    np.matmul(dv.reshape(-1, n_v).T, x.reshape(-1, n_x), out=dW_V)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    np.matmul(dv.reshape(-1, n_v), W_V, out=tmp6.reshape(-1, n_x))
    dx += tmp6
    dqk = np.empty((2, T, B, n_k), dtype)
    # grad(k[t]) = sum(same_window(t1 - 1, t - 1, window.T) * grad(e.sum[t1, t]) * q[t1], t1)
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp3)
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp4)
    tmp2[...] = tmp3 // window_T == tmp4[:, None] // window_T
    np.multiply(tmp2[:, None], de_sum.transpose(1, 2, 0), out=tmp1)
    np.matmul(tmp1.transpose(1, 0, 2), q.transpose(1, 0, 2), out=dqk[1].transpose(1, 0, 2))
    # grad(q[t]) = sum(grad(e.sum[t, t1]) * k[t1], t1)
    np.matmul(de_sum.transpose(2, 0, 1), k.transpose(1, 0, 2), out=dqk[0].transpose(1, 0, 2))
    dW_QK = np.empty((2, n_k, n_x), dtype)
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    np.matmul(dqk.reshape(2, -1, n_k).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_QK)
    product = np.empty((2, T * B, n_x), dtype)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    np.matmul(dqk.reshape(2, -1, n_k), W_QK, out=product)
    np.add.reduce(product, axis=0, out=tmp6.reshape(-1, n_x))
    dx += tmp6
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    _scatter_add(dE, (w,), dx)
    dW_Q = dW_QK[0]
    dW_K = dW_QK[1]

    return Params(E=dE, W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_O=dW_O, d=dd)


def _loss_arrays(T, n_w, n_x, n_k, n_v, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((T, T, B), dtype)
    tmp1 = np.empty((T, B, n_w), dtype)
    tmp2 = np.empty((T, B), dtype)
    W_QK = np.empty((2, n_k, n_x), dtype)
    x = np.empty((T, B, n_x), dtype)
    qk = _by_step((2, T, B, n_k), dtype)
    v = np.empty((T, B, n_v), dtype)
    e_sum = np.empty((T, T, B), dtype)
    e = e_sum
    alpha_lse = np.empty((T, B), dtype)
    largest = np.empty((T, 1, B), dtype)
    alpha = e_sum
    a = np.empty((T, B, n_v), dtype)
    o_sum = np.empty((T, B, n_x), dtype)
    o = np.empty((T, B, n_w), dtype)
    yhat_lse = alpha_lse
    largest2 = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, W_QK, x, qk, v, e_sum, e, alpha_lse, largest, alpha, a, o_sum, o, yhat_lse, largest2, rows,
        flat,
    )


def _loss_and_grad_arrays(T, n_w, n_x, n_k, n_v, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((T, T, B), dtype)
    tmp1 = np.empty((T, B, n_w), dtype)
    tmp2 = np.empty((T, B), dtype)
    W_QK = np.empty((2, n_k, n_x), dtype)
    x = np.empty((T, B, n_x), dtype)
    qk = _by_step((2, T, B, n_k), dtype)
    v = np.empty((T, B, n_v), dtype)
    e_sum = np.empty((T, T, B), dtype)
    e = e_sum
    alpha_lse = np.empty((T, B), dtype)
    largest = np.empty((T, 1, B), dtype)
    alpha = e_sum
    a = np.empty((T, B, n_v), dtype)
    o_sum = np.empty((T, B, n_x), dtype)
    o = np.empty((T, B, n_w), dtype)
    yhat_lse = alpha_lse
    largest2 = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_w), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp3 = np.empty((T, T), dtype)
    tmp4 = o_sum
    do = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_w,), dtype)
    dE = np.empty((n_w, n_x), dtype)
    do_sum = o_sum
    dx = np.empty((T, B, n_x), dtype)
    dW_O = np.empty((n_x, n_v), dtype)
    da = a
    dalpha = np.empty((T, T, B), dtype)
    dv = v
    dalpha_lse = tmp2
    de = np.empty((T, T, B), dtype)
    de_sum = de
    dW_V = np.empty((n_v, n_x), dtype)
    dqk = _by_step((2, T, B, n_k), dtype)
    dW_QK = np.empty((2, n_k, n_x), dtype)
    product = np.empty((2, T * B, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, W_QK, x, qk, v, e_sum, e, alpha_lse, largest, alpha, a, o_sum, o, yhat_lse, largest2, yhat,
        rows, flat, tmp3, tmp4, do, entries, dd, dE, do_sum, dx, dW_O, da, dalpha, dv, dalpha_lse, de, de_sum, dW_V,
        dqk, dW_QK, product,
    )


def _loss_padded_arrays(T, n_w, n_x, n_k, n_v, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, T, B), dtype)
    tmp1 = np.empty((T, B, n_w), dtype)
    tmp2 = np.empty((B, T), dtype)
    tmp3 = np.empty((B, T), dtype)
    tmp4 = np.empty((B, T), dtype)
    W_QK = np.empty((2, n_k, n_x), dtype)
    x = np.empty((T, B, n_x), dtype)
    qk = _by_step((2, T, B, n_k), dtype)
    v = np.empty((T, B, n_v), dtype)
    e_sum = np.empty((T, T, B), dtype)
    e = e_sum
    alpha_inside = np.empty((T, T, B), dtype)
    alpha_lse = np.empty((T, B), dtype)
    largest = np.empty((T, 1, B), dtype)
    alpha = alpha_inside
    a_product = np.empty((T, B, n_v), dtype)
    a_product2 = tmp0
    a = v
    o_sum = np.empty((T, B, n_x), dtype)
    o = np.empty((T, B, n_w), dtype)
    yhat_lse = alpha_lse
    largest2 = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_QK, x, qk, v, e_sum, e, alpha_inside, alpha_lse, largest, alpha, a_product,
        a_product2, a, o_sum, o, yhat_lse, largest2,
    )


def _loss_and_grad_padded_arrays(T, n_w, n_x, n_k, n_v, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, T, B), dtype)
    tmp1 = np.empty((T, B, n_w), dtype)
    tmp2 = np.empty((B, T), dtype)
    tmp3 = np.empty((B, T), dtype)
    tmp4 = np.empty((B, T), dtype)
    W_QK = np.empty((2, n_k, n_x), dtype)
    x = np.empty((T, B, n_x), dtype)
    qk = _by_step((2, T, B, n_k), dtype)
    v = np.empty((T, B, n_v), dtype)
    e_sum = np.empty((T, T, B), dtype)
    e = e_sum
    alpha_inside = np.empty((T, T, B), dtype)
    alpha_lse = np.empty((T, B), dtype)
    largest = np.empty((T, 1, B), dtype)
    alpha = alpha_inside
    a_product = np.empty((T, B, n_v), dtype)
    a_product2 = e_sum
    a = v
    o_sum = np.empty((T, B, n_x), dtype)
    o = np.empty((T, B, n_w), dtype)
    yhat_lse = alpha_lse
    largest2 = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_w), dtype)
    tmp5 = alpha_lse
    tmp6 = np.empty((T, B, T), dtype)
    tmp7 = np.empty((T, T), dtype)
    tmp8 = np.empty((T,), dtype)
    tmp9 = np.empty((T,), dtype)
    tmp10 = o_sum
    do = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_w,), dtype)
    dE = np.empty((n_w, n_x), dtype)
    do_sum = o_sum
    dx = np.empty((T, B, n_x), dtype)
    dW_O = np.empty((n_x, n_v), dtype)
    da = v
    da_product = np.empty((T, B, n_v), dtype)
    da_product2 = e_sum
    dalpha = np.empty((T, T, B), dtype)
    dv = da_product
    dalpha_lse = alpha_lse
    dalpha_inside = e_sum
    de_sum = tmp0
    dW_V = np.empty((n_v, n_x), dtype)
    dqk = _by_step((2, T, B, n_k), dtype)
    dW_QK = np.empty((2, n_k, n_x), dtype)
    product = np.empty((2, T * B, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_QK, x, qk, v, e_sum, e, alpha_inside, alpha_lse, largest, alpha, a_product,
        a_product2, a, o_sum, o, yhat_lse, largest2, yhat, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, do, rows, flat, entries,
        dd, dE, do_sum, dx, dW_O, da, da_product, da_product2, dalpha, dv, dalpha_lse, dalpha_inside, de_sum, dW_V, dqk,
        dW_QK, product,
    )


def _arguments(params, w, y, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_k, n_v = _parameters(params)
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
        _classes("y", y, n_w, "n_w - 1")
        if single:
            y = y[:, None]
    return params, w, y, dtype, single, n_w, n_x, n_k, n_v, T, B


def _backward_arguments(params, forward, w, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_k, n_v = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    q = _real("forward.q", forward.q, dtype)
    k = _real("forward.k", forward.k, dtype)
    v = _real("forward.v", forward.v, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    a = _real("forward.a", forward.a, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    T = w.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
    _expect("forward.x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from w, n_x from E")
    _expect("forward.q", q, (T, *batch_axis, n_k), ("T", "B", "n_k"), "T and B from w, n_k from W_Q")
    _expect("forward.k", k, (T, *batch_axis, n_k), ("T", "B", "n_k"), "T and B from w, n_k from W_Q")
    _expect("forward.v", v, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from w, n_v from W_V")
    _expect("forward.alpha", alpha, (T, T, *batch_axis), ("T", "T", "B"), "T and B from w")
    _expect("forward.a", a, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from w, n_v from W_V")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_w), ("T", "B", "n_w"), "T and B from w, n_w from E")
    _classes("w", w, n_w, "n_w - 1")
    _classes("y", y, n_w, "n_w - 1")
    if single:
        w = w[:, None]
        y = y[:, None]
        x = x[:, None]
        q = q[:, None]
        k = k[:, None]
        v = v[:, None]
        alpha = alpha[:, :, None]
        a = a[:, None]
        yhat = yhat[:, None]
    return params, w, y, x, q, k, v, alpha, a, yhat, dtype, single, n_w, n_x, n_k, n_v, T, B


def _padded_arguments(params, w, y, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_k, n_v = _parameters(params)
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
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_T)
    _classes("w", w, n_w, "n_w - 1")
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_w, "n_w - 1")
    return params, w, y, dtype, single, n_w, n_x, n_k, n_v, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, w, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_k, n_v = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    q = _real("forward.q", forward.q, dtype)
    k = _real("forward.k", forward.k, dtype)
    v = _real("forward.v", forward.v, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    a = _real("forward.a", forward.a, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    T = w.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
    _expect("forward.x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from w, n_x from E")
    _expect("forward.q", q, (T, *batch_axis, n_k), ("T", "B", "n_k"), "T and B from w, n_k from W_Q")
    _expect("forward.k", k, (T, *batch_axis, n_k), ("T", "B", "n_k"), "T and B from w, n_k from W_Q")
    _expect("forward.v", v, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from w, n_v from W_V")
    _expect("forward.alpha", alpha, (T, T, *batch_axis), ("T", "T", "B"), "T and B from w")
    _expect("forward.a", a, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from w, n_v from W_V")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_w), ("T", "B", "n_w"), "T and B from w, n_w from E")
    if single:
        w = w[:, None]
        y = y[:, None]
        x = x[:, None]
        q = q[:, None]
        k = k[:, None]
        v = v[:, None]
        alpha = alpha[:, :, None]
        a = a[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_T)
    _classes("w", w, n_w, "n_w - 1")
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_w, "n_w - 1")
    return params, w, y, x, q, k, v, alpha, a, yhat, dtype, single, n_w, n_x, n_k, n_v, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    E, W_Q, W_K, W_V, W_O, d = params
    _rank("E", E, ("n_w", "n_x"))
    n_w, n_x = E.shape
    _rank("W_Q", W_Q, ("n_k", "n_x"))
    n_k = W_Q.shape[0]
    _rank("W_V", W_V, ("n_v", "n_x"))
    n_v = W_V.shape[0]
    _expect("W_Q", W_Q, (n_k, n_x), ("n_k", "n_x"), "n_x from E")
    _expect("W_K", W_K, (n_k, n_x), ("n_k", "n_x"), "n_k from W_Q, n_x from E")
    _expect("W_V", W_V, (n_v, n_x), ("n_v", "n_x"), "n_x from E")
    _expect("W_O", W_O, (n_x, n_v), ("n_x", "n_v"), "n_x from E, n_v from W_V")
    _expect("d", d, (n_w,), ("n_w",), "n_w from E")
    return params, dtype, n_w, n_x, n_k, n_v


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
