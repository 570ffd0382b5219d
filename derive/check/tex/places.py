"""From characters of a file to the places that syntax nodes carry: lines, and columns in bytes."""

from __future__ import annotations

import ast
from bisect import bisect_right
from typing import TypeVar

from derive.errors import Place
from derive.language.source import Source

Made = TypeVar("Made", bound=ast.expr)


class Places:
    """The places of one text."""

    def __init__(self, source: Source) -> None:
        """The places of a source's text."""
        self.source = source
        self._starts = [0]
        for line in source.lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def line(self, offset: int) -> int:
        """The line of a character, from 1."""
        return max(1, min(bisect_right(self._starts, offset), len(self.source.lines)))

    def at(self, start: int, end: int) -> Place:
        """The place of some characters; of the first line, where they have several."""
        line = self.line(start)
        column = start - self._starts[line - 1] + 1
        return self.source.at(line, column, max(1, end - start))

    def mark(self, node: Made, start: int, end: int) -> Made:
        """A syntax node that stands for some characters, and so do all its parts that have no place."""
        line, last = self.line(start), self.line(max(start, end - 1))
        node.lineno, node.end_lineno = line, last
        node.col_offset = self._bytes(line, start)
        node.end_col_offset = self._bytes(last, end)
        _inherit(node)
        return node

    def _bytes(self, line: int, offset: int) -> int:
        text = self.source.lines[line - 1][: offset - self._starts[line - 1]]
        return len(text.encode())


def _inherit(node: ast.AST) -> None:
    """Give the place of a node to its parts without one; those that have one gave it to theirs."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, (ast.expr, ast.keyword)) and not hasattr(part, "lineno"):
            ast.copy_location(part, node)
            _inherit(part)
