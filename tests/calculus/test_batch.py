"""The batch is one more axis, terms of the loss without data count once, and no example sees another."""

from __future__ import annotations

import numpy as np
import pytest

from derive.calculus.batch import BATCH, add_batch, batched_names, part_loss
from derive.interpret import evaluate
from derive.language import read

HEAD = "x: Input[T]\nw, v = Param[n]\nlam: Const = 0.5\ns: Param\n"
GIVEN = {
    "x": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), "w": np.array([1.0, 2.0]), "v": np.array([0.5, 3.0]),
    "s": np.array(0.3),
}  # fmt: skip
SIZES = {"T": 2, "B": 3, "n": 2}


@pytest.mark.parametrize(
    ("loss", "value"),
    [
        ("sum(x[t], t)", 21.0),
        ("sum(x[t], t) + lam * sum(w**2)", 21 + 2.5),
        ("sum(x[t], t) + sum(w) * sum(v)", 21 + 3 * 3.5),
        ("s * (sum(x[t], t) + 3)", 0.3 * (21 + 3)),
        ("(sum(x[t], t) + sum(w)) / T", (21 + 3) / 2),
        ("(sum(x[t], t) + sum(w))**2", 8.0**2 + 10.0**2 + 12.0**2),
        ("sum(x[t] + s, t)", 21 + 2 * 0.3),
        ("sum(x[t] * s + lam, t)", 0.3 * 21 + 2 * 0.5),
        ("lam * sum(w**2)", 2.5),
        ("-(sum(x[t], t) - sum(w))", -(21 - 3)),
    ],
)
def test_a_term_without_data_counts_once(loss: str, value: float) -> None:
    system = read(HEAD + f"loss = {loss}\n")
    for batched in (add_batch(system), add_batch(part_loss(system))):
        given = {name: array for name, array in GIVEN.items() if name in batched.by_name}
        assert evaluate(batched, SIZES, given, ["loss"])["loss"].array == pytest.approx(value)


def test_only_what_depends_on_data_has_the_axis() -> None:
    system = read(HEAD + "a[t] = x[t] * s\nu = w + v\nh[0] = 0\nh[t] = h[t-1] + a[t]\nloss = sum(u) + h[T]\n")
    batched = add_batch(system)
    assert {v.name for v in batched.variables if v.is_batched} == {"x", "a", "h", "h.0"}
    assert BATCH in batched.by_name["h.0"].axes


def test_the_axis_follows_the_sequences() -> None:
    system = read("x: Input[T, n]\nW: Param[n, n]\na[t] = W @ x[t]\nloss = sum(sum(a[t]), t)\n")
    assert [axis.name for axis in add_batch(system).by_name["a"].axes] == ["T", "B", "n"]


def test_a_look_up_is_made_in_each_example() -> None:
    system = add_batch(read("y: Label[T, n]\nE: Param[n]\na[t] = E[y[t]]\nloss = sum(a[t], t)\n"))
    assert str(system.defining["a"][0].right) == "E[y[t, b]]"
    assert "a" in batched_names(read("y: Label[T, n]\nE: Param[n]\na[t] = E[y[t]]\nloss = sum(a[t], t)\n"))


def test_a_model_without_data_has_no_batch() -> None:
    system = read("w: Param[n]\nloss = sum(w**2)\n")
    assert add_batch(system) is system


def test_a_variable_named_b_keeps_its_name() -> None:
    system = add_batch(read("b: Input[T, n]\nloss = sum(sum(b[t]), t)\n"))
    (equation,) = system.equations
    assert [r.index.name for r in equation.domain] == ["b1"]
