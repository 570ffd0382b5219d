"""Skip connections through time: the state reads the one before it and the one before that.

Lin, Horne, Tino & Giles (1996), Learning Long-Term Dependencies in NARX Recurrent Neural Networks; Goodfellow, Bengio &
Courville (2016), Deep Learning, section 10.9.1.
"""
x: Input[T, n_x]          # what is read at each step
y: Label[T, n_y]          # the class to predict at each step
U: Param[n_h, n_x]        # input to hidden
W_1: Param[n_h, n_h]      # hidden to hidden, one step back
W_2: Param[n_h, n_h]      # hidden to hidden, two steps back
V: Param[n_y, n_h]        # hidden to output
b: Param[n_h]
c: Param[n_y]

h[-1] = 0
h[0] = 0
h[t] = tanh(b + W_1 @ h[t-1] + W_2 @ h[t-2] + U @ x[t])
o[t] = c + V @ h[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
