x: Input[T, n]
W: Param[n, n]
h[0] = 0
h[t] = tanh(W @ h[t-1] + x[t]) * (-n)**0.5
loss = sum(sum(h[t]**2), t)
