"""DeltaNet: a matrix state is written by the delta rule, so that a new value replaces what a key brought back.

Schlag, Irie & Schmidhuber (2021), Linear Transformers Are Secretly Fast Weight Programmers; keys and queries are
positive and add up to one.
"""
x: Input[T, n_x]                # what is read at each step
y: Label[T, n_y]                # the class to predict at each step
W_k, W_q = Param[n_k, n_x]      # input to keys and queries
W_v: Param[n_v, n_x]            # input to values
w_beta: Param[n_x]              # input to the strength of writing
V: Param[n_y, n_v]              # what is read to output
d: Param[n_y]                   # output bias

def phi(u): return (elu(u) + 1) / sum(elu(u) + 1)

W[0] = 0
q[t] = phi(W_q @ x[t])                                              # query
k[t] = phi(W_k @ x[t])                                              # key
v[t] = W_v @ x[t]                                                   # new value
beta[t] = sigmoid(w_beta @ x[t])                                    # strength of writing
vbar[t] = W[t-1] @ k[t]                                             # old value
W[t] = W[t-1] + beta[t] * outer(v[t] - vbar[t], k[t])               # fast weights
r[t] = W[t] @ q[t]
s[t] = d + V @ r[t]                                                 # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
