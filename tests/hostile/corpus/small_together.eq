w: Param
loss = w + 1e-250 * 1e-250 * exp(w)
