"""Two loops in one, of lags that differ, over sequences shorter than the lags."""
x: Input[T, n_h]
W, V, U = Param[n_h, n_h]

h[0] = 0
h[-1] = 0
h[-2] = tanh(x[1])
g[0] = 0
g[-1] = 0
g[t] = tanh(V @ h[t-1] + U @ g[t-2] + x[t])
h[t] = tanh(W @ g[t] + h[t-3] * g[t-1])
loss = sum(norm2(1 + g[t]), t) + sum(sum(h[t-3]), t)
