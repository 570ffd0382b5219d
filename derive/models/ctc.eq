"""Connectionist temporal classification: minus the log-probability of a label sequence, over all its alignments.

Graves, Fernandez, Gomez & Schmidhuber (2006), Connectionist Temporal Classification: Labelling Unsegmented Sequence
Data with Recurrent Neural Networks, eqs. 6-8, in log space. The labels come with a blank before, between and behind
them: S is one more than twice their number.
"""
x: Input[T, n_x]          # what is read at each step
l: Index[S, n_y]          # the labels, with blanks
U: Param[n_h, n_x]        # input to hidden
W: Param[n_h, n_h]        # hidden to hidden
V: Param[n_y, n_h]        # hidden to output
b: Param[n_h]
c: Param[n_y]
none: Const = -1e30       # logarithm of nothing

h[0] = 0
h[t] = tanh(b + W @ h[t-1] + U @ x[t])
o[t] = c + V @ h[t]
p[t] = logsoftmax(o[t])
same[s] = dot(onehot(l[s]), onehot(l[s-2]))                             # 1 for a blank or a label that comes twice

alpha[0, 0] = 0
alpha[0, -1] = none
alpha[t, -1] = none
alpha[t, 0] = none
alpha[0, s] = none
skip[t, s] = where(same[s] > 0.5, none, alpha[t-1, s-2])                # a blank may be left out
alpha[t, s] = logsumexp(concat(alpha[t-1, s], alpha[t-1, s-1], skip[t, s])) + p[t, l[s]]
loss = -logsumexp(concat(alpha[T, S], alpha[T, S-1]))
