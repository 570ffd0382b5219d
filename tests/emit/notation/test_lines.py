"""Systems as text: forward and gradient, array and index notation, plain and Unicode."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sympy

import derive
from derive import functions as f
from derive.calculus.derivation import differentiate, prepare
from derive.emit.notation import Notation, lines, render
from derive.expressions import Axis, Index, Ref
from derive.system import Equation, Reduction, Role, System
from tests.bank import some
from tests.emit.notation import systems
from tests.emit.notation.again import read_again, same
from tests.emit.notation.systems import T, i, k, n_h, n_x, over, small, start, t, var


def forward(system: System, notation: Notation = "array", unicode: bool = False) -> list[str]:
    return render(system, system.equations, notation, unicode)


def gradient(system: System, notation: Notation = "array", unicode: bool = False) -> list[str]:
    derived = differentiate(prepare(system)).system
    made = [e for e in derived.equations if derived.by_name[e.target].role is Role.GRAD]
    return render(derived, made, notation, unicode)


def test_vanilla_forward() -> None:
    assert forward(systems.vanilla()) == [
        "h[0] = 0",
        "a[t] = b + W @ h[t-1] + U @ x[t]",
        "h[t] = tanh(a[t])",
        "o[t] = c + V @ h[t]",
        "yhat[t] = softmax(o[t])",
        "loss = sum(-log(yhat[t, y[t]]), t)",
    ]
    assert forward(systems.vanilla(), "index") == [
        "h[0, i] = 0",
        "a[t, i] = b[i] + sum(W[i, j] * h[t-1, j], j) + sum(U[i, k] * x[t, k], k)",
        "h[t, i] = tanh(a[t, i])",
        "o[t, i] = c[i] + sum(V[i, j] * h[t, j], j)",
        "yhat[t, i] = softmax(o[t, i], i)",
        "loss = sum(-log(yhat[t, y[t]]), t)",
    ]
    assert forward(systems.vanilla(), unicode=True)[1:] == [
        "a[t] = b + W h[t-1] + U x[t]",
        "h[t] = tanh(a[t])",
        "o[t] = c + V h[t]",
        "ŷ[t] = softmax(o[t])",
        "loss = ∑ₜ -log(ŷ[t,y[t]])",
    ]


def test_vanilla_gradient_is_the_textbooks() -> None:
    printed = gradient(systems.vanilla())
    assert [line for line in printed if not line.startswith(("grad(loss)", "grad(x"))] == [
        "grad(o[t]) = yhat[t] - onehot(y[t])",
        "grad(c) = sum(grad(o[t]), t)",
        "grad(V) = sum(outer(grad(o[t]), h[t]), t)",
        "grad(h[T]) = V.T @ grad(o[T])",
        "grad(h[t]) = W.T @ grad(a[t+1]) + V.T @ grad(o[t]), t < T",
        "grad(h[0]) = W.T @ grad(a[1])",
        "grad(a[t]) = (1 - h[t]**2) * grad(h[t])",
        "grad(b) = sum(grad(a[t]), t)",
        "grad(U) = sum(outer(grad(a[t]), x[t]), t)",
        "grad(W) = sum(outer(grad(a[t]), h[t-1]), t)",
    ]


def test_vanilla_gradient_in_unicode_and_in_index_notation() -> None:
    unicode = gradient(systems.vanilla(), unicode=True)
    assert "∇h[t] = Wᵀ ∇a[t+1] + Vᵀ ∇o[t],   t < T" in unicode
    assert "∇a[t] = (1 - h[t]²) ⊙ ∇h[t]" in unicode
    assert "∇W = ∑ₜ ∇a[t] h[t-1]ᵀ" in unicode
    index = gradient(systems.vanilla(), "index")
    assert "grad(o[t, i]) = yhat[t, i] - onehot(y[t])[i]" in index
    assert "grad(h[T, i]) = sum(V[j, i] * grad(o[T, j]), j)" in index
    both = gradient(systems.vanilla(), "index", unicode=True)
    assert "∇o[t,i] = ŷ[t,i] - [i = y[t]]" in both
    assert "∇W[i,j] = ∑ₜ ∇a[t,i] h[t-1,j]" in both


def test_lstm() -> None:
    assert "f[t] = sigmoid(bf + Wf @ x[t] + Uf @ h[t-1])" in forward(systems.lstm())
    assert "s[t] = f[t] ⊙ s[t-1] + q[t] ⊙ g[t]" in forward(systems.lstm(), unicode=True)
    printed = gradient(systems.lstm())
    assert "grad(f[t]) = s[t-1] * grad(s[t])" in printed
    assert "grad(f.arg[t]) = f[t] * (1 - f[t]) * grad(f[t])" in printed
    assert "grad(s[t]) = f[t+1] * grad(s[t+1]) + (1 - h.tanh[t]**2) * grad(h.tanh[t]), t < T" in printed
    carried = " + ".join(f"U{gate}.T @ grad({gate}.arg[t+1])" for gate in "fqgr")
    assert f"grad(h[t]) = {carried} + V.T @ grad(o[t]), t < T" in printed


def test_a_matrix_state() -> None:
    assert "A[t] = lam * A[t-1] + outer(v[t], v[t]) / 2" in forward(systems.fast_weights())
    printed = gradient(systems.fast_weights(), unicode=True)
    assert "∇A[t] = λ ∇A[t+1] + ∇h.arg[t] v[t]ᵀ,   t < T" in printed
    assert "∇λ = ∑ₜ sum(A[t-1] ⊙ ∇A[t])" in printed
    assert "∇v[t] = ∇A[t]ᵀ v[t] / 2 + ∇A[t] v[t] / 2 + A[t]ᵀ ∇h.arg[t]" in sorted(printed)


def test_concatenations_maxima_and_log_softmaxes_are_put_back() -> None:
    both = Axis(n_h.size + n_x.size)
    q = Index("q", both)
    score = Ref("o", t, i)
    system = System(
        "m",
        (
            var("x", Role.INPUT, "T n_x"), var("b", Role.PARAM, "n_h"), var("o", Role.VAR, "T n_h"),
            systems.Variable("z.concat", Role.VAR, (T, both)), systems.Variable("z", Role.VAR, (T, both)),
            var("l.lse", Role.VAR, "T"), var("l", Role.VAR, "T n_h"), var("m.max", Role.VAR, "T"),
            var("m", Role.VAR, "T"),
        ),
        (
            Equation("z.concat", (t, i), Ref("b", i), over(t, i)),
            Equation("z.concat", (t, k + n_h.size), Ref("x", t, k), over(t, k)),
            Equation("z", (t, q), f.tanh(Ref("z.concat", t, q)), over(t, q)),
            Equation("l.lse", (t,), score, over(t, i), Reduction.LOGSUMEXP),
            Equation("l", (t, i), score - Ref("l.lse", t), over(t, i)),
            Equation("m.max", (t,), score, over(t, i), Reduction.MAX),
            Equation("m", (t,), 2 * Ref("m.max", t) + Ref("l.lse", t), over(t)),
        ),
    )  # fmt: skip
    assert forward(system) == [
        "z[t] = tanh(concat(b, x[t]))",
        "l[t] = logsoftmax(o[t])",
        "m[t] = logsumexp(o[t]) + 2 * max(o[t])",
    ]
    assert forward(system, "index")[1:] == [
        "l[t, i] = logsoftmax(o[t, i], i)",
        "m[t] = 2 * max(o[t, i], i) + logsumexp(o[t, i], i)",
    ]


def test_a_definition_alone_is_printed_under_its_own_name() -> None:
    system = systems.vanilla()
    (equation,) = system.defining["yhat.lse"]
    assert render(system, [equation], unicode=False) == ["yhat.lse[t] = logsumexp(o[t])"]
    assert render(system, [equation], "index", unicode=False) == ["yhat.lse[t] = logsumexp(o[t, i], i)"]


def test_one_term_of_a_gradient_adds() -> None:
    derived = differentiate(prepare(systems.vanilla())).system
    carried = derived.defining["grad(h)"][-1]
    assert render(derived, [carried], unicode=False) == ["grad(h[t]) += W.T @ grad(a[t+1]), 0 <= t < T"]


def test_starts_of_two_lags_and_ranges_of_sums() -> None:
    some = systems.Sum(Ref("u", t), t, sympy.Integer(2), T.size)
    system = System(
        "m",
        (
            start("u", "", 1),
            start("u", "", 0.5, -1),
            var("u", Role.VAR, "T"),
            var("loss", Role.VAR),
        ),
        (
            Equation("u", (sympy.Integer(0),), Ref("u.0"), ()),
            Equation("u", (sympy.Integer(-1),), Ref("u.-1"), ()),
            Equation("u", (t,), Ref("u", t - 1) + Ref("u", t - 2), over(t)),
            Equation("loss", (), some / T.size, ()),
        ),
    )
    assert forward(system) == ["u[0] = 1", "u[-1] = 0.5", "u[t] = u[t-1] + u[t-2]", "loss = sum(u[t], (t, 2, T)) / T"]
    assert forward(system, unicode=True)[-1] == "loss = ∑_{t=2..T} u[t] / T"


def test_a_line_without_array_form_falls_back_to_index_notation() -> None:
    system = small(
        Equation("a", (t, i), Ref("b", i) * i, over(t, i)),
        Equation("h", (t, i), f.tanh(Ref("a", t, i)), over(t, i)),
        b=(Role.PARAM, "n_h"), a=(Role.VAR, "T n_h"), h=(Role.VAR, "T n_h"),
    )  # fmt: skip
    assert forward(system) == ["a[t, i] = i * b[i]", "h[t] = tanh(a[t])"]


def test_lines_are_forms_for_other_printers() -> None:
    (line, *_) = lines(systems.vanilla(), systems.vanilla().equations)
    assert (line.adds, line.conditions) == (False, ())


def test_a_part_in_index_notation_says_which() -> None:
    short = Index("q", Axis(sympy.Integer(2)))
    pair = systems.Variable("p", Role.VAR, (T, short.axis))
    system = System(
        "m",
        (var("h", Role.VAR, "T n_h"), pair),
        (Equation("p", (t, short), f.TABLE["relu"](Ref("h", t, short + 1)), over(t, short)),),
    )
    assert forward(system) == ["p[t] = relu(h[t, 1:3])"]
    assert forward(system, "index") == ["p[t, q] = relu(h[t, 1:3][q])"]
    assert forward(system, "index", unicode=True) == ["p[t,q] = relu(h[t,q+1])"]


ZOO = sorted(Path(derive.__file__).parent.joinpath("models").glob("*.eq"))
PUT_IN = Path(__file__).parents[2] / "calculus" / "models" / "put_in.eq"


@pytest.mark.parametrize("notation", ["array", "index"])
@pytest.mark.parametrize("path", [*some(ZOO, 3), PUT_IN], ids=lambda path: path.stem)
def test_what_is_printed_is_read_as_the_same_system(path: Path, notation: Notation) -> None:
    assert same(*read_again(path.read_text(), path.name, notation))


_PRINT = (
    "from tests.emit.notation.test_lines import *; print(gradient(systems.lstm()), gradient(systems.lstm(), 'index'))"
)


def test_the_order_does_not_follow_hashes() -> None:
    def run(seed: int) -> str:
        env = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(Path(__file__).parents[3])}
        return subprocess.run(
            [sys.executable, "-c", _PRINT], env=env, check=True, capture_output=True, text=True
        ).stdout

    assert run(0) == run(1)


def test_an_lstm_with_its_gradient_is_printed_at_once() -> None:
    derived = differentiate(prepare(systems.lstm())).system
    best = min(_time(lambda: render(derived, derived.equations)) for _ in range(5))
    assert best < 0.1  # 0.02 s on an idle machine


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def test_an_infinite_start_is_printed() -> None:
    model = derive.parse("x: Input[T]\nh[0] = -inf\nh[t] = tanh(h[t-1]) + x[t]\nloss = sum(h[t], t)\n")
    assert forward(model.system)[0] == "h[0] = -inf" and forward(model.system, unicode=True)[0] == "h[0] = -∞"
