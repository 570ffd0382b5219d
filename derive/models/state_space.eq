"""Linear diagonal state space: every channel drives a few states that decay at rates of their own.

Gu, Gupta, Goel & Re (2022), On the Parameterization and Initialization of Diagonal State Space Models, with real rates
(S4D-Real) and the zero-order hold.
"""
x: Input[T, n_d]                # channels, at each step
y: Target[T, n_d]               # the values to predict at each step
Alog: Param[n_d, n_s]           # rates, as logarithms
dtlog: Param[n_d] = -2          # step of each channel, as a logarithm
B, C = Param[n_d, n_s]          # input to states, states to output
D: Param[n_d] = 1               # input to output

h[0, d, n] = 0
A[d, n] = -exp(Alog[d, n])                                      # rates
Abar[d, n] = exp(exp(dtlog[d]) * A[d, n])                       # discretised
Bbar[d, n] = (Abar[d, n] - 1) / A[d, n] * B[d, n]
h[t, d, n] = Abar[d, n] * h[t-1, d, n] + Bbar[d, n] * x[t, d]   # states
o[t, d] = sum(C[d, n] * h[t, d, n], n) + D[d] * x[t, d]
loss = sum(sum((y[t] - o[t])**2), t)
