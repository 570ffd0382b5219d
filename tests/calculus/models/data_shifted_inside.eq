"""Data before each step inside a product with a state, and far away."""
x: Input[T, n]
y: Target[T, n]
W: Param[n, n]
h[0] = 0
h[t] = tanh(x[t-1] * (W @ h[t-1]) + x[t-2] + exp(x[t+2]))
loss = sum(sum((h[t] - y[t])**2), t)
