# model: tiny.eq
grad(h[t]) = 0, t < 999999999999
