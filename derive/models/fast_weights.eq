"""Fast weights: a second, quickly changing matrix of weights holds a memory of recent hidden states.

Ba, Hinton, Mnih, Leibo & Ionescu (2016), Using Fast Weights to Attend to the Recent Past, eqs. 1-2, one inner step,
without the layer normalisation.
"""
x: Input[T, n_x]          # what is read at each step
y: Label[n_y]             # the class of the whole sequence
C: Param[n_h, n_x]        # input to hidden
W: Param[n_h, n_h]        # hidden to hidden, slow weights
V: Param[n_y, n_h]        # hidden to output
b: Param[n_h]
c: Param[n_y]
lam: Const = 0.95         # decay of the fast weights
eta: Const = 0.5          # their learning rate

h[0] = 0
A[0] = 0
a[t] = b + W @ h[t-1] + C @ x[t]
p[t] = tanh(a[t])                                       # preliminary state
h[t] = tanh(a[t] + A[t-1] @ p[t])                       # state after one inner step (eq. 2)
A[t] = lam * A[t-1] + eta * outer(h[t], h[t])           # fast weights (eq. 1)
o = c + V @ h[T]
yhat = softmax(o)
loss = -log(yhat[y])
