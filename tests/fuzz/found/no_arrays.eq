"""A loss that needs no array of its own, but does where examples have lengths."""
z: Input[T]
loss = sum(z[t], (t, 2, T))
