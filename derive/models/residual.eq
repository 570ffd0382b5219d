"""Residual recurrence: the state is what it was plus a small step, as a differential equation is integrated.

Chang, Chen, Haber & Chi (2019), AntisymmetricRNN: A Dynamical System View on Recurrent Neural Networks: W - W^T has no
eigenvalue with a real part, gamma damps a little.
"""
x: Input[T, n_x]            # what is read at each step
y: Label[n_y]               # the class of the whole sequence
U: Param[n_h, n_x]          # input to hidden
W: Param[n_h, n_h]          # hidden to hidden; its antisymmetric part counts
V: Param[n_y, n_h]          # hidden to output
b: Param[n_h]
c: Param[n_y]
eps: Const = 0.1            # step
gamma: Const = 0.01         # damping

h[0] = 0
A = W - W.T - gamma * eye(n_h)
h[t] = h[t-1] + eps * tanh(A @ h[t-1] + U @ x[t] + b)
o = c + V @ h[T]
yhat = softmax(o)
loss = -log(yhat[y])
