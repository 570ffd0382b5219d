"""In the plain style what is added to one target becomes one expression; nothing else moves."""

from __future__ import annotations

from derive.language import read
from derive.program import Apply, Assign, Loop, Program, Statement
from derive.schedule.programs import Programs
from tests.schedule.running import gradient_of

TEXT = "x: Input[T, n]\nW, U = Param[n, n]\nb: Param[n]\na[t] = W @ x[t] + U @ x[t] + b\nloss = sum(sum(a[t]**2), t)\n"


def forward(text: str, style: str) -> Program:
    return Programs(gradient_of(read(text)), style).value(["loss"])


def writes(body: tuple[Statement, ...], name: str) -> list[Assign]:
    found = []
    for statement in body:
        if isinstance(statement, Assign) and statement.target.name == name:
            found.append(statement)
        elif isinstance(statement, Loop):
            found += writes(statement.body, name)
    return found


def test_terms_of_one_target_become_one_expression() -> None:
    (merged,) = writes(forward(TEXT, "plain").body, "a")
    assert isinstance(merged.value, Apply) and merged.value.function == "add" and not merged.adds


def test_the_fast_style_adds_in_place() -> None:
    found = [statement for name in ("a", "a|") for statement in writes(forward(TEXT, "fast").body, name)]
    assert len(found) > 1 and [s.adds for s in found] == [False] + [True] * (len(found) - 1)


def test_what_is_added_at_looked_up_entries_stays_apart() -> None:
    text = "y: Label[T, n]\nx: Input[T, n]\nW: Param[n, n]\no[t] = W @ x[t]\nloss = sum(-logsoftmax(o[t])[y[t]], t)\n"
    program = Programs(gradient_of(read(text)), "plain").gradient
    assert len(writes(program.body, "grad(o)")) == 2
