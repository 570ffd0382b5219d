# Written by derive from translator.eq; do not edit.
# Change translator.eq instead, and run: derive generate translator
# source c83f8dc2440bd0ac, derive 07e8f9d843407be1, body a43860a45cb6950f
"""Translator: an encoder of two bidirectional LSTM layers, and an LSTM decoder that attends to it.

Bahdanau, Cho & Bengio (2015), Neural Machine Translation by Jointly Learning to Align and Translate, eqs. 4-6; LSTM
layers on top of each other as in Graves, Mohamed & Hinton (2013), Speech Recognition with Deep Recurrent Neural
Networks.

The equations::

    w: Index[S, n_w]                            # the words to read
    y: Label[T, n_y]                            # the words to write; y[t-1] is read when y[t] is predicted
    E: Param[n_w, n_h]                          # embedding of the words that are read
    F: Param[n_y, n_h]                          # embedding of the words that are written
    W_1, W_2 = Param[4*n_h, n_h]                # first layer, both directions: word to i, f, o and candidate
    U_1, U_2 = Param[4*n_h, n_h]                # hidden to i, f, o and candidate
    b_1, b_2 = Param[4*n_h]                     # biases
    W_3, W_4 = Param[4*n_h, 2*n_h]              # second layer, both directions: first layer to i, f, o and candidate
    U_3, U_4 = Param[4*n_h, n_h]                # hidden to i, f, o and candidate
    b_3, b_4 = Param[4*n_h]                     # biases
    W_5: Param[4*n_h, n_h]                      # decoder: word before to i, f, o and candidate
    C_5: Param[4*n_h, 2*n_h]                    # context to i, f, o and candidate
    U_5: Param[4*n_h, n_h]                      # hidden to i, f, o and candidate
    b_5: Param[4*n_h]                           # biases
    W_a: Param[n_h, n_h]                        # score: decoder's state
    U_a: Param[n_h, 2*n_h]                      # score: annotation
    v_a: Param[n_h]                             # score
    V: Param[n_y, n_h]                          # decoder to output
    D: Param[n_y, 2*n_h]                        # context to output
    d: Param[n_y]                               # output bias

    def cell(z, c): return sigmoid(z[n_h:2*n_h]) * c + sigmoid(z[:n_h]) * tanh(z[3*n_h:])
    def out(z, c): return sigmoid(z[2*n_h:3*n_h]) * tanh(c)

    h_1[0] = 0
    c_1[0] = 0
    h_2[S+1] = 0
    c_2[S+1] = 0
    x[s] = E[w[s]]
    z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]              # first layer, from left to right
    c_1[s] = cell(z_1[s], c_1[s-1])
    h_1[s] = out(z_1[s], c_1[s])
    z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]              # from right to left
    c_2[s] = cell(z_2[s], c_2[s+1])
    h_2[s] = out(z_2[s], c_2[s])
    m[s] = concat(h_1[s], h_2[s])

    h_3[0] = 0
    c_3[0] = 0
    h_4[S+1] = 0
    c_4[S+1] = 0
    z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]              # second layer, from left to right
    c_3[s] = cell(z_3[s], c_3[s-1])
    h_3[s] = out(z_3[s], c_3[s])
    z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]              # from right to left
    c_4[s] = cell(z_4[s], c_4[s+1])
    h_4[s] = out(z_4[s], c_4[s])
    n[s] = concat(h_3[s], h_4[s])                           # annotation

    h_5[0] = h_4[1]
    c_5[0] = c_4[1]
    e[t, s] = dot(v_a, tanh(W_a @ h_5[t-1] + U_a @ n[s]))   # score
    alpha[t, s] = softmax(e[t, s], s)                       # weight (eq. 6)
    c[t] = sum(alpha[t, s] * n[s], s)                       # context (eq. 5)
    z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    c_5[t] = cell(z_5[t], c_5[t-1])
    h_5[t] = out(z_5[t], c_5[t])                            # decoder's state
    o[t] = d + V @ h_5[t] + D @ c[t]
    yhat[t] = softmax(o[t])                                 # eq. 4
    loss = sum(-log(yhat[t, y[t]]), t)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Params(NamedTuple):
    """The learned arrays."""

    E: np.ndarray  # (n_w, n_h)  embedding of the words that are read
    F: np.ndarray  # (n_y, n_h)  embedding of the words that are written
    W_1: np.ndarray  # (4*n_h, n_h)  first layer, both directions: word to i, f, o and candidate
    W_2: np.ndarray  # (4*n_h, n_h)  first layer, both directions: word to i, f, o and candidate
    U_1: np.ndarray  # (4*n_h, n_h)  hidden to i, f, o and candidate
    U_2: np.ndarray  # (4*n_h, n_h)  hidden to i, f, o and candidate
    b_1: np.ndarray  # (4*n_h)  biases
    b_2: np.ndarray  # (4*n_h)  biases
    W_3: np.ndarray  # (4*n_h, 2*n_h)  second layer, both directions: first layer to i, f, o and candidate
    W_4: np.ndarray  # (4*n_h, 2*n_h)  second layer, both directions: first layer to i, f, o and candidate
    U_3: np.ndarray  # (4*n_h, n_h)  hidden to i, f, o and candidate
    U_4: np.ndarray  # (4*n_h, n_h)  hidden to i, f, o and candidate
    b_3: np.ndarray  # (4*n_h)  biases
    b_4: np.ndarray  # (4*n_h)  biases
    W_5: np.ndarray  # (4*n_h, n_h)  decoder: word before to i, f, o and candidate
    C_5: np.ndarray  # (4*n_h, 2*n_h)  context to i, f, o and candidate
    U_5: np.ndarray  # (4*n_h, n_h)  hidden to i, f, o and candidate
    b_5: np.ndarray  # (4*n_h)  biases
    W_a: np.ndarray  # (n_h, n_h)  score: decoder's state
    U_a: np.ndarray  # (n_h, 2*n_h)  score: annotation
    v_a: np.ndarray  # (n_h)  score
    V: np.ndarray  # (n_y, n_h)  decoder to output
    D: np.ndarray  # (n_y, 2*n_h)  context to output
    d: np.ndarray  # (n_y)  output bias


class Forward(NamedTuple):
    """What `forward` returns; one example has no axis B."""

    x: np.ndarray  # (S, B, n_h)
    z_1: np.ndarray  # (S, B, 4*n_h)  first layer, from left to right
    c_1: np.ndarray  # (S + 1, B, n_h)
    h_1: np.ndarray  # (S + 1, B, n_h)
    z_2: np.ndarray  # (S, B, 4*n_h)  from right to left
    c_2: np.ndarray  # (S + 1, B, n_h)
    h_2: np.ndarray  # (S + 1, B, n_h)
    m: np.ndarray  # (S, B, 2*n_h)
    z_3: np.ndarray  # (S, B, 4*n_h)  second layer, from left to right
    c_3: np.ndarray  # (S + 1, B, n_h)
    h_3: np.ndarray  # (S + 1, B, n_h)
    z_4: np.ndarray  # (S, B, 4*n_h)  from right to left
    c_4: np.ndarray  # (S + 1, B, n_h)
    h_4: np.ndarray  # (S + 1, B, n_h)
    n: np.ndarray  # (S, B, 2*n_h)  annotation
    e: np.ndarray  # (T, S, B)  score
    alpha: np.ndarray  # (T, S, B)  weight (eq. 6)
    c: np.ndarray  # (T, B, 2*n_h)  context (eq. 5)
    z_5: np.ndarray  # (T, B, 4*n_h)
    c_5: np.ndarray  # (T + 1, B, n_h)
    h_5: np.ndarray  # (T + 1, B, n_h)  decoder's state
    o: np.ndarray  # (T, B, n_y)
    yhat: np.ndarray  # (T, B, n_y)  eq. 4
    loss: float | None  # a number


class State(NamedTuple):
    """What a step needs of those before it; several lags are stacked, the oldest first."""

    y: np.ndarray  # (B)  the words to write; y[t-1] is read when y[t] is predicted
    c_5: np.ndarray  # (B, n_h)
    h_5: np.ndarray  # (B, n_h)  decoder's state
    t: int  # steps so far


class Outputs(NamedTuple):
    """The variables at one step."""

    e: np.ndarray  # (S, B)  score
    alpha: np.ndarray  # (S, B)  weight (eq. 6)
    c: np.ndarray  # (B, 2*n_h)  context (eq. 5)
    z_5: np.ndarray  # (B, 4*n_h)
    c_5: np.ndarray  # (B, n_h)
    h_5: np.ndarray  # (B, n_h)  decoder's state
    o: np.ndarray  # (B, n_y)
    yhat: np.ndarray  # (B, n_y)  eq. 4


class FreeRun(NamedTuple):
    """What `free_run` returns, with what it read back; one example has no axis B."""

    x: np.ndarray  # (S, B, n_h)
    z_1: np.ndarray  # (S, B, 4*n_h)  first layer, from left to right
    c_1: np.ndarray  # (S + 1, B, n_h)
    h_1: np.ndarray  # (S + 1, B, n_h)
    z_2: np.ndarray  # (S, B, 4*n_h)  from right to left
    c_2: np.ndarray  # (S + 1, B, n_h)
    h_2: np.ndarray  # (S + 1, B, n_h)
    m: np.ndarray  # (S, B, 2*n_h)
    z_3: np.ndarray  # (S, B, 4*n_h)  second layer, from left to right
    c_3: np.ndarray  # (S + 1, B, n_h)
    h_3: np.ndarray  # (S + 1, B, n_h)
    z_4: np.ndarray  # (S, B, 4*n_h)  from right to left
    c_4: np.ndarray  # (S + 1, B, n_h)
    h_4: np.ndarray  # (S + 1, B, n_h)
    n: np.ndarray  # (S, B, 2*n_h)  annotation
    e: np.ndarray  # (T, S, B)  score
    alpha: np.ndarray  # (T, S, B)  weight (eq. 6)
    c: np.ndarray  # (T, B, 2*n_h)  context (eq. 5)
    z_5: np.ndarray  # (T, B, 4*n_h)
    c_5: np.ndarray  # (T + 1, B, n_h)
    h_5: np.ndarray  # (T + 1, B, n_h)  decoder's state
    o: np.ndarray  # (T, B, n_y)
    yhat: np.ndarray  # (T, B, n_y)  eq. 4
    y: np.ndarray  # (T, B)  the words to write; y[t-1] is read when y[t] is predicted


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


def init_params(rng: np.random.Generator, *, n_w: int, n_h: int, n_y: int, dtype: type = np.float64) -> Params:
    """First parameters: the file's values, else normal with variance 1/(last size), vectors zero."""
    dtype = _initial(rng, dtype)
    n_w = _size("n_w", n_w)
    n_h = _size("n_h", n_h)
    n_y = _size("n_y", n_y)
    return Params(
        E=(rng.standard_normal((n_w, n_h)) / np.sqrt(n_h)).astype(dtype),
        F=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        W_1=(rng.standard_normal((4 * n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        W_2=(rng.standard_normal((4 * n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_1=(rng.standard_normal((4 * n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_2=(rng.standard_normal((4 * n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b_1=np.zeros((4 * n_h,), dtype),
        b_2=np.zeros((4 * n_h,), dtype),
        W_3=(rng.standard_normal((4 * n_h, 2 * n_h)) / np.sqrt(2 * n_h)).astype(dtype),
        W_4=(rng.standard_normal((4 * n_h, 2 * n_h)) / np.sqrt(2 * n_h)).astype(dtype),
        U_3=(rng.standard_normal((4 * n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_4=(rng.standard_normal((4 * n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b_3=np.zeros((4 * n_h,), dtype),
        b_4=np.zeros((4 * n_h,), dtype),
        W_5=(rng.standard_normal((4 * n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        C_5=(rng.standard_normal((4 * n_h, 2 * n_h)) / np.sqrt(2 * n_h)).astype(dtype),
        U_5=(rng.standard_normal((4 * n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        b_5=np.zeros((4 * n_h,), dtype),
        W_a=(rng.standard_normal((n_h, n_h)) / np.sqrt(n_h)).astype(dtype),
        U_a=(rng.standard_normal((n_h, 2 * n_h)) / np.sqrt(2 * n_h)).astype(dtype),
        v_a=np.zeros((n_h,), dtype),
        V=(rng.standard_normal((n_y, n_h)) / np.sqrt(n_h)).astype(dtype),
        D=(rng.standard_normal((n_y, 2 * n_h)) / np.sqrt(2 * n_h)).astype(dtype),
        d=np.zeros((n_y,), dtype),
    )


def forward(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    h_10: np.ndarray | None = None,
    c_10: np.ndarray | None = None,
    h_2_end: np.ndarray | None = None,
    c_2_end: np.ndarray | None = None,
    h_30: np.ndarray | None = None,
    c_30: np.ndarray | None = None,
    h_4_end: np.ndarray | None = None,
    c_4_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
) -> Forward:
    """Every variable of the model.

    w        (S, B)    0..n_w - 1   the words to read
    y        (T, B)    0..n_y - 1   the words to write; y[t-1] is read when y[t] is predicted
    h_10     (B, n_h)  real         h_1[0]; 0 where not given
    c_10     (B, n_h)  real         c_1[0]; 0 where not given
    h_2_end  (B, n_h)  real         h_2[S + 1]; 0 where not given
    c_2_end  (B, n_h)  real         c_2[S + 1]; 0 where not given
    h_30     (B, n_h)  real         h_3[0]; 0 where not given
    c_30     (B, n_h)  real         c_3[0]; 0 where not given
    h_4_end  (B, n_h)  real         h_4[S + 1]; 0 where not given
    c_4_end  (B, n_h)  real         c_4[S + 1]; 0 where not given
    state              State        what an earlier piece left, from last_state or step: the sequence goes on from there
    lengths            by sequence  each example's own number of steps, what is given beyond is not read; all where not
                                    given

    Data without the axis B are one example.
    """
    if lengths is not None or state is not None:
        return _forward_padded(params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, lengths, state)
    (
        params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, dtype, single, n_w, n_h, n_y, S, T, B,
    ) = _arguments(params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end)
    (
        E, F, W_1, W_2, U_1, U_2, b_1, b_2, W_3, W_4, U_3, U_4, b_3, b_4, W_5, C_5, U_5, b_5, W_a, U_a, v_a, V, D, d,
    ) = params

    tmp0 = np.empty((2, S, B, 4 * n_h), dtype)
    tmp1 = np.empty((B, 4 * n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T - 1, B, 4 * n_h), dtype)
    tmp4 = np.empty((T - 1, B, n_h), dtype)
    tmp5 = np.empty((S, B), dtype)
    tmp6 = np.empty((T, B, n_y), dtype)
    tmp7 = np.empty((T, B), dtype)
    b_1234 = np.stack((b_1, b_2, b_3, b_4))
    W_12 = np.stack((W_1, W_2))
    W_34 = np.stack((W_3, W_4))
    x = np.empty((S, B, n_h), dtype)
    # x[s] = E[w[s]]
    np.take(E, w, axis=0, out=x, mode="clip")
    z_1234 = np.empty((4, S, B, 4 * n_h), dtype)
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    z_1234[...] = b_1234[:, None, None]
    h_1 = np.empty((S + 1, B, n_h), dtype)
    # h_1[0] = 0
    h_1[0] = h_10
    c_1 = np.empty((S + 1, B, n_h), dtype)
    # c_1[0] = 0
    c_1[0] = c_10
    h_2 = np.empty((S + 1, B, n_h), dtype)
    # h_2[S+1] = 0
    h_2[S] = h_2_end
    c_2 = np.empty((S + 1, B, n_h), dtype)
    # c_2[S+1] = 0
    c_2[S] = c_2_end
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    np.matmul(x.reshape(-1, n_h), W_12.transpose(0, 2, 1), out=tmp0.reshape(2, -1, 4 * n_h))
    z_1234[:2] += tmp0
    c_1_sigmoid = np.empty((B, n_h), dtype)
    c_1_sigmoid2 = np.empty((B, n_h), dtype)
    c_1_tanh = np.empty((B, n_h), dtype)
    h_1_sigmoid = np.empty((B, n_h), dtype)
    h_1_tanh = np.empty((B, n_h), dtype)
    U_1_T = np.empty((n_h, 4 * n_h), dtype)
    U_1_T[...] = U_1.T
    h_1_at = list(h_1)
    z_1_at = list(z_1234[0])
    z_1_at2 = list(z_1234[0, :, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    z_1_at3 = list(z_1234[0, :, :, :n_h])
    z_1_at4 = list(z_1234[0, :, :, 3 * n_h:])
    z_1_at5 = list(z_1234[0, :, :, 2 * n_h:3 * n_h])
    c_1_at = list(c_1)
    for s in range(1, S + 1):
        # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
        h_1_at[s - 1].dot(U_1_T, out=tmp1)
        z_1_at[s - 1] += tmp1
        # c_1.sigmoid[s] = sigmoid(z_1[s, n_h:2*n_h])
        _sigmoid(z_1_at2[s - 1], out=c_1_sigmoid, half=half)
        # c_1.sigmoid2[s] = sigmoid(z_1[s, :n_h])
        _sigmoid(z_1_at3[s - 1], out=c_1_sigmoid2, half=half)
        # c_1.tanh[s] = tanh(z_1[s, 3*n_h:])
        np.tanh(z_1_at4[s - 1], out=c_1_tanh)
        # h_1.sigmoid[s] = sigmoid(z_1[s, 2*n_h:3*n_h])
        _sigmoid(z_1_at5[s - 1], out=h_1_sigmoid, half=half)
        # c_1[s] = cell(z_1[s], c_1[s-1])
        np.multiply(c_1_sigmoid, c_1_at[s - 1], out=c_1_at[s])
        np.multiply(c_1_sigmoid2, c_1_tanh, out=tmp2)
        c_1_at[s] += tmp2
        # h_1.tanh[s] = tanh(c_1[s])
        np.tanh(c_1_at[s], out=h_1_tanh)
        # h_1[s] = out(z_1[s], c_1[s])
        np.multiply(h_1_sigmoid, h_1_tanh, out=h_1_at[s])
    c_2_sigmoid = np.empty((B, n_h), dtype)
    c_2_sigmoid2 = np.empty((B, n_h), dtype)
    c_2_tanh = np.empty((B, n_h), dtype)
    h_2_sigmoid = np.empty((B, n_h), dtype)
    h_2_tanh = np.empty((B, n_h), dtype)
    U_2_T = np.empty((n_h, 4 * n_h), dtype)
    U_2_T[...] = U_2.T
    h_2_at = list(h_2)
    z_2_at = list(z_1234[1])
    z_2_at2 = list(z_1234[1, :, :, n_h:2 * n_h])
    z_2_at3 = list(z_1234[1, :, :, :n_h])
    z_2_at4 = list(z_1234[1, :, :, 3 * n_h:])
    z_2_at5 = list(z_1234[1, :, :, 2 * n_h:3 * n_h])
    c_2_at = list(c_2)
    for s in range(S, 0, -1):
        # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
        h_2_at[s].dot(U_2_T, out=tmp1)
        z_2_at[s - 1] += tmp1
        # c_2.sigmoid[s] = sigmoid(z_2[s, n_h:2*n_h])
        _sigmoid(z_2_at2[s - 1], out=c_2_sigmoid, half=half)
        # c_2.sigmoid2[s] = sigmoid(z_2[s, :n_h])
        _sigmoid(z_2_at3[s - 1], out=c_2_sigmoid2, half=half)
        # c_2.tanh[s] = tanh(z_2[s, 3*n_h:])
        np.tanh(z_2_at4[s - 1], out=c_2_tanh)
        # h_2.sigmoid[s] = sigmoid(z_2[s, 2*n_h:3*n_h])
        _sigmoid(z_2_at5[s - 1], out=h_2_sigmoid, half=half)
        # c_2[s] = cell(z_2[s], c_2[s+1])
        np.multiply(c_2_sigmoid, c_2_at[s], out=c_2_at[s - 1])
        np.multiply(c_2_sigmoid2, c_2_tanh, out=tmp2)
        c_2_at[s - 1] += tmp2
        # h_2.tanh[s] = tanh(c_2[s])
        np.tanh(c_2_at[s - 1], out=h_2_tanh)
        # h_2[s] = out(z_2[s], c_2[s])
        np.multiply(h_2_sigmoid, h_2_tanh, out=h_2_at[s - 1])
    m = np.empty((S, B, 2 * n_h), dtype)
    # m[s] = concat(h_1[s], h_2[s])
    m[:, :, :n_h] = h_1[1:]
    m[:, :, n_h:] = h_2[:S]
    h_3 = np.empty((S + 1, B, n_h), dtype)
    # h_3[0] = 0
    h_3[0] = h_30
    c_3 = np.empty((S + 1, B, n_h), dtype)
    # c_3[0] = 0
    c_3[0] = c_30
    ch_4 = np.empty((2, S + 1, B, n_h), dtype)
    # h_4[S+1] = 0
    ch_4[1, S] = h_4_end
    # c_4[S+1] = 0
    ch_4[0, S] = c_4_end
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    np.matmul(m.reshape(-1, 2 * n_h), W_34.transpose(0, 2, 1), out=tmp0.reshape(2, -1, 4 * n_h))
    z_1234[2:] += tmp0
    c_3_sigmoid = np.empty((B, n_h), dtype)
    c_3_sigmoid2 = np.empty((B, n_h), dtype)
    c_3_tanh = np.empty((B, n_h), dtype)
    h_3_sigmoid = np.empty((B, n_h), dtype)
    h_3_tanh = np.empty((B, n_h), dtype)
    U_3_T = np.empty((n_h, 4 * n_h), dtype)
    U_3_T[...] = U_3.T
    h_3_at = list(h_3)
    z_3_at = list(z_1234[2])
    z_3_at2 = list(z_1234[2, :, :, n_h:2 * n_h])
    z_3_at3 = list(z_1234[2, :, :, :n_h])
    z_3_at4 = list(z_1234[2, :, :, 3 * n_h:])
    z_3_at5 = list(z_1234[2, :, :, 2 * n_h:3 * n_h])
    c_3_at = list(c_3)
    for s in range(1, S + 1):
        # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
        h_3_at[s - 1].dot(U_3_T, out=tmp1)
        z_3_at[s - 1] += tmp1
        # c_3.sigmoid[s] = sigmoid(z_3[s, n_h:2*n_h])
        _sigmoid(z_3_at2[s - 1], out=c_3_sigmoid, half=half)
        # c_3.sigmoid2[s] = sigmoid(z_3[s, :n_h])
        _sigmoid(z_3_at3[s - 1], out=c_3_sigmoid2, half=half)
        # c_3.tanh[s] = tanh(z_3[s, 3*n_h:])
        np.tanh(z_3_at4[s - 1], out=c_3_tanh)
        # h_3.sigmoid[s] = sigmoid(z_3[s, 2*n_h:3*n_h])
        _sigmoid(z_3_at5[s - 1], out=h_3_sigmoid, half=half)
        # c_3[s] = cell(z_3[s], c_3[s-1])
        np.multiply(c_3_sigmoid, c_3_at[s - 1], out=c_3_at[s])
        np.multiply(c_3_sigmoid2, c_3_tanh, out=tmp2)
        c_3_at[s] += tmp2
        # h_3.tanh[s] = tanh(c_3[s])
        np.tanh(c_3_at[s], out=h_3_tanh)
        # h_3[s] = out(z_3[s], c_3[s])
        np.multiply(h_3_sigmoid, h_3_tanh, out=h_3_at[s])
    c_4_sigmoid = np.empty((B, n_h), dtype)
    c_4_sigmoid2 = np.empty((B, n_h), dtype)
    c_4_tanh = np.empty((B, n_h), dtype)
    h_4_sigmoid = np.empty((B, n_h), dtype)
    h_4_tanh = np.empty((B, n_h), dtype)
    U_4_T = np.empty((n_h, 4 * n_h), dtype)
    U_4_T[...] = U_4.T
    h_4_at = list(ch_4[1])
    z_4_at = list(z_1234[3])
    z_4_at2 = list(z_1234[3, :, :, n_h:2 * n_h])
    z_4_at3 = list(z_1234[3, :, :, :n_h])
    z_4_at4 = list(z_1234[3, :, :, 3 * n_h:])
    z_4_at5 = list(z_1234[3, :, :, 2 * n_h:3 * n_h])
    c_4_at = list(ch_4[0])
    for s in range(S, 0, -1):
        # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
        h_4_at[s].dot(U_4_T, out=tmp1)
        z_4_at[s - 1] += tmp1
        # c_4.sigmoid[s] = sigmoid(z_4[s, n_h:2*n_h])
        _sigmoid(z_4_at2[s - 1], out=c_4_sigmoid, half=half)
        # c_4.sigmoid2[s] = sigmoid(z_4[s, :n_h])
        _sigmoid(z_4_at3[s - 1], out=c_4_sigmoid2, half=half)
        # c_4.tanh[s] = tanh(z_4[s, 3*n_h:])
        np.tanh(z_4_at4[s - 1], out=c_4_tanh)
        # h_4.sigmoid[s] = sigmoid(z_4[s, 2*n_h:3*n_h])
        _sigmoid(z_4_at5[s - 1], out=h_4_sigmoid, half=half)
        # c_4[S+1] = 0
        np.multiply(c_4_sigmoid, c_4_at[s], out=c_4_at[s - 1])
        np.multiply(c_4_sigmoid2, c_4_tanh, out=tmp2)
        c_4_at[s - 1] += tmp2
        # h_4.tanh[s] = tanh(c_4[s])
        np.tanh(c_4_at[s - 1], out=h_4_tanh)
        # h_4[S+1] = 0
        np.multiply(h_4_sigmoid, h_4_tanh, out=h_4_at[s - 1])
    n = np.empty((S, B, 2 * n_h), dtype)
    # n[s] = concat(h_3[s], h_4[s])
    n[:, :, :n_h] = h_3[1:]
    n[:, :, n_h:] = ch_4[1, :S]
    e_arg_part = np.empty((S, B, n_h), dtype)
    # e.arg.part[s] = U_a @ n[s]
    np.matmul(n.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_h))
    z_5 = np.empty((T, B, 4 * n_h), dtype)
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    z_5[...] = b_5
    ch_5 = np.empty((2, T + 1, B, n_h), dtype)
    # c_5[0] = c_4[1]
    # h_5[0] = h_4[1]
    ch_5[:, 0] = ch_4[:, 0]
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    np.take(F, y[:T - 1], axis=0, out=tmp4, mode="clip")
    np.matmul(tmp4.reshape(-1, n_h), W_5.T, out=tmp3.reshape(-1, 4 * n_h))
    z_5[1:] += tmp3
    e_arg = np.empty((S, B, n_h), dtype)
    e_arg_part2 = np.empty((B, n_h), dtype)
    e_tanh = np.empty((S, B, n_h), dtype)
    e = np.empty((T, S, B), dtype)
    alpha_lse = np.empty((B,), dtype)
    alpha = np.empty((T, S, B), dtype)
    c = np.empty((T, B, 2 * n_h), dtype)
    c_5_sigmoid = np.empty((B, n_h), dtype)
    c_5_sigmoid2 = np.empty((B, n_h), dtype)
    c_5_tanh = np.empty((B, n_h), dtype)
    h_5_sigmoid = np.empty((B, n_h), dtype)
    h_5_tanh = np.empty((B, n_h), dtype)
    W_a_T = np.empty((n_h, n_h), dtype)
    W_a_T[...] = W_a.T
    C_5_T = np.empty((2 * n_h, 4 * n_h), dtype)
    C_5_T[...] = C_5.T
    U_5_T = np.empty((n_h, 4 * n_h), dtype)
    U_5_T[...] = U_5.T
    h_5_at = list(ch_5[1])
    e_at = list(e)
    largest = np.empty((1, B), dtype)
    alpha_at = list(alpha)
    c_at = list(c)
    z_5_at = list(z_5)
    z_5_at2 = list(z_5[:, :, n_h:2 * n_h])
    z_5_at3 = list(z_5[:, :, :n_h])
    z_5_at4 = list(z_5[:, :, 3 * n_h:])
    z_5_at5 = list(z_5[:, :, 2 * n_h:3 * n_h])
    c_5_at = list(ch_5[0])
    for t in range(1, T + 1):
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg[...] = e_arg_part
        # e.arg.part2[t] = W_a @ h_5[t-1]
        h_5_at[t - 1].dot(W_a_T, out=e_arg_part2)
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg += e_arg_part2
        # e.tanh[t, s] = tanh(e.arg[t, s])
        np.tanh(e_arg, out=e_tanh)
        # e[t, s] = dot(v_a, tanh(W_a @ h_5[t-1] + U_a @ n[s]))
        np.matmul(e_tanh.reshape(-1, n_h), v_a, out=e_at[t - 1].reshape(-1))
        # alpha[t, s] = softmax(e[t, s], s)
        _logsumexp(e_at[t - 1], 0, out=alpha_lse, work=tmp5, largest=largest)
        np.subtract(e_at[t - 1], alpha_lse, out=tmp5)
        np.exp(tmp5, out=alpha_at[t - 1])
        # c[t] = sum(alpha[t, s] * n[s], s)
        np.matmul(n.transpose(1, 2, 0), alpha_at[t - 1].T[..., None], out=c_at[t - 1][..., None])
        # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
        c_at[t - 1].dot(C_5_T, out=tmp1)
        z_5_at[t - 1] += tmp1
        h_5_at[t - 1].dot(U_5_T, out=tmp1)
        z_5_at[t - 1] += tmp1
        # c_5.sigmoid[t] = sigmoid(z_5[t, n_h:2*n_h])
        _sigmoid(z_5_at2[t - 1], out=c_5_sigmoid, half=half)
        # c_5.sigmoid2[t] = sigmoid(z_5[t, :n_h])
        _sigmoid(z_5_at3[t - 1], out=c_5_sigmoid2, half=half)
        # c_5.tanh[t] = tanh(z_5[t, 3*n_h:])
        np.tanh(z_5_at4[t - 1], out=c_5_tanh)
        # h_5.sigmoid[t] = sigmoid(z_5[t, 2*n_h:3*n_h])
        _sigmoid(z_5_at5[t - 1], out=h_5_sigmoid, half=half)
        # c_5[0] = c_4[1]
        np.multiply(c_5_sigmoid, c_5_at[t - 1], out=c_5_at[t])
        np.multiply(c_5_sigmoid2, c_5_tanh, out=tmp2)
        c_5_at[t] += tmp2
        # h_5.tanh[t] = tanh(c_5[t])
        np.tanh(c_5_at[t], out=h_5_tanh)
        # h_5[0] = h_4[1]
        np.multiply(h_5_sigmoid, h_5_tanh, out=h_5_at[t])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = d + V @ h_5[t] + D @ c[t]
    np.matmul(c.reshape(-1, 2 * n_h), D.T, out=o.reshape(-1, n_y))
    np.matmul(ch_5[1, 1:].reshape(-1, n_h), V.T, out=tmp6.reshape(-1, n_y))
    o += tmp6
    o += d
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
    z_1 = z_1234[0]
    z_2 = z_1234[1]
    z_3 = z_1234[2]
    z_4 = z_1234[3]
    c_5 = ch_5[0]
    h_5 = ch_5[1]
    c_4 = ch_4[0]
    h_4 = ch_4[1]

    if single:
        x = x[:, 0]
        z_1 = z_1[:, 0]
        c_1 = c_1[:, 0]
        h_1 = h_1[:, 0]
        z_2 = z_2[:, 0]
        c_2 = c_2[:, 0]
        h_2 = h_2[:, 0]
        m = m[:, 0]
        z_3 = z_3[:, 0]
        c_3 = c_3[:, 0]
        h_3 = h_3[:, 0]
        z_4 = z_4[:, 0]
        c_4 = c_4[:, 0]
        h_4 = h_4[:, 0]
        n = n[:, 0]
        e = e[:, :, 0]
        alpha = alpha[:, :, 0]
        c = c[:, 0]
        z_5 = z_5[:, 0]
        c_5 = c_5[:, 0]
        h_5 = h_5[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(
        x=x,
        z_1=z_1,
        c_1=c_1,
        h_1=h_1,
        z_2=z_2,
        c_2=c_2,
        h_2=h_2,
        m=m,
        z_3=z_3,
        c_3=c_3,
        h_3=h_3,
        z_4=z_4,
        c_4=c_4,
        h_4=h_4,
        n=n,
        e=e,
        alpha=alpha,
        c=c,
        z_5=z_5,
        c_5=c_5,
        h_5=h_5,
        o=o,
        yhat=yhat,
        loss=float(loss),
    )


def loss(
    params: Params,
    *,
    w: np.ndarray,
    y: np.ndarray,
    h_10: np.ndarray | None = None,
    c_10: np.ndarray | None = None,
    h_2_end: np.ndarray | None = None,
    c_2_end: np.ndarray | None = None,
    h_30: np.ndarray | None = None,
    c_30: np.ndarray | None = None,
    h_4_end: np.ndarray | None = None,
    c_4_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    workspace: Workspace | None = None,
    state: State | None = None,
) -> float:
    """The loss, summed over the batch.

    w          (S, B)    0..n_w - 1   the words to read
    y          (T, B)    0..n_y - 1   the words to write; y[t-1] is read when y[t] is predicted
    h_10       (B, n_h)  real         h_1[0]; 0 where not given
    c_10       (B, n_h)  real         c_1[0]; 0 where not given
    h_2_end    (B, n_h)  real         h_2[S + 1]; 0 where not given
    c_2_end    (B, n_h)  real         c_2[S + 1]; 0 where not given
    h_30       (B, n_h)  real         h_3[0]; 0 where not given
    c_30       (B, n_h)  real         c_3[0]; 0 where not given
    h_4_end    (B, n_h)  real         h_4[S + 1]; 0 where not given
    c_4_end    (B, n_h)  real         c_4[S + 1]; 0 where not given
    workspace            Workspace    its arrays are used, and hold the results until its next call
    state                State        what an earlier piece left, from last_state or step: the sequence goes on from
                                      there
    lengths              by sequence  each example's own number of steps, what is given beyond is not read; all where
                                      not given

    Data without the axis B are one example.
    """
    if lengths is not None or state is not None:
        return _loss_padded(
            params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, lengths, workspace, state
        )
    (
        params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, dtype, single, n_w, n_h, n_y, S, T, B,
    ) = _arguments(params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end)
    (
        E, F, W_1, W_2, U_1, U_2, b_1, b_2, W_3, W_4, U_3, U_4, b_3, b_4, W_5, C_5, U_5, b_5, W_a, U_a, v_a, V, D, d,
    ) = params

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, b_1234, W_12, W_34, x, z_1234, h_1, c_1, h_2, c_2, c_1_sigmoid,
        c_1_sigmoid2, c_1_tanh, h_1_sigmoid, h_1_tanh, U_1_T, h_1_at, z_1_at, z_1_at2, half, z_1_at3, z_1_at4, z_1_at5,
        c_1_at, c_2_sigmoid, c_2_sigmoid2, c_2_tanh, h_2_sigmoid, h_2_tanh, U_2_T, h_2_at, z_2_at, z_2_at2, z_2_at3,
        z_2_at4, z_2_at5, c_2_at, m, h_3, c_3, ch_4, c_3_sigmoid, c_3_sigmoid2, c_3_tanh, h_3_sigmoid, h_3_tanh, U_3_T,
        h_3_at, z_3_at, z_3_at2, z_3_at3, z_3_at4, z_3_at5, c_3_at, c_4_sigmoid, c_4_sigmoid2, c_4_tanh, h_4_sigmoid,
        h_4_tanh, U_4_T, h_4_at, z_4_at, z_4_at2, z_4_at3, z_4_at4, z_4_at5, c_4_at, n, e_arg_part, z_5, ch_5, e_arg,
        e_arg_part2, e_tanh, e, alpha_lse, alpha, c, c_5_sigmoid, c_5_sigmoid2, c_5_tanh, h_5_sigmoid, h_5_tanh, W_a_T,
        C_5_T, U_5_T, h_5_at, largest, c_at, z_5_at, z_5_at2, z_5_at3, z_5_at4, z_5_at5, c_5_at, o, yhat_lse, largest2,
        rows, flat,
    ) = _as_workspace(workspace).arrays(_loss_arrays, S, T, n_y, n_h, B, dtype)
    np.stack((b_1, b_2, b_3, b_4), out=b_1234)
    np.stack((W_1, W_2), out=W_12)
    np.stack((W_3, W_4), out=W_34)
    # x[s] = E[w[s]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    z_1234[...] = b_1234[:, None, None]
    # h_1[0] = 0
    h_1[0] = h_10
    # c_1[0] = 0
    c_1[0] = c_10
    # h_2[S+1] = 0
    h_2[S] = h_2_end
    # c_2[S+1] = 0
    c_2[S] = c_2_end
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    np.matmul(x.reshape(-1, n_h), W_12.transpose(0, 2, 1), out=tmp0.reshape(2, -1, 4 * n_h))
    z_1234[:2] += tmp0
    U_1_T[...] = U_1.T
    for s in range(1, S + 1):
        # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
        h_1_at[s - 1].dot(U_1_T, out=tmp1)
        z_1_at[s - 1] += tmp1
        # c_1.sigmoid[s] = sigmoid(z_1[s, n_h:2*n_h])
        _sigmoid(z_1_at2[s - 1], out=c_1_sigmoid, half=half)
        # c_1.sigmoid2[s] = sigmoid(z_1[s, :n_h])
        _sigmoid(z_1_at3[s - 1], out=c_1_sigmoid2, half=half)
        # c_1.tanh[s] = tanh(z_1[s, 3*n_h:])
        np.tanh(z_1_at4[s - 1], out=c_1_tanh)
        # h_1.sigmoid[s] = sigmoid(z_1[s, 2*n_h:3*n_h])
        _sigmoid(z_1_at5[s - 1], out=h_1_sigmoid, half=half)
        # c_1[s] = cell(z_1[s], c_1[s-1])
        np.multiply(c_1_sigmoid, c_1_at[s - 1], out=c_1_at[s])
        np.multiply(c_1_sigmoid2, c_1_tanh, out=tmp2)
        c_1_at[s] += tmp2
        # h_1.tanh[s] = tanh(c_1[s])
        np.tanh(c_1_at[s], out=h_1_tanh)
        # h_1[s] = out(z_1[s], c_1[s])
        np.multiply(h_1_sigmoid, h_1_tanh, out=h_1_at[s])
    U_2_T[...] = U_2.T
    for s in range(S, 0, -1):
        # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
        h_2_at[s].dot(U_2_T, out=tmp1)
        z_2_at[s - 1] += tmp1
        # c_2.sigmoid[s] = sigmoid(z_2[s, n_h:2*n_h])
        _sigmoid(z_2_at2[s - 1], out=c_2_sigmoid, half=half)
        # c_2.sigmoid2[s] = sigmoid(z_2[s, :n_h])
        _sigmoid(z_2_at3[s - 1], out=c_2_sigmoid2, half=half)
        # c_2.tanh[s] = tanh(z_2[s, 3*n_h:])
        np.tanh(z_2_at4[s - 1], out=c_2_tanh)
        # h_2.sigmoid[s] = sigmoid(z_2[s, 2*n_h:3*n_h])
        _sigmoid(z_2_at5[s - 1], out=h_2_sigmoid, half=half)
        # c_2[s] = cell(z_2[s], c_2[s+1])
        np.multiply(c_2_sigmoid, c_2_at[s], out=c_2_at[s - 1])
        np.multiply(c_2_sigmoid2, c_2_tanh, out=tmp2)
        c_2_at[s - 1] += tmp2
        # h_2.tanh[s] = tanh(c_2[s])
        np.tanh(c_2_at[s - 1], out=h_2_tanh)
        # h_2[s] = out(z_2[s], c_2[s])
        np.multiply(h_2_sigmoid, h_2_tanh, out=h_2_at[s - 1])
    # m[s] = concat(h_1[s], h_2[s])
    m[:, :, :n_h] = h_1[1:]
    m[:, :, n_h:] = h_2[:S]
    # h_3[0] = 0
    h_3[0] = h_30
    # c_3[0] = 0
    c_3[0] = c_30
    # h_4[S+1] = 0
    ch_4[1, S] = h_4_end
    # c_4[S+1] = 0
    ch_4[0, S] = c_4_end
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    np.matmul(m.reshape(-1, 2 * n_h), W_34.transpose(0, 2, 1), out=tmp0.reshape(2, -1, 4 * n_h))
    z_1234[2:] += tmp0
    U_3_T[...] = U_3.T
    for s in range(1, S + 1):
        # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
        h_3_at[s - 1].dot(U_3_T, out=tmp1)
        z_3_at[s - 1] += tmp1
        # c_3.sigmoid[s] = sigmoid(z_3[s, n_h:2*n_h])
        _sigmoid(z_3_at2[s - 1], out=c_3_sigmoid, half=half)
        # c_3.sigmoid2[s] = sigmoid(z_3[s, :n_h])
        _sigmoid(z_3_at3[s - 1], out=c_3_sigmoid2, half=half)
        # c_3.tanh[s] = tanh(z_3[s, 3*n_h:])
        np.tanh(z_3_at4[s - 1], out=c_3_tanh)
        # h_3.sigmoid[s] = sigmoid(z_3[s, 2*n_h:3*n_h])
        _sigmoid(z_3_at5[s - 1], out=h_3_sigmoid, half=half)
        # c_3[s] = cell(z_3[s], c_3[s-1])
        np.multiply(c_3_sigmoid, c_3_at[s - 1], out=c_3_at[s])
        np.multiply(c_3_sigmoid2, c_3_tanh, out=tmp2)
        c_3_at[s] += tmp2
        # h_3.tanh[s] = tanh(c_3[s])
        np.tanh(c_3_at[s], out=h_3_tanh)
        # h_3[s] = out(z_3[s], c_3[s])
        np.multiply(h_3_sigmoid, h_3_tanh, out=h_3_at[s])
    U_4_T[...] = U_4.T
    for s in range(S, 0, -1):
        # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
        h_4_at[s].dot(U_4_T, out=tmp1)
        z_4_at[s - 1] += tmp1
        # c_4.sigmoid[s] = sigmoid(z_4[s, n_h:2*n_h])
        _sigmoid(z_4_at2[s - 1], out=c_4_sigmoid, half=half)
        # c_4.sigmoid2[s] = sigmoid(z_4[s, :n_h])
        _sigmoid(z_4_at3[s - 1], out=c_4_sigmoid2, half=half)
        # c_4.tanh[s] = tanh(z_4[s, 3*n_h:])
        np.tanh(z_4_at4[s - 1], out=c_4_tanh)
        # h_4.sigmoid[s] = sigmoid(z_4[s, 2*n_h:3*n_h])
        _sigmoid(z_4_at5[s - 1], out=h_4_sigmoid, half=half)
        # c_4[S+1] = 0
        np.multiply(c_4_sigmoid, c_4_at[s], out=c_4_at[s - 1])
        np.multiply(c_4_sigmoid2, c_4_tanh, out=tmp2)
        c_4_at[s - 1] += tmp2
        # h_4.tanh[s] = tanh(c_4[s])
        np.tanh(c_4_at[s - 1], out=h_4_tanh)
        # h_4[S+1] = 0
        np.multiply(h_4_sigmoid, h_4_tanh, out=h_4_at[s - 1])
    # n[s] = concat(h_3[s], h_4[s])
    n[:, :, :n_h] = h_3[1:]
    n[:, :, n_h:] = ch_4[1, :S]
    # e.arg.part[s] = U_a @ n[s]
    np.matmul(n.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_h))
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    z_5[...] = b_5
    # c_5[0] = c_4[1]
    # h_5[0] = h_4[1]
    ch_5[:, 0] = ch_4[:, 0]
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    np.take(F, y[:T - 1], axis=0, out=tmp4, mode="clip")
    np.matmul(tmp4.reshape(-1, n_h), W_5.T, out=tmp3.reshape(-1, 4 * n_h))
    z_5[1:] += tmp3
    W_a_T[...] = W_a.T
    C_5_T[...] = C_5.T
    U_5_T[...] = U_5.T
    for t in range(1, T + 1):
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg[...] = e_arg_part
        # e.arg.part2[t] = W_a @ h_5[t-1]
        h_5_at[t - 1].dot(W_a_T, out=e_arg_part2)
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg += e_arg_part2
        # e.tanh[t, s] = tanh(e.arg[t, s])
        np.tanh(e_arg, out=e_tanh)
        # e[t, s] = dot(v_a, tanh(W_a @ h_5[t-1] + U_a @ n[s]))
        np.matmul(e_tanh.reshape(-1, n_h), v_a, out=e.reshape(-1))
        # alpha[t, s] = softmax(e[t, s], s)
        _logsumexp(e, 0, out=alpha_lse, work=tmp5, largest=largest)
        np.subtract(e, alpha_lse, out=tmp5)
        np.exp(tmp5, out=alpha)
        # c[t] = sum(alpha[t, s] * n[s], s)
        np.matmul(n.transpose(1, 2, 0), alpha.T[..., None], out=c_at[t - 1][..., None])
        # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
        c_at[t - 1].dot(C_5_T, out=tmp1)
        z_5_at[t - 1] += tmp1
        h_5_at[t - 1].dot(U_5_T, out=tmp1)
        z_5_at[t - 1] += tmp1
        # c_5.sigmoid[t] = sigmoid(z_5[t, n_h:2*n_h])
        _sigmoid(z_5_at2[t - 1], out=c_5_sigmoid, half=half)
        # c_5.sigmoid2[t] = sigmoid(z_5[t, :n_h])
        _sigmoid(z_5_at3[t - 1], out=c_5_sigmoid2, half=half)
        # c_5.tanh[t] = tanh(z_5[t, 3*n_h:])
        np.tanh(z_5_at4[t - 1], out=c_5_tanh)
        # h_5.sigmoid[t] = sigmoid(z_5[t, 2*n_h:3*n_h])
        _sigmoid(z_5_at5[t - 1], out=h_5_sigmoid, half=half)
        # c_5[0] = c_4[1]
        np.multiply(c_5_sigmoid, c_5_at[t - 1], out=c_5_at[t])
        np.multiply(c_5_sigmoid2, c_5_tanh, out=tmp2)
        c_5_at[t] += tmp2
        # h_5.tanh[t] = tanh(c_5[t])
        np.tanh(c_5_at[t], out=h_5_tanh)
        # h_5[0] = h_4[1]
        np.multiply(h_5_sigmoid, h_5_tanh, out=h_5_at[t])
    # o[t] = d + V @ h_5[t] + D @ c[t]
    np.matmul(c.reshape(-1, 2 * n_h), D.T, out=o.reshape(-1, n_y))
    np.matmul(ch_5[1, 1:].reshape(-1, n_h), V.T, out=tmp6.reshape(-1, n_y))
    o += tmp6
    o += d
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
    w: np.ndarray,
    y: np.ndarray,
    h_10: np.ndarray | None = None,
    c_10: np.ndarray | None = None,
    h_2_end: np.ndarray | None = None,
    c_2_end: np.ndarray | None = None,
    h_30: np.ndarray | None = None,
    c_30: np.ndarray | None = None,
    h_4_end: np.ndarray | None = None,
    c_4_end: np.ndarray | None = None,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    wrt: tuple[str, ...] = (),
    workspace: Workspace | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> tuple[float, Params] | tuple[float, Params, dict[str, np.ndarray]]:
    """The loss, the parameters' gradients, and a dictionary of those in `wrt` where it names any.

    w          (S, B)    0..n_w - 1         the words to read
    y          (T, B)    0..n_y - 1         the words to write; y[t-1] is read when y[t] is predicted
    h_10       (B, n_h)  real               h_1[0]; 0 where not given
    c_10       (B, n_h)  real               c_1[0]; 0 where not given
    h_2_end    (B, n_h)  real               h_2[S + 1]; 0 where not given
    c_2_end    (B, n_h)  real               c_2[S + 1]; 0 where not given
    h_30       (B, n_h)  real               h_3[0]; 0 where not given
    c_30       (B, n_h)  real               c_3[0]; 0 where not given
    h_4_end    (B, n_h)  real               h_4[S + 1]; 0 where not given
    c_4_end    (B, n_h)  real               c_4[S + 1]; 0 where not given
    workspace            Workspace          its arrays are used, and hold the results until its next call
    state                State              what an earlier piece left, from last_state or step: the sequence goes on
                                            from there
    lengths              by sequence        each example's own number of steps, what is given beyond is not read; all
                                            where not given
    window               whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it,
                                            values go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _loss_and_grad_padded(
            params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, lengths, wrt, workspace, window, state
        )
    (
        params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, dtype, single, n_w, n_h, n_y, S, T, B,
    ) = _arguments(params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end)
    (
        E, F, W_1, W_2, U_1, U_2, b_1, b_2, W_3, W_4, U_3, U_4, b_3, b_4, W_5, C_5, U_5, b_5, W_a, U_a, v_a, V, D, d,
    ) = params
    wrt = _asked(wrt, ("h_10", "c_10", "h_2_end", "c_2_end", "h_30", "c_30", "h_4_end", "c_4_end"))

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, b_1234, W_12, W_34, x, z_1234, h_1, c_1, h_2, c_2, c_1_sigmoid,
        c_1_sigmoid2, c_1_tanh, h_1_sigmoid, h_1_tanh, U_1_T, h_1_at, z_1_at, c_1_sigmoid_at, z_1_at2, half,
        c_1_sigmoid2_at, z_1_at3, c_1_tanh_at, z_1_at4, h_1_sigmoid_at, z_1_at5, c_1_at, h_1_tanh_at, c_2_sigmoid,
        c_2_sigmoid2, c_2_tanh, h_2_sigmoid, h_2_tanh, U_2_T, h_2_at, z_2_at, c_2_sigmoid_at, z_2_at2, c_2_sigmoid2_at,
        z_2_at3, c_2_tanh_at, z_2_at4, h_2_sigmoid_at, z_2_at5, c_2_at, h_2_tanh_at, m, h_3, c_3, ch_4, c_3_sigmoid,
        c_3_sigmoid2, c_3_tanh, h_3_sigmoid, h_3_tanh, U_3_T, h_3_at, z_3_at, c_3_sigmoid_at, z_3_at2, c_3_sigmoid2_at,
        z_3_at3, c_3_tanh_at, z_3_at4, h_3_sigmoid_at, z_3_at5, c_3_at, h_3_tanh_at, c_4_sigmoid, c_4_sigmoid2,
        c_4_tanh, h_4_sigmoid, h_4_tanh, U_4_T, h_4_at, z_4_at, c_4_sigmoid_at, z_4_at2, c_4_sigmoid2_at, z_4_at3,
        c_4_tanh_at, z_4_at4, h_4_sigmoid_at, z_4_at5, c_4_at, h_4_tanh_at, n, e_arg_part, z_5, ch_5, e_arg,
        e_arg_part2, e_tanh, e, alpha_lse, alpha, c, c_5_sigmoid, c_5_sigmoid2, c_5_tanh, h_5_sigmoid, h_5_tanh, W_a_T,
        C_5_T, U_5_T, h_5_at, e_tanh_at, largest, alpha_at, c_at, z_5_at, c_5_sigmoid_at, z_5_at2, c_5_sigmoid2_at,
        z_5_at3, c_5_tanh_at, z_5_at4, h_5_sigmoid_at, z_5_at5, c_5_at, h_5_tanh_at, o, yhat_lse, largest2, yhat, rows,
        flat, tmp8, tmp9, tmp10, do, entries, dd, dD, dc, dV, c_5_factor, z_5_factor, z_5_factor2, z_5_factor3,
        z_5_factor4, dch_5, dz_5, dalpha, dalpha_lse, de, de_arg, de_arg_sum2, de_arg_sum, dz_5_at, dh_5_at,
        de_arg_sum2_at, dc_5_at, c_5_factor_at, dz_5_at2, z_5_factor_at, dz_5_at3, z_5_factor2_at, dz_5_at4,
        z_5_factor3_at, dz_5_at5, z_5_factor4_at, dc_at, de_at, one, dW_5, db_5, dC_5, dU_5, dn, dv_a, dU_a, dW_a,
        c_4_factor, z_4_factor, z_4_factor2, z_4_factor3, z_4_factor4, c_3_factor, z_3_factor, z_3_factor2, z_3_factor3,
        z_3_factor4, dch_4, dh_3, dz_1234, dz_4_at, dh_4_at, c_4_factor_at, dc_4_at, dz_4_at2, z_4_factor_at, dz_4_at3,
        z_4_factor2_at, dz_4_at4, z_4_factor3_at, dz_4_at5, z_4_factor4_at, dc_3, dz_3_at, dh_3_at, dc_3_at,
        c_3_factor_at, dz_3_at2, z_3_factor_at, dz_3_at3, z_3_factor2_at, dz_3_at4, z_3_factor3_at, dz_3_at5,
        z_3_factor4_at, dm, product, c_2_factor, z_2_factor, z_2_factor2, z_2_factor3, z_2_factor4, c_1_factor,
        z_1_factor, z_1_factor2, z_1_factor3, z_1_factor4, dh_2, dh_1, dc_2, dz_2_at, dh_2_at, dc_2_at, c_2_factor_at,
        dz_2_at2, z_2_factor_at, dz_2_at3, z_2_factor2_at, dz_2_at4, z_2_factor3_at, dz_2_at5, z_2_factor4_at, dc_1,
        dz_1_at, dh_1_at, dc_1_at, c_1_factor_at, dz_1_at2, z_1_factor_at, dz_1_at3, z_1_factor2_at, dz_1_at4,
        z_1_factor3_at, dz_1_at5, z_1_factor4_at, db_1234, dU_4, dW_34, dU_3, dU_2, dW_12, dx, product2, dU_1, dF, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_arrays, S, n_w, T, n_y, n_h, B, dtype)
    np.stack((b_1, b_2, b_3, b_4), out=b_1234)
    np.stack((W_1, W_2), out=W_12)
    np.stack((W_3, W_4), out=W_34)
    # x[s] = E[w[s]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    z_1234[...] = b_1234[:, None, None]
    # h_1[0] = 0
    h_1[0] = h_10
    # c_1[0] = 0
    c_1[0] = c_10
    # h_2[S+1] = 0
    h_2[S] = h_2_end
    # c_2[S+1] = 0
    c_2[S] = c_2_end
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    np.matmul(x.reshape(-1, n_h), W_12.transpose(0, 2, 1), out=tmp0.reshape(2, -1, 4 * n_h))
    z_1234[:2] += tmp0
    U_1_T[...] = U_1.T
    for s in range(1, S + 1):
        # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
        h_1_at[s - 1].dot(U_1_T, out=tmp1)
        z_1_at[s - 1] += tmp1
        # c_1.sigmoid[s] = sigmoid(z_1[s, n_h:2*n_h])
        _sigmoid(z_1_at2[s - 1], out=c_1_sigmoid_at[s - 1], half=half)
        # c_1.sigmoid2[s] = sigmoid(z_1[s, :n_h])
        _sigmoid(z_1_at3[s - 1], out=c_1_sigmoid2_at[s - 1], half=half)
        # c_1.tanh[s] = tanh(z_1[s, 3*n_h:])
        np.tanh(z_1_at4[s - 1], out=c_1_tanh_at[s - 1])
        # h_1.sigmoid[s] = sigmoid(z_1[s, 2*n_h:3*n_h])
        _sigmoid(z_1_at5[s - 1], out=h_1_sigmoid_at[s - 1], half=half)
        # c_1[s] = cell(z_1[s], c_1[s-1])
        np.multiply(c_1_at[s - 1], c_1_sigmoid_at[s - 1], out=c_1_at[s])
        np.multiply(c_1_sigmoid2_at[s - 1], c_1_tanh_at[s - 1], out=tmp2)
        c_1_at[s] += tmp2
        # h_1.tanh[s] = tanh(c_1[s])
        np.tanh(c_1_at[s], out=h_1_tanh_at[s - 1])
        # h_1[s] = out(z_1[s], c_1[s])
        np.multiply(h_1_sigmoid_at[s - 1], h_1_tanh_at[s - 1], out=h_1_at[s])
    U_2_T[...] = U_2.T
    for s in range(S, 0, -1):
        # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
        h_2_at[s].dot(U_2_T, out=tmp1)
        z_2_at[s - 1] += tmp1
        # c_2.sigmoid[s] = sigmoid(z_2[s, n_h:2*n_h])
        _sigmoid(z_2_at2[s - 1], out=c_2_sigmoid_at[s - 1], half=half)
        # c_2.sigmoid2[s] = sigmoid(z_2[s, :n_h])
        _sigmoid(z_2_at3[s - 1], out=c_2_sigmoid2_at[s - 1], half=half)
        # c_2.tanh[s] = tanh(z_2[s, 3*n_h:])
        np.tanh(z_2_at4[s - 1], out=c_2_tanh_at[s - 1])
        # h_2.sigmoid[s] = sigmoid(z_2[s, 2*n_h:3*n_h])
        _sigmoid(z_2_at5[s - 1], out=h_2_sigmoid_at[s - 1], half=half)
        # c_2[s] = cell(z_2[s], c_2[s+1])
        np.multiply(c_2_at[s], c_2_sigmoid_at[s - 1], out=c_2_at[s - 1])
        np.multiply(c_2_sigmoid2_at[s - 1], c_2_tanh_at[s - 1], out=tmp2)
        c_2_at[s - 1] += tmp2
        # h_2.tanh[s] = tanh(c_2[s])
        np.tanh(c_2_at[s - 1], out=h_2_tanh_at[s - 1])
        # h_2[s] = out(z_2[s], c_2[s])
        np.multiply(h_2_sigmoid_at[s - 1], h_2_tanh_at[s - 1], out=h_2_at[s - 1])
    # m[s] = concat(h_1[s], h_2[s])
    m[:, :, :n_h] = h_1[1:]
    m[:, :, n_h:] = h_2[:S]
    # h_3[0] = 0
    h_3[0] = h_30
    # c_3[0] = 0
    c_3[0] = c_30
    # h_4[S+1] = 0
    ch_4[1, S] = h_4_end
    # c_4[S+1] = 0
    ch_4[0, S] = c_4_end
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    np.matmul(m.reshape(-1, 2 * n_h), W_34.transpose(0, 2, 1), out=tmp0.reshape(2, -1, 4 * n_h))
    z_1234[2:] += tmp0
    U_3_T[...] = U_3.T
    for s in range(1, S + 1):
        # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
        h_3_at[s - 1].dot(U_3_T, out=tmp1)
        z_3_at[s - 1] += tmp1
        # c_3.sigmoid[s] = sigmoid(z_3[s, n_h:2*n_h])
        _sigmoid(z_3_at2[s - 1], out=c_3_sigmoid_at[s - 1], half=half)
        # c_3.sigmoid2[s] = sigmoid(z_3[s, :n_h])
        _sigmoid(z_3_at3[s - 1], out=c_3_sigmoid2_at[s - 1], half=half)
        # c_3.tanh[s] = tanh(z_3[s, 3*n_h:])
        np.tanh(z_3_at4[s - 1], out=c_3_tanh_at[s - 1])
        # h_3.sigmoid[s] = sigmoid(z_3[s, 2*n_h:3*n_h])
        _sigmoid(z_3_at5[s - 1], out=h_3_sigmoid_at[s - 1], half=half)
        # c_3[s] = cell(z_3[s], c_3[s-1])
        np.multiply(c_3_at[s - 1], c_3_sigmoid_at[s - 1], out=c_3_at[s])
        np.multiply(c_3_sigmoid2_at[s - 1], c_3_tanh_at[s - 1], out=tmp2)
        c_3_at[s] += tmp2
        # h_3.tanh[s] = tanh(c_3[s])
        np.tanh(c_3_at[s], out=h_3_tanh_at[s - 1])
        # h_3[s] = out(z_3[s], c_3[s])
        np.multiply(h_3_sigmoid_at[s - 1], h_3_tanh_at[s - 1], out=h_3_at[s])
    U_4_T[...] = U_4.T
    for s in range(S, 0, -1):
        # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
        h_4_at[s].dot(U_4_T, out=tmp1)
        z_4_at[s - 1] += tmp1
        # c_4.sigmoid[s] = sigmoid(z_4[s, n_h:2*n_h])
        _sigmoid(z_4_at2[s - 1], out=c_4_sigmoid_at[s - 1], half=half)
        # c_4.sigmoid2[s] = sigmoid(z_4[s, :n_h])
        _sigmoid(z_4_at3[s - 1], out=c_4_sigmoid2_at[s - 1], half=half)
        # c_4.tanh[s] = tanh(z_4[s, 3*n_h:])
        np.tanh(z_4_at4[s - 1], out=c_4_tanh_at[s - 1])
        # h_4.sigmoid[s] = sigmoid(z_4[s, 2*n_h:3*n_h])
        _sigmoid(z_4_at5[s - 1], out=h_4_sigmoid_at[s - 1], half=half)
        # c_4[S+1] = 0
        np.multiply(c_4_sigmoid_at[s - 1], c_4_at[s], out=c_4_at[s - 1])
        np.multiply(c_4_sigmoid2_at[s - 1], c_4_tanh_at[s - 1], out=tmp2)
        c_4_at[s - 1] += tmp2
        # h_4.tanh[s] = tanh(c_4[s])
        np.tanh(c_4_at[s - 1], out=h_4_tanh_at[s - 1])
        # h_4[S+1] = 0
        np.multiply(h_4_sigmoid_at[s - 1], h_4_tanh_at[s - 1], out=h_4_at[s - 1])
    # n[s] = concat(h_3[s], h_4[s])
    n[:, :, :n_h] = h_3[1:]
    n[:, :, n_h:] = ch_4[1, :S]
    # e.arg.part[s] = U_a @ n[s]
    np.matmul(n.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_h))
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    z_5[...] = b_5
    # c_5[0] = c_4[1]
    # h_5[0] = h_4[1]
    ch_5[:, 0] = ch_4[:, 0]
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    np.take(F, y[:T - 1], axis=0, out=tmp4, mode="clip")
    np.matmul(tmp4.reshape(-1, n_h), W_5.T, out=tmp3.reshape(-1, 4 * n_h))
    z_5[1:] += tmp3
    W_a_T[...] = W_a.T
    C_5_T[...] = C_5.T
    U_5_T[...] = U_5.T
    for t in range(1, T + 1):
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg[...] = e_arg_part
        # e.arg.part2[t] = W_a @ h_5[t-1]
        h_5_at[t - 1].dot(W_a_T, out=e_arg_part2)
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg += e_arg_part2
        # e.tanh[t, s] = tanh(e.arg[t, s])
        np.tanh(e_arg, out=e_tanh_at[t - 1])
        # e[t, s] = dot(v_a, tanh(W_a @ h_5[t-1] + U_a @ n[s]))
        np.matmul(e_tanh_at[t - 1].reshape(-1, n_h), v_a, out=e.reshape(-1))
        # alpha[t, s] = softmax(e[t, s], s)
        _logsumexp(e, 0, out=alpha_lse, work=tmp5, largest=largest)
        np.subtract(e, alpha_lse, out=tmp5)
        np.exp(tmp5, out=alpha_at[t - 1])
        # c[t] = sum(alpha[t, s] * n[s], s)
        np.matmul(n.transpose(1, 2, 0), alpha_at[t - 1].T[..., None], out=c_at[t - 1][..., None])
        # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
        c_at[t - 1].dot(C_5_T, out=tmp1)
        z_5_at[t - 1] += tmp1
        h_5_at[t - 1].dot(U_5_T, out=tmp1)
        z_5_at[t - 1] += tmp1
        # c_5.sigmoid[t] = sigmoid(z_5[t, n_h:2*n_h])
        _sigmoid(z_5_at2[t - 1], out=c_5_sigmoid_at[t - 1], half=half)
        # c_5.sigmoid2[t] = sigmoid(z_5[t, :n_h])
        _sigmoid(z_5_at3[t - 1], out=c_5_sigmoid2_at[t - 1], half=half)
        # c_5.tanh[t] = tanh(z_5[t, 3*n_h:])
        np.tanh(z_5_at4[t - 1], out=c_5_tanh_at[t - 1])
        # h_5.sigmoid[t] = sigmoid(z_5[t, 2*n_h:3*n_h])
        _sigmoid(z_5_at5[t - 1], out=h_5_sigmoid_at[t - 1], half=half)
        # c_5[0] = c_4[1]
        np.multiply(c_5_sigmoid_at[t - 1], c_5_at[t - 1], out=c_5_at[t])
        np.multiply(c_5_sigmoid2_at[t - 1], c_5_tanh_at[t - 1], out=tmp2)
        c_5_at[t] += tmp2
        # h_5.tanh[t] = tanh(c_5[t])
        np.tanh(c_5_at[t], out=h_5_tanh_at[t - 1])
        # h_5[0] = h_4[1]
        np.multiply(h_5_sigmoid_at[t - 1], h_5_tanh_at[t - 1], out=h_5_at[t])
    # o[t] = d + V @ h_5[t] + D @ c[t]
    np.matmul(c.reshape(-1, 2 * n_h), D.T, out=o.reshape(-1, n_y))
    np.matmul(ch_5[1, 1:].reshape(-1, n_h), V.T, out=tmp6.reshape(-1, n_y))
    o += tmp6
    o += d
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp6, largest=largest2)
    np.subtract(o, yhat_lse[:, :, None], out=tmp6)
    np.exp(tmp6, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    _look_up(o, y, rows, flat, out=tmp7)
    np.subtract(yhat_lse, tmp7, out=tmp7)
    loss = tmp7.sum()
    c_5 = ch_5[0]
    h_5 = ch_5[1]
    c_4 = ch_4[0]
    h_4 = ch_4[1]
    # grad(o[t]) = yhat[t] - onehot(y[t])
    _add_to(do, y, rows, flat, entries, -1)
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dd)
    # grad(D) = sum(outer(grad(o[t]), c[t]), t)
    np.matmul(do.reshape(-1, n_y).T, c.reshape(-1, 2 * n_h), out=dD)
    # grad(c[t]) = C_5.T @ grad(z_5[t]) + D.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_y), D, out=dc.reshape(-1, 2 * n_h))
    # grad(V) = sum(outer(grad(o[t]), h_5[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h_5[1:].reshape(-1, n_h), out=dV)
    # c_5.factor[t] = h_5.sigmoid[t] * (1 - h_5.tanh[t]**2)
    np.square(h_5_tanh, out=c_5_factor)
    np.subtract(1, c_5_factor, out=c_5_factor)
    c_5_factor *= h_5_sigmoid
    # z_5.factor[t] = h_5.sigmoid[t] * h_5.tanh[t] * (1 - h_5.sigmoid[t])
    np.subtract(1, h_5_sigmoid, out=z_5_factor)
    z_5_factor *= h_5_sigmoid
    z_5_factor *= h_5_tanh
    # z_5.factor2[t] = c_5.sigmoid2[t] * (1 - c_5.tanh[t]**2)
    np.square(c_5_tanh, out=z_5_factor2)
    np.subtract(1, z_5_factor2, out=z_5_factor2)
    z_5_factor2 *= c_5_sigmoid2
    # z_5.factor3[t] = c_5.sigmoid2[t] * c_5.tanh[t] * (1 - c_5.sigmoid2[t])
    np.subtract(1, c_5_sigmoid2, out=z_5_factor3)
    z_5_factor3 *= c_5_sigmoid2
    z_5_factor3 *= c_5_tanh
    # z_5.factor4[t] = c_5[t-1] * c_5.sigmoid[t] * (1 - c_5.sigmoid[t])
    np.subtract(1, c_5_sigmoid, out=z_5_factor4)
    z_5_factor4 *= c_5[:T]
    z_5_factor4 *= c_5_sigmoid
    # grad(h_5[T]) = V.T @ grad(o[T])
    np.matmul(do.reshape(-1, n_y), V, out=dch_5[1, 1:].reshape(-1, n_h))
    # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
    np.multiply(c_5_factor[T - 1], dch_5[1, T], out=dch_5[0, T])
    # grad(z_5[t, 2*n_h:3*n_h]) = h_5.sigmoid[t] * (1 - h_5.sigmoid[t]) * grad(h_5.sigmoid[t])
    np.multiply(z_5_factor[T - 1], dch_5[1, T], out=dz_5[T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(z_5_factor2[T - 1], dch_5[0, T], out=dz_5[T - 1, :, 3 * n_h:])
    np.multiply(z_5_factor3[T - 1], dch_5[0, T], out=dz_5[T - 1, :, :n_h])
    np.multiply(z_5_factor4[T - 1], dch_5[0, T], out=dz_5[T - 1, :, n_h:2 * n_h])
    # grad(c[t]) = C_5.T @ grad(z_5[t]) + D.T @ grad(o[t])
    np.matmul(dz_5[T - 1], C_5, out=tmp8)
    dc[T - 1] += tmp8
    # grad(alpha[t, s]) = n[s] @ grad(c[t])
    np.matmul(n.transpose(1, 0, 2), dc[T - 1][..., None], out=dalpha.T[..., None])
    # grad(alpha.lse[t]) = sum(-alpha[t, s] * grad(alpha[t, s]), s)
    dalpha_lse[...] = np.einsum("sb,sb->b", dalpha, alpha[T - 1])
    np.negative(dalpha_lse, out=dalpha_lse)
    # grad(e[t, s]) = alpha[t, s] * grad(alpha.lse[t]) + alpha[t, s] * grad(alpha[t, s])
    np.multiply(alpha[T - 1], dalpha_lse, out=de[T - 1])
    np.multiply(dalpha, alpha[T - 1], out=tmp5)
    de[T - 1] += tmp5
    # grad(e.arg[t, s]) = (1 - e.tanh[t, s]**2) * grad(e.tanh[t, s])
    np.square(e_tanh[T - 1], out=de_arg)
    np.subtract(1, de_arg, out=de_arg)
    de_arg *= de[T - 1][:, :, None]
    de_arg *= v_a
    # grad(e.arg.sum2[t]) = sum(grad(e.arg[t, s]), s)
    np.add.reduce(de_arg, axis=0, out=de_arg_sum2[T - 1])
    # grad(e.arg.sum[s]) = sum(grad(e.arg[t, s]), t)
    de_arg_sum[...] = de_arg
    for t in range(T - 1, 0, -1):
        # grad(h_5[T]) = V.T @ grad(o[T])
        dz_5_at[t].dot(U_5, out=tmp2)
        dh_5_at[t] += tmp2
        de_arg_sum2_at[t].dot(W_a, out=tmp2)
        dh_5_at[t] += tmp2
        # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
        np.multiply(c_5_factor_at[t - 1], dh_5_at[t], out=dc_5_at[t])
        # grad(z_5[t, 2*n_h:3*n_h]) = h_5.sigmoid[t] * (1 - h_5.sigmoid[t]) * grad(h_5.sigmoid[t])
        np.multiply(z_5_factor_at[t - 1], dh_5_at[t], out=dz_5_at2[t - 1])
        # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
        np.multiply(c_5_sigmoid_at[t], dc_5_at[t + 1], out=tmp2)
        dc_5_at[t] += tmp2
        # grad(z_5[t, 2*n_h:3*n_h]) = h_5.sigmoid[t] * (1 - h_5.sigmoid[t]) * grad(h_5.sigmoid[t])
        np.multiply(z_5_factor2_at[t - 1], dc_5_at[t], out=dz_5_at3[t - 1])
        np.multiply(z_5_factor3_at[t - 1], dc_5_at[t], out=dz_5_at4[t - 1])
        np.multiply(z_5_factor4_at[t - 1], dc_5_at[t], out=dz_5_at5[t - 1])
        # grad(c[t]) = C_5.T @ grad(z_5[t]) + D.T @ grad(o[t])
        dz_5_at[t - 1].dot(C_5, out=tmp8)
        dc_at[t - 1] += tmp8
        # grad(alpha[t, s]) = n[s] @ grad(c[t])
        np.matmul(n.transpose(1, 0, 2), dc_at[t - 1][..., None], out=dalpha.T[..., None])
        # grad(alpha.lse[t]) = sum(-alpha[t, s] * grad(alpha[t, s]), s)
        dalpha_lse[...] = np.einsum("sb,sb->b", dalpha, alpha[t - 1])
        np.negative(dalpha_lse, out=dalpha_lse)
        # grad(e[t, s]) = alpha[t, s] * grad(alpha.lse[t]) + alpha[t, s] * grad(alpha[t, s])
        np.multiply(alpha_at[t - 1], dalpha_lse, out=de_at[t - 1])
        np.multiply(dalpha, alpha_at[t - 1], out=tmp5)
        de_at[t - 1] += tmp5
        # grad(e.arg[t, s]) = (1 - e.tanh[t, s]**2) * grad(e.tanh[t, s])
        np.square(e_tanh_at[t - 1], out=de_arg)
        np.subtract(one, de_arg, out=de_arg)
        de_arg *= de_at[t - 1][:, :, None]
        de_arg *= v_a
        # grad(e.arg.sum2[t]) = sum(grad(e.arg[t, s]), s)
        np.add.reduce(de_arg, axis=0, out=de_arg_sum2_at[t - 1])
        # grad(e.arg.sum[s]) = sum(grad(e.arg[t, s]), t)
        de_arg_sum += de_arg
    # grad(h_5[T]) = V.T @ grad(o[T])
    np.matmul(dz_5[0], U_5, out=dch_5[1, 0])
    np.matmul(de_arg_sum2[0], W_a, out=tmp2)
    dch_5[1, 0] += tmp2
    # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
    np.multiply(c_5_sigmoid[0], dch_5[0, 1], out=dch_5[0, 0])
    # grad(W_5) = sum(outer(grad(z_5[t]), F[y[t-1]]), (t, 2, T))
    tmp9[...] = F[y[:T - 1]].transpose(2, 0, 1)
    np.matmul(dz_5[1:].reshape(-1, 4 * n_h).T, tmp9.reshape(n_h, -1).T, out=dW_5)
    # grad(b_5) = sum(grad(z_5[t]), t)
    np.add.reduce(dz_5, axis=(0, 1), out=db_5)
    # grad(C_5) = sum(outer(grad(z_5[t]), c[t]), t)
    np.matmul(dz_5.reshape(-1, 4 * n_h).T, c.reshape(-1, 2 * n_h), out=dC_5)
    # grad(U_5) = sum(outer(grad(z_5[t]), h_5[t-1]), t)
    np.matmul(dz_5.reshape(-1, 4 * n_h).T, h_5[:T].reshape(-1, n_h), out=dU_5)
    # grad(n[s]) = sum(alpha[t, s] * grad(c[t]), t) + U_a.T @ grad(e.arg.sum[s])
    np.matmul(alpha.transpose(2, 1, 0), dc.transpose(1, 0, 2), out=dn.transpose(1, 0, 2))
    # grad(v_a) = sum(sum(grad(e[t, s]) * e.tanh[t, s], s), t)
    np.matmul(e_tanh.reshape(-1, n_h).T, de.reshape(-1), out=dv_a)
    # grad(U_a) = sum(outer(grad(e.arg.sum[s]), n[s]), s)
    np.matmul(de_arg_sum.reshape(-1, n_h).T, n.reshape(-1, 2 * n_h), out=dU_a)
    # grad(n[s]) = sum(alpha[t, s] * grad(c[t]), t) + U_a.T @ grad(e.arg.sum[s])
    np.matmul(de_arg_sum.reshape(-1, n_h), U_a, out=tmp10.reshape(-1, 2 * n_h))
    dn += tmp10
    # grad(W_a) = sum(outer(grad(e.arg.sum2[t]), h_5[t-1]), t)
    np.matmul(de_arg_sum2.reshape(-1, n_h).T, h_5[:T].reshape(-1, n_h), out=dW_a)
    # c_4.factor[s] = h_4.sigmoid[s] * (1 - h_4.tanh[s]**2)
    np.square(h_4_tanh, out=c_4_factor)
    np.subtract(1, c_4_factor, out=c_4_factor)
    c_4_factor *= h_4_sigmoid
    # z_4.factor[s] = h_4.sigmoid[s] * h_4.tanh[s] * (1 - h_4.sigmoid[s])
    np.subtract(1, h_4_sigmoid, out=z_4_factor)
    z_4_factor *= h_4_sigmoid
    z_4_factor *= h_4_tanh
    # z_4.factor2[s] = c_4.sigmoid2[s] * (1 - c_4.tanh[s]**2)
    np.square(c_4_tanh, out=z_4_factor2)
    np.subtract(1, z_4_factor2, out=z_4_factor2)
    z_4_factor2 *= c_4_sigmoid2
    # z_4.factor3[s] = c_4.sigmoid2[s] * c_4.tanh[s] * (1 - c_4.sigmoid2[s])
    np.subtract(1, c_4_sigmoid2, out=z_4_factor3)
    z_4_factor3 *= c_4_sigmoid2
    z_4_factor3 *= c_4_tanh
    # z_4.factor4[s] = c_4[s+1] * c_4.sigmoid[s] * (1 - c_4.sigmoid[s])
    np.subtract(1, c_4_sigmoid, out=z_4_factor4)
    z_4_factor4 *= c_4[1:]
    z_4_factor4 *= c_4_sigmoid
    # c_3.factor[s] = h_3.sigmoid[s] * (1 - h_3.tanh[s]**2)
    np.square(h_3_tanh, out=c_3_factor)
    np.subtract(1, c_3_factor, out=c_3_factor)
    c_3_factor *= h_3_sigmoid
    # z_3.factor[s] = h_3.sigmoid[s] * h_3.tanh[s] * (1 - h_3.sigmoid[s])
    np.subtract(1, h_3_sigmoid, out=z_3_factor)
    z_3_factor *= h_3_sigmoid
    z_3_factor *= h_3_tanh
    # z_3.factor2[s] = c_3.sigmoid2[s] * (1 - c_3.tanh[s]**2)
    np.square(c_3_tanh, out=z_3_factor2)
    np.subtract(1, z_3_factor2, out=z_3_factor2)
    z_3_factor2 *= c_3_sigmoid2
    # z_3.factor3[s] = c_3.sigmoid2[s] * c_3.tanh[s] * (1 - c_3.sigmoid2[s])
    np.subtract(1, c_3_sigmoid2, out=z_3_factor3)
    z_3_factor3 *= c_3_sigmoid2
    z_3_factor3 *= c_3_tanh
    # z_3.factor4[s] = c_3[s-1] * c_3.sigmoid[s] * (1 - c_3.sigmoid[s])
    np.subtract(1, c_3_sigmoid, out=z_3_factor4)
    z_3_factor4 *= c_3[:S]
    z_3_factor4 *= c_3_sigmoid
    dch_4.fill(0)
    # grad(c_4[1]) = grad(c_5[0]) + (1 - h_4.tanh[1]**2) * grad(h_4.tanh[1])
    # grad(h_4[1]) = grad(h_5[0]) + grad(n[1, n_h:])
    dch_4[:, 0] += dch_5[:, 0]
    # grad(h_4[1]) = grad(h_5[0]) + grad(n[1, n_h:])
    dch_4[1, :S] += dn[:, :, n_h:]
    # grad(h_3[s]) = U_3.T @ grad(z_3[s+1]) + grad(n[s, :n_h]), s < S
    dh_3[1:] = dn[:, :, :n_h]
    # grad(c_4[1]) = grad(c_5[0]) + (1 - h_4.tanh[1]**2) * grad(h_4.tanh[1])
    np.multiply(c_4_factor[0], dch_4[1, 0], out=tmp2)
    dch_4[0, 0] += tmp2
    # grad(z_4[s, 2*n_h:3*n_h]) = h_4.sigmoid[s] * (1 - h_4.sigmoid[s]) * grad(h_4.sigmoid[s])
    np.multiply(z_4_factor[0], dch_4[1, 0], out=dz_1234[3, 0, :, 2 * n_h:3 * n_h])
    np.multiply(z_4_factor2[0], dch_4[0, 0], out=dz_1234[3, 0, :, 3 * n_h:])
    np.multiply(z_4_factor3[0], dch_4[0, 0], out=dz_1234[3, 0, :, :n_h])
    np.multiply(z_4_factor4[0], dch_4[0, 0], out=dz_1234[3, 0, :, n_h:2 * n_h])
    for s in range(2, S + 1):
        # grad(h_4[1]) = grad(h_5[0]) + grad(n[1, n_h:])
        dz_4_at[s - 2].dot(U_4, out=tmp2)
        dh_4_at[s - 1] += tmp2
        # grad(c_4[1]) = grad(c_5[0]) + (1 - h_4.tanh[1]**2) * grad(h_4.tanh[1])
        np.multiply(c_4_factor_at[s - 1], dh_4_at[s - 1], out=tmp2)
        dc_4_at[s - 1] += tmp2
        # grad(z_4[s, 2*n_h:3*n_h]) = h_4.sigmoid[s] * (1 - h_4.sigmoid[s]) * grad(h_4.sigmoid[s])
        np.multiply(z_4_factor_at[s - 1], dh_4_at[s - 1], out=dz_4_at2[s - 1])
        # grad(c_4[1]) = grad(c_5[0]) + (1 - h_4.tanh[1]**2) * grad(h_4.tanh[1])
        np.multiply(c_4_sigmoid_at[s - 2], dc_4_at[s - 2], out=tmp2)
        dc_4_at[s - 1] += tmp2
        # grad(z_4[s, 2*n_h:3*n_h]) = h_4.sigmoid[s] * (1 - h_4.sigmoid[s]) * grad(h_4.sigmoid[s])
        np.multiply(z_4_factor2_at[s - 1], dc_4_at[s - 1], out=dz_4_at3[s - 1])
        np.multiply(z_4_factor3_at[s - 1], dc_4_at[s - 1], out=dz_4_at4[s - 1])
        np.multiply(z_4_factor4_at[s - 1], dc_4_at[s - 1], out=dz_4_at5[s - 1])
    # grad(c_3[s]) = c_3.sigmoid[s+1] * grad(c_3[s+1]) + (1 - h_3.tanh[s]**2) * grad(h_3.tanh[s]), s < S
    np.multiply(c_3_factor[S - 1], dh_3[S], out=dc_3[S])
    # grad(z_3[s, 2*n_h:3*n_h]) = h_3.sigmoid[s] * (1 - h_3.sigmoid[s]) * grad(h_3.sigmoid[s])
    np.multiply(dh_3[S], z_3_factor[S - 1], out=dz_1234[2, S - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc_3[S], z_3_factor2[S - 1], out=dz_1234[2, S - 1, :, 3 * n_h:])
    np.multiply(dc_3[S], z_3_factor3[S - 1], out=dz_1234[2, S - 1, :, :n_h])
    np.multiply(dc_3[S], z_3_factor4[S - 1], out=dz_1234[2, S - 1, :, n_h:2 * n_h])
    for s in range(S - 1, 0, -1):
        # grad(h_3[s]) = U_3.T @ grad(z_3[s+1]) + grad(n[s, :n_h]), s < S
        dz_3_at[s].dot(U_3, out=tmp2)
        dh_3_at[s] += tmp2
        # grad(c_3[s]) = c_3.sigmoid[s+1] * grad(c_3[s+1]) + (1 - h_3.tanh[s]**2) * grad(h_3.tanh[s]), s < S
        np.multiply(c_3_factor_at[s - 1], dh_3_at[s], out=dc_3_at[s])
        # grad(z_3[s, 2*n_h:3*n_h]) = h_3.sigmoid[s] * (1 - h_3.sigmoid[s]) * grad(h_3.sigmoid[s])
        np.multiply(dh_3_at[s], z_3_factor_at[s - 1], out=dz_3_at2[s - 1])
        # grad(c_3[s]) = c_3.sigmoid[s+1] * grad(c_3[s+1]) + (1 - h_3.tanh[s]**2) * grad(h_3.tanh[s]), s < S
        np.multiply(c_3_sigmoid_at[s], dc_3_at[s + 1], out=tmp2)
        dc_3_at[s] += tmp2
        # grad(z_3[s, 2*n_h:3*n_h]) = h_3.sigmoid[s] * (1 - h_3.sigmoid[s]) * grad(h_3.sigmoid[s])
        np.multiply(dc_3_at[s], z_3_factor2_at[s - 1], out=dz_3_at3[s - 1])
        np.multiply(dc_3_at[s], z_3_factor3_at[s - 1], out=dz_3_at4[s - 1])
        np.multiply(dc_3_at[s], z_3_factor4_at[s - 1], out=dz_3_at5[s - 1])
    # grad(m[s]) = W_3.T @ grad(z_3[s]) + W_4.T @ grad(z_4[s])
    np.matmul(dz_1234[2:].reshape(2, -1, 4 * n_h), W_34, out=product)
    np.add.reduce(product, axis=0, out=dm.reshape(-1, 2 * n_h))
    # c_2.factor[s] = h_2.sigmoid[s] * (1 - h_2.tanh[s]**2)
    np.square(h_2_tanh, out=c_2_factor)
    np.subtract(1, c_2_factor, out=c_2_factor)
    c_2_factor *= h_2_sigmoid
    # z_2.factor[s] = h_2.sigmoid[s] * h_2.tanh[s] * (1 - h_2.sigmoid[s])
    np.subtract(1, h_2_sigmoid, out=z_2_factor)
    z_2_factor *= h_2_sigmoid
    z_2_factor *= h_2_tanh
    # z_2.factor2[s] = c_2.sigmoid2[s] * (1 - c_2.tanh[s]**2)
    np.square(c_2_tanh, out=z_2_factor2)
    np.subtract(1, z_2_factor2, out=z_2_factor2)
    z_2_factor2 *= c_2_sigmoid2
    # z_2.factor3[s] = c_2.sigmoid2[s] * c_2.tanh[s] * (1 - c_2.sigmoid2[s])
    np.subtract(1, c_2_sigmoid2, out=z_2_factor3)
    z_2_factor3 *= c_2_sigmoid2
    z_2_factor3 *= c_2_tanh
    # z_2.factor4[s] = c_2[s+1] * c_2.sigmoid[s] * (1 - c_2.sigmoid[s])
    np.subtract(1, c_2_sigmoid, out=z_2_factor4)
    z_2_factor4 *= c_2[1:]
    z_2_factor4 *= c_2_sigmoid
    # c_1.factor[s] = h_1.sigmoid[s] * (1 - h_1.tanh[s]**2)
    np.square(h_1_tanh, out=c_1_factor)
    np.subtract(1, c_1_factor, out=c_1_factor)
    c_1_factor *= h_1_sigmoid
    # z_1.factor[s] = h_1.sigmoid[s] * h_1.tanh[s] * (1 - h_1.sigmoid[s])
    np.subtract(1, h_1_sigmoid, out=z_1_factor)
    z_1_factor *= h_1_sigmoid
    z_1_factor *= h_1_tanh
    # z_1.factor2[s] = c_1.sigmoid2[s] * (1 - c_1.tanh[s]**2)
    np.square(c_1_tanh, out=z_1_factor2)
    np.subtract(1, z_1_factor2, out=z_1_factor2)
    z_1_factor2 *= c_1_sigmoid2
    # z_1.factor3[s] = c_1.sigmoid2[s] * c_1.tanh[s] * (1 - c_1.sigmoid2[s])
    np.subtract(1, c_1_sigmoid2, out=z_1_factor3)
    z_1_factor3 *= c_1_sigmoid2
    z_1_factor3 *= c_1_tanh
    # z_1.factor4[s] = c_1[s-1] * c_1.sigmoid[s] * (1 - c_1.sigmoid[s])
    np.subtract(1, c_1_sigmoid, out=z_1_factor4)
    z_1_factor4 *= c_1[:S]
    z_1_factor4 *= c_1_sigmoid
    # grad(h_2[s]) = U_2.T @ grad(z_2[s-1]) + grad(m[s, n_h:]), 2 <= s <= S
    dh_2[:S] = dm[:, :, n_h:]
    # grad(h_1[s]) = U_1.T @ grad(z_1[s+1]) + grad(m[s, :n_h]), s < S
    dh_1[1:] = dm[:, :, :n_h]
    # grad(c_2[s]) = c_2.sigmoid[s-1] * grad(c_2[s-1]) + (1 - h_2.tanh[s]**2) * grad(h_2.tanh[s]), 2 <= s
    #     <= S
    np.multiply(c_2_factor[0], dh_2[0], out=dc_2[0])
    # grad(z_2[s, 2*n_h:3*n_h]) = h_2.sigmoid[s] * (1 - h_2.sigmoid[s]) * grad(h_2.sigmoid[s])
    np.multiply(dh_2[0], z_2_factor[0], out=dz_1234[1, 0, :, 2 * n_h:3 * n_h])
    np.multiply(dc_2[0], z_2_factor2[0], out=dz_1234[1, 0, :, 3 * n_h:])
    np.multiply(dc_2[0], z_2_factor3[0], out=dz_1234[1, 0, :, :n_h])
    np.multiply(dc_2[0], z_2_factor4[0], out=dz_1234[1, 0, :, n_h:2 * n_h])
    for s in range(2, S + 1):
        # grad(h_2[s]) = U_2.T @ grad(z_2[s-1]) + grad(m[s, n_h:]), 2 <= s <= S
        dz_2_at[s - 2].dot(U_2, out=tmp2)
        dh_2_at[s - 1] += tmp2
        # grad(c_2[s]) = c_2.sigmoid[s-1] * grad(c_2[s-1]) + (1 - h_2.tanh[s]**2) * grad(h_2.tanh[s]), 2 <= s
        #     <= S
        np.multiply(c_2_factor_at[s - 1], dh_2_at[s - 1], out=dc_2_at[s - 1])
        # grad(z_2[s, 2*n_h:3*n_h]) = h_2.sigmoid[s] * (1 - h_2.sigmoid[s]) * grad(h_2.sigmoid[s])
        np.multiply(dh_2_at[s - 1], z_2_factor_at[s - 1], out=dz_2_at2[s - 1])
        # grad(c_2[s]) = c_2.sigmoid[s-1] * grad(c_2[s-1]) + (1 - h_2.tanh[s]**2) * grad(h_2.tanh[s]), 2 <= s
        #     <= S
        np.multiply(c_2_sigmoid_at[s - 2], dc_2_at[s - 2], out=tmp2)
        dc_2_at[s - 1] += tmp2
        # grad(z_2[s, 2*n_h:3*n_h]) = h_2.sigmoid[s] * (1 - h_2.sigmoid[s]) * grad(h_2.sigmoid[s])
        np.multiply(dc_2_at[s - 1], z_2_factor2_at[s - 1], out=dz_2_at3[s - 1])
        np.multiply(dc_2_at[s - 1], z_2_factor3_at[s - 1], out=dz_2_at4[s - 1])
        np.multiply(dc_2_at[s - 1], z_2_factor4_at[s - 1], out=dz_2_at5[s - 1])
    # grad(c_1[s]) = c_1.sigmoid[s+1] * grad(c_1[s+1]) + (1 - h_1.tanh[s]**2) * grad(h_1.tanh[s]), s < S
    np.multiply(c_1_factor[S - 1], dh_1[S], out=dc_1[S])
    # grad(z_1[s, 2*n_h:3*n_h]) = h_1.sigmoid[s] * (1 - h_1.sigmoid[s]) * grad(h_1.sigmoid[s])
    np.multiply(dh_1[S], z_1_factor[S - 1], out=dz_1234[0, S - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc_1[S], z_1_factor2[S - 1], out=dz_1234[0, S - 1, :, 3 * n_h:])
    np.multiply(dc_1[S], z_1_factor3[S - 1], out=dz_1234[0, S - 1, :, :n_h])
    np.multiply(dc_1[S], z_1_factor4[S - 1], out=dz_1234[0, S - 1, :, n_h:2 * n_h])
    for s in range(S - 1, 0, -1):
        # grad(h_1[s]) = U_1.T @ grad(z_1[s+1]) + grad(m[s, :n_h]), s < S
        dz_1_at[s].dot(U_1, out=tmp2)
        dh_1_at[s] += tmp2
        # grad(c_1[s]) = c_1.sigmoid[s+1] * grad(c_1[s+1]) + (1 - h_1.tanh[s]**2) * grad(h_1.tanh[s]), s < S
        np.multiply(c_1_factor_at[s - 1], dh_1_at[s], out=dc_1_at[s])
        # grad(z_1[s, 2*n_h:3*n_h]) = h_1.sigmoid[s] * (1 - h_1.sigmoid[s]) * grad(h_1.sigmoid[s])
        np.multiply(dh_1_at[s], z_1_factor_at[s - 1], out=dz_1_at2[s - 1])
        # grad(c_1[s]) = c_1.sigmoid[s+1] * grad(c_1[s+1]) + (1 - h_1.tanh[s]**2) * grad(h_1.tanh[s]), s < S
        np.multiply(c_1_sigmoid_at[s], dc_1_at[s + 1], out=tmp2)
        dc_1_at[s] += tmp2
        # grad(z_1[s, 2*n_h:3*n_h]) = h_1.sigmoid[s] * (1 - h_1.sigmoid[s]) * grad(h_1.sigmoid[s])
        np.multiply(dc_1_at[s], z_1_factor2_at[s - 1], out=dz_1_at3[s - 1])
        np.multiply(dc_1_at[s], z_1_factor3_at[s - 1], out=dz_1_at4[s - 1])
        np.multiply(dc_1_at[s], z_1_factor4_at[s - 1], out=dz_1_at5[s - 1])
    # grad(b_1) = sum(grad(z_1[s]), s)
    # grad(b_2) = sum(grad(z_2[s]), s)
    # grad(b_3) = sum(grad(z_3[s]), s)
    # grad(b_4) = sum(grad(z_4[s]), s)
    np.add.reduce(dz_1234, axis=(1, 2), out=db_1234)
    # grad(U_4) = sum(outer(grad(z_4[s]), h_4[s+1]), s)
    np.matmul(dz_1234[3].reshape(-1, 4 * n_h).T, h_4[1:].reshape(-1, n_h), out=dU_4)
    # grad(W_3) = sum(outer(grad(z_3[s]), m[s]), s)
    # grad(W_4) = sum(outer(grad(z_4[s]), m[s]), s)
    np.matmul(dz_1234[2:].reshape(2, -1, 4 * n_h).transpose(0, 2, 1), m.reshape(-1, 2 * n_h), out=dW_34)
    # grad(U_3) = sum(outer(grad(z_3[s]), h_3[s-1]), s)
    np.matmul(dz_1234[2].reshape(-1, 4 * n_h).T, h_3[:S].reshape(-1, n_h), out=dU_3)
    # grad(U_2) = sum(outer(grad(z_2[s]), h_2[s+1]), s)
    np.matmul(dz_1234[1].reshape(-1, 4 * n_h).T, h_2[1:].reshape(-1, n_h), out=dU_2)
    # grad(W_1) = sum(outer(grad(z_1[s]), x[s]), s)
    # grad(W_2) = sum(outer(grad(z_2[s]), x[s]), s)
    np.matmul(dz_1234[:2].reshape(2, -1, 4 * n_h).transpose(0, 2, 1), x.reshape(-1, n_h), out=dW_12)
    # grad(x[s]) = W_1.T @ grad(z_1[s]) + W_2.T @ grad(z_2[s])
    np.matmul(dz_1234[:2].reshape(2, -1, 4 * n_h), W_12, out=product2)
    np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_h))
    # grad(U_1) = sum(outer(grad(z_1[s]), h_1[s-1]), s)
    np.matmul(dz_1234[0].reshape(-1, 4 * n_h).T, h_1[:S].reshape(-1, n_h), out=dU_1)
    dF.fill(0)
    # grad(F) = sum(outer(onehot(y[t-1]), W_5.T @ grad(z_5[t])), (t, 2, T))
    np.matmul(dz_5[1:].reshape(-1, 4 * n_h), W_5, out=tmp4.reshape(-1, n_h))
    _scatter_add(dF, (y[:T - 1],), tmp4)
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[s]), grad(x[s])), s)
    _scatter_add(dE, (w,), dx)
    if "c_4_end" in wrt:
        tmp_11_0 = np.empty((1, B, n_h), dtype)
        # grad(c_4[1]) = grad(c_5[0]) + (1 - h_4.tanh[1]**2) * grad(h_4.tanh[1])
        np.multiply(c_4_sigmoid[S - 1:], dch_4[0, S - 1:S], out=tmp_11_0)
        dch_4[0, S:] += tmp_11_0
        dc_4_end = np.empty((B, n_h), dtype)
        # grad(c_4.S + 1) = grad(c_4[S+1])
        dc_4_end[...] = dch_4[0, S]
    if "h_4_end" in wrt:
        tmp_11_0 = np.empty((B, n_h), dtype)
        # grad(h_4[1]) = grad(h_5[0]) + grad(n[1, n_h:])
        np.matmul(dz_1234[3, S - 1], U_4, out=tmp_11_0)
        dch_4[1, S] += tmp_11_0
        dh_4_end = np.empty((B, n_h), dtype)
        # grad(h_4.S + 1) = grad(h_4[S+1])
        dh_4_end[...] = dch_4[1, S]
    if "c_30" in wrt:
        # grad(c_3[s]) = c_3.sigmoid[s+1] * grad(c_3[s+1]) + (1 - h_3.tanh[s]**2) * grad(h_3.tanh[s]), s < S
        np.multiply(c_3_sigmoid[:1], dc_3[1:2], out=dc_3[:1])
        dc_30 = np.empty((B, n_h), dtype)
        # grad(c_3.0) = grad(c_3[0])
        dc_30[...] = dc_3[0]
    if "h_30" in wrt:
        # grad(h_3[0]) = U_3.T @ grad(z_3[1])
        np.matmul(dz_1234[2, 0], U_3, out=dh_3[0])
        dh_30 = np.empty((B, n_h), dtype)
        # grad(h_3.0) = grad(h_3[0])
        dh_30[...] = dh_3[0]
    if "c_2_end" in wrt:
        # grad(c_2[s]) = c_2.sigmoid[s-1] * grad(c_2[s-1]) + (1 - h_2.tanh[s]**2) * grad(h_2.tanh[s]), 2 <= s
        #     <= S
        np.multiply(c_2_sigmoid[S - 1:], dc_2[S - 1:S], out=dc_2[S:])
        dc_2_end = np.empty((B, n_h), dtype)
        # grad(c_2.S + 1) = grad(c_2[S+1])
        dc_2_end[...] = dc_2[S]
    if "h_2_end" in wrt:
        # grad(h_2[S+1]) = U_2.T @ grad(z_2[S])
        np.matmul(dz_1234[1, S - 1], U_2, out=dh_2[S])
        dh_2_end = np.empty((B, n_h), dtype)
        # grad(h_2.S + 1) = grad(h_2[S+1])
        dh_2_end[...] = dh_2[S]
    if "c_10" in wrt:
        # grad(c_1[s]) = c_1.sigmoid[s+1] * grad(c_1[s+1]) + (1 - h_1.tanh[s]**2) * grad(h_1.tanh[s]), s < S
        np.multiply(c_1_sigmoid[:1], dc_1[1:2], out=dc_1[:1])
        dc_10 = np.empty((B, n_h), dtype)
        # grad(c_1.0) = grad(c_1[0])
        dc_10[...] = dc_1[0]
    if "h_10" in wrt:
        # grad(h_1[0]) = U_1.T @ grad(z_1[1])
        np.matmul(dz_1234[0, 0], U_1, out=dh_1[0])
        dh_10 = np.empty((B, n_h), dtype)
        # grad(h_1.0) = grad(h_1[0])
        dh_10[...] = dh_1[0]
    db_1 = db_1234[0]
    db_2 = db_1234[1]
    db_3 = db_1234[2]
    db_4 = db_1234[3]
    dW_3 = dW_34[0]
    dW_4 = dW_34[1]
    dW_1 = dW_12[0]
    dW_2 = dW_12[1]

    gradient = Params(
        E=dE,
        F=dF,
        W_1=dW_1,
        W_2=dW_2,
        U_1=dU_1,
        U_2=dU_2,
        b_1=db_1,
        b_2=db_2,
        W_3=dW_3,
        W_4=dW_4,
        U_3=dU_3,
        U_4=dU_4,
        b_3=db_3,
        b_4=db_4,
        W_5=dW_5,
        C_5=dC_5,
        U_5=dU_5,
        b_5=db_5,
        W_a=dW_a,
        U_a=dU_a,
        v_a=dv_a,
        V=dV,
        D=dD,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "h_10" in wrt:
        result["h_10"] = dh_10[0] if single else dh_10
    if "c_10" in wrt:
        result["c_10"] = dc_10[0] if single else dc_10
    if "h_2_end" in wrt:
        result["h_2_end"] = dh_2_end[0] if single else dh_2_end
    if "c_2_end" in wrt:
        result["c_2_end"] = dc_2_end[0] if single else dc_2_end
    if "h_30" in wrt:
        result["h_30"] = dh_30[0] if single else dh_30
    if "c_30" in wrt:
        result["c_30"] = dc_30[0] if single else dc_30
    if "h_4_end" in wrt:
        result["h_4_end"] = dh_4_end[0] if single else dh_4_end
    if "c_4_end" in wrt:
        result["c_4_end"] = dc_4_end[0] if single else dc_4_end
    return float(loss), gradient, result


def backward(
    params: Params,
    forward: Forward,
    *,
    w: np.ndarray,
    y: np.ndarray,
    lengths: np.ndarray | dict[str, np.ndarray] | int | None = None,
    state: State | None = None,
    window: int | dict[str, int] | None = None,
) -> Params:
    """The parameters' gradients, from what `forward` returned.

    w        (S, B)  0..n_w - 1         the words to read
    y        (T, B)  0..n_y - 1         the words to write; y[t-1] is read when y[t] is predicted
    state            State              what an earlier piece left, from last_state or step: the sequence goes on from
                                        there
    lengths          by sequence        each example's own number of steps, what is given beyond is not read; all where
                                        not given
    window           whole number >= 1  steps in a window, of all sequences or by sequence: gradients stay in it, values
                                        go on to the next

    Data without the axis B are one example.
    """
    if lengths is not None or window is not None or state is not None:
        return _backward_padded(params, forward, w, y, lengths, window, state)
    (
        params, w, y, x, z_1, c_1, h_1, z_2, c_2, h_2, m, z_3, c_3, h_3, z_4, c_4, h_4, n, alpha, c, z_5, c_5, h_5,
        yhat, dtype, single, n_w, n_h, n_y, S, T, B,
    ) = _backward_arguments(params, forward, w, y)
    (
        E, F, W_1, W_2, U_1, U_2, b_1, b_2, W_3, W_4, U_3, U_4, b_3, b_4, W_5, C_5, U_5, b_5, W_a, U_a, v_a, V, D, d,
    ) = params

    c_1_sigmoid = np.empty((S, B, n_h), dtype)
    # c_1.sigmoid[s] = sigmoid(z_1[s, n_h:2*n_h])
    _sigmoid(z_1[:, :, n_h:2 * n_h], out=c_1_sigmoid)
    c_1_sigmoid2 = np.empty((S, B, n_h), dtype)
    # c_1.sigmoid2[s] = sigmoid(z_1[s, :n_h])
    _sigmoid(z_1[:, :, :n_h], out=c_1_sigmoid2)
    c_1_tanh = np.empty((S, B, n_h), dtype)
    # c_1.tanh[s] = tanh(z_1[s, 3*n_h:])
    np.tanh(z_1[:, :, 3 * n_h:], out=c_1_tanh)
    h_1_sigmoid = np.empty((S, B, n_h), dtype)
    # h_1.sigmoid[s] = sigmoid(z_1[s, 2*n_h:3*n_h])
    _sigmoid(z_1[:, :, 2 * n_h:3 * n_h], out=h_1_sigmoid)
    h_1_tanh = np.empty((S, B, n_h), dtype)
    # h_1.tanh[s] = tanh(c_1[s])
    np.tanh(c_1[1:], out=h_1_tanh)
    c_2_sigmoid = np.empty((S, B, n_h), dtype)
    # c_2.sigmoid[s] = sigmoid(z_2[s, n_h:2*n_h])
    _sigmoid(z_2[:, :, n_h:2 * n_h], out=c_2_sigmoid)
    c_2_sigmoid2 = np.empty((S, B, n_h), dtype)
    # c_2.sigmoid2[s] = sigmoid(z_2[s, :n_h])
    _sigmoid(z_2[:, :, :n_h], out=c_2_sigmoid2)
    c_2_tanh = np.empty((S, B, n_h), dtype)
    # c_2.tanh[s] = tanh(z_2[s, 3*n_h:])
    np.tanh(z_2[:, :, 3 * n_h:], out=c_2_tanh)
    h_2_sigmoid = np.empty((S, B, n_h), dtype)
    # h_2.sigmoid[s] = sigmoid(z_2[s, 2*n_h:3*n_h])
    _sigmoid(z_2[:, :, 2 * n_h:3 * n_h], out=h_2_sigmoid)
    h_2_tanh = np.empty((S, B, n_h), dtype)
    # h_2.tanh[s] = tanh(c_2[s])
    np.tanh(c_2[:S], out=h_2_tanh)
    c_3_sigmoid = np.empty((S, B, n_h), dtype)
    # c_3.sigmoid[s] = sigmoid(z_3[s, n_h:2*n_h])
    _sigmoid(z_3[:, :, n_h:2 * n_h], out=c_3_sigmoid)
    c_3_sigmoid2 = np.empty((S, B, n_h), dtype)
    # c_3.sigmoid2[s] = sigmoid(z_3[s, :n_h])
    _sigmoid(z_3[:, :, :n_h], out=c_3_sigmoid2)
    c_3_tanh = np.empty((S, B, n_h), dtype)
    # c_3.tanh[s] = tanh(z_3[s, 3*n_h:])
    np.tanh(z_3[:, :, 3 * n_h:], out=c_3_tanh)
    h_3_sigmoid = np.empty((S, B, n_h), dtype)
    # h_3.sigmoid[s] = sigmoid(z_3[s, 2*n_h:3*n_h])
    _sigmoid(z_3[:, :, 2 * n_h:3 * n_h], out=h_3_sigmoid)
    h_3_tanh = np.empty((S, B, n_h), dtype)
    # h_3.tanh[s] = tanh(c_3[s])
    np.tanh(c_3[1:], out=h_3_tanh)
    c_4_sigmoid = np.empty((S, B, n_h), dtype)
    # c_4.sigmoid[s] = sigmoid(z_4[s, n_h:2*n_h])
    _sigmoid(z_4[:, :, n_h:2 * n_h], out=c_4_sigmoid)
    c_4_sigmoid2 = np.empty((S, B, n_h), dtype)
    # c_4.sigmoid2[s] = sigmoid(z_4[s, :n_h])
    _sigmoid(z_4[:, :, :n_h], out=c_4_sigmoid2)
    c_4_tanh = np.empty((S, B, n_h), dtype)
    # c_4.tanh[s] = tanh(z_4[s, 3*n_h:])
    np.tanh(z_4[:, :, 3 * n_h:], out=c_4_tanh)
    h_4_sigmoid = np.empty((S, B, n_h), dtype)
    # h_4.sigmoid[s] = sigmoid(z_4[s, 2*n_h:3*n_h])
    _sigmoid(z_4[:, :, 2 * n_h:3 * n_h], out=h_4_sigmoid)
    h_4_tanh = np.empty((S, B, n_h), dtype)
    # h_4.tanh[s] = tanh(c_4[s])
    np.tanh(c_4[:S], out=h_4_tanh)
    e_arg_part = np.empty((S, B, n_h), dtype)
    # e.arg.part[s] = U_a @ n[s]
    np.matmul(n.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_h))
    e_arg_part2 = np.empty((T, B, n_h), dtype)
    # e.arg.part2[t] = W_a @ h_5[t-1]
    np.matmul(h_5[:T].reshape(-1, n_h), W_a.T, out=e_arg_part2.reshape(-1, n_h))
    e_arg = np.empty((T, S, B, n_h), dtype)
    # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
    e_arg[...] = e_arg_part
    e_arg += e_arg_part2[:, None]
    e_tanh = np.empty((T, S, B, n_h), dtype)
    # e.tanh[t, s] = tanh(e.arg[t, s])
    np.tanh(e_arg, out=e_tanh)
    c_5_sigmoid = np.empty((T, B, n_h), dtype)
    # c_5.sigmoid[t] = sigmoid(z_5[t, n_h:2*n_h])
    _sigmoid(z_5[:, :, n_h:2 * n_h], out=c_5_sigmoid)
    c_5_sigmoid2 = np.empty((T, B, n_h), dtype)
    # c_5.sigmoid2[t] = sigmoid(z_5[t, :n_h])
    _sigmoid(z_5[:, :, :n_h], out=c_5_sigmoid2)
    c_5_tanh = np.empty((T, B, n_h), dtype)
    # c_5.tanh[t] = tanh(z_5[t, 3*n_h:])
    np.tanh(z_5[:, :, 3 * n_h:], out=c_5_tanh)
    h_5_sigmoid = np.empty((T, B, n_h), dtype)
    # h_5.sigmoid[t] = sigmoid(z_5[t, 2*n_h:3*n_h])
    _sigmoid(z_5[:, :, 2 * n_h:3 * n_h], out=h_5_sigmoid)
    h_5_tanh = np.empty((T, B, n_h), dtype)
    # h_5.tanh[t] = tanh(c_5[t])
    np.tanh(c_5[1:], out=h_5_tanh)
    tmp0 = np.empty((B, 2 * n_h), dtype)
    tmp1 = np.empty((S, B), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((n_h, T - 1, B), dtype)
    tmp4 = np.empty((S, B, 2 * n_h), dtype)
    tmp5 = np.empty((T - 1, B, n_h), dtype)
    W_34 = np.stack((W_3, W_4))
    W_12 = np.stack((W_1, W_2))
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = yhat[t] - onehot(y[t])
    do[...] = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, -1)
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dd)
    dD = np.empty((n_y, 2 * n_h), dtype)
    # grad(D) = sum(outer(grad(o[t]), c[t]), t)
    np.matmul(do.reshape(-1, n_y).T, c.reshape(-1, 2 * n_h), out=dD)
    dc = np.empty((T, B, 2 * n_h), dtype)
    # grad(c[t]) = C_5.T @ grad(z_5[t]) + D.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_y), D, out=dc.reshape(-1, 2 * n_h))
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(o[t]), h_5[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h_5[1:].reshape(-1, n_h), out=dV)
    c_5_factor = np.empty((T, B, n_h), dtype)
    # c_5.factor[t] = h_5.sigmoid[t] * (1 - h_5.tanh[t]**2)
    np.square(h_5_tanh, out=c_5_factor)
    np.subtract(1, c_5_factor, out=c_5_factor)
    c_5_factor *= h_5_sigmoid
    z_5_factor = np.empty((T, B, n_h), dtype)
    # z_5.factor[t] = h_5.sigmoid[t] * h_5.tanh[t] * (1 - h_5.sigmoid[t])
    np.subtract(1, h_5_sigmoid, out=z_5_factor)
    z_5_factor *= h_5_sigmoid
    z_5_factor *= h_5_tanh
    z_5_factor2 = np.empty((T, B, n_h), dtype)
    # z_5.factor2[t] = c_5.sigmoid2[t] * (1 - c_5.tanh[t]**2)
    np.square(c_5_tanh, out=z_5_factor2)
    np.subtract(1, z_5_factor2, out=z_5_factor2)
    z_5_factor2 *= c_5_sigmoid2
    z_5_factor3 = np.empty((T, B, n_h), dtype)
    # z_5.factor3[t] = c_5.sigmoid2[t] * c_5.tanh[t] * (1 - c_5.sigmoid2[t])
    np.subtract(1, c_5_sigmoid2, out=z_5_factor3)
    z_5_factor3 *= c_5_sigmoid2
    z_5_factor3 *= c_5_tanh
    z_5_factor4 = np.empty((T, B, n_h), dtype)
    # z_5.factor4[t] = c_5[t-1] * c_5.sigmoid[t] * (1 - c_5.sigmoid[t])
    np.subtract(1, c_5_sigmoid, out=z_5_factor4)
    z_5_factor4 *= c_5[:T]
    z_5_factor4 *= c_5_sigmoid
    dch_5 = np.empty((2, T + 1, B, n_h), dtype)
    # grad(h_5[T]) = V.T @ grad(o[T])
    np.matmul(do.reshape(-1, n_y), V, out=dch_5[1, 1:].reshape(-1, n_h))
    dz_5 = np.empty((T, B, 4 * n_h), dtype)
    dalpha = np.empty((S, B), dtype)
    dalpha_lse = np.empty((B,), dtype)
    de = np.empty((T, S, B), dtype)
    de_arg = np.empty((S, B, n_h), dtype)
    de_arg_sum2 = np.empty((T, B, n_h), dtype)
    # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
    np.multiply(c_5_factor[T - 1], dch_5[1, T], out=dch_5[0, T])
    # grad(z_5[t, 2*n_h:3*n_h]) = h_5.sigmoid[t] * (1 - h_5.sigmoid[t]) * grad(h_5.sigmoid[t])
    np.multiply(z_5_factor[T - 1], dch_5[1, T], out=dz_5[T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(z_5_factor2[T - 1], dch_5[0, T], out=dz_5[T - 1, :, 3 * n_h:])
    np.multiply(z_5_factor3[T - 1], dch_5[0, T], out=dz_5[T - 1, :, :n_h])
    np.multiply(z_5_factor4[T - 1], dch_5[0, T], out=dz_5[T - 1, :, n_h:2 * n_h])
    # grad(c[t]) = C_5.T @ grad(z_5[t]) + D.T @ grad(o[t])
    np.matmul(dz_5[T - 1], C_5, out=tmp0)
    dc[T - 1] += tmp0
    # grad(alpha[t, s]) = n[s] @ grad(c[t])
    np.matmul(n.transpose(1, 0, 2), dc[T - 1][..., None], out=dalpha.T[..., None])
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
    np.add.reduce(de_arg, axis=0, out=de_arg_sum2[T - 1])
    de_arg_sum = np.empty((S, B, n_h), dtype)
    # grad(e.arg.sum[s]) = sum(grad(e.arg[t, s]), t)
    de_arg_sum[...] = de_arg
    dz_5_at = list(dz_5)
    dh_5_at = list(dch_5[1])
    de_arg_sum2_at = list(de_arg_sum2)
    dc_5_at = list(dch_5[0])
    c_5_factor_at = list(c_5_factor)
    dz_5_at2 = list(dz_5[:, :, 2 * n_h:3 * n_h])
    z_5_factor_at = list(z_5_factor)
    c_5_sigmoid_at = list(c_5_sigmoid)
    dz_5_at3 = list(dz_5[:, :, 3 * n_h:])
    z_5_factor2_at = list(z_5_factor2)
    dz_5_at4 = list(dz_5[:, :, :n_h])
    z_5_factor3_at = list(z_5_factor3)
    dz_5_at5 = list(dz_5[:, :, n_h:2 * n_h])
    z_5_factor4_at = list(z_5_factor4)
    dc_at = list(dc)
    de_at = list(de)
    e_tanh_at = list(e_tanh)
    one = np.array(1, dtype)
    for t in range(T - 1, 0, -1):
        # grad(h_5[T]) = V.T @ grad(o[T])
        dz_5_at[t].dot(U_5, out=tmp2)
        dh_5_at[t] += tmp2
        de_arg_sum2_at[t].dot(W_a, out=tmp2)
        dh_5_at[t] += tmp2
        # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
        np.multiply(c_5_factor_at[t - 1], dh_5_at[t], out=dc_5_at[t])
        # grad(z_5[t, 2*n_h:3*n_h]) = h_5.sigmoid[t] * (1 - h_5.sigmoid[t]) * grad(h_5.sigmoid[t])
        np.multiply(z_5_factor_at[t - 1], dh_5_at[t], out=dz_5_at2[t - 1])
        # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
        np.multiply(c_5_sigmoid_at[t], dc_5_at[t + 1], out=tmp2)
        dc_5_at[t] += tmp2
        # grad(z_5[t, 2*n_h:3*n_h]) = h_5.sigmoid[t] * (1 - h_5.sigmoid[t]) * grad(h_5.sigmoid[t])
        np.multiply(z_5_factor2_at[t - 1], dc_5_at[t], out=dz_5_at3[t - 1])
        np.multiply(z_5_factor3_at[t - 1], dc_5_at[t], out=dz_5_at4[t - 1])
        np.multiply(z_5_factor4_at[t - 1], dc_5_at[t], out=dz_5_at5[t - 1])
        # grad(c[t]) = C_5.T @ grad(z_5[t]) + D.T @ grad(o[t])
        dz_5_at[t - 1].dot(C_5, out=tmp0)
        dc_at[t - 1] += tmp0
        # grad(alpha[t, s]) = n[s] @ grad(c[t])
        np.matmul(n.transpose(1, 0, 2), dc_at[t - 1][..., None], out=dalpha.T[..., None])
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
    # grad(h_5[T]) = V.T @ grad(o[T])
    np.matmul(dz_5[0], U_5, out=dch_5[1, 0])
    np.matmul(de_arg_sum2[0], W_a, out=tmp2)
    dch_5[1, 0] += tmp2
    # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
    np.multiply(c_5_sigmoid[0], dch_5[0, 1], out=dch_5[0, 0])
    dW_5 = np.empty((4 * n_h, n_h), dtype)
    # grad(W_5) = sum(outer(grad(z_5[t]), F[y[t-1]]), (t, 2, T))
    tmp3[...] = F[y[:T - 1]].transpose(2, 0, 1)
    np.matmul(dz_5[1:].reshape(-1, 4 * n_h).T, tmp3.reshape(n_h, -1).T, out=dW_5)
    db_5 = np.empty((4 * n_h,), dtype)
    # grad(b_5) = sum(grad(z_5[t]), t)
    np.add.reduce(dz_5, axis=(0, 1), out=db_5)
    dC_5 = np.empty((4 * n_h, 2 * n_h), dtype)
    # grad(C_5) = sum(outer(grad(z_5[t]), c[t]), t)
    np.matmul(dz_5.reshape(-1, 4 * n_h).T, c.reshape(-1, 2 * n_h), out=dC_5)
    dU_5 = np.empty((4 * n_h, n_h), dtype)
    # grad(U_5) = sum(outer(grad(z_5[t]), h_5[t-1]), t)
    np.matmul(dz_5.reshape(-1, 4 * n_h).T, h_5[:T].reshape(-1, n_h), out=dU_5)
    dn = np.empty((S, B, 2 * n_h), dtype)
    # grad(n[s]) = sum(alpha[t, s] * grad(c[t]), t) + U_a.T @ grad(e.arg.sum[s])
    np.matmul(alpha.transpose(2, 1, 0), dc.transpose(1, 0, 2), out=dn.transpose(1, 0, 2))
    dv_a = np.empty((n_h,), dtype)
    # grad(v_a) = sum(sum(grad(e[t, s]) * e.tanh[t, s], s), t)
    np.matmul(e_tanh.reshape(-1, n_h).T, de.reshape(-1), out=dv_a)
    dU_a = np.empty((n_h, 2 * n_h), dtype)
    # grad(U_a) = sum(outer(grad(e.arg.sum[s]), n[s]), s)
    np.matmul(de_arg_sum.reshape(-1, n_h).T, n.reshape(-1, 2 * n_h), out=dU_a)
    # grad(n[s]) = sum(alpha[t, s] * grad(c[t]), t) + U_a.T @ grad(e.arg.sum[s])
    np.matmul(de_arg_sum.reshape(-1, n_h), U_a, out=tmp4.reshape(-1, 2 * n_h))
    dn += tmp4
    dW_a = np.empty((n_h, n_h), dtype)
    # grad(W_a) = sum(outer(grad(e.arg.sum2[t]), h_5[t-1]), t)
    np.matmul(de_arg_sum2.reshape(-1, n_h).T, h_5[:T].reshape(-1, n_h), out=dW_a)
    dh_3 = np.empty((S, B, n_h), dtype)
    # grad(h_3[s]) = U_3.T @ grad(z_3[s+1]) + grad(n[s, :n_h]), s < S
    dh_3[...] = dn[:, :, :n_h]
    c_4_factor = np.empty((S, B, n_h), dtype)
    # c_4.factor[s] = h_4.sigmoid[s] * (1 - h_4.tanh[s]**2)
    np.square(h_4_tanh, out=c_4_factor)
    np.subtract(1, c_4_factor, out=c_4_factor)
    c_4_factor *= h_4_sigmoid
    z_4_factor = np.empty((S, B, n_h), dtype)
    # z_4.factor[s] = h_4.sigmoid[s] * h_4.tanh[s] * (1 - h_4.sigmoid[s])
    np.subtract(1, h_4_sigmoid, out=z_4_factor)
    z_4_factor *= h_4_sigmoid
    z_4_factor *= h_4_tanh
    z_4_factor2 = np.empty((S, B, n_h), dtype)
    # z_4.factor2[s] = c_4.sigmoid2[s] * (1 - c_4.tanh[s]**2)
    np.square(c_4_tanh, out=z_4_factor2)
    np.subtract(1, z_4_factor2, out=z_4_factor2)
    z_4_factor2 *= c_4_sigmoid2
    z_4_factor3 = np.empty((S, B, n_h), dtype)
    # z_4.factor3[s] = c_4.sigmoid2[s] * c_4.tanh[s] * (1 - c_4.sigmoid2[s])
    np.subtract(1, c_4_sigmoid2, out=z_4_factor3)
    z_4_factor3 *= c_4_sigmoid2
    z_4_factor3 *= c_4_tanh
    z_4_factor4 = np.empty((S, B, n_h), dtype)
    # z_4.factor4[s] = c_4[s+1] * c_4.sigmoid[s] * (1 - c_4.sigmoid[s])
    np.subtract(1, c_4_sigmoid, out=z_4_factor4)
    z_4_factor4 *= c_4[1:]
    z_4_factor4 *= c_4_sigmoid
    c_3_factor = np.empty((S, B, n_h), dtype)
    # c_3.factor[s] = h_3.sigmoid[s] * (1 - h_3.tanh[s]**2)
    np.square(h_3_tanh, out=c_3_factor)
    np.subtract(1, c_3_factor, out=c_3_factor)
    c_3_factor *= h_3_sigmoid
    z_3_factor = np.empty((S, B, n_h), dtype)
    # z_3.factor[s] = h_3.sigmoid[s] * h_3.tanh[s] * (1 - h_3.sigmoid[s])
    np.subtract(1, h_3_sigmoid, out=z_3_factor)
    z_3_factor *= h_3_sigmoid
    z_3_factor *= h_3_tanh
    z_3_factor2 = np.empty((S, B, n_h), dtype)
    # z_3.factor2[s] = c_3.sigmoid2[s] * (1 - c_3.tanh[s]**2)
    np.square(c_3_tanh, out=z_3_factor2)
    np.subtract(1, z_3_factor2, out=z_3_factor2)
    z_3_factor2 *= c_3_sigmoid2
    z_3_factor3 = np.empty((S, B, n_h), dtype)
    # z_3.factor3[s] = c_3.sigmoid2[s] * c_3.tanh[s] * (1 - c_3.sigmoid2[s])
    np.subtract(1, c_3_sigmoid2, out=z_3_factor3)
    z_3_factor3 *= c_3_sigmoid2
    z_3_factor3 *= c_3_tanh
    z_3_factor4 = np.empty((S, B, n_h), dtype)
    # z_3.factor4[s] = c_3[s-1] * c_3.sigmoid[s] * (1 - c_3.sigmoid[s])
    np.subtract(1, c_3_sigmoid, out=z_3_factor4)
    z_3_factor4 *= c_3[:S]
    z_3_factor4 *= c_3_sigmoid
    dch_4 = np.zeros((2, S, B, n_h), dtype)
    # grad(c_4[1]) = grad(c_5[0]) + (1 - h_4.tanh[1]**2) * grad(h_4.tanh[1])
    # grad(h_4[1]) = grad(h_5[0]) + grad(n[1, n_h:])
    dch_4[:, 0] += dch_5[:, 0]
    # grad(h_4[1]) = grad(h_5[0]) + grad(n[1, n_h:])
    dch_4[1] += dn[:, :, n_h:]
    dz_1234 = np.empty((4, S, B, 4 * n_h), dtype)
    # grad(c_4[1]) = grad(c_5[0]) + (1 - h_4.tanh[1]**2) * grad(h_4.tanh[1])
    np.multiply(c_4_factor[0], dch_4[1, 0], out=tmp2)
    dch_4[0, 0] += tmp2
    # grad(z_4[s, 2*n_h:3*n_h]) = h_4.sigmoid[s] * (1 - h_4.sigmoid[s]) * grad(h_4.sigmoid[s])
    np.multiply(z_4_factor[0], dch_4[1, 0], out=dz_1234[3, 0, :, 2 * n_h:3 * n_h])
    np.multiply(z_4_factor2[0], dch_4[0, 0], out=dz_1234[3, 0, :, 3 * n_h:])
    np.multiply(z_4_factor3[0], dch_4[0, 0], out=dz_1234[3, 0, :, :n_h])
    np.multiply(z_4_factor4[0], dch_4[0, 0], out=dz_1234[3, 0, :, n_h:2 * n_h])
    dz_4_at = list(dz_1234[3])
    dh_4_at = list(dch_4[1])
    c_4_factor_at = list(c_4_factor)
    dc_4_at = list(dch_4[0])
    dz_4_at2 = list(dz_1234[3, :, :, 2 * n_h:3 * n_h])
    z_4_factor_at = list(z_4_factor)
    c_4_sigmoid_at = list(c_4_sigmoid)
    dz_4_at3 = list(dz_1234[3, :, :, 3 * n_h:])
    z_4_factor2_at = list(z_4_factor2)
    dz_4_at4 = list(dz_1234[3, :, :, :n_h])
    z_4_factor3_at = list(z_4_factor3)
    dz_4_at5 = list(dz_1234[3, :, :, n_h:2 * n_h])
    z_4_factor4_at = list(z_4_factor4)
    for s in range(2, S + 1):
        # grad(h_4[1]) = grad(h_5[0]) + grad(n[1, n_h:])
        dz_4_at[s - 2].dot(U_4, out=tmp2)
        dh_4_at[s - 1] += tmp2
        # grad(c_4[1]) = grad(c_5[0]) + (1 - h_4.tanh[1]**2) * grad(h_4.tanh[1])
        np.multiply(c_4_factor_at[s - 1], dh_4_at[s - 1], out=tmp2)
        dc_4_at[s - 1] += tmp2
        # grad(z_4[s, 2*n_h:3*n_h]) = h_4.sigmoid[s] * (1 - h_4.sigmoid[s]) * grad(h_4.sigmoid[s])
        np.multiply(z_4_factor_at[s - 1], dh_4_at[s - 1], out=dz_4_at2[s - 1])
        # grad(c_4[1]) = grad(c_5[0]) + (1 - h_4.tanh[1]**2) * grad(h_4.tanh[1])
        np.multiply(c_4_sigmoid_at[s - 2], dc_4_at[s - 2], out=tmp2)
        dc_4_at[s - 1] += tmp2
        # grad(z_4[s, 2*n_h:3*n_h]) = h_4.sigmoid[s] * (1 - h_4.sigmoid[s]) * grad(h_4.sigmoid[s])
        np.multiply(z_4_factor2_at[s - 1], dc_4_at[s - 1], out=dz_4_at3[s - 1])
        np.multiply(z_4_factor3_at[s - 1], dc_4_at[s - 1], out=dz_4_at4[s - 1])
        np.multiply(z_4_factor4_at[s - 1], dc_4_at[s - 1], out=dz_4_at5[s - 1])
    dc_3 = np.empty((S, B, n_h), dtype)
    # grad(c_3[s]) = c_3.sigmoid[s+1] * grad(c_3[s+1]) + (1 - h_3.tanh[s]**2) * grad(h_3.tanh[s]), s < S
    np.multiply(c_3_factor[S - 1], dh_3[S - 1], out=dc_3[S - 1])
    # grad(z_3[s, 2*n_h:3*n_h]) = h_3.sigmoid[s] * (1 - h_3.sigmoid[s]) * grad(h_3.sigmoid[s])
    np.multiply(dh_3[S - 1], z_3_factor[S - 1], out=dz_1234[2, S - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc_3[S - 1], z_3_factor2[S - 1], out=dz_1234[2, S - 1, :, 3 * n_h:])
    np.multiply(dc_3[S - 1], z_3_factor3[S - 1], out=dz_1234[2, S - 1, :, :n_h])
    np.multiply(dc_3[S - 1], z_3_factor4[S - 1], out=dz_1234[2, S - 1, :, n_h:2 * n_h])
    dz_3_at = list(dz_1234[2])
    dh_3_at = list(dh_3)
    dc_3_at = list(dc_3)
    c_3_factor_at = list(c_3_factor)
    dz_3_at2 = list(dz_1234[2, :, :, 2 * n_h:3 * n_h])
    z_3_factor_at = list(z_3_factor)
    c_3_sigmoid_at = list(c_3_sigmoid)
    dz_3_at3 = list(dz_1234[2, :, :, 3 * n_h:])
    z_3_factor2_at = list(z_3_factor2)
    dz_3_at4 = list(dz_1234[2, :, :, :n_h])
    z_3_factor3_at = list(z_3_factor3)
    dz_3_at5 = list(dz_1234[2, :, :, n_h:2 * n_h])
    z_3_factor4_at = list(z_3_factor4)
    for s in range(S - 1, 0, -1):
        # grad(h_3[s]) = U_3.T @ grad(z_3[s+1]) + grad(n[s, :n_h]), s < S
        dz_3_at[s].dot(U_3, out=tmp2)
        dh_3_at[s - 1] += tmp2
        # grad(c_3[s]) = c_3.sigmoid[s+1] * grad(c_3[s+1]) + (1 - h_3.tanh[s]**2) * grad(h_3.tanh[s]), s < S
        np.multiply(c_3_factor_at[s - 1], dh_3_at[s - 1], out=dc_3_at[s - 1])
        # grad(z_3[s, 2*n_h:3*n_h]) = h_3.sigmoid[s] * (1 - h_3.sigmoid[s]) * grad(h_3.sigmoid[s])
        np.multiply(dh_3_at[s - 1], z_3_factor_at[s - 1], out=dz_3_at2[s - 1])
        # grad(c_3[s]) = c_3.sigmoid[s+1] * grad(c_3[s+1]) + (1 - h_3.tanh[s]**2) * grad(h_3.tanh[s]), s < S
        np.multiply(c_3_sigmoid_at[s], dc_3_at[s], out=tmp2)
        dc_3_at[s - 1] += tmp2
        # grad(z_3[s, 2*n_h:3*n_h]) = h_3.sigmoid[s] * (1 - h_3.sigmoid[s]) * grad(h_3.sigmoid[s])
        np.multiply(dc_3_at[s - 1], z_3_factor2_at[s - 1], out=dz_3_at3[s - 1])
        np.multiply(dc_3_at[s - 1], z_3_factor3_at[s - 1], out=dz_3_at4[s - 1])
        np.multiply(dc_3_at[s - 1], z_3_factor4_at[s - 1], out=dz_3_at5[s - 1])
    dm = np.empty((S, B, 2 * n_h), dtype)
    product = np.empty((2, S * B, 2 * n_h), dtype)
    # grad(m[s]) = W_3.T @ grad(z_3[s]) + W_4.T @ grad(z_4[s])
    np.matmul(dz_1234[2:].reshape(2, -1, 4 * n_h), W_34, out=product)
    np.add.reduce(product, axis=0, out=dm.reshape(-1, 2 * n_h))
    dh_2 = np.empty((S, B, n_h), dtype)
    # grad(h_2[s]) = U_2.T @ grad(z_2[s-1]) + grad(m[s, n_h:]), 2 <= s <= S
    dh_2[...] = dm[:, :, n_h:]
    dh_1 = np.empty((S, B, n_h), dtype)
    # grad(h_1[s]) = U_1.T @ grad(z_1[s+1]) + grad(m[s, :n_h]), s < S
    dh_1[...] = dm[:, :, :n_h]
    c_2_factor = np.empty((S, B, n_h), dtype)
    # c_2.factor[s] = h_2.sigmoid[s] * (1 - h_2.tanh[s]**2)
    np.square(h_2_tanh, out=c_2_factor)
    np.subtract(1, c_2_factor, out=c_2_factor)
    c_2_factor *= h_2_sigmoid
    z_2_factor = np.empty((S, B, n_h), dtype)
    # z_2.factor[s] = h_2.sigmoid[s] * h_2.tanh[s] * (1 - h_2.sigmoid[s])
    np.subtract(1, h_2_sigmoid, out=z_2_factor)
    z_2_factor *= h_2_sigmoid
    z_2_factor *= h_2_tanh
    z_2_factor2 = np.empty((S, B, n_h), dtype)
    # z_2.factor2[s] = c_2.sigmoid2[s] * (1 - c_2.tanh[s]**2)
    np.square(c_2_tanh, out=z_2_factor2)
    np.subtract(1, z_2_factor2, out=z_2_factor2)
    z_2_factor2 *= c_2_sigmoid2
    z_2_factor3 = np.empty((S, B, n_h), dtype)
    # z_2.factor3[s] = c_2.sigmoid2[s] * c_2.tanh[s] * (1 - c_2.sigmoid2[s])
    np.subtract(1, c_2_sigmoid2, out=z_2_factor3)
    z_2_factor3 *= c_2_sigmoid2
    z_2_factor3 *= c_2_tanh
    z_2_factor4 = np.empty((S, B, n_h), dtype)
    # z_2.factor4[s] = c_2[s+1] * c_2.sigmoid[s] * (1 - c_2.sigmoid[s])
    np.subtract(1, c_2_sigmoid, out=z_2_factor4)
    z_2_factor4 *= c_2[1:]
    z_2_factor4 *= c_2_sigmoid
    c_1_factor = np.empty((S, B, n_h), dtype)
    # c_1.factor[s] = h_1.sigmoid[s] * (1 - h_1.tanh[s]**2)
    np.square(h_1_tanh, out=c_1_factor)
    np.subtract(1, c_1_factor, out=c_1_factor)
    c_1_factor *= h_1_sigmoid
    z_1_factor = np.empty((S, B, n_h), dtype)
    # z_1.factor[s] = h_1.sigmoid[s] * h_1.tanh[s] * (1 - h_1.sigmoid[s])
    np.subtract(1, h_1_sigmoid, out=z_1_factor)
    z_1_factor *= h_1_sigmoid
    z_1_factor *= h_1_tanh
    z_1_factor2 = np.empty((S, B, n_h), dtype)
    # z_1.factor2[s] = c_1.sigmoid2[s] * (1 - c_1.tanh[s]**2)
    np.square(c_1_tanh, out=z_1_factor2)
    np.subtract(1, z_1_factor2, out=z_1_factor2)
    z_1_factor2 *= c_1_sigmoid2
    z_1_factor3 = np.empty((S, B, n_h), dtype)
    # z_1.factor3[s] = c_1.sigmoid2[s] * c_1.tanh[s] * (1 - c_1.sigmoid2[s])
    np.subtract(1, c_1_sigmoid2, out=z_1_factor3)
    z_1_factor3 *= c_1_sigmoid2
    z_1_factor3 *= c_1_tanh
    z_1_factor4 = np.empty((S, B, n_h), dtype)
    # z_1.factor4[s] = c_1[s-1] * c_1.sigmoid[s] * (1 - c_1.sigmoid[s])
    np.subtract(1, c_1_sigmoid, out=z_1_factor4)
    z_1_factor4 *= c_1[:S]
    z_1_factor4 *= c_1_sigmoid
    dc_2 = np.empty((S, B, n_h), dtype)
    # grad(c_2[s]) = c_2.sigmoid[s-1] * grad(c_2[s-1]) + (1 - h_2.tanh[s]**2) * grad(h_2.tanh[s]), 2 <= s
    #     <= S
    np.multiply(c_2_factor[0], dh_2[0], out=dc_2[0])
    # grad(z_2[s, 2*n_h:3*n_h]) = h_2.sigmoid[s] * (1 - h_2.sigmoid[s]) * grad(h_2.sigmoid[s])
    np.multiply(dh_2[0], z_2_factor[0], out=dz_1234[1, 0, :, 2 * n_h:3 * n_h])
    np.multiply(dc_2[0], z_2_factor2[0], out=dz_1234[1, 0, :, 3 * n_h:])
    np.multiply(dc_2[0], z_2_factor3[0], out=dz_1234[1, 0, :, :n_h])
    np.multiply(dc_2[0], z_2_factor4[0], out=dz_1234[1, 0, :, n_h:2 * n_h])
    dz_2_at = list(dz_1234[1])
    dh_2_at = list(dh_2)
    dc_2_at = list(dc_2)
    c_2_factor_at = list(c_2_factor)
    dz_2_at2 = list(dz_1234[1, :, :, 2 * n_h:3 * n_h])
    z_2_factor_at = list(z_2_factor)
    c_2_sigmoid_at = list(c_2_sigmoid)
    dz_2_at3 = list(dz_1234[1, :, :, 3 * n_h:])
    z_2_factor2_at = list(z_2_factor2)
    dz_2_at4 = list(dz_1234[1, :, :, :n_h])
    z_2_factor3_at = list(z_2_factor3)
    dz_2_at5 = list(dz_1234[1, :, :, n_h:2 * n_h])
    z_2_factor4_at = list(z_2_factor4)
    for s in range(2, S + 1):
        # grad(h_2[s]) = U_2.T @ grad(z_2[s-1]) + grad(m[s, n_h:]), 2 <= s <= S
        dz_2_at[s - 2].dot(U_2, out=tmp2)
        dh_2_at[s - 1] += tmp2
        # grad(c_2[s]) = c_2.sigmoid[s-1] * grad(c_2[s-1]) + (1 - h_2.tanh[s]**2) * grad(h_2.tanh[s]), 2 <= s
        #     <= S
        np.multiply(c_2_factor_at[s - 1], dh_2_at[s - 1], out=dc_2_at[s - 1])
        # grad(z_2[s, 2*n_h:3*n_h]) = h_2.sigmoid[s] * (1 - h_2.sigmoid[s]) * grad(h_2.sigmoid[s])
        np.multiply(dh_2_at[s - 1], z_2_factor_at[s - 1], out=dz_2_at2[s - 1])
        # grad(c_2[s]) = c_2.sigmoid[s-1] * grad(c_2[s-1]) + (1 - h_2.tanh[s]**2) * grad(h_2.tanh[s]), 2 <= s
        #     <= S
        np.multiply(c_2_sigmoid_at[s - 2], dc_2_at[s - 2], out=tmp2)
        dc_2_at[s - 1] += tmp2
        # grad(z_2[s, 2*n_h:3*n_h]) = h_2.sigmoid[s] * (1 - h_2.sigmoid[s]) * grad(h_2.sigmoid[s])
        np.multiply(dc_2_at[s - 1], z_2_factor2_at[s - 1], out=dz_2_at3[s - 1])
        np.multiply(dc_2_at[s - 1], z_2_factor3_at[s - 1], out=dz_2_at4[s - 1])
        np.multiply(dc_2_at[s - 1], z_2_factor4_at[s - 1], out=dz_2_at5[s - 1])
    dc_1 = np.empty((S, B, n_h), dtype)
    # grad(c_1[s]) = c_1.sigmoid[s+1] * grad(c_1[s+1]) + (1 - h_1.tanh[s]**2) * grad(h_1.tanh[s]), s < S
    np.multiply(c_1_factor[S - 1], dh_1[S - 1], out=dc_1[S - 1])
    # grad(z_1[s, 2*n_h:3*n_h]) = h_1.sigmoid[s] * (1 - h_1.sigmoid[s]) * grad(h_1.sigmoid[s])
    np.multiply(dh_1[S - 1], z_1_factor[S - 1], out=dz_1234[0, S - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc_1[S - 1], z_1_factor2[S - 1], out=dz_1234[0, S - 1, :, 3 * n_h:])
    np.multiply(dc_1[S - 1], z_1_factor3[S - 1], out=dz_1234[0, S - 1, :, :n_h])
    np.multiply(dc_1[S - 1], z_1_factor4[S - 1], out=dz_1234[0, S - 1, :, n_h:2 * n_h])
    dz_1_at = list(dz_1234[0])
    dh_1_at = list(dh_1)
    dc_1_at = list(dc_1)
    c_1_factor_at = list(c_1_factor)
    dz_1_at2 = list(dz_1234[0, :, :, 2 * n_h:3 * n_h])
    z_1_factor_at = list(z_1_factor)
    c_1_sigmoid_at = list(c_1_sigmoid)
    dz_1_at3 = list(dz_1234[0, :, :, 3 * n_h:])
    z_1_factor2_at = list(z_1_factor2)
    dz_1_at4 = list(dz_1234[0, :, :, :n_h])
    z_1_factor3_at = list(z_1_factor3)
    dz_1_at5 = list(dz_1234[0, :, :, n_h:2 * n_h])
    z_1_factor4_at = list(z_1_factor4)
    for s in range(S - 1, 0, -1):
        # grad(h_1[s]) = U_1.T @ grad(z_1[s+1]) + grad(m[s, :n_h]), s < S
        dz_1_at[s].dot(U_1, out=tmp2)
        dh_1_at[s - 1] += tmp2
        # grad(c_1[s]) = c_1.sigmoid[s+1] * grad(c_1[s+1]) + (1 - h_1.tanh[s]**2) * grad(h_1.tanh[s]), s < S
        np.multiply(c_1_factor_at[s - 1], dh_1_at[s - 1], out=dc_1_at[s - 1])
        # grad(z_1[s, 2*n_h:3*n_h]) = h_1.sigmoid[s] * (1 - h_1.sigmoid[s]) * grad(h_1.sigmoid[s])
        np.multiply(dh_1_at[s - 1], z_1_factor_at[s - 1], out=dz_1_at2[s - 1])
        # grad(c_1[s]) = c_1.sigmoid[s+1] * grad(c_1[s+1]) + (1 - h_1.tanh[s]**2) * grad(h_1.tanh[s]), s < S
        np.multiply(c_1_sigmoid_at[s], dc_1_at[s], out=tmp2)
        dc_1_at[s - 1] += tmp2
        # grad(z_1[s, 2*n_h:3*n_h]) = h_1.sigmoid[s] * (1 - h_1.sigmoid[s]) * grad(h_1.sigmoid[s])
        np.multiply(dc_1_at[s - 1], z_1_factor2_at[s - 1], out=dz_1_at3[s - 1])
        np.multiply(dc_1_at[s - 1], z_1_factor3_at[s - 1], out=dz_1_at4[s - 1])
        np.multiply(dc_1_at[s - 1], z_1_factor4_at[s - 1], out=dz_1_at5[s - 1])
    db_1234 = np.empty((4, 4 * n_h), dtype)
    # grad(b_1) = sum(grad(z_1[s]), s)
    # grad(b_2) = sum(grad(z_2[s]), s)
    # grad(b_3) = sum(grad(z_3[s]), s)
    # grad(b_4) = sum(grad(z_4[s]), s)
    np.add.reduce(dz_1234, axis=(1, 2), out=db_1234)
    dU_4 = np.empty((4 * n_h, n_h), dtype)
    # grad(U_4) = sum(outer(grad(z_4[s]), h_4[s+1]), s)
    np.matmul(dz_1234[3].reshape(-1, 4 * n_h).T, h_4[1:].reshape(-1, n_h), out=dU_4)
    dW_34 = np.empty((2, 4 * n_h, 2 * n_h), dtype)
    # grad(W_3) = sum(outer(grad(z_3[s]), m[s]), s)
    # grad(W_4) = sum(outer(grad(z_4[s]), m[s]), s)
    np.matmul(dz_1234[2:].reshape(2, -1, 4 * n_h).transpose(0, 2, 1), m.reshape(-1, 2 * n_h), out=dW_34)
    dU_3 = np.empty((4 * n_h, n_h), dtype)
    # grad(U_3) = sum(outer(grad(z_3[s]), h_3[s-1]), s)
    np.matmul(dz_1234[2].reshape(-1, 4 * n_h).T, h_3[:S].reshape(-1, n_h), out=dU_3)
    dU_2 = np.empty((4 * n_h, n_h), dtype)
    # grad(U_2) = sum(outer(grad(z_2[s]), h_2[s+1]), s)
    np.matmul(dz_1234[1].reshape(-1, 4 * n_h).T, h_2[1:].reshape(-1, n_h), out=dU_2)
    dW_12 = np.empty((2, 4 * n_h, n_h), dtype)
    # grad(W_1) = sum(outer(grad(z_1[s]), x[s]), s)
    # grad(W_2) = sum(outer(grad(z_2[s]), x[s]), s)
    np.matmul(dz_1234[:2].reshape(2, -1, 4 * n_h).transpose(0, 2, 1), x.reshape(-1, n_h), out=dW_12)
    dx = np.empty((S, B, n_h), dtype)
    product2 = np.empty((2, S * B, n_h), dtype)
    # grad(x[s]) = W_1.T @ grad(z_1[s]) + W_2.T @ grad(z_2[s])
    np.matmul(dz_1234[:2].reshape(2, -1, 4 * n_h), W_12, out=product2)
    np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_h))
    dU_1 = np.empty((4 * n_h, n_h), dtype)
    # grad(U_1) = sum(outer(grad(z_1[s]), h_1[s-1]), s)
    np.matmul(dz_1234[0].reshape(-1, 4 * n_h).T, h_1[:S].reshape(-1, n_h), out=dU_1)
    dF = np.zeros((n_y, n_h), dtype)
    # grad(F) = sum(outer(onehot(y[t-1]), W_5.T @ grad(z_5[t])), (t, 2, T))
    np.matmul(dz_5[1:].reshape(-1, 4 * n_h), W_5, out=tmp5.reshape(-1, n_h))
    _scatter_add(dF, (y[:T - 1],), tmp5)
    dE = np.zeros((n_w, n_h), dtype)
    # grad(E) = sum(outer(onehot(w[s]), grad(x[s])), s)
    _scatter_add(dE, (w,), dx)
    db_1 = db_1234[0]
    db_2 = db_1234[1]
    db_3 = db_1234[2]
    db_4 = db_1234[3]
    dW_3 = dW_34[0]
    dW_4 = dW_34[1]
    dW_1 = dW_12[0]
    dW_2 = dW_12[1]

    return Params(
        E=dE,
        F=dF,
        W_1=dW_1,
        W_2=dW_2,
        U_1=dU_1,
        U_2=dU_2,
        b_1=db_1,
        b_2=db_2,
        W_3=dW_3,
        W_4=dW_4,
        U_3=dU_3,
        U_4=dU_4,
        b_3=db_3,
        b_4=db_4,
        W_5=dW_5,
        C_5=dC_5,
        U_5=dU_5,
        b_5=db_5,
        W_a=dW_a,
        U_a=dU_a,
        v_a=dv_a,
        V=dV,
        D=dD,
        d=dd,
    )


def init_state(
    params: Params,
    *,
    w: np.ndarray,
    h_10: np.ndarray | None = None,
    c_10: np.ndarray | None = None,
    h_2_end: np.ndarray | None = None,
    c_2_end: np.ndarray | None = None,
    h_4_end: np.ndarray | None = None,
    c_4_end: np.ndarray | None = None,
) -> State:
    """The first state.

    w        (S, B)    0..n_w - 1  the words to read
    h_10     (B, n_h)  real        h_1[0]; 0 where not given
    c_10     (B, n_h)  real        c_1[0]; 0 where not given
    h_2_end  (B, n_h)  real        h_2[S + 1]; 0 where not given
    c_2_end  (B, n_h)  real        c_2[S + 1]; 0 where not given
    h_4_end  (B, n_h)  real        h_4[S + 1]; 0 where not given
    c_4_end  (B, n_h)  real        c_4[S + 1]; 0 where not given

    Data without the axis B are one example.
    """
    (
        params, w, h_10, c_10, h_2_end, c_2_end, h_4_end, c_4_end, dtype, single, n_w, n_h, n_y, S, B,
    ) = _initial_arguments(params, w, h_10, c_10, h_2_end, c_2_end, h_4_end, c_4_end)
    (
        E, F, W_1, W_2, U_1, U_2, b_1, b_2, W_3, W_4, U_3, U_4, b_3, b_4, W_5, C_5, U_5, b_5, W_a, U_a, v_a, V, D, d,
    ) = params

    b_124 = np.stack((b_1, b_2, b_4))
    W_12 = np.stack((W_1, W_2))
    # x[s] = E[w[s]]
    x = E[w]
    z_124 = np.empty((3, S, B, 4 * n_h), dtype)
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    z_124[...] = b_124[:, None, None]
    y_prev = np.empty((B,), np.intp)
    # y@1 = 0
    y_prev[...] = 0
    h_1 = np.empty((S + 1, B, n_h), dtype)
    # h_1[0] = 0
    h_1[0] = h_10
    c_1 = np.empty((S + 1, B, n_h), dtype)
    # c_1[0] = 0
    c_1[0] = c_10
    h_2 = np.empty((S + 1, B, n_h), dtype)
    # h_2[S+1] = 0
    h_2[S] = h_2_end
    c_2 = np.empty((S + 1, B, n_h), dtype)
    # c_2[S+1] = 0
    c_2[S] = c_2_end
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    z_124[:2] += (x.reshape(-1, n_h) @ W_12.transpose(0, 2, 1)).reshape(2, S, B, 4 * n_h)
    c_1_sigmoid = np.empty((B, n_h), dtype)
    c_1_sigmoid2 = np.empty((B, n_h), dtype)
    c_1_tanh = np.empty((B, n_h), dtype)
    h_1_sigmoid = np.empty((B, n_h), dtype)
    h_1_tanh = np.empty((B, n_h), dtype)
    U_1_T = U_1.T.copy()
    for s in range(1, S + 1):
        # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
        z_124[0, s - 1] += h_1[s - 1] @ U_1_T
        # c_1.sigmoid[s] = sigmoid(z_1[s, n_h:2*n_h])
        c_1_sigmoid[...] = _sigmoid(z_124[0, s - 1, :, n_h:2 * n_h])
        # c_1.sigmoid2[s] = sigmoid(z_1[s, :n_h])
        c_1_sigmoid2[...] = _sigmoid(z_124[0, s - 1, :, :n_h])
        # c_1.tanh[s] = tanh(z_1[s, 3*n_h:])
        np.tanh(z_124[0, s - 1, :, 3 * n_h:], out=c_1_tanh)
        # h_1.sigmoid[s] = sigmoid(z_1[s, 2*n_h:3*n_h])
        h_1_sigmoid[...] = _sigmoid(z_124[0, s - 1, :, 2 * n_h:3 * n_h])
        # c_1[s] = cell(z_1[s], c_1[s-1])
        c_1[s] = c_1[s - 1] * c_1_sigmoid
        c_1[s] += c_1_sigmoid2 * c_1_tanh
        # h_1.tanh[s] = tanh(c_1[s])
        np.tanh(c_1[s], out=h_1_tanh)
        # h_1[s] = out(z_1[s], c_1[s])
        h_1[s] = h_1_sigmoid * h_1_tanh
    c_2_sigmoid = np.empty((B, n_h), dtype)
    c_2_sigmoid2 = np.empty((B, n_h), dtype)
    c_2_tanh = np.empty((B, n_h), dtype)
    h_2_sigmoid = np.empty((B, n_h), dtype)
    h_2_tanh = np.empty((B, n_h), dtype)
    U_2_T = U_2.T.copy()
    for s in range(S, 0, -1):
        # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
        z_124[1, s - 1] += h_2[s] @ U_2_T
        # c_2.sigmoid[s] = sigmoid(z_2[s, n_h:2*n_h])
        c_2_sigmoid[...] = _sigmoid(z_124[1, s - 1, :, n_h:2 * n_h])
        # c_2.sigmoid2[s] = sigmoid(z_2[s, :n_h])
        c_2_sigmoid2[...] = _sigmoid(z_124[1, s - 1, :, :n_h])
        # c_2.tanh[s] = tanh(z_2[s, 3*n_h:])
        np.tanh(z_124[1, s - 1, :, 3 * n_h:], out=c_2_tanh)
        # h_2.sigmoid[s] = sigmoid(z_2[s, 2*n_h:3*n_h])
        h_2_sigmoid[...] = _sigmoid(z_124[1, s - 1, :, 2 * n_h:3 * n_h])
        # c_2[s] = cell(z_2[s], c_2[s+1])
        c_2[s - 1] = c_2[s] * c_2_sigmoid
        c_2[s - 1] += c_2_sigmoid2 * c_2_tanh
        # h_2.tanh[s] = tanh(c_2[s])
        np.tanh(c_2[s - 1], out=h_2_tanh)
        # h_2[s] = out(z_2[s], c_2[s])
        h_2[s - 1] = h_2_sigmoid * h_2_tanh
    m = np.empty((S, B, 2 * n_h), dtype)
    # m[s] = concat(h_1[s], h_2[s])
    m[:, :, :n_h] = h_1[1:]
    m[:, :, n_h:] = h_2[:S]
    ch_4 = np.empty((2, S + 1, B, n_h), dtype)
    # h_4[S+1] = 0
    ch_4[1, S] = h_4_end
    # c_4[S+1] = 0
    ch_4[0, S] = c_4_end
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    z_124[2] += (m.reshape(-1, 2 * n_h) @ W_4.T).reshape(S, B, 4 * n_h)
    c_4_sigmoid = np.empty((B, n_h), dtype)
    c_4_sigmoid2 = np.empty((B, n_h), dtype)
    c_4_tanh = np.empty((B, n_h), dtype)
    h_4_sigmoid = np.empty((B, n_h), dtype)
    h_4_tanh = np.empty((B, n_h), dtype)
    U_4_T = U_4.T.copy()
    for s in range(S, 0, -1):
        # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
        z_124[2, s - 1] += ch_4[1, s] @ U_4_T
        # c_4.sigmoid[s] = sigmoid(z_4[s, n_h:2*n_h])
        c_4_sigmoid[...] = _sigmoid(z_124[2, s - 1, :, n_h:2 * n_h])
        # c_4.sigmoid2[s] = sigmoid(z_4[s, :n_h])
        c_4_sigmoid2[...] = _sigmoid(z_124[2, s - 1, :, :n_h])
        # c_4.tanh[s] = tanh(z_4[s, 3*n_h:])
        np.tanh(z_124[2, s - 1, :, 3 * n_h:], out=c_4_tanh)
        # h_4.sigmoid[s] = sigmoid(z_4[s, 2*n_h:3*n_h])
        h_4_sigmoid[...] = _sigmoid(z_124[2, s - 1, :, 2 * n_h:3 * n_h])
        # c_4[S+1] = 0
        ch_4[0, s - 1] = c_4_sigmoid * ch_4[0, s]
        ch_4[0, s - 1] += c_4_sigmoid2 * c_4_tanh
        # h_4.tanh[s] = tanh(c_4[s])
        np.tanh(ch_4[0, s - 1], out=h_4_tanh)
        # h_4[S+1] = 0
        ch_4[1, s - 1] = h_4_sigmoid * h_4_tanh
    ch_5_1 = ch_4[:, 0].copy()
    c_5_prev = ch_5_1[0]
    h_5_prev = ch_5_1[1]

    if single:
        y_prev = y_prev[0]
        c_5_prev = c_5_prev[0]
        h_5_prev = h_5_prev[0]
    return State(y=y_prev, c_5=c_5_prev, h_5=h_5_prev, t=0)


def step(
    params: Params,
    state: State,
    *,
    w: np.ndarray,
    y: np.ndarray,
    h_10: np.ndarray | None = None,
    c_10: np.ndarray | None = None,
    h_2_end: np.ndarray | None = None,
    c_2_end: np.ndarray | None = None,
    h_30: np.ndarray | None = None,
    c_30: np.ndarray | None = None,
    h_4_end: np.ndarray | None = None,
    c_4_end: np.ndarray | None = None,
) -> tuple[State, Outputs]:
    """One step on: the state after it, and the variables at it.

    w        (S, B)    0..n_w - 1  the words to read
    y        (B)       0..n_y - 1  the words to write; y[t-1] is read when y[t] is predicted
    h_10     (B, n_h)  real        h_1[0]; 0 where not given
    c_10     (B, n_h)  real        c_1[0]; 0 where not given
    h_2_end  (B, n_h)  real        h_2[S + 1]; 0 where not given
    c_2_end  (B, n_h)  real        c_2[S + 1]; 0 where not given
    h_30     (B, n_h)  real        h_3[0]; 0 where not given
    c_30     (B, n_h)  real        c_3[0]; 0 where not given
    h_4_end  (B, n_h)  real        h_4[S + 1]; 0 where not given
    c_4_end  (B, n_h)  real        c_4[S + 1]; 0 where not given

    Data without the axis B are one example.
    """
    (
        params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, y_prev, c_5_prev, h_5_prev, dtype,
        single, n_w, n_h, n_y, S, B,
    ) = _step_arguments(params, state, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end)
    (
        E, F, W_1, W_2, U_1, U_2, b_1, b_2, W_3, W_4, U_3, U_4, b_3, b_4, W_5, C_5, U_5, b_5, W_a, U_a, v_a, V, D, d,
    ) = params
    t_now = _count("state.t", state[-1]) + 1

    b_1234 = np.stack((b_1, b_2, b_3, b_4))
    W_12 = np.stack((W_1, W_2))
    W_34 = np.stack((W_3, W_4))
    # x[s] = E[w[s]]
    x = E[w]
    z_1234 = np.empty((4, S, B, 4 * n_h), dtype)
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    z_1234[...] = b_1234[:, None, None]
    h_1 = np.empty((S + 1, B, n_h), dtype)
    # h_1[0] = 0
    h_1[0] = h_10
    c_1 = np.empty((S + 1, B, n_h), dtype)
    # c_1[0] = 0
    c_1[0] = c_10
    h_2 = np.empty((S + 1, B, n_h), dtype)
    # h_2[S+1] = 0
    h_2[S] = h_2_end
    c_2 = np.empty((S + 1, B, n_h), dtype)
    # c_2[S+1] = 0
    c_2[S] = c_2_end
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    z_1234[:2] += (x.reshape(-1, n_h) @ W_12.transpose(0, 2, 1)).reshape(2, S, B, 4 * n_h)
    c_1_sigmoid = np.empty((B, n_h), dtype)
    c_1_sigmoid2 = np.empty((B, n_h), dtype)
    c_1_tanh = np.empty((B, n_h), dtype)
    h_1_sigmoid = np.empty((B, n_h), dtype)
    h_1_tanh = np.empty((B, n_h), dtype)
    U_1_T = U_1.T.copy()
    for s in range(1, S + 1):
        # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
        z_1234[0, s - 1] += h_1[s - 1] @ U_1_T
        # c_1.sigmoid[s] = sigmoid(z_1[s, n_h:2*n_h])
        c_1_sigmoid[...] = _sigmoid(z_1234[0, s - 1, :, n_h:2 * n_h])
        # c_1.sigmoid2[s] = sigmoid(z_1[s, :n_h])
        c_1_sigmoid2[...] = _sigmoid(z_1234[0, s - 1, :, :n_h])
        # c_1.tanh[s] = tanh(z_1[s, 3*n_h:])
        np.tanh(z_1234[0, s - 1, :, 3 * n_h:], out=c_1_tanh)
        # h_1.sigmoid[s] = sigmoid(z_1[s, 2*n_h:3*n_h])
        h_1_sigmoid[...] = _sigmoid(z_1234[0, s - 1, :, 2 * n_h:3 * n_h])
        # c_1[s] = cell(z_1[s], c_1[s-1])
        c_1[s] = c_1[s - 1] * c_1_sigmoid
        c_1[s] += c_1_sigmoid2 * c_1_tanh
        # h_1.tanh[s] = tanh(c_1[s])
        np.tanh(c_1[s], out=h_1_tanh)
        # h_1[s] = out(z_1[s], c_1[s])
        h_1[s] = h_1_sigmoid * h_1_tanh
    c_2_sigmoid = np.empty((B, n_h), dtype)
    c_2_sigmoid2 = np.empty((B, n_h), dtype)
    c_2_tanh = np.empty((B, n_h), dtype)
    h_2_sigmoid = np.empty((B, n_h), dtype)
    h_2_tanh = np.empty((B, n_h), dtype)
    U_2_T = U_2.T.copy()
    for s in range(S, 0, -1):
        # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
        z_1234[1, s - 1] += h_2[s] @ U_2_T
        # c_2.sigmoid[s] = sigmoid(z_2[s, n_h:2*n_h])
        c_2_sigmoid[...] = _sigmoid(z_1234[1, s - 1, :, n_h:2 * n_h])
        # c_2.sigmoid2[s] = sigmoid(z_2[s, :n_h])
        c_2_sigmoid2[...] = _sigmoid(z_1234[1, s - 1, :, :n_h])
        # c_2.tanh[s] = tanh(z_2[s, 3*n_h:])
        np.tanh(z_1234[1, s - 1, :, 3 * n_h:], out=c_2_tanh)
        # h_2.sigmoid[s] = sigmoid(z_2[s, 2*n_h:3*n_h])
        h_2_sigmoid[...] = _sigmoid(z_1234[1, s - 1, :, 2 * n_h:3 * n_h])
        # c_2[s] = cell(z_2[s], c_2[s+1])
        c_2[s - 1] = c_2[s] * c_2_sigmoid
        c_2[s - 1] += c_2_sigmoid2 * c_2_tanh
        # h_2.tanh[s] = tanh(c_2[s])
        np.tanh(c_2[s - 1], out=h_2_tanh)
        # h_2[s] = out(z_2[s], c_2[s])
        h_2[s - 1] = h_2_sigmoid * h_2_tanh
    m = np.empty((S, B, 2 * n_h), dtype)
    # m[s] = concat(h_1[s], h_2[s])
    m[:, :, :n_h] = h_1[1:]
    m[:, :, n_h:] = h_2[:S]
    h_3 = np.empty((S + 1, B, n_h), dtype)
    # h_3[0] = 0
    h_3[0] = h_30
    c_3 = np.empty((S + 1, B, n_h), dtype)
    # c_3[0] = 0
    c_3[0] = c_30
    h_4 = np.empty((S + 1, B, n_h), dtype)
    # h_4[S+1] = 0
    h_4[S] = h_4_end
    c_4 = np.empty((S + 1, B, n_h), dtype)
    # c_4[S+1] = 0
    c_4[S] = c_4_end
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    z_1234[2:] += (m.reshape(-1, 2 * n_h) @ W_34.transpose(0, 2, 1)).reshape(2, S, B, 4 * n_h)
    c_3_sigmoid = np.empty((B, n_h), dtype)
    c_3_sigmoid2 = np.empty((B, n_h), dtype)
    c_3_tanh = np.empty((B, n_h), dtype)
    h_3_sigmoid = np.empty((B, n_h), dtype)
    h_3_tanh = np.empty((B, n_h), dtype)
    U_3_T = U_3.T.copy()
    for s in range(1, S + 1):
        # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
        z_1234[2, s - 1] += h_3[s - 1] @ U_3_T
        # c_3.sigmoid[s] = sigmoid(z_3[s, n_h:2*n_h])
        c_3_sigmoid[...] = _sigmoid(z_1234[2, s - 1, :, n_h:2 * n_h])
        # c_3.sigmoid2[s] = sigmoid(z_3[s, :n_h])
        c_3_sigmoid2[...] = _sigmoid(z_1234[2, s - 1, :, :n_h])
        # c_3.tanh[s] = tanh(z_3[s, 3*n_h:])
        np.tanh(z_1234[2, s - 1, :, 3 * n_h:], out=c_3_tanh)
        # h_3.sigmoid[s] = sigmoid(z_3[s, 2*n_h:3*n_h])
        h_3_sigmoid[...] = _sigmoid(z_1234[2, s - 1, :, 2 * n_h:3 * n_h])
        # c_3[s] = cell(z_3[s], c_3[s-1])
        c_3[s] = c_3[s - 1] * c_3_sigmoid
        c_3[s] += c_3_sigmoid2 * c_3_tanh
        # h_3.tanh[s] = tanh(c_3[s])
        np.tanh(c_3[s], out=h_3_tanh)
        # h_3[s] = out(z_3[s], c_3[s])
        h_3[s] = h_3_sigmoid * h_3_tanh
    c_4_sigmoid = np.empty((B, n_h), dtype)
    c_4_sigmoid2 = np.empty((B, n_h), dtype)
    c_4_tanh = np.empty((B, n_h), dtype)
    h_4_sigmoid = np.empty((B, n_h), dtype)
    h_4_tanh = np.empty((B, n_h), dtype)
    U_4_T = U_4.T.copy()
    for s in range(S, 0, -1):
        # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
        z_1234[3, s - 1] += h_4[s] @ U_4_T
        # c_4.sigmoid[s] = sigmoid(z_4[s, n_h:2*n_h])
        c_4_sigmoid[...] = _sigmoid(z_1234[3, s - 1, :, n_h:2 * n_h])
        # c_4.sigmoid2[s] = sigmoid(z_4[s, :n_h])
        c_4_sigmoid2[...] = _sigmoid(z_1234[3, s - 1, :, :n_h])
        # c_4.tanh[s] = tanh(z_4[s, 3*n_h:])
        np.tanh(z_1234[3, s - 1, :, 3 * n_h:], out=c_4_tanh)
        # h_4.sigmoid[s] = sigmoid(z_4[s, 2*n_h:3*n_h])
        h_4_sigmoid[...] = _sigmoid(z_1234[3, s - 1, :, 2 * n_h:3 * n_h])
        # c_4[s] = cell(z_4[s], c_4[s+1])
        c_4[s - 1] = c_4[s] * c_4_sigmoid
        c_4[s - 1] += c_4_sigmoid2 * c_4_tanh
        # h_4.tanh[s] = tanh(c_4[s])
        np.tanh(c_4[s - 1], out=h_4_tanh)
        # h_4[s] = out(z_4[s], c_4[s])
        h_4[s - 1] = h_4_sigmoid * h_4_tanh
    n = np.empty((S, B, 2 * n_h), dtype)
    # n[s] = concat(h_3[s], h_4[s])
    n[:, :, :n_h] = h_3[1:]
    n[:, :, n_h:] = h_4[:S]
    # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
    e_arg = (n.reshape(-1, 2 * n_h) @ U_a.T).reshape(S, B, n_h)
    e_arg += h_5_prev @ W_a.T
    # e.tanh[t, s] = tanh(e.arg[t, s])
    e_tanh = np.tanh(e_arg)
    # e[t, s] = dot(v_a, tanh(W_a @ h_5[t-1] + U_a @ n[s]))
    e = (e_tanh.reshape(-1, n_h) @ v_a).reshape(S, B)
    # alpha[t, s] = softmax(e[t, s], s)
    alpha_lse = _logsumexp(e, 0)
    alpha = np.exp(e - alpha_lse)
    # c[t] = sum(alpha[t, s] * n[s], s)
    c = (n.transpose(1, 2, 0) @ alpha.T[..., None])[..., 0]
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    z_5 = c @ C_5.T
    z_5 += h_5_prev @ U_5.T
    z_5 += b_5
    z_5 += (F[y_prev] * (2 <= t_now)) @ W_5.T
    # c_5.sigmoid[t] = sigmoid(z_5[t, n_h:2*n_h])
    c_5_sigmoid = _sigmoid(z_5[:, n_h:2 * n_h])
    # c_5.sigmoid2[t] = sigmoid(z_5[t, :n_h])
    c_5_sigmoid2 = _sigmoid(z_5[:, :n_h])
    # c_5.tanh[t] = tanh(z_5[t, 3*n_h:])
    c_5_tanh = np.tanh(z_5[:, 3 * n_h:])
    # c_5[t] = cell(z_5[t], c_5[t-1])
    c_5 = c_5_prev * c_5_sigmoid
    c_5 += c_5_sigmoid2 * c_5_tanh
    # h_5.sigmoid[t] = sigmoid(z_5[t, 2*n_h:3*n_h])
    h_5_sigmoid = _sigmoid(z_5[:, 2 * n_h:3 * n_h])
    # h_5.tanh[t] = tanh(c_5[t])
    h_5_tanh = np.tanh(c_5)
    # h_5[t] = out(z_5[t], c_5[t])
    h_5 = h_5_sigmoid * h_5_tanh
    # o[t] = d + V @ h_5[t] + D @ c[t]
    o = c @ D.T
    o += h_5 @ V.T
    o += d
    # yhat[t] = softmax(o[t])
    yhat_lse = _logsumexp(o, 1)
    yhat = np.exp(o - yhat_lse[:, None])

    if single:
        y = y[0]
        c_5 = c_5[0]
        h_5 = h_5[0]
        e = e[:, 0]
        alpha = alpha[:, 0]
        c = c[0]
        z_5 = z_5[0]
        o = o[0]
        yhat = yhat[0]
    result = State(y=y, c_5=c_5, h_5=h_5, t=t_now)
    return result, Outputs(e=e, alpha=alpha, c=c, z_5=z_5, c_5=c_5, h_5=h_5, o=o, yhat=yhat)


def free_run(
    params: Params,
    *,
    w: np.ndarray,
    steps: int,
    h_10: np.ndarray | None = None,
    c_10: np.ndarray | None = None,
    h_2_end: np.ndarray | None = None,
    c_2_end: np.ndarray | None = None,
    h_30: np.ndarray | None = None,
    c_30: np.ndarray | None = None,
    h_4_end: np.ndarray | None = None,
    c_4_end: np.ndarray | None = None,
    y: np.ndarray | None = None,
    rng: np.random.Generator | None = None,
    truth: np.ndarray | None = None,
) -> FreeRun:
    """The model on its own: what it predicts is read where training reads the true values.

    w        (S, B)    0..n_w - 1         the words to read
    h_10     (B, n_h)  real               h_1[0]; 0 where not given
    c_10     (B, n_h)  real               c_1[0]; 0 where not given
    h_2_end  (B, n_h)  real               h_2[S + 1]; 0 where not given
    c_2_end  (B, n_h)  real               c_2[S + 1]; 0 where not given
    h_30     (B, n_h)  real               h_3[0]; 0 where not given
    c_30     (B, n_h)  real               c_3[0]; 0 where not given
    h_4_end  (B, n_h)  real               h_4[S + 1]; 0 where not given
    c_4_end  (B, n_h)  real               c_4[S + 1]; 0 where not given
    y        (T, B)    0..n_y - 1         the words to write; y[t-1] is read when y[t] is predicted
    steps              whole number >= 1
    rng                generator          draws the classes; the most probable ones where it is not given
    truth    (T, B)    bool               the steps that read y

    Data without the axis B are one example.
    """
    (
        params, w, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, dtype, single, n_w, n_h, n_y, S, steps,
        B,
    ) = _free_run_arguments(params, w, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, steps)
    (
        E, F, W_1, W_2, U_1, U_2, b_1, b_2, W_3, W_4, U_3, U_4, b_3, b_4, W_5, C_5, U_5, b_5, W_a, U_a, v_a, V, D, d,
    ) = params
    _generator(rng)
    truth = _truth(truth, (("y", y),), steps, B, single)
    y_given = _true_classes("y", y, truth, (steps, B), ("T", "B"), single, n_y, "n_y - 1")

    b_1234 = np.stack((b_1, b_2, b_3, b_4))
    W_12 = np.stack((W_1, W_2))
    W_34 = np.stack((W_3, W_4))
    # x[s] = E[w[s]]
    x = E[w]
    z_1234 = np.empty((4, S, B, 4 * n_h), dtype)
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    z_1234[...] = b_1234[:, None, None]
    h_1 = np.empty((S + 1, B, n_h), dtype)
    # h_1[0] = 0
    h_1[0] = h_10
    c_1 = np.empty((S + 1, B, n_h), dtype)
    # c_1[0] = 0
    c_1[0] = c_10
    h_2 = np.empty((S + 1, B, n_h), dtype)
    # h_2[S+1] = 0
    h_2[S] = h_2_end
    c_2 = np.empty((S + 1, B, n_h), dtype)
    # c_2[S+1] = 0
    c_2[S] = c_2_end
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    z_1234[:2] += (x.reshape(-1, n_h) @ W_12.transpose(0, 2, 1)).reshape(2, S, B, 4 * n_h)
    c_1_sigmoid = np.empty((B, n_h), dtype)
    c_1_sigmoid2 = np.empty((B, n_h), dtype)
    c_1_tanh = np.empty((B, n_h), dtype)
    h_1_sigmoid = np.empty((B, n_h), dtype)
    h_1_tanh = np.empty((B, n_h), dtype)
    U_1_T = U_1.T.copy()
    for s in range(1, S + 1):
        # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
        z_1234[0, s - 1] += h_1[s - 1] @ U_1_T
        # c_1.sigmoid[s] = sigmoid(z_1[s, n_h:2*n_h])
        c_1_sigmoid[...] = _sigmoid(z_1234[0, s - 1, :, n_h:2 * n_h])
        # c_1.sigmoid2[s] = sigmoid(z_1[s, :n_h])
        c_1_sigmoid2[...] = _sigmoid(z_1234[0, s - 1, :, :n_h])
        # c_1.tanh[s] = tanh(z_1[s, 3*n_h:])
        np.tanh(z_1234[0, s - 1, :, 3 * n_h:], out=c_1_tanh)
        # h_1.sigmoid[s] = sigmoid(z_1[s, 2*n_h:3*n_h])
        h_1_sigmoid[...] = _sigmoid(z_1234[0, s - 1, :, 2 * n_h:3 * n_h])
        # c_1[s] = cell(z_1[s], c_1[s-1])
        c_1[s] = c_1[s - 1] * c_1_sigmoid
        c_1[s] += c_1_sigmoid2 * c_1_tanh
        # h_1.tanh[s] = tanh(c_1[s])
        np.tanh(c_1[s], out=h_1_tanh)
        # h_1[s] = out(z_1[s], c_1[s])
        h_1[s] = h_1_sigmoid * h_1_tanh
    c_2_sigmoid = np.empty((B, n_h), dtype)
    c_2_sigmoid2 = np.empty((B, n_h), dtype)
    c_2_tanh = np.empty((B, n_h), dtype)
    h_2_sigmoid = np.empty((B, n_h), dtype)
    h_2_tanh = np.empty((B, n_h), dtype)
    U_2_T = U_2.T.copy()
    for s in range(S, 0, -1):
        # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
        z_1234[1, s - 1] += h_2[s] @ U_2_T
        # c_2.sigmoid[s] = sigmoid(z_2[s, n_h:2*n_h])
        c_2_sigmoid[...] = _sigmoid(z_1234[1, s - 1, :, n_h:2 * n_h])
        # c_2.sigmoid2[s] = sigmoid(z_2[s, :n_h])
        c_2_sigmoid2[...] = _sigmoid(z_1234[1, s - 1, :, :n_h])
        # c_2.tanh[s] = tanh(z_2[s, 3*n_h:])
        np.tanh(z_1234[1, s - 1, :, 3 * n_h:], out=c_2_tanh)
        # h_2.sigmoid[s] = sigmoid(z_2[s, 2*n_h:3*n_h])
        h_2_sigmoid[...] = _sigmoid(z_1234[1, s - 1, :, 2 * n_h:3 * n_h])
        # c_2[s] = cell(z_2[s], c_2[s+1])
        c_2[s - 1] = c_2[s] * c_2_sigmoid
        c_2[s - 1] += c_2_sigmoid2 * c_2_tanh
        # h_2.tanh[s] = tanh(c_2[s])
        np.tanh(c_2[s - 1], out=h_2_tanh)
        # h_2[s] = out(z_2[s], c_2[s])
        h_2[s - 1] = h_2_sigmoid * h_2_tanh
    m = np.empty((S, B, 2 * n_h), dtype)
    # m[s] = concat(h_1[s], h_2[s])
    m[:, :, :n_h] = h_1[1:]
    m[:, :, n_h:] = h_2[:S]
    h_3 = np.empty((S + 1, B, n_h), dtype)
    # h_3[0] = 0
    h_3[0] = h_30
    c_3 = np.empty((S + 1, B, n_h), dtype)
    # c_3[0] = 0
    c_3[0] = c_30
    ch_4 = np.empty((2, S + 1, B, n_h), dtype)
    # h_4[S+1] = 0
    ch_4[1, S] = h_4_end
    # c_4[S+1] = 0
    ch_4[0, S] = c_4_end
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    z_1234[2:] += (m.reshape(-1, 2 * n_h) @ W_34.transpose(0, 2, 1)).reshape(2, S, B, 4 * n_h)
    c_3_sigmoid = np.empty((B, n_h), dtype)
    c_3_sigmoid2 = np.empty((B, n_h), dtype)
    c_3_tanh = np.empty((B, n_h), dtype)
    h_3_sigmoid = np.empty((B, n_h), dtype)
    h_3_tanh = np.empty((B, n_h), dtype)
    U_3_T = U_3.T.copy()
    for s in range(1, S + 1):
        # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
        z_1234[2, s - 1] += h_3[s - 1] @ U_3_T
        # c_3.sigmoid[s] = sigmoid(z_3[s, n_h:2*n_h])
        c_3_sigmoid[...] = _sigmoid(z_1234[2, s - 1, :, n_h:2 * n_h])
        # c_3.sigmoid2[s] = sigmoid(z_3[s, :n_h])
        c_3_sigmoid2[...] = _sigmoid(z_1234[2, s - 1, :, :n_h])
        # c_3.tanh[s] = tanh(z_3[s, 3*n_h:])
        np.tanh(z_1234[2, s - 1, :, 3 * n_h:], out=c_3_tanh)
        # h_3.sigmoid[s] = sigmoid(z_3[s, 2*n_h:3*n_h])
        h_3_sigmoid[...] = _sigmoid(z_1234[2, s - 1, :, 2 * n_h:3 * n_h])
        # c_3[s] = cell(z_3[s], c_3[s-1])
        c_3[s] = c_3[s - 1] * c_3_sigmoid
        c_3[s] += c_3_sigmoid2 * c_3_tanh
        # h_3.tanh[s] = tanh(c_3[s])
        np.tanh(c_3[s], out=h_3_tanh)
        # h_3[s] = out(z_3[s], c_3[s])
        h_3[s] = h_3_sigmoid * h_3_tanh
    c_4_sigmoid = np.empty((B, n_h), dtype)
    c_4_sigmoid2 = np.empty((B, n_h), dtype)
    c_4_tanh = np.empty((B, n_h), dtype)
    h_4_sigmoid = np.empty((B, n_h), dtype)
    h_4_tanh = np.empty((B, n_h), dtype)
    U_4_T = U_4.T.copy()
    for s in range(S, 0, -1):
        # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
        z_1234[3, s - 1] += ch_4[1, s] @ U_4_T
        # c_4.sigmoid[s] = sigmoid(z_4[s, n_h:2*n_h])
        c_4_sigmoid[...] = _sigmoid(z_1234[3, s - 1, :, n_h:2 * n_h])
        # c_4.sigmoid2[s] = sigmoid(z_4[s, :n_h])
        c_4_sigmoid2[...] = _sigmoid(z_1234[3, s - 1, :, :n_h])
        # c_4.tanh[s] = tanh(z_4[s, 3*n_h:])
        np.tanh(z_1234[3, s - 1, :, 3 * n_h:], out=c_4_tanh)
        # h_4.sigmoid[s] = sigmoid(z_4[s, 2*n_h:3*n_h])
        h_4_sigmoid[...] = _sigmoid(z_1234[3, s - 1, :, 2 * n_h:3 * n_h])
        # c_4[S+1] = 0
        ch_4[0, s - 1] = c_4_sigmoid * ch_4[0, s]
        ch_4[0, s - 1] += c_4_sigmoid2 * c_4_tanh
        # h_4.tanh[s] = tanh(c_4[s])
        np.tanh(ch_4[0, s - 1], out=h_4_tanh)
        # h_4[S+1] = 0
        ch_4[1, s - 1] = h_4_sigmoid * h_4_tanh
    n = np.empty((S, B, 2 * n_h), dtype)
    # n[s] = concat(h_3[s], h_4[s])
    n[:, :, :n_h] = h_3[1:]
    n[:, :, n_h:] = ch_4[1, :S]
    e_arg = np.empty((steps, S, B, n_h), dtype)
    # e.arg[t, s] = W_a @ h_5[t-1] + U_a @ n[s]
    e_arg[...] = (n.reshape(-1, 2 * n_h) @ U_a.T).reshape(S, B, n_h)
    z_5 = np.empty((steps, B, 4 * n_h), dtype)
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    z_5[...] = b_5
    o = np.empty((steps, B, n_y), dtype)
    # o[t] = d + V @ h_5[t] + D @ c[t]
    o[...] = d
    ch_5 = np.empty((2, steps + 1, B, n_h), dtype)
    # c_5[0] = c_4[1]
    # h_5[0] = h_4[1]
    ch_5[:, 0] = ch_4[:, 0]
    e_tanh = np.empty((S, B, n_h), dtype)
    e = np.empty((steps, S, B), dtype)
    alpha_lse = np.empty((B,), dtype)
    alpha = np.empty((steps, S, B), dtype)
    c = np.empty((steps, B, 2 * n_h), dtype)
    c_5_sigmoid = np.empty((B, n_h), dtype)
    c_5_sigmoid2 = np.empty((B, n_h), dtype)
    c_5_tanh = np.empty((B, n_h), dtype)
    h_5_sigmoid = np.empty((B, n_h), dtype)
    h_5_tanh = np.empty((B, n_h), dtype)
    yhat_lse = np.empty((B,), dtype)
    yhat = np.empty((steps, B, n_y), dtype)
    y_fed = np.empty((B,), np.intp)
    y = np.empty((steps, B), np.intp)
    # e.arg[t, s] = W_a @ h_5[t-1] + U_a @ n[s]
    e_arg[0] += ch_5[1, 0] @ W_a.T
    # e.tanh[t, s] = tanh(e.arg[t, s])
    np.tanh(e_arg[0], out=e_tanh)
    # e[t, s] = dot(v_a, tanh(W_a @ h_5[t-1] + U_a @ n[s]))
    e[0] = (e_tanh.reshape(-1, n_h) @ v_a).reshape(S, B)
    # alpha[t, s] = softmax(e[t, s], s)
    alpha_lse[...] = _logsumexp(e[0], 0)
    np.exp(e[0] - alpha_lse, out=alpha[0])
    # c[t] = sum(alpha[t, s] * n[s], s)
    c[0] = (n.transpose(1, 2, 0) @ alpha[0].T[..., None])[..., 0]
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    z_5[0] += c[0] @ C_5.T
    z_5[0] += ch_5[1, 0] @ U_5.T
    # c_5.sigmoid[t] = sigmoid(z_5[t, n_h:2*n_h])
    c_5_sigmoid[...] = _sigmoid(z_5[0, :, n_h:2 * n_h])
    # c_5.sigmoid2[t] = sigmoid(z_5[t, :n_h])
    c_5_sigmoid2[...] = _sigmoid(z_5[0, :, :n_h])
    # c_5.tanh[t] = tanh(z_5[t, 3*n_h:])
    np.tanh(z_5[0, :, 3 * n_h:], out=c_5_tanh)
    # h_5.sigmoid[t] = sigmoid(z_5[t, 2*n_h:3*n_h])
    h_5_sigmoid[...] = _sigmoid(z_5[0, :, 2 * n_h:3 * n_h])
    # c_5[0] = c_4[1]
    ch_5[0, 1] = c_5_sigmoid * ch_5[0, 0]
    ch_5[0, 1] += c_5_sigmoid2 * c_5_tanh
    # h_5.tanh[t] = tanh(c_5[t])
    np.tanh(ch_5[0, 1], out=h_5_tanh)
    # o[t] = d + V @ h_5[t] + D @ c[t]
    o[0] += c[0] @ D.T
    # h_5[0] = h_4[1]
    ch_5[1, 1] = h_5_sigmoid * h_5_tanh
    # o[t] = d + V @ h_5[t] + D @ c[t]
    o[0] += ch_5[1, 1] @ V.T
    # yhat[t] = softmax(o[t])
    yhat_lse[...] = _logsumexp(o[0], 1)
    np.exp(o[0] - yhat_lse[:, None], out=yhat[0])
    # y.fed[t] = the most probable class of yhat[t], or one that is drawn
    y_fed[...] = _choice(yhat[0], 1, rng)
    # y[t] = y.fed[t], or the true one where truth[t]
    y[0] = np.where(truth[0] != 0, y_given[0], y_fed)
    W_a_T = W_a.T.copy()
    C_5_T = C_5.T.copy()
    U_5_T = U_5.T.copy()
    W_5_T = W_5.T.copy()
    D_T = D.T.copy()
    V_T = V.T.copy()
    for t in range(2, steps + 1):
        # e.arg[t, s] = W_a @ h_5[t-1] + U_a @ n[s]
        e_arg[t - 1] += ch_5[1, t - 1] @ W_a_T
        # e.tanh[t, s] = tanh(e.arg[t, s])
        np.tanh(e_arg[t - 1], out=e_tanh)
        # e[t, s] = dot(v_a, tanh(W_a @ h_5[t-1] + U_a @ n[s]))
        e[t - 1] = (e_tanh.reshape(-1, n_h) @ v_a).reshape(S, B)
        # alpha[t, s] = softmax(e[t, s], s)
        alpha_lse[...] = _logsumexp(e[t - 1], 0)
        np.exp(e[t - 1] - alpha_lse, out=alpha[t - 1])
        # c[t] = sum(alpha[t, s] * n[s], s)
        c[t - 1] = (n.transpose(1, 2, 0) @ alpha[t - 1].T[..., None])[..., 0]
        # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
        z_5[t - 1] += c[t - 1] @ C_5_T
        z_5[t - 1] += ch_5[1, t - 1] @ U_5_T
        z_5[t - 1] += F[y[t - 2]] @ W_5_T
        # c_5.sigmoid[t] = sigmoid(z_5[t, n_h:2*n_h])
        c_5_sigmoid[...] = _sigmoid(z_5[t - 1, :, n_h:2 * n_h])
        # c_5.sigmoid2[t] = sigmoid(z_5[t, :n_h])
        c_5_sigmoid2[...] = _sigmoid(z_5[t - 1, :, :n_h])
        # c_5.tanh[t] = tanh(z_5[t, 3*n_h:])
        np.tanh(z_5[t - 1, :, 3 * n_h:], out=c_5_tanh)
        # h_5.sigmoid[t] = sigmoid(z_5[t, 2*n_h:3*n_h])
        h_5_sigmoid[...] = _sigmoid(z_5[t - 1, :, 2 * n_h:3 * n_h])
        # c_5[0] = c_4[1]
        ch_5[0, t] = c_5_sigmoid * ch_5[0, t - 1]
        ch_5[0, t] += c_5_sigmoid2 * c_5_tanh
        # h_5.tanh[t] = tanh(c_5[t])
        np.tanh(ch_5[0, t], out=h_5_tanh)
        # o[t] = d + V @ h_5[t] + D @ c[t]
        o[t - 1] += c[t - 1] @ D_T
        # h_5[0] = h_4[1]
        ch_5[1, t] = h_5_sigmoid * h_5_tanh
        # o[t] = d + V @ h_5[t] + D @ c[t]
        o[t - 1] += ch_5[1, t] @ V_T
        # yhat[t] = softmax(o[t])
        yhat_lse[...] = _logsumexp(o[t - 1], 1)
        np.exp(o[t - 1] - yhat_lse[:, None], out=yhat[t - 1])
        # y.fed[t] = the most probable class of yhat[t], or one that is drawn
        y_fed[...] = _choice(yhat[t - 1], 1, rng)
        # y[t] = y.fed[t], or the true one where truth[t]
        y[t - 1] = np.where(truth[t - 1] != 0, y_given[t - 1], y_fed)
    z_1 = z_1234[0]
    z_2 = z_1234[1]
    z_3 = z_1234[2]
    z_4 = z_1234[3]
    c_5 = ch_5[0]
    h_5 = ch_5[1]
    c_4 = ch_4[0]
    h_4 = ch_4[1]

    if single:
        x = x[:, 0]
        z_1 = z_1[:, 0]
        c_1 = c_1[:, 0]
        h_1 = h_1[:, 0]
        z_2 = z_2[:, 0]
        c_2 = c_2[:, 0]
        h_2 = h_2[:, 0]
        m = m[:, 0]
        z_3 = z_3[:, 0]
        c_3 = c_3[:, 0]
        h_3 = h_3[:, 0]
        z_4 = z_4[:, 0]
        c_4 = c_4[:, 0]
        h_4 = h_4[:, 0]
        n = n[:, 0]
        e = e[:, :, 0]
        alpha = alpha[:, :, 0]
        c = c[:, 0]
        z_5 = z_5[:, 0]
        c_5 = c_5[:, 0]
        h_5 = h_5[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
        y = y[:, 0]
    return FreeRun(
        x=x,
        z_1=z_1,
        c_1=c_1,
        h_1=h_1,
        z_2=z_2,
        c_2=c_2,
        h_2=h_2,
        m=m,
        z_3=z_3,
        c_3=c_3,
        h_3=h_3,
        z_4=z_4,
        c_4=c_4,
        h_4=h_4,
        n=n,
        e=e,
        alpha=alpha,
        c=c,
        z_5=z_5,
        c_5=c_5,
        h_5=h_5,
        o=o,
        yhat=yhat,
        y=y,
    )


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
        c_5=_last(forward.c_5, 0, 1, 1, lengths),
        h_5=_last(forward.h_5, 0, 1, 1, lengths),
        t=_steps_so_far(state, steps, lengths),
    )


def _forward_padded(params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, lengths, state):
    """`forward` where examples have their own lengths."""
    (
        params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, dtype, single, n_w, n_h, n_y, S, T, B,
        len_S, S_own, len_T, T_own,
    ) = _padded_arguments(params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, lengths)
    (
        E, F, W_1, W_2, U_1, U_2, b_1, b_2, W_3, W_4, U_3, U_4, b_3, b_4, W_5, C_5, U_5, b_5, W_a, U_a, v_a, V, D, d,
    ) = params
    state = None if state is None else _as_state(state)
    T_fresh = float(state is None)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    (c_5_before1,) = _before(state, "c_5", 1, (B, n_h), ("B", "n_h"), single, dtype)
    (h_5_before1,) = _before(state, "h_5", 1, (B, n_h), ("B", "n_h"), single, dtype)

    tmp0 = np.empty((S, B, n_h), dtype)
    tmp1 = np.empty((2, S, B, 4 * n_h), dtype)
    tmp2 = np.empty((B, 4 * n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((B, n_h), dtype)
    tmp5 = np.empty((T, B, n_h), dtype)
    tmp6 = np.empty((T, B, 4 * n_h), dtype)
    tmp7 = np.empty((T,), dtype)
    tmp8 = np.empty((T,), dtype)
    tmp9 = np.empty((S, B), dtype)
    tmp10 = np.empty((T, B, n_y), dtype)
    tmp11 = np.empty((B, T), dtype)
    tmp12 = np.empty((B, T), dtype)
    tmp13 = np.empty((B, T), dtype)
    b_1234 = np.stack((b_1, b_2, b_3, b_4))
    W_12 = np.stack((W_1, W_2))
    W_34 = np.stack((W_3, W_4))
    x = np.empty((S, B, n_h), dtype)
    # x[s] = E[w[s]]
    np.take(E, w, axis=0, out=x, mode="clip")
    z_1234 = np.empty((4, S, B, 4 * n_h), dtype)
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    z_1234[...] = b_1234[:, None, None]
    h_1 = np.empty((S + 1, B, n_h), dtype)
    # h_1[0] = 0
    h_1[0] = h_10
    c_1 = np.empty((S + 1, B, n_h), dtype)
    # c_1[0] = 0
    c_1[0] = c_10
    h_2 = np.zeros((S + 1, B, n_h), dtype)
    # h_2[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], h_2_end, 0)
    h_2[1:] += tmp0
    c_2 = np.zeros((S + 1, B, n_h), dtype)
    # c_2[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], c_2_end, 0)
    c_2[1:] += tmp0
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    np.matmul(x.reshape(-1, n_h), W_12.transpose(0, 2, 1), out=tmp1.reshape(2, -1, 4 * n_h))
    z_1234[:2] += tmp1
    c_1_sigmoid = np.empty((B, n_h), dtype)
    c_1_sigmoid2 = np.empty((B, n_h), dtype)
    c_1_tanh = np.empty((B, n_h), dtype)
    h_1_sigmoid = np.empty((B, n_h), dtype)
    h_1_tanh = np.empty((B, n_h), dtype)
    U_1_T = np.empty((n_h, 4 * n_h), dtype)
    U_1_T[...] = U_1.T
    h_1_at = list(h_1)
    z_1_at = list(z_1234[0])
    z_1_at2 = list(z_1234[0, :, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    z_1_at3 = list(z_1234[0, :, :, :n_h])
    z_1_at4 = list(z_1234[0, :, :, 3 * n_h:])
    z_1_at5 = list(z_1234[0, :, :, 2 * n_h:3 * n_h])
    c_1_at = list(c_1)
    for s in range(1, S + 1):
        # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
        h_1_at[s - 1].dot(U_1_T, out=tmp2)
        z_1_at[s - 1] += tmp2
        # c_1.sigmoid[s] = sigmoid(z_1[s, n_h:2*n_h])
        _sigmoid(z_1_at2[s - 1], out=c_1_sigmoid, half=half)
        # c_1.sigmoid2[s] = sigmoid(z_1[s, :n_h])
        _sigmoid(z_1_at3[s - 1], out=c_1_sigmoid2, half=half)
        # c_1.tanh[s] = tanh(z_1[s, 3*n_h:])
        np.tanh(z_1_at4[s - 1], out=c_1_tanh)
        # h_1.sigmoid[s] = sigmoid(z_1[s, 2*n_h:3*n_h])
        _sigmoid(z_1_at5[s - 1], out=h_1_sigmoid, half=half)
        # c_1[s] = cell(z_1[s], c_1[s-1])
        np.multiply(c_1_sigmoid2, c_1_tanh, out=tmp4)
        np.multiply(c_1_sigmoid, c_1_at[s - 1], out=tmp3)
        tmp3 += tmp4
        c_1[s] = np.where((s <= S_own)[:, None], tmp3, c_1[s - 1])
        # h_1.tanh[s] = tanh(c_1[s])
        np.tanh(c_1_at[s], out=h_1_tanh)
        # h_1[s] = out(z_1[s], c_1[s])
        np.multiply(h_1_sigmoid, h_1_tanh, out=tmp3)
        h_1[s] = np.where((s <= S_own)[:, None], tmp3, h_1[s - 1])
    c_2_sigmoid = np.empty((B, n_h), dtype)
    c_2_sigmoid2 = np.empty((B, n_h), dtype)
    c_2_tanh = np.empty((B, n_h), dtype)
    c_2_inside = np.empty((B, n_h), dtype)
    h_2_sigmoid = np.empty((B, n_h), dtype)
    h_2_tanh = np.empty((B, n_h), dtype)
    h_2_inside = np.empty((B, n_h), dtype)
    U_2_T = np.empty((n_h, 4 * n_h), dtype)
    U_2_T[...] = U_2.T
    h_2_at = list(h_2)
    z_2_at = list(z_1234[1])
    z_2_at2 = list(z_1234[1, :, :, n_h:2 * n_h])
    z_2_at3 = list(z_1234[1, :, :, :n_h])
    z_2_at4 = list(z_1234[1, :, :, 3 * n_h:])
    c_2_at = list(c_2)
    z_2_at5 = list(z_1234[1, :, :, 2 * n_h:3 * n_h])
    for s in range(S, 0, -1):
        # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
        h_2_at[s].dot(U_2_T, out=tmp2)
        z_2_at[s - 1] += tmp2
        # c_2.sigmoid[s] = sigmoid(z_2[s, n_h:2*n_h])
        _sigmoid(z_2_at2[s - 1], out=c_2_sigmoid, half=half)
        # c_2.sigmoid2[s] = sigmoid(z_2[s, :n_h])
        _sigmoid(z_2_at3[s - 1], out=c_2_sigmoid2, half=half)
        # c_2.tanh[s] = tanh(z_2[s, 3*n_h:])
        np.tanh(z_2_at4[s - 1], out=c_2_tanh)
        # c_2.inside[s] = c_2[s+1] * c_2.sigmoid[s] + c_2.sigmoid2[s] * c_2.tanh[s]
        np.multiply(c_2_sigmoid, c_2_at[s], out=c_2_inside)
        np.multiply(c_2_sigmoid2, c_2_tanh, out=tmp3)
        c_2_inside += tmp3
        # h_2.sigmoid[s] = sigmoid(z_2[s, 2*n_h:3*n_h])
        _sigmoid(z_2_at5[s - 1], out=h_2_sigmoid, half=half)
        # c_2[s] = cell(z_2[s], c_2[s+1])
        tmp3[...] = np.where((s <= S_own)[:, None], c_2_inside, 0)
        c_2_at[s - 1] += tmp3
        # h_2.tanh[s] = tanh(c_2[s])
        np.tanh(c_2_at[s - 1], out=h_2_tanh)
        # h_2.inside[s] = h_2.sigmoid[s] * h_2.tanh[s]
        np.multiply(h_2_sigmoid, h_2_tanh, out=h_2_inside)
        # h_2[s] = out(z_2[s], c_2[s])
        tmp3[...] = np.where((s <= S_own)[:, None], h_2_inside, 0)
        h_2_at[s - 1] += tmp3
    m = np.empty((S, B, 2 * n_h), dtype)
    # m[s] = concat(h_1[s], h_2[s])
    m[:, :, :n_h] = h_1[1:]
    m[:, :, n_h:] = h_2[:S]
    h_3 = np.empty((S + 1, B, n_h), dtype)
    # h_3[0] = 0
    h_3[0] = h_30
    c_3 = np.empty((S + 1, B, n_h), dtype)
    # c_3[0] = 0
    c_3[0] = c_30
    h_4 = np.zeros((S + 1, B, n_h), dtype)
    # h_4[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], h_4_end, 0)
    h_4[1:] += tmp0
    c_4 = np.zeros((S + 1, B, n_h), dtype)
    # c_4[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], c_4_end, 0)
    c_4[1:] += tmp0
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    np.matmul(m.reshape(-1, 2 * n_h), W_34.transpose(0, 2, 1), out=tmp1.reshape(2, -1, 4 * n_h))
    z_1234[2:] += tmp1
    c_3_sigmoid = np.empty((B, n_h), dtype)
    c_3_sigmoid2 = np.empty((B, n_h), dtype)
    c_3_tanh = np.empty((B, n_h), dtype)
    h_3_sigmoid = np.empty((B, n_h), dtype)
    h_3_tanh = np.empty((B, n_h), dtype)
    U_3_T = np.empty((n_h, 4 * n_h), dtype)
    U_3_T[...] = U_3.T
    h_3_at = list(h_3)
    z_3_at = list(z_1234[2])
    z_3_at2 = list(z_1234[2, :, :, n_h:2 * n_h])
    z_3_at3 = list(z_1234[2, :, :, :n_h])
    z_3_at4 = list(z_1234[2, :, :, 3 * n_h:])
    z_3_at5 = list(z_1234[2, :, :, 2 * n_h:3 * n_h])
    c_3_at = list(c_3)
    for s in range(1, S + 1):
        # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
        h_3_at[s - 1].dot(U_3_T, out=tmp2)
        z_3_at[s - 1] += tmp2
        # c_3.sigmoid[s] = sigmoid(z_3[s, n_h:2*n_h])
        _sigmoid(z_3_at2[s - 1], out=c_3_sigmoid, half=half)
        # c_3.sigmoid2[s] = sigmoid(z_3[s, :n_h])
        _sigmoid(z_3_at3[s - 1], out=c_3_sigmoid2, half=half)
        # c_3.tanh[s] = tanh(z_3[s, 3*n_h:])
        np.tanh(z_3_at4[s - 1], out=c_3_tanh)
        # h_3.sigmoid[s] = sigmoid(z_3[s, 2*n_h:3*n_h])
        _sigmoid(z_3_at5[s - 1], out=h_3_sigmoid, half=half)
        # c_3[s] = cell(z_3[s], c_3[s-1])
        np.multiply(c_3_sigmoid2, c_3_tanh, out=tmp4)
        np.multiply(c_3_sigmoid, c_3_at[s - 1], out=tmp3)
        tmp3 += tmp4
        c_3[s] = np.where((s <= S_own)[:, None], tmp3, c_3[s - 1])
        # h_3.tanh[s] = tanh(c_3[s])
        np.tanh(c_3_at[s], out=h_3_tanh)
        # h_3[s] = out(z_3[s], c_3[s])
        np.multiply(h_3_sigmoid, h_3_tanh, out=tmp3)
        h_3[s] = np.where((s <= S_own)[:, None], tmp3, h_3[s - 1])
    c_4_sigmoid = np.empty((B, n_h), dtype)
    c_4_sigmoid2 = np.empty((B, n_h), dtype)
    c_4_tanh = np.empty((B, n_h), dtype)
    c_4_inside = np.empty((B, n_h), dtype)
    h_4_sigmoid = np.empty((B, n_h), dtype)
    h_4_tanh = np.empty((B, n_h), dtype)
    h_4_inside = np.empty((B, n_h), dtype)
    U_4_T = np.empty((n_h, 4 * n_h), dtype)
    U_4_T[...] = U_4.T
    h_4_at = list(h_4)
    z_4_at = list(z_1234[3])
    z_4_at2 = list(z_1234[3, :, :, n_h:2 * n_h])
    z_4_at3 = list(z_1234[3, :, :, :n_h])
    z_4_at4 = list(z_1234[3, :, :, 3 * n_h:])
    c_4_at = list(c_4)
    z_4_at5 = list(z_1234[3, :, :, 2 * n_h:3 * n_h])
    for s in range(S, 0, -1):
        # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
        h_4_at[s].dot(U_4_T, out=tmp2)
        z_4_at[s - 1] += tmp2
        # c_4.sigmoid[s] = sigmoid(z_4[s, n_h:2*n_h])
        _sigmoid(z_4_at2[s - 1], out=c_4_sigmoid, half=half)
        # c_4.sigmoid2[s] = sigmoid(z_4[s, :n_h])
        _sigmoid(z_4_at3[s - 1], out=c_4_sigmoid2, half=half)
        # c_4.tanh[s] = tanh(z_4[s, 3*n_h:])
        np.tanh(z_4_at4[s - 1], out=c_4_tanh)
        # c_4.inside[s] = c_4[s+1] * c_4.sigmoid[s] + c_4.sigmoid2[s] * c_4.tanh[s]
        np.multiply(c_4_sigmoid, c_4_at[s], out=c_4_inside)
        np.multiply(c_4_sigmoid2, c_4_tanh, out=tmp3)
        c_4_inside += tmp3
        # h_4.sigmoid[s] = sigmoid(z_4[s, 2*n_h:3*n_h])
        _sigmoid(z_4_at5[s - 1], out=h_4_sigmoid, half=half)
        # c_4[s] = cell(z_4[s], c_4[s+1])
        tmp3[...] = np.where((s <= S_own)[:, None], c_4_inside, 0)
        c_4_at[s - 1] += tmp3
        # h_4.tanh[s] = tanh(c_4[s])
        np.tanh(c_4_at[s - 1], out=h_4_tanh)
        # h_4.inside[s] = h_4.sigmoid[s] * h_4.tanh[s]
        np.multiply(h_4_sigmoid, h_4_tanh, out=h_4_inside)
        # h_4[s] = out(z_4[s], c_4[s])
        tmp3[...] = np.where((s <= S_own)[:, None], h_4_inside, 0)
        h_4_at[s - 1] += tmp3
    n = np.empty((S, B, 2 * n_h), dtype)
    # n[s] = concat(h_3[s], h_4[s])
    n[:, :, :n_h] = h_3[1:]
    n[:, :, n_h:] = h_4[:S]
    e_arg_part = np.empty((S, B, n_h), dtype)
    # e.arg.part[s] = U_a @ n[s]
    np.matmul(n.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_h))
    c_product2 = np.empty((S, B, 2 * n_h), dtype)
    # c.product2[s] = where(s <= S.own, n[s], 0)
    c_product2[...] = np.where((np.arange(1, S + 1)[:, None] <= S_own)[:, :, None], n, 0)
    z_5 = np.empty((T, B, 4 * n_h), dtype)
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    z_5[...] = b_5
    y_held = np.empty((T, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    z_5_sum = np.empty((T, B, 4 * n_h), dtype)
    # z_5.sum[t] = W_5 @ F[y.held[t-1]]
    np.take(F, y_held, axis=0, out=tmp5, mode="clip")
    np.matmul(tmp5.reshape(-1, n_h), W_5.T, out=z_5_sum.reshape(-1, 4 * n_h))
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    np.add(np.arange(1, T + 1, dtype=dtype), T_done, out=tmp8)
    np.less_equal(2, tmp8, out=tmp7)
    np.multiply(tmp7[:, None, None], z_5_sum, out=tmp6)
    z_5 += tmp6
    c_5 = np.empty((T + 1, B, n_h), dtype)
    # c_5[0] = c_4[1]
    c_5[0] = np.where(T_fresh != 0, c_4[0], c_5_before1)
    h_5 = np.empty((T + 1, B, n_h), dtype)
    # h_5[0] = h_4[1]
    h_5[0] = np.where(T_fresh != 0, h_4[0], h_5_before1)
    e_arg = np.empty((S, B, n_h), dtype)
    e_arg_part2 = np.empty((B, n_h), dtype)
    e_tanh = np.empty((S, B, n_h), dtype)
    e = np.empty((T, S, B), dtype)
    alpha_inside = np.empty((S, B), dtype)
    alpha_lse = np.empty((B,), dtype)
    alpha = np.empty((T, S, B), dtype)
    c_product = np.empty((S, B), dtype)
    c = np.empty((T, B, 2 * n_h), dtype)
    c_5_sigmoid = np.empty((B, n_h), dtype)
    c_5_sigmoid2 = np.empty((B, n_h), dtype)
    c_5_tanh = np.empty((B, n_h), dtype)
    h_5_sigmoid = np.empty((B, n_h), dtype)
    h_5_tanh = np.empty((B, n_h), dtype)
    W_a_T = np.empty((n_h, n_h), dtype)
    W_a_T[...] = W_a.T
    C_5_T = np.empty((2 * n_h, 4 * n_h), dtype)
    C_5_T[...] = C_5.T
    U_5_T = np.empty((n_h, 4 * n_h), dtype)
    U_5_T[...] = U_5.T
    h_5_at = list(h_5)
    e_at = list(e)
    largest = np.empty((1, B), dtype)
    alpha_at = list(alpha)
    c_at = list(c)
    z_5_at = list(z_5)
    z_5_at2 = list(z_5[:, :, n_h:2 * n_h])
    z_5_at3 = list(z_5[:, :, :n_h])
    z_5_at4 = list(z_5[:, :, 3 * n_h:])
    z_5_at5 = list(z_5[:, :, 2 * n_h:3 * n_h])
    c_5_at = list(c_5)
    for t in range(1, T + 1):
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg[...] = e_arg_part
        # e.arg.part2[t] = W_a @ h_5[t-1]
        h_5_at[t - 1].dot(W_a_T, out=e_arg_part2)
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg += e_arg_part2
        # e.tanh[t, s] = tanh(e.arg[t, s])
        np.tanh(e_arg, out=e_tanh)
        # e[t, s] = dot(v_a, tanh(W_a @ h_5[t-1] + U_a @ n[s]))
        np.matmul(e_tanh.reshape(-1, n_h), v_a, out=e_at[t - 1].reshape(-1))
        # alpha.inside[t, s] = where(s <= S.own, e[t, s], -inf)
        alpha_inside[...] = np.where(np.arange(1, S + 1)[:, None] <= S_own, e[t - 1], -np.inf)
        # alpha[t, s] = softmax(e[t, s], s)
        _logsumexp(alpha_inside, 0, out=alpha_lse, work=tmp9, largest=largest)
        np.subtract(alpha_inside, alpha_lse, out=tmp9)
        np.exp(tmp9, out=alpha_at[t - 1])
        # c.product[t, s] = where(s <= S.own, alpha[t, s], 0)
        c_product[...] = np.where(np.arange(1, S + 1)[:, None] <= S_own, alpha[t - 1], 0)
        # c[t] = sum(alpha[t, s] * n[s], s)
        np.matmul(c_product2.transpose(1, 2, 0), c_product.T[..., None], out=c_at[t - 1][..., None])
        # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
        c_at[t - 1].dot(C_5_T, out=tmp2)
        z_5_at[t - 1] += tmp2
        h_5_at[t - 1].dot(U_5_T, out=tmp2)
        z_5_at[t - 1] += tmp2
        # c_5.sigmoid[t] = sigmoid(z_5[t, n_h:2*n_h])
        _sigmoid(z_5_at2[t - 1], out=c_5_sigmoid, half=half)
        # c_5.sigmoid2[t] = sigmoid(z_5[t, :n_h])
        _sigmoid(z_5_at3[t - 1], out=c_5_sigmoid2, half=half)
        # c_5.tanh[t] = tanh(z_5[t, 3*n_h:])
        np.tanh(z_5_at4[t - 1], out=c_5_tanh)
        # h_5.sigmoid[t] = sigmoid(z_5[t, 2*n_h:3*n_h])
        _sigmoid(z_5_at5[t - 1], out=h_5_sigmoid, half=half)
        # c_5[t] = cell(z_5[t], c_5[t-1])
        np.multiply(c_5_sigmoid2, c_5_tanh, out=tmp4)
        np.multiply(c_5_sigmoid, c_5_at[t - 1], out=tmp3)
        tmp3 += tmp4
        c_5[t] = np.where((t <= T_own)[:, None], tmp3, c_5[t - 1])
        # h_5.tanh[t] = tanh(c_5[t])
        np.tanh(c_5_at[t], out=h_5_tanh)
        # h_5[t] = out(z_5[t], c_5[t])
        np.multiply(h_5_sigmoid, h_5_tanh, out=tmp3)
        h_5[t] = np.where((t <= T_own)[:, None], tmp3, h_5[t - 1])
    o = np.empty((T, B, n_y), dtype)
    # o[t] = d + V @ h_5[t] + D @ c[t]
    np.matmul(c.reshape(-1, 2 * n_h), D.T, out=o.reshape(-1, n_y))
    np.matmul(h_5[1:].reshape(-1, n_h), V.T, out=tmp10.reshape(-1, n_y))
    o += tmp10
    o += d
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp10, largest=largest2)
    yhat = np.empty((T, B, n_y), dtype)
    np.subtract(o, yhat_lse[:, :, None], out=tmp10)
    np.exp(tmp10, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp12[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp13[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp11[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp13, 0)
    np.subtract(tmp12, tmp11, out=tmp11)
    loss = tmp11.sum()
    z_1 = z_1234[0]
    z_2 = z_1234[1]
    z_3 = z_1234[2]
    z_4 = z_1234[3]

    if single:
        x = x[:, 0]
        z_1 = z_1[:, 0]
        c_1 = c_1[:, 0]
        h_1 = h_1[:, 0]
        z_2 = z_2[:, 0]
        c_2 = c_2[:, 0]
        h_2 = h_2[:, 0]
        m = m[:, 0]
        z_3 = z_3[:, 0]
        c_3 = c_3[:, 0]
        h_3 = h_3[:, 0]
        z_4 = z_4[:, 0]
        c_4 = c_4[:, 0]
        h_4 = h_4[:, 0]
        n = n[:, 0]
        e = e[:, :, 0]
        alpha = alpha[:, :, 0]
        c = c[:, 0]
        z_5 = z_5[:, 0]
        c_5 = c_5[:, 0]
        h_5 = h_5[:, 0]
        o = o[:, 0]
        yhat = yhat[:, 0]
    return Forward(
        x=x,
        z_1=z_1,
        c_1=c_1,
        h_1=h_1,
        z_2=z_2,
        c_2=c_2,
        h_2=h_2,
        m=m,
        z_3=z_3,
        c_3=c_3,
        h_3=h_3,
        z_4=z_4,
        c_4=c_4,
        h_4=h_4,
        n=n,
        e=e,
        alpha=alpha,
        c=c,
        z_5=z_5,
        c_5=c_5,
        h_5=h_5,
        o=o,
        yhat=yhat,
        loss=float(loss),
    )


def _loss_padded(params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, lengths, workspace, state):
    """`loss` where examples have their own lengths."""
    (
        params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, dtype, single, n_w, n_h, n_y, S, T, B,
        len_S, S_own, len_T, T_own,
    ) = _padded_arguments(params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, lengths)
    (
        E, F, W_1, W_2, U_1, U_2, b_1, b_2, W_3, W_4, U_3, U_4, b_3, b_4, W_5, C_5, U_5, b_5, W_a, U_a, v_a, V, D, d,
    ) = params
    state = None if state is None else _as_state(state)
    T_fresh = float(state is None)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    (c_5_before1,) = _before(state, "c_5", 1, (B, n_h), ("B", "n_h"), single, dtype)
    (h_5_before1,) = _before(state, "h_5", 1, (B, n_h), ("B", "n_h"), single, dtype)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, z_5_sum, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, tmp13, b_1234, W_12,
        W_34, x, z_1234, h_1, c_1, h_2, c_2, c_1_sigmoid, c_1_sigmoid2, c_1_tanh, h_1_sigmoid, h_1_tanh, U_1_T, h_1_at,
        z_1_at, z_1_at2, half, z_1_at3, z_1_at4, z_1_at5, c_1_at, c_2_sigmoid, c_2_sigmoid2, c_2_tanh, c_2_inside,
        h_2_sigmoid, h_2_tanh, h_2_inside, U_2_T, h_2_at, z_2_at, z_2_at2, z_2_at3, z_2_at4, c_2_at, z_2_at5, m, h_3,
        c_3, h_4, c_4, c_3_sigmoid, c_3_sigmoid2, c_3_tanh, h_3_sigmoid, h_3_tanh, U_3_T, h_3_at, z_3_at, z_3_at2,
        z_3_at3, z_3_at4, z_3_at5, c_3_at, c_4_sigmoid, c_4_sigmoid2, c_4_tanh, c_4_inside, h_4_sigmoid, h_4_tanh,
        h_4_inside, U_4_T, h_4_at, z_4_at, z_4_at2, z_4_at3, z_4_at4, c_4_at, z_4_at5, n, e_arg_part, c_product2, z_5,
        y_held, c_5, h_5, e_arg, e_arg_part2, e_tanh, e, alpha_inside, alpha_lse, alpha, c_product, c, c_5_sigmoid,
        c_5_sigmoid2, c_5_tanh, h_5_sigmoid, h_5_tanh, W_a_T, C_5_T, U_5_T, h_5_at, largest, c_at, z_5_at, z_5_at2,
        z_5_at3, z_5_at4, z_5_at5, c_5_at, o, yhat_lse, largest2,
    ) = _as_workspace(workspace).arrays(_loss_padded_arrays, S, T, n_y, n_h, B, dtype)
    np.stack((b_1, b_2, b_3, b_4), out=b_1234)
    np.stack((W_1, W_2), out=W_12)
    np.stack((W_3, W_4), out=W_34)
    # x[s] = E[w[s]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    z_1234[...] = b_1234[:, None, None]
    # h_1[0] = 0
    h_1[0] = h_10
    # c_1[0] = 0
    c_1[0] = c_10
    h_2.fill(0)
    # h_2[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], h_2_end, 0)
    h_2[1:] += tmp0
    c_2.fill(0)
    # c_2[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], c_2_end, 0)
    c_2[1:] += tmp0
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    np.matmul(x.reshape(-1, n_h), W_12.transpose(0, 2, 1), out=tmp1.reshape(2, -1, 4 * n_h))
    z_1234[:2] += tmp1
    U_1_T[...] = U_1.T
    for s in range(1, S + 1):
        # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
        h_1_at[s - 1].dot(U_1_T, out=tmp2)
        z_1_at[s - 1] += tmp2
        # c_1.sigmoid[s] = sigmoid(z_1[s, n_h:2*n_h])
        _sigmoid(z_1_at2[s - 1], out=c_1_sigmoid, half=half)
        # c_1.sigmoid2[s] = sigmoid(z_1[s, :n_h])
        _sigmoid(z_1_at3[s - 1], out=c_1_sigmoid2, half=half)
        # c_1.tanh[s] = tanh(z_1[s, 3*n_h:])
        np.tanh(z_1_at4[s - 1], out=c_1_tanh)
        # h_1.sigmoid[s] = sigmoid(z_1[s, 2*n_h:3*n_h])
        _sigmoid(z_1_at5[s - 1], out=h_1_sigmoid, half=half)
        # c_1[s] = cell(z_1[s], c_1[s-1])
        np.multiply(c_1_sigmoid2, c_1_tanh, out=tmp4)
        np.multiply(c_1_sigmoid, c_1_at[s - 1], out=tmp3)
        tmp3 += tmp4
        c_1[s] = np.where((s <= S_own)[:, None], tmp3, c_1[s - 1])
        # h_1.tanh[s] = tanh(c_1[s])
        np.tanh(c_1_at[s], out=h_1_tanh)
        # h_1[s] = out(z_1[s], c_1[s])
        np.multiply(h_1_sigmoid, h_1_tanh, out=tmp3)
        h_1[s] = np.where((s <= S_own)[:, None], tmp3, h_1[s - 1])
    U_2_T[...] = U_2.T
    for s in range(S, 0, -1):
        # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
        h_2_at[s].dot(U_2_T, out=tmp2)
        z_2_at[s - 1] += tmp2
        # c_2.sigmoid[s] = sigmoid(z_2[s, n_h:2*n_h])
        _sigmoid(z_2_at2[s - 1], out=c_2_sigmoid, half=half)
        # c_2.sigmoid2[s] = sigmoid(z_2[s, :n_h])
        _sigmoid(z_2_at3[s - 1], out=c_2_sigmoid2, half=half)
        # c_2.tanh[s] = tanh(z_2[s, 3*n_h:])
        np.tanh(z_2_at4[s - 1], out=c_2_tanh)
        # c_2.inside[s] = c_2[s+1] * c_2.sigmoid[s] + c_2.sigmoid2[s] * c_2.tanh[s]
        np.multiply(c_2_sigmoid, c_2_at[s], out=c_2_inside)
        np.multiply(c_2_sigmoid2, c_2_tanh, out=tmp3)
        c_2_inside += tmp3
        # h_2.sigmoid[s] = sigmoid(z_2[s, 2*n_h:3*n_h])
        _sigmoid(z_2_at5[s - 1], out=h_2_sigmoid, half=half)
        # c_2[s] = cell(z_2[s], c_2[s+1])
        tmp3[...] = np.where((s <= S_own)[:, None], c_2_inside, 0)
        c_2_at[s - 1] += tmp3
        # h_2.tanh[s] = tanh(c_2[s])
        np.tanh(c_2_at[s - 1], out=h_2_tanh)
        # h_2.inside[s] = h_2.sigmoid[s] * h_2.tanh[s]
        np.multiply(h_2_sigmoid, h_2_tanh, out=h_2_inside)
        # h_2[s] = out(z_2[s], c_2[s])
        tmp3[...] = np.where((s <= S_own)[:, None], h_2_inside, 0)
        h_2_at[s - 1] += tmp3
    # m[s] = concat(h_1[s], h_2[s])
    m[:, :, :n_h] = h_1[1:]
    m[:, :, n_h:] = h_2[:S]
    # h_3[0] = 0
    h_3[0] = h_30
    # c_3[0] = 0
    c_3[0] = c_30
    h_4.fill(0)
    # h_4[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], h_4_end, 0)
    h_4[1:] += tmp0
    c_4.fill(0)
    # c_4[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], c_4_end, 0)
    c_4[1:] += tmp0
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    np.matmul(m.reshape(-1, 2 * n_h), W_34.transpose(0, 2, 1), out=tmp1.reshape(2, -1, 4 * n_h))
    z_1234[2:] += tmp1
    U_3_T[...] = U_3.T
    for s in range(1, S + 1):
        # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
        h_3_at[s - 1].dot(U_3_T, out=tmp2)
        z_3_at[s - 1] += tmp2
        # c_3.sigmoid[s] = sigmoid(z_3[s, n_h:2*n_h])
        _sigmoid(z_3_at2[s - 1], out=c_3_sigmoid, half=half)
        # c_3.sigmoid2[s] = sigmoid(z_3[s, :n_h])
        _sigmoid(z_3_at3[s - 1], out=c_3_sigmoid2, half=half)
        # c_3.tanh[s] = tanh(z_3[s, 3*n_h:])
        np.tanh(z_3_at4[s - 1], out=c_3_tanh)
        # h_3.sigmoid[s] = sigmoid(z_3[s, 2*n_h:3*n_h])
        _sigmoid(z_3_at5[s - 1], out=h_3_sigmoid, half=half)
        # c_3[s] = cell(z_3[s], c_3[s-1])
        np.multiply(c_3_sigmoid2, c_3_tanh, out=tmp4)
        np.multiply(c_3_sigmoid, c_3_at[s - 1], out=tmp3)
        tmp3 += tmp4
        c_3[s] = np.where((s <= S_own)[:, None], tmp3, c_3[s - 1])
        # h_3.tanh[s] = tanh(c_3[s])
        np.tanh(c_3_at[s], out=h_3_tanh)
        # h_3[s] = out(z_3[s], c_3[s])
        np.multiply(h_3_sigmoid, h_3_tanh, out=tmp3)
        h_3[s] = np.where((s <= S_own)[:, None], tmp3, h_3[s - 1])
    U_4_T[...] = U_4.T
    for s in range(S, 0, -1):
        # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
        h_4_at[s].dot(U_4_T, out=tmp2)
        z_4_at[s - 1] += tmp2
        # c_4.sigmoid[s] = sigmoid(z_4[s, n_h:2*n_h])
        _sigmoid(z_4_at2[s - 1], out=c_4_sigmoid, half=half)
        # c_4.sigmoid2[s] = sigmoid(z_4[s, :n_h])
        _sigmoid(z_4_at3[s - 1], out=c_4_sigmoid2, half=half)
        # c_4.tanh[s] = tanh(z_4[s, 3*n_h:])
        np.tanh(z_4_at4[s - 1], out=c_4_tanh)
        # c_4.inside[s] = c_4[s+1] * c_4.sigmoid[s] + c_4.sigmoid2[s] * c_4.tanh[s]
        np.multiply(c_4_sigmoid, c_4_at[s], out=c_4_inside)
        np.multiply(c_4_sigmoid2, c_4_tanh, out=tmp3)
        c_4_inside += tmp3
        # h_4.sigmoid[s] = sigmoid(z_4[s, 2*n_h:3*n_h])
        _sigmoid(z_4_at5[s - 1], out=h_4_sigmoid, half=half)
        # c_4[s] = cell(z_4[s], c_4[s+1])
        tmp3[...] = np.where((s <= S_own)[:, None], c_4_inside, 0)
        c_4_at[s - 1] += tmp3
        # h_4.tanh[s] = tanh(c_4[s])
        np.tanh(c_4_at[s - 1], out=h_4_tanh)
        # h_4.inside[s] = h_4.sigmoid[s] * h_4.tanh[s]
        np.multiply(h_4_sigmoid, h_4_tanh, out=h_4_inside)
        # h_4[s] = out(z_4[s], c_4[s])
        tmp3[...] = np.where((s <= S_own)[:, None], h_4_inside, 0)
        h_4_at[s - 1] += tmp3
    # n[s] = concat(h_3[s], h_4[s])
    n[:, :, :n_h] = h_3[1:]
    n[:, :, n_h:] = h_4[:S]
    # e.arg.part[s] = U_a @ n[s]
    np.matmul(n.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_h))
    # c.product2[s] = where(s <= S.own, n[s], 0)
    c_product2[...] = np.where((np.arange(1, S + 1)[:, None] <= S_own)[:, :, None], n, 0)
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    z_5[...] = b_5
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y[:T - 1]
    # z_5.sum[t] = W_5 @ F[y.held[t-1]]
    np.take(F, y_held, axis=0, out=tmp5, mode="clip")
    np.matmul(tmp5.reshape(-1, n_h), W_5.T, out=z_5_sum.reshape(-1, 4 * n_h))
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    np.add(np.arange(1, T + 1, dtype=dtype), T_done, out=tmp8)
    np.less_equal(2, tmp8, out=tmp7)
    np.multiply(tmp7[:, None, None], z_5_sum, out=tmp6)
    z_5 += tmp6
    # c_5[0] = c_4[1]
    c_5[0] = np.where(T_fresh != 0, c_4[0], c_5_before1)
    # h_5[0] = h_4[1]
    h_5[0] = np.where(T_fresh != 0, h_4[0], h_5_before1)
    W_a_T[...] = W_a.T
    C_5_T[...] = C_5.T
    U_5_T[...] = U_5.T
    for t in range(1, T + 1):
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg[...] = e_arg_part
        # e.arg.part2[t] = W_a @ h_5[t-1]
        h_5_at[t - 1].dot(W_a_T, out=e_arg_part2)
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg += e_arg_part2
        # e.tanh[t, s] = tanh(e.arg[t, s])
        np.tanh(e_arg, out=e_tanh)
        # e[t, s] = dot(v_a, tanh(W_a @ h_5[t-1] + U_a @ n[s]))
        np.matmul(e_tanh.reshape(-1, n_h), v_a, out=e.reshape(-1))
        # alpha.inside[t, s] = where(s <= S.own, e[t, s], -inf)
        alpha_inside[...] = np.where(np.arange(1, S + 1)[:, None] <= S_own, e, -np.inf)
        # alpha[t, s] = softmax(e[t, s], s)
        _logsumexp(alpha_inside, 0, out=alpha_lse, work=tmp9, largest=largest)
        np.subtract(alpha_inside, alpha_lse, out=tmp9)
        np.exp(tmp9, out=alpha)
        # c.product[t, s] = where(s <= S.own, alpha[t, s], 0)
        c_product[...] = np.where(np.arange(1, S + 1)[:, None] <= S_own, alpha, 0)
        # c[t] = sum(alpha[t, s] * n[s], s)
        np.matmul(c_product2.transpose(1, 2, 0), c_product.T[..., None], out=c_at[t - 1][..., None])
        # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
        c_at[t - 1].dot(C_5_T, out=tmp2)
        z_5_at[t - 1] += tmp2
        h_5_at[t - 1].dot(U_5_T, out=tmp2)
        z_5_at[t - 1] += tmp2
        # c_5.sigmoid[t] = sigmoid(z_5[t, n_h:2*n_h])
        _sigmoid(z_5_at2[t - 1], out=c_5_sigmoid, half=half)
        # c_5.sigmoid2[t] = sigmoid(z_5[t, :n_h])
        _sigmoid(z_5_at3[t - 1], out=c_5_sigmoid2, half=half)
        # c_5.tanh[t] = tanh(z_5[t, 3*n_h:])
        np.tanh(z_5_at4[t - 1], out=c_5_tanh)
        # h_5.sigmoid[t] = sigmoid(z_5[t, 2*n_h:3*n_h])
        _sigmoid(z_5_at5[t - 1], out=h_5_sigmoid, half=half)
        # c_5[t] = cell(z_5[t], c_5[t-1])
        np.multiply(c_5_sigmoid2, c_5_tanh, out=tmp4)
        np.multiply(c_5_sigmoid, c_5_at[t - 1], out=tmp3)
        tmp3 += tmp4
        c_5[t] = np.where((t <= T_own)[:, None], tmp3, c_5[t - 1])
        # h_5.tanh[t] = tanh(c_5[t])
        np.tanh(c_5_at[t], out=h_5_tanh)
        # h_5[t] = out(z_5[t], c_5[t])
        np.multiply(h_5_sigmoid, h_5_tanh, out=tmp3)
        h_5[t] = np.where((t <= T_own)[:, None], tmp3, h_5[t - 1])
    # o[t] = d + V @ h_5[t] + D @ c[t]
    np.matmul(c.reshape(-1, 2 * n_h), D.T, out=o.reshape(-1, n_y))
    np.matmul(h_5[1:].reshape(-1, n_h), V.T, out=tmp10.reshape(-1, n_y))
    o += tmp10
    o += d
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp10, largest=largest2)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp12[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp13[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp11[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp13, 0)
    np.subtract(tmp12, tmp11, out=tmp11)
    loss = tmp11.sum()

    return float(loss)


def _loss_and_grad_padded(
    params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, lengths, wrt, workspace, window, state
):
    """`loss_and_grad` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, dtype, single, n_w, n_h, n_y, S, T, B,
        len_S, S_own, len_T, T_own,
    ) = _padded_arguments(params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, lengths)
    (
        E, F, W_1, W_2, U_1, U_2, b_1, b_2, W_3, W_4, U_3, U_4, b_3, b_4, W_5, C_5, U_5, b_5, W_a, U_a, v_a, V, D, d,
    ) = params
    state = None if state is None else _as_state(state)
    T_fresh = float(state is None)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    (c_5_before1,) = _before(state, "c_5", 1, (B, n_h), ("B", "n_h"), single, dtype)
    (h_5_before1,) = _before(state, "h_5", 1, (B, n_h), ("B", "n_h"), single, dtype)
    wrt = _asked(wrt, ("h_10", "c_10", "h_2_end", "c_2_end", "h_30", "c_30", "h_4_end", "c_4_end"))
    window_S = _window(window, "S", ("S", "T"), S)
    window_T = _window(window, "T", ("S", "T"), T)

    (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, z_5_sum, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, tmp13, b_1234, W_12,
        W_34, x, z_1234, h_1, c_1, h_2, c_2, c_1_sigmoid, c_1_sigmoid2, c_1_tanh, h_1_sigmoid, h_1_tanh, U_1_T, h_1_at,
        z_1_at, c_1_sigmoid_at, z_1_at2, half, c_1_sigmoid2_at, z_1_at3, c_1_tanh_at, z_1_at4, h_1_sigmoid_at, z_1_at5,
        c_1_at, h_1_tanh_at, c_2_sigmoid, c_2_sigmoid2, c_2_tanh, c_2_inside, h_2_sigmoid, h_2_tanh, h_2_inside, U_2_T,
        h_2_at, z_2_at, c_2_sigmoid_at, z_2_at2, c_2_sigmoid2_at, z_2_at3, c_2_tanh_at, z_2_at4, c_2_at, h_2_sigmoid_at,
        z_2_at5, h_2_tanh_at, m, h_3, c_3, h_4, c_4, c_3_sigmoid, c_3_sigmoid2, c_3_tanh, h_3_sigmoid, h_3_tanh, U_3_T,
        h_3_at, z_3_at, c_3_sigmoid_at, z_3_at2, c_3_sigmoid2_at, z_3_at3, c_3_tanh_at, z_3_at4, h_3_sigmoid_at,
        z_3_at5, c_3_at, h_3_tanh_at, c_4_sigmoid, c_4_sigmoid2, c_4_tanh, c_4_inside, h_4_sigmoid, h_4_tanh,
        h_4_inside, U_4_T, h_4_at, z_4_at, c_4_sigmoid_at, z_4_at2, c_4_sigmoid2_at, z_4_at3, c_4_tanh_at, z_4_at4,
        c_4_at, h_4_sigmoid_at, z_4_at5, h_4_tanh_at, n, e_arg_part, c_product2, z_5, y_held, c_5, h_5, e_arg,
        e_arg_part2, e_tanh, e, alpha_inside, alpha_lse, alpha, c_product, c, c_5_sigmoid, c_5_sigmoid2, c_5_tanh,
        h_5_sigmoid, h_5_tanh, W_a_T, C_5_T, U_5_T, h_5_at, e_tanh_at, largest, alpha_at, c_product_at, c_at, z_5_at,
        c_5_sigmoid_at, z_5_at2, c_5_sigmoid2_at, z_5_at3, c_5_tanh_at, z_5_at4, h_5_sigmoid_at, z_5_at5, c_5_at,
        h_5_tanh_at, o, yhat_lse, largest2, yhat, tmp14, tmp15, tmp16, tmp17, tmp18, tmp19, tmp20, tmp21, tmp22, tmp23,
        tmp24, do, rows, flat, entries, dd, dD, dc, dV, c_5_factor, z_5_factor, z_5_factor2, z_5_factor3, z_5_factor4,
        alpha_factor, dch_5, dz_5, dc_product, dalpha, dalpha_lse, dalpha_inside, de, de_arg, dz_5_at, dh_5_at,
        de_arg_at, dc_5_at, c_5_factor_at, dz_5_at2, z_5_factor_at, dz_5_at3, z_5_factor2_at, dz_5_at4, z_5_factor3_at,
        dz_5_at5, z_5_factor4_at, dc_at, de_at, one, dz_5_sum, dW_5, db_5, dC_5, dU_5, dc_product2, dn, dv_a,
        de_arg_sum, dU_a, de_arg_sum2, dW_a, c_4_factor, z_4_factor, c_4_factor2, z_4_factor2, z_4_factor3, z_4_factor4,
        c_3_factor, z_3_factor, z_3_factor2, z_3_factor3, z_3_factor4, dch_4, dh_3, dh_4_inside, dc_4_inside, dz_1234,
        number, dz_4_at, dh_4_at, alpha_factor_at, c_4_factor_at, dc_4_at, c_4_factor2_at, dc_4_inside_at, dz_4_at2,
        z_4_factor_at, dz_4_at3, z_4_factor2_at, dz_4_at4, z_4_factor3_at, dz_4_at5, z_4_factor4_at, dc_3, dz_3_at,
        dh_3_at, dc_3_at, c_3_factor_at, dz_3_at2, z_3_factor_at, dz_3_at3, z_3_factor2_at, dz_3_at4, z_3_factor3_at,
        dz_3_at5, z_3_factor4_at, dm, product, c_2_factor, z_2_factor, c_2_factor2, z_2_factor2, z_2_factor3,
        z_2_factor4, c_1_factor, z_1_factor, z_1_factor2, z_1_factor3, z_1_factor4, dh_2, dh_1, dh_2_inside, dc_2,
        dc_2_inside, dz_2_at, dh_2_at, dc_2_at, c_2_factor_at, c_2_factor2_at, dc_2_inside_at, dz_2_at2, z_2_factor_at,
        dz_2_at3, z_2_factor2_at, dz_2_at4, z_2_factor3_at, dz_2_at5, z_2_factor4_at, dc_1, dz_1_at, dh_1_at, dc_1_at,
        c_1_factor_at, dz_1_at2, z_1_factor_at, dz_1_at3, z_1_factor2_at, dz_1_at4, z_1_factor3_at, dz_1_at5,
        z_1_factor4_at, db_1234, dU_4, dW_34, dU_3, dU_2, dW_12, dx, product2, dU_1, dF, dE,
    ) = _as_workspace(workspace).arrays(_loss_and_grad_padded_arrays, S, n_w, T, n_y, n_h, B, dtype)
    np.stack((b_1, b_2, b_3, b_4), out=b_1234)
    np.stack((W_1, W_2), out=W_12)
    np.stack((W_3, W_4), out=W_34)
    # x[s] = E[w[s]]
    np.take(E, w, axis=0, out=x, mode="clip")
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    z_1234[...] = b_1234[:, None, None]
    # h_1[0] = 0
    h_1[0] = h_10
    # c_1[0] = 0
    c_1[0] = c_10
    h_2.fill(0)
    # h_2[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], h_2_end, 0)
    h_2[1:] += tmp0
    c_2.fill(0)
    # c_2[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], c_2_end, 0)
    c_2[1:] += tmp0
    # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
    # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
    np.matmul(x.reshape(-1, n_h), W_12.transpose(0, 2, 1), out=tmp1.reshape(2, -1, 4 * n_h))
    z_1234[:2] += tmp1
    U_1_T[...] = U_1.T
    for s in range(1, S + 1):
        # z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]
        h_1_at[s - 1].dot(U_1_T, out=tmp2)
        z_1_at[s - 1] += tmp2
        # c_1.sigmoid[s] = sigmoid(z_1[s, n_h:2*n_h])
        _sigmoid(z_1_at2[s - 1], out=c_1_sigmoid_at[s - 1], half=half)
        # c_1.sigmoid2[s] = sigmoid(z_1[s, :n_h])
        _sigmoid(z_1_at3[s - 1], out=c_1_sigmoid2_at[s - 1], half=half)
        # c_1.tanh[s] = tanh(z_1[s, 3*n_h:])
        np.tanh(z_1_at4[s - 1], out=c_1_tanh_at[s - 1])
        # h_1.sigmoid[s] = sigmoid(z_1[s, 2*n_h:3*n_h])
        _sigmoid(z_1_at5[s - 1], out=h_1_sigmoid_at[s - 1], half=half)
        # c_1[s] = cell(z_1[s], c_1[s-1])
        np.multiply(c_1_sigmoid2_at[s - 1], c_1_tanh_at[s - 1], out=tmp4)
        np.multiply(c_1_at[s - 1], c_1_sigmoid_at[s - 1], out=tmp3)
        tmp3 += tmp4
        c_1[s] = np.where((s <= S_own)[:, None], tmp3, c_1[s - 1])
        # h_1.tanh[s] = tanh(c_1[s])
        np.tanh(c_1_at[s], out=h_1_tanh_at[s - 1])
        # h_1[s] = out(z_1[s], c_1[s])
        np.multiply(h_1_sigmoid_at[s - 1], h_1_tanh_at[s - 1], out=tmp3)
        h_1[s] = np.where((s <= S_own)[:, None], tmp3, h_1[s - 1])
    U_2_T[...] = U_2.T
    for s in range(S, 0, -1):
        # z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]
        h_2_at[s].dot(U_2_T, out=tmp2)
        z_2_at[s - 1] += tmp2
        # c_2.sigmoid[s] = sigmoid(z_2[s, n_h:2*n_h])
        _sigmoid(z_2_at2[s - 1], out=c_2_sigmoid_at[s - 1], half=half)
        # c_2.sigmoid2[s] = sigmoid(z_2[s, :n_h])
        _sigmoid(z_2_at3[s - 1], out=c_2_sigmoid2_at[s - 1], half=half)
        # c_2.tanh[s] = tanh(z_2[s, 3*n_h:])
        np.tanh(z_2_at4[s - 1], out=c_2_tanh_at[s - 1])
        # c_2.inside[s] = c_2[s+1] * c_2.sigmoid[s] + c_2.sigmoid2[s] * c_2.tanh[s]
        np.multiply(c_2_at[s], c_2_sigmoid_at[s - 1], out=c_2_inside)
        np.multiply(c_2_sigmoid2_at[s - 1], c_2_tanh_at[s - 1], out=tmp3)
        c_2_inside += tmp3
        # h_2.sigmoid[s] = sigmoid(z_2[s, 2*n_h:3*n_h])
        _sigmoid(z_2_at5[s - 1], out=h_2_sigmoid_at[s - 1], half=half)
        # c_2[s] = cell(z_2[s], c_2[s+1])
        tmp3[...] = np.where((s <= S_own)[:, None], c_2_inside, 0)
        c_2_at[s - 1] += tmp3
        # h_2.tanh[s] = tanh(c_2[s])
        np.tanh(c_2_at[s - 1], out=h_2_tanh_at[s - 1])
        # h_2.inside[s] = h_2.sigmoid[s] * h_2.tanh[s]
        np.multiply(h_2_sigmoid_at[s - 1], h_2_tanh_at[s - 1], out=h_2_inside)
        # h_2[s] = out(z_2[s], c_2[s])
        tmp3[...] = np.where((s <= S_own)[:, None], h_2_inside, 0)
        h_2_at[s - 1] += tmp3
    # m[s] = concat(h_1[s], h_2[s])
    m[:, :, :n_h] = h_1[1:]
    m[:, :, n_h:] = h_2[:S]
    # h_3[0] = 0
    h_3[0] = h_30
    # c_3[0] = 0
    c_3[0] = c_30
    h_4.fill(0)
    # h_4[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], h_4_end, 0)
    h_4[1:] += tmp0
    c_4.fill(0)
    # c_4[S+1] = 0
    tmp0[...] = np.where((1 + S_own <= np.arange(2, S + 2)[:, None])[:, :, None], c_4_end, 0)
    c_4[1:] += tmp0
    # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
    # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
    np.matmul(m.reshape(-1, 2 * n_h), W_34.transpose(0, 2, 1), out=tmp1.reshape(2, -1, 4 * n_h))
    z_1234[2:] += tmp1
    U_3_T[...] = U_3.T
    for s in range(1, S + 1):
        # z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]
        h_3_at[s - 1].dot(U_3_T, out=tmp2)
        z_3_at[s - 1] += tmp2
        # c_3.sigmoid[s] = sigmoid(z_3[s, n_h:2*n_h])
        _sigmoid(z_3_at2[s - 1], out=c_3_sigmoid_at[s - 1], half=half)
        # c_3.sigmoid2[s] = sigmoid(z_3[s, :n_h])
        _sigmoid(z_3_at3[s - 1], out=c_3_sigmoid2_at[s - 1], half=half)
        # c_3.tanh[s] = tanh(z_3[s, 3*n_h:])
        np.tanh(z_3_at4[s - 1], out=c_3_tanh_at[s - 1])
        # h_3.sigmoid[s] = sigmoid(z_3[s, 2*n_h:3*n_h])
        _sigmoid(z_3_at5[s - 1], out=h_3_sigmoid_at[s - 1], half=half)
        # c_3[s] = cell(z_3[s], c_3[s-1])
        np.multiply(c_3_sigmoid2_at[s - 1], c_3_tanh_at[s - 1], out=tmp4)
        np.multiply(c_3_at[s - 1], c_3_sigmoid_at[s - 1], out=tmp3)
        tmp3 += tmp4
        c_3[s] = np.where((s <= S_own)[:, None], tmp3, c_3[s - 1])
        # h_3.tanh[s] = tanh(c_3[s])
        np.tanh(c_3_at[s], out=h_3_tanh_at[s - 1])
        # h_3[s] = out(z_3[s], c_3[s])
        np.multiply(h_3_sigmoid_at[s - 1], h_3_tanh_at[s - 1], out=tmp3)
        h_3[s] = np.where((s <= S_own)[:, None], tmp3, h_3[s - 1])
    U_4_T[...] = U_4.T
    for s in range(S, 0, -1):
        # z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]
        h_4_at[s].dot(U_4_T, out=tmp2)
        z_4_at[s - 1] += tmp2
        # c_4.sigmoid[s] = sigmoid(z_4[s, n_h:2*n_h])
        _sigmoid(z_4_at2[s - 1], out=c_4_sigmoid_at[s - 1], half=half)
        # c_4.sigmoid2[s] = sigmoid(z_4[s, :n_h])
        _sigmoid(z_4_at3[s - 1], out=c_4_sigmoid2_at[s - 1], half=half)
        # c_4.tanh[s] = tanh(z_4[s, 3*n_h:])
        np.tanh(z_4_at4[s - 1], out=c_4_tanh_at[s - 1])
        # c_4.inside[s] = c_4[s+1] * c_4.sigmoid[s] + c_4.sigmoid2[s] * c_4.tanh[s]
        np.multiply(c_4_at[s], c_4_sigmoid_at[s - 1], out=c_4_inside)
        np.multiply(c_4_sigmoid2_at[s - 1], c_4_tanh_at[s - 1], out=tmp3)
        c_4_inside += tmp3
        # h_4.sigmoid[s] = sigmoid(z_4[s, 2*n_h:3*n_h])
        _sigmoid(z_4_at5[s - 1], out=h_4_sigmoid_at[s - 1], half=half)
        # c_4[s] = cell(z_4[s], c_4[s+1])
        tmp3[...] = np.where((s <= S_own)[:, None], c_4_inside, 0)
        c_4_at[s - 1] += tmp3
        # h_4.tanh[s] = tanh(c_4[s])
        np.tanh(c_4_at[s - 1], out=h_4_tanh_at[s - 1])
        # h_4.inside[s] = h_4.sigmoid[s] * h_4.tanh[s]
        np.multiply(h_4_sigmoid_at[s - 1], h_4_tanh_at[s - 1], out=h_4_inside)
        # h_4[s] = out(z_4[s], c_4[s])
        tmp3[...] = np.where((s <= S_own)[:, None], h_4_inside, 0)
        h_4_at[s - 1] += tmp3
    # n[s] = concat(h_3[s], h_4[s])
    n[:, :, :n_h] = h_3[1:]
    n[:, :, n_h:] = h_4[:S]
    # e.arg.part[s] = U_a @ n[s]
    np.matmul(n.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_h))
    # c.product2[s] = where(s <= S.own, n[s], 0)
    c_product2[...] = np.where((np.arange(1, S + 1)[:, None] <= S_own)[:, :, None], n, 0)
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    z_5[...] = b_5
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    # z_5.sum[t] = W_5 @ F[y.held[t-1]]
    np.take(F, y_held[:T], axis=0, out=tmp5, mode="clip")
    np.matmul(tmp5.reshape(-1, n_h), W_5.T, out=z_5_sum.reshape(-1, 4 * n_h))
    # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
    np.add(np.arange(1, T + 1, dtype=dtype), T_done, out=tmp8)
    np.less_equal(2, tmp8, out=tmp7)
    np.multiply(tmp7[:, None, None], z_5_sum, out=tmp6)
    z_5 += tmp6
    # c_5[0] = c_4[1]
    c_5[0] = np.where(T_fresh != 0, c_4[0], c_5_before1)
    # h_5[0] = h_4[1]
    h_5[0] = np.where(T_fresh != 0, h_4[0], h_5_before1)
    W_a_T[...] = W_a.T
    C_5_T[...] = C_5.T
    U_5_T[...] = U_5.T
    for t in range(1, T + 1):
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg[...] = e_arg_part
        # e.arg.part2[t] = W_a @ h_5[t-1]
        h_5_at[t - 1].dot(W_a_T, out=e_arg_part2)
        # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
        e_arg += e_arg_part2
        # e.tanh[t, s] = tanh(e.arg[t, s])
        np.tanh(e_arg, out=e_tanh_at[t - 1])
        # e[t, s] = dot(v_a, tanh(W_a @ h_5[t-1] + U_a @ n[s]))
        np.matmul(e_tanh_at[t - 1].reshape(-1, n_h), v_a, out=e.reshape(-1))
        # alpha.inside[t, s] = where(s <= S.own, e[t, s], -inf)
        alpha_inside[...] = np.where(np.arange(1, S + 1)[:, None] <= S_own, e, -np.inf)
        # alpha[t, s] = softmax(e[t, s], s)
        _logsumexp(alpha_inside, 0, out=alpha_lse, work=tmp9, largest=largest)
        np.subtract(alpha_inside, alpha_lse, out=tmp9)
        np.exp(tmp9, out=alpha_at[t - 1])
        # c.product[t, s] = where(s <= S.own, alpha[t, s], 0)
        c_product[t - 1] = np.where(np.arange(1, S + 1)[:, None] <= S_own, alpha[t - 1], 0)
        # c[t] = sum(alpha[t, s] * n[s], s)
        np.matmul(c_product2.transpose(1, 2, 0), c_product_at[t - 1].T[..., None], out=c_at[t - 1][..., None])
        # z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
        c_at[t - 1].dot(C_5_T, out=tmp2)
        z_5_at[t - 1] += tmp2
        h_5_at[t - 1].dot(U_5_T, out=tmp2)
        z_5_at[t - 1] += tmp2
        # c_5.sigmoid[t] = sigmoid(z_5[t, n_h:2*n_h])
        _sigmoid(z_5_at2[t - 1], out=c_5_sigmoid_at[t - 1], half=half)
        # c_5.sigmoid2[t] = sigmoid(z_5[t, :n_h])
        _sigmoid(z_5_at3[t - 1], out=c_5_sigmoid2_at[t - 1], half=half)
        # c_5.tanh[t] = tanh(z_5[t, 3*n_h:])
        np.tanh(z_5_at4[t - 1], out=c_5_tanh_at[t - 1])
        # h_5.sigmoid[t] = sigmoid(z_5[t, 2*n_h:3*n_h])
        _sigmoid(z_5_at5[t - 1], out=h_5_sigmoid_at[t - 1], half=half)
        # c_5[t] = cell(z_5[t], c_5[t-1])
        np.multiply(c_5_sigmoid2_at[t - 1], c_5_tanh_at[t - 1], out=tmp4)
        np.multiply(c_5_at[t - 1], c_5_sigmoid_at[t - 1], out=tmp3)
        tmp3 += tmp4
        c_5[t] = np.where((t <= T_own)[:, None], tmp3, c_5[t - 1])
        # h_5.tanh[t] = tanh(c_5[t])
        np.tanh(c_5_at[t], out=h_5_tanh_at[t - 1])
        # h_5[t] = out(z_5[t], c_5[t])
        np.multiply(h_5_sigmoid_at[t - 1], h_5_tanh_at[t - 1], out=tmp3)
        h_5[t] = np.where((t <= T_own)[:, None], tmp3, h_5[t - 1])
    # o[t] = d + V @ h_5[t] + D @ c[t]
    np.matmul(c.reshape(-1, 2 * n_h), D.T, out=o.reshape(-1, n_y))
    np.matmul(h_5[1:].reshape(-1, n_h), V.T, out=tmp10.reshape(-1, n_y))
    o += tmp10
    o += d
    # yhat[t] = softmax(o[t])
    _logsumexp(o, 2, out=yhat_lse, work=tmp10, largest=largest2)
    np.subtract(o, yhat_lse[:, :, None], out=tmp10)
    np.exp(tmp10, out=yhat)
    # loss = sum(-log(yhat[t, y[t]]), t)
    tmp12[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], yhat_lse.T, 0)
    tmp13[...] = o[np.arange(T)[:, None], np.arange(B), y].T
    tmp11[...] = np.where(np.arange(1, T + 1) <= T_own[:, None], tmp13, 0)
    np.subtract(tmp12, tmp11, out=tmp11)
    loss = tmp11.sum()
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp14[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp14[:, :, None], yhat, out=do)
    tmp14[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp14, out=tmp14)
    _add_to(do, y, rows, flat, entries, tmp14)
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dd)
    # grad(D) = sum(outer(grad(o[t]), c[t]), t)
    np.matmul(do.reshape(-1, n_y).T, c.reshape(-1, 2 * n_h), out=dD)
    # grad(c[t]) = C_5.T @ grad(z_5[t]) + D.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_y), D, out=dc.reshape(-1, 2 * n_h))
    # grad(V) = sum(outer(grad(o[t]), h_5[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h_5[1:].reshape(-1, n_h), out=dV)
    # c_5.factor[t] = h_5.sigmoid[t] * (1 - h_5.tanh[t]**2)
    np.square(h_5_tanh, out=c_5_factor)
    np.subtract(1, c_5_factor, out=c_5_factor)
    c_5_factor *= h_5_sigmoid
    # z_5.factor[t] = h_5.sigmoid[t] * h_5.tanh[t] * (1 - h_5.sigmoid[t])
    np.subtract(1, h_5_sigmoid, out=z_5_factor)
    z_5_factor *= h_5_sigmoid
    z_5_factor *= h_5_tanh
    # z_5.factor2[t] = c_5.sigmoid2[t] * (1 - c_5.tanh[t]**2)
    np.square(c_5_tanh, out=z_5_factor2)
    np.subtract(1, z_5_factor2, out=z_5_factor2)
    z_5_factor2 *= c_5_sigmoid2
    # z_5.factor3[t] = c_5.sigmoid2[t] * c_5.tanh[t] * (1 - c_5.sigmoid2[t])
    np.subtract(1, c_5_sigmoid2, out=z_5_factor3)
    z_5_factor3 *= c_5_sigmoid2
    z_5_factor3 *= c_5_tanh
    # z_5.factor4[t] = c_5[t-1] * c_5.sigmoid[t] * (1 - c_5.sigmoid[t])
    np.subtract(1, c_5_sigmoid, out=z_5_factor4)
    z_5_factor4 *= c_5[:T]
    z_5_factor4 *= c_5_sigmoid
    # alpha.factor[s] = where(s <= S.own, 1, 0)
    alpha_factor[...] = np.arange(1, S + 1)[:, None] <= S_own
    # grad(h_5[T]) = V.T @ grad(o[T])
    np.matmul(do.reshape(-1, n_y), V, out=dch_5[1, 1:].reshape(-1, n_h))
    # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
    np.multiply(c_5_factor[T - 1], dch_5[1, T], out=dch_5[0, T])
    # grad(z_5[t, 2*n_h:3*n_h]) = h_5.sigmoid[t] * (1 - h_5.sigmoid[t]) * grad(h_5.sigmoid[t])
    np.multiply(z_5_factor[T - 1], dch_5[1, T], out=dz_5[T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(z_5_factor2[T - 1], dch_5[0, T], out=dz_5[T - 1, :, 3 * n_h:])
    np.multiply(z_5_factor3[T - 1], dch_5[0, T], out=dz_5[T - 1, :, :n_h])
    np.multiply(z_5_factor4[T - 1], dch_5[0, T], out=dz_5[T - 1, :, n_h:2 * n_h])
    # grad(c[t]) = C_5.T @ grad(z_5[t]) + D.T @ grad(o[t])
    np.matmul(dz_5[T - 1], C_5, out=tmp15)
    dc[T - 1] += tmp15
    # grad(c.product[t, s]) = c.product2[s] @ grad(c[t])
    np.matmul(c_product2.transpose(1, 0, 2), dc[T - 1][..., None], out=dc_product.T[..., None])
    # grad(alpha[t, s]) = where(s <= S.own, 1, 0) * grad(c.product[t, s])
    np.multiply(alpha_factor, dc_product, out=dalpha)
    # grad(alpha.lse[t]) = sum(-alpha[t, s] * grad(alpha[t, s]), s)
    dalpha_lse[...] = np.einsum("sb,sb->b", dalpha, alpha[T - 1])
    np.negative(dalpha_lse, out=dalpha_lse)
    # grad(alpha.inside[t, s]) = alpha[t, s] * grad(alpha.lse[t]) + alpha[t, s] * grad(alpha[t, s])
    np.multiply(alpha[T - 1], dalpha_lse, out=dalpha_inside)
    np.multiply(dalpha, alpha[T - 1], out=tmp9)
    dalpha_inside += tmp9
    # grad(e[t, s]) = where(s <= S.own, 1, 0) * grad(alpha.inside[t, s])
    np.multiply(alpha_factor, dalpha_inside, out=de[T - 1])
    # grad(e.arg[t, s]) = (1 - e.tanh[t, s]**2) * grad(e.tanh[t, s])
    np.square(e_tanh[T - 1], out=de_arg[T - 1])
    np.subtract(1, de_arg[T - 1], out=de_arg[T - 1])
    de_arg[T - 1] *= de[T - 1][:, :, None]
    de_arg[T - 1] *= v_a
    for t in range(T - 1, 0, -1):
        # grad(h_5[T]) = V.T @ grad(o[T])
        dz_5_at[t].dot(U_5, out=tmp3)
        tmp3 *= t // window_T == max(t - 1, 0) // window_T
        dh_5_at[t] += tmp3
        np.add.reduce(de_arg_at[t], axis=0, out=tmp4)
        tmp4.dot(W_a, out=tmp3)
        tmp3 *= t // window_T == max(t - 1, 0) // window_T
        dh_5_at[t] += tmp3
        # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
        np.multiply(c_5_factor_at[t - 1], dh_5_at[t], out=dc_5_at[t])
        # grad(z_5[t, 2*n_h:3*n_h]) = h_5.sigmoid[t] * (1 - h_5.sigmoid[t]) * grad(h_5.sigmoid[t])
        np.multiply(z_5_factor_at[t - 1], dh_5_at[t], out=dz_5_at2[t - 1])
        # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, c_5_sigmoid_at[t], out=tmp3)
        tmp3 *= dc_5_at[t + 1]
        dc_5_at[t] += tmp3
        # grad(z_5[t, 2*n_h:3*n_h]) = h_5.sigmoid[t] * (1 - h_5.sigmoid[t]) * grad(h_5.sigmoid[t])
        np.multiply(z_5_factor2_at[t - 1], dc_5_at[t], out=dz_5_at3[t - 1])
        np.multiply(z_5_factor3_at[t - 1], dc_5_at[t], out=dz_5_at4[t - 1])
        np.multiply(z_5_factor4_at[t - 1], dc_5_at[t], out=dz_5_at5[t - 1])
        # grad(c[t]) = C_5.T @ grad(z_5[t]) + D.T @ grad(o[t])
        dz_5_at[t - 1].dot(C_5, out=tmp15)
        dc_at[t - 1] += tmp15
        # grad(c.product[t, s]) = c.product2[s] @ grad(c[t])
        np.matmul(c_product2.transpose(1, 0, 2), dc_at[t - 1][..., None], out=dc_product.T[..., None])
        # grad(alpha[t, s]) = where(s <= S.own, 1, 0) * grad(c.product[t, s])
        np.multiply(alpha_factor, dc_product, out=dalpha)
        # grad(alpha.lse[t]) = sum(-alpha[t, s] * grad(alpha[t, s]), s)
        dalpha_lse[...] = np.einsum("sb,sb->b", dalpha, alpha[t - 1])
        np.negative(dalpha_lse, out=dalpha_lse)
        # grad(alpha.inside[t, s]) = alpha[t, s] * grad(alpha.lse[t]) + alpha[t, s] * grad(alpha[t, s])
        np.multiply(alpha_at[t - 1], dalpha_lse, out=dalpha_inside)
        np.multiply(dalpha, alpha_at[t - 1], out=tmp9)
        dalpha_inside += tmp9
        # grad(e[t, s]) = where(s <= S.own, 1, 0) * grad(alpha.inside[t, s])
        np.multiply(alpha_factor, dalpha_inside, out=de_at[t - 1])
        # grad(e.arg[t, s]) = (1 - e.tanh[t, s]**2) * grad(e.tanh[t, s])
        np.square(e_tanh_at[t - 1], out=de_arg_at[t - 1])
        np.subtract(one, de_arg_at[t - 1], out=de_arg_at[t - 1])
        de_arg_at[t - 1] *= de_at[t - 1][:, :, None]
        de_arg_at[t - 1] *= v_a
    # grad(h_5[T]) = V.T @ grad(o[T])
    np.matmul(dz_5[0], U_5, out=dch_5[1, 0])
    dch_5[1, 0] *= 0 // window_T == max(-1, 0) // window_T
    np.add.reduce(de_arg[0], axis=0, out=tmp4)
    np.matmul(tmp4, W_a, out=tmp3)
    tmp3 *= 0 // window_T == max(-1, 0) // window_T
    dch_5[1, 0] += tmp3
    # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
    np.multiply(0 // window_T == max(-1, 0) // window_T, c_5_sigmoid[0], out=dch_5[0, 0])
    dch_5[0, 0] *= dch_5[0, 1]
    # grad(z_5.sum[t]) = where(2 <= t + T.done, 1, 0) * grad(z_5[t])
    np.add(np.arange(1, T + 1, dtype=dtype), T_done, out=tmp8)
    np.less_equal(2, tmp8, out=tmp7)
    np.multiply(tmp7[:, None, None], dz_5, out=dz_5_sum)
    # grad(W_5) = sum(outer(grad(z_5.sum[t]), F[y.held[t-1]]), t)
    tmp16[...] = F[y_held[:T]].transpose(2, 0, 1)
    np.matmul(dz_5_sum.reshape(-1, 4 * n_h).T, tmp16.reshape(n_h, -1).T, out=dW_5)
    # grad(b_5) = sum(grad(z_5[t]), t)
    np.add.reduce(dz_5, axis=(0, 1), out=db_5)
    # grad(C_5) = sum(outer(grad(z_5[t]), c[t]), t)
    np.matmul(dz_5.reshape(-1, 4 * n_h).T, c.reshape(-1, 2 * n_h), out=dC_5)
    # grad(U_5) = sum(outer(grad(z_5[t]), h_5[t-1]), t)
    np.matmul(dz_5.reshape(-1, 4 * n_h).T, h_5[:T].reshape(-1, n_h), out=dU_5)
    # grad(c.product2[s]) = sum(c.product[t, s] * grad(c[t]), t)
    np.matmul(c_product.transpose(2, 1, 0), dc.transpose(1, 0, 2), out=dc_product2.transpose(1, 0, 2))
    # grad(n[s]) = U_a.T @ grad(e.arg.sum[s]) + where(s <= S.own, 1, 0) * grad(c.product2[s])
    tmp9[...] = np.arange(1, S + 1)[:, None] <= S_own
    np.multiply(tmp9[:, :, None], dc_product2, out=dn)
    # grad(v_a) = sum(sum(grad(e[t, s]) * e.tanh[t, s], s), t)
    np.matmul(e_tanh.reshape(-1, n_h).T, de.reshape(-1), out=dv_a)
    # grad(e.arg.sum[s]) = sum(grad(e.arg[t, s]), t)
    np.add.reduce(de_arg, axis=0, out=de_arg_sum)
    # grad(U_a) = sum(outer(grad(e.arg.sum[s]), n[s]), s)
    np.matmul(de_arg_sum.reshape(-1, n_h).T, n.reshape(-1, 2 * n_h), out=dU_a)
    # grad(n[s]) = U_a.T @ grad(e.arg.sum[s]) + where(s <= S.own, 1, 0) * grad(c.product2[s])
    np.matmul(de_arg_sum.reshape(-1, n_h), U_a, out=tmp17.reshape(-1, 2 * n_h))
    dn += tmp17
    # grad(e.arg.sum2[t]) = sum(grad(e.arg[t, s]), s)
    np.add.reduce(de_arg, axis=1, out=de_arg_sum2)
    # grad(W_a) = sum(outer(grad(e.arg.sum2[t]), h_5[t-1]), t)
    np.matmul(de_arg_sum2.reshape(-1, n_h).T, h_5[:T].reshape(-1, n_h), out=dW_a)
    # c_4.factor[s] = h_4.sigmoid[s] * (1 - h_4.tanh[s]**2)
    np.square(h_4_tanh, out=c_4_factor)
    np.subtract(1, c_4_factor, out=c_4_factor)
    c_4_factor *= h_4_sigmoid
    # z_4.factor[s] = h_4.sigmoid[s] * h_4.tanh[s] * (1 - h_4.sigmoid[s])
    np.subtract(1, h_4_sigmoid, out=z_4_factor)
    z_4_factor *= h_4_sigmoid
    z_4_factor *= h_4_tanh
    # c_4.factor2[s] = same_window(s - 1, minimum(s, S.own - 1), window.S) * c_4.sigmoid[s]
    np.add(np.arange(1, S, dtype=dtype), -1, out=tmp19)
    np.add(S_own, -1, out=tmp21)
    np.minimum(np.arange(1, S, dtype=dtype)[:, None], tmp21, out=tmp20)
    tmp18[...] = tmp19[:, None] // window_S == tmp20 // window_S
    np.multiply(tmp18[:, :, None], c_4_sigmoid[:S - 1], out=c_4_factor2)
    # z_4.factor2[s] = c_4.sigmoid2[s] * (1 - c_4.tanh[s]**2)
    np.square(c_4_tanh, out=z_4_factor2)
    np.subtract(1, z_4_factor2, out=z_4_factor2)
    z_4_factor2 *= c_4_sigmoid2
    # z_4.factor3[s] = c_4.sigmoid2[s] * c_4.tanh[s] * (1 - c_4.sigmoid2[s])
    np.subtract(1, c_4_sigmoid2, out=z_4_factor3)
    z_4_factor3 *= c_4_sigmoid2
    z_4_factor3 *= c_4_tanh
    # z_4.factor4[s] = c_4[s+1] * c_4.sigmoid[s] * (1 - c_4.sigmoid[s])
    np.subtract(1, c_4_sigmoid, out=z_4_factor4)
    z_4_factor4 *= c_4[1:]
    z_4_factor4 *= c_4_sigmoid
    # c_3.factor[s] = h_3.sigmoid[s] * (1 - h_3.tanh[s]**2)
    np.square(h_3_tanh, out=c_3_factor)
    np.subtract(1, c_3_factor, out=c_3_factor)
    c_3_factor *= h_3_sigmoid
    # z_3.factor[s] = h_3.sigmoid[s] * h_3.tanh[s] * (1 - h_3.sigmoid[s])
    np.subtract(1, h_3_sigmoid, out=z_3_factor)
    z_3_factor *= h_3_sigmoid
    z_3_factor *= h_3_tanh
    # z_3.factor2[s] = c_3.sigmoid2[s] * (1 - c_3.tanh[s]**2)
    np.square(c_3_tanh, out=z_3_factor2)
    np.subtract(1, z_3_factor2, out=z_3_factor2)
    z_3_factor2 *= c_3_sigmoid2
    # z_3.factor3[s] = c_3.sigmoid2[s] * c_3.tanh[s] * (1 - c_3.sigmoid2[s])
    np.subtract(1, c_3_sigmoid2, out=z_3_factor3)
    z_3_factor3 *= c_3_sigmoid2
    z_3_factor3 *= c_3_tanh
    # z_3.factor4[s] = c_3[s-1] * c_3.sigmoid[s] * (1 - c_3.sigmoid[s])
    np.subtract(1, c_3_sigmoid, out=z_3_factor4)
    z_3_factor4 *= c_3[:S]
    z_3_factor4 *= c_3_sigmoid
    dch_4.fill(0)
    # grad(c_4[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * c_4.sigmoid[S] *
    #     grad(c_4.inside[S])
    # grad(h_4[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * (U_4.T @ grad(z_4[S]))
    np.multiply(np.where(T_fresh != 0, 1, 0).astype(dtype), dch_5[:, 0], out=tmp22)
    dch_4[:, 0] += tmp22
    # grad(h_4[1]) = where(T.fresh, 1, 0) * grad(h_5[0]) + grad(n[1, n_h:])
    dch_4[1, :S] += dn[:, :, n_h:]
    # grad(h_3[s]) = same_window(s, maximum(s - 1, 0), window.S) * (U_3.T @ grad(z_3[s+1])) + grad(n[s,
    #     :n_h]), s < S
    dh_3[1:] = dn[:, :, :n_h]
    # grad(h_4.inside[s]) = where(s <= S.own, 1, 0) * grad(h_4[s])
    np.multiply(dch_4[1, 0], alpha_factor[0][:, None], out=dh_4_inside)
    # grad(c_4[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * c_4.sigmoid[S] *
    #     grad(c_4.inside[S])
    np.multiply(dh_4_inside, c_4_factor[0], out=tmp3)
    dch_4[0, 0] += tmp3
    # grad(c_4.inside[s]) = where(s <= S.own, 1, 0) * grad(c_4[s])
    np.multiply(dch_4[0, 0], alpha_factor[0][:, None], out=dc_4_inside[0])
    # grad(z_4[s, 2*n_h:3*n_h]) = h_4.sigmoid[s] * (1 - h_4.sigmoid[s]) * grad(h_4.sigmoid[s])
    np.multiply(dh_4_inside, z_4_factor[0], out=dz_1234[3, 0, :, 2 * n_h:3 * n_h])
    np.multiply(dc_4_inside[0], z_4_factor2[0], out=dz_1234[3, 0, :, 3 * n_h:])
    np.multiply(dc_4_inside[0], z_4_factor3[0], out=dz_1234[3, 0, :, :n_h])
    np.multiply(dc_4_inside[0], z_4_factor4[0], out=dz_1234[3, 0, :, n_h:2 * n_h])
    for s in range(2, S + 1):
        # grad(h_4[1]) = where(T.fresh, 1, 0) * grad(h_5[0]) + grad(n[1, n_h:])
        np.add(S_own, number, out=tmp24)
        np.minimum(s - 1, tmp24, out=tmp23)
        tmp21[...] = (s - 2) // window_S == tmp23 // window_S
        np.multiply(tmp21[:, None], dz_4_at[s - 2], out=tmp2)
        tmp2.dot(U_4, out=tmp3)
        dh_4_at[s - 1] += tmp3
        # grad(h_4.inside[s]) = where(s <= S.own, 1, 0) * grad(h_4[s])
        np.multiply(dh_4_at[s - 1], alpha_factor_at[s - 1][:, None], out=dh_4_inside)
        # grad(c_4[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * c_4.sigmoid[S] *
        #     grad(c_4.inside[S])
        np.multiply(dh_4_inside, c_4_factor_at[s - 1], out=tmp3)
        dc_4_at[s - 1] += tmp3
        np.multiply(c_4_factor2_at[s - 2], dc_4_inside_at[s - 2], out=tmp3)
        dc_4_at[s - 1] += tmp3
        # grad(c_4.inside[s]) = where(s <= S.own, 1, 0) * grad(c_4[s])
        np.multiply(dc_4_at[s - 1], alpha_factor_at[s - 1][:, None], out=dc_4_inside_at[s - 1])
        # grad(z_4[s, 2*n_h:3*n_h]) = h_4.sigmoid[s] * (1 - h_4.sigmoid[s]) * grad(h_4.sigmoid[s])
        np.multiply(dh_4_inside, z_4_factor_at[s - 1], out=dz_4_at2[s - 1])
        np.multiply(dc_4_inside_at[s - 1], z_4_factor2_at[s - 1], out=dz_4_at3[s - 1])
        np.multiply(dc_4_inside_at[s - 1], z_4_factor3_at[s - 1], out=dz_4_at4[s - 1])
        np.multiply(dc_4_inside_at[s - 1], z_4_factor4_at[s - 1], out=dz_4_at5[s - 1])
    # grad(c_3[s]) = same_window(s, maximum(s - 1, 0), window.S) * c_3.sigmoid[s+1] * grad(c_3[s+1]) + (1
    #     - h_3.tanh[s]**2) * grad(h_3.tanh[s]), s < S
    np.multiply(c_3_factor[S - 1], dh_3[S], out=dc_3[S])
    # grad(z_3[s, 2*n_h:3*n_h]) = h_3.sigmoid[s] * (1 - h_3.sigmoid[s]) * grad(h_3.sigmoid[s])
    np.multiply(dh_3[S], z_3_factor[S - 1], out=dz_1234[2, S - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc_3[S], z_3_factor2[S - 1], out=dz_1234[2, S - 1, :, 3 * n_h:])
    np.multiply(dc_3[S], z_3_factor3[S - 1], out=dz_1234[2, S - 1, :, :n_h])
    np.multiply(dc_3[S], z_3_factor4[S - 1], out=dz_1234[2, S - 1, :, n_h:2 * n_h])
    for s in range(S - 1, 0, -1):
        # grad(h_3[s]) = same_window(s, maximum(s - 1, 0), window.S) * (U_3.T @ grad(z_3[s+1])) + grad(n[s,
        #     :n_h]), s < S
        dz_3_at[s].dot(U_3, out=tmp3)
        tmp3 *= s // window_S == max(s - 1, 0) // window_S
        dh_3_at[s] += tmp3
        # grad(c_3[s]) = same_window(s, maximum(s - 1, 0), window.S) * c_3.sigmoid[s+1] * grad(c_3[s+1]) + (1
        #     - h_3.tanh[s]**2) * grad(h_3.tanh[s]), s < S
        np.multiply(c_3_factor_at[s - 1], dh_3_at[s], out=dc_3_at[s])
        # grad(z_3[s, 2*n_h:3*n_h]) = h_3.sigmoid[s] * (1 - h_3.sigmoid[s]) * grad(h_3.sigmoid[s])
        np.multiply(dh_3_at[s], z_3_factor_at[s - 1], out=dz_3_at2[s - 1])
        # grad(c_3[s]) = same_window(s, maximum(s - 1, 0), window.S) * c_3.sigmoid[s+1] * grad(c_3[s+1]) + (1
        #     - h_3.tanh[s]**2) * grad(h_3.tanh[s]), s < S
        np.multiply(s // window_S == max(s - 1, 0) // window_S, c_3_sigmoid_at[s], out=tmp3)
        tmp3 *= dc_3_at[s + 1]
        dc_3_at[s] += tmp3
        # grad(z_3[s, 2*n_h:3*n_h]) = h_3.sigmoid[s] * (1 - h_3.sigmoid[s]) * grad(h_3.sigmoid[s])
        np.multiply(dc_3_at[s], z_3_factor2_at[s - 1], out=dz_3_at3[s - 1])
        np.multiply(dc_3_at[s], z_3_factor3_at[s - 1], out=dz_3_at4[s - 1])
        np.multiply(dc_3_at[s], z_3_factor4_at[s - 1], out=dz_3_at5[s - 1])
    # grad(m[s]) = W_3.T @ grad(z_3[s]) + W_4.T @ grad(z_4[s])
    np.matmul(dz_1234[2:].reshape(2, -1, 4 * n_h), W_34, out=product)
    np.add.reduce(product, axis=0, out=dm.reshape(-1, 2 * n_h))
    # c_2.factor[s] = h_2.sigmoid[s] * (1 - h_2.tanh[s]**2)
    np.square(h_2_tanh, out=c_2_factor)
    np.subtract(1, c_2_factor, out=c_2_factor)
    c_2_factor *= h_2_sigmoid
    # z_2.factor[s] = h_2.sigmoid[s] * h_2.tanh[s] * (1 - h_2.sigmoid[s])
    np.subtract(1, h_2_sigmoid, out=z_2_factor)
    z_2_factor *= h_2_sigmoid
    z_2_factor *= h_2_tanh
    # c_2.factor2[s] = same_window(s - 1, minimum(s, S.own - 1), window.S) * c_2.sigmoid[s]
    np.add(np.arange(1, S, dtype=dtype), -1, out=tmp19)
    np.add(S_own, -1, out=tmp21)
    np.minimum(np.arange(1, S, dtype=dtype)[:, None], tmp21, out=tmp20)
    tmp18[...] = tmp19[:, None] // window_S == tmp20 // window_S
    np.multiply(tmp18[:, :, None], c_2_sigmoid[:S - 1], out=c_2_factor2)
    # z_2.factor2[s] = c_2.sigmoid2[s] * (1 - c_2.tanh[s]**2)
    np.square(c_2_tanh, out=z_2_factor2)
    np.subtract(1, z_2_factor2, out=z_2_factor2)
    z_2_factor2 *= c_2_sigmoid2
    # z_2.factor3[s] = c_2.sigmoid2[s] * c_2.tanh[s] * (1 - c_2.sigmoid2[s])
    np.subtract(1, c_2_sigmoid2, out=z_2_factor3)
    z_2_factor3 *= c_2_sigmoid2
    z_2_factor3 *= c_2_tanh
    # z_2.factor4[s] = c_2[s+1] * c_2.sigmoid[s] * (1 - c_2.sigmoid[s])
    np.subtract(1, c_2_sigmoid, out=z_2_factor4)
    z_2_factor4 *= c_2[1:]
    z_2_factor4 *= c_2_sigmoid
    # c_1.factor[s] = h_1.sigmoid[s] * (1 - h_1.tanh[s]**2)
    np.square(h_1_tanh, out=c_1_factor)
    np.subtract(1, c_1_factor, out=c_1_factor)
    c_1_factor *= h_1_sigmoid
    # z_1.factor[s] = h_1.sigmoid[s] * h_1.tanh[s] * (1 - h_1.sigmoid[s])
    np.subtract(1, h_1_sigmoid, out=z_1_factor)
    z_1_factor *= h_1_sigmoid
    z_1_factor *= h_1_tanh
    # z_1.factor2[s] = c_1.sigmoid2[s] * (1 - c_1.tanh[s]**2)
    np.square(c_1_tanh, out=z_1_factor2)
    np.subtract(1, z_1_factor2, out=z_1_factor2)
    z_1_factor2 *= c_1_sigmoid2
    # z_1.factor3[s] = c_1.sigmoid2[s] * c_1.tanh[s] * (1 - c_1.sigmoid2[s])
    np.subtract(1, c_1_sigmoid2, out=z_1_factor3)
    z_1_factor3 *= c_1_sigmoid2
    z_1_factor3 *= c_1_tanh
    # z_1.factor4[s] = c_1[s-1] * c_1.sigmoid[s] * (1 - c_1.sigmoid[s])
    np.subtract(1, c_1_sigmoid, out=z_1_factor4)
    z_1_factor4 *= c_1[:S]
    z_1_factor4 *= c_1_sigmoid
    # grad(h_2[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * (U_2.T @ grad(z_2[s-1])) +
    #     grad(m[s, n_h:]), 2 <= s <= S
    dh_2[:S] = dm[:, :, n_h:]
    # grad(h_1[s]) = same_window(s, maximum(s - 1, 0), window.S) * (U_1.T @ grad(z_1[s+1])) + grad(m[s,
    #     :n_h]), s < S
    dh_1[1:] = dm[:, :, :n_h]
    # grad(h_2.inside[s]) = where(s <= S.own, 1, 0) * grad(h_2[s])
    np.multiply(dh_2[0], alpha_factor[0][:, None], out=dh_2_inside)
    # grad(c_2[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * c_2.sigmoid[s-1] *
    #     grad(c_2.inside[s-1]) + (1 - h_2.tanh[s]**2) * grad(h_2.tanh[s]), 2 <= s <= S
    np.multiply(dh_2_inside, c_2_factor[0], out=dc_2[0])
    # grad(c_2.inside[s]) = where(s <= S.own, 1, 0) * grad(c_2[s])
    np.multiply(dc_2[0], alpha_factor[0][:, None], out=dc_2_inside[0])
    # grad(z_2[s, 2*n_h:3*n_h]) = h_2.sigmoid[s] * (1 - h_2.sigmoid[s]) * grad(h_2.sigmoid[s])
    np.multiply(dh_2_inside, z_2_factor[0], out=dz_1234[1, 0, :, 2 * n_h:3 * n_h])
    np.multiply(dc_2_inside[0], z_2_factor2[0], out=dz_1234[1, 0, :, 3 * n_h:])
    np.multiply(dc_2_inside[0], z_2_factor3[0], out=dz_1234[1, 0, :, :n_h])
    np.multiply(dc_2_inside[0], z_2_factor4[0], out=dz_1234[1, 0, :, n_h:2 * n_h])
    for s in range(2, S + 1):
        # grad(h_2[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * (U_2.T @ grad(z_2[s-1])) +
        #     grad(m[s, n_h:]), 2 <= s <= S
        np.add(S_own, number, out=tmp24)
        np.minimum(s - 1, tmp24, out=tmp23)
        tmp21[...] = (s - 2) // window_S == tmp23 // window_S
        np.multiply(tmp21[:, None], dz_2_at[s - 2], out=tmp2)
        tmp2.dot(U_2, out=tmp3)
        dh_2_at[s - 1] += tmp3
        # grad(h_2.inside[s]) = where(s <= S.own, 1, 0) * grad(h_2[s])
        np.multiply(dh_2_at[s - 1], alpha_factor_at[s - 1][:, None], out=dh_2_inside)
        # grad(c_2[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * c_2.sigmoid[s-1] *
        #     grad(c_2.inside[s-1]) + (1 - h_2.tanh[s]**2) * grad(h_2.tanh[s]), 2 <= s <= S
        np.multiply(dh_2_inside, c_2_factor_at[s - 1], out=dc_2_at[s - 1])
        np.multiply(c_2_factor2_at[s - 2], dc_2_inside_at[s - 2], out=tmp3)
        dc_2_at[s - 1] += tmp3
        # grad(c_2.inside[s]) = where(s <= S.own, 1, 0) * grad(c_2[s])
        np.multiply(dc_2_at[s - 1], alpha_factor_at[s - 1][:, None], out=dc_2_inside_at[s - 1])
        # grad(z_2[s, 2*n_h:3*n_h]) = h_2.sigmoid[s] * (1 - h_2.sigmoid[s]) * grad(h_2.sigmoid[s])
        np.multiply(dh_2_inside, z_2_factor_at[s - 1], out=dz_2_at2[s - 1])
        np.multiply(dc_2_inside_at[s - 1], z_2_factor2_at[s - 1], out=dz_2_at3[s - 1])
        np.multiply(dc_2_inside_at[s - 1], z_2_factor3_at[s - 1], out=dz_2_at4[s - 1])
        np.multiply(dc_2_inside_at[s - 1], z_2_factor4_at[s - 1], out=dz_2_at5[s - 1])
    # grad(c_1[s]) = same_window(s, maximum(s - 1, 0), window.S) * c_1.sigmoid[s+1] * grad(c_1[s+1]) + (1
    #     - h_1.tanh[s]**2) * grad(h_1.tanh[s]), s < S
    np.multiply(c_1_factor[S - 1], dh_1[S], out=dc_1[S])
    # grad(z_1[s, 2*n_h:3*n_h]) = h_1.sigmoid[s] * (1 - h_1.sigmoid[s]) * grad(h_1.sigmoid[s])
    np.multiply(dh_1[S], z_1_factor[S - 1], out=dz_1234[0, S - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc_1[S], z_1_factor2[S - 1], out=dz_1234[0, S - 1, :, 3 * n_h:])
    np.multiply(dc_1[S], z_1_factor3[S - 1], out=dz_1234[0, S - 1, :, :n_h])
    np.multiply(dc_1[S], z_1_factor4[S - 1], out=dz_1234[0, S - 1, :, n_h:2 * n_h])
    for s in range(S - 1, 0, -1):
        # grad(h_1[s]) = same_window(s, maximum(s - 1, 0), window.S) * (U_1.T @ grad(z_1[s+1])) + grad(m[s,
        #     :n_h]), s < S
        dz_1_at[s].dot(U_1, out=tmp3)
        tmp3 *= s // window_S == max(s - 1, 0) // window_S
        dh_1_at[s] += tmp3
        # grad(c_1[s]) = same_window(s, maximum(s - 1, 0), window.S) * c_1.sigmoid[s+1] * grad(c_1[s+1]) + (1
        #     - h_1.tanh[s]**2) * grad(h_1.tanh[s]), s < S
        np.multiply(c_1_factor_at[s - 1], dh_1_at[s], out=dc_1_at[s])
        # grad(z_1[s, 2*n_h:3*n_h]) = h_1.sigmoid[s] * (1 - h_1.sigmoid[s]) * grad(h_1.sigmoid[s])
        np.multiply(dh_1_at[s], z_1_factor_at[s - 1], out=dz_1_at2[s - 1])
        # grad(c_1[s]) = same_window(s, maximum(s - 1, 0), window.S) * c_1.sigmoid[s+1] * grad(c_1[s+1]) + (1
        #     - h_1.tanh[s]**2) * grad(h_1.tanh[s]), s < S
        np.multiply(s // window_S == max(s - 1, 0) // window_S, c_1_sigmoid_at[s], out=tmp3)
        tmp3 *= dc_1_at[s + 1]
        dc_1_at[s] += tmp3
        # grad(z_1[s, 2*n_h:3*n_h]) = h_1.sigmoid[s] * (1 - h_1.sigmoid[s]) * grad(h_1.sigmoid[s])
        np.multiply(dc_1_at[s], z_1_factor2_at[s - 1], out=dz_1_at3[s - 1])
        np.multiply(dc_1_at[s], z_1_factor3_at[s - 1], out=dz_1_at4[s - 1])
        np.multiply(dc_1_at[s], z_1_factor4_at[s - 1], out=dz_1_at5[s - 1])
    # grad(b_1) = sum(grad(z_1[s]), s)
    # grad(b_2) = sum(grad(z_2[s]), s)
    # grad(b_3) = sum(grad(z_3[s]), s)
    # grad(b_4) = sum(grad(z_4[s]), s)
    np.add.reduce(dz_1234, axis=(1, 2), out=db_1234)
    # grad(U_4) = sum(outer(grad(z_4[s]), h_4[s+1]), s)
    np.matmul(dz_1234[3].reshape(-1, 4 * n_h).T, h_4[1:].reshape(-1, n_h), out=dU_4)
    # grad(W_3) = sum(outer(grad(z_3[s]), m[s]), s)
    # grad(W_4) = sum(outer(grad(z_4[s]), m[s]), s)
    np.matmul(dz_1234[2:].reshape(2, -1, 4 * n_h).transpose(0, 2, 1), m.reshape(-1, 2 * n_h), out=dW_34)
    # grad(U_3) = sum(outer(grad(z_3[s]), h_3[s-1]), s)
    np.matmul(dz_1234[2].reshape(-1, 4 * n_h).T, h_3[:S].reshape(-1, n_h), out=dU_3)
    # grad(U_2) = sum(outer(grad(z_2[s]), h_2[s+1]), s)
    np.matmul(dz_1234[1].reshape(-1, 4 * n_h).T, h_2[1:].reshape(-1, n_h), out=dU_2)
    # grad(W_1) = sum(outer(grad(z_1[s]), x[s]), s)
    # grad(W_2) = sum(outer(grad(z_2[s]), x[s]), s)
    np.matmul(dz_1234[:2].reshape(2, -1, 4 * n_h).transpose(0, 2, 1), x.reshape(-1, n_h), out=dW_12)
    # grad(x[s]) = W_1.T @ grad(z_1[s]) + W_2.T @ grad(z_2[s])
    np.matmul(dz_1234[:2].reshape(2, -1, 4 * n_h), W_12, out=product2)
    np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_h))
    # grad(U_1) = sum(outer(grad(z_1[s]), h_1[s-1]), s)
    np.matmul(dz_1234[0].reshape(-1, 4 * n_h).T, h_1[:S].reshape(-1, n_h), out=dU_1)
    dF.fill(0)
    # grad(F) = sum(outer(onehot(y.held[t-1]), W_5.T @ grad(z_5.sum[t])), t)
    np.matmul(dz_5_sum.reshape(-1, 4 * n_h), W_5, out=tmp5.reshape(-1, n_h))
    _scatter_add(dF, (y_held[:T],), tmp5)
    dE.fill(0)
    # grad(E) = sum(outer(onehot(w[s]), grad(x[s])), s)
    _scatter_add(dE, (w,), dx)
    if "c_4_end" in wrt:
        tmp_25_0 = np.empty((B, n_h), dtype)
        tmp_25_1 = np.empty((B,), dtype)
        tmp_25_2 = np.empty((B,), dtype)
        tmp_25_3 = np.empty((B,), dtype)
        tmp_25_4 = np.empty((B, S), dtype)
        # grad(c_4[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * c_4.sigmoid[S] *
        #     grad(c_4.inside[S])
        np.add(S_own, -1, out=tmp_25_3)
        np.minimum(S, tmp_25_3, out=tmp_25_2)
        tmp_25_1[...] = (S - 1) // window_S == tmp_25_2 // window_S
        np.multiply(tmp_25_1[:, None], c_4_sigmoid[S - 1], out=tmp_25_0)
        tmp_25_0 *= dc_4_inside[S - 1]
        dch_4[0, S] += tmp_25_0
        dc_4_end = np.empty((B, n_h), dtype)
        # grad(c_4.S + 1) = sum(where(1 + S.own <= s, 1, 0) * grad(c_4[s]), (s, 2, S+1))
        tmp_25_4[...] = (1 + S_own)[:, None] <= np.arange(2, S + 2)
        np.matmul(dch_4[0, 1:].transpose(1, 2, 0), tmp_25_4[..., None], out=dc_4_end[..., None])
    if "h_4_end" in wrt:
        tmp_25_0 = np.empty((B, n_h), dtype)
        tmp_25_1 = np.empty((B, 4 * n_h), dtype)
        tmp_25_2 = np.empty((B,), dtype)
        tmp_25_3 = np.empty((B,), dtype)
        tmp_25_4 = np.empty((B,), dtype)
        tmp_25_5 = np.empty((B, S), dtype)
        # grad(h_4[1]) = where(T.fresh, 1, 0) * grad(h_5[0]) + grad(n[1, n_h:])
        np.add(S_own, -1, out=tmp_25_4)
        np.minimum(S, tmp_25_4, out=tmp_25_3)
        tmp_25_2[...] = (S - 1) // window_S == tmp_25_3 // window_S
        np.multiply(tmp_25_2[:, None], dz_1234[3, S - 1], out=tmp_25_1)
        np.matmul(tmp_25_1, U_4, out=tmp_25_0)
        dch_4[1, S] += tmp_25_0
        dh_4_end = np.empty((B, n_h), dtype)
        # grad(h_4.S + 1) = sum(where(1 + S.own <= s, 1, 0) * grad(h_4[s]), (s, 2, S+1))
        tmp_25_5[...] = (1 + S_own)[:, None] <= np.arange(2, S + 2)
        np.matmul(dch_4[1, 1:].transpose(1, 2, 0), tmp_25_5[..., None], out=dh_4_end[..., None])
    if "c_30" in wrt:
        tmp_25_0 = np.empty((1,), dtype)
        tmp_25_1 = np.empty((1,), dtype)
        tmp_25_2 = np.empty((1,), dtype)
        # grad(c_3[s]) = same_window(s, maximum(s - 1, 0), window.S) * c_3.sigmoid[s+1] * grad(c_3[s+1]) + (1
        #     - h_3.tanh[s]**2) * grad(h_3.tanh[s]), s < S
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_25_2)
        np.maximum(tmp_25_2, 0, out=tmp_25_1)
        tmp_25_0[...] = np.arange(1) // window_S == tmp_25_1 // window_S
        np.multiply(tmp_25_0[:, None, None], c_3_sigmoid[:1], out=dc_3[:1])
        dc_3[:1] *= dc_3[1:2]
        dc_30 = np.empty((B, n_h), dtype)
        # grad(c_3.0) = grad(c_3[0])
        dc_30[...] = dc_3[0]
    if "h_30" in wrt:
        # grad(h_3[0]) = U_3.T @ grad(z_3[1])
        np.matmul(dz_1234[2, 0], U_3, out=dh_3[0])
        dh_30 = np.empty((B, n_h), dtype)
        # grad(h_3.0) = grad(h_3[0])
        dh_30[...] = dh_3[0]
    if "c_2_end" in wrt:
        tmp_25_0 = np.empty((B,), dtype)
        tmp_25_1 = np.empty((B,), dtype)
        tmp_25_2 = np.empty((B,), dtype)
        tmp_25_3 = np.empty((B, S), dtype)
        # grad(c_2[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * c_2.sigmoid[S] *
        #     grad(c_2.inside[S])
        np.add(S_own, -1, out=tmp_25_2)
        np.minimum(S, tmp_25_2, out=tmp_25_1)
        tmp_25_0[...] = (S - 1) // window_S == tmp_25_1 // window_S
        np.multiply(tmp_25_0[:, None], c_2_sigmoid[S - 1], out=dc_2[S])
        dc_2[S] *= dc_2_inside[S - 1]
        dc_2_end = np.empty((B, n_h), dtype)
        # grad(c_2.S + 1) = sum(where(1 + S.own <= s, 1, 0) * grad(c_2[s]), (s, 2, S+1))
        tmp_25_3[...] = (1 + S_own)[:, None] <= np.arange(2, S + 2)
        np.matmul(dc_2[1:].transpose(1, 2, 0), tmp_25_3[..., None], out=dc_2_end[..., None])
    if "h_2_end" in wrt:
        tmp_25_0 = np.empty((B, 4 * n_h), dtype)
        tmp_25_1 = np.empty((B,), dtype)
        tmp_25_2 = np.empty((B,), dtype)
        tmp_25_3 = np.empty((B,), dtype)
        tmp_25_4 = np.empty((B, S), dtype)
        # grad(h_2[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * (U_2.T @ grad(z_2[S]))
        np.add(S_own, -1, out=tmp_25_3)
        np.minimum(S, tmp_25_3, out=tmp_25_2)
        tmp_25_1[...] = (S - 1) // window_S == tmp_25_2 // window_S
        np.multiply(tmp_25_1[:, None], dz_1234[1, S - 1], out=tmp_25_0)
        np.matmul(tmp_25_0, U_2, out=dh_2[S])
        dh_2_end = np.empty((B, n_h), dtype)
        # grad(h_2.S + 1) = sum(where(1 + S.own <= s, 1, 0) * grad(h_2[s]), (s, 2, S+1))
        tmp_25_4[...] = (1 + S_own)[:, None] <= np.arange(2, S + 2)
        np.matmul(dh_2[1:].transpose(1, 2, 0), tmp_25_4[..., None], out=dh_2_end[..., None])
    if "c_10" in wrt:
        tmp_25_0 = np.empty((1,), dtype)
        tmp_25_1 = np.empty((1,), dtype)
        tmp_25_2 = np.empty((1,), dtype)
        # grad(c_1[s]) = same_window(s, maximum(s - 1, 0), window.S) * c_1.sigmoid[s+1] * grad(c_1[s+1]) + (1
        #     - h_1.tanh[s]**2) * grad(h_1.tanh[s]), s < S
        np.add(np.arange(1, dtype=dtype), -1, out=tmp_25_2)
        np.maximum(tmp_25_2, 0, out=tmp_25_1)
        tmp_25_0[...] = np.arange(1) // window_S == tmp_25_1 // window_S
        np.multiply(tmp_25_0[:, None, None], c_1_sigmoid[:1], out=dc_1[:1])
        dc_1[:1] *= dc_1[1:2]
        dc_10 = np.empty((B, n_h), dtype)
        # grad(c_1.0) = grad(c_1[0])
        dc_10[...] = dc_1[0]
    if "h_10" in wrt:
        # grad(h_1[0]) = U_1.T @ grad(z_1[1])
        np.matmul(dz_1234[0, 0], U_1, out=dh_1[0])
        dh_10 = np.empty((B, n_h), dtype)
        # grad(h_1.0) = grad(h_1[0])
        dh_10[...] = dh_1[0]
    db_1 = db_1234[0]
    db_2 = db_1234[1]
    db_3 = db_1234[2]
    db_4 = db_1234[3]
    dW_3 = dW_34[0]
    dW_4 = dW_34[1]
    dW_1 = dW_12[0]
    dW_2 = dW_12[1]

    gradient = Params(
        E=dE,
        F=dF,
        W_1=dW_1,
        W_2=dW_2,
        U_1=dU_1,
        U_2=dU_2,
        b_1=db_1,
        b_2=db_2,
        W_3=dW_3,
        W_4=dW_4,
        U_3=dU_3,
        U_4=dU_4,
        b_3=db_3,
        b_4=db_4,
        W_5=dW_5,
        C_5=dC_5,
        U_5=dU_5,
        b_5=db_5,
        W_a=dW_a,
        U_a=dU_a,
        v_a=dv_a,
        V=dV,
        D=dD,
        d=dd,
    )
    if not wrt:
        return float(loss), gradient
    result = {}
    if "h_10" in wrt:
        result["h_10"] = dh_10[0] if single else dh_10
    if "c_10" in wrt:
        result["c_10"] = dc_10[0] if single else dc_10
    if "h_2_end" in wrt:
        result["h_2_end"] = dh_2_end[0] if single else dh_2_end
    if "c_2_end" in wrt:
        result["c_2_end"] = dc_2_end[0] if single else dc_2_end
    if "h_30" in wrt:
        result["h_30"] = dh_30[0] if single else dh_30
    if "c_30" in wrt:
        result["c_30"] = dc_30[0] if single else dc_30
    if "h_4_end" in wrt:
        result["h_4_end"] = dh_4_end[0] if single else dh_4_end
    if "c_4_end" in wrt:
        result["c_4_end"] = dc_4_end[0] if single else dc_4_end
    return float(loss), gradient, result


def _backward_padded(params, forward, w, y, lengths, window, state):
    """`backward` where examples have their own lengths, and gradients stay in their windows."""
    (
        params, w, y, x, z_1, c_1, h_1, z_2, c_2, h_2, m, z_3, c_3, h_3, z_4, c_4, h_4, n, alpha, c, z_5, c_5, h_5,
        yhat, dtype, single, n_w, n_h, n_y, S, T, B, len_S, S_own, len_T, T_own,
    ) = _padded_backward_arguments(params, forward, w, y, lengths)
    (
        E, F, W_1, W_2, U_1, U_2, b_1, b_2, W_3, W_4, U_3, U_4, b_3, b_4, W_5, C_5, U_5, b_5, W_a, U_a, v_a, V, D, d,
    ) = params
    state = None if state is None else _as_state(state)
    T_fresh = float(state is None)
    T_done = 0 if state is None else _count("state.t", state.t)
    (y_before1,) = _before(state, "y", 1, (B,), ("B",), single, np.intp, n_y, "n_y - 1")
    window_S = _window(window, "S", ("S", "T"), S)
    window_T = _window(window, "T", ("S", "T"), T)

    c_1_sigmoid = np.empty((S, B, n_h), dtype)
    # c_1.sigmoid[s] = sigmoid(z_1[s, n_h:2*n_h])
    _sigmoid(z_1[:, :, n_h:2 * n_h], out=c_1_sigmoid)
    c_1_sigmoid2 = np.empty((S, B, n_h), dtype)
    # c_1.sigmoid2[s] = sigmoid(z_1[s, :n_h])
    _sigmoid(z_1[:, :, :n_h], out=c_1_sigmoid2)
    c_1_tanh = np.empty((S, B, n_h), dtype)
    # c_1.tanh[s] = tanh(z_1[s, 3*n_h:])
    np.tanh(z_1[:, :, 3 * n_h:], out=c_1_tanh)
    h_1_sigmoid = np.empty((S, B, n_h), dtype)
    # h_1.sigmoid[s] = sigmoid(z_1[s, 2*n_h:3*n_h])
    _sigmoid(z_1[:, :, 2 * n_h:3 * n_h], out=h_1_sigmoid)
    h_1_tanh = np.empty((S, B, n_h), dtype)
    # h_1.tanh[s] = tanh(c_1[s])
    np.tanh(c_1[1:], out=h_1_tanh)
    c_2_sigmoid = np.empty((S, B, n_h), dtype)
    # c_2.sigmoid[s] = sigmoid(z_2[s, n_h:2*n_h])
    _sigmoid(z_2[:, :, n_h:2 * n_h], out=c_2_sigmoid)
    c_2_sigmoid2 = np.empty((S, B, n_h), dtype)
    # c_2.sigmoid2[s] = sigmoid(z_2[s, :n_h])
    _sigmoid(z_2[:, :, :n_h], out=c_2_sigmoid2)
    c_2_tanh = np.empty((S, B, n_h), dtype)
    # c_2.tanh[s] = tanh(z_2[s, 3*n_h:])
    np.tanh(z_2[:, :, 3 * n_h:], out=c_2_tanh)
    h_2_sigmoid = np.empty((S, B, n_h), dtype)
    # h_2.sigmoid[s] = sigmoid(z_2[s, 2*n_h:3*n_h])
    _sigmoid(z_2[:, :, 2 * n_h:3 * n_h], out=h_2_sigmoid)
    h_2_tanh = np.empty((S, B, n_h), dtype)
    # h_2.tanh[s] = tanh(c_2[s])
    np.tanh(c_2[:S], out=h_2_tanh)
    c_3_sigmoid = np.empty((S, B, n_h), dtype)
    # c_3.sigmoid[s] = sigmoid(z_3[s, n_h:2*n_h])
    _sigmoid(z_3[:, :, n_h:2 * n_h], out=c_3_sigmoid)
    c_3_sigmoid2 = np.empty((S, B, n_h), dtype)
    # c_3.sigmoid2[s] = sigmoid(z_3[s, :n_h])
    _sigmoid(z_3[:, :, :n_h], out=c_3_sigmoid2)
    c_3_tanh = np.empty((S, B, n_h), dtype)
    # c_3.tanh[s] = tanh(z_3[s, 3*n_h:])
    np.tanh(z_3[:, :, 3 * n_h:], out=c_3_tanh)
    h_3_sigmoid = np.empty((S, B, n_h), dtype)
    # h_3.sigmoid[s] = sigmoid(z_3[s, 2*n_h:3*n_h])
    _sigmoid(z_3[:, :, 2 * n_h:3 * n_h], out=h_3_sigmoid)
    h_3_tanh = np.empty((S, B, n_h), dtype)
    # h_3.tanh[s] = tanh(c_3[s])
    np.tanh(c_3[1:], out=h_3_tanh)
    c_4_sigmoid = np.empty((S, B, n_h), dtype)
    # c_4.sigmoid[s] = sigmoid(z_4[s, n_h:2*n_h])
    _sigmoid(z_4[:, :, n_h:2 * n_h], out=c_4_sigmoid)
    c_4_sigmoid2 = np.empty((S, B, n_h), dtype)
    # c_4.sigmoid2[s] = sigmoid(z_4[s, :n_h])
    _sigmoid(z_4[:, :, :n_h], out=c_4_sigmoid2)
    c_4_tanh = np.empty((S, B, n_h), dtype)
    # c_4.tanh[s] = tanh(z_4[s, 3*n_h:])
    np.tanh(z_4[:, :, 3 * n_h:], out=c_4_tanh)
    h_4_sigmoid = np.empty((S, B, n_h), dtype)
    # h_4.sigmoid[s] = sigmoid(z_4[s, 2*n_h:3*n_h])
    _sigmoid(z_4[:, :, 2 * n_h:3 * n_h], out=h_4_sigmoid)
    h_4_tanh = np.empty((S, B, n_h), dtype)
    # h_4.tanh[s] = tanh(c_4[s])
    np.tanh(c_4[:S], out=h_4_tanh)
    e_arg_part = np.empty((S, B, n_h), dtype)
    # e.arg.part[s] = U_a @ n[s]
    np.matmul(n.reshape(-1, 2 * n_h), U_a.T, out=e_arg_part.reshape(-1, n_h))
    e_arg_part2 = np.empty((T, B, n_h), dtype)
    # e.arg.part2[t] = W_a @ h_5[t-1]
    np.matmul(h_5[:T].reshape(-1, n_h), W_a.T, out=e_arg_part2.reshape(-1, n_h))
    e_arg = np.empty((T, S, B, n_h), dtype)
    # e.arg[t, s] = e.arg.part[s] + e.arg.part2[t]
    e_arg[...] = e_arg_part
    e_arg += e_arg_part2[:, None]
    e_tanh = np.empty((T, S, B, n_h), dtype)
    # e.tanh[t, s] = tanh(e.arg[t, s])
    np.tanh(e_arg, out=e_tanh)
    c_product = np.empty((T, S, B), dtype)
    # c.product[t, s] = where(s <= S.own, alpha[t, s], 0)
    c_product[...] = np.where(np.arange(1, S + 1)[:, None] <= S_own, alpha, 0)
    c_product2 = np.empty((S, B, 2 * n_h), dtype)
    # c.product2[s] = where(s <= S.own, n[s], 0)
    c_product2[...] = np.where((np.arange(1, S + 1)[:, None] <= S_own)[:, :, None], n, 0)
    c_5_sigmoid = np.empty((T, B, n_h), dtype)
    # c_5.sigmoid[t] = sigmoid(z_5[t, n_h:2*n_h])
    _sigmoid(z_5[:, :, n_h:2 * n_h], out=c_5_sigmoid)
    c_5_sigmoid2 = np.empty((T, B, n_h), dtype)
    # c_5.sigmoid2[t] = sigmoid(z_5[t, :n_h])
    _sigmoid(z_5[:, :, :n_h], out=c_5_sigmoid2)
    c_5_tanh = np.empty((T, B, n_h), dtype)
    # c_5.tanh[t] = tanh(z_5[t, 3*n_h:])
    np.tanh(z_5[:, :, 3 * n_h:], out=c_5_tanh)
    h_5_sigmoid = np.empty((T, B, n_h), dtype)
    # h_5.sigmoid[t] = sigmoid(z_5[t, 2*n_h:3*n_h])
    _sigmoid(z_5[:, :, 2 * n_h:3 * n_h], out=h_5_sigmoid)
    h_5_tanh = np.empty((T, B, n_h), dtype)
    # h_5.tanh[t] = tanh(c_5[t])
    np.tanh(c_5[1:], out=h_5_tanh)
    y_held = np.empty((T + 1, B), np.intp)
    # y.held[0] = y.before1
    y_held[0] = y_before1
    # y.held[t] = y[t]
    y_held[1:] = y
    tmp0 = np.empty((T, B), dtype)
    tmp1 = np.empty((B, 2 * n_h), dtype)
    tmp2 = np.empty((S, B), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((B, n_h), dtype)
    tmp5 = np.empty((T,), dtype)
    tmp6 = np.empty((T,), dtype)
    tmp7 = np.empty((n_h, T, B), dtype)
    tmp8 = np.empty((S, B, 2 * n_h), dtype)
    tmp9 = np.empty((S - 1, B), dtype)
    tmp10 = np.empty((S - 1,), dtype)
    tmp11 = np.empty((S - 1, B), dtype)
    tmp12 = np.empty((B,), dtype)
    tmp13 = np.empty((2, B, n_h), dtype)
    tmp14 = np.empty((B, 4 * n_h), dtype)
    tmp15 = np.empty((B,), dtype)
    tmp16 = np.empty((B,), dtype)
    tmp17 = np.empty((T, B, n_h), dtype)
    W_34 = np.stack((W_3, W_4))
    W_12 = np.stack((W_1, W_2))
    do = np.empty((T, B, n_y), dtype)
    # grad(o[t]) = grad(yhat.lse[t]) * yhat[t] - where(t <= T.own, 1, 0) * onehot(y[t])
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.multiply(tmp0[:, :, None], yhat, out=do)
    tmp0[...] = np.arange(1, T + 1)[:, None] <= T_own
    np.negative(tmp0, out=tmp0)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    _add_to(do, y, rows, flat, entries, tmp0)
    dd = np.empty((n_y,), dtype)
    # grad(d) = sum(grad(o[t]), t)
    np.add.reduce(do, axis=(0, 1), out=dd)
    dD = np.empty((n_y, 2 * n_h), dtype)
    # grad(D) = sum(outer(grad(o[t]), c[t]), t)
    np.matmul(do.reshape(-1, n_y).T, c.reshape(-1, 2 * n_h), out=dD)
    dc = np.empty((T, B, 2 * n_h), dtype)
    # grad(c[t]) = C_5.T @ grad(z_5[t]) + D.T @ grad(o[t])
    np.matmul(do.reshape(-1, n_y), D, out=dc.reshape(-1, 2 * n_h))
    dV = np.empty((n_y, n_h), dtype)
    # grad(V) = sum(outer(grad(o[t]), h_5[t]), t)
    np.matmul(do.reshape(-1, n_y).T, h_5[1:].reshape(-1, n_h), out=dV)
    c_5_factor = np.empty((T, B, n_h), dtype)
    # c_5.factor[t] = h_5.sigmoid[t] * (1 - h_5.tanh[t]**2)
    np.square(h_5_tanh, out=c_5_factor)
    np.subtract(1, c_5_factor, out=c_5_factor)
    c_5_factor *= h_5_sigmoid
    z_5_factor = np.empty((T, B, n_h), dtype)
    # z_5.factor[t] = h_5.sigmoid[t] * h_5.tanh[t] * (1 - h_5.sigmoid[t])
    np.subtract(1, h_5_sigmoid, out=z_5_factor)
    z_5_factor *= h_5_sigmoid
    z_5_factor *= h_5_tanh
    z_5_factor2 = np.empty((T, B, n_h), dtype)
    # z_5.factor2[t] = c_5.sigmoid2[t] * (1 - c_5.tanh[t]**2)
    np.square(c_5_tanh, out=z_5_factor2)
    np.subtract(1, z_5_factor2, out=z_5_factor2)
    z_5_factor2 *= c_5_sigmoid2
    z_5_factor3 = np.empty((T, B, n_h), dtype)
    # z_5.factor3[t] = c_5.sigmoid2[t] * c_5.tanh[t] * (1 - c_5.sigmoid2[t])
    np.subtract(1, c_5_sigmoid2, out=z_5_factor3)
    z_5_factor3 *= c_5_sigmoid2
    z_5_factor3 *= c_5_tanh
    z_5_factor4 = np.empty((T, B, n_h), dtype)
    # z_5.factor4[t] = c_5[t-1] * c_5.sigmoid[t] * (1 - c_5.sigmoid[t])
    np.subtract(1, c_5_sigmoid, out=z_5_factor4)
    z_5_factor4 *= c_5[:T]
    z_5_factor4 *= c_5_sigmoid
    alpha_factor = np.empty((S, B), dtype)
    # alpha.factor[s] = where(s <= S.own, 1, 0)
    alpha_factor[...] = np.arange(1, S + 1)[:, None] <= S_own
    dch_5 = np.empty((2, T + 1, B, n_h), dtype)
    # grad(h_5[T]) = V.T @ grad(o[T])
    np.matmul(do.reshape(-1, n_y), V, out=dch_5[1, 1:].reshape(-1, n_h))
    dz_5 = np.empty((T, B, 4 * n_h), dtype)
    dc_product = np.empty((S, B), dtype)
    dalpha = np.empty((S, B), dtype)
    dalpha_lse = np.empty((B,), dtype)
    dalpha_inside = np.empty((S, B), dtype)
    de = np.empty((T, S, B), dtype)
    de_arg = np.empty((T, S, B, n_h), dtype)
    # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
    np.multiply(c_5_factor[T - 1], dch_5[1, T], out=dch_5[0, T])
    # grad(z_5[t, 2*n_h:3*n_h]) = h_5.sigmoid[t] * (1 - h_5.sigmoid[t]) * grad(h_5.sigmoid[t])
    np.multiply(z_5_factor[T - 1], dch_5[1, T], out=dz_5[T - 1, :, 2 * n_h:3 * n_h])
    np.multiply(z_5_factor2[T - 1], dch_5[0, T], out=dz_5[T - 1, :, 3 * n_h:])
    np.multiply(z_5_factor3[T - 1], dch_5[0, T], out=dz_5[T - 1, :, :n_h])
    np.multiply(z_5_factor4[T - 1], dch_5[0, T], out=dz_5[T - 1, :, n_h:2 * n_h])
    # grad(c[t]) = C_5.T @ grad(z_5[t]) + D.T @ grad(o[t])
    np.matmul(dz_5[T - 1], C_5, out=tmp1)
    dc[T - 1] += tmp1
    # grad(c.product[t, s]) = c.product2[s] @ grad(c[t])
    np.matmul(c_product2.transpose(1, 0, 2), dc[T - 1][..., None], out=dc_product.T[..., None])
    # grad(alpha[t, s]) = where(s <= S.own, 1, 0) * grad(c.product[t, s])
    np.multiply(alpha_factor, dc_product, out=dalpha)
    # grad(alpha.lse[t]) = sum(-alpha[t, s] * grad(alpha[t, s]), s)
    dalpha_lse[...] = np.einsum("sb,sb->b", dalpha, alpha[T - 1])
    np.negative(dalpha_lse, out=dalpha_lse)
    # grad(alpha.inside[t, s]) = alpha[t, s] * grad(alpha.lse[t]) + alpha[t, s] * grad(alpha[t, s])
    np.multiply(alpha[T - 1], dalpha_lse, out=dalpha_inside)
    np.multiply(dalpha, alpha[T - 1], out=tmp2)
    dalpha_inside += tmp2
    # grad(e[t, s]) = where(s <= S.own, 1, 0) * grad(alpha.inside[t, s])
    np.multiply(alpha_factor, dalpha_inside, out=de[T - 1])
    # grad(e.arg[t, s]) = (1 - e.tanh[t, s]**2) * grad(e.tanh[t, s])
    np.square(e_tanh[T - 1], out=de_arg[T - 1])
    np.subtract(1, de_arg[T - 1], out=de_arg[T - 1])
    de_arg[T - 1] *= de[T - 1][:, :, None]
    de_arg[T - 1] *= v_a
    dz_5_at = list(dz_5)
    dh_5_at = list(dch_5[1])
    de_arg_at = list(de_arg)
    dc_5_at = list(dch_5[0])
    c_5_factor_at = list(c_5_factor)
    dz_5_at2 = list(dz_5[:, :, 2 * n_h:3 * n_h])
    z_5_factor_at = list(z_5_factor)
    c_5_sigmoid_at = list(c_5_sigmoid)
    dz_5_at3 = list(dz_5[:, :, 3 * n_h:])
    z_5_factor2_at = list(z_5_factor2)
    dz_5_at4 = list(dz_5[:, :, :n_h])
    z_5_factor3_at = list(z_5_factor3)
    dz_5_at5 = list(dz_5[:, :, n_h:2 * n_h])
    z_5_factor4_at = list(z_5_factor4)
    dc_at = list(dc)
    de_at = list(de)
    e_tanh_at = list(e_tanh)
    one = np.array(1, dtype)
    for t in range(T - 1, 0, -1):
        # grad(h_5[T]) = V.T @ grad(o[T])
        dz_5_at[t].dot(U_5, out=tmp3)
        tmp3 *= t // window_T == max(t - 1, 0) // window_T
        dh_5_at[t] += tmp3
        np.add.reduce(de_arg_at[t], axis=0, out=tmp4)
        tmp4.dot(W_a, out=tmp3)
        tmp3 *= t // window_T == max(t - 1, 0) // window_T
        dh_5_at[t] += tmp3
        # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
        np.multiply(c_5_factor_at[t - 1], dh_5_at[t], out=dc_5_at[t])
        # grad(z_5[t, 2*n_h:3*n_h]) = h_5.sigmoid[t] * (1 - h_5.sigmoid[t]) * grad(h_5.sigmoid[t])
        np.multiply(z_5_factor_at[t - 1], dh_5_at[t], out=dz_5_at2[t - 1])
        # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
        np.multiply(t // window_T == max(t - 1, 0) // window_T, c_5_sigmoid_at[t], out=tmp3)
        tmp3 *= dc_5_at[t + 1]
        dc_5_at[t] += tmp3
        # grad(z_5[t, 2*n_h:3*n_h]) = h_5.sigmoid[t] * (1 - h_5.sigmoid[t]) * grad(h_5.sigmoid[t])
        np.multiply(z_5_factor2_at[t - 1], dc_5_at[t], out=dz_5_at3[t - 1])
        np.multiply(z_5_factor3_at[t - 1], dc_5_at[t], out=dz_5_at4[t - 1])
        np.multiply(z_5_factor4_at[t - 1], dc_5_at[t], out=dz_5_at5[t - 1])
        # grad(c[t]) = C_5.T @ grad(z_5[t]) + D.T @ grad(o[t])
        dz_5_at[t - 1].dot(C_5, out=tmp1)
        dc_at[t - 1] += tmp1
        # grad(c.product[t, s]) = c.product2[s] @ grad(c[t])
        np.matmul(c_product2.transpose(1, 0, 2), dc_at[t - 1][..., None], out=dc_product.T[..., None])
        # grad(alpha[t, s]) = where(s <= S.own, 1, 0) * grad(c.product[t, s])
        np.multiply(alpha_factor, dc_product, out=dalpha)
        # grad(alpha.lse[t]) = sum(-alpha[t, s] * grad(alpha[t, s]), s)
        dalpha_lse[...] = np.einsum("sb,sb->b", dalpha, alpha[t - 1])
        np.negative(dalpha_lse, out=dalpha_lse)
        # grad(alpha.inside[t, s]) = alpha[t, s] * grad(alpha.lse[t]) + alpha[t, s] * grad(alpha[t, s])
        np.multiply(alpha[t - 1], dalpha_lse, out=dalpha_inside)
        np.multiply(dalpha, alpha[t - 1], out=tmp2)
        dalpha_inside += tmp2
        # grad(e[t, s]) = where(s <= S.own, 1, 0) * grad(alpha.inside[t, s])
        np.multiply(alpha_factor, dalpha_inside, out=de_at[t - 1])
        # grad(e.arg[t, s]) = (1 - e.tanh[t, s]**2) * grad(e.tanh[t, s])
        np.square(e_tanh_at[t - 1], out=de_arg_at[t - 1])
        np.subtract(one, de_arg_at[t - 1], out=de_arg_at[t - 1])
        de_arg_at[t - 1] *= de_at[t - 1][:, :, None]
        de_arg_at[t - 1] *= v_a
    # grad(h_5[T]) = V.T @ grad(o[T])
    np.matmul(dz_5[0], U_5, out=dch_5[1, 0])
    dch_5[1, 0] *= 0 // window_T == max(-1, 0) // window_T
    np.add.reduce(de_arg[0], axis=0, out=tmp4)
    np.matmul(tmp4, W_a, out=tmp3)
    tmp3 *= 0 // window_T == max(-1, 0) // window_T
    dch_5[1, 0] += tmp3
    # grad(c_5[0]) = c_5.sigmoid[1] * grad(c_5[1])
    np.multiply(0 // window_T == max(-1, 0) // window_T, c_5_sigmoid[0], out=dch_5[0, 0])
    dch_5[0, 0] *= dch_5[0, 1]
    dz_5_sum = np.empty((T, B, 4 * n_h), dtype)
    # grad(z_5.sum[t]) = where(2 <= t + T.done, 1, 0) * grad(z_5[t])
    np.add(np.arange(1, T + 1, dtype=dtype), T_done, out=tmp6)
    np.less_equal(2, tmp6, out=tmp5)
    np.multiply(tmp5[:, None, None], dz_5, out=dz_5_sum)
    dW_5 = np.empty((4 * n_h, n_h), dtype)
    # grad(W_5) = sum(outer(grad(z_5.sum[t]), F[y.held[t-1]]), t)
    tmp7[...] = F[y_held[:T]].transpose(2, 0, 1)
    np.matmul(dz_5_sum.reshape(-1, 4 * n_h).T, tmp7.reshape(n_h, -1).T, out=dW_5)
    db_5 = np.empty((4 * n_h,), dtype)
    # grad(b_5) = sum(grad(z_5[t]), t)
    np.add.reduce(dz_5, axis=(0, 1), out=db_5)
    dC_5 = np.empty((4 * n_h, 2 * n_h), dtype)
    # grad(C_5) = sum(outer(grad(z_5[t]), c[t]), t)
    np.matmul(dz_5.reshape(-1, 4 * n_h).T, c.reshape(-1, 2 * n_h), out=dC_5)
    dU_5 = np.empty((4 * n_h, n_h), dtype)
    # grad(U_5) = sum(outer(grad(z_5[t]), h_5[t-1]), t)
    np.matmul(dz_5.reshape(-1, 4 * n_h).T, h_5[:T].reshape(-1, n_h), out=dU_5)
    dc_product2 = np.empty((S, B, 2 * n_h), dtype)
    # grad(c.product2[s]) = sum(c.product[t, s] * grad(c[t]), t)
    np.matmul(c_product.transpose(2, 1, 0), dc.transpose(1, 0, 2), out=dc_product2.transpose(1, 0, 2))
    dn = np.empty((S, B, 2 * n_h), dtype)
    # grad(n[s]) = U_a.T @ grad(e.arg.sum[s]) + where(s <= S.own, 1, 0) * grad(c.product2[s])
    tmp2[...] = np.arange(1, S + 1)[:, None] <= S_own
    np.multiply(tmp2[:, :, None], dc_product2, out=dn)
    dv_a = np.empty((n_h,), dtype)
    # grad(v_a) = sum(sum(grad(e[t, s]) * e.tanh[t, s], s), t)
    np.matmul(e_tanh.reshape(-1, n_h).T, de.reshape(-1), out=dv_a)
    de_arg_sum = np.empty((S, B, n_h), dtype)
    # grad(e.arg.sum[s]) = sum(grad(e.arg[t, s]), t)
    np.add.reduce(de_arg, axis=0, out=de_arg_sum)
    dU_a = np.empty((n_h, 2 * n_h), dtype)
    # grad(U_a) = sum(outer(grad(e.arg.sum[s]), n[s]), s)
    np.matmul(de_arg_sum.reshape(-1, n_h).T, n.reshape(-1, 2 * n_h), out=dU_a)
    # grad(n[s]) = U_a.T @ grad(e.arg.sum[s]) + where(s <= S.own, 1, 0) * grad(c.product2[s])
    np.matmul(de_arg_sum.reshape(-1, n_h), U_a, out=tmp8.reshape(-1, 2 * n_h))
    dn += tmp8
    de_arg_sum2 = np.empty((T, B, n_h), dtype)
    # grad(e.arg.sum2[t]) = sum(grad(e.arg[t, s]), s)
    np.add.reduce(de_arg, axis=1, out=de_arg_sum2)
    dW_a = np.empty((n_h, n_h), dtype)
    # grad(W_a) = sum(outer(grad(e.arg.sum2[t]), h_5[t-1]), t)
    np.matmul(de_arg_sum2.reshape(-1, n_h).T, h_5[:T].reshape(-1, n_h), out=dW_a)
    dh_3 = np.empty((S, B, n_h), dtype)
    # grad(h_3[s]) = same_window(s, maximum(s - 1, 0), window.S) * (U_3.T @ grad(z_3[s+1])) + grad(n[s,
    #     :n_h]), s < S
    dh_3[...] = dn[:, :, :n_h]
    c_4_factor = np.empty((S, B, n_h), dtype)
    # c_4.factor[s] = h_4.sigmoid[s] * (1 - h_4.tanh[s]**2)
    np.square(h_4_tanh, out=c_4_factor)
    np.subtract(1, c_4_factor, out=c_4_factor)
    c_4_factor *= h_4_sigmoid
    z_4_factor = np.empty((S, B, n_h), dtype)
    # z_4.factor[s] = h_4.sigmoid[s] * h_4.tanh[s] * (1 - h_4.sigmoid[s])
    np.subtract(1, h_4_sigmoid, out=z_4_factor)
    z_4_factor *= h_4_sigmoid
    z_4_factor *= h_4_tanh
    c_4_factor2 = np.empty((S - 1, B, n_h), dtype)
    # c_4.factor2[s] = same_window(s - 1, minimum(s, S.own - 1), window.S) * c_4.sigmoid[s]
    np.add(np.arange(1, S, dtype=dtype), -1, out=tmp10)
    np.add(S_own, -1, out=tmp12)
    np.minimum(np.arange(1, S, dtype=dtype)[:, None], tmp12, out=tmp11)
    tmp9[...] = tmp10[:, None] // window_S == tmp11 // window_S
    np.multiply(tmp9[:, :, None], c_4_sigmoid[:S - 1], out=c_4_factor2)
    z_4_factor2 = np.empty((S, B, n_h), dtype)
    # z_4.factor2[s] = c_4.sigmoid2[s] * (1 - c_4.tanh[s]**2)
    np.square(c_4_tanh, out=z_4_factor2)
    np.subtract(1, z_4_factor2, out=z_4_factor2)
    z_4_factor2 *= c_4_sigmoid2
    z_4_factor3 = np.empty((S, B, n_h), dtype)
    # z_4.factor3[s] = c_4.sigmoid2[s] * c_4.tanh[s] * (1 - c_4.sigmoid2[s])
    np.subtract(1, c_4_sigmoid2, out=z_4_factor3)
    z_4_factor3 *= c_4_sigmoid2
    z_4_factor3 *= c_4_tanh
    z_4_factor4 = np.empty((S, B, n_h), dtype)
    # z_4.factor4[s] = c_4[s+1] * c_4.sigmoid[s] * (1 - c_4.sigmoid[s])
    np.subtract(1, c_4_sigmoid, out=z_4_factor4)
    z_4_factor4 *= c_4[1:]
    z_4_factor4 *= c_4_sigmoid
    c_3_factor = np.empty((S, B, n_h), dtype)
    # c_3.factor[s] = h_3.sigmoid[s] * (1 - h_3.tanh[s]**2)
    np.square(h_3_tanh, out=c_3_factor)
    np.subtract(1, c_3_factor, out=c_3_factor)
    c_3_factor *= h_3_sigmoid
    z_3_factor = np.empty((S, B, n_h), dtype)
    # z_3.factor[s] = h_3.sigmoid[s] * h_3.tanh[s] * (1 - h_3.sigmoid[s])
    np.subtract(1, h_3_sigmoid, out=z_3_factor)
    z_3_factor *= h_3_sigmoid
    z_3_factor *= h_3_tanh
    z_3_factor2 = np.empty((S, B, n_h), dtype)
    # z_3.factor2[s] = c_3.sigmoid2[s] * (1 - c_3.tanh[s]**2)
    np.square(c_3_tanh, out=z_3_factor2)
    np.subtract(1, z_3_factor2, out=z_3_factor2)
    z_3_factor2 *= c_3_sigmoid2
    z_3_factor3 = np.empty((S, B, n_h), dtype)
    # z_3.factor3[s] = c_3.sigmoid2[s] * c_3.tanh[s] * (1 - c_3.sigmoid2[s])
    np.subtract(1, c_3_sigmoid2, out=z_3_factor3)
    z_3_factor3 *= c_3_sigmoid2
    z_3_factor3 *= c_3_tanh
    z_3_factor4 = np.empty((S, B, n_h), dtype)
    # z_3.factor4[s] = c_3[s-1] * c_3.sigmoid[s] * (1 - c_3.sigmoid[s])
    np.subtract(1, c_3_sigmoid, out=z_3_factor4)
    z_3_factor4 *= c_3[:S]
    z_3_factor4 *= c_3_sigmoid
    dch_4 = np.zeros((2, S, B, n_h), dtype)
    # grad(c_4[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * c_4.sigmoid[S] *
    #     grad(c_4.inside[S])
    # grad(h_4[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * (U_4.T @ grad(z_4[S]))
    np.multiply(np.where(T_fresh != 0, 1, 0).astype(dtype), dch_5[:, 0], out=tmp13)
    dch_4[:, 0] += tmp13
    # grad(h_4[1]) = where(T.fresh, 1, 0) * grad(h_5[0]) + grad(n[1, n_h:])
    dch_4[1] += dn[:, :, n_h:]
    dh_4_inside = np.empty((B, n_h), dtype)
    dc_4_inside = np.empty((S, B, n_h), dtype)
    dz_1234 = np.empty((4, S, B, 4 * n_h), dtype)
    # grad(h_4.inside[s]) = where(s <= S.own, 1, 0) * grad(h_4[s])
    np.multiply(dch_4[1, 0], alpha_factor[0][:, None], out=dh_4_inside)
    # grad(c_4[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * c_4.sigmoid[S] *
    #     grad(c_4.inside[S])
    np.multiply(dh_4_inside, c_4_factor[0], out=tmp3)
    dch_4[0, 0] += tmp3
    # grad(c_4.inside[s]) = where(s <= S.own, 1, 0) * grad(c_4[s])
    np.multiply(dch_4[0, 0], alpha_factor[0][:, None], out=dc_4_inside[0])
    # grad(z_4[s, 2*n_h:3*n_h]) = h_4.sigmoid[s] * (1 - h_4.sigmoid[s]) * grad(h_4.sigmoid[s])
    np.multiply(dh_4_inside, z_4_factor[0], out=dz_1234[3, 0, :, 2 * n_h:3 * n_h])
    np.multiply(dc_4_inside[0], z_4_factor2[0], out=dz_1234[3, 0, :, 3 * n_h:])
    np.multiply(dc_4_inside[0], z_4_factor3[0], out=dz_1234[3, 0, :, :n_h])
    np.multiply(dc_4_inside[0], z_4_factor4[0], out=dz_1234[3, 0, :, n_h:2 * n_h])
    number = np.array(-1, dtype)
    dz_4_at = list(dz_1234[3])
    dh_4_at = list(dch_4[1])
    alpha_factor_at = list(alpha_factor)
    c_4_factor_at = list(c_4_factor)
    dc_4_at = list(dch_4[0])
    c_4_factor2_at = list(c_4_factor2)
    dc_4_inside_at = list(dc_4_inside)
    dz_4_at2 = list(dz_1234[3, :, :, 2 * n_h:3 * n_h])
    z_4_factor_at = list(z_4_factor)
    dz_4_at3 = list(dz_1234[3, :, :, 3 * n_h:])
    z_4_factor2_at = list(z_4_factor2)
    dz_4_at4 = list(dz_1234[3, :, :, :n_h])
    z_4_factor3_at = list(z_4_factor3)
    dz_4_at5 = list(dz_1234[3, :, :, n_h:2 * n_h])
    z_4_factor4_at = list(z_4_factor4)
    for s in range(2, S + 1):
        # grad(h_4[1]) = where(T.fresh, 1, 0) * grad(h_5[0]) + grad(n[1, n_h:])
        np.add(S_own, number, out=tmp16)
        np.minimum(s - 1, tmp16, out=tmp15)
        tmp12[...] = (s - 2) // window_S == tmp15 // window_S
        np.multiply(tmp12[:, None], dz_4_at[s - 2], out=tmp14)
        tmp14.dot(U_4, out=tmp3)
        dh_4_at[s - 1] += tmp3
        # grad(h_4.inside[s]) = where(s <= S.own, 1, 0) * grad(h_4[s])
        np.multiply(dh_4_at[s - 1], alpha_factor_at[s - 1][:, None], out=dh_4_inside)
        # grad(c_4[S+1]) = same_window(S - 1, minimum(S, S.own - 1), window.S) * c_4.sigmoid[S] *
        #     grad(c_4.inside[S])
        np.multiply(dh_4_inside, c_4_factor_at[s - 1], out=tmp3)
        dc_4_at[s - 1] += tmp3
        np.multiply(c_4_factor2_at[s - 2], dc_4_inside_at[s - 2], out=tmp3)
        dc_4_at[s - 1] += tmp3
        # grad(c_4.inside[s]) = where(s <= S.own, 1, 0) * grad(c_4[s])
        np.multiply(dc_4_at[s - 1], alpha_factor_at[s - 1][:, None], out=dc_4_inside_at[s - 1])
        # grad(z_4[s, 2*n_h:3*n_h]) = h_4.sigmoid[s] * (1 - h_4.sigmoid[s]) * grad(h_4.sigmoid[s])
        np.multiply(dh_4_inside, z_4_factor_at[s - 1], out=dz_4_at2[s - 1])
        np.multiply(dc_4_inside_at[s - 1], z_4_factor2_at[s - 1], out=dz_4_at3[s - 1])
        np.multiply(dc_4_inside_at[s - 1], z_4_factor3_at[s - 1], out=dz_4_at4[s - 1])
        np.multiply(dc_4_inside_at[s - 1], z_4_factor4_at[s - 1], out=dz_4_at5[s - 1])
    dc_3 = np.empty((S, B, n_h), dtype)
    # grad(c_3[s]) = same_window(s, maximum(s - 1, 0), window.S) * c_3.sigmoid[s+1] * grad(c_3[s+1]) + (1
    #     - h_3.tanh[s]**2) * grad(h_3.tanh[s]), s < S
    np.multiply(c_3_factor[S - 1], dh_3[S - 1], out=dc_3[S - 1])
    # grad(z_3[s, 2*n_h:3*n_h]) = h_3.sigmoid[s] * (1 - h_3.sigmoid[s]) * grad(h_3.sigmoid[s])
    np.multiply(dh_3[S - 1], z_3_factor[S - 1], out=dz_1234[2, S - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc_3[S - 1], z_3_factor2[S - 1], out=dz_1234[2, S - 1, :, 3 * n_h:])
    np.multiply(dc_3[S - 1], z_3_factor3[S - 1], out=dz_1234[2, S - 1, :, :n_h])
    np.multiply(dc_3[S - 1], z_3_factor4[S - 1], out=dz_1234[2, S - 1, :, n_h:2 * n_h])
    dz_3_at = list(dz_1234[2])
    dh_3_at = list(dh_3)
    dc_3_at = list(dc_3)
    c_3_factor_at = list(c_3_factor)
    dz_3_at2 = list(dz_1234[2, :, :, 2 * n_h:3 * n_h])
    z_3_factor_at = list(z_3_factor)
    c_3_sigmoid_at = list(c_3_sigmoid)
    dz_3_at3 = list(dz_1234[2, :, :, 3 * n_h:])
    z_3_factor2_at = list(z_3_factor2)
    dz_3_at4 = list(dz_1234[2, :, :, :n_h])
    z_3_factor3_at = list(z_3_factor3)
    dz_3_at5 = list(dz_1234[2, :, :, n_h:2 * n_h])
    z_3_factor4_at = list(z_3_factor4)
    for s in range(S - 1, 0, -1):
        # grad(h_3[s]) = same_window(s, maximum(s - 1, 0), window.S) * (U_3.T @ grad(z_3[s+1])) + grad(n[s,
        #     :n_h]), s < S
        dz_3_at[s].dot(U_3, out=tmp3)
        tmp3 *= s // window_S == max(s - 1, 0) // window_S
        dh_3_at[s - 1] += tmp3
        # grad(c_3[s]) = same_window(s, maximum(s - 1, 0), window.S) * c_3.sigmoid[s+1] * grad(c_3[s+1]) + (1
        #     - h_3.tanh[s]**2) * grad(h_3.tanh[s]), s < S
        np.multiply(c_3_factor_at[s - 1], dh_3_at[s - 1], out=dc_3_at[s - 1])
        # grad(z_3[s, 2*n_h:3*n_h]) = h_3.sigmoid[s] * (1 - h_3.sigmoid[s]) * grad(h_3.sigmoid[s])
        np.multiply(dh_3_at[s - 1], z_3_factor_at[s - 1], out=dz_3_at2[s - 1])
        # grad(c_3[s]) = same_window(s, maximum(s - 1, 0), window.S) * c_3.sigmoid[s+1] * grad(c_3[s+1]) + (1
        #     - h_3.tanh[s]**2) * grad(h_3.tanh[s]), s < S
        np.multiply(s // window_S == max(s - 1, 0) // window_S, c_3_sigmoid_at[s], out=tmp3)
        tmp3 *= dc_3_at[s]
        dc_3_at[s - 1] += tmp3
        # grad(z_3[s, 2*n_h:3*n_h]) = h_3.sigmoid[s] * (1 - h_3.sigmoid[s]) * grad(h_3.sigmoid[s])
        np.multiply(dc_3_at[s - 1], z_3_factor2_at[s - 1], out=dz_3_at3[s - 1])
        np.multiply(dc_3_at[s - 1], z_3_factor3_at[s - 1], out=dz_3_at4[s - 1])
        np.multiply(dc_3_at[s - 1], z_3_factor4_at[s - 1], out=dz_3_at5[s - 1])
    dm = np.empty((S, B, 2 * n_h), dtype)
    product = np.empty((2, S * B, 2 * n_h), dtype)
    # grad(m[s]) = W_3.T @ grad(z_3[s]) + W_4.T @ grad(z_4[s])
    np.matmul(dz_1234[2:].reshape(2, -1, 4 * n_h), W_34, out=product)
    np.add.reduce(product, axis=0, out=dm.reshape(-1, 2 * n_h))
    dh_2 = np.empty((S, B, n_h), dtype)
    # grad(h_2[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * (U_2.T @ grad(z_2[s-1])) +
    #     grad(m[s, n_h:]), 2 <= s <= S
    dh_2[...] = dm[:, :, n_h:]
    dh_1 = np.empty((S, B, n_h), dtype)
    # grad(h_1[s]) = same_window(s, maximum(s - 1, 0), window.S) * (U_1.T @ grad(z_1[s+1])) + grad(m[s,
    #     :n_h]), s < S
    dh_1[...] = dm[:, :, :n_h]
    c_2_factor = np.empty((S, B, n_h), dtype)
    # c_2.factor[s] = h_2.sigmoid[s] * (1 - h_2.tanh[s]**2)
    np.square(h_2_tanh, out=c_2_factor)
    np.subtract(1, c_2_factor, out=c_2_factor)
    c_2_factor *= h_2_sigmoid
    z_2_factor = np.empty((S, B, n_h), dtype)
    # z_2.factor[s] = h_2.sigmoid[s] * h_2.tanh[s] * (1 - h_2.sigmoid[s])
    np.subtract(1, h_2_sigmoid, out=z_2_factor)
    z_2_factor *= h_2_sigmoid
    z_2_factor *= h_2_tanh
    c_2_factor2 = np.empty((S - 1, B, n_h), dtype)
    # c_2.factor2[s] = same_window(s - 1, minimum(s, S.own - 1), window.S) * c_2.sigmoid[s]
    np.add(np.arange(1, S, dtype=dtype), -1, out=tmp10)
    np.add(S_own, -1, out=tmp12)
    np.minimum(np.arange(1, S, dtype=dtype)[:, None], tmp12, out=tmp11)
    tmp9[...] = tmp10[:, None] // window_S == tmp11 // window_S
    np.multiply(tmp9[:, :, None], c_2_sigmoid[:S - 1], out=c_2_factor2)
    z_2_factor2 = np.empty((S, B, n_h), dtype)
    # z_2.factor2[s] = c_2.sigmoid2[s] * (1 - c_2.tanh[s]**2)
    np.square(c_2_tanh, out=z_2_factor2)
    np.subtract(1, z_2_factor2, out=z_2_factor2)
    z_2_factor2 *= c_2_sigmoid2
    z_2_factor3 = np.empty((S, B, n_h), dtype)
    # z_2.factor3[s] = c_2.sigmoid2[s] * c_2.tanh[s] * (1 - c_2.sigmoid2[s])
    np.subtract(1, c_2_sigmoid2, out=z_2_factor3)
    z_2_factor3 *= c_2_sigmoid2
    z_2_factor3 *= c_2_tanh
    z_2_factor4 = np.empty((S, B, n_h), dtype)
    # z_2.factor4[s] = c_2[s+1] * c_2.sigmoid[s] * (1 - c_2.sigmoid[s])
    np.subtract(1, c_2_sigmoid, out=z_2_factor4)
    z_2_factor4 *= c_2[1:]
    z_2_factor4 *= c_2_sigmoid
    c_1_factor = np.empty((S, B, n_h), dtype)
    # c_1.factor[s] = h_1.sigmoid[s] * (1 - h_1.tanh[s]**2)
    np.square(h_1_tanh, out=c_1_factor)
    np.subtract(1, c_1_factor, out=c_1_factor)
    c_1_factor *= h_1_sigmoid
    z_1_factor = np.empty((S, B, n_h), dtype)
    # z_1.factor[s] = h_1.sigmoid[s] * h_1.tanh[s] * (1 - h_1.sigmoid[s])
    np.subtract(1, h_1_sigmoid, out=z_1_factor)
    z_1_factor *= h_1_sigmoid
    z_1_factor *= h_1_tanh
    z_1_factor2 = np.empty((S, B, n_h), dtype)
    # z_1.factor2[s] = c_1.sigmoid2[s] * (1 - c_1.tanh[s]**2)
    np.square(c_1_tanh, out=z_1_factor2)
    np.subtract(1, z_1_factor2, out=z_1_factor2)
    z_1_factor2 *= c_1_sigmoid2
    z_1_factor3 = np.empty((S, B, n_h), dtype)
    # z_1.factor3[s] = c_1.sigmoid2[s] * c_1.tanh[s] * (1 - c_1.sigmoid2[s])
    np.subtract(1, c_1_sigmoid2, out=z_1_factor3)
    z_1_factor3 *= c_1_sigmoid2
    z_1_factor3 *= c_1_tanh
    z_1_factor4 = np.empty((S, B, n_h), dtype)
    # z_1.factor4[s] = c_1[s-1] * c_1.sigmoid[s] * (1 - c_1.sigmoid[s])
    np.subtract(1, c_1_sigmoid, out=z_1_factor4)
    z_1_factor4 *= c_1[:S]
    z_1_factor4 *= c_1_sigmoid
    dh_2_inside = np.empty((B, n_h), dtype)
    dc_2 = np.empty((S, B, n_h), dtype)
    dc_2_inside = np.empty((S, B, n_h), dtype)
    # grad(h_2.inside[s]) = where(s <= S.own, 1, 0) * grad(h_2[s])
    np.multiply(dh_2[0], alpha_factor[0][:, None], out=dh_2_inside)
    # grad(c_2[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * c_2.sigmoid[s-1] *
    #     grad(c_2.inside[s-1]) + (1 - h_2.tanh[s]**2) * grad(h_2.tanh[s]), 2 <= s <= S
    np.multiply(dh_2_inside, c_2_factor[0], out=dc_2[0])
    # grad(c_2.inside[s]) = where(s <= S.own, 1, 0) * grad(c_2[s])
    np.multiply(dc_2[0], alpha_factor[0][:, None], out=dc_2_inside[0])
    # grad(z_2[s, 2*n_h:3*n_h]) = h_2.sigmoid[s] * (1 - h_2.sigmoid[s]) * grad(h_2.sigmoid[s])
    np.multiply(dh_2_inside, z_2_factor[0], out=dz_1234[1, 0, :, 2 * n_h:3 * n_h])
    np.multiply(dc_2_inside[0], z_2_factor2[0], out=dz_1234[1, 0, :, 3 * n_h:])
    np.multiply(dc_2_inside[0], z_2_factor3[0], out=dz_1234[1, 0, :, :n_h])
    np.multiply(dc_2_inside[0], z_2_factor4[0], out=dz_1234[1, 0, :, n_h:2 * n_h])
    dz_2_at = list(dz_1234[1])
    dh_2_at = list(dh_2)
    dc_2_at = list(dc_2)
    c_2_factor_at = list(c_2_factor)
    c_2_factor2_at = list(c_2_factor2)
    dc_2_inside_at = list(dc_2_inside)
    dz_2_at2 = list(dz_1234[1, :, :, 2 * n_h:3 * n_h])
    z_2_factor_at = list(z_2_factor)
    dz_2_at3 = list(dz_1234[1, :, :, 3 * n_h:])
    z_2_factor2_at = list(z_2_factor2)
    dz_2_at4 = list(dz_1234[1, :, :, :n_h])
    z_2_factor3_at = list(z_2_factor3)
    dz_2_at5 = list(dz_1234[1, :, :, n_h:2 * n_h])
    z_2_factor4_at = list(z_2_factor4)
    for s in range(2, S + 1):
        # grad(h_2[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * (U_2.T @ grad(z_2[s-1])) +
        #     grad(m[s, n_h:]), 2 <= s <= S
        np.add(S_own, number, out=tmp16)
        np.minimum(s - 1, tmp16, out=tmp15)
        tmp12[...] = (s - 2) // window_S == tmp15 // window_S
        np.multiply(tmp12[:, None], dz_2_at[s - 2], out=tmp14)
        tmp14.dot(U_2, out=tmp3)
        dh_2_at[s - 1] += tmp3
        # grad(h_2.inside[s]) = where(s <= S.own, 1, 0) * grad(h_2[s])
        np.multiply(dh_2_at[s - 1], alpha_factor_at[s - 1][:, None], out=dh_2_inside)
        # grad(c_2[s]) = same_window(s - 2, minimum(s - 1, S.own - 1), window.S) * c_2.sigmoid[s-1] *
        #     grad(c_2.inside[s-1]) + (1 - h_2.tanh[s]**2) * grad(h_2.tanh[s]), 2 <= s <= S
        np.multiply(dh_2_inside, c_2_factor_at[s - 1], out=dc_2_at[s - 1])
        np.multiply(c_2_factor2_at[s - 2], dc_2_inside_at[s - 2], out=tmp3)
        dc_2_at[s - 1] += tmp3
        # grad(c_2.inside[s]) = where(s <= S.own, 1, 0) * grad(c_2[s])
        np.multiply(dc_2_at[s - 1], alpha_factor_at[s - 1][:, None], out=dc_2_inside_at[s - 1])
        # grad(z_2[s, 2*n_h:3*n_h]) = h_2.sigmoid[s] * (1 - h_2.sigmoid[s]) * grad(h_2.sigmoid[s])
        np.multiply(dh_2_inside, z_2_factor_at[s - 1], out=dz_2_at2[s - 1])
        np.multiply(dc_2_inside_at[s - 1], z_2_factor2_at[s - 1], out=dz_2_at3[s - 1])
        np.multiply(dc_2_inside_at[s - 1], z_2_factor3_at[s - 1], out=dz_2_at4[s - 1])
        np.multiply(dc_2_inside_at[s - 1], z_2_factor4_at[s - 1], out=dz_2_at5[s - 1])
    dc_1 = np.empty((S, B, n_h), dtype)
    # grad(c_1[s]) = same_window(s, maximum(s - 1, 0), window.S) * c_1.sigmoid[s+1] * grad(c_1[s+1]) + (1
    #     - h_1.tanh[s]**2) * grad(h_1.tanh[s]), s < S
    np.multiply(c_1_factor[S - 1], dh_1[S - 1], out=dc_1[S - 1])
    # grad(z_1[s, 2*n_h:3*n_h]) = h_1.sigmoid[s] * (1 - h_1.sigmoid[s]) * grad(h_1.sigmoid[s])
    np.multiply(dh_1[S - 1], z_1_factor[S - 1], out=dz_1234[0, S - 1, :, 2 * n_h:3 * n_h])
    np.multiply(dc_1[S - 1], z_1_factor2[S - 1], out=dz_1234[0, S - 1, :, 3 * n_h:])
    np.multiply(dc_1[S - 1], z_1_factor3[S - 1], out=dz_1234[0, S - 1, :, :n_h])
    np.multiply(dc_1[S - 1], z_1_factor4[S - 1], out=dz_1234[0, S - 1, :, n_h:2 * n_h])
    dz_1_at = list(dz_1234[0])
    dh_1_at = list(dh_1)
    dc_1_at = list(dc_1)
    c_1_factor_at = list(c_1_factor)
    dz_1_at2 = list(dz_1234[0, :, :, 2 * n_h:3 * n_h])
    z_1_factor_at = list(z_1_factor)
    c_1_sigmoid_at = list(c_1_sigmoid)
    dz_1_at3 = list(dz_1234[0, :, :, 3 * n_h:])
    z_1_factor2_at = list(z_1_factor2)
    dz_1_at4 = list(dz_1234[0, :, :, :n_h])
    z_1_factor3_at = list(z_1_factor3)
    dz_1_at5 = list(dz_1234[0, :, :, n_h:2 * n_h])
    z_1_factor4_at = list(z_1_factor4)
    for s in range(S - 1, 0, -1):
        # grad(h_1[s]) = same_window(s, maximum(s - 1, 0), window.S) * (U_1.T @ grad(z_1[s+1])) + grad(m[s,
        #     :n_h]), s < S
        dz_1_at[s].dot(U_1, out=tmp3)
        tmp3 *= s // window_S == max(s - 1, 0) // window_S
        dh_1_at[s - 1] += tmp3
        # grad(c_1[s]) = same_window(s, maximum(s - 1, 0), window.S) * c_1.sigmoid[s+1] * grad(c_1[s+1]) + (1
        #     - h_1.tanh[s]**2) * grad(h_1.tanh[s]), s < S
        np.multiply(c_1_factor_at[s - 1], dh_1_at[s - 1], out=dc_1_at[s - 1])
        # grad(z_1[s, 2*n_h:3*n_h]) = h_1.sigmoid[s] * (1 - h_1.sigmoid[s]) * grad(h_1.sigmoid[s])
        np.multiply(dh_1_at[s - 1], z_1_factor_at[s - 1], out=dz_1_at2[s - 1])
        # grad(c_1[s]) = same_window(s, maximum(s - 1, 0), window.S) * c_1.sigmoid[s+1] * grad(c_1[s+1]) + (1
        #     - h_1.tanh[s]**2) * grad(h_1.tanh[s]), s < S
        np.multiply(s // window_S == max(s - 1, 0) // window_S, c_1_sigmoid_at[s], out=tmp3)
        tmp3 *= dc_1_at[s]
        dc_1_at[s - 1] += tmp3
        # grad(z_1[s, 2*n_h:3*n_h]) = h_1.sigmoid[s] * (1 - h_1.sigmoid[s]) * grad(h_1.sigmoid[s])
        np.multiply(dc_1_at[s - 1], z_1_factor2_at[s - 1], out=dz_1_at3[s - 1])
        np.multiply(dc_1_at[s - 1], z_1_factor3_at[s - 1], out=dz_1_at4[s - 1])
        np.multiply(dc_1_at[s - 1], z_1_factor4_at[s - 1], out=dz_1_at5[s - 1])
    db_1234 = np.empty((4, 4 * n_h), dtype)
    # grad(b_1) = sum(grad(z_1[s]), s)
    # grad(b_2) = sum(grad(z_2[s]), s)
    # grad(b_3) = sum(grad(z_3[s]), s)
    # grad(b_4) = sum(grad(z_4[s]), s)
    np.add.reduce(dz_1234, axis=(1, 2), out=db_1234)
    dU_4 = np.empty((4 * n_h, n_h), dtype)
    # grad(U_4) = sum(outer(grad(z_4[s]), h_4[s+1]), s)
    np.matmul(dz_1234[3].reshape(-1, 4 * n_h).T, h_4[1:].reshape(-1, n_h), out=dU_4)
    dW_34 = np.empty((2, 4 * n_h, 2 * n_h), dtype)
    # grad(W_3) = sum(outer(grad(z_3[s]), m[s]), s)
    # grad(W_4) = sum(outer(grad(z_4[s]), m[s]), s)
    np.matmul(dz_1234[2:].reshape(2, -1, 4 * n_h).transpose(0, 2, 1), m.reshape(-1, 2 * n_h), out=dW_34)
    dU_3 = np.empty((4 * n_h, n_h), dtype)
    # grad(U_3) = sum(outer(grad(z_3[s]), h_3[s-1]), s)
    np.matmul(dz_1234[2].reshape(-1, 4 * n_h).T, h_3[:S].reshape(-1, n_h), out=dU_3)
    dU_2 = np.empty((4 * n_h, n_h), dtype)
    # grad(U_2) = sum(outer(grad(z_2[s]), h_2[s+1]), s)
    np.matmul(dz_1234[1].reshape(-1, 4 * n_h).T, h_2[1:].reshape(-1, n_h), out=dU_2)
    dW_12 = np.empty((2, 4 * n_h, n_h), dtype)
    # grad(W_1) = sum(outer(grad(z_1[s]), x[s]), s)
    # grad(W_2) = sum(outer(grad(z_2[s]), x[s]), s)
    np.matmul(dz_1234[:2].reshape(2, -1, 4 * n_h).transpose(0, 2, 1), x.reshape(-1, n_h), out=dW_12)
    dx = np.empty((S, B, n_h), dtype)
    product2 = np.empty((2, S * B, n_h), dtype)
    # grad(x[s]) = W_1.T @ grad(z_1[s]) + W_2.T @ grad(z_2[s])
    np.matmul(dz_1234[:2].reshape(2, -1, 4 * n_h), W_12, out=product2)
    np.add.reduce(product2, axis=0, out=dx.reshape(-1, n_h))
    dU_1 = np.empty((4 * n_h, n_h), dtype)
    # grad(U_1) = sum(outer(grad(z_1[s]), h_1[s-1]), s)
    np.matmul(dz_1234[0].reshape(-1, 4 * n_h).T, h_1[:S].reshape(-1, n_h), out=dU_1)
    dF = np.zeros((n_y, n_h), dtype)
    # grad(F) = sum(outer(onehot(y.held[t-1]), W_5.T @ grad(z_5.sum[t])), t)
    np.matmul(dz_5_sum.reshape(-1, 4 * n_h), W_5, out=tmp17.reshape(-1, n_h))
    _scatter_add(dF, (y_held[:T],), tmp17)
    dE = np.zeros((n_w, n_h), dtype)
    # grad(E) = sum(outer(onehot(w[s]), grad(x[s])), s)
    _scatter_add(dE, (w,), dx)
    db_1 = db_1234[0]
    db_2 = db_1234[1]
    db_3 = db_1234[2]
    db_4 = db_1234[3]
    dW_3 = dW_34[0]
    dW_4 = dW_34[1]
    dW_1 = dW_12[0]
    dW_2 = dW_12[1]

    return Params(
        E=dE,
        F=dF,
        W_1=dW_1,
        W_2=dW_2,
        U_1=dU_1,
        U_2=dU_2,
        b_1=db_1,
        b_2=db_2,
        W_3=dW_3,
        W_4=dW_4,
        U_3=dU_3,
        U_4=dU_4,
        b_3=db_3,
        b_4=db_4,
        W_5=dW_5,
        C_5=dC_5,
        U_5=dU_5,
        b_5=db_5,
        W_a=dW_a,
        U_a=dU_a,
        v_a=dv_a,
        V=dV,
        D=dD,
        d=dd,
    )


def _loss_arrays(S, T, n_y, n_h, B, dtype):
    """The arrays that `loss` writes, and lists of their steps."""
    tmp0 = np.empty((2, S, B, 4 * n_h), dtype)
    tmp1 = np.empty((B, 4 * n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T - 1, B, 4 * n_h), dtype)
    tmp4 = np.empty((T - 1, B, n_h), dtype)
    tmp5 = np.empty((S, B), dtype)
    tmp6 = np.empty((T, B, n_y), dtype)
    tmp7 = np.empty((T, B), dtype)
    b_1234 = np.empty((4, 4 * n_h), dtype)
    W_12 = np.empty((2, 4 * n_h, n_h), dtype)
    W_34 = np.empty((2, 4 * n_h, 2 * n_h), dtype)
    x = np.empty((S, B, n_h), dtype)
    z_1234 = _by_step((4, S, B, 4 * n_h), dtype)
    h_1 = np.empty((S + 1, B, n_h), dtype)
    c_1 = np.empty((S + 1, B, n_h), dtype)
    h_2 = np.empty((S + 1, B, n_h), dtype)
    c_2 = np.empty((S + 1, B, n_h), dtype)
    c_1_sigmoid = np.empty((B, n_h), dtype)
    c_1_sigmoid2 = np.empty((B, n_h), dtype)
    c_1_tanh = np.empty((B, n_h), dtype)
    h_1_sigmoid = np.empty((B, n_h), dtype)
    h_1_tanh = np.empty((B, n_h), dtype)
    U_1_T = np.empty((n_h, 4 * n_h), dtype)
    h_1_at = list(h_1)
    z_1_at = list(z_1234[0])
    z_1_at2 = list(z_1234[0, :, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    z_1_at3 = list(z_1234[0, :, :, :n_h])
    z_1_at4 = list(z_1234[0, :, :, 3 * n_h:])
    z_1_at5 = list(z_1234[0, :, :, 2 * n_h:3 * n_h])
    c_1_at = list(c_1)
    c_2_sigmoid = c_1_sigmoid
    c_2_sigmoid2 = c_1_sigmoid2
    c_2_tanh = c_1_tanh
    h_2_sigmoid = h_1_sigmoid
    h_2_tanh = h_1_tanh
    U_2_T = U_1_T
    h_2_at = list(h_2)
    z_2_at = list(z_1234[1])
    z_2_at2 = list(z_1234[1, :, :, n_h:2 * n_h])
    z_2_at3 = list(z_1234[1, :, :, :n_h])
    z_2_at4 = list(z_1234[1, :, :, 3 * n_h:])
    z_2_at5 = list(z_1234[1, :, :, 2 * n_h:3 * n_h])
    c_2_at = list(c_2)
    m = np.empty((S, B, 2 * n_h), dtype)
    h_3 = h_2
    c_3 = h_1
    ch_4 = _by_step((2, S + 1, B, n_h), dtype)
    c_3_sigmoid = c_1_sigmoid
    c_3_sigmoid2 = c_1_sigmoid2
    c_3_tanh = c_1_tanh
    h_3_sigmoid = h_1_sigmoid
    h_3_tanh = h_1_tanh
    U_3_T = U_1_T
    h_3_at = list(h_3)
    z_3_at = list(z_1234[2])
    z_3_at2 = list(z_1234[2, :, :, n_h:2 * n_h])
    z_3_at3 = list(z_1234[2, :, :, :n_h])
    z_3_at4 = list(z_1234[2, :, :, 3 * n_h:])
    z_3_at5 = list(z_1234[2, :, :, 2 * n_h:3 * n_h])
    c_3_at = list(c_3)
    c_4_sigmoid = c_1_sigmoid
    c_4_sigmoid2 = c_1_sigmoid2
    c_4_tanh = c_1_tanh
    h_4_sigmoid = h_1_sigmoid
    h_4_tanh = h_1_tanh
    U_4_T = U_1_T
    h_4_at = list(ch_4[1])
    z_4_at = list(z_1234[3])
    z_4_at2 = list(z_1234[3, :, :, n_h:2 * n_h])
    z_4_at3 = list(z_1234[3, :, :, :n_h])
    z_4_at4 = list(z_1234[3, :, :, 3 * n_h:])
    z_4_at5 = list(z_1234[3, :, :, 2 * n_h:3 * n_h])
    c_4_at = list(ch_4[0])
    n = m
    e_arg_part = x
    z_5 = np.empty((T, B, 4 * n_h), dtype)
    ch_5 = _by_step((2, T + 1, B, n_h), dtype)
    e_arg = np.empty((S, B, n_h), dtype)
    e_arg_part2 = c_1_sigmoid
    e_tanh = np.empty((S, B, n_h), dtype)
    e = np.empty((S, B), dtype)
    alpha_lse = np.empty((B,), dtype)
    alpha = np.empty((S, B), dtype)
    c = np.empty((T, B, 2 * n_h), dtype)
    c_5_sigmoid = c_1_sigmoid2
    c_5_sigmoid2 = c_1_tanh
    c_5_tanh = h_1_sigmoid
    h_5_sigmoid = h_1_tanh
    h_5_tanh = np.empty((B, n_h), dtype)
    W_a_T = np.empty((n_h, n_h), dtype)
    C_5_T = np.empty((2 * n_h, 4 * n_h), dtype)
    U_5_T = U_1_T
    h_5_at = list(ch_5[1])
    largest = np.empty((1, B), dtype)
    c_at = list(c)
    z_5_at = list(z_5)
    z_5_at2 = list(z_5[:, :, n_h:2 * n_h])
    z_5_at3 = list(z_5[:, :, :n_h])
    z_5_at4 = list(z_5[:, :, 3 * n_h:])
    z_5_at5 = list(z_5[:, :, 2 * n_h:3 * n_h])
    c_5_at = list(ch_5[0])
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, b_1234, W_12, W_34, x, z_1234, h_1, c_1, h_2, c_2, c_1_sigmoid,
        c_1_sigmoid2, c_1_tanh, h_1_sigmoid, h_1_tanh, U_1_T, h_1_at, z_1_at, z_1_at2, half, z_1_at3, z_1_at4, z_1_at5,
        c_1_at, c_2_sigmoid, c_2_sigmoid2, c_2_tanh, h_2_sigmoid, h_2_tanh, U_2_T, h_2_at, z_2_at, z_2_at2, z_2_at3,
        z_2_at4, z_2_at5, c_2_at, m, h_3, c_3, ch_4, c_3_sigmoid, c_3_sigmoid2, c_3_tanh, h_3_sigmoid, h_3_tanh, U_3_T,
        h_3_at, z_3_at, z_3_at2, z_3_at3, z_3_at4, z_3_at5, c_3_at, c_4_sigmoid, c_4_sigmoid2, c_4_tanh, h_4_sigmoid,
        h_4_tanh, U_4_T, h_4_at, z_4_at, z_4_at2, z_4_at3, z_4_at4, z_4_at5, c_4_at, n, e_arg_part, z_5, ch_5, e_arg,
        e_arg_part2, e_tanh, e, alpha_lse, alpha, c, c_5_sigmoid, c_5_sigmoid2, c_5_tanh, h_5_sigmoid, h_5_tanh, W_a_T,
        C_5_T, U_5_T, h_5_at, largest, c_at, z_5_at, z_5_at2, z_5_at3, z_5_at4, z_5_at5, c_5_at, o, yhat_lse, largest2,
        rows, flat,
    )


def _loss_and_grad_arrays(S, n_w, T, n_y, n_h, B, dtype):
    """The arrays that `loss_and_grad` writes, and lists of their steps."""
    tmp0 = np.empty((2, S, B, 4 * n_h), dtype)
    tmp1 = np.empty((B, 4 * n_h), dtype)
    tmp2 = np.empty((B, n_h), dtype)
    tmp3 = np.empty((T - 1, B, 4 * n_h), dtype)
    tmp4 = np.empty((T - 1, B, n_h), dtype)
    tmp5 = np.empty((S, B), dtype)
    tmp6 = np.empty((T, B, n_y), dtype)
    tmp7 = np.empty((T, B), dtype)
    b_1234 = np.empty((4, 4 * n_h), dtype)
    W_12 = np.empty((2, 4 * n_h, n_h), dtype)
    W_34 = np.empty((2, 4 * n_h, 2 * n_h), dtype)
    x = np.empty((S, B, n_h), dtype)
    z_1234 = _by_step((4, S, B, 4 * n_h), dtype)
    h_1 = np.empty((S + 1, B, n_h), dtype)
    c_1 = np.empty((S + 1, B, n_h), dtype)
    h_2 = np.empty((S + 1, B, n_h), dtype)
    c_2 = np.empty((S + 1, B, n_h), dtype)
    c_1_sigmoid = np.empty((S, B, n_h), dtype)
    c_1_sigmoid2 = np.empty((S, B, n_h), dtype)
    c_1_tanh = np.empty((S, B, n_h), dtype)
    h_1_sigmoid = np.empty((S, B, n_h), dtype)
    h_1_tanh = np.empty((S, B, n_h), dtype)
    U_1_T = np.empty((n_h, 4 * n_h), dtype)
    h_1_at = list(h_1)
    z_1_at = list(z_1234[0])
    c_1_sigmoid_at = list(c_1_sigmoid)
    z_1_at2 = list(z_1234[0, :, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    c_1_sigmoid2_at = list(c_1_sigmoid2)
    z_1_at3 = list(z_1234[0, :, :, :n_h])
    c_1_tanh_at = list(c_1_tanh)
    z_1_at4 = list(z_1234[0, :, :, 3 * n_h:])
    h_1_sigmoid_at = list(h_1_sigmoid)
    z_1_at5 = list(z_1234[0, :, :, 2 * n_h:3 * n_h])
    c_1_at = list(c_1)
    h_1_tanh_at = list(h_1_tanh)
    c_2_sigmoid = np.empty((S, B, n_h), dtype)
    c_2_sigmoid2 = np.empty((S, B, n_h), dtype)
    c_2_tanh = np.empty((S, B, n_h), dtype)
    h_2_sigmoid = np.empty((S, B, n_h), dtype)
    h_2_tanh = np.empty((S, B, n_h), dtype)
    U_2_T = U_1_T
    h_2_at = list(h_2)
    z_2_at = list(z_1234[1])
    c_2_sigmoid_at = list(c_2_sigmoid)
    z_2_at2 = list(z_1234[1, :, :, n_h:2 * n_h])
    c_2_sigmoid2_at = list(c_2_sigmoid2)
    z_2_at3 = list(z_1234[1, :, :, :n_h])
    c_2_tanh_at = list(c_2_tanh)
    z_2_at4 = list(z_1234[1, :, :, 3 * n_h:])
    h_2_sigmoid_at = list(h_2_sigmoid)
    z_2_at5 = list(z_1234[1, :, :, 2 * n_h:3 * n_h])
    c_2_at = list(c_2)
    h_2_tanh_at = list(h_2_tanh)
    m = np.empty((S, B, 2 * n_h), dtype)
    h_3 = np.empty((S + 1, B, n_h), dtype)
    c_3 = np.empty((S + 1, B, n_h), dtype)
    ch_4 = _by_step((2, S + 1, B, n_h), dtype)
    c_3_sigmoid = np.empty((S, B, n_h), dtype)
    c_3_sigmoid2 = np.empty((S, B, n_h), dtype)
    c_3_tanh = np.empty((S, B, n_h), dtype)
    h_3_sigmoid = np.empty((S, B, n_h), dtype)
    h_3_tanh = np.empty((S, B, n_h), dtype)
    U_3_T = U_1_T
    h_3_at = list(h_3)
    z_3_at = list(z_1234[2])
    c_3_sigmoid_at = list(c_3_sigmoid)
    z_3_at2 = list(z_1234[2, :, :, n_h:2 * n_h])
    c_3_sigmoid2_at = list(c_3_sigmoid2)
    z_3_at3 = list(z_1234[2, :, :, :n_h])
    c_3_tanh_at = list(c_3_tanh)
    z_3_at4 = list(z_1234[2, :, :, 3 * n_h:])
    h_3_sigmoid_at = list(h_3_sigmoid)
    z_3_at5 = list(z_1234[2, :, :, 2 * n_h:3 * n_h])
    c_3_at = list(c_3)
    h_3_tanh_at = list(h_3_tanh)
    c_4_sigmoid = np.empty((S, B, n_h), dtype)
    c_4_sigmoid2 = np.empty((S, B, n_h), dtype)
    c_4_tanh = np.empty((S, B, n_h), dtype)
    h_4_sigmoid = np.empty((S, B, n_h), dtype)
    h_4_tanh = np.empty((S, B, n_h), dtype)
    U_4_T = U_1_T
    h_4_at = list(ch_4[1])
    z_4_at = list(z_1234[3])
    c_4_sigmoid_at = list(c_4_sigmoid)
    z_4_at2 = list(z_1234[3, :, :, n_h:2 * n_h])
    c_4_sigmoid2_at = list(c_4_sigmoid2)
    z_4_at3 = list(z_1234[3, :, :, :n_h])
    c_4_tanh_at = list(c_4_tanh)
    z_4_at4 = list(z_1234[3, :, :, 3 * n_h:])
    h_4_sigmoid_at = list(h_4_sigmoid)
    z_4_at5 = list(z_1234[3, :, :, 2 * n_h:3 * n_h])
    c_4_at = list(ch_4[0])
    h_4_tanh_at = list(h_4_tanh)
    n = np.empty((S, B, 2 * n_h), dtype)
    e_arg_part = np.empty((S, B, n_h), dtype)
    z_5 = np.empty((T, B, 4 * n_h), dtype)
    ch_5 = _by_step((2, T + 1, B, n_h), dtype)
    e_arg = np.empty((S, B, n_h), dtype)
    e_arg_part2 = np.empty((B, n_h), dtype)
    e_tanh = np.empty((T, S, B, n_h), dtype)
    e = np.empty((S, B), dtype)
    alpha_lse = np.empty((B,), dtype)
    alpha = np.empty((T, S, B), dtype)
    c = np.empty((T, B, 2 * n_h), dtype)
    c_5_sigmoid = np.empty((T, B, n_h), dtype)
    c_5_sigmoid2 = np.empty((T, B, n_h), dtype)
    c_5_tanh = np.empty((T, B, n_h), dtype)
    h_5_sigmoid = np.empty((T, B, n_h), dtype)
    h_5_tanh = np.empty((T, B, n_h), dtype)
    W_a_T = np.empty((n_h, n_h), dtype)
    C_5_T = np.empty((2 * n_h, 4 * n_h), dtype)
    U_5_T = U_1_T
    h_5_at = list(ch_5[1])
    e_tanh_at = list(e_tanh)
    largest = np.empty((1, B), dtype)
    alpha_at = list(alpha)
    c_at = list(c)
    z_5_at = list(z_5)
    c_5_sigmoid_at = list(c_5_sigmoid)
    z_5_at2 = list(z_5[:, :, n_h:2 * n_h])
    c_5_sigmoid2_at = list(c_5_sigmoid2)
    z_5_at3 = list(z_5[:, :, :n_h])
    c_5_tanh_at = list(c_5_tanh)
    z_5_at4 = list(z_5[:, :, 3 * n_h:])
    h_5_sigmoid_at = list(h_5_sigmoid)
    z_5_at5 = list(z_5[:, :, 2 * n_h:3 * n_h])
    c_5_at = list(ch_5[0])
    h_5_tanh_at = list(h_5_tanh)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    tmp8 = np.empty((B, 2 * n_h), dtype)
    tmp9 = np.empty((n_h, T - 1, B), dtype)
    tmp10 = n
    do = yhat
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dD = np.empty((n_y, 2 * n_h), dtype)
    dc = np.empty((T, B, 2 * n_h), dtype)
    dV = np.empty((n_y, n_h), dtype)
    c_5_factor = np.empty((T, B, n_h), dtype)
    z_5_factor = np.empty((T, B, n_h), dtype)
    z_5_factor2 = h_5_tanh
    z_5_factor3 = h_5_sigmoid
    z_5_factor4 = c_5_tanh
    dch_5 = _by_step((2, T + 1, B, n_h), dtype)
    dz_5 = z_5
    dalpha = e
    dalpha_lse = alpha_lse
    de = np.empty((T, S, B), dtype)
    de_arg = e_arg_part
    de_arg_sum2 = c_5_sigmoid2
    de_arg_sum = e_arg
    dz_5_at = list(dz_5)
    dh_5_at = list(dch_5[1])
    de_arg_sum2_at = list(de_arg_sum2)
    dc_5_at = list(dch_5[0])
    c_5_factor_at = list(c_5_factor)
    dz_5_at2 = list(dz_5[:, :, 2 * n_h:3 * n_h])
    z_5_factor_at = list(z_5_factor)
    dz_5_at3 = list(dz_5[:, :, 3 * n_h:])
    z_5_factor2_at = list(z_5_factor2)
    dz_5_at4 = list(dz_5[:, :, :n_h])
    z_5_factor3_at = list(z_5_factor3)
    dz_5_at5 = list(dz_5[:, :, n_h:2 * n_h])
    z_5_factor4_at = list(z_5_factor4)
    dc_at = list(dc)
    de_at = list(de)
    one = np.array(1, dtype)
    dW_5 = np.empty((4 * n_h, n_h), dtype)
    db_5 = np.empty((4 * n_h,), dtype)
    dC_5 = np.empty((4 * n_h, 2 * n_h), dtype)
    dU_5 = np.empty((4 * n_h, n_h), dtype)
    dn = np.empty((S, B, 2 * n_h), dtype)
    dv_a = np.empty((n_h,), dtype)
    dU_a = np.empty((n_h, 2 * n_h), dtype)
    dW_a = W_a_T
    c_4_factor = e_arg
    z_4_factor = e_arg_part
    z_4_factor2 = h_4_tanh
    z_4_factor3 = h_4_sigmoid
    z_4_factor4 = c_4_tanh
    c_3_factor = c_4_sigmoid2
    z_3_factor = np.empty((S, B, n_h), dtype)
    z_3_factor2 = h_3_tanh
    z_3_factor3 = h_3_sigmoid
    z_3_factor4 = c_3_tanh
    dch_4 = _by_step((2, S + 1, B, n_h), dtype)
    dh_3 = c_3
    dz_1234 = z_1234
    dz_4_at = list(dz_1234[3])
    dh_4_at = list(dch_4[1])
    c_4_factor_at = list(c_4_factor)
    dc_4_at = list(dch_4[0])
    dz_4_at2 = list(dz_1234[3, :, :, 2 * n_h:3 * n_h])
    z_4_factor_at = list(z_4_factor)
    dz_4_at3 = list(dz_1234[3, :, :, 3 * n_h:])
    z_4_factor2_at = list(z_4_factor2)
    dz_4_at4 = list(dz_1234[3, :, :, :n_h])
    z_4_factor3_at = list(z_4_factor3)
    dz_4_at5 = list(dz_1234[3, :, :, n_h:2 * n_h])
    z_4_factor4_at = list(z_4_factor4)
    dc_3 = np.empty((S + 1, B, n_h), dtype)
    dz_3_at = list(dz_1234[2])
    dh_3_at = list(dh_3)
    dc_3_at = list(dc_3)
    c_3_factor_at = list(c_3_factor)
    dz_3_at2 = list(dz_1234[2, :, :, 2 * n_h:3 * n_h])
    z_3_factor_at = list(z_3_factor)
    dz_3_at3 = list(dz_1234[2, :, :, 3 * n_h:])
    z_3_factor2_at = list(z_3_factor2)
    dz_3_at4 = list(dz_1234[2, :, :, :n_h])
    z_3_factor3_at = list(z_3_factor3)
    dz_3_at5 = list(dz_1234[2, :, :, n_h:2 * n_h])
    z_3_factor4_at = list(z_3_factor4)
    dm = dn
    product = np.empty((2, S * B, 2 * n_h), dtype)
    c_2_factor = c_3_tanh
    z_2_factor = h_3_sigmoid
    z_2_factor2 = h_2_tanh
    z_2_factor3 = h_2_sigmoid
    z_2_factor4 = c_2_tanh
    c_1_factor = c_2_sigmoid2
    z_1_factor = h_3_tanh
    z_1_factor2 = h_1_tanh
    z_1_factor3 = h_1_sigmoid
    z_1_factor4 = c_1_tanh
    dh_2 = c_1
    dh_1 = c_2
    dc_2 = np.empty((S + 1, B, n_h), dtype)
    dz_2_at = list(dz_1234[1])
    dh_2_at = list(dh_2)
    dc_2_at = list(dc_2)
    c_2_factor_at = list(c_2_factor)
    dz_2_at2 = list(dz_1234[1, :, :, 2 * n_h:3 * n_h])
    z_2_factor_at = list(z_2_factor)
    dz_2_at3 = list(dz_1234[1, :, :, 3 * n_h:])
    z_2_factor2_at = list(z_2_factor2)
    dz_2_at4 = list(dz_1234[1, :, :, :n_h])
    z_2_factor3_at = list(z_2_factor3)
    dz_2_at5 = list(dz_1234[1, :, :, n_h:2 * n_h])
    z_2_factor4_at = list(z_2_factor4)
    dc_1 = np.empty((S + 1, B, n_h), dtype)
    dz_1_at = list(dz_1234[0])
    dh_1_at = list(dh_1)
    dc_1_at = list(dc_1)
    c_1_factor_at = list(c_1_factor)
    dz_1_at2 = list(dz_1234[0, :, :, 2 * n_h:3 * n_h])
    z_1_factor_at = list(z_1_factor)
    dz_1_at3 = list(dz_1234[0, :, :, 3 * n_h:])
    z_1_factor2_at = list(z_1_factor2)
    dz_1_at4 = list(dz_1234[0, :, :, :n_h])
    z_1_factor3_at = list(z_1_factor3)
    dz_1_at5 = list(dz_1234[0, :, :, n_h:2 * n_h])
    z_1_factor4_at = list(z_1_factor4)
    db_1234 = np.empty((4, 4 * n_h), dtype)
    dU_4 = np.empty((4 * n_h, n_h), dtype)
    dW_34 = np.empty((2, 4 * n_h, 2 * n_h), dtype)
    dU_3 = np.empty((4 * n_h, n_h), dtype)
    dU_2 = np.empty((4 * n_h, n_h), dtype)
    dW_12 = np.empty((2, 4 * n_h, n_h), dtype)
    dx = x
    product2 = np.empty((2, S * B, n_h), dtype)
    dU_1 = np.empty((4 * n_h, n_h), dtype)
    dF = np.empty((n_y, n_h), dtype)
    dE = np.empty((n_w, n_h), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, tmp6, tmp7, b_1234, W_12, W_34, x, z_1234, h_1, c_1, h_2, c_2, c_1_sigmoid,
        c_1_sigmoid2, c_1_tanh, h_1_sigmoid, h_1_tanh, U_1_T, h_1_at, z_1_at, c_1_sigmoid_at, z_1_at2, half,
        c_1_sigmoid2_at, z_1_at3, c_1_tanh_at, z_1_at4, h_1_sigmoid_at, z_1_at5, c_1_at, h_1_tanh_at, c_2_sigmoid,
        c_2_sigmoid2, c_2_tanh, h_2_sigmoid, h_2_tanh, U_2_T, h_2_at, z_2_at, c_2_sigmoid_at, z_2_at2, c_2_sigmoid2_at,
        z_2_at3, c_2_tanh_at, z_2_at4, h_2_sigmoid_at, z_2_at5, c_2_at, h_2_tanh_at, m, h_3, c_3, ch_4, c_3_sigmoid,
        c_3_sigmoid2, c_3_tanh, h_3_sigmoid, h_3_tanh, U_3_T, h_3_at, z_3_at, c_3_sigmoid_at, z_3_at2, c_3_sigmoid2_at,
        z_3_at3, c_3_tanh_at, z_3_at4, h_3_sigmoid_at, z_3_at5, c_3_at, h_3_tanh_at, c_4_sigmoid, c_4_sigmoid2,
        c_4_tanh, h_4_sigmoid, h_4_tanh, U_4_T, h_4_at, z_4_at, c_4_sigmoid_at, z_4_at2, c_4_sigmoid2_at, z_4_at3,
        c_4_tanh_at, z_4_at4, h_4_sigmoid_at, z_4_at5, c_4_at, h_4_tanh_at, n, e_arg_part, z_5, ch_5, e_arg,
        e_arg_part2, e_tanh, e, alpha_lse, alpha, c, c_5_sigmoid, c_5_sigmoid2, c_5_tanh, h_5_sigmoid, h_5_tanh, W_a_T,
        C_5_T, U_5_T, h_5_at, e_tanh_at, largest, alpha_at, c_at, z_5_at, c_5_sigmoid_at, z_5_at2, c_5_sigmoid2_at,
        z_5_at3, c_5_tanh_at, z_5_at4, h_5_sigmoid_at, z_5_at5, c_5_at, h_5_tanh_at, o, yhat_lse, largest2, yhat, rows,
        flat, tmp8, tmp9, tmp10, do, entries, dd, dD, dc, dV, c_5_factor, z_5_factor, z_5_factor2, z_5_factor3,
        z_5_factor4, dch_5, dz_5, dalpha, dalpha_lse, de, de_arg, de_arg_sum2, de_arg_sum, dz_5_at, dh_5_at,
        de_arg_sum2_at, dc_5_at, c_5_factor_at, dz_5_at2, z_5_factor_at, dz_5_at3, z_5_factor2_at, dz_5_at4,
        z_5_factor3_at, dz_5_at5, z_5_factor4_at, dc_at, de_at, one, dW_5, db_5, dC_5, dU_5, dn, dv_a, dU_a, dW_a,
        c_4_factor, z_4_factor, z_4_factor2, z_4_factor3, z_4_factor4, c_3_factor, z_3_factor, z_3_factor2, z_3_factor3,
        z_3_factor4, dch_4, dh_3, dz_1234, dz_4_at, dh_4_at, c_4_factor_at, dc_4_at, dz_4_at2, z_4_factor_at, dz_4_at3,
        z_4_factor2_at, dz_4_at4, z_4_factor3_at, dz_4_at5, z_4_factor4_at, dc_3, dz_3_at, dh_3_at, dc_3_at,
        c_3_factor_at, dz_3_at2, z_3_factor_at, dz_3_at3, z_3_factor2_at, dz_3_at4, z_3_factor3_at, dz_3_at5,
        z_3_factor4_at, dm, product, c_2_factor, z_2_factor, z_2_factor2, z_2_factor3, z_2_factor4, c_1_factor,
        z_1_factor, z_1_factor2, z_1_factor3, z_1_factor4, dh_2, dh_1, dc_2, dz_2_at, dh_2_at, dc_2_at, c_2_factor_at,
        dz_2_at2, z_2_factor_at, dz_2_at3, z_2_factor2_at, dz_2_at4, z_2_factor3_at, dz_2_at5, z_2_factor4_at, dc_1,
        dz_1_at, dh_1_at, dc_1_at, c_1_factor_at, dz_1_at2, z_1_factor_at, dz_1_at3, z_1_factor2_at, dz_1_at4,
        z_1_factor3_at, dz_1_at5, z_1_factor4_at, db_1234, dU_4, dW_34, dU_3, dU_2, dW_12, dx, product2, dU_1, dF, dE,
    )


def _loss_padded_arrays(S, T, n_y, n_h, B, dtype):
    """The arrays that `_loss_padded` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_h), dtype)
    tmp1 = np.empty((2, S, B, 4 * n_h), dtype)
    tmp2 = np.empty((B, 4 * n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((B, n_h), dtype)
    tmp5 = np.empty((T, B, n_h), dtype)
    z_5_sum = np.empty((T, B, 4 * n_h), dtype)
    tmp6 = z_5_sum
    tmp7 = np.empty((T,), dtype)
    tmp8 = np.empty((T,), dtype)
    tmp9 = np.empty((S, B), dtype)
    tmp10 = np.empty((T, B, n_y), dtype)
    tmp11 = np.empty((B, T), dtype)
    tmp12 = np.empty((B, T), dtype)
    tmp13 = np.empty((B, T), dtype)
    b_1234 = np.empty((4, 4 * n_h), dtype)
    W_12 = np.empty((2, 4 * n_h, n_h), dtype)
    W_34 = np.empty((2, 4 * n_h, 2 * n_h), dtype)
    x = np.empty((S, B, n_h), dtype)
    z_1234 = _by_step((4, S, B, 4 * n_h), dtype)
    h_1 = np.empty((S + 1, B, n_h), dtype)
    c_1 = np.empty((S + 1, B, n_h), dtype)
    h_2 = np.empty((S + 1, B, n_h), dtype)
    c_2 = np.empty((S + 1, B, n_h), dtype)
    c_1_sigmoid = np.empty((B, n_h), dtype)
    c_1_sigmoid2 = np.empty((B, n_h), dtype)
    c_1_tanh = np.empty((B, n_h), dtype)
    h_1_sigmoid = np.empty((B, n_h), dtype)
    h_1_tanh = np.empty((B, n_h), dtype)
    U_1_T = np.empty((n_h, 4 * n_h), dtype)
    h_1_at = list(h_1)
    z_1_at = list(z_1234[0])
    z_1_at2 = list(z_1234[0, :, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    z_1_at3 = list(z_1234[0, :, :, :n_h])
    z_1_at4 = list(z_1234[0, :, :, 3 * n_h:])
    z_1_at5 = list(z_1234[0, :, :, 2 * n_h:3 * n_h])
    c_1_at = list(c_1)
    c_2_sigmoid = c_1_sigmoid
    c_2_sigmoid2 = c_1_sigmoid2
    c_2_tanh = c_1_tanh
    c_2_inside = h_1_sigmoid
    h_2_sigmoid = h_1_tanh
    h_2_tanh = np.empty((B, n_h), dtype)
    h_2_inside = np.empty((B, n_h), dtype)
    U_2_T = U_1_T
    h_2_at = list(h_2)
    z_2_at = list(z_1234[1])
    z_2_at2 = list(z_1234[1, :, :, n_h:2 * n_h])
    z_2_at3 = list(z_1234[1, :, :, :n_h])
    z_2_at4 = list(z_1234[1, :, :, 3 * n_h:])
    c_2_at = list(c_2)
    z_2_at5 = list(z_1234[1, :, :, 2 * n_h:3 * n_h])
    m = np.empty((S, B, 2 * n_h), dtype)
    h_3 = h_2
    c_3 = h_1
    h_4 = c_2
    c_4 = c_1
    c_3_sigmoid = c_1_sigmoid
    c_3_sigmoid2 = c_1_sigmoid2
    c_3_tanh = c_1_tanh
    h_3_sigmoid = h_1_sigmoid
    h_3_tanh = h_1_tanh
    U_3_T = U_1_T
    h_3_at = list(h_3)
    z_3_at = list(z_1234[2])
    z_3_at2 = list(z_1234[2, :, :, n_h:2 * n_h])
    z_3_at3 = list(z_1234[2, :, :, :n_h])
    z_3_at4 = list(z_1234[2, :, :, 3 * n_h:])
    z_3_at5 = list(z_1234[2, :, :, 2 * n_h:3 * n_h])
    c_3_at = list(c_3)
    c_4_sigmoid = c_1_sigmoid
    c_4_sigmoid2 = c_1_sigmoid2
    c_4_tanh = c_1_tanh
    c_4_inside = h_1_sigmoid
    h_4_sigmoid = h_1_tanh
    h_4_tanh = h_2_tanh
    h_4_inside = h_2_inside
    U_4_T = U_1_T
    h_4_at = list(h_4)
    z_4_at = list(z_1234[3])
    z_4_at2 = list(z_1234[3, :, :, n_h:2 * n_h])
    z_4_at3 = list(z_1234[3, :, :, :n_h])
    z_4_at4 = list(z_1234[3, :, :, 3 * n_h:])
    c_4_at = list(c_4)
    z_4_at5 = list(z_1234[3, :, :, 2 * n_h:3 * n_h])
    n = m
    e_arg_part = tmp0
    c_product2 = np.empty((S, B, 2 * n_h), dtype)
    z_5 = np.empty((T, B, 4 * n_h), dtype)
    y_held = np.empty((T, B), np.intp)
    c_5 = np.empty((T + 1, B, n_h), dtype)
    h_5 = np.empty((T + 1, B, n_h), dtype)
    e_arg = x
    e_arg_part2 = c_1_sigmoid
    e_tanh = np.empty((S, B, n_h), dtype)
    e = np.empty((S, B), dtype)
    alpha_inside = np.empty((S, B), dtype)
    alpha_lse = np.empty((B,), dtype)
    alpha = np.empty((S, B), dtype)
    c_product = np.empty((S, B), dtype)
    c = np.empty((T, B, 2 * n_h), dtype)
    c_5_sigmoid = c_1_sigmoid2
    c_5_sigmoid2 = c_1_tanh
    c_5_tanh = h_1_sigmoid
    h_5_sigmoid = h_1_tanh
    h_5_tanh = h_2_tanh
    W_a_T = np.empty((n_h, n_h), dtype)
    C_5_T = np.empty((2 * n_h, 4 * n_h), dtype)
    U_5_T = U_1_T
    h_5_at = list(h_5)
    largest = np.empty((1, B), dtype)
    c_at = list(c)
    z_5_at = list(z_5)
    z_5_at2 = list(z_5[:, :, n_h:2 * n_h])
    z_5_at3 = list(z_5[:, :, :n_h])
    z_5_at4 = list(z_5[:, :, 3 * n_h:])
    z_5_at5 = list(z_5[:, :, 2 * n_h:3 * n_h])
    c_5_at = list(c_5)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, z_5_sum, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, tmp13, b_1234, W_12,
        W_34, x, z_1234, h_1, c_1, h_2, c_2, c_1_sigmoid, c_1_sigmoid2, c_1_tanh, h_1_sigmoid, h_1_tanh, U_1_T, h_1_at,
        z_1_at, z_1_at2, half, z_1_at3, z_1_at4, z_1_at5, c_1_at, c_2_sigmoid, c_2_sigmoid2, c_2_tanh, c_2_inside,
        h_2_sigmoid, h_2_tanh, h_2_inside, U_2_T, h_2_at, z_2_at, z_2_at2, z_2_at3, z_2_at4, c_2_at, z_2_at5, m, h_3,
        c_3, h_4, c_4, c_3_sigmoid, c_3_sigmoid2, c_3_tanh, h_3_sigmoid, h_3_tanh, U_3_T, h_3_at, z_3_at, z_3_at2,
        z_3_at3, z_3_at4, z_3_at5, c_3_at, c_4_sigmoid, c_4_sigmoid2, c_4_tanh, c_4_inside, h_4_sigmoid, h_4_tanh,
        h_4_inside, U_4_T, h_4_at, z_4_at, z_4_at2, z_4_at3, z_4_at4, c_4_at, z_4_at5, n, e_arg_part, c_product2, z_5,
        y_held, c_5, h_5, e_arg, e_arg_part2, e_tanh, e, alpha_inside, alpha_lse, alpha, c_product, c, c_5_sigmoid,
        c_5_sigmoid2, c_5_tanh, h_5_sigmoid, h_5_tanh, W_a_T, C_5_T, U_5_T, h_5_at, largest, c_at, z_5_at, z_5_at2,
        z_5_at3, z_5_at4, z_5_at5, c_5_at, o, yhat_lse, largest2,
    )


def _loss_and_grad_padded_arrays(S, n_w, T, n_y, n_h, B, dtype):
    """The arrays that `_loss_and_grad_padded` writes, and lists of their steps."""
    tmp0 = np.empty((S, B, n_h), dtype)
    tmp1 = np.empty((2, S, B, 4 * n_h), dtype)
    tmp2 = np.empty((B, 4 * n_h), dtype)
    tmp3 = np.empty((B, n_h), dtype)
    tmp4 = np.empty((B, n_h), dtype)
    tmp5 = np.empty((T, B, n_h), dtype)
    z_5_sum = np.empty((T, B, 4 * n_h), dtype)
    tmp6 = z_5_sum
    tmp7 = np.empty((T,), dtype)
    tmp8 = np.empty((T,), dtype)
    tmp9 = np.empty((S, B), dtype)
    tmp10 = np.empty((T, B, n_y), dtype)
    tmp11 = np.empty((B, T), dtype)
    tmp12 = np.empty((B, T), dtype)
    tmp13 = np.empty((B, T), dtype)
    b_1234 = np.empty((4, 4 * n_h), dtype)
    W_12 = np.empty((2, 4 * n_h, n_h), dtype)
    W_34 = np.empty((2, 4 * n_h, 2 * n_h), dtype)
    x = np.empty((S, B, n_h), dtype)
    z_1234 = _by_step((4, S, B, 4 * n_h), dtype)
    h_1 = np.empty((S + 1, B, n_h), dtype)
    c_1 = np.empty((S + 1, B, n_h), dtype)
    h_2 = np.empty((S + 1, B, n_h), dtype)
    c_2 = np.empty((S + 1, B, n_h), dtype)
    c_1_sigmoid = np.empty((S, B, n_h), dtype)
    c_1_sigmoid2 = np.empty((S, B, n_h), dtype)
    c_1_tanh = np.empty((S, B, n_h), dtype)
    h_1_sigmoid = np.empty((S, B, n_h), dtype)
    h_1_tanh = np.empty((S, B, n_h), dtype)
    U_1_T = np.empty((n_h, 4 * n_h), dtype)
    h_1_at = list(h_1)
    z_1_at = list(z_1234[0])
    c_1_sigmoid_at = list(c_1_sigmoid)
    z_1_at2 = list(z_1234[0, :, :, n_h:2 * n_h])
    half = np.array(0.5, dtype)
    c_1_sigmoid2_at = list(c_1_sigmoid2)
    z_1_at3 = list(z_1234[0, :, :, :n_h])
    c_1_tanh_at = list(c_1_tanh)
    z_1_at4 = list(z_1234[0, :, :, 3 * n_h:])
    h_1_sigmoid_at = list(h_1_sigmoid)
    z_1_at5 = list(z_1234[0, :, :, 2 * n_h:3 * n_h])
    c_1_at = list(c_1)
    h_1_tanh_at = list(h_1_tanh)
    c_2_sigmoid = np.empty((S, B, n_h), dtype)
    c_2_sigmoid2 = np.empty((S, B, n_h), dtype)
    c_2_tanh = np.empty((S, B, n_h), dtype)
    c_2_inside = np.empty((B, n_h), dtype)
    h_2_sigmoid = np.empty((S, B, n_h), dtype)
    h_2_tanh = np.empty((S, B, n_h), dtype)
    h_2_inside = np.empty((B, n_h), dtype)
    U_2_T = U_1_T
    h_2_at = list(h_2)
    z_2_at = list(z_1234[1])
    c_2_sigmoid_at = list(c_2_sigmoid)
    z_2_at2 = list(z_1234[1, :, :, n_h:2 * n_h])
    c_2_sigmoid2_at = list(c_2_sigmoid2)
    z_2_at3 = list(z_1234[1, :, :, :n_h])
    c_2_tanh_at = list(c_2_tanh)
    z_2_at4 = list(z_1234[1, :, :, 3 * n_h:])
    c_2_at = list(c_2)
    h_2_sigmoid_at = list(h_2_sigmoid)
    z_2_at5 = list(z_1234[1, :, :, 2 * n_h:3 * n_h])
    h_2_tanh_at = list(h_2_tanh)
    m = np.empty((S, B, 2 * n_h), dtype)
    h_3 = np.empty((S + 1, B, n_h), dtype)
    c_3 = np.empty((S + 1, B, n_h), dtype)
    h_4 = np.empty((S + 1, B, n_h), dtype)
    c_4 = np.empty((S + 1, B, n_h), dtype)
    c_3_sigmoid = tmp0
    c_3_sigmoid2 = np.empty((S, B, n_h), dtype)
    c_3_tanh = np.empty((S, B, n_h), dtype)
    h_3_sigmoid = np.empty((S, B, n_h), dtype)
    h_3_tanh = np.empty((S, B, n_h), dtype)
    U_3_T = U_1_T
    h_3_at = list(h_3)
    z_3_at = list(z_1234[2])
    c_3_sigmoid_at = list(c_3_sigmoid)
    z_3_at2 = list(z_1234[2, :, :, n_h:2 * n_h])
    c_3_sigmoid2_at = list(c_3_sigmoid2)
    z_3_at3 = list(z_1234[2, :, :, :n_h])
    c_3_tanh_at = list(c_3_tanh)
    z_3_at4 = list(z_1234[2, :, :, 3 * n_h:])
    h_3_sigmoid_at = list(h_3_sigmoid)
    z_3_at5 = list(z_1234[2, :, :, 2 * n_h:3 * n_h])
    c_3_at = list(c_3)
    h_3_tanh_at = list(h_3_tanh)
    c_4_sigmoid = np.empty((S, B, n_h), dtype)
    c_4_sigmoid2 = np.empty((S, B, n_h), dtype)
    c_4_tanh = np.empty((S, B, n_h), dtype)
    c_4_inside = c_2_inside
    h_4_sigmoid = np.empty((S, B, n_h), dtype)
    h_4_tanh = np.empty((S, B, n_h), dtype)
    h_4_inside = h_2_inside
    U_4_T = U_1_T
    h_4_at = list(h_4)
    z_4_at = list(z_1234[3])
    c_4_sigmoid_at = list(c_4_sigmoid)
    z_4_at2 = list(z_1234[3, :, :, n_h:2 * n_h])
    c_4_sigmoid2_at = list(c_4_sigmoid2)
    z_4_at3 = list(z_1234[3, :, :, :n_h])
    c_4_tanh_at = list(c_4_tanh)
    z_4_at4 = list(z_1234[3, :, :, 3 * n_h:])
    c_4_at = list(c_4)
    h_4_sigmoid_at = list(h_4_sigmoid)
    z_4_at5 = list(z_1234[3, :, :, 2 * n_h:3 * n_h])
    h_4_tanh_at = list(h_4_tanh)
    n = np.empty((S, B, 2 * n_h), dtype)
    e_arg_part = np.empty((S, B, n_h), dtype)
    c_product2 = np.empty((S, B, 2 * n_h), dtype)
    z_5 = np.empty((T, B, 4 * n_h), dtype)
    y_held = np.empty((T + 1, B), np.intp)
    c_5 = np.empty((T + 1, B, n_h), dtype)
    h_5 = np.empty((T + 1, B, n_h), dtype)
    e_arg = np.empty((S, B, n_h), dtype)
    e_arg_part2 = c_2_inside
    e_tanh = np.empty((T, S, B, n_h), dtype)
    e = np.empty((S, B), dtype)
    alpha_inside = np.empty((S, B), dtype)
    alpha_lse = np.empty((B,), dtype)
    alpha = np.empty((T, S, B), dtype)
    c_product = np.empty((T, S, B), dtype)
    c = np.empty((T, B, 2 * n_h), dtype)
    c_5_sigmoid = np.empty((T, B, n_h), dtype)
    c_5_sigmoid2 = np.empty((T, B, n_h), dtype)
    c_5_tanh = np.empty((T, B, n_h), dtype)
    h_5_sigmoid = np.empty((T, B, n_h), dtype)
    h_5_tanh = np.empty((T, B, n_h), dtype)
    W_a_T = np.empty((n_h, n_h), dtype)
    C_5_T = np.empty((2 * n_h, 4 * n_h), dtype)
    U_5_T = U_1_T
    h_5_at = list(h_5)
    e_tanh_at = list(e_tanh)
    largest = np.empty((1, B), dtype)
    alpha_at = list(alpha)
    c_product_at = list(c_product)
    c_at = list(c)
    z_5_at = list(z_5)
    c_5_sigmoid_at = list(c_5_sigmoid)
    z_5_at2 = list(z_5[:, :, n_h:2 * n_h])
    c_5_sigmoid2_at = list(c_5_sigmoid2)
    z_5_at3 = list(z_5[:, :, :n_h])
    c_5_tanh_at = list(c_5_tanh)
    z_5_at4 = list(z_5[:, :, 3 * n_h:])
    h_5_sigmoid_at = list(h_5_sigmoid)
    z_5_at5 = list(z_5[:, :, 2 * n_h:3 * n_h])
    c_5_at = list(c_5)
    h_5_tanh_at = list(h_5_tanh)
    o = np.empty((T, B, n_y), dtype)
    yhat_lse = np.empty((T, B), dtype)
    largest2 = np.empty((T, B, 1), dtype)
    yhat = np.empty((T, B, n_y), dtype)
    tmp14 = yhat_lse
    tmp15 = np.empty((B, 2 * n_h), dtype)
    tmp16 = np.empty((n_h, T, B), dtype)
    tmp17 = n
    tmp18 = np.empty((S - 1, B), dtype)
    tmp19 = np.empty((S - 1,), dtype)
    tmp20 = np.empty((S - 1, B), dtype)
    tmp21 = alpha_lse
    tmp22 = np.empty((2, B, n_h), dtype)
    tmp23 = np.empty((B,), dtype)
    tmp24 = np.empty((B,), dtype)
    do = yhat
    rows = np.arange(T * B).reshape(T, B)
    flat = np.empty((T, B), np.intp)
    entries = np.empty((T, B), dtype)
    dd = np.empty((n_y,), dtype)
    dD = np.empty((n_y, 2 * n_h), dtype)
    dc = np.empty((T, B, 2 * n_h), dtype)
    dV = np.empty((n_y, n_h), dtype)
    c_5_factor = np.empty((T, B, n_h), dtype)
    z_5_factor = np.empty((T, B, n_h), dtype)
    z_5_factor2 = h_5_tanh
    z_5_factor3 = h_5_sigmoid
    z_5_factor4 = c_5_tanh
    alpha_factor = e
    dch_5 = _by_step((2, T + 1, B, n_h), dtype)
    dz_5 = z_5
    dc_product = alpha_inside
    dalpha = np.empty((S, B), dtype)
    dalpha_lse = alpha_lse
    dalpha_inside = np.empty((S, B), dtype)
    de = np.empty((T, S, B), dtype)
    de_arg = np.empty((T, S, B, n_h), dtype)
    dz_5_at = list(dz_5)
    dh_5_at = list(dch_5[1])
    de_arg_at = list(de_arg)
    dc_5_at = list(dch_5[0])
    c_5_factor_at = list(c_5_factor)
    dz_5_at2 = list(dz_5[:, :, 2 * n_h:3 * n_h])
    z_5_factor_at = list(z_5_factor)
    dz_5_at3 = list(dz_5[:, :, 3 * n_h:])
    z_5_factor2_at = list(z_5_factor2)
    dz_5_at4 = list(dz_5[:, :, :n_h])
    z_5_factor3_at = list(z_5_factor3)
    dz_5_at5 = list(dz_5[:, :, n_h:2 * n_h])
    z_5_factor4_at = list(z_5_factor4)
    dc_at = list(dc)
    de_at = list(de)
    one = np.array(1, dtype)
    dz_5_sum = z_5_sum
    dW_5 = np.empty((4 * n_h, n_h), dtype)
    db_5 = np.empty((4 * n_h,), dtype)
    dC_5 = np.empty((4 * n_h, 2 * n_h), dtype)
    dU_5 = np.empty((4 * n_h, n_h), dtype)
    dc_product2 = c_product2
    dn = dc_product2
    dv_a = np.empty((n_h,), dtype)
    de_arg_sum = e_arg_part
    dU_a = np.empty((n_h, 2 * n_h), dtype)
    de_arg_sum2 = c_5_sigmoid
    dW_a = W_a_T
    c_4_factor = e_arg_part
    z_4_factor = e_arg
    c_4_factor2 = np.empty((S - 1, B, n_h), dtype)
    z_4_factor2 = h_4_tanh
    z_4_factor3 = h_4_sigmoid
    z_4_factor4 = c_4_tanh
    c_3_factor = c_4_sigmoid2
    z_3_factor = np.empty((S, B, n_h), dtype)
    z_3_factor2 = h_3_tanh
    z_3_factor3 = h_3_sigmoid
    z_3_factor4 = c_3_tanh
    dch_4 = _by_step((2, S + 1, B, n_h), dtype)
    dh_3 = c_3
    dh_4_inside = tmp4
    dc_4_inside = c_3_sigmoid2
    dz_1234 = z_1234
    number = np.array(-1, dtype)
    dz_4_at = list(dz_1234[3])
    dh_4_at = list(dch_4[1])
    alpha_factor_at = list(alpha_factor)
    c_4_factor_at = list(c_4_factor)
    dc_4_at = list(dch_4[0])
    c_4_factor2_at = list(c_4_factor2)
    dc_4_inside_at = list(dc_4_inside)
    dz_4_at2 = list(dz_1234[3, :, :, 2 * n_h:3 * n_h])
    z_4_factor_at = list(z_4_factor)
    dz_4_at3 = list(dz_1234[3, :, :, 3 * n_h:])
    z_4_factor2_at = list(z_4_factor2)
    dz_4_at4 = list(dz_1234[3, :, :, :n_h])
    z_4_factor3_at = list(z_4_factor3)
    dz_4_at5 = list(dz_1234[3, :, :, n_h:2 * n_h])
    z_4_factor4_at = list(z_4_factor4)
    dc_3 = c_4
    dz_3_at = list(dz_1234[2])
    dh_3_at = list(dh_3)
    dc_3_at = list(dc_3)
    c_3_factor_at = list(c_3_factor)
    dz_3_at2 = list(dz_1234[2, :, :, 2 * n_h:3 * n_h])
    z_3_factor_at = list(z_3_factor)
    dz_3_at3 = list(dz_1234[2, :, :, 3 * n_h:])
    z_3_factor2_at = list(z_3_factor2)
    dz_3_at4 = list(dz_1234[2, :, :, :n_h])
    z_3_factor3_at = list(z_3_factor3)
    dz_3_at5 = list(dz_1234[2, :, :, n_h:2 * n_h])
    z_3_factor4_at = list(z_3_factor4)
    dm = c_product2
    product = np.empty((2, S * B, 2 * n_h), dtype)
    c_2_factor = c_3_tanh
    z_2_factor = h_3_sigmoid
    c_2_factor2 = c_4_factor2
    z_2_factor2 = h_2_tanh
    z_2_factor3 = h_2_sigmoid
    z_2_factor4 = c_2_tanh
    c_1_factor = c_2_sigmoid2
    z_1_factor = h_3_tanh
    z_1_factor2 = h_1_tanh
    z_1_factor3 = h_1_sigmoid
    z_1_factor4 = c_1_tanh
    dh_2 = c_1
    dh_1 = c_2
    dh_2_inside = tmp4
    dc_2 = np.empty((S + 1, B, n_h), dtype)
    dc_2_inside = c_1_sigmoid2
    dz_2_at = list(dz_1234[1])
    dh_2_at = list(dh_2)
    dc_2_at = list(dc_2)
    c_2_factor_at = list(c_2_factor)
    c_2_factor2_at = list(c_2_factor2)
    dc_2_inside_at = list(dc_2_inside)
    dz_2_at2 = list(dz_1234[1, :, :, 2 * n_h:3 * n_h])
    z_2_factor_at = list(z_2_factor)
    dz_2_at3 = list(dz_1234[1, :, :, 3 * n_h:])
    z_2_factor2_at = list(z_2_factor2)
    dz_2_at4 = list(dz_1234[1, :, :, :n_h])
    z_2_factor3_at = list(z_2_factor3)
    dz_2_at5 = list(dz_1234[1, :, :, n_h:2 * n_h])
    z_2_factor4_at = list(z_2_factor4)
    dc_1 = np.empty((S + 1, B, n_h), dtype)
    dz_1_at = list(dz_1234[0])
    dh_1_at = list(dh_1)
    dc_1_at = list(dc_1)
    c_1_factor_at = list(c_1_factor)
    dz_1_at2 = list(dz_1234[0, :, :, 2 * n_h:3 * n_h])
    z_1_factor_at = list(z_1_factor)
    dz_1_at3 = list(dz_1234[0, :, :, 3 * n_h:])
    z_1_factor2_at = list(z_1_factor2)
    dz_1_at4 = list(dz_1234[0, :, :, :n_h])
    z_1_factor3_at = list(z_1_factor3)
    dz_1_at5 = list(dz_1234[0, :, :, n_h:2 * n_h])
    z_1_factor4_at = list(z_1_factor4)
    db_1234 = np.empty((4, 4 * n_h), dtype)
    dU_4 = np.empty((4 * n_h, n_h), dtype)
    dW_34 = np.empty((2, 4 * n_h, 2 * n_h), dtype)
    dU_3 = np.empty((4 * n_h, n_h), dtype)
    dU_2 = np.empty((4 * n_h, n_h), dtype)
    dW_12 = np.empty((2, 4 * n_h, n_h), dtype)
    dx = x
    product2 = np.empty((2, S * B, n_h), dtype)
    dU_1 = np.empty((4 * n_h, n_h), dtype)
    dF = np.empty((n_y, n_h), dtype)
    dE = np.empty((n_w, n_h), dtype)
    return (
        tmp0, tmp1, tmp2, tmp3, tmp4, tmp5, z_5_sum, tmp6, tmp7, tmp8, tmp9, tmp10, tmp11, tmp12, tmp13, b_1234, W_12,
        W_34, x, z_1234, h_1, c_1, h_2, c_2, c_1_sigmoid, c_1_sigmoid2, c_1_tanh, h_1_sigmoid, h_1_tanh, U_1_T, h_1_at,
        z_1_at, c_1_sigmoid_at, z_1_at2, half, c_1_sigmoid2_at, z_1_at3, c_1_tanh_at, z_1_at4, h_1_sigmoid_at, z_1_at5,
        c_1_at, h_1_tanh_at, c_2_sigmoid, c_2_sigmoid2, c_2_tanh, c_2_inside, h_2_sigmoid, h_2_tanh, h_2_inside, U_2_T,
        h_2_at, z_2_at, c_2_sigmoid_at, z_2_at2, c_2_sigmoid2_at, z_2_at3, c_2_tanh_at, z_2_at4, c_2_at, h_2_sigmoid_at,
        z_2_at5, h_2_tanh_at, m, h_3, c_3, h_4, c_4, c_3_sigmoid, c_3_sigmoid2, c_3_tanh, h_3_sigmoid, h_3_tanh, U_3_T,
        h_3_at, z_3_at, c_3_sigmoid_at, z_3_at2, c_3_sigmoid2_at, z_3_at3, c_3_tanh_at, z_3_at4, h_3_sigmoid_at,
        z_3_at5, c_3_at, h_3_tanh_at, c_4_sigmoid, c_4_sigmoid2, c_4_tanh, c_4_inside, h_4_sigmoid, h_4_tanh,
        h_4_inside, U_4_T, h_4_at, z_4_at, c_4_sigmoid_at, z_4_at2, c_4_sigmoid2_at, z_4_at3, c_4_tanh_at, z_4_at4,
        c_4_at, h_4_sigmoid_at, z_4_at5, h_4_tanh_at, n, e_arg_part, c_product2, z_5, y_held, c_5, h_5, e_arg,
        e_arg_part2, e_tanh, e, alpha_inside, alpha_lse, alpha, c_product, c, c_5_sigmoid, c_5_sigmoid2, c_5_tanh,
        h_5_sigmoid, h_5_tanh, W_a_T, C_5_T, U_5_T, h_5_at, e_tanh_at, largest, alpha_at, c_product_at, c_at, z_5_at,
        c_5_sigmoid_at, z_5_at2, c_5_sigmoid2_at, z_5_at3, c_5_tanh_at, z_5_at4, h_5_sigmoid_at, z_5_at5, c_5_at,
        h_5_tanh_at, o, yhat_lse, largest2, yhat, tmp14, tmp15, tmp16, tmp17, tmp18, tmp19, tmp20, tmp21, tmp22, tmp23,
        tmp24, do, rows, flat, entries, dd, dD, dc, dV, c_5_factor, z_5_factor, z_5_factor2, z_5_factor3, z_5_factor4,
        alpha_factor, dch_5, dz_5, dc_product, dalpha, dalpha_lse, dalpha_inside, de, de_arg, dz_5_at, dh_5_at,
        de_arg_at, dc_5_at, c_5_factor_at, dz_5_at2, z_5_factor_at, dz_5_at3, z_5_factor2_at, dz_5_at4, z_5_factor3_at,
        dz_5_at5, z_5_factor4_at, dc_at, de_at, one, dz_5_sum, dW_5, db_5, dC_5, dU_5, dc_product2, dn, dv_a,
        de_arg_sum, dU_a, de_arg_sum2, dW_a, c_4_factor, z_4_factor, c_4_factor2, z_4_factor2, z_4_factor3, z_4_factor4,
        c_3_factor, z_3_factor, z_3_factor2, z_3_factor3, z_3_factor4, dch_4, dh_3, dh_4_inside, dc_4_inside, dz_1234,
        number, dz_4_at, dh_4_at, alpha_factor_at, c_4_factor_at, dc_4_at, c_4_factor2_at, dc_4_inside_at, dz_4_at2,
        z_4_factor_at, dz_4_at3, z_4_factor2_at, dz_4_at4, z_4_factor3_at, dz_4_at5, z_4_factor4_at, dc_3, dz_3_at,
        dh_3_at, dc_3_at, c_3_factor_at, dz_3_at2, z_3_factor_at, dz_3_at3, z_3_factor2_at, dz_3_at4, z_3_factor3_at,
        dz_3_at5, z_3_factor4_at, dm, product, c_2_factor, z_2_factor, c_2_factor2, z_2_factor2, z_2_factor3,
        z_2_factor4, c_1_factor, z_1_factor, z_1_factor2, z_1_factor3, z_1_factor4, dh_2, dh_1, dh_2_inside, dc_2,
        dc_2_inside, dz_2_at, dh_2_at, dc_2_at, c_2_factor_at, c_2_factor2_at, dc_2_inside_at, dz_2_at2, z_2_factor_at,
        dz_2_at3, z_2_factor2_at, dz_2_at4, z_2_factor3_at, dz_2_at5, z_2_factor4_at, dc_1, dz_1_at, dh_1_at, dc_1_at,
        c_1_factor_at, dz_1_at2, z_1_factor_at, dz_1_at3, z_1_factor2_at, dz_1_at4, z_1_factor3_at, dz_1_at5,
        z_1_factor4_at, db_1234, dU_4, dW_34, dU_3, dU_2, dW_12, dx, product2, dU_1, dF, dE,
    )


def _arguments(params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h, n_y = _parameters(params)
    w = _integers("w", w)
    y = _integers("y", y)
    single = w.ndim == 1
    _rank("w", w, ("S", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    S = w.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from w")
    _classes("w", w, n_w, "n_w - 1")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        w = w[:, None]
        y = y[:, None]
    if h_10 is None:
        h_10 = np.zeros((B, n_h), dtype)
    else:
        h_10 = _real("h_10", h_10, dtype)
        _expect("h_10", h_10, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_10 = h_10[None]
    if c_10 is None:
        c_10 = np.zeros((B, n_h), dtype)
    else:
        c_10 = _real("c_10", c_10, dtype)
        _expect("c_10", c_10, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_10 = c_10[None]
    if h_2_end is None:
        h_2_end = np.zeros((B, n_h), dtype)
    else:
        h_2_end = _real("h_2_end", h_2_end, dtype)
        _expect("h_2_end", h_2_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_2_end = h_2_end[None]
    if c_2_end is None:
        c_2_end = np.zeros((B, n_h), dtype)
    else:
        c_2_end = _real("c_2_end", c_2_end, dtype)
        _expect("c_2_end", c_2_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_2_end = c_2_end[None]
    if h_30 is None:
        h_30 = np.zeros((B, n_h), dtype)
    else:
        h_30 = _real("h_30", h_30, dtype)
        _expect("h_30", h_30, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_30 = h_30[None]
    if c_30 is None:
        c_30 = np.zeros((B, n_h), dtype)
    else:
        c_30 = _real("c_30", c_30, dtype)
        _expect("c_30", c_30, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_30 = c_30[None]
    if h_4_end is None:
        h_4_end = np.zeros((B, n_h), dtype)
    else:
        h_4_end = _real("h_4_end", h_4_end, dtype)
        _expect("h_4_end", h_4_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_4_end = h_4_end[None]
    if c_4_end is None:
        c_4_end = np.zeros((B, n_h), dtype)
    else:
        c_4_end = _real("c_4_end", c_4_end, dtype)
        _expect("c_4_end", c_4_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_4_end = c_4_end[None]
    return (
        params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, dtype, single, n_w, n_h, n_y, S, T, B,
    )


def _backward_arguments(params, forward, w, y):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h, n_y = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    z_1 = _real("forward.z_1", forward.z_1, dtype)
    c_1 = _real("forward.c_1", forward.c_1, dtype)
    h_1 = _real("forward.h_1", forward.h_1, dtype)
    z_2 = _real("forward.z_2", forward.z_2, dtype)
    c_2 = _real("forward.c_2", forward.c_2, dtype)
    h_2 = _real("forward.h_2", forward.h_2, dtype)
    m = _real("forward.m", forward.m, dtype)
    z_3 = _real("forward.z_3", forward.z_3, dtype)
    c_3 = _real("forward.c_3", forward.c_3, dtype)
    h_3 = _real("forward.h_3", forward.h_3, dtype)
    z_4 = _real("forward.z_4", forward.z_4, dtype)
    c_4 = _real("forward.c_4", forward.c_4, dtype)
    h_4 = _real("forward.h_4", forward.h_4, dtype)
    n = _real("forward.n", forward.n, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    c = _real("forward.c", forward.c, dtype)
    z_5 = _real("forward.z_5", forward.z_5, dtype)
    c_5 = _real("forward.c_5", forward.c_5, dtype)
    h_5 = _real("forward.h_5", forward.h_5, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("S", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    S = w.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from w")
    _expect("forward.x", x, (S, *batch_axis, n_h), ("S", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.z_1", z_1, (S, *batch_axis, 4 * n_h), ("S", "B", "4*n_h"), "S and B from w, n_h from E")
    _expect("forward.c_1", c_1, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.h_1", h_1, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.z_2", z_2, (S, *batch_axis, 4 * n_h), ("S", "B", "4*n_h"), "S and B from w, n_h from E")
    _expect("forward.c_2", c_2, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.h_2", h_2, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.m", m, (S, *batch_axis, 2 * n_h), ("S", "B", "2*n_h"), "S and B from w, n_h from E")
    _expect("forward.z_3", z_3, (S, *batch_axis, 4 * n_h), ("S", "B", "4*n_h"), "S and B from w, n_h from E")
    _expect("forward.c_3", c_3, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.h_3", h_3, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.z_4", z_4, (S, *batch_axis, 4 * n_h), ("S", "B", "4*n_h"), "S and B from w, n_h from E")
    _expect("forward.c_4", c_4, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.h_4", h_4, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.n", n, (S, *batch_axis, 2 * n_h), ("S", "B", "2*n_h"), "S and B from w, n_h from E")
    _expect("forward.alpha", alpha, (T, S, *batch_axis), ("T", "S", "B"), "T from y, S and B from w")
    _expect("forward.c", c, (T, *batch_axis, 2 * n_h), ("T", "B", "2*n_h"), "T from y, B from w, n_h from E")
    _expect("forward.z_5", z_5, (T, *batch_axis, 4 * n_h), ("T", "B", "4*n_h"), "T from y, B from w, n_h from E")
    _expect("forward.c_5", c_5, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T from y, B from w, n_h from E")
    _expect("forward.h_5", h_5, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T from y, B from w, n_h from E")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T from y, B from w, n_y from F")
    _classes("w", w, n_w, "n_w - 1")
    _classes("y", y, n_y, "n_y - 1")
    if single:
        w = w[:, None]
        y = y[:, None]
        x = x[:, None]
        z_1 = z_1[:, None]
        c_1 = c_1[:, None]
        h_1 = h_1[:, None]
        z_2 = z_2[:, None]
        c_2 = c_2[:, None]
        h_2 = h_2[:, None]
        m = m[:, None]
        z_3 = z_3[:, None]
        c_3 = c_3[:, None]
        h_3 = h_3[:, None]
        z_4 = z_4[:, None]
        c_4 = c_4[:, None]
        h_4 = h_4[:, None]
        n = n[:, None]
        alpha = alpha[:, :, None]
        c = c[:, None]
        z_5 = z_5[:, None]
        c_5 = c_5[:, None]
        h_5 = h_5[:, None]
        yhat = yhat[:, None]
    return (
        params, w, y, x, z_1, c_1, h_1, z_2, c_2, h_2, m, z_3, c_3, h_3, z_4, c_4, h_4, n, alpha, c, z_5, c_5, h_5,
        yhat, dtype, single, n_w, n_h, n_y, S, T, B,
    )


def _initial_arguments(params, w, h_10, c_10, h_2_end, c_2_end, h_4_end, c_4_end):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h, n_y = _parameters(params)
    w = _integers("w", w)
    single = w.ndim == 1
    _rank("w", w, ("S", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    S = w.shape[0]
    _classes("w", w, n_w, "n_w - 1")
    if single:
        w = w[:, None]
    if h_10 is None:
        h_10 = np.zeros((B, n_h), dtype)
    else:
        h_10 = _real("h_10", h_10, dtype)
        _expect("h_10", h_10, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_10 = h_10[None]
    if c_10 is None:
        c_10 = np.zeros((B, n_h), dtype)
    else:
        c_10 = _real("c_10", c_10, dtype)
        _expect("c_10", c_10, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_10 = c_10[None]
    if h_2_end is None:
        h_2_end = np.zeros((B, n_h), dtype)
    else:
        h_2_end = _real("h_2_end", h_2_end, dtype)
        _expect("h_2_end", h_2_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_2_end = h_2_end[None]
    if c_2_end is None:
        c_2_end = np.zeros((B, n_h), dtype)
    else:
        c_2_end = _real("c_2_end", c_2_end, dtype)
        _expect("c_2_end", c_2_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_2_end = c_2_end[None]
    if h_4_end is None:
        h_4_end = np.zeros((B, n_h), dtype)
    else:
        h_4_end = _real("h_4_end", h_4_end, dtype)
        _expect("h_4_end", h_4_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_4_end = h_4_end[None]
    if c_4_end is None:
        c_4_end = np.zeros((B, n_h), dtype)
    else:
        c_4_end = _real("c_4_end", c_4_end, dtype)
        _expect("c_4_end", c_4_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_4_end = c_4_end[None]
    return params, w, h_10, c_10, h_2_end, c_2_end, h_4_end, c_4_end, dtype, single, n_w, n_h, n_y, S, B


def _step_arguments(params, state, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h, n_y = _parameters(params)
    state = _as_state(state)
    w = _integers("w", w)
    y = _integers("y", y)
    y_prev = _integers("state.y", state.y)
    c_5_prev = _real("state.c_5", state.c_5, dtype)
    h_5_prev = _real("state.h_5", state.h_5, dtype)
    single = w.ndim == 1
    _rank("w", w, ("S", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    S = w.shape[0]
    _expect("y", y, (*batch_axis,), ("B",), "B from w")
    _expect("state.y", y_prev, (*batch_axis,), ("B",), "B from w")
    _expect("state.c_5", c_5_prev, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
    _expect("state.h_5", h_5_prev, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
    _classes("w", w, n_w, "n_w - 1")
    _classes("y", y, n_y, "n_y - 1")
    _classes("state.y", y_prev, n_y, "n_y - 1")
    if single:
        w = w[:, None]
        y = y[None]
        y_prev = y_prev[None]
        c_5_prev = c_5_prev[None]
        h_5_prev = h_5_prev[None]
    if h_10 is None:
        h_10 = np.zeros((B, n_h), dtype)
    else:
        h_10 = _real("h_10", h_10, dtype)
        _expect("h_10", h_10, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_10 = h_10[None]
    if c_10 is None:
        c_10 = np.zeros((B, n_h), dtype)
    else:
        c_10 = _real("c_10", c_10, dtype)
        _expect("c_10", c_10, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_10 = c_10[None]
    if h_2_end is None:
        h_2_end = np.zeros((B, n_h), dtype)
    else:
        h_2_end = _real("h_2_end", h_2_end, dtype)
        _expect("h_2_end", h_2_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_2_end = h_2_end[None]
    if c_2_end is None:
        c_2_end = np.zeros((B, n_h), dtype)
    else:
        c_2_end = _real("c_2_end", c_2_end, dtype)
        _expect("c_2_end", c_2_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_2_end = c_2_end[None]
    if h_30 is None:
        h_30 = np.zeros((B, n_h), dtype)
    else:
        h_30 = _real("h_30", h_30, dtype)
        _expect("h_30", h_30, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_30 = h_30[None]
    if c_30 is None:
        c_30 = np.zeros((B, n_h), dtype)
    else:
        c_30 = _real("c_30", c_30, dtype)
        _expect("c_30", c_30, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_30 = c_30[None]
    if h_4_end is None:
        h_4_end = np.zeros((B, n_h), dtype)
    else:
        h_4_end = _real("h_4_end", h_4_end, dtype)
        _expect("h_4_end", h_4_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_4_end = h_4_end[None]
    if c_4_end is None:
        c_4_end = np.zeros((B, n_h), dtype)
    else:
        c_4_end = _real("c_4_end", c_4_end, dtype)
        _expect("c_4_end", c_4_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_4_end = c_4_end[None]
    return (
        params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, y_prev, c_5_prev, h_5_prev, dtype,
        single, n_w, n_h, n_y, S, B,
    )


def _free_run_arguments(params, w, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, steps):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h, n_y = _parameters(params)
    w = _integers("w", w)
    steps = _size("steps", steps)
    single = w.ndim == 1
    _rank("w", w, ("S", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    S = w.shape[0]
    _classes("w", w, n_w, "n_w - 1")
    if single:
        w = w[:, None]
    if h_10 is None:
        h_10 = np.zeros((B, n_h), dtype)
    else:
        h_10 = _real("h_10", h_10, dtype)
        _expect("h_10", h_10, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_10 = h_10[None]
    if c_10 is None:
        c_10 = np.zeros((B, n_h), dtype)
    else:
        c_10 = _real("c_10", c_10, dtype)
        _expect("c_10", c_10, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_10 = c_10[None]
    if h_2_end is None:
        h_2_end = np.zeros((B, n_h), dtype)
    else:
        h_2_end = _real("h_2_end", h_2_end, dtype)
        _expect("h_2_end", h_2_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_2_end = h_2_end[None]
    if c_2_end is None:
        c_2_end = np.zeros((B, n_h), dtype)
    else:
        c_2_end = _real("c_2_end", c_2_end, dtype)
        _expect("c_2_end", c_2_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_2_end = c_2_end[None]
    if h_30 is None:
        h_30 = np.zeros((B, n_h), dtype)
    else:
        h_30 = _real("h_30", h_30, dtype)
        _expect("h_30", h_30, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_30 = h_30[None]
    if c_30 is None:
        c_30 = np.zeros((B, n_h), dtype)
    else:
        c_30 = _real("c_30", c_30, dtype)
        _expect("c_30", c_30, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_30 = c_30[None]
    if h_4_end is None:
        h_4_end = np.zeros((B, n_h), dtype)
    else:
        h_4_end = _real("h_4_end", h_4_end, dtype)
        _expect("h_4_end", h_4_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_4_end = h_4_end[None]
    if c_4_end is None:
        c_4_end = np.zeros((B, n_h), dtype)
    else:
        c_4_end = _real("c_4_end", c_4_end, dtype)
        _expect("c_4_end", c_4_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_4_end = c_4_end[None]
    return (
        params, w, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, dtype, single, n_w, n_h, n_y, S, steps,
        B,
    )


def _padded_arguments(params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h, n_y = _parameters(params)
    w = _integers("w", w)
    y = _integers("y", y)
    single = w.ndim == 1
    _rank("w", w, ("S", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    S = w.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from w")
    if single:
        w = w[:, None]
        y = y[:, None]
    if h_10 is None:
        h_10 = np.zeros((B, n_h), dtype)
    else:
        h_10 = _real("h_10", h_10, dtype)
        _expect("h_10", h_10, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_10 = h_10[None]
    if c_10 is None:
        c_10 = np.zeros((B, n_h), dtype)
    else:
        c_10 = _real("c_10", c_10, dtype)
        _expect("c_10", c_10, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_10 = c_10[None]
    if h_2_end is None:
        h_2_end = np.zeros((B, n_h), dtype)
    else:
        h_2_end = _real("h_2_end", h_2_end, dtype)
        _expect("h_2_end", h_2_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_2_end = h_2_end[None]
    if c_2_end is None:
        c_2_end = np.zeros((B, n_h), dtype)
    else:
        c_2_end = _real("c_2_end", c_2_end, dtype)
        _expect("c_2_end", c_2_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_2_end = c_2_end[None]
    if h_30 is None:
        h_30 = np.zeros((B, n_h), dtype)
    else:
        h_30 = _real("h_30", h_30, dtype)
        _expect("h_30", h_30, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_30 = h_30[None]
    if c_30 is None:
        c_30 = np.zeros((B, n_h), dtype)
    else:
        c_30 = _real("c_30", c_30, dtype)
        _expect("c_30", c_30, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_30 = c_30[None]
    if h_4_end is None:
        h_4_end = np.zeros((B, n_h), dtype)
    else:
        h_4_end = _real("h_4_end", h_4_end, dtype)
        _expect("h_4_end", h_4_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            h_4_end = h_4_end[None]
    if c_4_end is None:
        c_4_end = np.zeros((B, n_h), dtype)
    else:
        c_4_end = _real("c_4_end", c_4_end, dtype)
        _expect("c_4_end", c_4_end, (*batch_axis, n_h), ("B", "n_h"), "B from w, n_h from E")
        if single:
            c_4_end = c_4_end[None]
    len_S = _lengths(lengths, "S", ("S", "T"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    len_T = _lengths(lengths, "T", ("S", "T"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_S)
    _classes("w", w, n_w, "n_w - 1")
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return (
        params, w, y, h_10, c_10, h_2_end, c_2_end, h_30, c_30, h_4_end, c_4_end, dtype, single, n_w, n_h, n_y, S, T, B,
        len_S, S_own, len_T, T_own,
    )


def _padded_backward_arguments(params, forward, w, y, lengths):
    """Checks what is given; returns it in one dtype, with an axis for the batch, and the sizes."""
    params, dtype, n_w, n_h, n_y = _parameters(params)
    forward = _as_forward(forward)
    w = _integers("w", w)
    y = _integers("y", y)
    x = _real("forward.x", forward.x, dtype)
    z_1 = _real("forward.z_1", forward.z_1, dtype)
    c_1 = _real("forward.c_1", forward.c_1, dtype)
    h_1 = _real("forward.h_1", forward.h_1, dtype)
    z_2 = _real("forward.z_2", forward.z_2, dtype)
    c_2 = _real("forward.c_2", forward.c_2, dtype)
    h_2 = _real("forward.h_2", forward.h_2, dtype)
    m = _real("forward.m", forward.m, dtype)
    z_3 = _real("forward.z_3", forward.z_3, dtype)
    c_3 = _real("forward.c_3", forward.c_3, dtype)
    h_3 = _real("forward.h_3", forward.h_3, dtype)
    z_4 = _real("forward.z_4", forward.z_4, dtype)
    c_4 = _real("forward.c_4", forward.c_4, dtype)
    h_4 = _real("forward.h_4", forward.h_4, dtype)
    n = _real("forward.n", forward.n, dtype)
    alpha = _real("forward.alpha", forward.alpha, dtype)
    c = _real("forward.c", forward.c, dtype)
    z_5 = _real("forward.z_5", forward.z_5, dtype)
    c_5 = _real("forward.c_5", forward.c_5, dtype)
    h_5 = _real("forward.h_5", forward.h_5, dtype)
    yhat = _real("forward.yhat", forward.yhat, dtype)
    single = w.ndim == 1
    _rank("w", w, ("S", "B"), single)
    B = 1 if single else w.shape[1]
    batch_axis = () if single else (B,)
    S = w.shape[0]
    _rank("y", y, ("T", "B"), single)
    T = y.shape[0]
    _expect("y", y, (T, *batch_axis), ("T", "B"), "B from w")
    _expect("forward.x", x, (S, *batch_axis, n_h), ("S", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.z_1", z_1, (S, *batch_axis, 4 * n_h), ("S", "B", "4*n_h"), "S and B from w, n_h from E")
    _expect("forward.c_1", c_1, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.h_1", h_1, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.z_2", z_2, (S, *batch_axis, 4 * n_h), ("S", "B", "4*n_h"), "S and B from w, n_h from E")
    _expect("forward.c_2", c_2, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.h_2", h_2, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.m", m, (S, *batch_axis, 2 * n_h), ("S", "B", "2*n_h"), "S and B from w, n_h from E")
    _expect("forward.z_3", z_3, (S, *batch_axis, 4 * n_h), ("S", "B", "4*n_h"), "S and B from w, n_h from E")
    _expect("forward.c_3", c_3, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.h_3", h_3, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.z_4", z_4, (S, *batch_axis, 4 * n_h), ("S", "B", "4*n_h"), "S and B from w, n_h from E")
    _expect("forward.c_4", c_4, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.h_4", h_4, (S + 1, *batch_axis, n_h), ("S + 1", "B", "n_h"), "S and B from w, n_h from E")
    _expect("forward.n", n, (S, *batch_axis, 2 * n_h), ("S", "B", "2*n_h"), "S and B from w, n_h from E")
    _expect("forward.alpha", alpha, (T, S, *batch_axis), ("T", "S", "B"), "T from y, S and B from w")
    _expect("forward.c", c, (T, *batch_axis, 2 * n_h), ("T", "B", "2*n_h"), "T from y, B from w, n_h from E")
    _expect("forward.z_5", z_5, (T, *batch_axis, 4 * n_h), ("T", "B", "4*n_h"), "T from y, B from w, n_h from E")
    _expect("forward.c_5", c_5, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T from y, B from w, n_h from E")
    _expect("forward.h_5", h_5, (T + 1, *batch_axis, n_h), ("T + 1", "B", "n_h"), "T from y, B from w, n_h from E")
    _expect("forward.yhat", yhat, (T, *batch_axis, n_y), ("T", "B", "n_y"), "T from y, B from w, n_y from F")
    if single:
        w = w[:, None]
        y = y[:, None]
        x = x[:, None]
        z_1 = z_1[:, None]
        c_1 = c_1[:, None]
        h_1 = h_1[:, None]
        z_2 = z_2[:, None]
        c_2 = c_2[:, None]
        h_2 = h_2[:, None]
        m = m[:, None]
        z_3 = z_3[:, None]
        c_3 = c_3[:, None]
        h_3 = h_3[:, None]
        z_4 = z_4[:, None]
        c_4 = c_4[:, None]
        h_4 = h_4[:, None]
        n = n[:, None]
        alpha = alpha[:, :, None]
        c = c[:, None]
        z_5 = z_5[:, None]
        c_5 = c_5[:, None]
        h_5 = h_5[:, None]
        yhat = yhat[:, None]
    len_S = _lengths(lengths, "S", ("S", "T"), S, B, single, 1)
    S_own = len_S.astype(dtype)
    len_T = _lengths(lengths, "T", ("S", "T"), T, B, single, 1)
    T_own = len_T.astype(dtype)
    w = _hold(w, 0, 1, len_S)
    _classes("w", w, n_w, "n_w - 1")
    y = _hold(y, 0, 1, len_T)
    _classes("y", y, n_y, "n_y - 1")
    return (
        params, w, y, x, z_1, c_1, h_1, z_2, c_2, h_2, m, z_3, c_3, h_3, z_4, c_4, h_4, n, alpha, c, z_5, c_5, h_5,
        yhat, dtype, single, n_w, n_h, n_y, S, T, B, len_S, S_own, len_T, T_own,
    )


def _parameters(params):
    """Checks the parameters; returns them as arrays, with their dtype and the sizes that they give."""
    params, dtype = _reals(params)
    (
        E, F, W_1, W_2, U_1, U_2, b_1, b_2, W_3, W_4, U_3, U_4, b_3, b_4, W_5, C_5, U_5, b_5, W_a, U_a, v_a, V, D, d,
    ) = params
    _rank("E", E, ("n_w", "n_h"))
    n_w, n_h = E.shape
    _rank("F", F, ("n_y", "n_h"))
    n_y = F.shape[0]
    _expect("F", F, (n_y, n_h), ("n_y", "n_h"), "n_h from E")
    _expect("W_1", W_1, (4 * n_h, n_h), ("4*n_h", "n_h"), "n_h from E")
    _expect("W_2", W_2, (4 * n_h, n_h), ("4*n_h", "n_h"), "n_h from E")
    _expect("U_1", U_1, (4 * n_h, n_h), ("4*n_h", "n_h"), "n_h from E")
    _expect("U_2", U_2, (4 * n_h, n_h), ("4*n_h", "n_h"), "n_h from E")
    _expect("b_1", b_1, (4 * n_h,), ("4*n_h",), "n_h from E")
    _expect("b_2", b_2, (4 * n_h,), ("4*n_h",), "n_h from E")
    _expect("W_3", W_3, (4 * n_h, 2 * n_h), ("4*n_h", "2*n_h"), "n_h from E")
    _expect("W_4", W_4, (4 * n_h, 2 * n_h), ("4*n_h", "2*n_h"), "n_h from E")
    _expect("U_3", U_3, (4 * n_h, n_h), ("4*n_h", "n_h"), "n_h from E")
    _expect("U_4", U_4, (4 * n_h, n_h), ("4*n_h", "n_h"), "n_h from E")
    _expect("b_3", b_3, (4 * n_h,), ("4*n_h",), "n_h from E")
    _expect("b_4", b_4, (4 * n_h,), ("4*n_h",), "n_h from E")
    _expect("W_5", W_5, (4 * n_h, n_h), ("4*n_h", "n_h"), "n_h from E")
    _expect("C_5", C_5, (4 * n_h, 2 * n_h), ("4*n_h", "2*n_h"), "n_h from E")
    _expect("U_5", U_5, (4 * n_h, n_h), ("4*n_h", "n_h"), "n_h from E")
    _expect("b_5", b_5, (4 * n_h,), ("4*n_h",), "n_h from E")
    _expect("W_a", W_a, (n_h, n_h), ("n_h", "n_h"), "n_h from E")
    _expect("U_a", U_a, (n_h, 2 * n_h), ("n_h", "2*n_h"), "n_h from E")
    _expect("v_a", v_a, (n_h,), ("n_h",), "n_h from E")
    _expect("V", V, (n_y, n_h), ("n_y", "n_h"), "n_y from F, n_h from E")
    _expect("D", D, (n_y, 2 * n_h), ("n_y", "2*n_h"), "n_y from F, n_h from E")
    _expect("d", d, (n_y,), ("n_y",), "n_y from F")
    return params, dtype, n_w, n_h, n_y


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
