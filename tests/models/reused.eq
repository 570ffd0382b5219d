"""A loss that is one function of an entry, so that its slope reads what the forward pass computed, but not its sum."""
x: Input[T, n_x]
W: Param[n_x]

loss = exp(tanh(dot(W, x[T])))
