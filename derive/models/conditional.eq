"""Conditional RNN: hidden recurrence that reads the input of the step and the true output of the step before.

Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.2.4 and fig. 10.10: unlike the vanilla RNN it models
any distribution of the y sequence given the x sequence, with no independence between the outputs.
"""
x: Input[T, n_x]          # what is read at each step
y: Label[T, n_y]          # the class to predict at each step, and to read at the next
U: Param[n_h, n_x]        # input to hidden
R: Param[n_h, n_y]        # output of the step before to hidden
W: Param[n_h, n_h]        # hidden to hidden
V: Param[n_y, n_h]        # hidden to output
b: Param[n_h]
c: Param[n_y]

h[0] = 0
h[t] = tanh(b + W @ h[t-1] + R @ onehot(y[t-1]) + U @ x[t])
o[t] = c + V @ h[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
