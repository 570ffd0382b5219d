"""Logarithms stay finite for logits that no exponential survives, in the system and in generated float32 code."""

from __future__ import annotations

import inspect
from dataclasses import replace

import numpy as np
import pytest
import sympy

from derive import pipeline
from derive.calculus.derivation import prepare
from derive.calculus.stable import fresh_name, sift, stabilise
from derive.expressions import Index, Ref, Sum
from derive.functions import equal, log
from derive.interpret import evaluate
from derive.language import read

HEAD = """
x: Input[T, n]
y: Label[T, n]
target: Target[T]
V: Param[n, n]
v: Param[n]
"""
# Ways to write the same loss.
ENTROPIES = {
    "an entry of a softmax": "p[t] = softmax(V @ x[t])\nloss = -sum(log(p[t, y[t]]), t)",
    "a named argument": "o[t] = V @ x[t]\np[t] = softmax(o[t])\nloss = sum(-log(p[t, y[t]]), t)",
    "logsoftmax": "loss = -sum(logsoftmax(V @ x[t])[y[t]], t)",
    "all entries and a one-hot": "p[t] = softmax(V @ x[t])\nloss = -sum(onehot(y[t]) @ log(p[t]), t)",
    "written out": "o[t] = V @ x[t]\np[t, i] = exp(o[t, i]) / sum(exp(o[t, j]), j)\nloss = sum(-log(p[t, y[t]]), t)",
    "written out, not named": "o[t] = V @ x[t]\nloss = -sum(log(exp(o[t, y[t]]) / sum(exp(o[t, j]), j)), t)",
    "a logarithm of a sum": "o[t] = V @ x[t]\nloss = sum(log(sum(exp(o[t]))) - o[t, y[t]], t)",
    "written out in pieces": "o[t] = V @ x[t]\ne[t] = exp(o[t])\nz[t] = sum(e[t])\n"
    "loss = -sum(log(e[t, y[t]] / z[t]), t)",
    "by a variable": "p[t] = softmax(V @ x[t])\nl[t] = -log(p[t, y[t]])\nloss = sum(l[t], t)",
    "carried along": "p[t] = softmax(V @ x[t])\ns[0] = 0\ns[t] = s[t-1] - log(p[t, y[t]])\nloss = s[T]",
}
BINARY = {
    "sigmoid": "p[t] = sigmoid(v @ x[t])\nloss = -sum(target[t] * log(p[t]) + (1 - target[t]) * log(1 - p[t]), t)",
    "not named": "z[t] = v @ x[t]\nloss = -sum(target[t]*log(sigmoid(z[t])) + (1-target[t])*log(1-sigmoid(z[t])), t)",
    "negative": "p[t] = sigmoid(-(v @ x[t]))\nloss = -sum((1-target[t]) * log(p[t]) + target[t] * log(1 - p[t]), t)",
    "carried along": "p[t] = sigmoid(v @ x[t])\ns[0] = 0\n"
    "s[t] = s[t-1] - target[t] * log(p[t]) - (1 - target[t]) * log(1 - p[t])\nloss = s[T]",
}

STYLES = pytest.mark.parametrize("style", ["fast", pytest.param("plain", marks=pytest.mark.slow)])


def called(text: str, style: str) -> tuple[float, dict[str, np.ndarray]]:
    """Loss and gradients in float32, with logits of 0, 200 and -200 and labels that are as wrong as can be."""
    module = pipeline.parse(HEAD + text).compile(style)
    x = np.diag([200.0, -200.0, 200.0]).astype(np.float32)
    data: dict[str, np.ndarray] = {"x": x, "y": np.array([1, 1, 2]), "target": np.array([0.0, 1.0, 1.0], np.float32)}
    params = {"V": np.eye(3, dtype=np.float32), "v": np.ones(3, np.float32)}
    own = module.Params(**{name: params[name] for name in module.Params._fields})
    taken = inspect.signature(module.loss_and_grad).parameters
    loss, gradients, more = module.loss_and_grad(own, **{n: a for n, a in data.items() if n in taken}, wrt=("x",))
    return loss, {**gradients._asdict(), **more}


