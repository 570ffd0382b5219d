"""An answer that only the forward pass reads, and one that only the loss reads."""
W: Param[n_h]
z: Target[n_h]
y: Target[1]
h = sum(z * W)
loss = sum(y**2) + sum(W**2)
