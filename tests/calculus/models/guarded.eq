"""Conditions on the step, on values and between indices."""
x: Input[T, n]
y: Target[T, n]
W: Param[n, n]
a: Param[n]
h[0] = 0
h[t] = where(t < 3, tanh(W @ h[t-1] + x[t]), h[t-1] * a)
g[t, i] = where(h[t, i] > 0, log(1 + h[t, i]), a[i] * h[t, i])
k[t, i] = sum(where(i <= j, W[i, j], 0) * g[t, j], j)
loss = sum(sum((k[t] - y[t])**2), t)
