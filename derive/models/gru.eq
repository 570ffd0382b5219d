"""GRU, the original: the reset gate acts before the recurrent product.

Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder, eqs. 5-8.
"""
x: Input[T, n_x]                    # what is read at each step
y: Label[T, n_y]                    # the class to predict at each step
W_r, W_z, W_n = Param[n_h, n_x]     # input to gates and candidate
U_r, U_z, U_n = Param[n_h, n_h]     # hidden to gates and candidate
b_r, b_z, b_n = Param[n_h]          # biases
V: Param[n_y, n_h]                  # hidden to output
d: Param[n_y]                       # output bias

h[0] = 0
r[t] = sigmoid(b_r + W_r @ x[t] + U_r @ h[t-1])             # reset gate (eq. 5)
z[t] = sigmoid(b_z + W_z @ x[t] + U_z @ h[t-1])             # update gate (eq. 6)
n[t] = tanh(b_n + W_n @ x[t] + U_n @ (r[t] * h[t-1]))       # candidate (eq. 8)
h[t] = z[t] * h[t-1] + (1 - z[t]) * n[t]                    # hidden state (eq. 7)
s[t] = d + V @ h[t]                                         # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
