"""One answer, read at the last step."""
x: Input[T, n_x]
y: Label[n_y]
W: Param[n_h, n_h]
U: Param[n_h, n_x]
V: Param[n_y, n_h]
h[0] = 0
h[t] = tanh(W @ h[t-1] + U @ x[t])
o = V @ h[T]
loss = -logsoftmax(o)[y]
