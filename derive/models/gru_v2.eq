"""GRU as PyTorch and cuDNN have it: the reset gate acts after the recurrent product.

Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder, eqs. 5-8, with the candidate of PyTorch's
torch.nn.GRU and cuDNN: the reset gate multiplies the product, which has a bias of its own.
"""
x: Input[T, n_x]                    # what is read at each step
y: Label[T, n_y]                    # the class to predict at each step
W_r, W_z, W_n = Param[n_h, n_x]     # input to gates and candidate
U_r, U_z, U_n = Param[n_h, n_h]     # hidden to gates and candidate
b_r, b_z, b_n = Param[n_h]          # biases
c_n: Param[n_h]                     # bias inside the reset
V: Param[n_y, n_h]                  # hidden to output
d: Param[n_y]                       # output bias

h[0] = 0
r[t] = sigmoid(b_r + W_r @ x[t] + U_r @ h[t-1])                 # reset gate
z[t] = sigmoid(b_z + W_z @ x[t] + U_z @ h[t-1])                 # update gate
n[t] = tanh(b_n + W_n @ x[t] + r[t] * (U_n @ h[t-1] + c_n))     # candidate
h[t] = z[t] * h[t-1] + (1 - z[t]) * n[t]                        # hidden state
s[t] = d + V @ h[t]                                             # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
