# Written by derive from vector_to_sequence.eq; do not edit.
# Change vector_to_sequence.eq instead, and run: derive generate vector_to_sequence
# source 0cc9b2da25245462, derive 07e8f9d843407be1, body c1f4d927561ae41a
"""One vector to a sequence: the vector is an extra input at every step of a network that writes the sequence.

Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.2.4 and fig. 10.9 (a caption for an image, say): R @ x
is a bias of the hidden units that the vector sets.

The equations::

    x: Input[n_x]             # the vector, the same at every step
    y: Label[T, n_y]          # the sequence to write; y[t-1] is read when y[t] is predicted
    R: Param[n_h, n_x]        # vector to hidden
    U: Param[n_h, n_y]        # element before to hidden
    W: Param[n_h, n_h]        # hidden to hidden
    V: Param[n_y, n_h]        # hidden to output
    b: Param[n_h]
    c: Param[n_y]

    h[0] = 0
    h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    o[t] = c + V @ h[t]
    yhat[t] = softmax(o[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    R: np.ndarray  # (n_h, n_x)  vector to hidden
    U: np.ndarray  # (n_h, n_y)  element before to hidden
    W: np.ndarray  # (n_h, n_h)  hidden to hidden
    V: np.ndarray  # (n_y, n_h)  hidden to output
    b: np.ndarray  # (n_h)
    c: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    h: np.ndarray  # (T + 1, B, n_h)
    o: np.ndarray  # (T, B, n_y)
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    y: np.ndarray  # (B)  the sequence to write; y[t-1] is read when y[t] is predicted
    h: np.ndarray  # (B, n_h)
    t: int  # steps so far


class Outputs(NamedTuple):
    """The variables at one step."""

    h: np.ndarray  # (B, n_h)
    o: np.ndarray  # (B, n_y)
    yhat: np.ndarray  # (B, n_y)


class FreeRun(NamedTuple):
    """What `free_run` returns, with what it read back; one example has no axis B."""

    h: np.ndarray  # (T + 1, B, n_h)
    o: np.ndarray  # (T, B, n_y)
    yhat: np.ndarray  # (T, B, n_y)
    y: np.ndarray  # (T, B)  the sequence to write; y[t-1] is read when y[t] is predicted


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
        R=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        U=(rng.standard_normal((n_h, n_y)) / np.sqrt(n_y)).astype(dtype),
        W=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        b=np.zeros((n_h,), dtype),
        c=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (B, n_x)  real        the vector, the same at every step
    y        (T, B)    0..n_y - 1  the sequence to write; y[t-1] is read when y[t] is predicted
    h0       (B, n_h)  real        h[0]; 0 where not given
    state              State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not
                                   given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None or state is not None:
        return _forward_padded(params, x, y, h0, lengths, state)
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0)
    R, U, W, V, b, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T - 1, B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    h_look = np.empty((T, B, n_h), dtype)
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    h_look[...] = 0
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = b + W @ h[t-1] + U[:, y[t-1]] + R @ x
    np.matmul(x, R.T, out=tmp0)
    h_arg[...] = tmp0
    h_arg += b
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    tmp1[...] = U[:, y[:T - 1]].transpose(1, 2, 0)
    h_look[1:] += tmp1
    # h.arg[t] = b + W @ h[t-1] + U[:, y[t-1]] + R @ x
    h_arg += h_look
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    W_T = np.empty((n_h, n_h), dtype)
    W_T[...] = W.T
    h_at = list(h)
    h_arg_at = list(h_arg)
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U[:, y[t-1]] + R @ x
        h_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
        np.tanh(h_arg_at[t - 1], out=h_at[t])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = c + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()

    if single:
        h = h[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(h=h, o=o, yhat=yhat, loss=float(loss))


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

    x          (B, n_x)  real        the vector, the same at every step
    y          (T, B)    0..n_y - 1  the sequence to write; y[t-1] is read when y[t] is predicted
    h0         (B, n_h)  real        h[0]; 0 where not given
    workspace            Workspace   its arrays are used, and hold the results until its next call
    state                State       what an earlier piece left, from last_state or step: the sequence goes on from
                                     there
    lengths    (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not
                                     given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None or state is not None:
        return _loss_padded(params, x, y, h0, lengths, workspace, state)
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0)
    R, U, W, V, b, c = params

    (
        tmp0, tmp1, tmp2, tmp3, h_look, h_arg, h, W_T, h_at, h_arg_at, o, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_y, n_h, B, dtype)
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    h_look[...] = 0
    # h.arg[t] = b + W @ h[t-1] + U[:, y[t-1]] + R @ x
    np.matmul(x, R.T, out=tmp0)
    h_arg[...] = tmp0
    h_arg += b
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    tmp1[...] = U[:, y[:T - 1]].transpose(1, 2, 0)
    h_look[1:] += tmp1
    # h.arg[t] = b + W @ h[t-1] + U[:, y[t-1]] + R @ x
    h_arg += h_look
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U[:, y[t-1]] + R @ x
        h_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
        np.tanh(h_arg_at[t - 1], out=h_at[t])
    # o[t] = c + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
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
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x           (B, n_x)  real                       the vector, the same at every step
    y           (T, B)    0..n_y - 1                 the sequence to write; y[t-1] is read when y[t] is predicted
    h0          (B, n_h)  real                       h[0]; 0 where not given
    workspace             Workspace                  its arrays are used, and hold the results until its next call
    state                 State                      what an earlier piece left, from last_state or step: the sequence
                                                     goes on from there
    lengths     (B,)      1..T                       each example's own number of steps, what is given beyond is not
                                                     read; all where not given
    window                whole number >= 1          steps in a window: gradients stay in it, values go on to the next
    checkpoint            True or whole number >= 1  steps in a segment, True for about the root of all: states between
                                                     them are kept, the rest is computed anew; the same gradient up to
                                                     rounding

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, h0, wrt, workspace, state, checkpoint)
    if lengths is not None or window is not None or state is not None:
        return _loss_and_grad_padded(params, x, y, h0, lengths, wrt, workspace, window, state)
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0)
    R, U, W, V, b, c = params
    wrt = _asked(wrt, ("x", "h0"))

    (
        tmp0, tmp1, tmp2, tmp3, h_look, h_arg, h, W_T, h_at, h_arg_at, o, yhat_lse, largest, yhat, rows, flat, tmp4, do,
        entries, dc, dV, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at, db, dR, dW, dU,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, n_x, T, n_y, n_h, B, dtype)
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    h_look[...] = 0
    # h.arg[t] = b + W @ h[t-1] + U[:, y[t-1]] + R @ x
    np.matmul(x, R.T, out=tmp0)
    h_arg[...] = tmp0
    h_arg += b
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    tmp1[...] = U[:, y[:T - 1]].transpose(1, 2, 0)
    h_look[1:] += tmp1
    # h.arg[t] = b + W @ h[t-1] + U[:, y[t-1]] + R @ x
    h_arg += h_look
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U[:, y[t-1]] + R @ x
        h_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
        np.tanh(h_arg_at[t - 1], out=h_at[t])
    # o[t] = c + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
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
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    # grad(h[t]) = W.T @ grad(h.arg[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh[T], h_arg_factor[T - 1], out=dh_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = W.T @ grad(h.arg[t+1]) + V.T @ grad(o[t]), t < T
        dh_arg_at[t].dot(W, out=tmp0)
        dh_at[t] += tmp0
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(R) = sum(outer(grad(h.arg[t]), x), t)
    tmp4[...] = dh_arg.sum(axis=0).T
    np.matmul(tmp4, x, out=dR)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    dU.fill(0)
    # grad(U) = sum(outer(grad(h.arg[t]), onehot(y[t-1])), (t, 2, T))
    _scatter_add(dU, (np.arange(n_h)[:, None, None], y[:T - 1]), dh_arg[1:].transpose(2, 0, 1))
    if "x" in wrt:
        tmp_5_0 = np.empty((B, n_h), dtype)
        dx = np.empty((B, n_x), dtype)
        # grad(x) = sum(R.T @ grad(h.arg[t]), t)
        np.add.reduce(dh_arg, axis=0, out=tmp_5_0)
        np.matmul(tmp_5_0, R, out=dx)
    if "h0" in wrt:
        # grad(h[0]) = W.T @ grad(h.arg[1])
        np.matmul(dh_arg[0], W, out=dh[0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(R=dR, U=dU, W=dW, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[0] if single else dx
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
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    x        (B, n_x)  real               the vector, the same at every step
    y        (T, B)    0..n_y - 1         the sequence to write; y[t-1] is read when y[t] is predicted
    state              State              what an earlier piece left, from last_state or step: the sequence goes on from
                                          there
    lengths  (B,)      1..T               each example's own number of steps, what is given beyond is not read; all
                                          where not given
    window             whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _backward_padded(params, forward, x, y, lengths, window, state)
    params, x, y, h, yhat, dtype, single, n_h, n_x, n_y, T, B = _backward_arguments(params, forward, x, y)
    R, U, W, V, b, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((n_h, B), dtype)
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
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = W.T @ grad(h.arg[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    h_arg_factor = np.empty((T, B, n_h), dtype)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    dh_arg = np.empty((T, B, n_h), dtype)
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh[T - 1], h_arg_factor[T - 1], out=dh_arg[T - 1])
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = W.T @ grad(h.arg[t+1]) + V.T @ grad(o[t]), t < T
        dh_arg_at[t].dot(W, out=tmp0)
        dh_at[t - 1] += tmp0
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t - 1], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    dR = np.empty((n_h, n_x), dtype)
    # grad(R) = sum(outer(grad(h.arg[t]), x), t)
    tmp1[...] = dh_arg.sum(axis=0).T
    np.matmul(tmp1, x, out=dR)
    dW = np.empty((n_h, n_h), dtype)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    dU = np.zeros((n_h, n_y), dtype)
    # grad(U) = sum(outer(grad(h.arg[t]), onehot(y[t-1])), (t, 2, T))
    _scatter_add(dU, (np.arange(n_h)[:, None, None], y[:T - 1]), dh_arg[1:].transpose(2, 0, 1))

    return Params(R=dR, U=dU, W=dW, V=dV, b=db, c=dc)


def init_state(params: Params, *, h0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    h0  (B, n_h)  real  h[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, h0, dtype, single, n_h, n_x, n_y, B = _initial_arguments(params, h0, batch)

    y_prev = np.empty((B,), np.intp)
    # y@1 = 0
    y_prev[...] = 0
    # h[0] = 0
    h_prev = h0.copy()

    if single:
        y_prev = y_prev[0]
        h_prev = h_prev[0]
    return State(y=y_prev, h=h_prev, t=0)


def step(params: Params, state: State, *, x: np.ndarray, y: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real        the vector, the same at every step
    y  (B)       0..n_y - 1  the sequence to write; y[t-1] is read when y[t] is predicted

    Data without the axis B are one example.
    """
    params, x, y, y_prev, h_prev, dtype, single, n_h, n_x, n_y, B = _step_arguments(params, state, x, y)
    R, U, W, V, b, c = params
    t_now = _count("state.t", state[-1]) + 1

    h_look = np.empty((B, n_h), dtype)
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    h_look[...] = 0
    h_look += np.where(2 <= t_now, U[:, y_prev].T, 0)
    # h.arg[t] = b + W @ h[t-1] + U[:, y[t-1]] + R @ x
    h_arg = x @ R.T
    h_arg += h_prev @ W.T
    h_arg += b
    h_arg += h_look
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    h = np.tanh(h_arg)
    # o[t] = c + V @ h[t]
    o = h @ V.T
    o += c
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])

    if single:
        y = y[0]
        h = h[0]
        o = o[0]
        yhat = yhat[0]
    result = State(y=y, h=h, t=t_now)
    return result, Outputs(h=h, o=o, yhat=yhat)


