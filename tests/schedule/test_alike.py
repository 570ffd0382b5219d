"""What is done to several variables of one loop is done at once, where they can lie side by side."""

from __future__ import annotations

from functools import lru_cache

import pytest

import derive
from derive.calculus.batch import add_batch
from derive.calculus.derivation import prepare
from derive.check.sample import prime_sizes, sample
from derive.expressions import refs
from derive.language import read
from derive.program import Assign, Loop, Program, assigns
from derive.schedule.alike import alike, hopes, runs
from derive.schedule.groups import Group
from derive.schedule.order import order_of
from derive.schedule.programs import Programs
from derive.schedule.statements import split_terms
from derive.system import Role
from tests.schedule.running import check

GATES = """
x: Input[T, n]
A, C, D = Param[n, n]
h[0] = 0
f[t] = sigmoid(A @ h[t-1] + x[t])
g[t] = {0}(C @ h[t-1] + x[t])
k[t] = {1}(D @ h[t-1] + x[t])
h[t] = f[t] * h[t-1] + g[t] * k[t]
loss = sum(sum(h[t]), t)
"""


@lru_cache
def programs(name: str) -> Programs:
    return Programs(derive.load(name)._differentiated)


def steps(program: Program) -> list[list[Assign]]:
    """The statements of each loop."""
    return [list(assigns(s.body)) for s in program.body if isinstance(s, Loop)]


def columns(text: str) -> list[tuple[str, ...]]:
    """The variables that groups of the forward pass put side by side."""
    system = prepare(read(text)).system
    statements = split_terms(system.equations, system.variables)
    written = {e.target for e in statements}
    movable = {v.name: v for v in system.variables if v.name in written or v.role is Role.PARAM}
    return [c for group in alike(statements, order_of(statements), movable, {}) for c in group.columns]


def test_one_function_of_several_variables_is_one_statement() -> None:
    assert columns(GATES.format("sigmoid", "tanh"))[:2] == [("f", "g"), ("f.arg", "g.arg")]
    assert columns(GATES.format("tanh", "tanh"))[:2] == [("g", "k"), ("g.arg", "k.arg")]


def test_unlike_functions_are_not_alike() -> None:
    assert ("f", "k") not in columns(GATES.format("tanh", "exp"))
    assert not [c for c in columns(GATES.format("tanh", "exp")) if "f" in c]


def test_what_waits_for_another_does_not_join_it() -> None:
    """The output gate of a peephole LSTM reads the cell that the other two make."""
    assert not [c for c in columns(derive.load("lstm_peephole").source) if {"i", "o"} <= set(c)]


def test_outside_of_loops_nothing_is_joined() -> None:
    text = "x: Input[T, n]\nA, C = Param[n, n]\nf[t] = tanh(A @ x[t])\ng[t] = tanh(C @ x[t])\n"
    assert columns(text + "loss = sum(f[t] @ g[t], t)\n") == []


def test_neighbours_are_found_in_each_stack() -> None:
    variables = prepare(read(GATES.format("tanh", "exp"))).system.by_name
    group = Group((0, 1, 2), (("f", "f.arg"), ("g", "g.arg"), ("h", "k.arg")), True)
    rank = {name: n for n, name in enumerate(variables)}
    order = {name: ("g.arg", "f.arg", "h.arg", "k.arg") for name in ("g.arg", "f.arg", "h.arg", "k.arg")}
    (run,) = runs(group, order, variables, rank)
    assert run.numbers == (1, 0) and order["f"] == ("g", "f") and "h" not in order


def test_a_variable_at_two_places_is_not_joined() -> None:
    variables = prepare(read(GATES.format("tanh", "exp"))).system.by_name
    group = Group((0, 1), (("f", "g"), ("g", "k")), True)
    assert list(runs(group, {}, variables, {"f": 0, "g": 1, "k": 2})) == []


def test_hopes_name_what_gradients_are_of() -> None:
    system = programs("lstm").system
    own = programs("lstm").backward_stages[0].statements
    assert all(not name.startswith("grad(") for column in hopes(own, system.by_name) for name in column)


def test_an_lstms_gates_lie_so_that_forward_and_backward_do_three_at_once() -> None:
    """The output gate first: `i`, `f`, `o` are sigmoids, `i`, `f`, `g` are scaled by the gradient of the cell."""
    found = programs("lstm")
    forward, backward = found.value(["loss", *found.kept]), found.parameters_only
    for program in (forward, backward):
        assert "U_o|U_i|U_f|U_g" in {stack.name for stack in program.stacks}
    (step,) = steps(forward)
    (gates,) = [a for a in step if "sigmoid" in str(a.equation.right)]
    assert gates.equation.target == "o|i|f" and len(step) == 7
    step = steps(backward)[-1]
    (factors,) = [a for a in step if "i.arg.factor|f.arg.factor|g.arg.factor" in str(a.equation.right)]
    assert str(factors.equation.domain[0].last) == "2" and len(step) == 5


@pytest.mark.parametrize(
    ("name", "forward", "backward"),
    [("vanilla", 2, 2), ("gru", 7, 6), ("gru_v2", 6, 5), ("lstm_peephole", 10, 8), ("lru", 3, 3)],
)
def test_loops_are_short(name: str, forward: int, backward: int) -> None:
    found = programs(name)
    assert [len(step) for step in steps(found.value(["loss", *found.kept]))] == [forward]
    assert [len(step) for step in steps(found.parameters_only)] == [backward]


def test_nothing_is_begun_by_adding() -> None:
    """What is joined is assigned or added for all of its entries: no array starts as zeros for it."""
    for name in ("lstm", "gru", "slstm", "lstm_peephole", "lru"):
        found = programs(name)
        for program in (found.value(["loss", *found.kept]), found.parameters_only):
            assert not [b.variable.name for b in program.buffers if b.zeros and "|" in b.variable.name], name


def test_plain_style_joins_nothing() -> None:
    program = Programs(derive.load("lstm")._differentiated, "plain").parameters_only
    assert not program.stacks and not program.added
    assert not [a for a in assigns(program.body) if any("factor" in ref.name for ref in refs(a.equation.right))]


@pytest.mark.parametrize("length", [1, 2, 5])
def test_it_means_the_same(length: int) -> None:
    text = GATES.format("tanh", "tanh").replace("sigmoid", "tanh") + "\n"
    system = add_batch(read(text))
    sizes = prime_sizes(system) | {"T": length, "B": 2}
    check(system, sizes, sample(system, sizes))
