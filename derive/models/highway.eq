"""Recurrent highway network of depth two: between two steps the state passes two highway layers with coupled gates.

Zilly, Srivastava, Koutnik & Schmidhuber (2017), Recurrent Highway Networks, section 4; the carry gate is 1 - g.
"""
w: Index[T, n_w]                # the word that is read at each step
y: Label[T, n_w]                # the word to predict at each step
E: Param[n_w, n_x]              # word embedding
W_h, W_g = Param[n_h, n_x]      # input to candidate and transform gate, in the first layer alone
R_h, R_g = Param[n_h, n_h]      # state to candidate and transform gate, first layer
Q_h, Q_g = Param[n_h, n_h]      # the same, second layer
b_h, c_h = Param[n_h]           # biases of the candidates
b_g: Param[n_h] = -2            # biases of the transform gates: carry at first
c_g: Param[n_h] = -2
V: Param[n_w, n_h]              # state to output
d: Param[n_w]                   # output bias

z[0] = 0
x[t] = E[w[t]]
h[t] = tanh(W_h @ x[t] + R_h @ z[t-1] + b_h)            # first layer: candidate
g[t] = sigmoid(W_g @ x[t] + R_g @ z[t-1] + b_g)         # and transform gate
u[t] = h[t] * g[t] + z[t-1] * (1 - g[t])                # and state
k[t] = tanh(Q_h @ u[t] + c_h)                           # second layer
q[t] = sigmoid(Q_g @ u[t] + c_g)
z[t] = k[t] * q[t] + u[t] * (1 - q[t])
s[t] = d + V @ z[t]                                     # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
