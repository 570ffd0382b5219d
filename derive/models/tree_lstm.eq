"""Binary tree-LSTM: a cell with a forget gate for each of two children, and a label at every node.

Tai, Socher & Manning (2015), Improved Semantic Representations From Tree-Structured Long Short-Term Memory Networks,
section 3.2, eqs. 9-14 with N = 2. Nodes are numbered children first.
"""
w: Index[K, n_w]                            # the word of a leaf, and one word for all inner nodes
left: Index[K, K]                           # left child, 0 for none
right: Index[K, K]                          # right child, 0 for none
y: Label[K, n_y]                            # the class of each node
E: Param[n_w, n_x]                          # word embedding
W_i, W_f, W_o, W_u = Param[n_h, n_x]        # word to gates and candidate
L_i, L_o, L_u = Param[n_h, n_h]             # left child to input gate, output gate and candidate
R_i, R_o, R_u = Param[n_h, n_h]             # right child to input gate, output gate and candidate
U_ll, U_lr = Param[n_h, n_h]                # both children to the forget gate of the left one
U_rl, U_rr = Param[n_h, n_h]                # both children to the forget gate of the right one
b_i, b_f, b_o, b_u = Param[n_h]             # biases
V: Param[n_y, n_h]                          # hidden to output
d: Param[n_y]                               # output bias

h[0] = 0
c[0] = 0
x[k] = E[w[k]]
l[k] = h[left[k]]                                                       # the children's hidden states
r[k] = h[right[k]]
i[k] = sigmoid(W_i @ x[k] + L_i @ l[k] + R_i @ r[k] + b_i)              # input gate (eq. 9)
f[k] = sigmoid(W_f @ x[k] + U_ll @ l[k] + U_lr @ r[k] + b_f)            # forget gates (eq. 10): left child
g[k] = sigmoid(W_f @ x[k] + U_rl @ l[k] + U_rr @ r[k] + b_f)            # and right child
o[k] = sigmoid(W_o @ x[k] + L_o @ l[k] + R_o @ r[k] + b_o)              # output gate (eq. 11)
u[k] = tanh(W_u @ x[k] + L_u @ l[k] + R_u @ r[k] + b_u)                 # candidate (eq. 12)
c[k] = i[k] * u[k] + f[k] * c[left[k]] + g[k] * c[right[k]]             # cell (eq. 13)
h[k] = o[k] * tanh(c[k])                                                # hidden state (eq. 14)
s[k] = d + V @ h[k]                                                     # logits
yhat[k] = softmax(s[k])
loss = sum(-log(yhat[k, y[k]]), k)
