"""No data: parameters alone."""
W: Param[n, m]
b: Param[m]
loss = sum((W @ b)**2) + exp(sum(b))
