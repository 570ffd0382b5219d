"""Data over two sequences that are read outside of both, beside a recurrence along one; a look-up at steps before."""
x: Input[T, n_x]
z: Input[T, S]
w: Index[T, n_x]
b: Param[n_x]

h[0] = 0
h[t] = tanh(b * h[t-1] + x[t-1])
o[t, s] = sigmoid(z[t-1, s-2] + b[0])
loss = sum(sum(h[t]**2), t) + sum(o[t, s]**2, t, s) + sum(x[t, w[t-2]] * b[0], t)
