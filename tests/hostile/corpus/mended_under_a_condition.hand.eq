# model: scalars.eq
grad(w) = sum(delta[t] * h[t-1], t)
delta[t] = (h)[t+1], 2 <= t < T
