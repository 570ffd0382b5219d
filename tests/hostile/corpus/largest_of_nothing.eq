x: Input[n_x]
u: Param[m]
z = concat(u, x)
loss = logsumexp(z) - z[0] + max(u[:0])
