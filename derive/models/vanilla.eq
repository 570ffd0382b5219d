"""Vanilla RNN: hidden-to-hidden recurrence, an output at every step.

Goodfellow, Bengio & Courville (2016), Deep Learning, eqs. 10.8-10.14.
"""
x: Input[T, n_x]          # what is read at each step
y: Label[T, n_y]          # the class to predict at each step
U: Param[n_h, n_x]        # input to hidden
W: Param[n_h, n_h]        # hidden to hidden
V: Param[n_y, n_h]        # hidden to output
b: Param[n_h]
c: Param[n_y]

h[0] = 0
a[t] = b + W @ h[t-1] + U @ x[t]
h[t] = tanh(a[t])
o[t] = c + V @ h[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
