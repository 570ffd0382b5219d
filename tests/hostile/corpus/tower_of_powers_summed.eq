x: Input[T, n_x]
y: Target[T, n_h]
A, B_, C = Param[n_h, n_h]
U: Param[n_h, n_x]
h[0] = 0
h[-1] = 0.5
h[-2] = -0.25
h[t] = tanh(A @ h[t-1] + B_ @ h[t-2] + C @ h[t-3] + U @ x[t])
loss = sum(sum((h[t] - y[t])**9**9**t+500**9) / 2, t)
