"""Sums over later steps whose range has a length below 0 where there is one step alone."""
x: Input[T]
z: Input[T, n_h]
h[t] = tanh(z[t] + sum(x[t-1] * h[t1], (t1, t+1, T)))
loss = sum(sum(h[t]**2), t)
