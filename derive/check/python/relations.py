"""What a wrong gradient is to the true one: its negative, twice it, its last step, without one of its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from derive.check.python.points import Point
from derive.interpret import Array

ZERO = "zero: nothing was ever added to it"
_ONLY, _WRONG = "right only with", "wrong: at"
_Guess = Callable[[Point, Array], Array | None]


def relation(name: str, values: Sequence[Array], at: Sequence[Point]) -> str:
    """A wrong gradient in words.

    Args:
        name: the parameter.
        values: what was returned at each point, in the parameter's shape.
        at: the points.
    """
    for said, guess in _guesses(name):
        guessed = [guess(point, point.truth[name]) for point in at]
        told = [(v, g, p) for v, g, p in zip(values, guessed, at, strict=True) if g is not None and g.shape == v.shape]
        differs = any(np.max(np.abs(g - p.truth[name]), initial=0.0) > p.bounds[name] for _, g, p in told)
        if differs and len(told) == len(values) and all(_close(v, g, p.bounds[name]) for v, g, p in told):
            return f"the gradient of `{name}` is {said}"
    agreeing = [p for v, p in zip(values, at, strict=True) if _close(v, p.truth[name], p.bounds[name])]
    if agreeing:
        return f"the gradient of `{name}` is {_ONLY} {_of_sizes(agreeing[0])}"
    return f"the gradient of `{name}` is {_WRONG} {_worst(name, values[0], at[0].truth[name])}"


def says_little(fault: str) -> bool:
    """Whether a gradient is said to be wrong, and nothing of what it is."""
    return _ONLY in fault or _WRONG in fault


def _close(value: Array, guess: Array, bound: float) -> bool:
    return bool(np.all(np.abs(value - guess) <= bound))


def _of_sizes(point: Point) -> str:
    return ", ".join(f"{size} = {count}" for size, count in point.sizes.items() if size[:1].isupper())


def _worst(name: str, value: Array, true: Array) -> str:
    place = np.unravel_index(int(np.argmax(np.abs(value - true))), true.shape) if true.ndim else ()
    entry = f"{name}[{', '.join(map(str, place))}]" if place else name
    return f"{entry} it is {value[place]:.6g} and should be {true[place]:.6g}"


def _guesses(name: str) -> Iterator[tuple[str, _Guess]]:
    """What it may be, with how that is made of the true one."""
    yield ZERO, lambda p, g: np.zeros_like(g)
    yield "minus the true one", lambda p, g: -g
    yield "twice the true one", lambda p, g: 2 * g
    yield "half the true one", lambda p, g: g / 2
    yield "the transpose of the true one", lambda p, g: g.T
    yield "the mean over the batch; it must be the sum", lambda p, g: g / p.sizes["B"]
    yield "the mean over the steps; it must be the sum", lambda p, g: g / _steps(p, name) if name in p.parts else None

    def parted(said: Callable[[Array], Array]) -> _Guess:
        return lambda p, g: said(p.parts[name]) if name in p.parts else None

    yield "that of the first step alone", parted(lambda parts: parts[0].sum(axis=0))
    yield "that of the last step alone", parted(lambda parts: parts[-1].sum(axis=0))
    yield "without its first step", parted(lambda parts: parts[1:].sum(axis=(0, 1)))
    yield "without its last step", parted(lambda parts: parts[:-1].sum(axis=(0, 1)))
    yield "that of the first example alone", parted(lambda parts: parts[:, 0].sum(axis=0))
    yield "that of the last example alone", parted(lambda parts: parts[:, -1].sum(axis=0))


def _steps(point: Point, name: str) -> int:
    return int(point.parts[name].shape[0])
