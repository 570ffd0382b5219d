x: Input[T, n]
w: Param
loss = w * x[499, 0]
