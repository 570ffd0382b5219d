"""A recurrence whose first step is 1, whose general equation holds from 2 (as a chain's scores do)."""
x: Input[T, n]
A: Param[n, n]
y: Label[T, n]
s[1] = x[1]
s[t, j] = logsumexp(s[t-1, i] + A[i, j], i) + x[t, j]
z = logsumexp(s[T])
loss = z - sum(x[t, y[t]], t) - sum(A[y[t-1], y[t]], (t, 2, T))
