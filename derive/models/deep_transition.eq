"""Deep RNN, second kind: a multilayer perceptron from input to hidden, from hidden to hidden and from hidden to output.

Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.5 and fig. 10.13(b); Pascanu, Gulcehre, Cho & Bengio
(2014), How to Construct Deep Recurrent Neural Networks. The path from one step to the next is twice as long.
"""
x: Input[T, n_x]          # what is read at each step
y: Label[T, n_y]          # the class to predict at each step
U_1: Param[n_u, n_x]      # input to its own layer
U_2: Param[n_h, n_u]      # that layer to hidden
W_1: Param[n_m, n_h]      # hidden to the layer between two steps
W_2: Param[n_h, n_m]      # that layer to hidden
V_1: Param[n_v, n_h]      # hidden to the layer before the output
V_2: Param[n_y, n_v]      # that layer to output
b_u: Param[n_u]
b_m: Param[n_m]
b_h: Param[n_h]
b_v: Param[n_v]
c: Param[n_y]

h[0] = 0
u[t] = tanh(b_u + U_1 @ x[t])                   # input to hidden
m[t] = tanh(b_m + W_1 @ h[t-1])                 # hidden to hidden
h[t] = tanh(b_h + W_2 @ m[t] + U_2 @ u[t])
v[t] = tanh(b_v + V_1 @ h[t])                   # hidden to output
o[t] = c + V_2 @ v[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
