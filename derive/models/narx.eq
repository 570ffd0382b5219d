"""NARX network: a multilayer perceptron of the input and of the two true values before, which is teacher forcing.

Lin, Horne, Tino & Giles (1996), Learning Long-Term Dependencies in NARX Recurrent Neural Networks. Run free, it reads
its own predictions.
"""
x: Input[T, n_x]          # what is read at each step
y: Target[T, n_y]         # the values to predict at each step, and to read at the two steps after
U: Param[n_h, n_x]        # input to hidden
W_1: Param[n_h, n_y]      # values one step back to hidden
W_2: Param[n_h, n_y]      # values two steps back to hidden
V: Param[n_y, n_h]        # hidden to output
b: Param[n_h]
c: Param[n_y]

h[t] = tanh(b + W_1 @ y[t-1] + W_2 @ y[t-2] + U @ x[t])
o[t] = c + V @ h[t]
loss = sum(sum((y[t] - o[t])**2), t)
