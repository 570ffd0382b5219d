"""A parameter and an input that nothing reads, and a variable that the loss does not need."""
x: Input[T, n]
u: Input[T, m]
W, Z = Param[n, n]
q: Param
h[0] = 0
h[t] = tanh(W @ h[t-1] + x[t])
extra[t] = exp(h[t])
loss = sum(sum(h[t]), t)
