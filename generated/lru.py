# Written by derive from lru.eq; do not edit.
# Change lru.eq instead, and run: derive generate lru
# source ffc2e018c1fd0418, derive 07e8f9d843407be1, body 8a25a579b2b38ba5
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
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from
                                      there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if state is not None:
        p0, q0 = _resumed(state, ("p", "q"), (("p0", p0), ("q0", q0)))
    if lengths is not None:
        return _forward_padded(params, x, y, p0, q0, lengths)
    params, x, y, p0, q0, dtype, single, n_h, n_x, n_u, n_y, T, B = _arguments(params, x, y, p0, q0)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params

    tmp0 = np.empty((n_h,), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_u), dtype)
    tmp4 = np.empty((B, n_y), dtype)
    B_reim = np.stack((B_re, B_im))
    r_exp = np.empty((n_h,), dtype)
    # r.exp = exp(nu)
    np.exp(nu, out=r_exp)
    r_arg = np.empty((n_h,), dtype)
    # r.arg = -r.exp
    np.negative(r_exp, out=r_arg)
    r = np.empty((n_h,), dtype)
    # r = exp(-exp(nu))
    np.exp(r_arg, out=r)
    re_arg = np.empty((n_h,), dtype)
    # re.arg = exp(theta)
    np.exp(theta, out=re_arg)
    re_cos = np.empty((n_h,), dtype)
    # re.cos = cos(re.arg)
    np.cos(re_arg, out=re_cos)
    re = np.empty((n_h,), dtype)
    # re = r * cos(exp(theta))
    np.multiply(r, re_cos, out=re)
    im_sin = np.empty((n_h,), dtype)
    # im.sin = sin(re.arg)
    np.sin(re_arg, out=im_sin)
    im = np.empty((n_h,), dtype)
    # im = r * sin(exp(theta))
    np.multiply(im_sin, r, out=im)
    gamma = np.empty((n_h,), dtype)
    # gamma = sqrt(1 - r**2)
    np.square(r, out=tmp0)
    np.subtract(1, tmp0, out=tmp0)
    np.sqrt(tmp0, out=gamma)
    pq_sum = np.empty((2, T, B, n_h), dtype)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    np.matmul(x.reshape(-1, n_x), B_reim.transpose(0, 2, 1), out=pq_sum.reshape(2, -1, n_h))
    pq = np.empty((2, T + 1, B, n_h), dtype)
    # p[0] = 0
    pq[0, 0] = p0
    # q[0] = 0
    pq[1, 0] = q0
    # p[0] = 0
    np.multiply(pq_sum[0], gamma, out=pq[0, 1:])
    # q[0] = 0
    np.multiply(pq_sum[1], gamma, out=pq[1, 1:])
    pq_at = list(pq.swapaxes(0, 1))
    q_at = list(pq[1])
    p_at = list(pq[0])
    for t in range(1, T + 1):
        # p[0] = 0
        # q[0] = 0
        np.multiply(pq_at[t - 1], re, out=tmp1)
        pq_at[t] += tmp1
        # p[0] = 0
        np.multiply(q_at[t - 1], im, out=tmp2)
        p_at[t] -= tmp2
        # q[0] = 0
        np.multiply(p_at[t - 1], im, out=tmp2)
        q_at[t] += tmp2
    u_arg = np.empty((T, B, n_u), dtype)
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    np.matmul(pq[1, 1:].reshape(-1, n_h), C_im.T, out=u_arg.reshape(-1, n_u))
    np.negative(u_arg, out=u_arg)
    np.matmul(pq[0, 1:].reshape(-1, n_h), C_re.T, out=tmp3.reshape(-1, n_u))
    u_arg += tmp3
    np.matmul(x.reshape(-1, n_x), D.T, out=tmp3.reshape(-1, n_u))
    u_arg += tmp3
    u = np.empty((T, B, n_u), dtype)
    # u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
    u[...] = _gelu(u_arg)
    o_sum = np.empty((B, n_u), dtype)
    # o.sum = sum(u[t], t)
    np.add.reduce(u, axis=0, out=o_sum)
    o = np.empty((B, n_y), dtype)
    # o = c + V @ mean(u[t], t)
    np.matmul(o_sum, V.T, out=o)
    o *= 1 / T
    o += c
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp4, largest=largest)
    yhat = np.empty((B, n_y), dtype)
    np.subtract(o, yhat_lse[:, None], out=tmp4)
    np.exp(tmp4, out=yhat)
    if y is not None:
        tmp_5_0 = np.empty((B,), dtype)
        rows = np.arange(B).reshape(B)
        flat = np.empty((B,), np.intp)
        # loss = -log(yhat[y])
        _look_up(o, y, rows, flat, out=tmp_5_0)
        np.subtract(yhat_lse, tmp_5_0, out=tmp_5_0)
        loss = tmp_5_0.sum()
    else:
        loss = None
    p = pq[0]
    q = pq[1]

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
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real        what is read at each step
    y          (B)          0..n_y - 1  the class of the whole sequence
    p0         (B, n_h)     real        p[0]; 0 where not given
    q0         (B, n_h)     real        q[0]; 0 where not given
    workspace               Workspace   its arrays are used, and hold the results until its next call
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths    (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        p0, q0 = _resumed(state, ("p", "q"), (("p0", p0), ("q0", q0)))
    if lengths is not None:
        return _loss_padded(params, x, y, p0, q0, lengths, workspace)
    params, x, y, p0, q0, dtype, single, n_h, n_x, n_u, n_y, T, B = _arguments(params, x, y, p0, q0, whole=True)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params

    (
        re_arg, tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, B_reim, r_exp, r_arg, r, re_cos, re, im_sin, im, gamma, pq_sum, pq,
        pq_at, q_at, p_at, u_arg, u, o_sum, o, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_x, n_y, n_h, n_u, B, dtype)
    np.stack((B_re, B_im), out=B_reim)
    # r.exp = exp(nu)
    np.exp(nu, out=r_exp)
    # r.arg = -r.exp
    np.negative(r_exp, out=r_arg)
    # r = exp(-exp(nu))
    np.exp(r_arg, out=r)
    # re.arg = exp(theta)
    np.exp(theta, out=re_arg)
    # re.cos = cos(re.arg)
    np.cos(re_arg, out=re_cos)
    # re = r * cos(exp(theta))
    np.multiply(r, re_cos, out=re)
    # im.sin = sin(re.arg)
    np.sin(re_arg, out=im_sin)
    # im = r * sin(exp(theta))
    np.multiply(im_sin, r, out=im)
    # gamma = sqrt(1 - r**2)
    np.square(r, out=tmp0)
    np.subtract(1, tmp0, out=tmp0)
    np.sqrt(tmp0, out=gamma)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    np.matmul(x.reshape(-1, n_x), B_reim.transpose(0, 2, 1), out=pq_sum.reshape(2, -1, n_h))
    # p[0] = 0
    pq[0, 0] = p0
    # q[0] = 0
    pq[1, 0] = q0
    # p[0] = 0
    np.multiply(pq_sum[0], gamma, out=pq[0, 1:])
    # q[0] = 0
    np.multiply(pq_sum[1], gamma, out=pq[1, 1:])
    for t in range(1, T + 1):
        # p[0] = 0
        # q[0] = 0
        np.multiply(pq_at[t - 1], re, out=tmp1)
        pq_at[t] += tmp1
        # p[0] = 0
        np.multiply(q_at[t - 1], im, out=tmp2)
        p_at[t] -= tmp2
        # q[0] = 0
        np.multiply(p_at[t - 1], im, out=tmp2)
        q_at[t] += tmp2
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    np.matmul(pq[1, 1:].reshape(-1, n_h), C_im.T, out=u_arg.reshape(-1, n_u))
    np.negative(u_arg, out=u_arg)
    np.matmul(pq[0, 1:].reshape(-1, n_h), C_re.T, out=tmp3.reshape(-1, n_u))
    u_arg += tmp3
    np.matmul(x.reshape(-1, n_x), D.T, out=tmp3.reshape(-1, n_u))
    u_arg += tmp3
    # u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
    u[...] = _gelu(u_arg)
    # o.sum = sum(u[t], t)
    np.add.reduce(u, axis=0, out=o_sum)
    # o = c + V @ mean(u[t], t)
    np.matmul(o_sum, V.T, out=o)
    o *= 1 / T
    o += c
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp4, largest=largest)
    # loss = -log(yhat[y])
    _look_up(o, y, rows, flat, out=tmp5)
    np.subtract(yhat_lse, tmp5, out=tmp5)
    loss = tmp5.sum()

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
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x          (T, B, n_x)  real               what is read at each step
    y          (B)          0..n_y - 1         the class of the whole sequence
    p0         (B, n_h)     real               p[0]; 0 where not given
    q0         (B, n_h)     real               q[0]; 0 where not given
    workspace               Workspace          its arrays are used, and hold the results until its next call
    state                   State              what an earlier piece left, from last_state or step: the sequence goes on
                                               from there
    lengths    (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                               where not given
    window                  whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if state is not None:
        p0, q0 = _resumed(state, ("p", "q"), (("p0", p0), ("q0", q0)))
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, p0, q0, lengths, wrt, workspace, window)
    params, x, y, p0, q0, dtype, single, n_h, n_x, n_u, n_y, T, B = _arguments(params, x, y, p0, q0, whole=True)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params
    wrt = _asked(wrt, ("x", "p0", "q0"))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, B_reim, r_exp, r_arg, r, re_arg, re_cos, re, im_sin, im, gamma, pq_sum, pq,
        pq_at, q_at, p_at, u_arg, u, o_sum, o, yhat_lse, largest, yhat, rows, flat, tmp6, tmp7, do, entries, dc, dV,
        do_sum, du_arg, dC_im, dC_re, dD, dpq, dq_at, dp_at, dpq_at, dgamma, dim, dre, dpq_sum, dB_reim, dr, dre_arg,
        dtheta, dnu,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, n_u, B, dtype)
    np.stack((B_re, B_im), out=B_reim)
    # r.exp = exp(nu)
    np.exp(nu, out=r_exp)
    # r.arg = -r.exp
    np.negative(r_exp, out=r_arg)
    # r = exp(-exp(nu))
    np.exp(r_arg, out=r)
    # re.arg = exp(theta)
    np.exp(theta, out=re_arg)
    # re.cos = cos(re.arg)
    np.cos(re_arg, out=re_cos)
    # re = r * cos(exp(theta))
    np.multiply(r, re_cos, out=re)
    # im.sin = sin(re.arg)
    np.sin(re_arg, out=im_sin)
    # im = r * sin(exp(theta))
    np.multiply(im_sin, r, out=im)
    # gamma = sqrt(1 - r**2)
    np.square(r, out=tmp0)
    np.subtract(1, tmp0, out=tmp0)
    np.sqrt(tmp0, out=gamma)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    np.matmul(x.reshape(-1, n_x), B_reim.transpose(0, 2, 1), out=pq_sum.reshape(2, -1, n_h))
    # p[0] = 0
    pq[0, 0] = p0
    # q[0] = 0
    pq[1, 0] = q0
    # p[0] = 0
    np.multiply(pq_sum[0], gamma, out=pq[0, 1:])
    # q[0] = 0
    np.multiply(pq_sum[1], gamma, out=pq[1, 1:])
    for t in range(1, T + 1):
        # p[0] = 0
        # q[0] = 0
        np.multiply(pq_at[t - 1], re, out=tmp1)
        pq_at[t] += tmp1
        # p[0] = 0
        np.multiply(q_at[t - 1], im, out=tmp2)
        p_at[t] -= tmp2
        # q[0] = 0
        np.multiply(p_at[t - 1], im, out=tmp2)
        q_at[t] += tmp2
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    np.matmul(pq[1, 1:].reshape(-1, n_h), C_im.T, out=u_arg.reshape(-1, n_u))
    np.negative(u_arg, out=u_arg)
    np.matmul(pq[0, 1:].reshape(-1, n_h), C_re.T, out=tmp3.reshape(-1, n_u))
    u_arg += tmp3
    np.matmul(x.reshape(-1, n_x), D.T, out=tmp3.reshape(-1, n_u))
    u_arg += tmp3
    # u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
    u[...] = _gelu(u_arg)
    # o.sum = sum(u[t], t)
    np.add.reduce(u, axis=0, out=o_sum)
    # o = c + V @ mean(u[t], t)
    np.matmul(o_sum, V.T, out=o)
    o *= 1 / T
    o += c
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp4, largest=largest)
    np.subtract(o, yhat_lse[:, None], out=tmp4)
    np.exp(tmp4, out=yhat)
    # loss = -log(yhat[y])
    _look_up(o, y, rows, flat, out=tmp5)
    np.subtract(yhat_lse, tmp5, out=tmp5)
    loss = tmp5.sum()
    p_sum = pq_sum[0]
    q_sum = pq_sum[1]
    p = pq[0]
    q = pq[1]
    # grad(o) = yhat - onehot(y)
    _add_to(do, y, rows, flat, entries, -1)
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    # grad(V) = outer(grad(o), o.sum) / T
    np.matmul(do.T, o_sum, out=dV)
    dV *= 1 / T
    # grad(o.sum) = (V.T @ grad(o)) / T
    np.matmul(do, V, out=do_sum)
    do_sum *= 1 / T
    # grad(u.arg[t]) = (0.5 + erf(sqrt(2) * u.arg[t] / 2) / 2 + sqrt(2) * u.arg[t] * exp(-u.arg[t]**2 / 2)
    #     / (2 * sqrt(pi))) * grad(o.sum)
    np.square(u_arg, out=tmp6)
    tmp6 *= -0.5
    np.exp(tmp6, out=tmp3)
    tmp3 *= u_arg
    tmp3 *= 0.3989422804014327
    np.multiply(u_arg, 0.7071067811865476, out=tmp7)
    du_arg[...] = _erf(tmp7)
    du_arg *= 0.5
    du_arg += tmp3
    du_arg += 0.5
    du_arg *= do_sum
    # grad(C_im) = sum(-outer(grad(u.arg[t]), q[t]), t)
    np.matmul(du_arg.reshape(-1, n_u).T, q[1:].reshape(-1, n_h), out=dC_im)
    np.negative(dC_im, out=dC_im)
    # grad(C_re) = sum(outer(grad(u.arg[t]), p[t]), t)
    np.matmul(du_arg.reshape(-1, n_u).T, p[1:].reshape(-1, n_h), out=dC_re)
    # grad(D) = sum(outer(grad(u.arg[t]), x[t]), t)
    np.matmul(du_arg.reshape(-1, n_u).T, x.reshape(-1, n_x), out=dD)
    # grad(q[T]) = -C_im.T @ grad(u.arg[T])
    np.matmul(du_arg.reshape(-1, n_u), C_im, out=dpq[1, 1:].reshape(-1, n_h))
    np.negative(dpq[1, 1:], out=dpq[1, 1:])
    # grad(p[0]) = re * grad(p[1]) + im * grad(q[1])
    np.matmul(du_arg.reshape(-1, n_u), C_re, out=dpq[0, 1:].reshape(-1, n_h))
    for t in range(T - 1, 0, -1):
        # grad(p[0]) = re * grad(p[1]) + im * grad(q[1])
        np.multiply(dq_at[t + 1], im, out=tmp2)
        dp_at[t] += tmp2
        # grad(p[T]) = C_re.T @ grad(u.arg[T])
        # grad(q[T]) = -C_im.T @ grad(u.arg[T])
        np.multiply(dpq_at[t + 1], re, out=tmp1)
        dpq_at[t] += tmp1
        # grad(q[T]) = -C_im.T @ grad(u.arg[T])
        np.multiply(dp_at[t + 1], im, out=tmp2)
        dq_at[t] -= tmp2
    # grad(gamma) = sum(p.sum[t] * grad(p[t]) + q.sum[t] * grad(q[t]), t)
    dgamma[...] = np.einsum("tbi,tbi->i", p_sum, dpq[0, 1:])
    tmp0[...] = np.einsum("tbi,tbi->i", q_sum, dpq[1, 1:])
    dgamma += tmp0
    # grad(im) = sum(p[t-1] * grad(q[t]) - q[t-1] * grad(p[t]), t)
    dim[...] = np.einsum("tbi,tbi->i", p[:T], dpq[1, 1:])
    tmp0[...] = np.einsum("tbi,tbi->i", q[:T], dpq[0, 1:])
    dim -= tmp0
    # grad(re) = sum(p[t-1] * grad(p[t]) + q[t-1] * grad(q[t]), t)
    dre[...] = np.einsum("tbi,tbi->i", p[:T], dpq[0, 1:])
    tmp0[...] = np.einsum("tbi,tbi->i", q[:T], dpq[1, 1:])
    dre += tmp0
    # grad(q.sum[t]) = gamma * grad(q[t])
    np.multiply(dpq[1, 1:], gamma, out=dpq_sum[1])
    # grad(p.sum[t]) = gamma * grad(p[t])
    np.multiply(dpq[0, 1:], gamma, out=dpq_sum[0])
    # grad(B_re) = sum(outer(grad(p.sum[t]), x[t]), t)
    # grad(B_im) = sum(outer(grad(q.sum[t]), x[t]), t)
    np.matmul(dpq_sum.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dB_reim)
    # grad(r) = re.cos * grad(re) + im.sin * grad(im) - r * grad(gamma) / gamma
    np.multiply(dim, im_sin, out=dr)
    np.multiply(dre, re_cos, out=tmp0)
    dr += tmp0
    np.multiply(dgamma, r, out=tmp0)
    tmp0 /= gamma
    dr -= tmp0
    # grad(re.arg) = re.cos * grad(im.sin) - im.sin * grad(re.cos)
    np.multiply(dim, r, out=dre_arg)
    dre_arg *= re_cos
    np.multiply(dre, im_sin, out=tmp0)
    tmp0 *= r
    dre_arg -= tmp0
    # grad(theta) = re.arg * grad(re.arg)
    np.multiply(dre_arg, re_arg, out=dtheta)
    # grad(nu) = -r.exp * grad(r.arg)
    np.multiply(dr, r, out=dnu)
    dnu *= r_exp
    np.negative(dnu, out=dnu)
    if "x" in wrt:
        tmp_8_0 = np.empty((T, B, n_x), dtype)
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = B_re.T @ grad(p.sum[t]) + B_im.T @ grad(q.sum[t]) + D.T @ grad(u.arg[t])
        np.matmul(du_arg.reshape(-1, n_u), D, out=dx.reshape(-1, n_x))
        product = np.empty((2, T * B, n_x), dtype)
        np.matmul(dpq_sum.reshape(2, -1, n_h), B_reim, out=product)
        np.add.reduce(product, axis=0, out=tmp_8_0.reshape(-1, n_x))
        dx += tmp_8_0
    if "p0" in wrt:
        tmp_8_0 = np.empty((1, B, n_h), dtype)
        # grad(p[0]) = re * grad(p[1]) + im * grad(q[1])
        np.multiply(dpq[1, 1:2], im, out=dpq[0, :1])
        np.multiply(dpq[0, 1:2], re, out=tmp_8_0)
        dpq[0, :1] += tmp_8_0
        dp0 = np.empty((B, n_h), dtype)
        # grad(p.0) = grad(p[0])
        dp0[...] = dpq[0, 0]
    if "q0" in wrt:
        tmp_8_0 = np.empty((1, B, n_h), dtype)
        # grad(q[T]) = -C_im.T @ grad(u.arg[T])
        np.multiply(dpq[1, 1:2], re, out=dpq[1, :1])
        np.multiply(dpq[0, 1:2], im, out=tmp_8_0)
        dpq[1, :1] -= tmp_8_0
        dq0 = np.empty((B, n_h), dtype)
        # grad(q.0) = grad(q[0])
        dq0[...] = dpq[1, 0]
    dB_re = dB_reim[0]
    dB_im = dB_reim[1]

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
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    (
        params, x, y, r, re, im, gamma, p, q, u, yhat, dtype, single, n_h, n_x, n_u, n_y, T, B,
    ) = _backward_arguments(params, forward, x, y)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params

    tmp0 = np.empty((T, B, n_u), dtype)
    B_reim = np.stack((B_re, B_im))
    r_exp = np.empty((n_h,), dtype)
    # r.exp = exp(nu)
    np.exp(nu, out=r_exp)
    re_arg = np.empty((n_h,), dtype)
    # re.arg = exp(theta)
    np.exp(theta, out=re_arg)
    re_cos = np.empty((n_h,), dtype)
    # re.cos = cos(re.arg)
    np.cos(re_arg, out=re_cos)
    im_sin = np.empty((n_h,), dtype)
    # im.sin = sin(re.arg)
    np.sin(re_arg, out=im_sin)
    pq_sum = np.empty((2, T, B, n_h), dtype)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    np.matmul(x.reshape(-1, n_x), B_reim.transpose(0, 2, 1), out=pq_sum.reshape(2, -1, n_h))
    u_arg = np.empty((T, B, n_u), dtype)
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    np.matmul(q[1:].reshape(-1, n_h), C_im.T, out=u_arg.reshape(-1, n_u))
    np.negative(u_arg, out=u_arg)
    np.matmul(p[1:].reshape(-1, n_h), C_re.T, out=tmp0.reshape(-1, n_u))
    u_arg += tmp0
    np.matmul(x.reshape(-1, n_x), D.T, out=tmp0.reshape(-1, n_u))
    u_arg += tmp0
    o_sum = np.empty((B, n_u), dtype)
    # o.sum = sum(u[t], t)
    np.add.reduce(u, axis=0, out=o_sum)
    p_sum = pq_sum[0]
    q_sum = pq_sum[1]
    tmp1 = np.empty((T, B, n_u), dtype)
    tmp2 = np.empty((T, B, n_u), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((2, B, n_h), dtype)
    tmp5 = np.empty((n_h,), dtype)
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
    dV = np.empty((n_y, n_u), dtype)
    # grad(V) = outer(grad(o), o.sum) / T
    np.matmul(do.T, o_sum, out=dV)
    dV *= 1 / T
    do_sum = np.empty((B, n_u), dtype)
    # grad(o.sum) = (V.T @ grad(o)) / T
    np.matmul(do, V, out=do_sum)
    do_sum *= 1 / T
    du_arg = np.empty((T, B, n_u), dtype)
    # grad(u.arg[t]) = (0.5 + erf(sqrt(2) * u.arg[t] / 2) / 2 + sqrt(2) * u.arg[t] * exp(-u.arg[t]**2 / 2)
    #     / (2 * sqrt(pi))) * grad(o.sum)
    np.square(u_arg, out=tmp1)
    tmp1 *= -0.5
    np.exp(tmp1, out=tmp0)
    tmp0 *= u_arg
    tmp0 *= 0.3989422804014327
    np.multiply(u_arg, 0.7071067811865476, out=tmp2)
    du_arg[...] = _erf(tmp2)
    du_arg *= 0.5
    du_arg += tmp0
    du_arg += 0.5
    du_arg *= do_sum
    dC_im = np.empty((n_u, n_h), dtype)
    # grad(C_im) = sum(-outer(grad(u.arg[t]), q[t]), t)
    np.matmul(du_arg.reshape(-1, n_u).T, q[1:].reshape(-1, n_h), out=dC_im)
    np.negative(dC_im, out=dC_im)
    dC_re = np.empty((n_u, n_h), dtype)
    # grad(C_re) = sum(outer(grad(u.arg[t]), p[t]), t)
    np.matmul(du_arg.reshape(-1, n_u).T, p[1:].reshape(-1, n_h), out=dC_re)
    dD = np.empty((n_u, n_x), dtype)
    # grad(D) = sum(outer(grad(u.arg[t]), x[t]), t)
    np.matmul(du_arg.reshape(-1, n_u).T, x.reshape(-1, n_x), out=dD)
    dpq = np.empty((2, T, B, n_h), dtype)
    # grad(q[T]) = -C_im.T @ grad(u.arg[T])
    np.matmul(du_arg.reshape(-1, n_u), C_im, out=dpq[1].reshape(-1, n_h))
    np.negative(dpq[1], out=dpq[1])
    # grad(p[0]) = re * grad(p[1]) + im * grad(q[1])
    np.matmul(du_arg.reshape(-1, n_u), C_re, out=dpq[0].reshape(-1, n_h))
    dq_at = list(dpq[1])
    dp_at = list(dpq[0])
    dpq_at = list(dpq.swapaxes(0, 1))
    for t in range(T - 1, 0, -1):
        # grad(p[0]) = re * grad(p[1]) + im * grad(q[1])
        np.multiply(dq_at[t], im, out=tmp3)
        dp_at[t - 1] += tmp3
        # grad(p[T]) = C_re.T @ grad(u.arg[T])
        # grad(q[T]) = -C_im.T @ grad(u.arg[T])
        np.multiply(dpq_at[t], re, out=tmp4)
        dpq_at[t - 1] += tmp4
        # grad(q[T]) = -C_im.T @ grad(u.arg[T])
        np.multiply(dp_at[t], im, out=tmp3)
        dq_at[t - 1] -= tmp3
    dgamma = np.empty((n_h,), dtype)
    # grad(gamma) = sum(p.sum[t] * grad(p[t]) + q.sum[t] * grad(q[t]), t)
    dgamma[...] = np.einsum("tbi,tbi->i", p_sum, dpq[0])
    tmp5[...] = np.einsum("tbi,tbi->i", q_sum, dpq[1])
    dgamma += tmp5
    dim = np.empty((n_h,), dtype)
    # grad(im) = sum(p[t-1] * grad(q[t]) - q[t-1] * grad(p[t]), t)
    dim[...] = np.einsum("tbi,tbi->i", p[:T], dpq[1])
    tmp5[...] = np.einsum("tbi,tbi->i", q[:T], dpq[0])
    dim -= tmp5
    dre = np.empty((n_h,), dtype)
    # grad(re) = sum(p[t-1] * grad(p[t]) + q[t-1] * grad(q[t]), t)
    dre[...] = np.einsum("tbi,tbi->i", p[:T], dpq[0])
    tmp5[...] = np.einsum("tbi,tbi->i", q[:T], dpq[1])
    dre += tmp5
    dpq_sum = np.empty((2, T, B, n_h), dtype)
    # grad(q.sum[t]) = gamma * grad(q[t])
    np.multiply(dpq[1], gamma, out=dpq_sum[1])
    # grad(p.sum[t]) = gamma * grad(p[t])
    np.multiply(dpq[0], gamma, out=dpq_sum[0])
    dB_reim = np.empty((2, n_h, n_x), dtype)
    # grad(B_re) = sum(outer(grad(p.sum[t]), x[t]), t)
    # grad(B_im) = sum(outer(grad(q.sum[t]), x[t]), t)
    np.matmul(dpq_sum.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dB_reim)
    dr = np.empty((n_h,), dtype)
    # grad(r) = re.cos * grad(re) + im.sin * grad(im) - r * grad(gamma) / gamma
    np.multiply(dim, im_sin, out=dr)
    np.multiply(dre, re_cos, out=tmp5)
    dr += tmp5
    np.multiply(dgamma, r, out=tmp5)
    tmp5 /= gamma
    dr -= tmp5
    dre_arg = np.empty((n_h,), dtype)
    # grad(re.arg) = re.cos * grad(im.sin) - im.sin * grad(re.cos)
    np.multiply(dim, r, out=dre_arg)
    dre_arg *= re_cos
    np.multiply(dre, im_sin, out=tmp5)
    tmp5 *= r
    dre_arg -= tmp5
    dtheta = np.empty((n_h,), dtype)
    # grad(theta) = re.arg * grad(re.arg)
    np.multiply(dre_arg, re_arg, out=dtheta)
    dnu = np.empty((n_h,), dtype)
    # grad(nu) = -r.exp * grad(r.arg)
    np.multiply(dr, r, out=dnu)
    dnu *= r_exp
    np.negative(dnu, out=dnu)
    dB_re = dB_reim[0]
    dB_im = dB_reim[1]

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

    B_reim = np.stack((B_re, B_im))
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
    pq_sum = x @ B_reim.transpose(0, 2, 1)
    # p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])
    p = gamma * pq_sum[0]
    p += p_prev * re
    p -= im * q_prev
    # q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])
    q = gamma * pq_sum[1]
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

    tmp0 = np.empty((n_h,), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((T, B, n_u), dtype)
    tmp5 = np.empty((B, n_u, T), dtype)
    tmp6 = np.empty((B, n_u), dtype)
    tmp7 = np.empty((B, n_y), dtype)
    B_reim = np.stack((B_re, B_im))
    r_exp = np.empty((n_h,), dtype)
    # r.exp = exp(nu)
    np.exp(nu, out=r_exp)
    r_arg = np.empty((n_h,), dtype)
    # r.arg = -r.exp
    np.negative(r_exp, out=r_arg)
    r = np.empty((n_h,), dtype)
    # r = exp(-exp(nu))
    np.exp(r_arg, out=r)
    re_arg = np.empty((n_h,), dtype)
    # re.arg = exp(theta)
    np.exp(theta, out=re_arg)
    re_cos = np.empty((n_h,), dtype)
    # re.cos = cos(re.arg)
    np.cos(re_arg, out=re_cos)
    re = np.empty((n_h,), dtype)
    # re = r * cos(exp(theta))
    np.multiply(r, re_cos, out=re)
    im_sin = np.empty((n_h,), dtype)
    # im.sin = sin(re.arg)
    np.sin(re_arg, out=im_sin)
    im = np.empty((n_h,), dtype)
    # im = r * sin(exp(theta))
    np.multiply(im_sin, r, out=im)
    gamma = np.empty((n_h,), dtype)
    # gamma = sqrt(1 - r**2)
    np.square(r, out=tmp0)
    np.subtract(1, tmp0, out=tmp0)
    np.sqrt(tmp0, out=gamma)
    pq_sum = np.empty((2, T, B, n_h), dtype)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    np.matmul(x.reshape(-1, n_x), B_reim.transpose(0, 2, 1), out=pq_sum.reshape(2, -1, n_h))
    p = np.empty((T + 1, B, n_h), dtype)
    # p[0] = 0
    p[0] = p0
    q = np.empty((T + 1, B, n_h), dtype)
    # q[0] = 0
    q[0] = q0
    p_at = list(p)
    q_at = list(q)
    p_sum_at = list(pq_sum[0])
    q_sum_at = list(pq_sum[1])
    for t in range(1, T + 1):
        # p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])
        np.multiply(p_at[t - 1], re, out=tmp2)
        np.multiply(q_at[t - 1], im, out=tmp3)
        np.multiply(p_sum_at[t - 1], gamma, out=tmp1)
        tmp1 += tmp2
        tmp1 -= tmp3
        p[t] = np.where((t <= T_own)[:, None], tmp1, p[t - 1])
        # q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])
        np.multiply(p_at[t - 1], im, out=tmp2)
        np.multiply(q_at[t - 1], re, out=tmp3)
        np.multiply(q_sum_at[t - 1], gamma, out=tmp1)
        tmp1 += tmp2
        tmp1 += tmp3
        q[t] = np.where((t <= T_own)[:, None], tmp1, q[t - 1])
    u_arg = np.empty((T, B, n_u), dtype)
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    np.matmul(q[1:].reshape(-1, n_h), C_im.T, out=u_arg.reshape(-1, n_u))
    np.negative(u_arg, out=u_arg)
    np.matmul(p[1:].reshape(-1, n_h), C_re.T, out=tmp4.reshape(-1, n_u))
    u_arg += tmp4
    np.matmul(x.reshape(-1, n_x), D.T, out=tmp4.reshape(-1, n_u))
    u_arg += tmp4
    u = np.empty((T, B, n_u), dtype)
    # u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
    u[...] = _gelu(u_arg)
    o_sum = np.empty((B, n_u), dtype)
    # o.sum = sum(where(t <= T.own, u[t], 0), t)
    tmp5[...] = np.where((np.arange(1, T + 1) <= T_own[:, None])[:, None], u.transpose(1, 2, 0), 0)
    np.add.reduce(tmp5, axis=2, out=o_sum)
    o = np.empty((B, n_y), dtype)
    # o = c + V @ mean(u[t], t)
    np.divide(o_sum, T_own[:, None], out=tmp6)
    np.matmul(tmp6, V.T, out=o)
    o += c
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp7, largest=largest)
    yhat = np.empty((B, n_y), dtype)
    np.subtract(o, yhat_lse[:, None], out=tmp7)
    np.exp(tmp7, out=yhat)
    if y is not None:
        tmp_8_0 = np.empty((B,), dtype)
        rows = np.arange(B).reshape(B)
        flat = np.empty((B,), np.intp)
        # loss = -log(yhat[y])
        _look_up(o, y, rows, flat, out=tmp_8_0)
        np.subtract(yhat_lse, tmp_8_0, out=tmp_8_0)
        loss = tmp_8_0.sum()
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


def _loss_padded(params, x, y, p0, q0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, p0, q0, dtype, single, n_h, n_x, n_u, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, p0, q0, lengths, whole=True)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params

    (
        re_arg, tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, o_sum, tmp6, tmp7, tmp8, B_reim, r_exp, r_arg, r, re_cos, re,
        im_sin, im, gamma, pq_sum, p, q, p_at, q_at, p_sum_at, q_sum_at, u_arg, u, o, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_x, n_y, n_h, n_u, B, dtype)
    np.stack((B_re, B_im), out=B_reim)
    # r.exp = exp(nu)
    np.exp(nu, out=r_exp)
    # r.arg = -r.exp
    np.negative(r_exp, out=r_arg)
    # r = exp(-exp(nu))
    np.exp(r_arg, out=r)
    # re.arg = exp(theta)
    np.exp(theta, out=re_arg)
    # re.cos = cos(re.arg)
    np.cos(re_arg, out=re_cos)
    # re = r * cos(exp(theta))
    np.multiply(r, re_cos, out=re)
    # im.sin = sin(re.arg)
    np.sin(re_arg, out=im_sin)
    # im = r * sin(exp(theta))
    np.multiply(im_sin, r, out=im)
    # gamma = sqrt(1 - r**2)
    np.square(r, out=tmp0)
    np.subtract(1, tmp0, out=tmp0)
    np.sqrt(tmp0, out=gamma)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    np.matmul(x.reshape(-1, n_x), B_reim.transpose(0, 2, 1), out=pq_sum.reshape(2, -1, n_h))
    # p[0] = 0
    p[0] = p0
    # q[0] = 0
    q[0] = q0
    for t in range(1, T + 1):
        # p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])
        np.multiply(p_at[t - 1], re, out=tmp2)
        np.multiply(q_at[t - 1], im, out=tmp3)
        np.multiply(p_sum_at[t - 1], gamma, out=tmp1)
        tmp1 += tmp2
        tmp1 -= tmp3
        p[t] = np.where((t <= T_own)[:, None], tmp1, p[t - 1])
        # q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])
        np.multiply(p_at[t - 1], im, out=tmp2)
        np.multiply(q_at[t - 1], re, out=tmp3)
        np.multiply(q_sum_at[t - 1], gamma, out=tmp1)
        tmp1 += tmp2
        tmp1 += tmp3
        q[t] = np.where((t <= T_own)[:, None], tmp1, q[t - 1])
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    np.matmul(q[1:].reshape(-1, n_h), C_im.T, out=u_arg.reshape(-1, n_u))
    np.negative(u_arg, out=u_arg)
    np.matmul(p[1:].reshape(-1, n_h), C_re.T, out=tmp4.reshape(-1, n_u))
    u_arg += tmp4
    np.matmul(x.reshape(-1, n_x), D.T, out=tmp4.reshape(-1, n_u))
    u_arg += tmp4
    # u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
    u[...] = _gelu(u_arg)
    # o.sum = sum(where(t <= T.own, u[t], 0), t)
    tmp5[...] = np.where((np.arange(1, T + 1) <= T_own[:, None])[:, None], u.transpose(1, 2, 0), 0)
    np.add.reduce(tmp5, axis=2, out=o_sum)
    # o = c + V @ mean(u[t], t)
    np.divide(o_sum, T_own[:, None], out=tmp6)
    np.matmul(tmp6, V.T, out=o)
    o += c
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp7, largest=largest)
    # loss = -log(yhat[y])
    _look_up(o, y, rows, flat, out=tmp8)
    np.subtract(yhat_lse, tmp8, out=tmp8)
    loss = tmp8.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, p0, q0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, p0, q0, dtype, single, n_h, n_x, n_u, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, p0, q0, lengths, whole=True)
    nu, theta, B_re, B_im, C_re, C_im, D, V, c = params
    wrt = _asked(wrt, ("x", "p0", "q0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, B_reim, r_exp, r_arg, r, re_arg, re_cos, re, im_sin, im,
        gamma, pq_sum, p, q, p_at, q_at, p_sum_at, q_sum_at, u_arg, u, o_sum, o, yhat_lse, largest, yhat, rows, flat,
        tmp9, tmp10, tmp11, tmp12, tmp13, do, entries, dc, dV, do_sum, du_arg, dC_im, dC_re, dD, dpq, dq_at, dp_at,
        dpq_at, dgamma, dim, dre, dpq_sum, dB_reim, dr, dre_arg, dtheta, dnu,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, n_u, B, dtype)
    np.stack((B_re, B_im), out=B_reim)
    # r.exp = exp(nu)
    np.exp(nu, out=r_exp)
    # r.arg = -r.exp
    np.negative(r_exp, out=r_arg)
    # r = exp(-exp(nu))
    np.exp(r_arg, out=r)
    # re.arg = exp(theta)
    np.exp(theta, out=re_arg)
    # re.cos = cos(re.arg)
    np.cos(re_arg, out=re_cos)
    # re = r * cos(exp(theta))
    np.multiply(r, re_cos, out=re)
    # im.sin = sin(re.arg)
    np.sin(re_arg, out=im_sin)
    # im = r * sin(exp(theta))
    np.multiply(im_sin, r, out=im)
    # gamma = sqrt(1 - r**2)
    np.square(r, out=tmp0)
    np.subtract(1, tmp0, out=tmp0)
    np.sqrt(tmp0, out=gamma)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    np.matmul(x.reshape(-1, n_x), B_reim.transpose(0, 2, 1), out=pq_sum.reshape(2, -1, n_h))
    # p[0] = 0
    p[0] = p0
    # q[0] = 0
    q[0] = q0
    for t in range(1, T + 1):
        # p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])
        np.multiply(p_at[t - 1], re, out=tmp2)
        np.multiply(q_at[t - 1], im, out=tmp3)
        np.multiply(p_sum_at[t - 1], gamma, out=tmp1)
        tmp1 += tmp2
        tmp1 -= tmp3
        p[t] = np.where((t <= T_own)[:, None], tmp1, p[t - 1])
        # q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])
        np.multiply(p_at[t - 1], im, out=tmp2)
        np.multiply(q_at[t - 1], re, out=tmp3)
        np.multiply(q_sum_at[t - 1], gamma, out=tmp1)
        tmp1 += tmp2
        tmp1 += tmp3
        q[t] = np.where((t <= T_own)[:, None], tmp1, q[t - 1])
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    np.matmul(q[1:].reshape(-1, n_h), C_im.T, out=u_arg.reshape(-1, n_u))
    np.negative(u_arg, out=u_arg)
    np.matmul(p[1:].reshape(-1, n_h), C_re.T, out=tmp4.reshape(-1, n_u))
    u_arg += tmp4
    np.matmul(x.reshape(-1, n_x), D.T, out=tmp4.reshape(-1, n_u))
    u_arg += tmp4
    # u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
    u[...] = _gelu(u_arg)
    # o.sum = sum(where(t <= T.own, u[t], 0), t)
    tmp5[...] = np.where((np.arange(1, T + 1) <= T_own[:, None])[:, None], u.transpose(1, 2, 0), 0)
    np.add.reduce(tmp5, axis=2, out=o_sum)
    # o = c + V @ mean(u[t], t)
    np.divide(o_sum, T_own[:, None], out=tmp6)
    np.matmul(tmp6, V.T, out=o)
    o += c
    # yhat = softmax(o)
    _logsumexp(o, 1, out=yhat_lse, work=tmp7, largest=largest)
    np.subtract(o, yhat_lse[:, None], out=tmp7)
    np.exp(tmp7, out=yhat)
    # loss = -log(yhat[y])
    _look_up(o, y, rows, flat, out=tmp8)
    np.subtract(yhat_lse, tmp8, out=tmp8)
    loss = tmp8.sum()
    p_sum = pq_sum[0]
    q_sum = pq_sum[1]
    # grad(o) = yhat - onehot(y)
    _add_to(do, y, rows, flat, entries, -1)
    # grad(c) = grad(o)
    np.add.reduce(do, axis=0, out=dc)
    # grad(V) = outer(grad(o), o.sum) / T.own
    np.divide(do.T, T_own, out=tmp9)
    np.matmul(tmp9, o_sum, out=dV)
    # grad(o.sum) = (V.T @ grad(o)) / T.own
    np.divide(do, T_own[:, None], out=tmp7)
    np.matmul(tmp7, V, out=do_sum)
    # grad(u.arg[t]) = (0.5 + erf(sqrt(2) * u.arg[t] / 2) / 2 + sqrt(2) * u.arg[t] * exp(-u.arg[t]**2 / 2)
    #     / (2 * sqrt(pi))) * grad(u[t])
    tmp10[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.square(u_arg, out=tmp11)
    tmp11 *= -0.5
    np.exp(tmp11, out=tmp4)
    tmp4 *= u_arg
    tmp4 *= 0.3989422804014327
    np.multiply(u_arg, 0.7071067811865476, out=tmp12)
    du_arg[...] = _erf(tmp12)
    du_arg *= 0.5
    du_arg += tmp4
    du_arg += 0.5
    du_arg *= tmp10[:, :, None]
    du_arg *= do_sum
    # grad(C_im) = sum(-outer(grad(u.arg[t]), q[t]), t)
    np.matmul(du_arg.reshape(-1, n_u).T, q[1:].reshape(-1, n_h), out=dC_im)
    np.negative(dC_im, out=dC_im)
    # grad(C_re) = sum(outer(grad(u.arg[t]), p[t]), t)
    np.matmul(du_arg.reshape(-1, n_u).T, p[1:].reshape(-1, n_h), out=dC_re)
    # grad(D) = sum(outer(grad(u.arg[t]), x[t]), t)
    np.matmul(du_arg.reshape(-1, n_u).T, x.reshape(-1, n_x), out=dD)
    # grad(q[T]) = -C_im.T @ grad(u.arg[T])
    np.matmul(du_arg.reshape(-1, n_u), C_im, out=dpq[1, 1:].reshape(-1, n_h))
    np.negative(dpq[1, 1:], out=dpq[1, 1:])
    # grad(p[0]) = re * grad(p[1]) + im * grad(q[1])
    np.matmul(du_arg.reshape(-1, n_u), C_re, out=dpq[0, 1:].reshape(-1, n_h))
    for t in range(T - 1, 0, -1):
        # grad(p[0]) = re * grad(p[1]) + im * grad(q[1])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dq_at[t + 1], out=tmp1)
        tmp1 *= im
        dp_at[t] += tmp1
        # grad(p[T]) = C_re.T @ grad(u.arg[T])
        # grad(q[T]) = -C_im.T @ grad(u.arg[T])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dpq_at[t + 1], out=tmp13)
        tmp13 *= re
        dpq_at[t] += tmp13
        # grad(q[T]) = -C_im.T @ grad(u.arg[T])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dp_at[t + 1], out=tmp1)
        tmp1 *= im
        dq_at[t] -= tmp1
    # grad(gamma) = sum(p.sum[t] * grad(p[t]) + q.sum[t] * grad(q[t]), t)
    dgamma[...] = np.einsum("tbi,tbi->i", p_sum, dpq[0, 1:])
    tmp0[...] = np.einsum("tbi,tbi->i", q_sum, dpq[1, 1:])
    dgamma += tmp0
    # grad(im) = sum(p[t-1] * grad(q[t]) - q[t-1] * grad(p[t]), t)
    dim[...] = np.einsum("tbi,tbi->i", p[:T], dpq[1, 1:])
    tmp0[...] = np.einsum("tbi,tbi->i", q[:T], dpq[0, 1:])
    dim -= tmp0
    # grad(re) = sum(p[t-1] * grad(p[t]) + q[t-1] * grad(q[t]), t)
    dre[...] = np.einsum("tbi,tbi->i", p[:T], dpq[0, 1:])
    tmp0[...] = np.einsum("tbi,tbi->i", q[:T], dpq[1, 1:])
    dre += tmp0
    # grad(q.sum[t]) = gamma * grad(q[t])
    np.multiply(dpq[1, 1:], gamma, out=dpq_sum[1])
    # grad(p.sum[t]) = gamma * grad(p[t])
    np.multiply(dpq[0, 1:], gamma, out=dpq_sum[0])
    # grad(B_re) = sum(outer(grad(p.sum[t]), x[t]), t)
    # grad(B_im) = sum(outer(grad(q.sum[t]), x[t]), t)
    np.matmul(dpq_sum.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dB_reim)
    # grad(r) = re.cos * grad(re) + im.sin * grad(im) - r * grad(gamma) / gamma
    np.multiply(dim, im_sin, out=dr)
    np.multiply(dre, re_cos, out=tmp0)
    dr += tmp0
    np.multiply(dgamma, r, out=tmp0)
    tmp0 /= gamma
    dr -= tmp0
    # grad(re.arg) = re.cos * grad(im.sin) - im.sin * grad(re.cos)
    np.multiply(dim, r, out=dre_arg)
    dre_arg *= re_cos
    np.multiply(dre, im_sin, out=tmp0)
    tmp0 *= r
    dre_arg -= tmp0
    # grad(theta) = re.arg * grad(re.arg)
    np.multiply(dre_arg, re_arg, out=dtheta)
    # grad(nu) = -r.exp * grad(r.arg)
    np.multiply(dr, r, out=dnu)
    dnu *= r_exp
    np.negative(dnu, out=dnu)
    if "x" in wrt:
        tmp_14_0 = np.empty((T, B, n_x), dtype)
        dx = np.empty((T, B, n_x), dtype)
        # grad(x[t]) = B_re.T @ grad(p.sum[t]) + B_im.T @ grad(q.sum[t]) + D.T @ grad(u.arg[t])
        np.matmul(du_arg.reshape(-1, n_u), D, out=dx.reshape(-1, n_x))
        product = np.empty((2, T * B, n_x), dtype)
        np.matmul(dpq_sum.reshape(2, -1, n_h), B_reim, out=product)
        np.add.reduce(product, axis=0, out=tmp_14_0.reshape(-1, n_x))
        dx += tmp_14_0
    if "p0" in wrt:
        tmp_14_0 = np.empty((1,), dtype)
        tmp_14_1 = np.empty((1,), dtype)
        tmp_14_2 = np.empty((1,), dtype)
        tmp_14_3 = np.empty((1, B, n_h), dtype)
        # grad(p[0]) = re * grad(p[1]) + im * grad(q[1])
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_14_2)
        np.maximum(tmp_14_2, 0, out=tmp_14_1)
        tmp_14_0[...] = np.arange(1) // window_T == tmp_14_1 // window_T
        np.multiply(tmp_14_0[:, None, None], dpq[1, 1:2], out=dpq[0, :1])
        dpq[0, :1] *= im
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_14_2)
        np.maximum(tmp_14_2, 0, out=tmp_14_1)
        tmp_14_0[...] = np.arange(1) // window_T == tmp_14_1 // window_T
        np.multiply(tmp_14_0[:, None, None], dpq[0, 1:2], out=tmp_14_3)
        tmp_14_3 *= re
        dpq[0, :1] += tmp_14_3
        dp0 = np.empty((B, n_h), dtype)
        # grad(p.0) = grad(p[0])
        dp0[...] = dpq[0, 0]
    if "q0" in wrt:
        tmp_14_0 = np.empty((1,), dtype)
        tmp_14_1 = np.empty((1,), dtype)
        tmp_14_2 = np.empty((1,), dtype)
        tmp_14_3 = np.empty((1, B, n_h), dtype)
        # grad(q[T]) = -C_im.T @ grad(u.arg[T])
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_14_2)
        np.maximum(tmp_14_2, 0, out=tmp_14_1)
        tmp_14_0[...] = np.arange(1) // window_T == tmp_14_1 // window_T
        np.multiply(tmp_14_0[:, None, None], dpq[1, 1:2], out=dpq[1, :1])
        dpq[1, :1] *= re
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_14_2)
        np.maximum(tmp_14_2, 0, out=tmp_14_1)
        tmp_14_0[...] = np.arange(1) // window_T == tmp_14_1 // window_T
        np.multiply(tmp_14_0[:, None, None], dpq[0, 1:2], out=tmp_14_3)
        tmp_14_3 *= im
        dpq[1, :1] -= tmp_14_3
        dq0 = np.empty((B, n_h), dtype)
        # grad(q.0) = grad(q[0])
        dq0[...] = dpq[1, 0]
    dB_re = dB_reim[0]
    dB_im = dB_reim[1]

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

    tmp0 = np.empty((T, B, n_u), dtype)
    tmp1 = np.empty((B, n_u, T), dtype)
    B_reim = np.stack((B_re, B_im))
    r_exp = np.empty((n_h,), dtype)
    # r.exp = exp(nu)
    np.exp(nu, out=r_exp)
    re_arg = np.empty((n_h,), dtype)
    # re.arg = exp(theta)
    np.exp(theta, out=re_arg)
    re_cos = np.empty((n_h,), dtype)
    # re.cos = cos(re.arg)
    np.cos(re_arg, out=re_cos)
    im_sin = np.empty((n_h,), dtype)
    # im.sin = sin(re.arg)
    np.sin(re_arg, out=im_sin)
    pq_sum = np.empty((2, T, B, n_h), dtype)
    # p.sum[t] = B_re @ x[t]
    # q.sum[t] = B_im @ x[t]
    np.matmul(x.reshape(-1, n_x), B_reim.transpose(0, 2, 1), out=pq_sum.reshape(2, -1, n_h))
    u_arg = np.empty((T, B, n_u), dtype)
    # u.arg[t] = C_re @ p[t] + D @ x[t] - C_im @ q[t]
    np.matmul(q[1:].reshape(-1, n_h), C_im.T, out=u_arg.reshape(-1, n_u))
    np.negative(u_arg, out=u_arg)
    np.matmul(p[1:].reshape(-1, n_h), C_re.T, out=tmp0.reshape(-1, n_u))
    u_arg += tmp0
    np.matmul(x.reshape(-1, n_x), D.T, out=tmp0.reshape(-1, n_u))
    u_arg += tmp0
    o_sum = np.empty((B, n_u), dtype)
    # o.sum = sum(where(t <= T.own, u[t], 0), t)
    tmp1[...] = np.where((np.arange(1, T + 1) <= T_own[:, None])[:, None], u.transpose(1, 2, 0), 0)
    np.add.reduce(tmp1, axis=2, out=o_sum)
    p_sum = pq_sum[0]
    q_sum = pq_sum[1]
    tmp2 = np.empty((n_y, B), dtype)
    tmp3 = np.empty((B, n_y), dtype)
    tmp4 = np.empty((T, B), dtype)
    tmp5 = np.empty((T, B, n_u), dtype)
    tmp6 = np.empty((T, B, n_u), dtype)
    tmp7 = np.empty((B, n_h), dtype)
    tmp8 = np.empty((2, B, n_h), dtype)
    tmp9 = np.empty((n_h,), dtype)
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
    dV = np.empty((n_y, n_u), dtype)
    # grad(V) = outer(grad(o), o.sum) / T.own
    np.divide(do.T, T_own, out=tmp2)
    np.matmul(tmp2, o_sum, out=dV)
    do_sum = np.empty((B, n_u), dtype)
    # grad(o.sum) = (V.T @ grad(o)) / T.own
    np.divide(do, T_own[:, None], out=tmp3)
    np.matmul(tmp3, V, out=do_sum)
    du_arg = np.empty((T, B, n_u), dtype)
    # grad(u.arg[t]) = (0.5 + erf(sqrt(2) * u.arg[t] / 2) / 2 + sqrt(2) * u.arg[t] * exp(-u.arg[t]**2 / 2)
    #     / (2 * sqrt(pi))) * grad(u[t])
    tmp4[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.square(u_arg, out=tmp5)
    tmp5 *= -0.5
    np.exp(tmp5, out=tmp0)
    tmp0 *= u_arg
    tmp0 *= 0.3989422804014327
    np.multiply(u_arg, 0.7071067811865476, out=tmp6)
    du_arg[...] = _erf(tmp6)
    du_arg *= 0.5
    du_arg += tmp0
    du_arg += 0.5
    du_arg *= tmp4[:, :, None]
    du_arg *= do_sum
    dC_im = np.empty((n_u, n_h), dtype)
    # grad(C_im) = sum(-outer(grad(u.arg[t]), q[t]), t)
    np.matmul(du_arg.reshape(-1, n_u).T, q[1:].reshape(-1, n_h), out=dC_im)
    np.negative(dC_im, out=dC_im)
    dC_re = np.empty((n_u, n_h), dtype)
    # grad(C_re) = sum(outer(grad(u.arg[t]), p[t]), t)
    np.matmul(du_arg.reshape(-1, n_u).T, p[1:].reshape(-1, n_h), out=dC_re)
    dD = np.empty((n_u, n_x), dtype)
    # grad(D) = sum(outer(grad(u.arg[t]), x[t]), t)
    np.matmul(du_arg.reshape(-1, n_u).T, x.reshape(-1, n_x), out=dD)
    dpq = np.empty((2, T, B, n_h), dtype)
    # grad(q[T]) = -C_im.T @ grad(u.arg[T])
    np.matmul(du_arg.reshape(-1, n_u), C_im, out=dpq[1].reshape(-1, n_h))
    np.negative(dpq[1], out=dpq[1])
    # grad(p[0]) = re * grad(p[1]) + im * grad(q[1])
    np.matmul(du_arg.reshape(-1, n_u), C_re, out=dpq[0].reshape(-1, n_h))
    dq_at = list(dpq[1])
    dp_at = list(dpq[0])
    dpq_at = list(dpq.swapaxes(0, 1))
    for t in range(T - 1, 0, -1):
        # grad(p[0]) = re * grad(p[1]) + im * grad(q[1])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dq_at[t], out=tmp7)
        tmp7 *= im
        dp_at[t - 1] += tmp7
        # grad(p[T]) = C_re.T @ grad(u.arg[T])
        # grad(q[T]) = -C_im.T @ grad(u.arg[T])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dpq_at[t], out=tmp8)
        tmp8 *= re
        dpq_at[t - 1] += tmp8
        # grad(q[T]) = -C_im.T @ grad(u.arg[T])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dp_at[t], out=tmp7)
        tmp7 *= im
        dq_at[t - 1] -= tmp7
    dgamma = np.empty((n_h,), dtype)
    # grad(gamma) = sum(p.sum[t] * grad(p[t]) + q.sum[t] * grad(q[t]), t)
    dgamma[...] = np.einsum("tbi,tbi->i", p_sum, dpq[0])
    tmp9[...] = np.einsum("tbi,tbi->i", q_sum, dpq[1])
    dgamma += tmp9
    dim = np.empty((n_h,), dtype)
    # grad(im) = sum(p[t-1] * grad(q[t]) - q[t-1] * grad(p[t]), t)
    dim[...] = np.einsum("tbi,tbi->i", p[:T], dpq[1])
    tmp9[...] = np.einsum("tbi,tbi->i", q[:T], dpq[0])
    dim -= tmp9
    dre = np.empty((n_h,), dtype)
    # grad(re) = sum(p[t-1] * grad(p[t]) + q[t-1] * grad(q[t]), t)
    dre[...] = np.einsum("tbi,tbi->i", p[:T], dpq[0])
    tmp9[...] = np.einsum("tbi,tbi->i", q[:T], dpq[1])
    dre += tmp9
    dpq_sum = np.empty((2, T, B, n_h), dtype)
    # grad(q.sum[t]) = gamma * grad(q[t])
    np.multiply(dpq[1], gamma, out=dpq_sum[1])
    # grad(p.sum[t]) = gamma * grad(p[t])
    np.multiply(dpq[0], gamma, out=dpq_sum[0])
    dB_reim = np.empty((2, n_h, n_x), dtype)
    # grad(B_re) = sum(outer(grad(p.sum[t]), x[t]), t)
    # grad(B_im) = sum(outer(grad(q.sum[t]), x[t]), t)
    np.matmul(dpq_sum.reshape(2, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dB_reim)
    dr = np.empty((n_h,), dtype)
    # grad(r) = re.cos * grad(re) + im.sin * grad(im) - r * grad(gamma) / gamma
    np.multiply(dim, im_sin, out=dr)
    np.multiply(dre, re_cos, out=tmp9)
    dr += tmp9
    np.multiply(dgamma, r, out=tmp9)
    tmp9 /= gamma
    dr -= tmp9
    dre_arg = np.empty((n_h,), dtype)
    # grad(re.arg) = re.cos * grad(im.sin) - im.sin * grad(re.cos)
    np.multiply(dim, r, out=dre_arg)
    dre_arg *= re_cos
    np.multiply(dre, im_sin, out=tmp9)
    tmp9 *= r
    dre_arg -= tmp9
    dtheta = np.empty((n_h,), dtype)
    # grad(theta) = re.arg * grad(re.arg)
    np.multiply(dre_arg, re_arg, out=dtheta)
    dnu = np.empty((n_h,), dtype)
    # grad(nu) = -r.exp * grad(r.arg)
    np.multiply(dr, r, out=dnu)
    dnu *= r_exp
    np.negative(dnu, out=dnu)
    dB_re = dB_reim[0]
    dB_im = dB_reim[1]

    return Params(nu=dnu, theta=dtheta, B_re=dB_re, B_im=dB_im, C_re=dC_re, C_im=dC_im, D=dD, V=dV, c=dc)


def _loss_arrays(T, n_x, n_y, n_h, n_u, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    re_arg = np.empty((n_h,), dtype)
    tmp0 = re_arg
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_u), dtype)
    tmp4 = np.empty((B, n_y), dtype)
    tmp5 = np.empty((B,), dtype)
    B_reim = np.empty((2, n_h, n_x), dtype)
    r_exp = np.empty((n_h,), dtype)
    r_arg = r_exp
    r = r_arg
    re_cos = np.empty((n_h,), dtype)
    re = re_cos
    im_sin = np.empty((n_h,), dtype)
    im = im_sin
    gamma = r_exp
    pq_sum = _by_step((2, T, B, n_h), dtype)
    pq = _by_step((2, T + 1, B, n_h), dtype)
    pq_at = list(pq.swapaxes(0, 1))
    q_at = list(pq[1])
    p_at = list(pq[0])
    u_arg = np.empty((T, B, n_u), dtype)
    u = u_arg
    o_sum = np.empty((B, n_u), dtype)
    o = np.empty((B, n_y), dtype)
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    return (
        re_arg, tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, B_reim, r_exp, r_arg, r, re_cos, re, im_sin, im, gamma, pq_sum, pq,
        pq_at, q_at, p_at, u_arg, u, o_sum, o, yhat_lse, largest, rows, flat,
    )


def _loss_and_grad_arrays(T, n_x, n_y, n_h, n_u, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((n_h,), dtype)
    tmp1 = np.empty((2, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_u), dtype)
    tmp4 = np.empty((B, n_y), dtype)
    tmp5 = np.empty((B,), dtype)
    B_reim = np.empty((2, n_h, n_x), dtype)
    r_exp = np.empty((n_h,), dtype)
    r_arg = np.empty((n_h,), dtype)
    r = r_arg
    re_arg = np.empty((n_h,), dtype)
    re_cos = np.empty((n_h,), dtype)
    re = np.empty((n_h,), dtype)
    im_sin = np.empty((n_h,), dtype)
    im = np.empty((n_h,), dtype)
    gamma = np.empty((n_h,), dtype)
    pq_sum = _by_step((2, T, B, n_h), dtype)
    pq = _by_step((2, T + 1, B, n_h), dtype)
    pq_at = list(pq.swapaxes(0, 1))
    q_at = list(pq[1])
    p_at = list(pq[0])
    u_arg = np.empty((T, B, n_u), dtype)
    u = np.empty((T, B, n_u), dtype)
    o_sum = np.empty((B, n_u), dtype)
    o = np.empty((B, n_y), dtype)
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    yhat = np.empty((B, n_y), dtype)
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    tmp6 = u
    tmp7 = u
    do = yhat
    entries = np.empty((B,), dtype)
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_u), dtype)
    do_sum = o_sum
    du_arg = u_arg
    dC_im = np.empty((n_u, n_h), dtype)
    dC_re = np.empty((n_u, n_h), dtype)
    dD = np.empty((n_u, n_x), dtype)
    dpq = _by_step((2, T + 1, B, n_h), dtype)
    dq_at = list(dpq[1])
    dp_at = list(dpq[0])
    dpq_at = list(dpq.swapaxes(0, 1))
    dgamma = np.empty((n_h,), dtype)
    dim = np.empty((n_h,), dtype)
    dre = np.empty((n_h,), dtype)
    dpq_sum = pq_sum
    dB_reim = np.empty((2, n_h, n_x), dtype)
    dr = np.empty((n_h,), dtype)
    dre_arg = gamma
    dtheta = dre_arg
    dnu = dr
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, B_reim, r_exp, r_arg, r, re_arg, re_cos, re, im_sin, im, gamma, pq_sum, pq,
        pq_at, q_at, p_at, u_arg, u, o_sum, o, yhat_lse, largest, yhat, rows, flat, tmp6, tmp7, do, entries, dc, dV,
        do_sum, du_arg, dC_im, dC_re, dD, dpq, dq_at, dp_at, dpq_at, dgamma, dim, dre, dpq_sum, dB_reim, dr, dre_arg,
        dtheta, dnu,
    )


