"""SRU, the simple recurrent unit: gates see the cell entry by entry, so that all matrix products leave the loop.

Lei, Zhang, Wang, Dai & Artzi (2018), Simple Recurrent Units for Highly Parallelizable Recurrence, eqs. 1-4.
"""
w: Index[T, n_w]                    # the word that is read at each step
y: Label[T, n_y]                    # the class to predict at each step
E: Param[n_w, n_h]                  # word embedding
W, W_f, W_r = Param[n_h, n_h]       # input to candidate, forget gate and reset gate
v_f, v_r = Param[n_h]               # cell to forget gate and reset gate
b_f, b_r = Param[n_h]               # biases
V: Param[n_y, n_h]                  # hidden to output
d: Param[n_y]                       # output bias

c[0] = 0
x[t] = E[w[t]]
f[t] = sigmoid(W_f @ x[t] + v_f * c[t-1] + b_f)     # forget gate (eq. 1)
c[t] = f[t] * c[t-1] + (1 - f[t]) * (W @ x[t])      # cell (eq. 2)
r[t] = sigmoid(W_r @ x[t] + v_r * c[t-1] + b_r)     # reset gate (eq. 3)
h[t] = r[t] * c[t] + (1 - r[t]) * x[t]              # highway to the output (eq. 4)
s[t] = d + V @ h[t]                                 # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
