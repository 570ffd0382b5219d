"""The state reads the true answer at the step before."""
y: Label[T, n_y]
R: Param[n_h, n_y]
W: Param[n_h, n_h]
V: Param[n_y, n_h]
h[0] = 0
h[t] = tanh(W @ h[t-1] + R @ onehot(y[t-1]))
yhat[t] = softmax(V @ h[t])
loss = sum(-log(yhat[t, y[t]]), t)
