"""QRNN, the quasi-recurrent network: gates are a convolution over the input, only the pooling is a recurrence.

Bradbury, Merity, Xiong & Socher (2017), Quasi-Recurrent Neural Networks, eqs. 1-4, with fo-pooling (eq. 4).
"""
x: Input[T, n_x]                    # what is read at each step; zero before the first
y: Label[T, n_y]                    # the class to predict at each step
P_z, P_f, P_o = Param[n_h, n_x]     # the convolution's filters: input of the step before
W_z, W_f, W_o = Param[n_h, n_x]     # the convolution's filters: input of the step
V: Param[n_y, n_h]                  # hidden to output
d: Param[n_y]                       # output bias

c[0] = 0
z[t] = tanh(P_z @ x[t-1] + W_z @ x[t])              # candidate
f[t] = sigmoid(P_f @ x[t-1] + W_f @ x[t])           # forget gate
o[t] = sigmoid(P_o @ x[t-1] + W_o @ x[t])           # output gate
c[t] = f[t] * c[t-1] + (1 - f[t]) * z[t]            # fo-pooling
h[t] = o[t] * c[t]
s[t] = d + V @ h[t]                                 # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
