# Written by derive from gated_linear_attention.eq; do not edit.
# Change gated_linear_attention.eq instead, and run: derive generate gated_linear_attention
# source da951c1cc6bddb8d, derive 07e8f9d843407be1, body 9334537ae8b7e7d5
"""Gated linear attention: each row of the matrix state is forgotten by a gate that the input sets.

Yang, Wang, Shen, Panda & Kim (2024), Gated Linear Attention Transformers with Hardware-Efficient Training, section 4.

The equations::

    x: Input[T, n_x]                # what is read at each step
    y: Label[T, n_y]                # the class to predict at each step
    W_Q, W_K = Param[n_k, n_x]      # input to queries and keys
    W_V: Param[n_v, n_x]            # input to values
    W_a: Param[n_k, n_x]            # input to forget gate
    W_r: Param[n_v, n_x]            # input to output gate
    b_a: Param[n_k]                 # biases of the gates
    b_r: Param[n_v]
    tau: Const = 16                 # temperature of the forget gate: near 1
    V: Param[n_y, n_v]              # attention to output
    d: Param[n_y]                   # output bias

    S[0] = 0
    q[t] = W_Q @ x[t]                                                   # query
    k[t] = W_K @ x[t]                                                   # key
    v[t] = W_V @ x[t]                                                   # value
    alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)                     # forget gate
    S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]         # memory
    o[t] = S[t].T @ q[t]
    a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)   # normalised and gated
    s[t] = d + V @ a[t]                                                 # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    W_Q: np.ndarray  # (n_k, n_x)  input to queries and keys
    W_K: np.ndarray  # (n_k, n_x)  input to queries and keys
    W_V: np.ndarray  # (n_v, n_x)  input to values
    W_a: np.ndarray  # (n_k, n_x)  input to forget gate
    W_r: np.ndarray  # (n_v, n_x)  input to output gate
    b_a: np.ndarray  # (n_k)  biases of the gates
    b_r: np.ndarray  # (n_v)
    V: np.ndarray  # (n_y, n_v)  attention to output
    d: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    q: np.ndarray  # (T, B, n_k)  query
    k: np.ndarray  # (T, B, n_k)  key
    v: np.ndarray  # (T, B, n_v)  value
    alpha: np.ndarray  # (T, B, n_k)  forget gate
    S: np.ndarray  # (T + 1, B, n_k, n_v)  memory
    o: np.ndarray  # (T, B, n_v)
    a: np.ndarray  # (T, B, n_v)  normalised and gated
    s: np.ndarray  # (T, B, n_y)  logits
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    S: np.ndarray  # (B, n_k, n_v)  memory


class Outputs(NamedTuple):
    """The variables at one step."""

    q: np.ndarray  # (B, n_k)  query
    k: np.ndarray  # (B, n_k)  key
    v: np.ndarray  # (B, n_v)  value
    alpha: np.ndarray  # (B, n_k)  forget gate
    S: np.ndarray  # (B, n_k, n_v)  memory
    o: np.ndarray  # (B, n_v)
    a: np.ndarray  # (B, n_v)  normalised and gated
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
        W_Q=(rng.standard_normal((n_k, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_K=(rng.standard_normal((n_k, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_V=(rng.standard_normal((n_v, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_a=(rng.standard_normal((n_k, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_r=(rng.standard_normal((n_v, n_x)) / np.sqrt(n_x)).astype(dtype),
        b_a=np.zeros((n_k,), dtype),
        b_r=np.zeros((n_v,), dtype),
        V=(rng.standard_normal((n_y, n_v)) / np.sqrt(n_v)).astype(dtype),
        d=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    tau: float = 16.0,
    S0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)    real        what is read at each step
    y        (T, B)         0..n_y - 1  the class to predict at each step
    tau      number         real        temperature of the forget gate: near 1
    S0       (B, n_k, n_v)  real        S[0]; 0 where not given
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths  (B,)           1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        (S0,) = _resumed(state, ("S",), (("S0", S0),))
    if lengths is not None:
        return _forward_padded(params, x, y, tau, S0, lengths)
    params, x, y, tau, S0, dtype, single, n_k, n_x, n_v, n_y, T, B = _arguments(params, x, y, tau, S0)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params

    tmp0 = np.empty((B, n_k, n_v), dtype)
    tmp1 = np.empty((T, B, n_v), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    W_QKa = np.stack((W_Q, W_K, W_a))
    W_Vr = np.stack((W_V, W_r))
    q_k_alpha_arg = np.empty((3, T, B, n_k), dtype)
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    np.matmul(x.reshape(-1, n_x), W_QKa.transpose(0, 2, 1), out=q_k_alpha_arg.reshape(3, -1, n_k))
    v_a_arg2 = np.empty((2, T, B, n_v), dtype)
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    np.matmul(x.reshape(-1, n_x), W_Vr.transpose(0, 2, 1), out=v_a_arg2.reshape(2, -1, n_v))
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg[2] += b_a
    alpha_arg2 = np.empty((T, B, n_k), dtype)
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    _sigmoid(q_k_alpha_arg[2], out=alpha_arg2)
    alpha = np.empty((T, B, n_k), dtype)
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha[...] = alpha_arg2 ** (1 / tau)
    S = np.empty((T + 1, B, n_k, n_v), dtype)
    # S[0] = 0
    S[0] = S0
    # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
    np.multiply(q_k_alpha_arg[1][:, :, :, None], v_a_arg2[0][:, :, None], out=S[1:])
    S_at = list(S)
    alpha_at = list(alpha)
    for t in range(1, T + 1):
        # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
        np.multiply(S_at[t - 1], alpha_at[t - 1][:, :, None], out=tmp0)
        S_at[t] += tmp0
    o = np.empty((T, B, n_v), dtype)
    # o[t] = S[t].T @ q[t]
    np.matmul(S[1:].transpose(0, 1, 3, 2), q_k_alpha_arg[0][..., None], out=o[..., None])
    a_arg = np.empty((T, B), dtype)
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    np.square(o, out=tmp1)
    np.add.reduce(tmp1, axis=2, out=a_arg)
    a_arg *= 1 / n_v
    a_arg += 1e-05
    a_sqrt = np.empty((T, B), dtype)
    # a.sqrt[t] = sqrt(a.arg[t])
    np.sqrt(a_arg, out=a_sqrt)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2[1] += b_r
    a_silu = np.empty((T, B, n_v), dtype)
    # a.silu[t] = silu(a.arg2[t])
    a_silu[...] = _silu(v_a_arg2[1])
    a = np.empty((T, B, n_v), dtype)
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    np.multiply(a_silu, o, out=a)
    a /= a_sqrt[:, :, None]
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ a[t]
    np.matmul(a.reshape(-1, n_v), V.T, out=s.reshape(-1, n_y))
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
    q = q_k_alpha_arg[0]
    k = q_k_alpha_arg[1]
    v = v_a_arg2[0]

    if single:
        q = q[:, 0]
        k = k[:, 0]
        v = v[:, 0]
        alpha = alpha[:, 0]
        S = S[:, 0]
        o = o[:, 0]
        a = a[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(
        q=q, k=k, v=v, alpha=alpha, S=S, o=o, a=a, s=s, yhat=yhat, loss=None if loss is None else float(loss)
    )


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    tau: float = 16.0,
    S0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)    real        what is read at each step
    y          (T, B)         0..n_y - 1  the class to predict at each step
    tau        number         real        temperature of the forget gate: near 1
    S0         (B, n_k, n_v)  real        S[0]; 0 where not given
    workspace                 Workspace   its arrays are used, and hold the results until its next call
    state                     State       what an earlier piece left, from last_state or step: the sequence goes on from
                                          there
    lengths    (B,)           1..T        each example's own number of steps, what is given beyond is not read; all
                                          where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (S0,) = _resumed(state, ("S",), (("S0", S0),))
    if lengths is not None:
        return _loss_padded(params, x, y, tau, S0, lengths, workspace)
    params, x, y, tau, S0, dtype, single, n_k, n_x, n_v, n_y, T, B = _arguments(params, x, y, tau, S0, whole=True)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, W_QKa, W_Vr, q_k_alpha_arg, v_a_arg2, alpha_arg2, alpha, S, S_at, alpha_at, o, a_arg,
        a_sqrt, a_silu, a, s, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_x, n_y, n_k, n_v, B, dtype)
    np.stack((W_Q, W_K, W_a), out=W_QKa)
    np.stack((W_V, W_r), out=W_Vr)
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    np.matmul(x.reshape(-1, n_x), W_QKa.transpose(0, 2, 1), out=q_k_alpha_arg.reshape(3, -1, n_k))
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    np.matmul(x.reshape(-1, n_x), W_Vr.transpose(0, 2, 1), out=v_a_arg2.reshape(2, -1, n_v))
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg[2] += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    _sigmoid(q_k_alpha_arg[2], out=alpha_arg2)
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha[...] = alpha_arg2 ** (1 / tau)
    # S[0] = 0
    S[0] = S0
    # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
    np.multiply(q_k_alpha_arg[1][:, :, :, None], v_a_arg2[0][:, :, None], out=S[1:])
    for t in range(1, T + 1):
        # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
        np.multiply(S_at[t - 1], alpha_at[t - 1][:, :, None], out=tmp0)
        S_at[t] += tmp0
    # o[t] = S[t].T @ q[t]
    np.matmul(S[1:].transpose(0, 1, 3, 2), q_k_alpha_arg[0][..., None], out=o[..., None])
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    np.square(o, out=tmp1)
    np.add.reduce(tmp1, axis=2, out=a_arg)
    a_arg *= 1 / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    np.sqrt(a_arg, out=a_sqrt)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2[1] += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu[...] = _silu(v_a_arg2[1])
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    np.multiply(a_silu, o, out=a)
    a /= a_sqrt[:, :, None]
    # s[t] = d + V @ a[t]
    np.matmul(a.reshape(-1, n_v), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    tau: float = 16.0,
    S0: np.ndarray | None = None,
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
    tau         number         real                       temperature of the forget gate: near 1
    S0          (B, n_k, n_v)  real                       S[0]; 0 where not given
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
        (S0,) = _resumed(state, ("S",), (("S0", S0),))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, tau, S0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, tau, S0, lengths, wrt, workspace, window)
    params, x, y, tau, S0, dtype, single, n_k, n_x, n_v, n_y, T, B = _arguments(params, x, y, tau, S0, whole=True)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params
    wrt = _asked(wrt, ("x", "S0"))

    (
        tmp0, tmp1, tmp2, tmp3, W_QKa, W_Vr, q_k_alpha_arg, v_a_arg2, alpha_arg2, alpha, S, S_at, alpha_at, o, a_arg,
        a_sqrt, a_silu, a, s, yhat_lse, largest, yhat, rows, flat, tmp4, ds, entries, dd, dV, da, da_sqrt, do,
        dv_a_arg2, db_r, dS, dS_at, dW_Vr, dalpha, dq_k_alpha_arg, db_a, dW_QKa,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_k, n_v, B, dtype)
    np.stack((W_Q, W_K, W_a), out=W_QKa)
    np.stack((W_V, W_r), out=W_Vr)
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    np.matmul(x.reshape(-1, n_x), W_QKa.transpose(0, 2, 1), out=q_k_alpha_arg.reshape(3, -1, n_k))
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    np.matmul(x.reshape(-1, n_x), W_Vr.transpose(0, 2, 1), out=v_a_arg2.reshape(2, -1, n_v))
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg[2] += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    _sigmoid(q_k_alpha_arg[2], out=alpha_arg2)
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha[...] = alpha_arg2 ** (1 / tau)
    # S[0] = 0
    S[0] = S0
    # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
    np.multiply(q_k_alpha_arg[1][:, :, :, None], v_a_arg2[0][:, :, None], out=S[1:])
    for t in range(1, T + 1):
        # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
        np.multiply(S_at[t - 1], alpha_at[t - 1][:, :, None], out=tmp0)
        S_at[t] += tmp0
    # o[t] = S[t].T @ q[t]
    np.matmul(S[1:].transpose(0, 1, 3, 2), q_k_alpha_arg[0][..., None], out=o[..., None])
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    np.square(o, out=tmp1)
    np.add.reduce(tmp1, axis=2, out=a_arg)
    a_arg *= 1 / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    np.sqrt(a_arg, out=a_sqrt)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2[1] += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu[...] = _silu(v_a_arg2[1])
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    np.multiply(a_silu, o, out=a)
    a /= a_sqrt[:, :, None]
    # s[t] = d + V @ a[t]
    np.matmul(a.reshape(-1, n_v), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    q = q_k_alpha_arg[0]
    k = q_k_alpha_arg[1]
    v = v_a_arg2[0]
    a_arg2 = v_a_arg2[1]
    # grad(s[t]) = yhat[t] - onehot(y[t])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), a[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, a.reshape(-1, n_v), out=dV)
    # grad(a[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=da.reshape(-1, n_v))
    # grad(a.sqrt[t]) = -sum(o[t] * a.silu[t] * grad(a[t])) / a.sqrt[t]**2
    np.square(a_sqrt, out=tmp3)
    np.multiply(a_silu, da, out=tmp1)
    tmp1 *= o
    np.add.reduce(tmp1, axis=2, out=da_sqrt)
    da_sqrt /= tmp3
    np.negative(da_sqrt, out=da_sqrt)
    # grad(o[t]) = 2 * grad(a.arg[t]) * o[t] / n_v + a.silu[t] * grad(a[t]) / a.sqrt[t]
    np.multiply(a_silu, da, out=do)
    do /= a_sqrt[:, :, None]
    np.multiply(o, da_sqrt[:, :, None], out=tmp1)
    tmp1 *= 1 / n_v
    tmp1 /= a_sqrt[:, :, None]
    do += tmp1
    # grad(a.arg2[t]) = (1 + a.arg2[t] * (1 - sigmoid(a.arg2[t]))) * sigmoid(a.arg2[t]) * grad(a.silu[t])
    _sigmoid(a_arg2, out=tmp1)
    _sigmoid(a_arg2, out=dv_a_arg2[1])
    np.subtract(1, dv_a_arg2[1], out=dv_a_arg2[1])
    dv_a_arg2[1] *= a_arg2
    dv_a_arg2[1] += 1
    dv_a_arg2[1] *= tmp1
    dv_a_arg2[1] *= da
    dv_a_arg2[1] *= o
    dv_a_arg2[1] /= a_sqrt[:, :, None]
    # grad(b_r) = sum(grad(a.arg2[t]), t)
    np.add.reduce(dv_a_arg2[1], axis=(0, 1), out=db_r)
    # grad(S[t]) = diag(alpha[t+1]) @ grad(S[t+1]) + outer(q[t], grad(o[t])), t < T
    np.multiply(do[:, :, None], q[:, :, :, None], out=dS[1:])
    for t in range(T - 1, 0, -1):
        # grad(S[t]) = diag(alpha[t+1]) @ grad(S[t+1]) + outer(q[t], grad(o[t])), t < T
        np.multiply(dS_at[t + 1], alpha_at[t][:, :, None], out=tmp0)
        dS_at[t] += tmp0
    # grad(v[t]) = grad(S[t]).T @ k[t]
    np.matmul(dS[1:].transpose(0, 1, 3, 2), k[..., None], out=dv_a_arg2[0][..., None])
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(a.arg2[t]), x[t]), t)
    np.matmul(dv_a_arg2.reshape(2, -1, n_v).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_Vr)
    # grad(alpha[t, i]) = sum(S[t-1, i, j] * grad(S[t, i, j]), j)
    dalpha[...] = np.einsum("tbij,tbij->tbi", S[:T], dS[1:])
    # grad(alpha.arg[t]) = alpha.arg2[t] * (1 - alpha.arg2[t]) * grad(alpha.arg2[t])
    tmp4[...] = alpha_arg2 ** (1 / tau - 1)
    np.subtract(1, alpha_arg2, out=dq_k_alpha_arg[2])
    dq_k_alpha_arg[2] *= tmp4
    dq_k_alpha_arg[2] *= alpha_arg2
    dq_k_alpha_arg[2] *= dalpha
    dq_k_alpha_arg[2] /= tau
    # grad(b_a) = sum(grad(alpha.arg[t]), t)
    np.add.reduce(dq_k_alpha_arg[2], axis=(0, 1), out=db_a)
    # grad(q[t]) = S[t] @ grad(o[t])
    np.matmul(S[1:], do[..., None], out=dq_k_alpha_arg[0][..., None])
    # grad(k[t]) = grad(S[t]) @ v[t]
    np.matmul(dS[1:], v[..., None], out=dq_k_alpha_arg[1][..., None])
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    # grad(W_a) = sum(outer(grad(alpha.arg[t]), x[t]), t)
    np.matmul(dq_k_alpha_arg.reshape(3, -1, n_k).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_QKa)
    if "x" in wrt:
        tmp_5_0 = np.empty((T, B, n_x), dtype)
        dx = np.empty((T, B, n_x), dtype)
        product = np.empty((2, T * B, n_x), dtype)
        # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + W_a.T @
        #     grad(alpha.arg[t]) + W_r.T @ grad(a.arg2[t])
        np.matmul(dv_a_arg2.reshape(2, -1, n_v), W_Vr, out=product)
        np.add.reduce(product, axis=0, out=dx.reshape(-1, n_x))
        product2 = np.empty((3, T * B, n_x), dtype)
        np.matmul(dq_k_alpha_arg.reshape(3, -1, n_k), W_QKa, out=product2)
        np.add.reduce(product2, axis=0, out=tmp_5_0.reshape(-1, n_x))
        dx += tmp_5_0
    if "S0" in wrt:
        # grad(S[t]) = diag(alpha[t+1]) @ grad(S[t+1]) + outer(q[t], grad(o[t])), t < T
        np.multiply(dS[1:2], alpha[:1][:, :, :, None], out=dS[:1])
        dS0 = np.empty((B, n_k, n_v), dtype)
        # grad(S.0) = grad(S[0])
        dS0[...] = dS[0]
    dW_Q = dW_QKa[0]
    dW_K = dW_QKa[1]
    dW_a = dW_QKa[2]
    dW_V = dW_Vr[0]
    dW_r = dW_Vr[1]

    gradient = Params(W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_a=dW_a, W_r=dW_r, b_a=db_a, b_r=db_r, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "S0" in wrt:
        result["S0"] = dS0[0] if single else dS0
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    x: np.ndarray,
    y: np.ndarray,
    tau: float = 16.0,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    x        (T, B, n_x)  real               what is read at each step
    y        (T, B)       0..n_y - 1         the class to predict at each step
    tau      number       real               temperature of the forget gate: near 1
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, tau, lengths, window)
    (
        params, x, y, tau, q, k, v, alpha, S, o, a, yhat, dtype, single, n_k, n_x, n_v, n_y, T, B,
    ) = _backward_arguments(params, forward, x, y, tau)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params

    tmp0 = np.empty((T, B, n_v), dtype)
    alpha_arg = np.empty((T, B, n_k), dtype)
    # alpha.arg[t] = W_a @ x[t] + b_a
    np.matmul(x.reshape(-1, n_x), W_a.T, out=alpha_arg.reshape(-1, n_k))
    alpha_arg += b_a
    alpha_arg2 = np.empty((T, B, n_k), dtype)
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    _sigmoid(alpha_arg, out=alpha_arg2)
    a_arg = np.empty((T, B), dtype)
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    np.square(o, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=a_arg)
    a_arg *= 1 / n_v
    a_arg += 1e-05
    a_sqrt = np.empty((T, B), dtype)
    # a.sqrt[t] = sqrt(a.arg[t])
    np.sqrt(a_arg, out=a_sqrt)
    a_arg2 = np.empty((T, B, n_v), dtype)
    # a.arg2[t] = W_r @ x[t] + b_r
    np.matmul(x.reshape(-1, n_x), W_r.T, out=a_arg2.reshape(-1, n_v))
    a_arg2 += b_r
    a_silu = np.empty((T, B, n_v), dtype)
    # a.silu[t] = silu(a.arg2[t])
    a_silu[...] = _silu(a_arg2)
    tmp1 = np.empty((T, B), dtype)
    tmp2 = np.empty((B, n_k, n_v), dtype)
    tmp3 = np.empty((T, B, n_k), dtype)
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
    # grad(V) = sum(outer(grad(s[t]), a[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, a.reshape(-1, n_v), out=dV)
    da = np.empty((T, B, n_v), dtype)
    # grad(a[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=da.reshape(-1, n_v))
    da_sqrt = np.empty((T, B), dtype)
    # grad(a.sqrt[t]) = -sum(o[t] * a.silu[t] * grad(a[t])) / a.sqrt[t]**2
    np.square(a_sqrt, out=tmp1)
    np.multiply(a_silu, da, out=tmp0)
    tmp0 *= o
    np.add.reduce(tmp0, axis=2, out=da_sqrt)
    da_sqrt /= tmp1
    np.negative(da_sqrt, out=da_sqrt)
    do = np.empty((T, B, n_v), dtype)
    # grad(o[t]) = 2 * grad(a.arg[t]) * o[t] / n_v + a.silu[t] * grad(a[t]) / a.sqrt[t]
    np.multiply(a_silu, da, out=do)
    do /= a_sqrt[:, :, None]
    np.multiply(o, da_sqrt[:, :, None], out=tmp0)
    tmp0 *= 1 / n_v
    tmp0 /= a_sqrt[:, :, None]
    do += tmp0
    dv_a_arg2 = np.empty((2, T, B, n_v), dtype)
    # grad(a.arg2[t]) = (1 + a.arg2[t] * (1 - sigmoid(a.arg2[t]))) * sigmoid(a.arg2[t]) * grad(a.silu[t])
    _sigmoid(a_arg2, out=tmp0)
    _sigmoid(a_arg2, out=dv_a_arg2[1])
    np.subtract(1, dv_a_arg2[1], out=dv_a_arg2[1])
    dv_a_arg2[1] *= a_arg2
    dv_a_arg2[1] += 1
    dv_a_arg2[1] *= tmp0
    dv_a_arg2[1] *= da
    dv_a_arg2[1] *= o
    dv_a_arg2[1] /= a_sqrt[:, :, None]
    db_r = np.empty((n_v,), dtype)
    # grad(b_r) = sum(grad(a.arg2[t]), t)
    np.add.reduce(dv_a_arg2[1], axis=(0, 1), out=db_r)
    dS = np.empty((T, B, n_k, n_v), dtype)
    # grad(S[t]) = diag(alpha[t+1]) @ grad(S[t+1]) + outer(q[t], grad(o[t])), t < T
    np.multiply(do[:, :, None], q[:, :, :, None], out=dS)
    dS_at = list(dS)
    for t in range(T - 1, 0, -1):
        # grad(S[t]) = diag(alpha[t+1]) @ grad(S[t+1]) + outer(q[t], grad(o[t])), t < T
        np.multiply(dS_at[t], alpha[t][:, :, None], out=tmp2)
        dS_at[t - 1] += tmp2
    # grad(v[t]) = grad(S[t]).T @ k[t]
    np.matmul(dS.transpose(0, 1, 3, 2), k[..., None], out=dv_a_arg2[0][..., None])
    dW_Vr = np.empty((2, n_v, n_x), dtype)
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(a.arg2[t]), x[t]), t)
    np.matmul(dv_a_arg2.reshape(2, -1, n_v).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_Vr)
    dalpha = np.empty((T, B, n_k), dtype)
    # grad(alpha[t, i]) = sum(S[t-1, i, j] * grad(S[t, i, j]), j)
    dalpha[...] = np.einsum("tbij,tbij->tbi", S[:T], dS)
    dq_k_alpha_arg = np.empty((3, T, B, n_k), dtype)
    # grad(alpha.arg[t]) = alpha.arg2[t] * (1 - alpha.arg2[t]) * grad(alpha.arg2[t])
    tmp3[...] = alpha_arg2 ** (1 / tau - 1)
    np.subtract(1, alpha_arg2, out=dq_k_alpha_arg[2])
    dq_k_alpha_arg[2] *= tmp3
    dq_k_alpha_arg[2] *= alpha_arg2
    dq_k_alpha_arg[2] *= dalpha
    dq_k_alpha_arg[2] /= tau
    db_a = np.empty((n_k,), dtype)
    # grad(b_a) = sum(grad(alpha.arg[t]), t)
    np.add.reduce(dq_k_alpha_arg[2], axis=(0, 1), out=db_a)
    # grad(q[t]) = S[t] @ grad(o[t])
    np.matmul(S[1:], do[..., None], out=dq_k_alpha_arg[0][..., None])
    # grad(k[t]) = grad(S[t]) @ v[t]
    np.matmul(dS, v[..., None], out=dq_k_alpha_arg[1][..., None])
    dW_QKa = np.empty((3, n_k, n_x), dtype)
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    # grad(W_a) = sum(outer(grad(alpha.arg[t]), x[t]), t)
    np.matmul(dq_k_alpha_arg.reshape(3, -1, n_k).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_QKa)
    dW_Q = dW_QKa[0]
    dW_K = dW_QKa[1]
    dW_a = dW_QKa[2]
    dW_V = dW_Vr[0]
    dW_r = dW_Vr[1]

    return Params(W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_a=dW_a, W_r=dW_r, b_a=db_a, b_r=db_r, V=dV, d=dd)


def init_state(params: Params, *, S0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    S0  (B, n_k, n_v)  real  S[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, S0, dtype, single, n_k, n_x, n_v, n_y, B = _initial_arguments(params, S0, batch)

    # S[0] = 0
    S_prev = S0.copy()

    if single:
        S_prev = S_prev[0]
    return State(S=S_prev)


def step(params: Params, state: State, *, x: np.ndarray, tau: float = 16.0) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x    (B, n_x)  real  what is read at each step
    tau  number    real  temperature of the forget gate: near 1

    Data without the axis B are one example.
    """
    params, x, tau, S_prev, dtype, single, n_k, n_x, n_v, n_y, B = _step_arguments(params, state, x, tau)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params

    W_QKa = np.stack((W_Q, W_K, W_a))
    W_Vr = np.stack((W_V, W_r))
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg = x @ W_QKa.transpose(0, 2, 1)
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2 = x @ W_Vr.transpose(0, 2, 1)
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg[2] += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    alpha_arg2 = _sigmoid(q_k_alpha_arg[2])
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha = alpha_arg2 ** (1 / tau)
    # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
    S = S_prev * alpha[:, :, None]
    S += q_k_alpha_arg[1][:, :, None] * v_a_arg2[0][:, None]
    # o[t] = S[t].T @ q[t]
    o = (S.transpose(0, 2, 1) @ q_k_alpha_arg[0][..., None])[..., 0]
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    a_arg = (o**2).sum(axis=1) / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    a_sqrt = np.sqrt(a_arg)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2[1] += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu = _silu(v_a_arg2[1])
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    a = (1 / a_sqrt)[:, None] * a_silu * o
    # s[t] = d + V @ a[t]
    s = a @ V.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])
    q = q_k_alpha_arg[0]
    k = q_k_alpha_arg[1]
    v = v_a_arg2[0]

    if single:
        S = S[0]
        q = q[0]
        k = k[0]
        v = v[0]
        alpha = alpha[0]
        o = o[0]
        a = a[0]
        s = s[0]
        yhat = yhat[0]
    result = State(S=S)
    return result, Outputs(q=q, k=k, v=v, alpha=alpha, S=S, o=o, a=a, s=s, yhat=yhat)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.S.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.S.ndim < 4 else forward.S.shape[1], forward.S.ndim < 4, 1
    )
    return State(S=_last(forward.S, 0, 1, 1, lengths))


