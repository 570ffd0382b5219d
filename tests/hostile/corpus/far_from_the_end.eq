x: Input[T, n]
A: Param[n, n]
b: Param[n]
w: Param
loss = w * x[T-500, 0]
