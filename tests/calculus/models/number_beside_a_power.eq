"""A number summed beside a power whose exponent is the step."""
x: Input[T, n]
W: Param[m, n]
z[t] = tanh(W @ x[t])
loss = sum(sum((2 + z[t] - z[t-1])**t + 500), (t, 2, T)) + sum(sum(z[t]**4), t)
