"""Which way each arrow takes: the most natural one that meets no node, crosses little and runs along no other arrow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from math import hypot

import numpy as np

from derive.emit.graph.curves import (
    SAMPLES,
    Curve,
    Floats,
    Outline,
    Place,
    channels,
    detours,
    sampled,
    straight,
    through,
    ways,
)

CLEAR = 0.32  # what is left free between an arrow and a node that it passes
_CROSSING = 1.6
_ALONG = 0.12
_POINTS = 13
_LENGTH = 1.6
WIDE = 9.0  # from which width on arrows do not aim at a node's middle
_SHORTLIST = 14


class Router:
    """Finds ways among nodes.

    Args:
        outlines: the nodes, by name.
        clear: what is left free between an arrow and a node that it passes.
    """

    def __init__(self, outlines: dict[str, Outline], clear: float = CLEAR) -> None:
        """No arrow is there at first."""
        self.outlines, self.clear = outlines, clear
        self.names = list(outlines)
        places = [(o.x, o.y, o.width / 2, o.height / 2, o.is_round) for o in outlines.values()]
        self.places = np.asarray(places, dtype=float).reshape(-1, 5)
        self.taken = np.zeros((0, _POINTS, 2))
        self.lowest, self.highest = np.zeros((0, 2)), np.zeros((0, 2))
        narrow = [o for o in outlines.values() if o.is_round or o.width < WIDE]
        self.gutters = _between([(o.x - o.width / 2, o.x + o.width / 2) for o in narrow])
        self.aisles = _between([(o.y - o.height / 2, o.y + o.height / 2) for o in outlines.values()])

    def route(self, source: str, target: str, via: Sequence[Place] = ()) -> Curve:
        """A way from one node to another.

        Args:
            source: where it begins.
            target: where it ends.
            via: places that were kept free for it, if any.
        """
        a, b = facing(self.outlines[source], self.outlines[target])
        line = straight(a, b)
        if self.is_free(source, target, line) and not self._crossings(line.along(_POINTS)):
            return line
        candidates = [line, *ways(a, b)]
        if via:
            candidates.append(through(a, b, via, 0.3))
        found = self._best(source, target, candidates)
        if found is None:
            near = sorted(self.gutters, key=lambda x: abs(x - a.x) + abs(x - b.x))[:8]
            rows = sorted(self.aisles, key=lambda y: min(abs(y - a.y), abs(y - b.y)))[:6]
            found = self._best(source, target, channels(a, b, near, rows))
        if found is None:
            ends = sorted(
                {*sorted(near, key=lambda x: abs(x - a.x))[:3], *sorted(near, key=lambda x: abs(x - b.x))[:3]}
            )
            wide = sorted({*rows, self.aisles[0], self.aisles[-1]})
            found = self._best(source, target, detours(a, b, ends, wide))
        if found is None:
            found = candidates[int(np.argmin(self._hits(source, target, candidates)))]
        return found

    def is_free(self, source: str, target: str, curve: Curve) -> bool:
        """Whether a curve meets no node besides its own."""
        return bool(self._hits(source, target, [curve])[0] == 0)

    def take(self, curve: Curve) -> None:
        """An arrow is there from now on."""
        points = curve.along(_POINTS)[None]
        self.taken = np.concatenate([self.taken, points])
        self.lowest = np.concatenate([self.lowest, points.min(axis=1)])
        self.highest = np.concatenate([self.highest, points.max(axis=1)])

    def _best(self, source: str, target: str, candidates: Sequence[Curve]) -> Curve | None:
        hits = self._hits(source, target, candidates)
        free = [curve for curve, hit in zip(candidates, hits, strict=True) if not hit]
        if not free:
            return None
        free.sort(key=lambda curve: curve.effort)
        free = free[:_SHORTLIST]
        least = self._apart(source, target)
        points = sampled(free, _POINTS)
        steps = np.diff(points, axis=1)
        lengths = np.hypot(steps[..., 0], steps[..., 1]).sum(axis=1)
        costs = [
            curve.effort + _CROSSING * self._crossings(some) + _LENGTH * (length / least - 1)
            for curve, some, length in zip(free, points, lengths, strict=True)
        ]
        return free[int(np.argmin(np.round(costs, 6)))]

    def _apart(self, source: str, target: str) -> float:
        """How far apart two nodes are, at the least their size."""
        a, b = self.outlines[source], self.outlines[target]
        return max(hypot(a.x - b.x, a.y - b.y), 2.0)

    def _hits(self, source: str, target: str, candidates: Sequence[Curve]) -> Floats:
        """How many points of each curve are in a node; those of its own nodes only behind their outline."""
        # Of long ways more points, so that no node is between two.
        points = sampled(candidates, max(SAMPLES, int(self._apart(source, target) * 2)))
        own = np.array([name in (source, target) for name in self.names])
        low, high = points.min(axis=(0, 1)) - self.clear, points.max(axis=(0, 1)) + self.clear
        p = self.places
        near = (p[:, 0] + p[:, 2] > low[0]) & (p[:, 0] - p[:, 2] < high[0])
        near &= (p[:, 1] + p[:, 3] > low[1]) & (p[:, 1] - p[:, 3] < high[1])
        hits = np.zeros(len(candidates))
        for place, mine in zip(p[near], own[near], strict=True):
            margin = -0.06 if mine else self.clear
            dx = np.abs(points[:, :, 0] - place[0]) / (place[2] + margin)
            dy = np.abs(points[:, :, 1] - place[1]) / (place[3] + margin)
            inside = dx**2 + dy**2 < 1 if place[4] else (dx < 1) & (dy < 1)
            hits += inside.sum(axis=1)
        return hits

    def _crossings(self, points: Floats) -> float:
        """How many arrows a curve crosses; running close along one counts too, its ends aside."""
        low, high = points.min(axis=0), points.max(axis=0)
        near = (self.highest >= low).all(axis=1) & (self.lowest <= high).all(axis=1)
        others = self.taken[near]
        if not len(others):
            return 0.0
        a, b = points[:-1, None, None], points[1:, None, None]
        c, d = others[None, :, :-1], others[None, :, 1:]
        crossing = (_side(a, b, c) * _side(a, b, d) < 0) & (_side(c, d, a) * _side(c, d, b) < 0)
        distance = ((points[2:-2, None, None] - others[None]) ** 2).sum(axis=3).min(axis=2)
        return float(crossing.any(axis=(0, 2)).sum()) + _ALONG * float((distance < 0.09).sum())


def facing(a: Outline, b: Outline) -> tuple[Outline, Outline]:
    """Two nodes as an arrow between them sees them: of a wide one the part that is opposite."""
    return _part(a, b), _part(b, a)


def _part(of: Outline, opposite: Outline) -> Outline:
    if of.is_round or of.width < WIDE:
        return of
    inside = of.width / 2 - 0.8
    return replace(of, x=min(max(opposite.x, of.x - inside), of.x + inside), width=1.0)


def _side(p: Floats, q: Floats, r: Floats) -> Floats:
    """On which side of the line through two points a third is, by its sign."""
    one = (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1])
    return np.asarray(one - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0]))


def _between(spans: Iterable[tuple[float, float]]) -> list[float]:
    """The middles of what no span covers, and a place outside on either side."""
    merged: list[list[float]] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1] + 2 * CLEAR:
            merged[-1][1] = max(merged[-1][1], high)
        else:
            merged.append([low, high])
    if not merged:
        return []
    inside = [(one[1] + other[0]) / 2 for one, other in pairwise(merged)]
    return [merged[0][0] - 1.3, *inside, merged[-1][1] + 1.3]
