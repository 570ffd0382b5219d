"""Leaky units: each hidden unit is a running average with a time constant of its own, which is learned.

Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.9.2: mu[t] = alpha * mu[t-1] + (1 - alpha) * v[t].
"""
x: Input[T, n_x]          # what is read at each step
y: Target[T, n_y]         # the values to predict at each step
U: Param[n_h, n_x]        # input to hidden
W: Param[n_h, n_h]        # hidden to hidden
V: Param[n_y, n_h]        # hidden to output
rho: Param[n_h] = 2       # time constants: alpha is 0.88 at first, and stays between 0 and 1
b: Param[n_h]
c: Param[n_y]

mu[0] = 0
alpha = sigmoid(rho)
v[t] = tanh(b + W @ mu[t-1] + U @ x[t])
mu[t] = alpha * mu[t-1] + (1 - alpha) * v[t]
o[t] = c + V @ mu[t]
loss = sum(sum((y[t] - o[t])**2), t)
