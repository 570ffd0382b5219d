W, U = Param[n_h]
h[t] = concat((i + 1) / n_h + W[i], U[i], i)[:n_h]
goal: Target[T, n_h]  # ''' and three more: """
loss = sum(sum(h[t]**2), t) + sum(mean((goal[t] - h[t])**2), t)
