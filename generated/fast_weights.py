# Written by derive from fast_weights.eq; do not edit.
# Change fast_weights.eq instead, and run: derive generate fast_weights
# source 76bfe984d4e5521c, derive 07e8f9d843407be1, body b9e07c4d4ab15841
"""Fast weights: a second, quickly changing matrix of weights holds a memory of recent hidden states.

Ba, Hinton, Mnih, Leibo & Ionescu (2016), Using Fast Weights to Attend to the Recent Past, eqs. 1-2, one inner step,
without the layer normalisation.

The equations::

    x: Input[T, n_x]          # what is read at each step
    y: Label[n_y]             # the class of the whole sequence
    C: Param[n_h, n_x]        # input to hidden
    W: Param[n_h, n_h]        # hidden to hidden, slow weights
    V: Param[n_y, n_h]        # hidden to output
    b: Param[n_h]
    c: Param[n_y]
    lam: Const = 0.95         # decay of the fast weights
    eta: Const = 0.5          # their learning rate

    h[0] = 0
    A[0] = 0
    a[t] = b + W @ h[t-1] + C @ x[t]
    p[t] = tanh(a[t])                                       # preliminary state
    h[t] = tanh(a[t] + A[t-1] @ p[t])                       # state after one inner step (eq. 2)
    A[t] = lam * A[t-1] + eta * outer(h[t], h[t])           # fast weights (eq. 1)
    o = c + V @ h[T]
    yhat = softmax(o)
    loss = -log(yhat[y])
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    C: np.ndarray  # (n_h, n_x)  input to hidden
    W: np.ndarray  # (n_h, n_h)  hidden to hidden, slow weights
    V: np.ndarray  # (n_y, n_h)  hidden to output
    b: np.ndarray  # (n_h)
    c: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    a: np.ndarray  # (T, B, n_h)
    p: np.ndarray  # (T, B, n_h)  preliminary state
    h: np.ndarray  # (T + 1, B, n_h)  state after one inner step (eq. 2)
    A: np.ndarray  # (T + 1, B, n_h, n_h)  fast weights (eq. 1)
    o: np.ndarray  # (B, n_y)
    yhat: np.ndarray  # (B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    h: np.ndarray  # (B, n_h)  state after one inner step (eq. 2)
    A: np.ndarray  # (B, n_h, n_h)  fast weights (eq. 1)


class Outputs(NamedTuple):
    """The variables at one step."""

    a: np.ndarray  # (B, n_h)
    p: np.ndarray  # (B, n_h)  preliminary state
    h: np.ndarray  # (B, n_h)  state after one inner step (eq. 2)
    A: np.ndarray  # (B, n_h, n_h)  fast weights (eq. 1)


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


def init_params(rng: np.random.Generator, *, n_h: int, n_x: int, n_y: int, dtype: type = np.float64) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_h = _size("n_h", n_h)
    n_x = _size("n_x", n_x)
    n_y = _size("n_y", n_y)
    return Params(
        C=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        b=np.zeros((n_h,), dtype),
        c=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    lam: float = 0.95,
    eta: float = 0.5,
    h0: np.ndarray | None = None,
    A0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)    real        what is read at each step
    y        (B)            0..n_y - 1  the class of the whole sequence
    lam      number         real        decay of the fast weights
    eta      number         real        their learning rate
    h0       (B, n_h)       real        h[0]; 0 where not given
    A0       (B, n_h, n_h)  real        A[0]; 0 where not given
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths  (B,)           1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, A0 = _resumed(state, ("h", "A"), (("h0", h0), ("A0", A0)))
    if lengths is not None:
        return _forward_padded(params, x, y, lam, eta, h0, A0, lengths)
    params, x, y, lam, eta, h0, A0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, lam, eta, h0, A0)
    C, W, V, b, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    a = np.empty((T, B, n_h), dtype)
    # a[t] = b + W @ h[t-1] + C @ x[t]
    np.matmul(x.reshape(-1, n_x), C.T, out=a.reshape(-1, n_h))
    a += b
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    A = np.empty((T + 1, B, n_h, n_h), dtype)
    # A[0] = 0
    A[0] = A0
    p = np.empty((T, B, n_h), dtype)
    h_arg = np.empty((B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    W_T[...] = W.T
    h_at = list(h)
    a_at = list(a)
    p_at = list(p)
    A_at = list(A)
    for t in range(1, T + 1):
        # a[t] = b + W @ h[t-1] + C @ x[t]
        h_at[t - 1].dot(W_T, out=tmp0)
        a_at[t - 1] += tmp0
        # p[t] = tanh(a[t])
        np.tanh(a_at[t - 1], out=p_at[t - 1])
        # h.arg[t] = a[t] + A[t-1] @ p[t]
        np.matmul(A_at[t - 1], p_at[t - 1][..., None], out=h_arg[..., None])
        h_arg += a_at[t - 1]
        # h[t] = tanh(a[t] + A[t-1] @ p[t])
        np.tanh(h_arg, out=h_at[t])
        # A[t] = lam * A[t-1] + eta * outer(h[t], h[t])
        np.multiply(A_at[t - 1], lam, out=A_at[t])
        np.multiply(h_at[t][:, :, None], h_at[t][:, None], out=tmp1)
        tmp1 *= eta
        A_at[t] += tmp1
    o = np.empty((B, n_y), dtype)
    # o = c + V @ h[T]
    np.matmul(h[T], V.T, out=o)
    o += c
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((B, n_y), dtype)
    np.subtract(o, yhat_lse[:, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((B,), dtype)
        rows = np.arange(B).reshape(B)
        flat = np.empty((B,), np.intp)
        # loss = -log(yhat[y])
        _look_up(o, y, rows, flat, out=tmp_3_0)
        np.subtract(yhat_lse, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
    else:
        loss = None

    if single:
        a = a[:, 0]
        p = p[:, 0]
        h = h[:, 0]
        A = A[:, 0]
        o = o[0]
        yhat = yhat[0]
    return Forward(a=a, p=p, h=h, A=A, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    lam: float = 0.95,
    eta: float = 0.5,
    h0: np.ndarray | None = None,
    A0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)    real        what is read at each step
    y          (B)            0..n_y - 1  the class of the whole sequence
    lam        number         real        decay of the fast weights
    eta        number         real        their learning rate
    h0         (B, n_h)       real        h[0]; 0 where not given
    A0         (B, n_h, n_h)  real        A[0]; 0 where not given
    workspace                 Workspace   its arrays are used, and hold the results until its next call
    state                     State       what an earlier piece left, from last_state or step: the sequence goes on from
                                          there
    lengths    (B,)           1..T        each example's own number of steps, what is given beyond is not read; all
                                          where not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, A0 = _resumed(state, ("h", "A"), (("h0", h0), ("A0", A0)))
    if lengths is not None:
        return _loss_padded(params, x, y, lam, eta, h0, A0, lengths, workspace)
    (
        params, x, y, lam, eta, h0, A0, dtype, single, n_h, n_x, n_y, T, B,
    ) = _arguments(params, x, y, lam, eta, h0, A0, whole=True)
    C, W, V, b, c = params

    (
        tmp0, tmp1, tmp2, tmp3, a, h, A, p, h_arg, W_T, h_at, a_at, A_at, o, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_y, n_h, B, dtype)
    # a[t] = b + W @ h[t-1] + C @ x[t]
    np.matmul(x.reshape(-1, n_x), C.T, out=a.reshape(-1, n_h))
    a += b
    # h[0] = 0
    h[0] = h0
    A.fill(0)
    # A[0] = 0
    A[0] = A0
    W_T[...] = W.T
    for t in range(1, T):
        # a[t] = b + W @ h[t-1] + C @ x[t]
        h_at[t - 1].dot(W_T, out=tmp0)
        a_at[t - 1] += tmp0
        # p[t] = tanh(a[t])
        np.tanh(a_at[t - 1], out=p)
        # h.arg[t] = a[t] + A[t-1] @ p[t]
        np.matmul(A_at[t - 1], p[..., None], out=h_arg[..., None])
        h_arg += a_at[t - 1]
        # h[t] = tanh(a[t] + A[t-1] @ p[t])
        np.tanh(h_arg, out=h_at[t])
        # A[t] = lam * A[t-1] + eta * outer(h[t], h[t])
        np.multiply(A_at[t - 1], lam, out=A_at[t])
        np.multiply(h_at[t][:, :, None], h_at[t][:, None], out=tmp1)
        tmp1 *= eta
        A_at[t] += tmp1
    # a[t] = b + W @ h[t-1] + C @ x[t]
    np.matmul(h[T - 1], W.T, out=tmp0)
    a[T - 1] += tmp0
    # p[t] = tanh(a[t])
    np.tanh(a[T - 1], out=p)
    # h.arg[t] = a[t] + A[t-1] @ p[t]
    np.matmul(A[T - 1], p[..., None], out=h_arg[..., None])
    h_arg += a[T - 1]
    # h[t] = tanh(a[t] + A[t-1] @ p[t])
    np.tanh(h_arg, out=h[T])
    # o = c + V @ h[T]
    np.matmul(h[T], V.T, out=o)
    o += c
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp2, largest=largest)
    # loss = -log(yhat[y])
    _look_up(o, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    lam: float = 0.95,
    eta: float = 0.5,
    h0: np.ndarray | None = None,
    A0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x           (T, B, n_x)    real                       what is read at each step
    y           (B)            0..n_y - 1                 the class of the whole sequence
    lam         number         real                       decay of the fast weights
    eta         number         real                       their learning rate
    h0          (B, n_h)       real                       h[0]; 0 where not given
    A0          (B, n_h, n_h)  real                       A[0]; 0 where not given
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
        h0, A0 = _resumed(state, ("h", "A"), (("h0", h0), ("A0", A0)))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, lam, eta, h0, A0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, lam, eta, h0, A0, lengths, wrt, workspace, window)
    (
        params, x, y, lam, eta, h0, A0, dtype, single, n_h, n_x, n_y, T, B,
    ) = _arguments(params, x, y, lam, eta, h0, A0, whole=True)
    C, W, V, b, c = params
    wrt = _asked(wrt, ("x", "h0", "A0"))

    (
        tmp0, tmp1, tmp2, tmp3, a, h, A, p, h_arg, W_T, h_at, a_at, p_at, A_at, o, yhat_lse, largest, yhat, rows, flat,
        tmp4, do, entries, dc, dV, h_arg_factor, a_factor, dh, dh_arg, dp, da, dA, dA_at, dh_arg_at, dh_at, da_at,
        h_arg_factor_at, a_factor_at, db, dC, dW,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, B, dtype)
    # a[t] = b + W @ h[t-1] + C @ x[t]
    np.matmul(x.reshape(-1, n_x), C.T, out=a.reshape(-1, n_h))
    a += b
    # h[0] = 0
    h[0] = h0
    # A[0] = 0
    A[0] = A0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # a[t] = b + W @ h[t-1] + C @ x[t]
        h_at[t - 1].dot(W_T, out=tmp0)
        a_at[t - 1] += tmp0
        # p[t] = tanh(a[t])
        np.tanh(a_at[t - 1], out=p_at[t - 1])
        # h.arg[t] = a[t] + A[t-1] @ p[t]
        np.matmul(A_at[t - 1], p_at[t - 1][..., None], out=h_arg[..., None])
        h_arg += a_at[t - 1]
        # h[t] = tanh(a[t] + A[t-1] @ p[t])
        np.tanh(h_arg, out=h_at[t])
        # A[t] = lam * A[t-1] + eta * outer(h[t], h[t])
        np.multiply(A_at[t - 1], lam, out=A_at[t])
        np.multiply(h_at[t][:, :, None], h_at[t][:, None], out=tmp1)
        tmp1 *= eta
        A_at[t] += tmp1
    # o = c + V @ h[T]
    np.matmul(h[T], V.T, out=o)
    o += c
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(o, yhat_lse[:, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = -log(yhat[y])
    _look_up(o, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    # grad(o) = yhat - onehot(y)
    _add_to(do, y, rows, flat, entries, -1)
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    # grad(V) = outer(grad(o), h[T])
    np.matmul(do.T, h[T], out=dV)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    # a.factor[t] = 1 - p[t]**2
    np.square(p, out=a_factor)
    np.subtract(1, a_factor, out=a_factor)
    # grad(h[T]) = V.T @ grad(o) + eta * (grad(A[T]).T @ h[T]) + eta * (grad(A[T]) @ h[T])
    np.matmul(do, V, out=dh[T])
    dA.fill(0)
    # grad(h[t]) = W.T @ grad(a[t+1]) + eta * (grad(A[t]).T @ h[t]) + eta * (grad(A[t]) @ h[t]), t < T
    np.multiply(h[T], eta, out=tmp4)
    np.matmul(dA[T], tmp4[..., None], out=tmp0[..., None])
    dh[T] += tmp0
    np.multiply(h[T], eta, out=tmp4)
    np.matmul(dA[T].transpose(0, 2, 1), tmp4[..., None], out=tmp0[..., None])
    dh[T] += tmp0
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh[T], h_arg_factor[T - 1], out=dh_arg[T - 1])
    # grad(p[t]) = A[t-1].T @ grad(h.arg[t])
    np.matmul(A[T - 1].transpose(0, 2, 1), dh_arg[T - 1][..., None], out=dp[..., None])
    # grad(a[t]) = (1 - p[t]**2) * grad(p[t]) + grad(h.arg[t])
    np.multiply(dp, a_factor[T - 1], out=da[T - 1])
    da[T - 1] += dh_arg[T - 1]
    for t in range(T - 1, 0, -1):
        # grad(A[t]) = lam * grad(A[t+1]) + outer(grad(h.arg[t+1]), p[t+1]), 0 <= t < T
        np.multiply(dA_at[t + 1], lam, out=dA_at[t])
        np.multiply(dh_arg_at[t][:, :, None], p_at[t][:, None], out=tmp1)
        dA_at[t] += tmp1
        # grad(h[t]) = W.T @ grad(a[t+1]) + eta * (grad(A[t]).T @ h[t]) + eta * (grad(A[t]) @ h[t]), t < T
        np.multiply(h_at[t], eta, out=tmp0)
        np.matmul(dA_at[t], tmp0[..., None], out=dh_at[t][..., None])
        np.multiply(h_at[t], eta, out=tmp4)
        np.matmul(dA_at[t].transpose(0, 2, 1), tmp4[..., None], out=tmp0[..., None])
        dh_at[t] += tmp0
        da_at[t].dot(W, out=tmp0)
        dh_at[t] += tmp0
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
        # grad(p[t]) = A[t-1].T @ grad(h.arg[t])
        np.matmul(A_at[t - 1].transpose(0, 2, 1), dh_arg_at[t - 1][..., None], out=dp[..., None])
        # grad(a[t]) = (1 - p[t]**2) * grad(p[t]) + grad(h.arg[t])
        np.multiply(dp, a_factor_at[t - 1], out=da_at[t - 1])
        da_at[t - 1] += dh_arg_at[t - 1]
    # grad(b) = sum(grad(a[t]), t)
    np.add.reduce(da, axis=(0, 1), out=db)
    # grad(C) = sum(outer(grad(a[t]), x[t]), t)
    np.matmul(da.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dC)
    # grad(W) = sum(outer(grad(a[t]), h[t-1]), t)
    np.matmul(da.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    if "A0" in wrt:
        tmp_5_0 = np.empty((1, B, n_h, n_h), dtype)
        # grad(A[t]) = lam * grad(A[t+1]) + outer(grad(h.arg[t+1]), p[t+1]), 0 <= t < T
        np.multiply(dA[1:2], lam, out=dA[:1])
        np.multiply(dh_arg[:1][:, :, :, None], p[:1][:, :, None], out=tmp_5_0)
        dA[:1] += tmp_5_0
        dA0 = np.empty((B, n_h, n_h), dtype)
        # grad(A.0) = grad(A[0])
        dA0[...] = dA[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = C.T @ grad(a[t])
        np.matmul(da.reshape(-1, n_h), C, out=dx.reshape(-1, n_x))
    if "h0" in wrt:
        # grad(h[0]) = W.T @ grad(a[1])
        np.matmul(da[0], W, out=dh[0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(C=dC, W=dW, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "A0" in wrt:
        result["A0"] = dA0[0] if single else dA0
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    x: np.ndarray,
    y: np.ndarray,
    lam: float = 0.95,
    eta: float = 0.5,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    x        (T, B, n_x)  real               what is read at each step
    y        (B)          0..n_y - 1         the class of the whole sequence
    lam      number       real               decay of the fast weights
    eta      number       real               their learning rate
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lam, eta, lengths, window)
    (
        params, x, y, lam, eta, p, h, A, yhat, dtype, single, n_h, n_x, n_y, T, B,
    ) = _backward_arguments(params, forward, x, y, lam, eta)
    C, W, V, b, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h, n_h), dtype)
    do = np.empty((B, n_y), dtype)
    # grad(o) = yhat - onehot(y)
    do[...] = yhat
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    entries = np.empty((B,), dtype)
    _add_to(do, y, rows, flat, entries, -1)
    dc = np.empty((n_y,), dtype)
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = outer(grad(o), h[T])
    np.matmul(do.T, h[T], out=dV)
    h_arg_factor = np.empty((T, B, n_h), dtype)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    a_factor = np.empty((T, B, n_h), dtype)
    # a.factor[t] = 1 - p[t]**2
    np.square(p, out=a_factor)
    np.subtract(1, a_factor, out=a_factor)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[T]) = V.T @ grad(o) + eta * (grad(A[T]).T @ h[T]) + eta * (grad(A[T]) @ h[T])
    np.matmul(do, V, out=dh[T - 1])
    dh_arg = np.empty((T, B, n_h), dtype)
    dp = np.empty((B, n_h), dtype)
    da = np.empty((T, B, n_h), dtype)
    dA = np.zeros((T, B, n_h, n_h), dtype)
    # grad(h[t]) = W.T @ grad(a[t+1]) + eta * (grad(A[t]).T @ h[t]) + eta * (grad(A[t]) @ h[t]), t < T
    np.multiply(h[T], eta, out=tmp1)
    np.matmul(dA[T - 1], tmp1[..., None], out=tmp0[..., None])
    dh[T - 1] += tmp0
    np.multiply(h[T], eta, out=tmp1)
    np.matmul(dA[T - 1].transpose(0, 2, 1), tmp1[..., None], out=tmp0[..., None])
    dh[T - 1] += tmp0
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh[T - 1], h_arg_factor[T - 1], out=dh_arg[T - 1])
    # grad(p[t]) = A[t-1].T @ grad(h.arg[t])
    np.matmul(A[T - 1].transpose(0, 2, 1), dh_arg[T - 1][..., None], out=dp[..., None])
    # grad(a[t]) = (1 - p[t]**2) * grad(p[t]) + grad(h.arg[t])
    np.multiply(dp, a_factor[T - 1], out=da[T - 1])
    da[T - 1] += dh_arg[T - 1]
    dA_at = list(dA)
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    da_at = list(da)
    h_arg_factor_at = list(h_arg_factor)
    a_factor_at = list(a_factor)
    for t in range(T - 1, 0, -1):
        # grad(A[t]) = lam * grad(A[t+1]) + outer(grad(h.arg[t+1]), p[t+1]), 0 <= t < T
        np.multiply(dA_at[t], lam, out=dA_at[t - 1])
        np.multiply(dh_arg_at[t][:, :, None], p[t][:, None], out=tmp2)
        dA_at[t - 1] += tmp2
        # grad(h[t]) = W.T @ grad(a[t+1]) + eta * (grad(A[t]).T @ h[t]) + eta * (grad(A[t]) @ h[t]), t < T
        np.multiply(h[t], eta, out=tmp0)
        np.matmul(dA_at[t - 1], tmp0[..., None], out=dh_at[t - 1][..., None])
        np.multiply(h[t], eta, out=tmp1)
        np.matmul(dA_at[t - 1].transpose(0, 2, 1), tmp1[..., None], out=tmp0[..., None])
        dh_at[t - 1] += tmp0
        da_at[t].dot(W, out=tmp0)
        dh_at[t - 1] += tmp0
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t - 1], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
        # grad(p[t]) = A[t-1].T @ grad(h.arg[t])
        np.matmul(A[t - 1].transpose(0, 2, 1), dh_arg_at[t - 1][..., None], out=dp[..., None])
        # grad(a[t]) = (1 - p[t]**2) * grad(p[t]) + grad(h.arg[t])
        np.multiply(dp, a_factor_at[t - 1], out=da_at[t - 1])
        da_at[t - 1] += dh_arg_at[t - 1]
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(a[t]), t)
    np.add.reduce(da, axis=(0, 1), out=db)
    dC = np.empty((n_h, n_x), dtype)
    # grad(C) = sum(outer(grad(a[t]), x[t]), t)
    np.matmul(da.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dC)
    dW = np.empty((n_h, n_h), dtype)
    # grad(W) = sum(outer(grad(a[t]), h[t-1]), t)
    np.matmul(da.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)

    return Params(C=dC, W=dW, V=dV, b=db, c=dc)


def init_state(
    params: Params, *, h0: np.ndarray | None = None, A0: np.ndarray | None = None, batch: int | None = None
) -> State:
    """The state before the first step; of one example where `batch` is None.

    h0  (B, n_h)       real  h[0]; 0 where not given
    A0  (B, n_h, n_h)  real  A[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, h0, A0, dtype, single, n_h, n_x, n_y, B = _initial_arguments(params, h0, A0, batch)

    # h[0] = 0
    h_prev = h0.copy()
    # A[0] = 0
    A_prev = A0.copy()

    if single:
        h_prev = h_prev[0]
        A_prev = A_prev[0]
    return State(h=h_prev, A=A_prev)


def step(params: Params, state: State, *, x: np.ndarray, lam: float = 0.95, eta: float = 0.5) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x    (B, n_x)  real  what is read at each step
    lam  number    real  decay of the fast weights
    eta  number    real  their learning rate

    Data without the axis B are one example.
    """
    params, x, lam, eta, h_prev, A_prev, dtype, single, n_h, n_x, n_y, B = _step_arguments(params, state, x, lam, eta)
    C, W, V, b, c = params

    # a[t] = b + W @ h[t-1] + C @ x[t]
    a = x @ C.T
    a += h_prev @ W.T
    a += b
    # p[t] = tanh(a[t])
    p = np.tanh(a)
    # h.arg[t] = a[t] + A[t-1] @ p[t]
    h_arg = (A_prev @ p[..., None])[..., 0]
    h_arg += a
    # h[t] = tanh(a[t] + A[t-1] @ p[t])
    h = np.tanh(h_arg)
    # A[t] = lam * A[t-1] + eta * outer(h[t], h[t])
    A = A_prev * lam
    A += eta * h[:, :, None] * h[:, None]

    if single:
        h = h[0]
        A = A[0]
        a = a[0]
        p = p[0]
    result = State(h=h, A=A)
    return result, Outputs(a=a, p=p, h=h, A=A)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.h.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.h.ndim < 3 else forward.h.shape[1], forward.h.ndim < 3, 1
    )
    return State(h=_last(forward.h, 0, 1, 1, lengths), A=_last(forward.A, 0, 1, 1, lengths))


def _forward_padded(params, x, y, lam, eta, h0, A0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, lam, eta, h0, A0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, lam, eta, h0, A0, lengths)
    C, W, V, b, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h, n_h), dtype)
    tmp2 = np.empty((B, n_h, n_h), dtype)
    tmp3 = np.empty((B, n_y), dtype)
    a = np.empty((T, B, n_h), dtype)
    # a[t] = b + W @ h[t-1] + C @ x[t]
    np.matmul(x.reshape(-1, n_x), C.T, out=a.reshape(-1, n_h))
    a += b
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    A = np.empty((T + 1, B, n_h, n_h), dtype)
    # A[0] = 0
    A[0] = A0
    p = np.empty((T, B, n_h), dtype)
    h_arg = np.empty((B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    W_T[...] = W.T
    h_at = list(h)
    a_at = list(a)
    p_at = list(p)
    A_at = list(A)
    for t in range(1, T + 1):
        # a[t] = b + W @ h[t-1] + C @ x[t]
        h_at[t - 1].dot(W_T, out=tmp0)
        a_at[t - 1] += tmp0
        # p[t] = tanh(a[t])
        np.tanh(a_at[t - 1], out=p_at[t - 1])
        # h.arg[t] = a[t] + A[t-1] @ p[t]
        np.matmul(A_at[t - 1], p_at[t - 1][..., None], out=h_arg[..., None])
        h_arg += a_at[t - 1]
        # h[t] = tanh(a[t] + A[t-1] @ p[t])
        np.tanh(h_arg, out=tmp0)
        h[t] = np.where((t <= T_own)[:, None], tmp0, h[t - 1])
        # A[t] = lam * A[t-1] + eta * outer(h[t], h[t])
        np.multiply(h_at[t][:, :, None], h_at[t][:, None], out=tmp2)
        tmp2 *= eta
        np.multiply(A_at[t - 1], lam, out=tmp1)
        tmp1 += tmp2
        A[t] = np.where((t <= T_own)[:, None, None], tmp1, A[t - 1])
    o = np.empty((B, n_y), dtype)
    # o = c + V @ h[T]
    tmp0[...] = h[len_T, np.arange(B)]
    np.matmul(tmp0, V.T, out=o)
    o += c
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp3, largest=largest)
    yhat = np.empty((B, n_y), dtype)
    np.subtract(o, yhat_lse[:, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    if y is not None:
        tmp_4_0 = np.empty((B,), dtype)
        rows = np.arange(B).reshape(B)
        flat = np.empty((B,), np.intp)
        # loss = -log(yhat[y])
        _look_up(o, y, rows, flat, out=tmp_4_0)
        np.subtract(yhat_lse, tmp_4_0, out=tmp_4_0)
        loss = tmp_4_0.sum()
    else:
        loss = None

    if single:
        a = a[:, 0]
        p = p[:, 0]
        h = h[:, 0]
        A = A[:, 0]
        o = o[0]
        yhat = yhat[0]
    return Forward(a=a, p=p, h=h, A=A, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, lam, eta, h0, A0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, lam, eta, h0, A0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, lam, eta, h0, A0, lengths, whole=True)
    C, W, V, b, c = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, a, h, A, p, h_arg, W_T, h_at, a_at, A_at, o, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_y, n_h, B, dtype)
    # a[t] = b + W @ h[t-1] + C @ x[t]
    np.matmul(x.reshape(-1, n_x), C.T, out=a.reshape(-1, n_h))
    a += b
    # h[0] = 0
    h[0] = h0
    A.fill(0)
    # A[0] = 0
    A[0] = A0
    W_T[...] = W.T
    for t in range(1, T):
        # a[t] = b + W @ h[t-1] + C @ x[t]
        h_at[t - 1].dot(W_T, out=tmp0)
        a_at[t - 1] += tmp0
        # p[t] = tanh(a[t])
        np.tanh(a_at[t - 1], out=p)
        # h.arg[t] = a[t] + A[t-1] @ p[t]
        np.matmul(A_at[t - 1], p[..., None], out=h_arg[..., None])
        h_arg += a_at[t - 1]
        # h[t] = tanh(a[t] + A[t-1] @ p[t])
        np.tanh(h_arg, out=tmp0)
        h[t] = np.where((t <= T_own)[:, None], tmp0, h[t - 1])
        # A[t] = lam * A[t-1] + eta * outer(h[t], h[t])
        np.multiply(h_at[t][:, :, None], h_at[t][:, None], out=tmp2)
        tmp2 *= eta
        np.multiply(A_at[t - 1], lam, out=tmp1)
        tmp1 += tmp2
        A[t] = np.where((t <= T_own)[:, None, None], tmp1, A[t - 1])
    # a[t] = b + W @ h[t-1] + C @ x[t]
    np.matmul(h[T - 1], W.T, out=tmp0)
    a[T - 1] += tmp0
    # p[t] = tanh(a[t])
    np.tanh(a[T - 1], out=p)
    # h.arg[t] = a[t] + A[t-1] @ p[t]
    np.matmul(A[T - 1], p[..., None], out=h_arg[..., None])
    h_arg += a[T - 1]
    # h[t] = tanh(a[t] + A[t-1] @ p[t])
    np.tanh(h_arg, out=tmp0)
    h[T] = np.where((T <= T_own)[:, None], tmp0, h[T - 1])
    # o = c + V @ h[T]
    tmp0[...] = h[len_T, np.arange(B)]
    np.matmul(tmp0, V.T, out=o)
    o += c
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp3, largest=largest)
    # loss = -log(yhat[y])
    _look_up(o, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, lam, eta, h0, A0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, lam, eta, h0, A0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, lam, eta, h0, A0, lengths, whole=True)
    C, W, V, b, c = params
    wrt = _asked(wrt, ("x", "h0", "A0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, a, h, A, p, h_arg, W_T, h_at, a_at, p_at, A_at, o, yhat_lse, largest, yhat, rows,
        flat, tmp5, tmp6, do, entries, dc, dV, h_arg_factor, a_factor, dh, dh_arg, dp, da, dA, dA_at, dh_arg_at, dh_at,
        da_at, h_arg_factor_at, a_factor_at, db, dC, dW,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    # a[t] = b + W @ h[t-1] + C @ x[t]
    np.matmul(x.reshape(-1, n_x), C.T, out=a.reshape(-1, n_h))
    a += b
    # h[0] = 0
    h[0] = h0
    # A[0] = 0
    A[0] = A0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # a[t] = b + W @ h[t-1] + C @ x[t]
        h_at[t - 1].dot(W_T, out=tmp0)
        a_at[t - 1] += tmp0
        # p[t] = tanh(a[t])
        np.tanh(a_at[t - 1], out=p_at[t - 1])
        # h.arg[t] = a[t] + A[t-1] @ p[t]
        np.matmul(A_at[t - 1], p_at[t - 1][..., None], out=h_arg[..., None])
        h_arg += a_at[t - 1]
        # h[t] = tanh(a[t] + A[t-1] @ p[t])
        np.tanh(h_arg, out=tmp0)
        h[t] = np.where((t <= T_own)[:, None], tmp0, h[t - 1])
        # A[t] = lam * A[t-1] + eta * outer(h[t], h[t])
        np.multiply(h_at[t][:, :, None], h_at[t][:, None], out=tmp2)
        tmp2 *= eta
        np.multiply(A_at[t - 1], lam, out=tmp1)
        tmp1 += tmp2
        A[t] = np.where((t <= T_own)[:, None, None], tmp1, A[t - 1])
    # o = c + V @ h[T]
    tmp0[...] = h[len_T, np.arange(B)]
    np.matmul(tmp0, V.T, out=o)
    o += c
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp3, largest=largest)
    np.subtract(o, yhat_lse[:, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss = -log(yhat[y])
    _look_up(o, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()
    # grad(o) = yhat - onehot(y)
    _add_to(do, y, rows, flat, entries, -1)
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    # grad(V) = outer(grad(o), h[len.T])
    tmp5[...] = h[len_T, np.arange(B)].T
    np.matmul(do.T, tmp5.T, out=dV)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    # a.factor[t] = 1 - p[t]**2
    np.square(p, out=a_factor)
    np.subtract(1, a_factor, out=a_factor)
    dh.fill(0)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(a[t+1])) + where(len.T == t,
    #     1, 0) * (V.T @ grad(o)) + eta * (grad(A[t]).T @ h[t]) + eta * (grad(A[t]) @ h[t]), t < T
    np.matmul(do, V, out=tmp0)
    dh[len_T, np.arange(B)] += tmp0
    dA.fill(0)
    np.multiply(h[T], eta, out=tmp6)
    np.matmul(dA[T], tmp6[..., None], out=tmp0[..., None])
    dh[T] += tmp0
    np.multiply(h[T], eta, out=tmp6)
    np.matmul(dA[T].transpose(0, 2, 1), tmp6[..., None], out=tmp0[..., None])
    dh[T] += tmp0
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh[T], h_arg_factor[T - 1], out=dh_arg[T - 1])
    # grad(p[t]) = A[t-1].T @ grad(h.arg[t])
    np.matmul(A[T - 1].transpose(0, 2, 1), dh_arg[T - 1][..., None], out=dp[..., None])
    # grad(a[t]) = (1 - p[t]**2) * grad(p[t]) + grad(h.arg[t])
    np.multiply(dp, a_factor[T - 1], out=da[T - 1])
    da[T - 1] += dh_arg[T - 1]
    for t in range(T - 1, 0, -1):
        # grad(A[t]) = same_window(t, maximum(t - 1, 0), window.T) * lam * grad(A[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * outer(grad(h.arg[t+1]), p[t+1]), 0 <= t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dA_at[t + 1], out=dA_at[t])
        dA_at[t] *= lam
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dh_arg_at[t][:, :, None], out=tmp1)
        tmp1 *= p_at[t][:, None]
        dA_at[t] += tmp1
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(a[t+1])) + where(len.T == t,
        #     1, 0) * (V.T @ grad(o)) + eta * (grad(A[t]).T @ h[t]) + eta * (grad(A[t]) @ h[t]), t < T
        np.multiply(h_at[t], eta, out=tmp6)
        np.matmul(dA_at[t], tmp6[..., None], out=tmp0[..., None])
        dh_at[t] += tmp0
        np.multiply(h_at[t], eta, out=tmp6)
        np.matmul(dA_at[t].transpose(0, 2, 1), tmp6[..., None], out=tmp0[..., None])
        dh_at[t] += tmp0
        da_at[t].dot(W, out=tmp0)
        tmp0 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp0
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
        # grad(p[t]) = A[t-1].T @ grad(h.arg[t])
        np.matmul(A_at[t - 1].transpose(0, 2, 1), dh_arg_at[t - 1][..., None], out=dp[..., None])
        # grad(a[t]) = (1 - p[t]**2) * grad(p[t]) + grad(h.arg[t])
        np.multiply(dp, a_factor_at[t - 1], out=da_at[t - 1])
        da_at[t - 1] += dh_arg_at[t - 1]
    # grad(b) = sum(grad(a[t]), t)
    np.add.reduce(da, axis=(0, 1), out=db)
    # grad(C) = sum(outer(grad(a[t]), x[t]), t)
    np.matmul(da.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dC)
    # grad(W) = sum(outer(grad(a[t]), h[t-1]), t)
    np.matmul(da.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    if "A0" in wrt:
        tmp_7_0 = np.empty((1,), dtype)
        tmp_7_1 = np.empty((1,), dtype)
        tmp_7_2 = np.empty((1,), dtype)
        tmp_7_3 = np.empty((1, B, n_h, n_h), dtype)
        # grad(A[t]) = same_window(t, maximum(t - 1, 0), window.T) * lam * grad(A[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * outer(grad(h.arg[t+1]), p[t+1]), 0 <= t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_7_2)
        np.maximum(tmp_7_2, 0, out=tmp_7_1)
        tmp_7_0[...] = np.arange(1) // window_T == tmp_7_1 // window_T
        np.multiply(tmp_7_0[:, None, None, None], dA[1:2], out=dA[:1])
        dA[:1] *= lam
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_7_2)
        np.maximum(tmp_7_2, 0, out=tmp_7_1)
        tmp_7_0[...] = np.arange(1) // window_T == tmp_7_1 // window_T
        np.multiply(tmp_7_0[:, None, None, None], dh_arg[:1][:, :, :, None], out=tmp_7_3)
        tmp_7_3 *= p[:1][:, :, None]
        dA[:1] += tmp_7_3
        dA0 = np.empty((B, n_h, n_h), dtype)
        # grad(A.0) = grad(A[0])
        dA0[...] = dA[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = C.T @ grad(a[t])
        np.matmul(da.reshape(-1, n_h), C, out=dx.reshape(-1, n_x))
    if "h0" in wrt:
        tmp_7_0 = np.empty((B, n_h), dtype)
        # grad(h[0]) = W.T @ grad(a[1])
        np.matmul(da[0], W, out=tmp_7_0)
        dh[0] += tmp_7_0
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(C=dC, W=dW, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "A0" in wrt:
        result["A0"] = dA0[0] if single else dA0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lam, eta, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, lam, eta, p, h, A, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lam, eta, lengths)
    C, W, V, b, c = params
    window_T = _window(window, "T", ("T",), T)

    tmp0 = np.empty((n_h, B), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h, n_h), dtype)
    do = np.empty((B, n_y), dtype)
    # grad(o) = yhat - onehot(y)
    do[...] = yhat
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    entries = np.empty((B,), dtype)
    _add_to(do, y, rows, flat, entries, -1)
    dc = np.empty((n_y,), dtype)
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = outer(grad(o), h[len.T])
    tmp0[...] = h[len_T, np.arange(B)].T
    np.matmul(do.T, tmp0.T, out=dV)
    h_arg_factor = np.empty((T, B, n_h), dtype)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    a_factor = np.empty((T, B, n_h), dtype)
    # a.factor[t] = 1 - p[t]**2
    np.square(p, out=a_factor)
    np.subtract(1, a_factor, out=a_factor)
    dh = np.zeros((T + 1, B, n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(a[t+1])) + where(len.T == t,
    #     1, 0) * (V.T @ grad(o)) + eta * (grad(A[t]).T @ h[t]) + eta * (grad(A[t]) @ h[t]), t < T
    np.matmul(do, V, out=tmp1)
    dh[len_T, np.arange(B)] += tmp1
    dh_arg = np.empty((T, B, n_h), dtype)
    dp = np.empty((B, n_h), dtype)
    da = np.empty((T, B, n_h), dtype)
    dA = np.zeros((T, B, n_h, n_h), dtype)
    np.multiply(h[T], eta, out=tmp2)
    np.matmul(dA[T - 1], tmp2[..., None], out=tmp1[..., None])
    dh[T] += tmp1
    np.multiply(h[T], eta, out=tmp2)
    np.matmul(dA[T - 1].transpose(0, 2, 1), tmp2[..., None], out=tmp1[..., None])
    dh[T] += tmp1
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh[T], h_arg_factor[T - 1], out=dh_arg[T - 1])
    # grad(p[t]) = A[t-1].T @ grad(h.arg[t])
    np.matmul(A[T - 1].transpose(0, 2, 1), dh_arg[T - 1][..., None], out=dp[..., None])
    # grad(a[t]) = (1 - p[t]**2) * grad(p[t]) + grad(h.arg[t])
    np.multiply(dp, a_factor[T - 1], out=da[T - 1])
    da[T - 1] += dh_arg[T - 1]
    dA_at = list(dA)
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    da_at = list(da)
    h_arg_factor_at = list(h_arg_factor)
    a_factor_at = list(a_factor)
    for t in range(T - 1, 0, -1):
        # grad(A[t]) = same_window(t, maximum(t - 1, 0), window.T) * lam * grad(A[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * outer(grad(h.arg[t+1]), p[t+1]), 0 <= t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dA_at[t], out=dA_at[t - 1])
        dA_at[t - 1] *= lam
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dh_arg_at[t][:, :, None], out=tmp3)
        tmp3 *= p[t][:, None]
        dA_at[t - 1] += tmp3
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(a[t+1])) + where(len.T == t,
        #     1, 0) * (V.T @ grad(o)) + eta * (grad(A[t]).T @ h[t]) + eta * (grad(A[t]) @ h[t]), t < T
        np.multiply(h[t], eta, out=tmp2)
        np.matmul(dA_at[t - 1], tmp2[..., None], out=tmp1[..., None])
        dh_at[t] += tmp1
        np.multiply(h[t], eta, out=tmp2)
        np.matmul(dA_at[t - 1].transpose(0, 2, 1), tmp2[..., None], out=tmp1[..., None])
        dh_at[t] += tmp1
        da_at[t].dot(W, out=tmp1)
        tmp1 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp1
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
        # grad(p[t]) = A[t-1].T @ grad(h.arg[t])
        np.matmul(A[t - 1].transpose(0, 2, 1), dh_arg_at[t - 1][..., None], out=dp[..., None])
        # grad(a[t]) = (1 - p[t]**2) * grad(p[t]) + grad(h.arg[t])
        np.multiply(dp, a_factor_at[t - 1], out=da_at[t - 1])
        da_at[t - 1] += dh_arg_at[t - 1]
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(a[t]), t)
    np.add.reduce(da, axis=(0, 1), out=db)
    dC = np.empty((n_h, n_x), dtype)
    # grad(C) = sum(outer(grad(a[t]), x[t]), t)
    np.matmul(da.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dC)
    dW = np.empty((n_h, n_h), dtype)
    # grad(W) = sum(outer(grad(a[t]), h[t-1]), t)
    np.matmul(da.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)

    return Params(C=dC, W=dW, V=dV, b=db, c=dc)


def _loss_and_grad_checkpointed(params, x, y, lam, eta, h0, A0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    (
        params, x, y, lam, eta, h0, A0, dtype, single, n_h, n_x, n_y, T, B,
    ) = _arguments(params, x, y, lam, eta, h0, A0, whole=True)
    C, W, V, b, c = params
    wrt = _asked(wrt, ("x", "h0", "A0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        h0_kept, h_left1, A0_kept, A_left1, dC, dW, dV, db, dc,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_h, B, dtype)
    h0_kept[0] = h0
    A0_kept[0] = A0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x[first:last],
            lam,
            eta,
            h0_kept[n],
            A0_kept[n],
            last - first,
            n_x,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        h0_kept[n + 1], A0_kept[n + 1] = found
    loss = 0.0
    for total in (h_left1, A_left1, dC, dW, dV, db, dc):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            h_left1,
            A_left1,
            float(n == count - 1),
            x[first:last],
            y,
            lam,
            eta,
            h0_kept[n],
            A0_kept[n],
            last - first,
            n_x,
            n_y,
            n_h,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dh0, dA0, dx_part = found
        loss += float(loss_part)
        _add_each((dC, dW, dV, db, dc), parts)
        h_left1[...] = dh0
        A_left1[...] = dA0
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(C=dC, W=dW, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "A0" in wrt:
        result["A0"] = dA0[0] if single else dA0
    return float(loss), gradient, result


def _segment(params, h_left1, A_left1, T_last, x, y, lam, eta, h0, A0, T, n_x, n_y, n_h, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    C, W, V, b, c = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, a, h, A, p, h_arg, W_T, h_at, a_at, p_at, A_at, o, yhat_lse, largest, rows, flat,
        tmp5, do, dc, dV, h_arg_factor, a_factor, dh, dA, dh_arg, dp, da, dA_at, dh_arg_at, dh_at, da_at,
        h_arg_factor_at, a_factor_at, db, dC, dW, dA0, dh0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, B, dtype)
    # a[t] = b + W @ h[t-1] + C @ x[t]
    np.matmul(x.reshape(-1, n_x), C.T, out=a.reshape(-1, n_h))
    a += b
    # h[0] = 0
    h[0] = h0
    # A[0] = 0
    A[0] = A0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # a[t] = b + W @ h[t-1] + C @ x[t]
        h_at[t - 1].dot(W_T, out=tmp0)
        a_at[t - 1] += tmp0
        # p[t] = tanh(a[t])
        np.tanh(a_at[t - 1], out=p_at[t - 1])
        # h.arg[t] = a[t] + A[t-1] @ p[t]
        np.matmul(A_at[t - 1], p_at[t - 1][..., None], out=h_arg[..., None])
        h_arg += a_at[t - 1]
        # h[t] = tanh(a[t] + A[t-1] @ p[t])
        np.tanh(h_arg, out=h_at[t])
        # A[t] = lam * A[t-1] + eta * outer(h[t], h[t])
        np.multiply(A_at[t - 1], lam, out=A_at[t])
        np.multiply(h_at[t][:, :, None], h_at[t][:, None], out=tmp1)
        tmp1 *= eta
        A_at[t] += tmp1
    # o = c + V @ h[T]
    np.matmul(h[T], V.T, out=o)
    o += c
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp2, largest=largest)
    # loss = -log(yhat[y])
    _look_up(o, y, rows, flat, out=tmp4)
    np.negative(tmp4, out=tmp4)
    tmp3[...] = np.where(T_last != 0, tmp4, 0)
    loss = tmp3.sum()
    tmp3[...] = np.where(T_last != 0, yhat_lse, 0)
    loss += tmp3.sum()
    # grad(o) = where(T.last, -1, 0) * onehot(y) + grad(yhat.lse) * softmax(o)
    np.subtract(o, yhat_lse[:, None], out=tmp2)
    np.exp(tmp2, out=do)
    do *= np.where(T_last != 0, 1, 0).astype(dtype)
    do[np.arange(B), y] += np.where(T_last != 0, -1, 0).astype(dtype)
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    # grad(V) = outer(grad(o), h[T])
    np.matmul(do.T, h[T], out=dV)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    # a.factor[t] = 1 - p[t]**2
    np.square(p, out=a_factor)
    np.subtract(1, a_factor, out=a_factor)
    # grad(h[T]) = h.left1 + V.T @ grad(o) + eta * (grad(A[T]).T @ h[T]) + eta * (grad(A[T]) @ h[T])
    np.matmul(do, V, out=dh[T])
    # grad(A[T]) = A.left1
    dA[T] = A_left1
    # grad(h[T]) = h.left1 + V.T @ grad(o) + eta * (grad(A[T]).T @ h[T]) + eta * (grad(A[T]) @ h[T])
    dh[T] += h_left1
    # grad(h[t]) = W.T @ grad(a[t+1]) + eta * (grad(A[t]).T @ h[t]) + eta * (grad(A[t]) @ h[t]), t < T
    np.multiply(h[T], eta, out=tmp5)
    np.matmul(dA[T], tmp5[..., None], out=tmp0[..., None])
    dh[T] += tmp0
    np.multiply(h[T], eta, out=tmp5)
    np.matmul(dA[T].transpose(0, 2, 1), tmp5[..., None], out=tmp0[..., None])
    dh[T] += tmp0
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh[T], h_arg_factor[T - 1], out=dh_arg[T - 1])
    # grad(p[t]) = A[t-1].T @ grad(h.arg[t])
    np.matmul(A[T - 1].transpose(0, 2, 1), dh_arg[T - 1][..., None], out=dp[..., None])
    # grad(a[t]) = (1 - p[t]**2) * grad(p[t]) + grad(h.arg[t])
    np.multiply(dp, a_factor[T - 1], out=da[T - 1])
    da[T - 1] += dh_arg[T - 1]
    for t in range(T - 1, 0, -1):
        # grad(A[t]) = lam * grad(A[t+1]) + outer(grad(h.arg[t+1]), p[t+1]), 0 <= t < T
        np.multiply(dA_at[t + 1], lam, out=dA_at[t])
        np.multiply(dh_arg_at[t][:, :, None], p_at[t][:, None], out=tmp1)
        dA_at[t] += tmp1
        # grad(h[t]) = W.T @ grad(a[t+1]) + eta * (grad(A[t]).T @ h[t]) + eta * (grad(A[t]) @ h[t]), t < T
        np.multiply(h_at[t], eta, out=tmp0)
        np.matmul(dA_at[t], tmp0[..., None], out=dh_at[t][..., None])
        np.multiply(h_at[t], eta, out=tmp5)
        np.matmul(dA_at[t].transpose(0, 2, 1), tmp5[..., None], out=tmp0[..., None])
        dh_at[t] += tmp0
        da_at[t].dot(W, out=tmp0)
        dh_at[t] += tmp0
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
        # grad(p[t]) = A[t-1].T @ grad(h.arg[t])
        np.matmul(A_at[t - 1].transpose(0, 2, 1), dh_arg_at[t - 1][..., None], out=dp[..., None])
        # grad(a[t]) = (1 - p[t]**2) * grad(p[t]) + grad(h.arg[t])
        np.multiply(dp, a_factor_at[t - 1], out=da_at[t - 1])
        da_at[t - 1] += dh_arg_at[t - 1]
    # grad(A[t]) = lam * grad(A[t+1]) + outer(grad(h.arg[t+1]), p[t+1]), 0 <= t < T
    np.multiply(dA[1], lam, out=dA[0])
    np.multiply(dh_arg[0][:, :, None], p[0][:, None], out=tmp1)
    dA[0] += tmp1
    # grad(h[t]) = W.T @ grad(a[t+1]) + eta * (grad(A[t]).T @ h[t]) + eta * (grad(A[t]) @ h[t]), t < T
    np.matmul(da[0], W, out=dh[0])
    # grad(b) = sum(grad(a[t]), t)
    np.add.reduce(da, axis=(0, 1), out=db)
    # grad(C) = sum(outer(grad(a[t]), x[t]), t)
    np.matmul(da.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dC)
    # grad(W) = sum(outer(grad(a[t]), h[t-1]), t)
    np.matmul(da.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    # grad(A.0) = grad(A[0])
    dA0[...] = dA[0]
    # grad(h.0) = grad(h[0])
    dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = C.T @ grad(a[t])
        np.matmul(da.reshape(-1, n_h), C, out=dx.reshape(-1, n_x))

    return loss, (dC, dW, dV, db, dc), dh0, dA0, dx if "x" in wrt else None


def _advance(params, x, lam, eta, h0, A0, T, n_x, n_h, B, dtype, workspace):
    """The state after a segment."""
    C, W, V, b, c = params

    (
        tmp0, tmp1, a, h, A, p, h_arg, W_T, h_at, a_at, A_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_h, B, dtype)
    # a[t] = b + W @ h[t-1] + C @ x[t]
    np.matmul(x.reshape(-1, n_x), C.T, out=a.reshape(-1, n_h))
    a += b
    # h[0] = 0
    h[0] = h0
    # A[0] = 0
    A[0] = A0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # a[t] = b + W @ h[t-1] + C @ x[t]
        h_at[t - 1].dot(W_T, out=tmp0)
        a_at[t - 1] += tmp0
        # p[t] = tanh(a[t])
        np.tanh(a_at[t - 1], out=p)
        # h.arg[t] = a[t] + A[t-1] @ p[t]
        np.matmul(A_at[t - 1], p[..., None], out=h_arg[..., None])
        h_arg += a_at[t - 1]
        # h[t] = tanh(a[t] + A[t-1] @ p[t])
        np.tanh(h_arg, out=h_at[t])
        # A[t] = lam * A[t-1] + eta * outer(h[t], h[t])
        np.multiply(A_at[t - 1], lam, out=A_at[t])
        np.multiply(h_at[t][:, :, None], h_at[t][:, None], out=tmp1)
        tmp1 *= eta
        A_at[t] += tmp1

    return h[-1], A[-1]


def _loss_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    tmp3 = np.empty((B,), dtype)
    a = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    A = np.empty((T + 1, B, n_h, n_h), dtype)
    p = np.empty((B, n_h), dtype)
    h_arg = np.empty((B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    a_at = list(a)
    A_at = list(A)
    o = np.empty((B, n_y), dtype)
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    return tmp0, tmp1, tmp2, tmp3, a, h, A, p, h_arg, W_T, h_at, a_at, A_at, o, yhat_lse, largest, rows, flat


def _loss_and_grad_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    tmp3 = np.empty((B,), dtype)
    a = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    A = np.empty((T + 1, B, n_h, n_h), dtype)
    p = np.empty((T, B, n_h), dtype)
    h_arg = np.empty((B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    a_at = list(a)
    p_at = list(p)
    A_at = list(A)
    o = np.empty((B, n_y), dtype)
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    yhat = np.empty((B, n_y), dtype)
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    tmp4 = h_arg
    do = yhat
    entries = np.empty((B,), dtype)
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    h_arg_factor = a
    a_factor = np.empty((T, B, n_h), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dp = np.empty((B, n_h), dtype)
    da = a_factor
    dA = np.empty((T + 1, B, n_h, n_h), dtype)
    dA_at = list(dA)
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    da_at = list(da)
    h_arg_factor_at = list(h_arg_factor)
    a_factor_at = list(a_factor)
    db = np.empty((n_h,), dtype)
    dC = np.empty((n_h, n_x), dtype)
    dW = W_T
    return (
        tmp0, tmp1, tmp2, tmp3, a, h, A, p, h_arg, W_T, h_at, a_at, p_at, A_at, o, yhat_lse, largest, yhat, rows, flat,
        tmp4, do, entries, dc, dV, h_arg_factor, a_factor, dh, dh_arg, dp, da, dA, dA_at, dh_arg_at, dh_at, da_at,
        h_arg_factor_at, a_factor_at, db, dC, dW,
    )


def _loss_padded_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h, n_h), dtype)
    tmp2 = np.empty((B, n_h, n_h), dtype)
    tmp3 = np.empty((B, n_y), dtype)
    tmp4 = np.empty((B,), dtype)
    a = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    A = np.empty((T + 1, B, n_h, n_h), dtype)
    p = np.empty((B, n_h), dtype)
    h_arg = np.empty((B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    a_at = list(a)
    A_at = list(A)
    o = np.empty((B, n_y), dtype)
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    return tmp0, tmp1, tmp2, tmp3, tmp4, a, h, A, p, h_arg, W_T, h_at, a_at, A_at, o, yhat_lse, largest, rows, flat


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h, n_h), dtype)
    tmp2 = np.empty((B, n_h, n_h), dtype)
    tmp3 = np.empty((B, n_y), dtype)
    tmp4 = np.empty((B,), dtype)
    a = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    A = np.empty((T + 1, B, n_h, n_h), dtype)
    p = np.empty((T, B, n_h), dtype)
    h_arg = np.empty((B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    a_at = list(a)
    p_at = list(p)
    A_at = list(A)
    o = np.empty((B, n_y), dtype)
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    yhat = np.empty((B, n_y), dtype)
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    tmp5 = np.empty((n_h, B), dtype)
    tmp6 = h_arg
    do = yhat
    entries = np.empty((B,), dtype)
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    h_arg_factor = a
    a_factor = np.empty((T, B, n_h), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dp = np.empty((B, n_h), dtype)
    da = a_factor
    dA = np.empty((T + 1, B, n_h, n_h), dtype)
    dA_at = list(dA)
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    da_at = list(da)
    h_arg_factor_at = list(h_arg_factor)
    a_factor_at = list(a_factor)
    db = np.empty((n_h,), dtype)
    dC = np.empty((n_h, n_x), dtype)
    dW = W_T
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, a, h, A, p, h_arg, W_T, h_at, a_at, p_at, A_at, o, yhat_lse, largest, yhat, rows,
        flat, tmp5, tmp6, do, entries, dc, dV, h_arg_factor, a_factor, dh, dh_arg, dp, da, dA, dA_at, dh_arg_at, dh_at,
        da_at, h_arg_factor_at, a_factor_at, db, dC, dW,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    h0_kept = np.empty((count, B, n_h), dtype)
    h_left1 = np.empty((B, n_h), dtype)
    A0_kept = np.empty((count, B, n_h, n_h), dtype)
    A_left1 = np.empty((B, n_h, n_h), dtype)
    dC = np.empty((n_h, n_x), dtype)
    dW = np.empty((n_h, n_h), dtype)
    dV = np.empty((n_y, n_h), dtype)
    db = np.empty((n_h,), dtype)
    dc = np.empty((n_y,), dtype)
    return h0_kept, h_left1, A0_kept, A_left1, dC, dW, dV, db, dc


def _segment_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    tmp3 = np.empty((B,), dtype)
    tmp4 = np.empty((B,), dtype)
    a = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    A = np.empty((T + 1, B, n_h, n_h), dtype)
    p = np.empty((T, B, n_h), dtype)
    h_arg = np.empty((B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    a_at = list(a)
    p_at = list(p)
    A_at = list(A)
    o = np.empty((B, n_y), dtype)
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    tmp5 = h_arg
    do = o
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    h_arg_factor = a
    a_factor = np.empty((T, B, n_h), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    dA = np.empty((T + 1, B, n_h, n_h), dtype)
    dh_arg = h_arg_factor
    dp = np.empty((B, n_h), dtype)
    da = a_factor
    dA_at = list(dA)
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    da_at = list(da)
    h_arg_factor_at = list(h_arg_factor)
    a_factor_at = list(a_factor)
    db = np.empty((n_h,), dtype)
    dC = np.empty((n_h, n_x), dtype)
    dW = W_T
    dA0 = tmp1
    dh0 = tmp0
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, a, h, A, p, h_arg, W_T, h_at, a_at, p_at, A_at, o, yhat_lse, largest, rows, flat,
        tmp5, do, dc, dV, h_arg_factor, a_factor, dh, dA, dh_arg, dp, da, dA_at, dh_arg_at, dh_at, da_at,
        h_arg_factor_at, a_factor_at, db, dC, dW, dA0, dh0,
    )


def _advance_arrays(T, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h, n_h), dtype)
    a = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    A = np.empty((T + 1, B, n_h, n_h), dtype)
    p = np.empty((B, n_h), dtype)
    h_arg = np.empty((B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    a_at = list(a)
    A_at = list(A)
    return tmp0, tmp1, a, h, A, p, h_arg, W_T, h_at, a_at, A_at


def _arguments(params, x, y, lam, eta, h0, A0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from C")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (*batch_axis,), ("B",), "B from x")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[None]
    lam = _real("lam", lam, dtype)
    _expect("lam", lam, (), ())
    eta = _real("eta", eta, dtype)
    _expect("eta", eta, (), ())
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from C")
        if single:
            h0 = h0[None]
    if A0 is None:
        A0 = np.zeros((B, n_h, n_h), dtype)
    else:
        A0 = _real("A0", A0, dtype)
        _expect("A0", A0, (*batch_axis, n_h, n_h), ("B", "n_h", "n_h"), "B from x, n_h from C")
        if single:
            A0 = A0[None]
    return params, x, y, lam, eta, h0, A0, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y, lam, eta):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    p = _real("forward.p", forward.p, dtype)
    h = _real("forward.h", forward.h, dtype)
    A = _real("forward.A", forward.A, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from C")
    _expect("y", y, (*batch_axis,), ("B",), "B from x")
    _expect("forward.p", p, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from C")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from C")
    _expect(
        "forward.A", A, (T + 1, *batch_axis, n_h, n_h), ("T + 1", "B", "n_h", "n_h"), "T and B from x, n_h from C"
    )
    _expect("forward.yhat", yhat, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[None]
        p = p[:, None]
        h = h[:, None]
        A = A[:, None]
        yhat = yhat[None]
    lam = _real("lam", lam, dtype)
    _expect("lam", lam, (), ())
    eta = _real("eta", eta, dtype)
    _expect("eta", eta, (), ())
    return params, x, y, lam, eta, p, h, A, yhat, dtype, single, n_h, n_x, n_y, T, B


def _initial_arguments(params, h0, A0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from C")
        if single:
            h0 = h0[None]
    if A0 is None:
        A0 = np.zeros((B, n_h, n_h), dtype)
    else:
        A0 = _real("A0", A0, dtype)
        _expect("A0", A0, (*batch_axis, n_h, n_h), ("B", "n_h", "n_h"), "B from batch, n_h from C")
        if single:
            A0 = A0[None]
    return params, h0, A0, dtype, single, n_h, n_x, n_y, B


def _step_arguments(params, state, x, lam, eta):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    h_prev = _real("state.h", state.h, dtype)
    A_prev = _real("state.A", state.A, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from C")
    _expect("state.h", h_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from C")
    _expect("state.A", A_prev, (*batch_axis, n_h, n_h), ("B", "n_h", "n_h"), "B from x, n_h from C")
    if single:
        x = x[None]
        h_prev = h_prev[None]
        A_prev = A_prev[None]
    lam = _real("lam", lam, dtype)
    _expect("lam", lam, (), ())
    eta = _real("eta", eta, dtype)
    _expect("eta", eta, (), ())
    return params, x, lam, eta, h_prev, A_prev, dtype, single, n_h, n_x, n_y, B


def _padded_arguments(params, x, y, lam, eta, h0, A0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from C")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (*batch_axis,), ("B",), "B from x")
        if single:
            y = y[None]
    lam = _real("lam", lam, dtype)
    _expect("lam", lam, (), ())
    eta = _real("eta", eta, dtype)
    _expect("eta", eta, (), ())
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from C")
        if single:
            h0 = h0[None]
    if A0 is None:
        A0 = np.zeros((B, n_h, n_h), dtype)
    else:
        A0 = _real("A0", A0, dtype)
        _expect("A0", A0, (*batch_axis, n_h, n_h), ("B", "n_h", "n_h"), "B from x, n_h from C")
        if single:
            A0 = A0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, lam, eta, h0, A0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lam, eta, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    p = _real("forward.p", forward.p, dtype)
    h = _real("forward.h", forward.h, dtype)
    A = _real("forward.A", forward.A, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from C")
    _expect("y", y, (*batch_axis,), ("B",), "B from x")
    _expect("forward.p", p, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from C")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from C")
    _expect(
        "forward.A", A, (T + 1, *batch_axis, n_h, n_h), ("T + 1", "B", "n_h", "n_h"), "T and B from x, n_h from C"
    )
    _expect("forward.yhat", yhat, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[None]
        p = p[:, None]
        h = h[:, None]
        A = A[:, None]
        yhat = yhat[None]
    lam = _real("lam", lam, dtype)
    _expect("lam", lam, (), ())
    eta = _real("eta", eta, dtype)
    _expect("eta", eta, (), ())
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, lam, eta, p, h, A, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    C, W, V, b, c = params
    _rank("C", C, ("n_h", "n_x"))
    n_h, n_x = C.shape
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("W", W, (n_h, n_h), ("n_h", "n_h"), "n_h from C")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from C")
    _expect("b", b, (n_h,), ("n_h",), "n_h from C")
    _expect("c", c, (n_y,), ("n_y",), "n_y from V")
    return params, dtype, n_h, n_x, n_y


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
