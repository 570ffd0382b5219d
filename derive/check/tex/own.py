r"""Names of a person's own, `\delta^{(t)}`: what the model does not have and stands on a left side."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import filterfalse

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


@dataclass(frozen=True)
class Parted:
    """A symbol of nobody's as a name.

    Attributes:
        key: what the name looks like.
        named: what stands below and above it and is a part of the name.
        below: what stands below it and is none.
        above: what stands above it and is none.
    """

    key: Key
    named: tuple[tuple[Node, ...], tuple[Node, ...]]
    below: tuple[Node, ...]
    above: tuple[Node, ...]


def parted(symbol: Symbol, is_below: Callable[[Node], bool], is_above: Callable[[Node], bool]) -> Parted:
    """A symbol of nobody's taken apart.

    Args:
        symbol: the symbol.
        is_below: whether what stands below it is a subscript, and no part of the name.
        is_above: the same of what stands above.
    """
    below, above = tuple(filter(is_below, symbol.below)), tuple(filter(is_above, symbol.above))
    named = tuple(filterfalse(is_below, symbol.below)), tuple(filterfalse(is_above, symbol.above))
    low, high = ("".join(map(flat, parts)) for parts in named)
    return Parted((symbol.base, symbol.accent, low, high, symbol.primes), named, below, above)
