h[t] = tanh((y[t].T @ U).T + sum(maximum(W, 0.5) * tanh(h[t1] + x[t]), (t1, 1, t-1)))
word: Index[2*n_h]
b: Param[n_x] = 0.5
x: Input[T, n_x]
P: Param[2*n_h, n_x, n_h]
R: Param[n_h, n_h]
a[-1] = P[word] @ R @ (A @ U[0])
U: Param[n_x, n_x]
a[0] = -0.3
A: Param[n_h, n_x]
W: Param
loss = sum(sum(a[t]**2), t)
y: Target[T, n_x]
Q: Param[n_x, n_h + 1]
a[t] = -0.4 * a[t-1] + h[T]
a[-2] = concat(mean(b, t), Q.T @ h[T])[:n_x]
