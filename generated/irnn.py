# Written by derive from irnn.eq; do not edit.
# Change irnn.eq instead, and run: derive generate irnn
# source 07a6dbea39a62d6b, derive 07e8f9d843407be1, body 83c3b899ad06d9db
"""IRNN: rectified linear units, with recurrent weights that start as the identity.

Le, Jaitly & Hinton (2015), A Simple Way to Initialize Recurrent Networks of Rectified Linear Units. Here W is the
identity plus a part D that starts at 0, which is the same network: an identity of any size can't be written as a
default.

The equations::

    x: Input[T, n_x]            # what is read at each step
    y: Target[n_y]              # the value of the whole sequence
    U: Param[n_h, n_x]          # input to hidden
    D: Param[n_h, n_h] = 0      # hidden to hidden, the difference to the identity
    V: Param[n_y, n_h]          # hidden to output
    b: Param[n_h]
    c: Param[n_y]

    h[0] = 0
    W = eye(n_h) + D
    h[t] = relu(b + W @ h[t-1] + U @ x[t])
    o = c + V @ h[T]
    loss = sum((y - o)**2)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    U: np.ndarray  # (n_h, n_x)  input to hidden
    D: np.ndarray  # (n_h, n_h)  hidden to hidden, the difference to the identity
    V: np.ndarray  # (n_y, n_h)  hidden to output
    b: np.ndarray  # (n_h)
    c: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    W: np.ndarray  # (n_h, n_h)
    h: np.ndarray  # (T + 1, B, n_h)
    o: np.ndarray  # (B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    h: np.ndarray  # (B, n_h)


class Outputs(NamedTuple):
    """The variables at one step."""

    h: np.ndarray  # (B, n_h)


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
        D=np.zeros((n_h, n_h), dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        b=np.zeros((n_h,), dtype),
        c=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real   what is read at each step
    y        (B, n_y)     real   the value of the whole sequence
    h0       (B, n_h)     real   h[0]; 0 where not given
    state                 State  what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T   each example's own number of steps, what is given beyond is not read; all where not
                                 given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _forward_padded(params, x, y, h0, lengths)
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0)
    U, D, V, b, c = params

    tmp0 = np.empty((n_h, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    W = np.empty((n_h, n_h), dtype)
    # W = eye(n_h) + D
    W[...] = D
    np.equal(np.arange(n_h, dtype=dtype)[:, None], np.arange(n_h, dtype=dtype), out=tmp0)
    W += tmp0
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    W_T = np.empty((n_h, n_h), dtype)
    W_T[...] = W.T
    h_at = list(h)
    h_arg_at = list(h_arg)
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = relu(b + W @ h[t-1] + U @ x[t])
        np.maximum(h_arg_at[t - 1], 0, out=h_at[t])
    o = np.empty((B, n_y), dtype)
    # o = c + V @ h[T]
    np.matmul(h[T], V.T, out=o)
    o += c
    if y is not None:
        tmp_2_0 = np.empty((B, n_y), dtype)
        tmp_2_1 = np.empty((B, n_y), dtype)
        # loss = sum((y - o)**2)
        np.subtract(y, o, out=tmp_2_1)
        np.square(tmp_2_1, out=tmp_2_0)
        loss = tmp_2_0.sum()
    else:
        loss = None

    if single:
        h = h[:, 0]
        o = o[0]
    return Forward(W=W, h=h, o=o, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real       what is read at each step
    y          (B, n_y)     real       the value of the whole sequence
    h0         (B, n_h)     real       h[0]; 0 where not given
    workspace               Workspace  its arrays are used, and hold the results until its next call
    state                   State      what an earlier piece left, from last_state or step: the sequence goes on from
                                       there
    lengths    (B,)         1..T       each example's own number of steps, what is given beyond is not read; all where
                                       not given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _loss_padded(params, x, y, h0, lengths, workspace)
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, whole=True)
    U, D, V, b, c = params

    (
        tmp0, tmp1, tmp2, o, tmp3, W, h_arg, h, W_T, h_at, h_arg_at,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_y, n_h, B, dtype)
    # W = eye(n_h) + D
    W[...] = D
    np.equal(np.arange(n_h, dtype=dtype)[:, None], np.arange(n_h, dtype=dtype), out=tmp0)
    W += tmp0
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = relu(b + W @ h[t-1] + U @ x[t])
        np.maximum(h_arg_at[t - 1], 0, out=h_at[t])
    # o = c + V @ h[T]
    np.matmul(h[T], V.T, out=o)
    o += c
    # loss = sum((y - o)**2)
    np.subtract(y, o, out=tmp3)
    np.square(tmp3, out=tmp2)
    loss = tmp2.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
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

    x           (T, B, n_x)  real                       what is read at each step
    y           (B, n_y)     real                       the value of the whole sequence
    h0          (B, n_h)     real                       h[0]; 0 where not given
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
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, h0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, h0, lengths, wrt, workspace, window)
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, whole=True)
    U, D, V, b, c = params
    wrt = _asked(wrt, ("x", "h0"))

    (
        tmp0, tmp1, tmp2, tmp3, W, h_arg, h, W_T, h_at, h_arg_at, o, do, dc, dV, dh, dh_arg, dh_arg_at, dh_at, number,
        db, dU, dW, dD,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, B, dtype)
    # W = eye(n_h) + D
    W[...] = D
    np.equal(np.arange(n_h, dtype=dtype)[:, None], np.arange(n_h, dtype=dtype), out=tmp0)
    W += tmp0
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = relu(b + W @ h[t-1] + U @ x[t])
        np.maximum(h_arg_at[t - 1], 0, out=h_at[t])
    # o = c + V @ h[T]
    np.matmul(h[T], V.T, out=o)
    o += c
    # loss = sum((y - o)**2)
    np.subtract(y, o, out=tmp3)
    np.square(tmp3, out=tmp2)
    loss = tmp2.sum()
    # grad(o) = 2 * o - 2 * y
    np.multiply(y, -2, out=do)
    np.multiply(o, 2, out=tmp2)
    do += tmp2
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    # grad(V) = outer(grad(o), h[T])
    np.matmul(do.T, h[T], out=dV)
    # grad(h[T]) = V.T @ grad(o)
    np.matmul(do, V, out=dh[T])
    # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
    np.less(0, h_arg[T - 1], out=dh_arg[T - 1])
    dh_arg[T - 1] *= dh[T]
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = W.T @ grad(h.arg[t+1]), 0 <= t < T
        dh_arg_at[t].dot(W, out=dh_at[t])
        # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
        np.less(number, h_arg_at[t - 1], out=dh_arg_at[t - 1])
        dh_arg_at[t - 1] *= dh_at[t]
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    # grad(D) = grad(W)
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))
    if "h0" in wrt:
        # grad(h[T]) = V.T @ grad(o)
        np.matmul(dh_arg[0], W, out=dh[0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(U=dU, D=dD, V=dV, b=db, c=dc)
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
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    x        (T, B, n_x)  real               what is read at each step
    y        (B, n_y)     real               the value of the whole sequence
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    params, x, y, W, h, o, dtype, single, n_h, n_x, n_y, T, B = _backward_arguments(params, forward, x, y)
    U, D, V, b, c = params

    tmp0 = np.empty((T, B, n_h), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    np.matmul(h[:T].reshape(-1, n_h), W.T, out=tmp0.reshape(-1, n_h))
    h_arg += tmp0
    h_arg += b
    tmp1 = np.empty((B, n_y), dtype)
    do = np.empty((B, n_y), dtype)
    # grad(o) = 2 * o - 2 * y
    np.multiply(y, -2, out=do)
    np.multiply(o, 2, out=tmp1)
    do += tmp1
    dc = np.empty((n_y,), dtype)
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = outer(grad(o), h[T])
    np.matmul(do.T, h[T], out=dV)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[T]) = V.T @ grad(o)
    np.matmul(do, V, out=dh[T - 1])
    dh_arg = np.empty((T, B, n_h), dtype)
    # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
    np.less(0, h_arg[T - 1], out=dh_arg[T - 1])
    dh_arg[T - 1] *= dh[T - 1]
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    number = np.array(0, dtype)
    h_arg_at = list(h_arg)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = W.T @ grad(h.arg[t+1]), 0 <= t < T
        dh_arg_at[t].dot(W, out=dh_at[t - 1])
        # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
        np.less(number, h_arg_at[t - 1], out=dh_arg_at[t - 1])
        dh_arg_at[t - 1] *= dh_at[t - 1]
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    dU = np.empty((n_h, n_x), dtype)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    dW = np.empty((n_h, n_h), dtype)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    dD = np.empty((n_h, n_h), dtype)
    # grad(D) = grad(W)
    dD[...] = dW

    return Params(U=dU, D=dD, V=dV, b=db, c=dc)


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


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real  what is read at each step

    Data without the axis B are one example.
    """
    params, x, h_prev, dtype, single, n_h, n_x, n_y, B = _step_arguments(params, state, x)
    U, D, V, b, c = params

    # W = eye(n_h) + D
    W = D.copy()
    W += np.arange(n_h)[:, None] == np.arange(n_h)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    h_arg = x @ U.T
    h_arg += h_prev @ W.T
    h_arg += b
    # h[t] = relu(b + W @ h[t-1] + U @ x[t])
    h = np.maximum(h_arg, 0)

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


