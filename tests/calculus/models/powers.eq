"""Powers of every kind."""
x: Input[T, n]
s: Param[n] = 1.5
r: Param = 2
q[t, i] = (1 + x[t, i]**2)**r
u[t] = 1 / (2 + x[t]**2) + x[t]**3 - (1 + x[t]**2)**0.5
loss = sum(sum(q[t]**0.3 / (1 + s**2)) + sum(u[t]), t)
