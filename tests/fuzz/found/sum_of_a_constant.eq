"""A softmax over all steps of what is the same at each: a segment of them has another sum."""
x: Input[T, n_h]
P: Param
b: Param[n_h]
h[0] = 0
h[t] = tanh(b * h[t-1] + x[t])
loss = sum(softmax(P * P, t) * x[t, 0], t) + sum(h[T])
