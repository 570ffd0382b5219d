# model: scalars.eq
grad(h[T]) = 2 * (h[T] - y[T])
delta[ª] = (0.5 - h[ª]**2) * grad(h[ª])
grad(w) = sum(delta[ª] * h[ª-1], ª)
