"""Binary cross-entropy of a sigmoid."""
x: Input[T, n]
y: Target[T]
v: Param[n]
h[0] = 0
h[t] = tanh(x[t] + 0.3 * h[t-1])
p[t] = sigmoid(v @ h[t])
loss = -sum(y[t] * log(p[t]) + (1 - y[t]) * log(1 - p[t]), t)
