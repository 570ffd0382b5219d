"""No gradient leaves its window: against derivatives of a model in which what comes from another window is constant."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sympy

from derive import pipeline
from derive.calculus.adjoint import grad_name
from derive.calculus.batch import add_batch
from derive.calculus.derivation import differentiate
from derive.calculus.lengths import own_name, sequences, step_name
from derive.calculus.trace import Traced
from derive.calculus.windows import window_size
from derive.check.lengths import some_lengths
from derive.check.sample import sample
from derive.expressions import AxisKind, Domain, Ref, Sum, refs
from derive.functions import Elementwise
from derive.interpret import Interpreter, complex_step, values
from derive.system import Equation, Role, System
from tests.bank import some
from tests.calculus.test_lengths import held, small
from tests.padded import TEXTS, text

MODELS = {
    **{name: text(name) for name in TEXTS},
    "differences in the loss": (
        "x: Input[T, n]\nW: Param[n, n]\nz[t] = tanh(W @ x[t])\n"
        "loss = sum(sum((z[t] - z[t-1])**2), (t, 2, T)) + sum(sum(z[t] * z[t-1]), (t, 2, T-1))"
    ),
    "layers": (
        "x: Input[T, n]\nW, P = Param[n, n]\nh[0] = 0\ng[0] = 0\nh[t] = tanh(W @ h[t-1] + x[t])\n"
        "g[t] = tanh(P @ g[t-1] + h[t])\nloss = sum(sum(g[t]**2), t)"
    ),
}
CONSTANT: Any = type("constant", (Elementwise,), {"row": SimpleNamespace(name="constant", at_zero=None), "nargs": 5})


def constant(value: Any, here: Any, there: Any, last: Any, window: Any) -> Any:
    """A value; its real part alone, which a complex step does not move, where two steps lie in two windows."""
    steps = (np.clip(np.real(step), 1, np.real(last)) for step in (here, there))
    numbers = [np.ceil(step / np.real(window)) for step in steps]
    return np.where(numbers[0] == numbers[1], value, np.real(value))


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(values.VALUES, "constant", constant)


def truncated(system: System, windows: dict[str, int]) -> System:
    """The system in which every reading across a border is a constant."""
    axes = {v.name: v.axes for v in system.variables}

    def place(name: str, size: str) -> int | None:
        return next((n for n, axis in enumerate(axes[name]) if axis.name == size), None)

    def put(expression: sympy.Expr, equation: Equation, domain: Domain) -> sympy.Expr:
        if isinstance(expression, Ref):
            found = expression
            for size, window in windows.items():
                mine, theirs = place(equation.target, size), place(expression.name, size)
                summed = [r.index for r in domain if r.axis.name == size]
                home = summed[:1] if mine is None else [equation.subscripts[mine]]
                if theirs is not None and home and home[0] != expression.subscripts[theirs]:
                    there = expression.subscripts[theirs]
                    own = {r: Ref(own_name(size), *r.subscripts) for r in refs(there) if r.name == step_name(size)}
                    found = CONSTANT(found, home[0], there.xreplace(own), last(size, equation, expression), window)
            return found
        if isinstance(expression, Sum):
            return Sum(put(expression.body, equation, (*domain, expression.range)), *expression.args[1:])
        return expression.func(*(put(a, equation, domain) for a in expression.args)) if expression.args else expression

    def last(size: str, equation: Equation, ref: Ref) -> sympy.Expr:
        if own_name(size) not in system.by_name:
            return sympy.Symbol(size, integer=True, positive=True)
        for name, subscripts in ((ref.name, ref.subscripts), (equation.target, equation.subscripts)):
            for subscript, axis in zip(subscripts, axes[name], strict=True):
                if axis.kind is AxisKind.BATCH:
                    return Ref(own_name(size), subscript)
        return sympy.Symbol(size, integer=True, positive=True)

    return replace(system, equations=tuple(replace(e, right=put(e.right, e, e.domain)) for e in system.equations))


@pytest.mark.parametrize("window", [1, 2])
@pytest.mark.parametrize("padded", [False, True], ids=["whole", "padded"])
@pytest.mark.parametrize("name", some(tuple(MODELS), 3))
def test_what_comes_from_another_window_is_constant(name: str, padded: bool, window: int) -> None:
    model = pipeline.parse(MODELS[name])
    read = add_batch(model.system)
    sizes = small(read)
    given = sample(read, sizes, seed=2)
    system = model.batched
    if padded:
        assert not isinstance(model.padded, str)
        system, lengths = add_batch(model.padded.system, parted=True), some_lengths(read, sizes)
        given |= {v.name: held(given[v.name], v, lengths) for v in read.variables if v.role.is_data}
        given |= {own_name(s): n.astype(float) for s, n in lengths.items()}
        given |= {step_name(s): n for s, n in lengths.items()}
    windows = {axis.name: window + n for n, axis in enumerate(sequences(read))}
    names = [v.name for v in read.with_role(Role.PARAM, Role.INPUT, Role.START)]
    wanted = complex_step(truncated(system, windows), sizes, given, inputs=names)
    gradient = differentiate(Traced(system), windows=True).system
    sized = sizes | {str(window_size(sympy.Symbol(s))): n for s, n in windows.items()}
    found = Interpreter(gradient, sized).evaluate(given, [n for n in map(grad_name, names) if n in gradient.by_name])
    for n in names:
        if grad_name(n) in found:
            np.testing.assert_allclose(found[grad_name(n)].array, wanted[n], rtol=1e-10, atol=1e-12, err_msg=n)


def unrolled(x: Any, z: Any, U: Any, W: Any, window: int | None) -> tuple[Any, Any]:
    """Gradients of `left to right` by hand: loss = sum((h[T] - z)**2) / T, back from the last step to its border."""
    steps = len(x)
    h = [np.zeros(len(W))]
    for t in range(steps):
        h.append(np.tanh(W @ h[-1] + U @ x[t]))
    dU, dW, dh = np.zeros_like(U), np.zeros_like(W), 2 * (h[-1] - z) / steps
    for t in range(steps, 0, -1):
        da = dh * (1 - h[t] ** 2)
        dU += np.outer(da, x[t - 1])
        dW += np.outer(da, h[t - 1])
        dh = W.T @ da
        if window is not None and (t - 1) % window == 0:
            break
    return dU, dW


@pytest.mark.parametrize("style", ["fast", "plain"])
@pytest.mark.parametrize("window", [1, 2, 3, 5, 6, 7, 100])
def test_a_window_ends_what_a_loop_written_by_hand_ends(window: int, style: str) -> None:
    module = pipeline.parse(text("left to right")).compile(style)
    rng = np.random.default_rng(0)
    x, z = rng.standard_normal((6, 2)), rng.standard_normal(3)
    params = module.init_params(rng, n_h=3, n_x=2)
    _, found = module.loss_and_grad(params, x=x, z=z, window=window)
    for name, wanted in zip(("U", "W"), unrolled(x, z, params.U, params.W, window), strict=True):
        np.testing.assert_allclose(getattr(found, name), wanted, rtol=1e-12, atol=1e-15)
    kept = module.forward(params, x=x, z=z)
    np.testing.assert_allclose(module.backward(params, kept, x=x, z=z, window=window).W, found.W, rtol=1e-13)
    if window >= 6:
        np.testing.assert_allclose(found.W, module.loss_and_grad(params, x=x, z=z)[1].W, rtol=1e-13)


def test_windows_count_from_the_first_step_of_each_example() -> None:
    module = pipeline.parse(text("left to right")).compile()
    rng = np.random.default_rng(1)
    x, z = rng.standard_normal((6, 2, 2)), rng.standard_normal((2, 3))
    params = module.init_params(rng, n_h=3, n_x=2)
    _, found = module.loss_and_grad(params, x=x, z=z, lengths=[6, 3], window=2)
    parts = [unrolled(x[:n, b], z[b], params.U, params.W, 2) for b, n in enumerate((6, 3))]
    np.testing.assert_allclose(found.W, parts[0][1] + parts[1][1], rtol=1e-12)


def test_the_gradient_of_a_start_comes_from_the_first_window() -> None:
    module = pipeline.parse(text("left to right")).compile()
    rng = np.random.default_rng(2)
    x, z = rng.standard_normal((4, 2)), rng.standard_normal(3)
    params = module.init_params(rng, n_h=3, n_x=2)
    h0 = np.zeros(3)
    asked = {"x": x, "z": z, "h0": h0, "wrt": "h0"}
    assert not module.loss_and_grad(params, **asked, window=3)[2]["h0"].any()
    whole = module.loss_and_grad(params, **asked)[2]["h0"]
    np.testing.assert_allclose(module.loss_and_grad(params, **asked, window=4)[2]["h0"], whole)


def test_an_attention_model_keeps_the_way_to_what_it_attends() -> None:
    lines = (
        "xs: Input[S, n]\nx: Input[T, n]\nW, P = Param[n, n]\nk[s] = tanh(W @ xs[s])\nd[0] = 0\n"
        "e[t, s] = dot(k[s], d[t-1] + x[t])\na[t, s] = softmax(e[t, s], s)\n"
        "d[t] = tanh(P @ d[t-1] + sum(a[t, s] * k[s], s))\nloss = sum(sum(d[t]**2), t)"
    )
    model = pipeline.parse(lines)
    rng = np.random.default_rng(3)
    W, P = rng.standard_normal((2, 2, 2))
    xs, x = rng.standard_normal((5, 2)), rng.standard_normal((4, 2))
    module = model.compile()
    _, found = module.loss_and_grad(module.Params(W=W, P=P), xs=xs, x=x, window={"T": 1})

    def loss(W: Any, P: Any, fixed: Any) -> Any:
        k = np.tanh(xs @ W.T)
        total, d = 0, np.zeros(2)
        for t in range(4):
            e = np.exp(k @ (fixed[t] + x[t]))
            d = np.tanh(P @ fixed[t] + (e / e.sum()) @ k)
            total = total + (d**2).sum()
        return total

    states = [np.zeros(2), *module.forward(module.Params(W=W, P=P), xs=xs, x=x).d[1:]]
    for name, gradient in (("W", found.W), ("P", found.P)):
        for entry in np.ndindex(2, 2):
            moved = {"W": W.astype(complex), "P": P.astype(complex)}
            moved[name][entry] += 1e-30j
            np.testing.assert_allclose(gradient[entry], loss(**moved, fixed=states).imag / 1e-30, rtol=1e-10)


def test_the_cost_of_a_window_is_a_condition() -> None:
    lines = pipeline.parse(text("left to right")).generate().splitlines()
    carried = [line.strip() for line in lines if "window_T ==" in line and not line.strip().startswith("#")]
    assert carried
    # It is one number of a step, which scales what the step carries: no array of steps is made.
    assert all(re.fullmatch(r"\w+ \*= t // window_T == max\(t - 1, 0\) // window_T", line) for line in carried), carried
