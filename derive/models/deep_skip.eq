"""Deep RNN, third kind: a deep transition with a skip connection, so that the path between two steps stays short.

Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.5 and fig. 10.13(c); Pascanu, Gulcehre, Cho & Bengio
(2014), How to Construct Deep Recurrent Neural Networks.
"""
x: Input[T, n_x]          # what is read at each step
y: Label[T, n_y]          # the class to predict at each step
U: Param[n_h, n_x]        # input to hidden
W: Param[n_h, n_h]        # hidden to hidden, the skip connection
W_1: Param[n_m, n_h]      # hidden to the layer between two steps
W_2: Param[n_h, n_m]      # that layer to hidden
V: Param[n_y, n_h]        # hidden to output
b_m: Param[n_m]
b_h: Param[n_h]
c: Param[n_y]

h[0] = 0
m[t] = tanh(b_m + W_1 @ h[t-1])
h[t] = tanh(b_h + W_2 @ m[t] + W @ h[t-1] + U @ x[t])
o[t] = c + V @ h[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