def _loss_padded_arrays(T, n_x, n_y, n_h, n_u, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    re_arg = np.empty((n_h,), dtype)
    tmp0 = re_arg
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((T, B, n_u), dtype)
    tmp5 = np.empty((B, n_u, T), dtype)
    o_sum = np.empty((B, n_u), dtype)
    tmp6 = o_sum
    tmp7 = np.empty((B, n_y), dtype)
    tmp8 = np.empty((B,), dtype)
    B_reim = np.empty((2, n_h, n_x), dtype)
    r_exp = np.empty((n_h,), dtype)
    r_arg = r_exp
    r = r_arg
    re_cos = np.empty((n_h,), dtype)
    re = re_cos
    im_sin = np.empty((n_h,), dtype)
    im = im_sin
    gamma = r_exp
    pq_sum = _by_step((2, T, B, n_h), dtype)
    p = np.empty((T + 1, B, n_h), dtype)
    q = np.empty((T + 1, B, n_h), dtype)
    p_at = list(p)
    q_at = list(q)
    p_sum_at = list(pq_sum[0])
    q_sum_at = list(pq_sum[1])
    u_arg = np.empty((T, B, n_u), dtype)
    u = u_arg
    o = np.empty((B, n_y), dtype)
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    return (
        re_arg, tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, o_sum, tmp6, tmp7, tmp8, B_reim, r_exp, r_arg, r, re_cos, re,
        im_sin, im, gamma, pq_sum, p, q, p_at, q_at, p_sum_at, q_sum_at, u_arg, u, o, yhat_lse, largest, rows, flat,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, n_u, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((n_h,), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((T, B, n_u), dtype)
    tmp5 = np.empty((B, n_u, T), dtype)
    tmp6 = np.empty((B, n_u), dtype)
    tmp7 = np.empty((B, n_y), dtype)
    tmp8 = np.empty((B,), dtype)
    B_reim = np.empty((2, n_h, n_x), dtype)
    r_exp = np.empty((n_h,), dtype)
    r_arg = np.empty((n_h,), dtype)
    r = r_arg
    re_arg = np.empty((n_h,), dtype)
    re_cos = np.empty((n_h,), dtype)
    re = np.empty((n_h,), dtype)
    im_sin = np.empty((n_h,), dtype)
    im = np.empty((n_h,), dtype)
    gamma = np.empty((n_h,), dtype)
    pq_sum = _by_step((2, T, B, n_h), dtype)
    p = np.empty((T + 1, B, n_h), dtype)
    q = np.empty((T + 1, B, n_h), dtype)
    p_at = list(p)
    q_at = list(q)
    p_sum_at = list(pq_sum[0])
    q_sum_at = list(pq_sum[1])
    u_arg = np.empty((T, B, n_u), dtype)
    u = np.empty((T, B, n_u), dtype)
    o_sum = np.empty((B, n_u), dtype)
    o = np.empty((B, n_y), dtype)
    yhat_lse = np.empty((B,), dtype)
    largest = np.empty((B, 1), dtype)
    yhat = np.empty((B, n_y), dtype)
    rows = np.arange(B).reshape(B)
    flat = np.empty((B,), np.intp)
    tmp9 = np.empty((n_y, B), dtype)
    tmp10 = np.empty((T, B), dtype)
    tmp11 = u
    tmp12 = u
    tmp13 = np.empty((2, B, n_h), dtype)
    do = yhat
    entries = np.empty((B,), dtype)
    dc = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_u), dtype)
    do_sum = o_sum
    du_arg = u_arg
    dC_im = np.empty((n_u, n_h), dtype)
    dC_re = np.empty((n_u, n_h), dtype)
    dD = np.empty((n_u, n_x), dtype)
    dpq = _by_step((2, T + 1, B, n_h), dtype)
    dq_at = list(dpq[1])
    dp_at = list(dpq[0])
    dpq_at = list(dpq.swapaxes(0, 1))
    dgamma = np.empty((n_h,), dtype)
    dim = np.empty((n_h,), dtype)
    dre = np.empty((n_h,), dtype)
    dpq_sum = pq_sum
    dB_reim = np.empty((2, n_h, n_x), dtype)
    dr = np.empty((n_h,), dtype)
    dre_arg = gamma
    dtheta = dre_arg
    dnu = dr
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, tmp8, B_reim, r_exp, r_arg, r, re_arg, re_cos, re, im_sin, im,
        gamma, pq_sum, p, q, p_at, q_at, p_sum_at, q_sum_at, u_arg, u, o_sum, o, yhat_lse, largest, yhat, rows, flat,
        tmp9, tmp10, tmp11, tmp12, tmp13, do, entries, dc, dV, do_sum, du_arg, dC_im, dC_re, dD, dpq, dq_at, dp_at,
        dpq_at, dgamma, dim, dre, dpq_sum, dB_reim, dr, dre_arg, dtheta, dnu,
    )


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
