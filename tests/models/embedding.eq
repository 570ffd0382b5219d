"""A language model: tokens look up rows, and the output shares their embedding."""
w: Index[T, n_w]          # tokens read
y: Label[T, n_w]          # tokens to predict
E: Param[n_w, n_e]        # embedding, tied with the output
W: Param[n_e, n_e]
C: Param[n_e, n_w]        # a second look-up, by columns

h[0] = 0
h[t] = tanh(E[w[t]] + C[:, w[t]] + W @ h[t-1])
o[t] = E @ h[t]
loss = sum(-logsoftmax(o[t])[y[t]], t)
