"""Starts further back than any lag, along a sequence beside the data's."""
x: Input[T]
U: Param[n]
b: Param[n, n]
z: Input[K]
h[-2] = 1
h[-1] = 1
h[0] = U
h[k] = erf(b @ h[k-1])
loss = sum(x[t], t) + mean(sum(h[k]**2), k)
