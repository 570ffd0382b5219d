"""Feeding back: what stands for a label when the model runs freely is said by the file."""
x: Input[T, n_x]
y: Label[T, n_y]
W: Param[n_h, n_h]
U: Param[n_h, n_x]
R: Param[n_h, n_y]
V: Param[n_y, n_h]

h[0] = 0
h[t] = tanh(W @ h[t-1] + U @ x[t] + R @ onehot(y[t-1]))
o[t] = V @ h[t]
y.predicted[t] = softmax(o[t])
loss = sum(logsumexp(o[t]) - o[t, y[t]], t)
