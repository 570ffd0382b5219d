"""Definitions that are printed where they are read: in each other, in parts, and under indices of the same names."""
x: Input[T, n_x]
z: Input[T, n_x]
u: Input[T]
e: Input[K]
w: Index[T, 2*n_x]
P: Param[n_x]
V: Param[3*n_x]
M: Param[n_x, n_x]
x[0, i] = tanh(P[i])

h[t, i] = P[i] + logsumexp(P[j] + sum(x[t-1]), j)
g[t] = concat(x[t-2], z[t])[:n_x] * sum(softmax(u[t-1], t1) * u[t1], t1)
a[1] = P + z[1]
a[t, j] = logsumexp(a[t-1, i] + M[i, j], i) + g[t, j]
v[t] = concat(z[t+1], z[t])[n_x+1:]
loss = sum(sum(h[t] * a[t]) + mean(v[t]**2) * concat(z[t], z[t] * P)[w[t]] + V[n_x:][w[t]], t) + logsumexp(M[i, j] + sum(softmax(e[k], k), k), j, i)
