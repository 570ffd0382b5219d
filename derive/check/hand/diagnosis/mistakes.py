"""The table of mistakes: each undoes one kind of mistake at every place of a term where it could have been made."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from derive.check.hand.diagnosis.setting import Setting
from derive.check.hand.spelling import plain

Undo = Callable[[ast.expr, Setting], Iterator["Mend"]]


@dataclass(frozen=True)
class Mend:
    """A term with one mistake undone.

    Thousands are made for one that is said, so that only the parts of the sentence are kept.

    Attributes:
        tree: the term as it would be without the mistake.
        form: what the mistake was, a sentence without its full stop, with a place for each of the parts.
        place: the part of the person's line in which it was made.
        parts: what stands in the sentence.
    """

    tree: ast.expr
    form: str
    place: ast.expr
    parts: tuple[ast.expr, ...] = ()

    def text(self, say: Callable[[ast.expr], str] = plain) -> str:
        """The mistake in words.

        Args:
            say: how an expression is written.
        """
        return self.form.format(*(say(part) for part in self.parts))

    @property
    def where(self) -> str:
        """The part of the line, as text."""
        return plain(self.place)


@dataclass(frozen=True)
class Mistake:
    """A row of the table.

    Attributes:
        name: what the mistake is called.
        undo: from a term to the terms that it may have been meant to be.
        rank: the least is the likeliest explanation of two that both fit.
    """

    name: str
    undo: Undo
    rank: int


TABLE: dict[str, Mistake] = {}


def mistake(name: str, rank: int) -> Callable[[Undo], Undo]:
    """Enter a mistake into the table."""

    def enter(undo: Undo) -> Undo:
        assert name not in TABLE, f"two mistakes are called {name}"
        TABLE[name] = Mistake(name, undo, rank)
        return undo

    return enter


def table() -> tuple[Mistake, ...]:
    """Every mistake, the likeliest first."""
    # Each module enters its own rows.
    from derive.check.hand.diagnosis import at_lacks, at_names, at_products, at_steps

    assert at_lacks and at_names and at_products and at_steps
    return tuple(sorted(TABLE.values(), key=lambda row: row.rank))