def _forward_padded(params, x, y, tau, S0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, tau, S0, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, tau, S0, lengths)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params

    tmp0 = np.empty((B, n_k, n_v), dtype)
    tmp1 = np.empty((B, n_k, n_v), dtype)
    tmp2 = np.empty((T, B, n_v), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    W_QKa = np.stack((W_Q, W_K, W_a))
    W_Vr = np.stack((W_V, W_r))
    q_k_alpha_arg = np.empty((3, T, B, n_k), dtype)
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    np.matmul(x.reshape(-1, n_x), W_QKa.transpose(0, 2, 1), out=q_k_alpha_arg.reshape(3, -1, n_k))
    v_a_arg2 = np.empty((2, T, B, n_v), dtype)
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    np.matmul(x.reshape(-1, n_x), W_Vr.transpose(0, 2, 1), out=v_a_arg2.reshape(2, -1, n_v))
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg[2] += b_a
    alpha_arg2 = np.empty((T, B, n_k), dtype)
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    _sigmoid(q_k_alpha_arg[2], out=alpha_arg2)
    alpha = np.empty((T, B, n_k), dtype)
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha[...] = alpha_arg2 ** (1 / tau)
    S = np.empty((T + 1, B, n_k, n_v), dtype)
    # S[0] = 0
    S[0] = S0
    k_at = list(q_k_alpha_arg[1])
    v_at = list(v_a_arg2[0])
    S_at = list(S)
    alpha_at = list(alpha)
    for t in range(1, T + 1):
        # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
        np.multiply(k_at[t - 1][:, :, None], v_at[t - 1][:, None], out=tmp1)
        np.multiply(S_at[t - 1], alpha_at[t - 1][:, :, None], out=tmp0)
        tmp0 += tmp1
        S[t] = np.where((t <= T_own)[:, None, None], tmp0, S[t - 1])
    o = np.empty((T, B, n_v), dtype)
    # o[t] = S[t].T @ q[t]
    np.matmul(S[1:].transpose(0, 1, 3, 2), q_k_alpha_arg[0][..., None], out=o[..., None])
    a_arg = np.empty((T, B), dtype)
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    np.square(o, out=tmp2)
    np.add.reduce(tmp2, axis=2, out=a_arg)
    a_arg *= 1 / n_v
    a_arg += 1e-05
    a_sqrt = np.empty((T, B), dtype)
    # a.sqrt[t] = sqrt(a.arg[t])
    np.sqrt(a_arg, out=a_sqrt)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2[1] += b_r
    a_silu = np.empty((T, B, n_v), dtype)
    # a.silu[t] = silu(a.arg2[t])
    a_silu[...] = _silu(v_a_arg2[1])
    a = np.empty((T, B, n_v), dtype)
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    np.multiply(a_silu, o, out=a)
    a /= a_sqrt[:, :, None]
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ a[t]
    np.matmul(a.reshape(-1, n_v), V.T, out=s.reshape(-1, n_y))
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
    q = q_k_alpha_arg[0]
    k = q_k_alpha_arg[1]
    v = v_a_arg2[0]

    if single:
        q = q[:, 0]
        k = k[:, 0]
        v = v[:, 0]
        alpha = alpha[:, 0]
        S = S[:, 0]
        o = o[:, 0]
        a = a[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(
        q=q, k=k, v=v, alpha=alpha, S=S, o=o, a=a, s=s, yhat=yhat, loss=None if loss is None else float(loss)
    )


def _loss_padded(params, x, y, tau, S0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, tau, S0, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, tau, S0, lengths, whole=True)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_QKa, W_Vr, q_k_alpha_arg, v_a_arg2, alpha_arg2, alpha, S, k_at,
        v_at, S_at, alpha_at, o, a_arg, a_sqrt, a_silu, a, s, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_x, n_y, n_k, n_v, B, dtype)
    np.stack((W_Q, W_K, W_a), out=W_QKa)
    np.stack((W_V, W_r), out=W_Vr)
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    np.matmul(x.reshape(-1, n_x), W_QKa.transpose(0, 2, 1), out=q_k_alpha_arg.reshape(3, -1, n_k))
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    np.matmul(x.reshape(-1, n_x), W_Vr.transpose(0, 2, 1), out=v_a_arg2.reshape(2, -1, n_v))
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg[2] += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    _sigmoid(q_k_alpha_arg[2], out=alpha_arg2)
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha[...] = alpha_arg2 ** (1 / tau)
    # S[0] = 0
    S[0] = S0
    for t in range(1, T + 1):
        # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
        np.multiply(k_at[t - 1][:, :, None], v_at[t - 1][:, None], out=tmp1)
        np.multiply(S_at[t - 1], alpha_at[t - 1][:, :, None], out=tmp0)
        tmp0 += tmp1
        S[t] = np.where((t <= T_own)[:, None, None], tmp0, S[t - 1])
    # o[t] = S[t].T @ q[t]
    np.matmul(S[1:].transpose(0, 1, 3, 2), q_k_alpha_arg[0][..., None], out=o[..., None])
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    np.square(o, out=tmp2)
    np.add.reduce(tmp2, axis=2, out=a_arg)
    a_arg *= 1 / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    np.sqrt(a_arg, out=a_sqrt)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2[1] += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu[...] = _silu(v_a_arg2[1])
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    np.multiply(a_silu, o, out=a)
    a /= a_sqrt[:, :, None]
    # s[t] = d + V @ a[t]
    np.matmul(a.reshape(-1, n_v), V.T, out=s.reshape(-1, n_y))
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


def _loss_and_grad_padded(params, x, y, tau, S0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, tau, S0, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, tau, S0, lengths, whole=True)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params
    wrt = _asked(wrt, ("x", "S0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_QKa, W_Vr, q_k_alpha_arg, v_a_arg2, alpha_arg2, alpha, S, k_at,
        v_at, S_at, alpha_at, o, a_arg, a_sqrt, a_silu, a, s, yhat_lse, largest, yhat, tmp7, tmp8, ds, rows, flat,
        entries, dd, dV, da, da_sqrt, do, dv_a_arg2, db_r, dS, dS_at, dW_Vr, dalpha, dq_k_alpha_arg, db_a, dW_QKa,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_k, n_v, B, dtype)
    np.stack((W_Q, W_K, W_a), out=W_QKa)
    np.stack((W_V, W_r), out=W_Vr)
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    np.matmul(x.reshape(-1, n_x), W_QKa.transpose(0, 2, 1), out=q_k_alpha_arg.reshape(3, -1, n_k))
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    np.matmul(x.reshape(-1, n_x), W_Vr.transpose(0, 2, 1), out=v_a_arg2.reshape(2, -1, n_v))
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg[2] += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    _sigmoid(q_k_alpha_arg[2], out=alpha_arg2)
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha[...] = alpha_arg2 ** (1 / tau)
    # S[0] = 0
    S[0] = S0
    for t in range(1, T + 1):
        # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
        np.multiply(k_at[t - 1][:, :, None], v_at[t - 1][:, None], out=tmp1)
        np.multiply(S_at[t - 1], alpha_at[t - 1][:, :, None], out=tmp0)
        tmp0 += tmp1
        S[t] = np.where((t <= T_own)[:, None, None], tmp0, S[t - 1])
    # o[t] = S[t].T @ q[t]
    np.matmul(S[1:].transpose(0, 1, 3, 2), q_k_alpha_arg[0][..., None], out=o[..., None])
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    np.square(o, out=tmp2)
    np.add.reduce(tmp2, axis=2, out=a_arg)
    a_arg *= 1 / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    np.sqrt(a_arg, out=a_sqrt)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2[1] += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu[...] = _silu(v_a_arg2[1])
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    np.multiply(a_silu, o, out=a)
    a /= a_sqrt[:, :, None]
    # s[t] = d + V @ a[t]
    np.matmul(a.reshape(-1, n_v), V.T, out=s.reshape(-1, n_y))
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
    q = q_k_alpha_arg[0]
    k = q_k_alpha_arg[1]
    v = v_a_arg2[0]
    a_arg2 = v_a_arg2[1]
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp7[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp7[:, :, None], yhat, out=ds)
    tmp7[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp7, out=tmp7)
    _add_to(ds, y, rows, flat, entries, tmp7)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), a[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, a.reshape(-1, n_v), out=dV)
    # grad(a[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=da.reshape(-1, n_v))
    # grad(a.sqrt[t]) = -sum(o[t] * a.silu[t] * grad(a[t])) / a.sqrt[t]**2
    np.square(a_sqrt, out=tmp7)
    np.multiply(a_silu, da, out=tmp2)
    tmp2 *= o
    np.add.reduce(tmp2, axis=2, out=da_sqrt)
    da_sqrt /= tmp7
    np.negative(da_sqrt, out=da_sqrt)
    # grad(o[t]) = 2 * grad(a.arg[t]) * o[t] / n_v + a.silu[t] * grad(a[t]) / a.sqrt[t]
    np.multiply(a_silu, da, out=do)
    do /= a_sqrt[:, :, None]
    np.multiply(o, da_sqrt[:, :, None], out=tmp2)
    tmp2 *= 1 / n_v
    tmp2 /= a_sqrt[:, :, None]
    do += tmp2
    # grad(a.arg2[t]) = (1 + a.arg2[t] * (1 - sigmoid(a.arg2[t]))) * sigmoid(a.arg2[t]) * grad(a.silu[t])
    _sigmoid(a_arg2, out=tmp2)
    _sigmoid(a_arg2, out=dv_a_arg2[1])
    np.subtract(1, dv_a_arg2[1], out=dv_a_arg2[1])
    dv_a_arg2[1] *= a_arg2
    dv_a_arg2[1] += 1
    dv_a_arg2[1] *= tmp2
    dv_a_arg2[1] *= da
    dv_a_arg2[1] *= o
    dv_a_arg2[1] /= a_sqrt[:, :, None]
    # grad(b_r) = sum(grad(a.arg2[t]), t)
    np.add.reduce(dv_a_arg2[1], axis=(0, 1), out=db_r)
    # grad(S[t]) = same_window(t, maximum(t - 1, 0), window.T) * (diag(alpha[t+1]) @ grad(S[t+1])) +
    #     outer(q[t], grad(o[t])), t < T
    np.multiply(do[:, :, None], q[:, :, :, None], out=dS[1:])
    for t in range(T - 1, 0, -1):
        # grad(S[t]) = same_window(t, maximum(t - 1, 0), window.T) * (diag(alpha[t+1]) @ grad(S[t+1])) +
        #     outer(q[t], grad(o[t])), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dS_at[t + 1], out=tmp0)
        tmp0 *= alpha_at[t][:, :, None]
        dS_at[t] += tmp0
    # grad(v[t]) = grad(S[t]).T @ k[t]
    np.matmul(dS[1:].transpose(0, 1, 3, 2), k[..., None], out=dv_a_arg2[0][..., None])
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(a.arg2[t]), x[t]), t)
    np.matmul(dv_a_arg2.reshape(2, -1, n_v).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_Vr)
    # grad(alpha[t, i]) = sum(S[t-1, i, j] * grad(S[t, i, j]), j)
    dalpha[...] = np.einsum("tbij,tbij->tbi", S[:T], dS[1:])
    # grad(alpha.arg[t]) = alpha.arg2[t] * (1 - alpha.arg2[t]) * grad(alpha.arg2[t])
    tmp8[...] = alpha_arg2 ** (1 / tau - 1)
    np.subtract(1, alpha_arg2, out=dq_k_alpha_arg[2])
    dq_k_alpha_arg[2] *= tmp8
    dq_k_alpha_arg[2] *= alpha_arg2
    dq_k_alpha_arg[2] *= dalpha
    dq_k_alpha_arg[2] /= tau
    # grad(b_a) = sum(grad(alpha.arg[t]), t)
    np.add.reduce(dq_k_alpha_arg[2], axis=(0, 1), out=db_a)
    # grad(q[t]) = S[t] @ grad(o[t])
    np.matmul(S[1:], do[..., None], out=dq_k_alpha_arg[0][..., None])
    # grad(k[t]) = grad(S[t]) @ v[t]
    np.matmul(dS[1:], v[..., None], out=dq_k_alpha_arg[1][..., None])
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    # grad(W_a) = sum(outer(grad(alpha.arg[t]), x[t]), t)
    np.matmul(dq_k_alpha_arg.reshape(3, -1, n_k).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_QKa)
    if "x" in wrt:
        tmp_9_0 = np.empty((T, B, n_x), dtype)
        dx = np.empty((T, B, n_x), dtype)
        product = np.empty((2, T * B, n_x), dtype)
        # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + W_a.T @
        #     grad(alpha.arg[t]) + W_r.T @ grad(a.arg2[t])
        np.matmul(dv_a_arg2.reshape(2, -1, n_v), W_Vr, out=product)
        np.add.reduce(product, axis=0, out=dx.reshape(-1, n_x))
        product2 = np.empty((3, T * B, n_x), dtype)
        np.matmul(dq_k_alpha_arg.reshape(3, -1, n_k), W_QKa, out=product2)
        np.add.reduce(product2, axis=0, out=tmp_9_0.reshape(-1, n_x))
        dx += tmp_9_0
    if "S0" in wrt:
        tmp_9_0 = np.empty((1,), dtype)
        tmp_9_1 = np.empty((1,), dtype)
        tmp_9_2 = np.empty((1,), dtype)
        # grad(S[t]) = same_window(t, maximum(t - 1, 0), window.T) * (diag(alpha[t+1]) @ grad(S[t+1])) +
        #     outer(q[t], grad(o[t])), t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_9_2)
        np.maximum(tmp_9_2, 0, out=tmp_9_1)
        tmp_9_0[...] = np.arange(1) // window_T == tmp_9_1 // window_T
        np.multiply(tmp_9_0[:, None, None, None], dS[1:2], out=dS[:1])
        dS[:1] *= alpha[:1][:, :, :, None]
        dS0 = np.empty((B, n_k, n_v), dtype)
        # grad(S.0) = grad(S[0])
        dS0[...] = dS[0]
    dW_Q = dW_QKa[0]
    dW_K = dW_QKa[1]
    dW_a = dW_QKa[2]
    dW_V = dW_Vr[0]
    dW_r = dW_Vr[1]

    gradient = Params(W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_a=dW_a, W_r=dW_r, b_a=db_a, b_r=db_r, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "S0" in wrt:
        result["S0"] = dS0[0] if single else dS0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, tau, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, tau, q, k, v, alpha, S, o, a, yhat, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, tau, lengths)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params
    window_T = _window(window, "T", ("T",), T)

    tmp0 = np.empty((T, B, n_v), dtype)
    alpha_arg = np.empty((T, B, n_k), dtype)
    # alpha.arg[t] = W_a @ x[t] + b_a
    np.matmul(x.reshape(-1, n_x), W_a.T, out=alpha_arg.reshape(-1, n_k))
    alpha_arg += b_a
    alpha_arg2 = np.empty((T, B, n_k), dtype)
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    _sigmoid(alpha_arg, out=alpha_arg2)
    a_arg = np.empty((T, B), dtype)
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    np.square(o, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=a_arg)
    a_arg *= 1 / n_v
    a_arg += 1e-05
    a_sqrt = np.empty((T, B), dtype)
    # a.sqrt[t] = sqrt(a.arg[t])
    np.sqrt(a_arg, out=a_sqrt)
    a_arg2 = np.empty((T, B, n_v), dtype)
    # a.arg2[t] = W_r @ x[t] + b_r
    np.matmul(x.reshape(-1, n_x), W_r.T, out=a_arg2.reshape(-1, n_v))
    a_arg2 += b_r
    a_silu = np.empty((T, B, n_v), dtype)
    # a.silu[t] = silu(a.arg2[t])
    a_silu[...] = _silu(a_arg2)
    tmp1 = np.empty((T, B), dtype)
    tmp2 = np.empty((B, n_k, n_v), dtype)
    tmp3 = np.empty((T, B, n_k), dtype)
    ds = np.empty((T, B, n_y), dtype)
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp1[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp1[:, :, None], yhat, out=ds)
    tmp1[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp1, out=tmp1)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(ds, y, rows, flat, entries, tmp1)
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    dV = np.empty((n_y, n_v), dtype)
    # grad(V) = sum(outer(grad(s[t]), a[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, a.reshape(-1, n_v), out=dV)
    da = np.empty((T, B, n_v), dtype)
    # grad(a[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=da.reshape(-1, n_v))
    da_sqrt = np.empty((T, B), dtype)
    # grad(a.sqrt[t]) = -sum(o[t] * a.silu[t] * grad(a[t])) / a.sqrt[t]**2
    np.square(a_sqrt, out=tmp1)
    np.multiply(a_silu, da, out=tmp0)
    tmp0 *= o
    np.add.reduce(tmp0, axis=2, out=da_sqrt)
    da_sqrt /= tmp1
    np.negative(da_sqrt, out=da_sqrt)
    do = np.empty((T, B, n_v), dtype)
    # grad(o[t]) = 2 * grad(a.arg[t]) * o[t] / n_v + a.silu[t] * grad(a[t]) / a.sqrt[t]
    np.multiply(a_silu, da, out=do)
    do /= a_sqrt[:, :, None]
    np.multiply(o, da_sqrt[:, :, None], out=tmp0)
    tmp0 *= 1 / n_v
    tmp0 /= a_sqrt[:, :, None]
    do += tmp0
    dv_a_arg2 = np.empty((2, T, B, n_v), dtype)
    # grad(a.arg2[t]) = (1 + a.arg2[t] * (1 - sigmoid(a.arg2[t]))) * sigmoid(a.arg2[t]) * grad(a.silu[t])
    _sigmoid(a_arg2, out=tmp0)
    _sigmoid(a_arg2, out=dv_a_arg2[1])
    np.subtract(1, dv_a_arg2[1], out=dv_a_arg2[1])
    dv_a_arg2[1] *= a_arg2
    dv_a_arg2[1] += 1
    dv_a_arg2[1] *= tmp0
    dv_a_arg2[1] *= da
    dv_a_arg2[1] *= o
    dv_a_arg2[1] /= a_sqrt[:, :, None]
    db_r = np.empty((n_v,), dtype)
    # grad(b_r) = sum(grad(a.arg2[t]), t)
    np.add.reduce(dv_a_arg2[1], axis=(0, 1), out=db_r)
    dS = np.empty((T, B, n_k, n_v), dtype)
    # grad(S[t]) = same_window(t, maximum(t - 1, 0), window.T) * (diag(alpha[t+1]) @ grad(S[t+1])) +
    #     outer(q[t], grad(o[t])), t < T
    np.multiply(do[:, :, None], q[:, :, :, None], out=dS)
    dS_at = list(dS)
    for t in range(T - 1, 0, -1):
        # grad(S[t]) = same_window(t, maximum(t - 1, 0), window.T) * (diag(alpha[t+1]) @ grad(S[t+1])) +
        #     outer(q[t], grad(o[t])), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dS_at[t], out=tmp2)
        tmp2 *= alpha[t][:, :, None]
        dS_at[t - 1] += tmp2
    # grad(v[t]) = grad(S[t]).T @ k[t]
    np.matmul(dS.transpose(0, 1, 3, 2), k[..., None], out=dv_a_arg2[0][..., None])
    dW_Vr = np.empty((2, n_v, n_x), dtype)
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(a.arg2[t]), x[t]), t)
    np.matmul(dv_a_arg2.reshape(2, -1, n_v).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_Vr)
    dalpha = np.empty((T, B, n_k), dtype)
    # grad(alpha[t, i]) = sum(S[t-1, i, j] * grad(S[t, i, j]), j)
    dalpha[...] = np.einsum("tbij,tbij->tbi", S[:T], dS)
    dq_k_alpha_arg = np.empty((3, T, B, n_k), dtype)
    # grad(alpha.arg[t]) = alpha.arg2[t] * (1 - alpha.arg2[t]) * grad(alpha.arg2[t])
    tmp3[...] = alpha_arg2 ** (1 / tau - 1)
    np.subtract(1, alpha_arg2, out=dq_k_alpha_arg[2])
    dq_k_alpha_arg[2] *= tmp3
    dq_k_alpha_arg[2] *= alpha_arg2
    dq_k_alpha_arg[2] *= dalpha
    dq_k_alpha_arg[2] /= tau
    db_a = np.empty((n_k,), dtype)
    # grad(b_a) = sum(grad(alpha.arg[t]), t)
    np.add.reduce(dq_k_alpha_arg[2], axis=(0, 1), out=db_a)
    # grad(q[t]) = S[t] @ grad(o[t])
    np.matmul(S[1:], do[..., None], out=dq_k_alpha_arg[0][..., None])
    # grad(k[t]) = grad(S[t]) @ v[t]
    np.matmul(dS, v[..., None], out=dq_k_alpha_arg[1][..., None])
    dW_QKa = np.empty((3, n_k, n_x), dtype)
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    # grad(W_a) = sum(outer(grad(alpha.arg[t]), x[t]), t)
    np.matmul(dq_k_alpha_arg.reshape(3, -1, n_k).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_QKa)
    dW_Q = dW_QKa[0]
    dW_K = dW_QKa[1]
    dW_a = dW_QKa[2]
    dW_V = dW_Vr[0]
    dW_r = dW_Vr[1]

    return Params(W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_a=dW_a, W_r=dW_r, b_a=db_a, b_r=db_r, V=dV, d=dd)


