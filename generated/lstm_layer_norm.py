# Written by derive from lstm_layer_norm.eq; do not edit.
# Change lstm_layer_norm.eq instead, and run: derive generate lstm_layer_norm
# source 6d068aaf4261eede, derive 07e8f9d843407be1, body 5a4fa43b51c92668
"""LSTM with layer normalisation of both products and of the cell.

Ba, Kiros & Hinton (2016), Layer Normalization, section 3.1 and the supplementary material: all four gates'
pre-activations are normalised as one vector.

The equations::

    x: Input[T, n_x]                        # what is read at each step
    y: Label[T, n_y]                        # the class to predict at each step
    W_h: Param[4*n_h, n_h]                  # hidden to f, i, o, g
    W_x: Param[4*n_h, n_x]                  # input to f, i, o, g
    b: Param[4*n_h]                         # biases
    alpha_1: Param[4*n_h] = 1               # gain of the first product
    alpha_2: Param[4*n_h] = 1               # and of the second
    beta_1, beta_2 = Param[4*n_h]           # and their biases
    alpha_3: Param[n_h] = 1                 # gain of the cell
    beta_3: Param[n_h]                      # and its bias
    V: Param[n_y, n_h]                      # hidden to output
    d: Param[n_y]                           # output bias
    eps: Const = 1e-5                       # keeps the variance from 0

    def deviation(a, mu): return sqrt(mean((a - mu)**2) + eps)

    h[0] = 0
    c[0] = 0
    a[t] = W_h @ h[t-1]                                     # first product
    u[t] = W_x @ x[t]                                       # second product
    mu_a[t] = mean(a[t])                                    # means
    mu_u[t] = mean(u[t])
    mu_c[t] = mean(c[t])
    sigma_a[t] = deviation(a[t], mu_a[t])                   # standard deviations
    sigma_u[t] = deviation(u[t], mu_u[t])
    sigma_c[t] = deviation(c[t], mu_c[t])
    z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] + beta_2 + b
    f[t] = sigmoid(z[t, :n_h])                              # forget gate
    i[t] = sigmoid(z[t, n_h:2*n_h])                         # input gate
    o[t] = sigmoid(z[t, 2*n_h:3*n_h])                       # output gate
    g[t] = tanh(z[t, 3*n_h:])                               # candidate
    c[t] = f[t] * c[t-1] + i[t] * g[t]                      # cell
    h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)     # hidden state
    s[t] = d + V @ h[t]                                     # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    W_h: np.ndarray  # (4*n_h, n_h)  hidden to f, i, o, g
    W_x: np.ndarray  # (4*n_h, n_x)  input to f, i, o, g
    b: np.ndarray  # (4*n_h)  biases
    alpha_1: np.ndarray  # (4*n_h)  gain of the first product
    alpha_2: np.ndarray  # (4*n_h)  and of the second
    beta_1: np.ndarray  # (4*n_h)  and their biases
    beta_2: np.ndarray  # (4*n_h)  and their biases
    alpha_3: np.ndarray  # (n_h)  gain of the cell
    beta_3: np.ndarray  # (n_h)  and its bias
    V: np.ndarray  # (n_y, n_h)  hidden to output
    d: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    a: np.ndarray  # (T, B, 4*n_h)  first product
    u: np.ndarray  # (T, B, 4*n_h)  second product
    mu_a: np.ndarray  # (T, B)  means
    mu_u: np.ndarray  # (T, B)
    mu_c: np.ndarray  # (T, B)
    sigma_a: np.ndarray  # (T, B)  standard deviations
    sigma_u: np.ndarray  # (T, B)
    sigma_c: np.ndarray  # (T, B)
    z: np.ndarray  # (T, B, 4*n_h)
    f: np.ndarray  # (T, B, n_h)  forget gate
    i: np.ndarray  # (T, B, n_h)  input gate
    o: np.ndarray  # (T, B, n_h)  output gate
    g: np.ndarray  # (T, B, n_h)  candidate
    c: np.ndarray  # (T + 1, B, n_h)  cell
    h: np.ndarray  # (T + 1, B, n_h)  hidden state
    s: np.ndarray  # (T, B, n_y)  logits
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    c: np.ndarray  # (B, n_h)  cell
    h: np.ndarray  # (B, n_h)  hidden state


class Outputs(NamedTuple):
    """The variables at one step."""

    a: np.ndarray  # (B, 4*n_h)  first product
    u: np.ndarray  # (B, 4*n_h)  second product
    mu_a: np.ndarray  # (B)  means
    mu_u: np.ndarray  # (B)
    mu_c: np.ndarray  # (B)
    sigma_a: np.ndarray  # (B)  standard deviations
    sigma_u: np.ndarray  # (B)
    sigma_c: np.ndarray  # (B)
    z: np.ndarray  # (B, 4*n_h)
    f: np.ndarray  # (B, n_h)  forget gate
    i: np.ndarray  # (B, n_h)  input gate
    o: np.ndarray  # (B, n_h)  output gate
    g: np.ndarray  # (B, n_h)  candidate
    c: np.ndarray  # (B, n_h)  cell
    h: np.ndarray  # (B, n_h)  hidden state
    s: np.ndarray  # (B, n_y)  logits
    yhat: np.ndarray  # (B, n_y)


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
        W_h=(rng.standard_normal((4 * n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        W_x=(rng.standard_normal((4 * n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        b=np.zeros((4 * n_h,), dtype),
        alpha_1=np.full((4 * n_h,), 1.0, dtype),
        alpha_2=np.full((4 * n_h,), 1.0, dtype),
        beta_1=np.zeros((4 * n_h,), dtype),
        beta_2=np.zeros((4 * n_h,), dtype),
        alpha_3=np.full((n_h,), 1.0, dtype),
        beta_3=np.zeros((n_h,), dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        d=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    eps: float = 1e-05,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  the class to predict at each step
    eps      number       real        keeps the variance from 0
    h0       (B, n_h)     real        h[0]; 0 where not given
    c0       (B, n_h)     real        c[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from
                                      there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if lengths is not None:
        return _forward_padded(params, x, y, eps, h0, c0, lengths)
    params, x, y, eps, h0, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, eps, h0, c0)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params

    tmp0 = np.empty((T, B, 4 * n_h), dtype)
    tmp1 = np.empty((T, B, 4 * n_h), dtype)
    tmp2 = np.empty((B,), dtype)
    tmp3 = np.empty((B, 4 * n_h), dtype)
    tmp4 = np.empty((B, 4 * n_h), dtype)
    tmp5 = np.empty((B, n_h), dtype)
    tmp6 = np.empty((B, n_h), dtype)
    tmp7 = np.empty((T, B, n_y), dtype)
    u = np.empty((T, B, 4 * n_h), dtype)
    # u[t] = W_x @ x[t]
    np.matmul(x.reshape(-1, n_x), W_x.T, out=u.reshape(-1, 4 * n_h))
    mu_u = np.empty((T, B), dtype)
    # mu_u[t] = mean(u[t])
    np.add.reduce(u, axis=2, out=mu_u)
    mu_u *= 0.25 / n_h
    sigma_a_arg = np.empty((T, B), dtype)
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg[...] = eps
    sigma_u_arg = np.empty((T, B), dtype)
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    np.subtract(u, mu_u[:, :, None], out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=sigma_u_arg)
    sigma_u_arg *= 0.25 / n_h
    sigma_u_arg += eps
    sigma_u = np.empty((T, B), dtype)
    # sigma_u[t] = deviation(u[t], mu_u[t])
    np.sqrt(sigma_u_arg, out=sigma_u)
    sigma_c_arg = np.empty((T, B), dtype)
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg[...] = eps
    z = np.empty((T, B, 4 * n_h), dtype)
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    np.subtract(u, mu_u[:, :, None], out=z)
    z *= alpha_2
    z /= sigma_u[:, :, None]
    z += b
    z += beta_1
    z += beta_2
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
    h_arg[...] = beta_3
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    a = np.empty((T, B, 4 * n_h), dtype)
    mu_a = np.empty((T, B), dtype)
    sigma_a = np.empty((T, B), dtype)
    f = np.empty((T, B, n_h), dtype)
    i = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    mu_c = np.empty((T, B), dtype)
    sigma_c = np.empty((T, B), dtype)
    o = np.empty((T, B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    W_h_T = np.empty((n_h, 4 * n_h), dtype)
    W_h_T[...] = W_h.T
    h_at = list(h)
    a_at = list(a)
    mu_a_at = list(mu_a)
    sigma_a_arg_at = list(sigma_a_arg)
    sigma_a_at = list(sigma_a)
    z_at = list(z)
    f_at = list(f)
    z_at2 = list(z[:, :, :n_h])
    half = np.array(0.5, dtype)
    i_at = list(i)
    z_at3 = list(z[:, :, n_h:2 * n_h])
    g_at = list(g)
    z_at4 = list(z[:, :, 3 * n_h:])
    c_at = list(c)
    mu_c_at = list(mu_c)
    sigma_c_arg_at = list(sigma_c_arg)
    sigma_c_at = list(sigma_c)
    o_at = list(o)
    z_at5 = list(z[:, :, 2 * n_h:3 * n_h])
    h_arg_at = list(h_arg)
    for t in range(1, T + 1):
        # a[t] = W_h @ h[t-1]
        h_at[t - 1].dot(W_h_T, out=a_at[t - 1])
        # mu_a[t] = mean(a[t])
        np.add.reduce(a_at[t - 1], axis=1, out=mu_a_at[t - 1])
        mu_a_at[t - 1] *= 0.25 / n_h
        # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
        np.subtract(a_at[t - 1], mu_a_at[t - 1][:, None], out=tmp4)
        np.square(tmp4, out=tmp3)
        np.add.reduce(tmp3, axis=1, out=tmp2)
        tmp2 *= 0.25 / n_h
        sigma_a_arg_at[t - 1] += tmp2
        # sigma_a[t] = deviation(a[t], mu_a[t])
        np.sqrt(sigma_a_arg_at[t - 1], out=sigma_a_at[t - 1])
        # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
        #     beta_2 + b
        np.subtract(a_at[t - 1], mu_a_at[t - 1][:, None], out=tmp3)
        tmp3 *= alpha_1
        tmp3 /= sigma_a_at[t - 1][:, None]
        z_at[t - 1] += tmp3
        # f[t] = sigmoid(z[t, :n_h])
        _sigmoid(z_at2[t - 1], out=f_at[t - 1], half=half)
        # i[t] = sigmoid(z[t, n_h:2*n_h])
        _sigmoid(z_at3[t - 1], out=i_at[t - 1], half=half)
        # g[t] = tanh(z[t, 3*n_h:])
        np.tanh(z_at4[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp5)
        c_at[t] += tmp5
        # mu_c[t] = mean(c[t])
        np.add.reduce(c_at[t], axis=1, out=mu_c_at[t - 1])
        mu_c_at[t - 1] *= 1 / n_h
        # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
        np.subtract(c_at[t], mu_c_at[t - 1][:, None], out=tmp6)
        np.square(tmp6, out=tmp5)
        np.add.reduce(tmp5, axis=1, out=tmp2)
        tmp2 *= 1 / n_h
        sigma_c_arg_at[t - 1] += tmp2
        # sigma_c[t] = deviation(c[t], mu_c[t])
        np.sqrt(sigma_c_arg_at[t - 1], out=sigma_c_at[t - 1])
        # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
        _sigmoid(z_at5[t - 1], out=o_at[t - 1], half=half)
        # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
        np.subtract(c_at[t], mu_c_at[t - 1][:, None], out=tmp5)
        tmp5 *= alpha_3
        tmp5 /= sigma_c_at[t - 1][:, None]
        h_arg_at[t - 1] += tmp5
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg_at[t - 1], out=h_tanh)
        # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
        np.multiply(h_tanh, o_at[t - 1], out=h_at[t])
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp7, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp7)
    np.exp(tmp7, out=yhat)
    if y is not None:
        tmp_8_0 = np.empty((T, B), dtype)
        rows = np.arange(T * B).reshape(T, B)
        flat = np.empty((T, B), np.intp)
        # loss = sum(-log(yhat[t, y[t]]), t)
        _look_up(s, y, rows, flat, out=tmp_8_0)
        np.subtract(yhat_lse, tmp_8_0, out=tmp_8_0)
        loss = tmp_8_0.sum()
    else:
        loss = None

    if single:
        a = a[:, 0]
        u = u[:, 0]
        mu_a = mu_a[:, 0]
        mu_u = mu_u[:, 0]
        mu_c = mu_c[:, 0]
        sigma_a = sigma_a[:, 0]
        sigma_u = sigma_u[:, 0]
        sigma_c = sigma_c[:, 0]
        z = z[:, 0]
        f = f[:, 0]
        i = i[:, 0]
        o = o[:, 0]
        g = g[:, 0]
        c = c[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(
        a=a,
        u=u,
        mu_a=mu_a,
        mu_u=mu_u,
        mu_c=mu_c,
        sigma_a=sigma_a,
        sigma_u=sigma_u,
        sigma_c=sigma_c,
        z=z,
        f=f,
        i=i,
        o=o,
        g=g,
        c=c,
        h=h,
        s=s,
        yhat=yhat,
        loss=None if loss is None else float(loss),
    )


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    eps: float = 1e-05,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real        what is read at each step
    y          (T, B)       0..n_y - 1  the class to predict at each step
    eps        number       real        keeps the variance from 0
    h0         (B, n_h)     real        h[0]; 0 where not given
    c0         (B, n_h)     real        c[0]; 0 where not given
    workspace               Workspace   its arrays are used, and hold the results until its next call
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths    (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if lengths is not None:
        return _loss_padded(params, x, y, eps, h0, c0, lengths, workspace)
    params, x, y, eps, h0, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, eps, h0, c0, whole=True)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, sigma_c_arg, tmp8, u, mu_u, sigma_a_arg, sigma_u_arg, sigma_u,
        z, h_arg, h, c, a, mu_a, sigma_a, f, i, g, mu_c, sigma_c, o, h_tanh, W_h_T, h_at, sigma_a_arg_at, z_at, z_at2,
        half, z_at3, z_at4, c_at, sigma_c_arg_at, z_at5, h_arg_at, s, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_y, n_h, B, dtype)
    # u[t] = W_x @ x[t]
    np.matmul(x.reshape(-1, n_x), W_x.T, out=u.reshape(-1, 4 * n_h))
    # mu_u[t] = mean(u[t])
    np.add.reduce(u, axis=2, out=mu_u)
    mu_u *= 0.25 / n_h
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg[...] = eps
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    np.subtract(u, mu_u[:, :, None], out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=sigma_u_arg)
    sigma_u_arg *= 0.25 / n_h
    sigma_u_arg += eps
    # sigma_u[t] = deviation(u[t], mu_u[t])
    np.sqrt(sigma_u_arg, out=sigma_u)
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg[...] = eps
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    np.subtract(u, mu_u[:, :, None], out=z)
    z *= alpha_2
    z /= sigma_u[:, :, None]
    z += b
    z += beta_1
    z += beta_2
    # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
    h_arg[...] = beta_3
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    W_h_T[...] = W_h.T
    for t in range(1, T + 1):
        # a[t] = W_h @ h[t-1]
        h_at[t - 1].dot(W_h_T, out=a)
        # mu_a[t] = mean(a[t])
        np.add.reduce(a, axis=1, out=mu_a)
        mu_a *= 0.25 / n_h
        # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
        np.subtract(a, mu_a[:, None], out=tmp4)
        np.square(tmp4, out=tmp3)
        np.add.reduce(tmp3, axis=1, out=tmp2)
        tmp2 *= 0.25 / n_h
        sigma_a_arg_at[t - 1] += tmp2
        # sigma_a[t] = deviation(a[t], mu_a[t])
        np.sqrt(sigma_a_arg_at[t - 1], out=sigma_a)
        # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
        #     beta_2 + b
        np.subtract(a, mu_a[:, None], out=tmp3)
        tmp3 *= alpha_1
        tmp3 /= sigma_a[:, None]
        z_at[t - 1] += tmp3
        # f[t] = sigmoid(z[t, :n_h])
        _sigmoid(z_at2[t - 1], out=f, half=half)
        # i[t] = sigmoid(z[t, n_h:2*n_h])
        _sigmoid(z_at3[t - 1], out=i, half=half)
        # g[t] = tanh(z[t, 3*n_h:])
        np.tanh(z_at4[t - 1], out=g)
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(f, c_at[t - 1], out=c_at[t])
        np.multiply(g, i, out=tmp5)
        c_at[t] += tmp5
        # mu_c[t] = mean(c[t])
        np.add.reduce(c_at[t], axis=1, out=mu_c)
        mu_c *= 1 / n_h
        # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
        np.subtract(c_at[t], mu_c[:, None], out=tmp6)
        np.square(tmp6, out=tmp5)
        np.add.reduce(tmp5, axis=1, out=tmp2)
        tmp2 *= 1 / n_h
        sigma_c_arg_at[t - 1] += tmp2
        # sigma_c[t] = deviation(c[t], mu_c[t])
        np.sqrt(sigma_c_arg_at[t - 1], out=sigma_c)
        # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
        _sigmoid(z_at5[t - 1], out=o, half=half)
        # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
        np.subtract(c_at[t], mu_c[:, None], out=tmp5)
        tmp5 *= alpha_3
        tmp5 /= sigma_c[:, None]
        h_arg_at[t - 1] += tmp5
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg_at[t - 1], out=h_tanh)
        # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
        np.multiply(h_tanh, o, out=h_at[t])
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp7, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp8)
    np.subtract(yhat_lse, tmp8, out=tmp8)
    loss = tmp8.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    eps: float = 1e-05,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x           (T, B, n_x)  real                       what is read at each step
    y           (T, B)       0..n_y - 1                 the class to predict at each step
    eps         number       real                       keeps the variance from 0
    h0          (B, n_h)     real                       h[0]; 0 where not given
    c0          (B, n_h)     real                       c[0]; 0 where not given
    workspace                Workspace                  its arrays are used, and hold the results until its next call
    state                    State                      what an earlier piece left, from last_state or step: the
                                                        sequence goes on from there
    lengths     (B,)         1..T                       each example's own number of steps, what is given beyond is not
                                                        read; all where not given
    window                   whole number >= 1          steps in a window: gradients stay in it, values go on to the
                                                        next
    checkpoint               True or whole number >= 1  steps in a segment, True for about the root of all: states
                                                        between them are kept, the rest is computed anew; the same
                                                        gradient up to rounding

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, eps, h0, c0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, eps, h0, c0, lengths, wrt, workspace, window)
    params, x, y, eps, h0, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, eps, h0, c0, whole=True)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params
    wrt = _asked(wrt, ("x", "h0", "c0"))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, u, mu_u, sigma_a_arg, sigma_u_arg, sigma_u, sigma_c_arg,
        z, h_arg, h, c, a, mu_a, sigma_a, f, i, g, mu_c, sigma_c, o, h_tanh, W_h_T, h_at, a_at, mu_a_at, sigma_a_arg_at,
        sigma_a_at, z_at, f_at, z_at2, half, i_at, z_at3, g_at, z_at4, c_at, mu_c_at, sigma_c_arg_at, sigma_c_at, o_at,
        z_at5, h_arg_at, h_tanh_at, s, yhat_lse, largest, yhat, rows, flat, tmp9, tmp10, tmp11, ds, entries, dd, dV,
        h_arg_factor, sigma_c_factor, mu_c_factor, c_factor, z_factor, z_factor2, z_factor3, z_factor4, sigma_a_factor,
        mu_a_factor, a_factor, sigma_c_arg_factor, sigma_a_arg_factor, dh, dh_arg, dsigma_c, dsigma_c_arg, dmu_c, dc,
        dz, dsigma_a, dmu_a, dsigma_a_arg, da, da_at, dh_at, dh_arg_at, h_arg_factor_at, sigma_c_factor_at,
        sigma_c_arg_factor_at, mu_c_factor_at, dc_at, c_factor_at, dz_at, z_factor_at, dz_at2, z_factor2_at, dz_at3,
        z_factor3_at, dz_at4, z_factor4_at, dz_at5, sigma_a_factor_at, sigma_a_arg_factor_at, mu_a_factor_at,
        a_factor_at, dalpha_3, dbeta_3, dalpha_1, dsigma_u, dmu_u, dsigma_u_arg, du, dalpha_2, db, dbeta_1, dbeta_2,
        dW_x, dW_h,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, B, dtype)
    # u[t] = W_x @ x[t]
    np.matmul(x.reshape(-1, n_x), W_x.T, out=u.reshape(-1, 4 * n_h))
    # mu_u[t] = mean(u[t])
    np.add.reduce(u, axis=2, out=mu_u)
    mu_u *= 0.25 / n_h
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg[...] = eps
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    np.subtract(u, mu_u[:, :, None], out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=sigma_u_arg)
    sigma_u_arg *= 0.25 / n_h
    sigma_u_arg += eps
    # sigma_u[t] = deviation(u[t], mu_u[t])
    np.sqrt(sigma_u_arg, out=sigma_u)
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg[...] = eps
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    np.subtract(u, mu_u[:, :, None], out=z)
    z *= alpha_2
    z /= sigma_u[:, :, None]
    z += b
    z += beta_1
    z += beta_2
    # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
    h_arg[...] = beta_3
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    W_h_T[...] = W_h.T
    for t in range(1, T + 1):
        # a[t] = W_h @ h[t-1]
        h_at[t - 1].dot(W_h_T, out=a_at[t - 1])
        # mu_a[t] = mean(a[t])
        np.add.reduce(a_at[t - 1], axis=1, out=mu_a_at[t - 1])
        mu_a_at[t - 1] *= 0.25 / n_h
        # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
        np.subtract(a_at[t - 1], mu_a_at[t - 1][:, None], out=tmp4)
        np.square(tmp4, out=tmp3)
        np.add.reduce(tmp3, axis=1, out=tmp2)
        tmp2 *= 0.25 / n_h
        sigma_a_arg_at[t - 1] += tmp2
        # sigma_a[t] = deviation(a[t], mu_a[t])
        np.sqrt(sigma_a_arg_at[t - 1], out=sigma_a_at[t - 1])
        # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
        #     beta_2 + b
        np.subtract(a_at[t - 1], mu_a_at[t - 1][:, None], out=tmp3)
        tmp3 *= alpha_1
        tmp3 /= sigma_a_at[t - 1][:, None]
        z_at[t - 1] += tmp3
        # f[t] = sigmoid(z[t, :n_h])
        _sigmoid(z_at2[t - 1], out=f_at[t - 1], half=half)
        # i[t] = sigmoid(z[t, n_h:2*n_h])
        _sigmoid(z_at3[t - 1], out=i_at[t - 1], half=half)
        # g[t] = tanh(z[t, 3*n_h:])
        np.tanh(z_at4[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp5)
        c_at[t] += tmp5
        # mu_c[t] = mean(c[t])
        np.add.reduce(c_at[t], axis=1, out=mu_c_at[t - 1])
        mu_c_at[t - 1] *= 1 / n_h
        # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
        np.subtract(c_at[t], mu_c_at[t - 1][:, None], out=tmp6)
        np.square(tmp6, out=tmp5)
        np.add.reduce(tmp5, axis=1, out=tmp2)
        tmp2 *= 1 / n_h
        sigma_c_arg_at[t - 1] += tmp2
        # sigma_c[t] = deviation(c[t], mu_c[t])
        np.sqrt(sigma_c_arg_at[t - 1], out=sigma_c_at[t - 1])
        # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
        _sigmoid(z_at5[t - 1], out=o_at[t - 1], half=half)
        # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
        np.subtract(c_at[t], mu_c_at[t - 1][:, None], out=tmp5)
        tmp5 *= alpha_3
        tmp5 /= sigma_c_at[t - 1][:, None]
        h_arg_at[t - 1] += tmp5
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg_at[t - 1], out=h_tanh_at[t - 1])
        # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
        np.multiply(h_tanh_at[t - 1], o_at[t - 1], out=h_at[t])
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp7, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp7)
    np.exp(tmp7, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp8)
    np.subtract(yhat_lse, tmp8, out=tmp8)
    loss = tmp8.sum()
    # grad(s[t]) = yhat[t] - onehot(y[t])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # h.arg.factor[t] = o[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    h_arg_factor *= o
    # sigma_c.factor[t] = -(c[t] - mu_c[t]) * alpha_3 / sigma_c[t]**2
    np.square(sigma_c, out=tmp8)
    np.subtract(c[1:], mu_c[:, :, None], out=sigma_c_factor)
    sigma_c_factor *= alpha_3
    sigma_c_factor /= tmp8[:, :, None]
    np.negative(sigma_c_factor, out=sigma_c_factor)
    # mu_c.factor[t] = (2 * mu_c[t] - 2 * c[t]) / n_h
    np.multiply(mu_c, 2, out=tmp8)
    np.multiply(c[1:], 2, out=mu_c_factor)
    np.subtract(tmp8[:, :, None], mu_c_factor, out=mu_c_factor)
    mu_c_factor *= 1 / n_h
    # c.factor[t] = (2 * c[t] - 2 * mu_c[t]) / n_h
    np.multiply(mu_c, 2, out=tmp8)
    np.multiply(c[1:], 2, out=c_factor)
    c_factor -= tmp8[:, :, None]
    c_factor *= 1 / n_h
    # z.factor[t] = i[t] * (1 - g[t]**2)
    np.square(g, out=z_factor)
    np.subtract(1, z_factor, out=z_factor)
    z_factor *= i
    # z.factor2[t] = h.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=z_factor2)
    z_factor2 *= h_tanh
    z_factor2 *= o
    # z.factor3[t] = g[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=z_factor3)
    z_factor3 *= g
    z_factor3 *= i
    # z.factor4[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=z_factor4)
    z_factor4 *= c[:T]
    z_factor4 *= f
    # sigma_a.factor[t] = -(a[t] - mu_a[t]) * alpha_1 / sigma_a[t]**2
    np.square(sigma_a, out=tmp8)
    np.subtract(a, mu_a[:, :, None], out=sigma_a_factor)
    sigma_a_factor *= alpha_1
    sigma_a_factor /= tmp8[:, :, None]
    np.negative(sigma_a_factor, out=sigma_a_factor)
    # mu_a.factor[t] = (2 * mu_a[t] - 2 * a[t]) / (4 * n_h)
    np.multiply(mu_a, 2, out=tmp8)
    np.multiply(a, 2, out=mu_a_factor)
    np.subtract(tmp8[:, :, None], mu_a_factor, out=mu_a_factor)
    mu_a_factor *= 0.25 / n_h
    # a.factor[t] = (2 * a[t] - 2 * mu_a[t]) / (4 * n_h)
    np.multiply(mu_a, 2, out=tmp8)
    np.multiply(a, 2, out=a_factor)
    a_factor -= tmp8[:, :, None]
    a_factor *= 0.25 / n_h
    # sigma_c.arg.factor[t] = 1 / (2 * sigma_c[t])
    np.divide(0.5, sigma_c, out=sigma_c_arg_factor)
    # sigma_a.arg.factor[t] = 1 / (2 * sigma_a[t])
    np.divide(0.5, sigma_a, out=sigma_a_arg_factor)
    # grad(h[t]) = W_h.T @ grad(a[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
    np.multiply(dh[T], h_arg_factor[T - 1], out=dh_arg[T - 1])
    # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
    dsigma_c[...] = np.einsum("bj,bj->b", dh_arg[T - 1], sigma_c_factor[T - 1])
    # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
    np.multiply(dsigma_c, sigma_c_arg_factor[T - 1], out=dsigma_c_arg)
    # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
    #     grad(h.arg[t])) / sigma_c[t]
    np.add.reduce(mu_c_factor[T - 1], axis=1, out=dmu_c)
    dmu_c *= dsigma_c_arg
    np.divide(dh_arg[T - 1], sigma_c[T - 1][:, None], out=tmp5)
    np.matmul(tmp5, alpha_3, out=tmp2)
    dmu_c -= tmp2
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + alpha_3 * grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) *
    #     (2 * c[t] - 2 * mu_c[t]) / n_h + grad(mu_c[t]) / n_h, t < T
    np.multiply(dmu_c, 1 / n_h, out=tmp2)
    dc[T] = tmp2[:, None]
    np.multiply(c_factor[T - 1], dsigma_c_arg[:, None], out=tmp5)
    dc[T] += tmp5
    np.multiply(dh_arg[T - 1], alpha_3, out=tmp5)
    tmp5 /= sigma_c[T - 1][:, None]
    dc[T] += tmp5
    # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
    np.multiply(dc[T], z_factor[T - 1], out=dz[T - 1, :, 3 * n_h:])
    np.multiply(dh[T], z_factor2[T - 1], out=dz[T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc[T], z_factor3[T - 1], out=dz[T - 1, :, n_h:2 * n_h])
    np.multiply(dc[T], z_factor4[T - 1], out=dz[T - 1, :, :n_h])
    # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
    dsigma_a[...] = np.einsum("bj,bj->b", dz[T - 1], sigma_a_factor[T - 1])
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    np.divide(dz[T - 1], sigma_a[T - 1][:, None], out=tmp3)
    np.matmul(tmp3, alpha_1, out=dmu_a)
    np.negative(dmu_a, out=dmu_a)
    # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
    np.multiply(dsigma_a, sigma_a_arg_factor[T - 1], out=dsigma_a_arg)
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    np.add.reduce(mu_a_factor[T - 1], axis=1, out=tmp2)
    tmp2 *= dsigma_a_arg
    dmu_a += tmp2
    # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
    #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
    np.multiply(dmu_a, 0.25 / n_h, out=tmp2)
    da[T - 1] = tmp2[:, None]
    np.multiply(dz[T - 1], alpha_1, out=tmp3)
    tmp3 /= sigma_a[T - 1][:, None]
    da[T - 1] += tmp3
    np.multiply(a_factor[T - 1], dsigma_a_arg[:, None], out=tmp3)
    da[T - 1] += tmp3
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = W_h.T @ grad(a[t+1]) + V.T @ grad(s[t]), t < T
        da_at[t].dot(W_h, out=tmp5)
        dh_at[t] += tmp5
        # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
        np.multiply(dh_at[t], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
        # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
        dsigma_c[...] = np.einsum("bj,bj->b", dh_arg[t - 1], sigma_c_factor[t - 1])
        # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
        np.multiply(dsigma_c, sigma_c_arg_factor_at[t - 1], out=dsigma_c_arg)
        # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
        #     grad(h.arg[t])) / sigma_c[t]
        np.add.reduce(mu_c_factor_at[t - 1], axis=1, out=dmu_c)
        dmu_c *= dsigma_c_arg
        np.divide(dh_arg_at[t - 1], sigma_c_at[t - 1][:, None], out=tmp5)
        np.matmul(tmp5, alpha_3, out=tmp2)
        dmu_c -= tmp2
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + alpha_3 * grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) *
        #     (2 * c[t] - 2 * mu_c[t]) / n_h + grad(mu_c[t]) / n_h, t < T
        np.multiply(dmu_c, 1 / n_h, out=tmp2)
        dc_at[t][...] = tmp2[:, None]
        np.multiply(c_factor_at[t - 1], dsigma_c_arg[:, None], out=tmp5)
        dc_at[t] += tmp5
        np.multiply(dh_arg_at[t - 1], alpha_3, out=tmp5)
        tmp5 /= sigma_c_at[t - 1][:, None]
        dc_at[t] += tmp5
        np.multiply(f_at[t], dc_at[t + 1], out=tmp5)
        dc_at[t] += tmp5
        # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
        np.multiply(dc_at[t], z_factor_at[t - 1], out=dz_at[t - 1])
        np.multiply(dh_at[t], z_factor2_at[t - 1], out=dz_at2[t - 1])
        np.multiply(dc_at[t], z_factor3_at[t - 1], out=dz_at3[t - 1])
        np.multiply(dc_at[t], z_factor4_at[t - 1], out=dz_at4[t - 1])
        # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
        dsigma_a[...] = np.einsum("bj,bj->b", dz[t - 1], sigma_a_factor[t - 1])
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        np.divide(dz_at5[t - 1], sigma_a_at[t - 1][:, None], out=tmp3)
        np.matmul(tmp3, alpha_1, out=dmu_a)
        np.negative(dmu_a, out=dmu_a)
        # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
        np.multiply(dsigma_a, sigma_a_arg_factor_at[t - 1], out=dsigma_a_arg)
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        np.add.reduce(mu_a_factor_at[t - 1], axis=1, out=tmp2)
        tmp2 *= dsigma_a_arg
        dmu_a += tmp2
        # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
        #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
        np.multiply(dmu_a, 0.25 / n_h, out=tmp2)
        da_at[t - 1][...] = tmp2[:, None]
        np.multiply(dz_at5[t - 1], alpha_1, out=tmp3)
        tmp3 /= sigma_a_at[t - 1][:, None]
        da_at[t - 1] += tmp3
        np.multiply(a_factor_at[t - 1], dsigma_a_arg[:, None], out=tmp3)
        da_at[t - 1] += tmp3
    # grad(alpha_3) = sum((c[t] - mu_c[t]) * grad(h.arg[t]) / sigma_c[t], t)
    np.subtract(c[1:].transpose(2, 0, 1), mu_c, out=tmp9)
    tmp9 *= dh_arg.transpose(2, 0, 1)
    np.divide(1, sigma_c, out=tmp8)
    np.matmul(tmp9.reshape(n_h, -1), tmp8.reshape(-1), out=dalpha_3)
    # grad(beta_3) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=dbeta_3)
    # grad(alpha_1) = sum((a[t] - mu_a[t]) * grad(z[t]) / sigma_a[t], t)
    np.subtract(a.transpose(2, 0, 1), mu_a, out=tmp10)
    tmp10 *= dz.transpose(2, 0, 1)
    np.divide(1, sigma_a, out=tmp8)
    np.matmul(tmp10.reshape(4 * n_h, -1), tmp8.reshape(-1), out=dalpha_1)
    # grad(sigma_u[t]) = -sum(alpha_2 * (u[t] - mu_u[t]) * grad(z[t])) / sigma_u[t]**2
    np.square(sigma_u, out=tmp8)
    np.subtract(u, mu_u[:, :, None], out=tmp0)
    tmp0 *= dz
    tmp0 *= alpha_2
    np.add.reduce(tmp0, axis=2, out=dsigma_u)
    dsigma_u /= tmp8
    np.negative(dsigma_u, out=dsigma_u)
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    np.multiply(dz, alpha_2, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=dmu_u)
    dmu_u /= sigma_u
    np.negative(dmu_u, out=dmu_u)
    # grad(sigma_u.arg[t]) = grad(sigma_u[t]) / (2 * sigma_u[t])
    np.multiply(dsigma_u, 0.5, out=dsigma_u_arg)
    dsigma_u_arg /= sigma_u
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    np.multiply(mu_u, 2, out=tmp11)
    np.multiply(u, 2, out=tmp0)
    np.subtract(tmp11[:, :, None], tmp0, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=tmp8)
    tmp8 *= dsigma_u_arg
    tmp8 *= 0.25 / n_h
    dmu_u += tmp8
    # grad(u[t]) = alpha_2 * grad(z[t]) / sigma_u[t] + grad(sigma_u.arg[t]) * (2 * u[t] - 2 * mu_u[t]) /
    #     (4 * n_h) + grad(mu_u[t]) / (4 * n_h)
    np.multiply(dmu_u, 0.25 / n_h, out=tmp8)
    du[...] = tmp8[:, :, None]
    np.multiply(dz, alpha_2, out=tmp0)
    tmp0 /= sigma_u[:, :, None]
    du += tmp0
    np.multiply(mu_u, 2, out=tmp8)
    np.multiply(u, 2, out=tmp0)
    tmp0 -= tmp8[:, :, None]
    tmp0 *= dsigma_u_arg[:, :, None]
    tmp0 *= 0.25 / n_h
    du += tmp0
    # grad(alpha_2) = sum((u[t] - mu_u[t]) * grad(z[t]) / sigma_u[t], t)
    np.subtract(u.transpose(2, 0, 1), mu_u, out=tmp10)
    tmp10 *= dz.transpose(2, 0, 1)
    np.divide(1, sigma_u, out=tmp8)
    np.matmul(tmp10.reshape(4 * n_h, -1), tmp8.reshape(-1), out=dalpha_2)
    # grad(b) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=db)
    # grad(beta_1) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=dbeta_1)
    # grad(beta_2) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=dbeta_2)
    # grad(W_x) = sum(outer(grad(u[t]), x[t]), t)
    np.matmul(du.reshape(-1, 4 * n_h).T, x.reshape(-1, n_x), out=dW_x)
    # grad(W_h) = sum(outer(grad(a[t]), h[t-1]), t)
    np.matmul(da.reshape(-1, 4 * n_h).T, h[:T].reshape(-1, n_h), out=dW_h)
    if "c0" in wrt:
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + alpha_3 * grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) *
        #     (2 * c[t] - 2 * mu_c[t]) / n_h + grad(mu_c[t]) / n_h, t < T
        np.multiply(f[:1], dc[1:2], out=dc[:1])
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = W_x.T @ grad(u[t])
        np.matmul(du.reshape(-1, 4 * n_h), W_x, out=dx.reshape(-1, n_x))
    if "h0" in wrt:
        # grad(h[0]) = W_h.T @ grad(a[1])
        np.matmul(da[0], W_h, out=dh[0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(
        W_h=dW_h,
        W_x=dW_x,
        b=db,
        alpha_1=dalpha_1,
        alpha_2=dalpha_2,
        beta_1=dbeta_1,
        beta_2=dbeta_2,
        alpha_3=dalpha_3,
        beta_3=dbeta_3,
        V=dV,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
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
    y        (T, B)       0..n_y - 1         the class to predict at each step
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    (
        params, x, y, a, u, mu_a, mu_u, mu_c, sigma_a, sigma_u, sigma_c, f, i, o, g, c, h, yhat, dtype, single, n_h,
        n_x, n_y, T, B,
    ) = _backward_arguments(params, forward, x, y)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params

    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
    np.subtract(c[1:], mu_c[:, :, None], out=h_arg)
    h_arg *= alpha_3
    h_arg /= sigma_c[:, :, None]
    h_arg += beta_3
    h_tanh = np.empty((T, B, n_h), dtype)
    # h.tanh[t] = tanh(h.arg[t])
    np.tanh(h_arg, out=h_tanh)
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B,), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, 4 * n_h), dtype)
    tmp4 = np.empty((n_h, T, B), dtype)
    tmp5 = np.empty((4 * n_h, T, B), dtype)
    tmp6 = np.empty((T, B, 4 * n_h), dtype)
    tmp7 = np.empty((T, B), dtype)
    ds = np.empty((T, B, n_y), dtype)
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds[...] = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(ds, y, rows, flat, entries, -1)
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = W_h.T @ grad(a[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    h_arg_factor = np.empty((T, B, n_h), dtype)
    # h.arg.factor[t] = o[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    h_arg_factor *= o
    sigma_c_factor = np.empty((T, B, n_h), dtype)
    # sigma_c.factor[t] = -(c[t] - mu_c[t]) * alpha_3 / sigma_c[t]**2
    np.square(sigma_c, out=tmp0)
    np.subtract(c[1:], mu_c[:, :, None], out=sigma_c_factor)
    sigma_c_factor *= alpha_3
    sigma_c_factor /= tmp0[:, :, None]
    np.negative(sigma_c_factor, out=sigma_c_factor)
    mu_c_factor = np.empty((T, B, n_h), dtype)
    # mu_c.factor[t] = (2 * mu_c[t] - 2 * c[t]) / n_h
    np.multiply(mu_c, 2, out=tmp0)
    np.multiply(c[1:], 2, out=mu_c_factor)
    np.subtract(tmp0[:, :, None], mu_c_factor, out=mu_c_factor)
    mu_c_factor *= 1 / n_h
    c_factor = np.empty((T, B, n_h), dtype)
    # c.factor[t] = (2 * c[t] - 2 * mu_c[t]) / n_h
    np.multiply(mu_c, 2, out=tmp0)
    np.multiply(c[1:], 2, out=c_factor)
    c_factor -= tmp0[:, :, None]
    c_factor *= 1 / n_h
    z_factor = np.empty((T, B, n_h), dtype)
    # z.factor[t] = i[t] * (1 - g[t]**2)
    np.square(g, out=z_factor)
    np.subtract(1, z_factor, out=z_factor)
    z_factor *= i
    z_factor2 = np.empty((T, B, n_h), dtype)
    # z.factor2[t] = h.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=z_factor2)
    z_factor2 *= h_tanh
    z_factor2 *= o
    z_factor3 = np.empty((T, B, n_h), dtype)
    # z.factor3[t] = g[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=z_factor3)
    z_factor3 *= g
    z_factor3 *= i
    z_factor4 = np.empty((T, B, n_h), dtype)
    # z.factor4[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=z_factor4)
    z_factor4 *= c[:T]
    z_factor4 *= f
    sigma_a_factor = np.empty((T, B, 4 * n_h), dtype)
    # sigma_a.factor[t] = -(a[t] - mu_a[t]) * alpha_1 / sigma_a[t]**2
    np.square(sigma_a, out=tmp0)
    np.subtract(a, mu_a[:, :, None], out=sigma_a_factor)
    sigma_a_factor *= alpha_1
    sigma_a_factor /= tmp0[:, :, None]
    np.negative(sigma_a_factor, out=sigma_a_factor)
    mu_a_factor = np.empty((T, B, 4 * n_h), dtype)
    # mu_a.factor[t] = (2 * mu_a[t] - 2 * a[t]) / (4 * n_h)
    np.multiply(mu_a, 2, out=tmp0)
    np.multiply(a, 2, out=mu_a_factor)
    np.subtract(tmp0[:, :, None], mu_a_factor, out=mu_a_factor)
    mu_a_factor *= 0.25 / n_h
    a_factor = np.empty((T, B, 4 * n_h), dtype)
    # a.factor[t] = (2 * a[t] - 2 * mu_a[t]) / (4 * n_h)
    np.multiply(mu_a, 2, out=tmp0)
    np.multiply(a, 2, out=a_factor)
    a_factor -= tmp0[:, :, None]
    a_factor *= 0.25 / n_h
    sigma_c_arg_factor = np.empty((T, B), dtype)
    # sigma_c.arg.factor[t] = 1 / (2 * sigma_c[t])
    np.divide(0.5, sigma_c, out=sigma_c_arg_factor)
    sigma_a_arg_factor = np.empty((T, B), dtype)
    # sigma_a.arg.factor[t] = 1 / (2 * sigma_a[t])
    np.divide(0.5, sigma_a, out=sigma_a_arg_factor)
    dh_arg = np.empty((T, B, n_h), dtype)
    dsigma_c = np.empty((B,), dtype)
    dsigma_c_arg = np.empty((B,), dtype)
    dmu_c = np.empty((B,), dtype)
    dc = np.empty((T, B, n_h), dtype)
    dz = np.empty((T, B, 4 * n_h), dtype)
    dsigma_a = np.empty((B,), dtype)
    dmu_a = np.empty((B,), dtype)
    dsigma_a_arg = np.empty((B,), dtype)
    da = np.empty((T, B, 4 * n_h), dtype)
    # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
    np.multiply(dh[T - 1], h_arg_factor[T - 1], out=dh_arg[T - 1])
    # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
    dsigma_c[...] = np.einsum("bj,bj->b", dh_arg[T - 1], sigma_c_factor[T - 1])
    # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
    np.multiply(dsigma_c, sigma_c_arg_factor[T - 1], out=dsigma_c_arg)
    # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
    #     grad(h.arg[t])) / sigma_c[t]
    np.add.reduce(mu_c_factor[T - 1], axis=1, out=dmu_c)
    dmu_c *= dsigma_c_arg
    np.divide(dh_arg[T - 1], sigma_c[T - 1][:, None], out=tmp2)
    np.matmul(tmp2, alpha_3, out=tmp1)
    dmu_c -= tmp1
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + alpha_3 * grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) *
    #     (2 * c[t] - 2 * mu_c[t]) / n_h + grad(mu_c[t]) / n_h, t < T
    np.multiply(dmu_c, 1 / n_h, out=tmp1)
    dc[T - 1] = tmp1[:, None]
    np.multiply(c_factor[T - 1], dsigma_c_arg[:, None], out=tmp2)
    dc[T - 1] += tmp2
    np.multiply(dh_arg[T - 1], alpha_3, out=tmp2)
    tmp2 /= sigma_c[T - 1][:, None]
    dc[T - 1] += tmp2
    # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
    np.multiply(dc[T - 1], z_factor[T - 1], out=dz[T - 1, :, 3 * n_h:])
    np.multiply(dh[T - 1], z_factor2[T - 1], out=dz[T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc[T - 1], z_factor3[T - 1], out=dz[T - 1, :, n_h:2 * n_h])
    np.multiply(dc[T - 1], z_factor4[T - 1], out=dz[T - 1, :, :n_h])
    # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
    dsigma_a[...] = np.einsum("bj,bj->b", dz[T - 1], sigma_a_factor[T - 1])
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    np.divide(dz[T - 1], sigma_a[T - 1][:, None], out=tmp3)
    np.matmul(tmp3, alpha_1, out=dmu_a)
    np.negative(dmu_a, out=dmu_a)
    # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
    np.multiply(dsigma_a, sigma_a_arg_factor[T - 1], out=dsigma_a_arg)
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    np.add.reduce(mu_a_factor[T - 1], axis=1, out=tmp1)
    tmp1 *= dsigma_a_arg
    dmu_a += tmp1
    # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
    #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
    np.multiply(dmu_a, 0.25 / n_h, out=tmp1)
    da[T - 1] = tmp1[:, None]
    np.multiply(dz[T - 1], alpha_1, out=tmp3)
    tmp3 /= sigma_a[T - 1][:, None]
    da[T - 1] += tmp3
    np.multiply(a_factor[T - 1], dsigma_a_arg[:, None], out=tmp3)
    da[T - 1] += tmp3
    da_at = list(da)
    dh_at = list(dh)
    dh_arg_at = list(dh_arg)
    h_arg_factor_at = list(h_arg_factor)
    sigma_c_factor_at = list(sigma_c_factor)
    sigma_c_arg_factor_at = list(sigma_c_arg_factor)
    mu_c_factor_at = list(mu_c_factor)
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    dz_at = list(dz[:, :, 3 * n_h:])
    z_factor_at = list(z_factor)
    dz_at2 = list(dz[:, :, 2 * n_h:3 * n_h])
    z_factor2_at = list(z_factor2)
    dz_at3 = list(dz[:, :, n_h:2 * n_h])
    z_factor3_at = list(z_factor3)
    dz_at4 = list(dz[:, :, :n_h])
    z_factor4_at = list(z_factor4)
    dz_at5 = list(dz)
    sigma_a_factor_at = list(sigma_a_factor)
    sigma_a_arg_factor_at = list(sigma_a_arg_factor)
    mu_a_factor_at = list(mu_a_factor)
    a_factor_at = list(a_factor)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = W_h.T @ grad(a[t+1]) + V.T @ grad(s[t]), t < T
        da_at[t].dot(W_h, out=tmp2)
        dh_at[t - 1] += tmp2
        # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
        np.multiply(dh_at[t - 1], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
        # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
        dsigma_c[...] = np.einsum("bj,bj->b", dh_arg[t - 1], sigma_c_factor[t - 1])
        # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
        np.multiply(dsigma_c, sigma_c_arg_factor_at[t - 1], out=dsigma_c_arg)
        # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
        #     grad(h.arg[t])) / sigma_c[t]
        np.add.reduce(mu_c_factor_at[t - 1], axis=1, out=dmu_c)
        dmu_c *= dsigma_c_arg
        np.divide(dh_arg_at[t - 1], sigma_c[t - 1][:, None], out=tmp2)
        np.matmul(tmp2, alpha_3, out=tmp1)
        dmu_c -= tmp1
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + alpha_3 * grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) *
        #     (2 * c[t] - 2 * mu_c[t]) / n_h + grad(mu_c[t]) / n_h, t < T
        np.multiply(dmu_c, 1 / n_h, out=tmp1)
        dc_at[t - 1][...] = tmp1[:, None]
        np.multiply(c_factor_at[t - 1], dsigma_c_arg[:, None], out=tmp2)
        dc_at[t - 1] += tmp2
        np.multiply(dh_arg_at[t - 1], alpha_3, out=tmp2)
        tmp2 /= sigma_c[t - 1][:, None]
        dc_at[t - 1] += tmp2
        np.multiply(f[t], dc_at[t], out=tmp2)
        dc_at[t - 1] += tmp2
        # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
        np.multiply(dc_at[t - 1], z_factor_at[t - 1], out=dz_at[t - 1])
        np.multiply(dh_at[t - 1], z_factor2_at[t - 1], out=dz_at2[t - 1])
        np.multiply(dc_at[t - 1], z_factor3_at[t - 1], out=dz_at3[t - 1])
        np.multiply(dc_at[t - 1], z_factor4_at[t - 1], out=dz_at4[t - 1])
        # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
        dsigma_a[...] = np.einsum("bj,bj->b", dz[t - 1], sigma_a_factor[t - 1])
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        np.divide(dz_at5[t - 1], sigma_a[t - 1][:, None], out=tmp3)
        np.matmul(tmp3, alpha_1, out=dmu_a)
        np.negative(dmu_a, out=dmu_a)
        # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
        np.multiply(dsigma_a, sigma_a_arg_factor_at[t - 1], out=dsigma_a_arg)
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        np.add.reduce(mu_a_factor_at[t - 1], axis=1, out=tmp1)
        tmp1 *= dsigma_a_arg
        dmu_a += tmp1
        # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
        #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
        np.multiply(dmu_a, 0.25 / n_h, out=tmp1)
        da_at[t - 1][...] = tmp1[:, None]
        np.multiply(dz_at5[t - 1], alpha_1, out=tmp3)
        tmp3 /= sigma_a[t - 1][:, None]
        da_at[t - 1] += tmp3
        np.multiply(a_factor_at[t - 1], dsigma_a_arg[:, None], out=tmp3)
        da_at[t - 1] += tmp3
    dalpha_3 = np.empty((n_h,), dtype)
    # grad(alpha_3) = sum((c[t] - mu_c[t]) * grad(h.arg[t]) / sigma_c[t], t)
    np.subtract(c[1:].transpose(2, 0, 1), mu_c, out=tmp4)
    tmp4 *= dh_arg.transpose(2, 0, 1)
    np.divide(1, sigma_c, out=tmp0)
    np.matmul(tmp4.reshape(n_h, -1), tmp0.reshape(-1), out=dalpha_3)
    dbeta_3 = np.empty((n_h,), dtype)
    # grad(beta_3) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=dbeta_3)
    dalpha_1 = np.empty((4 * n_h,), dtype)
    # grad(alpha_1) = sum((a[t] - mu_a[t]) * grad(z[t]) / sigma_a[t], t)
    np.subtract(a.transpose(2, 0, 1), mu_a, out=tmp5)
    tmp5 *= dz.transpose(2, 0, 1)
    np.divide(1, sigma_a, out=tmp0)
    np.matmul(tmp5.reshape(4 * n_h, -1), tmp0.reshape(-1), out=dalpha_1)
    dsigma_u = np.empty((T, B), dtype)
    # grad(sigma_u[t]) = -sum(alpha_2 * (u[t] - mu_u[t]) * grad(z[t])) / sigma_u[t]**2
    np.square(sigma_u, out=tmp0)
    np.subtract(u, mu_u[:, :, None], out=tmp6)
    tmp6 *= dz
    tmp6 *= alpha_2
    np.add.reduce(tmp6, axis=2, out=dsigma_u)
    dsigma_u /= tmp0
    np.negative(dsigma_u, out=dsigma_u)
    dmu_u = np.empty((T, B), dtype)
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    np.multiply(dz, alpha_2, out=tmp6)
    np.add.reduce(tmp6, axis=2, out=dmu_u)
    dmu_u /= sigma_u
    np.negative(dmu_u, out=dmu_u)
    dsigma_u_arg = np.empty((T, B), dtype)
    # grad(sigma_u.arg[t]) = grad(sigma_u[t]) / (2 * sigma_u[t])
    np.multiply(dsigma_u, 0.5, out=dsigma_u_arg)
    dsigma_u_arg /= sigma_u
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    np.multiply(mu_u, 2, out=tmp7)
    np.multiply(u, 2, out=tmp6)
    np.subtract(tmp7[:, :, None], tmp6, out=tmp6)
    np.add.reduce(tmp6, axis=2, out=tmp0)
    tmp0 *= dsigma_u_arg
    tmp0 *= 0.25 / n_h
    dmu_u += tmp0
    du = np.empty((T, B, 4 * n_h), dtype)
    # grad(u[t]) = alpha_2 * grad(z[t]) / sigma_u[t] + grad(sigma_u.arg[t]) * (2 * u[t] - 2 * mu_u[t]) /
    #     (4 * n_h) + grad(mu_u[t]) / (4 * n_h)
    np.multiply(dmu_u, 0.25 / n_h, out=tmp0)
    du[...] = tmp0[:, :, None]
    np.multiply(dz, alpha_2, out=tmp6)
    tmp6 /= sigma_u[:, :, None]
    du += tmp6
    np.multiply(mu_u, 2, out=tmp0)
    np.multiply(u, 2, out=tmp6)
    tmp6 -= tmp0[:, :, None]
    tmp6 *= dsigma_u_arg[:, :, None]
    tmp6 *= 0.25 / n_h
    du += tmp6
    dalpha_2 = np.empty((4 * n_h,), dtype)
    # grad(alpha_2) = sum((u[t] - mu_u[t]) * grad(z[t]) / sigma_u[t], t)
    np.subtract(u.transpose(2, 0, 1), mu_u, out=tmp5)
    tmp5 *= dz.transpose(2, 0, 1)
    np.divide(1, sigma_u, out=tmp0)
    np.matmul(tmp5.reshape(4 * n_h, -1), tmp0.reshape(-1), out=dalpha_2)
    db = np.empty((4 * n_h,), dtype)
    # grad(b) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=db)
    dbeta_1 = np.empty((4 * n_h,), dtype)
    # grad(beta_1) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=dbeta_1)
    dbeta_2 = np.empty((4 * n_h,), dtype)
    # grad(beta_2) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=dbeta_2)
    dW_x = np.empty((4 * n_h, n_x), dtype)
    # grad(W_x) = sum(outer(grad(u[t]), x[t]), t)
    np.matmul(du.reshape(-1, 4 * n_h).T, x.reshape(-1, n_x), out=dW_x)
    dW_h = np.empty((4 * n_h, n_h), dtype)
    # grad(W_h) = sum(outer(grad(a[t]), h[t-1]), t)
    np.matmul(da.reshape(-1, 4 * n_h).T, h[:T].reshape(-1, n_h), out=dW_h)

    return Params(
        W_h=dW_h,
        W_x=dW_x,
        b=db,
        alpha_1=dalpha_1,
        alpha_2=dalpha_2,
        beta_1=dbeta_1,
        beta_2=dbeta_2,
        alpha_3=dalpha_3,
        beta_3=dbeta_3,
        V=dV,
        d=dd,
    )


def init_state(
    params: Params, *, h0: np.ndarray | None = None, c0: np.ndarray | None = None, batch: int | None = None
) -> State:
    """The state before the first step; of one example where `batch` is None.

    h0  (B, n_h)  real  h[0]; 0 where not given
    c0  (B, n_h)  real  c[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, h0, c0, dtype, single, n_h, n_x, n_y, B = _initial_arguments(params, h0, c0, batch)

    # c[0] = 0
    c_prev = c0.copy()
    # h[0] = 0
    h_prev = h0.copy()

    if single:
        c_prev = c_prev[0]
        h_prev = h_prev[0]
    return State(c=c_prev, h=h_prev)


def step(params: Params, state: State, *, x: np.ndarray, eps: float = 1e-05) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x    (B, n_x)  real  what is read at each step
    eps  number    real  keeps the variance from 0

    Data without the axis B are one example.
    """
    params, x, eps, c_prev, h_prev, dtype, single, n_h, n_x, n_y, B = _step_arguments(params, state, x, eps)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params

    # a[t] = W_h @ h[t-1]
    a = h_prev @ W_h.T
    # u[t] = W_x @ x[t]
    u = x @ W_x.T
    # mu_a[t] = mean(a[t])
    mu_a = 0.25 / n_h * a.sum(axis=1)
    # mu_u[t] = mean(u[t])
    mu_u = 0.25 / n_h * u.sum(axis=1)
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg = 0.25 / n_h * ((a - mu_a[:, None])**2).sum(axis=1)
    sigma_a_arg += eps
    # sigma_a[t] = deviation(a[t], mu_a[t])
    sigma_a = np.sqrt(sigma_a_arg)
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    sigma_u_arg = 0.25 / n_h * ((u - mu_u[:, None])**2).sum(axis=1)
    sigma_u_arg += eps
    # sigma_u[t] = deviation(u[t], mu_u[t])
    sigma_u = np.sqrt(sigma_u_arg)
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    z = (1 / sigma_a)[:, None] * alpha_1 * (a - mu_a[:, None])
    z += (1 / sigma_u)[:, None] * alpha_2 * (u - mu_u[:, None])
    z += b
    z += beta_1
    z += beta_2
    # f[t] = sigmoid(z[t, :n_h])
    f = _sigmoid(z[:, :n_h])
    # i[t] = sigmoid(z[t, n_h:2*n_h])
    i = _sigmoid(z[:, n_h:2 * n_h])
    # g[t] = tanh(z[t, 3*n_h:])
    g = np.tanh(z[:, 3 * n_h:])
    # c[t] = f[t] * c[t-1] + i[t] * g[t]
    c = c_prev * f
    c += g * i
    # mu_c[t] = mean(c[t])
    mu_c = c.sum(axis=1) / n_h
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg = ((c - mu_c[:, None])**2).sum(axis=1) / n_h
    sigma_c_arg += eps
    # sigma_c[t] = deviation(c[t], mu_c[t])
    sigma_c = np.sqrt(sigma_c_arg)
    # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
    o = _sigmoid(z[:, 2 * n_h:3 * n_h])
    # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
    h_arg = (1 / sigma_c)[:, None] * alpha_3 * (c - mu_c[:, None])
    h_arg += beta_3
    # h.tanh[t] = tanh(h.arg[t])
    h_tanh = np.tanh(h_arg)
    # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
    h = h_tanh * o
    # s[t] = d + V @ h[t]
    s = h @ V.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])

    if single:
        c = c[0]
        h = h[0]
        a = a[0]
        u = u[0]
        mu_a = mu_a[0]
        mu_u = mu_u[0]
        mu_c = mu_c[0]
        sigma_a = sigma_a[0]
        sigma_u = sigma_u[0]
        sigma_c = sigma_c[0]
        z = z[0]
        f = f[0]
        i = i[0]
        o = o[0]
        g = g[0]
        s = s[0]
        yhat = yhat[0]
    result = State(c=c, h=h)
    return result, Outputs(
        a=a,
        u=u,
        mu_a=mu_a,
        mu_u=mu_u,
        mu_c=mu_c,
        sigma_a=sigma_a,
        sigma_u=sigma_u,
        sigma_c=sigma_c,
        z=z,
        f=f,
        i=i,
        o=o,
        g=g,
        c=c,
        h=h,
        s=s,
        yhat=yhat,
    )


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.c.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.c.ndim < 3 else forward.c.shape[1], forward.c.ndim < 3, 1
    )
    return State(c=_last(forward.c, 0, 1, 1, lengths), h=_last(forward.h, 0, 1, 1, lengths))


def _forward_padded(params, x, y, eps, h0, c0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, eps, h0, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, eps, h0, c0, lengths)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params

    tmp0 = np.empty((T, B, 4 * n_h), dtype)
    tmp1 = np.empty((T, B, 4 * n_h), dtype)
    tmp2 = np.empty((B,), dtype)
    tmp3 = np.empty((B, 4 * n_h), dtype)
    tmp4 = np.empty((B, 4 * n_h), dtype)
    tmp5 = np.empty((B, n_h), dtype)
    tmp6 = np.empty((B, n_h), dtype)
    tmp7 = np.empty((T, B, n_y), dtype)
    u = np.empty((T, B, 4 * n_h), dtype)
    # u[t] = W_x @ x[t]
    np.matmul(x.reshape(-1, n_x), W_x.T, out=u.reshape(-1, 4 * n_h))
    mu_u = np.empty((T, B), dtype)
    # mu_u[t] = mean(u[t])
    np.add.reduce(u, axis=2, out=mu_u)
    mu_u *= 0.25 / n_h
    sigma_a_arg = np.empty((T, B), dtype)
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg[...] = eps
    sigma_u_arg = np.empty((T, B), dtype)
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    np.subtract(u, mu_u[:, :, None], out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=sigma_u_arg)
    sigma_u_arg *= 0.25 / n_h
    sigma_u_arg += eps
    sigma_u = np.empty((T, B), dtype)
    # sigma_u[t] = deviation(u[t], mu_u[t])
    np.sqrt(sigma_u_arg, out=sigma_u)
    sigma_c_arg = np.empty((T, B), dtype)
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg[...] = eps
    z = np.empty((T, B, 4 * n_h), dtype)
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    np.subtract(u, mu_u[:, :, None], out=z)
    z *= alpha_2
    z /= sigma_u[:, :, None]
    z += b
    z += beta_1
    z += beta_2
    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
    h_arg[...] = beta_3
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    a = np.empty((T, B, 4 * n_h), dtype)
    mu_a = np.empty((T, B), dtype)
    sigma_a = np.empty((T, B), dtype)
    f = np.empty((T, B, n_h), dtype)
    i = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    mu_c = np.empty((T, B), dtype)
    sigma_c = np.empty((T, B), dtype)
    o = np.empty((T, B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    W_h_T = np.empty((n_h, 4 * n_h), dtype)
    W_h_T[...] = W_h.T
    h_at = list(h)
    a_at = list(a)
    mu_a_at = list(mu_a)
    sigma_a_arg_at = list(sigma_a_arg)
    sigma_a_at = list(sigma_a)
    z_at = list(z)
    f_at = list(f)
    z_at2 = list(z[:, :, :n_h])
    half = np.array(0.5, dtype)
    i_at = list(i)
    z_at3 = list(z[:, :, n_h:2 * n_h])
    g_at = list(g)
    z_at4 = list(z[:, :, 3 * n_h:])
    c_at = list(c)
    mu_c_at = list(mu_c)
    sigma_c_arg_at = list(sigma_c_arg)
    sigma_c_at = list(sigma_c)
    o_at = list(o)
    z_at5 = list(z[:, :, 2 * n_h:3 * n_h])
    h_arg_at = list(h_arg)
    for t in range(1, T + 1):
        # a[t] = W_h @ h[t-1]
        h_at[t - 1].dot(W_h_T, out=a_at[t - 1])
        # mu_a[t] = mean(a[t])
        np.add.reduce(a_at[t - 1], axis=1, out=mu_a_at[t - 1])
        mu_a_at[t - 1] *= 0.25 / n_h
        # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
        np.subtract(a_at[t - 1], mu_a_at[t - 1][:, None], out=tmp4)
        np.square(tmp4, out=tmp3)
        np.add.reduce(tmp3, axis=1, out=tmp2)
        tmp2 *= 0.25 / n_h
        sigma_a_arg_at[t - 1] += tmp2
        # sigma_a[t] = deviation(a[t], mu_a[t])
        np.sqrt(sigma_a_arg_at[t - 1], out=sigma_a_at[t - 1])
        # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
        #     beta_2 + b
        np.subtract(a_at[t - 1], mu_a_at[t - 1][:, None], out=tmp3)
        tmp3 *= alpha_1
        tmp3 /= sigma_a_at[t - 1][:, None]
        z_at[t - 1] += tmp3
        # f[t] = sigmoid(z[t, :n_h])
        _sigmoid(z_at2[t - 1], out=f_at[t - 1], half=half)
        # i[t] = sigmoid(z[t, n_h:2*n_h])
        _sigmoid(z_at3[t - 1], out=i_at[t - 1], half=half)
        # g[t] = tanh(z[t, 3*n_h:])
        np.tanh(z_at4[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp6)
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp5)
        tmp5 += tmp6
        c[t] = np.where((t <= T_own)[:, None], tmp5, c[t - 1])
        # mu_c[t] = mean(c[t])
        np.add.reduce(c_at[t], axis=1, out=mu_c_at[t - 1])
        mu_c_at[t - 1] *= 1 / n_h
        # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
        np.subtract(c_at[t], mu_c_at[t - 1][:, None], out=tmp6)
        np.square(tmp6, out=tmp5)
        np.add.reduce(tmp5, axis=1, out=tmp2)
        tmp2 *= 1 / n_h
        sigma_c_arg_at[t - 1] += tmp2
        # sigma_c[t] = deviation(c[t], mu_c[t])
        np.sqrt(sigma_c_arg_at[t - 1], out=sigma_c_at[t - 1])
        # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
        _sigmoid(z_at5[t - 1], out=o_at[t - 1], half=half)
        # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
        np.subtract(c_at[t], mu_c_at[t - 1][:, None], out=tmp5)
        tmp5 *= alpha_3
        tmp5 /= sigma_c_at[t - 1][:, None]
        h_arg_at[t - 1] += tmp5
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg_at[t - 1], out=h_tanh)
        # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
        np.multiply(h_tanh, o_at[t - 1], out=tmp5)
        h[t] = np.where((t <= T_own)[:, None], tmp5, h[t - 1])
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp7, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp7)
    np.exp(tmp7, out=yhat)
    if y is not None:
        tmp_8_0 = np.empty((B, T), dtype)
        tmp_8_1 = np.empty((B, T), dtype)
        tmp_8_2 = np.empty((B, T), dtype)
        # loss = sum(-log(yhat[t, y[t]]), t)
        tmp_8_1[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
        tmp_8_2[...] = s[np.arange(T)[:, None], np.arange(B), y].T
        tmp_8_0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp_8_2, 0)
        np.subtract(tmp_8_1, tmp_8_0, out=tmp_8_0)
        loss = tmp_8_0.sum()
    else:
        loss = None

    if single:
        a = a[:, 0]
        u = u[:, 0]
        mu_a = mu_a[:, 0]
        mu_u = mu_u[:, 0]
        mu_c = mu_c[:, 0]
        sigma_a = sigma_a[:, 0]
        sigma_u = sigma_u[:, 0]
        sigma_c = sigma_c[:, 0]
        z = z[:, 0]
        f = f[:, 0]
        i = i[:, 0]
        o = o[:, 0]
        g = g[:, 0]
        c = c[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(
        a=a,
        u=u,
        mu_a=mu_a,
        mu_u=mu_u,
        mu_c=mu_c,
        sigma_a=sigma_a,
        sigma_u=sigma_u,
        sigma_c=sigma_c,
        z=z,
        f=f,
        i=i,
        o=o,
        g=g,
        c=c,
        h=h,
        s=s,
        yhat=yhat,
        loss=None if loss is None else float(loss),
    )


def _loss_padded(params, x, y, eps, h0, c0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, eps, h0, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, eps, h0, c0, lengths, whole=True)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, u, mu_u, sigma_a_arg, sigma_u_arg, sigma_u,
        sigma_c_arg, z, h_arg, h, c, a, mu_a, sigma_a, f, i, g, mu_c, sigma_c, o, h_tanh, W_h_T, h_at, sigma_a_arg_at,
        z_at, z_at2, half, z_at3, z_at4, c_at, sigma_c_arg_at, z_at5, h_arg_at, s, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_y, n_h, B, dtype)
    # u[t] = W_x @ x[t]
    np.matmul(x.reshape(-1, n_x), W_x.T, out=u.reshape(-1, 4 * n_h))
    # mu_u[t] = mean(u[t])
    np.add.reduce(u, axis=2, out=mu_u)
    mu_u *= 0.25 / n_h
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg[...] = eps
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    np.subtract(u, mu_u[:, :, None], out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=sigma_u_arg)
    sigma_u_arg *= 0.25 / n_h
    sigma_u_arg += eps
    # sigma_u[t] = deviation(u[t], mu_u[t])
    np.sqrt(sigma_u_arg, out=sigma_u)
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg[...] = eps
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    np.subtract(u, mu_u[:, :, None], out=z)
    z *= alpha_2
    z /= sigma_u[:, :, None]
    z += b
    z += beta_1
    z += beta_2
    # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
    h_arg[...] = beta_3
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    W_h_T[...] = W_h.T
    for t in range(1, T + 1):
        # a[t] = W_h @ h[t-1]
        h_at[t - 1].dot(W_h_T, out=a)
        # mu_a[t] = mean(a[t])
        np.add.reduce(a, axis=1, out=mu_a)
        mu_a *= 0.25 / n_h
        # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
        np.subtract(a, mu_a[:, None], out=tmp4)
        np.square(tmp4, out=tmp3)
        np.add.reduce(tmp3, axis=1, out=tmp2)
        tmp2 *= 0.25 / n_h
        sigma_a_arg_at[t - 1] += tmp2
        # sigma_a[t] = deviation(a[t], mu_a[t])
        np.sqrt(sigma_a_arg_at[t - 1], out=sigma_a)
        # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
        #     beta_2 + b
        np.subtract(a, mu_a[:, None], out=tmp3)
        tmp3 *= alpha_1
        tmp3 /= sigma_a[:, None]
        z_at[t - 1] += tmp3
        # f[t] = sigmoid(z[t, :n_h])
        _sigmoid(z_at2[t - 1], out=f, half=half)
        # i[t] = sigmoid(z[t, n_h:2*n_h])
        _sigmoid(z_at3[t - 1], out=i, half=half)
        # g[t] = tanh(z[t, 3*n_h:])
        np.tanh(z_at4[t - 1], out=g)
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(g, i, out=tmp6)
        np.multiply(f, c_at[t - 1], out=tmp5)
        tmp5 += tmp6
        c[t] = np.where((t <= T_own)[:, None], tmp5, c[t - 1])
        # mu_c[t] = mean(c[t])
        np.add.reduce(c_at[t], axis=1, out=mu_c)
        mu_c *= 1 / n_h
        # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
        np.subtract(c_at[t], mu_c[:, None], out=tmp6)
        np.square(tmp6, out=tmp5)
        np.add.reduce(tmp5, axis=1, out=tmp2)
        tmp2 *= 1 / n_h
        sigma_c_arg_at[t - 1] += tmp2
        # sigma_c[t] = deviation(c[t], mu_c[t])
        np.sqrt(sigma_c_arg_at[t - 1], out=sigma_c)
        # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
        _sigmoid(z_at5[t - 1], out=o, half=half)
        # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
        np.subtract(c_at[t], mu_c[:, None], out=tmp5)
        tmp5 *= alpha_3
        tmp5 /= sigma_c[:, None]
        h_arg_at[t - 1] += tmp5
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg_at[t - 1], out=h_tanh)
        # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
        np.multiply(h_tanh, o, out=tmp5)
        h[t] = np.where((t <= T_own)[:, None], tmp5, h[t - 1])
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp7, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp9[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp10[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp8[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp10, 0)
    np.subtract(tmp9, tmp8, out=tmp8)
    loss = tmp8.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, eps, h0, c0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, eps, h0, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, eps, h0, c0, lengths, whole=True)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params
    wrt = _asked(wrt, ("x", "h0", "c0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, u, mu_u, sigma_a_arg, sigma_u_arg, sigma_u,
        sigma_c_arg, z, h_arg, h, c, a, mu_a, sigma_a, f, i, g, mu_c, sigma_c, o, h_tanh, W_h_T, h_at, a_at, mu_a_at,
        sigma_a_arg_at, sigma_a_at, z_at, f_at, z_at2, half, i_at, z_at3, g_at, z_at4, c_at, mu_c_at, sigma_c_arg_at,
        sigma_c_at, o_at, z_at5, h_arg_at, h_tanh_at, s, yhat_lse, largest, yhat, tmp11, tmp12, tmp13, tmp14, ds, rows,
        flat, entries, dd, dV, h_arg_factor, sigma_c_factor, mu_c_factor, c_factor, z_factor, z_factor2, z_factor3,
        z_factor4, sigma_a_factor, mu_a_factor, a_factor, sigma_c_arg_factor, sigma_a_arg_factor, dh, dh_arg, dsigma_c,
        dsigma_c_arg, dmu_c, dc, dz, dsigma_a, dmu_a, dsigma_a_arg, da, da_at, dh_at, dh_arg_at, h_arg_factor_at,
        sigma_c_factor_at, sigma_c_arg_factor_at, mu_c_factor_at, dc_at, c_factor_at, dz_at, z_factor_at, dz_at2,
        z_factor2_at, dz_at3, z_factor3_at, dz_at4, z_factor4_at, dz_at5, sigma_a_factor_at, sigma_a_arg_factor_at,
        mu_a_factor_at, a_factor_at, dalpha_3, dbeta_3, dalpha_1, dsigma_u, dmu_u, dsigma_u_arg, du, dalpha_2, db,
        dbeta_1, dbeta_2, dW_x, dW_h,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    # u[t] = W_x @ x[t]
    np.matmul(x.reshape(-1, n_x), W_x.T, out=u.reshape(-1, 4 * n_h))
    # mu_u[t] = mean(u[t])
    np.add.reduce(u, axis=2, out=mu_u)
    mu_u *= 0.25 / n_h
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg[...] = eps
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    np.subtract(u, mu_u[:, :, None], out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=sigma_u_arg)
    sigma_u_arg *= 0.25 / n_h
    sigma_u_arg += eps
    # sigma_u[t] = deviation(u[t], mu_u[t])
    np.sqrt(sigma_u_arg, out=sigma_u)
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg[...] = eps
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    np.subtract(u, mu_u[:, :, None], out=z)
    z *= alpha_2
    z /= sigma_u[:, :, None]
    z += b
    z += beta_1
    z += beta_2
    # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
    h_arg[...] = beta_3
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    W_h_T[...] = W_h.T
    for t in range(1, T + 1):
        # a[t] = W_h @ h[t-1]
        h_at[t - 1].dot(W_h_T, out=a_at[t - 1])
        # mu_a[t] = mean(a[t])
        np.add.reduce(a_at[t - 1], axis=1, out=mu_a_at[t - 1])
        mu_a_at[t - 1] *= 0.25 / n_h
        # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
        np.subtract(a_at[t - 1], mu_a_at[t - 1][:, None], out=tmp4)
        np.square(tmp4, out=tmp3)
        np.add.reduce(tmp3, axis=1, out=tmp2)
        tmp2 *= 0.25 / n_h
        sigma_a_arg_at[t - 1] += tmp2
        # sigma_a[t] = deviation(a[t], mu_a[t])
        np.sqrt(sigma_a_arg_at[t - 1], out=sigma_a_at[t - 1])
        # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
        #     beta_2 + b
        np.subtract(a_at[t - 1], mu_a_at[t - 1][:, None], out=tmp3)
        tmp3 *= alpha_1
        tmp3 /= sigma_a_at[t - 1][:, None]
        z_at[t - 1] += tmp3
        # f[t] = sigmoid(z[t, :n_h])
        _sigmoid(z_at2[t - 1], out=f_at[t - 1], half=half)
        # i[t] = sigmoid(z[t, n_h:2*n_h])
        _sigmoid(z_at3[t - 1], out=i_at[t - 1], half=half)
        # g[t] = tanh(z[t, 3*n_h:])
        np.tanh(z_at4[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp6)
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp5)
        tmp5 += tmp6
        c[t] = np.where((t <= T_own)[:, None], tmp5, c[t - 1])
        # mu_c[t] = mean(c[t])
        np.add.reduce(c_at[t], axis=1, out=mu_c_at[t - 1])
        mu_c_at[t - 1] *= 1 / n_h
        # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
        np.subtract(c_at[t], mu_c_at[t - 1][:, None], out=tmp6)
        np.square(tmp6, out=tmp5)
        np.add.reduce(tmp5, axis=1, out=tmp2)
        tmp2 *= 1 / n_h
        sigma_c_arg_at[t - 1] += tmp2
        # sigma_c[t] = deviation(c[t], mu_c[t])
        np.sqrt(sigma_c_arg_at[t - 1], out=sigma_c_at[t - 1])
        # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
        _sigmoid(z_at5[t - 1], out=o_at[t - 1], half=half)
        # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
        np.subtract(c_at[t], mu_c_at[t - 1][:, None], out=tmp5)
        tmp5 *= alpha_3
        tmp5 /= sigma_c_at[t - 1][:, None]
        h_arg_at[t - 1] += tmp5
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg_at[t - 1], out=h_tanh_at[t - 1])
        # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
        np.multiply(h_tanh_at[t - 1], o_at[t - 1], out=tmp5)
        h[t] = np.where((t <= T_own)[:, None], tmp5, h[t - 1])
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp7, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp7)
    np.exp(tmp7, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp9[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp10[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp8[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp10, 0)
    np.subtract(tmp9, tmp8, out=tmp8)
    loss = tmp8.sum()
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp11[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp11[:, :, None], yhat, out=ds)
    tmp11[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp11, out=tmp11)
    _add_to(ds, y, rows, flat, entries, tmp11)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # h.arg.factor[t] = o[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    h_arg_factor *= o
    # sigma_c.factor[t] = -(c[t] - mu_c[t]) * alpha_3 / sigma_c[t]**2
    np.square(sigma_c, out=tmp11)
    np.subtract(c[1:], mu_c[:, :, None], out=sigma_c_factor)
    sigma_c_factor *= alpha_3
    sigma_c_factor /= tmp11[:, :, None]
    np.negative(sigma_c_factor, out=sigma_c_factor)
    # mu_c.factor[t] = (2 * mu_c[t] - 2 * c[t]) / n_h
    np.multiply(mu_c, 2, out=tmp11)
    np.multiply(c[1:], 2, out=mu_c_factor)
    np.subtract(tmp11[:, :, None], mu_c_factor, out=mu_c_factor)
    mu_c_factor *= 1 / n_h
    # c.factor[t] = (2 * c[t] - 2 * mu_c[t]) / n_h
    np.multiply(mu_c, 2, out=tmp11)
    np.multiply(c[1:], 2, out=c_factor)
    c_factor -= tmp11[:, :, None]
    c_factor *= 1 / n_h
    # z.factor[t] = i[t] * (1 - g[t]**2)
    np.square(g, out=z_factor)
    np.subtract(1, z_factor, out=z_factor)
    z_factor *= i
    # z.factor2[t] = h.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=z_factor2)
    z_factor2 *= h_tanh
    z_factor2 *= o
    # z.factor3[t] = g[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=z_factor3)
    z_factor3 *= g
    z_factor3 *= i
    # z.factor4[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=z_factor4)
    z_factor4 *= c[:T]
    z_factor4 *= f
    # sigma_a.factor[t] = -(a[t] - mu_a[t]) * alpha_1 / sigma_a[t]**2
    np.square(sigma_a, out=tmp11)
    np.subtract(a, mu_a[:, :, None], out=sigma_a_factor)
    sigma_a_factor *= alpha_1
    sigma_a_factor /= tmp11[:, :, None]
    np.negative(sigma_a_factor, out=sigma_a_factor)
    # mu_a.factor[t] = (2 * mu_a[t] - 2 * a[t]) / (4 * n_h)
    np.multiply(mu_a, 2, out=tmp11)
    np.multiply(a, 2, out=mu_a_factor)
    np.subtract(tmp11[:, :, None], mu_a_factor, out=mu_a_factor)
    mu_a_factor *= 0.25 / n_h
    # a.factor[t] = (2 * a[t] - 2 * mu_a[t]) / (4 * n_h)
    np.multiply(mu_a, 2, out=tmp11)
    np.multiply(a, 2, out=a_factor)
    a_factor -= tmp11[:, :, None]
    a_factor *= 0.25 / n_h
    # sigma_c.arg.factor[t] = 1 / (2 * sigma_c[t])
    np.divide(0.5, sigma_c, out=sigma_c_arg_factor)
    # sigma_a.arg.factor[t] = 1 / (2 * sigma_a[t])
    np.divide(0.5, sigma_a, out=sigma_a_arg_factor)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_h.T @ grad(a[t+1])) + V.T @
    #     grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
    np.multiply(dh[T], h_arg_factor[T - 1], out=dh_arg[T - 1])
    # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
    dsigma_c[...] = np.einsum("bj,bj->b", dh_arg[T - 1], sigma_c_factor[T - 1])
    # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
    np.multiply(dsigma_c, sigma_c_arg_factor[T - 1], out=dsigma_c_arg)
    # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
    #     grad(h.arg[t])) / sigma_c[t]
    np.add.reduce(mu_c_factor[T - 1], axis=1, out=dmu_c)
    dmu_c *= dsigma_c_arg
    np.divide(dh_arg[T - 1], sigma_c[T - 1][:, None], out=tmp5)
    np.matmul(tmp5, alpha_3, out=tmp2)
    dmu_c -= tmp2
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + alpha_3 *
    #     grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) * (2 * c[t] - 2 * mu_c[t]) / n_h +
    #     grad(mu_c[t]) / n_h, t < T
    np.multiply(dmu_c, 1 / n_h, out=tmp2)
    dc[T] = tmp2[:, None]
    np.multiply(c_factor[T - 1], dsigma_c_arg[:, None], out=tmp5)
    dc[T] += tmp5
    np.multiply(dh_arg[T - 1], alpha_3, out=tmp5)
    tmp5 /= sigma_c[T - 1][:, None]
    dc[T] += tmp5
    # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
    np.multiply(dc[T], z_factor[T - 1], out=dz[T - 1, :, 3 * n_h:])
    np.multiply(dh[T], z_factor2[T - 1], out=dz[T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc[T], z_factor3[T - 1], out=dz[T - 1, :, n_h:2 * n_h])
    np.multiply(dc[T], z_factor4[T - 1], out=dz[T - 1, :, :n_h])
    # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
    dsigma_a[...] = np.einsum("bj,bj->b", dz[T - 1], sigma_a_factor[T - 1])
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    np.divide(dz[T - 1], sigma_a[T - 1][:, None], out=tmp3)
    np.matmul(tmp3, alpha_1, out=dmu_a)
    np.negative(dmu_a, out=dmu_a)
    # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
    np.multiply(dsigma_a, sigma_a_arg_factor[T - 1], out=dsigma_a_arg)
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    np.add.reduce(mu_a_factor[T - 1], axis=1, out=tmp2)
    tmp2 *= dsigma_a_arg
    dmu_a += tmp2
    # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
    #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
    np.multiply(dmu_a, 0.25 / n_h, out=tmp2)
    da[T - 1] = tmp2[:, None]
    np.multiply(dz[T - 1], alpha_1, out=tmp3)
    tmp3 /= sigma_a[T - 1][:, None]
    da[T - 1] += tmp3
    np.multiply(a_factor[T - 1], dsigma_a_arg[:, None], out=tmp3)
    da[T - 1] += tmp3
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_h.T @ grad(a[t+1])) + V.T @
        #     grad(s[t]), t < T
        da_at[t].dot(W_h, out=tmp5)
        tmp5 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp5
        # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
        np.multiply(dh_at[t], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
        # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
        dsigma_c[...] = np.einsum("bj,bj->b", dh_arg[t - 1], sigma_c_factor[t - 1])
        # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
        np.multiply(dsigma_c, sigma_c_arg_factor_at[t - 1], out=dsigma_c_arg)
        # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
        #     grad(h.arg[t])) / sigma_c[t]
        np.add.reduce(mu_c_factor_at[t - 1], axis=1, out=dmu_c)
        dmu_c *= dsigma_c_arg
        np.divide(dh_arg_at[t - 1], sigma_c_at[t - 1][:, None], out=tmp5)
        np.matmul(tmp5, alpha_3, out=tmp2)
        dmu_c -= tmp2
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + alpha_3 *
        #     grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) * (2 * c[t] - 2 * mu_c[t]) / n_h +
        #     grad(mu_c[t]) / n_h, t < T
        np.multiply(dmu_c, 1 / n_h, out=tmp2)
        dc_at[t][...] = tmp2[:, None]
        np.multiply(c_factor_at[t - 1], dsigma_c_arg[:, None], out=tmp5)
        dc_at[t] += tmp5
        np.multiply(dh_arg_at[t - 1], alpha_3, out=tmp5)
        tmp5 /= sigma_c_at[t - 1][:, None]
        dc_at[t] += tmp5
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f_at[t], out=tmp5)
        tmp5 *= dc_at[t + 1]
        dc_at[t] += tmp5
        # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
        np.multiply(dc_at[t], z_factor_at[t - 1], out=dz_at[t - 1])
        np.multiply(dh_at[t], z_factor2_at[t - 1], out=dz_at2[t - 1])
        np.multiply(dc_at[t], z_factor3_at[t - 1], out=dz_at3[t - 1])
        np.multiply(dc_at[t], z_factor4_at[t - 1], out=dz_at4[t - 1])
        # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
        dsigma_a[...] = np.einsum("bj,bj->b", dz[t - 1], sigma_a_factor[t - 1])
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        np.divide(dz_at5[t - 1], sigma_a_at[t - 1][:, None], out=tmp3)
        np.matmul(tmp3, alpha_1, out=dmu_a)
        np.negative(dmu_a, out=dmu_a)
        # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
        np.multiply(dsigma_a, sigma_a_arg_factor_at[t - 1], out=dsigma_a_arg)
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        np.add.reduce(mu_a_factor_at[t - 1], axis=1, out=tmp2)
        tmp2 *= dsigma_a_arg
        dmu_a += tmp2
        # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
        #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
        np.multiply(dmu_a, 0.25 / n_h, out=tmp2)
        da_at[t - 1][...] = tmp2[:, None]
        np.multiply(dz_at5[t - 1], alpha_1, out=tmp3)
        tmp3 /= sigma_a_at[t - 1][:, None]
        da_at[t - 1] += tmp3
        np.multiply(a_factor_at[t - 1], dsigma_a_arg[:, None], out=tmp3)
        da_at[t - 1] += tmp3
    # grad(alpha_3) = sum((c[t] - mu_c[t]) * grad(h.arg[t]) / sigma_c[t], t)
    np.subtract(c[1:].transpose(2, 0, 1), mu_c, out=tmp12)
    tmp12 *= dh_arg.transpose(2, 0, 1)
    np.divide(1, sigma_c, out=tmp11)
    np.matmul(tmp12.reshape(n_h, -1), tmp11.reshape(-1), out=dalpha_3)
    # grad(beta_3) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=dbeta_3)
    # grad(alpha_1) = sum((a[t] - mu_a[t]) * grad(z[t]) / sigma_a[t], t)
    np.subtract(a.transpose(2, 0, 1), mu_a, out=tmp13)
    tmp13 *= dz.transpose(2, 0, 1)
    np.divide(1, sigma_a, out=tmp11)
    np.matmul(tmp13.reshape(4 * n_h, -1), tmp11.reshape(-1), out=dalpha_1)
    # grad(sigma_u[t]) = -sum(alpha_2 * (u[t] - mu_u[t]) * grad(z[t])) / sigma_u[t]**2
    np.square(sigma_u, out=tmp11)
    np.subtract(u, mu_u[:, :, None], out=tmp0)
    tmp0 *= dz
    tmp0 *= alpha_2
    np.add.reduce(tmp0, axis=2, out=dsigma_u)
    dsigma_u /= tmp11
    np.negative(dsigma_u, out=dsigma_u)
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    np.multiply(dz, alpha_2, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=dmu_u)
    dmu_u /= sigma_u
    np.negative(dmu_u, out=dmu_u)
    # grad(sigma_u.arg[t]) = grad(sigma_u[t]) / (2 * sigma_u[t])
    np.multiply(dsigma_u, 0.5, out=dsigma_u_arg)
    dsigma_u_arg /= sigma_u
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    np.multiply(mu_u, 2, out=tmp14)
    np.multiply(u, 2, out=tmp0)
    np.subtract(tmp14[:, :, None], tmp0, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=tmp11)
    tmp11 *= dsigma_u_arg
    tmp11 *= 0.25 / n_h
    dmu_u += tmp11
    # grad(u[t]) = alpha_2 * grad(z[t]) / sigma_u[t] + grad(sigma_u.arg[t]) * (2 * u[t] - 2 * mu_u[t]) /
    #     (4 * n_h) + grad(mu_u[t]) / (4 * n_h)
    np.multiply(dmu_u, 0.25 / n_h, out=tmp11)
    du[...] = tmp11[:, :, None]
    np.multiply(dz, alpha_2, out=tmp0)
    tmp0 /= sigma_u[:, :, None]
    du += tmp0
    np.multiply(mu_u, 2, out=tmp11)
    np.multiply(u, 2, out=tmp0)
    tmp0 -= tmp11[:, :, None]
    tmp0 *= dsigma_u_arg[:, :, None]
    tmp0 *= 0.25 / n_h
    du += tmp0
    # grad(alpha_2) = sum((u[t] - mu_u[t]) * grad(z[t]) / sigma_u[t], t)
    np.subtract(u.transpose(2, 0, 1), mu_u, out=tmp13)
    tmp13 *= dz.transpose(2, 0, 1)
    np.divide(1, sigma_u, out=tmp11)
    np.matmul(tmp13.reshape(4 * n_h, -1), tmp11.reshape(-1), out=dalpha_2)
    # grad(b) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=db)
    # grad(beta_1) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=dbeta_1)
    # grad(beta_2) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=dbeta_2)
    # grad(W_x) = sum(outer(grad(u[t]), x[t]), t)
    np.matmul(du.reshape(-1, 4 * n_h).T, x.reshape(-1, n_x), out=dW_x)
    # grad(W_h) = sum(outer(grad(a[t]), h[t-1]), t)
    np.matmul(da.reshape(-1, 4 * n_h).T, h[:T].reshape(-1, n_h), out=dW_h)
    if "c0" in wrt:
        tmp_15_0 = np.empty((1,), dtype)
        tmp_15_1 = np.empty((1,), dtype)
        tmp_15_2 = np.empty((1,), dtype)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + alpha_3 *
        #     grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) * (2 * c[t] - 2 * mu_c[t]) / n_h +
        #     grad(mu_c[t]) / n_h, t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_15_2)
        np.maximum(tmp_15_2, 0, out=tmp_15_1)
        tmp_15_0[...] = np.arange(1) // window_T == tmp_15_1 // window_T
        np.multiply(tmp_15_0[:, None, None], f[:1], out=dc[:1])
        dc[:1] *= dc[1:2]
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = W_x.T @ grad(u[t])
        np.matmul(du.reshape(-1, 4 * n_h), W_x, out=dx.reshape(-1, n_x))
    if "h0" in wrt:
        # grad(h[0]) = W_h.T @ grad(a[1])
        np.matmul(da[0], W_h, out=dh[0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]

    gradient = Params(
        W_h=dW_h,
        W_x=dW_x,
        b=db,
        alpha_1=dalpha_1,
        alpha_2=dalpha_2,
        beta_1=dbeta_1,
        beta_2=dbeta_2,
        alpha_3=dalpha_3,
        beta_3=dbeta_3,
        V=dV,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, a, u, mu_a, mu_u, mu_c, sigma_a, sigma_u, sigma_c, f, i, o, g, c, h, yhat, dtype, single, n_h,
        n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params
    window_T = _window(window, "T", ("T",), T)

    h_arg = np.empty((T, B, n_h), dtype)
    # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
    np.subtract(c[1:], mu_c[:, :, None], out=h_arg)
    h_arg *= alpha_3
    h_arg /= sigma_c[:, :, None]
    h_arg += beta_3
    h_tanh = np.empty((T, B, n_h), dtype)
    # h.tanh[t] = tanh(h.arg[t])
    np.tanh(h_arg, out=h_tanh)
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B,), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, 4 * n_h), dtype)
    tmp4 = np.empty((n_h, T, B), dtype)
    tmp5 = np.empty((4 * n_h, T, B), dtype)
    tmp6 = np.empty((T, B, 4 * n_h), dtype)
    tmp7 = np.empty((T, B), dtype)
    ds = np.empty((T, B, n_y), dtype)
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp0[:, :, None], yhat, out=ds)
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp0, out=tmp0)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(ds, y, rows, flat, entries, tmp0)
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    dh = np.empty((T, B, n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_h.T @ grad(a[t+1])) + V.T @
    #     grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    h_arg_factor = np.empty((T, B, n_h), dtype)
    # h.arg.factor[t] = o[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    h_arg_factor *= o
    sigma_c_factor = np.empty((T, B, n_h), dtype)
    # sigma_c.factor[t] = -(c[t] - mu_c[t]) * alpha_3 / sigma_c[t]**2
    np.square(sigma_c, out=tmp0)
    np.subtract(c[1:], mu_c[:, :, None], out=sigma_c_factor)
    sigma_c_factor *= alpha_3
    sigma_c_factor /= tmp0[:, :, None]
    np.negative(sigma_c_factor, out=sigma_c_factor)
    mu_c_factor = np.empty((T, B, n_h), dtype)
    # mu_c.factor[t] = (2 * mu_c[t] - 2 * c[t]) / n_h
    np.multiply(mu_c, 2, out=tmp0)
    np.multiply(c[1:], 2, out=mu_c_factor)
    np.subtract(tmp0[:, :, None], mu_c_factor, out=mu_c_factor)
    mu_c_factor *= 1 / n_h
    c_factor = np.empty((T, B, n_h), dtype)
    # c.factor[t] = (2 * c[t] - 2 * mu_c[t]) / n_h
    np.multiply(mu_c, 2, out=tmp0)
    np.multiply(c[1:], 2, out=c_factor)
    c_factor -= tmp0[:, :, None]
    c_factor *= 1 / n_h
    z_factor = np.empty((T, B, n_h), dtype)
    # z.factor[t] = i[t] * (1 - g[t]**2)
    np.square(g, out=z_factor)
    np.subtract(1, z_factor, out=z_factor)
    z_factor *= i
    z_factor2 = np.empty((T, B, n_h), dtype)
    # z.factor2[t] = h.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=z_factor2)
    z_factor2 *= h_tanh
    z_factor2 *= o
    z_factor3 = np.empty((T, B, n_h), dtype)
    # z.factor3[t] = g[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=z_factor3)
    z_factor3 *= g
    z_factor3 *= i
    z_factor4 = np.empty((T, B, n_h), dtype)
    # z.factor4[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=z_factor4)
    z_factor4 *= c[:T]
    z_factor4 *= f
    sigma_a_factor = np.empty((T, B, 4 * n_h), dtype)
    # sigma_a.factor[t] = -(a[t] - mu_a[t]) * alpha_1 / sigma_a[t]**2
    np.square(sigma_a, out=tmp0)
    np.subtract(a, mu_a[:, :, None], out=sigma_a_factor)
    sigma_a_factor *= alpha_1
    sigma_a_factor /= tmp0[:, :, None]
    np.negative(sigma_a_factor, out=sigma_a_factor)
    mu_a_factor = np.empty((T, B, 4 * n_h), dtype)
    # mu_a.factor[t] = (2 * mu_a[t] - 2 * a[t]) / (4 * n_h)
    np.multiply(mu_a, 2, out=tmp0)
    np.multiply(a, 2, out=mu_a_factor)
    np.subtract(tmp0[:, :, None], mu_a_factor, out=mu_a_factor)
    mu_a_factor *= 0.25 / n_h
    a_factor = np.empty((T, B, 4 * n_h), dtype)
    # a.factor[t] = (2 * a[t] - 2 * mu_a[t]) / (4 * n_h)
    np.multiply(mu_a, 2, out=tmp0)
    np.multiply(a, 2, out=a_factor)
    a_factor -= tmp0[:, :, None]
    a_factor *= 0.25 / n_h
    sigma_c_arg_factor = np.empty((T, B), dtype)
    # sigma_c.arg.factor[t] = 1 / (2 * sigma_c[t])
    np.divide(0.5, sigma_c, out=sigma_c_arg_factor)
    sigma_a_arg_factor = np.empty((T, B), dtype)
    # sigma_a.arg.factor[t] = 1 / (2 * sigma_a[t])
    np.divide(0.5, sigma_a, out=sigma_a_arg_factor)
    dh_arg = np.empty((T, B, n_h), dtype)
    dsigma_c = np.empty((B,), dtype)
    dsigma_c_arg = np.empty((B,), dtype)
    dmu_c = np.empty((B,), dtype)
    dc = np.empty((T, B, n_h), dtype)
    dz = np.empty((T, B, 4 * n_h), dtype)
    dsigma_a = np.empty((B,), dtype)
    dmu_a = np.empty((B,), dtype)
    dsigma_a_arg = np.empty((B,), dtype)
    da = np.empty((T, B, 4 * n_h), dtype)
    # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
    np.multiply(dh[T - 1], h_arg_factor[T - 1], out=dh_arg[T - 1])
    # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
    dsigma_c[...] = np.einsum("bj,bj->b", dh_arg[T - 1], sigma_c_factor[T - 1])
    # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
    np.multiply(dsigma_c, sigma_c_arg_factor[T - 1], out=dsigma_c_arg)
    # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
    #     grad(h.arg[t])) / sigma_c[t]
    np.add.reduce(mu_c_factor[T - 1], axis=1, out=dmu_c)
    dmu_c *= dsigma_c_arg
    np.divide(dh_arg[T - 1], sigma_c[T - 1][:, None], out=tmp2)
    np.matmul(tmp2, alpha_3, out=tmp1)
    dmu_c -= tmp1
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + alpha_3 *
    #     grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) * (2 * c[t] - 2 * mu_c[t]) / n_h +
    #     grad(mu_c[t]) / n_h, t < T
    np.multiply(dmu_c, 1 / n_h, out=tmp1)
    dc[T - 1] = tmp1[:, None]
    np.multiply(c_factor[T - 1], dsigma_c_arg[:, None], out=tmp2)
    dc[T - 1] += tmp2
    np.multiply(dh_arg[T - 1], alpha_3, out=tmp2)
    tmp2 /= sigma_c[T - 1][:, None]
    dc[T - 1] += tmp2
    # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
    np.multiply(dc[T - 1], z_factor[T - 1], out=dz[T - 1, :, 3 * n_h:])
    np.multiply(dh[T - 1], z_factor2[T - 1], out=dz[T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc[T - 1], z_factor3[T - 1], out=dz[T - 1, :, n_h:2 * n_h])
    np.multiply(dc[T - 1], z_factor4[T - 1], out=dz[T - 1, :, :n_h])
    # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
    dsigma_a[...] = np.einsum("bj,bj->b", dz[T - 1], sigma_a_factor[T - 1])
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    np.divide(dz[T - 1], sigma_a[T - 1][:, None], out=tmp3)
    np.matmul(tmp3, alpha_1, out=dmu_a)
    np.negative(dmu_a, out=dmu_a)
    # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
    np.multiply(dsigma_a, sigma_a_arg_factor[T - 1], out=dsigma_a_arg)
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    np.add.reduce(mu_a_factor[T - 1], axis=1, out=tmp1)
    tmp1 *= dsigma_a_arg
    dmu_a += tmp1
    # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
    #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
    np.multiply(dmu_a, 0.25 / n_h, out=tmp1)
    da[T - 1] = tmp1[:, None]
    np.multiply(dz[T - 1], alpha_1, out=tmp3)
    tmp3 /= sigma_a[T - 1][:, None]
    da[T - 1] += tmp3
    np.multiply(a_factor[T - 1], dsigma_a_arg[:, None], out=tmp3)
    da[T - 1] += tmp3
    da_at = list(da)
    dh_at = list(dh)
    dh_arg_at = list(dh_arg)
    h_arg_factor_at = list(h_arg_factor)
    sigma_c_factor_at = list(sigma_c_factor)
    sigma_c_arg_factor_at = list(sigma_c_arg_factor)
    mu_c_factor_at = list(mu_c_factor)
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    dz_at = list(dz[:, :, 3 * n_h:])
    z_factor_at = list(z_factor)
    dz_at2 = list(dz[:, :, 2 * n_h:3 * n_h])
    z_factor2_at = list(z_factor2)
    dz_at3 = list(dz[:, :, n_h:2 * n_h])
    z_factor3_at = list(z_factor3)
    dz_at4 = list(dz[:, :, :n_h])
    z_factor4_at = list(z_factor4)
    dz_at5 = list(dz)
    sigma_a_factor_at = list(sigma_a_factor)
    sigma_a_arg_factor_at = list(sigma_a_arg_factor)
    mu_a_factor_at = list(mu_a_factor)
    a_factor_at = list(a_factor)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_h.T @ grad(a[t+1])) + V.T @
        #     grad(s[t]), t < T
        da_at[t].dot(W_h, out=tmp2)
        tmp2 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t - 1] += tmp2
        # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
        np.multiply(dh_at[t - 1], h_arg_factor_at[t - 1], out=dh_arg_at[t - 1])
        # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
        dsigma_c[...] = np.einsum("bj,bj->b", dh_arg[t - 1], sigma_c_factor[t - 1])
        # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
        np.multiply(dsigma_c, sigma_c_arg_factor_at[t - 1], out=dsigma_c_arg)
        # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
        #     grad(h.arg[t])) / sigma_c[t]
        np.add.reduce(mu_c_factor_at[t - 1], axis=1, out=dmu_c)
        dmu_c *= dsigma_c_arg
        np.divide(dh_arg_at[t - 1], sigma_c[t - 1][:, None], out=tmp2)
        np.matmul(tmp2, alpha_3, out=tmp1)
        dmu_c -= tmp1
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + alpha_3 *
        #     grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) * (2 * c[t] - 2 * mu_c[t]) / n_h +
        #     grad(mu_c[t]) / n_h, t < T
        np.multiply(dmu_c, 1 / n_h, out=tmp1)
        dc_at[t - 1][...] = tmp1[:, None]
        np.multiply(c_factor_at[t - 1], dsigma_c_arg[:, None], out=tmp2)
        dc_at[t - 1] += tmp2
        np.multiply(dh_arg_at[t - 1], alpha_3, out=tmp2)
        tmp2 /= sigma_c[t - 1][:, None]
        dc_at[t - 1] += tmp2
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f[t], out=tmp2)
        tmp2 *= dc_at[t]
        dc_at[t - 1] += tmp2
        # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
        np.multiply(dc_at[t - 1], z_factor_at[t - 1], out=dz_at[t - 1])
        np.multiply(dh_at[t - 1], z_factor2_at[t - 1], out=dz_at2[t - 1])
        np.multiply(dc_at[t - 1], z_factor3_at[t - 1], out=dz_at3[t - 1])
        np.multiply(dc_at[t - 1], z_factor4_at[t - 1], out=dz_at4[t - 1])
        # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
        dsigma_a[...] = np.einsum("bj,bj->b", dz[t - 1], sigma_a_factor[t - 1])
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        np.divide(dz_at5[t - 1], sigma_a[t - 1][:, None], out=tmp3)
        np.matmul(tmp3, alpha_1, out=dmu_a)
        np.negative(dmu_a, out=dmu_a)
        # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
        np.multiply(dsigma_a, sigma_a_arg_factor_at[t - 1], out=dsigma_a_arg)
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        np.add.reduce(mu_a_factor_at[t - 1], axis=1, out=tmp1)
        tmp1 *= dsigma_a_arg
        dmu_a += tmp1
        # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
        #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
        np.multiply(dmu_a, 0.25 / n_h, out=tmp1)
        da_at[t - 1][...] = tmp1[:, None]
        np.multiply(dz_at5[t - 1], alpha_1, out=tmp3)
        tmp3 /= sigma_a[t - 1][:, None]
        da_at[t - 1] += tmp3
        np.multiply(a_factor_at[t - 1], dsigma_a_arg[:, None], out=tmp3)
        da_at[t - 1] += tmp3
    dalpha_3 = np.empty((n_h,), dtype)
    # grad(alpha_3) = sum((c[t] - mu_c[t]) * grad(h.arg[t]) / sigma_c[t], t)
    np.subtract(c[1:].transpose(2, 0, 1), mu_c, out=tmp4)
    tmp4 *= dh_arg.transpose(2, 0, 1)
    np.divide(1, sigma_c, out=tmp0)
    np.matmul(tmp4.reshape(n_h, -1), tmp0.reshape(-1), out=dalpha_3)
    dbeta_3 = np.empty((n_h,), dtype)
    # grad(beta_3) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=dbeta_3)
    dalpha_1 = np.empty((4 * n_h,), dtype)
    # grad(alpha_1) = sum((a[t] - mu_a[t]) * grad(z[t]) / sigma_a[t], t)
    np.subtract(a.transpose(2, 0, 1), mu_a, out=tmp5)
    tmp5 *= dz.transpose(2, 0, 1)
    np.divide(1, sigma_a, out=tmp0)
    np.matmul(tmp5.reshape(4 * n_h, -1), tmp0.reshape(-1), out=dalpha_1)
    dsigma_u = np.empty((T, B), dtype)
    # grad(sigma_u[t]) = -sum(alpha_2 * (u[t] - mu_u[t]) * grad(z[t])) / sigma_u[t]**2
    np.square(sigma_u, out=tmp0)
    np.subtract(u, mu_u[:, :, None], out=tmp6)
    tmp6 *= dz
    tmp6 *= alpha_2
    np.add.reduce(tmp6, axis=2, out=dsigma_u)
    dsigma_u /= tmp0
    np.negative(dsigma_u, out=dsigma_u)
    dmu_u = np.empty((T, B), dtype)
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    np.multiply(dz, alpha_2, out=tmp6)
    np.add.reduce(tmp6, axis=2, out=dmu_u)
    dmu_u /= sigma_u
    np.negative(dmu_u, out=dmu_u)
    dsigma_u_arg = np.empty((T, B), dtype)
    # grad(sigma_u.arg[t]) = grad(sigma_u[t]) / (2 * sigma_u[t])
    np.multiply(dsigma_u, 0.5, out=dsigma_u_arg)
    dsigma_u_arg /= sigma_u
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    np.multiply(mu_u, 2, out=tmp7)
    np.multiply(u, 2, out=tmp6)
    np.subtract(tmp7[:, :, None], tmp6, out=tmp6)
    np.add.reduce(tmp6, axis=2, out=tmp0)
    tmp0 *= dsigma_u_arg
    tmp0 *= 0.25 / n_h
    dmu_u += tmp0
    du = np.empty((T, B, 4 * n_h), dtype)
    # grad(u[t]) = alpha_2 * grad(z[t]) / sigma_u[t] + grad(sigma_u.arg[t]) * (2 * u[t] - 2 * mu_u[t]) /
    #     (4 * n_h) + grad(mu_u[t]) / (4 * n_h)
    np.multiply(dmu_u, 0.25 / n_h, out=tmp0)
    du[...] = tmp0[:, :, None]
    np.multiply(dz, alpha_2, out=tmp6)
    tmp6 /= sigma_u[:, :, None]
    du += tmp6
    np.multiply(mu_u, 2, out=tmp0)
    np.multiply(u, 2, out=tmp6)
    tmp6 -= tmp0[:, :, None]
    tmp6 *= dsigma_u_arg[:, :, None]
    tmp6 *= 0.25 / n_h
    du += tmp6
    dalpha_2 = np.empty((4 * n_h,), dtype)
    # grad(alpha_2) = sum((u[t] - mu_u[t]) * grad(z[t]) / sigma_u[t], t)
    np.subtract(u.transpose(2, 0, 1), mu_u, out=tmp5)
    tmp5 *= dz.transpose(2, 0, 1)
    np.divide(1, sigma_u, out=tmp0)
    np.matmul(tmp5.reshape(4 * n_h, -1), tmp0.reshape(-1), out=dalpha_2)
    db = np.empty((4 * n_h,), dtype)
    # grad(b) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=db)
    dbeta_1 = np.empty((4 * n_h,), dtype)
    # grad(beta_1) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=dbeta_1)
    dbeta_2 = np.empty((4 * n_h,), dtype)
    # grad(beta_2) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=dbeta_2)
    dW_x = np.empty((4 * n_h, n_x), dtype)
    # grad(W_x) = sum(outer(grad(u[t]), x[t]), t)
    np.matmul(du.reshape(-1, 4 * n_h).T, x.reshape(-1, n_x), out=dW_x)
    dW_h = np.empty((4 * n_h, n_h), dtype)
    # grad(W_h) = sum(outer(grad(a[t]), h[t-1]), t)
    np.matmul(da.reshape(-1, 4 * n_h).T, h[:T].reshape(-1, n_h), out=dW_h)

    return Params(
        W_h=dW_h,
        W_x=dW_x,
        b=db,
        alpha_1=dalpha_1,
        alpha_2=dalpha_2,
        beta_1=dbeta_1,
        beta_2=dbeta_2,
        alpha_3=dalpha_3,
        beta_3=dbeta_3,
        V=dV,
        d=dd,
    )


def _loss_and_grad_checkpointed(params, x, y, eps, h0, c0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, eps, h0, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, eps, h0, c0, whole=True)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params
    wrt = _asked(wrt, ("x", "h0", "c0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        c0_kept, c_left1, h0_kept, h_left1, dW_h, dW_x, db, dalpha_1, dalpha_2, dbeta_1, dbeta_2, dalpha_3, dbeta_3, dV,
        dd,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_h, B, dtype)
    c0_kept[0] = c0
    h0_kept[0] = h0
    for n in range(count - 1):
        first, last = ends[n], ends[n + 1]
        found = _advance(
            params,
            x[first:last],
            eps,
            h0_kept[n],
            c0_kept[n],
            last - first,
            n_x,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        c0_kept[n + 1], h0_kept[n + 1] = found
    loss = 0.0
    for total in (c_left1, h_left1, dW_h, dW_x, db, dalpha_1, dalpha_2, dbeta_1, dbeta_2, dalpha_3, dbeta_3, dV, dd):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n in range(count - 1, -1, -1):
        first, last = ends[n], ends[n + 1]
        found = _segment(
            params,
            c_left1,
            h_left1,
            x[first:last],
            y[first:last],
            eps,
            h0_kept[n],
            c0_kept[n],
            last - first,
            n_x,
            n_y,
            n_h,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dc0, dh0, dx_part = found
        loss += float(loss_part)
        _add_each((dW_h, dW_x, db, dalpha_1, dalpha_2, dbeta_1, dbeta_2, dalpha_3, dbeta_3, dV, dd), parts)
        c_left1[...] = dc0
        h_left1[...] = dh0
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(
        W_h=dW_h,
        W_x=dW_x,
        b=db,
        alpha_1=dalpha_1,
        alpha_2=dalpha_2,
        beta_1=dbeta_1,
        beta_2=dbeta_2,
        alpha_3=dalpha_3,
        beta_3=dbeta_3,
        V=dV,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def _segment(params, c_left1, h_left1, x, y, eps, h0, c0, T, n_x, n_y, n_h, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, u, mu_u, sigma_a_arg, sigma_u_arg, sigma_u, sigma_c_arg,
        z, h_arg, h, c, a, mu_a, sigma_a, f, i, g, mu_c, sigma_c, o, h_tanh, W_h_T, h_at, a_at, mu_a_at, sigma_a_arg_at,
        sigma_a_at, z_at, f_at, z_at2, half, i_at, z_at3, g_at, z_at4, c_at, mu_c_at, sigma_c_arg_at, sigma_c_at, o_at,
        z_at5, h_arg_at, h_tanh_at, s, yhat_lse, largest, rows, flat, tmp9, tmp10, tmp11, ds, entries, dd, dV,
        h_arg_factor, sigma_c_factor, mu_c_factor, c_factor, z_factor, z_factor2, z_factor3, z_factor4, sigma_a_factor,
        mu_a_factor, a_factor, sigma_c_arg_factor, sigma_a_arg_factor, dch, dh_arg, dsigma_c, dsigma_c_arg, dmu_c, dz,
        dsigma_a, dmu_a, dsigma_a_arg, da, da_at, dh_at2, dh_arg_at, h_arg_factor_at, sigma_c_factor_at,
        sigma_c_arg_factor_at, mu_c_factor_at, dc_at2, c_factor_at, dz_at, z_factor_at, dz_at2, z_factor2_at, dz_at3,
        z_factor3_at, dz_at4, z_factor4_at, dz_at5, sigma_a_factor_at, sigma_a_arg_factor_at, mu_a_factor_at,
        a_factor_at, dalpha_3, dbeta_3, dalpha_1, dsigma_u, dmu_u, dsigma_u_arg, du, dalpha_2, db, dbeta_1, dbeta_2,
        dW_x, dW_h, dch0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, B, dtype)
    # u[t] = W_x @ x[t]
    np.matmul(x.reshape(-1, n_x), W_x.T, out=u.reshape(-1, 4 * n_h))
    # mu_u[t] = mean(u[t])
    np.add.reduce(u, axis=2, out=mu_u)
    mu_u *= 0.25 / n_h
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg[...] = eps
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    np.subtract(u, mu_u[:, :, None], out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=sigma_u_arg)
    sigma_u_arg *= 0.25 / n_h
    sigma_u_arg += eps
    # sigma_u[t] = deviation(u[t], mu_u[t])
    np.sqrt(sigma_u_arg, out=sigma_u)
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg[...] = eps
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    np.subtract(u, mu_u[:, :, None], out=z)
    z *= alpha_2
    z /= sigma_u[:, :, None]
    z += b
    z += beta_1
    z += beta_2
    # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
    h_arg[...] = beta_3
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    W_h_T[...] = W_h.T
    for t in range(1, T + 1):
        # a[t] = W_h @ h[t-1]
        h_at[t - 1].dot(W_h_T, out=a_at[t - 1])
        # mu_a[t] = mean(a[t])
        np.add.reduce(a_at[t - 1], axis=1, out=mu_a_at[t - 1])
        mu_a_at[t - 1] *= 0.25 / n_h
        # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
        np.subtract(a_at[t - 1], mu_a_at[t - 1][:, None], out=tmp4)
        np.square(tmp4, out=tmp3)
        np.add.reduce(tmp3, axis=1, out=tmp2)
        tmp2 *= 0.25 / n_h
        sigma_a_arg_at[t - 1] += tmp2
        # sigma_a[t] = deviation(a[t], mu_a[t])
        np.sqrt(sigma_a_arg_at[t - 1], out=sigma_a_at[t - 1])
        # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
        #     beta_2 + b
        np.subtract(a_at[t - 1], mu_a_at[t - 1][:, None], out=tmp3)
        tmp3 *= alpha_1
        tmp3 /= sigma_a_at[t - 1][:, None]
        z_at[t - 1] += tmp3
        # f[t] = sigmoid(z[t, :n_h])
        _sigmoid(z_at2[t - 1], out=f_at[t - 1], half=half)
        # i[t] = sigmoid(z[t, n_h:2*n_h])
        _sigmoid(z_at3[t - 1], out=i_at[t - 1], half=half)
        # g[t] = tanh(z[t, 3*n_h:])
        np.tanh(z_at4[t - 1], out=g_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(g_at[t - 1], i_at[t - 1], out=tmp5)
        c_at[t] += tmp5
        # mu_c[t] = mean(c[t])
        np.add.reduce(c_at[t], axis=1, out=mu_c_at[t - 1])
        mu_c_at[t - 1] *= 1 / n_h
        # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
        np.subtract(c_at[t], mu_c_at[t - 1][:, None], out=tmp6)
        np.square(tmp6, out=tmp5)
        np.add.reduce(tmp5, axis=1, out=tmp2)
        tmp2 *= 1 / n_h
        sigma_c_arg_at[t - 1] += tmp2
        # sigma_c[t] = deviation(c[t], mu_c[t])
        np.sqrt(sigma_c_arg_at[t - 1], out=sigma_c_at[t - 1])
        # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
        _sigmoid(z_at5[t - 1], out=o_at[t - 1], half=half)
        # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
        np.subtract(c_at[t], mu_c_at[t - 1][:, None], out=tmp5)
        tmp5 *= alpha_3
        tmp5 /= sigma_c_at[t - 1][:, None]
        h_arg_at[t - 1] += tmp5
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg_at[t - 1], out=h_tanh_at[t - 1])
        # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
        np.multiply(h_tanh_at[t - 1], o_at[t - 1], out=h_at[t])
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp7, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp8)
    np.subtract(yhat_lse, tmp8, out=tmp8)
    loss = tmp8.sum()
    # grad(s[t]) = softmax(s[t]) - onehot(y[t])
    np.subtract(s, yhat_lse[:, :, None], out=tmp7)
    np.exp(tmp7, out=ds)
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # h.arg.factor[t] = o[t] * (1 - h.tanh[t]**2)
    np.square(h_tanh, out=h_arg_factor)
    np.subtract(1, h_arg_factor, out=h_arg_factor)
    h_arg_factor *= o
    # sigma_c.factor[t] = -(c[t] - mu_c[t]) * alpha_3 / sigma_c[t]**2
    np.square(sigma_c, out=tmp8)
    np.subtract(c[1:], mu_c[:, :, None], out=sigma_c_factor)
    sigma_c_factor *= alpha_3
    sigma_c_factor /= tmp8[:, :, None]
    np.negative(sigma_c_factor, out=sigma_c_factor)
    # mu_c.factor[t] = (2 * mu_c[t] - 2 * c[t]) / n_h
    np.multiply(mu_c, 2, out=tmp8)
    np.multiply(c[1:], 2, out=mu_c_factor)
    np.subtract(tmp8[:, :, None], mu_c_factor, out=mu_c_factor)
    mu_c_factor *= 1 / n_h
    # c.factor[t] = (2 * c[t] - 2 * mu_c[t]) / n_h
    np.multiply(mu_c, 2, out=tmp8)
    np.multiply(c[1:], 2, out=c_factor)
    c_factor -= tmp8[:, :, None]
    c_factor *= 1 / n_h
    # z.factor[t] = i[t] * (1 - g[t]**2)
    np.square(g, out=z_factor)
    np.subtract(1, z_factor, out=z_factor)
    z_factor *= i
    # z.factor2[t] = h.tanh[t] * o[t] * (1 - o[t])
    np.subtract(1, o, out=z_factor2)
    z_factor2 *= h_tanh
    z_factor2 *= o
    # z.factor3[t] = g[t] * i[t] * (1 - i[t])
    np.subtract(1, i, out=z_factor3)
    z_factor3 *= g
    z_factor3 *= i
    # z.factor4[t] = c[t-1] * f[t] * (1 - f[t])
    np.subtract(1, f, out=z_factor4)
    z_factor4 *= c[:T]
    z_factor4 *= f
    # sigma_a.factor[t] = -(a[t] - mu_a[t]) * alpha_1 / sigma_a[t]**2
    np.square(sigma_a, out=tmp8)
    np.subtract(a, mu_a[:, :, None], out=sigma_a_factor)
    sigma_a_factor *= alpha_1
    sigma_a_factor /= tmp8[:, :, None]
    np.negative(sigma_a_factor, out=sigma_a_factor)
    # mu_a.factor[t] = (2 * mu_a[t] - 2 * a[t]) / (4 * n_h)
    np.multiply(mu_a, 2, out=tmp8)
    np.multiply(a, 2, out=mu_a_factor)
    np.subtract(tmp8[:, :, None], mu_a_factor, out=mu_a_factor)
    mu_a_factor *= 0.25 / n_h
    # a.factor[t] = (2 * a[t] - 2 * mu_a[t]) / (4 * n_h)
    np.multiply(mu_a, 2, out=tmp8)
    np.multiply(a, 2, out=a_factor)
    a_factor -= tmp8[:, :, None]
    a_factor *= 0.25 / n_h
    # sigma_c.arg.factor[t] = 1 / (2 * sigma_c[t])
    np.divide(0.5, sigma_c, out=sigma_c_arg_factor)
    # sigma_a.arg.factor[t] = 1 / (2 * sigma_a[t])
    np.divide(0.5, sigma_a, out=sigma_a_arg_factor)
    # grad(h[T]) = h.left1 + V.T @ grad(s[T])
    np.matmul(ds.reshape(-1, n_y), V, out=dch[1, 1:].reshape(-1, n_h))
    dch[1, T] += h_left1
    # grad(c[0]) = f[1] * grad(c[1])
    dch[0, T] = c_left1
    # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
    np.multiply(h_arg_factor[T - 1], dch[1, T], out=dh_arg[T - 1])
    # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
    dsigma_c[...] = np.einsum("bj,bj->b", dh_arg[T - 1], sigma_c_factor[T - 1])
    # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
    np.multiply(dsigma_c, sigma_c_arg_factor[T - 1], out=dsigma_c_arg)
    # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
    #     grad(h.arg[t])) / sigma_c[t]
    np.add.reduce(mu_c_factor[T - 1], axis=1, out=dmu_c)
    dmu_c *= dsigma_c_arg
    np.divide(dh_arg[T - 1], sigma_c[T - 1][:, None], out=tmp5)
    np.matmul(tmp5, alpha_3, out=tmp2)
    dmu_c -= tmp2
    # grad(c[0]) = f[1] * grad(c[1])
    np.multiply(dmu_c, 1 / n_h, out=tmp2)
    dch[0, T] += tmp2[:, None]
    np.multiply(c_factor[T - 1], dsigma_c_arg[:, None], out=tmp5)
    dch[0, T] += tmp5
    np.multiply(dh_arg[T - 1], alpha_3, out=tmp5)
    tmp5 /= sigma_c[T - 1][:, None]
    dch[0, T] += tmp5
    # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
    np.multiply(z_factor[T - 1], dch[0, T], out=dz[T - 1, :, 3 * n_h:])
    np.multiply(z_factor2[T - 1], dch[1, T], out=dz[T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(z_factor3[T - 1], dch[0, T], out=dz[T - 1, :, n_h:2 * n_h])
    np.multiply(z_factor4[T - 1], dch[0, T], out=dz[T - 1, :, :n_h])
    # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
    dsigma_a[...] = np.einsum("bj,bj->b", dz[T - 1], sigma_a_factor[T - 1])
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    np.divide(dz[T - 1], sigma_a[T - 1][:, None], out=tmp3)
    np.matmul(tmp3, alpha_1, out=dmu_a)
    np.negative(dmu_a, out=dmu_a)
    # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
    np.multiply(dsigma_a, sigma_a_arg_factor[T - 1], out=dsigma_a_arg)
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    np.add.reduce(mu_a_factor[T - 1], axis=1, out=tmp2)
    tmp2 *= dsigma_a_arg
    dmu_a += tmp2
    # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
    #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
    np.multiply(dmu_a, 0.25 / n_h, out=tmp2)
    da[T - 1] = tmp2[:, None]
    np.multiply(dz[T - 1], alpha_1, out=tmp3)
    tmp3 /= sigma_a[T - 1][:, None]
    da[T - 1] += tmp3
    np.multiply(a_factor[T - 1], dsigma_a_arg[:, None], out=tmp3)
    da[T - 1] += tmp3
    for t in range(T - 1, 0, -1):
        # grad(h[T]) = h.left1 + V.T @ grad(s[T])
        da_at[t].dot(W_h, out=tmp5)
        dh_at2[t] += tmp5
        # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
        np.multiply(h_arg_factor_at[t - 1], dh_at2[t], out=dh_arg_at[t - 1])
        # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
        dsigma_c[...] = np.einsum("bj,bj->b", dh_arg[t - 1], sigma_c_factor[t - 1])
        # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
        np.multiply(dsigma_c, sigma_c_arg_factor_at[t - 1], out=dsigma_c_arg)
        # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
        #     grad(h.arg[t])) / sigma_c[t]
        np.add.reduce(mu_c_factor_at[t - 1], axis=1, out=dmu_c)
        dmu_c *= dsigma_c_arg
        np.divide(dh_arg_at[t - 1], sigma_c_at[t - 1][:, None], out=tmp5)
        np.matmul(tmp5, alpha_3, out=tmp2)
        dmu_c -= tmp2
        # grad(c[0]) = f[1] * grad(c[1])
        np.multiply(dmu_c, 1 / n_h, out=tmp2)
        dc_at2[t][...] = tmp2[:, None]
        np.multiply(c_factor_at[t - 1], dsigma_c_arg[:, None], out=tmp5)
        dc_at2[t] += tmp5
        np.multiply(dh_arg_at[t - 1], alpha_3, out=tmp5)
        tmp5 /= sigma_c_at[t - 1][:, None]
        dc_at2[t] += tmp5
        np.multiply(f_at[t], dc_at2[t + 1], out=tmp5)
        dc_at2[t] += tmp5
        # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
        np.multiply(z_factor_at[t - 1], dc_at2[t], out=dz_at[t - 1])
        np.multiply(z_factor2_at[t - 1], dh_at2[t], out=dz_at2[t - 1])
        np.multiply(z_factor3_at[t - 1], dc_at2[t], out=dz_at3[t - 1])
        np.multiply(z_factor4_at[t - 1], dc_at2[t], out=dz_at4[t - 1])
        # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
        dsigma_a[...] = np.einsum("bj,bj->b", dz[t - 1], sigma_a_factor[t - 1])
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        np.divide(dz_at5[t - 1], sigma_a_at[t - 1][:, None], out=tmp3)
        np.matmul(tmp3, alpha_1, out=dmu_a)
        np.negative(dmu_a, out=dmu_a)
        # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
        np.multiply(dsigma_a, sigma_a_arg_factor_at[t - 1], out=dsigma_a_arg)
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        np.add.reduce(mu_a_factor_at[t - 1], axis=1, out=tmp2)
        tmp2 *= dsigma_a_arg
        dmu_a += tmp2
        # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
        #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
        np.multiply(dmu_a, 0.25 / n_h, out=tmp2)
        da_at[t - 1][...] = tmp2[:, None]
        np.multiply(dz_at5[t - 1], alpha_1, out=tmp3)
        tmp3 /= sigma_a_at[t - 1][:, None]
        da_at[t - 1] += tmp3
        np.multiply(a_factor_at[t - 1], dsigma_a_arg[:, None], out=tmp3)
        da_at[t - 1] += tmp3
    # grad(h[T]) = h.left1 + V.T @ grad(s[T])
    np.matmul(da[0], W_h, out=dch[1, 0])
    # grad(c[0]) = f[1] * grad(c[1])
    np.multiply(f[0], dch[0, 1], out=dch[0, 0])
    # grad(alpha_3) = sum((c[t] - mu_c[t]) * grad(h.arg[t]) / sigma_c[t], t)
    np.subtract(c[1:].transpose(2, 0, 1), mu_c, out=tmp9)
    tmp9 *= dh_arg.transpose(2, 0, 1)
    np.divide(1, sigma_c, out=tmp8)
    np.matmul(tmp9.reshape(n_h, -1), tmp8.reshape(-1), out=dalpha_3)
    # grad(beta_3) = sum(grad(h.arg[t]), t)
    np.add.reduce(dh_arg, axis=(0, 1), out=dbeta_3)
    # grad(alpha_1) = sum((a[t] - mu_a[t]) * grad(z[t]) / sigma_a[t], t)
    np.subtract(a.transpose(2, 0, 1), mu_a, out=tmp10)
    tmp10 *= dz.transpose(2, 0, 1)
    np.divide(1, sigma_a, out=tmp8)
    np.matmul(tmp10.reshape(4 * n_h, -1), tmp8.reshape(-1), out=dalpha_1)
    # grad(sigma_u[t]) = -sum(alpha_2 * (u[t] - mu_u[t]) * grad(z[t])) / sigma_u[t]**2
    np.square(sigma_u, out=tmp8)
    np.subtract(u, mu_u[:, :, None], out=tmp0)
    tmp0 *= dz
    tmp0 *= alpha_2
    np.add.reduce(tmp0, axis=2, out=dsigma_u)
    dsigma_u /= tmp8
    np.negative(dsigma_u, out=dsigma_u)
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    np.multiply(dz, alpha_2, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=dmu_u)
    dmu_u /= sigma_u
    np.negative(dmu_u, out=dmu_u)
    # grad(sigma_u.arg[t]) = grad(sigma_u[t]) / (2 * sigma_u[t])
    np.multiply(dsigma_u, 0.5, out=dsigma_u_arg)
    dsigma_u_arg /= sigma_u
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    np.multiply(mu_u, 2, out=tmp11)
    np.multiply(u, 2, out=tmp0)
    np.subtract(tmp11[:, :, None], tmp0, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=tmp8)
    tmp8 *= dsigma_u_arg
    tmp8 *= 0.25 / n_h
    dmu_u += tmp8
    # grad(u[t]) = alpha_2 * grad(z[t]) / sigma_u[t] + grad(sigma_u.arg[t]) * (2 * u[t] - 2 * mu_u[t]) /
    #     (4 * n_h) + grad(mu_u[t]) / (4 * n_h)
    np.multiply(dmu_u, 0.25 / n_h, out=tmp8)
    du[...] = tmp8[:, :, None]
    np.multiply(dz, alpha_2, out=tmp0)
    tmp0 /= sigma_u[:, :, None]
    du += tmp0
    np.multiply(mu_u, 2, out=tmp8)
    np.multiply(u, 2, out=tmp0)
    tmp0 -= tmp8[:, :, None]
    tmp0 *= dsigma_u_arg[:, :, None]
    tmp0 *= 0.25 / n_h
    du += tmp0
    # grad(alpha_2) = sum((u[t] - mu_u[t]) * grad(z[t]) / sigma_u[t], t)
    np.subtract(u.transpose(2, 0, 1), mu_u, out=tmp10)
    tmp10 *= dz.transpose(2, 0, 1)
    np.divide(1, sigma_u, out=tmp8)
    np.matmul(tmp10.reshape(4 * n_h, -1), tmp8.reshape(-1), out=dalpha_2)
    # grad(b) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=db)
    # grad(beta_1) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=dbeta_1)
    # grad(beta_2) = sum(grad(z[t]), t)
    np.add.reduce(dz, axis=(0, 1), out=dbeta_2)
    # grad(W_x) = sum(outer(grad(u[t]), x[t]), t)
    np.matmul(du.reshape(-1, 4 * n_h).T, x.reshape(-1, n_x), out=dW_x)
    # grad(W_h) = sum(outer(grad(a[t]), h[t-1]), t)
    np.matmul(da.reshape(-1, 4 * n_h).T, h[:T].reshape(-1, n_h), out=dW_h)
    # grad(c.0) = grad(c[0])
    # grad(h.0) = grad(h[0])
    dch0[...] = dch[:, 0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = W_x.T @ grad(u[t])
        np.matmul(du.reshape(-1, 4 * n_h), W_x, out=dx.reshape(-1, n_x))
    dc0 = dch0[0]
    dh0 = dch0[1]

    return (
        loss,
        (dW_h, dW_x, db, dalpha_1, dalpha_2, dbeta_1, dbeta_2, dalpha_3, dbeta_3, dV, dd),
        dc0,
        dh0,
        dx if "x" in wrt else None,
    )


def _advance(params, x, eps, h0, c0, T, n_x, n_h, B, dtype, workspace):
    """The state after a segment."""
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, u, mu_u, sigma_a_arg, sigma_u_arg, sigma_u, sigma_c_arg, z, h_arg, h,
        c, a, mu_a, sigma_a, f, i, g, mu_c, sigma_c, o, h_tanh, W_h_T, h_at, sigma_a_arg_at, z_at, z_at2, half, z_at3,
        z_at4, c_at, sigma_c_arg_at, z_at5, h_arg_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_h, B, dtype)
    # u[t] = W_x @ x[t]
    np.matmul(x.reshape(-1, n_x), W_x.T, out=u.reshape(-1, 4 * n_h))
    # mu_u[t] = mean(u[t])
    np.add.reduce(u, axis=2, out=mu_u)
    mu_u *= 0.25 / n_h
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg[...] = eps
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    np.subtract(u, mu_u[:, :, None], out=tmp1)
    np.square(tmp1, out=tmp0)
    np.add.reduce(tmp0, axis=2, out=sigma_u_arg)
    sigma_u_arg *= 0.25 / n_h
    sigma_u_arg += eps
    # sigma_u[t] = deviation(u[t], mu_u[t])
    np.sqrt(sigma_u_arg, out=sigma_u)
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg[...] = eps
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    np.subtract(u, mu_u[:, :, None], out=z)
    z *= alpha_2
    z /= sigma_u[:, :, None]
    z += b
    z += beta_1
    z += beta_2
    # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
    h_arg[...] = beta_3
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    W_h_T[...] = W_h.T
    for t in range(1, T + 1):
        # a[t] = W_h @ h[t-1]
        h_at[t - 1].dot(W_h_T, out=a)
        # mu_a[t] = mean(a[t])
        np.add.reduce(a, axis=1, out=mu_a)
        mu_a *= 0.25 / n_h
        # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
        np.subtract(a, mu_a[:, None], out=tmp4)
        np.square(tmp4, out=tmp3)
        np.add.reduce(tmp3, axis=1, out=tmp2)
        tmp2 *= 0.25 / n_h
        sigma_a_arg_at[t - 1] += tmp2
        # sigma_a[t] = deviation(a[t], mu_a[t])
        np.sqrt(sigma_a_arg_at[t - 1], out=sigma_a)
        # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
        #     beta_2 + b
        np.subtract(a, mu_a[:, None], out=tmp3)
        tmp3 *= alpha_1
        tmp3 /= sigma_a[:, None]
        z_at[t - 1] += tmp3
        # f[t] = sigmoid(z[t, :n_h])
        _sigmoid(z_at2[t - 1], out=f, half=half)
        # i[t] = sigmoid(z[t, n_h:2*n_h])
        _sigmoid(z_at3[t - 1], out=i, half=half)
        # g[t] = tanh(z[t, 3*n_h:])
        np.tanh(z_at4[t - 1], out=g)
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        np.multiply(f, c_at[t - 1], out=c_at[t])
        np.multiply(g, i, out=tmp5)
        c_at[t] += tmp5
        # mu_c[t] = mean(c[t])
        np.add.reduce(c_at[t], axis=1, out=mu_c)
        mu_c *= 1 / n_h
        # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
        np.subtract(c_at[t], mu_c[:, None], out=tmp6)
        np.square(tmp6, out=tmp5)
        np.add.reduce(tmp5, axis=1, out=tmp2)
        tmp2 *= 1 / n_h
        sigma_c_arg_at[t - 1] += tmp2
        # sigma_c[t] = deviation(c[t], mu_c[t])
        np.sqrt(sigma_c_arg_at[t - 1], out=sigma_c)
        # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
        _sigmoid(z_at5[t - 1], out=o, half=half)
        # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
        np.subtract(c_at[t], mu_c[:, None], out=tmp5)
        tmp5 *= alpha_3
        tmp5 /= sigma_c[:, None]
        h_arg_at[t - 1] += tmp5
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg_at[t - 1], out=h_tanh)
        # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
        np.multiply(h_tanh, o, out=h_at[t])

    return c[-1], h[-1]


def _loss_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, 4 * n_h), dtype)
    tmp1 = np.empty((T, B, 4 * n_h), dtype)
    tmp2 = np.empty((B,), dtype)
    tmp3 = np.empty((B, 4 * n_h), dtype)
    tmp4 = np.empty((B, 4 * n_h), dtype)
    tmp5 = np.empty((B, n_h), dtype)
    tmp6 = np.empty((B, n_h), dtype)
    tmp7 = np.empty((T, B, n_y), dtype)
    sigma_c_arg = np.empty((T, B), dtype)
    tmp8 = sigma_c_arg
    u = np.empty((T, B, 4 * n_h), dtype)
    mu_u = np.empty((T, B), dtype)
    sigma_a_arg = np.empty((T, B), dtype)
    sigma_u_arg = np.empty((T, B), dtype)
    sigma_u = sigma_u_arg
    z = tmp0
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    a = np.empty((B, 4 * n_h), dtype)
    mu_a = np.empty((B,), dtype)
    sigma_a = np.empty((B,), dtype)
    f = np.empty((B, n_h), dtype)
    i = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    mu_c = np.empty((B,), dtype)
    sigma_c = np.empty((B,), dtype)
    o = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    W_h_T = np.empty((n_h, 4 * n_h), dtype)
    h_at = list(h)
    sigma_a_arg_at = list(sigma_a_arg)
    z_at = list(z)
    z_at2 = list(z[:, :, :n_h])
    half = np.array(0.5, dtype)
    z_at3 = list(z[:, :, n_h:2 * n_h])
    z_at4 = list(z[:, :, 3 * n_h:])
    c_at = list(c)
    sigma_c_arg_at = list(sigma_c_arg)
    z_at5 = list(z[:, :, 2 * n_h:3 * n_h])
    h_arg_at = list(h_arg)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = sigma_a_arg
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, sigma_c_arg, tmp8, u, mu_u, sigma_a_arg, sigma_u_arg, sigma_u,
        z, h_arg, h, c, a, mu_a, sigma_a, f, i, g, mu_c, sigma_c, o, h_tanh, W_h_T, h_at, sigma_a_arg_at, z_at, z_at2,
        half, z_at3, z_at4, c_at, sigma_c_arg_at, z_at5, h_arg_at, s, yhat_lse, largest, rows, flat,
    )


def _loss_and_grad_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, 4 * n_h), dtype)
    tmp1 = np.empty((T, B, 4 * n_h), dtype)
    tmp2 = np.empty((B,), dtype)
    tmp3 = np.empty((B, 4 * n_h), dtype)
    tmp4 = np.empty((B, 4 * n_h), dtype)
    tmp5 = np.empty((B, n_h), dtype)
    tmp6 = np.empty((B, n_h), dtype)
    tmp7 = np.empty((T, B, n_y), dtype)
    tmp8 = np.empty((T, B), dtype)
    u = np.empty((T, B, 4 * n_h), dtype)
    mu_u = np.empty((T, B), dtype)
    sigma_a_arg = np.empty((T, B), dtype)
    sigma_u_arg = np.empty((T, B), dtype)
    sigma_u = sigma_u_arg
    sigma_c_arg = np.empty((T, B), dtype)
    z = tmp1
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    a = np.empty((T, B, 4 * n_h), dtype)
    mu_a = np.empty((T, B), dtype)
    sigma_a = sigma_a_arg
    f = np.empty((T, B, n_h), dtype)
    i = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    mu_c = np.empty((T, B), dtype)
    sigma_c = sigma_c_arg
    o = np.empty((T, B, n_h), dtype)
    h_tanh = h_arg
    W_h_T = np.empty((n_h, 4 * n_h), dtype)
    h_at = list(h)
    a_at = list(a)
    mu_a_at = list(mu_a)
    sigma_a_arg_at = list(sigma_a_arg)
    sigma_a_at = list(sigma_a)
    z_at = list(z)
    f_at = list(f)
    z_at2 = list(z[:, :, :n_h])
    half = np.array(0.5, dtype)
    i_at = list(i)
    z_at3 = list(z[:, :, n_h:2 * n_h])
    g_at = list(g)
    z_at4 = list(z[:, :, 3 * n_h:])
    c_at = list(c)
    mu_c_at = list(mu_c)
    sigma_c_arg_at = list(sigma_c_arg)
    sigma_c_at = list(sigma_c)
    o_at = list(o)
    z_at5 = list(z[:, :, 2 * n_h:3 * n_h])
    h_arg_at = list(h_arg)
    h_tanh_at = list(h_tanh)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp9 = np.empty((n_h, T, B), dtype)
    tmp10 = np.empty((4 * n_h, T, B), dtype)
    tmp11 = sigma_c_arg
    ds = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    h_arg_factor = np.empty((T, B, n_h), dtype)
    sigma_c_factor = np.empty((T, B, n_h), dtype)
    mu_c_factor = np.empty((T, B, n_h), dtype)
    c_factor = np.empty((T, B, n_h), dtype)
    z_factor = np.empty((T, B, n_h), dtype)
    z_factor2 = np.empty((T, B, n_h), dtype)
    z_factor3 = o
    z_factor4 = i
    sigma_a_factor = tmp1
    mu_a_factor = np.empty((T, B, 4 * n_h), dtype)
    a_factor = np.empty((T, B, 4 * n_h), dtype)
    sigma_c_arg_factor = yhat_lse
    sigma_a_arg_factor = np.empty((T, B), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dsigma_c = np.empty((B,), dtype)
    dsigma_c_arg = np.empty((B,), dtype)
    dmu_c = np.empty((B,), dtype)
    dc = np.empty((T + 1, B, n_h), dtype)
    dz = np.empty((T, B, 4 * n_h), dtype)
    dsigma_a = np.empty((B,), dtype)
    dmu_a = np.empty((B,), dtype)
    dsigma_a_arg = np.empty((B,), dtype)
    da = np.empty((T, B, 4 * n_h), dtype)
    da_at = list(da)
    dh_at = list(dh)
    dh_arg_at = list(dh_arg)
    h_arg_factor_at = list(h_arg_factor)
    sigma_c_factor_at = list(sigma_c_factor)
    sigma_c_arg_factor_at = list(sigma_c_arg_factor)
    mu_c_factor_at = list(mu_c_factor)
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    dz_at = list(dz[:, :, 3 * n_h:])
    z_factor_at = list(z_factor)
    dz_at2 = list(dz[:, :, 2 * n_h:3 * n_h])
    z_factor2_at = list(z_factor2)
    dz_at3 = list(dz[:, :, n_h:2 * n_h])
    z_factor3_at = list(z_factor3)
    dz_at4 = list(dz[:, :, :n_h])
    z_factor4_at = list(z_factor4)
    dz_at5 = list(dz)
    sigma_a_factor_at = list(sigma_a_factor)
    sigma_a_arg_factor_at = list(sigma_a_arg_factor)
    mu_a_factor_at = list(mu_a_factor)
    a_factor_at = list(a_factor)
    dalpha_3 = np.empty((n_h,), dtype)
    dbeta_3 = np.empty((n_h,), dtype)
    dalpha_1 = np.empty((4 * n_h,), dtype)
    dsigma_u = sigma_a_arg
    dmu_u = mu_a
    dsigma_u_arg = dsigma_u
    du = a
    dalpha_2 = np.empty((4 * n_h,), dtype)
    db = np.empty((4 * n_h,), dtype)
    dbeta_1 = np.empty((4 * n_h,), dtype)
    dbeta_2 = np.empty((4 * n_h,), dtype)
    dW_x = np.empty((4 * n_h, n_x), dtype)
    dW_h = np.empty((4 * n_h, n_h), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, u, mu_u, sigma_a_arg, sigma_u_arg, sigma_u, sigma_c_arg,
        z, h_arg, h, c, a, mu_a, sigma_a, f, i, g, mu_c, sigma_c, o, h_tanh, W_h_T, h_at, a_at, mu_a_at, sigma_a_arg_at,
        sigma_a_at, z_at, f_at, z_at2, half, i_at, z_at3, g_at, z_at4, c_at, mu_c_at, sigma_c_arg_at, sigma_c_at, o_at,
        z_at5, h_arg_at, h_tanh_at, s, yhat_lse, largest, yhat, rows, flat, tmp9, tmp10, tmp11, ds, entries, dd, dV,
        h_arg_factor, sigma_c_factor, mu_c_factor, c_factor, z_factor, z_factor2, z_factor3, z_factor4, sigma_a_factor,
        mu_a_factor, a_factor, sigma_c_arg_factor, sigma_a_arg_factor, dh, dh_arg, dsigma_c, dsigma_c_arg, dmu_c, dc,
        dz, dsigma_a, dmu_a, dsigma_a_arg, da, da_at, dh_at, dh_arg_at, h_arg_factor_at, sigma_c_factor_at,
        sigma_c_arg_factor_at, mu_c_factor_at, dc_at, c_factor_at, dz_at, z_factor_at, dz_at2, z_factor2_at, dz_at3,
        z_factor3_at, dz_at4, z_factor4_at, dz_at5, sigma_a_factor_at, sigma_a_arg_factor_at, mu_a_factor_at,
        a_factor_at, dalpha_3, dbeta_3, dalpha_1, dsigma_u, dmu_u, dsigma_u_arg, du, dalpha_2, db, dbeta_1, dbeta_2,
        dW_x, dW_h,
    )


def _loss_padded_arrays(T, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, 4 * n_h), dtype)
    tmp1 = np.empty((T, B, 4 * n_h), dtype)
    tmp2 = np.empty((B,), dtype)
    tmp3 = np.empty((B, 4 * n_h), dtype)
    tmp4 = np.empty((B, 4 * n_h), dtype)
    tmp5 = np.empty((B, n_h), dtype)
    tmp6 = np.empty((B, n_h), dtype)
    tmp7 = np.empty((T, B, n_y), dtype)
    tmp8 = np.empty((B, T), dtype)
    tmp9 = np.empty((B, T), dtype)
    tmp10 = np.empty((B, T), dtype)
    u = np.empty((T, B, 4 * n_h), dtype)
    mu_u = np.empty((T, B), dtype)
    sigma_a_arg = np.empty((T, B), dtype)
    sigma_u_arg = np.empty((T, B), dtype)
    sigma_u = sigma_u_arg
    sigma_c_arg = np.empty((T, B), dtype)
    z = tmp0
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    a = np.empty((B, 4 * n_h), dtype)
    mu_a = np.empty((B,), dtype)
    sigma_a = np.empty((B,), dtype)
    f = np.empty((B, n_h), dtype)
    i = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    mu_c = np.empty((B,), dtype)
    sigma_c = np.empty((B,), dtype)
    o = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    W_h_T = np.empty((n_h, 4 * n_h), dtype)
    h_at = list(h)
    sigma_a_arg_at = list(sigma_a_arg)
    z_at = list(z)
    z_at2 = list(z[:, :, :n_h])
    half = np.array(0.5, dtype)
    z_at3 = list(z[:, :, n_h:2 * n_h])
    z_at4 = list(z[:, :, 3 * n_h:])
    c_at = list(c)
    sigma_c_arg_at = list(sigma_c_arg)
    z_at5 = list(z[:, :, 2 * n_h:3 * n_h])
    h_arg_at = list(h_arg)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = sigma_a_arg
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, u, mu_u, sigma_a_arg, sigma_u_arg, sigma_u,
        sigma_c_arg, z, h_arg, h, c, a, mu_a, sigma_a, f, i, g, mu_c, sigma_c, o, h_tanh, W_h_T, h_at, sigma_a_arg_at,
        z_at, z_at2, half, z_at3, z_at4, c_at, sigma_c_arg_at, z_at5, h_arg_at, s, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, 4 * n_h), dtype)
    tmp1 = np.empty((T, B, 4 * n_h), dtype)
    tmp2 = np.empty((B,), dtype)
    tmp3 = np.empty((B, 4 * n_h), dtype)
    tmp4 = np.empty((B, 4 * n_h), dtype)
    tmp5 = np.empty((B, n_h), dtype)
    tmp6 = np.empty((B, n_h), dtype)
    tmp7 = np.empty((T, B, n_y), dtype)
    tmp8 = np.empty((B, T), dtype)
    tmp9 = np.empty((B, T), dtype)
    tmp10 = np.empty((B, T), dtype)
    u = np.empty((T, B, 4 * n_h), dtype)
    mu_u = np.empty((T, B), dtype)
    sigma_a_arg = np.empty((T, B), dtype)
    sigma_u_arg = np.empty((T, B), dtype)
    sigma_u = sigma_u_arg
    sigma_c_arg = np.empty((T, B), dtype)
    z = tmp1
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    a = np.empty((T, B, 4 * n_h), dtype)
    mu_a = np.empty((T, B), dtype)
    sigma_a = sigma_a_arg
    f = np.empty((T, B, n_h), dtype)
    i = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    mu_c = np.empty((T, B), dtype)
    sigma_c = sigma_c_arg
    o = np.empty((T, B, n_h), dtype)
    h_tanh = h_arg
    W_h_T = np.empty((n_h, 4 * n_h), dtype)
    h_at = list(h)
    a_at = list(a)
    mu_a_at = list(mu_a)
    sigma_a_arg_at = list(sigma_a_arg)
    sigma_a_at = list(sigma_a)
    z_at = list(z)
    f_at = list(f)
    z_at2 = list(z[:, :, :n_h])
    half = np.array(0.5, dtype)
    i_at = list(i)
    z_at3 = list(z[:, :, n_h:2 * n_h])
    g_at = list(g)
    z_at4 = list(z[:, :, 3 * n_h:])
    c_at = list(c)
    mu_c_at = list(mu_c)
    sigma_c_arg_at = list(sigma_c_arg)
    sigma_c_at = list(sigma_c)
    o_at = list(o)
    z_at5 = list(z[:, :, 2 * n_h:3 * n_h])
    h_arg_at = list(h_arg)
    h_tanh_at = list(h_tanh)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp11 = yhat_lse
    tmp12 = np.empty((n_h, T, B), dtype)
    tmp13 = np.empty((4 * n_h, T, B), dtype)
    tmp14 = sigma_c_arg
    ds = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    h_arg_factor = np.empty((T, B, n_h), dtype)
    sigma_c_factor = np.empty((T, B, n_h), dtype)
    mu_c_factor = np.empty((T, B, n_h), dtype)
    c_factor = np.empty((T, B, n_h), dtype)
    z_factor = np.empty((T, B, n_h), dtype)
    z_factor2 = np.empty((T, B, n_h), dtype)
    z_factor3 = o
    z_factor4 = i
    sigma_a_factor = tmp1
    mu_a_factor = np.empty((T, B, 4 * n_h), dtype)
    a_factor = np.empty((T, B, 4 * n_h), dtype)
    sigma_c_arg_factor = np.empty((T, B), dtype)
    sigma_a_arg_factor = np.empty((T, B), dtype)
    dh = np.empty((T + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dsigma_c = np.empty((B,), dtype)
    dsigma_c_arg = np.empty((B,), dtype)
    dmu_c = np.empty((B,), dtype)
    dc = np.empty((T + 1, B, n_h), dtype)
    dz = np.empty((T, B, 4 * n_h), dtype)
    dsigma_a = np.empty((B,), dtype)
    dmu_a = np.empty((B,), dtype)
    dsigma_a_arg = np.empty((B,), dtype)
    da = np.empty((T, B, 4 * n_h), dtype)
    da_at = list(da)
    dh_at = list(dh)
    dh_arg_at = list(dh_arg)
    h_arg_factor_at = list(h_arg_factor)
    sigma_c_factor_at = list(sigma_c_factor)
    sigma_c_arg_factor_at = list(sigma_c_arg_factor)
    mu_c_factor_at = list(mu_c_factor)
    dc_at = list(dc)
    c_factor_at = list(c_factor)
    dz_at = list(dz[:, :, 3 * n_h:])
    z_factor_at = list(z_factor)
    dz_at2 = list(dz[:, :, 2 * n_h:3 * n_h])
    z_factor2_at = list(z_factor2)
    dz_at3 = list(dz[:, :, n_h:2 * n_h])
    z_factor3_at = list(z_factor3)
    dz_at4 = list(dz[:, :, :n_h])
    z_factor4_at = list(z_factor4)
    dz_at5 = list(dz)
    sigma_a_factor_at = list(sigma_a_factor)
    sigma_a_arg_factor_at = list(sigma_a_arg_factor)
    mu_a_factor_at = list(mu_a_factor)
    a_factor_at = list(a_factor)
    dalpha_3 = np.empty((n_h,), dtype)
    dbeta_3 = np.empty((n_h,), dtype)
    dalpha_1 = np.empty((4 * n_h,), dtype)
    dsigma_u = sigma_a_arg
    dmu_u = mu_a
    dsigma_u_arg = dsigma_u
    du = a
    dalpha_2 = np.empty((4 * n_h,), dtype)
    db = np.empty((4 * n_h,), dtype)
    dbeta_1 = np.empty((4 * n_h,), dtype)
    dbeta_2 = np.empty((4 * n_h,), dtype)
    dW_x = np.empty((4 * n_h, n_x), dtype)
    dW_h = np.empty((4 * n_h, n_h), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, tmp9, tmp10, u, mu_u, sigma_a_arg, sigma_u_arg, sigma_u,
        sigma_c_arg, z, h_arg, h, c, a, mu_a, sigma_a, f, i, g, mu_c, sigma_c, o, h_tanh, W_h_T, h_at, a_at, mu_a_at,
        sigma_a_arg_at, sigma_a_at, z_at, f_at, z_at2, half, i_at, z_at3, g_at, z_at4, c_at, mu_c_at, sigma_c_arg_at,
        sigma_c_at, o_at, z_at5, h_arg_at, h_tanh_at, s, yhat_lse, largest, yhat, tmp11, tmp12, tmp13, tmp14, ds, rows,
        flat, entries, dd, dV, h_arg_factor, sigma_c_factor, mu_c_factor, c_factor, z_factor, z_factor2, z_factor3,
        z_factor4, sigma_a_factor, mu_a_factor, a_factor, sigma_c_arg_factor, sigma_a_arg_factor, dh, dh_arg, dsigma_c,
        dsigma_c_arg, dmu_c, dc, dz, dsigma_a, dmu_a, dsigma_a_arg, da, da_at, dh_at, dh_arg_at, h_arg_factor_at,
        sigma_c_factor_at, sigma_c_arg_factor_at, mu_c_factor_at, dc_at, c_factor_at, dz_at, z_factor_at, dz_at2,
        z_factor2_at, dz_at3, z_factor3_at, dz_at4, z_factor4_at, dz_at5, sigma_a_factor_at, sigma_a_arg_factor_at,
        mu_a_factor_at, a_factor_at, dalpha_3, dbeta_3, dalpha_1, dsigma_u, dmu_u, dsigma_u_arg, du, dalpha_2, db,
        dbeta_1, dbeta_2, dW_x, dW_h,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    c0_kept = np.empty((count, B, n_h), dtype)
    c_left1 = np.empty((B, n_h), dtype)
    h0_kept = np.empty((count, B, n_h), dtype)
    h_left1 = np.empty((B, n_h), dtype)
    dW_h = np.empty((4 * n_h, n_h), dtype)
    dW_x = np.empty((4 * n_h, n_x), dtype)
    db = np.empty((4 * n_h,), dtype)
    dalpha_1 = np.empty((4 * n_h,), dtype)
    dalpha_2 = np.empty((4 * n_h,), dtype)
    dbeta_1 = np.empty((4 * n_h,), dtype)
    dbeta_2 = np.empty((4 * n_h,), dtype)
    dalpha_3 = np.empty((n_h,), dtype)
    dbeta_3 = np.empty((n_h,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dd = np.empty((n_y,), dtype)
    return (
        c0_kept, c_left1, h0_kept, h_left1, dW_h, dW_x, db, dalpha_1, dalpha_2, dbeta_1, dbeta_2, dalpha_3, dbeta_3, dV,
        dd,
    )


def _segment_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, 4 * n_h), dtype)
    tmp1 = np.empty((T, B, 4 * n_h), dtype)
    tmp2 = np.empty((B,), dtype)
    tmp3 = np.empty((B, 4 * n_h), dtype)
    tmp4 = np.empty((B, 4 * n_h), dtype)
    tmp5 = np.empty((B, n_h), dtype)
    tmp6 = np.empty((B, n_h), dtype)
    tmp7 = np.empty((T, B, n_y), dtype)
    tmp8 = np.empty((T, B), dtype)
    u = np.empty((T, B, 4 * n_h), dtype)
    mu_u = np.empty((T, B), dtype)
    sigma_a_arg = np.empty((T, B), dtype)
    sigma_u_arg = np.empty((T, B), dtype)
    sigma_u = sigma_u_arg
    sigma_c_arg = np.empty((T, B), dtype)
    z = tmp1
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    a = np.empty((T, B, 4 * n_h), dtype)
    mu_a = np.empty((T, B), dtype)
    sigma_a = sigma_a_arg
    f = np.empty((T, B, n_h), dtype)
    i = np.empty((T, B, n_h), dtype)
    g = np.empty((T, B, n_h), dtype)
    mu_c = np.empty((T, B), dtype)
    sigma_c = sigma_c_arg
    o = np.empty((T, B, n_h), dtype)
    h_tanh = h_arg
    W_h_T = np.empty((n_h, 4 * n_h), dtype)
    h_at = list(h)
    a_at = list(a)
    mu_a_at = list(mu_a)
    sigma_a_arg_at = list(sigma_a_arg)
    sigma_a_at = list(sigma_a)
    z_at = list(z)
    f_at = list(f)
    z_at2 = list(z[:, :, :n_h])
    half = np.array(0.5, dtype)
    i_at = list(i)
    z_at3 = list(z[:, :, n_h:2 * n_h])
    g_at = list(g)
    z_at4 = list(z[:, :, 3 * n_h:])
    c_at = list(c)
    mu_c_at = list(mu_c)
    sigma_c_arg_at = list(sigma_c_arg)
    sigma_c_at = list(sigma_c)
    o_at = list(o)
    z_at5 = list(z[:, :, 2 * n_h:3 * n_h])
    h_arg_at = list(h_arg)
    h_tanh_at = list(h_tanh)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp9 = np.empty((n_h, T, B), dtype)
    tmp10 = np.empty((4 * n_h, T, B), dtype)
    tmp11 = sigma_c_arg
    ds = s
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    h_arg_factor = np.empty((T, B, n_h), dtype)
    sigma_c_factor = np.empty((T, B, n_h), dtype)
    mu_c_factor = np.empty((T, B, n_h), dtype)
    c_factor = np.empty((T, B, n_h), dtype)
    z_factor = np.empty((T, B, n_h), dtype)
    z_factor2 = np.empty((T, B, n_h), dtype)
    z_factor3 = o
    z_factor4 = i
    sigma_a_factor = tmp1
    mu_a_factor = np.empty((T, B, 4 * n_h), dtype)
    a_factor = np.empty((T, B, 4 * n_h), dtype)
    sigma_c_arg_factor = yhat_lse
    sigma_a_arg_factor = np.empty((T, B), dtype)
    dch = _by_step((2, T + 1, B, n_h), dtype)
    dh_arg = h_arg_factor
    dsigma_c = np.empty((B,), dtype)
    dsigma_c_arg = np.empty((B,), dtype)
    dmu_c = np.empty((B,), dtype)
    dz = np.empty((T, B, 4 * n_h), dtype)
    dsigma_a = np.empty((B,), dtype)
    dmu_a = np.empty((B,), dtype)
    dsigma_a_arg = np.empty((B,), dtype)
    da = np.empty((T, B, 4 * n_h), dtype)
    da_at = list(da)
    dh_at2 = list(dch[1])
    dh_arg_at = list(dh_arg)
    h_arg_factor_at = list(h_arg_factor)
    sigma_c_factor_at = list(sigma_c_factor)
    sigma_c_arg_factor_at = list(sigma_c_arg_factor)
    mu_c_factor_at = list(mu_c_factor)
    dc_at2 = list(dch[0])
    c_factor_at = list(c_factor)
    dz_at = list(dz[:, :, 3 * n_h:])
    z_factor_at = list(z_factor)
    dz_at2 = list(dz[:, :, 2 * n_h:3 * n_h])
    z_factor2_at = list(z_factor2)
    dz_at3 = list(dz[:, :, n_h:2 * n_h])
    z_factor3_at = list(z_factor3)
    dz_at4 = list(dz[:, :, :n_h])
    z_factor4_at = list(z_factor4)
    dz_at5 = list(dz)
    sigma_a_factor_at = list(sigma_a_factor)
    sigma_a_arg_factor_at = list(sigma_a_arg_factor)
    mu_a_factor_at = list(mu_a_factor)
    a_factor_at = list(a_factor)
    dalpha_3 = np.empty((n_h,), dtype)
    dbeta_3 = np.empty((n_h,), dtype)
    dalpha_1 = np.empty((4 * n_h,), dtype)
    dsigma_u = sigma_a_arg
    dmu_u = mu_a
    dsigma_u_arg = dsigma_u
    du = a
    dalpha_2 = np.empty((4 * n_h,), dtype)
    db = np.empty((4 * n_h,), dtype)
    dbeta_1 = np.empty((4 * n_h,), dtype)
    dbeta_2 = np.empty((4 * n_h,), dtype)
    dW_x = np.empty((4 * n_h, n_x), dtype)
    dW_h = np.empty((4 * n_h, n_h), dtype)
    dch0 = np.empty((2, B, n_h), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, u, mu_u, sigma_a_arg, sigma_u_arg, sigma_u, sigma_c_arg,
        z, h_arg, h, c, a, mu_a, sigma_a, f, i, g, mu_c, sigma_c, o, h_tanh, W_h_T, h_at, a_at, mu_a_at, sigma_a_arg_at,
        sigma_a_at, z_at, f_at, z_at2, half, i_at, z_at3, g_at, z_at4, c_at, mu_c_at, sigma_c_arg_at, sigma_c_at, o_at,
        z_at5, h_arg_at, h_tanh_at, s, yhat_lse, largest, rows, flat, tmp9, tmp10, tmp11, ds, entries, dd, dV,
        h_arg_factor, sigma_c_factor, mu_c_factor, c_factor, z_factor, z_factor2, z_factor3, z_factor4, sigma_a_factor,
        mu_a_factor, a_factor, sigma_c_arg_factor, sigma_a_arg_factor, dch, dh_arg, dsigma_c, dsigma_c_arg, dmu_c, dz,
        dsigma_a, dmu_a, dsigma_a_arg, da, da_at, dh_at2, dh_arg_at, h_arg_factor_at, sigma_c_factor_at,
        sigma_c_arg_factor_at, mu_c_factor_at, dc_at2, c_factor_at, dz_at, z_factor_at, dz_at2, z_factor2_at, dz_at3,
        z_factor3_at, dz_at4, z_factor4_at, dz_at5, sigma_a_factor_at, sigma_a_arg_factor_at, mu_a_factor_at,
        a_factor_at, dalpha_3, dbeta_3, dalpha_1, dsigma_u, dmu_u, dsigma_u_arg, du, dalpha_2, db, dbeta_1, dbeta_2,
        dW_x, dW_h, dch0,
    )


def _advance_arrays(T, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((T, B, 4 * n_h), dtype)
    tmp1 = np.empty((T, B, 4 * n_h), dtype)
    tmp2 = np.empty((B,), dtype)
    tmp3 = np.empty((B, 4 * n_h), dtype)
    tmp4 = np.empty((B, 4 * n_h), dtype)
    tmp5 = np.empty((B, n_h), dtype)
    tmp6 = np.empty((B, n_h), dtype)
    u = np.empty((T, B, 4 * n_h), dtype)
    mu_u = np.empty((T, B), dtype)
    sigma_a_arg = np.empty((T, B), dtype)
    sigma_u_arg = np.empty((T, B), dtype)
    sigma_u = sigma_u_arg
    sigma_c_arg = np.empty((T, B), dtype)
    z = tmp0
    h_arg = np.empty((T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    a = np.empty((B, 4 * n_h), dtype)
    mu_a = np.empty((B,), dtype)
    sigma_a = np.empty((B,), dtype)
    f = np.empty((B, n_h), dtype)
    i = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    mu_c = np.empty((B,), dtype)
    sigma_c = np.empty((B,), dtype)
    o = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    W_h_T = np.empty((n_h, 4 * n_h), dtype)
    h_at = list(h)
    sigma_a_arg_at = list(sigma_a_arg)
    z_at = list(z)
    z_at2 = list(z[:, :, :n_h])
    half = np.array(0.5, dtype)
    z_at3 = list(z[:, :, n_h:2 * n_h])
    z_at4 = list(z[:, :, 3 * n_h:])
    c_at = list(c)
    sigma_c_arg_at = list(sigma_c_arg)
    z_at5 = list(z[:, :, 2 * n_h:3 * n_h])
    h_arg_at = list(h_arg)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, u, mu_u, sigma_a_arg, sigma_u_arg, sigma_u, sigma_c_arg, z, h_arg, h,
        c, a, mu_a, sigma_a, f, i, g, mu_c, sigma_c, o, h_tanh, W_h_T, h_at, sigma_a_arg_at, z_at, z_at2, half, z_at3,
        z_at4, c_at, sigma_c_arg_at, z_at5, h_arg_at,
    )


def _arguments(params, x, y, eps, h0, c0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_x")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[:, None]
    eps = _real("eps", eps, dtype)
    _expect("eps", eps, (), ())
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_h")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_h")
        if single:
            c0 = c0[None]
    return params, x, y, eps, h0, c0, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    a = _real("forward.a", forward.a, dtype)
    u = _real("forward.u", forward.u, dtype)
    mu_a = _real("forward.mu_a", forward.mu_a, dtype)
    mu_u = _real("forward.mu_u", forward.mu_u, dtype)
    mu_c = _real("forward.mu_c", forward.mu_c, dtype)
    sigma_a = _real("forward.sigma_a", forward.sigma_a, dtype)
    sigma_u = _real("forward.sigma_u", forward.sigma_u, dtype)
    sigma_c = _real("forward.sigma_c", forward.sigma_c, dtype)
    f = _real("forward.f", forward.f, dtype)
    i = _real("forward.i", forward.i, dtype)
    o = _real("forward.o", forward.o, dtype)
    g = _real("forward.g", forward.g, dtype)
    c = _real("forward.c", forward.c, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_x")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.a", a, (T, *batch_axis, 4 * n_h), ("T", "B", "4*n_h"), "T and B from x, n_h from W_h")
    _expect("forward.u", u, (T, *batch_axis, 4 * n_h), ("T", "B", "4*n_h"), "T and B from x, n_h from W_h")
    _expect("forward.mu_a", mu_a, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.mu_u", mu_u, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.mu_c", mu_c, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.sigma_a", sigma_a, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.sigma_u", sigma_u, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.sigma_c", sigma_c, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_h")
    _expect("forward.i", i, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_h")
    _expect("forward.o", o, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_h")
    _expect("forward.g", g, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_h")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_h")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_h")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        a = a[:, None]
        u = u[:, None]
        mu_a = mu_a[:, None]
        mu_u = mu_u[:, None]
        mu_c = mu_c[:, None]
        sigma_a = sigma_a[:, None]
        sigma_u = sigma_u[:, None]
        sigma_c = sigma_c[:, None]
        f = f[:, None]
        i = i[:, None]
        o = o[:, None]
        g = g[:, None]
        c = c[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    return (
        params, x, y, a, u, mu_a, mu_u, mu_c, sigma_a, sigma_u, sigma_c, f, i, o, g, c, h, yhat, dtype, single, n_h,
        n_x, n_y, T, B,
    )


def _initial_arguments(params, h0, c0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_h")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_h")
        if single:
            c0 = c0[None]
    return params, h0, c0, dtype, single, n_h, n_x, n_y, B


def _step_arguments(params, state, x, eps):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    c_prev = _real("state.c", state.c, dtype)
    h_prev = _real("state.h", state.h, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from W_x")
    _expect("state.c", c_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_h")
    _expect("state.h", h_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_h")
    if single:
        x = x[None]
        c_prev = c_prev[None]
        h_prev = h_prev[None]
    eps = _real("eps", eps, dtype)
    _expect("eps", eps, (), ())
    return params, x, eps, c_prev, h_prev, dtype, single, n_h, n_x, n_y, B


def _padded_arguments(params, x, y, eps, h0, c0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_x")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        if single:
            y = y[:, None]
    eps = _real("eps", eps, dtype)
    _expect("eps", eps, (), ())
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_h")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_h")
        if single:
            c0 = c0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, eps, h0, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    a = _real("forward.a", forward.a, dtype)
    u = _real("forward.u", forward.u, dtype)
    mu_a = _real("forward.mu_a", forward.mu_a, dtype)
    mu_u = _real("forward.mu_u", forward.mu_u, dtype)
    mu_c = _real("forward.mu_c", forward.mu_c, dtype)
    sigma_a = _real("forward.sigma_a", forward.sigma_a, dtype)
    sigma_u = _real("forward.sigma_u", forward.sigma_u, dtype)
    sigma_c = _real("forward.sigma_c", forward.sigma_c, dtype)
    f = _real("forward.f", forward.f, dtype)
    i = _real("forward.i", forward.i, dtype)
    o = _real("forward.o", forward.o, dtype)
    g = _real("forward.g", forward.g, dtype)
    c = _real("forward.c", forward.c, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_x")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.a", a, (T, *batch_axis, 4 * n_h), ("T", "B", "4*n_h"), "T and B from x, n_h from W_h")
    _expect("forward.u", u, (T, *batch_axis, 4 * n_h), ("T", "B", "4*n_h"), "T and B from x, n_h from W_h")
    _expect("forward.mu_a", mu_a, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.mu_u", mu_u, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.mu_c", mu_c, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.sigma_a", sigma_a, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.sigma_u", sigma_u, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.sigma_c", sigma_c, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_h")
    _expect("forward.i", i, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_h")
    _expect("forward.o", o, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_h")
    _expect("forward.g", g, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_h")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_h")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_h")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[:, None]
        a = a[:, None]
        u = u[:, None]
        mu_a = mu_a[:, None]
        mu_u = mu_u[:, None]
        mu_c = mu_c[:, None]
        sigma_a = sigma_a[:, None]
        sigma_u = sigma_u[:, None]
        sigma_c = sigma_c[:, None]
        f = f[:, None]
        i = i[:, None]
        o = o[:, None]
        g = g[:, None]
        c = c[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return (
        params, x, y, a, u, mu_a, mu_u, mu_c, sigma_a, sigma_u, sigma_c, f, i, o, g, c, h, yhat, dtype, single, n_h,
        n_x, n_y, T, B, len_T, T_own,
    )


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params
    _rank("W_h", W_h, ("4*n_h", "n_h"))
    n_h = W_h.shape[1]
    _rank("W_x", W_x, ("4*n_h", "n_x"))
    n_x = W_x.shape[1]
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("W_h", W_h, (4 * n_h, n_h), ("4*n_h", "n_h"))
    _expect("W_x", W_x, (4 * n_h, n_x), ("4*n_h", "n_x"), "n_h from W_h")
    _expect("b", b, (4 * n_h,), ("4*n_h",), "n_h from W_h")
    _expect("alpha_1", alpha_1, (4 * n_h,), ("4*n_h",), "n_h from W_h")
    _expect("alpha_2", alpha_2, (4 * n_h,), ("4*n_h",), "n_h from W_h")
    _expect("beta_1", beta_1, (4 * n_h,), ("4*n_h",), "n_h from W_h")
    _expect("beta_2", beta_2, (4 * n_h,), ("4*n_h",), "n_h from W_h")
    _expect("alpha_3", alpha_3, (n_h,), ("n_h",), "n_h from W_h")
    _expect("beta_3", beta_3, (n_h,), ("n_h",), "n_h from W_h")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from W_h")
    _expect("d", d, (n_y,), ("n_y",), "n_y from V")
    return params, dtype, n_h, n_x, n_y


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
