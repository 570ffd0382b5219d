"""What loops in a program, over what, in which order; what is done outside of loops."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import derive
from derive.program import Allocate, Assign, Contract, Loop, Program, Statement, Value
from derive.schedule.programs import Programs
from tests.schedule import models


@lru_cache
def programs(text: str) -> Programs:
    return Programs(derive.parse(text)._differentiated)


def forward(text: str) -> Program:
    return programs(text).value(["loss"])


def backward(text: str) -> Program:
    return programs(text).parameters_only


def walk(statements: Iterable[Statement]) -> Iterable[Statement]:
    for statement in statements:
        yield statement
        yield from walk(getattr(statement, "body", ()))


def loops(statements: Iterable[Statement]) -> list[str]:
    """The loops from outside in, long ones only: `t`, `-t` from last to first, `t(s)` one in another."""
    found = []
    for statement in statements:
        if isinstance(statement, Loop):
            inside = " ".join(loops(statement.body))
            own = ("" if statement.forward else "-") + statement.index.name
            found.append(f"{own}({inside})" if inside else own)
        else:
            found.extend(loops(getattr(statement, "body", ())))
    return list(dict.fromkeys(found))


def written(statements: Iterable[Statement]) -> list[str]:
    return list(dict.fromkeys(s.target.name for s in walk(statements) if isinstance(s, Assign)))


def loop(program: Program, number: int = 0) -> Loop:
    return [s for s in walk(program.body) if isinstance(s, Loop)][number]


def is_product(value: Value) -> bool:
    return isinstance(value, Contract) or any(map(is_product, getattr(value, "arguments", ())))


def test_two_directions_are_two_loops() -> None:
    assert loops(forward(models.BIDIRECTIONAL).body) == ["t", "-t"]
    assert loops(backward(models.BIDIRECTIONAL).body) == ["t", "-t"]
    for number in (0, 1):
        names = written(loop(forward(models.BIDIRECTIONAL), number).body)
        assert {"h", "g"} & set(names) and not {"h", "g"} <= set(names)


def test_layers_run_one_after_the_other() -> None:
    """All of the first layer, then one product for all of the second's input, then the second layer's steps."""
    body = forward(models.STACKED).body
    first, second = [n for n, s in enumerate(body) if isinstance(s, Loop)]
    between = [s for s in body[first + 1 : second] if isinstance(s, Assign)]
    assert any(is_product(s.value) and s.target.name == "k.arg" for s in between)
    body = backward(models.STACKED).body
    first, second = [n for n, s in enumerate(body) if isinstance(s, Loop)]
    assert "grad(k)" in written([body[first]]) and "grad(h)" in written([body[second]])
    between = [s for s in body[first + 1 : second] if isinstance(s, Assign)]
    assert any(is_product(s.value) and s.target.name == "grad(h)" for s in between)


def test_attention_in_a_loop_is_whole_over_what_it_attends_to() -> None:
    assert loops(forward(models.DECODER).body) == ["s", "t"]
    assert loops(backward(models.DECODER).body) == ["-t", "-s"]


def test_attention_of_a_sequence_to_itself_has_no_loop() -> None:
    for text in (models.CAUSAL, models.CAUSAL_BY_BOUNDS, models.HEADS):
        assert loops(forward(text).body) == [] and loops(backward(text).body) == []


def test_a_grid_is_two_nested_loops() -> None:
    assert loops(forward(models.GRID).body) == ["t(s)"]
    assert loops(backward(models.GRID).body) == ["-s", "-t(-s)"]  # the last row reads nothing below it


def test_a_grid_that_one_loop_orders_is_one_loop() -> None:
    assert loops(forward(models.GRID_FROM_ABOVE).body) == ["t"]
    assert loops(forward(models.GRID_FROM_THE_SIDE).body) == ["s"]
    assert loops(backward(models.GRID_FROM_THE_SIDE).body) == ["-s"]


def test_a_row_that_begins_where_the_last_one_ended_is_a_loop_in_a_loop() -> None:
    assert loops(forward(models.ROWS_IN_TURN).body) == ["t(s)"]


def test_ones_own_past_is_a_loop_over_spans_that_grow() -> None:
    assert loops(forward(models.OWN_PAST).body) == ["t"] and loops(backward(models.OWN_PAST).body) == ["-t"]
    assert loops(forward(models.OWN_FUTURE).body) == ["-t"] and loops(backward(models.OWN_FUTURE).body) == ["t"]


def test_triangles_need_no_loop() -> None:
    assert loops(forward(models.TRIANGLES).body) == [] and loops(backward(models.TRIANGLES).body) == []


def test_a_tree_runs_from_the_leaves_up_and_its_gradient_back() -> None:
    assert loops(forward(models.TREE).body) == ["k"] and loops(backward(models.TREE).body) == ["-k"]


def test_a_node_is_added_to_without_care_where_it_is_read_once() -> None:
    """At one step the examples' nodes differ; two children of a node may be the same one."""
    found = [s for s in walk(backward(models.TREE).body) if isinstance(s, Assign) and s.target.name == "grad(h)"]
    assert not any(s.scatters for s in found)
    found = [s for s in walk(backward(models.CHILDREN).body) if isinstance(s, Assign) and s.target.name == "grad(h)"]
    assert any(s.scatters for s in found)


