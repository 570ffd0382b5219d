"""Where the nodes of one step stand: rows by the longest path, orders with few crossings, places near their neighbours.

The same arrangement is used at every step, so that the columns of an unfolded graph are alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

ROW = 5.0  # from one row to the next
LEVEL = 3.8  # from one level to the next in a row: variables that carry something to the next step have their own
GAP = 1.9  # between nodes of one row
BUSY = 0.45  # more between two rows for each arrow above five
LANE = 1.0  # what an arrow needs that passes through a row


@dataclass(frozen=True)
class Item:
    """What is placed.

    Attributes:
        name: of it.
        width: how wide it is.
        fixed: `below` where it stands just below who reads it, `above` where it stands above, else nothing.
        level: whether it needs a level of its own in its row.
    """

    name: str
    width: float
    fixed: str = ""
    level: bool = False


@dataclass(frozen=True)
class Template:
    """Places of nodes around the middle of their column; y grows upwards from the lowest row.

    Attributes:
        x: of each node.
        y: of each node.
        left: how far it reaches to the left of its middle.
        right: how far it reaches to the right.
        height: from the lowest row to the highest.
        lanes: for an arrow that passes rows, the places that it passes.
    """

    x: dict[str, float]
    y: dict[str, float]
    left: float
    right: float
    height: float
    lanes: dict[tuple[str, str], tuple[tuple[float, float], ...]]


def arrange(items: Sequence[Item], edges: Iterable[tuple[str, str]], carried: Iterable[tuple[str, str]]) -> Template:
    """Places for the nodes of one step.

    Args:
        items: the nodes, in the order of the file.
        edges: who is read by whom at the same step.
        carried: who is read by whom at another step.
    """
    if not items:
        return Template({}, {}, 0.0, 0.0, 0.0, {})
    by_name = {item.name: item for item in items}
    inner = [(a, b) for a, b in dict.fromkeys(edges) if a in by_name and b in by_name and a != b]
    rank = ranks(items, inner)
    inner = [(a, b) if rank[a] <= rank[b] else (b, a) for a, b in inner]
    widths = {item.name: item.width for item in items}
    chains, links = _lanes(rank, inner, widths)
    rows: list[list[str]] = [[] for _ in range(max(rank.values()) + 1)]
    for name in widths:
        rows[rank[name]].append(name)
    weak = [(a, b) for a, b in dict.fromkeys(carried) if a in by_name and b in by_name and a != b]
    rows = ordered(rows, links, weak)
    x = places(rows, widths, links)
    y, height = _heights(rows, by_name, links)
    for name in widths:
        if name not in y:
            y[name] = _at_rank(rows, y, by_name, rank[name])
    left = min(x[i.name] - i.width / 2 for i in items)
    right = max(x[i.name] + i.width / 2 for i in items)
    lanes = {edge: tuple((x[via], y[via]) for via in chain) for edge, chain in chains.items()}
    return Template(
        {name: x[name] for name in by_name}, {name: y[name] for name in by_name}, -left, right, height, lanes
    )


def ranks(items: Sequence[Item], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The row of each node: one above all that it reads; given data just below who reads them, or above the loss."""
    free = [item.name for item in items if not item.fixed]
    above: dict[str, list[str]] = {name: [] for name in free}
    for a, b in edges:
        if a in above and b in above:
            above[a].append(b)
    base = 1 if any(item.fixed == "below" for item in items) else 0
    rank: dict[str, int] = dict.fromkeys(free, base)
    order = _topological(free, above)
    for name in order:
        for reader in above[name]:
            if order.index(reader) > order.index(name):
                rank[reader] = max(rank[reader], rank[name] + 1)
    for item in items:
        readers = [rank[b] for a, b in edges if a == item.name and b in rank]
        if item.fixed == "below":
            rank[item.name] = min(readers, default=1) - 1
        elif item.fixed == "above":
            rank[item.name] = max(readers, default=max(rank.values(), default=0)) + 1
    least = min(rank.values())
    return {name: number - least for name, number in rank.items()}


def _topological(names: Sequence[str], above: Mapping[str, Sequence[str]]) -> list[str]:
    """Names, each before its readers where no cycle hinders it."""
    order: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name not in seen:
            seen.add(name)
            for reader in reversed(above[name]):
                visit(reader)
            order.append(name)

    for name in reversed(names):
        visit(name)
    return order[::-1]


def _lanes(
    rank: dict[str, int], edges: Sequence[tuple[str, str]], widths: dict[str, float]
) -> tuple[dict[tuple[str, str], list[str]], list[tuple[str, str]]]:
    """A lane in each row that an arrow passes; arrows of one source share it. Adds the lanes to ranks and widths."""
    chains: dict[tuple[str, str], list[str]] = {}
    links: dict[tuple[str, str], None] = {}
    for a, b in edges:
        before = a
        for row in range(rank[a] + 1, rank[b]):
            lane = f"{a}>{row}"
            rank[lane] = row
            widths[lane] = LANE
            links[before, lane] = None
            chains.setdefault((a, b), []).append(lane)
            before = lane
        links[before, b] = None
    return chains, list(links)


def ordered(
    rows: list[list[str]], links: Sequence[tuple[str, str]], weak: Sequence[tuple[str, str]]
) -> list[list[str]]:
    """The rows in orders with few crossings: sweeps that sort by the mean of the neighbours, then swaps."""
    near: dict[str, list[str]] = {name: [] for row in rows for name in row}
    for a, b in links:
        near[a].append(b)
        near[b].append(a)
    best, least = [list(row) for row in rows], _cost(rows, links, weak)
    current = [list(row) for row in rows]
    for sweep in range(8):
        place = _relative(current)
        for number in range(len(current)) if sweep % 2 == 0 else reversed(range(len(current))):
            row = current[number]
            current[number] = sorted(row, key=lambda name: _mean([place[n] for n in near[name]], place[name]))
            place.update(_relative([current[number]]))
        cost = _cost(current, links, weak)
        if cost < least:
            best, least = [list(row) for row in current], cost
    return _swapped(best, links, weak, least)


