"""A softmax and a cross-entropy written out by hand."""
x: Input[T, n]
y: Label[T, m]
V: Param[m, n]
o[t] = V @ x[t]
p[t, i] = exp(o[t, i]) / sum(exp(o[t, j]), j)
loss = -sum(sum(onehot(y[t]) * log(p[t])), t)
