"""LSTM with forget gate and softmax output.

Hochreiter & Schmidhuber (1997), Long Short-Term Memory; forget gate of Gers, Schmidhuber & Cummins (2000), Learning to
Forget. In the form of Goodfellow, Bengio & Courville (2016), Deep Learning, eqs. 10.40-10.44, with tanh at the cell's
input.
"""
x: Input[T, n_x]                            # what is read at each step
y: Label[T, n_y]                            # the class to predict at each step
W_i, W_f, W_o, W_g = Param[n_h, n_x]        # input to gates and candidate
U_i, U_f, U_o, U_g = Param[n_h, n_h]        # hidden to gates and candidate
b_i, b_f, b_o, b_g = Param[n_h]             # biases
V: Param[n_y, n_h]                          # hidden to output
d: Param[n_y]                               # output bias

h[0] = 0
c[0] = 0
i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1])     # input gate
f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])     # forget gate
o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1])     # output gate
g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])        # candidate
c[t] = f[t] * c[t-1] + i[t] * g[t]                  # cell
h[t] = o[t] * tanh(c[t])                            # hidden state
s[t] = d + V @ h[t]                                 # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
