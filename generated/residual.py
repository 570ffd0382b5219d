# Written by derive from residual.eq; do not edit.
# Change residual.eq instead, and run: derive generate residual
# source 0384c2cc40d71298, derive e116e7411edaf54b, body 3dd2e860651e68a6
"""Residual recurrence: the state is what it was plus a small step, as a differential equation is integrated.

Chang, Chen, Haber & Chi (2019), AntisymmetricRNN: A Dynamical System View on Recurrent Neural Networks: W - W^T has no
eigenvalue with a real part, gamma damps a little.

The equations::

    x: Input[T, n_x]            # what is read at each step
    y: Label[n_y]               # the class of the whole sequence
    U: Param[n_h, n_x]          # input to hidden
    W: Param[n_h, n_h]          # hidden to hidden; its antisymmetric part counts
    V: Param[n_y, n_h]          # hidden to output
    b: Param[n_h]
    c: Param[n_y]
    eps: Const = 0.1            # step
    gamma: Const = 0.01         # damping

    h[0] = 0
    A = W - W.T - gamma * eye(n_h)
    h[t] = h[t-1] + eps * tanh(A @ h[t-1] + U @ x[t] + b)
    o = c + V @ h[T]
    yhat = softmax(o)
    loss = -log(yhat[y])
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    U: np.ndarray  # (n_h, n_x)  input to hidden
    W: np.ndarray  # (n_h, n_h)  hidden to hidden; its antisymmetric part counts
    V: np.ndarray  # (n_y, n_h)  hidden to output
    b: np.ndarray  # (n_h)
    c: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    A: np.ndarray  # (n_h, n_h)
    h: np.ndarray  # (T + 1, B, n_h)
    o: np.ndarray  # (B, n_y)
    yhat: np.ndarray  # (B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    h: np.ndarray  # (B, n_h)


class Outputs(NamedTuple):
    """The variables at one step."""

    h: np.ndarray  # (B, n_h)


def init_params(rng: np.random.Generator, *, n_h: int, n_x: int, n_y: int, dtype: type = np.float64) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_h = _size("n_h", n_h)
    n_x = _size("n_x", n_x)
    n_y = _size("n_y", n_y)
    return Params(
        U=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
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
    eps: float = 0.1,
    gamma: float = 0.01,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real        what is read at each step
    y        (B)          0..n_y - 1  the class of the whole sequence
    eps      number       real        step
    gamma    number       real        damping
    h0       (B, n_h)     real        h[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _forward_padded(params, x, y, eps, gamma, h0, lengths)
    params, x, y, eps, gamma, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, eps, gamma, h0)
    U, W, V, b, c = params

    # A = W - W.T - gamma * eye(n_h)
    A = -W.T
    A -= gamma * (np.arange(n_h)[:, None] == np.arange(n_h))
    A += W
    # h.arg[t] = A @ h[t-1] + U @ x[t] + b
    h_arg = (x.reshape(-1, n_x) @ U.T).reshape(T, B, n_h)
    h_arg += b
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    h_tanh = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # h.arg[t] = A @ h[t-1] + U @ x[t] + b
        h_arg[t - 1] += h[t - 1] @ A.T
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg[t - 1], out=h_tanh)
        # h[t] = h[t-1] + eps * tanh(A @ h[t-1] + U @ x[t] + b)
        h[t] = eps * h_tanh
        h[t] += h[t - 1]
    # o = c + V @ h[T]
    o = h[T] @ V.T
    o += c
    # yhat = softmax(o)
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])
    if y is not None:
        # loss = -log(yhat[y])
        loss = -o[np.arange(B), y].sum()
        loss += yhat_lse.sum()
    else:
        loss = None

    if single:
        h = h[:, 0]
        o = o[0]
        yhat = yhat[0]
    return Forward(A=A, h=h, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    eps: float = 0.1,
    gamma: float = 0.01,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x        (T, B, n_x)  real        what is read at each step
    y        (B)          0..n_y - 1  the class of the whole sequence
    eps      number       real        step
    gamma    number       real        damping
    h0       (B, n_h)     real        h[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _loss_padded(params, x, y, eps, gamma, h0, lengths)
    (
        params, x, y, eps, gamma, h0, dtype, single, n_h, n_x, n_y, T, B,
    ) = _arguments(params, x, y, eps, gamma, h0, whole=True)
    U, W, V, b, c = params

    # A = W - W.T - gamma * eye(n_h)
    A = -W.T
    A -= gamma * (np.arange(n_h)[:, None] == np.arange(n_h))
    A += W
    # h.arg[t] = A @ h[t-1] + U @ x[t] + b
    h_arg = (x.reshape(-1, n_x) @ U.T).reshape(T, B, n_h)
    h_arg += b
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    h_tanh = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # h.arg[t] = A @ h[t-1] + U @ x[t] + b
        h_arg[t - 1] += h[t - 1] @ A.T
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg[t - 1], out=h_tanh)
        # h[t] = h[t-1] + eps * tanh(A @ h[t-1] + U @ x[t] + b)
        h[t] = eps * h_tanh
        h[t] += h[t - 1]
    # o = c + V @ h[T]
    o = h[T] @ V.T
    o += c
    # yhat = softmax(o)
    yhat_lse = _logsumexp(o, 1)
    # loss = -log(yhat[y])
    loss = -o[np.arange(B), y].sum()
    loss += yhat_lse.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    eps: float = 0.1,
    gamma: float = 0.01,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x        (T, B, n_x)  real               what is read at each step
    y        (B)          0..n_y - 1         the class of the whole sequence
    eps      number       real               step
    gamma    number       real               damping
    h0       (B, n_h)     real               h[0]; 0 where not given
    state                 State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, eps, gamma, h0, lengths, wrt, window)
    (
        params, x, y, eps, gamma, h0, dtype, single, n_h, n_x, n_y, T, B,
    ) = _arguments(params, x, y, eps, gamma, h0, whole=True)
    U, W, V, b, c = params
    wrt = _asked(wrt, ("x", "h0"))

    # A = W - W.T - gamma * eye(n_h)
    A = -W.T
    A -= gamma * (np.arange(n_h)[:, None] == np.arange(n_h))
    A += W
    # h.arg[t] = A @ h[t-1] + U @ x[t] + b
    h_arg = (x.reshape(-1, n_x) @ U.T).reshape(T, B, n_h)
    h_arg += b
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    h_tanh = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # h.arg[t] = A @ h[t-1] + U @ x[t] + b
        h_arg[t - 1] += h[t - 1] @ A.T
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg[t - 1], out=h_tanh[t - 1])
        # h[t] = h[t-1] + eps * tanh(A @ h[t-1] + U @ x[t] + b)
        h[t] = eps * h_tanh[t - 1]
        h[t] += h[t - 1]
    # o = c + V @ h[T]
    o = h[T] @ V.T
    o += c
    # yhat = softmax(o)
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])
    # loss = -log(yhat[y])
    loss = -o[np.arange(B), y].sum()
    loss += yhat_lse.sum()
    # grad(o) = yhat - onehot(y)
    do = yhat.copy()
    do[np.arange(B), y] -= 1
    # grad(c) = grad(o)
    dc = do.sum(axis=0)
    # grad(V) = outer(grad(o), h[T])
    dV = do.T @ h[T]
    dh = np.empty((T + 1, B, n_h), dtype)
    # grad(h[T]) = V.T @ grad(o)
    dh[T] = do @ V
    dh_arg = np.empty((T, B, n_h), dtype)
    # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
    dh_arg[T - 1] = dh[T] * eps * (1 - h_tanh[T - 1]**2)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = A.T @ grad(h.arg[t+1]) + grad(h[t+1]), 0 <= t < T
        dh[t] = dh[t + 1]
        dh[t] += dh_arg[t] @ A
        # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
        dh_arg[t - 1] = dh[t] * eps * (1 - h_tanh[t - 1]**2)
    # grad(b) = sum(grad(h.arg[t]), t)
    db = dh_arg.sum(axis=(0, 1))
    # grad(A) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    dA = dh_arg.reshape(-1, n_h).T @ h[:T].reshape(-1, n_h)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    dU = dh_arg.reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(W) = grad(A) - grad(A).T
    dW = -dA.T
    dW += dA
    if "h0" in wrt:
        # grad(h[t]) = A.T @ grad(h.arg[t+1]) + grad(h[t+1]), 0 <= t < T
        dh[:1] = dh[1:2]
        dh[:1] += (dh_arg[:1].reshape(-1, n_h) @ A).reshape(1, B, n_h)
        # grad(h.0) = grad(h[0])
        dh0 = dh[0].copy()
    if "x" in wrt:
        # grad(x[t]) = U.T @ grad(h.arg[t])
        dx = (dh_arg.reshape(-1, n_h) @ U).reshape(T, B, n_x)

    gradient = Params(U=dU, W=dW, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    x: np.ndarray,
    y: np.ndarray,
    eps: float = 0.1,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    x        (T, B, n_x)  real               what is read at each step
    y        (B)          0..n_y - 1         the class of the whole sequence
    eps      number       real               step
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, eps, lengths, window)
    params, x, y, eps, A, h, yhat, dtype, single, n_h, n_x, n_y, T, B = _backward_arguments(params, forward, x, y, eps)
    U, W, V, b, c = params

    # h.arg[t] = A @ h[t-1] + U @ x[t] + b
    h_arg = (h[:T].reshape(-1, n_h) @ A.T).reshape(T, B, n_h)
    h_arg += (x.reshape(-1, n_x) @ U.T).reshape(T, B, n_h)
    h_arg += b
    # h.tanh[t] = tanh(h.arg[t])
    h_tanh = np.tanh(h_arg)
    # grad(o) = yhat - onehot(y)
    do = yhat.copy()
    do[np.arange(B), y] -= 1
    # grad(c) = grad(o)
    dc = do.sum(axis=0)
    # grad(V) = outer(grad(o), h[T])
    dV = do.T @ h[T]
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[T]) = V.T @ grad(o)
    dh[T - 1] = do @ V
    dh_arg = np.empty((T, B, n_h), dtype)
    # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
    dh_arg[T - 1] = dh[T - 1] * eps * (1 - h_tanh[T - 1]**2)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = A.T @ grad(h.arg[t+1]) + grad(h[t+1]), 0 <= t < T
        dh[t - 1] = dh[t]
        dh[t - 1] += dh_arg[t] @ A
        # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
        dh_arg[t - 1] = dh[t - 1] * eps * (1 - h_tanh[t - 1]**2)
    # grad(b) = sum(grad(h.arg[t]), t)
    db = dh_arg.sum(axis=(0, 1))
    # grad(A) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    dA = dh_arg.reshape(-1, n_h).T @ h[:T].reshape(-1, n_h)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    dU = dh_arg.reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(W) = grad(A) - grad(A).T
    dW = -dA.T
    dW += dA

    return Params(U=dU, W=dW, V=dV, b=db, c=dc)


def init_state(params: Params, *, h0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    h0  (B, n_h)  real  h[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, h0, dtype, single, n_h, n_x, n_y, B = _initial_arguments(params, h0, batch)

    # h[0] = 0
    h_prev = h0.copy()

    if single:
        h_prev = h_prev[0]
    return State(h=h_prev)


def step(
    params: Params, state: State, *, x: np.ndarray, eps: float = 0.1, gamma: float = 0.01
) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x      (B, n_x)  real  what is read at each step
    eps    number    real  step
    gamma  number    real  damping

    Data without the axis B are one example.
    """
    params, x, eps, gamma, h_prev, dtype, single, n_h, n_x, n_y, B = _step_arguments(params, state, x, eps, gamma)
    U, W, V, b, c = params

    # A = W - W.T - gamma * eye(n_h)
    A = -W.T
    A -= gamma * (np.arange(n_h)[:, None] == np.arange(n_h))
    A += W
    # h.arg[t] = A @ h[t-1] + U @ x[t] + b
    h_arg = h_prev @ A.T
    h_arg += x @ U.T
    h_arg += b
    # h.tanh[t] = tanh(h.arg[t])
    h_tanh = np.tanh(h_arg)
    # h[t] = h[t-1] + eps * tanh(A @ h[t-1] + U @ x[t] + b)
    h = eps * h_tanh
    h += h_prev

    if single:
        h = h[0]
    result = State(h=h)
    return result, Outputs(h=h)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.h.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.h.ndim < 3 else forward.h.shape[1], forward.h.ndim < 3, 1
    )
    return State(h=_last(forward.h, 0, 1, 1, lengths))


