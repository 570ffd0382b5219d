# Written by derive from transducer.eq; do not edit.
# Change transducer.eq instead, and run: derive generate transducer
# source b2cbdb7ea5141bcf, derive 07e8f9d843407be1, body 1429ecbc9c2583d0
"""RNN transducer: one network reads, another writes, and all ways of interleaving the two are summed over a grid.

Graves (2012), Sequence Transduction with Recurrent Neural Networks, section 2.4, in log space. Class 0 is the blank: it
moves one step on in what is read; any other class moves one step on in what is written. Both
networks run in one direction.

The equations::

    x: Input[T, n_x]          # the sequence to read
    y: Label[S, n_y]          # the sequence to write
    U: Param[n_h, n_x]        # transcription network: input to hidden
    W: Param[n_h, n_h]        # transcription network: hidden to hidden
    b: Param[n_h]
    F: Param[n_g, n_y]        # prediction network: label before to hidden
    R: Param[n_g, n_g]        # prediction network: hidden to hidden
    r: Param[n_g]
    P: Param[n_y, n_h]        # transcription network to output
    Q: Param[n_y, n_g]        # prediction network to output
    c: Param[n_y]

    h[0] = 0
    h[t] = tanh(b + W @ h[t-1] + U @ x[t])
    g[0] = tanh(r)
    g[s] = tanh(r + R @ g[s-1] + F[:, y[s]])
    l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])           # what may come after t steps and s labels

    alpha[1, 0] = 0
    alpha[t, 0] = alpha[t-1, 0] + l[t-1, 0, 0]
    alpha[1, s] = alpha[1, s-1] + l[1, s-1, y[s]]
    alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
    loss = -alpha[T, S] - l[T, S, 0]
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    U: np.ndarray  # (n_h, n_x)  transcription network: input to hidden
    W: np.ndarray  # (n_h, n_h)  transcription network: hidden to hidden
    b: np.ndarray  # (n_h)
    F: np.ndarray  # (n_g, n_y)  prediction network: label before to hidden
    R: np.ndarray  # (n_g, n_g)  prediction network: hidden to hidden
    r: np.ndarray  # (n_g)
    P: np.ndarray  # (n_y, n_h)  transcription network to output
    Q: np.ndarray  # (n_y, n_g)  prediction network to output
    c: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    h: np.ndarray  # (T + 1, B, n_h)
    g: np.ndarray  # (S + 1, B, n_g)
    l: np.ndarray  # (T, S + 1, B, n_y)  what may come after t steps and s labels
    alpha: np.ndarray  # (T, S + 1, B)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    h: np.ndarray  # (B, n_h)
    l: np.ndarray  # (S + 1, B, n_y)  what may come after t steps and s labels
    alpha: np.ndarray  # (S + 1, B)
    t: int  # steps so far


class Outputs(NamedTuple):
    """The variables at one step."""

    h: np.ndarray  # (B, n_h)
    l: np.ndarray  # (S + 1, B, n_y)  what may come after t steps and s labels
    alpha: np.ndarray  # (S + 1, B)


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
    rng: np.random.Generator, *, n_h: int, n_x: int, n_g: int, n_y: int, dtype: type = np.float64
) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_h = _size("n_h", n_h)
    n_x = _size("n_x", n_x)
    n_g = _size("n_g", n_g)
    n_y = _size("n_y", n_y)
    return Params(
        U=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b=np.zeros((n_h,), dtype),
        F=(rng.standard_normal((n_g, n_y)) / np.sqrt(n_y)).astype(dtype),
        R=(rng.standard_normal((n_g, n_g)) / np.sqrt(n_g)).astype(dtype),
        r=np.zeros((n_g,), dtype),
        P=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        Q=(rng.standard_normal((n_y, n_g)) / np.sqrt(n_g)).astype(dtype),
        c=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real         the sequence to read
    y        (S, B)       0..n_y - 1   the sequence to write
    h0       (B, n_h)     real         h[0]; 0 where not given
    lengths               by sequence  each example's own number of steps, what is given beyond is not read; all where
                                       not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, x, y, h0, lengths)
    params, x, y, h0, dtype, single, n_h, n_x, n_g, n_y, T, S, B = _arguments(params, x, y, h0)
    U, W, b, F, R, r, P, Q, c = params

    tmp0 = np.empty((S, B, n_g), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((n_g,), dtype)
    tmp3 = np.empty((B, n_y), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, n_g), dtype)
    tmp6 = np.empty((T, S, B, n_y), dtype)
    tmp7 = np.empty((T, B), dtype)
    tmp8 = np.empty((T, S, B), dtype)
    tmp9 = np.empty((B, 2), dtype)
    tmp10 = np.empty((B,), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    g_arg = np.empty((S, B, n_g), dtype)
    # g.arg[s] = r + R @ g[s-1] + F[:, y[s]]
    g_arg[...] = r
    tmp0[...] = F[:, y].transpose(1, 2, 0)
    g_arg += tmp0
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
        # h[t] = tanh(b + W @ h[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=h_at[t])
    l_arg = np.empty((T, B, n_y), dtype)
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg.reshape(-1, n_y))
    g = np.empty((S + 1, B, n_g), dtype)
    # g[0] = tanh(r)
    np.tanh(r, out=tmp2)
    g[0] = tmp2
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    np.matmul(g[0], Q.T, out=tmp3)
    l_arg += tmp3
    l_arg += c
    l_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    _logsumexp(l_arg, 2, out=l_lse, work=tmp4, largest=largest)
    l_arg2_part = np.empty((T, B, n_y), dtype)
    # l.arg2.part[t] = P @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg2_part.reshape(-1, n_y))
    R_T = np.empty((n_g, n_g), dtype)
    R_T[...] = R.T
    g_at = list(g)
    g_arg_at = list(g_arg)
    for s in range(1, S + 1):
        # g.arg[s] = r + R @ g[s-1] + F[:, y[s]]
        g_at[s - 1].dot(R_T, out=tmp5)
        g_arg_at[s - 1] += tmp5
        # g[s] = tanh(r + R @ g[s-1] + F[:, y[s]])
        np.tanh(g_arg_at[s - 1], out=g_at[s])
    l_arg2_part2 = np.empty((S, B, n_y), dtype)
    # l.arg2.part2[s] = Q @ g[s]
    np.matmul(g[1:].reshape(-1, n_g), Q.T, out=l_arg2_part2.reshape(-1, n_y))
    l_arg2 = np.empty((T, S, B, n_y), dtype)
    # l.arg2[t, s] = c + l.arg2.part[t] + l.arg2.part2[s]
    l_arg2[...] = c
    l_arg2 += l_arg2_part[:, None]
    l_arg2 += l_arg2_part2
    l_lse2 = np.empty((T, S, B), dtype)
    largest2 = np.empty((T, S, B, 1), dtype)
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    _logsumexp(l_arg2, 3, out=l_lse2, work=tmp6, largest=largest2)
    l = np.empty((T, S + 1, B, n_y), dtype)
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    np.negative(l_lse, out=tmp7)
    l[:, 0] = tmp7[:, :, None]
    l[:, 0] += l_arg
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    np.negative(l_lse2, out=tmp8)
    l[:, 1:] = tmp8[:, :, :, None]
    l[:, 1:] += l_arg2
    alpha = np.empty((T, S + 1, B), dtype)
    # alpha[1, 0] = 0
    alpha[0, 0] = 0
    # alpha[t, 0] = alpha[t-1, 0] + l[t-1, 0, 0]
    alpha[1:, 0] = l[:T - 1, 0, :, 0]
    alpha_at = list(alpha[:, 0])
    for t in range(2, T + 1):
        # alpha[t, 0] = alpha[t-1, 0] + l[t-1, 0, 0]
        alpha_at[t - 1] += alpha_at[t - 2]
    # alpha[1, s] = alpha[1, s-1] + l[1, s-1, y[s]]
    alpha[0, 1:] = l[0][np.arange(S)[:, None], np.arange(B), y]
    alpha_at2 = list(alpha[0])
    for s in range(1, S + 1):
        # alpha[1, s] = alpha[1, s-1] + l[1, s-1, y[s]]
        alpha_at2[s] += alpha_at2[s - 1]
    alpha_concat = np.empty((T - 1, S, B, 2), dtype)
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
    alpha_concat[:, :, :, :1] = l[:T - 1, 1:, :, 0][:, :, :, None]
    alpha_concat[:, :, :, 1:] = l[1:, np.arange(S)[:, None], np.arange(B), y][:, :, :, None]
    alpha_lse = np.empty((T - 1, S, B), dtype)
    alpha_concat_at = list(alpha_concat[:, :, :, :1])
    alpha_at3 = list(alpha[:, 1:])
    largest3 = np.empty((B, 1), dtype)
    for t in range(2, T + 1):
        # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
        alpha_concat_at[t - 2] += alpha_at3[t - 2][:, :, None]
        for s in range(1, S + 1):
            # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
            alpha_concat[t - 2, s - 1, :, 1:] += alpha[t - 1, s - 1][:, None]
            _logsumexp(alpha_concat[t - 2, s - 1], 1, out=alpha_lse[t - 2, s - 1], work=tmp9, largest=largest3)
            alpha[t - 1, s] = alpha_lse[t - 2, s - 1]
    # loss = -alpha[T, S] - l[T, S, 0]
    np.add(alpha[T - 1, S], l[T - 1, S, :, 0], out=tmp10)
    np.negative(tmp10, out=tmp10)
    loss = tmp10.sum()

    if single:
        h = h[:, 0]
        g = g[:, 0]
        l = l[:, :, 0]
        alpha = alpha[:, :, 0]
    return Forward(h=h, g=g, l=l, alpha=alpha, loss=float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real         the sequence to read
    y          (S, B)       0..n_y - 1   the sequence to write
    h0         (B, n_h)     real         h[0]; 0 where not given
    workspace               Workspace    its arrays are used, and hold the results until its next call
    lengths                 by sequence  each example's own number of steps, what is given beyond is not read; all where
                                         not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, x, y, h0, lengths, workspace)
    params, x, y, h0, dtype, single, n_h, n_x, n_g, n_y, T, S, B = _arguments(params, x, y, h0)
    U, W, b, F, R, r, P, Q, c = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, l_lse, tmp7, l_lse2, tmp8, tmp9, tmp10, h_arg, g_arg, h, W_T, h_at,
        h_arg_at, l_arg, g, largest, l_arg2_part, R_T, g_at, g_arg_at, l_arg2_part2, l_arg2, largest2, l, alpha,
        alpha_at, alpha_at2, alpha_concat, alpha_lse, alpha_concat_at, alpha_at3, largest3,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, S, n_y, n_h, n_g, B, dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # g.arg[s] = r + R @ g[s-1] + F[:, y[s]]
    g_arg[...] = r
    tmp0[...] = F[:, y].transpose(1, 2, 0)
    g_arg += tmp0
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = tanh(b + W @ h[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=h_at[t])
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg.reshape(-1, n_y))
    # g[0] = tanh(r)
    np.tanh(r, out=tmp2)
    g[0] = tmp2
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    np.matmul(g[0], Q.T, out=tmp3)
    l_arg += tmp3
    l_arg += c
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    _logsumexp(l_arg, 2, out=l_lse, work=tmp4, largest=largest)
    # l.arg2.part[t] = P @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg2_part.reshape(-1, n_y))
    R_T[...] = R.T
    for s in range(1, S + 1):
        # g.arg[s] = r + R @ g[s-1] + F[:, y[s]]
        g_at[s - 1].dot(R_T, out=tmp5)
        g_arg_at[s - 1] += tmp5
        # g[s] = tanh(r + R @ g[s-1] + F[:, y[s]])
        np.tanh(g_arg_at[s - 1], out=g_at[s])
    # l.arg2.part2[s] = Q @ g[s]
    np.matmul(g[1:].reshape(-1, n_g), Q.T, out=l_arg2_part2.reshape(-1, n_y))
    # l.arg2[t, s] = c + l.arg2.part[t] + l.arg2.part2[s]
    l_arg2[...] = c
    l_arg2 += l_arg2_part[:, None]
    l_arg2 += l_arg2_part2
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    _logsumexp(l_arg2, 3, out=l_lse2, work=tmp6, largest=largest2)
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    np.negative(l_lse, out=tmp7)
    l[:, 0] = tmp7[:, :, None]
    l[:, 0] += l_arg
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    np.negative(l_lse2, out=tmp8)
    l[:, 1:] = tmp8[:, :, :, None]
    l[:, 1:] += l_arg2
    # alpha[1, 0] = 0
    alpha[0, 0] = 0
    # alpha[t, 0] = alpha[t-1, 0] + l[t-1, 0, 0]
    alpha[1:, 0] = l[:T - 1, 0, :, 0]
    for t in range(2, T + 1):
        # alpha[t, 0] = alpha[t-1, 0] + l[t-1, 0, 0]
        alpha_at[t - 1] += alpha_at[t - 2]
    # alpha[1, s] = alpha[1, s-1] + l[1, s-1, y[s]]
    alpha[0, 1:] = l[0][np.arange(S)[:, None], np.arange(B), y]
    for s in range(1, S + 1):
        # alpha[1, s] = alpha[1, s-1] + l[1, s-1, y[s]]
        alpha_at2[s] += alpha_at2[s - 1]
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
    alpha_concat[:, :, :, :1] = l[:T - 1, 1:, :, 0][:, :, :, None]
    alpha_concat[:, :, :, 1:] = l[1:, np.arange(S)[:, None], np.arange(B), y][:, :, :, None]
    for t in range(2, T + 1):
        # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
        alpha_concat_at[t - 2] += alpha_at3[t - 2][:, :, None]
        for s in range(1, S + 1):
            # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
            alpha_concat[t - 2, s - 1, :, 1:] += alpha[t - 1, s - 1][:, None]
            _logsumexp(alpha_concat[t - 2, s - 1], 1, out=alpha_lse[t - 2, s - 1], work=tmp9, largest=largest3)
            alpha[t - 1, s] = alpha_lse[t - 2, s - 1]
    # loss = -alpha[T, S] - l[T, S, 0]
    np.add(alpha[T - 1, S], l[T - 1, S, :, 0], out=tmp10)
    np.negative(tmp10, out=tmp10)
    loss = tmp10.sum()

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
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x          (T, B, n_x)  real               the sequence to read
    y          (S, B)       0..n_y - 1         the sequence to write
    h0         (B, n_h)     real               h[0]; 0 where not given
    workspace               Workspace          its arrays are used, and hold the results until its next call
    lengths                 by sequence        each example's own number of steps, what is given beyond is not read; all
                                               where not given
    window                  whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it,
                                               values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, h0, lengths, wrt, workspace, window)
    params, x, y, h0, dtype, single, n_h, n_x, n_g, n_y, T, S, B = _arguments(params, x, y, h0)
    U, W, b, F, R, r, P, Q, c = params
    wrt = _asked(wrt, ("x", "h0"))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, h_arg, g_arg, h, W_T, h_at, h_arg_at, l_arg,
        g, l_lse, largest, l_arg2_part, R_T, g_at, g_arg_at, l_arg2_part2, l_arg2, l_lse2, largest2, l, alpha, alpha_at,
        alpha_at2, alpha_concat, alpha_lse, alpha_concat_at, alpha_at3, largest3, tmp11, tmp12, tmp13, tmp14, tmp15,
        tmp16, tmp17, tmp18, tmp19, dalpha, dl, dalpha_concat, dalpha_at, dalpha_concat_at, dalpha_at2,
        alpha_concat_at2, alpha_lse_at, dalpha_concat_at2, dalpha_at3, dalpha_concat_at3, dalpha_at4, dalpha_at5,
        dl_lse2, dl_arg2, dc, dl_arg2_sum, dP, dl_arg2_sum2, dQ, dl_lse, dl_arg, g_arg_factor, dg, dg_arg, dg_arg_at,
        dg_at, g_arg_factor_at, dr, dR, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at, db, dU, dW, dF,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, S, n_y, n_h, n_g, B, dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # g.arg[s] = r + R @ g[s-1] + F[:, y[s]]
    g_arg[...] = r
    tmp0[...] = F[:, y].transpose(1, 2, 0)
    g_arg += tmp0
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = tanh(b + W @ h[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=h_at[t])
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg.reshape(-1, n_y))
    # g[0] = tanh(r)
    np.tanh(r, out=tmp2)
    g[0] = tmp2
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    np.matmul(g[0], Q.T, out=tmp3)
    l_arg += tmp3
    l_arg += c
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    _logsumexp(l_arg, 2, out=l_lse, work=tmp4, largest=largest)
    # l.arg2.part[t] = P @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg2_part.reshape(-1, n_y))
    R_T[...] = R.T
    for s in range(1, S + 1):
        # g.arg[s] = r + R @ g[s-1] + F[:, y[s]]
        g_at[s - 1].dot(R_T, out=tmp5)
        g_arg_at[s - 1] += tmp5
        # g[s] = tanh(r + R @ g[s-1] + F[:, y[s]])
        np.tanh(g_arg_at[s - 1], out=g_at[s])
    # l.arg2.part2[s] = Q @ g[s]
    np.matmul(g[1:].reshape(-1, n_g), Q.T, out=l_arg2_part2.reshape(-1, n_y))
    # l.arg2[t, s] = c + l.arg2.part[t] + l.arg2.part2[s]
    l_arg2[...] = c
    l_arg2 += l_arg2_part[:, None]
    l_arg2 += l_arg2_part2
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    _logsumexp(l_arg2, 3, out=l_lse2, work=tmp6, largest=largest2)
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    np.negative(l_lse, out=tmp7)
    l[:, 0] = tmp7[:, :, None]
    l[:, 0] += l_arg
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    np.negative(l_lse2, out=tmp8)
    l[:, 1:] = tmp8[:, :, :, None]
    l[:, 1:] += l_arg2
    # alpha[1, 0] = 0
    alpha[0, 0] = 0
    # alpha[t, 0] = alpha[t-1, 0] + l[t-1, 0, 0]
    alpha[1:, 0] = l[:T - 1, 0, :, 0]
    for t in range(2, T + 1):
        # alpha[t, 0] = alpha[t-1, 0] + l[t-1, 0, 0]
        alpha_at[t - 1] += alpha_at[t - 2]
    # alpha[1, s] = alpha[1, s-1] + l[1, s-1, y[s]]
    alpha[0, 1:] = l[0][np.arange(S)[:, None], np.arange(B), y]
    for s in range(1, S + 1):
        # alpha[1, s] = alpha[1, s-1] + l[1, s-1, y[s]]
        alpha_at2[s] += alpha_at2[s - 1]
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
    alpha_concat[:, :, :, :1] = l[:T - 1, 1:, :, 0][:, :, :, None]
    alpha_concat[:, :, :, 1:] = l[1:, np.arange(S)[:, None], np.arange(B), y][:, :, :, None]
    for t in range(2, T + 1):
        # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
        alpha_concat_at[t - 2] += alpha_at3[t - 2][:, :, None]
        for s in range(1, S + 1):
            # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
            alpha_concat[t - 2, s - 1, :, 1:] += alpha[t - 1, s - 1][:, None]
            _logsumexp(alpha_concat[t - 2, s - 1], 1, out=alpha_lse[t - 2, s - 1], work=tmp9, largest=largest3)
            alpha[t - 1, s] = alpha_lse[t - 2, s - 1]
    # loss = -alpha[T, S] - l[T, S, 0]
    np.add(alpha[T - 1, S], l[T - 1, S, :, 0], out=tmp10)
    np.negative(tmp10, out=tmp10)
    loss = tmp10.sum()
    dalpha.fill(0)
    # grad(alpha[T, S]) = -1
    dalpha[T - 1, S] += -1
    dl.fill(0)
    # grad(l[T, S, 0]) += -1
    dl[T - 1, S, :, 0] += -1
    dalpha_concat.fill(0)
    if 2 <= T:
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
        #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
        np.subtract(alpha_concat[T - 2, S - 1], alpha_lse[T - 2, S - 1][:, None], out=tmp9)
        np.exp(tmp9, out=dalpha_concat[T - 2, S - 1])
        dalpha_concat[T - 2, S - 1] *= dalpha[T - 1, S][:, None]
        for s in range(S - 1, 0, -1):
            # grad(alpha[t, s]) = sum(grad(alpha.concat[t+1, s, :1])) + sum(grad(alpha.concat[t, s+1, 1:])), 2 <=
            #     t < T, s < S
            np.add.reduce(dalpha_concat[T - 2, s, :, 1:], axis=1, out=tmp10)
            dalpha_at[s] += tmp10
            # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
            #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
            np.subtract(alpha_concat[T - 2, s - 1], alpha_lse[T - 2, s - 1][:, None], out=tmp9)
            np.exp(tmp9, out=dalpha_concat[T - 2, s - 1])
            dalpha_concat[T - 2, s - 1] *= dalpha_at[s][:, None]
        # grad(alpha[t, s]) = sum(grad(alpha.concat[t+1, s, :1])) + sum(grad(alpha.concat[t, s+1, 1:])), 2 <=
        #     t < T, s < S
        np.add.reduce(dalpha_concat[T - 2, 0, :, 1:], axis=1, out=tmp10)
        dalpha[T - 1, 0] += tmp10
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, s]) = sum(grad(alpha.concat[t+1, s, :1])) + sum(grad(alpha.concat[t, s+1, 1:])), 2 <=
        #     t < T, s < S
        np.add.reduce(dalpha_concat_at[t - 1], axis=2, out=tmp11)
        dalpha_at2[t - 1] += tmp11
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
        #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
        np.subtract(alpha_concat_at2[t - 2], alpha_lse_at[t - 2][:, None], out=tmp9)
        np.exp(tmp9, out=dalpha_concat_at2[t - 2])
        dalpha_concat_at2[t - 2] *= dalpha_at3[t - 1][:, None]
        for s in range(S - 1, 0, -1):
            # grad(alpha[t, s]) = sum(grad(alpha.concat[t+1, s, :1])) + sum(grad(alpha.concat[t, s+1, 1:])), 2 <=
            #     t < T, s < S
            np.add.reduce(dalpha_concat[t - 2, s, :, 1:], axis=1, out=tmp10)
            dalpha[t - 1, s] += tmp10
            # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
            #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
            np.subtract(alpha_concat[t - 2, s - 1], alpha_lse[t - 2, s - 1][:, None], out=tmp9)
            np.exp(tmp9, out=dalpha_concat[t - 2, s - 1])
            dalpha_concat[t - 2, s - 1] *= dalpha[t - 1, s][:, None]
        # grad(alpha[t, s]) = sum(grad(alpha.concat[t+1, s, :1])) + sum(grad(alpha.concat[t, s+1, 1:])), 2 <=
        #     t < T, s < S
        np.add.reduce(dalpha_concat_at3[t - 2], axis=1, out=tmp10)
        dalpha_at4[t - 1] += tmp10
    if 1 <= T - 1:
        # grad(alpha[t, s]) = sum(grad(alpha.concat[t+1, s, :1])) + sum(grad(alpha.concat[t, s+1, 1:])), 2 <=
        #     t < T, s < S
        np.add.reduce(dalpha_concat[0, :, :, :1], axis=2, out=tmp11)
        dalpha[0, 1:] += tmp11
    # grad(l[t, s, 0]) += sum(grad(alpha.concat[t+1, s, :1])), t < T
    np.add.reduce(dalpha_concat[:, :, :, :1], axis=3, out=tmp12)
    dl[:T - 1, 1:, :, 0] += tmp12
    for s in range(S - 1, -1, -1):
        # grad(alpha[1, s]) = sum(grad(alpha.concat[2, s, :1])) + grad(alpha[1, s+1]), s < S
        dalpha_at5[s] += dalpha_at5[s + 1]
    # grad(l[t, s, 0]) += sum(grad(alpha.concat[t+1, s, :1])), t < T
    np.add.reduce(dalpha_concat[:, :, :, 1:], axis=3, out=tmp12)
    dl[1:, np.arange(S)[:, None], np.arange(B), y] += tmp12
    dl[0][np.arange(S)[:, None], np.arange(B), y] += dalpha[0, 1:]
    # grad(l.lse2[t, s]) = -sum(grad(l[t, s]))
    np.add.reduce(dl[:, 1:], axis=3, out=dl_lse2)
    np.negative(dl_lse2, out=dl_lse2)
    # grad(l.arg2[t, s]) = grad(l.lse2[t, s]) * softmax(l.arg2[t, s]) + grad(l[t, s])
    np.subtract(l_arg2, l_lse2[:, :, :, None], out=tmp6)
    np.exp(tmp6, out=dl_arg2)
    dl_arg2 *= dl_lse2[:, :, :, None]
    dl_arg2 += dl[:, 1:]
    # grad(c) = sum(grad(l.arg[t]), t) + sum(sum(grad(l.arg2[t, s]), s), t)
    np.add.reduce(dl_arg2, axis=(0, 1, 2), out=dc)
    # grad(l.arg2.sum[t]) = sum(grad(l.arg2[t, s]), s)
    np.add.reduce(dl_arg2, axis=1, out=dl_arg2_sum)
    # grad(P) = sum(outer(grad(l.arg[t]), h[t]), t) + sum(outer(grad(l.arg2.sum[t]), h[t]), t)
    np.matmul(dl_arg2_sum.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dP)
    # grad(l.arg2.sum2[s]) = sum(grad(l.arg2[t, s]), t)
    np.add.reduce(dl_arg2, axis=0, out=dl_arg2_sum2)
    # grad(Q) = sum(outer(grad(l.arg[t]), g[0]), t) + sum(outer(grad(l.arg2.sum2[s]), g[s]), s)
    np.matmul(dl_arg2_sum2.reshape(-1, n_y).T, g[1:].reshape(-1, n_g), out=dQ)
    for t in range(T - 1, 0, -1):
        # grad(alpha[t, 0]) = sum(grad(alpha.concat[t, 1, 1:])) + grad(alpha[t+1, 0]), 2 <= t < T
        dalpha_at4[t - 1] += dalpha_at4[t]
    # grad(l[t, 0, 0]) += grad(alpha[t+1, 0]), t < T
    dl[:T - 1, 0, :, 0] += dalpha[1:, 0]
    # grad(l.lse[t]) = -sum(grad(l[t, 0]))
    np.add.reduce(dl[:, 0], axis=2, out=dl_lse)
    np.negative(dl_lse, out=dl_lse)
    # grad(l.arg[t]) = grad(l[t, 0]) + grad(l.lse[t]) * softmax(l.arg[t])
    np.subtract(l_arg, l_lse[:, :, None], out=tmp4)
    np.exp(tmp4, out=dl_arg)
    dl_arg *= dl_lse[:, :, None]
    dl_arg += dl[:, 0]
    # grad(c) = sum(grad(l.arg[t]), t) + sum(sum(grad(l.arg2[t, s]), s), t)
    np.add.reduce(dl_arg, axis=(0, 1), out=tmp13)
    dc += tmp13
    # grad(P) = sum(outer(grad(l.arg[t]), h[t]), t) + sum(outer(grad(l.arg2.sum[t]), h[t]), t)
    np.matmul(dl_arg.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=tmp14)
    dP += tmp14
    # grad(Q) = sum(outer(grad(l.arg[t]), g[0]), t) + sum(outer(grad(l.arg2.sum2[s]), g[s]), s)
    tmp16[...] = dl_arg.sum(axis=0).T
    np.matmul(tmp16, g[0], out=tmp15)
    dQ += tmp15
    # g.arg.factor[s] = 1 - g[s]**2
    np.square(g[1:], out=g_arg_factor)
    np.subtract(1, g_arg_factor, out=g_arg_factor)
    # grad(g[s]) = R.T @ grad(g.arg[s+1]) + Q.T @ grad(l.arg2.sum2[s]), s < S
    np.matmul(dl_arg2_sum2.reshape(-1, n_y), Q, out=dg[1:].reshape(-1, n_g))
    # grad(g.arg[s]) = (1 - g[s]**2) * grad(g[s])
    np.multiply(g_arg_factor[S - 1], dg[S], out=dg_arg[S - 1])
    for s in range(S - 1, 0, -1):
        # grad(g[s]) = R.T @ grad(g.arg[s+1]) + Q.T @ grad(l.arg2.sum2[s]), s < S
        dg_arg_at[s].dot(R, out=tmp5)
        dg_at[s] += tmp5
        # grad(g.arg[s]) = (1 - g[s]**2) * grad(g[s])
        np.multiply(g_arg_factor_at[s - 1], dg_at[s], out=dg_arg_at[s - 1])
    # grad(g[s]) = R.T @ grad(g.arg[s+1]) + Q.T @ grad(l.arg2.sum2[s]), s < S
    np.matmul(dg_arg[0], R, out=dg[0])
    # grad(r) = (1 - tanh(r)**2) * grad(g[0]) + sum(grad(g.arg[s]), s)
    np.add.reduce(dg_arg, axis=(0, 1), out=dr)
    # grad(R) = sum(outer(grad(g.arg[s]), g[s-1]), s)
    np.matmul(dg_arg.reshape(-1, n_g).T, g[:S].reshape(-1, n_g), out=dR)
    # grad(g[0]) = R.T @ grad(g.arg[1]) + sum(Q.T @ grad(l.arg[t]), t)
    np.add.reduce(dl_arg, axis=0, out=tmp3)
    np.matmul(tmp3, Q, out=tmp5)
    dg[0] += tmp5
    # grad(r) = (1 - tanh(r)**2) * grad(g[0]) + sum(grad(g.arg[s]), s)
    np.add.reduce(dg[0], axis=0, out=tmp17)
    np.tanh(r, out=tmp18)
    np.square(tmp18, out=tmp2)
    np.subtract(1, tmp2, out=tmp2)
    tmp2 *= tmp17
    dr += tmp2
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    # grad(h[t]) = W.T @ grad(h.arg[t+1]) + P.T @ grad(l.arg[t]) + P.T @ grad(l.arg2.sum[t]), t < T
    np.matmul(dl_arg2_sum.reshape(-1, n_y), P, out=dh[1:].reshape(-1, n_h))
    np.matmul(dl_arg.reshape(-1, n_y), P, out=tmp19.reshape(-1, n_h))
    dh[1:] += tmp19
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh[T], h_arg_factor[T - 1], out=dh_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = W.T @ grad(h.arg[t+1]) + P.T @ grad(l.arg[t]) + P.T @ grad(l.arg2.sum[t]), t < T
        dh_arg_at[t].dot(W, out=tmp1)
        dh_at[t] += tmp1
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    dF.fill(0)
    # grad(F) = sum(outer(grad(g.arg[s]), onehot(y[s])), s)
    _scatter_add(dF, (np.arange(n_g)[:, None, None], y), dg_arg.transpose(2, 0, 1))
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))
    if "h0" in wrt:
        # grad(h[0]) = W.T @ grad(h.arg[1])
        np.matmul(dh_arg[0], W, out=dh[0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(U=dU, W=dW, b=db, F=dF, R=dR, r=dr, P=dP, Q=dQ, c=dc)
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

    x        (T, B, n_x)  real               the sequence to read
    y        (S, B)       0..n_y - 1         the sequence to write
    lengths               by sequence        each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it,
                                             values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    (
        params, x, y, h, g, l, alpha, dtype, single, n_h, n_x, n_g, n_y, T, S, B,
    ) = _backward_arguments(params, forward, x, y)
    U, W, b, F, R, r, P, Q, c = params

    tmp0 = np.empty((B, n_y), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((T, S, B, n_y), dtype)
    tmp3 = np.empty((T - 1, S, B), dtype)
    tmp4 = np.empty((T - 1, S, B, 2), dtype)
    l_arg = np.empty((T, B, n_y), dtype)
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg.reshape(-1, n_y))
    np.matmul(g[0], Q.T, out=tmp0)
    l_arg += tmp0
    l_arg += c
    l_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    _logsumexp(l_arg, 2, out=l_lse, work=tmp1, largest=largest)
    l_arg2_part = np.empty((T, B, n_y), dtype)
    # l.arg2.part[t] = P @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg2_part.reshape(-1, n_y))
    l_arg2_part2 = np.empty((S, B, n_y), dtype)
    # l.arg2.part2[s] = Q @ g[s]
    np.matmul(g[1:].reshape(-1, n_g), Q.T, out=l_arg2_part2.reshape(-1, n_y))
    l_arg2 = np.empty((T, S, B, n_y), dtype)
    # l.arg2[t, s] = c + l.arg2.part[t] + l.arg2.part2[s]
    l_arg2[...] = c
    l_arg2 += l_arg2_part[:, None]
    l_arg2 += l_arg2_part2
    l_lse2 = np.empty((T, S, B), dtype)
    largest2 = np.empty((T, S, B, 1), dtype)
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    _logsumexp(l_arg2, 3, out=l_lse2, work=tmp2, largest=largest2)
    alpha_concat = np.empty((T - 1, S, B, 2), dtype)
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
    alpha_concat[:, :, :, :1] = alpha[:T - 1, 1:][:, :, :, None]
    alpha_concat[:, :, :, :1] += l[:T - 1, 1:, :, 0][:, :, :, None]
    alpha_concat[:, :, :, 1:] = alpha[1:, :S][:, :, :, None]
    tmp3[...] = l[1:, np.arange(S)[:, None], np.arange(B), y]
    alpha_concat[:, :, :, 1:] += tmp3[:, :, :, None]
    alpha_lse = np.empty((T - 1, S, B), dtype)
    largest4 = np.empty((T - 1, S, B, 1), dtype)
    _logsumexp(alpha_concat, 3, out=alpha_lse, work=tmp4, largest=largest4)
    tmp5 = np.empty((B, 2), dtype)
    tmp6 = np.empty((B,), dtype)
    tmp7 = np.empty((S, B), dtype)
    tmp8 = np.empty((n_y,), dtype)
    tmp9 = np.empty((n_y, n_h), dtype)
    tmp10 = np.empty((T, B, n_h), dtype)
    tmp11 = np.empty((n_y, n_g), dtype)
    tmp12 = np.empty((n_y, B), dtype)
    tmp13 = np.empty((B, n_g), dtype)
    tmp14 = np.empty((n_g,), dtype)
    tmp15 = np.empty((n_g,), dtype)
    tmp16 = np.empty((n_g,), dtype)
    tmp17 = np.empty((B, n_h), dtype)
    dalpha = np.zeros((T, S + 1, B), dtype)
    # grad(alpha[T, S]) = -1
    dalpha[T - 1, S] += -1
    dl = np.zeros((T, S + 1, B, n_y), dtype)
    # grad(l[T, S, 0]) += -1
    dl[T - 1, S, :, 0] += -1
    dalpha_concat = np.zeros((T - 1, S, B, 2), dtype)
    dalpha_at = list(dalpha[T - 1])
    if 2 <= T:
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
        #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
        np.subtract(alpha_concat[T - 2, S - 1], alpha_lse[T - 2, S - 1][:, None], out=tmp5)
        np.exp(tmp5, out=dalpha_concat[T - 2, S - 1])
        dalpha_concat[T - 2, S - 1] *= dalpha[T - 1, S][:, None]
        for s in range(S - 1, 0, -1):
            # grad(alpha[t, s]) = sum(grad(alpha.concat[t+1, s, :1])) + sum(grad(alpha.concat[t, s+1, 1:])), 2 <=
            #     t < T, s < S
            np.add.reduce(dalpha_concat[T - 2, s, :, 1:], axis=1, out=tmp6)
            dalpha_at[s] += tmp6
            # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
            #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
            np.subtract(alpha_concat[T - 2, s - 1], alpha_lse[T - 2, s - 1][:, None], out=tmp5)
            np.exp(tmp5, out=dalpha_concat[T - 2, s - 1])
            dalpha_concat[T - 2, s - 1] *= dalpha_at[s][:, None]
        # grad(alpha[t, s]) = sum(grad(alpha.concat[t+1, s, :1])) + sum(grad(alpha.concat[t, s+1, 1:])), 2 <=
        #     t < T, s < S
        np.add.reduce(dalpha_concat[T - 2, 0, :, 1:], axis=1, out=tmp6)
        dalpha[T - 1, 0] += tmp6
    dalpha_concat_at = list(dalpha_concat[:, :, :, :1])
    dalpha_at2 = list(dalpha[:, 1:])
    alpha_concat_at2 = list(alpha_concat[:, S - 1])
    alpha_lse_at = list(alpha_lse[:, S - 1])
    dalpha_concat_at2 = list(dalpha_concat[:, S - 1])
    dalpha_at3 = list(dalpha[:, S])
    dalpha_concat_at3 = list(dalpha_concat[:, 0, :, 1:])
    dalpha_at4 = list(dalpha[:, 0])
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, s]) = sum(grad(alpha.concat[t+1, s, :1])) + sum(grad(alpha.concat[t, s+1, 1:])), 2 <=
        #     t < T, s < S
        np.add.reduce(dalpha_concat_at[t - 1], axis=2, out=tmp7)
        dalpha_at2[t - 1] += tmp7
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
        #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
        np.subtract(alpha_concat_at2[t - 2], alpha_lse_at[t - 2][:, None], out=tmp5)
        np.exp(tmp5, out=dalpha_concat_at2[t - 2])
        dalpha_concat_at2[t - 2] *= dalpha_at3[t - 1][:, None]
        for s in range(S - 1, 0, -1):
            # grad(alpha[t, s]) = sum(grad(alpha.concat[t+1, s, :1])) + sum(grad(alpha.concat[t, s+1, 1:])), 2 <=
            #     t < T, s < S
            np.add.reduce(dalpha_concat[t - 2, s, :, 1:], axis=1, out=tmp6)
            dalpha[t - 1, s] += tmp6
            # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
            #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
            np.subtract(alpha_concat[t - 2, s - 1], alpha_lse[t - 2, s - 1][:, None], out=tmp5)
            np.exp(tmp5, out=dalpha_concat[t - 2, s - 1])
            dalpha_concat[t - 2, s - 1] *= dalpha[t - 1, s][:, None]
        # grad(alpha[t, s]) = sum(grad(alpha.concat[t+1, s, :1])) + sum(grad(alpha.concat[t, s+1, 1:])), 2 <=
        #     t < T, s < S
        np.add.reduce(dalpha_concat_at3[t - 2], axis=1, out=tmp6)
        dalpha_at4[t - 1] += tmp6
    if 1 <= T - 1:
        # grad(alpha[t, s]) = sum(grad(alpha.concat[t+1, s, :1])) + sum(grad(alpha.concat[t, s+1, 1:])), 2 <=
        #     t < T, s < S
        np.add.reduce(dalpha_concat[0, :, :, :1], axis=2, out=tmp7)
        dalpha[0, 1:] += tmp7
    # grad(l[t, s, 0]) += sum(grad(alpha.concat[t+1, s, :1])), t < T
    np.add.reduce(dalpha_concat[:, :, :, :1], axis=3, out=tmp3)
    dl[:T - 1, 1:, :, 0] += tmp3
    dalpha_at5 = list(dalpha[0])
    for s in range(S - 1, -1, -1):
        # grad(alpha[1, s]) = sum(grad(alpha.concat[2, s, :1])) + grad(alpha[1, s+1]), s < S
        dalpha_at5[s] += dalpha_at5[s + 1]
    # grad(l[t, s, 0]) += sum(grad(alpha.concat[t+1, s, :1])), t < T
    np.add.reduce(dalpha_concat[:, :, :, 1:], axis=3, out=tmp3)
    dl[1:, np.arange(S)[:, None], np.arange(B), y] += tmp3
    dl[0][np.arange(S)[:, None], np.arange(B), y] += dalpha[0, 1:]
    dl_lse2 = np.empty((T, S, B), dtype)
    # grad(l.lse2[t, s]) = -sum(grad(l[t, s]))
    np.add.reduce(dl[:, 1:], axis=3, out=dl_lse2)
    np.negative(dl_lse2, out=dl_lse2)
    dl_arg2 = np.empty((T, S, B, n_y), dtype)
    # grad(l.arg2[t, s]) = grad(l.lse2[t, s]) * softmax(l.arg2[t, s]) + grad(l[t, s])
    np.subtract(l_arg2, l_lse2[:, :, :, None], out=tmp2)
    np.exp(tmp2, out=dl_arg2)
    dl_arg2 *= dl_lse2[:, :, :, None]
    dl_arg2 += dl[:, 1:]
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(grad(l.arg[t]), t) + sum(sum(grad(l.arg2[t, s]), s), t)
    np.add.reduce(dl_arg2, axis=(0, 1, 2), out=dc)
    dl_arg2_sum = np.empty((T, B, n_y), dtype)
    # grad(l.arg2.sum[t]) = sum(grad(l.arg2[t, s]), s)
    np.add.reduce(dl_arg2, axis=1, out=dl_arg2_sum)
    dP = np.empty((n_y, n_h), dtype)
    # grad(P) = sum(outer(grad(l.arg[t]), h[t]), t) + sum(outer(grad(l.arg2.sum[t]), h[t]), t)
    np.matmul(dl_arg2_sum.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dP)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = W.T @ grad(h.arg[t+1]) + P.T @ grad(l.arg[t]) + P.T @ grad(l.arg2.sum[t]), t < T
    np.matmul(dl_arg2_sum.reshape(-1, n_y), P, out=dh.reshape(-1, n_h))
    dl_arg2_sum2 = np.empty((S, B, n_y), dtype)
    # grad(l.arg2.sum2[s]) = sum(grad(l.arg2[t, s]), t)
    np.add.reduce(dl_arg2, axis=0, out=dl_arg2_sum2)
    dQ = np.empty((n_y, n_g), dtype)
    # grad(Q) = sum(outer(grad(l.arg[t]), g[0]), t) + sum(outer(grad(l.arg2.sum2[s]), g[s]), s)
    np.matmul(dl_arg2_sum2.reshape(-1, n_y).T, g[1:].reshape(-1, n_g), out=dQ)
    for t in range(T - 1, 0, -1):
        # grad(alpha[t, 0]) = sum(grad(alpha.concat[t, 1, 1:])) + grad(alpha[t+1, 0]), 2 <= t < T
        dalpha_at4[t - 1] += dalpha_at4[t]
    # grad(l[t, 0, 0]) += grad(alpha[t+1, 0]), t < T
    dl[:T - 1, 0, :, 0] += dalpha[1:, 0]
    dl_lse = np.empty((T, B), dtype)
    # grad(l.lse[t]) = -sum(grad(l[t, 0]))
    np.add.reduce(dl[:, 0], axis=2, out=dl_lse)
    np.negative(dl_lse, out=dl_lse)
    dl_arg = np.empty((T, B, n_y), dtype)
    # grad(l.arg[t]) = grad(l[t, 0]) + grad(l.lse[t]) * softmax(l.arg[t])
    np.subtract(l_arg, l_lse[:, :, None], out=tmp1)
    np.exp(tmp1, out=dl_arg)
    dl_arg *= dl_lse[:, :, None]
    dl_arg += dl[:, 0]
    # grad(c) = sum(grad(l.arg[t]), t) + sum(sum(grad(l.arg2[t, s]), s), t)
    np.add.reduce(dl_arg, axis=(0, 1), out=tmp8)
    dc += tmp8
    # grad(P) = sum(outer(grad(l.arg[t]), h[t]), t) + sum(outer(grad(l.arg2.sum[t]), h[t]), t)
    np.matmul(dl_arg.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=tmp9)
    dP += tmp9
    # grad(h[t]) = W.T @ grad(h.arg[t+1]) + P.T @ grad(l.arg[t]) + P.T @ grad(l.arg2.sum[t]), t < T
    np.matmul(dl_arg.reshape(-1, n_y), P, out=tmp10.reshape(-1, n_h))
    dh += tmp10
    # grad(Q) = sum(outer(grad(l.arg[t]), g[0]), t) + sum(outer(grad(l.arg2.sum2[s]), g[s]), s)
    tmp12[...] = dl_arg.sum(axis=0).T
    np.matmul(tmp12, g[0], out=tmp11)
    dQ += tmp11
    g_arg_factor = np.empty((S, B, n_g), dtype)
    # g.arg.factor[s] = 1 - g[s]**2
    np.square(g[1:], out=g_arg_factor)
    np.subtract(1, g_arg_factor, out=g_arg_factor)
    dg = np.empty((S + 1, B, n_g), dtype)
    # grad(g[s]) = R.T @ grad(g.arg[s+1]) + Q.T @ grad(l.arg2.sum2[s]), s < S
    np.matmul(dl_arg2_sum2.reshape(-1, n_y), Q, out=dg[1:].reshape(-1, n_g))
    dg_arg = np.empty((S, B, n_g), dtype)
    # grad(g.arg[s]) = (1 - g[s]**2) * grad(g[s])
    np.multiply(g_arg_factor[S - 1], dg[S], out=dg_arg[S - 1])
    dg_arg_at = list(dg_arg)
    dg_at = list(dg)
    g_arg_factor_at = list(g_arg_factor)
    for s in range(S - 1, 0, -1):
        # grad(g[s]) = R.T @ grad(g.arg[s+1]) + Q.T @ grad(l.arg2.sum2[s]), s < S
        dg_arg_at[s].dot(R, out=tmp13)
        dg_at[s] += tmp13
        # grad(g.arg[s]) = (1 - g[s]**2) * grad(g[s])
        np.multiply(g_arg_factor_at[s - 1], dg_at[s], out=dg_arg_at[s - 1])
    # grad(g[s]) = R.T @ grad(g.arg[s+1]) + Q.T @ grad(l.arg2.sum2[s]), s < S
    np.matmul(dg_arg[0], R, out=dg[0])
    dr = np.empty((n_g,), dtype)
    # grad(r) = (1 - tanh(r)**2) * grad(g[0]) + sum(grad(g.arg[s]), s)
    np.add.reduce(dg_arg, axis=(0, 1), out=dr)
    dR = np.empty((n_g, n_g), dtype)
    # grad(R) = sum(outer(grad(g.arg[s]), g[s-1]), s)
    np.matmul(dg_arg.reshape(-1, n_g).T, g[:S].reshape(-1, n_g), out=dR)
    # grad(g[0]) = R.T @ grad(g.arg[1]) + sum(Q.T @ grad(l.arg[t]), t)
    np.add.reduce(dl_arg, axis=0, out=tmp0)
    np.matmul(tmp0, Q, out=tmp13)
    dg[0] += tmp13
    # grad(r) = (1 - tanh(r)**2) * grad(g[0]) + sum(grad(g.arg[s]), s)
    np.add.reduce(dg[0], axis=0, out=tmp15)
    np.tanh(r, out=tmp16)
    np.square(tmp16, out=tmp14)
    np.subtract(1, tmp14, out=tmp14)
    tmp14 *= tmp15
    dr += tmp14
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
        # grad(h[t]) = W.T @ grad(h.arg[t+1]) + P.T @ grad(l.arg[t]) + P.T @ grad(l.arg2.sum[t]), t < T
        dh_arg_at[t].dot(W, out=tmp17)
        dh_at[t - 1] += tmp17
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t - 1], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    dU = np.empty((n_h, n_x), dtype)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    dW = np.empty((n_h, n_h), dtype)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    dF = np.zeros((n_g, n_y), dtype)
    # grad(F) = sum(outer(grad(g.arg[s]), onehot(y[s])), s)
    _scatter_add(dF, (np.arange(n_g)[:, None, None], y), dg_arg.transpose(2, 0, 1))

    return Params(U=dU, W=dW, b=db, F=dF, R=dR, r=dr, P=dP, Q=dQ, c=dc)


def init_state(params: Params, *, S: int, h0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    h0  (B, n_h)  real               h[0]; 0 where not given
    S             whole number >= 1

    Data without the axis B are one example.
    """
    params, h0, dtype, single, n_h, n_x, n_g, n_y, S, B = _initial_arguments(params, h0, S, batch)

    # h[0] = 0
    h_prev = h0.copy()
    l_prev = np.empty((S + 1, B, n_y), dtype)
    # l@1[s, i] = 0
    l_prev[...] = 0
    alpha_prev = np.empty((S + 1, B), dtype)
    # alpha@1[s] = 0
    alpha_prev[...] = 0

    if single:
        h_prev = h_prev[0]
        l_prev = l_prev[:, 0]
        alpha_prev = alpha_prev[:, 0]
    return State(h=h_prev, l=l_prev, alpha=alpha_prev, t=0)


