"""Gradients that begin as a copy of something given, and are added to: what was given must stay."""
x: Input[T, n]
y: Target[T, n]
g, b = Param[n]
c, s = Param
h[0] = 0
h[t] = tanh(h[t-1] * g + x[t] + b * c)
loss = sum(sum(h[t] * y[t]), t) + sum(g**2) / 2 + c**2 / 2 + sum(x[T] * y[T]) + s
