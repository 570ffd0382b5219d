"""Every contraction of two arrays is what `einsum` says, whatever the order of the axes; a GEMM where one will do."""

from __future__ import annotations

import random
from itertools import permutations

import numpy as np
import pytest
import sympy

from derive.emit.numpy.products import contraction, product
from derive.emit.numpy.spelling import ATOM, Spelled, axes_of
from derive.expressions import Axis, AxisKind, Index, size_symbol

LENGTH = {"t": 3, "b": 2, "i": 4, "j": 5, "k": 2, "g": 4}
KIND = {"t": AxisKind.SEQUENCE, "b": AxisKind.BATCH}
INDICES = {
    name: Index(
        name, Axis(sympy.Integer(4) if name == "g" else size_symbol(f"n_{name}"), KIND.get(name, AxisKind.FEATURE))
    )
    for name in LENGTH
}
TEXTS = {index: str(LENGTH[name]) for name, index in INDICES.items()}
Dims = tuple[Index, ...]


def of(names: str) -> Dims:
    return tuple(INDICES[name] for name in names)


def spelled(left: str, right: str, over: str, dims: str, flat: bool = True) -> Spelled:
    return contraction(Spelled("a", ATOM, of(left)), Spelled("c", ATOM, of(right)), of(over), of(dims), TEXTS, flat)


def cases() -> list[tuple[str, str, str, str]]:
    rng = random.Random(0)
    found = []
    for _ in range(400):
        left = "".join(rng.sample("tbijkg", rng.randint(1, 4)))
        right = "".join(rng.sample("tbijkg", rng.randint(1, 4)))
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
        ("gij", "bj", "j", "gbi", "c @ a.transpose(0, 2, 1)"),
        ("gij", "tbj", "j", "gtbi", "(c.reshape(-1, 5) @ a.transpose(0, 2, 1)).reshape(4, 3, 2, 4)"),
        ("gbi", "gij", "gi", "bj", "(a @ c).sum(0)"),
        ("gtbi", "gij", "gi", "tbj", "(a.reshape(4, -1, 4) @ c).sum(0).reshape(3, 2, 5)"),
        ("gtbi", "tbj", "tb", "gij", "a.reshape(4, -1, 4).transpose(0, 2, 1) @ c.reshape(-1, 5)"),
        ("gij", "j", "j", "gi", "(a.reshape(-1, 5) @ c).reshape(4, 4)"),
    ],
)
def test_the_usual_ones_are_one_matrix_product(left: str, right: str, over: str, dims: str, text: str) -> None:
    assert spelled(left, right, over, dims).text == text


def sliced(names: str, rng: random.Random) -> tuple[np.ndarray, Dims]:
    """An array of which some axes are parts of longer ones, and the dimensions that do not lie with the next."""
    longer = [rng.random() < 0.3 for _ in names]
    whole = np.random.default_rng(0).standard_normal(
        [LENGTH[n] + 2 * cut for n, cut in zip(names, longer, strict=True)]
    )
    part = whole[tuple(slice(1, -1) if cut else slice(None) for cut in longer)]
    return part, of("".join(n for n, cut in zip(names, longer[1:], strict=False) if cut))


def test_nothing_is_copied_where_a_view_will_do() -> None:
    """Rows and columns never cost a copy, and a sum over several long axes only where an operand has them apart."""
    rng = random.Random(1)
    seen = [0, 0]
    for left, right, over, dims in cases():
        (a, a_apart), (c, c_apart) = sliced(left, rng), sliced(right, rng)
        one, other = (Spelled("a", ATOM, of(left), apart=a_apart), Spelled("c", ATOM, of(right), apart=c_apart))
        found = product(one, other, of(over), of(dims), TEXTS)
        if found is None:
            continue
        operands = [eval(text, {"a": a, "c": c, "np": np}) for text in (found.left, found.right)]
        free = len([name for name in over if name != "g"]) < 2
        seen[free] += 1
        assert not free or all(np.shares_memory(x, a) or np.shares_memory(x, c) for x in operands), (found, left, right)
        made = (
            (operands[0] @ operands[1])
            .sum(tuple(range(len(found.reduce))))
            .reshape([LENGTH[i.name] for i in found.dims])
        )
        wanted = np.einsum(f"{left},{right}->{''.join(i.name for i in found.dims)}", a, c)
        np.testing.assert_allclose(made, wanted, atol=1e-12)
    assert min(seen) > 40


def test_a_product_is_written_where_it_belongs() -> None:
    """`into` is a view of the target, whatever lies between its axes; only what lies together there is one axis."""
    rng = random.Random(2)
    written = 0
    for left, right, over, dims in cases():
        a, c = (np.random.default_rng(n).standard_normal([LENGTH[i] for i in s]) for n, s in enumerate((left, right)))
        out, apart = sliced(dims, rng)
        target = Spelled("out", ATOM, of(dims), apart=apart)
        found = product(Spelled("a", ATOM, of(left)), Spelled("c", ATOM, of(right)), of(over), of(dims), TEXTS, target)
        if found is None or not dims:
            continue
        into = found.into(target, TEXTS)
        assert into is not None
        scope = {"a": a, "c": c, "out": out, "np": np, "made": np.empty([int(eval(n)) for n in found.shape(TEXTS)])}
        exec(f"np.matmul({found.left}, {found.right}, out=made)", scope)
        exec(f"{into}[...] = made.sum({tuple(range(len(found.reduce)))})", scope)
        np.testing.assert_allclose(out, np.einsum(f"{left},{right}->{dims}", a, c), atol=1e-12)
        written += 1
    assert written > 100


def test_axes_of_a_target_that_lie_apart_are_not_made_one() -> None:
    args = (Spelled("a", ATOM, of("tbj")), Spelled("c", ATOM, of("ij")), of("j"), of("tbi"), TEXTS)
    together = product(*args, Spelled("out", ATOM, of("tbi")))
    assert together is not None and together.groups == (of("tb"), of("i"))
    assert together.into(Spelled("out", ATOM, of("tbi")), TEXTS) == "out.reshape(-1, 4)"
    assert together.into(Spelled("out", ATOM, of("tbi"), apart=of("t")), TEXTS) is None
    apart = product(*args, Spelled("out", ATOM, of("tbi"), apart=of("t")))
    assert apart is not None and all(len(axes) == 1 for axes in apart.groups)


def test_axes_are_put_in_order_with_room_for_others() -> None:
    value = Spelled("a", ATOM, of("ti"))
    for order in permutations("tib"):
        shape = np.zeros((3, 4))
        found = eval(axes_of(value, of("".join(order))).text, {"a": shape, "np": np})
        wanted = [1 if name == "b" else LENGTH[name] for name in order]
        assert list(found.shape) == wanted[len(wanted) - found.ndim :]
