# Written by derive from state_space.eq; do not edit.
# Change state_space.eq instead, and run: derive generate state_space
# source e349708c6f1cfc15, derive 07e8f9d843407be1, body 80cc7f51843b7403
"""Linear diagonal state space: every channel drives a few states that decay at rates of their own.

Gu, Gupta, Goel & Re (2022), On the Parameterization and Initialization of Diagonal State Space Models, with real rates
(S4D-Real) and the zero-order hold.

The equations::

    x: Input[T, n_d]                # channels, at each step
    y: Target[T, n_d]               # the values to predict at each step
    Alog: Param[n_d, n_s]           # rates, as logarithms
    dtlog: Param[n_d] = -2          # step of each channel, as a logarithm
    B, C = Param[n_d, n_s]          # input to states, states to output
    D: Param[n_d] = 1               # input to output

    h[0, d, n] = 0
    A[d, n] = -exp(Alog[d, n])                                      # rates
    Abar[d, n] = exp(exp(dtlog[d]) * A[d, n])                       # discretised
    Bbar[d, n] = (Abar[d, n] - 1) / A[d, n] * B[d, n]
    h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]   # states
    o[t, d] = sum(C[d, n] * h[t, d, n], n) + D[d] * x[t, d]
    loss = sum(sum((y[t] - o[t])**2), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    Alog: np.ndarray  # (n_d, n_s)  rates, as logarithms
    dtlog: np.ndarray  # (n_d)  step of each channel, as a logarithm
    B: np.ndarray  # (n_d, n_s)  input to states, states to output
    C: np.ndarray  # (n_d, n_s)  input to states, states to output
    D: np.ndarray  # (n_d)  input to output


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    A: np.ndarray  # (n_d, n_s)  rates
    Abar: np.ndarray  # (n_d, n_s)  discretised
    Bbar: np.ndarray  # (n_d, n_s)
    h: np.ndarray  # (T + 1, B, n_d, n_s)  states
    o: np.ndarray  # (T, B, n_d)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    h: np.ndarray  # (B, n_d, n_s)  states


class Outputs(NamedTuple):
    """The variables at one step."""

    h: np.ndarray  # (B, n_d, n_s)  states
    o: np.ndarray  # (B, n_d)


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


def init_params(rng: np.random.Generator, *, n_d: int, n_s: int, dtype: type = np.float64) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_d = _size("n_d", n_d)
    n_s = _size("n_s", n_s)
    return Params(
        Alog=(rng.standard_normal((n_d, n_s)) / np.sqrt(n_s)).astype(dtype),
        dtlog=np.full((n_d,), -2.0, dtype),
        B=(rng.standard_normal((n_d, n_s)) / np.sqrt(n_s)).astype(dtype),
        C=(rng.standard_normal((n_d, n_s)) / np.sqrt(n_s)).astype(dtype),
        D=np.full((n_d,), 1.0, dtype),
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

    x        (T, B, n_d)    real   channels, at each step
    y        (T, B, n_d)    real   the values to predict at each step
    h0       (B, n_d, n_s)  real   h[0]; 0 where not given
    state                   State  what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)           1..T   each example's own number of steps, what is given beyond is not read; all where not
                                   given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _forward_padded(params, x, y, h0, lengths)
    params, x, y, h0, dtype, single, n_d, n_s, T, B_ = _arguments(params, x, y, h0)
    Alog, dtlog, B, C, D = params

    tmp0 = np.empty((B_, n_d, n_s), dtype)
    tmp1 = np.empty((T, B_, n_d), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    A = np.empty((n_d, n_s), dtype)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    Abar_exp = np.empty((n_d,), dtype)
    # Abar.exp = exp(dtlog)
    np.exp(dtlog, out=Abar_exp)
    Abar_arg = np.empty((n_d, n_s), dtype)
    # Abar.arg = diag(Abar.exp) @ A
    np.multiply(A, Abar_exp[:, None], out=Abar_arg)
    Abar = np.empty((n_d, n_s), dtype)
    # Abar[d, n] = exp(exp(dtlog[d]) * A[d, n])
    np.exp(Abar_arg, out=Abar)
    Bbar = np.empty((n_d, n_s), dtype)
    # Bbar[d, n] = (Abar[d, n] - 1) / A[d, n] * B[d, n]
    np.add(Abar, -1, out=Bbar)
    Bbar *= B
    Bbar /= A
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    # h[0, d, n] = 0
    h[0] = h0
    # h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]
    np.multiply(x[:, :, :, None], Bbar, out=h[1:])
    h_at = list(h)
    for t in range(1, T + 1):
        # h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]
        np.multiply(h_at[t - 1], Abar, out=tmp0)
        h_at[t] += tmp0
    o = np.empty((T, B_, n_d), dtype)
    # o[t, d] = sum(C[d, n] * h[t, d, n], n) + D[d] * x[t, d]
    np.matmul(h[1:].reshape(-1, n_d, n_s).transpose(1, 0, 2), C[..., None], out=o.reshape(-1, n_d).T[..., None])
    np.multiply(x, D, out=tmp1)
    o += tmp1
    if y is not None:
        tmp_2_0 = np.empty((T, B_, n_d), dtype)
        tmp_2_1 = np.empty((T, B_, n_d), dtype)
        # loss = sum(sum((y[t] - o[t])**2), t)
        np.subtract(y, o, out=tmp_2_1)
        np.square(tmp_2_1, out=tmp_2_0)
        loss = tmp_2_0.sum()
    else:
        loss = None

    if single:
        h = h[:, 0]
        o = o[:, 0]
    return Forward(A=A, Abar=Abar, Bbar=Bbar, h=h, o=o, loss=None if loss is None else float(loss))


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

    x          (T, B, n_d)    real       channels, at each step
    y          (T, B, n_d)    real       the values to predict at each step
    h0         (B, n_d, n_s)  real       h[0]; 0 where not given
    workspace                 Workspace  its arrays are used, and hold the results until its next call
    state                     State      what an earlier piece left, from last_state or step: the sequence goes on from
                                         there
    lengths    (B,)           1..T       each example's own number of steps, what is given beyond is not read; all where
                                         not given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _loss_padded(params, x, y, h0, lengths, workspace)
    params, x, y, h0, dtype, single, n_d, n_s, T, B_ = _arguments(params, x, y, h0, whole=True)
    Alog, dtlog, B, C, D = params

    (
        tmp0, tmp1, o, tmp2, A_exp, A, Abar_exp, Abar_arg, Abar, Bbar, h, h_at,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_d, n_s, B_, dtype)
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    # Abar.exp = exp(dtlog)
    np.exp(dtlog, out=Abar_exp)
    # Abar.arg = diag(Abar.exp) @ A
    np.multiply(A, Abar_exp[:, None], out=Abar_arg)
    # Abar[d, n] = exp(exp(dtlog[d]) * A[d, n])
    np.exp(Abar_arg, out=Abar)
    # Bbar[d, n] = (Abar[d, n] - 1) / A[d, n] * B[d, n]
    np.add(Abar, -1, out=Bbar)
    Bbar *= B
    Bbar /= A
    # h[0, d, n] = 0
    h[0] = h0
    # h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]
    np.multiply(x[:, :, :, None], Bbar, out=h[1:])
    for t in range(1, T + 1):
        # h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]
        np.multiply(h_at[t - 1], Abar, out=tmp0)
        h_at[t] += tmp0
    # o[t, d] = sum(C[d, n] * h[t, d, n], n) + D[d] * x[t, d]
    np.matmul(h[1:].reshape(-1, n_d, n_s).transpose(1, 0, 2), C[..., None], out=o.reshape(-1, n_d).T[..., None])
    np.multiply(x, D, out=tmp1)
    o += tmp1
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
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x           (T, B, n_d)    real                       channels, at each step
    y           (T, B, n_d)    real                       the values to predict at each step
    h0          (B, n_d, n_s)  real                       h[0]; 0 where not given
    workspace                  Workspace                  its arrays are used, and hold the results until its next call
    state                      State                      what an earlier piece left, from last_state or step: the
                                                          sequence goes on from there
    lengths     (B,)           1..T                       each example's own number of steps, what is given beyond is
                                                          not read; all where not given
    window                     whole number >= 1          steps in a window: gradients stay in it, values go on to the
                                                          next
    checkpoint                 True or whole number >= 1  steps in a segment, True for about the root of all: states
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
    params, x, y, h0, dtype, single, n_d, n_s, T, B_ = _arguments(params, x, y, h0, whole=True)
    Alog, dtlog, B, C, D = params
    wrt = _asked(wrt, ("x", "h0"))

    (
        tmp0, tmp1, tmp2, A_exp, A, Abar_exp, Abar_arg, Abar, Bbar, h, h_at, o, tmp3, tmp4, do, dD, dC, dh, dh_at,
        dAbar, dBbar, dAbar_arg, dA, dB, dAbar_exp, ddtlog, dAlog,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_d, n_s, B_, dtype)
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    # Abar.exp = exp(dtlog)
    np.exp(dtlog, out=Abar_exp)
    # Abar.arg = diag(Abar.exp) @ A
    np.multiply(A, Abar_exp[:, None], out=Abar_arg)
    # Abar[d, n] = exp(exp(dtlog[d]) * A[d, n])
    np.exp(Abar_arg, out=Abar)
    # Bbar[d, n] = (Abar[d, n] - 1) / A[d, n] * B[d, n]
    np.add(Abar, -1, out=Bbar)
    Bbar *= B
    Bbar /= A
    # h[0, d, n] = 0
    h[0] = h0
    # h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]
    np.multiply(x[:, :, :, None], Bbar, out=h[1:])
    for t in range(1, T + 1):
        # h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]
        np.multiply(h_at[t - 1], Abar, out=tmp0)
        h_at[t] += tmp0
    # o[t, d] = sum(C[d, n] * h[t, d, n], n) + D[d] * x[t, d]
    np.matmul(h[1:].reshape(-1, n_d, n_s).transpose(1, 0, 2), C[..., None], out=o.reshape(-1, n_d).T[..., None])
    np.multiply(x, D, out=tmp1)
    o += tmp1
    # loss = sum(sum((y[t] - o[t])**2), t)
    np.subtract(y, o, out=tmp2)
    np.square(tmp2, out=tmp1)
    loss = tmp1.sum()
    # grad(o[t]) = 2 * o[t] - 2 * y[t]
    np.multiply(y, -2, out=do)
    np.multiply(o, 2, out=tmp1)
    do += tmp1
    # grad(D) = sum(x[t] * grad(o[t]), t)
    dD[...] = np.einsum("tbi,tbi->i", do, x)
    # grad(C) = sum(diag(grad(o[t])) @ h[t], t)
    np.matmul(h[1:].reshape(-1, n_d, n_s).transpose(1, 2, 0), do.reshape(-1, n_d).T[..., None], out=dC[..., None])
    # grad(h[t]) = Abar * grad(h[t+1]) + diag(grad(o[t])) @ C, t < T
    np.multiply(do[:, :, :, None], C, out=dh[1:])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = Abar * grad(h[t+1]) + diag(grad(o[t])) @ C, t < T
        np.multiply(dh_at[t + 1], Abar, out=tmp0)
        dh_at[t] += tmp0
    # grad(Abar) = B * grad(Bbar) / A + sum(h[t-1] * grad(h[t]), t)
    dAbar[...] = np.einsum("tbij,tbij->ij", dh[1:], h[:T])
    # grad(Bbar) = sum(diag(x[t]) @ grad(h[t]), t)
    np.matmul(dh[1:].reshape(-1, n_d, n_s).transpose(1, 2, 0), x.reshape(-1, n_d).T[..., None], out=dBbar[..., None])
    # grad(Abar) = B * grad(Bbar) / A + sum(h[t-1] * grad(h[t]), t)
    np.multiply(B, dBbar, out=tmp3)
    tmp3 /= A
    dAbar += tmp3
    # grad(Abar.arg) = Abar * grad(Abar)
    np.multiply(Abar, dAbar, out=dAbar_arg)
    # grad(A) = diag(Abar.exp) @ grad(Abar.arg) - B * (Abar - 1) * grad(Bbar) / A**2
    np.multiply(dAbar_arg, Abar_exp[:, None], out=dA)
    np.square(A, out=tmp4)
    np.add(Abar, -1, out=tmp3)
    tmp3 *= B
    tmp3 *= dBbar
    tmp3 /= tmp4
    dA -= tmp3
    # grad(B) = (Abar - 1) * grad(Bbar) / A
    np.add(Abar, -1, out=dB)
    dB *= dBbar
    dB /= A
    # grad(Abar.exp[i]) = sum(A[i, j] * grad(Abar.arg[i, j]), j)
    dAbar_exp[...] = np.einsum("ij,ij->i", A, dAbar_arg)
    # grad(dtlog) = Abar.exp * grad(Abar.exp)
    np.multiply(Abar_exp, dAbar_exp, out=ddtlog)
    # grad(Alog) = -A.exp * grad(A)
    np.multiply(A_exp, dA, out=dAlog)
    np.negative(dAlog, out=dAlog)
    if "x" in wrt:
        tmp_5_0 = np.empty((T, B_, n_d), dtype)
        dx = np.empty((T, B_, n_d), dtype)
        # grad(x[t, i]) = D[i] * grad(o[t, i]) + sum(Bbar[i, j] * grad(h[t, i, j]), j)
        np.multiply(do, D, out=dx)
        np.matmul(dh[1:].reshape(-1, n_d, n_s).transpose(1, 0, 2), Bbar[..., None], out=tmp_5_0.reshape(-1, n_d).T[..., None])
        dx += tmp_5_0
    if "h0" in wrt:
        # grad(h[t]) = Abar * grad(h[t+1]) + diag(grad(o[t])) @ C, t < T
        np.multiply(dh[1:2], Abar, out=dh[:1])
        dh0 = np.empty((B_, n_d, n_s), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(Alog=dAlog, dtlog=ddtlog, B=dB, C=dC, D=dD)
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

    x        (T, B, n_d)  real               channels, at each step
    y        (T, B, n_d)  real               the values to predict at each step
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    params, x, y, A, Abar, h, o, dtype, single, n_d, n_s, T, B_ = _backward_arguments(params, forward, x, y)
    Alog, dtlog, B, C, D = params

    A_exp = np.empty((n_d, n_s), dtype)
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    Abar_exp = np.empty((n_d,), dtype)
    # Abar.exp = exp(dtlog)
    np.exp(dtlog, out=Abar_exp)
    tmp0 = np.empty((T, B_, n_d), dtype)
    tmp1 = np.empty((B_, n_d, n_s), dtype)
    tmp2 = np.empty((n_d, n_s), dtype)
    tmp3 = np.empty((n_d, n_s), dtype)
    do = np.empty((T, B_, n_d), dtype)
    # grad(o[t]) = 2 * o[t] - 2 * y[t]
    np.multiply(y, -2, out=do)
    np.multiply(o, 2, out=tmp0)
    do += tmp0
    dD = np.empty((n_d,), dtype)
    # grad(D) = sum(x[t] * grad(o[t]), t)
    dD[...] = np.einsum("tbi,tbi->i", do, x)
    dC = np.empty((n_d, n_s), dtype)
    # grad(C) = sum(diag(grad(o[t])) @ h[t], t)
    np.matmul(h[1:].reshape(-1, n_d, n_s).transpose(1, 2, 0), do.reshape(-1, n_d).T[..., None], out=dC[..., None])
    dh = np.empty((T, B_, n_d, n_s), dtype)
    # grad(h[t]) = Abar * grad(h[t+1]) + diag(grad(o[t])) @ C, t < T
    np.multiply(do[:, :, :, None], C, out=dh)
    dh_at = list(dh)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = Abar * grad(h[t+1]) + diag(grad(o[t])) @ C, t < T
        np.multiply(dh_at[t], Abar, out=tmp1)
        dh_at[t - 1] += tmp1
    dAbar = np.empty((n_d, n_s), dtype)
    # grad(Abar) = B * grad(Bbar) / A + sum(h[t-1] * grad(h[t]), t)
    dAbar[...] = np.einsum("tbij,tbij->ij", dh, h[:T])
    dBbar = np.empty((n_d, n_s), dtype)
    # grad(Bbar) = sum(diag(x[t]) @ grad(h[t]), t)
    np.matmul(dh.reshape(-1, n_d, n_s).transpose(1, 2, 0), x.reshape(-1, n_d).T[..., None], out=dBbar[..., None])
    # grad(Abar) = B * grad(Bbar) / A + sum(h[t-1] * grad(h[t]), t)
    np.multiply(B, dBbar, out=tmp2)
    tmp2 /= A
    dAbar += tmp2
    dAbar_arg = np.empty((n_d, n_s), dtype)
    # grad(Abar.arg) = Abar * grad(Abar)
    np.multiply(Abar, dAbar, out=dAbar_arg)
    dA = np.empty((n_d, n_s), dtype)
    # grad(A) = diag(Abar.exp) @ grad(Abar.arg) - B * (Abar - 1) * grad(Bbar) / A**2
    np.multiply(dAbar_arg, Abar_exp[:, None], out=dA)
    np.square(A, out=tmp3)
    np.add(Abar, -1, out=tmp2)
    tmp2 *= B
    tmp2 *= dBbar
    tmp2 /= tmp3
    dA -= tmp2
    dB = np.empty((n_d, n_s), dtype)
    # grad(B) = (Abar - 1) * grad(Bbar) / A
    np.add(Abar, -1, out=dB)
    dB *= dBbar
    dB /= A
    dAbar_exp = np.empty((n_d,), dtype)
    # grad(Abar.exp[i]) = sum(A[i, j] * grad(Abar.arg[i, j]), j)
    dAbar_exp[...] = np.einsum("ij,ij->i", A, dAbar_arg)
    ddtlog = np.empty((n_d,), dtype)
    # grad(dtlog) = Abar.exp * grad(Abar.exp)
    np.multiply(Abar_exp, dAbar_exp, out=ddtlog)
    dAlog = np.empty((n_d, n_s), dtype)
    # grad(Alog) = -A.exp * grad(A)
    np.multiply(A_exp, dA, out=dAlog)
    np.negative(dAlog, out=dAlog)

    return Params(Alog=dAlog, dtlog=ddtlog, B=dB, C=dC, D=dD)


def init_state(params: Params, *, h0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    h0  (B, n_d, n_s)  real  h[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, h0, dtype, single, n_d, n_s, B_ = _initial_arguments(params, h0, batch)

    # h[0, d, n] = 0
    h_prev = h0.copy()

    if single:
        h_prev = h_prev[0]
    return State(h=h_prev)


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_d)  real  channels, at each step

    Data without the axis B are one example.
    """
    params, x, h_prev, dtype, single, n_d, n_s, B_ = _step_arguments(params, state, x)
    Alog, dtlog, B, C, D = params

    # A.exp = exp(Alog)
    A_exp = np.exp(Alog)
    # A[d, n] = -exp(Alog[d, n])
    A = -A_exp
    # Abar.exp = exp(dtlog)
    Abar_exp = np.exp(dtlog)
    # Abar.arg = diag(Abar.exp) @ A
    Abar_arg = A * Abar_exp[:, None]
    # Abar[d, n] = exp(exp(dtlog[d]) * A[d, n])
    Abar = np.exp(Abar_arg)
    # Bbar[d, n] = (Abar[d, n] - 1) / A[d, n] * B[d, n]
    Bbar = B * (Abar - 1) / A
    # h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]
    h = Abar * h_prev
    h += Bbar * x[:, :, None]
    # o[t, d] = sum(C[d, n] * h[t, d, n], n) + D[d] * x[t, d]
    o = (h.transpose(1, 0, 2) @ C[..., None])[..., 0].T
    o += D * x

    if single:
        h = h[0]
        o = o[0]
    result = State(h=h)
    return result, Outputs(h=h, o=o)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.h.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.h.ndim < 4 else forward.h.shape[1], forward.h.ndim < 4, 1
    )
    return State(h=_last(forward.h, 0, 1, 1, lengths))