def _forward_padded(params, x, y, h0, lengths):
    """`forward` where examples have their own lengths."""
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own = _padded_arguments(params, x, y, h0, lengths)
    U, D, V, b, c = params

    tmp0 = np.empty((n_h, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    W = np.empty((n_h, n_h), dtype)
    # W = eye(n_h) + D
    W[...] = D
    np.equal(np.arange(n_h, dtype=dtype)[:, None], np.arange(n_h, dtype=dtype), out=tmp0)
    W += tmp0
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    W_T = np.empty((n_h, n_h), dtype)
    W_T[...] = W.T
    h_at = list(h)
    h_arg_at = list(h_arg)
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = relu(b + W @ h[t-1] + U @ x[t])
        np.maximum(h_arg_at[t - 1], 0, out=tmp1)
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    o = np.empty((B, n_y), dtype)
    # o = c + V @ h[T]
    tmp1[...] = h[len_T, np.arange(B)]
    np.matmul(tmp1, V.T, out=o)
    o += c
    if y is not None:
        tmp_2_0 = np.empty((B, n_y), dtype)
        tmp_2_1 = np.empty((B, n_y), dtype)
        # loss = sum((y - o)**2)
        np.subtract(y, o, out=tmp_2_1)
        np.square(tmp_2_1, out=tmp_2_0)
        loss = tmp_2_0.sum()
    else:
        loss = None

    if single:
        h = h[:, 0]
        o = o[0]
    return Forward(W=W, h=h, o=o, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, h0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, lengths, whole=True)
    U, D, V, b, c = params

    (
        tmp0, tmp1, tmp2, o, tmp3, W, h_arg, h, W_T, h_at, h_arg_at,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_y, n_h, B, dtype)
    # W = eye(n_h) + D
    W[...] = D
    np.equal(np.arange(n_h, dtype=dtype)[:, None], np.arange(n_h, dtype=dtype), out=tmp0)
    W += tmp0
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = relu(b + W @ h[t-1] + U @ x[t])
        np.maximum(h_arg_at[t - 1], 0, out=tmp1)
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    # o = c + V @ h[T]
    tmp1[...] = h[len_T, np.arange(B)]
    np.matmul(tmp1, V.T, out=o)
    o += c
    # loss = sum((y - o)**2)
    np.subtract(y, o, out=tmp3)
    np.square(tmp3, out=tmp2)
    loss = tmp2.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, h0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, lengths, whole=True)
    U, D, V, b, c = params
    wrt = _asked(wrt, ("x", "h0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, W, h_arg, h, W_T, h_at, h_arg_at, o, tmp4, do, dc, dV, dh, dh_arg, dh_arg_at, dh_at,
        number, db, dU, dW, dD,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    # W = eye(n_h) + D
    W[...] = D
    np.equal(np.arange(n_h, dtype=dtype)[:, None], np.arange(n_h, dtype=dtype), out=tmp0)
    W += tmp0
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = relu(b + W @ h[t-1] + U @ x[t])
        np.maximum(h_arg_at[t - 1], 0, out=tmp1)
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    # o = c + V @ h[T]
    tmp1[...] = h[len_T, np.arange(B)]
    np.matmul(tmp1, V.T, out=o)
    o += c
    # loss = sum((y - o)**2)
    np.subtract(y, o, out=tmp3)
    np.square(tmp3, out=tmp2)
    loss = tmp2.sum()
    # grad(o) = 2 * o - 2 * y
    np.multiply(y, -2, out=do)
    np.multiply(o, 2, out=tmp2)
    do += tmp2
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    # grad(V) = outer(grad(o), h[len.T])
    tmp4[...] = h[len_T, np.arange(B)].T
    np.matmul(do.T, tmp4.T, out=dV)
    dh.fill(0)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) + where(len.T ==
    #     t, 1, 0) * (V.T @ grad(o)), t < T
    np.matmul(do, V, out=tmp1)
    dh[len_T, np.arange(B)] += tmp1
    # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
    np.less(0, h_arg[T - 1], out=dh_arg[T - 1])
    dh_arg[T - 1] *= dh[T]
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) + where(len.T ==
        #     t, 1, 0) * (V.T @ grad(o)), t < T
        dh_arg_at[t].dot(W, out=tmp1)
        tmp1 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp1
        # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
        np.less(number, h_arg_at[t - 1], out=dh_arg_at[t - 1])
        dh_arg_at[t - 1] *= dh_at[t]
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    # grad(D) = grad(W)
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))
    if "h0" in wrt:
        tmp_5_0 = np.empty((B, n_h), dtype)
        # grad(h[0]) = W.T @ grad(h.arg[1])
        np.matmul(dh_arg[0], W, out=tmp_5_0)
        dh[0] += tmp_5_0
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(U=dU, D=dD, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, W, h, o, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    U, D, V, b, c = params
    window_T = _window(window, "T", ("T",), T)

    tmp0 = np.empty((T, B, n_h), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    np.matmul(h[:T].reshape(-1, n_h), W.T, out=tmp0.reshape(-1, n_h))
    h_arg += tmp0
    h_arg += b
    tmp1 = np.empty((B, n_y), dtype)
    tmp2 = np.empty((n_h, B), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    do = np.empty((B, n_y), dtype)
    # grad(o) = 2 * o - 2 * y
    np.multiply(y, -2, out=do)
    np.multiply(o, 2, out=tmp1)
    do += tmp1
    dc = np.empty((n_y,), dtype)
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = outer(grad(o), h[len.T])
    tmp2[...] = h[len_T, np.arange(B)].T
    np.matmul(do.T, tmp2.T, out=dV)
    dh = np.zeros((T + 1, B, n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) + where(len.T ==
    #     t, 1, 0) * (V.T @ grad(o)), t < T
    np.matmul(do, V, out=tmp3)
    dh[len_T, np.arange(B)] += tmp3
    dh_arg = np.empty((T, B, n_h), dtype)
    # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
    np.less(0, h_arg[T - 1], out=dh_arg[T - 1])
    dh_arg[T - 1] *= dh[T]
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    number = np.array(0, dtype)
    h_arg_at = list(h_arg)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) + where(len.T ==
        #     t, 1, 0) * (V.T @ grad(o)), t < T
        dh_arg_at[t].dot(W, out=tmp3)
        tmp3 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp3
        # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
        np.less(number, h_arg_at[t - 1], out=dh_arg_at[t - 1])
        dh_arg_at[t - 1] *= dh_at[t]
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    dU = np.empty((n_h, n_x), dtype)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    dW = np.empty((n_h, n_h), dtype)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    dD = np.empty((n_h, n_h), dtype)
    # grad(D) = grad(W)
    dD[...] = dW

    return Params(U=dU, D=dD, V=dV, b=db, c=dc)


def _loss_and_grad_checkpointed(params, x, y, h0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, whole=True)
    U, D, V, b, c = params
    wrt = _asked(wrt, ("x", "h0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        h0_kept, h_left1, dU, dD, dV, db, dc,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_h, B, dtype)
    h0_kept[0] = h0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x[first:last],
            h0_kept[n],
            last - first,
            n_x,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        (h0_kept[n + 1],) = found
    loss = 0.0
    for total in (h_left1, dU, dD, dV, db, dc):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            h_left1,
            float(n == count - 1),
            x[first:last],
            y,
            h0_kept[n],
            last - first,
            n_x,
            n_y,
            n_h,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dh0, dx_part = found
        loss += float(loss_part)
        _add_each((dU, dD, dV, db, dc), parts)
        h_left1[...] = dh0
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(U=dU, D=dD, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _segment(params, h_left1, T_last, x, y, h0, T, n_x, n_y, n_h, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    U, D, V, b, c = params

    (
        tmp0, tmp1, tmp4, tmp2, tmp3, W, h_arg, h, W_T, h_at, h_arg_at, o, do, dc, dV, dh, dh_arg, dh_arg_at, dh_at,
        number, db, dU, dW, dD, dh0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, B, dtype)
    # W = eye(n_h) + D
    W[...] = D
    np.equal(np.arange(n_h, dtype=dtype)[:, None], np.arange(n_h, dtype=dtype), out=tmp0)
    W += tmp0
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = relu(b + W @ h[t-1] + U @ x[t])
        np.maximum(h_arg_at[t - 1], 0, out=h_at[t])
    # o = c + V @ h[T]
    np.matmul(h[T], V.T, out=o)
    o += c
    # loss = sum((y - o)**2)
    np.subtract(y, o, out=tmp4)
    np.square(tmp4, out=tmp3)
    tmp2[...] = np.where(T_last != 0, tmp3, 0)
    loss = tmp2.sum()
    # grad(o) = where(T.last, 2 * o - 2 * y, 0)
    np.multiply(o, 2, out=tmp3)
    np.multiply(y, 2, out=tmp2)
    np.subtract(tmp3, tmp2, out=tmp2)
    do[...] = np.where(T_last != 0, tmp2, 0)
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    # grad(V) = outer(grad(o), h[T])
    np.matmul(do.T, h[T], out=dV)
    # grad(h[T]) = h.left1 + V.T @ grad(o)
    np.matmul(do, V, out=dh[T])
    dh[T] += h_left1
    # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
    np.less(0, h_arg[T - 1], out=dh_arg[T - 1])
    dh_arg[T - 1] *= dh[T]
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = W.T @ grad(h.arg[t+1]), 0 <= t < T
        dh_arg_at[t].dot(W, out=dh_at[t])
        # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
        np.less(number, h_arg_at[t - 1], out=dh_arg_at[t - 1])
        dh_arg_at[t - 1] *= dh_at[t]
    # grad(h[t]) = W.T @ grad(h.arg[t+1]), 0 <= t < T
    np.matmul(dh_arg[0], W, out=dh[0])
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    # grad(D) = grad(W)
    # grad(h.0) = grad(h[0])
    dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))

    return loss, (dU, dD, dV, db, dc), dh0, dx if "x" in wrt else None


def _advance(params, x, h0, T, n_x, n_h, B, dtype, workspace):
    """The state after a segment."""
    U, D, V, b, c = params

    tmp0, tmp1, W, h_arg, h, W_T, h_at, h_arg_at = _as_workspace(workspace).arrays(_advance_arrays, T, n_h, B, dtype)
    # W = eye(n_h) + D
    W[...] = D
    np.equal(np.arange(n_h, dtype=dtype)[:, None], np.arange(n_h, dtype=dtype), out=tmp0)
    W += tmp0
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = relu(b + W @ h[t-1] + U @ x[t])
        np.maximum(h_arg_at[t - 1], 0, out=h_at[t])

    return (h[-1],)


def _loss_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((n_h, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    o = np.empty((B, n_y), dtype)
    tmp3 = o
    W = np.empty((n_h, n_h), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = tmp0
    h_at = list(h)
    h_arg_at = list(h_arg)
    return tmp0, tmp1, tmp2, o, tmp3, W, h_arg, h, W_T, h_at, h_arg_at


def _loss_and_grad_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((n_h, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    tmp3 = np.empty((B, n_y), dtype)
    W = np.empty((n_h, n_h), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = tmp0
    h_at = list(h)
    h_arg_at = list(h_arg)
    o = np.empty((B, n_y), dtype)
    do = tmp3
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = np.empty((T, B, n_h), dtype)
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    number = np.array(0, dtype)
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = tmp0
    dD = dW
    return (
        tmp0, tmp1, tmp2, tmp3, W, h_arg, h, W_T, h_at, h_arg_at, o, do, dc, dV, dh, dh_arg, dh_arg_at, dh_at, number,
        db, dU, dW, dD,
    )


def _loss_padded_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((n_h, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    o = np.empty((B, n_y), dtype)
    tmp3 = o
    W = np.empty((n_h, n_h), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = tmp0
    h_at = list(h)
    h_arg_at = list(h_arg)
    return tmp0, tmp1, tmp2, o, tmp3, W, h_arg, h, W_T, h_at, h_arg_at


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((n_h, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    tmp3 = np.empty((B, n_y), dtype)
    W = np.empty((n_h, n_h), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = tmp0
    h_at = list(h)
    h_arg_at = list(h_arg)
    o = np.empty((B, n_y), dtype)
    tmp4 = np.empty((n_h, B), dtype)
    do = tmp3
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = np.empty((T, B, n_h), dtype)
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    number = np.array(0, dtype)
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = tmp0
    dD = dW
    return (
        tmp0, tmp1, tmp2, tmp3, W, h_arg, h, W_T, h_at, h_arg_at, o, tmp4, do, dc, dV, dh, dh_arg, dh_arg_at, dh_at,
        number, db, dU, dW, dD,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    h0_kept = np.empty((count, B, n_h), dtype)
    h_left1 = np.empty((B, n_h), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dD = np.empty((n_h, n_h), dtype)
    dV = np.empty((n_y, n_h), dtype)
    db = np.empty((n_h,), dtype)
    dc = np.empty((n_y,), dtype)
    return h0_kept, h_left1, dU, dD, dV, db, dc


def _segment_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((n_h, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((B, n_y), dtype)
    tmp2 = tmp4
    tmp3 = np.empty((B, n_y), dtype)
    W = np.empty((n_h, n_h), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = tmp0
    h_at = list(h)
    h_arg_at = list(h_arg)
    o = np.empty((B, n_y), dtype)
    do = tmp3
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = np.empty((T, B, n_h), dtype)
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    number = np.array(0, dtype)
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = W
    dD = dW
    dh0 = tmp1
    return (
        tmp0, tmp1, tmp4, tmp2, tmp3, W, h_arg, h, W_T, h_at, h_arg_at, o, do, dc, dV, dh, dh_arg, dh_arg_at, dh_at,
        number, db, dU, dW, dD, dh0,
    )


def _advance_arrays(T, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((n_h, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    W = np.empty((n_h, n_h), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = tmp0
    h_at = list(h)
    h_arg_at = list(h_arg)
    return tmp0, tmp1, W, h_arg, h, W_T, h_at, h_arg_at


def _arguments(params, x, y, h0, whole=False):
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
        _expect("y", y, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from V")
        if single:
            y = y[None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
        if single:
            h0 = h0[None]
    return params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    W = _real("forward.W", forward.W, dtype)
    h = _real("forward.h", forward.h, dtype)
    o = _real("forward.o", forward.o, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from V")
    _expect("forward.W", W, (n_h, n_h), ("n_h", "n_h"), "n_h from U")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.o", o, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[None]
        h = h[:, None]
        o = o[None]
    return params, x, y, W, h, o, dtype, single, n_h, n_x, n_y, T, B


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


def _step_arguments(params, state, x):
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
    return params, x, h_prev, dtype, single, n_h, n_x, n_y, B


def _padded_arguments(params, x, y, h0, lengths, whole=False):
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
        _expect("y", y, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from V")
        if single:
            y = y[None]
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
    return params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    W = _real("forward.W", forward.W, dtype)
    h = _real("forward.h", forward.h, dtype)
    o = _real("forward.o", forward.o, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from V")
    _expect("forward.W", W, (n_h, n_h), ("n_h", "n_h"), "n_h from U")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.o", o, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[None]
        h = h[:, None]
        o = o[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    return params, x, y, W, h, o, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    U, D, V, b, c = params
    _rank("U", U, ("n_h", "n_x"))
    n_h, n_x = U.shape
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("D", D, (n_h, n_h), ("n_h", "n_h"), "n_h from U")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from U")
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
