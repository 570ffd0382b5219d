"""Sequence to one: a recurrence over hidden states, and a single output after the last step.

Goodfellow, Bengio & Courville (2016), Deep Learning, fig. 10.5 and eqs. 10.8-10.11.
"""
x: Input[T, n_x]          # what is read at each step
y: Label[n_y]             # the class of the whole sequence
U: Param[n_h, n_x]        # input to hidden
W: Param[n_h, n_h]        # hidden to hidden
V: Param[n_y, n_h]        # hidden to output
b: Param[n_h]
c: Param[n_y]

h[0] = 0
h[t] = tanh(b + W @ h[t-1] + U @ x[t])
o = c + V @ h[T]
yhat = softmax(o)
loss = -log(yhat[y])
