"""A lag of two, with two starts; one of them is learned."""
x: Input[T, n_x]
y: Target[T]
W: Param[n_h, n_h]
A: Param[n_h, n_h]
U: Param[n_h, n_x]
v: Param[n_h]
start: Param[n_h]

h[0] = tanh(start)
h[-1] = 0
h[t] = tanh(W @ h[t-1] + A @ h[t-2] + U @ x[t])
loss = sum((y[t] - dot(v, h[t]))**2, t)
