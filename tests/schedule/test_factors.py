"""What a loop need not repeat is computed before it, over the cells that are read, and means the same."""

from __future__ import annotations

import pytest

import derive
from derive.calculus.batch import add_batch
from derive.check.sample import prime_sizes, sample
from derive.expressions import refs
from derive.language import read
from derive.program import Loop, assigns
from derive.schedule.factors import ahead, operations
from derive.schedule.programs import Programs
from derive.schedule.statements import split_terms
from derive.system import Equation
from tests.schedule.running import check, gradient_of

RNN = "x: Input[T, n]\nW: Param[n, n]\na, tau = Param[n]\nh[0] = 0\n"
LOSS = "\nloss = sum(sum(h[t]), t)\n"


def taken_out(text: str, backward: bool = False) -> tuple[dict[str, Equation], list[Equation]]:
    """The equations of the new variables by name, and the statements without them."""
    system = read(text)
    if backward:
        system = gradient_of(system)
    own = [e for e in system.equations if e.target.startswith("grad") == backward]
    statements, new = ahead(split_terms(own, system.variables), system.by_name)
    return {e.target: e for e in statements if e.target in new}, [e for e in statements if e.target not in new]


def right(equation: Equation) -> str:
    return str(equation.right)


def test_factors_that_rest_on_the_forward_pass_are_one_array() -> None:
    found, rest = taken_out(RNN + "h[t] = tanh(W @ h[t-1] + x[t])" + LOSS, backward=True)
    (factor,) = found.values()
    assert factor.target == "h.arg.factor" and right(factor) == "1 - h[t, i]**2"
    assert [str(r) for r in factor.domain] == ["t = 1..T", "i = 0..n - 1"]
    (reader,) = [e for e in rest if "factor" in right(e)]
    assert sorted(map(str, reader.right.args)) == ["grad(h)[t, i]", "h.arg.factor[t, i]"]


def test_what_does_not_change_with_the_step_is_taken_out_of_the_forward_pass() -> None:
    found, rest = taken_out(RNN + "h[t] = h[t-1] * exp(a) / tau + x[t]" + LOSS)
    (known,) = found.values()
    assert [str(r.index) for r in known.domain] == ["i"] and right(known) == "exp(a[i])/tau[i]"
    assert any(right(e) == "h.ahead[i]*h[t - 1, i]" for e in rest)


def test_one_operation_on_every_step_stays() -> None:
    """It costs as much to read back as to do again."""
    found, _ = taken_out(RNN + "h[t] = h[t-1] * (1 - x[t])" + LOSS)
    assert not found


def test_an_outer_product_stays_in_its_parts() -> None:
    text = "x: Input[T, n]\nv: Input[T, m]\nM[0] = 0\nM[t, i, j] = M[t-1, i, j] * x[t, i]**2 * v[t, j]**2 * 3\n"
    found, rest = taken_out(text + "loss = sum(M[t, i, j], t, i, j)\n")
    assert [right(e) for e in found.values()] == ["3*v[t, i]**2"]
    assert any(right(e) == "M.ahead[t, j]*x[t, i]**2*M[t - 1, i, j]" for e in rest)


def test_what_runs_along_two_sequences_stays() -> None:
    text = "x: Input[T, S, n]\nd[t, 0] = 0\nd[0, s] = 0\nd[t, s] = d[t-1, s] * exp(tanh(x[t, s])) + d[t, s-1]\n"
    found, _ = taken_out(text + "loss = sum(sum(d[t, s]), t, s)\n")
    assert not found


def test_a_triangle_stays() -> None:
    text = "x: Input[T, n]\nh[t] = x[t] + sum(h[t1] * exp(x[t1]) / (1 + exp(x[t1])), (t1, 1, t-1))\n"
    found, _ = taken_out(text + "loss = sum(sum(h[t]), t)\n")
    assert not found


def test_shifted_steps_read_one_array() -> None:
    text = "x: Input[T, n]\nh[0] = 0\nh[t] = h[t-1] * x[t] * (1 - x[t])\n"
    text += "g[T+1] = 0\ng[t] = g[t+1] * x[t-1] * (1 - x[t-1])\nloss = sum(sum(h[t] + g[t]), t)\n"
    found, rest = taken_out(text)
    (name,) = found
    assert {str(ref) for e in rest for ref in refs(e.right) if ref.name == name} == {
        f"{name}[t, i]",
        f"{name}[t - 1, i]",
    }


def test_entries_of_a_part_are_counted_from_zero() -> None:
    """Gates that are parts of one array: the factor of a part is as long as the part."""
    found, rest = taken_out(derive.load("bidirectional_lstm").source, backward=True)
    assert len(found) == 10 and all(str(e.domain[-1]) == "i = 0..n_h - 1" for e in found.values())
    assert any("p.factor[t, i - 2*n_h]" in right(e) for e in rest)


def test_a_term_inside_a_product_leaves_the_loop() -> None:
    found, rest = taken_out(RNN + "h[t] = (h[t-1] * sigmoid(x[t]) + x[t]) / (1 + sigmoid(x[t]))" + LOSS)
    assert [right(e) for e in rest if e.target == "h" and len(e.domain) == 2] == [
        "h[t - 1, i]*h.ahead[t, i]",
        "x[t, i]/(sigmoid(x[t, i]) + 1)",
    ]
    assert right(found["h.ahead"]) == "sigmoid(x[t, i])/(sigmoid(x[t, i]) + 1)"


def test_truth_values_stay() -> None:
    """A product of comparisons is no array of numbers."""
    found, rest = taken_out(RNN + "h[t] = hardtanh(a * h[t-1] + x[t])" + LOSS, backward=True)
    assert not found and any("less" in right(e) for e in rest)


def test_operations_are_counted_on_entries() -> None:
    system = read("x, y = Input[n]\na = x * y * exp(x) - 2 * y\nloss = sum(a) / n\n")
    assert [operations(e.right) for e in system.equations[:1]] == [5]


def products_a_step(name: str) -> list[int]:
    """How many statements each loop of the backward pass has."""
    program = Programs(derive.load(name)._differentiated).parameters_only
    return [len(list(assigns(s.body))) for s in program.body if isinstance(s, Loop)]


@pytest.mark.parametrize(("name", "least"), [("vanilla", [2]), ("lstm", [5]), ("gru", [6]), ("minlstm", [1])])
def test_the_loop_of_the_backward_pass_is_short(name: str, least: list[int]) -> None:
    """An LSTM's: the product, two terms of `grad(c)`, the output gate, and the other three at once."""
    assert products_a_step(name) == least


@pytest.mark.parametrize(
    "line",
    [
        "h[t] = h[t-1] * exp(a) / tau + tanh(x[t])",
        "h[t] = (h[t-1] * exp(x[t]) + x[t]) / (1 + exp(x[t]))",
        "h[t] = tanh(W @ (x[t] * (1 - x[t]) * h[t-1]))",
        "h[t] = tanh(h[t-1]) * x[t] * exp(x[t]) + h[t-1] * x[t] * exp(x[t])",
    ],
    ids=["constants", "a term inside", "inside a product", "shared"],
)
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_it_means_the_same(line: str, steps: int) -> None:
    system = add_batch(read(RNN + line + LOSS))
    sizes = prime_sizes(system) | {"T": steps, "B": 2}
    check(system, sizes, sample(system, sizes))
