# Written by derive from hidden_markov.eq; do not edit.
# Change hidden_markov.eq instead, and run: derive generate hidden_markov
# source bcdf0925cdf96ef9, derive e116e7411edaf54b, body a0af7c6dd4b8a8d7
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
    lengths  (B,)    1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if lengths is not None or state is not None:
        return _forward_padded(params, w, lengths, state)
    params, w, dtype, single, n_s, n_w, T, B_ = _arguments(params, w)
    pi0, A, B = params

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
    e = logB[:, w].transpose(1, 2, 0)
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
    for t in range(2, T + 1):
        # alpha.arg[t, j, i] = alpha[t-1, i] + logA[i, j]
        alpha_arg[t - 2] += alpha[t - 2][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
        alpha_lse[...] = _logsumexp(alpha_arg[t - 2], 2)
        alpha[t - 1] += alpha_lse
    # loss = -logsumexp(alpha[T])
    loss_lse = _logsumexp(alpha[T - 1], 1)
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
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    w        (T, B)  0..n_w - 1  the symbol that is observed at each step
    state            State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)    1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if lengths is not None or state is not None:
        return _loss_padded(params, w, lengths, state)
    params, w, dtype, single, n_s, n_w, T, B_ = _arguments(params, w)
    pi0, A, B = params

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
    e = logB[:, w].transpose(1, 2, 0)
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
    for t in range(2, T + 1):
        # alpha.arg[t, j, i] = alpha[t-1, i] + logA[i, j]
        alpha_arg[t - 2] += alpha[t - 2][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
        alpha_lse[...] = _logsumexp(alpha_arg[t - 2], 2)
        alpha[t - 1] += alpha_lse
    # loss = -logsumexp(alpha[T])
    loss_lse = _logsumexp(alpha[T - 1], 1)
    loss = -loss_lse.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    w: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w        (T, B)  0..n_w - 1         the symbol that is observed at each step
    state            State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _loss_and_grad_padded(params, w, lengths, wrt, window, state)
    params, w, dtype, single, n_s, n_w, T, B_ = _arguments(params, w)
    pi0, A, B = params
    wrt = _asked(wrt, ())

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
    e = logB[:, w].transpose(1, 2, 0)
    alpha_arg = np.empty((T - 1, B_, n_s, n_s), dtype)
    # alpha.arg[t, j, i] = alpha[t-1, i] + logA[i, j]
    alpha_arg[...] = logA.T
    alpha = np.empty((T, B_, n_s), dtype)
    # alpha[1] = logpi + e[1]
    alpha[0] = logpi
    alpha[0] += e[0]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    alpha[1:] = e[1:]
    alpha_lse = np.empty((T - 1, B_, n_s), dtype)
    for t in range(2, T + 1):
        # alpha.arg[t, j, i] = alpha[t-1, i] + logA[i, j]
        alpha_arg[t - 2] += alpha[t - 2][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
        alpha_lse[t - 2] = _logsumexp(alpha_arg[t - 2], 2)
        alpha[t - 1] += alpha_lse[t - 2]
    # loss = -logsumexp(alpha[T])
    loss_lse = _logsumexp(alpha[T - 1], 1)
    loss = -loss_lse.sum()
    dalpha = np.zeros((T, B_, n_s), dtype)
    # grad(alpha[T]) = -softmax(alpha[T])
    dalpha[T - 1] -= np.exp(alpha[T - 1] - loss_lse[:, None])
    dalpha_arg = np.zeros((T - 1, B_, n_s, n_s), dtype)
    if 2 <= T:
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha[t, i]), 2 <= t <= T
        dalpha_arg[T - 2] = dalpha[T - 1][:, :, None] * np.exp(alpha_arg[T - 2] - alpha_lse[T - 2][:, :, None])
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, i]) = sum(grad(alpha.arg[t+1, j, i]), j), t < T
        dalpha[t - 1] += dalpha_arg[t - 1].sum(axis=1)
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha[t, i]), 2 <= t <= T
        dalpha_arg[t - 2] = dalpha[t - 1][:, :, None] * np.exp(alpha_arg[t - 2] - alpha_lse[t - 2][:, :, None])
    if 1 <= T - 1:
        # grad(alpha[t, i]) = sum(grad(alpha.arg[t+1, j, i]), j), t < T
        dalpha[0] += dalpha_arg[0].sum(axis=1)
    # grad(logA) = sum(grad(alpha.arg[t]).T, (t, 2, T))
    dlogA = dalpha_arg.sum(axis=(0, 1)).T
    # grad(logpi) = grad(alpha[1])
    dlogpi = dalpha[0].sum(axis=0)
    de = np.empty((T, B_, n_s), dtype)
    # grad(e[t]) = grad(alpha[t]), 2 <= t <= T
    de[1:] = dalpha[1:]
    # grad(e[1]) = grad(alpha[1])
    de[0] = dalpha[0]
    dlogB = np.zeros((n_s, n_w), dtype)
    # grad(logB) = sum(outer(grad(e[t]), onehot(w[t])), t)
    _scatter_add(dlogB, (np.arange(n_s)[:, None, None], w), de.transpose(2, 0, 1))
    # grad(logB.lse[i]) = sum(-grad(logB[i, j]), j)
    dlogB_lse = -dlogB.sum(axis=1)
    # grad(B[i, j]) = softmax(B[i, j], j) * grad(logB.lse[i]) + grad(logB[i, j])
    dB = dlogB_lse[:, None] * np.exp(B - logB_lse[:, None])
    dB += dlogB
    # grad(logA.lse[i]) = sum(-grad(logA[i, j]), j)
    dlogA_lse = -dlogA.sum(axis=1)
    # grad(A[i, j]) = softmax(A[i, j], j) * grad(logA.lse[i]) + grad(logA[i, j])
    dA = dlogA_lse[:, None] * np.exp(A - logA_lse[:, None])
    dA += dlogA
    # grad(logpi.lse) = -sum(grad(logpi))
    dlogpi_lse = -dlogpi.sum()
    # grad(pi0) = grad(logpi.lse) * softmax(pi0) + grad(logpi)
    dpi0 = dlogpi_lse * np.exp(pi0 - logpi_lse)
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
    state            State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _backward_padded(params, forward, w, lengths, window, state)
    params, w, logA, alpha, dtype, single, n_s, n_w, T, B_ = _backward_arguments(params, forward, w)
    pi0, A, B = params

    # logpi = logsoftmax(pi0)
    logpi_lse = _logsumexp(pi0, 0)
    # logA[i, j] = logsoftmax(A[i, j], j)
    logA_lse = _logsumexp(A, 1)
    # logB[j, k] = logsoftmax(B[j, k], k)
    logB_lse = _logsumexp(B, 1)
    alpha_arg = np.empty((T - 1, B_, n_s, n_s), dtype)
    # alpha.arg[t, j, i] = alpha[t-1, i] + logA[i, j]
    alpha_arg[...] = logA.T
    alpha_arg += alpha[:T - 1][:, :, None]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    alpha_lse = _logsumexp(alpha_arg, 3)
    # loss = -logsumexp(alpha[T])
    loss_lse = _logsumexp(alpha[T - 1], 1)
    dalpha = np.zeros((T, B_, n_s), dtype)
    # grad(alpha[T]) = -softmax(alpha[T])
    dalpha[T - 1] -= np.exp(alpha[T - 1] - loss_lse[:, None])
    dalpha_arg = np.zeros((T - 1, B_, n_s, n_s), dtype)
    if 2 <= T:
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha[t, i]), 2 <= t <= T
        dalpha_arg[T - 2] = dalpha[T - 1][:, :, None] * np.exp(alpha_arg[T - 2] - alpha_lse[T - 2][:, :, None])
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, i]) = sum(grad(alpha.arg[t+1, j, i]), j), t < T
        dalpha[t - 1] += dalpha_arg[t - 1].sum(axis=1)
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha[t, i]), 2 <= t <= T
        dalpha_arg[t - 2] = dalpha[t - 1][:, :, None] * np.exp(alpha_arg[t - 2] - alpha_lse[t - 2][:, :, None])
    if 1 <= T - 1:
        # grad(alpha[t, i]) = sum(grad(alpha.arg[t+1, j, i]), j), t < T
        dalpha[0] += dalpha_arg[0].sum(axis=1)
    # grad(logA) = sum(grad(alpha.arg[t]).T, (t, 2, T))
    dlogA = dalpha_arg.sum(axis=(0, 1)).T
    # grad(logpi) = grad(alpha[1])
    dlogpi = dalpha[0].sum(axis=0)
    de = np.empty((T, B_, n_s), dtype)
    # grad(e[t]) = grad(alpha[t]), 2 <= t <= T
    de[1:] = dalpha[1:]
    # grad(e[1]) = grad(alpha[1])
    de[0] = dalpha[0]
    dlogB = np.zeros((n_s, n_w), dtype)
    # grad(logB) = sum(outer(grad(e[t]), onehot(w[t])), t)
    _scatter_add(dlogB, (np.arange(n_s)[:, None, None], w), de.transpose(2, 0, 1))
    # grad(logB.lse[i]) = sum(-grad(logB[i, j]), j)
    dlogB_lse = -dlogB.sum(axis=1)
    # grad(B[i, j]) = softmax(B[i, j], j) * grad(logB.lse[i]) + grad(logB[i, j])
    dB = dlogB_lse[:, None] * np.exp(B - logB_lse[:, None])
    dB += dlogB
    # grad(logA.lse[i]) = sum(-grad(logA[i, j]), j)
    dlogA_lse = -dlogA.sum(axis=1)
    # grad(A[i, j]) = softmax(A[i, j], j) * grad(logA.lse[i]) + grad(logA[i, j])
    dA = dlogA_lse[:, None] * np.exp(A - logA_lse[:, None])
    dA += dlogA
    # grad(logpi.lse) = -sum(grad(logpi))
    dlogpi_lse = -dlogpi.sum()
    # grad(pi0) = grad(logpi.lse) * softmax(pi0) + grad(logpi)
    dpi0 = dlogpi_lse * np.exp(pi0 - logpi_lse)
    dpi0 += dlogpi

    return Params(pi0=dpi0, A=dA, B=dB)


