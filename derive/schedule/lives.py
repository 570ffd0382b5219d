"""When each array of a function is needed, and which statements read and write it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import sympy

from derive.expressions import Index
from derive.program import (
    Allocate,
    Assign,
    Buffer,
    Gather,
    Given,
    Loop,
    Only,
    Part,
    Point,
    Program,
    Statement,
    View,
    Wanted,
    views,
)

NEVER, FOREVER = -1, 1 << 60


@dataclass
class Life:
    """One array.

    Attributes:
        buffer: the array.
        first: the number of the first statement that uses it.
        last: that of the last one; `FOREVER` for what the function leaves behind.
        reads: who reads what of it, besides a statement that changes what it reads.
        writes: who writes it, and in which loops.
    """

    buffer: Buffer
    first: int = FOREVER
    last: int = NEVER
    reads: list[tuple[Assign, View]] = field(default_factory=list)
    writes: list[tuple[Assign, frozenset[Index]]] = field(default_factory=list)

    @property
    def kind(self) -> tuple[tuple[sympy.Expr, ...], bool]:
        """What arrays have in common that can take each other's memory."""
        return self.buffer.extent, self.buffer.variable.classes is None

    @property
    def makers(self) -> list[tuple[Assign, frozenset[Index]]]:
        """The statements that write entries of it anew, from other arrays."""
        return [(a, around) for a, around in self.writes if not a.adds and a.target not in views(a.value)]


def lives(programs: Sequence[Program], kept: Collection[str]) -> dict[str, Life]:
    """The arrays that are made whatever is asked for.

    Args:
        programs: those of one function, one after the other, in single operations.
        kept: what outlives the function.
    """
    book = _Book({part.name: part for program in programs for part in program.parts})
    for program in programs:
        for statement in program.body:
            book.note(statement)
    for name in kept:
        if name in book.found:
            book.found[name].last = FOREVER
    return {name: life for name, life in book.found.items() if life.last != NEVER}


class _Book:
    """Notes statements in their order."""

    def __init__(self, parts: dict[str, Part]) -> None:
        self.parts = parts
        self.found: dict[str, Life] = {}
        self.number = 0

    def note(self, statement: Statement) -> None:
        self.number += 1
        if isinstance(statement, Allocate) and statement.buffer.extent:
            name = statement.buffer.variable.name
            self.found.setdefault(name, Life(statement.buffer))
            if statement.buffer.zeros:
                self.use(name)
        for assign, around in _assigns(statement):
            target = self.use(assign.target.name)
            if target is not None:
                target.writes.append((assign, around))
            for view in self.read(assign):
                life = self.use(view.name)
                if life is not None and view != assign.target:
                    life.reads.append((assign, view))

    def use(self, name: str) -> Life | None:
        life = self.found.get(name)
        if life is not None:
            life.first, life.last = min(life.first, self.number), max(life.last, self.number)
        return life

    def read(self, assign: Assign) -> Iterator[View]:
        """What a statement reads, entries of stacks as the parts of the stacks that they are."""
        found = [*views(assign.value), *([assign.work] if assign.work is not None else [])]
        found += [v for s in assign.target.subscripts if isinstance(s, Gather) for v in views(s.entries)]
        for view in found:
            part = self.parts.get(view.name)
            own = (Point(sympy.Integer(part.entry)), *view.subscripts) if part is not None else ()
            yield view if part is None else View(part.whole, own, view.dims)


def _assigns(statement: Statement, around: frozenset[Index] = frozenset()) -> Iterator[tuple[Assign, frozenset[Index]]]:
    if isinstance(statement, Assign):
        yield statement, around
    elif isinstance(statement, Loop | Only | Wanted | Given):
        inside = around | {statement.index} if isinstance(statement, Loop) else around
        for inner in statement.body:
            yield from _assigns(inner, inside)
