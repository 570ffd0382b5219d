# Written by derive from delta_rule.eq; do not edit.
# Change delta_rule.eq instead, and run: derive generate delta_rule
# source 236a96db308125bf, derive e116e7411edaf54b, body babbac9b975e694c
"""DeltaNet: a matrix state is written by the delta rule, so that a new value replaces what a key brought back.

Schlag, Irie & Schmidhuber (2021), Linear Transformers Are Secretly Fast Weight Programmers; keys and queries are
positive and add up to one.

The equations::

    x: Input[T, n_x]                # what is read at each step
    y: Label[T, n_y]                # the class to predict at each step
    W_k, W_q = Param[n_k, n_x]      # input to keys and queries
    W_v: Param[n_v, n_x]            # input to values
    w_beta: Param[n_x]              # input to the strength of writing
    V: Param[n_y, n_v]              # what is read to output
    d: Param[n_y]                   # output bias

    def phi(u): return (elu(u) + 1) / sum(elu(u) + 1)

    W[0] = 0
    q[t] = phi(W_q @ x[t])                                              # query
    k[t] = phi(W_k @ x[t])                                              # key
    v[t] = W_v @ x[t]                                                   # new value
    beta[t] = sigmoid(w_beta @ x[t])                                    # strength of writing
    vbar[t] = W[t-1] @ k[t]                                             # old value
    W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])               # fast weights
    r[t] = W[t] @ q[t]
    s[t] = d + V @ r[t]                                                 # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    W_k: np.ndarray  # (n_k, n_x)  input to keys and queries
    W_q: np.ndarray  # (n_k, n_x)  input to keys and queries
    W_v: np.ndarray  # (n_v, n_x)  input to values
    w_beta: np.ndarray  # (n_x)  input to the strength of writing
    V: np.ndarray  # (n_y, n_v)  what is read to output
    d: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    q: np.ndarray  # (T, B, n_k)  query
    k: np.ndarray  # (T, B, n_k)  key
    v: np.ndarray  # (T, B, n_v)  new value
    beta: np.ndarray  # (T, B)  strength of writing
    vbar: np.ndarray  # (T, B, n_v)  old value
    W: np.ndarray  # (T + 1, B, n_v, n_k)  fast weights
    r: np.ndarray  # (T, B, n_v)
    s: np.ndarray  # (T, B, n_y)  logits
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    W: np.ndarray  # (B, n_v, n_k)  fast weights


class Outputs(NamedTuple):
    """The variables at one step."""

    q: np.ndarray  # (B, n_k)  query
    k: np.ndarray  # (B, n_k)  key
    v: np.ndarray  # (B, n_v)  new value
    beta: np.ndarray  # (B)  strength of writing
    vbar: np.ndarray  # (B, n_v)  old value
    W: np.ndarray  # (B, n_v, n_k)  fast weights
    r: np.ndarray  # (B, n_v)
    s: np.ndarray  # (B, n_y)  logits
    yhat: np.ndarray  # (B, n_y)


def init_params(
    rng: np.random.Generator, *, n_k: int, n_x: int, n_v: int, n_y: int, dtype: type = np.float64
) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_k = _size("n_k", n_k)
    n_x = _size("n_x", n_x)
    n_v = _size("n_v", n_v)
    n_y = _size("n_y", n_y)
    return Params(
        W_k=(rng.standard_normal((n_k, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_q=(rng.standard_normal((n_k, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_v=(rng.standard_normal((n_v, n_x)) / np.sqrt(n_x)).astype(dtype),
        w_beta=np.zeros((n_x,), dtype),
        V=(rng.standard_normal((n_y, n_v)) / np.sqrt(n_v)).astype(dtype),
        d=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    W0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)    real        what is read at each step
    y        (T, B)         0..n_y - 1  the class to predict at each step
    W0       (B, n_v, n_k)  real        W[0]; 0 where not given
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)           1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (W0,) = _resumed(state, ("W",), (("W0", W0),))
    if lengths is not None:
        return _forward_padded(params, x, y, W0, lengths)
    params, x, y, W0, dtype, single, n_k, n_x, n_v, n_y, T, B = _arguments(params, x, y, W0)
    W_k, W_q, W_v, w_beta, V, d = params

    # q.arg[t] = W_q @ x[t]
    q_arg = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # q.elu[t] = elu(q.arg[t])
    q_elu = _elu(q_arg)
    q_sum = np.empty((T, B), dtype)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    q_sum += q_elu.sum(axis=2)
    # q.arg2[t] = W_q @ x[t]
    q_arg2 = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # k.arg2[t] = W_k @ x[t]
    k_arg2 = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    qk_elu2 = np.empty((T, B, 2 * n_k), dtype)
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[:, :, :n_k] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[:, :, n_k:] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2 = qk_elu2.copy()
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[:, :, :n_k] += 1
    # q[t] = phi(W_q @ x[t])
    q = (1 / q_sum)[:, :, None] * qk_sum2[:, :, :n_k]
    # k.arg[t] = W_k @ x[t]
    k_arg = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    # k.elu[t] = elu(k.arg[t])
    k_elu = _elu(k_arg)
    k_sum = np.empty((T, B), dtype)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    k_sum += k_elu.sum(axis=2)
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[:, :, n_k:] += 1
    # k[t] = phi(W_k @ x[t])
    k = (1 / k_sum)[:, :, None] * qk_sum2[:, :, n_k:]
    # v[t] = W_v @ x[t]
    v = (x.reshape(-1, n_x) @ W_v.T).reshape(T, B, n_v)
    # beta.arg[t] = w_beta @ x[t]
    beta_arg = (w_beta @ x.reshape(-1, n_x).T).reshape(T, B)
    # beta[t] = sigmoid(w_beta @ x[t])
    beta = _sigmoid(beta_arg)
    W = np.empty((T + 1, B, n_v, n_k), dtype)
    # W[0] = 0
    W[0] = W0
    vbar = np.empty((T, B, n_v), dtype)
    for t in range(1, T + 1):
        # vbar[t] = W[t-1] @ k[t]
        vbar[t - 1] = (W[t - 1] @ k[t - 1][..., None])[..., 0]
        # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
        W[t] = (v[t - 1] - vbar[t - 1])[:, :, None] * beta[t - 1][:, None, None] * k[t - 1][:, None]
        W[t] += W[t - 1]
    # r[t] = W[t] @ q[t]
    r = (W[1:] @ q[..., None])[..., 0]
    # s[t] = d + V @ r[t]
    s = (r.reshape(-1, n_v) @ V.T).reshape(T, B, n_y)
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

    if single:
        q = q[:, 0]
        k = k[:, 0]
        v = v[:, 0]
        beta = beta[:, 0]
        vbar = vbar[:, 0]
        W = W[:, 0]
        r = r[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(
        q=q, k=k, v=v, beta=beta, vbar=vbar, W=W, r=r, s=s, yhat=yhat, loss=None if loss is None else float(loss)
    )


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    W0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x        (T, B, n_x)    real        what is read at each step
    y        (T, B)         0..n_y - 1  the class to predict at each step
    W0       (B, n_v, n_k)  real        W[0]; 0 where not given
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)           1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (W0,) = _resumed(state, ("W",), (("W0", W0),))
    if lengths is not None:
        return _loss_padded(params, x, y, W0, lengths)
    params, x, y, W0, dtype, single, n_k, n_x, n_v, n_y, T, B = _arguments(params, x, y, W0, whole=True)
    W_k, W_q, W_v, w_beta, V, d = params

    # q.arg[t] = W_q @ x[t]
    q_arg = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # q.elu[t] = elu(q.arg[t])
    q_elu = _elu(q_arg)
    q_sum = np.empty((T, B), dtype)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    q_sum += q_elu.sum(axis=2)
    # q.arg2[t] = W_q @ x[t]
    q_arg2 = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # k.arg2[t] = W_k @ x[t]
    k_arg2 = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    qk_elu2 = np.empty((T, B, 2 * n_k), dtype)
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[:, :, :n_k] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[:, :, n_k:] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2 = qk_elu2.copy()
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[:, :, :n_k] += 1
    # q[t] = phi(W_q @ x[t])
    q = (1 / q_sum)[:, :, None] * qk_sum2[:, :, :n_k]
    # k.arg[t] = W_k @ x[t]
    k_arg = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    # k.elu[t] = elu(k.arg[t])
    k_elu = _elu(k_arg)
    k_sum = np.empty((T, B), dtype)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    k_sum += k_elu.sum(axis=2)
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[:, :, n_k:] += 1
    # k[t] = phi(W_k @ x[t])
    k = (1 / k_sum)[:, :, None] * qk_sum2[:, :, n_k:]
    # v[t] = W_v @ x[t]
    v = (x.reshape(-1, n_x) @ W_v.T).reshape(T, B, n_v)
    # beta.arg[t] = w_beta @ x[t]
    beta_arg = (w_beta @ x.reshape(-1, n_x).T).reshape(T, B)
    # beta[t] = sigmoid(w_beta @ x[t])
    beta = _sigmoid(beta_arg)
    W = np.empty((T + 1, B, n_v, n_k), dtype)
    # W[0] = 0
    W[0] = W0
    vbar = np.empty((B, n_v), dtype)
    for t in range(1, T + 1):
        # vbar[t] = W[t-1] @ k[t]
        vbar[...] = (W[t - 1] @ k[t - 1][..., None])[..., 0]
        # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
        W[t] = (v[t - 1] - vbar)[:, :, None] * beta[t - 1][:, None, None] * k[t - 1][:, None]
        W[t] += W[t - 1]
    # r[t] = W[t] @ q[t]
    r = (W[1:] @ q[..., None])[..., 0]
    # s[t] = d + V @ r[t]
    s = (r.reshape(-1, n_v) @ V.T).reshape(T, B, n_y)
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
    x: np.ndarray,
    y: np.ndarray,
    W0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x        (T, B, n_x)    real               what is read at each step
    y        (T, B)         0..n_y - 1         the class to predict at each step
    W0       (B, n_v, n_k)  real               W[0]; 0 where not given
    state                   State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)           1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                  whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if state is not None:
        (W0,) = _resumed(state, ("W",), (("W0", W0),))
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, W0, lengths, wrt, window)
    params, x, y, W0, dtype, single, n_k, n_x, n_v, n_y, T, B = _arguments(params, x, y, W0, whole=True)
    W_k, W_q, W_v, w_beta, V, d = params
    wrt = _asked(wrt, ("x", "W0"))

    # q.arg[t] = W_q @ x[t]
    q_arg = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # q.elu[t] = elu(q.arg[t])
    q_elu = _elu(q_arg)
    q_sum = np.empty((T, B), dtype)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    q_sum += q_elu.sum(axis=2)
    # q.arg2[t] = W_q @ x[t]
    q_arg2 = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # k.arg2[t] = W_k @ x[t]
    k_arg2 = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    qk_elu2 = np.empty((T, B, 2 * n_k), dtype)
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[:, :, :n_k] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[:, :, n_k:] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2 = qk_elu2.copy()
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[:, :, :n_k] += 1
    # q[t] = phi(W_q @ x[t])
    q = (1 / q_sum)[:, :, None] * qk_sum2[:, :, :n_k]
    # k.arg[t] = W_k @ x[t]
    k_arg = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    # k.elu[t] = elu(k.arg[t])
    k_elu = _elu(k_arg)
    k_sum = np.empty((T, B), dtype)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    k_sum += k_elu.sum(axis=2)
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[:, :, n_k:] += 1
    # k[t] = phi(W_k @ x[t])
    k = (1 / k_sum)[:, :, None] * qk_sum2[:, :, n_k:]
    # v[t] = W_v @ x[t]
    v = (x.reshape(-1, n_x) @ W_v.T).reshape(T, B, n_v)
    # beta.arg[t] = w_beta @ x[t]
    beta_arg = (w_beta @ x.reshape(-1, n_x).T).reshape(T, B)
    # beta[t] = sigmoid(w_beta @ x[t])
    beta = _sigmoid(beta_arg)
    W = np.empty((T + 1, B, n_v, n_k), dtype)
    # W[0] = 0
    W[0] = W0
    vbar = np.empty((T, B, n_v), dtype)
    for t in range(1, T + 1):
        # vbar[t] = W[t-1] @ k[t]
        vbar[t - 1] = (W[t - 1] @ k[t - 1][..., None])[..., 0]
        # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
        W[t] = (v[t - 1] - vbar[t - 1])[:, :, None] * beta[t - 1][:, None, None] * k[t - 1][:, None]
        W[t] += W[t - 1]
    # r[t] = W[t] @ q[t]
    r = (W[1:] @ q[..., None])[..., 0]
    # s[t] = d + V @ r[t]
    s = (r.reshape(-1, n_v) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    q_sum2 = qk_sum2[..., :n_k]
    k_sum2 = qk_sum2[..., n_k:2 * n_k]
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), r[t]), t)
    dV = ds.reshape(-1, n_y).T @ r.reshape(-1, n_v)
    # grad(r[t]) = V.T @ grad(s[t])
    dr = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_v)
    # grad(q[t]) = W[t].T @ grad(r[t])
    dq = (W[1:].transpose(0, 1, 3, 2) @ dr[..., None])[..., 0]
    dW = np.empty((T + 1, B, n_v, n_k), dtype)
    # grad(W[t]) = outer(grad(vbar[t+1]), k[t+1]) + grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
    dW[1:] = dr[:, :, :, None] * q[:, :, None]
    dvbar = np.empty((T, B, n_v), dtype)
    # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
    dvbar[T - 1] = -(dW[T] @ (beta[T - 1][:, None] * k[T - 1])[..., None])[..., 0]
    for t in range(T - 1, 0, -1):
        # grad(W[t]) = outer(grad(vbar[t+1]), k[t+1]) + grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
        dW[t] += dvbar[t][:, :, None] * k[t][:, None]
        dW[t] += dW[t + 1]
        # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
        dvbar[t - 1] = -(dW[t] @ (beta[t - 1][:, None] * k[t - 1])[..., None])[..., 0]
    # grad(v[t]) = beta[t] * (grad(W[t]) @ k[t])
    dv = (dW[1:] @ (beta[:, :, None] * k)[..., None])[..., 0]
    # grad(beta[t]) = (v[t] - vbar[t]) @ grad(W[t]) @ k[t]
    dbeta = np.einsum("tbj,tbj->tb", (dW[1:] * k[:, :, None]).sum(axis=3), v - vbar)
    # grad(k[t]) = W[t-1].T @ grad(vbar[t]) + beta[t] * (grad(W[t]).T @ (v[t] - vbar[t]))
    dk = (W[:T].transpose(0, 1, 3, 2) @ dvbar[..., None])[..., 0]
    dk += (dW[1:].transpose(0, 1, 3, 2) @ (beta[:, :, None] * (v - vbar))[..., None])[..., 0]
    # grad(beta.arg[t]) = beta[t] * (1 - beta[t]) * grad(beta[t])
    dbeta_arg = beta * dbeta * (1 - beta)
    # grad(w_beta) = sum(grad(beta.arg[t]) * x[t], t)
    dw_beta = dbeta_arg.reshape(-1) @ x.reshape(-1, n_x)
    # grad(W_v) = sum(outer(grad(v[t]), x[t]), t)
    dW_v = dv.reshape(-1, n_v).T @ x.reshape(-1, n_x)
    # grad(k.sum[t]) = -(k.sum2[t] @ grad(k[t])) / k.sum[t]**2
    dk_sum = -(dk * k_sum2).sum(axis=2) / k_sum**2
    # grad(k.arg2[t]) = where(0 < k.arg2[t], 1, exp(k.arg2[t])) * grad(k.sum2[t])
    dk_arg2 = (1 / k_sum)[:, :, None] * dk * np.where(0 < k_arg2, 1, np.exp(k_arg2))
    # grad(k.arg[t]) = grad(k.sum[t]) * where(0 < k.arg[t], 1, exp(k.arg[t]))
    dk_arg = dk_sum[:, :, None] * np.where(0 < k_arg, 1, np.exp(k_arg))
    # grad(W_k) = sum(outer(grad(k.arg[t]), x[t]) + outer(grad(k.arg2[t]), x[t]), t)
    dW_k = dk_arg.reshape(-1, n_k).T @ x.reshape(-1, n_x)
    dW_k += dk_arg2.reshape(-1, n_k).T @ x.reshape(-1, n_x)
    # grad(q.sum[t]) = -(q.sum2[t] @ grad(q[t])) / q.sum[t]**2
    dq_sum = -(dq * q_sum2).sum(axis=2) / q_sum**2
    # grad(q.arg2[t]) = where(0 < q.arg2[t], 1, exp(q.arg2[t])) * grad(q.sum2[t])
    dq_arg2 = (1 / q_sum)[:, :, None] * dq * np.where(0 < q_arg2, 1, np.exp(q_arg2))
    # grad(q.arg[t]) = grad(q.sum[t]) * where(0 < q.arg[t], 1, exp(q.arg[t]))
    dq_arg = dq_sum[:, :, None] * np.where(0 < q_arg, 1, np.exp(q_arg))
    # grad(W_q) = sum(outer(grad(q.arg[t]), x[t]) + outer(grad(q.arg2[t]), x[t]), t)
    dW_q = dq_arg.reshape(-1, n_k).T @ x.reshape(-1, n_x)
    dW_q += dq_arg2.reshape(-1, n_k).T @ x.reshape(-1, n_x)
    if "W0" in wrt:
        # grad(W[t]) = outer(grad(vbar[t+1]), k[t+1]) + grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
        dW[:1] = dvbar[:1][:, :, :, None] * k[:1][:, :, None]
        dW[:1] += dW[1:2]
        # grad(W.0) = grad(W[0])
        dW0 = dW[0].copy()
    if "x" in wrt:
        # grad(x[t]) = W_k.T @ grad(k.arg[t]) + W_k.T @ grad(k.arg2[t]) + W_q.T @ grad(q.arg[t]) + W_q.T @
        #     grad(q.arg2[t]) + W_v.T @ grad(v[t]) + grad(beta.arg[t]) * w_beta
        dx = dbeta_arg[:, :, None] * w_beta
        dx += (dv.reshape(-1, n_v) @ W_v).reshape(T, B, n_x)
        dx += (dk_arg.reshape(-1, n_k) @ W_k).reshape(T, B, n_x)
        dx += (dk_arg2.reshape(-1, n_k) @ W_k).reshape(T, B, n_x)
        dx += (dq_arg.reshape(-1, n_k) @ W_q).reshape(T, B, n_x)
        dx += (dq_arg2.reshape(-1, n_k) @ W_q).reshape(T, B, n_x)

    gradient = Params(W_k=dW_k, W_q=dW_q, W_v=dW_v, w_beta=dw_beta, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "W0" in wrt:
        result["W0"] = dW0[0] if single else dW0
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    x: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    x        (T, B, n_x)  real               what is read at each step
    y        (T, B)       0..n_y - 1         the class to predict at each step
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    (
        params, x, y, q, k, v, beta, vbar, W, r, yhat, dtype, single, n_k, n_x, n_v, n_y, T, B,
    ) = _backward_arguments(params, forward, x, y)
    W_k, W_q, W_v, w_beta, V, d = params

    # q.arg[t] = W_q @ x[t]
    q_arg = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # q.elu[t] = elu(q.arg[t])
    q_elu = _elu(q_arg)
    q_sum = np.empty((T, B), dtype)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    q_sum += q_elu.sum(axis=2)
    # q.arg2[t] = W_q @ x[t]
    q_arg2 = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # k.arg2[t] = W_k @ x[t]
    k_arg2 = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    qk_elu2 = np.empty((T, B, 2 * n_k), dtype)
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[:, :, :n_k] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[:, :, n_k:] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2 = qk_elu2.copy()
    # k.arg[t] = W_k @ x[t]
    k_arg = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    # k.elu[t] = elu(k.arg[t])
    k_elu = _elu(k_arg)
    k_sum = np.empty((T, B), dtype)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    k_sum += k_elu.sum(axis=2)
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[:, :, :n_k] += 1
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[:, :, n_k:] += 1
    q_sum2 = qk_sum2[..., :n_k]
    k_sum2 = qk_sum2[..., n_k:2 * n_k]
    q_elu2 = qk_elu2[..., :n_k]
    k_elu2 = qk_elu2[..., n_k:2 * n_k]
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), r[t]), t)
    dV = ds.reshape(-1, n_y).T @ r.reshape(-1, n_v)
    # grad(r[t]) = V.T @ grad(s[t])
    dr = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_v)
    # grad(q[t]) = W[t].T @ grad(r[t])
    dq = (W[1:].transpose(0, 1, 3, 2) @ dr[..., None])[..., 0]
    # grad(W[t]) = outer(grad(vbar[t+1]), k[t+1]) + grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
    dW = dr[:, :, :, None] * q[:, :, None]
    dvbar = np.empty((T, B, n_v), dtype)
    # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
    dvbar[T - 1] = -(dW[T - 1] @ (beta[T - 1][:, None] * k[T - 1])[..., None])[..., 0]
    for t in range(T - 1, 0, -1):
        # grad(W[t]) = outer(grad(vbar[t+1]), k[t+1]) + grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
        dW[t - 1] += dvbar[t][:, :, None] * k[t][:, None]
        dW[t - 1] += dW[t]
        # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
        dvbar[t - 1] = -(dW[t - 1] @ (beta[t - 1][:, None] * k[t - 1])[..., None])[..., 0]
    # grad(v[t]) = beta[t] * (grad(W[t]) @ k[t])
    dv = (dW @ (beta[:, :, None] * k)[..., None])[..., 0]
    # grad(beta[t]) = (v[t] - vbar[t]) @ grad(W[t]) @ k[t]
    dbeta = np.einsum("tbj,tbj->tb", (dW * k[:, :, None]).sum(axis=3), v - vbar)
    # grad(k[t]) = W[t-1].T @ grad(vbar[t]) + beta[t] * (grad(W[t]).T @ (v[t] - vbar[t]))
    dk = (W[:T].transpose(0, 1, 3, 2) @ dvbar[..., None])[..., 0]
    dk += (dW.transpose(0, 1, 3, 2) @ (beta[:, :, None] * (v - vbar))[..., None])[..., 0]
    # grad(beta.arg[t]) = beta[t] * (1 - beta[t]) * grad(beta[t])
    dbeta_arg = beta * dbeta * (1 - beta)
    # grad(w_beta) = sum(grad(beta.arg[t]) * x[t], t)
    dw_beta = dbeta_arg.reshape(-1) @ x.reshape(-1, n_x)
    # grad(W_v) = sum(outer(grad(v[t]), x[t]), t)
    dW_v = dv.reshape(-1, n_v).T @ x.reshape(-1, n_x)
    # grad(k.sum[t]) = -(k.sum2[t] @ grad(k[t])) / k.sum[t]**2
    dk_sum = -(dk * k_sum2).sum(axis=2) / k_sum**2
    # grad(k.arg2[t]) = where(0 < k.arg2[t], 1, exp(k.arg2[t])) * grad(k.sum2[t])
    dk_arg2 = (1 / k_sum)[:, :, None] * dk * np.where(0 < k_arg2, 1, np.exp(k_arg2))
    # grad(k.arg[t]) = grad(k.sum[t]) * where(0 < k.arg[t], 1, exp(k.arg[t]))
    dk_arg = dk_sum[:, :, None] * np.where(0 < k_arg, 1, np.exp(k_arg))
    # grad(W_k) = sum(outer(grad(k.arg[t]), x[t]) + outer(grad(k.arg2[t]), x[t]), t)
    dW_k = dk_arg.reshape(-1, n_k).T @ x.reshape(-1, n_x)
    dW_k += dk_arg2.reshape(-1, n_k).T @ x.reshape(-1, n_x)
    # grad(q.sum[t]) = -(q.sum2[t] @ grad(q[t])) / q.sum[t]**2
    dq_sum = -(dq * q_sum2).sum(axis=2) / q_sum**2
    # grad(q.arg2[t]) = where(0 < q.arg2[t], 1, exp(q.arg2[t])) * grad(q.sum2[t])
    dq_arg2 = (1 / q_sum)[:, :, None] * dq * np.where(0 < q_arg2, 1, np.exp(q_arg2))
    # grad(q.arg[t]) = grad(q.sum[t]) * where(0 < q.arg[t], 1, exp(q.arg[t]))
    dq_arg = dq_sum[:, :, None] * np.where(0 < q_arg, 1, np.exp(q_arg))
    # grad(W_q) = sum(outer(grad(q.arg[t]), x[t]) + outer(grad(q.arg2[t]), x[t]), t)
    dW_q = dq_arg.reshape(-1, n_k).T @ x.reshape(-1, n_x)
    dW_q += dq_arg2.reshape(-1, n_k).T @ x.reshape(-1, n_x)

    return Params(W_k=dW_k, W_q=dW_q, W_v=dW_v, w_beta=dw_beta, V=dV, d=dd)


def init_state(params: Params, *, W0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    W0  (B, n_v, n_k)  real  W[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, W0, dtype, single, n_k, n_x, n_v, n_y, B = _initial_arguments(params, W0, batch)

    # W[0] = 0
    W_prev = W0.copy()

    if single:
        W_prev = W_prev[0]
    return State(W=W_prev)


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real  what is read at each step

    Data without the axis B are one example.
    """
    params, x, W_prev, dtype, single, n_k, n_x, n_v, n_y, B = _step_arguments(params, state, x)
    W_k, W_q, W_v, w_beta, V, d = params

    # q.arg[t] = W_q @ x[t]
    q_arg = x @ W_q.T
    # q.elu[t] = elu(q.arg[t])
    q_elu = _elu(q_arg)
    q_sum = np.empty((B,), dtype)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    q_sum += q_elu.sum(axis=1)
    # q.arg2[t] = W_q @ x[t]
    q_arg2 = x @ W_q.T
    # k.arg2[t] = W_k @ x[t]
    k_arg2 = x @ W_k.T
    qk_elu2_ = np.empty((B, 2 * n_k), dtype)
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2_[:, :n_k] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2_[:, n_k:] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2_ = qk_elu2_.copy()
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2_[:, :n_k] += 1
    # q[t] = phi(W_q @ x[t])
    q = (1 / q_sum)[:, None] * qk_sum2_[:, :n_k]
    # k.arg[t] = W_k @ x[t]
    k_arg = x @ W_k.T
    # k.elu[t] = elu(k.arg[t])
    k_elu = _elu(k_arg)
    k_sum = np.empty((B,), dtype)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    k_sum += k_elu.sum(axis=1)
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2_[:, n_k:] += 1
    # k[t] = phi(W_k @ x[t])
    k = (1 / k_sum)[:, None] * qk_sum2_[:, n_k:]
    # v[t] = W_v @ x[t]
    v = x @ W_v.T
    # beta.arg[t] = w_beta @ x[t]
    beta_arg = w_beta @ x.T
    # beta[t] = sigmoid(w_beta @ x[t])
    beta = _sigmoid(beta_arg)
    # vbar[t] = W[t-1] @ k[t]
    vbar = (W_prev @ k[..., None])[..., 0]
    # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
    W = (v - vbar)[:, :, None] * beta[:, None, None] * k[:, None]
    W += W_prev
    # r[t] = W[t] @ q[t]
    r = (W @ q[..., None])[..., 0]
    # s[t] = d + V @ r[t]
    s = r @ V.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])

    if single:
        W = W[0]
        q = q[0]
        k = k[0]
        v = v[0]
        beta = beta[0]
        vbar = vbar[0]
        r = r[0]
        s = s[0]
        yhat = yhat[0]
    result = State(W=W)
    return result, Outputs(q=q, k=k, v=v, beta=beta, vbar=vbar, W=W, r=r, s=s, yhat=yhat)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.W.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.W.ndim < 4 else forward.W.shape[1], forward.W.ndim < 4, 1
    )
    return State(W=_last(forward.W, 0, 1, 1, lengths))


