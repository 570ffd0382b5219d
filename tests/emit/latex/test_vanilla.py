"""The vanilla network prints as eqs. 10.8-10.14 and 10.17-10.28 of Goodfellow, Bengio & Courville.

The book puts `grad(a)` in where it is read: its `W' diag(1 - h**2) grad(h)` is `W' grad(a)` here.
"""

from __future__ import annotations

import pytest

import derive
from derive.emit.latex import Options, fragment
from derive.emit.latex.document import Derivative, Time

BOOK = {
    "10.8": r"\boldsymbol{a}^{(t)} & = \boldsymbol{b} + \mathbf{W} \boldsymbol{h}^{(t-1)}"
    r" + \mathbf{U} \boldsymbol{x}^{(t)}",
    "10.9": r"\boldsymbol{h}^{(t)} & = \tanh(\boldsymbol{a}^{(t)})",
    "10.10": r"\boldsymbol{o}^{(t)} & = \boldsymbol{c} + \mathbf{V} \boldsymbol{h}^{(t)}",
    "10.11": r"\hat{\boldsymbol{y}}^{(t)} & = \operatorname{softmax}(\boldsymbol{o}^{(t)})",
    "10.12-10.14": r"L & = -\sum_{t} \log \hat{y}_{y^{(t)}}^{(t)}",
    "10.17": r"\frac{\partial L}{\partial L} & = 1",
    "10.18": r"\nabla_{\boldsymbol{o}^{(t)}} L & = \hat{\boldsymbol{y}}^{(t)} - \operatorname{onehot}(y^{(t)})",
    "10.19": r"\nabla_{\boldsymbol{h}^{(\tau)}} L & = \mathbf{V}^{\top} \nabla_{\boldsymbol{o}^{(\tau)}} L",
    "10.20-10.21": r"\nabla_{\boldsymbol{h}^{(t)}} L & = \mathbf{W}^{\top} \nabla_{\boldsymbol{a}^{(t+1)}} L"
    r" + \mathbf{V}^{\top} \nabla_{\boldsymbol{o}^{(t)}} L, \quad t < \tau",
    "in 10.21": r"\nabla_{\boldsymbol{a}^{(t)}} L & = \bigl( 1 - (\boldsymbol{h}^{(t)})^{2} \bigr)"
    r" \odot \nabla_{\boldsymbol{h}^{(t)}} L",
    "10.22": r"\nabla_{\boldsymbol{c}} L & = \sum_{t} \nabla_{\boldsymbol{o}^{(t)}} L",
    "10.23": r"\nabla_{\boldsymbol{b}} L & = \sum_{t} \nabla_{\boldsymbol{a}^{(t)}} L",
    "10.24": r"\nabla_{\mathbf{V}} L & = \sum_{t} (\nabla_{\boldsymbol{o}^{(t)}} L) \boldsymbol{h}^{(t)\top}",
    "10.25-10.26": r"\nabla_{\mathbf{W}} L & = \sum_{t} (\nabla_{\boldsymbol{a}^{(t)}} L) \boldsymbol{h}^{(t-1)\top}",
    "10.27-10.28": r"\nabla_{\mathbf{U}} L & = \sum_{t} (\nabla_{\boldsymbol{a}^{(t)}} L) \boldsymbol{x}^{(t)\top}",
}


def rows(options: Options) -> list[str]:
    model = derive.load("vanilla")
    text = fragment(model.system, model.gradient().traced, options)
    return [row.strip().removesuffix(r"\\").strip() for row in text.splitlines()]


@pytest.mark.parametrize("number", BOOK)
def test_an_equation_of_the_book(number: str) -> None:
    assert BOOK[number] in rows(Options())


def test_the_softmax_by_entries() -> None:
    assert r"(\nabla_{\boldsymbol{o}^{(t)}} L)_{i} & = \hat{y}_{i}^{(t)} - \mathbf{1}_{i = y^{(t)}}" in rows(
        Options("index")
    )


@pytest.mark.parametrize(
    ("gradient", "time", "expected"),
    [
        ("nabla", "subscript", r"\nabla_{\boldsymbol{b}} L & = \sum_{t} \nabla_{\boldsymbol{a}_{t}} L"),
        (
            "partial",
            "superscript",
            r"\frac{\partial L}{\partial \boldsymbol{b}} & = \sum_{t} \frac{\partial L}{\partial \boldsymbol{a}^{(t)}}",
        ),
        ("delta", "subscript", r"\boldsymbol{\delta}^{b} & = \sum_{t} \boldsymbol{\delta}_{t}^{a}"),
        ("delta", "superscript", r"\boldsymbol{\delta}_{b} & = \sum_{t} \boldsymbol{\delta}_{a}^{(t)}"),
    ],
)
def test_ways_to_write_it(gradient: Derivative, time: Time, expected: str) -> None:
    assert expected in rows(Options("array", gradient, time))


def test_both_notations_one_behind_the_other() -> None:
    both = rows(Options("both"))
    assert all(row in both for row in rows(Options("array")) if "&" in row)
    assert all(row in both for row in rows(Options("index")) if "&" in row)
