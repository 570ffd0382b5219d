"""No parameter: only inputs and the start have gradients."""
x: Input[T, n]
h[0] = 0
h[t] = tanh(x[t] + 0.5 * h[t-1])
loss = sum(sum(h[t]**2), t)
