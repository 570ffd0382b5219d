# Written by derive from selective_state_space.eq; do not edit.
# Change selective_state_space.eq instead, and run: derive generate selective_state_space
# source 17a940c332ef786a, derive 07e8f9d843407be1, body 4682a84fedeaf30c
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
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths  (B,)           1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _forward_padded(params, w, y, h0, lengths)
    params, w, y, h0, dtype, single, n_w, n_d, n_s, T, B_ = _arguments(params, w, y, h0)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params

    tmp0 = np.empty((T, B_, n_d, n_s), dtype)
    tmp1 = np.empty((T, B_, n_d), dtype)
    tmp2 = np.empty((B_, n_d, n_s), dtype)
    tmp3 = np.empty((T, B_, n_w), dtype)
    W_BC = np.stack((W_B, W_C))
    x = np.empty((T, B_, n_d), dtype)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    A_exp = np.empty((n_d, n_s), dtype)
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    A = np.empty((n_d, n_s), dtype)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    BC = np.empty((2, T, B_, n_s), dtype)
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    np.matmul(x.reshape(-1, n_d), W_BC.transpose(0, 2, 1), out=BC.reshape(2, -1, n_s))
    dt_arg = np.empty((T, B_, n_d), dtype)
    # dt.arg[t] = b_dt + W_dt @ x[t]
    np.matmul(x.reshape(-1, n_d), W_dt.T, out=dt_arg.reshape(-1, n_d))
    dt_arg += b_dt
    dt = np.empty((T, B_, n_d), dtype)
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    _softplus(dt_arg, out=dt)
    h_exp = np.empty((T, B_, n_d, n_s), dtype)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    np.multiply(dt[:, :, :, None], A, out=tmp0)
    np.exp(tmp0, out=h_exp)
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    # h[0, d, n] = 0
    h[0] = h0
    # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
    np.multiply(dt, x, out=tmp1)
    np.multiply(tmp1[:, :, :, None], BC[0][:, :, None], out=h[1:])
    h_at = list(h)
    h_exp_at = list(h_exp)
    for t in range(1, T + 1):
        # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
        np.multiply(h_at[t - 1], h_exp_at[t - 1], out=tmp2)
        h_at[t] += tmp2
    g = np.empty((T, B_, n_d), dtype)
    # g[t] = h[t] @ C[t] + D * x[t]
    np.matmul(h[1:], BC[1][..., None], out=g[..., None])
    np.multiply(x, D, out=tmp1)
    g += tmp1
    o = np.empty((T, B_, n_w), dtype)
    # o[t] = c + V @ g[t]
    np.matmul(g.reshape(-1, n_d), V.T, out=o.reshape(-1, n_w))
    o += c
    yhat_lse = np.empty((T, B_), dtype)
    largest = np.empty((T, B_, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp3, largest=largest)
    yhat = np.empty((T, B_, n_w), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    if y is not None:
        tmp_4_0 = np.empty((T, B_), dtype)
        rows = np.arange(T * B_).reshape(T, B_)
        flat = np.empty((T, B_), np.intp)
        # loss = sum(-log(yhat[t, y[t]]), t)
        _look_up(o, y, rows, flat, out=tmp_4_0)
        np.subtract(yhat_lse, tmp_4_0, out=tmp_4_0)
        loss = tmp_4_0.sum()
    else:
        loss = None
    B = BC[0]
    C = BC[1]

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
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    w          (T, B)         0..n_w - 1  the word that is read at each step
    y          (T, B)         0..n_w - 1  the word to predict at each step
    h0         (B, n_d, n_s)  real        h[0]; 0 where not given
    workspace                 Workspace   its arrays are used, and hold the results until its next call
    state                     State       what an earlier piece left, from last_state or step: the sequence goes on from
                                          there
    lengths    (B,)           1..T        each example's own number of steps, what is given beyond is not read; all
                                          where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _loss_padded(params, w, y, h0, lengths, workspace)
    params, w, y, h0, dtype, single, n_w, n_d, n_s, T, B_ = _arguments(params, w, y, h0, whole=True)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_BC, x, A_exp, A, BC, dt_arg, dt, h_exp, h, h_at, h_exp_at, g, o, yhat_lse,
        largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_w, n_d, n_s, B_, dtype)
    np.stack((W_B, W_C), out=W_BC)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    np.matmul(x.reshape(-1, n_d), W_BC.transpose(0, 2, 1), out=BC.reshape(2, -1, n_s))
    # dt.arg[t] = b_dt + W_dt @ x[t]
    np.matmul(x.reshape(-1, n_d), W_dt.T, out=dt_arg.reshape(-1, n_d))
    dt_arg += b_dt
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    _softplus(dt_arg, out=dt)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    np.multiply(dt[:, :, :, None], A, out=tmp0)
    np.exp(tmp0, out=h_exp)
    # h[0, d, n] = 0
    h[0] = h0
    # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
    np.multiply(dt, x, out=tmp1)
    np.multiply(tmp1[:, :, :, None], BC[0][:, :, None], out=h[1:])
    for t in range(1, T + 1):
        # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
        np.multiply(h_at[t - 1], h_exp_at[t - 1], out=tmp2)
        h_at[t] += tmp2
    # g[t] = h[t] @ C[t] + D * x[t]
    np.matmul(h[1:], BC[1][..., None], out=g[..., None])
    np.multiply(x, D, out=tmp1)
    g += tmp1
    # o[t] = c + V @ g[t]
    np.matmul(g.reshape(-1, n_d), V.T, out=o.reshape(-1, n_w))
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w           (T, B)         0..n_w - 1                 the word that is read at each step
    y           (T, B)         0..n_w - 1                 the word to predict at each step
    h0          (B, n_d, n_s)  real                       h[0]; 0 where not given
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
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, w, y, h0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, w, y, h0, lengths, wrt, workspace, window)
    params, w, y, h0, dtype, single, n_w, n_d, n_s, T, B_ = _arguments(params, w, y, h0, whole=True)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params
    wrt = _asked(wrt, ("h0",))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_BC, x, A_exp, A, BC, dt_arg, dt, h_exp, h, h_at, h_exp_at, g, o, yhat_lse,
        largest, yhat, rows, flat, tmp5, do, entries, dc, dV, dg, dD, dx, dh, dh_at, dh_exp, ddt, dBC, product, dA,
        ddt_arg, db_dt, dW_dt, dW_BC, dAlog, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_w, n_d, n_s, B_, dtype)
    np.stack((W_B, W_C), out=W_BC)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    np.matmul(x.reshape(-1, n_d), W_BC.transpose(0, 2, 1), out=BC.reshape(2, -1, n_s))
    # dt.arg[t] = b_dt + W_dt @ x[t]
    np.matmul(x.reshape(-1, n_d), W_dt.T, out=dt_arg.reshape(-1, n_d))
    dt_arg += b_dt
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    _softplus(dt_arg, out=dt)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    np.multiply(dt[:, :, :, None], A, out=tmp0)
    np.exp(tmp0, out=h_exp)
    # h[0, d, n] = 0
    h[0] = h0
    # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
    np.multiply(dt, x, out=tmp1)
    np.multiply(tmp1[:, :, :, None], BC[0][:, :, None], out=h[1:])
    for t in range(1, T + 1):
        # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
        np.multiply(h_at[t - 1], h_exp_at[t - 1], out=tmp2)
        h_at[t] += tmp2
    # g[t] = h[t] @ C[t] + D * x[t]
    np.matmul(h[1:], BC[1][..., None], out=g[..., None])
    np.multiply(x, D, out=tmp1)
    g += tmp1
    # o[t] = c + V @ g[t]
    np.matmul(g.reshape(-1, n_d), V.T, out=o.reshape(-1, n_w))
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp3, largest=largest)
    np.subtract(o, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()
    B = BC[0]
    C = BC[1]
    # grad(o[t]) = yhat[t] - onehot(y[t])
    _add_to(do, y, rows, flat, entries, -1)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    np.matmul(do.reshape(-1, n_w).T, g.reshape(-1, n_d), out=dV)
    # grad(g[t]) = V.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_w), V, out=dg.reshape(-1, n_d))
    # grad(D) = sum(x[t] * grad(g[t]), t)
    dD[...] = np.einsum("tbi,tbi->i", dg, x)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.multiply(dg, D, out=dx)
    # grad(h[t]) = h.exp[t+1] * grad(h[t+1]) + outer(grad(g[t]), C[t]), t < T
    np.multiply(C[:, :, None], dg[:, :, :, None], out=dh[1:])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = h.exp[t+1] * grad(h[t+1]) + outer(grad(g[t]), C[t]), t < T
        np.multiply(dh_at[t + 1], h_exp_at[t], out=tmp2)
        dh_at[t] += tmp2
    # grad(h.exp[t]) = h[t-1] * grad(h[t])
    np.multiply(dh[1:], h[:T], out=dh_exp)
    # grad(dt[t, i]) = sum(x[t, i] * grad(h[t, i, j]) * B[t, j], j) + sum(A[i, j] * h.exp[t, i, j] *
    #     grad(h.exp[t, i, j]), j)
    np.multiply(dh_exp, h_exp, out=tmp0)
    np.matmul(tmp0.reshape(-1, n_d, n_s).transpose(1, 0, 2), A[..., None], out=ddt.reshape(-1, n_d).T[..., None])
    np.multiply(dh[1:], x[:, :, :, None], out=tmp0)
    np.matmul(tmp0, B[..., None], out=tmp1[..., None])
    ddt += tmp1
    # grad(C[t]) = h[t].T @ grad(g[t])
    np.matmul(h[1:].transpose(0, 1, 3, 2), dg[..., None], out=dBC[1][..., None])
    # grad(B[t]) = grad(h[t]).T @ (x[t] * dt[t])
    np.multiply(dt, x, out=tmp1)
    np.matmul(dh[1:].transpose(0, 1, 3, 2), tmp1[..., None], out=dBC[0][..., None])
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.matmul(dBC.reshape(2, -1, n_s), W_BC, out=product)
    np.add.reduce(product, axis=0, out=tmp1.reshape(-1, n_d))
    dx += tmp1
    np.multiply(dh[1:], dt[:, :, :, None], out=tmp0)
    np.matmul(tmp0, B[..., None], out=tmp1[..., None])
    dx += tmp1
    # grad(A) = sum(diag(dt[t]) @ (h.exp[t] * grad(h.exp[t])), t)
    np.multiply(dh_exp.transpose(2, 3, 0, 1), h_exp.transpose(2, 3, 0, 1), out=tmp5)
    np.matmul(tmp5.reshape(n_d, n_s, -1), dt.reshape(-1, n_d).T[..., None], out=dA[..., None])
    # grad(dt.arg[t]) = sigmoid(dt.arg[t]) * grad(dt[t])
    _sigmoid(dt_arg, out=ddt_arg)
    ddt_arg *= ddt
    # grad(b_dt) = sum(grad(dt.arg[t]), t)
    np.add.reduce(ddt_arg, axis=(0, 1), out=db_dt)
    # grad(W_dt) = sum(outer(grad(dt.arg[t]), x[t]), t)
    np.matmul(ddt_arg.reshape(-1, n_d).T, x.reshape(-1, n_d), out=dW_dt)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.matmul(ddt_arg.reshape(-1, n_d), W_dt, out=tmp1.reshape(-1, n_d))
    dx += tmp1
    # grad(W_B) = sum(outer(grad(B[t]), x[t]), t)
    # grad(W_C) = sum(outer(grad(C[t]), x[t]), t)
    np.matmul(dBC.reshape(2, -1, n_s).transpose(0, 2, 1), x.reshape(-1, n_d), out=dW_BC)
    # grad(Alog) = -A.exp * grad(A)
    np.multiply(A_exp, dA, out=dAlog)
    np.negative(dAlog, out=dAlog)
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "h0" in wrt:
        # grad(h[t]) = h.exp[t+1] * grad(h[t+1]) + outer(grad(g[t]), C[t]), t < T
        np.multiply(dh[1:2], h_exp[:1], out=dh[:1])
        dh0 = np.empty((B_, n_d, n_s), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]
    dW_B = dW_BC[0]
    dW_C = dW_BC[1]

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
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where
                                        not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, w, y, lengths, window)
    (
        params, w, y, x, A, B, C, dt, h, g, yhat, dtype, single, n_w, n_d, n_s, T, B_,
    ) = _backward_arguments(params, forward, w, y)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params

    tmp0 = np.empty((T, B_, n_d, n_s), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    dt_arg = np.empty((T, B_, n_d), dtype)
    # dt.arg[t] = b_dt + W_dt @ x[t]
    np.matmul(x.reshape(-1, n_d), W_dt.T, out=dt_arg.reshape(-1, n_d))
    dt_arg += b_dt
    h_exp = np.empty((T, B_, n_d, n_s), dtype)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    np.multiply(dt[:, :, :, None], A, out=tmp0)
    np.exp(tmp0, out=h_exp)
    tmp1 = np.empty((B_, n_d, n_s), dtype)
    tmp2 = np.empty((T, B_, n_d), dtype)
    tmp3 = np.empty((n_d, n_s, T, B_), dtype)
    W_BC = np.stack((W_B, W_C))
    do = np.empty((T, B_, n_w), dtype)
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do[...] = yhat
    rows = np.arange(T * B_).reshape(T, B_)
    flat = np.empty((T, B_), np.intp)
    entries = np.empty((T, B_), dtype)
    _add_to(do, y, rows, flat, entries, -1)
    dc = np.empty((n_w,), dtype)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    dV = np.empty((n_w, n_d), dtype)
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    np.matmul(do.reshape(-1, n_w).T, g.reshape(-1, n_d), out=dV)
    dg = np.empty((T, B_, n_d), dtype)
    # grad(g[t]) = V.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_w), V, out=dg.reshape(-1, n_d))
    dD = np.empty((n_d,), dtype)
    # grad(D) = sum(x[t] * grad(g[t]), t)
    dD[...] = np.einsum("tbi,tbi->i", dg, x)
    dx = np.empty((T, B_, n_d), dtype)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.multiply(dg, D, out=dx)
    dh = np.empty((T, B_, n_d, n_s), dtype)
    # grad(h[t]) = h.exp[t+1] * grad(h[t+1]) + outer(grad(g[t]), C[t]), t < T
    np.multiply(C[:, :, None], dg[:, :, :, None], out=dh)
    dh_at = list(dh)
    h_exp_at = list(h_exp)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = h.exp[t+1] * grad(h[t+1]) + outer(grad(g[t]), C[t]), t < T
        np.multiply(dh_at[t], h_exp_at[t], out=tmp1)
        dh_at[t - 1] += tmp1
    dh_exp = np.empty((T, B_, n_d, n_s), dtype)
    # grad(h.exp[t]) = h[t-1] * grad(h[t])
    np.multiply(dh, h[:T], out=dh_exp)
    ddt = np.empty((T, B_, n_d), dtype)
    # grad(dt[t, i]) = sum(x[t, i] * grad(h[t, i, j]) * B[t, j], j) + sum(A[i, j] * h.exp[t, i, j] *
    #     grad(h.exp[t, i, j]), j)
    np.multiply(dh_exp, h_exp, out=tmp0)
    np.matmul(tmp0.reshape(-1, n_d, n_s).transpose(1, 0, 2), A[..., None], out=ddt.reshape(-1, n_d).T[..., None])
    np.multiply(dh, x[:, :, :, None], out=tmp0)
    np.matmul(tmp0, B[..., None], out=tmp2[..., None])
    ddt += tmp2
    dBC = np.empty((2, T, B_, n_s), dtype)
    # grad(C[t]) = h[t].T @ grad(g[t])
    np.matmul(h[1:].transpose(0, 1, 3, 2), dg[..., None], out=dBC[1][..., None])
    # grad(B[t]) = grad(h[t]).T @ (x[t] * dt[t])
    np.multiply(dt, x, out=tmp2)
    np.matmul(dh.transpose(0, 1, 3, 2), tmp2[..., None], out=dBC[0][..., None])
    product = np.empty((2, T * B_, n_d), dtype)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.matmul(dBC.reshape(2, -1, n_s), W_BC, out=product)
    np.add.reduce(product, axis=0, out=tmp2.reshape(-1, n_d))
    dx += tmp2
    np.multiply(dh, dt[:, :, :, None], out=tmp0)
    np.matmul(tmp0, B[..., None], out=tmp2[..., None])
    dx += tmp2
    dA = np.empty((n_d, n_s), dtype)
    # grad(A) = sum(diag(dt[t]) @ (h.exp[t] * grad(h.exp[t])), t)
    np.multiply(dh_exp.transpose(2, 3, 0, 1), h_exp.transpose(2, 3, 0, 1), out=tmp3)
    np.matmul(tmp3.reshape(n_d, n_s, -1), dt.reshape(-1, n_d).T[..., None], out=dA[..., None])
    ddt_arg = np.empty((T, B_, n_d), dtype)
    # grad(dt.arg[t]) = sigmoid(dt.arg[t]) * grad(dt[t])
    _sigmoid(dt_arg, out=ddt_arg)
    ddt_arg *= ddt
    db_dt = np.empty((n_d,), dtype)
    # grad(b_dt) = sum(grad(dt.arg[t]), t)
    np.add.reduce(ddt_arg, axis=(0, 1), out=db_dt)
    dW_dt = np.empty((n_d, n_d), dtype)
    # grad(W_dt) = sum(outer(grad(dt.arg[t]), x[t]), t)
    np.matmul(ddt_arg.reshape(-1, n_d).T, x.reshape(-1, n_d), out=dW_dt)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.matmul(ddt_arg.reshape(-1, n_d), W_dt, out=tmp2.reshape(-1, n_d))
    dx += tmp2
    dW_BC = np.empty((2, n_s, n_d), dtype)
    # grad(W_B) = sum(outer(grad(B[t]), x[t]), t)
    # grad(W_C) = sum(outer(grad(C[t]), x[t]), t)
    np.matmul(dBC.reshape(2, -1, n_s).transpose(0, 2, 1), x.reshape(-1, n_d), out=dW_BC)
    dAlog = np.empty((n_d, n_s), dtype)
    # grad(Alog) = -A.exp * grad(A)
    np.multiply(A_exp, dA, out=dAlog)
    np.negative(dAlog, out=dAlog)
    dE = np.zeros((n_w, n_d), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    dW_B = dW_BC[0]
    dW_C = dW_BC[1]

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

    W_BC = np.stack((W_B, W_C))
    # x[t] = E[w[t]]
    x = E[w]
    # A.exp = exp(Alog)
    A_exp = np.exp(Alog)
    # A[d, n] = -exp(Alog[d, n])
    A = -A_exp
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    BC = x @ W_BC.transpose(0, 2, 1)
    # dt.arg[t] = b_dt + W_dt @ x[t]
    dt_arg = x @ W_dt.T
    dt_arg += b_dt
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    dt = _softplus(dt_arg)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    h_exp = np.exp(A * dt[:, :, None])
    # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
    h = h_exp * h_prev
    h += BC[0][:, None] * dt[:, :, None] * x[:, :, None]
    # g[t] = h[t] @ C[t] + D * x[t]
    g = (h @ BC[1][..., None])[..., 0]
    g += D * x
    # o[t] = c + V @ g[t]
    o = g @ V.T
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])
    B = BC[0]
    C = BC[1]

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

    tmp0 = np.empty((T, B_, n_d, n_s), dtype)
    tmp1 = np.empty((T, B_, n_d), dtype)
    tmp2 = np.empty((B_, n_d, n_s), dtype)
    tmp3 = np.empty((T, B_, n_w), dtype)
    W_BC = np.stack((W_B, W_C))
    x = np.empty((T, B_, n_d), dtype)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    A_exp = np.empty((n_d, n_s), dtype)
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    A = np.empty((n_d, n_s), dtype)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    BC = np.empty((2, T, B_, n_s), dtype)
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    np.matmul(x.reshape(-1, n_d), W_BC.transpose(0, 2, 1), out=BC.reshape(2, -1, n_s))
    dt_arg = np.empty((T, B_, n_d), dtype)
    # dt.arg[t] = b_dt + W_dt @ x[t]
    np.matmul(x.reshape(-1, n_d), W_dt.T, out=dt_arg.reshape(-1, n_d))
    dt_arg += b_dt
    dt = np.empty((T, B_, n_d), dtype)
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    _softplus(dt_arg, out=dt)
    h_exp = np.empty((T, B_, n_d, n_s), dtype)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    np.multiply(dt[:, :, :, None], A, out=tmp0)
    np.exp(tmp0, out=h_exp)
    h_ahead = np.empty((T, B_, n_d, n_s), dtype)
    # h.ahead[t] = outer(dt[t] * x[t], B[t])
    np.multiply(dt, x, out=tmp1)
    np.multiply(tmp1[:, :, :, None], BC[0][:, :, None], out=h_ahead)
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    # h[0, d, n] = 0
    h[0] = h0
    h_at = list(h)
    h_exp_at = list(h_exp)
    h_ahead_at = list(h_ahead)
    for t in range(1, T + 1):
        # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
        np.multiply(h_at[t - 1], h_exp_at[t - 1], out=tmp2)
        tmp2 += h_ahead_at[t - 1]
        h[t] = np.where((t <= T_own)[:, None, None], tmp2, h[t - 1])
    g = np.empty((T, B_, n_d), dtype)
    # g[t] = h[t] @ C[t] + D * x[t]
    np.matmul(h[1:], BC[1][..., None], out=g[..., None])
    np.multiply(x, D, out=tmp1)
    g += tmp1
    o = np.empty((T, B_, n_w), dtype)
    # o[t] = c + V @ g[t]
    np.matmul(g.reshape(-1, n_d), V.T, out=o.reshape(-1, n_w))
    o += c
    yhat_lse = np.empty((T, B_), dtype)
    largest = np.empty((T, B_, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp3, largest=largest)
    yhat = np.empty((T, B_, n_w), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    if y is not None:
        tmp_4_0 = np.empty((B_, T), dtype)
        tmp_4_1 = np.empty((B_, T), dtype)
        tmp_4_2 = np.empty((B_, T), dtype)
        # loss = sum(-log(yhat[t, y[t]]), t)
        tmp_4_1[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
        tmp_4_2[...] = o[np.arange(T)[:, None], np.arange(B_), y].T
        tmp_4_0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp_4_2, 0)
        np.subtract(tmp_4_1, tmp_4_0, out=tmp_4_0)
        loss = tmp_4_0.sum()
    else:
        loss = None
    B = BC[0]
    C = BC[1]

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


def _loss_padded(params, w, y, h0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, w, y, h0, dtype, single, n_w, n_d, n_s, T, B_, len_T, T_own,
    ) = _padded_arguments(params, w, y, h0, lengths, whole=True)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_BC, x, A_exp, A, BC, dt_arg, dt, h_exp, h_ahead, h, h_at, h_exp_at,
        h_ahead_at, g, o, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_w, n_d, n_s, B_, dtype)
    np.stack((W_B, W_C), out=W_BC)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    np.matmul(x.reshape(-1, n_d), W_BC.transpose(0, 2, 1), out=BC.reshape(2, -1, n_s))
    # dt.arg[t] = b_dt + W_dt @ x[t]
    np.matmul(x.reshape(-1, n_d), W_dt.T, out=dt_arg.reshape(-1, n_d))
    dt_arg += b_dt
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    _softplus(dt_arg, out=dt)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    np.multiply(dt[:, :, :, None], A, out=tmp0)
    np.exp(tmp0, out=h_exp)
    # h.ahead[t] = outer(dt[t] * x[t], B[t])
    np.multiply(dt, x, out=tmp1)
    np.multiply(tmp1[:, :, :, None], BC[0][:, :, None], out=h_ahead)
    # h[0, d, n] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
        np.multiply(h_at[t - 1], h_exp_at[t - 1], out=tmp2)
        tmp2 += h_ahead_at[t - 1]
        h[t] = np.where((t <= T_own)[:, None, None], tmp2, h[t - 1])
    # g[t] = h[t] @ C[t] + D * x[t]
    np.matmul(h[1:], BC[1][..., None], out=g[..., None])
    np.multiply(x, D, out=tmp1)
    g += tmp1
    # o[t] = c + V @ g[t]
    np.matmul(g.reshape(-1, n_d), V.T, out=o.reshape(-1, n_w))
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp6[...] = o[np.arange(T)[:, None], np.arange(B_), y].T
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp6, 0)
    np.subtract(tmp5, tmp4, out=tmp4)
    loss = tmp4.sum()

    return float(loss)


