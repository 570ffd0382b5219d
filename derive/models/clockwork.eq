"""Clockwork bank: units with fixed periods, where a unit reads only units as slow as itself or slower.

After Koutnik, Greff, Gomez & Schmidhuber (2014), A Clockwork RNN: there a module of period P is updated at every P-th
step; here it moves by 1/P at each step, a leaky unit, which is smooth.
"""
x: Input[T, n_x]                # what is read at each step
y: Label[T, n_y]                # the class to predict at each step
period: Const[n_h]              # periods of the units, 1, 2, 4, 8, ...
U: Param[n_h, n_x]              # input to hidden
W: Param[n_h, n_h]              # hidden to hidden
V: Param[n_y, n_h]              # hidden to output
b: Param[n_h]
c: Param[n_y]

h[0] = 0
M[i, j] = where(period[j] >= period[i], W[i, j], 0)     # no unit reads a faster one
u[t] = tanh(b + M @ h[t-1] + U @ x[t])
h[t] = h[t-1] + (u[t] - h[t-1]) / period
o[t] = c + V @ h[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
