"""Bounds on a text, checked before anything else reads it: a hostile file costs no more than a large one."""

from __future__ import annotations

import ast
import re

from derive.errors import Place
from derive.language import rules_text
from derive.language.source import Sink, Source

CHARACTERS = 300_000
DEPTH = 100
EQUATIONS = 2_000
DIGITS = 40
EXPONENT = 300
SHIFT = 200  # of a step: each step outside of the data is an equation
RANGE = 10_000  # a number at the end of a range: the interpreter goes through all entries
STEPS = 20  # at which one variable is read: every loop is cut into as many pieces
OPERATIONS = 2_500  # of a statement: some versions of Python parse longer chains, others do not
PARTS = 500  # of a model, its helpers expanded, and
PARTS_A_CHARACTER = 2  # more for each character of its text
PARTS_A_NAME = 10  # counted for what the reader gives a name of its own: it becomes an equation
PARTS_A_LINE = 20_000  # of a line of a derivation, likewise

_TOKEN = re.compile(
    r"""(?P<string>(?:'{3}|"{3})(?:\\.|[^\\])*?(?:'{3}|"{3})|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<comment>\#[^\n]*)|(?P<name>[^\W\d]\w*)|(?P<number>(?:\d|\.\d)[\w.]*(?:(?<=[eE])[+-]\d+)?)"""
    r"""|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<joined>\\\n)|(?P<end>\n)""",
    re.DOTALL,
)


def check(source: Source, sink: Sink) -> bool:
    """Whether a text keeps the bounds that Python's own parser relies on; what does not is reported."""
    if len(source.text) > CHARACTERS:
        sink.report(source.at(1, 1), rules_text.text_too_long(len(source.text), CHARACTERS))
        return False
    strange = re.search("[\0\ud800-\udfff]", source.text)
    if strange:
        what = "a null character" if strange.group() == "\0" else "half a character"
        sink.report(_place(source, strange.start()), rules_text.not_text(what))
        return False
    depth = 0
    for match in _TOKEN.finditer(source.text):
        kind = match.lastgroup
        if kind == "open":
            depth += 1
            if depth > DEPTH:
                sink.report(_place(source, match.start()), rules_text.nested_too_deeply(DEPTH))
                return False
        elif kind == "close":
            depth = max(0, depth - 1)
        elif kind == "number" and len(match.group()) > DIGITS:
            sink.report(_place(source, match.start(), len(match.group())), rules_text.number_too_long(DIGITS))
            return False
    return True


def parts(text: str) -> int:
    """How many parts a model may have: what is short says little, whatever its helpers call each other."""
    return PARTS + PARTS_A_CHARACTER * len(text)


def logical_lines(text: str) -> list[tuple[int, int]]:
    """First and last line of each statement, brackets and triple quotes holding lines together."""
    extents: list[tuple[int, int]] = []
    first = line = 1
    depth = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(0, depth - 1)
        line += match.group().count("\n")
        if kind == "end" and depth == 0:
            extents.append((first, line - 1))
            first = line
    extents.append((first, line))
    return extents


def too_deep(node: ast.AST) -> bool:
    """Whether a statement nests deeper than the bound. A chain `a + b + ...` or `a * b * ...` is one level."""
    todo: list[tuple[ast.AST, int]] = [(node, 0)]
    while todo:
        here, depth = todo.pop()
        if depth > DEPTH:
            return True
        for child in ast.iter_child_nodes(here):
            chained = isinstance(here, ast.BinOp) and child is here.left and same_chain(here, child)
            todo.append((child, depth if chained else depth + 1))
    return False


def too_long(node: ast.AST) -> bool:
    """Whether a statement has more operations than the bound."""
    return sum(isinstance(inner, ast.BinOp) for inner in ast.walk(node)) > OPERATIONS


def same_chain(outer: ast.BinOp, inner: ast.AST) -> bool:
    """Whether both are sums, or both products, so that they are read as one."""
    sums, products = (ast.Add, ast.Sub), (ast.Mult, ast.Div)
    return isinstance(inner, ast.BinOp) and any(
        isinstance(outer.op, kind) and isinstance(inner.op, kind) for kind in (sums, products)
    )


def _place(source: Source, offset: int, width: int = 1) -> Place:
    line = source.text.count("\n", 0, offset) + 1
    return source.at(line, offset - (source.text.rfind("\n", 0, offset) + 1) + 1, width)
