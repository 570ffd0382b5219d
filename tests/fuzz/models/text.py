"""Sizes and expressions as text, with what a generator must know of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)  # how tightly an expression binds


@dataclass(frozen=True)
class Size:
    """A feature size: whole multiples of names, and a whole number."""

    terms: tuple[tuple[str, int], ...] = ()
    number: int = 0

    def __add__(self, other: Size) -> Size:
        found = dict(self.terms)
        for name, count in other.terms:
            found[name] = found.get(name, 0) + count
        return Size(tuple(sorted(found.items())), self.number + other.number)

    @property
    def text(self) -> str:
        parts = [name if count == 1 else f"{count}*{name}" for name, count in self.terms]
        return " + ".join(parts + ([str(self.number)] if self.number or not parts else []))

    @property
    def is_number(self) -> bool:
        return not self.terms

    @property
    def least(self) -> int:
        """The fewest entries that it can have, where every name is at least 1."""
        return sum(count for _, count in self.terms) + self.number


Shape = tuple[Size, ...]


def named(name: str, count: int = 1) -> Size:
    return Size(((name, count),))


def literal(number: int) -> Size:
    return Size((), number)


@dataclass(frozen=True)
class Expr:
    """An expression: its text, about how large its entries get, and how tightly it binds.

    Attributes:
        varies: whether its entries surely differ from 0 and from each other: a random parameter or data is added.
    """

    text: str
    large: float = 1.0
    binds: int = ATOM
    varies: bool = False

    def at(self, least: int) -> str:
        """Its text, in brackets where it binds less tightly."""
        return self.text if self.binds >= least else f"({self.text})"


def add(one: Expr, other: Expr, sign: str = "+") -> Expr:
    right = other.at(SUM if sign == "+" else PRODUCT)
    return Expr(f"{one.at(SUM)} {sign} {right}", one.large + other.large, SUM, one.varies or other.varies)


def times(one: Expr, other: Expr) -> Expr:
    return Expr(f"{one.at(PRODUCT)} * {other.at(SIGN)}", one.large * other.large, PRODUCT)


def over(one: Expr, below: Expr) -> Expr:
    return Expr(f"{one.at(PRODUCT)} / {below.at(POWER)}", one.large, PRODUCT)


def product(one: Expr, other: Expr, large: float) -> Expr:
    return Expr(f"{one.at(PRODUCT)} @ {other.at(POWER)}", large, PRODUCT)


def call(function: str, *arguments: str, large: float = 1.0) -> Expr:
    return Expr(f"{function}({', '.join(arguments)})", large)


def number(value: float | int) -> Expr:
    return Expr(str(value), abs(value), SIGN if value < 0 else ATOM)


def words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z]\w*", text))


def subscripts(name: str, text: str) -> bool:
    """Whether an index subscripts something in a text, which says what it runs over."""
    return bool(re.search(rf"\[[^\[\]]*\b{name}\b", text))
