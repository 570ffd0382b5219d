"""Leaky units with constants that have defaults, and an index as a number."""
x: Input[T, n_x]
y: Target[T, n_h]
W: Param[n_h, n_h]
U: Param[n_h, n_x]
dt: Const = 0.1
tau: Const[2] = [1.5, 3]

v[0] = 0
v[t] = v[t-1] + dt / tau[0] * (-v[t-1] + W @ tanh(v[t-1]) + U @ x[t])
loss = sum(t / T * sum(abs(y[t] - v[t])), t) + sum(where(i < 1, tau[1], 0) * v[T, i]**2, i)
