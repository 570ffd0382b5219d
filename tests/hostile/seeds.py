"""Good files to begin with: small models and derivations, whole and in lines."""

# ruff: noqa: E501 (texts stand on one line)
from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SMALL = 300  # characters of a model that is quick to generate

SCALARS = """x: Input[T]
y: Target[T]
w, u, b = Param
h[0] = 0
h[t] = tanh(w * h[t-1] + u * x[t] + b)
loss = sum((h[t] - y[t])**2, t)
"""
TINY = """x: Input[T, n_x]
y: Label[T, n_y]
U: Param[n_h, n_x]
W: Param[n_h, n_h]
V: Param[n_y, n_h]
h[0] = 0
h[t] = tanh(W @ h[t-1] + U @ x[t])
o[t] = V @ h[t]
yhat[t] = softmax(o[t])
loss = sum(-log(yhat[t, y[t]]), t)
"""
# Without a recurrence: their modules are made in a moment.
MOMENTS = (
    "w: Param[n]\nx: Input[n]\nloss = dot(w, x)\n",
    "W: Param[m, n]\nx: Input[n]\ny: Label[m]\no = W @ x\nloss = -logsoftmax(o)[y]\n",
    "a, b = Param\nx: Input\ny: Target\nloss = (a * x + b - y)**2\n",
    "W: Param[n, n]\nb: Param[n] = 1\nx: Input[n]\nz = tanh(W @ x + b)\nloss = sum(z**2) / n\n",
    "x: Input[n]\nu, v = Param[n]\nz[i] = u[i] * x[i] + sigmoid(v[i])\nloss = sum(z[i]**2, i)\n",
    "E: Param[k, n]\nv: Param[n]\nw: Index[k]\nloss = exp(-dot(E[w], v))\n",
    "A: Param[n, n]\nb: Const[n] = 1\nloss = b @ A.T @ A @ b + norm2(A)\n",
    "def f(v, w): return v * sigmoid(w)\nu, v = Param[n]\nloss = sum(f(u, v) + f(v, u))\n",
    "x: Input[n]\nu: Param[m]\nz = concat(u, x)\nloss = logsumexp(z) - z[0] + max(u[:2])\n",
    "dt: Const = 0.1\nw: Param[n]\nloss = where(dt < 1, sum(w, i), mean(w))\n",
    "x: Input[T, n]\nw: Param[n]\nloss = sum(dot(w, x[t])**2, t) / T\n",
    "x: Input[T]\nw: Param\nloss = sum(relu(w * x[t] - x[t-1]), t)\n",
)
# What derivations are about, under names by which they are found beside these.
MODELS = {"scalars.eq": SCALARS, "tiny.eq": TINY}

HAND = """grad(o[t]) = yhat[t] - onehot(y[t])
grad(h[T]) = V.T @ grad(o[T])
grad(h[t]) = W.T @ diag(1 - h[t+1]**2) @ grad(h[t+1]) + V.T @ grad(o[t]), t < T
delta[t] = (1 - h[t]**2) * grad(h[t])
grad(W) = sum(outer(delta[t], h[t-1]), t)
grad(V) = sum(grad(o[t]) @ h[t].T, t)
grad(U, at=t) = outer((1 - h[t]**2) * grad(h[t]), x[t])
grad(h[t, i]) = sum(W[j, i] * (1 - h[t+1, j]**2) * grad(h[t+1, j]), j) + sum(V[k, i] * grad(o[t, k]), k), t < T
grad(o[t, i]) = yhat[t, i] - where(i == y[t], 1, 0)
grad(h[t]) = jac(h[t+1], h[t]).T @ grad(h[t+1]) + jac(o[t], h[t]).T @ grad(o[t]), t < T
grad(h[t]) = sum(prod(W.T @ diag(1 - h[s]**2), (s, t+1, k)) @ V.T @ grad(o[k]), (k, t, T))
grad(h[T+1]) = 0
""".splitlines()
HAND_SCALARS = """grad(h[T]) = 2 * (h[T] - y[T])
grad(h[t]) = 2 * (h[t] - y[t]) + w * (1 - h[t+1]**2) * grad(h[t+1]), t < T
delta[t] = (1 - h[t]**2) * grad(h[t])
grad(w) = sum(delta[t] * h[t-1], t)
grad(u) = sum(delta[t] * x[t], t)
grad(b) = sum(grad(b, at=t), t)
""".splitlines()
TEX = r"""\nabla_{\bm{o}^{(t)}} L &= \hat{y}^{(t)} - \mathbf{1}_{y^{(t)}}
\nabla_{\bm{h}^{(\tau)}} L &= \bm{V}^\top \nabla_{\bm{o}^{(\tau)}} L
(\nabla_{\bm{o}^{(t)}} L)_i &= \frac{\partial L}{\partial o_i^{(t)}} = \hat{y}_i^{(t)} - \mathbf{1}_{i = y^{(t)}}
\nabla_{h^{(t)}} L &= W^\top \operatorname{diag}\left(1 - (h^{(t+1)})^2\right) (\nabla_{h^{(t+1)}} L) + V^\top \nabla_{o^{(t)}} L, \quad t < \tau
\nabla_{\bm{V}} L &= \sum_t (\nabla_{\bm{o}^{(t)}} L) \, \bm{h}^{(t)\top}
\nabla_{\bm{W}} L &= \sum_{t=1}^{\tau} \delta^{(t)} \bm{h}^{(t-1)\top}
\delta_t &= (1 - h_t \odot h_t) \odot \nabla_{h_t} L
\frac{\partial L}{\partial U_{ij}} &= \sum_t \delta_{t,i} x_{t,j}
\frac{\partial \mathcal{L}}{\partial b} &= \begin{cases} 0 & t = \tau \\ 1 & \text{otherwise} \end{cases}
\nabla_{h_t} L &= \left(\frac{\partial h^{(t+1)}}{\partial h^{(t)}}\right)^\top (\nabla_{h^{(t+1)}} L)""".splitlines()
ENVIRONMENTS = (
    "align", "align*", "equation", "gather", "multline", "eqnarray", "displaymath", "cases", "aligned", "verbatim",
)  # fmt: skip


@cache
def models() -> tuple[str, ...]:
    """Texts of models that are quick to generate, without docstrings and comments."""
    texts = [SCALARS, TINY, *(6 * MOMENTS)]
    for folder in ("tests/models", "tests/calculus/models", "derive/models"):
        for path in sorted((ROOT / folder).glob("*.eq")):
            text = re.sub(r'(?s)^""".*?"""\n', "", path.read_text())
            text = re.sub(r" *#[^\n]*", "", text).lstrip()
            if len(text) <= SMALL:
                texts.append(text)
    return tuple(texts)


@cache
def whole_models() -> tuple[str, ...]:
    """Texts of the zoo as they are, with what is written about them."""
    return tuple(path.read_text() for path in sorted((ROOT / "derive" / "models").glob("*.eq")))
