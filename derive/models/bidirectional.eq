"""Bidirectional RNN: one recurrence from left to right, one from right to left, and an output that reads both.

Schuster & Paliwal (1997), Bidirectional Recurrent Neural Networks; Goodfellow, Bengio & Courville (2016), Deep
Learning, section 10.3 and fig. 10.11.
"""
x: Input[T, n_x]            # what is read at each step
y: Label[T, n_y]            # the class to predict at each step
U_h, U_g = Param[n_h, n_x]  # input to hidden, forwards and backwards
W_h, W_g = Param[n_h, n_h]  # hidden to hidden
V_h, V_g = Param[n_y, n_h]  # hidden to output
b_h, b_g = Param[n_h]       # biases
c: Param[n_y]

h[0] = 0
g[T+1] = 0
h[t] = tanh(b_h + W_h @ h[t-1] + U_h @ x[t])        # what is past
g[t] = tanh(b_g + W_g @ g[t+1] + U_g @ x[t])        # what is to come
o[t] = c + V_h @ h[t] + V_g @ g[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
