# Written by derive from jordan.eq; do not edit.
# Change jordan.eq instead, and run: derive generate jordan
# source 7943513d526527a3, derive 07e8f9d843407be1, body e984690b3eee0db9
"""Jordan network: context units keep a running average of the network's own outputs, and the hidden layer reads them.

Jordan (1986), Serial Order: A Parallel Distributed Processing Approach (ICS Report 8604).

The equations::

    x: Input[T, n_x]          # what is read at each step, the plan
    y: Target[T, n_y]         # the values to predict at each step
    U: Param[n_h, n_x]        # input to hidden
    W: Param[n_h, n_y]        # context to hidden
    V: Param[n_y, n_h]        # hidden to output
    b: Param[n_h]
    d: Param[n_y]
    mu: Const = 0.5           # how much of the context remains

    c[0] = 0
    o[0] = 0
    c[t] = mu * c[t-1] + o[t-1]                     # context units
    h[t] = sigmoid(b + W @ c[t] + U @ x[t])
    o[t] = d + V @ h[t]
    loss = sum(sum((y[t] - o[t])**2), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    U: np.ndarray  # (n_h, n_x)  input to hidden
    W: np.ndarray  # (n_h, n_y)  context to hidden
    V: np.ndarray  # (n_y, n_h)  hidden to output
    b: np.ndarray  # (n_h)
    d: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    c: np.ndarray  # (T + 1, B, n_y)  context units
    h: np.ndarray  # (T, B, n_h)
    o: np.ndarray  # (T + 1, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    c: np.ndarray  # (B, n_y)  context units
    o: np.ndarray  # (B, n_y)


class Outputs(NamedTuple):
    """The variables at one step."""

    c: np.ndarray  # (B, n_y)  context units
    h: np.ndarray  # (B, n_h)
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
        W=(rng.standard_normal((n_h, n_y)) / np.sqrt(n_y)).astype(dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        b=np.zeros((n_h,), dtype),
        d=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    mu: float = 0.5,
    c0: np.ndarray | None = None,
    o0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real   what is read at each step, the plan
    y        (T, B, n_y)  real   the values to predict at each step
    mu       number       real   how much of the context remains
    c0       (B, n_y)     real   c[0]; 0 where not given
    o0       (B, n_y)     real   o[0]; 0 where not given
    state                 State  what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T   each example's own number of steps, what is given beyond is not read; all where not
                                 given

    Data without the axis B are one example.
    """
    if state is not None:
        c0, o0 = _resumed(state, ("c", "o"), (("c0", c0), ("o0", o0)))
    if lengths is not None:
        return _forward_padded(params, x, y, mu, c0, o0, lengths)
    params, x, y, mu, c0, o0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, mu, c0, o0)
    U, W, V, b, d = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = b + W @ c[t] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    c = np.empty((T + 1, B, n_y), dtype)
    # c[0] = 0
    c[0] = c0
    o = np.empty((T + 1, B, n_y), dtype)
    # o[0] = 0
    o[0] = o0
    # o[t] = d + V @ h[t]
    o[1:] = d
    h = np.empty((T, B, n_h), dtype)
    W_T = np.empty((n_y, n_h), dtype)
    W_T[...] = W.T
    V_T = np.empty((n_h, n_y), dtype)
    V_T[...] = V.T
    c_at = list(c)
    o_at = list(o)
    h_arg_at = list(h_arg)
    h_at = list(h)
    half = np.array(0.5, dtype)
    for t in range(1, T + 1):
        # c[t] = mu * c[t-1] + o[t-1]
        np.multiply(c_at[t - 1], mu, out=c_at[t])
        c_at[t] += o_at[t - 1]
        # h.arg[t] = b + W @ c[t] + U @ x[t]
        c_at[t].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = sigmoid(b + W @ c[t] + U @ x[t])
        _sigmoid(h_arg_at[t - 1], out=h_at[t - 1], half=half)
        # o[t] = d + V @ h[t]
        h_at[t - 1].dot(V_T, out=tmp1)
        o_at[t] += tmp1
    if y is not None:
        tmp_2_0 = np.empty((T, B, n_y), dtype)
        tmp_2_1 = np.empty((T, B, n_y), dtype)
        # loss = sum(sum((y[t] - o[t])**2), t)
        np.subtract(y, o[1:], out=tmp_2_1)
        np.square(tmp_2_1, out=tmp_2_0)
        loss = tmp_2_0.sum()
    else:
        loss = None

    if single:
        c = c[:, 0]
        h = h[:, 0]
        o = o[:, 0]
    return Forward(c=c, h=h, o=o, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    mu: float = 0.5,
    c0: np.ndarray | None = None,
    o0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real       what is read at each step, the plan
    y          (T, B, n_y)  real       the values to predict at each step
    mu         number       real       how much of the context remains
    c0         (B, n_y)     real       c[0]; 0 where not given
    o0         (B, n_y)     real       o[0]; 0 where not given
    workspace               Workspace  its arrays are used, and hold the results until its next call
    state                   State      what an earlier piece left, from last_state or step: the sequence goes on from
                                       there
    lengths    (B,)         1..T       each example's own number of steps, what is given beyond is not read; all where
                                       not given

    Data without the axis B are one example.
    """
    if state is not None:
        c0, o0 = _resumed(state, ("c", "o"), (("c0", c0), ("o0", o0)))
    if lengths is not None:
        return _loss_padded(params, x, y, mu, c0, o0, lengths, workspace)
    params, x, y, mu, c0, o0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, mu, c0, o0, whole=True)
    U, W, V, b, d = params

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, c, o, h, W_T, V_T, c_at, o_at, h_arg_at, half,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ c[t] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # c[0] = 0
    c[0] = c0
    # o[0] = 0
    o[0] = o0
    # o[t] = d + V @ h[t]
    o[1:] = d
    W_T[...] = W.T
    V_T[...] = V.T
    for t in range(1, T + 1):
        # c[t] = mu * c[t-1] + o[t-1]
        np.multiply(c_at[t - 1], mu, out=c_at[t])
        c_at[t] += o_at[t - 1]
        # h.arg[t] = b + W @ c[t] + U @ x[t]
        c_at[t].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = sigmoid(b + W @ c[t] + U @ x[t])
        _sigmoid(h_arg_at[t - 1], out=h, half=half)
        # o[t] = d + V @ h[t]
        h.dot(V_T, out=tmp1)
        o_at[t] += tmp1
    # loss = sum(sum((y[t] - o[t])**2), t)
    np.subtract(y, o[1:], out=tmp3)
    np.square(tmp3, out=tmp2)
    loss = tmp2.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    mu: float = 0.5,
    c0: np.ndarray | None = None,
    o0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x           (T, B, n_x)  real                       what is read at each step, the plan
    y           (T, B, n_y)  real                       the values to predict at each step
    mu          number       real                       how much of the context remains
    c0          (B, n_y)     real                       c[0]; 0 where not given
    o0          (B, n_y)     real                       o[0]; 0 where not given
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
        c0, o0 = _resumed(state, ("c", "o"), (("c0", c0), ("o0", o0)))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, mu, c0, o0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, mu, c0, o0, lengths, wrt, workspace, window)
    params, x, y, mu, c0, o0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, mu, c0, o0, whole=True)
    U, W, V, b, d = params
    wrt = _asked(wrt, ("x", "c0", "o0"))

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, c, o, h, W_T, V_T, c_at, o_at, h_arg_at, h_at, half, h_arg_factor, do, dh,
        dh_arg, dc, do_at, dc_at, h_arg_factor_at, dh_arg_at, dd, dV, db, dU, dW,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ c[t] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # c[0] = 0
    c[0] = c0
    # o[0] = 0
    o[0] = o0
    # o[t] = d + V @ h[t]
    o[1:] = d
    W_T[...] = W.T
    V_T[...] = V.T
    for t in range(1, T + 1):
        # c[t] = mu * c[t-1] + o[t-1]
        np.multiply(c_at[t - 1], mu, out=c_at[t])
        c_at[t] += o_at[t - 1]
        # h.arg[t] = b + W @ c[t] + U @ x[t]
        c_at[t].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = sigmoid(b + W @ c[t] + U @ x[t])
        _sigmoid(h_arg_at[t - 1], out=h_at[t - 1], half=half)
        # o[t] = d + V @ h[t]
        h_at[t - 1].dot(V_T, out=tmp1)
        o_at[t] += tmp1
    # loss = sum(sum((y[t] - o[t])**2), t)
    np.subtract(y, o[1:], out=tmp3)
    np.square(tmp3, out=tmp2)
    loss = tmp2.sum()
    # h.arg.factor[t] = h[t] * (1 - h[t])
    np.subtract(1, h, out=h_arg_factor)
    h_arg_factor *= h
    # grad(o[t]) = grad(c[t+1]) + 2 * o[t] - 2 * y[t], t < T
    np.multiply(y, -2, out=do[1:])
    np.multiply(o[1:], 2, out=tmp2)
    do[1:] += tmp2
    dh_arg.fill(0)
    dc.fill(0)
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(do[T], V, out=dh)
    # grad(h.arg[t]) = h[t] * (1 - h[t]) * grad(h[t])
    np.multiply(dh, h_arg_factor[T - 1], out=tmp0)
    dh_arg[T - 1] += tmp0
    if 2 <= T:
        # grad(c[t]) = mu * grad(c[t+1]) + W.T @ grad(h.arg[t]), t < T
        np.matmul(dh_arg[T - 1], W, out=tmp1)
        dc[T] += tmp1
    for t in range(T - 1, 1, -1):
        # grad(o[t]) = grad(c[t+1]) + 2 * o[t] - 2 * y[t], t < T
        do_at[t] += dc_at[t + 1]
        # grad(h[t]) = V.T @ grad(o[t])
        do_at[t].dot(V, out=dh)
        # grad(h.arg[t]) = h[t] * (1 - h[t]) * grad(h[t])
        np.multiply(dh, h_arg_factor_at[t - 1], out=tmp0)
        dh_arg_at[t - 1] += tmp0
        # grad(c[t]) = mu * grad(c[t+1]) + W.T @ grad(h.arg[t]), t < T
        dh_arg_at[t - 1].dot(W, out=tmp1)
        dc_at[t] += tmp1
        np.multiply(dc_at[t + 1], mu, out=tmp1)
        dc_at[t] += tmp1
    if 1 <= T - 1:
        # grad(o[t]) = grad(c[t+1]) + 2 * o[t] - 2 * y[t], t < T
        do[1] += dc[2]
        # grad(h[t]) = V.T @ grad(o[t])
        np.matmul(do[1], V, out=dh)
        # grad(h.arg[t]) = h[t] * (1 - h[t]) * grad(h[t])
        np.multiply(dh, h_arg_factor[0], out=tmp0)
        dh_arg[0] += tmp0
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do[1:], axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do[1:].reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[t]), c[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, c[1:].reshape(-1, n_y), out=dW)
    if "c0" in wrt or "o0" in wrt:
        tmp_4_0 = np.empty((1, B, n_y), dtype)
        tmp_4_1 = np.empty((min(1, T - 1), B, n_y), dtype)
        # grad(c[t]) = mu * grad(c[t+1]) + W.T @ grad(h.arg[t]), t < T
        np.matmul(dh_arg[:1].reshape(-1, n_h), W, out=tmp_4_0.reshape(-1, n_y))
        dc[1:2] += tmp_4_0
        np.multiply(dc[2:min(1, T - 1) + 2], mu, out=tmp_4_1)
        dc[1:min(1, T - 1) + 1] += tmp_4_1
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))
    if "c0" in wrt:
        tmp_4_0 = np.empty((1, B, n_y), dtype)
        # grad(c[t]) = mu * grad(c[t+1]) + W.T @ grad(h.arg[t]), t < T
        np.multiply(dc[1:2], mu, out=tmp_4_0)
        dc[:1] += tmp_4_0
        dc0 = np.empty((B, n_y), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    if "o0" in wrt:
        # grad(o[0]) = grad(c[1])
        do[0] = dc[1]
        do0 = np.empty((B, n_y), dtype)
        # grad(o.0) = grad(o[0])
        do0[...] = do[0]

    gradient = Params(U=dU, W=dW, V=dV, b=db, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    if "o0" in wrt:
        result["o0"] = do0[0] if single else do0
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    x: np.ndarray,
    y: np.ndarray,
    mu: float = 0.5,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    x        (T, B, n_x)  real               what is read at each step, the plan
    y        (T, B, n_y)  real               the values to predict at each step
    mu       number       real               how much of the context remains
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, mu, lengths, window)
    params, x, y, mu, c, h, o, dtype, single, n_h, n_x, n_y, T, B = _backward_arguments(params, forward, x, y, mu)
    U, W, V, b, d = params

    tmp0 = np.empty((T, B, n_y), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = grad(c[t+1]) + 2 * o[t] - 2 * y[t], t < T
    np.multiply(y, -2, out=do)
    np.multiply(o[1:], 2, out=tmp0)
    do += tmp0
    h_arg_factor = np.empty((T, B, n_h), dtype)
    # h.arg.factor[t] = h[t] * (1 - h[t])
    np.subtract(1, h, out=h_arg_factor)
    h_arg_factor *= h
    dh = np.empty((B, n_h), dtype)
    dh_arg = np.zeros((T, B, n_h), dtype)
    dc = np.zeros((T - 1, B, n_y), dtype)
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(do[T - 1], V, out=dh)
    # grad(h.arg[t]) = h[t] * (1 - h[t]) * grad(h[t])
    np.multiply(dh, h_arg_factor[T - 1], out=tmp1)
    dh_arg[T - 1] += tmp1
    if 2 <= T:
        # grad(c[t]) = mu * grad(c[t+1]) + W.T @ grad(h.arg[t]), t < T
        np.matmul(dh_arg[T - 1], W, out=dc[T - 2])
    do_at = list(do)
    dc_at = list(dc)
    h_arg_factor_at = list(h_arg_factor)
    dh_arg_at = list(dh_arg)
    for t in range(T - 1, 1, -1):
        # grad(o[t]) = grad(c[t+1]) + 2 * o[t] - 2 * y[t], t < T
        do_at[t - 1] += dc_at[t - 1]
        # grad(h[t]) = V.T @ grad(o[t])
        do_at[t - 1].dot(V, out=dh)
        # grad(h.arg[t]) = h[t] * (1 - h[t]) * grad(h[t])
        np.multiply(dh, h_arg_factor_at[t - 1], out=tmp1)
        dh_arg_at[t - 1] += tmp1
        # grad(c[t]) = mu * grad(c[t+1]) + W.T @ grad(h.arg[t]), t < T
        dh_arg_at[t - 1].dot(W, out=dc_at[t - 2])
        np.multiply(dc_at[t - 1], mu, out=tmp2)
        dc_at[t - 2] += tmp2
    if 1 <= T - 1:
        # grad(o[t]) = grad(c[t+1]) + 2 * o[t] - 2 * y[t], t < T
        do[0] += dc[0]
        # grad(h[t]) = V.T @ grad(o[t])
        np.matmul(do[0], V, out=dh)
        # grad(h.arg[t]) = h[t] * (1 - h[t]) * grad(h[t])
        np.multiply(dh, h_arg_factor[0], out=tmp1)
        dh_arg[0] += tmp1
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dd)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    dU = np.empty((n_h, n_x), dtype)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    dW = np.empty((n_h, n_y), dtype)
    # grad(W) = sum(outer(grad(h.arg[t]), c[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, c[1:].reshape(-1, n_y), out=dW)

    return Params(U=dU, W=dW, V=dV, b=db, d=dd)


def init_state(
    params: Params, *, c0: np.ndarray | None = None, o0: np.ndarray | None = None, batch: int | None = None
) -> State:
    """The state before the first step; of one example where `batch` is None.

    c0  (B, n_y)  real  c[0]; 0 where not given
    o0  (B, n_y)  real  o[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, c0, o0, dtype, single, n_h, n_x, n_y, B = _initial_arguments(params, c0, o0, batch)

    # c[0] = 0
    c_prev = c0.copy()
    # o[0] = 0
    o_prev = o0.copy()

    if single:
        c_prev = c_prev[0]
        o_prev = o_prev[0]
    return State(c=c_prev, o=o_prev)


def step(params: Params, state: State, *, x: np.ndarray, mu: float = 0.5) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x   (B, n_x)  real  what is read at each step, the plan
    mu  number    real  how much of the context remains

    Data without the axis B are one example.
    """
    params, x, mu, c_prev, o_prev, dtype, single, n_h, n_x, n_y, B = _step_arguments(params, state, x, mu)
    U, W, V, b, d = params

    # c[t] = mu * c[t-1] + o[t-1]
    c = c_prev * mu
    c += o_prev
    # h.arg[t] = b + W @ c[t] + U @ x[t]
    h_arg = x @ U.T
    h_arg += c @ W.T
    h_arg += b
    # h[t] = sigmoid(b + W @ c[t] + U @ x[t])
    h = _sigmoid(h_arg)
    # o[t] = d + V @ h[t]
    o = h @ V.T
    o += d

    if single:
        c = c[0]
        o = o[0]
        h = h[0]
    result = State(c=c, o=o)
    return result, Outputs(c=c, h=h, o=o)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.c.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.c.ndim < 3 else forward.c.shape[1], forward.c.ndim < 3, 1
    )
    return State(c=_last(forward.c, 0, 1, 1, lengths), o=_last(forward.o, 0, 1, 1, lengths))


def _forward_padded(params, x, y, mu, c0, o0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, mu, c0, o0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, mu, c0, o0, lengths)
    U, W, V, b, d = params

    tmp0 = np.empty((B, n_y), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = b + W @ c[t] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    o_inside = np.empty((T, B, n_y), dtype)
    # o[t] = d + V @ h[t]
    o_inside[...] = d
    c = np.empty((T + 1, B, n_y), dtype)
    # c[0] = 0
    c[0] = c0
    o = np.empty((T + 1, B, n_y), dtype)
    # o[0] = 0
    o[0] = o0
    h = np.empty((T, B, n_h), dtype)
    W_T = np.empty((n_y, n_h), dtype)
    W_T[...] = W.T
    V_T = np.empty((n_h, n_y), dtype)
    V_T[...] = V.T
    c_at = list(c)
    o_at = list(o)
    h_arg_at = list(h_arg)
    h_at = list(h)
    half = np.array(0.5, dtype)
    o_inside_at = list(o_inside)
    for t in range(1, T + 1):
        # c[t] = mu * c[t-1] + o[t-1]
        np.multiply(c_at[t - 1], mu, out=tmp0)
        tmp0 += o_at[t - 1]
        c[t] = np.where((t <= T_own)[:, None], tmp0, c[t - 1])
        # h.arg[t] = b + W @ c[t] + U @ x[t]
        c_at[t].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = sigmoid(b + W @ c[t] + U @ x[t])
        _sigmoid(h_arg_at[t - 1], out=h_at[t - 1], half=half)
        # o[t] = d + V @ h[t]
        h_at[t - 1].dot(V_T, out=tmp0)
        o_inside_at[t - 1] += tmp0
        o[t] = np.where((t <= T_own)[:, None], o_inside[t - 1], o[t - 1])
    if y is not None:
        tmp_2_0 = np.empty((T, B, n_y), dtype)
        tmp_2_1 = np.empty((T, B, n_y), dtype)
        tmp_2_2 = np.empty((B, T), dtype)
        loss_sum = np.empty((T, B), dtype)
        # loss.sum[t] = sum((y[t] - o[t])**2)
        np.subtract(y, o[1:], out=tmp_2_1)
        np.square(tmp_2_1, out=tmp_2_0)
        np.add.reduce(tmp_2_0, axis=2, out=loss_sum)
        # loss = sum(sum((y[t] - o[t])**2), t)
        tmp_2_2[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], loss_sum.T, 0)
        loss = tmp_2_2.sum()
    else:
        loss_sum = loss = None

    if single:
        c = c[:, 0]
        h = h[:, 0]
        o = o[:, 0]
    return Forward(c=c, h=h, o=o, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, mu, c0, o0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, mu, c0, o0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, mu, c0, o0, lengths, whole=True)
    U, W, V, b, d = params

    (
        tmp0, tmp1, tmp2, o_inside, tmp3, tmp4, h_arg, c, o, h, W_T, V_T, c_at, o_at, h_arg_at, half, o_inside_at,
        loss_sum,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ c[t] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # o[t] = d + V @ h[t]
    o_inside[...] = d
    # c[0] = 0
    c[0] = c0
    # o[0] = 0
    o[0] = o0
    W_T[...] = W.T
    V_T[...] = V.T
    for t in range(1, T + 1):
        # c[t] = mu * c[t-1] + o[t-1]
        np.multiply(c_at[t - 1], mu, out=tmp0)
        tmp0 += o_at[t - 1]
        c[t] = np.where((t <= T_own)[:, None], tmp0, c[t - 1])
        # h.arg[t] = b + W @ c[t] + U @ x[t]
        c_at[t].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = sigmoid(b + W @ c[t] + U @ x[t])
        _sigmoid(h_arg_at[t - 1], out=h, half=half)
        # o[t] = d + V @ h[t]
        h.dot(V_T, out=tmp0)
        o_inside_at[t - 1] += tmp0
        o[t] = np.where((t <= T_own)[:, None], o_inside[t - 1], o[t - 1])
    # loss.sum[t] = sum((y[t] - o[t])**2)
    np.subtract(y, o[1:], out=tmp3)
    np.square(tmp3, out=tmp2)
    np.add.reduce(tmp2, axis=2, out=loss_sum)
    # loss = sum(sum((y[t] - o[t])**2), t)
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], loss_sum.T, 0)
    loss = tmp4.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, mu, c0, o0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, mu, c0, o0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, mu, c0, o0, lengths, whole=True)
    U, W, V, b, d = params
    wrt = _asked(wrt, ("x", "c0", "o0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, o_inside, tmp3, tmp4, h_arg, c, o, h, W_T, V_T, c_at, o_at, h_arg_at, h_at, half, o_inside_at,
        loss_sum, tmp5, h_arg_factor, do, dh, dh_arg, dc, dc_at, do_at, h_arg_factor_at, dh_arg_at, dd, dV, db, dU, dW,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ c[t] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # o[t] = d + V @ h[t]
    o_inside[...] = d
    # c[0] = 0
    c[0] = c0
    # o[0] = 0
    o[0] = o0
    W_T[...] = W.T
    V_T[...] = V.T
    for t in range(1, T + 1):
        # c[t] = mu * c[t-1] + o[t-1]
        np.multiply(c_at[t - 1], mu, out=tmp0)
        tmp0 += o_at[t - 1]
        c[t] = np.where((t <= T_own)[:, None], tmp0, c[t - 1])
        # h.arg[t] = b + W @ c[t] + U @ x[t]
        c_at[t].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = sigmoid(b + W @ c[t] + U @ x[t])
        _sigmoid(h_arg_at[t - 1], out=h_at[t - 1], half=half)
        # o[t] = d + V @ h[t]
        h_at[t - 1].dot(V_T, out=tmp0)
        o_inside_at[t - 1] += tmp0
        o[t] = np.where((t <= T_own)[:, None], o_inside[t - 1], o[t - 1])
    # loss.sum[t] = sum((y[t] - o[t])**2)
    np.subtract(y, o[1:], out=tmp3)
    np.square(tmp3, out=tmp2)
    np.add.reduce(tmp2, axis=2, out=loss_sum)
    # loss = sum(sum((y[t] - o[t])**2), t)
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], loss_sum.T, 0)
    loss = tmp4.sum()
    # h.arg.factor[t] = h[t] * (1 - h[t])
    np.subtract(1, h, out=h_arg_factor)
    h_arg_factor *= h
    # grad(o[t]) = same_window(t, maximum(t - 1, 0), window.T) * grad(c[t+1]) + grad(loss.sum[t]) * (2 *
    #     o[t] - 2 * y[t]), t < T
    tmp5[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(o[1:], 2, out=tmp2)
    np.multiply(y, 2, out=do[1:])
    np.subtract(tmp2, do[1:], out=do[1:])
    do[1:] *= tmp5[:, :, None]
    dh_arg.fill(0)
    dc.fill(0)
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(do[T], V, out=dh)
    # grad(h.arg[t]) = h[t] * (1 - h[t]) * grad(h[t])
    np.multiply(dh, h_arg_factor[T - 1], out=tmp1)
    dh_arg[T - 1] += tmp1
    if 2 <= T:
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * mu * grad(c[t+1]) + W.T @ grad(h.arg[t]),
        #     t < T
        np.matmul(dh_arg[T - 1], W, out=tmp0)
        dc[T] += tmp0
    for t in range(T - 1, 1, -1):
        # grad(o[t]) = same_window(t, maximum(t - 1, 0), window.T) * grad(c[t+1]) + grad(loss.sum[t]) * (2 *
        #     o[t] - 2 * y[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dc_at[t + 1], out=tmp0)
        do_at[t] += tmp0
        # grad(h[t]) = V.T @ grad(o[t])
        do_at[t].dot(V, out=dh)
        # grad(h.arg[t]) = h[t] * (1 - h[t]) * grad(h[t])
        np.multiply(dh, h_arg_factor_at[t - 1], out=tmp1)
        dh_arg_at[t - 1] += tmp1
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * mu * grad(c[t+1]) + W.T @ grad(h.arg[t]),
        #     t < T
        dh_arg_at[t - 1].dot(W, out=tmp0)
        dc_at[t] += tmp0
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dc_at[t + 1], out=tmp0)
        tmp0 *= mu
        dc_at[t] += tmp0
    if 1 <= T - 1:
        # grad(o[t]) = same_window(t, maximum(t - 1, 0), window.T) * grad(c[t+1]) + grad(loss.sum[t]) * (2 *
        #     o[t] - 2 * y[t]), t < T
        np.multiply(1 // window_T == max(0, 0) // window_T, dc[2], out=tmp0)
        do[1] += tmp0
        # grad(h[t]) = V.T @ grad(o[t])
        np.matmul(do[1], V, out=dh)
        # grad(h.arg[t]) = h[t] * (1 - h[t]) * grad(h[t])
        np.multiply(dh, h_arg_factor[0], out=tmp1)
        dh_arg[0] += tmp1
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do[1:], axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do[1:].reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[t]), c[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, c[1:].reshape(-1, n_y), out=dW)
    if "c0" in wrt or "o0" in wrt:
        tmp_6_0 = np.empty((1, B, n_y), dtype)
        tmp_6_1 = np.empty((min(1, T - 1), B, n_y), dtype)
        tmp_6_2 = np.empty((min(1, T - 1),), dtype)
        tmp_6_3 = np.empty((min(1, T - 1),), dtype)
        tmp_6_4 = np.empty((min(1, T - 1),), dtype)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * mu * grad(c[t+1]) + W.T @ grad(h.arg[t]),
        #     t < T
        np.matmul(dh_arg[:1].reshape(-1, n_h), W, out=tmp_6_0.reshape(-1, n_y))
        dc[1:2] += tmp_6_0
        np.add(np.arange(1, min(1, T - 1) + 1, dtype=dtype), -1, out=tmp_6_4)
        np.maximum(tmp_6_4, 0, out=tmp_6_3)
        tmp_6_2[...] = np.arange(1, min(1, T - 1) + 1) // window_T == tmp_6_3 // window_T
        np.multiply(tmp_6_2[:, None, None], dc[2:min(1, T - 1) + 2], out=tmp_6_1)
        tmp_6_1 *= mu
        dc[1:min(1, T - 1) + 1] += tmp_6_1
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))
    if "c0" in wrt:
        tmp_6_0 = np.empty((1, B, n_y), dtype)
        tmp_6_1 = np.empty((1,), dtype)
        tmp_6_2 = np.empty((1,), dtype)
        tmp_6_3 = np.empty((1,), dtype)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * mu * grad(c[t+1]) + W.T @ grad(h.arg[t]),
        #     t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_6_3)
        np.maximum(tmp_6_3, 0, out=tmp_6_2)
        tmp_6_1[...] = np.arange(1) // window_T == tmp_6_2 // window_T
        np.multiply(tmp_6_1[:, None, None], dc[1:2], out=tmp_6_0)
        tmp_6_0 *= mu
        dc[:1] += tmp_6_0
        dc0 = np.empty((B, n_y), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    if "o0" in wrt:
        # grad(o[0]) = grad(c[1])
        do[0] = dc[1]
        do0 = np.empty((B, n_y), dtype)
        # grad(o.0) = grad(o[0])
        do0[...] = do[0]

    gradient = Params(U=dU, W=dW, V=dV, b=db, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    if "o0" in wrt:
        result["o0"] = do0[0] if single else do0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, mu, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, mu, c, h, o, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, mu, lengths)
    U, W, V, b, d = params
    window_T = _window(window, "T", ("T",), T)

    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_y), dtype)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = same_window(t, maximum(t - 1, 0), window.T) * grad(c[t+1]) + grad(loss.sum[t]) * (2 *
    #     o[t] - 2 * y[t]), t < T
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(o[1:], 2, out=tmp1)
    np.multiply(y, 2, out=do)
    np.subtract(tmp1, do, out=do)
    do *= tmp0[:, :, None]
    h_arg_factor = np.empty((T, B, n_h), dtype)
    # h.arg.factor[t] = h[t] * (1 - h[t])
    np.subtract(1, h, out=h_arg_factor)
    h_arg_factor *= h
    dh = np.empty((B, n_h), dtype)
    dh_arg = np.zeros((T, B, n_h), dtype)
    dc = np.zeros((T - 1, B, n_y), dtype)
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(do[T - 1], V, out=dh)
    # grad(h.arg[t]) = h[t] * (1 - h[t]) * grad(h[t])
    np.multiply(dh, h_arg_factor[T - 1], out=tmp2)
    dh_arg[T - 1] += tmp2
    if 2 <= T:
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * mu * grad(c[t+1]) + W.T @ grad(h.arg[t]),
        #     t < T
        np.matmul(dh_arg[T - 1], W, out=dc[T - 2])
    dc_at = list(dc)
    do_at = list(do)
    h_arg_factor_at = list(h_arg_factor)
    dh_arg_at = list(dh_arg)
    for t in range(T - 1, 1, -1):
        # grad(o[t]) = same_window(t, maximum(t - 1, 0), window.T) * grad(c[t+1]) + grad(loss.sum[t]) * (2 *
        #     o[t] - 2 * y[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dc_at[t - 1], out=tmp3)
        do_at[t - 1] += tmp3
        # grad(h[t]) = V.T @ grad(o[t])
        do_at[t - 1].dot(V, out=dh)
        # grad(h.arg[t]) = h[t] * (1 - h[t]) * grad(h[t])
        np.multiply(dh, h_arg_factor_at[t - 1], out=tmp2)
        dh_arg_at[t - 1] += tmp2
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * mu * grad(c[t+1]) + W.T @ grad(h.arg[t]),
        #     t < T
        dh_arg_at[t - 1].dot(W, out=dc_at[t - 2])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dc_at[t - 1], out=tmp3)
        tmp3 *= mu
        dc_at[t - 2] += tmp3
    if 1 <= T - 1:
        # grad(o[t]) = same_window(t, maximum(t - 1, 0), window.T) * grad(c[t+1]) + grad(loss.sum[t]) * (2 *
        #     o[t] - 2 * y[t]), t < T
        np.multiply(1 // window_T == max(0, 0) // window_T, dc[0], out=tmp3)
        do[0] += tmp3
        # grad(h[t]) = V.T @ grad(o[t])
        np.matmul(do[0], V, out=dh)
        # grad(h.arg[t]) = h[t] * (1 - h[t]) * grad(h[t])
        np.multiply(dh, h_arg_factor[0], out=tmp2)
        dh_arg[0] += tmp2
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dd)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    dU = np.empty((n_h, n_x), dtype)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    dW = np.empty((n_h, n_y), dtype)
    # grad(W) = sum(outer(grad(h.arg[t]), c[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, c[1:].reshape(-1, n_y), out=dW)

    return Params(U=dU, W=dW, V=dV, b=db, d=dd)


def _loss_and_grad_checkpointed(params, x, y, mu, c0, o0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, mu, c0, o0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, mu, c0, o0, whole=True)
    U, W, V, b, d = params
    wrt = _asked(wrt, ("x", "c0", "o0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        c0_kept, c_left1, o0_kept, o_left1, dU, dW, dV, db, dd,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_h, B, dtype)
    c0_kept[0] = c0
    o0_kept[0] = o0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x[first:last],
            mu,
            c0_kept[n],
            o0_kept[n],
            last - first,
            n_x,
            n_y,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        c0_kept[n + 1], o0_kept[n + 1] = found
    loss = 0.0
    for total in (c_left1, o_left1, dU, dW, dV, db, dd):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            c_left1,
            o_left1,
            x[first:last],
            y[first:last],
            mu,
            c0_kept[n],
            o0_kept[n],
            last - first,
            n_x,
            n_y,
            n_h,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dc0, do0, dx_part = found
        loss += float(loss_part)
        _add_each((dU, dW, dV, db, dd), parts)
        c_left1[...] = dc0
        o_left1[...] = do0
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(U=dU, W=dW, V=dV, b=db, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    if "o0" in wrt:
        result["o0"] = do0[0] if single else do0
    return float(loss), gradient, result


def _segment(params, c_left1, o_left1, x, y, mu, c0, o0, T, n_x, n_y, n_h, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    U, W, V, b, d = params

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, c, o, h, W_T, V_T, c_at, o_at, h_arg_at, h_at, half, h_arg_factor, dco, dh,
        dh_arg, do_at2, dc_at2, dh_arg_at, h_arg_factor_at, dd, dV, db, dU, dW, dco0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ c[t] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # c[0] = 0
    c[0] = c0
    # o[0] = 0
    o[0] = o0
    # o[t] = d + V @ h[t]
    o[1:] = d
    W_T[...] = W.T
    V_T[...] = V.T
    for t in range(1, T + 1):
        # c[t] = mu * c[t-1] + o[t-1]
        np.multiply(c_at[t - 1], mu, out=c_at[t])
        c_at[t] += o_at[t - 1]
        # h.arg[t] = b + W @ c[t] + U @ x[t]
        c_at[t].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = sigmoid(b + W @ c[t] + U @ x[t])
        _sigmoid(h_arg_at[t - 1], out=h_at[t - 1], half=half)
        # o[t] = d + V @ h[t]
        h_at[t - 1].dot(V_T, out=tmp1)
        o_at[t] += tmp1
    # loss = sum(sum((y[t] - o[t])**2), t)
    np.subtract(y, o[1:], out=tmp3)
    np.square(tmp3, out=tmp2)
    loss = tmp2.sum()
    # h.arg.factor[t] = h[t] * (1 - h[t])
    np.subtract(1, h, out=h_arg_factor)
    h_arg_factor *= h
    # grad(o[T]) = o.left1 + 2 * o[T] - 2 * y[T]
    np.multiply(y, -2, out=dco[1, 1:])
    np.multiply(o[1:], 2, out=tmp2)
    dco[1, 1:] += tmp2
    dco[1, T] += o_left1
    # grad(c[0]) = mu * grad(c[1])
    dco[0, T] = c_left1
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(dco[1, T], V, out=dh)
    # grad(h.arg[t]) = h[t] * (1 - h[t]) * grad(h[t])
    np.multiply(dh, h_arg_factor[T - 1], out=dh_arg[T - 1])
    # grad(c[0]) = mu * grad(c[1])
    np.matmul(dh_arg[T - 1], W, out=tmp1)
    dco[0, T] += tmp1
    for t in range(T - 1, 0, -1):
        # grad(o[T]) = o.left1 + 2 * o[T] - 2 * y[T]
        do_at2[t] += dc_at2[t + 1]
        # grad(h[t]) = V.T @ grad(o[t])
        do_at2[t].dot(V, out=dh)
        # grad(h.arg[t]) = h[t] * (1 - h[t]) * grad(h[t])
        np.multiply(dh, h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
        # grad(c[0]) = mu * grad(c[1])
        np.matmul(dh_arg_at[t - 1], W, out=dc_at2[t])
        np.multiply(dc_at2[t + 1], mu, out=tmp1)
        dc_at2[t] += tmp1
    # grad(o[T]) = o.left1 + 2 * o[T] - 2 * y[T]
    dco[1, 0] = dco[0, 1]
    # grad(c[0]) = mu * grad(c[1])
    np.multiply(dco[0, 1], mu, out=dco[0, 0])
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(dco[1, 1:], axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(dco[1, 1:].reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[t]), c[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, c[1:].reshape(-1, n_y), out=dW)
    # grad(c.0) = grad(c[0])
    # grad(o.0) = grad(o[0])
    dco0[...] = dco[:, 0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))
    dc0 = dco0[0]
    do0 = dco0[1]

    return loss, (dU, dW, dV, db, dd), dc0, do0, dx if "x" in wrt else None


def _advance(params, x, mu, c0, o0, T, n_x, n_y, n_h, B, dtype, workspace):
    """The state after a segment."""
    U, W, V, b, d = params

    (
        tmp0, tmp1, h_arg, c, o, h, W_T, V_T, c_at, o_at, h_arg_at, half,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ c[t] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # c[0] = 0
    c[0] = c0
    # o[0] = 0
    o[0] = o0
    # o[t] = d + V @ h[t]
    o[1:] = d
    W_T[...] = W.T
    V_T[...] = V.T
    for t in range(1, T + 1):
        # c[t] = mu * c[t-1] + o[t-1]
        np.multiply(c_at[t - 1], mu, out=c_at[t])
        c_at[t] += o_at[t - 1]
        # h.arg[t] = b + W @ c[t] + U @ x[t]
        c_at[t].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = sigmoid(b + W @ c[t] + U @ x[t])
        _sigmoid(h_arg_at[t - 1], out=h, half=half)
        # o[t] = d + V @ h[t]
        h.dot(V_T, out=tmp1)
        o_at[t] += tmp1

    return c[-1], o[-1]


def _loss_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    c = np.empty((T + 1, B, n_y), dtype)
    o = np.empty((T + 1, B, n_y), dtype)
    h = np.empty((B, n_h), dtype)
    W_T = np.empty((n_y, n_h), dtype)
    V_T = np.empty((n_h, n_y), dtype)
    c_at = list(c)
    o_at = list(o)
    h_arg_at = list(h_arg)
    half = np.array(0.5, dtype)
    return tmp0, tmp1, tmp2, tmp3, h_arg, c, o, h, W_T, V_T, c_at, o_at, h_arg_at, half


def _loss_and_grad_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    c = np.empty((T + 1, B, n_y), dtype)
    o = np.empty((T + 1, B, n_y), dtype)
    h = h_arg
    W_T = np.empty((n_y, n_h), dtype)
    V_T = np.empty((n_h, n_y), dtype)
    c_at = list(c)
    o_at = list(o)
    h_arg_at = list(h_arg)
    h_at = list(h)
    half = np.array(0.5, dtype)
    h_arg_factor = np.empty((T, B, n_h), dtype)
    do = np.empty((T + 1, B, n_y), dtype)
    dh = np.empty((B, n_h), dtype)
    dh_arg = np.empty((T, B, n_h), dtype)
    dc = o
    do_at = list(do)
    dc_at = list(dc)
    h_arg_factor_at = list(h_arg_factor)
    dh_arg_at = list(dh_arg)
    dd = np.empty((n_y,), dtype)
    dV = W_T
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = V_T
    return (
        tmp0, tmp1, tmp2, tmp3, h_arg, c, o, h, W_T, V_T, c_at, o_at, h_arg_at, h_at, half, h_arg_factor, do, dh,
        dh_arg, dc, do_at, dc_at, h_arg_factor_at, dh_arg_at, dd, dV, db, dU, dW,
    )


def _loss_padded_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_y), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    o_inside = np.empty((T, B, n_y), dtype)
    tmp3 = o_inside
    tmp4 = np.empty((B, T), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    c = np.empty((T + 1, B, n_y), dtype)
    o = np.empty((T + 1, B, n_y), dtype)
    h = np.empty((B, n_h), dtype)
    W_T = np.empty((n_y, n_h), dtype)
    V_T = np.empty((n_h, n_y), dtype)
    c_at = list(c)
    o_at = list(o)
    h_arg_at = list(h_arg)
    half = np.array(0.5, dtype)
    o_inside_at = list(o_inside)
    loss_sum = np.empty((T, B), dtype)
    return (
        tmp0, tmp1, tmp2, o_inside, tmp3, tmp4, h_arg, c, o, h, W_T, V_T, c_at, o_at, h_arg_at, half, o_inside_at,
        loss_sum,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_y), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    o_inside = np.empty((T, B, n_y), dtype)
    tmp3 = o_inside
    tmp4 = np.empty((B, T), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    c = np.empty((T + 1, B, n_y), dtype)
    o = np.empty((T + 1, B, n_y), dtype)
    h = h_arg
    W_T = np.empty((n_y, n_h), dtype)
    V_T = np.empty((n_h, n_y), dtype)
    c_at = list(c)
    o_at = list(o)
    h_arg_at = list(h_arg)
    h_at = list(h)
    half = np.array(0.5, dtype)
    o_inside_at = list(o_inside)
    loss_sum = np.empty((T, B), dtype)
    tmp5 = loss_sum
    h_arg_factor = np.empty((T, B, n_h), dtype)
    do = o
    dh = np.empty((B, n_h), dtype)
    dh_arg = np.empty((T, B, n_h), dtype)
    dc = np.empty((T + 1, B, n_y), dtype)
    dc_at = list(dc)
    do_at = list(do)
    h_arg_factor_at = list(h_arg_factor)
    dh_arg_at = list(dh_arg)
    dd = np.empty((n_y,), dtype)
    dV = W_T
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = V_T
    return (
        tmp0, tmp1, tmp2, o_inside, tmp3, tmp4, h_arg, c, o, h, W_T, V_T, c_at, o_at, h_arg_at, h_at, half, o_inside_at,
        loss_sum, tmp5, h_arg_factor, do, dh, dh_arg, dc, dc_at, do_at, h_arg_factor_at, dh_arg_at, dd, dV, db, dU, dW,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    c0_kept = np.empty((count, B, n_y), dtype)
    c_left1 = np.empty((B, n_y), dtype)
    o0_kept = np.empty((count, B, n_y), dtype)
    o_left1 = np.empty((B, n_y), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = np.empty((n_h, n_y), dtype)
    dV = np.empty((n_y, n_h), dtype)
    db = np.empty((n_h,), dtype)
    dd = np.empty((n_y,), dtype)
    return c0_kept, c_left1, o0_kept, o_left1, dU, dW, dV, db, dd


def _segment_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    c = np.empty((T + 1, B, n_y), dtype)
    o = np.empty((T + 1, B, n_y), dtype)
    h = h_arg
    W_T = np.empty((n_y, n_h), dtype)
    V_T = np.empty((n_h, n_y), dtype)
    c_at = list(c)
    o_at = list(o)
    h_arg_at = list(h_arg)
    h_at = list(h)
    half = np.array(0.5, dtype)
    h_arg_factor = np.empty((T, B, n_h), dtype)
    dco = _by_step((2, T + 1, B, n_y), dtype)
    dh = tmp0
    dh_arg = h_arg_factor
    do_at2 = list(dco[1])
    dc_at2 = list(dco[0])
    dh_arg_at = list(dh_arg)
    h_arg_factor_at = list(h_arg_factor)
    dd = np.empty((n_y,), dtype)
    dV = W_T
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = V_T
    dco0 = np.empty((2, B, n_y), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, h_arg, c, o, h, W_T, V_T, c_at, o_at, h_arg_at, h_at, half, h_arg_factor, dco, dh,
        dh_arg, do_at2, dc_at2, dh_arg_at, h_arg_factor_at, dd, dV, db, dU, dW, dco0,
    )


def _advance_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    c = np.empty((T + 1, B, n_y), dtype)
    o = np.empty((T + 1, B, n_y), dtype)
    h = np.empty((B, n_h), dtype)
    W_T = np.empty((n_y, n_h), dtype)
    V_T = np.empty((n_h, n_y), dtype)
    c_at = list(c)
    o_at = list(o)
    h_arg_at = list(h_arg)
    half = np.array(0.5, dtype)
    return tmp0, tmp1, h_arg, c, o, h, W_T, V_T, c_at, o_at, h_arg_at, half


def _arguments(params, x, y, mu, c0, o0, whole=False):
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
        _expect("y", y, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from W")
        if single:
            y = y[:, None]
    mu = _real("mu", mu, dtype)
    _expect("mu", mu, (), ())
    if c0 is None:
        c0 = np.zeros((B, n_y), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from W")
        if single:
            c0 = c0[None]
    if o0 is None:
        o0 = np.zeros((B, n_y), dtype)
    else:
        o0 = _real("o0", o0, dtype)
        _expect("o0", o0, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from W")
        if single:
            o0 = o0[None]
    return params, x, y, mu, c0, o0, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y, mu):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    c = _real("forward.c", forward.c, dtype)
    h = _real("forward.h", forward.h, dtype)
    o = _real("forward.o", forward.o, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from W")
    _expect("forward.c", c, (T + 1, *batch_axis, n_y), ("T + 1", "B", "n_y"), "T and B from x, n_y from W")
    _expect("forward.h", h, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.o", o, (T + 1, *batch_axis, n_y), ("T + 1", "B", "n_y"), "T and B from x, n_y from W")
    if single:
        x = x[:, None]
        y = y[:, None]
        c = c[:, None]
        h = h[:, None]
        o = o[:, None]
    mu = _real("mu", mu, dtype)
    _expect("mu", mu, (), ())
    return params, x, y, mu, c, h, o, dtype, single, n_h, n_x, n_y, T, B


def _initial_arguments(params, c0, o0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if c0 is None:
        c0 = np.zeros((B, n_y), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_y), ("B", "n_y"), "B from batch, n_y from W")
        if single:
            c0 = c0[None]
    if o0 is None:
        o0 = np.zeros((B, n_y), dtype)
    else:
        o0 = _real("o0", o0, dtype)
        _expect("o0", o0, (*batch_axis, n_y), ("B", "n_y"), "B from batch, n_y from W")
        if single:
            o0 = o0[None]
    return params, c0, o0, dtype, single, n_h, n_x, n_y, B


def _step_arguments(params, state, x, mu):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    c_prev = _real("state.c", state.c, dtype)
    o_prev = _real("state.o", state.o, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from U")
    _expect("state.c", c_prev, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from W")
    _expect("state.o", o_prev, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from W")
    if single:
        x = x[None]
        c_prev = c_prev[None]
        o_prev = o_prev[None]
    mu = _real("mu", mu, dtype)
    _expect("mu", mu, (), ())
    return params, x, mu, c_prev, o_prev, dtype, single, n_h, n_x, n_y, B


def _padded_arguments(params, x, y, mu, c0, o0, lengths, whole=False):
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
        _expect("y", y, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from W")
        if single:
            y = y[:, None]
    mu = _real("mu", mu, dtype)
    _expect("mu", mu, (), ())
    if c0 is None:
        c0 = np.zeros((B, n_y), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from W")
        if single:
            c0 = c0[None]
    if o0 is None:
        o0 = np.zeros((B, n_y), dtype)
    else:
        o0 = _real("o0", o0, dtype)
        _expect("o0", o0, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from W")
        if single:
            o0 = o0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
    return params, x, y, mu, c0, o0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, mu, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    c = _real("forward.c", forward.c, dtype)
    h = _real("forward.h", forward.h, dtype)
    o = _real("forward.o", forward.o, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from W")
    _expect("forward.c", c, (T + 1, *batch_axis, n_y), ("T + 1", "B", "n_y"), "T and B from x, n_y from W")
    _expect("forward.h", h, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.o", o, (T + 1, *batch_axis, n_y), ("T + 1", "B", "n_y"), "T and B from x, n_y from W")
    if single:
        x = x[:, None]
        y = y[:, None]
        c = c[:, None]
        h = h[:, None]
        o = o[:, None]
    mu = _real("mu", mu, dtype)
    _expect("mu", mu, (), ())
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    return params, x, y, mu, c, h, o, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    U, W, V, b, d = params
    _rank("U", U, ("n_h", "n_x"))
    n_h, n_x = U.shape
    _rank("W", W, ("n_h", "n_y"))
    n_y = W.shape[1]
    _expect("W", W, (n_h, n_y), ("n_h", "n_y"), "n_h from U")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_y from W, n_h from U")
    _expect("b", b, (n_h,), ("n_h",), "n_h from U")
    _expect("d", d, (n_y,), ("n_y",), "n_y from W")
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


def _by_step(shape, dtype):
    """An array of several values at each step of each example; those of a single example lie together step by step."""
    entries, steps, examples, *features = shape
    if examples > 1:
        return np.empty(shape, dtype)
    return np.empty((steps, entries, examples, *features), dtype).swapaxes(0, 1)


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
