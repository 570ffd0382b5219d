"""Which units stand together: bands from the bottom to the top, each of units that are drawn at the same steps.

What is drawn over another sequence, or once, is in another band; a band is above all bands that it reads.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.components import components
from derive.emit.graph.layers import Item, Template, arrange
from derive.emit.graph.network import LOSS
from derive.emit.graph.scene import Scene
from derive.emit.graph.units import Network, Unit
from derive.emit.notation.forms import Form


@dataclass(frozen=True)
class Band:
    """Units that are drawn at the same steps.

    Attributes:
        group: the sequences of these steps; none for what is there once.
        units: in the order of the file.
        template: where they stand around the middle of a step.
    """

    group: tuple[str, ...]
    units: tuple[Unit, ...]
    template: Template


def bands(network: Network, scene: Scene, labels: dict[str, Form], room: float = 0.0) -> list[Band]:
    """The bands from the bottom to the top.

    Args:
        network: the units.
        scene: measures labels.
        labels: the widest label of each unit.
        room: what is left free beside a unit that is read at other steps.
    """
    stage = stages(network)
    first: dict[tuple[int, tuple[str, ...]], int] = {}
    for number, unit in enumerate(network.units.values()):
        first.setdefault((stage[unit.name], unit.group), number)
    found = []
    for key in sorted(first, key=lambda key: (key[0], first[key])):
        members = tuple(u for u in network.units.values() if (stage[u.name], u.group) == key)
        found.append(Band(key[1], members, _template(network, scene, labels, members, room)))
    return found


def _template(
    network: Network, scene: Scene, labels: dict[str, Form], members: tuple[Unit, ...], room: float
) -> Template:
    names = {unit.name for unit in members}
    inner = [read for read in network.reads if read.source in names and read.target in names]
    carried = [(r.source, r.target) for r in inner if r.at != r.to]
    loops = {source for source, _ in carried}
    losses = {r.source for r in inner if r.target == LOSS}
    items = []
    for unit in members:
        fixed = ""
        if unit.kind == "input":
            fixed = "below"
        elif unit.kind == "label":
            read = {r.target for r in inner if r.source == unit.name and r.at == r.to}
            fixed = "above" if unit.name in losses or not read else "below"
        looping = unit.name in loops
        items.append(Item(unit.name, scene.size(labels[unit.name])[0] + room * looping, fixed, looping))
    edges = [(r.source, r.target) for r in inner if r.at == r.to]
    # What is carried into no cycle comes from below too.
    whole = [(r.source, r.target) for r in network.reads]
    edges += [(a, b) for a, b in carried if network.units[a].kind in ("hidden", "output") and not _leads(whole, b, a)]
    return arrange(items, edges, carried)


def _leads(edges: list[tuple[str, str]], start: str, end: str) -> bool:
    """Whether arrows lead from one unit to another, or both are one."""
    seen, waiting = {start}, [start]
    while waiting:
        name = waiting.pop()
        if name == end:
            return True
        for a, b in edges:
            if a == name and b not in seen:
                seen.add(b)
                waiting.append(b)
    return False


def stages(network: Network) -> dict[str, int]:
    """How many times the steps change on the way to each unit, as late as its readers allow."""
    names = list(network.units)
    number = {name: n for n, name in enumerate(names)}
    readers: dict[int, list[int]] = {n: [] for n in number.values()}
    for read in network.reads:
        if read.source != read.target:
            readers[number[read.source]].append(number[read.target])
    parts = list(components(readers))
    home = {n: which for which, part in enumerate(parts) for n in part}
    group = [network.units[name].group for name in names]
    # Components come with their readers first.
    early = dict.fromkeys(range(len(parts)), 0)
    for which in reversed(range(len(parts))):
        for n in parts[which]:
            for reader in readers[n]:
                if home[reader] != which:
                    step = int(group[n] != group[reader])
                    early[home[reader]] = max(early[home[reader]], early[which] + step)
    late = dict(early)
    for which, part in enumerate(parts):
        outside = [(n, reader) for n in part for reader in readers[n] if home[reader] != which]
        if outside:
            late[which] = min(late[home[reader]] - int(group[n] != group[reader]) for n, reader in outside)
    least = min(late.values(), default=0)
    return {name: late[home[n]] - least for name, n in number.items()}
