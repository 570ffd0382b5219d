# Written by derive from attention.eq; do not edit.
# Change attention.eq instead, and run: derive generate attention
# source b6427a22a3ae4bb7, derive 07e8f9d843407be1, body df3d42ebf5bbc7cd
"""Attention decoder: at each step of writing, a weighted mean of what was read, with weights that the state sets.

Bahdanau, Cho & Bengio (2015), Neural Machine Translation by Jointly Learning to Align and Translate, eqs. 4-6 and
appendix A: additive scores, a bidirectional encoder (simple units here) and a decoder of gated units. Goodfellow,
Bengio & Courville (2016), Deep Learning, section 12.4.5.1.

The equations::

    x: Input[S, n_x]                    # the sequence to read
    y: Label[T, n_y]                    # the sequence to write; y[t-1] is read when y[t] is predicted
    U_h, U_g = Param[n_h, n_x]          # encoder: input to hidden, forwards and backwards
    W_h, W_g = Param[n_h, n_h]          # encoder: hidden to hidden
    b_h, b_g = Param[n_h]               # encoder: biases
    E: Param[n_y, n_d]                  # embedding of what is written
    W_a: Param[n_d, n_d]                # score: decoder's state
    U_a: Param[n_d, 2*n_h]              # score: annotation
    v_a: Param[n_d]                     # score
    W_r, W_z, W_n = Param[n_d, n_d]     # decoder: element before to gates and candidate
    U_r, U_z, U_n = Param[n_d, n_d]     # decoder: state to gates and candidate
    C_r, C_z, C_n = Param[n_d, 2*n_h]   # decoder: context to gates and candidate
    W_s: Param[n_d, n_h]                # encoder to the decoder's first state
    V: Param[n_y, n_d]                  # decoder to output
    b: Param[n_y]

    f[0] = 0
    g[S+1] = 0
    f[s] = tanh(b_h + W_h @ f[s-1] + U_h @ x[s])                        # encoder, from left to right
    g[s] = tanh(b_g + W_g @ g[s+1] + U_g @ x[s])                        # and from right to left
    h[s] = concat(f[s], g[s])                                           # annotation

    d[0] = tanh(W_s @ g[1])
    e[t, s] = dot(v_a, tanh(W_a @ d[t-1] + U_a @ h[s]))                 # score
    alpha[t, s] = softmax(e[t, s], s)                                   # weight (eq. 6)
    c[t] = sum(alpha[t, s] * h[s], s)                                   # context (eq. 5)
    w[t] = E[y[t-1]]                                                    # vector of the element before
    r[t] = sigmoid(W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t])              # reset gate
    z[t] = sigmoid(W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t])              # update gate
    n[t] = tanh(W_n @ w[t] + U_n @ (r[t] * d[t-1]) + C_n @ c[t])        # candidate
    d[t] = (1 - z[t]) * d[t-1] + z[t] * n[t]                            # decoder's state
    o[t] = b + V @ d[t]
    yhat[t] = softmax(o[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    U_h: np.ndarray  # (n_h, n_x)  encoder: input to hidden, forwards and backwards
    U_g: np.ndarray  # (n_h, n_x)  encoder: input to hidden, forwards and backwards
    W_h: np.ndarray  # (n_h, n_h)  encoder: hidden to hidden
    W_g: np.ndarray  # (n_h, n_h)  encoder: hidden to hidden
    b_h: np.ndarray  # (n_h)  encoder: biases
    b_g: np.ndarray  # (n_h)  encoder: biases
    E: np.ndarray  # (n_y, n_d)  embedding of what is written
    W_a: np.ndarray  # (n_d, n_d)  score: decoder's state
    U_a: np.ndarray  # (n_d, 2*n_h)  score: annotation
    v_a: np.ndarray  # (n_d)  score
    W_r: np.ndarray  # (n_d, n_d)  decoder: element before to gates and candidate
    W_z: np.ndarray  # (n_d, n_d)  decoder: element before to gates and candidate
    W_n: np.ndarray  # (n_d, n_d)  decoder: element before to gates and candidate
    U_r: np.ndarray  # (n_d, n_d)  decoder: state to gates and candidate
    U_z: np.ndarray  # (n_d, n_d)  decoder: state to gates and candidate
    U_n: np.ndarray  # (n_d, n_d)  decoder: state to gates and candidate
    C_r: np.ndarray  # (n_d, 2*n_h)  decoder: context to gates and candidate
    C_z: np.ndarray  # (n_d, 2*n_h)  decoder: context to gates and candidate
    C_n: np.ndarray  # (n_d, 2*n_h)  decoder: context to gates and candidate
    W_s: np.ndarray  # (n_d, n_h)  encoder to the decoder's first state
    V: np.ndarray  # (n_y, n_d)  decoder to output
    b: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    f: np.ndarray  # (S + 1, B, n_h)  encoder, from left to right
    g: np.ndarray  # (S + 1, B, n_h)  and from right to left
    h: np.ndarray  # (S, B, 2*n_h)  annotation
    e: np.ndarray  # (T, S, B)  score
    alpha: np.ndarray  # (T, S, B)  weight (eq. 6)
    c: np.ndarray  # (T, B, 2*n_h)  context (eq. 5)
    w: np.ndarray  # (T, B, n_d)  vector of the element before
    r: np.ndarray  # (T, B, n_d)  reset gate
    z: np.ndarray  # (T, B, n_d)  update gate
    n: np.ndarray  # (T, B, n_d)  candidate
    d: np.ndarray  # (T + 1, B, n_d)  decoder's state
    o: np.ndarray  # (T, B, n_y)
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    y: np.ndarray  # (B)  the sequence to write; y[t-1] is read when y[t] is predicted
    d: np.ndarray  # (B, n_d)  decoder's state
    t: int  # steps so far


class Outputs(NamedTuple):
    """The variables at one step."""

    e: np.ndarray  # (S, B)  score
    alpha: np.ndarray  # (S, B)  weight (eq. 6)
    c: np.ndarray  # (B, 2*n_h)  context (eq. 5)
    w: np.ndarray  # (B, n_d)  vector of the element before
    r: np.ndarray  # (B, n_d)  reset gate
    z: np.ndarray  # (B, n_d)  update gate
    n: np.ndarray  # (B, n_d)  candidate
    d: np.ndarray  # (B, n_d)  decoder's state
    o: np.ndarray  # (B, n_y)
    yhat: np.ndarray  # (B, n_y)


class FreeRun(NamedTuple):
    """What `free_run` returns, with what it read back; one example has no axis B."""

    f: np.ndarray  # (S + 1, B, n_h)  encoder, from left to right
    g: np.ndarray  # (S + 1, B, n_h)  and from right to left
    h: np.ndarray  # (S, B, 2*n_h)  annotation
    e: np.ndarray  # (T, S, B)  score
    alpha: np.ndarray  # (T, S, B)  weight (eq. 6)
    c: np.ndarray  # (T, B, 2*n_h)  context (eq. 5)
    w: np.ndarray  # (T, B, n_d)  vector of the element before
    r: np.ndarray  # (T, B, n_d)  reset gate
    z: np.ndarray  # (T, B, n_d)  update gate
    n: np.ndarray  # (T, B, n_d)  candidate
    d: np.ndarray  # (T + 1, B, n_d)  decoder's state
    o: np.ndarray  # (T, B, n_y)
    yhat: np.ndarray  # (T, B, n_y)
    y: np.ndarray  # (T, B)  the sequence to write; y[t-1] is read when y[t] is predicted


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
    rng: np.random.Generator, *, n_h: int, n_x: int, n_y: int, n_d: int, dtype: type = np.float64
) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_h = _size("n_h", n_h)
    n_x = _size("n_x", n_x)
    n_y = _size("n_y", n_y)
    n_d = _size("n_d", n_d)
    return Params(
        U_h=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        U_g=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_h=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        W_g=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b_h=np.zeros((n_h,), dtype),
        b_g=np.zeros((n_h,), dtype),
        E=(rng.standard_normal((n_y, n_d)) / np.sqrt(n_d)).astype(dtype),
        W_a=(rng.standard_normal((n_d, n_d)) / np.sqrt(n_d)).astype(dtype),
        U_a=(rng.standard_normal((n_d, 2 * n_h)) / np.sqrt(2 * n_h)).astype(dtype),
        v_a=np.zeros((n_d,), dtype),
        W_r=(rng.standard_normal((n_d, n_d)) / np.sqrt(n_d)).astype(dtype),
        W_z=(rng.standard_normal((n_d, n_d)) / np.sqrt(n_d)).astype(dtype),
        W_n=(rng.standard_normal((n_d, n_d)) / np.sqrt(n_d)).astype(dtype),
        U_r=(rng.standard_normal((n_d, n_d)) / np.sqrt(n_d)).astype(dtype),
        U_z=(rng.standard_normal((n_d, n_d)) / np.sqrt(n_d)).astype(dtype),
        U_n=(rng.standard_normal((n_d, n_d)) / np.sqrt(n_d)).astype(dtype),
        C_r=(rng.standard_normal((n_d, 2 * n_h)) / np.sqrt(2 * n_h)).astype(dtype),
        C_z=(rng.standard_normal((n_d, 2 * n_h)) / np.sqrt(2 * n_h)).astype(dtype),
        C_n=(rng.standard_normal((n_d, 2 * n_h)) / np.sqrt(2 * n_h)).astype(dtype),
        W_s=(rng.standard_normal((n_d, n_h)) / np.sqrt(n_h)).astype(dtype),
        V=(rng.standard_normal((n_y, n_d)) / np.sqrt(n_d)).astype(dtype),
        b=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    f0: np.ndarray | None = None,
    g_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (S, B, n_x)  real         the sequence to read
    y        (T, B)       0..n_y - 1   the sequence to write; y[t-1] is read when y[t] is predicted
    f0       (B, n_h)     real         f[0]; 0 where not given
    g_end    (B, n_h)     real         g[S + 1]; 0 where not given
    state                 State        what an earlier piece left, from last_state or step: the sequence goes on from
                                       there
    lengths               by sequence  each example's own number of steps, what is given beyond is not read; all where
                                       not given

    Data without the axis B are one example.
    """
    if lengths is not None or state is not None:
        return _forward_padded(params, x, y, f0, g_end, lengths, state)
    params, x, y, f0, g_end, dtype, single, n_h, n_x, n_y, n_d, S, T, B = _arguments(params, x, y, f0, g_end)
    U_h, U_g, W_h, W_g, b_h, b_g, E, W_a, U_a, v_a, W_r, W_z, W_n, U_r, U_z, U_n, C_r, C_z, C_n, W_s, V, b = params

    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T - 1, B, n_d), dtype)
    tmp2 = np.empty((3, T, B, n_d), dtype)
    tmp3 = np.empty((3, B, n_d), dtype)
    tmp4 = np.empty((S, B), dtype)
    tmp5 = np.empty((B, n_d), dtype)
    tmp6 = np.empty((T, B, n_y), dtype)
    tmp7 = np.empty((T, B), dtype)
    U_z_U_r_W_a = np.stack((U_z, U_r, W_a))
    C_nzr = np.stack((C_n, C_z, C_r))
    W_nzr = np.stack((W_n, W_z, W_r))
    U_hg = np.stack((U_h, U_g))
    b_hg = np.stack((b_h, b_g))
    fg_arg = np.empty((2, S, B, n_h), dtype)
    # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
    # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
    np.matmul(x.reshape(-1, n_x), U_hg.transpose(0, 2, 1), out=fg_arg.reshape(2, -1, n_h))
    fg_arg += b_hg[:, None, None]
    g = np.empty((S + 1, B, n_h), dtype)
    # g[S+1] = 0
    g[S] = g_end
    W_g_T = np.empty((n_h, n_h), dtype)
    W_g_T[...] = W_g.T
    g_at = list(g)
    g_arg_at = list(fg_arg[1])
    for s in range(S, 0, -1):
        # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
        g_at[s].dot(W_g_T, out=tmp0)
        g_arg_at[s - 1] += tmp0
        # g[s] = tanh(b_g + W_g @ g[s+1] + U_g @ x[s])
        np.tanh(g_arg_at[s - 1], out=g_at[s - 1])
    d_arg = np.empty((B, n_d), dtype)
    # d.arg = W_s @ g[1]
    np.matmul(g[0], W_s.T, out=d_arg)
    f = np.empty((S + 1, B, n_h), dtype)
    # f[0] = 0
    f[0] = f0
    W_h_T = np.empty((n_h, n_h), dtype)
    W_h_T[...] = W_h.T
    f_at = list(f)
    f_arg_at = list(fg_arg[0])
    for s in range(1, S + 1):
        # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
        f_at[s - 1].dot(W_h_T, out=tmp0)
        f_arg_at[s - 1] += tmp0
        # f[s] = tanh(b_h + W_h @ f[s-1] + U_h @ x[s])
        np.tanh(f_arg_at[s - 1], out=f_at[s])
    h = np.empty((S, B, 2 * n_h), dtype)
    # h[s] = concat(f[s], g[s])
    h[:, :, :n_h] = f[1:]
    h[:, :, n_h:] = g[:S]
    e_arg_part = np.empty((S, B, n_d), dtype)
    # e.arg.part[s] = U_a @ h[s]
    np.matmul(h.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_d))
    w = np.empty((T, B, n_d), dtype)
    # w[t] = E[y[t-1]]
    w[...] = 0
    d = np.empty((T + 1, B, n_d), dtype)
    # d[0] = tanh(W_s @ g[1])
    np.tanh(d_arg, out=d[0])
    # w[t] = E[y[t-1]]
    np.take(E, y[:T - 1], axis=0, out=tmp1, mode="clip")
    w[1:] += tmp1
    nzre_parts = np.zeros((4, T, B, n_d), dtype)
    # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
    # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
    # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
    np.matmul(w.reshape(-1, n_d), W_nzr.transpose(0, 2, 1), out=tmp2.reshape(3, -1, n_d))
    nzre_parts[:3] += tmp2
    e_arg = np.empty((S, B, n_d), dtype)
    e_tanh = np.empty((S, B, n_d), dtype)
    e = np.empty((T, S, B), dtype)
    alpha_lse = np.empty((B,), dtype)
    alpha = np.empty((T, S, B), dtype)
    c = np.empty((T, B, 2 * n_h), dtype)
    zr = np.empty((2, T, B, n_d), dtype)
    n_product = np.empty((B, n_d), dtype)
    n = np.empty((T, B, n_d), dtype)
    U_z_U_r_W_a_T = np.empty((3, n_d, n_d), dtype)
    U_z_U_r_W_a_T[...] = U_z_U_r_W_a.transpose(0, 2, 1)
    C_nzr_T = np.empty((3, 2 * n_h, n_d), dtype)
    C_nzr_T[...] = C_nzr.transpose(0, 2, 1)
    U_n_T = np.empty((n_d, n_d), dtype)
    U_n_T[...] = U_n.T
    d_at = list(d)
    nzre_parts_at = list(nzre_parts[1:].swapaxes(0, 1))
    e_arg_part2_at = list(nzre_parts[3])
    e_at = list(e)
    largest = np.empty((1, B), dtype)
    alpha_at = list(alpha)
    c_at = list(c)
    nzre_parts_at2 = list(nzre_parts[:3].swapaxes(0, 1))
    zr_at = list(zr.swapaxes(0, 1))
    nzre_parts_at3 = list(nzre_parts[1:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    r_at = list(zr[1])
    n_arg_at = list(nzre_parts[0])
    n_at = list(n)
    one = np.array(1, dtype)
    z_at = list(zr[0])
    for t in range(1, T + 1):
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg[...] = e_arg_part
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        # e.arg.part2[t] = W_a @ d[t-1]
        np.matmul(d_at[t - 1], U_z_U_r_W_a_T, out=tmp3)
        nzre_parts_at[t - 1] += tmp3
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg += e_arg_part2_at[t - 1]
        # e.tanh[t, s] = tanh(e.arg[t, s])
        np.tanh(e_arg, out=e_tanh)
        # e[t, s] = dot(v_a, tanh(W_a @ d[t-1] + U_a @ h[s]))
        np.matmul(e_tanh.reshape(-1, n_d), v_a, out=e_at[t - 1].reshape(-1))
        # alpha[t, s] = softmax(e[t, s], s)
        _logsumexp(e_at[t - 1], 0, out=alpha_lse, work=tmp4, largest=largest)
        np.subtract(e_at[t - 1], alpha_lse, out=tmp4)
        np.exp(tmp4, out=alpha_at[t - 1])
        # c[t] = sum(alpha[t, s] * h[s], s)
        np.matmul(h.transpose(1, 2, 0), alpha_at[t - 1].T[..., None], out=c_at[t - 1][..., None])
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        np.matmul(c_at[t - 1], C_nzr_T, out=tmp3)
        nzre_parts_at2[t - 1] += tmp3
        # z[t] = sigmoid(z.arg[t])
        # r[t] = sigmoid(r.arg[t])
        _sigmoid(nzre_parts_at3[t - 1], out=zr_at[t - 1], half=half)
        # n.product[t] = r[t] * d[t-1]
        np.multiply(d_at[t - 1], r_at[t - 1], out=n_product)
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        n_product.dot(U_n_T, out=tmp5)
        n_arg_at[t - 1] += tmp5
        # n[t] = tanh(W_n @ w[t] + U_n @ (r[t] * d[t-1]) + C_n @ c[t])
        np.tanh(n_arg_at[t - 1], out=n_at[t - 1])
        # d[t] = (1 - z[t]) * d[t-1] + z[t] * n[t]
        np.subtract(one, z_at[t - 1], out=d_at[t])
        d_at[t] *= d_at[t - 1]
        np.multiply(n_at[t - 1], z_at[t - 1], out=tmp5)
        d_at[t] += tmp5
    o = np.empty((T, B, n_y), dtype)
    # o[t] = b + V @ d[t]
    np.matmul(d[1:].reshape(-1, n_d), V.T, out=o.reshape(-1, n_y))
    o += b
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp6, largest=largest2)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp6)
    np.exp(tmp6, out=yhat)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp7)
    np.subtract(yhat_lse, tmp7, out=tmp7)
    loss = tmp7.sum()
    z = zr[0]
    r = zr[1]

    if single:
        f = f[:, 0]
        g = g[:, 0]
        h = h[:, 0]
        e = e[:, :, 0]
        alpha = alpha[:, :, 0]
        c = c[:, 0]
        w = w[:, 0]
        r = r[:, 0]
        z = z[:, 0]
        n = n[:, 0]
        d = d[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(f=f, g=g, h=h, e=e, alpha=alpha, c=c, w=w, r=r, z=z, n=n, d=d, o=o, yhat=yhat, loss=float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    f0: np.ndarray | None = None,
    g_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (S, B, n_x)  real         the sequence to read
    y          (T, B)       0..n_y - 1   the sequence to write; y[t-1] is read when y[t] is predicted
    f0         (B, n_h)     real         f[0]; 0 where not given
    g_end      (B, n_h)     real         g[S + 1]; 0 where not given
    workspace               Workspace    its arrays are used, and hold the results until its next call
    state                   State        what an earlier piece left, from last_state or step: the sequence goes on from
                                         there
    lengths                 by sequence  each example's own number of steps, what is given beyond is not read; all where
                                         not given

    Data without the axis B are one example.
    """
    if lengths is not None or state is not None:
        return _loss_padded(params, x, y, f0, g_end, lengths, workspace, state)
    params, x, y, f0, g_end, dtype, single, n_h, n_x, n_y, n_d, S, T, B = _arguments(params, x, y, f0, g_end)
    U_h, U_g, W_h, W_g, b_h, b_g, E, W_a, U_a, v_a, W_r, W_z, W_n, U_r, U_z, U_n, C_r, C_z, C_n, W_s, V, b = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, d_arg, tmp5, tmp6, tmp7, U_z_U_r_W_a, C_nzr, W_nzr, U_hg, b_hg, fg_arg, g, W_g_T,
        g_at, g_arg_at, f, W_h_T, f_at, f_arg_at, h, e_arg_part, w, d, nzre_parts, e_arg, e_tanh, e, alpha_lse, alpha,
        c, zr, n_product, n, U_z_U_r_W_a_T, C_nzr_T, U_n_T, d_at, nzre_parts_at, e_arg_part2_at, largest,
        nzre_parts_at2, nzre_parts_at3, half, n_arg_at, one, o, yhat_lse, largest2, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, S, n_x, T, n_y, n_h, n_d, B, dtype)
    np.stack((U_z, U_r, W_a), out=U_z_U_r_W_a)
    np.stack((C_n, C_z, C_r), out=C_nzr)
    np.stack((W_n, W_z, W_r), out=W_nzr)
    np.stack((U_h, U_g), out=U_hg)
    np.stack((b_h, b_g), out=b_hg)
    # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
    # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
    np.matmul(x.reshape(-1, n_x), U_hg.transpose(0, 2, 1), out=fg_arg.reshape(2, -1, n_h))
    fg_arg += b_hg[:, None, None]
    # g[S+1] = 0
    g[S] = g_end
    W_g_T[...] = W_g.T
    for s in range(S, 0, -1):
        # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
        g_at[s].dot(W_g_T, out=tmp0)
        g_arg_at[s - 1] += tmp0
        # g[s] = tanh(b_g + W_g @ g[s+1] + U_g @ x[s])
        np.tanh(g_arg_at[s - 1], out=g_at[s - 1])
    # d.arg = W_s @ g[1]
    np.matmul(g[0], W_s.T, out=d_arg)
    # f[0] = 0
    f[0] = f0
    W_h_T[...] = W_h.T
    for s in range(1, S + 1):
        # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
        f_at[s - 1].dot(W_h_T, out=tmp0)
        f_arg_at[s - 1] += tmp0
        # f[s] = tanh(b_h + W_h @ f[s-1] + U_h @ x[s])
        np.tanh(f_arg_at[s - 1], out=f_at[s])
    # h[s] = concat(f[s], g[s])
    h[:, :, :n_h] = f[1:]
    h[:, :, n_h:] = g[:S]
    # e.arg.part[s] = U_a @ h[s]
    np.matmul(h.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_d))
    # w[t] = E[y[t-1]]
    w[...] = 0
    # d[0] = tanh(W_s @ g[1])
    np.tanh(d_arg, out=d[0])
    # w[t] = E[y[t-1]]
    np.take(E, y[:T - 1], axis=0, out=tmp1, mode="clip")
    w[1:] += tmp1
    nzre_parts.fill(0)
    # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
    # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
    # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
    np.matmul(w.reshape(-1, n_d), W_nzr.transpose(0, 2, 1), out=tmp2.reshape(3, -1, n_d))
    nzre_parts[:3] += tmp2
    U_z_U_r_W_a_T[...] = U_z_U_r_W_a.transpose(0, 2, 1)
    C_nzr_T[...] = C_nzr.transpose(0, 2, 1)
    U_n_T[...] = U_n.T
    for t in range(1, T + 1):
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg[...] = e_arg_part
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        # e.arg.part2[t] = W_a @ d[t-1]
        np.matmul(d_at[t - 1], U_z_U_r_W_a_T, out=tmp3)
        nzre_parts_at[t - 1] += tmp3
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg += e_arg_part2_at[t - 1]
        # e.tanh[t, s] = tanh(e.arg[t, s])
        np.tanh(e_arg, out=e_tanh)
        # e[t, s] = dot(v_a, tanh(W_a @ d[t-1] + U_a @ h[s]))
        np.matmul(e_tanh.reshape(-1, n_d), v_a, out=e.reshape(-1))
        # alpha[t, s] = softmax(e[t, s], s)
        _logsumexp(e, 0, out=alpha_lse, work=tmp4, largest=largest)
        np.subtract(e, alpha_lse, out=tmp4)
        np.exp(tmp4, out=alpha)
        # c[t] = sum(alpha[t, s] * h[s], s)
        np.matmul(h.transpose(1, 2, 0), alpha.T[..., None], out=c[..., None])
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        np.matmul(c, C_nzr_T, out=tmp3)
        nzre_parts_at2[t - 1] += tmp3
        # z[t] = sigmoid(z.arg[t])
        # r[t] = sigmoid(r.arg[t])
        _sigmoid(nzre_parts_at3[t - 1], out=zr, half=half)
        # n.product[t] = r[t] * d[t-1]
        np.multiply(d_at[t - 1], zr[1], out=n_product)
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        n_product.dot(U_n_T, out=tmp5)
        n_arg_at[t - 1] += tmp5
        # n[t] = tanh(W_n @ w[t] + U_n @ (r[t] * d[t-1]) + C_n @ c[t])
        np.tanh(n_arg_at[t - 1], out=n)
        # d[t] = (1 - z[t]) * d[t-1] + z[t] * n[t]
        np.subtract(one, zr[0], out=d_at[t])
        d_at[t] *= d_at[t - 1]
        np.multiply(n, zr[0], out=tmp5)
        d_at[t] += tmp5
    # o[t] = b + V @ d[t]
    np.matmul(d[1:].reshape(-1, n_d), V.T, out=o.reshape(-1, n_y))
    o += b
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp6, largest=largest2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp7)
    np.subtract(yhat_lse, tmp7, out=tmp7)
    loss = tmp7.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    f0: np.ndarray | None = None,
    g_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x          (S, B, n_x)  real               the sequence to read
    y          (T, B)       0..n_y - 1         the sequence to write; y[t-1] is read when y[t] is predicted
    f0         (B, n_h)     real               f[0]; 0 where not given
    g_end      (B, n_h)     real               g[S + 1]; 0 where not given
    workspace               Workspace          its arrays are used, and hold the results until its next call
    state                   State              what an earlier piece left, from last_state or step: the sequence goes on
                                               from there
    lengths                 by sequence        each example's own number of steps, what is given beyond is not read; all
                                               where not given
    window                  whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it,
                                               values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _loss_and_grad_padded(params, x, y, f0, g_end, lengths, wrt, workspace, window, state)
    params, x, y, f0, g_end, dtype, single, n_h, n_x, n_y, n_d, S, T, B = _arguments(params, x, y, f0, g_end)
    U_h, U_g, W_h, W_g, b_h, b_g, E, W_a, U_a, v_a, W_r, W_z, W_n, U_r, U_z, U_n, C_r, C_z, C_n, W_s, V, b = params
    wrt = _asked(wrt, ("x", "f0", "g_end"))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, d_arg, tmp5, tmp6, tmp7, U_z_U_r_W_a, C_nzr, W_nzr, U_hg, b_hg, fg_arg, g, W_g_T,
        g_at, g_arg_at, f, W_h_T, f_at, f_arg_at, h, e_arg_part, w, d, nzre_parts, e_arg, e_tanh, e, alpha_lse, alpha,
        c, zr, n_product, n, U_z_U_r_W_a_T, C_nzr_T, U_n_T, d_at, nzre_parts_at, e_arg_part2_at, e_tanh_at, largest,
        alpha_at, c_at, nzre_parts_at2, zr_at, nzre_parts_at3, half, n_product_at, r_at, n_arg_at, n_at, one, z_at, o,
        yhat_lse, largest2, yhat, rows, flat, tmp8, tmp9, do, entries, db, dV, dnzre_parts, r_arg_factor, dd,
        nz_arg_factor, dn_product, dc, dalpha, dalpha_lse, de, de_arg, product, de_arg_sum, dd_at, dn_product_at,
        dnzre_parts_at, product2, dnzre_parts_at2, nz_arg_factor_at, dn_arg_at, dr_arg_at, r_arg_factor_at,
        dnzre_parts_at3, dc_at, de_at, de_arg_sum2_at, dC_nzr, dU_n, dW_nzr, dw, product3, dU_z_U_r_W_a, dh, dv_a, dU_a,
        dd_arg, dW_s, dfg_arg, g_arg_factor, f_arg_factor, dg, df, dg_arg_at, dg_at, g_arg_factor_at, df_arg_at, df_at,
        f_arg_factor_at, db_hg, dU_hg, dW_g, dW_h, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, S, n_x, T, n_y, n_h, n_d, B, dtype)
    np.stack((U_z, U_r, W_a), out=U_z_U_r_W_a)
    np.stack((C_n, C_z, C_r), out=C_nzr)
    np.stack((W_n, W_z, W_r), out=W_nzr)
    np.stack((U_h, U_g), out=U_hg)
    np.stack((b_h, b_g), out=b_hg)
    # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
    # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
    np.matmul(x.reshape(-1, n_x), U_hg.transpose(0, 2, 1), out=fg_arg.reshape(2, -1, n_h))
    fg_arg += b_hg[:, None, None]
    # g[S+1] = 0
    g[S] = g_end
    W_g_T[...] = W_g.T
    for s in range(S, 0, -1):
        # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
        g_at[s].dot(W_g_T, out=tmp0)
        g_arg_at[s - 1] += tmp0
        # g[s] = tanh(b_g + W_g @ g[s+1] + U_g @ x[s])
        np.tanh(g_arg_at[s - 1], out=g_at[s - 1])
    # d.arg = W_s @ g[1]
    np.matmul(g[0], W_s.T, out=d_arg)
    # f[0] = 0
    f[0] = f0
    W_h_T[...] = W_h.T
    for s in range(1, S + 1):
        # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
        f_at[s - 1].dot(W_h_T, out=tmp0)
        f_arg_at[s - 1] += tmp0
        # f[s] = tanh(b_h + W_h @ f[s-1] + U_h @ x[s])
        np.tanh(f_arg_at[s - 1], out=f_at[s])
    # h[s] = concat(f[s], g[s])
    h[:, :, :n_h] = f[1:]
    h[:, :, n_h:] = g[:S]
    # e.arg.part[s] = U_a @ h[s]
    np.matmul(h.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_d))
    # w[t] = E[y[t-1]]
    w[...] = 0
    # d[0] = tanh(W_s @ g[1])
    np.tanh(d_arg, out=d[0])
    # w[t] = E[y[t-1]]
    np.take(E, y[:T - 1], axis=0, out=tmp1, mode="clip")
    w[1:] += tmp1
    nzre_parts.fill(0)
    # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
    # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
    # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
    np.matmul(w.reshape(-1, n_d), W_nzr.transpose(0, 2, 1), out=tmp2.reshape(3, -1, n_d))
    nzre_parts[:3] += tmp2
    U_z_U_r_W_a_T[...] = U_z_U_r_W_a.transpose(0, 2, 1)
    C_nzr_T[...] = C_nzr.transpose(0, 2, 1)
    U_n_T[...] = U_n.T
    for t in range(1, T + 1):
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg[...] = e_arg_part
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        # e.arg.part2[t] = W_a @ d[t-1]
        np.matmul(d_at[t - 1], U_z_U_r_W_a_T, out=tmp3)
        nzre_parts_at[t - 1] += tmp3
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg += e_arg_part2_at[t - 1]
        # e.tanh[t, s] = tanh(e.arg[t, s])
        np.tanh(e_arg, out=e_tanh_at[t - 1])
        # e[t, s] = dot(v_a, tanh(W_a @ d[t-1] + U_a @ h[s]))
        np.matmul(e_tanh_at[t - 1].reshape(-1, n_d), v_a, out=e.reshape(-1))
        # alpha[t, s] = softmax(e[t, s], s)
        _logsumexp(e, 0, out=alpha_lse, work=tmp4, largest=largest)
        np.subtract(e, alpha_lse, out=tmp4)
        np.exp(tmp4, out=alpha_at[t - 1])
        # c[t] = sum(alpha[t, s] * h[s], s)
        np.matmul(h.transpose(1, 2, 0), alpha_at[t - 1].T[..., None], out=c_at[t - 1][..., None])
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        np.matmul(c_at[t - 1], C_nzr_T, out=tmp3)
        nzre_parts_at2[t - 1] += tmp3
        # z[t] = sigmoid(z.arg[t])
        # r[t] = sigmoid(r.arg[t])
        _sigmoid(nzre_parts_at3[t - 1], out=zr_at[t - 1], half=half)
        # n.product[t] = r[t] * d[t-1]
        np.multiply(d_at[t - 1], r_at[t - 1], out=n_product_at[t - 1])
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        n_product_at[t - 1].dot(U_n_T, out=tmp5)
        n_arg_at[t - 1] += tmp5
        # n[t] = tanh(W_n @ w[t] + U_n @ (r[t] * d[t-1]) + C_n @ c[t])
        np.tanh(n_arg_at[t - 1], out=n_at[t - 1])
        # d[t] = (1 - z[t]) * d[t-1] + z[t] * n[t]
        np.subtract(one, z_at[t - 1], out=d_at[t])
        d_at[t] *= d_at[t - 1]
        np.multiply(n_at[t - 1], z_at[t - 1], out=tmp5)
        d_at[t] += tmp5
    # o[t] = b + V @ d[t]
    np.matmul(d[1:].reshape(-1, n_d), V.T, out=o.reshape(-1, n_y))
    o += b
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp6, largest=largest2)
    np.subtract(o, yhat_lse[:, :, None], out=tmp6)
    np.exp(tmp6, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp7)
    np.subtract(yhat_lse, tmp7, out=tmp7)
    loss = tmp7.sum()
    z = zr[0]
    r = zr[1]
    # grad(o[t]) = yhat[t] - onehot(y[t])
    _add_to(do, y, rows, flat, entries, -1)
    # grad(b) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=db)
    # grad(V) = sum(outer(grad(o[t]), d[t]), t)
    np.matmul(do.reshape(-1, n_y).T, d[1:].reshape(-1, n_d), out=dV)
    # r.arg.factor[t] = d[t-1] * r[t] * (1 - r[t])
    np.subtract(1, r, out=r_arg_factor)
    r_arg_factor *= d[:T]
    r_arg_factor *= r
    # grad(d[t]) = W_a.T @ grad(e.arg.sum2[t+1]) + U_r.T @ grad(r.arg[t+1]) + U_z.T @ grad(z.arg[t+1]) +
    #     r[t+1] * grad(n.product[t+1]) + (1 - z[t+1]) * grad(d[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dd[1:].reshape(-1, n_d))
    # n.arg.factor[t] = z[t] * (1 - n[t]**2)
    np.square(n, out=nz_arg_factor[0])
    np.subtract(1, nz_arg_factor[0], out=nz_arg_factor[0])
    nz_arg_factor[0] *= z
    # z.arg.factor[t] = (n[t] - d[t-1]) * z[t] * (1 - z[t])
    np.subtract(n, d[:T], out=tmp8)
    np.subtract(1, z, out=nz_arg_factor[1])
    nz_arg_factor[1] *= tmp8
    nz_arg_factor[1] *= z
    # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
    # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
    np.multiply(nz_arg_factor[:, T - 1], dd[T], out=dnzre_parts[:2, T - 1])
    # grad(n.product[t]) = U_n.T @ grad(n.arg[t])
    np.matmul(dnzre_parts[0, T - 1], U_n, out=dn_product[T - 1])
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    np.multiply(dn_product[T - 1], r_arg_factor[T - 1], out=dnzre_parts[2, T - 1])
    # grad(c[t]) = C_r.T @ grad(r.arg[t]) + C_z.T @ grad(z.arg[t]) + C_n.T @ grad(n.arg[t])
    np.matmul(dnzre_parts[:3, T - 1], C_nzr, out=product)
    np.add.reduce(product, axis=0, out=dc[T - 1])
    # grad(alpha[t, s]) = h[s] @ grad(c[t])
    np.matmul(h.transpose(1, 0, 2), dc[T - 1][..., None], out=dalpha.T[..., None])
    # grad(alpha.lse[t]) = sum(-alpha[t, s] * grad(alpha[t, s]), s)
    dalpha_lse[...] = np.einsum("sb,sb->b", dalpha, alpha[T - 1])
    np.negative(dalpha_lse, out=dalpha_lse)
    # grad(e[t, s]) = alpha[t, s] * grad(alpha.lse[t]) + alpha[t, s] * grad(alpha[t, s])
    np.multiply(alpha[T - 1], dalpha_lse, out=de[T - 1])
    np.multiply(dalpha, alpha[T - 1], out=tmp4)
    de[T - 1] += tmp4
    # grad(e.arg[t, s]) = (1 - e.tanh[t, s]**2) * grad(e.tanh[t, s])
    np.square(e_tanh[T - 1], out=de_arg)
    np.subtract(1, de_arg, out=de_arg)
    de_arg *= de[T - 1][:, :, None]
    de_arg *= v_a
    # grad(e.arg.sum2[t]) = sum(grad(e.arg[t, s]), s)
    np.add.reduce(de_arg, axis=0, out=dnzre_parts[3, T - 1])
    # grad(e.arg.sum[s]) = sum(grad(e.arg[t, s]), t)
    de_arg_sum[...] = de_arg
    for t in range(T - 1, 0, -1):
        # grad(d[t]) = W_a.T @ grad(e.arg.sum2[t+1]) + U_r.T @ grad(r.arg[t+1]) + U_z.T @ grad(z.arg[t+1]) +
        #     r[t+1] * grad(n.product[t+1]) + (1 - z[t+1]) * grad(d[t+1]) + V.T @ grad(o[t]), t < T
        np.subtract(one, z_at[t], out=tmp5)
        tmp5 *= dd_at[t + 1]
        dd_at[t] += tmp5
        np.multiply(dn_product_at[t], r_at[t], out=tmp5)
        dd_at[t] += tmp5
        np.matmul(dnzre_parts_at[t], U_z_U_r_W_a, out=product2)
        np.add.reduce(product2, axis=0, out=tmp5)
        dd_at[t] += tmp5
        # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
        # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
        np.multiply(nz_arg_factor_at[t - 1], dd_at[t], out=dnzre_parts_at2[t - 1])
        # grad(n.product[t]) = U_n.T @ grad(n.arg[t])
        dn_arg_at[t - 1].dot(U_n, out=dn_product_at[t - 1])
        # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
        np.multiply(dn_product_at[t - 1], r_arg_factor_at[t - 1], out=dr_arg_at[t - 1])
        # grad(c[t]) = C_r.T @ grad(r.arg[t]) + C_z.T @ grad(z.arg[t]) + C_n.T @ grad(n.arg[t])
        np.matmul(dnzre_parts_at3[t - 1], C_nzr, out=product)
        np.add.reduce(product, axis=0, out=dc_at[t - 1])
        # grad(alpha[t, s]) = h[s] @ grad(c[t])
        np.matmul(h.transpose(1, 0, 2), dc_at[t - 1][..., None], out=dalpha.T[..., None])
        # grad(alpha.lse[t]) = sum(-alpha[t, s] * grad(alpha[t, s]), s)
        dalpha_lse[...] = np.einsum("sb,sb->b", dalpha, alpha[t - 1])
        np.negative(dalpha_lse, out=dalpha_lse)
        # grad(e[t, s]) = alpha[t, s] * grad(alpha.lse[t]) + alpha[t, s] * grad(alpha[t, s])
        np.multiply(alpha_at[t - 1], dalpha_lse, out=de_at[t - 1])
        np.multiply(dalpha, alpha_at[t - 1], out=tmp4)
        de_at[t - 1] += tmp4
        # grad(e.arg[t, s]) = (1 - e.tanh[t, s]**2) * grad(e.tanh[t, s])
        np.square(e_tanh_at[t - 1], out=de_arg)
        np.subtract(one, de_arg, out=de_arg)
        de_arg *= de_at[t - 1][:, :, None]
        de_arg *= v_a
        # grad(e.arg.sum2[t]) = sum(grad(e.arg[t, s]), s)
        np.add.reduce(de_arg, axis=0, out=de_arg_sum2_at[t - 1])
        # grad(e.arg.sum[s]) = sum(grad(e.arg[t, s]), t)
        de_arg_sum += de_arg
    # grad(d[t]) = W_a.T @ grad(e.arg.sum2[t+1]) + U_r.T @ grad(r.arg[t+1]) + U_z.T @ grad(z.arg[t+1]) +
    #     r[t+1] * grad(n.product[t+1]) + (1 - z[t+1]) * grad(d[t+1]) + V.T @ grad(o[t]), t < T
    np.subtract(1, z[0], out=dd[0])
    dd[0] *= dd[1]
    np.multiply(dn_product[0], r[0], out=tmp5)
    dd[0] += tmp5
    np.matmul(dnzre_parts[1:, 0], U_z_U_r_W_a, out=product2)
    np.add.reduce(product2, axis=0, out=tmp5)
    dd[0] += tmp5
    # grad(C_n) = sum(outer(grad(n.arg[t]), c[t]), t)
    # grad(C_z) = sum(outer(grad(z.arg[t]), c[t]), t)
    # grad(C_r) = sum(outer(grad(r.arg[t]), c[t]), t)
    np.matmul(dnzre_parts[:3].reshape(3, -1, n_d).transpose(0, 2, 1), c.reshape(-1, 2 * n_h), out=dC_nzr)
    # grad(U_n) = sum(outer(grad(n.arg[t]), n.product[t]), t)
    np.matmul(dnzre_parts[0].reshape(-1, n_d).T, n_product.reshape(-1, n_d), out=dU_n)
    # grad(W_n) = sum(outer(grad(n.arg[t]), w[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), w[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), w[t]), t)
    np.matmul(dnzre_parts[:3].reshape(3, -1, n_d).transpose(0, 2, 1), w.reshape(-1, n_d), out=dW_nzr)
    # grad(w[t]) = W_r.T @ grad(r.arg[t]) + W_z.T @ grad(z.arg[t]) + W_n.T @ grad(n.arg[t])
    np.matmul(dnzre_parts[:3, 1:].reshape(3, -1, n_d), W_nzr, out=product3)
    np.add.reduce(product3, axis=0, out=dw.reshape(-1, n_d))
    # grad(U_z) = sum(outer(grad(z.arg[t]), d[t-1]), t)
    # grad(U_r) = sum(outer(grad(r.arg[t]), d[t-1]), t)
    # grad(W_a) = sum(outer(grad(e.arg.sum2[t]), d[t-1]), t)
    np.matmul(dnzre_parts[1:].reshape(3, -1, n_d).transpose(0, 2, 1), d[:T].reshape(-1, n_d), out=dU_z_U_r_W_a)
    # grad(h[s]) = sum(alpha[t, s] * grad(c[t]), t) + U_a.T @ grad(e.arg.sum[s])
    np.matmul(alpha.transpose(2, 1, 0), dc.transpose(1, 0, 2), out=dh.transpose(1, 0, 2))
    # grad(v_a) = sum(sum(grad(e[t, s]) * e.tanh[t, s], s), t)
    np.matmul(e_tanh.reshape(-1, n_d).T, de.reshape(-1), out=dv_a)
    # grad(U_a) = sum(outer(grad(e.arg.sum[s]), h[s]), s)
    np.matmul(de_arg_sum.reshape(-1, n_d).T, h.reshape(-1, 2 * n_h), out=dU_a)
    # grad(h[s]) = sum(alpha[t, s] * grad(c[t]), t) + U_a.T @ grad(e.arg.sum[s])
    np.matmul(de_arg_sum.reshape(-1, n_d), U_a, out=tmp9.reshape(-1, 2 * n_h))
    dh += tmp9
    # grad(d.arg) = (1 - d[0]**2) * grad(d[0])
    np.square(d[0], out=dd_arg)
    np.subtract(1, dd_arg, out=dd_arg)
    dd_arg *= dd[0]
    # grad(W_s) = outer(grad(d.arg), g[1])
    np.matmul(dd_arg.T, g[0], out=dW_s)
    # g.arg.factor[s] = 1 - g[s]**2
    np.square(g[:S], out=g_arg_factor)
    np.subtract(1, g_arg_factor, out=g_arg_factor)
    # f.arg.factor[s] = 1 - f[s]**2
    np.square(f[1:], out=f_arg_factor)
    np.subtract(1, f_arg_factor, out=f_arg_factor)
    dg.fill(0)
    # grad(g[1]) = W_s.T @ grad(d.arg) + grad(h[1, n_h:])
    np.matmul(dd_arg, W_s, out=tmp0)
    dg[0] += tmp0
    # grad(g[s]) = W_g.T @ grad(g.arg[s-1]) + grad(h[s, n_h:]), 2 <= s <= S
    dg[:S] += dh[:, :, n_h:]
    # grad(f[s]) = W_h.T @ grad(f.arg[s+1]) + grad(h[s, :n_h]), s < S
    df[1:] = dh[:, :, :n_h]
    # grad(g.arg[s]) = (1 - g[s]**2) * grad(g[s])
    np.multiply(g_arg_factor[0], dg[0], out=dfg_arg[1, 0])
    for s in range(2, S + 1):
        # grad(g[s]) = W_g.T @ grad(g.arg[s-1]) + grad(h[s, n_h:]), 2 <= s <= S
        dg_arg_at[s - 2].dot(W_g, out=tmp0)
        dg_at[s - 1] += tmp0
        # grad(g.arg[s]) = (1 - g[s]**2) * grad(g[s])
        np.multiply(g_arg_factor_at[s - 1], dg_at[s - 1], out=dg_arg_at[s - 1])
    # grad(f.arg[s]) = (1 - f[s]**2) * grad(f[s])
    np.multiply(f_arg_factor[S - 1], df[S], out=dfg_arg[0, S - 1])
    for s in range(S - 1, 0, -1):
        # grad(f[s]) = W_h.T @ grad(f.arg[s+1]) + grad(h[s, :n_h]), s < S
        df_arg_at[s].dot(W_h, out=tmp0)
        df_at[s] += tmp0
        # grad(f.arg[s]) = (1 - f[s]**2) * grad(f[s])
        np.multiply(f_arg_factor_at[s - 1], df_at[s], out=df_arg_at[s - 1])
    # grad(b_h) = sum(grad(f.arg[s]), s)
    # grad(b_g) = sum(grad(g.arg[s]), s)
    np.add.reduce(dfg_arg, axis=(1, 2), out=db_hg)
    # grad(U_h) = sum(outer(grad(f.arg[s]), x[s]), s)
    # grad(U_g) = sum(outer(grad(g.arg[s]), x[s]), s)
    np.matmul(dfg_arg.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dU_hg)
    # grad(W_g) = sum(outer(grad(g.arg[s]), g[s+1]), s)
    np.matmul(dfg_arg[1].reshape(-1, n_h).T, g[1:].reshape(-1, n_h), out=dW_g)
    # grad(W_h) = sum(outer(grad(f.arg[s]), f[s-1]), s)
    np.matmul(dfg_arg[0].reshape(-1, n_h).T, f[:S].reshape(-1, n_h), out=dW_h)
    dE.fill(0)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(w[t])), (t, 2, T))
    _scatter_add(dE, (y[:T - 1],), dw)
    if "x" in wrt:
        dx = np.empty((S, B, n_x), dtype)
        product4 = np.empty((2, S * B, n_x), dtype)
        # grad(x[s]) = U_h.T @ grad(f.arg[s]) + U_g.T @ grad(g.arg[s])
        np.matmul(dfg_arg.reshape(2, -1, n_h), U_hg, out=product4)
        np.add.reduce(product4, axis=0, out=dx.reshape(-1, n_x))
    if "g_end" in wrt:
        tmp_10_0 = np.empty((B, n_h), dtype)
        # grad(g[S+1]) = W_g.T @ grad(g.arg[S])
        np.matmul(dfg_arg[1, S - 1], W_g, out=tmp_10_0)
        dg[S] += tmp_10_0
        dg_end = np.empty((B, n_h), dtype)
        # grad(g.S + 1) = grad(g[S+1])
        dg_end[...] = dg[S]
    if "f0" in wrt:
        # grad(f[0]) = W_h.T @ grad(f.arg[1])
        np.matmul(dfg_arg[0, 0], W_h, out=df[0])
        df0 = np.empty((B, n_h), dtype)
        # grad(f.0) = grad(f[0])
        df0[...] = df[0]
    dC_n = dC_nzr[0]
    dC_z = dC_nzr[1]
    dC_r = dC_nzr[2]
    dW_n = dW_nzr[0]
    dW_z = dW_nzr[1]
    dW_r = dW_nzr[2]
    dU_z = dU_z_U_r_W_a[0]
    dU_r = dU_z_U_r_W_a[1]
    dW_a = dU_z_U_r_W_a[2]
    db_h = db_hg[0]
    db_g = db_hg[1]
    dU_h = dU_hg[0]
    dU_g = dU_hg[1]

    gradient = Params(
        U_h=dU_h,
        U_g=dU_g,
        W_h=dW_h,
        W_g=dW_g,
        b_h=db_h,
        b_g=db_g,
        E=dE,
        W_a=dW_a,
        U_a=dU_a,
        v_a=dv_a,
        W_r=dW_r,
        W_z=dW_z,
        W_n=dW_n,
        U_r=dU_r,
        U_z=dU_z,
        U_n=dU_n,
        C_r=dC_r,
        C_z=dC_z,
        C_n=dC_n,
        W_s=dW_s,
        V=dV,
        b=db,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "f0" in wrt:
        result["f0"] = df0[0] if single else df0
    if "g_end" in wrt:
        result["g_end"] = dg_end[0] if single else dg_end
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    x: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    x        (S, B, n_x)  real               the sequence to read
    y        (T, B)       0..n_y - 1         the sequence to write; y[t-1] is read when y[t] is predicted
    state                 State              what an earlier piece left, from last_state or step: the sequence goes on
                                             from there
    lengths               by sequence        each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it,
                                             values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _backward_padded(params, forward, x, y, lengths, window, state)
    (
        params, x, y, f, g, h, alpha, c, w, r, z, n, d, yhat, dtype, single, n_h, n_x, n_y, n_d, S, T, B,
    ) = _backward_arguments(params, forward, x, y)
    U_h, U_g, W_h, W_g, b_h, b_g, E, W_a, U_a, v_a, W_r, W_z, W_n, U_r, U_z, U_n, C_r, C_z, C_n, W_s, V, b = params

    e_arg_part = np.empty((S, B, n_d), dtype)
    # e.arg.part[s] = U_a @ h[s]
    np.matmul(h.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_d))
    e_arg_part2 = np.empty((T, B, n_d), dtype)
    # e.arg.part2[t] = W_a @ d[t-1]
    np.matmul(d[:T].reshape(-1, n_d), W_a.T, out=e_arg_part2.reshape(-1, n_d))
    e_arg = np.empty((T, S, B, n_d), dtype)
    # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
    e_arg[...] = e_arg_part
    e_arg += e_arg_part2[:, None]
    e_tanh = np.empty((T, S, B, n_d), dtype)
    # e.tanh[t, s] = tanh(e.arg[t, s])
    np.tanh(e_arg, out=e_tanh)
    n_product = np.empty((T, B, n_d), dtype)
    # n.product[t] = r[t] * d[t-1]
    np.multiply(d[:T], r, out=n_product)
    tmp0 = np.empty((T, B, n_d), dtype)
    tmp1 = np.empty((S, B), dtype)
    tmp2 = np.empty((B, n_d), dtype)
    tmp3 = np.empty((S, B, 2 * n_h), dtype)
    tmp4 = np.empty((B, n_h), dtype)
    C_nzr = np.stack((C_n, C_z, C_r))
    W_nzr = np.stack((W_n, W_z, W_r))
    U_z_U_r_W_a = np.stack((U_z, U_r, W_a))
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do[...] = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, -1)
    db = np.empty((n_y,), dtype)
    # grad(b) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=db)
    dV = np.empty((n_y, n_d), dtype)
    # grad(V) = sum(outer(grad(o[t]), d[t]), t)
    np.matmul(do.reshape(-1, n_y).T, d[1:].reshape(-1, n_d), out=dV)
    r_arg_factor = np.empty((T, B, n_d), dtype)
    # r.arg.factor[t] = d[t-1] * r[t] * (1 - r[t])
    np.subtract(1, r, out=r_arg_factor)
    r_arg_factor *= d[:T]
    r_arg_factor *= r
    dd = np.empty((T + 1, B, n_d), dtype)
    # grad(d[t]) = W_a.T @ grad(e.arg.sum2[t+1]) + U_r.T @ grad(r.arg[t+1]) + U_z.T @ grad(z.arg[t+1]) +
    #     r[t+1] * grad(n.product[t+1]) + (1 - z[t+1]) * grad(d[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dd[1:].reshape(-1, n_d))
    nz_arg_factor = np.empty((2, T, B, n_d), dtype)
    # n.arg.factor[t] = z[t] * (1 - n[t]**2)
    np.square(n, out=nz_arg_factor[0])
    np.subtract(1, nz_arg_factor[0], out=nz_arg_factor[0])
    nz_arg_factor[0] *= z
    # z.arg.factor[t] = (n[t] - d[t-1]) * z[t] * (1 - z[t])
    np.subtract(n, d[:T], out=tmp0)
    np.subtract(1, z, out=nz_arg_factor[1])
    nz_arg_factor[1] *= tmp0
    nz_arg_factor[1] *= z
    dnzre_parts = np.empty((4, T, B, n_d), dtype)
    dn_product = np.empty((T, B, n_d), dtype)
    dc = np.empty((T, B, 2 * n_h), dtype)
    dalpha = np.empty((S, B), dtype)
    dalpha_lse = np.empty((B,), dtype)
    de = np.empty((T, S, B), dtype)
    de_arg = np.empty((S, B, n_d), dtype)
    # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
    # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
    np.multiply(nz_arg_factor[:, T - 1], dd[T], out=dnzre_parts[:2, T - 1])
    # grad(n.product[t]) = U_n.T @ grad(n.arg[t])
    np.matmul(dnzre_parts[0, T - 1], U_n, out=dn_product[T - 1])
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    np.multiply(dn_product[T - 1], r_arg_factor[T - 1], out=dnzre_parts[2, T - 1])
    product = np.empty((3, B, 2 * n_h), dtype)
    # grad(c[t]) = C_r.T @ grad(r.arg[t]) + C_z.T @ grad(z.arg[t]) + C_n.T @ grad(n.arg[t])
    np.matmul(dnzre_parts[:3, T - 1], C_nzr, out=product)
    np.add.reduce(product, axis=0, out=dc[T - 1])
    # grad(alpha[t, s]) = h[s] @ grad(c[t])
    np.matmul(h.transpose(1, 0, 2), dc[T - 1][..., None], out=dalpha.T[..., None])
    # grad(alpha.lse[t]) = sum(-alpha[t, s] * grad(alpha[t, s]), s)
    dalpha_lse[...] = np.einsum("sb,sb->b", dalpha, alpha[T - 1])
    np.negative(dalpha_lse, out=dalpha_lse)
    # grad(e[t, s]) = alpha[t, s] * grad(alpha.lse[t]) + alpha[t, s] * grad(alpha[t, s])
    np.multiply(alpha[T - 1], dalpha_lse, out=de[T - 1])
    np.multiply(dalpha, alpha[T - 1], out=tmp1)
    de[T - 1] += tmp1
    # grad(e.arg[t, s]) = (1 - e.tanh[t, s]**2) * grad(e.tanh[t, s])
    np.square(e_tanh[T - 1], out=de_arg)
    np.subtract(1, de_arg, out=de_arg)
    de_arg *= de[T - 1][:, :, None]
    de_arg *= v_a
    # grad(e.arg.sum2[t]) = sum(grad(e.arg[t, s]), s)
    np.add.reduce(de_arg, axis=0, out=dnzre_parts[3, T - 1])
    de_arg_sum = np.empty((S, B, n_d), dtype)
    # grad(e.arg.sum[s]) = sum(grad(e.arg[t, s]), t)
    de_arg_sum[...] = de_arg
    one = np.array(1, dtype)
    dd_at = list(dd)
    dn_product_at = list(dn_product)
    dnzre_parts_at = list(dnzre_parts[1:].swapaxes(0, 1))
    product2 = np.empty((3, B, n_d), dtype)
    dnzre_parts_at2 = list(dnzre_parts[:2].swapaxes(0, 1))
    nz_arg_factor_at = list(nz_arg_factor.swapaxes(0, 1))
    dn_arg_at = list(dnzre_parts[0])
    dr_arg_at = list(dnzre_parts[2])
    r_arg_factor_at = list(r_arg_factor)
    dnzre_parts_at3 = list(dnzre_parts[:3].swapaxes(0, 1))
    dc_at = list(dc)
    de_at = list(de)
    e_tanh_at = list(e_tanh)
    de_arg_sum2_at = list(dnzre_parts[3])
    for t in range(T - 1, 0, -1):
        # grad(d[t]) = W_a.T @ grad(e.arg.sum2[t+1]) + U_r.T @ grad(r.arg[t+1]) + U_z.T @ grad(z.arg[t+1]) +
        #     r[t+1] * grad(n.product[t+1]) + (1 - z[t+1]) * grad(d[t+1]) + V.T @ grad(o[t]), t < T
        np.subtract(one, z[t], out=tmp2)
        tmp2 *= dd_at[t + 1]
        dd_at[t] += tmp2
        np.multiply(dn_product_at[t], r[t], out=tmp2)
        dd_at[t] += tmp2
        np.matmul(dnzre_parts_at[t], U_z_U_r_W_a, out=product2)
        np.add.reduce(product2, axis=0, out=tmp2)
        dd_at[t] += tmp2
        # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
        # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
        np.multiply(nz_arg_factor_at[t - 1], dd_at[t], out=dnzre_parts_at2[t - 1])
        # grad(n.product[t]) = U_n.T @ grad(n.arg[t])
        dn_arg_at[t - 1].dot(U_n, out=dn_product_at[t - 1])
        # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
        np.multiply(dn_product_at[t - 1], r_arg_factor_at[t - 1], out=dr_arg_at[t - 1])
        # grad(c[t]) = C_r.T @ grad(r.arg[t]) + C_z.T @ grad(z.arg[t]) + C_n.T @ grad(n.arg[t])
        np.matmul(dnzre_parts_at3[t - 1], C_nzr, out=product)
        np.add.reduce(product, axis=0, out=dc_at[t - 1])
        # grad(alpha[t, s]) = h[s] @ grad(c[t])
        np.matmul(h.transpose(1, 0, 2), dc_at[t - 1][..., None], out=dalpha.T[..., None])
        # grad(alpha.lse[t]) = sum(-alpha[t, s] * grad(alpha[t, s]), s)
        dalpha_lse[...] = np.einsum("sb,sb->b", dalpha, alpha[t - 1])
        np.negative(dalpha_lse, out=dalpha_lse)
        # grad(e[t, s]) = alpha[t, s] * grad(alpha.lse[t]) + alpha[t, s] * grad(alpha[t, s])
        np.multiply(alpha[t - 1], dalpha_lse, out=de_at[t - 1])
        np.multiply(dalpha, alpha[t - 1], out=tmp1)
        de_at[t - 1] += tmp1
        # grad(e.arg[t, s]) = (1 - e.tanh[t, s]**2) * grad(e.tanh[t, s])
        np.square(e_tanh_at[t - 1], out=de_arg)
        np.subtract(one, de_arg, out=de_arg)
        de_arg *= de_at[t - 1][:, :, None]
        de_arg *= v_a
        # grad(e.arg.sum2[t]) = sum(grad(e.arg[t, s]), s)
        np.add.reduce(de_arg, axis=0, out=de_arg_sum2_at[t - 1])
        # grad(e.arg.sum[s]) = sum(grad(e.arg[t, s]), t)
        de_arg_sum += de_arg
    # grad(d[t]) = W_a.T @ grad(e.arg.sum2[t+1]) + U_r.T @ grad(r.arg[t+1]) + U_z.T @ grad(z.arg[t+1]) +
    #     r[t+1] * grad(n.product[t+1]) + (1 - z[t+1]) * grad(d[t+1]) + V.T @ grad(o[t]), t < T
    np.subtract(1, z[0], out=dd[0])
    dd[0] *= dd[1]
    np.multiply(dn_product[0], r[0], out=tmp2)
    dd[0] += tmp2
    np.matmul(dnzre_parts[1:, 0], U_z_U_r_W_a, out=product2)
    np.add.reduce(product2, axis=0, out=tmp2)
    dd[0] += tmp2
    dC_nzr = np.empty((3, n_d, 2 * n_h), dtype)
    # grad(C_n) = sum(outer(grad(n.arg[t]), c[t]), t)
    # grad(C_z) = sum(outer(grad(z.arg[t]), c[t]), t)
    # grad(C_r) = sum(outer(grad(r.arg[t]), c[t]), t)
    np.matmul(dnzre_parts[:3].reshape(3, -1, n_d).transpose(0, 2, 1), c.reshape(-1, 2 * n_h), out=dC_nzr)
    dU_n = np.empty((n_d, n_d), dtype)
    # grad(U_n) = sum(outer(grad(n.arg[t]), n.product[t]), t)
    np.matmul(dnzre_parts[0].reshape(-1, n_d).T, n_product.reshape(-1, n_d), out=dU_n)
    dW_nzr = np.empty((3, n_d, n_d), dtype)
    # grad(W_n) = sum(outer(grad(n.arg[t]), w[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), w[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), w[t]), t)
    np.matmul(dnzre_parts[:3].reshape(3, -1, n_d).transpose(0, 2, 1), w.reshape(-1, n_d), out=dW_nzr)
    dw = np.empty((T - 1, B, n_d), dtype)
    product3 = np.empty((3, (T - 1) * B, n_d), dtype)
    # grad(w[t]) = W_r.T @ grad(r.arg[t]) + W_z.T @ grad(z.arg[t]) + W_n.T @ grad(n.arg[t])
    np.matmul(dnzre_parts[:3, 1:].reshape(3, -1, n_d), W_nzr, out=product3)
    np.add.reduce(product3, axis=0, out=dw.reshape(-1, n_d))
    dU_z_U_r_W_a = np.empty((3, n_d, n_d), dtype)
    # grad(U_z) = sum(outer(grad(z.arg[t]), d[t-1]), t)
    # grad(U_r) = sum(outer(grad(r.arg[t]), d[t-1]), t)
    # grad(W_a) = sum(outer(grad(e.arg.sum2[t]), d[t-1]), t)
    np.matmul(dnzre_parts[1:].reshape(3, -1, n_d).transpose(0, 2, 1), d[:T].reshape(-1, n_d), out=dU_z_U_r_W_a)
    dh = np.empty((S, B, 2 * n_h), dtype)
    # grad(h[s]) = sum(alpha[t, s] * grad(c[t]), t) + U_a.T @ grad(e.arg.sum[s])
    np.matmul(alpha.transpose(2, 1, 0), dc.transpose(1, 0, 2), out=dh.transpose(1, 0, 2))
    dv_a = np.empty((n_d,), dtype)
    # grad(v_a) = sum(sum(grad(e[t, s]) * e.tanh[t, s], s), t)
    np.matmul(e_tanh.reshape(-1, n_d).T, de.reshape(-1), out=dv_a)
    dU_a = np.empty((n_d, 2 * n_h), dtype)
    # grad(U_a) = sum(outer(grad(e.arg.sum[s]), h[s]), s)
    np.matmul(de_arg_sum.reshape(-1, n_d).T, h.reshape(-1, 2 * n_h), out=dU_a)
    # grad(h[s]) = sum(alpha[t, s] * grad(c[t]), t) + U_a.T @ grad(e.arg.sum[s])
    np.matmul(de_arg_sum.reshape(-1, n_d), U_a, out=tmp3.reshape(-1, 2 * n_h))
    dh += tmp3
    dd_arg = np.empty((B, n_d), dtype)
    # grad(d.arg) = (1 - d[0]**2) * grad(d[0])
    np.square(d[0], out=dd_arg)
    np.subtract(1, dd_arg, out=dd_arg)
    dd_arg *= dd[0]
    dW_s = np.empty((n_d, n_h), dtype)
    # grad(W_s) = outer(grad(d.arg), g[1])
    np.matmul(dd_arg.T, g[0], out=dW_s)
    dg = np.empty((S, B, n_h), dtype)
    # grad(g[s]) = W_g.T @ grad(g.arg[s-1]) + grad(h[s, n_h:]), 2 <= s <= S
    dg[...] = dh[:, :, n_h:]
    df = np.empty((S, B, n_h), dtype)
    # grad(f[s]) = W_h.T @ grad(f.arg[s+1]) + grad(h[s, :n_h]), s < S
    df[...] = dh[:, :, :n_h]
    g_arg_factor = np.empty((S, B, n_h), dtype)
    # g.arg.factor[s] = 1 - g[s]**2
    np.square(g[:S], out=g_arg_factor)
    np.subtract(1, g_arg_factor, out=g_arg_factor)
    f_arg_factor = np.empty((S, B, n_h), dtype)
    # f.arg.factor[s] = 1 - f[s]**2
    np.square(f[1:], out=f_arg_factor)
    np.subtract(1, f_arg_factor, out=f_arg_factor)
    # grad(g[1]) = W_s.T @ grad(d.arg) + grad(h[1, n_h:])
    np.matmul(dd_arg, W_s, out=tmp4)
    dg[0] += tmp4
    dfg_arg = np.empty((2, S, B, n_h), dtype)
    # grad(g.arg[s]) = (1 - g[s]**2) * grad(g[s])
    np.multiply(g_arg_factor[0], dg[0], out=dfg_arg[1, 0])
    dg_arg_at = list(dfg_arg[1])
    dg_at = list(dg)
    g_arg_factor_at = list(g_arg_factor)
    for s in range(2, S + 1):
        # grad(g[s]) = W_g.T @ grad(g.arg[s-1]) + grad(h[s, n_h:]), 2 <= s <= S
        dg_arg_at[s - 2].dot(W_g, out=tmp4)
        dg_at[s - 1] += tmp4
        # grad(g.arg[s]) = (1 - g[s]**2) * grad(g[s])
        np.multiply(g_arg_factor_at[s - 1], dg_at[s - 1], out=dg_arg_at[s - 1])
    # grad(f.arg[s]) = (1 - f[s]**2) * grad(f[s])
    np.multiply(f_arg_factor[S - 1], df[S - 1], out=dfg_arg[0, S - 1])
    df_arg_at = list(dfg_arg[0])
    df_at = list(df)
    f_arg_factor_at = list(f_arg_factor)
    for s in range(S - 1, 0, -1):
        # grad(f[s]) = W_h.T @ grad(f.arg[s+1]) + grad(h[s, :n_h]), s < S
        df_arg_at[s].dot(W_h, out=tmp4)
        df_at[s - 1] += tmp4
        # grad(f.arg[s]) = (1 - f[s]**2) * grad(f[s])
        np.multiply(f_arg_factor_at[s - 1], df_at[s - 1], out=df_arg_at[s - 1])
    db_hg = np.empty((2, n_h), dtype)
    # grad(b_h) = sum(grad(f.arg[s]), s)
    # grad(b_g) = sum(grad(g.arg[s]), s)
    np.add.reduce(dfg_arg, axis=(1, 2), out=db_hg)
    dU_hg = np.empty((2, n_h, n_x), dtype)
    # grad(U_h) = sum(outer(grad(f.arg[s]), x[s]), s)
    # grad(U_g) = sum(outer(grad(g.arg[s]), x[s]), s)
    np.matmul(dfg_arg.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dU_hg)
    dW_g = np.empty((n_h, n_h), dtype)
    # grad(W_g) = sum(outer(grad(g.arg[s]), g[s+1]), s)
    np.matmul(dfg_arg[1].reshape(-1, n_h).T, g[1:].reshape(-1, n_h), out=dW_g)
    dW_h = np.empty((n_h, n_h), dtype)
    # grad(W_h) = sum(outer(grad(f.arg[s]), f[s-1]), s)
    np.matmul(dfg_arg[0].reshape(-1, n_h).T, f[:S].reshape(-1, n_h), out=dW_h)
    dE = np.zeros((n_y, n_d), dtype)
    # grad(E) = sum(outer(onehot(y[t-1]), grad(w[t])), (t, 2, T))
    _scatter_add(dE, (y[:T - 1],), dw)
    dC_n = dC_nzr[0]
    dC_z = dC_nzr[1]
    dC_r = dC_nzr[2]
    dW_n = dW_nzr[0]
    dW_z = dW_nzr[1]
    dW_r = dW_nzr[2]
    dU_z = dU_z_U_r_W_a[0]
    dU_r = dU_z_U_r_W_a[1]
    dW_a = dU_z_U_r_W_a[2]
    db_h = db_hg[0]
    db_g = db_hg[1]
    dU_h = dU_hg[0]
    dU_g = dU_hg[1]

    return Params(
        U_h=dU_h,
        U_g=dU_g,
        W_h=dW_h,
        W_g=dW_g,
        b_h=db_h,
        b_g=db_g,
        E=dE,
        W_a=dW_a,
        U_a=dU_a,
        v_a=dv_a,
        W_r=dW_r,
        W_z=dW_z,
        W_n=dW_n,
        U_r=dU_r,
        U_z=dU_z,
        U_n=dU_n,
        C_r=dC_r,
        C_z=dC_z,
        C_n=dC_n,
        W_s=dW_s,
        V=dV,
        b=db,
    )


def init_state(params: Params, *, x: np.ndarray, g_end: np.ndarray | None = None) -> State:
    """The first state.

    x      (S, B, n_x)  real  the sequence to read
    g_end  (B, n_h)     real  g[S + 1]; 0 where not given

    Data without the axis B are one example.
    """
    params, x, g_end, dtype, single, n_h, n_x, n_y, n_d, S, B = _initial_arguments(params, x, g_end)
    U_h, U_g, W_h, W_g, b_h, b_g, E, W_a, U_a, v_a, W_r, W_z, W_n, U_r, U_z, U_n, C_r, C_z, C_n, W_s, V, b = params

    # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
    g_arg = (x.reshape(-1, n_x) @ U_g.T).reshape(S, B, n_h)
    g_arg += b_g
    g = np.empty((S + 1, B, n_h), dtype)
    # g[S+1] = 0
    g[S] = g_end
    W_g_T = W_g.T.copy()
    for s in range(S, 0, -1):
        # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
        g_arg[s - 1] += g[s] @ W_g_T
        # g[s] = tanh(b_g + W_g @ g[s+1] + U_g @ x[s])
        np.tanh(g_arg[s - 1], out=g[s - 1])
    # d.arg = W_s @ g[1]
    d_arg = g[0] @ W_s.T
    y_prev = np.empty((B,), np.intp)
    # y@1 = 0
    y_prev[...] = 0
    # d[0] = tanh(W_s @ g[1])
    d_prev = np.tanh(d_arg)

    if single:
        y_prev = y_prev[0]
        d_prev = d_prev[0]
    return State(y=y_prev, d=d_prev, t=0)


def step(
    params: Params,
    state: State,
    *,
    x: np.ndarray,
    y: np.ndarray,
    f0: np.ndarray | None = None,
    g_end: np.ndarray | None = None,
) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x      (S, B, n_x)  real        the sequence to read
    y      (B)          0..n_y - 1  the sequence to write; y[t-1] is read when y[t] is predicted
    f0     (B, n_h)     real        f[0]; 0 where not given
    g_end  (B, n_h)     real        g[S + 1]; 0 where not given

    Data without the axis B are one example.
    """
    (
        params, x, y, f0, g_end, y_prev, d_prev, dtype, single, n_h, n_x, n_y, n_d, S, B,
    ) = _step_arguments(params, state, x, y, f0, g_end)
    U_h, U_g, W_h, W_g, b_h, b_g, E, W_a, U_a, v_a, W_r, W_z, W_n, U_r, U_z, U_n, C_r, C_z, C_n, W_s, V, b = params
    t_now = _count("state.t", state[-1]) + 1

    C_rzn = np.stack((C_r, C_z, C_n))
    W_rzn = np.stack((W_r, W_z, W_n))
    U_hg = np.stack((U_h, U_g))
    b_hg = np.stack((b_h, b_g))
    U_rz = np.stack((U_r, U_z))
    # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
    # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
    fg_arg = (x.reshape(-1, n_x) @ U_hg.transpose(0, 2, 1)).reshape(2, S, B, n_h)
    fg_arg += b_hg[:, None, None]
    f = np.empty((S + 1, B, n_h), dtype)
    # f[0] = 0
    f[0] = f0
    g = np.empty((S + 1, B, n_h), dtype)
    # g[S+1] = 0
    g[S] = g_end
    W_h_T = W_h.T.copy()
    for s in range(1, S + 1):
        # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
        fg_arg[0, s - 1] += f[s - 1] @ W_h_T
        # f[s] = tanh(b_h + W_h @ f[s-1] + U_h @ x[s])
        np.tanh(fg_arg[0, s - 1], out=f[s])
    W_g_T = W_g.T.copy()
    for s in range(S, 0, -1):
        # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
        fg_arg[1, s - 1] += g[s] @ W_g_T
        # g[s] = tanh(b_g + W_g @ g[s+1] + U_g @ x[s])
        np.tanh(fg_arg[1, s - 1], out=g[s - 1])
    h = np.empty((S, B, 2 * n_h), dtype)
    # h[s] = concat(f[s], g[s])
    h[:, :, :n_h] = f[1:]
    h[:, :, n_h:] = g[:S]
    # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
    e_arg = (h.reshape(-1, 2 * n_h) @ U_a.T).reshape(S, B, n_d)
    e_arg += d_prev @ W_a.T
    # e.tanh[t, s] = tanh(e.arg[t, s])
    e_tanh = np.tanh(e_arg)
    # e[t, s] = dot(v_a, tanh(W_a @ d[t-1] + U_a @ h[s]))
    e = (e_tanh.reshape(-1, n_d) @ v_a).reshape(S, B)
    # alpha[t, s] = softmax(e[t, s], s)
    alpha_lse = _logsumexp(e, 0)
    alpha = np.exp(e - alpha_lse)
    # c[t] = sum(alpha[t, s] * h[s], s)
    c = (h.transpose(1, 2, 0) @ alpha.T[..., None])[..., 0]
    w = np.empty((B, n_d), dtype)
    # w[t] = E[y[t-1]]
    w[...] = 0
    w += np.where(2 <= t_now, E[y_prev], 0)
    # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
    # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
    # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
    rzn_arg = c @ C_rzn.transpose(0, 2, 1)
    rzn_arg += w @ W_rzn.transpose(0, 2, 1)
    # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
    # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
    rzn_arg[:2] += d_prev @ U_rz.transpose(0, 2, 1)
    # r[t] = sigmoid(W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t])
    r = _sigmoid(rzn_arg[0])
    # z[t] = sigmoid(W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t])
    z = _sigmoid(rzn_arg[1])
    # n.product[t] = r[t] * d[t-1]
    n_product = d_prev * r
    # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
    rzn_arg[2] += n_product @ U_n.T
    # n[t] = tanh(W_n @ w[t] + U_n @ (r[t] * d[t-1]) + C_n @ c[t])
    n = np.tanh(rzn_arg[2])
    # d[t] = (1 - z[t]) * d[t-1] + z[t] * n[t]
    d = d_prev * (1 - z)
    d += n * z
    # o[t] = b + V @ d[t]
    o = d @ V.T
    o += b
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])

    if single:
        y = y[0]
        d = d[0]
        e = e[:, 0]
        alpha = alpha[:, 0]
        c = c[0]
        w = w[0]
        r = r[0]
        z = z[0]
        n = n[0]
        o = o[0]
        yhat = yhat[0]
    result = State(y=y, d=d, t=t_now)
    return result, Outputs(e=e, alpha=alpha, c=c, w=w, r=r, z=z, n=n, d=d, o=o, yhat=yhat)


