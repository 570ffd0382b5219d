"""A learned start, looked up once per example."""
k: Index[m]
x: Input[T, n]
S: Param[m, n]
W: Param[n, n]
h[0] = S[k]
h[t] = tanh(W @ h[t-1] + x[t] * S[k])
loss = sum(h[T]**2) + sum(S[k] * S[0])
