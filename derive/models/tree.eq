"""Recursive network: a binary tree in place of a chain; each node's vector is made from those of its two children.

Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.6 and fig. 10.14; Pollack (1990), Recursive Distributed
Representations; Socher, Lin, Ng & Manning (2011), Parsing Natural Scenes and Natural Language with Recursive Neural
Networks. Nodes are numbered children first, the root is the last.
"""
x: Input[K, n_x]            # what a leaf holds, zero elsewhere
left: Index[K, K]           # left child, 0 for none
right: Index[K, K]          # right child, 0 for none
y: Label[n_y]               # the class of the whole
V: Param[n_h, n_x]          # leaf to hidden
U, W = Param[n_h, n_h]      # left and right child to hidden
b: Param[n_h]
Q: Param[n_y, n_h]          # root to output
c: Param[n_y]

h[0] = 0
h[k] = tanh(b + V @ x[k] + U @ h[left[k]] + W @ h[right[k]])
o = c + Q @ h[K]
yhat = softmax(o)
loss = -log(yhat[y])
