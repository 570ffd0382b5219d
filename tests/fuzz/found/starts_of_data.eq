"""Data with values before their first step, which what is printed must say."""
x: Input[T, n]
p, q = Param[n]
x[0] = p
x[-1] = tanh(q)
loss = sum(sum(x[t-1]**2 * p * x[t-2]), t)
