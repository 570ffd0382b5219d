"""Segments of a sequence: what may be cut, and the system whose gradient is that of a segment and all that follow."""

from __future__ import annotations

import pytest
import sympy

from derive.calculus.continuing import continued
from derive.calculus.derivation import differentiate
from derive.calculus.segment import TOTAL, Segment, segmented
from derive.calculus.trace import Traced
from derive.pipeline import Model, parse
from tests.bank import model

HEAD = """
x: Input[T, n_x]
z: Target[n_h]
U: Param[n_h, n_x]
W: Param[n_h, n_h]
lam: Const = 0.3
h[0] = 0
h[t] = tanh(W @ h[t-1] + U @ x[t])
"""


def cut(made: Model) -> Segment:
    found = made.segment
    assert isinstance(found, Segment), found
    return found


def losses(equations: str) -> list[str]:
    """The right sides of the loss of a segment."""
    return [str(e.right) for e in cut(parse(HEAD + equations)).system.defining["loss"]]


def test_the_cotangent_of_the_last_state_comes_from_the_right() -> None:
    segment = cut(model("time_skip"))
    assert [(cell.lag, cell.start, cell.left) for cell in segment.cells] == [
        (2, "h.-1", "h.left2"),
        (1, "h.0", "h.left1"),
    ]
    assert (segment.least, segment.starts, segment.data) == (2, ("h.-1", "h.0"), ())
    found = differentiate(Traced(segment.system), TOTAL).system
    ends = {str(e.left): str(e.right) for e in found.defining["grad(h)"] if "left" in str(e.right)}
    assert ends == {"grad(h)[T, b1, i]": "h.left1[b1, i]", "grad(h)[T - 1, b1, i]": "h.left2[b1, i]"}
    # The loss itself is the file's.
    assert not any("left" in str(e.right) for e in found.defining["loss"])


def test_data_are_read_from_the_segment_before() -> None:
    segment = cut(model("qrnn"))
    assert segment.data == (("x", 1),) and segment.starts == ("c.0", "x.before1")
    assert cut(model("narx")).least == 2 and cut(model("narx")).cells == ()


def test_a_start_that_is_learned_is_read_in_the_first_segment_alone() -> None:
    text = "x: Input[T]\nv: Param\nh[0] = tanh(v)\nh[t] = tanh(h[t-1] + v * x[t])\nloss = sum(h[t]**2, t)"
    (cell,) = cut(parse(text)).cells
    assert cell.start == "h.before1"


def test_terms_of_the_end_count_in_the_last_segment_alone() -> None:
    found = losses("loss = sum(sum(h[t]**2), t) / T + sum((h[T] - z)**2) + lam * sum(W**2)")
    assert len(found) == 3
    steps, *ends = sorted(found, key=lambda right: "T.last" in right)
    assert "T.whole" in steps and "T.last" not in steps
    assert all("where(T.last" in right for right in ends)


def test_a_number_that_sums_over_the_steps_is_put_in() -> None:
    found = losses("nll = sum(sum((h[t] - z)**2), t)\nbits = nll / 0.7\nloss = bits / T + lam * nll")
    assert len(found) == 2 and all(right.startswith("sum(") and "nll" not in right for right in found)


@pytest.mark.parametrize(
    ("equations", "why"),
    [
        ("m = mean(h[t], t)\nloss = sum((m - z)**2)", "m rests on all steps"),
        ("loss = sum(h[t, 0], t)**2", "the loss is no sum over steps"),
        ("nll = sum(h[t, 0]**2, t)\nloss = log(nll)", "the loss is no sum over steps"),
        ("loss = sum(h[t, 0], t) * sum(h[t, 1], t)", "the loss compares steps with one another"),
        ("loss = max(h[t, 0], t)", "loss.max rests on all steps"),
        ("loss = sum(dot(h[t], h[T]), t)", "the loss reads h at the last step"),
        ("o = W @ h[T]\nloss = sum(dot(h[t], o), t)", "the loss reads o, which rests on the last step"),
        ("loss = sum(h[1])", "h is read at step 1"),
    ],
)
def test_what_cannot_be_cut_is_refused(equations: str, why: str) -> None:
    assert parse(HEAD + equations).segment == why


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("bidirectional", "g has an equation of its own at T + 1"),
        ("encoder_decoder", "there is another sequence, S"),
        ("lru", "o rests on all steps"),
        ("tree", "h is read at other steps than this one and those just before"),
    ],
)
def test_models_of_the_zoo_that_cannot_be_cut(name: str, why: str) -> None:
    assert model(name).segment == why


def test_a_state_that_is_the_same_for_all_examples_is_refused() -> None:
    made = parse("y: Target[T]\nv: Param\nh[0] = 1\nh[t] = v * h[t-1]\nloss = sum((y[t] - h[t])**2, t)")
    assert made.segment == "h is the same for all examples"


def test_a_piece_with_no_start_is_refused() -> None:
    made = model("vanilla")
    axis = made.stepping.axis  # type: ignore[union-attr]
    piece = continued(made.prepared.system, axis, {"h": 1})
    assert not isinstance(piece, str)
    assert segmented(piece, axis, {"h": 3}) == "h has no start 3 steps back"
    assert sympy.Integer(1) == axis.first
