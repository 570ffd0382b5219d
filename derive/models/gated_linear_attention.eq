"""Gated linear attention: each row of the matrix state is forgotten by a gate that the input sets.

Yang, Wang, Shen, Panda & Kim (2024), Gated Linear Attention Transformers with Hardware-Efficient Training, section 4.
"""
x: Input[T, n_x]                # what is read at each step
y: Label[T, n_y]                # the class to predict at each step
W_Q, W_K = Param[n_k, n_x]      # input to queries and keys
W_V: Param[n_v, n_x]            # input to values
W_a: Param[n_k, n_x]            # input to forget gate
W_r: Param[n_v, n_x]            # input to output gate
b_a: Param[n_k]                 # biases of the gates
b_r: Param[n_v]
tau: Const = 16                 # temperature of the forget gate: near 1
V: Param[n_y, n_v]              # attention to output
d: Param[n_y]                   # output bias

S[0] = 0
q[t] = W_Q @ x[t]                                                   # query
k[t] = W_K @ x[t]                                                   # key
v[t] = W_V @ x[t]                                                   # value
alpha[t] = sigmoid(W_a @ x[t] + b_a)**(1 / tau)                     # forget gate
S[t, i, j] = alpha[t, i] * S[t-1, i, j] + k[t, i] * v[t, j]         # memory
o[t] = S[t].T @ q[t]
a[t] = silu(W_r @ x[t] + b_r) * o[t] / sqrt(mean(o[t]**2) + 1e-5)   # normalised and gated
s[t] = d + V @ a[t]                                                 # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