def free_run(
    params: Params,
    *,
    x: np.ndarray,
    steps: int,
    h0: np.ndarray | None = None,
    y: np.ndarray | None = None,
    rng: np.random.Generator | None = None,
    truth: np.ndarray | None = None,
) -> FreeRun:
    """The model on its own: what it predicts is read where training reads the true values.

    x      (B, n_x)  real               the vector, the same at every step
    h0     (B, n_h)  real               h[0]; 0 where not given
    y      (T, B)    0..n_y - 1         the sequence to write; y[t-1] is read when y[t] is predicted
    steps            whole number >= 1
    rng              generator          draws the classes; the most probable ones where it is not given
    truth  (T, B)    bool               the steps that read y

    Data without the axis B are one example.
    """
    params, x, h0, dtype, single, n_h, n_x, n_y, steps, B = _free_run_arguments(params, x, h0, steps)
    R, U, W, V, b, c = params
    _generator(rng)
    truth = _truth(truth, (("y", y),), steps, B, single)
    y_given = _true_classes("y", y, truth, (steps, B), ("T", "B"), single, n_y, "n_y - 1")

    h_look = np.empty((steps, B, n_h), dtype)
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    h_look[...] = 0
    h_arg = np.empty((steps, B, n_h), dtype)
    # h.arg[t] = b + W @ h[t-1] + U[:, y[t-1]] + R @ x
    h_arg[...] = x @ R.T
    h_arg += b
    o = np.empty((steps, B, n_y), dtype)
    # o[t] = c + V @ h[t]
    o[...] = c
    h = np.empty((steps + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    yhat_lse = np.empty((B,), dtype)
    yhat = np.empty((steps, B, n_y), dtype)
    y_fed = np.empty((B,), np.intp)
    y = np.empty((steps, B), np.intp)
    # h.arg[t] = b + W @ h[t-1] + U[:, y[t-1]] + R @ x
    h_arg[0] += h[0] @ W.T
    h_arg[0] += h_look[0]
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    np.tanh(h_arg[0], out=h[1])
    # o[t] = c + V @ h[t]
    o[0] += h[1] @ V.T
    # yhat[t] = softmax(o[t])
    yhat_lse[...] = _logsumexp(o[0], 1)
    np.exp(o[0] - yhat_lse[:, None], out=yhat[0])
    # y.fed[t] = the most probable class of yhat[t], or one that is drawn
    y_fed[...] = _choice(yhat[0], 1, rng)
    # y[t] = y.fed[t], or the true one where truth[t]
    y[0] = np.where(truth[0] != 0, y_given[0], y_fed)
    W_T = W.T.copy()
    V_T = V.T.copy()
    for t in range(2, steps + 1):
        # h.arg[t] = b + W @ h[t-1] + U[:, y[t-1]] + R @ x
        h_arg[t - 1] += h[t - 1] @ W_T
        # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
        h_look[t - 1] += U[:, y[t - 2]].T
        # h.arg[t] = b + W @ h[t-1] + U[:, y[t-1]] + R @ x
        h_arg[t - 1] += h_look[t - 1]
        # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
        np.tanh(h_arg[t - 1], out=h[t])
        # o[t] = c + V @ h[t]
        o[t - 1] += h[t] @ V_T
        # yhat[t] = softmax(o[t])
        yhat_lse[...] = _logsumexp(o[t - 1], 1)
        np.exp(o[t - 1] - yhat_lse[:, None], out=yhat[t - 1])
        # y.fed[t] = the most probable class of yhat[t], or one that is drawn
        y_fed[...] = _choice(yhat[t - 1], 1, rng)
        # y[t] = y.fed[t], or the true one where truth[t]
        y[t - 1] = np.where(truth[t - 1] != 0, y_given[t - 1], y_fed)

    if single:
        h = h[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
        y = y[:, 0]
    return FreeRun(h=h, o=o, yhat=yhat, y=y)


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
        lengths, "T", ("T",), steps, 1 if y.ndim < 2 else y.shape[1], y.ndim < 2, 1
    )
    return State(
        y=_last_given("y", y, 0, 1, lengths, None if state is None else state.y),
        h=_last(forward.h, 0, 1, 1, lengths),
        t=_steps_so_far(state, steps, lengths),
    )


def _forward_padded(params, x, y, h0, lengths, state):
    """`forward` where examples have their own lengths."""
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own = _padded_arguments(params, x, y, h0, lengths)
    R, U, W, V, b, c = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")

    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    h_look = np.empty((T, B, n_h), dtype)
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    h_look[...] = 0
    y_held = np.empty((T, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    tmp1[...] = U[:, y_held].transpose(1, 2, 0)
    tmp0[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp1, 0)
    h_look += tmp0
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = b + W @ h[t-1] + where(2 <= t + T.done, U[:, y.held[t-1]], 0) + R @ x
    np.matmul(x, R.T, out=tmp2)
    h_arg[...] = tmp2
    h_arg += b
    h_arg += h_look
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    W_T = np.empty((n_h, n_h), dtype)
    W_T[...] = W.T
    h_at = list(h)
    h_arg_at = list(h_arg)
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + where(2 <= t + T.done, U[:, y.held[t-1]], 0) + R @ x
        h_at[t - 1].dot(W_T, out=tmp2)
        h_arg_at[t - 1] += tmp2
        # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
        np.tanh(h_arg_at[t - 1], out=tmp2)
        h[t] = np.where((t <= T_own)[:, None], tmp2, h[t - 1])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = c + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp3, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp6[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp6, 0)
    np.subtract(tmp5, tmp4, out=tmp4)
    loss = tmp4.sum()

    if single:
        h = h[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(h=h, o=o, yhat=yhat, loss=float(loss))


def _loss_padded(params, x, y, h0, lengths, workspace, state):
    """`loss` where examples have their own lengths."""
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own = _padded_arguments(params, x, y, h0, lengths)
    R, U, W, V, b, c = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, h_look, y_held, h_arg, h, W_T, h_at, h_arg_at, o, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_y, n_h, B, dtype)
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    h_look[...] = 0
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    tmp1[...] = U[:, y_held].transpose(1, 2, 0)
    tmp0[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp1, 0)
    h_look += tmp0
    # h.arg[t] = b + W @ h[t-1] + where(2 <= t + T.done, U[:, y.held[t-1]], 0) + R @ x
    np.matmul(x, R.T, out=tmp2)
    h_arg[...] = tmp2
    h_arg += b
    h_arg += h_look
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + where(2 <= t + T.done, U[:, y.held[t-1]], 0) + R @ x
        h_at[t - 1].dot(W_T, out=tmp2)
        h_arg_at[t - 1] += tmp2
        # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
        np.tanh(h_arg_at[t - 1], out=tmp2)
        h[t] = np.where((t <= T_own)[:, None], tmp2, h[t - 1])
    # o[t] = c + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp6[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp6, 0)
    np.subtract(tmp5, tmp4, out=tmp4)
    loss = tmp4.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, h0, lengths, wrt, workspace, window, state):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own = _padded_arguments(params, x, y, h0, lengths)
    R, U, W, V, b, c = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    wrt = _asked(wrt, ("x", "h0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, h_look, y_held, h_arg, h, W_T, h_at, h_arg_at, o, yhat_lse, largest,
        yhat, tmp7, tmp8, tmp9, tmp10, do, rows, flat, entries, dc, dV, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at,
        h_arg_factor_at, db, dR, dW, dU,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, n_x, T, n_y, n_h, B, dtype)
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    h_look[...] = 0
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    tmp1[...] = U[:, y_held[:T]].transpose(1, 2, 0)
    tmp0[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp1, 0)
    h_look += tmp0
    # h.arg[t] = b + W @ h[t-1] + where(2 <= t + T.done, U[:, y.held[t-1]], 0) + R @ x
    np.matmul(x, R.T, out=tmp2)
    h_arg[...] = tmp2
    h_arg += b
    h_arg += h_look
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + where(2 <= t + T.done, U[:, y.held[t-1]], 0) + R @ x
        h_at[t - 1].dot(W_T, out=tmp2)
        h_arg_at[t - 1] += tmp2
        # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
        np.tanh(h_arg_at[t - 1], out=tmp2)
        h[t] = np.where((t <= T_own)[:, None], tmp2, h[t - 1])
    # o[t] = c + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp3, largest=largest)
    np.subtract(o, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp6[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp6, 0)
    np.subtract(tmp5, tmp4, out=tmp4)
    loss = tmp4.sum()
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp7[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp7[:, :, None], yhat, out=do)
    tmp7[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp7, out=tmp7)
    _add_to(do, y, rows, flat, entries, tmp7)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) + V.T @
    #     grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh[T], h_arg_factor[T - 1], out=dh_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) + V.T @
        #     grad(o[t]), t < T
        dh_arg_at[t].dot(W, out=tmp2)
        tmp2 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp2
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(R) = sum(outer(grad(h.arg[t]), x), t)
    tmp8[...] = dh_arg.sum(axis=0).T
    np.matmul(tmp8, x, out=dR)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    dU.fill(0)
    # grad(U) = sum(where(2 <= t + T.done, 1, 0) * outer(grad(h.arg[t]), onehot(y.held[t-1])), t)
    tmp10[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    np.multiply(tmp10[:, None], dh_arg.transpose(2, 0, 1), out=tmp9)
    _scatter_add(dU, (np.arange(n_h)[:, None, None], y_held[:T]), tmp9)
    if "x" in wrt:
        tmp_11_0 = np.empty((B, n_h), dtype)
        dx = np.empty((B, n_x), dtype)
        # grad(x) = sum(R.T @ grad(h.arg[t]), t)
        np.add.reduce(dh_arg, axis=0, out=tmp_11_0)
        np.matmul(tmp_11_0, R, out=dx)
    if "h0" in wrt:
        # grad(h[0]) = W.T @ grad(h.arg[1])
        np.matmul(dh_arg[0], W, out=dh[0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(R=dR, U=dU, W=dW, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window, state):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    R, U, W, V, b, c = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    window_T = _window(window, "T", ("T",), T)

    y_held = np.empty((T + 1, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((n_h, B), dtype)
    tmp3 = np.empty((n_h, T, B), dtype)
    tmp4 = np.empty((T,), dtype)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp0[:, :, None], yhat, out=do)
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp0, out=tmp0)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, tmp0)
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) + V.T @
    #     grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    h_arg_factor = np.empty((T, B, n_h), dtype)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    dh_arg = np.empty((T, B, n_h), dtype)
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh[T - 1], h_arg_factor[T - 1], out=dh_arg[T - 1])
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) + V.T @
        #     grad(o[t]), t < T
        dh_arg_at[t].dot(W, out=tmp1)
        tmp1 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t - 1] += tmp1
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t - 1], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    dR = np.empty((n_h, n_x), dtype)
    # grad(R) = sum(outer(grad(h.arg[t]), x), t)
    tmp2[...] = dh_arg.sum(axis=0).T
    np.matmul(tmp2, x, out=dR)
    dW = np.empty((n_h, n_h), dtype)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    dU = np.zeros((n_h, n_y), dtype)
    # grad(U) = sum(where(2 <= t + T.done, 1, 0) * outer(grad(h.arg[t]), onehot(y.held[t-1])), t)
    tmp4[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    np.multiply(tmp4[:, None], dh_arg.transpose(2, 0, 1), out=tmp3)
    _scatter_add(dU, (np.arange(n_h)[:, None, None], y_held[:T]), tmp3)

    return Params(R=dR, U=dU, W=dW, V=dV, b=db, c=dc)


def _loss_and_grad_checkpointed(params, x, y, h0, wrt, workspace, state, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0)
    R, U, W, V, b, c = params
    wrt = _asked(wrt, ("x", "h0"))
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        h0_kept, h_left1, dR, dU, dW, dV, db, dc,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_h, B, dtype)
    h0_kept[0] = h0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x,
            y[first:last],
            h0_kept[n],
            T_done + first,
            y[first - 1] if n else y_before1,
            last - first,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        (h0_kept[n + 1],) = found
    loss = 0.0
    for total in (h_left1, dR, dU, dW, dV, db, dc):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            h_left1,
            x,
            y[first:last],
            h0_kept[n],
            T_done + first,
            y[first - 1] if n else y_before1,
            n_x,
            last - first,
            n_y,
            n_h,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dh0, dx_part = found
        loss += float(loss_part)
        _add_each((dR, dU, dW, dV, db, dc), parts)
        h_left1[...] = dh0
        if "x" in wrt:
            dx += dx_part

    gradient = Params(R=dR, U=dU, W=dW, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _segment(params, h_left1, x, y, h0, T_done, y_before1, n_x, T, n_y, n_h, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    R, U, W, V, b, c = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, h_look, y_held, h_arg, h, W_T, h_at, h_arg_at, o, yhat_lse, largest, rows, flat,
        tmp5, tmp6, tmp7, do, entries, dc, dV, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at, db, dR, dW,
        dh0, dU,
    ) = _as_workspace(workspace).arrays(_segment_arrays, n_x, T, n_y, n_h, B, dtype)
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    h_look[...] = 0
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    tmp1[...] = U[:, y_held[:T]].transpose(1, 2, 0)
    tmp0[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp1, 0)
    h_look += tmp0
    # h.arg[t] = b + W @ h[t-1] + where(2 <= t + T.done, U[:, y.held[t-1]], 0) + R @ x
    np.matmul(x, R.T, out=tmp2)
    h_arg[...] = tmp2
    h_arg += b
    h_arg += h_look
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + where(2 <= t + T.done, U[:, y.held[t-1]], 0) + R @ x
        h_at[t - 1].dot(W_T, out=tmp2)
        h_arg_at[t - 1] += tmp2
        # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
        np.tanh(h_arg_at[t - 1], out=h_at[t])
    # o[t] = c + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()
    # grad(o[t]) = softmax(o[t]) - onehot(y[t])
    np.subtract(o, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=do)
    _add_to(do, y, rows, flat, entries, -1)
    # grad(c) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(o[t]), h[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    # grad(h[t]) = W.T @ grad(h.arg[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # grad(h[T]) = h.left1 + V.T @ grad(o[T])
    dh[T] += h_left1
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh[T], h_arg_factor[T - 1], out=dh_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = W.T @ grad(h.arg[t+1]) + V.T @ grad(o[t]), t < T
        dh_arg_at[t].dot(W, out=tmp2)
        dh_at[t] += tmp2
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    # grad(h[t]) = W.T @ grad(h.arg[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(dh_arg[0], W, out=dh[0])
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(R) = sum(outer(grad(h.arg[t]), x), t)
    tmp5[...] = dh_arg.sum(axis=0).T
    np.matmul(tmp5, x, out=dR)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    # grad(h.0) = grad(h[0])
    dh0[...] = dh[0]
    dU.fill(0)
    # grad(U) = sum(where(2 <= t + T.done, 1, 0) * outer(grad(h.arg[t]), onehot(y.held[t-1])), t)
    tmp7[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    np.multiply(tmp7[:, None], dh_arg.transpose(2, 0, 1), out=tmp6)
    _scatter_add(dU, (np.arange(n_h)[:, None, None], y_held[:T]), tmp6)
    if "x" in wrt:
        tmp_8_0 = np.empty((B, n_h), dtype)
        dx = np.empty((B, n_x), dtype)
        # grad(x) = sum(R.T @ grad(h.arg[t]), t)
        np.add.reduce(dh_arg, axis=0, out=tmp_8_0)
        np.matmul(tmp_8_0, R, out=dx)

    return loss, (dR, dU, dW, dV, db, dc), dh0, dx if "x" in wrt else None


def _advance(params, x, y, h0, T_done, y_before1, T, n_h, B, dtype, workspace):
    """The state after a segment."""
    R, U, W, V, b, c = params

    (
        tmp0, tmp1, tmp2, h_look, y_held, h_arg, h, W_T, h_at, h_arg_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_h, B, dtype)
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    h_look[...] = 0
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
    tmp1[...] = U[:, y_held].transpose(1, 2, 0)
    tmp0[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp1, 0)
    h_look += tmp0
    # h.arg[t] = b + W @ h[t-1] + where(2 <= t + T.done, U[:, y.held[t-1]], 0) + R @ x
    np.matmul(x, R.T, out=tmp2)
    h_arg[...] = tmp2
    h_arg += b
    h_arg += h_look
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + where(2 <= t + T.done, U[:, y.held[t-1]], 0) + R @ x
        h_at[t - 1].dot(W_T, out=tmp2)
        h_arg_at[t - 1] += tmp2
        # h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
        np.tanh(h_arg_at[t - 1], out=h_at[t])

    return (h[-1],)


def _loss_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T - 1, B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    h_look = np.empty((T, B, n_h), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return tmp0, tmp1, tmp2, tmp3, h_look, h_arg, h, W_T, h_at, h_arg_at, o, yhat_lse, largest, rows, flat


def _loss_and_grad_arrays(n_x, T, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T - 1, B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    h_look = np.empty((T, B, n_h), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp4 = np.empty((n_h, B), dtype)
    do = yhat
    entries = np.empty((T, B), dtype)
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    h_arg_factor = h_arg
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    db = np.empty((n_h,), dtype)
    dR = np.empty((n_h, n_x), dtype)
    dW = W_T
    dU = np.empty((n_h, n_y), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, h_look, h_arg, h, W_T, h_at, h_arg_at, o, yhat_lse, largest, yhat, rows, flat, tmp4, do,
        entries, dc, dV, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at, db, dR, dW, dU,
    )


def _loss_padded_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    h_look = np.empty((T, B, n_h), dtype)
    y_held = np.empty((T, B), np.intp)
    h_arg = tmp0
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, h_look, y_held, h_arg, h, W_T, h_at, h_arg_at, o, yhat_lse, largest


def _loss_and_grad_padded_arrays(n_x, T, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    h_look = np.empty((T, B, n_h), dtype)
    y_held = np.empty((T + 1, B), np.intp)
    h_arg = tmp0
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp7 = yhat_lse
    tmp8 = np.empty((n_h, B), dtype)
    tmp9 = np.empty((n_h, T, B), dtype)
    tmp10 = np.empty((T,), dtype)
    do = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    h_arg_factor = tmp0
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    db = np.empty((n_h,), dtype)
    dR = np.empty((n_h, n_x), dtype)
    dW = W_T
    dU = np.empty((n_h, n_y), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, h_look, y_held, h_arg, h, W_T, h_at, h_arg_at, o, yhat_lse, largest,
        yhat, tmp7, tmp8, tmp9, tmp10, do, rows, flat, entries, dc, dV, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at,
        h_arg_factor_at, db, dR, dW, dU,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    h0_kept = np.empty((count, B, n_h), dtype)
    h_left1 = np.empty((B, n_h), dtype)
    dR = np.empty((n_h, n_x), dtype)
    dU = np.empty((n_h, n_y), dtype)
    dW = np.empty((n_h, n_h), dtype)
    dV = np.empty((n_y, n_h), dtype)
    db = np.empty((n_h,), dtype)
    dc = np.empty((n_y,), dtype)
    return h0_kept, h_left1, dR, dU, dW, dV, db, dc


def _segment_arrays(n_x, T, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((T, B), dtype)
    h_look = np.empty((T, B, n_h), dtype)
    y_held = np.empty((T + 1, B), np.intp)
    h_arg = tmp0
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp5 = np.empty((n_h, B), dtype)
    tmp6 = np.empty((n_h, T, B), dtype)
    tmp7 = np.empty((T,), dtype)
    do = o
    entries = np.empty((T, B), dtype)
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    h_arg_factor = tmp0
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    db = np.empty((n_h,), dtype)
    dR = np.empty((n_h, n_x), dtype)
    dW = W_T
    dh0 = tmp2
    dU = np.empty((n_h, n_y), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, h_look, y_held, h_arg, h, W_T, h_at, h_arg_at, o, yhat_lse, largest, rows, flat,
        tmp5, tmp6, tmp7, do, entries, dc, dV, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at, db, dR, dW,
        dh0, dU,
    )


def _advance_arrays(T, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    h_look = np.empty((T, B, n_h), dtype)
    y_held = np.empty((T, B), np.intp)
    h_arg = tmp0
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    return tmp0, tmp1, tmp2, h_look, y_held, h_arg, h, W_T, h_at, h_arg_at


def _arguments(params, x, y, h0):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from R")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from x")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[None]
        y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from R")
        if single:
            h0 = h0[None]
    return params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from R")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from x")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T from y, B from x, n_h from R")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T from y, B from x, n_y from U")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[None]
        y = y[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    return params, x, y, h, yhat, dtype, single, n_h, n_x, n_y, T, B


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
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from R")
        if single:
            h0 = h0[None]
    return params, h0, dtype, single, n_h, n_x, n_y, B


def _step_arguments(params, state, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    y_prev = _integers("state.y", state.y)
    h_prev = _real("state.h", state.h, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from R")
    _expect("y", y, (*batch_axis,), ("B",), "B from x")
    _expect("state.y", y_prev, (*batch_axis,), ("B",), "B from x")
    _expect("state.h", h_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from R")
    _classes("y", y, n_y, "n_y - 1")
    _classes("state.y", y_prev, n_y, "n_y - 1")
    if single:
        x = x[None]
        y = y[None]
        y_prev = y_prev[None]
        h_prev = h_prev[None]
    return params, x, y, y_prev, h_prev, dtype, single, n_h, n_x, n_y, B


def _free_run_arguments(params, x, h0, steps):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    steps = _size("steps", steps)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from R")
    if single:
        x = x[None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from R")
        if single:
            h0 = h0[None]
    return params, x, h0, dtype, single, n_h, n_x, n_y, steps, B


def _padded_arguments(params, x, y, h0, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from R")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from x")
    if single:
        x = x[None]
        y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from R")
        if single:
            h0 = h0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from R")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from x")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T from y, B from x, n_h from R")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T from y, B from x, n_y from U")
    if single:
        x = x[None]
        y = y[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    R, U, W, V, b, c = params
    _rank("R", R, ("n_h", "n_x"))
    n_h, n_x = R.shape
    _rank("U", U, ("n_h", "n_y"))
    n_y = U.shape[1]
    _expect("U", U, (n_h, n_y), ("n_h", "n_y"), "n_h from R")
    _expect("W", W, (n_h, n_h), ("n_h", "n_h"), "n_h from R")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_y from U, n_h from R")
    _expect("b", b, (n_h,), ("n_h",), "n_h from R")
    _expect("c", c, (n_y,), ("n_y",), "n_y from U")
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


def _choice(chances, axis, rng):
    """The place of the greatest chance along an axis, or one drawn with these chances."""
    chances = np.moveaxis(chances, axis, -1)
    total = np.cumsum(chances, axis=-1, dtype=np.float64)
    if not ((chances >= 0).all() and (total[..., -1] > 0).all() and np.isfinite(total).all()):
        raise ValueError("free_run: what is predicted is no distribution: some of its entries are negative or not finite")
    if rng is None:
        return chances.argmax(axis=-1)
    drawn = rng.random((*total.shape[:-1], 1)) * total[..., -1:]
    # A product that is rounded up to the whole would be beyond the last class.
    return np.minimum((total <= drawn).sum(axis=-1), total.shape[-1] - 1)


def _classes(name, array, count, what):
    """Refuses integers outside 0..count-1."""
    # Read as unsigned, a negative number is larger than any class.
    if array.view(np.uintp).max() >= count:
        at = tuple(np.argwhere((array < 0) | (array >= count))[0].tolist())
        where = f" at {at}" if at else ""
        raise ValueError(f"{name}: {array[at]}{where}, expected integers 0..{what} = 0..{count - 1}")


def _count(name, given):
    """A number of steps, from 0."""
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < 0:
        raise ValueError(f"{name}: {given!r}, expected a whole number >= 0")
    return int(given)


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


def _size(name, given):
    """A size, a whole number from 1."""
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < 1:
        raise ValueError(f"{name}: {given!r}, expected a whole number >= 1")
    return int(given)


def _steps_so_far(state, steps, lengths):
    """How many steps there were, which must be one number for all examples."""
    if lengths is not None:
        if lengths.min() != lengths.max():
            raise ValueError("lengths: a state counts its steps, and the examples have different numbers of them")
        steps = int(lengths[0])
    return steps if state is None else steps + _count("state", state[-1])


def _true_classes(name, given, truth, shape, axes, single, count, what):
    """True classes at the steps where they are read, 0 elsewhere."""
    if given is None:
        return np.zeros(shape, np.intp)
    array = _integers(name, given)
    _expect(name, array, tuple(n for n, axis in zip(shape, axes, strict=True) if axis != "B" or not single), axes)
    array = np.where(truth, array.reshape(shape), 0)
    _classes(name, array, count, what)
    return array


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
