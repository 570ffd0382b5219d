"""Names that mean something elsewhere are ordinary names here."""
S: Param[n_h, n_x]
x: Input[T, n_x]
y: Target[T]
beta: Param
gamma: Param[n_h]
N, E, Q = Param[n_h]

I[0] = 0
I[t] = tanh(S @ x[t] + beta * I[t-1] + Q * N)
zeta[t] = gamma @ I[t] + E @ I[t]
loss = sum((zeta[t] - y[t])**2, t)
