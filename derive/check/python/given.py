"""What a person's function is called with in the child process: its three dictionaries, by point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

KINDS = ("params", "data", "forward")


class MissingError(KeyError):
    """An entry that is asked for and is not there."""

    def __init__(self, kind: str, key: object) -> None:
        """Of the dictionary `kind`, the entry `key`."""
        super().__init__(key)
        self.kind, self.key = kind, str(key)[:100]


class Named(dict[str, Any]):
    """One of the three dictionaries: a dictionary that says which it is when an entry is missing."""

    kind = ""

    def __missing__(self, key: object) -> Any:
        """Say what was asked for."""
        raise MissingError(self.kind, key)


Named.__name__ = "dict"  # as messages of Python's name it


class Given:
    """The arguments of every point's call."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        """Sort the arrays, `<point>/<kind>/<name>`, by point."""
        self._points: dict[int, list[tuple[str, str, Any]]] = {}
        for key, array in arrays.items():
            number, _, rest = key.partition("/")
            kind, _, name = rest.partition("/")
            if kind in KINDS and number.isdigit():
                array.setflags(write=False)
                self._points.setdefault(int(number), []).append((kind, name, array))

    def fresh(self, point: int) -> tuple[dict[str, Any], ...]:
        """Fresh copies: what one call spoils no other sees."""
        found = _empty()
        for kind, name, array in self._points[point]:
            found[kind][name] = array.copy() if array.ndim else array.item()
        return tuple(found.values())

    def shared(self, point: int) -> tuple[dict[str, Any], ...]:
        """The arrays themselves, which cannot be written to: for a function that leaves its arguments alone."""
        found = _empty()
        for kind, name, array in self._points[point]:
            found[kind][name] = array if array.ndim else array.item()
        return tuple(found.values())

    def compare(self, point: int, used: tuple[dict[str, Any], ...]) -> list[str]:
        """The entries that a call changed, as the person spells them: `params["W"]`."""
        spoiled = []
        for kind, name, array in self._points[point]:
            now: Any = used[KINDS.index(kind)].get(name)
            same = not array.ndim or isinstance(now, np.ndarray)
            if not same or not np.array_equal(now, array, equal_nan=array.dtype.kind == "f"):
                spoiled.append(f'{kind}["{name}"]')
        return spoiled


def _empty() -> dict[str, Named]:
    found = {}
    for kind in KINDS:
        found[kind] = Named()
        found[kind].kind = kind
    return found
