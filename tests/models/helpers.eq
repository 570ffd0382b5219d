"""A GRU whose gates are a helper, and a helper that uses another."""
x: Input[T, n_x]
y: Label[T, n_y]
W_r, W_z, W_n = Param[n_h, n_x]
U_r, U_z, U_n = Param[n_h, n_h]
b_r, b_z, b_n = Param[n_h]
V: Param[n_y, n_h]

def affine(W, U, b, state): return W @ x[t] + U @ state + b
def gate(W, U, b): return sigmoid(affine(W, U, b, h[t-1]))
def mix(z, old, new):
    kept = z * old
    return kept + (1 - z) * new

h[0] = 0
r[t] = gate(W_r, U_r, b_r)
z[t] = gate(W_z, U_z, b_z)
n[t] = tanh(affine(W_n, U_n, b_n, r[t] * h[t-1]))
h[t] = mix(z[t], h[t-1], n[t])
yhat[t] = softmax(V @ h[t])
loss = sum(-log(yhat[t, y[t]]), t)
