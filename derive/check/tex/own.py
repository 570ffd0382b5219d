r"""Names of a person's own, `\delta^{(t)}`: what the model does not have and stands on a left side."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from derive.check.tex.lexicon import Symbol
from derive.check.tex.nodes import Node, flat

Key = tuple[str, str, str, str, int]


@dataclass
class Own:
    """A name of the person's own.

    Attributes:
        name: how the language spells it.
        steps: over how many sequences it runs.
        shape: its shape, once its definition was read.
    """

    name: str
    steps: int
    shape: tuple[str, ...] | None = None


class OwnNames:
    """The names that one derivation defines.

    Args:
        taken: the names that are the model's.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        """No names yet."""
        self._taken = set(taken)
        self._names: dict[Key, Own] = {}

    def find(self, key: Key) -> Own | None:
        """The name that looks so."""
        return self._names.get(key)

    def define(self, key: Key, steps: int) -> Own:
        """A new name."""
        base, accent, below, above, primes = key
        letters = [re.sub(r"[^A-Za-z0-9]", "", part) for part in (base + accent, below, above)]
        name = "_".join(filter(None, letters)) + "_prime" * primes
        name = name if name.isidentifier() and not keyword.iskeyword(name) else f"{name or 'v'}_"
        name = f"v{name}" if not name.isidentifier() else name
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        own = self._names[key] = Own(name, steps)
        return own

    def by_name(self, name: str) -> Own | None:
        """The name that the language spells so."""
        return next((own for own in self._names.values() if own.name == name), None)


def parted(symbol: Symbol, is_index: Callable[[Node], bool]) -> tuple[Key, tuple[Node, ...], tuple[Node, ...]]:
    """A symbol of nobody's as a name, and what stands below and above it that is no part of the name."""
    named_below = tuple(part for part in symbol.below if not is_index(part))
    below = tuple(part for part in symbol.below if is_index(part))
    named: list[Node] = []
    above: list[Node] = []
    for part in symbol.above:
        (above if is_index(part) else named).append(part)
    key = (
        symbol.base,
        symbol.accent,
        "".join(map(flat, named_below)),
        "".join(map(flat, named)),
        symbol.primes,
    )
    return key, below, tuple(above)
