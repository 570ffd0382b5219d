"""Every function of an entry."""
x: Input[T, n_x]
y: Target[T, n_x]
b: Param[n_x]

p[t] = exp(-x[t]**2) + log(1 + x[t]**2) + sqrt(1 + abs(x[t])) + sign(x[t]) * b
q[t] = sin(b) + cos(x[t]) + tan(0.1 * tanh(b)) + sigmoid(x[t] + b) + softplus(b)
r[t] = relu(x[t] + b) + leaky_relu(b, slope=0.2) + leaky_relu(x[t] - b) + elu(b) + gelu(x[t] + b) + silu(b)
s[t] = erf(b) + hardtanh(x[t] + b) + hardsigmoid(b) + maximum(x[t], b) - minimum(x[t], 0.5)
u[t] = where(x[t] <= b, p[t], q[t]) + where(x[t] > 0.2, r[t], s[t])
loss = sum(sum((u[t] - y[t])**2), t) + pi * max(b) + 2 ** mean(b) + sum((b**2 + 1) ** -0.5)
