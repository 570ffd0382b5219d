"""The state reads the model's own answer at the step before."""
x: Input[T, n_x]
y: Label[T, n_y]
U: Param[n_h, n_x]
R: Param[n_h, n_y]
V: Param[n_y, n_h]
yhat[0] = 0
h[t] = tanh(U @ x[t] + R @ yhat[t-1])
yhat[t] = softmax(V @ h[t])
loss = sum(-log(yhat[t, y[t]]), t)
