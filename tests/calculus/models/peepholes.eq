"""Peepholes with full matrices, coupled gates."""
x: Input[T, n]
y: Target[T, n]
U, P, R = Param[n, n]
p: Param[n]
c[0] = 0
h[0] = 0
f[t] = sigmoid(P @ c[t-1] + U @ h[t-1])
c[t] = f[t] * c[t-1] + (1 - f[t]) * tanh(R @ h[t-1] + x[t])
o[t] = sigmoid(p * c[t] + U @ x[t])
h[t] = o[t] * tanh(c[t])
loss = sum(sum((h[t] - y[t])**2), t)
