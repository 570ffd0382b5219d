"""Bounds on a line: what a person writes by hand is short, and all that is done with it nests as it does."""

from __future__ import annotations

import ast

from derive.check.hand.lines import HandLine, Unread
from derive.check.hand.rules import line_too_large
from derive.language import bounds
from derive.language.source import Sink

DEPTH = 40  # of brackets and functions in each other
LONGEST = 120  # of the terms of a sum or the factors of a product


def bounded(line: HandLine | Unread) -> HandLine | Unread:
    """A line, or why it is too large to be checked."""
    if isinstance(line, Unread):
        return line
    for side in (line.left, line.right, *line.conditions):
        nested, long = _extent(side)
        if nested > DEPTH or long > LONGEST:
            sink = Sink(line.source)
            sink.report(line.source.at(line.number, 1), line_too_large(DEPTH, LONGEST))
            return Unread(line.number, line.text[:200], sink.faults[0])
    return line


def _extent(node: ast.AST) -> tuple[int, int]:
    """How deep an expression nests, where a chain `a + b + ...` is one level, and how deep its tree is."""
    todo: list[tuple[ast.AST, int, int]] = [(node, 0, 0)]
    nested = long = 0
    while todo:
        here, level, depth = todo.pop()
        nested, long = max(nested, level), max(long, depth)
        for child in ast.iter_child_nodes(here):
            chained = isinstance(here, ast.BinOp) and child is here.left and bounds.same_chain(here, child)
            todo.append((child, level + (not chained), depth + 1))
    return nested, long
