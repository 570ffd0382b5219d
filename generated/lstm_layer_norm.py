# Written by derive from lstm_layer_norm.eq; do not edit.
# Change lstm_layer_norm.eq instead, and run: derive generate lstm_layer_norm
# source 6d068aaf4261eede, derive e116e7411edaf54b, body ece4d26d4fc87136
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
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if lengths is not None:
        return _forward_padded(params, x, y, eps, h0, c0, lengths)
    params, x, y, eps, h0, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, eps, h0, c0)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params

    # u[t] = W_x @ x[t]
    u = (x.reshape(-1, n_x) @ W_x.T).reshape(T, B, 4 * n_h)
    # mu_u[t] = mean(u[t])
    mu_u = 0.25 / n_h * u.sum(axis=2)
    sigma_a_arg = np.empty((T, B), dtype)
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg[...] = eps
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    sigma_u_arg = 0.25 / n_h * ((u - mu_u[:, :, None])**2).sum(axis=2)
    sigma_u_arg += eps
    # sigma_u[t] = deviation(u[t], mu_u[t])
    sigma_u = np.sqrt(sigma_u_arg)
    sigma_c_arg = np.empty((T, B), dtype)
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg[...] = eps
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    z = (1 / sigma_u)[:, :, None] * alpha_2 * (u - mu_u[:, :, None])
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
    for t in range(1, T + 1):
        # a[t] = W_h @ h[t-1]
        a[t - 1] = h[t - 1] @ W_h.T
        # mu_a[t] = mean(a[t])
        mu_a[t - 1] = 0.25 / n_h * a[t - 1].sum(axis=1)
        # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
        sigma_a_arg[t - 1] += 0.25 / n_h * ((a[t - 1] - mu_a[t - 1][:, None])**2).sum(axis=1)
        # sigma_a[t] = deviation(a[t], mu_a[t])
        np.sqrt(sigma_a_arg[t - 1], out=sigma_a[t - 1])
        # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
        #     beta_2 + b
        z[t - 1] += (1 / sigma_a[t - 1])[:, None] * alpha_1 * (a[t - 1] - mu_a[t - 1][:, None])
        # f[t] = sigmoid(z[t, :n_h])
        f[t - 1] = _sigmoid(z[t - 1, :, :n_h])
        # i[t] = sigmoid(z[t, n_h:2*n_h])
        i[t - 1] = _sigmoid(z[t - 1, :, n_h:2 * n_h])
        # g[t] = tanh(z[t, 3*n_h:])
        np.tanh(z[t - 1, :, 3 * n_h:], out=g[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        c[t] = c[t - 1] * f[t - 1]
        c[t] += g[t - 1] * i[t - 1]
        # mu_c[t] = mean(c[t])
        mu_c[t - 1] = c[t].sum(axis=1) / n_h
        # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
        sigma_c_arg[t - 1] += ((c[t] - mu_c[t - 1][:, None])**2).sum(axis=1) / n_h
        # sigma_c[t] = deviation(c[t], mu_c[t])
        np.sqrt(sigma_c_arg[t - 1], out=sigma_c[t - 1])
        # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
        o[t - 1] = _sigmoid(z[t - 1, :, 2 * n_h:3 * n_h])
        # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
        h_arg[t - 1] += (1 / sigma_c[t - 1])[:, None] * alpha_3 * (c[t] - mu_c[t - 1][:, None])
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg[t - 1], out=h_tanh)
        # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
        h[t] = h_tanh * o[t - 1]
    # s[t] = d + V @ h[t]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    if y is not None:
        # loss = sum(-log(yhat[t, y[t]]), t)
        loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
        loss += yhat_lse.sum()
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
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  the class to predict at each step
    eps      number       real        keeps the variance from 0
    h0       (B, n_h)     real        h[0]; 0 where not given
    c0       (B, n_h)     real        c[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if lengths is not None:
        return _loss_padded(params, x, y, eps, h0, c0, lengths)
    params, x, y, eps, h0, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, eps, h0, c0, whole=True)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params

    # u[t] = W_x @ x[t]
    u = (x.reshape(-1, n_x) @ W_x.T).reshape(T, B, 4 * n_h)
    # mu_u[t] = mean(u[t])
    mu_u = 0.25 / n_h * u.sum(axis=2)
    sigma_a_arg = np.empty((T, B), dtype)
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg[...] = eps
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    sigma_u_arg = 0.25 / n_h * ((u - mu_u[:, :, None])**2).sum(axis=2)
    sigma_u_arg += eps
    # sigma_u[t] = deviation(u[t], mu_u[t])
    sigma_u = np.sqrt(sigma_u_arg)
    sigma_c_arg = np.empty((T, B), dtype)
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg[...] = eps
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    z = (1 / sigma_u)[:, :, None] * alpha_2 * (u - mu_u[:, :, None])
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
    for t in range(1, T + 1):
        # a[t] = W_h @ h[t-1]
        a[...] = h[t - 1] @ W_h.T
        # mu_a[t] = mean(a[t])
        mu_a[...] = 0.25 / n_h * a.sum(axis=1)
        # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
        sigma_a_arg[t - 1] += 0.25 / n_h * ((a - mu_a[:, None])**2).sum(axis=1)
        # sigma_a[t] = deviation(a[t], mu_a[t])
        np.sqrt(sigma_a_arg[t - 1], out=sigma_a)
        # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
        #     beta_2 + b
        z[t - 1] += (1 / sigma_a)[:, None] * alpha_1 * (a - mu_a[:, None])
        # f[t] = sigmoid(z[t, :n_h])
        f[...] = _sigmoid(z[t - 1, :, :n_h])
        # i[t] = sigmoid(z[t, n_h:2*n_h])
        i[...] = _sigmoid(z[t - 1, :, n_h:2 * n_h])
        # g[t] = tanh(z[t, 3*n_h:])
        np.tanh(z[t - 1, :, 3 * n_h:], out=g)
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        c[t] = c[t - 1] * f
        c[t] += g * i
        # mu_c[t] = mean(c[t])
        mu_c[...] = c[t].sum(axis=1) / n_h
        # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
        sigma_c_arg[t - 1] += ((c[t] - mu_c[:, None])**2).sum(axis=1) / n_h
        # sigma_c[t] = deviation(c[t], mu_c[t])
        np.sqrt(sigma_c_arg[t - 1], out=sigma_c)
        # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
        o[...] = _sigmoid(z[t - 1, :, 2 * n_h:3 * n_h])
        # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
        h_arg[t - 1] += (1 / sigma_c)[:, None] * alpha_3 * (c[t] - mu_c[:, None])
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg[t - 1], out=h_tanh)
        # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
        h[t] = h_tanh * o
    # s[t] = d + V @ h[t]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()

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
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x        (T, B, n_x)  real               what is read at each step
    y        (T, B)       0..n_y - 1         the class to predict at each step
    eps      number       real               keeps the variance from 0
    h0       (B, n_h)     real               h[0]; 0 where not given
    c0       (B, n_h)     real               c[0]; 0 where not given
    state                 State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0 = _resumed(state, ("h", "c"), (("h0", h0), ("c0", c0)))
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, eps, h0, c0, lengths, wrt, window)
    params, x, y, eps, h0, c0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, eps, h0, c0, whole=True)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params
    wrt = _asked(wrt, ("x", "h0", "c0"))

    # u[t] = W_x @ x[t]
    u = (x.reshape(-1, n_x) @ W_x.T).reshape(T, B, 4 * n_h)
    # mu_u[t] = mean(u[t])
    mu_u = 0.25 / n_h * u.sum(axis=2)
    sigma_a_arg = np.empty((T, B), dtype)
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg[...] = eps
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    sigma_u_arg = 0.25 / n_h * ((u - mu_u[:, :, None])**2).sum(axis=2)
    sigma_u_arg += eps
    # sigma_u[t] = deviation(u[t], mu_u[t])
    sigma_u = np.sqrt(sigma_u_arg)
    sigma_c_arg = np.empty((T, B), dtype)
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg[...] = eps
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    z = (1 / sigma_u)[:, :, None] * alpha_2 * (u - mu_u[:, :, None])
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
    h_tanh = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # a[t] = W_h @ h[t-1]
        a[t - 1] = h[t - 1] @ W_h.T
        # mu_a[t] = mean(a[t])
        mu_a[t - 1] = 0.25 / n_h * a[t - 1].sum(axis=1)
        # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
        sigma_a_arg[t - 1] += 0.25 / n_h * ((a[t - 1] - mu_a[t - 1][:, None])**2).sum(axis=1)
        # sigma_a[t] = deviation(a[t], mu_a[t])
        np.sqrt(sigma_a_arg[t - 1], out=sigma_a[t - 1])
        # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
        #     beta_2 + b
        z[t - 1] += (1 / sigma_a[t - 1])[:, None] * alpha_1 * (a[t - 1] - mu_a[t - 1][:, None])
        # f[t] = sigmoid(z[t, :n_h])
        f[t - 1] = _sigmoid(z[t - 1, :, :n_h])
        # i[t] = sigmoid(z[t, n_h:2*n_h])
        i[t - 1] = _sigmoid(z[t - 1, :, n_h:2 * n_h])
        # g[t] = tanh(z[t, 3*n_h:])
        np.tanh(z[t - 1, :, 3 * n_h:], out=g[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        c[t] = c[t - 1] * f[t - 1]
        c[t] += g[t - 1] * i[t - 1]
        # mu_c[t] = mean(c[t])
        mu_c[t - 1] = c[t].sum(axis=1) / n_h
        # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
        sigma_c_arg[t - 1] += ((c[t] - mu_c[t - 1][:, None])**2).sum(axis=1) / n_h
        # sigma_c[t] = deviation(c[t], mu_c[t])
        np.sqrt(sigma_c_arg[t - 1], out=sigma_c[t - 1])
        # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
        o[t - 1] = _sigmoid(z[t - 1, :, 2 * n_h:3 * n_h])
        # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
        h_arg[t - 1] += (1 / sigma_c[t - 1])[:, None] * alpha_3 * (c[t] - mu_c[t - 1][:, None])
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg[t - 1], out=h_tanh[t - 1])
        # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
        h[t] = h_tanh[t - 1] * o[t - 1]
    # s[t] = d + V @ h[t]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dh = np.empty((T + 1, B, n_h), dtype)
    # grad(h[t]) = W_h.T @ grad(a[t+1]) + V.T @ grad(s[t]), t < T
    dh[1:] = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    dh_arg = np.empty((T, B, n_h), dtype)
    dsigma_c = np.empty((B,), dtype)
    dsigma_c_arg = np.empty((B,), dtype)
    dmu_c = np.empty((B,), dtype)
    dc = np.empty((T + 1, B, n_h), dtype)
    dz = np.empty((T, B, 4 * n_h), dtype)
    dsigma_a = np.empty((B,), dtype)
    dmu_a = np.empty((B,), dtype)
    dsigma_a_arg = np.empty((B,), dtype)
    da = np.empty((T, B, 4 * n_h), dtype)
    # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
    dh_arg[T - 1] = dh[T] * o[T - 1] * (1 - h_tanh[T - 1]**2)
    # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
    dsigma_c[...] = -((1 / sigma_c[T - 1]**2)[:, None] * dh_arg[T - 1] * (c[T] - mu_c[T - 1][:, None])) @ alpha_3
    # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
    dsigma_c_arg[...] = 0.5 * dsigma_c / sigma_c[T - 1]
    # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
    #     grad(h.arg[t])) / sigma_c[t]
    dmu_c[...] = (-2 * c[T] + 2 * mu_c[T - 1][:, None]).sum(axis=1) * dsigma_c_arg / n_h
    dmu_c -= alpha_3 @ ((1 / sigma_c[T - 1])[:, None] * dh_arg[T - 1]).T
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + alpha_3 * grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) *
    #     (2 * c[t] - 2 * mu_c[t]) / n_h + grad(mu_c[t]) / n_h, t < T
    dc[T] = (dmu_c / n_h)[:, None]
    dc[T] += dsigma_c_arg[:, None] * (-2 * mu_c[T - 1][:, None] + 2 * c[T]) / n_h
    dc[T] += (1 / sigma_c[T - 1])[:, None] * alpha_3 * dh_arg[T - 1]
    # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
    dz[T - 1, :, 3 * n_h:] = dc[T] * i[T - 1] * (1 - g[T - 1]**2)
    dz[T - 1, :, 2 * n_h:3 * n_h] = dh[T] * h_tanh[T - 1] * o[T - 1] * (1 - o[T - 1])
    dz[T - 1, :, n_h:2 * n_h] = dc[T] * g[T - 1] * i[T - 1] * (1 - i[T - 1])
    dz[T - 1, :, :n_h] = c[T - 1] * dc[T] * f[T - 1] * (1 - f[T - 1])
    # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
    dsigma_a[...] = -((1 / sigma_a[T - 1]**2)[:, None] * dz[T - 1] * (a[T - 1] - mu_a[T - 1][:, None])) @ alpha_1
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    dmu_a[...] = -alpha_1 @ ((1 / sigma_a[T - 1])[:, None] * dz[T - 1]).T
    # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
    dsigma_a_arg[...] = 0.5 * dsigma_a / sigma_a[T - 1]
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    dmu_a += 0.25 / n_h * ((-2 * a[T - 1] + 2 * mu_a[T - 1][:, None]).sum(axis=1) * dsigma_a_arg)
    # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
    #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
    da[T - 1] = (0.25 * dmu_a / n_h)[:, None]
    da[T - 1] += (1 / sigma_a[T - 1])[:, None] * alpha_1 * dz[T - 1]
    da[T - 1] += 0.25 * dsigma_a_arg[:, None] * (-2 * mu_a[T - 1][:, None] + 2 * a[T - 1]) / n_h
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = W_h.T @ grad(a[t+1]) + V.T @ grad(s[t]), t < T
        dh[t] += da[t] @ W_h
        # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
        dh_arg[t - 1] = dh[t] * o[t - 1] * (1 - h_tanh[t - 1]**2)
        # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
        dsigma_c[...] = -((1 / sigma_c[t - 1]**2)[:, None] * dh_arg[t - 1] * (c[t] - mu_c[t - 1][:, None])) @ alpha_3
        # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
        dsigma_c_arg[...] = 0.5 * dsigma_c / sigma_c[t - 1]
        # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
        #     grad(h.arg[t])) / sigma_c[t]
        dmu_c[...] = (-2 * c[t] + 2 * mu_c[t - 1][:, None]).sum(axis=1) * dsigma_c_arg / n_h
        dmu_c -= alpha_3 @ ((1 / sigma_c[t - 1])[:, None] * dh_arg[t - 1]).T
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + alpha_3 * grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) *
        #     (2 * c[t] - 2 * mu_c[t]) / n_h + grad(mu_c[t]) / n_h, t < T
        dc[t] = (dmu_c / n_h)[:, None]
        dc[t] += dsigma_c_arg[:, None] * (-2 * mu_c[t - 1][:, None] + 2 * c[t]) / n_h
        dc[t] += (1 / sigma_c[t - 1])[:, None] * alpha_3 * dh_arg[t - 1]
        dc[t] += dc[t + 1] * f[t]
        # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
        dz[t - 1, :, 3 * n_h:] = dc[t] * i[t - 1] * (1 - g[t - 1]**2)
        dz[t - 1, :, 2 * n_h:3 * n_h] = dh[t] * h_tanh[t - 1] * o[t - 1] * (1 - o[t - 1])
        dz[t - 1, :, n_h:2 * n_h] = dc[t] * g[t - 1] * i[t - 1] * (1 - i[t - 1])
        dz[t - 1, :, :n_h] = c[t - 1] * dc[t] * f[t - 1] * (1 - f[t - 1])
        # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
        dsigma_a[...] = -((1 / sigma_a[t - 1]**2)[:, None] * dz[t - 1] * (a[t - 1] - mu_a[t - 1][:, None])) @ alpha_1
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        dmu_a[...] = -alpha_1 @ ((1 / sigma_a[t - 1])[:, None] * dz[t - 1]).T
        # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
        dsigma_a_arg[...] = 0.5 * dsigma_a / sigma_a[t - 1]
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        dmu_a += 0.25 / n_h * ((-2 * a[t - 1] + 2 * mu_a[t - 1][:, None]).sum(axis=1) * dsigma_a_arg)
        # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
        #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
        da[t - 1] = (0.25 * dmu_a / n_h)[:, None]
        da[t - 1] += (1 / sigma_a[t - 1])[:, None] * alpha_1 * dz[t - 1]
        da[t - 1] += 0.25 * dsigma_a_arg[:, None] * (-2 * mu_a[t - 1][:, None] + 2 * a[t - 1]) / n_h
    # grad(alpha_3) = sum((c[t] - mu_c[t]) * grad(h.arg[t]) / sigma_c[t], t)
    dalpha_3 = (dh_arg.transpose(2, 0, 1) * (c[1:].transpose(2, 0, 1) - mu_c)).reshape(n_h, -1) @ (1 / sigma_c).reshape(-1)
    # grad(beta_3) = sum(grad(h.arg[t]), t)
    dbeta_3 = dh_arg.sum(axis=(0, 1))
    # grad(alpha_1) = sum((a[t] - mu_a[t]) * grad(z[t]) / sigma_a[t], t)
    dalpha_1 = (dz.transpose(2, 0, 1) * (a.transpose(2, 0, 1) - mu_a)).reshape(4 * n_h, -1) @ (1 / sigma_a).reshape(-1)
    # grad(sigma_u[t]) = -sum(alpha_2 * (u[t] - mu_u[t]) * grad(z[t])) / sigma_u[t]**2
    dsigma_u = -(alpha_2 * dz * (u - mu_u[:, :, None])).sum(axis=2) / sigma_u**2
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    dmu_u = -(alpha_2 * dz).sum(axis=2) / sigma_u
    # grad(sigma_u.arg[t]) = grad(sigma_u[t]) / (2 * sigma_u[t])
    dsigma_u_arg = 0.5 * dsigma_u / sigma_u
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    dmu_u += 0.25 / n_h * ((-2 * u + 2 * mu_u[:, :, None]).sum(axis=2) * dsigma_u_arg)
    du = np.empty((T, B, 4 * n_h), dtype)
    # grad(u[t]) = alpha_2 * grad(z[t]) / sigma_u[t] + grad(sigma_u.arg[t]) * (2 * u[t] - 2 * mu_u[t]) /
    #     (4 * n_h) + grad(mu_u[t]) / (4 * n_h)
    du[...] = (0.25 * dmu_u / n_h)[:, :, None]
    du += (1 / sigma_u)[:, :, None] * alpha_2 * dz
    du += 0.25 * dsigma_u_arg[:, :, None] * (-2 * mu_u[:, :, None] + 2 * u) / n_h
    # grad(alpha_2) = sum((u[t] - mu_u[t]) * grad(z[t]) / sigma_u[t], t)
    dalpha_2 = (dz.transpose(2, 0, 1) * (u.transpose(2, 0, 1) - mu_u)).reshape(4 * n_h, -1) @ (1 / sigma_u).reshape(-1)
    # grad(b) = sum(grad(z[t]), t)
    db = dz.sum(axis=(0, 1))
    # grad(beta_1) = sum(grad(z[t]), t)
    dbeta_1 = dz.sum(axis=(0, 1))
    # grad(beta_2) = sum(grad(z[t]), t)
    dbeta_2 = dz.sum(axis=(0, 1))
    # grad(W_x) = sum(outer(grad(u[t]), x[t]), t)
    dW_x = du.reshape(-1, 4 * n_h).T @ x.reshape(-1, n_x)
    # grad(W_h) = sum(outer(grad(a[t]), h[t-1]), t)
    dW_h = da.reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)
    if "c0" in wrt:
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + alpha_3 * grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) *
        #     (2 * c[t] - 2 * mu_c[t]) / n_h + grad(mu_c[t]) / n_h, t < T
        dc[:1] = dc[1:2] * f[:1]
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    if "x" in wrt:
        # grad(x[t]) = W_x.T @ grad(u[t])
        dx = (du.reshape(-1, 4 * n_h) @ W_x).reshape(T, B, n_x)
    if "h0" in wrt:
        # grad(h[0]) = W_h.T @ grad(a[1])
        dh[0] = da[0] @ W_h
        # grad(h.0) = grad(h[0])
        dh0 = dh[0].copy()

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
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all where not given
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

    # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
    h_arg = (1 / sigma_c)[:, :, None] * alpha_3 * (c[1:] - mu_c[:, :, None])
    h_arg += beta_3
    # h.tanh[t] = tanh(h.arg[t])
    h_tanh = np.tanh(h_arg)
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    # grad(h[t]) = W_h.T @ grad(a[t+1]) + V.T @ grad(s[t]), t < T
    dh = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
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
    dh_arg[T - 1] = dh[T - 1] * o[T - 1] * (1 - h_tanh[T - 1]**2)
    # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
    dsigma_c[...] = -((1 / sigma_c[T - 1]**2)[:, None] * dh_arg[T - 1] * (c[T] - mu_c[T - 1][:, None])) @ alpha_3
    # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
    dsigma_c_arg[...] = 0.5 * dsigma_c / sigma_c[T - 1]
    # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
    #     grad(h.arg[t])) / sigma_c[t]
    dmu_c[...] = (-2 * c[T] + 2 * mu_c[T - 1][:, None]).sum(axis=1) * dsigma_c_arg / n_h
    dmu_c -= alpha_3 @ ((1 / sigma_c[T - 1])[:, None] * dh_arg[T - 1]).T
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + alpha_3 * grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) *
    #     (2 * c[t] - 2 * mu_c[t]) / n_h + grad(mu_c[t]) / n_h, t < T
    dc[T - 1] = (dmu_c / n_h)[:, None]
    dc[T - 1] += dsigma_c_arg[:, None] * (-2 * mu_c[T - 1][:, None] + 2 * c[T]) / n_h
    dc[T - 1] += (1 / sigma_c[T - 1])[:, None] * alpha_3 * dh_arg[T - 1]
    # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
    dz[T - 1, :, 3 * n_h:] = dc[T - 1] * i[T - 1] * (1 - g[T - 1]**2)
    dz[T - 1, :, 2 * n_h:3 * n_h] = dh[T - 1] * h_tanh[T - 1] * o[T - 1] * (1 - o[T - 1])
    dz[T - 1, :, n_h:2 * n_h] = dc[T - 1] * g[T - 1] * i[T - 1] * (1 - i[T - 1])
    dz[T - 1, :, :n_h] = c[T - 1] * dc[T - 1] * f[T - 1] * (1 - f[T - 1])
    # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
    dsigma_a[...] = -((1 / sigma_a[T - 1]**2)[:, None] * dz[T - 1] * (a[T - 1] - mu_a[T - 1][:, None])) @ alpha_1
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    dmu_a[...] = -alpha_1 @ ((1 / sigma_a[T - 1])[:, None] * dz[T - 1]).T
    # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
    dsigma_a_arg[...] = 0.5 * dsigma_a / sigma_a[T - 1]
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    dmu_a += 0.25 / n_h * ((-2 * a[T - 1] + 2 * mu_a[T - 1][:, None]).sum(axis=1) * dsigma_a_arg)
    # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
    #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
    da[T - 1] = (0.25 * dmu_a / n_h)[:, None]
    da[T - 1] += (1 / sigma_a[T - 1])[:, None] * alpha_1 * dz[T - 1]
    da[T - 1] += 0.25 * dsigma_a_arg[:, None] * (-2 * mu_a[T - 1][:, None] + 2 * a[T - 1]) / n_h
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = W_h.T @ grad(a[t+1]) + V.T @ grad(s[t]), t < T
        dh[t - 1] += da[t] @ W_h
        # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
        dh_arg[t - 1] = dh[t - 1] * o[t - 1] * (1 - h_tanh[t - 1]**2)
        # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
        dsigma_c[...] = -((1 / sigma_c[t - 1]**2)[:, None] * dh_arg[t - 1] * (c[t] - mu_c[t - 1][:, None])) @ alpha_3
        # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
        dsigma_c_arg[...] = 0.5 * dsigma_c / sigma_c[t - 1]
        # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
        #     grad(h.arg[t])) / sigma_c[t]
        dmu_c[...] = (-2 * c[t] + 2 * mu_c[t - 1][:, None]).sum(axis=1) * dsigma_c_arg / n_h
        dmu_c -= alpha_3 @ ((1 / sigma_c[t - 1])[:, None] * dh_arg[t - 1]).T
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + alpha_3 * grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) *
        #     (2 * c[t] - 2 * mu_c[t]) / n_h + grad(mu_c[t]) / n_h, t < T
        dc[t - 1] = (dmu_c / n_h)[:, None]
        dc[t - 1] += dsigma_c_arg[:, None] * (-2 * mu_c[t - 1][:, None] + 2 * c[t]) / n_h
        dc[t - 1] += (1 / sigma_c[t - 1])[:, None] * alpha_3 * dh_arg[t - 1]
        dc[t - 1] += dc[t] * f[t]
        # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
        dz[t - 1, :, 3 * n_h:] = dc[t - 1] * i[t - 1] * (1 - g[t - 1]**2)
        dz[t - 1, :, 2 * n_h:3 * n_h] = dh[t - 1] * h_tanh[t - 1] * o[t - 1] * (1 - o[t - 1])
        dz[t - 1, :, n_h:2 * n_h] = dc[t - 1] * g[t - 1] * i[t - 1] * (1 - i[t - 1])
        dz[t - 1, :, :n_h] = c[t - 1] * dc[t - 1] * f[t - 1] * (1 - f[t - 1])
        # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
        dsigma_a[...] = -((1 / sigma_a[t - 1]**2)[:, None] * dz[t - 1] * (a[t - 1] - mu_a[t - 1][:, None])) @ alpha_1
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        dmu_a[...] = -alpha_1 @ ((1 / sigma_a[t - 1])[:, None] * dz[t - 1]).T
        # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
        dsigma_a_arg[...] = 0.5 * dsigma_a / sigma_a[t - 1]
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        dmu_a += 0.25 / n_h * ((-2 * a[t - 1] + 2 * mu_a[t - 1][:, None]).sum(axis=1) * dsigma_a_arg)
        # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
        #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
        da[t - 1] = (0.25 * dmu_a / n_h)[:, None]
        da[t - 1] += (1 / sigma_a[t - 1])[:, None] * alpha_1 * dz[t - 1]
        da[t - 1] += 0.25 * dsigma_a_arg[:, None] * (-2 * mu_a[t - 1][:, None] + 2 * a[t - 1]) / n_h
    # grad(alpha_3) = sum((c[t] - mu_c[t]) * grad(h.arg[t]) / sigma_c[t], t)
    dalpha_3 = (dh_arg.transpose(2, 0, 1) * (c[1:].transpose(2, 0, 1) - mu_c)).reshape(n_h, -1) @ (1 / sigma_c).reshape(-1)
    # grad(beta_3) = sum(grad(h.arg[t]), t)
    dbeta_3 = dh_arg.sum(axis=(0, 1))
    # grad(alpha_1) = sum((a[t] - mu_a[t]) * grad(z[t]) / sigma_a[t], t)
    dalpha_1 = (dz.transpose(2, 0, 1) * (a.transpose(2, 0, 1) - mu_a)).reshape(4 * n_h, -1) @ (1 / sigma_a).reshape(-1)
    # grad(sigma_u[t]) = -sum(alpha_2 * (u[t] - mu_u[t]) * grad(z[t])) / sigma_u[t]**2
    dsigma_u = -(alpha_2 * dz * (u - mu_u[:, :, None])).sum(axis=2) / sigma_u**2
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    dmu_u = -(alpha_2 * dz).sum(axis=2) / sigma_u
    # grad(sigma_u.arg[t]) = grad(sigma_u[t]) / (2 * sigma_u[t])
    dsigma_u_arg = 0.5 * dsigma_u / sigma_u
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    dmu_u += 0.25 / n_h * ((-2 * u + 2 * mu_u[:, :, None]).sum(axis=2) * dsigma_u_arg)
    du = np.empty((T, B, 4 * n_h), dtype)
    # grad(u[t]) = alpha_2 * grad(z[t]) / sigma_u[t] + grad(sigma_u.arg[t]) * (2 * u[t] - 2 * mu_u[t]) /
    #     (4 * n_h) + grad(mu_u[t]) / (4 * n_h)
    du[...] = (0.25 * dmu_u / n_h)[:, :, None]
    du += (1 / sigma_u)[:, :, None] * alpha_2 * dz
    du += 0.25 * dsigma_u_arg[:, :, None] * (-2 * mu_u[:, :, None] + 2 * u) / n_h
    # grad(alpha_2) = sum((u[t] - mu_u[t]) * grad(z[t]) / sigma_u[t], t)
    dalpha_2 = (dz.transpose(2, 0, 1) * (u.transpose(2, 0, 1) - mu_u)).reshape(4 * n_h, -1) @ (1 / sigma_u).reshape(-1)
    # grad(b) = sum(grad(z[t]), t)
    db = dz.sum(axis=(0, 1))
    # grad(beta_1) = sum(grad(z[t]), t)
    dbeta_1 = dz.sum(axis=(0, 1))
    # grad(beta_2) = sum(grad(z[t]), t)
    dbeta_2 = dz.sum(axis=(0, 1))
    # grad(W_x) = sum(outer(grad(u[t]), x[t]), t)
    dW_x = du.reshape(-1, 4 * n_h).T @ x.reshape(-1, n_x)
    # grad(W_h) = sum(outer(grad(a[t]), h[t-1]), t)
    dW_h = da.reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)

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

    # u[t] = W_x @ x[t]
    u = (x.reshape(-1, n_x) @ W_x.T).reshape(T, B, 4 * n_h)
    # mu_u[t] = mean(u[t])
    mu_u = 0.25 / n_h * u.sum(axis=2)
    sigma_a_arg = np.empty((T, B), dtype)
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg[...] = eps
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    sigma_u_arg = 0.25 / n_h * ((u - mu_u[:, :, None])**2).sum(axis=2)
    sigma_u_arg += eps
    # sigma_u[t] = deviation(u[t], mu_u[t])
    sigma_u = np.sqrt(sigma_u_arg)
    sigma_c_arg = np.empty((T, B), dtype)
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg[...] = eps
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    z = (1 / sigma_u)[:, :, None] * alpha_2 * (u - mu_u[:, :, None])
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
    for t in range(1, T + 1):
        # a[t] = W_h @ h[t-1]
        a[t - 1] = h[t - 1] @ W_h.T
        # mu_a[t] = mean(a[t])
        mu_a[t - 1] = 0.25 / n_h * a[t - 1].sum(axis=1)
        # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
        sigma_a_arg[t - 1] += 0.25 / n_h * ((a[t - 1] - mu_a[t - 1][:, None])**2).sum(axis=1)
        # sigma_a[t] = deviation(a[t], mu_a[t])
        np.sqrt(sigma_a_arg[t - 1], out=sigma_a[t - 1])
        # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
        #     beta_2 + b
        z[t - 1] += (1 / sigma_a[t - 1])[:, None] * alpha_1 * (a[t - 1] - mu_a[t - 1][:, None])
        # f[t] = sigmoid(z[t, :n_h])
        f[t - 1] = _sigmoid(z[t - 1, :, :n_h])
        # i[t] = sigmoid(z[t, n_h:2*n_h])
        i[t - 1] = _sigmoid(z[t - 1, :, n_h:2 * n_h])
        # g[t] = tanh(z[t, 3*n_h:])
        np.tanh(z[t - 1, :, 3 * n_h:], out=g[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f[t - 1] + g[t - 1] * i[t - 1], c[t - 1])
        # mu_c[t] = mean(c[t])
        mu_c[t - 1] = c[t].sum(axis=1) / n_h
        # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
        sigma_c_arg[t - 1] += ((c[t] - mu_c[t - 1][:, None])**2).sum(axis=1) / n_h
        # sigma_c[t] = deviation(c[t], mu_c[t])
        np.sqrt(sigma_c_arg[t - 1], out=sigma_c[t - 1])
        # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
        o[t - 1] = _sigmoid(z[t - 1, :, 2 * n_h:3 * n_h])
        # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
        h_arg[t - 1] += (1 / sigma_c[t - 1])[:, None] * alpha_3 * (c[t] - mu_c[t - 1][:, None])
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg[t - 1], out=h_tanh)
        # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
        h[t] = np.where((t <= T_own)[:, None], h_tanh * o[t - 1], h[t - 1])
    # s[t] = d + V @ h[t]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    if y is not None:
        # loss = sum(-log(yhat[t, y[t]]), t)
        loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
        loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
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