def test_a_recurrence_through_what_is_given_has_no_loop() -> None:
    assert loops(forward(models.TEACHER_FORCED).body) == [] and loops(backward(models.TEACHER_FORCED).body) == []


def test_nothing_is_made_twice() -> None:
    for text in models.ALL.values():
        made = [s.buffer.variable.name for s in walk(forward(text).body) if isinstance(s, Allocate)]
        assert len(made) == len(set(made))


def extents(program: Program) -> dict[str, tuple[str, ...]]:
    """The arrays that a program makes, by name, and how long they are along each axis."""
    return {b.variable.name: tuple(map(str, b.extent)) for b in program.buffers}


def test_what_is_read_at_its_own_step_only_is_held_for_one_step() -> None:
    """Attention's scores of one step: what they are made of has no axis over `t`, forward or backward."""
    made = extents(forward(models.DECODER))
    assert made["e.arg"] == ("S", "B", "n") and made["e"] == ("S", "B")
    made = extents(backward(models.DECODER))
    assert made["grad(e.arg)"] == ("S", "B", "n")
    assert not [name for name, extent in made.items() if {"T", "S", "n"} <= set(extent)]


def test_what_does_not_change_with_the_step_is_computed_once() -> None:
    (products,) = [s for s in forward(models.DECODER).body if isinstance(s, Assign) and s.target.name == "e.arg.part2"]
    assert is_product(products.value)
    step = [s for s in loop(forward(models.DECODER), 1).body if isinstance(s, Assign)]
    assert not any(is_product(s.value) for s in step if s.target.name == "e.arg")


def test_one_sum_over_steps_serves_all_that_read_it() -> None:
    """`U` and `h` both get what is summed over `t`: in the loop it is added up, their products follow once."""
    program = backward(models.DECODER)
    inside = written(loop(program).body)
    assert "grad(e.arg.sum2)" in inside and "grad(U)" not in inside
    outside = [s for s in program.body if isinstance(s, Assign) and s.target.name in ("grad(U)", "grad(h)")]
    assert sum("grad(e.arg.sum2)" in str(s.value) for s in outside) == 2


def test_one_sequence_is_one_product_after_the_loop() -> None:
    """Gradients of a recurrent weight are made of all steps at once, whatever is held meanwhile."""
    program = backward(models.STACKED)
    assert extents(program)["grad(h.arg)"] == ("T", "B", "n")
    assert "grad(W)" not in written(s for s in program.body if isinstance(s, Loop))
