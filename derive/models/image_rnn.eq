"""Two-dimensional RNN: every pixel's state reads those of its upper and left neighbours; a class for each pixel.

Graves, Fernandez & Schmidhuber (2007), Multi-Dimensional Recurrent Neural Networks, with one direction of the four.
"""
x: Input[T, S, n_x]       # an image: rows, columns, channels
y: Label[T, S, n_y]       # the class of each pixel
U: Param[n_h, n_x]        # pixel to hidden
W_1: Param[n_h, n_h]      # upper neighbour to hidden
W_2: Param[n_h, n_h]      # left neighbour to hidden
V: Param[n_y, n_h]        # hidden to output
b: Param[n_h]
c: Param[n_y]

h[0, s] = 0
h[t, 0] = 0
h[t, s] = tanh(b + U @ x[t, s] + W_1 @ h[t-1, s] + W_2 @ h[t, s-1])
o[t, s] = c + V @ h[t, s]
yhat[t, s] = softmax(o[t, s])
loss = sum(-log(yhat[t, s, y[t, s]]), t, s)
