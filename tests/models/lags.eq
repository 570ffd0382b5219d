"""A lag of three and one of one in one loop, over sequences of one step: the starts have gradients of their own."""
x: Input[T, n_k]
b: Param[n_k]
W: Param[n_k]

h[0] = 0
h[-1] = b
h[-2] = b
h[t] = tanh(x[t] + W * s[t-1])
s[0] = 0
s[t] = tanh(sum((h[t-3] + h[t-1]) * W))
loss = sum(s[t], t)
