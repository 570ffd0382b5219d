"""Deep RNN, first kind: the hidden state is broken into layers, each a recurrence that reads the layer below.

Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.5 and fig. 10.13(a); Graves, Mohamed & Hinton (2013),
Speech Recognition with Deep Recurrent Neural Networks.
"""
x: Input[T, n_x]          # what is read at each step
y: Label[T, n_y]          # the class to predict at each step
U: Param[n_h, n_x]        # input to the lower layer
R: Param[n_z, n_h]        # lower layer to upper layer
W_h: Param[n_h, n_h]      # lower layer to itself
W_z: Param[n_z, n_z]      # upper layer to itself
V: Param[n_y, n_z]        # upper layer to output
b_h: Param[n_h]
b_z: Param[n_z]
c: Param[n_y]

h[0] = 0
z[0] = 0
h[t] = tanh(b_h + W_h @ h[t-1] + U @ x[t])      # lower layer
z[t] = tanh(b_z + W_z @ z[t-1] + R @ h[t])      # upper layer
o[t] = c + V @ z[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
