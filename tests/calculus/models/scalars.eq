"""Everything is a scalar."""
x: Input[T]
y: Target[T]
w, u, b = Param
h[0] = 0
h[t] = tanh(w * h[t-1] + u * x[t] + b)
loss = sum((h[t] - y[t])**2, t)
