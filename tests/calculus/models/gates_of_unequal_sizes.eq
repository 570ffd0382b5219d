"""Products that share the state and are of unequal sizes."""
x: Input[T, n]
W1, W2 = Param[m, n]
R1: Param[m, m]
R2: Param[m, m]
R3: Param[k, m]
Q: Param[m, k]
h[0] = 0
a1[t] = W1 @ x[t] + R1 @ h[t-1]
a2[t] = W2 @ x[t] + R2 @ h[t-1]
a3[t] = R3 @ h[t-1]
h[t] = tanh(a1[t]) * sigmoid(a2[t]) + Q @ relu(a3[t])
loss = sum(sum(h[t]**2), t)
