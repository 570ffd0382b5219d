"""A matrix state with diagonals, outer products and transposes."""
x: Input[T, n]
A, Bm = Param[n, n]
S[0] = eye(n)
S[t] = 0.5 * S[t-1] @ A.T + diag(x[t]) @ Bm + outer(x[t], x[t]) * 0.1
loss = sum(sum(S[t] * S[t-1].T), t)
