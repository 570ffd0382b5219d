# Written by derive from soft_dtw.eq; do not edit.
# Change soft_dtw.eq instead, and run: derive generate soft_dtw
# source 10f796239e46dc5c, derive 07e8f9d843407be1, body 7976e012256b8253
"""Soft dynamic time warping: the smoothed cost of the best alignment of two sequences, in a learned space.

Cuturi & Blondel (2017), Soft-DTW: a Differentiable Loss Function for Time-Series, algorithm 1. The gradient with
respect to delta[t, s] is the expected alignment matrix.

The equations::

    x: Input[T, n_x]          # a sequence
    y: Input[S, n_x]          # another, of another length
    W: Param[n_h, n_x]        # both into the space where they are compared
    gamma: Const = 0.5        # smoothing; dynamic time warping in the limit of 0

    r[0, 0] = 0
    r[t, 0] = inf
    r[0, s] = inf
    u[t] = W @ x[t]
    v[s] = W @ y[s]
    delta[t, s] = sum((u[t] - v[s])**2)                                     # cost of putting t and s together
    r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t, s-1] / gamma))
    loss = r[T, S]
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    W: np.ndarray  # (n_h, n_x)  both into the space where they are compared


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    u: np.ndarray  # (T, B, n_h)
    v: np.ndarray  # (S, B, n_h)
    delta: np.ndarray  # (T, S, B)  cost of putting t and s together
    r: np.ndarray  # (T + 1, S + 1, B)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    r: np.ndarray  # (S + 1, B)


class Outputs(NamedTuple):
    """The variables at one step."""

    u: np.ndarray  # (B, n_h)
    delta: np.ndarray  # (S, B)  cost of putting t and s together
    r: np.ndarray  # (S + 1, B)


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


def init_params(rng: np.random.Generator, *, n_h: int, n_x: int, dtype: type = np.float64) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_h = _size("n_h", n_h)
    n_x = _size("n_x", n_x)
    return Params(
        W=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    gamma: float = 0.5,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real         a sequence
    y        (S, B, n_x)  real         another, of another length
    gamma    number       real         smoothing; dynamic time warping in the limit of 0
    lengths               by sequence  each example's own number of steps, what is given beyond is not read; all where
                                       not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, x, y, gamma, lengths)
    params, x, y, gamma, dtype, single, n_h, n_x, T, S, B = _arguments(params, x, y, gamma)
    (W,) = params

    tmp0 = np.empty((T, S, B, n_h), dtype)
    tmp1 = np.empty((T, S, B, n_h), dtype)
    tmp2 = np.empty((S, B), dtype)
    tmp3 = np.empty((B,), dtype)
    tmp4 = np.empty((B, 3), dtype)
    u = np.empty((T, B, n_h), dtype)
    # u[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_x), W.T, out=u.reshape(-1, n_h))
    v = np.empty((S, B, n_h), dtype)
    # v[s] = W @ y[s]
    np.matmul(y.reshape(-1, n_x), W.T, out=v.reshape(-1, n_h))
    delta = np.empty((T, S, B), dtype)
    # delta[t, s] = sum((u[t] - v[s])**2)
    np.subtract(u[:, None], v, out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=3, out=delta)
    # r.concat.ahead = -1 / gamma
    r_concat_ahead = -1 / gamma
    r = np.empty((T + 1, S + 1, B), dtype)
    # r[0, 0] = 0
    r[0, 0] = 0
    # r[t, 0] = inf
    r[1:, 0] = np.inf
    # r[0, s] = inf
    r[0, 1:] = np.inf
    # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
    #     s-1] / gamma))
    r[1:, 1:] = delta
    r_concat = np.empty((T, S, B, 3), dtype)
    r_lse = np.empty((T, S, B), dtype)
    r_at = list(r[:, :S])
    r_concat_at = list(r_concat[:, :, :, :1])
    r_at2 = list(r[:, 1:])
    r_concat_at2 = list(r_concat[:, :, :, 1:2])
    largest = np.empty((B, 1), dtype)
    for t in range(1, T + 1):
        # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
        #     s-1] / gamma))
        np.multiply(r_at[t - 1], r_concat_ahead, out=tmp2)
        r_concat_at[t - 1][...] = tmp2[:, :, None]
        np.multiply(r_at2[t - 1], r_concat_ahead, out=tmp2)
        r_concat_at2[t - 1][...] = tmp2[:, :, None]
        for s in range(1, S + 1):
            # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
            #     s-1] / gamma))
            np.multiply(r[t, s - 1], r_concat_ahead, out=tmp3)
            r_concat[t - 1, s - 1, :, 2:] = tmp3[:, None]
            _logsumexp(r_concat[t - 1, s - 1], 1, out=r_lse[t - 1, s - 1], work=tmp4, largest=largest)
            np.multiply(r_lse[t - 1, s - 1], gamma, out=tmp3)
            r[t, s] -= tmp3
    # loss = r[T, S]
    loss = r[T, S].sum()

    if single:
        u = u[:, 0]
        v = v[:, 0]
        delta = delta[:, :, 0]
        r = r[:, :, 0]
    return Forward(u=u, v=v, delta=delta, r=r, loss=float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    gamma: float = 0.5,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real         a sequence
    y          (S, B, n_x)  real         another, of another length
    gamma      number       real         smoothing; dynamic time warping in the limit of 0
    workspace               Workspace    its arrays are used, and hold the results until its next call
    lengths                 by sequence  each example's own number of steps, what is given beyond is not read; all where
                                         not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, x, y, gamma, lengths, workspace)
    params, x, y, gamma, dtype, single, n_h, n_x, T, S, B = _arguments(params, x, y, gamma)
    (W,) = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, u, v, delta, r, r_concat, r_lse, r_at, r_concat_at, r_at2, r_concat_at2, largest,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, S, n_h, B, dtype)
    # u[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_x), W.T, out=u.reshape(-1, n_h))
    # v[s] = W @ y[s]
    np.matmul(y.reshape(-1, n_x), W.T, out=v.reshape(-1, n_h))
    # delta[t, s] = sum((u[t] - v[s])**2)
    np.subtract(u[:, None], v, out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=3, out=delta)
    # r.concat.ahead = -1 / gamma
    r_concat_ahead = -1 / gamma
    # r[0, 0] = 0
    r[0, 0] = 0
    # r[t, 0] = inf
    r[1:, 0] = np.inf
    # r[0, s] = inf
    r[0, 1:] = np.inf
    # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
    #     s-1] / gamma))
    r[1:, 1:] = delta
    for t in range(1, T + 1):
        # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
        #     s-1] / gamma))
        np.multiply(r_at[t - 1], r_concat_ahead, out=tmp2)
        r_concat_at[t - 1][...] = tmp2[:, :, None]
        np.multiply(r_at2[t - 1], r_concat_ahead, out=tmp2)
        r_concat_at2[t - 1][...] = tmp2[:, :, None]
        for s in range(1, S + 1):
            # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
            #     s-1] / gamma))
            np.multiply(r[t, s - 1], r_concat_ahead, out=tmp3)
            r_concat[t - 1, s - 1, :, 2:] = tmp3[:, None]
            _logsumexp(r_concat[t - 1, s - 1], 1, out=r_lse[t - 1, s - 1], work=tmp4, largest=largest)
            np.multiply(r_lse[t - 1, s - 1], gamma, out=tmp3)
            r[t, s] -= tmp3
    # loss = r[T, S]
    loss = r[T, S].sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    gamma: float = 0.5,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x          (T, B, n_x)  real               a sequence
    y          (S, B, n_x)  real               another, of another length
    gamma      number       real               smoothing; dynamic time warping in the limit of 0
    workspace               Workspace          its arrays are used, and hold the results until its next call
    lengths                 by sequence        each example's own number of steps, what is given beyond is not read; all
                                               where not given
    window                  whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it,
                                               values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, gamma, lengths, wrt, workspace, window)
    params, x, y, gamma, dtype, single, n_h, n_x, T, S, B = _arguments(params, x, y, gamma)
    (W,) = params
    wrt = _asked(wrt, ("x", "y"))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, u, v, delta, r, r_concat, r_lse, r_at, r_concat_at, r_at2, r_concat_at2, largest,
        tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, dr, dr_concat, dr_concat_at, dr_at, r_concat_at3, r_lse_at,
        dr_concat_at2, dr_concat_at3, dr_at2, dr_concat_at4, dr_at3, r_concat_at4, r_lse_at2, dr_concat_at5, dr_at4, dv,
        du, dW,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, S, n_h, B, dtype)
    # u[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_x), W.T, out=u.reshape(-1, n_h))
    # v[s] = W @ y[s]
    np.matmul(y.reshape(-1, n_x), W.T, out=v.reshape(-1, n_h))
    # delta[t, s] = sum((u[t] - v[s])**2)
    np.subtract(u[:, None], v, out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=3, out=delta)
    # r.concat.ahead = -1 / gamma
    r_concat_ahead = -1 / gamma
    # r[0, 0] = 0
    r[0, 0] = 0
    # r[t, 0] = inf
    r[1:, 0] = np.inf
    # r[0, s] = inf
    r[0, 1:] = np.inf
    # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
    #     s-1] / gamma))
    r[1:, 1:] = delta
    for t in range(1, T + 1):
        # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
        #     s-1] / gamma))
        np.multiply(r_at[t - 1], r_concat_ahead, out=tmp2)
        r_concat_at[t - 1][...] = tmp2[:, :, None]
        np.multiply(r_at2[t - 1], r_concat_ahead, out=tmp2)
        r_concat_at2[t - 1][...] = tmp2[:, :, None]
        for s in range(1, S + 1):
            # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
            #     s-1] / gamma))
            np.multiply(r[t, s - 1], r_concat_ahead, out=tmp3)
            r_concat[t - 1, s - 1, :, 2:] = tmp3[:, None]
            _logsumexp(r_concat[t - 1, s - 1], 1, out=r_lse[t - 1, s - 1], work=tmp4, largest=largest)
            np.multiply(r_lse[t - 1, s - 1], gamma, out=tmp3)
            r[t, s] -= tmp3
    # loss = r[T, S]
    loss = r[T, S].sum()
    # r.factor = -1 / gamma
    r_factor = -1 / gamma
    # grad(r[T, S]) = 1
    dr[T - 1, S - 1] = 1
    # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
    #     -r[t, s-1] / gamma))
    np.subtract(r_concat[T - 1, S - 1], r_lse[T - 1, S - 1][:, None], out=tmp4)
    np.exp(tmp4, out=dr_concat[T - 1, S - 1])
    dr_concat[T - 1, S - 1] *= dr[T - 1, S - 1][:, None]
    dr_concat[T - 1, S - 1] *= gamma
    np.negative(dr_concat[T - 1, S - 1], out=dr_concat[T - 1, S - 1])
    for s in range(S - 1, 0, -1):
        # grad(r[t, s]) = -sum(grad(r.concat[t+1, s+1, :1])) / gamma - sum(grad(r.concat[t+1, s, 1:2])) /
        #     gamma - sum(grad(r.concat[t, s+1, 2:])) / gamma, t < T, s < S
        np.add.reduce(dr_concat_at[s], axis=1, out=dr_at[s - 1])
        dr_at[s - 1] *= r_factor
        # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
        #     -r[t, s-1] / gamma))
        np.subtract(r_concat_at3[s - 1], r_lse_at[s - 1][:, None], out=tmp4)
        np.exp(tmp4, out=dr_concat_at2[s - 1])
        dr_concat_at2[s - 1] *= dr_at[s - 1][:, None]
        dr_concat_at2[s - 1] *= gamma
        np.negative(dr_concat_at2[s - 1], out=dr_concat_at2[s - 1])
    for t in range(T - 1, 0, -1):
        # grad(r[t, s]) = -sum(grad(r.concat[t+1, s+1, :1])) / gamma - sum(grad(r.concat[t+1, s, 1:2])) /
        #     gamma - sum(grad(r.concat[t, s+1, 2:])) / gamma, t < T, s < S
        np.add.reduce(dr_concat_at3[t], axis=2, out=dr_at2[t - 1])
        dr_at2[t - 1] *= r_factor
        np.add.reduce(dr_concat_at4[t], axis=2, out=tmp5)
        tmp5 *= r_factor
        dr_at3[t - 1] += tmp5
        # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
        #     -r[t, s-1] / gamma))
        np.subtract(r_concat_at4[t - 1], r_lse_at2[t - 1][:, None], out=tmp4)
        np.exp(tmp4, out=dr_concat_at5[t - 1])
        dr_concat_at5[t - 1] *= dr_at4[t - 1][:, None]
        dr_concat_at5[t - 1] *= gamma
        np.negative(dr_concat_at5[t - 1], out=dr_concat_at5[t - 1])
        for s in range(S - 1, 0, -1):
            # grad(r[t, s]) = -sum(grad(r.concat[t+1, s+1, :1])) / gamma - sum(grad(r.concat[t+1, s, 1:2])) /
            #     gamma - sum(grad(r.concat[t, s+1, 2:])) / gamma, t < T, s < S
            np.add.reduce(dr_concat[t - 1, s, :, 2:], axis=1, out=tmp3)
            tmp3 *= r_factor
            dr[t - 1, s - 1] += tmp3
            # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
            #     -r[t, s-1] / gamma))
            np.subtract(r_concat[t - 1, s - 1], r_lse[t - 1, s - 1][:, None], out=tmp4)
            np.exp(tmp4, out=dr_concat[t - 1, s - 1])
            dr_concat[t - 1, s - 1] *= dr[t - 1, s - 1][:, None]
            dr_concat[t - 1, s - 1] *= gamma
            np.negative(dr_concat[t - 1, s - 1], out=dr_concat[t - 1, s - 1])
    # grad(v[s]) = sum(grad(r[t, s]) * (2 * v[s] - 2 * u[t]), t)
    np.multiply(u.transpose(1, 2, 0), 2, out=tmp7)
    np.multiply(v, 2, out=tmp8)
    np.subtract(tmp8[:, :, :, None], tmp7, out=tmp6)
    np.matmul(tmp6, dr.transpose(1, 2, 0)[..., None], out=dv[..., None])
    # grad(u[t]) = sum(grad(r[t, s]) * (2 * u[t] - 2 * v[s]), s)
    np.multiply(v.transpose(1, 2, 0), 2, out=tmp10)
    np.multiply(u, 2, out=tmp11)
    np.subtract(tmp11[:, :, :, None], tmp10, out=tmp9)
    np.matmul(tmp9, dr.transpose(0, 2, 1)[..., None], out=du[..., None])
    # grad(W) = sum(outer(grad(u[t]), x[t]), t) + sum(outer(grad(v[s]), y[s]), s)
    np.matmul(dv.reshape(-1, n_h).T, y.reshape(-1, n_x), out=dW)
    np.matmul(du.reshape(-1, n_h).T, x.reshape(-1, n_x), out=tmp12)
    dW += tmp12
    if "y" in wrt:
        dy = np.empty((S, B, n_x), dtype)
        # grad(y[s]) = W.T @ grad(v[s])
        np.matmul(dv.reshape(-1, n_h), W, out=dy.reshape(-1, n_x))
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = W.T @ grad(u[t])
        np.matmul(du.reshape(-1, n_h), W, out=dx.reshape(-1, n_x))

    gradient = Params(W=dW)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "y" in wrt:
        result["y"] = dy[:, 0] if single else dy
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    x: np.ndarray,
    y: np.ndarray,
    gamma: float = 0.5,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    x        (T, B, n_x)  real               a sequence
    y        (S, B, n_x)  real               another, of another length
    gamma    number       real               smoothing; dynamic time warping in the limit of 0
    lengths               by sequence        each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it,
                                             values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, gamma, lengths, window)
    params, x, y, gamma, u, v, r, dtype, single, n_h, n_x, T, S, B = _backward_arguments(params, forward, x, y, gamma)
    (W,) = params

    tmp0 = np.empty((T, S, B), dtype)
    tmp1 = np.empty((T, S, B, 3), dtype)
    r_concat = np.empty((T, S, B, 3), dtype)
    # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
    #     s-1] / gamma))
    np.divide(r[:T, :S], gamma, out=tmp0)
    np.negative(tmp0, out=tmp0)
    r_concat[:, :, :, :1] = tmp0[:, :, :, None]
    np.divide(r[:T, 1:], gamma, out=tmp0)
    np.negative(tmp0, out=tmp0)
    r_concat[:, :, :, 1:2] = tmp0[:, :, :, None]
    np.divide(r[1:, :S], gamma, out=tmp0)
    np.negative(tmp0, out=tmp0)
    r_concat[:, :, :, 2:] = tmp0[:, :, :, None]
    r_lse = np.empty((T, S, B), dtype)
    largest2 = np.empty((T, S, B, 1), dtype)
    _logsumexp(r_concat, 3, out=r_lse, work=tmp1, largest=largest2)
    tmp2 = np.empty((B, 3), dtype)
    tmp3 = np.empty((S - 1, B), dtype)
    tmp4 = np.empty((B,), dtype)
    tmp5 = np.empty((S, B, n_h, T), dtype)
    tmp6 = np.empty((B, n_h, T), dtype)
    tmp7 = np.empty((S, B, n_h), dtype)
    tmp8 = np.empty((T, B, n_h, S), dtype)
    tmp9 = np.empty((B, n_h, S), dtype)
    tmp10 = np.empty((T, B, n_h), dtype)
    tmp11 = np.empty((n_h, n_x), dtype)
    # r.factor = -1 / gamma
    r_factor = -1 / gamma
    dr = np.empty((T, S, B), dtype)
    # grad(r[T, S]) = 1
    dr[T - 1, S - 1] = 1
    dr_concat = np.empty((T, S, B, 3), dtype)
    # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
    #     -r[t, s-1] / gamma))
    np.subtract(r_concat[T - 1, S - 1], r_lse[T - 1, S - 1][:, None], out=tmp2)
    np.exp(tmp2, out=dr_concat[T - 1, S - 1])
    dr_concat[T - 1, S - 1] *= dr[T - 1, S - 1][:, None]
    dr_concat[T - 1, S - 1] *= gamma
    np.negative(dr_concat[T - 1, S - 1], out=dr_concat[T - 1, S - 1])
    dr_concat_at = list(dr_concat[T - 1, :, :, 2:])
    dr_at = list(dr[T - 1])
    r_concat_at3 = list(r_concat[T - 1])
    r_lse_at = list(r_lse[T - 1])
    dr_concat_at2 = list(dr_concat[T - 1])
    for s in range(S - 1, 0, -1):
        # grad(r[t, s]) = -sum(grad(r.concat[t+1, s+1, :1])) / gamma - sum(grad(r.concat[t+1, s, 1:2])) /
        #     gamma - sum(grad(r.concat[t, s+1, 2:])) / gamma, t < T, s < S
        np.add.reduce(dr_concat_at[s], axis=1, out=dr_at[s - 1])
        dr_at[s - 1] *= r_factor
        # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
        #     -r[t, s-1] / gamma))
        np.subtract(r_concat_at3[s - 1], r_lse_at[s - 1][:, None], out=tmp2)
        np.exp(tmp2, out=dr_concat_at2[s - 1])
        dr_concat_at2[s - 1] *= dr_at[s - 1][:, None]
        dr_concat_at2[s - 1] *= gamma
        np.negative(dr_concat_at2[s - 1], out=dr_concat_at2[s - 1])
    dr_concat_at3 = list(dr_concat[:, :, :, 1:2])
    dr_at2 = list(dr)
    dr_concat_at4 = list(dr_concat[:, 1:, :, :1])
    dr_at3 = list(dr[:, :S - 1])
    r_concat_at4 = list(r_concat[:, S - 1])
    r_lse_at2 = list(r_lse[:, S - 1])
    dr_concat_at5 = list(dr_concat[:, S - 1])
    dr_at4 = list(dr[:, S - 1])
    for t in range(T - 1, 0, -1):
        # grad(r[t, s]) = -sum(grad(r.concat[t+1, s+1, :1])) / gamma - sum(grad(r.concat[t+1, s, 1:2])) /
        #     gamma - sum(grad(r.concat[t, s+1, 2:])) / gamma, t < T, s < S
        np.add.reduce(dr_concat_at3[t], axis=2, out=dr_at2[t - 1])
        dr_at2[t - 1] *= r_factor
        np.add.reduce(dr_concat_at4[t], axis=2, out=tmp3)
        tmp3 *= r_factor
        dr_at3[t - 1] += tmp3
        # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
        #     -r[t, s-1] / gamma))
        np.subtract(r_concat_at4[t - 1], r_lse_at2[t - 1][:, None], out=tmp2)
        np.exp(tmp2, out=dr_concat_at5[t - 1])
        dr_concat_at5[t - 1] *= dr_at4[t - 1][:, None]
        dr_concat_at5[t - 1] *= gamma
        np.negative(dr_concat_at5[t - 1], out=dr_concat_at5[t - 1])
        for s in range(S - 1, 0, -1):
            # grad(r[t, s]) = -sum(grad(r.concat[t+1, s+1, :1])) / gamma - sum(grad(r.concat[t+1, s, 1:2])) /
            #     gamma - sum(grad(r.concat[t, s+1, 2:])) / gamma, t < T, s < S
            np.add.reduce(dr_concat[t - 1, s, :, 2:], axis=1, out=tmp4)
            tmp4 *= r_factor
            dr[t - 1, s - 1] += tmp4
            # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
            #     -r[t, s-1] / gamma))
            np.subtract(r_concat[t - 1, s - 1], r_lse[t - 1, s - 1][:, None], out=tmp2)
            np.exp(tmp2, out=dr_concat[t - 1, s - 1])
            dr_concat[t - 1, s - 1] *= dr[t - 1, s - 1][:, None]
            dr_concat[t - 1, s - 1] *= gamma
            np.negative(dr_concat[t - 1, s - 1], out=dr_concat[t - 1, s - 1])
    dv = np.empty((S, B, n_h), dtype)
    # grad(v[s]) = sum(grad(r[t, s]) * (2 * v[s] - 2 * u[t]), t)
    np.multiply(u.transpose(1, 2, 0), 2, out=tmp6)
    np.multiply(v, 2, out=tmp7)
    np.subtract(tmp7[:, :, :, None], tmp6, out=tmp5)
    np.matmul(tmp5, dr.transpose(1, 2, 0)[..., None], out=dv[..., None])
    du = np.empty((T, B, n_h), dtype)
    # grad(u[t]) = sum(grad(r[t, s]) * (2 * u[t] - 2 * v[s]), s)
    np.multiply(v.transpose(1, 2, 0), 2, out=tmp9)
    np.multiply(u, 2, out=tmp10)
    np.subtract(tmp10[:, :, :, None], tmp9, out=tmp8)
    np.matmul(tmp8, dr.transpose(0, 2, 1)[..., None], out=du[..., None])
    dW = np.empty((n_h, n_x), dtype)
    # grad(W) = sum(outer(grad(u[t]), x[t]), t) + sum(outer(grad(v[s]), y[s]), s)
    np.matmul(dv.reshape(-1, n_h).T, y.reshape(-1, n_x), out=dW)
    np.matmul(du.reshape(-1, n_h).T, x.reshape(-1, n_x), out=tmp11)
    dW += tmp11

    return Params(W=dW)


def init_state(params: Params, *, S: int, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    S    whole number >= 1
    """
    params, dtype, single, n_h, n_x, S, B = _initial_arguments(params, S, batch)

    r_prev = np.empty((S + 1, B), dtype)
    # r[0, 0] = 0
    r_prev[0] = 0
    # r[0, s] = inf
    r_prev[1:] = np.inf

    if single:
        r_prev = r_prev[:, 0]
    return State(r=r_prev)


