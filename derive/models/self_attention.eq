"""Causal self-attention: each step reads a weighted mean of itself and its own past, in one layer with no recurrence.

Vaswani et al. (2017), Attention Is All You Need, eq. 1 and section 3.2.3, one head, with the residual connection.
"""
w: Index[T, n_w]                # the word that is read at each step
y: Label[T, n_w]                # the word to predict at each step
E: Param[n_w, n_x]              # word embedding
W_Q, W_K = Param[n_k, n_x]      # input to queries and keys
W_V: Param[n_v, n_x]            # input to values
W_O: Param[n_x, n_v]            # values back to the width of the input
d: Param[n_w]                   # output bias

x[t] = E[w[t]]
q[t] = W_Q @ x[t]                                                       # query
k[t] = W_K @ x[t]                                                       # key
v[t] = W_V @ x[t]                                                       # value
e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n_k), -inf)           # score, none for what is to come
alpha[t, t1] = softmax(e[t, t1], t1)                                    # weight
a[t] = sum(alpha[t, t1] * v[t1], t1)                                    # attention (eq. 1)
o[t] = d + E @ (x[t] + W_O @ a[t])                                      # logits
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
