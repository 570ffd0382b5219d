"""The products alone: the same shapes as often, in the order of the program, with memory of their own where it has."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import derive
from derive.bench import Floor, floor
from derive.bench.operands import Call, Operands
from tests.bank import model

SIZES = {"T": 6, "B": 3, "n_x": 5, "n_h": 7, "n_y": 4}


def shape(call: Call) -> tuple[int, ...]:
    """m, k, n of one product, the smaller of m and n first: a layout may compute the transposed result."""
    left, right, _ = call
    m, k, n = left.shape[-2], left.shape[-1], right.shape[-1]
    return min(m, n), k, max(m, n)


def test_each_product_as_often_as_it_runs() -> None:
    found = floor(model("vanilla").programs(), SIZES)
    assert Counter(map(shape, found.of_loss)) == {(7, 5, 18): 1, (3, 7, 7): 6, (4, 7, 18): 1}
    back = Counter(map(shape, found.of_loss_and_grad)) - Counter(map(shape, found.of_loss))
    assert back == {(4, 18, 7): 1, (7, 4, 18): 1, (3, 7, 7): 5, (5, 18, 7): 1, (7, 18, 7): 1}


def test_operations_are_those_of_the_formula() -> None:
    found = floor(model("lstm").programs(), SIZES)
    t, b, x, h, y = (SIZES[name] for name in ("T", "B", "n_x", "n_h", "n_y"))
    assert sum(left.size * right.shape[-1] for left, right, _ in found.of_loss) == t * b * h * (4 * h + 4 * x + y)


def test_a_step_reads_its_own_state_and_the_same_weights() -> None:
    steps = [call for call in floor(model("vanilla").programs(), SIZES).of_loss if shape(call) == (3, 7, 7)]
    for place in ("weights", "state"):
        at = [call[:2] for call in steps]
        # One of the operands is 7 x 7 and stays, the other one is 3 x 7 or 7 x 3 and changes.
        wanted = [next(a for a in both if (a.size == 49) == (place == "weights")) for both in at]
        shared = [np.shares_memory(a, b) for a in wanted for b in wanted if a is not b]
        assert shared and all(shared) if place == "weights" else not any(shared)


def test_products_in_one_loop_take_turns() -> None:
    sizes = {"T": 3, "S": 4, "B": 2, "n_x": 3, "n_h": 5, "n_y": 6, "n_d": 7}
    found = [shape(call) for call in floor(model("attention").programs(), sizes).of_loss]
    # d and c are of another width: w @ c in each of the three steps, with other products between them.
    places = [place for place, one in enumerate(found) if one == (2, 10, 21)]
    assert len(places) == 3 and len(set(np.diff(places))) == 1 and places[1] - places[0] > 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_runs_is_finite_and_of_that_kind(dtype: type) -> None:
    found = floor(model("gru").programs(), SIZES, dtype)
    found.loss()
    found.loss_and_grad()
    for left, right, out in (*found.of_loss, *found.of_loss_and_grad):
        assert left.dtype == right.dtype == out.dtype == dtype and np.isfinite(out).all()


def test_results_are_products() -> None:
    found = floor(model("vanilla").programs(), SIZES, np.float64)
    for left, right, out in found.of_loss:
        np.matmul(left, right, out=out)
        np.testing.assert_allclose(out, np.einsum("ij,jk->ik", left, right))


def test_shapes_that_change_from_step_to_step() -> None:
    text = "x: Input[T, n]\nw: Input[T, T]\nW: Param[n, n]\nh[t] = tanh(x[t] + W @ sum(w[t,t1] * h[t1], (t1, 1, t-1)))"
    found = floor(derive.parse(f"{text}\nloss = sum(sum(h[t]), t)").programs(), {"T": 5, "B": 2, "n": 3})
    grown = [(left.shape, right.shape) for left, right, _ in found.of_loss if left.ndim == 3]
    assert [sorted({*left, *right} - {1, 2, 3}) for left, right in grown] == [[], [], [], [4]]
    found.loss_and_grad()


def test_no_product_is_left_out_where_there_is_one_example() -> None:
    found = floor(model("lstm").programs(), {**SIZES, "B": 1})
    assert sum(left.size * right.shape[-1] for left, right, _ in found.of_loss) == 6 * 7 * (28 + 20 + 4)


def test_layouts_are_tried_once_for_each_shape() -> None:
    operands = Operands(np.dtype(np.float32), np.random.default_rng(0))
    one, other = (operands.call((1, 4, 5, 6), ("a", 1, 0), (name, 1, 0)) for name in "bc")
    assert one[0] is not None and [a.strides for a in one] == [a.strides for a in other]
    assert all(a.flags.c_contiguous or a.T.flags.c_contiguous for a in one)
    batched = operands.call((3, 4, 5, 6), ("a", 2, 1), ("b", 1, 0))
    assert batched[2].shape in ((3, 4, 6), (3, 6, 4))


def test_the_page_is_right(checkout: Path) -> None:
    page = (checkout / "docs" / "cost.md").read_text()
    (block,) = re.findall(r"^```python\n(.*?)^```", page, flags=re.M | re.S)
    known: dict[str, Floor] = {}
    exec(block, known)
    assert known["products"].of_loss_and_grad