def free_run(
    params: Params,
    *,
    x: np.ndarray,
    steps: int,
    f0: np.ndarray | None = None,
    g_end: np.ndarray | None = None,
    y: np.ndarray | None = None,
    rng: np.random.Generator | None = None,
    truth: np.ndarray | None = None,
) -> FreeRun:
    """The model on its own: what it predicts is read where training reads the true values.

    x      (S, B, n_x)  real               the sequence to read
    f0     (B, n_h)     real               f[0]; 0 where not given
    g_end  (B, n_h)     real               g[S + 1]; 0 where not given
    y      (T, B)       0..n_y - 1         the sequence to write; y[t-1] is read when y[t] is predicted
    steps               whole number >= 1
    rng                 generator          draws the classes; the most probable ones where it is not given
    truth  (T, B)       bool               the steps that read y

    Data without the axis B are one example.
    """
    (
        params, x, f0, g_end, dtype, single, n_h, n_x, n_y, n_d, S, steps, B,
    ) = _free_run_arguments(params, x, f0, g_end, steps)
    U_h, U_g, W_h, W_g, b_h, b_g, E, W_a, U_a, v_a, W_r, W_z, W_n, U_r, U_z, U_n, C_r, C_z, C_n, W_s, V, b = params
    _generator(rng)
    truth = _truth(truth, (("y", y),), steps, B, single)
    y_given = _true_classes("y", y, truth, (steps, B), ("T", "B"), single, n_y, "n_y - 1")

    C_rzn = np.stack((C_r, C_z, C_n))
    W_rzn = np.stack((W_r, W_z, W_n))
    U_hg = np.stack((U_h, U_g))
    b_hg = np.stack((b_h, b_g))
    U_rz = np.stack((U_r, U_z))
    # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
    # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
    fg_arg = (x.reshape(-1, n_x) @ U_hg.transpose(0, 2, 1)).reshape(2, S, B, n_h)
    fg_arg += b_hg[:, None, None]
    g = np.empty((S + 1, B, n_h), dtype)
    # g[S+1] = 0
    g[S] = g_end
    W_g_T = W_g.T.copy()
    for s in range(S, 0, -1):
        # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
        fg_arg[1, s - 1] += g[s] @ W_g_T
        # g[s] = tanh(b_g + W_g @ g[s+1] + U_g @ x[s])
        np.tanh(fg_arg[1, s - 1], out=g[s - 1])
    # d.arg = W_s @ g[1]
    d_arg = g[0] @ W_s.T
    f = np.empty((S + 1, B, n_h), dtype)
    # f[0] = 0
    f[0] = f0
    W_h_T = W_h.T.copy()
    for s in range(1, S + 1):
        # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
        fg_arg[0, s - 1] += f[s - 1] @ W_h_T
        # f[s] = tanh(b_h + W_h @ f[s-1] + U_h @ x[s])
        np.tanh(fg_arg[0, s - 1], out=f[s])
    h = np.empty((S, B, 2 * n_h), dtype)
    # h[s] = concat(f[s], g[s])
    h[:, :, :n_h] = f[1:]
    h[:, :, n_h:] = g[:S]
    e_arg = np.empty((steps, S, B, n_d), dtype)
    # e.arg[t, s] = W_a @ d[t-1] + U_a @ h[s]
    e_arg[...] = (h.reshape(-1, 2 * n_h) @ U_a.T).reshape(S, B, n_d)
    w = np.empty((steps, B, n_d), dtype)
    # w[t] = E[y[t-1]]
    w[...] = 0
    o = np.empty((steps, B, n_y), dtype)
    # o[t] = b + V @ d[t]
    o[...] = b
    d = np.empty((steps + 1, B, n_d), dtype)
    # d[0] = tanh(W_s @ g[1])
    np.tanh(d_arg, out=d[0])
    e_tanh = np.empty((S, B, n_d), dtype)
    e = np.empty((steps, S, B), dtype)
    alpha_lse = np.empty((B,), dtype)
    alpha = np.empty((steps, S, B), dtype)
    c = np.empty((steps, B, 2 * n_h), dtype)
    rzn_arg = np.empty((3, B, n_d), dtype)
    rz = np.empty((2, steps, B, n_d), dtype)
    n_product = np.empty((B, n_d), dtype)
    n = np.empty((steps, B, n_d), dtype)
    yhat_lse = np.empty((B,), dtype)
    yhat = np.empty((steps, B, n_y), dtype)
    y_fed = np.empty((B,), np.intp)
    y = np.empty((steps, B), np.intp)
    # e.arg[t, s] = W_a @ d[t-1] + U_a @ h[s]
    e_arg[0] += d[0] @ W_a.T
    # e.tanh[t, s] = tanh(e.arg[t, s])
    np.tanh(e_arg[0], out=e_tanh)
    # e[t, s] = dot(v_a, tanh(W_a @ d[t-1] + U_a @ h[s]))
    e[0] = (e_tanh.reshape(-1, n_d) @ v_a).reshape(S, B)
    # alpha[t, s] = softmax(e[t, s], s)
    alpha_lse[...] = _logsumexp(e[0], 0)
    np.exp(e[0] - alpha_lse, out=alpha[0])
    # c[t] = sum(alpha[t, s] * h[s], s)
    c[0] = (h.transpose(1, 2, 0) @ alpha[0].T[..., None])[..., 0]
    # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
    # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
    # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
    rzn_arg[...] = c[0] @ C_rzn.transpose(0, 2, 1)
    rzn_arg += w[0] @ W_rzn.transpose(0, 2, 1)
    # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
    # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
    rzn_arg[:2] += d[0] @ U_rz.transpose(0, 2, 1)
    # r[t] = sigmoid(r.arg[t])
    # z[t] = sigmoid(z.arg[t])
    rz[:, 0] = _sigmoid(rzn_arg[:2])
    # n.product[t] = r[t] * d[t-1]
    n_product[...] = d[0] * rz[0, 0]
    # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
    rzn_arg[2] += n_product @ U_n.T
    # n[t] = tanh(W_n @ w[t] + U_n @ (r[t] * d[t-1]) + C_n @ c[t])
    np.tanh(rzn_arg[2], out=n[0])
    # d[t] = (1 - z[t]) * d[t-1] + z[t] * n[t]
    d[1] = d[0] * (1 - rz[1, 0])
    d[1] += n[0] * rz[1, 0]
    # o[t] = b + V @ d[t]
    o[0] += d[1] @ V.T
    # yhat[t] = softmax(o[t])
    yhat_lse[...] = _logsumexp(o[0], 1)
    np.exp(o[0] - yhat_lse[:, None], out=yhat[0])
    # y.fed[t] = the most probable class of yhat[t], or one that is drawn
    y_fed[...] = _choice(yhat[0], 1, rng)
    # y[t] = y.fed[t], or the true one where truth[t]
    y[0] = np.where(truth[0] != 0, y_given[0], y_fed)
    W_a_T = W_a.T.copy()
    C_rzn_T = C_rzn.transpose(0, 2, 1).copy()
    W_rzn_T = W_rzn.transpose(0, 2, 1).copy()
    U_rz_T = U_rz.transpose(0, 2, 1).copy()
    U_n_T = U_n.T.copy()
    V_T = V.T.copy()
    for t in range(2, steps + 1):
        # e.arg[t, s] = W_a @ d[t-1] + U_a @ h[s]
        e_arg[t - 1] += d[t - 1] @ W_a_T
        # e.tanh[t, s] = tanh(e.arg[t, s])
        np.tanh(e_arg[t - 1], out=e_tanh)
        # e[t, s] = dot(v_a, tanh(W_a @ d[t-1] + U_a @ h[s]))
        e[t - 1] = (e_tanh.reshape(-1, n_d) @ v_a).reshape(S, B)
        # alpha[t, s] = softmax(e[t, s], s)
        alpha_lse[...] = _logsumexp(e[t - 1], 0)
        np.exp(e[t - 1] - alpha_lse, out=alpha[t - 1])
        # c[t] = sum(alpha[t, s] * h[s], s)
        c[t - 1] = (h.transpose(1, 2, 0) @ alpha[t - 1].T[..., None])[..., 0]
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        rzn_arg[...] = c[t - 1] @ C_rzn_T
        # w[t] = E[y[t-1]]
        w[t - 1] += E[y[t - 2]]
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        rzn_arg += w[t - 1] @ W_rzn_T
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        rzn_arg[:2] += d[t - 1] @ U_rz_T
        # r[t] = sigmoid(r.arg[t])
        # z[t] = sigmoid(z.arg[t])
        rz[:, t - 1] = _sigmoid(rzn_arg[:2])
        # n.product[t] = r[t] * d[t-1]
        n_product[...] = d[t - 1] * rz[0, t - 1]
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        rzn_arg[2] += n_product @ U_n_T
        # n[t] = tanh(W_n @ w[t] + U_n @ (r[t] * d[t-1]) + C_n @ c[t])
        np.tanh(rzn_arg[2], out=n[t - 1])
        # d[t] = (1 - z[t]) * d[t-1] + z[t] * n[t]
        d[t] = d[t - 1] * (1 - rz[1, t - 1])
        d[t] += n[t - 1] * rz[1, t - 1]
        # o[t] = b + V @ d[t]
        o[t - 1] += d[t] @ V_T
        # yhat[t] = softmax(o[t])
        yhat_lse[...] = _logsumexp(o[t - 1], 1)
        np.exp(o[t - 1] - yhat_lse[:, None], out=yhat[t - 1])
        # y.fed[t] = the most probable class of yhat[t], or one that is drawn
        y_fed[...] = _choice(yhat[t - 1], 1, rng)
        # y[t] = y.fed[t], or the true one where truth[t]
        y[t - 1] = np.where(truth[t - 1] != 0, y_given[t - 1], y_fed)
    r = rz[0]
    z = rz[1]

    if single:
        f = f[:, 0]
        g = g[:, 0]
        h = h[:, 0]
        e = e[:, :, 0]
        alpha = alpha[:, :, 0]
        c = c[:, 0]
        w = w[:, 0]
        r = r[:, 0]
        z = z[:, 0]
        n = n[:, 0]
        d = d[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
        y = y[:, 0]
    return FreeRun(f=f, g=g, h=h, e=e, alpha=alpha, c=c, w=w, r=r, z=z, n=n, d=d, o=o, yhat=yhat, y=y)


def last_state(
    forward: Forward,
    *,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> State:
    """The state after the last step, from what `forward` returned.

    y        as `forward` was given it
    lengths  as `forward` was given it
    state    as `forward` was given it
    """
    forward = _as_forward(forward)
    state = None if state is None else _as_state(state)
    y = _array("y", y)
    steps = y.shape[0]
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("S", "T"), steps, 1 if y.ndim < 2 else y.shape[1], y.ndim < 2, 1
    )
    return State(
        y=_last_given("y", y, 0, 1, lengths, None if state is None else state.y),
        d=_last(forward.d, 0, 1, 1, lengths),
        t=_steps_so_far(state, steps, lengths),
    )


def _forward_padded(params, x, y, f0, g_end, lengths, state):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, f0, g_end, dtype, single, n_h, n_x, n_y, n_d, S, T, B, len_S, S_own, len_T, T_own,
    ) = _padded_arguments(params, x, y, f0, g_end, lengths)
    U_h, U_g, W_h, W_g, b_h, b_g, E, W_a, U_a, v_a, W_r, W_z, W_n, U_r, U_z, U_n, C_r, C_z, C_n, W_s, V, b = params
    state = None if state is None else _as_state(state)
    T_fresh = float(state is None)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    (d_before1,) = _before(state, "d", 1, (B, n_d), ("B", "n_d"), single, dtype)

    tmp0 = np.empty((S, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_d), dtype)
    tmp3 = np.empty((T, B, n_d), dtype)
    tmp4 = np.empty((3, T, B, n_d), dtype)
    tmp5 = np.empty((B, n_d), dtype)
    tmp6 = np.empty((3, B, n_d), dtype)
    tmp7 = np.empty((S, B), dtype)
    tmp8 = np.empty((B, n_d), dtype)
    tmp9 = np.empty((T, B, n_y), dtype)
    tmp10 = np.empty((B, T), dtype)
    tmp11 = np.empty((B, T), dtype)
    tmp12 = np.empty((B, T), dtype)
    U_z_U_r_W_a = np.stack((U_z, U_r, W_a))
    C_nzr = np.stack((C_n, C_z, C_r))
    W_nzr = np.stack((W_n, W_z, W_r))
    U_hg = np.stack((U_h, U_g))
    b_hg = np.stack((b_h, b_g))
    fg_arg = np.empty((2, S, B, n_h), dtype)
    # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
    # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
    np.matmul(x.reshape(-1, n_x), U_hg.transpose(0, 2, 1), out=fg_arg.reshape(2, -1, n_h))
    fg_arg += b_hg[:, None, None]
    g = np.zeros((S + 1, B, n_h), dtype)
    # g[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], g_end, 0)
    g[1:] += tmp0
    g_inside = np.empty((B, n_h), dtype)
    W_g_T = np.empty((n_h, n_h), dtype)
    W_g_T[...] = W_g.T
    g_at = list(g)
    g_arg_at = list(fg_arg[1])
    for s in range(S, 0, -1):
        # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
        g_at[s].dot(W_g_T, out=tmp1)
        g_arg_at[s - 1] += tmp1
        # g.inside[s] = tanh(g.arg[s])
        np.tanh(g_arg_at[s - 1], out=g_inside)
        # g[s] = tanh(b_g + W_g @ g[s+1] + U_g @ x[s])
        tmp1[...] = np.where((s <= S_own)[:, None], g_inside, 0)
        g_at[s - 1] += tmp1
    d_arg = np.empty((B, n_d), dtype)
    # d.arg = W_s @ g[1]
    np.matmul(g[0], W_s.T, out=d_arg)
    f = np.empty((S + 1, B, n_h), dtype)
    # f[0] = 0
    f[0] = f0
    W_h_T = np.empty((n_h, n_h), dtype)
    W_h_T[...] = W_h.T
    f_at = list(f)
    f_arg_at = list(fg_arg[0])
    for s in range(1, S + 1):
        # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
        f_at[s - 1].dot(W_h_T, out=tmp1)
        f_arg_at[s - 1] += tmp1
        # f[s] = tanh(b_h + W_h @ f[s-1] + U_h @ x[s])
        np.tanh(f_arg_at[s - 1], out=tmp1)
        f[s] = np.where((s <= S_own)[:, None], tmp1, f[s - 1])
    h = np.empty((S, B, 2 * n_h), dtype)
    # h[s] = concat(f[s], g[s])
    h[:, :, :n_h] = f[1:]
    h[:, :, n_h:] = g[:S]
    e_arg_part = np.empty((S, B, n_d), dtype)
    # e.arg.part[s] = U_a @ h[s]
    np.matmul(h.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_d))
    c_product2 = np.empty((S, B, 2 * n_h), dtype)
    # c.product2[s] = where(s <= S.own, h[s], 0)
    c_product2[...] = np.where((np.arange(1, S + 1)[:, None] <= S_own)[:, :, None], h, 0)
    w = np.empty((T, B, n_d), dtype)
    # w[t] = E[y[t-1]]
    w[...] = 0
    y_held = np.empty((T, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # w[t] = E[y[t-1]]
    np.take(E, y_held, axis=0, out=tmp3, mode="clip")
    tmp2[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp3, 0)
    w += tmp2
    nzre_parts = np.zeros((4, T, B, n_d), dtype)
    # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
    # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
    # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
    np.matmul(w.reshape(-1, n_d), W_nzr.transpose(0, 2, 1), out=tmp4.reshape(3, -1, n_d))
    nzre_parts[:3] += tmp4
    d = np.empty((T + 1, B, n_d), dtype)
    # d[0] = tanh(W_s @ g[1])
    np.tanh(d_arg, out=tmp5)
    d[0] = np.where(T_fresh != 0, tmp5, d_before1)
    e_arg = np.empty((S, B, n_d), dtype)
    e_tanh = np.empty((S, B, n_d), dtype)
    e = np.empty((T, S, B), dtype)
    alpha_inside = np.empty((S, B), dtype)
    alpha_lse = np.empty((B,), dtype)
    alpha = np.empty((T, S, B), dtype)
    c_product = np.empty((S, B), dtype)
    c = np.empty((T, B, 2 * n_h), dtype)
    zr = np.empty((2, T, B, n_d), dtype)
    n_product = np.empty((B, n_d), dtype)
    n = np.empty((T, B, n_d), dtype)
    U_z_U_r_W_a_T = np.empty((3, n_d, n_d), dtype)
    U_z_U_r_W_a_T[...] = U_z_U_r_W_a.transpose(0, 2, 1)
    C_nzr_T = np.empty((3, 2 * n_h, n_d), dtype)
    C_nzr_T[...] = C_nzr.transpose(0, 2, 1)
    U_n_T = np.empty((n_d, n_d), dtype)
    U_n_T[...] = U_n.T
    d_at = list(d)
    nzre_parts_at = list(nzre_parts[1:].swapaxes(0, 1))
    e_arg_part2_at = list(nzre_parts[3])
    e_at = list(e)
    largest = np.empty((1, B), dtype)
    alpha_at = list(alpha)
    c_at = list(c)
    nzre_parts_at2 = list(nzre_parts[:3].swapaxes(0, 1))
    zr_at = list(zr.swapaxes(0, 1))
    nzre_parts_at3 = list(nzre_parts[1:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    r_at = list(zr[1])
    n_arg_at = list(nzre_parts[0])
    n_at = list(n)
    z_at = list(zr[0])
    one = np.array(1, dtype)
    for t in range(1, T + 1):
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg[...] = e_arg_part
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        # e.arg.part2[t] = W_a @ d[t-1]
        np.matmul(d_at[t - 1], U_z_U_r_W_a_T, out=tmp6)
        nzre_parts_at[t - 1] += tmp6
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg += e_arg_part2_at[t - 1]
        # e.tanh[t, s] = tanh(e.arg[t, s])
        np.tanh(e_arg, out=e_tanh)
        # e[t, s] = dot(v_a, tanh(W_a @ d[t-1] + U_a @ h[s]))
        np.matmul(e_tanh.reshape(-1, n_d), v_a, out=e_at[t - 1].reshape(-1))
        # alpha.inside[t, s] = where(s <= S.own, e[t, s], -inf)
        alpha_inside[...] = np.where(np.arange(1, S + 1)[:, None] <= S_own, e[t - 1], -np.inf)
        # alpha[t, s] = softmax(e[t, s], s)
        _logsumexp(alpha_inside, 0, out=alpha_lse, work=tmp7, largest=largest)
        np.subtract(alpha_inside, alpha_lse, out=tmp7)
        np.exp(tmp7, out=alpha_at[t - 1])
        # c.product[t, s] = where(s <= S.own, alpha[t, s], 0)
        c_product[...] = np.where(np.arange(1, S + 1)[:, None] <= S_own, alpha[t - 1], 0)
        # c[t] = sum(alpha[t, s] * h[s], s)
        np.matmul(c_product2.transpose(1, 2, 0), c_product.T[..., None], out=c_at[t - 1][..., None])
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        np.matmul(c_at[t - 1], C_nzr_T, out=tmp6)
        nzre_parts_at2[t - 1] += tmp6
        # z[t] = sigmoid(z.arg[t])
        # r[t] = sigmoid(r.arg[t])
        _sigmoid(nzre_parts_at3[t - 1], out=zr_at[t - 1], half=half)
        # n.product[t] = r[t] * d[t-1]
        np.multiply(d_at[t - 1], r_at[t - 1], out=n_product)
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        n_product.dot(U_n_T, out=tmp5)
        n_arg_at[t - 1] += tmp5
        # n[t] = tanh(W_n @ w[t] + U_n @ (r[t] * d[t-1]) + C_n @ c[t])
        np.tanh(n_arg_at[t - 1], out=n_at[t - 1])
        # d[t] = (1 - z[t]) * d[t-1] + z[t] * n[t]
        np.multiply(n_at[t - 1], z_at[t - 1], out=tmp8)
        np.subtract(one, z_at[t - 1], out=tmp5)
        tmp5 *= d_at[t - 1]
        tmp5 += tmp8
        d[t] = np.where((t <= T_own)[:, None], tmp5, d[t - 1])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = b + V @ d[t]
    np.matmul(d[1:].reshape(-1, n_d), V.T, out=o.reshape(-1, n_y))
    o += b
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp9, largest=largest2)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp9)
    np.exp(tmp9, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp11[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp12[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp10[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp12, 0)
    np.subtract(tmp11, tmp10, out=tmp10)
    loss = tmp10.sum()
    z = zr[0]
    r = zr[1]

    if single:
        f = f[:, 0]
        g = g[:, 0]
        h = h[:, 0]
        e = e[:, :, 0]
        alpha = alpha[:, :, 0]
        c = c[:, 0]
        w = w[:, 0]
        r = r[:, 0]
        z = z[:, 0]
        n = n[:, 0]
        d = d[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(f=f, g=g, h=h, e=e, alpha=alpha, c=c, w=w, r=r, z=z, n=n, d=d, o=o, yhat=yhat, loss=float(loss))


def _loss_padded(params, x, y, f0, g_end, lengths, workspace, state):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, f0, g_end, dtype, single, n_h, n_x, n_y, n_d, S, T, B, len_S, S_own, len_T, T_own,
    ) = _padded_arguments(params, x, y, f0, g_end, lengths)
    U_h, U_g, W_h, W_g, b_h, b_g, E, W_a, U_a, v_a, W_r, W_z, W_n, U_r, U_z, U_n, C_r, C_z, C_n, W_s, V, b = params
    state = None if state is None else _as_state(state)
    T_fresh = float(state is None)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    (d_before1,) = _before(state, "d", 1, (B, n_d), ("B", "n_d"), single, dtype)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, d_arg, tmp8, tmp9, tmp10, tmp11, tmp12, U_z_U_r_W_a, C_nzr,
        W_nzr, U_hg, b_hg, fg_arg, g, g_inside, W_g_T, g_at, g_arg_at, f, W_h_T, f_at, f_arg_at, h, e_arg_part,
        c_product2, w, y_held, nzre_parts, d, e_arg, e_tanh, e, alpha_inside, alpha_lse, alpha, c_product, c, zr,
        n_product, n, U_z_U_r_W_a_T, C_nzr_T, U_n_T, d_at, nzre_parts_at, e_arg_part2_at, largest, nzre_parts_at2,
        nzre_parts_at3, half, n_arg_at, one, o, yhat_lse, largest2,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, S, n_x, T, n_y, n_h, n_d, B, dtype)
    np.stack((U_z, U_r, W_a), out=U_z_U_r_W_a)
    np.stack((C_n, C_z, C_r), out=C_nzr)
    np.stack((W_n, W_z, W_r), out=W_nzr)
    np.stack((U_h, U_g), out=U_hg)
    np.stack((b_h, b_g), out=b_hg)
    # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
    # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
    np.matmul(x.reshape(-1, n_x), U_hg.transpose(0, 2, 1), out=fg_arg.reshape(2, -1, n_h))
    fg_arg += b_hg[:, None, None]
    g.fill(0)
    # g[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], g_end, 0)
    g[1:] += tmp0
    W_g_T[...] = W_g.T
    for s in range(S, 0, -1):
        # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
        g_at[s].dot(W_g_T, out=tmp1)
        g_arg_at[s - 1] += tmp1
        # g.inside[s] = tanh(g.arg[s])
        np.tanh(g_arg_at[s - 1], out=g_inside)
        # g[s] = tanh(b_g + W_g @ g[s+1] + U_g @ x[s])
        tmp1[...] = np.where((s <= S_own)[:, None], g_inside, 0)
        g_at[s - 1] += tmp1
    # d.arg = W_s @ g[1]
    np.matmul(g[0], W_s.T, out=d_arg)
    # f[0] = 0
    f[0] = f0
    W_h_T[...] = W_h.T
    for s in range(1, S + 1):
        # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
        f_at[s - 1].dot(W_h_T, out=tmp1)
        f_arg_at[s - 1] += tmp1
        # f[s] = tanh(b_h + W_h @ f[s-1] + U_h @ x[s])
        np.tanh(f_arg_at[s - 1], out=tmp1)
        f[s] = np.where((s <= S_own)[:, None], tmp1, f[s - 1])
    # h[s] = concat(f[s], g[s])
    h[:, :, :n_h] = f[1:]
    h[:, :, n_h:] = g[:S]
    # e.arg.part[s] = U_a @ h[s]
    np.matmul(h.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_d))
    # c.product2[s] = where(s <= S.own, h[s], 0)
    c_product2[...] = np.where((np.arange(1, S + 1)[:, None] <= S_own)[:, :, None], h, 0)
    # w[t] = E[y[t-1]]
    w[...] = 0
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # w[t] = E[y[t-1]]
    np.take(E, y_held, axis=0, out=tmp3, mode="clip")
    tmp2[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp3, 0)
    w += tmp2
    nzre_parts.fill(0)
    # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
    # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
    # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
    np.matmul(w.reshape(-1, n_d), W_nzr.transpose(0, 2, 1), out=tmp4.reshape(3, -1, n_d))
    nzre_parts[:3] += tmp4
    # d[0] = tanh(W_s @ g[1])
    np.tanh(d_arg, out=tmp5)
    d[0] = np.where(T_fresh != 0, tmp5, d_before1)
    U_z_U_r_W_a_T[...] = U_z_U_r_W_a.transpose(0, 2, 1)
    C_nzr_T[...] = C_nzr.transpose(0, 2, 1)
    U_n_T[...] = U_n.T
    for t in range(1, T + 1):
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg[...] = e_arg_part
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        # e.arg.part2[t] = W_a @ d[t-1]
        np.matmul(d_at[t - 1], U_z_U_r_W_a_T, out=tmp6)
        nzre_parts_at[t - 1] += tmp6
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg += e_arg_part2_at[t - 1]
        # e.tanh[t, s] = tanh(e.arg[t, s])
        np.tanh(e_arg, out=e_tanh)
        # e[t, s] = dot(v_a, tanh(W_a @ d[t-1] + U_a @ h[s]))
        np.matmul(e_tanh.reshape(-1, n_d), v_a, out=e.reshape(-1))
        # alpha.inside[t, s] = where(s <= S.own, e[t, s], -inf)
        alpha_inside[...] = np.where(np.arange(1, S + 1)[:, None] <= S_own, e, -np.inf)
        # alpha[t, s] = softmax(e[t, s], s)
        _logsumexp(alpha_inside, 0, out=alpha_lse, work=tmp7, largest=largest)
        np.subtract(alpha_inside, alpha_lse, out=tmp7)
        np.exp(tmp7, out=alpha)
        # c.product[t, s] = where(s <= S.own, alpha[t, s], 0)
        c_product[...] = np.where(np.arange(1, S + 1)[:, None] <= S_own, alpha, 0)
        # c[t] = sum(alpha[t, s] * h[s], s)
        np.matmul(c_product2.transpose(1, 2, 0), c_product.T[..., None], out=c[..., None])
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        np.matmul(c, C_nzr_T, out=tmp6)
        nzre_parts_at2[t - 1] += tmp6
        # z[t] = sigmoid(z.arg[t])
        # r[t] = sigmoid(r.arg[t])
        _sigmoid(nzre_parts_at3[t - 1], out=zr, half=half)
        # n.product[t] = r[t] * d[t-1]
        np.multiply(d_at[t - 1], zr[1], out=n_product)
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        n_product.dot(U_n_T, out=tmp5)
        n_arg_at[t - 1] += tmp5
        # n[t] = tanh(W_n @ w[t] + U_n @ (r[t] * d[t-1]) + C_n @ c[t])
        np.tanh(n_arg_at[t - 1], out=n)
        # d[t] = (1 - z[t]) * d[t-1] + z[t] * n[t]
        np.multiply(n, zr[0], out=tmp8)
        np.subtract(one, zr[0], out=tmp5)
        tmp5 *= d_at[t - 1]
        tmp5 += tmp8
        d[t] = np.where((t <= T_own)[:, None], tmp5, d[t - 1])
    # o[t] = b + V @ d[t]
    np.matmul(d[1:].reshape(-1, n_d), V.T, out=o.reshape(-1, n_y))
    o += b
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp9, largest=largest2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp11[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp12[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp10[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp12, 0)
    np.subtract(tmp11, tmp10, out=tmp10)
    loss = tmp10.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, f0, g_end, lengths, wrt, workspace, window, state):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, f0, g_end, dtype, single, n_h, n_x, n_y, n_d, S, T, B, len_S, S_own, len_T, T_own,
    ) = _padded_arguments(params, x, y, f0, g_end, lengths)
    U_h, U_g, W_h, W_g, b_h, b_g, E, W_a, U_a, v_a, W_r, W_z, W_n, U_r, U_z, U_n, C_r, C_z, C_n, W_s, V, b = params
    state = None if state is None else _as_state(state)
    T_fresh = float(state is None)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    (d_before1,) = _before(state, "d", 1, (B, n_d), ("B", "n_d"), single, dtype)
    wrt = _asked(wrt, ("x", "f0", "g_end"))
    window_S = _window(window, "S", ("S", "T"), S)
    window_T = _window(window, "T", ("S", "T"), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, U_z_U_r_W_a, C_nzr, W_nzr,
        U_hg, b_hg, fg_arg, g, g_inside, W_g_T, g_at, g_arg_at, g_inside_at, d_arg, f, W_h_T, f_at, f_arg_at, h,
        e_arg_part, c_product2, w, y_held, nzre_parts, d, e_arg, e_tanh, e, alpha_inside, alpha_lse, alpha, c_product,
        c, zr, n_product, n, U_z_U_r_W_a_T, C_nzr_T, U_n_T, d_at, nzre_parts_at, e_arg_part2_at, e_tanh_at, largest,
        alpha_at, c_product_at, c_at, nzre_parts_at2, zr_at, nzre_parts_at3, half, n_product_at, r_at, n_arg_at, n_at,
        z_at, one, o, yhat_lse, largest2, yhat, tmp13, tmp17, tmp14, tmp15, tmp16, tmp18, tmp19, tmp20, tmp21, tmp22,
        U_zr, do, d_factor, dnzre_parts, r_arg_factor, alpha_factor, rows, flat, entries, dd, nz_arg_factor, dn_product,
        dc, dc_product, dalpha, dalpha_lse, dalpha_inside, de, de_arg, product, d_factor_at, dd_at, dn_product_at,
        dnzre_parts_at, product2, de_arg_at, dnzre_parts_at2, nz_arg_factor_at, dn_arg_at, dr_arg_at, r_arg_factor_at,
        dnzre_parts_at3, dc_at, de_at, dd_arg, db, dV, dC_nzr, dU_n, dW_nzr, dw, product3, dU_z_U_r_W_a, dc_product2,
        dh, dv_a, de_arg_sum, dU_a, dW_s, dfg_arg, g_arg_factor, f_arg_factor, dg, df, number, dg_arg_at, dg_at,
        g_arg_factor_at, df_arg_at, df_at, f_arg_factor_at, db_hg, dU_hg, dW_g, dW_h, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, S, n_x, T, n_y, n_h, n_d, B, dtype)
    np.stack((U_z, U_r, W_a), out=U_z_U_r_W_a)
    np.stack((C_n, C_z, C_r), out=C_nzr)
    np.stack((W_n, W_z, W_r), out=W_nzr)
    np.stack((U_h, U_g), out=U_hg)
    np.stack((b_h, b_g), out=b_hg)
    # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
    # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
    np.matmul(x.reshape(-1, n_x), U_hg.transpose(0, 2, 1), out=fg_arg.reshape(2, -1, n_h))
    fg_arg += b_hg[:, None, None]
    g.fill(0)
    # g[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], g_end, 0)
    g[1:] += tmp0
    W_g_T[...] = W_g.T
    for s in range(S, 0, -1):
        # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
        g_at[s].dot(W_g_T, out=tmp1)
        g_arg_at[s - 1] += tmp1
        # g.inside[s] = tanh(g.arg[s])
        np.tanh(g_arg_at[s - 1], out=g_inside_at[s - 1])
        # g[s] = tanh(b_g + W_g @ g[s+1] + U_g @ x[s])
        tmp1[...] = np.where((s <= S_own)[:, None], g_inside[s - 1], 0)
        g_at[s - 1] += tmp1
    # d.arg = W_s @ g[1]
    np.matmul(g[0], W_s.T, out=d_arg)
    # f[0] = 0
    f[0] = f0
    W_h_T[...] = W_h.T
    for s in range(1, S + 1):
        # f.arg[s] = b_h + W_h @ f[s-1] + U_h @ x[s]
        f_at[s - 1].dot(W_h_T, out=tmp1)
        f_arg_at[s - 1] += tmp1
        # f[s] = tanh(b_h + W_h @ f[s-1] + U_h @ x[s])
        np.tanh(f_arg_at[s - 1], out=tmp1)
        f[s] = np.where((s <= S_own)[:, None], tmp1, f[s - 1])
    # h[s] = concat(f[s], g[s])
    h[:, :, :n_h] = f[1:]
    h[:, :, n_h:] = g[:S]
    # e.arg.part[s] = U_a @ h[s]
    np.matmul(h.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_d))
    # c.product2[s] = where(s <= S.own, h[s], 0)
    c_product2[...] = np.where((np.arange(1, S + 1)[:, None] <= S_own)[:, :, None], h, 0)
    # w[t] = E[y[t-1]]
    w[...] = 0
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    # w[t] = E[y[t-1]]
    np.take(E, y_held[:T], axis=0, out=tmp3, mode="clip")
    tmp2[...] = np.where((2 <= np.arange(1, T + 1, dtype=dtype) + T_done)[:, None, None], tmp3, 0)
    w += tmp2
    nzre_parts.fill(0)
    # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
    # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
    # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
    np.matmul(w.reshape(-1, n_d), W_nzr.transpose(0, 2, 1), out=tmp4.reshape(3, -1, n_d))
    nzre_parts[:3] += tmp4
    # d[0] = tanh(W_s @ g[1])
    np.tanh(d_arg, out=tmp5)
    d[0] = np.where(T_fresh != 0, tmp5, d_before1)
    U_z_U_r_W_a_T[...] = U_z_U_r_W_a.transpose(0, 2, 1)
    C_nzr_T[...] = C_nzr.transpose(0, 2, 1)
    U_n_T[...] = U_n.T
    for t in range(1, T + 1):
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg[...] = e_arg_part
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        # e.arg.part2[t] = W_a @ d[t-1]
        np.matmul(d_at[t - 1], U_z_U_r_W_a_T, out=tmp6)
        nzre_parts_at[t - 1] += tmp6
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg += e_arg_part2_at[t - 1]
        # e.tanh[t, s] = tanh(e.arg[t, s])
        np.tanh(e_arg, out=e_tanh_at[t - 1])
        # e[t, s] = dot(v_a, tanh(W_a @ d[t-1] + U_a @ h[s]))
        np.matmul(e_tanh_at[t - 1].reshape(-1, n_d), v_a, out=e.reshape(-1))
        # alpha.inside[t, s] = where(s <= S.own, e[t, s], -inf)
        alpha_inside[...] = np.where(np.arange(1, S + 1)[:, None] <= S_own, e, -np.inf)
        # alpha[t, s] = softmax(e[t, s], s)
        _logsumexp(alpha_inside, 0, out=alpha_lse, work=tmp7, largest=largest)
        np.subtract(alpha_inside, alpha_lse, out=tmp7)
        np.exp(tmp7, out=alpha_at[t - 1])
        # c.product[t, s] = where(s <= S.own, alpha[t, s], 0)
        c_product[t - 1] = np.where(np.arange(1, S + 1)[:, None] <= S_own, alpha[t - 1], 0)
        # c[t] = sum(alpha[t, s] * h[s], s)
        np.matmul(c_product2.transpose(1, 2, 0), c_product_at[t - 1].T[..., None], out=c_at[t - 1][..., None])
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        # z.arg[t] = W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t]
        # r.arg[t] = W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t]
        np.matmul(c_at[t - 1], C_nzr_T, out=tmp6)
        nzre_parts_at2[t - 1] += tmp6
        # z[t] = sigmoid(z.arg[t])
        # r[t] = sigmoid(r.arg[t])
        _sigmoid(nzre_parts_at3[t - 1], out=zr_at[t - 1], half=half)
        # n.product[t] = r[t] * d[t-1]
        np.multiply(d_at[t - 1], r_at[t - 1], out=n_product_at[t - 1])
        # n.arg[t] = W_n @ w[t] + U_n @ n.product[t] + C_n @ c[t]
        n_product_at[t - 1].dot(U_n_T, out=tmp5)
        n_arg_at[t - 1] += tmp5
        # n[t] = tanh(W_n @ w[t] + U_n @ (r[t] * d[t-1]) + C_n @ c[t])
        np.tanh(n_arg_at[t - 1], out=n_at[t - 1])
        # d[t] = (1 - z[t]) * d[t-1] + z[t] * n[t]
        np.multiply(n_at[t - 1], z_at[t - 1], out=tmp8)
        np.subtract(one, z_at[t - 1], out=tmp5)
        tmp5 *= d_at[t - 1]
        tmp5 += tmp8
        d[t] = np.where((t <= T_own)[:, None], tmp5, d[t - 1])
    # o[t] = b + V @ d[t]
    np.matmul(d[1:].reshape(-1, n_d), V.T, out=o.reshape(-1, n_y))
    o += b
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp9, largest=largest2)
    np.subtract(o, yhat_lse[:, :, None], out=tmp9)
    np.exp(tmp9, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp11[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp12[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp10[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp12, 0)
    np.subtract(tmp11, tmp10, out=tmp10)
    loss = tmp10.sum()
    z = zr[0]
    r = zr[1]
    np.stack((U_z, U_r), out=U_zr)
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp13[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp13[:, :, None], yhat, out=do)
    # d.factor[t] = same_window(t - 1, maximum(t - 2, 0), window.T) * (1 - z[t])
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp15)
    np.add(np.arange(1, T + 1, dtype=dtype), -2, out=tmp17)
    np.maximum(tmp17, 0, out=tmp16)
    tmp14[...] = tmp15 // window_T == tmp16 // window_T
    np.subtract(1, z, out=d_factor)
    d_factor *= tmp14[:, None, None]
    # r.arg.factor[t] = d[t-1] * r[t] * (1 - r[t])
    np.subtract(1, r, out=r_arg_factor)
    r_arg_factor *= d[:T]
    r_arg_factor *= r
    # alpha.factor[s] = where(s <= S.own, 1, 0)
    alpha_factor[...] = np.arange(1, S + 1)[:, None] <= S_own
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp13[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp13, out=tmp13)
    _add_to(do, y, rows, flat, entries, tmp13)
    # grad(d[t]) = sum(same_window(t, maximum(t - 1, 0), window.T) * (W_a.T @ grad(e.arg[t+1, s])), s) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (U_r.T @ grad(r.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (U_z.T @ grad(z.arg[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * r[t+1] * grad(n.product[t+1]) + same_window(t, maximum(t - 1, 0), window.T) * (1 -
    #     z[t+1]) * grad(d[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dd[1:].reshape(-1, n_d))
    # n.arg.factor[t] = z[t] * (1 - n[t]**2)
    np.square(n, out=nz_arg_factor[0])
    np.subtract(1, nz_arg_factor[0], out=nz_arg_factor[0])
    nz_arg_factor[0] *= z
    # z.arg.factor[t] = (n[t] - d[t-1]) * z[t] * (1 - z[t])
    np.subtract(n, d[:T], out=tmp2)
    np.subtract(1, z, out=nz_arg_factor[1])
    nz_arg_factor[1] *= tmp2
    nz_arg_factor[1] *= z
    # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
    # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
    np.multiply(nz_arg_factor[:, T - 1], dd[T], out=dnzre_parts[:2, T - 1])
    # grad(n.product[t]) = U_n.T @ grad(n.arg[t])
    np.matmul(dnzre_parts[0, T - 1], U_n, out=dn_product[T - 1])
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    np.multiply(dn_product[T - 1], r_arg_factor[T - 1], out=dnzre_parts[2, T - 1])
    # grad(c[t]) = C_r.T @ grad(r.arg[t]) + C_z.T @ grad(z.arg[t]) + C_n.T @ grad(n.arg[t])
    np.matmul(dnzre_parts[:3, T - 1], C_nzr, out=product)
    np.add.reduce(product, axis=0, out=dc[T - 1])
    # grad(c.product[t, s]) = c.product2[s] @ grad(c[t])
    np.matmul(c_product2.transpose(1, 0, 2), dc[T - 1][..., None], out=dc_product.T[..., None])
    # grad(alpha[t, s]) = where(s <= S.own, 1, 0) * grad(c.product[t, s])
    np.multiply(alpha_factor, dc_product, out=dalpha)
    # grad(alpha.lse[t]) = sum(-alpha[t, s] * grad(alpha[t, s]), s)
    dalpha_lse[...] = np.einsum("sb,sb->b", dalpha, alpha[T - 1])
    np.negative(dalpha_lse, out=dalpha_lse)
    # grad(alpha.inside[t, s]) = alpha[t, s] * grad(alpha.lse[t]) + alpha[t, s] * grad(alpha[t, s])
    np.multiply(alpha[T - 1], dalpha_lse, out=dalpha_inside)
    np.multiply(dalpha, alpha[T - 1], out=tmp7)
    dalpha_inside += tmp7
    # grad(e[t, s]) = where(s <= S.own, 1, 0) * grad(alpha.inside[t, s])
    np.multiply(alpha_factor, dalpha_inside, out=de[T - 1])
    # grad(e.arg[t, s]) = (1 - e.tanh[t, s]**2) * grad(e.tanh[t, s])
    np.square(e_tanh[T - 1], out=de_arg[T - 1])
    np.subtract(1, de_arg[T - 1], out=de_arg[T - 1])
    de_arg[T - 1] *= de[T - 1][:, :, None]
    de_arg[T - 1] *= v_a
    for t in range(T - 1, 0, -1):
        # grad(d[t]) = sum(same_window(t, maximum(t - 1, 0), window.T) * (W_a.T @ grad(e.arg[t+1, s])), s) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (U_r.T @ grad(r.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (U_z.T @ grad(z.arg[t+1])) + same_window(t, maximum(t - 1, 0),
        #     window.T) * r[t+1] * grad(n.product[t+1]) + same_window(t, maximum(t - 1, 0), window.T) * (1 -
        #     z[t+1]) * grad(d[t+1]) + V.T @ grad(o[t]), t < T
        np.multiply(d_factor_at[t], dd_at[t + 1], out=tmp5)
        dd_at[t] += tmp5
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dn_product_at[t], out=tmp5)
        tmp5 *= r_at[t]
        dd_at[t] += tmp5
        np.matmul(dnzre_parts_at[t], U_zr, out=product2)
        np.add.reduce(product2, axis=0, out=tmp5)
        tmp5 *= t // window_T == max(t - 1, 0) // window_T
        dd_at[t] += tmp5
        np.add.reduce(de_arg_at[t], axis=0, out=tmp8)
        tmp8.dot(W_a, out=tmp5)
        tmp5 *= t // window_T == max(t - 1, 0) // window_T
        dd_at[t] += tmp5
        # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
        # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
        np.multiply(nz_arg_factor_at[t - 1], dd_at[t], out=dnzre_parts_at2[t - 1])
        # grad(n.product[t]) = U_n.T @ grad(n.arg[t])
        dn_arg_at[t - 1].dot(U_n, out=dn_product_at[t - 1])
        # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
        np.multiply(dn_product_at[t - 1], r_arg_factor_at[t - 1], out=dr_arg_at[t - 1])
        # grad(c[t]) = C_r.T @ grad(r.arg[t]) + C_z.T @ grad(z.arg[t]) + C_n.T @ grad(n.arg[t])
        np.matmul(dnzre_parts_at3[t - 1], C_nzr, out=product)
        np.add.reduce(product, axis=0, out=dc_at[t - 1])
        # grad(c.product[t, s]) = c.product2[s] @ grad(c[t])
        np.matmul(c_product2.transpose(1, 0, 2), dc_at[t - 1][..., None], out=dc_product.T[..., None])
        # grad(alpha[t, s]) = where(s <= S.own, 1, 0) * grad(c.product[t, s])
        np.multiply(alpha_factor, dc_product, out=dalpha)
        # grad(alpha.lse[t]) = sum(-alpha[t, s] * grad(alpha[t, s]), s)
        dalpha_lse[...] = np.einsum("sb,sb->b", dalpha, alpha[t - 1])
        np.negative(dalpha_lse, out=dalpha_lse)
        # grad(alpha.inside[t, s]) = alpha[t, s] * grad(alpha.lse[t]) + alpha[t, s] * grad(alpha[t, s])
        np.multiply(alpha_at[t - 1], dalpha_lse, out=dalpha_inside)
        np.multiply(dalpha, alpha_at[t - 1], out=tmp7)
        dalpha_inside += tmp7
        # grad(e[t, s]) = where(s <= S.own, 1, 0) * grad(alpha.inside[t, s])
        np.multiply(alpha_factor, dalpha_inside, out=de_at[t - 1])
        # grad(e.arg[t, s]) = (1 - e.tanh[t, s]**2) * grad(e.tanh[t, s])
        np.square(e_tanh_at[t - 1], out=de_arg_at[t - 1])
        np.subtract(one, de_arg_at[t - 1], out=de_arg_at[t - 1])
        de_arg_at[t - 1] *= de_at[t - 1][:, :, None]
        de_arg_at[t - 1] *= v_a
    # grad(d[t]) = sum(same_window(t, maximum(t - 1, 0), window.T) * (W_a.T @ grad(e.arg[t+1, s])), s) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (U_r.T @ grad(r.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (U_z.T @ grad(z.arg[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * r[t+1] * grad(n.product[t+1]) + same_window(t, maximum(t - 1, 0), window.T) * (1 -
    #     z[t+1]) * grad(d[t+1]) + V.T @ grad(o[t]), t < T
    np.multiply(d_factor[0], dd[1], out=dd[0])
    np.multiply(0 // window_T == max(-1, 0) // window_T, dn_product[0], out=tmp5)
    tmp5 *= r[0]
    dd[0] += tmp5
    np.matmul(dnzre_parts[1:3, 0], U_zr, out=product2)
    np.add.reduce(product2, axis=0, out=tmp5)
    tmp5 *= 0 // window_T == max(-1, 0) // window_T
    dd[0] += tmp5
    np.add.reduce(de_arg[0], axis=0, out=tmp8)
    np.matmul(tmp8, W_a, out=tmp5)
    tmp5 *= 0 // window_T == max(-1, 0) // window_T
    dd[0] += tmp5
    # grad(d.arg) = where(T.fresh, 1 - tanh(d.arg)**2, 0) * grad(d[0])
    np.tanh(d_arg, out=tmp8)
    np.square(tmp8, out=tmp5)
    np.subtract(1, tmp5, out=tmp5)
    dd_arg[...] = np.where(T_fresh != 0, tmp5, 0)
    dd_arg *= dd[0]
    # grad(b) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=db)
    # grad(V) = sum(outer(grad(o[t]), d[t]), t)
    np.matmul(do.reshape(-1, n_y).T, d[1:].reshape(-1, n_d), out=dV)
    # grad(C_n) = sum(outer(grad(n.arg[t]), c[t]), t)
    # grad(C_z) = sum(outer(grad(z.arg[t]), c[t]), t)
    # grad(C_r) = sum(outer(grad(r.arg[t]), c[t]), t)
    np.matmul(dnzre_parts[:3].reshape(3, -1, n_d).transpose(0, 2, 1), c.reshape(-1, 2 * n_h), out=dC_nzr)
    # grad(U_n) = sum(outer(grad(n.arg[t]), n.product[t]), t)
    np.matmul(dnzre_parts[0].reshape(-1, n_d).T, n_product.reshape(-1, n_d), out=dU_n)
    # grad(W_n) = sum(outer(grad(n.arg[t]), w[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), w[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), w[t]), t)
    np.matmul(dnzre_parts[:3].reshape(3, -1, n_d).transpose(0, 2, 1), w.reshape(-1, n_d), out=dW_nzr)
    # grad(w[t]) = W_r.T @ grad(r.arg[t]) + W_z.T @ grad(z.arg[t]) + W_n.T @ grad(n.arg[t])
    np.matmul(dnzre_parts[:3].reshape(3, -1, n_d), W_nzr, out=product3)
    np.add.reduce(product3, axis=0, out=dw.reshape(-1, n_d))
    # grad(e.arg.sum2[t]) = sum(grad(e.arg[t, s]), s)
    np.add.reduce(de_arg, axis=1, out=dnzre_parts[3])
    # grad(U_z) = sum(outer(grad(z.arg[t]), d[t-1]), t)
    # grad(U_r) = sum(outer(grad(r.arg[t]), d[t-1]), t)
    # grad(W_a) = sum(outer(grad(e.arg.sum2[t]), d[t-1]), t)
    np.matmul(dnzre_parts[1:].reshape(3, -1, n_d).transpose(0, 2, 1), d[:T].reshape(-1, n_d), out=dU_z_U_r_W_a)
    # grad(c.product2[s]) = sum(c.product[t, s] * grad(c[t]), t)
    np.matmul(c_product.transpose(2, 1, 0), dc.transpose(1, 0, 2), out=dc_product2.transpose(1, 0, 2))
    # grad(h[s]) = U_a.T @ grad(e.arg.sum[s]) + where(s <= S.own, 1, 0) * grad(c.product2[s])
    tmp7[...] = np.arange(1, S + 1)[:, None] <= S_own
    np.multiply(tmp7[:, :, None], dc_product2, out=dh)
    # grad(v_a) = sum(sum(grad(e[t, s]) * e.tanh[t, s], s), t)
    np.matmul(e_tanh.reshape(-1, n_d).T, de.reshape(-1), out=dv_a)
    # grad(e.arg.sum[s]) = sum(grad(e.arg[t, s]), t)
    np.add.reduce(de_arg, axis=0, out=de_arg_sum)
    # grad(U_a) = sum(outer(grad(e.arg.sum[s]), h[s]), s)
    np.matmul(de_arg_sum.reshape(-1, n_d).T, h.reshape(-1, 2 * n_h), out=dU_a)
    # grad(h[s]) = U_a.T @ grad(e.arg.sum[s]) + where(s <= S.own, 1, 0) * grad(c.product2[s])
    np.matmul(de_arg_sum.reshape(-1, n_d), U_a, out=tmp18.reshape(-1, 2 * n_h))
    dh += tmp18
    # grad(W_s) = outer(grad(d.arg), g[1])
    np.matmul(dd_arg.T, g[0], out=dW_s)
    # g.arg.factor[s] = where(s <= S.own, 1, 0) * (1 - g.inside[s]**2)
    tmp7[...] = np.arange(1, S + 1)[:, None] <= S_own
    np.square(g_inside, out=g_arg_factor)
    np.subtract(1, g_arg_factor, out=g_arg_factor)
    g_arg_factor *= tmp7[:, :, None]
    # f.arg.factor[s] = 1 - f[s]**2
    np.square(f[1:], out=f_arg_factor)
    np.subtract(1, f_arg_factor, out=f_arg_factor)
    dg.fill(0)
    # grad(g[1]) = W_s.T @ grad(d.arg) + grad(h[1, n_h:])
    np.matmul(dd_arg, W_s, out=tmp1)
    dg[0] += tmp1
    # grad(g[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * (W_g.T @ grad(g.arg[s-1])) +
    #     grad(h[s, n_h:]), 2 <= s <= S
    dg[:S] += dh[:, :, n_h:]
    # grad(f[s]) = same_window(s, maximum(s - 1, 0), window.S) * (W_h.T @ grad(f.arg[s+1])) + grad(h[s,
    #     :n_h]), s < S
    df[1:] = dh[:, :, :n_h]
    # grad(g.arg[s]) = (1 - g.inside[s]**2) * grad(g.inside[s])
    np.multiply(g_arg_factor[0], dg[0], out=dfg_arg[1, 0])
    for s in range(2, S + 1):
        # grad(g[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * (W_g.T @ grad(g.arg[s-1])) +
        #     grad(h[s, n_h:]), 2 <= s <= S
        np.add(S_own, number, out=tmp22)
        np.minimum(s - 1, tmp22, out=tmp21)
        tmp20[...] = (s - 2) // window_S == tmp21 // window_S
        np.multiply(tmp20[:, None], dg_arg_at[s - 2], out=tmp19)
        tmp19.dot(W_g, out=tmp1)
        dg_at[s - 1] += tmp1
        # grad(g.arg[s]) = (1 - g.inside[s]**2) * grad(g.inside[s])
        np.multiply(g_arg_factor_at[s - 1], dg_at[s - 1], out=dg_arg_at[s - 1])
    # grad(f.arg[s]) = (1 - f[s]**2) * grad(f[s])
    np.multiply(f_arg_factor[S - 1], df[S], out=dfg_arg[0, S - 1])
    for s in range(S - 1, 0, -1):
        # grad(f[s]) = same_window(s, maximum(s - 1, 0), window.S) * (W_h.T @ grad(f.arg[s+1])) + grad(h[s,
        #     :n_h]), s < S
        df_arg_at[s].dot(W_h, out=tmp1)
        tmp1 *= s // window_S == max(s - 1, 0) // window_S
        df_at[s] += tmp1
        # grad(f.arg[s]) = (1 - f[s]**2) * grad(f[s])
        np.multiply(f_arg_factor_at[s - 1], df_at[s], out=df_arg_at[s - 1])
    # grad(b_h) = sum(grad(f.arg[s]), s)
    # grad(b_g) = sum(grad(g.arg[s]), s)
    np.add.reduce(dfg_arg, axis=(1, 2), out=db_hg)
    # grad(U_h) = sum(outer(grad(f.arg[s]), x[s]), s)
    # grad(U_g) = sum(outer(grad(g.arg[s]), x[s]), s)
    np.matmul(dfg_arg.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dU_hg)
    # grad(W_g) = sum(outer(grad(g.arg[s]), g[s+1]), s)
    np.matmul(dfg_arg[1].reshape(-1, n_h).T, g[1:].reshape(-1, n_h), out=dW_g)
    # grad(W_h) = sum(outer(grad(f.arg[s]), f[s-1]), s)
    np.matmul(dfg_arg[0].reshape(-1, n_h).T, f[:S].reshape(-1, n_h), out=dW_h)
    dE.fill(0)
    # grad(E) = sum(where(2 <= t + T.done, 1, 0) * outer(onehot(y.held[t-1]), grad(w[t])), t)
    tmp14[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    np.multiply(tmp14[:, None, None], dw, out=tmp2)
    _scatter_add(dE, (y_held[:T],), tmp2)
    if "x" in wrt:
        dx = np.empty((S, B, n_x), dtype)
        product4 = np.empty((2, S * B, n_x), dtype)
        # grad(x[s]) = U_h.T @ grad(f.arg[s]) + U_g.T @ grad(g.arg[s])
        np.matmul(dfg_arg.reshape(2, -1, n_h), U_hg, out=product4)
        np.add.reduce(product4, axis=0, out=dx.reshape(-1, n_x))
    if "g_end" in wrt:
        tmp_23_0 = np.empty((B, n_h), dtype)
        tmp_23_1 = np.empty((B, n_h), dtype)
        tmp_23_2 = np.empty((B,), dtype)
        tmp_23_3 = np.empty((B,), dtype)
        tmp_23_4 = np.empty((B,), dtype)
        tmp_23_5 = np.empty((B, S), dtype)
        # grad(g[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * (W_g.T @ grad(g.arg[S]))
        np.add(S_own, -1, out=tmp_23_4)
        np.minimum(S, tmp_23_4, out=tmp_23_3)
        tmp_23_2[...] = (S - 1) // window_S == tmp_23_3 // window_S
        np.multiply(tmp_23_2[:, None], dfg_arg[1, S - 1], out=tmp_23_1)
        np.matmul(tmp_23_1, W_g, out=tmp_23_0)
        dg[S] += tmp_23_0
        dg_end = np.empty((B, n_h), dtype)
        # grad(g.S + 1) = sum(where(1 + S.own <= s, 1, 0) * grad(g[s]), (s, 2, S+1))
        tmp_23_5[...] = (1 + S_own)[:, None] <= np.arange(2, S + 2)
        np.matmul(dg[1:].transpose(1, 2, 0), tmp_23_5[..., None], out=dg_end[..., None])
    if "f0" in wrt:
        # grad(f[0]) = W_h.T @ grad(f.arg[1])
        np.matmul(dfg_arg[0, 0], W_h, out=df[0])
        df0 = np.empty((B, n_h), dtype)
        # grad(f.0) = grad(f[0])
        df0[...] = df[0]
    dC_n = dC_nzr[0]
    dC_z = dC_nzr[1]
    dC_r = dC_nzr[2]
    dW_n = dW_nzr[0]
    dW_z = dW_nzr[1]
    dW_r = dW_nzr[2]
    dU_z = dU_z_U_r_W_a[0]
    dU_r = dU_z_U_r_W_a[1]
    dW_a = dU_z_U_r_W_a[2]
    db_h = db_hg[0]
    db_g = db_hg[1]
    dU_h = dU_hg[0]
    dU_g = dU_hg[1]

    gradient = Params(
        U_h=dU_h,
        U_g=dU_g,
        W_h=dW_h,
        W_g=dW_g,
        b_h=db_h,
        b_g=db_g,
        E=dE,
        W_a=dW_a,
        U_a=dU_a,
        v_a=dv_a,
        W_r=dW_r,
        W_z=dW_z,
        W_n=dW_n,
        U_r=dU_r,
        U_z=dU_z,
        U_n=dU_n,
        C_r=dC_r,
        C_z=dC_z,
        C_n=dC_n,
        W_s=dW_s,
        V=dV,
        b=db,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "f0" in wrt:
        result["f0"] = df0[0] if single else df0
    if "g_end" in wrt:
        result["g_end"] = dg_end[0] if single else dg_end
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window, state):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, f, g, h, alpha, c, w, r, z, n, d, yhat, dtype, single, n_h, n_x, n_y, n_d, S, T, B, len_S, S_own,
        len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    U_h, U_g, W_h, W_g, b_h, b_g, E, W_a, U_a, v_a, W_r, W_z, W_n, U_r, U_z, U_n, C_r, C_z, C_n, W_s, V, b = params
    state = None if state is None else _as_state(state)
    T_fresh = float(state is None)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    window_S = _window(window, "S", ("S", "T"), S)
    window_T = _window(window, "T", ("S", "T"), T)

    tmp0 = np.empty((S, B, n_h), dtype)
    g_arg = np.empty((S, B, n_h), dtype)
    # g.arg[s] = b_g + W_g @ g[s+1] + U_g @ x[s]
    np.matmul(x.reshape(-1, n_x), U_g.T, out=g_arg.reshape(-1, n_h))
    np.matmul(g[1:].reshape(-1, n_h), W_g.T, out=tmp0.reshape(-1, n_h))
    g_arg += tmp0
    g_arg += b_g
    g_inside = np.empty((S, B, n_h), dtype)
    # g.inside[s] = tanh(g.arg[s])
    np.tanh(g_arg, out=g_inside)
    d_arg = np.empty((B, n_d), dtype)
    # d.arg = W_s @ g[1]
    np.matmul(g[0], W_s.T, out=d_arg)
    e_arg_part = np.empty((S, B, n_d), dtype)
    # e.arg.part[s] = U_a @ h[s]
    np.matmul(h.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_d))
    e_arg_part2 = np.empty((T, B, n_d), dtype)
    # e.arg.part2[t] = W_a @ d[t-1]
    np.matmul(d[:T].reshape(-1, n_d), W_a.T, out=e_arg_part2.reshape(-1, n_d))
    e_arg = np.empty((T, S, B, n_d), dtype)
    # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
    e_arg[...] = e_arg_part
    e_arg += e_arg_part2[:, None]
    e_tanh = np.empty((T, S, B, n_d), dtype)
    # e.tanh[t, s] = tanh(e.arg[t, s])
    np.tanh(e_arg, out=e_tanh)
    c_product = np.empty((T, S, B), dtype)
    # c.product[t, s] = where(s <= S.own, alpha[t, s], 0)
    c_product[...] = np.where(np.arange(1, S + 1)[:, None] <= S_own, alpha, 0)
    c_product2 = np.empty((S, B, 2 * n_h), dtype)
    # c.product2[s] = where(s <= S.own, h[s], 0)
    c_product2[...] = np.where((np.arange(1, S + 1)[:, None] <= S_own)[:, :, None], h, 0)
    n_product = np.empty((T, B, n_d), dtype)
    # n.product[t] = r[t] * d[t-1]
    np.multiply(d[:T], r, out=n_product)
    y_held = np.empty((T + 1, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    tmp1 = np.empty((T, B), dtype)
    tmp2 = np.empty((T,), dtype)
    tmp3 = np.empty((T,), dtype)
    tmp4 = np.empty((T,), dtype)
    tmp5 = np.empty((T,), dtype)
    tmp6 = np.empty((T, B, n_d), dtype)
    tmp7 = np.empty((S, B), dtype)
    tmp8 = np.empty((B, n_d), dtype)
    tmp9 = np.empty((B, n_d), dtype)
    tmp10 = np.empty((S, B, 2 * n_h), dtype)
    tmp11 = np.empty((B, n_h), dtype)
    tmp12 = np.empty((B, n_h), dtype)
    tmp13 = np.empty((B,), dtype)
    tmp14 = np.empty((B,), dtype)
    tmp15 = np.empty((B,), dtype)
    C_nzr = np.stack((C_n, C_z, C_r))
    W_nzr = np.stack((W_n, W_z, W_r))
    U_zr = np.stack((U_z, U_r))
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp1[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp1[:, :, None], yhat, out=do)
    d_factor = np.empty((T, B, n_d), dtype)
    # d.factor[t] = same_window(t - 1, maximum(t - 2, 0), window.T) * (1 - z[t])
    np.add(np.arange(1, T + 1, dtype=dtype), -1, out=tmp3)
    np.add(np.arange(1, T + 1, dtype=dtype), -2, out=tmp5)
    np.maximum(tmp5, 0, out=tmp4)
    tmp2[...] = tmp3 // window_T == tmp4 // window_T
    np.subtract(1, z, out=d_factor)
    d_factor *= tmp2[:, None, None]
    r_arg_factor = np.empty((T, B, n_d), dtype)
    # r.arg.factor[t] = d[t-1] * r[t] * (1 - r[t])
    np.subtract(1, r, out=r_arg_factor)
    r_arg_factor *= d[:T]
    r_arg_factor *= r
    alpha_factor = np.empty((S, B), dtype)
    # alpha.factor[s] = where(s <= S.own, 1, 0)
    alpha_factor[...] = np.arange(1, S + 1)[:, None] <= S_own
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp1[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp1, out=tmp1)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, tmp1)
    dd = np.empty((T + 1, B, n_d), dtype)
    # grad(d[t]) = sum(same_window(t, maximum(t - 1, 0), window.T) * (W_a.T @ grad(e.arg[t+1, s])), s) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (U_r.T @ grad(r.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (U_z.T @ grad(z.arg[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * r[t+1] * grad(n.product[t+1]) + same_window(t, maximum(t - 1, 0), window.T) * (1 -
    #     z[t+1]) * grad(d[t+1]) + V.T @ grad(o[t]), t < T
    np.matmul(do.reshape(-1, n_y), V, out=dd[1:].reshape(-1, n_d))
    nz_arg_factor = np.empty((2, T, B, n_d), dtype)
    # n.arg.factor[t] = z[t] * (1 - n[t]**2)
    np.square(n, out=nz_arg_factor[0])
    np.subtract(1, nz_arg_factor[0], out=nz_arg_factor[0])
    nz_arg_factor[0] *= z
    # z.arg.factor[t] = (n[t] - d[t-1]) * z[t] * (1 - z[t])
    np.subtract(n, d[:T], out=tmp6)
    np.subtract(1, z, out=nz_arg_factor[1])
    nz_arg_factor[1] *= tmp6
    nz_arg_factor[1] *= z
    dnzre_parts = np.empty((4, T, B, n_d), dtype)
    dn_product = np.empty((T, B, n_d), dtype)
    dc = np.empty((T, B, 2 * n_h), dtype)
    dc_product = np.empty((S, B), dtype)
    dalpha = np.empty((S, B), dtype)
    dalpha_lse = np.empty((B,), dtype)
    dalpha_inside = np.empty((S, B), dtype)
    de = np.empty((T, S, B), dtype)
    de_arg = np.empty((T, S, B, n_d), dtype)
    # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
    # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
    np.multiply(nz_arg_factor[:, T - 1], dd[T], out=dnzre_parts[:2, T - 1])
    # grad(n.product[t]) = U_n.T @ grad(n.arg[t])
    np.matmul(dnzre_parts[0, T - 1], U_n, out=dn_product[T - 1])
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    np.multiply(dn_product[T - 1], r_arg_factor[T - 1], out=dnzre_parts[2, T - 1])
    product = np.empty((3, B, 2 * n_h), dtype)
    # grad(c[t]) = C_r.T @ grad(r.arg[t]) + C_z.T @ grad(z.arg[t]) + C_n.T @ grad(n.arg[t])
    np.matmul(dnzre_parts[:3, T - 1], C_nzr, out=product)
    np.add.reduce(product, axis=0, out=dc[T - 1])
    # grad(c.product[t, s]) = c.product2[s] @ grad(c[t])
    np.matmul(c_product2.transpose(1, 0, 2), dc[T - 1][..., None], out=dc_product.T[..., None])
    # grad(alpha[t, s]) = where(s <= S.own, 1, 0) * grad(c.product[t, s])
    np.multiply(alpha_factor, dc_product, out=dalpha)
    # grad(alpha.lse[t]) = sum(-alpha[t, s] * grad(alpha[t, s]), s)
    dalpha_lse[...] = np.einsum("sb,sb->b", dalpha, alpha[T - 1])
    np.negative(dalpha_lse, out=dalpha_lse)
    # grad(alpha.inside[t, s]) = alpha[t, s] * grad(alpha.lse[t]) + alpha[t, s] * grad(alpha[t, s])
    np.multiply(alpha[T - 1], dalpha_lse, out=dalpha_inside)
    np.multiply(dalpha, alpha[T - 1], out=tmp7)
    dalpha_inside += tmp7
    # grad(e[t, s]) = where(s <= S.own, 1, 0) * grad(alpha.inside[t, s])
    np.multiply(alpha_factor, dalpha_inside, out=de[T - 1])
    # grad(e.arg[t, s]) = (1 - e.tanh[t, s]**2) * grad(e.tanh[t, s])
    np.square(e_tanh[T - 1], out=de_arg[T - 1])
    np.subtract(1, de_arg[T - 1], out=de_arg[T - 1])
    de_arg[T - 1] *= de[T - 1][:, :, None]
    de_arg[T - 1] *= v_a
    d_factor_at = list(d_factor)
    dd_at = list(dd)
    dn_product_at = list(dn_product)
    dnzre_parts_at = list(dnzre_parts[1:3].swapaxes(0, 1))
    product2 = np.empty((2, B, n_d), dtype)
    de_arg_at = list(de_arg)
    dnzre_parts_at2 = list(dnzre_parts[:2].swapaxes(0, 1))
    nz_arg_factor_at = list(nz_arg_factor.swapaxes(0, 1))
    dn_arg_at = list(dnzre_parts[0])
    dr_arg_at = list(dnzre_parts[2])
    r_arg_factor_at = list(r_arg_factor)
    dnzre_parts_at3 = list(dnzre_parts[:3].swapaxes(0, 1))
    dc_at = list(dc)
    de_at = list(de)
    e_tanh_at = list(e_tanh)
    one = np.array(1, dtype)
    for t in range(T - 1, 0, -1):
        # grad(d[t]) = sum(same_window(t, maximum(t - 1, 0), window.T) * (W_a.T @ grad(e.arg[t+1, s])), s) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (U_r.T @ grad(r.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (U_z.T @ grad(z.arg[t+1])) + same_window(t, maximum(t - 1, 0),
        #     window.T) * r[t+1] * grad(n.product[t+1]) + same_window(t, maximum(t - 1, 0), window.T) * (1 -
        #     z[t+1]) * grad(d[t+1]) + V.T @ grad(o[t]), t < T
        np.multiply(d_factor_at[t], dd_at[t + 1], out=tmp8)
        dd_at[t] += tmp8
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dn_product_at[t], out=tmp8)
        tmp8 *= r[t]
        dd_at[t] += tmp8
        np.matmul(dnzre_parts_at[t], U_zr, out=product2)
        np.add.reduce(product2, axis=0, out=tmp8)
        tmp8 *= t // window_T == max(t - 1, 0) // window_T
        dd_at[t] += tmp8
        np.add.reduce(de_arg_at[t], axis=0, out=tmp9)
        tmp9.dot(W_a, out=tmp8)
        tmp8 *= t // window_T == max(t - 1, 0) // window_T
        dd_at[t] += tmp8
        # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
        # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
        np.multiply(nz_arg_factor_at[t - 1], dd_at[t], out=dnzre_parts_at2[t - 1])
        # grad(n.product[t]) = U_n.T @ grad(n.arg[t])
        dn_arg_at[t - 1].dot(U_n, out=dn_product_at[t - 1])
        # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
        np.multiply(dn_product_at[t - 1], r_arg_factor_at[t - 1], out=dr_arg_at[t - 1])
        # grad(c[t]) = C_r.T @ grad(r.arg[t]) + C_z.T @ grad(z.arg[t]) + C_n.T @ grad(n.arg[t])
        np.matmul(dnzre_parts_at3[t - 1], C_nzr, out=product)
        np.add.reduce(product, axis=0, out=dc_at[t - 1])
        # grad(c.product[t, s]) = c.product2[s] @ grad(c[t])
        np.matmul(c_product2.transpose(1, 0, 2), dc_at[t - 1][..., None], out=dc_product.T[..., None])
        # grad(alpha[t, s]) = where(s <= S.own, 1, 0) * grad(c.product[t, s])
        np.multiply(alpha_factor, dc_product, out=dalpha)
        # grad(alpha.lse[t]) = sum(-alpha[t, s] * grad(alpha[t, s]), s)
        dalpha_lse[...] = np.einsum("sb,sb->b", dalpha, alpha[t - 1])
        np.negative(dalpha_lse, out=dalpha_lse)
        # grad(alpha.inside[t, s]) = alpha[t, s] * grad(alpha.lse[t]) + alpha[t, s] * grad(alpha[t, s])
        np.multiply(alpha[t - 1], dalpha_lse, out=dalpha_inside)
        np.multiply(dalpha, alpha[t - 1], out=tmp7)
        dalpha_inside += tmp7
        # grad(e[t, s]) = where(s <= S.own, 1, 0) * grad(alpha.inside[t, s])
        np.multiply(alpha_factor, dalpha_inside, out=de_at[t - 1])
        # grad(e.arg[t, s]) = (1 - e.tanh[t, s]**2) * grad(e.tanh[t, s])
        np.square(e_tanh_at[t - 1], out=de_arg_at[t - 1])
        np.subtract(one, de_arg_at[t - 1], out=de_arg_at[t - 1])
        de_arg_at[t - 1] *= de_at[t - 1][:, :, None]
        de_arg_at[t - 1] *= v_a
    # grad(d[t]) = sum(same_window(t, maximum(t - 1, 0), window.T) * (W_a.T @ grad(e.arg[t+1, s])), s) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (U_r.T @ grad(r.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (U_z.T @ grad(z.arg[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * r[t+1] * grad(n.product[t+1]) + same_window(t, maximum(t - 1, 0), window.T) * (1 -
    #     z[t+1]) * grad(d[t+1]) + V.T @ grad(o[t]), t < T
    np.multiply(d_factor[0], dd[1], out=dd[0])
    np.multiply(0 // window_T == max(-1, 0) // window_T, dn_product[0], out=tmp8)
    tmp8 *= r[0]
    dd[0] += tmp8
    np.matmul(dnzre_parts[1:3, 0], U_zr, out=product2)
    np.add.reduce(product2, axis=0, out=tmp8)
    tmp8 *= 0 // window_T == max(-1, 0) // window_T
    dd[0] += tmp8
    np.add.reduce(de_arg[0], axis=0, out=tmp9)
    np.matmul(tmp9, W_a, out=tmp8)
    tmp8 *= 0 // window_T == max(-1, 0) // window_T
    dd[0] += tmp8
    dd_arg = np.empty((B, n_d), dtype)
    # grad(d.arg) = where(T.fresh, 1 - tanh(d.arg)**2, 0) * grad(d[0])
    np.tanh(d_arg, out=tmp9)
    np.square(tmp9, out=tmp8)
    np.subtract(1, tmp8, out=tmp8)
    dd_arg[...] = np.where(T_fresh != 0, tmp8, 0)
    dd_arg *= dd[0]
    db = np.empty((n_y,), dtype)
    # grad(b) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=db)
    dV = np.empty((n_y, n_d), dtype)
    # grad(V) = sum(outer(grad(o[t]), d[t]), t)
    np.matmul(do.reshape(-1, n_y).T, d[1:].reshape(-1, n_d), out=dV)
    dC_nzr = np.empty((3, n_d, 2 * n_h), dtype)
    # grad(C_n) = sum(outer(grad(n.arg[t]), c[t]), t)
    # grad(C_z) = sum(outer(grad(z.arg[t]), c[t]), t)
    # grad(C_r) = sum(outer(grad(r.arg[t]), c[t]), t)
    np.matmul(dnzre_parts[:3].reshape(3, -1, n_d).transpose(0, 2, 1), c.reshape(-1, 2 * n_h), out=dC_nzr)
    dU_n = np.empty((n_d, n_d), dtype)
    # grad(U_n) = sum(outer(grad(n.arg[t]), n.product[t]), t)
    np.matmul(dnzre_parts[0].reshape(-1, n_d).T, n_product.reshape(-1, n_d), out=dU_n)
    dW_nzr = np.empty((3, n_d, n_d), dtype)
    # grad(W_n) = sum(outer(grad(n.arg[t]), w[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), w[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), w[t]), t)
    np.matmul(dnzre_parts[:3].reshape(3, -1, n_d).transpose(0, 2, 1), w.reshape(-1, n_d), out=dW_nzr)
    dw = np.empty((T, B, n_d), dtype)
    product3 = np.empty((3, T * B, n_d), dtype)
    # grad(w[t]) = W_r.T @ grad(r.arg[t]) + W_z.T @ grad(z.arg[t]) + W_n.T @ grad(n.arg[t])
    np.matmul(dnzre_parts[:3].reshape(3, -1, n_d), W_nzr, out=product3)
    np.add.reduce(product3, axis=0, out=dw.reshape(-1, n_d))
    # grad(e.arg.sum2[t]) = sum(grad(e.arg[t, s]), s)
    np.add.reduce(de_arg, axis=1, out=dnzre_parts[3])
    dU_z_U_r_W_a = np.empty((3, n_d, n_d), dtype)
    # grad(U_z) = sum(outer(grad(z.arg[t]), d[t-1]), t)
    # grad(U_r) = sum(outer(grad(r.arg[t]), d[t-1]), t)
    # grad(W_a) = sum(outer(grad(e.arg.sum2[t]), d[t-1]), t)
    np.matmul(dnzre_parts[1:].reshape(3, -1, n_d).transpose(0, 2, 1), d[:T].reshape(-1, n_d), out=dU_z_U_r_W_a)
    dc_product2 = np.empty((S, B, 2 * n_h), dtype)
    # grad(c.product2[s]) = sum(c.product[t, s] * grad(c[t]), t)
    np.matmul(c_product.transpose(2, 1, 0), dc.transpose(1, 0, 2), out=dc_product2.transpose(1, 0, 2))
    dh = np.empty((S, B, 2 * n_h), dtype)
    # grad(h[s]) = U_a.T @ grad(e.arg.sum[s]) + where(s <= S.own, 1, 0) * grad(c.product2[s])
    tmp7[...] = np.arange(1, S + 1)[:, None] <= S_own
    np.multiply(tmp7[:, :, None], dc_product2, out=dh)
    dv_a = np.empty((n_d,), dtype)
    # grad(v_a) = sum(sum(grad(e[t, s]) * e.tanh[t, s], s), t)
    np.matmul(e_tanh.reshape(-1, n_d).T, de.reshape(-1), out=dv_a)
    de_arg_sum = np.empty((S, B, n_d), dtype)
    # grad(e.arg.sum[s]) = sum(grad(e.arg[t, s]), t)
    np.add.reduce(de_arg, axis=0, out=de_arg_sum)
    dU_a = np.empty((n_d, 2 * n_h), dtype)
    # grad(U_a) = sum(outer(grad(e.arg.sum[s]), h[s]), s)
    np.matmul(de_arg_sum.reshape(-1, n_d).T, h.reshape(-1, 2 * n_h), out=dU_a)
    # grad(h[s]) = U_a.T @ grad(e.arg.sum[s]) + where(s <= S.own, 1, 0) * grad(c.product2[s])
    np.matmul(de_arg_sum.reshape(-1, n_d), U_a, out=tmp10.reshape(-1, 2 * n_h))
    dh += tmp10
    dW_s = np.empty((n_d, n_h), dtype)
    # grad(W_s) = outer(grad(d.arg), g[1])
    np.matmul(dd_arg.T, g[0], out=dW_s)
    dg = np.empty((S, B, n_h), dtype)
    # grad(g[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * (W_g.T @ grad(g.arg[s-1])) +
    #     grad(h[s, n_h:]), 2 <= s <= S
    dg[...] = dh[:, :, n_h:]
    df = np.empty((S, B, n_h), dtype)
    # grad(f[s]) = same_window(s, maximum(s - 1, 0), window.S) * (W_h.T @ grad(f.arg[s+1])) + grad(h[s,
    #     :n_h]), s < S
    df[...] = dh[:, :, :n_h]
    g_arg_factor = np.empty((S, B, n_h), dtype)
    # g.arg.factor[s] = where(s <= S.own, 1, 0) * (1 - g.inside[s]**2)
    tmp7[...] = np.arange(1, S + 1)[:, None] <= S_own
    np.square(g_inside, out=g_arg_factor)
    np.subtract(1, g_arg_factor, out=g_arg_factor)
    g_arg_factor *= tmp7[:, :, None]
    f_arg_factor = np.empty((S, B, n_h), dtype)
    # f.arg.factor[s] = 1 - f[s]**2
    np.square(f[1:], out=f_arg_factor)
    np.subtract(1, f_arg_factor, out=f_arg_factor)
    # grad(g[1]) = W_s.T @ grad(d.arg) + grad(h[1, n_h:])
    np.matmul(dd_arg, W_s, out=tmp11)
    dg[0] += tmp11
    dfg_arg = np.empty((2, S, B, n_h), dtype)
    # grad(g.arg[s]) = (1 - g.inside[s]**2) * grad(g.inside[s])
    np.multiply(g_arg_factor[0], dg[0], out=dfg_arg[1, 0])
    number = np.array(-1, dtype)
    dg_arg_at = list(dfg_arg[1])
    dg_at = list(dg)
    g_arg_factor_at = list(g_arg_factor)
    for s in range(2, S + 1):
        # grad(g[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * (W_g.T @ grad(g.arg[s-1])) +
        #     grad(h[s, n_h:]), 2 <= s <= S
        np.add(S_own, number, out=tmp15)
        np.minimum(s - 1, tmp15, out=tmp14)
        tmp13[...] = (s - 2) // window_S == tmp14 // window_S
        np.multiply(tmp13[:, None], dg_arg_at[s - 2], out=tmp12)
        tmp12.dot(W_g, out=tmp11)
        dg_at[s - 1] += tmp11
        # grad(g.arg[s]) = (1 - g.inside[s]**2) * grad(g.inside[s])
        np.multiply(g_arg_factor_at[s - 1], dg_at[s - 1], out=dg_arg_at[s - 1])
    # grad(f.arg[s]) = (1 - f[s]**2) * grad(f[s])
    np.multiply(f_arg_factor[S - 1], df[S - 1], out=dfg_arg[0, S - 1])
    df_arg_at = list(dfg_arg[0])
    df_at = list(df)
    f_arg_factor_at = list(f_arg_factor)
    for s in range(S - 1, 0, -1):
        # grad(f[s]) = same_window(s, maximum(s - 1, 0), window.S) * (W_h.T @ grad(f.arg[s+1])) + grad(h[s,
        #     :n_h]), s < S
        df_arg_at[s].dot(W_h, out=tmp11)
        tmp11 *= s // window_S == max(s - 1, 0) // window_S
        df_at[s - 1] += tmp11
        # grad(f.arg[s]) = (1 - f[s]**2) * grad(f[s])
        np.multiply(f_arg_factor_at[s - 1], df_at[s - 1], out=df_arg_at[s - 1])
    db_hg = np.empty((2, n_h), dtype)
    # grad(b_h) = sum(grad(f.arg[s]), s)
    # grad(b_g) = sum(grad(g.arg[s]), s)
    np.add.reduce(dfg_arg, axis=(1, 2), out=db_hg)
    dU_hg = np.empty((2, n_h, n_x), dtype)
    # grad(U_h) = sum(outer(grad(f.arg[s]), x[s]), s)
    # grad(U_g) = sum(outer(grad(g.arg[s]), x[s]), s)
    np.matmul(dfg_arg.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dU_hg)
    dW_g = np.empty((n_h, n_h), dtype)
    # grad(W_g) = sum(outer(grad(g.arg[s]), g[s+1]), s)
    np.matmul(dfg_arg[1].reshape(-1, n_h).T, g[1:].reshape(-1, n_h), out=dW_g)
    dW_h = np.empty((n_h, n_h), dtype)
    # grad(W_h) = sum(outer(grad(f.arg[s]), f[s-1]), s)
    np.matmul(dfg_arg[0].reshape(-1, n_h).T, f[:S].reshape(-1, n_h), out=dW_h)
    dE = np.zeros((n_y, n_d), dtype)
    # grad(E) = sum(where(2 <= t + T.done, 1, 0) * outer(onehot(y.held[t-1]), grad(w[t])), t)
    tmp2[...] = 2 <= np.arange(1, T + 1, dtype=dtype) + T_done
    np.multiply(tmp2[:, None, None], dw, out=tmp6)
    _scatter_add(dE, (y_held[:T],), tmp6)
    dC_n = dC_nzr[0]
    dC_z = dC_nzr[1]
    dC_r = dC_nzr[2]
    dW_n = dW_nzr[0]
    dW_z = dW_nzr[1]
    dW_r = dW_nzr[2]
    dU_z = dU_z_U_r_W_a[0]
    dU_r = dU_z_U_r_W_a[1]
    dW_a = dU_z_U_r_W_a[2]
    db_h = db_hg[0]
    db_g = db_hg[1]
    dU_h = dU_hg[0]
    dU_g = dU_hg[1]

    return Params(
        U_h=dU_h,
        U_g=dU_g,
        W_h=dW_h,
        W_g=dW_g,
        b_h=db_h,
        b_g=db_g,
        E=dE,
        W_a=dW_a,
        U_a=dU_a,
        v_a=dv_a,
        W_r=dW_r,
        W_z=dW_z,
        W_n=dW_n,
        U_r=dU_r,
        U_z=dU_z,
        U_n=dU_n,
        C_r=dC_r,
        C_z=dC_z,
        C_n=dC_n,
        W_s=dW_s,
        V=dV,
        b=db,
    )


def _loss_arrays(S, n_x, T, n_y, n_h, n_d, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T - 1, B, n_d), dtype)
    tmp2 = np.empty((3, T, B, n_d), dtype)
    tmp3 = np.empty((3, B, n_d), dtype)
    tmp4 = np.empty((S, B), dtype)
    d_arg = np.empty((B, n_d), dtype)
    tmp5 = d_arg
    tmp6 = np.empty((T, B, n_y), dtype)
    tmp7 = np.empty((T, B), dtype)
    U_z_U_r_W_a = np.empty((3, n_d, n_d), dtype)
    C_nzr = np.empty((3, n_d, 2 * n_h), dtype)
    W_nzr = np.empty((3, n_d, n_d), dtype)
    U_hg = np.empty((2, n_h, n_x), dtype)
    b_hg = np.empty((2, n_h), dtype)
    fg_arg = _by_step((2, S, B, n_h), dtype)
    g = np.empty((S + 1, B, n_h), dtype)
    W_g_T = np.empty((n_h, n_h), dtype)
    g_at = list(g)
    g_arg_at = list(fg_arg[1])
    f = np.empty((S + 1, B, n_h), dtype)
    W_h_T = W_g_T
    f_at = list(f)
    f_arg_at = list(fg_arg[0])
    h = np.empty((S, B, 2 * n_h), dtype)
    e_arg_part = np.empty((S, B, n_d), dtype)
    w = np.empty((T, B, n_d), dtype)
    d = np.empty((T + 1, B, n_d), dtype)
    nzre_parts = _by_step((4, T, B, n_d), dtype)
    e_arg = np.empty((S, B, n_d), dtype)
    e_tanh = np.empty((S, B, n_d), dtype)
    e = np.empty((S, B), dtype)
    alpha_lse = np.empty((B,), dtype)
    alpha = np.empty((S, B), dtype)
    c = np.empty((B, 2 * n_h), dtype)
    zr = np.empty((2, B, n_d), dtype)
    n_product = np.empty((B, n_d), dtype)
    n = np.empty((B, n_d), dtype)
    U_z_U_r_W_a_T = np.empty((3, n_d, n_d), dtype)
    C_nzr_T = np.empty((3, 2 * n_h, n_d), dtype)
    U_n_T = np.empty((n_d, n_d), dtype)
    d_at = list(d)
    nzre_parts_at = list(nzre_parts[1:].swapaxes(0, 1))
    e_arg_part2_at = list(nzre_parts[3])
    largest = np.empty((1, B), dtype)
    nzre_parts_at2 = list(nzre_parts[:3].swapaxes(0, 1))
    nzre_parts_at3 = list(nzre_parts[1:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    n_arg_at = list(nzre_parts[0])
    one = np.array(1, dtype)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, d_arg, tmp5, tmp6, tmp7, U_z_U_r_W_a, C_nzr, W_nzr, U_hg, b_hg, fg_arg, g, W_g_T,
        g_at, g_arg_at, f, W_h_T, f_at, f_arg_at, h, e_arg_part, w, d, nzre_parts, e_arg, e_tanh, e, alpha_lse, alpha,
        c, zr, n_product, n, U_z_U_r_W_a_T, C_nzr_T, U_n_T, d_at, nzre_parts_at, e_arg_part2_at, largest,
        nzre_parts_at2, nzre_parts_at3, half, n_arg_at, one, o, yhat_lse, largest2, rows, flat,
    )


def _loss_and_grad_arrays(S, n_x, T, n_y, n_h, n_d, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((B, n_h), dtype)
    tmp1 = np.empty((T - 1, B, n_d), dtype)
    tmp2 = np.empty((3, T, B, n_d), dtype)
    tmp3 = np.empty((3, B, n_d), dtype)
    tmp4 = np.empty((S, B), dtype)
    d_arg = np.empty((B, n_d), dtype)
    tmp5 = d_arg
    tmp6 = np.empty((T, B, n_y), dtype)
    tmp7 = np.empty((T, B), dtype)
    U_z_U_r_W_a = np.empty((3, n_d, n_d), dtype)
    C_nzr = np.empty((3, n_d, 2 * n_h), dtype)
    W_nzr = np.empty((3, n_d, n_d), dtype)
    U_hg = np.empty((2, n_h, n_x), dtype)
    b_hg = np.empty((2, n_h), dtype)
    fg_arg = _by_step((2, S, B, n_h), dtype)
    g = np.empty((S + 1, B, n_h), dtype)
    W_g_T = np.empty((n_h, n_h), dtype)
    g_at = list(g)
    g_arg_at = list(fg_arg[1])
    f = np.empty((S + 1, B, n_h), dtype)
    W_h_T = W_g_T
    f_at = list(f)
    f_arg_at = list(fg_arg[0])
    h = np.empty((S, B, 2 * n_h), dtype)
    e_arg_part = np.empty((S, B, n_d), dtype)
    w = np.empty((T, B, n_d), dtype)
    d = np.empty((T + 1, B, n_d), dtype)
    nzre_parts = _by_step((4, T, B, n_d), dtype)
    e_arg = np.empty((S, B, n_d), dtype)
    e_tanh = np.empty((T, S, B, n_d), dtype)
    e = np.empty((S, B), dtype)
    alpha_lse = np.empty((B,), dtype)
    alpha = np.empty((T, S, B), dtype)
    c = np.empty((T, B, 2 * n_h), dtype)
    zr = nzre_parts[1:3]
    n_product = np.empty((T, B, n_d), dtype)
    n = nzre_parts[0]
    U_z_U_r_W_a_T = np.empty((3, n_d, n_d), dtype)
    C_nzr_T = np.empty((3, 2 * n_h, n_d), dtype)
    U_n_T = np.empty((n_d, n_d), dtype)
    d_at = list(d)
    nzre_parts_at = list(nzre_parts[1:].swapaxes(0, 1))
    e_arg_part2_at = list(nzre_parts[3])
    e_tanh_at = list(e_tanh)
    largest = np.empty((1, B), dtype)
    alpha_at = list(alpha)
    c_at = list(c)
    nzre_parts_at2 = list(nzre_parts[:3].swapaxes(0, 1))
    zr_at = list(zr.swapaxes(0, 1))
    nzre_parts_at3 = list(nzre_parts[1:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    n_product_at = list(n_product)
    r_at = list(zr[1])
    n_arg_at = list(nzre_parts[0])
    n_at = list(n)
    one = np.array(1, dtype)
    z_at = list(zr[0])
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp8 = np.empty((T, B, n_d), dtype)
    tmp9 = h
    do = yhat
    entries = np.empty((T, B), dtype)
    db = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_d), dtype)
    dnzre_parts = _by_step((4, T, B, n_d), dtype)
    r_arg_factor = dnzre_parts[2]
    dd = np.empty((T + 1, B, n_d), dtype)
    nz_arg_factor = dnzre_parts[0:2]
    dn_product = tmp8
    dc = np.empty((T, B, 2 * n_h), dtype)
    dalpha = e
    dalpha_lse = alpha_lse
    de = np.empty((T, S, B), dtype)
    de_arg = e_arg_part
    product = np.empty((3, B, 2 * n_h), dtype)
    de_arg_sum = e_arg
    dd_at = list(dd)
    dn_product_at = list(dn_product)
    dnzre_parts_at = list(dnzre_parts[1:].swapaxes(0, 1))
    product2 = np.empty((3, B, n_d), dtype)
    dnzre_parts_at2 = list(dnzre_parts[:2].swapaxes(0, 1))
    nz_arg_factor_at = list(nz_arg_factor.swapaxes(0, 1))
    dn_arg_at = list(dnzre_parts[0])
    dr_arg_at = list(dnzre_parts[2])
    r_arg_factor_at = list(r_arg_factor)
    dnzre_parts_at3 = list(dnzre_parts[:3].swapaxes(0, 1))
    dc_at = list(dc)
    de_at = list(de)
    de_arg_sum2_at = list(dnzre_parts[3])
    dC_nzr = np.empty((3, n_d, 2 * n_h), dtype)
    dU_n = U_n_T
    dW_nzr = U_z_U_r_W_a_T
    dw = tmp1
    product3 = np.empty((3, (T - 1) * B, n_d), dtype)
    dU_z_U_r_W_a = np.empty((3, n_d, n_d), dtype)
    dh = np.empty((S, B, 2 * n_h), dtype)
    dv_a = np.empty((n_d,), dtype)
    dU_a = np.empty((n_d, 2 * n_h), dtype)
    dd_arg = d_arg
    dW_s = np.empty((n_d, n_h), dtype)
    dfg_arg = fg_arg
    g_arg_factor = dfg_arg[1]
    f_arg_factor = dfg_arg[0]
    dg = np.empty((S + 1, B, n_h), dtype)
    df = np.empty((S + 1, B, n_h), dtype)
    dg_arg_at = list(dfg_arg[1])
    dg_at = list(dg)
    g_arg_factor_at = list(g_arg_factor)
    df_arg_at = list(dfg_arg[0])
    df_at = list(df)
    f_arg_factor_at = list(f_arg_factor)
    db_hg = np.empty((2, n_h), dtype)
    dU_hg = np.empty((2, n_h, n_x), dtype)
    dW_g = W_g_T
    dW_h = np.empty((n_h, n_h), dtype)
    dE = np.empty((n_y, n_d), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, d_arg, tmp5, tmp6, tmp7, U_z_U_r_W_a, C_nzr, W_nzr, U_hg, b_hg, fg_arg, g, W_g_T,
        g_at, g_arg_at, f, W_h_T, f_at, f_arg_at, h, e_arg_part, w, d, nzre_parts, e_arg, e_tanh, e, alpha_lse, alpha,
        c, zr, n_product, n, U_z_U_r_W_a_T, C_nzr_T, U_n_T, d_at, nzre_parts_at, e_arg_part2_at, e_tanh_at, largest,
        alpha_at, c_at, nzre_parts_at2, zr_at, nzre_parts_at3, half, n_product_at, r_at, n_arg_at, n_at, one, z_at, o,
        yhat_lse, largest2, yhat, rows, flat, tmp8, tmp9, do, entries, db, dV, dnzre_parts, r_arg_factor, dd,
        nz_arg_factor, dn_product, dc, dalpha, dalpha_lse, de, de_arg, product, de_arg_sum, dd_at, dn_product_at,
        dnzre_parts_at, product2, dnzre_parts_at2, nz_arg_factor_at, dn_arg_at, dr_arg_at, r_arg_factor_at,
        dnzre_parts_at3, dc_at, de_at, de_arg_sum2_at, dC_nzr, dU_n, dW_nzr, dw, product3, dU_z_U_r_W_a, dh, dv_a, dU_a,
        dd_arg, dW_s, dfg_arg, g_arg_factor, f_arg_factor, dg, df, dg_arg_at, dg_at, g_arg_factor_at, df_arg_at, df_at,
        f_arg_factor_at, db_hg, dU_hg, dW_g, dW_h, dE,
    )


def _loss_padded_arrays(S, n_x, T, n_y, n_h, n_d, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_d), dtype)
    tmp3 = np.empty((T, B, n_d), dtype)
    tmp4 = np.empty((3, T, B, n_d), dtype)
    tmp5 = np.empty((B, n_d), dtype)
    tmp6 = np.empty((3, B, n_d), dtype)
    tmp7 = np.empty((S, B), dtype)
    d_arg = np.empty((B, n_d), dtype)
    tmp8 = d_arg
    tmp9 = np.empty((T, B, n_y), dtype)
    tmp10 = np.empty((B, T), dtype)
    tmp11 = np.empty((B, T), dtype)
    tmp12 = np.empty((B, T), dtype)
    U_z_U_r_W_a = np.empty((3, n_d, n_d), dtype)
    C_nzr = np.empty((3, n_d, 2 * n_h), dtype)
    W_nzr = np.empty((3, n_d, n_d), dtype)
    U_hg = np.empty((2, n_h, n_x), dtype)
    b_hg = np.empty((2, n_h), dtype)
    fg_arg = _by_step((2, S, B, n_h), dtype)
    g = np.empty((S + 1, B, n_h), dtype)
    g_inside = np.empty((B, n_h), dtype)
    W_g_T = np.empty((n_h, n_h), dtype)
    g_at = list(g)
    g_arg_at = list(fg_arg[1])
    f = np.empty((S + 1, B, n_h), dtype)
    W_h_T = W_g_T
    f_at = list(f)
    f_arg_at = list(fg_arg[0])
    h = np.empty((S, B, 2 * n_h), dtype)
    e_arg_part = np.empty((S, B, n_d), dtype)
    c_product2 = np.empty((S, B, 2 * n_h), dtype)
    w = np.empty((T, B, n_d), dtype)
    y_held = np.empty((T, B), np.intp)
    nzre_parts = _by_step((4, T, B, n_d), dtype)
    d = np.empty((T + 1, B, n_d), dtype)
    e_arg = np.empty((S, B, n_d), dtype)
    e_tanh = np.empty((S, B, n_d), dtype)
    e = np.empty((S, B), dtype)
    alpha_inside = np.empty((S, B), dtype)
    alpha_lse = np.empty((B,), dtype)
    alpha = np.empty((S, B), dtype)
    c_product = np.empty((S, B), dtype)
    c = np.empty((B, 2 * n_h), dtype)
    zr = np.empty((2, B, n_d), dtype)
    n_product = np.empty((B, n_d), dtype)
    n = np.empty((B, n_d), dtype)
    U_z_U_r_W_a_T = np.empty((3, n_d, n_d), dtype)
    C_nzr_T = np.empty((3, 2 * n_h, n_d), dtype)
    U_n_T = np.empty((n_d, n_d), dtype)
    d_at = list(d)
    nzre_parts_at = list(nzre_parts[1:].swapaxes(0, 1))
    e_arg_part2_at = list(nzre_parts[3])
    largest = np.empty((1, B), dtype)
    nzre_parts_at2 = list(nzre_parts[:3].swapaxes(0, 1))
    nzre_parts_at3 = list(nzre_parts[1:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    n_arg_at = list(nzre_parts[0])
    one = np.array(1, dtype)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, d_arg, tmp8, tmp9, tmp10, tmp11, tmp12, U_z_U_r_W_a, C_nzr,
        W_nzr, U_hg, b_hg, fg_arg, g, g_inside, W_g_T, g_at, g_arg_at, f, W_h_T, f_at, f_arg_at, h, e_arg_part,
        c_product2, w, y_held, nzre_parts, d, e_arg, e_tanh, e, alpha_inside, alpha_lse, alpha, c_product, c, zr,
        n_product, n, U_z_U_r_W_a_T, C_nzr_T, U_n_T, d_at, nzre_parts_at, e_arg_part2_at, largest, nzre_parts_at2,
        nzre_parts_at3, half, n_arg_at, one, o, yhat_lse, largest2,
    )


def _loss_and_grad_padded_arrays(S, n_x, T, n_y, n_h, n_d, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_d), dtype)
    tmp3 = np.empty((T, B, n_d), dtype)
    tmp4 = np.empty((3, T, B, n_d), dtype)
    tmp5 = np.empty((B, n_d), dtype)
    tmp6 = np.empty((3, B, n_d), dtype)
    tmp7 = np.empty((S, B), dtype)
    tmp8 = np.empty((B, n_d), dtype)
    tmp9 = np.empty((T, B, n_y), dtype)
    tmp10 = np.empty((B, T), dtype)
    tmp11 = np.empty((B, T), dtype)
    tmp12 = np.empty((B, T), dtype)
    U_z_U_r_W_a = np.empty((3, n_d, n_d), dtype)
    C_nzr = np.empty((3, n_d, 2 * n_h), dtype)
    W_nzr = np.empty((3, n_d, n_d), dtype)
    U_hg = np.empty((2, n_h, n_x), dtype)
    b_hg = np.empty((2, n_h), dtype)
    fg_arg = _by_step((2, S, B, n_h), dtype)
    g = np.empty((S + 1, B, n_h), dtype)
    g_inside = fg_arg[1]
    W_g_T = np.empty((n_h, n_h), dtype)
    g_at = list(g)
    g_arg_at = list(fg_arg[1])
    g_inside_at = list(g_inside)
    d_arg = np.empty((B, n_d), dtype)
    f = np.empty((S + 1, B, n_h), dtype)
    W_h_T = W_g_T
    f_at = list(f)
    f_arg_at = list(fg_arg[0])
    h = np.empty((S, B, 2 * n_h), dtype)
    e_arg_part = np.empty((S, B, n_d), dtype)
    c_product2 = np.empty((S, B, 2 * n_h), dtype)
    w = np.empty((T, B, n_d), dtype)
    y_held = np.empty((T + 1, B), np.intp)
    nzre_parts = _by_step((4, T, B, n_d), dtype)
    d = np.empty((T + 1, B, n_d), dtype)
    e_arg = np.empty((S, B, n_d), dtype)
    e_tanh = np.empty((T, S, B, n_d), dtype)
    e = np.empty((S, B), dtype)
    alpha_inside = np.empty((S, B), dtype)
    alpha_lse = np.empty((B,), dtype)
    alpha = np.empty((T, S, B), dtype)
    c_product = np.empty((T, S, B), dtype)
    c = np.empty((T, B, 2 * n_h), dtype)
    zr = nzre_parts[1:3]
    n_product = tmp3
    n = nzre_parts[0]
    U_z_U_r_W_a_T = np.empty((3, n_d, n_d), dtype)
    C_nzr_T = np.empty((3, 2 * n_h, n_d), dtype)
    U_n_T = np.empty((n_d, n_d), dtype)
    d_at = list(d)
    nzre_parts_at = list(nzre_parts[1:].swapaxes(0, 1))
    e_arg_part2_at = list(nzre_parts[3])
    e_tanh_at = list(e_tanh)
    largest = np.empty((1, B), dtype)
    alpha_at = list(alpha)
    c_product_at = list(c_product)
    c_at = list(c)
    nzre_parts_at2 = list(nzre_parts[:3].swapaxes(0, 1))
    zr_at = list(zr.swapaxes(0, 1))
    nzre_parts_at3 = list(nzre_parts[1:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    n_product_at = list(n_product)
    r_at = list(zr[1])
    n_arg_at = list(nzre_parts[0])
    n_at = list(n)
    z_at = list(zr[0])
    one = np.array(1, dtype)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp13 = yhat_lse
    tmp17 = np.empty((T,), dtype)
    tmp14 = tmp17
    tmp15 = np.empty((T,), dtype)
    tmp16 = np.empty((T,), dtype)
    tmp18 = h
    tmp19 = np.empty((B, n_h), dtype)
    tmp20 = alpha_lse
    tmp21 = np.empty((B,), dtype)
    tmp22 = np.empty((B,), dtype)
    U_zr = np.empty((2, n_d, n_d), dtype)
    do = yhat
    d_factor = np.empty((T, B, n_d), dtype)
    dnzre_parts = _by_step((4, T, B, n_d), dtype)
    r_arg_factor = dnzre_parts[2]
    alpha_factor = e
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((T + 1, B, n_d), dtype)
    nz_arg_factor = dnzre_parts[0:2]
    dn_product = np.empty((T, B, n_d), dtype)
    dc = np.empty((T, B, 2 * n_h), dtype)
    dc_product = alpha_inside
    dalpha = np.empty((S, B), dtype)
    dalpha_lse = alpha_lse
    dalpha_inside = np.empty((S, B), dtype)
    de = np.empty((T, S, B), dtype)
    de_arg = np.empty((T, S, B, n_d), dtype)
    product = np.empty((3, B, 2 * n_h), dtype)
    d_factor_at = list(d_factor)
    dd_at = list(dd)
    dn_product_at = list(dn_product)
    dnzre_parts_at = list(dnzre_parts[1:3].swapaxes(0, 1))
    product2 = np.empty((2, B, n_d), dtype)
    de_arg_at = list(de_arg)
    dnzre_parts_at2 = list(dnzre_parts[:2].swapaxes(0, 1))
    nz_arg_factor_at = list(nz_arg_factor.swapaxes(0, 1))
    dn_arg_at = list(dnzre_parts[0])
    dr_arg_at = list(dnzre_parts[2])
    r_arg_factor_at = list(r_arg_factor)
    dnzre_parts_at3 = list(dnzre_parts[:3].swapaxes(0, 1))
    dc_at = list(dc)
    de_at = list(de)
    dd_arg = tmp8
    db = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_d), dtype)
    dC_nzr = np.empty((3, n_d, 2 * n_h), dtype)
    dU_n = U_n_T
    dW_nzr = U_z_U_r_W_a_T
    dw = w
    product3 = np.empty((3, T * B, n_d), dtype)
    dU_z_U_r_W_a = np.empty((3, n_d, n_d), dtype)
    dc_product2 = c_product2
    dh = dc_product2
    dv_a = np.empty((n_d,), dtype)
    de_arg_sum = e_arg_part
    dU_a = np.empty((n_d, 2 * n_h), dtype)
    dW_s = np.empty((n_d, n_h), dtype)
    dfg_arg = _by_step((2, S, B, n_h), dtype)
    g_arg_factor = dfg_arg[1]
    f_arg_factor = dfg_arg[0]
    dg = np.empty((S + 1, B, n_h), dtype)
    df = np.empty((S + 1, B, n_h), dtype)
    number = np.array(-1, dtype)
    dg_arg_at = list(dfg_arg[1])
    dg_at = list(dg)
    g_arg_factor_at = list(g_arg_factor)
    df_arg_at = list(dfg_arg[0])
    df_at = list(df)
    f_arg_factor_at = list(f_arg_factor)
    db_hg = np.empty((2, n_h), dtype)
    dU_hg = np.empty((2, n_h, n_x), dtype)
    dW_g = W_g_T
    dW_h = np.empty((n_h, n_h), dtype)
    dE = np.empty((n_y, n_d), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, U_z_U_r_W_a, C_nzr, W_nzr,
        U_hg, b_hg, fg_arg, g, g_inside, W_g_T, g_at, g_arg_at, g_inside_at, d_arg, f, W_h_T, f_at, f_arg_at, h,
        e_arg_part, c_product2, w, y_held, nzre_parts, d, e_arg, e_tanh, e, alpha_inside, alpha_lse, alpha, c_product,
        c, zr, n_product, n, U_z_U_r_W_a_T, C_nzr_T, U_n_T, d_at, nzre_parts_at, e_arg_part2_at, e_tanh_at, largest,
        alpha_at, c_product_at, c_at, nzre_parts_at2, zr_at, nzre_parts_at3, half, n_product_at, r_at, n_arg_at, n_at,
        z_at, one, o, yhat_lse, largest2, yhat, tmp13, tmp17, tmp14, tmp15, tmp16, tmp18, tmp19, tmp20, tmp21, tmp22,
        U_zr, do, d_factor, dnzre_parts, r_arg_factor, alpha_factor, rows, flat, entries, dd, nz_arg_factor, dn_product,
        dc, dc_product, dalpha, dalpha_lse, dalpha_inside, de, de_arg, product, d_factor_at, dd_at, dn_product_at,
        dnzre_parts_at, product2, de_arg_at, dnzre_parts_at2, nz_arg_factor_at, dn_arg_at, dr_arg_at, r_arg_factor_at,
        dnzre_parts_at3, dc_at, de_at, dd_arg, db, dV, dC_nzr, dU_n, dW_nzr, dw, product3, dU_z_U_r_W_a, dc_product2,
        dh, dv_a, de_arg_sum, dU_a, dW_s, dfg_arg, g_arg_factor, f_arg_factor, dg, df, number, dg_arg_at, dg_at,
        g_arg_factor_at, df_arg_at, df_at, f_arg_factor_at, db_hg, dU_hg, dW_g, dW_h, dE,
    )


def _arguments(params, x, y, f0, g_end):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y, n_d = _parameters(params)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    single = x.ndim == 2
    _rank("x", x, ("S", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    S = x.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("x", x, (S, *batch_axis, n_x), ("S", "B", "n_x"), "n_x from U_h")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from x")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
    if f0 is None:
        f0 = np.zeros((B, n_h), dtype)
    else:
        f0 = _real("f0", f0, dtype)
        _expect("f0", f0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U_h")
        if single:
            f0 = f0[None]
    if g_end is None:
        g_end = np.zeros((B, n_h), dtype)
    else:
        g_end = _real("g_end", g_end, dtype)
        _expect("g_end", g_end, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U_h")
        if single:
            g_end = g_end[None]
    return params, x, y, f0, g_end, dtype, single, n_h, n_x, n_y, n_d, S, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y, n_d = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    f = _real("forward.f", forward.f, dtype)
    g = _real("forward.g", forward.g, dtype)
    h = _real("forward.h", forward.h, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    c = _real("forward.c", forward.c, dtype)
    w = _real("forward.w", forward.w, dtype)
    r = _real("forward.r", forward.r, dtype)
    z = _real("forward.z", forward.z, dtype)
    n = _real("forward.n", forward.n, dtype)
    d = _real("forward.d", forward.d, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("S", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    S = x.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("x", x, (S, *batch_axis, n_x), ("S", "B", "n_x"), "n_x from U_h")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from x")
    _expect("forward.f", f, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from x, n_h from U_h")
    _expect("forward.g", g, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from x, n_h from U_h")
    _expect("forward.h", h, (S, *batch_axis, 2 * n_h), ("S", "B", "2*n_h"), "S and B from x, n_h from U_h")
    _expect("forward.alpha", alpha, (T, S, *batch_axis), ("T", "S", "B"), "T from y, S and B from x")
    _expect("forward.c", c, (T, *batch_axis, 2 * n_h), ("T", "B", "2*n_h"), "T from y, B from x, n_h from U_h")
    _expect("forward.w", w, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T from y, B from x, n_d from E")
    _expect("forward.r", r, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T from y, B from x, n_d from E")
    _expect("forward.z", z, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T from y, B from x, n_d from E")
    _expect("forward.n", n, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T from y, B from x, n_d from E")
    _expect("forward.d", d, (T + 1, *batch_axis, n_d), ("T + 1", "B", "n_d"), "T from y, B from x, n_d from E")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T from y, B from x, n_y from E")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        f = f[:, None]
        g = g[:, None]
        h = h[:, None]
        alpha = alpha[:, :, None]
        c = c[:, None]
        w = w[:, None]
        r = r[:, None]
        z = z[:, None]
        n = n[:, None]
        d = d[:, None]
        yhat = yhat[:, None]
    return params, x, y, f, g, h, alpha, c, w, r, z, n, d, yhat, dtype, single, n_h, n_x, n_y, n_d, S, T, B


def _initial_arguments(params, x, g_end):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y, n_d = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("S", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    S = x.shape[0]
    _expect("x", x, (S, *batch_axis, n_x), ("S", "B", "n_x"), "n_x from U_h")
    if single:
        x = x[:, None]
    if g_end is None:
        g_end = np.zeros((B, n_h), dtype)
    else:
        g_end = _real("g_end", g_end, dtype)
        _expect("g_end", g_end, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U_h")
        if single:
            g_end = g_end[None]
    return params, x, g_end, dtype, single, n_h, n_x, n_y, n_d, S, B


def _step_arguments(params, state, x, y, f0, g_end):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y, n_d = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    y_prev = _integers("state.y", state.y)
    d_prev = _real("state.d", state.d, dtype)
    single = x.ndim == 2
    _rank("x", x, ("S", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    S = x.shape[0]
    _expect("x", x, (S, *batch_axis, n_x), ("S", "B", "n_x"), "n_x from U_h")
    _expect("y", y, (*batch_axis,), ("B",), "B from x")
    _expect("state.y", y_prev, (*batch_axis,), ("B",), "B from x")
    _expect("state.d", d_prev, (*batch_axis, n_d), ("B", "n_d"), "B from x, n_d from E")
    _classes("y", y, n_y, "n_y - 1")
    _classes("state.y", y_prev, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[None]
        y_prev = y_prev[None]
        d_prev = d_prev[None]
    if f0 is None:
        f0 = np.zeros((B, n_h), dtype)
    else:
        f0 = _real("f0", f0, dtype)
        _expect("f0", f0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U_h")
        if single:
            f0 = f0[None]
    if g_end is None:
        g_end = np.zeros((B, n_h), dtype)
    else:
        g_end = _real("g_end", g_end, dtype)
        _expect("g_end", g_end, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U_h")
        if single:
            g_end = g_end[None]
    return params, x, y, f0, g_end, y_prev, d_prev, dtype, single, n_h, n_x, n_y, n_d, S, B


def _free_run_arguments(params, x, f0, g_end, steps):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y, n_d = _parameters(params)
    x = _real("x", x, dtype)
    steps = _size("steps", steps)
    single = x.ndim == 2
    _rank("x", x, ("S", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    S = x.shape[0]
    _expect("x", x, (S, *batch_axis, n_x), ("S", "B", "n_x"), "n_x from U_h")
    if single:
        x = x[:, None]
    if f0 is None:
        f0 = np.zeros((B, n_h), dtype)
    else:
        f0 = _real("f0", f0, dtype)
        _expect("f0", f0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U_h")
        if single:
            f0 = f0[None]
    if g_end is None:
        g_end = np.zeros((B, n_h), dtype)
    else:
        g_end = _real("g_end", g_end, dtype)
        _expect("g_end", g_end, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U_h")
        if single:
            g_end = g_end[None]
    return params, x, f0, g_end, dtype, single, n_h, n_x, n_y, n_d, S, steps, B


def _padded_arguments(params, x, y, f0, g_end, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y, n_d = _parameters(params)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    single = x.ndim == 2
    _rank("x", x, ("S", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    S = x.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("x", x, (S, *batch_axis, n_x), ("S", "B", "n_x"), "n_x from U_h")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from x")
    if single:
        x = x[:, None]
        y = y[:, None]
    if f0 is None:
        f0 = np.zeros((B, n_h), dtype)
    else:
        f0 = _real("f0", f0, dtype)
        _expect("f0", f0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U_h")
        if single:
            f0 = f0[None]
    if g_end is None:
        g_end = np.zeros((B, n_h), dtype)
    else:
        g_end = _real("g_end", g_end, dtype)
        _expect("g_end", g_end, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from U_h")
        if single:
            g_end = g_end[None]
    len_S = _lengths(lengths, "S", ("S", "T"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    len_T = _lengths(lengths, "T", ("S", "T"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_S)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, f0, g_end, dtype, single, n_h, n_x, n_y, n_d, S, T, B, len_S, S_own, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y, n_d = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    f = _real("forward.f", forward.f, dtype)
    g = _real("forward.g", forward.g, dtype)
    h = _real("forward.h", forward.h, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    c = _real("forward.c", forward.c, dtype)
    w = _real("forward.w", forward.w, dtype)
    r = _real("forward.r", forward.r, dtype)
    z = _real("forward.z", forward.z, dtype)
    n = _real("forward.n", forward.n, dtype)
    d = _real("forward.d", forward.d, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("S", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    S = x.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("x", x, (S, *batch_axis, n_x), ("S", "B", "n_x"), "n_x from U_h")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from x")
    _expect("forward.f", f, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from x, n_h from U_h")
    _expect("forward.g", g, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from x, n_h from U_h")
    _expect("forward.h", h, (S, *batch_axis, 2 * n_h), ("S", "B", "2*n_h"), "S and B from x, n_h from U_h")
    _expect("forward.alpha", alpha, (T, S, *batch_axis), ("T", "S", "B"), "T from y, S and B from x")
    _expect("forward.c", c, (T, *batch_axis, 2 * n_h), ("T", "B", "2*n_h"), "T from y, B from x, n_h from U_h")
    _expect("forward.w", w, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T from y, B from x, n_d from E")
    _expect("forward.r", r, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T from y, B from x, n_d from E")
    _expect("forward.z", z, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T from y, B from x, n_d from E")
    _expect("forward.n", n, (T, *batch_axis, n_d), ("T", "B", "n_d"), "T from y, B from x, n_d from E")
    _expect("forward.d", d, (T + 1, *batch_axis, n_d), ("T + 1", "B", "n_d"), "T from y, B from x, n_d from E")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T from y, B from x, n_y from E")
    if single:
        x = x[:, None]
        y = y[:, None]
        f = f[:, None]
        g = g[:, None]
        h = h[:, None]
        alpha = alpha[:, :, None]
        c = c[:, None]
        w = w[:, None]
        r = r[:, None]
        z = z[:, None]
        n = n[:, None]
        d = d[:, None]
        yhat = yhat[:, None]
    len_S = _lengths(lengths, "S", ("S", "T"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    len_T = _lengths(lengths, "T", ("S", "T"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_S)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return (
        params, x, y, f, g, h, alpha, c, w, r, z, n, d, yhat, dtype, single, n_h, n_x, n_y, n_d, S, T, B, len_S, S_own,
        len_T, T_own,
    )


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    U_h, U_g, W_h, W_g, b_h, b_g, E, W_a, U_a, v_a, W_r, W_z, W_n, U_r, U_z, U_n, C_r, C_z, C_n, W_s, V, b = params
    _rank("U_h", U_h, ("n_h", "n_x"))
    n_h, n_x = U_h.shape
    _rank("E", E, ("n_y", "n_d"))
    n_y, n_d = E.shape
    _expect("U_g", U_g, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from U_h")
    _expect("W_h", W_h, (n_h, n_h), ("n_h", "n_h"), "n_h from U_h")
    _expect("W_g", W_g, (n_h, n_h), ("n_h", "n_h"), "n_h from U_h")
    _expect("b_h", b_h, (n_h,), ("n_h",), "n_h from U_h")
    _expect("b_g", b_g, (n_h,), ("n_h",), "n_h from U_h")
    _expect("W_a", W_a, (n_d, n_d), ("n_d", "n_d"), "n_d from E")
    _expect("U_a", U_a, (n_d, 2 * n_h), ("n_d", "2*n_h"), "n_d from E, n_h from U_h")
    _expect("v_a", v_a, (n_d,), ("n_d",), "n_d from E")
    _expect("W_r", W_r, (n_d, n_d), ("n_d", "n_d"), "n_d from E")
    _expect("W_z", W_z, (n_d, n_d), ("n_d", "n_d"), "n_d from E")
    _expect("W_n", W_n, (n_d, n_d), ("n_d", "n_d"), "n_d from E")
    _expect("U_r", U_r, (n_d, n_d), ("n_d", "n_d"), "n_d from E")
    _expect("U_z", U_z, (n_d, n_d), ("n_d", "n_d"), "n_d from E")
    _expect("U_n", U_n, (n_d, n_d), ("n_d", "n_d"), "n_d from E")
    _expect("C_r", C_r, (n_d, 2 * n_h), ("n_d", "2*n_h"), "n_d from E, n_h from U_h")
    _expect("C_z", C_z, (n_d, 2 * n_h), ("n_d", "2*n_h"), "n_d from E, n_h from U_h")
    _expect("C_n", C_n, (n_d, 2 * n_h), ("n_d", "2*n_h"), "n_d from E, n_h from U_h")
    _expect("W_s", W_s, (n_d, n_h), ("n_d", "n_h"), "n_d from E, n_h from U_h")
    _expect("V", V, (n_y, n_d), ("n_y", "n_d"), "n_y and n_d from E")
    _expect("b", b, (n_y,), ("n_y",), "n_y from E")
    return params, dtype, n_h, n_x, n_y, n_d


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


def _by_step(shape, dtype):
    """An array of several values at each step of each example; those of a single example lie together step by step."""
    entries, steps, examples, *features = shape
    if examples > 1:
        return np.empty(shape, dtype)
    return np.empty((steps, entries, examples, *features), dtype).swapaxes(0, 1)


def _choice(chances, axis, rng):
    """The place of the greatest chance along an axis, or one drawn with these chances."""
    chances = np.moveaxis(chances, axis, -1)
    total = np.cumsum(chances, axis=-1, dtype=np.float64)
    if not ((chances >= 0).all() and (total[..., -1] > 0).all() and np.isfinite(total).all()):
        raise ValueError("free_run: what is predicted is no distribution: some of its entries are negative or not finite")
    if rng is None:
        return chances.argmax(axis=-1)
    drawn = rng.random((*total.shape[:-1], 1)) * total[..., -1:]
    # A product that is rounded up to the whole would be beyond the last class.
    return np.minimum((total <= drawn).sum(axis=-1), total.shape[-1] - 1)


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


def _generator(rng):
    """Refuses what is no random generator."""
    if rng is not None and not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: a {type(rng).__name__}, expected numpy.random.default_rng(...)")


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


def _last_given(name, array, axis, lags, lengths, earlier):
    """The last steps of data, and of what an earlier piece left where there are too few."""
    if earlier is not None:
        earlier = np.moveaxis(np.asarray(earlier)[None] if lags == 1 else np.asarray(earlier), 0, axis)
        return _last(np.concatenate((earlier, array), axis), axis, lags, lags, lengths)
    least = array.shape[axis] if lengths is None else lengths.min()
    if least < lags:
        raise ValueError(f"state: None, and {name} has {least} steps of {lags}; begin with state=init_state(...)")
    return _last(array, axis, lags, 0, lengths)


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


def _steps_so_far(state, steps, lengths):
    """How many steps there were, which must be one number for all examples."""
    if lengths is not None:
        if lengths.min() != lengths.max():
            raise ValueError("lengths: a state counts its steps, and the examples have different numbers of them")
        steps = int(lengths[0])
    return steps if state is None else steps + _count("state", state[-1])


def _true_classes(name, given, truth, shape, axes, single, count, what):
    """True classes at the steps where they are read, 0 elsewhere."""
    if given is None:
        return np.zeros(shape, np.intp)
    array = _integers(name, given)
    _expect(name, array, tuple(n for n, axis in zip(shape, axes, strict=True) if axis != "B" or not single), axes)
    array = np.where(truth, array.reshape(shape), 0)
    _classes(name, array, count, what)
    return array


def _truth(truth, answers, steps, batch, single):
    """The steps at which each example reads the true values."""
    for name, given in answers:
        if given is None and truth is not None:
            raise ValueError(f"{name}: None, and truth says at which steps it is read")
        if given is not None and truth is None:
            raise ValueError(f"truth: None, and {name} is given; truth says at which steps it is read")
    if truth is None:
        return np.zeros((steps, batch), bool)
    array = _array("truth", truth)
    if array.dtype != bool:
        raise ValueError(f"truth: dtype {array.dtype}, expected bool")
    if array.shape not in ((steps,), (steps, batch)[: 2 - single]):
        raise ValueError(f"truth: shape {array.shape}, expected {(steps,)}{'' if single else f' or {(steps, batch)}'}")
    return np.broadcast_to(array if array.ndim == 2 else array[:, None], (steps, batch))


def _window(given, sequence, known, steps):
    """How many steps a window has; all of them where nothing is given."""
    if isinstance(given, dict):
        given = _of_sequence("window", given, sequence, known)
    return steps if given is None else _size("window", given)
