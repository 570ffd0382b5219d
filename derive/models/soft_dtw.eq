"""Soft dynamic time warping: the smoothed cost of the best alignment of two sequences, in a learned space.

Cuturi & Blondel (2017), Soft-DTW: a Differentiable Loss Function for Time-Series, algorithm 1. The gradient with
respect to delta[t, s] is the expected alignment matrix.
"""
x: Input[T, n_x]          # a sequence
y: Input[S, n_x]          # another, of another length
W: Param[n_h, n_x]        # both into the space where they are compared
gamma: Const = 0.5        # smoothing; dynamic time warping in the limit of 0

r[0, 0] = 0
r[t, 0] = inf
r[0, s] = inf
u[t] = W @ x[t]
v[s] = W @ y[s]
delta[t, s] = sum((u[t] - v[s])**2)                                     # cost of putting t and s together
r[t, s] = delta[t, s] - gamma * logsumexp(concat(-r[t-1, s-1] / gamma, -r[t-1, s] / gamma, -r[t, s-1] / gamma))
loss = r[T, S]
