"""Formulas as they are written: what stands where, before any letter has a meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """Base of every part of a formula.

    Attributes:
        start: where it begins, in characters of the file.
        end: where it ends.
    """

    start: int
    end: int


@dataclass(frozen=True)
class Letter(Node):
    r"""A letter or a word without its typeface: `h`, `\lambda`, `softmax`."""

    text: str


@dataclass(frozen=True)
class Number(Node):
    """A number as it is written."""

    text: str


@dataclass(frozen=True)
class Dots(Node):
    """What is left out of a list."""


@dataclass(frozen=True)
class Accent(Node):
    r"""A letter below an accent, `\hat{y}`."""

    name: str
    of: Node


@dataclass(frozen=True)
class Group(Node):
    """What stands in brackets (`kind` is the opening one) or in braces (`kind` is empty)."""

    kind: str
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Scripted(Node):
    """A symbol with what stands below, above, and how many primes."""

    base: Node
    below: tuple[Node, ...] = ()
    above: tuple[Node, ...] = ()
    primes: int = 0


@dataclass(frozen=True)
class Fraction(Node):
    """One over the other."""

    above: Node
    below: Node


@dataclass(frozen=True)
class Root(Node):
    """A square root."""

    of: Node


@dataclass(frozen=True)
class Circled(Node):
    r"""An exponent that is said to be taken element by element: `W^{\odot 2}`."""

    of: Node


@dataclass(frozen=True)
class Cases(Node):
    """Rows of a value and its condition; None for *otherwise*."""

    rows: tuple[tuple[Node, Node | None], ...]


@dataclass(frozen=True)
class Sum(Node):
    """Terms, each with its sign."""

    terms: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Term(Node):
    """Products between signs of operations: one factor more than signs."""

    factors: tuple[Node, ...]
    signs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Product(Node):
    """Factors side by side."""

    factors: tuple[Node, ...]


@dataclass(frozen=True)
class Big(Node):
    """A sum or product over indices, and its body."""

    kind: str
    below: tuple[Node, ...]
    above: tuple[Node, ...]
    body: Node


@dataclass(frozen=True)
class Relation(Node):
    """Sides with signs of relation between them."""

    sides: tuple[Node, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True)
class Part(Node):
    """A slice `first:last`."""

    first: Node | None
    last: Node | None


def walk(node: Node) -> Iterator[Node]:
    """A node and all nodes in it."""
    yield node
    for value in vars(node).values():
        for part in _nodes(value):
            yield from walk(part)


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _nodes(part)


def flat(node: Node) -> str:
    r"""A node as a name's own subscript is compared: letters, words and numbers, without brackets and typefaces.

    >>> flat(Product(0, 2, (Letter(0, 1, "h"), Letter(1, 2, "h"))))
    'hh'
    """
    match node:
        case Letter(text=text) | Number(text=text):
            return text
        case Accent(name=name, of=of):
            return f"{flat(of)}{name}"
        case Scripted():
            return flat(node.base) + "".join(map(flat, (*node.below, *node.above))) + "'" * node.primes
        case Sum():
            return "".join(
                ("" if n == 0 and sign == "+" else sign) + flat(of) for n, (sign, of) in enumerate(node.terms)
            )
        case Group():
            return ",".join(map(flat, node.items))
    return "".join(flat(part) for value in vars(node).values() for part in _nodes(value))
