# Written by derive from tree.eq; do not edit.
# Change tree.eq instead, and run: derive generate tree
# source 0246ab8ae4405263, derive 07e8f9d843407be1, body ecebeab6f5ef5f75
"""Recursive network: a binary tree in place of a chain; each node's vector is made from those of its two children.

Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.6 and fig. 10.14; Pollack (1990), Recursive Distributed
Representations; Socher, Lin, Ng & Manning (2011), Parsing Natural Scenes and Natural Language with Recursive Neural
Networks. Nodes are numbered children first, the root is the last.

The equations::

    x: Input[K, n_x]            # what a leaf holds, zero elsewhere
    left: Index[K, K]           # left child, 0 for none
    right: Index[K, K]          # right child, 0 for none
    y: Label[n_y]               # the class of the whole
    V: Param[n_h, n_x]          # leaf to hidden
    U, W = Param[n_h, n_h]      # left and right child to hidden
    b: Param[n_h]
    Q: Param[n_y, n_h]          # root to output
    c: Param[n_y]

    h[0] = 0
    h[k] = tanh(b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]])
    o = c + Q @ h[K]
    yhat = softmax(o)
    loss = -log(yhat[y])
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    V: np.ndarray  # (n_h, n_x)  leaf to hidden
    U: np.ndarray  # (n_h, n_h)  left and right child to hidden
    W: np.ndarray  # (n_h, n_h)  left and right child to hidden
    b: np.ndarray  # (n_h)
    Q: np.ndarray  # (n_y, n_h)  root to output
    c: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    h: np.ndarray  # (K + 1, B, n_h)
    o: np.ndarray  # (B, n_y)
    yhat: np.ndarray  # (B, n_y)
    loss: float | None  # a number


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
        V=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        U=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        W=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b=np.zeros((n_h,), dtype),
        Q=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        c=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    y: np.ndarray | None = None,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
) -> Forward:
    """Every variable of the model.

    x        (K, B, n_x)  real              what a leaf holds, zero elsewhere
    left     (K, B)       0..k-1 at node k  left child, 0 for none
    right    (K, B)       0..k-1 at node k  right child, 0 for none
    y        (B)          0..n_y - 1        the class of the whole
    h0       (B, n_h)     real              h[0]; 0 where not given
    lengths  (B,)         1..K              each example's own number of steps, what is given beyond is not read; all
                                            where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, x, left, right, y, h0, lengths)
    params, x, left, right, y, h0, dtype, single, n_h, n_x, n_y, K, B = _arguments(params, x, left, right, y, h0)
    V, U, W, b, Q, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    h_arg = np.empty((K, B, n_h), dtype)
    # h.arg[k] = b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]]
    np.matmul(x.reshape(-1, n_x), V.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    h = np.empty((K + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    U_T = np.empty((n_h, n_h), dtype)
    U_T[...] = U.T
    W_T = np.empty((n_h, n_h), dtype)
    W_T[...] = W.T
    h_arg_at = list(h_arg)
    h_at = list(h)
    for k in range(1, K + 1):
        # h.arg[k] = b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]]
        tmp1[...] = h[left[k - 1], np.arange(B)]
        tmp1.dot(U_T, out=tmp0)
        h_arg_at[k - 1] += tmp0
        tmp1[...] = h[right[k - 1], np.arange(B)]
        tmp1.dot(W_T, out=tmp0)
        h_arg_at[k - 1] += tmp0
        # h[k] = tanh(b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]])
        np.tanh(h_arg_at[k - 1], out=h_at[k])
    o = np.empty((B, n_y), dtype)
    # o = c + Q @ h[K]
    np.matmul(h[K], Q.T, out=o)
    o += c
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((B, n_y), dtype)
    np.subtract(o, yhat_lse[:, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((B,), dtype)
        rows = np.arange(B).reshape(B)
        flat = np.empty((B,), np.intp)
        # loss = -log(yhat[y])
        _look_up(o, y, rows, flat, out=tmp_3_0)
        np.subtract(yhat_lse, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
    else:
        loss = None

    if single:
        h = h[:, 0]
        o = o[0]
        yhat = yhat[0]
    return Forward(h=h, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (K, B, n_x)  real              what a leaf holds, zero elsewhere
    left       (K, B)       0..k-1 at node k  left child, 0 for none
    right      (K, B)       0..k-1 at node k  right child, 0 for none
    y          (B)          0..n_y - 1        the class of the whole
    h0         (B, n_h)     real              h[0]; 0 where not given
    workspace               Workspace         its arrays are used, and hold the results until its next call
    lengths    (B,)         1..K              each example's own number of steps, what is given beyond is not read; all
                                              where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, x, left, right, y, h0, lengths, workspace)
    (
        params, x, left, right, y, h0, dtype, single, n_h, n_x, n_y, K, B,
    ) = _arguments(params, x, left, right, y, h0, whole=True)
    V, U, W, b, Q, c = params

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, h, U_T, W_T, h_arg_at, h_at, o, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, K, n_y, n_h, B, dtype)
    # h.arg[k] = b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]]
    np.matmul(x.reshape(-1, n_x), V.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    U_T[...] = U.T
    W_T[...] = W.T
    for k in range(1, K + 1):
        # h.arg[k] = b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]]
        tmp1[...] = h[left[k - 1], np.arange(B)]
        tmp1.dot(U_T, out=tmp0)
        h_arg_at[k - 1] += tmp0
        tmp1[...] = h[right[k - 1], np.arange(B)]
        tmp1.dot(W_T, out=tmp0)
        h_arg_at[k - 1] += tmp0
        # h[k] = tanh(b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]])
        np.tanh(h_arg_at[k - 1], out=h_at[k])
    # o = c + Q @ h[K]
    np.matmul(h[K], Q.T, out=o)
    o += c
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp2, largest=largest)
    # loss = -log(yhat[y])
    _look_up(o, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x          (K, B, n_x)  real               what a leaf holds, zero elsewhere
    left       (K, B)       0..k-1 at node k   left child, 0 for none
    right      (K, B)       0..k-1 at node k   right child, 0 for none
    y          (B)          0..n_y - 1         the class of the whole
    h0         (B, n_h)     real               h[0]; 0 where not given
    workspace               Workspace          its arrays are used, and hold the results until its next call
    lengths    (B,)         1..K               each example's own number of steps, what is given beyond is not read; all
                                               where not given
    window                  whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, left, right, y, h0, lengths, wrt, workspace, window)
    (
        params, x, left, right, y, h0, dtype, single, n_h, n_x, n_y, K, B,
    ) = _arguments(params, x, left, right, y, h0, whole=True)
    V, U, W, b, Q, c = params
    wrt = _asked(wrt, ("x", "h0"))

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, h, U_T, W_T, h_arg_at, h_at, o, yhat_lse, largest, yhat, rows, flat, tmp4, do,
        entries, dc, dQ, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at, db, dU, dV, dW,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, K, n_x, n_y, n_h, B, dtype)
    # h.arg[k] = b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]]
    np.matmul(x.reshape(-1, n_x), V.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    U_T[...] = U.T
    W_T[...] = W.T
    for k in range(1, K + 1):
        # h.arg[k] = b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]]
        tmp1[...] = h[left[k - 1], np.arange(B)]
        tmp1.dot(U_T, out=tmp0)
        h_arg_at[k - 1] += tmp0
        tmp1[...] = h[right[k - 1], np.arange(B)]
        tmp1.dot(W_T, out=tmp0)
        h_arg_at[k - 1] += tmp0
        # h[k] = tanh(b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]])
        np.tanh(h_arg_at[k - 1], out=h_at[k])
    # o = c + Q @ h[K]
    np.matmul(h[K], Q.T, out=o)
    o += c
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(o, yhat_lse[:, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = -log(yhat[y])
    _look_up(o, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    # grad(o) = yhat - onehot(y)
    _add_to(do, y, rows, flat, entries, -1)
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    # grad(Q) = outer(grad(o), h[K])
    np.matmul(do.T, h[K], out=dQ)
    # h.arg.factor[k] = 1 - h[k]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    dh.fill(0)
    # grad(h[K]) = Q.T @ grad(o)
    np.matmul(do, Q, out=dh[K])
    for k in range(K, 0, -1):
        # grad(h.arg[k]) = (1 - h[k]**2) * grad(h[k])
        np.multiply(dh_at[k], h_arg_factor_at[k - 1], out=dh_arg_at[k - 1])
        # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * (U.T @ grad(h.arg[k1])), (k1, k+1, K)) +
        #     sum(where(right[k1] == k, 1, 0) * (W.T @ grad(h.arg[k1])), (k1, k+1, K)), 0 <= k < K
        dh_arg_at[k - 1].dot(U, out=tmp0)
        dh[left[k - 1], np.arange(B)] += tmp0
        dh_arg_at[k - 1].dot(W, out=tmp0)
        dh[right[k - 1], np.arange(B)] += tmp0
    # grad(b) = sum(grad(h.arg[k]), k)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[k]), h[left[k]]), k)
    tmp4[...] = h[left, np.arange(B)].transpose(2, 0, 1)
    np.matmul(dh_arg.reshape(-1, n_h).T, tmp4.reshape(n_h, -1).T, out=dU)
    # grad(V) = sum(outer(grad(h.arg[k]), x[k]), k)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dV)
    # grad(W) = sum(outer(grad(h.arg[k]), h[right[k]]), k)
    tmp4[...] = h[right, np.arange(B)].transpose(2, 0, 1)
    np.matmul(dh_arg.reshape(-1, n_h).T, tmp4.reshape(n_h, -1).T, out=dW)
    if "x" in wrt:
        dx = np.empty((K, B, n_x), dtype)
        # grad(x[k]) = V.T @ grad(h.arg[k])
        np.matmul(dh_arg.reshape(-1, n_h), V, out=dx.reshape(-1, n_x))
    if "h0" in wrt:
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(V=dV, U=dU, W=dW, b=db, Q=dQ, c=dc)
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
    left: np.ndarray,
    right: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    x        (K, B, n_x)  real               what a leaf holds, zero elsewhere
    left     (K, B)       0..k-1 at node k   left child, 0 for none
    right    (K, B)       0..k-1 at node k   right child, 0 for none
    y        (B)          0..n_y - 1         the class of the whole
    lengths  (B,)         1..K               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, left, right, y, lengths, window)
    (
        params, x, left, right, y, h, yhat, dtype, single, n_h, n_x, n_y, K, B,
    ) = _backward_arguments(params, forward, x, left, right, y)
    V, U, W, b, Q, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((n_h, K, B), dtype)
    do = np.empty((B, n_y), dtype)
    # grad(o) = yhat - onehot(y)
    do[...] = yhat
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    entries = np.empty((B,), dtype)
    _add_to(do, y, rows, flat, entries, -1)
    dc = np.empty((n_y,), dtype)
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    dQ = np.empty((n_y, n_h), dtype)
    # grad(Q) = outer(grad(o), h[K])
    np.matmul(do.T, h[K], out=dQ)
    h_arg_factor = np.empty((K, B, n_h), dtype)
    # h.arg.factor[k] = 1 - h[k]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    dh = np.zeros((K + 1, B, n_h), dtype)
    # grad(h[K]) = Q.T @ grad(o)
    np.matmul(do, Q, out=dh[K])
    dh_arg = np.empty((K, B, n_h), dtype)
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    for k in range(K, 0, -1):
        # grad(h.arg[k]) = (1 - h[k]**2) * grad(h[k])
        np.multiply(dh_at[k], h_arg_factor_at[k - 1], out=dh_arg_at[k - 1])
        # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * (U.T @ grad(h.arg[k1])), (k1, k+1, K)) +
        #     sum(where(right[k1] == k, 1, 0) * (W.T @ grad(h.arg[k1])), (k1, k+1, K)), 0 <= k < K
        dh_arg_at[k - 1].dot(U, out=tmp0)
        dh[left[k - 1], np.arange(B)] += tmp0
        dh_arg_at[k - 1].dot(W, out=tmp0)
        dh[right[k - 1], np.arange(B)] += tmp0
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(h.arg[k]), k)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    dU = np.empty((n_h, n_h), dtype)
    # grad(U) = sum(outer(grad(h.arg[k]), h[left[k]]), k)
    tmp1[...] = h[left, np.arange(B)].transpose(2, 0, 1)
    np.matmul(dh_arg.reshape(-1, n_h).T, tmp1.reshape(n_h, -1).T, out=dU)
    dV = np.empty((n_h, n_x), dtype)
    # grad(V) = sum(outer(grad(h.arg[k]), x[k]), k)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dV)
    dW = np.empty((n_h, n_h), dtype)
    # grad(W) = sum(outer(grad(h.arg[k]), h[right[k]]), k)
    tmp1[...] = h[right, np.arange(B)].transpose(2, 0, 1)
    np.matmul(dh_arg.reshape(-1, n_h).T, tmp1.reshape(n_h, -1).T, out=dW)

    return Params(V=dV, U=dU, W=dW, b=db, Q=dQ, c=dc)


def _forward_padded(params, x, left, right, y, h0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, left, right, y, h0, dtype, single, n_h, n_x, n_y, K, B, len_K, K_own,
    ) = _padded_arguments(params, x, left, right, y, h0, lengths)
    V, U, W, b, Q, c = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    h_arg = np.empty((K, B, n_h), dtype)
    # h.arg[k] = b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]]
    np.matmul(x.reshape(-1, n_x), V.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    h = np.empty((K + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    U_T = np.empty((n_h, n_h), dtype)
    U_T[...] = U.T
    W_T = np.empty((n_h, n_h), dtype)
    W_T[...] = W.T
    h_arg_at = list(h_arg)
    h_at = list(h)
    for k in range(1, K + 1):
        # h.arg[k] = b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]]
        tmp1[...] = h[left[k - 1], np.arange(B)]
        tmp1.dot(U_T, out=tmp0)
        h_arg_at[k - 1] += tmp0
        tmp1[...] = h[right[k - 1], np.arange(B)]
        tmp1.dot(W_T, out=tmp0)
        h_arg_at[k - 1] += tmp0
        # h[k] = tanh(b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]])
        np.tanh(h_arg_at[k - 1], out=h_at[k])
    o = np.empty((B, n_y), dtype)
    # o = c + Q @ h[K]
    tmp0[...] = h[len_K, np.arange(B)]
    np.matmul(tmp0, Q.T, out=o)
    o += c
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((B, n_y), dtype)
    np.subtract(o, yhat_lse[:, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((B,), dtype)
        rows = np.arange(B).reshape(B)
        flat = np.empty((B,), np.intp)
        # loss = -log(yhat[y])
        _look_up(o, y, rows, flat, out=tmp_3_0)
        np.subtract(yhat_lse, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
    else:
        loss = None

    if single:
        h = h[:, 0]
        o = o[0]
        yhat = yhat[0]
    return Forward(h=h, o=o, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, x, left, right, y, h0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, left, right, y, h0, dtype, single, n_h, n_x, n_y, K, B, len_K, K_own,
    ) = _padded_arguments(params, x, left, right, y, h0, lengths, whole=True)
    V, U, W, b, Q, c = params

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, h, U_T, W_T, h_arg_at, h_at, o, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, K, n_y, n_h, B, dtype)
    # h.arg[k] = b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]]
    np.matmul(x.reshape(-1, n_x), V.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    U_T[...] = U.T
    W_T[...] = W.T
    for k in range(1, K + 1):
        # h.arg[k] = b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]]
        tmp1[...] = h[left[k - 1], np.arange(B)]
        tmp1.dot(U_T, out=tmp0)
        h_arg_at[k - 1] += tmp0
        tmp1[...] = h[right[k - 1], np.arange(B)]
        tmp1.dot(W_T, out=tmp0)
        h_arg_at[k - 1] += tmp0
        # h[k] = tanh(b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]])
        np.tanh(h_arg_at[k - 1], out=h_at[k])
    # o = c + Q @ h[K]
    tmp0[...] = h[len_K, np.arange(B)]
    np.matmul(tmp0, Q.T, out=o)
    o += c
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp2, largest=largest)
    # loss = -log(yhat[y])
    _look_up(o, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, left, right, y, h0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, left, right, y, h0, dtype, single, n_h, n_x, n_y, K, B, len_K, K_own,
    ) = _padded_arguments(params, x, left, right, y, h0, lengths, whole=True)
    V, U, W, b, Q, c = params
    wrt = _asked(wrt, ("x", "h0"))
    window_K = _window(window, "K", ("K",), K)

    (
        tmp0, tmp1, tmp2, tmp3, h_arg, h, U_T, W_T, h_arg_at, h_at, o, yhat_lse, largest, yhat, rows, flat, tmp4, tmp5,
        tmp6, tmp7, tmp8, tmp9, do, entries, dc, dQ, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at,
        number, number2, db, dU, dV, dW,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, K, n_x, n_y, n_h, B, dtype)
    # h.arg[k] = b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]]
    np.matmul(x.reshape(-1, n_x), V.T, out=h_arg.reshape(-1, n_h))
    h_arg += b
    # h[0] = 0
    h[0] = h0
    U_T[...] = U.T
    W_T[...] = W.T
    for k in range(1, K + 1):
        # h.arg[k] = b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]]
        tmp1[...] = h[left[k - 1], np.arange(B)]
        tmp1.dot(U_T, out=tmp0)
        h_arg_at[k - 1] += tmp0
        tmp1[...] = h[right[k - 1], np.arange(B)]
        tmp1.dot(W_T, out=tmp0)
        h_arg_at[k - 1] += tmp0
        # h[k] = tanh(b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]])
        np.tanh(h_arg_at[k - 1], out=h_at[k])
    # o = c + Q @ h[K]
    tmp0[...] = h[len_K, np.arange(B)]
    np.matmul(tmp0, Q.T, out=o)
    o += c
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(o, yhat_lse[:, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = -log(yhat[y])
    _look_up(o, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    # grad(o) = yhat - onehot(y)
    _add_to(do, y, rows, flat, entries, -1)
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    # grad(Q) = outer(grad(o), h[len.K])
    tmp4[...] = h[len_K, np.arange(B)].T
    np.matmul(do.T, tmp4.T, out=dQ)
    # h.arg.factor[k] = 1 - h[k]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    dh.fill(0)
    # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
    #     K.own - 1), window.K) * (U.T @ grad(h.arg[k1])), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0)
    #     * same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * (W.T @
    #     grad(h.arg[k1])), (k1, k+1, K)) + where(len.K == k, 1, 0) * (Q.T @ grad(o)), k < K
    np.matmul(do, Q, out=tmp0)
    dh[len_K, np.arange(B)] += tmp0
    for k in range(K, 0, -1):
        # grad(h.arg[k]) = (1 - h[k]**2) * grad(h[k])
        np.multiply(dh_at[k], h_arg_factor_at[k - 1], out=dh_arg_at[k - 1])
        # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
        #     K.own - 1), window.K) * (U.T @ grad(h.arg[k1])), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0)
        #     * same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * (W.T @
        #     grad(h.arg[k1])), (k1, k+1, K)) + where(len.K == k, 1, 0) * (Q.T @ grad(o)), k < K
        np.add(left[k - 1], number, out=tmp7)
        np.maximum(tmp7, number2, out=tmp6)
        np.add(K_own, number, out=tmp8)
        np.minimum(tmp6, tmp8, out=tmp5)
        tmp3[...] = (k - 1) // window_K == tmp5 // window_K
        np.multiply(tmp3[:, None], dh_arg_at[k - 1], out=tmp1)
        tmp1.dot(U, out=tmp0)
        dh[left[k - 1], np.arange(B)] += tmp0
        np.add(right[k - 1], number, out=tmp7)
        np.maximum(tmp7, number2, out=tmp6)
        np.add(K_own, number, out=tmp8)
        np.minimum(tmp6, tmp8, out=tmp5)
        tmp3[...] = (k - 1) // window_K == tmp5 // window_K
        np.multiply(tmp3[:, None], dh_arg_at[k - 1], out=tmp1)
        tmp1.dot(W, out=tmp0)
        dh[right[k - 1], np.arange(B)] += tmp0
    # grad(b) = sum(grad(h.arg[k]), k)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    # grad(U) = sum(outer(grad(h.arg[k]), h[left[k]]), k)
    tmp9[...] = h[left, np.arange(B)].transpose(2, 0, 1)
    np.matmul(dh_arg.reshape(-1, n_h).T, tmp9.reshape(n_h, -1).T, out=dU)
    # grad(V) = sum(outer(grad(h.arg[k]), x[k]), k)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dV)
    # grad(W) = sum(outer(grad(h.arg[k]), h[right[k]]), k)
    tmp9[...] = h[right, np.arange(B)].transpose(2, 0, 1)
    np.matmul(dh_arg.reshape(-1, n_h).T, tmp9.reshape(n_h, -1).T, out=dW)
    if "x" in wrt:
        dx = np.empty((K, B, n_x), dtype)
        # grad(x[k]) = V.T @ grad(h.arg[k])
        np.matmul(dh_arg.reshape(-1, n_h), V, out=dx.reshape(-1, n_x))
    if "h0" in wrt:
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(V=dV, U=dU, W=dW, b=db, Q=dQ, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, left, right, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, left, right, y, h, yhat, dtype, single, n_h, n_x, n_y, K, B, len_K, K_own,
    ) = _padded_backward_arguments(params, forward, x, left, right, y, lengths)
    V, U, W, b, Q, c = params
    window_K = _window(window, "K", ("K",), K)

    tmp0 = np.empty((n_h, B), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B,), dtype)
    tmp4 = np.empty((B,), dtype)
    tmp5 = np.empty((B,), dtype)
    tmp6 = np.empty((B,), dtype)
    tmp7 = np.empty((B,), dtype)
    tmp8 = np.empty((n_h, K, B), dtype)
    do = np.empty((B, n_y), dtype)
    # grad(o) = yhat - onehot(y)
    do[...] = yhat
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    entries = np.empty((B,), dtype)
    _add_to(do, y, rows, flat, entries, -1)
    dc = np.empty((n_y,), dtype)
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    dQ = np.empty((n_y, n_h), dtype)
    # grad(Q) = outer(grad(o), h[len.K])
    tmp0[...] = h[len_K, np.arange(B)].T
    np.matmul(do.T, tmp0.T, out=dQ)
    h_arg_factor = np.empty((K, B, n_h), dtype)
    # h.arg.factor[k] = 1 - h[k]**2
    np.square(h[1:], out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    dh = np.zeros((K + 1, B, n_h), dtype)
    # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
    #     K.own - 1), window.K) * (U.T @ grad(h.arg[k1])), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0)
    #     * same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * (W.T @
    #     grad(h.arg[k1])), (k1, k+1, K)) + where(len.K == k, 1, 0) * (Q.T @ grad(o)), k < K
    np.matmul(do, Q, out=tmp1)
    dh[len_K, np.arange(B)] += tmp1
    dh_arg = np.empty((K, B, n_h), dtype)
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    number = np.array(-1, dtype)
    number2 = np.array(0, dtype)
    for k in range(K, 0, -1):
        # grad(h.arg[k]) = (1 - h[k]**2) * grad(h[k])
        np.multiply(dh_at[k], h_arg_factor_at[k - 1], out=dh_arg_at[k - 1])
        # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
        #     K.own - 1), window.K) * (U.T @ grad(h.arg[k1])), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0)
        #     * same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * (W.T @
        #     grad(h.arg[k1])), (k1, k+1, K)) + where(len.K == k, 1, 0) * (Q.T @ grad(o)), k < K
        np.add(left[k - 1], number, out=tmp6)
        np.maximum(tmp6, number2, out=tmp5)
        np.add(K_own, number, out=tmp7)
        np.minimum(tmp5, tmp7, out=tmp4)
        tmp3[...] = (k - 1) // window_K == tmp4 // window_K
        np.multiply(tmp3[:, None], dh_arg_at[k - 1], out=tmp2)
        tmp2.dot(U, out=tmp1)
        dh[left[k - 1], np.arange(B)] += tmp1
        np.add(right[k - 1], number, out=tmp6)
        np.maximum(tmp6, number2, out=tmp5)
        np.add(K_own, number, out=tmp7)
        np.minimum(tmp5, tmp7, out=tmp4)
        tmp3[...] = (k - 1) // window_K == tmp4 // window_K
        np.multiply(tmp3[:, None], dh_arg_at[k - 1], out=tmp2)
        tmp2.dot(W, out=tmp1)
        dh[right[k - 1], np.arange(B)] += tmp1
    db = np.empty((n_h,), dtype)
    # grad(b) = sum(grad(h.arg[k]), k)
    np.add.reduce(dh_arg, axis=(0, 1), out=db)
    dU = np.empty((n_h, n_h), dtype)
    # grad(U) = sum(outer(grad(h.arg[k]), h[left[k]]), k)
    tmp8[...] = h[left, np.arange(B)].transpose(2, 0, 1)
    np.matmul(dh_arg.reshape(-1, n_h).T, tmp8.reshape(n_h, -1).T, out=dU)
    dV = np.empty((n_h, n_x), dtype)
    # grad(V) = sum(outer(grad(h.arg[k]), x[k]), k)
    np.matmul(dh_arg.reshape(-1, n_h).T, x.reshape(-1, n_x), out=dV)
    dW = np.empty((n_h, n_h), dtype)
    # grad(W) = sum(outer(grad(h.arg[k]), h[right[k]]), k)
    tmp8[...] = h[right, np.arange(B)].transpose(2, 0, 1)
    np.matmul(dh_arg.reshape(-1, n_h).T, tmp8.reshape(n_h, -1).T, out=dW)

    return Params(V=dV, U=dU, W=dW, b=db, Q=dQ, c=dc)


def _loss_arrays(K, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    tmp3 = np.empty((B,), dtype)
    h_arg = np.empty((K, B, n_h), dtype)
    h = np.empty((K + 1, B, n_h), dtype)
    U_T = np.empty((n_h, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_arg_at = list(h_arg)
    h_at = list(h)
    o = np.empty((B, n_y), dtype)
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    return tmp0, tmp1, tmp2, tmp3, h_arg, h, U_T, W_T, h_arg_at, h_at, o, yhat_lse, largest, rows, flat


def _loss_and_grad_arrays(K, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    tmp3 = np.empty((B,), dtype)
    h_arg = np.empty((K, B, n_h), dtype)
    h = np.empty((K + 1, B, n_h), dtype)
    U_T = np.empty((n_h, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_arg_at = list(h_arg)
    h_at = list(h)
    o = np.empty((B, n_y), dtype)
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    yhat = np.empty((B, n_y), dtype)
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    tmp4 = np.empty((n_h, K, B), dtype)
    do = yhat
    entries = np.empty((B,), dtype)
    dc = np.empty((n_y,), dtype)
    dQ = np.empty((n_y, n_h), dtype)
    h_arg_factor = h_arg
    dh = np.empty((K + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    db = np.empty((n_h,), dtype)
    dU = U_T
    dV = np.empty((n_h, n_x), dtype)
    dW = W_T
    return (
        tmp0, tmp1, tmp2, tmp3, h_arg, h, U_T, W_T, h_arg_at, h_at, o, yhat_lse, largest, yhat, rows, flat, tmp4, do,
        entries, dc, dQ, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at, db, dU, dV, dW,
    )


def _loss_padded_arrays(K, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    tmp3 = np.empty((B,), dtype)
    h_arg = np.empty((K, B, n_h), dtype)
    h = np.empty((K + 1, B, n_h), dtype)
    U_T = np.empty((n_h, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_arg_at = list(h_arg)
    h_at = list(h)
    o = np.empty((B, n_y), dtype)
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    return tmp0, tmp1, tmp2, tmp3, h_arg, h, U_T, W_T, h_arg_at, h_at, o, yhat_lse, largest, rows, flat


def _loss_and_grad_padded_arrays(K, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_y), dtype)
    tmp3 = np.empty((B,), dtype)
    h_arg = np.empty((K, B, n_h), dtype)
    h = np.empty((K + 1, B, n_h), dtype)
    U_T = np.empty((n_h, n_h), dtype)
    W_T = np.empty((n_h, n_h), dtype)
    h_arg_at = list(h_arg)
    h_at = list(h)
    o = np.empty((B, n_y), dtype)
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    yhat = np.empty((B, n_y), dtype)
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    tmp4 = np.empty((n_h, B), dtype)
    tmp5 = yhat_lse
    tmp6 = np.empty((B,), dtype)
    tmp7 = np.empty((B,), dtype)
    tmp8 = np.empty((B,), dtype)
    tmp9 = np.empty((n_h, K, B), dtype)
    do = yhat
    entries = np.empty((B,), dtype)
    dc = np.empty((n_y,), dtype)
    dQ = np.empty((n_y, n_h), dtype)
    h_arg_factor = h_arg
    dh = np.empty((K + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dh_arg_at = list(dh_arg)
    dh_at = list(dh)
    h_arg_factor_at = list(h_arg_factor)
    number = np.array(-1, dtype)
    number2 = np.array(0, dtype)
    db = np.empty((n_h,), dtype)
    dU = U_T
    dV = np.empty((n_h, n_x), dtype)
    dW = W_T
    return (
        tmp0, tmp1, tmp2, tmp3, h_arg, h, U_T, W_T, h_arg_at, h_at, o, yhat_lse, largest, yhat, rows, flat, tmp4, tmp5,
        tmp6, tmp7, tmp8, tmp9, do, entries, dc, dQ, h_arg_factor, dh, dh_arg, dh_arg_at, dh_at, h_arg_factor_at,
        number, number2, db, dU, dV, dW,
    )


def _arguments(params, x, left, right, y, h0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    left = _integers("left", left)
    right = _integers("right", right)
    single = x.ndim == 2
    _rank("x", x, ("K", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    K = x.shape[0]
    _expect("x", x, (K, *batch_axis, n_x), ("K", "B", "n_x"), "n_x from V")
    _expect("left", left, (K, *batch_axis), ("K", "B"), "K and B from x")
    _expect("right", right, (K, *batch_axis), ("K", "B"), "K and B from x")
    _nodes("left", left, 0)
    _nodes("right", right, 0)
    if single:
        x = x[:, None]
        left = left[:, None]
        right = right[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (*batch_axis,), ("B",), "B from x")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from V")
        if single:
            h0 = h0[None]
    return params, x, left, right, y, h0, dtype, single, n_h, n_x, n_y, K, B


def _backward_arguments(params, forward, x, left, right, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    left = _integers("left", left)
    right = _integers("right", right)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("K", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    K = x.shape[0]
    _expect("x", x, (K, *batch_axis, n_x), ("K", "B", "n_x"), "n_x from V")
    _expect("left", left, (K, *batch_axis), ("K", "B"), "K and B from x")
    _expect("right", right, (K, *batch_axis), ("K", "B"), "K and B from x")
    _expect("y", y, (*batch_axis,), ("B",), "B from x")
    _expect("forward.h", h, (K + 1, *batch_axis, n_h), ("K + 1", "B", "n_h"), "K and B from x, n_h from V")
    _expect("forward.yhat", yhat, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from Q")
    _nodes("left", left, 0)
    _nodes("right", right, 0)
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        left = left[:, None]
        right = right[:, None]
        y = y[None]
        h = h[:, None]
        yhat = yhat[None]
    return params, x, left, right, y, h, yhat, dtype, single, n_h, n_x, n_y, K, B


def _padded_arguments(params, x, left, right, y, h0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    left = _integers("left", left)
    right = _integers("right", right)
    single = x.ndim == 2
    _rank("x", x, ("K", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    K = x.shape[0]
    _expect("x", x, (K, *batch_axis, n_x), ("K", "B", "n_x"), "n_x from V")
    _expect("left", left, (K, *batch_axis), ("K", "B"), "K and B from x")
    _expect("right", right, (K, *batch_axis), ("K", "B"), "K and B from x")
    if single:
        x = x[:, None]
        left = left[:, None]
        right = right[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (*batch_axis,), ("B",), "B from x")
        if single:
            y = y[None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from V")
        if single:
            h0 = h0[None]
    len_K = _lengths(lengths, "K", ("K",), K, B, single, 1)
    K_own = len_K.astype(dtype)
    x = _hold(x, 0, 1, len_K)
    left = _hold(left, 0, 1, len_K)
    _nodes("left", left, 0)
    right = _hold(right, 0, 1, len_K)
    _nodes("right", right, 0)
    if y is not None:
        _classes("y", y, n_y, "n_y - 1")
    return params, x, left, right, y, h0, dtype, single, n_h, n_x, n_y, K, B, len_K, K_own


def _padded_backward_arguments(params, forward, x, left, right, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    left = _integers("left", left)
    right = _integers("right", right)
    y = _integers("y", y)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("K", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    K = x.shape[0]
    _expect("x", x, (K, *batch_axis, n_x), ("K", "B", "n_x"), "n_x from V")
    _expect("left", left, (K, *batch_axis), ("K", "B"), "K and B from x")
    _expect("right", right, (K, *batch_axis), ("K", "B"), "K and B from x")
    _expect("y", y, (*batch_axis,), ("B",), "B from x")
    _expect("forward.h", h, (K + 1, *batch_axis, n_h), ("K + 1", "B", "n_h"), "K and B from x, n_h from V")
    _expect("forward.yhat", yhat, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from Q")
    if single:
        x = x[:, None]
        left = left[:, None]
        right = right[:, None]
        y = y[None]
        h = h[:, None]
        yhat = yhat[None]
    len_K = _lengths(lengths, "K", ("K",), K, B, single, 1)
    K_own = len_K.astype(dtype)
    x = _hold(x, 0, 1, len_K)
    left = _hold(left, 0, 1, len_K)
    _nodes("left", left, 0)
    right = _hold(right, 0, 1, len_K)
    _nodes("right", right, 0)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, left, right, y, h, yhat, dtype, single, n_h, n_x, n_y, K, B, len_K, K_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    V, U, W, b, Q, c = params
    _rank("V", V, ("n_h", "n_x"))
    n_h, n_x = V.shape
    _rank("Q", Q, ("n_y", "n_h"))
    n_y = Q.shape[0]
    _expect("U", U, (n_h, n_h), ("n_h", "n_h"), "n_h from V")
    _expect("W", W, (n_h, n_h), ("n_h", "n_h"), "n_h from V")
    _expect("b", b, (n_h,), ("n_h",), "n_h from V")
    _expect("Q", Q, (n_y, n_h), ("n_y", "n_h"), "n_h from V")
    _expect("c", c, (n_y,), ("n_y",), "n_y from Q")
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


def _nodes(name, array, axis):
    """Refuses a node that points at none before it: at node k, along an axis, stand 1..k-1, or 0 for none."""
    own = np.arange(1, array.shape[axis] + 1).reshape([-1 if n == axis else 1 for n in range(array.ndim)])
    wrong = np.argwhere((array < 0) | (array >= own))
    if wrong.size:
        at = tuple(wrong[0].tolist())
        node = at[axis] + 1
        why = "it points at itself or ahead" if array[at] >= node else "it points at no node"
        raise ValueError(f"{name}: {array[at]} at {at}, node {node}, expected 0..{node - 1}, 0 for none: {why}")


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
