"""The graph unfolded over a few steps: every cell that is drawn, and every arrow between two of them."""

from __future__ import annotations

from dataclasses import replace

from derive.calculus.trace import Traced
from derive.emit.graph import words
from derive.emit.graph.columns import Columns
from derive.emit.graph.flow import Flow
from derive.emit.graph.gather import Bar
from derive.emit.graph.instance import Cell, Link, instance, pointers
from derive.emit.graph.lattice import Lattice
from derive.emit.graph.picture import Picture
from derive.emit.graph.scene import DOTS, Scene, Spot, Wire
from derive.emit.graph.steps import Steps, counted, plan
from derive.emit.graph.tree import Tree, nodes
from derive.emit.graph.units import Network, lag, network
from derive.emit.notation import forms
from derive.system import System

_NEARER = 1.3


def unfolded(system: System, steps: int = 3, gradient: bool = False, traced: Traced | None = None) -> Picture:
    """The graph of a model over a few steps of each of its sequences.

    Args:
        system: the model, as its file says it.
        steps: how many steps are drawn.
        gradient: whether the way of the gradient is drawn too.
        traced: the system with its gradient, where that is wanted.
    """
    found = network(system)
    scene = Scene(system)
    _fill(scene, _layout(scene, found, steps), Flow(found, traced) if gradient else None)
    some = "one step" if steps == 1 else f"{steps} steps"
    way = ", and the way of the gradient back" if gradient else ""
    return scene.picture(
        f"{system.name}, unfolded",
        f"The graph of {system.name} over {some} of each sequence: who reads whom, with which parameters{way}.",
    )


def _layout(scene: Scene, found: Network, steps: int) -> Columns:
    """Where everything stands: in a tree, on a grid, or in columns."""
    kind: type[Columns] = Columns
    shown: dict[str, Steps] = plan(found, steps)
    if pointers(found):
        kind, shown = Tree, counted(found, nodes(found))
    elif any(len(unit.group) > 1 for unit in found.units.values()):
        kind, shown = Lattice, counted(found, steps)
    return kind(scene, instance(found, {name: some.length for name, some in shown.items()}), shown)


def _fill(scene: Scene, layout: Columns, flow: Flow | None) -> None:
    """Puts every cell and every link into the scene."""
    links = [link for link in layout.whole.links if link not in layout.gathered]
    linked = {cell for link in layout.whole.links for cell in (link.source, link.target)}
    for cell in layout.whole.cells:
        if not layout.is_hidden(cell) and (cell in linked or layout.is_step(cell)):
            spot = _spot(layout, cell)
            if flow is not None and flow.has(cell[0]) and isinstance(spot.label, forms.Variable):
                spot = replace(spot, gradient=replace(spot.label, gradients=1))
            scene.spots.append(spot)
    for bar in layout.bars:
        _bar(scene, layout, bar, flow)
    dots: dict[tuple[str, float | None], str] = {}
    told: set[tuple[str, str]] = set()
    for link in links:
        hidden = layout.is_hidden(link.source), layout.is_hidden(link.target)
        returns = flow is not None and flow.returns(link.source[0], link.target[0])
        if hidden == (False, False):
            wire = replace(_wire(layout, link), returns=returns)
            # Of several arrows along one line the first has the labels.
            once = (wire.source, link.target[0])
            scene.wires.append(replace(wire, labels=()) if wire.corners and once in told else wire)
            told.add(once)
        elif hidden != (True, True) and link.carried and link.shifts and layout.has_dots:
            scene.wires += [replace(wire, returns=returns) for wire in _faded(scene, layout, link, dots)]
    if layout.has_dots:
        _between(scene, layout, dots)


