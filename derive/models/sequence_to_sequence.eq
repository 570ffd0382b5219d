"""Sequence to sequence: an LSTM reads the source, and its last state is where the LSTM that writes the target starts.

Sutskever, Vinyals & Le (2014), Sequence to Sequence Learning with Neural Networks, section 2. The paper reads the
source backwards, which is a matter of the data; here it is an equation: the encoder runs from right to left.
"""
w: Index[S, n_w]                # the words to read
y: Label[T, n_y]                # the words to write; y[t-1] is read when y[t] is predicted
E: Param[n_w, n_x]              # embedding of the words that are read
F: Param[n_y, n_x]              # embedding of the words that are written
W, P = Param[4*n_h, n_x]        # word to i, f, o and candidate, in the encoder and in the decoder
U, Q = Param[4*n_h, n_h]        # hidden to i, f, o and candidate
a, b = Param[4*n_h]             # biases
V: Param[n_y, n_h]              # hidden to output
d: Param[n_y]                   # output bias

def cell(z, c): return sigmoid(z[n_h:2*n_h]) * c + sigmoid(z[:n_h]) * tanh(z[3*n_h:])
def out(z, c): return sigmoid(z[2*n_h:3*n_h]) * tanh(c)

h[S+1] = 0
m[S+1] = 0
p[s] = a + W @ E[w[s]] + U @ h[s+1]                 # encoder: gates,
m[s] = cell(p[s], m[s+1])                           # cell
h[s] = out(p[s], m[s])                              # and hidden state
g[0] = h[1]
c[0] = m[1]
q[t] = b + P @ F[y[t-1]] + Q @ g[t-1]               # decoder: gates,
c[t] = cell(q[t], c[t-1])                           # cell
g[t] = out(q[t], c[t])                              # and hidden state
o[t] = d + V @ g[t]                                 # logits
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
