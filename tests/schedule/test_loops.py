"""What loops, in which direction, shifted by how much; grids of two sequences are nested loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from derive.errors import DeriveError
from derive.language import read
from derive.schedule.dependence import dependences
from derive.schedule.loops import LoopNest, Node, carried, nest
from derive.schedule.statements import split_terms
from derive.system import Equation, System
from tests.schedule import running, systems


def scheduled(system: System) -> tuple[tuple[Equation, ...], tuple[Node, ...]]:
    statements = split_terms(system.equations, system.variables)
    return statements, nest(statements, dependences(statements))


def loops(nodes: tuple[Node, ...]) -> list[LoopNest]:
    return [node for node in nodes if isinstance(node, LoopNest)]


def inside(text: str) -> set[str]:
    """The variables that are written in the loop of a model that has one."""
    statements, nodes = scheduled(read(text))
    (loop,) = loops(nodes)
    return {statements[member.number].target for member in loop.members}


def test_what_the_recurrence_does_not_need_is_outside() -> None:
    text = "x: Input[T, n]\nW, U = Param[n, n]\nh[0] = 0\na[t] = W @ h[t-1] + U @ x[t]\nh[t] = tanh(a[t])\n"
    text += "o[t] = W @ h[t]\nloss = sum(sum(o[t]), t)\n"
    assert inside(text) == {"a", "h"}
    statements, nodes = scheduled(read(text))
    outside = [statements[n] for n in nodes if isinstance(n, int)]
    assert any(str(e.right) == "U[i, j]*x[t, j]" for e in outside)


def test_a_model_without_a_recurrence_has_no_loop() -> None:
    _, nodes = scheduled(read("x: Input[T, n]\na[t] = tanh(x[t])\nloss = sum(sum(a[t] * a[t-1]), (t, 2, T))\n"))
    assert loops(nodes) == []


AHEAD = """
x: Input[T]
w: Param
a[0] = 0.1
a[-1] = 0.2
a[-2] = 0.3
b[T+1] = 0.5
b[t] = tanh(x[t] * a[t-3])
a[t] = w * b[t+1] + a[t-1]
loss = sum(a[t] * x[t], t)
"""
BEHIND = """
x: Input[T]
w: Param
a[T+1] = 0.1
a[T+2] = 0.2
a[T+3] = 0.3
b[0] = 0.5
b[t] = tanh(x[t] * a[t+3])
a[t] = w * b[t-1] + a[t+1]
loss = sum(a[t] * x[t], t)
"""


@pytest.mark.parametrize(("text", "forward"), [(AHEAD, True), (BEHIND, False)], ids=["ahead", "behind"])
def test_statements_that_read_ahead_run_later_steps_first(text: str, forward: bool) -> None:
    """`b` reads `a` three steps back, `a` reads `b` one ahead: in the loop `b` is a step ahead of `a`."""
    system = read(text)
    statements, nodes = scheduled(system)
    (loop,) = loops(nodes)
    read_ahead = {m.potential for m in loop.members if "b[t" in str(statements[m.number].right)}
    others = {m.potential for m in loop.members} - read_ahead
    assert loop.forward is forward and (read_ahead, others) == ({1 if forward else -1}, {0})
    for steps in (1, 3, 5):
        running.check(system, {"T": steps}, data(system, {"T": steps}))


def test_the_gradient_runs_the_other_way() -> None:
    gradient = running.gradient_of(read("x: Input[T]\nw: Param\nh[0] = 0\nh[t] = tanh(w*h[t-1] + x[t])\nloss = h[T]\n"))
    backward = [e for e in gradient.equations if e.target.startswith("grad")]
    statements = split_terms(backward, gradient.variables)
    (loop,) = loops(nest(statements, dependences(statements)))
    assert not loop.forward


def test_a_grid_is_two_nested_loops() -> None:
    _, nodes = scheduled(systems.grid())
    (outer,) = loops(nodes)
    (inner,) = loops(outer.body)
    assert {m.index.name for m in outer.members} == {"t"} and {m.index.name for m in inner.members} == {"s"}


def test_directions_follow_the_recurrence() -> None:
    _, nodes = scheduled(systems.rightwards())
    assert [loop.forward for loop in loops(nodes)] == [False, True]


def data(system: System, sizes: dict[str, int]) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    given = [v for v in system.variables if v.role.is_given]
    return {v.name: rng.standard_normal([sizes[axis.name] for axis in v.axes]) for v in given}


@pytest.mark.parametrize("system", [systems.grid(), systems.rightwards(), systems.attention()], ids=lambda s: s.name)
@pytest.mark.parametrize("steps", [(1, 1), (2, 1), (1, 3), (4, 3), (3, 5)])
def test_two_sequences_are_computed_and_differentiated(system: System, steps: tuple[int, int]) -> None:
    sizes = {"T": steps[0], "S": steps[1], "n": 2}
    own = {name: size for name, size in sizes.items() if name != "S" or system.name == "grid"}
    running.check(system, own, data(system, sizes))


def test_a_cycle_that_no_shift_breaks_is_named() -> None:
    system = systems.rightwards()
    equations = tuple(e for e in system.equations if e.target != "g") + tuple(
        Equation("g", e.subscripts, e.right.xreplace({e.left: e.left}) + e.left, e.domain)
        for e in system.equations
        if e.target == "g"
    )
    with pytest.raises(DeriveError, match="the cycle g -> g has no order"):
        scheduled(System("m", system.variables, equations))


def test_a_state_may_read_all_of_its_own_past() -> None:
    system = systems.own_past()
    for steps in (1, 2, 4):
        running.check(system, {"T": steps, "n": 2}, data(system, {"T": steps, "n": 2}))


def test_the_axis_that_breaks_all_of_a_cycle_is_the_loop() -> None:
    """Over `t` alone `d[t, s-1]` stays inside; over `s` both are earlier."""
    text = "x: Input[T, S]\nd[t, 0] = 0\nd[0, s] = 0\nd[0, 0] = 0\n"
    text += "d[t, s] = tanh(d[t, s-1] + d[t-1, s-1] + x[t, s])\nloss = sum(d[t, s], t, s)\n"
    _, nodes = scheduled(read(text))
    (loop,) = loops(nodes)
    assert loop.depth == 1 and {m.index.name for m in loop.members} == {"s"}


def test_what_a_loop_has_made_before_is_carried() -> None:
    text = "x: Input[T]\nh[0] = 0\na[t] = h[t-1] + x[t]\nh[t] = tanh(a[t])\nloss = sum(h[t], t)\n"
    statements, nodes = scheduled(read(text))
    (loop,) = loops(nodes)
    found = {
        (statements[e.writer].target, statements[e.reader].target): carried(e, loop) for e in dependences(statements)
    }
    assert found["h", "a"] and not found["a", "h"] and not found["h", "loss"]
