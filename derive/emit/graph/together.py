"""Two pictures on one sheet: the circuit, and what it unfolds into."""

from __future__ import annotations

from dataclasses import replace

from derive.emit.graph.picture import Edge, Node, Picture, Point, Text

GAP = 3.6
# A sheet that is wider, in sizes of its type, has its pictures one above the other; unless it is about as high as wide.
WIDEST, FLAT = 76.0, 1.5


def moved(picture: Picture, x: float, y: float, prefix: str = "") -> Picture:
    """The same picture to the right and downwards, with other names for its nodes."""

    def place(point: Point) -> Point:
        return Point(point.x + x, point.y + y)

    def words(text: Text) -> Text:
        return replace(text, at=place(text.at))

    def node(of: Node) -> Node:
        return replace(of, name=prefix + of.name, centre=place(of.centre))

    def edge(of: Edge) -> Edge:
        ends = (prefix + of.source, prefix + of.target)
        return Edge(*ends, tuple(map(place, of.path)), of.kind, tuple(map(words, of.labels)), of.faded)

    return replace(
        picture,
        width=picture.width + x,
        height=picture.height + y,
        nodes=tuple(map(node, picture.nodes)),
        edges=tuple(map(edge, picture.edges)),
        texts=tuple(map(words, picture.texts)),
    )


def together(circuit: Picture, unfolded: Picture) -> Picture:
    """The circuit to the left of what it unfolds into, with an arrow that says so; above it where both are wide."""
    width = circuit.width + GAP + unfolded.width
    if width > max(WIDEST, FLAT * max(circuit.height, unfolded.height)):
        width, height = max(circuit.width, unfolded.width), circuit.height + GAP + unfolded.height
        first = moved(circuit, (width - circuit.width) / 2, 0.0, "folded ")
        second = moved(unfolded, (width - unfolded.width) / 2, circuit.height + GAP)
        start, end = Point(width / 2, circuit.height + 0.4), Point(width / 2, circuit.height + GAP - 0.4)
        words = Text("unfold", Point(width / 2 + 0.7, circuit.height + GAP / 2), "start")
    else:
        height = max(circuit.height, unfolded.height)
        first = moved(circuit, 0.0, (height - circuit.height) / 2, "folded ")
        second = moved(unfolded, circuit.width + GAP, (height - unfolded.height) / 2)
        start, end = Point(circuit.width + 0.4, height / 2), Point(circuit.width + GAP - 0.4, height / 2)
        words = Text("unfold", Point(circuit.width + GAP / 2, height / 2 - 0.9))
    third = (end.x - start.x) / 3, (end.y - start.y) / 3
    path = tuple(Point(start.x + n * third[0], start.y + n * third[1]) for n in range(4))
    return Picture(
        width,
        height,
        circuit.title,
        f"{circuit.description} {unfolded.description}".strip(),
        (*first.nodes, *second.nodes),
        (*first.edges, *second.edges, Edge("", "", path)),
        (*first.texts, *second.texts, words),
    )
