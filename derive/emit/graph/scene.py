"""From nodes at places and who reads whom to a picture: ways for the arrows, places for their labels, the frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import hypot

from derive.emit.graph.beside import Labels
from derive.emit.graph.curves import Curve, Outline, Place, bent, cornered
from derive.emit.graph.labels import extent
from derive.emit.graph.picture import Edge, EdgeKind, Node, NodeKind, NodeShape, Picture, Point, Text
from derive.emit.graph.routing import CLEAR, Router, facing
from derive.emit.latex.names import Names
from derive.emit.latex.printer import Latex
from derive.emit.notation import forms
from derive.emit.notation.forms import Form
from derive.system import System

SIZE = 3.0  # of a circle
MARGIN = 0.8
DOTS = "..."  # behind a unit: the dots that stand for it
_LONG = 1.25  # how much longer than the straight way a hint at steps that are not drawn may be
APART = 0.42  # between an arrow and the gradient that comes back along it


@dataclass(frozen=True)
class Spot:
    """A node at a place; y grows upwards.

    Attributes:
        name: unique.
        unit: what it is a cell of; arrows between cells of the same units are drawn alike.
        x: of its middle.
        y: of its middle.
        label: what stands in it.
        kind: what it is.
        shape: its outline, where it is no circle.
        title: what it says to who points at it.
        width: the least that it has.
        gradient: what is written beside it where gradients are shown.
    """

    name: str
    unit: str
    x: float
    y: float
    label: Form | str | None
    kind: NodeKind
    shape: NodeShape = "circle"
    title: str = ""
    width: float = 0.0
    gradient: Form | None = None


@dataclass(frozen=True)
class Wire:
    """An arrow to be drawn.

    Attributes:
        source: the spot that it leaves.
        target: the spot that it enters.
        labels: names of parameters.
        kind: of arrow.
        faded: whether it only hints.
        via: places that were kept free for it.
        corners: the corners of the way that it has to take, if any.
        angles: the directions in which it has to leave and to enter, if any.
        returns: whether a gradient comes back along it.
        note: something else that is written beside it.
    """

    source: str
    target: str
    labels: tuple[str, ...] = ()
    kind: EdgeKind = "forward"
    faded: bool = False
    via: tuple[Place, ...] = ()
    corners: tuple[Place, ...] = ()
    angles: tuple[float, float] | None = None
    returns: bool = False
    note: tuple[Form | str, ...] = ()


@dataclass
class Scene:
    """What will be a picture.

    Attributes:
        system: whose letters the labels have.
        spots: the nodes.
        wires: the arrows.
        texts: words of their own.
    """

    system: System
    spots: list[Spot] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def __post_init__(self) -> None:
        """A printer for the labels' widths."""
        self.printer = Latex(Names(self.system))
        self.known: dict[Form | str, tuple[float, float]] = {}

    def extent(self, label: Form | str) -> tuple[float, float]:
        """How wide and how high a label is."""
        if label not in self.known:
            self.known[label] = extent(label, self.printer)
        return self.known[label]

    def size(self, label: Form | str | None, shape: NodeShape = "circle") -> tuple[float, float]:
        """How wide and how high a node with this label is."""
        if shape == "delay":
            return 0.75, 0.75
        width, height = self.extent(label) if label is not None else (0.5, 0.5)
        if shape == "plain":
            return width + 0.5, max(height + 0.3, 1.2)
        if shape == "circle" and width <= SIZE - 0.35:
            return SIZE, SIZE
        return max(width + 1.0, SIZE), SIZE * 0.85

    def boxed(self) -> set[str]:
        """The units that some label of theirs makes a box of."""
        return {s.unit for s in self.spots if s.shape == "circle" and self.size(s.label) != (SIZE, SIZE)}

    def picture(self, title: str, description: str) -> Picture:
        """The picture of what is there."""
        boxed = self.boxed()
        self.spots = [
            replace(spot, shape="box") if spot.shape == "circle" and spot.unit in boxed else spot for spot in self.spots
        ]
        outlines = {spot.name: self._outline(spot) for spot in self.spots}
        curves = self._routed(outlines)
        back = [curve.beside(APART) if wire.returns else None for wire, curve in zip(self.wires, curves, strict=True)]
        taken = [*outlines.values(), *map(self._words, self.texts)]
        labels = Labels(taken, [curve for curve in (*curves, *back) if curve is not None])
        units = {spot.name: spot.unit for spot in self.spots}
        edges = []
        for wire, curve in zip(self.wires, curves, strict=True):
            contents = (*wire.note, *(forms.Variable(name) for name in wire.labels))
            sizes = [self.extent(content) for content in contents]
            places = labels.place((units[wire.source], units[wire.target], wire.kind), curve, sizes) if contents else ()
            texts = tuple(
                Text(content, Point(*place), "middle", wire.kind)
                for content, place in zip(contents, places, strict=False)
            )
            edges.append(Edge(wire.source, wire.target, _path(curve), wire.kind, texts, wire.faded))
        for wire, way in zip(self.wires, back, strict=True):
            if way is not None:
                edges.append(Edge(wire.target, wire.source, _path(way), "gradient", (), wire.faded))
        texts = (*self.texts, *self._gradients(outlines, labels))
        nodes = tuple(
            Node(spot.name, Point(o.x, o.y), o.width, o.height, spot.shape, spot.kind, spot.label, spot.title)
            for spot, o in zip(self.spots, outlines.values(), strict=True)
        )
        return framed(Picture(0, 0, title, description, nodes, tuple(edges), texts), self.printer)

    def _gradients(self, outlines: dict[str, Outline], labels: Labels) -> list[Text]:
        """The gradients at nodes, alike at every step; none where there is no room for all steps' of a unit."""
        found: list[Text] = []
        for unit in dict.fromkeys(spot.unit for spot in self.spots if spot.gradient is not None):
            spots = [spot for spot in self.spots if spot.unit == unit and spot.gradient is not None]
            sizes = [self.extent(spot.gradient) for spot in spots if spot.gradient is not None]
            size = max(width for width, _ in sizes), max(height for _, height in sizes)
            places = labels.around([outlines[spot.name] for spot in spots], size)
            for spot, place in zip(spots, places, strict=False):
                if spot.gradient is not None:
                    found.append(Text(spot.gradient, Point(*place), "middle", "gradient"))
        return found

    def _outline(self, spot: Spot) -> Outline:
        width, height = self.size(spot.label, spot.shape)
        return Outline(spot.x, -spot.y, max(width, spot.width), height, spot.shape == "circle")

    def _hint(
        self,
        wire: Wire,
        outlines: dict[str, Outline],
        known: dict[tuple[str, str, float, float], tuple[Curve, Outline]],
        router: Router,
    ) -> Curve | None:
        """The end of the way that arrows between the same units take, where the way from the dots is a long one."""
        units = {spot.name: spot.unit for spot in self.spots}
        dots, target = outlines[wire.source], outlines[wire.target]
        for (source, reader, dx, dy), (curve, at) in known.items():
            if source + DOTS != units[wire.source] or reader != units[wire.target] or len(curve.points) != 4:
                continue
            here = curve.moved(target.x - dx - at.x, target.y - dy - at.y)
            side = 1 if dx > 0 else -1
            later = [n / 20 for n in range(1, 16) if (here.along(21)[n][0] - dots.x) * side > 0.8]
            if later and router.is_free(wire.source, wire.target, here.tail(later[0])):
                return here.tail(later[0])
        return None

    def _words(self, text: Text) -> Outline:
        """The rectangle of words."""
        width, height = self.extent(text.content)
        shift = {"start": width / 2, "middle": 0.0, "end": -width / 2}[text.anchor]
        return Outline(text.at.x + shift, text.at.y, width, height, False)

    def _routed(self, outlines: dict[str, Outline]) -> list[Curve]:
        """A way for each wire; wires between cells of the same units as far apart take the same way."""
        returns = any(wire.returns for wire in self.wires)
        router = Router(outlines, CLEAR + (APART if returns else 0.0))
        units = {spot.name: spot.unit for spot in self.spots}
        found: dict[int, Curve] = {}
        known: dict[tuple[str, str, float, float], tuple[Curve, Outline]] = {}

        def length(number: int) -> tuple[bool, bool, float, int]:
            wire = self.wires[number]
            a, b = outlines[wire.source], outlines[wire.target]
            return wire.faded, wire.kind != "forward", round(hypot(a.x - b.x, a.y - b.y), 3), number

        for number in sorted(range(len(self.wires)), key=length):
            wire = self.wires[number]
            a, b = outlines[wire.source], outlines[wire.target]
            key = (units[wire.source], units[wire.target], round(b.x - a.x, 1), round(b.y - a.y, 1))
            curve = None
            if wire.corners:
                curve = cornered(*facing(a, b), [(x, -y) for x, y in wire.corners], 0.0)
            elif wire.angles is not None:
                curve = bent(a, b, wire.angles[0], wire.angles[1], 1.6, 0.0)
            elif key in known:
                before, at = known[key]
                curve = before.moved(a.x - at.x, a.y - at.y)
                if not router.is_free(wire.source, wire.target, curve):
                    curve = None
            if curve is None:
                curve = router.route(wire.source, wire.target, [(x, -y) for x, y in wire.via])
                if wire.faded and curve.length() > _LONG * hypot(a.x - b.x, a.y - b.y):
                    curve = self._hint(wire, outlines, known, router) or curve
                known.setdefault(key, (curve, a))
            router.take(curve)
            found[number] = curve
        return [found[number] for number in range(len(self.wires))]


