"""What every kind of hand derivation is read into: lines, each a left side and a right side as syntax trees."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from derive.errors import Fault
from derive.language.source import Source

Notation = Literal["hand", "latex"]


@dataclass(frozen=True)
class HandLine:
    """One statement: a claim, or a definition of a name of the person's own.

    Attributes:
        number: its first line in the person's file, from 1.
        left: the left side in the language's syntax, where `grad(h[t])` is a call.
        right: the right side.
        conditions: the comparisons behind the comma (`t < T`).
        text: the statement as the person wrote it, on one line.
        source: the text that the nodes of both sides are places in.
        notation: what the person writes; in LaTeX vectors are columns.
    """

    number: int
    left: ast.expr
    right: ast.expr
    conditions: tuple[ast.Compare, ...]
    text: str
    source: Source
    notation: Notation = "hand"


@dataclass(frozen=True)
class Unread:
    """A statement that could not be read.

    Attributes:
        number: its first line in the person's file.
        text: the statement.
        fault: what is wrong, with its place.
    """

    number: int
    text: str
    fault: Fault


@dataclass(frozen=True)
class HandFile:
    """A hand derivation, read but not understood yet.

    Attributes:
        lines: its statements in order.
        model: the name of the model that the file names, or an empty string.
    """

    lines: tuple[HandLine | Unread, ...]
    model: str = ""
