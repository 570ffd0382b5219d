# Written by derive from hidden_markov.eq; do not edit.
# Change hidden_markov.eq instead, and run: derive generate hidden_markov
# source bcdf0925cdf96ef9, derive 07e8f9d843407be1, body 6432cbf3bad5aed2
"""Hidden Markov model: the forward recursion in log space over all states; the loss is minus the log-likelihood.

Rabiner (1989), A Tutorial on Hidden Markov Models and Selected Applications in Speech Recognition, eqs. 19-21. The
gradient with respect to e[t, j] is minus the posterior of state j at step t: the backward pass is the backward
recursion.

The equations::

    w: Index[T, n_w]                # the symbol that is observed at each step
    pi0: Param[n_s]                 # first state, as logits
    A: Param[n_s, n_s]              # transition from i to j, as logits
    B: Param[n_s, n_w]              # emission of each state, as logits

    logpi = logsoftmax(pi0)
    logA[i, j] = logsoftmax(A[i, j], j)
    logB[j, k] = logsoftmax(B[j, k], k)
    e[t, j] = logB[j, w[t]]                                                 # log-likelihood of what is observed
    alpha[1] = logpi + e[1]                                                 # eq. 19
    alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]        # eq. 20
    loss = -logsumexp(alpha[T])                                             # eq. 21
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    pi0: np.ndarray  # (n_s)  first state, as logits
    A: np.ndarray  # (n_s, n_s)  transition from i to j, as logits
    B: np.ndarray  # (n_s, n_w)  emission of each state, as logits


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    logpi: np.ndarray  # (n_s)
    logA: np.ndarray  # (n_s, n_s)
    logB: np.ndarray  # (n_s, n_w)
    e: np.ndarray  # (T, B, n_s)  log-likelihood of what is observed
    alpha: np.ndarray  # (T, B, n_s)  eq. 20
    loss: float | None  # a number  eq. 21


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    alpha: np.ndarray  # (B, n_s)  eq. 20
    t: int  # steps so far


class Outputs(NamedTuple):
    """The variables at one step."""

    e: np.ndarray  # (B, n_s)  log-likelihood of what is observed
    alpha: np.ndarray  # (B, n_s)  eq. 20


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


def init_params(rng: np.random.Generator, *, n_s: int, n_w: int, dtype: type = np.float64) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_s = _size("n_s", n_s)
    n_w = _size("n_w", n_w)
    return Params(
        pi0=np.zeros((n_s,), dtype),
        A=(rng.standard_normal((n_s, n_s)) / np.sqrt(n_s)).astype(dtype),
        B=(rng.standard_normal((n_s, n_w)) / np.sqrt(n_w)).astype(dtype),
    )


def forward(
    params: Params,
    *,
    w: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    w        (T, B)  0..n_w - 1  the symbol that is observed at each step
    state            State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)    1..T        each example's own number of steps, what is given beyond is not read; all where not
                                 given

    Data without the axis B are one example.
    """
    if lengths is not None or state is not None:
        return _forward_padded(params, w, lengths, state)
    params, w, dtype, single, n_s, n_w, T, B_ = _arguments(params, w)
    pi0, A, B = params

    tmp0 = np.empty((n_s, n_s), dtype)
    tmp1 = np.empty((n_s,), dtype)
    tmp2 = np.empty((n_s, n_w), dtype)
    tmp3 = np.empty((B_, n_s, n_s), dtype)
    tmp4 = np.empty((B_, n_s), dtype)
    # logpi = logsoftmax(pi0)
    logpi_lse = _logsumexp(pi0, 0)
    logpi = np.empty((n_s,), dtype)
    logpi[...] = -logpi_lse
    logpi += pi0
    logA_lse = np.empty((n_s,), dtype)
    largest = np.empty((n_s, 1), dtype)
    # logA[i, j] = logsoftmax(A[i, j], j)
    _logsumexp(A, 1, out=logA_lse, work=tmp0, largest=largest)
    logA = np.empty((n_s, n_s), dtype)
    np.negative(logA_lse, out=tmp1)
    logA[...] = tmp1[:, None]
    logA += A
    logB_lse = np.empty((n_s,), dtype)
    # logB[j, k] = logsoftmax(B[j, k], k)
    _logsumexp(B, 1, out=logB_lse, work=tmp2, largest=largest)
    logB = np.empty((n_s, n_w), dtype)
    np.negative(logB_lse, out=tmp1)
    logB[...] = tmp1[:, None]
    logB += B
    e = np.empty((T, B_, n_s), dtype)
    # e[t, j] = logB[j, w[t]]
    e[...] = logB[:, w].transpose(1, 2, 0)
    alpha_arg = np.empty((T - 1, B_, n_s, n_s), dtype)
    # alpha.arg[t, j, i] = alpha[t-1, i] + logA[i, j]
    alpha_arg[...] = logA.T
    alpha = np.empty((T, B_, n_s), dtype)
    # alpha[1] = logpi + e[1]
    alpha[0] = logpi
    alpha[0] += e[0]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    alpha[1:] = e[1:]
    alpha_lse = np.empty((B_, n_s), dtype)
    alpha_arg_at = list(alpha_arg)
    alpha_at = list(alpha)
    largest2 = np.empty((B_, n_s, 1), dtype)
    for t in range(2, T + 1):
        # alpha.arg[t, j, i] = alpha[t-1, i] + logA[i, j]
        alpha_arg_at[t - 2] += alpha_at[t - 2][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
        _logsumexp(alpha_arg_at[t - 2], 2, out=alpha_lse, work=tmp3, largest=largest2)
        alpha_at[t - 1] += alpha_lse
    loss_lse = np.empty((B_,), dtype)
    largest3 = np.empty((B_, 1), dtype)
    # loss = -logsumexp(alpha[T])
    _logsumexp(alpha[T - 1], 1, out=loss_lse, work=tmp4, largest=largest3)
    loss = -loss_lse.sum()

    if single:
        e = e[:, 0]
        alpha = alpha[:, 0]
    return Forward(logpi=logpi, logA=logA, logB=logB, e=e, alpha=alpha, loss=float(loss))


def loss(
    params: Params,
    *,
    w: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    w          (T, B)  0..n_w - 1  the symbol that is observed at each step
    workspace          Workspace   its arrays are used, and hold the results until its next call
    state              State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths    (B,)    1..T        each example's own number of steps, what is given beyond is not read; all where not
                                   given

    Data without the axis B are one example.
    """
    if lengths is not None or state is not None:
        return _loss_padded(params, w, lengths, workspace, state)
    params, w, dtype, single, n_s, n_w, T, B_ = _arguments(params, w)
    pi0, A, B = params

    (
        tmp0, tmp1, tmp2, tmp3, alpha_lse, tmp4, logpi, logA_lse, largest, logA, logB_lse, logB, e, alpha_arg, alpha,
        alpha_arg_at, alpha_at, largest2, loss_lse, largest3,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_w, n_s, B_, dtype)
    # logpi = logsoftmax(pi0)
    logpi_lse = _logsumexp(pi0, 0)
    logpi[...] = -logpi_lse
    logpi += pi0
    # logA[i, j] = logsoftmax(A[i, j], j)
    _logsumexp(A, 1, out=logA_lse, work=tmp0, largest=largest)
    np.negative(logA_lse, out=tmp1)
    logA[...] = tmp1[:, None]
    logA += A
    # logB[j, k] = logsoftmax(B[j, k], k)
    _logsumexp(B, 1, out=logB_lse, work=tmp2, largest=largest)
    np.negative(logB_lse, out=tmp1)
    logB[...] = tmp1[:, None]
    logB += B
    # e[t, j] = logB[j, w[t]]
    e[...] = logB[:, w].transpose(1, 2, 0)
    # alpha.arg[t, j, i] = alpha[t-1, i] + logA[i, j]
    alpha_arg[...] = logA.T
    # alpha[1] = logpi + e[1]
    alpha[0] = logpi
    alpha[0] += e[0]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    alpha[1:] = e[1:]
    for t in range(2, T + 1):
        # alpha.arg[t, j, i] = alpha[t-1, i] + logA[i, j]
        alpha_arg_at[t - 2] += alpha_at[t - 2][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
        _logsumexp(alpha_arg_at[t - 2], 2, out=alpha_lse, work=tmp3, largest=largest2)
        alpha_at[t - 1] += alpha_lse
    # loss = -logsumexp(alpha[T])
    _logsumexp(alpha[T - 1], 1, out=loss_lse, work=tmp4, largest=largest3)
    loss = -loss_lse.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    w: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w           (T, B)  0..n_w - 1                 the symbol that is observed at each step
    workspace           Workspace                  its arrays are used, and hold the results until its next call
    state               State                      what an earlier piece left, from last_state or step: the sequence
                                                   goes on from there
    lengths     (B,)    1..T                       each example's own number of steps, what is given beyond is not read;
                                                   all where not given
    window              whole number >= 1          steps in a window: gradients stay in it, values go on to the next
    checkpoint          True or whole number >= 1  steps in a segment, True for about the root of all: states between
                                                   them are kept, the rest is computed anew; the same gradient up to
                                                   rounding

    Data without the axis B are one example.
    """
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, w, wrt, workspace, state, checkpoint)
    if lengths is not None or window is not None or state is not None:
        return _loss_and_grad_padded(params, w, lengths, wrt, workspace, window, state)
    params, w, dtype, single, n_s, n_w, T, B_ = _arguments(params, w)
    pi0, A, B = params
    wrt = _asked(wrt, ())

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, logpi, logA_lse, largest, logA, logB_lse, logB, e, alpha_arg, alpha, alpha_lse,
        alpha_arg_at, alpha_at, alpha_lse_at, largest2, loss_lse, largest3, tmp5, tmp6, alpha_arg_factor, dalpha,
        dalpha_arg, dalpha_arg_at, dalpha_at, alpha_arg_factor_at, dlogA, dlogpi, de, dlogB, dlogB_lse, dB, dlogA_lse,
        dA, dpi0,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_w, n_s, B_, dtype)
    # logpi = logsoftmax(pi0)
    logpi_lse = _logsumexp(pi0, 0)
    logpi[...] = -logpi_lse
    logpi += pi0
    # logA[i, j] = logsoftmax(A[i, j], j)
    _logsumexp(A, 1, out=logA_lse, work=tmp0, largest=largest)
    np.negative(logA_lse, out=tmp1)
    logA[...] = tmp1[:, None]
    logA += A
    # logB[j, k] = logsoftmax(B[j, k], k)
    _logsumexp(B, 1, out=logB_lse, work=tmp2, largest=largest)
    np.negative(logB_lse, out=tmp1)
    logB[...] = tmp1[:, None]
    logB += B
    # e[t, j] = logB[j, w[t]]
    e[...] = logB[:, w].transpose(1, 2, 0)
    # alpha.arg[t, j, i] = alpha[t-1, i] + logA[i, j]
    alpha_arg[...] = logA.T
    # alpha[1] = logpi + e[1]
    alpha[0] = logpi
    alpha[0] += e[0]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    alpha[1:] = e[1:]
    for t in range(2, T + 1):
        # alpha.arg[t, j, i] = alpha[t-1, i] + logA[i, j]
        alpha_arg_at[t - 2] += alpha_at[t - 2][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
        _logsumexp(alpha_arg_at[t - 2], 2, out=alpha_lse_at[t - 2], work=tmp3, largest=largest2)
        alpha_at[t - 1] += alpha_lse_at[t - 2]
    # loss = -logsumexp(alpha[T])
    _logsumexp(alpha[T - 1], 1, out=loss_lse, work=tmp4, largest=largest3)
    loss = -loss_lse.sum()
    # alpha.arg.factor[t, i, j] = softmax(alpha.arg[t, i, j], j)
    np.subtract(alpha_arg, alpha_lse[:, :, :, None], out=tmp5)
    np.exp(tmp5, out=alpha_arg_factor)
    dalpha.fill(0)
    # grad(alpha[T]) = -softmax(alpha[T])
    np.subtract(alpha[T - 1], loss_lse[:, None], out=tmp6)
    np.exp(tmp6, out=tmp4)
    dalpha[T - 1] -= tmp4
    dalpha_arg.fill(0)
    if 2 <= T:
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha[t, i]), 2 <= t <= T
        np.multiply(alpha_arg_factor[T - 2], dalpha[T - 1][:, :, None], out=dalpha_arg[T - 2])
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, i]) = sum(grad(alpha.arg[t+1, j, i]), j), t < T
        np.add.reduce(dalpha_arg_at[t - 1], axis=1, out=tmp4)
        dalpha_at[t - 1] += tmp4
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha[t, i]), 2 <= t <= T
        np.multiply(alpha_arg_factor_at[t - 2], dalpha_at[t - 1][:, :, None], out=dalpha_arg_at[t - 2])
    if 1 <= T - 1:
        # grad(alpha[t, i]) = sum(grad(alpha.arg[t+1, j, i]), j), t < T
        np.add.reduce(dalpha_arg[0], axis=1, out=tmp4)
        dalpha[0] += tmp4
    # grad(logA) = sum(grad(alpha.arg[t]).T, (t, 2, T))
    dlogA[...] = dalpha_arg.sum(axis=(0, 1)).T
    # grad(logpi) = grad(alpha[1])
    np.add.reduce(dalpha[0], axis=0, out=dlogpi)
    # grad(e[t]) = grad(alpha[t]), 2 <= t <= T
    de[1:] = dalpha[1:]
    # grad(e[1]) = grad(alpha[1])
    de[0] = dalpha[0]
    dlogB.fill(0)
    # grad(logB) = sum(outer(grad(e[t]), onehot(w[t])), t)
    _scatter_add(dlogB, (np.arange(n_s)[:, None, None], w), de.transpose(2, 0, 1))
    # grad(logB.lse[i]) = sum(-grad(logB[i, j]), j)
    np.add.reduce(dlogB, axis=1, out=dlogB_lse)
    np.negative(dlogB_lse, out=dlogB_lse)
    # grad(B[i, j]) = softmax(B[i, j], j) * grad(logB.lse[i]) + grad(logB[i, j])
    np.subtract(B, logB_lse[:, None], out=tmp2)
    np.exp(tmp2, out=dB)
    dB *= dlogB_lse[:, None]
    dB += dlogB
    # grad(logA.lse[i]) = sum(-grad(logA[i, j]), j)
    np.add.reduce(dlogA, axis=1, out=dlogA_lse)
    np.negative(dlogA_lse, out=dlogA_lse)
    # grad(A[i, j]) = softmax(A[i, j], j) * grad(logA.lse[i]) + grad(logA[i, j])
    np.subtract(A, logA_lse[:, None], out=tmp0)
    np.exp(tmp0, out=dA)
    dA *= dlogA_lse[:, None]
    dA += dlogA
    # grad(logpi.lse) = -sum(grad(logpi))
    dlogpi_lse = -dlogpi.sum()
    # grad(pi0) = grad(logpi.lse) * softmax(pi0) + grad(logpi)
    np.subtract(pi0, logpi_lse, out=tmp1)
    np.exp(tmp1, out=dpi0)
    dpi0 *= dlogpi_lse
    dpi0 += dlogpi

    gradient = Params(pi0=dpi0, A=dA, B=dB)
    if not wrt:
        return float(loss), gradient
    result = {}
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    w: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    w        (T, B)  0..n_w - 1         the symbol that is observed at each step
    state            State              what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where
                                        not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _backward_padded(params, forward, w, lengths, window, state)
    params, w, logA, alpha, dtype, single, n_s, n_w, T, B_ = _backward_arguments(params, forward, w)
    pi0, A, B = params

    tmp0 = np.empty((n_s, n_s), dtype)
    tmp1 = np.empty((n_s, n_w), dtype)
    tmp2 = np.empty((T - 1, B_, n_s, n_s), dtype)
    tmp3 = np.empty((B_, n_s), dtype)
    # logpi = logsoftmax(pi0)
    logpi_lse = _logsumexp(pi0, 0)
    logA_lse = np.empty((n_s,), dtype)
    largest = np.empty((n_s, 1), dtype)
    # logA[i, j] = logsoftmax(A[i, j], j)
    _logsumexp(A, 1, out=logA_lse, work=tmp0, largest=largest)
    logB_lse = np.empty((n_s,), dtype)
    # logB[j, k] = logsoftmax(B[j, k], k)
    _logsumexp(B, 1, out=logB_lse, work=tmp1, largest=largest)
    alpha_arg = np.empty((T - 1, B_, n_s, n_s), dtype)
    # alpha.arg[t, j, i] = alpha[t-1, i] + logA[i, j]
    alpha_arg[...] = logA.T
    alpha_arg += alpha[:T - 1][:, :, None]
    alpha_lse = np.empty((T - 1, B_, n_s), dtype)
    largest4 = np.empty((T - 1, B_, n_s, 1), dtype)
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    _logsumexp(alpha_arg, 3, out=alpha_lse, work=tmp2, largest=largest4)
    loss_lse = np.empty((B_,), dtype)
    largest3 = np.empty((B_, 1), dtype)
    # loss = -logsumexp(alpha[T])
    _logsumexp(alpha[T - 1], 1, out=loss_lse, work=tmp3, largest=largest3)
    tmp4 = np.empty((B_, n_s), dtype)
    tmp5 = np.empty((n_s,), dtype)
    alpha_arg_factor = np.empty((T - 1, B_, n_s, n_s), dtype)
    # alpha.arg.factor[t, i, j] = softmax(alpha.arg[t, i, j], j)
    np.subtract(alpha_arg, alpha_lse[:, :, :, None], out=tmp2)
    np.exp(tmp2, out=alpha_arg_factor)
    dalpha = np.zeros((T, B_, n_s), dtype)
    # grad(alpha[T]) = -softmax(alpha[T])
    np.subtract(alpha[T - 1], loss_lse[:, None], out=tmp4)
    np.exp(tmp4, out=tmp3)
    dalpha[T - 1] -= tmp3
    dalpha_arg = np.zeros((T - 1, B_, n_s, n_s), dtype)
    if 2 <= T:
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha[t, i]), 2 <= t <= T
        np.multiply(alpha_arg_factor[T - 2], dalpha[T - 1][:, :, None], out=dalpha_arg[T - 2])
    dalpha_arg_at = list(dalpha_arg)
    dalpha_at = list(dalpha)
    alpha_arg_factor_at = list(alpha_arg_factor)
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, i]) = sum(grad(alpha.arg[t+1, j, i]), j), t < T
        np.add.reduce(dalpha_arg_at[t - 1], axis=1, out=tmp3)
        dalpha_at[t - 1] += tmp3
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha[t, i]), 2 <= t <= T
        np.multiply(alpha_arg_factor_at[t - 2], dalpha_at[t - 1][:, :, None], out=dalpha_arg_at[t - 2])
    if 1 <= T - 1:
        # grad(alpha[t, i]) = sum(grad(alpha.arg[t+1, j, i]), j), t < T
        np.add.reduce(dalpha_arg[0], axis=1, out=tmp3)
        dalpha[0] += tmp3
    dlogA = np.empty((n_s, n_s), dtype)
    # grad(logA) = sum(grad(alpha.arg[t]).T, (t, 2, T))
    dlogA[...] = dalpha_arg.sum(axis=(0, 1)).T
    dlogpi = np.empty((n_s,), dtype)
    # grad(logpi) = grad(alpha[1])
    np.add.reduce(dalpha[0], axis=0, out=dlogpi)
    de = np.empty((T, B_, n_s), dtype)
    # grad(e[t]) = grad(alpha[t]), 2 <= t <= T
    de[1:] = dalpha[1:]
    # grad(e[1]) = grad(alpha[1])
    de[0] = dalpha[0]
    dlogB = np.zeros((n_s, n_w), dtype)
    # grad(logB) = sum(outer(grad(e[t]), onehot(w[t])), t)
    _scatter_add(dlogB, (np.arange(n_s)[:, None, None], w), de.transpose(2, 0, 1))
    dlogB_lse = np.empty((n_s,), dtype)
    # grad(logB.lse[i]) = sum(-grad(logB[i, j]), j)
    np.add.reduce(dlogB, axis=1, out=dlogB_lse)
    np.negative(dlogB_lse, out=dlogB_lse)
    dB = np.empty((n_s, n_w), dtype)
    # grad(B[i, j]) = softmax(B[i, j], j) * grad(logB.lse[i]) + grad(logB[i, j])
    np.subtract(B, logB_lse[:, None], out=tmp1)
    np.exp(tmp1, out=dB)
    dB *= dlogB_lse[:, None]
    dB += dlogB
    dlogA_lse = np.empty((n_s,), dtype)
    # grad(logA.lse[i]) = sum(-grad(logA[i, j]), j)
    np.add.reduce(dlogA, axis=1, out=dlogA_lse)
    np.negative(dlogA_lse, out=dlogA_lse)
    dA = np.empty((n_s, n_s), dtype)
    # grad(A[i, j]) = softmax(A[i, j], j) * grad(logA.lse[i]) + grad(logA[i, j])
    np.subtract(A, logA_lse[:, None], out=tmp0)
    np.exp(tmp0, out=dA)
    dA *= dlogA_lse[:, None]
    dA += dlogA
    # grad(logpi.lse) = -sum(grad(logpi))
    dlogpi_lse = -dlogpi.sum()
    dpi0 = np.empty((n_s,), dtype)
    # grad(pi0) = grad(logpi.lse) * softmax(pi0) + grad(logpi)
    np.subtract(pi0, logpi_lse, out=tmp5)
    np.exp(tmp5, out=dpi0)
    dpi0 *= dlogpi_lse
    dpi0 += dlogpi

    return Params(pi0=dpi0, A=dA, B=dB)


