"""LSTM with layer normalisation of both products and of the cell.

Ba, Kiros & Hinton (2016), Layer Normalization, section 3.1 and the supplementary material: all four gates'
pre-activations are normalised as one vector.
"""
x: Input[T, n_x]                        # what is read at each step
y: Label[T, n_y]                        # the class to predict at each step
W_h: Param[4*n_h, n_h]                  # hidden to f, i, o, g
W_x: Param[4*n_h, n_x]                  # input to f, i, o, g
b: Param[4*n_h]                         # biases
alpha_1: Param[4*n_h] = 1               # gain of the first product
alpha_2: Param[4*n_h] = 1               # and of the second
beta_1, beta_2 = Param[4*n_h]           # and their biases
alpha_3: Param[n_h] = 1                 # gain of the cell
beta_3: Param[n_h]                      # and its bias
V: Param[n_y, n_h]                      # hidden to output
d: Param[n_y]                           # output bias
eps: Const = 1e-5                       # keeps the variance from 0

def deviation(a, mu): return sqrt(mean((a - mu)**2) + eps)

h[0] = 0
c[0] = 0
a[t] = W_h @ h[t-1]                                     # first product
u[t] = W_x @ x[t]                                       # second product
mu_a[t] = mean(a[t])                                    # means
mu_u[t] = mean(u[t])
mu_c[t] = mean(c[t])
sigma_a[t] = deviation(a[t], mu_a[t])                   # standard deviations
sigma_u[t] = deviation(u[t], mu_u[t])
sigma_c[t] = deviation(c[t], mu_c[t])
z[t] = alpha_1 * (a[t] - mu_a[t]) / sigma_a[t] + beta_1 + alpha_2 * (u[t] - mu_u[t]) / sigma_u[t] + beta_2 + b
f[t] = sigmoid(z[t, :n_h])                              # forget gate
i[t] = sigmoid(z[t, n_h:2*n_h])                         # input gate
o[t] = sigmoid(z[t, 2*n_h:3*n_h])                       # output gate
g[t] = tanh(z[t, 3*n_h:])                               # candidate
c[t] = f[t] * c[t-1] + i[t] * g[t]                      # cell
h[t] = o[t] * tanh(alpha_3 * (c[t] - mu_c[t]) / sigma_c[t] + beta_3)     # hidden state
s[t] = d + V @ h[t]                                     # logits
yhat[t] = softmax(s[t])
loss = sum(-log(yhat[t, y[t]]), t)
