"""The same number added at the looked-up place of every step: NumPy 2.4's `np.add.at` must be given all its axes."""
beta: Param[n]
word: Index[T, n]
loss = sum(t * sum(beta[word[t2+1]], t2), t)
