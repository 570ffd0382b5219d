# Written by derive from self_attention.eq; do not edit.
# Change self_attention.eq instead, and run: derive generate self_attention
# source 55f79f7fd5a356dc, derive e116e7411edaf54b, body ddada1300254d37d
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
    lengths  (B,)    1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, w, y, lengths)
    params, w, y, dtype, single, n_w, n_x, n_k, n_v, T, B = _arguments(params, w, y)
    E, W_Q, W_K, W_V, W_O, d = params

    W_QK = np.concatenate((W_Q, W_K))
    # x[t] = E[w[t]]
    x = E[w]
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    qk = (x.reshape(-1, n_x) @ W_QK.T).reshape(T, B, 2 * n_k)
    # v[t] = W_V @ x[t]
    v = (x.reshape(-1, n_x) @ W_V.T).reshape(T, B, n_v)
    # e.sum[t, t1] = q[t] @ k[t1]
    e_sum = (qk[:, :, :n_k].transpose(1, 0, 2) @ qk[:, :, n_k:].transpose(1, 2, 0)).transpose(1, 2, 0)
    # e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n_k), -inf)
    e = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None], e_sum / float(np.sqrt(n_k)), -np.inf)
    # alpha[t, t1] = softmax(e[t, t1], t1)
    alpha_lse = _logsumexp(e, 1)
    alpha = np.exp(e - alpha_lse[:, None])
    # a[t] = sum(alpha[t, t1] * v[t1], t1)
    a = (alpha.transpose(2, 0, 1) @ v.transpose(1, 0, 2)).transpose(1, 0, 2)
    # o.sum[t] = x[t] + W_O @ a[t]
    o_sum = (a.reshape(-1, n_v) @ W_O.T).reshape(T, B, n_x)
    o_sum += x
    # o[t] = d + E @ (x[t] + W_O @ a[t])
    o = (o_sum.reshape(-1, n_x) @ E.T).reshape(T, B, n_w)
    o += d
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    if y is not None:
        # loss = sum(-log(yhat[t, y[t]]), t)
        loss = -o[np.arange(T)[:, None], np.arange(B), y].sum()
        loss += yhat_lse.sum()
    else:
        loss = None
    q = qk[..., :n_k]
    k = qk[..., n_k:2 * n_k]

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
    params: Params, *, w: np.ndarray, y: np.ndarray, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None
) -> float:
    """The loss, summed over the batch.

    w        (T, B)  0..n_w - 1  the word that is read at each step
    y        (T, B)  0..n_w - 1  the word to predict at each step
    lengths  (B,)    1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, w, y, lengths)
    params, w, y, dtype, single, n_w, n_x, n_k, n_v, T, B = _arguments(params, w, y, whole=True)
    E, W_Q, W_K, W_V, W_O, d = params

    W_QK = np.concatenate((W_Q, W_K))
    # x[t] = E[w[t]]
    x = E[w]
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    qk = (x.reshape(-1, n_x) @ W_QK.T).reshape(T, B, 2 * n_k)
    # v[t] = W_V @ x[t]
    v = (x.reshape(-1, n_x) @ W_V.T).reshape(T, B, n_v)
    # e.sum[t, t1] = q[t] @ k[t1]
    e_sum = (qk[:, :, :n_k].transpose(1, 0, 2) @ qk[:, :, n_k:].transpose(1, 2, 0)).transpose(1, 2, 0)
    # e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n_k), -inf)
    e = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None], e_sum / float(np.sqrt(n_k)), -np.inf)
    # alpha[t, t1] = softmax(e[t, t1], t1)
    alpha_lse = _logsumexp(e, 1)
    alpha = np.exp(e - alpha_lse[:, None])
    # a[t] = sum(alpha[t, t1] * v[t1], t1)
    a = (alpha.transpose(2, 0, 1) @ v.transpose(1, 0, 2)).transpose(1, 0, 2)
    # o.sum[t] = x[t] + W_O @ a[t]
    o_sum = (a.reshape(-1, n_v) @ W_O.T).reshape(T, B, n_x)
    o_sum += x
    # o[t] = d + E @ (x[t] + W_O @ a[t])
    o = (o_sum.reshape(-1, n_x) @ E.T).reshape(T, B, n_w)
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
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w        (T, B)  0..n_w - 1         the word that is read at each step
    y        (T, B)  0..n_w - 1         the word to predict at each step
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, w, y, lengths, wrt, window)
    params, w, y, dtype, single, n_w, n_x, n_k, n_v, T, B = _arguments(params, w, y, whole=True)
    E, W_Q, W_K, W_V, W_O, d = params
    wrt = _asked(wrt, ())

    W_QK = np.concatenate((W_Q, W_K))
    # x[t] = E[w[t]]
    x = E[w]
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    qk = (x.reshape(-1, n_x) @ W_QK.T).reshape(T, B, 2 * n_k)
    # v[t] = W_V @ x[t]
    v = (x.reshape(-1, n_x) @ W_V.T).reshape(T, B, n_v)
    # e.sum[t, t1] = q[t] @ k[t1]
    e_sum = (qk[:, :, :n_k].transpose(1, 0, 2) @ qk[:, :, n_k:].transpose(1, 2, 0)).transpose(1, 2, 0)
    # e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n_k), -inf)
    e = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None], e_sum / float(np.sqrt(n_k)), -np.inf)
    # alpha[t, t1] = softmax(e[t, t1], t1)
    alpha_lse = _logsumexp(e, 1)
    alpha = np.exp(e - alpha_lse[:, None])
    # a[t] = sum(alpha[t, t1] * v[t1], t1)
    a = (alpha.transpose(2, 0, 1) @ v.transpose(1, 0, 2)).transpose(1, 0, 2)
    # o.sum[t] = x[t] + W_O @ a[t]
    o_sum = (a.reshape(-1, n_v) @ W_O.T).reshape(T, B, n_x)
    o_sum += x
    # o[t] = d + E @ (x[t] + W_O @ a[t])
    o = (o_sum.reshape(-1, n_x) @ E.T).reshape(T, B, n_w)
    o += d
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -o[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    q = qk[..., :n_k]
    k = qk[..., n_k:2 * n_k]
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do = yhat.copy()
    do[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(o[t]), t)
    dd = do.sum(axis=(0, 1))
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    dE = do.reshape(-1, n_w).T @ o_sum.reshape(-1, n_x)
    # grad(o.sum[t]) = E.T @ grad(o[t])
    do_sum = (do.reshape(-1, n_w) @ E).reshape(T, B, n_x)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx = do_sum.copy()
    # grad(W_O) = sum(outer(grad(o.sum[t]), a[t]), t)
    dW_O = do_sum.reshape(-1, n_x).T @ a.reshape(-1, n_v)
    # grad(a[t]) = W_O.T @ grad(o.sum[t])
    da = (do_sum.reshape(-1, n_x) @ W_O).reshape(T, B, n_v)
    # grad(alpha[t, t1]) = v[t1] @ grad(a[t])
    dalpha = (da.transpose(1, 0, 2) @ v.transpose(1, 2, 0)).transpose(1, 2, 0)
    # grad(v[t]) = sum(alpha[t1, t] * grad(a[t1]), t1)
    dv = (alpha.transpose(2, 1, 0) @ da.transpose(1, 0, 2)).transpose(1, 0, 2)
    # grad(alpha.lse[t]) = sum(-alpha[t, t1] * grad(alpha[t, t1]), t1)
    dalpha_lse = -np.einsum("tab,tab->tb", alpha, dalpha)
    # grad(e[t, t1]) = alpha[t, t1] * grad(alpha.lse[t]) + alpha[t, t1] * grad(alpha[t, t1])
    de = alpha * dalpha_lse[:, None]
    de += alpha * dalpha
    # grad(e.sum[t, t1]) = where(t1 <= t, 1 / sqrt(n_k), 0) * grad(e[t, t1])
    de_sum = de * np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], 1 / float(np.sqrt(n_k)), 0).astype(dtype)[:, :, None]
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    dW_V = dv.reshape(-1, n_v).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx += (dv.reshape(-1, n_v) @ W_V).reshape(T, B, n_x)
    dqk = np.empty((T, B, 2 * n_k), dtype)
    # grad(k[t]) = sum(grad(e.sum[t1, t]) * q[t1], t1)
    dqk[:, :, n_k:] = (de_sum.transpose(2, 1, 0) @ q.transpose(1, 0, 2)).transpose(1, 0, 2)
    # grad(q[t]) = sum(grad(e.sum[t, t1]) * k[t1], t1)
    dqk[:, :, :n_k] = (de_sum.transpose(2, 0, 1) @ k.transpose(1, 0, 2)).transpose(1, 0, 2)
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    dW_QK = dqk.reshape(-1, 2 * n_k).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx += (dqk.reshape(-1, 2 * n_k) @ W_QK).reshape(T, B, n_x)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    _scatter_add(dE, (w,), dx)
    dW_Q = dW_QK[:n_k]
    dW_K = dW_QK[n_k:2 * n_k]

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
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, w, y, lengths, window)
    (
        params, w, y, x, q, k, v, alpha, a, yhat, dtype, single, n_w, n_x, n_k, n_v, T, B,
    ) = _backward_arguments(params, forward, w, y)
    E, W_Q, W_K, W_V, W_O, d = params

    # o.sum[t] = x[t] + W_O @ a[t]
    o_sum = (a.reshape(-1, n_v) @ W_O.T).reshape(T, B, n_x)
    o_sum += x
    W_QK = np.concatenate((W_Q, W_K))
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do = yhat.copy()
    do[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(o[t]), t)
    dd = do.sum(axis=(0, 1))
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    dE = do.reshape(-1, n_w).T @ o_sum.reshape(-1, n_x)
    # grad(o.sum[t]) = E.T @ grad(o[t])
    do_sum = (do.reshape(-1, n_w) @ E).reshape(T, B, n_x)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx = do_sum.copy()
    # grad(W_O) = sum(outer(grad(o.sum[t]), a[t]), t)
    dW_O = do_sum.reshape(-1, n_x).T @ a.reshape(-1, n_v)
    # grad(a[t]) = W_O.T @ grad(o.sum[t])
    da = (do_sum.reshape(-1, n_x) @ W_O).reshape(T, B, n_v)
    # grad(alpha[t, t1]) = v[t1] @ grad(a[t])
    dalpha = (da.transpose(1, 0, 2) @ v.transpose(1, 2, 0)).transpose(1, 2, 0)
    # grad(v[t]) = sum(alpha[t1, t] * grad(a[t1]), t1)
    dv = (alpha.transpose(2, 1, 0) @ da.transpose(1, 0, 2)).transpose(1, 0, 2)
    # grad(alpha.lse[t]) = sum(-alpha[t, t1] * grad(alpha[t, t1]), t1)
    dalpha_lse = -np.einsum("tab,tab->tb", alpha, dalpha)
    # grad(e[t, t1]) = alpha[t, t1] * grad(alpha.lse[t]) + alpha[t, t1] * grad(alpha[t, t1])
    de = alpha * dalpha_lse[:, None]
    de += alpha * dalpha
    # grad(e.sum[t, t1]) = where(t1 <= t, 1 / sqrt(n_k), 0) * grad(e[t, t1])
    de_sum = de * np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], 1 / float(np.sqrt(n_k)), 0).astype(dtype)[:, :, None]
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    dW_V = dv.reshape(-1, n_v).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx += (dv.reshape(-1, n_v) @ W_V).reshape(T, B, n_x)
    dqk = np.empty((T, B, 2 * n_k), dtype)
    # grad(k[t]) = sum(grad(e.sum[t1, t]) * q[t1], t1)
    dqk[:, :, n_k:] = (de_sum.transpose(2, 1, 0) @ q.transpose(1, 0, 2)).transpose(1, 0, 2)
    # grad(q[t]) = sum(grad(e.sum[t, t1]) * k[t1], t1)
    dqk[:, :, :n_k] = (de_sum.transpose(2, 0, 1) @ k.transpose(1, 0, 2)).transpose(1, 0, 2)
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    dW_QK = dqk.reshape(-1, 2 * n_k).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx += (dqk.reshape(-1, 2 * n_k) @ W_QK).reshape(T, B, n_x)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    _scatter_add(dE, (w,), dx)
    dW_Q = dW_QK[:n_k]
    dW_K = dW_QK[n_k:2 * n_k]

    return Params(E=dE, W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_O=dW_O, d=dd)


def _forward_padded(params, w, y, lengths):
    """`forward` where examples have their own lengths."""
    params, w, y, dtype, single, n_w, n_x, n_k, n_v, T, B, len_T, T_own = _padded_arguments(params, w, y, lengths)
    E, W_Q, W_K, W_V, W_O, d = params

    W_QK = np.concatenate((W_Q, W_K))
    # x[t] = E[w[t]]
    x = E[w]
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    qk = (x.reshape(-1, n_x) @ W_QK.T).reshape(T, B, 2 * n_k)
    # v[t] = W_V @ x[t]
    v = (x.reshape(-1, n_x) @ W_V.T).reshape(T, B, n_v)
    # e.sum[t, t1] = q[t] @ k[t1]
    e_sum = (qk[:, :, :n_k].transpose(1, 0, 2) @ qk[:, :, n_k:].transpose(1, 2, 0)).transpose(1, 2, 0)
    # e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n_k), -inf)
    e = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None], e_sum / float(np.sqrt(n_k)), -np.inf)
    # alpha.inside[t, t1] = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), e[t, t1], -inf)
    alpha_inside = np.where(np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0, e, -np.inf)
    # alpha[t, t1] = softmax(e[t, t1], t1)
    alpha_lse = _logsumexp(alpha_inside, 1)
    alpha = np.exp(alpha_inside - alpha_lse[:, None])
    # a.product[t1] = where(t1 <= T.own, v[t1], 0)
    a_product = np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, :, None], v, 0)
    # a.product2[t, t1] = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), alpha[t, t1], 0)
    a_product2 = np.where(np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0, alpha, 0)
    # a[t] = sum(alpha[t, t1] * v[t1], t1)
    a = (a_product2.transpose(2, 0, 1) @ a_product.transpose(1, 0, 2)).transpose(1, 0, 2)
    # o.sum[t] = x[t] + W_O @ a[t]
    o_sum = (a.reshape(-1, n_v) @ W_O.T).reshape(T, B, n_x)
    o_sum += x
    # o[t] = d + E @ (x[t] + W_O @ a[t])
    o = (o_sum.reshape(-1, n_x) @ E.T).reshape(T, B, n_w)
    o += d
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    if y is not None:
        # loss = sum(-log(yhat[t, y[t]]), t)
        loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B), y], 0).sum()
        loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    else:
        loss = None
    q = qk[..., :n_k]
    k = qk[..., n_k:2 * n_k]

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


def _loss_padded(params, w, y, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, w, y, dtype, single, n_w, n_x, n_k, n_v, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, lengths, whole=True)
    E, W_Q, W_K, W_V, W_O, d = params

    W_QK = np.concatenate((W_Q, W_K))
    # x[t] = E[w[t]]
    x = E[w]
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    qk = (x.reshape(-1, n_x) @ W_QK.T).reshape(T, B, 2 * n_k)
    # v[t] = W_V @ x[t]
    v = (x.reshape(-1, n_x) @ W_V.T).reshape(T, B, n_v)
    # e.sum[t, t1] = q[t] @ k[t1]
    e_sum = (qk[:, :, :n_k].transpose(1, 0, 2) @ qk[:, :, n_k:].transpose(1, 2, 0)).transpose(1, 2, 0)
    # e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n_k), -inf)
    e = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None], e_sum / float(np.sqrt(n_k)), -np.inf)
    # alpha.inside[t, t1] = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), e[t, t1], -inf)
    alpha_inside = np.where(np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0, e, -np.inf)
    # alpha[t, t1] = softmax(e[t, t1], t1)
    alpha_lse = _logsumexp(alpha_inside, 1)
    alpha = np.exp(alpha_inside - alpha_lse[:, None])
    # a.product[t1] = where(t1 <= T.own, v[t1], 0)
    a_product = np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, :, None], v, 0)
    # a.product2[t, t1] = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), alpha[t, t1], 0)
    a_product2 = np.where(np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0, alpha, 0)
    # a[t] = sum(alpha[t, t1] * v[t1], t1)
    a = (a_product2.transpose(2, 0, 1) @ a_product.transpose(1, 0, 2)).transpose(1, 0, 2)
    # o.sum[t] = x[t] + W_O @ a[t]
    o_sum = (a.reshape(-1, n_v) @ W_O.T).reshape(T, B, n_x)
    o_sum += x
    # o[t] = d + E @ (x[t] + W_O @ a[t])
    o = (o_sum.reshape(-1, n_x) @ E.T).reshape(T, B, n_w)
    o += d
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, w, y, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, dtype, single, n_w, n_x, n_k, n_v, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, lengths, whole=True)
    E, W_Q, W_K, W_V, W_O, d = params
    wrt = _asked(wrt, ())
    window_T = _window(window, "T", ("T",), T)

    W_QK = np.concatenate((W_Q, W_K))
    # x[t] = E[w[t]]
    x = E[w]
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    qk = (x.reshape(-1, n_x) @ W_QK.T).reshape(T, B, 2 * n_k)
    # v[t] = W_V @ x[t]
    v = (x.reshape(-1, n_x) @ W_V.T).reshape(T, B, n_v)
    # e.sum[t, t1] = q[t] @ k[t1]
    e_sum = (qk[:, :, :n_k].transpose(1, 0, 2) @ qk[:, :, n_k:].transpose(1, 2, 0)).transpose(1, 2, 0)
    # e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n_k), -inf)
    e = np.where((np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None])[:, :, None], e_sum / float(np.sqrt(n_k)), -np.inf)
    # alpha.inside[t, t1] = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), e[t, t1], -inf)
    alpha_inside = np.where(np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0, e, -np.inf)
    # alpha[t, t1] = softmax(e[t, t1], t1)
    alpha_lse = _logsumexp(alpha_inside, 1)
    alpha = np.exp(alpha_inside - alpha_lse[:, None])
    # a.product[t1] = where(t1 <= T.own, v[t1], 0)
    a_product = np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, :, None], v, 0)
    # a.product2[t, t1] = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), alpha[t, t1], 0)
    a_product2 = np.where(np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0, alpha, 0)
    # a[t] = sum(alpha[t, t1] * v[t1], t1)
    a = (a_product2.transpose(2, 0, 1) @ a_product.transpose(1, 0, 2)).transpose(1, 0, 2)
    # o.sum[t] = x[t] + W_O @ a[t]
    o_sum = (a.reshape(-1, n_v) @ W_O.T).reshape(T, B, n_x)
    o_sum += x
    # o[t] = d + E @ (x[t] + W_O @ a[t])
    o = (o_sum.reshape(-1, n_x) @ E.T).reshape(T, B, n_w)
    o += d
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    q = qk[..., :n_k]
    k = qk[..., n_k:2 * n_k]
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    do = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    do[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(o[t]), t)
    dd = do.sum(axis=(0, 1))
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    dE = do.reshape(-1, n_w).T @ o_sum.reshape(-1, n_x)
    # grad(o.sum[t]) = E.T @ grad(o[t])
    do_sum = (do.reshape(-1, n_w) @ E).reshape(T, B, n_x)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx = do_sum.copy()
    # grad(W_O) = sum(outer(grad(o.sum[t]), a[t]), t)
    dW_O = do_sum.reshape(-1, n_x).T @ a.reshape(-1, n_v)
    # grad(a[t]) = W_O.T @ grad(o.sum[t])
    da = (do_sum.reshape(-1, n_x) @ W_O).reshape(T, B, n_v)
    # grad(a.product[t]) = sum(same_window(t1 - 1, t - 1, window.T) * a.product2[t1, t] * grad(a[t1]), t1)
    da_product = (da.transpose(1, 2, 0) @ (a_product2.transpose(1, 2, 0) * ((np.arange(1, T + 1, dtype=dtype) - 1) // window_T == (np.arange(1, T + 1, dtype=dtype) - 1)[:, None] // window_T)[:, None]).transpose(1, 2, 0)).transpose(2, 0, 1)
    # grad(a.product2[t, t1]) = a.product[t1] @ grad(a[t])
    da_product2 = (a_product.transpose(1, 0, 2) @ da.transpose(1, 2, 0)).transpose(2, 1, 0)
    # grad(alpha[t, t1]) = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), 1, 0) *
    #     grad(a.product2[t, t1])
    dalpha = da_product2 * (np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0)
    # grad(v[t]) = where(t <= T.own, 1, 0) * grad(a.product[t])
    dv = da_product * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    # grad(alpha.lse[t]) = sum(-alpha[t, t1] * grad(alpha[t, t1]), t1)
    dalpha_lse = -np.einsum("tab,tab->tb", alpha, dalpha)
    # grad(alpha.inside[t, t1]) = alpha[t, t1] * grad(alpha.lse[t]) + alpha[t, t1] * grad(alpha[t, t1])
    dalpha_inside = alpha * dalpha_lse[:, None]
    dalpha_inside += alpha * dalpha
    # grad(e.sum[t, t1]) = where(t1 <= t, 1 / sqrt(n_k), 0) * grad(e[t, t1])
    de_sum = dalpha_inside * np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], 1 / float(np.sqrt(n_k)), 0).astype(dtype)[:, :, None] * (np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0)
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    dW_V = dv.reshape(-1, n_v).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx += (dv.reshape(-1, n_v) @ W_V).reshape(T, B, n_x)
    dqk = np.empty((T, B, 2 * n_k), dtype)
    # grad(k[t]) = sum(same_window(t1 - 1, t - 1, window.T) * grad(e.sum[t1, t]) * q[t1], t1)
    dqk[:, :, n_k:] = (q.transpose(1, 2, 0) @ (de_sum.transpose(1, 2, 0) * ((np.arange(1, T + 1, dtype=dtype) - 1) // window_T == (np.arange(1, T + 1, dtype=dtype) - 1)[:, None] // window_T)[:, None]).transpose(1, 2, 0)).transpose(2, 0, 1)
    # grad(q[t]) = sum(grad(e.sum[t, t1]) * k[t1], t1)
    dqk[:, :, :n_k] = (de_sum.transpose(2, 0, 1) @ k.transpose(1, 0, 2)).transpose(1, 0, 2)
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    dW_QK = dqk.reshape(-1, 2 * n_k).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx += (dqk.reshape(-1, 2 * n_k) @ W_QK).reshape(T, B, n_x)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    _scatter_add(dE, (w,), dx)
    dW_Q = dW_QK[:n_k]
    dW_K = dW_QK[n_k:2 * n_k]

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

    # a.product[t1] = where(t1 <= T.own, v[t1], 0)
    a_product = np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, :, None], v, 0)
    # a.product2[t, t1] = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), alpha[t, t1], 0)
    a_product2 = np.where(np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0, alpha, 0)
    # o.sum[t] = x[t] + W_O @ a[t]
    o_sum = (a.reshape(-1, n_v) @ W_O.T).reshape(T, B, n_x)
    o_sum += x
    W_QK = np.concatenate((W_Q, W_K))
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    do = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    do[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(o[t]), t)
    dd = do.sum(axis=(0, 1))
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    dE = do.reshape(-1, n_w).T @ o_sum.reshape(-1, n_x)
    # grad(o.sum[t]) = E.T @ grad(o[t])
    do_sum = (do.reshape(-1, n_w) @ E).reshape(T, B, n_x)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx = do_sum.copy()
    # grad(W_O) = sum(outer(grad(o.sum[t]), a[t]), t)
    dW_O = do_sum.reshape(-1, n_x).T @ a.reshape(-1, n_v)
    # grad(a[t]) = W_O.T @ grad(o.sum[t])
    da = (do_sum.reshape(-1, n_x) @ W_O).reshape(T, B, n_v)
    # grad(a.product[t]) = sum(same_window(t1 - 1, t - 1, window.T) * a.product2[t1, t] * grad(a[t1]), t1)
    da_product = (da.transpose(1, 2, 0) @ (a_product2.transpose(1, 2, 0) * ((np.arange(1, T + 1, dtype=dtype) - 1) // window_T == (np.arange(1, T + 1, dtype=dtype) - 1)[:, None] // window_T)[:, None]).transpose(1, 2, 0)).transpose(2, 0, 1)
    # grad(a.product2[t, t1]) = a.product[t1] @ grad(a[t])
    da_product2 = (a_product.transpose(1, 0, 2) @ da.transpose(1, 2, 0)).transpose(2, 1, 0)
    # grad(alpha[t, t1]) = where(where(t <= T.own, where(t1 <= T.own, 1, 0), 1), 1, 0) *
    #     grad(a.product2[t, t1])
    dalpha = da_product2 * (np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0)
    # grad(v[t]) = where(t <= T.own, 1, 0) * grad(a.product[t])
    dv = da_product * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    # grad(alpha.lse[t]) = sum(-alpha[t, t1] * grad(alpha[t, t1]), t1)
    dalpha_lse = -np.einsum("tab,tab->tb", alpha, dalpha)
    # grad(alpha.inside[t, t1]) = alpha[t, t1] * grad(alpha.lse[t]) + alpha[t, t1] * grad(alpha[t, t1])
    dalpha_inside = alpha * dalpha_lse[:, None]
    dalpha_inside += alpha * dalpha
    # grad(e.sum[t, t1]) = where(t1 <= t, 1 / sqrt(n_k), 0) * grad(e[t, t1])
    de_sum = dalpha_inside * np.where(np.arange(1, T + 1) <= np.arange(1, T + 1)[:, None], 1 / float(np.sqrt(n_k)), 0).astype(dtype)[:, :, None] * (np.where((np.arange(1, T + 1)[:, None] <= T_own)[:, None], (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype), 1) != 0)
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    dW_V = dv.reshape(-1, n_v).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx += (dv.reshape(-1, n_v) @ W_V).reshape(T, B, n_x)
    dqk = np.empty((T, B, 2 * n_k), dtype)
    # grad(k[t]) = sum(same_window(t1 - 1, t - 1, window.T) * grad(e.sum[t1, t]) * q[t1], t1)
    dqk[:, :, n_k:] = (q.transpose(1, 2, 0) @ (de_sum.transpose(1, 2, 0) * ((np.arange(1, T + 1, dtype=dtype) - 1) // window_T == (np.arange(1, T + 1, dtype=dtype) - 1)[:, None] // window_T)[:, None]).transpose(1, 2, 0)).transpose(2, 0, 1)
    # grad(q[t]) = sum(grad(e.sum[t, t1]) * k[t1], t1)
    dqk[:, :, :n_k] = (de_sum.transpose(2, 0, 1) @ k.transpose(1, 0, 2)).transpose(1, 0, 2)
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    dW_QK = dqk.reshape(-1, 2 * n_k).T @ x.reshape(-1, n_x)
    # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + grad(o.sum[t])
    dx += (dqk.reshape(-1, 2 * n_k) @ W_QK).reshape(T, B, n_x)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t) + sum(outer(grad(o[t]), o.sum[t]), t)
    _scatter_add(dE, (w,), dx)
    dW_Q = dW_QK[:n_k]
    dW_K = dW_QK[n_k:2 * n_k]

    return Params(E=dE, W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_O=dW_O, d=dd)


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
