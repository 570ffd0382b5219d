"""Shapes follow from equations, starts and declarations together."""

from __future__ import annotations

import pytest

from derive.language import read

HEAD = "x: Input[T, n_x]\nW: Param[n_h, n_h]\nU: Param[n_h, n_x]\nv: Param[n_h]\n"

CASES = {
    "from the start": ("s[0] = v\ns[t] = 0.9 * s[t-1]\nloss = sum(s[T])", "s", ["T", "n_h"]),
    "from the general equation": ("h[0] = 0\nh[t] = h[t-1] + v\nloss = sum(h[T])", "h", ["T", "n_h"]),
    "a product with something open": ("h[0] = 0\nh[t] = tanh(W @ h[t-1])\nloss = sum(h[T])", "h", ["T", "n_h"]),
    "a matrix state": ("S[0] = 0\nS[t] = S[t-1] + outer(v, x[t])\nloss = sum(S[T])", "S", ["T", "n_h", "n_x"]),
    "through two others": ("a[t] = b[t]\nb[t] = c[t]\nc[t] = U @ x[t]\nloss = sum(a[T])", "a", ["T", "n_h"]),
    "a scalar state": ("r[0] = 0\nr[t] = 0.5 * r[t-1] + sum(x[t])\nloss = r[T]", "r", ["T"]),
    "scalars in a ring": ("p[0] = 0\nq[t] = p[t-1] + x[t, 0]\np[t] = q[t]\nloss = p[T]", "p", ["T"]),
    "an index": ("a[t, k] = sum(U[k, j] * x[t, j], j)\nloss = sum(a[T])", "a", ["T", "n_h"]),
    "an index and an array": ("A[t, k] = v[k] * x[t]\nloss = sum(A[T])", "A", ["T", "n_h", "n_x"]),
    "a part": ("a = v[1:]\nloss = sum(a)", "a", ["n_h - 1"]),
    "a declaration": ("h: Var[T, n_h]\nh[0] = 1\nh[t] = 0.9 * h[t-1]\nloss = sum(h[T])", "h", ["T", "n_h"]),
    "a number fills a declared shape": ("h: Var[T, n_h]\nh[t] = 1\nloss = sum(h[T])", "h", ["T", "n_h"]),
    "an index from another variable": (
        "z[t, i] = tanh(sum(W[i, j] * h[t-1, j], j))\nh[0] = 0\nh[t, i] = z[t, i] * h[t-1, i]\nloss = sum(h[T])",
        "h",
        ["T", "n_h"],
    ),
    "an index through two variables": (
        "h[0, i] = 0\nh[t, j] = tanh(c[t, j])\nc[0, i] = 0\nc[t, j] = f[t, j] * c[t-1, j]\n"
        "f[t, j] = sum(W[j, k] * h[t-1, k], k)\nloss = sum(h[T])",
        "h",
        ["T", "n_h"],
    ),
    "an index from its use": (
        "h[0, i] = 1\nh[t, i] = 0.9 * h[t-1, i]\nloss = sum(W[j, i] * h[T, i], i, j)",
        "h",
        ["T", "n_h"],
    ),
    "an index from the left side of its use": (
        "h[0, i] = 1\nh[t, i] = 0.9 * h[t-1, i]\na[t, k] = h[t, k] + v[k]\nloss = sum(a[T])",
        "h",
        ["T", "n_h"],
    ),
    "a sum of vectors over steps": ("c = sum(x[t, 0] * k[t], t)\nk[t] = W @ (U @ x[t])\nloss = sum(c)", "c", ["n_h"]),
    "a sum of what is found later": (
        "h[0] = 0\nc[t] = sum(v[j] * h[t-1], j)\nh[t] = W @ h[t-1]\nloss = sum(c[T])",
        "c",
        ["T", "n_h"],
    ),
    "softmax over steps of vectors": ("a[t] = softmax(U @ x[t], t)\nloss = sum(a[T])", "a", ["T", "n_h"]),
    "once per example": ("s[i] = sum(x[t, i], t)\nloss = sum(s)", "s", ["n_x"]),
}


@pytest.mark.parametrize("what", CASES)
def test_shape(what: str) -> None:
    text, name, sizes = CASES[what]
    assert [axis.name for axis in read(HEAD + text).by_name[name].axes] == sizes
