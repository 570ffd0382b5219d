"""Places of cells in columns: one per step, in bands above each other, and what is there once in the middle."""

from __future__ import annotations

from collections.abc import Mapping

from derive.emit.graph import words
from derive.emit.graph.bands import Band, bands
from derive.emit.graph.curves import Place
from derive.emit.graph.gather import gathered
from derive.emit.graph.instance import Cell, Instance
from derive.emit.graph.layers import ROW
from derive.emit.graph.scene import SIZE, Scene
from derive.emit.graph.steps import Steps
from derive.emit.notation.forms import Form

GUTTER = 3.6  # between columns
_NEAR = 0.85  # of the distance of two rows: from the highest row of a band to a bar
DOTS = 1.6  # the width of a column that stands for the steps that are not drawn


class Columns:
    """Puts cells into columns and bands.

    Args:
        scene: measures labels.
        whole: the cells.
        plan: which steps are drawn.
    """

    gathers = True
    has_dots = True

    def __init__(self, scene: Scene, whole: Instance, plan: Mapping[str, Steps]) -> None:
        """Finds a place for every cell that is drawn."""
        self.scene, self.whole, self.plan = scene, whole, plan
        self.network = whole.network
        self.bands = bands(self.network, scene, self._widest())
        self.band_of = {unit.name: band for band in self.bands for unit in band.units}
        hidden = frozenset(cell for cell in whole.cells if self.is_hidden(cell))
        self.bars, self.gathered = gathered(whole, hidden) if self.gathers else ([], set())
        self.base = self._bases()
        self.x = self._column_places()
        self.once = self._once()

    def label(self, cell: Cell) -> Form:
        """The label of a cell."""
        unit = self.network.units[cell[0]]
        return words.label(unit, tuple(self.plan[n].label(step) for n, step in zip(unit.group, cell[1], strict=True)))

    def is_hidden(self, cell: Cell) -> bool:
        """Whether a cell is at a step that is drawn as dots."""
        unit = self.network.units[cell[0]]
        return any(self.plan[name].is_hidden(step) for name, step in zip(unit.group, cell[1], strict=True))

    def is_step(self, cell: Cell) -> bool:
        """Whether a cell is at a step of its sequences, and not before the first or behind the last."""
        unit = self.network.units[cell[0]]
        return all(step in self.plan[name].labels for name, step in zip(unit.group, cell[1], strict=True))

    def place(self, cell: Cell) -> Place:
        """Where a cell stands."""
        band = self.band_of[cell[0]]
        x, y = self.site(cell)
        inside = not band.group or self.is_step(cell)
        return x + (band.template.x[cell[0]] if inside else 0.0), y + band.template.y[cell[0]]

    def site(self, cell: Cell) -> Place:
        """Where the lowest row of a cell's step has its middle."""
        band = self.band_of[cell[0]]
        column = self.column(cell)
        return (self.once[id(band)] if column is None else self.x[column]), self.base[id(band)]

    def column(self, cell: Cell) -> float | None:
        """The column of a cell; None of one that is there once."""
        unit = self.network.units[cell[0]]
        return self.plan[unit.group[0]].column(cell[1][0]) if unit.group else None

    def bar_place(self, unit: str) -> tuple[float, float, float]:
        """The middle of a unit's bar, and its width."""
        cells = [cell for cell in self.whole.cells if cell[0] == unit and self.is_step(cell)]
        xs = [self.place(cell)[0] for cell in cells]
        return (min(xs) + max(xs)) / 2, self.bar_heights[unit], max(xs) - min(xs) + 2 * SIZE

    def lanes(self, source: Cell, target: Cell) -> tuple[Place, ...]:
        """The places that were kept free for an arrow within a step."""
        band: Band = self.band_of[source[0]]
        if band is not self.band_of[target[0]] or source[1] != target[1]:
            return ()
        x, y = self.site(source)
        return tuple((x + dx, y + dy) for dx, dy in band.template.lanes.get((source[0], target[0]), ()))

    def route(self, source: Cell, target: Cell) -> tuple[Place, ...]:
        """The corners that an arrow has to take; none where it may go as it likes."""
        del source, target
        return ()

    def _widest(self) -> dict[str, Form]:
        found: dict[str, tuple[float, Form]] = {}
        for cell in self.whole.cells:
            label = self.label(cell)
            width = self.scene.size(label)[0]
            if cell[0] not in found or width > found[cell[0]][0]:
                found[cell[0]] = (width, label)
        # What has no cell at such small sizes keeps its place all the same.
        rest = {
            name: words.label(unit, tuple(words.step(sequence.lower(), 0) for sequence in unit.group))
            for name, unit in self.network.units.items()
        }
        return rest | {name: form for name, (_, form) in found.items()}

    def _bases(self) -> dict[int, float]:
        base, height = {}, 0.0
        self.bar_heights: dict[str, float] = {}
        for band in self.bands:
            base[id(band)] = height
            height += band.template.height + ROW
            # The bars of a band stand above it.
            for bar in self.bars:
                if self.band_of[bar.unit] is band:
                    self.bar_heights[bar.unit] = height - ROW * (1 - _NEAR)
                    height += ROW * _NEAR
        return base

    def _column_places(self) -> dict[float, float]:
        """The middle of each column."""
        widths: dict[float, tuple[float, float]] = {}
        for cell in self.whole.cells:
            column = self.column(cell)
            if column is None:
                continue
            template = self.band_of[cell[0]].template
            sides = (template.left, template.right)
            if self.is_hidden(cell):
                sides = (DOTS / 2, DOTS / 2)
            elif not self.is_step(cell):
                half = self.scene.size(self.label(cell))[0] / 2
                sides = (half, half)
            old = widths.get(column, (0.0, 0.0))
            widths[column] = (max(old[0], sides[0]), max(old[1], sides[1]))
        places: dict[float, float] = {}
        at = 0.0
        for number, column in enumerate(sorted(widths)):
            left, right = widths[column]
            at += left + (GUTTER if number else 0.0)
            places[column] = at
            at += right
        return places

    def _once(self) -> dict[int, float]:
        """Where what is there once has its middle: amid what it reads and who reads it."""
        found: dict[int, float] = {}
        middle = (min(self.x.values(), default=0.0) + max(self.x.values(), default=0.0)) / 2
        for band in self.bands:
            if band.group:
                continue
            names = {unit.name for unit in band.units}
            near = {
                self.x[column]
                for link in self.whole.links
                for cell, other in ((link.source, link.target), (link.target, link.source))
                if cell[0] in names and (column := self.column(other)) is not None and not self.is_hidden(other)
            }
            lower = [found[id(other)] for other in self.bands if not other.group and id(other) in found]
            found[id(band)] = (min(near) + max(near)) / 2 if near else (lower[-1] if lower else middle)
        return found
