"""Small models of every kind of recurrence, as texts: the tests of schedules compile them and look at their loops."""

from __future__ import annotations

BIDIRECTIONAL = """
x: Input[T, n]
U, W, P, R = Param[n, n]
h[0] = 0
h[t] = tanh(W @ h[t-1] + U @ x[t])
g[T+1] = 0
g[t] = tanh(R @ g[t+1] + P @ x[t])
loss = sum(sum(h[t] * g[t]), t)
"""
STACKED = """
x: Input[T, n]
U, W, P, R = Param[n, n]
h[0] = 0
h[t] = tanh(W @ h[t-1] + U @ x[t])
k[0] = 0
k[t] = tanh(R @ k[t-1] + P @ h[t])
loss = sum(sum(k[t]**2), t)
"""
DECODER = """
x: Input[S, n]
y: Target[T, n]
W, U, D, C, R = Param[n, n]
v: Param[n]
h[0] = 0
h[s] = tanh(W @ h[s-1] + U @ x[s])
d[0] = h[S]
e[t, s] = dot(v, tanh(U @ h[s] + D @ d[t-1]))
alpha[t, s] = softmax(e[t, s], s)
c[t] = sum(alpha[t, s] * h[s], s)
d[t] = tanh(R @ d[t-1] + C @ c[t])
loss = sum(sum((d[t] - y[t])**2), t)
"""
GRID = """
x: Input[T, S, n]
W, R = Param[n, n]
d[t, 0] = 0
d[0, s] = 0
d[t, s] = tanh(W @ d[t-1, s] + R @ d[t, s-1] + x[t, s])
loss = sum(sum(d[t, s]**2), t, s)
"""
GRID_FROM_ABOVE = """
x: Input[T, S, n]
W, R = Param[n, n]
d[t, 0] = 0
d[0, s] = 0
d[0, 0] = 0
d[t, s] = tanh(W @ d[t-1, s] + R @ d[t-1, s-1] + x[t, s])
loss = sum(sum(d[t, s]**2), t, s)
"""
GRID_FROM_THE_SIDE = """
x: Input[T, S, n]
W, R = Param[n, n]
d[t, 0] = 0
d[0, 0] = 0
d[0, s] = 0
d[t, s] = tanh(W @ d[t, s-1] + R @ d[t-1, s-1] + x[t, s])
loss = sum(sum(d[t, s]**2), t, s)
"""
ROWS_IN_TURN = """
x: Input[T, n]
z: Input[S, n]
W: Param[n, n]
b[0] = 0
r[t, 0] = b[t-1]
r[t, s] = tanh(W @ r[t, s-1] + x[t] * z[s])
b[t] = r[t, S]
loss = sum(sum(b[t]**2), t)
"""
CAUSAL = """
x: Input[T, n]
Q, K, V = Param[n, n]
q[t] = Q @ x[t]
k[t] = K @ x[t]
v[t] = V @ x[t]
e[t, t1] = where(t1 <= t, dot(q[t], k[t1]) / sqrt(n), -inf)
a[t, t1] = softmax(e[t, t1], t1)
c[t] = sum(a[t, t1] * v[t1], t1)
loss = sum(sum(c[t]**2), t)
"""
CAUSAL_BY_BOUNDS = """
x: Input[T, n]
Q, K, V = Param[n, n]
q[t] = Q @ x[t]
k[t] = K @ x[t]
v[t] = V @ x[t]
e[t, t1] = dot(q[t], k[t1]) / sqrt(n)
l[t] = logsumexp(e[t, t1], (t1, 1, t))
c[t] = sum(exp(e[t, t1] - l[t]) * v[t1], (t1, 1, t))
loss = sum(sum(c[t]**2), t)
"""
OWN_PAST = """
x: Input[T, n]
W, Q = Param[n, n]
h[0] = 0
h[t] = tanh(x[t] + W @ sum(sigmoid(dot(Q @ h[t-1], h[t1])) * h[t1], (t1, 1, t-1)))
loss = sum(sum(h[t]**2), t)
"""
OWN_FUTURE = """
x: Input[T, n]
W: Param[n, n]
g[t] = tanh(x[t] + W @ sum(g[t1] / (t1 - t), (t1, t+1, T)))
loss = sum(sum(g[t]**2), t)
"""
TREE = """
x: Input[K, n]
left, right = Index[K, K]
W, R = Param[n, n]
h[0] = 0
h[k] = tanh(x[k] + W @ h[left[k]] + R @ h[right[k]])
loss = sum(sum(h[k]**2), k)
"""
CHILDREN = """
x: Input[K, n]
child: Index[K, 3, K]
W: Param[n, n]
h[0] = 0
f[k, i, j] = sigmoid(sum(W[j, l] * h[child[k, i], l], l))
h[k, j] = tanh(x[k, j] + sum(f[k, i, j] * h[child[k, i], j], i))
loss = sum(h[K]**2)
"""
TRIANGLES = """
x: Input[T, n]
W: Param[n, n]
a[t] = W @ x[t]
c[t] = sum(a[t1], (t1, 1, t))
m[t] = sum(tanh(a[t1] * c[t]), (t1, t, T))
k[t] = sum(t1 * a[t1] / t, (t1, 1, t))
q[t] = max(a[t1, 0], (t1, 1, t))
r[t] = logsumexp(a[t1, 0], (t1, t, T))
o = sum(dot(a[t], a[t1]) / (t - t1), (t, 2, T), (t1, 1, t-1))
loss = o + sum(sum(c[t]**2) + sum(m[t]) + sum(k[t]**2) + q[t] * r[t], t)
"""
RIGHT_TO_LEFT = """
x: Input[T, n]
W: Param[n, n]
g[T+1] = 0
g[T+2] = 0
g[T+3] = 0
g[t] = tanh(W @ g[t+1] + 0.5 * g[t+3] + x[t])
f[T] = x[T]
f[t] = tanh(W @ f[t+1] + x[t])
h[0] = g[1]
h[t] = tanh(W @ h[t-1] + g[t])
loss = sum(sum(h[t]**2) + sum(f[t]), t) + sum(g[1]) + sum(h[T])
"""
ENDS = """
x: Input[T, n]
z: Input[S, n]
W: Param[n, n]
h[0] = 0
h[t] = tanh(W @ h[t-1] + x[t])
e[s, t] = dot(h[t], W @ z[s])
loss = e[S, T]**2 + e[1, 1] + sum(e[s, 1] * e[S, t], s, t) + sum(logsumexp(e[s, t], t), s) + sum(max(e[s, t], s), t)
"""
HEADS = """
x: Input[T, n]
Q, K, V = Param[n_a, n_h, n]
q[t, i, j] = sum(Q[i, j, l] * x[t, l], l)
k[t, i, j] = sum(K[i, j, l] * x[t, l], l)
v[t, i, j] = sum(V[i, j, l] * x[t, l], l)
a[t, t1, i] = softmax(sum(q[t, i, j] * k[t1, i, j], j), t1)
c[t, i, j] = sum(a[t, t1, i] * v[t1, i, j], t1)
loss = sum(c[t, i, j]**2, t, i, j)
"""
HELD_AND_GUARDED = """
x: Input[T, n]
W: Param[n, n]
h[0] = 0
h[-1] = 0
h[t] = tanh(W @ h[t-1]) * sigmoid(tanh(W @ h[t-1]) + W @ h[t-2]) + x[t]
loss = sum(sum(tanh(W @ h[t])**2), t)
"""
BAND = """
x: Input[T, n]
a[0] = 1
a[-1] = 1
a[t] = x[t, 0]
h[0] = 0
h[-1] = 0
h[t] = tanh(x[t] + sum(h[t1] * a[t1], (t1, t-2, t-1)))
o = sum(dot(x[t], h[t1]), (t, 4, T), (t1, 1, t-3)) + sum(h[t1, 0]**2, (t, 2, T-1), (t1, t-1, t+1))
loss = o + sum(h[t, 0]**2, t)
"""
BOTH_WAYS_OVER_ONE_SEQUENCE = """
x: Input[T, n]
W, R, Q = Param[n, n]
b[t, t1] = dot(x[t], x[t1])
h[0] = 0
h[t] = tanh(x[t] + W @ h[t-1] + R @ sum(b[t, t1] * h[t1], (t1, 1, t-1)))
g[T+1] = 0
g[t] = tanh(Q @ g[t+1] + sum(b[t, t1] * g[t1], (t1, t+1, T)) + h[t])
loss = sum(sum(g[t]**2), t)
"""
PAST_ATTENTION = """
x: Input[T, n]
W: Param[n, n]
h[0] = 0
e[t, t1] = dot(x[t], W @ h[t1])
h[t] = tanh(W @ h[t-1] + x[t] + sum(softmax(e[t, t1], (t1, 1, t-1)) * h[t1], (t1, 1, t-1)))
loss = sum(sum(h[t]**2), t)
"""
EVEN_WEIGHTS_OVER_THE_FUTURE = """
x: Input[T, n]
h[t] = tanh(x[t] + sum(softmax(x[t], (t1, t+1, T)) * h[t1], (t1, t+1, T)))
a[t, t1] = softmax(sum(x[t]), (t1, t, T))
loss = sum(sum(h[t]**2), t) + sum(a[t, t1] * x[t1, 0], t, t1)
"""
OF_NOTHING = """
x: Input[T]
w: Param
p[t] = max(w * x[t1], (t1, 1, t-1))
q[t] = logsumexp(w * x[t1], (t1, t+1, T))
r = max(w, (t, 3, T))
loss = exp(max(w * x[t], (t, 2, T))) + exp(r) + sum(exp(p[t]) + exp(q[t]), t)
"""
AT_THE_SECOND_STEP = """
x: Input[T]
y: Input[S]
w: Param
a[1, s] = exp(w * x[1] * y[2])
a[t, s] = a[t-1, s] + exp(x[2] + y[s+1])
loss = a[T, S] + sum(exp(x[T-1] * y[s]), s)
"""
ONE_CELL_OF_MANY = """
x: Input[T]
m: Input[T, S]
w: Index[S, n]
P, Q = Param[n]
v[t, s] = where(t == 2, sum(m[t1, s], t1), tanh(P[w[s-1]]))
u[s, s1] = Q[w[s1]] + where(s == S, x[T], P[w[s+1]])
loss = v[1, 1] + u[S, S]**2
"""
PAST_OF_THE_FIRST_STEP = """
x: Input[T, n]
P: Param[n]
h[t] = tanh(sum(h[t1], (t1, 1, t-1)) + P * x[t])
M[0] = 0
M[t] = 0.5 * M[t-1] + outer(sum(x[t1], (t1, 1, t-1)), P)
m[t] = exp(max(P[0] * x[t1, 0], (t1, 1, t-1)))
loss = sum(h[1]) + sum(M[1]) + m[1]
"""
LOOKING_AHEAD = """
x: Input[T]
w: Index[T, n]
P, Q = Param[n]
h[t] = sum(softmax(P[w[t1+1]] * x[t1], (t1, t+1, T)) * x[t1], (t1, t+1, T))
v[t, t1] = softmax(Q[w[t1-2]] * x[t], (t1, 1, t-1))
loss = sum(h[t]**2, t) + sum(v[t, t1] * x[t1], t, t1)
"""
LATE_DATA = """
x: Input[T, n]
h[0] = 0.25
h[t] = tanh(h[t-1] + softmax(x[t-2]))
loss = logsumexp(sum(h[t]), t)
"""
ENTRIES_OF_THE_FUTURE = """
x: Input[T, n]
P: Param
h[t] = tanh(sum(tanh(P + logsumexp(x[t1])) * h[t1], (t1, t+1, T)) + P)
loss = sum(h[t], t)
"""
TWO_LAGS_OF_LATE_DATA = """
x: Input[T]
h[0] = 0.5
h[-1] = 0.5
h[t] = tanh(h[t-1] + h[t-2] + x[t-1])
loss = sum(h[t]**2, t)
"""
LATE_ROWS = """
x: Input[S]
y: Input[T]
P: Param
e[s, 0] = P
e[s, t] = tanh(P * e[s, t-1] + x[s] * y[t])
loss = sum(e[s, T]**2, (s, 3, S))
"""
ONE_SCORE_FOR_ALL = """
x: Input[T, n]
P: Param[n]
h[t] = sum(softmax(dot(P, x[1]), t1) * x[t1], t1)
loss = sum(sum(h[t] * x[t]), t)
"""
TEACHER_FORCED = """
x: Input[T, n]
y: Target[T, n]
U, R = Param[n, n]
o[t] = tanh(U @ x[t] + R @ y[t-1])
loss = sum(sum((y[t] - o[t])**2), t)
"""

ALL = {name.lower(): text for name, text in list(globals().items()) if name.isupper() and not name.startswith("_")}
