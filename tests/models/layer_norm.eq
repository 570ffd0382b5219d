"""Layer normalisation inside the recurrence (Ba, Kiros & Hinton 2016, eq. 4)."""
x: Input[T, n_x]
y: Target[T, n_h]
W: Param[n_h, n_h]
U: Param[n_h, n_x]
g: Param[n_h] = 1
b: Param[n_h] = 0
eps: Const = 1e-5

def centred(v): return v - mean(v)

h[0] = 0
a[t] = W @ h[t-1] + U @ x[t]
s[t] = sqrt(mean(centred(a[t])**2) + eps)
h[t] = tanh(g * centred(a[t]) / s[t] + b)
loss = sum(norm2(y[t] - h[t]), t) / T
