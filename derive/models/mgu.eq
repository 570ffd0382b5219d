"""MGU, the minimal gated unit: one gate forgets, resets and updates.

Zhou, Wu, Zhang & Zhou (2016), Minimal Gated Unit for Recurrent Neural Networks.
"""
x: Input[T, n_x]                # what is read at each step
y: Label[T, n_y]                # the class to predict at each step
W_f, W_h = Param[n_h, n_x]      # input to gate and candidate
U_f, U_h = Param[n_h, n_h]      # hidden to gate and candidate
b_f, b_h = Param[n_h]           # biases
V: Param[n_y, n_h]              # hidden to output
d: Param[n_y]                   # output bias

h[0] = 0
f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])                 # forget gate
htilde[t] = tanh(b_h + W_h @ x[t] + U_h @ (f[t] * h[t-1]))      # candidate
h[t] = (1 - f[t]) * h[t-1] + f[t] * htilde[t]                   # hidden state
s[t] = d + V @ h[t]                                             # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
