"""Array notation is recognised, means what the index notation means, and is refused where there is none."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt
import pytest
import sympy

from derive import functions as f
from derive.emit.notation import expression, forms
from derive.emit.notation.arrays import Arrays
from derive.emit.notation.contraction import NoForm
from derive.emit.notation.folding import Folding
from derive.emit.notation.forms import Form
from derive.emit.notation.order import Order
from derive.expressions import Axis, AxisKind, Index, Ref, size_symbol
from derive.system import Role, System, Variable
from tests.emit.notation.systems import T, i, j, n_h, n_x, p, t, total

SIZES = {"i": 2, "j": 3, "k": 5, "l": 7}
INDICES = {name: Index(name, Axis(size_symbol(f"n_{name}"))) for name in SIZES}


def values(form: Form, given: dict[str, npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """What a form of array notation is, said in NumPy."""
    match form:
        case forms.Number(value):
            return np.asarray(float(value))
        case forms.Variable(name):
            return given[name]
        case forms.Negative(of):
            return -values(of, given)
        case forms.Multiply(scalars, arrays, divisors):
            above = [values(factor, given) for factor in (*scalars, *arrays)]
            below = [values(factor, given) for factor in divisors]
            return np.asarray(np.multiply.reduce(np.broadcast_arrays(1.0, *above)) / np.prod(below))
        case forms.Product(factors):
            product = values(factors[-1], given)
            for factor in reversed(factors[:-1]):
                product = values(factor, given) @ product
            return product
        case forms.Inner(left, right):
            return np.asarray(values(left, given) @ values(right, given))
        case forms.Outer(left, right):
            return np.outer(values(left, given), values(right, given))
        case forms.Transpose(of):
            return values(of, given).T
        case forms.Diag(of):
            return np.diag(values(of, given))
        case forms.Reduce("sum", body, ()):
            return np.asarray(values(body, given).sum())
    raise AssertionError(form)


@pytest.mark.parametrize("seed", range(120))
def test_a_recognised_product_is_the_sum_over_its_indices(seed: int) -> None:
    draw = random.Random(seed)
    names, variables, given = [], [], {}
    rng = np.random.default_rng(seed)
    for number in range(draw.randint(1, 5)):
        axes = "".join(draw.sample(list(INDICES), draw.choice((0, 1, 1, 2, 2))))
        names.append(axes)
        name = f"v{number}"
        given[name] = rng.normal(size=[SIZES[axis] for axis in axes])
        variables.append(Variable(name, Role.PARAM, tuple(INDICES[axis].axis for axis in axes)))
    body = sympy.Mul(-3, *(Ref(v.name, *(INDICES[a] for a in axes)) for v, axes in zip(variables, names, strict=True)))
    used = sorted(set("".join(names)))
    free = tuple(draw.sample(used, min(len(used), draw.randrange(3))))
    for name in (index for index in used if index not in free):
        body = total(body, INDICES[name])
    system = System("m", tuple(variables), ())
    reader = Arrays(system, Folding(system), Order(system), set())
    try:
        form = reader.array(body, tuple(INDICES[name] for name in free))
    except NoForm:
        # Only a cycle, or a node where nothing stands, has no array form.
        edges = {frozenset(axes) for axes in names if len(axes) == 2}
        single = {axes for axes in names if len(axes) == 1}
        bare = [n for n in SIZES if n not in single and sum(n in e for e in edges) == 1 and n not in free]
        assert bare or len(edges) >= 3
        return
    expected = -3 * np.einsum(",".join(names) + "->" + "".join(free), *given.values())
    assert np.allclose(values(form, given), expected)


def system(**shapes: str) -> System:
    axes = {"t": T, "h": n_h, "x": n_x}
    made = (Variable(n, Role.VAR if "t" in s else Role.PARAM, tuple(axes[a] for a in s)) for n, s in shapes.items())
    return System("m", tuple(made), ())


SHAPES = system(W="hh", U="hx", u="th", v="th", b="h", s="t", x="tx", A="thh", E="xh", beta="")
k = Index("k", n_x)
u, v, b = Ref("u", t, i), Ref("v", t, i), Ref("b", i)


def array(right: sympy.Expr, *free: Index, unicode: bool = False) -> str:
    return expression(right, SHAPES, unicode=unicode, free=free)


def test_products_and_transposes() -> None:
    W = Ref("W", i, j)
    assert array(total(W * Ref("v", t, j), j), i) == "W @ v[t]"
    assert array(total(W * u, i), j) == "W.T @ u[t]"
    assert array(total(total(u * W * Ref("v", t, j), j), i)) == "u[t] @ W @ v[t]"
    assert array(total(total(u * W * Ref("v", t, j), j), i), unicode=True) == "u[t]ᵀ W v[t]"
    assert array(u * Ref("v", t, j), i, j) == "outer(u[t], v[t])"
    assert array(u * Ref("v", t, j), j, i, unicode=True) == "v[t] u[t]ᵀ"
    assert array(u * W * Ref("v", t, j), i, j) == "diag(u[t]) @ W @ diag(v[t])"
    assert array(total(Ref("W", i, p) * (1 - Ref("u", t, p) ** 2) * Ref("W", p, j), p), i, j) == (
        "W @ diag(1 - u[t]**2) @ W"
    )


def test_an_inner_product_bends_to_one_vector() -> None:
    assert array(total(u * v, i)) == "u[t] @ v[t]"
    assert array(total(u**2, i)) == "sum(u[t]**2)"
    assert array(f.sqrt(total(u**2, i))) == "norm2(u[t])"
    assert array(total(u, i) / n_h.size) == "mean(u[t])"
    assert array(u - total(Ref("u", t, j), j) / n_h.size, i) == "u[t] - mean(u[t])"


def test_brackets_stand_where_they_change_the_meaning() -> None:
    product = total(Ref("W", i, j) * Ref("v", t, j), j)
    assert array(u * product, i) == "u[t] * (W @ v[t])"
    assert array(2 * product, i) == "2 * (W @ v[t])"
    assert array(2 * product, i, unicode=True) == "2 W v[t]"
    assert array(u * product, i, unicode=True) == "u[t] ⊙ (W v[t])"
    matrices = Ref("A", t, i, j) * Ref("W", i, j)
    assert array(total(matrices * Ref("v", t, j), j), i) == "(W * A[t]) @ v[t]"
    assert array((u + v) / (1 + Ref("s", t)), i) == "(u[t] + v[t]) / (1 + s[t])"
    assert array(u / (v * Ref("s", t)), i) == "u[t] / (v[t] * s[t])"
    assert array(f.tanh(u) ** 2, i, unicode=True) == "tanh(u[t])²"
    assert array(-(u**2), i) == "-u[t]**2"
    assert array((-u) ** 2 + f.power(-u, v), i) == "u[t]**2 + (-u[t])**v[t]"


def test_numbers_read_as_people_write_them() -> None:
    assert array(u / 2, i) == "u[t] / 2"
    assert array(sympy.Rational(9, 10) * u, i) == "0.9 * u[t]"
    assert array(2 * u / 3, i) == "2 * u[t] / 3"
    assert array(sympy.Rational(1, 2) + u - v / T.size, i) == "0.5 + u[t] - v[t] / T"
    assert array(f.where(f.less(u, sympy.oo), -sympy.pi, 0), i) == "where(u[t] < inf, -pi, 0)"


def test_parts_and_look_ups() -> None:
    first = Index("q", Axis(sympy.Integer(2)))
    assert array(Ref("u", t, first + 1), first) == "u[t, 1:3]"
    assert array(Ref("u", t, first), first) == "u[t, :2]"
    assert array(Ref("u", t, 0)) == "u[t, 0]"
    assert array(Ref("E", Ref("w", t), j), j) == "E[w[t]]"
    assert array(Ref("U", i, Ref("w", t)), i) == "U[:, w[t]]"
    assert array(f.equal(i, Ref("y", t)), i) == "onehot(y[t])"
    assert array(f.equal(i, j) * u, i, j) == "diag(u[t])"
    assert array(f.equal(i, j), i, j) == "eye(n_h)"


def test_conditions_and_functions() -> None:
    assert array(f.where(f.less(u, 0), 0, v), i) == "where(u[t] < 0, 0, v[t])"
    assert array(f.less(0, u) * v, i) == "v[t] * where(0 < u[t], 1, 0)"
    assert array(f.less(0, u) * v, i, unicode=True) == "v[t] ⊙ [0 < u[t]]"
    assert array(Ref("beta") * f.sigmoid(u), i, unicode=True) == "β σ(u[t])"


@pytest.mark.parametrize(
    ("right", "free", "text"),
    [
        (i * u, (i,), "i * u[t, i]"),
        (total(Ref("W", i, j), j), (i,), "sum(W[i, j], j)"),
        (u + Ref("W", i, j), (i, j), "W[i, j] + u[t, i]"),
        (Ref("W", i, i), (i,), "W[i, i]"),
        (Ref("A", t, i, j) * Ref("b", p), (i, j, p), "A[t, i, j] * b[p]"),
    ],
)
def test_what_has_no_array_form_is_printed_in_index_notation(
    right: sympy.Expr, free: tuple[Index, ...], text: str
) -> None:
    assert array(right, *free) == text


def test_the_batch_is_never_printed() -> None:
    batch = Index("b", Axis(size_symbol("B"), AxisKind.BATCH))
    batched = System("m", (Variable("x", Role.INPUT, (T, batch.axis, n_x)),), ())
    assert expression(Ref("x", t, batch, k), batched) == "x[t]"
    assert expression(total(Ref("x", t, batch, k), batch), batched, "index") == "x[t, k]"
