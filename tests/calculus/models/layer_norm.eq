"""Normalisation inside a recurrence."""
x: Input[T, n]
y: Target[T, n]
W: Param[n, n]
g: Param[n] = 1
h[0] = 0
a[t] = W @ h[t-1] + x[t]
mu[t] = mean(a[t])
s[t] = sqrt(mean((a[t] - mu[t])**2) + 0.01)
h[t] = tanh(g * (a[t] - mu[t]) / s[t])
loss = sum(sum((h[t] - y[t])**2), t)
