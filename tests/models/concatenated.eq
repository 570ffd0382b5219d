"""Concatenations: contracted, defined, and read by parts."""
x: Input[T, n_x]
y: Label[T, n_y]
W: Param[n_h, n_h + n_x]
V: Param[n_y, n_h + n_x]

h[0] = 0
h[t] = tanh(W @ concat(h[t-1], x[t]))
z[t] = concat(h[t], sigmoid(x[t]))
o[t] = V @ z[t]
s[t] = sum(concat(h[t], x[t]))
loss = sum(logsumexp(o[t]) - o[t, y[t]] + 0.1 * s[t]**2 + z[t, 0], t)
