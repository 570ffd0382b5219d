# Written by derive from selective_state_space.eq; do not edit.
# Change selective_state_space.eq instead, and run: derive generate selective_state_space
# source 17a940c332ef786a, derive e116e7411edaf54b, body 1f41d98bc2c2611a
"""Selective state space (S6): step, input and output weights of a diagonal state space depend on what is read.

Gu & Dao (2023), Mamba: Linear-Time Sequence Modeling with Selective State Spaces, eq. 2 and section 3.2 (algorithm 2),
with the simplified step for B.

The equations::

    w: Index[T, n_w]                # the word that is read at each step
    y: Label[T, n_w]                # the word to predict at each step
    E: Param[n_w, n_d]              # word embedding
    Alog: Param[n_d, n_s]           # rates, as logarithms
    W_B, W_C = Param[n_s, n_d]      # input to B and to C
    W_dt: Param[n_d, n_d]           # input to step
    b_dt: Param[n_d] = -2           # steps are short at first
    D: Param[n_d] = 1               # input to output
    V: Param[n_w, n_d]              # channels to output
    c: Param[n_w]

    h[0, d, n] = 0
    x[t] = E[w[t]]
    A[d, n] = -exp(Alog[d, n])
    B[t] = W_B @ x[t]
    C[t] = W_C @ x[t]
    dt[t] = softplus(b_dt + W_dt @ x[t])
    h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
    g[t] = h[t] @ C[t] + D * x[t]
    o[t] = c + V @ g[t]
    yhat[t] = softmax(o[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    E: np.ndarray  # (n_w, n_d)  word embedding
    Alog: np.ndarray  # (n_d, n_s)  rates, as logarithms
    W_B: np.ndarray  # (n_s, n_d)  input to B and to C
    W_C: np.ndarray  # (n_s, n_d)  input to B and to C
    W_dt: np.ndarray  # (n_d, n_d)  input to step
    b_dt: np.ndarray  # (n_d)  steps are short at first
    D: np.ndarray  # (n_d)  input to output
    V: np.ndarray  # (n_w, n_d)  channels to output
    c: np.ndarray  # (n_w)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    x: np.ndarray  # (T, B, n_d)
    A: np.ndarray  # (n_d, n_s)
    B: np.ndarray  # (T, B, n_s)
    C: np.ndarray  # (T, B, n_s)
    dt: np.ndarray  # (T, B, n_d)
    h: np.ndarray  # (T + 1, B, n_d, n_s)
    g: np.ndarray  # (T, B, n_d)
    o: np.ndarray  # (T, B, n_w)
    yhat: np.ndarray  # (T, B, n_w)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    h: np.ndarray  # (B, n_d, n_s)


class Outputs(NamedTuple):
    """The variables at one step."""

    x: np.ndarray  # (B, n_d)
    B: np.ndarray  # (B, n_s)
    C: np.ndarray  # (B, n_s)
    dt: np.ndarray  # (B, n_d)
    h: np.ndarray  # (B, n_d, n_s)
    g: np.ndarray  # (B, n_d)
    o: np.ndarray  # (B, n_w)
    yhat: np.ndarray  # (B, n_w)


def init_params(rng: np.random.Generator, *, n_w: int, n_d: int, n_s: int, dtype: type = np.float64) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_w = _size("n_w", n_w)
    n_d = _size("n_d", n_d)
    n_s = _size("n_s", n_s)
    return Params(
        E=(rng.standard_normal((n_w, n_d)) / np.sqrt(n_d)).astype(dtype),
        Alog=(rng.standard_normal((n_d, n_s)) / np.sqrt(n_s)).astype(dtype),
        W_B=(rng.standard_normal((n_s, n_d)) / np.sqrt(n_d)).astype(dtype),
        W_C=(rng.standard_normal((n_s, n_d)) / np.sqrt(n_d)).astype(dtype),
        W_dt=(rng.standard_normal((n_d, n_d)) / np.sqrt(n_d)).astype(dtype),
        b_dt=np.full((n_d,), -2.0, dtype),
        D=np.full((n_d,), 1.0, dtype),
        V=(rng.standard_normal((n_w, n_d)) / np.sqrt(n_d)).astype(dtype),
        c=np.zeros((n_w,), dtype),
    )


def forward(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray | None = None,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    w        (T, B)         0..n_w - 1  the word that is read at each step
    y        (T, B)         0..n_w - 1  the word to predict at each step
    h0       (B, n_d, n_s)  real        h[0]; 0 where not given
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)           1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _forward_padded(params, w, y, h0, lengths)
    params, w, y, h0, dtype, single, n_w, n_d, n_s, T, B_ = _arguments(params, w, y, h0)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params

    W_BC = np.concatenate((W_B, W_C))
    # x[t] = E[w[t]]
    x = E[w]
    # A.exp = exp(Alog)
    A_exp = np.exp(Alog)
    # A[d, n] = -exp(Alog[d, n])
    A = -A_exp
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    BC = (x.reshape(-1, n_d) @ W_BC.T).reshape(T, B_, 2 * n_s)
    # dt.arg[t] = b_dt + W_dt @ x[t]
    dt_arg = (x.reshape(-1, n_d) @ W_dt.T).reshape(T, B_, n_d)
    dt_arg += b_dt
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    dt = _softplus(dt_arg)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    h_exp = np.exp(A * dt[:, :, :, None])
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    # h[0, d, n] = 0
    h[0] = h0
    # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
    h[1:] = BC[:, :, :n_s][:, :, None] * dt[:, :, :, None] * x[:, :, :, None]
    for t in range(1, T + 1):
        # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
        h[t] += h[t - 1] * h_exp[t - 1]
    # g[t] = h[t] @ C[t] + D * x[t]
    g = (h[1:] @ BC[:, :, n_s:][..., None])[..., 0]
    g += D * x
    # o[t] = c + V @ g[t]
    o = (g.reshape(-1, n_d) @ V.T).reshape(T, B_, n_w)
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    if y is not None:
        # loss = sum(-log(yhat[t, y[t]]), t)
        loss = -o[np.arange(T)[:, None], np.arange(B_), y].sum()
        loss += yhat_lse.sum()
    else:
        loss = None
    B = BC[..., :n_s]
    C = BC[..., n_s:2 * n_s]

    if single:
        x = x[:, 0]
        B = B[:, 0]
        C = C[:, 0]
        dt = dt[:, 0]
        h = h[:, 0]
        g = g[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(x=x, A=A, B=B, C=C, dt=dt, h=h, g=g, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    w        (T, B)         0..n_w - 1  the word that is read at each step
    y        (T, B)         0..n_w - 1  the word to predict at each step
    h0       (B, n_d, n_s)  real        h[0]; 0 where not given
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)           1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _loss_padded(params, w, y, h0, lengths)
    params, w, y, h0, dtype, single, n_w, n_d, n_s, T, B_ = _arguments(params, w, y, h0, whole=True)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params

    W_BC = np.concatenate((W_B, W_C))
    # x[t] = E[w[t]]
    x = E[w]
    # A.exp = exp(Alog)
    A_exp = np.exp(Alog)
    # A[d, n] = -exp(Alog[d, n])
    A = -A_exp
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    BC = (x.reshape(-1, n_d) @ W_BC.T).reshape(T, B_, 2 * n_s)
    # dt.arg[t] = b_dt + W_dt @ x[t]
    dt_arg = (x.reshape(-1, n_d) @ W_dt.T).reshape(T, B_, n_d)
    dt_arg += b_dt
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    dt = _softplus(dt_arg)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    h_exp = np.exp(A * dt[:, :, :, None])
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    # h[0, d, n] = 0
    h[0] = h0
    # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
    h[1:] = BC[:, :, :n_s][:, :, None] * dt[:, :, :, None] * x[:, :, :, None]
    for t in range(1, T + 1):
        # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
        h[t] += h[t - 1] * h_exp[t - 1]
    # g[t] = h[t] @ C[t] + D * x[t]
    g = (h[1:] @ BC[:, :, n_s:][..., None])[..., 0]
    g += D * x
    # o[t] = c + V @ g[t]
    o = (g.reshape(-1, n_d) @ V.T).reshape(T, B_, n_w)
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -o[np.arange(T)[:, None], np.arange(B_), y].sum()
    loss += yhat_lse.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w        (T, B)         0..n_w - 1         the word that is read at each step
    y        (T, B)         0..n_w - 1         the word to predict at each step
    h0       (B, n_d, n_s)  real               h[0]; 0 where not given
    state                   State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)           1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                  whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, w, y, h0, lengths, wrt, window)
    params, w, y, h0, dtype, single, n_w, n_d, n_s, T, B_ = _arguments(params, w, y, h0, whole=True)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params
    wrt = _asked(wrt, ("h0",))

    W_BC = np.concatenate((W_B, W_C))
    # x[t] = E[w[t]]
    x = E[w]
    # A.exp = exp(Alog)
    A_exp = np.exp(Alog)
    # A[d, n] = -exp(Alog[d, n])
    A = -A_exp
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    BC = (x.reshape(-1, n_d) @ W_BC.T).reshape(T, B_, 2 * n_s)
    # dt.arg[t] = b_dt + W_dt @ x[t]
    dt_arg = (x.reshape(-1, n_d) @ W_dt.T).reshape(T, B_, n_d)
    dt_arg += b_dt
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    dt = _softplus(dt_arg)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    h_exp = np.exp(A * dt[:, :, :, None])
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    # h[0, d, n] = 0
    h[0] = h0
    # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
    h[1:] = BC[:, :, :n_s][:, :, None] * dt[:, :, :, None] * x[:, :, :, None]
    for t in range(1, T + 1):
        # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
        h[t] += h[t - 1] * h_exp[t - 1]
    # g[t] = h[t] @ C[t] + D * x[t]
    g = (h[1:] @ BC[:, :, n_s:][..., None])[..., 0]
    g += D * x
    # o[t] = c + V @ g[t]
    o = (g.reshape(-1, n_d) @ V.T).reshape(T, B_, n_w)
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -o[np.arange(T)[:, None], np.arange(B_), y].sum()
    loss += yhat_lse.sum()
    B = BC[..., :n_s]
    C = BC[..., n_s:2 * n_s]
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do = yhat.copy()
    do[np.arange(T)[:, None], np.arange(B_), y] -= 1
    # grad(c) = sum(grad(o[t]), t)
    dc = do.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    dV = do.reshape(-1, n_w).T @ g.reshape(-1, n_d)
    # grad(g[t]) = V.T @ grad(o[t])
    dg = (do.reshape(-1, n_w) @ V).reshape(T, B_, n_d)
    # grad(D) = sum(x[t] * grad(g[t]), t)
    dD = np.einsum("tbi,tbi->i", dg, x)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    dx = D * dg
    dh = np.empty((T + 1, B_, n_d, n_s), dtype)
    # grad(h[t]) = h.exp[t+1] * grad(h[t+1]) + outer(grad(g[t]), C[t]), t < T
    dh[1:] = C[:, :, None] * dg[:, :, :, None]
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = h.exp[t+1] * grad(h[t+1]) + outer(grad(g[t]), C[t]), t < T
        dh[t] += dh[t + 1] * h_exp[t]
    # grad(h.exp[t]) = h[t-1] * grad(h[t])
    dh_exp = dh[1:] * h[:T]
    # grad(dt[t, i]) = sum(x[t, i] * grad(h[t, i, j]) * B[t, j], j) + sum(A[i, j] * h.exp[t, i, j] *
    #     grad(h.exp[t, i, j]), j)
    ddt = np.einsum("ij,tbij->tbi", A, dh_exp * h_exp)
    ddt += ((dh[1:] * x[:, :, :, None]) @ B[..., None])[..., 0]
    dBC = np.empty((T, B_, 2 * n_s), dtype)
    # grad(C[t]) = h[t].T @ grad(g[t])
    dBC[:, :, n_s:] = (h[1:].transpose(0, 1, 3, 2) @ dg[..., None])[..., 0]
    # grad(B[t]) = grad(h[t]).T @ (x[t] * dt[t])
    dBC[:, :, :n_s] = (dh[1:].transpose(0, 1, 3, 2) @ (dt * x)[..., None])[..., 0]
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    dx += (dBC.reshape(-1, 2 * n_s) @ W_BC).reshape(T, B_, n_d)
    dx += ((dh[1:] * dt[:, :, :, None]) @ B[..., None])[..., 0]
    # grad(A) = sum(diag(dt[t]) @ (h.exp[t] * grad(h.exp[t])), t)
    dA = np.einsum("tbi,ijtb->ij", dt, dh_exp.transpose(2, 3, 0, 1) * h_exp.transpose(2, 3, 0, 1))
    # grad(dt.arg[t]) = sigmoid(dt.arg[t]) * grad(dt[t])
    ddt_arg = _sigmoid(dt_arg) * ddt
    # grad(b_dt) = sum(grad(dt.arg[t]), t)
    db_dt = ddt_arg.sum(axis=(0, 1))
    # grad(W_dt) = sum(outer(grad(dt.arg[t]), x[t]), t)
    dW_dt = ddt_arg.reshape(-1, n_d).T @ x.reshape(-1, n_d)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    dx += (ddt_arg.reshape(-1, n_d) @ W_dt).reshape(T, B_, n_d)
    # grad(W_B) = sum(outer(grad(B[t]), x[t]), t)
    # grad(W_C) = sum(outer(grad(C[t]), x[t]), t)
    dW_BC = dBC.reshape(-1, 2 * n_s).T @ x.reshape(-1, n_d)
    # grad(Alog) = -A.exp * grad(A)
    dAlog = -A_exp * dA
    dE = np.zeros((n_w, n_d), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "h0" in wrt:
        # grad(h[t]) = h.exp[t+1] * grad(h[t+1]) + outer(grad(g[t]), C[t]), t < T
        dh[:1] = dh[1:2] * h_exp[:1]
        # grad(h.0) = grad(h[0])
        dh0 = dh[0].copy()
    dW_B = dW_BC[:n_s]
    dW_C = dW_BC[n_s:2 * n_s]

    gradient = Params(E=dE, Alog=dAlog, W_B=dW_B, W_C=dW_C, W_dt=dW_dt, b_dt=db_dt, D=dD, V=dV, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
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
        params, w, y, x, A, B, C, dt, h, g, yhat, dtype, single, n_w, n_d, n_s, T, B_,
    ) = _backward_arguments(params, forward, w, y)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params

    # A.exp = exp(Alog)
    A_exp = np.exp(Alog)
    # dt.arg[t] = b_dt + W_dt @ x[t]
    dt_arg = (x.reshape(-1, n_d) @ W_dt.T).reshape(T, B_, n_d)
    dt_arg += b_dt
    # h.exp[t] = exp(diag(dt[t]) @ A)
    h_exp = np.exp(A * dt[:, :, :, None])
    W_BC = np.concatenate((W_B, W_C))
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do = yhat.copy()
    do[np.arange(T)[:, None], np.arange(B_), y] -= 1
    # grad(c) = sum(grad(o[t]), t)
    dc = do.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    dV = do.reshape(-1, n_w).T @ g.reshape(-1, n_d)
    # grad(g[t]) = V.T @ grad(o[t])
    dg = (do.reshape(-1, n_w) @ V).reshape(T, B_, n_d)
    # grad(D) = sum(x[t] * grad(g[t]), t)
    dD = np.einsum("tbi,tbi->i", dg, x)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    dx = D * dg
    # grad(h[t]) = h.exp[t+1] * grad(h[t+1]) + outer(grad(g[t]), C[t]), t < T
    dh = C[:, :, None] * dg[:, :, :, None]
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = h.exp[t+1] * grad(h[t+1]) + outer(grad(g[t]), C[t]), t < T
        dh[t - 1] += dh[t] * h_exp[t]
    # grad(h.exp[t]) = h[t-1] * grad(h[t])
    dh_exp = dh * h[:T]
    # grad(dt[t, i]) = sum(x[t, i] * grad(h[t, i, j]) * B[t, j], j) + sum(A[i, j] * h.exp[t, i, j] *
    #     grad(h.exp[t, i, j]), j)
    ddt = np.einsum("ij,tbij->tbi", A, dh_exp * h_exp)
    ddt += ((dh * x[:, :, :, None]) @ B[..., None])[..., 0]
    dBC = np.empty((T, B_, 2 * n_s), dtype)
    # grad(C[t]) = h[t].T @ grad(g[t])
    dBC[:, :, n_s:] = (h[1:].transpose(0, 1, 3, 2) @ dg[..., None])[..., 0]
    # grad(B[t]) = grad(h[t]).T @ (x[t] * dt[t])
    dBC[:, :, :n_s] = (dh.transpose(0, 1, 3, 2) @ (dt * x)[..., None])[..., 0]
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    dx += (dBC.reshape(-1, 2 * n_s) @ W_BC).reshape(T, B_, n_d)
    dx += ((dh * dt[:, :, :, None]) @ B[..., None])[..., 0]
    # grad(A) = sum(diag(dt[t]) @ (h.exp[t] * grad(h.exp[t])), t)
    dA = np.einsum("tbi,ijtb->ij", dt, dh_exp.transpose(2, 3, 0, 1) * h_exp.transpose(2, 3, 0, 1))
    # grad(dt.arg[t]) = sigmoid(dt.arg[t]) * grad(dt[t])
    ddt_arg = _sigmoid(dt_arg) * ddt
    # grad(b_dt) = sum(grad(dt.arg[t]), t)
    db_dt = ddt_arg.sum(axis=(0, 1))
    # grad(W_dt) = sum(outer(grad(dt.arg[t]), x[t]), t)
    dW_dt = ddt_arg.reshape(-1, n_d).T @ x.reshape(-1, n_d)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    dx += (ddt_arg.reshape(-1, n_d) @ W_dt).reshape(T, B_, n_d)
    # grad(W_B) = sum(outer(grad(B[t]), x[t]), t)
    # grad(W_C) = sum(outer(grad(C[t]), x[t]), t)
    dW_BC = dBC.reshape(-1, 2 * n_s).T @ x.reshape(-1, n_d)
    # grad(Alog) = -A.exp * grad(A)
    dAlog = -A_exp * dA
    dE = np.zeros((n_w, n_d), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    dW_B = dW_BC[:n_s]
    dW_C = dW_BC[n_s:2 * n_s]

    return Params(E=dE, Alog=dAlog, W_B=dW_B, W_C=dW_C, W_dt=dW_dt, b_dt=db_dt, D=dD, V=dV, c=dc)


def init_state(params: Params, *, h0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    h0  (B, n_d, n_s)  real  h[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, h0, dtype, single, n_w, n_d, n_s, B_ = _initial_arguments(params, h0, batch)

    # h[0, d, n] = 0
    h_prev = h0.copy()

    if single:
        h_prev = h_prev[0]
    return State(h=h_prev)


def step(params: Params, state: State, *, w: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    w  (B)  0..n_w - 1  the word that is read at each step

    Data without the axis B are one example.
    """
    params, w, h_prev, dtype, single, n_w, n_d, n_s, B_ = _step_arguments(params, state, w)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params

    W_BC = np.concatenate((W_B, W_C))
    # x[t] = E[w[t]]
    x = E[w]
    # A.exp = exp(Alog)
    A_exp = np.exp(Alog)
    # A[d, n] = -exp(Alog[d, n])
    A = -A_exp
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    BC_ = x @ W_BC.T
    # dt.arg[t] = b_dt + W_dt @ x[t]
    dt_arg = x @ W_dt.T
    dt_arg += b_dt
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    dt = _softplus(dt_arg)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    h_exp = np.exp(A * dt[:, :, None])
    # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
    h = h_exp * h_prev
    h += BC_[:, :n_s][:, None] * dt[:, :, None] * x[:, :, None]
    # g[t] = h[t] @ C[t] + D * x[t]
    g = (h @ BC_[:, n_s:][..., None])[..., 0]
    g += D * x
    # o[t] = c + V @ g[t]
    o = g @ V.T
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])
    B = BC_[:, :n_s]
    C = BC_[:, n_s:2 * n_s]

    if single:
        h = h[0]
        x = x[0]
        B = B[0]
        C = C[0]
        dt = dt[0]
        g = g[0]
        o = o[0]
        yhat = yhat[0]
    result = State(h=h)
    return result, Outputs(x=x, B=B, C=C, dt=dt, h=h, g=g, o=o, yhat=yhat)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.h.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.h.ndim < 4 else forward.h.shape[1], forward.h.ndim < 4, 1
    )
    return State(h=_last(forward.h, 0, 1, 1, lengths))


