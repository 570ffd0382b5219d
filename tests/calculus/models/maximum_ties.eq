"""A maximum over entries, some of which are always equal."""
x: Input[T, n]
W: Param[m, n]
y: Target[T]
a[t] = W @ x[t]
p[t] = max(concat(a[t], a[t]))
q[t] = max(a[t])
loss = sum((p[t] * q[t] - y[t])**2, t)
