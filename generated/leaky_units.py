# Written by derive from leaky_units.eq; do not edit.
# Change leaky_units.eq instead, and run: derive generate leaky_units
# source 9c33dd4ebe3caf54, derive 07e8f9d843407be1, body 5391766bd7208fdf
"""Leaky units: each hidden unit is a running average with a time constant of its own, which is learned.

Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.9.2: mu[t] = alpha * mu[t-1] + (1 - alpha) * v[t].

The equations::

    x: Input[T, n_x]          # what is read at each step
    y: Target[T, n_y]         # the values to predict at each step
    U: Param[n_h, n_x]        # input to hidden
    W: Param[n_h, n_h]        # hidden to hidden
    V: Param[n_y, n_h]        # hidden to output
    rho: Param[n_h] = 2       # time constants: alpha is 0.88 at first, and stays between 0 and 1
    b: Param[n_h]
    c: Param[n_y]

    mu[0] = 0
    alpha = sigmoid(rho)
    v[t] = tanh(b + W @ mu[t-1] + U @ x[t])
    mu[t] = alpha * mu[t-1] + (1 - alpha) * v[t]
    o[t] = c + V @ mu[t]
    loss = sum(sum((y[t] - o[t])**2), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    U: np.ndarray  # (n_h, n_x)  input to hidden
    W: np.ndarray  # (n_h, n_h)  hidden to hidden
    V: np.ndarray  # (n_y, n_h)  hidden to output
    rho: np.ndarray  # (n_h)  time constants: alpha is 0.88 at first, and stays between 0 and 1
    b: np.ndarray  # (n_h)
    c: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    alpha: np.ndarray  # (n_h)
    v: np.ndarray  # (T, B, n_h)
    mu: np.ndarray  # (T + 1, B, n_h)
    o: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    mu: np.ndarray  # (B, n_h)


class Outputs(NamedTuple):
    """The variables at one step."""

    v: np.ndarray  # (B, n_h)
    mu: np.ndarray  # (B, n_h)
    o: np.ndarray  # (B, n_y)


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
        U=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        rho=np.full((n_h,), 2.0, dtype),
        b=np.zeros((n_h,), dtype),
        c=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    mu0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real   what is read at each step
    y        (T, B, n_y)  real   the values to predict at each step
    mu0      (B, n_h)     real   mu[0]; 0 where not given
    state                 State  what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T   each example's own number of steps, what is given beyond is not read; all where not
                                 given

    Data without the axis B are one example.
    """
    if state is not None:
        (mu0,) = _resumed(state, ("mu",), (("mu0", mu0),))
    if lengths is not None:
        return _forward_padded(params, x, y, mu0, lengths)
    params, x, y, mu0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, mu0)
    U, W, V, rho, b, c = params

    tmp0 = np.empty((B, n_h), dtype)
    alpha = np.empty((n_h,), dtype)
    # alpha = sigmoid(rho)
    _sigmoid(rho, out=alpha)
    v_arg = np.empty((T, B, n_h), dtype)
    # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=v_arg.reshape(-1, n_h))
    v_arg += b
    mu_ahead = np.empty((n_h,), dtype)
    # mu.ahead = 1 - alpha
    np.subtract(1, alpha, out=mu_ahead)
    mu = np.empty((T + 1, B, n_h), dtype)
    # mu[0] = 0
    mu[0] = mu0
    v = np.empty((T, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    W_T[...] = W.T
    mu_at = list(mu)
    v_arg_at = list(v_arg)
    v_at = list(v)
    for t in range(1, T + 1):
        # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
        mu_at[t - 1].dot(W_T, out=tmp0)
        v_arg_at[t - 1] += tmp0
        # v[t] = tanh(b + W @ mu[t-1] + U @ x[t])
        np.tanh(v_arg_at[t - 1], out=v_at[t - 1])
        # mu[t] = alpha * mu[t-1] + (1 - alpha) * v[t]
        np.multiply(v_at[t - 1], mu_ahead, out=mu_at[t])
        np.multiply(mu_at[t - 1], alpha, out=tmp0)
        mu_at[t] += tmp0
    o = np.empty((T, B, n_y), dtype)
    # o[t] = c + V @ mu[t]
    np.matmul(mu[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    if y is not None:
        tmp_1_0 = np.empty((T, B, n_y), dtype)
        tmp_1_1 = np.empty((T, B, n_y), dtype)
        # loss = sum(sum((y[t] - o[t])**2), t)
        np.subtract(y, o, out=tmp_1_1)
        np.square(tmp_1_1, out=tmp_1_0)
        loss = tmp_1_0.sum()
    else:
        loss = None

    if single:
        v = v[:, 0]
        mu = mu[:, 0]
        o = o[:, 0]
    return Forward(alpha=alpha, v=v, mu=mu, o=o, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    mu0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real       what is read at each step
    y          (T, B, n_y)  real       the values to predict at each step
    mu0        (B, n_h)     real       mu[0]; 0 where not given
    workspace               Workspace  its arrays are used, and hold the results until its next call
    state                   State      what an earlier piece left, from last_state or step: the sequence goes on from
                                       there
    lengths    (B,)         1..T       each example's own number of steps, what is given beyond is not read; all where
                                       not given

    Data without the axis B are one example.
    """
    if state is not None:
        (mu0,) = _resumed(state, ("mu",), (("mu0", mu0),))
    if lengths is not None:
        return _loss_padded(params, x, y, mu0, lengths, workspace)
    params, x, y, mu0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, mu0, whole=True)
    U, W, V, rho, b, c = params

    (
        tmp0, tmp1, o, tmp2, alpha, v_arg, mu_ahead, mu, v, W_T, mu_at, v_arg_at,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_y, n_h, B, dtype)
    # alpha = sigmoid(rho)
    _sigmoid(rho, out=alpha)
    # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=v_arg.reshape(-1, n_h))
    v_arg += b
    # mu.ahead = 1 - alpha
    np.subtract(1, alpha, out=mu_ahead)
    # mu[0] = 0
    mu[0] = mu0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
        mu_at[t - 1].dot(W_T, out=tmp0)
        v_arg_at[t - 1] += tmp0
        # v[t] = tanh(b + W @ mu[t-1] + U @ x[t])
        np.tanh(v_arg_at[t - 1], out=v)
        # mu[t] = alpha * mu[t-1] + (1 - alpha) * v[t]
        np.multiply(v, mu_ahead, out=mu_at[t])
        np.multiply(mu_at[t - 1], alpha, out=tmp0)
        mu_at[t] += tmp0
    # o[t] = c + V @ mu[t]
    np.matmul(mu[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    # loss = sum(sum((y[t] - o[t])**2), t)
    np.subtract(y, o, out=tmp2)
    np.square(tmp2, out=tmp1)
    loss = tmp1.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    mu0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x           (T, B, n_x)  real                       what is read at each step
    y           (T, B, n_y)  real                       the values to predict at each step
    mu0         (B, n_h)     real                       mu[0]; 0 where not given
    workspace                Workspace                  its arrays are used, and hold the results until its next call
    state                    State                      what an earlier piece left, from last_state or step: the
                                                        sequence goes on from there
    lengths     (B,)         1..T                       each example's own number of steps, what is given beyond is not
                                                        read; all where not given
    window                   whole number >= 1          steps in a window: gradients stay in it, values go on to the
                                                        next
    checkpoint               True or whole number >= 1  steps in a segment, True for about the root of all: states
                                                        between them are kept, the rest is computed anew; the same
                                                        gradient up to rounding

    Data without the axis B are one example.
    """
    if state is not None:
        (mu0,) = _resumed(state, ("mu",), (("mu0", mu0),))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, mu0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, mu0, lengths, wrt, workspace, window)
    params, x, y, mu0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, mu0, whole=True)
    U, W, V, rho, b, c = params
    wrt = _asked(wrt, ("x", "mu0"))

    (
        tmp0, tmp1, tmp2, alpha, v_arg, mu_ahead, mu, v, W_T, mu_at, v_arg_at, v_at, o, tmp3, do, dc, dV, v_arg_factor,
        dmu, dv_arg, dmu_at, dv_arg_at, v_arg_factor_at, dalpha, db, dU, dW, drho,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, B, dtype)
    # alpha = sigmoid(rho)
    _sigmoid(rho, out=alpha)
    # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=v_arg.reshape(-1, n_h))
    v_arg += b
    # mu.ahead = 1 - alpha
    np.subtract(1, alpha, out=mu_ahead)
    # mu[0] = 0
    mu[0] = mu0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
        mu_at[t - 1].dot(W_T, out=tmp0)
        v_arg_at[t - 1] += tmp0
        # v[t] = tanh(b + W @ mu[t-1] + U @ x[t])
        np.tanh(v_arg_at[t - 1], out=v_at[t - 1])
        # mu[t] = alpha * mu[t-1] + (1 - alpha) * v[t]
        np.multiply(v_at[t - 1], mu_ahead, out=mu_at[t])
        np.multiply(mu_at[t - 1], alpha, out=tmp0)
        mu_at[t] += tmp0
    # o[t] = c + V @ mu[t]
    np.matmul(mu[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    # loss = sum(sum((y[t] - o[t])**2), t)
    np.subtract(y, o, out=tmp2)
    np.square(tmp2, out=tmp1)
    loss = tmp1.sum()
    # grad(o[t]) = 2 * o[t] - 2 * y[t]
    np.multiply(y, -2, out=do)
    np.multiply(o, 2, out=tmp1)
    do += tmp1
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), mu[t]), t)
    np.matmul(do.reshape(-1, n_y).T, mu[1:].reshape(-1, n_h), out=dV)
    # v.arg.factor[t] = (1 - v[t]**2) * (1 - alpha)
    np.subtract(1, alpha, out=tmp3)
    np.square(v, out=v_arg_factor)
    np.subtract(1, v_arg_factor, out=v_arg_factor)
    v_arg_factor *= tmp3
    # grad(mu[t]) = W.T @ grad(v.arg[t+1]) + alpha * grad(mu[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dmu[1:].reshape(-1, n_h))
    # grad(v.arg[t]) = (1 - v[t]**2) * grad(v[t])
    np.multiply(dmu[T], v_arg_factor[T - 1], out=dv_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(mu[t]) = W.T @ grad(v.arg[t+1]) + alpha * grad(mu[t+1]) + V.T @ grad(o[t]), t < T
        np.multiply(dmu_at[t + 1], alpha, out=tmp0)
        dmu_at[t] += tmp0
        dv_arg_at[t].dot(W, out=tmp0)
        dmu_at[t] += tmp0
        # grad(v.arg[t]) = (1 - v[t]**2) * grad(v[t])
        np.multiply(dmu_at[t], v_arg_factor_at[t - 1], out=dv_arg_at[t - 1])
    # grad(alpha) = sum(mu[t-1] * grad(mu[t]) - v[t] * grad(mu[t]), t)
    dalpha[...] = np.einsum("tbi,tbi->i", dmu[1:], mu[:T])
    tmp3[...] = np.einsum("tbi,tbi->i", dmu[1:], v)
    dalpha -= tmp3
    # grad(b) = sum(grad(v.arg[t]), t)
    np.add.reduce(dv_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(v.arg[t]), x[t]), t)
    np.matmul(dv_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(v.arg[t]), mu[t-1]), t)
    np.matmul(dv_arg.reshape(-1, n_h).T, mu[:T].reshape(-1, n_h), out=dW)
    # grad(rho) = alpha * (1 - alpha) * grad(alpha)
    np.subtract(1, alpha, out=drho)
    drho *= alpha
    drho *= dalpha
    if "mu0" in wrt:
        tmp_4_0 = np.empty((1, B, n_h), dtype)
        # grad(mu[t]) = W.T @ grad(v.arg[t+1]) + alpha * grad(mu[t+1]) + V.T @ grad(o[t]), t < T
        np.multiply(dmu[1:2], alpha, out=dmu[:1])
        np.matmul(dv_arg[:1].reshape(-1, n_h), W, out=tmp_4_0.reshape(-1, n_h))
        dmu[:1] += tmp_4_0
        dmu0 = np.empty((B, n_h), dtype)
        # grad(mu.0) = grad(mu[0])
        dmu0[...] = dmu[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(v.arg[t])
        np.matmul(dv_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))

    gradient = Params(U=dU, W=dW, V=dV, rho=drho, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "mu0" in wrt:
        result["mu0"] = dmu0[0] if single else dmu0
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
    y        (T, B, n_y)  real               the values to predict at each step
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    params, x, y, alpha, v, mu, o, dtype, single, n_h, n_x, n_y, T, B = _backward_arguments(params, forward, x, y)
    U, W, V, rho, b, c = params

    tmp0 = np.empty((T, B, n_y), dtype)
    tmp1 = np.empty((n_h,), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = 2 * o[t] - 2 * y[t]
    np.multiply(y, -2, out=do)
    np.multiply(o, 2, out=tmp0)
    do += tmp0
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(o[t]), mu[t]), t)
    np.matmul(do.reshape(-1, n_y).T, mu[1:].reshape(-1, n_h), out=dV)
    dmu = np.empty((T, B, n_h), dtype)
    # grad(mu[t]) = W.T @ grad(v.arg[t+1]) + alpha * grad(mu[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dmu.reshape(-1, n_h))
    v_arg_factor = np.empty((T, B, n_h), dtype)
    # v.arg.factor[t] = (1 - v[t]**2) * (1 - alpha)
    np.subtract(1, alpha, out=tmp1)
    np.square(v, out=v_arg_factor)
    np.subtract(1, v_arg_factor, out=v_arg_factor)
    v_arg_factor *= tmp1
    dv_arg = np.empty((T, B, n_h), dtype)
    # grad(v.arg[t]) = (1 - v[t]**2) * grad(v[t])
    np.multiply(dmu[T - 1], v_arg_factor[T - 1], out=dv_arg[T - 1])
    dmu_at = list(dmu)
    dv_arg_at = list(dv_arg)
    v_arg_factor_at = list(v_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(mu[t]) = W.T @ grad(v.arg[t+1]) + alpha * grad(mu[t+1]) + V.T @ grad(o[t]), t < T
        np.multiply(dmu_at[t], alpha, out=tmp2)
        dmu_at[t - 1] += tmp2
        dv_arg_at[t].dot(W, out=tmp2)
        dmu_at[t - 1] += tmp2
        # grad(v.arg[t]) = (1 - v[t]**2) * grad(v[t])
        np.multiply(dmu_at[t - 1], v_arg_factor_at[t - 1], out=dv_arg_at[t - 1])
    dalpha = np.empty((n_h,), dtype)
    # grad(alpha) = sum(mu[t-1] * grad(mu[t]) - v[t] * grad(mu[t]), t)
    dalpha[...] = np.einsum("tbi,tbi->i", dmu, mu[:T])
    tmp1[...] = np.einsum("tbi,tbi->i", dmu, v)
    dalpha -= tmp1
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(v.arg[t]), t)
    np.add.reduce(dv_arg, axis=(0, 1), out=db)
    dU = np.empty((n_h, n_x), dtype)
    # grad(U) = sum(outer(grad(v.arg[t]), x[t]), t)
    np.matmul(dv_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    dW = np.empty((n_h, n_h), dtype)
    # grad(W) = sum(outer(grad(v.arg[t]), mu[t-1]), t)
    np.matmul(dv_arg.reshape(-1, n_h).T, mu[:T].reshape(-1, n_h), out=dW)
    drho = np.empty((n_h,), dtype)
    # grad(rho) = alpha * (1 - alpha) * grad(alpha)
    np.subtract(1, alpha, out=drho)
    drho *= alpha
    drho *= dalpha

    return Params(U=dU, W=dW, V=dV, rho=drho, b=db, c=dc)


def init_state(params: Params, *, mu0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    mu0  (B, n_h)  real  mu[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, mu0, dtype, single, n_h, n_x, n_y, B = _initial_arguments(params, mu0, batch)

    # mu[0] = 0
    mu_prev = mu0.copy()

    if single:
        mu_prev = mu_prev[0]
    return State(mu=mu_prev)


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real  what is read at each step

    Data without the axis B are one example.
    """
    params, x, mu_prev, dtype, single, n_h, n_x, n_y, B = _step_arguments(params, state, x)
    U, W, V, rho, b, c = params

    # alpha = sigmoid(rho)
    alpha = _sigmoid(rho)
    # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
    v_arg = x @ U.T
    v_arg += mu_prev @ W.T
    v_arg += b
    # v[t] = tanh(b + W @ mu[t-1] + U @ x[t])
    v = np.tanh(v_arg)
    # mu[t] = alpha * mu[t-1] + (1 - alpha) * v[t]
    mu = v * (1 - alpha)
    mu += alpha * mu_prev
    # o[t] = c + V @ mu[t]
    o = mu @ V.T
    o += c

    if single:
        mu = mu[0]
        v = v[0]
        o = o[0]
    result = State(mu=mu)
    return result, Outputs(v=v, mu=mu, o=o)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.mu.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.mu.ndim < 3 else forward.mu.shape[1], forward.mu.ndim < 3, 1
    )
    return State(mu=_last(forward.mu, 0, 1, 1, lengths))


def _forward_padded(params, x, y, mu0, lengths):
    """`forward` where examples have their own lengths."""
    params, x, y, mu0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own = _padded_arguments(params, x, y, mu0, lengths)
    U, W, V, rho, b, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    alpha = np.empty((n_h,), dtype)
    # alpha = sigmoid(rho)
    _sigmoid(rho, out=alpha)
    v_arg = np.empty((T, B, n_h), dtype)
    # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=v_arg.reshape(-1, n_h))
    v_arg += b
    mu_ahead = np.empty((n_h,), dtype)
    # mu.ahead = 1 - alpha
    np.subtract(1, alpha, out=mu_ahead)
    mu = np.empty((T + 1, B, n_h), dtype)
    # mu[0] = 0
    mu[0] = mu0
    v = np.empty((T, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    W_T[...] = W.T
    mu_at = list(mu)
    v_arg_at = list(v_arg)
    v_at = list(v)
    for t in range(1, T + 1):
        # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
        mu_at[t - 1].dot(W_T, out=tmp0)
        v_arg_at[t - 1] += tmp0
        # v[t] = tanh(b + W @ mu[t-1] + U @ x[t])
        np.tanh(v_arg_at[t - 1], out=v_at[t - 1])
        # mu[t] = alpha * mu[t-1] + (1 - alpha) * v[t]
        np.multiply(v_at[t - 1], mu_ahead, out=tmp1)
        np.multiply(mu_at[t - 1], alpha, out=tmp0)
        tmp0 += tmp1
        mu[t] = np.where((t <= T_own)[:, None], tmp0, mu[t - 1])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = c + V @ mu[t]
    np.matmul(mu[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    if y is not None:
        tmp_2_0 = np.empty((T, B, n_y), dtype)
        tmp_2_1 = np.empty((T, B, n_y), dtype)
        tmp_2_2 = np.empty((B, T), dtype)
        loss_sum = np.empty((T, B), dtype)
        # loss.sum[t] = sum((y[t] - o[t])**2)
        np.subtract(y, o, out=tmp_2_1)
        np.square(tmp_2_1, out=tmp_2_0)
        np.add.reduce(tmp_2_0, axis=2, out=loss_sum)
        # loss = sum(sum((y[t] - o[t])**2), t)
        tmp_2_2[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], loss_sum.T, 0)
        loss = tmp_2_2.sum()
    else:
        loss_sum = loss = None

    if single:
        v = v[:, 0]
        mu = mu[:, 0]
        o = o[:, 0]
    return Forward(alpha=alpha, v=v, mu=mu, o=o, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, mu0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, mu0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, mu0, lengths, whole=True)
    U, W, V, rho, b, c = params

    (
        tmp0, tmp1, tmp2, o, tmp3, tmp4, alpha, v_arg, mu_ahead, mu, v, W_T, mu_at, v_arg_at, loss_sum,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_y, n_h, B, dtype)
    # alpha = sigmoid(rho)
    _sigmoid(rho, out=alpha)
    # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=v_arg.reshape(-1, n_h))
    v_arg += b
    # mu.ahead = 1 - alpha
    np.subtract(1, alpha, out=mu_ahead)
    # mu[0] = 0
    mu[0] = mu0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
        mu_at[t - 1].dot(W_T, out=tmp0)
        v_arg_at[t - 1] += tmp0
        # v[t] = tanh(b + W @ mu[t-1] + U @ x[t])
        np.tanh(v_arg_at[t - 1], out=v)
        # mu[t] = alpha * mu[t-1] + (1 - alpha) * v[t]
        np.multiply(v, mu_ahead, out=tmp1)
        np.multiply(mu_at[t - 1], alpha, out=tmp0)
        tmp0 += tmp1
        mu[t] = np.where((t <= T_own)[:, None], tmp0, mu[t - 1])
    # o[t] = c + V @ mu[t]
    np.matmul(mu[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    # loss.sum[t] = sum((y[t] - o[t])**2)
    np.subtract(y, o, out=tmp3)
    np.square(tmp3, out=tmp2)
    np.add.reduce(tmp2, axis=2, out=loss_sum)
    # loss = sum(sum((y[t] - o[t])**2), t)
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], loss_sum.T, 0)
    loss = tmp4.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, mu0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, mu0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, mu0, lengths, whole=True)
    U, W, V, rho, b, c = params
    wrt = _asked(wrt, ("x", "mu0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, alpha, v_arg, mu_ahead, mu, v, W_T, mu_at, v_arg_at, v_at, o, loss_sum, tmp5,
        tmp6, do, dc, dV, v_arg_factor, dmu, dv_arg, dmu_at, dv_arg_at, v_arg_factor_at, dalpha, db, dU, dW, drho,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    # alpha = sigmoid(rho)
    _sigmoid(rho, out=alpha)
    # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=v_arg.reshape(-1, n_h))
    v_arg += b
    # mu.ahead = 1 - alpha
    np.subtract(1, alpha, out=mu_ahead)
    # mu[0] = 0
    mu[0] = mu0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
        mu_at[t - 1].dot(W_T, out=tmp0)
        v_arg_at[t - 1] += tmp0
        # v[t] = tanh(b + W @ mu[t-1] + U @ x[t])
        np.tanh(v_arg_at[t - 1], out=v_at[t - 1])
        # mu[t] = alpha * mu[t-1] + (1 - alpha) * v[t]
        np.multiply(v_at[t - 1], mu_ahead, out=tmp1)
        np.multiply(mu_at[t - 1], alpha, out=tmp0)
        tmp0 += tmp1
        mu[t] = np.where((t <= T_own)[:, None], tmp0, mu[t - 1])
    # o[t] = c + V @ mu[t]
    np.matmul(mu[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    # loss.sum[t] = sum((y[t] - o[t])**2)
    np.subtract(y, o, out=tmp3)
    np.square(tmp3, out=tmp2)
    np.add.reduce(tmp2, axis=2, out=loss_sum)
    # loss = sum(sum((y[t] - o[t])**2), t)
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], loss_sum.T, 0)
    loss = tmp4.sum()
    # grad(o[t]) = grad(loss.sum[t]) * (2 * o[t] - 2 * y[t])
    tmp5[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(o, 2, out=tmp2)
    np.multiply(y, 2, out=do)
    np.subtract(tmp2, do, out=do)
    do *= tmp5[:, :, None]
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), mu[t]), t)
    np.matmul(do.reshape(-1, n_y).T, mu[1:].reshape(-1, n_h), out=dV)
    # v.arg.factor[t] = (1 - v[t]**2) * (1 - alpha)
    np.subtract(1, alpha, out=tmp6)
    np.square(v, out=v_arg_factor)
    np.subtract(1, v_arg_factor, out=v_arg_factor)
    v_arg_factor *= tmp6
    # grad(mu[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(v.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * alpha * grad(mu[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dmu[1:].reshape(-1, n_h))
    # grad(v.arg[t]) = (1 - v[t]**2) * grad(v[t])
    np.multiply(dmu[T], v_arg_factor[T - 1], out=dv_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(mu[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(v.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * alpha * grad(mu[t+1]) + V.T @ grad(o[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dmu_at[t + 1], out=tmp0)
        tmp0 *= alpha
        dmu_at[t] += tmp0
        dv_arg_at[t].dot(W, out=tmp0)
        tmp0 *= t // window_T == max(t - 1, 0) // window_T
        dmu_at[t] += tmp0
        # grad(v.arg[t]) = (1 - v[t]**2) * grad(v[t])
        np.multiply(dmu_at[t], v_arg_factor_at[t - 1], out=dv_arg_at[t - 1])
    # grad(alpha) = sum(mu[t-1] * grad(mu[t]) - v[t] * grad(mu[t]), t)
    dalpha[...] = np.einsum("tbi,tbi->i", dmu[1:], mu[:T])
    tmp6[...] = np.einsum("tbi,tbi->i", dmu[1:], v)
    dalpha -= tmp6
    # grad(b) = sum(grad(v.arg[t]), t)
    np.add.reduce(dv_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(v.arg[t]), x[t]), t)
    np.matmul(dv_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(v.arg[t]), mu[t-1]), t)
    np.matmul(dv_arg.reshape(-1, n_h).T, mu[:T].reshape(-1, n_h), out=dW)
    # grad(rho) = alpha * (1 - alpha) * grad(alpha)
    np.subtract(1, alpha, out=drho)
    drho *= alpha
    drho *= dalpha
    if "mu0" in wrt:
        tmp_7_0 = np.empty((1,), dtype)
        tmp_7_1 = np.empty((1,), dtype)
        tmp_7_2 = np.empty((1,), dtype)
        tmp_7_3 = np.empty((1, B, n_h), dtype)
        tmp_7_4 = np.empty((1, B, n_h), dtype)
        # grad(mu[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(v.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * alpha * grad(mu[t+1]) + V.T @ grad(o[t]), t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_7_2)
        np.maximum(tmp_7_2, 0, out=tmp_7_1)
        tmp_7_0[...] = np.arange(1) // window_T == tmp_7_1 // window_T
        np.multiply(tmp_7_0[:, None, None], dmu[1:2], out=dmu[:1])
        dmu[:1] *= alpha
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_7_2)
        np.maximum(tmp_7_2, 0, out=tmp_7_1)
        tmp_7_0[...] = np.arange(1) // window_T == tmp_7_1 // window_T
        np.multiply(tmp_7_0[:, None, None], dv_arg[:1], out=tmp_7_4)
        np.matmul(tmp_7_4.reshape(-1, n_h), W, out=tmp_7_3.reshape(-1, n_h))
        dmu[:1] += tmp_7_3
        dmu0 = np.empty((B, n_h), dtype)
        # grad(mu.0) = grad(mu[0])
        dmu0[...] = dmu[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(v.arg[t])
        np.matmul(dv_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))

    gradient = Params(U=dU, W=dW, V=dV, rho=drho, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "mu0" in wrt:
        result["mu0"] = dmu0[0] if single else dmu0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, alpha, v, mu, o, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    U, W, V, rho, b, c = params
    window_T = _window(window, "T", ("T",), T)

    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((n_h,), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = grad(loss.sum[t]) * (2 * o[t] - 2 * y[t])
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(o, 2, out=tmp1)
    np.multiply(y, 2, out=do)
    np.subtract(tmp1, do, out=do)
    do *= tmp0[:, :, None]
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(o[t]), mu[t]), t)
    np.matmul(do.reshape(-1, n_y).T, mu[1:].reshape(-1, n_h), out=dV)
    dmu = np.empty((T, B, n_h), dtype)
    # grad(mu[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(v.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * alpha * grad(mu[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dmu.reshape(-1, n_h))
    v_arg_factor = np.empty((T, B, n_h), dtype)
    # v.arg.factor[t] = (1 - v[t]**2) * (1 - alpha)
    np.subtract(1, alpha, out=tmp2)
    np.square(v, out=v_arg_factor)
    np.subtract(1, v_arg_factor, out=v_arg_factor)
    v_arg_factor *= tmp2
    dv_arg = np.empty((T, B, n_h), dtype)
    # grad(v.arg[t]) = (1 - v[t]**2) * grad(v[t])
    np.multiply(dmu[T - 1], v_arg_factor[T - 1], out=dv_arg[T - 1])
    dmu_at = list(dmu)
    dv_arg_at = list(dv_arg)
    v_arg_factor_at = list(v_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(mu[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(v.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * alpha * grad(mu[t+1]) + V.T @ grad(o[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dmu_at[t], out=tmp3)
        tmp3 *= alpha
        dmu_at[t - 1] += tmp3
        dv_arg_at[t].dot(W, out=tmp3)
        tmp3 *= t // window_T == max(t - 1, 0) // window_T
        dmu_at[t - 1] += tmp3
        # grad(v.arg[t]) = (1 - v[t]**2) * grad(v[t])
        np.multiply(dmu_at[t - 1], v_arg_factor_at[t - 1], out=dv_arg_at[t - 1])
    dalpha = np.empty((n_h,), dtype)
    # grad(alpha) = sum(mu[t-1] * grad(mu[t]) - v[t] * grad(mu[t]), t)
    dalpha[...] = np.einsum("tbi,tbi->i", dmu, mu[:T])
    tmp2[...] = np.einsum("tbi,tbi->i", dmu, v)
    dalpha -= tmp2
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(v.arg[t]), t)
    np.add.reduce(dv_arg, axis=(0, 1), out=db)
    dU = np.empty((n_h, n_x), dtype)
    # grad(U) = sum(outer(grad(v.arg[t]), x[t]), t)
    np.matmul(dv_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    dW = np.empty((n_h, n_h), dtype)
    # grad(W) = sum(outer(grad(v.arg[t]), mu[t-1]), t)
    np.matmul(dv_arg.reshape(-1, n_h).T, mu[:T].reshape(-1, n_h), out=dW)
    drho = np.empty((n_h,), dtype)
    # grad(rho) = alpha * (1 - alpha) * grad(alpha)
    np.subtract(1, alpha, out=drho)
    drho *= alpha
    drho *= dalpha

    return Params(U=dU, W=dW, V=dV, rho=drho, b=db, c=dc)


def _loss_and_grad_checkpointed(params, x, y, mu0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, mu0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, mu0, whole=True)
    U, W, V, rho, b, c = params
    wrt = _asked(wrt, ("x", "mu0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        mu0_kept, mu_left1, dU, dW, dV, drho, db, dc,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_h, B, dtype)
    mu0_kept[0] = mu0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x[first:last],
            mu0_kept[n],
            last - first,
            n_x,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        (mu0_kept[n + 1],) = found
    loss = 0.0
    for total in (mu_left1, dU, dW, dV, drho, db, dc):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            mu_left1,
            x[first:last],
            y[first:last],
            mu0_kept[n],
            last - first,
            n_x,
            n_y,
            n_h,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dmu0, dx_part = found
        loss += float(loss_part)
        _add_each((dU, dW, dV, drho, db, dc), parts)
        mu_left1[...] = dmu0
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(U=dU, W=dW, V=dV, rho=drho, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "mu0" in wrt:
        result["mu0"] = dmu0[0] if single else dmu0
    return float(loss), gradient, result


def _segment(params, mu_left1, x, y, mu0, T, n_x, n_y, n_h, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    U, W, V, rho, b, c = params

    (
        tmp0, tmp1, tmp2, alpha, v_arg, mu_ahead, mu, v, W_T, mu_at, v_arg_at, v_at, o, tmp3, do, dc, dV, v_arg_factor,
        dmu, dv_arg, dmu_at, dv_arg_at, v_arg_factor_at, dalpha, db, dU, dW, drho, dmu0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, B, dtype)
    # alpha = sigmoid(rho)
    _sigmoid(rho, out=alpha)
    # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=v_arg.reshape(-1, n_h))
    v_arg += b
    # mu.ahead = 1 - alpha
    np.subtract(1, alpha, out=mu_ahead)
    # mu[0] = 0
    mu[0] = mu0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
        mu_at[t - 1].dot(W_T, out=tmp0)
        v_arg_at[t - 1] += tmp0
        # v[t] = tanh(b + W @ mu[t-1] + U @ x[t])
        np.tanh(v_arg_at[t - 1], out=v_at[t - 1])
        # mu[t] = alpha * mu[t-1] + (1 - alpha) * v[t]
        np.multiply(v_at[t - 1], mu_ahead, out=mu_at[t])
        np.multiply(mu_at[t - 1], alpha, out=tmp0)
        mu_at[t] += tmp0
    # o[t] = c + V @ mu[t]
    np.matmul(mu[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    # loss = sum(sum((y[t] - o[t])**2), t)
    np.subtract(y, o, out=tmp2)
    np.square(tmp2, out=tmp1)
    loss = tmp1.sum()
    # grad(o[t]) = 2 * o[t] - 2 * y[t]
    np.multiply(y, -2, out=do)
    np.multiply(o, 2, out=tmp1)
    do += tmp1
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), mu[t]), t)
    np.matmul(do.reshape(-1, n_y).T, mu[1:].reshape(-1, n_h), out=dV)
    # v.arg.factor[t] = (1 - v[t]**2) * (1 - alpha)
    np.subtract(1, alpha, out=tmp3)
    np.square(v, out=v_arg_factor)
    np.subtract(1, v_arg_factor, out=v_arg_factor)
    v_arg_factor *= tmp3
    # grad(mu[t]) = W.T @ grad(v.arg[t+1]) + alpha * grad(mu[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dmu[1:].reshape(-1, n_h))
    # grad(mu[T]) = mu.left1 + V.T @ grad(o[T])
    dmu[T] += mu_left1
    # grad(v.arg[t]) = (1 - v[t]**2) * grad(v[t])
    np.multiply(dmu[T], v_arg_factor[T - 1], out=dv_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(mu[t]) = W.T @ grad(v.arg[t+1]) + alpha * grad(mu[t+1]) + V.T @ grad(o[t]), t < T
        np.multiply(dmu_at[t + 1], alpha, out=tmp0)
        dmu_at[t] += tmp0
        dv_arg_at[t].dot(W, out=tmp0)
        dmu_at[t] += tmp0
        # grad(v.arg[t]) = (1 - v[t]**2) * grad(v[t])
        np.multiply(dmu_at[t], v_arg_factor_at[t - 1], out=dv_arg_at[t - 1])
    # grad(mu[t]) = W.T @ grad(v.arg[t+1]) + alpha * grad(mu[t+1]) + V.T @ grad(o[t]), t < T
    np.multiply(dmu[1], alpha, out=dmu[0])
    np.matmul(dv_arg[0], W, out=tmp0)
    dmu[0] += tmp0
    # grad(alpha) = sum(mu[t-1] * grad(mu[t]) - v[t] * grad(mu[t]), t)
    dalpha[...] = np.einsum("tbi,tbi->i", dmu[1:], mu[:T])
    tmp3[...] = np.einsum("tbi,tbi->i", dmu[1:], v)
    dalpha -= tmp3
    # grad(b) = sum(grad(v.arg[t]), t)
    np.add.reduce(dv_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(v.arg[t]), x[t]), t)
    np.matmul(dv_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(v.arg[t]), mu[t-1]), t)
    np.matmul(dv_arg.reshape(-1, n_h).T, mu[:T].reshape(-1, n_h), out=dW)
    # grad(rho) = alpha * (1 - alpha) * grad(alpha)
    np.subtract(1, alpha, out=drho)
    drho *= alpha
    drho *= dalpha
    # grad(mu.0) = grad(mu[0])
    dmu0[...] = dmu[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(v.arg[t])
        np.matmul(dv_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))

    return loss, (dU, dW, dV, drho, db, dc), dmu0, dx if "x" in wrt else None


def _advance(params, x, mu0, T, n_x, n_h, B, dtype, workspace):
    """The state after a segment."""
    U, W, V, rho, b, c = params

    (
        tmp0, alpha, v_arg, mu_ahead, mu, v, W_T, mu_at, v_arg_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_h, B, dtype)
    # alpha = sigmoid(rho)
    _sigmoid(rho, out=alpha)
    # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=v_arg.reshape(-1, n_h))
    v_arg += b
    # mu.ahead = 1 - alpha
    np.subtract(1, alpha, out=mu_ahead)
    # mu[0] = 0
    mu[0] = mu0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # v.arg[t] = b + W @ mu[t-1] + U @ x[t]
        mu_at[t - 1].dot(W_T, out=tmp0)
        v_arg_at[t - 1] += tmp0
        # v[t] = tanh(b + W @ mu[t-1] + U @ x[t])
        np.tanh(v_arg_at[t - 1], out=v)
        # mu[t] = alpha * mu[t-1] + (1 - alpha) * v[t]
        np.multiply(v, mu_ahead, out=mu_at[t])
        np.multiply(mu_at[t - 1], alpha, out=tmp0)
        mu_at[t] += tmp0

    return (mu[-1],)


def _loss_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    o = np.empty((T, B, n_y), dtype)
    tmp2 = o
    alpha = np.empty((n_h,), dtype)
    v_arg = np.empty((T, B, n_h), dtype)
    mu_ahead = np.empty((n_h,), dtype)
    mu = np.empty((T + 1, B, n_h), dtype)
    v = np.empty((B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    mu_at = list(mu)
    v_arg_at = list(v_arg)
    return tmp0, tmp1, o, tmp2, alpha, v_arg, mu_ahead, mu, v, W_T, mu_at, v_arg_at


def _loss_and_grad_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    alpha = np.empty((n_h,), dtype)
    v_arg = np.empty((T, B, n_h), dtype)
    mu_ahead = np.empty((n_h,), dtype)
    mu = np.empty((T + 1, B, n_h), dtype)
    v = v_arg
    W_T = np.empty((n_h, n_h), dtype)
    mu_at = list(mu)
    v_arg_at = list(v_arg)
    v_at = list(v)
    o = np.empty((T, B, n_y), dtype)
    tmp3 = mu_ahead
    do = tmp2
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    v_arg_factor = np.empty((T, B, n_h), dtype)
    dmu = np.empty((T + 1, B, n_h), dtype)
    dv_arg = v_arg_factor
    dmu_at = list(dmu)
    dv_arg_at = list(dv_arg)
    v_arg_factor_at = list(v_arg_factor)
    dalpha = np.empty((n_h,), dtype)
    db = mu_ahead
    dU = np.empty((n_h, n_x), dtype)
    dW = W_T
    drho = np.empty((n_h,), dtype)
    return (
        tmp0, tmp1, tmp2, alpha, v_arg, mu_ahead, mu, v, W_T, mu_at, v_arg_at, v_at, o, tmp3, do, dc, dV, v_arg_factor,
        dmu, dv_arg, dmu_at, dv_arg_at, v_arg_factor_at, dalpha, db, dU, dW, drho,
    )


def _loss_padded_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    o = np.empty((T, B, n_y), dtype)
    tmp3 = o
    tmp4 = np.empty((B, T), dtype)
    alpha = np.empty((n_h,), dtype)
    v_arg = np.empty((T, B, n_h), dtype)
    mu_ahead = np.empty((n_h,), dtype)
    mu = np.empty((T + 1, B, n_h), dtype)
    v = np.empty((B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    mu_at = list(mu)
    v_arg_at = list(v_arg)
    loss_sum = np.empty((T, B), dtype)
    return tmp0, tmp1, tmp2, o, tmp3, tmp4, alpha, v_arg, mu_ahead, mu, v, W_T, mu_at, v_arg_at, loss_sum


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    alpha = np.empty((n_h,), dtype)
    v_arg = np.empty((T, B, n_h), dtype)
    mu_ahead = np.empty((n_h,), dtype)
    mu = np.empty((T + 1, B, n_h), dtype)
    v = v_arg
    W_T = np.empty((n_h, n_h), dtype)
    mu_at = list(mu)
    v_arg_at = list(v_arg)
    v_at = list(v)
    o = np.empty((T, B, n_y), dtype)
    loss_sum = np.empty((T, B), dtype)
    tmp5 = loss_sum
    tmp6 = mu_ahead
    do = o
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    v_arg_factor = np.empty((T, B, n_h), dtype)
    dmu = np.empty((T + 1, B, n_h), dtype)
    dv_arg = v_arg_factor
    dmu_at = list(dmu)
    dv_arg_at = list(dv_arg)
    v_arg_factor_at = list(v_arg_factor)
    dalpha = np.empty((n_h,), dtype)
    db = mu_ahead
    dU = np.empty((n_h, n_x), dtype)
    dW = W_T
    drho = np.empty((n_h,), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, alpha, v_arg, mu_ahead, mu, v, W_T, mu_at, v_arg_at, v_at, o, loss_sum, tmp5,
        tmp6, do, dc, dV, v_arg_factor, dmu, dv_arg, dmu_at, dv_arg_at, v_arg_factor_at, dalpha, db, dU, dW, drho,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    mu0_kept = np.empty((count, B, n_h), dtype)
    mu_left1 = np.empty((B, n_h), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = np.empty((n_h, n_h), dtype)
    dV = np.empty((n_y, n_h), dtype)
    drho = np.empty((n_h,), dtype)
    db = np.empty((n_h,), dtype)
    dc = np.empty((n_y,), dtype)
    return mu0_kept, mu_left1, dU, dW, dV, drho, db, dc


def _segment_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    alpha = np.empty((n_h,), dtype)
    v_arg = np.empty((T, B, n_h), dtype)
    mu_ahead = np.empty((n_h,), dtype)
    mu = np.empty((T + 1, B, n_h), dtype)
    v = v_arg
    W_T = np.empty((n_h, n_h), dtype)
    mu_at = list(mu)
    v_arg_at = list(v_arg)
    v_at = list(v)
    o = np.empty((T, B, n_y), dtype)
    tmp3 = mu_ahead
    do = tmp2
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    v_arg_factor = np.empty((T, B, n_h), dtype)
    dmu = np.empty((T + 1, B, n_h), dtype)
    dv_arg = v_arg_factor
    dmu_at = list(dmu)
    dv_arg_at = list(dv_arg)
    v_arg_factor_at = list(v_arg_factor)
    dalpha = np.empty((n_h,), dtype)
    db = mu_ahead
    dU = np.empty((n_h, n_x), dtype)
    dW = W_T
    drho = np.empty((n_h,), dtype)
    dmu0 = tmp0
    return (
        tmp0, tmp1, tmp2, alpha, v_arg, mu_ahead, mu, v, W_T, mu_at, v_arg_at, v_at, o, tmp3, do, dc, dV, v_arg_factor,
        dmu, dv_arg, dmu_at, dv_arg_at, v_arg_factor_at, dalpha, db, dU, dW, drho, dmu0,
    )


def _advance_arrays(T, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    alpha = np.empty((n_h,), dtype)
    v_arg = np.empty((T, B, n_h), dtype)
    mu_ahead = np.empty((n_h,), dtype)
    mu = np.empty((T + 1, B, n_h), dtype)
    v = np.empty((B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    mu_at = list(mu)
    v_arg_at = list(v_arg)
    return tmp0, alpha, v_arg, mu_ahead, mu, v, W_T, mu_at, v_arg_at


def _arguments(params, x, y, mu0, whole=False):
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
        y = _real("y", y, dtype)
        _expect("y", y, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
        if single:
            y = y[:, None]
    if mu0 is None:
        mu0 = np.zeros((B, n_h), dtype)
    else:
        mu0 = _real("mu0", mu0, dtype)
        _expect("mu0", mu0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
        if single:
            mu0 = mu0[None]
    return params, x, y, mu0, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    v = _real("forward.v", forward.v, dtype)
    mu = _real("forward.mu", forward.mu, dtype)
    o = _real("forward.o", forward.o, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _expect("forward.alpha", alpha, (n_h,), ("n_h",), "n_h from U")
    _expect("forward.v", v, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.mu", mu, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.o", o, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[:, None]
        v = v[:, None]
        mu = mu[:, None]
        o = o[:, None]
    return params, x, y, alpha, v, mu, o, dtype, single, n_h, n_x, n_y, T, B


def _initial_arguments(params, mu0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if mu0 is None:
        mu0 = np.zeros((B, n_h), dtype)
    else:
        mu0 = _real("mu0", mu0, dtype)
        _expect("mu0", mu0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from U")
        if single:
            mu0 = mu0[None]
    return params, mu0, dtype, single, n_h, n_x, n_y, B


def _step_arguments(params, state, x):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    mu_prev = _real("state.mu", state.mu, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from U")
    _expect("state.mu", mu_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
    if single:
        x = x[None]
        mu_prev = mu_prev[None]
    return params, x, mu_prev, dtype, single, n_h, n_x, n_y, B


def _padded_arguments(params, x, y, mu0, lengths, whole=False):
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
        y = _real("y", y, dtype)
        _expect("y", y, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
        if single:
            y = y[:, None]
    if mu0 is None:
        mu0 = np.zeros((B, n_h), dtype)
    else:
        mu0 = _real("mu0", mu0, dtype)
        _expect("mu0", mu0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
        if single:
            mu0 = mu0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
    return params, x, y, mu0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    v = _real("forward.v", forward.v, dtype)
    mu = _real("forward.mu", forward.mu, dtype)
    o = _real("forward.o", forward.o, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _expect("forward.alpha", alpha, (n_h,), ("n_h",), "n_h from U")
    _expect("forward.v", v, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.mu", mu, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.o", o, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[:, None]
        v = v[:, None]
        mu = mu[:, None]
        o = o[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    return params, x, y, alpha, v, mu, o, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    U, W, V, rho, b, c = params
    _rank("U", U, ("n_h", "n_x"))
    n_h, n_x = U.shape
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("W", W, (n_h, n_h), ("n_h", "n_h"), "n_h from U")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from U")
    _expect("rho", rho, (n_h,), ("n_h",), "n_h from U")
    _expect("b", b, (n_h,), ("n_h",), "n_h from U")
    _expect("c", c, (n_y,), ("n_y",), "n_y from V")
    return params, dtype, n_h, n_x, n_y


def _add_each(totals, parts):
    """Adds arrays to others, each to its own."""
    for total, part in zip(totals, parts, strict=True):
        np.add(total, part, out=total)


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
