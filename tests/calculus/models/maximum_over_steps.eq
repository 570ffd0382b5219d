"""A pool over all steps: one maximum for a sequence."""
x: Input[T, n]
W: Param[m, n]
v: Param[m]
y: Target
a[t] = tanh(W @ x[t])
p[i] = max(a[t, i], t)
loss = (v @ p - y)**2