def _loss_and_grad_checkpointed(params, x, y, tau, S0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, tau, S0, dtype, single, n_k, n_x, n_v, n_y, T, B = _arguments(params, x, y, tau, S0, whole=True)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params
    wrt = _asked(wrt, ("x", "S0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        S0_kept, S_left1, dW_Q, dW_K, dW_V, dW_a, dW_r, db_a, db_r, dV, dd,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_k, n_v, B, dtype)
    S0_kept[0] = S0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x[first:last],
            tau,
            S0_kept[n],
            last - first,
            n_x,
            n_k,
            n_v,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        (S0_kept[n + 1],) = found
    loss = 0.0
    for total in (S_left1, dW_Q, dW_K, dW_V, dW_a, dW_r, db_a, db_r, dV, dd):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            S_left1,
            x[first:last],
            y[first:last],
            tau,
            S0_kept[n],
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
        loss_part, parts, dS0, dx_part = found
        loss += float(loss_part)
        _add_each((dW_Q, dW_K, dW_V, dW_a, dW_r, db_a, db_r, dV, dd), parts)
        S_left1[...] = dS0
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_a=dW_a, W_r=dW_r, b_a=db_a, b_r=db_r, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "S0" in wrt:
        result["S0"] = dS0[0] if single else dS0
    return float(loss), gradient, result


def _segment(params, S_left1, x, y, tau, S0, T, n_x, n_y, n_k, n_v, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, W_QKa, W_Vr, q_k_alpha_arg, v_a_arg2, alpha_arg2, alpha, S, S_at, alpha_at, o, a_arg,
        a_sqrt, a_silu, a, s, yhat_lse, largest, rows, flat, tmp4, tmp5, ds, entries, dd, dV, da, da_sqrt, do,
        dv_a_arg2, db_r, dS, dS_at, dW_Vr, dalpha, dq_k_alpha_arg, db_a, dW_QKa, dS0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_k, n_v, B, dtype)
    np.stack((W_Q, W_K, W_a), out=W_QKa)
    np.stack((W_V, W_r), out=W_Vr)
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    np.matmul(x.reshape(-1, n_x), W_QKa.transpose(0, 2, 1), out=q_k_alpha_arg.reshape(3, -1, n_k))
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    np.matmul(x.reshape(-1, n_x), W_Vr.transpose(0, 2, 1), out=v_a_arg2.reshape(2, -1, n_v))
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg[2] += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    _sigmoid(q_k_alpha_arg[2], out=alpha_arg2)
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha[...] = alpha_arg2 ** (1 / tau)
    # S[0] = 0
    S[0] = S0
    # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
    np.multiply(q_k_alpha_arg[1][:, :, :, None], v_a_arg2[0][:, :, None], out=S[1:])
    for t in range(1, T + 1):
        # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
        np.multiply(S_at[t - 1], alpha_at[t - 1][:, :, None], out=tmp0)
        S_at[t] += tmp0
    # o[t] = S[t].T @ q[t]
    np.matmul(S[1:].transpose(0, 1, 3, 2), q_k_alpha_arg[0][..., None], out=o[..., None])
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    np.square(o, out=tmp1)
    np.add.reduce(tmp1, axis=2, out=a_arg)
    a_arg *= 1 / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    np.sqrt(a_arg, out=a_sqrt)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2[1] += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu[...] = _silu(v_a_arg2[1])
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    np.multiply(a_silu, o, out=a)
    a /= a_sqrt[:, :, None]
    # s[t] = d + V @ a[t]
    np.matmul(a.reshape(-1, n_v), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    q = q_k_alpha_arg[0]
    k = q_k_alpha_arg[1]
    v = v_a_arg2[0]
    a_arg2 = v_a_arg2[1]
    # grad(s[t]) = softmax(s[t]) - onehot(y[t])
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=ds)
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), a[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, a.reshape(-1, n_v), out=dV)
    # grad(a[t]) = V.T @ grad(s[t])
    np.matmul(ds.reshape(-1, n_y), V, out=da.reshape(-1, n_v))
    # grad(a.sqrt[t]) = -sum(o[t] * a.silu[t] * grad(a[t])) / a.sqrt[t]**2
    np.square(a_sqrt, out=tmp3)
    np.multiply(a_silu, da, out=tmp1)
    tmp1 *= o
    np.add.reduce(tmp1, axis=2, out=da_sqrt)
    da_sqrt /= tmp3
    np.negative(da_sqrt, out=da_sqrt)
    # grad(o[t]) = 2 * grad(a.arg[t]) * o[t] / n_v + a.silu[t] * grad(a[t]) / a.sqrt[t]
    np.multiply(a_silu, da, out=do)
    do /= a_sqrt[:, :, None]
    np.multiply(o, da_sqrt[:, :, None], out=tmp1)
    tmp1 *= 1 / n_v
    tmp1 /= a_sqrt[:, :, None]
    do += tmp1
    # grad(a.arg2[t]) = (1 + a.arg2[t] * (1 - sigmoid(a.arg2[t]))) * sigmoid(a.arg2[t]) * grad(a.silu[t])
    _sigmoid(a_arg2, out=tmp1)
    _sigmoid(a_arg2, out=dv_a_arg2[1])
    np.subtract(1, dv_a_arg2[1], out=dv_a_arg2[1])
    dv_a_arg2[1] *= a_arg2
    dv_a_arg2[1] += 1
    dv_a_arg2[1] *= tmp1
    dv_a_arg2[1] *= da
    dv_a_arg2[1] *= o
    dv_a_arg2[1] /= a_sqrt[:, :, None]
    # grad(b_r) = sum(grad(a.arg2[t]), t)
    np.add.reduce(dv_a_arg2[1], axis=(0, 1), out=db_r)
    dS.fill(0)
    # grad(S[t]) = diag(alpha[t+1]) @ grad(S[t+1]) + outer(q[t], grad(o[t])), t < T
    np.multiply(do[:, :, None], q[:, :, :, None], out=tmp4)
    dS[1:] += tmp4
    # grad(S[T]) = S.left1 + outer(q[T], grad(o[T]))
    dS[T] += S_left1
    for t in range(T - 1, -1, -1):
        # grad(S[t]) = diag(alpha[t+1]) @ grad(S[t+1]) + outer(q[t], grad(o[t])), t < T
        np.multiply(dS_at[t + 1], alpha_at[t][:, :, None], out=tmp0)
        dS_at[t] += tmp0
    # grad(v[t]) = grad(S[t]).T @ k[t]
    np.matmul(dS[1:].transpose(0, 1, 3, 2), k[..., None], out=dv_a_arg2[0][..., None])
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(a.arg2[t]), x[t]), t)
    np.matmul(dv_a_arg2.reshape(2, -1, n_v).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_Vr)
    # grad(alpha[t, i]) = sum(S[t-1, i, j] * grad(S[t, i, j]), j)
    dalpha[...] = np.einsum("tbij,tbij->tbi", S[:T], dS[1:])
    # grad(alpha.arg[t]) = alpha.arg2[t] * (1 - alpha.arg2[t]) * grad(alpha.arg2[t])
    tmp5[...] = alpha_arg2 ** (1 / tau - 1)
    np.subtract(1, alpha_arg2, out=dq_k_alpha_arg[2])
    dq_k_alpha_arg[2] *= tmp5
    dq_k_alpha_arg[2] *= alpha_arg2
    dq_k_alpha_arg[2] *= dalpha
    dq_k_alpha_arg[2] /= tau
    # grad(b_a) = sum(grad(alpha.arg[t]), t)
    np.add.reduce(dq_k_alpha_arg[2], axis=(0, 1), out=db_a)
    # grad(q[t]) = S[t] @ grad(o[t])
    np.matmul(S[1:], do[..., None], out=dq_k_alpha_arg[0][..., None])
    # grad(k[t]) = grad(S[t]) @ v[t]
    np.matmul(dS[1:], v[..., None], out=dq_k_alpha_arg[1][..., None])
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    # grad(W_a) = sum(outer(grad(alpha.arg[t]), x[t]), t)
    np.matmul(dq_k_alpha_arg.reshape(3, -1, n_k).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_QKa)
    # grad(S.0) = grad(S[0])
    dS0[...] = dS[0]
    if "x" in wrt:
        tmp_6_0 = np.empty((T, B, n_x), dtype)
        dx = np.empty((T, B, n_x), dtype)
        product = np.empty((2, T * B, n_x), dtype)
        # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + W_a.T @
        #     grad(alpha.arg[t]) + W_r.T @ grad(a.arg2[t])
        np.matmul(dv_a_arg2.reshape(2, -1, n_v), W_Vr, out=product)
        np.add.reduce(product, axis=0, out=dx.reshape(-1, n_x))
        product2 = np.empty((3, T * B, n_x), dtype)
        np.matmul(dq_k_alpha_arg.reshape(3, -1, n_k), W_QKa, out=product2)
        np.add.reduce(product2, axis=0, out=tmp_6_0.reshape(-1, n_x))
        dx += tmp_6_0
    dW_Q = dW_QKa[0]
    dW_K = dW_QKa[1]
    dW_a = dW_QKa[2]
    dW_V = dW_Vr[0]
    dW_r = dW_Vr[1]

    return loss, (dW_Q, dW_K, dW_V, dW_a, dW_r, db_a, db_r, dV, dd), dS0, dx if "x" in wrt else None


