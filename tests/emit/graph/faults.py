"""What must not be in a picture: nodes on nodes, labels on anything, arrows through nodes, anything outside."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from derive.emit.graph.curves import Curve, Floats
from derive.emit.graph.labels import extent
from derive.emit.graph.picture import Node, Picture, Text
from derive.emit.latex.names import Names
from derive.emit.latex.printer import Latex
from derive.system import System

Rectangle = tuple[float, float, float, float]


def faults(picture: Picture, system: System) -> list[str]:
    """What is wrong, in words; nothing where all is well."""
    printer = Latex(Names(system))
    nodes = {node.name: _node(node) for node in picture.nodes}
    words = [*picture.texts, *(text for edge in picture.edges for text in edge.labels)]
    labels = [(str(text.content), _text(text, printer)) for text in words]
    found = [f"two nodes are called {n.name}" for n, m in combinations(picture.nodes, 2) if n.name == m.name]
    found += [f"{a} on {b}" for (a, one), (b, other) in combinations(nodes.items(), 2) if _meet(one, other)]
    found += [f"label {a} on {b}" for a, one in labels for b, other in nodes.items() if _meet(one, other)]
    found += [f"label {a} on label {b}" for (a, one), (b, other) in combinations(labels, 2) if _meet(one, other)]
    for name, (left, right, top, bottom) in (*nodes.items(), *labels):
        if left < 0 or top < 0 or right > picture.width or bottom > picture.height:
            found.append(f"{name} is outside")
    for edge in picture.edges:
        points = Curve(tuple((p.x, p.y) for p in edge.path), 0.0).along(101)
        if (points < 0).any() or (points > (picture.width, picture.height)).any():
            found.append(f"{edge.source} -> {edge.target} is outside")
        found += [
            f"{edge.source} -> {edge.target} through {node.name}"
            for node in picture.nodes
            if node.name not in (edge.source, edge.target) and _inside(points, node)
        ]
    return found


def _node(node: Node) -> Rectangle:
    x, y, width, height = node.centre.x, node.centre.y, node.width / 2, node.height / 2
    return x - width, x + width, y - height, y + height


def _text(text: Text, printer: Latex) -> Rectangle:
    width, height = extent(text.content, printer)
    x = text.at.x + {"start": width / 2, "middle": 0.0, "end": -width / 2}[text.anchor]
    return x - width / 2, x + width / 2, text.at.y - height / 2, text.at.y + height / 2


def _meet(a: Rectangle, b: Rectangle) -> bool:
    slack = 0.02
    return a[0] < b[1] - slack and b[0] < a[1] - slack and a[2] < b[3] - slack and b[2] < a[3] - slack


def _inside(points: Floats, node: Node) -> bool:
    x = np.abs(points[:, 0] - node.centre.x) / (node.width / 2)
    y = np.abs(points[:, 1] - node.centre.y) / (node.height / 2)
    return bool((x**2 + y**2 < 0.96).any() if node.shape == "circle" else ((x < 0.98) & (y < 0.98)).any())
