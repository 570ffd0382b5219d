"""The gradients that are derived for `vanilla` are Goodfellow's equations 10.18-10.28, term by term.

The book's equations are stated below in the language of models, with every gradient on a right side as given data,
which is 0 outside 1..T: just what the book's special case for the last step says. They are read, named and compared
as equations; no number is computed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import pytest
import sympy

from derive import pipeline
from derive.calculus.indices import definition
from derive.calculus.normalise import canonical
from derive.calculus.stable import sift
from derive.calculus.terms import terms
from derive.expressions import AxisKind, Range, Ref, refs
from derive.functions import equal
from derive.language import read
from derive.system import Equation

BOOK = """
x: Input[T, n_x]
y: Label[T, n_y]
yhat, grad_o = Input[T, n_y]
h, h_before, grad_h = Input[T, n_h]
V: Param[n_y, n_h]
W: Param[n_h, n_h]

new_o[t] = yhat[t] - onehot(y[t])                                              # 10.18
new_h[t] = V.T @ grad_o[t] + W.T @ diag(1 - h[t+1]**2) @ grad_h[t+1]           # 10.19 at T, 10.20-10.21 before
new_c[i] = sum(grad_o[t, i], t)                                                # 10.22
new_b[i] = sum((1 - h[t, i]**2) * grad_h[t, i], t)                             # 10.23
new_V[i, j] = sum(grad_o[t, i] * h[t, j], t)                                   # 10.24
new_W[i, j] = sum((1 - h[t, i]**2) * grad_h[t, i] * h_before[t, j], t)         # 10.25, 10.26
new_U[i, j] = sum((1 - h[t, i]**2) * grad_h[t, i] * x[t, j], t)                # 10.27, 10.28
loss = sum(sum(new_o[t]) + sum(new_h[t]), t) + sum(new_c) + sum(new_b) + sum(new_V) + sum(new_W) + sum(new_U)
"""

# One term over its cells: variable, subscripts, right side, ranges in order.
Flat = tuple[str, tuple[sympy.Expr, ...], sympy.Expr, tuple[Range, ...]]


def flat(equations: Iterable[Equation]) -> Counter[Flat]:
    """The additive terms of equations, their indices named in one way."""
    found: Counter[Flat] = Counter()
    for equation in equations:
        for term in terms(equation.right):
            one = replace(equation, right=term.body, domain=(*equation.domain, *term.ranges))
            one = canonical(_at_looked_up(one), ())
            found[one.target, one.subscripts, one.right, one.domain] += 1
    return found


def _at_looked_up(equation: Equation) -> Equation:
    """`o[t, i] += -onehot(y[t])[i]` as an addition at the entry `y[t]`."""
    for factor in sympy.Mul.make_args(equation.right):
        if isinstance(factor, equal):
            index, entry = factor.args
            subscripts = tuple(entry if s == index else s for s in equation.subscripts)
            domain = tuple(r for r in equation.domain if r.index != index)
            return replace(equation, subscripts=subscripts, right=equation.right / factor, domain=domain)
    return equation


def _spelled_as_derived(ref: Ref) -> Ref:
    if ref.name == "h_before":
        return Ref("h", ref.subscripts[0] - 1, *ref.subscripts[1:])
    name = f"grad({ref.name[5:]})" if ref.name.startswith("grad_") else ref.name
    return Ref(name, *ref.subscripts)


def stated(text: str = BOOK) -> dict[str, Counter[Flat]]:
    """The book's terms, by the variable whose gradient they are."""
    system = sift(read(text))
    found: dict[str, Counter[Flat]] = {}
    for equation in system.equations:
        if equation.target.startswith("new_"):
            own = equation.target.removeprefix("new_")
            right = equation.right.xreplace({ref: _spelled_as_derived(ref) for ref in refs(equation.right)})
            found.setdefault(own, Counter()).update(flat([replace(equation, target=f"grad({own})", right=right)]))
    return found


def derived(own: str) -> Counter[Flat]:
    """The derived terms of a gradient at steps 1..T, the gradient of `a` put in by its definition."""
    system = pipeline.load("vanilla").gradient().system
    equations = []
    for equation in system.defining[f"grad({own})"]:
        within = {
            ref: definition(ref, system.defining["grad(a)"], equation.domain)
            for ref in refs(equation.right)
            if ref.name == "grad(a)"
        }
        domain = tuple(map(_after_the_start, equation.domain))
        equations.append(replace(equation, right=equation.right.xreplace(within), domain=domain))
    return flat(equations)


def _after_the_start(range_: Range) -> Range:
    """The book differentiates with respect to no start, so its steps begin at 1."""
    at_start = range_.axis.kind is AxisKind.SEQUENCE and range_.first == 0
    return replace(range_, first=sympy.Integer(1)) if at_start else range_


@pytest.mark.parametrize("own", ["o", "h", "c", "b", "V", "W", "U"])
def test_the_derived_gradient_is_the_books(own: str) -> None:
    assert derived(own) == stated()[own]


def test_the_book_states_seven_gradients_in_nine_terms() -> None:
    assert sum(sum(found.values()) for found in stated().values()) == 9


@pytest.mark.parametrize(
    ("right", "wrong", "own"),
    [
        ("yhat[t] - onehot(y[t])", "yhat[t] + onehot(y[t])", "o"),
        ("diag(1 - h[t+1]**2)", "diag(1 - h[t]**2)", "h"),
        ("W.T @ diag", "W @ diag", "h"),
        ("V.T @ grad_o[t] + ", "", "h"),
        ("grad_h[t+1]  ", "grad_h[t]  ", "h"),
        ("grad_h[t, i] * h_before[t, j]", "grad_h[t, i] * h[t, j]", "W"),
        ("(1 - h[t, i]**2) * grad_h[t, i] * x", "grad_h[t, i] * x", "U"),
    ],
)
def test_a_mistake_in_the_statement_is_seen(right: str, wrong: str, own: str) -> None:
    assert BOOK.count(right) == 1
    assert derived(own) != stated(BOOK.replace(right, wrong))[own]


def test_the_derivative_of_tanh_is_said_by_its_value() -> None:
    system = pipeline.load("vanilla").gradient().system
    (equation,) = system.defining["grad(a)"]
    assert str(equation) == "grad(a)[t, i] += (1 - h[t, i]**2)*grad(h)[t, i]   [t = 1..T; i = 0..n_h - 1]"


def test_the_last_step_falls_out_by_itself() -> None:
    """The carried term ends at T-1, so that at T only the term of the output is left (10.19)."""
    at_the_output, carried = pipeline.load("vanilla").gradient().system.defining["grad(h)"]
    assert str(at_the_output.domain[0]) == "t = 1..T"
    assert str(carried.domain[0]) == "t = 0..T - 1"
