"""The logarithm of a sum of exponentials of an expression, over two axes."""
x: Input[T, n]
W: Param[m, n]
beta: Param
s[t] = logsumexp(beta * tanh(W @ x[t]))
r = logsumexp(s[t] * beta + x[t, i]**2, t, i)
loss = sum(s[t]**2, t) + r
