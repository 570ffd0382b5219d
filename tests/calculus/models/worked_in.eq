"""A logsumexp that works in a temporary while another one waits to be subtracted, and two of them in one loss."""
R: Param[n_h, n_x]
u: Input[T, n_x]
x: Input[T]

loss = max(softmax(logsumexp(R[i, j] + u[t, j], i, j), (t, 1, T)) + x[t], t)
