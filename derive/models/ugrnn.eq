"""UGRNN, the update gate RNN: a single gate decides whether a unit keeps its state or takes the candidate.

Collins, Sohl-Dickstein & Sussillo (2017), Capacity and Trainability in Recurrent Neural Networks.
"""
x: Input[T, n_x]                # what is read at each step
y: Label[T, n_y]                # the class to predict at each step
W_c, W_g = Param[n_h, n_x]      # input to candidate and gate
U_c, U_g = Param[n_h, n_h]      # hidden to candidate and gate
b_c: Param[n_h]
b_g: Param[n_h] = 1             # the gate starts open towards the past
V: Param[n_y, n_h]              # hidden to output
d: Param[n_y]                   # output bias

h[0] = 0
c[t] = tanh(b_c + U_c @ h[t-1] + W_c @ x[t])        # candidate
g[t] = sigmoid(b_g + U_g @ h[t-1] + W_g @ x[t])     # update gate
h[t] = g[t] * h[t-1] + (1 - g[t]) * c[t]            # hidden state
s[t] = d + V @ h[t]                                 # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
