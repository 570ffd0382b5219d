x: Input[T, n_h]
z: Input[n_h]
V: Param[n_h, n_h]
h[t] = sin(V @ h[t-1] + tanh(z) + x[t])
h[0] = z
h[-1] = -0.3
loss = sum(sum(h[t]**2), t)
