"""One statement as an array statement: sums of what repeats, parts of triangles, products of several factors."""

from __future__ import annotations

import numpy as np
import pytest

from derive import pipeline
from derive.check import call
from derive.system import Role
from tests.bank import Case

HEAD = "x: Input[T, n]\nk: Index[T, n]\nw, v = Param[n]\nA: Param[n, n]\nlam: Param\n"
MODELS = {
    "a sum of what is the same at all steps": "loss = sum(exp(lam) * sum(x[t]), t) + sum(lam**2, t)",
    "a sum over two of which one is idle": "a[t] = sum(w[i] * v[i], i, (j, 0, n))\nloss = sum(a[t] * lam, t)",
    "a logsumexp of equal values": "u = logsumexp(lam * 2, t)\nloss = u**2 + logsumexp(lam * v[0], (i, 1, n-1), t)",
    "a logsumexp of which one index is idle": "u = logsumexp(x[t, 0] * lam, t, t1)\nloss = u * lam",
    "maxima of negative values": "loss = max(-exp(lam * x[t, 0]), t) + sum(max(-exp(x[t] * w)), t)",
    "a product over two axes, at all steps but the first": "G[t, t1, j] = tanh(x[t, j] + x[t1, j] * lam)\n"
    "c[t] = sum(G[t, t1, j] * x[t1, j], t1, j)\nloss = sum(c[t]**2, (t, 2, T))",
    "a maximum of equal values": "u = max(lam * 2, t)\nloss = u**2",
    "a sum over the past": "a[t] = sum(sum(w * x[t1]), (t1, 1, t-1))\nloss = sum(a[t]**2 * t, t)",
    "one expression at two steps": "z[0] = 0.4\nz[-1] = 0.6\nz[t] = tanh(x[t, 0])\nh[0] = 1\n"
    "h[t] = h[t-1] * z[t-2] * (2 - z[t-2]) + lam\ng[0] = 1\ng[t] = g[t-1] * z[t] * (2 - z[t]) + lam\n"
    "loss = sum(h[t] * g[t], t)",
    "a column": "loss = sum(sum((A[:, k[t]] * w + A[k[t], :])**2), t)",
    "a column at each step": "M[t, i, j] = x[t, i] * A[i, j]\na[t] = M[t, :, k[t]] * v\nloss = sum(sum(a[t]**2), t)",
    "a range that may end before the data begin": "u = sum(sum(x[t-3] * w), (t, 4, T))\nloss = u**2 + lam * u",
    "sums over either index of one pair": "e[t, t1] = tanh(A @ x[t] + A.T @ x[t1] * lam)\n"
    "loss = sum(e[t, t1] @ w * t, t, t1)",
    "a quotient of arrays": "a[t] = (x[t] + 1) / (2 + w**2) - x[t] * (-v)\nloss = sum(sum(lam - a[t] - a[t]**2), t)",
}


@pytest.mark.parametrize("name", MODELS)
def test_it_computes_what_the_equations_say(name: str) -> None:
    model = pipeline.parse(HEAD + MODELS[name] + "\n")
    modules = [model.compile(style) for style in pipeline.STYLES]
    rng = np.random.default_rng(3)
    for steps in (1, 2, 3):
        sizes = {"T": steps, "n": 3}
        shapes = {v.name: [sizes[a.name] for a in v.axes] for v in model.system.variables if v.role.is_given}
        given = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
        at = Case(model.system, sizes, given | {"k": rng.integers(0, sizes["n"], steps)})
        for module in modules:
            loss, found = call.loss_and_grad(module, call.arguments(model.system, at.given, sizes))
            np.testing.assert_allclose(loss, at.values["loss"].array, rtol=1e-12)
            for variable in (v.name for v in model.system.with_role(Role.PARAM, Role.INPUT)):
                slope = at.truth[variable]
                gradient = found.get(variable, np.zeros(shapes[variable]))
                np.testing.assert_allclose(gradient, slope, rtol=1e-11, atol=1e-12, err_msg=f"{variable} at {sizes}")
