"""Attention to the past only, its weights named: a softmax over a part of a range is 0 outside of it."""
x: Input[T, n_x]
Q, K_x, V = Param[n_k, n_x]

q[t] = Q @ x[t]
k[t] = K_x @ x[t]
e[t, t1] = q[t] @ k[t1] / sqrt(n_k)
alpha[t, t1] = softmax(e[t, t1], (t1, 1, t))
o[t] = sum(alpha[t, t1] * (V @ x[t1]), t1)
loss = sum(sum(o[t]**2), t) + sum(max(alpha[t, t1], t1), t)
