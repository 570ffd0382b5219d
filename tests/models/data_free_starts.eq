"""Gradients that are zero: of a start that nothing reads on from, of what only a sign sees, and of idle reductions."""
x: Input[T, n_x]
z: Input[T]
W: Param
A: Param[n_x]
V: Param[n_x, n_k]

h[0] = W
h[t] = sin(z[t])
s[t] = sign(x[t] + A)
top = max(A, t) + logsumexp(A @ V, t)[0] * logsumexp(A, t)
loss = sum((h[t] - 1)**2 + sum(s[t]), t) + sum(tanh(top))
