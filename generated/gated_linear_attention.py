# Written by derive from gated_linear_attention.eq; do not edit.
# Change gated_linear_attention.eq instead, and run: derive generate gated_linear_attention
# source da951c1cc6bddb8d, derive e116e7411edaf54b, body bb7ef31cdca11ed8
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
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)           1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (S0,) = _resumed(state, ("S",), (("S0", S0),))
    if lengths is not None:
        return _forward_padded(params, x, y, tau, S0, lengths)
    params, x, y, tau, S0, dtype, single, n_k, n_x, n_v, n_y, T, B = _arguments(params, x, y, tau, S0)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params

    W_QKa = np.concatenate((W_Q, W_K, W_a))
    W_Vr = np.concatenate((W_V, W_r))
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg = (x.reshape(-1, n_x) @ W_QKa.T).reshape(T, B, 3 * n_k)
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2 = (x.reshape(-1, n_x) @ W_Vr.T).reshape(T, B, 2 * n_v)
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg[:, :, 2 * n_k:] += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    alpha_arg2 = _sigmoid(q_k_alpha_arg[:, :, 2 * n_k:])
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha = alpha_arg2 ** (1 / tau)
    S = np.empty((T + 1, B, n_k, n_v), dtype)
    # S[0] = 0
    S[0] = S0
    # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
    S[1:] = q_k_alpha_arg[:, :, n_k:2 * n_k][:, :, :, None] * v_a_arg2[:, :, :n_v][:, :, None]
    for t in range(1, T + 1):
        # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
        S[t] += S[t - 1] * alpha[t - 1][:, :, None]
    # o[t] = S[t].T @ q[t]
    o = (S[1:].transpose(0, 1, 3, 2) @ q_k_alpha_arg[:, :, :n_k][..., None])[..., 0]
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    a_arg = (o**2).sum(axis=2) / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    a_sqrt = np.sqrt(a_arg)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2[:, :, n_v:] += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu = _silu(v_a_arg2[:, :, n_v:])
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    a = (1 / a_sqrt)[:, :, None] * a_silu * o
    # s[t] = d + V @ a[t]
    s = (a.reshape(-1, n_v) @ V.T).reshape(T, B, n_y)
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
    q = q_k_alpha_arg[..., :n_k]
    k = q_k_alpha_arg[..., n_k:2 * n_k]
    v = v_a_arg2[..., :n_v]

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
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x        (T, B, n_x)    real        what is read at each step
    y        (T, B)         0..n_y - 1  the class to predict at each step
    tau      number         real        temperature of the forget gate: near 1
    S0       (B, n_k, n_v)  real        S[0]; 0 where not given
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)           1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (S0,) = _resumed(state, ("S",), (("S0", S0),))
    if lengths is not None:
        return _loss_padded(params, x, y, tau, S0, lengths)
    params, x, y, tau, S0, dtype, single, n_k, n_x, n_v, n_y, T, B = _arguments(params, x, y, tau, S0, whole=True)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params

    W_QKa = np.concatenate((W_Q, W_K, W_a))
    W_Vr = np.concatenate((W_V, W_r))
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg = (x.reshape(-1, n_x) @ W_QKa.T).reshape(T, B, 3 * n_k)
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2 = (x.reshape(-1, n_x) @ W_Vr.T).reshape(T, B, 2 * n_v)
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg[:, :, 2 * n_k:] += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    alpha_arg2 = _sigmoid(q_k_alpha_arg[:, :, 2 * n_k:])
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha = alpha_arg2 ** (1 / tau)
    S = np.empty((T + 1, B, n_k, n_v), dtype)
    # S[0] = 0
    S[0] = S0
    # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
    S[1:] = q_k_alpha_arg[:, :, n_k:2 * n_k][:, :, :, None] * v_a_arg2[:, :, :n_v][:, :, None]
    for t in range(1, T + 1):
        # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
        S[t] += S[t - 1] * alpha[t - 1][:, :, None]
    # o[t] = S[t].T @ q[t]
    o = (S[1:].transpose(0, 1, 3, 2) @ q_k_alpha_arg[:, :, :n_k][..., None])[..., 0]
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    a_arg = (o**2).sum(axis=2) / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    a_sqrt = np.sqrt(a_arg)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2[:, :, n_v:] += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu = _silu(v_a_arg2[:, :, n_v:])
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    a = (1 / a_sqrt)[:, :, None] * a_silu * o
    # s[t] = d + V @ a[t]
    s = (a.reshape(-1, n_v) @ V.T).reshape(T, B, n_y)
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
    tau: float = 16.0,
    S0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x        (T, B, n_x)    real               what is read at each step
    y        (T, B)         0..n_y - 1         the class to predict at each step
    tau      number         real               temperature of the forget gate: near 1
    S0       (B, n_k, n_v)  real               S[0]; 0 where not given
    state                   State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)           1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                  whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if state is not None:
        (S0,) = _resumed(state, ("S",), (("S0", S0),))
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, tau, S0, lengths, wrt, window)
    params, x, y, tau, S0, dtype, single, n_k, n_x, n_v, n_y, T, B = _arguments(params, x, y, tau, S0, whole=True)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params
    wrt = _asked(wrt, ("x", "S0"))

    W_QKa = np.concatenate((W_Q, W_K, W_a))
    W_Vr = np.concatenate((W_V, W_r))
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg = (x.reshape(-1, n_x) @ W_QKa.T).reshape(T, B, 3 * n_k)
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2 = (x.reshape(-1, n_x) @ W_Vr.T).reshape(T, B, 2 * n_v)
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg[:, :, 2 * n_k:] += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    alpha_arg2 = _sigmoid(q_k_alpha_arg[:, :, 2 * n_k:])
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha = alpha_arg2 ** (1 / tau)
    S = np.empty((T + 1, B, n_k, n_v), dtype)
    # S[0] = 0
    S[0] = S0
    # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
    S[1:] = q_k_alpha_arg[:, :, n_k:2 * n_k][:, :, :, None] * v_a_arg2[:, :, :n_v][:, :, None]
    for t in range(1, T + 1):
        # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
        S[t] += S[t - 1] * alpha[t - 1][:, :, None]
    # o[t] = S[t].T @ q[t]
    o = (S[1:].transpose(0, 1, 3, 2) @ q_k_alpha_arg[:, :, :n_k][..., None])[..., 0]
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    a_arg = (o**2).sum(axis=2) / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    a_sqrt = np.sqrt(a_arg)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2[:, :, n_v:] += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu = _silu(v_a_arg2[:, :, n_v:])
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    a = (1 / a_sqrt)[:, :, None] * a_silu * o
    # s[t] = d + V @ a[t]
    s = (a.reshape(-1, n_v) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    q = q_k_alpha_arg[..., :n_k]
    k = q_k_alpha_arg[..., n_k:2 * n_k]
    v = v_a_arg2[..., :n_v]
    a_arg2 = v_a_arg2[..., n_v:2 * n_v]
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), a[t]), t)
    dV = ds.reshape(-1, n_y).T @ a.reshape(-1, n_v)
    # grad(a[t]) = V.T @ grad(s[t])
    da = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_v)
    # grad(a.sqrt[t]) = -sum(o[t] * a.silu[t] * grad(a[t])) / a.sqrt[t]**2
    da_sqrt = -(a_silu * da * o).sum(axis=2) / a_sqrt**2
    # grad(o[t]) = 2 * grad(a.arg[t]) * o[t] / n_v + a.silu[t] * grad(a[t]) / a.sqrt[t]
    do = (1 / a_sqrt)[:, :, None] * a_silu * da
    do += (1 / a_sqrt)[:, :, None] * da_sqrt[:, :, None] * o / n_v
    dv_a_arg2 = np.empty((T, B, 2 * n_v), dtype)
    # grad(a.arg2[t]) = (1 + a.arg2[t] * (1 - sigmoid(a.arg2[t]))) * sigmoid(a.arg2[t]) * grad(a.silu[t])
    dv_a_arg2[:, :, n_v:] = (1 / a_sqrt)[:, :, None] * _sigmoid(a_arg2) * da * o * (1 + a_arg2 * (1 - _sigmoid(a_arg2)))
    # grad(b_r) = sum(grad(a.arg2[t]), t)
    db_r = dv_a_arg2[:, :, n_v:].sum(axis=(0, 1))
    dS = np.empty((T + 1, B, n_k, n_v), dtype)
    # grad(S[t]) = diag(alpha[t+1]) @ grad(S[t+1]) + outer(q[t], grad(o[t])), t < T
    dS[1:] = do[:, :, None] * q[:, :, :, None]
    for t in range(T - 1, 0, -1):
        # grad(S[t]) = diag(alpha[t+1]) @ grad(S[t+1]) + outer(q[t], grad(o[t])), t < T
        dS[t] += alpha[t][:, :, None] * dS[t + 1]
    # grad(v[t]) = grad(S[t]).T @ k[t]
    dv_a_arg2[:, :, :n_v] = (dS[1:].transpose(0, 1, 3, 2) @ k[..., None])[..., 0]
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(a.arg2[t]), x[t]), t)
    dW_Vr = dv_a_arg2.reshape(-1, 2 * n_v).T @ x.reshape(-1, n_x)
    # grad(alpha[t, i]) = sum(S[t-1, i, j] * grad(S[t, i, j]), j)
    dalpha = np.einsum("tbij,tbij->tbi", S[:T], dS[1:])
    dq_k_alpha_arg = np.empty((T, B, 3 * n_k), dtype)
    # grad(alpha.arg[t]) = alpha.arg2[t] * (1 - alpha.arg2[t]) * grad(alpha.arg2[t])
    dq_k_alpha_arg[:, :, 2 * n_k:] = alpha_arg2 * dalpha * (1 - alpha_arg2) * alpha_arg2 ** (1 / tau - 1) / tau
    # grad(b_a) = sum(grad(alpha.arg[t]), t)
    db_a = dq_k_alpha_arg[:, :, 2 * n_k:].sum(axis=(0, 1))
    # grad(q[t]) = S[t] @ grad(o[t])
    dq_k_alpha_arg[:, :, :n_k] = (S[1:] @ do[..., None])[..., 0]
    # grad(k[t]) = grad(S[t]) @ v[t]
    dq_k_alpha_arg[:, :, n_k:2 * n_k] = (dS[1:] @ v[..., None])[..., 0]
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    # grad(W_a) = sum(outer(grad(alpha.arg[t]), x[t]), t)
    dW_QKa = dq_k_alpha_arg.reshape(-1, 3 * n_k).T @ x.reshape(-1, n_x)
    if "x" in wrt:
        # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + W_a.T @
        #     grad(alpha.arg[t]) + W_r.T @ grad(a.arg2[t])
        dx = (dv_a_arg2.reshape(-1, 2 * n_v) @ W_Vr).reshape(T, B, n_x)
        dx += (dq_k_alpha_arg.reshape(-1, 3 * n_k) @ W_QKa).reshape(T, B, n_x)
    if "S0" in wrt:
        # grad(S[t]) = diag(alpha[t+1]) @ grad(S[t+1]) + outer(q[t], grad(o[t])), t < T
        dS[:1] = alpha[:1][:, :, :, None] * dS[1:2]
        # grad(S.0) = grad(S[0])
        dS0 = dS[0].copy()
    dW_Q = dW_QKa[:n_k]
    dW_K = dW_QKa[n_k:2 * n_k]
    dW_a = dW_QKa[2 * n_k:3 * n_k]
    dW_V = dW_Vr[:n_v]
    dW_r = dW_Vr[n_v:2 * n_v]

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
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, tau, lengths, window)
    (
        params, x, y, tau, q, k, v, alpha, S, o, a, yhat, dtype, single, n_k, n_x, n_v, n_y, T, B,
    ) = _backward_arguments(params, forward, x, y, tau)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params

    # alpha.arg[t] = W_a @ x[t] + b_a
    alpha_arg = (x.reshape(-1, n_x) @ W_a.T).reshape(T, B, n_k)
    alpha_arg += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    alpha_arg2 = _sigmoid(alpha_arg)
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    a_arg = (o**2).sum(axis=2) / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    a_sqrt = np.sqrt(a_arg)
    # a.arg2[t] = W_r @ x[t] + b_r
    a_arg2 = (x.reshape(-1, n_x) @ W_r.T).reshape(T, B, n_v)
    a_arg2 += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu = _silu(a_arg2)
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), a[t]), t)
    dV = ds.reshape(-1, n_y).T @ a.reshape(-1, n_v)
    # grad(a[t]) = V.T @ grad(s[t])
    da = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_v)
    # grad(a.sqrt[t]) = -sum(o[t] * a.silu[t] * grad(a[t])) / a.sqrt[t]**2
    da_sqrt = -(a_silu * da * o).sum(axis=2) / a_sqrt**2
    # grad(o[t]) = 2 * grad(a.arg[t]) * o[t] / n_v + a.silu[t] * grad(a[t]) / a.sqrt[t]
    do = (1 / a_sqrt)[:, :, None] * a_silu * da
    do += (1 / a_sqrt)[:, :, None] * da_sqrt[:, :, None] * o / n_v
    dv_a_arg2 = np.empty((T, B, 2 * n_v), dtype)
    # grad(a.arg2[t]) = (1 + a.arg2[t] * (1 - sigmoid(a.arg2[t]))) * sigmoid(a.arg2[t]) * grad(a.silu[t])
    dv_a_arg2[:, :, n_v:] = (1 / a_sqrt)[:, :, None] * _sigmoid(a_arg2) * da * o * (1 + a_arg2 * (1 - _sigmoid(a_arg2)))
    # grad(b_r) = sum(grad(a.arg2[t]), t)
    db_r = dv_a_arg2[:, :, n_v:].sum(axis=(0, 1))
    # grad(S[t]) = diag(alpha[t+1]) @ grad(S[t+1]) + outer(q[t], grad(o[t])), t < T
    dS = do[:, :, None] * q[:, :, :, None]
    for t in range(T - 1, 0, -1):
        # grad(S[t]) = diag(alpha[t+1]) @ grad(S[t+1]) + outer(q[t], grad(o[t])), t < T
        dS[t - 1] += alpha[t][:, :, None] * dS[t]
    # grad(v[t]) = grad(S[t]).T @ k[t]
    dv_a_arg2[:, :, :n_v] = (dS.transpose(0, 1, 3, 2) @ k[..., None])[..., 0]
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(a.arg2[t]), x[t]), t)
    dW_Vr = dv_a_arg2.reshape(-1, 2 * n_v).T @ x.reshape(-1, n_x)
    # grad(alpha[t, i]) = sum(S[t-1, i, j] * grad(S[t, i, j]), j)
    dalpha = np.einsum("tbij,tbij->tbi", S[:T], dS)
    dq_k_alpha_arg = np.empty((T, B, 3 * n_k), dtype)
    # grad(alpha.arg[t]) = alpha.arg2[t] * (1 - alpha.arg2[t]) * grad(alpha.arg2[t])
    dq_k_alpha_arg[:, :, 2 * n_k:] = alpha_arg2 * dalpha * (1 - alpha_arg2) * alpha_arg2 ** (1 / tau - 1) / tau
    # grad(b_a) = sum(grad(alpha.arg[t]), t)
    db_a = dq_k_alpha_arg[:, :, 2 * n_k:].sum(axis=(0, 1))
    # grad(q[t]) = S[t] @ grad(o[t])
    dq_k_alpha_arg[:, :, :n_k] = (S[1:] @ do[..., None])[..., 0]
    # grad(k[t]) = grad(S[t]) @ v[t]
    dq_k_alpha_arg[:, :, n_k:2 * n_k] = (dS @ v[..., None])[..., 0]
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    # grad(W_a) = sum(outer(grad(alpha.arg[t]), x[t]), t)
    dW_QKa = dq_k_alpha_arg.reshape(-1, 3 * n_k).T @ x.reshape(-1, n_x)
    dW_Q = dW_QKa[:n_k]
    dW_K = dW_QKa[n_k:2 * n_k]
    dW_a = dW_QKa[2 * n_k:3 * n_k]
    dW_V = dW_Vr[:n_v]
    dW_r = dW_Vr[n_v:2 * n_v]

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

    W_QKa = np.concatenate((W_Q, W_K, W_a))
    W_Vr = np.concatenate((W_V, W_r))
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg_ = x @ W_QKa.T
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2_ = x @ W_Vr.T
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg_[:, 2 * n_k:] += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    alpha_arg2 = _sigmoid(q_k_alpha_arg_[:, 2 * n_k:])
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha = alpha_arg2 ** (1 / tau)
    # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
    S = S_prev * alpha[:, :, None]
    S += q_k_alpha_arg_[:, n_k:2 * n_k][:, :, None] * v_a_arg2_[:, :n_v][:, None]
    # o[t] = S[t].T @ q[t]
    o = (S.transpose(0, 2, 1) @ q_k_alpha_arg_[:, :n_k][..., None])[..., 0]
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    a_arg = (o**2).sum(axis=1) / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    a_sqrt = np.sqrt(a_arg)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2_[:, n_v:] += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu = _silu(v_a_arg2_[:, n_v:])
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    a = (1 / a_sqrt)[:, None] * a_silu * o
    # s[t] = d + V @ a[t]
    s = a @ V.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])
    q = q_k_alpha_arg_[:, :n_k]
    k = q_k_alpha_arg_[:, n_k:2 * n_k]
    v = v_a_arg2_[:, :n_v]

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

    W_QKa = np.concatenate((W_Q, W_K, W_a))
    W_Vr = np.concatenate((W_V, W_r))
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg = (x.reshape(-1, n_x) @ W_QKa.T).reshape(T, B, 3 * n_k)
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2 = (x.reshape(-1, n_x) @ W_Vr.T).reshape(T, B, 2 * n_v)
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg[:, :, 2 * n_k:] += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    alpha_arg2 = _sigmoid(q_k_alpha_arg[:, :, 2 * n_k:])
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha = alpha_arg2 ** (1 / tau)
    S = np.empty((T + 1, B, n_k, n_v), dtype)
    # S[0] = 0
    S[0] = S0
    for t in range(1, T + 1):
        # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
        S[t] = np.where((t <= T_own)[:, None, None], S[t - 1] * alpha[t - 1][:, :, None] + q_k_alpha_arg[t - 1, :, n_k:2 * n_k][:, :, None] * v_a_arg2[t - 1, :, :n_v][:, None], S[t - 1])
    # o[t] = S[t].T @ q[t]
    o = (S[1:].transpose(0, 1, 3, 2) @ q_k_alpha_arg[:, :, :n_k][..., None])[..., 0]
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    a_arg = (o**2).sum(axis=2) / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    a_sqrt = np.sqrt(a_arg)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2[:, :, n_v:] += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu = _silu(v_a_arg2[:, :, n_v:])
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    a = (1 / a_sqrt)[:, :, None] * a_silu * o
    # s[t] = d + V @ a[t]
    s = (a.reshape(-1, n_v) @ V.T).reshape(T, B, n_y)
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
    q = q_k_alpha_arg[..., :n_k]
    k = q_k_alpha_arg[..., n_k:2 * n_k]
    v = v_a_arg2[..., :n_v]

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


