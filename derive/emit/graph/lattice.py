"""Places of cells on a grid: one sequence runs to the right, the other upwards; what is at one cell stands aslant."""

from __future__ import annotations

from derive.emit.graph.bands import Band
from derive.emit.graph.columns import GUTTER, Columns
from derive.emit.graph.curves import Place
from derive.emit.graph.instance import Cell
from derive.emit.graph.layers import ROW
from derive.emit.graph.scene import SIZE

_ASLANT = 3.0  # from one unit of a cell to the next, to the right and upwards
_ROOM = 3.0  # between cells


class Lattice(Columns):
    """Puts cells on a grid, with what runs along one of the sequences beside it."""

    gathers = False
    has_dots = False

    def _bases(self) -> dict[int, float]:
        self.across, self.upward = next(band.group for band in self.bands if len(band.group) > 1)
        self.grid = next(n for n, band in enumerate(self.bands) if len(band.group) > 1)
        self.slant = {band.units[0].name: self._slanted(band) for band in self.bands if len(band.group) > 1}
        places = [place for slant in self.slant.values() for place in slant.values()]
        self.low = min(min(x, y) for x, y in places)
        self.high = max(max(x, y) for x, y in places)
        self.pitch = self.high - self.low + SIZE + _ROOM
        base = {}
        below = [b for n, b in enumerate(self.bands) if n < self.grid and b.group == (self.across,)]
        height = -sum(band.template.height + ROW for band in below)
        for band in self.bands:
            base[id(band)] = 0.0
            if band in below:
                base[id(band)] = height + self.low - 2.2
                height += band.template.height + ROW
        above = self.pitch * (len(self._steps(self.upward)) - 1) + self.high + ROW
        for number, band in enumerate(self.bands):
            if number > self.grid and band.group in ((), (self.across,)):
                base[id(band)] = above
                above += band.template.height + ROW
        return base

    def _slanted(self, band: Band) -> dict[str, Place]:
        """Where the units of a cell stand: in the order of their rows to the upper right, those of one row beside."""
        y = band.template.y
        rows = sorted(set(y.values()))
        lagged = [r.target for r in self.network.reads if r.at != r.to and r.target in y and r.source in y]
        core = rows.index(y[lagged[0]]) if lagged else 0
        found = {}
        for number, height in enumerate(rows):
            here = [unit.name for unit in band.units if y[unit.name] == height]
            for n, name in enumerate(here):
                beside = (n - (len(here) - 1) / 2) * _ASLANT
                found[name] = ((number - core) * _ASLANT + beside, (number - core) * _ASLANT - beside)
        return found

    def _steps(self, sequence: str) -> list[int]:
        """The steps of a sequence that the grid has: those at which something is read."""
        found = set(self.plan[sequence].labels)
        for cell in self._read():
            group = self.network.units[cell[0]].group
            if len(group) > 1 and sequence in group:
                found.add(cell[1][group.index(sequence)])
        return sorted(found)

    def _read(self) -> set[Cell]:
        return {link.target for link in self.whole.links}

    def is_hidden(self, cell: Cell) -> bool:
        """A start that reads nothing is not drawn on a grid."""
        grid = len(self.network.units[cell[0]].group) > 1
        return grid and not self.is_step(cell) and cell not in self._read()

    def _column_places(self) -> dict[float, float]:
        self.columns = {step: n * self.pitch for n, step in enumerate(self._steps(self.across))}
        self.rows = {step: n * self.pitch for n, step in enumerate(self._steps(self.upward))}
        return {float(n): place for n, place in enumerate(self.columns.values())}

    def _along(self, places: dict[int, float], step: int) -> float:
        """The place of a step; one that the grid has not is half as far away."""
        if step in places:
            return places[step]
        return min(places.values()) - GUTTER - SIZE if step < min(places) else max(places.values()) + GUTTER + SIZE

    def place(self, cell: Cell) -> Place:
        """Where a cell stands."""
        band = self.band_of[cell[0]]
        template = band.template
        if not band.group:
            return self.once[id(band)] + template.x[cell[0]], self.base[id(band)] + template.y[cell[0]]
        if len(band.group) > 1:
            at = dict(zip(band.group, cell[1], strict=True))
            dx, dy = self.slant[band.units[0].name][cell[0]]
            return self._along(self.columns, at[self.across]) + dx, self._along(self.rows, at[self.upward]) + dy
        if band.group == (self.across,):
            return (
                self._along(self.columns, cell[1][0]) + template.x[cell[0]],
                self.base[id(band)] + template.y[cell[0]],
            )
        left = self.low - ROW - 2.2 - template.height
        return left + template.y[cell[0]], self._along(self.rows, cell[1][0]) + template.x[cell[0]]

    def site(self, cell: Cell) -> Place:
        """Where a cell stands."""
        return self.place(cell)

    def lanes(self, source: Cell, target: Cell) -> tuple[Place, ...]:
        """No lanes are kept free on a grid."""
        return ()

    def route(self, source: Cell, target: Cell) -> tuple[Place, ...]:
        """What every cell of a column or of a row reads comes along the line between this one and the one before."""
        here, there = self.band_of[source[0]], self.band_of[target[0]]
        if len(there.group) < 2 or len(here.group) != 1:
            return ()
        (x, y), (u, v) = self.place(source), self.place(target)
        left = self.low - SIZE / 2 - 1.0
        covered = any(here.template.y[u.name] > here.template.y[source[0]] for u in here.units)
        if here.group == (self.across,):
            gutter = self._along(self.columns, target[1][there.group.index(self.across)]) + left
            turn = min(self.rows.values()) + left - 0.8
            return ((gutter, y), (gutter, v)) if covered else ((x, turn), (gutter, turn), (gutter, v))
        aisle = self._along(self.rows, target[1][there.group.index(self.upward)]) + left
        turn = min(self.columns.values()) + left - 0.8
        return ((x, aisle), (u, aisle)) if covered else ((turn, y), (turn, aisle), (u, aisle))

    def _once(self) -> dict[int, float]:
        return {id(band): max(self.columns.values()) + self.high for band in self.bands if not band.group}
