# Written by derive from ugrnn.eq; do not edit.
# Change ugrnn.eq instead, and run: derive generate ugrnn
# source 01743550839076ca, derive 07e8f9d843407be1, body 725d0bb98af2ceaa
"""UGRNN, the update gate RNN: a single gate decides whether a unit keeps its state or takes the candidate.

Collins, Sohl-Dickstein & Sussillo (2017), Capacity and Trainability in Recurrent Neural Networks.

The equations::

    x: Input[T, n_x]                # what is read at each step
    y: Label[T, n_y]                # the class to predict at each step
    W_c, W_g = Param[n_h, n_x]      # input to candidate and gate
    U_c, U_g = Param[n_h, n_h]      # hidden to candidate and gate
    b_c: Param[n_h]
    b_g: Param[n_h] = 1             # the gate starts open towards the past
    V: Param[n_y, n_h]              # hidden to output
    d: Param[n_y]                   # output bias

    h[0] = 0
    c[t] = tanh(b_c + U_c @ h[t-1] + W_c @ x[t])        # candidate
    g[t] = sigmoid(b_g + U_g @ h[t-1] + W_g @ x[t])     # update gate
    h[t] = g[t] * h[t-1] + (1 - g[t]) * c[t]            # hidden state
    s[t] = d + V @ h[t]                                 # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    W_c: np.ndarray  # (n_h, n_x)  input to candidate and gate
    W_g: np.ndarray  # (n_h, n_x)  input to candidate and gate
    U_c: np.ndarray  # (n_h, n_h)  hidden to candidate and gate
    U_g: np.ndarray  # (n_h, n_h)  hidden to candidate and gate
    b_c: np.ndarray  # (n_h)
    b_g: np.ndarray  # (n_h)  the gate starts open towards the past
    V: np.ndarray  # (n_y, n_h)  hidden to output
    d: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    c: np.ndarray  # (T, B, n_h)  candidate
    g: np.ndarray  # (T, B, n_h)  update gate
    h: np.ndarray  # (T + 1, B, n_h)  hidden state
    s: np.ndarray  # (T, B, n_y)  logits
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    h: np.ndarray  # (B, n_h)  hidden state


class Outputs(NamedTuple):
    """The variables at one step."""

    c: np.ndarray  # (B, n_h)  candidate
    g: np.ndarray  # (B, n_h)  update gate
    h: np.ndarray  # (B, n_h)  hidden state
    s: np.ndarray  # (B, n_y)  logits
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
        W_c=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_g=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        U_c=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_g=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b_c=np.zeros((n_h,), dtype),
        b_g=np.full((n_h,), 1.0, dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        d=np.zeros((n_y,), dtype),
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

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  the class to predict at each step
    h0       (B, n_h)     real        h[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from
                                      there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _forward_padded(params, x, y, h0, lengths)
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0)
    W_c, W_g, U_c, U_g, b_c, b_g, V, d = params

    tmp0 = np.empty((2, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    U_gc = np.stack((U_g, U_c))
    W_gc = np.stack((W_g, W_c))
    b_gc = np.stack((b_g, b_c))
    gc_arg = np.empty((2, T, B, n_h), dtype)
    # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
    # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
    np.matmul(x.reshape(-1, n_x), W_gc.transpose(0, 2, 1), out=gc_arg.reshape(2, -1, n_h))
    gc_arg += b_gc[:, None, None]
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    U_gc_T = np.empty((2, n_h, n_h), dtype)
    U_gc_T[...] = U_gc.transpose(0, 2, 1)
    h_at = list(h)
    gc_arg_at = list(gc_arg.swapaxes(0, 1))
    c_at = list(c)
    c_arg_at = list(gc_arg[1])
    g_at = list(g)
    g_arg_at = list(gc_arg[0])
    half = np.array(0.5, dtype)
    one = np.array(1, dtype)
    for t in range(1, T + 1):
        # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
        # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
        np.matmul(h_at[t - 1], U_gc_T, out=tmp0)
        gc_arg_at[t - 1] += tmp0
        # c[t] = tanh(b_c + U_c @ h[t-1] + W_c @ x[t])
        np.tanh(c_arg_at[t - 1], out=c_at[t - 1])
        # g[t] = sigmoid(b_g + U_g @ h[t-1] + W_g @ x[t])
        _sigmoid(g_arg_at[t - 1], out=g_at[t - 1], half=half)
        # h[t] = g[t] * h[t-1] + (1 - g[t]) * c[t]
        np.subtract(one, g_at[t - 1], out=h_at[t])
        h_at[t] *= c_at[t - 1]
        np.multiply(g_at[t - 1], h_at[t - 1], out=tmp1)
        h_at[t] += tmp1
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((T, B), dtype)
        rows = np.arange(T * B).reshape(T, B)
        flat = np.empty((T, B), np.intp)
        # loss = sum(-log(yhat[t, y[t]]), t)
        _look_up(s, y, rows, flat, out=tmp_3_0)
        np.subtract(yhat_lse, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
    else:
        loss = None

    if single:
        c = c[:, 0]
        g = g[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(c=c, g=g, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss))


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

    x          (T, B, n_x)  real        what is read at each step
    y          (T, B)       0..n_y - 1  the class to predict at each step
    h0         (B, n_h)     real        h[0]; 0 where not given
    workspace               Workspace   its arrays are used, and hold the results until its next call
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths    (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _loss_padded(params, x, y, h0, lengths, workspace)
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, whole=True)
    W_c, W_g, U_c, U_g, b_c, b_g, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, U_gc, W_gc, b_gc, gc_arg, h, c, g, U_gc_T, h_at, gc_arg_at, c_arg_at, g_arg_at, half,
        one, s, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((U_g, U_c), out=U_gc)
    np.stack((W_g, W_c), out=W_gc)
    np.stack((b_g, b_c), out=b_gc)
    # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
    # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
    np.matmul(x.reshape(-1, n_x), W_gc.transpose(0, 2, 1), out=gc_arg.reshape(2, -1, n_h))
    gc_arg += b_gc[:, None, None]
    # h[0] = 0
    h[0] = h0
    U_gc_T[...] = U_gc.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
        # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
        np.matmul(h_at[t - 1], U_gc_T, out=tmp0)
        gc_arg_at[t - 1] += tmp0
        # c[t] = tanh(b_c + U_c @ h[t-1] + W_c @ x[t])
        np.tanh(c_arg_at[t - 1], out=c)
        # g[t] = sigmoid(b_g + U_g @ h[t-1] + W_g @ x[t])
        _sigmoid(g_arg_at[t - 1], out=g, half=half)
        # h[t] = g[t] * h[t-1] + (1 - g[t]) * c[t]
        np.subtract(one, g, out=h_at[t])
        h_at[t] *= c
        np.multiply(g, h_at[t - 1], out=tmp1)
        h_at[t] += tmp1
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
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

    x           (T, B, n_x)  real                       what is read at each step
    y           (T, B)       0..n_y - 1                 the class to predict at each step
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
    W_c, W_g, U_c, U_g, b_c, b_g, V, d = params
    wrt = _asked(wrt, ("x", "h0"))

    (
        tmp0, tmp1, tmp2, tmp3, U_gc, W_gc, b_gc, gc_arg, h, c, g, U_gc_T, h_at, gc_arg_at, c_at, c_arg_at, g_at,
        g_arg_at, half, one, s, yhat_lse, largest, yhat, rows, flat, tmp4, ds, entries, dd, dV, dh, gc_arg_factor,
        dgc_arg, dh_at, dgc_arg_at, product, gc_arg_factor_at, db_gc, dU_gc, dW_gc,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((U_g, U_c), out=U_gc)
    np.stack((W_g, W_c), out=W_gc)
    np.stack((b_g, b_c), out=b_gc)
    # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
    # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
    np.matmul(x.reshape(-1, n_x), W_gc.transpose(0, 2, 1), out=gc_arg.reshape(2, -1, n_h))
    gc_arg += b_gc[:, None, None]
    # h[0] = 0
    h[0] = h0
    U_gc_T[...] = U_gc.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
        # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
        np.matmul(h_at[t - 1], U_gc_T, out=tmp0)
        gc_arg_at[t - 1] += tmp0
        # c[t] = tanh(b_c + U_c @ h[t-1] + W_c @ x[t])
        np.tanh(c_arg_at[t - 1], out=c_at[t - 1])
        # g[t] = sigmoid(b_g + U_g @ h[t-1] + W_g @ x[t])
        _sigmoid(g_arg_at[t - 1], out=g_at[t - 1], half=half)
        # h[t] = g[t] * h[t-1] + (1 - g[t]) * c[t]
        np.subtract(one, g_at[t - 1], out=h_at[t])
        h_at[t] *= c_at[t - 1]
        np.multiply(g_at[t - 1], h_at[t - 1], out=tmp1)
        h_at[t] += tmp1
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    # grad(s[t]) = yhat[t] - onehot(y[t])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # grad(h[t]) = U_c.T @ grad(c.arg[t+1]) + U_g.T @ grad(g.arg[t+1]) + g[t+1] * grad(h[t+1]) + V.T @
    #     grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # g.arg.factor[t] = (h[t-1] - c[t]) * g[t] * (1 - g[t])
    np.subtract(h[:T], c, out=tmp4)
    np.subtract(1, g, out=gc_arg_factor[0])
    gc_arg_factor[0] *= tmp4
    gc_arg_factor[0] *= g
    # c.arg.factor[t] = (1 - c[t]**2) * (1 - g[t])
    np.subtract(1, g, out=tmp4)
    np.square(c, out=gc_arg_factor[1])
    np.subtract(1, gc_arg_factor[1], out=gc_arg_factor[1])
    gc_arg_factor[1] *= tmp4
    # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
    # grad(c.arg[t]) = (1 - c[t]**2) * grad(c[t])
    np.multiply(gc_arg_factor[:, T - 1], dh[T], out=dgc_arg[:, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = U_c.T @ grad(c.arg[t+1]) + U_g.T @ grad(g.arg[t+1]) + g[t+1] * grad(h[t+1]) + V.T @
        #     grad(s[t]), t < T
        np.multiply(g_at[t], dh_at[t + 1], out=tmp1)
        dh_at[t] += tmp1
        np.matmul(dgc_arg_at[t], U_gc, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        dh_at[t] += tmp1
        # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
        # grad(c.arg[t]) = (1 - c[t]**2) * grad(c[t])
        np.multiply(gc_arg_factor_at[t - 1], dh_at[t], out=dgc_arg_at[t - 1])
    # grad(b_g) = sum(grad(g.arg[t]), t)
    # grad(b_c) = sum(grad(c.arg[t]), t)
    np.add.reduce(dgc_arg, axis=(1, 2), out=db_gc)
    # grad(U_g) = sum(outer(grad(g.arg[t]), h[t-1]), t)
    # grad(U_c) = sum(outer(grad(c.arg[t]), h[t-1]), t)
    np.matmul(dgc_arg.reshape(2, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_gc)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    # grad(W_c) = sum(outer(grad(c.arg[t]), x[t]), t)
    np.matmul(dgc_arg.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_gc)
    if "h0" in wrt:
        tmp_5_0 = np.empty((1, B, n_h), dtype)
        # grad(h[t]) = U_c.T @ grad(c.arg[t+1]) + U_g.T @ grad(g.arg[t+1]) + g[t+1] * grad(h[t+1]) + V.T @
        #     grad(s[t]), t < T
        np.multiply(g[:1], dh[1:2], out=dh[:1])
        product2 = np.empty((2, 1 * B, n_h), dtype)
        np.matmul(dgc_arg[:, :1].reshape(2, -1, n_h), U_gc, out=product2)
        np.add.reduce(product2, axis=0, out=tmp_5_0.reshape(-1, n_h))
        dh[:1] += tmp_5_0
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product3 = np.empty((2, T * B, n_x), dtype)
        # grad(x[t]) = W_c.T @ grad(c.arg[t]) + W_g.T @ grad(g.arg[t])
        np.matmul(dgc_arg.reshape(2, -1, n_h), W_gc, out=product3)
        np.add.reduce(product3, axis=0, out=dx.reshape(-1, n_x))
    db_g = db_gc[0]
    db_c = db_gc[1]
    dU_g = dU_gc[0]
    dU_c = dU_gc[1]
    dW_g = dW_gc[0]
    dW_c = dW_gc[1]

    gradient = Params(W_c=dW_c, W_g=dW_g, U_c=dU_c, U_g=dU_g, b_c=db_c, b_g=db_g, V=dV, d=dd)
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
    y        (T, B)       0..n_y - 1         the class to predict at each step
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    params, x, y, c, g, h, yhat, dtype, single, n_h, n_x, n_y, T, B = _backward_arguments(params, forward, x, y)
    W_c, W_g, U_c, U_g, b_c, b_g, V, d = params

    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    U_gc = np.stack((U_g, U_c))
    ds = np.empty((T, B, n_y), dtype)
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds[...] = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(ds, y, rows, flat, entries, -1)
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = U_c.T @ grad(c.arg[t+1]) + U_g.T @ grad(g.arg[t+1]) + g[t+1] * grad(h[t+1]) + V.T @
    #     grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    gc_arg_factor = np.empty((2, T, B, n_h), dtype)
    # g.arg.factor[t] = (h[t-1] - c[t]) * g[t] * (1 - g[t])
    np.subtract(h[:T], c, out=tmp0)
    np.subtract(1, g, out=gc_arg_factor[0])
    gc_arg_factor[0] *= tmp0
    gc_arg_factor[0] *= g
    # c.arg.factor[t] = (1 - c[t]**2) * (1 - g[t])
    np.subtract(1, g, out=tmp0)
    np.square(c, out=gc_arg_factor[1])
    np.subtract(1, gc_arg_factor[1], out=gc_arg_factor[1])
    gc_arg_factor[1] *= tmp0
    dgc_arg = np.empty((2, T, B, n_h), dtype)
    # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
    # grad(c.arg[t]) = (1 - c[t]**2) * grad(c[t])
    np.multiply(gc_arg_factor[:, T - 1], dh[T - 1], out=dgc_arg[:, T - 1])
    dh_at = list(dh)
    dgc_arg_at = list(dgc_arg.swapaxes(0, 1))
    product = np.empty((2, B, n_h), dtype)
    gc_arg_factor_at = list(gc_arg_factor.swapaxes(0, 1))
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = U_c.T @ grad(c.arg[t+1]) + U_g.T @ grad(g.arg[t+1]) + g[t+1] * grad(h[t+1]) + V.T @
        #     grad(s[t]), t < T
        np.multiply(g[t], dh_at[t], out=tmp1)
        dh_at[t - 1] += tmp1
        np.matmul(dgc_arg_at[t], U_gc, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        dh_at[t - 1] += tmp1
        # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
        # grad(c.arg[t]) = (1 - c[t]**2) * grad(c[t])
        np.multiply(gc_arg_factor_at[t - 1], dh_at[t - 1], out=dgc_arg_at[t - 1])
    db_gc = np.empty((2, n_h), dtype)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    # grad(b_c) = sum(grad(c.arg[t]), t)
    np.add.reduce(dgc_arg, axis=(1, 2), out=db_gc)
    dU_gc = np.empty((2, n_h, n_h), dtype)
    # grad(U_g) = sum(outer(grad(g.arg[t]), h[t-1]), t)
    # grad(U_c) = sum(outer(grad(c.arg[t]), h[t-1]), t)
    np.matmul(dgc_arg.reshape(2, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_gc)
    dW_gc = np.empty((2, n_h, n_x), dtype)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    # grad(W_c) = sum(outer(grad(c.arg[t]), x[t]), t)
    np.matmul(dgc_arg.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_gc)
    db_g = db_gc[0]
    db_c = db_gc[1]
    dU_g = dU_gc[0]
    dU_c = dU_gc[1]
    dW_g = dW_gc[0]
    dW_c = dW_gc[1]

    return Params(W_c=dW_c, W_g=dW_g, U_c=dU_c, U_g=dU_g, b_c=db_c, b_g=db_g, V=dV, d=dd)


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
    W_c, W_g, U_c, U_g, b_c, b_g, V, d = params

    U_gc = np.stack((U_g, U_c))
    W_gc = np.stack((W_g, W_c))
    b_gc = np.stack((b_g, b_c))
    # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
    # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
    gc_arg = h_prev @ U_gc.transpose(0, 2, 1)
    gc_arg += x @ W_gc.transpose(0, 2, 1)
    gc_arg += b_gc[:, None]
    # c[t] = tanh(b_c + U_c @ h[t-1] + W_c @ x[t])
    c = np.tanh(gc_arg[1])
    # g[t] = sigmoid(b_g + U_g @ h[t-1] + W_g @ x[t])
    g = _sigmoid(gc_arg[0])
    # h[t] = g[t] * h[t-1] + (1 - g[t]) * c[t]
    h = c * (1 - g)
    h += g * h_prev
    # s[t] = d + V @ h[t]
    s = h @ V.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])

    if single:
        h = h[0]
        c = c[0]
        g = g[0]
        s = s[0]
        yhat = yhat[0]
    result = State(h=h)
    return result, Outputs(c=c, g=g, h=h, s=s, yhat=yhat)


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
    W_c, W_g, U_c, U_g, b_c, b_g, V, d = params

    tmp0 = np.empty((2, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    U_gc = np.stack((U_g, U_c))
    W_gc = np.stack((W_g, W_c))
    b_gc = np.stack((b_g, b_c))
    gc_arg = np.empty((2, T, B, n_h), dtype)
    # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
    # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
    np.matmul(x.reshape(-1, n_x), W_gc.transpose(0, 2, 1), out=gc_arg.reshape(2, -1, n_h))
    gc_arg += b_gc[:, None, None]
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    U_gc_T = np.empty((2, n_h, n_h), dtype)
    U_gc_T[...] = U_gc.transpose(0, 2, 1)
    h_at = list(h)
    gc_arg_at = list(gc_arg.swapaxes(0, 1))
    c_at = list(c)
    c_arg_at = list(gc_arg[1])
    g_at = list(g)
    g_arg_at = list(gc_arg[0])
    half = np.array(0.5, dtype)
    one = np.array(1, dtype)
    for t in range(1, T + 1):
        # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
        # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
        np.matmul(h_at[t - 1], U_gc_T, out=tmp0)
        gc_arg_at[t - 1] += tmp0
        # c[t] = tanh(b_c + U_c @ h[t-1] + W_c @ x[t])
        np.tanh(c_arg_at[t - 1], out=c_at[t - 1])
        # g[t] = sigmoid(b_g + U_g @ h[t-1] + W_g @ x[t])
        _sigmoid(g_arg_at[t - 1], out=g_at[t - 1], half=half)
        # h[t] = g[t] * h[t-1] + (1 - g[t]) * c[t]
        np.multiply(g_at[t - 1], h_at[t - 1], out=tmp2)
        np.subtract(one, g_at[t - 1], out=tmp1)
        tmp1 *= c_at[t - 1]
        tmp1 += tmp2
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    if y is not None:
        tmp_4_0 = np.empty((B, T), dtype)
        tmp_4_1 = np.empty((B, T), dtype)
        tmp_4_2 = np.empty((B, T), dtype)
        # loss = sum(-log(yhat[t, y[t]]), t)
        tmp_4_1[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
        tmp_4_2[...] = s[np.arange(T)[:, None], np.arange(B), y].T
        tmp_4_0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp_4_2, 0)
        np.subtract(tmp_4_1, tmp_4_0, out=tmp_4_0)
        loss = tmp_4_0.sum()
    else:
        loss = None

    if single:
        c = c[:, 0]
        g = g[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(c=c, g=g, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, h0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, lengths, whole=True)
    W_c, W_g, U_c, U_g, b_c, b_g, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, U_gc, W_gc, b_gc, gc_arg, h, c, g, U_gc_T, h_at, gc_arg_at, c_arg_at,
        g_arg_at, half, one, s, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((U_g, U_c), out=U_gc)
    np.stack((W_g, W_c), out=W_gc)
    np.stack((b_g, b_c), out=b_gc)
    # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
    # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
    np.matmul(x.reshape(-1, n_x), W_gc.transpose(0, 2, 1), out=gc_arg.reshape(2, -1, n_h))
    gc_arg += b_gc[:, None, None]
    # h[0] = 0
    h[0] = h0
    U_gc_T[...] = U_gc.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
        # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
        np.matmul(h_at[t - 1], U_gc_T, out=tmp0)
        gc_arg_at[t - 1] += tmp0
        # c[t] = tanh(b_c + U_c @ h[t-1] + W_c @ x[t])
        np.tanh(c_arg_at[t - 1], out=c)
        # g[t] = sigmoid(b_g + U_g @ h[t-1] + W_g @ x[t])
        _sigmoid(g_arg_at[t - 1], out=g, half=half)
        # h[t] = g[t] * h[t-1] + (1 - g[t]) * c[t]
        np.multiply(g, h_at[t - 1], out=tmp2)
        np.subtract(one, g, out=tmp1)
        tmp1 *= c
        tmp1 += tmp2
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp6[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp6, 0)
    np.subtract(tmp5, tmp4, out=tmp4)
    loss = tmp4.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, h0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, lengths, whole=True)
    W_c, W_g, U_c, U_g, b_c, b_g, V, d = params
    wrt = _asked(wrt, ("x", "h0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, U_gc, W_gc, b_gc, gc_arg, h, c, g, U_gc_T, h_at, gc_arg_at, c_at,
        c_arg_at, g_at, g_arg_at, half, one, s, yhat_lse, largest, yhat, tmp7, tmp8, ds, rows, flat, entries, dd, dV,
        dh, gc_arg_factor, dgc_arg, dh_at, dgc_arg_at, product, gc_arg_factor_at, db_gc, dU_gc, dW_gc,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((U_g, U_c), out=U_gc)
    np.stack((W_g, W_c), out=W_gc)
    np.stack((b_g, b_c), out=b_gc)
    # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
    # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
    np.matmul(x.reshape(-1, n_x), W_gc.transpose(0, 2, 1), out=gc_arg.reshape(2, -1, n_h))
    gc_arg += b_gc[:, None, None]
    # h[0] = 0
    h[0] = h0
    U_gc_T[...] = U_gc.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
        # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
        np.matmul(h_at[t - 1], U_gc_T, out=tmp0)
        gc_arg_at[t - 1] += tmp0
        # c[t] = tanh(b_c + U_c @ h[t-1] + W_c @ x[t])
        np.tanh(c_arg_at[t - 1], out=c_at[t - 1])
        # g[t] = sigmoid(b_g + U_g @ h[t-1] + W_g @ x[t])
        _sigmoid(g_arg_at[t - 1], out=g_at[t - 1], half=half)
        # h[t] = g[t] * h[t-1] + (1 - g[t]) * c[t]
        np.multiply(g_at[t - 1], h_at[t - 1], out=tmp2)
        np.subtract(one, g_at[t - 1], out=tmp1)
        tmp1 *= c_at[t - 1]
        tmp1 += tmp2
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp6[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp6, 0)
    np.subtract(tmp5, tmp4, out=tmp4)
    loss = tmp4.sum()
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp7[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp7[:, :, None], yhat, out=ds)
    tmp7[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp7, out=tmp7)
    _add_to(ds, y, rows, flat, entries, tmp7)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_c.T @ grad(c.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (U_g.T @ grad(g.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * g[t+1] * grad(h[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # g.arg.factor[t] = (h[t-1] - c[t]) * g[t] * (1 - g[t])
    np.subtract(h[:T], c, out=tmp8)
    np.subtract(1, g, out=gc_arg_factor[0])
    gc_arg_factor[0] *= tmp8
    gc_arg_factor[0] *= g
    # c.arg.factor[t] = (1 - c[t]**2) * (1 - g[t])
    np.subtract(1, g, out=tmp8)
    np.square(c, out=gc_arg_factor[1])
    np.subtract(1, gc_arg_factor[1], out=gc_arg_factor[1])
    gc_arg_factor[1] *= tmp8
    # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
    # grad(c.arg[t]) = (1 - c[t]**2) * grad(c[t])
    np.multiply(gc_arg_factor[:, T - 1], dh[T], out=dgc_arg[:, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_c.T @ grad(c.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (U_g.T @ grad(g.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * g[t+1] * grad(h[t+1]) + V.T @ grad(s[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, g_at[t], out=tmp1)
        tmp1 *= dh_at[t + 1]
        dh_at[t] += tmp1
        np.matmul(dgc_arg_at[t], U_gc, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        tmp1 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp1
        # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
        # grad(c.arg[t]) = (1 - c[t]**2) * grad(c[t])
        np.multiply(gc_arg_factor_at[t - 1], dh_at[t], out=dgc_arg_at[t - 1])
    # grad(b_g) = sum(grad(g.arg[t]), t)
    # grad(b_c) = sum(grad(c.arg[t]), t)
    np.add.reduce(dgc_arg, axis=(1, 2), out=db_gc)
    # grad(U_g) = sum(outer(grad(g.arg[t]), h[t-1]), t)
    # grad(U_c) = sum(outer(grad(c.arg[t]), h[t-1]), t)
    np.matmul(dgc_arg.reshape(2, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_gc)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    # grad(W_c) = sum(outer(grad(c.arg[t]), x[t]), t)
    np.matmul(dgc_arg.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_gc)
    if "h0" in wrt:
        tmp_9_0 = np.empty((1,), dtype)
        tmp_9_1 = np.empty((1,), dtype)
        tmp_9_2 = np.empty((1,), dtype)
        tmp_9_3 = np.empty((1, B, n_h), dtype)
        tmp_9_4 = np.empty((1, B, 2, n_h), dtype)
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_c.T @ grad(c.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (U_g.T @ grad(g.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * g[t+1] * grad(h[t+1]) + V.T @ grad(s[t]), t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_9_2)
        np.maximum(tmp_9_2, 0, out=tmp_9_1)
        tmp_9_0[...] = np.arange(1) // window_T == tmp_9_1 // window_T
        np.multiply(tmp_9_0[:, None, None], g[:1], out=dh[:1])
        dh[:1] *= dh[1:2]
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_9_2)
        np.maximum(tmp_9_2, 0, out=tmp_9_1)
        tmp_9_0[...] = np.arange(1) // window_T == tmp_9_1 // window_T
        np.multiply(tmp_9_0[:, None, None, None], dgc_arg[:, :1].transpose(1, 2, 0, 3), out=tmp_9_4)
        np.matmul(tmp_9_4.reshape(-1, 2 * n_h), U_gc.reshape(-1, n_h), out=tmp_9_3.reshape(-1, n_h))
        dh[:1] += tmp_9_3
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product2 = np.empty((2, T * B, n_x), dtype)
        # grad(x[t]) = W_c.T @ grad(c.arg[t]) + W_g.T @ grad(g.arg[t])
        np.matmul(dgc_arg.reshape(2, -1, n_h), W_gc, out=product2)
        np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    db_g = db_gc[0]
    db_c = db_gc[1]
    dU_g = dU_gc[0]
    dU_c = dU_gc[1]
    dW_g = dW_gc[0]
    dW_c = dW_gc[1]

    gradient = Params(W_c=dW_c, W_g=dW_g, U_c=dU_c, U_g=dU_g, b_c=db_c, b_g=db_g, V=dV, d=dd)
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
        params, x, y, c, g, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    W_c, W_g, U_c, U_g, b_c, b_g, V, d = params
    window_T = _window(window, "T", ("T",), T)

    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    U_gc = np.stack((U_g, U_c))
    ds = np.empty((T, B, n_y), dtype)
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp0[:, :, None], yhat, out=ds)
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp0, out=tmp0)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(ds, y, rows, flat, entries, tmp0)
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_c.T @ grad(c.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (U_g.T @ grad(g.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * g[t+1] * grad(h[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    gc_arg_factor = np.empty((2, T, B, n_h), dtype)
    # g.arg.factor[t] = (h[t-1] - c[t]) * g[t] * (1 - g[t])
    np.subtract(h[:T], c, out=tmp1)
    np.subtract(1, g, out=gc_arg_factor[0])
    gc_arg_factor[0] *= tmp1
    gc_arg_factor[0] *= g
    # c.arg.factor[t] = (1 - c[t]**2) * (1 - g[t])
    np.subtract(1, g, out=tmp1)
    np.square(c, out=gc_arg_factor[1])
    np.subtract(1, gc_arg_factor[1], out=gc_arg_factor[1])
    gc_arg_factor[1] *= tmp1
    dgc_arg = np.empty((2, T, B, n_h), dtype)
    # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
    # grad(c.arg[t]) = (1 - c[t]**2) * grad(c[t])
    np.multiply(gc_arg_factor[:, T - 1], dh[T - 1], out=dgc_arg[:, T - 1])
    dh_at = list(dh)
    dgc_arg_at = list(dgc_arg.swapaxes(0, 1))
    product = np.empty((2, B, n_h), dtype)
    gc_arg_factor_at = list(gc_arg_factor.swapaxes(0, 1))
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_c.T @ grad(c.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (U_g.T @ grad(g.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * g[t+1] * grad(h[t+1]) + V.T @ grad(s[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, g[t], out=tmp2)
        tmp2 *= dh_at[t]
        dh_at[t - 1] += tmp2
        np.matmul(dgc_arg_at[t], U_gc, out=product)
        np.add.reduce(product, axis=0, out=tmp2)
        tmp2 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t - 1] += tmp2
        # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
        # grad(c.arg[t]) = (1 - c[t]**2) * grad(c[t])
        np.multiply(gc_arg_factor_at[t - 1], dh_at[t - 1], out=dgc_arg_at[t - 1])
    db_gc = np.empty((2, n_h), dtype)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    # grad(b_c) = sum(grad(c.arg[t]), t)
    np.add.reduce(dgc_arg, axis=(1, 2), out=db_gc)
    dU_gc = np.empty((2, n_h, n_h), dtype)
    # grad(U_g) = sum(outer(grad(g.arg[t]), h[t-1]), t)
    # grad(U_c) = sum(outer(grad(c.arg[t]), h[t-1]), t)
    np.matmul(dgc_arg.reshape(2, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_gc)
    dW_gc = np.empty((2, n_h, n_x), dtype)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    # grad(W_c) = sum(outer(grad(c.arg[t]), x[t]), t)
    np.matmul(dgc_arg.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_gc)
    db_g = db_gc[0]
    db_c = db_gc[1]
    dU_g = dU_gc[0]
    dU_c = dU_gc[1]
    dW_g = dW_gc[0]
    dW_c = dW_gc[1]

    return Params(W_c=dW_c, W_g=dW_g, U_c=dU_c, U_g=dU_g, b_c=db_c, b_g=db_g, V=dV, d=dd)


def _loss_and_grad_checkpointed(params, x, y, h0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, whole=True)
    W_c, W_g, U_c, U_g, b_c, b_g, V, d = params
    wrt = _asked(wrt, ("x", "h0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        h0_kept, h_left1, dW_c, dW_g, dU_c, dU_g, db_c, db_g, dV, dd,
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
    for total in (h_left1, dW_c, dW_g, dU_c, dU_g, db_c, db_g, dV, dd):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            h_left1,
            x[first:last],
            y[first:last],
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
        _add_each((dW_c, dW_g, dU_c, dU_g, db_c, db_g, dV, dd), parts)
        h_left1[...] = dh0
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(W_c=dW_c, W_g=dW_g, U_c=dU_c, U_g=dU_g, b_c=db_c, b_g=db_g, V=dV, d=dd)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _segment(params, h_left1, x, y, h0, T, n_x, n_y, n_h, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    W_c, W_g, U_c, U_g, b_c, b_g, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, U_gc, W_gc, b_gc, gc_arg, h, c, g, U_gc_T, h_at, gc_arg_at, c_at, c_arg_at, g_at,
        g_arg_at, half, one, s, yhat_lse, largest, rows, flat, tmp4, ds, entries, dd, dV, dh, gc_arg_factor, dgc_arg,
        dh_at, dgc_arg_at, product, gc_arg_factor_at, db_gc, dU_gc, dW_gc, dh0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((U_g, U_c), out=U_gc)
    np.stack((W_g, W_c), out=W_gc)
    np.stack((b_g, b_c), out=b_gc)
    # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
    # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
    np.matmul(x.reshape(-1, n_x), W_gc.transpose(0, 2, 1), out=gc_arg.reshape(2, -1, n_h))
    gc_arg += b_gc[:, None, None]
    # h[0] = 0
    h[0] = h0
    U_gc_T[...] = U_gc.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
        # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
        np.matmul(h_at[t - 1], U_gc_T, out=tmp0)
        gc_arg_at[t - 1] += tmp0
        # c[t] = tanh(b_c + U_c @ h[t-1] + W_c @ x[t])
        np.tanh(c_arg_at[t - 1], out=c_at[t - 1])
        # g[t] = sigmoid(b_g + U_g @ h[t-1] + W_g @ x[t])
        _sigmoid(g_arg_at[t - 1], out=g_at[t - 1], half=half)
        # h[t] = g[t] * h[t-1] + (1 - g[t]) * c[t]
        np.subtract(one, g_at[t - 1], out=h_at[t])
        h_at[t] *= c_at[t - 1]
        np.multiply(g_at[t - 1], h_at[t - 1], out=tmp1)
        h_at[t] += tmp1
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    # grad(s[t]) = softmax(s[t]) - onehot(y[t])
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=ds)
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # grad(h[t]) = U_c.T @ grad(c.arg[t+1]) + U_g.T @ grad(g.arg[t+1]) + g[t+1] * grad(h[t+1]) + V.T @
    #     grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # g.arg.factor[t] = (h[t-1] - c[t]) * g[t] * (1 - g[t])
    np.subtract(h[:T], c, out=tmp4)
    np.subtract(1, g, out=gc_arg_factor[0])
    gc_arg_factor[0] *= tmp4
    gc_arg_factor[0] *= g
    # c.arg.factor[t] = (1 - c[t]**2) * (1 - g[t])
    np.subtract(1, g, out=tmp4)
    np.square(c, out=gc_arg_factor[1])
    np.subtract(1, gc_arg_factor[1], out=gc_arg_factor[1])
    gc_arg_factor[1] *= tmp4
    # grad(h[T]) = h.left1 + V.T @ grad(s[T])
    dh[T] += h_left1
    # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
    # grad(c.arg[t]) = (1 - c[t]**2) * grad(c[t])
    np.multiply(gc_arg_factor[:, T - 1], dh[T], out=dgc_arg[:, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = U_c.T @ grad(c.arg[t+1]) + U_g.T @ grad(g.arg[t+1]) + g[t+1] * grad(h[t+1]) + V.T @
        #     grad(s[t]), t < T
        np.multiply(g_at[t], dh_at[t + 1], out=tmp1)
        dh_at[t] += tmp1
        np.matmul(dgc_arg_at[t], U_gc, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        dh_at[t] += tmp1
        # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
        # grad(c.arg[t]) = (1 - c[t]**2) * grad(c[t])
        np.multiply(gc_arg_factor_at[t - 1], dh_at[t], out=dgc_arg_at[t - 1])
    # grad(h[t]) = U_c.T @ grad(c.arg[t+1]) + U_g.T @ grad(g.arg[t+1]) + g[t+1] * grad(h[t+1]) + V.T @
    #     grad(s[t]), t < T
    np.multiply(g[0], dh[1], out=dh[0])
    np.matmul(dgc_arg[:, 0], U_gc, out=product)
    np.add.reduce(product, axis=0, out=tmp1)
    dh[0] += tmp1
    # grad(b_g) = sum(grad(g.arg[t]), t)
    # grad(b_c) = sum(grad(c.arg[t]), t)
    np.add.reduce(dgc_arg, axis=(1, 2), out=db_gc)
    # grad(U_g) = sum(outer(grad(g.arg[t]), h[t-1]), t)
    # grad(U_c) = sum(outer(grad(c.arg[t]), h[t-1]), t)
    np.matmul(dgc_arg.reshape(2, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_gc)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    # grad(W_c) = sum(outer(grad(c.arg[t]), x[t]), t)
    np.matmul(dgc_arg.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_gc)
    # grad(h.0) = grad(h[0])
    dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product3 = np.empty((2, T * B, n_x), dtype)
        # grad(x[t]) = W_c.T @ grad(c.arg[t]) + W_g.T @ grad(g.arg[t])
        np.matmul(dgc_arg.reshape(2, -1, n_h), W_gc, out=product3)
        np.add.reduce(product3, axis=0, out=dx.reshape(-1, n_x))
    db_g = db_gc[0]
    db_c = db_gc[1]
    dU_g = dU_gc[0]
    dU_c = dU_gc[1]
    dW_g = dW_gc[0]
    dW_c = dW_gc[1]

    return loss, (dW_c, dW_g, dU_c, dU_g, db_c, db_g, dV, dd), dh0, dx if "x" in wrt else None


def _advance(params, x, h0, T, n_x, n_h, B, dtype, workspace):
    """The state after a segment."""
    W_c, W_g, U_c, U_g, b_c, b_g, V, d = params

    (
        tmp0, tmp1, U_gc, W_gc, b_gc, gc_arg, h, c, g, U_gc_T, h_at, gc_arg_at, c_arg_at, g_arg_at, half, one,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_x, n_h, B, dtype)
    np.stack((U_g, U_c), out=U_gc)
    np.stack((W_g, W_c), out=W_gc)
    np.stack((b_g, b_c), out=b_gc)
    # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
    # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
    np.matmul(x.reshape(-1, n_x), W_gc.transpose(0, 2, 1), out=gc_arg.reshape(2, -1, n_h))
    gc_arg += b_gc[:, None, None]
    # h[0] = 0
    h[0] = h0
    U_gc_T[...] = U_gc.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # g.arg[t] = b_g + U_g @ h[t-1] + W_g @ x[t]
        # c.arg[t] = b_c + U_c @ h[t-1] + W_c @ x[t]
        np.matmul(h_at[t - 1], U_gc_T, out=tmp0)
        gc_arg_at[t - 1] += tmp0
        # c[t] = tanh(b_c + U_c @ h[t-1] + W_c @ x[t])
        np.tanh(c_arg_at[t - 1], out=c)
        # g[t] = sigmoid(b_g + U_g @ h[t-1] + W_g @ x[t])
        _sigmoid(g_arg_at[t - 1], out=g, half=half)
        # h[t] = g[t] * h[t-1] + (1 - g[t]) * c[t]
        np.subtract(one, g, out=h_at[t])
        h_at[t] *= c
        np.multiply(g, h_at[t - 1], out=tmp1)
        h_at[t] += tmp1

    return (h[-1],)


def _loss_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((2, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    U_gc = np.empty((2, n_h, n_h), dtype)
    W_gc = np.empty((2, n_h, n_x), dtype)
    b_gc = np.empty((2, n_h), dtype)
    gc_arg = _by_step((2, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    U_gc_T = np.empty((2, n_h, n_h), dtype)
    h_at = list(h)
    gc_arg_at = list(gc_arg.swapaxes(0, 1))
    c_arg_at = list(gc_arg[1])
    g_arg_at = list(gc_arg[0])
    half = np.array(0.5, dtype)
    one = np.array(1, dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, U_gc, W_gc, b_gc, gc_arg, h, c, g, U_gc_T, h_at, gc_arg_at, c_arg_at, g_arg_at, half,
        one, s, yhat_lse, largest, rows, flat,
    )


def _loss_and_grad_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((2, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    U_gc = np.empty((2, n_h, n_h), dtype)
    W_gc = np.empty((2, n_h, n_x), dtype)
    b_gc = np.empty((2, n_h), dtype)
    gc_arg = _by_step((2, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = gc_arg[1]
    g = gc_arg[0]
    U_gc_T = np.empty((2, n_h, n_h), dtype)
    h_at = list(h)
    gc_arg_at = list(gc_arg.swapaxes(0, 1))
    c_at = list(c)
    c_arg_at = list(gc_arg[1])
    g_at = list(g)
    g_arg_at = list(gc_arg[0])
    half = np.array(0.5, dtype)
    one = np.array(1, dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp4 = np.empty((T, B, n_h), dtype)
    ds = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    gc_arg_factor = _by_step((2, T, B, n_h), dtype)
    dgc_arg = gc_arg_factor
    dh_at = list(dh)
    dgc_arg_at = list(dgc_arg.swapaxes(0, 1))
    product = np.empty((2, B, n_h), dtype)
    gc_arg_factor_at = list(gc_arg_factor.swapaxes(0, 1))
    db_gc = np.empty((2, n_h), dtype)
    dU_gc = U_gc_T
    dW_gc = np.empty((2, n_h, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, U_gc, W_gc, b_gc, gc_arg, h, c, g, U_gc_T, h_at, gc_arg_at, c_at, c_arg_at, g_at,
        g_arg_at, half, one, s, yhat_lse, largest, yhat, rows, flat, tmp4, ds, entries, dd, dV, dh, gc_arg_factor,
        dgc_arg, dh_at, dgc_arg_at, product, gc_arg_factor_at, db_gc, dU_gc, dW_gc,
    )


def _loss_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((2, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    U_gc = np.empty((2, n_h, n_h), dtype)
    W_gc = np.empty((2, n_h, n_x), dtype)
    b_gc = np.empty((2, n_h), dtype)
    gc_arg = _by_step((2, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    U_gc_T = np.empty((2, n_h, n_h), dtype)
    h_at = list(h)
    gc_arg_at = list(gc_arg.swapaxes(0, 1))
    c_arg_at = list(gc_arg[1])
    g_arg_at = list(gc_arg[0])
    half = np.array(0.5, dtype)
    one = np.array(1, dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, U_gc, W_gc, b_gc, gc_arg, h, c, g, U_gc_T, h_at, gc_arg_at, c_arg_at,
        g_arg_at, half, one, s, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((2, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    U_gc = np.empty((2, n_h, n_h), dtype)
    W_gc = np.empty((2, n_h, n_x), dtype)
    b_gc = np.empty((2, n_h), dtype)
    gc_arg = _by_step((2, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = gc_arg[1]
    g = gc_arg[0]
    U_gc_T = np.empty((2, n_h, n_h), dtype)
    h_at = list(h)
    gc_arg_at = list(gc_arg.swapaxes(0, 1))
    c_at = list(c)
    c_arg_at = list(gc_arg[1])
    g_at = list(g)
    g_arg_at = list(gc_arg[0])
    half = np.array(0.5, dtype)
    one = np.array(1, dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp7 = yhat_lse
    tmp8 = np.empty((T, B, n_h), dtype)
    ds = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    gc_arg_factor = _by_step((2, T, B, n_h), dtype)
    dgc_arg = gc_arg_factor
    dh_at = list(dh)
    dgc_arg_at = list(dgc_arg.swapaxes(0, 1))
    product = np.empty((2, B, n_h), dtype)
    gc_arg_factor_at = list(gc_arg_factor.swapaxes(0, 1))
    db_gc = np.empty((2, n_h), dtype)
    dU_gc = U_gc_T
    dW_gc = np.empty((2, n_h, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, U_gc, W_gc, b_gc, gc_arg, h, c, g, U_gc_T, h_at, gc_arg_at, c_at,
        c_arg_at, g_at, g_arg_at, half, one, s, yhat_lse, largest, yhat, tmp7, tmp8, ds, rows, flat, entries, dd, dV,
        dh, gc_arg_factor, dgc_arg, dh_at, dgc_arg_at, product, gc_arg_factor_at, db_gc, dU_gc, dW_gc,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    h0_kept = np.empty((count, B, n_h), dtype)
    h_left1 = np.empty((B, n_h), dtype)
    dW_c = np.empty((n_h, n_x), dtype)
    dW_g = np.empty((n_h, n_x), dtype)
    dU_c = np.empty((n_h, n_h), dtype)
    dU_g = np.empty((n_h, n_h), dtype)
    db_c = np.empty((n_h,), dtype)
    db_g = np.empty((n_h,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dd = np.empty((n_y,), dtype)
    return h0_kept, h_left1, dW_c, dW_g, dU_c, dU_g, db_c, db_g, dV, dd


def _segment_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((2, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    U_gc = np.empty((2, n_h, n_h), dtype)
    W_gc = np.empty((2, n_h, n_x), dtype)
    b_gc = np.empty((2, n_h), dtype)
    gc_arg = _by_step((2, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = gc_arg[1]
    g = gc_arg[0]
    U_gc_T = np.empty((2, n_h, n_h), dtype)
    h_at = list(h)
    gc_arg_at = list(gc_arg.swapaxes(0, 1))
    c_at = list(c)
    c_arg_at = list(gc_arg[1])
    g_at = list(g)
    g_arg_at = list(gc_arg[0])
    half = np.array(0.5, dtype)
    one = np.array(1, dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp4 = np.empty((T, B, n_h), dtype)
    ds = s
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    gc_arg_factor = _by_step((2, T, B, n_h), dtype)
    dgc_arg = gc_arg_factor
    dh_at = list(dh)
    dgc_arg_at = list(dgc_arg.swapaxes(0, 1))
    product = np.empty((2, B, n_h), dtype)
    gc_arg_factor_at = list(gc_arg_factor.swapaxes(0, 1))
    db_gc = np.empty((2, n_h), dtype)
    dU_gc = U_gc_T
    dW_gc = np.empty((2, n_h, n_x), dtype)
    dh0 = tmp1
    return (
        tmp0, tmp1, tmp2, tmp3, U_gc, W_gc, b_gc, gc_arg, h, c, g, U_gc_T, h_at, gc_arg_at, c_at, c_arg_at, g_at,
        g_arg_at, half, one, s, yhat_lse, largest, rows, flat, tmp4, ds, entries, dd, dV, dh, gc_arg_factor, dgc_arg,
        dh_at, dgc_arg_at, product, gc_arg_factor_at, db_gc, dU_gc, dW_gc, dh0,
    )


def _advance_arrays(T, n_x, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((2, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    U_gc = np.empty((2, n_h, n_h), dtype)
    W_gc = np.empty((2, n_h, n_x), dtype)
    b_gc = np.empty((2, n_h), dtype)
    gc_arg = _by_step((2, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    U_gc_T = np.empty((2, n_h, n_h), dtype)
    h_at = list(h)
    gc_arg_at = list(gc_arg.swapaxes(0, 1))
    c_arg_at = list(gc_arg[1])
    g_arg_at = list(gc_arg[0])
    half = np.array(0.5, dtype)
    one = np.array(1, dtype)
    return tmp0, tmp1, U_gc, W_gc, b_gc, gc_arg, h, c, g, U_gc_T, h_at, gc_arg_at, c_arg_at, g_arg_at, half, one


def _arguments(params, x, y, h0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_c")
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
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_c")
        if single:
            h0 = h0[None]
    return params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    c = _real("forward.c", forward.c, dtype)
    g = _real("forward.g", forward.g, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_c")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.c", c, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_c")
    _expect("forward.g", g, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_c")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_c")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        c = c[:, None]
        g = g[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    return params, x, y, c, g, h, yhat, dtype, single, n_h, n_x, n_y, T, B


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
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_c")
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
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from W_c")
    _expect("state.h", h_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_c")
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
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_c")
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
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_c")
        if single:
            h0 = h0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    c = _real("forward.c", forward.c, dtype)
    g = _real("forward.g", forward.g, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_c")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.c", c, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_c")
    _expect("forward.g", g, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_c")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_c")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[:, None]
        c = c[:, None]
        g = g[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, c, g, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    W_c, W_g, U_c, U_g, b_c, b_g, V, d = params
    _rank("W_c", W_c, ("n_h", "n_x"))
    n_h, n_x = W_c.shape
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("W_g", W_g, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from W_c")
    _expect("U_c", U_c, (n_h, n_h), ("n_h", "n_h"), "n_h from W_c")
    _expect("U_g", U_g, (n_h, n_h), ("n_h", "n_h"), "n_h from W_c")
    _expect("b_c", b_c, (n_h,), ("n_h",), "n_h from W_c")
    _expect("b_g", b_g, (n_h,), ("n_h",), "n_h from W_c")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from W_c")
    _expect("d", d, (n_y,), ("n_y",), "n_y from V")
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


def _by_step(shape, dtype):
    """An array of several values at each step of each example; those of a single example lie together step by step."""
    entries, steps, examples, *features = shape
    if examples > 1:
        return np.empty(shape, dtype)
    return np.empty((steps, entries, examples, *features), dtype).swapaxes(0, 1)


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