def _forward_padded(params, x, y, eps, gamma, h0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, eps, gamma, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, eps, gamma, h0, lengths)
    U, W, V, b, c = params

    # A = W - W.T - gamma * eye(n_h)
    A = -W.T
    A -= gamma * (np.arange(n_h)[:, None] == np.arange(n_h))
    A += W
    # h.arg[t] = A @ h[t-1] + U @ x[t] + b
    h_arg = (x.reshape(-1, n_x) @ U.T).reshape(T, B, n_h)
    h_arg += b
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    h_tanh = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # h.arg[t] = A @ h[t-1] + U @ x[t] + b
        h_arg[t - 1] += h[t - 1] @ A.T
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg[t - 1], out=h_tanh)
        # h[t] = h[t-1] + eps * tanh(A @ h[t-1] + U @ x[t] + b)
        h[t] = np.where((t <= T_own)[:, None], eps * h_tanh + h[t - 1], h[t - 1])
    # o = c + V @ h[T]
    o = h[len_T, np.arange(B)] @ V.T
    o += c
    # yhat = softmax(o)
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])
    if y is not None:
        # loss = -log(yhat[y])
        loss = -o[np.arange(B), y].sum()
        loss += yhat_lse.sum()
    else:
        loss = None

    if single:
        h = h[:, 0]
        o = o[0]
        yhat = yhat[0]
    return Forward(A=A, h=h, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, eps, gamma, h0, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, eps, gamma, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, eps, gamma, h0, lengths, whole=True)
    U, W, V, b, c = params

    # A = W - W.T - gamma * eye(n_h)
    A = -W.T
    A -= gamma * (np.arange(n_h)[:, None] == np.arange(n_h))
    A += W
    # h.arg[t] = A @ h[t-1] + U @ x[t] + b
    h_arg = (x.reshape(-1, n_x) @ U.T).reshape(T, B, n_h)
    h_arg += b
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    h_tanh = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # h.arg[t] = A @ h[t-1] + U @ x[t] + b
        h_arg[t - 1] += h[t - 1] @ A.T
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg[t - 1], out=h_tanh)
        # h[t] = h[t-1] + eps * tanh(A @ h[t-1] + U @ x[t] + b)
        h[t] = np.where((t <= T_own)[:, None], eps * h_tanh + h[t - 1], h[t - 1])
    # o = c + V @ h[T]
    o = h[len_T, np.arange(B)] @ V.T
    o += c
    # yhat = softmax(o)
    yhat_lse = _logsumexp(o, 1)
    # loss = -log(yhat[y])
    loss = -o[np.arange(B), y].sum()
    loss += yhat_lse.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, eps, gamma, h0, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, eps, gamma, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, eps, gamma, h0, lengths, whole=True)
    U, W, V, b, c = params
    wrt = _asked(wrt, ("x", "h0"))
    window_T = _window(window, "T", ("T",), T)

    # A = W - W.T - gamma * eye(n_h)
    A = -W.T
    A -= gamma * (np.arange(n_h)[:, None] == np.arange(n_h))
    A += W
    # h.arg[t] = A @ h[t-1] + U @ x[t] + b
    h_arg = (x.reshape(-1, n_x) @ U.T).reshape(T, B, n_h)
    h_arg += b
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    h_tanh = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # h.arg[t] = A @ h[t-1] + U @ x[t] + b
        h_arg[t - 1] += h[t - 1] @ A.T
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg[t - 1], out=h_tanh[t - 1])
        # h[t] = h[t-1] + eps * tanh(A @ h[t-1] + U @ x[t] + b)
        h[t] = np.where((t <= T_own)[:, None], eps * h_tanh[t - 1] + h[t - 1], h[t - 1])
    # o = c + V @ h[T]
    o = h[len_T, np.arange(B)] @ V.T
    o += c
    # yhat = softmax(o)
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])
    # loss = -log(yhat[y])
    loss = -o[np.arange(B), y].sum()
    loss += yhat_lse.sum()
    # grad(o) = yhat - onehot(y)
    do = yhat.copy()
    do[np.arange(B), y] -= 1
    # grad(c) = grad(o)
    dc = do.sum(axis=0)
    # grad(V) = outer(grad(o), h[len.T])
    dV = do.T @ h[len_T, np.arange(B)]
    dh = np.zeros((T + 1, B, n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (A.T @ grad(h.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * grad(h[t+1]) + where(len.T == t, 1, 0) * (V.T @ grad(o)), t < T
    dh[len_T, np.arange(B)] += do @ V
    dh_arg = np.empty((T, B, n_h), dtype)
    # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
    dh_arg[T - 1] = dh[T] * eps * (1 - h_tanh[T - 1]**2)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (A.T @ grad(h.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * grad(h[t+1]) + where(len.T == t, 1, 0) * (V.T @ grad(o)), t < T
        dh[t] += dh[t + 1] * (t // window_T == max(t - 1, 0) // window_T)
        dh[t] += dh_arg[t] @ A * (t // window_T == max(t - 1, 0) // window_T)
        # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
        dh_arg[t - 1] = dh[t] * eps * (1 - h_tanh[t - 1]**2)
    # grad(b) = sum(grad(h.arg[t]), t)
    db = dh_arg.sum(axis=(0, 1))
    # grad(A) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    dA = dh_arg.reshape(-1, n_h).T @ h[:T].reshape(-1, n_h)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    dU = dh_arg.reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(W) = grad(A) - grad(A).T
    dW = -dA.T
    dW += dA
    if "h0" in wrt:
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (A.T @ grad(h.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * grad(h[t+1]) + where(len.T == t, 1, 0) * (V.T @ grad(o)), t < T
        dh[:1] += dh[1:2] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        dh[:1] += ((dh_arg[:1] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]).reshape(-1, n_h) @ A).reshape(1, B, n_h)
        # grad(h.0) = grad(h[0])
        dh0 = dh[0].copy()
    if "x" in wrt:
        # grad(x[t]) = U.T @ grad(h.arg[t])
        dx = (dh_arg.reshape(-1, n_h) @ U).reshape(T, B, n_x)

    gradient = Params(U=dU, W=dW, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, eps, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, eps, A, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, eps, lengths)
    U, W, V, b, c = params
    window_T = _window(window, "T", ("T",), T)

    # h.arg[t] = A @ h[t-1] + U @ x[t] + b
    h_arg = (h[:T].reshape(-1, n_h) @ A.T).reshape(T, B, n_h)
    h_arg += (x.reshape(-1, n_x) @ U.T).reshape(T, B, n_h)
    h_arg += b
    # h.tanh[t] = tanh(h.arg[t])
    h_tanh = np.tanh(h_arg)
    # grad(o) = yhat - onehot(y)
    do = yhat.copy()
    do[np.arange(B), y] -= 1
    # grad(c) = grad(o)
    dc = do.sum(axis=0)
    # grad(V) = outer(grad(o), h[len.T])
    dV = do.T @ h[len_T, np.arange(B)]
    dh = np.zeros((T + 1, B, n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (A.T @ grad(h.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * grad(h[t+1]) + where(len.T == t, 1, 0) * (V.T @ grad(o)), t < T
    dh[len_T, np.arange(B)] += do @ V
    dh_arg = np.empty((T, B, n_h), dtype)
    # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
    dh_arg[T - 1] = dh[T] * eps * (1 - h_tanh[T - 1]**2)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (A.T @ grad(h.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * grad(h[t+1]) + where(len.T == t, 1, 0) * (V.T @ grad(o)), t < T
        dh[t] += dh[t + 1] * (t // window_T == max(t - 1, 0) // window_T)
        dh[t] += dh_arg[t] @ A * (t // window_T == max(t - 1, 0) // window_T)
        # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
        dh_arg[t - 1] = dh[t] * eps * (1 - h_tanh[t - 1]**2)
    # grad(b) = sum(grad(h.arg[t]), t)
    db = dh_arg.sum(axis=(0, 1))
    # grad(A) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    dA = dh_arg.reshape(-1, n_h).T @ h[:T].reshape(-1, n_h)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    dU = dh_arg.reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(W) = grad(A) - grad(A).T
    dW = -dA.T
    dW += dA

    return Params(U=dU, W=dW, V=dV, b=db, c=dc)


def _arguments(params, x, y, eps, gamma, h0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (*batch_axis,), ("B",), "B from x")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[None]
    eps = _real("eps", eps, dtype)
    _expect("eps", eps, (), ())
    gamma = _real("gamma", gamma, dtype)
    _expect("gamma", gamma, (), ())
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
        if single:
            h0 = h0[None]
    return params, x, y, eps, gamma, h0, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y, eps):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    A = _real("forward.A", forward.A, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (*batch_axis,), ("B",), "B from x")
    _expect("forward.A", A, (n_h, n_h), ("n_h", "n_h"), "n_h from U")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.yhat", yhat, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[None]
        h = h[:, None]
        yhat = yhat[None]
    eps = _real("eps", eps, dtype)
    _expect("eps", eps, (), ())
    return params, x, y, eps, A, h, yhat, dtype, single, n_h, n_x, n_y, T, B


def _initial_arguments(params, h0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from U")
        if single:
            h0 = h0[None]
    return params, h0, dtype, single, n_h, n_x, n_y, B


def _step_arguments(params, state, x, eps, gamma):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    h_prev = _real("state.h", state.h, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from U")
    _expect("state.h", h_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
    if single:
        x = x[None]
        h_prev = h_prev[None]
    eps = _real("eps", eps, dtype)
    _expect("eps", eps, (), ())
    gamma = _real("gamma", gamma, dtype)
    _expect("gamma", gamma, (), ())
    return params, x, eps, gamma, h_prev, dtype, single, n_h, n_x, n_y, B


def _padded_arguments(params, x, y, eps, gamma, h0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (*batch_axis,), ("B",), "B from x")
        if single:
            y = y[None]
    eps = _real("eps", eps, dtype)
    _expect("eps", eps, (), ())
    gamma = _real("gamma", gamma, dtype)
    _expect("gamma", gamma, (), ())
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
        if single:
            h0 = h0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, eps, gamma, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, eps, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    A = _real("forward.A", forward.A, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (*batch_axis,), ("B",), "B from x")
    _expect("forward.A", A, (n_h, n_h), ("n_h", "n_h"), "n_h from U")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.yhat", yhat, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[None]
        h = h[:, None]
        yhat = yhat[None]
    eps = _real("eps", eps, dtype)
    _expect("eps", eps, (), ())
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, eps, A, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    U, W, V, b, c = params
    _rank("U", U, ("n_h", "n_x"))
    n_h, n_x = U.shape
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("W", W, (n_h, n_h), ("n_h", "n_h"), "n_h from U")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from U")
    _expect("b", b, (n_h,), ("n_h",), "n_h from U")
    _expect("c", c, (n_y,), ("n_y",), "n_y from V")
    return params, dtype, n_h, n_x, n_y


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
