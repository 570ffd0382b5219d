# Written by derive from tree_lstm.eq; do not edit.
# Change tree_lstm.eq instead, and run: derive generate tree_lstm
# source 7fa25a9333b0d998, derive 07e8f9d843407be1, body ce6159523ad7883d
"""Binary tree-LSTM: a cell with a forget gate for each of two children, and a label at every node.

Tai, Socher & Manning (2015), Improved Semantic Representations From Tree-Structured Long Short-Term Memory Networks,
section 3.2, eqs. 9-14 with N = 2. Nodes are numbered children first.

The equations::

    w: Index[K, n_w]                            # the word of a leaf, and one word for all inner nodes
    left: Index[K, K]                           # left child, 0 for none
    right: Index[K, K]                          # right child, 0 for none
    y: Label[K, n_y]                            # the class of each node
    E: Param[n_w, n_x]                          # word embedding
    W_i, W_f, W_o, W_u = Param[n_h, n_x]        # word to gates and candidate
    L_i, L_o, L_u = Param[n_h, n_h]             # left child to input gate, output gate and candidate
    R_i, R_o, R_u = Param[n_h, n_h]             # right child to input gate, output gate and candidate
    U_ll, U_lr = Param[n_h, n_h]                # both children to the forget gate of the left one
    U_rl, U_rr = Param[n_h, n_h]                # both children to the forget gate of the right one
    b_i, b_f, b_o, b_u = Param[n_h]             # biases
    V: Param[n_y, n_h]                          # hidden to output
    d: Param[n_y]                               # output bias

    h[0] = 0
    c[0] = 0
    x[k] = E[w[k]]
    l[k] = h[left[k]]                                                       # the children's hidden states
    r[k] = h[right[k]]
    i[k] = sigmoid(W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i)              # input gate (eq. 9)
    f[k] = sigmoid(W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f)            # forget gates (eq. 10): left child
    g[k] = sigmoid(W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f)            # and right child
    o[k] = sigmoid(W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o)              # output gate (eq. 11)
    u[k] = tanh(W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u)                 # candidate (eq. 12)
    c[k] = i[k] * u[k] + f[k] * c[left[k]] + g[k] * c[right[k]]             # cell (eq. 13)
    h[k] = o[k] * tanh(c[k])                                                # hidden state (eq. 14)
    s[k] = d + V @ h[k]                                                     # logits
    yhat[k] = softmax(s[k])
    loss = sum(-log(yhat[k, y[k]]), k)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    E: np.ndarray  # (n_w, n_x)  word embedding
    W_i: np.ndarray  # (n_h, n_x)  word to gates and candidate
    W_f: np.ndarray  # (n_h, n_x)  word to gates and candidate
    W_o: np.ndarray  # (n_h, n_x)  word to gates and candidate
    W_u: np.ndarray  # (n_h, n_x)  word to gates and candidate
    L_i: np.ndarray  # (n_h, n_h)  left child to input gate, output gate and candidate
    L_o: np.ndarray  # (n_h, n_h)  left child to input gate, output gate and candidate
    L_u: np.ndarray  # (n_h, n_h)  left child to input gate, output gate and candidate
    R_i: np.ndarray  # (n_h, n_h)  right child to input gate, output gate and candidate
    R_o: np.ndarray  # (n_h, n_h)  right child to input gate, output gate and candidate
    R_u: np.ndarray  # (n_h, n_h)  right child to input gate, output gate and candidate
    U_ll: np.ndarray  # (n_h, n_h)  both children to the forget gate of the left one
    U_lr: np.ndarray  # (n_h, n_h)  both children to the forget gate of the left one
    U_rl: np.ndarray  # (n_h, n_h)  both children to the forget gate of the right one
    U_rr: np.ndarray  # (n_h, n_h)  both children to the forget gate of the right one
    b_i: np.ndarray  # (n_h)  biases
    b_f: np.ndarray  # (n_h)  biases
    b_o: np.ndarray  # (n_h)  biases
    b_u: np.ndarray  # (n_h)  biases
    V: np.ndarray  # (n_y, n_h)  hidden to output
    d: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    x: np.ndarray  # (K, B, n_x)
    l: np.ndarray  # (K, B, n_h)  the children's hidden states
    r: np.ndarray  # (K, B, n_h)
    i: np.ndarray  # (K, B, n_h)  input gate (eq. 9)
    f: np.ndarray  # (K, B, n_h)  forget gates (eq. 10): left child
    g: np.ndarray  # (K, B, n_h)  and right child
    o: np.ndarray  # (K, B, n_h)  output gate (eq. 11)
    u: np.ndarray  # (K, B, n_h)  candidate (eq. 12)
    c: np.ndarray  # (K + 1, B, n_h)  cell (eq. 13)
    h: np.ndarray  # (K + 1, B, n_h)  hidden state (eq. 14)
    s: np.ndarray  # (K, B, n_y)  logits
    yhat: np.ndarray  # (K, B, n_y)
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


def init_params(
    rng: np.random.Generator, *, n_w: int, n_x: int, n_h: int, n_y: int, dtype: type = np.float64
) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_w = _size("n_w", n_w)
    n_x = _size("n_x", n_x)
    n_h = _size("n_h", n_h)
    n_y = _size("n_y", n_y)
    return Params(
        E=(rng.standard_normal((n_w, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_i=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_f=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_o=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        W_u=(rng.standard_normal((n_h, n_x)) / np.sqrt(n_x)).astype(dtype),
        L_i=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        L_o=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        L_u=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        R_i=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        R_o=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        R_u=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_ll=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_lr=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_rl=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_rr=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b_i=np.zeros((n_h,), dtype),
        b_f=np.zeros((n_h,), dtype),
        b_o=np.zeros((n_h,), dtype),
        b_u=np.zeros((n_h,), dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        d=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    w: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    y: np.ndarray | None = None,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
) -> Forward:
    """Every variable of the model.

    w        (K, B)    0..n_w - 1        the word of a leaf, and one word for all inner nodes
    left     (K, B)    0..k-1 at node k  left child, 0 for none
    right    (K, B)    0..k-1 at node k  right child, 0 for none
    y        (K, B)    0..n_y - 1        the class of each node
    h0       (B, n_h)  real              h[0]; 0 where not given
    c0       (B, n_h)  real              c[0]; 0 where not given
    lengths  (B,)      1..K              each example's own number of steps, what is given beyond is not read; all where
                                         not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, w, left, right, y, h0, c0, lengths)
    (
        params, w, left, right, y, h0, c0, dtype, single, n_w, n_x, n_h, n_y, K, B,
    ) = _arguments(params, w, left, right, y, h0, c0)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params

    tmp0 = np.empty((5, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((K, B, n_y), dtype)
    L_o_L_i_U_ll_U_rl_L_u = np.stack((L_o, L_i, U_ll, U_rl, L_u))
    R_o_R_i_U_lr_U_rr_R_u = np.stack((R_o, R_i, U_lr, U_rr, R_u))
    x = np.empty((K, B, n_x), dtype)
    # x[k] = E[w[k]]
    np.take(E, w, axis=0, out=x, mode="clip")
    h = np.empty((K + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((K + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    oifgu_arg = np.empty((5, K, B, n_h), dtype)
    # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
    np.matmul(x.reshape(-1, n_x), W_i.T, out=oifgu_arg[1].reshape(-1, n_h))
    oifgu_arg[1] += b_i
    # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
    np.matmul(x.reshape(-1, n_x), W_f.T, out=oifgu_arg[2].reshape(-1, n_h))
    oifgu_arg[2] += b_f
    # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
    np.matmul(x.reshape(-1, n_x), W_f.T, out=oifgu_arg[3].reshape(-1, n_h))
    oifgu_arg[3] += b_f
    # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
    np.matmul(x.reshape(-1, n_x), W_o.T, out=oifgu_arg[0].reshape(-1, n_h))
    oifgu_arg[0] += b_o
    # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
    np.matmul(x.reshape(-1, n_x), W_u.T, out=oifgu_arg[4].reshape(-1, n_h))
    oifgu_arg[4] += b_u
    l = np.empty((K, B, n_h), dtype)
    r = np.empty((K, B, n_h), dtype)
    oifg = np.empty((4, K, B, n_h), dtype)
    u = np.empty((K, B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    L_o_L_i_U_ll_U_rl_L_u_T = np.empty((5, n_h, n_h), dtype)
    L_o_L_i_U_ll_U_rl_L_u_T[...] = L_o_L_i_U_ll_U_rl_L_u.transpose(0, 2, 1)
    R_o_R_i_U_lr_U_rr_R_u_T = np.empty((5, n_h, n_h), dtype)
    R_o_R_i_U_lr_U_rr_R_u_T[...] = R_o_R_i_U_lr_U_rr_R_u.transpose(0, 2, 1)
    l_at = list(l)
    oifgu_arg_at = list(oifgu_arg.swapaxes(0, 1))
    r_at = list(r)
    oifg_at = list(oifg.swapaxes(0, 1))
    oifgu_arg_at2 = list(oifgu_arg[:4].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    u_at = list(u)
    u_arg_at = list(oifgu_arg[4])
    f_at = list(oifg[2])
    c_at = list(c)
    g_at = list(oifg[3])
    i_at = list(oifg[1])
    h_at = list(h)
    o_at = list(oifg[0])
    for k in range(1, K + 1):
        # l[k] = h[left[k]]
        l[k - 1] = h[left[k - 1], np.arange(B)]
        # r[k] = h[right[k]]
        r[k - 1] = h[right[k - 1], np.arange(B)]
        # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
        # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
        # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
        # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
        # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
        np.matmul(l_at[k - 1], L_o_L_i_U_ll_U_rl_L_u_T, out=tmp0)
        oifgu_arg_at[k - 1] += tmp0
        np.matmul(r_at[k - 1], R_o_R_i_U_lr_U_rr_R_u_T, out=tmp0)
        oifgu_arg_at[k - 1] += tmp0
        # o[k] = sigmoid(o.arg[k])
        # i[k] = sigmoid(i.arg[k])
        # f[k] = sigmoid(f.arg[k])
        # g[k] = sigmoid(g.arg[k])
        _sigmoid(oifgu_arg_at2[k - 1], out=oifg_at[k - 1], half=half)
        # u[k] = tanh(W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u)
        np.tanh(u_arg_at[k - 1], out=u_at[k - 1])
        # c[k] = i[k] * u[k] + f[k] * c[left[k]] + g[k] * c[right[k]]
        tmp1[...] = c[left[k - 1], np.arange(B)]
        tmp1 *= f_at[k - 1]
        c_at[k][...] = tmp1
        tmp1[...] = c[right[k - 1], np.arange(B)]
        tmp1 *= g_at[k - 1]
        c_at[k] += tmp1
        np.multiply(u_at[k - 1], i_at[k - 1], out=tmp1)
        c_at[k] += tmp1
        # h.tanh[k] = tanh(c[k])
        np.tanh(c_at[k], out=h_tanh)
        # h[k] = o[k] * tanh(c[k])
        np.multiply(h_tanh, o_at[k - 1], out=h_at[k])
    s = np.empty((K, B, n_y), dtype)
    # s[k] = d + V @ h[k]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    yhat_lse = np.empty((K, B), dtype)
    largest = np.empty((K, B, 1), dtype)
    # yhat[k] = softmax(s[k])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((K, B, n_y), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((K, B), dtype)
        rows = np.arange(K * B).reshape(K, B)
        flat = np.empty((K, B), np.intp)
        # loss = sum(-log(yhat[k, y[k]]), k)
        _look_up(s, y, rows, flat, out=tmp_3_0)
        np.subtract(yhat_lse, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
    else:
        loss = None
    o = oifg[0]
    i = oifg[1]
    f = oifg[2]
    g = oifg[3]

    if single:
        x = x[:, 0]
        l = l[:, 0]
        r = r[:, 0]
        i = i[:, 0]
        f = f[:, 0]
        g = g[:, 0]
        o = o[:, 0]
        u = u[:, 0]
        c = c[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(
        x=x, l=l, r=r, i=i, f=f, g=g, o=o, u=u, c=c, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss)
    )


def loss(
    params: Params,
    *,
    w: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
) -> float:
    """The loss, summed over the batch.

    w          (K, B)    0..n_w - 1        the word of a leaf, and one word for all inner nodes
    left       (K, B)    0..k-1 at node k  left child, 0 for none
    right      (K, B)    0..k-1 at node k  right child, 0 for none
    y          (K, B)    0..n_y - 1        the class of each node
    h0         (B, n_h)  real              h[0]; 0 where not given
    c0         (B, n_h)  real              c[0]; 0 where not given
    workspace            Workspace         its arrays are used, and hold the results until its next call
    lengths    (B,)      1..K              each example's own number of steps, what is given beyond is not read; all
                                           where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, w, left, right, y, h0, c0, lengths, workspace)
    (
        params, w, left, right, y, h0, c0, dtype, single, n_w, n_x, n_h, n_y, K, B,
    ) = _arguments(params, w, left, right, y, h0, c0, whole=True)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, L_o_L_i_U_ll_U_rl_L_u, R_o_R_i_U_lr_U_rr_R_u, x, h, c, oifgu_arg, l, r, oifg, u, h_tanh,
        L_o_L_i_U_ll_U_rl_L_u_T, R_o_R_i_U_lr_U_rr_R_u_T, oifgu_arg_at, oifgu_arg_at2, half, u_arg_at, c_at, h_at, s,
        yhat_lse, largest, rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, K, n_y, n_x, n_h, B, dtype)
    np.stack((L_o, L_i, U_ll, U_rl, L_u), out=L_o_L_i_U_ll_U_rl_L_u)
    np.stack((R_o, R_i, U_lr, U_rr, R_u), out=R_o_R_i_U_lr_U_rr_R_u)
    # x[k] = E[w[k]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
    np.matmul(x.reshape(-1, n_x), W_i.T, out=oifgu_arg[1].reshape(-1, n_h))
    oifgu_arg[1] += b_i
    # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
    np.matmul(x.reshape(-1, n_x), W_f.T, out=oifgu_arg[2].reshape(-1, n_h))
    oifgu_arg[2] += b_f
    # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
    np.matmul(x.reshape(-1, n_x), W_f.T, out=oifgu_arg[3].reshape(-1, n_h))
    oifgu_arg[3] += b_f
    # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
    np.matmul(x.reshape(-1, n_x), W_o.T, out=oifgu_arg[0].reshape(-1, n_h))
    oifgu_arg[0] += b_o
    # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
    np.matmul(x.reshape(-1, n_x), W_u.T, out=oifgu_arg[4].reshape(-1, n_h))
    oifgu_arg[4] += b_u
    L_o_L_i_U_ll_U_rl_L_u_T[...] = L_o_L_i_U_ll_U_rl_L_u.transpose(0, 2, 1)
    R_o_R_i_U_lr_U_rr_R_u_T[...] = R_o_R_i_U_lr_U_rr_R_u.transpose(0, 2, 1)
    for k in range(1, K + 1):
        # l[k] = h[left[k]]
        l[...] = h[left[k - 1], np.arange(B)]
        # r[k] = h[right[k]]
        r[...] = h[right[k - 1], np.arange(B)]
        # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
        # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
        # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
        # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
        # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
        np.matmul(l, L_o_L_i_U_ll_U_rl_L_u_T, out=tmp0)
        oifgu_arg_at[k - 1] += tmp0
        np.matmul(r, R_o_R_i_U_lr_U_rr_R_u_T, out=tmp0)
        oifgu_arg_at[k - 1] += tmp0
        # o[k] = sigmoid(o.arg[k])
        # i[k] = sigmoid(i.arg[k])
        # f[k] = sigmoid(f.arg[k])
        # g[k] = sigmoid(g.arg[k])
        _sigmoid(oifgu_arg_at2[k - 1], out=oifg, half=half)
        # u[k] = tanh(W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u)
        np.tanh(u_arg_at[k - 1], out=u)
        # c[k] = i[k] * u[k] + f[k] * c[left[k]] + g[k] * c[right[k]]
        tmp1[...] = c[left[k - 1], np.arange(B)]
        tmp1 *= oifg[2]
        c_at[k][...] = tmp1
        tmp1[...] = c[right[k - 1], np.arange(B)]
        tmp1 *= oifg[3]
        c_at[k] += tmp1
        np.multiply(u, oifg[1], out=tmp1)
        c_at[k] += tmp1
        # h.tanh[k] = tanh(c[k])
        np.tanh(c_at[k], out=h_tanh)
        # h[k] = o[k] * tanh(c[k])
        np.multiply(h_tanh, oifg[0], out=h_at[k])
    # s[k] = d + V @ h[k]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[k] = softmax(s[k])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[k, y[k]]), k)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()

    return float(loss)


def loss_and_grad(
    params: Params,
    *,
    w: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    y: np.ndarray,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w          (K, B)    0..n_w - 1         the word of a leaf, and one word for all inner nodes
    left       (K, B)    0..k-1 at node k   left child, 0 for none
    right      (K, B)    0..k-1 at node k   right child, 0 for none
    y          (K, B)    0..n_y - 1         the class of each node
    h0         (B, n_h)  real               h[0]; 0 where not given
    c0         (B, n_h)  real               c[0]; 0 where not given
    workspace            Workspace          its arrays are used, and hold the results until its next call
    lengths    (B,)      1..K               each example's own number of steps, what is given beyond is not read; all
                                            where not given
    window               whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, w, left, right, y, h0, c0, lengths, wrt, workspace, window)
    (
        params, w, left, right, y, h0, c0, dtype, single, n_w, n_x, n_h, n_y, K, B,
    ) = _arguments(params, w, left, right, y, h0, c0, whole=True)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params
    wrt = _asked(wrt, ("h0", "c0"))

    (
        tmp0, tmp1, tmp2, tmp3, L_o_L_i_U_ll_U_rl_L_u, R_o_R_i_U_lr_U_rr_R_u, x, h, c, oifgu_arg, l, r, oifg, u, h_tanh,
        L_o_L_i_U_ll_U_rl_L_u_T, R_o_R_i_U_lr_U_rr_R_u_T, l_at, oifgu_arg_at, r_at, oifg_at, oifgu_arg_at2, half, u_at,
        u_arg_at, f_at, c_at, g_at, i_at, h_tanh_at, h_at, o_at, s, yhat_lse, largest, yhat, rows, flat, tmp4, tmp5,
        tmp6, tmp7, ds, entries, dd, dV, c_factor, doifgu_arg, o_arg_factor, dh, ifgu_arg_factor, dc, dl, dr,
        c_factor_at, dh_at, dc_at, do_arg_at, o_arg_factor_at, doifgu_arg_at, ifgu_arg_factor_at, doifgu_arg_at2,
        product, db_u, dL_o_L_i_U_ll_U_rl_L_u, dR_o_R_i_U_lr_U_rr_R_u, dW_u, dx, db_o, dW_o, db_f, dW_f, db_i, dW_i, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, K, n_w, n_y, n_x, n_h, B, dtype)
    np.stack((L_o, L_i, U_ll, U_rl, L_u), out=L_o_L_i_U_ll_U_rl_L_u)
    np.stack((R_o, R_i, U_lr, U_rr, R_u), out=R_o_R_i_U_lr_U_rr_R_u)
    # x[k] = E[w[k]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
    np.matmul(x.reshape(-1, n_x), W_i.T, out=oifgu_arg[1].reshape(-1, n_h))
    oifgu_arg[1] += b_i
    # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
    np.matmul(x.reshape(-1, n_x), W_f.T, out=oifgu_arg[2].reshape(-1, n_h))
    oifgu_arg[2] += b_f
    # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
    np.matmul(x.reshape(-1, n_x), W_f.T, out=oifgu_arg[3].reshape(-1, n_h))
    oifgu_arg[3] += b_f
    # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
    np.matmul(x.reshape(-1, n_x), W_o.T, out=oifgu_arg[0].reshape(-1, n_h))
    oifgu_arg[0] += b_o
    # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
    np.matmul(x.reshape(-1, n_x), W_u.T, out=oifgu_arg[4].reshape(-1, n_h))
    oifgu_arg[4] += b_u
    L_o_L_i_U_ll_U_rl_L_u_T[...] = L_o_L_i_U_ll_U_rl_L_u.transpose(0, 2, 1)
    R_o_R_i_U_lr_U_rr_R_u_T[...] = R_o_R_i_U_lr_U_rr_R_u.transpose(0, 2, 1)
    for k in range(1, K + 1):
        # l[k] = h[left[k]]
        l[k - 1] = h[left[k - 1], np.arange(B)]
        # r[k] = h[right[k]]
        r[k - 1] = h[right[k - 1], np.arange(B)]
        # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
        # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
        # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
        # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
        # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
        np.matmul(l_at[k - 1], L_o_L_i_U_ll_U_rl_L_u_T, out=tmp0)
        oifgu_arg_at[k - 1] += tmp0
        np.matmul(r_at[k - 1], R_o_R_i_U_lr_U_rr_R_u_T, out=tmp0)
        oifgu_arg_at[k - 1] += tmp0
        # o[k] = sigmoid(o.arg[k])
        # i[k] = sigmoid(i.arg[k])
        # f[k] = sigmoid(f.arg[k])
        # g[k] = sigmoid(g.arg[k])
        _sigmoid(oifgu_arg_at2[k - 1], out=oifg_at[k - 1], half=half)
        # u[k] = tanh(W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u)
        np.tanh(u_arg_at[k - 1], out=u_at[k - 1])
        # c[k] = i[k] * u[k] + f[k] * c[left[k]] + g[k] * c[right[k]]
        tmp1[...] = c[left[k - 1], np.arange(B)]
        tmp1 *= f_at[k - 1]
        c_at[k][...] = tmp1
        tmp1[...] = c[right[k - 1], np.arange(B)]
        tmp1 *= g_at[k - 1]
        c_at[k] += tmp1
        np.multiply(u_at[k - 1], i_at[k - 1], out=tmp1)
        c_at[k] += tmp1
        # h.tanh[k] = tanh(c[k])
        np.tanh(c_at[k], out=h_tanh_at[k - 1])
        # h[k] = o[k] * tanh(c[k])
        np.multiply(h_tanh_at[k - 1], o_at[k - 1], out=h_at[k])
    # s[k] = d + V @ h[k]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[k] = softmax(s[k])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[k, y[k]]), k)
    _look_up(s, y, rows, flat, out=tmp3)
    np.subtract(yhat_lse, tmp3, out=tmp3)
    loss = tmp3.sum()
    o = oifg[0]
    i = oifg[1]
    f = oifg[2]
    g = oifg[3]
    # grad(s[k]) = yhat[k] - onehot(y[k])
    _add_to(ds, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(s[k]), k)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[k]), h[k]), k)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # c.factor[k] = o[k] * (1 - h.tanh[k]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    # o.arg.factor[k] = h.tanh[k] * o[k] * (1 - o[k])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= h_tanh
    o_arg_factor *= o
    dh.fill(0)
    # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k,
    #     1, 0) * grad(r[k1]), (k1, k+1, K)) + V.T @ grad(s[k]), k < K
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # u.arg.factor[k] = i[k] * (1 - u[k]**2)
    np.square(u, out=ifgu_arg_factor[3])
    np.subtract(1, ifgu_arg_factor[3], out=ifgu_arg_factor[3])
    ifgu_arg_factor[3] *= i
    # g.arg.factor[k] = c[right[k]] * g[k] * (1 - g[k])
    tmp4[...] = c[right, np.arange(B)]
    np.subtract(1, g, out=ifgu_arg_factor[2])
    ifgu_arg_factor[2] *= tmp4
    ifgu_arg_factor[2] *= g
    # f.arg.factor[k] = c[left[k]] * f[k] * (1 - f[k])
    tmp4[...] = c[left, np.arange(B)]
    np.subtract(1, f, out=ifgu_arg_factor[1])
    ifgu_arg_factor[1] *= tmp4
    ifgu_arg_factor[1] *= f
    # i.arg.factor[k] = i[k] * u[k] * (1 - i[k])
    np.subtract(1, i, out=ifgu_arg_factor[0])
    ifgu_arg_factor[0] *= i
    ifgu_arg_factor[0] *= u
    dc.fill(0)
    for k in range(K, 0, -1):
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * f[k1] * grad(c[k1]), (k1, k+1, K)) +
        #     sum(where(right[k1] == k, 1, 0) * g[k1] * grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) *
        #     grad(h.tanh[k]), k < K
        np.multiply(c_factor_at[k - 1], dh_at[k], out=tmp1)
        dc_at[k] += tmp1
        # grad(o.arg[k]) = o[k] * (1 - o[k]) * grad(o[k])
        np.multiply(dh_at[k], o_arg_factor_at[k - 1], out=do_arg_at[k - 1])
        # grad(i.arg[k]) = i[k] * (1 - i[k]) * grad(i[k])
        # grad(f.arg[k]) = f[k] * (1 - f[k]) * grad(f[k])
        # grad(g.arg[k]) = g[k] * (1 - g[k]) * grad(g[k])
        # grad(u.arg[k]) = (1 - u[k]**2) * grad(u[k])
        np.multiply(ifgu_arg_factor_at[k - 1], dc_at[k], out=doifgu_arg_at[k - 1])
        # grad(l[k]) = L_i.T @ grad(i.arg[k]) + L_o.T @ grad(o.arg[k]) + L_u.T @ grad(u.arg[k]) + U_ll.T @
        #     grad(f.arg[k]) + U_rl.T @ grad(g.arg[k])
        np.matmul(doifgu_arg_at2[k - 1], L_o_L_i_U_ll_U_rl_L_u, out=product)
        np.add.reduce(product, axis=0, out=dl)
        # grad(r[k]) = R_i.T @ grad(i.arg[k]) + R_o.T @ grad(o.arg[k]) + R_u.T @ grad(u.arg[k]) + U_lr.T @
        #     grad(f.arg[k]) + U_rr.T @ grad(g.arg[k])
        np.matmul(doifgu_arg_at2[k - 1], R_o_R_i_U_lr_U_rr_R_u, out=product)
        np.add.reduce(product, axis=0, out=dr)
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * f[k1] * grad(c[k1]), (k1, k+1, K)) +
        #     sum(where(right[k1] == k, 1, 0) * g[k1] * grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) *
        #     grad(h.tanh[k]), k < K
        np.multiply(f_at[k - 1], dc_at[k], out=tmp1)
        dc[left[k - 1], np.arange(B)] += tmp1
        np.multiply(g_at[k - 1], dc_at[k], out=tmp1)
        dc[right[k - 1], np.arange(B)] += tmp1
        # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k,
        #     1, 0) * grad(r[k1]), (k1, k+1, K)) + V.T @ grad(s[k]), k < K
        dh[right[k - 1], np.arange(B)] += dr
        dh[left[k - 1], np.arange(B)] += dl
    # grad(b_u) = sum(grad(u.arg[k]), k)
    np.add.reduce(doifgu_arg[4], axis=(0, 1), out=db_u)
    # grad(L_o) = sum(outer(grad(o.arg[k]), l[k]), k)
    # grad(L_i) = sum(outer(grad(i.arg[k]), l[k]), k)
    # grad(U_ll) = sum(outer(grad(f.arg[k]), l[k]), k)
    # grad(U_rl) = sum(outer(grad(g.arg[k]), l[k]), k)
    # grad(L_u) = sum(outer(grad(u.arg[k]), l[k]), k)
    np.matmul(doifgu_arg.reshape(5, -1, n_h).transpose(0, 2, 1), l.reshape(-1, n_h), out=dL_o_L_i_U_ll_U_rl_L_u)
    # grad(R_o) = sum(outer(grad(o.arg[k]), r[k]), k)
    # grad(R_i) = sum(outer(grad(i.arg[k]), r[k]), k)
    # grad(U_lr) = sum(outer(grad(f.arg[k]), r[k]), k)
    # grad(U_rr) = sum(outer(grad(g.arg[k]), r[k]), k)
    # grad(R_u) = sum(outer(grad(u.arg[k]), r[k]), k)
    np.matmul(doifgu_arg.reshape(5, -1, n_h).transpose(0, 2, 1), r.reshape(-1, n_h), out=dR_o_R_i_U_lr_U_rr_R_u)
    # grad(W_u) = sum(outer(grad(u.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[4].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_u)
    # grad(x[k]) = W_i.T @ grad(i.arg[k]) + W_f.T @ grad(f.arg[k]) + W_f.T @ grad(g.arg[k]) + W_o.T @
    #     grad(o.arg[k]) + W_u.T @ grad(u.arg[k])
    np.matmul(doifgu_arg[2].reshape(-1, n_h), W_f, out=dx.reshape(-1, n_x))
    np.matmul(doifgu_arg[3].reshape(-1, n_h), W_f, out=tmp5.reshape(-1, n_x))
    dx += tmp5
    np.matmul(doifgu_arg[1].reshape(-1, n_h), W_i, out=tmp5.reshape(-1, n_x))
    dx += tmp5
    np.matmul(doifgu_arg[0].reshape(-1, n_h), W_o, out=tmp5.reshape(-1, n_x))
    dx += tmp5
    np.matmul(doifgu_arg[4].reshape(-1, n_h), W_u, out=tmp5.reshape(-1, n_x))
    dx += tmp5
    # grad(b_o) = sum(grad(o.arg[k]), k)
    np.add.reduce(doifgu_arg[0], axis=(0, 1), out=db_o)
    # grad(W_o) = sum(outer(grad(o.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[0].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_o)
    # grad(b_f) = sum(grad(f.arg[k]) + grad(g.arg[k]), k)
    np.add.reduce(doifgu_arg[2], axis=(0, 1), out=db_f)
    np.add.reduce(doifgu_arg[3], axis=(0, 1), out=tmp6)
    db_f += tmp6
    # grad(W_f) = sum(outer(grad(f.arg[k]), x[k]) + outer(grad(g.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[2].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_f)
    np.matmul(doifgu_arg[3].reshape(-1, n_h).T, x.reshape(-1, n_x), out=tmp7)
    dW_f += tmp7
    # grad(b_i) = sum(grad(i.arg[k]), k)
    np.add.reduce(doifgu_arg[1], axis=(0, 1), out=db_i)
    # grad(W_i) = sum(outer(grad(i.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[1].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_i)
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[k]), grad(x[k])), k)
    _scatter_add(dE, (w,), dx)
    if "c0" in wrt:
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    if "h0" in wrt:
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]
    dL_o = dL_o_L_i_U_ll_U_rl_L_u[0]
    dL_i = dL_o_L_i_U_ll_U_rl_L_u[1]
    dU_ll = dL_o_L_i_U_ll_U_rl_L_u[2]
    dU_rl = dL_o_L_i_U_ll_U_rl_L_u[3]
    dL_u = dL_o_L_i_U_ll_U_rl_L_u[4]
    dR_o = dR_o_R_i_U_lr_U_rr_R_u[0]
    dR_i = dR_o_R_i_U_lr_U_rr_R_u[1]
    dU_lr = dR_o_R_i_U_lr_U_rr_R_u[2]
    dU_rr = dR_o_R_i_U_lr_U_rr_R_u[3]
    dR_u = dR_o_R_i_U_lr_U_rr_R_u[4]

    gradient = Params(
        E=dE,
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        W_u=dW_u,
        L_i=dL_i,
        L_o=dL_o,
        L_u=dL_u,
        R_i=dR_i,
        R_o=dR_o,
        R_u=dR_u,
        U_ll=dU_ll,
        U_lr=dU_lr,
        U_rl=dU_rl,
        U_rr=dU_rr,
        b_i=db_i,
        b_f=db_f,
        b_o=db_o,
        b_u=db_u,
        V=dV,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    w: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    w        (K, B)  0..n_w - 1         the word of a leaf, and one word for all inner nodes
    left     (K, B)  0..k-1 at node k   left child, 0 for none
    right    (K, B)  0..k-1 at node k   right child, 0 for none
    y        (K, B)  0..n_y - 1         the class of each node
    lengths  (B,)    1..K               each example's own number of steps, what is given beyond is not read; all where
                                        not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, w, left, right, y, lengths, window)
    (
        params, w, left, right, y, x, l, r, i, f, g, o, u, c, h, yhat, dtype, single, n_w, n_x, n_h, n_y, K, B,
    ) = _backward_arguments(params, forward, w, left, right, y)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params

    h_tanh = np.empty((K, B, n_h), dtype)
    # h.tanh[k] = tanh(c[k])
    np.tanh(c[1:], out=h_tanh)
    tmp0 = np.empty((K, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((K, B, n_x), dtype)
    tmp3 = np.empty((n_h,), dtype)
    tmp4 = np.empty((n_h, n_x), dtype)
    L_o_L_i_U_ll_U_rl_L_u = np.stack((L_o, L_i, U_ll, U_rl, L_u))
    R_o_R_i_U_lr_U_rr_R_u = np.stack((R_o, R_i, U_lr, U_rr, R_u))
    ds = np.empty((K, B, n_y), dtype)
    # grad(s[k]) = yhat[k] - onehot(y[k])
    ds[...] = yhat
    rows = np.arange(K * B).reshape(K, B)
    flat = np.empty((K, B), np.intp)
    entries = np.empty((K, B), dtype)
    _add_to(ds, y, rows, flat, entries, -1)
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(s[k]), k)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(s[k]), h[k]), k)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    c_factor = np.empty((K, B, n_h), dtype)
    # c.factor[k] = o[k] * (1 - h.tanh[k]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    o_arg_factor = np.empty((K, B, n_h), dtype)
    # o.arg.factor[k] = h.tanh[k] * o[k] * (1 - o[k])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= h_tanh
    o_arg_factor *= o
    dh = np.zeros((K + 1, B, n_h), dtype)
    # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k,
    #     1, 0) * grad(r[k1]), (k1, k+1, K)) + V.T @ grad(s[k]), k < K
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    ifgu_arg_factor = np.empty((4, K, B, n_h), dtype)
    # u.arg.factor[k] = i[k] * (1 - u[k]**2)
    np.square(u, out=ifgu_arg_factor[3])
    np.subtract(1, ifgu_arg_factor[3], out=ifgu_arg_factor[3])
    ifgu_arg_factor[3] *= i
    # g.arg.factor[k] = c[right[k]] * g[k] * (1 - g[k])
    tmp0[...] = c[right, np.arange(B)]
    np.subtract(1, g, out=ifgu_arg_factor[2])
    ifgu_arg_factor[2] *= tmp0
    ifgu_arg_factor[2] *= g
    # f.arg.factor[k] = c[left[k]] * f[k] * (1 - f[k])
    tmp0[...] = c[left, np.arange(B)]
    np.subtract(1, f, out=ifgu_arg_factor[1])
    ifgu_arg_factor[1] *= tmp0
    ifgu_arg_factor[1] *= f
    # i.arg.factor[k] = i[k] * u[k] * (1 - i[k])
    np.subtract(1, i, out=ifgu_arg_factor[0])
    ifgu_arg_factor[0] *= i
    ifgu_arg_factor[0] *= u
    dc = np.zeros((K + 1, B, n_h), dtype)
    doifgu_arg = np.empty((5, K, B, n_h), dtype)
    dl = np.empty((B, n_h), dtype)
    dr = np.empty((B, n_h), dtype)
    c_factor_at = list(c_factor)
    dh_at = list(dh)
    dc_at = list(dc)
    do_arg_at = list(doifgu_arg[0])
    o_arg_factor_at = list(o_arg_factor)
    doifgu_arg_at = list(doifgu_arg[1:].swapaxes(0, 1))
    ifgu_arg_factor_at = list(ifgu_arg_factor.swapaxes(0, 1))
    doifgu_arg_at2 = list(doifgu_arg.swapaxes(0, 1))
    product = np.empty((5, B, n_h), dtype)
    for k in range(K, 0, -1):
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * f[k1] * grad(c[k1]), (k1, k+1, K)) +
        #     sum(where(right[k1] == k, 1, 0) * g[k1] * grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) *
        #     grad(h.tanh[k]), k < K
        np.multiply(c_factor_at[k - 1], dh_at[k], out=tmp1)
        dc_at[k] += tmp1
        # grad(o.arg[k]) = o[k] * (1 - o[k]) * grad(o[k])
        np.multiply(dh_at[k], o_arg_factor_at[k - 1], out=do_arg_at[k - 1])
        # grad(i.arg[k]) = i[k] * (1 - i[k]) * grad(i[k])
        # grad(f.arg[k]) = f[k] * (1 - f[k]) * grad(f[k])
        # grad(g.arg[k]) = g[k] * (1 - g[k]) * grad(g[k])
        # grad(u.arg[k]) = (1 - u[k]**2) * grad(u[k])
        np.multiply(ifgu_arg_factor_at[k - 1], dc_at[k], out=doifgu_arg_at[k - 1])
        # grad(l[k]) = L_i.T @ grad(i.arg[k]) + L_o.T @ grad(o.arg[k]) + L_u.T @ grad(u.arg[k]) + U_ll.T @
        #     grad(f.arg[k]) + U_rl.T @ grad(g.arg[k])
        np.matmul(doifgu_arg_at2[k - 1], L_o_L_i_U_ll_U_rl_L_u, out=product)
        np.add.reduce(product, axis=0, out=dl)
        # grad(r[k]) = R_i.T @ grad(i.arg[k]) + R_o.T @ grad(o.arg[k]) + R_u.T @ grad(u.arg[k]) + U_lr.T @
        #     grad(f.arg[k]) + U_rr.T @ grad(g.arg[k])
        np.matmul(doifgu_arg_at2[k - 1], R_o_R_i_U_lr_U_rr_R_u, out=product)
        np.add.reduce(product, axis=0, out=dr)
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * f[k1] * grad(c[k1]), (k1, k+1, K)) +
        #     sum(where(right[k1] == k, 1, 0) * g[k1] * grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) *
        #     grad(h.tanh[k]), k < K
        np.multiply(f[k - 1], dc_at[k], out=tmp1)
        dc[left[k - 1], np.arange(B)] += tmp1
        np.multiply(g[k - 1], dc_at[k], out=tmp1)
        dc[right[k - 1], np.arange(B)] += tmp1
        # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k,
        #     1, 0) * grad(r[k1]), (k1, k+1, K)) + V.T @ grad(s[k]), k < K
        dh[right[k - 1], np.arange(B)] += dr
        dh[left[k - 1], np.arange(B)] += dl
    db_u = np.empty((n_h,), dtype)
    # grad(b_u) = sum(grad(u.arg[k]), k)
    np.add.reduce(doifgu_arg[4], axis=(0, 1), out=db_u)
    dL_o_L_i_U_ll_U_rl_L_u = np.empty((5, n_h, n_h), dtype)
    # grad(L_o) = sum(outer(grad(o.arg[k]), l[k]), k)
    # grad(L_i) = sum(outer(grad(i.arg[k]), l[k]), k)
    # grad(U_ll) = sum(outer(grad(f.arg[k]), l[k]), k)
    # grad(U_rl) = sum(outer(grad(g.arg[k]), l[k]), k)
    # grad(L_u) = sum(outer(grad(u.arg[k]), l[k]), k)
    np.matmul(doifgu_arg.reshape(5, -1, n_h).transpose(0, 2, 1), l.reshape(-1, n_h), out=dL_o_L_i_U_ll_U_rl_L_u)
    dR_o_R_i_U_lr_U_rr_R_u = np.empty((5, n_h, n_h), dtype)
    # grad(R_o) = sum(outer(grad(o.arg[k]), r[k]), k)
    # grad(R_i) = sum(outer(grad(i.arg[k]), r[k]), k)
    # grad(U_lr) = sum(outer(grad(f.arg[k]), r[k]), k)
    # grad(U_rr) = sum(outer(grad(g.arg[k]), r[k]), k)
    # grad(R_u) = sum(outer(grad(u.arg[k]), r[k]), k)
    np.matmul(doifgu_arg.reshape(5, -1, n_h).transpose(0, 2, 1), r.reshape(-1, n_h), out=dR_o_R_i_U_lr_U_rr_R_u)
    dW_u = np.empty((n_h, n_x), dtype)
    # grad(W_u) = sum(outer(grad(u.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[4].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_u)
    dx = np.empty((K, B, n_x), dtype)
    # grad(x[k]) = W_i.T @ grad(i.arg[k]) + W_f.T @ grad(f.arg[k]) + W_f.T @ grad(g.arg[k]) + W_o.T @
    #     grad(o.arg[k]) + W_u.T @ grad(u.arg[k])
    np.matmul(doifgu_arg[2].reshape(-1, n_h), W_f, out=dx.reshape(-1, n_x))
    np.matmul(doifgu_arg[3].reshape(-1, n_h), W_f, out=tmp2.reshape(-1, n_x))
    dx += tmp2
    np.matmul(doifgu_arg[1].reshape(-1, n_h), W_i, out=tmp2.reshape(-1, n_x))
    dx += tmp2
    np.matmul(doifgu_arg[0].reshape(-1, n_h), W_o, out=tmp2.reshape(-1, n_x))
    dx += tmp2
    np.matmul(doifgu_arg[4].reshape(-1, n_h), W_u, out=tmp2.reshape(-1, n_x))
    dx += tmp2
    db_o = np.empty((n_h,), dtype)
    # grad(b_o) = sum(grad(o.arg[k]), k)
    np.add.reduce(doifgu_arg[0], axis=(0, 1), out=db_o)
    dW_o = np.empty((n_h, n_x), dtype)
    # grad(W_o) = sum(outer(grad(o.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[0].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_o)
    db_f = np.empty((n_h,), dtype)
    # grad(b_f) = sum(grad(f.arg[k]) + grad(g.arg[k]), k)
    np.add.reduce(doifgu_arg[2], axis=(0, 1), out=db_f)
    np.add.reduce(doifgu_arg[3], axis=(0, 1), out=tmp3)
    db_f += tmp3
    dW_f = np.empty((n_h, n_x), dtype)
    # grad(W_f) = sum(outer(grad(f.arg[k]), x[k]) + outer(grad(g.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[2].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_f)
    np.matmul(doifgu_arg[3].reshape(-1, n_h).T, x.reshape(-1, n_x), out=tmp4)
    dW_f += tmp4
    db_i = np.empty((n_h,), dtype)
    # grad(b_i) = sum(grad(i.arg[k]), k)
    np.add.reduce(doifgu_arg[1], axis=(0, 1), out=db_i)
    dW_i = np.empty((n_h, n_x), dtype)
    # grad(W_i) = sum(outer(grad(i.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[1].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_i)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[k]), grad(x[k])), k)
    _scatter_add(dE, (w,), dx)
    dL_o = dL_o_L_i_U_ll_U_rl_L_u[0]
    dL_i = dL_o_L_i_U_ll_U_rl_L_u[1]
    dU_ll = dL_o_L_i_U_ll_U_rl_L_u[2]
    dU_rl = dL_o_L_i_U_ll_U_rl_L_u[3]
    dL_u = dL_o_L_i_U_ll_U_rl_L_u[4]
    dR_o = dR_o_R_i_U_lr_U_rr_R_u[0]
    dR_i = dR_o_R_i_U_lr_U_rr_R_u[1]
    dU_lr = dR_o_R_i_U_lr_U_rr_R_u[2]
    dU_rr = dR_o_R_i_U_lr_U_rr_R_u[3]
    dR_u = dR_o_R_i_U_lr_U_rr_R_u[4]

    return Params(
        E=dE,
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        W_u=dW_u,
        L_i=dL_i,
        L_o=dL_o,
        L_u=dL_u,
        R_i=dR_i,
        R_o=dR_o,
        R_u=dR_u,
        U_ll=dU_ll,
        U_lr=dU_lr,
        U_rl=dU_rl,
        U_rr=dU_rr,
        b_i=db_i,
        b_f=db_f,
        b_o=db_o,
        b_u=db_u,
        V=dV,
        d=dd,
    )


def _forward_padded(params, w, left, right, y, h0, c0, lengths):
    """`forward` where examples have their own lengths."""
    (
        params, w, left, right, y, h0, c0, dtype, single, n_w, n_x, n_h, n_y, K, B, len_K, K_own,
    ) = _padded_arguments(params, w, left, right, y, h0, c0, lengths)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params

    tmp0 = np.empty((5, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((K, B, n_y), dtype)
    L_o_L_i_U_ll_U_rl_L_u = np.stack((L_o, L_i, U_ll, U_rl, L_u))
    R_o_R_i_U_lr_U_rr_R_u = np.stack((R_o, R_i, U_lr, U_rr, R_u))
    x = np.empty((K, B, n_x), dtype)
    # x[k] = E[w[k]]
    np.take(E, w, axis=0, out=x, mode="clip")
    h = np.empty((K + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((K + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    oifgu_arg = np.empty((5, K, B, n_h), dtype)
    # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
    np.matmul(x.reshape(-1, n_x), W_i.T, out=oifgu_arg[1].reshape(-1, n_h))
    oifgu_arg[1] += b_i
    # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
    np.matmul(x.reshape(-1, n_x), W_f.T, out=oifgu_arg[2].reshape(-1, n_h))
    oifgu_arg[2] += b_f
    # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
    np.matmul(x.reshape(-1, n_x), W_f.T, out=oifgu_arg[3].reshape(-1, n_h))
    oifgu_arg[3] += b_f
    # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
    np.matmul(x.reshape(-1, n_x), W_o.T, out=oifgu_arg[0].reshape(-1, n_h))
    oifgu_arg[0] += b_o
    # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
    np.matmul(x.reshape(-1, n_x), W_u.T, out=oifgu_arg[4].reshape(-1, n_h))
    oifgu_arg[4] += b_u
    l = np.empty((K, B, n_h), dtype)
    r = np.empty((K, B, n_h), dtype)
    oifg = np.empty((4, K, B, n_h), dtype)
    u = np.empty((K, B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    L_o_L_i_U_ll_U_rl_L_u_T = np.empty((5, n_h, n_h), dtype)
    L_o_L_i_U_ll_U_rl_L_u_T[...] = L_o_L_i_U_ll_U_rl_L_u.transpose(0, 2, 1)
    R_o_R_i_U_lr_U_rr_R_u_T = np.empty((5, n_h, n_h), dtype)
    R_o_R_i_U_lr_U_rr_R_u_T[...] = R_o_R_i_U_lr_U_rr_R_u.transpose(0, 2, 1)
    l_at = list(l)
    oifgu_arg_at = list(oifgu_arg.swapaxes(0, 1))
    r_at = list(r)
    oifg_at = list(oifg.swapaxes(0, 1))
    oifgu_arg_at2 = list(oifgu_arg[:4].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    u_at = list(u)
    u_arg_at = list(oifgu_arg[4])
    f_at = list(oifg[2])
    c_at = list(c)
    g_at = list(oifg[3])
    i_at = list(oifg[1])
    h_at = list(h)
    o_at = list(oifg[0])
    for k in range(1, K + 1):
        # l[k] = h[left[k]]
        l[k - 1] = h[left[k - 1], np.arange(B)]
        # r[k] = h[right[k]]
        r[k - 1] = h[right[k - 1], np.arange(B)]
        # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
        # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
        # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
        # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
        # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
        np.matmul(l_at[k - 1], L_o_L_i_U_ll_U_rl_L_u_T, out=tmp0)
        oifgu_arg_at[k - 1] += tmp0
        np.matmul(r_at[k - 1], R_o_R_i_U_lr_U_rr_R_u_T, out=tmp0)
        oifgu_arg_at[k - 1] += tmp0
        # o[k] = sigmoid(o.arg[k])
        # i[k] = sigmoid(i.arg[k])
        # f[k] = sigmoid(f.arg[k])
        # g[k] = sigmoid(g.arg[k])
        _sigmoid(oifgu_arg_at2[k - 1], out=oifg_at[k - 1], half=half)
        # u[k] = tanh(W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u)
        np.tanh(u_arg_at[k - 1], out=u_at[k - 1])
        # c[k] = i[k] * u[k] + f[k] * c[left[k]] + g[k] * c[right[k]]
        tmp1[...] = c[left[k - 1], np.arange(B)]
        tmp1 *= f_at[k - 1]
        c_at[k][...] = tmp1
        tmp1[...] = c[right[k - 1], np.arange(B)]
        tmp1 *= g_at[k - 1]
        c_at[k] += tmp1
        np.multiply(u_at[k - 1], i_at[k - 1], out=tmp1)
        c_at[k] += tmp1
        # h.tanh[k] = tanh(c[k])
        np.tanh(c_at[k], out=h_tanh)
        # h[k] = o[k] * tanh(c[k])
        np.multiply(h_tanh, o_at[k - 1], out=h_at[k])
    s = np.empty((K, B, n_y), dtype)
    # s[k] = d + V @ h[k]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    yhat_lse = np.empty((K, B), dtype)
    largest = np.empty((K, B, 1), dtype)
    # yhat[k] = softmax(s[k])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    yhat = np.empty((K, B, n_y), dtype)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    if y is not None:
        tmp_3_0 = np.empty((B, K), dtype)
        tmp_3_1 = np.empty((B, K), dtype)
        tmp_3_2 = np.empty((B, K), dtype)
        # loss = sum(-log(yhat[k, y[k]]), k)
        tmp_3_1[...] = np.where(np.arange(1, K + 1) <= K_own[:, None], yhat_lse.T, 0)
        tmp_3_2[...] = s[np.arange(K)[:, None], np.arange(B), y].T
        tmp_3_0[...] = np.where(np.arange(1, K + 1) <= K_own[:, None], tmp_3_2, 0)
        np.subtract(tmp_3_1, tmp_3_0, out=tmp_3_0)
        loss = tmp_3_0.sum()
    else:
        loss = None
    o = oifg[0]
    i = oifg[1]
    f = oifg[2]
    g = oifg[3]

    if single:
        x = x[:, 0]
        l = l[:, 0]
        r = r[:, 0]
        i = i[:, 0]
        f = f[:, 0]
        g = g[:, 0]
        o = o[:, 0]
        u = u[:, 0]
        c = c[:, 0]
        h = h[:, 0]
        s = s[:, 0]
        yhat = yhat[:, 0]
    return Forward(
        x=x, l=l, r=r, i=i, f=f, g=g, o=o, u=u, c=c, h=h, s=s, yhat=yhat, loss=None if loss is None else float(loss)
    )


def _loss_padded(params, w, left, right, y, h0, c0, lengths, workspace):
    """`loss` where examples have their own lengths."""
    (
        params, w, left, right, y, h0, c0, dtype, single, n_w, n_x, n_h, n_y, K, B, len_K, K_own,
    ) = _padded_arguments(params, w, left, right, y, h0, c0, lengths, whole=True)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, L_o_L_i_U_ll_U_rl_L_u, R_o_R_i_U_lr_U_rr_R_u, x, h, c, oifgu_arg, l, r,
        oifg, u, h_tanh, L_o_L_i_U_ll_U_rl_L_u_T, R_o_R_i_U_lr_U_rr_R_u_T, oifgu_arg_at, oifgu_arg_at2, half, u_arg_at,
        c_at, h_at, s, yhat_lse, largest,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, K, n_y, n_x, n_h, B, dtype)
    np.stack((L_o, L_i, U_ll, U_rl, L_u), out=L_o_L_i_U_ll_U_rl_L_u)
    np.stack((R_o, R_i, U_lr, U_rr, R_u), out=R_o_R_i_U_lr_U_rr_R_u)
    # x[k] = E[w[k]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
    np.matmul(x.reshape(-1, n_x), W_i.T, out=oifgu_arg[1].reshape(-1, n_h))
    oifgu_arg[1] += b_i
    # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
    np.matmul(x.reshape(-1, n_x), W_f.T, out=oifgu_arg[2].reshape(-1, n_h))
    oifgu_arg[2] += b_f
    # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
    np.matmul(x.reshape(-1, n_x), W_f.T, out=oifgu_arg[3].reshape(-1, n_h))
    oifgu_arg[3] += b_f
    # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
    np.matmul(x.reshape(-1, n_x), W_o.T, out=oifgu_arg[0].reshape(-1, n_h))
    oifgu_arg[0] += b_o
    # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
    np.matmul(x.reshape(-1, n_x), W_u.T, out=oifgu_arg[4].reshape(-1, n_h))
    oifgu_arg[4] += b_u
    L_o_L_i_U_ll_U_rl_L_u_T[...] = L_o_L_i_U_ll_U_rl_L_u.transpose(0, 2, 1)
    R_o_R_i_U_lr_U_rr_R_u_T[...] = R_o_R_i_U_lr_U_rr_R_u.transpose(0, 2, 1)
    for k in range(1, K + 1):
        # l[k] = h[left[k]]
        l[...] = h[left[k - 1], np.arange(B)]
        # r[k] = h[right[k]]
        r[...] = h[right[k - 1], np.arange(B)]
        # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
        # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
        # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
        # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
        # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
        np.matmul(l, L_o_L_i_U_ll_U_rl_L_u_T, out=tmp0)
        oifgu_arg_at[k - 1] += tmp0
        np.matmul(r, R_o_R_i_U_lr_U_rr_R_u_T, out=tmp0)
        oifgu_arg_at[k - 1] += tmp0
        # o[k] = sigmoid(o.arg[k])
        # i[k] = sigmoid(i.arg[k])
        # f[k] = sigmoid(f.arg[k])
        # g[k] = sigmoid(g.arg[k])
        _sigmoid(oifgu_arg_at2[k - 1], out=oifg, half=half)
        # u[k] = tanh(W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u)
        np.tanh(u_arg_at[k - 1], out=u)
        # c[k] = i[k] * u[k] + f[k] * c[left[k]] + g[k] * c[right[k]]
        tmp1[...] = c[left[k - 1], np.arange(B)]
        tmp1 *= oifg[2]
        c_at[k][...] = tmp1
        tmp1[...] = c[right[k - 1], np.arange(B)]
        tmp1 *= oifg[3]
        c_at[k] += tmp1
        np.multiply(u, oifg[1], out=tmp1)
        c_at[k] += tmp1
        # h.tanh[k] = tanh(c[k])
        np.tanh(c_at[k], out=h_tanh)
        # h[k] = o[k] * tanh(c[k])
        np.multiply(h_tanh, oifg[0], out=h_at[k])
    # s[k] = d + V @ h[k]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[k] = softmax(s[k])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    # loss = sum(-log(yhat[k, y[k]]), k)
    tmp4[...] = np.where(np.arange(1, K + 1) <= K_own[:, None], yhat_lse.T, 0)
    tmp5[...] = s[np.arange(K)[:, None], np.arange(B), y].T
    tmp3[...] = np.where(np.arange(1, K + 1) <= K_own[:, None], tmp5, 0)
    np.subtract(tmp4, tmp3, out=tmp3)
    loss = tmp3.sum()

    return float(loss)


def _loss_and_grad_padded(params, w, left, right, y, h0, c0, lengths, wrt, workspace, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, left, right, y, h0, c0, dtype, single, n_w, n_x, n_h, n_y, K, B, len_K, K_own,
    ) = _padded_arguments(params, w, left, right, y, h0, c0, lengths, whole=True)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params
    wrt = _asked(wrt, ("h0", "c0"))
    window_K = _window(window, "K", ("K",), K)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, L_o_L_i_U_ll_U_rl_L_u, R_o_R_i_U_lr_U_rr_R_u, x, h, c, oifgu_arg, l, r,
        oifg, u, h_tanh, L_o_L_i_U_ll_U_rl_L_u_T, R_o_R_i_U_lr_U_rr_R_u_T, l_at, oifgu_arg_at, r_at, oifg_at,
        oifgu_arg_at2, half, u_at, u_arg_at, f_at, c_at, g_at, i_at, h_tanh_at, h_at, o_at, s, yhat_lse, largest, yhat,
        tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, tmp13, tmp14, tmp15, tmp16, tmp17, tmp18, tmp19, ds, rows, flat,
        entries, dd, dV, c_factor, c_factor2, c_factor3, doifgu_arg, o_arg_factor, dh, ifgu_arg_factor, dc, dl, dr,
        c_factor_at, dh_at, dc_at, do_arg_at, o_arg_factor_at, doifgu_arg_at, ifgu_arg_factor_at, doifgu_arg_at2,
        product, c_factor2_at, c_factor3_at, number, number2, db_u, dL_o_L_i_U_ll_U_rl_L_u, dR_o_R_i_U_lr_U_rr_R_u,
        dW_u, dx, db_o, dW_o, db_f, dW_f, db_i, dW_i, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, K, n_w, n_y, n_x, n_h, B, dtype)
    np.stack((L_o, L_i, U_ll, U_rl, L_u), out=L_o_L_i_U_ll_U_rl_L_u)
    np.stack((R_o, R_i, U_lr, U_rr, R_u), out=R_o_R_i_U_lr_U_rr_R_u)
    # x[k] = E[w[k]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # h[0] = 0
    h[0] = h0
    # c[0] = 0
    c[0] = c0
    # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
    np.matmul(x.reshape(-1, n_x), W_i.T, out=oifgu_arg[1].reshape(-1, n_h))
    oifgu_arg[1] += b_i
    # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
    np.matmul(x.reshape(-1, n_x), W_f.T, out=oifgu_arg[2].reshape(-1, n_h))
    oifgu_arg[2] += b_f
    # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
    np.matmul(x.reshape(-1, n_x), W_f.T, out=oifgu_arg[3].reshape(-1, n_h))
    oifgu_arg[3] += b_f
    # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
    np.matmul(x.reshape(-1, n_x), W_o.T, out=oifgu_arg[0].reshape(-1, n_h))
    oifgu_arg[0] += b_o
    # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
    np.matmul(x.reshape(-1, n_x), W_u.T, out=oifgu_arg[4].reshape(-1, n_h))
    oifgu_arg[4] += b_u
    L_o_L_i_U_ll_U_rl_L_u_T[...] = L_o_L_i_U_ll_U_rl_L_u.transpose(0, 2, 1)
    R_o_R_i_U_lr_U_rr_R_u_T[...] = R_o_R_i_U_lr_U_rr_R_u.transpose(0, 2, 1)
    for k in range(1, K + 1):
        # l[k] = h[left[k]]
        l[k - 1] = h[left[k - 1], np.arange(B)]
        # r[k] = h[right[k]]
        r[k - 1] = h[right[k - 1], np.arange(B)]
        # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
        # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
        # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
        # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
        # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
        np.matmul(l_at[k - 1], L_o_L_i_U_ll_U_rl_L_u_T, out=tmp0)
        oifgu_arg_at[k - 1] += tmp0
        np.matmul(r_at[k - 1], R_o_R_i_U_lr_U_rr_R_u_T, out=tmp0)
        oifgu_arg_at[k - 1] += tmp0
        # o[k] = sigmoid(o.arg[k])
        # i[k] = sigmoid(i.arg[k])
        # f[k] = sigmoid(f.arg[k])
        # g[k] = sigmoid(g.arg[k])
        _sigmoid(oifgu_arg_at2[k - 1], out=oifg_at[k - 1], half=half)
        # u[k] = tanh(W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u)
        np.tanh(u_arg_at[k - 1], out=u_at[k - 1])
        # c[k] = i[k] * u[k] + f[k] * c[left[k]] + g[k] * c[right[k]]
        tmp1[...] = c[left[k - 1], np.arange(B)]
        tmp1 *= f_at[k - 1]
        c_at[k][...] = tmp1
        tmp1[...] = c[right[k - 1], np.arange(B)]
        tmp1 *= g_at[k - 1]
        c_at[k] += tmp1
        np.multiply(u_at[k - 1], i_at[k - 1], out=tmp1)
        c_at[k] += tmp1
        # h.tanh[k] = tanh(c[k])
        np.tanh(c_at[k], out=h_tanh_at[k - 1])
        # h[k] = o[k] * tanh(c[k])
        np.multiply(h_tanh_at[k - 1], o_at[k - 1], out=h_at[k])
    # s[k] = d + V @ h[k]
    np.matmul(h[1:].reshape(-1, n_h), V.T, out=s.reshape(-1, n_y))
    s += d
    # yhat[k] = softmax(s[k])
    _logsumexp(s, 2, out=yhat_lse, work=tmp2, largest=largest)
    np.subtract(s, yhat_lse[:, :, None], out=tmp2)
    np.exp(tmp2, out=yhat)
    # loss = sum(-log(yhat[k, y[k]]), k)
    tmp4[...] = np.where(np.arange(1, K + 1) <= K_own[:, None], yhat_lse.T, 0)
    tmp5[...] = s[np.arange(K)[:, None], np.arange(B), y].T
    tmp3[...] = np.where(np.arange(1, K + 1) <= K_own[:, None], tmp5, 0)
    np.subtract(tmp4, tmp3, out=tmp3)
    loss = tmp3.sum()
    o = oifg[0]
    i = oifg[1]
    f = oifg[2]
    g = oifg[3]
    # grad(s[k]) = grad(yhat.lse[k]) * yhat[k] - where(k <= K.own, 1, 0) * onehot(y[k])
    tmp6[...] = np.arange(1, K + 1)[:, None] <= K_own
    np.multiply(tmp6[:, :, None], yhat, out=ds)
    tmp6[...] = np.arange(1, K + 1)[:, None] <= K_own
    np.negative(tmp6, out=tmp6)
    _add_to(ds, y, rows, flat, entries, tmp6)
    # grad(d) = sum(grad(s[k]), k)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    # grad(V) = sum(outer(grad(s[k]), h[k]), k)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    # c.factor[k] = o[k] * (1 - h.tanh[k]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    # c.factor2[k] = same_window(k - 1, minimum(maximum(left[k] - 1, 0), K.own - 1), window.K) * f[k]
    np.add(np.arange(1, K + 1, dtype=dtype), -1, out=tmp7)
    np.add(left, -1, out=tmp10)
    np.maximum(tmp10, 0, out=tmp9)
    np.add(K_own, -1, out=tmp11)
    np.minimum(tmp9, tmp11, out=tmp8)
    tmp6[...] = tmp7[:, None] // window_K == tmp8 // window_K
    np.multiply(tmp6[:, :, None], f, out=c_factor2)
    # c.factor3[k] = same_window(k - 1, minimum(maximum(right[k] - 1, 0), K.own - 1), window.K) * g[k]
    np.add(np.arange(1, K + 1, dtype=dtype), -1, out=tmp7)
    np.add(right, -1, out=tmp10)
    np.maximum(tmp10, 0, out=tmp9)
    np.add(K_own, -1, out=tmp11)
    np.minimum(tmp9, tmp11, out=tmp8)
    tmp6[...] = tmp7[:, None] // window_K == tmp8 // window_K
    np.multiply(tmp6[:, :, None], g, out=c_factor3)
    # o.arg.factor[k] = h.tanh[k] * o[k] * (1 - o[k])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= h_tanh
    o_arg_factor *= o
    dh.fill(0)
    # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
    #     K.own - 1), window.K) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
    #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * grad(r[k1]), (k1,
    #     k+1, K)) + V.T @ grad(s[k]), k < K
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    # u.arg.factor[k] = i[k] * (1 - u[k]**2)
    np.square(u, out=ifgu_arg_factor[3])
    np.subtract(1, ifgu_arg_factor[3], out=ifgu_arg_factor[3])
    ifgu_arg_factor[3] *= i
    # g.arg.factor[k] = c[right[k]] * g[k] * (1 - g[k])
    tmp12[...] = c[right, np.arange(B)]
    np.subtract(1, g, out=ifgu_arg_factor[2])
    ifgu_arg_factor[2] *= tmp12
    ifgu_arg_factor[2] *= g
    # f.arg.factor[k] = c[left[k]] * f[k] * (1 - f[k])
    tmp12[...] = c[left, np.arange(B)]
    np.subtract(1, f, out=ifgu_arg_factor[1])
    ifgu_arg_factor[1] *= tmp12
    ifgu_arg_factor[1] *= f
    # i.arg.factor[k] = i[k] * u[k] * (1 - i[k])
    np.subtract(1, i, out=ifgu_arg_factor[0])
    ifgu_arg_factor[0] *= i
    ifgu_arg_factor[0] *= u
    dc.fill(0)
    for k in range(K, 0, -1):
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
        #     K.own - 1), window.K) * f[k1] * grad(c[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
        #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * g[k1] *
        #     grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) * grad(h.tanh[k]), k < K
        np.multiply(c_factor_at[k - 1], dh_at[k], out=tmp1)
        dc_at[k] += tmp1
        # grad(o.arg[k]) = o[k] * (1 - o[k]) * grad(o[k])
        np.multiply(dh_at[k], o_arg_factor_at[k - 1], out=do_arg_at[k - 1])
        # grad(i.arg[k]) = i[k] * (1 - i[k]) * grad(i[k])
        # grad(f.arg[k]) = f[k] * (1 - f[k]) * grad(f[k])
        # grad(g.arg[k]) = g[k] * (1 - g[k]) * grad(g[k])
        # grad(u.arg[k]) = (1 - u[k]**2) * grad(u[k])
        np.multiply(ifgu_arg_factor_at[k - 1], dc_at[k], out=doifgu_arg_at[k - 1])
        # grad(l[k]) = L_i.T @ grad(i.arg[k]) + L_o.T @ grad(o.arg[k]) + L_u.T @ grad(u.arg[k]) + U_ll.T @
        #     grad(f.arg[k]) + U_rl.T @ grad(g.arg[k])
        np.matmul(doifgu_arg_at2[k - 1], L_o_L_i_U_ll_U_rl_L_u, out=product)
        np.add.reduce(product, axis=0, out=dl)
        # grad(r[k]) = R_i.T @ grad(i.arg[k]) + R_o.T @ grad(o.arg[k]) + R_u.T @ grad(u.arg[k]) + U_lr.T @
        #     grad(f.arg[k]) + U_rr.T @ grad(g.arg[k])
        np.matmul(doifgu_arg_at2[k - 1], R_o_R_i_U_lr_U_rr_R_u, out=product)
        np.add.reduce(product, axis=0, out=dr)
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
        #     K.own - 1), window.K) * f[k1] * grad(c[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
        #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * g[k1] *
        #     grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) * grad(h.tanh[k]), k < K
        np.multiply(c_factor2_at[k - 1], dc_at[k], out=tmp1)
        dc[left[k - 1], np.arange(B)] += tmp1
        np.multiply(c_factor3_at[k - 1], dc_at[k], out=tmp1)
        dc[right[k - 1], np.arange(B)] += tmp1
        # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
        #     K.own - 1), window.K) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
        #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * grad(r[k1]), (k1,
        #     k+1, K)) + V.T @ grad(s[k]), k < K
        np.add(right[k - 1], number, out=tmp15)
        np.maximum(tmp15, number2, out=tmp14)
        np.add(K_own, number, out=tmp16)
        np.minimum(tmp14, tmp16, out=tmp13)
        tmp11[...] = (k - 1) // window_K == tmp13 // window_K
        np.multiply(tmp11[:, None], dr, out=tmp1)
        dh[right[k - 1], np.arange(B)] += tmp1
        np.add(left[k - 1], number, out=tmp15)
        np.maximum(tmp15, number2, out=tmp14)
        np.add(K_own, number, out=tmp16)
        np.minimum(tmp14, tmp16, out=tmp13)
        tmp11[...] = (k - 1) // window_K == tmp13 // window_K
        np.multiply(tmp11[:, None], dl, out=tmp1)
        dh[left[k - 1], np.arange(B)] += tmp1
    # grad(b_u) = sum(grad(u.arg[k]), k)
    np.add.reduce(doifgu_arg[4], axis=(0, 1), out=db_u)
    # grad(L_o) = sum(outer(grad(o.arg[k]), l[k]), k)
    # grad(L_i) = sum(outer(grad(i.arg[k]), l[k]), k)
    # grad(U_ll) = sum(outer(grad(f.arg[k]), l[k]), k)
    # grad(U_rl) = sum(outer(grad(g.arg[k]), l[k]), k)
    # grad(L_u) = sum(outer(grad(u.arg[k]), l[k]), k)
    np.matmul(doifgu_arg.reshape(5, -1, n_h).transpose(0, 2, 1), l.reshape(-1, n_h), out=dL_o_L_i_U_ll_U_rl_L_u)
    # grad(R_o) = sum(outer(grad(o.arg[k]), r[k]), k)
    # grad(R_i) = sum(outer(grad(i.arg[k]), r[k]), k)
    # grad(U_lr) = sum(outer(grad(f.arg[k]), r[k]), k)
    # grad(U_rr) = sum(outer(grad(g.arg[k]), r[k]), k)
    # grad(R_u) = sum(outer(grad(u.arg[k]), r[k]), k)
    np.matmul(doifgu_arg.reshape(5, -1, n_h).transpose(0, 2, 1), r.reshape(-1, n_h), out=dR_o_R_i_U_lr_U_rr_R_u)
    # grad(W_u) = sum(outer(grad(u.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[4].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_u)
    # grad(x[k]) = W_i.T @ grad(i.arg[k]) + W_f.T @ grad(f.arg[k]) + W_f.T @ grad(g.arg[k]) + W_o.T @
    #     grad(o.arg[k]) + W_u.T @ grad(u.arg[k])
    np.matmul(doifgu_arg[2].reshape(-1, n_h), W_f, out=dx.reshape(-1, n_x))
    np.matmul(doifgu_arg[3].reshape(-1, n_h), W_f, out=tmp17.reshape(-1, n_x))
    dx += tmp17
    np.matmul(doifgu_arg[1].reshape(-1, n_h), W_i, out=tmp17.reshape(-1, n_x))
    dx += tmp17
    np.matmul(doifgu_arg[0].reshape(-1, n_h), W_o, out=tmp17.reshape(-1, n_x))
    dx += tmp17
    np.matmul(doifgu_arg[4].reshape(-1, n_h), W_u, out=tmp17.reshape(-1, n_x))
    dx += tmp17
    # grad(b_o) = sum(grad(o.arg[k]), k)
    np.add.reduce(doifgu_arg[0], axis=(0, 1), out=db_o)
    # grad(W_o) = sum(outer(grad(o.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[0].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_o)
    # grad(b_f) = sum(grad(f.arg[k]) + grad(g.arg[k]), k)
    np.add.reduce(doifgu_arg[2], axis=(0, 1), out=db_f)
    np.add.reduce(doifgu_arg[3], axis=(0, 1), out=tmp18)
    db_f += tmp18
    # grad(W_f) = sum(outer(grad(f.arg[k]), x[k]) + outer(grad(g.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[2].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_f)
    np.matmul(doifgu_arg[3].reshape(-1, n_h).T, x.reshape(-1, n_x), out=tmp19)
    dW_f += tmp19
    # grad(b_i) = sum(grad(i.arg[k]), k)
    np.add.reduce(doifgu_arg[1], axis=(0, 1), out=db_i)
    # grad(W_i) = sum(outer(grad(i.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[1].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_i)
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[k]), grad(x[k])), k)
    _scatter_add(dE, (w,), dx)
    if "c0" in wrt:
        dc0 = np.empty((B, n_h), dtype)
        # grad(c.0) = grad(c[0])
        dc0[...] = dc[0]
    if "h0" in wrt:
        dh0 = np.empty((B, n_h), dtype)
        # grad(h.0) = grad(h[0])
        dh0[...] = dh[0]
    dL_o = dL_o_L_i_U_ll_U_rl_L_u[0]
    dL_i = dL_o_L_i_U_ll_U_rl_L_u[1]
    dU_ll = dL_o_L_i_U_ll_U_rl_L_u[2]
    dU_rl = dL_o_L_i_U_ll_U_rl_L_u[3]
    dL_u = dL_o_L_i_U_ll_U_rl_L_u[4]
    dR_o = dR_o_R_i_U_lr_U_rr_R_u[0]
    dR_i = dR_o_R_i_U_lr_U_rr_R_u[1]
    dU_lr = dR_o_R_i_U_lr_U_rr_R_u[2]
    dU_rr = dR_o_R_i_U_lr_U_rr_R_u[3]
    dR_u = dR_o_R_i_U_lr_U_rr_R_u[4]

    gradient = Params(
        E=dE,
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        W_u=dW_u,
        L_i=dL_i,
        L_o=dL_o,
        L_u=dL_u,
        R_i=dR_i,
        R_o=dR_o,
        R_u=dR_u,
        U_ll=dU_ll,
        U_lr=dU_lr,
        U_rl=dU_rl,
        U_rr=dU_rr,
        b_i=db_i,
        b_f=db_f,
        b_o=db_o,
        b_u=db_u,
        V=dV,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "h0" in wrt:
        result["h0"] = dh0[0] if single else dh0
    if "c0" in wrt:
        result["c0"] = dc0[0] if single else dc0
    return float(loss), gradient, result


def _backward_padded(params, forward, w, left, right, y, lengths, window):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, left, right, y, x, l, r, i, f, g, o, u, c, h, yhat, dtype, single, n_w, n_x, n_h, n_y, K, B, len_K,
        K_own,
    ) = _padded_backward_arguments(params, forward, w, left, right, y, lengths)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params
    window_K = _window(window, "K", ("K",), K)

    h_tanh = np.empty((K, B, n_h), dtype)
    # h.tanh[k] = tanh(c[k])
    np.tanh(c[1:], out=h_tanh)
    tmp0 = np.empty((K, B), dtype)
    tmp1 = np.empty((K,), dtype)
    tmp2 = np.empty((K, B), dtype)
    tmp3 = np.empty((K, B), dtype)
    tmp4 = np.empty((K, B), dtype)
    tmp5 = np.empty((B,), dtype)
    tmp6 = np.empty((K, B, n_h), dtype)
    tmp7 = np.empty((B, n_h), dtype)
    tmp8 = np.empty((B,), dtype)
    tmp9 = np.empty((B,), dtype)
    tmp10 = np.empty((B,), dtype)
    tmp11 = np.empty((B,), dtype)
    tmp12 = np.empty((K, B, n_x), dtype)
    tmp13 = np.empty((n_h,), dtype)
    tmp14 = np.empty((n_h, n_x), dtype)
    L_o_L_i_U_ll_U_rl_L_u = np.stack((L_o, L_i, U_ll, U_rl, L_u))
    R_o_R_i_U_lr_U_rr_R_u = np.stack((R_o, R_i, U_lr, U_rr, R_u))
    ds = np.empty((K, B, n_y), dtype)
    # grad(s[k]) = grad(yhat.lse[k]) * yhat[k] - where(k <= K.own, 1, 0) * onehot(y[k])
    tmp0[...] = np.arange(1, K + 1)[:, None] <= K_own
    np.multiply(tmp0[:, :, None], yhat, out=ds)
    tmp0[...] = np.arange(1, K + 1)[:, None] <= K_own
    np.negative(tmp0, out=tmp0)
    rows = np.arange(K * B).reshape(K, B)
    flat = np.empty((K, B), np.intp)
    entries = np.empty((K, B), dtype)
    _add_to(ds, y, rows, flat, entries, tmp0)
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(s[k]), k)
    np.add.reduce(ds, axis=(0, 1), out=dd)
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(s[k]), h[k]), k)
    np.matmul(ds.reshape(-1, n_y).T, h[1:].reshape(-1, n_h), out=dV)
    c_factor = np.empty((K, B, n_h), dtype)
    # c.factor[k] = o[k] * (1 - h.tanh[k]**2)
    np.square(h_tanh, out=c_factor)
    np.subtract(1, c_factor, out=c_factor)
    c_factor *= o
    c_factor2 = np.empty((K, B, n_h), dtype)
    # c.factor2[k] = same_window(k - 1, minimum(maximum(left[k] - 1, 0), K.own - 1), window.K) * f[k]
    np.add(np.arange(1, K + 1, dtype=dtype), -1, out=tmp1)
    np.add(left, -1, out=tmp4)
    np.maximum(tmp4, 0, out=tmp3)
    np.add(K_own, -1, out=tmp5)
    np.minimum(tmp3, tmp5, out=tmp2)
    tmp0[...] = tmp1[:, None] // window_K == tmp2 // window_K
    np.multiply(tmp0[:, :, None], f, out=c_factor2)
    c_factor3 = np.empty((K, B, n_h), dtype)
    # c.factor3[k] = same_window(k - 1, minimum(maximum(right[k] - 1, 0), K.own - 1), window.K) * g[k]
    np.add(np.arange(1, K + 1, dtype=dtype), -1, out=tmp1)
    np.add(right, -1, out=tmp4)
    np.maximum(tmp4, 0, out=tmp3)
    np.add(K_own, -1, out=tmp5)
    np.minimum(tmp3, tmp5, out=tmp2)
    tmp0[...] = tmp1[:, None] // window_K == tmp2 // window_K
    np.multiply(tmp0[:, :, None], g, out=c_factor3)
    o_arg_factor = np.empty((K, B, n_h), dtype)
    # o.arg.factor[k] = h.tanh[k] * o[k] * (1 - o[k])
    np.subtract(1, o, out=o_arg_factor)
    o_arg_factor *= h_tanh
    o_arg_factor *= o
    dh = np.zeros((K + 1, B, n_h), dtype)
    # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
    #     K.own - 1), window.K) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
    #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * grad(r[k1]), (k1,
    #     k+1, K)) + V.T @ grad(s[k]), k < K
    np.matmul(ds.reshape(-1, n_y), V, out=dh[1:].reshape(-1, n_h))
    ifgu_arg_factor = np.empty((4, K, B, n_h), dtype)
    # u.arg.factor[k] = i[k] * (1 - u[k]**2)
    np.square(u, out=ifgu_arg_factor[3])
    np.subtract(1, ifgu_arg_factor[3], out=ifgu_arg_factor[3])
    ifgu_arg_factor[3] *= i
    # g.arg.factor[k] = c[right[k]] * g[k] * (1 - g[k])
    tmp6[...] = c[right, np.arange(B)]
    np.subtract(1, g, out=ifgu_arg_factor[2])
    ifgu_arg_factor[2] *= tmp6
    ifgu_arg_factor[2] *= g
    # f.arg.factor[k] = c[left[k]] * f[k] * (1 - f[k])
    tmp6[...] = c[left, np.arange(B)]
    np.subtract(1, f, out=ifgu_arg_factor[1])
    ifgu_arg_factor[1] *= tmp6
    ifgu_arg_factor[1] *= f
    # i.arg.factor[k] = i[k] * u[k] * (1 - i[k])
    np.subtract(1, i, out=ifgu_arg_factor[0])
    ifgu_arg_factor[0] *= i
    ifgu_arg_factor[0] *= u
    dc = np.zeros((K + 1, B, n_h), dtype)
    doifgu_arg = np.empty((5, K, B, n_h), dtype)
    dl = np.empty((B, n_h), dtype)
    dr = np.empty((B, n_h), dtype)
    c_factor_at = list(c_factor)
    dh_at = list(dh)
    dc_at = list(dc)
    do_arg_at = list(doifgu_arg[0])
    o_arg_factor_at = list(o_arg_factor)
    doifgu_arg_at = list(doifgu_arg[1:].swapaxes(0, 1))
    ifgu_arg_factor_at = list(ifgu_arg_factor.swapaxes(0, 1))
    doifgu_arg_at2 = list(doifgu_arg.swapaxes(0, 1))
    product = np.empty((5, B, n_h), dtype)
    c_factor2_at = list(c_factor2)
    c_factor3_at = list(c_factor3)
    number = np.array(-1, dtype)
    number2 = np.array(0, dtype)
    for k in range(K, 0, -1):
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
        #     K.own - 1), window.K) * f[k1] * grad(c[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
        #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * g[k1] *
        #     grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) * grad(h.tanh[k]), k < K
        np.multiply(c_factor_at[k - 1], dh_at[k], out=tmp7)
        dc_at[k] += tmp7
        # grad(o.arg[k]) = o[k] * (1 - o[k]) * grad(o[k])
        np.multiply(dh_at[k], o_arg_factor_at[k - 1], out=do_arg_at[k - 1])
        # grad(i.arg[k]) = i[k] * (1 - i[k]) * grad(i[k])
        # grad(f.arg[k]) = f[k] * (1 - f[k]) * grad(f[k])
        # grad(g.arg[k]) = g[k] * (1 - g[k]) * grad(g[k])
        # grad(u.arg[k]) = (1 - u[k]**2) * grad(u[k])
        np.multiply(ifgu_arg_factor_at[k - 1], dc_at[k], out=doifgu_arg_at[k - 1])
        # grad(l[k]) = L_i.T @ grad(i.arg[k]) + L_o.T @ grad(o.arg[k]) + L_u.T @ grad(u.arg[k]) + U_ll.T @
        #     grad(f.arg[k]) + U_rl.T @ grad(g.arg[k])
        np.matmul(doifgu_arg_at2[k - 1], L_o_L_i_U_ll_U_rl_L_u, out=product)
        np.add.reduce(product, axis=0, out=dl)
        # grad(r[k]) = R_i.T @ grad(i.arg[k]) + R_o.T @ grad(o.arg[k]) + R_u.T @ grad(u.arg[k]) + U_lr.T @
        #     grad(f.arg[k]) + U_rr.T @ grad(g.arg[k])
        np.matmul(doifgu_arg_at2[k - 1], R_o_R_i_U_lr_U_rr_R_u, out=product)
        np.add.reduce(product, axis=0, out=dr)
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
        #     K.own - 1), window.K) * f[k1] * grad(c[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
        #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * g[k1] *
        #     grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) * grad(h.tanh[k]), k < K
        np.multiply(c_factor2_at[k - 1], dc_at[k], out=tmp7)
        dc[left[k - 1], np.arange(B)] += tmp7
        np.multiply(c_factor3_at[k - 1], dc_at[k], out=tmp7)
        dc[right[k - 1], np.arange(B)] += tmp7
        # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
        #     K.own - 1), window.K) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
        #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * grad(r[k1]), (k1,
        #     k+1, K)) + V.T @ grad(s[k]), k < K
        np.add(right[k - 1], number, out=tmp10)
        np.maximum(tmp10, number2, out=tmp9)
        np.add(K_own, number, out=tmp11)
        np.minimum(tmp9, tmp11, out=tmp8)
        tmp5[...] = (k - 1) // window_K == tmp8 // window_K
        np.multiply(tmp5[:, None], dr, out=tmp7)
        dh[right[k - 1], np.arange(B)] += tmp7
        np.add(left[k - 1], number, out=tmp10)
        np.maximum(tmp10, number2, out=tmp9)
        np.add(K_own, number, out=tmp11)
        np.minimum(tmp9, tmp11, out=tmp8)
        tmp5[...] = (k - 1) // window_K == tmp8 // window_K
        np.multiply(tmp5[:, None], dl, out=tmp7)
        dh[left[k - 1], np.arange(B)] += tmp7
    db_u = np.empty((n_h,), dtype)
    # grad(b_u) = sum(grad(u.arg[k]), k)
    np.add.reduce(doifgu_arg[4], axis=(0, 1), out=db_u)
    dL_o_L_i_U_ll_U_rl_L_u = np.empty((5, n_h, n_h), dtype)
    # grad(L_o) = sum(outer(grad(o.arg[k]), l[k]), k)
    # grad(L_i) = sum(outer(grad(i.arg[k]), l[k]), k)
    # grad(U_ll) = sum(outer(grad(f.arg[k]), l[k]), k)
    # grad(U_rl) = sum(outer(grad(g.arg[k]), l[k]), k)
    # grad(L_u) = sum(outer(grad(u.arg[k]), l[k]), k)
    np.matmul(doifgu_arg.reshape(5, -1, n_h).transpose(0, 2, 1), l.reshape(-1, n_h), out=dL_o_L_i_U_ll_U_rl_L_u)
    dR_o_R_i_U_lr_U_rr_R_u = np.empty((5, n_h, n_h), dtype)
    # grad(R_o) = sum(outer(grad(o.arg[k]), r[k]), k)
    # grad(R_i) = sum(outer(grad(i.arg[k]), r[k]), k)
    # grad(U_lr) = sum(outer(grad(f.arg[k]), r[k]), k)
    # grad(U_rr) = sum(outer(grad(g.arg[k]), r[k]), k)
    # grad(R_u) = sum(outer(grad(u.arg[k]), r[k]), k)
    np.matmul(doifgu_arg.reshape(5, -1, n_h).transpose(0, 2, 1), r.reshape(-1, n_h), out=dR_o_R_i_U_lr_U_rr_R_u)
    dW_u = np.empty((n_h, n_x), dtype)
    # grad(W_u) = sum(outer(grad(u.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[4].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_u)
    dx = np.empty((K, B, n_x), dtype)
    # grad(x[k]) = W_i.T @ grad(i.arg[k]) + W_f.T @ grad(f.arg[k]) + W_f.T @ grad(g.arg[k]) + W_o.T @
    #     grad(o.arg[k]) + W_u.T @ grad(u.arg[k])
    np.matmul(doifgu_arg[2].reshape(-1, n_h), W_f, out=dx.reshape(-1, n_x))
    np.matmul(doifgu_arg[3].reshape(-1, n_h), W_f, out=tmp12.reshape(-1, n_x))
    dx += tmp12
    np.matmul(doifgu_arg[1].reshape(-1, n_h), W_i, out=tmp12.reshape(-1, n_x))
    dx += tmp12
    np.matmul(doifgu_arg[0].reshape(-1, n_h), W_o, out=tmp12.reshape(-1, n_x))
    dx += tmp12
    np.matmul(doifgu_arg[4].reshape(-1, n_h), W_u, out=tmp12.reshape(-1, n_x))
    dx += tmp12
    db_o = np.empty((n_h,), dtype)
    # grad(b_o) = sum(grad(o.arg[k]), k)
    np.add.reduce(doifgu_arg[0], axis=(0, 1), out=db_o)
    dW_o = np.empty((n_h, n_x), dtype)
    # grad(W_o) = sum(outer(grad(o.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[0].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_o)
    db_f = np.empty((n_h,), dtype)
    # grad(b_f) = sum(grad(f.arg[k]) + grad(g.arg[k]), k)
    np.add.reduce(doifgu_arg[2], axis=(0, 1), out=db_f)
    np.add.reduce(doifgu_arg[3], axis=(0, 1), out=tmp13)
    db_f += tmp13
    dW_f = np.empty((n_h, n_x), dtype)
    # grad(W_f) = sum(outer(grad(f.arg[k]), x[k]) + outer(grad(g.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[2].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_f)
    np.matmul(doifgu_arg[3].reshape(-1, n_h).T, x.reshape(-1, n_x), out=tmp14)
    dW_f += tmp14
    db_i = np.empty((n_h,), dtype)
    # grad(b_i) = sum(grad(i.arg[k]), k)
    np.add.reduce(doifgu_arg[1], axis=(0, 1), out=db_i)
    dW_i = np.empty((n_h, n_x), dtype)
    # grad(W_i) = sum(outer(grad(i.arg[k]), x[k]), k)
    np.matmul(doifgu_arg[1].reshape(-1, n_h).T, x.reshape(-1, n_x), out=dW_i)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[k]), grad(x[k])), k)
    _scatter_add(dE, (w,), dx)
    dL_o = dL_o_L_i_U_ll_U_rl_L_u[0]
    dL_i = dL_o_L_i_U_ll_U_rl_L_u[1]
    dU_ll = dL_o_L_i_U_ll_U_rl_L_u[2]
    dU_rl = dL_o_L_i_U_ll_U_rl_L_u[3]
    dL_u = dL_o_L_i_U_ll_U_rl_L_u[4]
    dR_o = dR_o_R_i_U_lr_U_rr_R_u[0]
    dR_i = dR_o_R_i_U_lr_U_rr_R_u[1]
    dU_lr = dR_o_R_i_U_lr_U_rr_R_u[2]
    dU_rr = dR_o_R_i_U_lr_U_rr_R_u[3]
    dR_u = dR_o_R_i_U_lr_U_rr_R_u[4]

    return Params(
        E=dE,
        W_i=dW_i,
        W_f=dW_f,
        W_o=dW_o,
        W_u=dW_u,
        L_i=dL_i,
        L_o=dL_o,
        L_u=dL_u,
        R_i=dR_i,
        R_o=dR_o,
        R_u=dR_u,
        U_ll=dU_ll,
        U_lr=dU_lr,
        U_rl=dU_rl,
        U_rr=dU_rr,
        b_i=db_i,
        b_f=db_f,
        b_o=db_o,
        b_u=db_u,
        V=dV,
        d=dd,
    )


def _loss_arrays(K, n_y, n_x, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((5, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((K, B, n_y), dtype)
    tmp3 = np.empty((K, B), dtype)
    L_o_L_i_U_ll_U_rl_L_u = np.empty((5, n_h, n_h), dtype)
    R_o_R_i_U_lr_U_rr_R_u = np.empty((5, n_h, n_h), dtype)
    x = np.empty((K, B, n_x), dtype)
    h = np.empty((K + 1, B, n_h), dtype)
    c = np.empty((K + 1, B, n_h), dtype)
    oifgu_arg = _by_step((5, K, B, n_h), dtype)
    l = np.empty((B, n_h), dtype)
    r = np.empty((B, n_h), dtype)
    oifg = np.empty((4, B, n_h), dtype)
    u = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    L_o_L_i_U_ll_U_rl_L_u_T = np.empty((5, n_h, n_h), dtype)
    R_o_R_i_U_lr_U_rr_R_u_T = np.empty((5, n_h, n_h), dtype)
    oifgu_arg_at = list(oifgu_arg.swapaxes(0, 1))
    oifgu_arg_at2 = list(oifgu_arg[:4].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    u_arg_at = list(oifgu_arg[4])
    c_at = list(c)
    h_at = list(h)
    s = np.empty((K, B, n_y), dtype)
    yhat_lse = np.empty((K, B), dtype)
    largest = np.empty((K, B, 1), dtype)
    rows = np.arange(K * B).reshape(K, B)
    flat = np.empty((K, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, L_o_L_i_U_ll_U_rl_L_u, R_o_R_i_U_lr_U_rr_R_u, x, h, c, oifgu_arg, l, r, oifg, u, h_tanh,
        L_o_L_i_U_ll_U_rl_L_u_T, R_o_R_i_U_lr_U_rr_R_u_T, oifgu_arg_at, oifgu_arg_at2, half, u_arg_at, c_at, h_at, s,
        yhat_lse, largest, rows, flat,
    )


def _loss_and_grad_arrays(K, n_w, n_y, n_x, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((5, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((K, B, n_y), dtype)
    tmp3 = np.empty((K, B), dtype)
    L_o_L_i_U_ll_U_rl_L_u = np.empty((5, n_h, n_h), dtype)
    R_o_R_i_U_lr_U_rr_R_u = np.empty((5, n_h, n_h), dtype)
    x = np.empty((K, B, n_x), dtype)
    h = np.empty((K + 1, B, n_h), dtype)
    c = np.empty((K + 1, B, n_h), dtype)
    oifgu_arg = _by_step((5, K, B, n_h), dtype)
    l = np.empty((K, B, n_h), dtype)
    r = np.empty((K, B, n_h), dtype)
    oifg = oifgu_arg[0:4]
    u = oifgu_arg[4]
    h_tanh = np.empty((K, B, n_h), dtype)
    L_o_L_i_U_ll_U_rl_L_u_T = np.empty((5, n_h, n_h), dtype)
    R_o_R_i_U_lr_U_rr_R_u_T = np.empty((5, n_h, n_h), dtype)
    l_at = list(l)
    oifgu_arg_at = list(oifgu_arg.swapaxes(0, 1))
    r_at = list(r)
    oifg_at = list(oifg.swapaxes(0, 1))
    oifgu_arg_at2 = list(oifgu_arg[:4].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    u_at = list(u)
    u_arg_at = list(oifgu_arg[4])
    f_at = list(oifg[2])
    c_at = list(c)
    g_at = list(oifg[3])
    i_at = list(oifg[1])
    h_tanh_at = list(h_tanh)
    h_at = list(h)
    o_at = list(oifg[0])
    s = np.empty((K, B, n_y), dtype)
    yhat_lse = np.empty((K, B), dtype)
    largest = np.empty((K, B, 1), dtype)
    yhat = np.empty((K, B, n_y), dtype)
    rows = np.arange(K * B).reshape(K, B)
    flat = np.empty((K, B), np.intp)
    tmp4 = h_tanh
    tmp5 = np.empty((K, B, n_x), dtype)
    tmp6 = np.empty((n_h,), dtype)
    tmp7 = np.empty((n_h, n_x), dtype)
    ds = yhat
    entries = np.empty((K, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    c_factor = np.empty((K, B, n_h), dtype)
    doifgu_arg = _by_step((5, K, B, n_h), dtype)
    o_arg_factor = doifgu_arg[0]
    dh = h
    ifgu_arg_factor = doifgu_arg[1:5]
    dc = c
    dl = np.empty((B, n_h), dtype)
    dr = np.empty((B, n_h), dtype)
    c_factor_at = list(c_factor)
    dh_at = list(dh)
    dc_at = list(dc)
    do_arg_at = list(doifgu_arg[0])
    o_arg_factor_at = list(o_arg_factor)
    doifgu_arg_at = list(doifgu_arg[1:].swapaxes(0, 1))
    ifgu_arg_factor_at = list(ifgu_arg_factor.swapaxes(0, 1))
    doifgu_arg_at2 = list(doifgu_arg.swapaxes(0, 1))
    product = np.empty((5, B, n_h), dtype)
    db_u = np.empty((n_h,), dtype)
    dL_o_L_i_U_ll_U_rl_L_u = L_o_L_i_U_ll_U_rl_L_u_T
    dR_o_R_i_U_lr_U_rr_R_u = R_o_R_i_U_lr_U_rr_R_u_T
    dW_u = np.empty((n_h, n_x), dtype)
    dx = np.empty((K, B, n_x), dtype)
    db_o = np.empty((n_h,), dtype)
    dW_o = np.empty((n_h, n_x), dtype)
    db_f = np.empty((n_h,), dtype)
    dW_f = np.empty((n_h, n_x), dtype)
    db_i = tmp6
    dW_i = tmp7
    dE = np.empty((n_w, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, L_o_L_i_U_ll_U_rl_L_u, R_o_R_i_U_lr_U_rr_R_u, x, h, c, oifgu_arg, l, r, oifg, u, h_tanh,
        L_o_L_i_U_ll_U_rl_L_u_T, R_o_R_i_U_lr_U_rr_R_u_T, l_at, oifgu_arg_at, r_at, oifg_at, oifgu_arg_at2, half, u_at,
        u_arg_at, f_at, c_at, g_at, i_at, h_tanh_at, h_at, o_at, s, yhat_lse, largest, yhat, rows, flat, tmp4, tmp5,
        tmp6, tmp7, ds, entries, dd, dV, c_factor, doifgu_arg, o_arg_factor, dh, ifgu_arg_factor, dc, dl, dr,
        c_factor_at, dh_at, dc_at, do_arg_at, o_arg_factor_at, doifgu_arg_at, ifgu_arg_factor_at, doifgu_arg_at2,
        product, db_u, dL_o_L_i_U_ll_U_rl_L_u, dR_o_R_i_U_lr_U_rr_R_u, dW_u, dx, db_o, dW_o, db_f, dW_f, db_i, dW_i, dE,
    )


def _loss_padded_arrays(K, n_y, n_x, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((5, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((K, B, n_y), dtype)
    tmp3 = np.empty((B, K), dtype)
    tmp4 = np.empty((B, K), dtype)
    tmp5 = np.empty((B, K), dtype)
    L_o_L_i_U_ll_U_rl_L_u = np.empty((5, n_h, n_h), dtype)
    R_o_R_i_U_lr_U_rr_R_u = np.empty((5, n_h, n_h), dtype)
    x = np.empty((K, B, n_x), dtype)
    h = np.empty((K + 1, B, n_h), dtype)
    c = np.empty((K + 1, B, n_h), dtype)
    oifgu_arg = _by_step((5, K, B, n_h), dtype)
    l = np.empty((B, n_h), dtype)
    r = np.empty((B, n_h), dtype)
    oifg = np.empty((4, B, n_h), dtype)
    u = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    L_o_L_i_U_ll_U_rl_L_u_T = np.empty((5, n_h, n_h), dtype)
    R_o_R_i_U_lr_U_rr_R_u_T = np.empty((5, n_h, n_h), dtype)
    oifgu_arg_at = list(oifgu_arg.swapaxes(0, 1))
    oifgu_arg_at2 = list(oifgu_arg[:4].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    u_arg_at = list(oifgu_arg[4])
    c_at = list(c)
    h_at = list(h)
    s = np.empty((K, B, n_y), dtype)
    yhat_lse = np.empty((K, B), dtype)
    largest = np.empty((K, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, L_o_L_i_U_ll_U_rl_L_u, R_o_R_i_U_lr_U_rr_R_u, x, h, c, oifgu_arg, l, r,
        oifg, u, h_tanh, L_o_L_i_U_ll_U_rl_L_u_T, R_o_R_i_U_lr_U_rr_R_u_T, oifgu_arg_at, oifgu_arg_at2, half, u_arg_at,
        c_at, h_at, s, yhat_lse, largest,
    )


def _loss_and_grad_padded_arrays(K, n_w, n_y, n_x, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((5, B, n_h), dtype)
    tmp1 = np.empty((B, n_h), dtype)
    tmp2 = np.empty((K, B, n_y), dtype)
    tmp3 = np.empty((B, K), dtype)
    tmp4 = np.empty((B, K), dtype)
    tmp5 = np.empty((B, K), dtype)
    L_o_L_i_U_ll_U_rl_L_u = np.empty((5, n_h, n_h), dtype)
    R_o_R_i_U_lr_U_rr_R_u = np.empty((5, n_h, n_h), dtype)
    x = np.empty((K, B, n_x), dtype)
    h = np.empty((K + 1, B, n_h), dtype)
    c = np.empty((K + 1, B, n_h), dtype)
    oifgu_arg = _by_step((5, K, B, n_h), dtype)
    l = np.empty((K, B, n_h), dtype)
    r = np.empty((K, B, n_h), dtype)
    oifg = oifgu_arg[0:4]
    u = oifgu_arg[4]
    h_tanh = np.empty((K, B, n_h), dtype)
    L_o_L_i_U_ll_U_rl_L_u_T = np.empty((5, n_h, n_h), dtype)
    R_o_R_i_U_lr_U_rr_R_u_T = np.empty((5, n_h, n_h), dtype)
    l_at = list(l)
    oifgu_arg_at = list(oifgu_arg.swapaxes(0, 1))
    r_at = list(r)
    oifg_at = list(oifg.swapaxes(0, 1))
    oifgu_arg_at2 = list(oifgu_arg[:4].swapaxes(0, 1))
    half = np.array(0.5, dtype)
    u_at = list(u)
    u_arg_at = list(oifgu_arg[4])
    f_at = list(oifg[2])
    c_at = list(c)
    g_at = list(oifg[3])
    i_at = list(oifg[1])
    h_tanh_at = list(h_tanh)
    h_at = list(h)
    o_at = list(oifg[0])
    s = np.empty((K, B, n_y), dtype)
    yhat_lse = np.empty((K, B), dtype)
    largest = np.empty((K, B, 1), dtype)
    yhat = np.empty((K, B, n_y), dtype)
    tmp6 = yhat_lse
    tmp7 = np.empty((K,), dtype)
    tmp8 = np.empty((K, B), dtype)
    tmp9 = np.empty((K, B), dtype)
    tmp10 = np.empty((K, B), dtype)
    tmp11 = np.empty((B,), dtype)
    tmp12 = h_tanh
    tmp13 = np.empty((B,), dtype)
    tmp14 = np.empty((B,), dtype)
    tmp15 = np.empty((B,), dtype)
    tmp16 = np.empty((B,), dtype)
    tmp17 = np.empty((K, B, n_x), dtype)
    tmp18 = np.empty((n_h,), dtype)
    tmp19 = np.empty((n_h, n_x), dtype)
    ds = yhat
    rows = np.arange(K * B).reshape(K, B)
    flat = np.empty((K, B), np.intp)
    entries = np.empty((K, B), dtype)
    dd = np.empty((n_y,), dtype)
    dV = np.empty((n_y, n_h), dtype)
    c_factor = np.empty((K, B, n_h), dtype)
    c_factor2 = np.empty((K, B, n_h), dtype)
    c_factor3 = np.empty((K, B, n_h), dtype)
    doifgu_arg = _by_step((5, K, B, n_h), dtype)
    o_arg_factor = doifgu_arg[0]
    dh = h
    ifgu_arg_factor = doifgu_arg[1:5]
    dc = c
    dl = np.empty((B, n_h), dtype)
    dr = np.empty((B, n_h), dtype)
    c_factor_at = list(c_factor)
    dh_at = list(dh)
    dc_at = list(dc)
    do_arg_at = list(doifgu_arg[0])
    o_arg_factor_at = list(o_arg_factor)
    doifgu_arg_at = list(doifgu_arg[1:].swapaxes(0, 1))
    ifgu_arg_factor_at = list(ifgu_arg_factor.swapaxes(0, 1))
    doifgu_arg_at2 = list(doifgu_arg.swapaxes(0, 1))
    product = np.empty((5, B, n_h), dtype)
    c_factor2_at = list(c_factor2)
    c_factor3_at = list(c_factor3)
    number = np.array(-1, dtype)
    number2 = np.array(0, dtype)
    db_u = np.empty((n_h,), dtype)
    dL_o_L_i_U_ll_U_rl_L_u = L_o_L_i_U_ll_U_rl_L_u_T
    dR_o_R_i_U_lr_U_rr_R_u = R_o_R_i_U_lr_U_rr_R_u_T
    dW_u = np.empty((n_h, n_x), dtype)
    dx = np.empty((K, B, n_x), dtype)
    db_o = np.empty((n_h,), dtype)
    dW_o = np.empty((n_h, n_x), dtype)
    db_f = np.empty((n_h,), dtype)
    dW_f = np.empty((n_h, n_x), dtype)
    db_i = tmp18
    dW_i = tmp19
    dE = np.empty((n_w, n_x), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, L_o_L_i_U_ll_U_rl_L_u, R_o_R_i_U_lr_U_rr_R_u, x, h, c, oifgu_arg, l, r,
        oifg, u, h_tanh, L_o_L_i_U_ll_U_rl_L_u_T, R_o_R_i_U_lr_U_rr_R_u_T, l_at, oifgu_arg_at, r_at, oifg_at,
        oifgu_arg_at2, half, u_at, u_arg_at, f_at, c_at, g_at, i_at, h_tanh_at, h_at, o_at, s, yhat_lse, largest, yhat,
        tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, tmp13, tmp14, tmp15, tmp16, tmp17, tmp18, tmp19, ds, rows, flat,
        entries, dd, dV, c_factor, c_factor2, c_factor3, doifgu_arg, o_arg_factor, dh, ifgu_arg_factor, dc, dl, dr,
        c_factor_at, dh_at, dc_at, do_arg_at, o_arg_factor_at, doifgu_arg_at, ifgu_arg_factor_at, doifgu_arg_at2,
        product, c_factor2_at, c_factor3_at, number, number2, db_u, dL_o_L_i_U_ll_U_rl_L_u, dR_o_R_i_U_lr_U_rr_R_u,
        dW_u, dx, db_o, dW_o, db_f, dW_f, db_i, dW_i, dE,
    )


def _arguments(params, w, left, right, y, h0, c0, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h, n_y = _parameters(params)
    w = _integers("w", w)
    left = _integers("left", left)
    right = _integers("right", right)
    single = w.ndim == 1
    _rank("w", w, ("K", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    K = w.shape[0]
    _expect("left", left, (K, *batch_axis), ("K", "B"), "K and B from w")
    _expect("right", right, (K, *batch_axis), ("K", "B"), "K and B from w")
    _classes("w", w, n_w, "n_w - 1")
    _nodes("left", left, 0)
    _nodes("right", right, 0)
    if single:
        w = w[:, None]
        left = left[:, None]
        right = right[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (K, *batch_axis), ("K", "B"), "K and B from w")
        _classes("y", y, n_y, "n_y - 1")
        if single:
            y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from W_i")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from W_i")
        if single:
            c0 = c0[None]
    return params, w, left, right, y, h0, c0, dtype, single, n_w, n_x, n_h, n_y, K, B


def _backward_arguments(params, forward, w, left, right, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h, n_y = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    left = _integers("left", left)
    right = _integers("right", right)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    l = _real("forward.l", forward.l, dtype)
    r = _real("forward.r", forward.r, dtype)
    i = _real("forward.i", forward.i, dtype)
    f = _real("forward.f", forward.f, dtype)
    g = _real("forward.g", forward.g, dtype)
    o = _real("forward.o", forward.o, dtype)
    u = _real("forward.u", forward.u, dtype)
    c = _real("forward.c", forward.c, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("K", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    K = w.shape[0]
    _expect("left", left, (K, *batch_axis), ("K", "B"), "K and B from w")
    _expect("right", right, (K, *batch_axis), ("K", "B"), "K and B from w")
    _expect("y", y, (K, *batch_axis), ("K", "B"), "K and B from w")
    _expect("forward.x", x, (K, *batch_axis, n_x), ("K", "B", "n_x"), "K and B from w, n_x from E")
    _expect("forward.l", l, (K, *batch_axis, n_h), ("K", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.r", r, (K, *batch_axis, n_h), ("K", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.i", i, (K, *batch_axis, n_h), ("K", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.f", f, (K, *batch_axis, n_h), ("K", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.g", g, (K, *batch_axis, n_h), ("K", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.o", o, (K, *batch_axis, n_h), ("K", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.u", u, (K, *batch_axis, n_h), ("K", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.c", c, (K + 1, *batch_axis, n_h), ("K + 1", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.h", h, (K + 1, *batch_axis, n_h), ("K + 1", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.yhat", yhat, (K, *batch_axis, n_y), ("K", "B", "n_y"), "K and B from w, n_y from V")
    _classes("w", w, n_w, "n_w - 1")
    _nodes("left", left, 0)
    _nodes("right", right, 0)
    _classes("y", y, n_y, "n_y - 1")
    if single:
        w = w[:, None]
        left = left[:, None]
        right = right[:, None]
        y = y[:, None]
        x = x[:, None]
        l = l[:, None]
        r = r[:, None]
        i = i[:, None]
        f = f[:, None]
        g = g[:, None]
        o = o[:, None]
        u = u[:, None]
        c = c[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    return params, w, left, right, y, x, l, r, i, f, g, o, u, c, h, yhat, dtype, single, n_w, n_x, n_h, n_y, K, B


def _padded_arguments(params, w, left, right, y, h0, c0, lengths, whole=False):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h, n_y = _parameters(params)
    w = _integers("w", w)
    left = _integers("left", left)
    right = _integers("right", right)
    single = w.ndim == 1
    _rank("w", w, ("K", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    K = w.shape[0]
    _expect("left", left, (K, *batch_axis), ("K", "B"), "K and B from w")
    _expect("right", right, (K, *batch_axis), ("K", "B"), "K and B from w")
    if single:
        w = w[:, None]
        left = left[:, None]
        right = right[:, None]
    if whole or y is not None:
        y = _integers("y", y)
        _expect("y", y, (K, *batch_axis), ("K", "B"), "K and B from w")
        if single:
            y = y[:, None]
    if h0 is None:
        h0 = np.zeros((B, n_h), dtype)
    else:
        h0 = _real("h0", h0, dtype)
        _expect("h0", h0, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from W_i")
        if single:
            h0 = h0[None]
    if c0 is None:
        c0 = np.zeros((B, n_h), dtype)
    else:
        c0 = _real("c0", c0, dtype)
        _expect("c0", c0, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from W_i")
        if single:
            c0 = c0[None]
    len_K = _lengths(lengths, "K", ("K",), K, B, single, 1)
    K_own = len_K.astype(dtype)
    w = _hold(w, 0, 1, len_K)
    _classes("w", w, n_w, "n_w - 1")
    left = _hold(left, 0, 1, len_K)
    _nodes("left", left, 0)
    right = _hold(right, 0, 1, len_K)
    _nodes("right", right, 0)
    if y is not None:
        y = _hold(y, 0, 1, len_K)
        _classes("y", y, n_y, "n_y - 1")
    return params, w, left, right, y, h0, c0, dtype, single, n_w, n_x, n_h, n_y, K, B, len_K, K_own


def _padded_backward_arguments(params, forward, w, left, right, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_x, n_h, n_y = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    left = _integers("left", left)
    right = _integers("right", right)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    l = _real("forward.l", forward.l, dtype)
    r = _real("forward.r", forward.r, dtype)
    i = _real("forward.i", forward.i, dtype)
    f = _real("forward.f", forward.f, dtype)
    g = _real("forward.g", forward.g, dtype)
    o = _real("forward.o", forward.o, dtype)
    u = _real("forward.u", forward.u, dtype)
    c = _real("forward.c", forward.c, dtype)
    h = _real("forward.h", forward.h, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("K", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    K = w.shape[0]
    _expect("left", left, (K, *batch_axis), ("K", "B"), "K and B from w")
    _expect("right", right, (K, *batch_axis), ("K", "B"), "K and B from w")
    _expect("y", y, (K, *batch_axis), ("K", "B"), "K and B from w")
    _expect("forward.x", x, (K, *batch_axis, n_x), ("K", "B", "n_x"), "K and B from w, n_x from E")
    _expect("forward.l", l, (K, *batch_axis, n_h), ("K", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.r", r, (K, *batch_axis, n_h), ("K", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.i", i, (K, *batch_axis, n_h), ("K", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.f", f, (K, *batch_axis, n_h), ("K", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.g", g, (K, *batch_axis, n_h), ("K", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.o", o, (K, *batch_axis, n_h), ("K", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.u", u, (K, *batch_axis, n_h), ("K", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.c", c, (K + 1, *batch_axis, n_h), ("K + 1", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.h", h, (K + 1, *batch_axis, n_h), ("K + 1", "B", "n_h"), "K and B from w, n_h from W_i")
    _expect("forward.yhat", yhat, (K, *batch_axis, n_y), ("K", "B", "n_y"), "K and B from w, n_y from V")
    if single:
        w = w[:, None]
        left = left[:, None]
        right = right[:, None]
        y = y[:, None]
        x = x[:, None]
        l = l[:, None]
        r = r[:, None]
        i = i[:, None]
        f = f[:, None]
        g = g[:, None]
        o = o[:, None]
        u = u[:, None]
        c = c[:, None]
        h = h[:, None]
        yhat = yhat[:, None]
    len_K = _lengths(lengths, "K", ("K",), K, B, single, 1)
    K_own = len_K.astype(dtype)
    w = _hold(w, 0, 1, len_K)
    _classes("w", w, n_w, "n_w - 1")
    left = _hold(left, 0, 1, len_K)
    _nodes("left", left, 0)
    right = _hold(right, 0, 1, len_K)
    _nodes("right", right, 0)
    y = _hold(y, 0, 1, len_K)
    _classes("y", y, n_y, "n_y - 1")
    return (
        params, w, left, right, y, x, l, r, i, f, g, o, u, c, h, yhat, dtype, single, n_w, n_x, n_h, n_y, K, B, len_K,
        K_own,
    )


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params
    _rank("E", E, ("n_w", "n_x"))
    n_w, n_x = E.shape
    _rank("W_i", W_i, ("n_h", "n_x"))
    n_h = W_i.shape[0]
    _rank("V", V, ("n_y", "n_h"))
    n_y = V.shape[0]
    _expect("W_i", W_i, (n_h, n_x), ("n_h", "n_x"), "n_x from E")
    _expect("W_f", W_f, (n_h, n_x), ("n_h", "n_x"), "n_h from W_i, n_x from E")
    _expect("W_o", W_o, (n_h, n_x), ("n_h", "n_x"), "n_h from W_i, n_x from E")
    _expect("W_u", W_u, (n_h, n_x), ("n_h", "n_x"), "n_h from W_i, n_x from E")
    _expect("L_i", L_i, (n_h, n_h), ("n_h", "n_h"), "n_h from W_i")
    _expect("L_o", L_o, (n_h, n_h), ("n_h", "n_h"), "n_h from W_i")
    _expect("L_u", L_u, (n_h, n_h), ("n_h", "n_h"), "n_h from W_i")
    _expect("R_i", R_i, (n_h, n_h), ("n_h", "n_h"), "n_h from W_i")
    _expect("R_o", R_o, (n_h, n_h), ("n_h", "n_h"), "n_h from W_i")
    _expect("R_u", R_u, (n_h, n_h), ("n_h", "n_h"), "n_h from W_i")
    _expect("U_ll", U_ll, (n_h, n_h), ("n_h", "n_h"), "n_h from W_i")
    _expect("U_lr", U_lr, (n_h, n_h), ("n_h", "n_h"), "n_h from W_i")
    _expect("U_rl", U_rl, (n_h, n_h), ("n_h", "n_h"), "n_h from W_i")
    _expect("U_rr", U_rr, (n_h, n_h), ("n_h", "n_h"), "n_h from W_i")
    _expect("b_i", b_i, (n_h,), ("n_h",), "n_h from W_i")
    _expect("b_f", b_f, (n_h,), ("n_h",), "n_h from W_i")
    _expect("b_o", b_o, (n_h,), ("n_h",), "n_h from W_i")
    _expect("b_u", b_u, (n_h,), ("n_h",), "n_h from W_i")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_h from W_i")
    _expect("d", d, (n_y,), ("n_y",), "n_y from V")
    return params, dtype, n_w, n_x, n_h, n_y


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


def _window(given, sequence, known, steps):
    """How many steps a window has; all of them where nothing is given."""
    if isinstance(given, dict):
        given = _of_sequence("window", given, sequence, known)
    return steps if given is None else _size("window", given)
