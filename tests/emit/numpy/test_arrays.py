"""What a function makes before its statements."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from derive.emit.numpy.arrays import Arrays
from tests.bank import BANK, text


def test_a_name_is_bound_once() -> None:
    arrays = Arrays(kept=True)
    arrays.provide("h", "np.empty(3)")
    arrays.provide("h", "np.empty(4)")
    assert arrays.lines == {"h": "np.empty(3)"} and arrays.has("h") and not arrays.has("a")
    assert arrays.flushed(["x"]) == ["x"]


def test_what_is_not_kept_stands_before_the_statement_that_needs_it() -> None:
    arrays = Arrays(kept=False)
    arrays.provide("h", "np.empty(3)")
    assert arrays.flushed(["h[0] = 1"]) == ["h = np.empty(3)", "h[0] = 1"]
    assert arrays.flushed(["h[1] = 1"]) == ["h[1] = 1"]
    assert not arrays.lines and arrays.has("h")


@pytest.mark.parametrize("kept", [True, False])
def test_what_is_made_under_a_condition_is_not_there_behind_it(kept: bool) -> None:
    arrays = Arrays(kept)
    arrays.provide("h", "np.empty(3)")
    assert arrays.lasting is kept
    arrays.enter()
    arrays.provide("dx", "np.empty(3)")
    assert arrays.has("dx") and arrays.has("h") and not arrays.lasting
    assert arrays.flushed([])[-1] == "dx = np.empty(3)"
    arrays.leave()
    assert not arrays.has("dx") and arrays.has("h") and "dx" not in arrays.lines


def test_memory_of_what_lies_in_no_other_is_its_own() -> None:
    assert Arrays(kept=True).memory_of("h") == ("h",)


@pytest.mark.slow
@pytest.mark.parametrize("name", BANK[::5], ids=lambda name: Path(name).stem)
def test_names_are_bound_before_they_are_read(name: str) -> None:
    """In the functions that make arrays each line needs only what stands above it, and everything is returned."""
    functions = [n for n in ast.parse(text(name, "fast")).body if isinstance(n, ast.FunctionDef)]
    for maker in (f for f in functions if f.name.endswith("_arrays")):
        bound = {a.arg for a in maker.args.args} | {"np", "list", "max", "min", "_by_step"}
        made: list[str] = []
        for statement in maker.body[1:-1]:
            assert isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
            read = {n.id for n in ast.walk(statement.value) if isinstance(n, ast.Name)}
            assert read <= bound, (maker.name, read - bound)
            made.append(statement.targets[0].id)
            bound.add(made[-1])
        (last,) = [s.value for s in maker.body if isinstance(s, ast.Return)]
        assert isinstance(last, ast.Tuple) and [n.id for n in last.elts if isinstance(n, ast.Name)] == made
