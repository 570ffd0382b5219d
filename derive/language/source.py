"""A user's text with its lines: from a syntax node to a place, and a sink in which faults gather."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from derive.errors import Fault, Place
from derive.language.problem import Problem

FAULTS = 100  # that are told of one text: who has more mends these first
LONGEST_LINE = 200  # more of a line is shown only where the fault lies further right


class Source:
    r"""The text of a model file.

    Attributes:
        text: the text, with `\n` alone at the ends of lines.
        file: the file's name, as the user gave it.
        lines: the lines, without their ends.
    """

    def __init__(self, text: str, file: str) -> None:
        """The text of a file, its ends of lines made the same."""
        self.text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self.file = file
        self.lines = self.text.split("\n")

    def at(self, line: int, column: int, width: int = 1) -> Place:
        """The place at a line and a column, both from 1, the column in characters."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        column = max(1, min(column, len(text) + 1))
        width = max(1, min(width, len(text) - column + 1))
        return Place(self.file, line, column, text[: max(LONGEST_LINE, column + width)], width)

    def place(self, node: ast.AST) -> Place:
        """The place of a node; its first line only, where it has several."""
        line, start, end_line, end = _extent(node)
        column = self._characters(line, start)
        stop = self._characters(line, end) if end_line == line else len(self.lines[line - 1])
        return self.at(line, column + 1, stop - column)

    def segment(self, node: ast.AST) -> str:
        """The text of a node on one line, white space made single."""
        line, start, end_line, end = _extent(node)
        rows = self.lines[line - 1 : end_line]
        rows[-1] = rows[-1][: self._characters(end_line, end)]
        rows[0] = rows[0][self._characters(line, start) :]
        return " ".join(" ".join(rows).split())

    def short(self, node: ast.AST, most: int = 50) -> str:
        """The text of a node for a message, cut where it is long."""
        text = self.segment(node)
        return text if len(text) <= most else text[: most - 3] + "..."

    def _characters(self, line: int, offset: int) -> int:
        """Python counts columns in bytes of UTF-8; people count characters."""
        text = self.lines[line - 1]
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))


def _extent(node: ast.AST) -> tuple[int, int, int, int]:
    assert isinstance(node, (ast.expr, ast.stmt, ast.arg, ast.keyword))
    return node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset + 1


@dataclass
class Sink:
    """Where faults gather; a quiet one forgets them.

    Attributes:
        source: the text at fault.
        quiet: whether faults are dropped, while shapes are still being found.
        faults: what was reported, without repeats.
    """

    source: Source
    quiet: bool = False
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether no more is told."""
        return len(self.faults) >= FAULTS

    def report(self, where: ast.AST | Place, problem: Problem) -> None:
        """Keep one fault, unless it is known already (a helper may be expanded many times)."""
        if self.quiet or self.is_full:
            return
        place = where if isinstance(where, Place) else self.source.place(where)
        fault = Fault(problem.message, place, problem.hint, problem.rule)
        if fault not in self.faults:
            self.faults.append(fault)
        if self.is_full:
            self.faults.append(Fault(f"here {FAULTS} mistakes are told; mend these first", place))