def _advance(params, x, tau, S0, T, n_x, n_k, n_v, B, dtype, workspace):
    """The state after a segment."""
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params

    (
        tmp0, W_Ka, k_alpha_arg, v, alpha_arg2, alpha, S, S_at, alpha_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_x, n_k, n_v, B, dtype)
    np.stack((W_K, W_a), out=W_Ka)
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    np.matmul(x.reshape(-1, n_x), W_Ka.transpose(0, 2, 1), out=k_alpha_arg.reshape(2, -1, n_k))
    # v[t] = W_V @ x[t]
    np.matmul(x.reshape(-1, n_x), W_V.T, out=v.reshape(-1, n_v))
    # alpha.arg[t] = W_a @ x[t] + b_a
    k_alpha_arg[1] += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    _sigmoid(k_alpha_arg[1], out=alpha_arg2)
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha[...] = alpha_arg2 ** (1 / tau)
    # S[0] = 0
    S[0] = S0
    # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
    np.multiply(v[:, :, None], k_alpha_arg[0][:, :, :, None], out=S[1:])
    for t in range(1, T + 1):
        # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
        np.multiply(S_at[t - 1], alpha_at[t - 1][:, :, None], out=tmp0)
        S_at[t] += tmp0

    return (S[-1],)


def _loss_arrays(T, n_x, n_y, n_k, n_v, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_k, n_v), dtype)
    tmp1 = np.empty((T, B, n_v), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    W_QKa = np.empty((3, n_k, n_x), dtype)
    W_Vr = np.empty((2, n_v, n_x), dtype)
    q_k_alpha_arg = _by_step((3, T, B, n_k), dtype)
    v_a_arg2 = _by_step((2, T, B, n_v), dtype)
    alpha_arg2 = q_k_alpha_arg[2]
    alpha = alpha_arg2
    S = np.empty((T + 1, B, n_k, n_v), dtype)
    S_at = list(S)
    alpha_at = list(alpha)
    o = np.empty((T, B, n_v), dtype)
    a_arg = np.empty((T, B), dtype)
    a_sqrt = a_arg
    a_silu = v_a_arg2[1]
    a = a_silu
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = a_arg
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, W_QKa, W_Vr, q_k_alpha_arg, v_a_arg2, alpha_arg2, alpha, S, S_at, alpha_at, o, a_arg,
        a_sqrt, a_silu, a, s, yhat_lse, largest, rows, flat,
    )


