"""Programs in single operations: what reads what it writes, and what stays an expression."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from derive import pipeline
from derive.expressions import Axis, AxisKind, Index, size_symbol
from derive.program import Allocate, Apply, Contract, Given, Point, Span, View, Wanted, assigns, views
from derive.schedule.inplace import apart, in_place
from derive.schedule.operations import is_leaf
from derive.schedule.temporaries import Pool, is_temporary
from tests.bank import programs, some_of_the_bank

T = size_symbol("T")
t = Index("t", Axis(T, AxisKind.SEQUENCE))


def span(start: sympy.Expr | int, length: sympy.Expr | int) -> Span:
    return Span(t, sympy.sympify(start), sympy.sympify(length), T + 1)


def view(*subscripts: Point | Span) -> View:
    return View("h", subscripts, tuple(s.index for s in subscripts if isinstance(s, Span)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Point(t), Point(t - 1), True),
        (Point(t), Point(t), False),
        (Point(sympy.Integer(0)), span(1, T), True),
        (Point(sympy.Integer(1)), span(1, T), False),
        (span(0, T), span(1, T), False),
        (span(0, 1), span(1, T), True),
        (Point(t), span(0, T), False),  # nothing says that they never meet
    ],
)
def test_parts_of_an_array_that_never_meet(one: Point | Span, other: Point | Span, expected: bool) -> None:
    assert apart(view(one), view(other)) is expected
    assert apart(view(other), view(one)) is expected


@some_of_the_bank
def test_every_temporary_is_made_before_it_is_used(name: str) -> None:
    found = programs(name, "fast")
    pool = Pool()
    there: set[str] = set()
    for program in (found.value(["loss", *found.kept]), found.gradient):
        body = in_place(program, pool).body
        there |= {s.buffer.variable.name for s in body if isinstance(s, Allocate)}
        used = {
            v.name
            for s in assigns(s for s in body if not isinstance(s, Wanted | Given))
            for v in (s.target, *views(s.value))
        }
        assert {name for name in used if is_temporary(name)} <= there


def test_temporaries_behind_a_condition_are_made_there() -> None:
    pool = Pool()
    program = in_place(programs("lstm_peephole", "fast").gradient, pool)
    for wanted in (s for s in program.body if isinstance(s, Wanted)):
        inside = {s.buffer.variable.name for s in wanted.body if isinstance(s, Allocate)}
        for statement in assigns(wanted.body):
            name = statement.target.name
            assert not is_temporary(name) or name in inside


def test_a_program_of_an_lstm_is_all_operations() -> None:
    found = programs("lstm", "fast")
    pool = Pool()
    for program in (found.value(["loss", *found.kept]), found.gradient):
        for statement in assigns(in_place(program, pool).body):
            value = statement.value
            if not statement.target.dims:
                continue
            if isinstance(value, Apply):
                assert all(is_leaf(a) for a in value.arguments), value
            elif isinstance(value, Contract):
                assert is_leaf(value.left) and is_leaf(value.right)


def equal(text: str, sizes: dict[str, int], seed: int = 0) -> None:
    """Fast code gives what plain code gives, called twice with one workspace."""
    model = pipeline.parse(text)
    fast, plain = model.compile("fast"), model.compile("plain")
    rng = np.random.default_rng(seed)
    params = fast.init_params(rng, **{n: s for n, s in sizes.items() if n != "T"})
    params = type(params)(*(rng.uniform(0.2, 1, a.shape) for a in params))
    workspace, x = fast.Workspace(), rng.uniform(0.2, 1, (sizes["T"], 2, sizes["n"]))
    wanted = plain.loss_and_grad(plain.Params(*params), x=x, wrt=("x",))
    for _ in range(2):
        found = fast.loss_and_grad(params, x=x, wrt=("x",), workspace=workspace)
        np.testing.assert_allclose(found[0], wanted[0], rtol=1e-12)
        for one, other in zip((*found[1], found[2]["x"]), (*wanted[1], wanted[2]["x"]), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-11)


HEAD = "x: Input[T, n]\nW: Param[n, n]\nv: Param[n]\n"
MODELS = {
    "one step reads the step before": "h[0] = 0\nh[t] = v * h[t-1] + x[t]\n",
    "two steps before": "h[0] = 0\nh[-1] = 0\nh[t] = v * h[t-1] + tanh(h[t-2]) * h[t-1] + x[t]\n",
    "neighbouring steps": "q[0] = 0\nq[t] = x[t] * v\nh[t] = q[t] - q[t-1] * q[t]\n",
    "a product with itself": "h[0] = 0\nh[t] = (W @ h[t-1]) * h[t-1] * v + x[t]\n",
    "a number of all": "s = sum(v)\nh[0] = 0\nh[t] = h[t-1] * s / (1 + s**2) + x[t]\n",
    "small factors": "h[t] = x[t] * v * tanh(v) * exp(-v)\n",
    "the whole past": "h[t] = x[t] + sum(h[t1] * 0.1, (t1, 1, t-1)) * v\n",
    "the past in three factors": "h[t] = x[t] + sum(h[t1] * v * x[t], (t1, 1, t-1)) * 0.1\n",
    "steps as numbers": "h[t] = x[t] * t / (1 + v * t)\n",
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("steps", [1, pytest.param(2, marks=pytest.mark.slow), 5])
def test_in_place_means_the_same(model: str, steps: int) -> None:
    equal(HEAD + MODELS[model] + "loss = sum(sum(tanh(W @ h[t])**2), t)\n", {"T": steps, "n": 3})


def test_a_statement_of_three_factors_that_stays_an_expression_is_one() -> None:
    """What has another length at each step is no single operation, however simple its factors are."""
    text = "x: Input[T]\nw: Input[T, T]\nv: Param\nh[t] = x[t] + sum(w[t, t1] * tanh(v * h[t1]), (t1, 1, t-1))\n"
    model = pipeline.parse(text + "loss = sum(h[t]**2, t)\n")
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((4, 2)), rng.standard_normal((4, 4, 2))
    found = [(m := model.compile(s)).loss_and_grad(m.Params(v=np.array(0.3)), x=x, w=w) for s in pipeline.STYLES]
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-13)
    assert float(found[0][1].v) == pytest.approx(float(found[1][1].v), rel=1e-12)
