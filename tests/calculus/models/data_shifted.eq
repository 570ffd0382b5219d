"""Given data before and after each step; outside 1..T they are 0."""
x: Input[T, n]
y: Target[T]
A, C, D = Param[n, n]
v: Param[n]
h[0] = 0
h[t] = tanh(A @ x[t-1] + C @ h[t-1] + D @ x[t+1])
loss = sum((v @ h[t] - y[t])**2, t)
