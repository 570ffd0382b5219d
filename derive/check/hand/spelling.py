"""A line in the notation of the person, from syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence

from derive.check.hand.lines import HandLine

Printer = Callable[[HandLine, ast.expr, ast.expr, Sequence[ast.Compare]], str]


def spelled(
    line: HandLine, right: ast.expr, left: ast.expr | None = None, conditions: Sequence[ast.Compare] | None = None
) -> str:
    """A line with another right side, as the person would write it.

    Args:
        line: the line as it was read.
        right: the right side that it should have.
        left: another left side, where that is at fault.
        conditions: other conditions, where these are at fault.
    """
    return printer(line.notation)(line, left or line.left, right, line.conditions if conditions is None else conditions)


def printer(notation: str) -> Printer:
    """The printer of a notation."""
    if notation == "latex":
        from derive.check.tex.spelling import tex_line

        return tex_line
    return _hand


def words(line: HandLine) -> Callable[[ast.expr], str]:
    """How an expression is written in a sentence about a line: in the notation of its file."""
    if line.notation == "latex":
        from derive.check.tex.spelling import tex_words

        return tex_words(line)
    return plain


def _hand(line: HandLine, left: ast.expr, right: ast.expr, conditions: Sequence[ast.Compare]) -> str:
    behind = "".join(f", {plain(condition)}" for condition in conditions)
    return f"{plain(left)} = {plain(right)}{behind}"


def plain(node: ast.expr) -> str:
    """An expression of the language, subscripts without spaces, as people write them."""
    text = ast.unparse(node).replace(" ** ", "**")
    return re.sub(r"\[[^][]*\]", lambda found: re.sub(r" ([+*/-]) ", r"\1", found[0]), text)
