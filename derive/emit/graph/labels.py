r"""Labels of pictures: the LaTeX that equations are printed with, set in boxes, so that both say a name in one way.

What stands here reads the LaTeX of `latex/printer.py` and `latex/names.py`, and of `# latex:` comments. A command that
it does not know prints as its name, and nothing raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from derive.emit.graph.boxes import (
    Box,
    Face,
    Letters,
    accented,
    barred,
    beside,
    fraction,
    letters,
    lined,
    scripted,
    space,
)
from derive.emit.graph.signs import (
    ACCENTS,
    ALPHABETS,
    BINARY,
    DELIMITERS,
    LEANING,
    RARE,
    RELATIONS,
    SIGNS,
    SPACES,
    UPRIGHT,
)
from derive.emit.latex.printer import Latex, whole
from derive.emit.notation.forms import Form

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", flags=re.S)
_SIZES = (1.0, 0.72, 0.58)
_FACES = ("mathrm", "mathbf", "mathit", "mathsf", "boldsymbol", "operatorname", "text")


def label(content: Form | str, printer: Latex) -> Box:
    """A label of a picture.

    Args:
        content: mathematics, or words.
        printer: how mathematics is printed.
    """
    return letters(content, Face()) if isinstance(content, str) else mathematics(whole(printer.text(content)))


def extent(content: Form | str, printer: Latex) -> tuple[float, float]:
    """How wide and how high a label is, in sizes of its type."""
    box = label(content, printer)
    return box.width, box.ascent + box.descent


@lru_cache(maxsize=4096)
def mathematics(tex: str) -> Box:
    r"""LaTeX as a box.

    >>> [mark.text for mark in mathematics(r"\boldsymbol{h}^{(t-1)}").marks]
    ['h', '(', 't', '−1)']
    """
    return _Reader(_TOKEN.findall(tex)).row(_Style())


@dataclass(frozen=True)
class _Style:
    """What the letters of a place look like.

    Attributes:
        level: 0 for a line's own letters, 1 for those of a script, 2 for a script's script.
        family: a command that says more of the typeface: `mathrm`, `mathsf`, `mathcal`.
        bold: whether letters are bold.
    """

    level: int = 0
    family: str = ""
    bold: bool = False

    @property
    def size(self) -> float:
        return _SIZES[min(self.level, 2)]

    def lower(self) -> _Style:
        return _Style(self.level + 1)

    def within(self, command: str) -> _Style:
        """The style inside a command for typefaces."""
        if command == "boldsymbol":
            return replace(self, bold=True)
        return replace(self, family="mathrm" if command == "operatorname" else command)

    def face(self, character: str) -> Face:
        """How a character looks in this place."""
        if character in RARE:
            return Face(self.size, sign=True)
        match self.family:
            case "mathrm" | "text":
                italic = False
            case "mathit":
                italic = True
            case "mathbf":
                return Face(self.size, bold=True)
            case "mathsf":
                return Face(self.size, self.bold, sans=True)
            case _:
                italic = character.isalpha() and character not in UPRIGHT
        return Face(self.size, self.bold, italic)


class _Reader:
    """Reads tokens of LaTeX from left to right."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def row(self, style: _Style, closed: bool = False) -> Box:
        """What stands in one line, to the end or to the brace that closes it."""
        boxes: list[Box] = []
        free = False  # whether a sign that follows stands between two things
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token == "}":
                self.at += 1
                if closed:
                    break
                continue
            if token.isspace():
                self.at += 1
                if style.family == "text":
                    boxes.append(space(0.25 * style.size))
                continue
            character = SIGNS.get(token, token)
            gap = self._gap(character, style, free)
            box = self._scripts(self._atom(style), character, style)
            boxes += [space(gap), box, space(gap)] if gap else [box]
            if character == "," and style.level == 0:
                boxes.append(space(0.17))
            free = character not in BINARY and character not in RELATIONS and character not in "(["
        return beside(boxes)

    def _gap(self, character: str, style: _Style, free: bool) -> float:
        if style.level or style.family == "text" or not free:
            return 0.0
        return 0.28 if character in RELATIONS else 0.22 if character in BINARY else 0.0

    def _scripts(self, base: Box, character: str, style: _Style) -> Box:
        """What was read, with the scripts that follow."""
        below: Box | None = None
        above: list[Box] = []
        lean = 0.08 * style.size if character in LEANING and not style.bold else 0.0
        while self.at < len(self.tokens) and self.tokens[self.at] in ("_", "^", "'"):
            sign = self.tokens[self.at]
            self.at += 1
            if sign == "'":
                above.append(letters("′", Face(style.lower().size)))
            elif sign == "_":
                below = self._argument(style.lower())
            else:
                above.append(self._argument(style.lower()))
        if below is None and not above:
            return base
        return scripted(base, below, beside(above) if above else None, style.size, lean)

    def _argument(self, style: _Style) -> Box:
        """What a command or a script applies to: one thing, in braces or not."""
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self._atom(style) if self.at < len(self.tokens) and self.tokens[self.at] != "}" else Box()

    def _atom(self, style: _Style) -> Box:
        """One thing."""
        token = self.tokens[self.at]
        self.at += 1
        if token == "{":
            return self.row(style, closed=True)
        if token in ("_", "^"):
            return Box()
        if token in SIGNS or not token.startswith("\\"):
            character = SIGNS.get(token, token)
            return letters(character, style.face(character))
        return self._command(token[1:], style)

    def _command(self, command: str, style: _Style) -> Box:
        """What a command says of what follows it."""
        if command in _FACES:
            return self._argument(style.within(command))
        if command in ALPHABETS:
            box = self._argument(replace(style, family="mathrm"))
            return _translated(box, ALPHABETS[command], sign=True)
        if command in ACCENTS:
            return self._accented(ACCENTS[command], style)
        if command == "bar":
            return barred(self._argument(style), style.size)
        if command in ("overline", "underline"):
            return lined(self._argument(style), style.size, under=command == "underline")
        if command == "frac":
            above, below = self._argument(style.lower()), self._argument(style.lower())
            return fraction(above, below, style.size)
        if command in ("begin", "end"):
            self._argument(style)
            return letters("{", style.face("{")) if command == "begin" else Box()
        if command in SPACES:
            return space(SPACES[command] * style.size)
        if command in DELIMITERS:
            return Box()
        word = letters(command, replace(style, family="mathrm").face(command))
        follows = self.tokens[self.at : self.at + 1]
        return word if not follows or follows[0] in ("(", "_", "^", "}") else beside((word, space(0.17 * style.size)))

    def _accented(self, mark: str, style: _Style) -> Box:
        base = self._argument(style)
        plain = len(base.marks) == 1
        dotless = {"i": "ı", "j": "ȷ"}
        if plain:
            base = _translated(base, dotless)
        lean = 0.06 * style.size if any(getattr(m, "face", Face()).italic for m in base.marks) else 0.0
        return accented(base, mark, Face(style.size, style.bold), lean)


def _translated(box: Box, table: dict[str, str], sign: bool = False) -> Box:
    """A box of letters with other letters in their places."""
    boxes = [
        letters("".join(table.get(c, c) for c in mark.text), replace(mark.face, sign=sign)).moved(mark.x, mark.y)
        for mark in box.marks
        if isinstance(mark, Letters)
    ]
    return replace(boxes[0], width=box.width) if len(boxes) == 1 else box
