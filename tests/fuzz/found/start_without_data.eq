"""A recurrence that rests on no data but reads the length, so that with lengths each example has its own."""
z: Input[T, n]
W: Param[n]
a[0] = -0.3
a[t] = tanh(a[t-1] * t / T + W)
loss = sum(dot(a[t], z[t]), t)
