# Written by derive from slstm.eq; do not edit.
# Change slstm.eq instead, and run: derive generate slstm
# source b7166231a8dea90e, derive 07e8f9d843407be1, body 34b36292cab90e01
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
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from
                                      there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0, n0, m0 = _resumed(state, ("h", "c", "n", "m"), (("h0", h0), ("c0", c0), ("n0", n0), ("m0", m0)))
    if lengths is not None:
        return _forward_padded(params, x, y, h0, c0, n0, m0, lengths)
    params, x, y, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, c0, n0, m0)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params

    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    R_ifoz = np.stack((R_i, R_f, R_o, R_z))
    W_ifoz = np.stack((W_i, W_f, W_o, W_z))
    b_ifoz = np.stack((b_i, b_f, b_o, b_z))
    p_q_o_arg_z_arg = np.empty((4, T, B, n_h), dtype)
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_ifoz.transpose(0, 2, 1), out=p_q_o_arg_z_arg.reshape(4, -1, n_h))
    p_q_o_arg_z_arg += b_ifoz[:, None, None]
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
    R_ifoz_T = np.empty((4, n_h, n_h), dtype)
    R_ifoz_T[...] = R_ifoz.transpose(0, 2, 1)
    h_at = list(h)
    p_q_o_arg_z_arg_at = list(p_q_o_arg_z_arg.swapaxes(0, 1))
    z_at = list(z)
    z_arg_at = list(p_q_o_arg_z_arg[3])
    o_at = list(o)
    o_arg_at = list(p_q_o_arg_z_arg[2])
    half = np.array(0.5, dtype)
    m_at = list(m)
    q_at = list(p_q_o_arg_z_arg[1])
    p_at = list(p_q_o_arg_z_arg[0])
    i_at = list(i)
    f_at = list(f)
    c_at = list(c)
    n_at = list(n)
    for t in range(1, T + 1):
        # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
        # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
        # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
        np.matmul(h_at[t - 1], R_ifoz_T, out=tmp0)
        p_q_o_arg_z_arg_at[t - 1] += tmp0
        # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
        np.tanh(z_arg_at[t - 1], out=z_at[t - 1])
        # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
        _sigmoid(o_arg_at[t - 1], out=o_at[t - 1], half=half)
        # m[t] = maximum(q[t] + m[t-1], p[t])
        np.add(m_at[t - 1], q_at[t - 1], out=tmp1)
        np.maximum(tmp1, p_at[t - 1], out=m_at[t])
        # i[t] = exp(p[t] - m[t])
        np.subtract(p_at[t - 1], m_at[t], out=tmp1)
        np.exp(tmp1, out=i_at[t - 1])
        # f.arg[t] = q[t] + m[t-1] - m[t]
        np.negative(m_at[t], out=f_arg)
        f_arg += m_at[t - 1]
        f_arg += q_at[t - 1]
        # f[t] = exp(q[t] + m[t-1] - m[t])
        np.exp(f_arg, out=f_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * z[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(i_at[t - 1], z_at[t - 1], out=tmp1)
        c_at[t] += tmp1
        # n[t] = f[t] * n[t-1] + i[t]
        np.multiply(f_at[t - 1], n_at[t - 1], out=n_at[t])
        n_at[t] += i_at[t - 1]
        # h[t] = o[t] * c[t] / n[t]
        np.multiply(c_at[t], o_at[t - 1], out=h_at[t])
        h_at[t] /= n_at[t]
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((T, B), dtype)
        rows = np.arange(T * B).reshape(T, B)
        flat = np.empty((T, B), np.intp)
        # loss = sum(-log(yhat[t, y[t]]), t)
        _look_up(s, y, rows, flat, out=tmp_3_0)
        np.subtract(yhat_lse, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
    else:
        loss = None
    p = p_q_o_arg_z_arg[0]
    q = p_q_o_arg_z_arg[1]

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
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real        what is read at each step
    y          (T, B)       0..n_y - 1  the class to predict at each step
    h0         (B, n_h)     real        h[0]; 0 where not given
    c0         (B, n_h)     real        c[0]; 0 where not given
    n0         (B, n_h)     real        n[0]; 0 where not given
    m0         (B, n_h)     real        m[0]; 0 where not given
    workspace               Workspace   its arrays are used, and hold the results until its next call
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths    (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        h0, c0, n0, m0 = _resumed(state, ("h", "c", "n", "m"), (("h0", h0), ("c0", c0), ("n0", n0), ("m0", m0)))
    if lengths is not None:
        return _loss_padded(params, x, y, h0, c0, n0, m0, lengths, workspace)
    (
        params, x, y, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, T, B,
    ) = _arguments(params, x, y, h0, c0, n0, m0, whole=True)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, R_ifoz, W_ifoz, b_ifoz, p_q_o_arg_z_arg, h, c, n, m, z, o, i, f_arg, f, R_ifoz_T, h_at,
        p_q_o_arg_z_arg_at, z_arg_at, o_arg_at, half, m_at, q_at, p_at, c_at, n_at, s, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((R_i, R_f, R_o, R_z), out=R_ifoz)
    np.stack((W_i, W_f, W_o, W_z), out=W_ifoz)
    np.stack((b_i, b_f, b_o, b_z), out=b_ifoz)
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_ifoz.transpose(0, 2, 1), out=p_q_o_arg_z_arg.reshape(4, -1, n_h))
    p_q_o_arg_z_arg += b_ifoz[:, None, None]
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    # n[0] = 0
    n[0] = n0
    # m[0] = 0
    m[0] = m0
    R_ifoz_T[...] = R_ifoz.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
        # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
        # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
        np.matmul(h_at[t - 1], R_ifoz_T, out=tmp0)
        p_q_o_arg_z_arg_at[t - 1] += tmp0
        # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
        np.tanh(z_arg_at[t - 1], out=z)
        # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
        _sigmoid(o_arg_at[t - 1], out=o, half=half)
        # m[t] = maximum(q[t] + m[t-1], p[t])
        np.add(m_at[t - 1], q_at[t - 1], out=tmp1)
        np.maximum(tmp1, p_at[t - 1], out=m_at[t])
        # i[t] = exp(p[t] - m[t])
        np.subtract(p_at[t - 1], m_at[t], out=tmp1)
        np.exp(tmp1, out=i)
        # f.arg[t] = q[t] + m[t-1] - m[t]
        np.negative(m_at[t], out=f_arg)
        f_arg += m_at[t - 1]
        f_arg += q_at[t - 1]
        # f[t] = exp(q[t] + m[t-1] - m[t])
        np.exp(f_arg, out=f)
        # c[t] = f[t] * c[t-1] + i[t] * z[t]
        np.multiply(f, c_at[t - 1], out=c_at[t])
        np.multiply(i, z, out=tmp1)
        c_at[t] += tmp1
        # n[t] = f[t] * n[t-1] + i[t]
        np.multiply(f, n_at[t - 1], out=n_at[t])
        n_at[t] += i
        # h[t] = o[t] * c[t] / n[t]
        np.multiply(o, c_at[t], out=h_at[t])
        h_at[t] /= n_at[t]
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()

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
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
    checkpoint: int | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    x           (T, B, n_x)  real                       what is read at each step
    y           (T, B)       0..n_y - 1                 the class to predict at each step
    h0          (B, n_h)     real                       h[0]; 0 where not given
    c0          (B, n_h)     real                       c[0]; 0 where not given
    n0          (B, n_h)     real                       n[0]; 0 where not given
    m0          (B, n_h)     real                       m[0]; 0 where not given
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
        h0, c0, n0, m0 = _resumed(state, ("h", "c", "n", "m"), (("h0", h0), ("c0", c0), ("n0", n0), ("m0", m0)))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, h0, c0, n0, m0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, h0, c0, n0, m0, lengths, wrt, workspace, window)
    (
        params, x, y, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, T, B,
    ) = _arguments(params, x, y, h0, c0, n0, m0, whole=True)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params
    wrt = _asked(wrt, ("x", "h0", "c0", "n0", "m0"))

    (
        tmp0, tmp1, tmp2, tmp3, R_ifoz, W_ifoz, b_ifoz, p_q_o_arg_z_arg, h, c, n, m, z, o, i, f_arg, f, R_ifoz_T, h_at,
        p_q_o_arg_z_arg_at, z_at, z_arg_at, o_at, o_arg_at, half, m_at, q_at, p_at, i_at, f_at, c_at, n_at, s, yhat_lse,
        largest, yhat, rows, flat, tmp4, ds, entries, dd, dV, n_factor, c_factor, m_factor, p_factor, dhc,
        dp_q_o_arg_z_arg, oz_arg_factor, df, dn, di, df_arg, dm, dp_q_o_arg_z_arg_at, product, dh_at, dc_at,
        c_factor_at, dn_at, n_factor_at, df_arg_at, dm_at, m_factor_at, dq_at, dp_at, p_factor_at, dp_q_o_arg_z_arg_at2,
        dhc_at, oz_arg_factor_at, db_ifoz, dR_ifoz, dW_ifoz,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((R_i, R_f, R_o, R_z), out=R_ifoz)
    np.stack((W_i, W_f, W_o, W_z), out=W_ifoz)
    np.stack((b_i, b_f, b_o, b_z), out=b_ifoz)
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_ifoz.transpose(0, 2, 1), out=p_q_o_arg_z_arg.reshape(4, -1, n_h))
    p_q_o_arg_z_arg += b_ifoz[:, None, None]
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    # n[0] = 0
    n[0] = n0
    # m[0] = 0
    m[0] = m0
    R_ifoz_T[...] = R_ifoz.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
        # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
        # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
        np.matmul(h_at[t - 1], R_ifoz_T, out=tmp0)
        p_q_o_arg_z_arg_at[t - 1] += tmp0
        # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
        np.tanh(z_arg_at[t - 1], out=z_at[t - 1])
        # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
        _sigmoid(o_arg_at[t - 1], out=o_at[t - 1], half=half)
        # m[t] = maximum(q[t] + m[t-1], p[t])
        np.add(m_at[t - 1], q_at[t - 1], out=tmp1)
        np.maximum(tmp1, p_at[t - 1], out=m_at[t])
        # i[t] = exp(p[t] - m[t])
        np.subtract(p_at[t - 1], m_at[t], out=tmp1)
        np.exp(tmp1, out=i_at[t - 1])
        # f.arg[t] = q[t] + m[t-1] - m[t]
        np.negative(m_at[t], out=f_arg)
        f_arg += m_at[t - 1]
        f_arg += q_at[t - 1]
        # f[t] = exp(q[t] + m[t-1] - m[t])
        np.exp(f_arg, out=f_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * z[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(i_at[t - 1], z_at[t - 1], out=tmp1)
        c_at[t] += tmp1
        # n[t] = f[t] * n[t-1] + i[t]
        np.multiply(f_at[t - 1], n_at[t - 1], out=n_at[t])
        n_at[t] += i_at[t - 1]
        # h[t] = o[t] * c[t] / n[t]
        np.multiply(c_at[t], o_at[t - 1], out=h_at[t])
        h_at[t] /= n_at[t]
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    p = p_q_o_arg_z_arg[0]
    q = p_q_o_arg_z_arg[1]
    # grad(s[t]) = yhat[t] - onehot(y[t])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # n.factor[t] = -c[t] * o[t] / n[t]**2
    np.square(n[1:], out=tmp4)
    np.multiply(c[1:], o, out=n_factor)
    n_factor /= tmp4
    np.negative(n_factor, out=n_factor)
    # c.factor[t] = o[t] / n[t]
    np.divide(o, n[1:], out=c_factor)
    # m.factor[t] = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5))
    tmp4[...] = np.where(m[:T] + q < p, 0, 0.5).astype(dtype)
    m_factor[...] = np.where(p < m[:T] + q, 1, tmp4)
    # p.factor[t] = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5))
    tmp4[...] = np.where(p < m[:T] + q, 0, 0.5).astype(dtype)
    p_factor[...] = np.where(m[:T] + q < p, 1, tmp4)
    # grad(h[0]) = R_z.T @ grad(z.arg[1]) + R_i.T @ grad(p[1]) + R_f.T @ grad(q[1]) + R_o.T @
    #     grad(o.arg[1])
    np.matmul(ds.reshape(-1, n_y), V, out=dhc[0, 1:].reshape(-1, n_h))
    # o.arg.factor[t] = c[t] * o[t] * (1 - o[t]) / n[t]
    np.subtract(1, o, out=oz_arg_factor[0])
    oz_arg_factor[0] *= c[1:]
    oz_arg_factor[0] *= o
    oz_arg_factor[0] /= n[1:]
    # z.arg.factor[t] = i[t] * (1 - z[t]**2)
    np.square(z, out=oz_arg_factor[1])
    np.subtract(1, oz_arg_factor[1], out=oz_arg_factor[1])
    oz_arg_factor[1] *= i
    # grad(c[T]) = o[T] * grad(h[T]) / n[T]
    np.multiply(c_factor[T - 1], dhc[0, T], out=dhc[1, T])
    # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
    np.multiply(c[T - 1], dhc[1, T], out=df)
    # grad(n[t]) = f[t+1] * grad(n[t+1]) - o[t] * c[t] * grad(h[t]) / n[t]**2, t < T
    np.multiply(n_factor[T - 1], dhc[0, T], out=dn[T])
    # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
    np.multiply(dn[T], n[T - 1], out=tmp1)
    df += tmp1
    # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
    np.multiply(z[T - 1], dhc[1, T], out=di)
    di += dn[T]
    # grad(f.arg[t]) = f[t] * grad(f[t])
    np.multiply(df, f[T - 1], out=df_arg[T - 1])
    # grad(m[t]) = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1])
    #     + grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
    np.negative(df_arg[T - 1], out=dm[T])
    np.multiply(di, i[T - 1], out=tmp1)
    dm[T] -= tmp1
    # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
    #     grad(f.arg[t])
    np.multiply(dm[T], m_factor[T - 1], out=dp_q_o_arg_z_arg[1, T - 1])
    dp_q_o_arg_z_arg[1, T - 1] += df_arg[T - 1]
    # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
    #     * grad(i[t])
    np.multiply(di, i[T - 1], out=dp_q_o_arg_z_arg[0, T - 1])
    np.multiply(dm[T], p_factor[T - 1], out=tmp1)
    dp_q_o_arg_z_arg[0, T - 1] += tmp1
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    np.multiply(dhc[:, T], oz_arg_factor[:, T - 1], out=dp_q_o_arg_z_arg[2:, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[0]) = R_z.T @ grad(z.arg[1]) + R_i.T @ grad(p[1]) + R_f.T @ grad(q[1]) + R_o.T @
        #     grad(o.arg[1])
        np.matmul(dp_q_o_arg_z_arg_at[t], R_ifoz, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        dh_at[t] += tmp1
        # grad(c[T]) = o[T] * grad(h[T]) / n[T]
        np.multiply(c_factor_at[t - 1], dh_at[t], out=dc_at[t])
        np.multiply(f_at[t], dc_at[t + 1], out=tmp1)
        dc_at[t] += tmp1
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        np.multiply(c_at[t - 1], dc_at[t], out=df)
        # grad(n[t]) = f[t+1] * grad(n[t+1]) - o[t] * c[t] * grad(h[t]) / n[t]**2, t < T
        np.multiply(n_factor_at[t - 1], dh_at[t], out=dn_at[t])
        np.multiply(f_at[t], dn_at[t + 1], out=tmp1)
        dn_at[t] += tmp1
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        np.multiply(dn_at[t], n_at[t - 1], out=tmp1)
        df += tmp1
        # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
        np.multiply(z_at[t - 1], dc_at[t], out=di)
        di += dn_at[t]
        # grad(f.arg[t]) = f[t] * grad(f[t])
        np.multiply(df, f_at[t - 1], out=df_arg_at[t - 1])
        # grad(m[t]) = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1])
        #     + grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
        np.negative(df_arg_at[t - 1], out=dm_at[t])
        np.multiply(di, i_at[t - 1], out=tmp1)
        dm_at[t] -= tmp1
        np.multiply(dm_at[t + 1], m_factor_at[t], out=tmp1)
        dm_at[t] += tmp1
        dm_at[t] += df_arg_at[t]
        # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
        #     grad(f.arg[t])
        np.multiply(dm_at[t], m_factor_at[t - 1], out=dq_at[t - 1])
        dq_at[t - 1] += df_arg_at[t - 1]
        # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
        #     * grad(i[t])
        np.multiply(di, i_at[t - 1], out=dp_at[t - 1])
        np.multiply(dm_at[t], p_factor_at[t - 1], out=tmp1)
        dp_at[t - 1] += tmp1
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
        np.multiply(dhc_at[t], oz_arg_factor_at[t - 1], out=dp_q_o_arg_z_arg_at2[t - 1])
    # grad(b_i) = sum(grad(p[t]), t)
    # grad(b_f) = sum(grad(q[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    np.add.reduce(dp_q_o_arg_z_arg, axis=(1, 2), out=db_ifoz)
    # grad(R_i) = sum(outer(grad(p[t]), h[t-1]), t)
    # grad(R_f) = sum(outer(grad(q[t]), h[t-1]), t)
    # grad(R_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(R_z) = sum(outer(grad(z.arg[t]), h[t-1]), t)
    np.matmul(dp_q_o_arg_z_arg.reshape(4, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dR_ifoz)
    # grad(W_i) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    np.matmul(dp_q_o_arg_z_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_ifoz)
    if "n0" in wrt:
        # grad(n[t]) = f[t+1] * grad(n[t+1]) - o[t] * c[t] * grad(h[t]) / n[t]**2, t < T
        np.multiply(f[:1], dn[1:2], out=dn[:1])
        dn0 = np.empty((B, n_h), dtype)
        # grad(n.0) = grad(n[0])
        dn0[...] = dn[0]
    if "c0" in wrt:
        # grad(c[T]) = o[T] * grad(h[T]) / n[T]
        np.multiply(f[:1], dhc[1, 1:2], out=dhc[1, :1])
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dhc[1, 0]
    if "m0" in wrt:
        tmp_5_0 = np.empty((1, B, n_h), dtype)
        # grad(m[t]) = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1])
        #     + grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
        tmp_5_0[...] = np.where(m[:1] + q[:1] < p[:1], 0, 0.5).astype(dtype)
        dm[:1] = np.where(p[:1] < m[:1] + q[:1], 1, tmp_5_0)
        dm[:1] *= dm[1:2]
        dm[:1] += df_arg[:1]
        dm0 = np.empty((B, n_h), dtype)
        # grad(m.0) = grad(m[0])
        dm0[...] = dm[0]
    if "h0" in wrt:
        # grad(h[0]) = R_z.T @ grad(z.arg[1]) + R_i.T @ grad(p[1]) + R_f.T @ grad(q[1]) + R_o.T @
        #     grad(o.arg[1])
        np.matmul(dp_q_o_arg_z_arg[:, 0], R_ifoz, out=product)
        np.add.reduce(product, axis=0, out=dhc[0, 0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dhc[0, 0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product2 = np.empty((4, T * B, n_x), dtype)
        # grad(x[t]) = W_z.T @ grad(z.arg[t]) + W_i.T @ grad(p[t]) + W_f.T @ grad(q[t]) + W_o.T @
        #     grad(o.arg[t])
        np.matmul(dp_q_o_arg_z_arg.reshape(4, -1, n_h), W_ifoz, out=product2)
        np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    db_i = db_ifoz[0]
    db_f = db_ifoz[1]
    db_o = db_ifoz[2]
    db_z = db_ifoz[3]
    dR_i = dR_ifoz[0]
    dR_f = dR_ifoz[1]
    dR_o = dR_ifoz[2]
    dR_z = dR_ifoz[3]
    dW_i = dW_ifoz[0]
    dW_f = dW_ifoz[1]
    dW_o = dW_ifoz[2]
    dW_z = dW_ifoz[3]

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
    lengths  (B,)         1..T               each example's own number of steps, what is given beyond is not read; all
                                             where not given
    window                whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, x, y, lengths, window)
    (
        params, x, y, z, p, q, o, m, i, f, c, n, h, yhat, dtype, single, n_h, n_x, n_y, T, B,
    ) = _backward_arguments(params, forward, x, y)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params

    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    R_ifoz = np.stack((R_i, R_f, R_o, R_z))
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
    n_factor = np.empty((T, B, n_h), dtype)
    # n.factor[t] = -c[t] * o[t] / n[t]**2
    np.square(n[1:], out=tmp0)
    np.multiply(c[1:], o, out=n_factor)
    n_factor /= tmp0
    np.negative(n_factor, out=n_factor)
    c_factor = np.empty((T, B, n_h), dtype)
    # c.factor[t] = o[t] / n[t]
    np.divide(o, n[1:], out=c_factor)
    m_factor = np.empty((T, B, n_h), dtype)
    # m.factor[t] = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5))
    tmp0[...] = np.where(m[:T] + q < p, 0, 0.5).astype(dtype)
    m_factor[...] = np.where(p < m[:T] + q, 1, tmp0)
    p_factor = np.empty((T, B, n_h), dtype)
    # p.factor[t] = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5))
    tmp0[...] = np.where(p < m[:T] + q, 0, 0.5).astype(dtype)
    p_factor[...] = np.where(m[:T] + q < p, 1, tmp0)
    dhc = np.empty((2, T, B, n_h), dtype)
    # grad(h[0]) = R_z.T @ grad(z.arg[1]) + R_i.T @ grad(p[1]) + R_f.T @ grad(q[1]) + R_o.T @
    #     grad(o.arg[1])
    np.matmul(ds.reshape(-1, n_y), V, out=dhc[0].reshape(-1, n_h))
    oz_arg_factor = np.empty((2, T, B, n_h), dtype)
    # o.arg.factor[t] = c[t] * o[t] * (1 - o[t]) / n[t]
    np.subtract(1, o, out=oz_arg_factor[0])
    oz_arg_factor[0] *= c[1:]
    oz_arg_factor[0] *= o
    oz_arg_factor[0] /= n[1:]
    # z.arg.factor[t] = i[t] * (1 - z[t]**2)
    np.square(z, out=oz_arg_factor[1])
    np.subtract(1, oz_arg_factor[1], out=oz_arg_factor[1])
    oz_arg_factor[1] *= i
    dn = np.empty((T, B, n_h), dtype)
    df = np.empty((B, n_h), dtype)
    di = np.empty((B, n_h), dtype)
    df_arg = np.empty((T, B, n_h), dtype)
    dm = np.empty((T, B, n_h), dtype)
    dp_q_o_arg_z_arg = np.empty((4, T, B, n_h), dtype)
    # grad(n[t]) = f[t+1] * grad(n[t+1]) - o[t] * c[t] * grad(h[t]) / n[t]**2, t < T
    np.multiply(n_factor[T - 1], dhc[0, T - 1], out=dn[T - 1])
    # grad(c[T]) = o[T] * grad(h[T]) / n[T]
    np.multiply(c_factor[T - 1], dhc[0, T - 1], out=dhc[1, T - 1])
    # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
    np.multiply(c[T - 1], dhc[1, T - 1], out=df)
    np.multiply(dn[T - 1], n[T - 1], out=tmp1)
    df += tmp1
    # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
    np.multiply(z[T - 1], dhc[1, T - 1], out=di)
    di += dn[T - 1]
    # grad(f.arg[t]) = f[t] * grad(f[t])
    np.multiply(df, f[T - 1], out=df_arg[T - 1])
    # grad(m[t]) = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1])
    #     + grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
    np.negative(df_arg[T - 1], out=dm[T - 1])
    np.multiply(di, i[T - 1], out=tmp1)
    dm[T - 1] -= tmp1
    # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
    #     grad(f.arg[t])
    np.multiply(dm[T - 1], m_factor[T - 1], out=dp_q_o_arg_z_arg[1, T - 1])
    dp_q_o_arg_z_arg[1, T - 1] += df_arg[T - 1]
    # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
    #     * grad(i[t])
    np.multiply(di, i[T - 1], out=dp_q_o_arg_z_arg[0, T - 1])
    np.multiply(dm[T - 1], p_factor[T - 1], out=tmp1)
    dp_q_o_arg_z_arg[0, T - 1] += tmp1
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    np.multiply(dhc[:, T - 1], oz_arg_factor[:, T - 1], out=dp_q_o_arg_z_arg[2:, T - 1])
    dp_q_o_arg_z_arg_at = list(dp_q_o_arg_z_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_h), dtype)
    dh_at = list(dhc[0])
    dn_at = list(dn)
    n_factor_at = list(n_factor)
    dc_at = list(dhc[1])
    c_factor_at = list(c_factor)
    df_arg_at = list(df_arg)
    dm_at = list(dm)
    m_factor_at = list(m_factor)
    dq_at = list(dp_q_o_arg_z_arg[1])
    dp_at = list(dp_q_o_arg_z_arg[0])
    p_factor_at = list(p_factor)
    dp_q_o_arg_z_arg_at2 = list(dp_q_o_arg_z_arg[2:].swapaxes(0, 1))
    dhc_at = list(dhc.swapaxes(0, 1))
    oz_arg_factor_at = list(oz_arg_factor.swapaxes(0, 1))
    for t in range(T - 1, 0, -1):
        # grad(h[0]) = R_z.T @ grad(z.arg[1]) + R_i.T @ grad(p[1]) + R_f.T @ grad(q[1]) + R_o.T @
        #     grad(o.arg[1])
        np.matmul(dp_q_o_arg_z_arg_at[t], R_ifoz, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        dh_at[t - 1] += tmp1
        # grad(n[t]) = f[t+1] * grad(n[t+1]) - o[t] * c[t] * grad(h[t]) / n[t]**2, t < T
        np.multiply(n_factor_at[t - 1], dh_at[t - 1], out=dn_at[t - 1])
        # grad(c[T]) = o[T] * grad(h[T]) / n[T]
        np.multiply(c_factor_at[t - 1], dh_at[t - 1], out=dc_at[t - 1])
        np.multiply(f[t], dc_at[t], out=tmp1)
        dc_at[t - 1] += tmp1
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        np.multiply(c[t - 1], dc_at[t - 1], out=df)
        # grad(n[t]) = f[t+1] * grad(n[t+1]) - o[t] * c[t] * grad(h[t]) / n[t]**2, t < T
        np.multiply(f[t], dn_at[t], out=tmp1)
        dn_at[t - 1] += tmp1
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        np.multiply(dn_at[t - 1], n[t - 1], out=tmp1)
        df += tmp1
        # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
        np.multiply(z[t - 1], dc_at[t - 1], out=di)
        di += dn_at[t - 1]
        # grad(f.arg[t]) = f[t] * grad(f[t])
        np.multiply(df, f[t - 1], out=df_arg_at[t - 1])
        # grad(m[t]) = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1])
        #     + grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
        np.negative(df_arg_at[t - 1], out=dm_at[t - 1])
        np.multiply(di, i[t - 1], out=tmp1)
        dm_at[t - 1] -= tmp1
        np.multiply(dm_at[t], m_factor_at[t], out=tmp1)
        dm_at[t - 1] += tmp1
        dm_at[t - 1] += df_arg_at[t]
        # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
        #     grad(f.arg[t])
        np.multiply(dm_at[t - 1], m_factor_at[t - 1], out=dq_at[t - 1])
        dq_at[t - 1] += df_arg_at[t - 1]
        # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
        #     * grad(i[t])
        np.multiply(di, i[t - 1], out=dp_at[t - 1])
        np.multiply(dm_at[t - 1], p_factor_at[t - 1], out=tmp1)
        dp_at[t - 1] += tmp1
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
        np.multiply(dhc_at[t - 1], oz_arg_factor_at[t - 1], out=dp_q_o_arg_z_arg_at2[t - 1])
    db_ifoz = np.empty((4, n_h), dtype)
    # grad(b_i) = sum(grad(p[t]), t)
    # grad(b_f) = sum(grad(q[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    np.add.reduce(dp_q_o_arg_z_arg, axis=(1, 2), out=db_ifoz)
    dR_ifoz = np.empty((4, n_h, n_h), dtype)
    # grad(R_i) = sum(outer(grad(p[t]), h[t-1]), t)
    # grad(R_f) = sum(outer(grad(q[t]), h[t-1]), t)
    # grad(R_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(R_z) = sum(outer(grad(z.arg[t]), h[t-1]), t)
    np.matmul(dp_q_o_arg_z_arg.reshape(4, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dR_ifoz)
    dW_ifoz = np.empty((4, n_h, n_x), dtype)
    # grad(W_i) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    np.matmul(dp_q_o_arg_z_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_ifoz)
    db_i = db_ifoz[0]
    db_f = db_ifoz[1]
    db_o = db_ifoz[2]
    db_z = db_ifoz[3]
    dR_i = dR_ifoz[0]
    dR_f = dR_ifoz[1]
    dR_o = dR_ifoz[2]
    dR_z = dR_ifoz[3]
    dW_i = dW_ifoz[0]
    dW_f = dW_ifoz[1]
    dW_o = dW_ifoz[2]
    dW_z = dW_ifoz[3]

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

    R_iozf = np.stack((R_i, R_o, R_z, R_f))
    W_iozf = np.stack((W_i, W_o, W_z, W_f))
    b_iozf = np.stack((b_i, b_o, b_z, b_f))
    p_o_arg_z_arg_q_i = np.empty((5, B, n_h), dtype)
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    p_o_arg_z_arg_q_i[:4] = h_prev @ R_iozf.transpose(0, 2, 1)
    p_o_arg_z_arg_q_i[:4] += x @ W_iozf.transpose(0, 2, 1)
    p_o_arg_z_arg_q_i[:4] += b_iozf[:, None]
    # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
    z = np.tanh(p_o_arg_z_arg_q_i[2])
    # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
    o = _sigmoid(p_o_arg_z_arg_q_i[1])
    # m[t] = maximum(q[t] + m[t-1], p[t])
    m = np.maximum(m_prev + p_o_arg_z_arg_q_i[3], p_o_arg_z_arg_q_i[0])
    # f.arg[t] = q[t] + m[t-1] - m[t]
    f_arg = -m
    f_arg += m_prev
    f_arg += p_o_arg_z_arg_q_i[3]
    # f[t] = exp(q[t] + m[t-1] - m[t])
    f = np.exp(f_arg)
    # c[t] = f[t] * c[t-1] + i[t] * z[t]
    c = c_prev * f
    # i[t] = exp(p[t] - m[t])
    np.exp(p_o_arg_z_arg_q_i[0] - m, out=p_o_arg_z_arg_q_i[4])
    # c[t] = f[t] * c[t-1] + i[t] * z[t]
    c += p_o_arg_z_arg_q_i[4] * z
    # n[t] = f[t] * n[t-1] + i[t]
    n = f * n_prev
    n += p_o_arg_z_arg_q_i[4]
    # h[t] = o[t] * c[t] / n[t]
    h = c * o / n
    # s[t] = d + V @ h[t]
    s = h @ V.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])
    p = p_o_arg_z_arg_q_i[0]
    q = p_o_arg_z_arg_q_i[3]
    i = p_o_arg_z_arg_q_i[4]

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

    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    R_ifoz = np.stack((R_i, R_f, R_o, R_z))
    W_ifoz = np.stack((W_i, W_f, W_o, W_z))
    b_ifoz = np.stack((b_i, b_f, b_o, b_z))
    p_q_o_arg_z_arg = np.empty((4, T, B, n_h), dtype)
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_ifoz.transpose(0, 2, 1), out=p_q_o_arg_z_arg.reshape(4, -1, n_h))
    p_q_o_arg_z_arg += b_ifoz[:, None, None]
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
    R_ifoz_T = np.empty((4, n_h, n_h), dtype)
    R_ifoz_T[...] = R_ifoz.transpose(0, 2, 1)
    h_at = list(h)
    p_q_o_arg_z_arg_at = list(p_q_o_arg_z_arg.swapaxes(0, 1))
    z_at = list(z)
    z_arg_at = list(p_q_o_arg_z_arg[3])
    o_at = list(o)
    o_arg_at = list(p_q_o_arg_z_arg[2])
    half = np.array(0.5, dtype)
    m_at = list(m)
    q_at = list(p_q_o_arg_z_arg[1])
    p_at = list(p_q_o_arg_z_arg[0])
    i_at = list(i)
    f_at = list(f)
    c_at = list(c)
    n_at = list(n)
    for t in range(1, T + 1):
        # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
        # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
        # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
        np.matmul(h_at[t - 1], R_ifoz_T, out=tmp0)
        p_q_o_arg_z_arg_at[t - 1] += tmp0
        # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
        np.tanh(z_arg_at[t - 1], out=z_at[t - 1])
        # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
        _sigmoid(o_arg_at[t - 1], out=o_at[t - 1], half=half)
        # m[t] = maximum(q[t] + m[t-1], p[t])
        np.add(m_at[t - 1], q_at[t - 1], out=tmp2)
        np.maximum(tmp2, p_at[t - 1], out=tmp1)
        m[t] = np.where((t <= T_own)[:, None], tmp1, m[t - 1])
        # i[t] = exp(p[t] - m[t])
        np.subtract(p_at[t - 1], m_at[t], out=tmp1)
        np.exp(tmp1, out=i_at[t - 1])
        # f.arg[t] = q[t] + m[t-1] - m[t]
        np.negative(m_at[t], out=f_arg)
        f_arg += m_at[t - 1]
        f_arg += q_at[t - 1]
        # f[t] = exp(q[t] + m[t-1] - m[t])
        np.exp(f_arg, out=f_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * z[t]
        np.multiply(i_at[t - 1], z_at[t - 1], out=tmp2)
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp1)
        tmp1 += tmp2
        c[t] = np.where((t <= T_own)[:, None], tmp1, c[t - 1])
        # n[t] = f[t] * n[t-1] + i[t]
        np.multiply(f_at[t - 1], n_at[t - 1], out=tmp1)
        tmp1 += i_at[t - 1]
        n[t] = np.where((t <= T_own)[:, None], tmp1, n[t - 1])
        # h[t] = o[t] * c[t] / n[t]
        np.multiply(c_at[t], o_at[t - 1], out=tmp1)
        tmp1 /= n_at[t]
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    if y is not None:
        tmp_4_0 = np.empty((B, T), dtype)
        tmp_4_1 = np.empty((B, T), dtype)
        tmp_4_2 = np.empty((B, T), dtype)
        # loss = sum(-log(yhat[t, y[t]]), t)
        tmp_4_1[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
        tmp_4_2[...] = s[np.arange(T)[:, None], np.arange(B), y].T
        tmp_4_0[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp_4_2, 0)
        np.subtract(tmp_4_1, tmp_4_0, out=tmp_4_0)
        loss = tmp_4_0.sum()
    else:
        loss = None
    p = p_q_o_arg_z_arg[0]
    q = p_q_o_arg_z_arg[1]

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


def _loss_padded(params, x, y, h0, c0, n0, m0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, c0, n0, m0, lengths, whole=True)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, R_ifoz, W_ifoz, b_ifoz, p_q_o_arg_z_arg, h, c, n, m, z, o, i, f_arg,
        f, R_ifoz_T, h_at, p_q_o_arg_z_arg_at, z_arg_at, o_arg_at, half, m_at, q_at, p_at, c_at, n_at, s, yhat_lse,
        largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((R_i, R_f, R_o, R_z), out=R_ifoz)
    np.stack((W_i, W_f, W_o, W_z), out=W_ifoz)
    np.stack((b_i, b_f, b_o, b_z), out=b_ifoz)
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_ifoz.transpose(0, 2, 1), out=p_q_o_arg_z_arg.reshape(4, -1, n_h))
    p_q_o_arg_z_arg += b_ifoz[:, None, None]
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    # n[0] = 0
    n[0] = n0
    # m[0] = 0
    m[0] = m0
    R_ifoz_T[...] = R_ifoz.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
        # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
        # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
        np.matmul(h_at[t - 1], R_ifoz_T, out=tmp0)
        p_q_o_arg_z_arg_at[t - 1] += tmp0
        # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
        np.tanh(z_arg_at[t - 1], out=z)
        # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
        _sigmoid(o_arg_at[t - 1], out=o, half=half)
        # m[t] = maximum(q[t] + m[t-1], p[t])
        np.add(m_at[t - 1], q_at[t - 1], out=tmp2)
        np.maximum(tmp2, p_at[t - 1], out=tmp1)
        m[t] = np.where((t <= T_own)[:, None], tmp1, m[t - 1])
        # i[t] = exp(p[t] - m[t])
        np.subtract(p_at[t - 1], m_at[t], out=tmp1)
        np.exp(tmp1, out=i)
        # f.arg[t] = q[t] + m[t-1] - m[t]
        np.negative(m_at[t], out=f_arg)
        f_arg += m_at[t - 1]
        f_arg += q_at[t - 1]
        # f[t] = exp(q[t] + m[t-1] - m[t])
        np.exp(f_arg, out=f)
        # c[t] = f[t] * c[t-1] + i[t] * z[t]
        np.multiply(i, z, out=tmp2)
        np.multiply(f, c_at[t - 1], out=tmp1)
        tmp1 += tmp2
        c[t] = np.where((t <= T_own)[:, None], tmp1, c[t - 1])
        # n[t] = f[t] * n[t-1] + i[t]
        np.multiply(f, n_at[t - 1], out=tmp1)
        tmp1 += i
        n[t] = np.where((t <= T_own)[:, None], tmp1, n[t - 1])
        # h[t] = o[t] * c[t] / n[t]
        np.multiply(o, c_at[t], out=tmp1)
        tmp1 /= n_at[t]
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp6[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp6, 0)
    np.subtract(tmp5, tmp4, out=tmp4)
    loss = tmp4.sum()

    return float(loss)


def _loss_and_grad_padded(params, x, y, h0, c0, n0, m0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, c0, n0, m0, lengths, whole=True)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params
    wrt = _asked(wrt, ("x", "h0", "c0", "n0", "m0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, R_ifoz, W_ifoz, b_ifoz, p_q_o_arg_z_arg, h, c, n, m, z, o, i, f_arg,
        f, R_ifoz_T, h_at, p_q_o_arg_z_arg_at, z_at, z_arg_at, o_at, o_arg_at, half, m_at, q_at, p_at, i_at, f_at, c_at,
        n_at, s, yhat_lse, largest, yhat, tmp7, tmp8, tmp11, tmp9, tmp10, tmp12, ds, rows, flat, entries, dd, dV,
        n_factor, c_factor, m_factor, dp_q_o_arg_z_arg, q_factor, p_factor, dhc, oz_arg_factor, df, dn, di, df_arg, dm,
        dp_q_o_arg_z_arg_at, product, dh_at, dc_at, c_factor_at, dn_at, n_factor_at, df_arg_at, dm_at, m_factor_at,
        dq_at, q_factor_at, dp_at, p_factor_at, dp_q_o_arg_z_arg_at2, dhc_at, oz_arg_factor_at, db_ifoz, dR_ifoz,
        dW_ifoz,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((R_i, R_f, R_o, R_z), out=R_ifoz)
    np.stack((W_i, W_f, W_o, W_z), out=W_ifoz)
    np.stack((b_i, b_f, b_o, b_z), out=b_ifoz)
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_ifoz.transpose(0, 2, 1), out=p_q_o_arg_z_arg.reshape(4, -1, n_h))
    p_q_o_arg_z_arg += b_ifoz[:, None, None]
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    # n[0] = 0
    n[0] = n0
    # m[0] = 0
    m[0] = m0
    R_ifoz_T[...] = R_ifoz.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
        # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
        # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
        np.matmul(h_at[t - 1], R_ifoz_T, out=tmp0)
        p_q_o_arg_z_arg_at[t - 1] += tmp0
        # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
        np.tanh(z_arg_at[t - 1], out=z_at[t - 1])
        # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
        _sigmoid(o_arg_at[t - 1], out=o_at[t - 1], half=half)
        # m[t] = maximum(q[t] + m[t-1], p[t])
        np.add(m_at[t - 1], q_at[t - 1], out=tmp2)
        np.maximum(tmp2, p_at[t - 1], out=tmp1)
        m[t] = np.where((t <= T_own)[:, None], tmp1, m[t - 1])
        # i[t] = exp(p[t] - m[t])
        np.subtract(p_at[t - 1], m_at[t], out=tmp1)
        np.exp(tmp1, out=i_at[t - 1])
        # f.arg[t] = q[t] + m[t-1] - m[t]
        np.negative(m_at[t], out=f_arg)
        f_arg += m_at[t - 1]
        f_arg += q_at[t - 1]
        # f[t] = exp(q[t] + m[t-1] - m[t])
        np.exp(f_arg, out=f_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * z[t]
        np.multiply(i_at[t - 1], z_at[t - 1], out=tmp2)
        np.multiply(c_at[t - 1], f_at[t - 1], out=tmp1)
        tmp1 += tmp2
        c[t] = np.where((t <= T_own)[:, None], tmp1, c[t - 1])
        # n[t] = f[t] * n[t-1] + i[t]
        np.multiply(f_at[t - 1], n_at[t - 1], out=tmp1)
        tmp1 += i_at[t - 1]
        n[t] = np.where((t <= T_own)[:, None], tmp1, n[t - 1])
        # h[t] = o[t] * c[t] / n[t]
        np.multiply(c_at[t], o_at[t - 1], out=tmp1)
        tmp1 /= n_at[t]
        h[t] = np.where((t <= T_own)[:, None], tmp1, h[t - 1])
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp5[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp6[...] = s[np.arange(T)[:, None], np.arange(B), y].T
    tmp4[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp6, 0)
    np.subtract(tmp5, tmp4, out=tmp4)
    loss = tmp4.sum()
    p = p_q_o_arg_z_arg[0]
    q = p_q_o_arg_z_arg[1]
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp7[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp7[:, :, None], yhat, out=ds)
    tmp7[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp7, out=tmp7)
    _add_to(ds, y, rows, flat, entries, tmp7)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # n.factor[t] = -c[t] * o[t] / n[t]**2
    np.square(n[1:], out=tmp8)
    np.multiply(c[1:], o, out=n_factor)
    n_factor /= tmp8
    np.negative(n_factor, out=n_factor)
    # c.factor[t] = o[t] / n[t]
    np.divide(o, n[1:], out=c_factor)
    # m.factor[t] = same_window(t, maximum(t - 1, 0), window.T) * where(p[t+1] < q[t+1] + m[t], 1,
    #     where(q[t+1] + m[t] < p[t+1], 0, 0.5))
    np.add(np.arange(1, T, dtype=dtype), -1, out=tmp11)
    np.maximum(tmp11, 0, out=tmp10)
    tmp9[...] = np.arange(1, T) // window_T == tmp10 // window_T
    tmp12[...] = np.where(m[1:T] + q[1:] < p[1:], 0, 0.5).astype(dtype)
    m_factor[...] = np.where(p[1:] < m[1:T] + q[1:], 1, tmp12)
    m_factor *= tmp9[:, None, None]
    # q.factor[t] = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5))
    tmp8[...] = np.where(m[:T] + q < p, 0, 0.5).astype(dtype)
    q_factor[...] = np.where(p < m[:T] + q, 1, tmp8)
    # p.factor[t] = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5))
    tmp8[...] = np.where(p < m[:T] + q, 0, 0.5).astype(dtype)
    p_factor[...] = np.where(m[:T] + q < p, 1, tmp8)
    # grad(h[0]) = R_z.T @ grad(z.arg[1]) + R_i.T @ grad(p[1]) + R_f.T @ grad(q[1]) + R_o.T @
    #     grad(o.arg[1])
    np.matmul(ds.reshape(-1, n_y), V, out=dhc[0, 1:].reshape(-1, n_h))
    # o.arg.factor[t] = c[t] * o[t] * (1 - o[t]) / n[t]
    np.subtract(1, o, out=oz_arg_factor[0])
    oz_arg_factor[0] *= c[1:]
    oz_arg_factor[0] *= o
    oz_arg_factor[0] /= n[1:]
    # z.arg.factor[t] = i[t] * (1 - z[t]**2)
    np.square(z, out=oz_arg_factor[1])
    np.subtract(1, oz_arg_factor[1], out=oz_arg_factor[1])
    oz_arg_factor[1] *= i
    # grad(c[T]) = o[T] * grad(h[T]) / n[T]
    np.multiply(c_factor[T - 1], dhc[0, T], out=dhc[1, T])
    # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
    np.multiply(c[T - 1], dhc[1, T], out=df)
    # grad(n[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(n[t+1]) - o[t] * c[t] *
    #     grad(h[t]) / n[t]**2, t < T
    np.multiply(n_factor[T - 1], dhc[0, T], out=dn[T])
    # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
    np.multiply(dn[T], n[T - 1], out=tmp1)
    df += tmp1
    # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
    np.multiply(z[T - 1], dhc[1, T], out=di)
    di += dn[T]
    # grad(f.arg[t]) = f[t] * grad(f[t])
    np.multiply(df, f[T - 1], out=df_arg[T - 1])
    # grad(m[t]) = same_window(t, maximum(t - 1, 0), window.T) * where(p[t+1] < q[t+1] + m[t], 1,
    #     where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
    np.negative(df_arg[T - 1], out=dm[T])
    np.multiply(di, i[T - 1], out=tmp1)
    dm[T] -= tmp1
    # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
    #     grad(f.arg[t])
    np.multiply(dm[T], q_factor[T - 1], out=dp_q_o_arg_z_arg[1, T - 1])
    dp_q_o_arg_z_arg[1, T - 1] += df_arg[T - 1]
    # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
    #     * grad(i[t])
    np.multiply(di, i[T - 1], out=dp_q_o_arg_z_arg[0, T - 1])
    np.multiply(dm[T], p_factor[T - 1], out=tmp1)
    dp_q_o_arg_z_arg[0, T - 1] += tmp1
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    np.multiply(dhc[:, T], oz_arg_factor[:, T - 1], out=dp_q_o_arg_z_arg[2:, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[0]) = R_z.T @ grad(z.arg[1]) + R_i.T @ grad(p[1]) + R_f.T @ grad(q[1]) + R_o.T @
        #     grad(o.arg[1])
        np.matmul(dp_q_o_arg_z_arg_at[t], R_ifoz, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        tmp1 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp1
        # grad(c[T]) = o[T] * grad(h[T]) / n[T]
        np.multiply(c_factor_at[t - 1], dh_at[t], out=dc_at[t])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f_at[t], out=tmp1)
        tmp1 *= dc_at[t + 1]
        dc_at[t] += tmp1
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        np.multiply(c_at[t - 1], dc_at[t], out=df)
        # grad(n[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(n[t+1]) - o[t] * c[t] *
        #     grad(h[t]) / n[t]**2, t < T
        np.multiply(n_factor_at[t - 1], dh_at[t], out=dn_at[t])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f_at[t], out=tmp1)
        tmp1 *= dn_at[t + 1]
        dn_at[t] += tmp1
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        np.multiply(dn_at[t], n_at[t - 1], out=tmp1)
        df += tmp1
        # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
        np.multiply(z_at[t - 1], dc_at[t], out=di)
        di += dn_at[t]
        # grad(f.arg[t]) = f[t] * grad(f[t])
        np.multiply(df, f_at[t - 1], out=df_arg_at[t - 1])
        # grad(m[t]) = same_window(t, maximum(t - 1, 0), window.T) * where(p[t+1] < q[t+1] + m[t], 1,
        #     where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
        np.negative(df_arg_at[t - 1], out=dm_at[t])
        np.multiply(di, i_at[t - 1], out=tmp1)
        dm_at[t] -= tmp1
        np.multiply(t // window_T == max(t - 1, 0) // window_T, df_arg_at[t], out=tmp1)
        dm_at[t] += tmp1
        np.multiply(dm_at[t + 1], m_factor_at[t - 1], out=tmp1)
        dm_at[t] += tmp1
        # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
        #     grad(f.arg[t])
        np.multiply(dm_at[t], q_factor_at[t - 1], out=dq_at[t - 1])
        dq_at[t - 1] += df_arg_at[t - 1]
        # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
        #     * grad(i[t])
        np.multiply(di, i_at[t - 1], out=dp_at[t - 1])
        np.multiply(dm_at[t], p_factor_at[t - 1], out=tmp1)
        dp_at[t - 1] += tmp1
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
        np.multiply(dhc_at[t], oz_arg_factor_at[t - 1], out=dp_q_o_arg_z_arg_at2[t - 1])
    # grad(b_i) = sum(grad(p[t]), t)
    # grad(b_f) = sum(grad(q[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    np.add.reduce(dp_q_o_arg_z_arg, axis=(1, 2), out=db_ifoz)
    # grad(R_i) = sum(outer(grad(p[t]), h[t-1]), t)
    # grad(R_f) = sum(outer(grad(q[t]), h[t-1]), t)
    # grad(R_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(R_z) = sum(outer(grad(z.arg[t]), h[t-1]), t)
    np.matmul(dp_q_o_arg_z_arg.reshape(4, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dR_ifoz)
    # grad(W_i) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    np.matmul(dp_q_o_arg_z_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_ifoz)
    if "n0" in wrt:
        tmp_13_0 = np.empty((1,), dtype)
        tmp_13_1 = np.empty((1,), dtype)
        tmp_13_2 = np.empty((1,), dtype)
        # grad(n[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(n[t+1]) - o[t] * c[t] *
        #     grad(h[t]) / n[t]**2, t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_13_2)
        np.maximum(tmp_13_2, 0, out=tmp_13_1)
        tmp_13_0[...] = np.arange(1) // window_T == tmp_13_1 // window_T
        np.multiply(tmp_13_0[:, None, None], f[:1], out=dn[:1])
        dn[:1] *= dn[1:2]
        dn0 = np.empty((B, n_h), dtype)
        # grad(n.0) = grad(n[0])
        dn0[...] = dn[0]
    if "c0" in wrt:
        tmp_13_0 = np.empty((1,), dtype)
        tmp_13_1 = np.empty((1,), dtype)
        tmp_13_2 = np.empty((1,), dtype)
        # grad(c[T]) = o[T] * grad(h[T]) / n[T]
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_13_2)
        np.maximum(tmp_13_2, 0, out=tmp_13_1)
        tmp_13_0[...] = np.arange(1) // window_T == tmp_13_1 // window_T
        np.multiply(tmp_13_0[:, None, None], f[:1], out=dhc[1, :1])
        dhc[1, :1] *= dhc[1, 1:2]
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dhc[1, 0]
    if "m0" in wrt:
        tmp_13_0 = np.empty((1,), dtype)
        tmp_13_1 = np.empty((1,), dtype)
        tmp_13_2 = np.empty((1,), dtype)
        tmp_13_3 = np.empty((1, B, n_h), dtype)
        tmp_13_4 = np.empty((1, B, n_h), dtype)
        # grad(m[t]) = same_window(t, maximum(t - 1, 0), window.T) * where(p[t+1] < q[t+1] + m[t], 1,
        #     where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_13_2)
        np.maximum(tmp_13_2, 0, out=tmp_13_1)
        tmp_13_0[...] = np.arange(1) // window_T == tmp_13_1 // window_T
        np.multiply(tmp_13_0[:, None, None], df_arg[:1], out=dm[:1])
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_13_2)
        np.maximum(tmp_13_2, 0, out=tmp_13_1)
        tmp_13_0[...] = np.arange(1) // window_T == tmp_13_1 // window_T
        tmp_13_4[...] = np.where(m[:1] + q[:1] < p[:1], 0, 0.5).astype(dtype)
        tmp_13_3[...] = np.where(p[:1] < m[:1] + q[:1], 1, tmp_13_4)
        tmp_13_3 *= tmp_13_0[:, None, None]
        tmp_13_3 *= dm[1:2]
        dm[:1] += tmp_13_3
        dm0 = np.empty((B, n_h), dtype)
        # grad(m.0) = grad(m[0])
        dm0[...] = dm[0]
    if "h0" in wrt:
        # grad(h[0]) = R_z.T @ grad(z.arg[1]) + R_i.T @ grad(p[1]) + R_f.T @ grad(q[1]) + R_o.T @
        #     grad(o.arg[1])
        np.matmul(dp_q_o_arg_z_arg[:, 0], R_ifoz, out=product)
        np.add.reduce(product, axis=0, out=dhc[0, 0])
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dhc[0, 0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product2 = np.empty((4, T * B, n_x), dtype)
        # grad(x[t]) = W_z.T @ grad(z.arg[t]) + W_i.T @ grad(p[t]) + W_f.T @ grad(q[t]) + W_o.T @
        #     grad(o.arg[t])
        np.matmul(dp_q_o_arg_z_arg.reshape(4, -1, n_h), W_ifoz, out=product2)
        np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    db_i = db_ifoz[0]
    db_f = db_ifoz[1]
    db_o = db_ifoz[2]
    db_z = db_ifoz[3]
    dR_i = dR_ifoz[0]
    dR_f = dR_ifoz[1]
    dR_o = dR_ifoz[2]
    dR_z = dR_ifoz[3]
    dW_i = dW_ifoz[0]
    dW_f = dW_ifoz[1]
    dW_o = dW_ifoz[2]
    dW_z = dW_ifoz[3]

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

    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((T - 1,), dtype)
    tmp3 = np.empty((T - 1,), dtype)
    tmp4 = np.empty((T - 1,), dtype)
    tmp5 = np.empty((T - 1, B, n_h), dtype)
    tmp6 = np.empty((B, n_h), dtype)
    R_ifoz = np.stack((R_i, R_f, R_o, R_z))
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
    n_factor = np.empty((T, B, n_h), dtype)
    # n.factor[t] = -c[t] * o[t] / n[t]**2
    np.square(n[1:], out=tmp1)
    np.multiply(c[1:], o, out=n_factor)
    n_factor /= tmp1
    np.negative(n_factor, out=n_factor)
    c_factor = np.empty((T, B, n_h), dtype)
    # c.factor[t] = o[t] / n[t]
    np.divide(o, n[1:], out=c_factor)
    m_factor = np.empty((T - 1, B, n_h), dtype)
    # m.factor[t] = same_window(t, maximum(t - 1, 0), window.T) * where(p[t+1] < q[t+1] + m[t], 1,
    #     where(q[t+1] + m[t] < p[t+1], 0, 0.5))
    np.add(np.arange(1, T, dtype=dtype), -1, out=tmp4)
    np.maximum(tmp4, 0, out=tmp3)
    tmp2[...] = np.arange(1, T) // window_T == tmp3 // window_T
    tmp5[...] = np.where(m[1:T] + q[1:] < p[1:], 0, 0.5).astype(dtype)
    m_factor[...] = np.where(p[1:] < m[1:T] + q[1:], 1, tmp5)
    m_factor *= tmp2[:, None, None]
    q_factor = np.empty((T, B, n_h), dtype)
    # q.factor[t] = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5))
    tmp1[...] = np.where(m[:T] + q < p, 0, 0.5).astype(dtype)
    q_factor[...] = np.where(p < m[:T] + q, 1, tmp1)
    p_factor = np.empty((T, B, n_h), dtype)
    # p.factor[t] = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5))
    tmp1[...] = np.where(p < m[:T] + q, 0, 0.5).astype(dtype)
    p_factor[...] = np.where(m[:T] + q < p, 1, tmp1)
    dhc = np.empty((2, T, B, n_h), dtype)
    # grad(h[0]) = R_z.T @ grad(z.arg[1]) + R_i.T @ grad(p[1]) + R_f.T @ grad(q[1]) + R_o.T @
    #     grad(o.arg[1])
    np.matmul(ds.reshape(-1, n_y), V, out=dhc[0].reshape(-1, n_h))
    oz_arg_factor = np.empty((2, T, B, n_h), dtype)
    # o.arg.factor[t] = c[t] * o[t] * (1 - o[t]) / n[t]
    np.subtract(1, o, out=oz_arg_factor[0])
    oz_arg_factor[0] *= c[1:]
    oz_arg_factor[0] *= o
    oz_arg_factor[0] /= n[1:]
    # z.arg.factor[t] = i[t] * (1 - z[t]**2)
    np.square(z, out=oz_arg_factor[1])
    np.subtract(1, oz_arg_factor[1], out=oz_arg_factor[1])
    oz_arg_factor[1] *= i
    dn = np.empty((T, B, n_h), dtype)
    df = np.empty((B, n_h), dtype)
    di = np.empty((B, n_h), dtype)
    df_arg = np.empty((T, B, n_h), dtype)
    dm = np.empty((T, B, n_h), dtype)
    dp_q_o_arg_z_arg = np.empty((4, T, B, n_h), dtype)
    # grad(n[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(n[t+1]) - o[t] * c[t] *
    #     grad(h[t]) / n[t]**2, t < T
    np.multiply(n_factor[T - 1], dhc[0, T - 1], out=dn[T - 1])
    # grad(c[T]) = o[T] * grad(h[T]) / n[T]
    np.multiply(c_factor[T - 1], dhc[0, T - 1], out=dhc[1, T - 1])
    # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
    np.multiply(c[T - 1], dhc[1, T - 1], out=df)
    np.multiply(dn[T - 1], n[T - 1], out=tmp6)
    df += tmp6
    # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
    np.multiply(z[T - 1], dhc[1, T - 1], out=di)
    di += dn[T - 1]
    # grad(f.arg[t]) = f[t] * grad(f[t])
    np.multiply(df, f[T - 1], out=df_arg[T - 1])
    # grad(m[t]) = same_window(t, maximum(t - 1, 0), window.T) * where(p[t+1] < q[t+1] + m[t], 1,
    #     where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1]) + same_window(t, maximum(t - 1, 0),
    #     window.T) * grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
    np.negative(df_arg[T - 1], out=dm[T - 1])
    np.multiply(di, i[T - 1], out=tmp6)
    dm[T - 1] -= tmp6
    # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
    #     grad(f.arg[t])
    np.multiply(dm[T - 1], q_factor[T - 1], out=dp_q_o_arg_z_arg[1, T - 1])
    dp_q_o_arg_z_arg[1, T - 1] += df_arg[T - 1]
    # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
    #     * grad(i[t])
    np.multiply(di, i[T - 1], out=dp_q_o_arg_z_arg[0, T - 1])
    np.multiply(dm[T - 1], p_factor[T - 1], out=tmp6)
    dp_q_o_arg_z_arg[0, T - 1] += tmp6
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    np.multiply(dhc[:, T - 1], oz_arg_factor[:, T - 1], out=dp_q_o_arg_z_arg[2:, T - 1])
    dp_q_o_arg_z_arg_at = list(dp_q_o_arg_z_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_h), dtype)
    dh_at = list(dhc[0])
    dn_at = list(dn)
    n_factor_at = list(n_factor)
    dc_at = list(dhc[1])
    c_factor_at = list(c_factor)
    df_arg_at = list(df_arg)
    dm_at = list(dm)
    m_factor_at = list(m_factor)
    dq_at = list(dp_q_o_arg_z_arg[1])
    q_factor_at = list(q_factor)
    dp_at = list(dp_q_o_arg_z_arg[0])
    p_factor_at = list(p_factor)
    dp_q_o_arg_z_arg_at2 = list(dp_q_o_arg_z_arg[2:].swapaxes(0, 1))
    dhc_at = list(dhc.swapaxes(0, 1))
    oz_arg_factor_at = list(oz_arg_factor.swapaxes(0, 1))
    for t in range(T - 1, 0, -1):
        # grad(h[0]) = R_z.T @ grad(z.arg[1]) + R_i.T @ grad(p[1]) + R_f.T @ grad(q[1]) + R_o.T @
        #     grad(o.arg[1])
        np.matmul(dp_q_o_arg_z_arg_at[t], R_ifoz, out=product)
        np.add.reduce(product, axis=0, out=tmp6)
        tmp6 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t - 1] += tmp6
        # grad(n[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(n[t+1]) - o[t] * c[t] *
        #     grad(h[t]) / n[t]**2, t < T
        np.multiply(n_factor_at[t - 1], dh_at[t - 1], out=dn_at[t - 1])
        # grad(c[T]) = o[T] * grad(h[T]) / n[T]
        np.multiply(c_factor_at[t - 1], dh_at[t - 1], out=dc_at[t - 1])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f[t], out=tmp6)
        tmp6 *= dc_at[t]
        dc_at[t - 1] += tmp6
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        np.multiply(c[t - 1], dc_at[t - 1], out=df)
        # grad(n[t]) = same_window(t, maximum(t - 1, 0), window.T) * f[t+1] * grad(n[t+1]) - o[t] * c[t] *
        #     grad(h[t]) / n[t]**2, t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, f[t], out=tmp6)
        tmp6 *= dn_at[t]
        dn_at[t - 1] += tmp6
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        np.multiply(dn_at[t - 1], n[t - 1], out=tmp6)
        df += tmp6
        # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
        np.multiply(z[t - 1], dc_at[t - 1], out=di)
        di += dn_at[t - 1]
        # grad(f.arg[t]) = f[t] * grad(f[t])
        np.multiply(df, f[t - 1], out=df_arg_at[t - 1])
        # grad(m[t]) = same_window(t, maximum(t - 1, 0), window.T) * where(p[t+1] < q[t+1] + m[t], 1,
        #     where(q[t+1] + m[t] < p[t+1], 0, 0.5)) * grad(m[t+1]) + same_window(t, maximum(t - 1, 0),
        #     window.T) * grad(f.arg[t+1]) - i[t] * grad(i[t]) - grad(f.arg[t]), t < T
        np.negative(df_arg_at[t - 1], out=dm_at[t - 1])
        np.multiply(di, i[t - 1], out=tmp6)
        dm_at[t - 1] -= tmp6
        np.multiply(t // window_T == max(t - 1, 0) // window_T, df_arg_at[t], out=tmp6)
        dm_at[t - 1] += tmp6
        np.multiply(dm_at[t], m_factor_at[t - 1], out=tmp6)
        dm_at[t - 1] += tmp6
        # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
        #     grad(f.arg[t])
        np.multiply(dm_at[t - 1], q_factor_at[t - 1], out=dq_at[t - 1])
        dq_at[t - 1] += df_arg_at[t - 1]
        # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
        #     * grad(i[t])
        np.multiply(di, i[t - 1], out=dp_at[t - 1])
        np.multiply(dm_at[t - 1], p_factor_at[t - 1], out=tmp6)
        dp_at[t - 1] += tmp6
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
        np.multiply(dhc_at[t - 1], oz_arg_factor_at[t - 1], out=dp_q_o_arg_z_arg_at2[t - 1])
    db_ifoz = np.empty((4, n_h), dtype)
    # grad(b_i) = sum(grad(p[t]), t)
    # grad(b_f) = sum(grad(q[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    np.add.reduce(dp_q_o_arg_z_arg, axis=(1, 2), out=db_ifoz)
    dR_ifoz = np.empty((4, n_h, n_h), dtype)
    # grad(R_i) = sum(outer(grad(p[t]), h[t-1]), t)
    # grad(R_f) = sum(outer(grad(q[t]), h[t-1]), t)
    # grad(R_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(R_z) = sum(outer(grad(z.arg[t]), h[t-1]), t)
    np.matmul(dp_q_o_arg_z_arg.reshape(4, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dR_ifoz)
    dW_ifoz = np.empty((4, n_h, n_x), dtype)
    # grad(W_i) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    np.matmul(dp_q_o_arg_z_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_ifoz)
    db_i = db_ifoz[0]
    db_f = db_ifoz[1]
    db_o = db_ifoz[2]
    db_z = db_ifoz[3]
    dR_i = dR_ifoz[0]
    dR_f = dR_ifoz[1]
    dR_o = dR_ifoz[2]
    dR_z = dR_ifoz[3]
    dW_i = dW_ifoz[0]
    dW_f = dW_ifoz[1]
    dW_o = dW_ifoz[2]
    dW_z = dW_ifoz[3]

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


def _loss_and_grad_checkpointed(params, x, y, h0, c0, n0, m0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    (
        params, x, y, h0, c0, n0, m0, dtype, single, n_h, n_x, n_y, T, B,
    ) = _arguments(params, x, y, h0, c0, n0, m0, whole=True)
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params
    wrt = _asked(wrt, ("x", "h0", "c0", "n0", "m0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        m0_kept, m_left1, c0_kept, c_left1, n0_kept, n_left1, h0_kept, h_left1, dW_z, dW_i, dW_f, dW_o, dR_z, dR_i,
        dR_f, dR_o, db_z, db_i, db_f, db_o, dV, dd,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_h, B, dtype)
    m0_kept[0] = m0
    c0_kept[0] = c0
    n0_kept[0] = n0
    h0_kept[0] = h0
    for n_ in range(count - 1):
        first, last = ends[n_], ends[n_ + 1]
        found = _advance(
            params,
            x[first:last],
            h0_kept[n_],
            c0_kept[n_],
            n0_kept[n_],
            m0_kept[n_],
            last - first,
            n_x,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        m0_kept[n_ + 1], c0_kept[n_ + 1], n0_kept[n_ + 1], h0_kept[n_ + 1] = found
    loss = 0.0
    for total in (
        m_left1,
        c_left1,
        n_left1,
        h_left1,
        dW_z,
        dW_i,
        dW_f,
        dW_o,
        dR_z,
        dR_i,
        dR_f,
        dR_o,
        db_z,
        db_i,
        db_f,
        db_o,
        dV,
        dd,
    ):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n_ in range(count - 1, -1, -1):
        first, last = ends[n_], ends[n_ + 1]
        found = _segment(
            params,
            m_left1,
            c_left1,
            n_left1,
            h_left1,
            x[first:last],
            y[first:last],
            h0_kept[n_],
            c0_kept[n_],
            n0_kept[n_],
            m0_kept[n_],
            last - first,
            n_x,
            n_y,
            n_h,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dm0, dc0, dn0, dh0, dx_part = found
        loss += float(loss_part)
        _add_each((dW_z, dW_i, dW_f, dW_o, dR_z, dR_i, dR_f, dR_o, db_z, db_i, db_f, db_o, dV, dd), parts)
        m_left1[...] = dm0
        c_left1[...] = dc0
        n_left1[...] = dn0
        h_left1[...] = dh0
        if "x" in wrt:
            dx[first:last] += dx_part

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


def _segment(
    params, m_left1, c_left1, n_left1, h_left1, x, y, h0, c0, n0, m0, T, n_x, n_y, n_h, B, dtype, wrt, workspace
):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, R_ifoz, W_ifoz, b_ifoz, p_q_o_arg_z_arg, h, c, n, m, z, o, i, f_arg, f, R_ifoz_T, h_at,
        p_q_o_arg_z_arg_at, z_at, z_arg_at, o_at, o_arg_at, half, m_at, q_at, p_at, i_at, f_at, c_at, n_at, s, yhat_lse,
        largest, rows, flat, tmp4, tmp5, ds, entries, dd, dV, m_factor, p_factor, dp_q_o_arg_z_arg, o_arg_factor,
        z_arg_factor, dmnch, nc_factor, df, di, df_arg, dp_q_o_arg_z_arg_at, product, dh_at2, dmnch_at, nc_factor_at,
        dc_at2, dn_at2, df_arg_at, dm_at2, m_factor_at, dq_at, dp_at, p_factor_at, do_arg_at, o_arg_factor_at,
        dz_arg_at, z_arg_factor_at, db_ifoz, dR_ifoz, dW_ifoz, dmnch0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((R_i, R_f, R_o, R_z), out=R_ifoz)
    np.stack((W_i, W_f, W_o, W_z), out=W_ifoz)
    np.stack((b_i, b_f, b_o, b_z), out=b_ifoz)
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_ifoz.transpose(0, 2, 1), out=p_q_o_arg_z_arg.reshape(4, -1, n_h))
    p_q_o_arg_z_arg += b_ifoz[:, None, None]
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    # n[0] = 0
    n[0] = n0
    # m[0] = 0
    m[0] = m0
    R_ifoz_T[...] = R_ifoz.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
        # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
        # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
        np.matmul(h_at[t - 1], R_ifoz_T, out=tmp0)
        p_q_o_arg_z_arg_at[t - 1] += tmp0
        # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
        np.tanh(z_arg_at[t - 1], out=z_at[t - 1])
        # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
        _sigmoid(o_arg_at[t - 1], out=o_at[t - 1], half=half)
        # m[t] = maximum(q[t] + m[t-1], p[t])
        np.add(m_at[t - 1], q_at[t - 1], out=tmp1)
        np.maximum(tmp1, p_at[t - 1], out=m_at[t])
        # i[t] = exp(p[t] - m[t])
        np.subtract(p_at[t - 1], m_at[t], out=tmp1)
        np.exp(tmp1, out=i_at[t - 1])
        # f.arg[t] = q[t] + m[t-1] - m[t]
        np.negative(m_at[t], out=f_arg)
        f_arg += m_at[t - 1]
        f_arg += q_at[t - 1]
        # f[t] = exp(q[t] + m[t-1] - m[t])
        np.exp(f_arg, out=f_at[t - 1])
        # c[t] = f[t] * c[t-1] + i[t] * z[t]
        np.multiply(c_at[t - 1], f_at[t - 1], out=c_at[t])
        np.multiply(i_at[t - 1], z_at[t - 1], out=tmp1)
        c_at[t] += tmp1
        # n[t] = f[t] * n[t-1] + i[t]
        np.multiply(f_at[t - 1], n_at[t - 1], out=n_at[t])
        n_at[t] += i_at[t - 1]
        # h[t] = o[t] * c[t] / n[t]
        np.multiply(c_at[t], o_at[t - 1], out=h_at[t])
        h_at[t] /= n_at[t]
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    p = p_q_o_arg_z_arg[0]
    q = p_q_o_arg_z_arg[1]
    # grad(s[t]) = softmax(s[t]) - onehot(y[t])
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=ds)
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # m.factor[t] = where(p[t+1] < q[t+1] + m[t], 1, where(q[t+1] + m[t] < p[t+1], 0, 0.5))
    tmp4[...] = np.where(m[:T] + q < p, 0, 0.5).astype(dtype)
    m_factor[...] = np.where(p < m[:T] + q, 1, tmp4)
    # p.factor[t] = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5))
    tmp4[...] = np.where(p < m[:T] + q, 0, 0.5).astype(dtype)
    p_factor[...] = np.where(m[:T] + q < p, 1, tmp4)
    # o.arg.factor[t] = c[t] * o[t] * (1 - o[t]) / n[t]
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= c[1:]
    o_arg_factor *= o
    o_arg_factor /= n[1:]
    # z.arg.factor[t] = i[t] * (1 - z[t]**2)
    np.square(z, out=z_arg_factor)
    np.subtract(1, z_arg_factor, out=z_arg_factor)
    z_arg_factor *= i
    # grad(h[T]) = h.left1 + V.T @ grad(s[T])
    np.matmul(ds.reshape(-1, n_y), V, out=dmnch[3, 1:].reshape(-1, n_h))
    # n.factor[t] = -c[t] * o[t] / n[t]**2
    np.square(n[1:], out=tmp4)
    np.multiply(c[1:], o, out=nc_factor[0])
    nc_factor[0] /= tmp4
    np.negative(nc_factor[0], out=nc_factor[0])
    # c.factor[t] = o[t] / n[t]
    np.divide(o, n[1:], out=nc_factor[1])
    # grad(h[T]) = h.left1 + V.T @ grad(s[T])
    dmnch[3, T] += h_left1
    # grad(n[T]) = n.left1 - o[T] * c[T] * grad(h[T]) / n[T]**2
    dmnch[1, T] = n_left1
    # grad(c[T]) = c.left1 + o[T] * grad(h[T]) / n[T]
    dmnch[2, T] = c_left1
    # grad(m[0]) = where(p[1] < q[1] + m[0], 1, where(q[1] + m[0] < p[1], 0, 0.5)) * grad(m[1]) +
    #     grad(f.arg[1])
    dmnch[0, T] = m_left1
    # grad(n[T]) = n.left1 - o[T] * c[T] * grad(h[T]) / n[T]**2
    # grad(c[T]) = c.left1 + o[T] * grad(h[T]) / n[T]
    np.multiply(nc_factor[:, T - 1], dmnch[3, T], out=tmp5)
    dmnch[1:3, T] += tmp5
    # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
    np.multiply(c[T - 1], dmnch[2, T], out=df)
    np.multiply(n[T - 1], dmnch[1, T], out=tmp1)
    df += tmp1
    # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
    np.multiply(z[T - 1], dmnch[2, T], out=di)
    di += dmnch[1, T]
    # grad(f.arg[t]) = f[t] * grad(f[t])
    np.multiply(df, f[T - 1], out=df_arg[T - 1])
    # grad(m[0]) = where(p[1] < q[1] + m[0], 1, where(q[1] + m[0] < p[1], 0, 0.5)) * grad(m[1]) +
    #     grad(f.arg[1])
    dmnch[0, T] -= df_arg[T - 1]
    np.multiply(di, i[T - 1], out=tmp1)
    dmnch[0, T] -= tmp1
    # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
    #     grad(f.arg[t])
    np.multiply(m_factor[T - 1], dmnch[0, T], out=dp_q_o_arg_z_arg[1, T - 1])
    dp_q_o_arg_z_arg[1, T - 1] += df_arg[T - 1]
    # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
    #     * grad(i[t])
    np.multiply(di, i[T - 1], out=dp_q_o_arg_z_arg[0, T - 1])
    np.multiply(p_factor[T - 1], dmnch[0, T], out=tmp1)
    dp_q_o_arg_z_arg[0, T - 1] += tmp1
    # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
    np.multiply(o_arg_factor[T - 1], dmnch[3, T], out=dp_q_o_arg_z_arg[2, T - 1])
    # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
    np.multiply(z_arg_factor[T - 1], dmnch[2, T], out=dp_q_o_arg_z_arg[3, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[T]) = h.left1 + V.T @ grad(s[T])
        np.matmul(dp_q_o_arg_z_arg_at[t], R_ifoz, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        dh_at2[t] += tmp1
        # grad(n[T]) = n.left1 - o[T] * c[T] * grad(h[T]) / n[T]**2
        # grad(c[T]) = c.left1 + o[T] * grad(h[T]) / n[T]
        np.multiply(nc_factor_at[t - 1], dh_at2[t], out=dmnch_at[t])
        # grad(c[T]) = c.left1 + o[T] * grad(h[T]) / n[T]
        np.multiply(f_at[t], dc_at2[t + 1], out=tmp1)
        dc_at2[t] += tmp1
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        np.multiply(c_at[t - 1], dc_at2[t], out=df)
        # grad(n[T]) = n.left1 - o[T] * c[T] * grad(h[T]) / n[T]**2
        np.multiply(f_at[t], dn_at2[t + 1], out=tmp1)
        dn_at2[t] += tmp1
        # grad(f[t]) = c[t-1] * grad(c[t]) + n[t-1] * grad(n[t])
        np.multiply(n_at[t - 1], dn_at2[t], out=tmp1)
        df += tmp1
        # grad(i[t]) = z[t] * grad(c[t]) + grad(n[t])
        np.multiply(z_at[t - 1], dc_at2[t], out=di)
        di += dn_at2[t]
        # grad(f.arg[t]) = f[t] * grad(f[t])
        np.multiply(df, f_at[t - 1], out=df_arg_at[t - 1])
        # grad(m[0]) = where(p[1] < q[1] + m[0], 1, where(q[1] + m[0] < p[1], 0, 0.5)) * grad(m[1]) +
        #     grad(f.arg[1])
        np.negative(df_arg_at[t - 1], out=dm_at2[t])
        np.multiply(di, i_at[t - 1], out=tmp1)
        dm_at2[t] -= tmp1
        np.multiply(m_factor_at[t], dm_at2[t + 1], out=tmp1)
        dm_at2[t] += tmp1
        dm_at2[t] += df_arg_at[t]
        # grad(q[t]) = where(p[t] < m[t-1] + q[t], 1, where(m[t-1] + q[t] < p[t], 0, 0.5)) * grad(m[t]) +
        #     grad(f.arg[t])
        np.multiply(m_factor_at[t - 1], dm_at2[t], out=dq_at[t - 1])
        dq_at[t - 1] += df_arg_at[t - 1]
        # grad(p[t]) = where(m[t-1] + q[t] < p[t], 1, where(p[t] < m[t-1] + q[t], 0, 0.5)) * grad(m[t]) + i[t]
        #     * grad(i[t])
        np.multiply(di, i_at[t - 1], out=dp_at[t - 1])
        np.multiply(p_factor_at[t - 1], dm_at2[t], out=tmp1)
        dp_at[t - 1] += tmp1
        # grad(o.arg[t]) = o[t] * (1 - o[t]) * grad(o[t])
        np.multiply(o_arg_factor_at[t - 1], dh_at2[t], out=do_arg_at[t - 1])
        # grad(z.arg[t]) = (1 - z[t]**2) * grad(z[t])
        np.multiply(z_arg_factor_at[t - 1], dc_at2[t], out=dz_arg_at[t - 1])
    # grad(h[T]) = h.left1 + V.T @ grad(s[T])
    np.matmul(dp_q_o_arg_z_arg[:, 0], R_ifoz, out=product)
    np.add.reduce(product, axis=0, out=dmnch[3, 0])
    # grad(c[T]) = c.left1 + o[T] * grad(h[T]) / n[T]
    np.multiply(f[0], dmnch[2, 1], out=dmnch[2, 0])
    # grad(n[T]) = n.left1 - o[T] * c[T] * grad(h[T]) / n[T]**2
    np.multiply(f[0], dmnch[1, 1], out=dmnch[1, 0])
    # grad(m[0]) = where(p[1] < q[1] + m[0], 1, where(q[1] + m[0] < p[1], 0, 0.5)) * grad(m[1]) +
    #     grad(f.arg[1])
    np.multiply(m_factor[0], dmnch[0, 1], out=dmnch[0, 0])
    dmnch[0, 0] += df_arg[0]
    # grad(b_i) = sum(grad(p[t]), t)
    # grad(b_f) = sum(grad(q[t]), t)
    # grad(b_o) = sum(grad(o.arg[t]), t)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    np.add.reduce(dp_q_o_arg_z_arg, axis=(1, 2), out=db_ifoz)
    # grad(R_i) = sum(outer(grad(p[t]), h[t-1]), t)
    # grad(R_f) = sum(outer(grad(q[t]), h[t-1]), t)
    # grad(R_o) = sum(outer(grad(o.arg[t]), h[t-1]), t)
    # grad(R_z) = sum(outer(grad(z.arg[t]), h[t-1]), t)
    np.matmul(dp_q_o_arg_z_arg.reshape(4, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dR_ifoz)
    # grad(W_i) = sum(outer(grad(p[t]), x[t]), t)
    # grad(W_f) = sum(outer(grad(q[t]), x[t]), t)
    # grad(W_o) = sum(outer(grad(o.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    np.matmul(dp_q_o_arg_z_arg.reshape(4, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_ifoz)
    # grad(m.0) = grad(m[0])
    # grad(n.0) = grad(n[0])
    # grad(c.0) = grad(c[0])
    # grad(h.0) = grad(h[0])
    dmnch0[...] = dmnch[:, 0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product2 = np.empty((4, T * B, n_x), dtype)
        # grad(x[t]) = W_z.T @ grad(z.arg[t]) + W_i.T @ grad(p[t]) + W_f.T @ grad(q[t]) + W_o.T @
        #     grad(o.arg[t])
        np.matmul(dp_q_o_arg_z_arg.reshape(4, -1, n_h), W_ifoz, out=product2)
        np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    db_i = db_ifoz[0]
    db_f = db_ifoz[1]
    db_o = db_ifoz[2]
    db_z = db_ifoz[3]
    dR_i = dR_ifoz[0]
    dR_f = dR_ifoz[1]
    dR_o = dR_ifoz[2]
    dR_z = dR_ifoz[3]
    dW_i = dW_ifoz[0]
    dW_f = dW_ifoz[1]
    dW_o = dW_ifoz[2]
    dW_z = dW_ifoz[3]
    dm0 = dmnch0[0]
    dn0 = dmnch0[1]
    dc0 = dmnch0[2]
    dh0 = dmnch0[3]

    return (
        loss,
        (dW_z, dW_i, dW_f, dW_o, dR_z, dR_i, dR_f, dR_o, db_z, db_i, db_f, db_o, dV, dd),
        dm0,
        dc0,
        dn0,
        dh0,
        dx if "x" in wrt else None,
    )


def _advance(params, x, h0, c0, n0, m0, T, n_x, n_h, B, dtype, workspace):
    """The state after a segment."""
    W_z, W_i, W_f, W_o, R_z, R_i, R_f, R_o, b_z, b_i, b_f, b_o, V, d = params

    (
        tmp0, tmp1, R_ifoz, W_ifoz, b_ifoz, p_q_o_arg_z_arg, h, c, n, m, z, o, i, f_arg, f, R_ifoz_T, h_at,
        p_q_o_arg_z_arg_at, z_arg_at, o_arg_at, half, m_at, q_at, p_at, c_at, n_at,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_x, n_h, B, dtype)
    np.stack((R_i, R_f, R_o, R_z), out=R_ifoz)
    np.stack((W_i, W_f, W_o, W_z), out=W_ifoz)
    np.stack((b_i, b_f, b_o, b_z), out=b_ifoz)
    # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
    # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
    # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_ifoz.transpose(0, 2, 1), out=p_q_o_arg_z_arg.reshape(4, -1, n_h))
    p_q_o_arg_z_arg += b_ifoz[:, None, None]
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    # n[0] = 0
    n[0] = n0
    # m[0] = 0
    m[0] = m0
    R_ifoz_T[...] = R_ifoz.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]
        # q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]
        # o.arg[t] = b_o + W_o @ x[t] + R_o @ h[t-1]
        # z.arg[t] = b_z + W_z @ x[t] + R_z @ h[t-1]
        np.matmul(h_at[t - 1], R_ifoz_T, out=tmp0)
        p_q_o_arg_z_arg_at[t - 1] += tmp0
        # z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])
        np.tanh(z_arg_at[t - 1], out=z)
        # o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])
        _sigmoid(o_arg_at[t - 1], out=o, half=half)
        # m[t] = maximum(q[t] + m[t-1], p[t])
        np.add(m_at[t - 1], q_at[t - 1], out=tmp1)
        np.maximum(tmp1, p_at[t - 1], out=m_at[t])
        # i[t] = exp(p[t] - m[t])
        np.subtract(p_at[t - 1], m_at[t], out=tmp1)
        np.exp(tmp1, out=i)
        # f.arg[t] = q[t] + m[t-1] - m[t]
        np.negative(m_at[t], out=f_arg)
        f_arg += m_at[t - 1]
        f_arg += q_at[t - 1]
        # f[t] = exp(q[t] + m[t-1] - m[t])
        np.exp(f_arg, out=f)
        # c[t] = f[t] * c[t-1] + i[t] * z[t]
        np.multiply(f, c_at[t - 1], out=c_at[t])
        np.multiply(i, z, out=tmp1)
        c_at[t] += tmp1
        # n[t] = f[t] * n[t-1] + i[t]
        np.multiply(f, n_at[t - 1], out=n_at[t])
        n_at[t] += i
        # h[t] = o[t] * c[t] / n[t]
        np.multiply(o, c_at[t], out=h_at[t])
        h_at[t] /= n_at[t]

    return m[-1], c[-1], n[-1], h[-1]


def _loss_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    R_ifoz = np.empty((4, n_h, n_h), dtype)
    W_ifoz = np.empty((4, n_h, n_x), dtype)
    b_ifoz = np.empty((4, n_h), dtype)
    p_q_o_arg_z_arg = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    n = np.empty((T + 1, B, n_h), dtype)
    m = np.empty((T + 1, B, n_h), dtype)
    z = np.empty((B, n_h), dtype)
    o = np.empty((B, n_h), dtype)
    i = np.empty((B, n_h), dtype)
    f_arg = np.empty((B, n_h), dtype)
    f = np.empty((B, n_h), dtype)
    R_ifoz_T = np.empty((4, n_h, n_h), dtype)
    h_at = list(h)
    p_q_o_arg_z_arg_at = list(p_q_o_arg_z_arg.swapaxes(0, 1))
    z_arg_at = list(p_q_o_arg_z_arg[3])
    o_arg_at = list(p_q_o_arg_z_arg[2])
    half = np.array(0.5, dtype)
    m_at = list(m)
    q_at = list(p_q_o_arg_z_arg[1])
    p_at = list(p_q_o_arg_z_arg[0])
    c_at = list(c)
    n_at = list(n)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, R_ifoz, W_ifoz, b_ifoz, p_q_o_arg_z_arg, h, c, n, m, z, o, i, f_arg, f, R_ifoz_T, h_at,
        p_q_o_arg_z_arg_at, z_arg_at, o_arg_at, half, m_at, q_at, p_at, c_at, n_at, s, yhat_lse, largest, rows, flat,
    )


def _loss_and_grad_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    R_ifoz = np.empty((4, n_h, n_h), dtype)
    W_ifoz = np.empty((4, n_h, n_x), dtype)
    b_ifoz = np.empty((4, n_h), dtype)
    p_q_o_arg_z_arg = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    n = np.empty((T + 1, B, n_h), dtype)
    m = np.empty((T + 1, B, n_h), dtype)
    z = p_q_o_arg_z_arg[3]
    o = p_q_o_arg_z_arg[2]
    i = np.empty((T, B, n_h), dtype)
    f_arg = np.empty((B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    R_ifoz_T = np.empty((4, n_h, n_h), dtype)
    h_at = list(h)
    p_q_o_arg_z_arg_at = list(p_q_o_arg_z_arg.swapaxes(0, 1))
    z_at = list(z)
    z_arg_at = list(p_q_o_arg_z_arg[3])
    o_at = list(o)
    o_arg_at = list(p_q_o_arg_z_arg[2])
    half = np.array(0.5, dtype)
    m_at = list(m)
    q_at = list(p_q_o_arg_z_arg[1])
    p_at = list(p_q_o_arg_z_arg[0])
    i_at = list(i)
    f_at = list(f)
    c_at = list(c)
    n_at = list(n)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp4 = np.empty((T, B, n_h), dtype)
    ds = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    n_factor = np.empty((T, B, n_h), dtype)
    c_factor = np.empty((T, B, n_h), dtype)
    m_factor = np.empty((T, B, n_h), dtype)
    p_factor = np.empty((T, B, n_h), dtype)
    dhc = _by_step((2, T + 1, B, n_h), dtype)
    dp_q_o_arg_z_arg = _by_step((4, T, B, n_h), dtype)
    oz_arg_factor = dp_q_o_arg_z_arg[2:4]
    df = f_arg
    dn = np.empty((T + 1, B, n_h), dtype)
    di = np.empty((B, n_h), dtype)
    df_arg = tmp4
    dm = np.empty((T + 1, B, n_h), dtype)
    dp_q_o_arg_z_arg_at = list(dp_q_o_arg_z_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_h), dtype)
    dh_at = list(dhc[0])
    dc_at = list(dhc[1])
    c_factor_at = list(c_factor)
    dn_at = list(dn)
    n_factor_at = list(n_factor)
    df_arg_at = list(df_arg)
    dm_at = list(dm)
    m_factor_at = list(m_factor)
    dq_at = list(dp_q_o_arg_z_arg[1])
    dp_at = list(dp_q_o_arg_z_arg[0])
    p_factor_at = list(p_factor)
    dp_q_o_arg_z_arg_at2 = list(dp_q_o_arg_z_arg[2:].swapaxes(0, 1))
    dhc_at = list(dhc.swapaxes(0, 1))
    oz_arg_factor_at = list(oz_arg_factor.swapaxes(0, 1))
    db_ifoz = np.empty((4, n_h), dtype)
    dR_ifoz = R_ifoz_T
    dW_ifoz = np.empty((4, n_h, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, R_ifoz, W_ifoz, b_ifoz, p_q_o_arg_z_arg, h, c, n, m, z, o, i, f_arg, f, R_ifoz_T, h_at,
        p_q_o_arg_z_arg_at, z_at, z_arg_at, o_at, o_arg_at, half, m_at, q_at, p_at, i_at, f_at, c_at, n_at, s, yhat_lse,
        largest, yhat, rows, flat, tmp4, ds, entries, dd, dV, n_factor, c_factor, m_factor, p_factor, dhc,
        dp_q_o_arg_z_arg, oz_arg_factor, df, dn, di, df_arg, dm, dp_q_o_arg_z_arg_at, product, dh_at, dc_at,
        c_factor_at, dn_at, n_factor_at, df_arg_at, dm_at, m_factor_at, dq_at, dp_at, p_factor_at, dp_q_o_arg_z_arg_at2,
        dhc_at, oz_arg_factor_at, db_ifoz, dR_ifoz, dW_ifoz,
    )


def _loss_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    R_ifoz = np.empty((4, n_h, n_h), dtype)
    W_ifoz = np.empty((4, n_h, n_x), dtype)
    b_ifoz = np.empty((4, n_h), dtype)
    p_q_o_arg_z_arg = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    n = np.empty((T + 1, B, n_h), dtype)
    m = np.empty((T + 1, B, n_h), dtype)
    z = np.empty((B, n_h), dtype)
    o = np.empty((B, n_h), dtype)
    i = np.empty((B, n_h), dtype)
    f_arg = np.empty((B, n_h), dtype)
    f = np.empty((B, n_h), dtype)
    R_ifoz_T = np.empty((4, n_h, n_h), dtype)
    h_at = list(h)
    p_q_o_arg_z_arg_at = list(p_q_o_arg_z_arg.swapaxes(0, 1))
    z_arg_at = list(p_q_o_arg_z_arg[3])
    o_arg_at = list(p_q_o_arg_z_arg[2])
    half = np.array(0.5, dtype)
    m_at = list(m)
    q_at = list(p_q_o_arg_z_arg[1])
    p_at = list(p_q_o_arg_z_arg[0])
    c_at = list(c)
    n_at = list(n)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, R_ifoz, W_ifoz, b_ifoz, p_q_o_arg_z_arg, h, c, n, m, z, o, i, f_arg,
        f, R_ifoz_T, h_at, p_q_o_arg_z_arg_at, z_arg_at, o_arg_at, half, m_at, q_at, p_at, c_at, n_at, s, yhat_lse,
        largest,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((B, T), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    R_ifoz = np.empty((4, n_h, n_h), dtype)
    W_ifoz = np.empty((4, n_h, n_x), dtype)
    b_ifoz = np.empty((4, n_h), dtype)
    p_q_o_arg_z_arg = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    n = np.empty((T + 1, B, n_h), dtype)
    m = np.empty((T + 1, B, n_h), dtype)
    z = p_q_o_arg_z_arg[3]
    o = p_q_o_arg_z_arg[2]
    i = np.empty((T, B, n_h), dtype)
    f_arg = np.empty((B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    R_ifoz_T = np.empty((4, n_h, n_h), dtype)
    h_at = list(h)
    p_q_o_arg_z_arg_at = list(p_q_o_arg_z_arg.swapaxes(0, 1))
    z_at = list(z)
    z_arg_at = list(p_q_o_arg_z_arg[3])
    o_at = list(o)
    o_arg_at = list(p_q_o_arg_z_arg[2])
    half = np.array(0.5, dtype)
    m_at = list(m)
    q_at = list(p_q_o_arg_z_arg[1])
    p_at = list(p_q_o_arg_z_arg[0])
    i_at = list(i)
    f_at = list(f)
    c_at = list(c)
    n_at = list(n)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp7 = yhat_lse
    tmp8 = np.empty((T, B, n_h), dtype)
    tmp11 = np.empty((T - 1,), dtype)
    tmp9 = tmp11
    tmp10 = np.empty((T - 1,), dtype)
    tmp12 = np.empty((T - 1, B, n_h), dtype)
    ds = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    n_factor = np.empty((T, B, n_h), dtype)
    c_factor = np.empty((T, B, n_h), dtype)
    m_factor = np.empty((T - 1, B, n_h), dtype)
    dp_q_o_arg_z_arg = _by_step((4, T, B, n_h), dtype)
    q_factor = dp_q_o_arg_z_arg[1]
    p_factor = np.empty((T, B, n_h), dtype)
    dhc = _by_step((2, T + 1, B, n_h), dtype)
    oz_arg_factor = dp_q_o_arg_z_arg[2:4]
    df = tmp2
    dn = np.empty((T + 1, B, n_h), dtype)
    di = f_arg
    df_arg = tmp8
    dm = np.empty((T + 1, B, n_h), dtype)
    dp_q_o_arg_z_arg_at = list(dp_q_o_arg_z_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_h), dtype)
    dh_at = list(dhc[0])
    dc_at = list(dhc[1])
    c_factor_at = list(c_factor)
    dn_at = list(dn)
    n_factor_at = list(n_factor)
    df_arg_at = list(df_arg)
    dm_at = list(dm)
    m_factor_at = list(m_factor)
    dq_at = list(dp_q_o_arg_z_arg[1])
    q_factor_at = list(q_factor)
    dp_at = list(dp_q_o_arg_z_arg[0])
    p_factor_at = list(p_factor)
    dp_q_o_arg_z_arg_at2 = list(dp_q_o_arg_z_arg[2:].swapaxes(0, 1))
    dhc_at = list(dhc.swapaxes(0, 1))
    oz_arg_factor_at = list(oz_arg_factor.swapaxes(0, 1))
    db_ifoz = np.empty((4, n_h), dtype)
    dR_ifoz = R_ifoz_T
    dW_ifoz = np.empty((4, n_h, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, R_ifoz, W_ifoz, b_ifoz, p_q_o_arg_z_arg, h, c, n, m, z, o, i, f_arg,
        f, R_ifoz_T, h_at, p_q_o_arg_z_arg_at, z_at, z_arg_at, o_at, o_arg_at, half, m_at, q_at, p_at, i_at, f_at, c_at,
        n_at, s, yhat_lse, largest, yhat, tmp7, tmp8, tmp11, tmp9, tmp10, tmp12, ds, rows, flat, entries, dd, dV,
        n_factor, c_factor, m_factor, dp_q_o_arg_z_arg, q_factor, p_factor, dhc, oz_arg_factor, df, dn, di, df_arg, dm,
        dp_q_o_arg_z_arg_at, product, dh_at, dc_at, c_factor_at, dn_at, n_factor_at, df_arg_at, dm_at, m_factor_at,
        dq_at, q_factor_at, dp_at, p_factor_at, dp_q_o_arg_z_arg_at2, dhc_at, oz_arg_factor_at, db_ifoz, dR_ifoz,
        dW_ifoz,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    m0_kept = np.empty((count, B, n_h), dtype)
    m_left1 = np.empty((B, n_h), dtype)
    c0_kept = np.empty((count, B, n_h), dtype)
    c_left1 = np.empty((B, n_h), dtype)
    n0_kept = np.empty((count, B, n_h), dtype)
    n_left1 = np.empty((B, n_h), dtype)
    h0_kept = np.empty((count, B, n_h), dtype)
    h_left1 = np.empty((B, n_h), dtype)
    dW_z = np.empty((n_h, n_x), dtype)
    dW_i = np.empty((n_h, n_x), dtype)
    dW_f = np.empty((n_h, n_x), dtype)
    dW_o = np.empty((n_h, n_x), dtype)
    dR_z = np.empty((n_h, n_h), dtype)
    dR_i = np.empty((n_h, n_h), dtype)
    dR_f = np.empty((n_h, n_h), dtype)
    dR_o = np.empty((n_h, n_h), dtype)
    db_z = np.empty((n_h,), dtype)
    db_i = np.empty((n_h,), dtype)
    db_f = np.empty((n_h,), dtype)
    db_o = np.empty((n_h,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dd = np.empty((n_y,), dtype)
    return (
        m0_kept, m_left1, c0_kept, c_left1, n0_kept, n_left1, h0_kept, h_left1, dW_z, dW_i, dW_f, dW_o, dR_z, dR_i,
        dR_f, dR_o, db_z, db_i, db_f, db_o, dV, dd,
    )


def _segment_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((T, B, n_y), dtype)
    tmp3 = np.empty((T, B), dtype)
    R_ifoz = np.empty((4, n_h, n_h), dtype)
    W_ifoz = np.empty((4, n_h, n_x), dtype)
    b_ifoz = np.empty((4, n_h), dtype)
    p_q_o_arg_z_arg = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    n = np.empty((T + 1, B, n_h), dtype)
    m = np.empty((T + 1, B, n_h), dtype)
    z = p_q_o_arg_z_arg[3]
    o = p_q_o_arg_z_arg[2]
    i = np.empty((T, B, n_h), dtype)
    f_arg = np.empty((B, n_h), dtype)
    f = np.empty((T, B, n_h), dtype)
    R_ifoz_T = np.empty((4, n_h, n_h), dtype)
    h_at = list(h)
    p_q_o_arg_z_arg_at = list(p_q_o_arg_z_arg.swapaxes(0, 1))
    z_at = list(z)
    z_arg_at = list(p_q_o_arg_z_arg[3])
    o_at = list(o)
    o_arg_at = list(p_q_o_arg_z_arg[2])
    half = np.array(0.5, dtype)
    m_at = list(m)
    q_at = list(p_q_o_arg_z_arg[1])
    p_at = list(p_q_o_arg_z_arg[0])
    i_at = list(i)
    f_at = list(f)
    c_at = list(c)
    n_at = list(n)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp4 = np.empty((T, B, n_h), dtype)
    tmp5 = np.empty((2, B, n_h), dtype)
    ds = s
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    m_factor = np.empty((T, B, n_h), dtype)
    p_factor = np.empty((T, B, n_h), dtype)
    dp_q_o_arg_z_arg = _by_step((4, T, B, n_h), dtype)
    o_arg_factor = dp_q_o_arg_z_arg[2]
    z_arg_factor = dp_q_o_arg_z_arg[3]
    dmnch = _by_step((4, T + 1, B, n_h), dtype)
    nc_factor = _by_step((2, T, B, n_h), dtype)
    df = f_arg
    di = np.empty((B, n_h), dtype)
    df_arg = tmp4
    dp_q_o_arg_z_arg_at = list(dp_q_o_arg_z_arg.swapaxes(0, 1))
    product = np.empty((4, B, n_h), dtype)
    dh_at2 = list(dmnch[3])
    dmnch_at = list(dmnch[1:3].swapaxes(0, 1))
    nc_factor_at = list(nc_factor.swapaxes(0, 1))
    dc_at2 = list(dmnch[2])
    dn_at2 = list(dmnch[1])
    df_arg_at = list(df_arg)
    dm_at2 = list(dmnch[0])
    m_factor_at = list(m_factor)
    dq_at = list(dp_q_o_arg_z_arg[1])
    dp_at = list(dp_q_o_arg_z_arg[0])
    p_factor_at = list(p_factor)
    do_arg_at = list(dp_q_o_arg_z_arg[2])
    o_arg_factor_at = list(o_arg_factor)
    dz_arg_at = list(dp_q_o_arg_z_arg[3])
    z_arg_factor_at = list(z_arg_factor)
    db_ifoz = np.empty((4, n_h), dtype)
    dR_ifoz = R_ifoz_T
    dW_ifoz = np.empty((4, n_h, n_x), dtype)
    dmnch0 = tmp0
    return (
        tmp0, tmp1, tmp2, tmp3, R_ifoz, W_ifoz, b_ifoz, p_q_o_arg_z_arg, h, c, n, m, z, o, i, f_arg, f, R_ifoz_T, h_at,
        p_q_o_arg_z_arg_at, z_at, z_arg_at, o_at, o_arg_at, half, m_at, q_at, p_at, i_at, f_at, c_at, n_at, s, yhat_lse,
        largest, rows, flat, tmp4, tmp5, ds, entries, dd, dV, m_factor, p_factor, dp_q_o_arg_z_arg, o_arg_factor,
        z_arg_factor, dmnch, nc_factor, df, di, df_arg, dp_q_o_arg_z_arg_at, product, dh_at2, dmnch_at, nc_factor_at,
        dc_at2, dn_at2, df_arg_at, dm_at2, m_factor_at, dq_at, dp_at, p_factor_at, do_arg_at, o_arg_factor_at,
        dz_arg_at, z_arg_factor_at, db_ifoz, dR_ifoz, dW_ifoz, dmnch0,
    )


def _advance_arrays(T, n_x, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((4, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    R_ifoz = np.empty((4, n_h, n_h), dtype)
    W_ifoz = np.empty((4, n_h, n_x), dtype)
    b_ifoz = np.empty((4, n_h), dtype)
    p_q_o_arg_z_arg = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    c = np.empty((T + 1, B, n_h), dtype)
    n = np.empty((T + 1, B, n_h), dtype)
    m = np.empty((T + 1, B, n_h), dtype)
    z = np.empty((B, n_h), dtype)
    o = np.empty((B, n_h), dtype)
    i = np.empty((B, n_h), dtype)
    f_arg = np.empty((B, n_h), dtype)
    f = np.empty((B, n_h), dtype)
    R_ifoz_T = np.empty((4, n_h, n_h), dtype)
    h_at = list(h)
    p_q_o_arg_z_arg_at = list(p_q_o_arg_z_arg.swapaxes(0, 1))
    z_arg_at = list(p_q_o_arg_z_arg[3])
    o_arg_at = list(p_q_o_arg_z_arg[2])
    half = np.array(0.5, dtype)
    m_at = list(m)
    q_at = list(p_q_o_arg_z_arg[1])
    p_at = list(p_q_o_arg_z_arg[0])
    c_at = list(c)
    n_at = list(n)
    return (
        tmp0, tmp1, R_ifoz, W_ifoz, b_ifoz, p_q_o_arg_z_arg, h, c, n, m, z, o, i, f_arg, f, R_ifoz_T, h_at,
        p_q_o_arg_z_arg_at, z_arg_at, o_arg_at, half, m_at, q_at, p_at, c_at, n_at,
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
