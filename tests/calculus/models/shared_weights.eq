"""One weight in two gates, as it is and transposed, and the same product read twice."""
x: Input[T, n]
W, R = Param[n, n]
h[0] = 0
i_[t] = sigmoid(W @ x[t] + R @ h[t-1])
j_[t] = tanh(W @ x[t] + R.T @ h[t-1])
h[t] = i_[t] * j_[t] + (R @ h[t-1]) * 0.1
loss = sum(sum(h[t]**2), t)
