# Written by derive from output_recurrence.eq; do not edit.
# Change output_recurrence.eq instead, and run: derive generate output_recurrence
# source 0036af1393e40eb5, derive 07e8f9d843407be1, body 6315a6646383d322
"""Output recurrence: the only link from one step to the next goes from the output back to the hidden layer.

Goodfellow, Bengio & Courville (2016), Deep Learning, fig. 10.4 and section 10.2; a network of this kind is Jordan's
(1986).

The equations::

    x: Input[T, n_x]          # what is read at each step
    y: Label[T, n_y]          # the class to predict at each step
    U: Param[n_h, n_x]        # input to hidden
    W: Param[n_h, n_y]        # output of the step before to hidden
    V: Param[n_y, n_h]        # hidden to output
    b: Param[n_h]
    c: Param[n_y]

    o[0] = 0
    h[t] = tanh(b + W @ o[t-1] + U @ x[t])
    o[t] = c + V @ h[t]
    yhat[t] = softmax(o[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    U: np.ndarray  # (n_h, n_x)  input to hidden
    W: np.ndarray  # (n_h, n_y)  output of the step before to hidden
    V: np.ndarray  # (n_y, n_h)  hidden to output
    b: np.ndarray  # (n_h)
    c: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    h: np.ndarray  # (T, B, n_h)
    o: np.ndarray  # (T + 1, B, n_y)
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    o: np.ndarray  # (B, n_y)


class Outputs(NamedTuple):
    """The variables at one step."""

    h: np.ndarray  # (B, n_h)
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
        c=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    o0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  the class to predict at each step
    o0       (B, n_y)     real        o[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from
                                      there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if state is not None:
        (o0,) = _resumed(state, ("o",), (("o0", o0),))
    if lengths is not None:
        return _forward_padded(params, x, y, o0, lengths)
    params, x, y, o0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, o0)
    U, W, V, b, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = b + W @ o[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    o = np.empty((T + 1, B, n_y), dtype)
    # o[0] = 0
    o[0] = o0
    # o[t] = c + V @ h[t]
    o[1:] = c
    h = np.empty((T, B, n_h), dtype)
    W_T = np.empty((n_y, n_h), dtype)
    W_T[...] = W.T
    V_T = np.empty((n_h, n_y), dtype)
    V_T[...] = V.T
    o_at = list(o)
    h_arg_at = list(h_arg)
    h_at = list(h)
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ o[t-1] + U @ x[t]
        o_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ o[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=h_at[t - 1])
        # o[t] = c + V @ h[t]
        h_at[t - 1].dot(V_T, out=tmp1)
        o_at[t] += tmp1
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o[1:], 2, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o[1:], yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((T, B), dtype)
        rows = np.arange(T * B).reshape(T, B)
        flat = np.empty((T, B), np.intp)
        # loss = sum(-log(yhat[t, y[t]]), t)
        _look_up(o[1:], y, rows, flat, out=tmp_3_0)
        np.subtract(yhat_lse, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
    else:
        loss = None

    if single:
        h = h[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(h=h, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    o0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real        what is read at each step
    y          (T, B)       0..n_y - 1  the class to predict at each step
    o0         (B, n_y)     real        o[0]; 0 where not given
    workspace               Workspace   its arrays are used, and hold the results until its next call
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths    (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        (o0,) = _resumed(state, ("o",), (("o0", o0),))
    if lengths is not None:
        return _loss_padded(params, x, y, o0, lengths, workspace)
    params, x, y, o0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, o0, whole=True)
    U, W, V, b, c = params

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, o, h, W_T, V_T, o_at, h_arg_at, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ o[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # o[0] = 0
    o[0] = o0
    # o[t] = c + V @ h[t]
    o[1:] = c
    W_T[...] = W.T
    V_T[...] = V.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ o[t-1] + U @ x[t]
        o_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ o[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=h)
        # o[t] = c + V @ h[t]
        h.dot(V_T, out=tmp1)
        o_at[t] += tmp1
    # yhat[t] = softmax(o[t])
    _logsumexp(o[1:], 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o[1:], y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    o0: np.ndarray | None = None,
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
        (o0,) = _resumed(state, ("o",), (("o0", o0),))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, o0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, o0, lengths, wrt, workspace, window)
    params, x, y, o0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, o0, whole=True)
    U, W, V, b, c = params
    wrt = _asked(wrt, ("x", "o0"))

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, o, h, W_T, V_T, o_at, h_arg_at, h_at, yhat_lse, largest, yhat, rows, flat,
        h_arg_factor, do, entries, dh, dh_arg, dh_arg_at, do_at, h_arg_factor_at, dc, dV, db, dU, dW,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ o[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # o[0] = 0
    o[0] = o0
    # o[t] = c + V @ h[t]
    o[1:] = c
    W_T[...] = W.T
    V_T[...] = V.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ o[t-1] + U @ x[t]
        o_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ o[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=h_at[t - 1])
        # o[t] = c + V @ h[t]
        h_at[t - 1].dot(V_T, out=tmp1)
        o_at[t] += tmp1
    # yhat[t] = softmax(o[t])
    _logsumexp(o[1:], 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(o[1:], yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o[1:], y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h, out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    # grad(o[t]) = W.T @ grad(h.arg[t+1]) + yhat[t] - onehot(y[t]), t < T
    do[1:] = yhat
    _add_to(do[1:], y, rows, flat, entries, -1)
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(do[T], V, out=dh)
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh, h_arg_factor[T - 1], out=dh_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(o[t]) = W.T @ grad(h.arg[t+1]) + yhat[t] - onehot(y[t]), t < T
        dh_arg_at[t].dot(W, out=tmp1)
        do_at[t] += tmp1
        # grad(h[t]) = V.T @ grad(o[t])
        do_at[t].dot(V, out=dh)
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh, h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do[1:], axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do[1:].reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[t]), o[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, o[:T].reshape(-1, n_y), out=dW)
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))
    if "o0" in wrt:
        # grad(o[0]) = W.T @ grad(h.arg[1])
        np.matmul(dh_arg[0], W, out=do[0])
        do0 = np.empty((B, n_y), dtype)
        # grad(o.0) = grad(o[0])
        do0[...] = do[0]

    gradient = Params(U=dU, W=dW, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "o0" in wrt:
        result["o0"] = do0[0] if single else do0
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
    params, x, y, h, o, yhat, dtype, single, n_h, n_x, n_y, T, B = _backward_arguments(params, forward, x, y)
    U, W, V, b, c = params

    tmp0 = np.empty((B, n_y), dtype)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = W.T @ grad(h.arg[t+1]) + yhat[t] - onehot(y[t]), t < T
    do[...] = yhat
    h_arg_factor = np.empty((T, B, n_h), dtype)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h, out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    # grad(o[t]) = W.T @ grad(h.arg[t+1]) + yhat[t] - onehot(y[t]), t < T
    _add_to(do, y, rows, flat, entries, -1)
    dh = np.empty((B, n_h), dtype)
    dh_arg = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(do[T - 1], V, out=dh)
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh, h_arg_factor[T - 1], out=dh_arg[T - 1])
    dh_arg_at = list(dh_arg)
    do_at = list(do)
    h_arg_factor_at = list(h_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(o[t]) = W.T @ grad(h.arg[t+1]) + yhat[t] - onehot(y[t]), t < T
        dh_arg_at[t].dot(W, out=tmp0)
        do_at[t - 1] += tmp0
        # grad(h[t]) = V.T @ grad(o[t])
        do_at[t - 1].dot(V, out=dh)
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh, h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
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
    # grad(W) = sum(outer(grad(h.arg[t]), o[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, o[:T].reshape(-1, n_y), out=dW)

    return Params(U=dU, W=dW, V=dV, b=db, c=dc)


def init_state(params: Params, *, o0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    o0  (B, n_y)  real  o[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, o0, dtype, single, n_h, n_x, n_y, B = _initial_arguments(params, o0, batch)

    # o[0] = 0
    o_prev = o0.copy()

    if single:
        o_prev = o_prev[0]
    return State(o=o_prev)


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real  what is read at each step

    Data without the axis B are one example.
    """
    params, x, o_prev, dtype, single, n_h, n_x, n_y, B = _step_arguments(params, state, x)
    U, W, V, b, c = params

    # h.arg[t] = b + W @ o[t-1] + U @ x[t]
    h_arg = x @ U.T
    h_arg += o_prev @ W.T
    h_arg += b
    # h[t] = tanh(b + W @ o[t-1] + U @ x[t])
    h = np.tanh(h_arg)
    # o[t] = c + V @ h[t]
    o = h @ V.T
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])

    if single:
        o = o[0]
        h = h[0]
        yhat = yhat[0]
    result = State(o=o)
    return result, Outputs(h=h, o=o, yhat=yhat)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.o.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.o.ndim < 3 else forward.o.shape[1], forward.o.ndim < 3, 1
    )
    return State(o=_last(forward.o, 0, 1, 1, lengths))


