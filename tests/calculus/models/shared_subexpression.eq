"""The same nested work in several places, and a weight used at two lags."""
x: Input[T, n]
W: Param[n, n]
h[0] = 0
h[-1] = 0
h[t] = tanh(W @ h[t-1]) * sigmoid(tanh(W @ h[t-1]) + W @ h[t-2]) + x[t]
loss = sum(sum(tanh(W @ h[t])**2), t)
