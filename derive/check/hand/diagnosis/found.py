"""What a search finds, and what a diagnosis says of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """What makes a line right.

    Attributes:
        names: the mistakes, by their names in the table.
        texts: each in words.
        where: the parts of the line in which they were made.
        right: the right side as it should be, in the person's words.
    """

    names: tuple[str, ...]
    texts: tuple[str, ...]
    where: tuple[str, ...]
    right: ast.expr


@dataclass(frozen=True)
class Diagnosis:
    """What is said of a wrong line.

    Attributes:
        names: the mistakes, by their names in the table; none where no mistake of the table explains the line.
        text: the mistake in words.
        where: the parts of the line that are wrong, for who wants no more than that.
        correct: the line as it should be, in the person's notation.
        line: the line that is at fault, where that is another one: a definition.
        right: the right side of the line as it should be.
        brief: the text in short, where all of it is said of the lines that are at fault.
    """

    names: tuple[str, ...]
    text: str
    where: tuple[str, ...]
    correct: str | None
    line: int | None = None
    right: ast.expr | None = None
    brief: str = ""
