"""What may look up nothing, over a range that begins behind another step; a scalar that hangs on itself."""
x: Input[T]
w: Index[T, n_w]
E: Param[n_w, n_h]
b: Param[n_h]
a: Param

h[t] = tanh(sum(E[w[t1-2]] * h[t1], (t1, t+1, T)) + E[w[t]])
g[t] = sigmoid(a * g[t+1] + x[t])
g[T+1] = -0.3
o[t, i] = g[t] + b[i]
loss = sum(sum(h[t] * o[t]), t)
