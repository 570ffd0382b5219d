# Written by derive from tree_lstm.eq; do not edit.
# Change tree_lstm.eq instead, and run: derive generate tree_lstm
# source 7fa25a9333b0d998, derive e116e7411edaf54b, body 8fa6011685b06e19
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
    lengths  (B,)      1..K              each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _forward_padded(params, w, left, right, y, h0, c0, lengths)
    (
        params, w, left, right, y, h0, c0, dtype, single, n_w, n_x, n_h, n_y, K, B,
    ) = _arguments(params, w, left, right, y, h0, c0)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params

    L_i_U_ll_U_rl_L_o_L_u = np.concatenate((L_i, U_ll, U_rl, L_o, L_u))
    R_i_U_lr_U_rr_R_o_R_u = np.concatenate((R_i, U_lr, U_rr, R_o, R_u))
    # x[k] = E[w[k]]
    x = E[w]
    h = np.empty((K + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((K + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    ifgou_arg = np.zeros((K, B, 5 * n_h), dtype)
    # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
    ifgou_arg[:, :, :n_h] += (x.reshape(-1, n_x) @ W_i.T).reshape(K, B, n_h)
    ifgou_arg[:, :, :n_h] += b_i
    # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
    ifgou_arg[:, :, n_h:2 * n_h] += (x.reshape(-1, n_x) @ W_f.T).reshape(K, B, n_h)
    ifgou_arg[:, :, n_h:2 * n_h] += b_f
    # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
    ifgou_arg[:, :, 2 * n_h:3 * n_h] += (x.reshape(-1, n_x) @ W_f.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 2 * n_h:3 * n_h] += b_f
    # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
    ifgou_arg[:, :, 3 * n_h:4 * n_h] += (x.reshape(-1, n_x) @ W_o.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 3 * n_h:4 * n_h] += b_o
    # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
    ifgou_arg[:, :, 4 * n_h:] += (x.reshape(-1, n_x) @ W_u.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 4 * n_h:] += b_u
    l = np.empty((K, B, n_h), dtype)
    r = np.empty((K, B, n_h), dtype)
    i = np.empty((K, B, n_h), dtype)
    f = np.empty((K, B, n_h), dtype)
    g = np.empty((K, B, n_h), dtype)
    o = np.empty((K, B, n_h), dtype)
    u = np.empty((K, B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    for k in range(1, K + 1):
        # l[k] = h[left[k]]
        l[k - 1] = h[left[k - 1], np.arange(B)]
        # r[k] = h[right[k]]
        r[k - 1] = h[right[k - 1], np.arange(B)]
        # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
        # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
        # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
        # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
        # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
        ifgou_arg[k - 1] += l[k - 1] @ L_i_U_ll_U_rl_L_o_L_u.T
        ifgou_arg[k - 1] += r[k - 1] @ R_i_U_lr_U_rr_R_o_R_u.T
        # i[k] = sigmoid(W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i)
        i[k - 1] = _sigmoid(ifgou_arg[k - 1, :, :n_h])
        # f[k] = sigmoid(W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f)
        f[k - 1] = _sigmoid(ifgou_arg[k - 1, :, n_h:2 * n_h])
        # g[k] = sigmoid(W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f)
        g[k - 1] = _sigmoid(ifgou_arg[k - 1, :, 2 * n_h:3 * n_h])
        # o[k] = sigmoid(W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o)
        o[k - 1] = _sigmoid(ifgou_arg[k - 1, :, 3 * n_h:4 * n_h])
        # u[k] = tanh(W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u)
        np.tanh(ifgou_arg[k - 1, :, 4 * n_h:], out=u[k - 1])
        # c[k] = i[k] * u[k] + f[k] * c[left[k]] + g[k] * c[right[k]]
        c[k] = c[left[k - 1], np.arange(B)] * f[k - 1]
        c[k] += c[right[k - 1], np.arange(B)] * g[k - 1]
        c[k] += i[k - 1] * u[k - 1]
        # h.tanh[k] = tanh(c[k])
        np.tanh(c[k], out=h_tanh)
        # h[k] = o[k] * tanh(c[k])
        h[k] = h_tanh * o[k - 1]
    # s[k] = d + V @ h[k]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(K, B, n_y)
    s += d
    # yhat[k] = softmax(s[k])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    if y is not None:
        # loss = sum(-log(yhat[k, y[k]]), k)
        loss = -s[np.arange(K)[:, None], np.arange(B), y].sum()
        loss += yhat_lse.sum()
    else:
        loss = None

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
) -> float:
    """The loss, summed over the batch.

    w        (K, B)    0..n_w - 1        the word of a leaf, and one word for all inner nodes
    left     (K, B)    0..k-1 at node k  left child, 0 for none
    right    (K, B)    0..k-1 at node k  right child, 0 for none
    y        (K, B)    0..n_y - 1        the class of each node
    h0       (B, n_h)  real              h[0]; 0 where not given
    c0       (B, n_h)  real              c[0]; 0 where not given
    lengths  (B,)      1..K              each example's own number of steps, what is given beyond is not read; all where not given

    Data without the axis B are one example.
    """
    if lengths is not None:
        return _loss_padded(params, w, left, right, y, h0, c0, lengths)
    (
        params, w, left, right, y, h0, c0, dtype, single, n_w, n_x, n_h, n_y, K, B,
    ) = _arguments(params, w, left, right, y, h0, c0, whole=True)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params

    L_i_U_ll_U_rl_L_o_L_u = np.concatenate((L_i, U_ll, U_rl, L_o, L_u))
    R_i_U_lr_U_rr_R_o_R_u = np.concatenate((R_i, U_lr, U_rr, R_o, R_u))
    # x[k] = E[w[k]]
    x = E[w]
    h = np.empty((K + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((K + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    ifgou_arg = np.zeros((K, B, 5 * n_h), dtype)
    # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
    ifgou_arg[:, :, :n_h] += (x.reshape(-1, n_x) @ W_i.T).reshape(K, B, n_h)
    ifgou_arg[:, :, :n_h] += b_i
    # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
    ifgou_arg[:, :, n_h:2 * n_h] += (x.reshape(-1, n_x) @ W_f.T).reshape(K, B, n_h)
    ifgou_arg[:, :, n_h:2 * n_h] += b_f
    # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
    ifgou_arg[:, :, 2 * n_h:3 * n_h] += (x.reshape(-1, n_x) @ W_f.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 2 * n_h:3 * n_h] += b_f
    # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
    ifgou_arg[:, :, 3 * n_h:4 * n_h] += (x.reshape(-1, n_x) @ W_o.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 3 * n_h:4 * n_h] += b_o
    # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
    ifgou_arg[:, :, 4 * n_h:] += (x.reshape(-1, n_x) @ W_u.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 4 * n_h:] += b_u
    l = np.empty((B, n_h), dtype)
    r = np.empty((B, n_h), dtype)
    i = np.empty((B, n_h), dtype)
    f = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    o = np.empty((B, n_h), dtype)
    u = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    for k in range(1, K + 1):
        # l[k] = h[left[k]]
        l[...] = h[left[k - 1], np.arange(B)]
        # r[k] = h[right[k]]
        r[...] = h[right[k - 1], np.arange(B)]
        # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
        # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
        # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
        # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
        # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
        ifgou_arg[k - 1] += l @ L_i_U_ll_U_rl_L_o_L_u.T
        ifgou_arg[k - 1] += r @ R_i_U_lr_U_rr_R_o_R_u.T
        # i[k] = sigmoid(W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i)
        i[...] = _sigmoid(ifgou_arg[k - 1, :, :n_h])
        # f[k] = sigmoid(W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f)
        f[...] = _sigmoid(ifgou_arg[k - 1, :, n_h:2 * n_h])
        # g[k] = sigmoid(W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f)
        g[...] = _sigmoid(ifgou_arg[k - 1, :, 2 * n_h:3 * n_h])
        # o[k] = sigmoid(W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o)
        o[...] = _sigmoid(ifgou_arg[k - 1, :, 3 * n_h:4 * n_h])
        # u[k] = tanh(W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u)
        np.tanh(ifgou_arg[k - 1, :, 4 * n_h:], out=u)
        # c[k] = i[k] * u[k] + f[k] * c[left[k]] + g[k] * c[right[k]]
        c[k] = c[left[k - 1], np.arange(B)] * f
        c[k] += c[right[k - 1], np.arange(B)] * g
        c[k] += i * u
        # h.tanh[k] = tanh(c[k])
        np.tanh(c[k], out=h_tanh)
        # h[k] = o[k] * tanh(c[k])
        h[k] = h_tanh * o
    # s[k] = d + V @ h[k]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(K, B, n_y)
    s += d
    # yhat[k] = softmax(s[k])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[k, y[k]]), k)
    loss = -s[np.arange(K)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()

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
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w        (K, B)    0..n_w - 1         the word of a leaf, and one word for all inner nodes
    left     (K, B)    0..k-1 at node k   left child, 0 for none
    right    (K, B)    0..k-1 at node k   right child, 0 for none
    y        (K, B)    0..n_y - 1         the class of each node
    h0       (B, n_h)  real               h[0]; 0 where not given
    c0       (B, n_h)  real               c[0]; 0 where not given
    lengths  (B,)      1..K               each example's own number of steps, what is given beyond is not read; all where not given
    window             whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _loss_and_grad_padded(params, w, left, right, y, h0, c0, lengths, wrt, window)
    (
        params, w, left, right, y, h0, c0, dtype, single, n_w, n_x, n_h, n_y, K, B,
    ) = _arguments(params, w, left, right, y, h0, c0, whole=True)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params
    wrt = _asked(wrt, ("h0", "c0"))

    L_i_U_ll_U_rl_L_o_L_u = np.concatenate((L_i, U_ll, U_rl, L_o, L_u))
    R_i_U_lr_U_rr_R_o_R_u = np.concatenate((R_i, U_lr, U_rr, R_o, R_u))
    # x[k] = E[w[k]]
    x = E[w]
    h = np.empty((K + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((K + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    ifgou_arg = np.zeros((K, B, 5 * n_h), dtype)
    # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
    ifgou_arg[:, :, :n_h] += (x.reshape(-1, n_x) @ W_i.T).reshape(K, B, n_h)
    ifgou_arg[:, :, :n_h] += b_i
    # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
    ifgou_arg[:, :, n_h:2 * n_h] += (x.reshape(-1, n_x) @ W_f.T).reshape(K, B, n_h)
    ifgou_arg[:, :, n_h:2 * n_h] += b_f
    # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
    ifgou_arg[:, :, 2 * n_h:3 * n_h] += (x.reshape(-1, n_x) @ W_f.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 2 * n_h:3 * n_h] += b_f
    # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
    ifgou_arg[:, :, 3 * n_h:4 * n_h] += (x.reshape(-1, n_x) @ W_o.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 3 * n_h:4 * n_h] += b_o
    # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
    ifgou_arg[:, :, 4 * n_h:] += (x.reshape(-1, n_x) @ W_u.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 4 * n_h:] += b_u
    l = np.empty((K, B, n_h), dtype)
    r = np.empty((K, B, n_h), dtype)
    i = np.empty((K, B, n_h), dtype)
    f = np.empty((K, B, n_h), dtype)
    g = np.empty((K, B, n_h), dtype)
    o = np.empty((K, B, n_h), dtype)
    u = np.empty((K, B, n_h), dtype)
    h_tanh = np.empty((K, B, n_h), dtype)
    for k in range(1, K + 1):
        # l[k] = h[left[k]]
        l[k - 1] = h[left[k - 1], np.arange(B)]
        # r[k] = h[right[k]]
        r[k - 1] = h[right[k - 1], np.arange(B)]
        # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
        # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
        # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
        # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
        # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
        ifgou_arg[k - 1] += l[k - 1] @ L_i_U_ll_U_rl_L_o_L_u.T
        ifgou_arg[k - 1] += r[k - 1] @ R_i_U_lr_U_rr_R_o_R_u.T
        # i[k] = sigmoid(W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i)
        i[k - 1] = _sigmoid(ifgou_arg[k - 1, :, :n_h])
        # f[k] = sigmoid(W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f)
        f[k - 1] = _sigmoid(ifgou_arg[k - 1, :, n_h:2 * n_h])
        # g[k] = sigmoid(W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f)
        g[k - 1] = _sigmoid(ifgou_arg[k - 1, :, 2 * n_h:3 * n_h])
        # o[k] = sigmoid(W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o)
        o[k - 1] = _sigmoid(ifgou_arg[k - 1, :, 3 * n_h:4 * n_h])
        # u[k] = tanh(W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u)
        np.tanh(ifgou_arg[k - 1, :, 4 * n_h:], out=u[k - 1])
        # c[k] = i[k] * u[k] + f[k] * c[left[k]] + g[k] * c[right[k]]
        c[k] = c[left[k - 1], np.arange(B)] * f[k - 1]
        c[k] += c[right[k - 1], np.arange(B)] * g[k - 1]
        c[k] += i[k - 1] * u[k - 1]
        # h.tanh[k] = tanh(c[k])
        np.tanh(c[k], out=h_tanh[k - 1])
        # h[k] = o[k] * tanh(c[k])
        h[k] = h_tanh[k - 1] * o[k - 1]
    # s[k] = d + V @ h[k]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(K, B, n_y)
    s += d
    # yhat[k] = softmax(s[k])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[k, y[k]]), k)
    loss = -s[np.arange(K)[:, None], np.arange(B), y].sum()
    loss += yhat_lse.sum()
    # grad(s[k]) = yhat[k] - onehot(y[k])
    ds = yhat.copy()
    ds[np.arange(K)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[k]), k)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[k]), h[k]), k)
    dV = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dh = np.zeros((K + 1, B, n_h), dtype)
    # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k,
    #     1, 0) * grad(r[k1]), (k1, k+1, K)) + V.T @ grad(s[k]), k < K
    dh[1:] = (ds.reshape(-1, n_y) @ V).reshape(K, B, n_h)
    dc = np.zeros((K + 1, B, n_h), dtype)
    difgou_arg = np.empty((K, B, 5 * n_h), dtype)
    dl = np.empty((B, n_h), dtype)
    dr = np.empty((B, n_h), dtype)
    for k in range(K, 0, -1):
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * f[k1] * grad(c[k1]), (k1, k+1, K)) +
        #     sum(where(right[k1] == k, 1, 0) * g[k1] * grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) *
        #     grad(h.tanh[k]), k < K
        dc[k] += dh[k] * o[k - 1] * (1 - h_tanh[k - 1]**2)
        # grad(u.arg[k]) = (1 - u[k]**2) * grad(u[k])
        difgou_arg[k - 1, :, 4 * n_h:] = dc[k] * i[k - 1] * (1 - u[k - 1]**2)
        # grad(o.arg[k]) = o[k] * (1 - o[k]) * grad(o[k])
        difgou_arg[k - 1, :, 3 * n_h:4 * n_h] = dh[k] * h_tanh[k - 1] * o[k - 1] * (1 - o[k - 1])
        # grad(g.arg[k]) = g[k] * (1 - g[k]) * grad(g[k])
        difgou_arg[k - 1, :, 2 * n_h:3 * n_h] = c[right[k - 1], np.arange(B)] * dc[k] * g[k - 1] * (1 - g[k - 1])
        # grad(f.arg[k]) = f[k] * (1 - f[k]) * grad(f[k])
        difgou_arg[k - 1, :, n_h:2 * n_h] = c[left[k - 1], np.arange(B)] * dc[k] * f[k - 1] * (1 - f[k - 1])
        # grad(i.arg[k]) = i[k] * (1 - i[k]) * grad(i[k])
        difgou_arg[k - 1, :, :n_h] = dc[k] * i[k - 1] * u[k - 1] * (1 - i[k - 1])
        # grad(l[k]) = L_i.T @ grad(i.arg[k]) + L_o.T @ grad(o.arg[k]) + L_u.T @ grad(u.arg[k]) + U_ll.T @
        #     grad(f.arg[k]) + U_rl.T @ grad(g.arg[k])
        dl[...] = difgou_arg[k - 1] @ L_i_U_ll_U_rl_L_o_L_u
        # grad(r[k]) = R_i.T @ grad(i.arg[k]) + R_o.T @ grad(o.arg[k]) + R_u.T @ grad(u.arg[k]) + U_lr.T @
        #     grad(f.arg[k]) + U_rr.T @ grad(g.arg[k])
        dr[...] = difgou_arg[k - 1] @ R_i_U_lr_U_rr_R_o_R_u
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * f[k1] * grad(c[k1]), (k1, k+1, K)) +
        #     sum(where(right[k1] == k, 1, 0) * g[k1] * grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) *
        #     grad(h.tanh[k]), k < K
        dc[left[k - 1], np.arange(B)] += dc[k] * f[k - 1]
        dc[right[k - 1], np.arange(B)] += dc[k] * g[k - 1]
        # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k,
        #     1, 0) * grad(r[k1]), (k1, k+1, K)) + V.T @ grad(s[k]), k < K
        dh[right[k - 1], np.arange(B)] += dr
        dh[left[k - 1], np.arange(B)] += dl
    # grad(b_u) = sum(grad(u.arg[k]), k)
    db_u = difgou_arg[:, :, 4 * n_h:].sum(axis=(0, 1))
    # grad(L_i) = sum(outer(grad(i.arg[k]), l[k]), k)
    # grad(U_ll) = sum(outer(grad(f.arg[k]), l[k]), k)
    # grad(U_rl) = sum(outer(grad(g.arg[k]), l[k]), k)
    # grad(L_o) = sum(outer(grad(o.arg[k]), l[k]), k)
    # grad(L_u) = sum(outer(grad(u.arg[k]), l[k]), k)
    dL_i_U_ll_U_rl_L_o_L_u = difgou_arg.reshape(-1, 5 * n_h).T @ l.reshape(-1, n_h)
    # grad(R_i) = sum(outer(grad(i.arg[k]), r[k]), k)
    # grad(U_lr) = sum(outer(grad(f.arg[k]), r[k]), k)
    # grad(U_rr) = sum(outer(grad(g.arg[k]), r[k]), k)
    # grad(R_o) = sum(outer(grad(o.arg[k]), r[k]), k)
    # grad(R_u) = sum(outer(grad(u.arg[k]), r[k]), k)
    dR_i_U_lr_U_rr_R_o_R_u = difgou_arg.reshape(-1, 5 * n_h).T @ r.reshape(-1, n_h)
    # grad(W_u) = sum(outer(grad(u.arg[k]), x[k]), k)
    dW_u = difgou_arg[:, :, 4 * n_h:].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(x[k]) = W_i.T @ grad(i.arg[k]) + W_f.T @ grad(f.arg[k]) + W_f.T @ grad(g.arg[k]) + W_o.T @
    #     grad(o.arg[k]) + W_u.T @ grad(u.arg[k])
    dx = (difgou_arg[:, :, n_h:2 * n_h].reshape(-1, n_h) @ W_f).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, 2 * n_h:3 * n_h].reshape(-1, n_h) @ W_f).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, :n_h].reshape(-1, n_h) @ W_i).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, 3 * n_h:4 * n_h].reshape(-1, n_h) @ W_o).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, 4 * n_h:].reshape(-1, n_h) @ W_u).reshape(K, B, n_x)
    # grad(b_o) = sum(grad(o.arg[k]), k)
    db_o = difgou_arg[:, :, 3 * n_h:4 * n_h].sum(axis=(0, 1))
    # grad(W_o) = sum(outer(grad(o.arg[k]), x[k]), k)
    dW_o = difgou_arg[:, :, 3 * n_h:4 * n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(b_f) = sum(grad(f.arg[k]) + grad(g.arg[k]), k)
    db_f = difgou_arg[:, :, n_h:2 * n_h].sum(axis=(0, 1))
    db_f += difgou_arg[:, :, 2 * n_h:3 * n_h].sum(axis=(0, 1))
    # grad(W_f) = sum(outer(grad(f.arg[k]), x[k]) + outer(grad(g.arg[k]), x[k]), k)
    dW_f = difgou_arg[:, :, n_h:2 * n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    dW_f += difgou_arg[:, :, 2 * n_h:3 * n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(b_i) = sum(grad(i.arg[k]), k)
    db_i = difgou_arg[:, :, :n_h].sum(axis=(0, 1))
    # grad(W_i) = sum(outer(grad(i.arg[k]), x[k]), k)
    dW_i = difgou_arg[:, :, :n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[k]), grad(x[k])), k)
    _scatter_add(dE, (w,), dx)
    if "c0" in wrt:
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    if "h0" in wrt:
        # grad(h.0) = grad(h[0])
        dh0 = dh[0].copy()
    dL_i = dL_i_U_ll_U_rl_L_o_L_u[:n_h]
    dU_ll = dL_i_U_ll_U_rl_L_o_L_u[n_h:2 * n_h]
    dU_rl = dL_i_U_ll_U_rl_L_o_L_u[2 * n_h:3 * n_h]
    dL_o = dL_i_U_ll_U_rl_L_o_L_u[3 * n_h:4 * n_h]
    dL_u = dL_i_U_ll_U_rl_L_o_L_u[4 * n_h:5 * n_h]
    dR_i = dR_i_U_lr_U_rr_R_o_R_u[:n_h]
    dU_lr = dR_i_U_lr_U_rr_R_o_R_u[n_h:2 * n_h]
    dU_rr = dR_i_U_lr_U_rr_R_o_R_u[2 * n_h:3 * n_h]
    dR_o = dR_i_U_lr_U_rr_R_o_R_u[3 * n_h:4 * n_h]
    dR_u = dR_i_U_lr_U_rr_R_o_R_u[4 * n_h:5 * n_h]

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
    lengths  (B,)    1..K               each example's own number of steps, what is given beyond is not read; all where not given
    window           whole number >= 1  steps in a window: gradients stay in it, values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None:
        return _backward_padded(params, forward, w, left, right, y, lengths, window)
    (
        params, w, left, right, y, x, l, r, i, f, g, o, u, c, h, yhat, dtype, single, n_w, n_x, n_h, n_y, K, B,
    ) = _backward_arguments(params, forward, w, left, right, y)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params

    # h.tanh[k] = tanh(c[k])
    h_tanh = np.tanh(c[1:])
    L_i_U_ll_U_rl_L_o_L_u = np.concatenate((L_i, U_ll, U_rl, L_o, L_u))
    R_i_U_lr_U_rr_R_o_R_u = np.concatenate((R_i, U_lr, U_rr, R_o, R_u))
    # grad(s[k]) = yhat[k] - onehot(y[k])
    ds = yhat.copy()
    ds[np.arange(K)[:, None], np.arange(B), y] -= 1
    # grad(d) = sum(grad(s[k]), k)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[k]), h[k]), k)
    dV = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dh = np.zeros((K + 1, B, n_h), dtype)
    # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k,
    #     1, 0) * grad(r[k1]), (k1, k+1, K)) + V.T @ grad(s[k]), k < K
    dh[1:] = (ds.reshape(-1, n_y) @ V).reshape(K, B, n_h)
    dc = np.zeros((K + 1, B, n_h), dtype)
    difgou_arg = np.empty((K, B, 5 * n_h), dtype)
    dl = np.empty((B, n_h), dtype)
    dr = np.empty((B, n_h), dtype)
    for k in range(K, 0, -1):
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * f[k1] * grad(c[k1]), (k1, k+1, K)) +
        #     sum(where(right[k1] == k, 1, 0) * g[k1] * grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) *
        #     grad(h.tanh[k]), k < K
        dc[k] += dh[k] * o[k - 1] * (1 - h_tanh[k - 1]**2)
        # grad(u.arg[k]) = (1 - u[k]**2) * grad(u[k])
        difgou_arg[k - 1, :, 4 * n_h:] = dc[k] * i[k - 1] * (1 - u[k - 1]**2)
        # grad(o.arg[k]) = o[k] * (1 - o[k]) * grad(o[k])
        difgou_arg[k - 1, :, 3 * n_h:4 * n_h] = dh[k] * h_tanh[k - 1] * o[k - 1] * (1 - o[k - 1])
        # grad(g.arg[k]) = g[k] * (1 - g[k]) * grad(g[k])
        difgou_arg[k - 1, :, 2 * n_h:3 * n_h] = c[right[k - 1], np.arange(B)] * dc[k] * g[k - 1] * (1 - g[k - 1])
        # grad(f.arg[k]) = f[k] * (1 - f[k]) * grad(f[k])
        difgou_arg[k - 1, :, n_h:2 * n_h] = c[left[k - 1], np.arange(B)] * dc[k] * f[k - 1] * (1 - f[k - 1])
        # grad(i.arg[k]) = i[k] * (1 - i[k]) * grad(i[k])
        difgou_arg[k - 1, :, :n_h] = dc[k] * i[k - 1] * u[k - 1] * (1 - i[k - 1])
        # grad(l[k]) = L_i.T @ grad(i.arg[k]) + L_o.T @ grad(o.arg[k]) + L_u.T @ grad(u.arg[k]) + U_ll.T @
        #     grad(f.arg[k]) + U_rl.T @ grad(g.arg[k])
        dl[...] = difgou_arg[k - 1] @ L_i_U_ll_U_rl_L_o_L_u
        # grad(r[k]) = R_i.T @ grad(i.arg[k]) + R_o.T @ grad(o.arg[k]) + R_u.T @ grad(u.arg[k]) + U_lr.T @
        #     grad(f.arg[k]) + U_rr.T @ grad(g.arg[k])
        dr[...] = difgou_arg[k - 1] @ R_i_U_lr_U_rr_R_o_R_u
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * f[k1] * grad(c[k1]), (k1, k+1, K)) +
        #     sum(where(right[k1] == k, 1, 0) * g[k1] * grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) *
        #     grad(h.tanh[k]), k < K
        dc[left[k - 1], np.arange(B)] += dc[k] * f[k - 1]
        dc[right[k - 1], np.arange(B)] += dc[k] * g[k - 1]
        # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k,
        #     1, 0) * grad(r[k1]), (k1, k+1, K)) + V.T @ grad(s[k]), k < K
        dh[right[k - 1], np.arange(B)] += dr
        dh[left[k - 1], np.arange(B)] += dl
    # grad(b_u) = sum(grad(u.arg[k]), k)
    db_u = difgou_arg[:, :, 4 * n_h:].sum(axis=(0, 1))
    # grad(L_i) = sum(outer(grad(i.arg[k]), l[k]), k)
    # grad(U_ll) = sum(outer(grad(f.arg[k]), l[k]), k)
    # grad(U_rl) = sum(outer(grad(g.arg[k]), l[k]), k)
    # grad(L_o) = sum(outer(grad(o.arg[k]), l[k]), k)
    # grad(L_u) = sum(outer(grad(u.arg[k]), l[k]), k)
    dL_i_U_ll_U_rl_L_o_L_u = difgou_arg.reshape(-1, 5 * n_h).T @ l.reshape(-1, n_h)
    # grad(R_i) = sum(outer(grad(i.arg[k]), r[k]), k)
    # grad(U_lr) = sum(outer(grad(f.arg[k]), r[k]), k)
    # grad(U_rr) = sum(outer(grad(g.arg[k]), r[k]), k)
    # grad(R_o) = sum(outer(grad(o.arg[k]), r[k]), k)
    # grad(R_u) = sum(outer(grad(u.arg[k]), r[k]), k)
    dR_i_U_lr_U_rr_R_o_R_u = difgou_arg.reshape(-1, 5 * n_h).T @ r.reshape(-1, n_h)
    # grad(W_u) = sum(outer(grad(u.arg[k]), x[k]), k)
    dW_u = difgou_arg[:, :, 4 * n_h:].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(x[k]) = W_i.T @ grad(i.arg[k]) + W_f.T @ grad(f.arg[k]) + W_f.T @ grad(g.arg[k]) + W_o.T @
    #     grad(o.arg[k]) + W_u.T @ grad(u.arg[k])
    dx = (difgou_arg[:, :, n_h:2 * n_h].reshape(-1, n_h) @ W_f).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, 2 * n_h:3 * n_h].reshape(-1, n_h) @ W_f).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, :n_h].reshape(-1, n_h) @ W_i).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, 3 * n_h:4 * n_h].reshape(-1, n_h) @ W_o).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, 4 * n_h:].reshape(-1, n_h) @ W_u).reshape(K, B, n_x)
    # grad(b_o) = sum(grad(o.arg[k]), k)
    db_o = difgou_arg[:, :, 3 * n_h:4 * n_h].sum(axis=(0, 1))
    # grad(W_o) = sum(outer(grad(o.arg[k]), x[k]), k)
    dW_o = difgou_arg[:, :, 3 * n_h:4 * n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(b_f) = sum(grad(f.arg[k]) + grad(g.arg[k]), k)
    db_f = difgou_arg[:, :, n_h:2 * n_h].sum(axis=(0, 1))
    db_f += difgou_arg[:, :, 2 * n_h:3 * n_h].sum(axis=(0, 1))
    # grad(W_f) = sum(outer(grad(f.arg[k]), x[k]) + outer(grad(g.arg[k]), x[k]), k)
    dW_f = difgou_arg[:, :, n_h:2 * n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    dW_f += difgou_arg[:, :, 2 * n_h:3 * n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(b_i) = sum(grad(i.arg[k]), k)
    db_i = difgou_arg[:, :, :n_h].sum(axis=(0, 1))
    # grad(W_i) = sum(outer(grad(i.arg[k]), x[k]), k)
    dW_i = difgou_arg[:, :, :n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[k]), grad(x[k])), k)
    _scatter_add(dE, (w,), dx)
    dL_i = dL_i_U_ll_U_rl_L_o_L_u[:n_h]
    dU_ll = dL_i_U_ll_U_rl_L_o_L_u[n_h:2 * n_h]
    dU_rl = dL_i_U_ll_U_rl_L_o_L_u[2 * n_h:3 * n_h]
    dL_o = dL_i_U_ll_U_rl_L_o_L_u[3 * n_h:4 * n_h]
    dL_u = dL_i_U_ll_U_rl_L_o_L_u[4 * n_h:5 * n_h]
    dR_i = dR_i_U_lr_U_rr_R_o_R_u[:n_h]
    dU_lr = dR_i_U_lr_U_rr_R_o_R_u[n_h:2 * n_h]
    dU_rr = dR_i_U_lr_U_rr_R_o_R_u[2 * n_h:3 * n_h]
    dR_o = dR_i_U_lr_U_rr_R_o_R_u[3 * n_h:4 * n_h]
    dR_u = dR_i_U_lr_U_rr_R_o_R_u[4 * n_h:5 * n_h]

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

    L_i_U_ll_U_rl_L_o_L_u = np.concatenate((L_i, U_ll, U_rl, L_o, L_u))
    R_i_U_lr_U_rr_R_o_R_u = np.concatenate((R_i, U_lr, U_rr, R_o, R_u))
    # x[k] = E[w[k]]
    x = E[w]
    h = np.empty((K + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((K + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    ifgou_arg = np.zeros((K, B, 5 * n_h), dtype)
    # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
    ifgou_arg[:, :, :n_h] += (x.reshape(-1, n_x) @ W_i.T).reshape(K, B, n_h)
    ifgou_arg[:, :, :n_h] += b_i
    # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
    ifgou_arg[:, :, n_h:2 * n_h] += (x.reshape(-1, n_x) @ W_f.T).reshape(K, B, n_h)
    ifgou_arg[:, :, n_h:2 * n_h] += b_f
    # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
    ifgou_arg[:, :, 2 * n_h:3 * n_h] += (x.reshape(-1, n_x) @ W_f.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 2 * n_h:3 * n_h] += b_f
    # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
    ifgou_arg[:, :, 3 * n_h:4 * n_h] += (x.reshape(-1, n_x) @ W_o.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 3 * n_h:4 * n_h] += b_o
    # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
    ifgou_arg[:, :, 4 * n_h:] += (x.reshape(-1, n_x) @ W_u.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 4 * n_h:] += b_u
    l = np.empty((K, B, n_h), dtype)
    r = np.empty((K, B, n_h), dtype)
    i = np.empty((K, B, n_h), dtype)
    f = np.empty((K, B, n_h), dtype)
    g = np.empty((K, B, n_h), dtype)
    o = np.empty((K, B, n_h), dtype)
    u = np.empty((K, B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    for k in range(1, K + 1):
        # l[k] = h[left[k]]
        l[k - 1] = h[left[k - 1], np.arange(B)]
        # r[k] = h[right[k]]
        r[k - 1] = h[right[k - 1], np.arange(B)]
        # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
        # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
        # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
        # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
        # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
        ifgou_arg[k - 1] += l[k - 1] @ L_i_U_ll_U_rl_L_o_L_u.T
        ifgou_arg[k - 1] += r[k - 1] @ R_i_U_lr_U_rr_R_o_R_u.T
        # i[k] = sigmoid(W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i)
        i[k - 1] = _sigmoid(ifgou_arg[k - 1, :, :n_h])
        # f[k] = sigmoid(W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f)
        f[k - 1] = _sigmoid(ifgou_arg[k - 1, :, n_h:2 * n_h])
        # g[k] = sigmoid(W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f)
        g[k - 1] = _sigmoid(ifgou_arg[k - 1, :, 2 * n_h:3 * n_h])
        # o[k] = sigmoid(W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o)
        o[k - 1] = _sigmoid(ifgou_arg[k - 1, :, 3 * n_h:4 * n_h])
        # u[k] = tanh(W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u)
        np.tanh(ifgou_arg[k - 1, :, 4 * n_h:], out=u[k - 1])
        # c[k] = i[k] * u[k] + f[k] * c[left[k]] + g[k] * c[right[k]]
        c[k] = c[left[k - 1], np.arange(B)] * f[k - 1]
        c[k] += c[right[k - 1], np.arange(B)] * g[k - 1]
        c[k] += i[k - 1] * u[k - 1]
        # h.tanh[k] = tanh(c[k])
        np.tanh(c[k], out=h_tanh)
        # h[k] = o[k] * tanh(c[k])
        h[k] = h_tanh * o[k - 1]
    # s[k] = d + V @ h[k]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(K, B, n_y)
    s += d
    # yhat[k] = softmax(s[k])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    if y is not None:
        # loss = sum(-log(yhat[k, y[k]]), k)
        loss = -np.where(np.arange(1, K + 1)[:, None] <= K_own, s[np.arange(K)[:, None], np.arange(B), y], 0).sum()
        loss += np.where(np.arange(1, K + 1)[:, None] <= K_own, yhat_lse, 0).sum()
    else:
        loss = None

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


def _loss_padded(params, w, left, right, y, h0, c0, lengths):
    """`loss` where examples have their own lengths."""
    (
        params, w, left, right, y, h0, c0, dtype, single, n_w, n_x, n_h, n_y, K, B, len_K, K_own,
    ) = _padded_arguments(params, w, left, right, y, h0, c0, lengths, whole=True)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params

    L_i_U_ll_U_rl_L_o_L_u = np.concatenate((L_i, U_ll, U_rl, L_o, L_u))
    R_i_U_lr_U_rr_R_o_R_u = np.concatenate((R_i, U_lr, U_rr, R_o, R_u))
    # x[k] = E[w[k]]
    x = E[w]
    h = np.empty((K + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((K + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    ifgou_arg = np.zeros((K, B, 5 * n_h), dtype)
    # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
    ifgou_arg[:, :, :n_h] += (x.reshape(-1, n_x) @ W_i.T).reshape(K, B, n_h)
    ifgou_arg[:, :, :n_h] += b_i
    # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
    ifgou_arg[:, :, n_h:2 * n_h] += (x.reshape(-1, n_x) @ W_f.T).reshape(K, B, n_h)
    ifgou_arg[:, :, n_h:2 * n_h] += b_f
    # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
    ifgou_arg[:, :, 2 * n_h:3 * n_h] += (x.reshape(-1, n_x) @ W_f.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 2 * n_h:3 * n_h] += b_f
    # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
    ifgou_arg[:, :, 3 * n_h:4 * n_h] += (x.reshape(-1, n_x) @ W_o.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 3 * n_h:4 * n_h] += b_o
    # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
    ifgou_arg[:, :, 4 * n_h:] += (x.reshape(-1, n_x) @ W_u.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 4 * n_h:] += b_u
    l = np.empty((B, n_h), dtype)
    r = np.empty((B, n_h), dtype)
    i = np.empty((B, n_h), dtype)
    f = np.empty((B, n_h), dtype)
    g = np.empty((B, n_h), dtype)
    o = np.empty((B, n_h), dtype)
    u = np.empty((B, n_h), dtype)
    h_tanh = np.empty((B, n_h), dtype)
    for k in range(1, K + 1):
        # l[k] = h[left[k]]
        l[...] = h[left[k - 1], np.arange(B)]
        # r[k] = h[right[k]]
        r[...] = h[right[k - 1], np.arange(B)]
        # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
        # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
        # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
        # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
        # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
        ifgou_arg[k - 1] += l @ L_i_U_ll_U_rl_L_o_L_u.T
        ifgou_arg[k - 1] += r @ R_i_U_lr_U_rr_R_o_R_u.T
        # i[k] = sigmoid(W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i)
        i[...] = _sigmoid(ifgou_arg[k - 1, :, :n_h])
        # f[k] = sigmoid(W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f)
        f[...] = _sigmoid(ifgou_arg[k - 1, :, n_h:2 * n_h])
        # g[k] = sigmoid(W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f)
        g[...] = _sigmoid(ifgou_arg[k - 1, :, 2 * n_h:3 * n_h])
        # o[k] = sigmoid(W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o)
        o[...] = _sigmoid(ifgou_arg[k - 1, :, 3 * n_h:4 * n_h])
        # u[k] = tanh(W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u)
        np.tanh(ifgou_arg[k - 1, :, 4 * n_h:], out=u)
        # c[k] = i[k] * u[k] + f[k] * c[left[k]] + g[k] * c[right[k]]
        c[k] = c[left[k - 1], np.arange(B)] * f
        c[k] += c[right[k - 1], np.arange(B)] * g
        c[k] += i * u
        # h.tanh[k] = tanh(c[k])
        np.tanh(c[k], out=h_tanh)
        # h[k] = o[k] * tanh(c[k])
        h[k] = h_tanh * o
    # s[k] = d + V @ h[k]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(K, B, n_y)
    s += d
    # yhat[k] = softmax(s[k])
    yhat_lse = _logsumexp(s, 2)
    # loss = sum(-log(yhat[k, y[k]]), k)
    loss = -np.where(np.arange(1, K + 1)[:, None] <= K_own, s[np.arange(K)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, K + 1)[:, None] <= K_own, yhat_lse, 0).sum()

    return float(loss)


def _loss_and_grad_padded(params, w, left, right, y, h0, c0, lengths, wrt, window):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, left, right, y, h0, c0, dtype, single, n_w, n_x, n_h, n_y, K, B, len_K, K_own,
    ) = _padded_arguments(params, w, left, right, y, h0, c0, lengths, whole=True)
    E, W_i, W_f, W_o, W_u, L_i, L_o, L_u, R_i, R_o, R_u, U_ll, U_lr, U_rl, U_rr, b_i, b_f, b_o, b_u, V, d = params
    wrt = _asked(wrt, ("h0", "c0"))
    window_K = _window(window, "K", ("K",), K)

    L_i_U_ll_U_rl_L_o_L_u = np.concatenate((L_i, U_ll, U_rl, L_o, L_u))
    R_i_U_lr_U_rr_R_o_R_u = np.concatenate((R_i, U_lr, U_rr, R_o, R_u))
    # x[k] = E[w[k]]
    x = E[w]
    h = np.empty((K + 1, B, n_h), dtype)
    # h[0] = 0
    h[0] = h0
    c = np.empty((K + 1, B, n_h), dtype)
    # c[0] = 0
    c[0] = c0
    ifgou_arg = np.zeros((K, B, 5 * n_h), dtype)
    # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
    ifgou_arg[:, :, :n_h] += (x.reshape(-1, n_x) @ W_i.T).reshape(K, B, n_h)
    ifgou_arg[:, :, :n_h] += b_i
    # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
    ifgou_arg[:, :, n_h:2 * n_h] += (x.reshape(-1, n_x) @ W_f.T).reshape(K, B, n_h)
    ifgou_arg[:, :, n_h:2 * n_h] += b_f
    # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
    ifgou_arg[:, :, 2 * n_h:3 * n_h] += (x.reshape(-1, n_x) @ W_f.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 2 * n_h:3 * n_h] += b_f
    # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
    ifgou_arg[:, :, 3 * n_h:4 * n_h] += (x.reshape(-1, n_x) @ W_o.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 3 * n_h:4 * n_h] += b_o
    # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
    ifgou_arg[:, :, 4 * n_h:] += (x.reshape(-1, n_x) @ W_u.T).reshape(K, B, n_h)
    ifgou_arg[:, :, 4 * n_h:] += b_u
    l = np.empty((K, B, n_h), dtype)
    r = np.empty((K, B, n_h), dtype)
    i = np.empty((K, B, n_h), dtype)
    f = np.empty((K, B, n_h), dtype)
    g = np.empty((K, B, n_h), dtype)
    o = np.empty((K, B, n_h), dtype)
    u = np.empty((K, B, n_h), dtype)
    h_tanh = np.empty((K, B, n_h), dtype)
    for k in range(1, K + 1):
        # l[k] = h[left[k]]
        l[k - 1] = h[left[k - 1], np.arange(B)]
        # r[k] = h[right[k]]
        r[k - 1] = h[right[k - 1], np.arange(B)]
        # i.arg[k] = W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i
        # f.arg[k] = W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f
        # g.arg[k] = W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f
        # o.arg[k] = W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o
        # u.arg[k] = W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u
        ifgou_arg[k - 1] += l[k - 1] @ L_i_U_ll_U_rl_L_o_L_u.T
        ifgou_arg[k - 1] += r[k - 1] @ R_i_U_lr_U_rr_R_o_R_u.T
        # i[k] = sigmoid(W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i)
        i[k - 1] = _sigmoid(ifgou_arg[k - 1, :, :n_h])
        # f[k] = sigmoid(W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f)
        f[k - 1] = _sigmoid(ifgou_arg[k - 1, :, n_h:2 * n_h])
        # g[k] = sigmoid(W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f)
        g[k - 1] = _sigmoid(ifgou_arg[k - 1, :, 2 * n_h:3 * n_h])
        # o[k] = sigmoid(W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o)
        o[k - 1] = _sigmoid(ifgou_arg[k - 1, :, 3 * n_h:4 * n_h])
        # u[k] = tanh(W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u)
        np.tanh(ifgou_arg[k - 1, :, 4 * n_h:], out=u[k - 1])
        # c[k] = i[k] * u[k] + f[k] * c[left[k]] + g[k] * c[right[k]]
        c[k] = c[left[k - 1], np.arange(B)] * f[k - 1]
        c[k] += c[right[k - 1], np.arange(B)] * g[k - 1]
        c[k] += i[k - 1] * u[k - 1]
        # h.tanh[k] = tanh(c[k])
        np.tanh(c[k], out=h_tanh[k - 1])
        # h[k] = o[k] * tanh(c[k])
        h[k] = h_tanh[k - 1] * o[k - 1]
    # s[k] = d + V @ h[k]
    s = (h[1:].reshape(-1, n_h) @ V.T).reshape(K, B, n_y)
    s += d
    # yhat[k] = softmax(s[k])
    yhat_lse = _logsumexp(s, 2)
    yhat = np.exp(s - yhat_lse[:, :, None])
    # loss = sum(-log(yhat[k, y[k]]), k)
    loss = -np.where(np.arange(1, K + 1)[:, None] <= K_own, s[np.arange(K)[:, None], np.arange(B), y], 0).sum()
    loss += np.where(np.arange(1, K + 1)[:, None] <= K_own, yhat_lse, 0).sum()
    # grad(s[k]) = grad(yhat.lse[k]) * yhat[k] - where(k <= K.own, 1, 0) * onehot(y[k])
    ds = yhat * (np.arange(1, K + 1)[:, None] <= K_own)[:, :, None]
    ds[np.arange(K)[:, None], np.arange(B), y] -= (np.arange(1, K + 1)[:, None] <= K_own).astype(dtype)
    # grad(d) = sum(grad(s[k]), k)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[k]), h[k]), k)
    dV = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dh = np.zeros((K + 1, B, n_h), dtype)
    # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
    #     K.own - 1), window.K) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
    #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * grad(r[k1]), (k1,
    #     k+1, K)) + V.T @ grad(s[k]), k < K
    dh[1:] = (ds.reshape(-1, n_y) @ V).reshape(K, B, n_h)
    dc = np.zeros((K + 1, B, n_h), dtype)
    difgou_arg = np.empty((K, B, 5 * n_h), dtype)
    dl = np.empty((B, n_h), dtype)
    dr = np.empty((B, n_h), dtype)
    for k in range(K, 0, -1):
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
        #     K.own - 1), window.K) * f[k1] * grad(c[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
        #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * g[k1] *
        #     grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) * grad(h.tanh[k]), k < K
        dc[k] += dh[k] * o[k - 1] * (1 - h_tanh[k - 1]**2)
        # grad(u.arg[k]) = (1 - u[k]**2) * grad(u[k])
        difgou_arg[k - 1, :, 4 * n_h:] = dc[k] * i[k - 1] * (1 - u[k - 1]**2)
        # grad(o.arg[k]) = o[k] * (1 - o[k]) * grad(o[k])
        difgou_arg[k - 1, :, 3 * n_h:4 * n_h] = dh[k] * h_tanh[k - 1] * o[k - 1] * (1 - o[k - 1])
        # grad(g.arg[k]) = g[k] * (1 - g[k]) * grad(g[k])
        difgou_arg[k - 1, :, 2 * n_h:3 * n_h] = c[right[k - 1], np.arange(B)] * dc[k] * g[k - 1] * (1 - g[k - 1])
        # grad(f.arg[k]) = f[k] * (1 - f[k]) * grad(f[k])
        difgou_arg[k - 1, :, n_h:2 * n_h] = c[left[k - 1], np.arange(B)] * dc[k] * f[k - 1] * (1 - f[k - 1])
        # grad(i.arg[k]) = i[k] * (1 - i[k]) * grad(i[k])
        difgou_arg[k - 1, :, :n_h] = dc[k] * i[k - 1] * u[k - 1] * (1 - i[k - 1])
        # grad(l[k]) = L_i.T @ grad(i.arg[k]) + L_o.T @ grad(o.arg[k]) + L_u.T @ grad(u.arg[k]) + U_ll.T @
        #     grad(f.arg[k]) + U_rl.T @ grad(g.arg[k])
        dl[...] = difgou_arg[k - 1] @ L_i_U_ll_U_rl_L_o_L_u
        # grad(r[k]) = R_i.T @ grad(i.arg[k]) + R_o.T @ grad(o.arg[k]) + R_u.T @ grad(u.arg[k]) + U_lr.T @
        #     grad(f.arg[k]) + U_rr.T @ grad(g.arg[k])
        dr[...] = difgou_arg[k - 1] @ R_i_U_lr_U_rr_R_o_R_u
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
        #     K.own - 1), window.K) * f[k1] * grad(c[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
        #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * g[k1] *
        #     grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) * grad(h.tanh[k]), k < K
        dc[left[k - 1], np.arange(B)] += dc[k] * f[k - 1] * ((k - 1) // window_K == np.minimum(np.maximum(left[k - 1] - 1, 0), K_own - 1) // window_K)[:, None]
        dc[right[k - 1], np.arange(B)] += dc[k] * g[k - 1] * ((k - 1) // window_K == np.minimum(np.maximum(right[k - 1] - 1, 0), K_own - 1) // window_K)[:, None]
        # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
        #     K.own - 1), window.K) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
        #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * grad(r[k1]), (k1,
        #     k+1, K)) + V.T @ grad(s[k]), k < K
        dh[right[k - 1], np.arange(B)] += dr * ((k - 1) // window_K == np.minimum(np.maximum(right[k - 1] - 1, 0), K_own - 1) // window_K)[:, None]
        dh[left[k - 1], np.arange(B)] += dl * ((k - 1) // window_K == np.minimum(np.maximum(left[k - 1] - 1, 0), K_own - 1) // window_K)[:, None]
    # grad(b_u) = sum(grad(u.arg[k]), k)
    db_u = difgou_arg[:, :, 4 * n_h:].sum(axis=(0, 1))
    # grad(L_i) = sum(outer(grad(i.arg[k]), l[k]), k)
    # grad(U_ll) = sum(outer(grad(f.arg[k]), l[k]), k)
    # grad(U_rl) = sum(outer(grad(g.arg[k]), l[k]), k)
    # grad(L_o) = sum(outer(grad(o.arg[k]), l[k]), k)
    # grad(L_u) = sum(outer(grad(u.arg[k]), l[k]), k)
    dL_i_U_ll_U_rl_L_o_L_u = difgou_arg.reshape(-1, 5 * n_h).T @ l.reshape(-1, n_h)
    # grad(R_i) = sum(outer(grad(i.arg[k]), r[k]), k)
    # grad(U_lr) = sum(outer(grad(f.arg[k]), r[k]), k)
    # grad(U_rr) = sum(outer(grad(g.arg[k]), r[k]), k)
    # grad(R_o) = sum(outer(grad(o.arg[k]), r[k]), k)
    # grad(R_u) = sum(outer(grad(u.arg[k]), r[k]), k)
    dR_i_U_lr_U_rr_R_o_R_u = difgou_arg.reshape(-1, 5 * n_h).T @ r.reshape(-1, n_h)
    # grad(W_u) = sum(outer(grad(u.arg[k]), x[k]), k)
    dW_u = difgou_arg[:, :, 4 * n_h:].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(x[k]) = W_i.T @ grad(i.arg[k]) + W_f.T @ grad(f.arg[k]) + W_f.T @ grad(g.arg[k]) + W_o.T @
    #     grad(o.arg[k]) + W_u.T @ grad(u.arg[k])
    dx = (difgou_arg[:, :, n_h:2 * n_h].reshape(-1, n_h) @ W_f).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, 2 * n_h:3 * n_h].reshape(-1, n_h) @ W_f).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, :n_h].reshape(-1, n_h) @ W_i).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, 3 * n_h:4 * n_h].reshape(-1, n_h) @ W_o).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, 4 * n_h:].reshape(-1, n_h) @ W_u).reshape(K, B, n_x)
    # grad(b_o) = sum(grad(o.arg[k]), k)
    db_o = difgou_arg[:, :, 3 * n_h:4 * n_h].sum(axis=(0, 1))
    # grad(W_o) = sum(outer(grad(o.arg[k]), x[k]), k)
    dW_o = difgou_arg[:, :, 3 * n_h:4 * n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(b_f) = sum(grad(f.arg[k]) + grad(g.arg[k]), k)
    db_f = difgou_arg[:, :, n_h:2 * n_h].sum(axis=(0, 1))
    db_f += difgou_arg[:, :, 2 * n_h:3 * n_h].sum(axis=(0, 1))
    # grad(W_f) = sum(outer(grad(f.arg[k]), x[k]) + outer(grad(g.arg[k]), x[k]), k)
    dW_f = difgou_arg[:, :, n_h:2 * n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    dW_f += difgou_arg[:, :, 2 * n_h:3 * n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(b_i) = sum(grad(i.arg[k]), k)
    db_i = difgou_arg[:, :, :n_h].sum(axis=(0, 1))
    # grad(W_i) = sum(outer(grad(i.arg[k]), x[k]), k)
    dW_i = difgou_arg[:, :, :n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[k]), grad(x[k])), k)
    _scatter_add(dE, (w,), dx)
    if "c0" in wrt:
        # grad(c.0) = grad(c[0])
        dc0 = dc[0].copy()
    if "h0" in wrt:
        # grad(h.0) = grad(h[0])
        dh0 = dh[0].copy()
    dL_i = dL_i_U_ll_U_rl_L_o_L_u[:n_h]
    dU_ll = dL_i_U_ll_U_rl_L_o_L_u[n_h:2 * n_h]
    dU_rl = dL_i_U_ll_U_rl_L_o_L_u[2 * n_h:3 * n_h]
    dL_o = dL_i_U_ll_U_rl_L_o_L_u[3 * n_h:4 * n_h]
    dL_u = dL_i_U_ll_U_rl_L_o_L_u[4 * n_h:5 * n_h]
    dR_i = dR_i_U_lr_U_rr_R_o_R_u[:n_h]
    dU_lr = dR_i_U_lr_U_rr_R_o_R_u[n_h:2 * n_h]
    dU_rr = dR_i_U_lr_U_rr_R_o_R_u[2 * n_h:3 * n_h]
    dR_o = dR_i_U_lr_U_rr_R_o_R_u[3 * n_h:4 * n_h]
    dR_u = dR_i_U_lr_U_rr_R_o_R_u[4 * n_h:5 * n_h]

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

    # h.tanh[k] = tanh(c[k])
    h_tanh = np.tanh(c[1:])
    L_i_U_ll_U_rl_L_o_L_u = np.concatenate((L_i, U_ll, U_rl, L_o, L_u))
    R_i_U_lr_U_rr_R_o_R_u = np.concatenate((R_i, U_lr, U_rr, R_o, R_u))
    # grad(s[k]) = grad(yhat.lse[k]) * yhat[k] - where(k <= K.own, 1, 0) * onehot(y[k])
    ds = yhat * (np.arange(1, K + 1)[:, None] <= K_own)[:, :, None]
    ds[np.arange(K)[:, None], np.arange(B), y] -= (np.arange(1, K + 1)[:, None] <= K_own).astype(dtype)
    # grad(d) = sum(grad(s[k]), k)
    dd = ds.sum(axis=(0, 1))
    # grad(V) = sum(outer(grad(s[k]), h[k]), k)
    dV = ds.reshape(-1, n_y).T @ h[1:].reshape(-1, n_h)
    dh = np.zeros((K + 1, B, n_h), dtype)
    # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
    #     K.own - 1), window.K) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
    #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * grad(r[k1]), (k1,
    #     k+1, K)) + V.T @ grad(s[k]), k < K
    dh[1:] = (ds.reshape(-1, n_y) @ V).reshape(K, B, n_h)
    dc = np.zeros((K + 1, B, n_h), dtype)
    difgou_arg = np.empty((K, B, 5 * n_h), dtype)
    dl = np.empty((B, n_h), dtype)
    dr = np.empty((B, n_h), dtype)
    for k in range(K, 0, -1):
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
        #     K.own - 1), window.K) * f[k1] * grad(c[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
        #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * g[k1] *
        #     grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) * grad(h.tanh[k]), k < K
        dc[k] += dh[k] * o[k - 1] * (1 - h_tanh[k - 1]**2)
        # grad(u.arg[k]) = (1 - u[k]**2) * grad(u[k])
        difgou_arg[k - 1, :, 4 * n_h:] = dc[k] * i[k - 1] * (1 - u[k - 1]**2)
        # grad(o.arg[k]) = o[k] * (1 - o[k]) * grad(o[k])
        difgou_arg[k - 1, :, 3 * n_h:4 * n_h] = dh[k] * h_tanh[k - 1] * o[k - 1] * (1 - o[k - 1])
        # grad(g.arg[k]) = g[k] * (1 - g[k]) * grad(g[k])
        difgou_arg[k - 1, :, 2 * n_h:3 * n_h] = c[right[k - 1], np.arange(B)] * dc[k] * g[k - 1] * (1 - g[k - 1])
        # grad(f.arg[k]) = f[k] * (1 - f[k]) * grad(f[k])
        difgou_arg[k - 1, :, n_h:2 * n_h] = c[left[k - 1], np.arange(B)] * dc[k] * f[k - 1] * (1 - f[k - 1])
        # grad(i.arg[k]) = i[k] * (1 - i[k]) * grad(i[k])
        difgou_arg[k - 1, :, :n_h] = dc[k] * i[k - 1] * u[k - 1] * (1 - i[k - 1])
        # grad(l[k]) = L_i.T @ grad(i.arg[k]) + L_o.T @ grad(o.arg[k]) + L_u.T @ grad(u.arg[k]) + U_ll.T @
        #     grad(f.arg[k]) + U_rl.T @ grad(g.arg[k])
        dl[...] = difgou_arg[k - 1] @ L_i_U_ll_U_rl_L_o_L_u
        # grad(r[k]) = R_i.T @ grad(i.arg[k]) + R_o.T @ grad(o.arg[k]) + R_u.T @ grad(u.arg[k]) + U_lr.T @
        #     grad(f.arg[k]) + U_rr.T @ grad(g.arg[k])
        dr[...] = difgou_arg[k - 1] @ R_i_U_lr_U_rr_R_o_R_u
        # grad(c[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
        #     K.own - 1), window.K) * f[k1] * grad(c[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
        #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * g[k1] *
        #     grad(c[k1]), (k1, k+1, K)) + (1 - h.tanh[k]**2) * grad(h.tanh[k]), k < K
        dc[left[k - 1], np.arange(B)] += dc[k] * f[k - 1] * ((k - 1) // window_K == np.minimum(np.maximum(left[k - 1] - 1, 0), K_own - 1) // window_K)[:, None]
        dc[right[k - 1], np.arange(B)] += dc[k] * g[k - 1] * ((k - 1) // window_K == np.minimum(np.maximum(right[k - 1] - 1, 0), K_own - 1) // window_K)[:, None]
        # grad(h[k]) = sum(where(left[k1] == k, 1, 0) * same_window(k1 - 1, minimum(maximum(left[k1] - 1, 0),
        #     K.own - 1), window.K) * grad(l[k1]), (k1, k+1, K)) + sum(where(right[k1] == k, 1, 0) *
        #     same_window(k1 - 1, minimum(maximum(right[k1] - 1, 0), K.own - 1), window.K) * grad(r[k1]), (k1,
        #     k+1, K)) + V.T @ grad(s[k]), k < K
        dh[right[k - 1], np.arange(B)] += dr * ((k - 1) // window_K == np.minimum(np.maximum(right[k - 1] - 1, 0), K_own - 1) // window_K)[:, None]
        dh[left[k - 1], np.arange(B)] += dl * ((k - 1) // window_K == np.minimum(np.maximum(left[k - 1] - 1, 0), K_own - 1) // window_K)[:, None]
    # grad(b_u) = sum(grad(u.arg[k]), k)
    db_u = difgou_arg[:, :, 4 * n_h:].sum(axis=(0, 1))
    # grad(L_i) = sum(outer(grad(i.arg[k]), l[k]), k)
    # grad(U_ll) = sum(outer(grad(f.arg[k]), l[k]), k)
    # grad(U_rl) = sum(outer(grad(g.arg[k]), l[k]), k)
    # grad(L_o) = sum(outer(grad(o.arg[k]), l[k]), k)
    # grad(L_u) = sum(outer(grad(u.arg[k]), l[k]), k)
    dL_i_U_ll_U_rl_L_o_L_u = difgou_arg.reshape(-1, 5 * n_h).T @ l.reshape(-1, n_h)
    # grad(R_i) = sum(outer(grad(i.arg[k]), r[k]), k)
    # grad(U_lr) = sum(outer(grad(f.arg[k]), r[k]), k)
    # grad(U_rr) = sum(outer(grad(g.arg[k]), r[k]), k)
    # grad(R_o) = sum(outer(grad(o.arg[k]), r[k]), k)
    # grad(R_u) = sum(outer(grad(u.arg[k]), r[k]), k)
    dR_i_U_lr_U_rr_R_o_R_u = difgou_arg.reshape(-1, 5 * n_h).T @ r.reshape(-1, n_h)
    # grad(W_u) = sum(outer(grad(u.arg[k]), x[k]), k)
    dW_u = difgou_arg[:, :, 4 * n_h:].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(x[k]) = W_i.T @ grad(i.arg[k]) + W_f.T @ grad(f.arg[k]) + W_f.T @ grad(g.arg[k]) + W_o.T @
    #     grad(o.arg[k]) + W_u.T @ grad(u.arg[k])
    dx = (difgou_arg[:, :, n_h:2 * n_h].reshape(-1, n_h) @ W_f).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, 2 * n_h:3 * n_h].reshape(-1, n_h) @ W_f).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, :n_h].reshape(-1, n_h) @ W_i).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, 3 * n_h:4 * n_h].reshape(-1, n_h) @ W_o).reshape(K, B, n_x)
    dx += (difgou_arg[:, :, 4 * n_h:].reshape(-1, n_h) @ W_u).reshape(K, B, n_x)
    # grad(b_o) = sum(grad(o.arg[k]), k)
    db_o = difgou_arg[:, :, 3 * n_h:4 * n_h].sum(axis=(0, 1))
    # grad(W_o) = sum(outer(grad(o.arg[k]), x[k]), k)
    dW_o = difgou_arg[:, :, 3 * n_h:4 * n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(b_f) = sum(grad(f.arg[k]) + grad(g.arg[k]), k)
    db_f = difgou_arg[:, :, n_h:2 * n_h].sum(axis=(0, 1))
    db_f += difgou_arg[:, :, 2 * n_h:3 * n_h].sum(axis=(0, 1))
    # grad(W_f) = sum(outer(grad(f.arg[k]), x[k]) + outer(grad(g.arg[k]), x[k]), k)
    dW_f = difgou_arg[:, :, n_h:2 * n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    dW_f += difgou_arg[:, :, 2 * n_h:3 * n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    # grad(b_i) = sum(grad(i.arg[k]), k)
    db_i = difgou_arg[:, :, :n_h].sum(axis=(0, 1))
    # grad(W_i) = sum(outer(grad(i.arg[k]), x[k]), k)
    dW_i = difgou_arg[:, :, :n_h].reshape(-1, n_h).T @ x.reshape(-1, n_x)
    dE = np.zeros((n_w, n_x), dtype)
    # grad(E) = sum(outer(onehot(w[k]), grad(x[k])), k)
    _scatter_add(dE, (w,), dx)
    dL_i = dL_i_U_ll_U_rl_L_o_L_u[:n_h]
    dU_ll = dL_i_U_ll_U_rl_L_o_L_u[n_h:2 * n_h]
    dU_rl = dL_i_U_ll_U_rl_L_o_L_u[2 * n_h:3 * n_h]
    dL_o = dL_i_U_ll_U_rl_L_o_L_u[3 * n_h:4 * n_h]
    dL_u = dL_i_U_ll_U_rl_L_o_L_u[4 * n_h:5 * n_h]
    dR_i = dR_i_U_lr_U_rr_R_o_R_u[:n_h]
    dU_lr = dR_i_U_lr_U_rr_R_o_R_u[n_h:2 * n_h]
    dU_rr = dR_i_U_lr_U_rr_R_o_R_u[2 * n_h:3 * n_h]
    dR_o = dR_i_U_lr_U_rr_R_o_R_u[3 * n_h:4 * n_h]
    dR_u = dR_i_U_lr_U_rr_R_o_R_u[4 * n_h:5 * n_h]

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
    return params, w, left, right, y, x, l, r, i, f, g, o, u, c, h, yhat, dtype, single, n_w, n_x, n_h, n_y, K, B, len_K, K_own


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


def _scatter_add(array, places, values):
    """Adds values to the entries of an array at `places`, to an entry as often as it is named; axes left over whole."""
    flat, row = 0, 1
    for place, length in zip(places, array.shape, strict=False):
        flat = flat * length + place
    for length in array.shape[len(places) :]:
        row *= length
    shape = (*flat.shape, *array.shape[len(places) :])
    values = np.broadcast_to(values, shape).astype(array.dtype, copy=False)
    if not array.flags.c_contiguous:
        np.add.at(array, places, values)
        return
    # Numbers into an array of one axis are what np.add.at is fast at: whole rows take three to six times as long.
    flat = flat.reshape(-1, 1) * row + np.arange(row)
    np.add.at(array.reshape(-1), flat.reshape(-1), values.reshape(-1))


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
