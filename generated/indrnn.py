# Written by derive from indrnn.eq; do not edit.
# Change indrnn.eq instead, and run: derive generate indrnn
# source c1e36af57b62aa63, derive 07e8f9d843407be1, body 754e5a9f50b7ca8d
"""IndRNN: each hidden unit sees its own past alone, through one weight; two layers, for the units to meet.

Li, Li, Cook, Zhu & Gao (2018), Independently Recurrent Neural Network (IndRNN): Building a Longer and Deeper RNN, eq.
2.

The equations::

    x: Input[T, n_x]          # what is read at each step
    y: Label[T, n_y]          # the class to predict at each step
    W_h: Param[n_h, n_x]      # input to the lower layer
    W_z: Param[n_z, n_h]      # lower layer to upper layer
    u_h: Param[n_h] = 1       # recurrent weights of the lower layer, one a unit
    u_z: Param[n_z] = 1       # recurrent weights of the upper layer
    b_h: Param[n_h]
    b_z: Param[n_z]
    V: Param[n_y, n_z]        # upper layer to output
    c: Param[n_y]

    h[0] = 0
    z[0] = 0
    h[t] = relu(W_h @ x[t] + u_h * h[t-1] + b_h)
    z[t] = relu(W_z @ h[t] + u_z * z[t-1] + b_z)
    o[t] = c + V @ z[t]
    yhat[t] = softmax(o[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    W_h: np.ndarray  # (n_h, n_x)  input to the lower layer
    W_z: np.ndarray  # (n_z, n_h)  lower layer to upper layer
    u_h: np.ndarray  # (n_h)  recurrent weights of the lower layer, one a unit
    u_z: np.ndarray  # (n_z)  recurrent weights of the upper layer
    b_h: np.ndarray  # (n_h)
    b_z: np.ndarray  # (n_z)
    V: np.ndarray  # (n_y, n_z)  upper layer to output
    c: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    h: np.ndarray  # (T + 1, B, n_h)
    z: np.ndarray  # (T + 1, B, n_z)
    o: np.ndarray  # (T, B, n_y)
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    h: np.ndarray  # (B, n_h)
    z: np.ndarray  # (B, n_z)


class Outputs(NamedTuple):
    """The variables at one step."""

    h: np.ndarray  # (B, n_h)
    z: np.ndarray  # (B, n_z)
    o: np.ndarray  # (B, n_y)
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
    rng: np.random.Generator, *, n_h: int, n_x: int, n_z: int, n_y: int, dtype: type = np.float64
) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_h = _size("n_h", n_h)
    n_x = _size("n_x", n_x)
    n_z = _size("n_z", n_z)
    n_y = _size("n_y", n_y)
    return Params(
        W_h=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_z=(rng.standard_normal((n_z, n_h)) / np.sqrt(n_h)).astype(dtype),
        u_h=np.full((n_h,), 1.0, dtype),
        u_z=np.full((n_z,), 1.0, dtype),
        b_h=np.zeros((n_h,), dtype),
        b_z=np.zeros((n_z,), dtype),
        V=(rng.standard_normal((n_y, n_z)) / np.sqrt(n_z)).astype(dtype),
        c=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    h0: np.ndarray | None = None,
    z0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  the class to predict at each step
    h0       (B, n_h)     real        h[0]; 0 where not given
    z0       (B, n_z)     real        z[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from
                                      there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, z0 = _resumed(state, ("h", "z"), (("h0", h0), ("z0", z0)))
    if lengths is not None:
        return _forward_padded(params, x, y, h0, z0, lengths)
    params, x, y, h0, z0, dtype, single, n_h, n_x, n_z, n_y, T, B = _arguments(params, x, y, h0, z0)
    W_h, W_z, u_h, u_z, b_h, b_z, V, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_z), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_h.T, out=h_arg.reshape(-1, n_h))
    h_arg += b_h
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    h_at = list(h)
    h_arg_at = list(h_arg)
    for t in range(1, T + 1):
        # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
        np.multiply(h_at[t - 1], u_h, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = relu(W_h @ x[t] + u_h * h[t-1] + b_h)
        np.maximum(h_arg_at[t - 1], 0, out=h_at[t])
    z_arg = np.empty((T, B, n_z), dtype)
    # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
    np.matmul(h[1:].reshape(-1, n_h), W_z.T, out=z_arg.reshape(-1, n_z))
    z_arg += b_z
    z = np.empty((T + 1, B, n_z), dtype)
    # z[0] = 0
    z[0] = z0
    z_at = list(z)
    z_arg_at = list(z_arg)
    for t in range(1, T + 1):
        # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
        np.multiply(z_at[t - 1], u_z, out=tmp1)
        z_arg_at[t - 1] += tmp1
        # z[t] = relu(W_z @ h[t] + u_z * z[t-1] + b_z)
        np.maximum(z_arg_at[t - 1], 0, out=z_at[t])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = c + V @ z[t]
    np.matmul(z[1:].reshape(-1, n_z), V.T, out=o.reshape(-1, n_y))
    o += c
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((T, B), dtype)
        rows = np.arange(T * B).reshape(T, B)
        flat = np.empty((T, B), np.intp)
        # loss = sum(-log(yhat[t, y[t]]), t)
        _look_up(o, y, rows, flat, out=tmp_3_0)
        np.subtract(yhat_lse, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
    else:
        loss = None

    if single:
        h = h[:, 0]
        z = z[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(h=h, z=z, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    z0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real        what is read at each step
    y          (T, B)       0..n_y - 1  the class to predict at each step
    h0         (B, n_h)     real        h[0]; 0 where not given
    z0         (B, n_z)     real        z[0]; 0 where not given
    workspace               Workspace   its arrays are used, and hold the results until its next call
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths    (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, z0 = _resumed(state, ("h", "z"), (("h0", h0), ("z0", z0)))
    if lengths is not None:
        return _loss_padded(params, x, y, h0, z0, lengths, workspace)
    params, x, y, h0, z0, dtype, single, n_h, n_x, n_z, n_y, T, B = _arguments(params, x, y, h0, z0, whole=True)
    W_h, W_z, u_h, u_z, b_h, b_z, V, c = params

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, h, h_at, h_arg_at, z_arg, z, z_at, z_arg_at, o, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_y, n_h, n_z, B, dtype)
    # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_h.T, out=h_arg.reshape(-1, n_h))
    h_arg += b_h
    # h[0] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
        np.multiply(h_at[t - 1], u_h, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = relu(W_h @ x[t] + u_h * h[t-1] + b_h)
        np.maximum(h_arg_at[t - 1], 0, out=h_at[t])
    # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
    np.matmul(h[1:].reshape(-1, n_h), W_z.T, out=z_arg.reshape(-1, n_z))
    z_arg += b_z
    # z[0] = 0
    z[0] = z0
    for t in range(1, T + 1):
        # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
        np.multiply(z_at[t - 1], u_z, out=tmp1)
        z_arg_at[t - 1] += tmp1
        # z[t] = relu(W_z @ h[t] + u_z * z[t-1] + b_z)
        np.maximum(z_arg_at[t - 1], 0, out=z_at[t])
    # o[t] = c + V @ z[t]
    np.matmul(z[1:].reshape(-1, n_z), V.T, out=o.reshape(-1, n_y))
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    z0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x           (T, B, n_x)  real                       what is read at each step
    y           (T, B)       0..n_y - 1                 the class to predict at each step
    h0          (B, n_h)     real                       h[0]; 0 where not given
    z0          (B, n_z)     real                       z[0]; 0 where not given
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
        h0, z0 = _resumed(state, ("h", "z"), (("h0", h0), ("z0", z0)))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, h0, z0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, h0, z0, lengths, wrt, workspace, window)
    params, x, y, h0, z0, dtype, single, n_h, n_x, n_z, n_y, T, B = _arguments(params, x, y, h0, z0, whole=True)
    W_h, W_z, u_h, u_z, b_h, b_z, V, c = params
    wrt = _asked(wrt, ("x", "h0", "z0"))

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, h, h_at, h_arg_at, z_arg, z, z_at, z_arg_at, o, yhat_lse, largest, yhat, rows,
        flat, do, entries, dc, dV, dz, dz_arg, dz_arg_at, dz_at, number, du_z, db_z, dW_z, dh, dh_arg, dh_arg_at, dh_at,
        du_h, db_h, dW_h,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, n_z, B, dtype)
    # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_h.T, out=h_arg.reshape(-1, n_h))
    h_arg += b_h
    # h[0] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
        np.multiply(h_at[t - 1], u_h, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = relu(W_h @ x[t] + u_h * h[t-1] + b_h)
        np.maximum(h_arg_at[t - 1], 0, out=h_at[t])
    # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
    np.matmul(h[1:].reshape(-1, n_h), W_z.T, out=z_arg.reshape(-1, n_z))
    z_arg += b_z
    # z[0] = 0
    z[0] = z0
    for t in range(1, T + 1):
        # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
        np.multiply(z_at[t - 1], u_z, out=tmp1)
        z_arg_at[t - 1] += tmp1
        # z[t] = relu(W_z @ h[t] + u_z * z[t-1] + b_z)
        np.maximum(z_arg_at[t - 1], 0, out=z_at[t])
    # o[t] = c + V @ z[t]
    np.matmul(z[1:].reshape(-1, n_z), V.T, out=o.reshape(-1, n_y))
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(o, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    # grad(o[t]) = yhat[t] - onehot(y[t])
    _add_to(do, y, rows, flat, entries, -1)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), z[t]), t)
    np.matmul(do.reshape(-1, n_y).T, z[1:].reshape(-1, n_z), out=dV)
    # grad(z[t]) = u_z * grad(z.arg[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dz[1:].reshape(-1, n_z))
    # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z[t])
    np.less(0, z_arg[T - 1], out=dz_arg[T - 1])
    dz_arg[T - 1] *= dz[T]
    for t in range(T - 1, 0, -1):
        # grad(z[t]) = u_z * grad(z.arg[t+1]) + V.T @ grad(o[t]), t < T
        np.multiply(dz_arg_at[t], u_z, out=tmp1)
        dz_at[t] += tmp1
        # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z[t])
        np.less(number, z_arg_at[t - 1], out=dz_arg_at[t - 1])
        dz_arg_at[t - 1] *= dz_at[t]
    # grad(u_z) = sum(z[t-1] * grad(z.arg[t]), t)
    du_z[...] = np.einsum("tbi,tbi->i", dz_arg, z[:T])
    # grad(b_z) = sum(grad(z.arg[t]), t)
    np.add.reduce(dz_arg, axis=(0, 1), out=db_z)
    # grad(W_z) = sum(outer(grad(z.arg[t]), h[t]), t)
    np.matmul(dz_arg.reshape(-1, n_z).T, h[1:].reshape(-1, n_h), out=dW_z)
    # grad(h[t]) = u_h * grad(h.arg[t+1]) + W_z.T @ grad(z.arg[t]), t < T
    np.matmul(dz_arg.reshape(-1, n_z), W_z, out=dh[1:].reshape(-1, n_h))
    # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
    np.less(0, h_arg[T - 1], out=dh_arg[T - 1])
    dh_arg[T - 1] *= dh[T]
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = u_h * grad(h.arg[t+1]) + W_z.T @ grad(z.arg[t]), t < T
        np.multiply(dh_arg_at[t], u_h, out=tmp0)
        dh_at[t] += tmp0
        # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
        np.less(number, h_arg_at[t - 1], out=dh_arg_at[t - 1])
        dh_arg_at[t - 1] *= dh_at[t]
    # grad(u_h) = sum(h[t-1] * grad(h.arg[t]), t)
    du_h[...] = np.einsum("tbi,tbi->i", dh_arg, h[:T])
    # grad(b_h) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db_h)
    # grad(W_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_h)
    if "z0" in wrt:
        # grad(z[0]) = u_z * grad(z.arg[1])
        np.multiply(dz_arg[0], u_z, out=dz[0])
        dz0 = np.empty((B, n_z), dtype)
        # grad(z.0) = grad(z[0])
        dz0[...] = dz[0]
    if "h0" in wrt:
        # grad(h[0]) = u_h * grad(h.arg[1])
        np.multiply(dh_arg[0], u_h, out=dh[0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = W_h.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), W_h, out=dx.reshape(-1, n_x))

    gradient = Params(W_h=dW_h, W_z=dW_z, u_h=du_h, u_z=du_z, b_h=db_h, b_z=db_z, V=dV, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "z0" in wrt:
        result["z0"] = dz0[0] if single else dz0
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
    params, x, y, h, z, yhat, dtype, single, n_h, n_x, n_z, n_y, T, B = _backward_arguments(params, forward, x, y)
    W_h, W_z, u_h, u_z, b_h, b_z, V, c = params

    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_z), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_h.T, out=h_arg.reshape(-1, n_h))
    np.multiply(h[:T], u_h, out=tmp0)
    h_arg += tmp0
    h_arg += b_h
    z_arg = np.empty((T, B, n_z), dtype)
    # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
    np.matmul(h[1:].reshape(-1, n_h), W_z.T, out=z_arg.reshape(-1, n_z))
    np.multiply(z[:T], u_z, out=tmp1)
    z_arg += tmp1
    z_arg += b_z
    tmp2 = np.empty((B, n_z), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do[...] = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, -1)
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    dV = np.empty((n_y, n_z), dtype)
    # grad(V) = sum(outer(grad(o[t]), z[t]), t)
    np.matmul(do.reshape(-1, n_y).T, z[1:].reshape(-1, n_z), out=dV)
    dz = np.empty((T, B, n_z), dtype)
    # grad(z[t]) = u_z * grad(z.arg[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dz.reshape(-1, n_z))
    dz_arg = np.empty((T, B, n_z), dtype)
    # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z[t])
    np.less(0, z_arg[T - 1], out=dz_arg[T - 1])
    dz_arg[T - 1] *= dz[T - 1]
    dz_arg_at = list(dz_arg)
    dz_at = list(dz)
    number = np.array(0, dtype)
    z_arg_at = list(z_arg)
    for t in range(T - 1, 0, -1):
        # grad(z[t]) = u_z * grad(z.arg[t+1]) + V.T @ grad(o[t]), t < T
        np.multiply(dz_arg_at[t], u_z, out=tmp2)
        dz_at[t - 1] += tmp2
        # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z[t])
        np.less(number, z_arg_at[t - 1], out=dz_arg_at[t - 1])
        dz_arg_at[t - 1] *= dz_at[t - 1]
    du_z = np.empty((n_z,), dtype)
    # grad(u_z) = sum(z[t-1] * grad(z.arg[t]), t)
    du_z[...] = np.einsum("tbi,tbi->i", dz_arg, z[:T])
    db_z = np.empty((n_z,), dtype)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    np.add.reduce(dz_arg, axis=(0, 1), out=db_z)
    dW_z = np.empty((n_z, n_h), dtype)
    # grad(W_z) = sum(outer(grad(z.arg[t]), h[t]), t)
    np.matmul(dz_arg.reshape(-1, n_z).T, h[1:].reshape(-1, n_h), out=dW_z)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = u_h * grad(h.arg[t+1]) + W_z.T @ grad(z.arg[t]), t < T
    np.matmul(dz_arg.reshape(-1, n_z), W_z, out=dh.reshape(-1, n_h))
    dh_arg = np.empty((T, B, n_h), dtype)
    # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
    np.less(0, h_arg[T - 1], out=dh_arg[T - 1])
    dh_arg[T - 1] *= dh[T - 1]
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_at = list(h_arg)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = u_h * grad(h.arg[t+1]) + W_z.T @ grad(z.arg[t]), t < T
        np.multiply(dh_arg_at[t], u_h, out=tmp3)
        dh_at[t - 1] += tmp3
        # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
        np.less(number, h_arg_at[t - 1], out=dh_arg_at[t - 1])
        dh_arg_at[t - 1] *= dh_at[t - 1]
    du_h = np.empty((n_h,), dtype)
    # grad(u_h) = sum(h[t-1] * grad(h.arg[t]), t)
    du_h[...] = np.einsum("tbi,tbi->i", dh_arg, h[:T])
    db_h = np.empty((n_h,), dtype)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db_h)
    dW_h = np.empty((n_h, n_x), dtype)
    # grad(W_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_h)

    return Params(W_h=dW_h, W_z=dW_z, u_h=du_h, u_z=du_z, b_h=db_h, b_z=db_z, V=dV, c=dc)


def init_state(
    params: Params, *, h0: np.ndarray | None = None, z0: np.ndarray | None = None, batch: int | None = None
) -> State:
    """The state before the first step; of one example where `batch` is None.

    h0  (B, n_h)  real  h[0]; 0 where not given
    z0  (B, n_z)  real  z[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, h0, z0, dtype, single, n_h, n_x, n_z, n_y, B = _initial_arguments(params, h0, z0, batch)

    # h[0] = 0
    h_prev = h0.copy()
    # z[0] = 0
    z_prev = z0.copy()

    if single:
        h_prev = h_prev[0]
        z_prev = z_prev[0]
    return State(h=h_prev, z=z_prev)


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real  what is read at each step

    Data without the axis B are one example.
    """
    params, x, h_prev, z_prev, dtype, single, n_h, n_x, n_z, n_y, B = _step_arguments(params, state, x)
    W_h, W_z, u_h, u_z, b_h, b_z, V, c = params

    # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
    h_arg = x @ W_h.T
    h_arg += h_prev * u_h
    h_arg += b_h
    # h[t] = relu(W_h @ x[t] + u_h * h[t-1] + b_h)
    h = np.maximum(h_arg, 0)
    # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
    z_arg = h @ W_z.T
    z_arg += u_z * z_prev
    z_arg += b_z
    # z[t] = relu(W_z @ h[t] + u_z * z[t-1] + b_z)
    z = np.maximum(z_arg, 0)
    # o[t] = c + V @ z[t]
    o = z @ V.T
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])

    if single:
        h = h[0]
        z = z[0]
        o = o[0]
        yhat = yhat[0]
    result = State(h=h, z=z)
    return result, Outputs(h=h, z=z, o=o, yhat=yhat)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.h.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.h.ndim < 3 else forward.h.shape[1], forward.h.ndim < 3, 1
    )
    return State(h=_last(forward.h, 0, 1, 1, lengths), z=_last(forward.z, 0, 1, 1, lengths))


def _forward_padded(params, x, y, h0, z0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, h0, z0, dtype, single, n_h, n_x, n_z, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, z0, lengths)
    W_h, W_z, u_h, u_z, b_h, b_z, V, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_z), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_h.T, out=h_arg.reshape(-1, n_h))
    h_arg += b_h
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    h_at = list(h)
    h_arg_at = list(h_arg)
    for t in range(1, T + 1):
        # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
        np.multiply(h_at[t - 1], u_h, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = relu(W_h @ x[t] + u_h * h[t-1] + b_h)
        np.maximum(h_arg_at[t - 1], 0, out=tmp0)
        h[t] = np.where((t <= T_own)[:, None], tmp0, h[t - 1])
    z_arg = np.empty((T, B, n_z), dtype)
    # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
    np.matmul(h[1:].reshape(-1, n_h), W_z.T, out=z_arg.reshape(-1, n_z))
    z_arg += b_z
    z = np.empty((T + 1, B, n_z), dtype)
    # z[0] = 0
    z[0] = z0
    z_at = list(z)
    z_arg_at = list(z_arg)
    for t in range(1, T + 1):
        # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
        np.multiply(z_at[t - 1], u_z, out=tmp1)
        z_arg_at[t - 1] += tmp1
        # z[t] = relu(W_z @ h[t] + u_z * z[t-1] + b_z)
        np.maximum(z_arg_at[t - 1], 0, out=tmp1)
        z[t] = np.where((t <= T_own)[:, None], tmp1, z[t - 1])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = c + V @ z[t]
    np.matmul(z[1:].reshape(-1, n_z), V.T, out=o.reshape(-1, n_y))
    o += c
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((B, T), dtype)
        tmp_3_1 = np.empty((B, T), dtype)
        tmp_3_2 = np.empty((B, T), dtype)
        # loss = sum(-log(yhat[t, y[t]]), t)
        tmp_3_1[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
        tmp_3_2[...] = o[np.arange(T)[:, None], np.arange(B), y].T
        tmp_3_0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp_3_2, 0)
        np.subtract(tmp_3_1, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
    else:
        loss = None

    if single:
        h = h[:, 0]
        z = z[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(h=h, z=z, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, h0, z0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, h0, z0, dtype, single, n_h, n_x, n_z, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, z0, lengths, whole=True)
    W_h, W_z, u_h, u_z, b_h, b_z, V, c = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, h_arg, h, h_at, h_arg_at, z_arg, z, z_at, z_arg_at, o, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_y, n_h, n_z, B, dtype)
    # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_h.T, out=h_arg.reshape(-1, n_h))
    h_arg += b_h
    # h[0] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
        np.multiply(h_at[t - 1], u_h, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = relu(W_h @ x[t] + u_h * h[t-1] + b_h)
        np.maximum(h_arg_at[t - 1], 0, out=tmp0)
        h[t] = np.where((t <= T_own)[:, None], tmp0, h[t - 1])
    # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
    np.matmul(h[1:].reshape(-1, n_h), W_z.T, out=z_arg.reshape(-1, n_z))
    z_arg += b_z
    # z[0] = 0
    z[0] = z0
    for t in range(1, T + 1):
        # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
        np.multiply(z_at[t - 1], u_z, out=tmp1)
        z_arg_at[t - 1] += tmp1
        # z[t] = relu(W_z @ h[t] + u_z * z[t-1] + b_z)
        np.maximum(z_arg_at[t - 1], 0, out=tmp1)
        z[t] = np.where((t <= T_own)[:, None], tmp1, z[t - 1])
    # o[t] = c + V @ z[t]
    np.matmul(z[1:].reshape(-1, n_z), V.T, out=o.reshape(-1, n_y))
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp5[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp3[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp5, 0)
    np.subtract(tmp4, tmp3, out=tmp3)
    loss = tmp3.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, h0, z0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h0, z0, dtype, single, n_h, n_x, n_z, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, z0, lengths, whole=True)
    W_h, W_z, u_h, u_z, b_h, b_z, V, c = params
    wrt = _asked(wrt, ("x", "h0", "z0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, h_arg, h, h_at, h_arg_at, z_arg, z, z_at, z_arg_at, o, yhat_lse, largest,
        yhat, tmp6, do, rows, flat, entries, dc, dV, dz, dz_arg, dz_arg_at, dz_at, number, du_z, db_z, dW_z, dh, dh_arg,
        dh_arg_at, dh_at, du_h, db_h, dW_h,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, n_z, B, dtype)
    # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_h.T, out=h_arg.reshape(-1, n_h))
    h_arg += b_h
    # h[0] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
        np.multiply(h_at[t - 1], u_h, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = relu(W_h @ x[t] + u_h * h[t-1] + b_h)
        np.maximum(h_arg_at[t - 1], 0, out=tmp0)
        h[t] = np.where((t <= T_own)[:, None], tmp0, h[t - 1])
    # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
    np.matmul(h[1:].reshape(-1, n_h), W_z.T, out=z_arg.reshape(-1, n_z))
    z_arg += b_z
    # z[0] = 0
    z[0] = z0
    for t in range(1, T + 1):
        # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
        np.multiply(z_at[t - 1], u_z, out=tmp1)
        z_arg_at[t - 1] += tmp1
        # z[t] = relu(W_z @ h[t] + u_z * z[t-1] + b_z)
        np.maximum(z_arg_at[t - 1], 0, out=tmp1)
        z[t] = np.where((t <= T_own)[:, None], tmp1, z[t - 1])
    # o[t] = c + V @ z[t]
    np.matmul(z[1:].reshape(-1, n_z), V.T, out=o.reshape(-1, n_y))
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(o, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp5[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp3[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp5, 0)
    np.subtract(tmp4, tmp3, out=tmp3)
    loss = tmp3.sum()
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp6[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp6[:, :, None], yhat, out=do)
    tmp6[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp6, out=tmp6)
    _add_to(do, y, rows, flat, entries, tmp6)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), z[t]), t)
    np.matmul(do.reshape(-1, n_y).T, z[1:].reshape(-1, n_z), out=dV)
    # grad(z[t]) = same_window(t, maximum(t - 1, 0), window.T) * u_z * grad(z.arg[t+1]) + V.T @
    #     grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dz[1:].reshape(-1, n_z))
    # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z[t])
    np.less(0, z_arg[T - 1], out=dz_arg[T - 1])
    dz_arg[T - 1] *= dz[T]
    for t in range(T - 1, 0, -1):
        # grad(z[t]) = same_window(t, maximum(t - 1, 0), window.T) * u_z * grad(z.arg[t+1]) + V.T @
        #     grad(o[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dz_arg_at[t], out=tmp1)
        tmp1 *= u_z
        dz_at[t] += tmp1
        # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z[t])
        np.less(number, z_arg_at[t - 1], out=dz_arg_at[t - 1])
        dz_arg_at[t - 1] *= dz_at[t]
    # grad(u_z) = sum(z[t-1] * grad(z.arg[t]), t)
    du_z[...] = np.einsum("tbi,tbi->i", dz_arg, z[:T])
    # grad(b_z) = sum(grad(z.arg[t]), t)
    np.add.reduce(dz_arg, axis=(0, 1), out=db_z)
    # grad(W_z) = sum(outer(grad(z.arg[t]), h[t]), t)
    np.matmul(dz_arg.reshape(-1, n_z).T, h[1:].reshape(-1, n_h), out=dW_z)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * u_h * grad(h.arg[t+1]) + W_z.T @
    #     grad(z.arg[t]), t < T
    np.matmul(dz_arg.reshape(-1, n_z), W_z, out=dh[1:].reshape(-1, n_h))
    # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
    np.less(0, h_arg[T - 1], out=dh_arg[T - 1])
    dh_arg[T - 1] *= dh[T]
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * u_h * grad(h.arg[t+1]) + W_z.T @
        #     grad(z.arg[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dh_arg_at[t], out=tmp0)
        tmp0 *= u_h
        dh_at[t] += tmp0
        # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
        np.less(number, h_arg_at[t - 1], out=dh_arg_at[t - 1])
        dh_arg_at[t - 1] *= dh_at[t]
    # grad(u_h) = sum(h[t-1] * grad(h.arg[t]), t)
    du_h[...] = np.einsum("tbi,tbi->i", dh_arg, h[:T])
    # grad(b_h) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db_h)
    # grad(W_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_h)
    if "z0" in wrt:
        # grad(z[0]) = u_z * grad(z.arg[1])
        np.multiply(dz_arg[0], u_z, out=dz[0])
        dz0 = np.empty((B, n_z), dtype)
        # grad(z.0) = grad(z[0])
        dz0[...] = dz[0]
    if "h0" in wrt:
        # grad(h[0]) = u_h * grad(h.arg[1])
        np.multiply(dh_arg[0], u_h, out=dh[0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = W_h.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), W_h, out=dx.reshape(-1, n_x))

    gradient = Params(W_h=dW_h, W_z=dW_z, u_h=du_h, u_z=du_z, b_h=db_h, b_z=db_z, V=dV, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "z0" in wrt:
        result["z0"] = dz0[0] if single else dz0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h, z, yhat, dtype, single, n_h, n_x, n_z, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    W_h, W_z, u_h, u_z, b_h, b_z, V, c = params
    window_T = _window(window, "T", ("T",), T)

    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_z), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_h.T, out=h_arg.reshape(-1, n_h))
    np.multiply(h[:T], u_h, out=tmp0)
    h_arg += tmp0
    h_arg += b_h
    z_arg = np.empty((T, B, n_z), dtype)
    # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
    np.matmul(h[1:].reshape(-1, n_h), W_z.T, out=z_arg.reshape(-1, n_z))
    np.multiply(z[:T], u_z, out=tmp1)
    z_arg += tmp1
    z_arg += b_z
    tmp2 = np.empty((T, B), dtype)
    tmp3 = np.empty((B, n_z), dtype)
    tmp4 = np.empty((B, n_h), dtype)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp2[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp2[:, :, None], yhat, out=do)
    tmp2[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp2, out=tmp2)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, tmp2)
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    dV = np.empty((n_y, n_z), dtype)
    # grad(V) = sum(outer(grad(o[t]), z[t]), t)
    np.matmul(do.reshape(-1, n_y).T, z[1:].reshape(-1, n_z), out=dV)
    dz = np.empty((T, B, n_z), dtype)
    # grad(z[t]) = same_window(t, maximum(t - 1, 0), window.T) * u_z * grad(z.arg[t+1]) + V.T @
    #     grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dz.reshape(-1, n_z))
    dz_arg = np.empty((T, B, n_z), dtype)
    # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z[t])
    np.less(0, z_arg[T - 1], out=dz_arg[T - 1])
    dz_arg[T - 1] *= dz[T - 1]
    dz_arg_at = list(dz_arg)
    dz_at = list(dz)
    number = np.array(0, dtype)
    z_arg_at = list(z_arg)
    for t in range(T - 1, 0, -1):
        # grad(z[t]) = same_window(t, maximum(t - 1, 0), window.T) * u_z * grad(z.arg[t+1]) + V.T @
        #     grad(o[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dz_arg_at[t], out=tmp3)
        tmp3 *= u_z
        dz_at[t - 1] += tmp3
        # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z[t])
        np.less(number, z_arg_at[t - 1], out=dz_arg_at[t - 1])
        dz_arg_at[t - 1] *= dz_at[t - 1]
    du_z = np.empty((n_z,), dtype)
    # grad(u_z) = sum(z[t-1] * grad(z.arg[t]), t)
    du_z[...] = np.einsum("tbi,tbi->i", dz_arg, z[:T])
    db_z = np.empty((n_z,), dtype)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    np.add.reduce(dz_arg, axis=(0, 1), out=db_z)
    dW_z = np.empty((n_z, n_h), dtype)
    # grad(W_z) = sum(outer(grad(z.arg[t]), h[t]), t)
    np.matmul(dz_arg.reshape(-1, n_z).T, h[1:].reshape(-1, n_h), out=dW_z)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * u_h * grad(h.arg[t+1]) + W_z.T @
    #     grad(z.arg[t]), t < T
    np.matmul(dz_arg.reshape(-1, n_z), W_z, out=dh.reshape(-1, n_h))
    dh_arg = np.empty((T, B, n_h), dtype)
    # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
    np.less(0, h_arg[T - 1], out=dh_arg[T - 1])
    dh_arg[T - 1] *= dh[T - 1]
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_at = list(h_arg)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * u_h * grad(h.arg[t+1]) + W_z.T @
        #     grad(z.arg[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dh_arg_at[t], out=tmp4)
        tmp4 *= u_h
        dh_at[t - 1] += tmp4
        # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
        np.less(number, h_arg_at[t - 1], out=dh_arg_at[t - 1])
        dh_arg_at[t - 1] *= dh_at[t - 1]
    du_h = np.empty((n_h,), dtype)
    # grad(u_h) = sum(h[t-1] * grad(h.arg[t]), t)
    du_h[...] = np.einsum("tbi,tbi->i", dh_arg, h[:T])
    db_h = np.empty((n_h,), dtype)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db_h)
    dW_h = np.empty((n_h, n_x), dtype)
    # grad(W_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_h)

    return Params(W_h=dW_h, W_z=dW_z, u_h=du_h, u_z=du_z, b_h=db_h, b_z=db_z, V=dV, c=dc)


def _loss_and_grad_checkpointed(params, x, y, h0, z0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, h0, z0, dtype, single, n_h, n_x, n_z, n_y, T, B = _arguments(params, x, y, h0, z0, whole=True)
    W_h, W_z, u_h, u_z, b_h, b_z, V, c = params
    wrt = _asked(wrt, ("x", "h0", "z0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        h0_kept, h_left1, z0_kept, z_left1, dW_h, dW_z, du_h, du_z, db_h, db_z, dV, dc,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_h, n_z, B, dtype)
    h0_kept[0] = h0
    z0_kept[0] = z0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x[first:last],
            h0_kept[n],
            z0_kept[n],
            last - first,
            n_x,
            n_h,
            n_z,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        h0_kept[n + 1], z0_kept[n + 1] = found
    loss = 0.0
    for total in (h_left1, z_left1, dW_h, dW_z, du_h, du_z, db_h, db_z, dV, dc):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            h_left1,
            z_left1,
            x[first:last],
            y[first:last],
            h0_kept[n],
            z0_kept[n],
            last - first,
            n_x,
            n_y,
            n_h,
            n_z,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dh0, dz0, dx_part = found
        loss += float(loss_part)
        _add_each((dW_h, dW_z, du_h, du_z, db_h, db_z, dV, dc), parts)
        h_left1[...] = dh0
        z_left1[...] = dz0
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(W_h=dW_h, W_z=dW_z, u_h=du_h, u_z=du_z, b_h=db_h, b_z=db_z, V=dV, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "z0" in wrt:
        result["z0"] = dz0[0] if single else dz0
    return float(loss), gradient, result


def _segment(params, h_left1, z_left1, x, y, h0, z0, T, n_x, n_y, n_h, n_z, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    W_h, W_z, u_h, u_z, b_h, b_z, V, c = params

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, h, h_at, h_arg_at, z_arg, z, z_at, z_arg_at, o, yhat_lse, largest, rows, flat,
        do, entries, dc, dV, dz, dz_arg, dz_arg_at, dz_at, number, du_z, db_z, dW_z, dh, dh_arg, dh_arg_at, dh_at, du_h,
        db_h, dW_h, dz0, dh0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, n_z, B, dtype)
    # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_h.T, out=h_arg.reshape(-1, n_h))
    h_arg += b_h
    # h[0] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
        np.multiply(h_at[t - 1], u_h, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = relu(W_h @ x[t] + u_h * h[t-1] + b_h)
        np.maximum(h_arg_at[t - 1], 0, out=h_at[t])
    # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
    np.matmul(h[1:].reshape(-1, n_h), W_z.T, out=z_arg.reshape(-1, n_z))
    z_arg += b_z
    # z[0] = 0
    z[0] = z0
    for t in range(1, T + 1):
        # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
        np.multiply(z_at[t - 1], u_z, out=tmp1)
        z_arg_at[t - 1] += tmp1
        # z[t] = relu(W_z @ h[t] + u_z * z[t-1] + b_z)
        np.maximum(z_arg_at[t - 1], 0, out=z_at[t])
    # o[t] = c + V @ z[t]
    np.matmul(z[1:].reshape(-1, n_z), V.T, out=o.reshape(-1, n_y))
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    # grad(o[t]) = softmax(o[t]) - onehot(y[t])
    np.subtract(o, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=do)
    _add_to(do, y, rows, flat, entries, -1)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), z[t]), t)
    np.matmul(do.reshape(-1, n_y).T, z[1:].reshape(-1, n_z), out=dV)
    # grad(z[t]) = u_z * grad(z.arg[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dz[1:].reshape(-1, n_z))
    # grad(z[T]) = z.left1 + V.T @ grad(o[T])
    dz[T] += z_left1
    # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z[t])
    np.less(0, z_arg[T - 1], out=dz_arg[T - 1])
    dz_arg[T - 1] *= dz[T]
    for t in range(T - 1, 0, -1):
        # grad(z[t]) = u_z * grad(z.arg[t+1]) + V.T @ grad(o[t]), t < T
        np.multiply(dz_arg_at[t], u_z, out=tmp1)
        dz_at[t] += tmp1
        # grad(z.arg[t]) = where(0 < z.arg[t], 1, 0) * grad(z[t])
        np.less(number, z_arg_at[t - 1], out=dz_arg_at[t - 1])
        dz_arg_at[t - 1] *= dz_at[t]
    # grad(z[t]) = u_z * grad(z.arg[t+1]) + V.T @ grad(o[t]), t < T
    np.multiply(dz_arg[0], u_z, out=dz[0])
    # grad(u_z) = sum(z[t-1] * grad(z.arg[t]), t)
    du_z[...] = np.einsum("tbi,tbi->i", dz_arg, z[:T])
    # grad(b_z) = sum(grad(z.arg[t]), t)
    np.add.reduce(dz_arg, axis=(0, 1), out=db_z)
    # grad(W_z) = sum(outer(grad(z.arg[t]), h[t]), t)
    np.matmul(dz_arg.reshape(-1, n_z).T, h[1:].reshape(-1, n_h), out=dW_z)
    # grad(h[t]) = u_h * grad(h.arg[t+1]) + W_z.T @ grad(z.arg[t]), t < T
    np.matmul(dz_arg.reshape(-1, n_z), W_z, out=dh[1:].reshape(-1, n_h))
    # grad(h[T]) = h.left1 + W_z.T @ grad(z.arg[T])
    dh[T] += h_left1
    # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
    np.less(0, h_arg[T - 1], out=dh_arg[T - 1])
    dh_arg[T - 1] *= dh[T]
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = u_h * grad(h.arg[t+1]) + W_z.T @ grad(z.arg[t]), t < T
        np.multiply(dh_arg_at[t], u_h, out=tmp0)
        dh_at[t] += tmp0
        # grad(h.arg[t]) = where(0 < h.arg[t], 1, 0) * grad(h[t])
        np.less(number, h_arg_at[t - 1], out=dh_arg_at[t - 1])
        dh_arg_at[t - 1] *= dh_at[t]
    # grad(h[t]) = u_h * grad(h.arg[t+1]) + W_z.T @ grad(z.arg[t]), t < T
    np.multiply(dh_arg[0], u_h, out=dh[0])
    # grad(u_h) = sum(h[t-1] * grad(h.arg[t]), t)
    du_h[...] = np.einsum("tbi,tbi->i", dh_arg, h[:T])
    # grad(b_h) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db_h)
    # grad(W_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_h)
    # grad(z.0) = grad(z[0])
    dz0[...] = dz[0]
    # grad(h.0) = grad(h[0])
    dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = W_h.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), W_h, out=dx.reshape(-1, n_x))

    return loss, (dW_h, dW_z, du_h, du_z, db_h, db_z, dV, dc), dh0, dz0, dx if "x" in wrt else None


def _advance(params, x, h0, z0, T, n_x, n_h, n_z, B, dtype, workspace):
    """The state after a segment."""
    W_h, W_z, u_h, u_z, b_h, b_z, V, c = params

    (
        tmp0, tmp1, h_arg, h, h_at, h_arg_at, z_arg, z, z_at, z_arg_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_h, n_z, B, dtype)
    # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_h.T, out=h_arg.reshape(-1, n_h))
    h_arg += b_h
    # h[0] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h.arg[t] = W_h @ x[t] + u_h * h[t-1] + b_h
        np.multiply(h_at[t - 1], u_h, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = relu(W_h @ x[t] + u_h * h[t-1] + b_h)
        np.maximum(h_arg_at[t - 1], 0, out=h_at[t])
    # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
    np.matmul(h[1:].reshape(-1, n_h), W_z.T, out=z_arg.reshape(-1, n_z))
    z_arg += b_z
    # z[0] = 0
    z[0] = z0
    for t in range(1, T + 1):
        # z.arg[t] = W_z @ h[t] + u_z * z[t-1] + b_z
        np.multiply(z_at[t - 1], u_z, out=tmp1)
        z_arg_at[t - 1] += tmp1
        # z[t] = relu(W_z @ h[t] + u_z * z[t-1] + b_z)
        np.maximum(z_arg_at[t - 1], 0, out=z_at[t])

    return h[-1], z[-1]


def _loss_arrays(T, n_y, n_h, n_z, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_z), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    z_arg = np.empty((T, B, n_z), dtype)
    z = np.empty((T + 1, B, n_z), dtype)
    z_at = list(z)
    z_arg_at = list(z_arg)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return tmp0, tmp1, tmp2, tmp3, h_arg, h, h_at, h_arg_at, z_arg, z, z_at, z_arg_at, o, yhat_lse, largest, rows, flat


def _loss_and_grad_arrays(T, n_x, n_y, n_h, n_z, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_z), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    z_arg = np.empty((T, B, n_z), dtype)
    z = np.empty((T + 1, B, n_z), dtype)
    z_at = list(z)
    z_arg_at = list(z_arg)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    do = yhat
    entries = np.empty((T, B), dtype)
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_z), dtype)
    dz = np.empty((T + 1, B, n_z), dtype)
    dz_arg = np.empty((T, B, n_z), dtype)
    dz_arg_at = list(dz_arg)
    dz_at = list(dz)
    number = np.array(0, dtype)
    du_z = np.empty((n_z,), dtype)
    db_z = np.empty((n_z,), dtype)
    dW_z = np.empty((n_z, n_h), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = np.empty((T, B, n_h), dtype)
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    du_h = np.empty((n_h,), dtype)
    db_h = np.empty((n_h,), dtype)
    dW_h = np.empty((n_h, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, h_arg, h, h_at, h_arg_at, z_arg, z, z_at, z_arg_at, o, yhat_lse, largest, yhat, rows,
        flat, do, entries, dc, dV, dz, dz_arg, dz_arg_at, dz_at, number, du_z, db_z, dW_z, dh, dh_arg, dh_arg_at, dh_at,
        du_h, db_h, dW_h,
    )


def _loss_padded_arrays(T, n_y, n_h, n_z, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_z), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((B, T), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    z_arg = np.empty((T, B, n_z), dtype)
    z = np.empty((T + 1, B, n_z), dtype)
    z_at = list(z)
    z_arg_at = list(z_arg)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, h_arg, h, h_at, h_arg_at, z_arg, z, z_at, z_arg_at, o, yhat_lse, largest


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, n_z, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_z), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((B, T), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    z_arg = np.empty((T, B, n_z), dtype)
    z = np.empty((T + 1, B, n_z), dtype)
    z_at = list(z)
    z_arg_at = list(z_arg)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp6 = yhat_lse
    do = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_z), dtype)
    dz = np.empty((T + 1, B, n_z), dtype)
    dz_arg = np.empty((T, B, n_z), dtype)
    dz_arg_at = list(dz_arg)
    dz_at = list(dz)
    number = np.array(0, dtype)
    du_z = np.empty((n_z,), dtype)
    db_z = np.empty((n_z,), dtype)
    dW_z = np.empty((n_z, n_h), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = np.empty((T, B, n_h), dtype)
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    du_h = np.empty((n_h,), dtype)
    db_h = np.empty((n_h,), dtype)
    dW_h = np.empty((n_h, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, h_arg, h, h_at, h_arg_at, z_arg, z, z_at, z_arg_at, o, yhat_lse, largest,
        yhat, tmp6, do, rows, flat, entries, dc, dV, dz, dz_arg, dz_arg_at, dz_at, number, du_z, db_z, dW_z, dh, dh_arg,
        dh_arg_at, dh_at, du_h, db_h, dW_h,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, n_z, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    h0_kept = np.empty((count, B, n_h), dtype)
    h_left1 = np.empty((B, n_h), dtype)
    z0_kept = np.empty((count, B, n_z), dtype)
    z_left1 = np.empty((B, n_z), dtype)
    dW_h = np.empty((n_h, n_x), dtype)
    dW_z = np.empty((n_z, n_h), dtype)
    du_h = np.empty((n_h,), dtype)
    du_z = np.empty((n_z,), dtype)
    db_h = np.empty((n_h,), dtype)
    db_z = np.empty((n_z,), dtype)
    dV = np.empty((n_y, n_z), dtype)
    dc = np.empty((n_y,), dtype)
    return h0_kept, h_left1, z0_kept, z_left1, dW_h, dW_z, du_h, du_z, db_h, db_z, dV, dc


def _segment_arrays(T, n_x, n_y, n_h, n_z, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_z), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    z_arg = np.empty((T, B, n_z), dtype)
    z = np.empty((T + 1, B, n_z), dtype)
    z_at = list(z)
    z_arg_at = list(z_arg)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    do = o
    entries = np.empty((T, B), dtype)
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_z), dtype)
    dz = np.empty((T + 1, B, n_z), dtype)
    dz_arg = np.empty((T, B, n_z), dtype)
    dz_arg_at = list(dz_arg)
    dz_at = list(dz)
    number = np.array(0, dtype)
    du_z = np.empty((n_z,), dtype)
    db_z = np.empty((n_z,), dtype)
    dW_z = np.empty((n_z, n_h), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = np.empty((T, B, n_h), dtype)
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    du_h = np.empty((n_h,), dtype)
    db_h = np.empty((n_h,), dtype)
    dW_h = np.empty((n_h, n_x), dtype)
    dz0 = tmp1
    dh0 = tmp0
    return (
        tmp0, tmp1, tmp2, tmp3, h_arg, h, h_at, h_arg_at, z_arg, z, z_at, z_arg_at, o, yhat_lse, largest, rows, flat,
        do, entries, dc, dV, dz, dz_arg, dz_arg_at, dz_at, number, du_z, db_z, dW_z, dh, dh_arg, dh_arg_at, dh_at, du_h,
        db_h, dW_h, dz0, dh0,
    )


def _advance_arrays(T, n_h, n_z, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_z), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    z_arg = np.empty((T, B, n_z), dtype)
    z = np.empty((T + 1, B, n_z), dtype)
    z_at = list(z)
    z_arg_at = list(z_arg)
    return tmp0, tmp1, h_arg, h, h_at, h_arg_at, z_arg, z, z_at, z_arg_at


def _arguments(params, x, y, h0, z0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_z, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_h")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_h")
        if single:
            h0 = h0[None]
    if z0 is None:
        z0 = np.zeros((B, n_z), dtype)
    else:
        z0 = _real("z0", z0, dtype)
        _expect("z0", z0, (*batch_axis, n_z), ("B", "n_z"), "B from x, n_z from W_z")
        if single:
            z0 = z0[None]
    return params, x, y, h0, z0, dtype, single, n_h, n_x, n_z, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_z, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    z = _real("forward.z", forward.z, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_h")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_h")
    _expect("forward.z", z, (T + 1, *batch_axis, n_z), ("T + 1", "B", "n_z"), "T and B from x, n_z from W_z")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        h = h[:, None]
        z = z[:, None]
        yhat = yhat[:, None]
    return params, x, y, h, z, yhat, dtype, single, n_h, n_x, n_z, n_y, T, B


def _initial_arguments(params, h0, z0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_z, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_h")
        if single:
            h0 = h0[None]
    if z0 is None:
        z0 = np.zeros((B, n_z), dtype)
    else:
        z0 = _real("z0", z0, dtype)
        _expect("z0", z0, (*batch_axis, n_z), ("B", "n_z"), "B from batch, n_z from W_z")
        if single:
            z0 = z0[None]
    return params, h0, z0, dtype, single, n_h, n_x, n_z, n_y, B


def _step_arguments(params, state, x):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_z, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    h_prev = _real("state.h", state.h, dtype)
    z_prev = _real("state.z", state.z, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from W_h")
    _expect("state.h", h_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_h")
    _expect("state.z", z_prev, (*batch_axis, n_z), ("B", "n_z"), "B from x, n_z from W_z")
    if single:
        x = x[None]
        h_prev = h_prev[None]
        z_prev = z_prev[None]
    return params, x, h_prev, z_prev, dtype, single, n_h, n_x, n_z, n_y, B


def _padded_arguments(params, x, y, h0, z0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_z, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_h")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        if single:
            y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_h")
        if single:
            h0 = h0[None]
    if z0 is None:
        z0 = np.zeros((B, n_z), dtype)
    else:
        z0 = _real("z0", z0, dtype)
        _expect("z0", z0, (*batch_axis, n_z), ("B", "n_z"), "B from x, n_z from W_z")
        if single:
            z0 = z0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h0, z0, dtype, single, n_h, n_x, n_z, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_z, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    z = _real("forward.z", forward.z, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_h")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_h")
    _expect("forward.z", z, (T + 1, *batch_axis, n_z), ("T + 1", "B", "n_z"), "T and B from x, n_z from W_z")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[:, None]
        h = h[:, None]
        z = z[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h, z, yhat, dtype, single, n_h, n_x, n_z, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    W_h, W_z, u_h, u_z, b_h, b_z, V, c = params
    _rank("W_h", W_h, ("n_h", "n_x"))
    n_h, n_x = W_h.shape
    _rank("W_z", W_z, ("n_z", "n_h"))
    n_z = W_z.shape[0]
    _rank("V", V, ("n_y", "n_z"))
    n_y = V.shape[0]
    _expect("W_z", W_z, (n_z, n_h), ("n_z", "n_h"), "n_h from W_h")
    _expect("u_h", u_h, (n_h,), ("n_h",), "n_h from W_h")
    _expect("u_z", u_z, (n_z,), ("n_z",), "n_z from W_z")
    _expect("b_h", b_h, (n_h,), ("n_h",), "n_h from W_h")
    _expect("b_z", b_z, (n_z,), ("n_z",), "n_z from W_z")
    _expect("V", V, (n_y, n_z), ("n_y", "n_z"), "n_z from W_z")
    _expect("c", c, (n_y,), ("n_y",), "n_y from V")
    return params, dtype, n_h, n_x, n_z, n_y


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