def _loss_and_grad_arrays(T, n_x, n_y, n_k, n_v, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_k, n_v), dtype)
    tmp1 = np.empty((T, B, n_v), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    W_QKa = np.empty((3, n_k, n_x), dtype)
    W_Vr = np.empty((2, n_v, n_x), dtype)
    q_k_alpha_arg = _by_step((3, T, B, n_k), dtype)
    v_a_arg2 = _by_step((2, T, B, n_v), dtype)
    alpha_arg2 = q_k_alpha_arg[2]
    alpha = np.empty((T, B, n_k), dtype)
    S = np.empty((T + 1, B, n_k, n_v), dtype)
    S_at = list(S)
    alpha_at = list(alpha)
    o = np.empty((T, B, n_v), dtype)
    a_arg = np.empty((T, B), dtype)
    a_sqrt = a_arg
    a_silu = np.empty((T, B, n_v), dtype)
    a = np.empty((T, B, n_v), dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp4 = np.empty((T, B, n_k), dtype)
    ds = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_v), dtype)
    da = a
    da_sqrt = yhat_lse
    do = np.empty((T, B, n_v), dtype)
    dv_a_arg2 = _by_step((2, T, B, n_v), dtype)
    db_r = np.empty((n_v,), dtype)
    dS = np.empty((T + 1, B, n_k, n_v), dtype)
    dS_at = list(dS)
    dW_Vr = np.empty((2, n_v, n_x), dtype)
    dalpha = np.empty((T, B, n_k), dtype)
    dq_k_alpha_arg = _by_step((3, T, B, n_k), dtype)
    db_a = np.empty((n_k,), dtype)
    dW_QKa = np.empty((3, n_k, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, W_QKa, W_Vr, q_k_alpha_arg, v_a_arg2, alpha_arg2, alpha, S, S_at, alpha_at, o, a_arg,
        a_sqrt, a_silu, a, s, yhat_lse, largest, yhat, rows, flat, tmp4, ds, entries, dd, dV, da, da_sqrt, do,
        dv_a_arg2, db_r, dS, dS_at, dW_Vr, dalpha, dq_k_alpha_arg, db_a, dW_QKa,
    )


def _loss_padded_arrays(T, n_x, n_y, n_k, n_v, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_k, n_v), dtype)
    tmp1 = np.empty((B, n_k, n_v), dtype)
    tmp2 = np.empty((T, B, n_v), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    W_QKa = np.empty((3, n_k, n_x), dtype)
    W_Vr = np.empty((2, n_v, n_x), dtype)
    q_k_alpha_arg = _by_step((3, T, B, n_k), dtype)
    v_a_arg2 = _by_step((2, T, B, n_v), dtype)
    alpha_arg2 = q_k_alpha_arg[2]
    alpha = alpha_arg2
    S = np.empty((T + 1, B, n_k, n_v), dtype)
    k_at = list(q_k_alpha_arg[1])
    v_at = list(v_a_arg2[0])
    S_at = list(S)
    alpha_at = list(alpha)
    o = np.empty((T, B, n_v), dtype)
    a_arg = np.empty((T, B), dtype)
    a_sqrt = a_arg
    a_silu = v_a_arg2[1]
    a = a_silu
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = a_arg
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_QKa, W_Vr, q_k_alpha_arg, v_a_arg2, alpha_arg2, alpha, S, k_at,
        v_at, S_at, alpha_at, o, a_arg, a_sqrt, a_silu, a, s, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_k, n_v, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_k, n_v), dtype)
    tmp1 = np.empty((B, n_k, n_v), dtype)
    tmp2 = np.empty((T, B, n_v), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    W_QKa = np.empty((3, n_k, n_x), dtype)
    W_Vr = np.empty((2, n_v, n_x), dtype)
    q_k_alpha_arg = _by_step((3, T, B, n_k), dtype)
    v_a_arg2 = _by_step((2, T, B, n_v), dtype)
    alpha_arg2 = q_k_alpha_arg[2]
    alpha = np.empty((T, B, n_k), dtype)
    S = np.empty((T + 1, B, n_k, n_v), dtype)
    k_at = list(q_k_alpha_arg[1])
    v_at = list(v_a_arg2[0])
    S_at = list(S)
    alpha_at = list(alpha)
    o = np.empty((T, B, n_v), dtype)
    a_arg = np.empty((T, B), dtype)
    a_sqrt = a_arg
    a_silu = np.empty((T, B, n_v), dtype)
    a = np.empty((T, B, n_v), dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp7 = yhat_lse
    tmp8 = np.empty((T, B, n_k), dtype)
    ds = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_v), dtype)
    da = a
    da_sqrt = np.empty((T, B), dtype)
    do = np.empty((T, B, n_v), dtype)
    dv_a_arg2 = _by_step((2, T, B, n_v), dtype)
    db_r = np.empty((n_v,), dtype)
    dS = np.empty((T + 1, B, n_k, n_v), dtype)
    dS_at = list(dS)
    dW_Vr = np.empty((2, n_v, n_x), dtype)
    dalpha = np.empty((T, B, n_k), dtype)
    dq_k_alpha_arg = _by_step((3, T, B, n_k), dtype)
    db_a = np.empty((n_k,), dtype)
    dW_QKa = np.empty((3, n_k, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_QKa, W_Vr, q_k_alpha_arg, v_a_arg2, alpha_arg2, alpha, S, k_at,
        v_at, S_at, alpha_at, o, a_arg, a_sqrt, a_silu, a, s, yhat_lse, largest, yhat, tmp7, tmp8, ds, rows, flat,
        entries, dd, dV, da, da_sqrt, do, dv_a_arg2, db_r, dS, dS_at, dW_Vr, dalpha, dq_k_alpha_arg, db_a, dW_QKa,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_k, n_v, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    S0_kept = np.empty((count, B, n_k, n_v), dtype)
    S_left1 = np.empty((B, n_k, n_v), dtype)
    dW_Q = np.empty((n_k, n_x), dtype)
    dW_K = np.empty((n_k, n_x), dtype)
    dW_V = np.empty((n_v, n_x), dtype)
    dW_a = np.empty((n_k, n_x), dtype)
    dW_r = np.empty((n_v, n_x), dtype)
    db_a = np.empty((n_k,), dtype)
    db_r = np.empty((n_v,), dtype)
    dV = np.empty((n_y, n_v), dtype)
    dd = np.empty((n_y,), dtype)
    return S0_kept, S_left1, dW_Q, dW_K, dW_V, dW_a, dW_r, db_a, db_r, dV, dd


def _segment_arrays(T, n_x, n_y, n_k, n_v, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_k, n_v), dtype)
    tmp1 = np.empty((T, B, n_v), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    W_QKa = np.empty((3, n_k, n_x), dtype)
    W_Vr = np.empty((2, n_v, n_x), dtype)
    q_k_alpha_arg = _by_step((3, T, B, n_k), dtype)
    v_a_arg2 = _by_step((2, T, B, n_v), dtype)
    alpha_arg2 = q_k_alpha_arg[2]
    alpha = np.empty((T, B, n_k), dtype)
    S = np.empty((T + 1, B, n_k, n_v), dtype)
    S_at = list(S)
    alpha_at = list(alpha)
    o = np.empty((T, B, n_v), dtype)
    a_arg = np.empty((T, B), dtype)
    a_sqrt = a_arg
    a_silu = np.empty((T, B, n_v), dtype)
    a = np.empty((T, B, n_v), dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp4 = np.empty((T, B, n_k, n_v), dtype)
    tmp5 = np.empty((T, B, n_k), dtype)
    ds = s
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_v), dtype)
    da = a
    da_sqrt = yhat_lse
    do = np.empty((T, B, n_v), dtype)
    dv_a_arg2 = _by_step((2, T, B, n_v), dtype)
    db_r = np.empty((n_v,), dtype)
    dS = np.empty((T + 1, B, n_k, n_v), dtype)
    dS_at = list(dS)
    dW_Vr = np.empty((2, n_v, n_x), dtype)
    dalpha = alpha
    dq_k_alpha_arg = _by_step((3, T, B, n_k), dtype)
    db_a = np.empty((n_k,), dtype)
    dW_QKa = np.empty((3, n_k, n_x), dtype)
    dS0 = tmp0
    return (
        tmp0, tmp1, tmp2, tmp3, W_QKa, W_Vr, q_k_alpha_arg, v_a_arg2, alpha_arg2, alpha, S, S_at, alpha_at, o, a_arg,
        a_sqrt, a_silu, a, s, yhat_lse, largest, rows, flat, tmp4, tmp5, ds, entries, dd, dV, da, da_sqrt, do,
        dv_a_arg2, db_r, dS, dS_at, dW_Vr, dalpha, dq_k_alpha_arg, db_a, dW_QKa, dS0,
    )


def _advance_arrays(T, n_x, n_k, n_v, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_k, n_v), dtype)
    W_Ka = np.empty((2, n_k, n_x), dtype)
    k_alpha_arg = _by_step((2, T, B, n_k), dtype)
    v = np.empty((T, B, n_v), dtype)
    alpha_arg2 = k_alpha_arg[1]
    alpha = alpha_arg2
    S = np.empty((T + 1, B, n_k, n_v), dtype)
    S_at = list(S)
    alpha_at = list(alpha)
    return tmp0, W_Ka, k_alpha_arg, v, alpha_arg2, alpha, S, S_at, alpha_at


