"""With teacher forcing no step waits for the one before it, so nothing loops, whatever is asked and in either style."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from derive import pipeline
from derive.program import Given, Loop, Only, Program, Statement, Wanted
from tests import bank

FORCED = ("teacher_forcing", "narx")
RECURRENT = ("output_recurrence", "vanilla")
FUNCTIONS = ("forward", "loss", "loss_and_grad", "backward")


def loops(body: tuple[Statement, ...]) -> Iterator[Loop]:
    """Every loop, also of what runs on request only."""
    for statement in body:
        if isinstance(statement, Loop):
            yield statement
        if isinstance(statement, Loop | Wanted | Only | Given):
            yield from loops(statement.body)


def programs(name: str, style: str) -> dict[str, Program]:
    made = bank.programs(name, style)
    return {"forward": made.forward, "value": made.value(["loss", *made.kept]), "gradient": made.gradient}


def looping_functions(name: str, style: str) -> set[str]:
    """The functions of a module with a `for` over a range or a `while`."""
    found = set()
    for function in ast.parse(bank.text(name, style)).body:
        for node in ast.walk(function):
            over_a_range = isinstance(node, ast.For) and ast.unparse(node.iter).startswith("range(")
            if isinstance(function, ast.FunctionDef) and (over_a_range or isinstance(node, ast.While)):
                found.add(function.name)
    return found


@pytest.mark.parametrize("style", pipeline.STYLES)
@pytest.mark.parametrize("name", FORCED)
def test_nothing_loops(name: str, style: str) -> None:
    for what, program in programs(name, style).items():
        assert not list(loops(program.body)), what
    assert not looping_functions(name, style) & set(FUNCTIONS)


@pytest.mark.parametrize("style", pipeline.STYLES)
@pytest.mark.parametrize("name", RECURRENT)
def test_a_network_that_feeds_itself_loops(name: str, style: str) -> None:
    for what, program in programs(name, style).items():
        assert len(list(loops(program.body))) == 1, what
    assert looping_functions(name, style) >= set(FUNCTIONS)
