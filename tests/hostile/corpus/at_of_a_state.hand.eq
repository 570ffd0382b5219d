# model: tiny.eq
grad(W) = grad(h[t], at=t)
