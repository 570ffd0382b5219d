"""Boxes of mathematics: letters at places around a line of writing, put beside and above each other as TeX does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from derive.emit.graph.metrics import advance, depth, height


@dataclass(frozen=True)
class Face:
    """A typeface.

    Attributes:
        size: of the type, in that of the label.
        bold: whether it is.
        italic: whether it is.
        sans: whether it has no serifs.
        sign: whether it is one of signs, which fonts for words may lack.
    """

    size: float = 1.0
    bold: bool = False
    italic: bool = False
    sans: bool = False
    sign: bool = False


@dataclass(frozen=True)
class Letters:
    """A text of one typeface on one line; `x` is its left end and `y` its line, downwards from the box's line."""

    text: str
    face: Face
    x: float
    y: float
    width: float


@dataclass(frozen=True)
class Rule:
    """A thin line to the right of a place, as a fraction has."""

    x: float
    y: float
    width: float


@dataclass(frozen=True)
class Box:
    """Marks in a rectangle; their places count from the left end of its line of writing.

    Attributes:
        width: of the rectangle.
        ascent: how far it reaches above the line.
        descent: how far it reaches below.
        marks: what is drawn.
    """

    width: float = 0.0
    ascent: float = 0.0
    descent: float = 0.0
    marks: tuple[Letters | Rule, ...] = ()

    def moved(self, x: float, y: float) -> Box:
        """The same marks to the right and downwards; the width stays."""
        if not x and not y:
            return self
        marks = tuple(replace(mark, x=mark.x + x, y=mark.y + y) for mark in self.marks)
        return Box(self.width, self.ascent - y, self.descent + y, marks)


def letters(text: str, face: Face) -> Box:
    """A text of one typeface."""
    width = face.size * sum(advance(character, face.bold, face.italic) for character in text)
    return Box(width, face.size * height(text), face.size * depth(text), (Letters(text, face, 0.0, 0.0, width),))


def space(width: float) -> Box:
    """Nothing, of a width."""
    return Box(width)


def overlaid(boxes: Iterable[Box], width: float) -> Box:
    """Boxes in one place, the whole of a given width."""
    found = list(boxes)
    return Box(
        width,
        max((box.ascent for box in found), default=0.0),
        max((box.descent for box in found), default=0.0),
        tuple(mark for box in found for mark in box.marks),
    )


def beside(boxes: Iterable[Box]) -> Box:
    """Boxes one behind the other; letters of one typeface that follow each other are one text."""
    x, placed = 0.0, []
    for box in boxes:
        placed.append(box.moved(x, 0.0))
        x += box.width
    whole = overlaid(placed, x)
    return replace(whole, marks=tuple(_joined(whole.marks)))


def _joined(marks: Iterable[Letters | Rule]) -> list[Letters | Rule]:
    found: list[Letters | Rule] = []
    for mark in marks:
        last = found[-1] if found else None
        if (
            isinstance(mark, Letters)
            and isinstance(last, Letters)
            and (mark.face, mark.y) == (last.face, last.y)
            and abs(last.x + last.width - mark.x) < 1e-9
        ):
            found[-1] = replace(last, text=last.text + mark.text, width=last.width + mark.width)
        else:
            found.append(mark)
    return found


def scripted(base: Box, below: Box | None, above: Box | None, size: float, lean: float = 0.0) -> Box:
    """A box with a subscript and a superscript, one above the other.

    Args:
        base: what has them.
        below: the subscript.
        above: the superscript.
        size: of the type of the base.
        lean: how far the base leans to the right over its end.
    """
    parts, width = [base], 0.0
    if above is not None:
        up = max(0.36 * size, base.ascent - 0.32 * size)
        parts.append(above.moved(base.width + lean, -up))
        width = max(width, above.width + lean)
    if below is not None:
        down = max(0.26 * size if above is not None else 0.17 * size, base.descent - 0.06 * size)
        parts.append(below.moved(base.width, down))
        width = max(width, below.width)
    return overlaid(parts, base.width + width + 0.05 * size)


def fraction(above: Box, below: Box, size: float) -> Box:
    """One box over another, with a line between."""
    width, axis = max(above.width, below.width) + 0.12 * size, 0.25 * size
    top = above.moved((width - above.width) / 2, -(axis + 0.14 * size + above.descent))
    low = below.moved((width - below.width) / 2, -axis + 0.14 * size + below.ascent)
    rule = Box(width, axis, 0.0, (Rule(0.0, -axis, width),))
    return overlaid((top, low, rule), width)


def accented(base: Box, mark: str, face: Face, lean: float = 0.0) -> Box:
    """A box with a sign above its middle."""
    width = 0.33 * face.size
    sign = Letters(mark, replace(face, italic=False, sans=False), (base.width - width) / 2 + lean, 0.0, width)
    up = max(0.0, base.ascent - 0.42 * face.size)
    above = Box(0.0, 0.68 * face.size, 0.0, (sign,)).moved(0.0, -up)
    return overlaid((base, above), base.width)


def barred(base: Box, size: float) -> Box:
    """A box with a short line over its middle, a little to the right as letters lean."""
    y, width = -(base.ascent + 0.1 * size), 0.36 * size
    rule = Rule((base.width - width) / 2 + 0.05 * size, y, width)
    return overlaid((base, Box(0.0, -y, 0.0, (rule,))), base.width)


def lined(base: Box, size: float, under: bool = False) -> Box:
    """A box with a line over it, or under it."""
    y = base.descent + 0.08 * size if under else -(base.ascent + 0.1 * size)
    rule = Box(base.width, max(0.0, -y), max(0.0, y), (Rule(0.0, y, base.width),))
    return overlaid((base, rule), base.width)
