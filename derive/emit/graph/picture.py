"""What a picture is made of: nodes, edges and words at places, for any printer of pictures.

Lengths are in units of a label's font size; x grows to the right, y downwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from derive.emit.notation.forms import Form

NodeShape = Literal["circle", "box", "plain", "delay"]
NodeKind = Literal["input", "label", "hidden", "output", "loss", "start", "delay", "dots"]
EdgeKind = Literal["forward", "lag", "gradient"]


@dataclass(frozen=True)
class Point:
    """A place."""

    x: float
    y: float


@dataclass(frozen=True)
class Text:
    """A label: mathematics, or words.

    Attributes:
        content: a form, printed as the printer of the picture prints mathematics, or plain words.
        at: the centre (or the end that `anchor` names).
        anchor: which end of the text stands at the place.
        kind: what it labels, so that it can be coloured alike.
    """

    content: Form | str
    at: Point
    anchor: Literal["start", "middle", "end"] = "middle"
    kind: EdgeKind | Literal["node", "note"] = "note"


@dataclass(frozen=True)
class Node:
    """A variable at a step.

    Attributes:
        name: unique in the picture: `h[t-1]`; a printer may use it as an identifier after escaping.
        centre: its middle.
        width: of its outline.
        height: of its outline.
        shape: of its outline; a `delay` is a filled square without a label.
        kind: what it is to the network.
        label: what stands in it.
        title: a sentence about it for who points at it (its equation).
    """

    name: str
    centre: Point
    width: float
    height: float
    shape: NodeShape
    kind: NodeKind
    label: Form | str | None = None
    title: str = ""


@dataclass(frozen=True)
class Edge:
    """An arrow along a path.

    Attributes:
        source: the name of the node that it leaves.
        target: the name of the node that it enters.
        path: the points of a cubic Bezier spline: a start, then three points for each piece (two controls and an end).
            They end at the nodes' outlines.
        kind: a value of the same step, one carried from another step, or a gradient on its way back.
        labels: what is written beside it: the parameters that the value meets.
        faded: whether it only hints at a step that the picture does not show; it may then begin in the open.
    """

    source: str
    target: str
    path: tuple[Point, ...]
    kind: EdgeKind = "forward"
    labels: tuple[Text, ...] = ()
    faded: bool = False


@dataclass(frozen=True)
class Picture:
    """A drawing.

    Attributes:
        width: of the whole, everything in it included.
        height: of the whole.
        title: what it shows, for who cannot see it.
        description: a sentence or two more of the same.
        nodes: the nodes.
        edges: the arrows, drawn below the nodes.
        texts: words of their own.
    """

    width: float
    height: float
    title: str
    description: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    texts: tuple[Text, ...] = ()