def _loss_padded(params, x, y, eps, h0, c0, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, eps, h0, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, eps, h0, c0, lengths, whole=True)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params

    # u[t] = W_x @ x[t]
    u = (x.reshape(-1, n_x) @ W_x.T).reshape(T, B, 4 * n_h)
    # mu_u[t] = mean(u[t])
    mu_u = 0.25 / n_h * u.sum(axis=2)
    sigma_a_arg = np.empty((T, B), dtype)
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg[...] = eps
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    sigma_u_arg = 0.25 / n_h * ((u - mu_u[:, :, None])**2).sum(axis=2)
    sigma_u_arg += eps
    # sigma_u[t] = deviation(u[t], mu_u[t])
    sigma_u = np.sqrt(sigma_u_arg)
    sigma_c_arg = np.empty((T, B), dtype)
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg[...] = eps
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    z = (1 / sigma_u)[:, :, None] * alpha_2 * (u - mu_u[:, :, None])
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
    for t in range(1, T + 1):
        # a[t] = W_h @ h[t-1]
        a[...] = h[t - 1] @ W_h.T
        # mu_a[t] = mean(a[t])
        mu_a[...] = 0.25 / n_h * a.sum(axis=1)
        # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
        sigma_a_arg[t - 1] += 0.25 / n_h * ((a - mu_a[:, None])**2).sum(axis=1)
        # sigma_a[t] = deviation(a[t], mu_a[t])
        np.sqrt(sigma_a_arg[t - 1], out=sigma_a)
        # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
        #     beta_2 + b
        z[t - 1] += (1 / sigma_a)[:, None] * alpha_1 * (a - mu_a[:, None])
        # f[t] = sigmoid(z[t, :n_h])
        f[...] = _sigmoid(z[t - 1, :, :n_h])
        # i[t] = sigmoid(z[t, n_h:2*n_h])
        i[...] = _sigmoid(z[t - 1, :, n_h:2 * n_h])
        # g[t] = tanh(z[t, 3*n_h:])
        np.tanh(z[t - 1, :, 3 * n_h:], out=g)
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f + g * i, c[t - 1])
        # mu_c[t] = mean(c[t])
        mu_c[...] = c[t].sum(axis=1) / n_h
        # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
        sigma_c_arg[t - 1] += ((c[t] - mu_c[:, None])**2).sum(axis=1) / n_h
        # sigma_c[t] = deviation(c[t], mu_c[t])
        np.sqrt(sigma_c_arg[t - 1], out=sigma_c)
        # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
        o[...] = _sigmoid(z[t - 1, :, 2 * n_h:3 * n_h])
        # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
        h_arg[t - 1] += (1 / sigma_c)[:, None] * alpha_3 * (c[t] - mu_c[:, None])
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg[t - 1], out=h_tanh)
        # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
        h[t] = np.where((t <= T_own)[:, None], h_tanh * o, h[t - 1])
    # s[t] = d + V @ h[t]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, eps, h0, c0, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, eps, h0, c0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, eps, h0, c0, lengths, whole=True)
    W_h, W_x, b, alpha_1, alpha_2, beta_1, beta_2, alpha_3, beta_3, V, d = params
    wrt = _asked(wrt, ("x", "h0", "c0"))
    window_T = _window(window, "T", ("T",), T)

    # u[t] = W_x @ x[t]
    u = (x.reshape(-1, n_x) @ W_x.T).reshape(T, B, 4 * n_h)
    # mu_u[t] = mean(u[t])
    mu_u = 0.25 / n_h * u.sum(axis=2)
    sigma_a_arg = np.empty((T, B), dtype)
    # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
    sigma_a_arg[...] = eps
    # sigma_u.arg[t] = sum((u[t] - mu_u[t])**2) / (4 * n_h) + eps
    sigma_u_arg = 0.25 / n_h * ((u - mu_u[:, :, None])**2).sum(axis=2)
    sigma_u_arg += eps
    # sigma_u[t] = deviation(u[t], mu_u[t])
    sigma_u = np.sqrt(sigma_u_arg)
    sigma_c_arg = np.empty((T, B), dtype)
    # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
    sigma_c_arg[...] = eps
    # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
    #     beta_2 + b
    z = (1 / sigma_u)[:, :, None] * alpha_2 * (u - mu_u[:, :, None])
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
    h_tanh = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # a[t] = W_h @ h[t-1]
        a[t - 1] = h[t - 1] @ W_h.T
        # mu_a[t] = mean(a[t])
        mu_a[t - 1] = 0.25 / n_h * a[t - 1].sum(axis=1)
        # sigma_a.arg[t] = sum((a[t] - mu_a[t])**2) / (4 * n_h) + eps
        sigma_a_arg[t - 1] += 0.25 / n_h * ((a[t - 1] - mu_a[t - 1][:, None])**2).sum(axis=1)
        # sigma_a[t] = deviation(a[t], mu_a[t])
        np.sqrt(sigma_a_arg[t - 1], out=sigma_a[t - 1])
        # z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] +
        #     beta_2 + b
        z[t - 1] += (1 / sigma_a[t - 1])[:, None] * alpha_1 * (a[t - 1] - mu_a[t - 1][:, None])
        # f[t] = sigmoid(z[t, :n_h])
        f[t - 1] = _sigmoid(z[t - 1, :, :n_h])
        # i[t] = sigmoid(z[t, n_h:2*n_h])
        i[t - 1] = _sigmoid(z[t - 1, :, n_h:2 * n_h])
        # g[t] = tanh(z[t, 3*n_h:])
        np.tanh(z[t - 1, :, 3 * n_h:], out=g[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * g[t]
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f[t - 1] + g[t - 1] * i[t - 1], c[t - 1])
        # mu_c[t] = mean(c[t])
        mu_c[t - 1] = c[t].sum(axis=1) / n_h
        # sigma_c.arg[t] = mean((c[t] - mu_c[t])**2) + eps
        sigma_c_arg[t - 1] += ((c[t] - mu_c[t - 1][:, None])**2).sum(axis=1) / n_h
        # sigma_c[t] = deviation(c[t], mu_c[t])
        np.sqrt(sigma_c_arg[t - 1], out=sigma_c[t - 1])
        # o[t] = sigmoid(z[t, 2*n_h:3*n_h])
        o[t - 1] = _sigmoid(z[t - 1, :, 2 * n_h:3 * n_h])
        # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
        h_arg[t - 1] += (1 / sigma_c[t - 1])[:, None] * alpha_3 * (c[t] - mu_c[t - 1][:, None])
        # h.tanh[t] = tanh(h.arg[t])
        np.tanh(h_arg[t - 1], out=h_tanh[t - 1])
        # h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)
        h[t] = np.where((t <= T_own)[:, None], h_tanh[t - 1] * o[t - 1], h[t - 1])
    # s[t] = d + V @ h[t]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dh = np.empty((T + 1, B, n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_h.T @ grad(a[t+1])) + V.T @
    #     grad(s[t]), t < T
    dh[1:] = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    dh_arg = np.empty((T, B, n_h), dtype)
    dsigma_c = np.empty((B,), dtype)
    dsigma_c_arg = np.empty((B,), dtype)
    dmu_c = np.empty((B,), dtype)
    dc = np.empty((T + 1, B, n_h), dtype)
    dz = np.empty((T, B, 4 * n_h), dtype)
    dsigma_a = np.empty((B,), dtype)
    dmu_a = np.empty((B,), dtype)
    dsigma_a_arg = np.empty((B,), dtype)
    da = np.empty((T, B, 4 * n_h), dtype)
    # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
    dh_arg[T - 1] = dh[T] * o[T - 1] * (1 - h_tanh[T - 1]**2)
    # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
    dsigma_c[...] = -((1 / sigma_c[T - 1]**2)[:, None] * dh_arg[T - 1] * (c[T] - mu_c[T - 1][:, None])) @ alpha_3
    # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
    dsigma_c_arg[...] = 0.5 * dsigma_c / sigma_c[T - 1]
    # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
    #     grad(h.arg[t])) / sigma_c[t]
    dmu_c[...] = (-2 * c[T] + 2 * mu_c[T - 1][:, None]).sum(axis=1) * dsigma_c_arg / n_h
    dmu_c -= alpha_3 @ ((1 / sigma_c[T - 1])[:, None] * dh_arg[T - 1]).T
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + alpha_3 *
    #     grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) * (2 * c[t] - 2 * mu_c[t]) / n_h +
    #     grad(mu_c[t]) / n_h, t < T
    dc[T] = (dmu_c / n_h)[:, None]
    dc[T] += dsigma_c_arg[:, None] * (-2 * mu_c[T - 1][:, None] + 2 * c[T]) / n_h
    dc[T] += (1 / sigma_c[T - 1])[:, None] * alpha_3 * dh_arg[T - 1]
    # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
    dz[T - 1, :, 3 * n_h:] = dc[T] * i[T - 1] * (1 - g[T - 1]**2)
    dz[T - 1, :, 2 * n_h:3 * n_h] = dh[T] * h_tanh[T - 1] * o[T - 1] * (1 - o[T - 1])
    dz[T - 1, :, n_h:2 * n_h] = dc[T] * g[T - 1] * i[T - 1] * (1 - i[T - 1])
    dz[T - 1, :, :n_h] = c[T - 1] * dc[T] * f[T - 1] * (1 - f[T - 1])
    # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
    dsigma_a[...] = -((1 / sigma_a[T - 1]**2)[:, None] * dz[T - 1] * (a[T - 1] - mu_a[T - 1][:, None])) @ alpha_1
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    dmu_a[...] = -alpha_1 @ ((1 / sigma_a[T - 1])[:, None] * dz[T - 1]).T
    # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
    dsigma_a_arg[...] = 0.5 * dsigma_a / sigma_a[T - 1]
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    dmu_a += 0.25 / n_h * ((-2 * a[T - 1] + 2 * mu_a[T - 1][:, None]).sum(axis=1) * dsigma_a_arg)
    # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
    #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
    da[T - 1] = (0.25 * dmu_a / n_h)[:, None]
    da[T - 1] += (1 / sigma_a[T - 1])[:, None] * alpha_1 * dz[T - 1]
    da[T - 1] += 0.25 * dsigma_a_arg[:, None] * (-2 * mu_a[T - 1][:, None] + 2 * a[T - 1]) / n_h
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_h.T @ grad(a[t+1])) + V.T @
        #     grad(s[t]), t < T
        dh[t] += da[t] @ W_h * (t // window_T == max(t - 1, 0) // window_T)
        # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
        dh_arg[t - 1] = dh[t] * o[t - 1] * (1 - h_tanh[t - 1]**2)
        # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
        dsigma_c[...] = -((1 / sigma_c[t - 1]**2)[:, None] * dh_arg[t - 1] * (c[t] - mu_c[t - 1][:, None])) @ alpha_3
        # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
        dsigma_c_arg[...] = 0.5 * dsigma_c / sigma_c[t - 1]
        # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
        #     grad(h.arg[t])) / sigma_c[t]
        dmu_c[...] = (-2 * c[t] + 2 * mu_c[t - 1][:, None]).sum(axis=1) * dsigma_c_arg / n_h
        dmu_c -= alpha_3 @ ((1 / sigma_c[t - 1])[:, None] * dh_arg[t - 1]).T
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + alpha_3 *
        #     grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) * (2 * c[t] - 2 * mu_c[t]) / n_h +
        #     grad(mu_c[t]) / n_h, t < T
        dc[t] = (dmu_c / n_h)[:, None]
        dc[t] += dsigma_c_arg[:, None] * (-2 * mu_c[t - 1][:, None] + 2 * c[t]) / n_h
        dc[t] += (1 / sigma_c[t - 1])[:, None] * alpha_3 * dh_arg[t - 1]
        dc[t] += dc[t + 1] * f[t] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
        dz[t - 1, :, 3 * n_h:] = dc[t] * i[t - 1] * (1 - g[t - 1]**2)
        dz[t - 1, :, 2 * n_h:3 * n_h] = dh[t] * h_tanh[t - 1] * o[t - 1] * (1 - o[t - 1])
        dz[t - 1, :, n_h:2 * n_h] = dc[t] * g[t - 1] * i[t - 1] * (1 - i[t - 1])
        dz[t - 1, :, :n_h] = c[t - 1] * dc[t] * f[t - 1] * (1 - f[t - 1])
        # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
        dsigma_a[...] = -((1 / sigma_a[t - 1]**2)[:, None] * dz[t - 1] * (a[t - 1] - mu_a[t - 1][:, None])) @ alpha_1
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        dmu_a[...] = -alpha_1 @ ((1 / sigma_a[t - 1])[:, None] * dz[t - 1]).T
        # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
        dsigma_a_arg[...] = 0.5 * dsigma_a / sigma_a[t - 1]
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        dmu_a += 0.25 / n_h * ((-2 * a[t - 1] + 2 * mu_a[t - 1][:, None]).sum(axis=1) * dsigma_a_arg)
        # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
        #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
        da[t - 1] = (0.25 * dmu_a / n_h)[:, None]
        da[t - 1] += (1 / sigma_a[t - 1])[:, None] * alpha_1 * dz[t - 1]
        da[t - 1] += 0.25 * dsigma_a_arg[:, None] * (-2 * mu_a[t - 1][:, None] + 2 * a[t - 1]) / n_h
    # grad(alpha_3) = sum((c[t] - mu_c[t]) * grad(h.arg[t]) / sigma_c[t], t)
    dalpha_3 = (dh_arg.transpose(2, 0, 1) * (c[1:].transpose(2, 0, 1) - mu_c)).reshape(n_h, -1) @ (1 / sigma_c).reshape(-1)
    # grad(beta_3) = sum(grad(h.arg[t]), t)
    dbeta_3 = dh_arg.sum(axis=(0, 1))
    # grad(alpha_1) = sum((a[t] - mu_a[t]) * grad(z[t]) / sigma_a[t], t)
    dalpha_1 = (dz.transpose(2, 0, 1) * (a.transpose(2, 0, 1) - mu_a)).reshape(4 * n_h, -1) @ (1 / sigma_a).reshape(-1)
    # grad(sigma_u[t]) = -sum(alpha_2 * (u[t] - mu_u[t]) * grad(z[t])) / sigma_u[t]**2
    dsigma_u = -(alpha_2 * dz * (u - mu_u[:, :, None])).sum(axis=2) / sigma_u**2
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    dmu_u = -(alpha_2 * dz).sum(axis=2) / sigma_u
    # grad(sigma_u.arg[t]) = grad(sigma_u[t]) / (2 * sigma_u[t])
    dsigma_u_arg = 0.5 * dsigma_u / sigma_u
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    dmu_u += 0.25 / n_h * ((-2 * u + 2 * mu_u[:, :, None]).sum(axis=2) * dsigma_u_arg)
    du = np.empty((T, B, 4 * n_h), dtype)
    # grad(u[t]) = alpha_2 * grad(z[t]) / sigma_u[t] + grad(sigma_u.arg[t]) * (2 * u[t] - 2 * mu_u[t]) /
    #     (4 * n_h) + grad(mu_u[t]) / (4 * n_h)
    du[...] = (0.25 * dmu_u / n_h)[:, :, None]
    du += (1 / sigma_u)[:, :, None] * alpha_2 * dz
    du += 0.25 * dsigma_u_arg[:, :, None] * (-2 * mu_u[:, :, None] + 2 * u) / n_h
    # grad(alpha_2) = sum((u[t] - mu_u[t]) * grad(z[t]) / sigma_u[t], t)
    dalpha_2 = (dz.transpose(2, 0, 1) * (u.transpose(2, 0, 1) - mu_u)).reshape(4 * n_h, -1) @ (1 / sigma_u).reshape(-1)
    # grad(b) = sum(grad(z[t]), t)
    db = dz.sum(axis=(0, 1))
    # grad(beta_1) = sum(grad(z[t]), t)
    dbeta_1 = dz.sum(axis=(0, 1))
    # grad(beta_2) = sum(grad(z[t]), t)
    dbeta_2 = dz.sum(axis=(0, 1))
    # grad(W_x) = sum(outer(grad(u[t]), x[t]), t)
    dW_x = du.reshape(-1, 4 * n_h).T @ x.reshape(-1, n_x)
    # grad(W_h) = sum(outer(grad(a[t]), h[t-1]), t)
    dW_h = da.reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)
    if "c0" in wrt:
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + alpha_3 *
        #     grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) * (2 * c[t] - 2 * mu_c[t]) / n_h +
        #     grad(mu_c[t]) / n_h, t < T
        dc[:1] = dc[1:2] * f[:1] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    if "x" in wrt:
        # grad(x[t]) = W_x.T @ grad(u[t])
        dx = (du.reshape(-1, 4 * n_h) @ W_x).reshape(T, B, n_x)
    if "h0" in wrt:
        # grad(h[0]) = W_h.T @ grad(a[1])
        dh[0] = da[0] @ W_h
        # grad(h.0) = grad(h[0])
        dh0 = dh[0].copy()

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

    # h.arg[t] = alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3
    h_arg = (1 / sigma_c)[:, :, None] * alpha_3 * (c[1:] - mu_c[:, :, None])
    h_arg += beta_3
    # h.tanh[t] = tanh(h.arg[t])
    h_tanh = np.tanh(h_arg)
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_h.T @ grad(a[t+1])) + V.T @
    #     grad(s[t]), t < T
    dh = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
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
    dh_arg[T - 1] = dh[T - 1] * o[T - 1] * (1 - h_tanh[T - 1]**2)
    # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
    dsigma_c[...] = -((1 / sigma_c[T - 1]**2)[:, None] * dh_arg[T - 1] * (c[T] - mu_c[T - 1][:, None])) @ alpha_3
    # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
    dsigma_c_arg[...] = 0.5 * dsigma_c / sigma_c[T - 1]
    # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
    #     grad(h.arg[t])) / sigma_c[t]
    dmu_c[...] = (-2 * c[T] + 2 * mu_c[T - 1][:, None]).sum(axis=1) * dsigma_c_arg / n_h
    dmu_c -= alpha_3 @ ((1 / sigma_c[T - 1])[:, None] * dh_arg[T - 1]).T
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + alpha_3 *
    #     grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) * (2 * c[t] - 2 * mu_c[t]) / n_h +
    #     grad(mu_c[t]) / n_h, t < T
    dc[T - 1] = (dmu_c / n_h)[:, None]
    dc[T - 1] += dsigma_c_arg[:, None] * (-2 * mu_c[T - 1][:, None] + 2 * c[T]) / n_h
    dc[T - 1] += (1 / sigma_c[T - 1])[:, None] * alpha_3 * dh_arg[T - 1]
    # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
    dz[T - 1, :, 3 * n_h:] = dc[T - 1] * i[T - 1] * (1 - g[T - 1]**2)
    dz[T - 1, :, 2 * n_h:3 * n_h] = dh[T - 1] * h_tanh[T - 1] * o[T - 1] * (1 - o[T - 1])
    dz[T - 1, :, n_h:2 * n_h] = dc[T - 1] * g[T - 1] * i[T - 1] * (1 - i[T - 1])
    dz[T - 1, :, :n_h] = c[T - 1] * dc[T - 1] * f[T - 1] * (1 - f[T - 1])
    # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
    dsigma_a[...] = -((1 / sigma_a[T - 1]**2)[:, None] * dz[T - 1] * (a[T - 1] - mu_a[T - 1][:, None])) @ alpha_1
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    dmu_a[...] = -alpha_1 @ ((1 / sigma_a[T - 1])[:, None] * dz[T - 1]).T
    # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
    dsigma_a_arg[...] = 0.5 * dsigma_a / sigma_a[T - 1]
    # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
    #     grad(z[t])) / sigma_a[t]
    dmu_a += 0.25 / n_h * ((-2 * a[T - 1] + 2 * mu_a[T - 1][:, None]).sum(axis=1) * dsigma_a_arg)
    # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
    #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
    da[T - 1] = (0.25 * dmu_a / n_h)[:, None]
    da[T - 1] += (1 / sigma_a[T - 1])[:, None] * alpha_1 * dz[T - 1]
    da[T - 1] += 0.25 * dsigma_a_arg[:, None] * (-2 * mu_a[T - 1][:, None] + 2 * a[T - 1]) / n_h
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (W_h.T @ grad(a[t+1])) + V.T @
        #     grad(s[t]), t < T
        dh[t - 1] += da[t] @ W_h * (t // window_T == max(t - 1, 0) // window_T)
        # grad(h.arg[t]) = (1 - h.tanh[t]**2) * grad(h.tanh[t])
        dh_arg[t - 1] = dh[t - 1] * o[t - 1] * (1 - h_tanh[t - 1]**2)
        # grad(sigma_c[t]) = -sum(alpha_3 * (c[t] - mu_c[t]) * grad(h.arg[t])) / sigma_c[t]**2
        dsigma_c[...] = -((1 / sigma_c[t - 1]**2)[:, None] * dh_arg[t - 1] * (c[t] - mu_c[t - 1][:, None])) @ alpha_3
        # grad(sigma_c.arg[t]) = grad(sigma_c[t]) / (2 * sigma_c[t])
        dsigma_c_arg[...] = 0.5 * dsigma_c / sigma_c[t - 1]
        # grad(mu_c[t]) = sum(2 * mu_c[t] - 2 * c[t]) * grad(sigma_c.arg[t]) / n_h - (alpha_3 @
        #     grad(h.arg[t])) / sigma_c[t]
        dmu_c[...] = (-2 * c[t] + 2 * mu_c[t - 1][:, None]).sum(axis=1) * dsigma_c_arg / n_h
        dmu_c -= alpha_3 @ ((1 / sigma_c[t - 1])[:, None] * dh_arg[t - 1]).T
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + alpha_3 *
        #     grad(h.arg[t]) / sigma_c[t] + grad(sigma_c.arg[t]) * (2 * c[t] - 2 * mu_c[t]) / n_h +
        #     grad(mu_c[t]) / n_h, t < T
        dc[t - 1] = (dmu_c / n_h)[:, None]
        dc[t - 1] += dsigma_c_arg[:, None] * (-2 * mu_c[t - 1][:, None] + 2 * c[t]) / n_h
        dc[t - 1] += (1 / sigma_c[t - 1])[:, None] * alpha_3 * dh_arg[t - 1]
        dc[t - 1] += dc[t] * f[t] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(z[t, 3*n_h:]) = (1 - g[t]**2) * grad(g[t])
        dz[t - 1, :, 3 * n_h:] = dc[t - 1] * i[t - 1] * (1 - g[t - 1]**2)
        dz[t - 1, :, 2 * n_h:3 * n_h] = dh[t - 1] * h_tanh[t - 1] * o[t - 1] * (1 - o[t - 1])
        dz[t - 1, :, n_h:2 * n_h] = dc[t - 1] * g[t - 1] * i[t - 1] * (1 - i[t - 1])
        dz[t - 1, :, :n_h] = c[t - 1] * dc[t - 1] * f[t - 1] * (1 - f[t - 1])
        # grad(sigma_a[t]) = -sum(alpha_1 * (a[t] - mu_a[t]) * grad(z[t])) / sigma_a[t]**2
        dsigma_a[...] = -((1 / sigma_a[t - 1]**2)[:, None] * dz[t - 1] * (a[t - 1] - mu_a[t - 1][:, None])) @ alpha_1
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        dmu_a[...] = -alpha_1 @ ((1 / sigma_a[t - 1])[:, None] * dz[t - 1]).T
        # grad(sigma_a.arg[t]) = grad(sigma_a[t]) / (2 * sigma_a[t])
        dsigma_a_arg[...] = 0.5 * dsigma_a / sigma_a[t - 1]
        # grad(mu_a[t]) = sum(2 * mu_a[t] - 2 * a[t]) * grad(sigma_a.arg[t]) / (4 * n_h) - (alpha_1 @
        #     grad(z[t])) / sigma_a[t]
        dmu_a += 0.25 / n_h * ((-2 * a[t - 1] + 2 * mu_a[t - 1][:, None]).sum(axis=1) * dsigma_a_arg)
        # grad(a[t]) = alpha_1 * grad(z[t]) / sigma_a[t] + grad(sigma_a.arg[t]) * (2 * a[t] - 2 * mu_a[t]) /
        #     (4 * n_h) + grad(mu_a[t]) / (4 * n_h)
        da[t - 1] = (0.25 * dmu_a / n_h)[:, None]
        da[t - 1] += (1 / sigma_a[t - 1])[:, None] * alpha_1 * dz[t - 1]
        da[t - 1] += 0.25 * dsigma_a_arg[:, None] * (-2 * mu_a[t - 1][:, None] + 2 * a[t - 1]) / n_h
    # grad(alpha_3) = sum((c[t] - mu_c[t]) * grad(h.arg[t]) / sigma_c[t], t)
    dalpha_3 = (dh_arg.transpose(2, 0, 1) * (c[1:].transpose(2, 0, 1) - mu_c)).reshape(n_h, -1) @ (1 / sigma_c).reshape(-1)
    # grad(beta_3) = sum(grad(h.arg[t]), t)
    dbeta_3 = dh_arg.sum(axis=(0, 1))
    # grad(alpha_1) = sum((a[t] - mu_a[t]) * grad(z[t]) / sigma_a[t], t)
    dalpha_1 = (dz.transpose(2, 0, 1) * (a.transpose(2, 0, 1) - mu_a)).reshape(4 * n_h, -1) @ (1 / sigma_a).reshape(-1)
    # grad(sigma_u[t]) = -sum(alpha_2 * (u[t] - mu_u[t]) * grad(z[t])) / sigma_u[t]**2
    dsigma_u = -(alpha_2 * dz * (u - mu_u[:, :, None])).sum(axis=2) / sigma_u**2
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    dmu_u = -(alpha_2 * dz).sum(axis=2) / sigma_u
    # grad(sigma_u.arg[t]) = grad(sigma_u[t]) / (2 * sigma_u[t])
    dsigma_u_arg = 0.5 * dsigma_u / sigma_u
    # grad(mu_u[t]) = sum(2 * mu_u[t] - 2 * u[t]) * grad(sigma_u.arg[t]) / (4 * n_h) - (alpha_2 @
    #     grad(z[t])) / sigma_u[t]
    dmu_u += 0.25 / n_h * ((-2 * u + 2 * mu_u[:, :, None]).sum(axis=2) * dsigma_u_arg)
    du = np.empty((T, B, 4 * n_h), dtype)
    # grad(u[t]) = alpha_2 * grad(z[t]) / sigma_u[t] + grad(sigma_u.arg[t]) * (2 * u[t] - 2 * mu_u[t]) /
    #     (4 * n_h) + grad(mu_u[t]) / (4 * n_h)
    du[...] = (0.25 * dmu_u / n_h)[:, :, None]
    du += (1 / sigma_u)[:, :, None] * alpha_2 * dz
    du += 0.25 * dsigma_u_arg[:, :, None] * (-2 * mu_u[:, :, None] + 2 * u) / n_h
    # grad(alpha_2) = sum((u[t] - mu_u[t]) * grad(z[t]) / sigma_u[t], t)
    dalpha_2 = (dz.transpose(2, 0, 1) * (u.transpose(2, 0, 1) - mu_u)).reshape(4 * n_h, -1) @ (1 / sigma_u).reshape(-1)
    # grad(b) = sum(grad(z[t]), t)
    db = dz.sum(axis=(0, 1))
    # grad(beta_1) = sum(grad(z[t]), t)
    dbeta_1 = dz.sum(axis=(0, 1))
    # grad(beta_2) = sum(grad(z[t]), t)
    dbeta_2 = dz.sum(axis=(0, 1))
    # grad(W_x) = sum(outer(grad(u[t]), x[t]), t)
    dW_x = du.reshape(-1, 4 * n_h).T @ x.reshape(-1, n_x)
    # grad(W_h) = sum(outer(grad(a[t]), h[t-1]), t)
    dW_h = da.reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)

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
    return params, x, y, a, u, mu_a, mu_u, mu_c, sigma_a, sigma_u, sigma_c, f, i, o, g, c, h, yhat, dtype, single, n_h, n_x, n_y, T, B


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
    return params, x, y, a, u, mu_a, mu_u, mu_c, sigma_a, sigma_u, sigma_c, f, i, o, g, c, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


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


def _resumed(state, fields, starts):
    """The starts that a state holds."""
    state = _as_state(state)
    for keyword, given in starts:
        if given is not None:
            raise ValueError(f"{keyword}: given, and so is state; only one can say how the sequence begins")
    return [getattr(state, field) for field in fields]


def _sigmoid(z):
    """The logistic function 1 / (1 + exp(-z)), which never overflows."""
    return 0.5 * np.tanh(0.5 * z) + 0.5


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
