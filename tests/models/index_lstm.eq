"""An LSTM in index notation, its four gates in one parameter, read by parts."""
x: Input[T, n_x]
y: Label[T, n_y]
W: Param[4*n_h, n_x]
U: Param[4*n_h, n_h]
b: Param[4*n_h]
V: Param[n_y, n_h]

h[0] = 0
c[0] = 0
z[t, q] = b[q] + sum(W[q, k] * x[t, k], k) + sum(U[q, j] * h[t-1, j], j)
c[t] = sigmoid(z[t, n_h:2*n_h]) * c[t-1] + sigmoid(z[t, :n_h]) * tanh(z[t, 3*n_h:])
h[t, m] = sigmoid(z[t, 2*n_h:3*n_h][m]) * tanh(c[t, m])
o[t, k] = sum(V[k, j] * h[t, j], j)
yhat[t, k] = softmax(o[t, k], k)
loss = -sum(log(yhat[t, y[t]]), t)
