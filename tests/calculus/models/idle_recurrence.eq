"""A recurrence that the loss does not need, along steps that it sums over."""
x: Input[T, n_x]
b: Param[n_x]

a[t] = b * x[t]
h[0] = 0
h[t] = tanh(h[t-1] + a[t])
loss = sum(sum(a[t]**2), t)
