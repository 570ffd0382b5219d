"""Many changed versions of a function as one: compiled once, each chosen by a number.

To compile a function takes longer than to run it, and most candidates change one statement. So the versions of one
statement stand in its place, below comparisons with a global number: `if chosen < 7: ... else: ...`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

CHOSEN = "_derive_chosen"  # the global that says which version runs
_NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
_MOST = 128  # versions of a statement in one function
_PLACE = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}

Splice = tuple[int, int, str]  # where it begins and ends in the file's text, and what stands there instead
_Place = tuple[int, int, list[ast.stmt], int]  # where a statement begins and ends, its block, its number there


@dataclass(frozen=True)
class Versions:
    """Code that defines a function, and the candidates in it: the first is chosen by 0, the next by 1."""

    code: CodeType
    numbers: tuple[int, ...]


@dataclass
class _Group:
    block: list[ast.stmt]
    first: int
    last: int
    bodies: list[list[ast.stmt]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


class Function:
    """A function of the file, ready to be changed.

    Args:
        text: the file's text.
        span: where the function's lines begin and end in it, and its first line.
        file: the file's name.
    """

    def __init__(self, text: str, span: Sequence[int], file: str) -> None:
        """Read the function."""
        self.text, (self.start, self.end, self.line), self.file = text, span, file
        self.tree = ast.parse(text[self.start : self.end])
        self.lines = text[self.start : self.end].split("\n")
        self.starts = [self.start]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.names = _stored(self.tree)
        self.names |= {node.arg for node in ast.walk(self.tree) if isinstance(node, ast.arg)}
        self.places = sorted(self._places(), key=lambda place: place[1] - place[0])

    def _places(self) -> Iterator[_Place]:
        for node in ast.walk(self.tree.body[0]):
            for name in ("body", "orelse", "finalbody"):
                block: Any = getattr(node, name, None)
                for number, one in enumerate(block if isinstance(block, list) else ()):
                    start = self._position(one.lineno, one.col_offset)
                    end = self._position(one.end_lineno, one.end_col_offset)
                    rest = self.text[end : self.starts[one.end_lineno] - 1]
                    yield start, end + len(rest) * rest.lstrip().startswith("#"), block, number

    def _position(self, line: int, column: int) -> int:
        """A place that the parser gives in bytes of its line, in characters of the file."""
        head = self.lines[line - 1].encode()[:column]
        return self.starts[line - 1] + len(head.decode(errors="ignore"))

    def versions(self, splices: Sequence[tuple[int, Splice]]) -> Iterator[Versions]:
        """The candidates of this function, as few compilations as can be; those that are no Python are left out.

        Args:
            splices: by a candidate's number, what it changes.
        """
        groups: dict[tuple[int, int, int], list[_Group]] = {}
        for number, splice in splices:
            group, body = self._read(splice)
            if group is None:
                yield from self._whole(number, splice)
            elif body:
                same = groups.setdefault((id(group.block), group.first, group.last), [group])
                if len(same[-1].numbers) == _MOST:
                    same.append(group)
                same[-1].bodies.append(body)
                same[-1].numbers.append(number)
        by_number = dict(splices)
        for group in (one for same in groups.values() for one in same):
            code = self._compiled(group)
            if code is not None:
                yield Versions(code, tuple(group.numbers))
            else:
                for number in group.numbers:
                    yield from self._whole(number, by_number[number])

    def _read(self, splice: Splice) -> tuple[_Group | None, list[ast.stmt]]:
        """The statements that a change is in, and what stands in their place; no group where they stay as text."""
        start, end, new = splice
        place = next((p for p in self.places if p[0] <= start <= p[1]), None)
        last = place
        if place is not None and place[1] < end:
            last = next((p for p in self.places if p[2] is place[2] and p[0] <= end <= p[1]), None)
        if place is None or last is None:
            run = next((p for p in self.places if p[0] <= start and end <= p[1]), None)
            place = last = run
        if place is None or last is None:
            return None, []
        line = self.text.rfind("\n", 0, place[0]) + 1
        margin = self.text[line : place[0]]
        if margin.strip():
            return None, []
        text = self.text[place[0] : start] + new + self.text[end : last[1]]
        try:
            head = ast.parse(f"if 1:\n{margin}{text}").body[0]
        except _NO_PYTHON:  # lines that are put in may belong to a block outside
            return (None if "\n" in new else _Group(place[2], place[3], last[3])), []
        assert isinstance(head, ast.If)
        if not all(_stored(one) <= self.names for one in head.body):
            return None, []
        return _Group(place[2], place[3], last[3]), head.body

    def _whole(self, number: int, splice: Splice) -> Iterator[Versions]:
        text = changed(self.text, (self.start, self.end, self.line), splice)
        try:
            yield Versions(compile(text, self.file, "exec"), (number,))
        except _NO_PYTHON:
            return

    def _compiled(self, group: _Group) -> CodeType | None:
        kept = group.block[group.first : group.last + 1]
        group.block[group.first : group.last + 1] = _dispatch(group.bodies, 0)
        try:
            return compile(self.tree, self.file, "exec")
        except _NO_PYTHON:
            return None
        finally:
            group.block[group.first : group.first + 1] = kept


def changed(text: str, span: Sequence[int], splice: Splice) -> str:
    """The function that a candidate changes, as text on its own lines."""
    start, end, new = splice
    first, last, line = span
    text = text[:start] + new + text[end:]
    return "\n" * (line - 1) + text[first : last + len(new) - (end - start)]


def _stored(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _constant(value: int) -> ast.Constant:
    return ast.Constant(value, None, **_PLACE)


def _dispatch(bodies: Sequence[list[ast.stmt]], first: int) -> list[ast.stmt]:
    """One statement that runs the chosen body, by halves; `first` is the number of the first of them."""
    if len(bodies) == 1:
        return bodies[0] if first else [ast.If(_constant(True), bodies[0], [], **_PLACE)]
    half = len(bodies) // 2
    name = ast.Name(CHOSEN, ast.Load(), **_PLACE)
    test = ast.Compare(name, [ast.Lt()], [_constant(first + half)], **_PLACE)
    return [ast.If(test, _dispatch(bodies[:half], first), _dispatch(bodies[half:], first + half), **_PLACE)]
