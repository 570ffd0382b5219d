"""A value in single operations: each an array from arrays, the last one leaving the value where it belongs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.expressions import Axis, Index, Ref
from derive.interpret import Array
from derive.program import Apply, Assign, Contract, Count, Reduce, Scalar, Span, Value, View
from derive.schedule.operations import MINUS, Operations, is_leaf, is_negated, opposite
from derive.schedule.temporaries import Pool, is_temporary
from derive.system import Equation, Reduction

SIZES = {"i": 2, "j": 3, "k": 5}
I_, J, K = (Index(name, Axis(sympy.Integer(size))) for name, size in SIZES.items())
LENGTHS = {index: sympy.Integer(SIZES[index.name]) for index in (I_, J, K)}
NUMPY: dict[str, Callable[..., Any]] = {
    "add": np.add, "subtract": np.subtract, "mul": np.multiply, "divide": np.divide, "negative": np.negative,
    "square": np.square, "sqrt": np.sqrt, "pow": np.power, "tanh": np.tanh, "exp": np.exp,
    "less": np.less, "where": lambda c, a, b: np.where(c, a, b),
}  # fmt: skip
ARITY = {"add": 2, "subtract": 2, "mul": 2, "divide": 2, "pow": 2, "negative": 1, "square": 1, "sqrt": 1}


def view(name: str, *dims: Index) -> View:
    return View(name, tuple(Span(d, sympy.Integer(0), LENGTHS[d], LENGTHS[d]) for d in dims), dims)


A, B, R, C, N = view("a", I_, J), view("b", I_, J), view("r", I_), view("c", J), view("n")
OUT = view("out", I_, J)
DRAW = np.random.default_rng(3)
ARRAYS = {v.name: DRAW.uniform(0.5, 2.0, [SIZES[d.name] for d in v.dims]) for v in (A, B, R, C, N)}
ARRAYS |= {"p": DRAW.uniform(0.5, 2.0, (2, 5)), "q": DRAW.uniform(0.5, 2.0, (5, 3))}
P, Q = view("p", I_, K), view("q", K, J)


def number(value: Any) -> Scalar:
    return Scalar(sympy.sympify(value) if not isinstance(value, str) else sympy.Rational(value))


def apply(function: str, *arguments: Value) -> Apply:
    dims = tuple(d for d in (I_, J, K) if any(d in a.dims for a in arguments))
    return Apply(function, arguments, dims)


def evaluate(value: Value, arrays: Mapping[str, Array], dims: Sequence[Index] = (I_, J, K)) -> Array:
    """The value by NumPy, with an axis for each of `dims`, of length one where it has none."""
    if isinstance(value, View):
        order = [d for d in dims if d in value.dims]
        array = arrays[value.name].transpose([value.dims.index(d) for d in order])
        return array.reshape([SIZES[d.name] if d in order else 1 for d in dims])
    if isinstance(value, Scalar):
        return np.array(float(value.value))
    if isinstance(value, Count):
        return evaluate(view("count", value.index), {"count": np.arange(SIZES[value.index.name], dtype=float)}, dims)
    if isinstance(value, Contract):
        product = evaluate(value.left, arrays, dims) * evaluate(value.right, arrays, dims)
        return product.sum(tuple(dims.index(d) for d in value.over), keepdims=True)
    if isinstance(value, Reduce):
        assert value.reduction is Reduction.SUM
        return evaluate(value.argument, arrays, dims).sum(tuple(dims.index(d) for d in value.over), keepdims=True)
    arguments = [evaluate(a, arrays, dims) for a in value.arguments]
    if value.function in ("add", "mul"):
        total = arguments[0]
        for argument in arguments[1:]:
            total = NUMPY[value.function](total, argument)
        return total
    return NUMPY[value.function](*arguments)


def lowered(value: Value, out: View = OUT) -> list[Assign]:
    """The operations that write a value."""
    equation = Equation(out.name, tuple(out.dims), Ref("a", I_, J), ())
    statement = Assign(out, value, adds=False, scatters=False, makes=False, equation=equation)
    done = Operations(statement, LENGTHS, Pool())
    done.into(value, out)
    found = list(done.finished())
    assert all(isinstance(s, Assign) for s in found)
    return [s for s in found if isinstance(s, Assign)]


def check(value: Value, out: View = OUT) -> list[Assign]:
    """Run the operations one by one, with poison in what they are to write; they must give the value."""
    summed = (K,) if has_k(value) else ()
    wanted = evaluate(value, ARRAYS, (*out.dims, *summed))
    shape = [SIZES[d.name] for d in out.dims]
    wanted = np.broadcast_to(wanted.reshape(wanted.shape[: len(shape)]) if wanted.ndim else wanted, shape)
    operations = lowered(value, out)
    arrays = dict(ARRAYS)
    for operation in operations:
        target = operation.target
        assert not operation.adds and not operation.makes
        assert target.name == out.name or is_temporary(target.name), target.name
        shape = [SIZES[d.name] for d in target.dims]
        arrays.setdefault(target.name, np.full(shape, np.nan))
        single(operation.value)
        summed = (K,) if has_k(operation.value) and K not in target.dims else ()
        found = evaluate(operation.value, arrays, (*target.dims, *summed))
        found = found.reshape(found.shape[: len(shape)]) if found.ndim else found
        arrays[target.name] = np.broadcast_to(found, shape).copy()
    np.testing.assert_allclose(arrays[out.name], wanted, rtol=1e-13)
    return operations


def has_k(value: Value) -> bool:
    """Whether a sum over k stands in it, or an array along k."""
    if isinstance(value, Contract | Reduce):
        return K in value.over
    if isinstance(value, Apply):
        return any(map(has_k, value.arguments))
    return K in value.dims


def single(value: Value) -> None:
    """One operation of NumPy on what is there: arrays, numbers, and expressions of numbers."""
    if isinstance(value, Apply) and value.function != "where":
        assert all(is_leaf(a) or not a.dims for a in value.arguments), value
        assert not value.dims or len(value.arguments) == ARITY.get(value.function, len(value.arguments)), value
    elif isinstance(value, Reduce):
        assert is_leaf(value.argument)
    elif isinstance(value, Contract):
        assert is_leaf(value.left) and is_leaf(value.right)


minus = apply("mul", MINUS, A)
EXPRESSIONS: dict[str, Value] = {
    "a": A,
    "a row": C,
    "a number": number(3),
    "a + b": apply("add", A, B),
    "a - b": apply("add", A, apply("mul", MINUS, B)),
    "-a": minus,
    "-a - b": apply("add", minus, apply("mul", MINUS, B)),
    "-a - r - c": apply("add", minus, apply("mul", MINUS, R), apply("mul", MINUS, C)),
    "1 - a": apply("add", number(1), minus),
    "-1 - a": apply("add", number(-1), minus),
    "r + c": apply("add", R, C),
    "r - 2*c + a*b": apply("add", R, apply("mul", number(-2), C), apply("mul", A, B)),
    "a*b - exp(a)": apply("add", apply("mul", A, B), apply("mul", MINUS, apply("exp", A))),
    "-a*b - exp(a)": apply("add", apply("mul", MINUS, A, B), apply("mul", MINUS, apply("exp", A))),
    "c - exp(a)*b": apply("add", C, apply("mul", MINUS, apply("exp", A), B)),
    "a*b*r*c": apply("mul", A, B, R, C),
    "-r*r": apply("mul", MINUS, R, R),
    "a / b": apply("mul", A, apply("pow", B, number(-1))),
    "1 / b": apply("pow", B, number(-1)),
    "-1 / (b c)": apply("mul", MINUS, apply("pow", B, number(-1)), apply("pow", C, number(-1))),
    "2 / b**3": apply("mul", number(2), apply("pow", B, number(-3))),
    "b**-2": apply("pow", B, number(-2)),
    "b**2": apply("pow", B, number(2)),
    "b**3": apply("pow", B, number(3)),
    "b**0.5": apply("pow", B, number("1/2")),
    "b**-1.5": apply("pow", B, number("-3/2")),
    "b**2.5": apply("pow", B, number("5/2")),
    "b**a": apply("pow", B, A),
    "b**n": apply("pow", B, N),
    "n*a": apply("mul", N, A),
    "-n/2": apply("mul", number("-1/2"), N),
    "1/(1+n**2) * -n": apply("mul", MINUS, apply("pow", apply("add", number(1), apply("mul", N, N)), number(-1)), N),
    "a + 1/(1+n)": apply("add", A, apply("pow", apply("add", number(1), N), number(-1))),
    "tanh(a + tanh(b - tanh(r)))": apply("tanh", apply("add", A, apply("tanh", apply("add", B, apply("tanh", R))))),
    "where(a < b, a*b, -r)": apply("where", apply("less", A, B), apply("mul", A, B), apply("mul", MINUS, R)),
    "p q": Contract(P, Q, (K,), (I_, J)),
    "a - p (q*q)": apply("add", A, apply("mul", MINUS, Contract(P, apply("mul", Q, Q), (K,), (I_, J)))),
    "a * sum(p*r, k)": apply("mul", A, Reduce(Reduction.SUM, apply("mul", P, R), (K,), (I_,))),
    "a * count": apply("mul", A, Count(J, sympy.Integer(0), LENGTHS[J])),
}  # fmt: skip


@pytest.mark.parametrize("value", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_every_shape_of_expression(value: Value) -> None:
    check(value)


@st.composite
def values(draw: st.DrawFn, depth: int = 3) -> Value:
    """A random expression that is positive or bounded wherever it must be."""
    if depth == 0:
        return draw(st.sampled_from([A, B, R, C, N, number(2), number(-1), number("1/2")]))
    kind = draw(st.sampled_from(["add", "mul", "neg", "square", "cube", "root", "over", "tanh", "leaf"]))
    if kind == "leaf":
        return draw(values(0))
    if kind in ("add", "mul"):
        return apply(kind, *(draw(values(depth - 1)) for _ in range(draw(st.integers(2, 4)))))
    inner = draw(values(depth - 1))
    if kind == "neg":
        return apply("mul", MINUS, inner)
    if kind == "tanh":
        return apply("tanh", inner)
    if kind in ("square", "cube"):
        return apply("pow", apply("tanh", inner), number(2 if kind == "square" else 3))
    above_one = apply("add", number(1), apply("pow", apply("tanh", inner), number(2)))
    return apply("pow", above_one, number("1/2" if kind == "root" else -1))


@given(values())
@settings(max_examples=150)
def test_random_expressions(value: Value) -> None:
    check(value)


def count(value: Value) -> list[str]:
    """The operations by name; a copy is `=`."""
    return [s.value.function if isinstance(s.value, Apply) else "=" for s in lowered(value)]


def test_no_more_operations_than_it_takes() -> None:
    assert count(EXPRESSIONS["a - b"]) == ["subtract"]
    assert count(EXPRESSIONS["1 - a"]) == ["subtract"]
    assert count(EXPRESSIONS["a / b"]) == ["divide"]
    assert count(EXPRESSIONS["1 / b"]) == ["divide"]
    assert count(EXPRESSIONS["b**2"]) == ["square"]
    assert count(EXPRESSIONS["a*b*r*c"]) == ["mul", "mul", "mul"]
    assert count(EXPRESSIONS["a*b - exp(a)"]) == ["exp", "mul", "subtract"]


def test_small_factors_are_multiplied_with_each_other_first() -> None:
    first, *rest = lowered(apply("mul", A, R, apply("exp", R)))
    assert first.target.dims == (I_,) and [s.target.dims for s in rest][-1] == (I_, J)
    assert sum(s.target.dims == (I_, J) for s in rest) == 1


def test_temporaries_are_given_back() -> None:
    pool = Pool()
    value = EXPRESSIONS["a*b - exp(a)"]
    equation = Equation("out", (I_, J), Ref("a", I_, J), ())
    for _ in range(3):
        statement = Assign(OUT, value, adds=False, scatters=False, makes=False, equation=equation)
        done = Operations(statement, LENGTHS, pool)
        done.into(value, OUT)
        list(done.finished())
    assert len(pool.made) == 1


def test_what_is_negated_and_what_its_opposite_is() -> None:
    assert is_negated(minus) and opposite(minus) == A
    half = apply("mul", number("-1/2"), A)
    assert is_negated(half) and opposite(half) == apply("mul", number("1/2"), A)
    assert not is_negated(A) and not is_negated(apply("mul", A, B)) and not is_negated(apply("add", minus, B))
