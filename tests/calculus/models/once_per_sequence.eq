"""A context that is computed once for a sequence and read at every step."""
x: Input[T, n]
y: Target[T, n]
W, C = Param[n, n]
m[i] = mean(x[t, i], t)
k = tanh(C @ m)
h[0] = k
h[t] = tanh(W @ h[t-1] + k)
loss = sum(sum((h[t] - y[t])**2), t)
