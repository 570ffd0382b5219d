x: Input[T, n]
A: Param[n, n]
b: Param[n]
w: Param
def f0(v): return concat(v, v)[:n] * v
def f1(v): return f0(concat(v, v)[:n] * v)
def f2(v): return f1(concat(v, v)[:n] * v)
def f3(v): return f2(concat(v, v)[:n] * v)
def f4(v): return f3(concat(v, v)[:n] * v)
def f5(v): return f4(concat(v, v)[:n] * v)
def f6(v): return f5(concat(v, v)[:n] * v)
def f7(v): return f6(concat(v, v)[:n] * v)
def f8(v): return f7(concat(v, v)[:n] * v)
def f9(v): return f8(concat(v, v)[:n] * v)
loss = sum(f9(b))
