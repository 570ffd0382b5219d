# Written by derive from highway.eq; do not edit.
# Change highway.eq instead, and run: derive generate highway
# source 30f6167ff4f46901, derive 07e8f9d843407be1, body 854f982d64034573
"""Recurrent highway network of depth two: between two steps the state passes two highway layers with coupled gates.

Zilly, Srivastava, Koutnik & Schmidhuber (2017), Recurrent Highway Networks, section 4; the carry gate is 1 - g.

The equations::

    w: Index[T, n_w]                # the word that is read at each step
    y: Label[T, n_w]                # the word to predict at each step
    E: Param[n_w, n_x]              # word embedding
    W_h, W_g = Param[n_h, n_x]      # input to candidate and transform gate, in the first layer alone
    R_h, R_g = Param[n_h, n_h]      # state to candidate and transform gate, first layer
    Q_h, Q_g = Param[n_h, n_h]      # the same, second layer
    b_h, c_h = Param[n_h]           # biases of the candidates
    b_g: Param[n_h] = -2            # biases of the transform gates: carry at first
    c_g: Param[n_h] = -2
    V: Param[n_w, n_h]              # state to output
    d: Param[n_w]                   # output bias

    z[0] = 0
    x[t] = E[w[t]]
    h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)            # first layer: candidate
    g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)         # and transform gate
    u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])                # and state
    k[t] = tanh(Q_h @ u[t] + c_h)                           # second layer
    q[t] = sigmoid(Q_g @ u[t] + c_g)
    z[t] = k[t] * q[t] + u[t] * (1 - q[t])
    s[t] = d + V @ z[t]                                     # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    E: np.ndarray  # (n_w, n_x)  word embedding
    W_h: np.ndarray  # (n_h, n_x)  input to candidate and transform gate, in the first layer alone
    W_g: np.ndarray  # (n_h, n_x)  input to candidate and transform gate, in the first layer alone
    R_h: np.ndarray  # (n_h, n_h)  state to candidate and transform gate, first layer
    R_g: np.ndarray  # (n_h, n_h)  state to candidate and transform gate, first layer
    Q_h: np.ndarray  # (n_h, n_h)  the same, second layer
    Q_g: np.ndarray  # (n_h, n_h)  the same, second layer
    b_h: np.ndarray  # (n_h)  biases of the candidates
    c_h: np.ndarray  # (n_h)  biases of the candidates
    b_g: np.ndarray  # (n_h)  biases of the transform gates: carry at first
    c_g: np.ndarray  # (n_h)
    V: np.ndarray  # (n_w, n_h)  state to output
    d: np.ndarray  # (n_w)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    x: np.ndarray  # (T, B, n_x)
    h: np.ndarray  # (T, B, n_h)  first layer: candidate
    g: np.ndarray  # (T, B, n_h)  and transform gate
    u: np.ndarray  # (T, B, n_h)  and state
    k: np.ndarray  # (T, B, n_h)  second layer
    q: np.ndarray  # (T, B, n_h)
    z: np.ndarray  # (T + 1, B, n_h)
    s: np.ndarray  # (T, B, n_w)  logits
    yhat: np.ndarray  # (T, B, n_w)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    z: np.ndarray  # (B, n_h)


class Outputs(NamedTuple):
    """The variables at one step."""

    x: np.ndarray  # (B, n_x)
    h: np.ndarray  # (B, n_h)  first layer: candidate
    g: np.ndarray  # (B, n_h)  and transform gate
    u: np.ndarray  # (B, n_h)  and state
    k: np.ndarray  # (B, n_h)  second layer
    q: np.ndarray  # (B, n_h)
    z: np.ndarray  # (B, n_h)
    s: np.ndarray  # (B, n_w)  logits
    yhat: np.ndarray  # (B, n_w)


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


def init_params(rng: np.random.Generator, *, n_w: int, n_x: int, n_h: int, dtype: type = np.float64) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_w = _size("n_w", n_w)
    n_x = _size("n_x", n_x)
    n_h = _size("n_h", n_h)
    return Params(
        E=(rng.standard_normal((n_w, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_h=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_g=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        R_h=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        R_g=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        Q_h=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        Q_g=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b_h=np.zeros((n_h,), dtype),
        c_h=np.zeros((n_h,), dtype),
        b_g=np.full((n_h,), -2.0, dtype),
        c_g=np.full((n_h,), -2.0, dtype),
        V=(rng.standard_normal((n_w, n_h)) / np.sqrt(n_h)).astype(dtype),
        d=np.zeros((n_w,), dtype),
    )


def forward(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray | None = None,
    z0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    w        (T, B)    0..n_w - 1  the word that is read at each step
    y        (T, B)    0..n_w - 1  the word to predict at each step
    z0       (B, n_h)  real        z[0]; 0 where not given
    state              State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not
                                   given

    Data without the axis B are one example.
    """
    if state is not None:
        (z0,) = _resumed(state, ("z",), (("z0", z0),))
    if lengths is not None:
        return _forward_padded(params, w, y, z0, lengths)
    params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B = _arguments(params, w, y, z0)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params

    tmp0 = np.empty((2, T, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_w), dtype)
    b_g_b_h_c_g_c_h = np.stack((b_g, b_h, c_g, c_h))
    R_gh = np.stack((R_g, R_h))
    W_gh = np.stack((W_g, W_h))
    Q_gh = np.stack((Q_g, Q_h))
    x = np.empty((T, B, n_x), dtype)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    ghqk_arg = np.empty((4, T, B, n_h), dtype)
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h[:, None, None]
    z = np.empty((T + 1, B, n_h), dtype)
    # z[0] = 0
    z[0] = z0
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_gh.transpose(0, 2, 1), out=tmp0.reshape(2, -1, n_h))
    ghqk_arg[:2] += tmp0
    h = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    u = np.empty((T, B, n_h), dtype)
    k = np.empty((T, B, n_h), dtype)
    q = np.empty((T, B, n_h), dtype)
    R_gh_T = np.empty((2, n_h, n_h), dtype)
    R_gh_T[...] = R_gh.transpose(0, 2, 1)
    Q_gh_T = np.empty((2, n_h, n_h), dtype)
    Q_gh_T[...] = Q_gh.transpose(0, 2, 1)
    z_at = list(z)
    ghqk_arg_at = list(ghqk_arg[:2].swapaxes(0, 1))
    h_at = list(h)
    h_arg_at = list(ghqk_arg[1])
    g_at = list(g)
    g_arg_at = list(ghqk_arg[0])
    half = np.array(0.5, dtype)
    u_at = list(u)
    one = np.array(1, dtype)
    ghqk_arg_at2 = list(ghqk_arg[2:].swapaxes(0, 1))
    k_at = list(k)
    k_arg_at = list(ghqk_arg[3])
    q_at = list(q)
    q_arg_at = list(ghqk_arg[2])
    for t in range(1, T + 1):
        # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
        # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
        np.matmul(z_at[t - 1], R_gh_T, out=tmp1)
        ghqk_arg_at[t - 1] += tmp1
        # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
        np.tanh(h_arg_at[t - 1], out=h_at[t - 1])
        # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
        _sigmoid(g_arg_at[t - 1], out=g_at[t - 1], half=half)
        # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
        np.subtract(one, g_at[t - 1], out=u_at[t - 1])
        u_at[t - 1] *= z_at[t - 1]
        np.multiply(g_at[t - 1], h_at[t - 1], out=tmp2)
        u_at[t - 1] += tmp2
        # q.arg[t] = Q_g @ u[t] + c_g
        # k.arg[t] = Q_h @ u[t] + c_h
        np.matmul(u_at[t - 1], Q_gh_T, out=tmp1)
        ghqk_arg_at2[t - 1] += tmp1
        # k[t] = tanh(Q_h @ u[t] + c_h)
        np.tanh(k_arg_at[t - 1], out=k_at[t - 1])
        # q[t] = sigmoid(Q_g @ u[t] + c_g)
        _sigmoid(q_arg_at[t - 1], out=q_at[t - 1], half=half)
        # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
        np.subtract(one, q_at[t - 1], out=z_at[t])
        z_at[t] *= u_at[t - 1]
        np.multiply(k_at[t - 1], q_at[t - 1], out=tmp2)
        z_at[t] += tmp2
    s = np.empty((T, B, n_w), dtype)
    # s[t] = d + V @ z[t]
    np.matmul(z[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_w))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    yhat = np.empty((T, B, n_w), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    if y is not None:
        tmp_4_0 = np.empty((T, B), dtype)
        rows = np.arange(T * B).reshape(T, B)
        flat = np.empty((T, B), np.intp)
        # loss = sum(-log(yhat[t, y[t]]), t)
        _look_up(s, y, rows, flat, out=tmp_4_0)
        np.subtract(yhat_lse, tmp_4_0, out=tmp_4_0)
        loss = tmp_4_0.sum()
    else:
        loss = None

    if single:
        x = x[:, 0]
        h = h[:, 0]
        g = g[:, 0]
        u = u[:, 0]
        k = k[:, 0]
        q = q[:, 0]
        z = z[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(x=x, h=h, g=g, u=u, k=k, q=q, z=z, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    z0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    w          (T, B)    0..n_w - 1  the word that is read at each step
    y          (T, B)    0..n_w - 1  the word to predict at each step
    z0         (B, n_h)  real        z[0]; 0 where not given
    workspace            Workspace   its arrays are used, and hold the results until its next call
    state                State       what an earlier piece left, from last_state or step: the sequence goes on from
                                     there
    lengths    (B,)      1..T        each example's own number of steps, what is given beyond is not read; all where not
                                     given

    Data without the axis B are one example.
    """
    if state is not None:
        (z0,) = _resumed(state, ("z",), (("z0", z0),))
    if lengths is not None:
        return _loss_padded(params, w, y, z0, lengths, workspace)
    params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B = _arguments(params, w, y, z0, whole=True)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, b_g_b_h_c_g_c_h, R_gh, W_gh, Q_gh, x, ghqk_arg, z, h, g, u, k, q, R_gh_T, Q_gh_T,
        z_at, ghqk_arg_at, h_arg_at, g_arg_at, half, one, ghqk_arg_at2, k_arg_at, q_arg_at, s, yhat_lse, largest, rows,
        flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_w, n_x, n_h, B, dtype)
    np.stack((b_g, b_h, c_g, c_h), out=b_g_b_h_c_g_c_h)
    np.stack((R_g, R_h), out=R_gh)
    np.stack((W_g, W_h), out=W_gh)
    np.stack((Q_g, Q_h), out=Q_gh)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h[:, None, None]
    # z[0] = 0
    z[0] = z0
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_gh.transpose(0, 2, 1), out=tmp0.reshape(2, -1, n_h))
    ghqk_arg[:2] += tmp0
    R_gh_T[...] = R_gh.transpose(0, 2, 1)
    Q_gh_T[...] = Q_gh.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
        # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
        np.matmul(z_at[t - 1], R_gh_T, out=tmp1)
        ghqk_arg_at[t - 1] += tmp1
        # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
        np.tanh(h_arg_at[t - 1], out=h)
        # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
        _sigmoid(g_arg_at[t - 1], out=g, half=half)
        # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
        np.subtract(one, g, out=u)
        u *= z_at[t - 1]
        np.multiply(g, h, out=tmp2)
        u += tmp2
        # q.arg[t] = Q_g @ u[t] + c_g
        # k.arg[t] = Q_h @ u[t] + c_h
        np.matmul(u, Q_gh_T, out=tmp1)
        ghqk_arg_at2[t - 1] += tmp1
        # k[t] = tanh(Q_h @ u[t] + c_h)
        np.tanh(k_arg_at[t - 1], out=k)
        # q[t] = sigmoid(Q_g @ u[t] + c_g)
        _sigmoid(q_arg_at[t - 1], out=q, half=half)
        # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
        np.subtract(one, q, out=z_at[t])
        z_at[t] *= u
        np.multiply(k, q, out=tmp2)
        z_at[t] += tmp2
    # s[t] = d + V @ z[t]
    np.matmul(z[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_w))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    z0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w           (T, B)    0..n_w - 1                 the word that is read at each step
    y           (T, B)    0..n_w - 1                 the word to predict at each step
    z0          (B, n_h)  real                       z[0]; 0 where not given
    workspace             Workspace                  its arrays are used, and hold the results until its next call
    state                 State                      what an earlier piece left, from last_state or step: the sequence
                                                     goes on from there
    lengths     (B,)      1..T                       each example's own number of steps, what is given beyond is not
                                                     read; all where not given
    window                whole number >= 1          steps in a window: gradients stay in it, values go on to the next
    checkpoint            True or whole number >= 1  steps in a segment, True for about the root of all: states between
                                                     them are kept, the rest is computed anew; the same gradient up to
                                                     rounding

    Data without the axis B are one example.
    """
    if state is not None:
        (z0,) = _resumed(state, ("z",), (("z0", z0),))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, w, y, z0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, w, y, z0, lengths, wrt, workspace, window)
    params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B = _arguments(params, w, y, z0, whole=True)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params
    wrt = _asked(wrt, ("z0",))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, b_g_b_h_c_g_c_h, R_gh, W_gh, Q_gh, x, ghqk_arg, z, h, g, u, k, q, R_gh_T, Q_gh_T,
        z_at, ghqk_arg_at, h_at, h_arg_at, g_at, g_arg_at, half, u_at, one, ghqk_arg_at2, k_at, k_arg_at, q_at,
        q_arg_at, s, yhat_lse, largest, yhat, rows, flat, tmp5, ds, entries, dd, dV, dz, dghqk_arg, qk_arg_factor,
        gh_arg_factor, du, product, du_at, dz_at, dghqk_arg_at, dghqk_arg_at2, qk_arg_factor_at, gh_arg_factor_at,
        db_g_b_h_c_g_c_h, dQ_gh, dR_gh, dW_gh, dx, product2, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_w, n_x, n_h, B, dtype)
    np.stack((b_g, b_h, c_g, c_h), out=b_g_b_h_c_g_c_h)
    np.stack((R_g, R_h), out=R_gh)
    np.stack((W_g, W_h), out=W_gh)
    np.stack((Q_g, Q_h), out=Q_gh)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h[:, None, None]
    # z[0] = 0
    z[0] = z0
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_gh.transpose(0, 2, 1), out=tmp0.reshape(2, -1, n_h))
    ghqk_arg[:2] += tmp0
    R_gh_T[...] = R_gh.transpose(0, 2, 1)
    Q_gh_T[...] = Q_gh.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
        # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
        np.matmul(z_at[t - 1], R_gh_T, out=tmp1)
        ghqk_arg_at[t - 1] += tmp1
        # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
        np.tanh(h_arg_at[t - 1], out=h_at[t - 1])
        # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
        _sigmoid(g_arg_at[t - 1], out=g_at[t - 1], half=half)
        # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
        np.subtract(one, g_at[t - 1], out=u_at[t - 1])
        u_at[t - 1] *= z_at[t - 1]
        np.multiply(g_at[t - 1], h_at[t - 1], out=tmp2)
        u_at[t - 1] += tmp2
        # q.arg[t] = Q_g @ u[t] + c_g
        # k.arg[t] = Q_h @ u[t] + c_h
        np.matmul(u_at[t - 1], Q_gh_T, out=tmp1)
        ghqk_arg_at2[t - 1] += tmp1
        # k[t] = tanh(Q_h @ u[t] + c_h)
        np.tanh(k_arg_at[t - 1], out=k_at[t - 1])
        # q[t] = sigmoid(Q_g @ u[t] + c_g)
        _sigmoid(q_arg_at[t - 1], out=q_at[t - 1], half=half)
        # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
        np.subtract(one, q_at[t - 1], out=z_at[t])
        z_at[t] *= u_at[t - 1]
        np.multiply(k_at[t - 1], q_at[t - 1], out=tmp2)
        z_at[t] += tmp2
    # s[t] = d + V @ z[t]
    np.matmul(z[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_w))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()
    # grad(s[t]) = yhat[t] - onehot(y[t])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), z[t]), t)
    np.matmul(ds.reshape(-1, n_w).T, z[1:].reshape(-1, n_h), out=dV)
    # grad(z[t]) = R_h.T @ grad(h.arg[t+1]) + R_g.T @ grad(g.arg[t+1]) + (1 - g[t+1]) * grad(u[t+1]) + V.T
    #     @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_w), V, out=dz[1:].reshape(-1, n_h))
    # q.arg.factor[t] = (k[t] - u[t]) * q[t] * (1 - q[t])
    np.subtract(k, u, out=tmp5)
    np.subtract(1, q, out=qk_arg_factor[0])
    qk_arg_factor[0] *= tmp5
    qk_arg_factor[0] *= q
    # k.arg.factor[t] = q[t] * (1 - k[t]**2)
    np.square(k, out=qk_arg_factor[1])
    np.subtract(1, qk_arg_factor[1], out=qk_arg_factor[1])
    qk_arg_factor[1] *= q
    # g.arg.factor[t] = (h[t] - z[t-1]) * g[t] * (1 - g[t])
    np.subtract(h, z[:T], out=tmp5)
    np.subtract(1, g, out=gh_arg_factor[0])
    gh_arg_factor[0] *= tmp5
    gh_arg_factor[0] *= g
    # h.arg.factor[t] = g[t] * (1 - h[t]**2)
    np.square(h, out=gh_arg_factor[1])
    np.subtract(1, gh_arg_factor[1], out=gh_arg_factor[1])
    gh_arg_factor[1] *= g
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    np.subtract(1, q[T - 1], out=du[T - 1])
    du[T - 1] *= dz[T]
    # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
    # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
    np.multiply(qk_arg_factor[:, T - 1], dz[T], out=dghqk_arg[2:, T - 1])
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    np.matmul(dghqk_arg[2:, T - 1], Q_gh, out=product)
    np.add.reduce(product, axis=0, out=tmp2)
    du[T - 1] += tmp2
    # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(gh_arg_factor[:, T - 1], du[T - 1], out=dghqk_arg[:2, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(z[t]) = R_h.T @ grad(h.arg[t+1]) + R_g.T @ grad(g.arg[t+1]) + (1 - g[t+1]) * grad(u[t+1]) + V.T
        #     @ grad(s[t]), t < T
        np.subtract(one, g_at[t], out=tmp2)
        tmp2 *= du_at[t]
        dz_at[t] += tmp2
        np.matmul(dghqk_arg_at[t], R_gh, out=product)
        np.add.reduce(product, axis=0, out=tmp2)
        dz_at[t] += tmp2
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        np.subtract(one, q_at[t - 1], out=du_at[t - 1])
        du_at[t - 1] *= dz_at[t]
        # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
        # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
        np.multiply(qk_arg_factor_at[t - 1], dz_at[t], out=dghqk_arg_at2[t - 1])
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        np.matmul(dghqk_arg_at2[t - 1], Q_gh, out=product)
        np.add.reduce(product, axis=0, out=tmp2)
        du_at[t - 1] += tmp2
        # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(gh_arg_factor_at[t - 1], du_at[t - 1], out=dghqk_arg_at[t - 1])
    # grad(b_g) = sum(grad(g.arg[t]), t)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(c_g) = sum(grad(q.arg[t]), t)
    # grad(c_h) = sum(grad(k.arg[t]), t)
    np.add.reduce(dghqk_arg, axis=(1, 2), out=db_g_b_h_c_g_c_h)
    # grad(Q_g) = sum(outer(grad(q.arg[t]), u[t]), t)
    # grad(Q_h) = sum(outer(grad(k.arg[t]), u[t]), t)
    np.matmul(dghqk_arg[2:].reshape(2, -1, n_h).transpose(0, 2, 1), u.reshape(-1, n_h), out=dQ_gh)
    # grad(R_g) = sum(outer(grad(g.arg[t]), z[t-1]), t)
    # grad(R_h) = sum(outer(grad(h.arg[t]), z[t-1]), t)
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h).transpose(0, 2, 1), z[:T].reshape(-1, n_h), out=dR_gh)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    # grad(W_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_gh)
    # grad(x[t]) = W_h.T @ grad(h.arg[t]) + W_g.T @ grad(g.arg[t])
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h), W_gh, out=product2)
    np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "z0" in wrt:
        tmp_6_0 = np.empty((B, n_h), dtype)
        # grad(z[0]) = R_h.T @ grad(h.arg[1]) + R_g.T @ grad(g.arg[1]) + (1 - g[1]) * grad(u[1])
        np.subtract(1, g[0], out=dz[0])
        dz[0] *= du[0]
        np.matmul(dghqk_arg[:2, 0], R_gh, out=product)
        np.add.reduce(product, axis=0, out=tmp_6_0)
        dz[0] += tmp_6_0
        dz0 = np.empty((B, n_h), dtype)
        # grad(z.0) = grad(z[0])
        dz0[...] = dz[0]
    db_g = db_g_b_h_c_g_c_h[0]
    db_h = db_g_b_h_c_g_c_h[1]
    dc_g = db_g_b_h_c_g_c_h[2]
    dc_h = db_g_b_h_c_g_c_h[3]
    dQ_g = dQ_gh[0]
    dQ_h = dQ_gh[1]
    dR_g = dR_gh[0]
    dR_h = dR_gh[1]
    dW_g = dW_gh[0]
    dW_h = dW_gh[1]

    gradient = Params(
        E=dE,
        W_h=dW_h,
        W_g=dW_g,
        R_h=dR_h,
        R_g=dR_g,
        Q_h=dQ_h,
        Q_g=dQ_g,
        b_h=db_h,
        c_h=dc_h,
        b_g=db_g,
        c_g=dc_g,
        V=dV,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "z0" in wrt:
        result["z0"] = dz0[0] if single else dz0
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    w: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    w        (T, B)  0..n_w - 1         the word that is read at each step
    y        (T, B)  0..n_w - 1         the word to predict at each step
    lengths  (B,)    1..T               each example's own number of steps, what is given beyond is not read; all where
                                        not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, w, y, lengths, window)
    (
        params, w, y, x, h, g, u, k, q, z, yhat, dtype, single, n_w, n_x, n_h, T, B,
    ) = _backward_arguments(params, forward, w, y)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params

    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    Q_gh = np.stack((Q_g, Q_h))
    R_gh = np.stack((R_g, R_h))
    W_gh = np.stack((W_g, W_h))
    ds = np.empty((T, B, n_w), dtype)
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds[...] = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(ds, y, rows, flat, entries, -1)
    dd = np.empty((n_w,), dtype)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    dV = np.empty((n_w, n_h), dtype)
    # grad(V) = sum(outer(grad(s[t]), z[t]), t)
    np.matmul(ds.reshape(-1, n_w).T, z[1:].reshape(-1, n_h), out=dV)
    dz = np.empty((T, B, n_h), dtype)
    # grad(z[t]) = R_h.T @ grad(h.arg[t+1]) + R_g.T @ grad(g.arg[t+1]) + (1 - g[t+1]) * grad(u[t+1]) + V.T
    #     @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_w), V, out=dz.reshape(-1, n_h))
    qk_arg_factor = np.empty((2, T, B, n_h), dtype)
    # q.arg.factor[t] = (k[t] - u[t]) * q[t] * (1 - q[t])
    np.subtract(k, u, out=tmp0)
    np.subtract(1, q, out=qk_arg_factor[0])
    qk_arg_factor[0] *= tmp0
    qk_arg_factor[0] *= q
    # k.arg.factor[t] = q[t] * (1 - k[t]**2)
    np.square(k, out=qk_arg_factor[1])
    np.subtract(1, qk_arg_factor[1], out=qk_arg_factor[1])
    qk_arg_factor[1] *= q
    gh_arg_factor = np.empty((2, T, B, n_h), dtype)
    # g.arg.factor[t] = (h[t] - z[t-1]) * g[t] * (1 - g[t])
    np.subtract(h, z[:T], out=tmp0)
    np.subtract(1, g, out=gh_arg_factor[0])
    gh_arg_factor[0] *= tmp0
    gh_arg_factor[0] *= g
    # h.arg.factor[t] = g[t] * (1 - h[t]**2)
    np.square(h, out=gh_arg_factor[1])
    np.subtract(1, gh_arg_factor[1], out=gh_arg_factor[1])
    gh_arg_factor[1] *= g
    du = np.empty((T, B, n_h), dtype)
    dghqk_arg = np.empty((4, T, B, n_h), dtype)
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    np.subtract(1, q[T - 1], out=du[T - 1])
    du[T - 1] *= dz[T - 1]
    # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
    # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
    np.multiply(qk_arg_factor[:, T - 1], dz[T - 1], out=dghqk_arg[2:, T - 1])
    product = np.empty((2, B, n_h), dtype)
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    np.matmul(dghqk_arg[2:, T - 1], Q_gh, out=product)
    np.add.reduce(product, axis=0, out=tmp1)
    du[T - 1] += tmp1
    # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(gh_arg_factor[:, T - 1], du[T - 1], out=dghqk_arg[:2, T - 1])
    one = np.array(1, dtype)
    du_at = list(du)
    dz_at = list(dz)
    dghqk_arg_at = list(dghqk_arg[:2].swapaxes(0, 1))
    dghqk_arg_at2 = list(dghqk_arg[2:].swapaxes(0, 1))
    qk_arg_factor_at = list(qk_arg_factor.swapaxes(0, 1))
    gh_arg_factor_at = list(gh_arg_factor.swapaxes(0, 1))
    for t in range(T - 1, 0, -1):
        # grad(z[t]) = R_h.T @ grad(h.arg[t+1]) + R_g.T @ grad(g.arg[t+1]) + (1 - g[t+1]) * grad(u[t+1]) + V.T
        #     @ grad(s[t]), t < T
        np.subtract(one, g[t], out=tmp1)
        tmp1 *= du_at[t]
        dz_at[t - 1] += tmp1
        np.matmul(dghqk_arg_at[t], R_gh, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        dz_at[t - 1] += tmp1
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        np.subtract(one, q[t - 1], out=du_at[t - 1])
        du_at[t - 1] *= dz_at[t - 1]
        # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
        # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
        np.multiply(qk_arg_factor_at[t - 1], dz_at[t - 1], out=dghqk_arg_at2[t - 1])
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        np.matmul(dghqk_arg_at2[t - 1], Q_gh, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        du_at[t - 1] += tmp1
        # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(gh_arg_factor_at[t - 1], du_at[t - 1], out=dghqk_arg_at[t - 1])
    db_g_b_h_c_g_c_h = np.empty((4, n_h), dtype)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(c_g) = sum(grad(q.arg[t]), t)
    # grad(c_h) = sum(grad(k.arg[t]), t)
    np.add.reduce(dghqk_arg, axis=(1, 2), out=db_g_b_h_c_g_c_h)
    dQ_gh = np.empty((2, n_h, n_h), dtype)
    # grad(Q_g) = sum(outer(grad(q.arg[t]), u[t]), t)
    # grad(Q_h) = sum(outer(grad(k.arg[t]), u[t]), t)
    np.matmul(dghqk_arg[2:].reshape(2, -1, n_h).transpose(0, 2, 1), u.reshape(-1, n_h), out=dQ_gh)
    dR_gh = np.empty((2, n_h, n_h), dtype)
    # grad(R_g) = sum(outer(grad(g.arg[t]), z[t-1]), t)
    # grad(R_h) = sum(outer(grad(h.arg[t]), z[t-1]), t)
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h).transpose(0, 2, 1), z[:T].reshape(-1, n_h), out=dR_gh)
    dW_gh = np.empty((2, n_h, n_x), dtype)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    # grad(W_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_gh)
    dx = np.empty((T, B, n_x), dtype)
    product2 = np.empty((2, T * B, n_x), dtype)
    # grad(x[t]) = W_h.T @ grad(h.arg[t]) + W_g.T @ grad(g.arg[t])
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h), W_gh, out=product2)
    np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    db_g = db_g_b_h_c_g_c_h[0]
    db_h = db_g_b_h_c_g_c_h[1]
    dc_g = db_g_b_h_c_g_c_h[2]
    dc_h = db_g_b_h_c_g_c_h[3]
    dQ_g = dQ_gh[0]
    dQ_h = dQ_gh[1]
    dR_g = dR_gh[0]
    dR_h = dR_gh[1]
    dW_g = dW_gh[0]
    dW_h = dW_gh[1]

    return Params(
        E=dE,
        W_h=dW_h,
        W_g=dW_g,
        R_h=dR_h,
        R_g=dR_g,
        Q_h=dQ_h,
        Q_g=dQ_g,
        b_h=db_h,
        c_h=dc_h,
        b_g=db_g,
        c_g=dc_g,
        V=dV,
        d=dd,
    )


