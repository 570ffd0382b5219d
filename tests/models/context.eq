"""A variable once per sequence: a summary of the inputs that every step reads, and a start that is computed."""
x: Input[T, n_x]
p: Input[n_p]             # once per example
y: Label[n_y]             # one class for the whole sequence
C: Param[n_h, n_x]
P: Param[n_h, n_p]
W: Param[n_h, n_h]
V: Param[n_y, n_h]

s = tanh(C @ mean_x + P @ p)
mean_x[i] = sum(x[t, i], t) / T
h[0] = s
h[t] = tanh(W @ h[t-1] + s)
yhat = softmax(V @ h[T])
loss = -log(yhat[y])
