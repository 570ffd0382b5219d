"""Numbers that are undefined beyond the end of an example: a root of the steps left, and a mean over them."""
x: Input[T]
b: Param

g[t] = tanh(b * x[t]) * sqrt(T - t)
loss = sum(g[t] + mean(b * x[t1] / (T - t1 + 1) ** 1.5, (t1, t, T)), t)
