x: Input[T, n]
P: Param[n, n]

score[1] = x[1]
score[t, k] = x[t, k] + sum(score[t-1, j] + P[j, k], j)
loss = sum(score[T, j]**2, j)
