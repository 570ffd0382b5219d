"""A variable that has a batch through its start alone, of which the loss reads what depends on no data."""
x: Input[T, n_k]
b: Param[n_k]

h[0] = x[1]
h[t] = tanh(b)
loss = sum(sum((h[t] - 1)**2), t)
