"""Linear attention: causal attention with a feature map in place of the softmax is a recurrence with a matrix state.

Katharopoulos, Vyas, Pappas & Fleuret (2020), Transformers are RNNs: Fast Autoregressive Transformers with Linear
Attention, section 3.4, eqs. 16-20, feature map of eq. 7.
"""
x: Input[T, n_x]                # what is read at each step
y: Label[T, n_y]                # the class to predict at each step
W_Q, W_K = Param[n_k, n_x]      # input to queries and keys
W_V: Param[n_v, n_x]            # input to values
V: Param[n_y, n_v]              # attention to output
d: Param[n_y]                   # output bias

def phi(u): return elu(u) + 1

S[0] = 0
z[0] = 0
q[t] = phi(W_Q @ x[t])                      # query
k[t] = phi(W_K @ x[t])                      # key
v[t] = W_V @ x[t]                           # value
S[t] = S[t-1] + outer(k[t], v[t])           # attention memory (eq. 18)
z[t] = z[t-1] + k[t]                        # normaliser memory (eq. 19)
a[t] = S[t].T @ q[t] / dot(q[t], z[t])      # attention (eq. 20)
s[t] = d + V @ a[t]                         # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
