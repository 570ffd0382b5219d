"""IndRNN: each hidden unit sees its own past alone, through one weight; two layers, for the units to meet.

Li, Li, Cook, Zhu & Gao (2018), Independently Recurrent Neural Network (IndRNN): Building a Longer and Deeper RNN, eq.
2.
"""
x: Input[T, n_x]          # what is read at each step
y: Label[T, n_y]          # the class to predict at each step
W_h: Param[n_h, n_x]      # input to the lower layer
W_z: Param[n_z, n_h]      # lower layer to upper layer
u_h: Param[n_h] = 1       # recurrent weights of the lower layer, one a unit
u_z: Param[n_z] = 1       # recurrent weights of the upper layer
b_h: Param[n_h]
b_z: Param[n_z]
V: Param[n_y, n_z]        # upper layer to output
c: Param[n_y]

h[0] = 0
z[0] = 0
h[t] = relu(W_h @ x[t] + u_h * h[t-1] + b_h)
z[t] = relu(W_z @ h[t] + u_z * z[t-1] + b_z)
o[t] = c + V @ z[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
