"""LSTM with coupled input and forget gate: what is let in is what is forgotten.

Greff, Srivastava, Koutnik, Steunebrink & Schmidhuber (2017), LSTM: A Search Space Odyssey, variant CIFG: f = 1 - i.
Without the peepholes of the paper's basic block.
"""
x: Input[T, n_x]                    # what is read at each step
y: Label[T, n_y]                    # the class to predict at each step
W_z, W_i, W_o = Param[n_h, n_x]     # input to candidate and gates
R_z, R_i, R_o = Param[n_h, n_h]     # hidden to candidate and gates
b_z, b_i, b_o = Param[n_h]          # biases
V: Param[n_y, n_h]                  # hidden to output
d: Param[n_y]                       # output bias

h[0] = 0
c[0] = 0
z[t] = tanh(W_z @ x[t] + R_z @ h[t-1] + b_z)        # block input
i[t] = sigmoid(W_i @ x[t] + R_i @ h[t-1] + b_i)     # input gate
f[t] = 1 - i[t]                                     # forget gate
c[t] = z[t] * i[t] + c[t-1] * f[t]                  # cell
o[t] = sigmoid(W_o @ x[t] + R_o @ h[t-1] + b_o)     # output gate
h[t] = tanh(c[t]) * o[t]                            # block output
s[t] = d + V @ h[t]                                 # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
