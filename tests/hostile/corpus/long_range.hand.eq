# model: tiny.eq
grad(W) = sum(outer(grad(h[t]), h[t-1]), (t, 1, 999999999))
