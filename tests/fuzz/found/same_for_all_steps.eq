"""A product without steps that is added to something with steps."""
U, W = Param[n_h]
x: Input[T]
loss = sum(tanh(sum(U[i] * W[i], i) + x[t]), t)