def step(params: Params, state: State, *, x: np.ndarray, y: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real        the sequence to read
    y  (S, B)    0..n_y - 1  the sequence to write

    Data without the axis B are one example.
    """
    (
        params, x, y, h_prev, l_prev, alpha_prev, dtype, single, n_h, n_x, n_g, n_y, S, B,
    ) = _step_arguments(params, state, x, y)
    U, W, b, F, R, r, P, Q, c = params
    t_now = _count("state.t", state[-1]) + 1

    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    h_arg = x @ U.T
    h_arg += h_prev @ W.T
    h_arg += b
    # h[t] = tanh(b + W @ h[t-1] + U @ x[t])
    h = np.tanh(h_arg)
    g_arg = np.empty((S, B, n_g), dtype)
    # g.arg[s] = r + R @ g[s-1] + F[:, y[s]]
    g_arg[...] = r
    g_arg += F[:, y].transpose(1, 2, 0)
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    l_arg = h @ P.T
    g = np.empty((S + 1, B, n_g), dtype)
    # g[0] = tanh(r)
    g[0] = np.tanh(r)
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    l_arg += g[0] @ Q.T
    l_arg += c
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    l_lse = _logsumexp(l_arg, 1)
    l_arg2 = np.empty((S, B, n_y), dtype)
    # l.arg2[t, s] = c + l.arg2.part[t] + l.arg2.part2[s]
    l_arg2[...] = h @ P.T
    R_T = R.T.copy()
    for s in range(1, S + 1):
        # g.arg[s] = r + R @ g[s-1] + F[:, y[s]]
        g_arg[s - 1] += g[s - 1] @ R_T
        # g[s] = tanh(r + R @ g[s-1] + F[:, y[s]])
        np.tanh(g_arg[s - 1], out=g[s])
    # l.arg2[t, s] = c + l.arg2.part[t] + l.arg2.part2[s]
    l_arg2 += (g[1:].reshape(-1, n_g) @ Q.T).reshape(S, B, n_y)
    l_arg2 += c
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    l_lse2 = _logsumexp(l_arg2, 2)
    l = np.empty((S + 1, B, n_y), dtype)
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    l[0] = (-l_lse)[:, None]
    l[0] += l_arg
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    l[1:] = (-l_lse2)[:, :, None]
    l[1:] += l_arg2
    alpha = np.empty((S + 1, B), dtype)
    # alpha[1, 0] = 0
    alpha[0] = 0
    # alpha[t, 0] = alpha[t-1, 0] + l[t-1, 0, 0]
    alpha[0] += np.where(2 <= t_now, alpha_prev[0] + l_prev[0, :, 0], 0)
    alpha_concat = np.empty((S, B, 2), dtype)
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
    alpha_concat[:, :, :1] = alpha_prev[1:][:, :, None]
    alpha_concat[:, :, :1] += l_prev[1:, :, 0][:, :, None]
    alpha_concat[:, :, 1:] = l[np.arange(S)[:, None], np.arange(B), y][:, :, None]
    alpha_lse = np.empty((B,), dtype)
    for s in range(1, S + 1):
        # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
        alpha_concat[s - 1, :, 1:] += alpha[s - 1][:, None]
        alpha_lse[...] = _logsumexp(alpha_concat[s - 1], 1)
        # alpha[1, s] = alpha[1, s-1] + l[1, s-1, y[s]]
        alpha[s] = np.where(t_now == 1, alpha[s - 1] + l[s - 1][np.arange(B), y[s - 1]], 0)
        # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
        alpha[s] += np.where(2 <= t_now, alpha_lse, 0)

    if single:
        h = h[0]
        l = l[:, 0]
        alpha = alpha[:, 0]
    result = State(h=h, l=l, alpha=alpha, t=t_now)
    return result, Outputs(h=h, l=l, alpha=alpha)


def _forward_padded(params, x, y, h0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, h0, dtype, single, n_h, n_x, n_g, n_y, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_arguments(params, x, y, h0, lengths)
    U, W, b, F, R, r, P, Q, c = params

    tmp0 = np.empty((S, B, n_g), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((n_g,), dtype)
    tmp3 = np.empty((B, n_y), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, n_g), dtype)
    tmp6 = np.empty((T, S, B, n_y), dtype)
    tmp7 = np.empty((T, B), dtype)
    tmp8 = np.empty((T, S, B), dtype)
    tmp9 = np.empty((B,), dtype)
    tmp10 = np.empty((B, 2), dtype)
    tmp11 = np.empty((B,), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    g_arg = np.empty((S, B, n_g), dtype)
    # g.arg[s] = r + R @ g[s-1] + F[:, y[s]]
    g_arg[...] = r
    tmp0[...] = F[:, y].transpose(1, 2, 0)
    g_arg += tmp0
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
        # h[t] = tanh(b + W @ h[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=tmp1)
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    l_arg = np.empty((T, B, n_y), dtype)
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg.reshape(-1, n_y))
    g = np.empty((S + 1, B, n_g), dtype)
    # g[0] = tanh(r)
    np.tanh(r, out=tmp2)
    g[0] = tmp2
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    np.matmul(g[0], Q.T, out=tmp3)
    l_arg += tmp3
    l_arg += c
    l_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    _logsumexp(l_arg, 2, out=l_lse, work=tmp4, largest=largest)
    l_arg2_part = np.empty((T, B, n_y), dtype)
    # l.arg2.part[t] = P @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg2_part.reshape(-1, n_y))
    R_T = np.empty((n_g, n_g), dtype)
    R_T[...] = R.T
    g_at = list(g)
    g_arg_at = list(g_arg)
    for s in range(1, S + 1):
        # g.arg[s] = r + R @ g[s-1] + F[:, y[s]]
        g_at[s - 1].dot(R_T, out=tmp5)
        g_arg_at[s - 1] += tmp5
        # g[s] = tanh(r + R @ g[s-1] + F[:, y[s]])
        np.tanh(g_arg_at[s - 1], out=tmp5)
        g[s] = np.where((s <= S_own)[:, None], tmp5, g[s - 1])
    l_arg2_part2 = np.empty((S, B, n_y), dtype)
    # l.arg2.part2[s] = Q @ g[s]
    np.matmul(g[1:].reshape(-1, n_g), Q.T, out=l_arg2_part2.reshape(-1, n_y))
    l_arg2 = np.empty((T, S, B, n_y), dtype)
    # l.arg2[t, s] = c + l.arg2.part[t] + l.arg2.part2[s]
    l_arg2[...] = c
    l_arg2 += l_arg2_part[:, None]
    l_arg2 += l_arg2_part2
    l_lse2 = np.empty((T, S, B), dtype)
    largest2 = np.empty((T, S, B, 1), dtype)
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    _logsumexp(l_arg2, 3, out=l_lse2, work=tmp6, largest=largest2)
    l = np.empty((T, S + 1, B, n_y), dtype)
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    np.negative(l_lse, out=tmp7)
    l[:, 0] = tmp7[:, :, None]
    l[:, 0] += l_arg
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    np.negative(l_lse2, out=tmp8)
    l[:, 1:] = tmp8[:, :, :, None]
    l[:, 1:] += l_arg2
    alpha = np.empty((T, S + 1, B), dtype)
    # alpha[1, 0] = 0
    alpha[0, 0] = 0
    alpha_at = list(alpha[:, 0])
    l_at = list(l[:, 0, :, 0])
    for t in range(2, T + 1):
        # alpha[t, 0] = alpha[t-1, 0] + l[t-1, 0, 0]
        np.add(alpha_at[t - 2], l_at[t - 2], out=tmp9)
        alpha[t - 1, 0] = np.where(t <= T_own, tmp9, alpha[t - 2, 0])
    alpha_at2 = list(alpha[0])
    for s in range(1, S + 1):
        # alpha[1, s] = alpha[1, s-1] + l[1, s-1, y[s]]
        tmp9[...] = l[0, s - 1][np.arange(B), y[s - 1]]
        tmp9 += alpha_at2[s - 1]
        alpha[0, s] = np.where(s <= S_own, tmp9, alpha[0, s - 1])
    alpha_concat = np.empty((T - 1, S, B, 2), dtype)
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
    alpha_concat[:, :, :, :1] = l[:T - 1, 1:, :, 0][:, :, :, None]
    alpha_concat[:, :, :, 1:] = l[1:, np.arange(S)[:, None], np.arange(B), y][:, :, :, None]
    alpha_lse = np.empty((T - 1, S, B), dtype)
    alpha_concat_at = list(alpha_concat[:, :, :, :1])
    alpha_at3 = list(alpha[:, 1:])
    largest3 = np.empty((B, 1), dtype)
    for t in range(2, T + 1):
        # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
        alpha_concat_at[t - 2] += alpha_at3[t - 2][:, :, None]
        for s in range(1, S + 1):
            # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
            alpha_concat[t - 2, s - 1, :, 1:] += alpha[t - 1, s - 1][:, None]
            _logsumexp(alpha_concat[t - 2, s - 1], 1, out=alpha_lse[t - 2, s - 1], work=tmp10, largest=largest3)
            tmp9[...] = np.where(t <= T_own, alpha_lse[t - 2, s - 1], alpha[t - 2, s])
            alpha[t - 1, s] = np.where(s <= S_own, tmp9, alpha[t - 1, s - 1])
    # loss = -alpha[T, S] - l[T, S, 0]
    tmp11[...] = l[:, :, :, 0][len_T - 1, len_S, np.arange(B)]
    tmp9[...] = alpha[len_T - 1, len_S, np.arange(B)]
    tmp9 += tmp11
    np.negative(tmp9, out=tmp9)
    loss = tmp9.sum()

    if single:
        h = h[:, 0]
        g = g[:, 0]
        l = l[:, :, 0]
        alpha = alpha[:, :, 0]
    return Forward(h=h, g=g, l=l, alpha=alpha, loss=float(loss))


def _loss_padded(params, x, y, h0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, h0, dtype, single, n_h, n_x, n_g, n_y, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_arguments(params, x, y, h0, lengths)
    U, W, b, F, R, r, P, Q, c = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, l_lse, tmp7, l_lse2, tmp8, tmp9, tmp10, tmp11, h_arg, g_arg, h, W_T,
        h_at, h_arg_at, l_arg, g, largest, l_arg2_part, R_T, g_at, g_arg_at, l_arg2_part2, l_arg2, largest2, l, alpha,
        alpha_at, l_at, alpha_at2, alpha_concat, alpha_lse, alpha_concat_at, alpha_at3, largest3,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, S, n_y, n_h, n_g, B, dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # g.arg[s] = r + R @ g[s-1] + F[:, y[s]]
    g_arg[...] = r
    tmp0[...] = F[:, y].transpose(1, 2, 0)
    g_arg += tmp0
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = tanh(b + W @ h[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=tmp1)
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg.reshape(-1, n_y))
    # g[0] = tanh(r)
    np.tanh(r, out=tmp2)
    g[0] = tmp2
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    np.matmul(g[0], Q.T, out=tmp3)
    l_arg += tmp3
    l_arg += c
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    _logsumexp(l_arg, 2, out=l_lse, work=tmp4, largest=largest)
    # l.arg2.part[t] = P @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg2_part.reshape(-1, n_y))
    R_T[...] = R.T
    for s in range(1, S + 1):
        # g.arg[s] = r + R @ g[s-1] + F[:, y[s]]
        g_at[s - 1].dot(R_T, out=tmp5)
        g_arg_at[s - 1] += tmp5
        # g[s] = tanh(r + R @ g[s-1] + F[:, y[s]])
        np.tanh(g_arg_at[s - 1], out=tmp5)
        g[s] = np.where((s <= S_own)[:, None], tmp5, g[s - 1])
    # l.arg2.part2[s] = Q @ g[s]
    np.matmul(g[1:].reshape(-1, n_g), Q.T, out=l_arg2_part2.reshape(-1, n_y))
    # l.arg2[t, s] = c + l.arg2.part[t] + l.arg2.part2[s]
    l_arg2[...] = c
    l_arg2 += l_arg2_part[:, None]
    l_arg2 += l_arg2_part2
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    _logsumexp(l_arg2, 3, out=l_lse2, work=tmp6, largest=largest2)
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    np.negative(l_lse, out=tmp7)
    l[:, 0] = tmp7[:, :, None]
    l[:, 0] += l_arg
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    np.negative(l_lse2, out=tmp8)
    l[:, 1:] = tmp8[:, :, :, None]
    l[:, 1:] += l_arg2
    # alpha[1, 0] = 0
    alpha[0, 0] = 0
    for t in range(2, T + 1):
        # alpha[t, 0] = alpha[t-1, 0] + l[t-1, 0, 0]
        np.add(alpha_at[t - 2], l_at[t - 2], out=tmp9)
        alpha[t - 1, 0] = np.where(t <= T_own, tmp9, alpha[t - 2, 0])
    for s in range(1, S + 1):
        # alpha[1, s] = alpha[1, s-1] + l[1, s-1, y[s]]
        tmp9[...] = l[0, s - 1][np.arange(B), y[s - 1]]
        tmp9 += alpha_at2[s - 1]
        alpha[0, s] = np.where(s <= S_own, tmp9, alpha[0, s - 1])
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
    alpha_concat[:, :, :, :1] = l[:T - 1, 1:, :, 0][:, :, :, None]
    alpha_concat[:, :, :, 1:] = l[1:, np.arange(S)[:, None], np.arange(B), y][:, :, :, None]
    for t in range(2, T + 1):
        # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
        alpha_concat_at[t - 2] += alpha_at3[t - 2][:, :, None]
        for s in range(1, S + 1):
            # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
            alpha_concat[t - 2, s - 1, :, 1:] += alpha[t - 1, s - 1][:, None]
            _logsumexp(alpha_concat[t - 2, s - 1], 1, out=alpha_lse[t - 2, s - 1], work=tmp10, largest=largest3)
            tmp9[...] = np.where(t <= T_own, alpha_lse[t - 2, s - 1], alpha[t - 2, s])
            alpha[t - 1, s] = np.where(s <= S_own, tmp9, alpha[t - 1, s - 1])
    # loss = -alpha[T, S] - l[T, S, 0]
    tmp11[...] = l[:, :, :, 0][len_T - 1, len_S, np.arange(B)]
    tmp9[...] = alpha[len_T - 1, len_S, np.arange(B)]
    tmp9 += tmp11
    np.negative(tmp9, out=tmp9)
    loss = tmp9.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, h0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h0, dtype, single, n_h, n_x, n_g, n_y, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_arguments(params, x, y, h0, lengths)
    U, W, b, F, R, r, P, Q, c = params
    wrt = _asked(wrt, ("x", "h0"))
    window_T = _window(window, "T", ("T", "S"), T)
    window_S = _window(window, "S", ("T", "S"), S)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, h_arg, g_arg, h, W_T, h_at, h_arg_at,
        l_arg, g, l_lse, largest, l_arg2_part, R_T, g_at, g_arg_at, l_arg2_part2, l_arg2, l_lse2, largest2, l, alpha,
        alpha_at, l_at, alpha_at2, alpha_concat, alpha_lse, alpha_concat_at, alpha_at3, largest3, tmp12, tmp13, tmp14,
        tmp15, tmp16, tmp17, tmp18, tmp19, tmp20, tmp21, tmp22, tmp23, tmp24, tmp25, tmp26, dalpha, dalpha_concat,
        dalpha_at, dalpha_concat_at, dalpha_at2, alpha_concat_at2, alpha_lse_at, dalpha_concat_at2, dalpha_at3,
        dalpha_concat_at3, dalpha_at4, dl, dalpha_at5, dl_lse2, dl_arg2, dc, dl_arg2_sum, dP, dl_arg2_sum2, dQ, dl_lse,
        dl_arg, g_arg_factor, dg, dg_arg, dg_arg_at, dg_at, g_arg_factor_at, dr, dR, h_arg_factor, dh, dh_arg,
        dh_arg_at, dh_at, h_arg_factor_at, db, dU, dW, dF,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, S, n_y, n_h, n_g, B, dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # g.arg[s] = r + R @ g[s-1] + F[:, y[s]]
    g_arg[...] = r
    tmp0[...] = F[:, y].transpose(1, 2, 0)
    g_arg += tmp0
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp1)
        h_arg_at[t - 1] += tmp1
        # h[t] = tanh(b + W @ h[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=tmp1)
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg.reshape(-1, n_y))
    # g[0] = tanh(r)
    np.tanh(r, out=tmp2)
    g[0] = tmp2
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    np.matmul(g[0], Q.T, out=tmp3)
    l_arg += tmp3
    l_arg += c
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    _logsumexp(l_arg, 2, out=l_lse, work=tmp4, largest=largest)
    # l.arg2.part[t] = P @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg2_part.reshape(-1, n_y))
    R_T[...] = R.T
    for s in range(1, S + 1):
        # g.arg[s] = r + R @ g[s-1] + F[:, y[s]]
        g_at[s - 1].dot(R_T, out=tmp5)
        g_arg_at[s - 1] += tmp5
        # g[s] = tanh(r + R @ g[s-1] + F[:, y[s]])
        np.tanh(g_arg_at[s - 1], out=tmp5)
        g[s] = np.where((s <= S_own)[:, None], tmp5, g[s - 1])
    # l.arg2.part2[s] = Q @ g[s]
    np.matmul(g[1:].reshape(-1, n_g), Q.T, out=l_arg2_part2.reshape(-1, n_y))
    # l.arg2[t, s] = c + l.arg2.part[t] + l.arg2.part2[s]
    l_arg2[...] = c
    l_arg2 += l_arg2_part[:, None]
    l_arg2 += l_arg2_part2
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    _logsumexp(l_arg2, 3, out=l_lse2, work=tmp6, largest=largest2)
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    np.negative(l_lse, out=tmp7)
    l[:, 0] = tmp7[:, :, None]
    l[:, 0] += l_arg
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    np.negative(l_lse2, out=tmp8)
    l[:, 1:] = tmp8[:, :, :, None]
    l[:, 1:] += l_arg2
    # alpha[1, 0] = 0
    alpha[0, 0] = 0
    for t in range(2, T + 1):
        # alpha[t, 0] = alpha[t-1, 0] + l[t-1, 0, 0]
        np.add(alpha_at[t - 2], l_at[t - 2], out=tmp9)
        alpha[t - 1, 0] = np.where(t <= T_own, tmp9, alpha[t - 2, 0])
    for s in range(1, S + 1):
        # alpha[1, s] = alpha[1, s-1] + l[1, s-1, y[s]]
        tmp9[...] = l[0, s - 1][np.arange(B), y[s - 1]]
        tmp9 += alpha_at2[s - 1]
        alpha[0, s] = np.where(s <= S_own, tmp9, alpha[0, s - 1])
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
    alpha_concat[:, :, :, :1] = l[:T - 1, 1:, :, 0][:, :, :, None]
    alpha_concat[:, :, :, 1:] = l[1:, np.arange(S)[:, None], np.arange(B), y][:, :, :, None]
    for t in range(2, T + 1):
        # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
        alpha_concat_at[t - 2] += alpha_at3[t - 2][:, :, None]
        for s in range(1, S + 1):
            # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
            alpha_concat[t - 2, s - 1, :, 1:] += alpha[t - 1, s - 1][:, None]
            _logsumexp(alpha_concat[t - 2, s - 1], 1, out=alpha_lse[t - 2, s - 1], work=tmp10, largest=largest3)
            tmp9[...] = np.where(t <= T_own, alpha_lse[t - 2, s - 1], alpha[t - 2, s])
            alpha[t - 1, s] = np.where(s <= S_own, tmp9, alpha[t - 1, s - 1])
    # loss = -alpha[T, S] - l[T, S, 0]
    tmp11[...] = l[:, :, :, 0][len_T - 1, len_S, np.arange(B)]
    tmp9[...] = alpha[len_T - 1, len_S, np.arange(B)]
    tmp9 += tmp11
    np.negative(tmp9, out=tmp9)
    loss = tmp9.sum()
    dalpha.fill(0)
    # grad(alpha[t, s]) = same_window(s, maximum(s - 1, 0), window.S) * sum(grad(alpha.concat[t, s+1,
    #     1:])) + same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) - where(len.T ==
    #     t, 1, 0) * where(len.S == s, 1, 0), 2 <= t < T, s < S
    dalpha[len_T - 1, len_S, np.arange(B)] -= 1
    dalpha_concat.fill(0)
    if 2 <= T:
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
        #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
        np.subtract(alpha_concat[T - 2, S - 1], alpha_lse[T - 2, S - 1][:, None], out=tmp10)
        np.exp(tmp10, out=dalpha_concat[T - 2, S - 1])
        dalpha_concat[T - 2, S - 1] *= dalpha[T - 1, S][:, None]
        for s in range(S - 1, 0, -1):
            # grad(alpha[t, s]) = same_window(s, maximum(s - 1, 0), window.S) * sum(grad(alpha.concat[t, s+1,
            #     1:])) + same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) - where(len.T ==
            #     t, 1, 0) * where(len.S == s, 1, 0), 2 <= t < T, s < S
            np.add.reduce(dalpha_concat[T - 2, s, :, 1:], axis=1, out=tmp9)
            tmp9 *= s // window_S == max(s - 1, 0) // window_S
            dalpha_at[s] += tmp9
            # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
            #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
            np.subtract(alpha_concat[T - 2, s - 1], alpha_lse[T - 2, s - 1][:, None], out=tmp10)
            np.exp(tmp10, out=dalpha_concat[T - 2, s - 1])
            dalpha_concat[T - 2, s - 1] *= dalpha_at[s][:, None]
        # grad(alpha[t, s]) = same_window(s, maximum(s - 1, 0), window.S) * sum(grad(alpha.concat[t, s+1,
        #     1:])) + same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) - where(len.T ==
        #     t, 1, 0) * where(len.S == s, 1, 0), 2 <= t < T, s < S
        np.add.reduce(dalpha_concat[T - 2, 0, :, 1:], axis=1, out=tmp9)
        tmp9 *= 0 // window_S == max(-1, 0) // window_S
        dalpha[T - 1, 0] += tmp9
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, s]) = same_window(s, maximum(s - 1, 0), window.S) * sum(grad(alpha.concat[t, s+1,
        #     1:])) + same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) - where(len.T ==
        #     t, 1, 0) * where(len.S == s, 1, 0), 2 <= t < T, s < S
        np.add.reduce(dalpha_concat_at[t - 1], axis=2, out=tmp12)
        tmp12 *= t // window_T == (t - 1) // window_T
        dalpha_at2[t - 1] += tmp12
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
        #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
        np.subtract(alpha_concat_at2[t - 2], alpha_lse_at[t - 2][:, None], out=tmp10)
        np.exp(tmp10, out=dalpha_concat_at2[t - 2])
        dalpha_concat_at2[t - 2] *= dalpha_at3[t - 1][:, None]
        for s in range(S - 1, 0, -1):
            # grad(alpha[t, s]) = same_window(s, maximum(s - 1, 0), window.S) * sum(grad(alpha.concat[t, s+1,
            #     1:])) + same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) - where(len.T ==
            #     t, 1, 0) * where(len.S == s, 1, 0), 2 <= t < T, s < S
            np.add.reduce(dalpha_concat[t - 2, s, :, 1:], axis=1, out=tmp9)
            tmp9 *= s // window_S == max(s - 1, 0) // window_S
            dalpha[t - 1, s] += tmp9
            # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
            #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
            np.subtract(alpha_concat[t - 2, s - 1], alpha_lse[t - 2, s - 1][:, None], out=tmp10)
            np.exp(tmp10, out=dalpha_concat[t - 2, s - 1])
            dalpha_concat[t - 2, s - 1] *= dalpha[t - 1, s][:, None]
        # grad(alpha[t, s]) = same_window(s, maximum(s - 1, 0), window.S) * sum(grad(alpha.concat[t, s+1,
        #     1:])) + same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) - where(len.T ==
        #     t, 1, 0) * where(len.S == s, 1, 0), 2 <= t < T, s < S
        np.add.reduce(dalpha_concat_at3[t - 2], axis=1, out=tmp9)
        tmp9 *= 0 // window_S == max(-1, 0) // window_S
        dalpha_at4[t - 1] += tmp9
    if 1 <= T - 1:
        # grad(alpha[t, s]) = same_window(s, maximum(s - 1, 0), window.S) * sum(grad(alpha.concat[t, s+1,
        #     1:])) + same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) - where(len.T ==
        #     t, 1, 0) * where(len.S == s, 1, 0), 2 <= t < T, s < S
        np.add.reduce(dalpha_concat[0, :, :, :1], axis=2, out=tmp12)
        tmp12 *= 1 // window_T == 0 // window_T
        dalpha[0, 1:] += tmp12
    dl.fill(0)
    # grad(l[t, s, 0]) += same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) -
    #     where(len.T == t, 1, 0) * where(len.S == s, 1, 0), t < T
    np.add(np.arange(1, T, dtype=dtype), -1, out=tmp15)
    tmp14[...] = np.arange(1, T) // window_T == tmp15 // window_T
    np.add.reduce(dalpha_concat[:, :, :, :1], axis=3, out=tmp13)
    tmp13 *= tmp14[:, None, None]
    dl[:T - 1, 1:, :, 0] += tmp13
    for s in range(S - 1, -1, -1):
        # grad(alpha[1, s]) = same_window(1, 0, window.T) * sum(grad(alpha.concat[2, s, :1])) + same_window(s,
        #     maximum(s - 1, 0), window.S) * grad(alpha[1, s+1]) - where(len.T == 1, 1, 0) * where(len.S == s,
        #     1, 0), s < S
        np.multiply(s // window_S == max(s - 1, 0) // window_S, dalpha_at5[s + 1], out=tmp9)
        dalpha_at5[s] += tmp9
    # grad(l[t, s, 0]) += same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) -
    #     where(len.T == t, 1, 0) * where(len.S == s, 1, 0), t < T
    dl[:, :, :, 0][len_T - 1, len_S, np.arange(B)] -= 1
    np.add(np.arange(S, dtype=dtype), -1, out=tmp18)
    np.maximum(tmp18, 0, out=tmp17)
    tmp16[...] = np.arange(S) // window_S == tmp17 // window_S
    np.add.reduce(dalpha_concat[:, :, :, 1:], axis=3, out=tmp13)
    tmp13 *= tmp16[:, None]
    dl[1:, np.arange(S)[:, None], np.arange(B), y] += tmp13
    # grad(l[T, s, 0]) += -where(len.T == T, 1, 0) * where(len.S == s, 1, 0)
    np.add(np.arange(S, dtype=dtype), -1, out=tmp18)
    np.maximum(tmp18, 0, out=tmp17)
    tmp16[...] = np.arange(S) // window_S == tmp17 // window_S
    np.multiply(tmp16[:, None], dalpha[0, 1:], out=tmp12)
    dl[0][np.arange(S)[:, None], np.arange(B), y] += tmp12
    # grad(l.lse2[t, s]) = -sum(grad(l[t, s]))
    np.add.reduce(dl[:, 1:], axis=3, out=dl_lse2)
    np.negative(dl_lse2, out=dl_lse2)
    # grad(l.arg2[t, s]) = grad(l.lse2[t, s]) * softmax(l.arg2[t, s]) + grad(l[t, s])
    np.subtract(l_arg2, l_lse2[:, :, :, None], out=tmp6)
    np.exp(tmp6, out=dl_arg2)
    dl_arg2 *= dl_lse2[:, :, :, None]
    dl_arg2 += dl[:, 1:]
    # grad(c) = sum(grad(l.arg[t]), t) + sum(sum(grad(l.arg2[t, s]), s), t)
    np.add.reduce(dl_arg2, axis=(0, 1, 2), out=dc)
    # grad(l.arg2.sum[t]) = sum(grad(l.arg2[t, s]), s)
    np.add.reduce(dl_arg2, axis=1, out=dl_arg2_sum)
    # grad(P) = sum(outer(grad(l.arg[t]), h[t]), t) + sum(outer(grad(l.arg2.sum[t]), h[t]), t)
    np.matmul(dl_arg2_sum.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dP)
    # grad(l.arg2.sum2[s]) = sum(grad(l.arg2[t, s]), t)
    np.add.reduce(dl_arg2, axis=0, out=dl_arg2_sum2)
    # grad(Q) = sum(outer(grad(l.arg[t]), g[0]), t) + sum(outer(grad(l.arg2.sum2[s]), g[s]), s)
    np.matmul(dl_arg2_sum2.reshape(-1, n_y).T, g[1:].reshape(-1, n_g), out=dQ)
    for t in range(T - 1, 0, -1):
        # grad(alpha[t, 0]) = sum(grad(alpha.concat[t, 1, 1:])) + same_window(t, t - 1, window.T) *
        #     grad(alpha[t+1, 0]), 2 <= t < T
        np.multiply(t // window_T == (t - 1) // window_T, dalpha_at4[t], out=tmp9)
        dalpha_at4[t - 1] += tmp9
    # grad(l[t, 0, 0]) += same_window(t, t - 1, window.T) * grad(alpha[t+1, 0]), t < T
    np.add(np.arange(1, T, dtype=dtype), -1, out=tmp15)
    tmp14[...] = np.arange(1, T) // window_T == tmp15 // window_T
    np.multiply(tmp14[:, None], dalpha[1:, 0], out=tmp19)
    dl[:T - 1, 0, :, 0] += tmp19
    # grad(l.lse[t]) = -sum(grad(l[t, 0]))
    np.add.reduce(dl[:, 0], axis=2, out=dl_lse)
    np.negative(dl_lse, out=dl_lse)
    # grad(l.arg[t]) = grad(l[t, 0]) + grad(l.lse[t]) * softmax(l.arg[t])
    np.subtract(l_arg, l_lse[:, :, None], out=tmp4)
    np.exp(tmp4, out=dl_arg)
    dl_arg *= dl_lse[:, :, None]
    dl_arg += dl[:, 0]
    # grad(c) = sum(grad(l.arg[t]), t) + sum(sum(grad(l.arg2[t, s]), s), t)
    np.add.reduce(dl_arg, axis=(0, 1), out=tmp20)
    dc += tmp20
    # grad(P) = sum(outer(grad(l.arg[t]), h[t]), t) + sum(outer(grad(l.arg2.sum[t]), h[t]), t)
    np.matmul(dl_arg.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=tmp21)
    dP += tmp21
    # grad(Q) = sum(outer(grad(l.arg[t]), g[0]), t) + sum(outer(grad(l.arg2.sum2[s]), g[s]), s)
    tmp23[...] = dl_arg.sum(axis=0).T
    np.matmul(tmp23, g[0], out=tmp22)
    dQ += tmp22
    # g.arg.factor[s] = 1 - g[s]**2
    np.square(g[1:], out=g_arg_factor)
    np.subtract(1, g_arg_factor, out=g_arg_factor)
    # grad(g[s]) = same_window(s, maximum(s - 1, 0), window.S) * (R.T @ grad(g.arg[s+1])) + Q.T @
    #     grad(l.arg2.sum2[s]), s < S
    np.matmul(dl_arg2_sum2.reshape(-1, n_y), Q, out=dg[1:].reshape(-1, n_g))
    # grad(g.arg[s]) = (1 - g[s]**2) * grad(g[s])
    np.multiply(g_arg_factor[S - 1], dg[S], out=dg_arg[S - 1])
    for s in range(S - 1, 0, -1):
        # grad(g[s]) = same_window(s, maximum(s - 1, 0), window.S) * (R.T @ grad(g.arg[s+1])) + Q.T @
        #     grad(l.arg2.sum2[s]), s < S
        dg_arg_at[s].dot(R, out=tmp5)
        tmp5 *= s // window_S == max(s - 1, 0) // window_S
        dg_at[s] += tmp5
        # grad(g.arg[s]) = (1 - g[s]**2) * grad(g[s])
        np.multiply(g_arg_factor_at[s - 1], dg_at[s], out=dg_arg_at[s - 1])
    # grad(g[s]) = same_window(s, maximum(s - 1, 0), window.S) * (R.T @ grad(g.arg[s+1])) + Q.T @
    #     grad(l.arg2.sum2[s]), s < S
    np.matmul(dg_arg[0], R, out=dg[0])
    dg[0] *= 0 // window_S == max(-1, 0) // window_S
    # grad(r) = (1 - tanh(r)**2) * grad(g[0]) + sum(grad(g.arg[s]), s)
    np.add.reduce(dg_arg, axis=(0, 1), out=dr)
    # grad(R) = sum(outer(grad(g.arg[s]), g[s-1]), s)
    np.matmul(dg_arg.reshape(-1, n_g).T, g[:S].reshape(-1, n_g), out=dR)
    # grad(g[0]) = R.T @ grad(g.arg[1]) + sum(Q.T @ grad(l.arg[t]), t)
    np.add.reduce(dl_arg, axis=0, out=tmp3)
    np.matmul(tmp3, Q, out=tmp5)
    dg[0] += tmp5
    # grad(r) = (1 - tanh(r)**2) * grad(g[0]) + sum(grad(g.arg[s]), s)
    np.add.reduce(dg[0], axis=0, out=tmp24)
    np.tanh(r, out=tmp25)
    np.square(tmp25, out=tmp2)
    np.subtract(1, tmp2, out=tmp2)
    tmp2 *= tmp24
    dr += tmp2
    # h.arg.factor[t] = 1 - h[t]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) + P.T @
    #     grad(l.arg[t]) + P.T @ grad(l.arg2.sum[t]), t < T
    np.matmul(dl_arg2_sum.reshape(-1, n_y), P, out=dh[1:].reshape(-1, n_h))
    np.matmul(dl_arg.reshape(-1, n_y), P, out=tmp26.reshape(-1, n_h))
    dh[1:] += tmp26
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(dh[T], h_arg_factor[T - 1], out=dh_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) + P.T @
        #     grad(l.arg[t]) + P.T @ grad(l.arg2.sum[t]), t < T
        dh_arg_at[t].dot(W, out=tmp1)
        tmp1 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp1
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    dF.fill(0)
    # grad(F) = sum(outer(grad(g.arg[s]), onehot(y[s])), s)
    _scatter_add(dF, (np.arange(n_g)[:, None, None], y), dg_arg.transpose(2, 0, 1))
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = U.T @ grad(h.arg[t])
        np.matmul(dh_arg.reshape(-1, n_h), U, out=dx.reshape(-1, n_x))
    if "h0" in wrt:
        # grad(h[0]) = W.T @ grad(h.arg[1])
        np.matmul(dh_arg[0], W, out=dh[0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(U=dU, W=dW, b=db, F=dF, R=dR, r=dr, P=dP, Q=dQ, c=dc)
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
        params, x, y, h, g, l, alpha, dtype, single, n_h, n_x, n_g, n_y, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    U, W, b, F, R, r, P, Q, c = params
    window_T = _window(window, "T", ("T", "S"), T)
    window_S = _window(window, "S", ("T", "S"), S)

    tmp0 = np.empty((B, n_y), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((T, S, B, n_y), dtype)
    tmp3 = np.empty((T - 1, S, B), dtype)
    tmp4 = np.empty((T - 1, S, B, 2), dtype)
    l_arg = np.empty((T, B, n_y), dtype)
    # l.arg[t] = c + P @ h[t] + Q @ g[0]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg.reshape(-1, n_y))
    np.matmul(g[0], Q.T, out=tmp0)
    l_arg += tmp0
    l_arg += c
    l_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
    _logsumexp(l_arg, 2, out=l_lse, work=tmp1, largest=largest)
    l_arg2_part = np.empty((T, B, n_y), dtype)
    # l.arg2.part[t] = P @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), P.T, out=l_arg2_part.reshape(-1, n_y))
    l_arg2_part2 = np.empty((S, B, n_y), dtype)
    # l.arg2.part2[s] = Q @ g[s]
    np.matmul(g[1:].reshape(-1, n_g), Q.T, out=l_arg2_part2.reshape(-1, n_y))
    l_arg2 = np.empty((T, S, B, n_y), dtype)
    # l.arg2[t, s] = c + l.arg2.part[t] + l.arg2.part2[s]
    l_arg2[...] = c
    l_arg2 += l_arg2_part[:, None]
    l_arg2 += l_arg2_part2
    l_lse2 = np.empty((T, S, B), dtype)
    largest2 = np.empty((T, S, B, 1), dtype)
    # l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])
    _logsumexp(l_arg2, 3, out=l_lse2, work=tmp2, largest=largest2)
    alpha_concat = np.empty((T - 1, S, B, 2), dtype)
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
    alpha_concat[:, :, :, :1] = alpha[:T - 1, 1:][:, :, :, None]
    alpha_concat[:, :, :, :1] += l[:T - 1, 1:, :, 0][:, :, :, None]
    alpha_concat[:, :, :, 1:] = alpha[1:, :S][:, :, :, None]
    tmp3[...] = l[1:, np.arange(S)[:, None], np.arange(B), y]
    alpha_concat[:, :, :, 1:] += tmp3[:, :, :, None]
    alpha_lse = np.empty((T - 1, S, B), dtype)
    largest4 = np.empty((T - 1, S, B, 1), dtype)
    _logsumexp(alpha_concat, 3, out=alpha_lse, work=tmp4, largest=largest4)
    tmp5 = np.empty((B, 2), dtype)
    tmp6 = np.empty((B,), dtype)
    tmp7 = np.empty((S, B), dtype)
    tmp8 = np.empty((T - 1,), dtype)
    tmp9 = np.empty((T - 1,), dtype)
    tmp10 = np.empty((S,), dtype)
    tmp11 = np.empty((S,), dtype)
    tmp12 = np.empty((S,), dtype)
    tmp13 = np.empty((T - 1, B), dtype)
    tmp14 = np.empty((n_y,), dtype)
    tmp15 = np.empty((n_y, n_h), dtype)
    tmp16 = np.empty((T, B, n_h), dtype)
    tmp17 = np.empty((n_y, n_g), dtype)
    tmp18 = np.empty((n_y, B), dtype)
    tmp19 = np.empty((B, n_g), dtype)
    tmp20 = np.empty((n_g,), dtype)
    tmp21 = np.empty((n_g,), dtype)
    tmp22 = np.empty((n_g,), dtype)
    tmp23 = np.empty((B, n_h), dtype)
    dalpha = np.zeros((T, S + 1, B), dtype)
    # grad(alpha[t, s]) = same_window(s, maximum(s - 1, 0), window.S) * sum(grad(alpha.concat[t, s+1,
    #     1:])) + same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) - where(len.T ==
    #     t, 1, 0) * where(len.S == s, 1, 0), 2 <= t < T, s < S
    dalpha[len_T - 1, len_S, np.arange(B)] -= 1
    dalpha_concat = np.zeros((T - 1, S, B, 2), dtype)
    dalpha_at = list(dalpha[T - 1])
    if 2 <= T:
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
        #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
        np.subtract(alpha_concat[T - 2, S - 1], alpha_lse[T - 2, S - 1][:, None], out=tmp5)
        np.exp(tmp5, out=dalpha_concat[T - 2, S - 1])
        dalpha_concat[T - 2, S - 1] *= dalpha[T - 1, S][:, None]
        for s in range(S - 1, 0, -1):
            # grad(alpha[t, s]) = same_window(s, maximum(s - 1, 0), window.S) * sum(grad(alpha.concat[t, s+1,
            #     1:])) + same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) - where(len.T ==
            #     t, 1, 0) * where(len.S == s, 1, 0), 2 <= t < T, s < S
            np.add.reduce(dalpha_concat[T - 2, s, :, 1:], axis=1, out=tmp6)
            tmp6 *= s // window_S == max(s - 1, 0) // window_S
            dalpha_at[s] += tmp6
            # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
            #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
            np.subtract(alpha_concat[T - 2, s - 1], alpha_lse[T - 2, s - 1][:, None], out=tmp5)
            np.exp(tmp5, out=dalpha_concat[T - 2, s - 1])
            dalpha_concat[T - 2, s - 1] *= dalpha_at[s][:, None]
        # grad(alpha[t, s]) = same_window(s, maximum(s - 1, 0), window.S) * sum(grad(alpha.concat[t, s+1,
        #     1:])) + same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) - where(len.T ==
        #     t, 1, 0) * where(len.S == s, 1, 0), 2 <= t < T, s < S
        np.add.reduce(dalpha_concat[T - 2, 0, :, 1:], axis=1, out=tmp6)
        tmp6 *= 0 // window_S == max(-1, 0) // window_S
        dalpha[T - 1, 0] += tmp6
    dalpha_concat_at = list(dalpha_concat[:, :, :, :1])
    dalpha_at2 = list(dalpha[:, 1:])
    alpha_concat_at2 = list(alpha_concat[:, S - 1])
    alpha_lse_at = list(alpha_lse[:, S - 1])
    dalpha_concat_at2 = list(dalpha_concat[:, S - 1])
    dalpha_at3 = list(dalpha[:, S])
    dalpha_concat_at3 = list(dalpha_concat[:, 0, :, 1:])
    dalpha_at4 = list(dalpha[:, 0])
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, s]) = same_window(s, maximum(s - 1, 0), window.S) * sum(grad(alpha.concat[t, s+1,
        #     1:])) + same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) - where(len.T ==
        #     t, 1, 0) * where(len.S == s, 1, 0), 2 <= t < T, s < S
        np.add.reduce(dalpha_concat_at[t - 1], axis=2, out=tmp7)
        tmp7 *= t // window_T == (t - 1) // window_T
        dalpha_at2[t - 1] += tmp7
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
        #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
        np.subtract(alpha_concat_at2[t - 2], alpha_lse_at[t - 2][:, None], out=tmp5)
        np.exp(tmp5, out=dalpha_concat_at2[t - 2])
        dalpha_concat_at2[t - 2] *= dalpha_at3[t - 1][:, None]
        for s in range(S - 1, 0, -1):
            # grad(alpha[t, s]) = same_window(s, maximum(s - 1, 0), window.S) * sum(grad(alpha.concat[t, s+1,
            #     1:])) + same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) - where(len.T ==
            #     t, 1, 0) * where(len.S == s, 1, 0), 2 <= t < T, s < S
            np.add.reduce(dalpha_concat[t - 2, s, :, 1:], axis=1, out=tmp6)
            tmp6 *= s // window_S == max(s - 1, 0) // window_S
            dalpha[t - 1, s] += tmp6
            # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(l[t-1, s, 0] + alpha[t-1, s], l[t,
            #     s-1, y[s]] + alpha[t, s-1])), 2 <= t <= T
            np.subtract(alpha_concat[t - 2, s - 1], alpha_lse[t - 2, s - 1][:, None], out=tmp5)
            np.exp(tmp5, out=dalpha_concat[t - 2, s - 1])
            dalpha_concat[t - 2, s - 1] *= dalpha[t - 1, s][:, None]
        # grad(alpha[t, s]) = same_window(s, maximum(s - 1, 0), window.S) * sum(grad(alpha.concat[t, s+1,
        #     1:])) + same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) - where(len.T ==
        #     t, 1, 0) * where(len.S == s, 1, 0), 2 <= t < T, s < S
        np.add.reduce(dalpha_concat_at3[t - 2], axis=1, out=tmp6)
        tmp6 *= 0 // window_S == max(-1, 0) // window_S
        dalpha_at4[t - 1] += tmp6
    if 1 <= T - 1:
        # grad(alpha[t, s]) = same_window(s, maximum(s - 1, 0), window.S) * sum(grad(alpha.concat[t, s+1,
        #     1:])) + same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) - where(len.T ==
        #     t, 1, 0) * where(len.S == s, 1, 0), 2 <= t < T, s < S
        np.add.reduce(dalpha_concat[0, :, :, :1], axis=2, out=tmp7)
        tmp7 *= 1 // window_T == 0 // window_T
        dalpha[0, 1:] += tmp7
    dl = np.zeros((T, S + 1, B, n_y), dtype)
    # grad(l[t, s, 0]) += same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) -
    #     where(len.T == t, 1, 0) * where(len.S == s, 1, 0), t < T
    np.add(np.arange(1, T, dtype=dtype), -1, out=tmp9)
    tmp8[...] = np.arange(1, T) // window_T == tmp9 // window_T
    np.add.reduce(dalpha_concat[:, :, :, :1], axis=3, out=tmp3)
    tmp3 *= tmp8[:, None, None]
    dl[:T - 1, 1:, :, 0] += tmp3
    dalpha_at5 = list(dalpha[0])
    for s in range(S - 1, -1, -1):
        # grad(alpha[1, s]) = same_window(1, 0, window.T) * sum(grad(alpha.concat[2, s, :1])) + same_window(s,
        #     maximum(s - 1, 0), window.S) * grad(alpha[1, s+1]) - where(len.T == 1, 1, 0) * where(len.S == s,
        #     1, 0), s < S
        np.multiply(s // window_S == max(s - 1, 0) // window_S, dalpha_at5[s + 1], out=tmp6)
        dalpha_at5[s] += tmp6
    # grad(l[t, s, 0]) += same_window(t, t - 1, window.T) * sum(grad(alpha.concat[t+1, s, :1])) -
    #     where(len.T == t, 1, 0) * where(len.S == s, 1, 0), t < T
    dl[:, :, :, 0][len_T - 1, len_S, np.arange(B)] -= 1
    np.add(np.arange(S, dtype=dtype), -1, out=tmp12)
    np.maximum(tmp12, 0, out=tmp11)
    tmp10[...] = np.arange(S) // window_S == tmp11 // window_S
    np.add.reduce(dalpha_concat[:, :, :, 1:], axis=3, out=tmp3)
    tmp3 *= tmp10[:, None]
    dl[1:, np.arange(S)[:, None], np.arange(B), y] += tmp3
    # grad(l[T, s, 0]) += -where(len.T == T, 1, 0) * where(len.S == s, 1, 0)
    np.add(np.arange(S, dtype=dtype), -1, out=tmp12)
    np.maximum(tmp12, 0, out=tmp11)
    tmp10[...] = np.arange(S) // window_S == tmp11 // window_S
    np.multiply(tmp10[:, None], dalpha[0, 1:], out=tmp7)
    dl[0][np.arange(S)[:, None], np.arange(B), y] += tmp7
    dl_lse2 = np.empty((T, S, B), dtype)
    # grad(l.lse2[t, s]) = -sum(grad(l[t, s]))
    np.add.reduce(dl[:, 1:], axis=3, out=dl_lse2)
    np.negative(dl_lse2, out=dl_lse2)
    dl_arg2 = np.empty((T, S, B, n_y), dtype)
    # grad(l.arg2[t, s]) = grad(l.lse2[t, s]) * softmax(l.arg2[t, s]) + grad(l[t, s])
    np.subtract(l_arg2, l_lse2[:, :, :, None], out=tmp2)
    np.exp(tmp2, out=dl_arg2)
    dl_arg2 *= dl_lse2[:, :, :, None]
    dl_arg2 += dl[:, 1:]
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(grad(l.arg[t]), t) + sum(sum(grad(l.arg2[t, s]), s), t)
    np.add.reduce(dl_arg2, axis=(0, 1, 2), out=dc)
    dl_arg2_sum = np.empty((T, B, n_y), dtype)
    # grad(l.arg2.sum[t]) = sum(grad(l.arg2[t, s]), s)
    np.add.reduce(dl_arg2, axis=1, out=dl_arg2_sum)
    dP = np.empty((n_y, n_h), dtype)
    # grad(P) = sum(outer(grad(l.arg[t]), h[t]), t) + sum(outer(grad(l.arg2.sum[t]), h[t]), t)
    np.matmul(dl_arg2_sum.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dP)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) + P.T @
    #     grad(l.arg[t]) + P.T @ grad(l.arg2.sum[t]), t < T
    np.matmul(dl_arg2_sum.reshape(-1, n_y), P, out=dh.reshape(-1, n_h))
    dl_arg2_sum2 = np.empty((S, B, n_y), dtype)
    # grad(l.arg2.sum2[s]) = sum(grad(l.arg2[t, s]), t)
    np.add.reduce(dl_arg2, axis=0, out=dl_arg2_sum2)
    dQ = np.empty((n_y, n_g), dtype)
    # grad(Q) = sum(outer(grad(l.arg[t]), g[0]), t) + sum(outer(grad(l.arg2.sum2[s]), g[s]), s)
    np.matmul(dl_arg2_sum2.reshape(-1, n_y).T, g[1:].reshape(-1, n_g), out=dQ)
    for t in range(T - 1, 0, -1):
        # grad(alpha[t, 0]) = sum(grad(alpha.concat[t, 1, 1:])) + same_window(t, t - 1, window.T) *
        #     grad(alpha[t+1, 0]), 2 <= t < T
        np.multiply(t // window_T == (t - 1) // window_T, dalpha_at4[t], out=tmp6)
        dalpha_at4[t - 1] += tmp6
    # grad(l[t, 0, 0]) += same_window(t, t - 1, window.T) * grad(alpha[t+1, 0]), t < T
    np.add(np.arange(1, T, dtype=dtype), -1, out=tmp9)
    tmp8[...] = np.arange(1, T) // window_T == tmp9 // window_T
    np.multiply(tmp8[:, None], dalpha[1:, 0], out=tmp13)
    dl[:T - 1, 0, :, 0] += tmp13
    dl_lse = np.empty((T, B), dtype)
    # grad(l.lse[t]) = -sum(grad(l[t, 0]))
    np.add.reduce(dl[:, 0], axis=2, out=dl_lse)
    np.negative(dl_lse, out=dl_lse)
    dl_arg = np.empty((T, B, n_y), dtype)
    # grad(l.arg[t]) = grad(l[t, 0]) + grad(l.lse[t]) * softmax(l.arg[t])
    np.subtract(l_arg, l_lse[:, :, None], out=tmp1)
    np.exp(tmp1, out=dl_arg)
    dl_arg *= dl_lse[:, :, None]
    dl_arg += dl[:, 0]
    # grad(c) = sum(grad(l.arg[t]), t) + sum(sum(grad(l.arg2[t, s]), s), t)
    np.add.reduce(dl_arg, axis=(0, 1), out=tmp14)
    dc += tmp14
    # grad(P) = sum(outer(grad(l.arg[t]), h[t]), t) + sum(outer(grad(l.arg2.sum[t]), h[t]), t)
    np.matmul(dl_arg.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=tmp15)
    dP += tmp15
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) + P.T @
    #     grad(l.arg[t]) + P.T @ grad(l.arg2.sum[t]), t < T
    np.matmul(dl_arg.reshape(-1, n_y), P, out=tmp16.reshape(-1, n_h))
    dh += tmp16
    # grad(Q) = sum(outer(grad(l.arg[t]), g[0]), t) + sum(outer(grad(l.arg2.sum2[s]), g[s]), s)
    tmp18[...] = dl_arg.sum(axis=0).T
    np.matmul(tmp18, g[0], out=tmp17)
    dQ += tmp17
    g_arg_factor = np.empty((S, B, n_g), dtype)
    # g.arg.factor[s] = 1 - g[s]**2
    np.square(g[1:], out=g_arg_factor)
    np.subtract(1, g_arg_factor, out=g_arg_factor)
    dg = np.empty((S + 1, B, n_g), dtype)
    # grad(g[s]) = same_window(s, maximum(s - 1, 0), window.S) * (R.T @ grad(g.arg[s+1])) + Q.T @
    #     grad(l.arg2.sum2[s]), s < S
    np.matmul(dl_arg2_sum2.reshape(-1, n_y), Q, out=dg[1:].reshape(-1, n_g))
    dg_arg = np.empty((S, B, n_g), dtype)
    # grad(g.arg[s]) = (1 - g[s]**2) * grad(g[s])
    np.multiply(g_arg_factor[S - 1], dg[S], out=dg_arg[S - 1])
    dg_arg_at = list(dg_arg)
    dg_at = list(dg)
    g_arg_factor_at = list(g_arg_factor)
    for s in range(S - 1, 0, -1):
        # grad(g[s]) = same_window(s, maximum(s - 1, 0), window.S) * (R.T @ grad(g.arg[s+1])) + Q.T @
        #     grad(l.arg2.sum2[s]), s < S
        dg_arg_at[s].dot(R, out=tmp19)
        tmp19 *= s // window_S == max(s - 1, 0) // window_S
        dg_at[s] += tmp19
        # grad(g.arg[s]) = (1 - g[s]**2) * grad(g[s])
        np.multiply(g_arg_factor_at[s - 1], dg_at[s], out=dg_arg_at[s - 1])
    # grad(g[s]) = same_window(s, maximum(s - 1, 0), window.S) * (R.T @ grad(g.arg[s+1])) + Q.T @
    #     grad(l.arg2.sum2[s]), s < S
    np.matmul(dg_arg[0], R, out=dg[0])
    dg[0] *= 0 // window_S == max(-1, 0) // window_S
    dr = np.empty((n_g,), dtype)
    # grad(r) = (1 - tanh(r)**2) * grad(g[0]) + sum(grad(g.arg[s]), s)
    np.add.reduce(dg_arg, axis=(0, 1), out=dr)
    dR = np.empty((n_g, n_g), dtype)
    # grad(R) = sum(outer(grad(g.arg[s]), g[s-1]), s)
    np.matmul(dg_arg.reshape(-1, n_g).T, g[:S].reshape(-1, n_g), out=dR)
    # grad(g[0]) = R.T @ grad(g.arg[1]) + sum(Q.T @ grad(l.arg[t]), t)
    np.add.reduce(dl_arg, axis=0, out=tmp0)
    np.matmul(tmp0, Q, out=tmp19)
    dg[0] += tmp19
    # grad(r) = (1 - tanh(r)**2) * grad(g[0]) + sum(grad(g.arg[s]), s)
    np.add.reduce(dg[0], axis=0, out=tmp21)
    np.tanh(r, out=tmp22)
    np.square(tmp22, out=tmp20)
    np.subtract(1, tmp20, out=tmp20)
    tmp20 *= tmp21
    dr += tmp20
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
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W.T @ grad(h.arg[t+1])) + P.T @
        #     grad(l.arg[t]) + P.T @ grad(l.arg2.sum[t]), t < T
        dh_arg_at[t].dot(W, out=tmp23)
        tmp23 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t - 1] += tmp23
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t - 1], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    dU = np.empty((n_h, n_x), dtype)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    dW = np.empty((n_h, n_h), dtype)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
    dF = np.zeros((n_g, n_y), dtype)
    # grad(F) = sum(outer(grad(g.arg[s]), onehot(y[s])), s)
    _scatter_add(dF, (np.arange(n_g)[:, None, None], y), dg_arg.transpose(2, 0, 1))

    return Params(U=dU, W=dW, b=db, F=dF, R=dR, r=dr, P=dP, Q=dQ, c=dc)


def _loss_arrays(T, S, n_y, n_h, n_g, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_g), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((n_g,), dtype)
    tmp3 = np.empty((B, n_y), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, n_g), dtype)
    tmp6 = np.empty((T, S, B, n_y), dtype)
    l_lse = np.empty((T, B), dtype)
    tmp7 = l_lse
    l_lse2 = np.empty((T, S, B), dtype)
    tmp8 = l_lse2
    tmp9 = np.empty((B, 2), dtype)
    tmp10 = np.empty((B,), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    g_arg = np.empty((S, B, n_g), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    l_arg = np.empty((T, B, n_y), dtype)
    g = np.empty((S + 1, B, n_g), dtype)
    largest = np.empty((T, B, 1), dtype)
    l_arg2_part = tmp4
    R_T = np.empty((n_g, n_g), dtype)
    g_at = list(g)
    g_arg_at = list(g_arg)
    l_arg2_part2 = np.empty((S, B, n_y), dtype)
    l_arg2 = np.empty((T, S, B, n_y), dtype)
    largest2 = np.empty((T, S, B, 1), dtype)
    l = np.empty((T, S + 1, B, n_y), dtype)
    alpha = np.empty((T, S + 1, B), dtype)
    alpha_at = list(alpha[:, 0])
    alpha_at2 = list(alpha[0])
    alpha_concat = np.empty((T - 1, S, B, 2), dtype)
    alpha_lse = np.empty((T - 1, S, B), dtype)
    alpha_concat_at = list(alpha_concat[:, :, :, :1])
    alpha_at3 = list(alpha[:, 1:])
    largest3 = np.empty((B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, l_lse, tmp7, l_lse2, tmp8, tmp9, tmp10, h_arg, g_arg, h, W_T, h_at,
        h_arg_at, l_arg, g, largest, l_arg2_part, R_T, g_at, g_arg_at, l_arg2_part2, l_arg2, largest2, l, alpha,
        alpha_at, alpha_at2, alpha_concat, alpha_lse, alpha_concat_at, alpha_at3, largest3,
    )


def _loss_and_grad_arrays(T, n_x, S, n_y, n_h, n_g, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_g), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((n_g,), dtype)
    tmp3 = np.empty((B, n_y), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, n_g), dtype)
    tmp6 = np.empty((T, S, B, n_y), dtype)
    tmp7 = np.empty((T, B), dtype)
    tmp8 = np.empty((T, S, B), dtype)
    tmp9 = np.empty((B, 2), dtype)
    tmp10 = np.empty((B,), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    g_arg = np.empty((S, B, n_g), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    l_arg = np.empty((T, B, n_y), dtype)
    g = np.empty((S + 1, B, n_g), dtype)
    l_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    l_arg2_part = np.empty((T, B, n_y), dtype)
    R_T = np.empty((n_g, n_g), dtype)
    g_at = list(g)
    g_arg_at = list(g_arg)
    l_arg2_part2 = np.empty((S, B, n_y), dtype)
    l_arg2 = np.empty((T, S, B, n_y), dtype)
    l_lse2 = np.empty((T, S, B), dtype)
    largest2 = np.empty((T, S, B, 1), dtype)
    l = np.empty((T, S + 1, B, n_y), dtype)
    alpha = np.empty((T, S + 1, B), dtype)
    alpha_at = list(alpha[:, 0])
    alpha_at2 = list(alpha[0])
    alpha_concat = np.empty((T - 1, S, B, 2), dtype)
    alpha_lse = np.empty((T - 1, S, B), dtype)
    alpha_concat_at = list(alpha_concat[:, :, :, :1])
    alpha_at3 = list(alpha[:, 1:])
    largest3 = np.empty((B, 1), dtype)
    tmp11 = np.empty((S, B), dtype)
    tmp12 = alpha_lse
    tmp13 = np.empty((n_y,), dtype)
    tmp14 = np.empty((n_y, n_h), dtype)
    tmp15 = np.empty((n_y, n_g), dtype)
    tmp16 = np.empty((n_y, B), dtype)
    tmp17 = np.empty((n_g,), dtype)
    tmp18 = np.empty((n_g,), dtype)
    tmp19 = np.empty((T, B, n_h), dtype)
    dalpha = alpha
    dl = l
    dalpha_concat = np.empty((T - 1, S, B, 2), dtype)
    dalpha_at = list(dalpha[T - 1])
    dalpha_concat_at = list(dalpha_concat[:, :, :, :1])
    dalpha_at2 = list(dalpha[:, 1:])
    alpha_concat_at2 = list(alpha_concat[:, S - 1])
    alpha_lse_at = list(alpha_lse[:, S - 1])
    dalpha_concat_at2 = list(dalpha_concat[:, S - 1])
    dalpha_at3 = list(dalpha[:, S])
    dalpha_concat_at3 = list(dalpha_concat[:, 0, :, 1:])
    dalpha_at4 = list(dalpha[:, 0])
    dalpha_at5 = list(dalpha[0])
    dl_lse2 = tmp8
    dl_arg2 = l_arg2
    dc = np.empty((n_y,), dtype)
    dl_arg2_sum = l_arg2_part
    dP = np.empty((n_y, n_h), dtype)
    dl_arg2_sum2 = l_arg2_part2
    dQ = np.empty((n_y, n_g), dtype)
    dl_lse = tmp7
    dl_arg = l_arg
    g_arg_factor = g_arg
    dg = np.empty((S + 1, B, n_g), dtype)
    dg_arg = g_arg_factor
    dg_arg_at = list(dg_arg)
    dg_at = list(dg)
    g_arg_factor_at = list(g_arg_factor)
    dr = np.empty((n_g,), dtype)
    dR = R_T
    h_arg_factor = h_arg
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = W_T
    dF = np.empty((n_g, n_y), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, h_arg, g_arg, h, W_T, h_at, h_arg_at, l_arg,
        g, l_lse, largest, l_arg2_part, R_T, g_at, g_arg_at, l_arg2_part2, l_arg2, l_lse2, largest2, l, alpha, alpha_at,
        alpha_at2, alpha_concat, alpha_lse, alpha_concat_at, alpha_at3, largest3, tmp11, tmp12, tmp13, tmp14, tmp15,
        tmp16, tmp17, tmp18, tmp19, dalpha, dl, dalpha_concat, dalpha_at, dalpha_concat_at, dalpha_at2,
        alpha_concat_at2, alpha_lse_at, dalpha_concat_at2, dalpha_at3, dalpha_concat_at3, dalpha_at4, dalpha_at5,
        dl_lse2, dl_arg2, dc, dl_arg2_sum, dP, dl_arg2_sum2, dQ, dl_lse, dl_arg, g_arg_factor, dg, dg_arg, dg_arg_at,
        dg_at, g_arg_factor_at, dr, dR, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at, db, dU, dW, dF,
    )


def _loss_padded_arrays(T, S, n_y, n_h, n_g, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_g), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((n_g,), dtype)
    tmp3 = np.empty((B, n_y), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, n_g), dtype)
    tmp6 = np.empty((T, S, B, n_y), dtype)
    l_lse = np.empty((T, B), dtype)
    tmp7 = l_lse
    l_lse2 = np.empty((T, S, B), dtype)
    tmp8 = l_lse2
    tmp9 = np.empty((B,), dtype)
    tmp10 = np.empty((B, 2), dtype)
    tmp11 = np.empty((B,), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    g_arg = np.empty((S, B, n_g), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    l_arg = np.empty((T, B, n_y), dtype)
    g = np.empty((S + 1, B, n_g), dtype)
    largest = np.empty((T, B, 1), dtype)
    l_arg2_part = tmp4
    R_T = np.empty((n_g, n_g), dtype)
    g_at = list(g)
    g_arg_at = list(g_arg)
    l_arg2_part2 = np.empty((S, B, n_y), dtype)
    l_arg2 = np.empty((T, S, B, n_y), dtype)
    largest2 = np.empty((T, S, B, 1), dtype)
    l = np.empty((T, S + 1, B, n_y), dtype)
    alpha = np.empty((T, S + 1, B), dtype)
    alpha_at = list(alpha[:, 0])
    l_at = list(l[:, 0, :, 0])
    alpha_at2 = list(alpha[0])
    alpha_concat = np.empty((T - 1, S, B, 2), dtype)
    alpha_lse = np.empty((T - 1, S, B), dtype)
    alpha_concat_at = list(alpha_concat[:, :, :, :1])
    alpha_at3 = list(alpha[:, 1:])
    largest3 = np.empty((B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, l_lse, tmp7, l_lse2, tmp8, tmp9, tmp10, tmp11, h_arg, g_arg, h, W_T,
        h_at, h_arg_at, l_arg, g, largest, l_arg2_part, R_T, g_at, g_arg_at, l_arg2_part2, l_arg2, largest2, l, alpha,
        alpha_at, l_at, alpha_at2, alpha_concat, alpha_lse, alpha_concat_at, alpha_at3, largest3,
    )


def _loss_and_grad_padded_arrays(T, n_x, S, n_y, n_h, n_g, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_g), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((n_g,), dtype)
    tmp3 = np.empty((B, n_y), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, n_g), dtype)
    tmp6 = np.empty((T, S, B, n_y), dtype)
    tmp7 = np.empty((T, B), dtype)
    tmp8 = np.empty((T, S, B), dtype)
    tmp9 = np.empty((B,), dtype)
    tmp10 = np.empty((B, 2), dtype)
    tmp11 = np.empty((B,), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    g_arg = np.empty((S, B, n_g), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    l_arg = np.empty((T, B, n_y), dtype)
    g = np.empty((S + 1, B, n_g), dtype)
    l_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    l_arg2_part = np.empty((T, B, n_y), dtype)
    R_T = np.empty((n_g, n_g), dtype)
    g_at = list(g)
    g_arg_at = list(g_arg)
    l_arg2_part2 = np.empty((S, B, n_y), dtype)
    l_arg2 = np.empty((T, S, B, n_y), dtype)
    l_lse2 = np.empty((T, S, B), dtype)
    largest2 = np.empty((T, S, B, 1), dtype)
    l = np.empty((T, S + 1, B, n_y), dtype)
    alpha = np.empty((T, S + 1, B), dtype)
    alpha_at = list(alpha[:, 0])
    l_at = list(l[:, 0, :, 0])
    alpha_at2 = list(alpha[0])
    alpha_concat = np.empty((T - 1, S, B, 2), dtype)
    alpha_lse = np.empty((T - 1, S, B), dtype)
    alpha_concat_at = list(alpha_concat[:, :, :, :1])
    alpha_at3 = list(alpha[:, 1:])
    largest3 = np.empty((B, 1), dtype)
    tmp12 = np.empty((S, B), dtype)
    tmp13 = alpha_lse
    tmp14 = np.empty((T - 1,), dtype)
    tmp15 = np.empty((T - 1,), dtype)
    tmp16 = np.empty((S,), dtype)
    tmp17 = np.empty((S,), dtype)
    tmp18 = np.empty((S,), dtype)
    tmp19 = np.empty((T - 1, B), dtype)
    tmp20 = np.empty((n_y,), dtype)
    tmp21 = np.empty((n_y, n_h), dtype)
    tmp22 = np.empty((n_y, n_g), dtype)
    tmp23 = np.empty((n_y, B), dtype)
    tmp24 = np.empty((n_g,), dtype)
    tmp25 = np.empty((n_g,), dtype)
    tmp26 = np.empty((T, B, n_h), dtype)
    dalpha = alpha
    dalpha_concat = np.empty((T - 1, S, B, 2), dtype)
    dalpha_at = list(dalpha[T - 1])
    dalpha_concat_at = list(dalpha_concat[:, :, :, :1])
    dalpha_at2 = list(dalpha[:, 1:])
    alpha_concat_at2 = list(alpha_concat[:, S - 1])
    alpha_lse_at = list(alpha_lse[:, S - 1])
    dalpha_concat_at2 = list(dalpha_concat[:, S - 1])
    dalpha_at3 = list(dalpha[:, S])
    dalpha_concat_at3 = list(dalpha_concat[:, 0, :, 1:])
    dalpha_at4 = list(dalpha[:, 0])
    dl = l
    dalpha_at5 = list(dalpha[0])
    dl_lse2 = tmp8
    dl_arg2 = l_arg2
    dc = np.empty((n_y,), dtype)
    dl_arg2_sum = l_arg2_part
    dP = np.empty((n_y, n_h), dtype)
    dl_arg2_sum2 = l_arg2_part2
    dQ = np.empty((n_y, n_g), dtype)
    dl_lse = tmp7
    dl_arg = l_arg
    g_arg_factor = g_arg
    dg = np.empty((S + 1, B, n_g), dtype)
    dg_arg = g_arg_factor
    dg_arg_at = list(dg_arg)
    dg_at = list(dg)
    g_arg_factor_at = list(g_arg_factor)
    dr = np.empty((n_g,), dtype)
    dR = R_T
    h_arg_factor = h_arg
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = W_T
    dF = np.empty((n_g, n_y), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, h_arg, g_arg, h, W_T, h_at, h_arg_at,
        l_arg, g, l_lse, largest, l_arg2_part, R_T, g_at, g_arg_at, l_arg2_part2, l_arg2, l_lse2, largest2, l, alpha,
        alpha_at, l_at, alpha_at2, alpha_concat, alpha_lse, alpha_concat_at, alpha_at3, largest3, tmp12, tmp13, tmp14,
        tmp15, tmp16, tmp17, tmp18, tmp19, tmp20, tmp21, tmp22, tmp23, tmp24, tmp25, tmp26, dalpha, dalpha_concat,
        dalpha_at, dalpha_concat_at, dalpha_at2, alpha_concat_at2, alpha_lse_at, dalpha_concat_at2, dalpha_at3,
        dalpha_concat_at3, dalpha_at4, dl, dalpha_at5, dl_lse2, dl_arg2, dc, dl_arg2_sum, dP, dl_arg2_sum2, dQ, dl_lse,
        dl_arg, g_arg_factor, dg, dg_arg, dg_arg_at, dg_at, g_arg_factor_at, dr, dR, h_arg_factor, dh, dh_arg,
        dh_arg_at, dh_at, h_arg_factor_at, db, dU, dW, dF,
    )


def _arguments(params, x, y, h0):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_g, n_y = _parameters(params)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _rank("y", y, ("S", "B"), single)
    S = y.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (S, *batch_axis), ("S", "B"), "B from x")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
        if single:
            h0 = h0[None]
    return params, x, y, h0, dtype, single, n_h, n_x, n_g, n_y, T, S, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_g, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    g = _real("forward.g", forward.g, dtype)
    l = _real("forward.l", forward.l, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _rank("y", y, ("S", "B"), single)
    S = y.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (S, *batch_axis), ("S", "B"), "B from x")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.g", g, (S + 1, *batch_axis, n_g), ("S + 1", "B", "n_g"), "S from y, B from x, n_g from F")
    _expect(
        "forward.l",
        l,
        (T, S + 1, *batch_axis, n_y),
        ("T", "S + 1", "B", "n_y"),
        "T and B from x, S from y, n_y from F",
    )
    _expect("forward.alpha", alpha, (T, S + 1, *batch_axis), ("T", "S + 1", "B"), "T and B from x, S from y")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        h = h[:, None]
        g = g[:, None]
        l = l[:, :, None]
        alpha = alpha[:, :, None]
    return params, x, y, h, g, l, alpha, dtype, single, n_h, n_x, n_g, n_y, T, S, B


def _initial_arguments(params, h0, S, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_g, n_y = _parameters(params)
    S = _size("S", S)
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
    return params, h0, dtype, single, n_h, n_x, n_g, n_y, S, B


def _step_arguments(params, state, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_g, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h_prev = _real("state.h", state.h, dtype)
    l_prev = _real("state.l", state.l, dtype)
    alpha_prev = _real("state.alpha", state.alpha, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _rank("y", y, ("S", "B"), single)
    S = y.shape[0]
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from U")
    _expect("y", y, (S, *batch_axis), ("S", "B"), "B from x")
    _expect("state.h", h_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
    _expect("state.l", l_prev, (S + 1, *batch_axis, n_y), ("S + 1", "B", "n_y"), "S from y, B from x, n_y from F")
    _expect("state.alpha", alpha_prev, (S + 1, *batch_axis), ("S + 1", "B"), "S from y, B from x")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[None]
        y = y[:, None]
        h_prev = h_prev[None]
        l_prev = l_prev[:, None]
        alpha_prev = alpha_prev[:, None]
    return params, x, y, h_prev, l_prev, alpha_prev, dtype, single, n_h, n_x, n_g, n_y, S, B


def _padded_arguments(params, x, y, h0, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_g, n_y = _parameters(params)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _rank("y", y, ("S", "B"), single)
    S = y.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (S, *batch_axis), ("S", "B"), "B from x")
    if single:
        x = x[:, None]
        y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
        if single:
            h0 = h0[None]
    len_T = _lengths(lengths, "T", ("T", "S"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    len_S = _lengths(lengths, "S", ("T", "S"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_S)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h0, dtype, single, n_h, n_x, n_g, n_y, T, S, B, len_T, T_own, len_S, S_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_g, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    g = _real("forward.g", forward.g, dtype)
    l = _real("forward.l", forward.l, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _rank("y", y, ("S", "B"), single)
    S = y.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("y", y, (S, *batch_axis), ("S", "B"), "B from x")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.g", g, (S + 1, *batch_axis, n_g), ("S + 1", "B", "n_g"), "S from y, B from x, n_g from F")
    _expect(
        "forward.l",
        l,
        (T, S + 1, *batch_axis, n_y),
        ("T", "S + 1", "B", "n_y"),
        "T and B from x, S from y, n_y from F",
    )
    _expect("forward.alpha", alpha, (T, S + 1, *batch_axis), ("T", "S + 1", "B"), "T and B from x, S from y")
    if single:
        x = x[:, None]
        y = y[:, None]
        h = h[:, None]
        g = g[:, None]
        l = l[:, :, None]
        alpha = alpha[:, :, None]
    len_T = _lengths(lengths, "T", ("T", "S"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    len_S = _lengths(lengths, "S", ("T", "S"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_S)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h, g, l, alpha, dtype, single, n_h, n_x, n_g, n_y, T, S, B, len_T, T_own, len_S, S_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    U, W, b, F, R, r, P, Q, c = params
    _rank("U", U, ("n_h", "n_x"))
    n_h, n_x = U.shape
    _rank("F", F, ("n_g", "n_y"))
    n_g, n_y = F.shape
    _expect("W", W, (n_h, n_h), ("n_h", "n_h"), "n_h from U")
    _expect("b", b, (n_h,), ("n_h",), "n_h from U")
    _expect("R", R, (n_g, n_g), ("n_g", "n_g"), "n_g from F")
    _expect("r", r, (n_g,), ("n_g",), "n_g from F")
    _expect("P", P, (n_y, n_h), ("n_y", "n_h"), "n_y from F, n_h from U")
    _expect("Q", Q, (n_y, n_g), ("n_y", "n_g"), "n_y and n_g from F")
    _expect("c", c, (n_y,), ("n_y",), "n_y from F")
    return params, dtype, n_h, n_x, n_g, n_y


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
