"""One vector to a sequence: the vector is an extra input at every step of a network that writes the sequence.

Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.2.4 and fig. 10.9 (a caption for an image, say): R @ x
is a bias of the hidden units that the vector sets.
"""
x: Input[n_x]             # the vector, the same at every step
y: Label[T, n_y]          # the sequence to write; y[t-1] is read when y[t] is predicted
R: Param[n_h, n_x]        # vector to hidden
U: Param[n_h, n_y]        # element before to hidden
W: Param[n_h, n_h]        # hidden to hidden
V: Param[n_y, n_h]        # hidden to output
b: Param[n_h]
c: Param[n_y]

h[0] = 0
h[t] = tanh(b + W @ h[t-1] + U[:, y[t-1]] + R @ x)
o[t] = c + V @ h[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
