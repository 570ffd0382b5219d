"""minLSTM: forget and input gate read the input alone and are normalised to add up to one.

Feng, Tung, Ahmed, Bengio & Hajimirsadeghi (2024), Were RNNs All We Needed?, section 3.2.
"""
x: Input[T, n_x]                    # what is read at each step
y: Label[T, n_y]                    # the class to predict at each step
W_f, W_i, W_h = Param[n_h, n_x]     # input to gates and candidate
b_f, b_i, b_h = Param[n_h]          # biases
V: Param[n_y, n_h]                  # hidden to output
d: Param[n_y]                       # output bias

h[0] = 0
f[t] = sigmoid(b_f + W_f @ x[t])                            # forget gate
i[t] = sigmoid(b_i + W_i @ x[t])                            # input gate
htilde[t] = b_h + W_h @ x[t]                                # candidate
h[t] = (f[t] * h[t-1] + i[t] * htilde[t]) / (f[t] + i[t])   # hidden state
s[t] = d + V @ h[t]                                         # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
