"""Axes of length `n_h + n_x` that are made one with others; a size that only a sum of two tells."""
p: Target[n_h + n_x]
y: Input[T, n_h + n_x]
z: Input[T]
W: Param[2*n_h + n_k]
g[t] = tanh(y[t] + sum(z[t1] * sin(g[t1] + p), (t1, t+1, T)))
loss = mean(sum(g[t]**2), t) + sum(W[n_k:]**2)
