# model: scalars.eq
delta[t] = (1 - h[t]**0.5) * grad(h[t])