def _arguments(params, x, y, tau, S0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_k, n_x, n_v, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_Q")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[:, None]
    tau = _real("tau", tau, dtype)
    _expect("tau", tau, (), ())
    if S0 is None:
        S0 = np.zeros((B, n_k, n_v), dtype)
    else:
        S0 = _real("S0", S0, dtype)
        _expect("S0", S0, (*batch_axis, n_k, n_v), ("B", "n_k", "n_v"), "B from x, n_k from W_Q, n_v from W_V")
        if single:
            S0 = S0[None]
    return params, x, y, tau, S0, dtype, single, n_k, n_x, n_v, n_y, T, B


def _backward_arguments(params, forward, x, y, tau):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_k, n_x, n_v, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    q = _real("forward.q", forward.q, dtype)
    k = _real("forward.k", forward.k, dtype)
    v = _real("forward.v", forward.v, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    S = _real("forward.S", forward.S, dtype)
    o = _real("forward.o", forward.o, dtype)
    a = _real("forward.a", forward.a, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_Q")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.q", q, (T, *batch_axis, n_k), ("T", "B", "n_k"), "T and B from x, n_k from W_Q")
    _expect("forward.k", k, (T, *batch_axis, n_k), ("T", "B", "n_k"), "T and B from x, n_k from W_Q")
    _expect("forward.v", v, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from x, n_v from W_V")
    _expect("forward.alpha", alpha, (T, *batch_axis, n_k), ("T", "B", "n_k"), "T and B from x, n_k from W_Q")
    _expect(
        "forward.S",
        S,
        (T + 1, *batch_axis, n_k, n_v),
        ("T + 1", "B", "n_k", "n_v"),
        "T and B from x, n_k from W_Q, n_v from W_V",
    )
    _expect("forward.o", o, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from x, n_v from W_V")
    _expect("forward.a", a, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from x, n_v from W_V")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        q = q[:, None]
        k = k[:, None]
        v = v[:, None]
        alpha = alpha[:, None]
        S = S[:, None]
        o = o[:, None]
        a = a[:, None]
        yhat = yhat[:, None]
    tau = _real("tau", tau, dtype)
    _expect("tau", tau, (), ())
    return params, x, y, tau, q, k, v, alpha, S, o, a, yhat, dtype, single, n_k, n_x, n_v, n_y, T, B


def _initial_arguments(params, S0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_k, n_x, n_v, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if S0 is None:
        S0 = np.zeros((B, n_k, n_v), dtype)
    else:
        S0 = _real("S0", S0, dtype)
        _expect("S0", S0, (*batch_axis, n_k, n_v), ("B", "n_k", "n_v"), "B from batch, n_k from W_Q, n_v from W_V")
        if single:
            S0 = S0[None]
    return params, S0, dtype, single, n_k, n_x, n_v, n_y, B


def _step_arguments(params, state, x, tau):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_k, n_x, n_v, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    S_prev = _real("state.S", state.S, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from W_Q")
    _expect("state.S", S_prev, (*batch_axis, n_k, n_v), ("B", "n_k", "n_v"), "B from x, n_k from W_Q, n_v from W_V")
    if single:
        x = x[None]
        S_prev = S_prev[None]
    tau = _real("tau", tau, dtype)
    _expect("tau", tau, (), ())
    return params, x, tau, S_prev, dtype, single, n_k, n_x, n_v, n_y, B


def _padded_arguments(params, x, y, tau, S0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_k, n_x, n_v, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_Q")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        if single:
            y = y[:, None]
    tau = _real("tau", tau, dtype)
    _expect("tau", tau, (), ())
    if S0 is None:
        S0 = np.zeros((B, n_k, n_v), dtype)
    else:
        S0 = _real("S0", S0, dtype)
        _expect("S0", S0, (*batch_axis, n_k, n_v), ("B", "n_k", "n_v"), "B from x, n_k from W_Q, n_v from W_V")
        if single:
            S0 = S0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, tau, S0, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, tau, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_k, n_x, n_v, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    q = _real("forward.q", forward.q, dtype)
    k = _real("forward.k", forward.k, dtype)
    v = _real("forward.v", forward.v, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    S = _real("forward.S", forward.S, dtype)
    o = _real("forward.o", forward.o, dtype)
    a = _real("forward.a", forward.a, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_Q")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.q", q, (T, *batch_axis, n_k), ("T", "B", "n_k"), "T and B from x, n_k from W_Q")
    _expect("forward.k", k, (T, *batch_axis, n_k), ("T", "B", "n_k"), "T and B from x, n_k from W_Q")
    _expect("forward.v", v, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from x, n_v from W_V")
    _expect("forward.alpha", alpha, (T, *batch_axis, n_k), ("T", "B", "n_k"), "T and B from x, n_k from W_Q")
    _expect(
        "forward.S",
        S,
        (T + 1, *batch_axis, n_k, n_v),
        ("T + 1", "B", "n_k", "n_v"),
        "T and B from x, n_k from W_Q, n_v from W_V",
    )
    _expect("forward.o", o, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from x, n_v from W_V")
    _expect("forward.a", a, (T, *batch_axis, n_v), ("T", "B", "n_v"), "T and B from x, n_v from W_V")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[:, None]
        q = q[:, None]
        k = k[:, None]
        v = v[:, None]
        alpha = alpha[:, None]
        S = S[:, None]
        o = o[:, None]
        a = a[:, None]
        yhat = yhat[:, None]
    tau = _real("tau", tau, dtype)
    _expect("tau", tau, (), ())
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, tau, q, k, v, alpha, S, o, a, yhat, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params
    _rank("W_Q", W_Q, ("n_k", "n_x"))
    n_k, n_x = W_Q.shape
    _rank("W_V", W_V, ("n_v", "n_x"))
    n_v = W_V.shape[0]
    _rank("V", V, ("n_y", "n_v"))
    n_y = V.shape[0]
    _expect("W_K", W_K, (n_k, n_x), ("n_k", "n_x"), "n_k and n_x from W_Q")
    _expect("W_V", W_V, (n_v, n_x), ("n_v", "n_x"), "n_x from W_Q")
    _expect("W_a", W_a, (n_k, n_x), ("n_k", "n_x"), "n_k and n_x from W_Q")
    _expect("W_r", W_r, (n_v, n_x), ("n_v", "n_x"), "n_v from W_V, n_x from W_Q")
    _expect("b_a", b_a, (n_k,), ("n_k",), "n_k from W_Q")
    _expect("b_r", b_r, (n_v,), ("n_v",), "n_v from W_V")
    _expect("V", V, (n_y, n_v), ("n_y", "n_v"), "n_v from W_V")
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


def _silu(z):
    """The product of z and its sigmoid."""
    return z * _sigmoid(z)


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
