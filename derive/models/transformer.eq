"""Transformer block, decoder only: causal attention of several heads and a feed-forward layer, each added to its input.

Vaswani et al. (2017), Attention Is All You Need, eqs. 1-2 and section 3.2.2; layer normalisation before each part, as
in Xiong et al. (2020), On Layer Normalization in the Transformer Architecture.
"""
y: Label[T, n_w]                # the words; y[t-1] is read when y[t] is predicted
E: Param[n_w, n_x]              # word embedding, at the input and at the output
W_Q, W_K = Param[n_a, n_k, n_x] # input to queries and keys, head by head
W_V: Param[n_a, n_k, n_x]       # input to values
W_O: Param[n_x, n_a, n_k]       # heads to the width of the input
W_1: Param[n_f, n_x]            # feed-forward layer
b_1: Param[n_f]
W_2: Param[n_x, n_f]
b_2: Param[n_x]
g_1: Param[n_x] = 1             # gains of the two normalisations
g_2: Param[n_x] = 1
eps: Const = 1e-5               # keeps the variance from 0

def deviation(u, mu): return sqrt(mean((u - mu)**2) + eps)

x[t, j] = E[y[t-1], j] + sin(t / 100**(j / n_x))                        # word before, and where it stands
m[t] = mean(x[t])
n[t] = g_1 * (x[t] - m[t]) / deviation(x[t], m[t])                      # normalised
q[t, a, i] = sum(W_Q[a, i, j] * n[t, j], j)                             # query
k[t, a, i] = sum(W_K[a, i, j] * n[t, j], j)                             # key
v[t, a, i] = sum(W_V[a, i, j] * n[t, j], j)                             # value
alpha[t, t1, a] = softmax(sum(q[t, a, i] * k[t1, a, i], i) / sqrt(n_k), (t1, 1, t))
h[t, a, i] = sum(alpha[t, t1, a] * v[t1, a, i], (t1, 1, t))             # heads (eq. 1)
u[t, j] = x[t, j] + sum(W_O[j, a, i] * h[t, a, i], a, i)
p[t] = mean(u[t])
r[t] = g_2 * (u[t] - p[t]) / deviation(u[t], p[t])                      # normalised
z[t] = u[t] + W_2 @ relu(W_1 @ r[t] + b_1) + b_2                        # feed-forward layer (eq. 2)
o[t] = E @ z[t]                                                         # logits
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
