"""A recurrence that nothing drives."""
W: Param[n, n]
h0_: Param[n]
steps_: Const[T]
h[0] = h0_
h[t] = tanh(W @ h[t-1]) * steps_[t]
loss = sum(h[T]**2)
