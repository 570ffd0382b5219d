# Written by derive from image_rnn.eq; do not edit.
# Change image_rnn.eq instead, and run: derive generate image_rnn
# source f913938a19419bd1, derive 07e8f9d843407be1, body 4331f30b17a924b4
"""Two-dimensional RNN: every pixel's state reads those of its upper and left neighbours; a class for each pixel.

Graves, Fernandez & Schmidhuber (2007), Multi-Dimensional Recurrent Neural Networks, with one direction of the four.

The equations::

    x: Input[T, S, n_x]       # an image: rows, columns, channels
    y: Label[T, S, n_y]       # the class of each pixel
    U: Param[n_h, n_x]        # pixel to hidden
    W_1: Param[n_h, n_h]      # upper neighbour to hidden
    W_2: Param[n_h, n_h]      # left neighbour to hidden
    V: Param[n_y, n_h]        # hidden to output
    b: Param[n_h]
    c: Param[n_y]

    h[0, s] = 0
    h[t, 0] = 0
    h[t, s] = tanh(b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1])
    o[t, s] = c + V @ h[t, s]
    yhat[t, s] = softmax(o[t, s])
    loss = sum(-log(yhat[t, s, y[t, s]]), t, s)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    U: np.ndarray  # (n_h, n_x)  pixel to hidden
    W_1: np.ndarray  # (n_h, n_h)  upper neighbour to hidden
    W_2: np.ndarray  # (n_h, n_h)  left neighbour to hidden
    V: np.ndarray  # (n_y, n_h)  hidden to output
    b: np.ndarray  # (n_h)
    c: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    h: np.ndarray  # (T + 1, S + 1, B, n_h)
    o: np.ndarray  # (T, S, B, n_y)
    yhat: np.ndarray  # (T, S, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    h: np.ndarray  # (S + 1, B, n_h)


class Outputs(NamedTuple):
    """The variables at one step."""

    h: np.ndarray  # (S + 1, B, n_h)
    o: np.ndarray  # (S, B, n_y)
    yhat: np.ndarray  # (S, B, n_y)


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
        W_1=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        W_2=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
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
) -> Forward:
    """Every variable of the model.

    x        (T, S, B, n_x)  real         an image: rows, columns, channels
    y        (T, S, B)       0..n_y - 1   the class of each pixel
    lengths                  by sequence  each example's own number of steps, what is given beyond is not read; all
                                          where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, x, y, lengths)
    params, x, y, dtype, single, n_h, n_x, n_y, T, S, B = _arguments(params, x, y)
    U, W_1, W_2, V, b, c = params

    tmp0 = np.empty((S, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, S, B, n_y), dtype)
    h_arg = np.empty((T, S, B, n_h), dtype)
    # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    h = np.zeros((T + 1, S + 1, B, n_h), dtype)
    # h[0, s] = 0
    h[0, 1:] = 0
    # h[t, 0] = 0
    h[1:, 0] = 0
    W_1_T = np.empty((n_h, n_h), dtype)
    W_1_T[...] = W_1.T
    W_2_T = np.empty((n_h, n_h), dtype)
    W_2_T[...] = W_2.T
    h_at = list(h[:, 1:])
    h_arg_at = list(h_arg)
    for t in range(1, T + 1):
        # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
        np.matmul(h_at[t - 1].reshape(-1, n_h), W_1_T, out=tmp0.reshape(-1, n_h))
        h_arg_at[t - 1] += tmp0
        for s in range(1, S + 1):
            # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
            h[t, s - 1].dot(W_2_T, out=tmp1)
            h_arg[t - 1, s - 1] += tmp1
            # h[t, s] = tanh(b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1])
            np.tanh(h_arg[t - 1, s - 1], out=h[t, s])
    o = np.empty((T, S, B, n_y), dtype)
    # o[t, s] = c + V @ h[t, s]
    np.matmul(h[1:, 1:].reshape(T, -1, n_h), V.T, out=o.reshape(T, -1, n_y))
    o += c
    yhat_lse = np.empty((T, S, B), dtype)
    largest = np.empty((T, S, B, 1), dtype)
    # yhat[t, s] = softmax(o[t, s])
    _logsumexp(o, 3, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((T, S, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((T, S, B), dtype)
        rows = np.arange(T * S * B).reshape(T, S, B)
        flat = np.empty((T, S, B), np.intp)
        # loss = sum(-log(yhat[t, s, y[t, s]]), t, s)
        _look_up(o, y, rows, flat, out=tmp_3_0)
        np.subtract(yhat_lse, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
    else:
        loss = None

    if single:
        h = h[:, :, 0]
        o = o[:, :, 0]
        yhat = yhat[:, :, 0]
    return Forward(h=h, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, S, B, n_x)  real         an image: rows, columns, channels
    y          (T, S, B)       0..n_y - 1   the class of each pixel
    workspace                  Workspace    its arrays are used, and hold the results until its next call
    lengths                    by sequence  each example's own number of steps, what is given beyond is not read; all
                                            where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, x, y, lengths, workspace)
    params, x, y, dtype, single, n_h, n_x, n_y, T, S, B = _arguments(params, x, y, whole=True)
    U, W_1, W_2, V, b, c = params

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, h, W_1_T, W_2_T, h_at, h_arg_at, o, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, S, n_y, n_h, B, dtype)
    # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    h.fill(0)
    # h[0, s] = 0
    h[0, 1:] = 0
    # h[t, 0] = 0
    h[1:, 0] = 0
    W_1_T[...] = W_1.T
    W_2_T[...] = W_2.T
    for t in range(1, T + 1):
        # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
        np.matmul(h_at[t - 1].reshape(-1, n_h), W_1_T, out=tmp0.reshape(-1, n_h))
        h_arg_at[t - 1] += tmp0
        for s in range(1, S + 1):
            # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
            h[t, s - 1].dot(W_2_T, out=tmp1)
            h_arg[t - 1, s - 1] += tmp1
            # h[t, s] = tanh(b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1])
            np.tanh(h_arg[t - 1, s - 1], out=h[t, s])
    # o[t, s] = c + V @ h[t, s]
    np.matmul(h[1:, 1:].reshape(T, -1, n_h), V.T, out=o.reshape(T, -1, n_y))
    o += c
    # yhat[t, s] = softmax(o[t, s])
    _logsumexp(o, 3, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, s, y[t, s]]), t, s)
    _look_up(o, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x          (T, S, B, n_x)  real               an image: rows, columns, channels
    y          (T, S, B)       0..n_y - 1         the class of each pixel
    workspace                  Workspace          its arrays are used, and hold the results until its next call
    lengths                    by sequence        each example's own number of steps, what is given beyond is not read;
                                                  all where not given
    window                     whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in
                                                  it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, lengths, wrt, workspace, window)
    params, x, y, dtype, single, n_h, n_x, n_y, T, S, B = _arguments(params, x, y, whole=True)
    U, W_1, W_2, V, b, c = params
    wrt = _asked(wrt, ("x",))

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, h, W_1_T, W_2_T, h_at, h_arg_at, o, yhat_lse, largest, yhat, rows, flat, do,
        entries, dc, dV, dh, dh_arg, dh_arg_at, dh_at, h_at2, one, dh_arg_at2, dh_at2, dh_arg_at3, h_at3, dh_at3, db,
        dU, dW_1, dW_2,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, S, n_x, n_y, n_h, B, dtype)
    # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    h.fill(0)
    # h[0, s] = 0
    h[0, 1:] = 0
    # h[t, 0] = 0
    h[1:, 0] = 0
    W_1_T[...] = W_1.T
    W_2_T[...] = W_2.T
    for t in range(1, T + 1):
        # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
        np.matmul(h_at[t - 1].reshape(-1, n_h), W_1_T, out=tmp0.reshape(-1, n_h))
        h_arg_at[t - 1] += tmp0
        for s in range(1, S + 1):
            # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
            h[t, s - 1].dot(W_2_T, out=tmp1)
            h_arg[t - 1, s - 1] += tmp1
            # h[t, s] = tanh(b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1])
            np.tanh(h_arg[t - 1, s - 1], out=h[t, s])
    # o[t, s] = c + V @ h[t, s]
    np.matmul(h[1:, 1:].reshape(T, -1, n_h), V.T, out=o.reshape(T, -1, n_y))
    o += c
    # yhat[t, s] = softmax(o[t, s])
    _logsumexp(o, 3, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(o, yhat_lse[:, :, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[t, s, y[t, s]]), t, s)
    _look_up(o, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    # grad(o[t, s]) = yhat[t, s] - onehot(y[t, s])
    _add_to(do, y, rows, flat, entries, -1)
    # grad(c) = sum(sum(grad(o[t, s]), s), t)
    np.add.reduce(do, axis=(0, 1, 2), out=dc)
    # grad(V) = sum(sum(outer(grad(o[t, s]), h[t, s]), s), t)
    np.matmul(do.reshape(-1, n_y).T, h[1:, 1:].reshape(-1, n_h), out=dV)
    # grad(h[t, s]) = W_1.T @ grad(h.arg[t+1, s]) + W_2.T @ grad(h.arg[t, s+1]) + V.T @ grad(o[t, s]), t <
    #     T, s < S
    np.matmul(do.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
    np.square(h[T, S], out=dh_arg[T - 1, S - 1])
    np.subtract(1, dh_arg[T - 1, S - 1], out=dh_arg[T - 1, S - 1])
    dh_arg[T - 1, S - 1] *= dh[T - 1, S - 1]
    for s in range(S - 1, 0, -1):
        # grad(h[t, s]) = W_1.T @ grad(h.arg[t+1, s]) + W_2.T @ grad(h.arg[t, s+1]) + V.T @ grad(o[t, s]), t <
        #     T, s < S
        dh_arg_at[s].dot(W_2, out=tmp1)
        dh_at[s - 1] += tmp1
        # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
        np.square(h_at2[s], out=dh_arg_at[s - 1])
        np.subtract(one, dh_arg_at[s - 1], out=dh_arg_at[s - 1])
        dh_arg_at[s - 1] *= dh_at[s - 1]
    for t in range(T - 1, 0, -1):
        # grad(h[t, s]) = W_1.T @ grad(h.arg[t+1, s]) + W_2.T @ grad(h.arg[t, s+1]) + V.T @ grad(o[t, s]), t <
        #     T, s < S
        np.matmul(dh_arg_at2[t].reshape(-1, n_h), W_1, out=tmp0.reshape(-1, n_h))
        dh_at2[t - 1] += tmp0
        # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
        np.square(h_at3[t], out=dh_arg_at3[t - 1])
        np.subtract(one, dh_arg_at3[t - 1], out=dh_arg_at3[t - 1])
        dh_arg_at3[t - 1] *= dh_at3[t - 1]
        for s in range(S - 1, 0, -1):
            # grad(h[t, s]) = W_1.T @ grad(h.arg[t+1, s]) + W_2.T @ grad(h.arg[t, s+1]) + V.T @ grad(o[t, s]), t <
            #     T, s < S
            dh_arg[t - 1, s].dot(W_2, out=tmp1)
            dh[t - 1, s - 1] += tmp1
            # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
            np.square(h[t, s], out=dh_arg[t - 1, s - 1])
            np.subtract(one, dh_arg[t - 1, s - 1], out=dh_arg[t - 1, s - 1])
            dh_arg[t - 1, s - 1] *= dh[t - 1, s - 1]
    # grad(b) = sum(sum(grad(h.arg[t, s]), s), t)
    np.add.reduce(dh_arg, axis=(0, 1, 2), out=db)
    # grad(U) = sum(sum(outer(grad(h.arg[t, s]), x[t, s]), s), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W_1) = sum(sum(outer(grad(h.arg[t, s]), h[t-1, s]), s), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T, 1:].reshape(-1, n_h), out=dW_1)
    # grad(W_2) = sum(sum(outer(grad(h.arg[t, s]), h[t, s-1]), s), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[1:, :S].reshape(-1, n_h), out=dW_2)
    if "x" in wrt:
        dx = np.empty((T, S, B, n_x), dtype)
        # grad(x[t, s]) = U.T @ grad(h.arg[t, s])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))

    gradient = Params(U=dU, W_1=dW_1, W_2=dW_2, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, :, 0] if single else dx
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

    x        (T, S, B, n_x)  real               an image: rows, columns, channels
    y        (T, S, B)       0..n_y - 1         the class of each pixel
    lengths                  by sequence        each example's own number of steps, what is given beyond is not read;
                                                all where not given
    window                   whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in
                                                it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    params, x, y, h, yhat, dtype, single, n_h, n_x, n_y, T, S, B = _backward_arguments(params, forward, x, y)
    U, W_1, W_2, V, b, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((S, B, n_h), dtype)
    do = np.empty((T, S, B, n_y), dtype)
    # grad(o[t, s]) = yhat[t, s] - onehot(y[t, s])
    do[...] = yhat
    rows = np.arange(T * S * B).reshape(T, S, B)
    flat = np.empty((T, S, B), np.intp)
    entries = np.empty((T, S, B), dtype)
    _add_to(do, y, rows, flat, entries, -1)
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(sum(grad(o[t, s]), s), t)
    np.add.reduce(do, axis=(0, 1, 2), out=dc)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(sum(outer(grad(o[t, s]), h[t, s]), s), t)
    np.matmul(do.reshape(-1, n_y).T, h[1:, 1:].reshape(-1, n_h), out=dV)
    dh = np.empty((T, S, B, n_h), dtype)
    # grad(h[t, s]) = W_1.T @ grad(h.arg[t+1, s]) + W_2.T @ grad(h.arg[t, s+1]) + V.T @ grad(o[t, s]), t <
    #     T, s < S
    np.matmul(do.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    dh_arg = np.empty((T, S, B, n_h), dtype)
    # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
    np.square(h[T, S], out=dh_arg[T - 1, S - 1])
    np.subtract(1, dh_arg[T - 1, S - 1], out=dh_arg[T - 1, S - 1])
    dh_arg[T - 1, S - 1] *= dh[T - 1, S - 1]
    dh_arg_at = list(dh_arg[T - 1])
    dh_at = list(dh[T - 1])
    one = np.array(1, dtype)
    for s in range(S - 1, 0, -1):
        # grad(h[t, s]) = W_1.T @ grad(h.arg[t+1, s]) + W_2.T @ grad(h.arg[t, s+1]) + V.T @ grad(o[t, s]), t <
        #     T, s < S
        dh_arg_at[s].dot(W_2, out=tmp0)
        dh_at[s - 1] += tmp0
        # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
        np.square(h[T, s], out=dh_arg_at[s - 1])
        np.subtract(one, dh_arg_at[s - 1], out=dh_arg_at[s - 1])
        dh_arg_at[s - 1] *= dh_at[s - 1]
    dh_arg_at2 = list(dh_arg)
    dh_at2 = list(dh)
    dh_arg_at3 = list(dh_arg[:, S - 1])
    dh_at3 = list(dh[:, S - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t, s]) = W_1.T @ grad(h.arg[t+1, s]) + W_2.T @ grad(h.arg[t, s+1]) + V.T @ grad(o[t, s]), t <
        #     T, s < S
        np.matmul(dh_arg_at2[t].reshape(-1, n_h), W_1, out=tmp1.reshape(-1, n_h))
        dh_at2[t - 1] += tmp1
        # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
        np.square(h[t, S], out=dh_arg_at3[t - 1])
        np.subtract(one, dh_arg_at3[t - 1], out=dh_arg_at3[t - 1])
        dh_arg_at3[t - 1] *= dh_at3[t - 1]
        for s in range(S - 1, 0, -1):
            # grad(h[t, s]) = W_1.T @ grad(h.arg[t+1, s]) + W_2.T @ grad(h.arg[t, s+1]) + V.T @ grad(o[t, s]), t <
            #     T, s < S
            dh_arg[t - 1, s].dot(W_2, out=tmp0)
            dh[t - 1, s - 1] += tmp0
            # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
            np.square(h[t, s], out=dh_arg[t - 1, s - 1])
            np.subtract(one, dh_arg[t - 1, s - 1], out=dh_arg[t - 1, s - 1])
            dh_arg[t - 1, s - 1] *= dh[t - 1, s - 1]
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(sum(grad(h.arg[t, s]), s), t)
    np.add.reduce(dh_arg, axis=(0, 1, 2), out=db)
    dU = np.empty((n_h, n_x), dtype)
    # grad(U) = sum(sum(outer(grad(h.arg[t, s]), x[t, s]), s), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    dW_1 = np.empty((n_h, n_h), dtype)
    # grad(W_1) = sum(sum(outer(grad(h.arg[t, s]), h[t-1, s]), s), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T, 1:].reshape(-1, n_h), out=dW_1)
    dW_2 = np.empty((n_h, n_h), dtype)
    # grad(W_2) = sum(sum(outer(grad(h.arg[t, s]), h[t, s-1]), s), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[1:, :S].reshape(-1, n_h), out=dW_2)

    return Params(U=dU, W_1=dW_1, W_2=dW_2, V=dV, b=db, c=dc)


def init_state(params: Params, *, S: int, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    S    whole number >= 1
    """
    params, dtype, single, n_h, n_x, n_y, S, B = _initial_arguments(params, S, batch)

    h_prev = np.empty((S + 1, B, n_h), dtype)
    # h[0, s] = 0
    h_prev[1:] = 0
    # h@1[0, i] = 0
    h_prev[:1] = 0

    if single:
        h_prev = h_prev[:, 0]
    return State(h=h_prev)


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (S, B, n_x)  real  an image: rows, columns, channels

    Data without the axis B are one example.
    """
    params, x, h_prev, dtype, single, n_h, n_x, n_y, S, B = _step_arguments(params, state, x)
    U, W_1, W_2, V, b, c = params

    # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
    h_arg = (x.reshape(-1, n_x) @ U.T).reshape(S, B, n_h)
    h_arg += (h_prev[1:].reshape(-1, n_h) @ W_1.T).reshape(S, B, n_h)
    h_arg += b
    h = np.empty((S + 1, B, n_h), dtype)
    # h[t, 0] = 0
    h[0] = 0
    W_2_T = W_2.T.copy()
    for s in range(1, S + 1):
        # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
        h_arg[s - 1] += h[s - 1] @ W_2_T
        # h[t, s] = tanh(b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1])
        np.tanh(h_arg[s - 1], out=h[s])
    # o[t, s] = c + V @ h[t, s]
    o = (h[1:].reshape(-1, n_h) @ V.T).reshape(S, B, n_y)
    o += c
    # yhat[t, s] = softmax(o[t, s])
    yhat_lse = _logsumexp(o, 2)
    yhat = np.exp(o - yhat_lse[:, :, None])

    if single:
        h = h[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    result = State(h=h)
    return result, Outputs(h=h, o=o, yhat=yhat)


def _forward_padded(params, x, y, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, dtype, single, n_h, n_x, n_y, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_arguments(params, x, y, lengths)
    U, W_1, W_2, V, b, c = params

    tmp0 = np.empty((S, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, S, B, n_y), dtype)
    h_arg = np.empty((T, S, B, n_h), dtype)
    # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    h = np.zeros((T + 1, S + 1, B, n_h), dtype)
    for s in range(1, S + 1):
        # h[0, s] = 0
        h[0, s] = np.where((s <= S_own)[:, None], 0, h[0, s - 1])
    for t in range(1, T + 1):
        # h[t, 0] = 0
        h[t, 0] = np.where((t <= T_own)[:, None], 0, h[t - 1, 0])
    W_1_T = np.empty((n_h, n_h), dtype)
    W_1_T[...] = W_1.T
    W_2_T = np.empty((n_h, n_h), dtype)
    W_2_T[...] = W_2.T
    h_at = list(h[:, 1:])
    h_arg_at = list(h_arg)
    for t in range(1, T + 1):
        # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
        np.matmul(h_at[t - 1].reshape(-1, n_h), W_1_T, out=tmp0.reshape(-1, n_h))
        h_arg_at[t - 1] += tmp0
        for s in range(1, S + 1):
            # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
            h[t, s - 1].dot(W_2_T, out=tmp1)
            h_arg[t - 1, s - 1] += tmp1
            # h[t, s] = tanh(b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1])
            np.tanh(h_arg[t - 1, s - 1], out=tmp2)
            tmp1[...] = np.where((t <= T_own)[:, None], tmp2, h[t - 1, s])
            h[t, s] = np.where((s <= S_own)[:, None], tmp1, h[t, s - 1])
    o = np.empty((T, S, B, n_y), dtype)
    # o[t, s] = c + V @ h[t, s]
    np.matmul(h[1:, 1:].reshape(T, -1, n_h), V.T, out=o.reshape(T, -1, n_y))
    o += c
    yhat_lse = np.empty((T, S, B), dtype)
    largest = np.empty((T, S, B, 1), dtype)
    # yhat[t, s] = softmax(o[t, s])
    _logsumexp(o, 3, out=yhat_lse, work=tmp3, largest=largest)
    yhat = np.empty((T, S, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    if y is not None:
        tmp_4_0 = np.empty((T, B, S), dtype)
        tmp_4_1 = np.empty((T, B, S), dtype)
        tmp_4_2 = np.empty((T, B), dtype)
        tmp_4_3 = np.empty((B, T), dtype)
        loss_sum = np.empty((T, B), dtype)
        # loss.sum[t] = sum(where(s <= S.own, logsumexp(o[t, s]), 0) - where(s <= S.own, o[t, s, y[t, s]], 0),
        #     s)
        tmp_4_1[...] = o[np.arange(T)[:, None, None], np.arange(S)[:, None], np.arange(B), y].transpose(0, 2, 1)
        tmp_4_0[...] = np.where(np.arange(1, S + 1) <= S_own[:, None], tmp_4_1, 0)
        np.add.reduce(tmp_4_0, axis=2, out=loss_sum)
        np.negative(loss_sum, out=loss_sum)
        tmp_4_0[...] = np.where(np.arange(1, S + 1) <= S_own[:, None], yhat_lse.transpose(0, 2, 1), 0)
        np.add.reduce(tmp_4_0, axis=2, out=tmp_4_2)
        loss_sum += tmp_4_2
        # loss = sum(-log(yhat[t, s, y[t, s]]), t, s)
        tmp_4_3[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], loss_sum.T, 0)
        loss = tmp_4_3.sum()
    else:
        loss_sum = loss = None

    if single:
        h = h[:, :, 0]
        o = o[:, :, 0]
        yhat = yhat[:, :, 0]
    return Forward(h=h, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, dtype, single, n_h, n_x, n_y, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_arguments(params, x, y, lengths, whole=True)
    U, W_1, W_2, V, b, c = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, h_arg, h, W_1_T, W_2_T, h_at, h_arg_at, o, yhat_lse, largest,
        loss_sum,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, S, n_y, n_h, B, dtype)
    # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    h.fill(0)
    for s in range(1, S + 1):
        # h[0, s] = 0
        h[0, s] = np.where((s <= S_own)[:, None], 0, h[0, s - 1])
    for t in range(1, T + 1):
        # h[t, 0] = 0
        h[t, 0] = np.where((t <= T_own)[:, None], 0, h[t - 1, 0])
    W_1_T[...] = W_1.T
    W_2_T[...] = W_2.T
    for t in range(1, T + 1):
        # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
        np.matmul(h_at[t - 1].reshape(-1, n_h), W_1_T, out=tmp0.reshape(-1, n_h))
        h_arg_at[t - 1] += tmp0
        for s in range(1, S + 1):
            # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
            h[t, s - 1].dot(W_2_T, out=tmp1)
            h_arg[t - 1, s - 1] += tmp1
            # h[t, s] = tanh(b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1])
            np.tanh(h_arg[t - 1, s - 1], out=tmp2)
            tmp1[...] = np.where((t <= T_own)[:, None], tmp2, h[t - 1, s])
            h[t, s] = np.where((s <= S_own)[:, None], tmp1, h[t, s - 1])
    # o[t, s] = c + V @ h[t, s]
    np.matmul(h[1:, 1:].reshape(T, -1, n_h), V.T, out=o.reshape(T, -1, n_y))
    o += c
    # yhat[t, s] = softmax(o[t, s])
    _logsumexp(o, 3, out=yhat_lse, work=tmp3, largest=largest)
    # loss.sum[t] = sum(where(s <= S.own, logsumexp(o[t, s]), 0) - where(s <= S.own, o[t, s, y[t, s]], 0),
    #     s)
    tmp5[...] = o[np.arange(T)[:, None, None], np.arange(S)[:, None], np.arange(B), y].transpose(0, 2, 1)
    tmp4[...] = np.where(np.arange(1, S + 1) <= S_own[:, None], tmp5, 0)
    np.add.reduce(tmp4, axis=2, out=loss_sum)
    np.negative(loss_sum, out=loss_sum)
    tmp4[...] = np.where(np.arange(1, S + 1) <= S_own[:, None], yhat_lse.transpose(0, 2, 1), 0)
    np.add.reduce(tmp4, axis=2, out=tmp6)
    loss_sum += tmp6
    # loss = sum(-log(yhat[t, s, y[t, s]]), t, s)
    tmp7[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], loss_sum.T, 0)
    loss = tmp7.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, dtype, single, n_h, n_x, n_y, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_arguments(params, x, y, lengths, whole=True)
    U, W_1, W_2, V, b, c = params
    wrt = _asked(wrt, ("x",))
    window_T = _window(window, "T", ("T", "S"), T)
    window_S = _window(window, "S", ("T", "S"), S)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, h_arg, h, W_1_T, W_2_T, h_at, h_arg_at, o, yhat_lse, largest,
        yhat, loss_sum, tmp8, tmp9, dloss_sum, do, rows, flat, entries, dc, dV, dh, dh_arg, dh_arg_at, dh_at, h_at2,
        one, dh_arg_at2, dh_at2, dh_arg_at3, h_at3, dh_at3, db, dU, dW_1, dW_2,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, S, n_x, n_y, n_h, B, dtype)
    # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    h.fill(0)
    for s in range(1, S + 1):
        # h[0, s] = 0
        h[0, s] = np.where((s <= S_own)[:, None], 0, h[0, s - 1])
    for t in range(1, T + 1):
        # h[t, 0] = 0
        h[t, 0] = np.where((t <= T_own)[:, None], 0, h[t - 1, 0])
    W_1_T[...] = W_1.T
    W_2_T[...] = W_2.T
    for t in range(1, T + 1):
        # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
        np.matmul(h_at[t - 1].reshape(-1, n_h), W_1_T, out=tmp0.reshape(-1, n_h))
        h_arg_at[t - 1] += tmp0
        for s in range(1, S + 1):
            # h.arg[t, s] = b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1]
            h[t, s - 1].dot(W_2_T, out=tmp1)
            h_arg[t - 1, s - 1] += tmp1
            # h[t, s] = tanh(b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1])
            np.tanh(h_arg[t - 1, s - 1], out=tmp2)
            tmp1[...] = np.where((t <= T_own)[:, None], tmp2, h[t - 1, s])
            h[t, s] = np.where((s <= S_own)[:, None], tmp1, h[t, s - 1])
    # o[t, s] = c + V @ h[t, s]
    np.matmul(h[1:, 1:].reshape(T, -1, n_h), V.T, out=o.reshape(T, -1, n_y))
    o += c
    # yhat[t, s] = softmax(o[t, s])
    _logsumexp(o, 3, out=yhat_lse, work=tmp3, largest=largest)
    np.subtract(o, yhat_lse[:, :, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss.sum[t] = sum(where(s <= S.own, logsumexp(o[t, s]), 0) - where(s <= S.own, o[t, s, y[t, s]], 0),
    #     s)
    tmp5[...] = o[np.arange(T)[:, None, None], np.arange(S)[:, None], np.arange(B), y].transpose(0, 2, 1)
    tmp4[...] = np.where(np.arange(1, S + 1) <= S_own[:, None], tmp5, 0)
    np.add.reduce(tmp4, axis=2, out=loss_sum)
    np.negative(loss_sum, out=loss_sum)
    tmp4[...] = np.where(np.arange(1, S + 1) <= S_own[:, None], yhat_lse.transpose(0, 2, 1), 0)
    np.add.reduce(tmp4, axis=2, out=tmp6)
    loss_sum += tmp6
    # loss = sum(-log(yhat[t, s, y[t, s]]), t, s)
    tmp7[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], loss_sum.T, 0)
    loss = tmp7.sum()
    # grad(loss.sum[t]) = where(t <= T.own, 1, 0)
    dloss_sum[...] = np.arange(1, T + 1)[:, None] <= T_own
    # grad(o[t, s]) = grad(yhat.lse[t, s]) * yhat[t, s] - where(s <= S.own, 1, 0) * grad(loss.sum[t]) *
    #     onehot(y[t, s])
    tmp8[...] = np.arange(1, S + 1)[:, None] <= S_own
    np.multiply(tmp8[:, :, None], yhat, out=do)
    do *= dloss_sum[:, None, :, None]
    tmp8[...] = np.arange(1, S + 1)[:, None] <= S_own
    np.multiply(tmp8, dloss_sum[:, None], out=tmp9)
    np.negative(tmp9, out=tmp9)
    _add_to(do, y, rows, flat, entries, tmp9)
    # grad(c) = sum(sum(grad(o[t, s]), s), t)
    np.add.reduce(do, axis=(0, 1, 2), out=dc)
    # grad(V) = sum(sum(outer(grad(o[t, s]), h[t, s]), s), t)
    np.matmul(do.reshape(-1, n_y).T, h[1:, 1:].reshape(-1, n_h), out=dV)
    # grad(h[t, s]) = same_window(t, maximum(t - 1, 0), window.T) * (W_1.T @ grad(h.arg[t+1, s])) +
    #     same_window(s, maximum(s - 1, 0), window.S) * (W_2.T @ grad(h.arg[t, s+1])) + V.T @ grad(o[t,
    #     s]), t < T, s < S
    np.matmul(do.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
    np.square(h[T, S], out=dh_arg[T - 1, S - 1])
    np.subtract(1, dh_arg[T - 1, S - 1], out=dh_arg[T - 1, S - 1])
    dh_arg[T - 1, S - 1] *= dh[T - 1, S - 1]
    for s in range(S - 1, 0, -1):
        # grad(h[t, s]) = same_window(t, maximum(t - 1, 0), window.T) * (W_1.T @ grad(h.arg[t+1, s])) +
        #     same_window(s, maximum(s - 1, 0), window.S) * (W_2.T @ grad(h.arg[t, s+1])) + V.T @ grad(o[t,
        #     s]), t < T, s < S
        dh_arg_at[s].dot(W_2, out=tmp1)
        tmp1 *= s // window_S == max(s - 1, 0) // window_S
        dh_at[s - 1] += tmp1
        # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
        np.square(h_at2[s], out=dh_arg_at[s - 1])
        np.subtract(one, dh_arg_at[s - 1], out=dh_arg_at[s - 1])
        dh_arg_at[s - 1] *= dh_at[s - 1]
    for t in range(T - 1, 0, -1):
        # grad(h[t, s]) = same_window(t, maximum(t - 1, 0), window.T) * (W_1.T @ grad(h.arg[t+1, s])) +
        #     same_window(s, maximum(s - 1, 0), window.S) * (W_2.T @ grad(h.arg[t, s+1])) + V.T @ grad(o[t,
        #     s]), t < T, s < S
        np.matmul(dh_arg_at2[t].reshape(-1, n_h), W_1, out=tmp0.reshape(-1, n_h))
        tmp0 *= t // window_T == max(t - 1, 0) // window_T
        dh_at2[t - 1] += tmp0
        # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
        np.square(h_at3[t], out=dh_arg_at3[t - 1])
        np.subtract(one, dh_arg_at3[t - 1], out=dh_arg_at3[t - 1])
        dh_arg_at3[t - 1] *= dh_at3[t - 1]
        for s in range(S - 1, 0, -1):
            # grad(h[t, s]) = same_window(t, maximum(t - 1, 0), window.T) * (W_1.T @ grad(h.arg[t+1, s])) +
            #     same_window(s, maximum(s - 1, 0), window.S) * (W_2.T @ grad(h.arg[t, s+1])) + V.T @ grad(o[t,
            #     s]), t < T, s < S
            dh_arg[t - 1, s].dot(W_2, out=tmp1)
            tmp1 *= s // window_S == max(s - 1, 0) // window_S
            dh[t - 1, s - 1] += tmp1
            # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
            np.square(h[t, s], out=dh_arg[t - 1, s - 1])
            np.subtract(one, dh_arg[t - 1, s - 1], out=dh_arg[t - 1, s - 1])
            dh_arg[t - 1, s - 1] *= dh[t - 1, s - 1]
    # grad(b) = sum(sum(grad(h.arg[t, s]), s), t)
    np.add.reduce(dh_arg, axis=(0, 1, 2), out=db)
    # grad(U) = sum(sum(outer(grad(h.arg[t, s]), x[t, s]), s), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W_1) = sum(sum(outer(grad(h.arg[t, s]), h[t-1, s]), s), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T, 1:].reshape(-1, n_h), out=dW_1)
    # grad(W_2) = sum(sum(outer(grad(h.arg[t, s]), h[t, s-1]), s), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[1:, :S].reshape(-1, n_h), out=dW_2)
    if "x" in wrt:
        dx = np.empty((T, S, B, n_x), dtype)
        # grad(x[t, s]) = U.T @ grad(h.arg[t, s])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))

    gradient = Params(U=dU, W_1=dW_1, W_2=dW_2, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, :, 0] if single else dx
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h, yhat, dtype, single, n_h, n_x, n_y, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    U, W_1, W_2, V, b, c = params
    window_T = _window(window, "T", ("T", "S"), T)
    window_S = _window(window, "S", ("T", "S"), S)

    tmp0 = np.empty((S, B), dtype)
    tmp1 = np.empty((T, S, B), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((S, B, n_h), dtype)
    dloss_sum = np.empty((T, B), dtype)
    # grad(loss.sum[t]) = where(t <= T.own, 1, 0)
    dloss_sum[...] = np.arange(1, T + 1)[:, None] <= T_own
    do = np.empty((T, S, B, n_y), dtype)
    # grad(o[t, s]) = grad(yhat.lse[t, s]) * yhat[t, s] - where(s <= S.own, 1, 0) * grad(loss.sum[t]) *
    #     onehot(y[t, s])
    tmp0[...] = np.arange(1, S + 1)[:, None] <= S_own
    np.multiply(tmp0[:, :, None], yhat, out=do)
    do *= dloss_sum[:, None, :, None]
    tmp0[...] = np.arange(1, S + 1)[:, None] <= S_own
    np.multiply(tmp0, dloss_sum[:, None], out=tmp1)
    np.negative(tmp1, out=tmp1)
    rows = np.arange(T * S * B).reshape(T, S, B)
    flat = np.empty((T, S, B), np.intp)
    entries = np.empty((T, S, B), dtype)
    _add_to(do, y, rows, flat, entries, tmp1)
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(sum(grad(o[t, s]), s), t)
    np.add.reduce(do, axis=(0, 1, 2), out=dc)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(sum(outer(grad(o[t, s]), h[t, s]), s), t)
    np.matmul(do.reshape(-1, n_y).T, h[1:, 1:].reshape(-1, n_h), out=dV)
    dh = np.empty((T, S, B, n_h), dtype)
    # grad(h[t, s]) = same_window(t, maximum(t - 1, 0), window.T) * (W_1.T @ grad(h.arg[t+1, s])) +
    #     same_window(s, maximum(s - 1, 0), window.S) * (W_2.T @ grad(h.arg[t, s+1])) + V.T @ grad(o[t,
    #     s]), t < T, s < S
    np.matmul(do.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    dh_arg = np.empty((T, S, B, n_h), dtype)
    # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
    np.square(h[T, S], out=dh_arg[T - 1, S - 1])
    np.subtract(1, dh_arg[T - 1, S - 1], out=dh_arg[T - 1, S - 1])
    dh_arg[T - 1, S - 1] *= dh[T - 1, S - 1]
    dh_arg_at = list(dh_arg[T - 1])
    dh_at = list(dh[T - 1])
    one = np.array(1, dtype)
    for s in range(S - 1, 0, -1):
        # grad(h[t, s]) = same_window(t, maximum(t - 1, 0), window.T) * (W_1.T @ grad(h.arg[t+1, s])) +
        #     same_window(s, maximum(s - 1, 0), window.S) * (W_2.T @ grad(h.arg[t, s+1])) + V.T @ grad(o[t,
        #     s]), t < T, s < S
        dh_arg_at[s].dot(W_2, out=tmp2)
        tmp2 *= s // window_S == max(s - 1, 0) // window_S
        dh_at[s - 1] += tmp2
        # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
        np.square(h[T, s], out=dh_arg_at[s - 1])
        np.subtract(one, dh_arg_at[s - 1], out=dh_arg_at[s - 1])
        dh_arg_at[s - 1] *= dh_at[s - 1]
    dh_arg_at2 = list(dh_arg)
    dh_at2 = list(dh)
    dh_arg_at3 = list(dh_arg[:, S - 1])
    dh_at3 = list(dh[:, S - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t, s]) = same_window(t, maximum(t - 1, 0), window.T) * (W_1.T @ grad(h.arg[t+1, s])) +
        #     same_window(s, maximum(s - 1, 0), window.S) * (W_2.T @ grad(h.arg[t, s+1])) + V.T @ grad(o[t,
        #     s]), t < T, s < S
        np.matmul(dh_arg_at2[t].reshape(-1, n_h), W_1, out=tmp3.reshape(-1, n_h))
        tmp3 *= t // window_T == max(t - 1, 0) // window_T
        dh_at2[t - 1] += tmp3
        # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
        np.square(h[t, S], out=dh_arg_at3[t - 1])
        np.subtract(one, dh_arg_at3[t - 1], out=dh_arg_at3[t - 1])
        dh_arg_at3[t - 1] *= dh_at3[t - 1]
        for s in range(S - 1, 0, -1):
            # grad(h[t, s]) = same_window(t, maximum(t - 1, 0), window.T) * (W_1.T @ grad(h.arg[t+1, s])) +
            #     same_window(s, maximum(s - 1, 0), window.S) * (W_2.T @ grad(h.arg[t, s+1])) + V.T @ grad(o[t,
            #     s]), t < T, s < S
            dh_arg[t - 1, s].dot(W_2, out=tmp2)
            tmp2 *= s // window_S == max(s - 1, 0) // window_S
            dh[t - 1, s - 1] += tmp2
            # grad(h.arg[t, s]) = (1 - h[t, s]**2) * grad(h[t, s])
            np.square(h[t, s], out=dh_arg[t - 1, s - 1])
            np.subtract(one, dh_arg[t - 1, s - 1], out=dh_arg[t - 1, s - 1])
            dh_arg[t - 1, s - 1] *= dh[t - 1, s - 1]
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(sum(grad(h.arg[t, s]), s), t)
    np.add.reduce(dh_arg, axis=(0, 1, 2), out=db)
    dU = np.empty((n_h, n_x), dtype)
    # grad(U) = sum(sum(outer(grad(h.arg[t, s]), x[t, s]), s), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    dW_1 = np.empty((n_h, n_h), dtype)
    # grad(W_1) = sum(sum(outer(grad(h.arg[t, s]), h[t-1, s]), s), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T, 1:].reshape(-1, n_h), out=dW_1)
    dW_2 = np.empty((n_h, n_h), dtype)
    # grad(W_2) = sum(sum(outer(grad(h.arg[t, s]), h[t, s-1]), s), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[1:, :S].reshape(-1, n_h), out=dW_2)

    return Params(U=dU, W_1=dW_1, W_2=dW_2, V=dV, b=db, c=dc)


def _loss_arrays(T, S, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, S, B, n_y), dtype)
    tmp3 = np.empty((T, S, B), dtype)
    h_arg = np.empty((T, S, B, n_h), dtype)
    h = np.empty((T + 1, S + 1, B, n_h), dtype)
    W_1_T = np.empty((n_h, n_h), dtype)
    W_2_T = np.empty((n_h, n_h), dtype)
    h_at = list(h[:, 1:])
    h_arg_at = list(h_arg)
    o = np.empty((T, S, B, n_y), dtype)
    yhat_lse = np.empty((T, S, B), dtype)
    largest = np.empty((T, S, B, 1), dtype)
    rows = np.arange(T * S * B).reshape(T, S, B)
    flat = np.empty((T, S, B), np.intp)
    return tmp0, tmp1, tmp2, tmp3, h_arg, h, W_1_T, W_2_T, h_at, h_arg_at, o, yhat_lse, largest, rows, flat


def _loss_and_grad_arrays(T, S, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, S, B, n_y), dtype)
    tmp3 = np.empty((T, S, B), dtype)
    h_arg = np.empty((T, S, B, n_h), dtype)
    h = np.empty((T + 1, S + 1, B, n_h), dtype)
    W_1_T = np.empty((n_h, n_h), dtype)
    W_2_T = np.empty((n_h, n_h), dtype)
    h_at = list(h[:, 1:])
    h_arg_at = list(h_arg)
    o = np.empty((T, S, B, n_y), dtype)
    yhat_lse = np.empty((T, S, B), dtype)
    largest = np.empty((T, S, B, 1), dtype)
    yhat = np.empty((T, S, B, n_y), dtype)
    rows = np.arange(T * S * B).reshape(T, S, B)
    flat = np.empty((T, S, B), np.intp)
    do = yhat
    entries = np.empty((T, S, B), dtype)
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = h_arg
    dh_arg = np.empty((T, S, B, n_h), dtype)
    dh_arg_at = list(dh_arg[T - 1])
    dh_at = list(dh[T - 1])
    h_at2 = list(h[T])
    one = np.array(1, dtype)
    dh_arg_at2 = list(dh_arg)
    dh_at2 = list(dh)
    dh_arg_at3 = list(dh_arg[:, S - 1])
    h_at3 = list(h[:, S])
    dh_at3 = list(dh[:, S - 1])
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW_1 = W_1_T
    dW_2 = W_2_T
    return (
        tmp0, tmp1, tmp2, tmp3, h_arg, h, W_1_T, W_2_T, h_at, h_arg_at, o, yhat_lse, largest, yhat, rows, flat, do,
        entries, dc, dV, dh, dh_arg, dh_arg_at, dh_at, h_at2, one, dh_arg_at2, dh_at2, dh_arg_at3, h_at3, dh_at3, db,
        dU, dW_1, dW_2,
    )


def _loss_padded_arrays(T, S, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, S, B, n_y), dtype)
    tmp4 = np.empty((T, B, S), dtype)
    tmp5 = np.empty((T, B, S), dtype)
    tmp6 = np.empty((T, B), dtype)
    tmp7 = np.empty((B, T), dtype)
    h_arg = np.empty((T, S, B, n_h), dtype)
    h = np.empty((T + 1, S + 1, B, n_h), dtype)
    W_1_T = np.empty((n_h, n_h), dtype)
    W_2_T = np.empty((n_h, n_h), dtype)
    h_at = list(h[:, 1:])
    h_arg_at = list(h_arg)
    o = np.empty((T, S, B, n_y), dtype)
    yhat_lse = np.empty((T, S, B), dtype)
    largest = np.empty((T, S, B, 1), dtype)
    loss_sum = np.empty((T, B), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, h_arg, h, W_1_T, W_2_T, h_at, h_arg_at, o, yhat_lse, largest,
        loss_sum,
    )


def _loss_and_grad_padded_arrays(T, S, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, S, B, n_y), dtype)
    tmp4 = np.empty((T, B, S), dtype)
    tmp5 = np.empty((T, B, S), dtype)
    tmp6 = np.empty((T, B), dtype)
    tmp7 = np.empty((B, T), dtype)
    h_arg = np.empty((T, S, B, n_h), dtype)
    h = np.empty((T + 1, S + 1, B, n_h), dtype)
    W_1_T = np.empty((n_h, n_h), dtype)
    W_2_T = np.empty((n_h, n_h), dtype)
    h_at = list(h[:, 1:])
    h_arg_at = list(h_arg)
    o = np.empty((T, S, B, n_y), dtype)
    yhat_lse = np.empty((T, S, B), dtype)
    largest = np.empty((T, S, B, 1), dtype)
    yhat = np.empty((T, S, B, n_y), dtype)
    loss_sum = np.empty((T, B), dtype)
    tmp8 = np.empty((S, B), dtype)
    tmp9 = yhat_lse
    dloss_sum = loss_sum
    do = yhat
    rows = np.arange(T * S * B).reshape(T, S, B)
    flat = np.empty((T, S, B), np.intp)
    entries = np.empty((T, S, B), dtype)
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = h_arg
    dh_arg = np.empty((T, S, B, n_h), dtype)
    dh_arg_at = list(dh_arg[T - 1])
    dh_at = list(dh[T - 1])
    h_at2 = list(h[T])
    one = np.array(1, dtype)
    dh_arg_at2 = list(dh_arg)
    dh_at2 = list(dh)
    dh_arg_at3 = list(dh_arg[:, S - 1])
    h_at3 = list(h[:, S])
    dh_at3 = list(dh[:, S - 1])
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW_1 = W_1_T
    dW_2 = W_2_T
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, h_arg, h, W_1_T, W_2_T, h_at, h_arg_at, o, yhat_lse, largest,
        yhat, loss_sum, tmp8, tmp9, dloss_sum, do, rows, flat, entries, dc, dV, dh, dh_arg, dh_arg_at, dh_at, h_at2,
        one, dh_arg_at2, dh_at2, dh_arg_at3, h_at3, dh_at3, db, dU, dW_1, dW_2,
    )


def _arguments(params, x, y, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 3
    _rank("x", x, ("T", "S", "B", "n_x"), single)
    B = 1 if single else x.shape[2]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    S = x.shape[1]
    _expect("x", x, (T, S, *batch_axis, n_x), ("T", "S", "B", "n_x"), "n_x from U")
    if single:
        x = x[:, :, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, S, *batch_axis), ("T", "S", "B"), "T, S and B from x")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[:, :, None]
    return params, x, y, dtype, single, n_h, n_x, n_y, T, S, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 3
    _rank("x", x, ("T", "S", "B", "n_x"), single)
    B = 1 if single else x.shape[2]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    S = x.shape[1]
    _expect("x", x, (T, S, *batch_axis, n_x), ("T", "S", "B", "n_x"), "n_x from U")
    _expect("y", y, (T, S, *batch_axis), ("T", "S", "B"), "T, S and B from x")
    _expect(
        "forward.h",
        h,
        (T + 1, S + 1, *batch_axis, n_h),
        ("T + 1", "S + 1", "B", "n_h"),
        "T, S and B from x, n_h from U",
    )
    _expect("forward.yhat", yhat, (T, S, *batch_axis, n_y), ("T", "S", "B", "n_y"), "T, S and B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, :, None]
        y = y[:, :, None]
        h = h[:, :, None]
        yhat = yhat[:, :, None]
    return params, x, y, h, yhat, dtype, single, n_h, n_x, n_y, T, S, B


def _initial_arguments(params, S, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    S = _size("S", S)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    return params, dtype, single, n_h, n_x, n_y, S, B


def _step_arguments(params, state, x):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    h_prev = _real("state.h", state.h, dtype)
    single = x.ndim == 2
    _rank("x", x, ("S", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    S = x.shape[0]
    _expect("x", x, (S, *batch_axis, n_x), ("S", "B", "n_x"), "n_x from U")
    _expect("state.h", h_prev, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from x, n_h from U")
    if single:
        x = x[:, None]
        h_prev = h_prev[:, None]
    return params, x, h_prev, dtype, single, n_h, n_x, n_y, S, B


def _padded_arguments(params, x, y, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 3
    _rank("x", x, ("T", "S", "B", "n_x"), single)
    B = 1 if single else x.shape[2]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    S = x.shape[1]
    _expect("x", x, (T, S, *batch_axis, n_x), ("T", "S", "B", "n_x"), "n_x from U")
    if single:
        x = x[:, :, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, S, *batch_axis), ("T", "S", "B"), "T, S and B from x")
        if single:
            y = y[:, :, None]
    len_T = _lengths(lengths, "T", ("T", "S"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    len_S = _lengths(lengths, "S", ("T", "S"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    x = _hold(x, 0, 2, len_T)
    x = _hold(x, 1, 2, len_S)
    if y is not None:
        y = _hold(y, 0, 2, len_T)
        y = _hold(y, 1, 2, len_S)
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, dtype, single, n_h, n_x, n_y, T, S, B, len_T, T_own, len_S, S_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 3
    _rank("x", x, ("T", "S", "B", "n_x"), single)
    B = 1 if single else x.shape[2]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    S = x.shape[1]
    _expect("x", x, (T, S, *batch_axis, n_x), ("T", "S", "B", "n_x"), "n_x from U")
    _expect("y", y, (T, S, *batch_axis), ("T", "S", "B"), "T, S and B from x")
    _expect(
        "forward.h",
        h,
        (T + 1, S + 1, *batch_axis, n_h),
        ("T + 1", "S + 1", "B", "n_h"),
        "T, S and B from x, n_h from U",
    )
    _expect("forward.yhat", yhat, (T, S, *batch_axis, n_y), ("T", "S", "B", "n_y"), "T, S and B from x, n_y from V")
    if single:
        x = x[:, :, None]
        y = y[:, :, None]
        h = h[:, :, None]
        yhat = yhat[:, :, None]
    len_T = _lengths(lengths, "T", ("T", "S"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    len_S = _lengths(lengths, "S", ("T", "S"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    x = _hold(x, 0, 2, len_T)
    x = _hold(x, 1, 2, len_S)
    y = _hold(y, 0, 2, len_T)
    y = _hold(y, 1, 2, len_S)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h, yhat, dtype, single, n_h, n_x, n_y, T, S, B, len_T, T_own, len_S, S_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    U, W_1, W_2, V, b, c = params
    _rank("U", U, ("n_h", "n_x"))
    n_h, n_x = U.shape
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("W_1", W_1, (n_h, n_h), ("n_h", "n_h"), "n_h from U")
    _expect("W_2", W_2, (n_h, n_h), ("n_h", "n_h"), "n_h from U")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from U")
    _expect("b", b, (n_h,), ("n_h",), "n_h from U")
    _expect("c", c, (n_y,), ("n_y",), "n_y from V")
    return params, dtype, n_h, n_x, n_y


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
