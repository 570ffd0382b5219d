"""Sums over a part of the steps; at T = 1 the range is empty."""
x: Input[T, n]
W: Param[n, n]
h[0] = 0
h[t] = tanh(W @ h[t-1] + x[t])
loss = sum(sum(h[t])**2, (t, 2, T)) + sum(h[t] @ h[t-1], (t, 1, T-1))
