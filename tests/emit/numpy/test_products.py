"""Every contraction of two arrays is what `einsum` says, whatever the order of the axes; a GEMM where one will do."""

from __future__ import annotations

import random
from itertools import permutations

import numpy as np
import pytest

from derive.emit.numpy.products import contraction
from derive.emit.numpy.spelling import ATOM, Spelled, axes_of
from derive.expressions import Axis, AxisKind, Index, size_symbol

LENGTH = {"t": 3, "b": 2, "i": 4, "j": 5, "k": 2}
INDICES = {
    name: Index(name, Axis(size_symbol(f"n_{name}"), AxisKind.SEQUENCE if name == "t" else AxisKind.FEATURE))
    for name in LENGTH
}
Dims = tuple[Index, ...]


def of(names: str) -> Dims:
    return tuple(INDICES[name] for name in names)


def spelled(left: str, right: str, over: str, dims: str, flat: bool = True) -> Spelled:
    lengths = {index: str(LENGTH[name]) for name, index in INDICES.items()}
    return contraction(Spelled("a", ATOM, of(left)), Spelled("c", ATOM, of(right)), of(over), of(dims), lengths, flat)


def cases() -> list[tuple[str, str, str, str]]:
    rng = random.Random(0)
    found = []
    for _ in range(400):
        left = "".join(rng.sample("tbijk", rng.randint(1, 4)))
        right = "".join(rng.sample("tbijk", rng.randint(1, 4)))
        shared = [name for name in left if name in right]
        if shared:
            over = "".join(rng.sample(shared, rng.randint(1, len(shared))))
            rest = [name for name in dict.fromkeys(left + right) if name not in over]
            found.append((left, right, over, "".join(rng.sample(rest, len(rest)))))
    return found


@pytest.mark.parametrize("flat", [True, False], ids=["fast", "plain"])
def test_any_contraction_is_einsums(flat: bool) -> None:
    rng = np.random.default_rng(0)
    assert len(cases()) > 200
    for left, right, over, dims in cases():
        scope = {
            "np": np,
            "a": rng.standard_normal([LENGTH[n] for n in left]),
            "c": rng.standard_normal([LENGTH[n] for n in right]),
        }
        value = spelled(left, right, over, dims, flat)
        text = axes_of(value, of(dims)).text if dims else value.text
        # An axis of length one stands for a dimension that another value has.
        found = np.asarray(eval(text, scope))
        wanted = np.einsum(f"{left},{right}->{dims}", scope["a"], scope["c"])
        np.testing.assert_allclose(found, wanted, atol=1e-12, err_msg=f"{left},{right}->{dims}: {text}")


@pytest.mark.parametrize(
    ("left", "right", "over", "dims", "text"),
    [
        ("ij", "bj", "j", "bi", "c @ a.T"),
        ("ij", "tbj", "j", "tbi", "(c.reshape(-1, 5) @ a.T).reshape(3, 2, 4)"),
        ("tbi", "tbj", "tb", "ij", "a.reshape(-1, 4).T @ c.reshape(-1, 5)"),
        ("i", "i", "i", "", "np.vdot(a, c)"),
        ("ij", "j", "j", "i", "a @ c"),
        ("tbi", "kbi", "i", "tkb", "a.transpose(1, 0, 2) @ c.transpose(1, 2, 0)"),
        ("tb", "tbi", "t", "bi", "(c.transpose(1, 2, 0) @ a.T[..., None])[..., 0]"),
        ("bi", "tbi", "i", "tb", "(c.transpose(1, 0, 2) @ a[..., None])[..., 0]"),
    ],
)
def test_the_usual_ones_are_one_matrix_product(left: str, right: str, over: str, dims: str, text: str) -> None:
    assert spelled(left, right, over, dims).text == text


def test_axes_are_put_in_order_with_room_for_others() -> None:
    value = Spelled("a", ATOM, of("ti"))
    for order in permutations("tib"):
        shape = np.zeros((3, 4))
        found = eval(axes_of(value, of("".join(order))).text, {"a": shape, "np": np})
        wanted = [1 if name == "b" else LENGTH[name] for name in order]
        assert list(found.shape) == wanted[len(wanted) - found.ndim :]
