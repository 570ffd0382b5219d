"""A shape that is declared, since it would stay open; scalars that hang on themselves."""
x: Input[T]
v: Var[T, n_h]
s: Param[n_h]

v[0] = 1
v[t] = 0.9 * v[t-1]
r[0] = 0
r[t] = 0.5 * r[t-1] + x[t]
loss = sum(r[t] * dot(s, v[t]), t)
