# Written by derive from ctc.eq; do not edit.
# Change ctc.eq instead, and run: derive generate ctc
# source fe0da8d1fdf3da15, derive 07e8f9d843407be1, body c126ba8333cce0c7
"""Connectionist temporal classification: minus the log-probability of a label sequence, over all its alignments.

Graves, Fernandez, Gomez & Schmidhuber (2006), Connectionist Temporal Classification: Labelling Unsegmented Sequence
Data with Recurrent Neural Networks, eqs. 6-8, in log space. The labels come with a blank before, between and behind
them: S is one more than twice their number.

The equations::

    x: Input[T, n_x]          # what is read at each step
    l: Index[S, n_y]          # the labels, with blanks
    U: Param[n_h, n_x]        # input to hidden
    W: Param[n_h, n_h]        # hidden to hidden
    V: Param[n_y, n_h]        # hidden to output
    b: Param[n_h]
    c: Param[n_y]
    none: Const = -1e30       # logarithm of nothing

    h[0] = 0
    h[t] = tanh(b + W @ h[t-1] + U @ x[t])
    o[t] = c + V @ h[t]
    p[t] = logsoftmax(o[t])
    same[s] = dot(onehot(l[s]), onehot(l[s-2]))                             # 1 for a blank or a label that comes twice

    alpha[0, 0] = 0
    alpha[0, -1] = none
    alpha[t, -1] = none
    alpha[t, 0] = none
    alpha[0, s] = none
    skip[t, s] = where(same[s] > 0.5, none, alpha[t-1, s-2])                # a blank may be left out
    alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
    loss = -logsumexp(concat(alpha[T, S], alpha[T, S-1]))
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    U: np.ndarray  # (n_h, n_x)  input to hidden
    W: np.ndarray  # (n_h, n_h)  hidden to hidden
    V: np.ndarray  # (n_y, n_h)  hidden to output
    b: np.ndarray  # (n_h)
    c: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    h: np.ndarray  # (T + 1, B, n_h)
    o: np.ndarray  # (T, B, n_y)
    p: np.ndarray  # (T, B, n_y)
    same: np.ndarray  # (S, B)  1 for a blank or a label that comes twice
    skip: np.ndarray  # (T, S, B)  a blank may be left out
    alpha: np.ndarray  # (T + 1, S + 2, B)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    h: np.ndarray  # (B, n_h)
    alpha: np.ndarray  # (S + 2, B)


class Outputs(NamedTuple):
    """The variables at one step."""

    h: np.ndarray  # (B, n_h)
    o: np.ndarray  # (B, n_y)
    p: np.ndarray  # (B, n_y)
    skip: np.ndarray  # (S, B)  a blank may be left out
    alpha: np.ndarray  # (S + 2, B)


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
        W=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        b=np.zeros((n_h,), dtype),
        c=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    l: np.ndarray,
    none: float = -1e+30,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real         what is read at each step
    l        (S, B)       0..n_y - 1   the labels, with blanks
    none     number       real         logarithm of nothing
    h0       (B, n_h)     real         h[0]; 0 where not given
    lengths               by sequence  each example's own number of steps, what is given beyond is not read; all where
                                       not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, x, l, none, h0, lengths)
    params, x, l, none, h0, dtype, single, n_h, n_x, n_y, T, S, B = _arguments(params, x, l, none, h0)
    U, W, V, b, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((T, B), dtype)
    tmp3 = np.empty((max(0, S - 2), B), dtype)
    tmp4 = np.empty((S, B, 3), dtype)
    tmp5 = np.empty((B, 2), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    W_T = np.empty((n_h, n_h), dtype)
    W_T[...] = W.T
    h_at = list(h)
    h_arg_at = list(h_arg)
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ h[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=h_at[t])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = c + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    p_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # p[t] = logsoftmax(o[t])
    _logsumexp(o, 2, out=p_lse, work=tmp1, largest=largest)
    p = np.empty((T, B, n_y), dtype)
    np.negative(p_lse, out=tmp2)
    p[...] = tmp2[:, :, None]
    p += o
    same = np.empty((S, B), dtype)
    # same[s] = dot(onehot(l[s]), onehot(l[s-2]))
    same[...] = 0
    if 3 <= S:
        # same[s] = dot(onehot(l[s]), onehot(l[s-2]))
        np.equal(l[:S - 2], l[2:], out=tmp3)
        same[2:] += tmp3
    alpha = np.empty((T + 1, S + 2, B), dtype)
    # alpha[0, 0] = 0
    alpha[0, 1] = 0
    # alpha[0, -1] = none
    alpha[0, 0] = none
    # alpha[t, -1] = none
    alpha[1:, 0] = none
    # alpha[t, 0] = none
    alpha[1:, 1] = none
    # alpha[0, s] = none
    alpha[0, 2:] = none
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
    alpha[1:, 2:] = p[:, np.arange(B)[:, None], l.T].transpose(0, 2, 1)
    skip = np.empty((T, S, B), dtype)
    alpha_concat = np.empty((T, S, B, 3), dtype)
    alpha_lse = np.empty((S, B), dtype)
    alpha_concat_at = list(alpha_concat[:, :, :, :1])
    alpha_at = list(alpha[:, 2:])
    alpha_concat_at2 = list(alpha_concat[:, :, :, 1:2])
    alpha_at2 = list(alpha[:, 1:S + 1])
    alpha_concat_at3 = list(alpha_concat[:, :, :, 2:])
    skip_at = list(skip)
    alpha_concat_at4 = list(alpha_concat)
    largest2 = np.empty((S, B, 1), dtype)
    for t in range(1, T + 1):
        # skip[t, s] = where(same[s] > 0.5, none, alpha[t-1, s-2])
        skip[t - 1] = np.where(0.5 < same, none, alpha[t - 1, :S])
        # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
        alpha_concat_at[t - 1][...] = alpha_at[t - 1][:, :, None]
        alpha_concat_at2[t - 1][...] = alpha_at2[t - 1][:, :, None]
        alpha_concat_at3[t - 1][...] = skip_at[t - 1][:, :, None]
        _logsumexp(alpha_concat_at4[t - 1], 2, out=alpha_lse, work=tmp4, largest=largest2)
        alpha_at[t] += alpha_lse
    loss_concat = np.empty((B, 2), dtype)
    # loss = -logsumexp(concat(alpha[T, S], alpha[T, S-1]))
    loss_concat[:, :1] = alpha[T, S + 1][:, None]
    loss_concat[:, 1:] = alpha[T, S][:, None]
    loss_lse = np.empty((B,), dtype)
    largest3 = np.empty((B, 1), dtype)
    _logsumexp(loss_concat, 1, out=loss_lse, work=tmp5, largest=largest3)
    loss = -loss_lse.sum()

    if single:
        h = h[:, 0]
        o = o[:, 0]
        p = p[:, 0]
        same = same[:, 0]
        skip = skip[:, :, 0]
        alpha = alpha[:, :, 0]
    return Forward(h=h, o=o, p=p, same=same, skip=skip, alpha=alpha, loss=float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    l: np.ndarray,
    none: float = -1e+30,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real         what is read at each step
    l          (S, B)       0..n_y - 1   the labels, with blanks
    none       number       real         logarithm of nothing
    h0         (B, n_h)     real         h[0]; 0 where not given
    workspace               Workspace    its arrays are used, and hold the results until its next call
    lengths                 by sequence  each example's own number of steps, what is given beyond is not read; all where
                                         not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, x, l, none, h0, lengths, workspace)
    params, x, l, none, h0, dtype, single, n_h, n_x, n_y, T, S, B = _arguments(params, x, l, none, h0)
    U, W, V, b, c = params

    (
        tmp0, tmp1, p_lse, tmp2, tmp3, tmp4, tmp5, h_arg, h, W_T, h_at, h_arg_at, o, largest, p, same, alpha, skip,
        alpha_concat, alpha_lse, alpha_concat_at, alpha_at, alpha_concat_at2, alpha_at2, alpha_concat_at3,
        alpha_concat_at4, largest2, loss_concat, loss_lse, largest3,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, S, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ h[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=h_at[t])
    # o[t] = c + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    # p[t] = logsoftmax(o[t])
    _logsumexp(o, 2, out=p_lse, work=tmp1, largest=largest)
    np.negative(p_lse, out=tmp2)
    p[...] = tmp2[:, :, None]
    p += o
    # same[s] = dot(onehot(l[s]), onehot(l[s-2]))
    same[...] = 0
    if 3 <= S:
        # same[s] = dot(onehot(l[s]), onehot(l[s-2]))
        np.equal(l[:S - 2], l[2:], out=tmp3)
        same[2:] += tmp3
    # alpha[0, 0] = 0
    alpha[0, 1] = 0
    # alpha[0, -1] = none
    alpha[0, 0] = none
    # alpha[t, -1] = none
    alpha[1:, 0] = none
    # alpha[t, 0] = none
    alpha[1:, 1] = none
    # alpha[0, s] = none
    alpha[0, 2:] = none
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
    alpha[1:, 2:] = p[:, np.arange(B)[:, None], l.T].transpose(0, 2, 1)
    for t in range(1, T + 1):
        # skip[t, s] = where(same[s] > 0.5, none, alpha[t-1, s-2])
        skip[...] = np.where(0.5 < same, none, alpha[t - 1, :S])
        # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
        alpha_concat_at[t - 1][...] = alpha_at[t - 1][:, :, None]
        alpha_concat_at2[t - 1][...] = alpha_at2[t - 1][:, :, None]
        alpha_concat_at3[t - 1][...] = skip[:, :, None]
        _logsumexp(alpha_concat_at4[t - 1], 2, out=alpha_lse, work=tmp4, largest=largest2)
        alpha_at[t] += alpha_lse
    # loss = -logsumexp(concat(alpha[T, S], alpha[T, S-1]))
    loss_concat[:, :1] = alpha[T, S + 1][:, None]
    loss_concat[:, 1:] = alpha[T, S][:, None]
    _logsumexp(loss_concat, 1, out=loss_lse, work=tmp5, largest=largest3)
    loss = -loss_lse.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    l: np.ndarray,
    none: float = -1e+30,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x          (T, B, n_x)  real               what is read at each step
    l          (S, B)       0..n_y - 1         the labels, with blanks
    none       number       real               logarithm of nothing
    h0         (B, n_h)     real               h[0]; 0 where not given
    workspace               Workspace          its arrays are used, and hold the results until its next call
    lengths                 by sequence        each example's own number of steps, what is given beyond is not read; all
                                               where not given
    window                  whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it,
                                               values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, l, none, h0, lengths, wrt, workspace, window)
    params, x, l, none, h0, dtype, single, n_h, n_x, n_y, T, S, B = _arguments(params, x, l, none, h0)
    U, W, V, b, c = params
    wrt = _asked(wrt, ("x", "h0"))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, h_arg, h, W_T, h_at, h_arg_at, o, p_lse, largest, p, same, alpha, skip,
        alpha_concat, alpha_lse, alpha_concat_at, alpha_at, alpha_concat_at2, alpha_at2, alpha_concat_at3,
        alpha_concat_at4, alpha_lse_at, largest2, loss_concat, loss_lse, largest3, tmp6, tmp7, tmp8, dloss_concat,
        dalpha, dalpha_concat, dskip, dalpha_concat_at, dalpha_at, dalpha_concat_at2, dalpha_at2, dskip_at, dalpha_at3,
        dalpha_concat_at3, dalpha_concat_at4, dp, dp_lse, do, dc, dV, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at,
        h_arg_factor_at, db, dU, dW,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, S, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ h[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=h_at[t])
    # o[t] = c + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    # p[t] = logsoftmax(o[t])
    _logsumexp(o, 2, out=p_lse, work=tmp1, largest=largest)
    np.negative(p_lse, out=tmp2)
    p[...] = tmp2[:, :, None]
    p += o
    # same[s] = dot(onehot(l[s]), onehot(l[s-2]))
    same[...] = 0
    if 3 <= S:
        # same[s] = dot(onehot(l[s]), onehot(l[s-2]))
        np.equal(l[:S - 2], l[2:], out=tmp3)
        same[2:] += tmp3
    # alpha[0, 0] = 0
    alpha[0, 1] = 0
    # alpha[0, -1] = none
    alpha[0, 0] = none
    # alpha[t, -1] = none
    alpha[1:, 0] = none
    # alpha[t, 0] = none
    alpha[1:, 1] = none
    # alpha[0, s] = none
    alpha[0, 2:] = none
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
    alpha[1:, 2:] = p[:, np.arange(B)[:, None], l.T].transpose(0, 2, 1)
    for t in range(1, T + 1):
        # skip[t, s] = where(same[s] > 0.5, none, alpha[t-1, s-2])
        skip[...] = np.where(0.5 < same, none, alpha[t - 1, :S])
        # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
        alpha_concat_at[t - 1][...] = alpha_at[t - 1][:, :, None]
        alpha_concat_at2[t - 1][...] = alpha_at2[t - 1][:, :, None]
        alpha_concat_at3[t - 1][...] = skip[:, :, None]
        _logsumexp(alpha_concat_at4[t - 1], 2, out=alpha_lse_at[t - 1], work=tmp4, largest=largest2)
        alpha_at[t] += alpha_lse_at[t - 1]
    # loss = -logsumexp(concat(alpha[T, S], alpha[T, S-1]))
    loss_concat[:, :1] = alpha[T, S + 1][:, None]
    loss_concat[:, 1:] = alpha[T, S][:, None]
    _logsumexp(loss_concat, 1, out=loss_lse, work=tmp5, largest=largest3)
    loss = -loss_lse.sum()
    # grad(loss.concat) = -softmax(concat(alpha[T, S], alpha[T, S-1]))
    np.subtract(loss_concat, loss_lse[:, None], out=tmp5)
    np.exp(tmp5, out=dloss_concat)
    np.negative(dloss_concat, out=dloss_concat)
    dalpha.fill(0)
    # grad(alpha[T, S-1]) = sum(grad(loss.concat[1:]))
    np.add.reduce(dloss_concat[:, 1:], axis=1, out=tmp6)
    dalpha[T - 1, S] += tmp6
    # grad(alpha[T, S]) = sum(grad(loss.concat[:1]))
    np.add.reduce(dloss_concat[:, :1], axis=1, out=tmp6)
    dalpha[T - 1, S + 1] += tmp6
    dalpha_concat.fill(0)
    dskip.fill(0)
    if 2 <= T:
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(alpha[t-1, s], alpha[t-1, s-1],
        #     skip[t, s]))
        np.subtract(alpha_concat[T - 1], alpha_lse[T - 1][:, :, None], out=tmp4)
        np.exp(tmp4, out=dalpha_concat[T - 2])
        dalpha_concat[T - 2] *= dalpha[T - 1, 2:][:, :, None]
    if 2 <= T:
        if 3 <= S:
            # grad(skip[t, s]) = sum(grad(alpha.concat[t, s, 2:]))
            np.add.reduce(dalpha_concat[T - 2, 2:, :, 2:], axis=2, out=dskip[T - 2])
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, s]) = where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + sum(grad(alpha.concat[t+1,
        #     s+1, 1:2])) + sum(grad(alpha.concat[t+1, s, :1])), 0 <= t < T, s <= S-2
        np.add.reduce(dalpha_concat_at[t - 1], axis=2, out=tmp7)
        dalpha_at[t - 1] += tmp7
        np.add.reduce(dalpha_concat_at2[t - 1], axis=2, out=tmp8)
        dalpha_at2[t - 1] += tmp8
        if 1 <= S - 2:
            # grad(alpha[t, s]) = where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + sum(grad(alpha.concat[t+1,
            #     s+1, 1:2])) + sum(grad(alpha.concat[t+1, s, :1])), 0 <= t < T, s <= S-2
            tmp3[...] = np.where(0.5 < same[2:], 0, 1).astype(dtype)
            tmp3 *= dskip_at[t - 1]
            dalpha_at3[t - 1] += tmp3
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(alpha[t-1, s], alpha[t-1, s-1],
        #     skip[t, s]))
        np.subtract(alpha_concat_at4[t - 1], alpha_lse_at[t - 1][:, :, None], out=tmp4)
        np.exp(tmp4, out=dalpha_concat_at3[t - 2])
        dalpha_concat_at3[t - 2] *= dalpha_at2[t - 1][:, :, None]
        if 3 <= S:
            # grad(skip[t, s]) = sum(grad(alpha.concat[t, s, 2:]))
            np.add.reduce(dalpha_concat_at4[t - 2], axis=2, out=dskip_at[t - 2])
    if 1 <= T - 1:
        # grad(alpha[t, s]) = where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + sum(grad(alpha.concat[t+1,
        #     s+1, 1:2])) + sum(grad(alpha.concat[t+1, s, :1])), 0 <= t < T, s <= S-2
        np.add.reduce(dalpha_concat[0, 1:, :, 1:2], axis=2, out=tmp7)
        dalpha[0, 2:S + 1] += tmp7
        np.add.reduce(dalpha_concat[0, :, :, :1], axis=2, out=tmp8)
        dalpha[0, 2:] += tmp8
        if 1 <= S - 2:
            # grad(alpha[t, s]) = where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + sum(grad(alpha.concat[t+1,
            #     s+1, 1:2])) + sum(grad(alpha.concat[t+1, s, :1])), 0 <= t < T, s <= S-2
            tmp3[...] = np.where(0.5 < same[2:], 0, 1).astype(dtype)
            tmp3 *= dskip[0]
            dalpha[0, 2:S] += tmp3
    dp.fill(0)
    # grad(p[t]) = sum(grad(alpha[t, s]) * onehot(l[s]), s)
    _scatter_add(dp, (np.arange(T)[:, None, None], np.arange(B)[:, None], l.T), dalpha[:, 2:].transpose(0, 2, 1))
    # grad(p.lse[t]) = -sum(grad(p[t]))
    np.add.reduce(dp, axis=2, out=dp_lse)
    np.negative(dp_lse, out=dp_lse)
    # grad(o[t]) = grad(p.lse[t]) * softmax(o[t]) + grad(p[t])
    np.subtract(o, p_lse[:, :, None], out=tmp1)
    np.exp(tmp1, out=do)
    do *= dp_lse[:, :, None]
    do += dp
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
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
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

    gradient = Params(U=dU, W=dW, V=dV, b=db, c=dc)
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
    l: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    x        (T, B, n_x)  real               what is read at each step
    l        (S, B)       0..n_y - 1         the labels, with blanks
    lengths               by sequence        each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it,
                                             values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, l, lengths, window)
    (
        params, x, l, h, o, same, skip, alpha, dtype, single, n_h, n_x, n_y, T, S, B,
    ) = _backward_arguments(params, forward, x, l)
    U, W, V, b, c = params

    tmp0 = np.empty((T, B, n_y), dtype)
    tmp1 = np.empty((T, S, B, 3), dtype)
    tmp2 = np.empty((B, 2), dtype)
    p_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # p[t] = logsoftmax(o[t])
    _logsumexp(o, 2, out=p_lse, work=tmp0, largest=largest)
    alpha_concat = np.empty((T, S, B, 3), dtype)
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
    alpha_concat[:, :, :, :1] = alpha[:T, 2:][:, :, :, None]
    alpha_concat[:, :, :, 1:2] = alpha[:T, 1:S + 1][:, :, :, None]
    alpha_concat[:, :, :, 2:] = skip[:, :, :, None]
    alpha_lse = np.empty((T, S, B), dtype)
    largest4 = np.empty((T, S, B, 1), dtype)
    _logsumexp(alpha_concat, 3, out=alpha_lse, work=tmp1, largest=largest4)
    loss_concat = np.empty((B, 2), dtype)
    # loss = -logsumexp(concat(alpha[T, S], alpha[T, S-1]))
    loss_concat[:, :1] = alpha[T, S + 1][:, None]
    loss_concat[:, 1:] = alpha[T, S][:, None]
    loss_lse = np.empty((B,), dtype)
    largest3 = np.empty((B, 1), dtype)
    _logsumexp(loss_concat, 1, out=loss_lse, work=tmp2, largest=largest3)
    tmp3 = np.empty((B,), dtype)
    tmp4 = np.empty((S, B, 3), dtype)
    tmp5 = np.empty((S - 1, B), dtype)
    tmp6 = np.empty((S, B), dtype)
    tmp7 = np.empty((max(0, S - 2), B), dtype)
    tmp8 = np.empty((B, n_h), dtype)
    dloss_concat = np.empty((B, 2), dtype)
    # grad(loss.concat) = -softmax(concat(alpha[T, S], alpha[T, S-1]))
    np.subtract(loss_concat, loss_lse[:, None], out=tmp2)
    np.exp(tmp2, out=dloss_concat)
    np.negative(dloss_concat, out=dloss_concat)
    dalpha = np.zeros((T, S + 2, B), dtype)
    # grad(alpha[T, S-1]) = sum(grad(loss.concat[1:]))
    np.add.reduce(dloss_concat[:, 1:], axis=1, out=tmp3)
    dalpha[T - 1, S] += tmp3
    # grad(alpha[T, S]) = sum(grad(loss.concat[:1]))
    np.add.reduce(dloss_concat[:, :1], axis=1, out=tmp3)
    dalpha[T - 1, S + 1] += tmp3
    dalpha_concat = np.zeros((T - 1, S, B, 3), dtype)
    dskip = np.zeros((T - 1, max(0, S - 2), B), dtype)
    if 2 <= T:
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(alpha[t-1, s], alpha[t-1, s-1],
        #     skip[t, s]))
        np.subtract(alpha_concat[T - 1], alpha_lse[T - 1][:, :, None], out=tmp4)
        np.exp(tmp4, out=dalpha_concat[T - 2])
        dalpha_concat[T - 2] *= dalpha[T - 1, 2:][:, :, None]
    if 2 <= T:
        if 3 <= S:
            # grad(skip[t, s]) = sum(grad(alpha.concat[t, s, 2:]))
            np.add.reduce(dalpha_concat[T - 2, 2:, :, 2:], axis=2, out=dskip[T - 2])
    dalpha_concat_at = list(dalpha_concat[:, 1:, :, 1:2])
    dalpha_at = list(dalpha[:, 2:S + 1])
    dalpha_concat_at2 = list(dalpha_concat[:, :, :, :1])
    dalpha_at2 = list(dalpha[:, 2:])
    dskip_at = list(dskip)
    dalpha_at3 = list(dalpha[:, 2:S])
    alpha_concat_at4 = list(alpha_concat)
    alpha_lse_at = list(alpha_lse)
    dalpha_concat_at3 = list(dalpha_concat)
    dalpha_concat_at4 = list(dalpha_concat[:, 2:, :, 2:])
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, s]) = where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + sum(grad(alpha.concat[t+1,
        #     s+1, 1:2])) + sum(grad(alpha.concat[t+1, s, :1])), 0 <= t < T, s <= S-2
        np.add.reduce(dalpha_concat_at[t - 1], axis=2, out=tmp5)
        dalpha_at[t - 1] += tmp5
        np.add.reduce(dalpha_concat_at2[t - 1], axis=2, out=tmp6)
        dalpha_at2[t - 1] += tmp6
        if 1 <= S - 2:
            # grad(alpha[t, s]) = where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + sum(grad(alpha.concat[t+1,
            #     s+1, 1:2])) + sum(grad(alpha.concat[t+1, s, :1])), 0 <= t < T, s <= S-2
            tmp7[...] = np.where(0.5 < same[2:], 0, 1).astype(dtype)
            tmp7 *= dskip_at[t - 1]
            dalpha_at3[t - 1] += tmp7
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(alpha[t-1, s], alpha[t-1, s-1],
        #     skip[t, s]))
        np.subtract(alpha_concat_at4[t - 1], alpha_lse_at[t - 1][:, :, None], out=tmp4)
        np.exp(tmp4, out=dalpha_concat_at3[t - 2])
        dalpha_concat_at3[t - 2] *= dalpha_at2[t - 1][:, :, None]
        if 3 <= S:
            # grad(skip[t, s]) = sum(grad(alpha.concat[t, s, 2:]))
            np.add.reduce(dalpha_concat_at4[t - 2], axis=2, out=dskip_at[t - 2])
    if 1 <= T - 1:
        # grad(alpha[t, s]) = where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + sum(grad(alpha.concat[t+1,
        #     s+1, 1:2])) + sum(grad(alpha.concat[t+1, s, :1])), 0 <= t < T, s <= S-2
        np.add.reduce(dalpha_concat[0, 1:, :, 1:2], axis=2, out=tmp5)
        dalpha[0, 2:S + 1] += tmp5
        np.add.reduce(dalpha_concat[0, :, :, :1], axis=2, out=tmp6)
        dalpha[0, 2:] += tmp6
        if 1 <= S - 2:
            # grad(alpha[t, s]) = where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + sum(grad(alpha.concat[t+1,
            #     s+1, 1:2])) + sum(grad(alpha.concat[t+1, s, :1])), 0 <= t < T, s <= S-2
            tmp7[...] = np.where(0.5 < same[2:], 0, 1).astype(dtype)
            tmp7 *= dskip[0]
            dalpha[0, 2:S] += tmp7
    dp = np.zeros((T, B, n_y), dtype)
    # grad(p[t]) = sum(grad(alpha[t, s]) * onehot(l[s]), s)
    _scatter_add(dp, (np.arange(T)[:, None, None], np.arange(B)[:, None], l.T), dalpha[:, 2:].transpose(0, 2, 1))
    dp_lse = np.empty((T, B), dtype)
    # grad(p.lse[t]) = -sum(grad(p[t]))
    np.add.reduce(dp, axis=2, out=dp_lse)
    np.negative(dp_lse, out=dp_lse)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = grad(p.lse[t]) * softmax(o[t]) + grad(p[t])
    np.subtract(o, p_lse[:, :, None], out=tmp0)
    np.exp(tmp0, out=do)
    do *= dp_lse[:, :, None]
    do += dp
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
        dh_arg_at[t].dot(W, out=tmp8)
        dh_at[t - 1] += tmp8
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

    return Params(U=dU, W=dW, V=dV, b=db, c=dc)


def init_state(
    params: Params, *, S: int, none: float = -1e+30, h0: np.ndarray | None = None, batch: int | None = None
) -> State:
    """The state before the first step; of one example where `batch` is None.

    none  number    real               logarithm of nothing
    h0    (B, n_h)  real               h[0]; 0 where not given
    S               whole number >= 1

    Data without the axis B are one example.
    """
    params, none, h0, dtype, single, n_h, n_x, n_y, S, B = _initial_arguments(params, none, h0, S, batch)

    # h[0] = 0
    h_prev = h0.copy()
    alpha_prev = np.empty((S + 2, B), dtype)
    # alpha[0, 0] = 0
    alpha_prev[1] = 0
    # alpha[0, -1] = none
    alpha_prev[0] = none
    # alpha[0, s] = none
    alpha_prev[2:] = none

    if single:
        h_prev = h_prev[0]
        alpha_prev = alpha_prev[:, 0]
    return State(h=h_prev, alpha=alpha_prev)


def step(params: Params, state: State, *, x: np.ndarray, l: np.ndarray, none: float = -1e+30) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x     (B, n_x)  real        what is read at each step
    l     (S, B)    0..n_y - 1  the labels, with blanks
    none  number    real        logarithm of nothing

    Data without the axis B are one example.
    """
    (
        params, x, l, none, h_prev, alpha_prev, dtype, single, n_h, n_x, n_y, S, B,
    ) = _step_arguments(params, state, x, l, none)
    U, W, V, b, c = params

    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    h_arg = x @ U.T
    h_arg += h_prev @ W.T
    h_arg += b
    # h[t] = tanh(b + W @ h[t-1] + U @ x[t])
    h = np.tanh(h_arg)
    # o[t] = c + V @ h[t]
    o = h @ V.T
    o += c
    # p[t] = logsoftmax(o[t])
    p_lse = _logsumexp(o, 1)
    p = np.empty((B, n_y), dtype)
    p[...] = (-p_lse)[:, None]
    p += o
    same = np.empty((S, B), dtype)
    # same[s] = dot(onehot(l[s]), onehot(l[s-2]))
    same[...] = 0
    if 3 <= S:
        # same[s] = dot(onehot(l[s]), onehot(l[s-2]))
        same[2:] += l[:S - 2] == l[2:]
    # skip[t, s] = where(same[s] > 0.5, none, alpha[t-1, s-2])
    skip = np.where(0.5 < same, none, alpha_prev[:S])
    alpha_concat = np.empty((S, B, 3), dtype)
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
    alpha_concat[:, :, :1] = alpha_prev[2:][:, :, None]
    alpha_concat[:, :, 1:2] = alpha_prev[1:S + 1][:, :, None]
    alpha_concat[:, :, 2:] = skip[:, :, None]
    alpha_lse = _logsumexp(alpha_concat, 2)
    alpha = np.empty((S + 2, B), dtype)
    # alpha[t, -1] = none
    alpha[0] = none
    # alpha[t, 0] = none
    alpha[1] = none
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
    alpha[2:] = alpha_lse
    alpha[2:] += p[np.arange(B)[:, None], l.T].T

    if single:
        h = h[0]
        alpha = alpha[:, 0]
        o = o[0]
        p = p[0]
        skip = skip[:, 0]
    result = State(h=h, alpha=alpha)
    return result, Outputs(h=h, o=o, p=p, skip=skip, alpha=alpha)