@STYLES
@pytest.mark.parametrize("text", ENTROPIES.values(), ids=ENTROPIES)
def test_cross_entropy_with_extreme_logits(text: str, style: str) -> None:
    loss, gradients = called(text, style)
    assert loss == pytest.approx(400 + np.log(2), abs=1e-3)
    assert all(np.all(np.isfinite(gradient)) and gradient.dtype == np.float32 for gradient in gradients.values())
    # Rows of logits (200, 0, 0), (0, -200, 0), (0, 0, 200): the gradient at the logits is the softmax less the one-hot.
    at_logits = np.array([[1, -1, 0], [0.5, -1, 0.5], [0, 0, 0]], np.float32)
    np.testing.assert_allclose(gradients["x"], at_logits, atol=1e-6)


@STYLES
@pytest.mark.parametrize("text", BINARY.values(), ids=BINARY)
def test_binary_cross_entropy_with_extreme_logits(text: str, style: str) -> None:
    loss, gradients = called(text, style)
    assert loss == pytest.approx(400, abs=1e-3)
    np.testing.assert_allclose(gradients["x"], np.array([[1] * 3, [-1] * 3, [0] * 3]), atol=1e-6)


@pytest.mark.parametrize("text", [*ENTROPIES.values(), *BINARY.values()], ids=[*ENTROPIES, *BINARY])
def test_no_logarithm_is_left(text: str) -> None:
    prepared = prepare(read(HEAD + text)).system
    assert not [str(e) for e in prepared.equations if e.right.has(log)]


def test_other_logarithms_stay() -> None:
    system = read("x: Input[n]\nW: Param[n]\nloss = log(sum(W * x) + 3) + sum(log(W))\n")
    assert stabilise(system) is system


def test_logarithms_of_products_and_powers_come_apart() -> None:
    text = "x: Input[T, n]\ns: Param\np[t] = softmax(x[t])\nloss = sum(sum(log(p[t]**2 * p[t])), t) * s\n"
    assert not [e for e in prepare(read(text)).system.equations if e.right.has(log)]


def test_a_logarithm_of_a_choice_is_a_choice_of_logarithms() -> None:
    text = "x: Input[T]\nl[t] = log(where(x[t] > 0, sigmoid(x[t]), exp(2 * x[t])))\nloss = sum(l[t], t)\n"
    system = prepare(read(text)).system
    assert not [e for e in system.equations if e.right.has(log)]
    x = np.array([-1.5, 0.0, 2.0])
    found = evaluate(system, {"T": 3}, {"x": x}, ["l"])["l"].array
    np.testing.assert_allclose(found, np.where(x > 0, -np.log1p(np.exp(-x)), 2 * x), rtol=1e-14)


def test_a_sum_over_a_one_hot_is_an_entry() -> None:
    system = sift(read("y: Label[T, n]\nW: Param[n, n]\na[t] = W @ onehot(y[t])\nloss = sum(sum(a[t]), t)\n"))
    assert str(system.defining["a"][0].right) == "W[i, y[t]]"


def test_a_sum_over_a_delta_that_may_lie_outside_stays() -> None:
    system = read("x: Input[T, n]\na[t, j] = x[t, j]\nloss = sum(sum(a[t]), t)\n")
    (equation,) = system.defining["a"]
    t, j = (r.index for r in equation.domain)
    i = Index("i", j.axis)
    for picked, stays in ((j, False), (j + 1, True), (sympy.Integer(0), True)):
        body = equal(i, picked) * Ref("x", t, i)
        right = Sum(body, i, i.axis.first, i.axis.last)
        found = sift(replace(system, equations=(replace(equation, right=right),))).equations[0].right
        assert found == (right if stays else Ref("x", t, j)), picked


def test_generated_names_are_counted() -> None:
    assert fresh_name("p.lse", {"p"}) == "p.lse"
    assert fresh_name("p.lse", {"p.lse", "p.lse2"}) == "p.lse3"
