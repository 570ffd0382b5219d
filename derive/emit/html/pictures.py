"""Pictures as parts of a page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

from derive.calculus.trace import Traced
from derive.emit.graph import figures as graph
from derive.emit.graph.svg import svg
from derive.emit.graph.unfolded import unfolded
from derive.emit.latex.printer import Latex
from derive.system import System

BACK = "The way back: each dashed arrow carries a gradient."


@dataclass(frozen=True)
class Picture:
    """A picture with its caption.

    Attributes:
        svg: the picture.
        width: of the picture, in pixels.
        caption: what it shows.
    """

    svg: Markup
    width: str
    caption: str


def forward_pictures(system: System, printer: Latex) -> list[Picture]:
    """The circuit and the graph over a few steps.

    Args:
        system: the model as its file says it.
        printer: how labels are printed.
    """
    return [_picture(figure, printer) for figure in graph.figures(system)]


def backward_picture(system: System, traced: Traced, printer: Latex) -> Picture:
    """The graph over a few steps, with the way that the gradient takes back."""
    return _picture(graph.Figure(unfolded(system, graph.STEPS, True, traced), BACK), printer)


def thumbnail(system: System, printer: Latex) -> Markup:
    """The graph over a few steps, where there are steps, without words."""
    return _picture(graph.figures(system)[-1], printer).svg


def _picture(figure: graph.Figure, printer: Latex) -> Picture:
    text = svg(figure.picture, printer, "page")
    width = re.search(r'<svg[^>]* width="([\d.]+)"', text)
    return Picture(Markup(text), width[1] if width else "0", figure.caption)
