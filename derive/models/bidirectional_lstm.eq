"""Bidirectional LSTM: two LSTM layers that read the sequence in opposite directions, as a tagger of words.

Graves & Schmidhuber (2005), Framewise Phoneme Classification with Bidirectional LSTM and Other Neural Network
Architectures. Each direction has its four gates as one stacked product.
"""
w: Index[T, n_w]                # the word that is read at each step
y: Label[T, n_y]                # its tag
E: Param[n_w, n_x]              # word embedding
W_h, W_g = Param[4*n_h, n_x]    # input to i, f, o and candidate, forwards and backwards
U_h, U_g = Param[4*n_h, n_h]    # hidden to i, f, o and candidate
b_h, b_g = Param[4*n_h]         # biases
V_h, V_g = Param[n_y, n_h]      # hidden to output
d: Param[n_y]                   # output bias

def cell(z, c): return sigmoid(z[n_h:2*n_h]) * c + sigmoid(z[:n_h]) * tanh(z[3*n_h:])
def out(z, c): return sigmoid(z[2*n_h:3*n_h]) * tanh(c)

h[0] = 0
c[0] = 0
g[T+1] = 0
e[T+1] = 0
x[t] = E[w[t]]
p[t] = b_h + W_h @ x[t] + U_h @ h[t-1]              # from left to right: gates,
c[t] = cell(p[t], c[t-1])                           # cell
h[t] = out(p[t], c[t])                              # and hidden state
q[t] = b_g + W_g @ x[t] + U_g @ g[t+1]              # from right to left
e[t] = cell(q[t], e[t+1])
g[t] = out(q[t], e[t])
s[t] = d + V_h @ h[t] + V_g @ g[t]                  # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
