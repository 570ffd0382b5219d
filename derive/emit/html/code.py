"""A generated function beside the equations that its statements carry out.

In come the module's text and the system that it was made of; out come rows of equations and code. Statements stand
under a comment that says their equation in the language's own syntax. The same syntax of every printed line tells which
of them it is, so that nothing is guessed: a comment that no line spells stays a comment.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from derive.emit.notation import forms, lines
from derive.emit.notation.folding import Folding
from derive.emit.notation.plain import Plain
from derive.emit.numpy.text import for_comment
from derive.errors import DeriveError, Fault
from derive.system import System

_MAKES_ROOM = re.compile(r"\s*\w+ = np\.(empty|zeros)\(")
_COLOURLESS = re.compile(r'<span class="(?:n|p|w|o)">([^<]*)</span>')
_HEADS = ("for ", "if ", "else:")


@dataclass(frozen=True)
class Block:
    """Statements in a row, and what they carry out.

    Attributes:
        said: the text of each equation in the comments above them.
        first: the first line of the statements, counted from 0.
        last: the line behind them.
    """

    said: tuple[str, ...]
    first: int
    last: int


def blocks(function: str) -> list[Block]:
    """The parts of a function: its head, then statements under their equations; room and loops stand by themselves."""
    texts = function.split("\n")
    begin = _body(function)
    found: list[Block] = []
    said: tuple[str, ...] = ()
    first = begin
    at = begin
    while at < len(texts):
        line = texts[at].strip()
        is_comment = line.startswith("# ")
        is_apart = at > first and (line.startswith(_HEADS) or _MAKES_ROOM.match(line) is not None)
        if is_comment or not line or (is_apart and said):
            if first < at:
                found.append(Block(said, first, at))
            comments = _comments(texts, at)
            said, first = tuple(text for text, _ in comments), at + sum(count for _, count in comments) + (not line)
            at = max(first, at + 1) if is_comment or not line else at + 1
        else:
            at += 1
    if first < len(texts):
        found.append(Block(said, first, len(texts)))
    return found


def _body(function: str) -> int:
    """The line behind a function's docstring."""
    (tree,) = ast.parse(function).body
    assert isinstance(tree, ast.FunctionDef)
    return tree.body[0].end_lineno or 0


def _comments(texts: list[str], at: int) -> list[tuple[str, int]]:
    """The comments from a line on, each in one piece, and how many lines it takes."""
    found: list[tuple[str, int]] = []
    while at < len(texts) and texts[at].strip().startswith("# "):
        text = texts[at].strip()[2:]
        if text.startswith("    ") and found:
            found[-1] = (f"{found[-1][0]} {text.strip()}", found[-1][1] + 1)
        else:
            found.append((text, 1))
        at += 1
    return found


def function_of(module: str, name: str) -> str:
    """The text of one of a module's functions; the one that does its work, where a first only renames arguments."""
    texts = module.split("\n")
    starts = {text.partition("(")[0]: place for place, text in enumerate(texts) if text.startswith("def ")}
    first = starts.get(f"def _{name}", starts.get(f"def {name}"))
    assert first is not None, name
    # A signature of several lines closes with a bracket at the margin.
    last = next(n for n in range(first + 1, len(texts) + 1) if n == len(texts) or texts[n][:1] not in ("", " ", ")"))
    return "\n".join(texts[first:last]).rstrip()


def spelled(read: System, derived: System) -> dict[str, tuple[forms.Line, ...]]:
    """What each comment of a module stands for: the file's own lines, and those of every derived variable.

    Args:
        read: the model as its file says it.
        derived: the system that the module was made of.
    """
    plain, folding = Plain(), Folding(derived)
    found: dict[str, tuple[forms.Line, ...]] = {}
    for name, equations in derived.defining.items():
        if derived.by_name[name].is_generated or not all(equation.text for equation in equations):
            for line in lines(derived, equations, "array", folding):
                found[for_comment(plain.line(line))] = (line,)
    own: dict[str, list[int]] = {}
    for place, equation in enumerate(read.equations):
        if equation.text:
            own.setdefault(equation.text, []).append(place)
    for text, places in own.items():
        found[for_comment(text)] = tuple(lines(read, [read.equations[place] for place in places], "array"))
    return found


@dataclass(frozen=True)
class Row:
    """Code beside equations.

    Attributes:
        lines: the equations that the code carries out; none for what only makes room, loops or returns.
        code: the statements, in colours.
        unknown: comments that no printed line spells.
    """

    lines: tuple[forms.Line, ...]
    code: Markup
    unknown: tuple[str, ...]


def rows(function: str, known: Mapping[str, tuple[forms.Line, ...]]) -> Iterator[Row]:
    """The function's body in rows.

    Args:
        function: its text.
        known: the lines behind each comment.
    """
    texts = function.split("\n")
    coloured = highlighted("\n".join(text.removeprefix("    ") for text in texts)).split("\n")
    for block in blocks(function):
        last = max((n for n in range(block.first, block.last) if texts[n].strip()), default=block.first) + 1
        code = Markup().join(Markup(f'<span class="line">{line}\n</span>') for line in coloured[block.first : last])
        said = [(text, known.get(" ".join(text.split()), ())) for text in block.said]
        found = dict.fromkeys(line for _, some in said for line in some)
        yield Row(tuple(found), code, tuple(text for text, some in said if not some))


def highlighted(python: str) -> Markup:
    """Python in colours, a line of HTML for each line of the text."""
    formatter, lexer = _pygments()
    import pygments

    # Names, signs and spaces need no colour, and are more than half of a page.
    return Markup(_COLOURLESS.sub(r"\1", pygments.highlight(python, lexer, formatter).removesuffix("\n")))


def style_sheet(style: str, scope: str) -> str:
    """The rules of CSS for a style of Pygments, below a selector."""
    from pygments.formatters import HtmlFormatter

    _pygments()
    return str(HtmlFormatter(style=style).get_style_defs(scope))


def _pygments() -> tuple[object, object]:
    try:
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer
    except ImportError:
        message = "a page's colours need pygments, which is not installed"
        raise DeriveError(Fault(message, hint="pip install latex2mathml pygments")) from None
    # A lexer leaves out empty lines at both ends where it is not told.
    return HtmlFormatter(nowrap=True), PythonLexer(stripnl=False)
