"""Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.2.2: the gradient of a recurrent network.

The book's equations 10.18 to 10.28 by their numbers, both where one has two right sides. derive check goodfellow.hand.eq
"""
# model: vanilla

grad(o[t, i]) = yhat[t, i] - where(i == y[t], 1, 0)                                               # 10.18
grad(o[t])    = yhat[t] - onehot(y[t])

grad(h[T])    = V.T @ grad(o[T])                                                                  # 10.19: the last step
grad(h[t])    = jac(h[t+1], h[t]).T @ grad(h[t+1]) + jac(o[t], h[t]).T @ grad(o[t]), t < T        # 10.20
grad(h[t])    = W.T @ diag(1 - h[t+1]**2) @ grad(h[t+1]) + V.T @ grad(o[t]), t < T                # 10.21

grad(c) = sum(jac(o[t], c, at=t).T @ grad(o[t]), t)                                               # 10.22
        = sum(grad(o[t]), t)
grad(b) = sum(jac(h[t], b, at=t).T @ grad(h[t]), t)                                               # 10.23
        = sum(diag(1 - h[t]**2) @ grad(h[t]), t)
grad(V) = sum(sum(grad(o[t, i]) * grad(V, of=o[t, i], at=t), i), t)                               # 10.24
        = sum(grad(o[t]) @ h[t].T, t)
grad(W) = sum(sum(grad(h[t, i]) * grad(W, of=h[t, i], at=t), i), t)                               # 10.25
        = sum(diag(1 - h[t]**2) @ grad(h[t]) @ h[t-1].T, t)                                       # 10.26
grad(U) = sum(sum(grad(h[t, i]) * grad(U, of=h[t, i], at=t), i), t)                               # 10.27
        = sum(diag(1 - h[t]**2) @ grad(h[t]) @ x[t].T, t)                                         # 10.28

# The same with the error that every step passes back, and unfolded over all later steps.
delta[t] = (1 - h[t]**2) * grad(h[t])
delta[t] = grad(a[t])
grad(W)  = sum(outer(delta[t], h[t-1]), t)
grad(W, at=t) = outer(delta[t], h[t-1])
grad(W)  = sum(grad(W, at=t), t)
grad(h[t]) = sum(prod(W.T @ diag(1 - h[s]**2), (s, t+1, k)) @ V.T @ grad(o[k]), (k, t, T))
