"""a[t] reads b[t+1] and b reads a: the loop needs potentials."""
x: Input[T, n]
y: Target[T, n]
A, W = Param[n, n]
b[1] = 0
a[0] = 0
b[t] = tanh(A @ a[t-2])
a[-1] = 0.3
a[t] = tanh(W @ a[t-1]) + x[t] * a[t-2]
c[t] = a[t] * b[t]
loss = sum(sum((c[t] - y[t])**2), t)