def _forward_padded(params, x, y, h0, lengths):
    """`forward` where examples have their own lengths."""
    params, x, y, h0, dtype, single, n_d, n_s, T, B_, len_T, T_own = _padded_arguments(params, x, y, h0, lengths)
    Alog, dtlog, B, C, D = params

    tmp0 = np.empty((B_, n_d, n_s), dtype)
    tmp1 = np.empty((B_, n_d, n_s), dtype)
    tmp2 = np.empty((T, B_, n_d), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    A = np.empty((n_d, n_s), dtype)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    Abar_exp = np.empty((n_d,), dtype)
    # Abar.exp = exp(dtlog)
    np.exp(dtlog, out=Abar_exp)
    Abar_arg = np.empty((n_d, n_s), dtype)
    # Abar.arg = diag(Abar.exp) @ A
    np.multiply(A, Abar_exp[:, None], out=Abar_arg)
    Abar = np.empty((n_d, n_s), dtype)
    # Abar[d, n] = exp(exp(dtlog[d]) * A[d, n])
    np.exp(Abar_arg, out=Abar)
    Bbar = np.empty((n_d, n_s), dtype)
    # Bbar[d, n] = (Abar[d, n] - 1) / A[d, n] * B[d, n]
    np.add(Abar, -1, out=Bbar)
    Bbar *= B
    Bbar /= A
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    # h[0, d, n] = 0
    h[0] = h0
    h_at = list(h)
    for t in range(1, T + 1):
        # h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]
        np.multiply(Bbar, x[t - 1][:, :, None], out=tmp1)
        np.multiply(h_at[t - 1], Abar, out=tmp0)
        tmp0 += tmp1
        h[t] = np.where((t <= T_own)[:, None, None], tmp0, h[t - 1])
    o = np.empty((T, B_, n_d), dtype)
    # o[t, d] = sum(C[d, n] * h[t, d, n], n) + D[d] * x[t, d]
    np.matmul(h[1:].reshape(-1, n_d, n_s).transpose(1, 0, 2), C[..., None], out=o.reshape(-1, n_d).T[..., None])
    np.multiply(x, D, out=tmp2)
    o += tmp2
    if y is not None:
        tmp_3_0 = np.empty((T, B_, n_d), dtype)
        tmp_3_1 = np.empty((T, B_, n_d), dtype)
        tmp_3_2 = np.empty((B_, T), dtype)
        loss_sum = np.empty((T, B_), dtype)
        # loss.sum[t] = sum((y[t] - o[t])**2)
        np.subtract(y, o, out=tmp_3_1)
        np.square(tmp_3_1, out=tmp_3_0)
        np.add.reduce(tmp_3_0, axis=2, out=loss_sum)
        # loss = sum(sum((y[t] - o[t])**2), t)
        tmp_3_2[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], loss_sum.T, 0)
        loss = tmp_3_2.sum()
    else:
        loss_sum = loss = None

    if single:
        h = h[:, 0]
        o = o[:, 0]
    return Forward(A=A, Abar=Abar, Bbar=Bbar, h=h, o=o, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, h0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, h0, dtype, single, n_d, n_s, T, B_, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, lengths, whole=True)
    Alog, dtlog, B, C, D = params

    (
        tmp0, tmp1, tmp2, o, tmp3, tmp4, A_exp, A, Abar_exp, Abar_arg, Abar, Bbar, h, h_at, loss_sum,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_d, n_s, B_, dtype)
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    # Abar.exp = exp(dtlog)
    np.exp(dtlog, out=Abar_exp)
    # Abar.arg = diag(Abar.exp) @ A
    np.multiply(A, Abar_exp[:, None], out=Abar_arg)
    # Abar[d, n] = exp(exp(dtlog[d]) * A[d, n])
    np.exp(Abar_arg, out=Abar)
    # Bbar[d, n] = (Abar[d, n] - 1) / A[d, n] * B[d, n]
    np.add(Abar, -1, out=Bbar)
    Bbar *= B
    Bbar /= A
    # h[0, d, n] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]
        np.multiply(Bbar, x[t - 1][:, :, None], out=tmp1)
        np.multiply(h_at[t - 1], Abar, out=tmp0)
        tmp0 += tmp1
        h[t] = np.where((t <= T_own)[:, None, None], tmp0, h[t - 1])
    # o[t, d] = sum(C[d, n] * h[t, d, n], n) + D[d] * x[t, d]
    np.matmul(h[1:].reshape(-1, n_d, n_s).transpose(1, 0, 2), C[..., None], out=o.reshape(-1, n_d).T[..., None])
    np.multiply(x, D, out=tmp2)
    o += tmp2
    # loss.sum[t] = sum((y[t] - o[t])**2)
    np.subtract(y, o, out=tmp3)
    np.square(tmp3, out=tmp2)
    np.add.reduce(tmp2, axis=2, out=loss_sum)
    # loss = sum(sum((y[t] - o[t])**2), t)
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], loss_sum.T, 0)
    loss = tmp4.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, h0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h0, dtype, single, n_d, n_s, T, B_, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, lengths, whole=True)
    Alog, dtlog, B, C, D = params
    wrt = _asked(wrt, ("x", "h0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, A_exp, A, Abar_exp, Abar_arg, Abar, Bbar, h, h_at, o, loss_sum, tmp5, tmp6, tmp7,
        do, dD, dC, dh, dh_at, dAbar, dBbar, dAbar_arg, dA, dB, dAbar_exp, ddtlog, dAlog,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_d, n_s, B_, dtype)
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    # Abar.exp = exp(dtlog)
    np.exp(dtlog, out=Abar_exp)
    # Abar.arg = diag(Abar.exp) @ A
    np.multiply(A, Abar_exp[:, None], out=Abar_arg)
    # Abar[d, n] = exp(exp(dtlog[d]) * A[d, n])
    np.exp(Abar_arg, out=Abar)
    # Bbar[d, n] = (Abar[d, n] - 1) / A[d, n] * B[d, n]
    np.add(Abar, -1, out=Bbar)
    Bbar *= B
    Bbar /= A
    # h[0, d, n] = 0
    h[0] = h0
    for t in range(1, T + 1):
        # h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]
        np.multiply(Bbar, x[t - 1][:, :, None], out=tmp1)
        np.multiply(h_at[t - 1], Abar, out=tmp0)
        tmp0 += tmp1
        h[t] = np.where((t <= T_own)[:, None, None], tmp0, h[t - 1])
    # o[t, d] = sum(C[d, n] * h[t, d, n], n) + D[d] * x[t, d]
    np.matmul(h[1:].reshape(-1, n_d, n_s).transpose(1, 0, 2), C[..., None], out=o.reshape(-1, n_d).T[..., None])
    np.multiply(x, D, out=tmp2)
    o += tmp2
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
    # grad(D) = sum(x[t] * grad(o[t]), t)
    dD[...] = np.einsum("tbi,tbi->i", do, x)
    # grad(C) = sum(diag(grad(o[t])) @ h[t], t)
    np.matmul(h[1:].reshape(-1, n_d, n_s).transpose(1, 2, 0), do.reshape(-1, n_d).T[..., None], out=dC[..., None])
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * Abar * grad(h[t+1]) + diag(grad(o[t])) @
    #     C, t < T
    np.multiply(do[:, :, :, None], C, out=dh[1:])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * Abar * grad(h[t+1]) + diag(grad(o[t])) @
        #     C, t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dh_at[t + 1], out=tmp0)
        tmp0 *= Abar
        dh_at[t] += tmp0
    # grad(Abar) = B * grad(Bbar) / A + sum(h[t-1] * grad(h[t]), t)
    dAbar[...] = np.einsum("tbij,tbij->ij", dh[1:], h[:T])
    # grad(Bbar) = sum(diag(x[t]) @ grad(h[t]), t)
    np.matmul(dh[1:].reshape(-1, n_d, n_s).transpose(1, 2, 0), x.reshape(-1, n_d).T[..., None], out=dBbar[..., None])
    # grad(Abar) = B * grad(Bbar) / A + sum(h[t-1] * grad(h[t]), t)
    np.multiply(B, dBbar, out=tmp6)
    tmp6 /= A
    dAbar += tmp6
    # grad(Abar.arg) = Abar * grad(Abar)
    np.multiply(Abar, dAbar, out=dAbar_arg)
    # grad(A) = diag(Abar.exp) @ grad(Abar.arg) - B * (Abar - 1) * grad(Bbar) / A**2
    np.multiply(dAbar_arg, Abar_exp[:, None], out=dA)
    np.square(A, out=tmp7)
    np.add(Abar, -1, out=tmp6)
    tmp6 *= B
    tmp6 *= dBbar
    tmp6 /= tmp7
    dA -= tmp6
    # grad(B) = (Abar - 1) * grad(Bbar) / A
    np.add(Abar, -1, out=dB)
    dB *= dBbar
    dB /= A
    # grad(Abar.exp[i]) = sum(A[i, j] * grad(Abar.arg[i, j]), j)
    dAbar_exp[...] = np.einsum("ij,ij->i", A, dAbar_arg)
    # grad(dtlog) = Abar.exp * grad(Abar.exp)
    np.multiply(Abar_exp, dAbar_exp, out=ddtlog)
    # grad(Alog) = -A.exp * grad(A)
    np.multiply(A_exp, dA, out=dAlog)
    np.negative(dAlog, out=dAlog)
    if "x" in wrt:
        tmp_8_0 = np.empty((T, B_, n_d), dtype)
        dx = np.empty((T, B_, n_d), dtype)
        # grad(x[t, i]) = D[i] * grad(o[t, i]) + sum(Bbar[i, j] * grad(h[t, i, j]), j)
        np.multiply(do, D, out=dx)
        np.matmul(dh[1:].reshape(-1, n_d, n_s).transpose(1, 0, 2), Bbar[..., None], out=tmp_8_0.reshape(-1, n_d).T[..., None])
        dx += tmp_8_0
    if "h0" in wrt:
        tmp_8_0 = np.empty((1,), dtype)
        tmp_8_1 = np.empty((1,), dtype)
        tmp_8_2 = np.empty((1,), dtype)
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * Abar * grad(h[t+1]) + diag(grad(o[t])) @
        #     C, t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_8_2)
        np.maximum(tmp_8_2, 0, out=tmp_8_1)
        tmp_8_0[...] = np.arange(1) // window_T == tmp_8_1 // window_T
        np.multiply(tmp_8_0[:, None, None, None], dh[1:2], out=dh[:1])
        dh[:1] *= Abar
        dh0 = np.empty((B_, n_d, n_s), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(Alog=dAlog, dtlog=ddtlog, B=dB, C=dC, D=dD)
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
        params, x, y, A, Abar, h, o, dtype, single, n_d, n_s, T, B_, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    Alog, dtlog, B, C, D = params
    window_T = _window(window, "T", ("T",), T)

    A_exp = np.empty((n_d, n_s), dtype)
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    Abar_exp = np.empty((n_d,), dtype)
    # Abar.exp = exp(dtlog)
    np.exp(dtlog, out=Abar_exp)
    tmp0 = np.empty((T, B_), dtype)
    tmp1 = np.empty((T, B_, n_d), dtype)
    tmp2 = np.empty((B_, n_d, n_s), dtype)
    tmp3 = np.empty((n_d, n_s), dtype)
    tmp4 = np.empty((n_d, n_s), dtype)
    do = np.empty((T, B_, n_d), dtype)
    # grad(o[t]) = grad(loss.sum[t]) * (2 * o[t] - 2 * y[t])
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(o, 2, out=tmp1)
    np.multiply(y, 2, out=do)
    np.subtract(tmp1, do, out=do)
    do *= tmp0[:, :, None]
    dD = np.empty((n_d,), dtype)
    # grad(D) = sum(x[t] * grad(o[t]), t)
    dD[...] = np.einsum("tbi,tbi->i", do, x)
    dC = np.empty((n_d, n_s), dtype)
    # grad(C) = sum(diag(grad(o[t])) @ h[t], t)
    np.matmul(h[1:].reshape(-1, n_d, n_s).transpose(1, 2, 0), do.reshape(-1, n_d).T[..., None], out=dC[..., None])
    dh = np.empty((T, B_, n_d, n_s), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * Abar * grad(h[t+1]) + diag(grad(o[t])) @
    #     C, t < T
    np.multiply(do[:, :, :, None], C, out=dh)
    dh_at = list(dh)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * Abar * grad(h[t+1]) + diag(grad(o[t])) @
        #     C, t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dh_at[t], out=tmp2)
        tmp2 *= Abar
        dh_at[t - 1] += tmp2
    dAbar = np.empty((n_d, n_s), dtype)
    # grad(Abar) = B * grad(Bbar) / A + sum(h[t-1] * grad(h[t]), t)
    dAbar[...] = np.einsum("tbij,tbij->ij", dh, h[:T])
    dBbar = np.empty((n_d, n_s), dtype)
    # grad(Bbar) = sum(diag(x[t]) @ grad(h[t]), t)
    np.matmul(dh.reshape(-1, n_d, n_s).transpose(1, 2, 0), x.reshape(-1, n_d).T[..., None], out=dBbar[..., None])
    # grad(Abar) = B * grad(Bbar) / A + sum(h[t-1] * grad(h[t]), t)
    np.multiply(B, dBbar, out=tmp3)
    tmp3 /= A
    dAbar += tmp3
    dAbar_arg = np.empty((n_d, n_s), dtype)
    # grad(Abar.arg) = Abar * grad(Abar)
    np.multiply(Abar, dAbar, out=dAbar_arg)
    dA = np.empty((n_d, n_s), dtype)
    # grad(A) = diag(Abar.exp) @ grad(Abar.arg) - B * (Abar - 1) * grad(Bbar) / A**2
    np.multiply(dAbar_arg, Abar_exp[:, None], out=dA)
    np.square(A, out=tmp4)
    np.add(Abar, -1, out=tmp3)
    tmp3 *= B
    tmp3 *= dBbar
    tmp3 /= tmp4
    dA -= tmp3
    dB = np.empty((n_d, n_s), dtype)
    # grad(B) = (Abar - 1) * grad(Bbar) / A
    np.add(Abar, -1, out=dB)
    dB *= dBbar
    dB /= A
    dAbar_exp = np.empty((n_d,), dtype)
    # grad(Abar.exp[i]) = sum(A[i, j] * grad(Abar.arg[i, j]), j)
    dAbar_exp[...] = np.einsum("ij,ij->i", A, dAbar_arg)
    ddtlog = np.empty((n_d,), dtype)
    # grad(dtlog) = Abar.exp * grad(Abar.exp)
    np.multiply(Abar_exp, dAbar_exp, out=ddtlog)
    dAlog = np.empty((n_d, n_s), dtype)
    # grad(Alog) = -A.exp * grad(A)
    np.multiply(A_exp, dA, out=dAlog)
    np.negative(dAlog, out=dAlog)

    return Params(Alog=dAlog, dtlog=ddtlog, B=dB, C=dC, D=dD)


def _loss_and_grad_checkpointed(params, x, y, h0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, h0, dtype, single, n_d, n_s, T, B_ = _arguments(params, x, y, h0, whole=True)
    Alog, dtlog, B, C, D = params
    wrt = _asked(wrt, ("x", "h0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        h0_kept, h_left1, dAlog, ddtlog, dB, dC, dD,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_d, n_s, B_, dtype)
    h0_kept[0] = h0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x[first:last],
            h0_kept[n],
            last - first,
            n_d,
            n_s,
            B_,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        (h0_kept[n + 1],) = found
    loss = 0.0
    for total in (h_left1, dAlog, ddtlog, dB, dC, dD):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B_, n_d), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            h_left1,
            x[first:last],
            y[first:last],
            h0_kept[n],
            last - first,
            n_d,
            n_s,
            B_,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dh0, dx_part = found
        loss += float(loss_part)
        _add_each((dAlog, ddtlog, dB, dC, dD), parts)
        h_left1[...] = dh0
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(Alog=dAlog, dtlog=ddtlog, B=dB, C=dC, D=dD)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _segment(params, h_left1, x, y, h0, T, n_d, n_s, B_, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    Alog, dtlog, B, C, D = params

    (
        tmp0, tmp1, tmp2, A_exp, A, Abar_exp, Abar_arg, Abar, Bbar, h, h_at, o, tmp3, tmp4, tmp5, do, dD, dC, dh, dh_at,
        dAbar, dBbar, dAbar_arg, dA, dB, dAbar_exp, ddtlog, dAlog, dh0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_d, n_s, B_, dtype)
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    # Abar.exp = exp(dtlog)
    np.exp(dtlog, out=Abar_exp)
    # Abar.arg = diag(Abar.exp) @ A
    np.multiply(A, Abar_exp[:, None], out=Abar_arg)
    # Abar[d, n] = exp(exp(dtlog[d]) * A[d, n])
    np.exp(Abar_arg, out=Abar)
    # Bbar[d, n] = (Abar[d, n] - 1) / A[d, n] * B[d, n]
    np.add(Abar, -1, out=Bbar)
    Bbar *= B
    Bbar /= A
    # h[0, d, n] = 0
    h[0] = h0
    # h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]
    np.multiply(x[:, :, :, None], Bbar, out=h[1:])
    for t in range(1, T + 1):
        # h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]
        np.multiply(h_at[t - 1], Abar, out=tmp0)
        h_at[t] += tmp0
    # o[t, d] = sum(C[d, n] * h[t, d, n], n) + D[d] * x[t, d]
    np.matmul(h[1:].reshape(-1, n_d, n_s).transpose(1, 0, 2), C[..., None], out=o.reshape(-1, n_d).T[..., None])
    np.multiply(x, D, out=tmp1)
    o += tmp1
    # loss = sum(sum((y[t] - o[t])**2), t)
    np.subtract(y, o, out=tmp2)
    np.square(tmp2, out=tmp1)
    loss = tmp1.sum()
    # grad(o[t]) = 2 * o[t] - 2 * y[t]
    np.multiply(y, -2, out=do)
    np.multiply(o, 2, out=tmp1)
    do += tmp1
    # grad(D) = sum(x[t] * grad(o[t]), t)
    dD[...] = np.einsum("tbi,tbi->i", do, x)
    # grad(C) = sum(diag(grad(o[t])) @ h[t], t)
    np.matmul(h[1:].reshape(-1, n_d, n_s).transpose(1, 2, 0), do.reshape(-1, n_d).T[..., None], out=dC[..., None])
    dh.fill(0)
    # grad(h[t]) = Abar * grad(h[t+1]) + diag(grad(o[t])) @ C, t < T
    np.multiply(do[:, :, :, None], C, out=tmp3)
    dh[1:] += tmp3
    # grad(h[T]) = h.left1 + diag(grad(o[T])) @ C
    dh[T] += h_left1
    for t in range(T - 1, -1, -1):
        # grad(h[t]) = Abar * grad(h[t+1]) + diag(grad(o[t])) @ C, t < T
        np.multiply(dh_at[t + 1], Abar, out=tmp0)
        dh_at[t] += tmp0
    # grad(Abar) = B * grad(Bbar) / A + sum(h[t-1] * grad(h[t]), t)
    dAbar[...] = np.einsum("tbij,tbij->ij", dh[1:], h[:T])
    # grad(Bbar) = sum(diag(x[t]) @ grad(h[t]), t)
    np.matmul(dh[1:].reshape(-1, n_d, n_s).transpose(1, 2, 0), x.reshape(-1, n_d).T[..., None], out=dBbar[..., None])
    # grad(Abar) = B * grad(Bbar) / A + sum(h[t-1] * grad(h[t]), t)
    np.multiply(B, dBbar, out=tmp4)
    tmp4 /= A
    dAbar += tmp4
    # grad(Abar.arg) = Abar * grad(Abar)
    np.multiply(Abar, dAbar, out=dAbar_arg)
    # grad(A) = diag(Abar.exp) @ grad(Abar.arg) - B * (Abar - 1) * grad(Bbar) / A**2
    np.multiply(dAbar_arg, Abar_exp[:, None], out=dA)
    np.square(A, out=tmp5)
    np.add(Abar, -1, out=tmp4)
    tmp4 *= B
    tmp4 *= dBbar
    tmp4 /= tmp5
    dA -= tmp4
    # grad(B) = (Abar - 1) * grad(Bbar) / A
    np.add(Abar, -1, out=dB)
    dB *= dBbar
    dB /= A
    # grad(Abar.exp[i]) = sum(A[i, j] * grad(Abar.arg[i, j]), j)
    dAbar_exp[...] = np.einsum("ij,ij->i", A, dAbar_arg)
    # grad(dtlog) = Abar.exp * grad(Abar.exp)
    np.multiply(Abar_exp, dAbar_exp, out=ddtlog)
    # grad(Alog) = -A.exp * grad(A)
    np.multiply(A_exp, dA, out=dAlog)
    np.negative(dAlog, out=dAlog)
    # grad(h.0) = grad(h[0])
    dh0[...] = dh[0]
    if "x" in wrt:
        tmp_6_0 = np.empty((T, B_, n_d), dtype)
        dx = np.empty((T, B_, n_d), dtype)
        # grad(x[t, i]) = D[i] * grad(o[t, i]) + sum(Bbar[i, j] * grad(h[t, i, j]), j)
        np.multiply(do, D, out=dx)
        np.matmul(dh[1:].reshape(-1, n_d, n_s).transpose(1, 0, 2), Bbar[..., None], out=tmp_6_0.reshape(-1, n_d).T[..., None])
        dx += tmp_6_0

    return loss, (dAlog, ddtlog, dB, dC, dD), dh0, dx if "x" in wrt else None


def _advance(params, x, h0, T, n_d, n_s, B_, dtype, workspace):
    """The state after a segment."""
    Alog, dtlog, B, C, D = params

    (
        tmp0, A_exp, A, Abar_exp, Abar_arg, Abar, Bbar, h, h_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_d, n_s, B_, dtype)
    # A.exp = exp(Alog)
    np.exp(Alog, out=A_exp)
    # A[d, n] = -exp(Alog[d, n])
    np.negative(A_exp, out=A)
    # Abar.exp = exp(dtlog)
    np.exp(dtlog, out=Abar_exp)
    # Abar.arg = diag(Abar.exp) @ A
    np.multiply(A, Abar_exp[:, None], out=Abar_arg)
    # Abar[d, n] = exp(exp(dtlog[d]) * A[d, n])
    np.exp(Abar_arg, out=Abar)
    # Bbar[d, n] = (Abar[d, n] - 1) / A[d, n] * B[d, n]
    np.add(Abar, -1, out=Bbar)
    Bbar *= B
    Bbar /= A
    # h[0, d, n] = 0
    h[0] = h0
    # h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]
    np.multiply(x[:, :, :, None], Bbar, out=h[1:])
    for t in range(1, T + 1):
        # h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]
        np.multiply(h_at[t - 1], Abar, out=tmp0)
        h_at[t] += tmp0

    return (h[-1],)


def _loss_arrays(T, n_d, n_s, B_, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B_, n_d, n_s), dtype)
    tmp1 = np.empty((T, B_, n_d), dtype)
    o = np.empty((T, B_, n_d), dtype)
    tmp2 = o
    A_exp = np.empty((n_d, n_s), dtype)
    A = A_exp
    Abar_exp = np.empty((n_d,), dtype)
    Abar_arg = np.empty((n_d, n_s), dtype)
    Abar = Abar_arg
    Bbar = np.empty((n_d, n_s), dtype)
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    h_at = list(h)
    return tmp0, tmp1, o, tmp2, A_exp, A, Abar_exp, Abar_arg, Abar, Bbar, h, h_at


def _loss_and_grad_arrays(T, n_d, n_s, B_, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B_, n_d, n_s), dtype)
    tmp1 = np.empty((T, B_, n_d), dtype)
    tmp2 = np.empty((T, B_, n_d), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    A = np.empty((n_d, n_s), dtype)
    Abar_exp = np.empty((n_d,), dtype)
    Abar_arg = np.empty((n_d, n_s), dtype)
    Abar = Abar_arg
    Bbar = np.empty((n_d, n_s), dtype)
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    h_at = list(h)
    o = np.empty((T, B_, n_d), dtype)
    tmp3 = np.empty((n_d, n_s), dtype)
    tmp4 = np.empty((n_d, n_s), dtype)
    do = tmp2
    dD = np.empty((n_d,), dtype)
    dC = np.empty((n_d, n_s), dtype)
    dh = np.empty((T + 1, B_, n_d, n_s), dtype)
    dh_at = list(dh)
    dAbar = np.empty((n_d, n_s), dtype)
    dBbar = np.empty((n_d, n_s), dtype)
    dAbar_arg = dAbar
    dA = np.empty((n_d, n_s), dtype)
    dB = tmp3
    dAbar_exp = np.empty((n_d,), dtype)
    ddtlog = dAbar_exp
    dAlog = dA
    return (
        tmp0, tmp1, tmp2, A_exp, A, Abar_exp, Abar_arg, Abar, Bbar, h, h_at, o, tmp3, tmp4, do, dD, dC, dh, dh_at,
        dAbar, dBbar, dAbar_arg, dA, dB, dAbar_exp, ddtlog, dAlog,
    )


def _loss_padded_arrays(T, n_d, n_s, B_, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B_, n_d, n_s), dtype)
    tmp1 = np.empty((B_, n_d, n_s), dtype)
    tmp2 = np.empty((T, B_, n_d), dtype)
    o = np.empty((T, B_, n_d), dtype)
    tmp3 = o
    tmp4 = np.empty((B_, T), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    A = A_exp
    Abar_exp = np.empty((n_d,), dtype)
    Abar_arg = np.empty((n_d, n_s), dtype)
    Abar = Abar_arg
    Bbar = np.empty((n_d, n_s), dtype)
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    h_at = list(h)
    loss_sum = np.empty((T, B_), dtype)
    return tmp0, tmp1, tmp2, o, tmp3, tmp4, A_exp, A, Abar_exp, Abar_arg, Abar, Bbar, h, h_at, loss_sum


def _loss_and_grad_padded_arrays(T, n_d, n_s, B_, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B_, n_d, n_s), dtype)
    tmp1 = np.empty((B_, n_d, n_s), dtype)
    tmp2 = np.empty((T, B_, n_d), dtype)
    tmp3 = np.empty((T, B_, n_d), dtype)
    tmp4 = np.empty((B_, T), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    A = np.empty((n_d, n_s), dtype)
    Abar_exp = np.empty((n_d,), dtype)
    Abar_arg = np.empty((n_d, n_s), dtype)
    Abar = Abar_arg
    Bbar = np.empty((n_d, n_s), dtype)
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    h_at = list(h)
    o = np.empty((T, B_, n_d), dtype)
    loss_sum = np.empty((T, B_), dtype)
    tmp5 = loss_sum
    tmp6 = np.empty((n_d, n_s), dtype)
    tmp7 = np.empty((n_d, n_s), dtype)
    do = o
    dD = np.empty((n_d,), dtype)
    dC = np.empty((n_d, n_s), dtype)
    dh = np.empty((T + 1, B_, n_d, n_s), dtype)
    dh_at = list(dh)
    dAbar = np.empty((n_d, n_s), dtype)
    dBbar = np.empty((n_d, n_s), dtype)
    dAbar_arg = dAbar
    dA = np.empty((n_d, n_s), dtype)
    dB = tmp6
    dAbar_exp = np.empty((n_d,), dtype)
    ddtlog = dAbar_exp
    dAlog = dA
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, A_exp, A, Abar_exp, Abar_arg, Abar, Bbar, h, h_at, o, loss_sum, tmp5, tmp6, tmp7,
        do, dD, dC, dh, dh_at, dAbar, dBbar, dAbar_arg, dA, dB, dAbar_exp, ddtlog, dAlog,
    )


def _loss_and_grad_checkpointed_arrays(count, n_d, n_s, B_, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    h0_kept = np.empty((count, B_, n_d, n_s), dtype)
    h_left1 = np.empty((B_, n_d, n_s), dtype)
    dAlog = np.empty((n_d, n_s), dtype)
    ddtlog = np.empty((n_d,), dtype)
    dB = np.empty((n_d, n_s), dtype)
    dC = np.empty((n_d, n_s), dtype)
    dD = np.empty((n_d,), dtype)
    return h0_kept, h_left1, dAlog, ddtlog, dB, dC, dD


def _segment_arrays(T, n_d, n_s, B_, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((B_, n_d, n_s), dtype)
    tmp1 = np.empty((T, B_, n_d), dtype)
    tmp2 = np.empty((T, B_, n_d), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    A = np.empty((n_d, n_s), dtype)
    Abar_exp = np.empty((n_d,), dtype)
    Abar_arg = np.empty((n_d, n_s), dtype)
    Abar = Abar_arg
    Bbar = np.empty((n_d, n_s), dtype)
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    h_at = list(h)
    o = np.empty((T, B_, n_d), dtype)
    tmp3 = np.empty((T, B_, n_d, n_s), dtype)
    tmp4 = np.empty((n_d, n_s), dtype)
    tmp5 = np.empty((n_d, n_s), dtype)
    do = tmp2
    dD = np.empty((n_d,), dtype)
    dC = np.empty((n_d, n_s), dtype)
    dh = np.empty((T + 1, B_, n_d, n_s), dtype)
    dh_at = list(dh)
    dAbar = np.empty((n_d, n_s), dtype)
    dBbar = np.empty((n_d, n_s), dtype)
    dAbar_arg = dAbar
    dA = np.empty((n_d, n_s), dtype)
    dB = tmp4
    dAbar_exp = np.empty((n_d,), dtype)
    ddtlog = dAbar_exp
    dAlog = dA
    dh0 = tmp0
    return (
        tmp0, tmp1, tmp2, A_exp, A, Abar_exp, Abar_arg, Abar, Bbar, h, h_at, o, tmp3, tmp4, tmp5, do, dD, dC, dh, dh_at,
        dAbar, dBbar, dAbar_arg, dA, dB, dAbar_exp, ddtlog, dAlog, dh0,
    )


def _advance_arrays(T, n_d, n_s, B_, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((B_, n_d, n_s), dtype)
    A_exp = np.empty((n_d, n_s), dtype)
    A = A_exp
    Abar_exp = np.empty((n_d,), dtype)
    Abar_arg = np.empty((n_d, n_s), dtype)
    Abar = Abar_arg
    Bbar = np.empty((n_d, n_s), dtype)
    h = np.empty((T + 1, B_, n_d, n_s), dtype)
    h_at = list(h)
    return tmp0, A_exp, A, Abar_exp, Abar_arg, Abar, Bbar, h, h_at


def _arguments(params, x, y, h0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_d, n_s = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_d"), single)
    B_ = 1 if single else x.shape[1]
    batch_axis = () if single else (B_,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_d), ("T", "B", "n_d"), "n_d from Alog")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _real("y", y, dtype)
        _expect("y", y, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T and B from x, n_d from Alog")
        if single:
            y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B_, n_d, n_s), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_d, n_s), ("B", "n_d", "n_s"), "B from x, n_d and n_s from Alog")
        if single:
            h0 = h0[None]
    return params, x, y, h0, dtype, single, n_d, n_s, T, B_


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_d, n_s = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    A = _real("forward.A", forward.A, dtype)
    Abar = _real("forward.Abar", forward.Abar, dtype)
    h = _real("forward.h", forward.h, dtype)
    o = _real("forward.o", forward.o, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_d"), single)
    B_ = 1 if single else x.shape[1]
    batch_axis = () if single else (B_,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_d), ("T", "B", "n_d"), "n_d from Alog")
    _expect("y", y, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T and B from x, n_d from Alog")
    _expect("forward.A", A, (n_d, n_s), ("n_d", "n_s"), "n_d and n_s from Alog")
    _expect("forward.Abar", Abar, (n_d, n_s), ("n_d", "n_s"), "n_d and n_s from Alog")
    _expect(
        "forward.h",
        h,
        (T + 1, *batch_axis, n_d, n_s),
        ("T + 1", "B", "n_d", "n_s"),
        "T and B from x, n_d and n_s from Alog",
    )
    _expect("forward.o", o, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T and B from x, n_d from Alog")
    if single:
        x = x[:, None]
        y = y[:, None]
        h = h[:, None]
        o = o[:, None]
    return params, x, y, A, Abar, h, o, dtype, single, n_d, n_s, T, B_


def _initial_arguments(params, h0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_d, n_s = _parameters(params)
    single = batch is None
    B_ = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B_,)
    if h0 is None:
        h0 = np.zeros((B_, n_d, n_s), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_d, n_s), ("B", "n_d", "n_s"), "B from batch, n_d and n_s from Alog")
        if single:
            h0 = h0[None]
    return params, h0, dtype, single, n_d, n_s, B_


def _step_arguments(params, state, x):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_d, n_s = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    h_prev = _real("state.h", state.h, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_d"), single)
    B_ = 1 if single else x.shape[0]
    batch_axis = () if single else (B_,)
    _expect("x", x, (*batch_axis, n_d), ("B", "n_d"), "n_d from Alog")
    _expect("state.h", h_prev, (*batch_axis, n_d, n_s), ("B", "n_d", "n_s"), "B from x, n_d and n_s from Alog")
    if single:
        x = x[None]
        h_prev = h_prev[None]
    return params, x, h_prev, dtype, single, n_d, n_s, B_


def _padded_arguments(params, x, y, h0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_d, n_s = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_d"), single)
    B_ = 1 if single else x.shape[1]
    batch_axis = () if single else (B_,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_d), ("T", "B", "n_d"), "n_d from Alog")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _real("y", y, dtype)
        _expect("y", y, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T and B from x, n_d from Alog")
        if single:
            y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B_, n_d, n_s), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_d, n_s), ("B", "n_d", "n_s"), "B from x, n_d and n_s from Alog")
        if single:
            h0 = h0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B_, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
    return params, x, y, h0, dtype, single, n_d, n_s, T, B_, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_d, n_s = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _real("y", y, dtype)
    A = _real("forward.A", forward.A, dtype)
    Abar = _real("forward.Abar", forward.Abar, dtype)
    h = _real("forward.h", forward.h, dtype)
    o = _real("forward.o", forward.o, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_d"), single)
    B_ = 1 if single else x.shape[1]
    batch_axis = () if single else (B_,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_d), ("T", "B", "n_d"), "n_d from Alog")
    _expect("y", y, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T and B from x, n_d from Alog")
    _expect("forward.A", A, (n_d, n_s), ("n_d", "n_s"), "n_d and n_s from Alog")
    _expect("forward.Abar", Abar, (n_d, n_s), ("n_d", "n_s"), "n_d and n_s from Alog")
    _expect(
        "forward.h",
        h,
        (T + 1, *batch_axis, n_d, n_s),
        ("T + 1", "B", "n_d", "n_s"),
        "T and B from x, n_d and n_s from Alog",
    )
    _expect("forward.o", o, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T and B from x, n_d from Alog")
    if single:
        x = x[:, None]
        y = y[:, None]
        h = h[:, None]
        o = o[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B_, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    return params, x, y, A, Abar, h, o, dtype, single, n_d, n_s, T, B_, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    Alog, dtlog, B, C, D = params
    _rank("Alog", Alog, ("n_d", "n_s"))
    n_d, n_s = Alog.shape
    _expect("dtlog", dtlog, (n_d,), ("n_d",), "n_d from Alog")
    _expect("B", B, (n_d, n_s), ("n_d", "n_s"), "n_d and n_s from Alog")
    _expect("C", C, (n_d, n_s), ("n_d", "n_s"), "n_d and n_s from Alog")
    _expect("D", D, (n_d,), ("n_d",), "n_d from Alog")
    return params, dtype, n_d, n_s


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