def _forward_padded(params, w, y, h0, lengths):
    """`forward` where examples have their own lengths."""
    params, w, y, h0, dtype, single, n_w, n_d, n_s, T, B_, len_T, T_own = _padded_arguments(params, w, y, h0, lengths)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params

    W_BC = np.concatenate((W_B, W_C))
    # x[t] = E[w[t]]
    x = E[w]
    # A.exp = exp(Alog)
    A_exp = np.exp(Alog)
    # A[d, n] = -exp(Alog[d, n])
    A = -A_exp
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    BC = (x.reshape(-1, n_d) @ W_BC.T).reshape(T, B_, 2 * n_s)
    # dt.arg[t] = b_dt + W_dt @ x[t]
    dt_arg = (x.reshape(-1, n_d) @ W_dt.T).reshape(T, B_, n_d)
    dt_arg += b_dt
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    dt = _softplus(dt_arg)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    h_exp = np.exp(A * dt[:, :, :, None])
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    # h[0, d, n] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
        h[t] = np.where((t <= T_own)[:, None, None], BC[t - 1, :, :n_s][:, None] * dt[t - 1][:, :, None] * x[t - 1][:, :, None] + h[t - 1] * h_exp[t - 1], h[t - 1])
    # g[t] = h[t] @ C[t] + D * x[t]
    g = (h[1:] @ BC[:, :, n_s:][..., None])[..., 0]
    g += D * x
    # o[t] = c + V @ g[t]
    o = (g.reshape(-1, n_d) @ V.T).reshape(T, B_, n_w)
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    if y is not None:
        # loss = sum(-log(yhat[t, y[t]]), t)
        loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B_), y], 0).sum()
        loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    else:
        loss = None
    B = BC[..., :n_s]
    C = BC[..., n_s:2 * n_s]

    if single:
        x = x[:, 0]
        B = B[:, 0]
        C = C[:, 0]
        dt = dt[:, 0]
        h = h[:, 0]
        g = g[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(x=x, A=A, B=B, C=C, dt=dt, h=h, g=g, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, w, y, h0, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, w, y, h0, dtype, single, n_w, n_d, n_s, T, B_, len_T, T_own,
    ) = _padded_arguments(params, w, y, h0, lengths, whole=True)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params

    W_BC = np.concatenate((W_B, W_C))
    # x[t] = E[w[t]]
    x = E[w]
    # A.exp = exp(Alog)
    A_exp = np.exp(Alog)
    # A[d, n] = -exp(Alog[d, n])
    A = -A_exp
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    BC = (x.reshape(-1, n_d) @ W_BC.T).reshape(T, B_, 2 * n_s)
    # dt.arg[t] = b_dt + W_dt @ x[t]
    dt_arg = (x.reshape(-1, n_d) @ W_dt.T).reshape(T, B_, n_d)
    dt_arg += b_dt
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    dt = _softplus(dt_arg)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    h_exp = np.exp(A * dt[:, :, :, None])
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    # h[0, d, n] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
        h[t] = np.where((t <= T_own)[:, None, None], BC[t - 1, :, :n_s][:, None] * dt[t - 1][:, :, None] * x[t - 1][:, :, None] + h[t - 1] * h_exp[t - 1], h[t - 1])
    # g[t] = h[t] @ C[t] + D * x[t]
    g = (h[1:] @ BC[:, :, n_s:][..., None])[..., 0]
    g += D * x
    # o[t] = c + V @ g[t]
    o = (g.reshape(-1, n_d) @ V.T).reshape(T, B_, n_w)
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B_), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, w, y, h0, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, h0, dtype, single, n_w, n_d, n_s, T, B_, len_T, T_own,
    ) = _padded_arguments(params, w, y, h0, lengths, whole=True)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params
    wrt = _asked(wrt, ("h0",))
    window_T = _window(window, "T", ("T",), T)

    W_BC = np.concatenate((W_B, W_C))
    # x[t] = E[w[t]]
    x = E[w]
    # A.exp = exp(Alog)
    A_exp = np.exp(Alog)
    # A[d, n] = -exp(Alog[d, n])
    A = -A_exp
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    BC = (x.reshape(-1, n_d) @ W_BC.T).reshape(T, B_, 2 * n_s)
    # dt.arg[t] = b_dt + W_dt @ x[t]
    dt_arg = (x.reshape(-1, n_d) @ W_dt.T).reshape(T, B_, n_d)
    dt_arg += b_dt
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    dt = _softplus(dt_arg)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    h_exp = np.exp(A * dt[:, :, :, None])
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    # h[0, d, n] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
        h[t] = np.where((t <= T_own)[:, None, None], BC[t - 1, :, :n_s][:, None] * dt[t - 1][:, :, None] * x[t - 1][:, :, None] + h[t - 1] * h_exp[t - 1], h[t - 1])
    # g[t] = h[t] @ C[t] + D * x[t]
    g = (h[1:] @ BC[:, :, n_s:][..., None])[..., 0]
    g += D * x
    # o[t] = c + V @ g[t]
    o = (g.reshape(-1, n_d) @ V.T).reshape(T, B_, n_w)
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, o[np.arange(T)[:, None], np.arange(B_), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    B = BC[..., :n_s]
    C = BC[..., n_s:2 * n_s]
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    do = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    do[np.arange(T)[:, None], np.arange(B_), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(c) = sum(grad(o[t]), t)
    dc = do.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    dV = do.reshape(-1, n_w).T @ g.reshape(-1, n_d)
    # grad(g[t]) = V.T @ grad(o[t])
    dg = (do.reshape(-1, n_w) @ V).reshape(T, B_, n_d)
    # grad(D) = sum(x[t] * grad(g[t]), t)
    dD = np.einsum("tbi,tbi->i", dg, x)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    dx = D * dg
    dh = np.empty((T + 1, B_, n_d, n_s), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * h.exp[t+1] * grad(h[t+1]) +
    #     outer(grad(g[t]), C[t]), t < T
    dh[1:] = C[:, :, None] * dg[:, :, :, None]
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * h.exp[t+1] * grad(h[t+1]) +
        #     outer(grad(g[t]), C[t]), t < T
        dh[t] += dh[t + 1] * h_exp[t] * (t // window_T == max(t - 1, 0) // window_T)
    # grad(h.exp[t]) = h[t-1] * grad(h[t])
    dh_exp = dh[1:] * h[:T]
    # grad(dt[t, i]) = sum(x[t, i] * grad(h[t, i, j]) * B[t, j], j) + sum(A[i, j] * h.exp[t, i, j] *
    #     grad(h.exp[t, i, j]), j)
    ddt = np.einsum("ij,tbij->tbi", A, dh_exp * h_exp)
    ddt += ((dh[1:] * x[:, :, :, None]) @ B[..., None])[..., 0]
    dBC = np.empty((T, B_, 2 * n_s), dtype)
    # grad(C[t]) = h[t].T @ grad(g[t])
    dBC[:, :, n_s:] = (h[1:].transpose(0, 1, 3, 2) @ dg[..., None])[..., 0]
    # grad(B[t]) = grad(h[t]).T @ (x[t] * dt[t])
    dBC[:, :, :n_s] = (dh[1:].transpose(0, 1, 3, 2) @ (dt * x)[..., None])[..., 0]
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    dx += (dBC.reshape(-1, 2 * n_s) @ W_BC).reshape(T, B_, n_d)
    dx += ((dh[1:] * dt[:, :, :, None]) @ B[..., None])[..., 0]
    # grad(A) = sum(diag(dt[t]) @ (h.exp[t] * grad(h.exp[t])), t)
    dA = np.einsum("tbi,ijtb->ij", dt, dh_exp.transpose(2, 3, 0, 1) * h_exp.transpose(2, 3, 0, 1))
    # grad(dt.arg[t]) = sigmoid(dt.arg[t]) * grad(dt[t])
    ddt_arg = _sigmoid(dt_arg) * ddt
    # grad(b_dt) = sum(grad(dt.arg[t]), t)
    db_dt = ddt_arg.sum(axis=(0, 1))
    # grad(W_dt) = sum(outer(grad(dt.arg[t]), x[t]), t)
    dW_dt = ddt_arg.reshape(-1, n_d).T @ x.reshape(-1, n_d)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    dx += (ddt_arg.reshape(-1, n_d) @ W_dt).reshape(T, B_, n_d)
    # grad(W_B) = sum(outer(grad(B[t]), x[t]), t)
    # grad(W_C) = sum(outer(grad(C[t]), x[t]), t)
    dW_BC = dBC.reshape(-1, 2 * n_s).T @ x.reshape(-1, n_d)
    # grad(Alog) = -A.exp * grad(A)
    dAlog = -A_exp * dA
    dE = np.zeros((n_w, n_d), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "h0" in wrt:
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * h.exp[t+1] * grad(h[t+1]) +
        #     outer(grad(g[t]), C[t]), t < T
        dh[:1] = dh[1:2] * h_exp[:1] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None, None]
        # grad(h.0) = grad(h[0])
        dh0 = dh[0].copy()
    dW_B = dW_BC[:n_s]
    dW_C = dW_BC[n_s:2 * n_s]

    gradient = Params(E=dE, Alog=dAlog, W_B=dW_B, W_C=dW_C, W_dt=dW_dt, b_dt=db_dt, D=dD, V=dV, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _backward_padded(params, forward, w, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, x, A, B, C, dt, h, g, yhat, dtype, single, n_w, n_d, n_s, T, B_, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, w, y, lengths)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params
    window_T = _window(window, "T", ("T",), T)

    # A.exp = exp(Alog)
    A_exp = np.exp(Alog)
    # dt.arg[t] = b_dt + W_dt @ x[t]
    dt_arg = (x.reshape(-1, n_d) @ W_dt.T).reshape(T, B_, n_d)
    dt_arg += b_dt
    # h.exp[t] = exp(diag(dt[t]) @ A)
    h_exp = np.exp(A * dt[:, :, :, None])
    W_BC = np.concatenate((W_B, W_C))
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    do = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    do[np.arange(T)[:, None], np.arange(B_), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(c) = sum(grad(o[t]), t)
    dc = do.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    dV = do.reshape(-1, n_w).T @ g.reshape(-1, n_d)
    # grad(g[t]) = V.T @ grad(o[t])
    dg = (do.reshape(-1, n_w) @ V).reshape(T, B_, n_d)
    # grad(D) = sum(x[t] * grad(g[t]), t)
    dD = np.einsum("tbi,tbi->i", dg, x)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    dx = D * dg
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * h.exp[t+1] * grad(h[t+1]) +
    #     outer(grad(g[t]), C[t]), t < T
    dh = C[:, :, None] * dg[:, :, :, None]
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * h.exp[t+1] * grad(h[t+1]) +
        #     outer(grad(g[t]), C[t]), t < T
        dh[t - 1] += dh[t] * h_exp[t] * (t // window_T == max(t - 1, 0) // window_T)
    # grad(h.exp[t]) = h[t-1] * grad(h[t])
    dh_exp = dh * h[:T]
    # grad(dt[t, i]) = sum(x[t, i] * grad(h[t, i, j]) * B[t, j], j) + sum(A[i, j] * h.exp[t, i, j] *
    #     grad(h.exp[t, i, j]), j)
    ddt = np.einsum("ij,tbij->tbi", A, dh_exp * h_exp)
    ddt += ((dh * x[:, :, :, None]) @ B[..., None])[..., 0]
    dBC = np.empty((T, B_, 2 * n_s), dtype)
    # grad(C[t]) = h[t].T @ grad(g[t])
    dBC[:, :, n_s:] = (h[1:].transpose(0, 1, 3, 2) @ dg[..., None])[..., 0]
    # grad(B[t]) = grad(h[t]).T @ (x[t] * dt[t])
    dBC[:, :, :n_s] = (dh.transpose(0, 1, 3, 2) @ (dt * x)[..., None])[..., 0]
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    dx += (dBC.reshape(-1, 2 * n_s) @ W_BC).reshape(T, B_, n_d)
    dx += ((dh * dt[:, :, :, None]) @ B[..., None])[..., 0]
    # grad(A) = sum(diag(dt[t]) @ (h.exp[t] * grad(h.exp[t])), t)
    dA = np.einsum("tbi,ijtb->ij", dt, dh_exp.transpose(2, 3, 0, 1) * h_exp.transpose(2, 3, 0, 1))
    # grad(dt.arg[t]) = sigmoid(dt.arg[t]) * grad(dt[t])
    ddt_arg = _sigmoid(dt_arg) * ddt
    # grad(b_dt) = sum(grad(dt.arg[t]), t)
    db_dt = ddt_arg.sum(axis=(0, 1))
    # grad(W_dt) = sum(outer(grad(dt.arg[t]), x[t]), t)
    dW_dt = ddt_arg.reshape(-1, n_d).T @ x.reshape(-1, n_d)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    dx += (ddt_arg.reshape(-1, n_d) @ W_dt).reshape(T, B_, n_d)
    # grad(W_B) = sum(outer(grad(B[t]), x[t]), t)
    # grad(W_C) = sum(outer(grad(C[t]), x[t]), t)
    dW_BC = dBC.reshape(-1, 2 * n_s).T @ x.reshape(-1, n_d)
    # grad(Alog) = -A.exp * grad(A)
    dAlog = -A_exp * dA
    dE = np.zeros((n_w, n_d), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    dW_B = dW_BC[:n_s]
    dW_C = dW_BC[n_s:2 * n_s]

    return Params(E=dE, Alog=dAlog, W_B=dW_B, W_C=dW_C, W_dt=dW_dt, b_dt=db_dt, D=dD, V=dV, c=dc)


def _arguments(params, w, y, h0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_d, n_s = _parameters(params)
    w = _integers("w", w)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B_ = 1 if single else w.shape[1]
    batch_axis = () if single else (B_,)
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
    if h0 is None:
        h0 = np.zeros((B_, n_d, n_s), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_d, n_s), ("B", "n_d", "n_s"), "B from w, n_d from E, n_s from Alog")
        if single:
            h0 = h0[None]
    return params, w, y, h0, dtype, single, n_w, n_d, n_s, T, B_


def _backward_arguments(params, forward, w, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_d, n_s = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    A = _real("forward.A", forward.A, dtype)
    B = _real("forward.B", forward.B, dtype)
    C = _real("forward.C", forward.C, dtype)
    dt = _real("forward.dt", forward.dt, dtype)
    h = _real("forward.h", forward.h, dtype)
    g = _real("forward.g", forward.g, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B_ = 1 if single else w.shape[1]
    batch_axis = () if single else (B_,)
    T = w.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
    _expect("forward.x", x, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T and B from w, n_d from E")
    _expect("forward.A", A, (n_d, n_s), ("n_d", "n_s"), "n_d from E, n_s from Alog")
    _expect("forward.B", B, (T, *batch_axis, n_s), ("T", "B", "n_s"), "T and B from w, n_s from Alog")
    _expect("forward.C", C, (T, *batch_axis, n_s), ("T", "B", "n_s"), "T and B from w, n_s from Alog")
    _expect("forward.dt", dt, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T and B from w, n_d from E")
    _expect(
        "forward.h",
        h,
        (T + 1, *batch_axis, n_d, n_s),
        ("T + 1", "B", "n_d", "n_s"),
        "T and B from w, n_d from E, n_s from Alog",
    )
    _expect("forward.g", g, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T and B from w, n_d from E")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_w), ("T", "B", "n_w"), "T and B from w, n_w from E")
    _classes("w", w, n_w, "n_w - 1")
    _classes("y", y, n_w, "n_w - 1")
    if single:
        w = w[:, None]
        y = y[:, None]
        x = x[:, None]
        B = B[:, None]
        C = C[:, None]
        dt = dt[:, None]
        h = h[:, None]
        g = g[:, None]
        yhat = yhat[:, None]
    return params, w, y, x, A, B, C, dt, h, g, yhat, dtype, single, n_w, n_d, n_s, T, B_


def _initial_arguments(params, h0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_d, n_s = _parameters(params)
    single = batch is None
    B_ = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B_,)
    if h0 is None:
        h0 = np.zeros((B_, n_d, n_s), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_d, n_s), ("B", "n_d", "n_s"), "B from batch, n_d from E, n_s from Alog")
        if single:
            h0 = h0[None]
    return params, h0, dtype, single, n_w, n_d, n_s, B_


def _step_arguments(params, state, w):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_d, n_s = _parameters(params)
    state = _as_state(state)
    w = _integers("w", w)
    h_prev = _real("state.h", state.h, dtype)
    single = w.ndim == 0
    _rank("w", w, ("B",), single)
    B_ = 1 if single else w.shape[0]
    batch_axis = () if single else (B_,)
    _expect("state.h", h_prev, (*batch_axis, n_d, n_s), ("B", "n_d", "n_s"), "B from w, n_d from E, n_s from Alog")
    _classes("w", w, n_w, "n_w - 1")
    if single:
        w = w[None]
        h_prev = h_prev[None]
    return params, w, h_prev, dtype, single, n_w, n_d, n_s, B_


def _padded_arguments(params, w, y, h0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_d, n_s = _parameters(params)
    w = _integers("w", w)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B_ = 1 if single else w.shape[1]
    batch_axis = () if single else (B_,)
    T = w.shape[0]
    if single:
        w = w[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
        if single:
            y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B_, n_d, n_s), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_d, n_s), ("B", "n_d", "n_s"), "B from w, n_d from E, n_s from Alog")
        if single:
            h0 = h0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B_, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_T)
    _classes("w", w, n_w, "n_w - 1")
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_w, "n_w - 1")
    return params, w, y, h0, dtype, single, n_w, n_d, n_s, T, B_, len_T, T_own


def _padded_backward_arguments(params, forward, w, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_d, n_s = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    A = _real("forward.A", forward.A, dtype)
    B = _real("forward.B", forward.B, dtype)
    C = _real("forward.C", forward.C, dtype)
    dt = _real("forward.dt", forward.dt, dtype)
    h = _real("forward.h", forward.h, dtype)
    g = _real("forward.g", forward.g, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B_ = 1 if single else w.shape[1]
    batch_axis = () if single else (B_,)
    T = w.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
    _expect("forward.x", x, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T and B from w, n_d from E")
    _expect("forward.A", A, (n_d, n_s), ("n_d", "n_s"), "n_d from E, n_s from Alog")
    _expect("forward.B", B, (T, *batch_axis, n_s), ("T", "B", "n_s"), "T and B from w, n_s from Alog")
    _expect("forward.C", C, (T, *batch_axis, n_s), ("T", "B", "n_s"), "T and B from w, n_s from Alog")
    _expect("forward.dt", dt, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T and B from w, n_d from E")
    _expect(
        "forward.h",
        h,
        (T + 1, *batch_axis, n_d, n_s),
        ("T + 1", "B", "n_d", "n_s"),
        "T and B from w, n_d from E, n_s from Alog",
    )
    _expect("forward.g", g, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T and B from w, n_d from E")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_w), ("T", "B", "n_w"), "T and B from w, n_w from E")
    if single:
        w = w[:, None]
        y = y[:, None]
        x = x[:, None]
        B = B[:, None]
        C = C[:, None]
        dt = dt[:, None]
        h = h[:, None]
        g = g[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B_, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_T)
    _classes("w", w, n_w, "n_w - 1")
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_w, "n_w - 1")
    return params, w, y, x, A, B, C, dt, h, g, yhat, dtype, single, n_w, n_d, n_s, T, B_, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params
    _rank("E", E, ("n_w", "n_d"))
    n_w, n_d = E.shape
    _rank("Alog", Alog, ("n_d", "n_s"))
    n_s = Alog.shape[1]
    _expect("Alog", Alog, (n_d, n_s), ("n_d", "n_s"), "n_d from E")
    _expect("W_B", W_B, (n_s, n_d), ("n_s", "n_d"), "n_s from Alog, n_d from E")
    _expect("W_C", W_C, (n_s, n_d), ("n_s", "n_d"), "n_s from Alog, n_d from E")
    _expect("W_dt", W_dt, (n_d, n_d), ("n_d", "n_d"), "n_d from E")
    _expect("b_dt", b_dt, (n_d,), ("n_d",), "n_d from E")
    _expect("D", D, (n_d,), ("n_d",), "n_d from E")
    _expect("V", V, (n_w, n_d), ("n_w", "n_d"), "n_w and n_d from E")
    _expect("c", c, (n_w,), ("n_w",), "n_w from E")
    return params, dtype, n_w, n_d, n_s


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


def _softplus(z):
    """The logarithm of 1 + exp(z), which never overflows."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def _window(given, sequence, known, steps):
    """How many steps a window has; all of them where nothing is given."""
    if isinstance(given, dict):
        given = _of_sequence("window", given, sequence, known)
    return steps if given is None else _size("window", given)
