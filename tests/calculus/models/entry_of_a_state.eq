"""One entry of the state before, chosen by data, multiplies all of it."""
x: Input[T, n]
w: Index[T, n]
W: Param[n, n]
h[0] = 0.3
h[t] = tanh(W @ h[t-1] + x[t]) * h[t-1, w[t]]
loss = sum(sum(h[t]), t)
