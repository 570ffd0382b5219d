"""A directed graph: a node has any number of children, which stand before it; data is looked up too."""
x: Input[K, n_x]
w: Index[K, n_w]
child: Index[K, 3, K]
W: Param[n_h, n_h]
U: Param[n_h, n_x]
E: Param[n_h, n_w]

h[0] = 0
h[k] = tanh(W @ mean(h[child[k, j]], j) + U @ x[k] + E[:, w[k]])
loss = sum(sum(h[child[k, 0]] * h[k]), k) + sum(sum(x[child[k, 1]])**2, k)