def step(params: Params, state: State, *, x: np.ndarray, y: np.ndarray, gamma: float = 0.5) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x      (B, n_x)     real  a sequence
    y      (S, B, n_x)  real  another, of another length
    gamma  number       real  smoothing; dynamic time warping in the limit of 0

    Data without the axis B are one example.
    """
    params, x, y, gamma, r_prev, dtype, single, n_h, n_x, S, B = _step_arguments(params, state, x, y, gamma)
    (W,) = params

    # u[t] = W @ x[t]
    u = x @ W.T
    # v[s] = W @ y[s]
    v = (y.reshape(-1, n_x) @ W.T).reshape(S, B, n_h)
    # delta[t, s] = sum((u[t] - v[s])**2)
    delta = ((u - v)**2).sum(axis=2)
    # r.concat.ahead = -1 / gamma
    r_concat_ahead = -1 / gamma
    r = np.empty((S + 1, B), dtype)
    # r[t, 0] = inf
    r[0] = np.inf
    r_concat = np.empty((S, B, 3), dtype)
    # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
    #     s-1] / gamma))
    r_concat[:, :, :1] = (-r_prev[:S] / gamma)[:, :, None]
    r_concat[:, :, 1:2] = (-r_prev[1:] / gamma)[:, :, None]
    r[1:] = delta
    r_lse = np.empty((B,), dtype)
    for s in range(1, S + 1):
        # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
        #     s-1] / gamma))
        r_concat[s - 1, :, 2:] = (r[s - 1] * r_concat_ahead)[:, None]
        r_lse[...] = _logsumexp(r_concat[s - 1], 1)
        r[s] -= gamma * r_lse

    if single:
        r = r[:, 0]
        u = u[0]
        delta = delta[:, 0]
    result = State(r=r)
    return result, Outputs(u=u, delta=delta, r=r)


def _forward_padded(params, x, y, gamma, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, gamma, dtype, single, n_h, n_x, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_arguments(params, x, y, gamma, lengths)
    (W,) = params

    tmp0 = np.empty((T, S, B, n_h), dtype)
    tmp1 = np.empty((T, S, B, n_h), dtype)
    tmp2 = np.empty((S, B), dtype)
    tmp3 = np.empty((B,), dtype)
    tmp4 = np.empty((B, 3), dtype)
    tmp5 = np.empty((B,), dtype)
    u = np.empty((T, B, n_h), dtype)
    # u[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_x), W.T, out=u.reshape(-1, n_h))
    v = np.empty((S, B, n_h), dtype)
    # v[s] = W @ y[s]
    np.matmul(y.reshape(-1, n_x), W.T, out=v.reshape(-1, n_h))
    delta = np.empty((T, S, B), dtype)
    # delta[t, s] = sum((u[t] - v[s])**2)
    np.subtract(u[:, None], v, out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=3, out=delta)
    # r.concat.ahead = -1 / gamma
    r_concat_ahead = -1 / gamma
    r = np.empty((T + 1, S + 1, B), dtype)
    # r[0, 0] = 0
    r[0, 0] = 0
    for t in range(1, T + 1):
        # r[t, 0] = inf
        r[t, 0] = np.where(t <= T_own, np.inf, r[t - 1, 0])
    for s in range(1, S + 1):
        # r[0, s] = inf
        r[0, s] = np.where(s <= S_own, np.inf, r[0, s - 1])
    r_concat = np.empty((T, S, B, 3), dtype)
    r_lse = np.empty((T, S, B), dtype)
    r_at = list(r[:, :S])
    r_concat_at = list(r_concat[:, :, :, :1])
    r_at2 = list(r[:, 1:])
    r_concat_at2 = list(r_concat[:, :, :, 1:2])
    largest = np.empty((B, 1), dtype)
    for t in range(1, T + 1):
        # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
        #     s-1] / gamma))
        np.multiply(r_at[t - 1], r_concat_ahead, out=tmp2)
        r_concat_at[t - 1][...] = tmp2[:, :, None]
        np.multiply(r_at2[t - 1], r_concat_ahead, out=tmp2)
        r_concat_at2[t - 1][...] = tmp2[:, :, None]
        for s in range(1, S + 1):
            # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
            #     s-1] / gamma))
            np.multiply(r[t, s - 1], r_concat_ahead, out=tmp3)
            r_concat[t - 1, s - 1, :, 2:] = tmp3[:, None]
            _logsumexp(r_concat[t - 1, s - 1], 1, out=r_lse[t - 1, s - 1], work=tmp4, largest=largest)
            np.multiply(r_lse[t - 1, s - 1], gamma, out=tmp5)
            np.subtract(delta[t - 1, s - 1], tmp5, out=tmp5)
            tmp3[...] = np.where(t <= T_own, tmp5, r[t - 1, s])
            r[t, s] = np.where(s <= S_own, tmp3, r[t, s - 1])
    # loss = r[T, S]
    tmp3[...] = r[len_T, len_S, np.arange(B)]
    loss = tmp3.sum()

    if single:
        u = u[:, 0]
        v = v[:, 0]
        delta = delta[:, :, 0]
        r = r[:, :, 0]
    return Forward(u=u, v=v, delta=delta, r=r, loss=float(loss))


def _loss_padded(params, x, y, gamma, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, gamma, dtype, single, n_h, n_x, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_arguments(params, x, y, gamma, lengths)
    (W,) = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, u, v, delta, r, r_concat, r_lse, r_at, r_concat_at, r_at2, r_concat_at2,
        largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, S, n_h, B, dtype)
    # u[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_x), W.T, out=u.reshape(-1, n_h))
    # v[s] = W @ y[s]
    np.matmul(y.reshape(-1, n_x), W.T, out=v.reshape(-1, n_h))
    # delta[t, s] = sum((u[t] - v[s])**2)
    np.subtract(u[:, None], v, out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=3, out=delta)
    # r.concat.ahead = -1 / gamma
    r_concat_ahead = -1 / gamma
    # r[0, 0] = 0
    r[0, 0] = 0
    for t in range(1, T + 1):
        # r[t, 0] = inf
        r[t, 0] = np.where(t <= T_own, np.inf, r[t - 1, 0])
    for s in range(1, S + 1):
        # r[0, s] = inf
        r[0, s] = np.where(s <= S_own, np.inf, r[0, s - 1])
    for t in range(1, T + 1):
        # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
        #     s-1] / gamma))
        np.multiply(r_at[t - 1], r_concat_ahead, out=tmp2)
        r_concat_at[t - 1][...] = tmp2[:, :, None]
        np.multiply(r_at2[t - 1], r_concat_ahead, out=tmp2)
        r_concat_at2[t - 1][...] = tmp2[:, :, None]
        for s in range(1, S + 1):
            # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
            #     s-1] / gamma))
            np.multiply(r[t, s - 1], r_concat_ahead, out=tmp3)
            r_concat[t - 1, s - 1, :, 2:] = tmp3[:, None]
            _logsumexp(r_concat[t - 1, s - 1], 1, out=r_lse[t - 1, s - 1], work=tmp4, largest=largest)
            np.multiply(r_lse[t - 1, s - 1], gamma, out=tmp5)
            np.subtract(delta[t - 1, s - 1], tmp5, out=tmp5)
            tmp3[...] = np.where(t <= T_own, tmp5, r[t - 1, s])
            r[t, s] = np.where(s <= S_own, tmp3, r[t, s - 1])
    # loss = r[T, S]
    tmp3[...] = r[len_T, len_S, np.arange(B)]
    loss = tmp3.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, gamma, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, gamma, dtype, single, n_h, n_x, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_arguments(params, x, y, gamma, lengths)
    (W,) = params
    wrt = _asked(wrt, ("x", "y"))
    window_T = _window(window, "T", ("T", "S"), T)
    window_S = _window(window, "S", ("T", "S"), S)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, u, v, delta, r, r_concat, r_lse, r_at, r_concat_at, r_at2, r_concat_at2,
        largest, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, tmp13, tmp14, tmp15, tmp16, tmp17, r_factor, r_factor2,
        dr, dr_concat, dr_concat_at, dr_at, r_concat_at3, r_lse_at, dr_concat_at2, dr_concat_at3, dr_at2, dr_concat_at4,
        dr_at3, r_concat_at4, r_lse_at2, dr_concat_at5, dr_at4, dv, du, dW,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, S, n_h, B, dtype)
    # u[t] = W @ x[t]
    np.matmul(x.reshape(-1, n_x), W.T, out=u.reshape(-1, n_h))
    # v[s] = W @ y[s]
    np.matmul(y.reshape(-1, n_x), W.T, out=v.reshape(-1, n_h))
    # delta[t, s] = sum((u[t] - v[s])**2)
    np.subtract(u[:, None], v, out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=3, out=delta)
    # r.concat.ahead = -1 / gamma
    r_concat_ahead = -1 / gamma
    # r[0, 0] = 0
    r[0, 0] = 0
    for t in range(1, T + 1):
        # r[t, 0] = inf
        r[t, 0] = np.where(t <= T_own, np.inf, r[t - 1, 0])
    for s in range(1, S + 1):
        # r[0, s] = inf
        r[0, s] = np.where(s <= S_own, np.inf, r[0, s - 1])
    for t in range(1, T + 1):
        # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
        #     s-1] / gamma))
        np.multiply(r_at[t - 1], r_concat_ahead, out=tmp2)
        r_concat_at[t - 1][...] = tmp2[:, :, None]
        np.multiply(r_at2[t - 1], r_concat_ahead, out=tmp2)
        r_concat_at2[t - 1][...] = tmp2[:, :, None]
        for s in range(1, S + 1):
            # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
            #     s-1] / gamma))
            np.multiply(r[t, s - 1], r_concat_ahead, out=tmp3)
            r_concat[t - 1, s - 1, :, 2:] = tmp3[:, None]
            _logsumexp(r_concat[t - 1, s - 1], 1, out=r_lse[t - 1, s - 1], work=tmp4, largest=largest)
            np.multiply(r_lse[t - 1, s - 1], gamma, out=tmp5)
            np.subtract(delta[t - 1, s - 1], tmp5, out=tmp5)
            tmp3[...] = np.where(t <= T_own, tmp5, r[t - 1, s])
            r[t, s] = np.where(s <= S_own, tmp3, r[t, s - 1])
    # loss = r[T, S]
    tmp3[...] = r[len_T, len_S, np.arange(B)]
    loss = tmp3.sum()
    # r.factor[s] = -same_window(s, maximum(s - 1, 0), window.S) / gamma
    np.add(np.arange(1, S, dtype=dtype), -1, out=tmp7)
    np.maximum(tmp7, 0, out=tmp6)
    r_factor[...] = np.arange(1, S) // window_S == tmp6 // window_S
    r_factor /= gamma
    np.negative(r_factor, out=r_factor)
    # r.factor2[t] = -same_window(t, maximum(t - 1, 0), window.T) / gamma
    np.add(np.arange(1, T, dtype=dtype), -1, out=tmp9)
    np.maximum(tmp9, 0, out=tmp8)
    r_factor2[...] = np.arange(1, T) // window_T == tmp8 // window_T
    r_factor2 /= gamma
    np.negative(r_factor2, out=r_factor2)
    dr.fill(0)
    # grad(r[t, s]) = where(len.T == t, 1, 0) * where(len.S == s, 1, 0) - same_window(s, maximum(s - 1,
    #     0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s+1, :1]))
    #     / gamma - same_window(s, maximum(s - 1, 0), window.S) * sum(grad(r.concat[t, s+1, 2:])) / gamma
    #     - same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s, 1:2])) / gamma, t < T,
    #     s < S
    dr[len_T, len_S, np.arange(B)] += 1
    # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
    #     -r[t, s-1] / gamma))
    np.subtract(r_concat[T - 1, S - 1], r_lse[T - 1, S - 1][:, None], out=tmp4)
    np.exp(tmp4, out=dr_concat[T - 1, S - 1])
    dr_concat[T - 1, S - 1] *= dr[T, S][:, None]
    dr_concat[T - 1, S - 1] *= gamma
    np.negative(dr_concat[T - 1, S - 1], out=dr_concat[T - 1, S - 1])
    for s in range(S - 1, 0, -1):
        # grad(r[t, s]) = where(len.T == t, 1, 0) * where(len.S == s, 1, 0) - same_window(s, maximum(s - 1,
        #     0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s+1, :1]))
        #     / gamma - same_window(s, maximum(s - 1, 0), window.S) * sum(grad(r.concat[t, s+1, 2:])) / gamma
        #     - same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s, 1:2])) / gamma, t < T,
        #     s < S
        np.add.reduce(dr_concat_at[s], axis=1, out=tmp3)
        tmp3 *= r_factor[s - 1]
        dr_at[s] += tmp3
        # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
        #     -r[t, s-1] / gamma))
        np.subtract(r_concat_at3[s - 1], r_lse_at[s - 1][:, None], out=tmp4)
        np.exp(tmp4, out=dr_concat_at2[s - 1])
        dr_concat_at2[s - 1] *= dr_at[s][:, None]
        dr_concat_at2[s - 1] *= gamma
        np.negative(dr_concat_at2[s - 1], out=dr_concat_at2[s - 1])
    for t in range(T - 1, 0, -1):
        # grad(r[t, s]) = where(len.T == t, 1, 0) * where(len.S == s, 1, 0) - same_window(s, maximum(s - 1,
        #     0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s+1, :1]))
        #     / gamma - same_window(s, maximum(s - 1, 0), window.S) * sum(grad(r.concat[t, s+1, 2:])) / gamma
        #     - same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s, 1:2])) / gamma, t < T,
        #     s < S
        np.add.reduce(dr_concat_at3[t], axis=2, out=tmp2)
        tmp2 *= r_factor2[t - 1]
        dr_at2[t] += tmp2
        np.add.reduce(dr_concat_at4[t], axis=2, out=tmp10)
        tmp10 *= r_factor[:, None]
        tmp10 *= t // window_T == max(t - 1, 0) // window_T
        dr_at3[t] += tmp10
        # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
        #     -r[t, s-1] / gamma))
        np.subtract(r_concat_at4[t - 1], r_lse_at2[t - 1][:, None], out=tmp4)
        np.exp(tmp4, out=dr_concat_at5[t - 1])
        dr_concat_at5[t - 1] *= dr_at4[t][:, None]
        dr_concat_at5[t - 1] *= gamma
        np.negative(dr_concat_at5[t - 1], out=dr_concat_at5[t - 1])
        for s in range(S - 1, 0, -1):
            # grad(r[t, s]) = where(len.T == t, 1, 0) * where(len.S == s, 1, 0) - same_window(s, maximum(s - 1,
            #     0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s+1, :1]))
            #     / gamma - same_window(s, maximum(s - 1, 0), window.S) * sum(grad(r.concat[t, s+1, 2:])) / gamma
            #     - same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s, 1:2])) / gamma, t < T,
            #     s < S
            np.add.reduce(dr_concat[t - 1, s, :, 2:], axis=1, out=tmp3)
            tmp3 *= r_factor[s - 1]
            dr[t, s] += tmp3
            # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
            #     -r[t, s-1] / gamma))
            np.subtract(r_concat[t - 1, s - 1], r_lse[t - 1, s - 1][:, None], out=tmp4)
            np.exp(tmp4, out=dr_concat[t - 1, s - 1])
            dr_concat[t - 1, s - 1] *= dr[t, s][:, None]
            dr_concat[t - 1, s - 1] *= gamma
            np.negative(dr_concat[t - 1, s - 1], out=dr_concat[t - 1, s - 1])
    # grad(v[s]) = sum(grad(r[t, s]) * (2 * v[s] - 2 * u[t]), t)
    np.multiply(u.transpose(1, 2, 0), 2, out=tmp12)
    np.multiply(v, 2, out=tmp13)
    np.subtract(tmp13[:, :, :, None], tmp12, out=tmp11)
    np.matmul(tmp11, dr[1:, 1:].transpose(1, 2, 0)[..., None], out=dv[..., None])
    # grad(u[t]) = sum(grad(r[t, s]) * (2 * u[t] - 2 * v[s]), s)
    np.multiply(v.transpose(1, 2, 0), 2, out=tmp15)
    np.multiply(u, 2, out=tmp16)
    np.subtract(tmp16[:, :, :, None], tmp15, out=tmp14)
    np.matmul(tmp14, dr[1:, 1:].transpose(0, 2, 1)[..., None], out=du[..., None])
    # grad(W) = sum(outer(grad(u[t]), x[t]), t) + sum(outer(grad(v[s]), y[s]), s)
    np.matmul(dv.reshape(-1, n_h).T, y.reshape(-1, n_x), out=dW)
    np.matmul(du.reshape(-1, n_h).T, x.reshape(-1, n_x), out=tmp17)
    dW += tmp17
    if "y" in wrt:
        dy = np.empty((S, B, n_x), dtype)
        # grad(y[s]) = W.T @ grad(v[s])
        np.matmul(dv.reshape(-1, n_h), W, out=dy.reshape(-1, n_x))
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = W.T @ grad(u[t])
        np.matmul(du.reshape(-1, n_h), W, out=dx.reshape(-1, n_x))

    gradient = Params(W=dW)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "y" in wrt:
        result["y"] = dy[:, 0] if single else dy
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, gamma, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, gamma, u, v, r, dtype, single, n_h, n_x, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_backward_arguments(params, forward, x, y, gamma, lengths)
    (W,) = params
    window_T = _window(window, "T", ("T", "S"), T)
    window_S = _window(window, "S", ("T", "S"), S)

    tmp0 = np.empty((T, S, B), dtype)
    tmp1 = np.empty((T, S, B, 3), dtype)
    r_concat = np.empty((T, S, B, 3), dtype)
    # r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t,
    #     s-1] / gamma))
    np.divide(r[:T, :S], gamma, out=tmp0)
    np.negative(tmp0, out=tmp0)
    r_concat[:, :, :, :1] = tmp0[:, :, :, None]
    np.divide(r[:T, 1:], gamma, out=tmp0)
    np.negative(tmp0, out=tmp0)
    r_concat[:, :, :, 1:2] = tmp0[:, :, :, None]
    np.divide(r[1:, :S], gamma, out=tmp0)
    np.negative(tmp0, out=tmp0)
    r_concat[:, :, :, 2:] = tmp0[:, :, :, None]
    r_lse = np.empty((T, S, B), dtype)
    largest2 = np.empty((T, S, B, 1), dtype)
    _logsumexp(r_concat, 3, out=r_lse, work=tmp1, largest=largest2)
    tmp2 = np.empty((S - 1,), dtype)
    tmp3 = np.empty((S - 1,), dtype)
    tmp4 = np.empty((T - 1,), dtype)
    tmp5 = np.empty((T - 1,), dtype)
    tmp6 = np.empty((B, 3), dtype)
    tmp7 = np.empty((B,), dtype)
    tmp8 = np.empty((S, B), dtype)
    tmp9 = np.empty((S - 1, B), dtype)
    tmp10 = np.empty((S, B, n_h, T), dtype)
    tmp11 = np.empty((B, n_h, T), dtype)
    tmp12 = np.empty((S, B, n_h), dtype)
    tmp13 = np.empty((T, B, n_h, S), dtype)
    tmp14 = np.empty((B, n_h, S), dtype)
    tmp15 = np.empty((T, B, n_h), dtype)
    tmp16 = np.empty((n_h, n_x), dtype)
    r_factor = np.empty((S - 1,), dtype)
    # r.factor[s] = -same_window(s, maximum(s - 1, 0), window.S) / gamma
    np.add(np.arange(1, S, dtype=dtype), -1, out=tmp3)
    np.maximum(tmp3, 0, out=tmp2)
    r_factor[...] = np.arange(1, S) // window_S == tmp2 // window_S
    r_factor /= gamma
    np.negative(r_factor, out=r_factor)
    r_factor2 = np.empty((T - 1,), dtype)
    # r.factor2[t] = -same_window(t, maximum(t - 1, 0), window.T) / gamma
    np.add(np.arange(1, T, dtype=dtype), -1, out=tmp5)
    np.maximum(tmp5, 0, out=tmp4)
    r_factor2[...] = np.arange(1, T) // window_T == tmp4 // window_T
    r_factor2 /= gamma
    np.negative(r_factor2, out=r_factor2)
    dr = np.zeros((T + 1, S + 1, B), dtype)
    # grad(r[t, s]) = where(len.T == t, 1, 0) * where(len.S == s, 1, 0) - same_window(s, maximum(s - 1,
    #     0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s+1, :1]))
    #     / gamma - same_window(s, maximum(s - 1, 0), window.S) * sum(grad(r.concat[t, s+1, 2:])) / gamma
    #     - same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s, 1:2])) / gamma, t < T,
    #     s < S
    dr[len_T, len_S, np.arange(B)] += 1
    dr_concat = np.empty((T, S, B, 3), dtype)
    # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
    #     -r[t, s-1] / gamma))
    np.subtract(r_concat[T - 1, S - 1], r_lse[T - 1, S - 1][:, None], out=tmp6)
    np.exp(tmp6, out=dr_concat[T - 1, S - 1])
    dr_concat[T - 1, S - 1] *= dr[T, S][:, None]
    dr_concat[T - 1, S - 1] *= gamma
    np.negative(dr_concat[T - 1, S - 1], out=dr_concat[T - 1, S - 1])
    dr_concat_at = list(dr_concat[T - 1, :, :, 2:])
    dr_at = list(dr[T])
    r_concat_at3 = list(r_concat[T - 1])
    r_lse_at = list(r_lse[T - 1])
    dr_concat_at2 = list(dr_concat[T - 1])
    for s in range(S - 1, 0, -1):
        # grad(r[t, s]) = where(len.T == t, 1, 0) * where(len.S == s, 1, 0) - same_window(s, maximum(s - 1,
        #     0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s+1, :1]))
        #     / gamma - same_window(s, maximum(s - 1, 0), window.S) * sum(grad(r.concat[t, s+1, 2:])) / gamma
        #     - same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s, 1:2])) / gamma, t < T,
        #     s < S
        np.add.reduce(dr_concat_at[s], axis=1, out=tmp7)
        tmp7 *= r_factor[s - 1]
        dr_at[s] += tmp7
        # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
        #     -r[t, s-1] / gamma))
        np.subtract(r_concat_at3[s - 1], r_lse_at[s - 1][:, None], out=tmp6)
        np.exp(tmp6, out=dr_concat_at2[s - 1])
        dr_concat_at2[s - 1] *= dr_at[s][:, None]
        dr_concat_at2[s - 1] *= gamma
        np.negative(dr_concat_at2[s - 1], out=dr_concat_at2[s - 1])
    dr_concat_at3 = list(dr_concat[:, :, :, 1:2])
    dr_at2 = list(dr[:, 1:])
    dr_concat_at4 = list(dr_concat[:, 1:, :, :1])
    dr_at3 = list(dr[:, 1:S])
    r_concat_at4 = list(r_concat[:, S - 1])
    r_lse_at2 = list(r_lse[:, S - 1])
    dr_concat_at5 = list(dr_concat[:, S - 1])
    dr_at4 = list(dr[:, S])
    for t in range(T - 1, 0, -1):
        # grad(r[t, s]) = where(len.T == t, 1, 0) * where(len.S == s, 1, 0) - same_window(s, maximum(s - 1,
        #     0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s+1, :1]))
        #     / gamma - same_window(s, maximum(s - 1, 0), window.S) * sum(grad(r.concat[t, s+1, 2:])) / gamma
        #     - same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s, 1:2])) / gamma, t < T,
        #     s < S
        np.add.reduce(dr_concat_at3[t], axis=2, out=tmp8)
        tmp8 *= r_factor2[t - 1]
        dr_at2[t] += tmp8
        np.add.reduce(dr_concat_at4[t], axis=2, out=tmp9)
        tmp9 *= r_factor[:, None]
        tmp9 *= t // window_T == max(t - 1, 0) // window_T
        dr_at3[t] += tmp9
        # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
        #     -r[t, s-1] / gamma))
        np.subtract(r_concat_at4[t - 1], r_lse_at2[t - 1][:, None], out=tmp6)
        np.exp(tmp6, out=dr_concat_at5[t - 1])
        dr_concat_at5[t - 1] *= dr_at4[t][:, None]
        dr_concat_at5[t - 1] *= gamma
        np.negative(dr_concat_at5[t - 1], out=dr_concat_at5[t - 1])
        for s in range(S - 1, 0, -1):
            # grad(r[t, s]) = where(len.T == t, 1, 0) * where(len.S == s, 1, 0) - same_window(s, maximum(s - 1,
            #     0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s+1, :1]))
            #     / gamma - same_window(s, maximum(s - 1, 0), window.S) * sum(grad(r.concat[t, s+1, 2:])) / gamma
            #     - same_window(t, maximum(t - 1, 0), window.T) * sum(grad(r.concat[t+1, s, 1:2])) / gamma, t < T,
            #     s < S
            np.add.reduce(dr_concat[t - 1, s, :, 2:], axis=1, out=tmp7)
            tmp7 *= r_factor[s - 1]
            dr[t, s] += tmp7
            # grad(r.concat[t, s]) = grad(r.lse[t, s]) * softmax(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma,
            #     -r[t, s-1] / gamma))
            np.subtract(r_concat[t - 1, s - 1], r_lse[t - 1, s - 1][:, None], out=tmp6)
            np.exp(tmp6, out=dr_concat[t - 1, s - 1])
            dr_concat[t - 1, s - 1] *= dr[t, s][:, None]
            dr_concat[t - 1, s - 1] *= gamma
            np.negative(dr_concat[t - 1, s - 1], out=dr_concat[t - 1, s - 1])
    dv = np.empty((S, B, n_h), dtype)
    # grad(v[s]) = sum(grad(r[t, s]) * (2 * v[s] - 2 * u[t]), t)
    np.multiply(u.transpose(1, 2, 0), 2, out=tmp11)
    np.multiply(v, 2, out=tmp12)
    np.subtract(tmp12[:, :, :, None], tmp11, out=tmp10)
    np.matmul(tmp10, dr[1:, 1:].transpose(1, 2, 0)[..., None], out=dv[..., None])
    du = np.empty((T, B, n_h), dtype)
    # grad(u[t]) = sum(grad(r[t, s]) * (2 * u[t] - 2 * v[s]), s)
    np.multiply(v.transpose(1, 2, 0), 2, out=tmp14)
    np.multiply(u, 2, out=tmp15)
    np.subtract(tmp15[:, :, :, None], tmp14, out=tmp13)
    np.matmul(tmp13, dr[1:, 1:].transpose(0, 2, 1)[..., None], out=du[..., None])
    dW = np.empty((n_h, n_x), dtype)
    # grad(W) = sum(outer(grad(u[t]), x[t]), t) + sum(outer(grad(v[s]), y[s]), s)
    np.matmul(dv.reshape(-1, n_h).T, y.reshape(-1, n_x), out=dW)
    np.matmul(du.reshape(-1, n_h).T, x.reshape(-1, n_x), out=tmp16)
    dW += tmp16

    return Params(W=dW)


def _loss_arrays(T, S, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((T, S, B, n_h), dtype)
    tmp1 = np.empty((T, S, B, n_h), dtype)
    tmp2 = np.empty((S, B), dtype)
    tmp3 = np.empty((B,), dtype)
    tmp4 = np.empty((B, 3), dtype)
    u = np.empty((T, B, n_h), dtype)
    v = np.empty((S, B, n_h), dtype)
    delta = np.empty((T, S, B), dtype)
    r = np.empty((T + 1, S + 1, B), dtype)
    r_concat = np.empty((T, S, B, 3), dtype)
    r_lse = delta
    r_at = list(r[:, :S])
    r_concat_at = list(r_concat[:, :, :, :1])
    r_at2 = list(r[:, 1:])
    r_concat_at2 = list(r_concat[:, :, :, 1:2])
    largest = np.empty((B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, u, v, delta, r, r_concat, r_lse, r_at, r_concat_at, r_at2, r_concat_at2, largest,
    )


def _loss_and_grad_arrays(T, n_x, S, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((T, S, B, n_h), dtype)
    tmp1 = np.empty((T, S, B, n_h), dtype)
    tmp2 = np.empty((S, B), dtype)
    tmp3 = np.empty((B,), dtype)
    tmp4 = np.empty((B, 3), dtype)
    u = np.empty((T, B, n_h), dtype)
    v = np.empty((S, B, n_h), dtype)
    delta = np.empty((T, S, B), dtype)
    r = np.empty((T + 1, S + 1, B), dtype)
    r_concat = np.empty((T, S, B, 3), dtype)
    r_lse = delta
    r_at = list(r[:, :S])
    r_concat_at = list(r_concat[:, :, :, :1])
    r_at2 = list(r[:, 1:])
    r_concat_at2 = list(r_concat[:, :, :, 1:2])
    largest = np.empty((B, 1), dtype)
    tmp5 = np.empty((S - 1, B), dtype)
    tmp6 = np.empty((S, B, n_h, T), dtype)
    tmp7 = np.empty((B, n_h, T), dtype)
    tmp8 = np.empty((S, B, n_h), dtype)
    tmp9 = np.empty((T, B, n_h, S), dtype)
    tmp10 = np.empty((B, n_h, S), dtype)
    tmp11 = np.empty((T, B, n_h), dtype)
    tmp12 = np.empty((n_h, n_x), dtype)
    dr = np.empty((T, S, B), dtype)
    dr_concat = np.empty((T, S, B, 3), dtype)
    dr_concat_at = list(dr_concat[T - 1, :, :, 2:])
    dr_at = list(dr[T - 1])
    r_concat_at3 = list(r_concat[T - 1])
    r_lse_at = list(r_lse[T - 1])
    dr_concat_at2 = list(dr_concat[T - 1])
    dr_concat_at3 = list(dr_concat[:, :, :, 1:2])
    dr_at2 = list(dr)
    dr_concat_at4 = list(dr_concat[:, 1:, :, :1])
    dr_at3 = list(dr[:, :S - 1])
    r_concat_at4 = list(r_concat[:, S - 1])
    r_lse_at2 = list(r_lse[:, S - 1])
    dr_concat_at5 = list(dr_concat[:, S - 1])
    dr_at4 = list(dr[:, S - 1])
    dv = tmp8
    du = tmp11
    dW = np.empty((n_h, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, u, v, delta, r, r_concat, r_lse, r_at, r_concat_at, r_at2, r_concat_at2, largest,
        tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, dr, dr_concat, dr_concat_at, dr_at, r_concat_at3, r_lse_at,
        dr_concat_at2, dr_concat_at3, dr_at2, dr_concat_at4, dr_at3, r_concat_at4, r_lse_at2, dr_concat_at5, dr_at4, dv,
        du, dW,
    )


def _loss_padded_arrays(T, S, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, S, B, n_h), dtype)
    tmp1 = np.empty((T, S, B, n_h), dtype)
    tmp2 = np.empty((S, B), dtype)
    tmp3 = np.empty((B,), dtype)
    tmp4 = np.empty((B, 3), dtype)
    tmp5 = np.empty((B,), dtype)
    u = np.empty((T, B, n_h), dtype)
    v = np.empty((S, B, n_h), dtype)
    delta = np.empty((T, S, B), dtype)
    r = np.empty((T + 1, S + 1, B), dtype)
    r_concat = np.empty((T, S, B, 3), dtype)
    r_lse = np.empty((T, S, B), dtype)
    r_at = list(r[:, :S])
    r_concat_at = list(r_concat[:, :, :, :1])
    r_at2 = list(r[:, 1:])
    r_concat_at2 = list(r_concat[:, :, :, 1:2])
    largest = np.empty((B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, u, v, delta, r, r_concat, r_lse, r_at, r_concat_at, r_at2, r_concat_at2,
        largest,
    )


def _loss_and_grad_padded_arrays(T, n_x, S, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, S, B, n_h), dtype)
    tmp1 = np.empty((T, S, B, n_h), dtype)
    tmp2 = np.empty((S, B), dtype)
    tmp3 = np.empty((B,), dtype)
    tmp4 = np.empty((B, 3), dtype)
    tmp5 = np.empty((B,), dtype)
    u = np.empty((T, B, n_h), dtype)
    v = np.empty((S, B, n_h), dtype)
    delta = np.empty((T, S, B), dtype)
    r = np.empty((T + 1, S + 1, B), dtype)
    r_concat = np.empty((T, S, B, 3), dtype)
    r_lse = np.empty((T, S, B), dtype)
    r_at = list(r[:, :S])
    r_concat_at = list(r_concat[:, :, :, :1])
    r_at2 = list(r[:, 1:])
    r_concat_at2 = list(r_concat[:, :, :, 1:2])
    largest = np.empty((B, 1), dtype)
    tmp6 = np.empty((S - 1,), dtype)
    tmp7 = np.empty((S - 1,), dtype)
    tmp8 = np.empty((T - 1,), dtype)
    tmp9 = np.empty((T - 1,), dtype)
    tmp10 = np.empty((S - 1, B), dtype)
    tmp11 = np.empty((S, B, n_h, T), dtype)
    tmp12 = np.empty((B, n_h, T), dtype)
    tmp13 = np.empty((S, B, n_h), dtype)
    tmp14 = np.empty((T, B, n_h, S), dtype)
    tmp15 = np.empty((B, n_h, S), dtype)
    tmp16 = np.empty((T, B, n_h), dtype)
    tmp17 = np.empty((n_h, n_x), dtype)
    r_factor = tmp7
    r_factor2 = tmp9
    dr = r
    dr_concat = np.empty((T, S, B, 3), dtype)
    dr_concat_at = list(dr_concat[T - 1, :, :, 2:])
    dr_at = list(dr[T])
    r_concat_at3 = list(r_concat[T - 1])
    r_lse_at = list(r_lse[T - 1])
    dr_concat_at2 = list(dr_concat[T - 1])
    dr_concat_at3 = list(dr_concat[:, :, :, 1:2])
    dr_at2 = list(dr[:, 1:])
    dr_concat_at4 = list(dr_concat[:, 1:, :, :1])
    dr_at3 = list(dr[:, 1:S])
    r_concat_at4 = list(r_concat[:, S - 1])
    r_lse_at2 = list(r_lse[:, S - 1])
    dr_concat_at5 = list(dr_concat[:, S - 1])
    dr_at4 = list(dr[:, S])
    dv = tmp13
    du = tmp16
    dW = np.empty((n_h, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, u, v, delta, r, r_concat, r_lse, r_at, r_concat_at, r_at2, r_concat_at2,
        largest, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, tmp13, tmp14, tmp15, tmp16, tmp17, r_factor, r_factor2,
        dr, dr_concat, dr_concat_at, dr_at, r_concat_at3, r_lse_at, dr_concat_at2, dr_concat_at3, dr_at2, dr_concat_at4,
        dr_at3, r_concat_at4, r_lse_at2, dr_concat_at5, dr_at4, dv, du, dW,
    )


def _arguments(params, x, y, gamma):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x = _parameters(params)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _rank("y", y, ("S", "B", "n_x"), single)
    S = y.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W")
    _expect("y", y, (S, *batch_axis, n_x), ("S", "B", "n_x"), "B from x, n_x from W")
    if single:
        x = x[:, None]
        y = y[:, None]
    gamma = _real("gamma", gamma, dtype)
    _expect("gamma", gamma, (), ())
    return params, x, y, gamma, dtype, single, n_h, n_x, T, S, B


def _backward_arguments(params, forward, x, y, gamma):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    u = _real("forward.u", forward.u, dtype)
    v = _real("forward.v", forward.v, dtype)
    r = _real("forward.r", forward.r, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _rank("y", y, ("S", "B", "n_x"), single)
    S = y.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W")
    _expect("y", y, (S, *batch_axis, n_x), ("S", "B", "n_x"), "B from x, n_x from W")
    _expect("forward.u", u, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W")
    _expect("forward.v", v, (S, *batch_axis, n_h), ("S", "B", "n_h"), "S from y, B from x, n_h from W")
    _expect("forward.r", r, (T + 1, S + 1, *batch_axis), ("T + 1", "S + 1", "B"), "T and B from x, S from y")
    if single:
        x = x[:, None]
        y = y[:, None]
        u = u[:, None]
        v = v[:, None]
        r = r[:, :, None]
    gamma = _real("gamma", gamma, dtype)
    _expect("gamma", gamma, (), ())
    return params, x, y, gamma, u, v, r, dtype, single, n_h, n_x, T, S, B


def _initial_arguments(params, S, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x = _parameters(params)
    S = _size("S", S)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    return params, dtype, single, n_h, n_x, S, B


def _step_arguments(params, state, x, y, gamma):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    r_prev = _real("state.r", state.r, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _rank("y", y, ("S", "B", "n_x"), single)
    S = y.shape[0]
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from W")
    _expect("y", y, (S, *batch_axis, n_x), ("S", "B", "n_x"), "B from x, n_x from W")
    _expect("state.r", r_prev, (S + 1, *batch_axis), ("S + 1", "B"), "S from y, B from x")
    if single:
        x = x[None]
        y = y[:, None]
        r_prev = r_prev[:, None]
    gamma = _real("gamma", gamma, dtype)
    _expect("gamma", gamma, (), ())
    return params, x, y, gamma, r_prev, dtype, single, n_h, n_x, S, B


def _padded_arguments(params, x, y, gamma, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x = _parameters(params)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _rank("y", y, ("S", "B", "n_x"), single)
    S = y.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W")
    _expect("y", y, (S, *batch_axis, n_x), ("S", "B", "n_x"), "B from x, n_x from W")
    if single:
        x = x[:, None]
        y = y[:, None]
    gamma = _real("gamma", gamma, dtype)
    _expect("gamma", gamma, (), ())
    len_T = _lengths(lengths, "T", ("T", "S"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    len_S = _lengths(lengths, "S", ("T", "S"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_S)
    return params, x, y, gamma, dtype, single, n_h, n_x, T, S, B, len_T, T_own, len_S, S_own


def _padded_backward_arguments(params, forward, x, y, gamma, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    u = _real("forward.u", forward.u, dtype)
    v = _real("forward.v", forward.v, dtype)
    r = _real("forward.r", forward.r, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _rank("y", y, ("S", "B", "n_x"), single)
    S = y.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W")
    _expect("y", y, (S, *batch_axis, n_x), ("S", "B", "n_x"), "B from x, n_x from W")
    _expect("forward.u", u, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W")
    _expect("forward.v", v, (S, *batch_axis, n_h), ("S", "B", "n_h"), "S from y, B from x, n_h from W")
    _expect("forward.r", r, (T + 1, S + 1, *batch_axis), ("T + 1", "S + 1", "B"), "T and B from x, S from y")
    if single:
        x = x[:, None]
        y = y[:, None]
        u = u[:, None]
        v = v[:, None]
        r = r[:, :, None]
    gamma = _real("gamma", gamma, dtype)
    _expect("gamma", gamma, (), ())
    len_T = _lengths(lengths, "T", ("T", "S"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    len_S = _lengths(lengths, "S", ("T", "S"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_S)
    return params, x, y, gamma, u, v, r, dtype, single, n_h, n_x, T, S, B, len_T, T_own, len_S, S_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    (W,) = params
    _rank("W", W, ("n_h", "n_x"))
    n_h, n_x = W.shape
    return params, dtype, n_h, n_x


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
