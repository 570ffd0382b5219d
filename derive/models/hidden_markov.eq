"""Hidden Markov model: the forward recursion in log space over all states; the loss is minus the log-likelihood.

Rabiner (1989), A Tutorial on Hidden Markov Models and Selected Applications in Speech Recognition, eqs. 19-21. The
gradient with respect to e[t, j] is minus the posterior of state j at step t: the backward pass is the backward
recursion.
"""
w: Index[T, n_w]                # the symbol that is observed at each step
pi0: Param[n_s]                 # first state, as logits
A: Param[n_s, n_s]              # transition from i to j, as logits
B: Param[n_s, n_w]              # emission of each state, as logits

logpi = logsoftmax(pi0)
logA[i, j] = logsoftmax(A[i, j], j)
logB[j, k] = logsoftmax(B[j, k], k)
e[t, j] = logB[j, w[t]]                                                 # log-likelihood of what is observed
alpha[1] = logpi + e[1]                                                 # eq. 19
alpha[t, j] = logsumexp(alpha[t-1, i] + logA[i, j], i) + e[t, j]        # eq. 20
loss = -logsumexp(alpha[T])                                             # eq. 21
