"""Splines of arrows: their pieces, their heads, and where a line ends so that it does not show beside its head."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from derive.emit.graph.picture import Point

LENGTH, WIDTH = 0.52, 0.38
Piece = tuple[Point, Point, Point, Point]


@dataclass(frozen=True)
class Head:
    """The head of an arrow.

    Attributes:
        corners: the tip, one barb, the notch between the barbs, the other barb.
        ahead: the direction in which it points, of length 1.
        length: from the notch to the tip.
    """

    corners: tuple[Point, ...]
    ahead: Point
    length: float


def pieces(path: tuple[Point, ...]) -> Iterator[Piece]:
    """The pieces of a spline: two ends, with two controls between."""
    for at in range(0, len(path) - 3, 3):
        yield path[at], path[at + 1], path[at + 2], path[at + 3]


def is_straight(start: Point, first: Point, second: Point, end: Point) -> bool:
    """Whether a piece is a line."""
    dx, dy = end.x - start.x, end.y - start.y
    length = math.hypot(dx, dy) or 1.0
    return all(abs((p.x - start.x) * dy - (p.y - start.y) * dx) / length < 1e-3 for p in (first, second))


def head(path: tuple[Point, ...]) -> Head:
    """The head at the end of a path; that of a short arrow is smaller."""
    tip = path[-1]
    others = (p for p in reversed(path[:-1]) if math.hypot(tip.x - p.x, tip.y - p.y) > 1e-6)
    before = next(others, Point(tip.x, tip.y + 1))
    far = math.hypot(tip.x - before.x, tip.y - before.y)
    ahead = Point((tip.x - before.x) / far, (tip.y - before.y) / far)
    chord = math.hypot(tip.x - path[-4].x, tip.y - path[-4].y) if len(path) > 3 else far
    scale = min(1.0, 0.7 * chord / LENGTH) if len(path) == 4 else 1.0

    def corner(back: float, aside: float) -> Point:
        return Point(
            tip.x - scale * (back * ahead.x + aside * ahead.y), tip.y - scale * (back * ahead.y - aside * ahead.x)
        )

    notch = 0.78 * LENGTH
    corners = (tip, corner(LENGTH, WIDTH / 2), corner(notch, 0.0), corner(LENGTH, -WIDTH / 2))
    return Head(corners, ahead, scale * notch)


def pulled(path: tuple[Point, ...], tip: Head) -> tuple[Point, ...]:
    """A path that ends inside its head, behind the tip."""
    by = 0.9 * tip.length

    def back(point: Point) -> Point:
        return Point(point.x - by * tip.ahead.x, point.y - by * tip.ahead.y)

    return (*path[:-2], back(path[-2]), back(path[-1]))
