# Written by derive from delta_rule.eq; do not edit.
# Change delta_rule.eq instead, and run: derive generate delta_rule
# source 236a96db308125bf, derive 07e8f9d843407be1, body 3e09334118b00de7
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
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths  (B,)           1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        (W0,) = _resumed(state, ("W",), (("W0", W0),))
    if lengths is not None:
        return _forward_padded(params, x, y, W0, lengths)
    params, x, y, W0, dtype, single, n_k, n_x, n_v, n_y, T, B = _arguments(params, x, y, W0)
    W_k, W_q, W_v, w_beta, V, d = params

    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_v, n_k), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    q_arg = np.empty((T, B, n_k), dtype)
    # q.arg[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg.reshape(-1, n_k))
    q_elu = np.empty((T, B, n_k), dtype)
    # q.elu[t] = elu(q.arg[t])
    q_elu[...] = _elu(q_arg)
    q_sum = np.empty((T, B), dtype)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    np.add.reduce(q_elu, axis=2, out=tmp0)
    q_sum += tmp0
    q_arg2 = np.empty((T, B, n_k), dtype)
    # q.arg2[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg2.reshape(-1, n_k))
    k_arg2 = np.empty((T, B, n_k), dtype)
    # k.arg2[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg2.reshape(-1, n_k))
    qk_elu2 = np.empty((2, T, B, n_k), dtype)
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[0] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[1] = _elu(k_arg2)
    qk_sum2 = np.empty((2, T, B, n_k), dtype)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[...] = qk_elu2
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[0] += 1
    q = np.empty((T, B, n_k), dtype)
    # q[t] = phi(W_q @ x[t])
    np.divide(qk_sum2[0], q_sum[:, :, None], out=q)
    k_arg = np.empty((T, B, n_k), dtype)
    # k.arg[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg.reshape(-1, n_k))
    k_elu = np.empty((T, B, n_k), dtype)
    # k.elu[t] = elu(k.arg[t])
    k_elu[...] = _elu(k_arg)
    k_sum = np.empty((T, B), dtype)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    np.add.reduce(k_elu, axis=2, out=tmp0)
    k_sum += tmp0
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[1] += 1
    k = np.empty((T, B, n_k), dtype)
    # k[t] = phi(W_k @ x[t])
    np.divide(qk_sum2[1], k_sum[:, :, None], out=k)
    v = np.empty((T, B, n_v), dtype)
    # v[t] = W_v @ x[t]
    np.matmul(x.reshape(-1, n_x), W_v.T, out=v.reshape(-1, n_v))
    beta_arg = np.empty((T, B), dtype)
    # beta.arg[t] = w_beta @ x[t]
    np.matmul(x.reshape(-1, n_x), w_beta, out=beta_arg.reshape(-1))
    beta = np.empty((T, B), dtype)
    # beta[t] = sigmoid(w_beta @ x[t])
    _sigmoid(beta_arg, out=beta)
    W = np.empty((T + 1, B, n_v, n_k), dtype)
    # W[0] = 0
    W[0] = W0
    # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
    np.multiply(k[:, :, None], v[:, :, :, None], out=W[1:])
    W[1:] *= beta[:, :, None, None]
    vbar = np.empty((T, B, n_v), dtype)
    W_at = list(W)
    k_at = list(k)
    vbar_at = list(vbar)
    beta_at = list(beta)
    for t in range(1, T + 1):
        # vbar[t] = W[t-1] @ k[t]
        np.matmul(W_at[t - 1], k_at[t - 1][..., None], out=vbar_at[t - 1][..., None])
        # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
        np.multiply(k_at[t - 1][:, None], vbar_at[t - 1][:, :, None], out=tmp1)
        tmp1 *= beta_at[t - 1][:, None, None]
        W_at[t] -= tmp1
        W_at[t] += W_at[t - 1]
    r = np.empty((T, B, n_v), dtype)
    # r[t] = W[t] @ q[t]
    np.matmul(W[1:], q[..., None], out=r[..., None])
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ r[t]
    np.matmul(r.reshape(-1, n_v), V.T, out=s.reshape(-1, n_y))
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
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)    real        what is read at each step
    y          (T, B)         0..n_y - 1  the class to predict at each step
    W0         (B, n_v, n_k)  real        W[0]; 0 where not given
    workspace                 Workspace   its arrays are used, and hold the results until its next call
    state                     State       what an earlier piece left, from last_state or step: the sequence goes on from
                                          there
    lengths    (B,)           1..T        each example's own number of steps, what is given beyond is not read; all
                                          where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (W0,) = _resumed(state, ("W",), (("W0", W0),))
    if lengths is not None:
        return _loss_padded(params, x, y, W0, lengths, workspace)
    params, x, y, W0, dtype, single, n_k, n_x, n_v, n_y, T, B = _arguments(params, x, y, W0, whole=True)
    W_k, W_q, W_v, w_beta, V, d = params

    (
        tmp0, tmp1, tmp2, q_arg, q_elu, q_sum, qk_elu2, q_arg2, k_arg2, qk_sum2, q, k_arg, k_elu, k_sum, k, v, beta_arg,
        beta, W, vbar, W_at, k_at, beta_at, r, s, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_y, n_k, n_v, B, dtype)
    # q.arg[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg.reshape(-1, n_k))
    # q.elu[t] = elu(q.arg[t])
    q_elu[...] = _elu(q_arg)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    np.add.reduce(q_elu, axis=2, out=tmp0)
    q_sum += tmp0
    # q.arg2[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg2.reshape(-1, n_k))
    # k.arg2[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg2.reshape(-1, n_k))
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[0] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[1] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[0] += 1
    # q[t] = phi(W_q @ x[t])
    np.divide(qk_sum2[0], q_sum[:, :, None], out=q)
    # k.arg[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg.reshape(-1, n_k))
    # k.elu[t] = elu(k.arg[t])
    k_elu[...] = _elu(k_arg)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    np.add.reduce(k_elu, axis=2, out=tmp0)
    k_sum += tmp0
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[1] += 1
    # k[t] = phi(W_k @ x[t])
    np.divide(qk_sum2[1], k_sum[:, :, None], out=k)
    # v[t] = W_v @ x[t]
    np.matmul(x.reshape(-1, n_x), W_v.T, out=v.reshape(-1, n_v))
    # beta.arg[t] = w_beta @ x[t]
    np.matmul(x.reshape(-1, n_x), w_beta, out=beta_arg.reshape(-1))
    # beta[t] = sigmoid(w_beta @ x[t])
    _sigmoid(beta_arg, out=beta)
    # W[0] = 0
    W[0] = W0
    # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
    np.multiply(k[:, :, None], v[:, :, :, None], out=W[1:])
    W[1:] *= beta[:, :, None, None]
    for t in range(1, T + 1):
        # vbar[t] = W[t-1] @ k[t]
        np.matmul(W_at[t - 1], k_at[t - 1][..., None], out=vbar[..., None])
        # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
        np.multiply(vbar[:, :, None], k_at[t - 1][:, None], out=tmp1)
        tmp1 *= beta_at[t - 1][:, None, None]
        W_at[t] -= tmp1
        W_at[t] += W_at[t - 1]
    # r[t] = W[t] @ q[t]
    np.matmul(W[1:], q[..., None], out=r[..., None])
    # s[t] = d + V @ r[t]
    np.matmul(r.reshape(-1, n_v), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp0)
    np.subtract(yhat_lse, tmp0, out=tmp0)
    loss = tmp0.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    W0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x           (T, B, n_x)    real                       what is read at each step
    y           (T, B)         0..n_y - 1                 the class to predict at each step
    W0          (B, n_v, n_k)  real                       W[0]; 0 where not given
    workspace                  Workspace                  its arrays are used, and hold the results until its next call
    state                      State                      what an earlier piece left, from last_state or step: the
                                                          sequence goes on from there
    lengths     (B,)           1..T                       each example's own number of steps, what is given beyond is
                                                          not read; all where not given
    window                     whole number >= 1          steps in a window: gradients stay in it, values go on to the
                                                          next
    checkpoint                 True or whole number >= 1  steps in a segment, True for about the root of all: states
                                                          between them are kept, the rest is computed anew; the same
                                                          gradient up to rounding

    Data without the axis B are one example.
    """
    if state is not None:
        (W0,) = _resumed(state, ("W",), (("W0", W0),))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, W0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, W0, lengths, wrt, workspace, window)
    params, x, y, W0, dtype, single, n_k, n_x, n_v, n_y, T, B = _arguments(params, x, y, W0, whole=True)
    W_k, W_q, W_v, w_beta, V, d = params
    wrt = _asked(wrt, ("x", "W0"))

    (
        tmp0, tmp1, tmp2, q_arg, q_elu, q_sum, q_arg2, k_arg2, qk_elu2, qk_sum2, q, k_arg, k_elu, k_sum, k, v, beta_arg,
        beta, W, vbar, W_at, k_at, vbar_at, beta_at, r, s, yhat_lse, largest, yhat, rows, flat, tmp3, tmp4, tmp5, tmp6,
        tmp7, tmp8, ds, entries, dd, dV, dr, dq, dW, dvbar, dvbar_at, dW_at, dv, dbeta, dk, dbeta_arg, dw_beta, dW_v,
        dk_sum, dk_arg2, dk_arg, dW_k, dq_sum, dq_arg2, dq_arg, dW_q,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_k, n_v, B, dtype)
    # q.arg[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg.reshape(-1, n_k))
    # q.elu[t] = elu(q.arg[t])
    q_elu[...] = _elu(q_arg)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    np.add.reduce(q_elu, axis=2, out=tmp0)
    q_sum += tmp0
    # q.arg2[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg2.reshape(-1, n_k))
    # k.arg2[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg2.reshape(-1, n_k))
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[0] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[1] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[0] += 1
    # q[t] = phi(W_q @ x[t])
    np.divide(qk_sum2[0], q_sum[:, :, None], out=q)
    # k.arg[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg.reshape(-1, n_k))
    # k.elu[t] = elu(k.arg[t])
    k_elu[...] = _elu(k_arg)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    np.add.reduce(k_elu, axis=2, out=tmp0)
    k_sum += tmp0
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[1] += 1
    # k[t] = phi(W_k @ x[t])
    np.divide(qk_sum2[1], k_sum[:, :, None], out=k)
    # v[t] = W_v @ x[t]
    np.matmul(x.reshape(-1, n_x), W_v.T, out=v.reshape(-1, n_v))
    # beta.arg[t] = w_beta @ x[t]
    np.matmul(x.reshape(-1, n_x), w_beta, out=beta_arg.reshape(-1))
    # beta[t] = sigmoid(w_beta @ x[t])
    _sigmoid(beta_arg, out=beta)
    # W[0] = 0
    W[0] = W0
    # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
    np.multiply(k[:, :, None], v[:, :, :, None], out=W[1:])
    W[1:] *= beta[:, :, None, None]
    for t in range(1, T + 1):
        # vbar[t] = W[t-1] @ k[t]
        np.matmul(W_at[t - 1], k_at[t - 1][..., None], out=vbar_at[t - 1][..., None])
        # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
        np.multiply(k_at[t - 1][:, None], vbar_at[t - 1][:, :, None], out=tmp1)
        tmp1 *= beta_at[t - 1][:, None, None]
        W_at[t] -= tmp1
        W_at[t] += W_at[t - 1]
    # r[t] = W[t] @ q[t]
    np.matmul(W[1:], q[..., None], out=r[..., None])
    # s[t] = d + V @ r[t]
    np.matmul(r.reshape(-1, n_v), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp0)
    np.subtract(yhat_lse, tmp0, out=tmp0)
    loss = tmp0.sum()
    q_sum2 = qk_sum2[0]
    k_sum2 = qk_sum2[1]
    # grad(s[t]) = yhat[t] - onehot(y[t])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), r[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, r.reshape(-1, n_v), out=dV)
    # grad(r[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=dr.reshape(-1, n_v))
    # grad(q[t]) = W[t].T @ grad(r[t])
    np.matmul(W[1:].transpose(0, 1, 3, 2), dr[..., None], out=dq[..., None])
    # grad(W[t]) = outer(grad(vbar[t+1]), k[t+1]) + grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
    np.multiply(dr[:, :, :, None], q[:, :, None], out=dW[1:])
    # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
    np.multiply(k[T - 1], beta[T - 1][:, None], out=tmp3)
    np.matmul(dW[T], tmp3[..., None], out=dvbar[T - 1][..., None])
    np.negative(dvbar[T - 1], out=dvbar[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(W[t]) = outer(grad(vbar[t+1]), k[t+1]) + grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
        np.multiply(dvbar_at[t][:, :, None], k_at[t][:, None], out=tmp1)
        dW_at[t] += tmp1
        dW_at[t] += dW_at[t + 1]
        # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
        np.multiply(k_at[t - 1], beta_at[t - 1][:, None], out=tmp3)
        np.matmul(dW_at[t], tmp3[..., None], out=dvbar_at[t - 1][..., None])
        np.negative(dvbar_at[t - 1], out=dvbar_at[t - 1])
    # grad(v[t]) = beta[t] * (grad(W[t]) @ k[t])
    np.multiply(k, beta[:, :, None], out=tmp4)
    np.matmul(dW[1:], tmp4[..., None], out=dv[..., None])
    # grad(beta[t]) = (v[t] - vbar[t]) @ grad(W[t]) @ k[t]
    np.multiply(dW[1:].transpose(0, 1, 3, 2), k[:, :, :, None], out=tmp6)
    np.add.reduce(tmp6, axis=2, out=tmp5)
    np.subtract(v, vbar, out=tmp7)
    dbeta[...] = np.einsum("tbj,tbj->tb", tmp5, tmp7)
    # grad(k[t]) = W[t-1].T @ grad(vbar[t]) + beta[t] * (grad(W[t]).T @ (v[t] - vbar[t]))
    np.matmul(W[:T].transpose(0, 1, 3, 2), dvbar[..., None], out=dk[..., None])
    np.subtract(v, vbar, out=tmp5)
    tmp5 *= beta[:, :, None]
    np.matmul(dW[1:].transpose(0, 1, 3, 2), tmp5[..., None], out=tmp4[..., None])
    dk += tmp4
    # grad(beta.arg[t]) = beta[t] * (1 - beta[t]) * grad(beta[t])
    np.subtract(1, beta, out=dbeta_arg)
    dbeta_arg *= beta
    dbeta_arg *= dbeta
    # grad(w_beta) = sum(grad(beta.arg[t]) * x[t], t)
    np.matmul(x.reshape(-1, n_x).T, dbeta_arg.reshape(-1), out=dw_beta)
    # grad(W_v) = sum(outer(grad(v[t]), x[t]), t)
    np.matmul(dv.reshape(-1, n_v).T, x.reshape(-1, n_x), out=dW_v)
    # grad(k.sum[t]) = -(k.sum2[t] @ grad(k[t])) / k.sum[t]**2
    np.square(k_sum, out=tmp0)
    np.multiply(dk, k_sum2, out=tmp4)
    np.add.reduce(tmp4, axis=2, out=dk_sum)
    dk_sum /= tmp0
    np.negative(dk_sum, out=dk_sum)
    # grad(k.arg2[t]) = exp(minimum(k.arg2[t], 0)) * grad(k.sum2[t])
    np.minimum(k_arg2, 0, out=tmp4)
    np.exp(tmp4, out=dk_arg2)
    dk_arg2 *= dk
    dk_arg2 /= k_sum[:, :, None]
    # grad(k.arg[t]) = grad(k.sum[t]) * exp(minimum(k.arg[t], 0))
    np.minimum(k_arg, 0, out=tmp4)
    np.exp(tmp4, out=dk_arg)
    dk_arg *= dk_sum[:, :, None]
    # grad(W_k) = sum(outer(grad(k.arg[t]), x[t]) + outer(grad(k.arg2[t]), x[t]), t)
    np.matmul(dk_arg.reshape(-1, n_k).T, x.reshape(-1, n_x), out=dW_k)
    np.matmul(dk_arg2.reshape(-1, n_k).T, x.reshape(-1, n_x), out=tmp8)
    dW_k += tmp8
    # grad(q.sum[t]) = -(q.sum2[t] @ grad(q[t])) / q.sum[t]**2
    np.square(q_sum, out=tmp0)
    np.multiply(dq, q_sum2, out=tmp4)
    np.add.reduce(tmp4, axis=2, out=dq_sum)
    dq_sum /= tmp0
    np.negative(dq_sum, out=dq_sum)
    # grad(q.arg2[t]) = exp(minimum(q.arg2[t], 0)) * grad(q.sum2[t])
    np.minimum(q_arg2, 0, out=tmp4)
    np.exp(tmp4, out=dq_arg2)
    dq_arg2 *= dq
    dq_arg2 /= q_sum[:, :, None]
    # grad(q.arg[t]) = grad(q.sum[t]) * exp(minimum(q.arg[t], 0))
    np.minimum(q_arg, 0, out=tmp4)
    np.exp(tmp4, out=dq_arg)
    dq_arg *= dq_sum[:, :, None]
    # grad(W_q) = sum(outer(grad(q.arg[t]), x[t]) + outer(grad(q.arg2[t]), x[t]), t)
    np.matmul(dq_arg.reshape(-1, n_k).T, x.reshape(-1, n_x), out=dW_q)
    np.matmul(dq_arg2.reshape(-1, n_k).T, x.reshape(-1, n_x), out=tmp8)
    dW_q += tmp8
    if "W0" in wrt:
        # grad(W[t]) = outer(grad(vbar[t+1]), k[t+1]) + grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
        np.multiply(dvbar[:1][:, :, :, None], k[:1][:, :, None], out=dW[:1])
        dW[:1] += dW[1:2]
        dW0 = np.empty((B, n_v, n_k), dtype)
        # grad(W.0) = grad(W[0])
        dW0[...] = dW[0]
    if "x" in wrt:
        tmp_9_0 = np.empty((T, B, n_x), dtype)
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = W_k.T @ grad(k.arg[t]) + W_k.T @ grad(k.arg2[t]) + W_q.T @ grad(q.arg[t]) + W_q.T @
        #     grad(q.arg2[t]) + W_v.T @ grad(v[t]) + grad(beta.arg[t]) * w_beta
        np.multiply(dbeta_arg[:, :, None], w_beta, out=dx)
        np.matmul(dv.reshape(-1, n_v), W_v, out=tmp_9_0.reshape(-1, n_x))
        dx += tmp_9_0
        np.matmul(dk_arg.reshape(-1, n_k), W_k, out=tmp_9_0.reshape(-1, n_x))
        dx += tmp_9_0
        np.matmul(dk_arg2.reshape(-1, n_k), W_k, out=tmp_9_0.reshape(-1, n_x))
        dx += tmp_9_0
        np.matmul(dq_arg.reshape(-1, n_k), W_q, out=tmp_9_0.reshape(-1, n_x))
        dx += tmp_9_0
        np.matmul(dq_arg2.reshape(-1, n_k), W_q, out=tmp_9_0.reshape(-1, n_x))
        dx += tmp_9_0

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
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    (
        params, x, y, q, k, v, beta, vbar, W, r, yhat, dtype, single, n_k, n_x, n_v, n_y, T, B,
    ) = _backward_arguments(params, forward, x, y)
    W_k, W_q, W_v, w_beta, V, d = params

    tmp0 = np.empty((T, B), dtype)
    q_arg = np.empty((T, B, n_k), dtype)
    # q.arg[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg.reshape(-1, n_k))
    q_elu = np.empty((T, B, n_k), dtype)
    # q.elu[t] = elu(q.arg[t])
    q_elu[...] = _elu(q_arg)
    q_sum = np.empty((T, B), dtype)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    np.add.reduce(q_elu, axis=2, out=tmp0)
    q_sum += tmp0
    q_arg2 = np.empty((T, B, n_k), dtype)
    # q.arg2[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg2.reshape(-1, n_k))
    k_arg2 = np.empty((T, B, n_k), dtype)
    # k.arg2[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg2.reshape(-1, n_k))
    qk_elu2 = np.empty((2, T, B, n_k), dtype)
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[0] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[1] = _elu(k_arg2)
    qk_sum2 = np.empty((2, T, B, n_k), dtype)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[...] = qk_elu2
    k_arg = np.empty((T, B, n_k), dtype)
    # k.arg[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg.reshape(-1, n_k))
    k_elu = np.empty((T, B, n_k), dtype)
    # k.elu[t] = elu(k.arg[t])
    k_elu[...] = _elu(k_arg)
    k_sum = np.empty((T, B), dtype)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    np.add.reduce(k_elu, axis=2, out=tmp0)
    k_sum += tmp0
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[0] += 1
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[1] += 1
    q_sum2 = qk_sum2[0]
    k_sum2 = qk_sum2[1]
    q_elu2 = qk_elu2[0]
    k_elu2 = qk_elu2[1]
    tmp1 = np.empty((B, n_k), dtype)
    tmp2 = np.empty((B, n_v, n_k), dtype)
    tmp3 = np.empty((T, B, n_k), dtype)
    tmp4 = np.empty((T, B, n_v), dtype)
    tmp5 = np.empty((T, B, n_k, n_v), dtype)
    tmp6 = np.empty((T, B, n_v), dtype)
    tmp7 = np.empty((n_k, n_x), dtype)
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
    dV = np.empty((n_y, n_v), dtype)
    # grad(V) = sum(outer(grad(s[t]), r[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, r.reshape(-1, n_v), out=dV)
    dr = np.empty((T, B, n_v), dtype)
    # grad(r[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=dr.reshape(-1, n_v))
    dq = np.empty((T, B, n_k), dtype)
    # grad(q[t]) = W[t].T @ grad(r[t])
    np.matmul(W[1:].transpose(0, 1, 3, 2), dr[..., None], out=dq[..., None])
    dW = np.empty((T, B, n_v, n_k), dtype)
    # grad(W[t]) = outer(grad(vbar[t+1]), k[t+1]) + grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
    np.multiply(dr[:, :, :, None], q[:, :, None], out=dW)
    dvbar = np.empty((T, B, n_v), dtype)
    # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
    np.multiply(k[T - 1], beta[T - 1][:, None], out=tmp1)
    np.matmul(dW[T - 1], tmp1[..., None], out=dvbar[T - 1][..., None])
    np.negative(dvbar[T - 1], out=dvbar[T - 1])
    dvbar_at = list(dvbar)
    dW_at = list(dW)
    for t in range(T - 1, 0, -1):
        # grad(W[t]) = outer(grad(vbar[t+1]), k[t+1]) + grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
        np.multiply(dvbar_at[t][:, :, None], k[t][:, None], out=tmp2)
        dW_at[t - 1] += tmp2
        dW_at[t - 1] += dW_at[t]
        # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
        np.multiply(k[t - 1], beta[t - 1][:, None], out=tmp1)
        np.matmul(dW_at[t - 1], tmp1[..., None], out=dvbar_at[t - 1][..., None])
        np.negative(dvbar_at[t - 1], out=dvbar_at[t - 1])
    dv = np.empty((T, B, n_v), dtype)
    # grad(v[t]) = beta[t] * (grad(W[t]) @ k[t])
    np.multiply(k, beta[:, :, None], out=tmp3)
    np.matmul(dW, tmp3[..., None], out=dv[..., None])
    dbeta = np.empty((T, B), dtype)
    # grad(beta[t]) = (v[t] - vbar[t]) @ grad(W[t]) @ k[t]
    np.multiply(dW.transpose(0, 1, 3, 2), k[:, :, :, None], out=tmp5)
    np.add.reduce(tmp5, axis=2, out=tmp4)
    np.subtract(v, vbar, out=tmp6)
    dbeta[...] = np.einsum("tbj,tbj->tb", tmp4, tmp6)
    dk = np.empty((T, B, n_k), dtype)
    # grad(k[t]) = W[t-1].T @ grad(vbar[t]) + beta[t] * (grad(W[t]).T @ (v[t] - vbar[t]))
    np.matmul(W[:T].transpose(0, 1, 3, 2), dvbar[..., None], out=dk[..., None])
    np.subtract(v, vbar, out=tmp4)
    tmp4 *= beta[:, :, None]
    np.matmul(dW.transpose(0, 1, 3, 2), tmp4[..., None], out=tmp3[..., None])
    dk += tmp3
    dbeta_arg = np.empty((T, B), dtype)
    # grad(beta.arg[t]) = beta[t] * (1 - beta[t]) * grad(beta[t])
    np.subtract(1, beta, out=dbeta_arg)
    dbeta_arg *= beta
    dbeta_arg *= dbeta
    dw_beta = np.empty((n_x,), dtype)
    # grad(w_beta) = sum(grad(beta.arg[t]) * x[t], t)
    np.matmul(x.reshape(-1, n_x).T, dbeta_arg.reshape(-1), out=dw_beta)
    dW_v = np.empty((n_v, n_x), dtype)
    # grad(W_v) = sum(outer(grad(v[t]), x[t]), t)
    np.matmul(dv.reshape(-1, n_v).T, x.reshape(-1, n_x), out=dW_v)
    dk_sum = np.empty((T, B), dtype)
    # grad(k.sum[t]) = -(k.sum2[t] @ grad(k[t])) / k.sum[t]**2
    np.square(k_sum, out=tmp0)
    np.multiply(dk, k_sum2, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=dk_sum)
    dk_sum /= tmp0
    np.negative(dk_sum, out=dk_sum)
    dk_arg2 = np.empty((T, B, n_k), dtype)
    # grad(k.arg2[t]) = exp(minimum(k.arg2[t], 0)) * grad(k.sum2[t])
    np.minimum(k_arg2, 0, out=tmp3)
    np.exp(tmp3, out=dk_arg2)
    dk_arg2 *= dk
    dk_arg2 /= k_sum[:, :, None]
    dk_arg = np.empty((T, B, n_k), dtype)
    # grad(k.arg[t]) = grad(k.sum[t]) * exp(minimum(k.arg[t], 0))
    np.minimum(k_arg, 0, out=tmp3)
    np.exp(tmp3, out=dk_arg)
    dk_arg *= dk_sum[:, :, None]
    dW_k = np.empty((n_k, n_x), dtype)
    # grad(W_k) = sum(outer(grad(k.arg[t]), x[t]) + outer(grad(k.arg2[t]), x[t]), t)
    np.matmul(dk_arg.reshape(-1, n_k).T, x.reshape(-1, n_x), out=dW_k)
    np.matmul(dk_arg2.reshape(-1, n_k).T, x.reshape(-1, n_x), out=tmp7)
    dW_k += tmp7
    dq_sum = np.empty((T, B), dtype)
    # grad(q.sum[t]) = -(q.sum2[t] @ grad(q[t])) / q.sum[t]**2
    np.square(q_sum, out=tmp0)
    np.multiply(dq, q_sum2, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=dq_sum)
    dq_sum /= tmp0
    np.negative(dq_sum, out=dq_sum)
    dq_arg2 = np.empty((T, B, n_k), dtype)
    # grad(q.arg2[t]) = exp(minimum(q.arg2[t], 0)) * grad(q.sum2[t])
    np.minimum(q_arg2, 0, out=tmp3)
    np.exp(tmp3, out=dq_arg2)
    dq_arg2 *= dq
    dq_arg2 /= q_sum[:, :, None]
    dq_arg = np.empty((T, B, n_k), dtype)
    # grad(q.arg[t]) = grad(q.sum[t]) * exp(minimum(q.arg[t], 0))
    np.minimum(q_arg, 0, out=tmp3)
    np.exp(tmp3, out=dq_arg)
    dq_arg *= dq_sum[:, :, None]
    dW_q = np.empty((n_k, n_x), dtype)
    # grad(W_q) = sum(outer(grad(q.arg[t]), x[t]) + outer(grad(q.arg2[t]), x[t]), t)
    np.matmul(dq_arg.reshape(-1, n_k).T, x.reshape(-1, n_x), out=dW_q)
    np.matmul(dq_arg2.reshape(-1, n_k).T, x.reshape(-1, n_x), out=tmp7)
    dW_q += tmp7

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
    qk_elu2 = np.empty((2, B, n_k), dtype)
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[0] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[1] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2 = qk_elu2.copy()
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[0] += 1
    # q[t] = phi(W_q @ x[t])
    q = (1 / q_sum)[:, None] * qk_sum2[0]
    # k.arg[t] = W_k @ x[t]
    k_arg = x @ W_k.T
    # k.elu[t] = elu(k.arg[t])
    k_elu = _elu(k_arg)
    k_sum = np.empty((B,), dtype)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    k_sum += k_elu.sum(axis=1)
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[1] += 1
    # k[t] = phi(W_k @ x[t])
    k = (1 / k_sum)[:, None] * qk_sum2[1]
    # v[t] = W_v @ x[t]
    v = x @ W_v.T
    # beta.arg[t] = w_beta @ x[t]
    beta_arg = x @ w_beta
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

    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_v, n_k), dtype)
    tmp2 = np.empty((B, n_v), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    q_arg = np.empty((T, B, n_k), dtype)
    # q.arg[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg.reshape(-1, n_k))
    q_elu = np.empty((T, B, n_k), dtype)
    # q.elu[t] = elu(q.arg[t])
    q_elu[...] = _elu(q_arg)
    q_sum = np.empty((T, B), dtype)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    np.add.reduce(q_elu, axis=2, out=tmp0)
    q_sum += tmp0
    q_arg2 = np.empty((T, B, n_k), dtype)
    # q.arg2[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg2.reshape(-1, n_k))
    k_arg2 = np.empty((T, B, n_k), dtype)
    # k.arg2[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg2.reshape(-1, n_k))
    qk_elu2 = np.empty((2, T, B, n_k), dtype)
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[0] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[1] = _elu(k_arg2)
    qk_sum2 = np.empty((2, T, B, n_k), dtype)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[...] = qk_elu2
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[0] += 1
    q = np.empty((T, B, n_k), dtype)
    # q[t] = phi(W_q @ x[t])
    np.divide(qk_sum2[0], q_sum[:, :, None], out=q)
    k_arg = np.empty((T, B, n_k), dtype)
    # k.arg[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg.reshape(-1, n_k))
    k_elu = np.empty((T, B, n_k), dtype)
    # k.elu[t] = elu(k.arg[t])
    k_elu[...] = _elu(k_arg)
    k_sum = np.empty((T, B), dtype)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    np.add.reduce(k_elu, axis=2, out=tmp0)
    k_sum += tmp0
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[1] += 1
    k = np.empty((T, B, n_k), dtype)
    # k[t] = phi(W_k @ x[t])
    np.divide(qk_sum2[1], k_sum[:, :, None], out=k)
    v = np.empty((T, B, n_v), dtype)
    # v[t] = W_v @ x[t]
    np.matmul(x.reshape(-1, n_x), W_v.T, out=v.reshape(-1, n_v))
    beta_arg = np.empty((T, B), dtype)
    # beta.arg[t] = w_beta @ x[t]
    np.matmul(x.reshape(-1, n_x), w_beta, out=beta_arg.reshape(-1))
    beta = np.empty((T, B), dtype)
    # beta[t] = sigmoid(w_beta @ x[t])
    _sigmoid(beta_arg, out=beta)
    W = np.empty((T + 1, B, n_v, n_k), dtype)
    # W[0] = 0
    W[0] = W0
    vbar = np.empty((T, B, n_v), dtype)
    W_at = list(W)
    k_at = list(k)
    vbar_at = list(vbar)
    v_at = list(v)
    beta_at = list(beta)
    for t in range(1, T + 1):
        # vbar[t] = W[t-1] @ k[t]
        np.matmul(W_at[t - 1], k_at[t - 1][..., None], out=vbar_at[t - 1][..., None])
        # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
        np.subtract(v_at[t - 1], vbar_at[t - 1], out=tmp2)
        np.multiply(tmp2[:, :, None], k_at[t - 1][:, None], out=tmp1)
        tmp1 *= beta_at[t - 1][:, None, None]
        tmp1 += W_at[t - 1]
        W[t] = np.where((t <= T_own)[:, None, None], tmp1, W[t - 1])
    r = np.empty((T, B, n_v), dtype)
    # r[t] = W[t] @ q[t]
    np.matmul(W[1:], q[..., None], out=r[..., None])
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ r[t]
    np.matmul(r.reshape(-1, n_v), V.T, out=s.reshape(-1, n_y))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    if y is not None:
        tmp_4_0 = np.empty((B, T), dtype)
        tmp_4_1 = np.empty((B, T), dtype)
        tmp_4_2 = np.empty((B, T), dtype)
        # loss = sum(-log(yhat[t, y[t]]), t)
        tmp_4_1[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
        tmp_4_2[...] = s[np.arange(T)[:, None], np.arange(B), y].T
        tmp_4_0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp_4_2, 0)
        np.subtract(tmp_4_1, tmp_4_0, out=tmp_4_0)
        loss = tmp_4_0.sum()
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


def _loss_padded(params, x, y, W0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, W0, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, W0, lengths, whole=True)
    W_k, W_q, W_v, w_beta, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, q_arg, q_elu, q_sum, qk_elu2, q_arg2, k_arg2, qk_sum2, q, k_arg,
        k_elu, k_sum, k, v, beta_arg, beta, W, vbar, W_at, k_at, v_at, beta_at, r, s, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_y, n_k, n_v, B, dtype)
    # q.arg[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg.reshape(-1, n_k))
    # q.elu[t] = elu(q.arg[t])
    q_elu[...] = _elu(q_arg)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    np.add.reduce(q_elu, axis=2, out=tmp0)
    q_sum += tmp0
    # q.arg2[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg2.reshape(-1, n_k))
    # k.arg2[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg2.reshape(-1, n_k))
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[0] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[1] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[0] += 1
    # q[t] = phi(W_q @ x[t])
    np.divide(qk_sum2[0], q_sum[:, :, None], out=q)
    # k.arg[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg.reshape(-1, n_k))
    # k.elu[t] = elu(k.arg[t])
    k_elu[...] = _elu(k_arg)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    np.add.reduce(k_elu, axis=2, out=tmp0)
    k_sum += tmp0
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[1] += 1
    # k[t] = phi(W_k @ x[t])
    np.divide(qk_sum2[1], k_sum[:, :, None], out=k)
    # v[t] = W_v @ x[t]
    np.matmul(x.reshape(-1, n_x), W_v.T, out=v.reshape(-1, n_v))
    # beta.arg[t] = w_beta @ x[t]
    np.matmul(x.reshape(-1, n_x), w_beta, out=beta_arg.reshape(-1))
    # beta[t] = sigmoid(w_beta @ x[t])
    _sigmoid(beta_arg, out=beta)
    # W[0] = 0
    W[0] = W0
    for t in range(1, T + 1):
        # vbar[t] = W[t-1] @ k[t]
        np.matmul(W_at[t - 1], k_at[t - 1][..., None], out=vbar[..., None])
        # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
        np.subtract(v_at[t - 1], vbar, out=tmp2)
        np.multiply(tmp2[:, :, None], k_at[t - 1][:, None], out=tmp1)
        tmp1 *= beta_at[t - 1][:, None, None]
        tmp1 += W_at[t - 1]
        W[t] = np.where((t <= T_own)[:, None, None], tmp1, W[t - 1])
    # r[t] = W[t] @ q[t]
    np.matmul(W[1:], q[..., None], out=r[..., None])
    # s[t] = d + V @ r[t]
    np.matmul(r.reshape(-1, n_v), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp6[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp6, 0)
    np.subtract(tmp5, tmp4, out=tmp4)
    loss = tmp4.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, W0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, W0, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, W0, lengths, whole=True)
    W_k, W_q, W_v, w_beta, V, d = params
    wrt = _asked(wrt, ("x", "W0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, q_arg, q_elu, q_sum, q_arg2, k_arg2, qk_elu2, qk_sum2, q, k_arg,
        k_elu, k_sum, k, v, beta_arg, beta, W, vbar, W_at, k_at, vbar_at, v_at, beta_at, r, s, yhat_lse, largest, yhat,
        tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, ds, rows, flat, entries, dd, dV, dr, dq, dW, dvbar, dW_at, dvbar_at, dv,
        dbeta, dk, dbeta_arg, dw_beta, dW_v, dk_sum, dk_arg2, dk_arg, dW_k, dq_sum, dq_arg2, dq_arg, dW_q,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_k, n_v, B, dtype)
    # q.arg[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg.reshape(-1, n_k))
    # q.elu[t] = elu(q.arg[t])
    q_elu[...] = _elu(q_arg)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    np.add.reduce(q_elu, axis=2, out=tmp0)
    q_sum += tmp0
    # q.arg2[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg2.reshape(-1, n_k))
    # k.arg2[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg2.reshape(-1, n_k))
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[0] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[1] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[0] += 1
    # q[t] = phi(W_q @ x[t])
    np.divide(qk_sum2[0], q_sum[:, :, None], out=q)
    # k.arg[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg.reshape(-1, n_k))
    # k.elu[t] = elu(k.arg[t])
    k_elu[...] = _elu(k_arg)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    np.add.reduce(k_elu, axis=2, out=tmp0)
    k_sum += tmp0
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[1] += 1
    # k[t] = phi(W_k @ x[t])
    np.divide(qk_sum2[1], k_sum[:, :, None], out=k)
    # v[t] = W_v @ x[t]
    np.matmul(x.reshape(-1, n_x), W_v.T, out=v.reshape(-1, n_v))
    # beta.arg[t] = w_beta @ x[t]
    np.matmul(x.reshape(-1, n_x), w_beta, out=beta_arg.reshape(-1))
    # beta[t] = sigmoid(w_beta @ x[t])
    _sigmoid(beta_arg, out=beta)
    # W[0] = 0
    W[0] = W0
    for t in range(1, T + 1):
        # vbar[t] = W[t-1] @ k[t]
        np.matmul(W_at[t - 1], k_at[t - 1][..., None], out=vbar_at[t - 1][..., None])
        # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
        np.subtract(v_at[t - 1], vbar_at[t - 1], out=tmp2)
        np.multiply(tmp2[:, :, None], k_at[t - 1][:, None], out=tmp1)
        tmp1 *= beta_at[t - 1][:, None, None]
        tmp1 += W_at[t - 1]
        W[t] = np.where((t <= T_own)[:, None, None], tmp1, W[t - 1])
    # r[t] = W[t] @ q[t]
    np.matmul(W[1:], q[..., None], out=r[..., None])
    # s[t] = d + V @ r[t]
    np.matmul(r.reshape(-1, n_v), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp6[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp6, 0)
    np.subtract(tmp5, tmp4, out=tmp4)
    loss = tmp4.sum()
    q_sum2 = qk_sum2[0]
    k_sum2 = qk_sum2[1]
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp0[:, :, None], yhat, out=ds)
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp0, out=tmp0)
    _add_to(ds, y, rows, flat, entries, tmp0)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), r[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, r.reshape(-1, n_v), out=dV)
    # grad(r[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=dr.reshape(-1, n_v))
    # grad(q[t]) = W[t].T @ grad(r[t])
    np.matmul(W[1:].transpose(0, 1, 3, 2), dr[..., None], out=dq[..., None])
    # grad(W[t]) = same_window(t, maximum(t - 1, 0), window.T) * outer(grad(vbar[t+1]), k[t+1]) +
    #     same_window(t, maximum(t - 1, 0), window.T) * grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
    np.multiply(dr[:, :, :, None], q[:, :, None], out=dW[1:])
    # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
    np.multiply(k[T - 1], beta[T - 1][:, None], out=tmp7)
    np.matmul(dW[T], tmp7[..., None], out=dvbar[T - 1][..., None])
    np.negative(dvbar[T - 1], out=dvbar[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(W[t]) = same_window(t, maximum(t - 1, 0), window.T) * outer(grad(vbar[t+1]), k[t+1]) +
        #     same_window(t, maximum(t - 1, 0), window.T) * grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dW_at[t + 1], out=tmp1)
        dW_at[t] += tmp1
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dvbar_at[t][:, :, None], out=tmp1)
        tmp1 *= k_at[t][:, None]
        dW_at[t] += tmp1
        # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
        np.multiply(k_at[t - 1], beta_at[t - 1][:, None], out=tmp7)
        np.matmul(dW_at[t], tmp7[..., None], out=dvbar_at[t - 1][..., None])
        np.negative(dvbar_at[t - 1], out=dvbar_at[t - 1])
    # grad(v[t]) = beta[t] * (grad(W[t]) @ k[t])
    np.multiply(k, beta[:, :, None], out=tmp8)
    np.matmul(dW[1:], tmp8[..., None], out=dv[..., None])
    # grad(beta[t]) = (v[t] - vbar[t]) @ grad(W[t]) @ k[t]
    np.multiply(dW[1:].transpose(0, 1, 3, 2), k[:, :, :, None], out=tmp10)
    np.add.reduce(tmp10, axis=2, out=tmp9)
    np.subtract(v, vbar, out=tmp11)
    dbeta[...] = np.einsum("tbj,tbj->tb", tmp9, tmp11)
    # grad(k[t]) = W[t-1].T @ grad(vbar[t]) + beta[t] * (grad(W[t]).T @ (v[t] - vbar[t]))
    np.matmul(W[:T].transpose(0, 1, 3, 2), dvbar[..., None], out=dk[..., None])
    np.subtract(v, vbar, out=tmp9)
    tmp9 *= beta[:, :, None]
    np.matmul(dW[1:].transpose(0, 1, 3, 2), tmp9[..., None], out=tmp8[..., None])
    dk += tmp8
    # grad(beta.arg[t]) = beta[t] * (1 - beta[t]) * grad(beta[t])
    np.subtract(1, beta, out=dbeta_arg)
    dbeta_arg *= beta
    dbeta_arg *= dbeta
    # grad(w_beta) = sum(grad(beta.arg[t]) * x[t], t)
    np.matmul(x.reshape(-1, n_x).T, dbeta_arg.reshape(-1), out=dw_beta)
    # grad(W_v) = sum(outer(grad(v[t]), x[t]), t)
    np.matmul(dv.reshape(-1, n_v).T, x.reshape(-1, n_x), out=dW_v)
    # grad(k.sum[t]) = -(k.sum2[t] @ grad(k[t])) / k.sum[t]**2
    np.square(k_sum, out=tmp0)
    np.multiply(dk, k_sum2, out=tmp8)
    np.add.reduce(tmp8, axis=2, out=dk_sum)
    dk_sum /= tmp0
    np.negative(dk_sum, out=dk_sum)
    # grad(k.arg2[t]) = exp(minimum(k.arg2[t], 0)) * grad(k.sum2[t])
    np.minimum(k_arg2, 0, out=tmp8)
    np.exp(tmp8, out=dk_arg2)
    dk_arg2 *= dk
    dk_arg2 /= k_sum[:, :, None]
    # grad(k.arg[t]) = grad(k.sum[t]) * exp(minimum(k.arg[t], 0))
    np.minimum(k_arg, 0, out=tmp8)
    np.exp(tmp8, out=dk_arg)
    dk_arg *= dk_sum[:, :, None]
    # grad(W_k) = sum(outer(grad(k.arg[t]), x[t]) + outer(grad(k.arg2[t]), x[t]), t)
    np.matmul(dk_arg.reshape(-1, n_k).T, x.reshape(-1, n_x), out=dW_k)
    np.matmul(dk_arg2.reshape(-1, n_k).T, x.reshape(-1, n_x), out=tmp12)
    dW_k += tmp12
    # grad(q.sum[t]) = -(q.sum2[t] @ grad(q[t])) / q.sum[t]**2
    np.square(q_sum, out=tmp0)
    np.multiply(dq, q_sum2, out=tmp8)
    np.add.reduce(tmp8, axis=2, out=dq_sum)
    dq_sum /= tmp0
    np.negative(dq_sum, out=dq_sum)
    # grad(q.arg2[t]) = exp(minimum(q.arg2[t], 0)) * grad(q.sum2[t])
    np.minimum(q_arg2, 0, out=tmp8)
    np.exp(tmp8, out=dq_arg2)
    dq_arg2 *= dq
    dq_arg2 /= q_sum[:, :, None]
    # grad(q.arg[t]) = grad(q.sum[t]) * exp(minimum(q.arg[t], 0))
    np.minimum(q_arg, 0, out=tmp8)
    np.exp(tmp8, out=dq_arg)
    dq_arg *= dq_sum[:, :, None]
    # grad(W_q) = sum(outer(grad(q.arg[t]), x[t]) + outer(grad(q.arg2[t]), x[t]), t)
    np.matmul(dq_arg.reshape(-1, n_k).T, x.reshape(-1, n_x), out=dW_q)
    np.matmul(dq_arg2.reshape(-1, n_k).T, x.reshape(-1, n_x), out=tmp12)
    dW_q += tmp12
    if "W0" in wrt:
        tmp_13_0 = np.empty((1,), dtype)
        tmp_13_1 = np.empty((1,), dtype)
        tmp_13_2 = np.empty((1,), dtype)
        tmp_13_3 = np.empty((1, B, n_v, n_k), dtype)
        # grad(W[t]) = same_window(t, maximum(t - 1, 0), window.T) * outer(grad(vbar[t+1]), k[t+1]) +
        #     same_window(t, maximum(t - 1, 0), window.T) * grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_13_2)
        np.maximum(tmp_13_2, 0, out=tmp_13_1)
        tmp_13_0[...] = np.arange(1) // window_T == tmp_13_1 // window_T
        np.multiply(tmp_13_0[:, None, None, None], dW[1:2], out=dW[:1])
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_13_2)
        np.maximum(tmp_13_2, 0, out=tmp_13_1)
        tmp_13_0[...] = np.arange(1) // window_T == tmp_13_1 // window_T
        np.multiply(tmp_13_0[:, None, None, None], dvbar[:1][:, :, :, None], out=tmp_13_3)
        tmp_13_3 *= k[:1][:, :, None]
        dW[:1] += tmp_13_3
        dW0 = np.empty((B, n_v, n_k), dtype)
        # grad(W.0) = grad(W[0])
        dW0[...] = dW[0]
    if "x" in wrt:
        tmp_13_0 = np.empty((T, B, n_x), dtype)
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = W_k.T @ grad(k.arg[t]) + W_k.T @ grad(k.arg2[t]) + W_q.T @ grad(q.arg[t]) + W_q.T @
        #     grad(q.arg2[t]) + W_v.T @ grad(v[t]) + grad(beta.arg[t]) * w_beta
        np.multiply(dbeta_arg[:, :, None], w_beta, out=dx)
        np.matmul(dv.reshape(-1, n_v), W_v, out=tmp_13_0.reshape(-1, n_x))
        dx += tmp_13_0
        np.matmul(dk_arg.reshape(-1, n_k), W_k, out=tmp_13_0.reshape(-1, n_x))
        dx += tmp_13_0
        np.matmul(dk_arg2.reshape(-1, n_k), W_k, out=tmp_13_0.reshape(-1, n_x))
        dx += tmp_13_0
        np.matmul(dq_arg.reshape(-1, n_k), W_q, out=tmp_13_0.reshape(-1, n_x))
        dx += tmp_13_0
        np.matmul(dq_arg2.reshape(-1, n_k), W_q, out=tmp_13_0.reshape(-1, n_x))
        dx += tmp_13_0

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

    tmp0 = np.empty((T, B), dtype)
    q_arg = np.empty((T, B, n_k), dtype)
    # q.arg[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg.reshape(-1, n_k))
    q_elu = np.empty((T, B, n_k), dtype)
    # q.elu[t] = elu(q.arg[t])
    q_elu[...] = _elu(q_arg)
    q_sum = np.empty((T, B), dtype)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    np.add.reduce(q_elu, axis=2, out=tmp0)
    q_sum += tmp0
    q_arg2 = np.empty((T, B, n_k), dtype)
    # q.arg2[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg2.reshape(-1, n_k))
    k_arg2 = np.empty((T, B, n_k), dtype)
    # k.arg2[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg2.reshape(-1, n_k))
    qk_elu2 = np.empty((2, T, B, n_k), dtype)
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[0] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[1] = _elu(k_arg2)
    qk_sum2 = np.empty((2, T, B, n_k), dtype)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[...] = qk_elu2
    k_arg = np.empty((T, B, n_k), dtype)
    # k.arg[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg.reshape(-1, n_k))
    k_elu = np.empty((T, B, n_k), dtype)
    # k.elu[t] = elu(k.arg[t])
    k_elu[...] = _elu(k_arg)
    k_sum = np.empty((T, B), dtype)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    np.add.reduce(k_elu, axis=2, out=tmp0)
    k_sum += tmp0
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[0] += 1
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[1] += 1
    q_sum2 = qk_sum2[0]
    k_sum2 = qk_sum2[1]
    q_elu2 = qk_elu2[0]
    k_elu2 = qk_elu2[1]
    tmp1 = np.empty((B, n_k), dtype)
    tmp2 = np.empty((B, n_v, n_k), dtype)
    tmp3 = np.empty((T, B, n_k), dtype)
    tmp4 = np.empty((T, B, n_v), dtype)
    tmp5 = np.empty((T, B, n_k, n_v), dtype)
    tmp6 = np.empty((T, B, n_v), dtype)
    tmp7 = np.empty((n_k, n_x), dtype)
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
    dV = np.empty((n_y, n_v), dtype)
    # grad(V) = sum(outer(grad(s[t]), r[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, r.reshape(-1, n_v), out=dV)
    dr = np.empty((T, B, n_v), dtype)
    # grad(r[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=dr.reshape(-1, n_v))
    dq = np.empty((T, B, n_k), dtype)
    # grad(q[t]) = W[t].T @ grad(r[t])
    np.matmul(W[1:].transpose(0, 1, 3, 2), dr[..., None], out=dq[..., None])
    dW = np.empty((T, B, n_v, n_k), dtype)
    # grad(W[t]) = same_window(t, maximum(t - 1, 0), window.T) * outer(grad(vbar[t+1]), k[t+1]) +
    #     same_window(t, maximum(t - 1, 0), window.T) * grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
    np.multiply(dr[:, :, :, None], q[:, :, None], out=dW)
    dvbar = np.empty((T, B, n_v), dtype)
    # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
    np.multiply(k[T - 1], beta[T - 1][:, None], out=tmp1)
    np.matmul(dW[T - 1], tmp1[..., None], out=dvbar[T - 1][..., None])
    np.negative(dvbar[T - 1], out=dvbar[T - 1])
    dW_at = list(dW)
    dvbar_at = list(dvbar)
    for t in range(T - 1, 0, -1):
        # grad(W[t]) = same_window(t, maximum(t - 1, 0), window.T) * outer(grad(vbar[t+1]), k[t+1]) +
        #     same_window(t, maximum(t - 1, 0), window.T) * grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dW_at[t], out=tmp2)
        dW_at[t - 1] += tmp2
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dvbar_at[t][:, :, None], out=tmp2)
        tmp2 *= k[t][:, None]
        dW_at[t - 1] += tmp2
        # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
        np.multiply(k[t - 1], beta[t - 1][:, None], out=tmp1)
        np.matmul(dW_at[t - 1], tmp1[..., None], out=dvbar_at[t - 1][..., None])
        np.negative(dvbar_at[t - 1], out=dvbar_at[t - 1])
    dv = np.empty((T, B, n_v), dtype)
    # grad(v[t]) = beta[t] * (grad(W[t]) @ k[t])
    np.multiply(k, beta[:, :, None], out=tmp3)
    np.matmul(dW, tmp3[..., None], out=dv[..., None])
    dbeta = np.empty((T, B), dtype)
    # grad(beta[t]) = (v[t] - vbar[t]) @ grad(W[t]) @ k[t]
    np.multiply(dW.transpose(0, 1, 3, 2), k[:, :, :, None], out=tmp5)
    np.add.reduce(tmp5, axis=2, out=tmp4)
    np.subtract(v, vbar, out=tmp6)
    dbeta[...] = np.einsum("tbj,tbj->tb", tmp4, tmp6)
    dk = np.empty((T, B, n_k), dtype)
    # grad(k[t]) = W[t-1].T @ grad(vbar[t]) + beta[t] * (grad(W[t]).T @ (v[t] - vbar[t]))
    np.matmul(W[:T].transpose(0, 1, 3, 2), dvbar[..., None], out=dk[..., None])
    np.subtract(v, vbar, out=tmp4)
    tmp4 *= beta[:, :, None]
    np.matmul(dW.transpose(0, 1, 3, 2), tmp4[..., None], out=tmp3[..., None])
    dk += tmp3
    dbeta_arg = np.empty((T, B), dtype)
    # grad(beta.arg[t]) = beta[t] * (1 - beta[t]) * grad(beta[t])
    np.subtract(1, beta, out=dbeta_arg)
    dbeta_arg *= beta
    dbeta_arg *= dbeta
    dw_beta = np.empty((n_x,), dtype)
    # grad(w_beta) = sum(grad(beta.arg[t]) * x[t], t)
    np.matmul(x.reshape(-1, n_x).T, dbeta_arg.reshape(-1), out=dw_beta)
    dW_v = np.empty((n_v, n_x), dtype)
    # grad(W_v) = sum(outer(grad(v[t]), x[t]), t)
    np.matmul(dv.reshape(-1, n_v).T, x.reshape(-1, n_x), out=dW_v)
    dk_sum = np.empty((T, B), dtype)
    # grad(k.sum[t]) = -(k.sum2[t] @ grad(k[t])) / k.sum[t]**2
    np.square(k_sum, out=tmp0)
    np.multiply(dk, k_sum2, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=dk_sum)
    dk_sum /= tmp0
    np.negative(dk_sum, out=dk_sum)
    dk_arg2 = np.empty((T, B, n_k), dtype)
    # grad(k.arg2[t]) = exp(minimum(k.arg2[t], 0)) * grad(k.sum2[t])
    np.minimum(k_arg2, 0, out=tmp3)
    np.exp(tmp3, out=dk_arg2)
    dk_arg2 *= dk
    dk_arg2 /= k_sum[:, :, None]
    dk_arg = np.empty((T, B, n_k), dtype)
    # grad(k.arg[t]) = grad(k.sum[t]) * exp(minimum(k.arg[t], 0))
    np.minimum(k_arg, 0, out=tmp3)
    np.exp(tmp3, out=dk_arg)
    dk_arg *= dk_sum[:, :, None]
    dW_k = np.empty((n_k, n_x), dtype)
    # grad(W_k) = sum(outer(grad(k.arg[t]), x[t]) + outer(grad(k.arg2[t]), x[t]), t)
    np.matmul(dk_arg.reshape(-1, n_k).T, x.reshape(-1, n_x), out=dW_k)
    np.matmul(dk_arg2.reshape(-1, n_k).T, x.reshape(-1, n_x), out=tmp7)
    dW_k += tmp7
    dq_sum = np.empty((T, B), dtype)
    # grad(q.sum[t]) = -(q.sum2[t] @ grad(q[t])) / q.sum[t]**2
    np.square(q_sum, out=tmp0)
    np.multiply(dq, q_sum2, out=tmp3)
    np.add.reduce(tmp3, axis=2, out=dq_sum)
    dq_sum /= tmp0
    np.negative(dq_sum, out=dq_sum)
    dq_arg2 = np.empty((T, B, n_k), dtype)
    # grad(q.arg2[t]) = exp(minimum(q.arg2[t], 0)) * grad(q.sum2[t])
    np.minimum(q_arg2, 0, out=tmp3)
    np.exp(tmp3, out=dq_arg2)
    dq_arg2 *= dq
    dq_arg2 /= q_sum[:, :, None]
    dq_arg = np.empty((T, B, n_k), dtype)
    # grad(q.arg[t]) = grad(q.sum[t]) * exp(minimum(q.arg[t], 0))
    np.minimum(q_arg, 0, out=tmp3)
    np.exp(tmp3, out=dq_arg)
    dq_arg *= dq_sum[:, :, None]
    dW_q = np.empty((n_k, n_x), dtype)
    # grad(W_q) = sum(outer(grad(q.arg[t]), x[t]) + outer(grad(q.arg2[t]), x[t]), t)
    np.matmul(dq_arg.reshape(-1, n_k).T, x.reshape(-1, n_x), out=dW_q)
    np.matmul(dq_arg2.reshape(-1, n_k).T, x.reshape(-1, n_x), out=tmp7)
    dW_q += tmp7

    return Params(W_k=dW_k, W_q=dW_q, W_v=dW_v, w_beta=dw_beta, V=dV, d=dd)


def _loss_and_grad_checkpointed(params, x, y, W0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, W0, dtype, single, n_k, n_x, n_v, n_y, T, B = _arguments(params, x, y, W0, whole=True)
    W_k, W_q, W_v, w_beta, V, d = params
    wrt = _asked(wrt, ("x", "W0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        W0_kept, W_left1, dW_k, dW_q, dW_v, dw_beta, dV, dd,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_k, n_v, B, dtype)
    W0_kept[0] = W0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x[first:last],
            W0_kept[n],
            last - first,
            n_x,
            n_k,
            n_v,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        (W0_kept[n + 1],) = found
    loss = 0.0
    for total in (W_left1, dW_k, dW_q, dW_v, dw_beta, dV, dd):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            W_left1,
            x[first:last],
            y[first:last],
            W0_kept[n],
            last - first,
            n_x,
            n_y,
            n_k,
            n_v,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dW0, dx_part = found
        loss += float(loss_part)
        _add_each((dW_k, dW_q, dW_v, dw_beta, dV, dd), parts)
        W_left1[...] = dW0
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(W_k=dW_k, W_q=dW_q, W_v=dW_v, w_beta=dw_beta, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "W0" in wrt:
        result["W0"] = dW0[0] if single else dW0
    return float(loss), gradient, result


def _segment(params, W_left1, x, y, W0, T, n_x, n_y, n_k, n_v, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    W_k, W_q, W_v, w_beta, V, d = params

    (
        tmp0, tmp1, tmp2, q_arg, q_elu, q_sum, q_arg2, k_arg2, qk_elu2, qk_sum2, q, k_arg, k_elu, k_sum, k, v, beta_arg,
        beta, W, vbar, W_at, k_at, vbar_at, beta_at, r, s, yhat_lse, largest, rows, flat, tmp3, tmp4, tmp5, tmp6, tmp7,
        tmp8, ds, entries, dd, dV, dr, dq, dW, dvbar, dvbar_at, dW_at, dv, dbeta, dk, dbeta_arg, dw_beta, dW_v, dk_sum,
        dk_arg2, dk_arg, dW_k, dq_sum, dq_arg2, dq_arg, dW_q, dW0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_k, n_v, B, dtype)
    # q.arg[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg.reshape(-1, n_k))
    # q.elu[t] = elu(q.arg[t])
    q_elu[...] = _elu(q_arg)
    # q.sum[t] = n_k + sum(q.elu[t, l], l)
    q_sum[...] = n_k
    np.add.reduce(q_elu, axis=2, out=tmp0)
    q_sum += tmp0
    # q.arg2[t] = W_q @ x[t]
    np.matmul(x.reshape(-1, n_x), W_q.T, out=q_arg2.reshape(-1, n_k))
    # k.arg2[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg2.reshape(-1, n_k))
    # q.elu2[t] = elu(q.arg2[t])
    qk_elu2[0] = _elu(q_arg2)
    # k.elu2[t] = elu(k.arg2[t])
    qk_elu2[1] = _elu(k_arg2)
    # q.sum2[t] = 1 + q.elu2[t]
    # k.sum2[t] = 1 + k.elu2[t]
    # q.sum2[t] = 1 + q.elu2[t]
    qk_sum2[0] += 1
    # q[t] = phi(W_q @ x[t])
    np.divide(qk_sum2[0], q_sum[:, :, None], out=q)
    # k.arg[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg.reshape(-1, n_k))
    # k.elu[t] = elu(k.arg[t])
    k_elu[...] = _elu(k_arg)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    np.add.reduce(k_elu, axis=2, out=tmp0)
    k_sum += tmp0
    # k.sum2[t] = 1 + k.elu2[t]
    qk_sum2[1] += 1
    # k[t] = phi(W_k @ x[t])
    np.divide(qk_sum2[1], k_sum[:, :, None], out=k)
    # v[t] = W_v @ x[t]
    np.matmul(x.reshape(-1, n_x), W_v.T, out=v.reshape(-1, n_v))
    # beta.arg[t] = w_beta @ x[t]
    np.matmul(x.reshape(-1, n_x), w_beta, out=beta_arg.reshape(-1))
    # beta[t] = sigmoid(w_beta @ x[t])
    _sigmoid(beta_arg, out=beta)
    # W[0] = 0
    W[0] = W0
    # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
    np.multiply(k[:, :, None], v[:, :, :, None], out=W[1:])
    W[1:] *= beta[:, :, None, None]
    for t in range(1, T + 1):
        # vbar[t] = W[t-1] @ k[t]
        np.matmul(W_at[t - 1], k_at[t - 1][..., None], out=vbar_at[t - 1][..., None])
        # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
        np.multiply(k_at[t - 1][:, None], vbar_at[t - 1][:, :, None], out=tmp1)
        tmp1 *= beta_at[t - 1][:, None, None]
        W_at[t] -= tmp1
        W_at[t] += W_at[t - 1]
    # r[t] = W[t] @ q[t]
    np.matmul(W[1:], q[..., None], out=r[..., None])
    # s[t] = d + V @ r[t]
    np.matmul(r.reshape(-1, n_v), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp0)
    np.subtract(yhat_lse, tmp0, out=tmp0)
    loss = tmp0.sum()
    q_sum2 = qk_sum2[0]
    k_sum2 = qk_sum2[1]
    # grad(s[t]) = softmax(s[t]) - onehot(y[t])
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=ds)
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), r[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, r.reshape(-1, n_v), out=dV)
    # grad(r[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=dr.reshape(-1, n_v))
    # grad(q[t]) = W[t].T @ grad(r[t])
    np.matmul(W[1:].transpose(0, 1, 3, 2), dr[..., None], out=dq[..., None])
    # grad(W[t]) = outer(grad(vbar[t+1]), k[t+1]) + grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
    np.multiply(dr[:, :, :, None], q[:, :, None], out=dW[1:])
    # grad(W[T]) = W.left1 + outer(grad(r[T]), q[T])
    dW[T] += W_left1
    # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
    np.multiply(k[T - 1], beta[T - 1][:, None], out=tmp3)
    np.matmul(dW[T], tmp3[..., None], out=dvbar[T - 1][..., None])
    np.negative(dvbar[T - 1], out=dvbar[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(W[t]) = outer(grad(vbar[t+1]), k[t+1]) + grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
        np.multiply(dvbar_at[t][:, :, None], k_at[t][:, None], out=tmp1)
        dW_at[t] += tmp1
        dW_at[t] += dW_at[t + 1]
        # grad(vbar[t]) = -beta[t] * (grad(W[t]) @ k[t])
        np.multiply(k_at[t - 1], beta_at[t - 1][:, None], out=tmp3)
        np.matmul(dW_at[t], tmp3[..., None], out=dvbar_at[t - 1][..., None])
        np.negative(dvbar_at[t - 1], out=dvbar_at[t - 1])
    # grad(W[t]) = outer(grad(vbar[t+1]), k[t+1]) + grad(W[t+1]) + outer(grad(r[t]), q[t]), t < T
    np.multiply(dvbar[0][:, :, None], k[0][:, None], out=dW[0])
    dW[0] += dW[1]
    # grad(v[t]) = beta[t] * (grad(W[t]) @ k[t])
    np.multiply(k, beta[:, :, None], out=tmp4)
    np.matmul(dW[1:], tmp4[..., None], out=dv[..., None])
    # grad(beta[t]) = (v[t] - vbar[t]) @ grad(W[t]) @ k[t]
    np.multiply(dW[1:].transpose(0, 1, 3, 2), k[:, :, :, None], out=tmp6)
    np.add.reduce(tmp6, axis=2, out=tmp5)
    np.subtract(v, vbar, out=tmp7)
    dbeta[...] = np.einsum("tbj,tbj->tb", tmp5, tmp7)
    # grad(k[t]) = W[t-1].T @ grad(vbar[t]) + beta[t] * (grad(W[t]).T @ (v[t] - vbar[t]))
    np.matmul(W[:T].transpose(0, 1, 3, 2), dvbar[..., None], out=dk[..., None])
    np.subtract(v, vbar, out=tmp5)
    tmp5 *= beta[:, :, None]
    np.matmul(dW[1:].transpose(0, 1, 3, 2), tmp5[..., None], out=tmp4[..., None])
    dk += tmp4
    # grad(beta.arg[t]) = beta[t] * (1 - beta[t]) * grad(beta[t])
    np.subtract(1, beta, out=dbeta_arg)
    dbeta_arg *= beta
    dbeta_arg *= dbeta
    # grad(w_beta) = sum(grad(beta.arg[t]) * x[t], t)
    np.matmul(x.reshape(-1, n_x).T, dbeta_arg.reshape(-1), out=dw_beta)
    # grad(W_v) = sum(outer(grad(v[t]), x[t]), t)
    np.matmul(dv.reshape(-1, n_v).T, x.reshape(-1, n_x), out=dW_v)
    # grad(k.sum[t]) = -(k.sum2[t] @ grad(k[t])) / k.sum[t]**2
    np.square(k_sum, out=tmp0)
    np.multiply(dk, k_sum2, out=tmp4)
    np.add.reduce(tmp4, axis=2, out=dk_sum)
    dk_sum /= tmp0
    np.negative(dk_sum, out=dk_sum)
    # grad(k.arg2[t]) = exp(minimum(k.arg2[t], 0)) * grad(k.sum2[t])
    np.minimum(k_arg2, 0, out=tmp4)
    np.exp(tmp4, out=dk_arg2)
    dk_arg2 *= dk
    dk_arg2 /= k_sum[:, :, None]
    # grad(k.arg[t]) = grad(k.sum[t]) * exp(minimum(k.arg[t], 0))
    np.minimum(k_arg, 0, out=tmp4)
    np.exp(tmp4, out=dk_arg)
    dk_arg *= dk_sum[:, :, None]
    # grad(W_k) = sum(outer(grad(k.arg[t]), x[t]) + outer(grad(k.arg2[t]), x[t]), t)
    np.matmul(dk_arg.reshape(-1, n_k).T, x.reshape(-1, n_x), out=dW_k)
    np.matmul(dk_arg2.reshape(-1, n_k).T, x.reshape(-1, n_x), out=tmp8)
    dW_k += tmp8
    # grad(q.sum[t]) = -(q.sum2[t] @ grad(q[t])) / q.sum[t]**2
    np.square(q_sum, out=tmp0)
    np.multiply(dq, q_sum2, out=tmp4)
    np.add.reduce(tmp4, axis=2, out=dq_sum)
    dq_sum /= tmp0
    np.negative(dq_sum, out=dq_sum)
    # grad(q.arg2[t]) = exp(minimum(q.arg2[t], 0)) * grad(q.sum2[t])
    np.minimum(q_arg2, 0, out=tmp4)
    np.exp(tmp4, out=dq_arg2)
    dq_arg2 *= dq
    dq_arg2 /= q_sum[:, :, None]
    # grad(q.arg[t]) = grad(q.sum[t]) * exp(minimum(q.arg[t], 0))
    np.minimum(q_arg, 0, out=tmp4)
    np.exp(tmp4, out=dq_arg)
    dq_arg *= dq_sum[:, :, None]
    # grad(W_q) = sum(outer(grad(q.arg[t]), x[t]) + outer(grad(q.arg2[t]), x[t]), t)
    np.matmul(dq_arg.reshape(-1, n_k).T, x.reshape(-1, n_x), out=dW_q)
    np.matmul(dq_arg2.reshape(-1, n_k).T, x.reshape(-1, n_x), out=tmp8)
    dW_q += tmp8
    # grad(W.0) = grad(W[0])
    dW0[...] = dW[0]
    if "x" in wrt:
        tmp_9_0 = np.empty((T, B, n_x), dtype)
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = W_k.T @ grad(k.arg[t]) + W_k.T @ grad(k.arg2[t]) + W_q.T @ grad(q.arg[t]) + W_q.T @
        #     grad(q.arg2[t]) + W_v.T @ grad(v[t]) + grad(beta.arg[t]) * w_beta
        np.multiply(dbeta_arg[:, :, None], w_beta, out=dx)
        np.matmul(dv.reshape(-1, n_v), W_v, out=tmp_9_0.reshape(-1, n_x))
        dx += tmp_9_0
        np.matmul(dk_arg.reshape(-1, n_k), W_k, out=tmp_9_0.reshape(-1, n_x))
        dx += tmp_9_0
        np.matmul(dk_arg2.reshape(-1, n_k), W_k, out=tmp_9_0.reshape(-1, n_x))
        dx += tmp_9_0
        np.matmul(dq_arg.reshape(-1, n_k), W_q, out=tmp_9_0.reshape(-1, n_x))
        dx += tmp_9_0
        np.matmul(dq_arg2.reshape(-1, n_k), W_q, out=tmp_9_0.reshape(-1, n_x))
        dx += tmp_9_0

    return loss, (dW_k, dW_q, dW_v, dw_beta, dV, dd), dW0, dx if "x" in wrt else None


def _advance(params, x, W0, T, n_x, n_k, n_v, B, dtype, workspace):
    """The state after a segment."""
    W_k, W_q, W_v, w_beta, V, d = params

    (
        tmp0, tmp1, k_arg, k_elu, k_sum, k_arg2, k_elu2, k_sum2, k, v, beta_arg, beta, W, vbar, W_at, k_at, beta_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_k, n_v, B, dtype)
    # k.arg[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg.reshape(-1, n_k))
    # k.elu[t] = elu(k.arg[t])
    k_elu[...] = _elu(k_arg)
    # k.sum[t] = n_k + sum(k.elu[t, l], l)
    k_sum[...] = n_k
    np.add.reduce(k_elu, axis=2, out=tmp0)
    k_sum += tmp0
    # k.arg2[t] = W_k @ x[t]
    np.matmul(x.reshape(-1, n_x), W_k.T, out=k_arg2.reshape(-1, n_k))
    # k.elu2[t] = elu(k.arg2[t])
    k_elu2[...] = _elu(k_arg2)
    # k.sum2[t] = 1 + k.elu2[t]
    k_sum2[...] = 1
    k_sum2 += k_elu2
    # k[t] = phi(W_k @ x[t])
    np.divide(k_sum2, k_sum[:, :, None], out=k)
    # v[t] = W_v @ x[t]
    np.matmul(x.reshape(-1, n_x), W_v.T, out=v.reshape(-1, n_v))
    # beta.arg[t] = w_beta @ x[t]
    np.matmul(x.reshape(-1, n_x), w_beta, out=beta_arg.reshape(-1))
    # beta[t] = sigmoid(w_beta @ x[t])
    _sigmoid(beta_arg, out=beta)
    # W[0] = 0
    W[0] = W0
    # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
    np.multiply(k[:, :, None], v[:, :, :, None], out=W[1:])
    W[1:] *= beta[:, :, None, None]
    for t in range(1, T + 1):
        # vbar[t] = W[t-1] @ k[t]
        np.matmul(W_at[t - 1], k_at[t - 1][..., None], out=vbar[..., None])
        # W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])
        np.multiply(vbar[:, :, None], k_at[t - 1][:, None], out=tmp1)
        tmp1 *= beta_at[t - 1][:, None, None]
        W_at[t] -= tmp1
        W_at[t] += W_at[t - 1]

    return (W[-1],)


def _loss_arrays(T, n_y, n_k, n_v, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_v, n_k), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    q_arg = np.empty((T, B, n_k), dtype)
    q_elu = q_arg
    q_sum = np.empty((T, B), dtype)
    qk_elu2 = _by_step((2, T, B, n_k), dtype)
    q_arg2 = qk_elu2[0]
    k_arg2 = qk_elu2[1]
    qk_sum2 = qk_elu2
    q = qk_sum2[0]
    k_arg = q_arg
    k_elu = k_arg
    k_sum = q_sum
    k = qk_sum2[1]
    v = np.empty((T, B, n_v), dtype)
    beta_arg = q_sum
    beta = beta_arg
    W = np.empty((T + 1, B, n_v, n_k), dtype)
    vbar = np.empty((B, n_v), dtype)
    W_at = list(W)
    k_at = list(k)
    beta_at = list(beta)
    r = v
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = q_sum
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, q_arg, q_elu, q_sum, qk_elu2, q_arg2, k_arg2, qk_sum2, q, k_arg, k_elu, k_sum, k, v, beta_arg,
        beta, W, vbar, W_at, k_at, beta_at, r, s, yhat_lse, largest, rows, flat,
    )


def _loss_and_grad_arrays(T, n_x, n_y, n_k, n_v, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_v, n_k), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    q_arg = np.empty((T, B, n_k), dtype)
    q_elu = np.empty((T, B, n_k), dtype)
    q_sum = np.empty((T, B), dtype)
    q_arg2 = q_elu
    k_arg2 = np.empty((T, B, n_k), dtype)
    qk_elu2 = _by_step((2, T, B, n_k), dtype)
    qk_sum2 = qk_elu2
    q = np.empty((T, B, n_k), dtype)
    k_arg = np.empty((T, B, n_k), dtype)
    k_elu = np.empty((T, B, n_k), dtype)
    k_sum = np.empty((T, B), dtype)
    k = k_elu
    v = np.empty((T, B, n_v), dtype)
    beta_arg = np.empty((T, B), dtype)
    beta = beta_arg
    W = np.empty((T + 1, B, n_v, n_k), dtype)
    vbar = np.empty((T, B, n_v), dtype)
    W_at = list(W)
    k_at = list(k)
    vbar_at = list(vbar)
    beta_at = list(beta)
    r = np.empty((T, B, n_v), dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp3 = np.empty((B, n_k), dtype)
    tmp4 = q
    tmp5 = np.empty((T, B, n_v), dtype)
    tmp6 = np.empty((T, B, n_k, n_v), dtype)
    tmp7 = np.empty((T, B, n_v), dtype)
    tmp8 = np.empty((n_k, n_x), dtype)
    ds = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_v), dtype)
    dr = r
    dq = np.empty((T, B, n_k), dtype)
    dW = np.empty((T + 1, B, n_v, n_k), dtype)
    dvbar = r
    dvbar_at = list(dvbar)
    dW_at = list(dW)
    dv = np.empty((T, B, n_v), dtype)
    dbeta = yhat_lse
    dk = np.empty((T, B, n_k), dtype)
    dbeta_arg = np.empty((T, B), dtype)
    dw_beta = np.empty((n_x,), dtype)
    dW_v = np.empty((n_v, n_x), dtype)
    dk_sum = yhat_lse
    dk_arg2 = k_arg2
    dk_arg = k_arg
    dW_k = np.empty((n_k, n_x), dtype)
    dq_sum = yhat_lse
    dq_arg2 = q_elu
    dq_arg = q_arg
    dW_q = np.empty((n_k, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, q_arg, q_elu, q_sum, q_arg2, k_arg2, qk_elu2, qk_sum2, q, k_arg, k_elu, k_sum, k, v, beta_arg,
        beta, W, vbar, W_at, k_at, vbar_at, beta_at, r, s, yhat_lse, largest, yhat, rows, flat, tmp3, tmp4, tmp5, tmp6,
        tmp7, tmp8, ds, entries, dd, dV, dr, dq, dW, dvbar, dvbar_at, dW_at, dv, dbeta, dk, dbeta_arg, dw_beta, dW_v,
        dk_sum, dk_arg2, dk_arg, dW_k, dq_sum, dq_arg2, dq_arg, dW_q,
    )


def _loss_padded_arrays(T, n_y, n_k, n_v, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_v, n_k), dtype)
    tmp2 = np.empty((B, n_v), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    q_arg = np.empty((T, B, n_k), dtype)
    q_elu = q_arg
    q_sum = np.empty((T, B), dtype)
    qk_elu2 = _by_step((2, T, B, n_k), dtype)
    q_arg2 = qk_elu2[0]
    k_arg2 = qk_elu2[1]
    qk_sum2 = qk_elu2
    q = qk_sum2[0]
    k_arg = q_arg
    k_elu = k_arg
    k_sum = q_sum
    k = qk_sum2[1]
    v = np.empty((T, B, n_v), dtype)
    beta_arg = q_sum
    beta = beta_arg
    W = np.empty((T + 1, B, n_v, n_k), dtype)
    vbar = np.empty((B, n_v), dtype)
    W_at = list(W)
    k_at = list(k)
    v_at = list(v)
    beta_at = list(beta)
    r = v
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = q_sum
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, q_arg, q_elu, q_sum, qk_elu2, q_arg2, k_arg2, qk_sum2, q, k_arg,
        k_elu, k_sum, k, v, beta_arg, beta, W, vbar, W_at, k_at, v_at, beta_at, r, s, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_k, n_v, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_v, n_k), dtype)
    tmp2 = np.empty((B, n_v), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    q_arg = np.empty((T, B, n_k), dtype)
    q_elu = np.empty((T, B, n_k), dtype)
    q_sum = np.empty((T, B), dtype)
    q_arg2 = q_elu
    k_arg2 = np.empty((T, B, n_k), dtype)
    qk_elu2 = _by_step((2, T, B, n_k), dtype)
    qk_sum2 = qk_elu2
    q = np.empty((T, B, n_k), dtype)
    k_arg = np.empty((T, B, n_k), dtype)
    k_elu = np.empty((T, B, n_k), dtype)
    k_sum = np.empty((T, B), dtype)
    k = k_elu
    v = np.empty((T, B, n_v), dtype)
    beta_arg = np.empty((T, B), dtype)
    beta = beta_arg
    W = np.empty((T + 1, B, n_v, n_k), dtype)
    vbar = np.empty((T, B, n_v), dtype)
    W_at = list(W)
    k_at = list(k)
    vbar_at = list(vbar)
    v_at = list(v)
    beta_at = list(beta)
    r = np.empty((T, B, n_v), dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp7 = np.empty((B, n_k), dtype)
    tmp8 = q
    tmp9 = np.empty((T, B, n_v), dtype)
    tmp10 = np.empty((T, B, n_k, n_v), dtype)
    tmp11 = np.empty((T, B, n_v), dtype)
    tmp12 = np.empty((n_k, n_x), dtype)
    ds = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_v), dtype)
    dr = r
    dq = np.empty((T, B, n_k), dtype)
    dW = np.empty((T + 1, B, n_v, n_k), dtype)
    dvbar = r
    dW_at = list(dW)
    dvbar_at = list(dvbar)
    dv = np.empty((T, B, n_v), dtype)
    dbeta = yhat_lse
    dk = np.empty((T, B, n_k), dtype)
    dbeta_arg = np.empty((T, B), dtype)
    dw_beta = np.empty((n_x,), dtype)
    dW_v = np.empty((n_v, n_x), dtype)
    dk_sum = yhat_lse
    dk_arg2 = k_arg2
    dk_arg = k_arg
    dW_k = np.empty((n_k, n_x), dtype)
    dq_sum = yhat_lse
    dq_arg2 = q_elu
    dq_arg = q_arg
    dW_q = np.empty((n_k, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, q_arg, q_elu, q_sum, q_arg2, k_arg2, qk_elu2, qk_sum2, q, k_arg,
        k_elu, k_sum, k, v, beta_arg, beta, W, vbar, W_at, k_at, vbar_at, v_at, beta_at, r, s, yhat_lse, largest, yhat,
        tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, ds, rows, flat, entries, dd, dV, dr, dq, dW, dvbar, dW_at, dvbar_at, dv,
        dbeta, dk, dbeta_arg, dw_beta, dW_v, dk_sum, dk_arg2, dk_arg, dW_k, dq_sum, dq_arg2, dq_arg, dW_q,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_k, n_v, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    W0_kept = np.empty((count, B, n_v, n_k), dtype)
    W_left1 = np.empty((B, n_v, n_k), dtype)
    dW_k = np.empty((n_k, n_x), dtype)
    dW_q = np.empty((n_k, n_x), dtype)
    dW_v = np.empty((n_v, n_x), dtype)
    dw_beta = np.empty((n_x,), dtype)
    dV = np.empty((n_y, n_v), dtype)
    dd = np.empty((n_y,), dtype)
    return W0_kept, W_left1, dW_k, dW_q, dW_v, dw_beta, dV, dd


def _segment_arrays(T, n_x, n_y, n_k, n_v, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_v, n_k), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    q_arg = np.empty((T, B, n_k), dtype)
    q_elu = np.empty((T, B, n_k), dtype)
    q_sum = np.empty((T, B), dtype)
    q_arg2 = q_elu
    k_arg2 = np.empty((T, B, n_k), dtype)
    qk_elu2 = _by_step((2, T, B, n_k), dtype)
    qk_sum2 = qk_elu2
    q = np.empty((T, B, n_k), dtype)
    k_arg = np.empty((T, B, n_k), dtype)
    k_elu = np.empty((T, B, n_k), dtype)
    k_sum = np.empty((T, B), dtype)
    k = k_elu
    v = np.empty((T, B, n_v), dtype)
    beta_arg = np.empty((T, B), dtype)
    beta = beta_arg
    W = np.empty((T + 1, B, n_v, n_k), dtype)
    vbar = np.empty((T, B, n_v), dtype)
    W_at = list(W)
    k_at = list(k)
    vbar_at = list(vbar)
    beta_at = list(beta)
    r = np.empty((T, B, n_v), dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp3 = np.empty((B, n_k), dtype)
    tmp4 = q
    tmp5 = np.empty((T, B, n_v), dtype)
    tmp6 = np.empty((T, B, n_k, n_v), dtype)
    tmp7 = np.empty((T, B, n_v), dtype)
    tmp8 = np.empty((n_k, n_x), dtype)
    ds = s
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_v), dtype)
    dr = r
    dq = np.empty((T, B, n_k), dtype)
    dW = np.empty((T + 1, B, n_v, n_k), dtype)
    dvbar = r
    dvbar_at = list(dvbar)
    dW_at = list(dW)
    dv = np.empty((T, B, n_v), dtype)
    dbeta = yhat_lse
    dk = k_elu
    dbeta_arg = np.empty((T, B), dtype)
    dw_beta = np.empty((n_x,), dtype)
    dW_v = np.empty((n_v, n_x), dtype)
    dk_sum = yhat_lse
    dk_arg2 = k_arg2
    dk_arg = k_arg
    dW_k = np.empty((n_k, n_x), dtype)
    dq_sum = yhat_lse
    dq_arg2 = q_elu
    dq_arg = q_arg
    dW_q = np.empty((n_k, n_x), dtype)
    dW0 = tmp1
    return (
        tmp0, tmp1, tmp2, q_arg, q_elu, q_sum, q_arg2, k_arg2, qk_elu2, qk_sum2, q, k_arg, k_elu, k_sum, k, v, beta_arg,
        beta, W, vbar, W_at, k_at, vbar_at, beta_at, r, s, yhat_lse, largest, rows, flat, tmp3, tmp4, tmp5, tmp6, tmp7,
        tmp8, ds, entries, dd, dV, dr, dq, dW, dvbar, dvbar_at, dW_at, dv, dbeta, dk, dbeta_arg, dw_beta, dW_v, dk_sum,
        dk_arg2, dk_arg, dW_k, dq_sum, dq_arg2, dq_arg, dW_q, dW0,
    )


def _advance_arrays(T, n_k, n_v, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_v, n_k), dtype)
    k_arg = np.empty((T, B, n_k), dtype)
    k_elu = k_arg
    k_sum = np.empty((T, B), dtype)
    k_arg2 = k_arg
    k_elu2 = k_arg2
    k_sum2 = np.empty((T, B, n_k), dtype)
    k = k_sum2
    v = np.empty((T, B, n_v), dtype)
    beta_arg = k_sum
    beta = beta_arg
    W = np.empty((T + 1, B, n_v, n_k), dtype)
    vbar = np.empty((B, n_v), dtype)
    W_at = list(W)
    k_at = list(k)
    beta_at = list(beta)
    return tmp0, tmp1, k_arg, k_elu, k_sum, k_arg2, k_elu2, k_sum2, k, v, beta_arg, beta, W, vbar, W_at, k_at, beta_at


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


def _add_each(totals, parts):
    """Adds arrays to others, each to its own."""
    for total, part in zip(totals, parts, strict=True):
        np.add(total, part, out=total)


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


def _resumed(state, fields, starts):
    """The starts that a state holds."""
    state = _as_state(state)
    for keyword, given in starts:
        if given is not None:
            raise ValueError(f"{keyword}: given, and so is state; only one can say how the sequence begins")
    return [getattr(state, field) for field in fields]


def _segment_ends(checkpoint, steps, least):
    """Where segments of steps end, 0 before them; True makes about as many segments as each has steps."""
    each = int(np.ceil(np.sqrt(steps))) if checkpoint is True else _size("checkpoint", checkpoint)
    starts = list(range(0, steps, max(each, least)))
    if len(starts) > 1 and steps - starts[-1] < least:
        starts.pop()
    return [*starts, steps]


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
