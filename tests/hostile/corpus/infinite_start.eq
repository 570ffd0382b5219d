w: Index[T, n_v]
y: Label[T, n_v]
E: Param[n_v, n_e]
W: Param[n_e, n_e]
h[0] = -inf
h[t] = tanh(W @ h[t-1] + E[w[t]])
o[t] = E @ h[t]
loss = sum(-logsoftmax(o[t])[y[t]], t)
