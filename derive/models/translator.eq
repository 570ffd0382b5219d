"""Translator: an encoder of two bidirectional LSTM layers, and an LSTM decoder that attends to it.

Bahdanau, Cho & Bengio (2015), Neural Machine Translation by Jointly Learning to Align and Translate, eqs. 4-6; LSTM
layers on top of each other as in Graves, Mohamed & Hinton (2013), Speech Recognition with Deep Recurrent Neural
Networks.
"""
w: Index[S, n_w]                            # the words to read
y: Label[T, n_y]                            # the words to write; y[t-1] is read when y[t] is predicted
E: Param[n_w, n_h]                          # embedding of the words that are read
F: Param[n_y, n_h]                          # embedding of the words that are written
W_1, W_2 = Param[4*n_h, n_h]                # first layer, both directions: word to i, f, o and candidate
U_1, U_2 = Param[4*n_h, n_h]                # hidden to i, f, o and candidate
b_1, b_2 = Param[4*n_h]                     # biases
W_3, W_4 = Param[4*n_h, 2*n_h]              # second layer, both directions: first layer to i, f, o and candidate
U_3, U_4 = Param[4*n_h, n_h]                # hidden to i, f, o and candidate
b_3, b_4 = Param[4*n_h]                     # biases
W_5: Param[4*n_h, n_h]                      # decoder: word before to i, f, o and candidate
C_5: Param[4*n_h, 2*n_h]                    # context to i, f, o and candidate
U_5: Param[4*n_h, n_h]                      # hidden to i, f, o and candidate
b_5: Param[4*n_h]                           # biases
W_a: Param[n_h, n_h]                        # score: decoder's state
U_a: Param[n_h, 2*n_h]                      # score: annotation
v_a: Param[n_h]                             # score
V: Param[n_y, n_h]                          # decoder to output
D: Param[n_y, 2*n_h]                        # context to output
d: Param[n_y]                               # output bias

def cell(z, c): return sigmoid(z[n_h:2*n_h]) * c + sigmoid(z[:n_h]) * tanh(z[3*n_h:])
def out(z, c): return sigmoid(z[2*n_h:3*n_h]) * tanh(c)

h_1[0] = 0
c_1[0] = 0
h_2[S+1] = 0
c_2[S+1] = 0
x[s] = E[w[s]]
z_1[s] = b_1 + W_1 @ x[s] + U_1 @ h_1[s-1]              # first layer, from left to right
c_1[s] = cell(z_1[s], c_1[s-1])
h_1[s] = out(z_1[s], c_1[s])
z_2[s] = b_2 + W_2 @ x[s] + U_2 @ h_2[s+1]              # from right to left
c_2[s] = cell(z_2[s], c_2[s+1])
h_2[s] = out(z_2[s], c_2[s])
m[s] = concat(h_1[s], h_2[s])

h_3[0] = 0
c_3[0] = 0
h_4[S+1] = 0
c_4[S+1] = 0
z_3[s] = b_3 + W_3 @ m[s] + U_3 @ h_3[s-1]              # second layer, from left to right
c_3[s] = cell(z_3[s], c_3[s-1])
h_3[s] = out(z_3[s], c_3[s])
z_4[s] = b_4 + W_4 @ m[s] + U_4 @ h_4[s+1]              # from right to left
c_4[s] = cell(z_4[s], c_4[s+1])
h_4[s] = out(z_4[s], c_4[s])
n[s] = concat(h_3[s], h_4[s])                           # annotation

h_5[0] = h_4[1]
c_5[0] = c_4[1]
e[t, s] = dot(v_a, tanh(W_a @ h_5[t-1] + U_a @ n[s]))   # score
alpha[t, s] = softmax(e[t, s], s)                       # weight (eq. 6)
c[t] = sum(alpha[t, s] * n[s], s)                       # context (eq. 5)
z_5[t] = b_5 + W_5 @ F[y[t-1]] + C_5 @ c[t] + U_5 @ h_5[t-1]
c_5[t] = cell(z_5[t], c_5[t-1])
h_5[t] = out(z_5[t], c_5[t])                            # decoder's state
o[t] = d + V @ h_5[t] + D @ c[t]
yhat[t] = softmax(o[t])                                 # eq. 4
loss = sum(-log(yhat[t, y[t]]), t)
