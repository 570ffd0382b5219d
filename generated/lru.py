# Written by derive from lru.eq; do not edit.
# Change lru.eq instead, and run: derive generate lru
# source ffc2e018c1fd0418, derive e116e7411edaf54b, body 6f1a58c4162f2294
"""LRU, the linear recurrent unit: a diagonal recurrence of complex numbers inside the unit circle, in real numbers.

Orvieto, Smith, Gu, Fernando, Gulcehre, Pascanu & De (2023), Resurrecting Recurrent Neural Networks for Long Sequences:
the eigenvalues are exp(-exp(nu) + i exp(theta)), gamma normalises the input.

The equations::

    x: Input[T, n_x]                # what is read at each step
    y: Label[n_y]                   # the class of the whole sequence
    nu, theta = Param[n_h]          # eigenvalues: logarithms of decay and of phase
    B_re, B_im = Param[n_h, n_x]    # input to state
    C_re, C_im = Param[n_u, n_h]    # state to output
    D: Param[n_u, n_x]              # input to output
    V: Param[n_y, n_u]              # mean output to logits
    c: Param[n_y]

    p[0] = 0
    q[0] = 0
    r = exp(-exp(nu))                                               # modulus
    re = r * cos(exp(theta))                                        # eigenvalues
    im = r * sin(exp(theta))
    gamma = sqrt(1 - r**2)
    p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])        # real part of the state
    q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])        # imaginary part
    u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
    o = c + V @ mean(u[t], t)
    yhat = softmax(o)
    loss = -log(yhat[y])
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    nu: np.ndarray  # (n_h)  eigenvalues: logarithms of decay and of phase
    theta: np.ndarray  # (n_h)  eigenvalues: logarithms of decay and of phase
    B_re: np.ndarray  # (n_h, n_x)  input to state
    B_im: np.ndarray  # (n_h, n_x)  input to state
    C_re: np.ndarray  # (n_u, n_h)  state to output
    C_im: np.ndarray  # (n_u, n_h)  state to output
    D: np.ndarray  # (n_u, n_x)  input to output
    V: np.ndarray  # (n_y, n_u)  mean output to logits
    c: np.ndarray  # (n_y)


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    r: np.ndarray  # (n_h)  modulus
    re: np.ndarray  # (n_h)  eigenvalues
    im: np.ndarray  # (n_h)
    gamma: np.ndarray  # (n_h)
    p: np.ndarray  # (T + 1, B, n_h)  real part of the state
    q: np.ndarray  # (T + 1, B, n_h)  imaginary part
    u: np.ndarray  # (T, B, n_u)
    o: np.ndarray  # (B, n_y)
    yhat: np.ndarray  # (B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    p: np.ndarray  # (B, n_h)  real part of the state
    q: np.ndarray  # (B, n_h)  imaginary part


class Outputs(NamedTuple):
    """The variables at one step."""

    p: np.ndarray  # (B, n_h)  real part of the state
    q: np.ndarray  # (B, n_h)  imaginary part
    u: np.ndarray  # (B, n_u)


def init_params(
    rng: np.random.Generator, *, n_h: int, n_x: int, n_u: int, n_y: int, dtype: type = np.float64
) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_h = _size("n_h", n_h)
    n_x = _size("n_x", n_x)
    n_u = _size("n_u", n_u)
    n_y = _size("n_y", n_y)
    return Params(
        nu=np.zeros((n_h,), dtype),
        theta=np.zeros((n_h,), dtype),
        B_re=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        B_im=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        C_re=(rng.standard_normal((n_u, n_h)) / np.sqrt(n_h)).astype(dtype),
        C_im=(rng.standard_normal((n_u, n_h)) / np.sqrt(n_h)).astype(dtype),
        D=(rng.standard_normal((n_u, n_x)) / np.sqrt(n_x)).astype(dtype),
        V=(rng.standard_normal((n_y, n_u)) / np.sqrt(n_u)).astype(dtype),
        c=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    p0: np.ndarray | None = None,
    q0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real        what is read at each step
    y        (B)          0..n_y - 1  the class of the whole sequence
    p0       (B, n_h)     real        p[0]; 0 where not given
    q0       (B, n_h)     real        q[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        p0, q0 = _resumed(state, ("p", "q"), (("p0", p0), ("q0", q0)))
    if lengths is not None:
        return _forward_padded(params, x, y, p0, q0, lengths)
    params, x, y, p0, q0, dtype, single, n_h, n_x, n_u, n_y, T, B = _arguments(params, x, y, p0, q0)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params

    B_reim = np.concatenate((B_re, B_im))
    # r.exp = exp(nu)
    r_exp = np.exp(nu)
    # r.arg = -r.exp
    r_arg = -r_exp
    # r = exp(-exp(nu))
    r = np.exp(r_arg)
    # re.arg = exp(theta)
    re_arg = np.exp(theta)
    # re.cos = cos(re.arg)
    re_cos = np.cos(re_arg)
    # re = r * cos(exp(theta))
    re = r * re_cos
    # im.sin = sin(re.arg)
    im_sin = np.sin(re_arg)
    # im = r * sin(exp(theta))
    im = im_sin * r
    # gamma = sqrt(1 - r**2)
    gamma = np.sqrt(1 - r**2)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    pq_sum = (x.reshape(-1, n_x) @ B_reim.T).reshape(T, B, 2 * n_h)
    p = np.empty((T + 1, B, n_h), dtype)
    # p[0] = 0
    p[0] = p0
    q = np.empty((T + 1, B, n_h), dtype)
    # q[0] = 0
    q[0] = q0
    # p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])
    p[1:] = gamma * pq_sum[:, :, :n_h]
    # q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])
    q[1:] = gamma * pq_sum[:, :, n_h:]
    for t in range(1, T + 1):
        # p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])
        p[t] += p[t - 1] * re
        p[t] -= im * q[t - 1]
        # q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])
        q[t] += im * p[t - 1]
        q[t] += q[t - 1] * re
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    u_arg = -(q[1:].reshape(-1, n_h) @ C_im.T).reshape(T, B, n_u)
    u_arg += (p[1:].reshape(-1, n_h) @ C_re.T).reshape(T, B, n_u)
    u_arg += (x.reshape(-1, n_x) @ D.T).reshape(T, B, n_u)
    # u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
    u = _gelu(u_arg)
    # o.sum = sum(u[t], t)
    o_sum = u.sum(axis=0)
    # o = c + V @ mean(u[t], t)
    o = o_sum @ V.T / T
    o += c
    # yhat = softmax(o)
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])
    if y is not None:
        # loss = -log(yhat[y])
        loss = -o[np.arange(B), y].sum()
        loss += yhat_lse.sum()
    else:
        loss = None

    if single:
        p = p[:, 0]
        q = q[:, 0]
        u = u[:, 0]
        o = o[0]
        yhat = yhat[0]
    return Forward(
        r=r, re=re, im=im, gamma=gamma, p=p, q=q, u=u, o=o, yhat=yhat, loss=None if loss is None else float(loss)
    )


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    p0: np.ndarray | None = None,
    q0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x        (T, B, n_x)  real        what is read at each step
    y        (B)          0..n_y - 1  the class of the whole sequence
    p0       (B, n_h)     real        p[0]; 0 where not given
    q0       (B, n_h)     real        q[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        p0, q0 = _resumed(state, ("p", "q"), (("p0", p0), ("q0", q0)))
    if lengths is not None:
        return _loss_padded(params, x, y, p0, q0, lengths)
    params, x, y, p0, q0, dtype, single, n_h, n_x, n_u, n_y, T, B = _arguments(params, x, y, p0, q0, whole=True)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params

    B_reim = np.concatenate((B_re, B_im))
    # r.exp = exp(nu)
    r_exp = np.exp(nu)
    # r.arg = -r.exp
    r_arg = -r_exp
    # r = exp(-exp(nu))
    r = np.exp(r_arg)
    # re.arg = exp(theta)
    re_arg = np.exp(theta)
    # re.cos = cos(re.arg)
    re_cos = np.cos(re_arg)
    # re = r * cos(exp(theta))
    re = r * re_cos
    # im.sin = sin(re.arg)
    im_sin = np.sin(re_arg)
    # im = r * sin(exp(theta))
    im = im_sin * r
    # gamma = sqrt(1 - r**2)
    gamma = np.sqrt(1 - r**2)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    pq_sum = (x.reshape(-1, n_x) @ B_reim.T).reshape(T, B, 2 * n_h)
    p = np.empty((T + 1, B, n_h), dtype)
    # p[0] = 0
    p[0] = p0
    q = np.empty((T + 1, B, n_h), dtype)
    # q[0] = 0
    q[0] = q0
    # p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])
    p[1:] = gamma * pq_sum[:, :, :n_h]
    # q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])
    q[1:] = gamma * pq_sum[:, :, n_h:]
    for t in range(1, T + 1):
        # p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])
        p[t] += p[t - 1] * re
        p[t] -= im * q[t - 1]
        # q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])
        q[t] += im * p[t - 1]
        q[t] += q[t - 1] * re
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    u_arg = -(q[1:].reshape(-1, n_h) @ C_im.T).reshape(T, B, n_u)
    u_arg += (p[1:].reshape(-1, n_h) @ C_re.T).reshape(T, B, n_u)
    u_arg += (x.reshape(-1, n_x) @ D.T).reshape(T, B, n_u)
    # u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
    u = _gelu(u_arg)
    # o.sum = sum(u[t], t)
    o_sum = u.sum(axis=0)
    # o = c + V @ mean(u[t], t)
    o = o_sum @ V.T / T
    o += c
    # yhat = softmax(o)
    yhat_lse = _logsumexp(o, 1)
    # loss = -log(yhat[y])
    loss = -o[np.arange(B), y].sum()
    loss += yhat_lse.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    p0: np.ndarray | None = None,
    q0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x        (T, B, n_x)  real               what is read at each step
    y        (B)          0..n_y - 1         the class of the whole sequence
    p0       (B, n_h)     real               p[0]; 0 where not given
    q0       (B, n_h)     real               q[0]; 0 where not given
    state                 State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if state is not None:
        p0, q0 = _resumed(state, ("p", "q"), (("p0", p0), ("q0", q0)))
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, p0, q0, lengths, wrt, window)
    params, x, y, p0, q0, dtype, single, n_h, n_x, n_u, n_y, T, B = _arguments(params, x, y, p0, q0, whole=True)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params
    wrt = _asked(wrt, ("x", "p0", "q0"))

    B_reim = np.concatenate((B_re, B_im))
    # r.exp = exp(nu)
    r_exp = np.exp(nu)
    # r.arg = -r.exp
    r_arg = -r_exp
    # r = exp(-exp(nu))
    r = np.exp(r_arg)
    # re.arg = exp(theta)
    re_arg = np.exp(theta)
    # re.cos = cos(re.arg)
    re_cos = np.cos(re_arg)
    # re = r * cos(exp(theta))
    re = r * re_cos
    # im.sin = sin(re.arg)
    im_sin = np.sin(re_arg)
    # im = r * sin(exp(theta))
    im = im_sin * r
    # gamma = sqrt(1 - r**2)
    gamma = np.sqrt(1 - r**2)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    pq_sum = (x.reshape(-1, n_x) @ B_reim.T).reshape(T, B, 2 * n_h)
    p = np.empty((T + 1, B, n_h), dtype)
    # p[0] = 0
    p[0] = p0
    q = np.empty((T + 1, B, n_h), dtype)
    # q[0] = 0
    q[0] = q0
    # p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])
    p[1:] = gamma * pq_sum[:, :, :n_h]
    # q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])
    q[1:] = gamma * pq_sum[:, :, n_h:]
    for t in range(1, T + 1):
        # p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])
        p[t] += p[t - 1] * re
        p[t] -= im * q[t - 1]
        # q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])
        q[t] += im * p[t - 1]
        q[t] += q[t - 1] * re
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    u_arg = -(q[1:].reshape(-1, n_h) @ C_im.T).reshape(T, B, n_u)
    u_arg += (p[1:].reshape(-1, n_h) @ C_re.T).reshape(T, B, n_u)
    u_arg += (x.reshape(-1, n_x) @ D.T).reshape(T, B, n_u)
    # u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
    u = _gelu(u_arg)
    # o.sum = sum(u[t], t)
    o_sum = u.sum(axis=0)
    # o = c + V @ mean(u[t], t)
    o = o_sum @ V.T / T
    o += c
    # yhat = softmax(o)
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])
    # loss = -log(yhat[y])
    loss = -o[np.arange(B), y].sum()
    loss += yhat_lse.sum()
    p_sum = pq_sum[..., :n_h]
    q_sum = pq_sum[..., n_h:2 * n_h]
    # grad(o) = yhat - onehot(y)
    do = yhat.copy()
    do[np.arange(B), y] -= 1
    # grad(c) = grad(o)
    dc = do.sum(axis=0)
    # grad(V) = outer(grad(o), o.sum) / T
    dV = do.T @ o_sum / T
    # grad(o.sum) = (V.T @ grad(o)) / T
    do_sum = do @ V / T
    # grad(u.arg[t]) = (0.5 + erf(sqrt(2) * u.arg[t] / 2) / 2 + sqrt(2) * u.arg[t] * exp(-u.arg[t]**2 / 2)
    #     / (2 * sqrt(pi))) * grad(o.sum)
    du_arg = do_sum * (0.5 + 0.5 * 0.5641895835477563 * 1.4142135623730951 * np.exp(-0.5 * u_arg**2) * u_arg + 0.5 * _erf(0.5 * 1.4142135623730951 * u_arg))
    # grad(C_im) = sum(-outer(grad(u.arg[t]), q[t]), t)
    dC_im = -du_arg.reshape(-1, n_u).T @ q[1:].reshape(-1, n_h)
    # grad(C_re) = sum(outer(grad(u.arg[t]), p[t]), t)
    dC_re = du_arg.reshape(-1, n_u).T @ p[1:].reshape(-1, n_h)
    # grad(D) = sum(outer(grad(u.arg[t]), x[t]), t)
    dD = du_arg.reshape(-1, n_u).T @ x.reshape(-1, n_x)
    dq = np.empty((T + 1, B, n_h), dtype)
    # grad(q[t]) = re * grad(q[t+1]) - im * grad(p[t+1]) - C_im.T @ grad(u.arg[t]), t < T
    dq[1:] = -(du_arg.reshape(-1, n_u) @ C_im).reshape(T, B, n_h)
    dp = np.empty((T + 1, B, n_h), dtype)
    # grad(p[t]) = re * grad(p[t+1]) + im * grad(q[t+1]) + C_re.T @ grad(u.arg[t]), t < T
    dp[1:] = (du_arg.reshape(-1, n_u) @ C_re).reshape(T, B, n_h)
    for t in range(T - 1, 0, -1):
        # grad(p[t]) = re * grad(p[t+1]) + im * grad(q[t+1]) + C_re.T @ grad(u.arg[t]), t < T
        dp[t] += dq[t + 1] * im
        dp[t] += dp[t + 1] * re
        # grad(q[t]) = re * grad(q[t+1]) - im * grad(p[t+1]) - C_im.T @ grad(u.arg[t]), t < T
        dq[t] += dq[t + 1] * re
        dq[t] -= dp[t + 1] * im
    # grad(gamma) = sum(p.sum[t] * grad(p[t]) + q.sum[t] * grad(q[t]), t)
    dgamma = np.einsum("tbi,tbi->i", dp[1:], p_sum)
    dgamma += np.einsum("tbi,tbi->i", dq[1:], q_sum)
    # grad(im) = sum(p[t-1] * grad(q[t]) - q[t-1] * grad(p[t]), t)
    dim = np.einsum("tbi,tbi->i", dq[1:], p[:T])
    dim -= np.einsum("tbi,tbi->i", dp[1:], q[:T])
    # grad(re) = sum(p[t-1] * grad(p[t]) + q[t-1] * grad(q[t]), t)
    dre = np.einsum("tbi,tbi->i", dp[1:], p[:T])
    dre += np.einsum("tbi,tbi->i", dq[1:], q[:T])
    dpq_sum = np.empty((T, B, 2 * n_h), dtype)
    # grad(q.sum[t]) = gamma * grad(q[t])
    dpq_sum[:, :, n_h:] = dq[1:] * gamma
    # grad(p.sum[t]) = gamma * grad(p[t])
    dpq_sum[:, :, :n_h] = dp[1:] * gamma
    # grad(B_re) = sum(outer(grad(p.sum[t]), x[t]), t)
    # grad(B_im) = sum(outer(grad(q.sum[t]), x[t]), t)
    dB_reim = dpq_sum.reshape(-1, 2 * n_h).T @ x.reshape(-1, n_x)
    # grad(r) = re.cos * grad(re) + im.sin * grad(im) - r * grad(gamma) / gamma
    dr = dim * im_sin
    dr += dre * re_cos
    dr -= dgamma * r / gamma
    # grad(re.arg) = re.cos * grad(im.sin) - im.sin * grad(re.cos)
    dre_arg = dim * r * re_cos
    dre_arg -= dre * im_sin * r
    # grad(theta) = re.arg * grad(re.arg)
    dtheta = dre_arg * re_arg
    # grad(nu) = -r.exp * grad(r.arg)
    dnu = -dr * r * r_exp
    if "x" in wrt:
        # grad(x[t]) = B_re.T @ grad(p.sum[t]) + B_im.T @ grad(q.sum[t]) + D.T @ grad(u.arg[t])
        dx = (du_arg.reshape(-1, n_u) @ D).reshape(T, B, n_x)
        dx += (dpq_sum.reshape(-1, 2 * n_h) @ B_reim).reshape(T, B, n_x)
    if "p0" in wrt:
        # grad(p[t]) = re * grad(p[t+1]) + im * grad(q[t+1]) + C_re.T @ grad(u.arg[t]), t < T
        dp[:1] = dq[1:2] * im
        dp[:1] += dp[1:2] * re
        # grad(p.0) = grad(p[0])
        dp0 = dp[0].copy()
    if "q0" in wrt:
        # grad(q[t]) = re * grad(q[t+1]) - im * grad(p[t+1]) - C_im.T @ grad(u.arg[t]), t < T
        dq[:1] = dq[1:2] * re
        dq[:1] -= dp[1:2] * im
        # grad(q.0) = grad(q[0])
        dq0 = dq[0].copy()
    dB_re = dB_reim[:n_h]
    dB_im = dB_reim[n_h:2 * n_h]

    gradient = Params(nu=dnu, theta=dtheta, B_re=dB_re, B_im=dB_im, C_re=dC_re, C_im=dC_im, D=dD, V=dV, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "p0" in wrt:
        result["p0"] = dp0[0] if single else dp0
    if "q0" in wrt:
        result["q0"] = dq0[0] if single else dq0
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
    y        (B)          0..n_y - 1         the class of the whole sequence
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    (
        params, x, y, r, re, im, gamma, p, q, u, yhat, dtype, single, n_h, n_x, n_u, n_y, T, B,
    ) = _backward_arguments(params, forward, x, y)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params

    B_reim = np.concatenate((B_re, B_im))
    # r.exp = exp(nu)
    r_exp = np.exp(nu)
    # re.arg = exp(theta)
    re_arg = np.exp(theta)
    # re.cos = cos(re.arg)
    re_cos = np.cos(re_arg)
    # im.sin = sin(re.arg)
    im_sin = np.sin(re_arg)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    pq_sum = (x.reshape(-1, n_x) @ B_reim.T).reshape(T, B, 2 * n_h)
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    u_arg = -(q[1:].reshape(-1, n_h) @ C_im.T).reshape(T, B, n_u)
    u_arg += (p[1:].reshape(-1, n_h) @ C_re.T).reshape(T, B, n_u)
    u_arg += (x.reshape(-1, n_x) @ D.T).reshape(T, B, n_u)
    # o.sum = sum(u[t], t)
    o_sum = u.sum(axis=0)
    p_sum = pq_sum[..., :n_h]
    q_sum = pq_sum[..., n_h:2 * n_h]
    # grad(o) = yhat - onehot(y)
    do = yhat.copy()
    do[np.arange(B), y] -= 1
    # grad(c) = grad(o)
    dc = do.sum(axis=0)
    # grad(V) = outer(grad(o), o.sum) / T
    dV = do.T @ o_sum / T
    # grad(o.sum) = (V.T @ grad(o)) / T
    do_sum = do @ V / T
    # grad(u.arg[t]) = (0.5 + erf(sqrt(2) * u.arg[t] / 2) / 2 + sqrt(2) * u.arg[t] * exp(-u.arg[t]**2 / 2)
    #     / (2 * sqrt(pi))) * grad(o.sum)
    du_arg = do_sum * (0.5 + 0.5 * 0.5641895835477563 * 1.4142135623730951 * np.exp(-0.5 * u_arg**2) * u_arg + 0.5 * _erf(0.5 * 1.4142135623730951 * u_arg))
    # grad(C_im) = sum(-outer(grad(u.arg[t]), q[t]), t)
    dC_im = -du_arg.reshape(-1, n_u).T @ q[1:].reshape(-1, n_h)
    # grad(q[t]) = re * grad(q[t+1]) - im * grad(p[t+1]) - C_im.T @ grad(u.arg[t]), t < T
    dq = -(du_arg.reshape(-1, n_u) @ C_im).reshape(T, B, n_h)
    # grad(C_re) = sum(outer(grad(u.arg[t]), p[t]), t)
    dC_re = du_arg.reshape(-1, n_u).T @ p[1:].reshape(-1, n_h)
    # grad(p[t]) = re * grad(p[t+1]) + im * grad(q[t+1]) + C_re.T @ grad(u.arg[t]), t < T
    dp = (du_arg.reshape(-1, n_u) @ C_re).reshape(T, B, n_h)
    # grad(D) = sum(outer(grad(u.arg[t]), x[t]), t)
    dD = du_arg.reshape(-1, n_u).T @ x.reshape(-1, n_x)
    for t in range(T - 1, 0, -1):
        # grad(p[t]) = re * grad(p[t+1]) + im * grad(q[t+1]) + C_re.T @ grad(u.arg[t]), t < T
        dp[t - 1] += dq[t] * im
        dp[t - 1] += dp[t] * re
        # grad(q[t]) = re * grad(q[t+1]) - im * grad(p[t+1]) - C_im.T @ grad(u.arg[t]), t < T
        dq[t - 1] += dq[t] * re
        dq[t - 1] -= dp[t] * im
    # grad(gamma) = sum(p.sum[t] * grad(p[t]) + q.sum[t] * grad(q[t]), t)
    dgamma = np.einsum("tbi,tbi->i", dp, p_sum)
    dgamma += np.einsum("tbi,tbi->i", dq, q_sum)
    # grad(im) = sum(p[t-1] * grad(q[t]) - q[t-1] * grad(p[t]), t)
    dim = np.einsum("tbi,tbi->i", dq, p[:T])
    dim -= np.einsum("tbi,tbi->i", dp, q[:T])
    # grad(re) = sum(p[t-1] * grad(p[t]) + q[t-1] * grad(q[t]), t)
    dre = np.einsum("tbi,tbi->i", dp, p[:T])
    dre += np.einsum("tbi,tbi->i", dq, q[:T])
    dpq_sum = np.empty((T, B, 2 * n_h), dtype)
    # grad(q.sum[t]) = gamma * grad(q[t])
    dpq_sum[:, :, n_h:] = dq * gamma
    # grad(p.sum[t]) = gamma * grad(p[t])
    dpq_sum[:, :, :n_h] = dp * gamma
    # grad(B_re) = sum(outer(grad(p.sum[t]), x[t]), t)
    # grad(B_im) = sum(outer(grad(q.sum[t]), x[t]), t)
    dB_reim = dpq_sum.reshape(-1, 2 * n_h).T @ x.reshape(-1, n_x)
    # grad(r) = re.cos * grad(re) + im.sin * grad(im) - r * grad(gamma) / gamma
    dr = dim * im_sin
    dr += dre * re_cos
    dr -= dgamma * r / gamma
    # grad(re.arg) = re.cos * grad(im.sin) - im.sin * grad(re.cos)
    dre_arg = dim * r * re_cos
    dre_arg -= dre * im_sin * r
    # grad(theta) = re.arg * grad(re.arg)
    dtheta = dre_arg * re_arg
    # grad(nu) = -r.exp * grad(r.arg)
    dnu = -dr * r * r_exp
    dB_re = dB_reim[:n_h]
    dB_im = dB_reim[n_h:2 * n_h]

    return Params(nu=dnu, theta=dtheta, B_re=dB_re, B_im=dB_im, C_re=dC_re, C_im=dC_im, D=dD, V=dV, c=dc)


def init_state(
    params: Params, *, p0: np.ndarray | None = None, q0: np.ndarray | None = None, batch: int | None = None
) -> State:
    """The state before the first step; of one example where `batch` is None.

    p0  (B, n_h)  real  p[0]; 0 where not given
    q0  (B, n_h)  real  q[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, p0, q0, dtype, single, n_h, n_x, n_u, n_y, B = _initial_arguments(params, p0, q0, batch)

    # p[0] = 0
    p_prev = p0.copy()
    # q[0] = 0
    q_prev = q0.copy()

    if single:
        p_prev = p_prev[0]
        q_prev = q_prev[0]
    return State(p=p_prev, q=q_prev)


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real  what is read at each step

    Data without the axis B are one example.
    """
    params, x, p_prev, q_prev, dtype, single, n_h, n_x, n_u, n_y, B = _step_arguments(params, state, x)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params

    B_reim = np.concatenate((B_re, B_im))
    # r.exp = exp(nu)
    r_exp = np.exp(nu)
    # r.arg = -r.exp
    r_arg = -r_exp
    # r = exp(-exp(nu))
    r = np.exp(r_arg)
    # re.arg = exp(theta)
    re_arg = np.exp(theta)
    # re.cos = cos(re.arg)
    re_cos = np.cos(re_arg)
    # re = r * cos(exp(theta))
    re = r * re_cos
    # im.sin = sin(re.arg)
    im_sin = np.sin(re_arg)
    # im = r * sin(exp(theta))
    im = im_sin * r
    # gamma = sqrt(1 - r**2)
    gamma = np.sqrt(1 - r**2)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    pq_sum_ = x @ B_reim.T
    # p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])
    p = gamma * pq_sum_[:, :n_h]
    p += p_prev * re
    p -= im * q_prev
    # q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])
    q = gamma * pq_sum_[:, n_h:]
    q += im * p_prev
    q += q_prev * re
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    u_arg = -q @ C_im.T
    u_arg += p @ C_re.T
    u_arg += x @ D.T
    # u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
    u = _gelu(u_arg)

    if single:
        p = p[0]
        q = q[0]
        u = u[0]
    result = State(p=p, q=q)
    return result, Outputs(p=p, q=q, u=u)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.p.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.p.ndim < 3 else forward.p.shape[1], forward.p.ndim < 3, 1
    )
    return State(p=_last(forward.p, 0, 1, 1, lengths), q=_last(forward.q, 0, 1, 1, lengths))


def _forward_padded(params, x, y, p0, q0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, p0, q0, dtype, single, n_h, n_x, n_u, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, p0, q0, lengths)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params

    B_reim = np.concatenate((B_re, B_im))
    # r.exp = exp(nu)
    r_exp = np.exp(nu)
    # r.arg = -r.exp
    r_arg = -r_exp
    # r = exp(-exp(nu))
    r = np.exp(r_arg)
    # re.arg = exp(theta)
    re_arg = np.exp(theta)
    # re.cos = cos(re.arg)
    re_cos = np.cos(re_arg)
    # re = r * cos(exp(theta))
    re = r * re_cos
    # im.sin = sin(re.arg)
    im_sin = np.sin(re_arg)
    # im = r * sin(exp(theta))
    im = im_sin * r
    # gamma = sqrt(1 - r**2)
    gamma = np.sqrt(1 - r**2)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    pq_sum = (x.reshape(-1, n_x) @ B_reim.T).reshape(T, B, 2 * n_h)
    p = np.empty((T + 1, B, n_h), dtype)
    # p[0] = 0
    p[0] = p0
    q = np.empty((T + 1, B, n_h), dtype)
    # q[0] = 0
    q[0] = q0
    for t in range(1, T + 1):
        # p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])
        p[t] = np.where((t <= T_own)[:, None], gamma * pq_sum[t - 1, :, :n_h] + p[t - 1] * re - im * q[t - 1], p[t - 1])
        # q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])
        q[t] = np.where((t <= T_own)[:, None], gamma * pq_sum[t - 1, :, n_h:] + im * p[t - 1] + q[t - 1] * re, q[t - 1])
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    u_arg = -(q[1:].reshape(-1, n_h) @ C_im.T).reshape(T, B, n_u)
    u_arg += (p[1:].reshape(-1, n_h) @ C_re.T).reshape(T, B, n_u)
    u_arg += (x.reshape(-1, n_x) @ D.T).reshape(T, B, n_u)
    # u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
    u = _gelu(u_arg)
    # o.sum = sum(where(t <= T.own, u[t], 0), t)
    o_sum = np.where((np.arange(1, T + 1) <= T_own[:, None])[:, None], u.transpose(1, 2, 0), 0).sum(axis=2)
    # o = c + V @ mean(u[t], t)
    o = ((1 / T_own)[:, None] * o_sum) @ V.T
    o += c
    # yhat = softmax(o)
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])
    if y is not None:
        # loss = -log(yhat[y])
        loss = -o[np.arange(B), y].sum()
        loss += yhat_lse.sum()
    else:
        loss = None

    if single:
        p = p[:, 0]
        q = q[:, 0]
        u = u[:, 0]
        o = o[0]
        yhat = yhat[0]
    return Forward(
        r=r, re=re, im=im, gamma=gamma, p=p, q=q, u=u, o=o, yhat=yhat, loss=None if loss is None else float(loss)
    )


def _loss_padded(params, x, y, p0, q0, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, p0, q0, dtype, single, n_h, n_x, n_u, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, p0, q0, lengths, whole=True)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params

    B_reim = np.concatenate((B_re, B_im))
    # r.exp = exp(nu)
    r_exp = np.exp(nu)
    # r.arg = -r.exp
    r_arg = -r_exp
    # r = exp(-exp(nu))
    r = np.exp(r_arg)
    # re.arg = exp(theta)
    re_arg = np.exp(theta)
    # re.cos = cos(re.arg)
    re_cos = np.cos(re_arg)
    # re = r * cos(exp(theta))
    re = r * re_cos
    # im.sin = sin(re.arg)
    im_sin = np.sin(re_arg)
    # im = r * sin(exp(theta))
    im = im_sin * r
    # gamma = sqrt(1 - r**2)
    gamma = np.sqrt(1 - r**2)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    pq_sum = (x.reshape(-1, n_x) @ B_reim.T).reshape(T, B, 2 * n_h)
    p = np.empty((T + 1, B, n_h), dtype)
    # p[0] = 0
    p[0] = p0
    q = np.empty((T + 1, B, n_h), dtype)
    # q[0] = 0
    q[0] = q0
    for t in range(1, T + 1):
        # p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])
        p[t] = np.where((t <= T_own)[:, None], gamma * pq_sum[t - 1, :, :n_h] + p[t - 1] * re - im * q[t - 1], p[t - 1])
        # q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])
        q[t] = np.where((t <= T_own)[:, None], gamma * pq_sum[t - 1, :, n_h:] + im * p[t - 1] + q[t - 1] * re, q[t - 1])
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    u_arg = -(q[1:].reshape(-1, n_h) @ C_im.T).reshape(T, B, n_u)
    u_arg += (p[1:].reshape(-1, n_h) @ C_re.T).reshape(T, B, n_u)
    u_arg += (x.reshape(-1, n_x) @ D.T).reshape(T, B, n_u)
    # u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
    u = _gelu(u_arg)
    # o.sum = sum(where(t <= T.own, u[t], 0), t)
    o_sum = np.where((np.arange(1, T + 1) <= T_own[:, None])[:, None], u.transpose(1, 2, 0), 0).sum(axis=2)
    # o = c + V @ mean(u[t], t)
    o = ((1 / T_own)[:, None] * o_sum) @ V.T
    o += c
    # yhat = softmax(o)
    yhat_lse = _logsumexp(o, 1)
    # loss = -log(yhat[y])
    loss = -o[np.arange(B), y].sum()
    loss += yhat_lse.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, p0, q0, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, p0, q0, dtype, single, n_h, n_x, n_u, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, p0, q0, lengths, whole=True)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params
    wrt = _asked(wrt, ("x", "p0", "q0"))
    window_T = _window(window, "T", ("T",), T)

    B_reim = np.concatenate((B_re, B_im))
    # r.exp = exp(nu)
    r_exp = np.exp(nu)
    # r.arg = -r.exp
    r_arg = -r_exp
    # r = exp(-exp(nu))
    r = np.exp(r_arg)
    # re.arg = exp(theta)
    re_arg = np.exp(theta)
    # re.cos = cos(re.arg)
    re_cos = np.cos(re_arg)
    # re = r * cos(exp(theta))
    re = r * re_cos
    # im.sin = sin(re.arg)
    im_sin = np.sin(re_arg)
    # im = r * sin(exp(theta))
    im = im_sin * r
    # gamma = sqrt(1 - r**2)
    gamma = np.sqrt(1 - r**2)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    pq_sum = (x.reshape(-1, n_x) @ B_reim.T).reshape(T, B, 2 * n_h)
    p = np.empty((T + 1, B, n_h), dtype)
    # p[0] = 0
    p[0] = p0
    q = np.empty((T + 1, B, n_h), dtype)
    # q[0] = 0
    q[0] = q0
    for t in range(1, T + 1):
        # p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])
        p[t] = np.where((t <= T_own)[:, None], gamma * pq_sum[t - 1, :, :n_h] + p[t - 1] * re - im * q[t - 1], p[t - 1])
        # q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])
        q[t] = np.where((t <= T_own)[:, None], gamma * pq_sum[t - 1, :, n_h:] + im * p[t - 1] + q[t - 1] * re, q[t - 1])
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    u_arg = -(q[1:].reshape(-1, n_h) @ C_im.T).reshape(T, B, n_u)
    u_arg += (p[1:].reshape(-1, n_h) @ C_re.T).reshape(T, B, n_u)
    u_arg += (x.reshape(-1, n_x) @ D.T).reshape(T, B, n_u)
    # u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
    u = _gelu(u_arg)
    # o.sum = sum(where(t <= T.own, u[t], 0), t)
    o_sum = np.where((np.arange(1, T + 1) <= T_own[:, None])[:, None], u.transpose(1, 2, 0), 0).sum(axis=2)
    # o = c + V @ mean(u[t], t)
    o = ((1 / T_own)[:, None] * o_sum) @ V.T
    o += c
    # yhat = softmax(o)
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])
    # loss = -log(yhat[y])
    loss = -o[np.arange(B), y].sum()
    loss += yhat_lse.sum()
    p_sum = pq_sum[..., :n_h]
    q_sum = pq_sum[..., n_h:2 * n_h]
    # grad(o) = yhat - onehot(y)
    do = yhat.copy()
    do[np.arange(B), y] -= 1
    # grad(c) = grad(o)
    dc = do.sum(axis=0)
    # grad(V) = outer(grad(o), o.sum) / T.own
    dV = (do.T / T_own) @ o_sum
    # grad(o.sum) = (V.T @ grad(o)) / T.own
    do_sum = ((1 / T_own)[:, None] * do) @ V
    # grad(u.arg[t]) = (0.5 + erf(sqrt(2) * u.arg[t] / 2) / 2 + sqrt(2) * u.arg[t] * exp(-u.arg[t]**2 / 2)
    #     / (2 * sqrt(pi))) * grad(u[t])
    du_arg = do_sum * (0.5 + 0.5 * 0.5641895835477563 * 1.4142135623730951 * np.exp(-0.5 * u_arg**2) * u_arg + 0.5 * _erf(0.5 * 1.4142135623730951 * u_arg)) * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    # grad(C_im) = sum(-outer(grad(u.arg[t]), q[t]), t)
    dC_im = -du_arg.reshape(-1, n_u).T @ q[1:].reshape(-1, n_h)
    # grad(C_re) = sum(outer(grad(u.arg[t]), p[t]), t)
    dC_re = du_arg.reshape(-1, n_u).T @ p[1:].reshape(-1, n_h)
    # grad(D) = sum(outer(grad(u.arg[t]), x[t]), t)
    dD = du_arg.reshape(-1, n_u).T @ x.reshape(-1, n_x)
    dq = np.empty((T + 1, B, n_h), dtype)
    # grad(q[t]) = same_window(t, maximum(t - 1, 0), window.T) * re * grad(q[t+1]) - same_window(t,
    #     maximum(t - 1, 0), window.T) * im * grad(p[t+1]) - C_im.T @ grad(u.arg[t]), t < T
    dq[1:] = -(du_arg.reshape(-1, n_u) @ C_im).reshape(T, B, n_h)
    dp = np.empty((T + 1, B, n_h), dtype)
    # grad(p[t]) = same_window(t, maximum(t - 1, 0), window.T) * re * grad(p[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * im * grad(q[t+1]) + C_re.T @ grad(u.arg[t]), t < T
    dp[1:] = (du_arg.reshape(-1, n_u) @ C_re).reshape(T, B, n_h)
    for t in range(T - 1, 0, -1):
        # grad(p[t]) = same_window(t, maximum(t - 1, 0), window.T) * re * grad(p[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * im * grad(q[t+1]) + C_re.T @ grad(u.arg[t]), t < T
        dp[t] += dq[t + 1] * im * (t // window_T == max(t - 1, 0) // window_T)
        dp[t] += dp[t + 1] * re * (t // window_T == max(t - 1, 0) // window_T)
        # grad(q[t]) = same_window(t, maximum(t - 1, 0), window.T) * re * grad(q[t+1]) - same_window(t,
        #     maximum(t - 1, 0), window.T) * im * grad(p[t+1]) - C_im.T @ grad(u.arg[t]), t < T
        dq[t] += dq[t + 1] * re * (t // window_T == max(t - 1, 0) // window_T)
        dq[t] -= dp[t + 1] * im * (t // window_T == max(t - 1, 0) // window_T)
    # grad(gamma) = sum(p.sum[t] * grad(p[t]) + q.sum[t] * grad(q[t]), t)
    dgamma = np.einsum("tbi,tbi->i", dp[1:], p_sum)
    dgamma += np.einsum("tbi,tbi->i", dq[1:], q_sum)
    # grad(im) = sum(p[t-1] * grad(q[t]) - q[t-1] * grad(p[t]), t)
    dim = np.einsum("tbi,tbi->i", dq[1:], p[:T])
    dim -= np.einsum("tbi,tbi->i", dp[1:], q[:T])
    # grad(re) = sum(p[t-1] * grad(p[t]) + q[t-1] * grad(q[t]), t)
    dre = np.einsum("tbi,tbi->i", dp[1:], p[:T])
    dre += np.einsum("tbi,tbi->i", dq[1:], q[:T])
    dpq_sum = np.empty((T, B, 2 * n_h), dtype)
    # grad(q.sum[t]) = gamma * grad(q[t])
    dpq_sum[:, :, n_h:] = dq[1:] * gamma
    # grad(p.sum[t]) = gamma * grad(p[t])
    dpq_sum[:, :, :n_h] = dp[1:] * gamma
    # grad(B_re) = sum(outer(grad(p.sum[t]), x[t]), t)
    # grad(B_im) = sum(outer(grad(q.sum[t]), x[t]), t)
    dB_reim = dpq_sum.reshape(-1, 2 * n_h).T @ x.reshape(-1, n_x)
    # grad(r) = re.cos * grad(re) + im.sin * grad(im) - r * grad(gamma) / gamma
    dr = dim * im_sin
    dr += dre * re_cos
    dr -= dgamma * r / gamma
    # grad(re.arg) = re.cos * grad(im.sin) - im.sin * grad(re.cos)
    dre_arg = dim * r * re_cos
    dre_arg -= dre * im_sin * r
    # grad(theta) = re.arg * grad(re.arg)
    dtheta = dre_arg * re_arg
    # grad(nu) = -r.exp * grad(r.arg)
    dnu = -dr * r * r_exp
    if "x" in wrt:
        # grad(x[t]) = B_re.T @ grad(p.sum[t]) + B_im.T @ grad(q.sum[t]) + D.T @ grad(u.arg[t])
        dx = (du_arg.reshape(-1, n_u) @ D).reshape(T, B, n_x)
        dx += (dpq_sum.reshape(-1, 2 * n_h) @ B_reim).reshape(T, B, n_x)
    if "p0" in wrt:
        # grad(p[t]) = same_window(t, maximum(t - 1, 0), window.T) * re * grad(p[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * im * grad(q[t+1]) + C_re.T @ grad(u.arg[t]), t < T
        dp[:1] = dq[1:2] * im * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        dp[:1] += dp[1:2] * re * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        # grad(p.0) = grad(p[0])
        dp0 = dp[0].copy()
    if "q0" in wrt:
        # grad(q[t]) = same_window(t, maximum(t - 1, 0), window.T) * re * grad(q[t+1]) - same_window(t,
        #     maximum(t - 1, 0), window.T) * im * grad(p[t+1]) - C_im.T @ grad(u.arg[t]), t < T
        dq[:1] = dq[1:2] * re * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        dq[:1] -= dp[1:2] * im * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        # grad(q.0) = grad(q[0])
        dq0 = dq[0].copy()
    dB_re = dB_reim[:n_h]
    dB_im = dB_reim[n_h:2 * n_h]

    gradient = Params(nu=dnu, theta=dtheta, B_re=dB_re, B_im=dB_im, C_re=dC_re, C_im=dC_im, D=dD, V=dV, c=dc)
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "p0" in wrt:
        result["p0"] = dp0[0] if single else dp0
    if "q0" in wrt:
        result["q0"] = dq0[0] if single else dq0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, r, re, im, gamma, p, q, u, yhat, dtype, single, n_h, n_x, n_u, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params
    window_T = _window(window, "T", ("T",), T)

    B_reim = np.concatenate((B_re, B_im))
    # r.exp = exp(nu)
    r_exp = np.exp(nu)
    # re.arg = exp(theta)
    re_arg = np.exp(theta)
    # re.cos = cos(re.arg)
    re_cos = np.cos(re_arg)
    # im.sin = sin(re.arg)
    im_sin = np.sin(re_arg)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    pq_sum = (x.reshape(-1, n_x) @ B_reim.T).reshape(T, B, 2 * n_h)
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    u_arg = -(q[1:].reshape(-1, n_h) @ C_im.T).reshape(T, B, n_u)
    u_arg += (p[1:].reshape(-1, n_h) @ C_re.T).reshape(T, B, n_u)
    u_arg += (x.reshape(-1, n_x) @ D.T).reshape(T, B, n_u)
    # o.sum = sum(where(t <= T.own, u[t], 0), t)
    o_sum = np.where((np.arange(1, T + 1) <= T_own[:, None])[:, None], u.transpose(1, 2, 0), 0).sum(axis=2)
    p_sum = pq_sum[..., :n_h]
    q_sum = pq_sum[..., n_h:2 * n_h]
    # grad(o) = yhat - onehot(y)
    do = yhat.copy()
    do[np.arange(B), y] -= 1
    # grad(c) = grad(o)
    dc = do.sum(axis=0)
    # grad(V) = outer(grad(o), o.sum) / T.own
    dV = (do.T / T_own) @ o_sum
    # grad(o.sum) = (V.T @ grad(o)) / T.own
    do_sum = ((1 / T_own)[:, None] * do) @ V
    # grad(u.arg[t]) = (0.5 + erf(sqrt(2) * u.arg[t] / 2) / 2 + sqrt(2) * u.arg[t] * exp(-u.arg[t]**2 / 2)
    #     / (2 * sqrt(pi))) * grad(u[t])
    du_arg = do_sum * (0.5 + 0.5 * 0.5641895835477563 * 1.4142135623730951 * np.exp(-0.5 * u_arg**2) * u_arg + 0.5 * _erf(0.5 * 1.4142135623730951 * u_arg)) * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    # grad(C_im) = sum(-outer(grad(u.arg[t]), q[t]), t)
    dC_im = -du_arg.reshape(-1, n_u).T @ q[1:].reshape(-1, n_h)
    # grad(q[t]) = same_window(t, maximum(t - 1, 0), window.T) * re * grad(q[t+1]) - same_window(t,
    #     maximum(t - 1, 0), window.T) * im * grad(p[t+1]) - C_im.T @ grad(u.arg[t]), t < T
    dq = -(du_arg.reshape(-1, n_u) @ C_im).reshape(T, B, n_h)
    # grad(C_re) = sum(outer(grad(u.arg[t]), p[t]), t)
    dC_re = du_arg.reshape(-1, n_u).T @ p[1:].reshape(-1, n_h)
    # grad(p[t]) = same_window(t, maximum(t - 1, 0), window.T) * re * grad(p[t+1]) + same_window(t,
    #     maximum(t - 1, 0), window.T) * im * grad(q[t+1]) + C_re.T @ grad(u.arg[t]), t < T
    dp = (du_arg.reshape(-1, n_u) @ C_re).reshape(T, B, n_h)
    # grad(D) = sum(outer(grad(u.arg[t]), x[t]), t)
    dD = du_arg.reshape(-1, n_u).T @ x.reshape(-1, n_x)
    for t in range(T - 1, 0, -1):
        # grad(p[t]) = same_window(t, maximum(t - 1, 0), window.T) * re * grad(p[t+1]) + same_window(t,
        #     maximum(t - 1, 0), window.T) * im * grad(q[t+1]) + C_re.T @ grad(u.arg[t]), t < T
        dp[t - 1] += dq[t] * im * (t // window_T == max(t - 1, 0) // window_T)
        dp[t - 1] += dp[t] * re * (t // window_T == max(t - 1, 0) // window_T)
        # grad(q[t]) = same_window(t, maximum(t - 1, 0), window.T) * re * grad(q[t+1]) - same_window(t,
        #     maximum(t - 1, 0), window.T) * im * grad(p[t+1]) - C_im.T @ grad(u.arg[t]), t < T
        dq[t - 1] += dq[t] * re * (t // window_T == max(t - 1, 0) // window_T)
        dq[t - 1] -= dp[t] * im * (t // window_T == max(t - 1, 0) // window_T)
    # grad(gamma) = sum(p.sum[t] * grad(p[t]) + q.sum[t] * grad(q[t]), t)
    dgamma = np.einsum("tbi,tbi->i", dp, p_sum)
    dgamma += np.einsum("tbi,tbi->i", dq, q_sum)
    # grad(im) = sum(p[t-1] * grad(q[t]) - q[t-1] * grad(p[t]), t)
    dim = np.einsum("tbi,tbi->i", dq, p[:T])
    dim -= np.einsum("tbi,tbi->i", dp, q[:T])
    # grad(re) = sum(p[t-1] * grad(p[t]) + q[t-1] * grad(q[t]), t)
    dre = np.einsum("tbi,tbi->i", dp, p[:T])
    dre += np.einsum("tbi,tbi->i", dq, q[:T])
    dpq_sum = np.empty((T, B, 2 * n_h), dtype)
    # grad(q.sum[t]) = gamma * grad(q[t])
    dpq_sum[:, :, n_h:] = dq * gamma
    # grad(p.sum[t]) = gamma * grad(p[t])
    dpq_sum[:, :, :n_h] = dp * gamma
    # grad(B_re) = sum(outer(grad(p.sum[t]), x[t]), t)
    # grad(B_im) = sum(outer(grad(q.sum[t]), x[t]), t)
    dB_reim = dpq_sum.reshape(-1, 2 * n_h).T @ x.reshape(-1, n_x)
    # grad(r) = re.cos * grad(re) + im.sin * grad(im) - r * grad(gamma) / gamma
    dr = dim * im_sin
    dr += dre * re_cos
    dr -= dgamma * r / gamma
    # grad(re.arg) = re.cos * grad(im.sin) - im.sin * grad(re.cos)
    dre_arg = dim * r * re_cos
    dre_arg -= dre * im_sin * r
    # grad(theta) = re.arg * grad(re.arg)
    dtheta = dre_arg * re_arg
    # grad(nu) = -r.exp * grad(r.arg)
    dnu = -dr * r * r_exp
    dB_re = dB_reim[:n_h]
    dB_im = dB_reim[n_h:2 * n_h]

    return Params(nu=dnu, theta=dtheta, B_re=dB_re, B_im=dB_im, C_re=dC_re, C_im=dC_im, D=dD, V=dV, c=dc)


def _arguments(params, x, y, p0, q0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_u, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from B_re")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (*batch_axis,), ("B",), "B from x")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[None]
    if p0 is None:
        p0 = np.zeros((B, n_h), dtype)
    else:
        p0 = _real("p0", p0, dtype)
        _expect("p0", p0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from nu")
        if single:
            p0 = p0[None]
    if q0 is None:
        q0 = np.zeros((B, n_h), dtype)
    else:
        q0 = _real("q0", q0, dtype)
        _expect("q0", q0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from nu")
        if single:
            q0 = q0[None]
    return params, x, y, p0, q0, dtype, single, n_h, n_x, n_u, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_u, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    r = _real("forward.r", forward.r, dtype)
    re = _real("forward.re", forward.re, dtype)
    im = _real("forward.im", forward.im, dtype)
    gamma = _real("forward.gamma", forward.gamma, dtype)
    p = _real("forward.p", forward.p, dtype)
    q = _real("forward.q", forward.q, dtype)
    u = _real("forward.u", forward.u, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from B_re")
    _expect("y", y, (*batch_axis,), ("B",), "B from x")
    _expect("forward.r", r, (n_h,), ("n_h",), "n_h from nu")
    _expect("forward.re", re, (n_h,), ("n_h",), "n_h from nu")
    _expect("forward.im", im, (n_h,), ("n_h",), "n_h from nu")
    _expect("forward.gamma", gamma, (n_h,), ("n_h",), "n_h from nu")
    _expect("forward.p", p, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from nu")
    _expect("forward.q", q, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from nu")
    _expect("forward.u", u, (T, *batch_axis, n_u), ("T", "B", "n_u"), "T and B from x, n_u from C_re")
    _expect("forward.yhat", yhat, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[None]
        p = p[:, None]
        q = q[:, None]
        u = u[:, None]
        yhat = yhat[None]
    return params, x, y, r, re, im, gamma, p, q, u, yhat, dtype, single, n_h, n_x, n_u, n_y, T, B


def _initial_arguments(params, p0, q0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_u, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if p0 is None:
        p0 = np.zeros((B, n_h), dtype)
    else:
        p0 = _real("p0", p0, dtype)
        _expect("p0", p0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from nu")
        if single:
            p0 = p0[None]
    if q0 is None:
        q0 = np.zeros((B, n_h), dtype)
    else:
        q0 = _real("q0", q0, dtype)
        _expect("q0", q0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from nu")
        if single:
            q0 = q0[None]
    return params, p0, q0, dtype, single, n_h, n_x, n_u, n_y, B


def _step_arguments(params, state, x):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_u, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    p_prev = _real("state.p", state.p, dtype)
    q_prev = _real("state.q", state.q, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from B_re")
    _expect("state.p", p_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from nu")
    _expect("state.q", q_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from nu")
    if single:
        x = x[None]
        p_prev = p_prev[None]
        q_prev = q_prev[None]
    return params, x, p_prev, q_prev, dtype, single, n_h, n_x, n_u, n_y, B


def _padded_arguments(params, x, y, p0, q0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_u, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from B_re")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (*batch_axis,), ("B",), "B from x")
        if single:
            y = y[None]
    if p0 is None:
        p0 = np.zeros((B, n_h), dtype)
    else:
        p0 = _real("p0", p0, dtype)
        _expect("p0", p0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from nu")
        if single:
            p0 = p0[None]
    if q0 is None:
        q0 = np.zeros((B, n_h), dtype)
    else:
        q0 = _real("q0", q0, dtype)
        _expect("q0", q0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from nu")
        if single:
            q0 = q0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, p0, q0, dtype, single, n_h, n_x, n_u, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_u, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    r = _real("forward.r", forward.r, dtype)
    re = _real("forward.re", forward.re, dtype)
    im = _real("forward.im", forward.im, dtype)
    gamma = _real("forward.gamma", forward.gamma, dtype)
    p = _real("forward.p", forward.p, dtype)
    q = _real("forward.q", forward.q, dtype)
    u = _real("forward.u", forward.u, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from B_re")
    _expect("y", y, (*batch_axis,), ("B",), "B from x")
    _expect("forward.r", r, (n_h,), ("n_h",), "n_h from nu")
    _expect("forward.re", re, (n_h,), ("n_h",), "n_h from nu")
    _expect("forward.im", im, (n_h,), ("n_h",), "n_h from nu")
    _expect("forward.gamma", gamma, (n_h,), ("n_h",), "n_h from nu")
    _expect("forward.p", p, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from nu")
    _expect("forward.q", q, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from nu")
    _expect("forward.u", u, (T, *batch_axis, n_u), ("T", "B", "n_u"), "T and B from x, n_u from C_re")
    _expect("forward.yhat", yhat, (*batch_axis, n_y), ("B", "n_y"), "B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[None]
        p = p[:, None]
        q = q[:, None]
        u = u[:, None]
        yhat = yhat[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, r, re, im, gamma, p, q, u, yhat, dtype, single, n_h, n_x, n_u, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params
    _rank("nu", nu, ("n_h",))
    (n_h,) = nu.shape
    _rank("B_re", B_re, ("n_h", "n_x"))
    n_x = B_re.shape[1]
    _rank("C_re", C_re, ("n_u", "n_h"))
    n_u = C_re.shape[0]
    _rank("V", V, ("n_y", "n_u"))
    n_y = V.shape[0]
    _expect("theta", theta, (n_h,), ("n_h",), "n_h from nu")
    _expect("B_re", B_re, (n_h, n_x), ("n_h", "n_x"), "n_h from nu")
    _expect("B_im", B_im, (n_h, n_x), ("n_h", "n_x"), "n_h from nu, n_x from B_re")
    _expect("C_re", C_re, (n_u, n_h), ("n_u", "n_h"), "n_h from nu")
    _expect("C_im", C_im, (n_u, n_h), ("n_u", "n_h"), "n_u from C_re, n_h from nu")
    _expect("D", D, (n_u, n_x), ("n_u", "n_x"), "n_u from C_re, n_x from B_re")
    _expect("V", V, (n_y, n_u), ("n_y", "n_u"), "n_u from C_re")
    _expect("c", c, (n_y,), ("n_y",), "n_y from V")
    return params, dtype, n_h, n_x, n_u, n_y


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


# Numerators and denominators, the highest power first: fdlibm (Sun Microsystems, 1993), s_erf.c.
_ERF_NEAR = (
    (-2.37630166566501626084e-05, -5.77027029648944159157e-03, -2.84817495755985104766e-02,
     -3.25042107247001499370e-01, 1.28379167095512558561e-01),
    (-3.96022827877536812320e-06, 1.32494738004321644526e-04, 5.08130628187576562776e-03,
     6.50222499887672944485e-02, 3.97917223959155352819e-01, 1.0),
)  # fmt: skip
_ERF_MIDDLE = (
    (-2.16637559486879084300e-03, 3.54783043256182359371e-02, -1.10894694282396677476e-01,
     3.18346619901161753674e-01, -3.72207876035701323847e-01, 4.14856118683748331666e-01,
     -2.36211856075265944077e-03),
    (1.19844998467991074170e-02, 1.36370839120290507362e-02, 1.26171219808761642112e-01,
     7.18286544141962662868e-02, 5.40397917702171048937e-01, 1.06420880400844228286e-01, 1.0),
)  # fmt: skip
_ERF_TAIL = (
    (-9.81432934416914548592e00, -8.12874355063065934246e01, -1.84605092906711035994e02,
     -1.62396669462573470355e02, -6.23753324503260060396e01, -1.05586262253232909814e01,
     -6.93858572707181764372e-01, -9.86494403484714822705e-03),
    (-6.04244152148580987438e-02, 6.57024977031928170135e00, 1.08635005541779435134e02,
     4.29008140027567833386e02, 6.45387271733267880336e02, 4.34565877475229228821e02,
     1.37657754143519042600e02, 1.96512716674392571292e01, 1.0),
)  # fmt: skip
_ERF_FAR = (
    (-4.83519191608651397019e02, -1.02509513161107724954e03, -6.37566443368389627722e02,
     -1.60636384855821916062e02, -1.77579549177547519889e01, -7.99283237680523006574e-01,
     -9.86494292470009928597e-03),
    (-2.24409524465858183362e01, 4.74528541206955367215e02, 2.55305040643316442583e03,
     3.19985821950859553908e03, 1.53672958608443695994e03, 3.25792512996573918826e02,
     3.03380607434582824924e01, 1.0),
)  # fmt: skip


def _erf(z):
    """The error function, within 4 units in the last place in float64."""
    x = np.minimum(np.abs(np.atleast_1d(z)), 6.0)  # from there on it rounds to 1
    near, middle, far = x < 0.84375, (x >= 0.84375) & (x < 1.25), x >= 1 / 0.35
    value = np.empty_like(x)
    u = x[near]
    value[near] = u + u * _ratio(u * u, _ERF_NEAR)
    value[middle] = 8.45062911510467529297e-01 + _ratio(x[middle] - 1.0, _ERF_MIDDLE)
    for part, coefficients in ((~(near | middle | far), _ERF_TAIL), (far, _ERF_FAR)):
        u = x[part]
        value[part] = 1.0 - np.exp(-u * u - 0.5625 + _ratio(1.0 / (u * u), coefficients)) / u
    return np.copysign(value.reshape(np.shape(z)), z)


def _expect(name, array, shape, axes, why=""):
    """Refuses an array of another shape."""
    if array.shape != shape:
        if len(axes) > len(shape):
            axes = [axis for axis in axes if axis != "B"]
        expected = f"({', '.join(axes)}) = {shape}{why and ', ' + why}" if axes else "a number"
        raise ValueError(f"{name}: shape {array.shape}, expected {expected}")


def _gelu(z):
    """The product of z and the normal distribution function at z."""
    return z * (0.5 * _erf(z * 0.7071067811865476) + 0.5)


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


def _ratio(x, coefficients):
    """The ratio of two polynomials, by Horner's rule."""
    values = []
    for polynomial in coefficients:
        value = polynomial[0] * x
        for coefficient in polynomial[1:-1]:
            value = (value + coefficient) * x
        values.append(value + polynomial[-1])
    return values[0] / values[1]


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
