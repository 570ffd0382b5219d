w: Param
loss = w + [2Jv
