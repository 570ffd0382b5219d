"""A sum that stops before the end of states that it looks back at: a condition of sizes alone in the first steps."""
x: Input[T, n_h]
W: Param[n_h, n_h]
b: Param[n_h]

h[t] = cos(W @ h[t-3] + b)
h[0] = 0
h[-1] = -0.3
h[-2] = 1
loss = sum(sum((x[t] - h[t])**2), t) - sum(sum(tanh(logsoftmax(h[t-2])) * x[t]), (t, 2, T))
