"""Columns looked up, of this token and of the last one."""
w: Index[T, n_v]
y: Label[T, n_v]
E: Param[n_e, n_v]
C: Param[n_v, n_e]
h[0] = 0
h[t] = tanh(0.5 * h[t-1] + E[:, w[t]] + 0.1 * E[:, w[t-1]])
loss = sum(-logsoftmax(C @ h[t])[y[t]], t)
