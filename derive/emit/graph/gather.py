"""What every step of one sequence reads of every step of another: the steps are gathered in a bar, and the bar is read.

Six arrows to a bar and from it are read more easily than nine that cross.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.emit.graph.instance import Instance, Link


@dataclass(frozen=True)
class Bar:
    """The steps of a unit, gathered.

    Attributes:
        unit: whose steps they are.
        name: of the bar.
    """

    unit: str
    name: str


def gathered(whole: Instance, hidden: frozenset[tuple[str, tuple[int, ...]]]) -> tuple[list[Bar], set[Link]]:
    """The bars that are drawn, and the links that they stand for.

    Args:
        whole: the cells and links.
        hidden: the cells that are drawn as dots.
    """
    units = whole.network.units
    between: dict[tuple[str, str], list[Link]] = {}
    for link in whole.links:
        here, there = units[link.source[0]].group, units[link.target[0]].group
        if here and there and here != there:
            between.setdefault((link.source[0], link.target[0]), []).append(link)
    bars: dict[str, Bar] = {}
    found: set[Link] = set()
    for (source, _), links in between.items():
        shown = [link for link in links if link.source not in hidden and link.target not in hidden]
        sources = {link.source for link in shown}
        targets = {link.target for link in shown}
        # Only where all read all: anything else is told by its own arrows.
        if min(len(sources), len(targets)) > 1 and len(shown) == len(sources) * len(targets):
            bars[source] = Bar(source, f"{source}[:]")
            found.update(links)
    return list(bars.values()), found
