"""Curves between outlines: the ways that an arrow may take, as cubic Bezier splines, and points along them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import atan2, cos, hypot, pi, sin

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Place = tuple[float, float]
SAMPLES = 25
_FINE = 8  # points for each piece of a curve beside another


@dataclass(frozen=True)
class Outline:
    """The outline of a node: an ellipse, or a rectangle."""

    x: float
    y: float
    width: float
    height: float
    is_round: bool

    def towards(self, dx: float, dy: float, gap: float = 0.0) -> Place:
        """Where a ray from the middle leaves the outline, a gap further on."""
        length = hypot(dx, dy) or 1.0
        dx, dy = dx / length, dy / length
        half, high = self.width / 2, self.height / 2
        if self.is_round:
            reach = 1.0 / hypot(dx / half, dy / high)
        else:
            reach = min(half / abs(dx) if dx else 1e9, high / abs(dy) if dy else 1e9)
        return self.x + dx * (reach + gap), self.y + dy * (reach + gap)


@dataclass(frozen=True)
class Curve:
    """A spline.

    Attributes:
        points: a start, then two controls and an end for each piece.
        effort: how far it is from the natural way, straight; the least of all ways that are free is taken.
    """

    points: tuple[Place, ...]
    effort: float

    def along(self, count: int = SAMPLES) -> Floats:
        """Points along it, evenly by parameter over its pieces: an array of shape (count, 2)."""
        return np.asarray(_basis((len(self.points) - 1) // 3, count) @ np.asarray(self.points))

    def length(self) -> float:
        """About how long it is."""
        steps = np.diff(self.along(9), axis=0)
        return float(np.hypot(steps[:, 0], steps[:, 1]).sum())

    def beside(self, by: float) -> Curve:
        """The way back along it, to its right as it goes: the curve that begins at its end."""
        pieces = (len(self.points) - 1) // 3
        fine = self.along(_FINE * pieces * 4 + 1)
        direction = np.gradient(fine, axis=0)
        direction /= np.maximum(np.hypot(direction[:, 0], direction[:, 1]), 1e-9)[:, None]
        away = fine + by * np.stack([-direction[:, 1], direction[:, 0]], axis=1)
        return Curve(_smooth([(float(x), float(y)) for x, y in away[::-_FINE]]), self.effort)

    def tail(self, begin: float) -> Curve:
        """What is left of a single piece from a parameter on (de Casteljau)."""

        def between(a: Place, b: Place) -> Place:
            return a[0] + (b[0] - a[0]) * begin, a[1] + (b[1] - a[1]) * begin

        a, b, c, d = self.points
        cd, bc = between(c, d), between(b, c)
        bcd, abc = between(bc, cd), between(between(a, b), bc)
        return Curve((between(abc, bcd), bcd, cd, d), self.effort)

    def moved(self, dx: float, dy: float) -> Curve:
        """The same curve elsewhere."""
        return Curve(tuple((x + dx, y + dy) for x, y in self.points), self.effort)


@lru_cache(maxsize=64)
def _basis(pieces: int, count: int) -> Floats:
    """What each point of a spline weighs at points along it: an array of shape (count, 3 * pieces + 1)."""
    at = np.linspace(0.0, pieces, count)
    which = np.minimum(at.astype(int), pieces - 1)
    t = at - which
    s = 1 - t
    found = np.zeros((count, 3 * pieces + 1))
    for n, weight in enumerate((s**3, 3 * s**2 * t, 3 * s * t**2, t**3)):
        found[np.arange(count), 3 * which + n] += weight
    return found


def sampled(curves: Sequence[Curve], count: int = SAMPLES) -> Floats:
    """Points along several curves: an array of shape (len(curves), count, 2)."""
    found = np.empty((len(curves), count, 2))
    sizes: dict[int, list[int]] = {}
    for number, curve in enumerate(curves):
        sizes.setdefault(len(curve.points), []).append(number)
    for size, numbers in sizes.items():
        points = np.array([curves[number].points for number in numbers])
        found[numbers] = _basis((size - 1) // 3, count) @ points
    return found


def straight(source: Outline, target: Outline) -> Curve:
    """The straight way."""
    dx, dy = target.x - source.x, target.y - source.y
    angle = atan2(dy, dx)
    return bent(source, target, angle, angle + pi, hypot(dx, dy) * 0.33, 0.0)


def ways(source: Outline, target: Outline) -> list[Curve]:
    """Ways from one node to another that bend."""
    dx, dy = target.x - source.x, target.y - source.y
    far = hypot(dx, dy) or 1.0
    angle = atan2(dy, dx)
    found = []
    for leave, enter, effort in _angles():
        for reach in (0.35, 0.6):
            found.append(bent(source, target, angle + leave, angle + pi + enter, far * reach, effort + reach))
    for leave in (0.0, pi / 2, pi, -pi / 2):
        for enter in (0.0, pi / 2, pi, -pi / 2):
            turn = abs(_folded(leave - angle)) + abs(_folded(enter - angle - pi))
            for reach in (0.4, 0.75):
                found.append(bent(source, target, leave, enter, far * reach, 0.5 + turn + reach))
    return found


@lru_cache(maxsize=1)
def _angles() -> tuple[tuple[float, float, float], ...]:
    """How much a curve leaves and enters beside the straight line: bows to either side, and bent at one end only."""
    found = []
    for degrees in (12, 24, 40, 60, 85):
        bend = degrees * pi / 180
        for side in (1, -1):
            found.append((side * bend, -side * bend, 0.25 + 1.3 * bend))
            found.append((side * bend, 0.0, 0.3 + 1.2 * bend))
            found.append((0.0, -side * bend, 0.3 + 1.2 * bend))
    return tuple(found)


def _folded(angle: float) -> float:
    return (angle + pi) % (2 * pi) - pi


def bent(source: Outline, target: Outline, leave: float, enter: float, reach: float, effort: float) -> Curve:
    """A curve that leaves and enters at given angles, as seen from the nodes."""
    out, into = (cos(leave), sin(leave)), (cos(enter), sin(enter))
    start, end = source.towards(*out), target.towards(*into)
    first = (start[0] + out[0] * reach, start[1] + out[1] * reach)
    second = (end[0] + into[0] * reach, end[1] + into[1] * reach)
    return Curve((start, first, second, end), effort)


def through(source: Outline, target: Outline, via: Sequence[Place], effort: float) -> Curve:
    """A smooth curve through places."""
    first = source.towards(via[0][0] - source.x, via[0][1] - source.y)
    last = target.towards(via[-1][0] - target.x, via[-1][1] - target.y)
    return Curve(_smooth([first, *via, last]), effort)


def _smooth(stops: Sequence[Place]) -> tuple[Place, ...]:
    """A spline through places (Catmull and Rom's)."""
    points = [stops[0]]
    for number, (a, b) in enumerate(pairwise(stops)):
        before, after = stops[max(number - 1, 0)], stops[min(number + 2, len(stops) - 1)]
        points.append((a[0] + (b[0] - before[0]) / 6, a[1] + (b[1] - before[1]) / 6))
        points.append((b[0] - (after[0] - a[0]) / 6, b[1] - (after[1] - a[1]) / 6))
        points.append(b)
    return tuple(points)


def cornered(source: Outline, target: Outline, corners: Sequence[Place], effort: float, radius: float = 0.9) -> Curve:
    """A way along straight lines with round corners."""
    first = source.towards(corners[0][0] - source.x, corners[0][1] - source.y)
    last = target.towards(corners[-1][0] - target.x, corners[-1][1] - target.y)
    stops = [first, *corners, last]
    points, at = [first], first
    for before, corner, after in zip(stops, stops[1:], stops[2:], strict=False):
        into, out = _unit(before, corner), _unit(corner, after)
        room = min(radius, _far(before, corner) / 2, _far(corner, after) / 2)
        begin = (corner[0] - into[0] * room, corner[1] - into[1] * room)
        finish = (corner[0] + out[0] * room, corner[1] + out[1] * room)
        points += _straight(at, begin)
        points += [
            (begin[0] + into[0] * room * 0.55, begin[1] + into[1] * room * 0.55),
            (finish[0] - out[0] * room * 0.55, finish[1] - out[1] * room * 0.55),
            finish,
        ]
        at = finish
    points += _straight(at, last)
    return Curve(tuple(points), effort)


def _straight(a: Place, b: Place) -> list[Place]:
    return [
        (a[0] + (b[0] - a[0]) / 3, a[1] + (b[1] - a[1]) / 3),
        (a[0] + (b[0] - a[0]) * 2 / 3, a[1] + (b[1] - a[1]) * 2 / 3),
        b,
    ]


def _far(a: Place, b: Place) -> float:
    return hypot(b[0] - a[0], b[1] - a[1])


def _unit(a: Place, b: Place) -> Place:
    far = _far(a, b) or 1.0
    return (b[0] - a[0]) / far, (b[1] - a[1]) / far


def channels(source: Outline, target: Outline, gutters: Iterable[float], aisles: Iterable[float]) -> list[Curve]:
    """Ways along the free lines between columns (gutters) and between rows (aisles)."""
    found = []
    rows = list(aisles)
    for gutter in gutters:
        found.append(cornered(source, target, [(gutter, source.y), (gutter, target.y)], 4.0))
        for aisle in rows:
            corners = [(gutter, source.y), (gutter, aisle), (target.x, aisle)]
            found.append(cornered(source, target, corners, 4.5))
            found.append(cornered(source, target, [(source.x, aisle), (gutter, aisle), (gutter, target.y)], 4.5))
            for other in rows:
                if other != aisle:
                    more = [(source.x, aisle), (gutter, aisle), (gutter, other), (target.x, other)]
                    found.append(cornered(source, target, more, 5.5))
    return found


def detours(source: Outline, target: Outline, gutters: Sequence[float], aisles: Sequence[float]) -> list[Curve]:
    """Ways far around: out to a row's end or to an aisle, along another aisle, and back in."""
    found = []
    for out in gutters:
        for back in gutters:
            for aisle in aisles:
                corners = [(out, source.y), (out, aisle), (back, aisle), (back, target.y)]
                found.append(cornered(source, target, corners, 7.0))
                for last in _nearest(aisles, target.y):
                    more = [(out, source.y), (out, aisle), (back, aisle), (back, last), (target.x, last)]
                    found.append(cornered(source, target, more, 8.0))
                    for first in _nearest(aisles, source.y):
                        most = [(source.x, first), (out, first), (out, aisle), (back, aisle), (back, last)]
                        found.append(cornered(source, target, [*most, (target.x, last)], 9.0))
    return found


def _nearest(places: Sequence[float], to: float) -> list[float]:
    return sorted(places, key=lambda place: abs(place - to))[:2]