def _bar(scene: Scene, layout: Columns, bar: Bar, flow: Flow | None) -> None:
    """A bar with an arrow from each of its steps and one to each of its readers."""
    x, y, width = layout.bar_place(bar.unit)
    unit = layout.network.units[bar.unit]
    whole = forms.Slice(words.number(1), words.step(unit.group[0], 0))
    title = f"every step of {bar.unit}"
    label = forms.Variable(unit.variable, (whole,))
    scene.spots.append(Spot(bar.name, bar.name, x, y, label, unit.kind, "box", title, width))
    into = {link.source: link for link in layout.gathered if link.source[0] == bar.unit}
    out: dict[Cell, tuple[str, ...]] = {}
    for link in layout.whole.links:
        if link in layout.gathered and link.source[0] == bar.unit:
            out[link.target] = link.labels
    for cell in sorted(into):
        if not layout.is_hidden(cell):
            back = flow is not None and any(flow.returns(bar.unit, reader[0]) for reader in out)
            scene.wires.append(Wire(_name(cell), bar.name, returns=back))
    for reader, labels in out.items():
        if not layout.is_hidden(reader):
            back = flow is not None and flow.returns(bar.unit, reader[0])
            scene.wires.append(Wire(bar.name, _name(reader), labels, returns=back))


def _between(scene: Scene, layout: Columns, dots: dict[tuple[str, float | None], str]) -> None:
    """Dots where steps are left out and no arrow says so: at the lowest unit of a band."""
    for band in layout.bands:
        names = [unit.name for unit in band.units]
        gaps = {layout.column(cell): cell for cell in layout.whole.cells if cell[0] in names and layout.is_hidden(cell)}
        first, last = (min(layout.x, default=0.0), max(layout.x, default=0.0))
        for column, cell in gaps.items():
            if column is None or not first < column < last or any((name, column) in dots for name in names):
                continue
            lowest = min(names, key=lambda name: (band.template.y[name], names.index(name)))
            x, y = layout.site((lowest, cell[1]))[0], layout.place((lowest, cell[1]))[1]
            scene.spots.append(Spot(f"{lowest}[...{column}]", lowest + DOTS, x, y, "…", "dots", "plain"))


def _spot(layout: Columns, cell: Cell) -> Spot:
    unit = layout.network.units[cell[0]]
    x, y = layout.place(cell)
    kind = unit.kind if layout.is_step(cell) else "start"
    return Spot(_name(cell), unit.name, x, y, layout.label(cell), kind, title=words.title(layout.network.system, unit))


def _wire(layout: Columns, link: Link) -> Wire:
    return Wire(
        _name(link.source),
        _name(link.target),
        link.labels,
        "lag" if link.carried else "forward",
        via=layout.lanes(link.source, link.target),
        corners=layout.route(link.source, link.target),
    )


def _faded(scene: Scene, layout: Columns, link: Link, dots: dict[tuple[str, float | None], str]) -> list[Wire]:
    """What comes from steps that are not drawn, or goes on to them, once for all its readers."""
    name = link.source[0]
    away = link.source if layout.is_hidden(link.source) else link.target
    key = (name, layout.column(away))
    if key not in dots:
        dots[key] = f"{name}[...{key[1]}]"
        x, _ = layout.site((name, away[1]))
        _, y = layout.place((name, away[1]))
        if away is link.source and any(lag(r) for r in layout.network.reads if r.source == name != r.target):
            # What goes on to other rows stands nearer to them than what goes straight on.
            x += _NEARER if away[1] < link.target[1] else -_NEARER
        scene.spots.append(Spot(dots[key], name + DOTS, x, y, "…", "dots", "plain"))
    if away is link.source:
        return [Wire(dots[key], _name(link.target), link.labels, "lag", True)]
    wire = Wire(_name(link.source), dots[key], (), "lag", True)
    return [] if any((w.source, w.target) == (wire.source, wire.target) for w in scene.wires) else [wire]


def _name(cell: Cell) -> str:
    return f"{cell[0]}[{','.join(map(str, cell[1]))}]" if cell[1] else cell[0]
