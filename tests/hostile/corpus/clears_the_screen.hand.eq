# model: tiny.eq
grad(h[t]) = [2J‮ h[t]
