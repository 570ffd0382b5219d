"""Attention decoder: at each step of writing, a weighted mean of what was read, with weights that the state sets.

Bahdanau, Cho & Bengio (2015), Neural Machine Translation by Jointly Learning to Align and Translate, eqs. 4-6 and
appendix A: additive scores, a bidirectional encoder (simple units here) and a decoder of gated units. Goodfellow,
Bengio & Courville (2016), Deep Learning, section 12.4.5.1.
"""
x: Input[S, n_x]                    # the sequence to read
y: Label[T, n_y]                    # the sequence to write; y[t-1] is read when y[t] is predicted
U_h, U_g = Param[n_h, n_x]          # encoder: input to hidden, forwards and backwards
W_h, W_g = Param[n_h, n_h]          # encoder: hidden to hidden
b_h, b_g = Param[n_h]               # encoder: biases
E: Param[n_y, n_d]                  # embedding of what is written
W_a: Param[n_d, n_d]                # score: decoder's state
U_a: Param[n_d, 2*n_h]              # score: annotation
v_a: Param[n_d]                     # score
W_r, W_z, W_n = Param[n_d, n_d]     # decoder: element before to gates and candidate
U_r, U_z, U_n = Param[n_d, n_d]     # decoder: state to gates and candidate
C_r, C_z, C_n = Param[n_d, 2*n_h]   # decoder: context to gates and candidate
W_s: Param[n_d, n_h]                # encoder to the decoder's first state
V: Param[n_y, n_d]                  # decoder to output
b: Param[n_y]

f[0] = 0
g[S+1] = 0
f[s] = tanh(b_h + W_h @ f[s-1] + U_h @ x[s])                        # encoder, from left to right
g[s] = tanh(b_g + W_g @ g[s+1] + U_g @ x[s])                        # and from right to left
h[s] = concat(f[s], g[s])                                           # annotation

d[0] = tanh(W_s @ g[1])
e[t, s] = dot(v_a, tanh(W_a @ d[t-1] + U_a @ h[s]))                 # score
alpha[t, s] = softmax(e[t, s], s)                                   # weight (eq. 6)
c[t] = sum(alpha[t, s] * h[s], s)                                   # context (eq. 5)
w[t] = E[y[t-1]]                                                    # vector of the element before
r[t] = sigmoid(W_r @ w[t] + U_r @ d[t-1] + C_r @ c[t])              # reset gate
z[t] = sigmoid(W_z @ w[t] + U_z @ d[t-1] + C_z @ c[t])              # update gate
n[t] = tanh(W_n @ w[t] + U_n @ (r[t] * d[t-1]) + C_n @ c[t])        # candidate
d[t] = (1 - z[t]) * d[t-1] + z[t] * n[t]                            # decoder's state
o[t] = b + V @ d[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
