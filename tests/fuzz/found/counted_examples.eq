"""A gradient that is a multiple of the number of examples."""
U: Param
z: Input[S]
loss = sum(where(s == 2, -U, z[s]), s) + U
