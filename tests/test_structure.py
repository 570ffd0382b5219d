"""What makes generated code fast is asserted on its Program: what loops, what is one matrix product, what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from derive import pipeline
from derive.expressions import AxisKind
from derive.program import Apply, Assign, Contract, Given, Loop, Only, Program, Reduce, Statement, Value, Wanted
from derive.schedule.programs import Programs
from tests import bank


def programs(name: str, style: str = "fast") -> Programs:
    return bank.programs(name, style)


def forward(name: str) -> Program:
    """The forward pass of `loss_and_grad`."""
    made = programs(name)
    return made.value(["loss", *made.kept])


@dataclass(frozen=True)
class Placed:
    """An assignment with the loops and the condition around it."""

    statement: Assign
    loops: tuple[Loop, ...]
    asked: tuple[str, ...]

    @property
    def products(self) -> int:
        """How many matrix products it computes."""
        return sum(isinstance(value, Contract) for value in parts(self.statement.value))


def parts(value: Value) -> Iterator[Value]:
    yield value
    if isinstance(value, Apply):
        for argument in value.arguments:
            yield from parts(argument)
    elif isinstance(value, Contract):
        yield from parts(value.left)
        yield from parts(value.right)
    elif isinstance(value, Reduce):
        yield from parts(value.argument)


def placed(body: tuple[Statement, ...], loops: tuple[Loop, ...] = (), asked: tuple[str, ...] = ()) -> Iterator[Placed]:
    for statement in body:
        if isinstance(statement, Assign):
            yield Placed(statement, loops, asked)
        elif isinstance(statement, Loop):
            yield from placed(statement.body, (*loops, statement), asked)
        elif isinstance(statement, Wanted):
            yield from placed(statement.body, loops, (*asked, *statement.names))
        elif isinstance(statement, Only | Given):
            yield from placed(statement.body, loops, asked)


def in_loops(program: Program) -> list[int]:
    """For each loop that always runs, the number of its matrix products."""
    found: dict[Loop, int] = {}
    for place in placed(program.body):
        if place.loops and not place.asked:
            found[place.loops[0]] = found.get(place.loops[0], 0) + place.products
    return list(found.values())


def outside(program: Program) -> dict[str, int]:
    """Matrix products that run once, by the array that they make."""
    found: dict[str, int] = {}
    for place in placed(program.body):
        if not place.loops and not place.asked and place.products:
            name = place.statement.target.name.rstrip("|")
            found[name] = found.get(name, 0) + place.products
    return found


@pytest.mark.parametrize(
    ("name", "ahead", "back"),
    [("vanilla", 1, 1), ("lstm", 1, 1), ("lstm_peephole", 1, 1), ("gru", 2, 2), ("gru_v2", 1, 1)],
)
def test_matrix_products_of_a_step(name: str, ahead: int, back: int) -> None:
    assert in_loops(forward(name)) == [ahead]
    assert in_loops(programs(name).gradient) == [back]


def test_all_else_of_vanilla_runs_once() -> None:
    assert outside(forward("vanilla")) == {"a": 1, "o": 1}
    assert outside(programs("vanilla").gradient) == {"grad(V)": 1, "grad(h)": 1, "grad(U)": 1, "grad(W)": 1}


def test_the_gates_of_an_lstm_are_one_array() -> None:
    gates = "o.arg|i.arg|f.arg|g.arg"  # neighbours are those that are sigmoids, and those that make the cell
    assert outside(forward("lstm")) == {gates: 1, "s": 1}
    assert set(outside(programs("lstm").gradient)) == {
        "grad(V)", "grad(h)", "grad(W_o)|grad(W_i)|grad(W_f)|grad(W_g)", "grad(U_o)|grad(U_i)|grad(U_f)|grad(U_g)"
    }  # fmt: skip
    looped = [place for place in placed(forward("lstm").body) if place.loops and place.products]
    assert [place.statement.target.name.rstrip("|") for place in looped] == [gates]


@pytest.mark.parametrize("name", ["lstm", "lstm_peephole", "gru", "gru_v2"])
def test_gradients_of_parameters_are_never_in_a_loop(name: str) -> None:
    model = pipeline.load(name)
    of_parameters = {f"grad({v.name})" for v in model.system.variables if v.role.value == "Param"}
    written = [(set(p.statement.target.name.split("|")), p.loops) for p in placed(programs(name).gradient.body)]
    assert set().union(*(names for names, _ in written)) >= of_parameters
    assert not [names for names, loops in written if loops and names & of_parameters]


def test_vanilla_keeps_h_and_what_the_output_needs() -> None:
    assert set(programs("vanilla").kept) == {"h", "yhat"}


@pytest.mark.parametrize(
    "name",
    [
        "vanilla", "lstm", "lstm_peephole", "lstm_coupled", "lstm_projection", "gru", "gru_v2", "mgu", "ugrnn",
        "highway", "bidirectional", "image_rnn", "tree", "tree_lstm", "sru", "qrnn", "minlstm", "translator",
    ],
)  # fmt: skip
def test_no_preactivation_is_kept(name: str) -> None:
    assert not [kept for kept in programs(name).kept if kept == "a" or kept.endswith(".arg")]


@bank.some_of_the_bank
def test_only_sequences_loop(name: str) -> None:
    made = programs(name)
    for program in (made.forward, made.value(["loss", *made.kept]), made.gradient):
        for place in placed(program.body):
            assert all(loop.index.axis.kind is AxisKind.SEQUENCE for loop in place.loops)
            assert len({loop.index.axis for loop in place.loops}) == len(place.loops)


TEACHER = """
x: Input[T, n_x]
y: Label[T, n_y]
U: Param[n_h, n_x]
R: Param[n_h, n_y]
V: Param[n_y, n_h]
h[t] = tanh(U @ x[t] + R @ onehot(y[t-1]))
yhat[t] = softmax(V @ h[t])
loss = sum(-log(yhat[t, y[t]]), t)
"""


def test_with_teacher_forcing_an_output_recurrent_model_has_no_loop() -> None:
    assert in_loops(forward(TEACHER)) == in_loops(programs(TEACHER).gradient) == []


def test_free_running_the_same_model_has_one() -> None:
    text = TEACHER.replace("R @ onehot(y[t-1])", "R @ yhat[t-1]") + "yhat[0] = 0\n"
    assert in_loops(forward(text)) == [2]
    assert in_loops(programs(text).gradient) == [3]  # the third is the inner product in a softmax's derivative


def test_what_the_loss_does_not_need_is_not_computed() -> None:
    text = "x: Input[T, n]\nW, Z = Param[n, n]\nz[t] = Z @ x[t]\nh[t] = W @ x[t]\nloss = sum(sum(h[t]), t)\n"
    assert outside(forward(text)) == {"h": 1}


def test_gradients_of_inputs_wait_until_they_are_asked_for() -> None:
    asked = {p.statement.target.name: p.asked for p in placed(programs("vanilla").gradient.body)}
    assert asked["grad(x)"] == ("grad(x)",)
    assert asked["grad(h.0)"] == ("grad(h.0)",)
    assert asked["grad(W)"] == ()


def test_a_deep_stack_loops_once_per_layer() -> None:
    text = """
    x: Input[T, n]
    W1, W2, U1, U2 = Param[n, n]
    h[0] = 0
    g[0] = 0
    h[t] = tanh(W1 @ h[t-1] + U1 @ x[t])
    g[t] = tanh(W2 @ g[t-1] + U2 @ h[t])
    loss = sum(sum(g[t]), t)
    """.replace("\n    ", "\n")
    assert in_loops(forward(text)) == [1, 1]
    assert in_loops(programs(text).gradient) == [1, 1]
