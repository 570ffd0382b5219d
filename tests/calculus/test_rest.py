"""Beyond an example's end its states stay; nothing else changes, and no gradient."""

from __future__ import annotations

import numpy as np

from derive import pipeline
from derive.calculus.batch import add_batch
from derive.calculus.derivation import differentiate
from derive.calculus.rest import rest
from derive.calculus.trace import Traced
from derive.expressions import Ref, refs
from derive.functions import where
from derive.interpret import Interpreter
from derive.system import System
from tests.padded import text


def padded(lines: str) -> System:
    found = pipeline.parse(lines).padded
    assert not isinstance(found, str), found
    return differentiate(Traced(add_batch(found.system, parted=True))).system


def changed(lines: str) -> set[str]:
    """The variables of which an equation changed."""
    before = padded(lines)
    after = rest(before)
    return {e.target for e in after.equations if e not in before.equations}


def test_states_rest_and_nothing_else() -> None:
    assert changed(text("left to right")) == {"h"}
    assert changed(text("both directions")) == {"h"}
    assert changed(text("two sequences")) == {"d"}
    assert changed(text("attention to the past")) == set()
    assert changed(text("right to left")) == set()


def test_a_linear_state_keeps_its_sum_under_a_name() -> None:
    lines = "x: Input[T]\nW: Param[n, n]\nu: Param[n]\nh[0] = 0\nh[t] = W @ h[t-1] + u * x[t]\nloss = sum(h[T])"
    after = rest(padded(lines))
    (general,) = (e for e in after.defining["h"] if e.right.has(where))
    assert {ref.name for ref in refs(general.right)} == {"T.own", "h.inside", "h"}
    assert Ref("h", general.subscripts[0] - 1, *general.subscripts[1:]) in refs(general.right)


def test_no_gradient_depends_on_it() -> None:
    lines = text("left to right")
    before = padded(lines)
    rng = np.random.default_rng(0)
    sizes = {"T": 4, "B": 2, "n_x": 2, "n_h": 3}
    given = {"x": rng.standard_normal((4, 2, 2)), "z": rng.standard_normal((2, 3)), "U": rng.standard_normal((3, 2))}
    given |= {"W": rng.standard_normal((3, 3)), "T.own": np.array([4.0, 2.0]), "len.T": np.array([4, 2])}
    asked = ["loss", "grad(W)", "grad(U)", "grad(x)"]
    one, other = (Interpreter(system, sizes).evaluate(given, asked) for system in (before, rest(before)))
    for name in asked:
        np.testing.assert_allclose(one[name].array, other[name].array, rtol=1e-13)
    states = Interpreter(rest(before), sizes).evaluate(given, ["h"])["h"]
    assert np.all(states.array[3:, 1] == states.array[2, 1])
