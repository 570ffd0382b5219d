"""Two layers, the upper one with a residue, learned starts."""
x: Input[T, n]
y: Target[T, n]
W1, W2, U1, U2 = Param[n, n]
s1: Param[n]
h[0] = tanh(s1)
g[0] = 0
h[t] = tanh(W1 @ h[t-1] + U1 @ x[t])
g[t] = tanh(W2 @ g[t-1] + U2 @ h[t]) + h[t]
loss = sum(sum((g[t] - y[t])**2), t)
