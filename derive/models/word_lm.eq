"""Word-embedding language model with tied output: one table has each word's vector where it is read and predicted.

Press & Wolf (2017), Using the Output Embedding to Improve Language Models; Inan, Khosravi & Socher (2017), Tying Word
Vectors and Word Classifiers.
"""
y: Label[T, n_w]                    # the words; y[t-1] is read when y[t] is predicted
E: Param[n_w, n_h]                  # a vector for each word, at the input and at the output
W_i, W_f, W_o, W_g = Param[n_h, n_h]        # word to gates and candidate
U_i, U_f, U_o, U_g = Param[n_h, n_h]        # hidden to gates and candidate
b_i, b_o, b_g = Param[n_h]          # biases
b_f: Param[n_h] = 1                 # the forget gate starts open
d: Param[n_w]                       # output bias

h[0] = 0
c[0] = 0
x[t] = E[y[t-1]]                                    # vector of the word before
i[t] = sigmoid(b_i + W_i @ x[t] + U_i @ h[t-1])     # input gate
f[t] = sigmoid(b_f + W_f @ x[t] + U_f @ h[t-1])     # forget gate
o[t] = sigmoid(b_o + W_o @ x[t] + U_o @ h[t-1])     # output gate
g[t] = tanh(b_g + W_g @ x[t] + U_g @ h[t-1])        # candidate
c[t] = f[t] * c[t-1] + i[t] * g[t]                  # cell
h[t] = o[t] * tanh(c[t])                            # hidden state
s[t] = d + E @ h[t]                                 # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
