"""Output recurrence: the only link from one step to the next goes from the output back to the hidden layer.

Goodfellow, Bengio & Courville (2016), Deep Learning, fig. 10.4 and section 10.2; a network of this kind is Jordan's
(1986).
"""
x: Input[T, n_x]          # what is read at each step
y: Label[T, n_y]          # the class to predict at each step
U: Param[n_h, n_x]        # input to hidden
W: Param[n_h, n_y]        # output of the step before to hidden
V: Param[n_y, n_h]        # hidden to output
b: Param[n_h]
c: Param[n_y]

o[0] = 0
h[t] = tanh(b + W @ o[t-1] + U @ x[t])
o[t] = c + V @ h[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
