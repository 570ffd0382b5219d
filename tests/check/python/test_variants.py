"""Many versions of a function compiled as one do what each does alone."""

from __future__ import annotations

from typing import Any

import pytest

from derive.check.python.variants import CHOSEN, Function, changed

TEXT = """\
def helper(é):
    return é  # before


def f(a):
    "ü"
    total = 0
    for k in range(3):
        x = (a +
             k)
        if x > 2:
            total += x  # a comment
    return total
"""
START = TEXT.index("def f")
SPAN = [START, len(TEXT) - 1, TEXT.count("\n", 0, START) + 1]


def alone(splice: tuple[int, int, str]) -> Any:
    namespace: dict[str, Any] = {}
    exec(changed(TEXT, SPAN, splice), namespace)
    return namespace["f"](1)


def splice(old: str, new: str) -> tuple[int, int, str]:
    at = TEXT.index(old, START)
    return at, at + len(old), new


SPLICES = [
    splice("total = 0", "total = 5"),
    splice("range(3)", "range(4)"),
    splice("a +", "a -"),
    splice("a +", "2 * a +"),
    splice("k)", "k**2)"),
    splice("total += x", "total -= x"),
    splice("total += x", "pass"),
    splice("return total", "return -total"),
    splice("return total", "total = total * 7\n    return total"),
    (TEXT.index("  # a comment"), TEXT.index("  # a comment"), "\n        total += 100"),  # of the block outside
    splice("x > 2", "x > 1"),
    splice("total = 0", "other = total = 3"),  # a name that the function does not have
]


def test_versions_together_are_the_versions_alone() -> None:
    function = Function(TEXT, SPAN, "mine.py")
    found: dict[int, Any] = {}
    compiled = 0
    for versions in function.versions(list(enumerate(SPLICES))):
        compiled += 1
        namespace: dict[str, Any] = {}
        exec(versions.code, namespace)
        for chosen, number in enumerate(versions.numbers):
            namespace[CHOSEN] = chosen
            found[number] = namespace["f"](1)
    assert found == {number: alone(one) for number, one in enumerate(SPLICES)}
    assert len(set(found.values())) > 6 and compiled < len(SPLICES)


def test_hundreds_of_versions_of_a_statement_are_few_compilations() -> None:
    splices = [splice("total = 0", f"total = {n}") for n in range(300)]
    together = list(Function(TEXT, SPAN, "mine.py").versions(list(enumerate(splices))))
    assert [len(versions.numbers) for versions in together] == [128, 128, 44]
    namespace: dict[str, Any] = {CHOSEN: 100}
    exec(together[1].code, namespace)
    assert namespace["f"](1) == alone(splices[228])


@pytest.mark.parametrize("new", ["total = (", "total = 0 0", "1 = total", "total = 0 +"])
def test_what_is_no_python_is_left_out(new: str) -> None:
    together = list(Function(TEXT, SPAN, "mine.py").versions([(0, splice("total = 0", new)), (1, SPLICES[0])]))
    assert [versions.numbers for versions in together] == [(1,)]
