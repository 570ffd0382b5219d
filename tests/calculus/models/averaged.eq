"""Sizes as numbers: 1/T, and a step's own number."""
x: Input[T, n]
y: Label[T, n_y]
V: Param[n_y, n]
h[0] = 0
h[t] = tanh(0.9 * h[t-1] + x[t] * t / T)
loss = sum(-logsoftmax(V @ h[t])[y[t]], t) / T + sum(V**2) / (n * n_y)
