"""In which order the members of a stack lie: what a group puts together stays together, and the file's order else."""

from __future__ import annotations

import sympy

from derive.expressions import Axis
from derive.schedule.groups import Group
from derive.schedule.lines import arranged, lines
from derive.system import Role, Variable

N = Axis(sympy.Symbol("n"))
VARIABLES = {name: Variable(name, Role.VAR, (N,)) for name in "abcdef"} | {
    name: Variable(name, Role.PARAM, (N,)) for name in "UVWXYZ"
}
RANK = {name: n for n, name in enumerate(VARIABLES)}


def group(*columns: str) -> Group:
    """A group of as many statements as each column has letters."""
    return Group(tuple(range(len(columns[0]))), tuple(zip(*columns, strict=True)), looped=True)


def line(*columns: str, hopes: tuple[str, ...] = ()) -> str:
    """The order in which groups with these columns put `a`."""
    found = lines([group(c) for c in columns], VARIABLES, set("abcdef"), RANK, [tuple(h) for h in hopes])
    return "".join(found.get("a", ()))


def test_members_lie_in_the_order_of_the_file() -> None:
    assert line("cab") == "abc"


def test_two_groups_that_share_members_both_find_theirs_side_by_side() -> None:
    assert line("abc", "ac") in ("acb", "bac", "bca", "cab")


def test_the_more_urgent_group_wins_where_not_all_can() -> None:
    """`ab`, `bc` and `ca` cannot all be neighbours in a row."""
    assert line("ab", "bc", "ca") == "abc" and line("ab", "ca", "bc") == "bac"


def test_hopes_come_true_where_no_group_minds() -> None:
    assert line("abcd", hopes=("ad",)) in ("adbc", "bcad", "dabc")
    assert line("abc", "bc", hopes=("ab", "ac")) in ("abc", "cba")


def test_a_group_takes_the_order_of_its_stack() -> None:
    order = dict.fromkeys("abc", ("c", "a", "b"))
    found = arranged(group("abc", "UVW"), order, VARIABLES, set("abc"))
    assert found is not None and found.columns == [("c", "a", "b"), ("W", "U", "V")]


def test_a_group_that_does_not_lie_together_stays_apart() -> None:
    order = dict.fromkeys("abc", ("a", "b", "c"))
    assert arranged(group("ac", "UV"), order, VARIABLES, set("abc")) is None
    assert arranged(group("ad", "UV"), order, VARIABLES, set("abcd")) is None


def test_columns_that_disagree_stay_apart() -> None:
    order = dict.fromkeys("ab", ("a", "b")) | dict.fromkeys("cd", ("d", "c"))
    assert arranged(group("ab", "cd"), order, VARIABLES, set("abcd")) is None
    assert arranged(group("ab", "dc"), order, VARIABLES, set("abcd")) is not None


def test_what_is_only_written_follows() -> None:
    order = dict.fromkeys("ab", ("b", "a"))
    found = arranged(group("ab", "ef"), order, VARIABLES, set("ab"))
    assert found is not None and order["e"] == ("f", "e")
