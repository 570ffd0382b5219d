"""LRU, the linear recurrent unit: a diagonal recurrence of complex numbers inside the unit circle, in real numbers.

Orvieto, Smith, Gu, Fernando, Gulcehre, Pascanu & De (2023), Resurrecting Recurrent Neural Networks for Long Sequences:
the eigenvalues are exp(-exp(nu) + i exp(theta)), gamma normalises the input.
"""
x: Input[T, n_x]                # what is read at each step
y: Label[n_y]                   # the class of the whole sequence
nu, theta = Param[n_h]          # eigenvalues: logarithms of decay and of phase
B_re, B_im = Param[n_h, n_x]    # input to state
C_re, C_im = Param[n_u, n_h]    # state to output
D: Param[n_u, n_x]              # input to output
V: Param[n_y, n_u]              # mean output to logits
c: Param[n_y]

p[0] = 0
q[0] = 0
r = exp(-exp(nu))                                               # modulus
re = r * cos(exp(theta))                                        # eigenvalues
im = r * sin(exp(theta))
gamma = sqrt(1 - r**2)
p[t] = re * p[t-1] - im * q[t-1] + gamma * (B_re @ x[t])        # real part of the state
q[t] = re * q[t-1] + im * p[t-1] + gamma * (B_im @ x[t])        # imaginary part
u[t] = gelu(C_re @ p[t] - C_im @ q[t] + D @ x[t])
o = c + V @ mean(u[t], t)
yhat = softmax(o)
loss = -log(yhat[y])