def init_state(params: Params, *, z0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    z0  (B, n_h)  real  z[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, z0, dtype, single, n_w, n_x, n_h, B = _initial_arguments(params, z0, batch)

    # z[0] = 0
    z_prev = z0.copy()

    if single:
        z_prev = z_prev[0]
    return State(z=z_prev)


def step(params: Params, state: State, *, w: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    w  (B)  0..n_w - 1  the word that is read at each step

    Data without the axis B are one example.
    """
    params, w, z_prev, dtype, single, n_w, n_x, n_h, B = _step_arguments(params, state, w)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params

    b_g_b_h_c_g_c_h = np.stack((b_g, b_h, c_g, c_h))
    R_gh = np.stack((R_g, R_h))
    W_gh = np.stack((W_g, W_h))
    Q_gh = np.stack((Q_g, Q_h))
    # x[t] = E[w[t]]
    x = E[w]
    ghqk_arg = np.empty((4, B, n_h), dtype)
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h[:, None]
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    ghqk_arg[:2] += z_prev @ R_gh.transpose(0, 2, 1)
    ghqk_arg[:2] += x @ W_gh.transpose(0, 2, 1)
    # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
    h = np.tanh(ghqk_arg[1])
    # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
    g = _sigmoid(ghqk_arg[0])
    # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
    u = z_prev * (1 - g)
    u += g * h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[2:] += u @ Q_gh.transpose(0, 2, 1)
    # k[t] = tanh(Q_h @ u[t] + c_h)
    k = np.tanh(ghqk_arg[3])
    # q[t] = sigmoid(Q_g @ u[t] + c_g)
    q = _sigmoid(ghqk_arg[2])
    # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
    z = u * (1 - q)
    z += k * q
    # s[t] = d + V @ z[t]
    s = z @ V.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])

    if single:
        z = z[0]
        x = x[0]
        h = h[0]
        g = g[0]
        u = u[0]
        k = k[0]
        q = q[0]
        s = s[0]
        yhat = yhat[0]
    result = State(z=z)
    return result, Outputs(x=x, h=h, g=g, u=u, k=k, q=q, z=z, s=s, yhat=yhat)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.z.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.z.ndim < 3 else forward.z.shape[1], forward.z.ndim < 3, 1
    )
    return State(z=_last(forward.z, 0, 1, 1, lengths))


def _forward_padded(params, w, y, z0, lengths):
    """`forward` where examples have their own lengths."""
    params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B, len_T, T_own = _padded_arguments(params, w, y, z0, lengths)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params

    tmp0 = np.empty((2, T, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((T, B, n_w), dtype)
    b_g_b_h_c_g_c_h = np.stack((b_g, b_h, c_g, c_h))
    R_gh = np.stack((R_g, R_h))
    W_gh = np.stack((W_g, W_h))
    Q_gh = np.stack((Q_g, Q_h))
    x = np.empty((T, B, n_x), dtype)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    ghqk_arg = np.empty((4, T, B, n_h), dtype)
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h[:, None, None]
    z = np.empty((T + 1, B, n_h), dtype)
    # z[0] = 0
    z[0] = z0
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_gh.transpose(0, 2, 1), out=tmp0.reshape(2, -1, n_h))
    ghqk_arg[:2] += tmp0
    h = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    u = np.empty((T, B, n_h), dtype)
    k = np.empty((T, B, n_h), dtype)
    q = np.empty((T, B, n_h), dtype)
    R_gh_T = np.empty((2, n_h, n_h), dtype)
    R_gh_T[...] = R_gh.transpose(0, 2, 1)
    Q_gh_T = np.empty((2, n_h, n_h), dtype)
    Q_gh_T[...] = Q_gh.transpose(0, 2, 1)
    z_at = list(z)
    ghqk_arg_at = list(ghqk_arg[:2].swapaxes(0, 1))
    h_at = list(h)
    h_arg_at = list(ghqk_arg[1])
    g_at = list(g)
    g_arg_at = list(ghqk_arg[0])
    half = np.array(0.5, dtype)
    u_at = list(u)
    one = np.array(1, dtype)
    ghqk_arg_at2 = list(ghqk_arg[2:].swapaxes(0, 1))
    k_at = list(k)
    k_arg_at = list(ghqk_arg[3])
    q_at = list(q)
    q_arg_at = list(ghqk_arg[2])
    for t in range(1, T + 1):
        # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
        # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
        np.matmul(z_at[t - 1], R_gh_T, out=tmp1)
        ghqk_arg_at[t - 1] += tmp1
        # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
        np.tanh(h_arg_at[t - 1], out=h_at[t - 1])
        # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
        _sigmoid(g_arg_at[t - 1], out=g_at[t - 1], half=half)
        # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
        np.subtract(one, g_at[t - 1], out=u_at[t - 1])
        u_at[t - 1] *= z_at[t - 1]
        np.multiply(g_at[t - 1], h_at[t - 1], out=tmp2)
        u_at[t - 1] += tmp2
        # q.arg[t] = Q_g @ u[t] + c_g
        # k.arg[t] = Q_h @ u[t] + c_h
        np.matmul(u_at[t - 1], Q_gh_T, out=tmp1)
        ghqk_arg_at2[t - 1] += tmp1
        # k[t] = tanh(Q_h @ u[t] + c_h)
        np.tanh(k_arg_at[t - 1], out=k_at[t - 1])
        # q[t] = sigmoid(Q_g @ u[t] + c_g)
        _sigmoid(q_arg_at[t - 1], out=q_at[t - 1], half=half)
        # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
        np.multiply(k_at[t - 1], q_at[t - 1], out=tmp3)
        np.subtract(one, q_at[t - 1], out=tmp2)
        tmp2 *= u_at[t - 1]
        tmp2 += tmp3
        z[t] = np.where((t <= T_own)[:, None], tmp2, z[t - 1])
    s = np.empty((T, B, n_w), dtype)
    # s[t] = d + V @ z[t]
    np.matmul(z[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_w))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp4, largest=largest)
    yhat = np.empty((T, B, n_w), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp4)
    np.exp(tmp4, out=yhat)
    if y is not None:
        tmp_5_0 = np.empty((B, T), dtype)
        tmp_5_1 = np.empty((B, T), dtype)
        tmp_5_2 = np.empty((B, T), dtype)
        # loss = sum(-log(yhat[t, y[t]]), t)
        tmp_5_1[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
        tmp_5_2[...] = s[np.arange(T)[:, None], np.arange(B), y].T
        tmp_5_0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp_5_2, 0)
        np.subtract(tmp_5_1, tmp_5_0, out=tmp_5_0)
        loss = tmp_5_0.sum()
    else:
        loss = None

    if single:
        x = x[:, 0]
        h = h[:, 0]
        g = g[:, 0]
        u = u[:, 0]
        k = k[:, 0]
        q = q[:, 0]
        z = z[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(x=x, h=h, g=g, u=u, k=k, q=q, z=z, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, w, y, z0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, z0, lengths, whole=True)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, b_g_b_h_c_g_c_h, R_gh, W_gh, Q_gh, x, ghqk_arg, z, h, g, u, k,
        q, R_gh_T, Q_gh_T, z_at, ghqk_arg_at, h_arg_at, g_arg_at, half, one, ghqk_arg_at2, k_arg_at, q_arg_at, s,
        yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_w, n_x, n_h, B, dtype)
    np.stack((b_g, b_h, c_g, c_h), out=b_g_b_h_c_g_c_h)
    np.stack((R_g, R_h), out=R_gh)
    np.stack((W_g, W_h), out=W_gh)
    np.stack((Q_g, Q_h), out=Q_gh)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h[:, None, None]
    # z[0] = 0
    z[0] = z0
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_gh.transpose(0, 2, 1), out=tmp0.reshape(2, -1, n_h))
    ghqk_arg[:2] += tmp0
    R_gh_T[...] = R_gh.transpose(0, 2, 1)
    Q_gh_T[...] = Q_gh.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
        # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
        np.matmul(z_at[t - 1], R_gh_T, out=tmp1)
        ghqk_arg_at[t - 1] += tmp1
        # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
        np.tanh(h_arg_at[t - 1], out=h)
        # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
        _sigmoid(g_arg_at[t - 1], out=g, half=half)
        # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
        np.subtract(one, g, out=u)
        u *= z_at[t - 1]
        np.multiply(g, h, out=tmp2)
        u += tmp2
        # q.arg[t] = Q_g @ u[t] + c_g
        # k.arg[t] = Q_h @ u[t] + c_h
        np.matmul(u, Q_gh_T, out=tmp1)
        ghqk_arg_at2[t - 1] += tmp1
        # k[t] = tanh(Q_h @ u[t] + c_h)
        np.tanh(k_arg_at[t - 1], out=k)
        # q[t] = sigmoid(Q_g @ u[t] + c_g)
        _sigmoid(q_arg_at[t - 1], out=q, half=half)
        # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
        np.multiply(k, q, out=tmp3)
        np.subtract(one, q, out=tmp2)
        tmp2 *= u
        tmp2 += tmp3
        z[t] = np.where((t <= T_own)[:, None], tmp2, z[t - 1])
    # s[t] = d + V @ z[t]
    np.matmul(z[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_w))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp4, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp6[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp7[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp7, 0)
    np.subtract(tmp6, tmp5, out=tmp5)
    loss = tmp5.sum()

    return float(loss)


def _loss_and_grad_padded(params, w, y, z0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B, len_T, T_own,
    ) = _padded_arguments(params, w, y, z0, lengths, whole=True)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params
    wrt = _asked(wrt, ("z0",))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, b_g_b_h_c_g_c_h, R_gh, W_gh, Q_gh, x, ghqk_arg, z, h, g, u, k,
        q, R_gh_T, Q_gh_T, z_at, ghqk_arg_at, h_at, h_arg_at, g_at, g_arg_at, half, u_at, one, ghqk_arg_at2, k_at,
        k_arg_at, q_at, q_arg_at, s, yhat_lse, largest, yhat, tmp8, tmp12, tmp9, tmp10, tmp11, tmp13, ds, rows, flat,
        entries, dd, dV, z_factor, dz, dghqk_arg, qk_arg_factor, gh_arg_factor, du, product, du_at, z_factor_at, dz_at,
        dghqk_arg_at, dghqk_arg_at2, qk_arg_factor_at, gh_arg_factor_at, db_g_b_h_c_g_c_h, dQ_gh, dR_gh, dW_gh, dx,
        product2, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_w, n_x, n_h, B, dtype)
    np.stack((b_g, b_h, c_g, c_h), out=b_g_b_h_c_g_c_h)
    np.stack((R_g, R_h), out=R_gh)
    np.stack((W_g, W_h), out=W_gh)
    np.stack((Q_g, Q_h), out=Q_gh)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h[:, None, None]
    # z[0] = 0
    z[0] = z0
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_gh.transpose(0, 2, 1), out=tmp0.reshape(2, -1, n_h))
    ghqk_arg[:2] += tmp0
    R_gh_T[...] = R_gh.transpose(0, 2, 1)
    Q_gh_T[...] = Q_gh.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
        # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
        np.matmul(z_at[t - 1], R_gh_T, out=tmp1)
        ghqk_arg_at[t - 1] += tmp1
        # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
        np.tanh(h_arg_at[t - 1], out=h_at[t - 1])
        # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
        _sigmoid(g_arg_at[t - 1], out=g_at[t - 1], half=half)
        # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
        np.subtract(one, g_at[t - 1], out=u_at[t - 1])
        u_at[t - 1] *= z_at[t - 1]
        np.multiply(g_at[t - 1], h_at[t - 1], out=tmp2)
        u_at[t - 1] += tmp2
        # q.arg[t] = Q_g @ u[t] + c_g
        # k.arg[t] = Q_h @ u[t] + c_h
        np.matmul(u_at[t - 1], Q_gh_T, out=tmp1)
        ghqk_arg_at2[t - 1] += tmp1
        # k[t] = tanh(Q_h @ u[t] + c_h)
        np.tanh(k_arg_at[t - 1], out=k_at[t - 1])
        # q[t] = sigmoid(Q_g @ u[t] + c_g)
        _sigmoid(q_arg_at[t - 1], out=q_at[t - 1], half=half)
        # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
        np.multiply(k_at[t - 1], q_at[t - 1], out=tmp3)
        np.subtract(one, q_at[t - 1], out=tmp2)
        tmp2 *= u_at[t - 1]
        tmp2 += tmp3
        z[t] = np.where((t <= T_own)[:, None], tmp2, z[t - 1])
    # s[t] = d + V @ z[t]
    np.matmul(z[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_w))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp4, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp4)
    np.exp(tmp4, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp6[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp7[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp7, 0)
    np.subtract(tmp6, tmp5, out=tmp5)
    loss = tmp5.sum()
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp8[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp8[:, :, None], yhat, out=ds)
    tmp8[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp8, out=tmp8)
    _add_to(ds, y, rows, flat, entries, tmp8)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), z[t]), t)
    np.matmul(ds.reshape(-1, n_w).T, z[1:].reshape(-1, n_h), out=dV)
    # z.factor[t] = same_window(t - 1, maximum(t - 2, 0), window.T) * (1 - g[t])
    np.add(np.arange(2, T + 1, dtype=dtype), -1, out=tmp10)
    np.add(np.arange(2, T + 1, dtype=dtype), -2, out=tmp12)
    np.maximum(tmp12, 0, out=tmp11)
    tmp9[...] = tmp10 // window_T == tmp11 // window_T
    np.subtract(1, g[1:], out=z_factor)
    z_factor *= tmp9[:, None, None]
    # grad(z[t]) = same_window(t, maximum(t - 1, 0), window.T) * (R_h.T @ grad(h.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (R_g.T @ grad(g.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (1 - g[t+1]) * grad(u[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_w), V, out=dz[1:].reshape(-1, n_h))
    # q.arg.factor[t] = (k[t] - u[t]) * q[t] * (1 - q[t])
    np.subtract(k, u, out=tmp13)
    np.subtract(1, q, out=qk_arg_factor[0])
    qk_arg_factor[0] *= tmp13
    qk_arg_factor[0] *= q
    # k.arg.factor[t] = q[t] * (1 - k[t]**2)
    np.square(k, out=qk_arg_factor[1])
    np.subtract(1, qk_arg_factor[1], out=qk_arg_factor[1])
    qk_arg_factor[1] *= q
    # g.arg.factor[t] = (h[t] - z[t-1]) * g[t] * (1 - g[t])
    np.subtract(h, z[:T], out=tmp13)
    np.subtract(1, g, out=gh_arg_factor[0])
    gh_arg_factor[0] *= tmp13
    gh_arg_factor[0] *= g
    # h.arg.factor[t] = g[t] * (1 - h[t]**2)
    np.square(h, out=gh_arg_factor[1])
    np.subtract(1, gh_arg_factor[1], out=gh_arg_factor[1])
    gh_arg_factor[1] *= g
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    np.subtract(1, q[T - 1], out=du[T - 1])
    du[T - 1] *= dz[T]
    # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
    # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
    np.multiply(qk_arg_factor[:, T - 1], dz[T], out=dghqk_arg[2:, T - 1])
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    np.matmul(dghqk_arg[2:, T - 1], Q_gh, out=product)
    np.add.reduce(product, axis=0, out=tmp2)
    du[T - 1] += tmp2
    # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(gh_arg_factor[:, T - 1], du[T - 1], out=dghqk_arg[:2, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(z[t]) = same_window(t, maximum(t - 1, 0), window.T) * (R_h.T @ grad(h.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (R_g.T @ grad(g.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (1 - g[t+1]) * grad(u[t+1]) + V.T @ grad(s[t]), t < T
        np.multiply(du_at[t], z_factor_at[t - 1], out=tmp2)
        dz_at[t] += tmp2
        np.matmul(dghqk_arg_at[t], R_gh, out=product)
        np.add.reduce(product, axis=0, out=tmp2)
        tmp2 *= t // window_T == max(t - 1, 0) // window_T
        dz_at[t] += tmp2
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        np.subtract(one, q_at[t - 1], out=du_at[t - 1])
        du_at[t - 1] *= dz_at[t]
        # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
        # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
        np.multiply(qk_arg_factor_at[t - 1], dz_at[t], out=dghqk_arg_at2[t - 1])
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        np.matmul(dghqk_arg_at2[t - 1], Q_gh, out=product)
        np.add.reduce(product, axis=0, out=tmp2)
        du_at[t - 1] += tmp2
        # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(gh_arg_factor_at[t - 1], du_at[t - 1], out=dghqk_arg_at[t - 1])
    # grad(b_g) = sum(grad(g.arg[t]), t)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(c_g) = sum(grad(q.arg[t]), t)
    # grad(c_h) = sum(grad(k.arg[t]), t)
    np.add.reduce(dghqk_arg, axis=(1, 2), out=db_g_b_h_c_g_c_h)
    # grad(Q_g) = sum(outer(grad(q.arg[t]), u[t]), t)
    # grad(Q_h) = sum(outer(grad(k.arg[t]), u[t]), t)
    np.matmul(dghqk_arg[2:].reshape(2, -1, n_h).transpose(0, 2, 1), u.reshape(-1, n_h), out=dQ_gh)
    # grad(R_g) = sum(outer(grad(g.arg[t]), z[t-1]), t)
    # grad(R_h) = sum(outer(grad(h.arg[t]), z[t-1]), t)
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h).transpose(0, 2, 1), z[:T].reshape(-1, n_h), out=dR_gh)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    # grad(W_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_gh)
    # grad(x[t]) = W_h.T @ grad(h.arg[t]) + W_g.T @ grad(g.arg[t])
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h), W_gh, out=product2)
    np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    if "z0" in wrt:
        tmp_14_0 = np.empty((B, n_h), dtype)
        # grad(z[0]) = R_h.T @ grad(h.arg[1]) + R_g.T @ grad(g.arg[1]) + (1 - g[1]) * grad(u[1])
        np.subtract(1, g[0], out=dz[0])
        dz[0] *= du[0]
        np.matmul(dghqk_arg[:2, 0], R_gh, out=product)
        np.add.reduce(product, axis=0, out=tmp_14_0)
        dz[0] += tmp_14_0
        dz0 = np.empty((B, n_h), dtype)
        # grad(z.0) = grad(z[0])
        dz0[...] = dz[0]
    db_g = db_g_b_h_c_g_c_h[0]
    db_h = db_g_b_h_c_g_c_h[1]
    dc_g = db_g_b_h_c_g_c_h[2]
    dc_h = db_g_b_h_c_g_c_h[3]
    dQ_g = dQ_gh[0]
    dQ_h = dQ_gh[1]
    dR_g = dR_gh[0]
    dR_h = dR_gh[1]
    dW_g = dW_gh[0]
    dW_h = dW_gh[1]

    gradient = Params(
        E=dE,
        W_h=dW_h,
        W_g=dW_g,
        R_h=dR_h,
        R_g=dR_g,
        Q_h=dQ_h,
        Q_g=dQ_g,
        b_h=db_h,
        c_h=dc_h,
        b_g=db_g,
        c_g=dc_g,
        V=dV,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "z0" in wrt:
        result["z0"] = dz0[0] if single else dz0
    return float(loss), gradient, result


def _backward_padded(params, forward, w, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, x, h, g, u, k, q, z, yhat, dtype, single, n_w, n_x, n_h, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, w, y, lengths)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params
    window_T = _window(window, "T", ("T",), T)

    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((T - 1,), dtype)
    tmp2 = np.empty((T - 1,), dtype)
    tmp3 = np.empty((T - 1,), dtype)
    tmp4 = np.empty((T - 1,), dtype)
    tmp5 = np.empty((T, B, n_h), dtype)
    tmp6 = np.empty((B, n_h), dtype)
    Q_gh = np.stack((Q_g, Q_h))
    R_gh = np.stack((R_g, R_h))
    W_gh = np.stack((W_g, W_h))
    ds = np.empty((T, B, n_w), dtype)
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp0[:, :, None], yhat, out=ds)
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp0, out=tmp0)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(ds, y, rows, flat, entries, tmp0)
    dd = np.empty((n_w,), dtype)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    dV = np.empty((n_w, n_h), dtype)
    # grad(V) = sum(outer(grad(s[t]), z[t]), t)
    np.matmul(ds.reshape(-1, n_w).T, z[1:].reshape(-1, n_h), out=dV)
    dz = np.empty((T, B, n_h), dtype)
    # grad(z[t]) = same_window(t, maximum(t - 1, 0), window.T) * (R_h.T @ grad(h.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (R_g.T @ grad(g.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (1 - g[t+1]) * grad(u[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_w), V, out=dz.reshape(-1, n_h))
    z_factor = np.empty((T - 1, B, n_h), dtype)
    # z.factor[t] = same_window(t - 1, maximum(t - 2, 0), window.T) * (1 - g[t])
    np.add(np.arange(2, T + 1, dtype=dtype), -1, out=tmp2)
    np.add(np.arange(2, T + 1, dtype=dtype), -2, out=tmp4)
    np.maximum(tmp4, 0, out=tmp3)
    tmp1[...] = tmp2 // window_T == tmp3 // window_T
    np.subtract(1, g[1:], out=z_factor)
    z_factor *= tmp1[:, None, None]
    qk_arg_factor = np.empty((2, T, B, n_h), dtype)
    # q.arg.factor[t] = (k[t] - u[t]) * q[t] * (1 - q[t])
    np.subtract(k, u, out=tmp5)
    np.subtract(1, q, out=qk_arg_factor[0])
    qk_arg_factor[0] *= tmp5
    qk_arg_factor[0] *= q
    # k.arg.factor[t] = q[t] * (1 - k[t]**2)
    np.square(k, out=qk_arg_factor[1])
    np.subtract(1, qk_arg_factor[1], out=qk_arg_factor[1])
    qk_arg_factor[1] *= q
    gh_arg_factor = np.empty((2, T, B, n_h), dtype)
    # g.arg.factor[t] = (h[t] - z[t-1]) * g[t] * (1 - g[t])
    np.subtract(h, z[:T], out=tmp5)
    np.subtract(1, g, out=gh_arg_factor[0])
    gh_arg_factor[0] *= tmp5
    gh_arg_factor[0] *= g
    # h.arg.factor[t] = g[t] * (1 - h[t]**2)
    np.square(h, out=gh_arg_factor[1])
    np.subtract(1, gh_arg_factor[1], out=gh_arg_factor[1])
    gh_arg_factor[1] *= g
    du = np.empty((T, B, n_h), dtype)
    dghqk_arg = np.empty((4, T, B, n_h), dtype)
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    np.subtract(1, q[T - 1], out=du[T - 1])
    du[T - 1] *= dz[T - 1]
    # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
    # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
    np.multiply(qk_arg_factor[:, T - 1], dz[T - 1], out=dghqk_arg[2:, T - 1])
    product = np.empty((2, B, n_h), dtype)
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    np.matmul(dghqk_arg[2:, T - 1], Q_gh, out=product)
    np.add.reduce(product, axis=0, out=tmp6)
    du[T - 1] += tmp6
    # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(gh_arg_factor[:, T - 1], du[T - 1], out=dghqk_arg[:2, T - 1])
    du_at = list(du)
    z_factor_at = list(z_factor)
    dz_at = list(dz)
    dghqk_arg_at = list(dghqk_arg[:2].swapaxes(0, 1))
    one = np.array(1, dtype)
    dghqk_arg_at2 = list(dghqk_arg[2:].swapaxes(0, 1))
    qk_arg_factor_at = list(qk_arg_factor.swapaxes(0, 1))
    gh_arg_factor_at = list(gh_arg_factor.swapaxes(0, 1))
    for t in range(T - 1, 0, -1):
        # grad(z[t]) = same_window(t, maximum(t - 1, 0), window.T) * (R_h.T @ grad(h.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (R_g.T @ grad(g.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (1 - g[t+1]) * grad(u[t+1]) + V.T @ grad(s[t]), t < T
        np.multiply(du_at[t], z_factor_at[t - 1], out=tmp6)
        dz_at[t - 1] += tmp6
        np.matmul(dghqk_arg_at[t], R_gh, out=product)
        np.add.reduce(product, axis=0, out=tmp6)
        tmp6 *= t // window_T == max(t - 1, 0) // window_T
        dz_at[t - 1] += tmp6
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        np.subtract(one, q[t - 1], out=du_at[t - 1])
        du_at[t - 1] *= dz_at[t - 1]
        # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
        # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
        np.multiply(qk_arg_factor_at[t - 1], dz_at[t - 1], out=dghqk_arg_at2[t - 1])
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        np.matmul(dghqk_arg_at2[t - 1], Q_gh, out=product)
        np.add.reduce(product, axis=0, out=tmp6)
        du_at[t - 1] += tmp6
        # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(gh_arg_factor_at[t - 1], du_at[t - 1], out=dghqk_arg_at[t - 1])
    db_g_b_h_c_g_c_h = np.empty((4, n_h), dtype)
    # grad(b_g) = sum(grad(g.arg[t]), t)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(c_g) = sum(grad(q.arg[t]), t)
    # grad(c_h) = sum(grad(k.arg[t]), t)
    np.add.reduce(dghqk_arg, axis=(1, 2), out=db_g_b_h_c_g_c_h)
    dQ_gh = np.empty((2, n_h, n_h), dtype)
    # grad(Q_g) = sum(outer(grad(q.arg[t]), u[t]), t)
    # grad(Q_h) = sum(outer(grad(k.arg[t]), u[t]), t)
    np.matmul(dghqk_arg[2:].reshape(2, -1, n_h).transpose(0, 2, 1), u.reshape(-1, n_h), out=dQ_gh)
    dR_gh = np.empty((2, n_h, n_h), dtype)
    # grad(R_g) = sum(outer(grad(g.arg[t]), z[t-1]), t)
    # grad(R_h) = sum(outer(grad(h.arg[t]), z[t-1]), t)
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h).transpose(0, 2, 1), z[:T].reshape(-1, n_h), out=dR_gh)
    dW_gh = np.empty((2, n_h, n_x), dtype)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    # grad(W_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_gh)
    dx = np.empty((T, B, n_x), dtype)
    product2 = np.empty((2, T * B, n_x), dtype)
    # grad(x[t]) = W_h.T @ grad(h.arg[t]) + W_g.T @ grad(g.arg[t])
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h), W_gh, out=product2)
    np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    db_g = db_g_b_h_c_g_c_h[0]
    db_h = db_g_b_h_c_g_c_h[1]
    dc_g = db_g_b_h_c_g_c_h[2]
    dc_h = db_g_b_h_c_g_c_h[3]
    dQ_g = dQ_gh[0]
    dQ_h = dQ_gh[1]
    dR_g = dR_gh[0]
    dR_h = dR_gh[1]
    dW_g = dW_gh[0]
    dW_h = dW_gh[1]

    return Params(
        E=dE,
        W_h=dW_h,
        W_g=dW_g,
        R_h=dR_h,
        R_g=dR_g,
        Q_h=dQ_h,
        Q_g=dQ_g,
        b_h=db_h,
        c_h=dc_h,
        b_g=db_g,
        c_g=dc_g,
        V=dV,
        d=dd,
    )


def _loss_and_grad_checkpointed(params, w, y, z0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B = _arguments(params, w, y, z0, whole=True)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params
    wrt = _asked(wrt, ("z0",))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        z0_kept, z_left1, dE, dW_h, dW_g, dR_h, dR_g, dQ_h, dQ_g, db_h, dc_h, db_g, dc_g, dV, dd,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_w, n_x, n_h, B, dtype)
    z0_kept[0] = z0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            w[first:last],
            z0_kept[n],
            last - first,
            n_x,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        (z0_kept[n + 1],) = found
    loss = 0.0
    for total in (z_left1, dE, dW_h, dW_g, dR_h, dR_g, dQ_h, dQ_g, db_h, dc_h, db_g, dc_g, dV, dd):
        total.fill(0)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            z_left1,
            w[first:last],
            y[first:last],
            z0_kept[n],
            last - first,
            n_w,
            n_x,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dz0 = found
        loss += float(loss_part)
        _add_each((dE, dW_h, dW_g, dR_h, dR_g, dQ_h, dQ_g, db_h, dc_h, db_g, dc_g, dV, dd), parts)
        z_left1[...] = dz0

    gradient = Params(
        E=dE,
        W_h=dW_h,
        W_g=dW_g,
        R_h=dR_h,
        R_g=dR_g,
        Q_h=dQ_h,
        Q_g=dQ_g,
        b_h=db_h,
        c_h=dc_h,
        b_g=db_g,
        c_g=dc_g,
        V=dV,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "z0" in wrt:
        result["z0"] = dz0[0] if single else dz0
    return float(loss), gradient, result


def _segment(params, z_left1, w, y, z0, T, n_w, n_x, n_h, B, dtype, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, b_g_b_h_c_g_c_h, R_gh, W_gh, Q_gh, x, ghqk_arg, z, h, g, u, k, q, R_gh_T, Q_gh_T,
        z_at, ghqk_arg_at, h_at, h_arg_at, g_at, g_arg_at, half, u_at, one, ghqk_arg_at2, k_at, k_arg_at, q_at,
        q_arg_at, s, yhat_lse, largest, rows, flat, tmp5, ds, entries, dd, dV, dz, dghqk_arg, qk_arg_factor,
        gh_arg_factor, du, product, du_at, dz_at, dghqk_arg_at, dghqk_arg_at2, qk_arg_factor_at, gh_arg_factor_at,
        db_g_b_h_c_g_c_h, dQ_gh, dR_gh, dW_gh, dx, product2, dz0, dE,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_w, n_x, n_h, B, dtype)
    np.stack((b_g, b_h, c_g, c_h), out=b_g_b_h_c_g_c_h)
    np.stack((R_g, R_h), out=R_gh)
    np.stack((W_g, W_h), out=W_gh)
    np.stack((Q_g, Q_h), out=Q_gh)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h[:, None, None]
    # z[0] = 0
    z[0] = z0
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_gh.transpose(0, 2, 1), out=tmp0.reshape(2, -1, n_h))
    ghqk_arg[:2] += tmp0
    R_gh_T[...] = R_gh.transpose(0, 2, 1)
    Q_gh_T[...] = Q_gh.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
        # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
        np.matmul(z_at[t - 1], R_gh_T, out=tmp1)
        ghqk_arg_at[t - 1] += tmp1
        # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
        np.tanh(h_arg_at[t - 1], out=h_at[t - 1])
        # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
        _sigmoid(g_arg_at[t - 1], out=g_at[t - 1], half=half)
        # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
        np.subtract(one, g_at[t - 1], out=u_at[t - 1])
        u_at[t - 1] *= z_at[t - 1]
        np.multiply(g_at[t - 1], h_at[t - 1], out=tmp2)
        u_at[t - 1] += tmp2
        # q.arg[t] = Q_g @ u[t] + c_g
        # k.arg[t] = Q_h @ u[t] + c_h
        np.matmul(u_at[t - 1], Q_gh_T, out=tmp1)
        ghqk_arg_at2[t - 1] += tmp1
        # k[t] = tanh(Q_h @ u[t] + c_h)
        np.tanh(k_arg_at[t - 1], out=k_at[t - 1])
        # q[t] = sigmoid(Q_g @ u[t] + c_g)
        _sigmoid(q_arg_at[t - 1], out=q_at[t - 1], half=half)
        # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
        np.subtract(one, q_at[t - 1], out=z_at[t])
        z_at[t] *= u_at[t - 1]
        np.multiply(k_at[t - 1], q_at[t - 1], out=tmp2)
        z_at[t] += tmp2
    # s[t] = d + V @ z[t]
    np.matmul(z[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_w))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()
    # grad(s[t]) = softmax(s[t]) - onehot(y[t])
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=ds)
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), z[t]), t)
    np.matmul(ds.reshape(-1, n_w).T, z[1:].reshape(-1, n_h), out=dV)
    # grad(z[t]) = R_h.T @ grad(h.arg[t+1]) + R_g.T @ grad(g.arg[t+1]) + (1 - g[t+1]) * grad(u[t+1]) + V.T
    #     @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_w), V, out=dz[1:].reshape(-1, n_h))
    # q.arg.factor[t] = (k[t] - u[t]) * q[t] * (1 - q[t])
    np.subtract(k, u, out=tmp5)
    np.subtract(1, q, out=qk_arg_factor[0])
    qk_arg_factor[0] *= tmp5
    qk_arg_factor[0] *= q
    # k.arg.factor[t] = q[t] * (1 - k[t]**2)
    np.square(k, out=qk_arg_factor[1])
    np.subtract(1, qk_arg_factor[1], out=qk_arg_factor[1])
    qk_arg_factor[1] *= q
    # g.arg.factor[t] = (h[t] - z[t-1]) * g[t] * (1 - g[t])
    np.subtract(h, z[:T], out=tmp5)
    np.subtract(1, g, out=gh_arg_factor[0])
    gh_arg_factor[0] *= tmp5
    gh_arg_factor[0] *= g
    # h.arg.factor[t] = g[t] * (1 - h[t]**2)
    np.square(h, out=gh_arg_factor[1])
    np.subtract(1, gh_arg_factor[1], out=gh_arg_factor[1])
    gh_arg_factor[1] *= g
    # grad(z[T]) = z.left1 + V.T @ grad(s[T])
    dz[T] += z_left1
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    np.subtract(1, q[T - 1], out=du[T - 1])
    du[T - 1] *= dz[T]
    # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
    # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
    np.multiply(qk_arg_factor[:, T - 1], dz[T], out=dghqk_arg[2:, T - 1])
    # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
    np.matmul(dghqk_arg[2:, T - 1], Q_gh, out=product)
    np.add.reduce(product, axis=0, out=tmp2)
    du[T - 1] += tmp2
    # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
    # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
    np.multiply(gh_arg_factor[:, T - 1], du[T - 1], out=dghqk_arg[:2, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(z[t]) = R_h.T @ grad(h.arg[t+1]) + R_g.T @ grad(g.arg[t+1]) + (1 - g[t+1]) * grad(u[t+1]) + V.T
        #     @ grad(s[t]), t < T
        np.subtract(one, g_at[t], out=tmp2)
        tmp2 *= du_at[t]
        dz_at[t] += tmp2
        np.matmul(dghqk_arg_at[t], R_gh, out=product)
        np.add.reduce(product, axis=0, out=tmp2)
        dz_at[t] += tmp2
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        np.subtract(one, q_at[t - 1], out=du_at[t - 1])
        du_at[t - 1] *= dz_at[t]
        # grad(q.arg[t]) = q[t] * (1 - q[t]) * grad(q[t])
        # grad(k.arg[t]) = (1 - k[t]**2) * grad(k[t])
        np.multiply(qk_arg_factor_at[t - 1], dz_at[t], out=dghqk_arg_at2[t - 1])
        # grad(u[t]) = Q_h.T @ grad(k.arg[t]) + Q_g.T @ grad(q.arg[t]) + (1 - q[t]) * grad(z[t])
        np.matmul(dghqk_arg_at2[t - 1], Q_gh, out=product)
        np.add.reduce(product, axis=0, out=tmp2)
        du_at[t - 1] += tmp2
        # grad(g.arg[t]) = g[t] * (1 - g[t]) * grad(g[t])
        # grad(h.arg[t]) = (1 - h[t]**2) * grad(h[t])
        np.multiply(gh_arg_factor_at[t - 1], du_at[t - 1], out=dghqk_arg_at[t - 1])
    # grad(z[t]) = R_h.T @ grad(h.arg[t+1]) + R_g.T @ grad(g.arg[t+1]) + (1 - g[t+1]) * grad(u[t+1]) + V.T
    #     @ grad(s[t]), t < T
    np.subtract(1, g[0], out=dz[0])
    dz[0] *= du[0]
    np.matmul(dghqk_arg[:2, 0], R_gh, out=product)
    np.add.reduce(product, axis=0, out=tmp2)
    dz[0] += tmp2
    # grad(b_g) = sum(grad(g.arg[t]), t)
    # grad(b_h) = sum(grad(h.arg[t]), t)
    # grad(c_g) = sum(grad(q.arg[t]), t)
    # grad(c_h) = sum(grad(k.arg[t]), t)
    np.add.reduce(dghqk_arg, axis=(1, 2), out=db_g_b_h_c_g_c_h)
    # grad(Q_g) = sum(outer(grad(q.arg[t]), u[t]), t)
    # grad(Q_h) = sum(outer(grad(k.arg[t]), u[t]), t)
    np.matmul(dghqk_arg[2:].reshape(2, -1, n_h).transpose(0, 2, 1), u.reshape(-1, n_h), out=dQ_gh)
    # grad(R_g) = sum(outer(grad(g.arg[t]), z[t-1]), t)
    # grad(R_h) = sum(outer(grad(h.arg[t]), z[t-1]), t)
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h).transpose(0, 2, 1), z[:T].reshape(-1, n_h), out=dR_gh)
    # grad(W_g) = sum(outer(grad(g.arg[t]), x[t]), t)
    # grad(W_h) = sum(outer(grad(h.arg[t]), x[t]), t)
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_gh)
    # grad(x[t]) = W_h.T @ grad(h.arg[t]) + W_g.T @ grad(g.arg[t])
    np.matmul(dghqk_arg[:2].reshape(2, -1, n_h), W_gh, out=product2)
    np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    # grad(z.0) = grad(z[0])
    dz0[...] = dz[0]
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[t]), grad(x[t])), t)
    _scatter_add(dE, (w,), dx)
    db_g = db_g_b_h_c_g_c_h[0]
    db_h = db_g_b_h_c_g_c_h[1]
    dc_g = db_g_b_h_c_g_c_h[2]
    dc_h = db_g_b_h_c_g_c_h[3]
    dQ_g = dQ_gh[0]
    dQ_h = dQ_gh[1]
    dR_g = dR_gh[0]
    dR_h = dR_gh[1]
    dW_g = dW_gh[0]
    dW_h = dW_gh[1]

    return loss, (dE, dW_h, dW_g, dR_h, dR_g, dQ_h, dQ_g, db_h, dc_h, db_g, dc_g, dV, dd), dz0


def _advance(params, w, z0, T, n_x, n_h, B, dtype, workspace):
    """The state after a segment."""
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params

    (
        tmp0, tmp1, tmp2, b_g_b_h_c_g_c_h, R_gh, W_gh, Q_gh, x, ghqk_arg, z, h, g, u, k, q, R_gh_T, Q_gh_T, z_at,
        ghqk_arg_at, h_arg_at, g_arg_at, half, one, ghqk_arg_at2, k_arg_at, q_arg_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_x, n_h, B, dtype)
    np.stack((b_g, b_h, c_g, c_h), out=b_g_b_h_c_g_c_h)
    np.stack((R_g, R_h), out=R_gh)
    np.stack((W_g, W_h), out=W_gh)
    np.stack((Q_g, Q_h), out=Q_gh)
    # x[t] = E[w[t]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    # q.arg[t] = Q_g @ u[t] + c_g
    # k.arg[t] = Q_h @ u[t] + c_h
    ghqk_arg[...] = b_g_b_h_c_g_c_h[:, None, None]
    # z[0] = 0
    z[0] = z0
    # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
    # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
    np.matmul(x.reshape(-1, n_x), W_gh.transpose(0, 2, 1), out=tmp0.reshape(2, -1, n_h))
    ghqk_arg[:2] += tmp0
    R_gh_T[...] = R_gh.transpose(0, 2, 1)
    Q_gh_T[...] = Q_gh.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # g.arg[t] = W_g @ x[t] + R_g @ z[t-1] + b_g
        # h.arg[t] = W_h @ x[t] + R_h @ z[t-1] + b_h
        np.matmul(z_at[t - 1], R_gh_T, out=tmp1)
        ghqk_arg_at[t - 1] += tmp1
        # h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)
        np.tanh(h_arg_at[t - 1], out=h)
        # g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)
        _sigmoid(g_arg_at[t - 1], out=g, half=half)
        # u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])
        np.subtract(one, g, out=u)
        u *= z_at[t - 1]
        np.multiply(g, h, out=tmp2)
        u += tmp2
        # q.arg[t] = Q_g @ u[t] + c_g
        # k.arg[t] = Q_h @ u[t] + c_h
        np.matmul(u, Q_gh_T, out=tmp1)
        ghqk_arg_at2[t - 1] += tmp1
        # k[t] = tanh(Q_h @ u[t] + c_h)
        np.tanh(k_arg_at[t - 1], out=k)
        # q[t] = sigmoid(Q_g @ u[t] + c_g)
        _sigmoid(q_arg_at[t - 1], out=q, half=half)
        # z[t] = k[t] * q[t] + u[t] * (1 - q[t])
        np.subtract(one, q, out=z_at[t])
        z_at[t] *= u
        np.multiply(k, q, out=tmp2)
        z_at[t] += tmp2

    return (z[-1],)


def _loss_arrays(T, n_w, n_x, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((2, T, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_w), dtype)
    tmp4 = np.empty((T, B), dtype)
    b_g_b_h_c_g_c_h = np.empty((4, n_h), dtype)
    R_gh = np.empty((2, n_h, n_h), dtype)
    W_gh = np.empty((2, n_h, n_x), dtype)
    Q_gh = np.empty((2, n_h, n_h), dtype)
    x = np.empty((T, B, n_x), dtype)
    ghqk_arg = _by_step((4, T, B, n_h), dtype)
    z = np.empty((T + 1, B, n_h), dtype)
    h = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    u = np.empty((B, n_h), dtype)
    k = np.empty((B, n_h), dtype)
    q = np.empty((B, n_h), dtype)
    R_gh_T = np.empty((2, n_h, n_h), dtype)
    Q_gh_T = np.empty((2, n_h, n_h), dtype)
    z_at = list(z)
    ghqk_arg_at = list(ghqk_arg[:2].swapaxes(0, 1))
    h_arg_at = list(ghqk_arg[1])
    g_arg_at = list(ghqk_arg[0])
    half = np.array(0.5, dtype)
    one = np.array(1, dtype)
    ghqk_arg_at2 = list(ghqk_arg[2:].swapaxes(0, 1))
    k_arg_at = list(ghqk_arg[3])
    q_arg_at = list(ghqk_arg[2])
    s = np.empty((T, B, n_w), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, b_g_b_h_c_g_c_h, R_gh, W_gh, Q_gh, x, ghqk_arg, z, h, g, u, k, q, R_gh_T, Q_gh_T,
        z_at, ghqk_arg_at, h_arg_at, g_arg_at, half, one, ghqk_arg_at2, k_arg_at, q_arg_at, s, yhat_lse, largest, rows,
        flat,
    )


def _loss_and_grad_arrays(T, n_w, n_x, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((2, T, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_w), dtype)
    tmp4 = np.empty((T, B), dtype)
    b_g_b_h_c_g_c_h = np.empty((4, n_h), dtype)
    R_gh = np.empty((2, n_h, n_h), dtype)
    W_gh = np.empty((2, n_h, n_x), dtype)
    Q_gh = np.empty((2, n_h, n_h), dtype)
    x = np.empty((T, B, n_x), dtype)
    ghqk_arg = _by_step((4, T, B, n_h), dtype)
    z = np.empty((T + 1, B, n_h), dtype)
    h = ghqk_arg[1]
    g = ghqk_arg[0]
    u = np.empty((T, B, n_h), dtype)
    k = ghqk_arg[3]
    q = ghqk_arg[2]
    R_gh_T = np.empty((2, n_h, n_h), dtype)
    Q_gh_T = np.empty((2, n_h, n_h), dtype)
    z_at = list(z)
    ghqk_arg_at = list(ghqk_arg[:2].swapaxes(0, 1))
    h_at = list(h)
    h_arg_at = list(ghqk_arg[1])
    g_at = list(g)
    g_arg_at = list(ghqk_arg[0])
    half = np.array(0.5, dtype)
    u_at = list(u)
    one = np.array(1, dtype)
    ghqk_arg_at2 = list(ghqk_arg[2:].swapaxes(0, 1))
    k_at = list(k)
    k_arg_at = list(ghqk_arg[3])
    q_at = list(q)
    q_arg_at = list(ghqk_arg[2])
    s = np.empty((T, B, n_w), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_w), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp5 = np.empty((T, B, n_h), dtype)
    ds = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_w,), dtype)
    dV = np.empty((n_w, n_h), dtype)
    dz = np.empty((T + 1, B, n_h), dtype)
    dghqk_arg = _by_step((4, T, B, n_h), dtype)
    qk_arg_factor = dghqk_arg[2:4]
    gh_arg_factor = dghqk_arg[0:2]
    du = tmp5
    product = np.empty((2, B, n_h), dtype)
    du_at = list(du)
    dz_at = list(dz)
    dghqk_arg_at = list(dghqk_arg[:2].swapaxes(0, 1))
    dghqk_arg_at2 = list(dghqk_arg[2:].swapaxes(0, 1))
    qk_arg_factor_at = list(qk_arg_factor.swapaxes(0, 1))
    gh_arg_factor_at = list(gh_arg_factor.swapaxes(0, 1))
    db_g_b_h_c_g_c_h = np.empty((4, n_h), dtype)
    dQ_gh = R_gh_T
    dR_gh = Q_gh_T
    dW_gh = np.empty((2, n_h, n_x), dtype)
    dx = x
    product2 = np.empty((2, T * B, n_x), dtype)
    dE = np.empty((n_w, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, b_g_b_h_c_g_c_h, R_gh, W_gh, Q_gh, x, ghqk_arg, z, h, g, u, k, q, R_gh_T, Q_gh_T,
        z_at, ghqk_arg_at, h_at, h_arg_at, g_at, g_arg_at, half, u_at, one, ghqk_arg_at2, k_at, k_arg_at, q_at,
        q_arg_at, s, yhat_lse, largest, yhat, rows, flat, tmp5, ds, entries, dd, dV, dz, dghqk_arg, qk_arg_factor,
        gh_arg_factor, du, product, du_at, dz_at, dghqk_arg_at, dghqk_arg_at2, qk_arg_factor_at, gh_arg_factor_at,
        db_g_b_h_c_g_c_h, dQ_gh, dR_gh, dW_gh, dx, product2, dE,
    )


def _loss_padded_arrays(T, n_w, n_x, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((2, T, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((T, B, n_w), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    tmp7 = np.empty((B, T), dtype)
    b_g_b_h_c_g_c_h = np.empty((4, n_h), dtype)
    R_gh = np.empty((2, n_h, n_h), dtype)
    W_gh = np.empty((2, n_h, n_x), dtype)
    Q_gh = np.empty((2, n_h, n_h), dtype)
    x = np.empty((T, B, n_x), dtype)
    ghqk_arg = _by_step((4, T, B, n_h), dtype)
    z = np.empty((T + 1, B, n_h), dtype)
    h = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    u = np.empty((B, n_h), dtype)
    k = np.empty((B, n_h), dtype)
    q = np.empty((B, n_h), dtype)
    R_gh_T = np.empty((2, n_h, n_h), dtype)
    Q_gh_T = np.empty((2, n_h, n_h), dtype)
    z_at = list(z)
    ghqk_arg_at = list(ghqk_arg[:2].swapaxes(0, 1))
    h_arg_at = list(ghqk_arg[1])
    g_arg_at = list(ghqk_arg[0])
    half = np.array(0.5, dtype)
    one = np.array(1, dtype)
    ghqk_arg_at2 = list(ghqk_arg[2:].swapaxes(0, 1))
    k_arg_at = list(ghqk_arg[3])
    q_arg_at = list(ghqk_arg[2])
    s = np.empty((T, B, n_w), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, b_g_b_h_c_g_c_h, R_gh, W_gh, Q_gh, x, ghqk_arg, z, h, g, u, k,
        q, R_gh_T, Q_gh_T, z_at, ghqk_arg_at, h_arg_at, g_arg_at, half, one, ghqk_arg_at2, k_arg_at, q_arg_at, s,
        yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(T, n_w, n_x, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((2, T, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((T, B, n_w), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    tmp7 = np.empty((B, T), dtype)
    b_g_b_h_c_g_c_h = np.empty((4, n_h), dtype)
    R_gh = np.empty((2, n_h, n_h), dtype)
    W_gh = np.empty((2, n_h, n_x), dtype)
    Q_gh = np.empty((2, n_h, n_h), dtype)
    x = np.empty((T, B, n_x), dtype)
    ghqk_arg = _by_step((4, T, B, n_h), dtype)
    z = np.empty((T + 1, B, n_h), dtype)
    h = ghqk_arg[1]
    g = ghqk_arg[0]
    u = np.empty((T, B, n_h), dtype)
    k = ghqk_arg[3]
    q = ghqk_arg[2]
    R_gh_T = np.empty((2, n_h, n_h), dtype)
    Q_gh_T = np.empty((2, n_h, n_h), dtype)
    z_at = list(z)
    ghqk_arg_at = list(ghqk_arg[:2].swapaxes(0, 1))
    h_at = list(h)
    h_arg_at = list(ghqk_arg[1])
    g_at = list(g)
    g_arg_at = list(ghqk_arg[0])
    half = np.array(0.5, dtype)
    u_at = list(u)
    one = np.array(1, dtype)
    ghqk_arg_at2 = list(ghqk_arg[2:].swapaxes(0, 1))
    k_at = list(k)
    k_arg_at = list(ghqk_arg[3])
    q_at = list(q)
    q_arg_at = list(ghqk_arg[2])
    s = np.empty((T, B, n_w), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_w), dtype)
    tmp8 = yhat_lse
    tmp12 = np.empty((T - 1,), dtype)
    tmp9 = tmp12
    tmp10 = np.empty((T - 1,), dtype)
    tmp11 = np.empty((T - 1,), dtype)
    tmp13 = np.empty((T, B, n_h), dtype)
    ds = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_w,), dtype)
    dV = np.empty((n_w, n_h), dtype)
    z_factor = np.empty((T - 1, B, n_h), dtype)
    dz = np.empty((T + 1, B, n_h), dtype)
    dghqk_arg = _by_step((4, T, B, n_h), dtype)
    qk_arg_factor = dghqk_arg[2:4]
    gh_arg_factor = dghqk_arg[0:2]
    du = tmp13
    product = np.empty((2, B, n_h), dtype)
    du_at = list(du)
    z_factor_at = list(z_factor)
    dz_at = list(dz)
    dghqk_arg_at = list(dghqk_arg[:2].swapaxes(0, 1))
    dghqk_arg_at2 = list(dghqk_arg[2:].swapaxes(0, 1))
    qk_arg_factor_at = list(qk_arg_factor.swapaxes(0, 1))
    gh_arg_factor_at = list(gh_arg_factor.swapaxes(0, 1))
    db_g_b_h_c_g_c_h = np.empty((4, n_h), dtype)
    dQ_gh = R_gh_T
    dR_gh = Q_gh_T
    dW_gh = np.empty((2, n_h, n_x), dtype)
    dx = x
    product2 = np.empty((2, T * B, n_x), dtype)
    dE = np.empty((n_w, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, b_g_b_h_c_g_c_h, R_gh, W_gh, Q_gh, x, ghqk_arg, z, h, g, u, k,
        q, R_gh_T, Q_gh_T, z_at, ghqk_arg_at, h_at, h_arg_at, g_at, g_arg_at, half, u_at, one, ghqk_arg_at2, k_at,
        k_arg_at, q_at, q_arg_at, s, yhat_lse, largest, yhat, tmp8, tmp12, tmp9, tmp10, tmp11, tmp13, ds, rows, flat,
        entries, dd, dV, z_factor, dz, dghqk_arg, qk_arg_factor, gh_arg_factor, du, product, du_at, z_factor_at, dz_at,
        dghqk_arg_at, dghqk_arg_at2, qk_arg_factor_at, gh_arg_factor_at, db_g_b_h_c_g_c_h, dQ_gh, dR_gh, dW_gh, dx,
        product2, dE,
    )


def _loss_and_grad_checkpointed_arrays(count, n_w, n_x, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    z0_kept = np.empty((count, B, n_h), dtype)
    z_left1 = np.empty((B, n_h), dtype)
    dE = np.empty((n_w, n_x), dtype)
    dW_h = np.empty((n_h, n_x), dtype)
    dW_g = np.empty((n_h, n_x), dtype)
    dR_h = np.empty((n_h, n_h), dtype)
    dR_g = np.empty((n_h, n_h), dtype)
    dQ_h = np.empty((n_h, n_h), dtype)
    dQ_g = np.empty((n_h, n_h), dtype)
    db_h = np.empty((n_h,), dtype)
    dc_h = np.empty((n_h,), dtype)
    db_g = np.empty((n_h,), dtype)
    dc_g = np.empty((n_h,), dtype)
    dV = np.empty((n_w, n_h), dtype)
    dd = np.empty((n_w,), dtype)
    return z0_kept, z_left1, dE, dW_h, dW_g, dR_h, dR_g, dQ_h, dQ_g, db_h, dc_h, db_g, dc_g, dV, dd


def _segment_arrays(T, n_w, n_x, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((2, T, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_w), dtype)
    tmp4 = np.empty((T, B), dtype)
    b_g_b_h_c_g_c_h = np.empty((4, n_h), dtype)
    R_gh = np.empty((2, n_h, n_h), dtype)
    W_gh = np.empty((2, n_h, n_x), dtype)
    Q_gh = np.empty((2, n_h, n_h), dtype)
    x = np.empty((T, B, n_x), dtype)
    ghqk_arg = _by_step((4, T, B, n_h), dtype)
    z = np.empty((T + 1, B, n_h), dtype)
    h = ghqk_arg[1]
    g = ghqk_arg[0]
    u = np.empty((T, B, n_h), dtype)
    k = ghqk_arg[3]
    q = ghqk_arg[2]
    R_gh_T = np.empty((2, n_h, n_h), dtype)
    Q_gh_T = np.empty((2, n_h, n_h), dtype)
    z_at = list(z)
    ghqk_arg_at = list(ghqk_arg[:2].swapaxes(0, 1))
    h_at = list(h)
    h_arg_at = list(ghqk_arg[1])
    g_at = list(g)
    g_arg_at = list(ghqk_arg[0])
    half = np.array(0.5, dtype)
    u_at = list(u)
    one = np.array(1, dtype)
    ghqk_arg_at2 = list(ghqk_arg[2:].swapaxes(0, 1))
    k_at = list(k)
    k_arg_at = list(ghqk_arg[3])
    q_at = list(q)
    q_arg_at = list(ghqk_arg[2])
    s = np.empty((T, B, n_w), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp5 = np.empty((T, B, n_h), dtype)
    ds = s
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_w,), dtype)
    dV = np.empty((n_w, n_h), dtype)
    dz = np.empty((T + 1, B, n_h), dtype)
    dghqk_arg = _by_step((4, T, B, n_h), dtype)
    qk_arg_factor = dghqk_arg[2:4]
    gh_arg_factor = dghqk_arg[0:2]
    du = tmp5
    product = np.empty((2, B, n_h), dtype)
    du_at = list(du)
    dz_at = list(dz)
    dghqk_arg_at = list(dghqk_arg[:2].swapaxes(0, 1))
    dghqk_arg_at2 = list(dghqk_arg[2:].swapaxes(0, 1))
    qk_arg_factor_at = list(qk_arg_factor.swapaxes(0, 1))
    gh_arg_factor_at = list(gh_arg_factor.swapaxes(0, 1))
    db_g_b_h_c_g_c_h = np.empty((4, n_h), dtype)
    dQ_gh = R_gh_T
    dR_gh = Q_gh_T
    dW_gh = np.empty((2, n_h, n_x), dtype)
    dx = x
    product2 = np.empty((2, T * B, n_x), dtype)
    dz0 = tmp2
    dE = np.empty((n_w, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, b_g_b_h_c_g_c_h, R_gh, W_gh, Q_gh, x, ghqk_arg, z, h, g, u, k, q, R_gh_T, Q_gh_T,
        z_at, ghqk_arg_at, h_at, h_arg_at, g_at, g_arg_at, half, u_at, one, ghqk_arg_at2, k_at, k_arg_at, q_at,
        q_arg_at, s, yhat_lse, largest, rows, flat, tmp5, ds, entries, dd, dV, dz, dghqk_arg, qk_arg_factor,
        gh_arg_factor, du, product, du_at, dz_at, dghqk_arg_at, dghqk_arg_at2, qk_arg_factor_at, gh_arg_factor_at,
        db_g_b_h_c_g_c_h, dQ_gh, dR_gh, dW_gh, dx, product2, dz0, dE,
    )


def _advance_arrays(T, n_x, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((2, T, B, n_h), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    b_g_b_h_c_g_c_h = np.empty((4, n_h), dtype)
    R_gh = np.empty((2, n_h, n_h), dtype)
    W_gh = np.empty((2, n_h, n_x), dtype)
    Q_gh = np.empty((2, n_h, n_h), dtype)
    x = np.empty((T, B, n_x), dtype)
    ghqk_arg = _by_step((4, T, B, n_h), dtype)
    z = np.empty((T + 1, B, n_h), dtype)
    h = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    u = np.empty((B, n_h), dtype)
    k = np.empty((B, n_h), dtype)
    q = np.empty((B, n_h), dtype)
    R_gh_T = np.empty((2, n_h, n_h), dtype)
    Q_gh_T = np.empty((2, n_h, n_h), dtype)
    z_at = list(z)
    ghqk_arg_at = list(ghqk_arg[:2].swapaxes(0, 1))
    h_arg_at = list(ghqk_arg[1])
    g_arg_at = list(ghqk_arg[0])
    half = np.array(0.5, dtype)
    one = np.array(1, dtype)
    ghqk_arg_at2 = list(ghqk_arg[2:].swapaxes(0, 1))
    k_arg_at = list(ghqk_arg[3])
    q_arg_at = list(ghqk_arg[2])
    return (
        tmp0, tmp1, tmp2, b_g_b_h_c_g_c_h, R_gh, W_gh, Q_gh, x, ghqk_arg, z, h, g, u, k, q, R_gh_T, Q_gh_T, z_at,
        ghqk_arg_at, h_arg_at, g_arg_at, half, one, ghqk_arg_at2, k_arg_at, q_arg_at,
    )


def _arguments(params, w, y, z0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h = _parameters(params)
    w = _integers("w", w)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    T = w.shape[0]
    _classes("w", w, n_w, "n_w - 1")
    if single:
        w = w[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
        _classes("y", y, n_w, "n_w - 1")
        if single:
            y = y[:, None]
    if z0 is None:
        z0 = np.zeros((B, n_h), dtype)
    else:
        z0 = _real("z0", z0, dtype)
        _expect("z0", z0, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from W_h")
        if single:
            z0 = z0[None]
    return params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B


def _backward_arguments(params, forward, w, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    h = _real("forward.h", forward.h, dtype)
    g = _real("forward.g", forward.g, dtype)
    u = _real("forward.u", forward.u, dtype)
    k = _real("forward.k", forward.k, dtype)
    q = _real("forward.q", forward.q, dtype)
    z = _real("forward.z", forward.z, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    T = w.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
    _expect("forward.x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from w, n_x from E")
    _expect("forward.h", h, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.g", g, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.u", u, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.k", k, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.q", q, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.z", z, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_w), ("T", "B", "n_w"), "T and B from w, n_w from E")
    _classes("w", w, n_w, "n_w - 1")
    _classes("y", y, n_w, "n_w - 1")
    if single:
        w = w[:, None]
        y = y[:, None]
        x = x[:, None]
        h = h[:, None]
        g = g[:, None]
        u = u[:, None]
        k = k[:, None]
        q = q[:, None]
        z = z[:, None]
        yhat = yhat[:, None]
    return params, w, y, x, h, g, u, k, q, z, yhat, dtype, single, n_w, n_x, n_h, T, B


def _initial_arguments(params, z0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if z0 is None:
        z0 = np.zeros((B, n_h), dtype)
    else:
        z0 = _real("z0", z0, dtype)
        _expect("z0", z0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_h")
        if single:
            z0 = z0[None]
    return params, z0, dtype, single, n_w, n_x, n_h, B


def _step_arguments(params, state, w):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h = _parameters(params)
    state = _as_state(state)
    w = _integers("w", w)
    z_prev = _real("state.z", state.z, dtype)
    single = w.ndim == 0
    _rank("w", w, ("B",), single)
    B = 1 if single else w.shape[0]
    batch_axis = () if single else (B,)
    _expect("state.z", z_prev, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from W_h")
    _classes("w", w, n_w, "n_w - 1")
    if single:
        w = w[None]
        z_prev = z_prev[None]
    return params, w, z_prev, dtype, single, n_w, n_x, n_h, B


def _padded_arguments(params, w, y, z0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h = _parameters(params)
    w = _integers("w", w)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    T = w.shape[0]
    if single:
        w = w[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
        if single:
            y = y[:, None]
    if z0 is None:
        z0 = np.zeros((B, n_h), dtype)
    else:
        z0 = _real("z0", z0, dtype)
        _expect("z0", z0, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from W_h")
        if single:
            z0 = z0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_T)
    _classes("w", w, n_w, "n_w - 1")
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_w, "n_w - 1")
    return params, w, y, z0, dtype, single, n_w, n_x, n_h, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, w, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    h = _real("forward.h", forward.h, dtype)
    g = _real("forward.g", forward.g, dtype)
    u = _real("forward.u", forward.u, dtype)
    k = _real("forward.k", forward.k, dtype)
    q = _real("forward.q", forward.q, dtype)
    z = _real("forward.z", forward.z, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("T", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    T = w.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from w")
    _expect("forward.x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "T and B from w, n_x from E")
    _expect("forward.h", h, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.g", g, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.u", u, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.k", k, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.q", q, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.z", z, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from w, n_h from W_h")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_w), ("T", "B", "n_w"), "T and B from w, n_w from E")
    if single:
        w = w[:, None]
        y = y[:, None]
        x = x[:, None]
        h = h[:, None]
        g = g[:, None]
        u = u[:, None]
        k = k[:, None]
        q = q[:, None]
        z = z[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_T)
    _classes("w", w, n_w, "n_w - 1")
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_w, "n_w - 1")
    return params, w, y, x, h, g, u, k, q, z, yhat, dtype, single, n_w, n_x, n_h, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    E, W_h, W_g, R_h, R_g, Q_h, Q_g, b_h, c_h, b_g, c_g, V, d = params
    _rank("E", E, ("n_w", "n_x"))
    n_w, n_x = E.shape
    _rank("W_h", W_h, ("n_h", "n_x"))
    n_h = W_h.shape[0]
    _expect("W_h", W_h, (n_h, n_x), ("n_h", "n_x"), "n_x from E")
    _expect("W_g", W_g, (n_h, n_x), ("n_h", "n_x"), "n_h from W_h, n_x from E")
    _expect("R_h", R_h, (n_h, n_h), ("n_h", "n_h"), "n_h from W_h")
    _expect("R_g", R_g, (n_h, n_h), ("n_h", "n_h"), "n_h from W_h")
    _expect("Q_h", Q_h, (n_h, n_h), ("n_h", "n_h"), "n_h from W_h")
    _expect("Q_g", Q_g, (n_h, n_h), ("n_h", "n_h"), "n_h from W_h")
    _expect("b_h", b_h, (n_h,), ("n_h",), "n_h from W_h")
    _expect("c_h", c_h, (n_h,), ("n_h",), "n_h from W_h")
    _expect("b_g", b_g, (n_h,), ("n_h",), "n_h from W_h")
    _expect("c_g", c_g, (n_h,), ("n_h",), "n_h from W_h")
    _expect("V", V, (n_w, n_h), ("n_w", "n_h"), "n_w from E, n_h from W_h")
    _expect("d", d, (n_w,), ("n_w",), "n_w from E")
    return params, dtype, n_w, n_x, n_h


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
