"""Fast weights: the state is a matrix that outer products feed."""
x: Input[T, n]
y: Target[T, m]
K: Param[k, n]
V: Param[m, n]
lam: Param
S[0] = 0
S[t] = lam * S[t-1] + outer(V @ x[t], K @ x[t])
o[t] = S[t] @ (K @ x[t])
loss = sum(norm2(o[t] - y[t])**2, t)
