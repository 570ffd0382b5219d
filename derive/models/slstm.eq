"""sLSTM: an LSTM with exponential gates, kept in range by a stabiliser state, and a state that normalises the output.

Beck, Poppel, Spanring, Auer, Prudnikova, Kopp, Klambauer, Brandstetter & Hochreiter (2024), xLSTM: Extended Long
Short-Term Memory, section 2.2, one block, forget gate through the exponential.
"""
x: Input[T, n_x]                            # what is read at each step
y: Label[T, n_y]                            # the class to predict at each step
W_z, W_i, W_f, W_o = Param[n_h, n_x]        # input to cell input and gates
R_z, R_i, R_f, R_o = Param[n_h, n_h]        # hidden to cell input and gates
b_z, b_i, b_f, b_o = Param[n_h]             # biases
V: Param[n_y, n_h]                          # hidden to output
d: Param[n_y]                               # output bias

h[0] = 0
c[0] = 0
n[0] = 0
m[0] = 0
z[t] = tanh(b_z + W_z @ x[t] + R_z @ h[t-1])            # cell input
p[t] = b_i + W_i @ x[t] + R_i @ h[t-1]                  # logarithm of the input gate
q[t] = b_f + W_f @ x[t] + R_f @ h[t-1]                  # logarithm of the forget gate
o[t] = sigmoid(b_o + W_o @ x[t] + R_o @ h[t-1])         # output gate
m[t] = maximum(q[t] + m[t-1], p[t])                     # stabiliser
i[t] = exp(p[t] - m[t])                                 # input gate
f[t] = exp(q[t] + m[t-1] - m[t])                        # forget gate
c[t] = f[t] * c[t-1] + i[t] * z[t]                      # cell
n[t] = f[t] * n[t-1] + i[t]                             # normaliser
h[t] = o[t] * c[t] / n[t]                               # hidden state
s[t] = d + V @ h[t]                                     # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
