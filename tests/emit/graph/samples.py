"""Pictures made by hand, with everything in them that printers must print."""

from __future__ import annotations

import sympy

from derive.emit.graph.picture import Edge, Node, Picture, Point, Text
from derive.emit.latex.names import Names
from derive.emit.latex.printer import Latex
from derive.emit.notation import forms
from derive.system import System

HOSTILE = '<script>"&\x00\x1b[31m\ud800]]>{}\\end{document}%$\n--></text>'


def at(name: str, gradients: int = 0) -> forms.Variable:
    step = forms.Add((forms.Symbol("t"), forms.Negative(forms.Number(sympy.Integer(1)))))
    return forms.Variable(name, (step,), gradients=gradients)


def line(start: Point, end: Point) -> tuple[Point, ...]:
    dx, dy = (end.x - start.x) / 3, (end.y - start.y) / 3
    return tuple(Point(start.x + n * dx, start.y + n * dy) for n in range(4))


def printer(system: System) -> Latex:
    return Latex(Names(system))


def picture(words: str = "a title") -> Picture:
    """Every shape and kind of node, every kind of edge, text of both kinds."""
    below, above, right = Point(3, 8), Point(3, 4), Point(9, 4)
    nodes = (
        Node("x", below, 3, 2, "circle", "input", at("x"), words),
        Node("h", above, 3, 2, "box", "hidden", at("h"), words),
        Node("d", Point(6, 4), 0.7, 0.7, "delay", "delay"),
        Node("d2", Point(6, 6), 0.9, 0.9, "delay", "delay", forms.Number(sympy.Integer(2))),
        Node("y", right, 3, 2, "circle", "output", words),
        Node("...", Point(12, 4), 1, 1, "plain", "dots"),
    )
    curve = (Point(9, 5), Point(8, 6), Point(5, 6), Point(4, 5))
    edges = (
        Edge("x", "h", line(Point(3, 7), Point(3, 5)), labels=(Text(forms.Variable("W"), Point(4, 6), "start"),)),
        Edge("h", "y", line(Point(4.5, 4), Point(7.5, 4)), "lag"),
        Edge("y", "h", curve, "gradient", (Text(at("h", 1), Point(7, 7), kind="gradient"),)),
        Edge("y", "...", line(Point(10.5, 4), Point(11.5, 4)), faded=True),
    )
    return Picture(14, 11, words, words, nodes, edges, (Text(words, Point(7, 10), "end"),))
