"""Linear-chain conditional random field: the whole sequence of tags is scored against all others.

Lafferty, McCallum & Pereira (2001), Conditional Random Fields: Probabilistic Models for Segmenting and Labeling
Sequence Data. The gradient with respect to e[t, j] is the marginal of tag j at step t, minus 1 for the true one.
"""
x: Input[T, n_x]          # what is read at each step
y: Label[T, n_y]          # its tag
V: Param[n_y, n_x]        # input to the tags' scores
c: Param[n_y]
A: Param[n_y, n_y]        # score of tag i followed by tag j
a: Param[n_y]             # score of the first tag

e[t] = c + V @ x[t]                                                     # score of each tag
alpha[1] = a + e[1]
alpha[t, j] = logsumexp(alpha[t-1, i] + A[i, j], i) + e[t, j]           # forward recursion
score = a[y[1]] + sum(e[t, y[t]], t) + sum(A[y[t-1], y[t]], (t, 2, T))  # the true tags
loss = logsumexp(alpha[T]) - score
