# Written by derive from gru_v2.eq; do not edit.
# Change gru_v2.eq instead, and run: derive generate gru_v2
# source beded7ce959d2ff3, derive 07e8f9d843407be1, body 52c406a4801eb0b3
"""GRU as PyTorch and cuDNN have it: the reset gate acts after the recurrent product.

Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder, eqs. 5-8, with the candidate of PyTorch's
torch.nn.GRU and cuDNN: the reset gate multiplies the product, which has a bias of its own.

The equations::

    x: Input[T, n_x]                    # what is read at each step
    y: Label[T, n_y]                    # the class to predict at each step
    W_r, W_z, W_n = Param[n_h, n_x]     # input to gates and candidate
    U_r, U_z, U_n = Param[n_h, n_h]     # hidden to gates and candidate
    b_r, b_z, b_n = Param[n_h]          # biases
    c_n: Param[n_h]                     # bias inside the reset
    V: Param[n_y, n_h]                  # hidden to output
    d: Param[n_y]                       # output bias

    h[0] = 0
    r[t] = sigmoid(b_r + W_r @ x[t] + U_r @ h[t-1])                 # reset gate
    z[t] = sigmoid(b_z + W_z @ x[t] + U_z @ h[t-1])                 # update gate
    n[t] = tanh(b_n + W_n @ x[t] + r[t] * (U_n @ h[t-1] + c_n))     # candidate
    h[t] = z[t] * h[t-1] + (1 - z[t]) * n[t]                        # hidden state
    s[t] = d + V @ h[t]                                             # logits
    yhat[t] = softmax(s[t])
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    W_r: np.ndarray  # (n_h, n_x)  input to gates and candidate
    W_z: np.ndarray  # (n_h, n_x)  input to gates and candidate
    W_n: np.ndarray  # (n_h, n_x)  input to gates and candidate
    U_r: np.ndarray  # (n_h, n_h)  hidden to gates and candidate
    U_z: np.ndarray  # (n_h, n_h)  hidden to gates and candidate
    U_n: np.ndarray  # (n_h, n_h)  hidden to gates and candidate
    b_r: np.ndarray  # (n_h)  biases
    b_z: np.ndarray  # (n_h)  biases
    b_n: np.ndarray  # (n_h)  biases
    c_n: np.ndarray  # (n_h)  bias inside the reset
    V: np.ndarray  # (n_y, n_h)  hidden to output
    d: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    r: np.ndarray  # (T, B, n_h)  reset gate
    z: np.ndarray  # (T, B, n_h)  update gate
    n: np.ndarray  # (T, B, n_h)  candidate
    h: np.ndarray  # (T + 1, B, n_h)  hidden state
    s: np.ndarray  # (T, B, n_y)  logits
    yhat: np.ndarray  # (T, B, n_y)
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    h: np.ndarray  # (B, n_h)  hidden state


class Outputs(NamedTuple):
    """The variables at one step."""

    r: np.ndarray  # (B, n_h)  reset gate
    z: np.ndarray  # (B, n_h)  update gate
    n: np.ndarray  # (B, n_h)  candidate
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
        W_r=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_z=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_n=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        U_r=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_z=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_n=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b_r=np.zeros((n_h,), dtype),
        b_z=np.zeros((n_h,), dtype),
        b_n=np.zeros((n_h,), dtype),
        c_n=np.zeros((n_h,), dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        d=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray | None = None,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    x        (T, B, n_x)  real        what is read at each step
    y        (T, B)       0..n_y - 1  the class to predict at each step
    h0       (B, n_h)     real        h[0]; 0 where not given
    state                 State       what an earlier piece left, from last_state or step: the sequence goes on from
                                      there
    lengths  (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _forward_padded(params, x, y, h0, lengths)
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0)
    W_r, W_z, W_n, U_r, U_z, U_n, b_r, b_z, b_n, c_n, V, d = params

    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((3, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    b_n_b_z_b_r_c_n = np.stack((b_n, b_z, b_r, c_n))
    U_zrn = np.stack((U_z, U_r, U_n))
    W_nzr = np.stack((W_n, W_z, W_r))
    nzrn_parts = np.empty((4, T, B, n_h), dtype)
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    # n.sum[t] = U_n @ h[t-1] + c_n
    nzrn_parts[...] = b_n_b_z_b_r_c_n[:, None, None]
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_nzr.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    nzrn_parts[:3] += tmp0
    zr = np.empty((2, T, B, n_h), dtype)
    n = np.empty((T, B, n_h), dtype)
    U_zrn_T = np.empty((3, n_h, n_h), dtype)
    U_zrn_T[...] = U_zrn.transpose(0, 2, 1)
    h_at = list(h)
    nzrn_parts_at = list(nzrn_parts[1:].swapaxes(0, 1))
    zr_at = list(zr.swapaxes(0, 1))
    nzrn_parts_at2 = list(nzrn_parts[1:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    n_sum_at = list(nzrn_parts[3])
    r_at = list(zr[1])
    n_arg_at = list(nzrn_parts[0])
    n_at = list(n)
    one = np.array(1, dtype)
    z_at = list(zr[0])
    for t in range(1, T + 1):
        # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
        # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
        # n.sum[t] = U_n @ h[t-1] + c_n
        np.matmul(h_at[t - 1], U_zrn_T, out=tmp1)
        nzrn_parts_at[t - 1] += tmp1
        # z[t] = sigmoid(z.arg[t])
        # r[t] = sigmoid(r.arg[t])
        _sigmoid(nzrn_parts_at2[t - 1], out=zr_at[t - 1], half=half)
        # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
        np.multiply(n_sum_at[t - 1], r_at[t - 1], out=tmp2)
        n_arg_at[t - 1] += tmp2
        # n[t] = tanh(b_n + W_n @ x[t] + r[t] * (U_n @ h[t-1] + c_n))
        np.tanh(n_arg_at[t - 1], out=n_at[t - 1])
        # h[t] = z[t] * h[t-1] + (1 - z[t]) * n[t]
        np.subtract(one, z_at[t - 1], out=h_at[t])
        h_at[t] *= n_at[t - 1]
        np.multiply(h_at[t - 1], z_at[t - 1], out=tmp2)
        h_at[t] += tmp2
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
        tmp_4_0 = np.empty((T, B), dtype)
        rows = np.arange(T * B).reshape(T, B)
        flat = np.empty((T, B), np.intp)
        # loss = sum(-log(yhat[t, y[t]]), t)
        _look_up(s, y, rows, flat, out=tmp_4_0)
        np.subtract(yhat_lse, tmp_4_0, out=tmp_4_0)
        loss = tmp_4_0.sum()
    else:
        loss = None
    z = zr[0]
    r = zr[1]

    if single:
        r = r[:, 0]
        z = z[:, 0]
        n = n[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(r=r, z=z, n=n, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def loss(
    params: Params,
    *,
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    x          (T, B, n_x)  real        what is read at each step
    y          (T, B)       0..n_y - 1  the class to predict at each step
    h0         (B, n_h)     real        h[0]; 0 where not given
    workspace               Workspace   its arrays are used, and hold the results until its next call
    state                   State       what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths    (B,)         1..T        each example's own number of steps, what is given beyond is not read; all where
                                        not given

    Data without the axis B are one example.
    """
    if state is not None:
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if lengths is not None:
        return _loss_padded(params, x, y, h0, lengths, workspace)
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, whole=True)
    W_r, W_z, W_n, U_r, U_z, U_n, b_r, b_z, b_n, c_n, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, b_n_b_z_b_r_c_n, U_zrn, W_nzr, nzrn_parts, h, zr, n, U_zrn_T, h_at, nzrn_parts_at,
        nzrn_parts_at2, half, n_sum_at, n_arg_at, one, s, yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((b_n, b_z, b_r, c_n), out=b_n_b_z_b_r_c_n)
    np.stack((U_z, U_r, U_n), out=U_zrn)
    np.stack((W_n, W_z, W_r), out=W_nzr)
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    # n.sum[t] = U_n @ h[t-1] + c_n
    nzrn_parts[...] = b_n_b_z_b_r_c_n[:, None, None]
    # h[0] = 0
    h[0] = h0
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_nzr.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    nzrn_parts[:3] += tmp0
    U_zrn_T[...] = U_zrn.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
        # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
        # n.sum[t] = U_n @ h[t-1] + c_n
        np.matmul(h_at[t - 1], U_zrn_T, out=tmp1)
        nzrn_parts_at[t - 1] += tmp1
        # z[t] = sigmoid(z.arg[t])
        # r[t] = sigmoid(r.arg[t])
        _sigmoid(nzrn_parts_at2[t - 1], out=zr, half=half)
        # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
        np.multiply(zr[1], n_sum_at[t - 1], out=tmp2)
        n_arg_at[t - 1] += tmp2
        # n[t] = tanh(b_n + W_n @ x[t] + r[t] * (U_n @ h[t-1] + c_n))
        np.tanh(n_arg_at[t - 1], out=n)
        # h[t] = z[t] * h[t-1] + (1 - z[t]) * n[t]
        np.subtract(one, zr[0], out=h_at[t])
        h_at[t] *= n
        np.multiply(h_at[t - 1], zr[0], out=tmp2)
        h_at[t] += tmp2
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
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
    x: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
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
        (h0,) = _resumed(state, ("h",), (("h0", h0),))
    if checkpoint is not None:
        if lengths is not None or window is not None:
            raise ValueError("checkpoint: given, and so is lengths or window; they do not go together")
        return _loss_and_grad_checkpointed(params, x, y, h0, wrt, workspace, checkpoint)
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, x, y, h0, lengths, wrt, workspace, window)
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, whole=True)
    W_r, W_z, W_n, U_r, U_z, U_n, b_r, b_z, b_n, c_n, V, d = params
    wrt = _asked(wrt, ("x", "h0"))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, b_n_b_z_b_r_c_n, U_zrn, W_nzr, nzrn_parts, h, zr, n, U_zrn_T, h_at, nzrn_parts_at,
        zr_at, nzrn_parts_at2, half, n_sum_at, r_at, n_arg_at, n_at, one, z_at, s, yhat_lse, largest, yhat, rows, flat,
        tmp5, ds, entries, dd, dV, dnzrn_parts, r_arg_factor, dh, nz_arg_factor, dh_at, dnzrn_parts_at, product,
        dnzrn_parts_at2, nz_arg_factor_at, dn_sum_at, dn_arg_at, dr_arg_at, r_arg_factor_at, db_n_b_z_b_r_c_n, dW_nzr,
        dU_zrn,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((b_n, b_z, b_r, c_n), out=b_n_b_z_b_r_c_n)
    np.stack((U_z, U_r, U_n), out=U_zrn)
    np.stack((W_n, W_z, W_r), out=W_nzr)
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    # n.sum[t] = U_n @ h[t-1] + c_n
    nzrn_parts[...] = b_n_b_z_b_r_c_n[:, None, None]
    # h[0] = 0
    h[0] = h0
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_nzr.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    nzrn_parts[:3] += tmp0
    U_zrn_T[...] = U_zrn.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
        # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
        # n.sum[t] = U_n @ h[t-1] + c_n
        np.matmul(h_at[t - 1], U_zrn_T, out=tmp1)
        nzrn_parts_at[t - 1] += tmp1
        # z[t] = sigmoid(z.arg[t])
        # r[t] = sigmoid(r.arg[t])
        _sigmoid(nzrn_parts_at2[t - 1], out=zr_at[t - 1], half=half)
        # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
        np.multiply(n_sum_at[t - 1], r_at[t - 1], out=tmp2)
        n_arg_at[t - 1] += tmp2
        # n[t] = tanh(b_n + W_n @ x[t] + r[t] * (U_n @ h[t-1] + c_n))
        np.tanh(n_arg_at[t - 1], out=n_at[t - 1])
        # h[t] = z[t] * h[t-1] + (1 - z[t]) * n[t]
        np.subtract(one, z_at[t - 1], out=h_at[t])
        h_at[t] *= n_at[t - 1]
        np.multiply(h_at[t - 1], z_at[t - 1], out=tmp2)
        h_at[t] += tmp2
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()
    n_sum = nzrn_parts[3]
    z = zr[0]
    r = zr[1]
    # grad(s[t]) = yhat[t] - onehot(y[t])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # r.arg.factor[t] = n.sum[t] * r[t] * (1 - r[t])
    np.subtract(1, r, out=r_arg_factor)
    r_arg_factor *= n_sum
    r_arg_factor *= r
    # grad(h[t]) = U_r.T @ grad(r.arg[t+1]) + U_z.T @ grad(z.arg[t+1]) + U_n.T @ grad(n.sum[t+1]) + z[t+1]
    #     * grad(h[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # n.arg.factor[t] = (1 - n[t]**2) * (1 - z[t])
    np.subtract(1, z, out=tmp5)
    np.square(n, out=nz_arg_factor[0])
    np.subtract(1, nz_arg_factor[0], out=nz_arg_factor[0])
    nz_arg_factor[0] *= tmp5
    # z.arg.factor[t] = (h[t-1] - n[t]) * z[t] * (1 - z[t])
    np.subtract(h[:T], n, out=tmp5)
    np.subtract(1, z, out=nz_arg_factor[1])
    nz_arg_factor[1] *= tmp5
    nz_arg_factor[1] *= z
    # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
    # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
    np.multiply(nz_arg_factor[:, T - 1], dh[T], out=dnzrn_parts[:2, T - 1])
    # grad(n.sum[t]) = r[t] * grad(n.arg[t])
    np.multiply(r[T - 1], dnzrn_parts[0, T - 1], out=dnzrn_parts[3, T - 1])
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    np.multiply(r_arg_factor[T - 1], dnzrn_parts[0, T - 1], out=dnzrn_parts[2, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = U_r.T @ grad(r.arg[t+1]) + U_z.T @ grad(z.arg[t+1]) + U_n.T @ grad(n.sum[t+1]) + z[t+1]
        #     * grad(h[t+1]) + V.T @ grad(s[t]), t < T
        np.multiply(dh_at[t + 1], z_at[t], out=tmp2)
        dh_at[t] += tmp2
        np.matmul(dnzrn_parts_at[t], U_zrn, out=product)
        np.add.reduce(product, axis=0, out=tmp2)
        dh_at[t] += tmp2
        # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
        # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
        np.multiply(nz_arg_factor_at[t - 1], dh_at[t], out=dnzrn_parts_at2[t - 1])
        # grad(n.sum[t]) = r[t] * grad(n.arg[t])
        np.multiply(r_at[t - 1], dn_arg_at[t - 1], out=dn_sum_at[t - 1])
        # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
        np.multiply(r_arg_factor_at[t - 1], dn_arg_at[t - 1], out=dr_arg_at[t - 1])
    # grad(b_n) = sum(grad(n.arg[t]), t)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    # grad(b_r) = sum(grad(r.arg[t]), t)
    # grad(c_n) = sum(grad(n.sum[t]), t)
    np.add.reduce(dnzrn_parts, axis=(1, 2), out=db_n_b_z_b_r_c_n)
    # grad(W_n) = sum(outer(grad(n.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), x[t]), t)
    np.matmul(dnzrn_parts[:3].reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_nzr)
    # grad(U_z) = sum(outer(grad(z.arg[t]), h[t-1]), t)
    # grad(U_r) = sum(outer(grad(r.arg[t]), h[t-1]), t)
    # grad(U_n) = sum(outer(grad(n.sum[t]), h[t-1]), t)
    np.matmul(dnzrn_parts[1:].reshape(3, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_zrn)
    if "h0" in wrt:
        tmp_6_0 = np.empty((1, B, n_h), dtype)
        # grad(h[t]) = U_r.T @ grad(r.arg[t+1]) + U_z.T @ grad(z.arg[t+1]) + U_n.T @ grad(n.sum[t+1]) + z[t+1]
        #     * grad(h[t+1]) + V.T @ grad(s[t]), t < T
        np.multiply(dh[1:2], z[:1], out=dh[:1])
        product2 = np.empty((3, 1 * B, n_h), dtype)
        np.matmul(dnzrn_parts[1:, :1].reshape(3, -1, n_h), U_zrn, out=product2)
        np.add.reduce(product2, axis=0, out=tmp_6_0.reshape(-1, n_h))
        dh[:1] += tmp_6_0
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product3 = np.empty((3, T * B, n_x), dtype)
        # grad(x[t]) = W_r.T @ grad(r.arg[t]) + W_z.T @ grad(z.arg[t]) + W_n.T @ grad(n.arg[t])
        np.matmul(dnzrn_parts[:3].reshape(3, -1, n_h), W_nzr, out=product3)
        np.add.reduce(product3, axis=0, out=dx.reshape(-1, n_x))
    db_n = db_n_b_z_b_r_c_n[0]
    db_z = db_n_b_z_b_r_c_n[1]
    db_r = db_n_b_z_b_r_c_n[2]
    dc_n = db_n_b_z_b_r_c_n[3]
    dW_n = dW_nzr[0]
    dW_z = dW_nzr[1]
    dW_r = dW_nzr[2]
    dU_z = dU_zrn[0]
    dU_r = dU_zrn[1]
    dU_n = dU_zrn[2]

    gradient = Params(
        W_r=dW_r, W_z=dW_z, W_n=dW_n, U_r=dU_r, U_z=dU_z, U_n=dU_n, b_r=db_r, b_z=db_z, b_n=db_n, c_n=dc_n, V=dV, d=dd
    )
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
    params, x, y, r, z, n, h, yhat, dtype, single, n_h, n_x, n_y, T, B = _backward_arguments(params, forward, x, y)
    W_r, W_z, W_n, U_r, U_z, U_n, b_r, b_z, b_n, c_n, V, d = params

    n_sum = np.empty((T, B, n_h), dtype)
    # n.sum[t] = U_n @ h[t-1] + c_n
    np.matmul(h[:T].reshape(-1, n_h), U_n.T, out=n_sum.reshape(-1, n_h))
    n_sum += c_n
    tmp0 = np.empty((T, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    U_zrn = np.stack((U_z, U_r, U_n))
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
    # grad(h[t]) = U_r.T @ grad(r.arg[t+1]) + U_z.T @ grad(z.arg[t+1]) + U_n.T @ grad(n.sum[t+1]) + z[t+1]
    #     * grad(h[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    r_arg_factor = np.empty((T, B, n_h), dtype)
    # r.arg.factor[t] = n.sum[t] * r[t] * (1 - r[t])
    np.subtract(1, r, out=r_arg_factor)
    r_arg_factor *= n_sum
    r_arg_factor *= r
    nz_arg_factor = np.empty((2, T, B, n_h), dtype)
    # n.arg.factor[t] = (1 - n[t]**2) * (1 - z[t])
    np.subtract(1, z, out=tmp0)
    np.square(n, out=nz_arg_factor[0])
    np.subtract(1, nz_arg_factor[0], out=nz_arg_factor[0])
    nz_arg_factor[0] *= tmp0
    # z.arg.factor[t] = (h[t-1] - n[t]) * z[t] * (1 - z[t])
    np.subtract(h[:T], n, out=tmp0)
    np.subtract(1, z, out=nz_arg_factor[1])
    nz_arg_factor[1] *= tmp0
    nz_arg_factor[1] *= z
    dnzrn_parts = np.empty((4, T, B, n_h), dtype)
    # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
    # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
    np.multiply(nz_arg_factor[:, T - 1], dh[T - 1], out=dnzrn_parts[:2, T - 1])
    # grad(n.sum[t]) = r[t] * grad(n.arg[t])
    np.multiply(r[T - 1], dnzrn_parts[0, T - 1], out=dnzrn_parts[3, T - 1])
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    np.multiply(r_arg_factor[T - 1], dnzrn_parts[0, T - 1], out=dnzrn_parts[2, T - 1])
    dh_at = list(dh)
    dnzrn_parts_at = list(dnzrn_parts[1:].swapaxes(0, 1))
    product = np.empty((3, B, n_h), dtype)
    dnzrn_parts_at2 = list(dnzrn_parts[:2].swapaxes(0, 1))
    nz_arg_factor_at = list(nz_arg_factor.swapaxes(0, 1))
    dn_sum_at = list(dnzrn_parts[3])
    dn_arg_at = list(dnzrn_parts[0])
    dr_arg_at = list(dnzrn_parts[2])
    r_arg_factor_at = list(r_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = U_r.T @ grad(r.arg[t+1]) + U_z.T @ grad(z.arg[t+1]) + U_n.T @ grad(n.sum[t+1]) + z[t+1]
        #     * grad(h[t+1]) + V.T @ grad(s[t]), t < T
        np.multiply(dh_at[t], z[t], out=tmp1)
        dh_at[t - 1] += tmp1
        np.matmul(dnzrn_parts_at[t], U_zrn, out=product)
        np.add.reduce(product, axis=0, out=tmp1)
        dh_at[t - 1] += tmp1
        # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
        # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
        np.multiply(nz_arg_factor_at[t - 1], dh_at[t - 1], out=dnzrn_parts_at2[t - 1])
        # grad(n.sum[t]) = r[t] * grad(n.arg[t])
        np.multiply(r[t - 1], dn_arg_at[t - 1], out=dn_sum_at[t - 1])
        # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
        np.multiply(r_arg_factor_at[t - 1], dn_arg_at[t - 1], out=dr_arg_at[t - 1])
    db_n_b_z_b_r_c_n = np.empty((4, n_h), dtype)
    # grad(b_n) = sum(grad(n.arg[t]), t)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    # grad(b_r) = sum(grad(r.arg[t]), t)
    # grad(c_n) = sum(grad(n.sum[t]), t)
    np.add.reduce(dnzrn_parts, axis=(1, 2), out=db_n_b_z_b_r_c_n)
    dW_nzr = np.empty((3, n_h, n_x), dtype)
    # grad(W_n) = sum(outer(grad(n.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), x[t]), t)
    np.matmul(dnzrn_parts[:3].reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_nzr)
    dU_zrn = np.empty((3, n_h, n_h), dtype)
    # grad(U_z) = sum(outer(grad(z.arg[t]), h[t-1]), t)
    # grad(U_r) = sum(outer(grad(r.arg[t]), h[t-1]), t)
    # grad(U_n) = sum(outer(grad(n.sum[t]), h[t-1]), t)
    np.matmul(dnzrn_parts[1:].reshape(3, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_zrn)
    db_n = db_n_b_z_b_r_c_n[0]
    db_z = db_n_b_z_b_r_c_n[1]
    db_r = db_n_b_z_b_r_c_n[2]
    dc_n = db_n_b_z_b_r_c_n[3]
    dW_n = dW_nzr[0]
    dW_z = dW_nzr[1]
    dW_r = dW_nzr[2]
    dU_z = dU_zrn[0]
    dU_r = dU_zrn[1]
    dU_n = dU_zrn[2]

    return Params(
        W_r=dW_r, W_z=dW_z, W_n=dW_n, U_r=dU_r, U_z=dU_z, U_n=dU_n, b_r=db_r, b_z=db_z, b_n=db_n, c_n=dc_n, V=dV, d=dd
    )


def init_state(params: Params, *, h0: np.ndarray | None = None, batch: int | None = None) -> State:
    """The state before the first step; of one example where `batch` is None.

    h0  (B, n_h)  real  h[0]; 0 where not given

    Data without the axis B are one example.
    """
    params, h0, dtype, single, n_h, n_x, n_y, B = _initial_arguments(params, h0, batch)

    # h[0] = 0
    h_prev = h0.copy()

    if single:
        h_prev = h_prev[0]
    return State(h=h_prev)


def step(params: Params, state: State, *, x: np.ndarray) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    x  (B, n_x)  real  what is read at each step

    Data without the axis B are one example.
    """
    params, x, h_prev, dtype, single, n_h, n_x, n_y, B = _step_arguments(params, state, x)
    W_r, W_z, W_n, U_r, U_z, U_n, b_r, b_z, b_n, c_n, V, d = params

    b_n_b_r_b_z_c_n = np.stack((b_n, b_r, b_z, c_n))
    U_rzn = np.stack((U_r, U_z, U_n))
    W_nrz = np.stack((W_n, W_r, W_z))
    nrzn_parts = np.empty((4, B, n_h), dtype)
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # n.sum[t] = U_n @ h[t-1] + c_n
    nrzn_parts[...] = b_n_b_r_b_z_c_n[:, None]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # n.sum[t] = U_n @ h[t-1] + c_n
    nrzn_parts[1:] += h_prev @ U_rzn.transpose(0, 2, 1)
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    nrzn_parts[:3] += x @ W_nrz.transpose(0, 2, 1)
    # r[t] = sigmoid(b_r + W_r @ x[t] + U_r @ h[t-1])
    r = _sigmoid(nrzn_parts[1])
    # z[t] = sigmoid(b_z + W_z @ x[t] + U_z @ h[t-1])
    z = _sigmoid(nrzn_parts[2])
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    nrzn_parts[0] += nrzn_parts[3] * r
    # n[t] = tanh(b_n + W_n @ x[t] + r[t] * (U_n @ h[t-1] + c_n))
    n = np.tanh(nrzn_parts[0])
    # h[t] = z[t] * h[t-1] + (1 - z[t]) * n[t]
    h = n * (1 - z)
    h += h_prev * z
    # s[t] = d + V @ h[t]
    s = h @ V.T
    s += d
    # yhat[t] = softmax(s[t])
    yhat_lse = _logsumexp(s, 1)
    yhat = np.exp(s - yhat_lse[:, None])

    if single:
        h = h[0]
        r = r[0]
        z = z[0]
        n = n[0]
        s = s[0]
        yhat = yhat[0]
    result = State(h=h)
    return result, Outputs(r=r, z=z, n=n, h=h, s=s, yhat=yhat)


def last_state(forward: Forward, *, lengths: np.ndarray | dict[str, np.ndarray] | int | None = None) -> State:
    """The state after the last step, from what `forward` returned.

    lengths  as `forward` was given it
    """
    forward = _as_forward(forward)
    steps = forward.h.shape[0] - 1
    lengths = None if lengths is None else _lengths(
        lengths, "T", ("T",), steps, 1 if forward.h.ndim < 3 else forward.h.shape[1], forward.h.ndim < 3, 1
    )
    return State(h=_last(forward.h, 0, 1, 1, lengths))


def _forward_padded(params, x, y, h0, lengths):
    """`forward` where examples have their own lengths."""
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own = _padded_arguments(params, x, y, h0, lengths)
    W_r, W_z, W_n, U_r, U_z, U_n, b_r, b_z, b_n, c_n, V, d = params

    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((3, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    b_n_b_z_b_r_c_n = np.stack((b_n, b_z, b_r, c_n))
    U_zrn = np.stack((U_z, U_r, U_n))
    W_nzr = np.stack((W_n, W_z, W_r))
    nzrn_parts = np.empty((4, T, B, n_h), dtype)
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    # n.sum[t] = U_n @ h[t-1] + c_n
    nzrn_parts[...] = b_n_b_z_b_r_c_n[:, None, None]
    h = np.empty((T + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_nzr.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    nzrn_parts[:3] += tmp0
    zr = np.empty((2, T, B, n_h), dtype)
    n = np.empty((T, B, n_h), dtype)
    U_zrn_T = np.empty((3, n_h, n_h), dtype)
    U_zrn_T[...] = U_zrn.transpose(0, 2, 1)
    h_at = list(h)
    nzrn_parts_at = list(nzrn_parts[1:].swapaxes(0, 1))
    zr_at = list(zr.swapaxes(0, 1))
    nzrn_parts_at2 = list(nzrn_parts[1:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    n_sum_at = list(nzrn_parts[3])
    r_at = list(zr[1])
    n_arg_at = list(nzrn_parts[0])
    n_at = list(n)
    z_at = list(zr[0])
    one = np.array(1, dtype)
    for t in range(1, T + 1):
        # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
        # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
        # n.sum[t] = U_n @ h[t-1] + c_n
        np.matmul(h_at[t - 1], U_zrn_T, out=tmp1)
        nzrn_parts_at[t - 1] += tmp1
        # z[t] = sigmoid(z.arg[t])
        # r[t] = sigmoid(r.arg[t])
        _sigmoid(nzrn_parts_at2[t - 1], out=zr_at[t - 1], half=half)
        # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
        np.multiply(n_sum_at[t - 1], r_at[t - 1], out=tmp2)
        n_arg_at[t - 1] += tmp2
        # n[t] = tanh(b_n + W_n @ x[t] + r[t] * (U_n @ h[t-1] + c_n))
        np.tanh(n_arg_at[t - 1], out=n_at[t - 1])
        # h[t] = z[t] * h[t-1] + (1 - z[t]) * n[t]
        np.multiply(h_at[t - 1], z_at[t - 1], out=tmp3)
        np.subtract(one, z_at[t - 1], out=tmp2)
        tmp2 *= n_at[t - 1]
        tmp2 += tmp3
        h[t] = np.where((t <= T_own)[:, None], tmp2, h[t - 1])
    s = np.empty((T, B, n_y), dtype)
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp4, largest=largest)
    yhat = np.empty((T, B, n_y), dtype)
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
    z = zr[0]
    r = zr[1]

    if single:
        r = r[:, 0]
        z = z[:, 0]
        n = n[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(r=r, z=z, n=n, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss))


def _loss_padded(params, x, y, h0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, lengths, whole=True)
    W_r, W_z, W_n, U_r, U_z, U_n, b_r, b_z, b_n, c_n, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, b_n_b_z_b_r_c_n, U_zrn, W_nzr, nzrn_parts, h, zr, n, U_zrn_T,
        h_at, nzrn_parts_at, nzrn_parts_at2, half, n_sum_at, n_arg_at, one, s, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((b_n, b_z, b_r, c_n), out=b_n_b_z_b_r_c_n)
    np.stack((U_z, U_r, U_n), out=U_zrn)
    np.stack((W_n, W_z, W_r), out=W_nzr)
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    # n.sum[t] = U_n @ h[t-1] + c_n
    nzrn_parts[...] = b_n_b_z_b_r_c_n[:, None, None]
    # h[0] = 0
    h[0] = h0
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_nzr.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    nzrn_parts[:3] += tmp0
    U_zrn_T[...] = U_zrn.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
        # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
        # n.sum[t] = U_n @ h[t-1] + c_n
        np.matmul(h_at[t - 1], U_zrn_T, out=tmp1)
        nzrn_parts_at[t - 1] += tmp1
        # z[t] = sigmoid(z.arg[t])
        # r[t] = sigmoid(r.arg[t])
        _sigmoid(nzrn_parts_at2[t - 1], out=zr, half=half)
        # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
        np.multiply(zr[1], n_sum_at[t - 1], out=tmp2)
        n_arg_at[t - 1] += tmp2
        # n[t] = tanh(b_n + W_n @ x[t] + r[t] * (U_n @ h[t-1] + c_n))
        np.tanh(n_arg_at[t - 1], out=n)
        # h[t] = z[t] * h[t-1] + (1 - z[t]) * n[t]
        np.multiply(h_at[t - 1], zr[0], out=tmp3)
        np.subtract(one, zr[0], out=tmp2)
        tmp2 *= n
        tmp2 += tmp3
        h[t] = np.where((t <= T_own)[:, None], tmp2, h[t - 1])
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
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


def _loss_and_grad_padded(params, x, y, h0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_arguments(params, x, y, h0, lengths, whole=True)
    W_r, W_z, W_n, U_r, U_z, U_n, b_r, b_z, b_n, c_n, V, d = params
    wrt = _asked(wrt, ("x", "h0"))
    window_T = _window(window, "T", ("T",), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, b_n_b_z_b_r_c_n, U_zrn, W_nzr, nzrn_parts, h, zr, n, U_zrn_T,
        h_at, nzrn_parts_at, zr_at, nzrn_parts_at2, half, n_sum_at, r_at, n_arg_at, n_at, z_at, one, s, yhat_lse,
        largest, yhat, tmp8, tmp9, ds, rows, flat, entries, dd, dV, dnzrn_parts, r_arg_factor, dh, nz_arg_factor, dh_at,
        dnzrn_parts_at, product, dnzrn_parts_at2, nz_arg_factor_at, dn_sum_at, dn_arg_at, dr_arg_at, r_arg_factor_at,
        db_n_b_z_b_r_c_n, dW_nzr, dU_zrn,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((b_n, b_z, b_r, c_n), out=b_n_b_z_b_r_c_n)
    np.stack((U_z, U_r, U_n), out=U_zrn)
    np.stack((W_n, W_z, W_r), out=W_nzr)
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    # n.sum[t] = U_n @ h[t-1] + c_n
    nzrn_parts[...] = b_n_b_z_b_r_c_n[:, None, None]
    # h[0] = 0
    h[0] = h0
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_nzr.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    nzrn_parts[:3] += tmp0
    U_zrn_T[...] = U_zrn.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
        # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
        # n.sum[t] = U_n @ h[t-1] + c_n
        np.matmul(h_at[t - 1], U_zrn_T, out=tmp1)
        nzrn_parts_at[t - 1] += tmp1
        # z[t] = sigmoid(z.arg[t])
        # r[t] = sigmoid(r.arg[t])
        _sigmoid(nzrn_parts_at2[t - 1], out=zr_at[t - 1], half=half)
        # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
        np.multiply(n_sum_at[t - 1], r_at[t - 1], out=tmp2)
        n_arg_at[t - 1] += tmp2
        # n[t] = tanh(b_n + W_n @ x[t] + r[t] * (U_n @ h[t-1] + c_n))
        np.tanh(n_arg_at[t - 1], out=n_at[t - 1])
        # h[t] = z[t] * h[t-1] + (1 - z[t]) * n[t]
        np.multiply(h_at[t - 1], z_at[t - 1], out=tmp3)
        np.subtract(one, z_at[t - 1], out=tmp2)
        tmp2 *= n_at[t - 1]
        tmp2 += tmp3
        h[t] = np.where((t <= T_own)[:, None], tmp2, h[t - 1])
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
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
    n_sum = nzrn_parts[3]
    z = zr[0]
    r = zr[1]
    # grad(s[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp8[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp8[:, :, None], yhat, out=ds)
    tmp8[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp8, out=tmp8)
    _add_to(ds, y, rows, flat, entries, tmp8)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # r.arg.factor[t] = n.sum[t] * r[t] * (1 - r[t])
    np.subtract(1, r, out=r_arg_factor)
    r_arg_factor *= n_sum
    r_arg_factor *= r
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_r.T @ grad(r.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (U_z.T @ grad(z.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (U_n.T @ grad(n.sum[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * z[t+1] * grad(h[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # n.arg.factor[t] = (1 - n[t]**2) * (1 - z[t])
    np.subtract(1, z, out=tmp9)
    np.square(n, out=nz_arg_factor[0])
    np.subtract(1, nz_arg_factor[0], out=nz_arg_factor[0])
    nz_arg_factor[0] *= tmp9
    # z.arg.factor[t] = (h[t-1] - n[t]) * z[t] * (1 - z[t])
    np.subtract(h[:T], n, out=tmp9)
    np.subtract(1, z, out=nz_arg_factor[1])
    nz_arg_factor[1] *= tmp9
    nz_arg_factor[1] *= z
    # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
    # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
    np.multiply(nz_arg_factor[:, T - 1], dh[T], out=dnzrn_parts[:2, T - 1])
    # grad(n.sum[t]) = r[t] * grad(n.arg[t])
    np.multiply(r[T - 1], dnzrn_parts[0, T - 1], out=dnzrn_parts[3, T - 1])
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    np.multiply(r_arg_factor[T - 1], dnzrn_parts[0, T - 1], out=dnzrn_parts[2, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_r.T @ grad(r.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (U_z.T @ grad(z.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (U_n.T @ grad(n.sum[t+1])) + same_window(t, maximum(t - 1, 0),
        #     window.T) * z[t+1] * grad(h[t+1]) + V.T @ grad(s[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dh_at[t + 1], out=tmp2)
        tmp2 *= z_at[t]
        dh_at[t] += tmp2
        np.matmul(dnzrn_parts_at[t], U_zrn, out=product)
        np.add.reduce(product, axis=0, out=tmp2)
        tmp2 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t] += tmp2
        # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
        # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
        np.multiply(nz_arg_factor_at[t - 1], dh_at[t], out=dnzrn_parts_at2[t - 1])
        # grad(n.sum[t]) = r[t] * grad(n.arg[t])
        np.multiply(r_at[t - 1], dn_arg_at[t - 1], out=dn_sum_at[t - 1])
        # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
        np.multiply(r_arg_factor_at[t - 1], dn_arg_at[t - 1], out=dr_arg_at[t - 1])
    # grad(b_n) = sum(grad(n.arg[t]), t)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    # grad(b_r) = sum(grad(r.arg[t]), t)
    # grad(c_n) = sum(grad(n.sum[t]), t)
    np.add.reduce(dnzrn_parts, axis=(1, 2), out=db_n_b_z_b_r_c_n)
    # grad(W_n) = sum(outer(grad(n.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), x[t]), t)
    np.matmul(dnzrn_parts[:3].reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_nzr)
    # grad(U_z) = sum(outer(grad(z.arg[t]), h[t-1]), t)
    # grad(U_r) = sum(outer(grad(r.arg[t]), h[t-1]), t)
    # grad(U_n) = sum(outer(grad(n.sum[t]), h[t-1]), t)
    np.matmul(dnzrn_parts[1:].reshape(3, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_zrn)
    if "h0" in wrt:
        tmp_10_0 = np.empty((1,), dtype)
        tmp_10_1 = np.empty((1,), dtype)
        tmp_10_2 = np.empty((1,), dtype)
        tmp_10_3 = np.empty((1, B, n_h), dtype)
        tmp_10_4 = np.empty((1, B, 3, n_h), dtype)
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_r.T @ grad(r.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (U_z.T @ grad(z.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (U_n.T @ grad(n.sum[t+1])) + same_window(t, maximum(t - 1, 0),
        #     window.T) * z[t+1] * grad(h[t+1]) + V.T @ grad(s[t]), t < T
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_10_2)
        np.maximum(tmp_10_2, 0, out=tmp_10_1)
        tmp_10_0[...] = np.arange(1) // window_T == tmp_10_1 // window_T
        np.multiply(tmp_10_0[:, None, None], dh[1:2], out=dh[:1])
        dh[:1] *= z[:1]
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_10_2)
        np.maximum(tmp_10_2, 0, out=tmp_10_1)
        tmp_10_0[...] = np.arange(1) // window_T == tmp_10_1 // window_T
        np.multiply(tmp_10_0[:, None, None, None], dnzrn_parts[1:, :1].transpose(1, 2, 0, 3), out=tmp_10_4)
        np.matmul(tmp_10_4.reshape(-1, 3 * n_h), U_zrn.reshape(-1, n_h), out=tmp_10_3.reshape(-1, n_h))
        dh[:1] += tmp_10_3
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product2 = np.empty((3, T * B, n_x), dtype)
        # grad(x[t]) = W_r.T @ grad(r.arg[t]) + W_z.T @ grad(z.arg[t]) + W_n.T @ grad(n.arg[t])
        np.matmul(dnzrn_parts[:3].reshape(3, -1, n_h), W_nzr, out=product2)
        np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_x))
    db_n = db_n_b_z_b_r_c_n[0]
    db_z = db_n_b_z_b_r_c_n[1]
    db_r = db_n_b_z_b_r_c_n[2]
    dc_n = db_n_b_z_b_r_c_n[3]
    dW_n = dW_nzr[0]
    dW_z = dW_nzr[1]
    dW_r = dW_nzr[2]
    dU_z = dU_zrn[0]
    dU_r = dU_zrn[1]
    dU_n = dU_zrn[2]

    gradient = Params(
        W_r=dW_r, W_z=dW_z, W_n=dW_n, U_r=dU_r, U_z=dU_z, U_n=dU_n, b_r=db_r, b_z=db_z, b_n=db_n, c_n=dc_n, V=dV, d=dd
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _backward_padded(params, forward, x, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, x, y, r, z, n, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, x, y, lengths)
    W_r, W_z, W_n, U_r, U_z, U_n, b_r, b_z, b_n, c_n, V, d = params
    window_T = _window(window, "T", ("T",), T)

    n_sum = np.empty((T, B, n_h), dtype)
    # n.sum[t] = U_n @ h[t-1] + c_n
    np.matmul(h[:T].reshape(-1, n_h), U_n.T, out=n_sum.reshape(-1, n_h))
    n_sum += c_n
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((T, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    U_zrn = np.stack((U_z, U_r, U_n))
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
    # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_r.T @ grad(r.arg[t+1])) +
    #     same_window(t, maximum(t - 1, 0), window.T) * (U_z.T @ grad(z.arg[t+1])) + same_window(t,
    #     maximum(t - 1, 0), window.T) * (U_n.T @ grad(n.sum[t+1])) + same_window(t, maximum(t - 1, 0),
    #     window.T) * z[t+1] * grad(h[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh.reshape(-1, n_h))
    r_arg_factor = np.empty((T, B, n_h), dtype)
    # r.arg.factor[t] = n.sum[t] * r[t] * (1 - r[t])
    np.subtract(1, r, out=r_arg_factor)
    r_arg_factor *= n_sum
    r_arg_factor *= r
    nz_arg_factor = np.empty((2, T, B, n_h), dtype)
    # n.arg.factor[t] = (1 - n[t]**2) * (1 - z[t])
    np.subtract(1, z, out=tmp1)
    np.square(n, out=nz_arg_factor[0])
    np.subtract(1, nz_arg_factor[0], out=nz_arg_factor[0])
    nz_arg_factor[0] *= tmp1
    # z.arg.factor[t] = (h[t-1] - n[t]) * z[t] * (1 - z[t])
    np.subtract(h[:T], n, out=tmp1)
    np.subtract(1, z, out=nz_arg_factor[1])
    nz_arg_factor[1] *= tmp1
    nz_arg_factor[1] *= z
    dnzrn_parts = np.empty((4, T, B, n_h), dtype)
    # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
    # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
    np.multiply(nz_arg_factor[:, T - 1], dh[T - 1], out=dnzrn_parts[:2, T - 1])
    # grad(n.sum[t]) = r[t] * grad(n.arg[t])
    np.multiply(r[T - 1], dnzrn_parts[0, T - 1], out=dnzrn_parts[3, T - 1])
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    np.multiply(r_arg_factor[T - 1], dnzrn_parts[0, T - 1], out=dnzrn_parts[2, T - 1])
    dh_at = list(dh)
    dnzrn_parts_at = list(dnzrn_parts[1:].swapaxes(0, 1))
    product = np.empty((3, B, n_h), dtype)
    dnzrn_parts_at2 = list(dnzrn_parts[:2].swapaxes(0, 1))
    nz_arg_factor_at = list(nz_arg_factor.swapaxes(0, 1))
    dn_sum_at = list(dnzrn_parts[3])
    dn_arg_at = list(dnzrn_parts[0])
    dr_arg_at = list(dnzrn_parts[2])
    r_arg_factor_at = list(r_arg_factor)
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = same_window(t, maximum(t - 1, 0), window.T) * (U_r.T @ grad(r.arg[t+1])) +
        #     same_window(t, maximum(t - 1, 0), window.T) * (U_z.T @ grad(z.arg[t+1])) + same_window(t,
        #     maximum(t - 1, 0), window.T) * (U_n.T @ grad(n.sum[t+1])) + same_window(t, maximum(t - 1, 0),
        #     window.T) * z[t+1] * grad(h[t+1]) + V.T @ grad(s[t]), t < T
        np.multiply(t // window_T == max(t - 1, 0) // window_T, dh_at[t], out=tmp2)
        tmp2 *= z[t]
        dh_at[t - 1] += tmp2
        np.matmul(dnzrn_parts_at[t], U_zrn, out=product)
        np.add.reduce(product, axis=0, out=tmp2)
        tmp2 *= t // window_T == max(t - 1, 0) // window_T
        dh_at[t - 1] += tmp2
        # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
        # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
        np.multiply(nz_arg_factor_at[t - 1], dh_at[t - 1], out=dnzrn_parts_at2[t - 1])
        # grad(n.sum[t]) = r[t] * grad(n.arg[t])
        np.multiply(r[t - 1], dn_arg_at[t - 1], out=dn_sum_at[t - 1])
        # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
        np.multiply(r_arg_factor_at[t - 1], dn_arg_at[t - 1], out=dr_arg_at[t - 1])
    db_n_b_z_b_r_c_n = np.empty((4, n_h), dtype)
    # grad(b_n) = sum(grad(n.arg[t]), t)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    # grad(b_r) = sum(grad(r.arg[t]), t)
    # grad(c_n) = sum(grad(n.sum[t]), t)
    np.add.reduce(dnzrn_parts, axis=(1, 2), out=db_n_b_z_b_r_c_n)
    dW_nzr = np.empty((3, n_h, n_x), dtype)
    # grad(W_n) = sum(outer(grad(n.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), x[t]), t)
    np.matmul(dnzrn_parts[:3].reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_nzr)
    dU_zrn = np.empty((3, n_h, n_h), dtype)
    # grad(U_z) = sum(outer(grad(z.arg[t]), h[t-1]), t)
    # grad(U_r) = sum(outer(grad(r.arg[t]), h[t-1]), t)
    # grad(U_n) = sum(outer(grad(n.sum[t]), h[t-1]), t)
    np.matmul(dnzrn_parts[1:].reshape(3, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_zrn)
    db_n = db_n_b_z_b_r_c_n[0]
    db_z = db_n_b_z_b_r_c_n[1]
    db_r = db_n_b_z_b_r_c_n[2]
    dc_n = db_n_b_z_b_r_c_n[3]
    dW_n = dW_nzr[0]
    dW_z = dW_nzr[1]
    dW_r = dW_nzr[2]
    dU_z = dU_zrn[0]
    dU_r = dU_zrn[1]
    dU_n = dU_zrn[2]

    return Params(
        W_r=dW_r, W_z=dW_z, W_n=dW_n, U_r=dU_r, U_z=dU_z, U_n=dU_n, b_r=db_r, b_z=db_z, b_n=db_n, c_n=dc_n, V=dV, d=dd
    )


def _loss_and_grad_checkpointed(params, x, y, h0, wrt, workspace, checkpoint):
    """`loss_and_grad` by segments of steps: only the states between them are kept."""
    params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B = _arguments(params, x, y, h0, whole=True)
    W_r, W_z, W_n, U_r, U_z, U_n, b_r, b_z, b_n, c_n, V, d = params
    wrt = _asked(wrt, ("x", "h0"))
    ends = _segment_ends(checkpoint, T, 1)
    count = len(ends) - 1
    workspace = _as_workspace(workspace)
    shorter = workspace.arrays(Workspace)

    (
        h0_kept, h_left1, dW_r, dW_z, dW_n, dU_r, dU_z, dU_n, db_r, db_z, db_n, dc_n, dV, dd,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_checkpointed_arrays, count, n_x, n_y, n_h, B, dtype)
    h0_kept[0] = h0
    for n_ in range(count - 1):
        first, last = ends[n_], ends[n_ + 1]
        found = _advance(
            params,
            x[first:last],
            h0_kept[n_],
            last - first,
            n_x,
            n_h,
            B,
            dtype,
            workspace if last - first == ends[1] else shorter,
        )
        (h0_kept[n_ + 1],) = found
    loss = 0.0
    for total in (h_left1, dW_r, dW_z, dW_n, dU_r, dU_z, dU_n, db_r, db_z, db_n, dc_n, dV, dd):
        total.fill(0)
    if "x" in wrt:
        dx = np.zeros((T, B, n_x), dtype)
    for n_ in range(count - 1, -1, -1):
        first, last = ends[n_], ends[n_ + 1]
        found = _segment(
            params,
            h_left1,
            x[first:last],
            y[first:last],
            h0_kept[n_],
            last - first,
            n_x,
            n_y,
            n_h,
            B,
            dtype,
            wrt,
            workspace if last - first == ends[1] else shorter,
        )
        loss_part, parts, dh0, dx_part = found
        loss += float(loss_part)
        _add_each((dW_r, dW_z, dW_n, dU_r, dU_z, dU_n, db_r, db_z, db_n, dc_n, dV, dd), parts)
        h_left1[...] = dh0
        if "x" in wrt:
            dx[first:last] += dx_part

    gradient = Params(
        W_r=dW_r, W_z=dW_z, W_n=dW_n, U_r=dU_r, U_z=dU_z, U_n=dU_n, b_r=db_r, b_z=db_z, b_n=db_n, c_n=dc_n, V=dV, d=dd
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "x" in wrt:
        result["x"] = dx[:, 0] if single else dx
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    return float(loss), gradient, result


def _segment(params, h_left1, x, y, h0, T, n_x, n_y, n_h, B, dtype, wrt, workspace):
    """A segment's loss; gradients of it and of all that follows, which is told by that of the last state."""
    W_r, W_z, W_n, U_r, U_z, U_n, b_r, b_z, b_n, c_n, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, b_n_b_z_b_r_c_n, U_zrn, W_nzr, nzrn_parts, h, zr, n, U_zrn_T, h_at, nzrn_parts_at,
        zr_at, nzrn_parts_at2, half, n_sum_at, r_at, n_arg_at, n_at, one, z_at, s, yhat_lse, largest, rows, flat, tmp5,
        ds, entries, dd, dV, dnzrn_parts, r_arg_factor, dh, nz_arg_factor, dh_at, dnzrn_parts_at, product,
        dnzrn_parts_at2, nz_arg_factor_at, dn_sum_at, dn_arg_at, dr_arg_at, r_arg_factor_at, db_n_b_z_b_r_c_n, dW_nzr,
        dU_zrn, dh0,
    ) = _as_workspace(workspace).arrays(_segment_arrays, T, n_x, n_y, n_h, B, dtype)
    np.stack((b_n, b_z, b_r, c_n), out=b_n_b_z_b_r_c_n)
    np.stack((U_z, U_r, U_n), out=U_zrn)
    np.stack((W_n, W_z, W_r), out=W_nzr)
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    # n.sum[t] = U_n @ h[t-1] + c_n
    nzrn_parts[...] = b_n_b_z_b_r_c_n[:, None, None]
    # h[0] = 0
    h[0] = h0
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_nzr.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    nzrn_parts[:3] += tmp0
    U_zrn_T[...] = U_zrn.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
        # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
        # n.sum[t] = U_n @ h[t-1] + c_n
        np.matmul(h_at[t - 1], U_zrn_T, out=tmp1)
        nzrn_parts_at[t - 1] += tmp1
        # z[t] = sigmoid(z.arg[t])
        # r[t] = sigmoid(r.arg[t])
        _sigmoid(nzrn_parts_at2[t - 1], out=zr_at[t - 1], half=half)
        # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
        np.multiply(n_sum_at[t - 1], r_at[t - 1], out=tmp2)
        n_arg_at[t - 1] += tmp2
        # n[t] = tanh(b_n + W_n @ x[t] + r[t] * (U_n @ h[t-1] + c_n))
        np.tanh(n_arg_at[t - 1], out=n_at[t - 1])
        # h[t] = z[t] * h[t-1] + (1 - z[t]) * n[t]
        np.subtract(one, z_at[t - 1], out=h_at[t])
        h_at[t] *= n_at[t - 1]
        np.multiply(h_at[t - 1], z_at[t - 1], out=tmp2)
        h_at[t] += tmp2
    # s[t] = d + V @ h[t]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[t] = softmax(s[t])
    _logsumexp(s, 2, out=yhat_lse, work=tmp3, largest=largest)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(s, y, rows, flat, out=tmp4)
    np.subtract(yhat_lse, tmp4, out=tmp4)
    loss = tmp4.sum()
    n_sum = nzrn_parts[3]
    z = zr[0]
    r = zr[1]
    # grad(s[t]) = softmax(s[t]) - onehot(y[t])
    np.subtract(s, yhat_lse[:, :, None], out=tmp3)
    np.exp(tmp3, out=ds)
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[t]), t)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[t]), h[t]), t)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # r.arg.factor[t] = n.sum[t] * r[t] * (1 - r[t])
    np.subtract(1, r, out=r_arg_factor)
    r_arg_factor *= n_sum
    r_arg_factor *= r
    # grad(h[t]) = U_r.T @ grad(r.arg[t+1]) + U_z.T @ grad(z.arg[t+1]) + U_n.T @ grad(n.sum[t+1]) + z[t+1]
    #     * grad(h[t+1]) + V.T @ grad(s[t]), t < T
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # n.arg.factor[t] = (1 - n[t]**2) * (1 - z[t])
    np.subtract(1, z, out=tmp5)
    np.square(n, out=nz_arg_factor[0])
    np.subtract(1, nz_arg_factor[0], out=nz_arg_factor[0])
    nz_arg_factor[0] *= tmp5
    # z.arg.factor[t] = (h[t-1] - n[t]) * z[t] * (1 - z[t])
    np.subtract(h[:T], n, out=tmp5)
    np.subtract(1, z, out=nz_arg_factor[1])
    nz_arg_factor[1] *= tmp5
    nz_arg_factor[1] *= z
    # grad(h[T]) = h.left1 + V.T @ grad(s[T])
    dh[T] += h_left1
    # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
    # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
    np.multiply(nz_arg_factor[:, T - 1], dh[T], out=dnzrn_parts[:2, T - 1])
    # grad(n.sum[t]) = r[t] * grad(n.arg[t])
    np.multiply(r[T - 1], dnzrn_parts[0, T - 1], out=dnzrn_parts[3, T - 1])
    # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
    np.multiply(r_arg_factor[T - 1], dnzrn_parts[0, T - 1], out=dnzrn_parts[2, T - 1])
    for t in range(T - 1, 0, -1):
        # grad(h[t]) = U_r.T @ grad(r.arg[t+1]) + U_z.T @ grad(z.arg[t+1]) + U_n.T @ grad(n.sum[t+1]) + z[t+1]
        #     * grad(h[t+1]) + V.T @ grad(s[t]), t < T
        np.multiply(dh_at[t + 1], z_at[t], out=tmp2)
        dh_at[t] += tmp2
        np.matmul(dnzrn_parts_at[t], U_zrn, out=product)
        np.add.reduce(product, axis=0, out=tmp2)
        dh_at[t] += tmp2
        # grad(n.arg[t]) = (1 - n[t]**2) * grad(n[t])
        # grad(z.arg[t]) = z[t] * (1 - z[t]) * grad(z[t])
        np.multiply(nz_arg_factor_at[t - 1], dh_at[t], out=dnzrn_parts_at2[t - 1])
        # grad(n.sum[t]) = r[t] * grad(n.arg[t])
        np.multiply(r_at[t - 1], dn_arg_at[t - 1], out=dn_sum_at[t - 1])
        # grad(r.arg[t]) = r[t] * (1 - r[t]) * grad(r[t])
        np.multiply(r_arg_factor_at[t - 1], dn_arg_at[t - 1], out=dr_arg_at[t - 1])
    # grad(h[t]) = U_r.T @ grad(r.arg[t+1]) + U_z.T @ grad(z.arg[t+1]) + U_n.T @ grad(n.sum[t+1]) + z[t+1]
    #     * grad(h[t+1]) + V.T @ grad(s[t]), t < T
    np.multiply(dh[1], z[0], out=dh[0])
    np.matmul(dnzrn_parts[1:, 0], U_zrn, out=product)
    np.add.reduce(product, axis=0, out=tmp2)
    dh[0] += tmp2
    # grad(b_n) = sum(grad(n.arg[t]), t)
    # grad(b_z) = sum(grad(z.arg[t]), t)
    # grad(b_r) = sum(grad(r.arg[t]), t)
    # grad(c_n) = sum(grad(n.sum[t]), t)
    np.add.reduce(dnzrn_parts, axis=(1, 2), out=db_n_b_z_b_r_c_n)
    # grad(W_n) = sum(outer(grad(n.arg[t]), x[t]), t)
    # grad(W_z) = sum(outer(grad(z.arg[t]), x[t]), t)
    # grad(W_r) = sum(outer(grad(r.arg[t]), x[t]), t)
    np.matmul(dnzrn_parts[:3].reshape(3, -1, n_h).transpose(0, 2, 1), x.reshape(-1, n_x), out=dW_nzr)
    # grad(U_z) = sum(outer(grad(z.arg[t]), h[t-1]), t)
    # grad(U_r) = sum(outer(grad(r.arg[t]), h[t-1]), t)
    # grad(U_n) = sum(outer(grad(n.sum[t]), h[t-1]), t)
    np.matmul(dnzrn_parts[1:].reshape(3, -1, n_h).transpose(0, 2, 1), h[:T].reshape(-1, n_h), out=dU_zrn)
    # grad(h.0) = grad(h[0])
    dh0[...] = dh[0]
    if "x" in wrt:
        dx = np.empty((T, B, n_x), dtype)
        product3 = np.empty((3, T * B, n_x), dtype)
        # grad(x[t]) = W_r.T @ grad(r.arg[t]) + W_z.T @ grad(z.arg[t]) + W_n.T @ grad(n.arg[t])
        np.matmul(dnzrn_parts[:3].reshape(3, -1, n_h), W_nzr, out=product3)
        np.add.reduce(product3, axis=0, out=dx.reshape(-1, n_x))
    db_n = db_n_b_z_b_r_c_n[0]
    db_z = db_n_b_z_b_r_c_n[1]
    db_r = db_n_b_z_b_r_c_n[2]
    dc_n = db_n_b_z_b_r_c_n[3]
    dW_n = dW_nzr[0]
    dW_z = dW_nzr[1]
    dW_r = dW_nzr[2]
    dU_z = dU_zrn[0]
    dU_r = dU_zrn[1]
    dU_n = dU_zrn[2]

    return loss, (dW_r, dW_z, dW_n, dU_r, dU_z, dU_n, db_r, db_z, db_n, dc_n, dV, dd), dh0, dx if "x" in wrt else None


def _advance(params, x, h0, T, n_x, n_h, B, dtype, workspace):
    """The state after a segment."""
    W_r, W_z, W_n, U_r, U_z, U_n, b_r, b_z, b_n, c_n, V, d = params

    (
        tmp0, tmp1, tmp2, b_n_b_z_b_r_c_n, U_zrn, W_nzr, nzrn_parts, h, zr, n, U_zrn_T, h_at, nzrn_parts_at,
        nzrn_parts_at2, half, n_sum_at, n_arg_at, one,
    ) = _as_workspace(workspace).arrays(_advance_arrays, T, n_x, n_h, B, dtype)
    np.stack((b_n, b_z, b_r, c_n), out=b_n_b_z_b_r_c_n)
    np.stack((U_z, U_r, U_n), out=U_zrn)
    np.stack((W_n, W_z, W_r), out=W_nzr)
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    # n.sum[t] = U_n @ h[t-1] + c_n
    nzrn_parts[...] = b_n_b_z_b_r_c_n[:, None, None]
    # h[0] = 0
    h[0] = h0
    # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
    # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
    # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
    np.matmul(x.reshape(-1, n_x), W_nzr.transpose(0, 2, 1), out=tmp0.reshape(3, -1, n_h))
    nzrn_parts[:3] += tmp0
    U_zrn_T[...] = U_zrn.transpose(0, 2, 1)
    for t in range(1, T + 1):
        # z.arg[t] = b_z + W_z @ x[t] + U_z @ h[t-1]
        # r.arg[t] = b_r + W_r @ x[t] + U_r @ h[t-1]
        # n.sum[t] = U_n @ h[t-1] + c_n
        np.matmul(h_at[t - 1], U_zrn_T, out=tmp1)
        nzrn_parts_at[t - 1] += tmp1
        # z[t] = sigmoid(z.arg[t])
        # r[t] = sigmoid(r.arg[t])
        _sigmoid(nzrn_parts_at2[t - 1], out=zr, half=half)
        # n.arg[t] = b_n + W_n @ x[t] + r[t] * n.sum[t]
        np.multiply(zr[1], n_sum_at[t - 1], out=tmp2)
        n_arg_at[t - 1] += tmp2
        # n[t] = tanh(b_n + W_n @ x[t] + r[t] * (U_n @ h[t-1] + c_n))
        np.tanh(n_arg_at[t - 1], out=n)
        # h[t] = z[t] * h[t-1] + (1 - z[t]) * n[t]
        np.subtract(one, zr[0], out=h_at[t])
        h_at[t] *= n
        np.multiply(h_at[t - 1], zr[0], out=tmp2)
        h_at[t] += tmp2

    return (h[-1],)


def _loss_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((3, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((T, B), dtype)
    b_n_b_z_b_r_c_n = np.empty((4, n_h), dtype)
    U_zrn = np.empty((3, n_h, n_h), dtype)
    W_nzr = np.empty((3, n_h, n_x), dtype)
    nzrn_parts = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    zr = np.empty((2, B, n_h), dtype)
    n = np.empty((B, n_h), dtype)
    U_zrn_T = np.empty((3, n_h, n_h), dtype)
    h_at = list(h)
    nzrn_parts_at = list(nzrn_parts[1:].swapaxes(0, 1))
    nzrn_parts_at2 = list(nzrn_parts[1:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    n_sum_at = list(nzrn_parts[3])
    n_arg_at = list(nzrn_parts[0])
    one = np.array(1, dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, b_n_b_z_b_r_c_n, U_zrn, W_nzr, nzrn_parts, h, zr, n, U_zrn_T, h_at, nzrn_parts_at,
        nzrn_parts_at2, half, n_sum_at, n_arg_at, one, s, yhat_lse, largest, rows, flat,
    )


def _loss_and_grad_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((3, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((T, B), dtype)
    b_n_b_z_b_r_c_n = np.empty((4, n_h), dtype)
    U_zrn = np.empty((3, n_h, n_h), dtype)
    W_nzr = np.empty((3, n_h, n_x), dtype)
    nzrn_parts = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    zr = nzrn_parts[1:3]
    n = nzrn_parts[0]
    U_zrn_T = np.empty((3, n_h, n_h), dtype)
    h_at = list(h)
    nzrn_parts_at = list(nzrn_parts[1:].swapaxes(0, 1))
    zr_at = list(zr.swapaxes(0, 1))
    nzrn_parts_at2 = list(nzrn_parts[1:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    n_sum_at = list(nzrn_parts[3])
    r_at = list(zr[1])
    n_arg_at = list(nzrn_parts[0])
    n_at = list(n)
    one = np.array(1, dtype)
    z_at = list(zr[0])
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp5 = np.empty((T, B, n_h), dtype)
    ds = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dnzrn_parts = _by_step((4, T, B, n_h), dtype)
    r_arg_factor = dnzrn_parts[2]
    dh = np.empty((T + 1, B, n_h), dtype)
    nz_arg_factor = dnzrn_parts[0:2]
    dh_at = list(dh)
    dnzrn_parts_at = list(dnzrn_parts[1:].swapaxes(0, 1))
    product = np.empty((3, B, n_h), dtype)
    dnzrn_parts_at2 = list(dnzrn_parts[:2].swapaxes(0, 1))
    nz_arg_factor_at = list(nz_arg_factor.swapaxes(0, 1))
    dn_sum_at = list(dnzrn_parts[3])
    dn_arg_at = list(dnzrn_parts[0])
    dr_arg_at = list(dnzrn_parts[2])
    r_arg_factor_at = list(r_arg_factor)
    db_n_b_z_b_r_c_n = np.empty((4, n_h), dtype)
    dW_nzr = np.empty((3, n_h, n_x), dtype)
    dU_zrn = U_zrn_T
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, b_n_b_z_b_r_c_n, U_zrn, W_nzr, nzrn_parts, h, zr, n, U_zrn_T, h_at, nzrn_parts_at,
        zr_at, nzrn_parts_at2, half, n_sum_at, r_at, n_arg_at, n_at, one, z_at, s, yhat_lse, largest, yhat, rows, flat,
        tmp5, ds, entries, dd, dV, dnzrn_parts, r_arg_factor, dh, nz_arg_factor, dh_at, dnzrn_parts_at, product,
        dnzrn_parts_at2, nz_arg_factor_at, dn_sum_at, dn_arg_at, dr_arg_at, r_arg_factor_at, db_n_b_z_b_r_c_n, dW_nzr,
        dU_zrn,
    )


def _loss_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((3, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    tmp7 = np.empty((B, T), dtype)
    b_n_b_z_b_r_c_n = np.empty((4, n_h), dtype)
    U_zrn = np.empty((3, n_h, n_h), dtype)
    W_nzr = np.empty((3, n_h, n_x), dtype)
    nzrn_parts = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    zr = np.empty((2, B, n_h), dtype)
    n = np.empty((B, n_h), dtype)
    U_zrn_T = np.empty((3, n_h, n_h), dtype)
    h_at = list(h)
    nzrn_parts_at = list(nzrn_parts[1:].swapaxes(0, 1))
    nzrn_parts_at2 = list(nzrn_parts[1:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    n_sum_at = list(nzrn_parts[3])
    n_arg_at = list(nzrn_parts[0])
    one = np.array(1, dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, b_n_b_z_b_r_c_n, U_zrn, W_nzr, nzrn_parts, h, zr, n, U_zrn_T,
        h_at, nzrn_parts_at, nzrn_parts_at2, half, n_sum_at, n_arg_at, one, s, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((3, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((T, B, n_y), dtype)
    tmp5 = np.empty((B, T), dtype)
    tmp6 = np.empty((B, T), dtype)
    tmp7 = np.empty((B, T), dtype)
    b_n_b_z_b_r_c_n = np.empty((4, n_h), dtype)
    U_zrn = np.empty((3, n_h, n_h), dtype)
    W_nzr = np.empty((3, n_h, n_x), dtype)
    nzrn_parts = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    zr = nzrn_parts[1:3]
    n = nzrn_parts[0]
    U_zrn_T = np.empty((3, n_h, n_h), dtype)
    h_at = list(h)
    nzrn_parts_at = list(nzrn_parts[1:].swapaxes(0, 1))
    zr_at = list(zr.swapaxes(0, 1))
    nzrn_parts_at2 = list(nzrn_parts[1:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    n_sum_at = list(nzrn_parts[3])
    r_at = list(zr[1])
    n_arg_at = list(nzrn_parts[0])
    n_at = list(n)
    z_at = list(zr[0])
    one = np.array(1, dtype)
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp8 = yhat_lse
    tmp9 = np.empty((T, B, n_h), dtype)
    ds = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dnzrn_parts = _by_step((4, T, B, n_h), dtype)
    r_arg_factor = dnzrn_parts[2]
    dh = np.empty((T + 1, B, n_h), dtype)
    nz_arg_factor = dnzrn_parts[0:2]
    dh_at = list(dh)
    dnzrn_parts_at = list(dnzrn_parts[1:].swapaxes(0, 1))
    product = np.empty((3, B, n_h), dtype)
    dnzrn_parts_at2 = list(dnzrn_parts[:2].swapaxes(0, 1))
    nz_arg_factor_at = list(nz_arg_factor.swapaxes(0, 1))
    dn_sum_at = list(dnzrn_parts[3])
    dn_arg_at = list(dnzrn_parts[0])
    dr_arg_at = list(dnzrn_parts[2])
    r_arg_factor_at = list(r_arg_factor)
    db_n_b_z_b_r_c_n = np.empty((4, n_h), dtype)
    dW_nzr = np.empty((3, n_h, n_x), dtype)
    dU_zrn = U_zrn_T
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, b_n_b_z_b_r_c_n, U_zrn, W_nzr, nzrn_parts, h, zr, n, U_zrn_T,
        h_at, nzrn_parts_at, zr_at, nzrn_parts_at2, half, n_sum_at, r_at, n_arg_at, n_at, z_at, one, s, yhat_lse,
        largest, yhat, tmp8, tmp9, ds, rows, flat, entries, dd, dV, dnzrn_parts, r_arg_factor, dh, nz_arg_factor, dh_at,
        dnzrn_parts_at, product, dnzrn_parts_at2, nz_arg_factor_at, dn_sum_at, dn_arg_at, dr_arg_at, r_arg_factor_at,
        db_n_b_z_b_r_c_n, dW_nzr, dU_zrn,
    )


def _loss_and_grad_checkpointed_arrays(count, n_x, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_checkpointed` writes, and lists of their steps."""
    h0_kept = np.empty((count, B, n_h), dtype)
    h_left1 = np.empty((B, n_h), dtype)
    dW_r = np.empty((n_h, n_x), dtype)
    dW_z = np.empty((n_h, n_x), dtype)
    dW_n = np.empty((n_h, n_x), dtype)
    dU_r = np.empty((n_h, n_h), dtype)
    dU_z = np.empty((n_h, n_h), dtype)
    dU_n = np.empty((n_h, n_h), dtype)
    db_r = np.empty((n_h,), dtype)
    db_z = np.empty((n_h,), dtype)
    db_n = np.empty((n_h,), dtype)
    dc_n = np.empty((n_h,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dd = np.empty((n_y,), dtype)
    return h0_kept, h_left1, dW_r, dW_z, dW_n, dU_r, dU_z, dU_n, db_r, db_z, db_n, dc_n, dV, dd


def _segment_arrays(T, n_x, n_y, n_h, B, dtype):
    """The arrays that `_segment` writes, and lists of their steps."""
    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((3, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T, B, n_y), dtype)
    tmp4 = np.empty((T, B), dtype)
    b_n_b_z_b_r_c_n = np.empty((4, n_h), dtype)
    U_zrn = np.empty((3, n_h, n_h), dtype)
    W_nzr = np.empty((3, n_h, n_x), dtype)
    nzrn_parts = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    zr = nzrn_parts[1:3]
    n = nzrn_parts[0]
    U_zrn_T = np.empty((3, n_h, n_h), dtype)
    h_at = list(h)
    nzrn_parts_at = list(nzrn_parts[1:].swapaxes(0, 1))
    zr_at = list(zr.swapaxes(0, 1))
    nzrn_parts_at2 = list(nzrn_parts[1:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    n_sum_at = list(nzrn_parts[3])
    r_at = list(zr[1])
    n_arg_at = list(nzrn_parts[0])
    n_at = list(n)
    one = np.array(1, dtype)
    z_at = list(zr[0])
    s = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp5 = np.empty((T, B, n_h), dtype)
    ds = s
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    dnzrn_parts = _by_step((4, T, B, n_h), dtype)
    r_arg_factor = dnzrn_parts[2]
    dh = np.empty((T + 1, B, n_h), dtype)
    nz_arg_factor = dnzrn_parts[0:2]
    dh_at = list(dh)
    dnzrn_parts_at = list(dnzrn_parts[1:].swapaxes(0, 1))
    product = np.empty((3, B, n_h), dtype)
    dnzrn_parts_at2 = list(dnzrn_parts[:2].swapaxes(0, 1))
    nz_arg_factor_at = list(nz_arg_factor.swapaxes(0, 1))
    dn_sum_at = list(dnzrn_parts[3])
    dn_arg_at = list(dnzrn_parts[0])
    dr_arg_at = list(dnzrn_parts[2])
    r_arg_factor_at = list(r_arg_factor)
    db_n_b_z_b_r_c_n = np.empty((4, n_h), dtype)
    dW_nzr = np.empty((3, n_h, n_x), dtype)
    dU_zrn = U_zrn_T
    dh0 = tmp2
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, b_n_b_z_b_r_c_n, U_zrn, W_nzr, nzrn_parts, h, zr, n, U_zrn_T, h_at, nzrn_parts_at,
        zr_at, nzrn_parts_at2, half, n_sum_at, r_at, n_arg_at, n_at, one, z_at, s, yhat_lse, largest, rows, flat, tmp5,
        ds, entries, dd, dV, dnzrn_parts, r_arg_factor, dh, nz_arg_factor, dh_at, dnzrn_parts_at, product,
        dnzrn_parts_at2, nz_arg_factor_at, dn_sum_at, dn_arg_at, dr_arg_at, r_arg_factor_at, db_n_b_z_b_r_c_n, dW_nzr,
        dU_zrn, dh0,
    )


def _advance_arrays(T, n_x, n_h, B, dtype):
    """The arrays that `_advance` writes, and lists of their steps."""
    tmp0 = np.empty((3, T, B, n_h), dtype)
    tmp1 = np.empty((3, B, n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    b_n_b_z_b_r_c_n = np.empty((4, n_h), dtype)
    U_zrn = np.empty((3, n_h, n_h), dtype)
    W_nzr = np.empty((3, n_h, n_x), dtype)
    nzrn_parts = _by_step((4, T, B, n_h), dtype)
    h = np.empty((T + 1, B, n_h), dtype)
    zr = np.empty((2, B, n_h), dtype)
    n = np.empty((B, n_h), dtype)
    U_zrn_T = np.empty((3, n_h, n_h), dtype)
    h_at = list(h)
    nzrn_parts_at = list(nzrn_parts[1:].swapaxes(0, 1))
    nzrn_parts_at2 = list(nzrn_parts[1:3].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    n_sum_at = list(nzrn_parts[3])
    n_arg_at = list(nzrn_parts[0])
    one = np.array(1, dtype)
    return (
        tmp0, tmp1, tmp2, b_n_b_z_b_r_c_n, U_zrn, W_nzr, nzrn_parts, h, zr, n, U_zrn_T, h_at, nzrn_parts_at,
        nzrn_parts_at2, half, n_sum_at, n_arg_at, one,
    )


def _arguments(params, x, y, h0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_r")
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
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_r")
        if single:
            h0 = h0[None]
    return params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B


def _backward_arguments(params, forward, x, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    r = _real("forward.r", forward.r, dtype)
    z = _real("forward.z", forward.z, dtype)
    n = _real("forward.n", forward.n, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_r")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.r", r, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_r")
    _expect("forward.z", z, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_r")
    _expect("forward.n", n, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_r")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_r")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        x = x[:, None]
        y = y[:, None]
        r = r[:, None]
        z = z[:, None]
        n = n[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    return params, x, y, r, z, n, h, yhat, dtype, single, n_h, n_x, n_y, T, B


def _initial_arguments(params, h0, batch):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    single = batch is None
    B = 1 if single else _size("batch", batch)
    batch_axis = () if single else (B,)
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from batch, n_h from W_r")
        if single:
            h0 = h0[None]
    return params, h0, dtype, single, n_h, n_x, n_y, B


def _step_arguments(params, state, x):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    state = _as_state(state)
    x = _real("x", x, dtype)
    h_prev = _real("state.h", state.h, dtype)
    single = x.ndim == 1
    _rank("x", x, ("B", "n_x"), single)
    B = 1 if single else x.shape[0]
    batch_axis = () if single else (B,)
    _expect("x", x, (*batch_axis, n_x), ("B", "n_x"), "n_x from W_r")
    _expect("state.h", h_prev, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_r")
    if single:
        x = x[None]
        h_prev = h_prev[None]
    return params, x, h_prev, dtype, single, n_h, n_x, n_y, B


def _padded_arguments(params, x, y, h0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    x = _real("x", x, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_r")
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
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from x, n_h from W_r")
        if single:
            h0 = h0[None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    if y is not None:
        y = _hold(y, 0, 1, len_T)
        _classes("y", y, n_y, "n_y - 1")
    return params, x, y, h0, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _padded_backward_arguments(params, forward, x, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_h, n_x, n_y = _parameters(params)
    forward = _as_forward(forward)
    x = _real("x", x, dtype)
    y = _integers("y", y)
    r = _real("forward.r", forward.r, dtype)
    z = _real("forward.z", forward.z, dtype)
    n = _real("forward.n", forward.n, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = x.ndim == 2
    _rank("x", x, ("T", "B", "n_x"), single)
    B = 1 if single else x.shape[1]
    batch_axis = () if single else (B,)
    T = x.shape[0]
    _expect("x", x, (T, *batch_axis, n_x), ("T", "B", "n_x"), "n_x from W_r")
    _expect("y", y, (T, *batch_axis), ("T", "B"), "T and B from x")
    _expect("forward.r", r, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_r")
    _expect("forward.z", z, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_r")
    _expect("forward.n", n, (T, *batch_axis, n_h), ("T", "B", "n_h"), "T and B from x, n_h from W_r")
    _expect("forward.h", h, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T and B from x, n_h from W_r")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T and B from x, n_y from V")
    if single:
        x = x[:, None]
        y = y[:, None]
        r = r[:, None]
        z = z[:, None]
        n = n[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    len_T = _lengths(lengths, "T", ("T",), T, B, single, 1)
    T_own = len_T.astype(dtype)
    x = _hold(x, 0, 1, len_T)
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return params, x, y, r, z, n, h, yhat, dtype, single, n_h, n_x, n_y, T, B, len_T, T_own


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    W_r, W_z, W_n, U_r, U_z, U_n, b_r, b_z, b_n, c_n, V, d = params
    _rank("W_r", W_r, ("n_h", "n_x"))
    n_h, n_x = W_r.shape
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("W_z", W_z, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from W_r")
    _expect("W_n", W_n, (n_h, n_x), ("n_h", "n_x"), "n_h and n_x from W_r")
    _expect("U_r", U_r, (n_h, n_h), ("n_h", "n_h"), "n_h from W_r")
    _expect("U_z", U_z, (n_h, n_h), ("n_h", "n_h"), "n_h from W_r")
    _expect("U_n", U_n, (n_h, n_h), ("n_h", "n_h"), "n_h from W_r")
    _expect("b_r", b_r, (n_h,), ("n_h",), "n_h from W_r")
    _expect("b_z", b_z, (n_h,), ("n_h",), "n_h from W_r")
    _expect("b_n", b_n, (n_h,), ("n_h",), "n_h from W_r")
    _expect("c_n", c_n, (n_h,), ("n_h",), "n_h from W_r")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from W_r")
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
