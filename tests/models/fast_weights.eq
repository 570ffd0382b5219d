"""A state that is a matrix (fast weights; Ba et al. 2016): outer products that decay."""
x: Input[T, n_x]
y: Target[T, n_x]
K: Param[n_k, n_x]
Q: Param[n_k, n_x]
lam: Const = 0.9

S[0] = 0
k[t] = tanh(K @ x[t])
S[t] = lam * S[t-1] + x[t] @ k[t].T
p[t] = S[t] @ (Q @ x[t])
loss = sum(sum((y[t] - p[t])**2), t) / T
