# Written by derive from crf.eq; do not edit.
# Change crf.eq instead, and run: derive generate crf
# source b2370ef1349caace, derive 07e8f9d843407be1, body b3cf6aba45f44f19
"""Linear-chain conditional random field: the whole sequence of tags is scored against all others.

Lafferty, McCallum & Pereira (2001), Conditional Random Fields: Probabilistic Models for Segmenting and Labeling
Sequence Data. The gradient with respect to e[t, j] is the marginal of tag j at step t, minus 1 for the true one.

The equations::

    x: Input[T, n_x]          # what is read at each step
    y: Label[T, n_y]          # its tag
    V: Param[n_y, n_x]        # input to the tags' scores
    c: Param[n_y]
    A: Param[n_y, n_y]        # score of tag i followed by tag j
    a: Param[n_y]             # score of the first tag

    e[t] = c + V @ x[t]                                                     # score of each tag
    alpha[1] = a + e[1]
    alpha[t, j] = logsumexp(alpha[t-1, i] + A[i, j], i) + e[t, j]           # forward recursion
    score = a[y[1]] + sum(e[t, y[t]], t) + sum(A[y[t-1], y[t]], (t, 2, T))  # the true tags
    loss = logsumexp(alpha[T]) - score
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    V: np.ndarray  # (n_y, n_x)  input to the tags' scores
    c: np.ndarray  # (n_y)
    A: np.ndarray  # (n_y, n_y)  score of tag i followed by tag j
    a: np.ndarray  # (n_y)  score of the first tag


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    e: np.ndarray  # (T, B, n_y)  score of each tag
    alpha: np.ndarray  # (T, B, n_y)  forward recursion
    score: np.ndarray  # (B)  the true tags
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    alpha: np.ndarray  # (B, n_y)  forward recursion
    t: int  # steps so far


class Outputs(NamedTuple):
    """The variables at one step."""

    e: np.ndarray  # (B, n_y)  score of each tag
    alpha: np.ndarray  # (B, n_y)  forward recursion


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


def init_params(rng: np.random.Generator, *, n_y: int, n_x: int, dtype: type = np.float64) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_y = _size("n_y", n_y)
    n_x = _size("n_x", n_x)
    return Params(
        V=(rng.standard_normal((n_y, n_x)) / np.sqrt(n_x)).astype(dtype),
        c=np.zeros((n_y,), dtype),
        A=(rng.standard_normal((n_y, n_y)) / np.sqrt(n_y)).astype(dtype),
        a=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params, *, x: np.ndarray, y: np.ndarray, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  its tag
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, x, y, lengths)
    params, x, y, dtype, single, n_y, n_x, T, B = _arguments(params, x, y)
    V, c, A, a = params

    tmp0 = np.empty((B, T - 1), dtype)
    tmp1 = np.empty((B,), dtype)
    tmp2 = np.empty((B, T), dtype)
    tmp3 = np.empty((B, n_y, n_y), dtype)
    tmp4 = np.empty((B, n_y), dtype)
    e = np.empty((T, B, n_y), dtype)
    # e[t] = c + V @ x[t]
    np.matmul(x.reshape(-1, n_x), V.T, out=e.reshape(-1, n_y))
    e += c
    alpha_arg = np.empty((T - 1, B, n_y, n_y), dtype)
    # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
    alpha_arg[...] = A.T
    score = np.empty((B,), dtype)
    # score = a[y[1]] + sum(e[t, y[t]], t) + sum(A[y[t-1], y[t]], (t, 2, T))
    tmp0[...] = A[y[:T - 1], y[1:]].T
    np.add.reduce(tmp0, axis=1, out=score)
    tmp2[...] = e[np.arange(T)[:, None], np.arange(B), y].T
    np.add.reduce(tmp2, axis=1, out=tmp1)
    score += tmp1
    tmp1[...] = a[y[0]]
    score += tmp1
    alpha = np.empty((T, B, n_y), dtype)
    # alpha[1] = a + e[1]
    alpha[0] = a
    alpha[0] += e[0]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + A[i, j], i) + e[t, j]
    alpha[1:] = e[1:]
    alpha_lse = np.empty((B, n_y), dtype)
    alpha_arg_at = list(alpha_arg)
    alpha_at = list(alpha)
    largest = np.empty((B, n_y, 1), dtype)
    for t in range(2, T + 1):
        # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
        alpha_arg_at[t - 2] += alpha_at[t - 2][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + A[i, j], i) + e[t, j]
        _logsumexp(alpha_arg_at[t - 2], 2, out=alpha_lse, work=tmp3, largest=largest)
        alpha_at[t - 1] += alpha_lse
    loss_lse = np.empty((B,), dtype)
    largest2 = np.empty((B, 1), dtype)
    # loss = logsumexp(alpha[T]) - score
    _logsumexp(alpha[T - 1], 1, out=loss_lse, work=tmp4, largest=largest2)
    np.subtract(loss_lse, score, out=tmp1)
    loss = tmp1.sum()

    if single:
        e = e[:, 0]
        alpha = alpha[:, 0]
        score = score[0]
    return Forward(e=e, alpha=alpha, score=score, loss=float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real        what is read at each step
    y          (T, B)       0..n_y - 1  its tag
    workspace               Workspace   its arrays are used, and hold the results until its next call
    lengths    (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, x, y, lengths, workspace)
    params, x, y, dtype, single, n_y, n_x, T, B = _arguments(params, x, y)
    V, c, A, a = params

    (
        tmp0, tmp1, tmp2, tmp3, alpha_lse, tmp4, e, alpha_arg, score, alpha, alpha_arg_at, alpha_at, largest, loss_lse,
        largest2,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_y, B, dtype)
    # e[t] = c + V @ x[t]
    np.matmul(x.reshape(-1, n_x), V.T, out=e.reshape(-1, n_y))
    e += c
    # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
    alpha_arg[...] = A.T
    # score = a[y[1]] + sum(e[t, y[t]], t) + sum(A[y[t-1], y[t]], (t, 2, T))
    tmp0[...] = A[y[:T - 1], y[1:]].T
    np.add.reduce(tmp0, axis=1, out=score)
    tmp2[...] = e[np.arange(T)[:, None], np.arange(B), y].T
    np.add.reduce(tmp2, axis=1, out=tmp1)
    score += tmp1
    tmp1[...] = a[y[0]]
    score += tmp1
    # alpha[1] = a + e[1]
    alpha[0] = a
    alpha[0] += e[0]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + A[i, j], i) + e[t, j]
    alpha[1:] = e[1:]
    for t in range(2, T + 1):
        # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
        alpha_arg_at[t - 2] += alpha_at[t - 2][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + A[i, j], i) + e[t, j]
        _logsumexp(alpha_arg_at[t - 2], 2, out=alpha_lse, work=tmp3, largest=largest)
        alpha_at[t - 1] += alpha_lse
    # loss = logsumexp(alpha[T]) - score
    _logsumexp(alpha[T - 1], 1, out=loss_lse, work=tmp4, largest=largest2)
    np.subtract(loss_lse, score, out=tmp1)
    loss = tmp1.sum()

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

    x          (T, B, n_x)  real               what is read at each step
    y          (T, B)       0..n_y - 1         its tag
    workspace               Workspace          its arrays are used, and hold the results until its next call
    lengths    (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                               where not given
    window                  whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, lengths, wrt, workspace, window)
    params, x, y, dtype, single, n_y, n_x, T, B = _arguments(params, x, y)
    V, c, A, a = params
    wrt = _asked(wrt, ("x",))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, e, alpha_arg, score, alpha, alpha_lse, alpha_arg_at, alpha_at, alpha_lse_at,
        largest, loss_lse, largest2, tmp5, tmp6, alpha_arg_factor, dalpha, dalpha_arg, dalpha_arg_at, dalpha_at,
        alpha_arg_factor_at, dA, da, de, rows, flat, entries, dc, dV,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, B, dtype)
    # e[t] = c + V @ x[t]
    np.matmul(x.reshape(-1, n_x), V.T, out=e.reshape(-1, n_y))
    e += c
    # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
    alpha_arg[...] = A.T
    # score = a[y[1]] + sum(e[t, y[t]], t) + sum(A[y[t-1], y[t]], (t, 2, T))
    tmp0[...] = A[y[:T - 1], y[1:]].T
    np.add.reduce(tmp0, axis=1, out=score)
    tmp2[...] = e[np.arange(T)[:, None], np.arange(B), y].T
    np.add.reduce(tmp2, axis=1, out=tmp1)
    score += tmp1
    tmp1[...] = a[y[0]]
    score += tmp1
    # alpha[1] = a + e[1]
    alpha[0] = a
    alpha[0] += e[0]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + A[i, j], i) + e[t, j]
    alpha[1:] = e[1:]
    for t in range(2, T + 1):
        # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
        alpha_arg_at[t - 2] += alpha_at[t - 2][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + A[i, j], i) + e[t, j]
        _logsumexp(alpha_arg_at[t - 2], 2, out=alpha_lse_at[t - 2], work=tmp3, largest=largest)
        alpha_at[t - 1] += alpha_lse_at[t - 2]
    # loss = logsumexp(alpha[T]) - score
    _logsumexp(alpha[T - 1], 1, out=loss_lse, work=tmp4, largest=largest2)
    np.subtract(loss_lse, score, out=tmp1)
    loss = tmp1.sum()
    # alpha.arg.factor[t, i, j] = softmax(alpha.arg[t, i, j], j)
    np.subtract(alpha_arg, alpha_lse[:, :, :, None], out=tmp5)
    np.exp(tmp5, out=alpha_arg_factor)
    dalpha.fill(0)
    # grad(alpha[T]) = softmax(alpha[T])
    np.subtract(alpha[T - 1], loss_lse[:, None], out=tmp6)
    np.exp(tmp6, out=tmp4)
    dalpha[T - 1] += tmp4
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
    # grad(A) = sum(-outer(onehot(y[t-1]), onehot(y[t])), (t, 2, T)) + sum(grad(alpha.arg[t]).T, (t, 2,
    #     T))
    dA[...] = dalpha_arg.sum(axis=(0, 1)).T
    # grad(a) = grad(alpha[1]) - onehot(y[1])
    np.add.reduce(dalpha[0], axis=0, out=da)
    de.fill(0)
    # grad(e[t]) = grad(alpha[t]) - onehot(y[t]), 2 <= t <= T
    de[1:] += dalpha[1:]
    # grad(e[1]) = grad(alpha[1]) - onehot(y[1])
    de[0] += dalpha[0]
    # grad(e[t]) = grad(alpha[t]) - onehot(y[t]), 2 <= t <= T
    _add_to(de, y, rows, flat, entries, -1)
    # grad(c) = sum(grad(e[t]), t)
    np.add.reduce(de, axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(e[t]), x[t]), t)
    np.matmul(de.reshape(-1, n_y).T, x.reshape(-1, n_x), out=dV)
    # grad(a) = grad(alpha[1]) - onehot(y[1])
    _scatter_add(da, (y[0],), -1)
    # grad(A) = sum(-outer(onehot(y[t-1]), onehot(y[t])), (t, 2, T)) + sum(grad(alpha.arg[t]).T, (t, 2,
    #     T))
    _scatter_add(dA, (y[:T - 1], y[1:]), -1)
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = V.T @ grad(e[t])
        np.matmul(de.reshape(-1, n_y), V, out=dx.reshape(-1, n_x))

    gradient = Params(V=dV, c=dc, A=dA, a=da)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
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
    y        (T, B)       0..n_y - 1         its tag
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    params, x, y, alpha, dtype, single, n_y, n_x, T, B = _backward_arguments(params, forward, x, y)
    V, c, A, a = params

    tmp0 = np.empty((T - 1, B, n_y, n_y), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    alpha_arg = np.empty((T - 1, B, n_y, n_y), dtype)
    # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
    alpha_arg[...] = A.T
    alpha_arg += alpha[:T - 1][:, :, None]
    alpha_lse = np.empty((T - 1, B, n_y), dtype)
    largest3 = np.empty((T - 1, B, n_y, 1), dtype)
    # alpha[t, j] = logsumexp(alpha[t-1, i] + A[i, j], i) + e[t, j]
    _logsumexp(alpha_arg, 3, out=alpha_lse, work=tmp0, largest=largest3)
    loss_lse = np.empty((B,), dtype)
    largest2 = np.empty((B, 1), dtype)
    # loss = logsumexp(alpha[T]) - score
    _logsumexp(alpha[T - 1], 1, out=loss_lse, work=tmp1, largest=largest2)
    tmp2 = np.empty((B, n_y), dtype)
    alpha_arg_factor = np.empty((T - 1, B, n_y, n_y), dtype)
    # alpha.arg.factor[t, i, j] = softmax(alpha.arg[t, i, j], j)
    np.subtract(alpha_arg, alpha_lse[:, :, :, None], out=tmp0)
    np.exp(tmp0, out=alpha_arg_factor)
    dalpha = np.zeros((T, B, n_y), dtype)
    # grad(alpha[T]) = softmax(alpha[T])
    np.subtract(alpha[T - 1], loss_lse[:, None], out=tmp2)
    np.exp(tmp2, out=tmp1)
    dalpha[T - 1] += tmp1
    dalpha_arg = np.zeros((T - 1, B, n_y, n_y), dtype)
    if 2 <= T:
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha[t, i]), 2 <= t <= T
        np.multiply(alpha_arg_factor[T - 2], dalpha[T - 1][:, :, None], out=dalpha_arg[T - 2])
    dalpha_arg_at = list(dalpha_arg)
    dalpha_at = list(dalpha)
    alpha_arg_factor_at = list(alpha_arg_factor)
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, i]) = sum(grad(alpha.arg[t+1, j, i]), j), t < T
        np.add.reduce(dalpha_arg_at[t - 1], axis=1, out=tmp1)
        dalpha_at[t - 1] += tmp1
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha[t, i]), 2 <= t <= T
        np.multiply(alpha_arg_factor_at[t - 2], dalpha_at[t - 1][:, :, None], out=dalpha_arg_at[t - 2])
    if 1 <= T - 1:
        # grad(alpha[t, i]) = sum(grad(alpha.arg[t+1, j, i]), j), t < T
        np.add.reduce(dalpha_arg[0], axis=1, out=tmp1)
        dalpha[0] += tmp1
    dA = np.empty((n_y, n_y), dtype)
    # grad(A) = sum(-outer(onehot(y[t-1]), onehot(y[t])), (t, 2, T)) + sum(grad(alpha.arg[t]).T, (t, 2,
    #     T))
    dA[...] = dalpha_arg.sum(axis=(0, 1)).T
    da = np.empty((n_y,), dtype)
    # grad(a) = grad(alpha[1]) - onehot(y[1])
    np.add.reduce(dalpha[0], axis=0, out=da)
    de = np.zeros((T, B, n_y), dtype)
    # grad(e[t]) = grad(alpha[t]) - onehot(y[t]), 2 <= t <= T
    de[1:] += dalpha[1:]
    # grad(e[1]) = grad(alpha[1]) - onehot(y[1])
    de[0] += dalpha[0]
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    # grad(e[t]) = grad(alpha[t]) - onehot(y[t]), 2 <= t <= T
    _add_to(de, y, rows, flat, entries, -1)
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(grad(e[t]), t)
    np.add.reduce(de, axis=(0, 1), out=dc)
    dV = np.empty((n_y, n_x), dtype)
    # grad(V) = sum(outer(grad(e[t]), x[t]), t)
    np.matmul(de.reshape(-1, n_y).T, x.reshape(-1, n_x), out=dV)
    # grad(a) = grad(alpha[1]) - onehot(y[1])
    _scatter_add(da, (y[0],), -1)
    # grad(A) = sum(-outer(onehot(y[t-1]), onehot(y[t])), (t, 2, T)) + sum(grad(alpha.arg[t]).T, (t, 2,
    #     T))
    _scatter_add(dA, (y[:T - 1], y[1:]), -1)

    return Params(V=dV, c=dc, A=dA, a=da)


def init_state(params: Params, *, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None."""
    params, dtype, single, n_y, n_x, B = _initial_arguments(params, batch)

    alpha_prev = np.empty((B, n_y), dtype)
    # alpha@1[i] = 0
    alpha_prev[...] = 0

    if single:
        alpha_prev = alpha_prev[0]
    return State(alpha=alpha_prev, t=0)


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real  what is read at each step

    Data without the axis B are one example.
    """
    params, x, alpha_prev, dtype, single, n_y, n_x, B = _step_arguments(params, state, x)
    V, c, A, a = params
    t_now = _count("state.t", state[-1]) + 1

    # e[t] = c + V @ x[t]
    e = x @ V.T
    e += c
    # alpha[1] = a + e[1]
    alpha = np.where(t_now == 1, a + e, 0)
    alpha_arg = np.empty((B, n_y, n_y), dtype)
    # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
    alpha_arg[...] = A.T
    alpha_arg += alpha_prev[:, None]
    # alpha[t, j] = logsumexp(alpha[t-1, i] + A[i, j], i) + e[t, j]
    alpha_lse = _logsumexp(alpha_arg, 2)
    alpha += np.where(2 <= t_now, alpha_lse + e, 0)

    if single:
        alpha = alpha[0]
        e = e[0]
    result = State(alpha=alpha, t=t_now)
    return result, Outputs(e=e, alpha=alpha)


def _forward_padded(params, x, y, lengths):
    """`forward` where examples have their own lengths."""
    params, x, y, dtype, single, n_y, n_x, T, B, len_T, T_own = _padded_arguments(params, x, y, lengths)
    V, c, A, a = params

    tmp0 = np.empty((B, T), dtype)
    tmp1 = np.empty((B, T), dtype)
    tmp2 = np.empty((B,), dtype)
    tmp3 = np.empty((B, T - 1), dtype)
    tmp4 = np.empty((B, T - 1), dtype)
    tmp5 = np.empty((B, n_y, n_y), dtype)
    tmp6 = np.empty((B, n_y), dtype)
    tmp7 = np.empty((B, n_y), dtype)
    e = np.empty((T, B, n_y), dtype)
    # e[t] = c + V @ x[t]
    np.matmul(x.reshape(-1, n_x), V.T, out=e.reshape(-1, n_y))
    e += c
    alpha_arg = np.empty((T - 1, B, n_y, n_y), dtype)
    # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
    alpha_arg[...] = A.T
    score = np.empty((B,), dtype)
    # score = a[y[1]] + sum(e[t, y[t]], t) + sum(A[y[t-1], y[t]], (t, 2, T))
    tmp1[...] = e[np.arange(T)[:, None], np.arange(B), y].T
    tmp0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp1, 0)
    np.add.reduce(tmp0, axis=1, out=score)
    tmp4[...] = A[y[:T - 1], y[1:]].T
    tmp3[...] = np.where(np.arange(2, T + 1) <= T_own[:, None], tmp4, 0)
    np.add.reduce(tmp3, axis=1, out=tmp2)
    score += tmp2
    tmp2[...] = a[y[0]]
    score += tmp2
    alpha = np.empty((T, B, n_y), dtype)
    # alpha[1] = a + e[1]
    alpha[0] = a
    alpha[0] += e[0]
    alpha_lse = np.empty((B, n_y), dtype)
    alpha_arg_at = list(alpha_arg)
    alpha_at = list(alpha)
    largest = np.empty((B, n_y, 1), dtype)
    e_at = list(e)
    for t in range(2, T + 1):
        # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
        alpha_arg_at[t - 2] += alpha_at[t - 2][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + A[i, j], i) + e[t, j]
        _logsumexp(alpha_arg_at[t - 2], 2, out=alpha_lse, work=tmp5, largest=largest)
        np.add(alpha_lse, e_at[t - 1], out=tmp6)
        alpha[t - 1] = np.where((t <= T_own)[:, None], tmp6, alpha[t - 2])
    loss_lse = np.empty((B,), dtype)
    # loss = logsumexp(alpha[T]) - score
    tmp6[...] = alpha[len_T - 1, np.arange(B)]
    largest2 = np.empty((B, 1), dtype)
    _logsumexp(tmp6, 1, out=loss_lse, work=tmp7, largest=largest2)
    np.subtract(loss_lse, score, out=tmp2)
    loss = tmp2.sum()

    if single:
        e = e[:, 0]
        alpha = alpha[:, 0]
        score = score[0]
    return Forward(e=e, alpha=alpha, score=score, loss=float(loss))


def _loss_padded(params, x, y, lengths, workspace):
    """`loss` where examples have their own lengths."""
    params, x, y, dtype, single, n_y, n_x, T, B, len_T, T_own = _padded_arguments(params, x, y, lengths)
    V, c, A, a = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, alpha_lse, tmp7, e, alpha_arg, score, alpha, alpha_arg_at, alpha_at,
        largest, e_at, loss_lse, largest2,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_y, B, dtype)
    # e[t] = c + V @ x[t]
    np.matmul(x.reshape(-1, n_x), V.T, out=e.reshape(-1, n_y))
    e += c
    # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
    alpha_arg[...] = A.T
    # score = a[y[1]] + sum(e[t, y[t]], t) + sum(A[y[t-1], y[t]], (t, 2, T))
    tmp1[...] = e[np.arange(T)[:, None], np.arange(B), y].T
    tmp0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp1, 0)
    np.add.reduce(tmp0, axis=1, out=score)
    tmp4[...] = A[y[:T - 1], y[1:]].T
    tmp3[...] = np.where(np.arange(2, T + 1) <= T_own[:, None], tmp4, 0)
    np.add.reduce(tmp3, axis=1, out=tmp2)
    score += tmp2
    tmp2[...] = a[y[0]]
    score += tmp2
    # alpha[1] = a + e[1]
    alpha[0] = a
    alpha[0] += e[0]
    for t in range(2, T + 1):
        # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
        alpha_arg_at[t - 2] += alpha_at[t - 2][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + A[i, j], i) + e[t, j]
        _logsumexp(alpha_arg_at[t - 2], 2, out=alpha_lse, work=tmp5, largest=largest)
        np.add(alpha_lse, e_at[t - 1], out=tmp6)
        alpha[t - 1] = np.where((t <= T_own)[:, None], tmp6, alpha[t - 2])
    # loss = logsumexp(alpha[T]) - score
    tmp6[...] = alpha[len_T - 1, np.arange(B)]
    _logsumexp(tmp6, 1, out=loss_lse, work=tmp7, largest=largest2)
    np.subtract(loss_lse, score, out=tmp2)
    loss = tmp2.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    params, x, y, dtype, single, n_y, n_x, T, B, len_T, T_own = _padded_arguments(params, x, y, lengths)
    V, c, A, a = params
    wrt = _asked(wrt, ("x",))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, e, alpha_arg, score, alpha, alpha_lse, alpha_arg_at, alpha_at,
        alpha_lse_at, largest, e_at, loss_lse, largest2, tmp8, tmp9, tmp10, alpha_arg_factor, dalpha, dalpha_arg,
        dalpha_arg_at, dalpha_at, alpha_arg_factor_at, dA, da, de, rows, flat, entries, dc, dV,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, B, dtype)
    # e[t] = c + V @ x[t]
    np.matmul(x.reshape(-1, n_x), V.T, out=e.reshape(-1, n_y))
    e += c
    # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
    alpha_arg[...] = A.T
    # score = a[y[1]] + sum(e[t, y[t]], t) + sum(A[y[t-1], y[t]], (t, 2, T))
    tmp1[...] = e[np.arange(T)[:, None], np.arange(B), y].T
    tmp0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp1, 0)
    np.add.reduce(tmp0, axis=1, out=score)
    tmp4[...] = A[y[:T - 1], y[1:]].T
    tmp3[...] = np.where(np.arange(2, T + 1) <= T_own[:, None], tmp4, 0)
    np.add.reduce(tmp3, axis=1, out=tmp2)
    score += tmp2
    tmp2[...] = a[y[0]]
    score += tmp2
    # alpha[1] = a + e[1]
    alpha[0] = a
    alpha[0] += e[0]
    for t in range(2, T + 1):
        # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
        alpha_arg_at[t - 2] += alpha_at[t - 2][:, None]
        # alpha[t, j] = logsumexp(alpha[t-1, i] + A[i, j], i) + e[t, j]
        _logsumexp(alpha_arg_at[t - 2], 2, out=alpha_lse_at[t - 2], work=tmp5, largest=largest)
        np.add(alpha_lse_at[t - 2], e_at[t - 1], out=tmp6)
        alpha[t - 1] = np.where((t <= T_own)[:, None], tmp6, alpha[t - 2])
    # loss = logsumexp(alpha[T]) - score
    tmp6[...] = alpha[len_T - 1, np.arange(B)]
    _logsumexp(tmp6, 1, out=loss_lse, work=tmp7, largest=largest2)
    np.subtract(loss_lse, score, out=tmp2)
    loss = tmp2.sum()
    # alpha.arg.factor[t, i, j] = softmax(alpha.arg[t, i, j], j)
    np.subtract(alpha_arg, alpha_lse[:, :, :, None], out=tmp8)
    np.exp(tmp8, out=alpha_arg_factor)
    dalpha.fill(0)
    # grad(alpha[t, i]) = softmax(alpha[len.T, i], i) * where(len.T == t, 1, 0) + sum(same_window(t, t -
    #     1, window.T) * grad(alpha.arg[t+1, j, i]), j), t < T
    tmp7[...] = alpha[len_T - 1, np.arange(B)]
    tmp7 -= loss_lse[:, None]
    np.exp(tmp7, out=tmp6)
    dalpha[len_T - 1, np.arange(B)] += tmp6
    dalpha_arg.fill(0)
    if 2 <= T:
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha[t, i]), 2 <= t <= T
        np.multiply(alpha_arg_factor[T - 2], dalpha[T - 1][:, :, None], out=dalpha_arg[T - 2])
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, i]) = softmax(alpha[len.T, i], i) * where(len.T == t, 1, 0) + sum(same_window(t, t -
        #     1, window.T) * grad(alpha.arg[t+1, j, i]), j), t < T
        np.add.reduce(dalpha_arg_at[t - 1], axis=1, out=tmp6)
        tmp6 *= t // window_T == (t - 1) // window_T
        dalpha_at[t - 1] += tmp6
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha[t, i]), 2 <= t <= T
        np.multiply(alpha_arg_factor_at[t - 2], dalpha_at[t - 1][:, :, None], out=dalpha_arg_at[t - 2])
    if 1 <= T - 1:
        # grad(alpha[t, i]) = softmax(alpha[len.T, i], i) * where(len.T == t, 1, 0) + sum(same_window(t, t -
        #     1, window.T) * grad(alpha.arg[t+1, j, i]), j), t < T
        np.add.reduce(dalpha_arg[0], axis=1, out=tmp6)
        tmp6 *= 1 // window_T == 0 // window_T
        dalpha[0] += tmp6
    # grad(A) = sum(-where(t <= T.own, 1, 0) * outer(onehot(y[t-1]), onehot(y[t])), (t, 2, T)) +
    #     sum(grad(alpha.arg[t]).T, (t, 2, T))
    dA[...] = dalpha_arg.sum(axis=(0, 1)).T
    # grad(a) = grad(alpha[1]) - onehot(y[1])
    np.add.reduce(dalpha[0], axis=0, out=da)
    de.fill(0)
    # grad(e[t]) = grad(alpha[t]) - where(t <= T.own, 1, 0) * onehot(y[t]), 2 <= t <= T
    de[1:] += dalpha[1:]
    # grad(e[1]) = grad(alpha[1]) - where(1 <= T.own, 1, 0) * onehot(y[1])
    de[0] += dalpha[0]
    # grad(e[t]) = grad(alpha[t]) - where(t <= T.own, 1, 0) * onehot(y[t]), 2 <= t <= T
    tmp9[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp9, out=tmp9)
    _add_to(de, y, rows, flat, entries, tmp9)
    # grad(c) = sum(grad(e[t]), t)
    np.add.reduce(de, axis=(0, 1), out=dc)
    # grad(V) = sum(outer(grad(e[t]), x[t]), t)
    np.matmul(de.reshape(-1, n_y).T, x.reshape(-1, n_x), out=dV)
    # grad(a) = grad(alpha[1]) - onehot(y[1])
    _scatter_add(da, (y[0],), -1)
    # grad(A) = sum(-where(t <= T.own, 1, 0) * outer(onehot(y[t-1]), onehot(y[t])), (t, 2, T)) +
    #     sum(grad(alpha.arg[t]).T, (t, 2, T))
    tmp10[...] = np.arange(2, T + 1)[:, None] <= T_own
    np.negative(tmp10, out=tmp10)
    _scatter_add(dA, (y[:T - 1], y[1:]), tmp10)
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = V.T @ grad(e[t])
        np.matmul(de.reshape(-1, n_y), V, out=dx.reshape(-1, n_x))

    gradient = Params(V=dV, c=dc, A=dA, a=da)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, alpha, dtype, single, n_y, n_x, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    V, c, A, a = params
    window_T = _window(window, "T", ("T",), T)

    tmp0 = np.empty((T - 1, B, n_y, n_y), dtype)
    tmp1 = np.empty((B, n_y), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    alpha_arg = np.empty((T - 1, B, n_y, n_y), dtype)
    # alpha.arg[t, j, i] = alpha[t-1, i] + A[i, j]
    alpha_arg[...] = A.T
    alpha_arg += alpha[:T - 1][:, :, None]
    alpha_lse = np.empty((T - 1, B, n_y), dtype)
    largest3 = np.empty((T - 1, B, n_y, 1), dtype)
    # alpha[t, j] = logsumexp(alpha[t-1, i] + A[i, j], i) + e[t, j]
    _logsumexp(alpha_arg, 3, out=alpha_lse, work=tmp0, largest=largest3)
    loss_lse = np.empty((B,), dtype)
    # loss = logsumexp(alpha[T]) - score
    tmp1[...] = alpha[len_T - 1, np.arange(B)]
    largest2 = np.empty((B, 1), dtype)
    _logsumexp(tmp1, 1, out=loss_lse, work=tmp2, largest=largest2)
    tmp3 = np.empty((T, B), dtype)
    tmp4 = np.empty((T - 1, B), dtype)
    alpha_arg_factor = np.empty((T - 1, B, n_y, n_y), dtype)
    # alpha.arg.factor[t, i, j] = softmax(alpha.arg[t, i, j], j)
    np.subtract(alpha_arg, alpha_lse[:, :, :, None], out=tmp0)
    np.exp(tmp0, out=alpha_arg_factor)
    dalpha = np.zeros((T, B, n_y), dtype)
    # grad(alpha[t, i]) = softmax(alpha[len.T, i], i) * where(len.T == t, 1, 0) + sum(same_window(t, t -
    #     1, window.T) * grad(alpha.arg[t+1, j, i]), j), t < T
    tmp2[...] = alpha[len_T - 1, np.arange(B)]
    tmp2 -= loss_lse[:, None]
    np.exp(tmp2, out=tmp1)
    dalpha[len_T - 1, np.arange(B)] += tmp1
    dalpha_arg = np.zeros((T - 1, B, n_y, n_y), dtype)
    if 2 <= T:
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha[t, i]), 2 <= t <= T
        np.multiply(alpha_arg_factor[T - 2], dalpha[T - 1][:, :, None], out=dalpha_arg[T - 2])
    dalpha_arg_at = list(dalpha_arg)
    dalpha_at = list(dalpha)
    alpha_arg_factor_at = list(alpha_arg_factor)
    for t in range(T - 1, 1, -1):
        # grad(alpha[t, i]) = softmax(alpha[len.T, i], i) * where(len.T == t, 1, 0) + sum(same_window(t, t -
        #     1, window.T) * grad(alpha.arg[t+1, j, i]), j), t < T
        np.add.reduce(dalpha_arg_at[t - 1], axis=1, out=tmp1)
        tmp1 *= t // window_T == (t - 1) // window_T
        dalpha_at[t - 1] += tmp1
        # grad(alpha.arg[t, i, j]) = softmax(alpha.arg[t, i, j], j) * grad(alpha[t, i]), 2 <= t <= T
        np.multiply(alpha_arg_factor_at[t - 2], dalpha_at[t - 1][:, :, None], out=dalpha_arg_at[t - 2])
    if 1 <= T - 1:
        # grad(alpha[t, i]) = softmax(alpha[len.T, i], i) * where(len.T == t, 1, 0) + sum(same_window(t, t -
        #     1, window.T) * grad(alpha.arg[t+1, j, i]), j), t < T
        np.add.reduce(dalpha_arg[0], axis=1, out=tmp1)
        tmp1 *= 1 // window_T == 0 // window_T
        dalpha[0] += tmp1
    dA = np.empty((n_y, n_y), dtype)
    # grad(A) = sum(-where(t <= T.own, 1, 0) * outer(onehot(y[t-1]), onehot(y[t])), (t, 2, T)) +
    #     sum(grad(alpha.arg[t]).T, (t, 2, T))
    dA[...] = dalpha_arg.sum(axis=(0, 1)).T
    da = np.empty((n_y,), dtype)
    # grad(a) = grad(alpha[1]) - onehot(y[1])
    np.add.reduce(dalpha[0], axis=0, out=da)
    de = np.zeros((T, B, n_y), dtype)
    # grad(e[t]) = grad(alpha[t]) - where(t <= T.own, 1, 0) * onehot(y[t]), 2 <= t <= T
    de[1:] += dalpha[1:]
    # grad(e[1]) = grad(alpha[1]) - where(1 <= T.own, 1, 0) * onehot(y[1])
    de[0] += dalpha[0]
    # grad(e[t]) = grad(alpha[t]) - where(t <= T.own, 1, 0) * onehot(y[t]), 2 <= t <= T
    tmp3[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp3, out=tmp3)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(de, y, rows, flat, entries, tmp3)
    dc = np.empty((n_y,), dtype)
    # grad(c) = sum(grad(e[t]), t)
    np.add.reduce(de, axis=(0, 1), out=dc)
    dV = np.empty((n_y, n_x), dtype)
    # grad(V) = sum(outer(grad(e[t]), x[t]), t)
    np.matmul(de.reshape(-1, n_y).T, x.reshape(-1, n_x), out=dV)
    # grad(a) = grad(alpha[1]) - onehot(y[1])
    _scatter_add(da, (y[0],), -1)
    # grad(A) = sum(-where(t <= T.own, 1, 0) * outer(onehot(y[t-1]), onehot(y[t])), (t, 2, T)) +
    #     sum(grad(alpha.arg[t]).T, (t, 2, T))
    tmp4[...] = np.arange(2, T + 1)[:, None] <= T_own
    np.negative(tmp4, out=tmp4)
    _scatter_add(dA, (y[:T - 1], y[1:]), tmp4)

    return Params(V=dV, c=dc, A=dA, a=da)


def _loss_arrays(T, n_y, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, T - 1), dtype)
    tmp1 = np.empty((B,), dtype)
    tmp2 = np.empty((B, T), dtype)
    tmp3 = np.empty((B, n_y, n_y), dtype)
    alpha_lse = np.empty((B, n_y), dtype)
    tmp4 = alpha_lse
    e = np.empty((T, B, n_y), dtype)
    alpha_arg = np.empty((T - 1, B, n_y, n_y), dtype)
    score = np.empty((B,), dtype)
    alpha = np.empty((T, B, n_y), dtype)
    alpha_arg_at = list(alpha_arg)
    alpha_at = list(alpha)
    largest = np.empty((B, n_y, 1), dtype)
    loss_lse = np.empty((B,), dtype)
    largest2 = np.empty((B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, alpha_lse, tmp4, e, alpha_arg, score, alpha, alpha_arg_at, alpha_at, largest, loss_lse,
        largest2,
    )


def _loss_and_grad_arrays(T, n_x, n_y, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, T - 1), dtype)
    tmp1 = np.empty((B,), dtype)
    tmp2 = np.empty((B, T), dtype)
    tmp3 = np.empty((B, n_y, n_y), dtype)
    tmp4 = np.empty((B, n_y), dtype)
    e = np.empty((T, B, n_y), dtype)
    alpha_arg = np.empty((T - 1, B, n_y, n_y), dtype)
    score = np.empty((B,), dtype)
    alpha = np.empty((T, B, n_y), dtype)
    alpha_lse = np.empty((T - 1, B, n_y), dtype)
    alpha_arg_at = list(alpha_arg)
    alpha_at = list(alpha)
    alpha_lse_at = list(alpha_lse)
    largest = np.empty((B, n_y, 1), dtype)
    loss_lse = np.empty((B,), dtype)
    largest2 = np.empty((B, 1), dtype)
    tmp5 = np.empty((T - 1, B, n_y, n_y), dtype)
    tmp6 = np.empty((B, n_y), dtype)
    alpha_arg_factor = alpha_arg
    dalpha = e
    dalpha_arg = tmp5
    dalpha_arg_at = list(dalpha_arg)
    dalpha_at = list(dalpha)
    alpha_arg_factor_at = list(alpha_arg_factor)
    dA = np.empty((n_y, n_y), dtype)
    da = np.empty((n_y,), dtype)
    de = alpha
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, e, alpha_arg, score, alpha, alpha_lse, alpha_arg_at, alpha_at, alpha_lse_at,
        largest, loss_lse, largest2, tmp5, tmp6, alpha_arg_factor, dalpha, dalpha_arg, dalpha_arg_at, dalpha_at,
        alpha_arg_factor_at, dA, da, de, rows, flat, entries, dc, dV,
    )


def _loss_padded_arrays(T, n_y, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, T), dtype)
    tmp1 = np.empty((B, T), dtype)
    tmp2 = np.empty((B,), dtype)
    tmp3 = np.empty((B, T - 1), dtype)
    tmp4 = np.empty((B, T - 1), dtype)
    tmp5 = np.empty((B, n_y, n_y), dtype)
    tmp6 = np.empty((B, n_y), dtype)
    alpha_lse = np.empty((B, n_y), dtype)
    tmp7 = alpha_lse
    e = np.empty((T, B, n_y), dtype)
    alpha_arg = np.empty((T - 1, B, n_y, n_y), dtype)
    score = np.empty((B,), dtype)
    alpha = np.empty((T, B, n_y), dtype)
    alpha_arg_at = list(alpha_arg)
    alpha_at = list(alpha)
    largest = np.empty((B, n_y, 1), dtype)
    e_at = list(e)
    loss_lse = np.empty((B,), dtype)
    largest2 = np.empty((B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, alpha_lse, tmp7, e, alpha_arg, score, alpha, alpha_arg_at, alpha_at,
        largest, e_at, loss_lse, largest2,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, T), dtype)
    tmp1 = np.empty((B, T), dtype)
    tmp2 = np.empty((B,), dtype)
    tmp3 = np.empty((B, T - 1), dtype)
    tmp4 = np.empty((B, T - 1), dtype)
    tmp5 = np.empty((B, n_y, n_y), dtype)
    tmp6 = np.empty((B, n_y), dtype)
    tmp7 = np.empty((B, n_y), dtype)
    e = np.empty((T, B, n_y), dtype)
    alpha_arg = np.empty((T - 1, B, n_y, n_y), dtype)
    score = np.empty((B,), dtype)
    alpha = np.empty((T, B, n_y), dtype)
    alpha_lse = np.empty((T - 1, B, n_y), dtype)
    alpha_arg_at = list(alpha_arg)
    alpha_at = list(alpha)
    alpha_lse_at = list(alpha_lse)
    largest = np.empty((B, n_y, 1), dtype)
    e_at = list(e)
    loss_lse = np.empty((B,), dtype)
    largest2 = np.empty((B, 1), dtype)
    tmp8 = np.empty((T - 1, B, n_y, n_y), dtype)
    tmp9 = np.empty((T, B), dtype)
    tmp10 = np.empty((T - 1, B), dtype)
    alpha_arg_factor = alpha_arg
    dalpha = e
    dalpha_arg = tmp8
    dalpha_arg_at = list(dalpha_arg)
    dalpha_at = list(dalpha)
    alpha_arg_factor_at = list(alpha_arg_factor)
    dA = np.empty((n_y, n_y), dtype)
    da = np.empty((n_y,), dtype)
    de = alpha
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, e, alpha_arg, score, alpha, alpha_lse, alpha_arg_at, alpha_at,
        alpha_lse_at, largest, e_at, loss_lse, largest2, tmp8, tmp9, tmp10, alpha_arg_factor, dalpha, dalpha_arg,
        dalpha_arg_at, dalpha_at, alpha_arg_factor_at, dA, da, de, rows, flat, entries, dc, dV,
    )


def _arguments(params, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_y, n_x = _parameters(params)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from V")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
    return params, x, y, dtype, single, n_y, n_x, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_y, n_x = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from V")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.alpha", alpha, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        alpha = alpha[:, None]
    return params, x, y, alpha, dtype, single, n_y, n_x, T, B


def _initial_arguments(params, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_y, n_x = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    return params, dtype, single, n_y, n_x, B


def _step_arguments(params, state, x):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_y, n_x = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    alpha_prev = _real("state.alpha", state.alpha, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from V")
    _expect("state.alpha", alpha_prev, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from V")
    if single:
        x = x[None]
        alpha_prev = alpha_prev[None]
    return params, x, alpha_prev, dtype, single, n_y, n_x, B


def _padded_arguments(params, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_y, n_x = _parameters(params)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from V")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    if single:
        x = x[:, None]
        y = y[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, dtype, single, n_y, n_x, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_y, n_x = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from V")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.alpha", alpha, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[:, None]
        alpha = alpha[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, alpha, dtype, single, n_y, n_x, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    V, c, A, a = params
    _rank("V", V, ("n_y", "n_x"))
    n_y, n_x = V.shape
    _expect("c", c, (n_y,), ("n_y",), "n_y from V")
    _expect("A", A, (n_y, n_y), ("n_y", "n_y"), "n_y from V")
    _expect("a", a, (n_y,), ("n_y",), "n_y from V")
    return params, dtype, n_y, n_x


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
