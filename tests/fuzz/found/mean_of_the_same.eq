"""The mean over steps of what is the same at all of them: with lengths it needs them."""
y: Target
u: Input[S]
x: Input[n_x]
W: Param[n]
loss = sum(x) - 2 * mean(erf(sum(W[i] * y, i)), s)
