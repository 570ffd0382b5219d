x: Input[T, n]
A: Param[n, n]
b: Param[n]
w: Param
def f0(v): return A @ v + v
def f1(v): return f0(A @ v + v)
def f2(v): return f1(A @ v + v)
def f3(v): return f2(A @ v + v)
def f4(v): return f3(A @ v + v)
def f5(v): return f4(A @ v + v)
def f6(v): return f5(A @ v + v)
def f7(v): return f6(A @ v + v)
def f8(v): return f7(A @ v + v)
def f9(v): return f8(A @ v + v)
loss = sum(f9(b))
