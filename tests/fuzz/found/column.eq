"""The gradient of one column of rows 8 long: NumPy 2.4's `np.negative` of such a column is wrong."""
u: Input[T, n_x]
W: Param[n_x, 8]
loss = -(u[T] @ W)[0]