def _loss_padded(params, x, y, tau, S0, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, tau, S0, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, tau, S0, lengths, whole=True)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params

    W_QKa = np.concatenate((W_Q, W_K, W_a))
    W_Vr = np.concatenate((W_V, W_r))
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg = (x.reshape(-1, n_x) @ W_QKa.T).reshape(T, B, 3 * n_k)
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2 = (x.reshape(-1, n_x) @ W_Vr.T).reshape(T, B, 2 * n_v)
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg[:, :, 2 * n_k:] += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    alpha_arg2 = _sigmoid(q_k_alpha_arg[:, :, 2 * n_k:])
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha = alpha_arg2 ** (1 / tau)
    S = np.empty((T + 1, B, n_k, n_v), dtype)
    # S[0] = 0
    S[0] = S0
    for t in range(1, T + 1):
        # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
        S[t] = np.where((t <= T_own)[:, None, None], S[t - 1] * alpha[t - 1][:, :, None] + q_k_alpha_arg[t - 1, :, n_k:2 * n_k][:, :, None] * v_a_arg2[t - 1, :, :n_v][:, None], S[t - 1])
    # o[t] = S[t].T @ q[t]
    o = (S[1:].transpose(0, 1, 3, 2) @ q_k_alpha_arg[:, :, :n_k][..., None])[..., 0]
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    a_arg = (o**2).sum(axis=2) / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    a_sqrt = np.sqrt(a_arg)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2[:, :, n_v:] += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu = _silu(v_a_arg2[:, :, n_v:])
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    a = (1 / a_sqrt)[:, :, None] * a_silu * o
    # s[t] = d + V @ a[t]
    s = (a.reshape(-1, n_v) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, tau, S0, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, tau, S0, dtype, single, n_k, n_x, n_v, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, tau, S0, lengths, whole=True)
    W_Q, W_K, W_V, W_a, W_r, b_a, b_r, V, d = params
    wrt = _asked(wrt, ("x", "S0"))
    window_T = _window(window, "T", ("T",), T)

    W_QKa = np.concatenate((W_Q, W_K, W_a))
    W_Vr = np.concatenate((W_V, W_r))
    # q[t] = W_Q @ x[t]
    # k[t] = W_K @ x[t]
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg = (x.reshape(-1, n_x) @ W_QKa.T).reshape(T, B, 3 * n_k)
    # v[t] = W_V @ x[t]
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2 = (x.reshape(-1, n_x) @ W_Vr.T).reshape(T, B, 2 * n_v)
    # alpha.arg[t] = W_a @ x[t] + b_a
    q_k_alpha_arg[:, :, 2 * n_k:] += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    alpha_arg2 = _sigmoid(q_k_alpha_arg[:, :, 2 * n_k:])
    # alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)
    alpha = alpha_arg2 ** (1 / tau)
    S = np.empty((T + 1, B, n_k, n_v), dtype)
    # S[0] = 0
    S[0] = S0
    for t in range(1, T + 1):
        # S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]
        S[t] = np.where((t <= T_own)[:, None, None], S[t - 1] * alpha[t - 1][:, :, None] + q_k_alpha_arg[t - 1, :, n_k:2 * n_k][:, :, None] * v_a_arg2[t - 1, :, :n_v][:, None], S[t - 1])
    # o[t] = S[t].T @ q[t]
    o = (S[1:].transpose(0, 1, 3, 2) @ q_k_alpha_arg[:, :, :n_k][..., None])[..., 0]
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    a_arg = (o**2).sum(axis=2) / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    a_sqrt = np.sqrt(a_arg)
    # a.arg2[t] = W_r @ x[t] + b_r
    v_a_arg2[:, :, n_v:] += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu = _silu(v_a_arg2[:, :, n_v:])
    # a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)
    a = (1 / a_sqrt)[:, :, None] * a_silu * o
    # s[t] = d + V @ a[t]
    s = (a.reshape(-1, n_v) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    q = q_k_alpha_arg[..., :n_k]
    k = q_k_alpha_arg[..., n_k:2 * n_k]
    v = v_a_arg2[..., :n_v]
    a_arg2 = v_a_arg2[..., n_v:2 * n_v]
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), a[t]), t)
    dV = ds.reshape(-1, n_y).T @ a.reshape(-1, n_v)
    # grad(a[t]) = V.T @ grad(s[t])
    da = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_v)
    # grad(a.sqrt[t]) = -sum(o[t] * a.silu[t] * grad(a[t])) / a.sqrt[t]**2
    da_sqrt = -(a_silu * da * o).sum(axis=2) / a_sqrt**2
    # grad(o[t]) = 2 * grad(a.arg[t]) * o[t] / n_v + a.silu[t] * grad(a[t]) / a.sqrt[t]
    do = (1 / a_sqrt)[:, :, None] * a_silu * da
    do += (1 / a_sqrt)[:, :, None] * da_sqrt[:, :, None] * o / n_v
    dv_a_arg2 = np.empty((T, B, 2 * n_v), dtype)
    # grad(a.arg2[t]) = (1 + a.arg2[t] * (1 - sigmoid(a.arg2[t]))) * sigmoid(a.arg2[t]) * grad(a.silu[t])
    dv_a_arg2[:, :, n_v:] = (1 / a_sqrt)[:, :, None] * _sigmoid(a_arg2) * da * o * (1 + a_arg2 * (1 - _sigmoid(a_arg2)))
    # grad(b_r) = sum(grad(a.arg2[t]), t)
    db_r = dv_a_arg2[:, :, n_v:].sum(axis=(0, 1))
    dS = np.empty((T + 1, B, n_k, n_v), dtype)
    # grad(S[t]) = same_window(t, maximum(t - 1, 0), window.T) * (diag(alpha[t+1]) @ grad(S[t+1])) +
    #     outer(q[t], grad(o[t])), t < T
    dS[1:] = do[:, :, None] * q[:, :, :, None]
    for t in range(T - 1, 0, -1):
        # grad(S[t]) = same_window(t, maximum(t - 1, 0), window.T) * (diag(alpha[t+1]) @ grad(S[t+1])) +
        #     outer(q[t], grad(o[t])), t < T
        dS[t] += alpha[t][:, :, None] * dS[t + 1] * (t // window_T == max(t - 1, 0) // window_T)
    # grad(v[t]) = grad(S[t]).T @ k[t]
    dv_a_arg2[:, :, :n_v] = (dS[1:].transpose(0, 1, 3, 2) @ k[..., None])[..., 0]
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(a.arg2[t]), x[t]), t)
    dW_Vr = dv_a_arg2.reshape(-1, 2 * n_v).T @ x.reshape(-1, n_x)
    # grad(alpha[t, i]) = sum(S[t-1, i, j] * grad(S[t, i, j]), j)
    dalpha = np.einsum("tbij,tbij->tbi", S[:T], dS[1:])
    dq_k_alpha_arg = np.empty((T, B, 3 * n_k), dtype)
    # grad(alpha.arg[t]) = alpha.arg2[t] * (1 - alpha.arg2[t]) * grad(alpha.arg2[t])
    dq_k_alpha_arg[:, :, 2 * n_k:] = alpha_arg2 * dalpha * (1 - alpha_arg2) * alpha_arg2 ** (1 / tau - 1) / tau
    # grad(b_a) = sum(grad(alpha.arg[t]), t)
    db_a = dq_k_alpha_arg[:, :, 2 * n_k:].sum(axis=(0, 1))
    # grad(q[t]) = S[t] @ grad(o[t])
    dq_k_alpha_arg[:, :, :n_k] = (S[1:] @ do[..., None])[..., 0]
    # grad(k[t]) = grad(S[t]) @ v[t]
    dq_k_alpha_arg[:, :, n_k:2 * n_k] = (dS[1:] @ v[..., None])[..., 0]
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    # grad(W_a) = sum(outer(grad(alpha.arg[t]), x[t]), t)
    dW_QKa = dq_k_alpha_arg.reshape(-1, 3 * n_k).T @ x.reshape(-1, n_x)
    if "x" in wrt:
        # grad(x[t]) = W_Q.T @ grad(q[t]) + W_K.T @ grad(k[t]) + W_V.T @ grad(v[t]) + W_a.T @
        #     grad(alpha.arg[t]) + W_r.T @ grad(a.arg2[t])
        dx = (dv_a_arg2.reshape(-1, 2 * n_v) @ W_Vr).reshape(T, B, n_x)
        dx += (dq_k_alpha_arg.reshape(-1, 3 * n_k) @ W_QKa).reshape(T, B, n_x)
    if "S0" in wrt:
        # grad(S[t]) = same_window(t, maximum(t - 1, 0), window.T) * (diag(alpha[t+1]) @ grad(S[t+1])) +
        #     outer(q[t], grad(o[t])), t < T
        dS[:1] = alpha[:1][:, :, :, None] * dS[1:2] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None, None]
        # grad(S.0) = grad(S[0])
        dS0 = dS[0].copy()
    dW_Q = dW_QKa[:n_k]
    dW_K = dW_QKa[n_k:2 * n_k]
    dW_a = dW_QKa[2 * n_k:3 * n_k]
    dW_V = dW_Vr[:n_v]
    dW_r = dW_Vr[n_v:2 * n_v]

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

    # alpha.arg[t] = W_a @ x[t] + b_a
    alpha_arg = (x.reshape(-1, n_x) @ W_a.T).reshape(T, B, n_k)
    alpha_arg += b_a
    # alpha.arg2[t] = sigmoid(alpha.arg[t])
    alpha_arg2 = _sigmoid(alpha_arg)
    # a.arg[t] = 0.00001 + mean(o[t]**2)
    a_arg = (o**2).sum(axis=2) / n_v
    a_arg += 1e-05
    # a.sqrt[t] = sqrt(a.arg[t])
    a_sqrt = np.sqrt(a_arg)
    # a.arg2[t] = W_r @ x[t] + b_r
    a_arg2 = (x.reshape(-1, n_x) @ W_r.T).reshape(T, B, n_v)
    a_arg2 += b_r
    # a.silu[t] = silu(a.arg2[t])
    a_silu = _silu(a_arg2)
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), a[t]), t)
    dV = ds.reshape(-1, n_y).T @ a.reshape(-1, n_v)
    # grad(a[t]) = V.T @ grad(s[t])
    da = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_v)
    # grad(a.sqrt[t]) = -sum(o[t] * a.silu[t] * grad(a[t])) / a.sqrt[t]**2
    da_sqrt = -(a_silu * da * o).sum(axis=2) / a_sqrt**2
    # grad(o[t]) = 2 * grad(a.arg[t]) * o[t] / n_v + a.silu[t] * grad(a[t]) / a.sqrt[t]
    do = (1 / a_sqrt)[:, :, None] * a_silu * da
    do += (1 / a_sqrt)[:, :, None] * da_sqrt[:, :, None] * o / n_v
    dv_a_arg2 = np.empty((T, B, 2 * n_v), dtype)
    # grad(a.arg2[t]) = (1 + a.arg2[t] * (1 - sigmoid(a.arg2[t]))) * sigmoid(a.arg2[t]) * grad(a.silu[t])
    dv_a_arg2[:, :, n_v:] = (1 / a_sqrt)[:, :, None] * _sigmoid(a_arg2) * da * o * (1 + a_arg2 * (1 - _sigmoid(a_arg2)))
    # grad(b_r) = sum(grad(a.arg2[t]), t)
    db_r = dv_a_arg2[:, :, n_v:].sum(axis=(0, 1))
    # grad(S[t]) = same_window(t, maximum(t - 1, 0), window.T) * (diag(alpha[t+1]) @ grad(S[t+1])) +
    #     outer(q[t], grad(o[t])), t < T
    dS = do[:, :, None] * q[:, :, :, None]
    for t in range(T - 1, 0, -1):
        # grad(S[t]) = same_window(t, maximum(t - 1, 0), window.T) * (diag(alpha[t+1]) @ grad(S[t+1])) +
        #     outer(q[t], grad(o[t])), t < T
        dS[t - 1] += alpha[t][:, :, None] * dS[t] * (t // window_T == max(t - 1, 0) // window_T)
    # grad(v[t]) = grad(S[t]).T @ k[t]
    dv_a_arg2[:, :, :n_v] = (dS.transpose(0, 1, 3, 2) @ k[..., None])[..., 0]
    # grad(W_V) = sum(outer(grad(v[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(a.arg2[t]), x[t]), t)
    dW_Vr = dv_a_arg2.reshape(-1, 2 * n_v).T @ x.reshape(-1, n_x)
    # grad(alpha[t, i]) = sum(S[t-1, i, j] * grad(S[t, i, j]), j)
    dalpha = np.einsum("tbij,tbij->tbi", S[:T], dS)
    dq_k_alpha_arg = np.empty((T, B, 3 * n_k), dtype)
    # grad(alpha.arg[t]) = alpha.arg2[t] * (1 - alpha.arg2[t]) * grad(alpha.arg2[t])
    dq_k_alpha_arg[:, :, 2 * n_k:] = alpha_arg2 * dalpha * (1 - alpha_arg2) * alpha_arg2 ** (1 / tau - 1) / tau
    # grad(b_a) = sum(grad(alpha.arg[t]), t)
    db_a = dq_k_alpha_arg[:, :, 2 * n_k:].sum(axis=(0, 1))
    # grad(q[t]) = S[t] @ grad(o[t])
    dq_k_alpha_arg[:, :, :n_k] = (S[1:] @ do[..., None])[..., 0]
    # grad(k[t]) = grad(S[t]) @ v[t]
    dq_k_alpha_arg[:, :, n_k:2 * n_k] = (dS @ v[..., None])[..., 0]
    # grad(W_Q) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_K) = sum(outer(grad(k[t]), x[t]), t)
    # grad(W_a) = sum(outer(grad(alpha.arg[t]), x[t]), t)
    dW_QKa = dq_k_alpha_arg.reshape(-1, 3 * n_k).T @ x.reshape(-1, n_x)
    dW_Q = dW_QKa[:n_k]
    dW_K = dW_QKa[n_k:2 * n_k]
    dW_a = dW_QKa[2 * n_k:3 * n_k]
    dW_V = dW_Vr[:n_v]
    dW_r = dW_Vr[n_v:2 * n_v]

    return Params(W_Q=dW_Q, W_K=dW_K, W_V=dW_V, W_a=dW_a, W_r=dW_r, b_a=db_a, b_r=db_r, V=dV, d=dd)


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
