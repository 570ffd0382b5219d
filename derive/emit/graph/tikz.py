"""Pictures as TikZ, in the type of the document around them; they need TikZ with `arrows.meta`, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from derive.emit.graph.labels import label
from derive.emit.graph.paths import is_straight, pieces
from derive.emit.graph.picture import Edge, Node, Picture, Point, Text
from derive.emit.latex.printer import Latex, whole
from derive.emit.latex.text import escape
from derive.emit.render import render

# TeX's letters are wider than those that the picture was laid out with.
_ROOM = 0.92
# The size of a document's type, that of a picture's, and the smallest of a picture that is not turned, in points.
POINTS, USUAL, LEAST = 10.0, 8.5, 5.0
# What is wider than this, in sizes of its type, is set in letters that are hard to read.
WIDEST = 62.0


@dataclass(frozen=True)
class _Node:
    """A node: its outline as a path, its label, and how the label is scaled."""

    kind: str
    outline: str
    at: str
    label: str
    scale: str
    dots: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Edge:
    """An arrow."""

    kind: str
    path: str


@dataclass(frozen=True)
class _Words:
    """A label of its own; `anchor` is the point of it that stands at the place."""

    kind: str
    at: str
    anchor: str
    label: str


def tikz(picture: Picture, printer: Latex, width: float = 455.0, height: float = 640.0) -> str:
    """A `tikzpicture`.

    Args:
        picture: what is drawn.
        printer: how mathematics is printed; the document's own, so that labels look as its equations do.
        width: of the room for it, in points: a wider picture is scaled down, and turned where that leaves it larger.
        height: of the room.
    """
    scale, turned = fitted(picture, width, height)
    return render(
        "latex/picture.j2",
        scale=_number(scale),
        turned=turned,
        edges=[_edge(edge) for edge in sorted(picture.edges, key=lambda edge: not edge.faded)],
        nodes=[_node(node, printer) for node in picture.nodes],
        texts=[_words(t, printer) for t in (*picture.texts, *(t for edge in picture.edges for t in edge.labels))],
        width=_number(picture.width),
        height=_number(picture.height),
    )


def fitted(picture: Picture, width: float, height: float) -> tuple[float, bool]:
    """How much a picture is scaled down to fit, and whether it is turned by a right angle for that."""
    wide, high, most = picture.width * POINTS, picture.height * POINTS, USUAL / POINTS
    upright, turned = min(most, width / wide, height / high), min(most, height / wide, width / high)
    return (turned, True) if upright * POINTS < LEAST and turned > 1.1 * upright else (upright, False)


def _edge(edge: Edge) -> _Edge:
    text = _place(edge.path[0])
    for start, first, second, end in pieces(edge.path):
        if is_straight(start, first, second, end):
            text += f" -- {_place(end)}"
        else:
            text += f" .. controls {_place(first)} and {_place(second)} .. {_place(end)}"
    return _Edge(f"derive {edge.kind}" + (", derive faded" if edge.faded else ""), text)


def _node(node: Node, printer: Latex) -> _Node:
    x, y, half, high = node.centre.x, node.centre.y, node.width / 2, node.height / 2
    corners = f"{_place(Point(x - half, y - high))} rectangle {_place(Point(x + half, y + high))}"
    match node.shape:
        case "circle":
            outline = f"{_place(node.centre)} ellipse [x radius={_number(half)}, y radius={_number(high)}]"
        case "box":
            outline = f"[rounded corners=0.3em] {corners}"
        case "delay":
            outline = corners
        case _:
            outline = ""
    dots: tuple[str, ...] = ()
    text, scale = "", 1.0
    if node.kind == "dots":
        dots = tuple(_place(Point(x + 0.4 * n, y)) for n in (-1, 0, 1))
    elif node.label is not None:
        box = label(node.label, printer)
        text, scale = _text(node.label, printer), min(1.0, _ROOM * node.width / box.width) if box.width else 1.0
    outline = "" if dots else outline
    return _Node(f"derive {node.kind}", outline, _place(node.centre), text, _number(min(scale, _ROOM)), dots)


def _words(text: Text, printer: Latex) -> _Words:
    anchor = {"start": "mid west", "middle": "mid", "end": "mid east"}[text.anchor]
    return _Words(f"derive of {text.kind}", _place(text.at), anchor, _text(text.content, printer))


def _text(content: object, printer: Latex) -> str:
    return escape(content) if isinstance(content, str) else f"${whole(printer.text(content))}$"  # type: ignore[arg-type]


def _place(point: Point) -> str:
    return f"({_number(point.x)},{_number(point.y)})"


def _number(number: float) -> str:
    text = f"{number:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
