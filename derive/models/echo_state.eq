"""Echo state network: a fixed reservoir of leaky units, of which only the output is learned.

Jaeger (2001), The "Echo State" Approach to Analysing and Training Recurrent Neural Networks; leaky units of Jaeger,
Lukosevicius, Popovici & Siewert (2007). Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.8.
"""
x: Input[T, n_x]          # what is read at each step
y: Target[T, n_y]         # the values to predict at each step
W_in: Const[n_h, n_x]     # input to reservoir, fixed
W: Const[n_h, n_h]        # reservoir to itself, fixed; scaled to the spectral radius that is wanted
leak: Const = 0.3         # leaking rate
lam: Const = 0.01         # weight of the ridge penalty
V: Param[n_y, n_h]        # reservoir to output
c: Param[n_y]

h[0] = 0
h[t] = (1 - leak) * h[t-1] + leak * tanh(W_in @ x[t] + W @ h[t-1])
o[t] = c + V @ h[t]
loss = sum(sum((y[t] - o[t])**2), t) + lam * sum(V**2)