def init_state(params: Params, *, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None."""
    params, dtype, single, n_s, n_w, B_ = _initial_arguments(params, batch)

    alpha_prev = np.empty((B_, n_s), dtype)
    # alpha@1[i] = 0
    alpha_prev[...] = 0

    if single:
        alpha_prev = alpha_prev[0]
    return State(alpha=alpha_prev, t=0)


def step(params: Params, state: State, *, w: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    w  (B)  0..n_w - 1  the symbol that is observed at each step

    Data without the axis B are one example.
    """
    params, w, alpha_prev, dtype, single, n_s, n_w, B_ = _step_arguments(params, state, w)
    pi0, A, B = params
    t_now = _count("state.t", state[-1]) + 1

    # logpi = logsoftmax(pi0)
    logpi_lse = _logsumexp(pi0, 0)
    logpi = np.empty((n_s,), dtype)
    logpi[...] = -logpi_lse
    logpi += pi0
    # logA[i, j] = logsoftmax(A[i, j], j)
    logA_lse = _logsumexp(A, 1)
    logA = np.empty((n_s, n_s), dtype)
    logA[...] = (-logA_lse)[:, None]
    logA += A
    # logB[j, k] = logsoftmax(B[j, k], k)
    logB_lse = _logsumexp(B, 1)
    logB = np.empty((n_s, n_w), dtype)
    logB[...] = (-logB_lse)[:, None]
    logB += B
    # e[t, j] = logB[j, w[t]]
    e = logB[:, w].T
    # alpha[1] = logpi + e[1]
    alpha = np.where(t_now == 1, e + logpi, 0)
    alpha_arg = np.empty((B_, n_s, n_s), dtype)
    # alpha.arg[t, j, i] = alpha[t-1, i] + logA[i, j]
    alpha_arg[...] = alpha_prev[:, None]
    alpha_arg += logA.T
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    alpha_lse = _logsumexp(alpha_arg, 2)
    alpha += np.where(2 <= t_now, alpha_lse + e, 0)

    if single:
        alpha = alpha[0]
        e = e[0]
    result = State(alpha=alpha, t=t_now)
    return result, Outputs(e=e, alpha=alpha)


def last_state(
    forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None, state: State | None = None
) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    state    as `forward` was given it
    """
    forward = _as_forward(forward)
    state = None if state is None else _as_state(state)
    steps = forward.alpha.shape[0]
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.alpha.ndim < 3 else forward.alpha.shape[1], forward.alpha.ndim < 3, 1
    )
    return State(alpha=_last(forward.alpha, 0, 1, 0, lengths), t=_steps_so_far(state, steps, lengths))


def _forward_padded(params, w, lengths, state):
    """`forward` where examples have their own lengths."""
    params, w, dtype, single, n_s, n_w, T, B_, len_T, T_own = _padded_arguments(params, w, lengths)
    pi0, A, B = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (alpha_before1,) = _before(state, "alpha", 1, (B_, n_s), ("B", "n_s"), single, dtype)

    tmp0 = np.empty((n_s, n_s), dtype)
    tmp1 = np.empty((n_s,), dtype)
    tmp2 = np.empty((n_s, n_w), dtype)
    tmp3 = np.empty((T, B_, n_s), dtype)
    tmp4 = np.empty((B_, n_s, n_s), dtype)
    tmp5 = np.empty((B_, n_s), dtype)
    tmp6 = np.empty((B_, n_s), dtype)
    # logpi = logsoftmax(pi0)
    logpi_lse = _logsumexp(pi0, 0)
    logpi = np.empty((n_s,), dtype)
    logpi[...] = -logpi_lse
    logpi += pi0
    logA_lse = np.empty((n_s,), dtype)
    largest = np.empty((n_s, 1), dtype)
    # logA[i, j] = logsoftmax(A[i, j], j)
    _logsumexp(A, 1, out=logA_lse, work=tmp0, largest=largest)
    logA = np.empty((n_s, n_s), dtype)
    np.negative(logA_lse, out=tmp1)
    logA[...] = tmp1[:, None]
    logA += A
    logB_lse = np.empty((n_s,), dtype)
    # logB[j, k] = logsoftmax(B[j, k], k)
    _logsumexp(B, 1, out=logB_lse, work=tmp2, largest=largest)
    logB = np.empty((n_s, n_w), dtype)
    np.negative(logB_lse, out=tmp1)
    logB[...] = tmp1[:, None]
    logB += B
    e = np.empty((T, B_, n_s), dtype)
    # e[t, j] = logB[j, w[t]]
    e[...] = logB[:, w].transpose(1, 2, 0)
    alpha = np.empty((T, B_, n_s), dtype)
    # alpha[1] = logpi + e[1]
    np.add(logpi, e, out=tmp3)
    alpha[...] = np.where((1 == np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp3, 0)
    alpha_arg = np.empty((T, B_, n_s, n_s), dtype)
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[...] = logA.T
    alpha_held = np.empty((T, B_, n_s), dtype)
    # alpha.held[0] = alpha.before1
    alpha_held[0] = alpha_before1
    alpha_lse = np.empty((B_, n_s), dtype)
    alpha_arg_at = list(alpha_arg)
    alpha_held_at = list(alpha_held)
    largest2 = np.empty((B_, n_s, 1), dtype)
    e_at = list(e)
    number = np.array(0, dtype)
    alpha_at = list(alpha)
    for t in range(1, T):
        # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
        alpha_arg_at[t - 1] += alpha_held_at[t - 1][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
        _logsumexp(alpha_arg_at[t - 1], 2, out=alpha_lse, work=tmp4, largest=largest2)
        np.add(alpha_lse, e_at[t - 1], out=tmp6)
        tmp5[...] = np.where(2 <= T_done + t, tmp6, 0)
        alpha_at[t - 1] += tmp5
        # alpha.held[t] = where(t <= T.own, alpha[t], alpha.held[t-1])
        alpha_held[t] = np.where((t <= T_own)[:, None], alpha[t - 1], alpha_held[t - 1])
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[T - 1] += alpha_held[T - 1][:, None]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    _logsumexp(alpha_arg[T - 1], 2, out=alpha_lse, work=tmp4, largest=largest2)
    np.add(alpha_lse, e[T - 1], out=tmp6)
    tmp5[...] = np.where(2 <= T + T_done, tmp6, 0)
    alpha[T - 1] += tmp5
    loss_lse = np.empty((B_,), dtype)
    # loss = -logsumexp(alpha[T])
    tmp5[...] = alpha[len_T - 1, np.arange(B_)]
    largest3 = np.empty((B_, 1), dtype)
    _logsumexp(tmp5, 1, out=loss_lse, work=tmp6, largest=largest3)
    loss = -loss_lse.sum()

    if single:
        e = e[:, 0]
        alpha = alpha[:, 0]
    return Forward(logpi=logpi, logA=logA, logB=logB, e=e, alpha=alpha, loss=float(loss))


def _loss_padded(params, w, lengths, workspace, state):
    """`loss` where examples have their own lengths."""
    params, w, dtype, single, n_s, n_w, T, B_, len_T, T_own = _padded_arguments(params, w, lengths)
    pi0, A, B = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (alpha_before1,) = _before(state, "alpha", 1, (B_, n_s), ("B", "n_s"), single, dtype)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, logpi, logA_lse, largest, logA, logB_lse, logB, e, alpha, alpha_arg,
        alpha_held, alpha_lse, alpha_arg_at, alpha_held_at, largest2, e_at, number, alpha_at, loss_lse, largest3,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_w, n_s, B_, dtype)
    # logpi = logsoftmax(pi0)
    logpi_lse = _logsumexp(pi0, 0)
    logpi[...] = -logpi_lse
    logpi += pi0
    # logA[i, j] = logsoftmax(A[i, j], j)
    _logsumexp(A, 1, out=logA_lse, work=tmp0, largest=largest)
    np.negative(logA_lse, out=tmp1)
    logA[...] = tmp1[:, None]
    logA += A
    # logB[j, k] = logsoftmax(B[j, k], k)
    _logsumexp(B, 1, out=logB_lse, work=tmp2, largest=largest)
    np.negative(logB_lse, out=tmp1)
    logB[...] = tmp1[:, None]
    logB += B
    # e[t, j] = logB[j, w[t]]
    e[...] = logB[:, w].transpose(1, 2, 0)
    # alpha[1] = logpi + e[1]
    np.add(logpi, e, out=tmp3)
    alpha[...] = np.where((1 == np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp3, 0)
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[...] = logA.T
    # alpha.held[0] = alpha.before1
    alpha_held[0] = alpha_before1
    for t in range(1, T):
        # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
        alpha_arg_at[t - 1] += alpha_held_at[t - 1][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
        _logsumexp(alpha_arg_at[t - 1], 2, out=alpha_lse, work=tmp4, largest=largest2)
        np.add(alpha_lse, e_at[t - 1], out=tmp6)
        tmp5[...] = np.where(2 <= T_done + t, tmp6, 0)
        alpha_at[t - 1] += tmp5
        # alpha.held[t] = where(t <= T.own, alpha[t], alpha.held[t-1])
        alpha_held[t] = np.where((t <= T_own)[:, None], alpha[t - 1], alpha_held[t - 1])
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[T - 1] += alpha_held[T - 1][:, None]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    _logsumexp(alpha_arg[T - 1], 2, out=alpha_lse, work=tmp4, largest=largest2)
    np.add(alpha_lse, e[T - 1], out=tmp6)
    tmp5[...] = np.where(2 <= T + T_done, tmp6, 0)
    alpha[T - 1] += tmp5
    # loss = -logsumexp(alpha[T])
    tmp5[...] = alpha[len_T - 1, np.arange(B_)]
    _logsumexp(tmp5, 1, out=loss_lse, work=tmp6, largest=largest3)
    loss = -loss_lse.sum()

    return float(loss)


def _loss_and_grad_padded(params, w, lengths, wrt, workspace, window, state):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    params, w, dtype, single, n_s, n_w, T, B_, len_T, T_own = _padded_arguments(params, w, lengths)
    pi0, A, B = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (alpha_before1,) = _before(state, "alpha", 1, (B_, n_s), ("B", "n_s"), single, dtype)
    wrt = _asked(wrt, ())
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, logpi, logA_lse, largest, logA, logB_lse, logB, e, alpha, alpha_arg,
        alpha_held, alpha_lse, alpha_arg_at, alpha_held_at, alpha_lse_at, largest2, e_at, number, alpha_at, loss_lse,
        largest3, tmp7, tmp8, tmp9, tmp10, alpha_arg_factor, dalpha, dalpha_arg, dalpha_held, dalpha_arg_at,
        dalpha_held_at, dalpha_at, alpha_arg_factor_at, de, dlogA, dlogpi, dlogB, dlogB_lse, dB, dlogA_lse, dA, dpi0,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_w, n_s, B_, dtype)
    # logpi = logsoftmax(pi0)
    logpi_lse = _logsumexp(pi0, 0)
    logpi[...] = -logpi_lse
    logpi += pi0
    # logA[i, j] = logsoftmax(A[i, j], j)
    _logsumexp(A, 1, out=logA_lse, work=tmp0, largest=largest)
    np.negative(logA_lse, out=tmp1)
    logA[...] = tmp1[:, None]
    logA += A
    # logB[j, k] = logsoftmax(B[j, k], k)
    _logsumexp(B, 1, out=logB_lse, work=tmp2, largest=largest)
    np.negative(logB_lse, out=tmp1)
    logB[...] = tmp1[:, None]
    logB += B
    # e[t, j] = logB[j, w[t]]
    e[...] = logB[:, w].transpose(1, 2, 0)
    # alpha[1] = logpi + e[1]
    np.add(logpi, e, out=tmp3)
    alpha[...] = np.where((1 == np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp3, 0)
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[...] = logA.T
    # alpha.held[0] = alpha.before1
    alpha_held[0] = alpha_before1
    for t in range(1, T):
        # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
        alpha_arg_at[t - 1] += alpha_held_at[t - 1][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
        _logsumexp(alpha_arg_at[t - 1], 2, out=alpha_lse_at[t - 1], work=tmp4, largest=largest2)
        np.add(alpha_lse_at[t - 1], e_at[t - 1], out=tmp6)
        tmp5[...] = np.where(2 <= T_done + t, tmp6, 0)
        alpha_at[t - 1] += tmp5
        # alpha.held[t] = where(t <= T.own, alpha[t], alpha.held[t-1])
        alpha_held[t] = np.where((t <= T_own)[:, None], alpha[t - 1], alpha_held[t - 1])
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[T - 1] += alpha_held[T - 1][:, None]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    _logsumexp(alpha_arg[T - 1], 2, out=alpha_lse[T - 1], work=tmp4, largest=largest2)
    np.add(alpha_lse[T - 1], e[T - 1], out=tmp6)
    tmp5[...] = np.where(2 <= T + T_done, tmp6, 0)
    alpha[T - 1] += tmp5
    # loss = -logsumexp(alpha[T])
    tmp5[...] = alpha[len_T - 1, np.arange(B_)]
    _logsumexp(tmp5, 1, out=loss_lse, work=tmp6, largest=largest3)
    loss = -loss_lse.sum()
    # alpha.arg.factor[t, i, j] = where(2 <= t + T.done, 1, 0) * softmax(alpha.arg[t, i, j], j)
    tmp7[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    np.subtract(alpha_arg, alpha_lse[:, :, :, None], out=tmp8)
    np.exp(tmp8, out=alpha_arg_factor)
    alpha_arg_factor *= tmp7[:, None, None, None]
    dalpha.fill(0)
    # grad(alpha[t]) = grad(alpha.held[t]) - where(len.T == t, 1, 0) * softmax(alpha[len.T])
    tmp6[...] = alpha[len_T - 1, np.arange(B_)]
    tmp6 -= loss_lse[:, None]
    np.exp(tmp6, out=tmp5)
    np.negative(tmp5, out=tmp5)
    dalpha[len_T - 1, np.arange(B_)] += tmp5
    dalpha_held.fill(0)
    dalpha[T - 1] += dalpha_held[T - 1]
    # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha.lse[t, i])
    np.multiply(alpha_arg_factor[T - 1], dalpha[T - 1][:, :, None], out=dalpha_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(alpha.held[t, i]) = sum(same_window(t, maximum(t - 1, 0), window.T) * grad(alpha.arg[t+1, j,
        #     i]), j), 0 <= t < T
        np.add.reduce(dalpha_arg_at[t], axis=1, out=dalpha_held_at[t - 1])
        dalpha_held_at[t - 1] *= t // window_T == max(t - 1, 0) // window_T
        # grad(alpha[t]) = grad(alpha.held[t]) - where(len.T == t, 1, 0) * softmax(alpha[len.T])
        dalpha_at[t - 1] += dalpha_held_at[t - 1]
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha.lse[t, i])
        np.multiply(alpha_arg_factor_at[t - 1], dalpha_at[t - 1][:, :, None], out=dalpha_arg_at[t - 1])
    # grad(e[t]) = where(2 <= t + T.done, 1, 0) * grad(alpha[t]) + where(1 == t + T.done, 1, 0) *
    #     grad(alpha[t])
    tmp9[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    tmp7[...] = 1 == np.arange(1, T + 1, dtype=dtype) + T_done
    tmp7 += tmp9
    np.multiply(tmp7[:, None, None], dalpha, out=de)
    # grad(logA) = sum(grad(alpha.arg[t]).T, t)
    dlogA[...] = dalpha_arg.sum(axis=(0, 1)).T
    # grad(logpi) = sum(where(1 == t + T.done, 1, 0) * grad(alpha[t]), t)
    tmp10[...] = dalpha.sum(axis=1).T
    tmp7[...] = 1 == np.arange(1, T + 1, dtype=dtype) + T_done
    np.matmul(tmp10, tmp7, out=dlogpi)
    dlogB.fill(0)
    # grad(logB) = sum(outer(grad(e[t]), onehot(w[t])), t)
    _scatter_add(dlogB, (np.arange(n_s)[:, None, None], w), de.transpose(2, 0, 1))
    # grad(logB.lse[i]) = sum(-grad(logB[i, j]), j)
    np.add.reduce(dlogB, axis=1, out=dlogB_lse)
    np.negative(dlogB_lse, out=dlogB_lse)
    # grad(B[i, j]) = softmax(B[i, j], j) * grad(logB.lse[i]) + grad(logB[i, j])
    np.subtract(B, logB_lse[:, None], out=tmp2)
    np.exp(tmp2, out=dB)
    dB *= dlogB_lse[:, None]
    dB += dlogB
    # grad(logA.lse[i]) = sum(-grad(logA[i, j]), j)
    np.add.reduce(dlogA, axis=1, out=dlogA_lse)
    np.negative(dlogA_lse, out=dlogA_lse)
    # grad(A[i, j]) = softmax(A[i, j], j) * grad(logA.lse[i]) + grad(logA[i, j])
    np.subtract(A, logA_lse[:, None], out=tmp0)
    np.exp(tmp0, out=dA)
    dA *= dlogA_lse[:, None]
    dA += dlogA
    # grad(logpi.lse) = -sum(grad(logpi))
    dlogpi_lse = -dlogpi.sum()
    # grad(pi0) = grad(logpi.lse) * softmax(pi0) + grad(logpi)
    np.subtract(pi0, logpi_lse, out=tmp1)
    np.exp(tmp1, out=dpi0)
    dpi0 *= dlogpi_lse
    dpi0 += dlogpi

    gradient = Params(pi0=dpi0, A=dA, B=dB)
    if not wrt:
        return float(loss), gradient
    result = {}
    return float(loss), gradient, result


def _backward_padded(params, forward, w, lengths, window, state):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, logA, alpha, dtype, single, n_s, n_w, T, B_, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, w, lengths)
    pi0, A, B = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (alpha_before1,) = _before(state, "alpha", 1, (B_, n_s), ("B", "n_s"), single, dtype)
    window_T = _window(window, "T", ("T",), T)

    tmp0 = np.empty((n_s, n_s), dtype)
    tmp1 = np.empty((n_s, n_w), dtype)
    tmp2 = np.empty((T, B_, n_s, n_s), dtype)
    tmp3 = np.empty((B_, n_s), dtype)
    tmp4 = np.empty((B_, n_s), dtype)
    # logpi = logsoftmax(pi0)
    logpi_lse = _logsumexp(pi0, 0)
    logA_lse = np.empty((n_s,), dtype)
    largest = np.empty((n_s, 1), dtype)
    # logA[i, j] = logsoftmax(A[i, j], j)
    _logsumexp(A, 1, out=logA_lse, work=tmp0, largest=largest)
    logB_lse = np.empty((n_s,), dtype)
    # logB[j, k] = logsoftmax(B[j, k], k)
    _logsumexp(B, 1, out=logB_lse, work=tmp1, largest=largest)
    alpha_arg = np.empty((T, B_, n_s, n_s), dtype)
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[...] = logA.T
    alpha_held = np.empty((T, B_, n_s), dtype)
    # alpha.held[0] = alpha.before1
    alpha_held[0] = alpha_before1
    for t in range(1, T):
        # alpha.held[t] = where(t <= T.own, alpha[t], alpha.held[t-1])
        alpha_held[t] = np.where((t <= T_own)[:, None], alpha[t - 1], alpha_held[t - 1])
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg += alpha_held[:, :, None]
    alpha_lse = np.empty((T, B_, n_s), dtype)
    largest4 = np.empty((T, B_, n_s, 1), dtype)
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    _logsumexp(alpha_arg, 3, out=alpha_lse, work=tmp2, largest=largest4)
    loss_lse = np.empty((B_,), dtype)
    # loss = -logsumexp(alpha[T])
    tmp3[...] = alpha[len_T - 1, np.arange(B_)]
    largest3 = np.empty((B_, 1), dtype)
    _logsumexp(tmp3, 1, out=loss_lse, work=tmp4, largest=largest3)
    tmp5 = np.empty((T,), dtype)
    tmp6 = np.empty((T,), dtype)
    tmp7 = np.empty((n_s, T), dtype)
    tmp8 = np.empty((n_s,), dtype)
    alpha_arg_factor = np.empty((T, B_, n_s, n_s), dtype)
    # alpha.arg.factor[t, i, j] = where(2 <= t + T.done, 1, 0) * softmax(alpha.arg[t, i, j], j)
    tmp5[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    np.subtract(alpha_arg, alpha_lse[:, :, :, None], out=tmp2)
    np.exp(tmp2, out=alpha_arg_factor)
    alpha_arg_factor *= tmp5[:, None, None, None]
    dalpha = np.zeros((T, B_, n_s), dtype)
    # grad(alpha[t]) = grad(alpha.held[t]) - where(len.T == t, 1, 0) * softmax(alpha[len.T])
    tmp4[...] = alpha[len_T - 1, np.arange(B_)]
    tmp4 -= loss_lse[:, None]
    np.exp(tmp4, out=tmp3)
    np.negative(tmp3, out=tmp3)
    dalpha[len_T - 1, np.arange(B_)] += tmp3
    dalpha_arg = np.empty((T, B_, n_s, n_s), dtype)
    dalpha_held = np.zeros((T, B_, n_s), dtype)
    dalpha[T - 1] += dalpha_held[T - 1]
    # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha.lse[t, i])
    np.multiply(alpha_arg_factor[T - 1], dalpha[T - 1][:, :, None], out=dalpha_arg[T - 1])
    dalpha_arg_at = list(dalpha_arg)
    dalpha_held_at = list(dalpha_held)
    dalpha_at = list(dalpha)
    alpha_arg_factor_at = list(alpha_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(alpha.held[t, i]) = sum(same_window(t, maximum(t - 1, 0), window.T) * grad(alpha.arg[t+1, j,
        #     i]), j), 0 <= t < T
        np.add.reduce(dalpha_arg_at[t], axis=1, out=dalpha_held_at[t - 1])
        dalpha_held_at[t - 1] *= t // window_T == max(t - 1, 0) // window_T
        # grad(alpha[t]) = grad(alpha.held[t]) - where(len.T == t, 1, 0) * softmax(alpha[len.T])
        dalpha_at[t - 1] += dalpha_held_at[t - 1]
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha.lse[t, i])
        np.multiply(alpha_arg_factor_at[t - 1], dalpha_at[t - 1][:, :, None], out=dalpha_arg_at[t - 1])
    de = np.empty((T, B_, n_s), dtype)
    # grad(e[t]) = where(2 <= t + T.done, 1, 0) * grad(alpha[t]) + where(1 == t + T.done, 1, 0) *
    #     grad(alpha[t])
    tmp6[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    tmp5[...] = 1 == np.arange(1, T + 1, dtype=dtype) + T_done
    tmp5 += tmp6
    np.multiply(tmp5[:, None, None], dalpha, out=de)
    dlogA = np.empty((n_s, n_s), dtype)
    # grad(logA) = sum(grad(alpha.arg[t]).T, t)
    dlogA[...] = dalpha_arg.sum(axis=(0, 1)).T
    dlogpi = np.empty((n_s,), dtype)
    # grad(logpi) = sum(where(1 == t + T.done, 1, 0) * grad(alpha[t]), t)
    tmp7[...] = dalpha.sum(axis=1).T
    tmp5[...] = 1 == np.arange(1, T + 1, dtype=dtype) + T_done
    np.matmul(tmp7, tmp5, out=dlogpi)
    dlogB = np.zeros((n_s, n_w), dtype)
    # grad(logB) = sum(outer(grad(e[t]), onehot(w[t])), t)
    _scatter_add(dlogB, (np.arange(n_s)[:, None, None], w), de.transpose(2, 0, 1))
    dlogB_lse = np.empty((n_s,), dtype)
    # grad(logB.lse[i]) = sum(-grad(logB[i, j]), j)
    np.add.reduce(dlogB, axis=1, out=dlogB_lse)
    np.negative(dlogB_lse, out=dlogB_lse)
    dB = np.empty((n_s, n_w), dtype)
    # grad(B[i, j]) = softmax(B[i, j], j) * grad(logB.lse[i]) + grad(logB[i, j])
    np.subtract(B, logB_lse[:, None], out=tmp1)
    np.exp(tmp1, out=dB)
    dB *= dlogB_lse[:, None]
    dB += dlogB
    dlogA_lse = np.empty((n_s,), dtype)
    # grad(logA.lse[i]) = sum(-grad(logA[i, j]), j)
    np.add.reduce(dlogA, axis=1, out=dlogA_lse)
    np.negative(dlogA_lse, out=dlogA_lse)
    dA = np.empty((n_s, n_s), dtype)
    # grad(A[i, j]) = softmax(A[i, j], j) * grad(logA.lse[i]) + grad(logA[i, j])
    np.subtract(A, logA_lse[:, None], out=tmp0)
    np.exp(tmp0, out=dA)
    dA *= dlogA_lse[:, None]
    dA += dlogA
    # grad(logpi.lse) = -sum(grad(logpi))
    dlogpi_lse = -dlogpi.sum()
    dpi0 = np.empty((n_s,), dtype)
    # grad(pi0) = grad(logpi.lse) * softmax(pi0) + grad(logpi)
    np.subtract(pi0, logpi_lse, out=tmp8)
    np.exp(tmp8, out=dpi0)
    dpi0 *= dlogpi_lse
    dpi0 += dlogpi

    return Params(pi0=dpi0, A=dA, B=dB)


def _loss_and_grad_checkpointed(params, w, wrt, workspace, state, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, w, dtype, single, n_s, n_w, T, B_ = _arguments(params, w)
    pi0, A, B = params
    wrt = _asked(wrt, ())
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (alpha_before1,) = _before(state, "alpha", 1, (B_, n_s), ("B", "n_s"), single, dtype)
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        alpha_before1_kept, alpha_left1, dpi0, dA, dB,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_w, n_s, B_, dtype)
    alpha_before1_kept[0] = alpha_before1
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            w[first:last],
            T_done + first,
            alpha_before1_kept[n],
            last - first,
            n_w,
            n_s,
            B_,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        (alpha_before1_kept[n + 1],) = found
    loss = 0.0
    for total in (alpha_left1, dpi0, dA, dB):
        total.fill(0)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            alpha_left1,
            float(n == count - 1),
            w[first:last],
            T_done + first,
            alpha_before1_kept[n],
            last - first,
            n_w,
            n_s,
            B_,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dalpha_before1 = found
        loss += float(loss_part)
        _add_each((dpi0, dA, dB), parts)
        alpha_left1[...] = dalpha_before1

    gradient = Params(pi0=dpi0, A=dA, B=dB)
    if not wrt:
        return float(loss), gradient
    result = {}
    return float(loss), gradient, result


def _segment(params, alpha_left1, T_last, w, T_done, alpha_before1, T, n_w, n_s, B_, dtype, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    pi0, A, B = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, logpi, logA_lse, largest, logA, logB_lse, logB, e, alpha,
        alpha_arg, alpha_held, alpha_lse, alpha_arg_at, alpha_held_at, alpha_lse_at, largest2, e_at, number, alpha_at,
        loss_lse, largest3, tmp9, tmp10, tmp11, tmp12, dloss_lse, alpha_arg_factor, dalpha, dalpha_arg, dalpha_held,
        dalpha_arg_at, dalpha_held_at, dalpha_at, alpha_arg_factor_at, dalpha_before1, de, dlogA, dlogpi, dlogB,
        dlogB_lse, dB, dlogA_lse, dA, dpi0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_w, n_s, B_, dtype)
    # logpi = logsoftmax(pi0)
    logpi_lse = _logsumexp(pi0, 0)
    logpi[...] = -logpi_lse
    logpi += pi0
    # logA[i, j] = logsoftmax(A[i, j], j)
    _logsumexp(A, 1, out=logA_lse, work=tmp0, largest=largest)
    np.negative(logA_lse, out=tmp1)
    logA[...] = tmp1[:, None]
    logA += A
    # logB[j, k] = logsoftmax(B[j, k], k)
    _logsumexp(B, 1, out=logB_lse, work=tmp2, largest=largest)
    np.negative(logB_lse, out=tmp1)
    logB[...] = tmp1[:, None]
    logB += B
    # e[t, j] = logB[j, w[t]]
    e[...] = logB[:, w].transpose(1, 2, 0)
    # alpha[1] = logpi + e[1]
    np.add(logpi, e, out=tmp3)
    alpha[...] = np.where((1 == np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp3, 0)
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[...] = logA.T
    # alpha.held[0] = alpha.before1
    alpha_held[0] = alpha_before1
    for t in range(1, T):
        # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
        alpha_arg_at[t - 1] += alpha_held_at[t - 1][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
        _logsumexp(alpha_arg_at[t - 1], 2, out=alpha_lse_at[t - 1], work=tmp4, largest=largest2)
        np.add(alpha_lse_at[t - 1], e_at[t - 1], out=tmp6)
        tmp5[...] = np.where(2 <= T_done + t, tmp6, 0)
        alpha_at[t - 1] += tmp5
        # alpha.held[t] = alpha[t]
        alpha_held_at[t][...] = alpha_at[t - 1]
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[T - 1] += alpha_held[T - 1][:, None]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    _logsumexp(alpha_arg[T - 1], 2, out=alpha_lse[T - 1], work=tmp4, largest=largest2)
    np.add(alpha_lse[T - 1], e[T - 1], out=tmp6)
    tmp5[...] = np.where(2 <= T + T_done, tmp6, 0)
    alpha[T - 1] += tmp5
    # loss = -logsumexp(alpha[T])
    _logsumexp(alpha[T - 1], 1, out=loss_lse, work=tmp5, largest=largest3)
    np.negative(loss_lse, out=tmp8)
    tmp7[...] = np.where(T_last != 0, tmp8, 0)
    loss = tmp7.sum()
    # grad(loss.lse) = where(T.last, -1, 0)
    dloss_lse[...] = np.where(T_last != 0, -1, 0).astype(dtype)
    # alpha.arg.factor[t, i, j] = where(2 <= t + T.done, 1, 0) * softmax(alpha.arg[t, i, j], j)
    tmp9[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    np.subtract(alpha_arg, alpha_lse[:, :, :, None], out=tmp10)
    np.exp(tmp10, out=alpha_arg_factor)
    alpha_arg_factor *= tmp9[:, None, None, None]
    # grad(alpha[T]) = alpha.left1 + grad(loss.lse) * softmax(alpha[T]) + grad(alpha.held[T])
    np.subtract(alpha[T - 1], loss_lse[:, None], out=tmp5)
    np.exp(tmp5, out=dalpha[T - 1])
    dalpha[T - 1] *= dloss_lse[:, None]
    dalpha[T - 1] += alpha_left1
    dalpha_held.fill(0)
    # grad(alpha[t]) = grad(alpha.held[t]), t < T
    dalpha[T - 1] += dalpha_held[T]
    # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha.lse[t, i])
    np.multiply(alpha_arg_factor[T - 1], dalpha[T - 1][:, :, None], out=dalpha_arg[T - 1])
    for t in range(T - 1, 0, -1):
        # grad(alpha.held[t, i]) = sum(grad(alpha.arg[t+1, j, i]), j), 0 <= t < T
        np.add.reduce(dalpha_arg_at[t], axis=1, out=dalpha_held_at[t])
        # grad(alpha[t]) = grad(alpha.held[t]), t < T
        dalpha_at[t - 1][...] = dalpha_held_at[t]
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha.lse[t, i])
        np.multiply(alpha_arg_factor_at[t - 1], dalpha_at[t - 1][:, :, None], out=dalpha_arg_at[t - 1])
    # grad(alpha.held[t, i]) = sum(grad(alpha.arg[t+1, j, i]), j), 0 <= t < T
    np.add.reduce(dalpha_arg[0], axis=1, out=dalpha_held[0])
    # grad(alpha.before1) = grad(alpha.held[0])
    dalpha_before1[...] = dalpha_held[0]
    # grad(e[t]) = where(2 <= t + T.done, 1, 0) * grad(alpha[t]) + where(1 == t + T.done, 1, 0) *
    #     grad(alpha[t])
    tmp11[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    tmp9[...] = 1 == np.arange(1, T + 1, dtype=dtype) + T_done
    tmp9 += tmp11
    np.multiply(tmp9[:, None, None], dalpha, out=de)
    # grad(logA) = sum(grad(alpha.arg[t]).T, t)
    dlogA[...] = dalpha_arg.sum(axis=(0, 1)).T
    # grad(logpi) = sum(where(1 == t + T.done, 1, 0) * grad(alpha[t]), t)
    tmp12[...] = dalpha.sum(axis=1).T
    tmp9[...] = 1 == np.arange(1, T + 1, dtype=dtype) + T_done
    np.matmul(tmp12, tmp9, out=dlogpi)
    dlogB.fill(0)
    # grad(logB) = sum(outer(grad(e[t]), onehot(w[t])), t)
    _scatter_add(dlogB, (np.arange(n_s)[:, None, None], w), de.transpose(2, 0, 1))
    # grad(logB.lse[i]) = sum(-grad(logB[i, j]), j)
    np.add.reduce(dlogB, axis=1, out=dlogB_lse)
    np.negative(dlogB_lse, out=dlogB_lse)
    # grad(B[i, j]) = softmax(B[i, j], j) * grad(logB.lse[i]) + grad(logB[i, j])
    np.subtract(B, logB_lse[:, None], out=tmp2)
    np.exp(tmp2, out=dB)
    dB *= dlogB_lse[:, None]
    dB += dlogB
    # grad(logA.lse[i]) = sum(-grad(logA[i, j]), j)
    np.add.reduce(dlogA, axis=1, out=dlogA_lse)
    np.negative(dlogA_lse, out=dlogA_lse)
    # grad(A[i, j]) = softmax(A[i, j], j) * grad(logA.lse[i]) + grad(logA[i, j])
    np.subtract(A, logA_lse[:, None], out=tmp0)
    np.exp(tmp0, out=dA)
    dA *= dlogA_lse[:, None]
    dA += dlogA
    # grad(logpi.lse) = -sum(grad(logpi))
    dlogpi_lse = -dlogpi.sum()
    # grad(pi0) = grad(logpi.lse) * softmax(pi0) + grad(logpi)
    np.subtract(pi0, logpi_lse, out=tmp1)
    np.exp(tmp1, out=dpi0)
    dpi0 *= dlogpi_lse
    dpi0 += dlogpi

    return loss, (dpi0, dA, dB), dalpha_before1


def _advance(params, w, T_done, alpha_before1, T, n_w, n_s, B_, dtype, workspace):
    """The state after a segment."""
    pi0, A, B = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, logpi, logA_lse, largest, logA, logB_lse, logB, e, alpha, alpha_arg,
        alpha_held, alpha_lse, alpha_arg_at, alpha_held_at, largest2, e_at, number, alpha_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_w, n_s, B_, dtype)
    # logpi = logsoftmax(pi0)
    logpi_lse = _logsumexp(pi0, 0)
    logpi[...] = -logpi_lse
    logpi += pi0
    # logA[i, j] = logsoftmax(A[i, j], j)
    _logsumexp(A, 1, out=logA_lse, work=tmp0, largest=largest)
    np.negative(logA_lse, out=tmp1)
    logA[...] = tmp1[:, None]
    logA += A
    # logB[j, k] = logsoftmax(B[j, k], k)
    _logsumexp(B, 1, out=logB_lse, work=tmp2, largest=largest)
    np.negative(logB_lse, out=tmp1)
    logB[...] = tmp1[:, None]
    logB += B
    # e[t, j] = logB[j, w[t]]
    e[...] = logB[:, w].transpose(1, 2, 0)
    # alpha[1] = logpi + e[1]
    np.add(logpi, e, out=tmp3)
    alpha[...] = np.where((1 == np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp3, 0)
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[...] = logA.T
    # alpha.held[0] = alpha.before1
    alpha_held[0] = alpha_before1
    for t in range(1, T):
        # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
        alpha_arg_at[t - 1] += alpha_held_at[t - 1][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
        _logsumexp(alpha_arg_at[t - 1], 2, out=alpha_lse, work=tmp4, largest=largest2)
        np.add(alpha_lse, e_at[t - 1], out=tmp6)
        tmp5[...] = np.where(2 <= T_done + t, tmp6, 0)
        alpha_at[t - 1] += tmp5
        # alpha.held[t] = alpha[t]
        alpha_held_at[t][...] = alpha_at[t - 1]
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[T - 1] += alpha_held[T - 1][:, None]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    _logsumexp(alpha_arg[T - 1], 2, out=alpha_lse, work=tmp4, largest=largest2)
    np.add(alpha_lse, e[T - 1], out=tmp6)
    tmp5[...] = np.where(2 <= T + T_done, tmp6, 0)
    alpha[T - 1] += tmp5

    return (alpha[-1],)


def _loss_arrays(T, n_w, n_s, B_, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((n_s, n_s), dtype)
    tmp1 = np.empty((n_s,), dtype)
    tmp2 = np.empty((n_s, n_w), dtype)
    tmp3 = np.empty((B_, n_s, n_s), dtype)
    alpha_lse = np.empty((B_, n_s), dtype)
    tmp4 = alpha_lse
    logpi = np.empty((n_s,), dtype)
    logA_lse = np.empty((n_s,), dtype)
    largest = np.empty((n_s, 1), dtype)
    logA = tmp0
    logB_lse = logA_lse
    logB = tmp2
    e = np.empty((T, B_, n_s), dtype)
    alpha_arg = np.empty((T - 1, B_, n_s, n_s), dtype)
    alpha = np.empty((T, B_, n_s), dtype)
    alpha_arg_at = list(alpha_arg)
    alpha_at = list(alpha)
    largest2 = np.empty((B_, n_s, 1), dtype)
    loss_lse = np.empty((B_,), dtype)
    largest3 = np.empty((B_, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, alpha_lse, tmp4, logpi, logA_lse, largest, logA, logB_lse, logB, e, alpha_arg, alpha,
        alpha_arg_at, alpha_at, largest2, loss_lse, largest3,
    )


def _loss_and_grad_arrays(T, n_w, n_s, B_, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((n_s, n_s), dtype)
    tmp1 = np.empty((n_s,), dtype)
    tmp2 = np.empty((n_s, n_w), dtype)
    tmp3 = np.empty((B_, n_s, n_s), dtype)
    tmp4 = np.empty((B_, n_s), dtype)
    logpi = np.empty((n_s,), dtype)
    logA_lse = np.empty((n_s,), dtype)
    largest = np.empty((n_s, 1), dtype)
    logA = np.empty((n_s, n_s), dtype)
    logB_lse = np.empty((n_s,), dtype)
    logB = np.empty((n_s, n_w), dtype)
    e = np.empty((T, B_, n_s), dtype)
    alpha_arg = np.empty((T - 1, B_, n_s, n_s), dtype)
    alpha = np.empty((T, B_, n_s), dtype)
    alpha_lse = np.empty((T - 1, B_, n_s), dtype)
    alpha_arg_at = list(alpha_arg)
    alpha_at = list(alpha)
    alpha_lse_at = list(alpha_lse)
    largest2 = np.empty((B_, n_s, 1), dtype)
    loss_lse = np.empty((B_,), dtype)
    largest3 = np.empty((B_, 1), dtype)
    tmp5 = np.empty((T - 1, B_, n_s, n_s), dtype)
    tmp6 = np.empty((B_, n_s), dtype)
    alpha_arg_factor = alpha_arg
    dalpha = e
    dalpha_arg = tmp5
    dalpha_arg_at = list(dalpha_arg)
    dalpha_at = list(dalpha)
    alpha_arg_factor_at = list(alpha_arg_factor)
    dlogA = logA
    dlogpi = logpi
    de = alpha
    dlogB = logB
    dlogB_lse = np.empty((n_s,), dtype)
    dB = np.empty((n_s, n_w), dtype)
    dlogA_lse = dlogB_lse
    dA = np.empty((n_s, n_s), dtype)
    dpi0 = dlogB_lse
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, logpi, logA_lse, largest, logA, logB_lse, logB, e, alpha_arg, alpha, alpha_lse,
        alpha_arg_at, alpha_at, alpha_lse_at, largest2, loss_lse, largest3, tmp5, tmp6, alpha_arg_factor, dalpha,
        dalpha_arg, dalpha_arg_at, dalpha_at, alpha_arg_factor_at, dlogA, dlogpi, de, dlogB, dlogB_lse, dB, dlogA_lse,
        dA, dpi0,
    )


def _loss_padded_arrays(T, n_w, n_s, B_, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((n_s, n_s), dtype)
    tmp1 = np.empty((n_s,), dtype)
    tmp2 = np.empty((n_s, n_w), dtype)
    tmp3 = np.empty((T, B_, n_s), dtype)
    tmp4 = np.empty((B_, n_s, n_s), dtype)
    tmp5 = np.empty((B_, n_s), dtype)
    tmp6 = np.empty((B_, n_s), dtype)
    logpi = np.empty((n_s,), dtype)
    logA_lse = np.empty((n_s,), dtype)
    largest = np.empty((n_s, 1), dtype)
    logA = tmp0
    logB_lse = logA_lse
    logB = tmp2
    e = np.empty((T, B_, n_s), dtype)
    alpha = np.empty((T, B_, n_s), dtype)
    alpha_arg = np.empty((T, B_, n_s, n_s), dtype)
    alpha_held = tmp3
    alpha_lse = np.empty((B_, n_s), dtype)
    alpha_arg_at = list(alpha_arg)
    alpha_held_at = list(alpha_held)
    largest2 = np.empty((B_, n_s, 1), dtype)
    e_at = list(e)
    number = np.array(0, dtype)
    alpha_at = list(alpha)
    loss_lse = np.empty((B_,), dtype)
    largest3 = np.empty((B_, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, logpi, logA_lse, largest, logA, logB_lse, logB, e, alpha, alpha_arg,
        alpha_held, alpha_lse, alpha_arg_at, alpha_held_at, largest2, e_at, number, alpha_at, loss_lse, largest3,
    )


def _loss_and_grad_padded_arrays(T, n_w, n_s, B_, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((n_s, n_s), dtype)
    tmp1 = np.empty((n_s,), dtype)
    tmp2 = np.empty((n_s, n_w), dtype)
    tmp3 = np.empty((T, B_, n_s), dtype)
    tmp4 = np.empty((B_, n_s, n_s), dtype)
    tmp5 = np.empty((B_, n_s), dtype)
    tmp6 = np.empty((B_, n_s), dtype)
    logpi = np.empty((n_s,), dtype)
    logA_lse = np.empty((n_s,), dtype)
    largest = np.empty((n_s, 1), dtype)
    logA = np.empty((n_s, n_s), dtype)
    logB_lse = np.empty((n_s,), dtype)
    logB = np.empty((n_s, n_w), dtype)
    e = np.empty((T, B_, n_s), dtype)
    alpha = np.empty((T, B_, n_s), dtype)
    alpha_arg = np.empty((T, B_, n_s, n_s), dtype)
    alpha_held = tmp3
    alpha_lse = np.empty((T, B_, n_s), dtype)
    alpha_arg_at = list(alpha_arg)
    alpha_held_at = list(alpha_held)
    alpha_lse_at = list(alpha_lse)
    largest2 = np.empty((B_, n_s, 1), dtype)
    e_at = list(e)
    number = np.array(0, dtype)
    alpha_at = list(alpha)
    loss_lse = np.empty((B_,), dtype)
    largest3 = np.empty((B_, 1), dtype)
    tmp7 = np.empty((T,), dtype)
    tmp8 = np.empty((T, B_, n_s, n_s), dtype)
    tmp9 = np.empty((T,), dtype)
    tmp10 = np.empty((n_s, T), dtype)
    alpha_arg_factor = alpha_arg
    dalpha = alpha_lse
    dalpha_arg = alpha_arg_factor
    dalpha_held = alpha
    dalpha_arg_at = list(dalpha_arg)
    dalpha_held_at = list(dalpha_held)
    dalpha_at = list(dalpha)
    alpha_arg_factor_at = list(alpha_arg_factor)
    de = alpha
    dlogA = logA
    dlogpi = logpi
    dlogB = logB
    dlogB_lse = np.empty((n_s,), dtype)
    dB = np.empty((n_s, n_w), dtype)
    dlogA_lse = dlogB_lse
    dA = np.empty((n_s, n_s), dtype)
    dpi0 = dlogB_lse
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, logpi, logA_lse, largest, logA, logB_lse, logB, e, alpha, alpha_arg,
        alpha_held, alpha_lse, alpha_arg_at, alpha_held_at, alpha_lse_at, largest2, e_at, number, alpha_at, loss_lse,
        largest3, tmp7, tmp8, tmp9, tmp10, alpha_arg_factor, dalpha, dalpha_arg, dalpha_held, dalpha_arg_at,
        dalpha_held_at, dalpha_at, alpha_arg_factor_at, de, dlogA, dlogpi, dlogB, dlogB_lse, dB, dlogA_lse, dA, dpi0,
    )


def _loss_and_grad_checkpointed_arrays(count, n_w, n_s, B_, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    alpha_before1_kept = np.empty((count, B_, n_s), dtype)
    alpha_left1 = np.empty((B_, n_s), dtype)
    dpi0 = np.empty((n_s,), dtype)
    dA = np.empty((n_s, n_s), dtype)
    dB = np.empty((n_s, n_w), dtype)
    return alpha_before1_kept, alpha_left1, dpi0, dA, dB


def _segment_arrays(T, n_w, n_s, B_, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((n_s, n_s), dtype)
    tmp1 = np.empty((n_s,), dtype)
    tmp2 = np.empty((n_s, n_w), dtype)
    tmp3 = np.empty((T, B_, n_s), dtype)
    tmp4 = np.empty((B_, n_s, n_s), dtype)
    tmp5 = np.empty((B_, n_s), dtype)
    tmp6 = np.empty((B_, n_s), dtype)
    tmp7 = np.empty((B_,), dtype)
    tmp8 = np.empty((B_,), dtype)
    logpi = np.empty((n_s,), dtype)
    logA_lse = np.empty((n_s,), dtype)
    largest = np.empty((n_s, 1), dtype)
    logA = np.empty((n_s, n_s), dtype)
    logB_lse = np.empty((n_s,), dtype)
    logB = np.empty((n_s, n_w), dtype)
    e = np.empty((T, B_, n_s), dtype)
    alpha = np.empty((T, B_, n_s), dtype)
    alpha_arg = np.empty((T, B_, n_s, n_s), dtype)
    alpha_held = tmp3
    alpha_lse = np.empty((T, B_, n_s), dtype)
    alpha_arg_at = list(alpha_arg)
    alpha_held_at = list(alpha_held)
    alpha_lse_at = list(alpha_lse)
    largest2 = np.empty((B_, n_s, 1), dtype)
    e_at = list(e)
    number = np.array(0, dtype)
    alpha_at = list(alpha)
    loss_lse = np.empty((B_,), dtype)
    largest3 = np.empty((B_, 1), dtype)
    tmp9 = np.empty((T,), dtype)
    tmp10 = np.empty((T, B_, n_s, n_s), dtype)
    tmp11 = np.empty((T,), dtype)
    tmp12 = np.empty((n_s, T), dtype)
    dloss_lse = tmp7
    alpha_arg_factor = alpha_arg
    dalpha = alpha
    dalpha_arg = alpha_arg_factor
    dalpha_held = np.empty((T + 1, B_, n_s), dtype)
    dalpha_arg_at = list(dalpha_arg)
    dalpha_held_at = list(dalpha_held)
    dalpha_at = list(dalpha)
    alpha_arg_factor_at = list(alpha_arg_factor)
    dalpha_before1 = tmp5
    de = alpha_lse
    dlogA = logA
    dlogpi = logpi
    dlogB = logB
    dlogB_lse = np.empty((n_s,), dtype)
    dB = np.empty((n_s, n_w), dtype)
    dlogA_lse = dlogB_lse
    dA = np.empty((n_s, n_s), dtype)
    dpi0 = dlogB_lse
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, logpi, logA_lse, largest, logA, logB_lse, logB, e, alpha,
        alpha_arg, alpha_held, alpha_lse, alpha_arg_at, alpha_held_at, alpha_lse_at, largest2, e_at, number, alpha_at,
        loss_lse, largest3, tmp9, tmp10, tmp11, tmp12, dloss_lse, alpha_arg_factor, dalpha, dalpha_arg, dalpha_held,
        dalpha_arg_at, dalpha_held_at, dalpha_at, alpha_arg_factor_at, dalpha_before1, de, dlogA, dlogpi, dlogB,
        dlogB_lse, dB, dlogA_lse, dA, dpi0,
    )


def _advance_arrays(T, n_w, n_s, B_, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((n_s, n_s), dtype)
    tmp1 = np.empty((n_s,), dtype)
    tmp2 = np.empty((n_s, n_w), dtype)
    tmp3 = np.empty((T, B_, n_s), dtype)
    tmp4 = np.empty((B_, n_s, n_s), dtype)
    tmp5 = np.empty((B_, n_s), dtype)
    tmp6 = np.empty((B_, n_s), dtype)
    logpi = np.empty((n_s,), dtype)
    logA_lse = np.empty((n_s,), dtype)
    largest = np.empty((n_s, 1), dtype)
    logA = tmp0
    logB_lse = logA_lse
    logB = tmp2
    e = np.empty((T, B_, n_s), dtype)
    alpha = np.empty((T, B_, n_s), dtype)
    alpha_arg = np.empty((T, B_, n_s, n_s), dtype)
    alpha_held = tmp3
    alpha_lse = np.empty((B_, n_s), dtype)
    alpha_arg_at = list(alpha_arg)
    alpha_held_at = list(alpha_held)
    largest2 = np.empty((B_, n_s, 1), dtype)
    e_at = list(e)
    number = np.array(0, dtype)
    alpha_at = list(alpha)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, logpi, logA_lse, largest, logA, logB_lse, logB, e, alpha, alpha_arg,
        alpha_held, alpha_lse, alpha_arg_at, alpha_held_at, largest2, e_at, number, alpha_at,
    )


def _arguments(params, w):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_s, n_w = _parameters(params)
    w = _integers("w", w)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B_ = 1 if single else w.shape[1]
    batch_axis = () if single else (B_,)
    T = w.shape[0]
    _classes("w", w, n_w, "n_w - 1")
    if single:
        w = w[:, None]
    return params, w, dtype, single, n_s, n_w, T, B_


def _backward_arguments(params, forward, w):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_s, n_w = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    logA = _real("forward.logA", forward.logA, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B_ = 1 if single else w.shape[1]
    batch_axis = () if single else (B_,)
    T = w.shape[0]
    _expect("forward.logA", logA, (n_s, n_s), ("n_s", "n_s"), "n_s from pi0")
    _expect("forward.alpha", alpha, (T, *batch_axis, n_s), ("T", "B", "n_s"), "T and B from w, n_s from pi0")
    _classes("w", w, n_w, "n_w - 1")
    if single:
        w = w[:, None]
        alpha = alpha[:, None]
    return params, w, logA, alpha, dtype, single, n_s, n_w, T, B_


def _initial_arguments(params, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_s, n_w = _parameters(params)
    single = batch is None
    B_ = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B_,)
    return params, dtype, single, n_s, n_w, B_


def _step_arguments(params, state, w):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_s, n_w = _parameters(params)
    state = _as_state(state)
    w = _integers("w", w)
    alpha_prev = _real("state.alpha", state.alpha, dtype)
    single = w.ndim == 0
    _rank("w", w, ("B",), single)
    B_ = 1 if single else w.shape[0]
    batch_axis = () if single else (B_,)
    _expect("state.alpha", alpha_prev, (*batch_axis, n_s), ("B", "n_s"), "B from w, n_s from pi0")
    _classes("w", w, n_w, "n_w - 1")
    if single:
        w = w[None]
        alpha_prev = alpha_prev[None]
    return params, w, alpha_prev, dtype, single, n_s, n_w, B_


def _padded_arguments(params, w, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_s, n_w = _parameters(params)
    w = _integers("w", w)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B_ = 1 if single else w.shape[1]
    batch_axis = () if single else (B_,)
    T = w.shape[0]
    if single:
        w = w[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B_, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_T)
    _classes("w", w, n_w, "n_w - 1")
    return params, w, dtype, single, n_s, n_w, T, B_, len_T, T_own


def _padded_backward_arguments(params, forward, w, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_s, n_w = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    logA = _real("forward.logA", forward.logA, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B_ = 1 if single else w.shape[1]
    batch_axis = () if single else (B_,)
    T = w.shape[0]
    _expect("forward.logA", logA, (n_s, n_s), ("n_s", "n_s"), "n_s from pi0")
    _expect("forward.alpha", alpha, (T, *batch_axis, n_s), ("T", "B", "n_s"), "T and B from w, n_s from pi0")
    if single:
        w = w[:, None]
        alpha = alpha[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B_, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_T)
    _classes("w", w, n_w, "n_w - 1")
    return params, w, logA, alpha, dtype, single, n_s, n_w, T, B_, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    pi0, A, B = params
    _rank("pi0", pi0, ("n_s",))
    (n_s,) = pi0.shape
    _rank("B", B, ("n_s", "n_w"))
    n_w = B.shape[1]
    _expect("A", A, (n_s, n_s), ("n_s", "n_s"), "n_s from pi0")
    _expect("B", B, (n_s, n_w), ("n_s", "n_w"), "n_s from pi0")
    return params, dtype, n_s, n_w


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


def _window(given, sequence, known, steps):
    """How many steps a window has; all of them where nothing is given."""
    if isinstance(given, dict):
        given = _of_sequence("window", given, sequence, known)
    return steps if given is None else _size("window", given)
