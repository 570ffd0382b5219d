"""For reading: neighbouring statements that add to the same cells become one expression, as a person would write it."""

from __future__ import annotations

from dataclasses import replace

from derive.program import Apply, Assign, Given, Loop, Only, Program, Statement, Value, Wanted


def merge(program: Program) -> Program:
    """The program with neighbouring additions to one target put together."""
    return replace(program, body=_block(program.body))


def _block(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    merged: list[Statement] = []
    for statement in statements:
        if isinstance(statement, Loop | Only | Wanted | Given):
            merged.append(replace(statement, body=_block(statement.body)))
            continue
        last = merged[-1] if merged else None
        if isinstance(statement, Assign) and isinstance(last, Assign) and _joins(last, statement):
            dims = tuple(i for i in last.target.dims if i in last.value.dims or i in statement.value.dims)
            makes = last.makes or (not last.adds and statement.makes)
            merged[-1] = replace(last, value=Apply("add", (*_terms(last.value), statement.value), dims), makes=makes)
        else:
            merged.append(statement)
    return tuple(merged)


def _terms(value: Value) -> tuple[Value, ...]:
    return value.arguments if isinstance(value, Apply) and value.function == "add" else (value,)


def _joins(first: Assign, second: Assign) -> bool:
    return second.adds and not second.scatters and not first.scatters and first.target == second.target
