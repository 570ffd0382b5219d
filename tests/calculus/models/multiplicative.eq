"""A multiplicative recurrence: what the input weighs multiplies what the state weighs."""
x: Input[T, n_x]
y: Label[T, n_y]
A: Param[n_f, n_h]
B_: Param[n_f, n_x]
C: Param[n_h, n_f]
V: Param[n_y, n_h]
h[0] = 0.1
h[t] = tanh(C @ ((A @ h[t-1]) * (B_ @ x[t])))
yhat[t] = softmax(V @ h[t])
loss = sum(-log(yhat[t, y[t]]), t)
