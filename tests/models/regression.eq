"""Regression with a mean squared error, weight decay and teacher forcing of a Target."""
x: Input[T, n_x]
y: Target[T, n_y]
W: Param[n_h, n_h]
U: Param[n_h, n_x]
R: Param[n_h, n_y]
V: Param[n_y, n_h]
lam: Const = 0.01

h[0] = 0
h[t] = tanh(W @ h[t-1] + U @ x[t] + R @ y[t-1])
m[t] = V @ h[t]
loss = sum(sum((y[t] - m[t])**2), t) + lam * sum(W**2)
