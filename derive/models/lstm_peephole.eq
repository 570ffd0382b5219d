"""LSTM with peephole connections and softmax output.

Gers & Schmidhuber (2000), Recurrent Nets that Time and Count, eqs. 1-5; Gers, Schraudolph & Schmidhuber (2002),
Learning Precise Timing with LSTM Recurrent Networks, eqs. 2-9: the input and forget gates see c[t-1], the output gate
sees c[t].
"""
x: Input[T, n_x]                            # what is read at each step
y: Label[T, n_y]                            # the class to predict at each step
W_i, W_f, W_o, W_g = Param[n_h, n_x]        # input to gates and candidate
U_i, U_f, U_o, U_g = Param[n_h, n_h]        # hidden to gates and candidate
p_i, p_f, p_o = Param[n_h]                  # peepholes: cell to gates
b_i, b_f, b_o, b_g = Param[n_h]             # biases
V: Param[n_y, n_h]                          # hidden to output
d: Param[n_y]                               # output bias

h[0] = 0
c[0] = 0
i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1] + p_i * c[t-1])      # input gate
f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1] + p_f * c[t-1])      # forget gate
g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])                        # candidate
c[t] = f[t] * c[t-1] + i[t] * g[t]                                  # cell
o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1] + p_o * c[t])        # output gate
h[t] = o[t] * tanh(c[t])                                            # hidden state
s[t] = d + V @ h[t]                                                 # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
