"""LSTM with a projection: gates and output read a short vector, which saves most of the recurrent weights.

Sak, Senior & Beaufays (2014), Long Short-Term Memory Based Recurrent Neural Network Architectures for Large Vocabulary
Speech Recognition, the LSTMP architecture with peepholes, without the non-recurrent projection.
"""
x: Input[T, n_x]                        # what is read at each step
y: Label[T, n_y]                        # the class to predict at each step
W_ix, W_fx, W_cx, W_ox = Param[n_h, n_x]    # input to gates and candidate
W_ir, W_fr, W_cr, W_or = Param[n_h, n_r]    # projection to gates and candidate
w_ic, w_fc, w_oc = Param[n_h]           # peepholes, diagonal
b_i, b_f, b_c, b_o = Param[n_h]         # biases
W_rm: Param[n_r, n_h]                   # cell output to projection
W_yr: Param[n_y, n_r]                   # projection to output
b_y: Param[n_y]                         # output bias

r[0] = 0
c[0] = 0
i[t] = sigmoid(W_ix @ x[t] + W_ir @ r[t-1] + w_ic * c[t-1] + b_i)           # input gate
f[t] = sigmoid(W_fx @ x[t] + W_fr @ r[t-1] + w_fc * c[t-1] + b_f)           # forget gate
c[t] = f[t] * c[t-1] + i[t] * tanh(W_cx @ x[t] + W_cr @ r[t-1] + b_c)       # cell
o[t] = sigmoid(W_ox @ x[t] + W_or @ r[t-1] + w_oc * c[t] + b_o)             # output gate
m[t] = o[t] * tanh(c[t])                                                    # cell output
r[t] = W_rm @ m[t]                                                          # projection
s[t] = W_yr @ r[t] + b_y                                                    # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
