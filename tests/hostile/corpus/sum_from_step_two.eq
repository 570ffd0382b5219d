x: Input[T, n_x]
y: Label[T, n_y]
U: Param[n_y, n_x]
P: Param[n_y, n_y]

e[t] = U @ x[t-2]
score[1] = e[1]
score[t, k] = e[t, k] + sum(score[t-1, j] + P[j, k], j)
path = sum(e[t, y[t]] + P[y[t-1], y[t+1]], t)
loss = logsumexp(score[T]) - path
