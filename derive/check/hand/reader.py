"""`NAME.hand.eq` -> lines. Nothing is evaluated: both sides of a statement are parsed, each as an expression."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from derive.check.hand.lines import HandFile, HandLine, Unread
from derive.check.hand.rules import (
    adds_a_part,
    bracket_open,
    bracket_stray,
    declares,
    helper_function,
    more_than_one,
    no_claim,
    not_a_condition,
    slip,
    to_fill_in,
)
from derive.language import bounds, rules_text
from derive.language.source import Sink, Source

LINES = 500
_MODEL = re.compile(r"^[ \t]*(?:[#%]|<!--)[ \t]*model:[ \t]*(\S+)[ \t]*(?:-->)?[ \t\r]*$", re.MULTILINE | re.IGNORECASE)
_HELPER = re.compile(r"\s*def\s+\w+\s*\(")
_DECLARATION = re.compile(r"\s*[\w, ]+:\s*[A-Z]\w*\s*\[")
_SLIPS = (
    (r"\b(for|if)\b.*[<>=]", "write the steps at which the line holds behind a comma: ..., t < T"),
    (r"\^\s*\{?(T\b|\\top)|\w'", "the transpose is W.T"),
    (r"\{", "a one-hot vector is onehot(y[t]), an indicator where(i == y[t], 1, 0)"),
    (r"\^|[²³]", "a power is h[t]**2"),
    (r"[∑Σ∇∂⊙ᵀ]", "write sum(..., t), grad(h[t]), * for element by element, W.T for the transpose"),
)
_QUOTES = ('"""', "'''", '"', "'", 'r"""', "r'''")


def read_hand(text: str, filename: str = "<text>") -> HandFile:
    """The lines of a hand derivation.

    Args:
        text: the text of the file.
        filename: its name, for messages.

    Raises:
        DeriveError: the text passes a bound.
    """
    source = Source(text, filename)
    sink = Sink(source)
    if not bounds.check(source, sink):
        return HandFile((Unread(1, source.lines[0][:80], sink.faults[0]),), model_named(text))
    statements = list(_statements(source))
    if len(statements) > LINES:
        sink.report(source.at(1, 1), rules_text.too_many_equations(len(statements), LINES))
        return HandFile((Unread(1, source.lines[0][:80], sink.faults[0]),), model_named(text))
    lines = [line for first, last in statements for line in _lines(source, first, last)]
    return HandFile(tuple(lines), model_named(text))


def model_named(text: str) -> str:
    """The model that a file names in a comment (`# model: lstm`, also behind `%` and `<!--`), or an empty string."""
    found = _MODEL.search(text)
    return found[1] if found else ""


def _statements(source: Source) -> Iterator[tuple[int, int]]:
    """First and last line of each statement. A bracket that is never closed ends its statement at the line's end.

    A line that begins with `=` claims something more of the same left side; one that begins with an operator and has no
    `=` goes on with the statement before it.
    """
    extents = bounds.logical_lines(source.text)
    waiting: tuple[int, int] | None = None
    while extents:
        first, last = extents.pop(0)
        bare = _without_comments(source.lines[first - 1 : last])
        if not bare.strip():
            continue
        if bare.lstrip().startswith(_QUOTES) and "=" not in re.sub(r"(?s)('''|\"\"\").*?\1", "", bare):
            continue
        if last > first and bare.count("(") + bare.count("[") > bare.count(")") + bare.count("]"):
            rest = "\n" * first + "\n".join(source.lines[first:])
            extents = [extent for extent in bounds.logical_lines(rest) if extent[0] > first]
            last = first
        goes_on = re.match(r"\s*=", bare) or (re.match(r"\s+[-+*/@]", bare) and not _equals(bare))
        if waiting and _HELPER.match(source.lines[waiting[0] - 1]):
            goes_on = re.match(r"\s", bare)  # the body of a helper function
        if waiting and goes_on:
            waiting = waiting[0], last
            continue
        if waiting:
            yield waiting
        waiting = first, last
    if waiting:
        yield waiting


def _without_comments(rows: list[str]) -> str:
    return "\n".join(row[: row.index("#")] + " " * (len(row) - row.index("#")) if "#" in row else row for row in rows)


def _equals(text: str) -> list[int]:
    """Where the equals signs outside of all brackets are."""
    found, depth = [], 0
    for at, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if (
            sign == "="
            and depth == 0
            and text[at - 1 : at] not in ("<", ">", "!", "=", ":")
            and text[at + 1 :][:1] != "="
        ):
            found.append(at)
    return found


