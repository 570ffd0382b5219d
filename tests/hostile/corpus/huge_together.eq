w: Param
loss = 3**600 * w * 2**600
