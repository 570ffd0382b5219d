# Written by derive from narx.eq; do not edit.
# Change narx.eq instead, and run: derive generate narx
# source 2f2abecf8a69f71c, derive 07e8f9d843407be1, body e8a4727c81acc7b1
"""NARX network: a multilayer perceptron of the input and of the two true values before, which is teacher forcing.

Lin, Horne, Tino & Giles (1996), Learning Long-Term Dependencies in NARX Recurrent Neural Networks. Run free, it reads
its own predictions.

The equations::

    x: Input[T, n_x]          # what is read at each step
    y: Target[T, n_y]         # the values to predict at each step, and to read at the two steps after
    U: Param[n_h, n_x]        # input to hidden
    W_1: Param[n_h, n_y]      # values one step back to hidden
    W_2: Param[n_h, n_y]      # values two steps back to hidden
    V: Param[n_y, n_h]        # hidden to output
    b: Param[n_h]
    c: Param[n_y]

    h[t] = tanh(b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t])
    o[t] = c + V @ h[t]
    loss = sum(sum((y[t] - o[t])**2), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    U: np.ndarray  # (n_h, n_x)  input to hidden
    W_1: np.ndarray  # (n_h, n_y)  values one step back to hidden
    W_2: np.ndarray  # (n_h, n_y)  values two steps back to hidden
    V: np.ndarray  # (n_y, n_h)  hidden to output
    b: np.ndarray  # (n_h)
    c: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    h: np.ndarray  # (T, B, n_h)
    o: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    y: np.ndarray  # (2, B, n_y)  the values to predict at each step, and to read at the two steps after


class Outputs(NamedTuple):
    """The variables at one step."""

    h: np.ndarray  # (B, n_h)
    o: np.ndarray  # (B, n_y)


class FreeRun(NamedTuple):
    """What `free_run` returns, with what it read back; one example has no axis B."""

    h: np.ndarray  # (T, B, n_h)
    o: np.ndarray  # (T, B, n_y)
    y: np.ndarray  # (T, B, n_y)  the values to predict at each step, and to read at the two steps after


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
        W_1=(rng.standard_normal((n_h, n_y)) / np.sqrt(n_y)).astype(dtype),
        W_2=(rng.standard_normal((n_h, n_y)) / np.sqrt(n_y)).astype(dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        b=np.zeros((n_h,), dtype),
        c=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real   what is read at each step
    y        (T, B, n_y)  real   the values to predict at each step, and to read at the two steps after
    state                 State  what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T   each example's own number of steps, what is given beyond is not read; all where not
                                 given

    Data without the axis B are one example.
    """
    if lengths is not None or state is not None:
        return _forward_padded(params, x, y, lengths, state)
    params, x, y, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y)
    U, W_1, W_2, V, b, c = params

    if y is not None:
        tmp_0_0 = np.empty((T, B, n_h), dtype)
        tmp_0_1 = np.empty((T, B, n_y), dtype)
        tmp_0_2 = np.empty((T, B, n_y), dtype)
        h_arg = np.empty((T, B, n_h), dtype)
        # h.arg[t] = b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t]
        np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
        y_padded = np.empty((T + 1, B, n_y), dtype)
        # y.padded[0, i] = 0
        y_padded[1] = 0
        # y.padded[t] = y[t]
        y_padded[2:] = y[:T - 1]
        # h.arg[t] = b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t]
        np.matmul(y_padded[1:].reshape(-1, n_y), W_1.T, out=tmp_0_0.reshape(-1, n_h))
        h_arg += tmp_0_0
        # y.padded[-1, i] = 0
        y_padded[0] = 0
        # h.arg[t] = b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t]
        np.matmul(y_padded[:T].reshape(-1, n_y), W_2.T, out=tmp_0_0.reshape(-1, n_h))
        h_arg += tmp_0_0
        h_arg += b
        h = np.empty((T, B, n_h), dtype)
        # h[t] = tanh(b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t])
        np.tanh(h_arg, out=h)
        o = np.empty((T, B, n_y), dtype)
        # o[t] = c + V @ h[t]
        np.matmul(h.reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
        o += c
        # loss = sum(sum((y[t] - o[t])**2), t)
        np.subtract(y, o, out=tmp_0_2)
        np.square(tmp_0_2, out=tmp_0_1)
        loss = tmp_0_1.sum()
    else:
        h_arg = y_padded = h = o = loss = None

    if single:
        h = None if h is None else h[:, 0]
        o = None if o is None else o[:, 0]
    return Forward(h=h, o=o, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real       what is read at each step
    y          (T, B, n_y)  real       the values to predict at each step, and to read at the two steps after
    workspace               Workspace  its arrays are used, and hold the results until its next call
    state                   State      what an earlier piece left, from last_state or step: the sequence goes on from
                                       there
    lengths    (B,)         1..T       each example's own number of steps, what is given beyond is not read; all where
                                       not given

    Data without the axis B are one example.
    """
    if lengths is not None or state is not None:
        return _loss_padded(params, x, y, lengths, workspace, state)
    params, x, y, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, whole=True)
    U, W_1, W_2, V, b, c = params

    tmp0, tmp1, o, tmp2, h_arg, y_padded, h = _as_workspace(workspace).arrays(_loss_arrays, T, n_y, n_h, B, dtype)
    # h.arg[t] = b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    # y.padded[0, i] = 0
    y_padded[1] = 0
    # y.padded[t] = y[t]
    y_padded[2:] = y[:T - 1]
    # h.arg[t] = b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t]
    np.matmul(y_padded[1:].reshape(-1, n_y), W_1.T, out=tmp0.reshape(-1, n_h))
    h_arg += tmp0
    # y.padded[-1, i] = 0
    y_padded[0] = 0
    # h.arg[t] = b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t]
    np.matmul(y_padded[:T].reshape(-1, n_y), W_2.T, out=tmp0.reshape(-1, n_h))
    h_arg += tmp0
    h_arg += b
    # h[t] = tanh(b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t])
    np.tanh(h_arg, out=h)
    # o[t] = c + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
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
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x           (T, B, n_x)  real                       what is read at each step
    y           (T, B, n_y)  real                       the values to predict at each step, and to read at the two steps
                                                        after
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
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, wrt, workspace, state, checkpoint)
    if lengths is not None or window is not None or state is not None:
        return _loss_and_grad_padded(params, x, y, lengths, wrt, workspace, window, state)
    params, x, y, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, whole=True)
    U, W_1, W_2, V, b, c = params
    wrt = _asked(wrt, ("x",))

    (
        tmp0, tmp1, tmp2, h_arg, y_padded, h, o, do, dc, dV, dh, dh_arg, db, dU, dW_1, dW_2,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, B, dtype)
    # h.arg[t] = b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    # y.padded[0, i] = 0
    y_padded[1] = 0
    # y.padded[t] = y[t]
    y_padded[2:] = y
    # h.arg[t] = b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t]
    np.matmul(y_padded[1:T + 1].reshape(-1, n_y), W_1.T, out=tmp0.reshape(-1, n_h))
    h_arg += tmp0
    # y.padded[-1, i] = 0
    y_padded[0] = 0
    # h.arg[t] = b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t]
    np.matmul(y_padded[:T].reshape(-1, n_y), W_2.T, out=tmp0.reshape(-1, n_h))
    h_arg += tmp0
    h_arg += b
    # h[t] = tanh(b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t])
    np.tanh(h_arg, out=h)
    # o[t] = c + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
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
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.square(h, out=dh_arg)
    np.subtract(1, dh_arg, out=dh_arg)
    dh_arg *= dh
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W_1) = sum(outer(grad(h.arg[t]), y[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, y_padded[1:T + 1].reshape(-1, n_y), out=dW_1)
    # grad(W_2) = sum(outer(grad(h.arg[t]), y[t-2]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, y_padded[:T].reshape(-1, n_y), out=dW_2)
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))

    gradient = Params(U=dU, W_1=dW_1, W_2=dW_2, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    x: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    x        (T, B, n_x)  real               what is read at each step
    y        (T, B, n_y)  real               the values to predict at each step, and to read at the two steps after
    state                 State              what an earlier piece left, from last_state or step: the sequence goes on
                                             from there
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _backward_padded(params, forward, x, y, lengths, window, state)
    params, x, y, h, o, dtype, single, n_h, n_x, n_y, T, B = _backward_arguments(params, forward, x, y)
    U, W_1, W_2, V, b, c = params

    y_padded = np.empty((T + 2, B, n_y), dtype)
    # y.padded[-1, i] = 0
    y_padded[0] = 0
    # y.padded[0, i] = 0
    y_padded[1] = 0
    # y.padded[t] = y[t]
    y_padded[2:] = y
    tmp0 = np.empty((T, B, n_y), dtype)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = 2 * o[t] - 2 * y[t]
    np.multiply(y, -2, out=do)
    np.multiply(o, 2, out=tmp0)
    do += tmp0
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    dh_arg = np.empty((T, B, n_h), dtype)
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.square(h, out=dh_arg)
    np.subtract(1, dh_arg, out=dh_arg)
    dh_arg *= dh
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    dU = np.empty((n_h, n_x), dtype)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    dW_1 = np.empty((n_h, n_y), dtype)
    # grad(W_1) = sum(outer(grad(h.arg[t]), y[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, y_padded[1:T + 1].reshape(-1, n_y), out=dW_1)
    dW_2 = np.empty((n_h, n_y), dtype)
    # grad(W_2) = sum(outer(grad(h.arg[t]), y[t-2]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, y_padded[:T].reshape(-1, n_y), out=dW_2)

    return Params(U=dU, W_1=dW_1, W_2=dW_2, V=dV, b=db, c=dc)


def init_state(params: Params, *, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None."""
    params, dtype, single, n_h, n_x, n_y, B = _initial_arguments(params, batch)

    y_prev1 = np.empty((B, n_y), dtype)
    # y@1[i] = 0
    y_prev1[...] = 0
    y_prev2 = np.empty((B, n_y), dtype)
    # y@2[i] = 0
    y_prev2[...] = 0

    y_before = np.stack((y_prev2, y_prev1))
    if single:
        y_before = y_before[:, 0]
    return State(y=y_before)


def step(params: Params, state: State, *, x: np.ndarray, y: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real  what is read at each step
    y  (B, n_y)  real  the values to predict at each step, and to read at the two steps after

    Data without the axis B are one example.
    """
    params, x, y, y_before, dtype, single, n_h, n_x, n_y, B = _step_arguments(params, state, x, y)
    U, W_1, W_2, V, b, c = params
    y_prev2, y_prev1 = y_before

    # h.arg[t] = b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t]
    h_arg = x @ U.T
    h_arg += y_prev1 @ W_1.T
    h_arg += y_prev2 @ W_2.T
    h_arg += b
    # h[t] = tanh(b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t])
    h = np.tanh(h_arg)
    # o[t] = c + V @ h[t]
    o = h @ V.T
    o += c

    y_before = np.stack((y_prev1, y))
    if single:
        y_before = y_before[:, 0]
        h = h[0]
        o = o[0]
    result = State(y=y_before)
    return result, Outputs(h=h, o=o)


def free_run(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    rng: np.random.Generator | None = None,
    truth: np.ndarray | None = None,
    steps: int | None = None,
) -> FreeRun:
    """The model on its own: what it predicts is read where training reads the true values.

    x      (T, B, n_x)  real               what is read at each step
    y      (T, B, n_y)  real               the values to predict at each step, and to read at the two steps after
    rng                 generator          is not used
    truth  (T, B)       bool               the steps that read y
    steps               whole number >= 1  T, which the data tell too

    Data without the axis B are one example.
    """
    params, x, dtype, single, n_h, n_x, n_y, T, B = _free_run_arguments(params, x)
    U, W_1, W_2, V, b, c = params
    _generator(rng)
    if steps is not None and steps != T:
        raise ValueError(f"steps: {steps}, expected T = {T}, as the data have")
    truth = _truth(truth, (("y", y),), T, B, single)
    y_given = _true_values("y", y, truth, (T, B, n_y), ("T", "B", "n_y"), single, dtype)

    # h.arg[t] = b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t]
    h_arg = (x.reshape(-1, n_x) @ U.T).reshape(T, B, n_h)
    h_arg += b
    o = np.empty((T, B, n_y), dtype)
    # o[t] = c + V @ h[t]
    o[...] = c
    y_padded = np.empty((T + 1, B, n_y), dtype)
    # y.padded[-1, i] = 0
    y_padded[0] = 0
    # y.padded[0, i] = 0
    y_padded[1] = 0
    h = np.empty((T, B, n_h), dtype)
    y_fed = np.empty((B, n_y), dtype)
    y = np.empty((T, B, n_y), dtype)
    W_1_T = W_1.T.copy()
    W_2_T = W_2.T.copy()
    V_T = V.T.copy()
    for t in range(1, T):
        # h.arg[t] = b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t]
        h_arg[t - 1] += y_padded[t] @ W_1_T
        h_arg[t - 1] += y_padded[t - 1] @ W_2_T
        # h[t] = tanh(b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t])
        np.tanh(h_arg[t - 1], out=h[t - 1])
        # o[t] = c + V @ h[t]
        o[t - 1] += h[t - 1] @ V_T
        # y.fed[t] = o[t]
        y_fed[...] = o[t - 1]
        # y[t] = y.fed[t], or the true one where truth[t]
        y[t - 1] = np.where(truth[t - 1][:, None] != 0, y_given[t - 1], y_fed)
        # y.padded[t] = y[t]
        y_padded[t + 1] = y[t - 1]
    # h.arg[t] = b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t]
    h_arg[T - 1] += y_padded[T] @ W_1.T
    h_arg[T - 1] += y_padded[T - 1] @ W_2.T
    # h[t] = tanh(b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t])
    np.tanh(h_arg[T - 1], out=h[T - 1])
    # o[t] = c + V @ h[t]
    o[T - 1] += h[T - 1] @ V.T
    # y.fed[t] = o[t]
    y_fed[...] = o[T - 1]
    # y[t] = y.fed[t], or the true one where truth[t]
    y[T - 1] = np.where(truth[T - 1][:, None] != 0, y_given[T - 1], y_fed)

    if single:
        h = h[:, 0]
        o = o[:, 0]
        y = y[:, 0]
    return FreeRun(h=h, o=o, y=y)


def last_state(
    forward: Forward,
    *,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> State:
    """The state after the last step, from what `forward` returned.

    y        as `forward` was given it
    lengths  as `forward` was given it
    state    as `forward` was given it
    """
    forward = _as_forward(forward)
    state = None if state is None else _as_state(state)
    y = _array("y", y)
    steps = y.shape[0]
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if y.ndim < 3 else y.shape[1], y.ndim < 3, 1
    )
    return State(y=_last_given("y", y, 0, 2, lengths, None if state is None else state.y))


def _forward_padded(params, x, y, lengths, state):
    """`forward` where examples have their own lengths."""
    params, x, y, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own = _padded_arguments(params, x, y, lengths)
    U, W_1, W_2, V, b, c = params
    state = None if state is None else _as_state(state)
    y_before2, y_before1 = _before(state, "y", 2, (B, n_y), ("B", "n_y"), single, dtype)

    if y is not None:
        tmp_0_0 = np.empty((T, B, n_h), dtype)
        tmp_0_1 = np.empty((T, B, n_y), dtype)
        tmp_0_2 = np.empty((T, B, n_y), dtype)
        tmp_0_3 = np.empty((B, T), dtype)
        h_arg = np.empty((T, B, n_h), dtype)
        # h.arg[t] = b + W_1 @ y.held[t-1] + W_2 @ y.held[t-2] + U @ x[t]
        np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
        y_held = np.empty((T + 1, B, n_y), dtype)
        # y.held[0] = y.before1
        y_held[1] = y_before1
        # y.held[t] = y[t]
        y_held[2:] = y[:T - 1]
        # h.arg[t] = b + W_1 @ y.held[t-1] + W_2 @ y.held[t-2] + U @ x[t]
        np.matmul(y_held[1:].reshape(-1, n_y), W_1.T, out=tmp_0_0.reshape(-1, n_h))
        h_arg += tmp_0_0
        # y.held[-1] = y.before2
        y_held[0] = y_before2
        # h.arg[t] = b + W_1 @ y.held[t-1] + W_2 @ y.held[t-2] + U @ x[t]
        np.matmul(y_held[:T].reshape(-1, n_y), W_2.T, out=tmp_0_0.reshape(-1, n_h))
        h_arg += tmp_0_0
        h_arg += b
        h = np.empty((T, B, n_h), dtype)
        # h[t] = tanh(b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t])
        np.tanh(h_arg, out=h)
        o = np.empty((T, B, n_y), dtype)
        # o[t] = c + V @ h[t]
        np.matmul(h.reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
        o += c
        loss_sum = np.empty((T, B), dtype)
        # loss.sum[t] = sum((y[t] - o[t])**2)
        np.subtract(y, o, out=tmp_0_2)
        np.square(tmp_0_2, out=tmp_0_1)
        np.add.reduce(tmp_0_1, axis=2, out=loss_sum)
        # loss = sum(sum((y[t] - o[t])**2), t)
        tmp_0_3[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], loss_sum.T, 0)
        loss = tmp_0_3.sum()
    else:
        h_arg = y_held = h = o = loss_sum = loss = None

    if single:
        h = None if h is None else h[:, 0]
        o = None if o is None else o[:, 0]
    return Forward(h=h, o=o, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, lengths, workspace, state):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, lengths, whole=True)
    U, W_1, W_2, V, b, c = params
    state = None if state is None else _as_state(state)
    y_before2, y_before1 = _before(state, "y", 2, (B, n_y), ("B", "n_y"), single, dtype)

    (
        tmp0, tmp1, o, tmp2, tmp3, h_arg, y_held, h, loss_sum,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_y, n_h, B, dtype)
    # h.arg[t] = b + W_1 @ y.held[t-1] + W_2 @ y.held[t-2] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    # y.held[0] = y.before1
    y_held[1] = y_before1
    # y.held[t] = y[t]
    y_held[2:] = y[:T - 1]
    # h.arg[t] = b + W_1 @ y.held[t-1] + W_2 @ y.held[t-2] + U @ x[t]
    np.matmul(y_held[1:].reshape(-1, n_y), W_1.T, out=tmp0.reshape(-1, n_h))
    h_arg += tmp0
    # y.held[-1] = y.before2
    y_held[0] = y_before2
    # h.arg[t] = b + W_1 @ y.held[t-1] + W_2 @ y.held[t-2] + U @ x[t]
    np.matmul(y_held[:T].reshape(-1, n_y), W_2.T, out=tmp0.reshape(-1, n_h))
    h_arg += tmp0
    h_arg += b
    # h[t] = tanh(b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t])
    np.tanh(h_arg, out=h)
    # o[t] = c + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    # loss.sum[t] = sum((y[t] - o[t])**2)
    np.subtract(y, o, out=tmp2)
    np.square(tmp2, out=tmp1)
    np.add.reduce(tmp1, axis=2, out=loss_sum)
    # loss = sum(sum((y[t] - o[t])**2), t)
    tmp3[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], loss_sum.T, 0)
    loss = tmp3.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, lengths, wrt, workspace, window, state):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, lengths, whole=True)
    U, W_1, W_2, V, b, c = params
    state = None if state is None else _as_state(state)
    y_before2, y_before1 = _before(state, "y", 2, (B, n_y), ("B", "n_y"), single, dtype)
    wrt = _asked(wrt, ("x",))
    _window(window, None, ("T",), None)

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, y_held, h, o, loss_sum, tmp4, do, dc, dV, dh, dh_arg, db, dU, dW_1, dW_2,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    # h.arg[t] = b + W_1 @ y.held[t-1] + W_2 @ y.held[t-2] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    # y.held[0] = y.before1
    y_held[1] = y_before1
    # y.held[t] = y[t]
    y_held[2:] = y
    # h.arg[t] = b + W_1 @ y.held[t-1] + W_2 @ y.held[t-2] + U @ x[t]
    np.matmul(y_held[1:T + 1].reshape(-1, n_y), W_1.T, out=tmp0.reshape(-1, n_h))
    h_arg += tmp0
    # y.held[-1] = y.before2
    y_held[0] = y_before2
    # h.arg[t] = b + W_1 @ y.held[t-1] + W_2 @ y.held[t-2] + U @ x[t]
    np.matmul(y_held[:T].reshape(-1, n_y), W_2.T, out=tmp0.reshape(-1, n_h))
    h_arg += tmp0
    h_arg += b
    # h[t] = tanh(b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t])
    np.tanh(h_arg, out=h)
    # o[t] = c + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    # loss.sum[t] = sum((y[t] - o[t])**2)
    np.subtract(y, o, out=tmp2)
    np.square(tmp2, out=tmp1)
    np.add.reduce(tmp1, axis=2, out=loss_sum)
    # loss = sum(sum((y[t] - o[t])**2), t)
    tmp3[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], loss_sum.T, 0)
    loss = tmp3.sum()
    # grad(o[t]) = grad(loss.sum[t]) * (2 * o[t] - 2 * y[t])
    tmp4[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(o, 2, out=tmp1)
    np.multiply(y, 2, out=do)
    np.subtract(tmp1, do, out=do)
    do *= tmp4[:, :, None]
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.square(h, out=dh_arg)
    np.subtract(1, dh_arg, out=dh_arg)
    dh_arg *= dh
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W_1) = sum(outer(grad(h.arg[t]), y.held[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, y_held[1:T + 1].reshape(-1, n_y), out=dW_1)
    # grad(W_2) = sum(outer(grad(h.arg[t]), y.held[t-2]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, y_held[:T].reshape(-1, n_y), out=dW_2)
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))

    gradient = Params(U=dU, W_1=dW_1, W_2=dW_2, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window, state):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h, o, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    U, W_1, W_2, V, b, c = params
    state = None if state is None else _as_state(state)
    y_before2, y_before1 = _before(state, "y", 2, (B, n_y), ("B", "n_y"), single, dtype)
    _window(window, None, ("T",), None)

    y_held = np.empty((T + 2, B, n_y), dtype)
    # y.held[-1] = y.before2
    y_held[0] = y_before2
    # y.held[0] = y.before1
    y_held[1] = y_before1
    # y.held[t] = y[t]
    y_held[2:] = y
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
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
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    dh_arg = np.empty((T, B, n_h), dtype)
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.square(h, out=dh_arg)
    np.subtract(1, dh_arg, out=dh_arg)
    dh_arg *= dh
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    dU = np.empty((n_h, n_x), dtype)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    dW_1 = np.empty((n_h, n_y), dtype)
    # grad(W_1) = sum(outer(grad(h.arg[t]), y.held[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, y_held[1:T + 1].reshape(-1, n_y), out=dW_1)
    dW_2 = np.empty((n_h, n_y), dtype)
    # grad(W_2) = sum(outer(grad(h.arg[t]), y.held[t-2]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, y_held[:T].reshape(-1, n_y), out=dW_2)

    return Params(U=dU, W_1=dW_1, W_2=dW_2, V=dV, b=db, c=dc)


def _loss_and_grad_checkpointed(params, x, y, wrt, workspace, state, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, whole=True)
    U, W_1, W_2, V, b, c = params
    wrt = _asked(wrt, ("x",))
    state = None if state is None else _as_state(state)
    y_before2, y_before1 = _before(state, "y", 2, (B, n_y), ("B", "n_y"), single, dtype)
    ends = _segment_ends(checkpoint, T, 2)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        dU, dW_1, dW_2, dV, db, dc,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, n_x, n_y, n_h, dtype)
    loss = 0.0
    for total in (dU, dW_1, dW_2, dV, db, dc):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            x[first:last],
            y[first:last],
            y[first - 2] if n else y_before2,
            y[first - 1] if n else y_before1,
            last - first,
            n_x,
            n_y,
            n_h,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dx_part = found
        loss += float(loss_part)
        _add_each((dU, dW_1, dW_2, dV, db, dc), parts)
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(U=dU, W_1=dW_1, W_2=dW_2, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    return float(loss), gradient, result


def _segment(params, x, y, y_before2, y_before1, T, n_x, n_y, n_h, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    U, W_1, W_2, V, b, c = params

    (
        tmp0, tmp1, tmp2, h_arg, y_held, h, o, do, dc, dV, dh, dh_arg, db, dU, dW_1, dW_2,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, B, dtype)
    # h.arg[t] = b + W_1 @ y.held[t-1] + W_2 @ y.held[t-2] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    # y.held[0] = y.before1
    y_held[1] = y_before1
    # y.held[t] = y[t]
    y_held[2:] = y
    # h.arg[t] = b + W_1 @ y.held[t-1] + W_2 @ y.held[t-2] + U @ x[t]
    np.matmul(y_held[1:T + 1].reshape(-1, n_y), W_1.T, out=tmp0.reshape(-1, n_h))
    h_arg += tmp0
    # y.held[-1] = y.before2
    y_held[0] = y_before2
    # h.arg[t] = b + W_1 @ y.held[t-1] + W_2 @ y.held[t-2] + U @ x[t]
    np.matmul(y_held[:T].reshape(-1, n_y), W_2.T, out=tmp0.reshape(-1, n_h))
    h_arg += tmp0
    h_arg += b
    # h[t] = tanh(b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t])
    np.tanh(h_arg, out=h)
    # o[t] = c + V @ h[t]
    np.matmul(h.reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
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
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.square(h, out=dh_arg)
    np.subtract(1, dh_arg, out=dh_arg)
    dh_arg *= dh
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W_1) = sum(outer(grad(h.arg[t]), y.held[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, y_held[1:T + 1].reshape(-1, n_y), out=dW_1)
    # grad(W_2) = sum(outer(grad(h.arg[t]), y.held[t-2]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, y_held[:T].reshape(-1, n_y), out=dW_2)
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))

    return loss, (dU, dW_1, dW_2, dV, db, dc), dx if "x" in wrt else None


def _loss_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    o = np.empty((T, B, n_y), dtype)
    tmp2 = o
    h_arg = np.empty((T, B, n_h), dtype)
    y_padded = np.empty((T + 1, B, n_y), dtype)
    h = h_arg
    return tmp0, tmp1, o, tmp2, h_arg, y_padded, h


def _loss_and_grad_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    y_padded = np.empty((T + 2, B, n_y), dtype)
    h = h_arg
    o = np.empty((T, B, n_y), dtype)
    do = tmp2
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = tmp0
    dh_arg = np.empty((T, B, n_h), dtype)
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW_1 = np.empty((n_h, n_y), dtype)
    dW_2 = np.empty((n_h, n_y), dtype)
    return tmp0, tmp1, tmp2, h_arg, y_padded, h, o, do, dc, dV, dh, dh_arg, db, dU, dW_1, dW_2


def _loss_padded_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    o = np.empty((T, B, n_y), dtype)
    tmp2 = o
    tmp3 = np.empty((B, T), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    y_held = np.empty((T + 1, B, n_y), dtype)
    h = h_arg
    loss_sum = np.empty((T, B), dtype)
    return tmp0, tmp1, o, tmp2, tmp3, h_arg, y_held, h, loss_sum


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((B, T), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    y_held = np.empty((T + 2, B, n_y), dtype)
    h = h_arg
    o = np.empty((T, B, n_y), dtype)
    loss_sum = np.empty((T, B), dtype)
    tmp4 = loss_sum
    do = o
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = tmp0
    dh_arg = np.empty((T, B, n_h), dtype)
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW_1 = np.empty((n_h, n_y), dtype)
    dW_2 = np.empty((n_h, n_y), dtype)
    return tmp0, tmp1, tmp2, tmp3, h_arg, y_held, h, o, loss_sum, tmp4, do, dc, dV, dh, dh_arg, db, dU, dW_1, dW_2


def _loss_and_grad_checkpointed_arrays(n_x, n_y, n_h, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    dU = np.empty((n_h, n_x), dtype)
    dW_1 = np.empty((n_h, n_y), dtype)
    dW_2 = np.empty((n_h, n_y), dtype)
    dV = np.empty((n_y, n_h), dtype)
    db = np.empty((n_h,), dtype)
    dc = np.empty((n_y,), dtype)
    return dU, dW_1, dW_2, dV, db, dc


def _segment_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    y_held = np.empty((T + 2, B, n_y), dtype)
    h = h_arg
    o = np.empty((T, B, n_y), dtype)
    do = tmp2
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = tmp0
    dh_arg = np.empty((T, B, n_h), dtype)
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW_1 = np.empty((n_h, n_y), dtype)
    dW_2 = np.empty((n_h, n_y), dtype)
    return tmp0, tmp1, tmp2, h_arg, y_held, h, o, do, dc, dV, dh, dh_arg, db, dU, dW_1, dW_2


def _arguments(params, x, y, whole=False):
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
        _expect("y", y, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from W_1")
        if single:
            y = y[:, None]
    return params, x, y, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    h = _real("forward.h", forward.h, dtype)
    o = _real("forward.o", forward.o, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from W_1")
    _expect("forward.h", h, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.o", o, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from W_1")
    if single:
        x = x[:, None]
        y = y[:, None]
        h = h[:, None]
        o = o[:, None]
    return params, x, y, h, o, dtype, single, n_h, n_x, n_y, T, B


def _initial_arguments(params, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    return params, dtype, single, n_h, n_x, n_y, B


def _step_arguments(params, state, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    y_before = _real("state.y", state.y, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from U")
    _expect("y", y, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from W_1")
    _expect("state.y", y_before, (2, *batch_axis, n_y), ("2", "B", "n_y"), "B from x, n_y from W_1")
    if single:
        x = x[None]
        y = y[None]
        y_before = y_before[:, None]
    return params, x, y, y_before, dtype, single, n_h, n_x, n_y, B


def _free_run_arguments(params, x):
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
    return params, x, dtype, single, n_h, n_x, n_y, T, B


def _padded_arguments(params, x, y, lengths, whole=False):
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
        _expect("y", y, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from W_1")
        if single:
            y = y[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
    return params, x, y, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    h = _real("forward.h", forward.h, dtype)
    o = _real("forward.o", forward.o, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from W_1")
    _expect("forward.h", h, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.o", o, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from W_1")
    if single:
        x = x[:, None]
        y = y[:, None]
        h = h[:, None]
        o = o[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    return params, x, y, h, o, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    U, W_1, W_2, V, b, c = params
    _rank("U", U, ("n_h", "n_x"))
    n_h, n_x = U.shape
    _rank("W_1", W_1, ("n_h", "n_y"))
    n_y = W_1.shape[1]
    _expect("W_1", W_1, (n_h, n_y), ("n_h", "n_y"), "n_h from U")
    _expect("W_2", W_2, (n_h, n_y), ("n_h", "n_y"), "n_h from U, n_y from W_1")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_y from W_1, n_h from U")
    _expect("b", b, (n_h,), ("n_h",), "n_h from U")
    _expect("c", c, (n_y,), ("n_y",), "n_y from W_1")
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


def _before(state, field, lags, shape, axes, single, dtype, count=None, what=""):
    """What a state holds of a variable, step by step, the oldest first; zeros where nothing came before."""
    if state is None:
        return [np.zeros(shape, dtype) for _ in range(lags)]
    name, given = f"state.{field}", getattr(state, field)
    array = _integers(name, given) if count is not None else _real(name, given, dtype)
    lead, axes = ((), axes) if lags == 1 else ((lags,), (str(lags), *axes))
    inner = tuple(n for n, axis in zip(shape, axes[len(lead) :], strict=True) if axis != "B" or not single)
    _expect(name, array, (*lead, *inner), axes)
    if count is not None:
        _classes(name, np.ascontiguousarray(array), count, what)
    return list(array.reshape(lags, *shape))


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


def _generator(rng):
    """Refuses what is no random generator."""
    if rng is not None and not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: a {type(rng).__name__}, expected numpy.random.default_rng(...)")


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


def _last_given(name, array, axis, lags, lengths, earlier):
    """The last steps of data, and of what an earlier piece left where there are too few."""
    if earlier is not None:
        earlier = np.moveaxis(np.asarray(earlier)[None] if lags == 1 else np.asarray(earlier), 0, axis)
        return _last(np.concatenate((earlier, array), axis), axis, lags, lags, lengths)
    least = array.shape[axis] if lengths is None else lengths.min()
    if least < lags:
        raise ValueError(f"state: None, and {name} has {least} steps of {lags}; begin with state=init_state(...)")
    return _last(array, axis, lags, 0, lengths)


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


def _true_values(name, given, truth, shape, axes, single, dtype):
    """True values at the steps where they are read, 0 elsewhere."""
    if given is None:
        return np.zeros(shape, dtype)
    array = _real(name, given, dtype)
    _expect(name, array, tuple(n for n, axis in zip(shape, axes, strict=True) if axis != "B" or not single), axes)
    return np.where(truth.reshape(truth.shape + (1,) * (len(shape) - 2)), array.reshape(shape), np.zeros((), dtype))


def _truth(truth, answers, steps, batch, single):
    """The steps at which each example reads the true values."""
    for name, given in answers:
        if given is None and truth is not None:
            raise ValueError(f"{name}: None, and truth says at which steps it is read")
        if given is not None and truth is None:
            raise ValueError(f"truth: None, and {name} is given; truth says at which steps it is read")
    if truth is None:
        return np.zeros((steps, batch), bool)
    array = _array("truth", truth)
    if array.dtype != bool:
        raise ValueError(f"truth: dtype {array.dtype}, expected bool")
    if array.shape not in ((steps,), (steps, batch)[: 2 - single]):
        raise ValueError(f"truth: shape {array.shape}, expected {(steps,)}{'' if single else f' or {(steps, batch)}'}")
    return np.broadcast_to(array if array.ndim == 2 else array[:, None], (steps, batch))


def _window(given, sequence, known, steps):
    """How many steps a window has; all of them where nothing is given."""
    if isinstance(given, dict):
        given = _of_sequence("window", given, sequence, known)
    return steps if given is None else _size("window", given)