def _loss_and_grad_padded(params, w, y, h0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, h0, dtype, single, n_w, n_d, n_s, T, B_, len_T, T_own,
    ) = _padded_arguments(params, w, y, h0, lengths, whole=True)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params
    wrt = _asked(wrt, ("h0",))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_BC, x, A_exp, A, BC, dt_arg, dt, h_exp, h_ahead, h, h_at, h_exp_at,
        h_ahead_at, g, o, yhat_lse, largest, yhat, tmp7, tmp8, do, rows, flat, entries, dc, dV, dg, dD, dx, dh, dh_at,
        dh_exp, ddt, dBC, product, dA, ddt_arg, db_dt, dW_dt, dW_BC, dAlog, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_w, n_d, n_s, B_, dtype)
    np.stack((W_B, W_C), out=W_BC)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    np.matmul(x.reshape(-1, n_d), W_BC.transpose(0, 2, 1), out=BC.reshape(2, -1, n_s))
    # dt.arg[t] = b_dt + W_dt @ x[t]
    np.matmul(x.reshape(-1, n_d), W_dt.T, out=dt_arg.reshape(-1, n_d))
    dt_arg += b_dt
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    _softplus(dt_arg, out=dt)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    np.multiply(dt[:, :, :, None], A, out=tmp0)
    np.exp(tmp0, out=h_exp)
    # h.ahead[t] = outer(dt[t] * x[t], B[t])
    np.multiply(dt, x, out=tmp1)
    np.multiply(tmp1[:, :, :, None], BC[0][:, :, None], out=h_ahead)
    # h[0, d, n] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
        np.multiply(h_at[t - 1], h_exp_at[t - 1], out=tmp2)
        tmp2 += h_ahead_at[t - 1]
        h[t] = np.where((t <= T_own)[:, None, None], tmp2, h[t - 1])
    # g[t] = h[t] @ C[t] + D * x[t]
    np.matmul(h[1:], BC[1][..., None], out=g[..., None])
    np.multiply(x, D, out=tmp1)
    g += tmp1
    # o[t] = c + V @ g[t]
    np.matmul(g.reshape(-1, n_d), V.T, out=o.reshape(-1, n_w))
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp3, largest=largest)
    np.subtract(o, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp6[...] = o[np.arange(T)[:, None], np.arange(B_), y].T
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp6, 0)
    np.subtract(tmp5, tmp4, out=tmp4)
    loss = tmp4.sum()
    B = BC[0]
    C = BC[1]
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp7[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp7[:, :, None], yhat, out=do)
    tmp7[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp7, out=tmp7)
    _add_to(do, y, rows, flat, entries, tmp7)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    np.matmul(do.reshape(-1, n_w).T, g.reshape(-1, n_d), out=dV)
    # grad(g[t]) = V.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_w), V, out=dg.reshape(-1, n_d))
    # grad(D) = sum(x[t] * grad(g[t]), t)
    dD[...] = np.einsum("tbi,tbi->i", dg, x)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.multiply(dg, D, out=dx)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * h.exp[t+1] * grad(h[t+1]) +
    #     outer(grad(g[t]), C[t]), t < T
    np.multiply(C[:, :, None], dg[:, :, :, None], out=dh[1:])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * h.exp[t+1] * grad(h[t+1]) +
        #     outer(grad(g[t]), C[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dh_at[t + 1], out=tmp2)
        tmp2 *= h_exp_at[t]
        dh_at[t] += tmp2
    # grad(h.exp[t]) = h[t-1] * grad(h[t])
    np.multiply(dh[1:], h[:T], out=dh_exp)
    # grad(dt[t, i]) = sum(x[t, i] * grad(h[t, i, j]) * B[t, j], j) + sum(A[i, j] * h.exp[t, i, j] *
    #     grad(h.exp[t, i, j]), j)
    np.multiply(dh_exp, h_exp, out=tmp0)
    np.matmul(tmp0.reshape(-1, n_d, n_s).transpose(1, 0, 2), A[..., None], out=ddt.reshape(-1, n_d).T[..., None])
    np.multiply(dh[1:], x[:, :, :, None], out=tmp0)
    np.matmul(tmp0, B[..., None], out=tmp1[..., None])
    ddt += tmp1
    # grad(C[t]) = h[t].T @ grad(g[t])
    np.matmul(h[1:].transpose(0, 1, 3, 2), dg[..., None], out=dBC[1][..., None])
    # grad(B[t]) = grad(h[t]).T @ (x[t] * dt[t])
    np.multiply(dt, x, out=tmp1)
    np.matmul(dh[1:].transpose(0, 1, 3, 2), tmp1[..., None], out=dBC[0][..., None])
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.matmul(dBC.reshape(2, -1, n_s), W_BC, out=product)
    np.add.reduce(product, axis=0, out=tmp1.reshape(-1, n_d))
    dx += tmp1
    np.multiply(dh[1:], dt[:, :, :, None], out=tmp0)
    np.matmul(tmp0, B[..., None], out=tmp1[..., None])
    dx += tmp1
    # grad(A) = sum(diag(dt[t]) @ (h.exp[t] * grad(h.exp[t])), t)
    np.multiply(dh_exp.transpose(2, 3, 0, 1), h_exp.transpose(2, 3, 0, 1), out=tmp8)
    np.matmul(tmp8.reshape(n_d, n_s, -1), dt.reshape(-1, n_d).T[..., None], out=dA[..., None])
    # grad(dt.arg[t]) = sigmoid(dt.arg[t]) * grad(dt[t])
    _sigmoid(dt_arg, out=ddt_arg)
    ddt_arg *= ddt
    # grad(b_dt) = sum(grad(dt.arg[t]), t)
    np.add.reduce(ddt_arg, axis=(0, 1), out=db_dt)
    # grad(W_dt) = sum(outer(grad(dt.arg[t]), x[t]), t)
    np.matmul(ddt_arg.reshape(-1, n_d).T, x.reshape(-1, n_d), out=dW_dt)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.matmul(ddt_arg.reshape(-1, n_d), W_dt, out=tmp1.reshape(-1, n_d))
    dx += tmp1
    # grad(W_B) = sum(outer(grad(B[t]), x[t]), t)
    # grad(W_C) = sum(outer(grad(C[t]), x[t]), t)
    np.matmul(dBC.reshape(2, -1, n_s).transpose(0, 2, 1), x.reshape(-1, n_d), out=dW_BC)
    # grad(Alog) = -A.exp * grad(A)
    np.multiply(A_exp, dA, out=dAlog)
    np.negative(dAlog, out=dAlog)
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "h0" in wrt:
        tmp_9_0 = np.empty((1,), dtype)
        tmp_9_1 = np.empty((1,), dtype)
        tmp_9_2 = np.empty((1,), dtype)
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * h.exp[t+1] * grad(h[t+1]) +
        #     outer(grad(g[t]), C[t]), t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_9_2)
        np.maximum(tmp_9_2, 0, out=tmp_9_1)
        tmp_9_0[...] = np.arange(1) // window_T == tmp_9_1 // window_T
        np.multiply(tmp_9_0[:, None, None, None], dh[1:2], out=dh[:1])
        dh[:1] *= h_exp[:1]
        dh0 = np.empty((B_, n_d, n_s), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]
    dW_B = dW_BC[0]
    dW_C = dW_BC[1]

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

    tmp0 = np.empty((T, B_, n_d, n_s), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    dt_arg = np.empty((T, B_, n_d), dtype)
    # dt.arg[t] = b_dt + W_dt @ x[t]
    np.matmul(x.reshape(-1, n_d), W_dt.T, out=dt_arg.reshape(-1, n_d))
    dt_arg += b_dt
    h_exp = np.empty((T, B_, n_d, n_s), dtype)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    np.multiply(dt[:, :, :, None], A, out=tmp0)
    np.exp(tmp0, out=h_exp)
    tmp1 = np.empty((T, B_), dtype)
    tmp2 = np.empty((B_, n_d, n_s), dtype)
    tmp3 = np.empty((T, B_, n_d), dtype)
    tmp4 = np.empty((n_d, n_s, T, B_), dtype)
    W_BC = np.stack((W_B, W_C))
    do = np.empty((T, B_, n_w), dtype)
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp1[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp1[:, :, None], yhat, out=do)
    tmp1[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp1, out=tmp1)
    rows = np.arange(T * B_).reshape(T, B_)
    flat = np.empty((T, B_), np.intp)
    entries = np.empty((T, B_), dtype)
    _add_to(do, y, rows, flat, entries, tmp1)
    dc = np.empty((n_w,), dtype)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    dV = np.empty((n_w, n_d), dtype)
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    np.matmul(do.reshape(-1, n_w).T, g.reshape(-1, n_d), out=dV)
    dg = np.empty((T, B_, n_d), dtype)
    # grad(g[t]) = V.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_w), V, out=dg.reshape(-1, n_d))
    dD = np.empty((n_d,), dtype)
    # grad(D) = sum(x[t] * grad(g[t]), t)
    dD[...] = np.einsum("tbi,tbi->i", dg, x)
    dx = np.empty((T, B_, n_d), dtype)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.multiply(dg, D, out=dx)
    dh = np.empty((T, B_, n_d, n_s), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * h.exp[t+1] * grad(h[t+1]) +
    #     outer(grad(g[t]), C[t]), t < T
    np.multiply(C[:, :, None], dg[:, :, :, None], out=dh)
    dh_at = list(dh)
    h_exp_at = list(h_exp)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * h.exp[t+1] * grad(h[t+1]) +
        #     outer(grad(g[t]), C[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dh_at[t], out=tmp2)
        tmp2 *= h_exp_at[t]
        dh_at[t - 1] += tmp2
    dh_exp = np.empty((T, B_, n_d, n_s), dtype)
    # grad(h.exp[t]) = h[t-1] * grad(h[t])
    np.multiply(dh, h[:T], out=dh_exp)
    ddt = np.empty((T, B_, n_d), dtype)
    # grad(dt[t, i]) = sum(x[t, i] * grad(h[t, i, j]) * B[t, j], j) + sum(A[i, j] * h.exp[t, i, j] *
    #     grad(h.exp[t, i, j]), j)
    np.multiply(dh_exp, h_exp, out=tmp0)
    np.matmul(tmp0.reshape(-1, n_d, n_s).transpose(1, 0, 2), A[..., None], out=ddt.reshape(-1, n_d).T[..., None])
    np.multiply(dh, x[:, :, :, None], out=tmp0)
    np.matmul(tmp0, B[..., None], out=tmp3[..., None])
    ddt += tmp3
    dBC = np.empty((2, T, B_, n_s), dtype)
    # grad(C[t]) = h[t].T @ grad(g[t])
    np.matmul(h[1:].transpose(0, 1, 3, 2), dg[..., None], out=dBC[1][..., None])
    # grad(B[t]) = grad(h[t]).T @ (x[t] * dt[t])
    np.multiply(dt, x, out=tmp3)
    np.matmul(dh.transpose(0, 1, 3, 2), tmp3[..., None], out=dBC[0][..., None])
    product = np.empty((2, T * B_, n_d), dtype)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.matmul(dBC.reshape(2, -1, n_s), W_BC, out=product)
    np.add.reduce(product, axis=0, out=tmp3.reshape(-1, n_d))
    dx += tmp3
    np.multiply(dh, dt[:, :, :, None], out=tmp0)
    np.matmul(tmp0, B[..., None], out=tmp3[..., None])
    dx += tmp3
    dA = np.empty((n_d, n_s), dtype)
    # grad(A) = sum(diag(dt[t]) @ (h.exp[t] * grad(h.exp[t])), t)
    np.multiply(dh_exp.transpose(2, 3, 0, 1), h_exp.transpose(2, 3, 0, 1), out=tmp4)
    np.matmul(tmp4.reshape(n_d, n_s, -1), dt.reshape(-1, n_d).T[..., None], out=dA[..., None])
    ddt_arg = np.empty((T, B_, n_d), dtype)
    # grad(dt.arg[t]) = sigmoid(dt.arg[t]) * grad(dt[t])
    _sigmoid(dt_arg, out=ddt_arg)
    ddt_arg *= ddt
    db_dt = np.empty((n_d,), dtype)
    # grad(b_dt) = sum(grad(dt.arg[t]), t)
    np.add.reduce(ddt_arg, axis=(0, 1), out=db_dt)
    dW_dt = np.empty((n_d, n_d), dtype)
    # grad(W_dt) = sum(outer(grad(dt.arg[t]), x[t]), t)
    np.matmul(ddt_arg.reshape(-1, n_d).T, x.reshape(-1, n_d), out=dW_dt)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.matmul(ddt_arg.reshape(-1, n_d), W_dt, out=tmp3.reshape(-1, n_d))
    dx += tmp3
    dW_BC = np.empty((2, n_s, n_d), dtype)
    # grad(W_B) = sum(outer(grad(B[t]), x[t]), t)
    # grad(W_C) = sum(outer(grad(C[t]), x[t]), t)
    np.matmul(dBC.reshape(2, -1, n_s).transpose(0, 2, 1), x.reshape(-1, n_d), out=dW_BC)
    dAlog = np.empty((n_d, n_s), dtype)
    # grad(Alog) = -A.exp * grad(A)
    np.multiply(A_exp, dA, out=dAlog)
    np.negative(dAlog, out=dAlog)
    dE = np.zeros((n_w, n_d), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    dW_B = dW_BC[0]
    dW_C = dW_BC[1]

    return Params(E=dE, Alog=dAlog, W_B=dW_B, W_C=dW_C, W_dt=dW_dt, b_dt=db_dt, D=dD, V=dV, c=dc)


def _loss_and_grad_checkpointed(params, w, y, h0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, w, y, h0, dtype, single, n_w, n_d, n_s, T, B_ = _arguments(params, w, y, h0, whole=True)
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params
    wrt = _asked(wrt, ("h0",))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        h0_kept, h_left1, dE, dAlog, dW_B, dW_C, dW_dt, db_dt, dD, dV, dc,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_w, n_d, n_s, B_, dtype)
    h0_kept[0] = h0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            w[first:last],
            h0_kept[n],
            last - first,
            n_d,
            n_s,
            B_,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        (h0_kept[n + 1],) = found
    loss = 0.0
    for total in (h_left1, dE, dAlog, dW_B, dW_C, dW_dt, db_dt, dD, dV, dc):
        total.fill(0)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            h_left1,
            w[first:last],
            y[first:last],
            h0_kept[n],
            last - first,
            n_w,
            n_d,
            n_s,
            B_,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dh0 = found
        loss += float(loss_part)
        _add_each((dE, dAlog, dW_B, dW_C, dW_dt, db_dt, dD, dV, dc), parts)
        h_left1[...] = dh0

    gradient = Params(E=dE, Alog=dAlog, W_B=dW_B, W_C=dW_C, W_dt=dW_dt, b_dt=db_dt, D=dD, V=dV, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _segment(params, h_left1, w, y, h0, T, n_w, n_d, n_s, B_, dtype, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_BC, x, A_exp, A, BC, dt_arg, dt, h_exp, h, h_at, h_exp_at, g, o, yhat_lse,
        largest, rows, flat, tmp5, do, entries, dc, dV, dg, dD, dx, dh, dh_at, dh_exp, ddt, dBC, product, dA, ddt_arg,
        db_dt, dW_dt, dW_BC, dAlog, dh0, dE,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_w, n_d, n_s, B_, dtype)
    np.stack((W_B, W_C), out=W_BC)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    # B[t] = W_B @ x[t]
    # C[t] = W_C @ x[t]
    np.matmul(x.reshape(-1, n_d), W_BC.transpose(0, 2, 1), out=BC.reshape(2, -1, n_s))
    # dt.arg[t] = b_dt + W_dt @ x[t]
    np.matmul(x.reshape(-1, n_d), W_dt.T, out=dt_arg.reshape(-1, n_d))
    dt_arg += b_dt
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    _softplus(dt_arg, out=dt)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    np.multiply(dt[:, :, :, None], A, out=tmp0)
    np.exp(tmp0, out=h_exp)
    # h[0, d, n] = 0
    h[0] = h0
    # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
    np.multiply(dt, x, out=tmp1)
    np.multiply(tmp1[:, :, :, None], BC[0][:, :, None], out=h[1:])
    for t in range(1, T + 1):
        # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
        np.multiply(h_at[t - 1], h_exp_at[t - 1], out=tmp2)
        h_at[t] += tmp2
    # g[t] = h[t] @ C[t] + D * x[t]
    np.matmul(h[1:], BC[1][..., None], out=g[..., None])
    np.multiply(x, D, out=tmp1)
    g += tmp1
    # o[t] = c + V @ g[t]
    np.matmul(g.reshape(-1, n_d), V.T, out=o.reshape(-1, n_w))
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()
    B = BC[0]
    C = BC[1]
    # grad(o[t]) = softmax(o[t]) - onehot(y[t])
    np.subtract(o, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=do)
    _add_to(do, y, rows, flat, entries, -1)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), g[t]), t)
    np.matmul(do.reshape(-1, n_w).T, g.reshape(-1, n_d), out=dV)
    # grad(g[t]) = V.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_w), V, out=dg.reshape(-1, n_d))
    # grad(D) = sum(x[t] * grad(g[t]), t)
    dD[...] = np.einsum("tbi,tbi->i", dg, x)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.multiply(dg, D, out=dx)
    dh.fill(0)
    # grad(h[t]) = h.exp[t+1] * grad(h[t+1]) + outer(grad(g[t]), C[t]), t < T
    np.multiply(C[:, :, None], dg[:, :, :, None], out=tmp0)
    dh[1:] += tmp0
    # grad(h[T]) = h.left1 + outer(grad(g[T]), C[T])
    dh[T] += h_left1
    for t in range(T - 1, -1, -1):
        # grad(h[t]) = h.exp[t+1] * grad(h[t+1]) + outer(grad(g[t]), C[t]), t < T
        np.multiply(dh_at[t + 1], h_exp_at[t], out=tmp2)
        dh_at[t] += tmp2
    # grad(h.exp[t]) = h[t-1] * grad(h[t])
    np.multiply(dh[1:], h[:T], out=dh_exp)
    # grad(dt[t, i]) = sum(x[t, i] * grad(h[t, i, j]) * B[t, j], j) + sum(A[i, j] * h.exp[t, i, j] *
    #     grad(h.exp[t, i, j]), j)
    np.multiply(dh_exp, h_exp, out=tmp0)
    np.matmul(tmp0.reshape(-1, n_d, n_s).transpose(1, 0, 2), A[..., None], out=ddt.reshape(-1, n_d).T[..., None])
    np.multiply(dh[1:], x[:, :, :, None], out=tmp0)
    np.matmul(tmp0, B[..., None], out=tmp1[..., None])
    ddt += tmp1
    # grad(C[t]) = h[t].T @ grad(g[t])
    np.matmul(h[1:].transpose(0, 1, 3, 2), dg[..., None], out=dBC[1][..., None])
    # grad(B[t]) = grad(h[t]).T @ (x[t] * dt[t])
    np.multiply(dt, x, out=tmp1)
    np.matmul(dh[1:].transpose(0, 1, 3, 2), tmp1[..., None], out=dBC[0][..., None])
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.matmul(dBC.reshape(2, -1, n_s), W_BC, out=product)
    np.add.reduce(product, axis=0, out=tmp1.reshape(-1, n_d))
    dx += tmp1
    np.multiply(dh[1:], dt[:, :, :, None], out=tmp0)
    np.matmul(tmp0, B[..., None], out=tmp1[..., None])
    dx += tmp1
    # grad(A) = sum(diag(dt[t]) @ (h.exp[t] * grad(h.exp[t])), t)
    np.multiply(dh_exp.transpose(2, 3, 0, 1), h_exp.transpose(2, 3, 0, 1), out=tmp5)
    np.matmul(tmp5.reshape(n_d, n_s, -1), dt.reshape(-1, n_d).T[..., None], out=dA[..., None])
    # grad(dt.arg[t]) = sigmoid(dt.arg[t]) * grad(dt[t])
    _sigmoid(dt_arg, out=ddt_arg)
    ddt_arg *= ddt
    # grad(b_dt) = sum(grad(dt.arg[t]), t)
    np.add.reduce(ddt_arg, axis=(0, 1), out=db_dt)
    # grad(W_dt) = sum(outer(grad(dt.arg[t]), x[t]), t)
    np.matmul(ddt_arg.reshape(-1, n_d).T, x.reshape(-1, n_d), out=dW_dt)
    # grad(x[t]) = W_B.T @ grad(B[t]) + W_C.T @ grad(C[t]) + W_dt.T @ grad(dt.arg[t]) + D * grad(g[t]) +
    #     dt[t] * (grad(h[t]) @ B[t])
    np.matmul(ddt_arg.reshape(-1, n_d), W_dt, out=tmp1.reshape(-1, n_d))
    dx += tmp1
    # grad(W_B) = sum(outer(grad(B[t]), x[t]), t)
    # grad(W_C) = sum(outer(grad(C[t]), x[t]), t)
    np.matmul(dBC.reshape(2, -1, n_s).transpose(0, 2, 1), x.reshape(-1, n_d), out=dW_BC)
    # grad(Alog) = -A.exp * grad(A)
    np.multiply(A_exp, dA, out=dAlog)
    np.negative(dAlog, out=dAlog)
    # grad(h.0) = grad(h[0])
    dh0[...] = dh[0]
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    dW_B = dW_BC[0]
    dW_C = dW_BC[1]

    return loss, (dE, dAlog, dW_B, dW_C, dW_dt, db_dt, dD, dV, dc), dh0


def _advance(params, w, h0, T, n_d, n_s, B_, dtype, workspace):
    """The state after a segment."""
    E, Alog, W_B, W_C, W_dt, b_dt, D, V, c = params

    (
        tmp0, tmp1, tmp2, x, A_exp, A, B, dt_arg, dt, h_exp, h, h_at, h_exp_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_d, n_s, B_, dtype)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    # B[t] = W_B @ x[t]
    np.matmul(x.reshape(-1, n_d), W_B.T, out=B.reshape(-1, n_s))
    # dt.arg[t] = b_dt + W_dt @ x[t]
    np.matmul(x.reshape(-1, n_d), W_dt.T, out=dt_arg.reshape(-1, n_d))
    dt_arg += b_dt
    # dt[t] = softplus(b_dt + W_dt @ x[t])
    _softplus(dt_arg, out=dt)
    # h.exp[t] = exp(diag(dt[t]) @ A)
    np.multiply(dt[:, :, :, None], A, out=tmp0)
    np.exp(tmp0, out=h_exp)
    # h[0, d, n] = 0
    h[0] = h0
    # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
    np.multiply(dt, x, out=tmp1)
    np.multiply(B[:, :, None], tmp1[:, :, :, None], out=h[1:])
    for t in range(1, T + 1):
        # h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
        np.multiply(h_at[t - 1], h_exp_at[t - 1], out=tmp2)
        h_at[t] += tmp2

    return (h[-1],)


def _loss_arrays(T, n_w, n_d, n_s, B_, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((T, B_, n_d, n_s), dtype)
    tmp1 = np.empty((T, B_, n_d), dtype)
    tmp2 = np.empty((B_, n_d, n_s), dtype)
    tmp3 = np.empty((T, B_, n_w), dtype)
    tmp4 = np.empty((T, B_), dtype)
    W_BC = np.empty((2, n_s, n_d), dtype)
    x = np.empty((T, B_, n_d), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    A = A_exp
    BC = _by_step((2, T, B_, n_s), dtype)
    dt_arg = np.empty((T, B_, n_d), dtype)
    dt = dt_arg
    h_exp = np.empty((T, B_, n_d, n_s), dtype)
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    h_at = list(h)
    h_exp_at = list(h_exp)
    g = dt_arg
    o = np.empty((T, B_, n_w), dtype)
    yhat_lse = np.empty((T, B_), dtype)
    largest = np.empty((T, B_, 1), dtype)
    rows = np.arange(T * B_).reshape(T, B_)
    flat = np.empty((T, B_), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_BC, x, A_exp, A, BC, dt_arg, dt, h_exp, h, h_at, h_exp_at, g, o, yhat_lse,
        largest, rows, flat,
    )


def _loss_and_grad_arrays(T, n_w, n_d, n_s, B_, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((T, B_, n_d, n_s), dtype)
    tmp1 = np.empty((T, B_, n_d), dtype)
    tmp2 = np.empty((B_, n_d, n_s), dtype)
    tmp3 = np.empty((T, B_, n_w), dtype)
    tmp4 = np.empty((T, B_), dtype)
    W_BC = np.empty((2, n_s, n_d), dtype)
    x = np.empty((T, B_, n_d), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    A = np.empty((n_d, n_s), dtype)
    BC = _by_step((2, T, B_, n_s), dtype)
    dt_arg = np.empty((T, B_, n_d), dtype)
    dt = np.empty((T, B_, n_d), dtype)
    h_exp = np.empty((T, B_, n_d, n_s), dtype)
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    h_at = list(h)
    h_exp_at = list(h_exp)
    g = np.empty((T, B_, n_d), dtype)
    o = np.empty((T, B_, n_w), dtype)
    yhat_lse = np.empty((T, B_), dtype)
    largest = np.empty((T, B_, 1), dtype)
    yhat = np.empty((T, B_, n_w), dtype)
    rows = np.arange(T * B_).reshape(T, B_)
    flat = np.empty((T, B_), np.intp)
    tmp5 = np.empty((n_d, n_s, T, B_), dtype)
    do = yhat
    entries = np.empty((T, B_), dtype)
    dc = np.empty((n_w,), dtype)
    dV = np.empty((n_w, n_d), dtype)
    dg = g
    dD = np.empty((n_d,), dtype)
    dx = np.empty((T, B_, n_d), dtype)
    dh = np.empty((T + 1, B_, n_d, n_s), dtype)
    dh_at = list(dh)
    dh_exp = np.empty((T, B_, n_d, n_s), dtype)
    ddt = np.empty((T, B_, n_d), dtype)
    dBC = _by_step((2, T, B_, n_s), dtype)
    product = np.empty((2, T * B_, n_d), dtype)
    dA = A
    ddt_arg = dt
    db_dt = np.empty((n_d,), dtype)
    dW_dt = np.empty((n_d, n_d), dtype)
    dW_BC = np.empty((2, n_s, n_d), dtype)
    dAlog = dA
    dE = np.empty((n_w, n_d), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_BC, x, A_exp, A, BC, dt_arg, dt, h_exp, h, h_at, h_exp_at, g, o, yhat_lse,
        largest, yhat, rows, flat, tmp5, do, entries, dc, dV, dg, dD, dx, dh, dh_at, dh_exp, ddt, dBC, product, dA,
        ddt_arg, db_dt, dW_dt, dW_BC, dAlog, dE,
    )


def _loss_padded_arrays(T, n_w, n_d, n_s, B_, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B_, n_d, n_s), dtype)
    tmp1 = np.empty((T, B_, n_d), dtype)
    tmp2 = np.empty((B_, n_d, n_s), dtype)
    tmp3 = np.empty((T, B_, n_w), dtype)
    tmp4 = np.empty((B_, T), dtype)
    tmp5 = np.empty((B_, T), dtype)
    tmp6 = np.empty((B_, T), dtype)
    W_BC = np.empty((2, n_s, n_d), dtype)
    x = np.empty((T, B_, n_d), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    A = A_exp
    BC = _by_step((2, T, B_, n_s), dtype)
    dt_arg = np.empty((T, B_, n_d), dtype)
    dt = dt_arg
    h_exp = np.empty((T, B_, n_d, n_s), dtype)
    h_ahead = tmp0
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    h_at = list(h)
    h_exp_at = list(h_exp)
    h_ahead_at = list(h_ahead)
    g = dt_arg
    o = np.empty((T, B_, n_w), dtype)
    yhat_lse = np.empty((T, B_), dtype)
    largest = np.empty((T, B_, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_BC, x, A_exp, A, BC, dt_arg, dt, h_exp, h_ahead, h, h_at, h_exp_at,
        h_ahead_at, g, o, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(T, n_w, n_d, n_s, B_, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B_, n_d, n_s), dtype)
    tmp1 = np.empty((T, B_, n_d), dtype)
    tmp2 = np.empty((B_, n_d, n_s), dtype)
    tmp3 = np.empty((T, B_, n_w), dtype)
    tmp4 = np.empty((B_, T), dtype)
    tmp5 = np.empty((B_, T), dtype)
    tmp6 = np.empty((B_, T), dtype)
    W_BC = np.empty((2, n_s, n_d), dtype)
    x = np.empty((T, B_, n_d), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    A = np.empty((n_d, n_s), dtype)
    BC = _by_step((2, T, B_, n_s), dtype)
    dt_arg = np.empty((T, B_, n_d), dtype)
    dt = np.empty((T, B_, n_d), dtype)
    h_exp = np.empty((T, B_, n_d, n_s), dtype)
    h_ahead = np.empty((T, B_, n_d, n_s), dtype)
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    h_at = list(h)
    h_exp_at = list(h_exp)
    h_ahead_at = list(h_ahead)
    g = np.empty((T, B_, n_d), dtype)
    o = np.empty((T, B_, n_w), dtype)
    yhat_lse = np.empty((T, B_), dtype)
    largest = np.empty((T, B_, 1), dtype)
    yhat = np.empty((T, B_, n_w), dtype)
    tmp7 = yhat_lse
    tmp8 = np.empty((n_d, n_s, T, B_), dtype)
    do = yhat
    rows = np.arange(T * B_).reshape(T, B_)
    flat = np.empty((T, B_), np.intp)
    entries = np.empty((T, B_), dtype)
    dc = np.empty((n_w,), dtype)
    dV = np.empty((n_w, n_d), dtype)
    dg = g
    dD = np.empty((n_d,), dtype)
    dx = np.empty((T, B_, n_d), dtype)
    dh = np.empty((T + 1, B_, n_d, n_s), dtype)
    dh_at = list(dh)
    dh_exp = h_ahead
    ddt = np.empty((T, B_, n_d), dtype)
    dBC = _by_step((2, T, B_, n_s), dtype)
    product = np.empty((2, T * B_, n_d), dtype)
    dA = A
    ddt_arg = dt
    db_dt = np.empty((n_d,), dtype)
    dW_dt = np.empty((n_d, n_d), dtype)
    dW_BC = np.empty((2, n_s, n_d), dtype)
    dAlog = dA
    dE = np.empty((n_w, n_d), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, W_BC, x, A_exp, A, BC, dt_arg, dt, h_exp, h_ahead, h, h_at, h_exp_at,
        h_ahead_at, g, o, yhat_lse, largest, yhat, tmp7, tmp8, do, rows, flat, entries, dc, dV, dg, dD, dx, dh, dh_at,
        dh_exp, ddt, dBC, product, dA, ddt_arg, db_dt, dW_dt, dW_BC, dAlog, dE,
    )


def _loss_and_grad_checkpointed_arrays(count, n_w, n_d, n_s, B_, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    h0_kept = np.empty((count, B_, n_d, n_s), dtype)
    h_left1 = np.empty((B_, n_d, n_s), dtype)
    dE = np.empty((n_w, n_d), dtype)
    dAlog = np.empty((n_d, n_s), dtype)
    dW_B = np.empty((n_s, n_d), dtype)
    dW_C = np.empty((n_s, n_d), dtype)
    dW_dt = np.empty((n_d, n_d), dtype)
    db_dt = np.empty((n_d,), dtype)
    dD = np.empty((n_d,), dtype)
    dV = np.empty((n_w, n_d), dtype)
    dc = np.empty((n_w,), dtype)
    return h0_kept, h_left1, dE, dAlog, dW_B, dW_C, dW_dt, db_dt, dD, dV, dc


def _segment_arrays(T, n_w, n_d, n_s, B_, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((T, B_, n_d, n_s), dtype)
    tmp1 = np.empty((T, B_, n_d), dtype)
    tmp2 = np.empty((B_, n_d, n_s), dtype)
    tmp3 = np.empty((T, B_, n_w), dtype)
    tmp4 = np.empty((T, B_), dtype)
    W_BC = np.empty((2, n_s, n_d), dtype)
    x = np.empty((T, B_, n_d), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    A = np.empty((n_d, n_s), dtype)
    BC = _by_step((2, T, B_, n_s), dtype)
    dt_arg = np.empty((T, B_, n_d), dtype)
    dt = np.empty((T, B_, n_d), dtype)
    h_exp = np.empty((T, B_, n_d, n_s), dtype)
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    h_at = list(h)
    h_exp_at = list(h_exp)
    g = np.empty((T, B_, n_d), dtype)
    o = np.empty((T, B_, n_w), dtype)
    yhat_lse = np.empty((T, B_), dtype)
    largest = np.empty((T, B_, 1), dtype)
    rows = np.arange(T * B_).reshape(T, B_)
    flat = np.empty((T, B_), np.intp)
    tmp5 = np.empty((n_d, n_s, T, B_), dtype)
    do = o
    entries = np.empty((T, B_), dtype)
    dc = np.empty((n_w,), dtype)
    dV = np.empty((n_w, n_d), dtype)
    dg = g
    dD = np.empty((n_d,), dtype)
    dx = np.empty((T, B_, n_d), dtype)
    dh = np.empty((T + 1, B_, n_d, n_s), dtype)
    dh_at = list(dh)
    dh_exp = np.empty((T, B_, n_d, n_s), dtype)
    ddt = np.empty((T, B_, n_d), dtype)
    dBC = _by_step((2, T, B_, n_s), dtype)
    product = np.empty((2, T * B_, n_d), dtype)
    dA = A
    ddt_arg = dt
    db_dt = np.empty((n_d,), dtype)
    dW_dt = np.empty((n_d, n_d), dtype)
    dW_BC = np.empty((2, n_s, n_d), dtype)
    dAlog = dA
    dh0 = tmp2
    dE = np.empty((n_w, n_d), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, W_BC, x, A_exp, A, BC, dt_arg, dt, h_exp, h, h_at, h_exp_at, g, o, yhat_lse,
        largest, rows, flat, tmp5, do, entries, dc, dV, dg, dD, dx, dh, dh_at, dh_exp, ddt, dBC, product, dA, ddt_arg,
        db_dt, dW_dt, dW_BC, dAlog, dh0, dE,
    )


def _advance_arrays(T, n_d, n_s, B_, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((T, B_, n_d, n_s), dtype)
    tmp1 = np.empty((T, B_, n_d), dtype)
    tmp2 = np.empty((B_, n_d, n_s), dtype)
    x = np.empty((T, B_, n_d), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    A = A_exp
    B = np.empty((T, B_, n_s), dtype)
    dt_arg = np.empty((T, B_, n_d), dtype)
    dt = dt_arg
    h_exp = np.empty((T, B_, n_d, n_s), dtype)
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    h_at = list(h)
    h_exp_at = list(h_exp)
    return tmp0, tmp1, tmp2, x, A_exp, A, B, dt_arg, dt, h_exp, h, h_at, h_exp_at


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


def _softplus(z, out=None):
    """The logarithm of 1 + exp(z), which never overflows."""
    tail = np.abs(z)
    if not tail.ndim:
        return np.add(np.maximum(z, 0), np.log1p(np.exp(-tail)), out=out)
    np.negative(tail, out=tail)
    np.exp(tail, out=tail)
    np.log1p(tail, out=tail)
    out = np.maximum(z, 0, out=out)
    return np.add(out, tail, out=out)


def _window(given, sequence, known, steps):
    """How many steps a window has; all of them where nothing is given."""
    if isinstance(given, dict):
        given = _of_sequence("window", given, sequence, known)
    return steps if given is None else _size("window", given)
