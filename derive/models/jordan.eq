"""Jordan network: context units keep a running average of the network's own outputs, and the hidden layer reads them.

Jordan (1986), Serial Order: A Parallel Distributed Processing Approach (ICS Report 8604).
"""
x: Input[T, n_x]          # what is read at each step, the plan
y: Target[T, n_y]         # the values to predict at each step
U: Param[n_h, n_x]        # input to hidden
W: Param[n_h, n_y]        # context to hidden
V: Param[n_y, n_h]        # hidden to output
b: Param[n_h]
d: Param[n_y]
mu: Const = 0.5           # how much of the context remains

c[0] = 0
o[0] = 0
c[t] = mu * c[t-1] + o[t-1]                     # context units
h[t] = sigmoid(b + W @ c[t] + U @ x[t])
o[t] = d + V @ h[t]
loss = sum(sum((y[t] - o[t])**2), t)