def _forward_padded(params, x, l, none, h0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, l, none, h0, dtype, single, n_h, n_x, n_y, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_arguments(params, x, l, none, h0, lengths)
    U, W, V, b, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((T, B), dtype)
    tmp3 = np.empty((max(0, S - 2), B), dtype)
    tmp4 = np.empty((S, B, 3), dtype)
    tmp5 = np.empty((B,), dtype)
    tmp6 = np.empty((B,), dtype)
    tmp7 = np.empty((B, 2), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    W_T = np.empty((n_h, n_h), dtype)
    W_T[...] = W.T
    h_at = list(h)
    h_arg_at = list(h_arg)
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ h[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=tmp0)
        h[t] = np.where((t <= T_own)[:, None], tmp0, h[t - 1])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = c + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    p_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # p[t] = logsoftmax(o[t])
    _logsumexp(o, 2, out=p_lse, work=tmp1, largest=largest)
    p = np.empty((T, B, n_y), dtype)
    np.negative(p_lse, out=tmp2)
    p[...] = tmp2[:, :, None]
    p += o
    same = np.empty((S, B), dtype)
    # same[s] = dot(onehot(l[s]), onehot(l[s-2]))
    same[...] = 0
    if 3 <= S:
        # same[s] = dot(onehot(l[s]), onehot(l[s-2]))
        np.equal(l[:S - 2], l[2:], out=tmp3)
        same[2:] += tmp3
    alpha = np.empty((T + 1, S + 2, B), dtype)
    # alpha[0, 0] = 0
    alpha[0, 1] = 0
    # alpha[0, -1] = none
    alpha[0, 0] = none
    for t in range(1, T + 1):
        # alpha[t, -1] = none
        alpha[t, 0] = np.where(t <= T_own, none, alpha[t - 1, 0])
    for t in range(1, T + 1):
        # alpha[t, 0] = none
        alpha[t, 1] = np.where(t <= T_own, none, alpha[t - 1, 1])
    for s in range(1, S + 1):
        # alpha[0, s] = none
        alpha[0, s + 1] = np.where(s <= S_own, none, alpha[0, s])
    skip = np.empty((T, S, B), dtype)
    alpha_concat = np.empty((T, S, B, 3), dtype)
    alpha_lse = np.empty((T, S, B), dtype)
    alpha_concat_at = list(alpha_concat[:, :, :, :1])
    alpha_at = list(alpha[:, 2:])
    alpha_concat_at2 = list(alpha_concat[:, :, :, 1:2])
    alpha_at2 = list(alpha[:, 1:S + 1])
    alpha_concat_at3 = list(alpha_concat[:, :, :, 2:])
    skip_at = list(skip)
    alpha_concat_at4 = list(alpha_concat)
    alpha_lse_at = list(alpha_lse)
    largest2 = np.empty((S, B, 1), dtype)
    for t in range(1, T + 1):
        # skip[t, s] = where(same[s] > 0.5, none, alpha[t-1, s-2])
        skip[t - 1] = np.where(0.5 < same, none, alpha[t - 1, :S])
        # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
        alpha_concat_at[t - 1][...] = alpha_at[t - 1][:, :, None]
        alpha_concat_at2[t - 1][...] = alpha_at2[t - 1][:, :, None]
        alpha_concat_at3[t - 1][...] = skip_at[t - 1][:, :, None]
        _logsumexp(alpha_concat_at4[t - 1], 2, out=alpha_lse_at[t - 1], work=tmp4, largest=largest2)
        for s in range(1, S + 1):
            # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
            tmp6[...] = p[t - 1][np.arange(B), l[s - 1]]
            tmp6 += alpha_lse[t - 1, s - 1]
            tmp5[...] = np.where(t <= T_own, tmp6, alpha[t - 1, s + 1])
            alpha[t, s + 1] = np.where(s <= S_own, tmp5, alpha[t, s])
    loss_concat = np.empty((B, 2), dtype)
    # loss = -logsumexp(concat(alpha[T, S], alpha[T, S-1]))
    loss_concat[:, :1] = alpha[len_T, len_S + 1, np.arange(B)][:, None]
    loss_concat[:, 1:] = alpha[len_T, len_S, np.arange(B)][:, None]
    loss_lse = np.empty((B,), dtype)
    largest3 = np.empty((B, 1), dtype)
    _logsumexp(loss_concat, 1, out=loss_lse, work=tmp7, largest=largest3)
    loss = -loss_lse.sum()

    if single:
        h = h[:, 0]
        o = o[:, 0]
        p = p[:, 0]
        same = same[:, 0]
        skip = skip[:, :, 0]
        alpha = alpha[:, :, 0]
    return Forward(h=h, o=o, p=p, same=same, skip=skip, alpha=alpha, loss=float(loss))


def _loss_padded(params, x, l, none, h0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, l, none, h0, dtype, single, n_h, n_x, n_y, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_arguments(params, x, l, none, h0, lengths)
    U, W, V, b, c = params

    (
        tmp0, tmp1, p_lse, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, h_arg, h, W_T, h_at, h_arg_at, o, largest, p, same,
        alpha, skip, alpha_concat, alpha_lse, alpha_concat_at, alpha_at, alpha_concat_at2, alpha_at2, alpha_concat_at3,
        alpha_concat_at4, alpha_lse_at, largest2, loss_concat, loss_lse, largest3,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, S, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ h[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=tmp0)
        h[t] = np.where((t <= T_own)[:, None], tmp0, h[t - 1])
    # o[t] = c + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    # p[t] = logsoftmax(o[t])
    _logsumexp(o, 2, out=p_lse, work=tmp1, largest=largest)
    np.negative(p_lse, out=tmp2)
    p[...] = tmp2[:, :, None]
    p += o
    # same[s] = dot(onehot(l[s]), onehot(l[s-2]))
    same[...] = 0
    if 3 <= S:
        # same[s] = dot(onehot(l[s]), onehot(l[s-2]))
        np.equal(l[:S - 2], l[2:], out=tmp3)
        same[2:] += tmp3
    # alpha[0, 0] = 0
    alpha[0, 1] = 0
    # alpha[0, -1] = none
    alpha[0, 0] = none
    for t in range(1, T + 1):
        # alpha[t, -1] = none
        alpha[t, 0] = np.where(t <= T_own, none, alpha[t - 1, 0])
    for t in range(1, T + 1):
        # alpha[t, 0] = none
        alpha[t, 1] = np.where(t <= T_own, none, alpha[t - 1, 1])
    for s in range(1, S + 1):
        # alpha[0, s] = none
        alpha[0, s + 1] = np.where(s <= S_own, none, alpha[0, s])
    for t in range(1, T + 1):
        # skip[t, s] = where(same[s] > 0.5, none, alpha[t-1, s-2])
        skip[...] = np.where(0.5 < same, none, alpha[t - 1, :S])
        # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
        alpha_concat_at[t - 1][...] = alpha_at[t - 1][:, :, None]
        alpha_concat_at2[t - 1][...] = alpha_at2[t - 1][:, :, None]
        alpha_concat_at3[t - 1][...] = skip[:, :, None]
        _logsumexp(alpha_concat_at4[t - 1], 2, out=alpha_lse_at[t - 1], work=tmp4, largest=largest2)
        for s in range(1, S + 1):
            # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
            tmp6[...] = p[t - 1][np.arange(B), l[s - 1]]
            tmp6 += alpha_lse[t - 1, s - 1]
            tmp5[...] = np.where(t <= T_own, tmp6, alpha[t - 1, s + 1])
            alpha[t, s + 1] = np.where(s <= S_own, tmp5, alpha[t, s])
    # loss = -logsumexp(concat(alpha[T, S], alpha[T, S-1]))
    loss_concat[:, :1] = alpha[len_T, len_S + 1, np.arange(B)][:, None]
    loss_concat[:, 1:] = alpha[len_T, len_S, np.arange(B)][:, None]
    _logsumexp(loss_concat, 1, out=loss_lse, work=tmp7, largest=largest3)
    loss = -loss_lse.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, l, none, h0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, l, none, h0, dtype, single, n_h, n_x, n_y, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_arguments(params, x, l, none, h0, lengths)
    U, W, V, b, c = params
    wrt = _asked(wrt, ("x", "h0"))
    window_T = _window(window, "T", ("T", "S"), T)
    window_S = _window(window, "S", ("T", "S"), S)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, h_arg, h, W_T, h_at, h_arg_at, o, p_lse, largest, p, same,
        alpha, skip, alpha_concat, alpha_lse, alpha_concat_at, alpha_at, alpha_concat_at2, alpha_at2, alpha_concat_at3,
        alpha_concat_at4, alpha_lse_at, largest2, loss_concat, loss_lse, largest3, tmp8, tmp9, tmp10, tmp11, tmp12,
        tmp13, tmp14, tmp15, tmp16, dloss_concat, dalpha, dalpha_concat, dskip, number, number2, dalpha_concat_at,
        dalpha_at, dalpha_concat_at2, dalpha_at2, one, dskip_at, dalpha_at3, dalpha_concat_at3, dalpha_concat_at4, dp,
        dp_lse, do, dc, dV, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at, db, dU, dW,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, S, n_y, n_h, B, dtype)
    # h.arg[t] = b + W @ h[t-1] + U @ x[t]
    np.matmul(x.reshape(-1, n_x), U.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    W_T[...] = W.T
    for t in range(1, T + 1):
        # h.arg[t] = b + W @ h[t-1] + U @ x[t]
        h_at[t - 1].dot(W_T, out=tmp0)
        h_arg_at[t - 1] += tmp0
        # h[t] = tanh(b + W @ h[t-1] + U @ x[t])
        np.tanh(h_arg_at[t - 1], out=tmp0)
        h[t] = np.where((t <= T_own)[:, None], tmp0, h[t - 1])
    # o[t] = c + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=o.reshape(-1, n_y))
    o += c
    # p[t] = logsoftmax(o[t])
    _logsumexp(o, 2, out=p_lse, work=tmp1, largest=largest)
    np.negative(p_lse, out=tmp2)
    p[...] = tmp2[:, :, None]
    p += o
    # same[s] = dot(onehot(l[s]), onehot(l[s-2]))
    same[...] = 0
    if 3 <= S:
        # same[s] = dot(onehot(l[s]), onehot(l[s-2]))
        np.equal(l[:S - 2], l[2:], out=tmp3)
        same[2:] += tmp3
    # alpha[0, 0] = 0
    alpha[0, 1] = 0
    # alpha[0, -1] = none
    alpha[0, 0] = none
    for t in range(1, T + 1):
        # alpha[t, -1] = none
        alpha[t, 0] = np.where(t <= T_own, none, alpha[t - 1, 0])
    for t in range(1, T + 1):
        # alpha[t, 0] = none
        alpha[t, 1] = np.where(t <= T_own, none, alpha[t - 1, 1])
    for s in range(1, S + 1):
        # alpha[0, s] = none
        alpha[0, s + 1] = np.where(s <= S_own, none, alpha[0, s])
    for t in range(1, T + 1):
        # skip[t, s] = where(same[s] > 0.5, none, alpha[t-1, s-2])
        skip[...] = np.where(0.5 < same, none, alpha[t - 1, :S])
        # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
        alpha_concat_at[t - 1][...] = alpha_at[t - 1][:, :, None]
        alpha_concat_at2[t - 1][...] = alpha_at2[t - 1][:, :, None]
        alpha_concat_at3[t - 1][...] = skip[:, :, None]
        _logsumexp(alpha_concat_at4[t - 1], 2, out=alpha_lse_at[t - 1], work=tmp4, largest=largest2)
        for s in range(1, S + 1):
            # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
            tmp6[...] = p[t - 1][np.arange(B), l[s - 1]]
            tmp6 += alpha_lse[t - 1, s - 1]
            tmp5[...] = np.where(t <= T_own, tmp6, alpha[t - 1, s + 1])
            alpha[t, s + 1] = np.where(s <= S_own, tmp5, alpha[t, s])
    # loss = -logsumexp(concat(alpha[T, S], alpha[T, S-1]))
    loss_concat[:, :1] = alpha[len_T, len_S + 1, np.arange(B)][:, None]
    loss_concat[:, 1:] = alpha[len_T, len_S, np.arange(B)][:, None]
    _logsumexp(loss_concat, 1, out=loss_lse, work=tmp7, largest=largest3)
    loss = -loss_lse.sum()
    # grad(loss.concat) = -softmax(concat(alpha[len.T, len.S], alpha[len.T, len.S-1]))
    np.subtract(loss_concat, loss_lse[:, None], out=tmp7)
    np.exp(tmp7, out=dloss_concat)
    np.negative(dloss_concat, out=dloss_concat)
    dalpha.fill(0)
    # grad(alpha[t, s]) = same_window(1 + s, maximum(s - 1, 0), window.S) * same_window(t, maximum(t - 1,
    #     0), window.T) * where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + same_window(s, maximum(s -
    #     1, 0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s+1,
    #     1:2])) + same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s, :1])) +
    #     where(len.T == t, 1, 0) * where(len.S - 1 == s, 1, 0) * sum(grad(loss.concat[1:])) + where(len.T
    #     == t, 1, 0) * where(len.S == s, 1, 0) * sum(grad(loss.concat[:1])), t < T, s <= S-2
    np.add.reduce(dloss_concat[:, 1:], axis=1, out=tmp5)
    dalpha[len_T, len_S, np.arange(B)] += tmp5
    np.add.reduce(dloss_concat[:, :1], axis=1, out=tmp5)
    dalpha[len_T, len_S + 1, np.arange(B)] += tmp5
    dalpha_concat.fill(0)
    dskip.fill(0)
    if 2 <= T:
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(alpha[t-1, s], alpha[t-1, s-1],
        #     skip[t, s]))
        np.subtract(alpha_concat[T - 1], alpha_lse[T - 1][:, :, None], out=tmp4)
        np.exp(tmp4, out=dalpha_concat[T - 2])
        dalpha_concat[T - 2] *= dalpha[T, 2:][:, :, None]
    if 2 <= T:
        if 3 <= S:
            # grad(skip[t, s]) = sum(grad(alpha.concat[t, s, 2:]))
            np.add.reduce(dalpha_concat[T - 2, 2:, :, 2:], axis=2, out=dskip[T - 2])
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, s]) = same_window(1 + s, maximum(s - 1, 0), window.S) * same_window(t, maximum(t - 1,
        #     0), window.T) * where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + same_window(s, maximum(s -
        #     1, 0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s+1,
        #     1:2])) + same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s, :1])) +
        #     where(len.T == t, 1, 0) * where(len.S - 1 == s, 1, 0) * sum(grad(loss.concat[1:])) + where(len.T
        #     == t, 1, 0) * where(len.S == s, 1, 0) * sum(grad(loss.concat[:1])), t < T, s <= S-2
        np.add(np.arange(1, S, dtype=dtype), number, out=tmp11)
        np.maximum(tmp11, number2, out=tmp10)
        tmp9[...] = np.arange(1, S) // window_S == tmp10 // window_S
        np.add.reduce(dalpha_concat_at[t - 1], axis=2, out=tmp8)
        tmp8 *= tmp9[:, None]
        tmp8 *= t // window_T == max(t - 1, 0) // window_T
        dalpha_at[t] += tmp8
        np.add.reduce(dalpha_concat_at2[t - 1], axis=2, out=tmp12)
        tmp12 *= t // window_T == max(t - 1, 0) // window_T
        dalpha_at2[t] += tmp12
        if 1 <= S - 2:
            # grad(alpha[t, s]) = same_window(1 + s, maximum(s - 1, 0), window.S) * same_window(t, maximum(t - 1,
            #     0), window.T) * where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + same_window(s, maximum(s -
            #     1, 0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s+1,
            #     1:2])) + same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s, :1])) +
            #     where(len.T == t, 1, 0) * where(len.S - 1 == s, 1, 0) * sum(grad(loss.concat[1:])) + where(len.T
            #     == t, 1, 0) * where(len.S == s, 1, 0) * sum(grad(loss.concat[:1])), t < T, s <= S-2
            np.add(np.arange(1, S - 1, dtype=dtype), one, out=tmp14)
            np.add(np.arange(1, S - 1, dtype=dtype), number, out=tmp16)
            np.maximum(tmp16, number2, out=tmp15)
            tmp13[...] = tmp14 // window_S == tmp15 // window_S
            tmp3[...] = np.where(0.5 < same[2:], 0, 1).astype(dtype)
            tmp3 *= tmp13[:, None]
            tmp3 *= t // window_T == max(t - 1, 0) // window_T
            tmp3 *= dskip_at[t - 1]
            dalpha_at3[t] += tmp3
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(alpha[t-1, s], alpha[t-1, s-1],
        #     skip[t, s]))
        np.subtract(alpha_concat_at4[t - 1], alpha_lse_at[t - 1][:, :, None], out=tmp4)
        np.exp(tmp4, out=dalpha_concat_at3[t - 2])
        dalpha_concat_at3[t - 2] *= dalpha_at2[t][:, :, None]
        if 3 <= S:
            # grad(skip[t, s]) = sum(grad(alpha.concat[t, s, 2:]))
            np.add.reduce(dalpha_concat_at4[t - 2], axis=2, out=dskip_at[t - 2])
    if 1 <= T - 1:
        # grad(alpha[t, s]) = same_window(1 + s, maximum(s - 1, 0), window.S) * same_window(t, maximum(t - 1,
        #     0), window.T) * where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + same_window(s, maximum(s -
        #     1, 0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s+1,
        #     1:2])) + same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s, :1])) +
        #     where(len.T == t, 1, 0) * where(len.S - 1 == s, 1, 0) * sum(grad(loss.concat[1:])) + where(len.T
        #     == t, 1, 0) * where(len.S == s, 1, 0) * sum(grad(loss.concat[:1])), t < T, s <= S-2
        np.add(np.arange(1, S, dtype=dtype), -1, out=tmp11)
        np.maximum(tmp11, 0, out=tmp10)
        tmp9[...] = np.arange(1, S) // window_S == tmp10 // window_S
        np.add.reduce(dalpha_concat[0, 1:, :, 1:2], axis=2, out=tmp8)
        tmp8 *= tmp9[:, None]
        tmp8 *= 1 // window_T == max(0, 0) // window_T
        dalpha[1, 2:S + 1] += tmp8
        np.add.reduce(dalpha_concat[0, :, :, :1], axis=2, out=tmp12)
        tmp12 *= 1 // window_T == max(0, 0) // window_T
        dalpha[1, 2:] += tmp12
        if 1 <= S - 2:
            # grad(alpha[t, s]) = same_window(1 + s, maximum(s - 1, 0), window.S) * same_window(t, maximum(t - 1,
            #     0), window.T) * where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + same_window(s, maximum(s -
            #     1, 0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s+1,
            #     1:2])) + same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s, :1])) +
            #     where(len.T == t, 1, 0) * where(len.S - 1 == s, 1, 0) * sum(grad(loss.concat[1:])) + where(len.T
            #     == t, 1, 0) * where(len.S == s, 1, 0) * sum(grad(loss.concat[:1])), t < T, s <= S-2
            np.add(np.arange(1, S - 1, dtype=dtype), 1, out=tmp14)
            np.add(np.arange(1, S - 1, dtype=dtype), -1, out=tmp16)
            np.maximum(tmp16, 0, out=tmp15)
            tmp13[...] = tmp14 // window_S == tmp15 // window_S
            tmp3[...] = np.where(0.5 < same[2:], 0, 1).astype(dtype)
            tmp3 *= tmp13[:, None]
            tmp3 *= 1 // window_T == max(0, 0) // window_T
            tmp3 *= dskip[0]
            dalpha[1, 2:S] += tmp3
    dp.fill(0)
    # grad(p[t]) = sum(grad(alpha[t, s]) * onehot(l[s]), s)
    _scatter_add(dp, (np.arange(T)[:, None, None], np.arange(B)[:, None], l.T), dalpha[1:, 2:].transpose(0, 2, 1))
    # grad(p.lse[t]) = -sum(grad(p[t]))
    np.add.reduce(dp, axis=2, out=dp_lse)
    np.negative(dp_lse, out=dp_lse)
    # grad(o[t]) = grad(p.lse[t]) * softmax(o[t]) + grad(p[t])
    np.subtract(o, p_lse[:, :, None], out=tmp1)
    np.exp(tmp1, out=do)
    do *= dp_lse[:, :, None]
    do += dp
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
        dh_arg_at[t].dot(W, out=tmp0)
        tmp0 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp0
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(dh_at[t], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
    # grad(b) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dU)
    # grad(W) = sum(outer(grad(h.arg[t]), h[t-1]), t)
    np.matmul(dh_arg.reshape(-1, n_h).T, h[:T].reshape(-1, n_h), out=dW)
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

    gradient = Params(U=dU, W=dW, V=dV, b=db, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, l, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, l, h, o, same, skip, alpha, dtype, single, n_h, n_x, n_y, T, S, B, len_T, T_own, len_S, S_own,
    ) = _padded_backward_arguments(params, forward, x, l, lengths)
    U, W, V, b, c = params
    window_T = _window(window, "T", ("T", "S"), T)
    window_S = _window(window, "S", ("T", "S"), S)

    tmp0 = np.empty((T, B, n_y), dtype)
    tmp1 = np.empty((T, S, B, 3), dtype)
    tmp2 = np.empty((B, 2), dtype)
    p_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # p[t] = logsoftmax(o[t])
    _logsumexp(o, 2, out=p_lse, work=tmp0, largest=largest)
    alpha_concat = np.empty((T, S, B, 3), dtype)
    # alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
    alpha_concat[:, :, :, :1] = alpha[:T, 2:][:, :, :, None]
    alpha_concat[:, :, :, 1:2] = alpha[:T, 1:S + 1][:, :, :, None]
    alpha_concat[:, :, :, 2:] = skip[:, :, :, None]
    alpha_lse = np.empty((T, S, B), dtype)
    largest4 = np.empty((T, S, B, 1), dtype)
    _logsumexp(alpha_concat, 3, out=alpha_lse, work=tmp1, largest=largest4)
    loss_concat = np.empty((B, 2), dtype)
    # loss = -logsumexp(concat(alpha[T, S], alpha[T, S-1]))
    loss_concat[:, :1] = alpha[len_T, len_S + 1, np.arange(B)][:, None]
    loss_concat[:, 1:] = alpha[len_T, len_S, np.arange(B)][:, None]
    loss_lse = np.empty((B,), dtype)
    largest3 = np.empty((B, 1), dtype)
    _logsumexp(loss_concat, 1, out=loss_lse, work=tmp2, largest=largest3)
    tmp3 = np.empty((B,), dtype)
    tmp4 = np.empty((S, B, 3), dtype)
    tmp5 = np.empty((S - 1, B), dtype)
    tmp6 = np.empty((S - 1,), dtype)
    tmp7 = np.empty((S - 1,), dtype)
    tmp8 = np.empty((S - 1,), dtype)
    tmp9 = np.empty((S, B), dtype)
    tmp10 = np.empty((max(0, S - 2), B), dtype)
    tmp11 = np.empty((max(0, S - 2),), dtype)
    tmp12 = np.empty((max(0, S - 2),), dtype)
    tmp13 = np.empty((max(0, S - 2),), dtype)
    tmp14 = np.empty((max(0, S - 2),), dtype)
    tmp15 = np.empty((B, n_h), dtype)
    dloss_concat = np.empty((B, 2), dtype)
    # grad(loss.concat) = -softmax(concat(alpha[len.T, len.S], alpha[len.T, len.S-1]))
    np.subtract(loss_concat, loss_lse[:, None], out=tmp2)
    np.exp(tmp2, out=dloss_concat)
    np.negative(dloss_concat, out=dloss_concat)
    dalpha = np.zeros((T + 1, S + 2, B), dtype)
    # grad(alpha[t, s]) = same_window(1 + s, maximum(s - 1, 0), window.S) * same_window(t, maximum(t - 1,
    #     0), window.T) * where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + same_window(s, maximum(s -
    #     1, 0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s+1,
    #     1:2])) + same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s, :1])) +
    #     where(len.T == t, 1, 0) * where(len.S - 1 == s, 1, 0) * sum(grad(loss.concat[1:])) + where(len.T
    #     == t, 1, 0) * where(len.S == s, 1, 0) * sum(grad(loss.concat[:1])), t < T, s <= S-2
    np.add.reduce(dloss_concat[:, 1:], axis=1, out=tmp3)
    dalpha[len_T, len_S, np.arange(B)] += tmp3
    np.add.reduce(dloss_concat[:, :1], axis=1, out=tmp3)
    dalpha[len_T, len_S + 1, np.arange(B)] += tmp3
    dalpha_concat = np.zeros((T - 1, S, B, 3), dtype)
    dskip = np.zeros((T - 1, max(0, S - 2), B), dtype)
    if 2 <= T:
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(alpha[t-1, s], alpha[t-1, s-1],
        #     skip[t, s]))
        np.subtract(alpha_concat[T - 1], alpha_lse[T - 1][:, :, None], out=tmp4)
        np.exp(tmp4, out=dalpha_concat[T - 2])
        dalpha_concat[T - 2] *= dalpha[T, 2:][:, :, None]
    if 2 <= T:
        if 3 <= S:
            # grad(skip[t, s]) = sum(grad(alpha.concat[t, s, 2:]))
            np.add.reduce(dalpha_concat[T - 2, 2:, :, 2:], axis=2, out=dskip[T - 2])
    number = np.array(-1, dtype)
    number2 = np.array(0, dtype)
    dalpha_concat_at = list(dalpha_concat[:, 1:, :, 1:2])
    dalpha_at = list(dalpha[:, 2:S + 1])
    dalpha_concat_at2 = list(dalpha_concat[:, :, :, :1])
    dalpha_at2 = list(dalpha[:, 2:])
    one = np.array(1, dtype)
    dskip_at = list(dskip)
    dalpha_at3 = list(dalpha[:, 2:S])
    alpha_concat_at4 = list(alpha_concat)
    alpha_lse_at = list(alpha_lse)
    dalpha_concat_at3 = list(dalpha_concat)
    dalpha_concat_at4 = list(dalpha_concat[:, 2:, :, 2:])
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, s]) = same_window(1 + s, maximum(s - 1, 0), window.S) * same_window(t, maximum(t - 1,
        #     0), window.T) * where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + same_window(s, maximum(s -
        #     1, 0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s+1,
        #     1:2])) + same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s, :1])) +
        #     where(len.T == t, 1, 0) * where(len.S - 1 == s, 1, 0) * sum(grad(loss.concat[1:])) + where(len.T
        #     == t, 1, 0) * where(len.S == s, 1, 0) * sum(grad(loss.concat[:1])), t < T, s <= S-2
        np.add(np.arange(1, S, dtype=dtype), number, out=tmp8)
        np.maximum(tmp8, number2, out=tmp7)
        tmp6[...] = np.arange(1, S) // window_S == tmp7 // window_S
        np.add.reduce(dalpha_concat_at[t - 1], axis=2, out=tmp5)
        tmp5 *= tmp6[:, None]
        tmp5 *= t // window_T == max(t - 1, 0) // window_T
        dalpha_at[t] += tmp5
        np.add.reduce(dalpha_concat_at2[t - 1], axis=2, out=tmp9)
        tmp9 *= t // window_T == max(t - 1, 0) // window_T
        dalpha_at2[t] += tmp9
        if 1 <= S - 2:
            # grad(alpha[t, s]) = same_window(1 + s, maximum(s - 1, 0), window.S) * same_window(t, maximum(t - 1,
            #     0), window.T) * where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + same_window(s, maximum(s -
            #     1, 0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s+1,
            #     1:2])) + same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s, :1])) +
            #     where(len.T == t, 1, 0) * where(len.S - 1 == s, 1, 0) * sum(grad(loss.concat[1:])) + where(len.T
            #     == t, 1, 0) * where(len.S == s, 1, 0) * sum(grad(loss.concat[:1])), t < T, s <= S-2
            np.add(np.arange(1, S - 1, dtype=dtype), one, out=tmp12)
            np.add(np.arange(1, S - 1, dtype=dtype), number, out=tmp14)
            np.maximum(tmp14, number2, out=tmp13)
            tmp11[...] = tmp12 // window_S == tmp13 // window_S
            tmp10[...] = np.where(0.5 < same[2:], 0, 1).astype(dtype)
            tmp10 *= tmp11[:, None]
            tmp10 *= t // window_T == max(t - 1, 0) // window_T
            tmp10 *= dskip_at[t - 1]
            dalpha_at3[t] += tmp10
        # grad(alpha.concat[t, s]) = grad(alpha[t, s]) * softmax(concat(alpha[t-1, s], alpha[t-1, s-1],
        #     skip[t, s]))
        np.subtract(alpha_concat_at4[t - 1], alpha_lse_at[t - 1][:, :, None], out=tmp4)
        np.exp(tmp4, out=dalpha_concat_at3[t - 2])
        dalpha_concat_at3[t - 2] *= dalpha_at2[t][:, :, None]
        if 3 <= S:
            # grad(skip[t, s]) = sum(grad(alpha.concat[t, s, 2:]))
            np.add.reduce(dalpha_concat_at4[t - 2], axis=2, out=dskip_at[t - 2])
    if 1 <= T - 1:
        # grad(alpha[t, s]) = same_window(1 + s, maximum(s - 1, 0), window.S) * same_window(t, maximum(t - 1,
        #     0), window.T) * where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + same_window(s, maximum(s -
        #     1, 0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s+1,
        #     1:2])) + same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s, :1])) +
        #     where(len.T == t, 1, 0) * where(len.S - 1 == s, 1, 0) * sum(grad(loss.concat[1:])) + where(len.T
        #     == t, 1, 0) * where(len.S == s, 1, 0) * sum(grad(loss.concat[:1])), t < T, s <= S-2
        np.add(np.arange(1, S, dtype=dtype), -1, out=tmp8)
        np.maximum(tmp8, 0, out=tmp7)
        tmp6[...] = np.arange(1, S) // window_S == tmp7 // window_S
        np.add.reduce(dalpha_concat[0, 1:, :, 1:2], axis=2, out=tmp5)
        tmp5 *= tmp6[:, None]
        tmp5 *= 1 // window_T == max(0, 0) // window_T
        dalpha[1, 2:S + 1] += tmp5
        np.add.reduce(dalpha_concat[0, :, :, :1], axis=2, out=tmp9)
        tmp9 *= 1 // window_T == max(0, 0) // window_T
        dalpha[1, 2:] += tmp9
        if 1 <= S - 2:
            # grad(alpha[t, s]) = same_window(1 + s, maximum(s - 1, 0), window.S) * same_window(t, maximum(t - 1,
            #     0), window.T) * where(0.5 < same[s+2], 0, 1) * grad(skip[t+1, s+2]) + same_window(s, maximum(s -
            #     1, 0), window.S) * same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s+1,
            #     1:2])) + same_window(t, maximum(t - 1, 0), window.T) * sum(grad(alpha.concat[t+1, s, :1])) +
            #     where(len.T == t, 1, 0) * where(len.S - 1 == s, 1, 0) * sum(grad(loss.concat[1:])) + where(len.T
            #     == t, 1, 0) * where(len.S == s, 1, 0) * sum(grad(loss.concat[:1])), t < T, s <= S-2
            np.add(np.arange(1, S - 1, dtype=dtype), 1, out=tmp12)
            np.add(np.arange(1, S - 1, dtype=dtype), -1, out=tmp14)
            np.maximum(tmp14, 0, out=tmp13)
            tmp11[...] = tmp12 // window_S == tmp13 // window_S
            tmp10[...] = np.where(0.5 < same[2:], 0, 1).astype(dtype)
            tmp10 *= tmp11[:, None]
            tmp10 *= 1 // window_T == max(0, 0) // window_T
            tmp10 *= dskip[0]
            dalpha[1, 2:S] += tmp10
    dp = np.zeros((T, B, n_y), dtype)
    # grad(p[t]) = sum(grad(alpha[t, s]) * onehot(l[s]), s)
    _scatter_add(dp, (np.arange(T)[:, None, None], np.arange(B)[:, None], l.T), dalpha[1:, 2:].transpose(0, 2, 1))
    dp_lse = np.empty((T, B), dtype)
    # grad(p.lse[t]) = -sum(grad(p[t]))
    np.add.reduce(dp, axis=2, out=dp_lse)
    np.negative(dp_lse, out=dp_lse)
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = grad(p.lse[t]) * softmax(o[t]) + grad(p[t])
    np.subtract(o, p_lse[:, :, None], out=tmp0)
    np.exp(tmp0, out=do)
    do *= dp_lse[:, :, None]
    do += dp
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
        dh_arg_at[t].dot(W, out=tmp15)
        tmp15 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t - 1] += tmp15
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

    return Params(U=dU, W=dW, V=dV, b=db, c=dc)


def _loss_arrays(T, S, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    p_lse = np.empty((T, B), dtype)
    tmp2 = p_lse
    tmp3 = np.empty((max(0, S - 2), B), dtype)
    tmp4 = np.empty((S, B, 3), dtype)
    tmp5 = np.empty((B, 2), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    o = np.empty((T, B, n_y), dtype)
    largest = np.empty((T, B, 1), dtype)
    p = tmp1
    same = np.empty((S, B), dtype)
    alpha = np.empty((T + 1, S + 2, B), dtype)
    skip = np.empty((S, B), dtype)
    alpha_concat = np.empty((T, S, B, 3), dtype)
    alpha_lse = np.empty((S, B), dtype)
    alpha_concat_at = list(alpha_concat[:, :, :, :1])
    alpha_at = list(alpha[:, 2:])
    alpha_concat_at2 = list(alpha_concat[:, :, :, 1:2])
    alpha_at2 = list(alpha[:, 1:S + 1])
    alpha_concat_at3 = list(alpha_concat[:, :, :, 2:])
    alpha_concat_at4 = list(alpha_concat)
    largest2 = np.empty((S, B, 1), dtype)
    loss_concat = np.empty((B, 2), dtype)
    loss_lse = np.empty((B,), dtype)
    largest3 = np.empty((B, 1), dtype)
    return (
        tmp0, tmp1, p_lse, tmp2, tmp3, tmp4, tmp5, h_arg, h, W_T, h_at, h_arg_at, o, largest, p, same, alpha, skip,
        alpha_concat, alpha_lse, alpha_concat_at, alpha_at, alpha_concat_at2, alpha_at2, alpha_concat_at3,
        alpha_concat_at4, largest2, loss_concat, loss_lse, largest3,
    )


def _loss_and_grad_arrays(T, n_x, S, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((T, B), dtype)
    tmp3 = np.empty((max(0, S - 2), B), dtype)
    tmp4 = np.empty((S, B, 3), dtype)
    tmp5 = np.empty((B, 2), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    o = np.empty((T, B, n_y), dtype)
    p_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    p = np.empty((T, B, n_y), dtype)
    same = np.empty((S, B), dtype)
    alpha = np.empty((T + 1, S + 2, B), dtype)
    skip = np.empty((S, B), dtype)
    alpha_concat = np.empty((T, S, B, 3), dtype)
    alpha_lse = np.empty((T, S, B), dtype)
    alpha_concat_at = list(alpha_concat[:, :, :, :1])
    alpha_at = list(alpha[:, 2:])
    alpha_concat_at2 = list(alpha_concat[:, :, :, 1:2])
    alpha_at2 = list(alpha[:, 1:S + 1])
    alpha_concat_at3 = list(alpha_concat[:, :, :, 2:])
    alpha_concat_at4 = list(alpha_concat)
    alpha_lse_at = list(alpha_lse)
    largest2 = np.empty((S, B, 1), dtype)
    loss_concat = np.empty((B, 2), dtype)
    loss_lse = np.empty((B,), dtype)
    largest3 = np.empty((B, 1), dtype)
    tmp6 = loss_lse
    tmp7 = np.empty((S - 1, B), dtype)
    tmp8 = skip
    dloss_concat = loss_concat
    dalpha = np.empty((T, S + 2, B), dtype)
    dalpha_concat = np.empty((T - 1, S, B, 3), dtype)
    dskip = np.empty((T - 1, max(0, S - 2), B), dtype)
    dalpha_concat_at = list(dalpha_concat[:, 1:, :, 1:2])
    dalpha_at = list(dalpha[:, 2:S + 1])
    dalpha_concat_at2 = list(dalpha_concat[:, :, :, :1])
    dalpha_at2 = list(dalpha[:, 2:])
    dskip_at = list(dskip)
    dalpha_at3 = list(dalpha[:, 2:S])
    dalpha_concat_at3 = list(dalpha_concat)
    dalpha_concat_at4 = list(dalpha_concat[:, 2:, :, 2:])
    dp = p
    dp_lse = tmp2
    do = o
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    h_arg_factor = h_arg
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = W_T
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, h_arg, h, W_T, h_at, h_arg_at, o, p_lse, largest, p, same, alpha, skip,
        alpha_concat, alpha_lse, alpha_concat_at, alpha_at, alpha_concat_at2, alpha_at2, alpha_concat_at3,
        alpha_concat_at4, alpha_lse_at, largest2, loss_concat, loss_lse, largest3, tmp6, tmp7, tmp8, dloss_concat,
        dalpha, dalpha_concat, dskip, dalpha_concat_at, dalpha_at, dalpha_concat_at2, dalpha_at2, dskip_at, dalpha_at3,
        dalpha_concat_at3, dalpha_concat_at4, dp, dp_lse, do, dc, dV, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at,
        h_arg_factor_at, db, dU, dW,
    )


def _loss_padded_arrays(T, S, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    p_lse = np.empty((T, B), dtype)
    tmp2 = p_lse
    tmp3 = np.empty((max(0, S - 2), B), dtype)
    tmp4 = np.empty((S, B, 3), dtype)
    tmp5 = np.empty((B,), dtype)
    tmp6 = np.empty((B,), dtype)
    tmp7 = np.empty((B, 2), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    o = np.empty((T, B, n_y), dtype)
    largest = np.empty((T, B, 1), dtype)
    p = tmp1
    same = np.empty((S, B), dtype)
    alpha = np.empty((T + 1, S + 2, B), dtype)
    skip = np.empty((S, B), dtype)
    alpha_concat = np.empty((T, S, B, 3), dtype)
    alpha_lse = np.empty((T, S, B), dtype)
    alpha_concat_at = list(alpha_concat[:, :, :, :1])
    alpha_at = list(alpha[:, 2:])
    alpha_concat_at2 = list(alpha_concat[:, :, :, 1:2])
    alpha_at2 = list(alpha[:, 1:S + 1])
    alpha_concat_at3 = list(alpha_concat[:, :, :, 2:])
    alpha_concat_at4 = list(alpha_concat)
    alpha_lse_at = list(alpha_lse)
    largest2 = np.empty((S, B, 1), dtype)
    loss_concat = np.empty((B, 2), dtype)
    loss_lse = tmp5
    largest3 = np.empty((B, 1), dtype)
    return (
        tmp0, tmp1, p_lse, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, h_arg, h, W_T, h_at, h_arg_at, o, largest, p, same,
        alpha, skip, alpha_concat, alpha_lse, alpha_concat_at, alpha_at, alpha_concat_at2, alpha_at2, alpha_concat_at3,
        alpha_concat_at4, alpha_lse_at, largest2, loss_concat, loss_lse, largest3,
    )


def _loss_and_grad_padded_arrays(T, n_x, S, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T, B, n_y), dtype)
    tmp2 = np.empty((T, B), dtype)
    tmp3 = np.empty((max(0, S - 2), B), dtype)
    tmp4 = np.empty((S, B, 3), dtype)
    tmp5 = np.empty((B,), dtype)
    tmp6 = np.empty((B,), dtype)
    tmp7 = np.empty((B, 2), dtype)
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_at = list(h)
    h_arg_at = list(h_arg)
    o = np.empty((T, B, n_y), dtype)
    p_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    p = np.empty((T, B, n_y), dtype)
    same = np.empty((S, B), dtype)
    alpha = np.empty((T + 1, S + 2, B), dtype)
    skip = np.empty((S, B), dtype)
    alpha_concat = np.empty((T, S, B, 3), dtype)
    alpha_lse = np.empty((T, S, B), dtype)
    alpha_concat_at = list(alpha_concat[:, :, :, :1])
    alpha_at = list(alpha[:, 2:])
    alpha_concat_at2 = list(alpha_concat[:, :, :, 1:2])
    alpha_at2 = list(alpha[:, 1:S + 1])
    alpha_concat_at3 = list(alpha_concat[:, :, :, 2:])
    alpha_concat_at4 = list(alpha_concat)
    alpha_lse_at = list(alpha_lse)
    largest2 = np.empty((S, B, 1), dtype)
    loss_concat = np.empty((B, 2), dtype)
    loss_lse = tmp6
    largest3 = np.empty((B, 1), dtype)
    tmp8 = np.empty((S - 1, B), dtype)
    tmp9 = np.empty((S - 1,), dtype)
    tmp10 = np.empty((S - 1,), dtype)
    tmp11 = np.empty((S - 1,), dtype)
    tmp12 = skip
    tmp13 = np.empty((max(0, S - 2),), dtype)
    tmp14 = np.empty((max(0, S - 2),), dtype)
    tmp15 = np.empty((max(0, S - 2),), dtype)
    tmp16 = np.empty((max(0, S - 2),), dtype)
    dloss_concat = loss_concat
    dalpha = alpha
    dalpha_concat = np.empty((T - 1, S, B, 3), dtype)
    dskip = np.empty((T - 1, max(0, S - 2), B), dtype)
    number = np.array(-1, dtype)
    number2 = np.array(0, dtype)
    dalpha_concat_at = list(dalpha_concat[:, 1:, :, 1:2])
    dalpha_at = list(dalpha[:, 2:S + 1])
    dalpha_concat_at2 = list(dalpha_concat[:, :, :, :1])
    dalpha_at2 = list(dalpha[:, 2:])
    one = np.array(1, dtype)
    dskip_at = list(dskip)
    dalpha_at3 = list(dalpha[:, 2:S])
    dalpha_concat_at3 = list(dalpha_concat)
    dalpha_concat_at4 = list(dalpha_concat[:, 2:, :, 2:])
    dp = p
    dp_lse = tmp2
    do = o
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    h_arg_factor = h_arg
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    db = np.empty((n_h,), dtype)
    dU = np.empty((n_h, n_x), dtype)
    dW = W_T
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, h_arg, h, W_T, h_at, h_arg_at, o, p_lse, largest, p, same,
        alpha, skip, alpha_concat, alpha_lse, alpha_concat_at, alpha_at, alpha_concat_at2, alpha_at2, alpha_concat_at3,
        alpha_concat_at4, alpha_lse_at, largest2, loss_concat, loss_lse, largest3, tmp8, tmp9, tmp10, tmp11, tmp12,
        tmp13, tmp14, tmp15, tmp16, dloss_concat, dalpha, dalpha_concat, dskip, number, number2, dalpha_concat_at,
        dalpha_at, dalpha_concat_at2, dalpha_at2, one, dskip_at, dalpha_at3, dalpha_concat_at3, dalpha_concat_at4, dp,
        dp_lse, do, dc, dV, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at, db, dU, dW,
    )


def _arguments(params, x, l, none, h0):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    l = _integers("l", l)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _rank("l", l, ("S", "B"), single)
    S = l.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("l", l, (S, *batch_axis), ("S", "B"), "B from x")
    _classes("l", l, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        l = l[:, None]
    none = _real("none", none, dtype)
    _expect("none", none, (), ())
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
        if single:
            h0 = h0[None]
    return params, x, l, none, h0, dtype, single, n_h, n_x, n_y, T, S, B


def _backward_arguments(params, forward, x, l):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    l = _integers("l", l)
    h = _real("forward.h", forward.h, dtype)
    o = _real("forward.o", forward.o, dtype)
    same = _real("forward.same", forward.same, dtype)
    skip = _real("forward.skip", forward.skip, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _rank("l", l, ("S", "B"), single)
    S = l.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("l", l, (S, *batch_axis), ("S", "B"), "B from x")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.o", o, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _expect("forward.same", same, (S, *batch_axis), ("S", "B"), "S from l, B from x")
    _expect("forward.skip", skip, (T, S, *batch_axis), ("T", "S", "B"), "T and B from x, S from l")
    _expect(
        "forward.alpha", alpha, (T + 1, S + 2, *batch_axis), ("T + 1", "S + 2", "B"), "T and B from x, S from l"
    )
    _classes("l", l, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        l = l[:, None]
        h = h[:, None]
        o = o[:, None]
        same = same[:, None]
        skip = skip[:, :, None]
        alpha = alpha[:, :, None]
    return params, x, l, h, o, same, skip, alpha, dtype, single, n_h, n_x, n_y, T, S, B


def _initial_arguments(params, none, h0, S, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    S = _size("S", S)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    none = _real("none", none, dtype)
    _expect("none", none, (), ())
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from U")
        if single:
            h0 = h0[None]
    return params, none, h0, dtype, single, n_h, n_x, n_y, S, B


def _step_arguments(params, state, x, l, none):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    l = _integers("l", l)
    h_prev = _real("state.h", state.h, dtype)
    alpha_prev = _real("state.alpha", state.alpha, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _rank("l", l, ("S", "B"), single)
    S = l.shape[0]
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from U")
    _expect("l", l, (S, *batch_axis), ("S", "B"), "B from x")
    _expect("state.h", h_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U")
    _expect("state.alpha", alpha_prev, (S + 2, *batch_axis), ("S + 2", "B"), "S from l, B from x")
    _classes("l", l, n_y, "n_y - 1")
    if single:
        x = x[None]
        l = l[:, None]
        h_prev = h_prev[None]
        alpha_prev = alpha_prev[:, None]
    none = _real("none", none, dtype)
    _expect("none", none, (), ())
    return params, x, l, none, h_prev, alpha_prev, dtype, single, n_h, n_x, n_y, S, B


def _padded_arguments(params, x, l, none, h0, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    l = _integers("l", l)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _rank("l", l, ("S", "B"), single)
    S = l.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("l", l, (S, *batch_axis), ("S", "B"), "B from x")
    if single:
        x = x[:, None]
        l = l[:, None]
    none = _real("none", none, dtype)
    _expect("none", none, (), ())
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
    l = _hold(l, 0, 1, len_S)
    _classes("l", l, n_y, "n_y - 1")
    return params, x, l, none, h0, dtype, single, n_h, n_x, n_y, T, S, B, len_T, T_own, len_S, S_own


def _padded_backward_arguments(params, forward, x, l, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    l = _integers("l", l)
    h = _real("forward.h", forward.h, dtype)
    o = _real("forward.o", forward.o, dtype)
    same = _real("forward.same", forward.same, dtype)
    skip = _real("forward.skip", forward.skip, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _rank("l", l, ("S", "B"), single)
    S = l.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from U")
    _expect("l", l, (S, *batch_axis), ("S", "B"), "B from x")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from U")
    _expect("forward.o", o, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _expect("forward.same", same, (S, *batch_axis), ("S", "B"), "S from l, B from x")
    _expect("forward.skip", skip, (T, S, *batch_axis), ("T", "S", "B"), "T and B from x, S from l")
    _expect(
        "forward.alpha", alpha, (T + 1, S + 2, *batch_axis), ("T + 1", "S + 2", "B"), "T and B from x, S from l"
    )
    if single:
        x = x[:, None]
        l = l[:, None]
        h = h[:, None]
        o = o[:, None]
        same = same[:, None]
        skip = skip[:, :, None]
        alpha = alpha[:, :, None]
    len_T = _lengths(lengths, "T", ("T", "S"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    len_S = _lengths(lengths, "S", ("T", "S"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    l = _hold(l, 0, 1, len_S)
    _classes("l", l, n_y, "n_y - 1")
    return params, x, l, h, o, same, skip, alpha, dtype, single, n_h, n_x, n_y, T, S, B, len_T, T_own, len_S, S_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    U, W, V, b, c = params
    _rank("U", U, ("n_h", "n_x"))
    n_h, n_x = U.shape
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("W", W, (n_h, n_h), ("n_h", "n_h"), "n_h from U")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from U")
    _expect("b", b, (n_h,), ("n_h",), "n_h from U")
    _expect("c", c, (n_y,), ("n_y",), "n_y from V")
    return params, dtype, n_h, n_x, n_y


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