def _forward_padded(params, x, y, o0, lengths):
    """`forward` where examples have their own lengths."""
    params, x, y, o0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own = _padded_arguments(params, x, y, o0, lengths)
    U, W, V, b, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = b + W @ o[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    o_inside = np.empty((T, B, n_y), dtype)
    # o[t] = c + V @ h[t]
    o_inside[...] = c
    o = np.empty((T + 1, B, n_y), dtype)
    # o[0] = 0
    o[0] = o0
    h = np.empty((T, B, n_h), dtype)
    W_T = np.empty((n_y, n_h), dtype)
    W_T[...] = W.T
    V_T = np.empty((n_h, n_y), dtype)
    V_T[...] = V.T
    o_at = list(o)
    h_arg_at = list(h_arg)
    h_at = list(h)
    o_inside_at = list(o_inside)
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ o[t-1] + U @ x[t]
        o_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ o[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=h_at[t - 1])
        # o[t] = c + V @ h[t]
        h_at[t - 1].dot(V_T, out=tmp1)
        o_inside_at[t - 1] += tmp1
        o[t] = np.where((t <= T_own)[:, None], o_inside[t - 1], o[t - 1])
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o[1:], 2, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o[1:], yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((B, T), dtype)
        tmp_3_1 = np.empty((B, T), dtype)
        tmp_3_2 = np.empty((B, T), dtype)
        # loss = sum(-log(yhat[t, y[t]]), t)
        tmp_3_1[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
        tmp_3_2[...] = o[np.arange(1, T + 1)[:, None], np.arange(B), y].T
        tmp_3_0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp_3_2, 0)
        np.subtract(tmp_3_1, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
    else:
        loss = None

    if single:
        h = h[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(h=h, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, o0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, o0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, o0, lengths, whole=True)
    U, W, V, b, c = params

    (
        tmp0, tmp1, o_inside, tmp2, tmp3, tmp4, tmp5, h_arg, o, h, W_T, V_T, o_at, h_arg_at, o_inside_at, yhat_lse,
        largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ o[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # o[t] = c + V @ h[t]
    o_inside[...] = c
    # o[0] = 0
    o[0] = o0
    W_T[...] = W.T
    V_T[...] = V.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ o[t-1] + U @ x[t]
        o_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ o[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=h)
        # o[t] = c + V @ h[t]
        h.dot(V_T, out=tmp1)
        o_inside_at[t - 1] += tmp1
        o[t] = np.where((t <= T_own)[:, None], o_inside[t - 1], o[t - 1])
    # yhat[t] = softmax(o[t])
    _logsumexp(o[1:], 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp5[...] = o[np.arange(1, T + 1)[:, None], np.arange(B), y].T
    tmp3[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp5, 0)
    np.subtract(tmp4, tmp3, out=tmp3)
    loss = tmp3.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, o0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, o0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, o0, lengths, whole=True)
    U, W, V, b, c = params
    wrt = _asked(wrt, ("x", "o0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, o_inside, tmp2, tmp3, tmp4, tmp5, h_arg, o, h, W_T, V_T, o_at, h_arg_at, h_at, o_inside_at,
        yhat_lse, largest, yhat, tmp6, h_arg_factor, do, rows, flat, entries, dh, dh_arg, dh_arg_at, do_at,
        h_arg_factor_at, dc, dV, db, dU, dW,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ o[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # o[t] = c + V @ h[t]
    o_inside[...] = c
    # o[0] = 0
    o[0] = o0
    W_T[...] = W.T
    V_T[...] = V.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ o[t-1] + U @ x[t]
        o_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ o[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=h_at[t - 1])
        # o[t] = c + V @ h[t]
        h_at[t - 1].dot(V_T, out=tmp1)
        o_inside_at[t - 1] += tmp1
        o[t] = np.where((t <= T_own)[:, None], o_inside[t - 1], o[t - 1])
    # yhat[t] = softmax(o[t])
    _logsumexp(o[1:], 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(o[1:], yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp5[...] = o[np.arange(1, T + 1)[:, None], np.arange(B), y].T
    tmp3[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp5, 0)
    np.subtract(tmp4, tmp3, out=tmp3)
    loss = tmp3.sum()
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h, out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    # grad(o[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) +
    #     grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t]), t < T
    tmp6[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp6[:, :, None], yhat, out=do[1:])
    tmp6[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp6, out=tmp6)
    _add_to(do[1:], y, rows, flat, entries, tmp6)
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(do[T], V, out=dh)
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh, h_arg_factor[T - 1], out=dh_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(o[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) +
        #     grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t]), t < T
        dh_arg_at[t].dot(W, out=tmp1)
        tmp1 *= t // window_T == max(t - 1, 0) // window_T
        do_at[t] += tmp1
        # grad(h[t]) = V.T @ grad(o[t])
        do_at[t].dot(V, out=dh)
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh, h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do[1:], axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do[1:].reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[t]), o[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, o[:T].reshape(-1, n_y), out=dW)
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))
    if "o0" in wrt:
        # grad(o[0]) = W.T @ grad(h.arg[1])
        np.matmul(dh_arg[0], W, out=do[0])
        do0 = np.empty((B, n_y), dtype)
        # grad(o.0) = grad(o[0])
        do0[...] = do[0]

    gradient = Params(U=dU, W=dW, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "o0" in wrt:
        result["o0"] = do0[0] if single else do0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h, o, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    U, W, V, b, c = params
    window_T = _window(window, "T", ("T",), T)

    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) +
    #     grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t]), t < T
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp0[:, :, None], yhat, out=do)
    h_arg_factor = np.empty((T, B, n_h), dtype)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h, out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    # grad(o[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) +
    #     grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t]), t < T
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp0, out=tmp0)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, tmp0)
    dh = np.empty((B, n_h), dtype)
    dh_arg = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(do[T - 1], V, out=dh)
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh, h_arg_factor[T - 1], out=dh_arg[T - 1])
    dh_arg_at = list(dh_arg)
    do_at = list(do)
    h_arg_factor_at = list(h_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(o[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) +
        #     grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t]), t < T
        dh_arg_at[t].dot(W, out=tmp1)
        tmp1 *= t // window_T == max(t - 1, 0) // window_T
        do_at[t - 1] += tmp1
        # grad(h[t]) = V.T @ grad(o[t])
        do_at[t - 1].dot(V, out=dh)
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh, h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
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
    # grad(W) = sum(outer(grad(h.arg[t]), o[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, o[:T].reshape(-1, n_y), out=dW)

    return Params(U=dU, W=dW, V=dV, b=db, c=dc)


def _loss_and_grad_checkpointed(params, x, y, o0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, o0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, o0, whole=True)
    U, W, V, b, c = params
    wrt = _asked(wrt, ("x", "o0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        o0_kept, o_left1, dU, dW, dV, db, dc,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_h, B, dtype)
    o0_kept[0] = o0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x[first:last],
            o0_kept[n],
            last - first,
            n_x,
            n_y,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        (o0_kept[n + 1],) = found
    loss = 0.0
    for total in (o_left1, dU, dW, dV, db, dc):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            o_left1,
            x[first:last],
            y[first:last],
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
        loss_part, parts, do0, dx_part = found
        loss += float(loss_part)
        _add_each((dU, dW, dV, db, dc), parts)
        o_left1[...] = do0
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(U=dU, W=dW, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "o0" in wrt:
        result["o0"] = do0[0] if single else do0
    return float(loss), gradient, result


def _segment(params, o_left1, x, y, o0, T, n_x, n_y, n_h, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    U, W, V, b, c = params

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, o, h, W_T, V_T, o_at, h_arg_at, h_at, yhat_lse, largest, rows, flat,
        h_arg_factor, do, entries, dh, dh_arg, dh_arg_at, do_at, h_arg_factor_at, dc, dV, db, dU, dW, do0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ o[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # o[0] = 0
    o[0] = o0
    # o[t] = c + V @ h[t]
    o[1:] = c
    W_T[...] = W.T
    V_T[...] = V.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ o[t-1] + U @ x[t]
        o_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ o[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=h_at[t - 1])
        # o[t] = c + V @ h[t]
        h_at[t - 1].dot(V_T, out=tmp1)
        o_at[t] += tmp1
    # yhat[t] = softmax(o[t])
    _logsumexp(o[1:], 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o[1:], y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h, out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    # grad(o[t]) = W.T @ grad(h.arg[t+1]) + softmax(o[t]) - onehot(y[t]), t < T
    np.subtract(o[1:], yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=do[1:])
    # grad(o[T]) = o.left1 + softmax(o[T]) - onehot(y[T])
    do[T] += o_left1
    # grad(o[t]) = W.T @ grad(h.arg[t+1]) + softmax(o[t]) - onehot(y[t]), t < T
    _add_to(do[1:], y, rows, flat, entries, -1)
    # grad(h[t]) = V.T @ grad(o[t])
    np.matmul(do[T], V, out=dh)
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh, h_arg_factor[T - 1], out=dh_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(o[t]) = W.T @ grad(h.arg[t+1]) + softmax(o[t]) - onehot(y[t]), t < T
        dh_arg_at[t].dot(W, out=tmp1)
        do_at[t] += tmp1
        # grad(h[t]) = V.T @ grad(o[t])
        do_at[t].dot(V, out=dh)
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh, h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    # grad(o[t]) = W.T @ grad(h.arg[t+1]) + softmax(o[t]) - onehot(y[t]), t < T
    np.matmul(dh_arg[0], W, out=do[0])
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do[1:], axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do[1:].reshape(-1, n_y).T, h.reshape(-1, n_h), out=dV)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[t]), o[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, o[:T].reshape(-1, n_y), out=dW)
    # grad(o.0) = grad(o[0])
    do0[...] = do[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))

    return loss, (dU, dW, dV, db, dc), do0, dx if "x" in wrt else None


def _advance(params, x, o0, T, n_x, n_y, n_h, B, dtype, workspace):
    """The state after a segment."""
    U, W, V, b, c = params

    (
        tmp0, tmp1, h_arg, o, h, W_T, V_T, o_at, h_arg_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ o[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # o[0] = 0
    o[0] = o0
    # o[t] = c + V @ h[t]
    o[1:] = c
    W_T[...] = W.T
    V_T[...] = V.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ o[t-1] + U @ x[t]
        o_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ o[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=h)
        # o[t] = c + V @ h[t]
        h.dot(V_T, out=tmp1)
        o_at[t] += tmp1

    return (o[-1],)


def _loss_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    o = np.empty((T + 1, B, n_y), dtype)
    h = np.empty((B, n_h), dtype)
    W_T = np.empty((n_y, n_h), dtype)
    V_T = np.empty((n_h, n_y), dtype)
    o_at = list(o)
    h_arg_at = list(h_arg)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return tmp0, tmp1, tmp2, tmp3, h_arg, o, h, W_T, V_T, o_at, h_arg_at, yhat_lse, largest, rows, flat


def _loss_and_grad_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    o = np.empty((T + 1, B, n_y), dtype)
    h = h_arg
    W_T = np.empty((n_y, n_h), dtype)
    V_T = np.empty((n_h, n_y), dtype)
    o_at = list(o)
    h_arg_at = list(h_arg)
    h_at = list(h)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    h_arg_factor = np.empty((T, B, n_h), dtype)
    do = np.empty((T + 1, B, n_y), dtype)
    entries = np.empty((T, B), dtype)
    dh = tmp0
    dh_arg = h_arg_factor
    dh_arg_at = list(dh_arg)
    do_at = list(do)
    h_arg_factor_at = list(h_arg_factor)
    dc = np.empty((n_y,), dtype)
    dV = W_T
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = V_T
    return (
        tmp0, tmp1, tmp2, tmp3, h_arg, o, h, W_T, V_T, o_at, h_arg_at, h_at, yhat_lse, largest, yhat, rows, flat,
        h_arg_factor, do, entries, dh, dh_arg, dh_arg_at, do_at, h_arg_factor_at, dc, dV, db, dU, dW,
    )


def _loss_padded_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    o_inside = np.empty((T, B, n_y), dtype)
    tmp2 = o_inside
    tmp3 = np.empty((B, T), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    o = np.empty((T + 1, B, n_y), dtype)
    h = np.empty((B, n_h), dtype)
    W_T = np.empty((n_y, n_h), dtype)
    V_T = np.empty((n_h, n_y), dtype)
    o_at = list(o)
    h_arg_at = list(h_arg)
    o_inside_at = list(o_inside)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, o_inside, tmp2, tmp3, tmp4, tmp5, h_arg, o, h, W_T, V_T, o_at, h_arg_at, o_inside_at, yhat_lse,
        largest,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    o_inside = np.empty((T, B, n_y), dtype)
    tmp2 = o_inside
    tmp3 = np.empty((B, T), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    o = np.empty((T + 1, B, n_y), dtype)
    h = h_arg
    W_T = np.empty((n_y, n_h), dtype)
    V_T = np.empty((n_h, n_y), dtype)
    o_at = list(o)
    h_arg_at = list(h_arg)
    h_at = list(h)
    o_inside_at = list(o_inside)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp6 = yhat_lse
    h_arg_factor = np.empty((T, B, n_h), dtype)
    do = np.empty((T + 1, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dh = tmp0
    dh_arg = h_arg_factor
    dh_arg_at = list(dh_arg)
    do_at = list(do)
    h_arg_factor_at = list(h_arg_factor)
    dc = np.empty((n_y,), dtype)
    dV = W_T
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = V_T
    return (
        tmp0, tmp1, o_inside, tmp2, tmp3, tmp4, tmp5, h_arg, o, h, W_T, V_T, o_at, h_arg_at, h_at, o_inside_at,
        yhat_lse, largest, yhat, tmp6, h_arg_factor, do, rows, flat, entries, dh, dh_arg, dh_arg_at, do_at,
        h_arg_factor_at, dc, dV, db, dU, dW,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    o0_kept = np.empty((count, B, n_y), dtype)
    o_left1 = np.empty((B, n_y), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = np.empty((n_h, n_y), dtype)
    dV = np.empty((n_y, n_h), dtype)
    db = np.empty((n_h,), dtype)
    dc = np.empty((n_y,), dtype)
    return o0_kept, o_left1, dU, dW, dV, db, dc


def _segment_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    o = np.empty((T + 1, B, n_y), dtype)
    h = h_arg
    W_T = np.empty((n_y, n_h), dtype)
    V_T = np.empty((n_h, n_y), dtype)
    o_at = list(o)
    h_arg_at = list(h_arg)
    h_at = list(h)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    h_arg_factor = np.empty((T, B, n_h), dtype)
    do = np.empty((T + 1, B, n_y), dtype)
    entries = np.empty((T, B), dtype)
    dh = tmp0
    dh_arg = h_arg_factor
    dh_arg_at = list(dh_arg)
    do_at = list(do)
    h_arg_factor_at = list(h_arg_factor)
    dc = np.empty((n_y,), dtype)
    dV = W_T
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = V_T
    do0 = tmp1
    return (
        tmp0, tmp1, tmp2, tmp3, h_arg, o, h, W_T, V_T, o_at, h_arg_at, h_at, yhat_lse, largest, rows, flat,
        h_arg_factor, do, entries, dh, dh_arg, dh_arg_at, do_at, h_arg_factor_at, dc, dV, db, dU, dW, do0,
    )


def _advance_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    o = np.empty((T + 1, B, n_y), dtype)
    h = np.empty((B, n_h), dtype)
    W_T = np.empty((n_y, n_h), dtype)
    V_T = np.empty((n_h, n_y), dtype)
    o_at = list(o)
    h_arg_at = list(h_arg)
    return tmp0, tmp1, h_arg, o, h, W_T, V_T, o_at, h_arg_at


def _arguments(params, x, y, o0, whole=False):
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
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[:, None]
    if o0 is None:
        o0 = np.zeros((B, n_y), dtype)
    else:
        o0 = _real("o0", o0, dtype)
        _expect("o0", o0, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from W")
        if single:
            o0 = o0[None]
    return params, x, y, o0, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    o = _real("forward.o", forward.o, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.h", h, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.o", o, (T + 1, *batch_axis, n_y), ("T + 1", "B", "n_y"), "T and B from x, n_y from W")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from W")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        h = h[:, None]
        o = o[:, None]
        yhat = yhat[:, None]
    return params, x, y, h, o, yhat, dtype, single, n_h, n_x, n_y, T, B


def _initial_arguments(params, o0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if o0 is None:
        o0 = np.zeros((B, n_y), dtype)
    else:
        o0 = _real("o0", o0, dtype)
        _expect("o0", o0, (*batch_axis, n_y), ("B", "n_y"), "B from batch, n_y from W")
        if single:
            o0 = o0[None]
    return params, o0, dtype, single, n_h, n_x, n_y, B


def _step_arguments(params, state, x):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    o_prev = _real("state.o", state.o, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from U")
    _expect("state.o", o_prev, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from W")
    if single:
        x = x[None]
        o_prev = o_prev[None]
    return params, x, o_prev, dtype, single, n_h, n_x, n_y, B


def _padded_arguments(params, x, y, o0, lengths, whole=False):
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
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        if single:
            y = y[:, None]
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
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, o0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    o = _real("forward.o", forward.o, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.h", h, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.o", o, (T + 1, *batch_axis, n_y), ("T + 1", "B", "n_y"), "T and B from x, n_y from W")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from W")
    if single:
        x = x[:, None]
        y = y[:, None]
        h = h[:, None]
        o = o[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h, o, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    U, W, V, b, c = params
    _rank("U", U, ("n_h", "n_x"))
    n_h, n_x = U.shape
    _rank("W", W, ("n_h", "n_y"))
    n_y = W.shape[1]
    _expect("W", W, (n_h, n_y), ("n_h", "n_y"), "n_h from U")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_y from W, n_h from U")
    _expect("b", b, (n_h,), ("n_h",), "n_h from U")
    _expect("c", c, (n_y,), ("n_y",), "n_y from W")
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
