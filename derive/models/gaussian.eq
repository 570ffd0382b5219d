"""Gaussian-output regressor: a network with two heads predicts mean and variance of each value.

Nix & Weigend (1994), Estimating the Mean and Variance of the Target Probability Distribution; Goodfellow, Bengio &
Courville (2016), Deep Learning, section 6.2.2.4.
"""
x: Input[T, n_x]            # what is read at each step
y: Target[T, n_y]           # the values to predict at each step
U: Param[n_h, n_x]          # input to hidden
W: Param[n_h, n_h]          # hidden to hidden
V_m, V_s = Param[n_y, n_h]  # hidden to mean and to logarithm of the variance
b: Param[n_h]
c_m, c_s = Param[n_y]       # biases

h[0] = 0
h[t] = tanh(b + W @ h[t-1] + U @ x[t])
m[t] = c_m + V_m @ h[t]                             # mean
s[t] = c_s + V_s @ h[t]                             # logarithm of the variance
nll[t] = (log(2*pi) + s[t] + (y[t] - m[t])**2 * exp(-s[t])) / 2
loss = sum(sum(nll[t]), t)
