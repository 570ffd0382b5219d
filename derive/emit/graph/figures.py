"""Which pictures a document or a page has of a model, and what `derive draw` draws."""

from __future__ import annotations

from dataclasses import dataclass, replace

from derive.calculus.trace import Traced
from derive.emit.graph.drawing import Drawing
from derive.emit.graph.folded import folded
from derive.emit.graph.picture import Picture
from derive.emit.graph.together import GAP, together
from derive.emit.graph.unfolded import unfolded
from derive.emit.latex.names import Names
from derive.emit.latex.printer import Latex
from derive.errors import DeriveError, Fault
from derive.system import System

STEPS, MOST = 3, 12
DELAY = "A filled square is a delay of one step, unless another stands beside it."
CIRCUIT = f"The circuit. {DELAY}"
UNFOLDED = "The graph, unfolded over a few steps."
BOTH = f"The circuit, and the graph unfolded over a few steps. {DELAY}"


@dataclass(frozen=True)
class Figure:
    """A picture with the words below it."""

    picture: Picture
    caption: str


def figures(system: System, widest: float = 0.0) -> tuple[Figure, ...]:
    """The circuit and the unfolded graph; one, where the circuit has no delay and so nothing to unfold.

    Args:
        system: the model, as its file says it.
        widest: how wide a figure may be that holds both, in sizes of its type.
    """
    circuit = folded(system)
    if not _unfolds(circuit):
        return (Figure(circuit, "The graph."),)
    graph = unfolded(system, STEPS)
    if circuit.width + GAP + graph.width <= widest:
        return (Figure(together(circuit, graph), BOTH),)
    return Figure(circuit, CIRCUIT), Figure(graph, UNFOLDED)


def draw(system: System, traced: Traced | None = None, unfold: int | None = None) -> Drawing:
    """A drawing of a model.

    Args:
        system: the model, as its file says it.
        traced: its system with the gradient of the loss, where the gradient's way back is to be drawn too.
        unfold: how many steps are drawn, 0 for the circuit; both side by side without it.

    Raises:
        DeriveError: that many steps are not drawn.
    """
    if unfold is not None and not 0 <= unfold <= MOST:
        raise DeriveError(Fault(f"{unfold} steps cannot be drawn", hint=f"from 1 to {MOST}, or 0 for the circuit"))
    if unfold == 0:
        picture = folded(system, traced)
    else:
        picture = unfolded(system, unfold or STEPS, traced is not None, traced)
    if unfold is None:
        circuit = folded(system)
        if _unfolds(circuit):
            picture = replace(together(circuit, picture), title=f"{system.name}, circuit and unfolded")
    return Drawing(picture, Latex(Names(system)), system.name)


def _unfolds(circuit: Picture) -> bool:
    return any(node.shape == "delay" for node in circuit.nodes)
