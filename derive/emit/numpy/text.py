"""People's text inside generated Python: escaped, so that it cannot end the docstring or comment it stands in."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 120


def for_docstring(text: str) -> str:
    r"""The text as it may stand between triple quotes; what is not printable becomes an escape.

    >>> print(for_docstring('a \\ "quote", \"\"\" and \x00'))
    a \\ "quote", \"\"\" and \x00
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).split("\n")
    escaped = (printable(line.replace("\\", "\\\\")).rstrip() for line in lines)
    return "\n".join(escaped).replace('"""', r"\"\"\"").replace('""', r"\"\"")


def for_comment(text: str) -> str:
    """The text on one line, with escapes for what is not printable."""
    return printable(" ".join(text.split()))


def printable(line: str) -> str:
    """A line with escapes for what is not printable: what would end it, or turn around what is seen of it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)


def without_docstring(source: str) -> str:
    """A model's text without the docstring at its top."""
    try:
        first = ast.parse(source).body[0]
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
        return source
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    if not is_docstring or not isinstance(first.value.value, str) or first.end_lineno is None:  # type: ignore[attr-defined]
        return source
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(lines[first.end_lineno :]).strip("\n")


def folded(opening: str, items: Sequence[str], closing: str, indent: int = 0) -> list[str]:
    """`opening item, item closing`, on one line where it fits, else over several as a code formatter writes it.

    >>> folded("f(", ["a", "b"], ")")
    ['f(a, b)']
    """
    line = f"{opening}{', '.join(items)}{closing}"
    if indent + len(line) <= WIDTH or not items:
        return [line]
    inner = ", ".join(items)
    if indent + 4 + len(inner) <= WIDTH and "\n" not in inner:
        return [opening, f"    {inner}", closing]
    return [opening, *(f"    {item}," for item in items), closing]


def unpacked(targets: Sequence[str], value: str, indent: int = 0) -> list[str]:
    """`a, b = value`, in parentheses over several lines where it is long."""
    line = f"({targets[0]},) = {value}" if len(targets) == 1 else f"{', '.join(targets)} = {value}"
    if indent + len(line) <= WIDTH:
        return [line]
    lines = textwrap.wrap(", ".join(targets) + ",", WIDTH - indent - 4, break_long_words=False, break_on_hyphens=False)
    return ["(", *(f"    {part}" for part in lines), f") = {value}"]


def packed(values: Sequence[str], indent: int = 0) -> list[str]:
    """`return a, b`, in parentheses over as many lines as are needed."""
    line = f"return {', '.join(values)}{',' * (len(values) == 1)}"
    if indent + len(line) <= WIDTH:
        return [line]
    lines = textwrap.wrap(", ".join(values) + ",", WIDTH - indent - 4, break_long_words=False, break_on_hyphens=False)
    return ["return (", *(f"    {part}" for part in lines), ")"]


def wrapped(line: str) -> list[str]:
    """A statement as it is; a comment that is too long for a function's body over several lines."""
    text = line.lstrip()
    if not text.startswith("# ") or len(line) + 4 <= WIDTH:
        return [line]
    margin = line[: len(line) - len(text)] + "# "
    return textwrap.wrap(
        text[2:],
        WIDTH - 4,
        initial_indent=margin,
        subsequent_indent=margin + "    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def table(rows: Iterable[Sequence[str]], indent: int = 0) -> list[str]:
    """Rows with their columns aligned; what is too long in the last one goes on below.

    >>> table([("x", "1"), ("why", "2")])
    ['x    1', 'why  2']
    """
    rows = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    margin = sum(widths) + 2 * len(widths)
    room = max(WIDTH - indent - margin, 40)
    lines = []
    for *cells, last in rows:
        first = "".join(f"{cell:<{width}}  " for cell, width in zip(cells, widths, strict=True))
        parts = textwrap.wrap(last, room, break_long_words=False, break_on_hyphens=False) or [""]
        lines += [f"{first}{parts[0]}".rstrip(), *(" " * margin + part for part in parts[1:])]
    return lines
