"""Products that look alike and cannot lie together: parts, unlike sizes, other axes, and one that waits for another."""
x: Input[T, n_x]
y: Label[T, n_h]
B1: Param[2*n_h, n_x]
B2: Param[n_h, n_x]
C1: Param[n_h, n_h + n_x]
C2: Param[n_h, n_h + 2*n_x]
u, v = Param[n_x]
P, Q = Param[n_h, n_x]

h[0] = 0
g[0] = 0
g[-1] = 0
p = (B1 @ u)[:n_h] + B2 @ v
o[t] = concat(P @ x[t], x[t])[:n_h] + p + C1[:, :n_h] @ h[t-1] + C2[:, :n_h] @ h[t-1]
h[t] = tanh(o[t] + P[y[t]] @ u + Q[y[t]] @ v)
g[t] = tanh(C1[:, :n_h] @ g[t-1] + C2[:, :n_h] @ h[t-1] + g[t-2])
ls[t] = logsoftmax(o[t])
loss = -sum(ls[t, y[t]], t) + sum(sum(h[t] + g[t]), t) + sum(P @ u + Q @ u)
