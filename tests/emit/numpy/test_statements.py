"""A Program as text: what a person reads, and what must never be printed."""

from __future__ import annotations

import ast
import itertools
import re

import numpy as np
import pytest

from derive import pipeline


def body(name: str, style: str, function: str = "loss_and_grad") -> str:
    """The text of one function of a module."""
    model = pipeline.load(name) if "\n" not in name else pipeline.parse(name)
    text = model.generate(style)
    (found,) = [n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name == function]
    return ast.get_source_segment(text, found) or ""


def test_the_recursion_of_vanilla() -> None:
    text = body("vanilla", "plain")
    assert "    for t in range(1, T + 1):\n" in text
    assert "    for t in range(T - 1, 0, -1):\n" in text
    assert "a[t - 1] += h[t - 1] @ W.T" in text
    assert "da[t - 1] = dh[t - 1] * (1 - h[t]**2)" in text or "da[t - 1] = dh[t] * (1 - h[t]**2)" in text


@pytest.mark.parametrize("style", pipeline.STYLES)
def test_what_is_asked_for_stands_behind_a_condition(style: str) -> None:
    lines = body("vanilla", style).splitlines()
    made = next(n for n, line in enumerate(lines) if line.strip().startswith("dx = "))
    assert any('if "x" in wrt:' in line for line in lines[made - 3 : made])


def test_the_fast_style_writes_in_place() -> None:
    """What a loop does goes into arrays that are there: it binds no name but the loop's index."""
    for name in ("vanilla", "lstm", "gru"):
        lines = body(name, "fast").splitlines()
        loops = [n for n, line in enumerate(lines) if line.startswith("    for t in range(")]
        assert len(loops) == 2
        for start in loops:
            inside = itertools.takewhile(lambda line: line.startswith("        "), lines[start + 1 :])
            statements = [line.strip() for line in inside if not line.strip().startswith("#")]
            assert statements and all("out=" in s or re.search(r"\w\] [-+*/]= \w+", s) for s in statements), statements
    assert "out=" not in body("vanilla", "plain")


def test_a_scalar_gradient_is_an_array_of_its_own() -> None:
    text = "x: Input[T]\nc: Param\nloss = c**2 / 2 + c * sum(x[t], t)\n"
    for style in pipeline.STYLES:
        module = pipeline.parse(text).compile(style)
        params = module.Params(c=np.array(3.0))
        _, gradient = module.loss_and_grad(params, x=np.array([1.0, 2.0]))
        assert (float(params.c), float(gradient.c)) == (3.0, 6.0)


def test_equal_entries_of_a_look_up_add() -> None:
    text = "w: Index[T, n]\nE: Param[n, m]\nloss = sum(sum(E[w[t]]**2), t) / 2\n"
    for style in pipeline.STYLES:
        module = pipeline.parse(text).compile(style)
        _, gradient = module.loss_and_grad(module.Params(E=np.ones((3, 2))), w=np.array([1, 1, 0, 1]))
        np.testing.assert_array_equal(gradient.E, [[1, 1], [3, 3], [0, 0]])
