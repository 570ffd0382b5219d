"""Terms of the loss that depend on no data count once, with products of sums among them."""
x: Input[T, n]
y: Target[T, n]
W: Param[n, n]
b, g = Param[n]
lam: Const = 0.01
h[0] = 0
h[t] = tanh(W @ h[t-1] + x[t] + b)
loss = sum(sum((h[t] - y[t])**2), t) + lam * sum(W**2) + sum(g) * sum(b) + 0.1 * norm2(g)
