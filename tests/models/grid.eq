"""A grid that is read along both of its sequences and the diagonal, and from right to left on the way back.

Graves, Fernandez & Schmidhuber (2007), Multi-dimensional recurrent neural networks.
"""
x: Input[T, S, n_x]
U: Param[n_h, n_x]
A, B, C = Param[n_h, n_h]
a: Param

d[0, 0] = 0.5
d[0, s] = 0.25
d[t, 0] = -0.5
d[t, s] = tanh(U @ x[t, s] + A @ d[t-1, s] + B @ d[t, s-1] + C @ d[t-1, s-1])
u[t, S+1] = 0
u[t, s] = a * u[t, s+1] + sum(d[t, s] * sum(x[t-1, s+1]))
loss = sum(u[t, s]**2, t, s) + sum(d[T, S]) + sum(sum(d[t, S], t) * sum(d[1, s], s))
