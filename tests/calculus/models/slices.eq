"""One product cut in four."""
x: Input[T, n_x]
y: Target[T, n_h]
W: Param[4*n_h, n_h + n_x]
b: Param[4*n_h]
h[0] = 0
c[0] = 0
z[t] = W @ concat(h[t-1], x[t]) + b
c[t] = sigmoid(z[t, :n_h]) * c[t-1] + sigmoid(z[t, n_h:2*n_h]) * tanh(z[t, 2*n_h:3*n_h])
h[t] = sigmoid(z[t, 3*n_h:]) * tanh(c[t])
loss = sum(sum((h[t] - y[t])**2), t)
