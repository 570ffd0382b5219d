x: Input[T]
w: Input[T, T]
v: Param

h[t] = x[t] + sum(w[t, t1] * tanh(v * h[t1]), (t1, 1, t-1))
g[t] = h[t] + v * mean(w[t1, t]+tanh(g[t1]), (t1, t+1, T))
loss = sum(g[t]**2, t)
