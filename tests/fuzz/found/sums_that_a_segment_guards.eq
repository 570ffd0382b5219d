W: Param[n_x, n_x] = 1
U: Param[n_h]
V: Param[n_x, n_h]
x: Input[T, n_x]
b: Param[n_x]
R: Param[n_x]
goal: Target[T, n_x]
y_2: Target[T, n_x]
h[t, i] = tanh(sum(W[i, j] * h[t-1, j], j) + sum(V[i, j] * x[t, i], j))
h[0] = concat(b[i] + R[i], b[i], i)[:n_x]
loss = sum(sum(h[t]**2), (t, 2, T)) - mean(sum(h[t]**2), t) - mean(sum((goal[t] - h[t])**2 / (2 * exp(2 * tanh(diag(y_2[t]) @ b))) + tanh(diag(y_2[t]) @ b)), t)
