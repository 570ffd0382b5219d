# Written by derive from slstm.eq; do not edit.
# Change slstm.eq instead, and run: derive generate slstm
# source b7166231a8dea90e, derive e116e7411edaf54b, body c69dfcaaf2faeef3
"""sLSTM: an LSTM with exponential gates, kept in range by a stabiliser state, and a state that normalises the output.

Beck, Poppel, Spanring, Auer, Prudnikova, Kopp, Klambauer, Brandstetter & Hochreiter (2024), xLSTM: Extended Long
Short-Term Memory, section 2.2, one block, forget gate through the exponential.

The equations::

    x: Input[T, n_x]                            # what is read at each step
    y: Label[T, n_y]                            # the class to predict at each step
    W_z, W_i, W_f, W_o = Param[n_h, n_x]        # input to cell input and gates
    R_z, R_i, R_f, R_o = Param[n_h, n_h]        # hidden to cell input and gates
    b_z, b_i, b_f, b_o = Param[n_h]             # biases
    V: Param[n_y, n_h]                          # hidden to output
    d: Param[n_y]                               # output bias

    h[0] = 0
    c[0] = 0
    n[0] = 0
    m[0] = 0
    z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])            # cell input
    p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]                  # logarithm of the input gate
    q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]                  # logarithm of the forget gate
    o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])         # output gate
    m[t] = maximum(q[t] + m[t-1], p[t])                     # stabiliser
    i[t] = exp(p[t] - m[t])                                 # input gate
    f[t] = exp(q[t] + m[t-1] - m[t])                        # forget gate
    c[t] = f[t] * c[t-1] + i[t] * z[t]                      # cell
    n[t] = f[t] * n[t-1] + i[t]                             # normaliser
    h[t] = o[t] * c[t] / n[t]                               # hidden state
    s[t] = d + V @ h[t]                                     # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    W_z: np.ndarray  # (n_h, n_x)  input to cell input and gates
    W_i: np.ndarray  # (n_h, n_x)  input to cell input and gates
    W_f: np.ndarray  # (n_h, n_x)  input to cell input and gates
    W_o: np.ndarray  # (n_h, n_x)  input to cell input and gates
    R_z: np.ndarray  # (n_h, n_h)  hidden to cell input and gates
    R_i: np.ndarray  # (n_h, n_h)  hidden to cell input and gates
    R_f: np.ndarray  # (n_h, n_h)  hidden to cell input and gates
    R_o: np.ndarray  # (n_h, n_h)  hidden to cell input and gates
    b_z: np.ndarray  # (n_h)  biases
    b_i: np.ndarray  # (n_h)  biases
    b_f: np.ndarray  # (n_h)  biases
    b_o: np.ndarray  # (n_h)  biases
    V: np.ndarray  # (n_y, n_h)  hidden to output
    d: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    z: np.ndarray  # (T, B, n_h)  cell input
    p: np.ndarray  # (T, B, n_h)  logarithm of the input gate
    q: np.ndarray  # (T, B, n_h)  logarithm of the forget gate
    o: np.ndarray  # (T, B, n_h)  output gate
    m: np.ndarray  # (T + 1, B, n_h)  stabiliser
    i: np.ndarray  # (T, B, n_h)  input gate
    f: np.ndarray  # (T, B, n_h)  forget gate
    c: np.ndarray  # (T + 1, B, n_h)  cell
    n: np.ndarray  # (T + 1, B, n_h)  normaliser
    h: np.ndarray  # (T + 1, B, n_h)  hidden state
    s: np.ndarray  # (T, B, n_y)  logits
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    m: np.ndarray  # (B, n_h)  stabiliser
    c: np.ndarray  # (B, n_h)  cell
    n: np.ndarray  # (B, n_h)  normaliser
    h: np.ndarray  # (B, n_h)  hidden state


class Outputs(NamedTuple):
    """The variables at one step."""

    z: np.ndarray  # (B, n_h)  cell input
    p: np.ndarray  # (B, n_h)  logarithm of the input gate
    q: np.ndarray  # (B, n_h)  logarithm of the forget gate
    o: np.ndarray  # (B, n_h)  output gate
    m: np.ndarray  # (B, n_h)  stabiliser
    i: np.ndarray  # (B, n_h)  input gate
    f: np.ndarray  # (B, n_h)  forget gate
    c: np.ndarray  # (B, n_h)  cell
    n: np.ndarray  # (B, n_h)  normaliser
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
        W_z=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_i=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_f=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_o=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        R_z=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        R_i=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        R_f=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        R_o=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b_z=np.zeros((n_h,), dtype),
        b_i=np.zeros((n_h,), dtype),
        b_f=np.zeros((n_h,), dtype),
        b_o=np.zeros((n_h,), dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        d=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    n0: np.ndarray | None = None,
    m0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  the class to predict at each step
    h0       (B, n_h)     real        h[0]; 0 where not given
    c0       (B, n_h)     real        c[0]; 0 where not given
    n0       (B, n_h)     real        n[0]; 0 where not given
    m0       (B, n_h)     real        m[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0, n0, m0 = _resumed(state, ("h", "c", "n", "m"), (("h0", h0), ("c0", c0), ("n0", n0), ("m0", m0)))
    if lengths is not None:
        return _forward_padded(params, x, y, h0, c0, n0, m0, lengths)
    params, x, y, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, c0, n0, m0)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params

    R_ifoz = np.concatenate((R_i, R_f, R_o, R_z))
    W_ifoz = np.concatenate((W_i, W_f, W_o, W_z))
    b_ifoz = np.concatenate((b_i, b_f, b_o, b_z))
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    p_q_o_arg_z_arg = (x.reshape(-1, n_x) @ W_ifoz.T).reshape(T, B, 4 * n_h)
    p_q_o_arg_z_arg += b_ifoz
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    n = np.empty((T + 1, B, n_h), dtype)
    # n[0] = 0
    n[0] = n0
    m = np.empty((T + 1, B, n_h), dtype)
    # m[0] = 0
    m[0] = m0
    z = np.empty((T, B, n_h), dtype)
    o = np.empty((T, B, n_h), dtype)
    i = np.empty((T, B, n_h), dtype)
    f_arg = np.empty((B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
        # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
        # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
        p_q_o_arg_z_arg[t - 1] += h[t - 1] @ R_ifoz.T
        # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
        np.tanh(p_q_o_arg_z_arg[t - 1, :, 3 * n_h:], out=z[t - 1])
        # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
        o[t - 1] = _sigmoid(p_q_o_arg_z_arg[t - 1, :, 2 * n_h:3 * n_h])
        # m[t] = maximum(q[t] + m[t-1], p[t])
        np.maximum(m[t - 1] + p_q_o_arg_z_arg[t - 1, :, n_h:2 * n_h], p_q_o_arg_z_arg[t - 1, :, :n_h], out=m[t])
        # i[t] = exp(p[t] - m[t])
        np.exp(p_q_o_arg_z_arg[t - 1, :, :n_h] - m[t], out=i[t - 1])
        # f.arg[t] = q[t] + m[t-1] - m[t]
        f_arg[...] = -m[t]
        f_arg += m[t - 1]
        f_arg += p_q_o_arg_z_arg[t - 1, :, n_h:2 * n_h]
        # f[t] = exp(q[t] + m[t-1] - m[t])
        np.exp(f_arg, out=f[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * z[t]
        c[t] = c[t - 1] * f[t - 1]
        c[t] += i[t - 1] * z[t - 1]
        # n[t] = f[t] * n[t-1] + i[t]
        n[t] = f[t - 1] * n[t - 1]
        n[t] += i[t - 1]
        # h[t] = o[t] * c[t] / n[t]
        h[t] = c[t] * o[t - 1] / n[t]
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
    p = p_q_o_arg_z_arg[..., :n_h]
    q = p_q_o_arg_z_arg[..., n_h:2 * n_h]

    if single:
        z = z[:, 0]
        p = p[:, 0]
        q = q[:, 0]
        o = o[:, 0]
        m = m[:, 0]
        i = i[:, 0]
        f = f[:, 0]
        c = c[:, 0]
        n = n[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(
        z=z, p=p, q=q, o=o, m=m, i=i, f=f, c=c, n=n, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss)
    )


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    n0: np.ndarray | None = None,
    m0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  the class to predict at each step
    h0       (B, n_h)     real        h[0]; 0 where not given
    c0       (B, n_h)     real        c[0]; 0 where not given
    n0       (B, n_h)     real        n[0]; 0 where not given
    m0       (B, n_h)     real        m[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0, n0, m0 = _resumed(state, ("h", "c", "n", "m"), (("h0", h0), ("c0", c0), ("n0", n0), ("m0", m0)))
    if lengths is not None:
        return _loss_padded(params, x, y, h0, c0, n0, m0, lengths)
    (
        params, x, y, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, T, B,
    ) = _arguments(params, x, y, h0, c0, n0, m0, whole=True)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params

    R_ifoz = np.concatenate((R_i, R_f, R_o, R_z))
    W_ifoz = np.concatenate((W_i, W_f, W_o, W_z))
    b_ifoz = np.concatenate((b_i, b_f, b_o, b_z))
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    p_q_o_arg_z_arg = (x.reshape(-1, n_x) @ W_ifoz.T).reshape(T, B, 4 * n_h)
    p_q_o_arg_z_arg += b_ifoz
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    n = np.empty((T + 1, B, n_h), dtype)
    # n[0] = 0
    n[0] = n0
    m = np.empty((T + 1, B, n_h), dtype)
    # m[0] = 0
    m[0] = m0
    z = np.empty((B, n_h), dtype)
    o = np.empty((B, n_h), dtype)
    i = np.empty((B, n_h), dtype)
    f_arg = np.empty((B, n_h), dtype)
    f = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
        # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
        # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
        p_q_o_arg_z_arg[t - 1] += h[t - 1] @ R_ifoz.T
        # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
        np.tanh(p_q_o_arg_z_arg[t - 1, :, 3 * n_h:], out=z)
        # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
        o[...] = _sigmoid(p_q_o_arg_z_arg[t - 1, :, 2 * n_h:3 * n_h])
        # m[t] = maximum(q[t] + m[t-1], p[t])
        np.maximum(m[t - 1] + p_q_o_arg_z_arg[t - 1, :, n_h:2 * n_h], p_q_o_arg_z_arg[t - 1, :, :n_h], out=m[t])
        # i[t] = exp(p[t] - m[t])
        np.exp(p_q_o_arg_z_arg[t - 1, :, :n_h] - m[t], out=i)
        # f.arg[t] = q[t] + m[t-1] - m[t]
        f_arg[...] = -m[t]
        f_arg += m[t - 1]
        f_arg += p_q_o_arg_z_arg[t - 1, :, n_h:2 * n_h]
        # f[t] = exp(q[t] + m[t-1] - m[t])
        np.exp(f_arg, out=f)
        # c[t] = f[t] * c[t-1] + i[t] * z[t]
        c[t] = c[t - 1] * f
        c[t] += i * z
        # n[t] = f[t] * n[t-1] + i[t]
        n[t] = f * n[t - 1]
        n[t] += i
        # h[t] = o[t] * c[t] / n[t]
        h[t] = c[t] * o / n[t]
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
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    n0: np.ndarray | None = None,
    m0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x        (T, B, n_x)  real               what is read at each step
    y        (T, B)       0..n_y - 1         the class to predict at each step
    h0       (B, n_h)     real               h[0]; 0 where not given
    c0       (B, n_h)     real               c[0]; 0 where not given
    n0       (B, n_h)     real               n[0]; 0 where not given
    m0       (B, n_h)     real               m[0]; 0 where not given
    state                 State              what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0, n0, m0 = _resumed(state, ("h", "c", "n", "m"), (("h0", h0), ("c0", c0), ("n0", n0), ("m0", m0)))
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, h0, c0, n0, m0, lengths, wrt, window)
    (
        params, x, y, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, T, B,
    ) = _arguments(params, x, y, h0, c0, n0, m0, whole=True)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params
    wrt = _asked(wrt, ("x", "h0", "c0", "n0", "m0"))

    R_ifoz = np.concatenate((R_i, R_f, R_o, R_z))
    W_ifoz = np.concatenate((W_i, W_f, W_o, W_z))
    b_ifoz = np.concatenate((b_i, b_f, b_o, b_z))
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    p_q_o_arg_z_arg = (x.reshape(-1, n_x) @ W_ifoz.T).reshape(T, B, 4 * n_h)
    p_q_o_arg_z_arg += b_ifoz
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    n = np.empty((T + 1, B, n_h), dtype)
    # n[0] = 0
    n[0] = n0
    m = np.empty((T + 1, B, n_h), dtype)
    # m[0] = 0
    m[0] = m0
    z = np.empty((T, B, n_h), dtype)
    o = np.empty((T, B, n_h), dtype)
    i = np.empty((T, B, n_h), dtype)
    f_arg = np.empty((B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
        # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
        # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
        p_q_o_arg_z_arg[t - 1] += h[t - 1] @ R_ifoz.T
        # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
        np.tanh(p_q_o_arg_z_arg[t - 1, :, 3 * n_h:], out=z[t - 1])
        # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
        o[t - 1] = _sigmoid(p_q_o_arg_z_arg[t - 1, :, 2 * n_h:3 * n_h])
        # m[t] = maximum(q[t] + m[t-1], p[t])
        np.maximum(m[t - 1] + p_q_o_arg_z_arg[t - 1, :, n_h:2 * n_h], p_q_o_arg_z_arg[t - 1, :, :n_h], out=m[t])
        # i[t] = exp(p[t] - m[t])
        np.exp(p_q_o_arg_z_arg[t - 1, :, :n_h] - m[t], out=i[t - 1])
        # f.arg[t] = q[t] + m[t-1] - m[t]
        f_arg[...] = -m[t]
        f_arg += m[t - 1]
        f_arg += p_q_o_arg_z_arg[t - 1, :, n_h:2 * n_h]
        # f[t] = exp(q[t] + m[t-1] - m[t])
        np.exp(f_arg, out=f[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * z[t]
        c[t] = c[t - 1] * f[t - 1]
        c[t] += i[t - 1] * z[t - 1]
        # n[t] = f[t] * n[t-1] + i[t]
        n[t] = f[t - 1] * n[t - 1]
        n[t] += i[t - 1]
        # h[t] = o[t] * c[t] / n[t]
        h[t] = c[t] * o[t - 1] / n[t]
    # s[t] = d + V @ h[t]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -s[np.arange(T)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    p = p_q_o_arg_z_arg[..., :n_h]
    q = p_q_o_arg_z_arg[..., n_h:2 * n_h]
    R_iozf = np.concatenate((R_i, R_o, R_z, R_f))
    W_iozf = np.concatenate((W_i, W_o, W_z, W_f))
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dh = np.empty((T + 1, B, n_h), dtype)
    # grad(h[t]) = R_z.T @ grad(z.arg[t+1]) + R_i.T @ grad(p[t+1]) + R_f.T @ grad(q[t+1]) + R_o.T @
    #     grad(o.arg[t+1]) + V.T @ grad(s[t]), t < T
    dh[1:] = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    dc = np.empty((T + 1, B, n_h), dtype)
    df = np.empty((B, n_h), dtype)
    dn = np.empty((T + 1, B, n_h), dtype)
    df_arg = np.empty((T, B, n_h), dtype)
    dp_o_arg_z_arg_q_i = np.empty((T, B, 5 * n_h), dtype)
    dm = np.empty((T + 1, B, n_h), dtype)
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]) / n[t], t < T
    dc[T] = dh[T] * o[T - 1] / n[T]
    # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
    df[...] = c[T - 1] * dc[T]
    # grad(n[t]) = f[t+1] * grad(n[t+1]) - o[t] * c[t] * grad(h[t]) / n[t]**2, t < T
    dn[T] = -c[T] * dh[T] * o[T - 1] / n[T]**2
    # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
    df += dn[T] * n[T - 1]
    # grad(f.arg[t]) = f[t] * grad(f[t])
    df_arg[T - 1] = df * f[T - 1]
    # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
    dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] = dc[T] * z[T - 1]
    dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] += dn[T]
    # grad(m[t]) = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1])
    #     + grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
    dm[T] = -df_arg[T - 1]
    dm[T] -= dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] * i[T - 1]
    # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
    #     grad(f.arg[t])
    dp_o_arg_z_arg_q_i[T - 1, :, 3 * n_h:4 * n_h] = dm[T] * np.where(p[T - 1] < m[T - 1] + q[T - 1], 1, np.where(m[T - 1] + q[T - 1] < p[T - 1], 0, 0.5).astype(dtype))
    dp_o_arg_z_arg_q_i[T - 1, :, 3 * n_h:4 * n_h] += df_arg[T - 1]
    # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
    #     * grad(i[t])
    dp_o_arg_z_arg_q_i[T - 1, :, :n_h] = dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] * i[T - 1]
    dp_o_arg_z_arg_q_i[T - 1, :, :n_h] += dm[T] * np.where(m[T - 1] + q[T - 1] < p[T - 1], 1, np.where(p[T - 1] < m[T - 1] + q[T - 1], 0, 0.5).astype(dtype))
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    dp_o_arg_z_arg_q_i[T - 1, :, n_h:2 * n_h] = c[T] * dh[T] * o[T - 1] * (1 - o[T - 1]) / n[T]
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    dp_o_arg_z_arg_q_i[T - 1, :, 2 * n_h:3 * n_h] = dc[T] * i[T - 1] * (1 - z[T - 1]**2)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = R_z.T @ grad(z.arg[t+1]) + R_i.T @ grad(p[t+1]) + R_f.T @ grad(q[t+1]) + R_o.T @
        #     grad(o.arg[t+1]) + V.T @ grad(s[t]), t < T
        dh[t] += dp_o_arg_z_arg_q_i[t, :, :4 * n_h] @ R_iozf
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]) / n[t], t < T
        dc[t] = dh[t] * o[t - 1] / n[t]
        dc[t] += dc[t + 1] * f[t]
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        df[...] = c[t - 1] * dc[t]
        # grad(n[t]) = f[t+1] * grad(n[t+1]) - o[t] * c[t] * grad(h[t]) / n[t]**2, t < T
        dn[t] = -c[t] * dh[t] * o[t - 1] / n[t]**2
        dn[t] += dn[t + 1] * f[t]
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        df += dn[t] * n[t - 1]
        # grad(f.arg[t]) = f[t] * grad(f[t])
        df_arg[t - 1] = df * f[t - 1]
        # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
        dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] = dc[t] * z[t - 1]
        dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] += dn[t]
        # grad(m[t]) = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1])
        #     + grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
        dm[t] = -df_arg[t - 1]
        dm[t] -= dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] * i[t - 1]
        dm[t] += dm[t + 1] * np.where(p[t] < m[t] + q[t], 1, np.where(m[t] + q[t] < p[t], 0, 0.5).astype(dtype))
        dm[t] += df_arg[t]
        # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
        #     grad(f.arg[t])
        dp_o_arg_z_arg_q_i[t - 1, :, 3 * n_h:4 * n_h] = dm[t] * np.where(p[t - 1] < m[t - 1] + q[t - 1], 1, np.where(m[t - 1] + q[t - 1] < p[t - 1], 0, 0.5).astype(dtype))
        dp_o_arg_z_arg_q_i[t - 1, :, 3 * n_h:4 * n_h] += df_arg[t - 1]
        # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
        #     * grad(i[t])
        dp_o_arg_z_arg_q_i[t - 1, :, :n_h] = dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] * i[t - 1]
        dp_o_arg_z_arg_q_i[t - 1, :, :n_h] += dm[t] * np.where(m[t - 1] + q[t - 1] < p[t - 1], 1, np.where(p[t - 1] < m[t - 1] + q[t - 1], 0, 0.5).astype(dtype))
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        dp_o_arg_z_arg_q_i[t - 1, :, n_h:2 * n_h] = c[t] * dh[t] * o[t - 1] * (1 - o[t - 1]) / n[t]
        # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
        dp_o_arg_z_arg_q_i[t - 1, :, 2 * n_h:3 * n_h] = dc[t] * i[t - 1] * (1 - z[t - 1]**2)
    # grad(b_i) = sum(grad(p[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    # grad(b_f) = sum(grad(q[t]), t)
    db_iozf = dp_o_arg_z_arg_q_i[:, :, :4 * n_h].sum(axis=(0, 1))
    # grad(R_i) = sum(outer(grad(p[t]), h[t-1]), t)
    # grad(R_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(R_z) = sum(outer(grad(z.arg[t]), h[t-1]), t)
    # grad(R_f) = sum(outer(grad(q[t]), h[t-1]), t)
    dR_iozf = dp_o_arg_z_arg_q_i[:, :, :4 * n_h].reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)
    # grad(W_i) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(q[t]), x[t]), t)
    dW_iozf = dp_o_arg_z_arg_q_i[:, :, :4 * n_h].reshape(-1, 4 * n_h).T @ x.reshape(-1, n_x)
    if "n0" in wrt:
        # grad(n[t]) = f[t+1] * grad(n[t+1]) - o[t] * c[t] * grad(h[t]) / n[t]**2, t < T
        dn[:1] = dn[1:2] * f[:1]
        # grad(n.0) = grad(n[0])
        dn0 = dn[0].copy()
    if "c0" in wrt:
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]) / n[t], t < T
        dc[:1] = dc[1:2] * f[:1]
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    if "m0" in wrt:
        # grad(m[t]) = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1])
        #     + grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
        dm[:1] = dm[1:2] * np.where(p[:1] < m[:1] + q[:1], 1, np.where(m[:1] + q[:1] < p[:1], 0, 0.5).astype(dtype))
        dm[:1] += df_arg[:1]
        # grad(m.0) = grad(m[0])
        dm0 = dm[0].copy()
    if "h0" in wrt:
        # grad(h[0]) = R_z.T @ grad(z.arg[1]) + R_i.T @ grad(p[1]) + R_f.T @ grad(q[1]) + R_o.T @
        #     grad(o.arg[1])
        dh[0] = dp_o_arg_z_arg_q_i[0, :, :4 * n_h] @ R_iozf
        # grad(h.0) = grad(h[0])
        dh0 = dh[0].copy()
    if "x" in wrt:
        # grad(x[t]) = W_z.T @ grad(z.arg[t]) + W_i.T @ grad(p[t]) + W_f.T @ grad(q[t]) + W_o.T @
        #     grad(o.arg[t])
        dx = (dp_o_arg_z_arg_q_i[:, :, :4 * n_h].reshape(-1, 4 * n_h) @ W_iozf).reshape(T, B, n_x)
    db_i = db_iozf[:n_h]
    db_o = db_iozf[n_h:2 * n_h]
    db_z = db_iozf[2 * n_h:3 * n_h]
    db_f = db_iozf[3 * n_h:4 * n_h]
    dR_i = dR_iozf[:n_h]
    dR_o = dR_iozf[n_h:2 * n_h]
    dR_z = dR_iozf[2 * n_h:3 * n_h]
    dR_f = dR_iozf[3 * n_h:4 * n_h]
    dW_i = dW_iozf[:n_h]
    dW_o = dW_iozf[n_h:2 * n_h]
    dW_z = dW_iozf[2 * n_h:3 * n_h]
    dW_f = dW_iozf[3 * n_h:4 * n_h]

    gradient = Params(
        W_z=dW_z,
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        R_z=dR_z,
        R_i=dR_i,
        R_f=dR_f,
        R_o=dR_o,
        b_z=db_z,
        b_i=db_i,
        b_f=db_f,
        b_o=db_o,
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
    if "n0" in wrt:
        result["n0"] = dn0[0] if single else dn0
    if "m0" in wrt:
        result["m0"] = dm0[0] if single else dm0
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
        params, x, y, z, p, q, o, m, i, f, c, n, h, yhat, dtype, single, n_h, n_x, n_y, T, B,
    ) = _backward_arguments(params, forward, x, y)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params

    R_iozf = np.concatenate((R_i, R_o, R_z, R_f))
    # grad(s[t]) = yhat[t] - onehot(y[t])
    ds = yhat.copy()
    ds[np.arange(T)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    # grad(h[t]) = R_z.T @ grad(z.arg[t+1]) + R_i.T @ grad(p[t+1]) + R_f.T @ grad(q[t+1]) + R_o.T @
    #     grad(o.arg[t+1]) + V.T @ grad(s[t]), t < T
    dh = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    dn = np.empty((T, B, n_h), dtype)
    dc = np.empty((T, B, n_h), dtype)
    df = np.empty((B, n_h), dtype)
    df_arg = np.empty((T, B, n_h), dtype)
    dm = np.empty((T, B, n_h), dtype)
    dp_o_arg_z_arg_q_i = np.empty((T, B, 5 * n_h), dtype)
    # grad(n[t]) = f[t+1] * grad(n[t+1]) - o[t] * c[t] * grad(h[t]) / n[t]**2, t < T
    dn[T - 1] = -c[T] * dh[T - 1] * o[T - 1] / n[T]**2
    # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]) / n[t], t < T
    dc[T - 1] = dh[T - 1] * o[T - 1] / n[T]
    # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
    df[...] = c[T - 1] * dc[T - 1]
    df += dn[T - 1] * n[T - 1]
    # grad(f.arg[t]) = f[t] * grad(f[t])
    df_arg[T - 1] = df * f[T - 1]
    # grad(m[t]) = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1])
    #     + grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
    dm[T - 1] = -df_arg[T - 1]
    # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
    dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] = dc[T - 1] * z[T - 1]
    dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] += dn[T - 1]
    # grad(m[t]) = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1])
    #     + grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
    dm[T - 1] -= dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] * i[T - 1]
    # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
    #     grad(f.arg[t])
    dp_o_arg_z_arg_q_i[T - 1, :, 3 * n_h:4 * n_h] = dm[T - 1] * np.where(p[T - 1] < m[T - 1] + q[T - 1], 1, np.where(m[T - 1] + q[T - 1] < p[T - 1], 0, 0.5).astype(dtype))
    dp_o_arg_z_arg_q_i[T - 1, :, 3 * n_h:4 * n_h] += df_arg[T - 1]
    # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
    #     * grad(i[t])
    dp_o_arg_z_arg_q_i[T - 1, :, :n_h] = dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] * i[T - 1]
    dp_o_arg_z_arg_q_i[T - 1, :, :n_h] += dm[T - 1] * np.where(m[T - 1] + q[T - 1] < p[T - 1], 1, np.where(p[T - 1] < m[T - 1] + q[T - 1], 0, 0.5).astype(dtype))
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    dp_o_arg_z_arg_q_i[T - 1, :, n_h:2 * n_h] = c[T] * dh[T - 1] * o[T - 1] * (1 - o[T - 1]) / n[T]
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    dp_o_arg_z_arg_q_i[T - 1, :, 2 * n_h:3 * n_h] = dc[T - 1] * i[T - 1] * (1 - z[T - 1]**2)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = R_z.T @ grad(z.arg[t+1]) + R_i.T @ grad(p[t+1]) + R_f.T @ grad(q[t+1]) + R_o.T @
        #     grad(o.arg[t+1]) + V.T @ grad(s[t]), t < T
        dh[t - 1] += dp_o_arg_z_arg_q_i[t, :, :4 * n_h] @ R_iozf
        # grad(n[t]) = f[t+1] * grad(n[t+1]) - o[t] * c[t] * grad(h[t]) / n[t]**2, t < T
        dn[t - 1] = -c[t] * dh[t - 1] * o[t - 1] / n[t]**2
        # grad(c[t]) = f[t+1] * grad(c[t+1]) + o[t] * grad(h[t]) / n[t], t < T
        dc[t - 1] = dh[t - 1] * o[t - 1] / n[t]
        dc[t - 1] += dc[t] * f[t]
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        df[...] = c[t - 1] * dc[t - 1]
        # grad(n[t]) = f[t+1] * grad(n[t+1]) - o[t] * c[t] * grad(h[t]) / n[t]**2, t < T
        dn[t - 1] += dn[t] * f[t]
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        df += dn[t - 1] * n[t - 1]
        # grad(f.arg[t]) = f[t] * grad(f[t])
        df_arg[t - 1] = df * f[t - 1]
        # grad(m[t]) = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1])
        #     + grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
        dm[t - 1] = -df_arg[t - 1]
        # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
        dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] = dc[t - 1] * z[t - 1]
        dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] += dn[t - 1]
        # grad(m[t]) = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1])
        #     + grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
        dm[t - 1] -= dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] * i[t - 1]
        dm[t - 1] += dm[t] * np.where(p[t] < m[t] + q[t], 1, np.where(m[t] + q[t] < p[t], 0, 0.5).astype(dtype))
        dm[t - 1] += df_arg[t]
        # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
        #     grad(f.arg[t])
        dp_o_arg_z_arg_q_i[t - 1, :, 3 * n_h:4 * n_h] = dm[t - 1] * np.where(p[t - 1] < m[t - 1] + q[t - 1], 1, np.where(m[t - 1] + q[t - 1] < p[t - 1], 0, 0.5).astype(dtype))
        dp_o_arg_z_arg_q_i[t - 1, :, 3 * n_h:4 * n_h] += df_arg[t - 1]
        # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
        #     * grad(i[t])
        dp_o_arg_z_arg_q_i[t - 1, :, :n_h] = dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] * i[t - 1]
        dp_o_arg_z_arg_q_i[t - 1, :, :n_h] += dm[t - 1] * np.where(m[t - 1] + q[t - 1] < p[t - 1], 1, np.where(p[t - 1] < m[t - 1] + q[t - 1], 0, 0.5).astype(dtype))
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        dp_o_arg_z_arg_q_i[t - 1, :, n_h:2 * n_h] = c[t] * dh[t - 1] * o[t - 1] * (1 - o[t - 1]) / n[t]
        # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
        dp_o_arg_z_arg_q_i[t - 1, :, 2 * n_h:3 * n_h] = dc[t - 1] * i[t - 1] * (1 - z[t - 1]**2)
    # grad(b_i) = sum(grad(p[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    # grad(b_f) = sum(grad(q[t]), t)
    db_iozf = dp_o_arg_z_arg_q_i[:, :, :4 * n_h].sum(axis=(0, 1))
    # grad(R_i) = sum(outer(grad(p[t]), h[t-1]), t)
    # grad(R_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(R_z) = sum(outer(grad(z.arg[t]), h[t-1]), t)
    # grad(R_f) = sum(outer(grad(q[t]), h[t-1]), t)
    dR_iozf = dp_o_arg_z_arg_q_i[:, :, :4 * n_h].reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)
    # grad(W_i) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(q[t]), x[t]), t)
    dW_iozf = dp_o_arg_z_arg_q_i[:, :, :4 * n_h].reshape(-1, 4 * n_h).T @ x.reshape(-1, n_x)
    db_i = db_iozf[:n_h]
    db_o = db_iozf[n_h:2 * n_h]
    db_z = db_iozf[2 * n_h:3 * n_h]
    db_f = db_iozf[3 * n_h:4 * n_h]
    dR_i = dR_iozf[:n_h]
    dR_o = dR_iozf[n_h:2 * n_h]
    dR_z = dR_iozf[2 * n_h:3 * n_h]
    dR_f = dR_iozf[3 * n_h:4 * n_h]
    dW_i = dW_iozf[:n_h]
    dW_o = dW_iozf[n_h:2 * n_h]
    dW_z = dW_iozf[2 * n_h:3 * n_h]
    dW_f = dW_iozf[3 * n_h:4 * n_h]

    return Params(
        W_z=dW_z,
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        R_z=dR_z,
        R_i=dR_i,
        R_f=dR_f,
        R_o=dR_o,
        b_z=db_z,
        b_i=db_i,
        b_f=db_f,
        b_o=db_o,
        V=dV,
        d=dd,
    )


def init_state(
    params: Params,
    *,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    n0: np.ndarray | None = None,
    m0: np.ndarray | None = None,
    batch: int | None = None,
) -> State:
    """The state before the first step; of one example where `batch` is None.

    h0  (B, n_h)  real  h[0]; 0 where not given
    c0  (B, n_h)  real  c[0]; 0 where not given
    n0  (B, n_h)  real  n[0]; 0 where not given
    m0  (B, n_h)  real  m[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, B = _initial_arguments(params, h0, c0, n0, m0, batch)

    # m[0] = 0
    m_prev = m0.copy()
    # c[0] = 0
    c_prev = c0.copy()
    # n[0] = 0
    n_prev = n0.copy()
    # h[0] = 0
    h_prev = h0.copy()

    if single:
        m_prev = m_prev[0]
        c_prev = c_prev[0]
        n_prev = n_prev[0]
        h_prev = h_prev[0]
    return State(m=m_prev, c=c_prev, n=n_prev, h=h_prev)


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real  what is read at each step

    Data without the axis B are one example.
    """
    params, x, m_prev, c_prev, n_prev, h_prev, dtype, single, n_h, n_x, n_y, B = _step_arguments(params, state, x)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params

    R_iozf = np.concatenate((R_i, R_o, R_z, R_f))
    W_iozf = np.concatenate((W_i, W_o, W_z, W_f))
    b_iozf = np.concatenate((b_i, b_o, b_z, b_f))
    p_o_arg_z_arg_q_i = np.empty((B, 5 * n_h), dtype)
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    p_o_arg_z_arg_q_i[:, :4 * n_h] = h_prev @ R_iozf.T
    p_o_arg_z_arg_q_i[:, :4 * n_h] += x @ W_iozf.T
    p_o_arg_z_arg_q_i[:, :4 * n_h] += b_iozf
    # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
    z = np.tanh(p_o_arg_z_arg_q_i[:, 2 * n_h:3 * n_h])
    # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
    o = _sigmoid(p_o_arg_z_arg_q_i[:, n_h:2 * n_h])
    # m[t] = maximum(q[t] + m[t-1], p[t])
    m = np.maximum(m_prev + p_o_arg_z_arg_q_i[:, 3 * n_h:4 * n_h], p_o_arg_z_arg_q_i[:, :n_h])
    # f.arg[t] = q[t] + m[t-1] - m[t]
    f_arg = -m
    f_arg += m_prev
    f_arg += p_o_arg_z_arg_q_i[:, 3 * n_h:4 * n_h]
    # f[t] = exp(q[t] + m[t-1] - m[t])
    f = np.exp(f_arg)
    # c[t] = f[t] * c[t-1] + i[t] * z[t]
    c = c_prev * f
    # i[t] = exp(p[t] - m[t])
    np.exp(p_o_arg_z_arg_q_i[:, :n_h] - m, out=p_o_arg_z_arg_q_i[:, 4 * n_h:])
    # c[t] = f[t] * c[t-1] + i[t] * z[t]
    c += p_o_arg_z_arg_q_i[:, 4 * n_h:] * z
    # n[t] = f[t] * n[t-1] + i[t]
    n = f * n_prev
    n += p_o_arg_z_arg_q_i[:, 4 * n_h:]
    # h[t] = o[t] * c[t] / n[t]
    h = c * o / n
    # s[t] = d + V @ h[t]
    s = h @ V.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])
    p = p_o_arg_z_arg_q_i[:, :n_h]
    q = p_o_arg_z_arg_q_i[:, 3 * n_h:4 * n_h]
    i = p_o_arg_z_arg_q_i[:, 4 * n_h:5 * n_h]

    if single:
        m = m[0]
        c = c[0]
        n = n[0]
        h = h[0]
        z = z[0]
        p = p[0]
        q = q[0]
        o = o[0]
        i = i[0]
        f = f[0]
        s = s[0]
        yhat = yhat[0]
    result = State(m=m, c=c, n=n, h=h)
    return result, Outputs(z=z, p=p, q=q, o=o, m=m, i=i, f=f, c=c, n=n, h=h, s=s, yhat=yhat)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.m.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.m.ndim < 3 else forward.m.shape[1], forward.m.ndim < 3, 1
    )
    return State(
        m=_last(forward.m, 0, 1, 1, lengths),
        c=_last(forward.c, 0, 1, 1, lengths),
        n=_last(forward.n, 0, 1, 1, lengths),
        h=_last(forward.h, 0, 1, 1, lengths),
    )


def _forward_padded(params, x, y, h0, c0, n0, m0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, x, y, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, c0, n0, m0, lengths)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params

    R_ifoz = np.concatenate((R_i, R_f, R_o, R_z))
    W_ifoz = np.concatenate((W_i, W_f, W_o, W_z))
    b_ifoz = np.concatenate((b_i, b_f, b_o, b_z))
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    p_q_o_arg_z_arg = (x.reshape(-1, n_x) @ W_ifoz.T).reshape(T, B, 4 * n_h)
    p_q_o_arg_z_arg += b_ifoz
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    n = np.empty((T + 1, B, n_h), dtype)
    # n[0] = 0
    n[0] = n0
    m = np.empty((T + 1, B, n_h), dtype)
    # m[0] = 0
    m[0] = m0
    z = np.empty((T, B, n_h), dtype)
    o = np.empty((T, B, n_h), dtype)
    i = np.empty((T, B, n_h), dtype)
    f_arg = np.empty((B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
        # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
        # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
        p_q_o_arg_z_arg[t - 1] += h[t - 1] @ R_ifoz.T
        # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
        np.tanh(p_q_o_arg_z_arg[t - 1, :, 3 * n_h:], out=z[t - 1])
        # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
        o[t - 1] = _sigmoid(p_q_o_arg_z_arg[t - 1, :, 2 * n_h:3 * n_h])
        # m[t] = maximum(q[t] + m[t-1], p[t])
        m[t] = np.where((t <= T_own)[:, None], np.maximum(m[t - 1] + p_q_o_arg_z_arg[t - 1, :, n_h:2 * n_h], p_q_o_arg_z_arg[t - 1, :, :n_h]), m[t - 1])
        # i[t] = exp(p[t] - m[t])
        np.exp(p_q_o_arg_z_arg[t - 1, :, :n_h] - m[t], out=i[t - 1])
        # f.arg[t] = q[t] + m[t-1] - m[t]
        f_arg[...] = -m[t]
        f_arg += m[t - 1]
        f_arg += p_q_o_arg_z_arg[t - 1, :, n_h:2 * n_h]
        # f[t] = exp(q[t] + m[t-1] - m[t])
        np.exp(f_arg, out=f[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * z[t]
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f[t - 1] + i[t - 1] * z[t - 1], c[t - 1])
        # n[t] = f[t] * n[t-1] + i[t]
        n[t] = np.where((t <= T_own)[:, None], f[t - 1] * n[t - 1] + i[t - 1], n[t - 1])
        # h[t] = o[t] * c[t] / n[t]
        h[t] = np.where((t <= T_own)[:, None], c[t] * o[t - 1] / n[t], h[t - 1])
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
    p = p_q_o_arg_z_arg[..., :n_h]
    q = p_q_o_arg_z_arg[..., n_h:2 * n_h]

    if single:
        z = z[:, 0]
        p = p[:, 0]
        q = q[:, 0]
        o = o[:, 0]
        m = m[:, 0]
        i = i[:, 0]
        f = f[:, 0]
        c = c[:, 0]
        n = n[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(
        z=z, p=p, q=q, o=o, m=m, i=i, f=f, c=c, n=n, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss)
    )


def _loss_padded(params, x, y, h0, c0, n0, m0, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, c0, n0, m0, lengths, whole=True)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params

    R_ifoz = np.concatenate((R_i, R_f, R_o, R_z))
    W_ifoz = np.concatenate((W_i, W_f, W_o, W_z))
    b_ifoz = np.concatenate((b_i, b_f, b_o, b_z))
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    p_q_o_arg_z_arg = (x.reshape(-1, n_x) @ W_ifoz.T).reshape(T, B, 4 * n_h)
    p_q_o_arg_z_arg += b_ifoz
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    n = np.empty((T + 1, B, n_h), dtype)
    # n[0] = 0
    n[0] = n0
    m = np.empty((T + 1, B, n_h), dtype)
    # m[0] = 0
    m[0] = m0
    z = np.empty((B, n_h), dtype)
    o = np.empty((B, n_h), dtype)
    i = np.empty((B, n_h), dtype)
    f_arg = np.empty((B, n_h), dtype)
    f = np.empty((B, n_h), dtype)
    for t in range(1, T + 1):
        # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
        # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
        # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
        p_q_o_arg_z_arg[t - 1] += h[t - 1] @ R_ifoz.T
        # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
        np.tanh(p_q_o_arg_z_arg[t - 1, :, 3 * n_h:], out=z)
        # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
        o[...] = _sigmoid(p_q_o_arg_z_arg[t - 1, :, 2 * n_h:3 * n_h])
        # m[t] = maximum(q[t] + m[t-1], p[t])
        m[t] = np.where((t <= T_own)[:, None], np.maximum(m[t - 1] + p_q_o_arg_z_arg[t - 1, :, n_h:2 * n_h], p_q_o_arg_z_arg[t - 1, :, :n_h]), m[t - 1])
        # i[t] = exp(p[t] - m[t])
        np.exp(p_q_o_arg_z_arg[t - 1, :, :n_h] - m[t], out=i)
        # f.arg[t] = q[t] + m[t-1] - m[t]
        f_arg[...] = -m[t]
        f_arg += m[t - 1]
        f_arg += p_q_o_arg_z_arg[t - 1, :, n_h:2 * n_h]
        # f[t] = exp(q[t] + m[t-1] - m[t])
        np.exp(f_arg, out=f)
        # c[t] = f[t] * c[t-1] + i[t] * z[t]
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f + i * z, c[t - 1])
        # n[t] = f[t] * n[t-1] + i[t]
        n[t] = np.where((t <= T_own)[:, None], f * n[t - 1] + i, n[t - 1])
        # h[t] = o[t] * c[t] / n[t]
        h[t] = np.where((t <= T_own)[:, None], c[t] * o / n[t], h[t - 1])
    # s[t] = d + V @ h[t]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, h0, c0, n0, m0, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, c0, n0, m0, lengths, whole=True)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params
    wrt = _asked(wrt, ("x", "h0", "c0", "n0", "m0"))
    window_T = _window(window, "T", ("T",), T)

    R_ifoz = np.concatenate((R_i, R_f, R_o, R_z))
    W_ifoz = np.concatenate((W_i, W_f, W_o, W_z))
    b_ifoz = np.concatenate((b_i, b_f, b_o, b_z))
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    p_q_o_arg_z_arg = (x.reshape(-1, n_x) @ W_ifoz.T).reshape(T, B, 4 * n_h)
    p_q_o_arg_z_arg += b_ifoz
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((T + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    n = np.empty((T + 1, B, n_h), dtype)
    # n[0] = 0
    n[0] = n0
    m = np.empty((T + 1, B, n_h), dtype)
    # m[0] = 0
    m[0] = m0
    z = np.empty((T, B, n_h), dtype)
    o = np.empty((T, B, n_h), dtype)
    i = np.empty((T, B, n_h), dtype)
    f_arg = np.empty((B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    for t in range(1, T + 1):
        # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
        # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
        # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
        p_q_o_arg_z_arg[t - 1] += h[t - 1] @ R_ifoz.T
        # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
        np.tanh(p_q_o_arg_z_arg[t - 1, :, 3 * n_h:], out=z[t - 1])
        # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
        o[t - 1] = _sigmoid(p_q_o_arg_z_arg[t - 1, :, 2 * n_h:3 * n_h])
        # m[t] = maximum(q[t] + m[t-1], p[t])
        m[t] = np.where((t <= T_own)[:, None], np.maximum(m[t - 1] + p_q_o_arg_z_arg[t - 1, :, n_h:2 * n_h], p_q_o_arg_z_arg[t - 1, :, :n_h]), m[t - 1])
        # i[t] = exp(p[t] - m[t])
        np.exp(p_q_o_arg_z_arg[t - 1, :, :n_h] - m[t], out=i[t - 1])
        # f.arg[t] = q[t] + m[t-1] - m[t]
        f_arg[...] = -m[t]
        f_arg += m[t - 1]
        f_arg += p_q_o_arg_z_arg[t - 1, :, n_h:2 * n_h]
        # f[t] = exp(q[t] + m[t-1] - m[t])
        np.exp(f_arg, out=f[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * z[t]
        c[t] = np.where((t <= T_own)[:, None], c[t - 1] * f[t - 1] + i[t - 1] * z[t - 1], c[t - 1])
        # n[t] = f[t] * n[t-1] + i[t]
        n[t] = np.where((t <= T_own)[:, None], f[t - 1] * n[t - 1] + i[t - 1], n[t - 1])
        # h[t] = o[t] * c[t] / n[t]
        h[t] = np.where((t <= T_own)[:, None], c[t] * o[t - 1] / n[t], h[t - 1])
    # s[t] = d + V @ h[t]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(T, B, n_y)
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[t, y[t]]), t)
    loss = -np.where(np.arange(1, T + 1)[:, None] <= T_own, s[np.arange(T)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, T + 1)[:, None] <= T_own, yhat_lse, 0).sum()
    p = p_q_o_arg_z_arg[..., :n_h]
    q = p_q_o_arg_z_arg[..., n_h:2 * n_h]
    R_iozf = np.concatenate((R_i, R_o, R_z, R_f))
    W_iozf = np.concatenate((W_i, W_o, W_z, W_f))
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dh = np.empty((T + 1, B, n_h), dtype)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (R_z.T @ grad(z.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (R_i.T @ grad(p[t+1])) + same_window(t, maximum(t
    #     - 1, 0), window.T) * (R_f.T @ grad(q[t+1])) + same_window(t, maximum(t - 1, 0), window.T) *
    #     (R_o.T @ grad(o.arg[t+1])) + V.T @ grad(s[t]), t < T
    dh[1:] = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    dc = np.empty((T + 1, B, n_h), dtype)
    df = np.empty((B, n_h), dtype)
    dn = np.empty((T + 1, B, n_h), dtype)
    df_arg = np.empty((T, B, n_h), dtype)
    dp_o_arg_z_arg_q_i = np.empty((T, B, 5 * n_h), dtype)
    dm = np.empty((T + 1, B, n_h), dtype)
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] * grad(h[t])
    #     / n[t], t < T
    dc[T] = dh[T] * o[T - 1] / n[T]
    # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
    df[...] = c[T - 1] * dc[T]
    # grad(n[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(n[t+1]) - o[t] * c[t] *
    #     grad(h[t]) / n[t]**2, t < T
    dn[T] = -c[T] * dh[T] * o[T - 1] / n[T]**2
    # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
    df += dn[T] * n[T - 1]
    # grad(f.arg[t]) = f[t] * grad(f[t])
    df_arg[T - 1] = df * f[T - 1]
    # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
    dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] = dc[T] * z[T - 1]
    dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] += dn[T]
    # grad(m[t]) = same_window(t, maximum(t - 1, 0), window.T) * where(p[t+1] < q[t+1] + m[t], 1,
    #     where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
    dm[T] = -df_arg[T - 1]
    dm[T] -= dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] * i[T - 1]
    # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
    #     grad(f.arg[t])
    dp_o_arg_z_arg_q_i[T - 1, :, 3 * n_h:4 * n_h] = dm[T] * np.where(p[T - 1] < m[T - 1] + q[T - 1], 1, np.where(m[T - 1] + q[T - 1] < p[T - 1], 0, 0.5).astype(dtype))
    dp_o_arg_z_arg_q_i[T - 1, :, 3 * n_h:4 * n_h] += df_arg[T - 1]
    # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
    #     * grad(i[t])
    dp_o_arg_z_arg_q_i[T - 1, :, :n_h] = dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] * i[T - 1]
    dp_o_arg_z_arg_q_i[T - 1, :, :n_h] += dm[T] * np.where(m[T - 1] + q[T - 1] < p[T - 1], 1, np.where(p[T - 1] < m[T - 1] + q[T - 1], 0, 0.5).astype(dtype))
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    dp_o_arg_z_arg_q_i[T - 1, :, n_h:2 * n_h] = c[T] * dh[T] * o[T - 1] * (1 - o[T - 1]) / n[T]
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    dp_o_arg_z_arg_q_i[T - 1, :, 2 * n_h:3 * n_h] = dc[T] * i[T - 1] * (1 - z[T - 1]**2)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (R_z.T @ grad(z.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (R_i.T @ grad(p[t+1])) + same_window(t, maximum(t
        #     - 1, 0), window.T) * (R_f.T @ grad(q[t+1])) + same_window(t, maximum(t - 1, 0), window.T) *
        #     (R_o.T @ grad(o.arg[t+1])) + V.T @ grad(s[t]), t < T
        dh[t] += dp_o_arg_z_arg_q_i[t, :, 3 * n_h:4 * n_h] @ R_f * (t // window_T == max(t - 1, 0) // window_T)
        dh[t] += dp_o_arg_z_arg_q_i[t, :, :n_h] @ R_i * (t // window_T == max(t - 1, 0) // window_T)
        dh[t] += dp_o_arg_z_arg_q_i[t, :, n_h:2 * n_h] @ R_o * (t // window_T == max(t - 1, 0) // window_T)
        dh[t] += dp_o_arg_z_arg_q_i[t, :, 2 * n_h:3 * n_h] @ R_z * (t // window_T == max(t - 1, 0) // window_T)
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] * grad(h[t])
        #     / n[t], t < T
        dc[t] = dh[t] * o[t - 1] / n[t]
        dc[t] += dc[t + 1] * f[t] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        df[...] = c[t - 1] * dc[t]
        # grad(n[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(n[t+1]) - o[t] * c[t] *
        #     grad(h[t]) / n[t]**2, t < T
        dn[t] = -c[t] * dh[t] * o[t - 1] / n[t]**2
        dn[t] += dn[t + 1] * f[t] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        df += dn[t] * n[t - 1]
        # grad(f.arg[t]) = f[t] * grad(f[t])
        df_arg[t - 1] = df * f[t - 1]
        # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
        dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] = dc[t] * z[t - 1]
        dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] += dn[t]
        # grad(m[t]) = same_window(t, maximum(t - 1, 0), window.T) * where(p[t+1] < q[t+1] + m[t], 1,
        #     where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
        dm[t] = -df_arg[t - 1]
        dm[t] -= dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] * i[t - 1]
        dm[t] += df_arg[t] * (t // window_T == max(t - 1, 0) // window_T)
        dm[t] += dm[t + 1] * np.where(p[t] < m[t] + q[t], 1, np.where(m[t] + q[t] < p[t], 0, 0.5).astype(dtype)) * (t // window_T == max(t - 1, 0) // window_T)
        # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
        #     grad(f.arg[t])
        dp_o_arg_z_arg_q_i[t - 1, :, 3 * n_h:4 * n_h] = dm[t] * np.where(p[t - 1] < m[t - 1] + q[t - 1], 1, np.where(m[t - 1] + q[t - 1] < p[t - 1], 0, 0.5).astype(dtype))
        dp_o_arg_z_arg_q_i[t - 1, :, 3 * n_h:4 * n_h] += df_arg[t - 1]
        # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
        #     * grad(i[t])
        dp_o_arg_z_arg_q_i[t - 1, :, :n_h] = dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] * i[t - 1]
        dp_o_arg_z_arg_q_i[t - 1, :, :n_h] += dm[t] * np.where(m[t - 1] + q[t - 1] < p[t - 1], 1, np.where(p[t - 1] < m[t - 1] + q[t - 1], 0, 0.5).astype(dtype))
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        dp_o_arg_z_arg_q_i[t - 1, :, n_h:2 * n_h] = c[t] * dh[t] * o[t - 1] * (1 - o[t - 1]) / n[t]
        # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
        dp_o_arg_z_arg_q_i[t - 1, :, 2 * n_h:3 * n_h] = dc[t] * i[t - 1] * (1 - z[t - 1]**2)
    # grad(b_i) = sum(grad(p[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    # grad(b_f) = sum(grad(q[t]), t)
    db_iozf = dp_o_arg_z_arg_q_i[:, :, :4 * n_h].sum(axis=(0, 1))
    # grad(R_i) = sum(outer(grad(p[t]), h[t-1]), t)
    # grad(R_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(R_z) = sum(outer(grad(z.arg[t]), h[t-1]), t)
    # grad(R_f) = sum(outer(grad(q[t]), h[t-1]), t)
    dR_iozf = dp_o_arg_z_arg_q_i[:, :, :4 * n_h].reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)
    # grad(W_i) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(q[t]), x[t]), t)
    dW_iozf = dp_o_arg_z_arg_q_i[:, :, :4 * n_h].reshape(-1, 4 * n_h).T @ x.reshape(-1, n_x)
    if "n0" in wrt:
        # grad(n[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(n[t+1]) - o[t] * c[t] *
        #     grad(h[t]) / n[t]**2, t < T
        dn[:1] = dn[1:2] * f[:1] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        # grad(n.0) = grad(n[0])
        dn0 = dn[0].copy()
    if "c0" in wrt:
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] * grad(h[t])
        #     / n[t], t < T
        dc[:1] = dc[1:2] * f[:1] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    if "m0" in wrt:
        # grad(m[t]) = same_window(t, maximum(t - 1, 0), window.T) * where(p[t+1] < q[t+1] + m[t], 1,
        #     where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
        dm[:1] = df_arg[:1] * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        dm[:1] += dm[1:2] * np.where(p[:1] < m[:1] + q[:1], 1, np.where(m[:1] + q[:1] < p[:1], 0, 0.5).astype(dtype)) * (np.arange(1) // window_T == np.maximum(np.arange(1, dtype=dtype) - 1, 0) // window_T)[:, None, None]
        # grad(m.0) = grad(m[0])
        dm0 = dm[0].copy()
    if "h0" in wrt:
        # grad(h[0]) = R_z.T @ grad(z.arg[1]) + R_i.T @ grad(p[1]) + R_f.T @ grad(q[1]) + R_o.T @
        #     grad(o.arg[1])
        dh[0] = dp_o_arg_z_arg_q_i[0, :, :4 * n_h] @ R_iozf
        # grad(h.0) = grad(h[0])
        dh0 = dh[0].copy()
    if "x" in wrt:
        # grad(x[t]) = W_z.T @ grad(z.arg[t]) + W_i.T @ grad(p[t]) + W_f.T @ grad(q[t]) + W_o.T @
        #     grad(o.arg[t])
        dx = (dp_o_arg_z_arg_q_i[:, :, :4 * n_h].reshape(-1, 4 * n_h) @ W_iozf).reshape(T, B, n_x)
    db_i = db_iozf[:n_h]
    db_o = db_iozf[n_h:2 * n_h]
    db_z = db_iozf[2 * n_h:3 * n_h]
    db_f = db_iozf[3 * n_h:4 * n_h]
    dR_i = dR_iozf[:n_h]
    dR_o = dR_iozf[n_h:2 * n_h]
    dR_z = dR_iozf[2 * n_h:3 * n_h]
    dR_f = dR_iozf[3 * n_h:4 * n_h]
    dW_i = dW_iozf[:n_h]
    dW_o = dW_iozf[n_h:2 * n_h]
    dW_z = dW_iozf[2 * n_h:3 * n_h]
    dW_f = dW_iozf[3 * n_h:4 * n_h]

    gradient = Params(
        W_z=dW_z,
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        R_z=dR_z,
        R_i=dR_i,
        R_f=dR_f,
        R_o=dR_o,
        b_z=db_z,
        b_i=db_i,
        b_f=db_f,
        b_o=db_o,
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
    if "n0" in wrt:
        result["n0"] = dn0[0] if single else dn0
    if "m0" in wrt:
        result["m0"] = dm0[0] if single else dm0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, z, p, q, o, m, i, f, c, n, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params
    window_T = _window(window, "T", ("T",), T)

    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    ds = yhat * (np.arange(1, T + 1)[:, None] <= T_own)[:, :, None]
    ds[np.arange(T)[:, None], np.arange(B), y] -= (np.arange(1, T + 1)[:, None] <= T_own).astype(dtype)
    # grad(d) = sum(grad(s[t]), t)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    dV = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (R_z.T @ grad(z.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (R_i.T @ grad(p[t+1])) + same_window(t, maximum(t
    #     - 1, 0), window.T) * (R_f.T @ grad(q[t+1])) + same_window(t, maximum(t - 1, 0), window.T) *
    #     (R_o.T @ grad(o.arg[t+1])) + V.T @ grad(s[t]), t < T
    dh = (ds.reshape(-1, n_y) @ V).reshape(T, B, n_h)
    dn = np.empty((T, B, n_h), dtype)
    dc = np.empty((T, B, n_h), dtype)
    df = np.empty((B, n_h), dtype)
    df_arg = np.empty((T, B, n_h), dtype)
    dm = np.empty((T, B, n_h), dtype)
    dp_o_arg_z_arg_q_i = np.empty((T, B, 5 * n_h), dtype)
    # grad(n[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(n[t+1]) - o[t] * c[t] *
    #     grad(h[t]) / n[t]**2, t < T
    dn[T - 1] = -c[T] * dh[T - 1] * o[T - 1] / n[T]**2
    # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] * grad(h[t])
    #     / n[t], t < T
    dc[T - 1] = dh[T - 1] * o[T - 1] / n[T]
    # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
    df[...] = c[T - 1] * dc[T - 1]
    df += dn[T - 1] * n[T - 1]
    # grad(f.arg[t]) = f[t] * grad(f[t])
    df_arg[T - 1] = df * f[T - 1]
    # grad(m[t]) = same_window(t, maximum(t - 1, 0), window.T) * where(p[t+1] < q[t+1] + m[t], 1,
    #     where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
    dm[T - 1] = -df_arg[T - 1]
    # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
    dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] = dc[T - 1] * z[T - 1]
    dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] += dn[T - 1]
    # grad(m[t]) = same_window(t, maximum(t - 1, 0), window.T) * where(p[t+1] < q[t+1] + m[t], 1,
    #     where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
    dm[T - 1] -= dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] * i[T - 1]
    # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
    #     grad(f.arg[t])
    dp_o_arg_z_arg_q_i[T - 1, :, 3 * n_h:4 * n_h] = dm[T - 1] * np.where(p[T - 1] < m[T - 1] + q[T - 1], 1, np.where(m[T - 1] + q[T - 1] < p[T - 1], 0, 0.5).astype(dtype))
    dp_o_arg_z_arg_q_i[T - 1, :, 3 * n_h:4 * n_h] += df_arg[T - 1]
    # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
    #     * grad(i[t])
    dp_o_arg_z_arg_q_i[T - 1, :, :n_h] = dp_o_arg_z_arg_q_i[T - 1, :, 4 * n_h:] * i[T - 1]
    dp_o_arg_z_arg_q_i[T - 1, :, :n_h] += dm[T - 1] * np.where(m[T - 1] + q[T - 1] < p[T - 1], 1, np.where(p[T - 1] < m[T - 1] + q[T - 1], 0, 0.5).astype(dtype))
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    dp_o_arg_z_arg_q_i[T - 1, :, n_h:2 * n_h] = c[T] * dh[T - 1] * o[T - 1] * (1 - o[T - 1]) / n[T]
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    dp_o_arg_z_arg_q_i[T - 1, :, 2 * n_h:3 * n_h] = dc[T - 1] * i[T - 1] * (1 - z[T - 1]**2)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (R_z.T @ grad(z.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (R_i.T @ grad(p[t+1])) + same_window(t, maximum(t
        #     - 1, 0), window.T) * (R_f.T @ grad(q[t+1])) + same_window(t, maximum(t - 1, 0), window.T) *
        #     (R_o.T @ grad(o.arg[t+1])) + V.T @ grad(s[t]), t < T
        dh[t - 1] += dp_o_arg_z_arg_q_i[t, :, 3 * n_h:4 * n_h] @ R_f * (t // window_T == max(t - 1, 0) // window_T)
        dh[t - 1] += dp_o_arg_z_arg_q_i[t, :, :n_h] @ R_i * (t // window_T == max(t - 1, 0) // window_T)
        dh[t - 1] += dp_o_arg_z_arg_q_i[t, :, n_h:2 * n_h] @ R_o * (t // window_T == max(t - 1, 0) // window_T)
        dh[t - 1] += dp_o_arg_z_arg_q_i[t, :, 2 * n_h:3 * n_h] @ R_z * (t // window_T == max(t - 1, 0) // window_T)
        # grad(n[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(n[t+1]) - o[t] * c[t] *
        #     grad(h[t]) / n[t]**2, t < T
        dn[t - 1] = -c[t] * dh[t - 1] * o[t - 1] / n[t]**2
        # grad(c[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(c[t+1]) + o[t] * grad(h[t])
        #     / n[t], t < T
        dc[t - 1] = dh[t - 1] * o[t - 1] / n[t]
        dc[t - 1] += dc[t] * f[t] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        df[...] = c[t - 1] * dc[t - 1]
        # grad(n[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(n[t+1]) - o[t] * c[t] *
        #     grad(h[t]) / n[t]**2, t < T
        dn[t - 1] += dn[t] * f[t] * (t // window_T == max(t - 1, 0) // window_T)
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        df += dn[t - 1] * n[t - 1]
        # grad(f.arg[t]) = f[t] * grad(f[t])
        df_arg[t - 1] = df * f[t - 1]
        # grad(m[t]) = same_window(t, maximum(t - 1, 0), window.T) * where(p[t+1] < q[t+1] + m[t], 1,
        #     where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
        dm[t - 1] = -df_arg[t - 1]
        # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
        dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] = dc[t - 1] * z[t - 1]
        dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] += dn[t - 1]
        # grad(m[t]) = same_window(t, maximum(t - 1, 0), window.T) * where(p[t+1] < q[t+1] + m[t], 1,
        #     where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
        dm[t - 1] -= dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] * i[t - 1]
        dm[t - 1] += df_arg[t] * (t // window_T == max(t - 1, 0) // window_T)
        dm[t - 1] += dm[t] * np.where(p[t] < m[t] + q[t], 1, np.where(m[t] + q[t] < p[t], 0, 0.5).astype(dtype)) * (t // window_T == max(t - 1, 0) // window_T)
        # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
        #     grad(f.arg[t])
        dp_o_arg_z_arg_q_i[t - 1, :, 3 * n_h:4 * n_h] = dm[t - 1] * np.where(p[t - 1] < m[t - 1] + q[t - 1], 1, np.where(m[t - 1] + q[t - 1] < p[t - 1], 0, 0.5).astype(dtype))
        dp_o_arg_z_arg_q_i[t - 1, :, 3 * n_h:4 * n_h] += df_arg[t - 1]
        # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
        #     * grad(i[t])
        dp_o_arg_z_arg_q_i[t - 1, :, :n_h] = dp_o_arg_z_arg_q_i[t - 1, :, 4 * n_h:] * i[t - 1]
        dp_o_arg_z_arg_q_i[t - 1, :, :n_h] += dm[t - 1] * np.where(m[t - 1] + q[t - 1] < p[t - 1], 1, np.where(p[t - 1] < m[t - 1] + q[t - 1], 0, 0.5).astype(dtype))
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        dp_o_arg_z_arg_q_i[t - 1, :, n_h:2 * n_h] = c[t] * dh[t - 1] * o[t - 1] * (1 - o[t - 1]) / n[t]
        # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
        dp_o_arg_z_arg_q_i[t - 1, :, 2 * n_h:3 * n_h] = dc[t - 1] * i[t - 1] * (1 - z[t - 1]**2)
    # grad(b_i) = sum(grad(p[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    # grad(b_f) = sum(grad(q[t]), t)
    db_iozf = dp_o_arg_z_arg_q_i[:, :, :4 * n_h].sum(axis=(0, 1))
    # grad(R_i) = sum(outer(grad(p[t]), h[t-1]), t)
    # grad(R_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(R_z) = sum(outer(grad(z.arg[t]), h[t-1]), t)
    # grad(R_f) = sum(outer(grad(q[t]), h[t-1]), t)
    dR_iozf = dp_o_arg_z_arg_q_i[:, :, :4 * n_h].reshape(-1, 4 * n_h).T @ h[:T].reshape(-1, n_h)
    # grad(W_i) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(q[t]), x[t]), t)
    dW_iozf = dp_o_arg_z_arg_q_i[:, :, :4 * n_h].reshape(-1, 4 * n_h).T @ x.reshape(-1, n_x)
    db_i = db_iozf[:n_h]
    db_o = db_iozf[n_h:2 * n_h]
    db_z = db_iozf[2 * n_h:3 * n_h]
    db_f = db_iozf[3 * n_h:4 * n_h]
    dR_i = dR_iozf[:n_h]
    dR_o = dR_iozf[n_h:2 * n_h]
    dR_z = dR_iozf[2 * n_h:3 * n_h]
    dR_f = dR_iozf[3 * n_h:4 * n_h]
    dW_i = dW_iozf[:n_h]
    dW_o = dW_iozf[n_h:2 * n_h]
    dW_z = dW_iozf[2 * n_h:3 * n_h]
    dW_f = dW_iozf[3 * n_h:4 * n_h]

    return Params(
        W_z=dW_z,
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        R_z=dR_z,
        R_i=dR_i,
        R_f=dR_f,
        R_o=dR_o,
        b_z=db_z,
        b_i=db_i,
        b_f=db_f,
        b_o=db_o,
        V=dV,
        d=dd,
    )


def _arguments(params, x, y, h0, c0, n0, m0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_z")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_z")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_z")
        if single:
            c0 = c0[None]
    if n0 is None:
        n0 = np.zeros((B, n_h), dtype)
    else:
        n0 = _real("n0", n0, dtype)
        _expect("n0", n0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_z")
        if single:
            n0 = n0[None]
    if m0 is None:
        m0 = np.zeros((B, n_h), dtype)
    else:
        m0 = _real("m0", m0, dtype)
        _expect("m0", m0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_z")
        if single:
            m0 = m0[None]
    return params, x, y, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    z = _real("forward.z", forward.z, dtype)
    p = _real("forward.p", forward.p, dtype)
    q = _real("forward.q", forward.q, dtype)
    o = _real("forward.o", forward.o, dtype)
    m = _real("forward.m", forward.m, dtype)
    i = _real("forward.i", forward.i, dtype)
    f = _real("forward.f", forward.f, dtype)
    c = _real("forward.c", forward.c, dtype)
    n = _real("forward.n", forward.n, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_z")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.z", z, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.p", p, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.q", q, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.o", o, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.m", m, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.i", i, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.n", n, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        z = z[:, None]
        p = p[:, None]
        q = q[:, None]
        o = o[:, None]
        m = m[:, None]
        i = i[:, None]
        f = f[:, None]
        c = c[:, None]
        n = n[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    return params, x, y, z, p, q, o, m, i, f, c, n, h, yhat, dtype, single, n_h, n_x, n_y, T, B


def _initial_arguments(params, h0, c0, n0, m0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_z")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_z")
        if single:
            c0 = c0[None]
    if n0 is None:
        n0 = np.zeros((B, n_h), dtype)
    else:
        n0 = _real("n0", n0, dtype)
        _expect("n0", n0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_z")
        if single:
            n0 = n0[None]
    if m0 is None:
        m0 = np.zeros((B, n_h), dtype)
    else:
        m0 = _real("m0", m0, dtype)
        _expect("m0", m0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_z")
        if single:
            m0 = m0[None]
    return params, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, B


def _step_arguments(params, state, x):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    m_prev = _real("state.m", state.m, dtype)
    c_prev = _real("state.c", state.c, dtype)
    n_prev = _real("state.n", state.n, dtype)
    h_prev = _real("state.h", state.h, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from W_z")
    _expect("state.m", m_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_z")
    _expect("state.c", c_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_z")
    _expect("state.n", n_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_z")
    _expect("state.h", h_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_z")
    if single:
        x = x[None]
        m_prev = m_prev[None]
        c_prev = c_prev[None]
        n_prev = n_prev[None]
        h_prev = h_prev[None]
    return params, x, m_prev, c_prev, n_prev, h_prev, dtype, single, n_h, n_x, n_y, B


def _padded_arguments(params, x, y, h0, c0, n0, m0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_z")
    if single:
        x = x[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
        if single:
            y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_z")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_z")
        if single:
            c0 = c0[None]
    if n0 is None:
        n0 = np.zeros((B, n_h), dtype)
    else:
        n0 = _real("n0", n0, dtype)
        _expect("n0", n0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_z")
        if single:
            n0 = n0[None]
    if m0 is None:
        m0 = np.zeros((B, n_h), dtype)
    else:
        m0 = _real("m0", m0, dtype)
        _expect("m0", m0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_z")
        if single:
            m0 = m0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    z = _real("forward.z", forward.z, dtype)
    p = _real("forward.p", forward.p, dtype)
    q = _real("forward.q", forward.q, dtype)
    o = _real("forward.o", forward.o, dtype)
    m = _real("forward.m", forward.m, dtype)
    i = _real("forward.i", forward.i, dtype)
    f = _real("forward.f", forward.f, dtype)
    c = _real("forward.c", forward.c, dtype)
    n = _real("forward.n", forward.n, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_z")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.z", z, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.p", p, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.q", q, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.o", o, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.m", m, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.i", i, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.f", f, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.c", c, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.n", n, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_z")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[:, None]
        z = z[:, None]
        p = p[:, None]
        q = q[:, None]
        o = o[:, None]
        m = m[:, None]
        i = i[:, None]
        f = f[:, None]
        c = c[:, None]
        n = n[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, z, p, q, o, m, i, f, c, n, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params
    _rank("W_z", W_z, ("n_h", "n_x"))
    n_h, n_x = W_z.shape
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("W_i", W_i, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from W_z")
    _expect("W_f", W_f, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from W_z")
    _expect("W_o", W_o, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from W_z")
    _expect("R_z", R_z, (n_h, n_h), ("n_h", "n_h"), "n_h from W_z")
    _expect("R_i", R_i, (n_h, n_h), ("n_h", "n_h"), "n_h from W_z")
    _expect("R_f", R_f, (n_h, n_h), ("n_h", "n_h"), "n_h from W_z")
    _expect("R_o", R_o, (n_h, n_h), ("n_h", "n_h"), "n_h from W_z")
    _expect("b_z", b_z, (n_h,), ("n_h",), "n_h from W_z")
    _expect("b_i", b_i, (n_h,), ("n_h",), "n_h from W_z")
    _expect("b_f", b_f, (n_h,), ("n_h",), "n_h from W_z")
    _expect("b_o", b_o, (n_h,), ("n_h",), "n_h from W_z")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from W_z")
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
