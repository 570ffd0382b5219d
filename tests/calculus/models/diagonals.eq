"""diag, eye, transposes, outer products and inner products of matrices."""
x: Input[T, n]
W, M = Param[n, n]
v: Param[n]
P = W.T @ diag(v) @ M + eye(n)
h[0] = 0
h[t] = tanh(P @ h[t-1] + W.T @ x[t])
loss = sum(h[t] @ (P.T @ P) @ h[t], t) + sum(outer(v, v) * W)
