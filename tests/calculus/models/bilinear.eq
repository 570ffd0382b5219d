"""A product of three factors that shares two indices."""
x: Input[T, n]
u: Input[T, m]
W: Param[n_h, n, m]
y: Target[T, n_h]
a[t, i] = sum(W[i, j, k] * x[t, j] * u[t, k], j, k)
h[0] = 0
h[t, i] = tanh(a[t, i] + 0.1 * sum(W[i, j, k] * x[t, j] * u[t, k] * h[t-1, i], j, k))
loss = sum(sum((h[t] - y[t])**2), t)
