"""Pictures as SVG: shapes and text alone, no script, no font and no address of anything outside."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from derive.emit.graph.boxes import Box, Letters
from derive.emit.graph.labels import label
from derive.emit.graph.paths import Head, head, is_straight, pieces, pulled
from derive.emit.graph.picture import Edge, Node, Picture, Text
from derive.emit.latex.printer import Latex
from derive.emit.render import render

EM = 16  # pixels of a label's type
# A label's line of writing is this far below its middle, whatever it says: labels of one row stand on one line.
LINE = 0.29
_SPACE = re.compile(r"\s+")
# What a document may not hold, and what makes its text run the other way.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class _Mark:
    """Letters on the sheet, in pixels; without a text a thin line."""

    x: str
    y: str
    width: str
    text: str = ""
    size: str = ""
    face: str = ""


@dataclass(frozen=True)
class _Node:
    """A node in pixels; its outline is an ellipse, a rectangle or nothing."""

    classes: str
    title: str
    outline: str
    marks: tuple[_Mark, ...]
    dots: tuple[str, ...]
    x: str
    y: str
    half_width: str
    half_height: str
    left: str
    top: str
    width: str
    height: str
    radius: str


@dataclass(frozen=True)
class _Edge:
    """An arrow in pixels."""

    classes: str
    path: str
    head: str


@dataclass(frozen=True)
class _Words:
    """A label of its own, with something behind it that keeps lines away from its letters."""

    classes: str
    marks: tuple[_Mark, ...]
    x: str
    y: str
    width: str
    height: str


def svg(picture: Picture, printer: Latex, style: Literal["file", "page"] = "file") -> str:
    """An SVG document.

    Args:
        picture: what is drawn.
        printer: how mathematics is printed; labels look as equations do.
        style: of a file of its own, with a background; or of a part of an HTML page, which has the page's background.
            Both follow the reader's choice of light or dark.
    """
    texts = [*picture.texts, *(text for edge in picture.edges for text in edge.labels)]
    # Faint arrows first: they only hint.
    edges = sorted(picture.edges, key=lambda edge: not edge.faded)
    return render(
        "svg/picture.j2",
        title=_printable(picture.title),
        description=_printable(picture.description),
        width=_pixels(picture.width),
        height=_pixels(picture.height),
        style=style,
        edges=[_edge(edge) for edge in edges],
        nodes=[_node(node, printer) for node in picture.nodes],
        texts=[_words(text, printer) for text in texts],
    )


def _edge(edge: Edge) -> _Edge:
    tip: Head = head(edge.path)
    text = ""
    for n, (start, first, second, end) in enumerate(pieces(pulled(edge.path, tip))):
        text += f"M{_place(start.x, start.y)}" if n == 0 else ""
        if is_straight(start, first, second, end):
            text += f"L{_place(end.x, end.y)}"
        else:
            text += f"C{_place(first.x, first.y)} {_place(second.x, second.y)} {_place(end.x, end.y)}"
    corners = " ".join(_place(corner.x, corner.y) for corner in tip.corners)
    return _Edge(f"derive-{edge.kind}" + (" derive-faded" if edge.faded else ""), text, corners)


def _node(node: Node, printer: Latex) -> _Node:
    outline = {"circle": "ellipse", "plain": ""}.get(node.shape, "rect")
    marks: tuple[_Mark, ...] = ()
    if node.label is not None and node.kind != "dots":
        box = label(node.label, printer)
        room = node.width - (0.15 if outline else 0.0)
        marks = _marks(box, node.centre.x, node.centre.y, min(1.0, room / box.width) if box.width else 1.0)
    dots: tuple[str, ...] = ()
    if node.kind == "dots":
        dots = tuple(_pixels(node.centre.x + 0.4 * n) for n in (-1, 0, 1))
    x, y, half, high = node.centre.x, node.centre.y, node.width / 2, node.height / 2
    radius = 0.0 if node.shape == "delay" else min(0.35, high / 2)
    lengths = (x, y, half, high, x - half, y - high, node.width, node.height, radius)
    kind = f"derive-{node.kind}"
    return _Node(kind, _printable(node.title), "" if dots else outline, marks, dots, *map(_pixels, lengths))


def _words(text: Text, printer: Latex) -> _Words:
    box = label(text.content, printer)
    middle = text.at.x + {"start": 0.5, "middle": 0.0, "end": -0.5}[text.anchor] * box.width
    high = min(box.ascent + box.descent, 1.1)
    behind = (middle - box.width / 2, text.at.y - high / 2, box.width, high)
    return _Words(f"derive-of-{text.kind}", _marks(box, middle, text.at.y), *map(_pixels, behind))


def _marks(box: Box, x: float, y: float, scale: float = 1.0) -> tuple[_Mark, ...]:
    """A box in pixels, its middle at a place."""
    left, line = x - scale * box.width / 2, y + scale * LINE
    return tuple(
        _Mark(
            _pixels(left + scale * mark.x),
            _pixels(line + scale * mark.y),
            _pixels(scale * mark.width),
            *(
                (_printable(mark.text), _pixels(scale * mark.face.size), " ".join(_face(mark)))
                if isinstance(mark, Letters)
                else ()
            ),
        )
        for mark in box.marks
    )


def _face(mark: Letters) -> Iterable[str]:
    for name in ("bold", "italic", "sans", "sign"):
        if getattr(mark.face, name):
            yield f"derive-{name}"


def _place(x: float, y: float) -> str:
    return f"{_pixels(x)},{_pixels(y)}"


def _pixels(number: float) -> str:
    """A length in pixels, to a hundredth."""
    assert math.isfinite(number), "a length of a picture is a number"
    text = f"{number * EM:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _printable(text: str) -> str:
    """Text without the characters that XML cannot hold; a tab or a new line is a space."""
    return _UNPRINTABLE.sub("", _SPACE.sub(" ", text))
