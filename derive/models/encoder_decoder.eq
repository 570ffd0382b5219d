"""Encoder-decoder: one network reads a sequence into a vector, another writes a sequence of another length from it.

Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder, section 2.2; Goodfellow, Bengio &
Courville (2016), Deep Learning, section 10.4 and fig. 10.12. The context is an extra input of the decoder at every
step.
"""
x: Input[S, n_x]          # the sequence to read
y: Label[T, n_y]          # the sequence to write; y[t-1] is read when y[t] is predicted
U: Param[n_h, n_x]        # encoder: input to hidden
W: Param[n_h, n_h]        # encoder: hidden to hidden
b: Param[n_h]
C: Param[n_c, n_h]        # encoder's last state to context
R: Param[n_d, n_c]        # decoder: context to hidden
E: Param[n_d, n_y]        # decoder: element before to hidden
Q: Param[n_d, n_d]        # decoder: hidden to hidden
r: Param[n_d]
V: Param[n_y, n_d]        # decoder: hidden to output
v: Param[n_y]

h[0] = 0
d[0] = 0
h[s] = tanh(b + W @ h[s-1] + U @ x[s])                          # encoder
c = tanh(C @ h[S])                                              # context
d[t] = tanh(r + Q @ d[t-1] + E[:, y[t-1]] + R @ c)              # decoder
o[t] = v + V @ d[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
