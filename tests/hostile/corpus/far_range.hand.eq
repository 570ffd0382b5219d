# model: scalars.eq
grad(w) = sum(w, (t, 1, 1_000_000))
grad(b) = sum(grad(b, at=t), t)
