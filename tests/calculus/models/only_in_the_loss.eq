"""Parameters that only the loss reads, and one factor around all of it."""
x: Input[T, n]
y: Target[T]
v: Param[n]
s: Param
loss = s * (sum((v @ x[t] - y[t])**2, t) + 3) / T
