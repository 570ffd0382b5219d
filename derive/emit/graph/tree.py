"""Places of the nodes of a tree: leaves below, left to right, each other node above the middle of its children."""

from __future__ import annotations

from derive.emit.graph.columns import Columns
from derive.emit.graph.curves import Place
from derive.emit.graph.instance import Cell, arity, trees
from derive.emit.graph.layers import ROW
from derive.emit.graph.units import Network

_FEW = 4  # units per node, from which on a small tree is large enough
_GAP = 2.4


def nodes(network: Network) -> int:
    """How many nodes an example tree has: two levels of children, or one where each node is large."""
    children = max(arity(network), 2)
    large = sum(bool(unit.group) for unit in network.units.values()) > _FEW
    return 1 + children + (0 if large else children * children)


class Tree(Columns):
    """Puts cells into a tree."""

    gathers = False
    has_dots = False

    def site(self, cell: Cell) -> Place:
        """Where the lowest row of a node has its middle."""
        band = self.band_of[cell[0]]
        if not band.group:
            return super().site(cell)
        x, level = self._nodes()[cell[1][0]]
        return x, self.base[id(band)] + level * (band.template.height + ROW)

    def _nodes(self) -> dict[int, tuple[float, int]]:
        """The middle and the level of each node; a leaf's level is 0."""
        children = trees(next(iter(self.plan.values())).length, max(arity(self.network), 1))
        width = max((b.template.left + b.template.right for b in self.bands if b.group), default=0.0) + _GAP
        found: dict[int, tuple[float, int]] = {}
        leaves = 0

        def visit(node: int) -> None:
            nonlocal leaves
            below = [child for child in children[node] if child]
            for child in below:
                visit(child)
            if below:
                xs = [found[child][0] for child in below]
                level = 1 + max(found[child][1] for child in below)
                found[node] = ((min(xs) + max(xs)) / 2, level)
            else:
                found[node] = (leaves * width, 0)
                leaves += 1

        inner = {child for below in children.values() for child in below}
        for node in children:
            if node not in inner:
                visit(node)
        return found

    def _bases(self) -> dict[int, float]:
        base, height = {}, 0.0
        levels = 1 + max(level for _, level in self._nodes().values())
        for band in self.bands:
            base[id(band)] = height
            height += (band.template.height + ROW) * (levels if band.group else 1)
        return base

    def _column_places(self) -> dict[float, float]:
        return {float(node - 1): x for node, (x, _) in self._nodes().items()}

    def _once(self) -> dict[int, float]:
        root = max(self._nodes().items(), key=lambda item: item[1][1])[1][0]
        return {id(band): root for band in self.bands if not band.group}
