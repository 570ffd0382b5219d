"""Weights that a loop reads the other way round are copied before it, once; nothing else is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from derive.program import Assign, Contract, Loop, Program, Statement, Value, View
from tests.schedule import models
from tests.schedule.test_schedules import backward, forward, loop, walk


def products(statements: Iterable[Statement]) -> Iterator[Contract]:
    def within(value: Value) -> Iterator[Contract]:
        if isinstance(value, Contract):
            yield value
        for argument in getattr(value, "arguments", ()):
            yield from within(argument)

    for statement in walk(statements):
        if isinstance(statement, Assign):
            yield from within(statement.value)


def names(statements: Iterable[Statement]) -> set[str]:
    found = (v for p in products(statements) for v in (p.left, p.right))
    return {v.name for v in found if isinstance(v, View)}


def copies(program: Program) -> list[Assign]:
    return [s for s in walk(program.body) if isinstance(s, Assign) and s.target.name.endswith(".T")]


RNN = """
x: Input[T, n]
U, W = Param[n, n]
h[0] = 0
h[t] = tanh(U @ x[t] + W @ h[t-1])
loss = sum(sum(h[t]), t)
"""


def test_a_recurrent_weight_is_copied_once_before_its_loop() -> None:
    program = forward(RNN)
    (copy,) = copies(program)
    assert isinstance(copy.value, View) and copy.value.name == "W"
    assert copy.makes and copy.target.dims == copy.value.dims[::-1]
    kinds = [type(s) for s in program.body if s is copy or isinstance(s, Loop)]
    assert kinds == [Assign, Loop]
    assert "W.T" in names(loop(program).body) and "W" not in names(loop(program).body)
    assert "W.T" in {b.variable.name for b in program.buffers}


def test_what_is_read_outside_of_loops_alone_stays_where_it_is() -> None:
    assert "U" in names(forward(RNN).body) and "U.T" not in names(forward(RNN).body)
    assert copies(forward(models.TEACHER_FORCED)) == []


def test_the_way_back_reads_the_weights_as_they_are() -> None:
    """`grad(h)[t-1] += grad(a)[t] @ W` is a product of rows already."""
    assert copies(backward(RNN)) == [] and "W" in names(loop(backward(RNN)).body)


def test_a_stack_of_gates_is_turned_as_one() -> None:
    text = "x: Input[T, n]\nA, C = Param[n, n]\nh[0] = 0\nf[t] = sigmoid(x[t] + A @ h[t-1])\n"
    text += "g[t] = tanh(x[t] + C @ h[t-1])\nh[t] = f[t] * g[t]\nloss = sum(sum(h[t]), t)\n"
    (copy,) = copies(forward(text))
    assert copy.target.name == "A|C.T"
    entry, over, last = copy.target.dims
    assert copy.value.dims == (entry, last, over)


def test_two_loops_share_a_copy_of_what_is_given() -> None:
    text = "x: Input[T, n]\nW: Param[n, n]\nh[0] = 0\nh[t] = tanh(x[t] + W @ h[t-1])\ng[0] = 0\n"
    text += "g[t] = tanh(h[t] + W @ g[t-1])\nloss = sum(sum(g[t]), t)\n"
    assert len(copies(forward(text))) == 1


def test_weights_that_a_loop_makes_itself_are_read_as_they_are() -> None:
    text = "x: Input[T, n]\nW: Param[n, n]\nh[0] = 0\nM[0, i, j] = W[i, j]\n"
    text += "M[t, i, j] = M[t-1, i, j] + x[t, i] * x[t, j]\n"
    text += "h[t] = tanh(M[t] @ h[t-1])\nloss = sum(sum(h[t]), t)\n"
    assert not [c for c in copies(forward(text)) if c.target.name == "M.T"]
