"""Every smooth function once, and those with kinks."""
x: Input[T, n]
W: Param[n, n]
a[t] = W @ x[t]
b[t] = exp(a[t] / 4) + sin(a[t]) * cos(a[t]) + softplus(a[t]) + gelu(a[t]) + silu(a[t]) + erf(a[t])
c[t] = relu(a[t]) + leaky_relu(a[t], slope=0.2) + elu(a[t]) + hardtanh(a[t]) + hardsigmoid(a[t]) + abs(a[t])
d[t] = maximum(a[t], x[t]) * minimum(a[t], 2 * x[t]) + where(a[t] > x[t], a[t], x[t]**3) + tan(x[t] / 5)
loss = sum(b[t] @ c[t] + sum(d[t]) + log(1 + norm2(a[t])) + sqrt(1 + a[t, 0]**2), t)