def init_state(params: Params, *, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None."""
    params, dtype, single, n_s, n_w, B_ = _initial_arguments(params, batch)

    alpha_prev = np.empty((B_, n_s), dtype)
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
    e = logB[:, w].transpose(1, 2, 0)
    # alpha[1] = logpi + e[1]
    alpha = np.where((1 == np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], e + logpi, 0)
    alpha_arg = np.empty((T, B_, n_s, n_s), dtype)
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[...] = logA.T
    alpha_held = np.empty((T, B_, n_s), dtype)
    # alpha.held[0] = alpha.before1
    alpha_held[0] = alpha_before1
    alpha_lse = np.empty((B_, n_s), dtype)
    for t in range(1, T):
        # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
        alpha_arg[t - 1] += alpha_held[t - 1][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
        alpha_lse[...] = _logsumexp(alpha_arg[t - 1], 2)
        alpha[t - 1] += np.where(2 <= T_done + t, alpha_lse + e[t - 1], 0)
        # alpha.held[t] = where(t <= T.own, alpha[t], alpha.held[t-1])
        alpha_held[t] = np.where((t <= T_own)[:, None], alpha[t - 1], alpha_held[t - 1])
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[T - 1] += alpha_held[T - 1][:, None]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    alpha_lse[...] = _logsumexp(alpha_arg[T - 1], 2)
    alpha[T - 1] += np.where(2 <= T + T_done, alpha_lse + e[T - 1], 0)
    # loss = -logsumexp(alpha[T])
    loss_lse = _logsumexp(alpha[len_T - 1, np.arange(B_)], 1)
    loss = -loss_lse.sum()

    if single:
        e = e[:, 0]
        alpha = alpha[:, 0]
    return Forward(logpi=logpi, logA=logA, logB=logB, e=e, alpha=alpha, loss=float(loss))


def _loss_padded(params, w, lengths, state):
    """`loss` where examples have their own lengths."""
    params, w, dtype, single, n_s, n_w, T, B_, len_T, T_own = _padded_arguments(params, w, lengths)
    pi0, A, B = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (alpha_before1,) = _before(state, "alpha", 1, (B_, n_s), ("B", "n_s"), single, dtype)

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
    e = logB[:, w].transpose(1, 2, 0)
    # alpha[1] = logpi + e[1]
    alpha = np.where((1 == np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], e + logpi, 0)
    alpha_arg = np.empty((T, B_, n_s, n_s), dtype)
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[...] = logA.T
    alpha_held = np.empty((T, B_, n_s), dtype)
    # alpha.held[0] = alpha.before1
    alpha_held[0] = alpha_before1
    alpha_lse = np.empty((B_, n_s), dtype)
    for t in range(1, T):
        # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
        alpha_arg[t - 1] += alpha_held[t - 1][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
        alpha_lse[...] = _logsumexp(alpha_arg[t - 1], 2)
        alpha[t - 1] += np.where(2 <= T_done + t, alpha_lse + e[t - 1], 0)
        # alpha.held[t] = where(t <= T.own, alpha[t], alpha.held[t-1])
        alpha_held[t] = np.where((t <= T_own)[:, None], alpha[t - 1], alpha_held[t - 1])
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[T - 1] += alpha_held[T - 1][:, None]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    alpha_lse[...] = _logsumexp(alpha_arg[T - 1], 2)
    alpha[T - 1] += np.where(2 <= T + T_done, alpha_lse + e[T - 1], 0)
    # loss = -logsumexp(alpha[T])
    loss_lse = _logsumexp(alpha[len_T - 1, np.arange(B_)], 1)
    loss = -loss_lse.sum()

    return float(loss)


def _loss_and_grad_padded(params, w, lengths, wrt, window, state):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    params, w, dtype, single, n_s, n_w, T, B_, len_T, T_own = _padded_arguments(params, w, lengths)
    pi0, A, B = params
    state = None if state is None else _as_state(state)
    T_done = 0 if state is None else _count("state.t", state.t)
    (alpha_before1,) = _before(state, "alpha", 1, (B_, n_s), ("B", "n_s"), single, dtype)
    wrt = _asked(wrt, ())
    window_T = _window(window, "T", ("T",), T)

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
    e = logB[:, w].transpose(1, 2, 0)
    # alpha[1] = logpi + e[1]
    alpha = np.where((1 == np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], e + logpi, 0)
    alpha_arg = np.empty((T, B_, n_s, n_s), dtype)
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[...] = logA.T
    alpha_held = np.empty((T, B_, n_s), dtype)
    # alpha.held[0] = alpha.before1
    alpha_held[0] = alpha_before1
    alpha_lse = np.empty((T, B_, n_s), dtype)
    for t in range(1, T):
        # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
        alpha_arg[t - 1] += alpha_held[t - 1][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
        alpha_lse[t - 1] = _logsumexp(alpha_arg[t - 1], 2)
        alpha[t - 1] += np.where(2 <= T_done + t, alpha_lse[t - 1] + e[t - 1], 0)
        # alpha.held[t] = where(t <= T.own, alpha[t], alpha.held[t-1])
        alpha_held[t] = np.where((t <= T_own)[:, None], alpha[t - 1], alpha_held[t - 1])
    # alpha.arg[t, j, i] = logA[i, j] + alpha.held[t-1, i]
    alpha_arg[T - 1] += alpha_held[T - 1][:, None]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    alpha_lse[T - 1] = _logsumexp(alpha_arg[T - 1], 2)
    alpha[T - 1] += np.where(2 <= T + T_done, alpha_lse[T - 1] + e[T - 1], 0)
    # loss = -logsumexp(alpha[T])
    loss_lse = _logsumexp(alpha[len_T - 1, np.arange(B_)], 1)
    loss = -loss_lse.sum()
    dalpha = np.zeros((T, B_, n_s), dtype)
    # grad(alpha[t]) = grad(alpha.held[t]) - where(len.T == t, 1, 0) * softmax(alpha[len.T])
    dalpha[len_T - 1, np.arange(B_)] -= np.exp(alpha[len_T - 1, np.arange(B_)] - loss_lse[:, None])
    dalpha_arg = np.empty((T, B_, n_s, n_s), dtype)
    dalpha_held = np.zeros((T, B_, n_s), dtype)
    dalpha[T - 1] += dalpha_held[T - 1]
    # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha.lse[t, i])
    dalpha_arg[T - 1] = dalpha[T - 1][:, :, None] * np.exp(alpha_arg[T - 1] - alpha_lse[T - 1][:, :, None]) * np.where(2 <= T + T_done, 1, 0).astype(dtype)
    for t in range(T - 1, 0, -1):
        # grad(alpha.held[t, i]) = sum(same_window(t, maximum(t - 1, 0), window.T) * grad(alpha.arg[t+1, j,
        #     i]), j), 0 <= t < T
        dalpha_held[t - 1] = dalpha_arg[t].sum(axis=1) * (t // window_T == max(t - 1, 0) // window_T)
        # grad(alpha[t]) = grad(alpha.held[t]) - where(len.T == t, 1, 0) * softmax(alpha[len.T])
        dalpha[t - 1] += dalpha_held[t - 1]
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha.lse[t, i])
        dalpha_arg[t - 1] = dalpha[t - 1][:, :, None] * np.exp(alpha_arg[t - 1] - alpha_lse[t - 1][:, :, None]) * np.where(2 <= T_done + t, 1, 0).astype(dtype)
    # grad(e[t]) = where(2 <= t + T.done, 1, 0) * grad(alpha[t]) + where(1 == t + T.done, 1, 0) *
    #     grad(alpha[t])
    de = dalpha * (1 == np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None]
    de += dalpha * (2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None]
    # grad(logA) = sum(grad(alpha.arg[t]).T, t)
    dlogA = dalpha_arg.sum(axis=(0, 1)).T
    # grad(logpi) = sum(where(1 == t + T.done, 1, 0) * grad(alpha[t]), t)
    dlogpi = dalpha.sum(axis=1).T @ (1 == np.arange(1, T + 1, dtype=dtype) + T_done).astype(dtype)
    dlogB = np.zeros((n_s, n_w), dtype)
    # grad(logB) = sum(outer(grad(e[t]), onehot(w[t])), t)
    _scatter_add(dlogB, (np.arange(n_s)[:, None, None], w), de.transpose(2, 0, 1))
    # grad(logB.lse[i]) = sum(-grad(logB[i, j]), j)
    dlogB_lse = -dlogB.sum(axis=1)
    # grad(B[i, j]) = softmax(B[i, j], j) * grad(logB.lse[i]) + grad(logB[i, j])
    dB = dlogB_lse[:, None] * np.exp(B - logB_lse[:, None])
    dB += dlogB
    # grad(logA.lse[i]) = sum(-grad(logA[i, j]), j)
    dlogA_lse = -dlogA.sum(axis=1)
    # grad(A[i, j]) = softmax(A[i, j], j) * grad(logA.lse[i]) + grad(logA[i, j])
    dA = dlogA_lse[:, None] * np.exp(A - logA_lse[:, None])
    dA += dlogA
    # grad(logpi.lse) = -sum(grad(logpi))
    dlogpi_lse = -dlogpi.sum()
    # grad(pi0) = grad(logpi.lse) * softmax(pi0) + grad(logpi)
    dpi0 = dlogpi_lse * np.exp(pi0 - logpi_lse)
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

    # logpi = logsoftmax(pi0)
    logpi_lse = _logsumexp(pi0, 0)
    # logA[i, j] = logsoftmax(A[i, j], j)
    logA_lse = _logsumexp(A, 1)
    # logB[j, k] = logsoftmax(B[j, k], k)
    logB_lse = _logsumexp(B, 1)
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
    # alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]
    alpha_lse = _logsumexp(alpha_arg, 3)
    # loss = -logsumexp(alpha[T])
    loss_lse = _logsumexp(alpha[len_T - 1, np.arange(B_)], 1)
    dalpha = np.zeros((T, B_, n_s), dtype)
    # grad(alpha[t]) = grad(alpha.held[t]) - where(len.T == t, 1, 0) * softmax(alpha[len.T])
    dalpha[len_T - 1, np.arange(B_)] -= np.exp(alpha[len_T - 1, np.arange(B_)] - loss_lse[:, None])
    dalpha_arg = np.empty((T, B_, n_s, n_s), dtype)
    dalpha_held = np.zeros((T, B_, n_s), dtype)
    dalpha[T - 1] += dalpha_held[T - 1]
    # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha.lse[t, i])
    dalpha_arg[T - 1] = dalpha[T - 1][:, :, None] * np.exp(alpha_arg[T - 1] - alpha_lse[T - 1][:, :, None]) * np.where(2 <= T + T_done, 1, 0).astype(dtype)
    for t in range(T - 1, 0, -1):
        # grad(alpha.held[t, i]) = sum(same_window(t, maximum(t - 1, 0), window.T) * grad(alpha.arg[t+1, j,
        #     i]), j), 0 <= t < T
        dalpha_held[t - 1] = dalpha_arg[t].sum(axis=1) * (t // window_T == max(t - 1, 0) // window_T)
        # grad(alpha[t]) = grad(alpha.held[t]) - where(len.T == t, 1, 0) * softmax(alpha[len.T])
        dalpha[t - 1] += dalpha_held[t - 1]
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha.lse[t, i])
        dalpha_arg[t - 1] = dalpha[t - 1][:, :, None] * np.exp(alpha_arg[t - 1] - alpha_lse[t - 1][:, :, None]) * np.where(2 <= T_done + t, 1, 0).astype(dtype)
    # grad(e[t]) = where(2 <= t + T.done, 1, 0) * grad(alpha[t]) + where(1 == t + T.done, 1, 0) *
    #     grad(alpha[t])
    de = dalpha * (1 == np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None]
    de += dalpha * (2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None]
    # grad(logA) = sum(grad(alpha.arg[t]).T, t)
    dlogA = dalpha_arg.sum(axis=(0, 1)).T
    # grad(logpi) = sum(where(1 == t + T.done, 1, 0) * grad(alpha[t]), t)
    dlogpi = dalpha.sum(axis=1).T @ (1 == np.arange(1, T + 1, dtype=dtype) + T_done).astype(dtype)
    dlogB = np.zeros((n_s, n_w), dtype)
    # grad(logB) = sum(outer(grad(e[t]), onehot(w[t])), t)
    _scatter_add(dlogB, (np.arange(n_s)[:, None, None], w), de.transpose(2, 0, 1))
    # grad(logB.lse[i]) = sum(-grad(logB[i, j]), j)
    dlogB_lse = -dlogB.sum(axis=1)
    # grad(B[i, j]) = softmax(B[i, j], j) * grad(logB.lse[i]) + grad(logB[i, j])
    dB = dlogB_lse[:, None] * np.exp(B - logB_lse[:, None])
    dB += dlogB
    # grad(logA.lse[i]) = sum(-grad(logA[i, j]), j)
    dlogA_lse = -dlogA.sum(axis=1)
    # grad(A[i, j]) = softmax(A[i, j], j) * grad(logA.lse[i]) + grad(logA[i, j])
    dA = dlogA_lse[:, None] * np.exp(A - logA_lse[:, None])
    dA += dlogA
    # grad(logpi.lse) = -sum(grad(logpi))
    dlogpi_lse = -dlogpi.sum()
    # grad(pi0) = grad(logpi.lse) * softmax(pi0) + grad(logpi)
    dpi0 = dlogpi_lse * np.exp(pi0 - logpi_lse)
    dpi0 += dlogpi

    return Params(pi0=dpi0, A=dA, B=dB)


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


def _array(name, given):
    """What a caller gave, as an array."""
    try:
        return np.asarray(given)
    except ValueError as error:
        raise ValueError(f"{name}: not an array: {error}") from None


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


def _asked(wrt, known):
    """The names in `wrt`."""
    names = frozenset((wrt,) if isinstance(wrt, str) else wrt)
    for name in sorted(map(str, names.difference(known))):
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
    if dtype not in (np.float32, np.float64, "float32", "float64"):
        raise ValueError(f"dtype: {dtype!r}, expected float32 or float64")
    return np.dtype(dtype)


def _integers(name, given):
    """An array of whole numbers."""
    array = _array(name, given)
    if array.dtype.kind not in "iu":
        what = "None" if given is None else f"dtype {array.dtype}"
        raise ValueError(f"{name}: {what}, expected integers")
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


def _logsumexp(z, axis):
    """The logarithm of the sum of exp(z) along an axis; -inf where every z is, or there is none."""
    largest = np.max(z, axis=axis, keepdims=True, initial=-np.inf)
    # Where all are -inf, or one is inf, the difference would be nan.
    finite = np.where(np.isfinite(largest), largest, 0)
    total = np.sum(np.exp(z - finite), axis=axis)
    with np.errstate(divide="ignore"):
        return np.log(total) + np.squeeze(finite, axis=axis)


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
        raise ValueError(f"{name}: shape {array.shape}, expected {expected}{', none of them 0' * (0 in array.shape)}")


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
    if not isinstance(params, tuple) or len(params) != len(Params._fields):
        what = f"{len(params)} arrays" if isinstance(params, tuple) else f"a {type(params).__name__}"
        raise ValueError(f"params: {what}, expected Params({', '.join(Params._fields)})")
    arrays = Params(*[_array(name, given) for name, given in zip(Params._fields, params, strict=True)])
    dtype = arrays[0].dtype if arrays else np.dtype(np.float64)
    for name, array in zip(Params._fields, arrays, strict=True):
        if array.dtype != np.float64 and array.dtype != np.float32:
            raise ValueError(f"{name}: dtype {array.dtype}, expected float32 or float64")
        if array.dtype != dtype:
            raise ValueError(f"{name}: dtype {array.dtype}, expected {dtype}, as {Params._fields[0]} has")
    return arrays, dtype


def _scatter_add(array, places, values):
    """Adds values to the entries of an array at `places`, to an entry as often as it is named; axes left over whole."""
    flat, row = 0, 1
    for place, length in zip(places, array.shape, strict=False):
        flat = flat * length + place
    for length in array.shape[len(places) :]:
        row *= length
    shape = (*flat.shape, *array.shape[len(places) :])
    values = np.broadcast_to(values, shape).astype(array.dtype, copy=False)
    if not array.flags.c_contiguous:
        np.add.at(array, places, values)
        return
    # Numbers into an array of one axis are what np.add.at is fast at: whole rows take three to six times as long.
    flat = flat.reshape(-1, 1) * row + np.arange(row)
    np.add.at(array.reshape(-1), flat.reshape(-1), values.reshape(-1))


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