def _swapped(
    rows: list[list[str]], links: Sequence[tuple[str, str]], weak: Sequence[tuple[str, str]], least: float
) -> list[list[str]]:
    """The rows after swaps of two of a row that lower the cost; few rounds, since graphs are small."""
    for _ in range(4):
        changed = False
        for row in rows:
            for one in range(len(row) - 1):
                for other in range(one + 1, min(len(row), one + 4)):
                    row[one], row[other] = row[other], row[one]
                    cost = _cost(rows, links, weak)
                    if cost < least - 1e-9:
                        least, changed = cost, True
                    else:
                        row[one], row[other] = row[other], row[one]
        if not changed:
            break
    return rows


def _relative(rows: Sequence[Sequence[str]]) -> dict[str, float]:
    return {name: place - (len(row) - 1) / 2 for row in rows for place, name in enumerate(row)}


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _cost(rows: Sequence[Sequence[str]], links: Sequence[tuple[str, str]], weak: Sequence[tuple[str, str]]) -> float:
    """Crossings first, then how far apart neighbours are."""
    place, row_of = _relative(rows), {name: n for n, row in enumerate(rows) for name in row}
    between: dict[int, list[tuple[float, float]]] = {}
    for a, b in links:
        between.setdefault(row_of[a], []).append((place[a], place[b]))
    crossings = sum(
        (one[0] - other[0]) * (one[1] - other[1]) < 0
        for pairs in between.values()
        for n, one in enumerate(pairs)
        for other in pairs[n + 1 :]
    )
    # Of what is carried to the right, the source is better on the right of its reader.
    bent = sum(abs(place[a] - place[b]) for a, b in links) + 0.2 * sum(place[b] - place[a] for a, b in weak)
    return crossings + 0.05 * bent


def places(
    rows: Sequence[Sequence[str]], widths: Mapping[str, float], links: Sequence[tuple[str, str]]
) -> dict[str, float]:
    """Where each stands in its row: near the mean of its neighbours, in order, without overlaps."""
    near: dict[str, list[str]] = {name: [] for row in rows for name in row}
    for a, b in links:
        near[a].append(b)
        near[b].append(a)
    x: dict[str, float] = {}
    for row in rows:
        x.update(_spread([0.0] * len(row), row, widths))
    row_of = {name: number for number, row in enumerate(rows) for name in row}
    # To and fro; the last way is upwards, so that what follows one alone stands straight above it.
    for sweep in range(12):
        upwards = bool(sweep % 2)
        for number in range(len(rows)) if upwards else reversed(range(len(rows))):
            row, side = rows[number], -1 if upwards else 1
            some = {name: [x[n] for n in near[name] if (row_of[n] - number) * side > 0] for name in row}
            x.update(_spread([_mean(some[name], x[name]) for name in row], row, widths))
    lowest = {name: [x[n] for n in near[name]] for name in rows[0]}
    x.update(_spread([_mean(lowest[name], x[name]) for name in rows[0]], rows[0], widths))
    middle = _mean([(x[row[0]] + x[row[-1]]) / 2 for row in rows if row], 0.0)
    return {name: round(place - middle, 4) for name, place in x.items()}


def _spread(wished: Sequence[float], row: Sequence[str], widths: Mapping[str, float]) -> dict[str, float]:
    """The places nearest to the wishes that keep the order and the distances (isotonic regression)."""
    offsets = [0.0]
    for one, other in pairwise(row):
        offsets.append(offsets[-1] + (widths[one] + widths[other]) / 2 + GAP)
    blocks: list[tuple[float, int]] = []
    for wish, offset in zip(wished, offsets, strict=False):
        blocks.append((wish - offset, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (b, m), (a, n) = blocks.pop(), blocks.pop()
            blocks.append(((a * n + b * m) / (n + m), n + m))
    starts = [value for value, size in blocks for _ in range(size)]
    return {name: start + offset for name, start, offset in zip(row, starts, offsets, strict=True)}


def _heights(
    rows: Sequence[Sequence[str]], items: Mapping[str, Item], links: Sequence[tuple[str, str]]
) -> tuple[dict[str, float], float]:
    """The height of each node: rows above each other; in a row those that need a level of their own go up in steps."""
    y: dict[str, float] = {}
    base = 0.0
    row_of = {name: number for number, row in enumerate(rows) for name in row}
    for number, row in enumerate(rows):
        real = [name for name in row if name in items]
        own = [name for name in real if items[name].level]
        # One alone in its row is on a level of its own.
        shared = len(real) > len(own)
        levels = {name: n + (1 if shared else 0) for n, name in enumerate(own)} if len(real) > 1 else {}
        for name in real:
            y[name] = base + LEVEL * levels.get(name, 0)
        busy = sum(row_of[a] == number for a, _ in links)
        base += LEVEL * max(levels.values(), default=0) + ROW + min(max(0, busy - 5) * BUSY, ROW)
    return y, max(y.values())


def _at_rank(rows: Sequence[Sequence[str]], y: Mapping[str, float], items: Mapping[str, Item], rank: int) -> float:
    """The height of a lane: in the middle of its row's nodes."""
    found = [y[name] for name in rows[rank] if name in items]
    return _mean([min(found), max(found)], 0.0) if found else rank * ROW
