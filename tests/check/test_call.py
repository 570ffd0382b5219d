"""The names and shapes in which a module takes a System's data."""

from __future__ import annotations

import numpy as np
import sympy

from derive.check.call import arguments, start_keywords
from derive.system import Role, Start, System, Variable
from tests.check.systems import B, T, n_h, n_x


def start(of: str, step: sympy.Expr) -> Variable:
    return Variable(f"{of}.{step}", Role.START, (B, n_h), default=0, start=Start(of, step))


SYSTEM = System(
    "lags",
    (
        Variable("x", Role.INPUT, (T, B, n_x)),
        Variable("W", Role.PARAM, (n_h, n_h)),
        start("h", sympy.Integer(0)),
        start("h", sympy.Integer(-1)),
        start("g", T.size + 1),
        start("c", sympy.Integer(0)),
    ),
    (),
)
GIVEN = {
    "x": np.zeros((5, 3, 2)), "W": np.ones((7, 7)), "h.0": np.ones((3, 7)), "h.-1": np.zeros((3, 7)),
    "g.T + 1": np.ones((3, 7)), "c.0": np.ones((3, 7)),
}  # fmt: skip


def test_starts_have_keywords_oldest_first() -> None:
    assert start_keywords(SYSTEM) == {"h0": ("h.-1", "h.0"), "g_end": ("g.T + 1",), "c0": ("c.0",)}


def test_data_are_given_by_keyword() -> None:
    at = arguments(SYSTEM, GIVEN)
    assert at.wrt == ("x", "h0", "g_end", "c0")
    assert at.data["h0"].shape == (2, 3, 7) and at.data["h0"][0].max() == 0
    assert at.batch_axes == {"x": 1, "h0": 1, "g_end": 0, "c0": 0}


def test_ends_are_in_the_order_of_steps() -> None:
    ends = tuple(start("g", T.size + step) for step in (2, 1))
    given = {"g.T + 1": np.ones((3, 7)), "g.T + 2": np.full((3, 7), 2)}
    at = arguments(System("ends", ends, ()), given)
    assert start_keywords(System("ends", ends, ())) == {"g_end": ("g.T + 1", "g.T + 2")}
    assert at.wrt == ("g_end",) and at.batch_axes == {"g_end": 1}
    assert at.data["g_end"][:, 0, 0].tolist() == [1, 2]


def test_one_example_has_no_batch_axis() -> None:
    at = arguments(SYSTEM, GIVEN)
    alone, kept = at.example(1, keep_axis=False), at.example(1, keep_axis=True)
    assert alone.data["h0"].shape == (2, 7) and alone.data["x"].shape == (5, 2)
    assert kept.data["h0"].shape == (2, 1, 7) and kept.data["x"].shape == (5, 1, 2)
    assert alone.params["W"].shape == (7, 7)


def test_precision_is_that_of_reals() -> None:
    at = arguments(SYSTEM, GIVEN | {"W": np.ones((7, 7))}).cast(np.float32)
    assert {array.dtype for array in (*at.params.values(), *at.data.values())} == {np.dtype(np.float32)}
