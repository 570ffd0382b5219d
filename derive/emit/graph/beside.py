"""Where the labels of arrows stand: beside their arrow, on no node, on no other label and on few other arrows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import compress

import numpy as np
import numpy.typing as npt

from derive.emit.graph.curves import Curve, Floats, Outline, Place, sampled

_ALONG = (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74, 0.8, 0.2, 0.86, 0.14)
_BETWEEN = 0.45  # between two labels of one arrow
_AWAY = (0.2, -0.2, 0.45, -0.45, 0.9, -0.9)  # from an arrow to its label, to its left or to its right
_CHOICES = tuple((along, away) for away in _AWAY for along in _ALONG)
_AROUND = ((1, -1), (1, 1), (-1, -1), (-1, 1))  # the corners of a node, on a screen
_CORNER = (0.5, 1.1)  # of a node's width and height: where a label may begin at its corner

Rectangle = tuple[float, float, float, float]


class Labels:
    """Places for labels.

    Args:
        outlines: the nodes.
        curves: the arrows.
    """

    def __init__(self, outlines: Sequence[Outline], curves: Sequence[Curve]) -> None:
        """No label is there at first."""
        boxes = [_box(o.x, o.y, o.width, o.height) for o in outlines]
        self.taken = np.array(boxes, dtype=float).reshape(-1, 4)
        self.every = sampled(curves, 41).reshape(-1, 2)
        self.known: dict[Hashable, tuple[float, float]] = {}

    def place(self, family: Hashable, curve: Curve, sizes: Sequence[tuple[float, float]]) -> tuple[Place, ...]:
        """The middles of an arrow's labels, side by side; nothing where there is no room for them.

        Args:
            family: arrows of one family have their labels at the same place where they can.
            curve: the arrow.
            sizes: of the labels.
        """
        width = sum(w for w, _ in sizes) + _BETWEEN * (len(sizes) - 1)
        height = max(h for _, h in sizes)
        middles = _beside(curve.along(101), width, height)
        free = self._free(middles, width, height)
        if not free.any():
            return ()
        hidden = self._hidden(middles[free], width, height)
        usual = self.known.get(family)
        costs = [
            0.8 * points + abs(along - 0.5) * 2.2 + abs(away) + 0.05 * (away < 0) - 2.0 * ((along, away) == usual)
            for (along, away), points in zip(compress(_CHOICES, free), hidden, strict=True)
        ]
        best = int(np.argmin(np.round(costs, 6)))
        self.known.setdefault(family, list(compress(_CHOICES, free))[best])
        x, y = (float(value) for value in middles[free][best])
        self.taken = np.concatenate([self.taken, [_box(x, y, width, height)]])
        left = x - width / 2
        found = []
        for w, _ in sizes:
            found.append((left + w / 2, y))
            left += w + _BETWEEN
        return tuple(found)

    def around(self, outlines: Sequence[Outline], size: tuple[float, float]) -> tuple[Place, ...]:
        """The middles of a label beside each of several nodes, in one direction; nothing where none is free for all.

        Args:
            outlines: the nodes.
            size: of the label.
        """
        width, height = size
        for dx, dy in _AROUND:
            middles = np.array(
                [
                    (o.x + dx * (o.width * _CORNER[0] + width) / 2, o.y + dy * (o.height * _CORNER[1] + height) / 2)
                    for o in outlines
                ]
            )
            if self._free(middles, width, height).all() and not self._hidden(middles, width, height).any():
                boxes = [_box(float(x), float(y), width, height) for x, y in middles]
                self.taken = np.concatenate([self.taken, np.array(boxes)])
                return tuple((float(x), float(y)) for x, y in middles)
        return ()

    def _free(self, middles: Floats, width: float, height: float) -> npt.NDArray[np.bool_]:
        """Which of the places meet no node and no label."""
        half, high = width / 2 + 0.12, height / 2 + 0.1
        x, y, n = middles[:, 0:1], middles[:, 1:2], self.taken
        meets = (n[:, 0] < x + half) & (n[:, 1] > x - half) & (n[:, 2] < y + high) & (n[:, 3] > y - high)
        return np.asarray(~meets.any(axis=1))

    def _hidden(self, middles: Floats, width: float, height: float) -> Floats:
        """How much of arrows labels would hide."""
        half, high = width / 2 + 0.12, height / 2 + 0.1
        reach = np.array([half, high])
        low, top = middles.min(axis=0) - reach, middles.max(axis=0) + reach
        p = self.every[((self.every > low) & (self.every < top)).all(axis=1)]
        inside = (np.abs(middles[:, 0:1] - p[:, 0]) < half) & (np.abs(middles[:, 1:2] - p[:, 1]) < high)
        return np.asarray(inside.sum(axis=1), dtype=float)


def _beside(points: Floats, width: float, height: float) -> Floats:
    """The middles of a label at each choice, just so far from its arrow that it does not touch it."""
    last = len(points) - 1
    at = np.array([round(along * last) for along, _ in _CHOICES])
    away = np.array([away for _, away in _CHOICES])
    direction = points[np.minimum(at + 2, last)] - points[np.maximum(at - 2, 0)]
    direction /= np.maximum(np.hypot(direction[:, 0], direction[:, 1]), 1e-9)[:, None]
    # To the left of the way, seen along it, on a screen.
    normal = np.stack([direction[:, 1], -direction[:, 0]], axis=1)
    reach = np.abs(normal[:, 0]) * width / 2 + np.abs(normal[:, 1]) * height / 2
    return np.asarray(points[at] + normal * (np.sign(away) * reach + away)[:, None])


def _box(x: float, y: float, width: float, height: float) -> Rectangle:
    return x - width / 2, x + width / 2, y - height / 2, y + height / 2
