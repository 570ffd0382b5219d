x: Input[n_x]  # what is read
W: Param[n_x]
h[i] = dot(concat(x[i] + W[j], W[j], j)[:n_x], x)  # what is read
loss = sum(h**2)
