"""From right to left, with a start at the last step that is data, and with two numbers behind it."""
x: Input[T, n_x]
U: Param[n_h, n_x]
W: Param[n_h, n_h]
a: Param

g[T] = U @ x[T]
g[t] = tanh(W @ g[t+1] + U @ x[t])
u[T+1] = 0.5
u[T+2] = -1
u[t] = tanh(a * u[t+1] - u[t+2] + sum(g[t]))
loss = sum(u[t]**2, t) + sum(g[1]) * u[T]
