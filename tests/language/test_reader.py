"""What a text becomes: variables, equations and names of indices, as text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from derive.errors import DeriveError
from derive.expressions import refs
from derive.language import read
from derive.system import Role, System

ZOO = Path(__file__).parents[2] / "derive" / "models"
BANK = Path(__file__).parents[1] / "models"
EVERY = sorted([*ZOO.glob("*.eq"), *BANK.glob("*.eq")])


def equations(text: str) -> list[str]:
    return [str(equation) for equation in read(text).equations]


def test_vanilla() -> None:
    system = read((ZOO / "vanilla.eq").read_text(), "vanilla.eq")
    assert system.name == "vanilla"
    assert system.doc.startswith("Vanilla RNN: hidden-to-hidden recurrence")
    assert [str(equation) for equation in system.equations] == [
        "h[0, i] += h.0[i]   [i = 0..n_h - 1]",
        "a[t, i] += b[i] + sum(U[i, k]*x[t, k], k) + sum(W[i, j]*h[t - 1, j], j)   [t = 1..T; i = 0..n_h - 1]",
        "h[t, i] += tanh(a[t, i])   [t = 1..T; i = 0..n_h - 1]",
        "o[t, i] += c[i] + sum(V[i, j]*h[t, j], j)   [t = 1..T; i = 0..n_y - 1]",
        "yhat.lse[t] logsumexp= o[t, i]   [t = 1..T; i = 0..n_y - 1]",
        "yhat[t, i] += exp(-yhat.lse[t] + o[t, i])   [t = 1..T; i = 0..n_y - 1]",
        "loss += sum(-log(yhat[t, y[t]]), t)",
    ]
    names = [variable.name for variable in system.variables]
    assert names == ["x", "y", "U", "W", "V", "b", "c", "h.0", "a", "h", "o", "yhat.lse", "yhat", "loss"]
    start = system.by_name["h.0"]
    assert (start.role, start.default) == (Role.START, 0)
    assert start.start is not None and (start.start.of, start.start.step) == ("h", 0)


def test_texts_comments_and_places() -> None:
    system = read("b: Param[n]  # a bias\n\nloss = sum(b)   # what is\n", "m.eq")
    assert system.by_name["b"].comment == "a bias"
    (equation,) = system.equations
    assert (equation.text, equation.comment) == ("loss = sum(b)", "what is")
    assert equation.place is not None and (equation.place.line, equation.place.column) == (3, 1)
    assert system.by_name["loss"].comment == "what is"


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_systems_are_well_formed(path: Path) -> None:
    system = read(path.read_text(), path.name)
    for equation in system.equations:
        assert len(equation.subscripts) == len(system.by_name[equation.target].axes)
        free = set().union(*(s.free_symbols for s in (*equation.subscripts, equation.right)))
        bound = {reach.index for reach in equation.domain}
        assert {s for s in free if hasattr(s, "axis")} <= bound
        for ref in refs(equation.right):
            assert len(ref.subscripts) == len(system.by_name[ref.name].axes)
        indices = [symbol.name for symbol in equation.right.atoms() if hasattr(symbol, "axis")]
        assert not any("'" in name for name in indices)
        assert bound.isdisjoint(_bound_by_sums(equation.right))
        sums = _bound_by_sums(equation.right)
        assert len(sums) == len(set(sums))


def _bound_by_sums(expression: object) -> list[object]:
    inner = [index for argument in getattr(expression, "args", ()) for index in _bound_by_sums(argument)]
    return [*inner, expression.args[1]] if type(expression).__name__ == "Sum" else inner  # type: ignore[attr-defined]


def test_reading_is_the_same_under_every_hash_seed() -> None:
    seed = "0" if os.environ.get("PYTHONHASHSEED") != "0" else "1"
    code = "import sys; from derive.language import read\n"
    code += "for p in sys.argv[1:]: print(*read(open(p).read()).equations, sep='\\n')"
    command = [sys.executable, "-c", code, *map(str, EVERY)]
    environment = {**os.environ, "PYTHONPATH": str(ZOO.parents[1]), "PYTHONHASHSEED": seed}
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert printed == "".join(f"{equation}\n" for path in EVERY for equation in read(path.read_text()).equations)


def test_starts() -> None:
    text = "x: Input[T, n]\nA: Param[n, n]\nv: Param[n]\nh[-1] = -inf\nh[0] = tanh(v)\n"
    text += "h[t] = A @ h[t-1] + A @ h[t-2] + x[t]\n"
    text += "s[1] = 2\ns[t] = 0.5 * s[t-1] + sum(x[t])\nloss = sum(h[T]) + s[T]"
    system = read(text)
    starts = system.with_role(Role.START)
    assert [(v.name, v.default) for v in starts] == [("h.-1", float("-inf"))]
    assert [str(e) for e in system.defining["h"]][:2] == [
        "h[-1, i] += h.-1[i]   [i = 0..n - 1]",
        "h[0, i] += tanh(v[i])   [i = 0..n - 1]",
    ]
    assert [str(e) for e in system.defining["s"]] == [
        "s[1] += 2",
        "s[t] += s[t - 1]/2 + sum(x[t, i], i)   [t = 2..T]",
    ]


def test_index_names_skip_the_names_of_the_file() -> None:
    text = "x: Input[T, n]\ni: Param[n]\nj: Param[n, n]\na[t] = i + j @ x[t]\nloss = sum(a[T])"
    assert equations(text)[0] == "a[t, k] += i[k] + sum(j[k, l]*x[t, l], l)   [t = 1..T; k = 0..n - 1]"


def test_one_name_for_each_sum_of_an_equation() -> None:
    text = "W, U: Param\nx: Param[n]\nloss = sum(x[j], j) * sum(x[j]**2, j)"
    with pytest.raises(DeriveError):
        read(text)
    text = "x: Param[n]\nloss = sum(x[j], j) * sum(x[j]**2, j)"
    assert equations(text) == ["loss += sum(x[i]**2, i)*sum(x[j], j)"]


def test_decimals_are_exact() -> None:
    assert equations("b: Param\nloss = 0.1 * b + 1e-3 + 2.50") == ["loss += b/10 + 2501/1000"]


def test_names_of_generated_variables() -> None:
    system = read("v, w = Param[n]\nloss = logsumexp(v) + logsumexp(w) + max(v) + max(w)")
    names = [variable.name for variable in system.variables if variable.is_generated]
    assert names == ["loss.lse", "loss.lse2", "loss.max", "loss.max2"]


def test_data_outside_of_its_steps() -> None:
    head = "x: Input[T]\nw: Index[T, n]\nE: Param[n]\n"
    assert equations(head + "a[t] = x[t-1]\nloss = a[T]")[:2] == [
        "a[t] += 0   [t = 1..T]",
        "a[t] += x[t - 1]   [t = 2..T]",
    ]
    assert equations(head + "loss = sum(x[t] * x[t+2], t)") == ["loss += sum(x[t]*x[t + 2], (t, 1, T - 2))"]
    assert equations(head + "a[t] = exp(x[t-1])\nloss = a[T]")[:3] == [
        "x.padded[0] += 0",
        "x.padded[t] += x[t]   [t = 1..T]",
        "a[t] += exp(x.padded[t - 1])   [t = 1..T]",
    ]
    assert equations(head + "a[t] = exp(E[w[t+1]])\nloss = a[T]")[:3] == [
        "a.look[t] += 0   [t = 1..T]",
        "a.look[t] += E[w[t + 1]]   [t = 1..T - 1]",
        "a[t] += exp(a.look[t])   [t = 1..T]",
    ]


def test_a_range_that_is_inside_needs_nothing() -> None:
    text = "x: Input[T]\nloss = sum(exp(x[t-1]), (t, 2, T)) + exp(x[1]) + exp(x[T])"
    assert equations(text) == ["loss += exp(x[1]) + exp(x[T]) + sum(exp(x[t - 1]), (t, 2, T))"]


def test_predicted_is_read() -> None:
    system: System = read((BANK / "predicted.eq").read_text())
    assert system.by_name["y.predicted"].role is Role.VAR
