x: Input[T, n]
y: Target[T, n]
W, U = Param[n, n]
h[0] = 3**2000
h[t] = tanh(W @ h[t-1] + U @ x[t-1])
loss = sum(sum((h[t] - y[t])**2), t)