def _lines(source: Source, first: int, last: int) -> Iterator[HandLine | Unread]:
    """The lines of one statement: `a = b = c` claims both `a = b` and `a = c`."""
    bare = _without_comments(source.lines[first - 1 : last])
    sink = Sink(source)
    balance, equals = _balance(bare), _equals(bare)
    width = len(bare.split("\n")[0].rstrip())
    if balance:
        sink.report(source.at(first, 1, width), bracket_stray() if balance < 0 else bracket_open())
    elif ";" in bare.strip().rstrip(";"):
        sink.report(source.at(first, 1 + bare.split("\n")[0].find(";")), more_than_one())
    elif _HELPER.match(bare):
        sink.report(source.at(first, 1, width), helper_function())
    elif _DECLARATION.match(bare):
        sink.report(source.at(first, 1, width), declares())
    elif equals and bare[: equals[0]].endswith(("+", "-", "*", "/", "@")):
        sink.report(source.at(first, 1, width), adds_a_part())
    elif not equals:
        sink.report(source.at(first, 1, width), no_claim("==" in bare))
    left = None if sink.faults else _expression(bare, 0, equals[0], first, sink)
    if left is None:
        yield Unread(first, " ".join(bare.split()), sink.faults[0])
        return
    for start, end in zip(equals, [*equals[1:], len(bare)], strict=True):
        number = first + (bare.count("\n", 0, start) if start != equals[0] else 0)
        text = " ".join(f"{bare[: equals[0]]} = {bare[start + 1 : end]}".split())
        yield _line(source, number, left, text, _expression(bare, start + 1, end, first, sink := Sink(source)), sink)


def _line(
    source: Source, number: int, left: ast.expr, text: str, right: ast.expr | None, sink: Sink
) -> HandLine | Unread:
    """One claim, its right side parsed."""
    side, conditions = _parted(right) if right is not None else (ast.Constant(0), [])
    for condition in conditions:
        if not isinstance(condition, ast.Compare):
            sink.report(condition, not_a_condition(source.short(condition)))
    if isinstance(side, ast.Constant) and side.value is ...:
        sink.report(side, to_fill_in())
    if sink.faults:
        return Unread(number, text, sink.faults[0])
    return HandLine(number, left, side, tuple(c for c in conditions if isinstance(c, ast.Compare)), text, source)


def _parted(node: ast.expr) -> tuple[ast.expr, list[ast.expr]]:
    """A right side and what stands behind its commas."""
    if isinstance(node, ast.Tuple) and node.elts:
        return node.elts[0], list(node.elts[1:])
    return node, []


def _balance(text: str) -> int:
    """How many brackets stay open; -1 where one closes that was never opened."""
    depth = 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if depth < 0:
            return -1
    return depth


def _expression(text: str, start: int, end: int, first: int, sink: Sink) -> ast.expr | None:
    """One side of a statement, its nodes at their places in the file."""
    side = _blank(text[:start]) + text[start:end] + _blank(text[end:])
    if not text[start:end].strip():
        line = first + text.count("\n", 0, start)
        sink.report(sink.source.at(line, 1, 200), no_claim())
        return None
    try:
        tree = ast.parse(f"(\n{side}\n)", mode="eval")
    except (RecursionError, MemoryError, ValueError):
        sink.report(sink.source.at(first, 1), rules_text.expression_too_long())
        return None
    except SyntaxError as error:
        line = min(first + text.count("\n"), max(first, (error.lineno or 2) + first - 2))
        detail = error.msg.split(". Perhaps")[0].split(" (detected")[0]
        hint = next((hint for pattern, hint in _SLIPS if re.search(pattern, text[start:end])), "")
        sink.report(sink.source.at(line, max(1, error.offset or 1)), slip(detail, hint))
        return None
    ast.increment_lineno(tree, first - 2)
    if bounds.too_long(tree):
        sink.report(sink.source.at(first, 1), rules_text.expression_too_long())
        return None
    _within_its_text(tree.body)
    return tree.body


def _blank(text: str) -> str:
    """As much white space as the text is long, in bytes, which Python counts columns in."""
    return "".join(c if c == "\n" else " " * len(c.encode(errors="replace")) for c in text)


def _within_its_text(node: ast.expr) -> None:
    """Let a node that took the brackets around the one side for its own end where its parts do."""
    parts = [part for part in ast.walk(node) if isinstance(part, ast.expr) and part is not node]
    if isinstance(node, ast.Tuple | ast.GeneratorExp) and parts:
        first = min(parts, key=lambda part: (part.lineno, part.col_offset))
        last = max(parts, key=lambda part: (part.end_lineno or 0, part.end_col_offset or 0))
        node.lineno, node.col_offset = first.lineno, first.col_offset
        node.end_lineno, node.end_col_offset = last.end_lineno, last.end_col_offset