def _forward_padded(params, x, y, W0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, W0, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, W0, lengths)
    W_k, W_q, W_v, w_beta, V, d = params

    # q.arg[t] = W_q @ x[t]
    q_arg = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # q.elu[t] = elu(q.arg[t])
    q_elu = _elu(q_arg)
    q_sum = np.empty((T, B), dtype)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    q_sum += q_elu.sum(axis=2)
    # q.arg2[t] = W_q @ x[t]
    q_arg2 = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # k.arg2[t] = W_k @ x[t]
    k_arg2 = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    qk_elu2 = np.empty((T, B, 2 * n_k), dtype)
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[:, :, :n_k] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[:, :, n_k:] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2 = qk_elu2.copy()
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[:, :, :n_k] += 1
    # q[t] = phi(W_q @ x[t])
    q = (1 / q_sum)[:, :, None] * qk_sum2[:, :, :n_k]
    # k.arg[t] = W_k @ x[t]
    k_arg = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    # k.elu[t] = elu(k.arg[t])
    k_elu = _elu(k_arg)
    k_sum = np.empty((T, B), dtype)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    k_sum += k_elu.sum(axis=2)
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[:, :, n_k:] += 1
    # k[t] = phi(W_k @ x[t])
    k = (1 / k_sum)[:, :, None] * qk_sum2[:, :, n_k:]
    # v[t] = W_v @ x[t]
    v = (x.reshape(-1, n_x) @ W_v.T).reshape(T, B, n_v)
    # beta.arg[t] = w_beta @ x[t]
    beta_arg = (w_beta @ x.reshape(-1, n_x).T).reshape(T, B)
    # beta[t] = sigmoid(w_beta @ x[t])
    beta = _sigmoid(beta_arg)
    W = np.empty((T + 1, B, n_v, n_k), dtype)
    # W[0] = 0
    W[0] = W0
    vbar = np.empty((T, B, n_v), dtype)
    for t in range(1, T + 1):
        # vbar[t] = W[t-1] @ k[t]
        vbar[t - 1] = (W[t - 1] @ k[t - 1][..., None])[..., 0]
        # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
        W[t] = np.where((t <= T_own)[:, None, None], (v[t - 1] - vbar[t - 1])[:, :, None] * beta[t - 1][:, None, None] * k[t - 1][:, None] + W[t - 1], W[t - 1])
    # r[t] = W[t] @ q[t]
    r = (W[1:] @ q[..., None])[..., 0]
    # s[t] = d + V @ r[t]
    s = (r.reshape(-1, n_v) @ V.T).reshape(T, B, n_y)
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

    if single:
        q = q[:, 0]
        k = k[:, 0]
        v = v[:, 0]
        beta = beta[:, 0]
        vbar = vbar[:, 0]
        W = W[:, 0]
        r = r[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(
        q=q, k=k, v=v, beta=beta, vbar=vbar, W=W, r=r, s=s, yhat=yhat, loss=None if loss is None else float(loss)
    )


def _loss_padded(params, x, y, W0, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, W0, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, W0, lengths, whole=True)
    W_k, W_q, W_v, w_beta, V, d = params

    # q.arg[t] = W_q @ x[t]
    q_arg = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # q.elu[t] = elu(q.arg[t])
    q_elu = _elu(q_arg)
    q_sum = np.empty((T, B), dtype)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    q_sum += q_elu.sum(axis=2)
    # q.arg2[t] = W_q @ x[t]
    q_arg2 = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # k.arg2[t] = W_k @ x[t]
    k_arg2 = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    qk_elu2 = np.empty((T, B, 2 * n_k), dtype)
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[:, :, :n_k] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[:, :, n_k:] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2 = qk_elu2.copy()
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[:, :, :n_k] += 1
    # q[t] = phi(W_q @ x[t])
    q = (1 / q_sum)[:, :, None] * qk_sum2[:, :, :n_k]
    # k.arg[t] = W_k @ x[t]
    k_arg = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    # k.elu[t] = elu(k.arg[t])
    k_elu = _elu(k_arg)
    k_sum = np.empty((T, B), dtype)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    k_sum += k_elu.sum(axis=2)
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[:, :, n_k:] += 1
    # k[t] = phi(W_k @ x[t])
    k = (1 / k_sum)[:, :, None] * qk_sum2[:, :, n_k:]
    # v[t] = W_v @ x[t]
    v = (x.reshape(-1, n_x) @ W_v.T).reshape(T, B, n_v)
    # beta.arg[t] = w_beta @ x[t]
    beta_arg = (w_beta @ x.reshape(-1, n_x).T).reshape(T, B)
    # beta[t] = sigmoid(w_beta @ x[t])
    beta = _sigmoid(beta_arg)
    W = np.empty((T + 1, B, n_v, n_k), dtype)
    # W[0] = 0
    W[0] = W0
    vbar = np.empty((B, n_v), dtype)
    for t in range(1, T + 1):
        # vbar[t] = W[t-1] @ k[t]
        vbar[...] = (W[t - 1] @ k[t - 1][..., None])[..., 0]
        # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
        W[t] = np.where((t <= T_own)[:, None, None], (v[t - 1] - vbar)[:, :, None] * beta[t - 1][:, None, None] * k[t - 1][:, None] + W[t - 1], W[t - 1])
    # r[t] = W[t] @ q[t]
    r = (W[1:] @ q[..., None])[..., 0]
    # s[t] = d + V @ r[t]
    s = (r.reshape(-1, n_v) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, W0, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, W0, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, W0, lengths, whole=True)
    W_k, W_q, W_v, w_beta, V, d = params
    wrt = _asked(wrt, ("x", "W0"))
    window_T = _window(window, "T", ("T",), T)

    # q.arg[t] = W_q @ x[t]
    q_arg = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # q.elu[t] = elu(q.arg[t])
    q_elu = _elu(q_arg)
    q_sum = np.empty((T, B), dtype)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    q_sum += q_elu.sum(axis=2)
    # q.arg2[t] = W_q @ x[t]
    q_arg2 = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # k.arg2[t] = W_k @ x[t]
    k_arg2 = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    qk_elu2 = np.empty((T, B, 2 * n_k), dtype)
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[:, :, :n_k] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[:, :, n_k:] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2 = qk_elu2.copy()
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[:, :, :n_k] += 1
    # q[t] = phi(W_q @ x[t])
    q = (1 / q_sum)[:, :, None] * qk_sum2[:, :, :n_k]
    # k.arg[t] = W_k @ x[t]
    k_arg = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    # k.elu[t] = elu(k.arg[t])
    k_elu = _elu(k_arg)
    k_sum = np.empty((T, B), dtype)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    k_sum += k_elu.sum(axis=2)
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[:, :, n_k:] += 1
    # k[t] = phi(W_k @ x[t])
    k = (1 / k_sum)[:, :, None] * qk_sum2[:, :, n_k:]
    # v[t] = W_v @ x[t]
    v = (x.reshape(-1, n_x) @ W_v.T).reshape(T, B, n_v)
    # beta.arg[t] = w_beta @ x[t]
    beta_arg = (w_beta @ x.reshape(-1, n_x).T).reshape(T, B)
    # beta[t] = sigmoid(w_beta @ x[t])
    beta = _sigmoid(beta_arg)
    W = np.empty((T + 1, B, n_v, n_k), dtype)
    # W[0] = 0
    W[0] = W0
    vbar = np.empty((T, B, n_v), dtype)
    for t in range(1, T + 1):
        # vbar[t] = W[t-1] @ k[t]
        vbar[t - 1] = (W[t - 1] @ k[t - 1][..., None])[..., 0]
        # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
        W[t] = np.where((t <= T_own)[:, None, None], (v[t - 1] - vbar[t - 1])[:, :, None] * beta[t - 1][:, None, None] * k[t - 1][:, None] + W[t - 1], W[t - 1])
    # r[t] = W[t] @ q[t]
    r = (W[1:] @ q[..., None])[..., 0]
    # s[t] = d + V @ r[t]
    s = (r.reshape(-1, n_v) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    q_sum2 = qk_sum2[..., :n_k]
    k_sum2 = qk_sum2[..., n_k:2 * n_k]
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), r[t]), t)
    dV = ds.reshape(-1, n_y).T @ r.reshape(-1, n_v)
    # grad(r[t]) = V.T @ grad(s[t])
    dr = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_v)
    # grad(q[t]) = W[t].T @ grad(r[t])
    dq = (W[1:].transpose(0, 1, 3, 2) @ dr[..., None])[..., 0]
    dW = np.empty((T + 1, B, n_v, n_k), dtype)
    # grad(W[t]) = same_window(t, maximum(t - 1, 0), window.T) * outer(grad(vbar[t+1]), k[t+1]) +
    #     same_window(t, maximum(t - 1, 0), window.T) * grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
    dW[1:] = dr[:, :, :, None] * q[:, :, None]
    dvbar = np.empty((T, B, n_v), dtype)
    # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
    dvbar[T - 1] = -(dW[T] @ (beta[T - 1][:, None] * k[T - 1])[..., None])[..., 0]
    for t in range(T - 1, 0, -1):
        # grad(W[t]) = same_window(t, maximum(t - 1, 0), window.T) * outer(grad(vbar[t+1]), k[t+1]) +
        #     same_window(t, maximum(t - 1, 0), window.T) * grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
        dW[t] += dW[t + 1] * (t // window_T == max(t - 1, 0) // window_T)
        dW[t] += dvbar[t][:, :, None] * k[t][:, None] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
        dvbar[t - 1] = -(dW[t] @ (beta[t - 1][:, None] * k[t - 1])[..., None])[..., 0]
    # grad(v[t]) = beta[t] * (grad(W[t]) @ k[t])
    dv = (dW[1:] @ (beta[:, :, None] * k)[..., None])[..., 0]
    # grad(beta[t]) = (v[t] - vbar[t]) @ grad(W[t]) @ k[t]
    dbeta = np.einsum("tbj,tbj->tb", (dW[1:] * k[:, :, None]).sum(axis=3), v - vbar)
    # grad(k[t]) = W[t-1].T @ grad(vbar[t]) + beta[t] * (grad(W[t]).T @ (v[t] - vbar[t]))
    dk = (W[:T].transpose(0, 1, 3, 2) @ dvbar[..., None])[..., 0]
    dk += (dW[1:].transpose(0, 1, 3, 2) @ (beta[:, :, None] * (v - vbar))[..., None])[..., 0]
    # grad(beta.arg[t]) = beta[t] * (1 - beta[t]) * grad(beta[t])
    dbeta_arg = beta * dbeta * (1 - beta)
    # grad(w_beta) = sum(grad(beta.arg[t]) * x[t], t)
    dw_beta = dbeta_arg.reshape(-1) @ x.reshape(-1, n_x)
    # grad(W_v) = sum(outer(grad(v[t]), x[t]), t)
    dW_v = dv.reshape(-1, n_v).T @ x.reshape(-1, n_x)
    # grad(k.sum[t]) = -(k.sum2[t] @ grad(k[t])) / k.sum[t]**2
    dk_sum = -(dk * k_sum2).sum(axis=2) / k_sum**2
    # grad(k.arg2[t]) = where(0 < k.arg2[t], 1, exp(k.arg2[t])) * grad(k.sum2[t])
    dk_arg2 = (1 / k_sum)[:, :, None] * dk * np.where(0 < k_arg2, 1, np.exp(k_arg2))
    # grad(k.arg[t]) = grad(k.sum[t]) * where(0 < k.arg[t], 1, exp(k.arg[t]))
    dk_arg = dk_sum[:, :, None] * np.where(0 < k_arg, 1, np.exp(k_arg))
    # grad(W_k) = sum(outer(grad(k.arg[t]), x[t]) + outer(grad(k.arg2[t]), x[t]), t)
    dW_k = dk_arg.reshape(-1, n_k).T @ x.reshape(-1, n_x)
    dW_k += dk_arg2.reshape(-1, n_k).T @ x.reshape(-1, n_x)
    # grad(q.sum[t]) = -(q.sum2[t] @ grad(q[t])) / q.sum[t]**2
    dq_sum = -(dq * q_sum2).sum(axis=2) / q_sum**2
    # grad(q.arg2[t]) = where(0 < q.arg2[t], 1, exp(q.arg2[t])) * grad(q.sum2[t])
    dq_arg2 = (1 / q_sum)[:, :, None] * dq * np.where(0 < q_arg2, 1, np.exp(q_arg2))
    # grad(q.arg[t]) = grad(q.sum[t]) * where(0 < q.arg[t], 1, exp(q.arg[t]))
    dq_arg = dq_sum[:, :, None] * np.where(0 < q_arg, 1, np.exp(q_arg))
    # grad(W_q) = sum(outer(grad(q.arg[t]), x[t]) + outer(grad(q.arg2[t]), x[t]), t)
    dW_q = dq_arg.reshape(-1, n_k).T @ x.reshape(-1, n_x)
    dW_q += dq_arg2.reshape(-1, n_k).T @ x.reshape(-1, n_x)
    if "W0" in wrt:
        # grad(W[t]) = same_window(t, maximum(t - 1, 0), window.T) * outer(grad(vbar[t+1]), k[t+1]) +
        #     same_window(t, maximum(t - 1, 0), window.T) * grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
        dW[:1] = dW[1:2] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None, None]
        dW[:1] += dvbar[:1][:, :, :, None] * k[:1][:, :, None] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None, None]
        # grad(W.0) = grad(W[0])
        dW0 = dW[0].copy()
    if "x" in wrt:
        # grad(x[t]) = W_k.T @ grad(k.arg[t]) + W_k.T @ grad(k.arg2[t]) + W_q.T @ grad(q.arg[t]) + W_q.T @
        #     grad(q.arg2[t]) + W_v.T @ grad(v[t]) + grad(beta.arg[t]) * w_beta
        dx = dbeta_arg[:, :, None] * w_beta
        dx += (dv.reshape(-1, n_v) @ W_v).reshape(T, B, n_x)
        dx += (dk_arg.reshape(-1, n_k) @ W_k).reshape(T, B, n_x)
        dx += (dk_arg2.reshape(-1, n_k) @ W_k).reshape(T, B, n_x)
        dx += (dq_arg.reshape(-1, n_k) @ W_q).reshape(T, B, n_x)
        dx += (dq_arg2.reshape(-1, n_k) @ W_q).reshape(T, B, n_x)

    gradient = Params(W_k=dW_k, W_q=dW_q, W_v=dW_v, w_beta=dw_beta, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "W0" in wrt:
        result["W0"] = dW0[0] if single else dW0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, q, k, v, beta, vbar, W, r, yhat, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    W_k, W_q, W_v, w_beta, V, d = params
    window_T = _window(window, "T", ("T",), T)

    # q.arg[t] = W_q @ x[t]
    q_arg = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # q.elu[t] = elu(q.arg[t])
    q_elu = _elu(q_arg)
    q_sum = np.empty((T, B), dtype)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    q_sum += q_elu.sum(axis=2)
    # q.arg2[t] = W_q @ x[t]
    q_arg2 = (x.reshape(-1, n_x) @ W_q.T).reshape(T, B, n_k)
    # k.arg2[t] = W_k @ x[t]
    k_arg2 = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    qk_elu2 = np.empty((T, B, 2 * n_k), dtype)
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[:, :, :n_k] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[:, :, n_k:] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2 = qk_elu2.copy()
    # k.arg[t] = W_k @ x[t]
    k_arg = (x.reshape(-1, n_x) @ W_k.T).reshape(T, B, n_k)
    # k.elu[t] = elu(k.arg[t])
    k_elu = _elu(k_arg)
    k_sum = np.empty((T, B), dtype)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    k_sum += k_elu.sum(axis=2)
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[:, :, :n_k] += 1
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[:, :, n_k:] += 1
    q_sum2 = qk_sum2[..., :n_k]
    k_sum2 = qk_sum2[..., n_k:2 * n_k]
    q_elu2 = qk_elu2[..., :n_k]
    k_elu2 = qk_elu2[..., n_k:2 * n_k]
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), r[t]), t)
    dV = ds.reshape(-1, n_y).T @ r.reshape(-1, n_v)
    # grad(r[t]) = V.T @ grad(s[t])
    dr = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_v)
    # grad(q[t]) = W[t].T @ grad(r[t])
    dq = (W[1:].transpose(0, 1, 3, 2) @ dr[..., None])[..., 0]
    # grad(W[t]) = same_window(t, maximum(t - 1, 0), window.T) * outer(grad(vbar[t+1]), k[t+1]) +
    #     same_window(t, maximum(t - 1, 0), window.T) * grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
    dW = dr[:, :, :, None] * q[:, :, None]
    dvbar = np.empty((T, B, n_v), dtype)
    # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
    dvbar[T - 1] = -(dW[T - 1] @ (beta[T - 1][:, None] * k[T - 1])[..., None])[..., 0]
    for t in range(T - 1, 0, -1):
        # grad(W[t]) = same_window(t, maximum(t - 1, 0), window.T) * outer(grad(vbar[t+1]), k[t+1]) +
        #     same_window(t, maximum(t - 1, 0), window.T) * grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
        dW[t - 1] += dW[t] * (t // window_T == max(t - 1, 0) // window_T)
        dW[t - 1] += dvbar[t][:, :, None] * k[t][:, None] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
        dvbar[t - 1] = -(dW[t - 1] @ (beta[t - 1][:, None] * k[t - 1])[..., None])[..., 0]
    # grad(v[t]) = beta[t] * (grad(W[t]) @ k[t])
    dv = (dW @ (beta[:, :, None] * k)[..., None])[..., 0]
    # grad(beta[t]) = (v[t] - vbar[t]) @ grad(W[t]) @ k[t]
    dbeta = np.einsum("tbj,tbj->tb", (dW * k[:, :, None]).sum(axis=3), v - vbar)
    # grad(k[t]) = W[t-1].T @ grad(vbar[t]) + beta[t] * (grad(W[t]).T @ (v[t] - vbar[t]))
    dk = (W[:T].transpose(0, 1, 3, 2) @ dvbar[..., None])[..., 0]
    dk += (dW.transpose(0, 1, 3, 2) @ (beta[:, :, None] * (v - vbar))[..., None])[..., 0]
    # grad(beta.arg[t]) = beta[t] * (1 - beta[t]) * grad(beta[t])
    dbeta_arg = beta * dbeta * (1 - beta)
    # grad(w_beta) = sum(grad(beta.arg[t]) * x[t], t)
    dw_beta = dbeta_arg.reshape(-1) @ x.reshape(-1, n_x)
    # grad(W_v) = sum(outer(grad(v[t]), x[t]), t)
    dW_v = dv.reshape(-1, n_v).T @ x.reshape(-1, n_x)
    # grad(k.sum[t]) = -(k.sum2[t] @ grad(k[t])) / k.sum[t]**2
    dk_sum = -(dk * k_sum2).sum(axis=2) / k_sum**2
    # grad(k.arg2[t]) = where(0 < k.arg2[t], 1, exp(k.arg2[t])) * grad(k.sum2[t])
    dk_arg2 = (1 / k_sum)[:, :, None] * dk * np.where(0 < k_arg2, 1, np.exp(k_arg2))
    # grad(k.arg[t]) = grad(k.sum[t]) * where(0 < k.arg[t], 1, exp(k.arg[t]))
    dk_arg = dk_sum[:, :, None] * np.where(0 < k_arg, 1, np.exp(k_arg))
    # grad(W_k) = sum(outer(grad(k.arg[t]), x[t]) + outer(grad(k.arg2[t]), x[t]), t)
    dW_k = dk_arg.reshape(-1, n_k).T @ x.reshape(-1, n_x)
    dW_k += dk_arg2.reshape(-1, n_k).T @ x.reshape(-1, n_x)
    # grad(q.sum[t]) = -(q.sum2[t] @ grad(q[t])) / q.sum[t]**2
    dq_sum = -(dq * q_sum2).sum(axis=2) / q_sum**2
    # grad(q.arg2[t]) = where(0 < q.arg2[t], 1, exp(q.arg2[t])) * grad(q.sum2[t])
    dq_arg2 = (1 / q_sum)[:, :, None] * dq * np.where(0 < q_arg2, 1, np.exp(q_arg2))
    # grad(q.arg[t]) = grad(q.sum[t]) * where(0 < q.arg[t], 1, exp(q.arg[t]))
    dq_arg = dq_sum[:, :, None] * np.where(0 < q_arg, 1, np.exp(q_arg))
    # grad(W_q) = sum(outer(grad(q.arg[t]), x[t]) + outer(grad(q.arg2[t]), x[t]), t)
    dW_q = dq_arg.reshape(-1, n_k).T @ x.reshape(-1, n_x)
    dW_q += dq_arg2.reshape(-1, n_k).T @ x.reshape(-1, n_x)

    return Params(W_k=dW_k, W_q=dW_q, W_v=dW_v, w_beta=dw_beta, V=dV, d=dd)


def _arguments(params, x, y, W0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_k, n_x, n_v, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_k")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[:, None]
    if W0 is None:
        W0 = np.zeros((B, n_v, n_k), dtype)
    else:
        W0 = _real("W0", W0, dtype)
        _expect("W0", W0, (*batch_axis, n_v, n_k), ("B", "n_v", "n_k"), "B from x, n_v from W_v, n_k from W_k")
        if single:
            W0 = W0[None]
    return params, x, y, W0, dtype, single, n_k, n_x, n_v, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_k, n_x, n_v, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    q = _real("forward.q", forward.q, dtype)
    k = _real("forward.k", forward.k, dtype)
    v = _real("forward.v", forward.v, dtype)
    beta = _real("forward.beta", forward.beta, dtype)
    vbar = _real("forward.vbar", forward.vbar, dtype)
    W = _real("forward.W", forward.W, dtype)
    r = _real("forward.r", forward.r, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_k")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.q", q, (T, *batch_axis, n_k), ("T", "B", "n_k"), "T and B from x, n_k from W_k")
    _expect("forward.k", k, (T, *batch_axis, n_k), ("T", "B", "n_k"), "T and B from x, n_k from W_k")
    _expect("forward.v", v, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from x, n_v from W_v")
    _expect("forward.beta", beta, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.vbar", vbar, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from x, n_v from W_v")
    _expect(
        "forward.W",
        W,
        (T + 1, *batch_axis, n_v, n_k),
        ("T + 1", "B", "n_v", "n_k"),
        "T and B from x, n_v from W_v, n_k from W_k",
    )
    _expect("forward.r", r, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from x, n_v from W_v")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        q = q[:, None]
        k = k[:, None]
        v = v[:, None]
        beta = beta[:, None]
        vbar = vbar[:, None]
        W = W[:, None]
        r = r[:, None]
        yhat = yhat[:, None]
    return params, x, y, q, k, v, beta, vbar, W, r, yhat, dtype, single, n_k, n_x, n_v, n_y, T, B


def _initial_arguments(params, W0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_k, n_x, n_v, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if W0 is None:
        W0 = np.zeros((B, n_v, n_k), dtype)
    else:
        W0 = _real("W0", W0, dtype)
        _expect("W0", W0, (*batch_axis, n_v, n_k), ("B", "n_v", "n_k"), "B from batch, n_v from W_v, n_k from W_k")
        if single:
            W0 = W0[None]
    return params, W0, dtype, single, n_k, n_x, n_v, n_y, B


def _step_arguments(params, state, x):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_k, n_x, n_v, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    W_prev = _real("state.W", state.W, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from W_k")
    _expect("state.W", W_prev, (*batch_axis, n_v, n_k), ("B", "n_v", "n_k"), "B from x, n_v from W_v, n_k from W_k")
    if single:
        x = x[None]
        W_prev = W_prev[None]
    return params, x, W_prev, dtype, single, n_k, n_x, n_v, n_y, B


def _padded_arguments(params, x, y, W0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_k, n_x, n_v, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_k")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        if single:
            y = y[:, None]
    if W0 is None:
        W0 = np.zeros((B, n_v, n_k), dtype)
    else:
        W0 = _real("W0", W0, dtype)
        _expect("W0", W0, (*batch_axis, n_v, n_k), ("B", "n_v", "n_k"), "B from x, n_v from W_v, n_k from W_k")
        if single:
            W0 = W0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, W0, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_k, n_x, n_v, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    q = _real("forward.q", forward.q, dtype)
    k = _real("forward.k", forward.k, dtype)
    v = _real("forward.v", forward.v, dtype)
    beta = _real("forward.beta", forward.beta, dtype)
    vbar = _real("forward.vbar", forward.vbar, dtype)
    W = _real("forward.W", forward.W, dtype)
    r = _real("forward.r", forward.r, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_k")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.q", q, (T, *batch_axis, n_k), ("T", "B", "n_k"), "T and B from x, n_k from W_k")
    _expect("forward.k", k, (T, *batch_axis, n_k), ("T", "B", "n_k"), "T and B from x, n_k from W_k")
    _expect("forward.v", v, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from x, n_v from W_v")
    _expect("forward.beta", beta, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.vbar", vbar, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from x, n_v from W_v")
    _expect(
        "forward.W",
        W,
        (T + 1, *batch_axis, n_v, n_k),
        ("T + 1", "B", "n_v", "n_k"),
        "T and B from x, n_v from W_v, n_k from W_k",
    )
    _expect("forward.r", r, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from x, n_v from W_v")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[:, None]
        q = q[:, None]
        k = k[:, None]
        v = v[:, None]
        beta = beta[:, None]
        vbar = vbar[:, None]
        W = W[:, None]
        r = r[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, q, k, v, beta, vbar, W, r, yhat, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    W_k, W_q, W_v, w_beta, V, d = params
    _rank("W_k", W_k, ("n_k", "n_x"))
    n_k, n_x = W_k.shape
    _rank("W_v", W_v, ("n_v", "n_x"))
    n_v = W_v.shape[0]
    _rank("V", V, ("n_y", "n_v"))
    n_y = V.shape[0]
    _expect("W_q", W_q, (n_k, n_x), ("n_k", "n_x"), "n_k and n_x from W_k")
    _expect("W_v", W_v, (n_v, n_x), ("n_v", "n_x"), "n_x from W_k")
    _expect("w_beta", w_beta, (n_x,), ("n_x",), "n_x from W_k")
    _expect("V", V, (n_y, n_v), ("n_y", "n_v"), "n_v from W_v")
    _expect("d", d, (n_y,), ("n_y",), "n_y from V")
    return params, dtype, n_k, n_x, n_v, n_y


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


def _classes(name, array, count, what):
    """Refuses integers outside 0..count-1."""
    # Read as unsigned, a negative number is larger than any class.
    if array.view(np.uintp).max() >= count:
        at = tuple(np.argwhere((array < 0) | (array >= count))[0].tolist())
        where = f" at {at}" if at else ""
        raise ValueError(f"{name}: {array[at]}{where}, expected integers 0..{what} = 0..{count - 1}")


def _elu(z):
    """Keeps z where it is positive, else exp(z) - 1."""
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


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
