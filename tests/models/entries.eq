"""A look-up in a part of an axis; one over a sum among factors; a product that is added to along slices."""
x: Input[T, n_h]
y: Label[T, n_h]
c: Label[n_h]
W: Param[2*n_h, n_h]
V: Param[n_h, 2*n_h]
b: Param

z[t] = W @ x[t]
q = tanh(W @ x[T])[n_h:]
g[t] = diag(1 / (1 + x[t]**2) - b * x[t]) @ (V @ z[t])
loss = sum(-logsoftmax(z[t, n_h:])[y[t]] + sum(g[t]) + sum(sqrt(1 + onehot(y[t])**2) * b) + V[:, n_h:][:, c] @ x[t], t) + q[c]
