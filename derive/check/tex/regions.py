r"""A LaTeX file -> statements: the tokens of each, rows that belong together joined.

Mathematics is what stands in `align`, `equation` and their like, in `\[...\]` and `$$...$$`, or between the comments
`% derive: begin` and `% derive: end`, which alone are read where there are any. All other text is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derive.check.tex.tokens import Mark, Unreadable, definitions, marks

MOST = 400  # statements of a file
LONGEST = 2_000  # tokens of a statement
_NAMES = "align|equation|gather|multline|eqnarray|flalign|alignat|displaymath|IEEEeqnarray|dmath|math"
_OPENING = re.compile(rf"\\begin\s*\{{({_NAMES})(\*?)\}}|(?<!\\)\\\[|\$\$")
_REGION = re.compile(
    r"^[ \t]*%+[ \t]*derive:[ \t]*begin\b[^\n]*\n(.*?)(?=^[ \t]*%+[ \t]*derive:[ \t]*end\b|\Z)", re.M | re.S
)
_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*%[^\n]*")
# What cannot begin an equation, and what cannot end one: a row there belongs to the one before.
_JOINS = frozenset("SIGN ELEMENTWISE OUTER TIMES OVER COMMA CLOSE END FOR SUB SUP PRIME DOTS".split())
_OPEN = frozenset("SIGN ELEMENTWISE OUTER TIMES OVER COMMA REL ADDS OPEN BEGIN SUB SUP FRAC BIG FOR".split())


@dataclass(frozen=True)
class Piece:
    """The tokens of one statement, without `&`, ends of rows and spaces.

    Attributes:
        marks: the tokens, in order; `SEP` stands between an equation and its condition.
        start: where it begins, in characters of the file.
        end: where it ends.
    """

    marks: tuple[Mark, ...]
    start: int
    end: int


def is_tex(text: str) -> bool:
    r"""Whether a text is LaTeX.

    >>> is_tex(r"\begin{align} a &= b \end{align}"), is_tex("a[t] = b[t]")
    (True, False)
    """
    return bool(_OPENING.search(text) or _REGION.search(text))


def pieces(text: str) -> Iterator[Piece | Unreadable]:
    """The statements of a file in its order; what cannot be read is told in its place."""
    macros = definitions(text)
    count = 0
    for start, end in _regions(text):
        try:
            found = marks(text, start, end, macros)
        except Unreadable as error:
            yield error
            continue
        for piece in _statements(found):
            if not piece.marks:
                continue
            count += 1
            if count > MOST:
                yield Unreadable(f"more than {MOST} equations in one file", piece.start, piece.end)
                return
            if len(piece.marks) > LONGEST:
                yield Unreadable(f"more than {LONGEST} symbols in one equation", piece.start, piece.end)
            else:
                yield piece


def _regions(text: str) -> Iterator[tuple[int, int]]:
    """Where mathematics stands."""
    marked = [match.span(1) for match in _REGION.finditer(text)]
    bare = _COMMENT.sub(lambda match: " " * len(match[0]), text)
    for start, end in marked or [(0, len(text))]:
        inside = list(_displayed(bare, start, end))
        # A marked region may be mathematics without an environment around it.
        yield from inside or ([(start, end)] if marked else [])


def _displayed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    while opening := _OPENING.search(text, at, end):
        closing = {"$$": "$$", "\\[": "\\]"}.get(opening[0], "")
        inside = opening.end()
        if closing:
            last = text.find(closing, inside, end)
            width = len(closing)
        else:
            closed = re.compile(rf"\\end\s*\{{{opening[1]}{re.escape(opening[2])}\}}").search(text, inside, end)
            last, width = (closed.start(), len(closed[0])) if closed else (-1, 0)
            if opening[1] in ("alignat", "IEEEeqnarray", "eqnarray"):
                argument = re.compile(r"\s*\{[^{}]*\}").match(text, inside, end)
                inside = argument.end() if argument else inside
        last, width = (end, 0) if last < 0 else (last, width)
        yield inside, last
        at = last + width


def _statements(found: Sequence[Mark]) -> Iterator[Piece]:
    """Rows, those that go on with the one before joined to it."""
    statement: list[Mark] = []
    for row in _rows(found):
        if statement and not _goes_on(statement, row):
            yield _piece(statement)
            statement = []
        statement += row
    if statement:
        yield _piece(statement)


def _rows(found: Sequence[Mark]) -> Iterator[list[Mark]]:
    """What stands between ends of rows, the rows of `cases` left whole; spaces at a row's beginning are dropped."""
    row: list[Mark] = []
    cases = 0
    for mark in found:
        cases += (mark.kind == "CASES_BEGIN") - (mark.kind == "CASES_END")
        if mark.kind == "ROW" and cases <= 0:
            if row:
                yield row
            row = []
        elif mark.kind == "AMP" and cases <= 0:
            continue
        elif mark.kind != "QUAD" or (row and cases <= 0):
            row.append(mark)
    if row:
        yield row


def _goes_on(statement: Sequence[Mark], row: Sequence[Mark]) -> bool:
    """Whether a row belongs to the statement before it."""
    depth = sum((m.kind in ("OPEN", "BEGIN")) - (m.kind in ("CLOSE", "END")) for m in statement)
    last = next((mark for mark in reversed(statement) if mark.kind != "QUAD"), None)
    if depth > 0 or (last is not None and last.kind in _OPEN):
        # A comma ends many an equation of a paper: what follows it is a condition only where it equates nothing.
        return depth > 0 or last is None or last.kind != "COMMA" or not _equates(row)
    return row[0].kind in _JOINS or not _relates(row)


def _equates(row: Sequence[Mark]) -> bool:
    return any(mark.kind in ("REL", "ADDS") and mark.value in ("=", "+=") for mark in row) and row[0].kind != "FOR"


def _relates(row: Sequence[Mark]) -> bool:
    return any(mark.kind in ("REL", "ADDS") for mark in row)


def _piece(statement: list[Mark]) -> Piece:
    kept = _separated(statement)
    return Piece(tuple(kept), statement[0].start, statement[-1].end)


def _separated(statement: Sequence[Mark]) -> list[Mark]:
    """Commas, wide spaces and words as *for* outside brackets become one separator; at the end they are nothing."""
    found: list[Mark] = []
    depth = 0
    for mark in statement:
        depth += (mark.kind in ("OPEN", "BEGIN", "CASES_BEGIN")) - (mark.kind in ("CLOSE", "END", "CASES_END"))
        if depth == 0 and mark.kind in ("COMMA", "QUAD", "FOR"):
            if found and found[-1].kind != "SEP":
                found.append(Mark("SEP", ",", mark.start, mark.end))
        elif mark.kind != "QUAD":
            if found and found[-1].kind == "SEP" and mark.kind in _JOINS - {"CLOSE", "END", "DOTS"}:
                found.pop()  # a wide space before a sign is a space
            found.append(mark)
    while found and found[-1].kind == "SEP":
        found.pop()
    return found
