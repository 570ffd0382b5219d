"""minGRU: gate and candidate read the input alone, and the recurrence is linear in the hidden state.

Feng, Tung, Ahmed, Bengio & Hajimirsadeghi (2024), Were RNNs All We Needed?, section 3.1.
"""
x: Input[T, n_x]                # what is read at each step
y: Label[T, n_y]                # the class to predict at each step
W_z, W_h = Param[n_h, n_x]      # input to gate and candidate
b_z, b_h = Param[n_h]           # biases
V: Param[n_y, n_h]              # hidden to output
d: Param[n_y]                   # output bias

h[0] = 0
z[t] = sigmoid(b_z + W_z @ x[t])                    # gate
htilde[t] = b_h + W_h @ x[t]                        # candidate
h[t] = (1 - z[t]) * h[t-1] + z[t] * htilde[t]       # hidden state
s[t] = d + V @ h[t]                                 # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
