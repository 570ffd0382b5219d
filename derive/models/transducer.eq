"""RNN transducer: one network reads, another writes, and all ways of interleaving the two are summed over a grid.

Graves (2012), Sequence Transduction with Recurrent Neural Networks, section 2.4, in log space. Class 0 is the blank: it
moves one step on in what is read; any other class moves one step on in what is written. Both
networks run in one direction.
"""
x: Input[T, n_x]          # the sequence to read
y: Label[S, n_y]          # the sequence to write
U: Param[n_h, n_x]        # transcription network: input to hidden
W: Param[n_h, n_h]        # transcription network: hidden to hidden
b: Param[n_h]
F: Param[n_g, n_y]        # prediction network: label before to hidden
R: Param[n_g, n_g]        # prediction network: hidden to hidden
r: Param[n_g]
P: Param[n_y, n_h]        # transcription network to output
Q: Param[n_y, n_g]        # prediction network to output
c: Param[n_y]

h[0] = 0
h[t] = tanh(b + W @ h[t-1] + U @ x[t])
g[0] = tanh(r)
g[s] = tanh(r + R @ g[s-1] + F[:, y[s]])
l[t, 0] = logsoftmax(c + P @ h[t] + Q @ g[0])
l[t, s] = logsoftmax(c + P @ h[t] + Q @ g[s])           # what may come after t steps and s labels

alpha[1, 0] = 0
alpha[t, 0] = alpha[t-1, 0] + l[t-1, 0, 0]
alpha[1, s] = alpha[1, s-1] + l[1, s-1, y[s]]
alpha[t, s] = logsumexp(concat(alpha[t-1, s] + l[t-1, s, 0], alpha[t, s-1] + l[t, s-1, y[s]]))
loss = -alpha[T, S] - l[T, S, 0]
