"""The gradients that are derived for `vanilla` are Goodfellow's equations 10.18-10.28, term by term.

The book's equations are stated below in the language of models, with every gradient on a right side as given data (which
is 0 outside 1..T: just what the book's special case for the last step says). They are read, named and compared as
equations; no number is computed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import sympy

from derive import pipeline
from derive.affine import at_least
from derive.calculus.indices import definition
from derive.calculus.normalise import canonical
from derive.calculus.stable import sift
from derive.calculus.terms import terms
from derive.functions import equal
from derive.language import read
from derive.system import AxisKind, Equation, Range, Ref, refs

BOOK = '''
x: Input[T, n_x]
y: Label[T, n_y]
yhat, grad_o: Input[T, n_y]
h, h_before, grad_h: Input[T, n_h]
V: Param[n_y, n_h]
W: Param[n_h, n_h]

o[t] = yhat[t] - onehot(y[t])                                                     # 10.18
h_new[t] = V.T @ grad_o[t] + W.T @ diag(1 - h[t+1]**2) @ grad_h[t+1]              # 10.19 at T, 10.20-10.21 before
c[i] = sum(grad_o[t, i], t)                                                       # 10.22
b[i] = sum((1 - h[t, i]**2) * grad_h[t, i], t)                                    # 10.23
V_new[i, j] = sum(grad_o[t, i] * h[t, j], t)                                      # 10.24
W_new[i, j] = sum((1 - h[t, i]**2) * grad_h[t, i] * h_before[t, j], t)            # 10.26
U[i, j] = sum((1 - h[t, i]**2) * grad_h[t, i] * x[t, j], t)                       # 10.28
loss = sum(sum(o[t]) + sum(h_new[t]), t) + sum(c) + sum(b) + sum(V_new) + sum(W_new) + sum(U)
'''.replace("yhat, grad_o: Input", "yhat, grad_o = Input").replace("h, h_before, grad_h: Input", "h, h_before, grad_h = Input")