def _path(curve: Curve) -> tuple[Point, ...]:
    return tuple(Point(x, y) for x, y in curve.points)


def framed(picture: Picture, printer: Latex) -> Picture:
    """The picture moved and sized so that everything is inside, with a margin."""
    xs: list[float] = []
    ys: list[float] = []
    for node in picture.nodes:
        xs += [node.centre.x - node.width / 2, node.centre.x + node.width / 2]
        ys += [node.centre.y - node.height / 2, node.centre.y + node.height / 2]
    for text in (*picture.texts, *(text for edge in picture.edges for text in edge.labels)):
        width, height = extent(text.content, printer)
        shift = {"start": width / 2, "middle": 0.0, "end": -width / 2}[text.anchor]
        xs += [text.at.x + shift - width / 2, text.at.x + shift + width / 2]
        ys += [text.at.y - height / 2 - 0.2, text.at.y + height / 2 + 0.2]
    for edge in picture.edges:
        way = Curve(tuple((p.x, p.y) for p in edge.path), 0).along(49)
        xs += [float(way[:, 0].min()), float(way[:, 0].max())]
        ys += [float(way[:, 1].min()), float(way[:, 1].max())]
    if not xs:
        return replace(picture, width=2 * MARGIN, height=2 * MARGIN)
    left, top = min(xs) - MARGIN, min(ys) - MARGIN

    def move(point: Point) -> Point:
        return Point(round(point.x - left, 3), round(point.y - top, 3))

    def texts(found: Iterable[Text]) -> tuple[Text, ...]:
        return tuple(replace(text, at=move(text.at)) for text in found)

    return replace(
        picture,
        width=round(max(xs) - left + MARGIN, 3),
        height=round(max(ys) - top + MARGIN, 3),
        nodes=tuple(replace(node, centre=move(node.centre)) for node in picture.nodes),
        edges=tuple(
            replace(edge, path=tuple(map(move, edge.path)), labels=texts(edge.labels)) for edge in picture.edges
        ),
        texts=texts(picture.texts),
    )
