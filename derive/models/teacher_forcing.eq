"""Output recurrence with teacher forcing: the true output of the step before is read in place of the network's own.

Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.2.1, eqs. 10.15-10.16 and fig. 10.6. No step waits for
the one before it: training needs no loop over time.
"""
x: Input[T, n_x]          # what is read at each step
y: Label[T, n_y]          # the class to predict at each step, and to read at the next
U: Param[n_h, n_x]        # input to hidden
W: Param[n_h, n_y]        # output of the step before to hidden
V: Param[n_y, n_h]        # hidden to output
b: Param[n_h]
c: Param[n_y]

h[t] = tanh(b + W @ onehot(y[t-1]) + U @ x[t])
o[t] = c + V @ h[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
