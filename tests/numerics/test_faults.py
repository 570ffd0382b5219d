"""What a wrong argument is told: a ValueError that names it, what it has, and what was expected."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from derive.interpret import Array
from tests.bank import module
from tests.numerics.calls import refused

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((5, 3, 7)), RNG.integers(0, 11, (5, 3))


@pytest.fixture(scope="module")
def m() -> Any:
    return module("vanilla", "fast")


@pytest.fixture(scope="module")
def p(m: Any) -> Any:
    return m.init_params(np.random.default_rng(1), n_h=2, n_x=7, n_y=11)


def put(value: int, dtype: str = "i8") -> Array:
    """Labels with a wrong one at step 2 of example 1."""
    y = Y.astype(dtype)
    y[2, 1] = value
    return y


RANGE = " at (2, 1), expected integers 0..n_y - 1 = 0..10"
LABELS: dict[str, tuple[Any, str]] = {
    "one more than there are": (put(11), f"y: 11{RANGE}"),
    "negative": (put(-1), f"y: -1{RANGE}"),
    "the least integer": (put(-(2**63)), f"y: -9223372036854775808{RANGE}"),
    "of eight bits": (put(255, "u1"), f"y: 255{RANGE}"),
    "with a point": (Y * 1.0, "y: dtype float64, expected integers, as y.astype(int) gives them"),
    "a list with points": ((Y * 1.0).tolist(), "y: dtype float64, expected integers, as y.astype(int) gives them"),
    "conditions": (Y > 3, "y: dtype bool, expected integers, as y.astype(int) gives them"),
    "complex": (Y * 1j, "y: dtype complex128, expected integers"),
    "words": (Y.astype(str), "y: dtype <U21, expected integers"),
    "objects": (Y.astype(object), "y: dtype object, expected integers"),
    "nothing": (None, "y: None, expected integers"),
    "one-hot": (np.eye(11, dtype=int)[Y], "y: shape (5, 3, 11), expected (T, B) = (5, 3), T and B from x"),
    "turned": (Y.T, "y: shape (3, 5), expected (T, B) = (5, 3), T and B from x"),
    "a step short": (Y[:4], "y: shape (4, 3), expected (T, B) = (5, 3), T and B from x"),
}


@pytest.mark.parametrize("kind", LABELS)
def test_labels(kind: str, m: Any, p: Any) -> None:
    wrong, text = LABELS[kind]
    for function in (m.loss, m.loss_and_grad):
        assert refused(function, p, x=X, y=wrong) == text
    if wrong is not None:  # without labels it gives all but the loss
        assert refused(m.forward, p, x=X, y=wrong) == text
        assert refused(m.backward, p, m.forward(p, x=X), x=X, y=wrong) == text


LENGTHS: dict[str, tuple[Any, str]] = {
    "of too few": ([5, 3], "lengths: shape (2,), expected (B) = (3,), a length for each"),
    "one for all": (3, "lengths: shape (), expected (B) = (3,), a length for each"),
    "in a row": ([[5, 3, 1]], "lengths: shape (1, 3), expected (B) = (3,), a length for each"),
    "too long": ([5, 3, 6], "lengths: 6 at 2, expected 1..T = 1..5"),
    "negative": ([5, -1, 2], "lengths: -1 at 1, expected 1..T = 1..5"),
    "zero": ([0, 1, 2], "lengths: 0 at 0, expected 1..T = 1..5"),
    "with a point": ([5.0, 3.0, 1.0], "lengths: dtype float64, expected integers, as lengths.astype(int) gives them"),
    "conditions": ([True] * 3, "lengths: dtype bool, expected integers, as lengths.astype(int) gives them"),
    "some": ([None, 1, 2], "lengths: dtype object, expected integers"),
    "words": ("abc", "lengths: dtype <U3, expected integers"),
    "of another sequence": ({"S": [5, 3, 1]}, "lengths: 'S' is no sequence, expected some of 'T'"),
    "zero of one": ({"T": [5, 0, 1]}, "lengths['T']: 0 at 1, expected 1..T = 1..5"),
    "masked": (
        np.ma.masked_array([5, 3, 1], [0, 0, 1]),
        "lengths: a masked array, expected a value for every entry, as from lengths.filled(...)",
    ),
}


@pytest.mark.parametrize("kind", LENGTHS)
def test_lengths(kind: str, m: Any, p: Any) -> None:
    wrong, text = LENGTHS[kind]
    for function in (m.forward, m.loss, m.loss_and_grad):
        assert refused(function, p, x=X, y=Y, lengths=wrong) == text
    assert refused(m.backward, p, m.forward(p, x=X), x=X, y=Y, lengths=wrong) == text


def test_labels_beyond_an_examples_end_are_not_looked_at(m: Any, p: Any) -> None:
    y = put(-5)
    y[4, 1] = 10**9
    assert m.loss(p, x=X, y=y, lengths=[5, 2, 3]) == m.loss(p, x=X, y=Y, lengths=[5, 2, 3])
    text = "y: -5 at (2, 1), expected integers 0..n_y - 1 = 0..10"
    assert refused(m.loss, p, x=X, y=y, lengths=[5, 3, 3]) == text


def test_nodes_and_words_are_indices_too() -> None:
    tree = module("tree", "fast")
    params = tree.init_params(np.random.default_rng(0), n_h=2, n_x=7, n_y=11)
    nodes = {"left": [0, 0, 1, 0, 3], "right": [0, 0, 2, 0, 4]}

    def said(**wrong: Any) -> str:
        return refused(tree.loss_and_grad, params, **({"x": X[:, 0], **nodes, "y": 1} | wrong))

    text = "left: 2 at (1,), node 2, expected 0..1, 0 for none: it points at itself or ahead"
    assert said(left=[0, 2, 1, 0, 3]) == text
    assert said(left=[0, -1, 1, 0, 3]).endswith("it points at no node")
    assert said(left=[0.0] * 5) == "left: dtype float64, expected integers, as left.astype(int) gives them"
    assert said(left=[0, 0]).startswith("left: shape (2,), expected (K) = (5,), K ")
    assert said(y=11) == "y: 11, expected integers 0..n_y - 1 = 0..10"
    assert said(y=1.0) == "y: dtype float64, expected integers, as y.astype(int) gives them"
    assert said(y=[1]) == "y: shape (1,), expected a number"


def test_two_sequences_want_lengths_by_name() -> None:
    made = module("attention", "fast")
    params = made.init_params(np.random.default_rng(0), n_h=2, n_x=7, n_y=11, n_d=3)
    given = {"x": X, "y": Y[:4]}
    text = "lengths: expected a dictionary, with one or more of 'S', 'T'"
    assert refused(made.loss, params, **given, lengths=[1, 2, 3]) == text
    text = "lengths: 'K' is no sequence, expected some of 'S', 'T'"
    assert refused(made.loss, params, **given, lengths={"S": [1, 2, 3], "K": [1, 2, 3]}) == text
    assert refused(made.loss, params, **given, lengths={"T": [5, 1, 1]}) == "lengths['T']: 5 at 0, expected 1..T = 1..4"
    assert made.loss(params, **given, lengths={"T": None}) == pytest.approx(made.loss(params, **given), rel=1e-13)


PARAMS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a list": (list, "params: a list, expected Params(U, W, V, b, c)"),
    "a dictionary": (lambda p: p._asdict(), "params: a dict, expected Params(U, W, V, b, c)"),
    "nothing": (lambda p: None, "params: a NoneType, expected Params(U, W, V, b, c)"),
    "too few": (lambda p: tuple(p)[:4], "params: 4 arrays, expected Params(U, W, V, b, c)"),
    "in another order": (
        lambda p: namedtuple("Params", "W U V b c")(p.W, p.U, p.V, p.b, p.c),
        "params: Params(W, U, V, b, c), expected Params(U, W, V, b, c)",
    ),
    "of another module": (
        lambda p: module("lstm", "fast").init_params(np.random.default_rng(0), n_h=2, n_x=7, n_y=11),
        "params: Params(W_i, W_f, ",
    ),
    "one missing": (lambda p: p._replace(W=None), "W: None, expected float32 or float64"),
    "whole numbers": (lambda p: p._replace(W=[[1, 2], [3, 4]]), "W: dtype int64, expected float32 or float64"),
    "of two precisions": (
        lambda p: p._replace(c=p.c.astype(np.float32)),
        "c: dtype float32, expected float64, as U has",
    ),
    "half precision": (lambda p: p._replace(U=p.U.astype("f2")), "U: dtype float16, expected float32 or float64"),
    "longer": (lambda p: p._replace(U=p.U.astype("g")), "U: dtype "),
    "complex": (lambda p: p._replace(U=p.U + 0j), "U: dtype complex128, expected float32 or float64"),
    "of another machine": (
        lambda p: p._replace(U=p.U.astype(p.U.dtype.newbyteorder())),
        "U: dtype >f8, expected float32 or float64 in the byte order of this machine",
    ),
    "a number": (lambda p: p._replace(W=np.array(1.0)), "W: shape (), expected (n_h, n_h) = (2, 2), n_h from U"),
    "turned": (lambda p: p._replace(V=p.V.T), "V: shape (2, 11), expected "),
}


@pytest.mark.parametrize("kind", PARAMS)
def test_parameters(kind: str, m: Any, p: Any) -> None:
    make, text = PARAMS[kind]
    wrong = make(p)
    for function in (m.forward, m.loss, m.loss_and_grad):
        assert refused(function, wrong, x=X, y=Y).startswith(text)
    assert refused(m.step, wrong, m.init_state(p, batch=3), x=X[0]).startswith(text)
    assert refused(m.init_state, wrong).startswith(text)


KEYWORDS: dict[str, tuple[dict[str, Any], str]] = {
    "a wrt that is none": ({"wrt": None}, "wrt: None, expected names, some of 'x', 'h0'"),
    "a number in wrt": ({"wrt": (1,)}, "wrt: 1, expected some of 'x', 'h0'"),
    "a wrt that cannot be": ({"wrt": (["x"],)}, "wrt: (['x'],), expected names, some of 'x', 'h0'"),
    "a label in wrt": ({"wrt": ("x", "y")}, "wrt: 'y', expected some of 'x', 'h0'"),
    "no window": ({"window": 0}, "window: 0, expected a whole number >= 1"),
    "half a step": ({"window": 1.5}, "window: 1.5, expected a whole number >= 1"),
    "a window of another sequence": ({"window": {"S": 2}}, "window: 'S' is no sequence, expected some of 'T'"),
    "no segment": ({"checkpoint": 0}, "checkpoint: 0, expected a whole number >= 1"),
    "segments that are off": ({"checkpoint": False}, "checkpoint: False, expected a whole number >= 1"),
    "both": (
        {"checkpoint": 2, "lengths": [5, 1, 1]},
        "checkpoint: given, and so is lengths or window; they do not go together",
    ),
    "a start for one": ({"h0": np.zeros(2)}, "h0: shape (2,), expected (B, n_h) = (3, 2), B from x, n_h from U"),
    "a start of one": ({"h0": np.zeros((1, 2))}, "h0: shape (1, 2), expected (B, n_h) = (3, 2), B from x, n_h from U"),
    "a state that is none": ({"state": X}, "state: a ndarray, expected State(h)"),
}


@pytest.mark.parametrize("kind", KEYWORDS)
def test_keywords(kind: str, m: Any, p: Any) -> None:
    wrong, text = KEYWORDS[kind]
    assert refused(m.loss_and_grad, p, x=X, y=Y, **wrong) == text


def test_first_parameters(m: Any) -> None:
    sizes, rng = {"n_h": 2, "n_x": 7, "n_y": 11}, np.random.default_rng(0)
    for dtype in (np.float32, "float32", "f4", np.dtype("f4")):
        assert m.init_params(rng, **sizes, dtype=dtype).U.dtype == np.float32
    for dtype in (np.float16, int, ">f8", complex, [1], "no dtype", np.zeros(3)):
        assert refused(m.init_params, rng, **sizes, dtype=dtype) == f"dtype: {dtype!r}, expected float32 or float64"
    for size in (0, -1, 2.0, True, None, "2"):
        text = f"n_h: {size!r}, expected a whole number >= 1"
        assert refused(m.init_params, rng, **(sizes | {"n_h": size})) == text
    assert m.init_params(rng, **(sizes | {"n_h": np.int8(3)})).b.shape == (3,)
    text = "rng: a RandomState, expected numpy.random.default_rng(...)"
    assert refused(m.init_params, np.random.RandomState(0), **sizes) == text
