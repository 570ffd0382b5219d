"""Data at other steps: linearly, inside a nonlinearity, and looked up; there is nothing outside of 1..T."""
x: Input[T, n_x]
w: Index[T, n_w]
y: Label[T, n_y]
A: Param[n_h, n_x]
E: Param[n_w, n_h]
V: Param[n_y, n_h]

a[t] = A @ x[t] + A @ x[t-2] + E[w[t]] + E[w[t+1]]
g[t] = sigmoid(x[t-1]) * x[t+1]
h[t] = tanh(a[t]) + silu(E[w[t-1]] + 1)
o[t] = V @ h[t]
loss = sum(-logsoftmax(o[t])[y[t+1]], (t, 1, T-1)) + sum(mean(g[t]), t) + 0.5 * sum(x[t] @ x[t-1], t) + onehot(y[1]) @ o[1]
