"""IRNN: rectified linear units, with recurrent weights that start as the identity.

Le, Jaitly & Hinton (2015), A Simple Way to Initialize Recurrent Networks of Rectified Linear Units. Here W is the
identity plus a part D that starts at 0, which is the same network: an identity of any size can't be written as a
default.
"""
x: Input[T, n_x]            # what is read at each step
y: Target[n_y]              # the value of the whole sequence
U: Param[n_h, n_x]          # input to hidden
D: Param[n_h, n_h] = 0      # hidden to hidden, the difference to the identity
V: Param[n_y, n_h]          # hidden to output
b: Param[n_h]
c: Param[n_y]

h[0] = 0
W = eye(n_h) + D
h[t] = relu(b + W @ h[t-1] + U @ x[t])
o = c + V @ h[T]
loss = sum((y - o)**2)
