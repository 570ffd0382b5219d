w: Param
loss = exp(1e200 * exp(1e200 * w))
