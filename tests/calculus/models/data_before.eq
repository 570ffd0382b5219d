"""A state that reads the data of the step before, and nothing of this one."""
x: Input[T, n]
y: Target[T, n]
W, U = Param[n, n]
h[0] = 0
h[t] = tanh(W @ h[t-1] + U @ x[t-1])
loss = sum(sum((h[t] - y[t])**2), t)
