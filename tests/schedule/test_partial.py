"""Parts of work over two sequences: each has a name, is made once, and means what it meant."""

from __future__ import annotations

import derive
from derive.schedule.partial import name_partial_work
from derive.system import Equation, Role, System
from tests.schedule import models


def equations(system: System, target: str) -> list[Equation]:
    return [e for e in system.equations if e.target == target]


def test_a_sum_that_two_products_read_is_made_once() -> None:
    system = derive.parse(models.DECODER)._differentiated
    made = [v.name for v in system.variables if v.name.startswith("grad(e.arg.sum")]
    assert made == ["grad(e.arg.sum)", "grad(e.arg.sum2)"]  # over s, over t
    for name in made:
        (total,) = equations(system, name)
        assert [str(r.index) for r in total.domain] == (
            ["t", "s", "b", "i"] if name == made[0] else ["s", "t", "b", "i"]
        )
        readers = [e for e in system.equations if name in str(e.right)]
        assert len(readers) == 2 and system.by_name[name].role is Role.GRAD


def test_a_product_that_does_not_run_over_a_sequence_is_made_without_it() -> None:
    system = derive.parse(models.DECODER)._differentiated
    (whole,) = equations(system, "e.arg")
    assert sorted(str(term) for term in whole.right.args) == ["e.arg.part2[s, b, i]", "e.arg.part[t, b, i]"]


def test_one_sequence_is_left_alone() -> None:
    system = derive.load("lstm").batched
    assert name_partial_work(system) is system


def test_a_sum_over_a_part_of_a_sequence_stays_where_it_is() -> None:
    """What two sums have in common is the whole of a range, not some of it that depends on another index."""
    system = derive.parse(models.TRIANGLES)._differentiated
    names = {v.name for v in system.variables}
    assert not any(".sum2" in name for name in names if name.startswith("grad(m"))
