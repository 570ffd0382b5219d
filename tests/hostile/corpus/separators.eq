w: Param
loss = w + v   + 
