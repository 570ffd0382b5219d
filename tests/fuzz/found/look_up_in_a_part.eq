x: Input[T, n]
c: Label[T, n]
U: Param[n+1]
z: Param[n]
a[t] = (U[:n] * z)[c[t]] + (U[1:] * z)[c[t]]
loss = sum(a[t], t)
