"""Selective state space (S6): step, input and output weights of a diagonal state space depend on what is read.

Gu & Dao (2023), Mamba: Linear-Time Sequence Modeling with Selective State Spaces, eq. 2 and section 3.2 (algorithm 2),
with the simplified step for B.
"""
w: Index[T, n_w]                # the word that is read at each step
y: Label[T, n_w]                # the word to predict at each step
E: Param[n_w, n_d]              # word embedding
Alog: Param[n_d, n_s]           # rates, as logarithms
W_B, W_C = Param[n_s, n_d]      # input to B and to C
W_dt: Param[n_d, n_d]           # input to step
b_dt: Param[n_d] = -2           # steps are short at first
D: Param[n_d] = 1               # input to output
V: Param[n_w, n_d]              # channels to output
c: Param[n_w]

h[0, d, n] = 0
x[t] = E[w[t]]
A[d, n] = -exp(Alog[d, n])
B[t] = W_B @ x[t]
C[t] = W_C @ x[t]
dt[t] = softplus(b_dt + W_dt @ x[t])
h[t, d, n] = exp(dt[t, d] * A[d, n]) * h[t-1, d, n] + dt[t, d] * B[t, n] * x[t, d]
g[t] = h[t] @ C[t] + D * x[t]
o[t] = c + V @ g[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
