"""Sums over a part of a range, and reductions over named indices."""
x: Input[T, n_x]
y: Target[T]
W: Param[n_h, n_h]
U: Param[n_h, n_x]
v: Param[n_h]

h[0] = 0
h[t] = tanh(W @ h[t-1] + U @ x[t])
m[t] = dot(v, h[t])
d = sum((m[t] - m[t-1])**2, (t, 2, T))
top = max(m[t], t)
loss = mean((y[t] - m[t])**2, t) + 0.1 * d + top + logsumexp(m[t], t) + sum(v[i] * v[i+1], (i, 0, n_h-2))
