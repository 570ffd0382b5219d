"""Teacher forcing of a label that has a start, and data with a start."""
x: Input[T, n_x]
y: Label[T, n_y]
E: Param[n_y, n_h]
W: Param[n_h, n_h]
U: Param[n_h, n_x]
V: Param[n_y, n_h]
x_first: Param[n_x]

y[0] = 2
x[0] = x_first
h[0] = 0
h[t] = tanh(E[y[t-1]] + W @ h[t-1] + U @ x[t-1])
yhat[t] = softmax(V @ h[t])
loss = sum(-log(yhat[t, y[t]]), t)
